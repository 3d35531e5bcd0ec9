#include "src/ingest/zip_archive.h"

#include <fcntl.h>
#include <minizip/unzip.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/ingest/text.h"

namespace cemscope::ingest {
namespace {

constexpr std::size_t kMaxName = 4096;     // Linux's PATH_MAX
constexpr std::size_t kMaxNamePart = 255;  // and NAME_MAX
constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kBufferBytes = 1 << 18;
constexpr uLong kEncrypted = 1;  // bit 0 of the general purpose flag (APPNOTE 4.4.4)
constexpr uLong kMethodStored = 0, kMethodDeflated = 8;
constexpr uLong kMadeByUnix = 3;  // upper byte of "version made by": only then has the entry a file mode

struct CloseArchive {
  void operator()(void* archive) const { unzClose(archive); }
};
using Archive = std::unique_ptr<void, CloseArchive>;

/// An entry as the central directory describes it.
struct Entry {
  std::string name;
  unz_file_info64 info{};

  [[nodiscard]] mode_t mode() const { return (info.version >> 8) == kMadeByUnix ? static_cast<mode_t>(info.external_fa >> 16) : 0; }
  [[nodiscard]] bool is_folder() const { return !name.empty() && name.back() == '/'; }
};

struct Refusal {
  const char *code, *sentence;
};

Archive open_archive(const std::filesystem::path& path) {
  Archive archive(unzOpen64(path.c_str()));
  if (!archive)
    throw Error(ErrorKind::unreadable, "zip_unreadable: the file is no zip archive that can be read; unpack it and give the folder");
  return archive;
}

Entry current_entry(const Archive& archive) {
  Entry entry;
  unzGetCurrentFileInfo64(archive.get(), &entry.info, nullptr, 0, nullptr, 0, nullptr, 0);
  if (entry.info.size_filename > kMaxName) return entry;
  entry.name.resize(entry.info.size_filename);
  unzGetCurrentFileInfo64(archive.get(), &entry.info, entry.name.data(), entry.name.size(), nullptr, 0, nullptr, 0);
  // Some Windows programs write backslashes against the standard.
  std::replace(entry.name.begin(), entry.name.end(), '\\', '/');
  return entry;
}

/// Calls visit(entry) for every entry; the archive stands at it.
template <typename Visit>
void for_each_entry(const Archive& archive, Visit visit) {
  for (int status = unzGoToFirstFile(archive.get()); status != UNZ_END_OF_LIST_OF_FILE; status = unzGoToNextFile(archive.get())) {
    if (status != UNZ_OK) throw Error(ErrorKind::unreadable, "zip_unreadable: the archive's table of contents is damaged; export it again");
    visit(current_entry(archive));
  }
}

std::vector<std::string_view> parts_of(std::string_view name) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= name.size();) {
    const auto end = std::min(name.find('/', begin), name.size());
    parts.push_back(name.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::optional<Refusal> refusal_of_name(const std::string& name) {
  constexpr Refusal kBad{"zip_bad_name", "the entry's name is empty, too long or too deep for a file; it is left out"};
  constexpr Refusal kOutside{"zip_path_traversal", "the entry's name leads out of the archive; it is left out"};
  if (name.empty() || name.find('\0') != name.npos) return kBad;
  if (name.front() == '/' || (name.size() > 1 && name[1] == ':')) return kOutside;
  const auto parts = parts_of(name);
  if (parts.size() > kMaxDepth) return kBad;
  for (const auto part : parts) {
    if (part == ".." || part == ".") return kOutside;
    if (part.empty() || part.size() > kMaxNamePart) return kBad;
  }
  return std::nullopt;
}

std::optional<Refusal> refusal_of(const Entry& entry) {
  if (auto refusal = refusal_of_name(entry.name)) return refusal;
  if (S_ISLNK(entry.mode())) return Refusal{"zip_link", "the entry is a symbolic link; it is left out"};
  const bool is_special = (entry.mode() & S_IFMT) != 0 && !S_ISREG(entry.mode());
  if (is_special) return Refusal{"zip_special_file", "the entry is no regular file; it is left out"};
  if ((entry.info.flag & kEncrypted) != 0)
    return Refusal{"zip_encrypted", "the entry is encrypted; unpack the archive with its password and give the folder"};
  if (entry.info.compression_method != kMethodStored && entry.info.compression_method != kMethodDeflated)
    return Refusal{"zip_unsupported_method", "the entry is compressed in another way than deflate; unpack the archive and give the folder"};
  return std::nullopt;
}

/// Throws when the archive holds more than is believable or fits.
void check_size(const Archive& archive, std::int64_t archive_bytes, const std::filesystem::path& folder, const ZipLimits& limits) {
  std::int64_t n_entries = 0, total = 0;
  for_each_entry(archive, [&](const Entry& entry) {
    ++n_entries;
    total += static_cast<std::int64_t>(std::min<ZPOS64_T>(entry.info.uncompressed_size, static_cast<ZPOS64_T>(limits.total_bytes)));
    total = std::min(total, limits.total_bytes + 1);
    if (n_entries > limits.n_entries)
      throw Error(ErrorKind::unsupported, fmt::format("zip_bomb: the archive has more than {} entries", limits.n_entries));
  });
  const bool is_bomb = total > limits.total_bytes || (total > limits.always_allowed_bytes && total / limits.total_ratio > archive_bytes);
  if (is_bomb)
    throw Error(ErrorKind::unsupported,
                fmt::format("zip_bomb: an archive of {} bytes claims to hold {}; if it is an export, unpack it and give the folder",
                            archive_bytes, total));
  const auto space = std::filesystem::space(folder);
  if (static_cast<std::uintmax_t>(total) > space.available)
    throw Error(ErrorKind::unreadable,
                fmt::format("zip_no_room: the archive holds {} bytes, the folder for temporary files has room for {}; set TMPDIR or "
                            "unpack it yourself and give the folder",
                            total, space.available));
}

class File {
 public:
  explicit File(const std::filesystem::path& path)
      : descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  void write(const char* bytes, std::size_t n) const {
    while (n > 0) {
      const auto done = ::write(descriptor_, bytes, n);
      if (done < 0 && errno != EINTR)
        throw Error(ErrorKind::unreadable, fmt::format("the archive cannot be unpacked: {}", std::strerror(errno)));
      if (done > 0) bytes += done, n -= static_cast<std::size_t>(done);
    }
  }

 private:
  int descriptor_;
};

constexpr Refusal kDamaged{"zip_damaged_entry", "the entry cannot be unpacked or its checksum is wrong; export it again"};

/// Unpacks the entry at which the archive stands.
std::optional<Refusal> unpack(const Archive& archive, const std::filesystem::path& to) {
  const File file(to);
  if (!file.is_open()) return Refusal{"zip_bad_name", "another entry has this name, or the name is no file's; it is left out"};
  if (unzOpenCurrentFile(archive.get()) != UNZ_OK) return kDamaged;
  thread_local std::vector<char> buffer(kBufferBytes);
  int n = 0;
  while ((n = unzReadCurrentFile(archive.get(), buffer.data(), static_cast<unsigned>(buffer.size()))) > 0)
    file.write(buffer.data(), static_cast<std::size_t>(n));
  const bool is_whole = unzCloseCurrentFile(archive.get()) == UNZ_OK && n == 0;
  return is_whole ? std::nullopt : std::optional(kDamaged);
}

std::optional<Refusal> extract(const Archive& archive, const Entry& entry, const std::filesystem::path& folder) {
  if (auto refusal = refusal_of(entry)) return refusal;
  const auto path = folder / entry.name;
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) return Refusal{"zip_bad_name", "another entry has the name of this one's folder; it is left out"};
  auto refusal = unpack(archive, path);
  if (refusal && refusal->code == kDamaged.code) std::filesystem::remove(path, error);
  return refusal;
}

}  // namespace

bool is_zip(const std::filesystem::path& file) {
  std::array<char, 4> start{};
  std::ifstream stream(file, std::ios::binary);
  stream.read(start.data(), start.size());
  const std::string_view magic(start.data(), start.size());
  return stream && (magic == "PK\x03\x04" || magic == std::string_view("PK\x05\x06", 4));
}

std::vector<Failure> extract_zip(const std::filesystem::path& archive_path, const std::filesystem::path& folder, const ZipLimits& limits) {
  const auto archive = open_archive(archive_path);
  check_size(archive, static_cast<std::int64_t>(std::filesystem::file_size(archive_path)), folder, limits);
  std::vector<Failure> failures;
  for_each_entry(archive, [&](const Entry& entry) {
    if (entry.is_folder() && entry.info.uncompressed_size == 0) return;
    if (const auto refusal = extract(archive, entry, folder))
      failures.push_back({refusal->code, refusal->sentence, displayed_path(entry.name), "", "", ""});
  });
  return failures;
}

}  // namespace cemscope::ingest
