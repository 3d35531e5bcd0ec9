// The statistics: a large fit against its own floor, the bootstrap, and the memory of the whole command.
#include <algorithm>
#include <fstream>
#include <random>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <Eigen/Core>

#include "analysis/bootstrap.h"
#include "analysis/logistic.h"
#include "analysis/risk.h"
#include "tests/bench/yardsticks.h"
#include "tests/support/dicom_maker.h"

namespace cemscope::bench {
namespace {

constexpr Eigen::Index kManyRows = 1'000'000, kManyColumns = 20;

struct Cohort {
  Eigen::MatrixXd x;
  Eigen::VectorXd y;
};

Cohort simulate(Eigen::Index rows, Eigen::Index columns) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  Cohort cohort{Eigen::MatrixXd(rows, columns), Eigen::VectorXd(rows)};
  for (auto& v : cohort.x.reshaped()) v = normal(random);
  for (Eigen::Index i = 0; i < rows; ++i)
    cohort.y(i) = uniform(random) < analysis::inverse_logit(0.3 * cohort.x.row(i).sum() - 2.5) ? 1 : 0;
  return cohort;
}

/// `x_xtwx_per_iteration`: one iteration over one dense X'WX, wanted at 3 or less.
void fit_a_million(benchmark::State& state) {
  static const Cohort cohort = simulate(kManyRows, kManyColumns);
  const Eigen::VectorXd weights = Eigen::VectorXd::Constant(kManyRows, 0.2);
  double pass_s = 1e9, iteration_s = 1e9;
  for (auto _ : state) {
    pass_s = std::min(pass_s, seconds_of([&] {
                        const Eigen::MatrixXd product = cohort.x.transpose() * weights.asDiagonal() * cohort.x;
                        benchmark::DoNotOptimize(product.data());
                      }));
    int n = 1;
    const double fit_s = seconds_of([&] { n = analysis::fit_logistic({cohort.x, cohort.y}).iterations; });
    iteration_s = std::min(iteration_s, fit_s / n);
    state.SetIterationTime(fit_s);
  }
  state.counters["x_xtwx_per_iteration"] = iteration_s / pass_s;
}
BENCHMARK(fit_a_million)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(5);

/// 2,000 refits of 850 x 6, wanted in 2 s on two cores.
void bootstrap_850(benchmark::State& state) {
  static const Cohort cohort = simulate(850, 6);
  std::vector<int> patients(850);
  std::generate(patients.begin(), patients.end(), [n = 0]() mutable { return n++; });
  const auto resamples = analysis::draw_resamples(patients, 2000, 1);
  const auto lp = [&](const Eigen::VectorXd& b) { return analysis::linear_predictors({cohort.x, cohort.y}, b); };
  const auto apparent = lp(analysis::fit_logistic({cohort.x, cohort.y}).coefficients);
  for (auto _ : state)
    benchmark::DoNotOptimize(analysis::bootstrap_optimism(
        {apparent}, cohort.y, resamples, [&](std::size_t, const analysis::Resample& r) -> std::optional<analysis::ResampledModel> {
          const auto b = analysis::refit_or_refuse(cohort.x, cohort.y, r);
          if (!b) return std::nullopt;
          return analysis::ResampledModel{{lp(*b)}, {}, {}};
        }));
}
BENCHMARK(bootstrap_850)->UseRealTime()->Unit(benchmark::kSecond)->Iterations(3);

void write_table(const std::filesystem::path& path) {
  const auto cohort = simulate(kManyRows, kManyColumns);
  std::ofstream out(path);
  out << "y";
  for (Eigen::Index j = 0; j < kManyColumns; ++j) out << ",x" << j;
  for (Eigen::Index i = 0; i < kManyRows; ++i) {
    std::string line = fmt::format("\n{}", cohort.y(i));
    for (const double v : cohort.x.row(i)) line += fmt::format(",{}", v);
    out << line;
  }
}

double peak_bytes_of(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  rusage usage{};
  int status = 0;
  if (wait4(child, &status, 0, &usage) != child || status != 0) return 0;
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

/// `x_matrix`: peak memory of the whole command over that of the million x 20 numbers, wanted at 2 or less.
void fit_command(benchmark::State& state) {
  const tests::TemporaryFolder folder;
  write_table(folder.path() / "big.csv");
  std::vector<std::string> command = {CEMSCOPE_PROGRAM,
                                      "fit",
                                      (folder.path() / "big.csv").string(),
                                      "--outcome",
                                      "y",
                                      "-o",
                                      (folder.path() / "model.json").string(),
                                      "--quiet",
                                      "--predictors"};
  std::string predictors = "x0";
  for (Eigen::Index j = 1; j < kManyColumns; ++j) predictors += fmt::format(",x{}", j);
  command.push_back(predictors);
  for (auto _ : state) state.counters["x_matrix"] = peak_bytes_of(command) / (8.0 * kManyRows * kManyColumns);
}
BENCHMARK(fit_command)->UseRealTime()->Unit(benchmark::kSecond)->Iterations(1);

}  // namespace
}  // namespace cemscope::bench
