#include "src/ingest/export_input.h"

#include <stdlib.h>

#include <cerrno>
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

ExportInput::~ExportInput() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

void ExportInput::unpack(const fs::path& archive) {
  const auto temporary = make_temporary_folder();
  try {
    fs::create_directory(temporary / "export");
    failures_ = extract_zip(archive, temporary / "export");
  } catch (...) {
    fs::remove_all(temporary);
    throw;
  }
  temporary_ = temporary;
  folder_ = temporary / "export";
}

}  // namespace cemscope::ingest
