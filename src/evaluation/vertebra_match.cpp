#include "src/evaluation/vertebra_match.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cemscope::evaluation {
namespace {

constexpr double kSamePlace_mm = 12.0;

std::vector<const VertebraReading*> in_modality(const PatientReading& patient, const std::string& modality) {
  std::vector<const VertebraReading*> vertebrae;
  for (const auto& vertebra : patient.vertebrae)
    if (vertebra.modality == modality) vertebrae.push_back(&vertebra);
  return vertebrae;
}

double distance_mm(const VertebraReading& a, const VertebraReading& b) {
  if (!a.centre_mm || !b.centre_mm) return std::numeric_limits<double>::infinity();
  return std::hypot((*a.centre_mm)[0] - (*b.centre_mm)[0], (*a.centre_mm)[1] - (*b.centre_mm)[1], (*a.centre_mm)[2] - (*b.centre_mm)[2]);
}

class Matcher {
 public:
  Matcher(const PatientReading& truth, const PatientReading& said, const std::string& modality) : left_(in_modality(said, modality)) {
    for (const auto* vertebra : in_modality(truth, modality)) match_.pairs.push_back({vertebra, nullptr});
  }

  VertebraMatch run() {
    while (take_nearest()) {
    }
    take_same_names();
    take_in_order();
    match_.invented = left_;
    return std::move(match_);
  }

 private:
  void take(MatchedVertebra& pair, std::vector<const VertebraReading*>::iterator said) {
    pair.said = *said;
    left_.erase(said);
  }

  bool take_nearest() {
    MatchedVertebra* best = nullptr;
    auto best_said = left_.end();
    double nearest_mm = kSamePlace_mm;
    for (auto& pair : match_.pairs)
      for (auto said = left_.begin(); said != left_.end(); ++said)
        if (pair.said == nullptr && distance_mm(*pair.truth, **said) < nearest_mm)
          nearest_mm = distance_mm(*pair.truth, **said), best = &pair, best_said = said;
    if (best != nullptr) take(*best, best_said);
    return best != nullptr;
  }

  // Two places that are known and far apart are two vertebrae, whatever they are called.
  static bool may_be_same(const VertebraReading& truth, const VertebraReading& said) { return !truth.centre_mm || !said.centre_mm; }

  void take_same_names() {
    for (auto& pair : match_.pairs) {
      if (pair.said != nullptr || pair.truth->level.empty()) continue;
      const auto same = [&](const VertebraReading* said) { return said->level == pair.truth->level && may_be_same(*pair.truth, *said); };
      if (const auto said = std::find_if(left_.begin(), left_.end(), same); said != left_.end()) take(pair, said);
    }
  }

  void take_in_order() {
    std::vector<MatchedVertebra*> open;
    for (auto& pair : match_.pairs)
      if (pair.said == nullptr) open.push_back(&pair);
    if (open.size() != left_.size()) return;
    auto said = left_;
    std::stable_sort(said.begin(), said.end(),
                     [](const auto* a, const auto* b) { return a->centre_mm && b->centre_mm && (*a->centre_mm)[2] > (*b->centre_mm)[2]; });
    for (std::size_t i = 0; i < open.size(); ++i)
      if (may_be_same(*open[i]->truth, *said[i])) take(*open[i], std::find(left_.begin(), left_.end(), said[i]));
  }

  VertebraMatch match_;
  std::vector<const VertebraReading*> left_;
};

}  // namespace

VertebraMatch match_vertebrae(const PatientReading& truth, const PatientReading& said, const std::string& modality) {
  return Matcher(truth, said, modality).run();
}

}  // namespace cemscope::evaluation
