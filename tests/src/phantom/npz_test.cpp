#include "src/phantom/npz.h"

#include <cstring>
#include <numeric>

#include <gtest/gtest.h>
#include <zlib.h>

namespace cemscope::phantom {
namespace {

std::uint32_t read(const std::string& bytes, std::size_t at, int n_bytes) {
  std::uint32_t value = 0;
  for (int n = 0; n < n_bytes; ++n) value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + n])) << (8 * n);
  return value;
}

TEST(Npy, HeaderIsAlignedAndNamesShapeAndType) {
  const std::vector<std::uint8_t> values(24, 7);
  const std::string npy = npy_of(values.data(), {2, 3, 4});
  ASSERT_EQ(npy.substr(0, 6), "\x93NUMPY");
  const std::size_t header = 10 + read(npy, 8, 2);
  EXPECT_EQ(header % 64, 0U);
  EXPECT_EQ(npy.size(), header + 24);
  EXPECT_NE(npy.find("'descr': '|u1'"), std::string::npos);
  EXPECT_NE(npy.find("'shape': (2, 3, 4)"), std::string::npos);
  EXPECT_EQ(npy[header - 1], '\n');
}

TEST(Npy, StoresDoublesAsTheyAre) {
  const std::string npy = npy_of({1.25, -3.0});
  double last = 0;
  std::memcpy(&last, npy.data() + npy.size() - sizeof(double), sizeof(double));
  EXPECT_EQ(last, -3.0);
}

// Reads the archive back the way APPNOTE describes it, from the end.
TEST(Zip, EntriesInflateToWhatWentIn) {
  std::string large(100000, '\0');
  std::iota(large.begin(), large.begin() + 3000, '\0');
  const std::vector<ZipEntry> entries{{"a.npy", "hello"}, {"b.npy", large}};
  const std::string zip = zip_of(entries);
  const std::size_t end = zip.size() - 22;
  ASSERT_EQ(read(zip, end, 4), 0x06054b50U);
  ASSERT_EQ(read(zip, end + 10, 2), 2U);
  std::size_t directory = read(zip, end + 16, 4);
  for (const ZipEntry& entry : entries) {
    ASSERT_EQ(read(zip, directory, 4), 0x02014b50U);
    const std::uint32_t crc = read(zip, directory + 16, 4), packed = read(zip, directory + 20, 4), size = read(zip, directory + 24, 4),
                        name = read(zip, directory + 28, 2);
    const std::size_t local = read(zip, directory + 42, 4);
    EXPECT_EQ(zip.substr(directory + 46, name), entry.name);
    ASSERT_EQ(read(zip, local, 4), 0x04034b50U);
    ASSERT_EQ(size, entry.bytes.size());
    std::string out(size, '\0');
    z_stream stream{};
    ASSERT_EQ(inflateInit2(&stream, -MAX_WBITS), Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zip.data() + local + 30 + name));
    stream.avail_in = packed, stream.next_out = reinterpret_cast<Bytef*>(out.data()), stream.avail_out = size;
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    inflateEnd(&stream);
    EXPECT_EQ(out, entry.bytes);
    EXPECT_EQ(crc, crc32(0, reinterpret_cast<const Bytef*>(out.data()), size));
    directory += 46 + name;
  }
}

}  // namespace
}  // namespace cemscope::phantom
