#include "src/batch/output_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/batch/state_store.h"
#include "src/cohort/content_hash.h"
#include "src/report/atomic_file.h"

namespace cemscope::batch {
namespace {

namespace fs = std::filesystem;

bool is_temporary(const fs::path& path) { return path.filename().string().starts_with(report::kTemporaryPrefix); }

/// A folder that a run killed in its first moment left counts as empty.
bool holds_anything(const fs::path& folder) {
  if (!fs::exists(folder)) return false;
  return std::any_of(fs::directory_iterator(folder), fs::directory_iterator{},
                     [](const auto& entry) { return !is_temporary(entry.path()); });
}

/// Without links, dots and a slash at the end.
fs::path real_path(const fs::path& path) {
  const auto real = fs::weakly_canonical(path);
  return real.has_filename() ? real : real.parent_path();
}

bool lies_within(const fs::path& path, const fs::path& folder) {
  const auto inner = real_path(path), outer = real_path(folder);
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

void remove_temporary(const fs::path& folder) {
  if (!fs::is_directory(folder)) return;
  std::vector<fs::path> left_over;
  for (const auto& entry : fs::directory_iterator(folder))
    if (is_temporary(entry.path())) left_over.push_back(entry.path());
  for (const auto& path : left_over) fs::remove_all(path);
}

int lock(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) throw Error(ErrorKind::unreadable, "the output folder cannot be opened");
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  ::close(fd);
  throw Error(ErrorKind::usage, "another run is writing into the output folder");
}

}  // namespace

void check_output_folder(const fs::path& folder, const fs::path& export_folder, OutputMode mode) {
  if (fs::exists(folder) && !fs::is_directory(folder)) throw Error(ErrorKind::usage, "the output is a file; a folder is needed");
  if (lies_within(folder, export_folder))
    throw Error(ErrorKind::usage, "the output folder lies in the export folder, which is never written to; give another folder");
  if (!holds_anything(folder)) return;
  if (mode == OutputMode::fresh)
    throw Error(ErrorKind::usage,
                "the output folder is not empty; continue with --resume, begin anew with --overwrite, or give another folder");
  if (!is_state_file(folder / "state.sqlite"))
    throw Error(ErrorKind::usage, "the output folder holds files and no state.sqlite of cemscope; give another folder");
}

OutputFolder::OutputFolder(const fs::path& folder, const fs::path& export_folder, OutputMode mode) : folder_(folder) {
  check_output_folder(folder, export_folder, mode);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(ErrorKind::unreadable, fmt::format("the output folder cannot be made: {}", error.message()));
  lock_fd_ = lock(folder);
  remove_temporary(folder);
  remove_temporary(folder / "cases");
}

OutputFolder::~OutputFolder() {
  if (lock_fd_ >= 0) ::close(lock_fd_);
}

fs::path OutputFolder::make_temporary_case_folder(std::size_t number) const {
  // The process id keeps apart what a worker of a killed run may still be writing.
  const auto path = folder_ / "cases" / fmt::format("{}{}-{}", report::kTemporaryPrefix, ::getpid(), number);
  fs::create_directories(path);
  return path;
}

void OutputFolder::remove_case(const std::string& case_id) const {
  std::error_code error;
  fs::remove_all(case_folder(case_id), error);
}

std::string hash_folder(const fs::path& folder) {
  if (!fs::is_directory(folder)) return {};
  std::map<std::string, fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files[entry.path().filename().string()] = entry.path();
  cohort::ContentHash hash;
  for (const auto& [name, path] : files) {
    hash.add_text(name);
    hash.add_file(path);
  }
  return hash.hex();
}

}  // namespace cemscope::batch
