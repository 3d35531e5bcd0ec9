#include "src/report/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "imaging/error.h"

namespace cemscope::report {
namespace {

[[noreturn]] void fail(const char* what, const std::filesystem::path& path) {
  throw Error(ErrorKind::unreadable, fmt::format("cannot {} {}: {}", what, path.filename().string(), std::strerror(errno)));
}

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

void write_temporary(const std::filesystem::path& path, std::string_view bytes, Durability durability) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (file.get() < 0) fail("create", path);
  if (!write_all(file.get(), bytes)) fail("write", path);
  if (durability == Durability::durable && ::fsync(file.get()) != 0) fail("write", path);
}

}  // namespace

void write_file(const std::filesystem::path& path, std::string_view bytes, Durability durability) {
  const auto temporary = path.parent_path() / (std::string(kTemporaryPrefix) + path.filename().string());
  try {
    write_temporary(temporary, bytes, durability);
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail("rename", path);
  } catch (const Error&) {
    ::unlink(temporary.c_str());
    throw;
  }
}

std::string read_file(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) fail("read", path);
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t n_read = 0;
  while (n_read < bytes.size()) {
    const auto n = ::read(file.get(), bytes.data() + n_read, bytes.size() - n_read);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("read", path);
    if (n == 0) break;
    n_read += static_cast<std::size_t>(n);
  }
  bytes.resize(n_read);
  return bytes;
}

void replace_folder(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  std::filesystem::remove_all(to, error);
  std::filesystem::rename(from, to, error);
  if (error) throw Error(ErrorKind::unreadable, fmt::format("cannot rename {}: {}", to.filename().string(), error.message()));
}

}  // namespace cemscope::report
