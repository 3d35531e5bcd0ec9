#include <chrono>
#include <cmath>
#include <cstdio>

#include <gtest/gtest.h>

#include "imaging/mri/mr_reading.h"
#include "imaging/parallel.h"
#include "imaging/phantom/mr_phantom.h"
#include "tests/imaging/sweep/share.h"

namespace cemscope::imaging {
namespace {

// No threshold was chosen on the first hundred, whose failures have been looked at since; the hard eighty were run once before the check for metal
// was added.
constexpr unsigned kFirstSeed = 6001, kFirstHardSeed = 8101;
constexpr int kExaminations = 100, kHardExaminations = 80, kThreads = 2;
constexpr double kSameBody_mm = 14;

struct Agreement {
  Share injury, subcutaneous, length, acute, refusal;
  int not_assessable = 0, acute_invented = 0;
  double seconds = 0;

  void add(const Agreement& other) {
    for (auto [mine, theirs] : {std::pair{&injury, &other.injury},
                                {&subcutaneous, &other.subcutaneous},
                                {&length, &other.length},
                                {&acute, &other.acute},
                                {&refusal, &other.refusal}})
      mine->add(*theirs);
    not_assessable += other.not_assessable, acute_invented += other.acute_invented, seconds = std::max(seconds, other.seconds);
  }
};

void compare_injury(const MrReading& reading, const PhantomMrParameters& p, const PhantomMrTruth& truth, Agreement& a) {
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

// Only bodies that lie wholly in the field are asked for; above the phantom's highest body, T6, there is nothing to read.
void compare_acute(const MrReading& reading, const PhantomMrTruth& truth, Agreement& a) {
  if (truth.suppression_failed) return;
  std::vector<Point_mm> found;
  for (const int n : reading.acute_bodies) {
    const auto& body = reading.bodies[static_cast<std::size_t>(n)];
    found.push_back(reading.stack.to_patient(body.centre_x, body.centre_row, body.centre_slice));
  }
  const auto is_near = [](const Point_mm& p, const Point_mm& q) { return std::hypot(p.y() - q.y(), p.z() - q.z()) < kSameBody_mm; };
  std::vector<Point_mm> fresh;
  for (std::size_t n = 0; n < truth.body_levels.size(); ++n) {
    if (std::find(truth.acute_levels.begin(), truth.acute_levels.end(), truth.body_levels[n]) == truth.acute_levels.end()) continue;
    fresh.push_back(truth.body_centres_mm[n]);
    a.acute.add(std::any_of(found.begin(), found.end(), [&](const Point_mm& p) { return is_near(p, fresh.back()); }));
  }
  const bool has_top = truth.body_levels.front() == "T6";
  for (const Point_mm& p : found) {
    const bool is_beyond = has_top && p.z() > truth.body_centres_mm.front().z() + kSameBody_mm;
    const bool is_fresh = std::any_of(fresh.begin(), fresh.end(), [&](const Point_mm& q) { return is_near(p, q); });
    a.acute_invented += !is_beyond && !is_fresh;
  }
}

Agreement compare(const PhantomMrParameters& parameters) {
  const auto exam = make_mr_phantom(parameters);
  const auto start = std::chrono::steady_clock::now();
  const auto reading = read_mr(exam.volume);
  Agreement a;
  a.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  compare_injury(reading, parameters, exam.truth, a);
  compare_acute(reading, exam.truth, a);
  return a;
}

void print(const Agreement& a) {
  print_share("soft-tissue injury yes/no, of those judged", a.injury, "97 %");
  std::printf("%-46s %d\n", "not assessable though suppressed", a.not_assessable);
  print_share("no false alarm from subcutaneous oedema", a.subcutaneous, "100 %");
  print_share("length within 10 mm or 20 %", a.length, "all");
  print_share("acute level found", a.acute, "97 %");
  std::printf("%-46s %d   target 0\n", "acute level invented", a.acute_invented);
  print_share("failed suppression refused", a.refusal, "all");
  std::printf("%-46s %.2f s   target 4 s\n", "slowest reading, two at a time", a.seconds);
}

using Draw = PhantomMrParameters(std::uint64_t);

Agreement sweep(Draw* draw, unsigned first_seed, int n_examinations) {
  std::vector<Agreement> each(static_cast<std::size_t>(n_examinations));
  parallel_for(n_examinations, kThreads,
               [&](int n) { each[static_cast<std::size_t>(n)] = compare(draw(first_seed + static_cast<unsigned>(n))); });
  Agreement all;
  for (const auto& one : each) all.add(one);
  print(all);
  return all;
}

// The table shows how far each figure is from its target. Asserted are floors, so that no change makes the reading worse unseen.
TEST(MrSweep, ARandomHundredExaminations) {
  const auto all = sweep(draw_mr_parameters, kFirstSeed, kExaminations);
  EXPECT_GE(all.injury.value(), 0.96);
  EXPECT_LE(all.not_assessable, 12);
  EXPECT_GE(all.subcutaneous.value(), 0.95);
  EXPECT_GE(all.length.value(), 0.85);
  EXPECT_GE(all.acute.value(), 0.96);
  EXPECT_LE(all.acute_invented, 3);
  EXPECT_GE(all.refusal.value(), 0.99);
  EXPECT_LE(all.seconds, 4.0);
}

// With clefts, haemangiomas, worn discs, veins, metal, atrophied muscle, stacks off the midline, the skin at the border.
TEST(MrSweep, EightyHardExaminations) {
  const auto all = sweep(draw_hard_mr_parameters, kFirstHardSeed, kHardExaminations);
  EXPECT_GE(all.injury.value(), 0.95);
  EXPECT_LE(all.not_assessable, 12);
  EXPECT_GE(all.subcutaneous.value(), 0.95);
  EXPECT_GE(all.length.value(), 0.85);
  EXPECT_GE(all.acute.value(), 0.92);
  EXPECT_LE(all.acute_invented, 16);
  EXPECT_GE(all.refusal.value(), 0.75);
}

}  // namespace
}  // namespace cemscope::imaging
