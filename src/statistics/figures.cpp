#include "src/statistics/figures.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include <fmt/format.h>

#include "analysis/contingency.h"
#include "analysis/distributions.h"

extern char** environ;  // NOLINT: POSIX

namespace cemscope::statistics {
namespace {

// Blue for the model, grey for references: distinguishable in print and for colour-blind readers.
constexpr const char* kStyle =
    "set style line 1 lc rgb '#1f5fa8' lw 2\nset style line 2 lc rgb '#888888' lw 1 dt 2\nset style line 3 lc rgb '#c0561a' lw 2\n"
    "set style fill solid 0.25 noborder\nset border 3 lc rgb '#444444'\nset tics nomirror out\nset key bottom right spacing 1.2\n";

// Text for a double-quoted gnuplot string.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c != '\n' && c != '`') out += c;
  }
  return out + "\"";
}

std::string axes(const std::string& x, const std::string& y) { return fmt::format("set xlabel {}\nset ylabel {}\n", quoted(x), quoted(y)); }

// Pointwise 95% band of the sensitivity by Wilson's interval.
FigureScript roc_figure(const FitAnalysis& a, Language language) {
  const auto& roc = a.performance()->roc;
  std::string data = "$roc << EOD\n";
  for (const auto& p : roc.points) {
    const auto band = analysis::wilson_interval(p.tp, roc.n_pos);
    data += fmt::format("{} {} {} {}\n", 1 - p.spec, p.sens, std::max(0.0, band.low), std::min(1.0, band.high));
  }
  data += "EOD\n";
  const std::string label = fmt::format("{} {:.3f} ({:.3f}-{:.3f})", say(language, "Model: area", "模型：曲线下面积"), roc.auc,
                                        roc.delong_ci.low, roc.delong_ci.high);
  return {"roc", say(language, "ROC curve", "ROC曲线"),
          data + kStyle + axes(say(language, "1 - specificity", "1-特异度"), say(language, "Sensitivity", "灵敏度")) +
              "set size square\nset xrange [0:1]\nset yrange [0:1]\nplot $roc using 1:3:4 with filledcurves lc rgb '#1f5fa8' notitle, "
              "$roc using 1:2 with lines ls 1 title " +
              quoted(label) + ", x with lines ls 2 notitle\n",
          560, 560};
}

FigureScript calibration_figure(const FitAnalysis& a, Language language) {
  const auto& performance = *a.performance();
  std::string data = "$groups << EOD\n", curve = "$curve << EOD\n";
  double highest = 0.05;
  for (const auto& g : performance.calibration.groups) {
    const auto limits = analysis::wilson_interval(g.observed, g.n);
    data += fmt::format("{} {} {} {}\n", g.mean_p(), g.observed / g.n, std::max(0.0, limits.low), limits.high);
    highest = std::max({highest, g.mean_p(), limits.high});
  }
  if (performance.curve)
    for (std::size_t i = 0; i < performance.curve->predicted.size(); ++i)
      curve += fmt::format("{} {} {} {}\n", performance.curve->predicted[i], performance.curve->observed[i], performance.curve->low[i],
                           performance.curve->high[i]);
  std::string plot = "plot x with lines ls 2 title " + quoted(say(language, "Ideal", "理想"));
  if (performance.curve)
    plot += ", $curve using 1:3:4 with filledcurves lc rgb '#1f5fa8' notitle, $curve using 1:2 with lines ls 1 title " +
            quoted(say(language, "Smooth, 95% band", "平滑曲线及95%区间"));
  plot += ", $groups using 1:2:3:4 with yerrorbars ls 3 pt 7 ps 0.7 title " + quoted(say(language, "Tenths", "十等分组"));
  return {
      "calibration", say(language, "Calibration", "校准曲线"),
      data + "EOD\n" + curve + "EOD\n" + kStyle +
          axes(say(language, "Predicted probability", "预测概率"), say(language, "Observed share", "实际比例")) +
          fmt::format("set size square\nset key bottom right\nset xrange [0:{0}]\nset yrange [0:{0}]\n", std::min(1.0, highest * 1.02)) +
          plot + "\n",
      560, 560};
}

FigureScript decision_figure(const FitAnalysis& a, Language language) {
  const auto& curve = a.prior ? a.prior->decision_fine_at_tau : a.performance()->decision_fine;
  std::string data = "$net << EOD\n";
  double top = 0;
  for (const auto& n : curve) {
    data += fmt::format("{} {} {}\n", n.threshold, n.net_benefit, n.treat_all);
    top = std::max({top, n.net_benefit, n.treat_all});
  }
  const std::string at = a.prior ? fmt::format("{} {:.3f}", say(language, ", prevalence", "，患病率"), a.prior->tau) : std::string();
  return {"decision", say(language, "Decision curve", "决策曲线") + at,
          data + "EOD\n" + kStyle + axes(say(language, "Threshold probability", "阈概率"), say(language, "Net benefit", "净获益")) +
              fmt::format("set key top right\nset xrange [0:1]\nset yrange [{}:{}]\n", -0.1 * top, 1.1 * top) +
              "plot $net using 1:2 with lines ls 1 title " + quoted(say(language, "Model", "模型")) +
              ", $net using 1:3 with lines ls 3 title " + quoted(say(language, "Treat all", "全部干预")) + ", 0 with lines ls 2 title " +
              quoted(say(language, "Treat none", "均不干预")) + "\n"};
}

// Limits of a term on the odds-ratio scale: profile limits of the estimate in use, Wald's where they do not exist.
analysis::Interval odds_limits(const FitAnalysis& a, std::size_t term) {
  const double b = a.coefficients()(Eigen::Index(term) + 1),
               half = analysis::normal_quantile(0.975) * std::sqrt(a.covariance()(Eigen::Index(term) + 1, Eigen::Index(term) + 1));
  const auto* limits = a.imputed ? nullptr : a.uses_firth ? &a.firth->limits : &a.ml.profile;
  const bool known = limits && term + 1 < limits->size() && (*limits)[term + 1].low && (*limits)[term + 1].high;
  if (!known) return {std::exp(b - half), std::exp(b + half)};
  return {std::exp(*(*limits)[term + 1].low), std::exp(*(*limits)[term + 1].high)};
}

FigureScript forest_figure(const FitAnalysis& a, Language language) {
  std::string data = "$rows << EOD\n", tics;
  const std::size_t n = a.data.terms.size();
  for (std::size_t j = 0; j < n; ++j) {
    const auto limits = odds_limits(a, j);
    data += fmt::format("{} {} {} {}\n", std::exp(a.coefficients()(Eigen::Index(j) + 1)), n - j, std::max(1e-3, limits.low),
                        std::min(1e3, limits.high));
    tics += fmt::format("{}{} {}", tics.empty() ? "" : ", ", quoted(term_label(a.data.terms[j].name, language)), n - j);
  }
  return {
      "forest", say(language, "Forest plot of odds ratios", "OR值森林图"),
      data + "EOD\n" + kStyle +
          fmt::format(
              "set logscale x\nset xlabel {}\nset ytics ({})\nset yrange [0.4:{}]\nset arrow from 1, graph 0 to 1, graph 1 nohead ls 2\n",
              quoted(say(language, "Odds ratio, 95% interval (logarithmic)", "OR值及95%CI（对数坐标）")), tics, double(n) + 0.6) +
          "plot $rows using 1:2:3:4 with xerrorbars ls 1 pt 5 ps 0.9 notitle\n",
      720, 110 + 46 * int(n)};
}

// One axis of the nomogram: a line at height y with ticks.
struct Tick {
  double at = 0;
  std::string label;
};
std::string nomogram_axis(const std::string& name, double y, const std::vector<Tick>& ticks) {
  double left = ticks.front().at, right = ticks.front().at;
  std::string out;
  for (const auto& tick : ticks) {
    left = std::min(left, tick.at);
    right = std::max(right, tick.at);
    out += fmt::format("set arrow from {0},{1} to {0},{2} nohead\nset label {3} at {0},{4} center font ',9'\n", tick.at, y, y + 0.12,
                       quoted(tick.label), y - 0.18);
  }
  return out +
         fmt::format("set arrow from {},{} to {},{} nohead lw 1.5\nset label {} at -3,{} right\n", left, y, right, y, quoted(name), y);
}

std::vector<double> even_values(double low, double high) {
  if (low == high) return {low};
  std::vector<double> values;
  for (int k = 0; k <= 4; ++k) values.push_back(low + (high - low) * k / 4);
  return values;
}

// Probabilities on the axis of total points, which starts at the linear predictor `least` and is `most` long.
std::string risk_axis(const std::string& name, double y, double least, double most) {
  std::vector<Tick> risks;
  for (const double p : {0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99}) {
    const double at = 100 * (std::log(p / (1 - p)) - least) / most;
    if (at >= 0 && at <= 100) risks.push_back({at, fmt::format("{:g}", p)});
  }
  return risks.empty() ? std::string() : nomogram_axis(name, y, risks);
}

FigureScript nomogram_figure(const FitAnalysis& a, Language language) {
  const std::size_t n = a.data.terms.size();
  double widest = 1e-12, least = a.intercept_for_prediction(), most = 0;
  for (std::size_t j = 0; j < n; ++j) {
    const auto column = a.data.x.col(Eigen::Index(j));
    const double b = a.coefficients()(Eigen::Index(j) + 1), range = column.maxCoeff() - column.minCoeff();
    widest = std::max(widest, std::abs(b) * range);
    most += std::abs(b) * range;
    least += std::min(b * column.minCoeff(), b * column.maxCoeff());
  }
  std::string axes_text;
  double y = double(n) + (a.prior ? 3 : 2);
  std::vector<Tick> points, totals;
  for (int k = 0; k <= 10; ++k) points.push_back({10.0 * k, std::to_string(10 * k)});
  axes_text += nomogram_axis(say(language, "Points", "单项得分"), y--, points);
  for (std::size_t j = 0; j < n; ++j, --y) {
    const auto column = a.data.x.col(Eigen::Index(j));
    const double b = a.coefficients()(Eigen::Index(j) + 1), base = std::min(b * column.minCoeff(), b * column.maxCoeff());
    const bool two = ((column.array() == column.minCoeff()) || (column.array() == column.maxCoeff())).all();
    std::vector<Tick> ticks;
    for (const double v :
         two ? std::vector<double>{column.minCoeff(), column.maxCoeff()} : even_values(column.minCoeff(), column.maxCoeff()))
      ticks.push_back({100 * (b * v - base) / widest, fmt::format("{:.3g}", v)});
    axes_text += nomogram_axis(term_label(a.data.terms[j].name, language), y, ticks);
  }
  const double total = 100 * most / widest;
  for (int k = 0; k <= 10; ++k) totals.push_back({10.0 * k, fmt::format("{:.0f}", total * k / 10)});
  axes_text += nomogram_axis(say(language, "Total points", "总分"), y--, totals);
  axes_text += risk_axis(say(language, "Probability in this sample", "样本内概率"), y--, least, most);
  if (a.prior) axes_text += risk_axis(say(language, "Probability in the population", "人群中概率"), y, least - a.prior->offset, most);
  return {
      "nomogram", say(language, "Nomogram", "列线图"),
      axes_text +
          fmt::format(
              "unset border\nunset tics\nunset key\nset xrange [-62:104]\nset yrange [-0.6:{}]\nset margins 1,1,1,1\nplot -1e9 notitle\n",
              double(n) + (a.prior ? 3.6 : 2.6)),
      860, 80 + 46 * int(n + (a.prior ? 4 : 3))};
}

bool run_gnuplot(const std::filesystem::path& script) {
  const std::string file = script.string();
  char program[] = "gnuplot";
  std::vector<char> argument(file.begin(), file.end());
  argument.push_back('\0');
  char* arguments[] = {program, argument.data(), nullptr};
  pid_t child = 0;
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", 1 /* O_WRONLY */, 0);
  const int failed = posix_spawnp(&child, program, &quiet, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&quiet);
  if (failed != 0) return false;
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

std::vector<FigureScript> figure_scripts(const FitAnalysis& a, Language language) {
  std::vector<FigureScript> figures;
  if (!a.has_estimate()) return figures;
  figures.push_back(forest_figure(a, language));
  if (a.performance()) {
    figures.push_back(roc_figure(a, language));
    figures.push_back(calibration_figure(a, language));
    figures.push_back(decision_figure(a, language));
  }
  const bool all_plain = std::all_of(a.data.terms.begin(), a.data.terms.end(), [](const Term& t) { return t.is_plain(); });
  if (all_plain) figures.push_back(nomogram_figure(a, language));
  return figures;
}

bool draw_figure(const FigureScript& figure, const std::filesystem::path& path) {
  const bool svg = path.extension() == ".svg";
  const std::filesystem::path script = path.string() + ".gp";
  {
    std::ofstream out(script);
    out << fmt::format("set encoding utf8\nset terminal {} size {},{} font 'sans,12'\nset output {}\n", svg ? "svg dynamic" : "pngcairo",
                       figure.width, figure.height, quoted(path.string()))
        << figure.commands << "unset output\n";
  }
  const bool drawn = run_gnuplot(script);
  std::error_code ignored;
  std::filesystem::remove(script, ignored);
  return drawn && std::filesystem::exists(path);
}

}  // namespace cemscope::statistics
