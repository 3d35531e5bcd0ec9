#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cemscope::batch {

/// What to do with an output folder that is not empty.
enum class OutputMode { fresh, resume, overwrite };

/// The output folder, locked against other runs as long as this lives.
class OutputFolder {
 public:
  /// Makes the folder when it is not there and locks it. What a killed run left half done is removed; nothing else is.
  /// Throws Error{usage}: `fresh` and the folder holds anything; `resume` or `overwrite` and it holds files but no state file of ours;
  /// it lies in the export folder; another run uses it. Throws Error{unreadable} when it cannot be made.
  OutputFolder(const std::filesystem::path& folder, const std::filesystem::path& export_folder, OutputMode mode);
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;
  ~OutputFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return folder_; }
  [[nodiscard]] std::filesystem::path state_file() const { return folder_ / "state.sqlite"; }
  [[nodiscard]] std::filesystem::path case_folder(const std::string& case_id) const { return folder_ / "cases" / case_id; }
  /// A new empty folder beside the cases, to be renamed to a case folder.
  [[nodiscard]] std::filesystem::path make_temporary_case_folder(std::size_t number) const;
  /// Removes the folder of a case that this program made.
  void remove_case(const std::string& case_id) const;

 private:
  std::filesystem::path folder_;
  int lock_fd_ = -1;
};

/// Throws as the constructor of OutputFolder does, without making or changing anything.
void check_output_folder(const std::filesystem::path& folder, const std::filesystem::path& export_folder, OutputMode mode);

/// The hash of names and contents of the files in a folder; "" when it is not there.
std::string hash_folder(const std::filesystem::path& folder);

}  // namespace cemscope::batch
