// Readings of CT scans against their truth; failures on stderr.
//   ct_lab phantoms FIRST LAST       random phantoms by seed
//   ct_lab warped FOLDER FIRST LAST  scans that warp_cohort.py --raw wrote
// With --outlying last, a table of the cement outside the bodies on stdout, too, from which fit_outlying.py fits: a line for each treated
// vertebra that was found and one for each outlying part of it.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <mutex>

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

/// One line for each outlying part of a treated vertebra: name, whether it leaks (2: borderline), mm3 of the part that truly leaked and
/// that lie in the body, then its signs.
void tabulate_outlying(const TreatedVertebra& v, const PhantomVertebraTruth& truth, const std::vector<std::uint8_t>& zones,
                       double voxel_mm3, const std::string& name) {
  const auto is_leak = [](std::uint8_t zone) {
    return zone > static_cast<int>(CementZone::body) && zone != static_cast<int>(CementZone::needle_tract);
  };
  for (const auto& p : v.outlying) {
    double leaked = 0, own = 0;
    for (std::size_t q : p.voxels)
      leaked += is_leak(zones[q]) * voxel_mm3, own += (zones[q] == static_cast<int>(CementZone::body)) * voxel_mm3;
    std::printf("%s:%s,%d,%.1f,%.1f", name.c_str(), truth.level.c_str(), truth.leakage_borderline ? 2 : truth.leakage ? 1 : 0, leaked, own);
    for (double sign : {p.outside_mm3, p.certain_mm3, p.sure_mm3, p.beyond_mm, p.way_mm, p.body_odds, p.neck, p.gap_mm, p.tract})
      std::printf(",%.3f", sign);
    std::printf("\n");
  }
}

void tabulate_outlying(const CtReading& reading, const std::vector<PhantomVertebraTruth>& truths, const std::vector<std::uint8_t>& zones,
                       const CtVolume& scan, const std::string& name) {
  static std::mutex one_at_a_time;
  const std::scoped_lock lock(one_at_a_time);
  const auto s = scan.image->GetSpacing();
  for (const auto& v : reading.treated)
    for (const auto& truth : truths)
      if ((*v.measurement.centre_mm - truth.frame.centre_mm).norm() < kSameVertebra_mm) {
        std::printf("%s:%s,%d,-1,-1\n", name.c_str(), truth.level.c_str(), truth.leakage_borderline ? 2 : truth.leakage ? 1 : 0);
        tabulate_outlying(v, truth, zones, s[0] * s[1] * s[2], name);
      }
}

/// A scan and what is true of it.
struct Case {
  std::string name;
  CtVolume scan;
  LabelMask bodies;
  std::vector<std::uint8_t> zones;  ///< CementZone of each voxel; empty where the scan's axes are not the patient's
  std::vector<PhantomVertebraTruth> truths;
};

CtAgreement compare(const Case& patient, bool is_tabulating) {
  const auto& [name, scan, bodies, zones, truths] = patient;
  const auto reading = read_ct(scan, {}, {});
  if (is_tabulating && !zones.empty()) tabulate_outlying(reading, truths, zones, scan, name);
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

Case phantom_case(unsigned seed) {
  const auto patient = make_phantom(draw_phantom_parameters(seed));
  Case out{std::to_string(seed), patient.ct, patient.bodies, {}, patient.truth.vertebrae};
  if (patient.ct.image->GetDirection() == HuImage::DirectionType::GetIdentity()) {
    const auto* first = patient.cement.image->GetBufferPointer();
    out.zones.assign(first, first + patient.cement.image->GetLargestPossibleRegion().GetNumberOfPixels());
  }
  return out;
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

std::optional<Case> warped_case(const std::filesystem::path& folder, const nlohmann::json& truths, unsigned long seed) {
  char name[16];
  std::snprintf(name, sizeof name, "WARP%05lu", seed);
  if (!truths.contains(name)) return {};
  auto scan = tools::read_raw((folder / (std::string(name) + ".raw")).c_str());
  Case out{name, scan.volume, tools::bodies_of(scan), std::move(scan.cement), {}};
  for (const auto& v : truths[name]["vertebrae"]) out.truths.push_back(truth_of(v, scan));
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const bool is_tabulating = argc > 1 && std::string(argv[argc - 1]) == "--outlying";
  argc -= is_tabulating;
  const std::string mode = argc > 1 ? argv[1] : "";
  const bool is_warped = mode == "warped" && argc == 5;
  if (!is_warped && !(mode == "phantoms" && argc == 4))
    return std::fputs("usage: ct_lab phantoms FIRST LAST | warped FOLDER FIRST LAST, then --outlying   (see tests/tools/README.md)\n",
                      stderr),
           2;
  const unsigned long first = std::stoul(argv[argc - 2]), last = std::stoul(argv[argc - 1]);
  nlohmann::json truths;
  if (is_warped) std::ifstream(std::filesystem::path(argv[2]) / "truth.json") >> truths;
  std::vector<CtAgreement> each(last - first + 1);
  parallel_for(static_cast<int>(each.size()), kThreads, [&](int n) {
    const unsigned long seed = first + static_cast<unsigned long>(n);
    if (const auto patient = is_warped ? warped_case(argv[2], truths, seed) : phantom_case(static_cast<unsigned>(seed)))
      each[static_cast<std::size_t>(n)] = compare(*patient, is_tabulating);
  });
  CtAgreement all;
  for (const auto& one : each) all.add(one);
  print(all);
  return 0;
}
