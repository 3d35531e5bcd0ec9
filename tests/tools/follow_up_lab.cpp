// Reads pairs of examinations once and compares them as often as the comparison changes.
//   follow_up_lab read    ct_ct|mr_mr|ct_mr FIRST LAST FOLDER   heights and pictures of each pair: FOLDER/ct_mr_19001.txt, ..._0.pgm
//   follow_up_lab compare ct_ct|mr_mr|ct_mr FIRST LAST FOLDER   a line per pair: truth, answer, reason, bodies
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <itkImageRegionConstIteratorWithIndex.h>

#include "imaging/ct_reading.h"
#include "imaging/followup/comparison.h"
#include "imaging/followup/time_point.h"
#include "imaging/phantom/mr_phantom.h"
#include "imaging/phantom/phantom.h"
#include "imaging/phantom/spine.h"
#include "tests/imaging/sweep/follow_up_pair.h"

namespace {

using namespace cemscope;
using namespace cemscope::imaging;
using followup::BodyHeights;
using followup::TimePoint;

/// A time point and the true level of each of its bodies, "-" where it is none.
struct Labelled {
  TimePoint point;
  std::vector<std::string> true_levels;
};

std::string nearest(const Point_mm& place, const std::vector<std::string>& levels, const std::vector<Point_mm>& centres) {
  for (std::size_t n = 0; n < levels.size(); ++n)
    if ((place - centres[n]).norm() < 12) return levels[n];
  return "-";
}

Labelled read_ct_point(const PhantomParameters& parameters, const std::vector<std::string>& named) {
  const auto patient = make_phantom(parameters);
  CtHints hints;
  hints.treated_levels = named;
  const auto reading = read_ct(patient.ct, hints, {});
  Labelled labelled{followup::time_point_of_ct(reading, patient.ct), {}};
  if (reading.bodies.image.IsNull()) return labelled;  // no spine
  std::vector<Point_mm> centres;
  for (const auto& frame : patient.truth.body_frames) centres.push_back(frame.centre_mm);
  std::vector<Point_mm> sums(static_cast<std::size_t>(reading.n_bodies), Point_mm(0, 0, 0));
  std::vector<double> counts(sums.size(), 0);
  itk::ImageRegionConstIteratorWithIndex<LabelImage> it(reading.bodies.image, reading.bodies.image->GetLargestPossibleRegion());
  for (; !it.IsAtEnd(); ++it)
    if (const int n = it.Get(); n > 0 && n <= reading.n_bodies) {
      LabelImage::PointType p;
      reading.bodies.image->TransformIndexToPhysicalPoint(it.GetIndex(), p);
      sums[static_cast<std::size_t>(n - 1)] += Point_mm(p[0], p[1], p[2]), counts[static_cast<std::size_t>(n - 1)] += 1;
    }
  for (std::size_t n = 0; n < sums.size(); ++n)
    labelled.true_levels.push_back(counts[n] > 0 ? nearest(sums[n] / counts[n], patient.truth.body_levels, centres) : "-");
  return labelled;
}

Labelled read_mr_point(const PhantomMrParameters& parameters, const std::vector<std::string>& treated) {
  const auto exam = make_mr_phantom(parameters);
  const auto reading = read_mr(exam.volume);
  Labelled labelled{followup::time_point_of_mr(reading, name_mr_levels(reading, {}), treated), {}};
  for (std::size_t n = 0; n < labelled.point.bodies.size(); ++n) {
    const auto& body = reading.bodies[n];
    const auto place = reading.stack.to_patient(body.centre_x, body.centre_row, body.centre_slice);
    std::string level = "-";
    for (std::size_t m = 0; m < exam.truth.body_levels.size(); ++m)
      if (const auto& c = exam.truth.body_centres_mm[m]; std::hypot(c.y() - place.y(), c.z() - place.z()) < 12)
        level = exam.truth.body_levels[m];
    labelled.true_levels.push_back(level);
  }
  return labelled;
}

void write_pgm(const std::string& path, const followup::SagittalView& view) {
  std::ofstream file(path, std::ios::binary);
  file << "P5\n" << view.grey.nx << " " << view.grey.ny << "\n255\n";
  for (int y = 0; y < view.grey.ny; ++y)
    for (int x = 0; x < view.grey.nx; ++x) {
      const int own = view.bodies.at(x, y, 0);
      const bool is_edge = view.bodies.contains(x, y + 1, 0) && own != view.bodies.at(x, y + 1, 0);
      file.put(static_cast<char>(is_edge ? 255 : static_cast<int>(std::lround(230 * view.grey.at(x, y, 0)))));
    }
}

void write_point(std::ofstream& file, const Labelled& labelled) {
  file << labelled.point.modality << " " << labelled.point.bodies.size() << "\n";
  const auto number = [](const std::optional<double>& value) { return value.value_or(-1); };
  for (std::size_t n = 0; n < labelled.point.bodies.size(); ++n) {
    const auto& b = labelled.point.bodies[n];
    file << (b.level.empty() ? "-" : b.level) << " " << labelled.true_levels[n] << " " << number(b.anterior_mm) << " "
         << number(b.middle_mm) << " " << number(b.posterior_mm) << " " << b.is_cut << " " << b.is_at_end << " " << b.is_treated << " "
         << (b.has_oedema ? static_cast<int>(*b.has_oedema) : -1) << "\n";
  }
}

Labelled read_point(std::ifstream& file) {
  Labelled labelled;
  std::size_t n = 0;
  file >> labelled.point.modality >> n;
  for (std::size_t k = 0; k < n; ++k) {
    BodyHeights b;
    std::string level, truth;
    double a = 0, m = 0, p = 0;
    int oedema = 0;
    file >> level >> truth >> a >> m >> p >> b.is_cut >> b.is_at_end >> b.is_treated >> oedema;
    if (level != "-") b.level = level;
    if (a > -1) b.anterior_mm = a;
    if (m > -1) b.middle_mm = m;
    if (p > -1) b.posterior_mm = p;
    if (oedema >= 0) b.has_oedema = oedema > 0;
    labelled.point.bodies.push_back(b), labelled.true_levels.push_back(truth);
  }
  return labelled;
}

std::string path_of(const std::string& folder, const std::string& kind, unsigned seed) {
  return folder + "/" + kind + "_" + std::to_string(seed);
}

void read(const FollowUpPair& pair, const std::string& path) {
  const bool is_first_ct = pair.kind != PairKind::mr_mr, is_second_ct = pair.kind == PairKind::ct_ct;
  const auto first = is_first_ct ? read_ct_point(pair.ct_before, pair.named_before) : read_mr_point(pair.mr_before, pair.treated_levels);
  const auto second = is_second_ct ? read_ct_point(pair.ct_after, pair.named_after) : read_mr_point(pair.mr_after, pair.treated_levels);
  std::ofstream file(path + ".txt");
  write_point(file, first), write_point(file, second);
  write_pgm(path + "_0.pgm", first.point.view), write_pgm(path + "_1.pgm", second.point.view);
}

void print_bodies(const char* what, const Labelled& labelled, const std::vector<phantom::Vertebra>& spine) {
  for (std::size_t n = 0; n < labelled.point.bodies.size(); ++n) {
    const auto& b = labelled.point.bodies[n];
    std::printf("   %s %2zu %-4s true %-4s %5.1f %5.1f %5.1f", what, n, b.level.c_str(), labelled.true_levels[n].c_str(),
                b.anterior_mm.value_or(-1), b.middle_mm.value_or(-1), b.posterior_mm.value_or(-1));
    if (labelled.true_levels[n] != "-") {
      const auto h = heights_of(spine[static_cast<std::size_t>(phantom::level_index(labelled.true_levels[n]))]);
      std::printf("  of %5.1f %5.1f %5.1f", h[0], h[1], h[2]);
    }
    std::printf("%s%s%s\n",
                b.is_cut      ? " cut"
                : b.is_at_end ? " end"
                              : "",
                b.is_treated ? " treated" : "", b.has_oedema.value_or(false) ? " oedema" : "");
  }
}

void compare_pair(const FollowUpPair& pair, unsigned seed, const std::string& path, std::map<std::string, int>& tally) {
  std::ifstream file(path + ".txt");
  if (!file) return;
  const auto first = read_point(file), second = read_point(file);
  const auto comparison = followup::compare(first.point, second.point, {});
  const auto& finding = comparison.adjacent_fracture;
  const bool is_clear = pair.loss_fraction >= 0.25 && pair.loss_mm >= 5, is_intact = pair.loss_fraction <= 0.10;
  const char* truth = is_clear ? "fracture" : is_intact ? "intact" : "between";
  const char* answer = finding.answer == Answer::yes ? "yes" : finding.answer == Answer::no ? "no" : "n/a";
  const bool is_refused = finding.answer == Answer::not_assessable;
  bool is_mismatched = false;
  for (const auto& change : comparison.changes) {
    const auto &one = first.true_levels[static_cast<std::size_t>(change.baseline)],
               &other = second.true_levels[static_cast<std::size_t>(change.followup)];
    is_mismatched = is_mismatched || (one != "-" && other != "-" && one != other);
  }
  if (is_mismatched) std::printf("MISMATCHED "), ++tally["levels mismatched"];
  ++tally[std::string(truth) + " " + answer + " " + finding.reason];
  const bool is_wrong = (is_clear && finding.answer == Answer::no) || (is_intact && finding.answer == Answer::yes);
  std::printf("%u %s %s %s %s loss %.2f %.1f mm %s%s scale %.3f treated", seed,
              is_wrong     ? "WRONG"
              : is_refused ? "REFUSED"
                           : "ok",
              truth, answer, finding.reason.c_str(), pair.loss_fraction, pair.loss_mm, pair.collapsed_level.c_str(),
              pair.has_new_oedema ? "+oedema" : "", comparison.scale);
  for (const auto& level : pair.treated_levels) std::printf(" %s", level.c_str());
  std::printf("\n");
  if (!is_wrong && !is_refused && std::getenv("ALL") == nullptr) return;
  const phantom::NoiseTexture texture(pair.ct_before.seed);
  print_bodies("1st", first, make_spine(pair.ct_before, texture).vertebrae);
  print_bodies("2nd", second, make_spine(pair.ct_after, texture).vertebrae);
  for (const auto& change : comparison.changes) {
    std::printf("   %d-%d %s%s losses %.2f %.2f %.2f %s %s\n", change.baseline, change.followup, change.is_adjacent ? "adjacent" : "",
                change.has_new_oedema ? " oedema" : "", change.losses[0].value_or(-9), change.losses[1].value_or(-9),
                change.losses[2].value_or(-9),
                change.fracture.answer == Answer::yes  ? "yes"
                : change.fracture.answer == Answer::no ? "no"
                                                       : "n/a",
                change.fracture.reason.c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return std::fputs("usage: follow_up_lab read|compare ct_ct|mr_mr|ct_mr FIRST LAST FOLDER\n", stderr), 2;
  const std::string mode = argv[1], kind_name = argv[2], folder = argv[5];
  const auto kind = kind_name == "ct_ct" ? PairKind::ct_ct : kind_name == "mr_mr" ? PairKind::mr_mr : PairKind::ct_mr;
  std::filesystem::create_directories(folder);
  std::map<std::string, int> tally;
  for (auto seed = static_cast<unsigned>(std::stoul(argv[3])); seed <= std::stoul(argv[4]); ++seed) {
    const auto pair = draw_follow_up_pair(seed, kind);
    if (mode == "read")
      read(pair, path_of(folder, kind_name, seed));
    else
      compare_pair(pair, seed, path_of(folder, kind_name, seed), tally);
  }
  for (const auto& [what, n] : tally) std::printf("%4d %s\n", n, what.c_str());
  return 0;
}
