#include "src/report/label_nrrd.h"

#include <zlib.h>

#include <array>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "imaging/error.h"

namespace cemscope::report {
namespace {

/// Compressed bytes that may stand anywhere in a deflate stream, with the checksum of what they expand to.
struct Segment {
  std::string deflated;
  uLong crc = 0;
  std::size_t n_bytes = 0;
};

/// A gzip file put together from segments that do not refer to each other, so that equal ones are compressed once.
class SegmentedGzip {
 public:
  SegmentedGzip() {
    if (deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
    bytes_.assign("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);  // no name, no time: same input, same bytes
  }
  SegmentedGzip(const SegmentedGzip&) = delete;
  SegmentedGzip& operator=(const SegmentedGzip&) = delete;
  ~SegmentedGzip() { deflateEnd(&stream_); }

  void add_data(const std::vector<std::uint8_t>& data) { append(compress(data)); }

  void add_zeros(std::size_t n) {
    if (n == 0) return;
    auto found = zeros_.find(n);
    if (found == zeros_.end()) found = zeros_.emplace(n, compress(std::vector<std::uint8_t>(n, 0))).first;
    append(found->second);
  }

  std::string finish() {
    bytes_.append("\x03\0", 2);  // an empty last block
    add_little_endian(crc_);
    add_little_endian(n_bytes_ & 0xffffffffU);
    return std::move(bytes_);
  }

 private:
  Segment compress(const std::vector<std::uint8_t>& data) {
    deflateReset(&stream_);
    Segment segment{std::string(deflateBound(&stream_, data.size()) + 16, '\0'), crc32(0, data.data(), static_cast<uInt>(data.size())),
                    data.size()};
    stream_.next_in = const_cast<Bytef*>(data.data());
    stream_.avail_in = static_cast<uInt>(data.size());
    stream_.next_out = reinterpret_cast<Bytef*>(segment.deflated.data());
    stream_.avail_out = static_cast<uInt>(segment.deflated.size());
    deflate(&stream_, Z_FULL_FLUSH);  // ends on a byte, and what follows does not look back
    segment.deflated.resize(segment.deflated.size() - stream_.avail_out);
    return segment;
  }

  void append(const Segment& segment) {
    bytes_ += segment.deflated;
    crc_ = crc32_combine(crc_, segment.crc, static_cast<z_off_t>(segment.n_bytes));
    n_bytes_ += segment.n_bytes;
  }

  void add_little_endian(uLong value) {
    for (int shift = 0; shift < 32; shift += 8) bytes_ += static_cast<char>((value >> shift) & 0xff);
  }

  z_stream stream_{};
  std::string bytes_;
  std::map<std::size_t, Segment> zeros_;
  uLong crc_ = crc32(0, nullptr, 0);
  std::size_t n_bytes_ = 0;
};

using Size3 = std::array<std::size_t, 3>;

Size3 size_of(const itk::ImageBase<3>& image) {
  const auto size = image.GetLargestPossibleRegion().GetSize();
  return {size[0], size[1], size[2]};
}

/// The region as sizes and offsets, checked against both grids.
struct Placement {
  Size3 grid, start, size;
};

Placement placement_of(const imaging::LabelImage& labels, const imaging::Region& region, const imaging::HuImage& grid) {
  Placement p{size_of(grid), {}, size_of(labels)};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    p.start[axis] = static_cast<std::size_t>(region.start[axis]);
    if (region.start[axis] < 0 || p.start[axis] + p.size[axis] > p.grid[axis] ||
        p.size[axis] != static_cast<std::size_t>(region.size[axis]))
      throw Error(ErrorKind::inconsistent, fmt::format("labels of {} voxels at {} do not fit the grid of {} along axis {}", p.size[axis],
                                                       region.start[axis], p.grid[axis], axis));
  }
  return p;
}

bool is_empty(const std::uint8_t* slice, std::size_t n) { return n == 0 || (slice[0] == 0 && std::memcmp(slice, slice + 1, n - 1) == 0); }

/// The region's rows of one slice at the grid's full width.
std::vector<std::uint8_t> widened_rows(const Placement& p, const std::uint8_t* slice) {
  std::vector<std::uint8_t> rows(p.size[1] * p.grid[0], 0);
  for (std::size_t j = 0; j < p.size[1]; ++j) std::memcpy(&rows[j * p.grid[0] + p.start[0]], slice + j * p.size[0], p.size[0]);
  return rows;
}

std::string compressed_grid(const Placement& p, const std::uint8_t* labels) {
  SegmentedGzip gzip;
  const std::size_t n_slice = p.grid[0] * p.grid[1], n_region_slice = p.size[0] * p.size[1];
  for (std::size_t k = 0; k < p.grid[2]; ++k) {
    const auto* slice = labels + (k - p.start[2]) * n_region_slice;
    if (k < p.start[2] || k >= p.start[2] + p.size[2] || is_empty(slice, n_region_slice)) {
      gzip.add_zeros(n_slice);
      continue;
    }
    gzip.add_zeros(p.start[1] * p.grid[0]);
    gzip.add_data(widened_rows(p, slice));
    gzip.add_zeros((p.grid[1] - p.start[1] - p.size[1]) * p.grid[0]);
  }
  return gzip.finish();
}

std::string vector_text(const itk::Matrix<double, 3, 3>& direction, unsigned axis, double spacing) {
  return fmt::format("({},{},{})", direction[0][axis] * spacing, direction[1][axis] * spacing, direction[2][axis] * spacing);
}

std::string header_of(const imaging::HuImage& grid, const std::map<std::string, std::string>& notes) {
  const auto size = size_of(grid);
  const auto& d = grid.GetDirection();
  const auto& s = grid.GetSpacing();
  const auto& o = grid.GetOrigin();
  std::string header = fmt::format(
      "NRRD0004\ntype: unsigned char\ndimension: 3\nspace: left-posterior-superior\nsizes: {} {} {}\nspace directions: {} {} {}\n"
      "kinds: domain domain domain\nencoding: gzip\nspace origin: ({},{},{})\n",
      size[0], size[1], size[2], vector_text(d, 0, s[0]), vector_text(d, 1, s[1]), vector_text(d, 2, s[2]), o[0], o[1], o[2]);
  for (const auto& [key, value] : notes) header += fmt::format("{}:={}\n", key, value);
  return header + "\n";
}

}  // namespace

std::string label_nrrd(const imaging::LabelMask& labels, const imaging::Region& region, const imaging::HuImage& grid,
                       const std::map<std::string, std::string>& notes) {
  const auto placement = placement_of(*labels.image, region, grid);
  return header_of(grid, notes) + compressed_grid(placement, labels.image->GetBufferPointer());
}

}  // namespace cemscope::report
