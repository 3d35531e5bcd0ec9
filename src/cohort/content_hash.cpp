#include "src/cohort/content_hash.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <xxhash.h>

#include <new>
#include <vector>

namespace cemscope::cohort {
namespace {

constexpr std::size_t kReadBytes = 1 << 20;

/// Adds the file's bytes and returns how many there were; -1 when it cannot be opened or read to its end.
long long add_content(XXH3_state_s* state, const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return -1;
  static thread_local std::vector<char> buffer(kReadBytes);
  long long n_bytes = 0;
  ssize_t n = 0;
  while ((n = ::read(fd, buffer.data(), buffer.size())) > 0) {
    XXH3_128bits_update(state, buffer.data(), static_cast<std::size_t>(n));
    n_bytes += n;
  }
  ::close(fd);
  return n < 0 ? -1 : n_bytes;
}

}  // namespace

ContentHash::ContentHash() : state_(XXH3_createState()) {
  if (state_ == nullptr) throw std::bad_alloc();
  XXH3_128bits_reset(state_);
}

ContentHash::~ContentHash() { XXH3_freeState(state_); }

void ContentHash::add_bytes(std::string_view bytes) { XXH3_128bits_update(state_, bytes.data(), bytes.size()); }

void ContentHash::add_text(std::string_view text) {
  const auto size = static_cast<unsigned long long>(text.size());
  XXH3_128bits_update(state_, &size, sizeof(size));
  add_bytes(text);
}

void ContentHash::add_file(const std::filesystem::path& path) {
  const auto n_bytes = add_content(state_, path);
  XXH3_128bits_update(state_, &n_bytes, sizeof(n_bytes));
}

std::string ContentHash::hex() const {
  const auto hash = XXH3_128bits_digest(state_);
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string content_hash(std::string_view bytes) {
  ContentHash hash;
  hash.add_bytes(bytes);
  return hash.hex();
}

}  // namespace cemscope::cohort
