#include "src/batch/series_attempt.h"

namespace cemscope::batch {

ingest::Failure series_failure(const Job& job, const ingest::Series& series, const std::string& code, const std::string& sentence,
                               const std::string& path) {
  return {.code = code,
          .sentence = sentence,
          .path = path,
          .patient_id = job.patient.patient_id,
          .case_id = job.patient.case_id,
          .series_uid = series.series_uid};
}

bool is_same_series(const ingest::Series& a, const ingest::Series& b) { return a.series_uid == b.series_uid && a.part == b.part; }

}  // namespace cemscope::batch
