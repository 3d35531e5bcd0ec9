#include "src/ingest/file_header.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "src/ingest/header_readers.h"
#include "src/ingest/pixel_check.h"

namespace cemscope::ingest {

namespace {

constexpr std::string_view kMediaStorageDirectory = "1.2.840.10008.1.3.10";

class Descriptor {
 public:
  explicit Descriptor(const char* path) : value_(open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)) {}
  ~Descriptor() {
    if (value_ >= 0) close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int value() const { return value_; }

 private:
  int value_;
};

enum class Start { junk, bare_data_set, magic };

// A data set without preamble starts with group 0002 or 0008, a small element number, and a VR or a length that fits.
Start start_of(const OpenFile& file) {
  std::array<unsigned char, 132> bytes{};
  const auto n = pread(file.descriptor, bytes.data(), bytes.size(), 0);
  if (n == 132 && std::memcmp(bytes.data() + 128, "DICM", 4) == 0) return Start::magic;
  if (n < 16) return Start::junk;
  const bool is_little = (bytes[0] == 0x08 || bytes[0] == 0x02) && bytes[1] == 0 && bytes[3] == 0;
  const bool is_big = bytes[0] == 0 && (bytes[1] == 0x08 || bytes[1] == 0x02) && bytes[2] == 0;
  return is_little || is_big ? Start::bare_data_set : Start::junk;
}

FileHeader failed(const std::string& code, const std::string& sentence, StringPool& pool) {
  FileHeader header = make_header(FileKind::failed, {}, pool);
  header.failure_code = code;
  header.failure_sentence = sentence;
  return header;
}

std::string_view value(const RawHeader& header, HeaderTag tag) { return header.values[static_cast<std::size_t>(tag)]; }

bool says_what_it_is(const RawHeader& header) {
  return !value(header, HeaderTag::SOPClassUID).empty() || !value(header, HeaderTag::MediaStorageSOPClassUID).empty() ||
         !value(header, HeaderTag::Modality).empty();
}

enum class Reader { gdcm_first, dcmtk_alone };

// The first kilobyte names the deflated transfer syntax: its data set is a compressed stream, on which GDCM's selected reading ends the
// process.
bool may_be_deflated(const OpenFile& file) {
  constexpr std::string_view kDeflated = "1.2.840.10008.1.2.1.99";
  std::array<char, 1024> bytes{};
  const auto n = pread(file.descriptor, bytes.data(), bytes.size(), 0);
  return n > 0 && std::string_view(bytes.data(), static_cast<std::size_t>(n)).find(kDeflated) != std::string_view::npos;
}

std::optional<RawHeader> read_raw_header(const OpenFile& file, const char* path, Start start, Reader reader) {
  std::optional<RawHeader> raw;
  if (reader == Reader::gdcm_first && !may_be_deflated(file)) raw = read_header_with_gdcm(file);
  if (!raw && start == Start::magic) raw = read_header_with_dcmtk(path);
  if (raw && !says_what_it_is(*raw)) return std::nullopt;
  return raw;
}

FileHeader header_of(const OpenFile& file, const char* path, Reader reader, StringPool& pool) {
  const auto start = start_of(file);
  if (start == Start::junk) return make_header(FileKind::not_dicom, {}, pool);
  const auto raw = read_raw_header(file, path, start, reader);
  if (!raw && start == Start::bare_data_set) return make_header(FileKind::not_dicom, {}, pool);
  if (!raw) return failed("corrupt_header", "the file has the DICM mark, but no data set can be read behind it", pool);
  if (value(*raw, HeaderTag::MediaStorageSOPClassUID) == kMediaStorageDirectory) return make_header(FileKind::dicomdir, *raw, pool);
  auto header = make_header(FileKind::dicom, *raw, pool);
  if (const auto defect = check_pixel_data(file, *raw)) {
    header.failure_code = defect->code;
    header.failure_sentence = defect->sentence;
  }
  return header;
}

FileHeader read_with(Reader reader, const std::filesystem::path& folder, const std::string& relative_path, StringPool& pool) {
  const auto path = folder / relative_path;
  const Descriptor descriptor(path.c_str());
  struct stat status {};
  if (descriptor.value() < 0 || fstat(descriptor.value(), &status) != 0) {
    return failed("unreadable_file", fmt::format("the file cannot be opened: {}", std::strerror(errno)), pool);
  }
  if (!S_ISREG(status.st_mode)) return failed("unreadable_file", "no regular file any more", pool);
  if (status.st_size == 0) return failed("zero_length_file", "the file is empty; export it again", pool);
  auto header = header_of({descriptor.value(), status.st_size}, path.c_str(), reader, pool);
  header.path = relative_path;
  return header;
}

}  // namespace

FileHeader read_file_header(const std::filesystem::path& folder, const std::string& relative_path, StringPool& pool) {
  return read_with(Reader::gdcm_first, folder, relative_path, pool);
}

FileHeader read_file_header_slowly(const std::filesystem::path& folder, const std::string& relative_path, StringPool& pool) {
  return read_with(Reader::dcmtk_alone, folder, relative_path, pool);
}

}  // namespace cemscope::ingest
