#include "src/statistics/fit_resampling.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

#include "analysis/firth.h"
#include "analysis/selection.h"
#include "analysis/splines.h"
#include "imaging/error.h"

namespace cemscope::statistics {
namespace {

using analysis::FitStatus;
using analysis::LogisticData;
using analysis::Resample;
using analysis::ResampledModel;

constexpr int kCycles = 10;         // of chained equations; van Buuren 2018: 5 to 20 are enough
constexpr int kResampleCycles = 5;  // in every resample, whose own scatter is larger
constexpr std::size_t kJudged = 5;  // imputed copies that predictions are judged on, and that a resample gets

using Knots = std::map<std::string, std::vector<double>>;

analysis::SelectionRule rule_of(Selection selection) {
  switch (selection) {
    case Selection::forward_lr: return analysis::SelectionRule::forward_lr;
    case Selection::forward_wald: return analysis::SelectionRule::forward_wald;
    case Selection::backward_wald: return analysis::SelectionRule::backward_wald;
    default: return analysis::SelectionRule::backward_lr;
  }
}

Eigen::Index column_named(const std::vector<Term>& terms, const std::string& name) {
  const auto at = std::find_if(terms.begin(), terms.end(), [&](const Term& t) { return t.name == name; });
  return static_cast<Eigen::Index>(at - terms.begin());
}

Knots knots_of(const FitData& data) {
  Knots knots;
  for (const auto& [name, facts] : data.bases)
    if (!facts.knots.empty()) knots[name] = facts.knots;
  return knots;
}

/// Columns `terms` from the unbent columns `values` of `source`.
Eigen::MatrixXd design_of(const std::vector<Term>& terms, const std::vector<Term>& source, const Eigen::MatrixXd& values,
                          const Knots& knots) {
  Eigen::MatrixXd x(values.rows(), static_cast<Eigen::Index>(terms.size()));
  for (std::size_t j = 0; j < terms.size(); ++j) {
    const auto& term = terms[j];
    const auto to = static_cast<Eigen::Index>(j);
    if (term.kind == TermKind::spline_part) {
      const auto part = static_cast<Eigen::Index>(term.name.size() - term.base.size());  // one mark for each
      x.col(to) = analysis::spline_basis(values.col(column_named(source, term.base)), knots.at(term.base)).col(part);
    } else {
      x.col(to) = values.col(column_named(source, term.name));
    }
  }
  return x;
}

/// Rows as often as they were drawn.
std::vector<Eigen::Index> drawn_rows(const Resample& resample) {
  std::vector<Eigen::Index> rows;
  for (Eigen::Index i = 0; i < resample.size(); ++i) rows.insert(rows.end(), static_cast<std::size_t>(resample(i)), i);
  return rows;
}

// Knots at the quantiles of the values drawn; those of the whole cohort where too few differ.
Knots knots_again(const FitData& design, const Eigen::MatrixXd& values, const std::vector<Term>& source) {
  auto knots = knots_of(design);
  for (auto& [name, known] : knots) {
    const auto own = analysis::default_knots(values.col(column_named(source, name)), static_cast<int>(known.size()));
    if (own.size() == known.size()) known = own;
  }
  return knots;
}

std::vector<Term> terms_at(const std::vector<Term>& terms, const std::vector<Eigen::Index>& columns) {
  std::vector<Term> out;
  for (const auto j : columns) out.push_back(terms[static_cast<std::size_t>(j)]);
  return out;
}

std::optional<Eigen::VectorXd> predictor_coefficients(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const Resample& weights,
                                                      Estimator estimator) {
  if (estimator == Estimator::maximum_likelihood) return analysis::refit_or_refuse(x, y, weights);
  const auto fit = estimate({x, y, &weights}, estimator);
  return fit ? std::optional(fit->for_prediction) : std::nullopt;
}

/// Complete data: a resample is the design with other weights.
std::optional<ResampledModel> refit(const Procedure& procedure, const Resample& resample) {
  const auto& design = procedure.design;
  const bool has_splines = std::any_of(design.terms.begin(), design.terms.end(), [](const Term& t) { return t.is_spline; });
  Eigen::MatrixXd bent;
  if (has_splines) {
    const auto knots = knots_again(design, design.x(drawn_rows(resample), Eigen::all), design.terms);
    bent = design_of(design.terms, design.terms, design.x, knots);
  }
  const Eigen::MatrixXd& whole = has_splines ? bent : design.x;
  Eigen::MatrixXd part;
  if (procedure.selection != Selection::none) {
    const auto kept = selected_columns(design, {whole, design.y, &resample}, procedure.selection);
    if (kept.empty()) return std::nullopt;
    part = whole(Eigen::all, kept);
  }
  const Eigen::MatrixXd& x = procedure.selection != Selection::none ? part : whole;
  const auto coefficients = predictor_coefficients(x, design.y, resample, procedure.estimator);
  if (!coefficients) return std::nullopt;
  return ResampledModel{{analysis::linear_predictors({x, design.y}, *coefficients)}, {}, {}};
}

std::vector<Eigen::Index> complete_rows(const Eigen::MatrixXd& values) {
  std::vector<Eigen::Index> rows;
  for (Eigen::Index i = 0; i < values.rows(); ++i)
    if (values.row(i).allFinite()) rows.push_back(i);
  return rows;
}

// What the selection keeps of the complete cases among the rows drawn.
std::vector<Term> terms_again(const Procedure& procedure, const Eigen::MatrixXd& values, const Eigen::VectorXd& y, const Knots& knots) {
  if (procedure.selection == Selection::none) return procedure.design.terms;
  const auto complete = complete_rows(values);
  const auto x = design_of(procedure.design.terms, procedure.with_holes->terms, values(complete, Eigen::all), knots);
  const Eigen::VectorXd outcome = y(complete);
  return terms_at(procedure.design.terms, selected_columns(procedure.design, {x, outcome}, procedure.selection));
}

/// Data with holes: the rows drawn are imputed by themselves, fitted and pooled, and judged on the copies of the whole cohort.
std::optional<ResampledModel> refit_imputed(const Procedure& procedure, const std::vector<Eigen::MatrixXd>& originals, std::size_t number,
                                            const Resample& resample) {
  const auto& holes = *procedure.with_holes;
  const auto rows = drawn_rows(resample);
  const Eigen::MatrixXd values = holes.x(rows, Eigen::all);
  const Eigen::VectorXd y = holes.y(rows);
  const Eigen::MatrixXd complete = values(complete_rows(values), Eigen::all);
  if (complete.rows() < 2 || y.maxCoeff() == y.minCoeff()) return std::nullopt;
  const auto knots = knots_again(procedure.design, complete, holes.terms);
  const auto terms = terms_again(procedure, values, y, knots);
  if (terms.empty()) return std::nullopt;
  const int n_copies = std::min<int>(kJudged, procedure.copies);
  ResampledModel model{{}, {}, y};
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(terms.size()) + 1);
  std::vector<Eigen::MatrixXd> designs;
  for (const auto& copy : analysis::impute(values, y, {n_copies, kResampleCycles, procedure.seed + 1 + number})) {
    designs.push_back(design_of(terms, holes.terms, copy, knots));
    const auto fit = predictor_coefficients(designs.back(), y, Resample::Ones(y.size()), procedure.estimator);
    if (!fit) return std::nullopt;
    sum += *fit / n_copies;
  }
  for (const auto& x : designs) model.own_lp.push_back(analysis::linear_predictors({x, y}, sum));
  for (const auto& copy : originals)
    model.lp.push_back(analysis::linear_predictors({design_of(terms, holes.terms, copy, knots), holes.y}, sum));
  return model;
}

std::optional<ResampledModel> refit_imputed_if_possible(const Procedure& procedure, const std::vector<Eigen::MatrixXd>& originals,
                                                        std::size_t number, const Resample& resample) {
  try {
    return refit_imputed(procedure, originals, number, resample);
  } catch (const std::invalid_argument&) {  // a column without any known value among the rows drawn
    return std::nullopt;
  }
}

}  // namespace

std::optional<Estimate> estimate(const LogisticData& data, Estimator estimator) {
  if (estimator == Estimator::firth) {
    const auto fit = analysis::fit_firth(data);
    if (fit.status != FitStatus::converged) return std::nullopt;
    Estimate out{fit.coefficients, fit.coefficients, fit.covariance};
    out.for_prediction(0) = fit.flic_intercept;
    return out;
  }
  const auto fit = analysis::fit_logistic(data);
  if (fit.status != FitStatus::converged) return std::nullopt;
  return Estimate{fit.coefficients, fit.coefficients, fit.covariance};
}

std::optional<ImputedFit> fit_imputed(const Procedure& procedure) {
  const auto& holes = *procedure.with_holes;
  ImputedFit out;
  std::vector<Eigen::VectorXd> estimates;
  std::vector<Eigen::MatrixXd> covariances;
  const auto knots = knots_of(procedure.design);
  for (auto& copy : analysis::impute(holes.x, holes.y, {procedure.copies, kCycles, procedure.seed})) {
    const auto x = design_of(procedure.terms, holes.terms, copy, knots);
    const auto fit = estimate({x, holes.y, holes.weights_or_null()}, procedure.estimator);
    if (!fit) continue;
    estimates.push_back(fit->coefficients);
    covariances.push_back(fit->covariance);
    out.intercept_for_prediction += fit->for_prediction(0);
    if (out.values.size() < kJudged) out.values.push_back(std::move(copy));
  }
  if (estimates.size() < 2) return std::nullopt;
  out.intercept_for_prediction /= static_cast<double>(estimates.size());
  out.pooled = analysis::pool_by_rubin(estimates, covariances, static_cast<double>(holes.rows.size()));
  return out;
}

std::vector<Eigen::VectorXd> imputed_predictors(const Procedure& procedure, const ImputedFit& imputed) {
  Eigen::VectorXd coefficients = imputed.pooled.coefficients;
  coefficients(0) = imputed.intercept_for_prediction;
  std::vector<Eigen::VectorXd> out;
  for (const auto& copy : imputed.values)
    out.push_back(analysis::linear_predictors(
        {design_of(procedure.terms, procedure.with_holes->terms, copy, knots_of(procedure.design)), procedure.with_holes->y},
        coefficients));
  return out;
}

analysis::BootstrapResult bootstrap_procedure(const Procedure& procedure, const std::vector<Eigen::VectorXd>& apparent,
                                              const ImputedFit* imputed, const std::vector<Resample>& resamples) {
  const auto& y = imputed ? procedure.with_holes->y : procedure.design.y;
  return analysis::bootstrap_optimism(apparent, y, resamples, [&](std::size_t number, const Resample& resample) {
    return imputed ? refit_imputed_if_possible(procedure, imputed->values, number, resample) : refit(procedure, resample);
  });
}

std::vector<Eigen::Index> selected_columns(const FitData& design, const LogisticData& data, Selection selection,
                                           std::vector<std::string>* steps) {
  const auto result = analysis::select_columns(data, rule_of(selection));
  for (const auto& step : result.steps)
    if (steps)
      steps->push_back(fmt::format("{} {} (chi-square {:.3f}, P {:.4f})", step.entered ? "entered" : "removed",
                                   design.terms[static_cast<std::size_t>(step.column)].name, step.statistic, step.p));
  return result.kept;
}

std::vector<Resample> read_resamples(const std::filesystem::path& path, std::size_t n_rows) {
  std::ifstream in(path);
  if (!in) throw Error(ErrorKind::unreadable, fmt::format("{}: cannot be opened", path.filename().string()));
  std::vector<Resample> resamples;
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    Resample resample = Resample::Zero(Eigen::Index(n_rows));
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) {
      const auto row = parse_number(cell.substr(0, cell.find('\r')));
      if (!row || *row < 1 || *row > double(n_rows))
        throw Error(ErrorKind::inconsistent, fmt::format("{}: line {}: \"{}\" is no row from 1 to {}", path.filename().string(),
                                                         resamples.size() + 1, cell, n_rows));
      resample(Eigen::Index(*row) - 1) += 1;
    }
    resamples.push_back(resample);
  }
  return resamples;
}

}  // namespace cemscope::statistics
