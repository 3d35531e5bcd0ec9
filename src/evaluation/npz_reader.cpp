#include "src/evaluation/npz_reader.h"

#include <zlib.h>

#include <bit>
#include <cstring>
#include <numeric>
#include <regex>

#include <fmt/format.h>

#include "imaging/error.h"

namespace cemscope::evaluation {
namespace {

static_assert(std::endian::native == std::endian::little);

/// Largest array that is read: a mask of 1024 x 1024 x 2048.
constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 31;

constexpr std::uint32_t kEndRecord = 0x06054b50, kCentralRecord = 0x02014b50, kLocalRecord = 0x04034b50;

class Archive {
 public:
  Archive(std::string_view bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  std::map<std::string, std::string> entries() {
    const auto end = end_record();
    std::map<std::string, std::string> entries;
    std::uint64_t at = number<std::uint32_t>(end + 16);
    for (int left = number<std::uint16_t>(end + 10); left > 0; --left) {
      if (number<std::uint32_t>(at) != kCentralRecord) fail("its directory is damaged");
      const auto name_size = number<std::uint16_t>(at + 28);
      entries[std::string(part(at + 46, name_size))] = content(at);
      at += std::uint64_t{46} + name_size + number<std::uint16_t>(at + 30) + number<std::uint16_t>(at + 32);
    }
    return entries;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const { throw Error(ErrorKind::inconsistent, fmt::format("{}: {}", where_, why)); }

  std::string_view part(std::uint64_t at, std::uint64_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at) fail("the archive is cut off");
    return bytes_.substr(at, size);
  }

  template <typename T>
  T number(std::uint64_t at) const {
    T value;
    std::memcpy(&value, part(at, sizeof(T)).data(), sizeof(T));
    return value;
  }

  // The end record is the last thing of the file but for a comment of up to 65535 bytes.
  std::uint64_t end_record() const {
    for (std::uint64_t back = 22; back <= bytes_.size() && back <= 22 + 65535; ++back)
      if (number<std::uint32_t>(bytes_.size() - back) == kEndRecord) return bytes_.size() - back;
    fail("this is no .npz archive");
  }

  std::string content(std::uint64_t central) const {
    const auto method = number<std::uint16_t>(central + 10);
    const std::uint64_t packed = number<std::uint32_t>(central + 20), size = number<std::uint32_t>(central + 24);
    const std::uint64_t local = number<std::uint32_t>(central + 42);
    if (number<std::uint32_t>(local) != kLocalRecord || size > kMaxBytes) fail("an entry is damaged or too large");
    const auto data = part(local + 30 + number<std::uint16_t>(local + 26) + number<std::uint16_t>(local + 28), packed);
    if (method == 0) return std::string(data);
    if (method != Z_DEFLATED) fail(fmt::format("compression method {} is not supported", method));
    return inflated(data, size);
  }

  std::string inflated(std::string_view data, std::uint64_t size) const {
    std::string out(size, '\0');
    z_stream stream{};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));  // NOLINT: zlib's interface
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int status = inflate(&stream, Z_FINISH);
    const auto written = stream.total_out;
    inflateEnd(&stream);
    if (status != Z_STREAM_END || written != size) fail("an entry cannot be decompressed");
    return out;
  }

  std::string_view bytes_;
  const std::string& where_;
};

struct NumpyHeader {
  std::string type;
  std::vector<std::size_t> shape;
  std::size_t data_at = 0;
};

// Header: magic, version, its length, and a Python dictionary of fixed form.
NumpyHeader header_of(const std::string& npy, const std::string& where) {
  const auto fail = [&] { throw Error(ErrorKind::inconsistent, where + ": an entry is no NumPy array in C order"); };
  if (npy.size() < 12 || !npy.starts_with("\x93NUMPY")) fail();
  const bool is_long = npy[6] != 1;
  std::uint32_t length = 0;
  std::memcpy(&length, npy.data() + 8, is_long ? 4 : 2);
  NumpyHeader header;
  header.data_at = (is_long ? 12U : 10U) + length;
  if (header.data_at > npy.size() || length > 4096) fail();
  const auto text = npy.substr(is_long ? 12 : 10, length);
  std::smatch found;
  static const std::regex form(R"('descr': '([^']+)', 'fortran_order': False, 'shape': \(([0-9, ]*)\))");
  if (!std::regex_search(text, found, form)) fail();
  header.type = found[1];
  const std::string shape = found[2];
  static const std::regex digits("[0-9]{1,9}");
  for (std::sregex_iterator at(shape.begin(), shape.end(), digits), end; at != end; ++at) header.shape.push_back(std::stoul(at->str()));
  return header;
}

NumpyArray array_of(const std::string& npy, const std::string& where) {
  const auto header = header_of(npy, where);
  NumpyArray array{header.shape, {}, {}};
  const bool is_double = header.type == "<f8";
  if (!is_double && header.type != "|u1" && header.type != "|b1") return array;
  const auto left = npy.size() - header.data_at;
  const double n =
      std::accumulate(header.shape.begin(), header.shape.end(), 1.0, [](double a, std::size_t b) { return a * static_cast<double>(b); });
  if (n * (is_double ? 8 : 1) != static_cast<double>(left))
    throw Error(ErrorKind::inconsistent, where + ": an array does not fit its shape");
  if (is_double) {
    array.numbers.resize(left / 8);
    std::memcpy(array.numbers.data(), npy.data() + header.data_at, left);
  } else {
    array.bytes.assign(npy.begin() + static_cast<std::ptrdiff_t>(header.data_at), npy.end());
  }
  return array;
}

}  // namespace

std::map<std::string, NumpyArray> read_npz(std::string_view archive, const std::string& where) {
  std::map<std::string, NumpyArray> arrays;
  for (const auto& [name, npy] : Archive(archive, where).entries())
    if (name.ends_with(".npy")) arrays[name.substr(0, name.size() - 4)] = array_of(npy, where);
  return arrays;
}

}  // namespace cemscope::evaluation
