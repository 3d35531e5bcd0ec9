// Readings of CT scans against their truth; failures on stderr.
//   ct_lab phantoms FIRST LAST       random phantoms by seed
//   ct_lab warped FOLDER FIRST LAST  scans that warp_cohort.py --raw wrote
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "imaging/parallel.h"
#include "labelled_scan.h"
#include "tests/imaging/sweep/ct_agreement.h"

namespace {

using namespace cemscope;
using namespace cemscope::imaging;

constexpr int kThreads = 2;
constexpr double kBodyOff = 0.7, kVolumeOff = 0.1;  // Dice of a body, share of a volume: told, though no finding is wrong

std::string leaks_of(const PhantomVertebraTruth& truth) {
  std::string text = truth.level + (truth.leakage_borderline ? " (borderline)" : "") + ":";
  for (const auto& [zone, ml] : truth.leaks_ml) text += " " + to_string(zone) + " " + std::to_string(ml).substr(0, 5);
  return text;
}

std::string said_of(const VertebraMeasurement& m) {
  std::string text = m.leakage.answer == Answer::yes ? "yes" : m.leakage.answer == Answer::no ? "no" : "n/a";
  char zones[200];
  std::snprintf(zones, sizeof zones, " %.2f (disc %.2f canal %.2f foramen %.2f side %.2f vein %.2f)", m.leakage.confidence,
                m.leak_disc_ml.value_or(0), m.leak_canal_ml.value_or(0), m.leak_foramen_ml.value_or(0), m.leak_paravertebral_ml.value_or(0),
                m.leak_vascular_ml.value_or(0));
  return text + zones;
}

CtAgreement compare(const CtVolume& scan, const LabelMask& bodies, const std::vector<PhantomVertebraTruth>& truths,
                    const std::string& name) {
  const auto reading = read_ct(scan, {}, {});
  auto a = agreement_of(reading, truths);
  if (!reading.treated.empty() && scan.image->GetDirection() == HuImage::DirectionType::GetIdentity())
    a.body_dice = body_dice(reading, bodies);
  const double worst_body = a.body_dice.empty() ? 1 : *std::min_element(a.body_dice.begin(), a.body_dice.end()),
               worst_volume = a.volume_error.empty() ? 0 : *std::max_element(a.volume_error.begin(), a.volume_error.end());
  const bool is_body_off = worst_body < kBodyOff, is_volume_off = worst_volume > kVolumeOff;
  if (a.is_all_right() && !is_body_off && !is_volume_off) return a;
  std::string line = name;
  if (is_body_off) line += " BODY " + std::to_string(worst_body).substr(0, 4);
  if (is_volume_off) line += " VOLUME " + std::to_string(worst_volume).substr(0, 4);
  const auto flag = [&](const char* what, const Share& share) { line += share.right < share.of ? std::string(" ") + what : ""; };
  flag("MISSED", a.found), flag("LEAKAGE", a.leakage), flag("ZONE", a.zone), flag("MIDLINE", a.midline),
      flag("DISTRIBUTION", a.distribution);
  if (a.invented > 0) line += " INVENTED";
  for (const auto& truth : truths) line += " | " + leaks_of(truth);
  for (const auto& v : reading.treated) line += " | said " + said_of(v.measurement);
  std::fprintf(stderr, "%s\n", line.c_str());
  return a;
}

CtAgreement of_phantom(unsigned seed) {
  const auto patient = make_phantom(draw_phantom_parameters(seed));
  return compare(patient.ct, patient.bodies, patient.truth.vertebrae, std::to_string(seed));
}

Point_mm middle_of(const tools::LabelledScan& scan, int number) {
  const VolumeView view = view_of(scan.volume);
  Point_mm sum(0, 0, 0);
  double n = 0;
  for (int k = 0; k < view.size[2]; ++k)
    for (int j = 0; j < view.size[1]; ++j)
      for (int i = 0; i < view.size[0]; ++i)
        if (scan.bodies[view.index(i, j, k)] == number)
          sum += Point_mm(i * view.spacing_mm[0], j * view.spacing_mm[1], k * view.spacing_mm[2]), ++n;
  return sum / std::max(1.0, n);
}

/// T1 is 8, L1 is 20.
int number_of(const std::string& level) { return std::stoi(level.substr(1)) + (level[0] == 'T' ? 7 : 19); }

PhantomVertebraTruth truth_of(const nlohmann::json& v, const tools::LabelledScan& scan) {
  PhantomVertebraTruth truth;
  truth.level = v["level"];
  truth.cement_ml = v["cement_ml"];
  truth.leakage = v["leakage"], truth.leakage_borderline = v["leakage_borderline"];
  for (const auto& [zone, ml] : v["leaks"].items())
    for (int z = 1; z <= kNCementZones; ++z)
      if (to_string(static_cast<CementZone>(z)) == zone) truth.leaks_ml[static_cast<CementZone>(z)] = ml;
  truth.midline_crossed = v["midline_crossed"], truth.midline_borderline = v["midline_borderline"];
  truth.satisfactory = v["distribution"] == "satisfactory", truth.distribution_borderline = v["distribution_borderline"];
  truth.frame.centre_mm = middle_of(scan, number_of(truth.level));
  return truth;
}

CtAgreement of_warped(const std::filesystem::path& folder, const nlohmann::json& truths, unsigned long seed) {
  char name[16];
  std::snprintf(name, sizeof name, "WARP%05lu", seed);
  if (!truths.contains(name)) return {};
  const auto scan = tools::read_raw((folder / (std::string(name) + ".raw")).c_str());
  std::vector<PhantomVertebraTruth> vertebrae;
  for (const auto& v : truths[name]["vertebrae"]) vertebrae.push_back(truth_of(v, scan));
  return compare(scan.volume, tools::bodies_of(scan), vertebrae, name);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  const bool is_warped = mode == "warped" && argc == 5;
  if (!is_warped && !(mode == "phantoms" && argc == 4))
    return std::fputs("usage: ct_lab phantoms FIRST LAST | warped FOLDER FIRST LAST   (see tests/tools/README.md)\n", stderr), 2;
  const unsigned long first = std::stoul(argv[argc - 2]), last = std::stoul(argv[argc - 1]);
  nlohmann::json truths;
  if (is_warped) std::ifstream(std::filesystem::path(argv[2]) / "truth.json") >> truths;
  std::vector<CtAgreement> each(last - first + 1);
  parallel_for(static_cast<int>(each.size()), kThreads, [&](int n) {
    const unsigned long seed = first + static_cast<unsigned long>(n);
    each[static_cast<std::size_t>(n)] = is_warped ? of_warped(argv[2], truths, seed) : of_phantom(static_cast<unsigned>(seed));
  });
  CtAgreement all;
  for (const auto& one : each) all.add(one);
  print(all);
  return 0;
}
