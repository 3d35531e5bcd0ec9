#include "analysis/imputation.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

#include <Eigen/Dense>

#include "analysis/distributions.h"
#include "analysis/risk.h"

namespace cemscope::analysis {
namespace {

constexpr int kDonors = 5;       // van Buuren 2018, 3.4
constexpr double kRidge = 1e-5;  // of the mean diagonal; as in R's mice, against collinear columns

// Own draws, so that the same seed gives the same copies with every standard library.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  double uniform() { return (static_cast<double>(engine_() >> 11) + 0.5) * 0x1.0p-53; }
  double normal() { return normal_quantile(uniform()); }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(uniform() * static_cast<double>(n)); }
  Eigen::VectorXd normals(Eigen::Index n) {
    Eigen::VectorXd out(n);
    for (auto& v : out) v = normal();
    return out;
  }

 private:
  std::mt19937_64 engine_;
};

using Rows = std::vector<Eigen::Index>;

struct Column {
  Eigen::Index index = 0;
  Rows known, unknown;
  bool binary = true;
};

std::vector<Column> incomplete_columns(const Eigen::MatrixXd& x) {
  std::vector<Column> columns;
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    Column column{j, {}, {}, true};
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      const double v = x(i, j);
      (std::isnan(v) ? column.unknown : column.known).push_back(i);
      if (!std::isnan(v) && v != 0 && v != 1) column.binary = false;
    }
    if (column.known.empty()) throw std::invalid_argument("a column has no known value to impute from");
    if (!column.unknown.empty()) columns.push_back(std::move(column));
  }
  return columns;
}

// Standardised predictors of column j: all other columns and the outcome.
Eigen::MatrixXd others(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, Eigen::Index j) {
  Eigen::MatrixXd out(x.rows(), x.cols());
  for (Eigen::Index c = 0, to = 0; c < x.cols(); ++c)
    if (c != j) out.col(to++) = x.col(c);
  out.col(x.cols() - 1) = y;
  for (auto column : out.colwise()) {
    const double mean = column.mean(), sd = std::sqrt((column.array() - mean).square().mean());
    column.array() -= mean;
    if (sd > 0) column /= sd;
  }
  return out;
}

Eigen::MatrixXd with_ones(const Eigen::MatrixXd& z) {
  Eigen::MatrixXd out(z.rows(), z.cols() + 1);
  out << Eigen::VectorXd::Ones(z.rows()), z;
  return out;
}

void draw_by_logistic(Eigen::MatrixXd& x, const Eigen::MatrixXd& z, const Column& column, Random& random) {
  const Eigen::MatrixXd known = z(column.known, Eigen::all);
  const Eigen::VectorXd target = x.col(column.index)(column.known);
  const auto fit = fit_logistic({known, target});
  Eigen::VectorXd beta = Eigen::VectorXd::Zero(z.cols() + 1);
  if (fit.status == FitStatus::converged) {
    beta = fit.coefficients + fit.covariance.llt().matrixL() * random.normals(beta.size());
  } else {  // separation: the share alone
    const double share = (target.sum() + 0.5) / (static_cast<double>(target.size()) + 1);
    beta(0) = std::log(share / (1 - share));
  }
  for (const auto i : column.unknown)
    x(i, column.index) = random.uniform() < inverse_logit(beta(0) + z.row(i).dot(beta.tail(z.cols()))) ? 1 : 0;
}

void draw_by_matching(Eigen::MatrixXd& x, const Eigen::MatrixXd& z, const Column& column, Random& random) {
  const Eigen::MatrixXd all = with_ones(z), known = all(column.known, Eigen::all);
  const Eigen::VectorXd target = x.col(column.index)(column.known);
  Eigen::MatrixXd gram = known.transpose() * known;
  gram.diagonal().array() *= 1 + kRidge;
  const Eigen::LLT<Eigen::MatrixXd> llt(gram);
  const Eigen::VectorXd beta = llt.solve(known.transpose() * target);
  const double df = std::max<double>(1, static_cast<double>(known.rows() - known.cols()));
  const double chi = random.normals(static_cast<Eigen::Index>(df)).squaredNorm();
  const double sigma = std::sqrt((target - known * beta).squaredNorm() / chi);
  const Eigen::VectorXd drawn = beta + sigma * llt.matrixU().solve(random.normals(beta.size()));
  const Eigen::VectorXd fitted = known * beta;
  for (const auto i : column.unknown) {
    const double at = all.row(i).dot(drawn);
    std::vector<std::pair<double, Eigen::Index>> distance;
    for (Eigen::Index k = 0; k < fitted.size(); ++k) distance.emplace_back(std::abs(fitted(k) - at), k);
    const std::size_t donors = std::min<std::size_t>(kDonors, distance.size());
    std::partial_sort(distance.begin(), distance.begin() + static_cast<std::ptrdiff_t>(donors), distance.end());
    x(i, column.index) = target(distance[random.below(donors)].second);
  }
}

Eigen::MatrixXd one_copy(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const std::vector<Column>& columns, int cycles,
                         Random& random) {
  Eigen::MatrixXd filled = x;
  for (const auto& column : columns)
    for (const auto i : column.unknown) filled(i, column.index) = x(column.known[random.below(column.known.size())], column.index);
  for (int cycle = 0; cycle < cycles; ++cycle)
    for (const auto& column : columns) {
      const Eigen::MatrixXd z = others(filled, y, column.index);
      column.binary ? draw_by_logistic(filled, z, column, random) : draw_by_matching(filled, z, column, random);
    }
  return filled;
}

}  // namespace

std::vector<Eigen::MatrixXd> impute(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const ImputationOptions& options) {
  const auto columns = incomplete_columns(x);
  Random random(options.seed);
  std::vector<Eigen::MatrixXd> copies;
  for (int m = 0; m < options.copies; ++m) copies.push_back(one_copy(x, y, columns, options.cycles, random));
  return copies;
}

PooledFit pool_by_rubin(const std::vector<Eigen::VectorXd>& estimates, const std::vector<Eigen::MatrixXd>& covariances, double n) {
  const double m = static_cast<double>(estimates.size());
  if (estimates.size() < 2 || covariances.size() != estimates.size()) throw std::invalid_argument("pooling needs two or more copies");
  PooledFit pooled;
  pooled.copies = static_cast<int>(estimates.size());
  const Eigen::Index k = estimates.front().size();
  Eigen::MatrixXd within = Eigen::MatrixXd::Zero(k, k), between = Eigen::MatrixXd::Zero(k, k);
  pooled.coefficients = Eigen::VectorXd::Zero(k);
  for (const auto& e : estimates) pooled.coefficients += e / m;
  for (const auto& c : covariances) within += c / m;
  for (const auto& e : estimates) between += (e - pooled.coefficients) * (e - pooled.coefficients).transpose() / (m - 1);
  pooled.covariance = within + (1 + 1 / m) * between;
  pooled.standard_errors = pooled.covariance.diagonal().cwiseSqrt();
  pooled.df.resize(k);
  pooled.p.resize(k);
  pooled.fraction_missing.resize(k);
  const double complete = n - static_cast<double>(k);
  for (Eigen::Index j = 0; j < k; ++j) {
    const double lambda = (1 + 1 / m) * between(j, j) / pooled.covariance(j, j),
                 observed = (complete + 1) / (complete + 3) * complete * (1 - lambda);
    const double old = lambda > 0 ? (m - 1) / (lambda * lambda) : 1e300;
    pooled.df(j) = old * observed / (old + observed);
    pooled.fraction_missing(j) = lambda;
    pooled.p(j) = t_two_sided_p(pooled.coefficients(j) / pooled.standard_errors(j), pooled.df(j));
  }
  return pooled;
}

}  // namespace cemscope::analysis
