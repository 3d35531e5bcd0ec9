// A zip archive unpacked into a folder; nothing may lie outside it.
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "imaging/error.h"
#include "src/ingest/zip_archive.h"

namespace {

namespace fs = std::filesystem;

const fs::path& folder() {
  static const auto path = [] {
    std::string name = "/dev/shm/cemscope_fuzz_XXXXXX";
    return fs::path(::mkdtemp(name.data()));
  }();
  return path;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int file = ::open((folder() / "x.zip").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (::write(file, data, size) != static_cast<ssize_t>(size)) std::abort();
  ::close(file);
  fs::create_directories(folder() / "inner" / "out");
  cemscope::ingest::ZipLimits limits;
  limits.n_entries = 1000;
  limits.total_bytes = limits.always_allowed_bytes = 1 << 24;
  try {
    cemscope::ingest::extract_zip(folder() / "x.zip", folder() / "inner" / "out", limits);
  } catch (const cemscope::Error&) {
  }
  for (const auto& entry : fs::recursive_directory_iterator(folder() / "inner"))
    if (!entry.is_regular_file() && !entry.is_directory()) std::abort();
  if (std::distance(fs::directory_iterator(folder()), fs::directory_iterator{}) != 2) std::abort();
  if (std::distance(fs::directory_iterator(folder() / "inner"), fs::directory_iterator{}) != 1) std::abort();
  fs::remove_all(folder() / "inner");
  return 0;
}
