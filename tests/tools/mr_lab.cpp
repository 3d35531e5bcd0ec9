// Readings of simulated MR examinations against their truth.
//   mr_lab score plain|hard FIRST LAST          the findings; failures on stderr
//   mr_lab draw  plain|hard FIRST LAST FOLDER   mr.png of those that fail, the truth in the footer
//   mr_lab maps  plain|hard FIRST LAST          pictures and true bodies and discs, for fit_bodies.py
// "scanned" are examinations that warp_mr.py wrote: mr_lab score scanned FIRST LAST EXAMS, mr_lab draw scanned FIRST LAST EXAMS FOLDER
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "imaging/mri/body_map.h"
#include "imaging/mri/mr_levels.h"
#include "imaging/phantom/mr_phantom.h"
#include "src/report/mr_picture.h"
#include "tests/imaging/sweep/mr_agreement.h"
#include "tests/tools/body_truth.h"

namespace {

using namespace cemscope;
using namespace cemscope::imaging;

struct Examination {
  PhantomMrParameters parameters;
  PhantomMrExam exam;
  std::vector<std::uint8_t> named;  // of a scanned one
};

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

std::string truth_of(const PhantomMrParameters& p, const PhantomMrTruth& truth, bool is_scanned) {
  std::string text = truth.soft_tissue_injury ? "injury" : "no injury";
  text += (truth.is_borderline ? " (borderline)" : "") + std::string(truth.suppression_failed ? " FAILED" : "") + " length " +
          std::to_string(static_cast<int>(truth.length_mm));
  if (!is_scanned) text += strips("injury", p.injuries) + strips("between", p.interspinous) + strips("skin", p.subcutaneous);
  text += " acute";
  for (const auto& level : truth.acute_levels) text += " " + level;
  if (is_scanned) return text + (p.subcutaneous.empty() ? "" : " subcutaneous");
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

Examination examination(const std::string& kind, unsigned long seed, const std::string& folder) {
  if (kind == "scanned") {
    auto scanned = tools::read_scanned_mr(folder, seed);
    return {std::move(scanned.parameters), std::move(scanned.exam), std::move(scanned.named)};
  }
  auto parameters = kind == "hard" ? draw_hard_mr_parameters(seed) : draw_mr_parameters(seed);
  auto exam = make_mr_phantom(parameters);
  return {std::move(parameters), std::move(exam), {}};
}

// The name, rows of the picture and of the course, the channels, and by row of the course what lies at each place.
void dump_map(const std::string& name, const Examination& examination) {
  const auto stack = sagittal_stack(examination.exam.volume);
  const auto found = mri::find_canal(stack, mri::back_contour(stack));
  if (!found) return;
  const auto picture = mri::body_picture(mri::log_signal(stack), stack, found->course);
  const auto& [parameters, exam, all_named] = examination;
  const auto name_at = all_named.empty() ? tools::names_of(parameters) : tools::names_of(exam.volume, all_named);
  std::array<char, 64> label{};
  name.copy(label.data(), label.size() - 1);
  const std::array<std::int32_t, 2> rows{picture.channels[0].ny, picture.n_rows};
  std::fwrite(label.data(), 1, label.size(), stdout);
  std::fwrite(rows.data(), sizeof rows[0], rows.size(), stdout);
  for (const auto& channel : picture.channels) std::fwrite(channel.values.data(), sizeof(float), channel.values.size(), stdout);
  for (int y = 0; y < picture.n_rows; ++y)
    for (int i = 0; i < mri::BodyLattice::kColumns; ++i) {
      const auto place = mri::body_point(found->course, y, mri::BodyLattice::front_mm(i), 0);
      const auto named = name_at(stack.to_patient(place.x, place.row, found->course.slice[static_cast<std::size_t>(y)]));
      std::fputc(static_cast<int>(named), stdout);
    }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5)
    return std::fputs("usage: mr_lab score|draw|maps plain|hard|scanned FIRST LAST [EXAMS] [FOLDER]   (see tests/tools/README.md)\n",
                      stderr),
           2;
  const std::string command = argv[1], kind = argv[2], last = argv[argc - 1];
  const bool is_scanned = kind == "scanned", is_drawn = command == "draw" && argc == (is_scanned ? 7 : 6);
  MrAgreement all;
  for (unsigned long seed = std::stoul(argv[3]); seed <= std::stoul(argv[4]); ++seed) {
    if (is_scanned && !std::filesystem::exists(std::string(argv[5]) + "/" + std::to_string(seed) + ".mr")) continue;  // left out there
    const auto read = examination(kind, seed, is_scanned ? argv[5] : "");
    if (command == "maps") {
      dump_map(kind + "_" + std::to_string(seed), read);
      continue;
    }
    const auto& [parameters, exam, named] = read;
    const auto reading = read_mr(exam.volume);
    const auto a = agreement_of(reading, parameters, exam.truth);
    all.add(a);
    const bool is_cleft_wrong = a.cleft.right < a.cleft.of || a.no_cleft.right < a.no_cleft.of;
    if (a.is_all_right() && !is_cleft_wrong) continue;
    const auto truth = truth_of(parameters, exam.truth, is_scanned);
    std::fprintf(stderr, "%lu%s%s%s%s%s%s%s: %s | said %s\n", seed, a.injury.right < a.injury.of ? " INJURY" : "",
                 a.length.right < a.length.of ? " LENGTH" : "", a.acute.right < a.acute.of ? " MISSED" : "",
                 a.acute_invented > 0 ? " INVENTED" : "", a.refusal.right < a.refusal.of ? " UNREFUSED" : "",
                 a.not_assessable > 0 ? " N/A" : "", is_cleft_wrong ? " CLEFT" : "", truth.c_str(), said_of(reading).c_str());
    if (!is_drawn) continue;
    std::filesystem::create_directories(last);
    std::ofstream(last + "/" + kind + "_" + std::to_string(seed) + ".png", std::ios::binary)
        << report::render_mr(reading, name_mr_levels(reading, {}), {std::to_string(seed), truth});
  }
  if (command != "maps") print(all);
  return 0;
}
