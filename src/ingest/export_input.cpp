#include "src/ingest/export_input.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/ingest/scan_pool.h"
#include "src/ingest/zip_archive.h"

namespace cemscope::ingest {
namespace {

namespace fs = std::filesystem;

bool is_dicomdir(const fs::path& file) {
  ScanOptions options;
  options.n_workers = 1;
  StringPool pool;
  const auto folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  return scan_headers(folder, {file.filename().string()}, options, pool).front().kind == FileKind::dicomdir;
}

fs::path make_temporary_folder() {
  std::string name = (fs::temp_directory_path() / "cemscope-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    throw Error(ErrorKind::unreadable, fmt::format("no folder for temporary files can be made: {}; set TMPDIR", std::strerror(errno)));
  return name;
}

/// Waits in a process of its own until the last holder of the pipe is gone, however it went, and removes the folder.
[[noreturn]] void take_care(const fs::path& folder, int pipe_end) {
  ::setsid();  // an interrupt from the terminal is for the program, not for who cleans up after it
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_IGN);
  constexpr int kKept = 3;
  ::dup2(pipe_end, kKept);
  ::close_range(kKept + 1, ~0U, 0);
  for (int other = 0; other < kKept; ++other) ::close(other);
  char nothing = 0;
  while (::read(kKept, &nothing, 1) < 0 && errno == EINTR) {
  }
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  ::_exit(0);
}

/// Starts the caretaker of a folder as nobody's child; returns what keeps it waiting, or -1 when there can be none.
int start_caretaker(const fs::path& folder) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return -1;
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[1]);
    if (::fork() == 0) take_care(folder, ends[0]);
    ::_exit(0);
  }
  ::close(ends[0]);
  if (child > 0) ::waitpid(child, nullptr, 0);
  return ends[1];
}

}  // namespace

ExportInput::ExportInput(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) {
    folder_ = path;  // what is no folder either is for the index to name
  } else if (is_zip(path)) {
    unpack(path);
  } else if (is_dicomdir(path)) {
    folder_ = path.has_parent_path() ? path.parent_path() : fs::path(".");
  } else {
    throw Error(ErrorKind::usage, "EXPORT is a file, but neither a zip archive nor a DICOMDIR; give the folder that holds it");
  }
}

ExportInput::~ExportInput() { remove_temporary(); }

void ExportInput::remove_temporary() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
  if (caretaker_ >= 0) ::close(caretaker_);
}

void ExportInput::unpack(const fs::path& archive) {
  temporary_ = make_temporary_folder();
  caretaker_ = start_caretaker(temporary_);
  try {
    fs::create_directory(temporary_ / "export");
    failures_ = extract_zip(archive, temporary_ / "export");
  } catch (...) {
    remove_temporary();
    throw;
  }
  folder_ = temporary_ / "export";
}

}  // namespace cemscope::ingest
