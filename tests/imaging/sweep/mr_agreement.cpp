#include "tests/imaging/sweep/mr_agreement.h"

#include <cstdio>

#include <algorithm>
#include <cmath>
#include <utility>

namespace cemscope::imaging {
namespace {

constexpr double kSameBody_mm = 14;

bool is_same_body(const Point_mm& p, const Point_mm& q) { return std::hypot(p.y() - q.y(), p.z() - q.z()) < kSameBody_mm; }

bool contains(const std::vector<std::string>& levels, const std::string& level) {
  return std::find(levels.begin(), levels.end(), level) != levels.end();
}

Point_mm centre_of(const MrReading& reading, int n) {
  const auto& body = reading.bodies[static_cast<std::size_t>(n)];
  return reading.stack.to_patient(body.centre_x, body.centre_row, body.centre_slice);
}

void compare_injury(const MrReading& reading, const PhantomMrParameters& p, const PhantomMrTruth& truth, MrAgreement& a) {
  const auto& injury = reading.injury;
  const bool is_refused = injury.finding.answer == Answer::not_assessable;
  if (truth.suppression_failed) return a.refusal.add(is_refused);
  if (truth.is_borderline) return;
  if (!p.subcutaneous.empty() && !truth.soft_tissue_injury) a.subcutaneous.add(injury.finding.answer != Answer::yes);
  if (is_refused) {
    ++a.not_assessable;
    return;
  }
  const bool is_yes = injury.finding.answer == Answer::yes;
  a.injury.add(is_yes == truth.soft_tissue_injury);
  if (is_yes && truth.soft_tissue_injury)
    a.length.add(std::abs(*injury.length_mm - truth.length_mm) <= std::max(10.0, 0.2 * truth.length_mm));
}

// Above the phantom's highest body, T6, there is nothing to read.
void compare_acute(const MrReading& reading, const PhantomMrTruth& truth, MrAgreement& a) {
  std::vector<Point_mm> found;
  for (const int n : reading.acute_bodies) found.push_back(centre_of(reading, n));
  std::vector<Point_mm> fresh;
  for (std::size_t n = 0; n < truth.body_levels.size(); ++n) {
    if (!contains(truth.acute_levels, truth.body_levels[n])) continue;
    fresh.push_back(truth.body_centres_mm[n]);
    a.acute.add(std::any_of(found.begin(), found.end(), [&](const Point_mm& p) { return is_same_body(p, fresh.back()); }));
  }
  const bool has_top = !truth.body_levels.empty() && truth.body_levels.front() == "T6";
  for (const Point_mm& p : found) {
    const bool is_beyond = has_top && p.z() > truth.body_centres_mm.front().z() + kSameBody_mm;
    const bool is_fresh = std::any_of(fresh.begin(), fresh.end(), [&](const Point_mm& q) { return is_same_body(p, q); });
    a.acute_invented += !is_beyond && !is_fresh;
  }
}

void compare_clefts(const MrReading& reading, const PhantomMrParameters& p, const PhantomMrTruth& truth, MrAgreement& a) {
  for (const int body : reading.acute_bodies)
    for (std::size_t n = 0; n < truth.body_levels.size(); ++n) {
      const auto& level = truth.body_levels[n];
      if (!is_same_body(centre_of(reading, body), truth.body_centres_mm[n]) || !contains(truth.acute_levels, level)) continue;
      const bool is_said = std::any_of(reading.clefts.begin(), reading.clefts.end(), [&](const auto& cleft) { return cleft.body == body; });
      const bool is_true =
          std::any_of(p.findings.clefts.begin(), p.findings.clefts.end(), [&](const auto& cleft) { return cleft.level == level; });
      is_true ? a.cleft.add(is_said) : a.no_cleft.add(!is_said);
    }
}

}  // namespace

void MrAgreement::add(const MrAgreement& other) {
  for (auto [mine, theirs] : {std::pair{&injury, &other.injury},
                              {&subcutaneous, &other.subcutaneous},
                              {&length, &other.length},
                              {&acute, &other.acute},
                              {&refusal, &other.refusal},
                              {&cleft, &other.cleft},
                              {&no_cleft, &other.no_cleft}})
    mine->add(*theirs);
  not_assessable += other.not_assessable, acute_invented += other.acute_invented, seconds = std::max(seconds, other.seconds);
}

bool MrAgreement::is_all_right() const {
  const auto is_right = [](const Share& share) { return share.right == share.of; };
  return is_right(injury) && is_right(length) && is_right(acute) && is_right(refusal) && not_assessable == 0 && acute_invented == 0;
}

MrAgreement agreement_of(const MrReading& reading, const PhantomMrParameters& parameters, const PhantomMrTruth& truth) {
  MrAgreement a;
  compare_injury(reading, parameters, truth, a);
  if (truth.suppression_failed) return a;
  compare_acute(reading, truth, a);
  compare_clefts(reading, parameters, truth, a);
  return a;
}

void print(const MrAgreement& a) {
  print_share("soft-tissue injury yes/no, of those judged", a.injury, "97 %");
  std::printf("%-46s %d\n", "not assessable though suppressed", a.not_assessable);
  print_share("no false alarm from subcutaneous oedema", a.subcutaneous, "100 %");
  print_share("length within 10 mm or 20 %", a.length, "all");
  print_share("acute level found", a.acute, "97 %");
  std::printf("%-46s %d   target 0\n", "acute level invented", a.acute_invented);
  print_share("failed suppression refused", a.refusal, "all");
  print_share("fluid cleft said", a.cleft, "-");
  print_share("no cleft where there is none", a.no_cleft, "-");
  if (a.seconds > 0) std::printf("%-46s %.2f s   target 4 s\n", "slowest reading, two at a time", a.seconds);
}

}  // namespace cemscope::imaging
