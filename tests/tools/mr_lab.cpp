// Readings of simulated MR examinations against their truth.
//   mr_lab score plain|hard FIRST LAST          the findings; failures on stderr
//   mr_lab draw  plain|hard FIRST LAST FOLDER   mr.png of those that fail, the truth in the footer
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "imaging/mri/mr_levels.h"
#include "imaging/phantom/mr_phantom.h"
#include "src/report/mr_picture.h"
#include "tests/imaging/sweep/mr_agreement.h"

namespace {

using namespace cemscope;
using namespace cemscope::imaging;

const char* word(Answer answer) { return answer == Answer::yes ? "yes" : answer == Answer::no ? "no" : "n/a"; }

std::string strips(const char* what, const std::vector<PhantomFluidStrip>& all) {
  std::string text;
  char line[120];
  for (const auto& s : all) {
    std::snprintf(line, sizeof line, " %s %s %+.0f: %.0fx%.1f gap %.1f x %.0f+-%.0f s %.2f", what, s.level.c_str(), s.shift_mm, s.length_mm,
                  s.thickness_mm, s.gap_mm, s.centre_x_mm, s.half_width_mm, s.s);
    text += line;
  }
  return text;
}

std::string truth_of(const PhantomMrParameters& p, const PhantomMrTruth& truth) {
  std::string text = truth.soft_tissue_injury ? "injury" : "no injury";
  text += (truth.is_borderline ? " (borderline)" : "") + std::string(truth.suppression_failed ? " FAILED" : "") + " length " +
          std::to_string(static_cast<int>(truth.length_mm)) + strips("injury", p.injuries) + strips("between", p.interspinous) +
          strips("skin", p.subcutaneous) + " acute";
  for (const auto& level : truth.acute_levels) text += " " + level;
  return text + " " + to_string(p.scan.sequence) + " fat " + std::to_string(p.fat_signal).substr(0, 4) + " coil " +
         std::to_string(p.scan.coil.surface_gain).substr(0, 4);
}

std::string said_of(const MrReading& reading) {
  const auto& injury = reading.injury;
  std::string text = std::string(word(injury.finding.answer)) + " " + injury.finding.reason + " length " +
                     std::to_string(static_cast<int>(injury.length_mm.value_or(-1))) + " acute";
  for (const int n : reading.acute_bodies)
    text += " " + std::to_string(n) + " ratio " + std::to_string(reading.marrow[static_cast<std::size_t>(n)].ratio).substr(0, 4);
  for (const auto& cleft : reading.clefts) text += " cleft " + std::to_string(cleft.body);
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return std::fputs("usage: mr_lab score|draw plain|hard FIRST LAST [FOLDER]   (see tests/tools/README.md)\n", stderr), 2;
  const bool is_drawn = std::string(argv[1]) == "draw" && argc == 6;
  const auto draw = std::string(argv[2]) == "hard" ? draw_hard_mr_parameters : draw_mr_parameters;
  MrAgreement all;
  for (unsigned long seed = std::stoul(argv[3]); seed <= std::stoul(argv[4]); ++seed) {
    const auto parameters = draw(seed);
    const auto exam = make_mr_phantom(parameters);
    const auto reading = read_mr(exam.volume);
    const auto a = agreement_of(reading, parameters, exam.truth);
    all.add(a);
    const bool is_cleft_wrong = a.cleft.right < a.cleft.of || a.no_cleft.right < a.no_cleft.of;
    if (a.is_all_right() && !is_cleft_wrong) continue;
    const auto truth = truth_of(parameters, exam.truth);
    std::fprintf(stderr, "%lu%s%s%s%s%s%s%s: %s | said %s\n", seed, a.injury.right < a.injury.of ? " INJURY" : "",
                 a.length.right < a.length.of ? " LENGTH" : "", a.acute.right < a.acute.of ? " MISSED" : "",
                 a.acute_invented > 0 ? " INVENTED" : "", a.refusal.right < a.refusal.of ? " UNREFUSED" : "",
                 a.not_assessable > 0 ? " N/A" : "", is_cleft_wrong ? " CLEFT" : "", truth.c_str(), said_of(reading).c_str());
    if (!is_drawn) continue;
    std::filesystem::create_directories(argv[5]);
    std::ofstream(std::string(argv[5]) + "/" + argv[2] + "_" + std::to_string(seed) + ".png", std::ios::binary)
        << report::render_mr(reading, name_mr_levels(reading, {}), {std::to_string(seed), truth});
  }
  print(all);
  return 0;
}
