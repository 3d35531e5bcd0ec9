#include "src/ingest/pixel_decoder.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <span>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/ingest/dcmtk_pixels.h"
#include "src/ingest/jpeg2000.h"

namespace cemscope::ingest {

namespace {

class File {
 public:
  explicit File(const std::filesystem::path& path) : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) {
    if (descriptor_ < 0) throw Error(ErrorKind::unreadable, fmt::format("the file cannot be opened: {}", std::strerror(errno)));
  }
  ~File() { close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void read(void* bytes, std::size_t n, std::int64_t position) const {
    auto* to = static_cast<char*>(bytes);
    while (n > 0) {
      const auto got = pread(descriptor_, to, n, position);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) throw Error(ErrorKind::unreadable, "the file ends within PixelData (7FE0,0010)");
      to += got, position += got, n -= static_cast<std::size_t>(got);
    }
  }

  [[nodiscard]] std::int64_t size() const { return lseek(descriptor_, 0, SEEK_END); }

 private:
  int descriptor_;
};

std::size_t n_pixels(const SliceHeader& slice) { return static_cast<std::size_t>(slice.rows) * static_cast<std::size_t>(slice.columns); }

bool is_native(const std::string& uid) {
  return uid == "1.2.840.10008.1.2" || uid == "1.2.840.10008.1.2.1" || uid == "1.2.840.10008.1.2.2" || uid == "1.2.840.113619.5.2";
}

// Explicit big endian, and GE's private syntax, which swaps the pixels alone.
bool has_swapped_pixels(const std::string& uid) { return uid == "1.2.840.10008.1.2.2" || uid == "1.2.840.113619.5.2"; }

// JPEG 2000, and its high-throughput form.
bool is_jpeg2000(const std::string& uid) {
  return uid == "1.2.840.10008.1.2.4.90" || uid == "1.2.840.10008.1.2.4.91" || uid == "1.2.840.10008.1.2.4.201" ||
         uid == "1.2.840.10008.1.2.4.202" || uid == "1.2.840.10008.1.2.4.203";
}

void swap_bytes(std::vector<std::uint16_t>& words) {
  for (auto& word : words) word = static_cast<std::uint16_t>((word << 8) | (word >> 8));
}

void read_native(const std::filesystem::path& path, const SliceHeader& slice, std::vector<std::uint16_t>& words) {
  words.resize(n_pixels(slice));
  const auto bytes_per_pixel = static_cast<std::size_t>(slice.bits_allocated / 8);
  File(path).read(words.data(), words.size() * bytes_per_pixel, slice.pixel_offset);
  if (bytes_per_pixel == 1)
    widen_bytes(words);
  else if (has_swapped_pixels(slice.transfer_syntax_uid))
    swap_bytes(words);
}

/// Head of an item of encapsulated PixelData.
struct Item {
  std::uint16_t group, element;
  std::uint32_t length;
};
static_assert(sizeof(Item) == 8 && std::endian::native == std::endian::little);

// The fragments of a frame in one piece, without the offset table: all of them in a single-frame file; in a multi-frame one those from the
// frame's offset to the next one's, or without a table the frame's one fragment (PS3.5 A.4 asks for a table or one fragment a frame).
std::vector<std::uint8_t> read_fragments(const std::filesystem::path& path, const SliceHeader& slice) {
  const File file(path);
  auto position = slice.pixel_offset;
  std::vector<std::uint32_t> table;
  std::int64_t first_fragment = 0;
  const auto belongs = [&](int fragment, std::int64_t at) {
    if (slice.n_frames == 1) return true;
    const auto frame = static_cast<std::size_t>(slice.image.frame);
    if (table.size() != static_cast<std::size_t>(slice.n_frames)) return fragment == slice.image.frame + 1;
    return at - first_fragment >= table[frame] && (frame + 1 == table.size() || at - first_fragment < table[frame + 1]);
  };
  const auto size = file.size();
  std::vector<std::uint8_t> stream;
  for (int n = 0;; ++n) {
    Item item{};
    const auto at = position;
    file.read(&item, sizeof item, position);
    position += static_cast<std::int64_t>(sizeof item);
    if (item.group != 0xfffe || item.element != 0xe000) return stream;
    if (position + item.length > size) throw Error(ErrorKind::unreadable, "the file ends within a fragment of PixelData (7FE0,0010)");
    if (n == 0 && slice.n_frames > 1) {
      table.resize(item.length / sizeof(std::uint32_t));
      file.read(table.data(), table.size() * sizeof(std::uint32_t), position);
      first_fragment = position + item.length;
    }
    if (n > 0 && belongs(n, at)) {
      stream.resize(stream.size() + item.length);
      file.read(stream.data() + stream.size() - item.length, item.length, position);
    }
    position += item.length;
  }
}

}  // namespace

void decode_slice(const std::filesystem::path& folder, const SliceHeader& slice, std::vector<std::uint16_t>& words) {
  if (slice.rows < 1 || slice.columns < 1)
    throw Error(ErrorKind::unreadable, fmt::format("Rows x Columns are {} x {}: there is no pixel to decode", slice.rows, slice.columns));
  const auto path = folder / slice.image.path;
  if (is_native(slice.transfer_syntax_uid) && slice.pixel_offset >= 0) return read_native(path, slice, words);
  if (slice.pixel_offset < 0 && !is_jpeg2000(slice.transfer_syntax_uid)) return decode_file_with_dcmtk(path, slice, words);
  const auto stream = slice.pixel_offset >= 0 ? read_fragments(path, slice) : read_fragments_with_dcmtk(path);
  if (is_jpeg2000(slice.transfer_syntax_uid)) return decode_jpeg2000(stream, slice.rows, slice.columns, words);
  decode_stream_with_dcmtk(stream, slice, words);
}

}  // namespace cemscope::ingest
