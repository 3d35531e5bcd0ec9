#pragma once

#include <string>
#include <vector>

#include "src/evaluation/readings.h"

namespace cemscope::evaluation {

/// A true vertebra and what was said of it (null when nothing was).
struct MatchedVertebra {
  const VertebraReading* truth = nullptr;
  const VertebraReading* said = nullptr;
};

/// Which of the vertebrae said is which of the true ones, in one modality of one patient.
struct VertebraMatch {
  std::vector<MatchedVertebra> pairs;            ///< every true vertebra, in the truth's order
  std::vector<const VertebraReading*> invented;  ///< said, and no true one
};

/// Matches by place first (centres nearer than 12 mm, half of the shortest lumbar pitch, nearest pair first); where a place is not known by
/// name, and where as many are left on both sides in the order from the top, so that a wrong name is a wrong name and no missed vertebra.
/// Both must outlive the result.
VertebraMatch match_vertebrae(const PatientReading& truth, const PatientReading& said, const std::string& modality);

}  // namespace cemscope::evaluation
