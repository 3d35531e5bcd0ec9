#pragma once

#include <filesystem>
#include <vector>

#include "src/ingest/export_index.h"

namespace cemscope::ingest {

/// What the user names as an export: a folder, a zip archive of one (unpacked into the system's folder for temporary files as long as this
/// lives, and removed from there however the program ends), or the DICOMDIR of a file-set, which stands for the folder it lies in
/// (PS3.10 8.6: every file of the set lies below it).
class ExportInput {
 public:
  /// Throws Error{usage} for any other kind of file, and as extract_zip does.
  explicit ExportInput(const std::filesystem::path& path);
  ExportInput(const ExportInput&) = delete;
  ExportInput& operator=(const ExportInput&) = delete;
  ~ExportInput();

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  /// Entries of the archive that were left out.
  [[nodiscard]] const std::vector<Failure>& failures() const { return failures_; }

 private:
  void unpack(const std::filesystem::path& archive);

  void remove_temporary();

  std::filesystem::path folder_, temporary_;
  int caretaker_ = -1;  ///< pipe to the process that removes the temporary folder should this one not come to it
  std::vector<Failure> failures_;
};

}  // namespace cemscope::ingest
