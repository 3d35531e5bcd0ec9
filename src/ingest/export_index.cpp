#include "src/ingest/export_index.h"

#include <algorithm>
#include <tuple>

#include "src/ingest/file_walk.h"
#include "src/ingest/frame_headers.h"
#include "src/ingest/scan_pool.h"
#include "src/ingest/series_build.h"
#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

// A damaged file that carries the DICM mark counts as DICOM, an empty or unreadable one does not.
bool is_dicom(const FileHeader& header) {
  if (header.kind != FileKind::failed) return header.kind != FileKind::not_dicom;
  return header.failure_code != "zero_length_file" && header.failure_code != "unreadable_file";
}

void count(ExportIndex& index, const std::vector<FileHeader>& headers) {
  index.n_files = static_cast<std::int64_t>(headers.size());
  index.n_dicom = std::count_if(headers.begin(), headers.end(), is_dicom);
  index.n_not_dicom = index.n_files - index.n_dicom;
}

void add_file_failures(ExportIndex& index, const std::vector<FileHeader>& headers) {
  for (const auto& header : headers) {
    const bool is_nobodys = header.kind == FileKind::dicom && !header.is_usable() && header.text(HeaderTag::StudyInstanceUID).empty();
    if (header.kind != FileKind::failed && !is_nobodys) continue;
    index.failures.push_back({header.failure_code, header.failure_sentence, displayed_path(header.path), "", "", ""});
  }
}

void sort_failures(std::vector<Failure>& failures) {
  std::sort(failures.begin(), failures.end(), [](const Failure& a, const Failure& b) {
    return std::tie(a.case_id, a.path, a.series_uid, a.code, a.sentence) < std::tie(b.case_id, b.path, b.series_uid, b.code, b.sentence);
  });
}

template <typename T>
void append(std::vector<T>& to, std::vector<T> from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

}  // namespace

ExportIndex index_export(const std::filesystem::path& folder, const IndexOptions& options) {
  auto files = walk_folder(folder);
  ScanOptions scan;
  scan.n_workers = options.n_workers;
  scan.progress = options.progress;
  StringPool pool;
  auto headers = scan_headers(folder, files.paths, scan, pool);
  ExportIndex index;
  index.n_bytes = files.n_bytes;
  count(index, headers);
  index.failures = std::move(files.failures);
  add_file_failures(index, headers);
  auto built = build_patients(with_frames(std::move(headers)));
  index.patients = std::move(built.patients);
  append(index.failures, std::move(built.failures));
  sort_failures(index.failures);
  return index;
}

}  // namespace cemscope::ingest
