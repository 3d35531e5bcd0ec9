#pragma once

#include <vector>

#include "src/ingest/export_index.h"
#include "src/ingest/header_record.h"

namespace cemscope::ingest {

/// Patients, studies and series from scanned headers (sorted by path), with roles and scores, and the failures found on the way:
/// "duplicate_sop_instance", "patient_id_conflict", "missing_patient_id", slices without geometry, series that cannot be used.
/// Headers that carry a failure code of their own leave a series of role `unreadable` when nothing else of it is usable.
struct BuiltIndex {
  std::vector<Patient> patients;  ///< by case_id
  std::vector<Failure> failures;
};
BuiltIndex build_patients(const std::vector<FileHeader>& headers);

/// The series of one SeriesInstanceUID: usually one, more when it mixes stacks. `headers` sorted by path, at least one.
struct BuiltSeries {
  std::vector<Series> series;
  std::vector<Failure> failures;
};
BuiltSeries build_series(const std::vector<const FileHeader*>& headers);

}  // namespace cemscope::ingest
