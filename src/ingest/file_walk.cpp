#include "src/ingest/file_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

Folder open_folder(const std::filesystem::path& path, int extra_flags) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | extra_flags);
  if (descriptor < 0) return nullptr;
  Folder folder(fdopendir(descriptor));
  if (!folder) close(descriptor);
  return folder;
}

class Walk {
 public:
  explicit Walk(std::filesystem::path root) : root_(std::move(root)) {}

  FoundFiles run() {
    auto top = open_folder(root_, 0);
    if (!top) throw Error(ErrorKind::unreadable, fmt::format("the folder cannot be read: {}", std::strerror(errno)));
    read(*top, "");
    while (!pending_.empty()) {
      const auto relative = std::move(pending_.back());
      pending_.pop_back();
      if (const auto folder = open_folder(root_ / relative, O_NOFOLLOW))
        read(*folder, relative + "/");
      else
        record_unreadable(relative);
    }
    std::sort(found_.paths.begin(), found_.paths.end());
    return std::move(found_);
  }

 private:
  void read(DIR& folder, const std::string& prefix) {
    while (const auto* entry = readdir(&folder)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") add(folder, entry->d_name, prefix);
    }
  }

  void add(DIR& folder, const char* name, const std::string& prefix) {
    struct stat status {};
    if (fstatat(dirfd(&folder), name, &status, AT_SYMLINK_NOFOLLOW) != 0) return;
    if (S_ISDIR(status.st_mode)) pending_.push_back(prefix + name);
    if (!S_ISREG(status.st_mode)) return;
    found_.paths.push_back(prefix + name);
    found_.n_bytes += status.st_size;
  }

  void record_unreadable(const std::string& relative) {
    found_.failures.push_back(
        {"unreadable_folder", fmt::format("the folder cannot be read: {}", std::strerror(errno)), displayed_path(relative), "", "", ""});
  }

  std::filesystem::path root_;
  std::vector<std::string> pending_;
  FoundFiles found_;
};

}  // namespace

FoundFiles walk_folder(const std::filesystem::path& folder) { return Walk(folder).run(); }

}  // namespace cemscope::ingest
