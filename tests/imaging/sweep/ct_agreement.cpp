#include "tests/imaging/sweep/ct_agreement.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cemscope::imaging {
namespace {

constexpr double kLeakZone_ml = 0.05;

double zone_ml(const VertebraMeasurement& m, CementZone zone) {
  switch (zone) {
    case CementZone::paravertebral: return m.leak_paravertebral_ml.value_or(0);
    case CementZone::disc: return m.leak_disc_ml.value_or(0);
    case CementZone::canal: return m.leak_canal_ml.value_or(0);
    case CementZone::foramen: return m.leak_foramen_ml.value_or(0);
    case CementZone::vascular: return m.leak_vascular_ml.value_or(0);
    default: return 0;
  }
}

void compare_findings(const VertebraMeasurement& m, const PhantomVertebraTruth& truth, CtAgreement& a) {
  a.volume_error.push_back(std::abs(*m.cement_ml / truth.cement_ml - 1));
  double leak_ml = 0;
  for (const auto& [zone, ml] : truth.leaks_ml) {
    leak_ml += ml;
    if (ml >= kLeakZone_ml) a.zone.add(zone_ml(m, zone) > 0);
  }
  a.leak_error_ml.push_back(std::abs(m.leak_ml.value_or(0) - leak_ml));
  if (truth.height_anterior_mm > 0 && m.height_anterior_mm)
    for (const auto& [mine, theirs] : {std::pair{m.height_anterior_mm, truth.height_anterior_mm},
                                       {m.height_middle_mm, truth.height_middle_mm},
                                       {m.height_posterior_mm, truth.height_posterior_mm}})
      a.height_error_mm.push_back(std::abs(*mine - theirs));
  const bool is_leakage_right = m.leakage.answer == (truth.leakage ? Answer::yes : Answer::no);
  if (!truth.leakage_borderline) {
    a.leakage.add(is_leakage_right);
    if (m.leakage.confidence >= 0.9) a.confident.add(is_leakage_right);
  }
  if (!truth.midline_borderline) {
    const bool is_right = m.midline_crossed.answer == (truth.midline_crossed ? Answer::yes : Answer::no);
    a.midline.add(is_right);
    if (m.midline_crossed.confidence >= 0.9) a.confident.add(is_right);
  }
  if (truth.distribution_borderline) return;
  const bool is_right = m.distribution == (truth.satisfactory ? Distribution::satisfactory : Distribution::unsatisfactory);
  a.distribution.add(is_right);
  if (m.distribution_confidence >= 0.9) a.confident.add(is_right);
}

/// visit(label, index in the whole scan) for every voxel of a label image that was cropped to `region`.
template <typename Visit>
void for_each_voxel(const LabelMask& cropped, const Region& region, const LabelImage::SizeType& size, Visit visit) {
  const std::uint8_t* label = cropped.image->GetBufferPointer();
  for (int k = 0; k < region.size[2]; ++k)
    for (int j = 0; j < region.size[1]; ++j)
      for (int i = 0; i < region.size[0]; ++i)
        visit(*label++, ((static_cast<std::size_t>(k) + region.start[2]) * size[1] + j + region.start[1]) * size[0] + i + region.start[0]);
}

}  // namespace

void CtAgreement::add(const CtAgreement& other) {
  for (auto [mine, theirs] : {std::pair{&found, &other.found},
                              {&leakage, &other.leakage},
                              {&zone, &other.zone},
                              {&midline, &other.midline},
                              {&distribution, &other.distribution},
                              {&confident, &other.confident}})
    mine->add(*theirs);
  invented += other.invented;
  for (auto [mine, theirs] : {std::pair{&volume_error, &other.volume_error},
                              {&leak_error_ml, &other.leak_error_ml},
                              {&dice, &other.dice},
                              {&height_error_mm, &other.height_error_mm},
                              {&body_dice, &other.body_dice}})
    mine->insert(mine->end(), theirs->begin(), theirs->end());
}

bool CtAgreement::is_all_right() const {
  return invented == 0 && found.right == found.of && leakage.right == leakage.of && zone.right == zone.of && midline.right == midline.of &&
         distribution.right == distribution.of;
}

CtAgreement agreement_of(const CtReading& reading, const std::vector<PhantomVertebraTruth>& truths) {
  CtAgreement a;
  std::vector<bool> is_taken(reading.treated.size());
  for (const auto& truth : truths) {
    std::size_t best = reading.treated.size();
    double nearest = kSameVertebra_mm;
    for (std::size_t q = 0; q < reading.treated.size(); ++q)
      if (const double d = (*reading.treated[q].measurement.centre_mm - truth.frame.centre_mm).norm(); d < nearest) nearest = d, best = q;
    a.found.add(best < reading.treated.size());
    if (best == reading.treated.size()) continue;
    is_taken[best] = true;
    compare_findings(reading.treated[best].measurement, truth, a);
  }
  a.invented = static_cast<int>(std::count(is_taken.begin(), is_taken.end(), false));
  return a;
}

double cement_dice(const CtReading& reading, const LabelMask& cement) {
  const auto size = cement.image->GetLargestPossibleRegion().GetSize();
  const std::uint8_t* truth = cement.image->GetBufferPointer();
  std::size_t both = 0, sum = 0;
  for (std::size_t q = 0; q < size[0] * size[1] * size[2]; ++q) sum += truth[q] != 0;
  for_each_voxel(reading.cement, reading.region, size,
                 [&](std::uint8_t mine, std::size_t q) { sum += mine != 0, both += mine != 0 && truth[q] != 0; });
  return sum > 0 ? 2.0 * static_cast<double>(both) / static_cast<double>(sum) : 1;
}

std::vector<double> body_dice(const CtReading& reading, const LabelMask& bodies) {
  constexpr int kBodies = 256;
  const auto size = bodies.image->GetLargestPossibleRegion().GetSize();
  const std::uint8_t* truth = bodies.image->GetBufferPointer();
  std::vector<std::size_t> n_truth(kBodies), n_ours(kBodies), both(static_cast<std::size_t>(kBodies) * kBodies);
  std::vector<bool> is_cut(kBodies);
  for (std::size_t q = 0, plane = size[0] * size[1]; q < plane * size[2]; ++q) {
    ++n_truth[truth[q]];
    if (q < plane || q >= plane * (size[2] - 1)) is_cut[truth[q]] = true;
  }
  for_each_voxel(reading.bodies, reading.region, size,
                 [&](std::uint8_t mine, std::size_t q) { ++n_ours[mine], ++both[static_cast<std::size_t>(truth[q]) * kBodies + mine]; });
  std::vector<double> out;
  for (std::size_t body = 1; body < kBodies; ++body) {
    const auto first = both.begin() + static_cast<std::ptrdiff_t>(body * kBodies) + 1, most = std::max_element(first, first + kBodies - 1);
    if (is_cut[body] || *most == 0) continue;
    const auto mine = static_cast<std::size_t>(most - first) + 1;
    out.push_back(2.0 * static_cast<double>(*most) / static_cast<double>(n_truth[body] + n_ours[mine]));
  }
  return out;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

double mean(const std::vector<double>& values) {
  return values.empty() ? 0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

void print(const CtAgreement& a) {
  print_share("treated vertebra found", a.found, "100 %");
  std::printf("%-46s %d   target 0\n", "treated vertebra invented", a.invented);
  if (!a.dice.empty())
    std::printf("%-46s median %.3f, worst %.3f   target 0.95, 0.90\n", "cement Dice", median(a.dice),
                *std::min_element(a.dice.begin(), a.dice.end()));
  std::printf("%-46s median %.3f, worst %.3f   target 0.92\n", "vertebral body Dice", median(a.body_dice),
              a.body_dice.empty() ? 0 : *std::min_element(a.body_dice.begin(), a.body_dice.end()));
  if (!a.height_error_mm.empty())
    std::printf("%-46s median %.1f mm, mean %.1f mm\n", "heights of treated bodies, error", median(a.height_error_mm),
                mean(a.height_error_mm));
  std::printf("%-46s median %.1f %%, worst %.1f %%   target 2 %%, 6-10 %%\n", "cement volume error", 100 * median(a.volume_error),
              a.volume_error.empty() ? 0 : 100 * *std::max_element(a.volume_error.begin(), a.volume_error.end()));
  print_share("leakage yes/no", a.leakage, "98 %");
  print_share("zone of each leak >= 0.05 mL", a.zone, "93 %");
  std::printf("%-46s %.3f mL   target 0.1 mL\n", "leak volume error, mean", mean(a.leak_error_ml));
  print_share("midline crossed", a.midline, "98 %");
  print_share("distribution", a.distribution, "95 %");
  print_share("right where confidence >= 0.9", a.confident, "99 %");
}

}  // namespace cemscope::imaging
