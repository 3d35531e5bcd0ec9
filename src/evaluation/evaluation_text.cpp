#include "src/evaluation/evaluation_text.h"

#include <fmt/format.h>

namespace cemscope::evaluation {
namespace {

std::string limits(const std::optional<analysis::Interval>& ci, int decimals) {
  return ci ? fmt::format(" ({:.{}f} to {:.{}f})", ci->low, decimals, ci->high, decimals) : std::string{};
}

std::string detection_lines(const Evaluation& evaluation) {
  std::string text;
  for (const auto& d : evaluation.detections) {
    text += fmt::format("{:34s} sensitivity {}  invented {}\n", title_of({Scope::vertebra, d.modality}, d.name), words_of(d.sensitivity),
                        d.invented);
    if (d.level_right + d.level_wrong + d.level_not_named > 0)
      text += fmt::format("{:34s} right {}, wrong {}, not named {}\n", "  level", d.level_right, d.level_wrong, d.level_not_named);
  }
  return text;
}

std::string finding_lines(const Evaluation& evaluation) {
  std::string text;
  for (const auto& f : evaluation.findings) {
    text += fmt::format("{:34s} sensitivity {}  specificity {}  kappa {}\n", title_of(f.where, f.name), words_of(f.sensitivity),
                        words_of(f.specificity), words_of(f.kappa));
    if (const auto left_out = words_of(f.left_out); !left_out.empty())
      text += fmt::format("{:34s} {}; right of all {}\n", "", left_out, words_of(f.right_of_all));
  }
  return text;
}

std::string category_lines(const Evaluation& evaluation) {
  std::string text;
  for (const auto& c : evaluation.categories) {
    text += fmt::format("{:34s} same {}  kappa {}\n", title_of(c.where, c.name), words_of(c.accuracy), words_of(c.kappa));
    if (const auto left_out = words_of(c.left_out); !left_out.empty()) text += fmt::format("{:34s} {}\n", "", left_out);
  }
  return text;
}

std::string number_lines(const Evaluation& evaluation) {
  std::string text;
  for (const auto& r : evaluation.numbers) {
    text += fmt::format("{:34s} n {}", title_of(r.where, r.name), r.truth.size());
    if (r.differences)
      text += fmt::format("  bias {}{}  limits of agreement {:.3f}{} and {:.3f}{}",
                          words_of(r.differences->bias, r.differences->bias_ci, 3), r.unit == "1" ? "" : " " + r.unit, r.differences->lower,
                          limits(r.differences->lower_ci, 3), r.differences->upper, limits(r.differences->upper_ci, 3));
    text += fmt::format("  ICC {}", words_of(r.icc));
    if (r.relative_error) text += fmt::format("  relative error median {}, worst {:.3f}", words_of(r.relative_error, 3), r.worst_relative);
    text += "\n";
    if (const auto left_out = words_of(r.left_out); !left_out.empty()) text += fmt::format("{:34s} {}\n", "", left_out);
  }
  return text;
}

std::string dice_line(const Evaluation& evaluation) {
  if (!evaluation.dice) return {};
  const auto& d = *evaluation.dice;
  return fmt::format("{:34s} n {}  median {}  mean {}  worst {:.3f}\n", "CT cement Dice", d.values.size(), words_of(d.median, 3),
                     words_of(*d.mean, d.mean_ci, 3), *d.worst);
}

}  // namespace

std::string words_of(const analysis::Share& share) {
  if (!share.value) return "-";
  return fmt::format("{:.2f} ({:.2f}-{:.2f}; {}/{})", *share.value, share.ci->low, share.ci->high, share.of, share.n);
}

std::string words_of(const std::optional<analysis::Kappa>& kappa) { return kappa ? words_of(kappa->kappa, kappa->ci, 2) : "-"; }

std::string words_of(const std::optional<analysis::IntraclassCorrelation>& icc) { return icc ? words_of(icc->icc, icc->ci, 3) : "-"; }

std::string words_of(const std::optional<analysis::Median>& median, int decimals) {
  return median ? words_of(median->value, median->ci, decimals) : "-";
}

std::string words_of(double value, const std::optional<analysis::Interval>& ci, int decimals) {
  return fmt::format("{:.{}f}", value, decimals) + limits(ci, decimals);
}

std::string words_of(const NotCompared& left_out) {
  std::string text;
  const auto add = [&](int n, const char* words) {
    if (n > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", n, words);
  };
  add(left_out.not_assessable, "not assessable");
  add(left_out.not_found, "not found");
  add(left_out.borderline, "borderline");
  add(left_out.clinical, "taken from the clinical table");
  return text;
}

std::string title_of(const Where& where, const std::string& name) {
  if (where.scope == Scope::patient) return "patient " + name;
  return where.modality.empty() ? name : where.modality + " " + name;
}

std::string to_text(const Evaluation& evaluation) {
  return fmt::format("{} patients with a truth, {} of them scored; {} without one\n", evaluation.n_patients, evaluation.n_scored,
                     evaluation.n_without_truth) +
         detection_lines(evaluation) + finding_lines(evaluation) + category_lines(evaluation) + number_lines(evaluation) +
         dice_line(evaluation);
}

}  // namespace cemscope::evaluation
