#include "src/phantom/npz.h"

#include <cassert>

#include <fmt/format.h>
#include <zlib.h>

#include "imaging/error.h"

namespace cemscope::phantom {
namespace {

// Version 1.0 header, padded so that the data begin at a multiple of 64.
std::string npy_header(std::string_view type, const std::string& shape) {
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", type, shape);
  text.append(64 - (10 + text.size() + 1) % 64, ' ').push_back('\n');
  std::string header("\x93NUMPY\x01\x00", 8);
  header.push_back(static_cast<char>(text.size() & 0xff));
  header.push_back(static_cast<char>(text.size() >> 8));
  return header + text;
}

void append(std::string& bytes, std::uint32_t value, int n_bytes) {
  for (int n = 0; n < n_bytes; ++n) bytes.push_back(static_cast<char>((value >> (8 * n)) & 0xff));
}

std::string deflate_raw(const std::string& bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, 4, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw Error(ErrorKind::unsupported, "zlib cannot compress");
  std::string packed(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int result = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  assert(result == Z_STREAM_END);
  static_cast<void>(result);
  return packed;
}

struct Packed {
  const ZipEntry& entry;
  std::string bytes;
  std::uint32_t crc, offset;
};

// The fields that local header and central directory share (APPNOTE 6.3.9, 4.3.7 and 4.3.12), dated 1980-01-01.
void append_common(std::string& zip, const Packed& packed) {
  constexpr std::uint32_t kVersion = 20, kFlags = 0, kDeflated = 8, kTime = 0, kDate = 0x21;
  for (const std::uint32_t field : {kVersion, kFlags, kDeflated, kTime, kDate}) append(zip, field, 2);
  append(zip, packed.crc, 4);
  append(zip, static_cast<std::uint32_t>(packed.bytes.size()), 4);
  append(zip, static_cast<std::uint32_t>(packed.entry.bytes.size()), 4);
  append(zip, static_cast<std::uint32_t>(packed.entry.name.size()), 2);
  append(zip, 0, 2);
}

void append_directory_entry(std::string& zip, const Packed& packed) {
  append(zip, 0x02014b50, 4);
  append(zip, 20, 2);
  append_common(zip, packed);
  append(zip, 0, 2);
  append(zip, 0, 2);
  append(zip, 0, 2);
  append(zip, 0, 4);
  append(zip, packed.offset, 4);
  zip += packed.entry.name;
}

}  // namespace

std::string npy_of(const std::uint8_t* values, std::array<std::size_t, 3> shape) {
  std::string npy = npy_header("|u1", fmt::format("{}, {}, {}", shape[0], shape[1], shape[2]));
  return npy.append(reinterpret_cast<const char*>(values), shape[0] * shape[1] * shape[2]);
}

std::string npy_of(const std::vector<double>& values) {
  std::string npy = npy_header("<f8", fmt::format("{},", values.size()));
  return npy.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
}

std::string zip_of(const std::vector<ZipEntry>& entries) {
  std::string zip;
  std::vector<Packed> all;
  for (const ZipEntry& entry : entries) {
    const auto crc =
        static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(entry.bytes.data()), static_cast<uInt>(entry.bytes.size())));
    all.push_back({entry, deflate_raw(entry.bytes), crc, static_cast<std::uint32_t>(zip.size())});
    append(zip, 0x04034b50, 4);
    append_common(zip, all.back());
    zip += entry.name + all.back().bytes;
  }
  const auto start = static_cast<std::uint32_t>(zip.size());
  for (const Packed& packed : all) append_directory_entry(zip, packed);
  const auto size = static_cast<std::uint32_t>(zip.size()) - start, count = static_cast<std::uint32_t>(all.size());
  append(zip, 0x06054b50, 4);
  append(zip, 0, 4);
  append(zip, count, 2);
  append(zip, count, 2);
  append(zip, size, 4);
  append(zip, start, 4);
  append(zip, 0, 2);
  return zip;
}

}  // namespace cemscope::phantom
