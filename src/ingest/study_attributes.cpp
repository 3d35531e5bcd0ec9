#include "src/ingest/study_attributes.h"

#include "src/ingest/scan_pool.h"

namespace cemscope::ingest {

StudyAttributes read_study_attributes(const std::filesystem::path& folder, const ImageRef& image) {
  ScanOptions options;
  options.n_workers = 1;
  StringPool pool;
  const auto headers = scan_headers(folder, {image.path}, options, pool);
  const auto& header = headers.front();
  if (!header.is_usable()) return {};
  const auto text = [&](HeaderTag tag) { return std::string(header.text(tag)); };
  return {text(HeaderTag::StudyID), text(HeaderTag::AccessionNumber), text(HeaderTag::ReferringPhysicianName),
          text(HeaderTag::PositionReferenceIndicator)};
}

}  // namespace cemscope::ingest
