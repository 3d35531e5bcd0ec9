#include "src/ingest/slice_geometry.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>
#include <Eigen/Geometry>

#include "imaging/error.h"
#include "src/ingest/image_geometry.h"

namespace cemscope::ingest {

namespace {

constexpr int kMinSlices = 3;

// A step of more than 3.5 usual ones has more than two slices missing.
constexpr double kGapSteps = 3.5;

// Largest distance of a slice from the even grid, as a share of the step: rounding of printed positions stays below it.
constexpr double kEvenShare = 0.08;
constexpr double kEvenTolerance_mm = 0.06;

// Displacements within the plane of less than half a pixel in all are rounding.
constexpr double kShiftTolerance_px = 0.5;

// A 30 degree tilt over 1 m drifts by 577 mm, about one field of view; more is a damaged header.
constexpr double kMaxShiftWidths = 2.0;

/// A slice's projection on the normal while the plan is made.
struct Projected {
  std::size_t source;
  double position_mm;
};
using Run = std::vector<Projected>;

bool share_a_grid(const SliceHeader& a, const SliceHeader& b) {
  return a.rows == b.rows && a.columns == b.columns && std::abs(a.row_spacing_mm / b.row_spacing_mm - 1) < 0.005 &&
         std::abs(a.column_spacing_mm / b.column_spacing_mm - 1) < 0.005 && a.row.dot(b.row) > kSameCosine &&
         a.column.dot(b.column) > kSameCosine;
}

// The slice that most others share their grid with.
std::size_t majority_slice(const std::vector<SliceHeader>& slices) {
  std::vector<std::pair<std::size_t, std::size_t>> kinds;  // first slice, number of slices
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const auto& k) { return share_a_grid(slices[k.first], slices[i]); });
    if (kind == kinds.end())
      kinds.emplace_back(i, 1);
    else
      ++kind->second;
  }
  return std::max_element(kinds.begin(), kinds.end(), [](const auto& a, const auto& b) { return a.second < b.second; })->first;
}

bool comes_before(const SliceHeader& a, const SliceHeader& b) {
  if (a.image.instance_number != b.image.instance_number) return a.image.instance_number < b.image.instance_number;
  return a.image.path < b.image.path;
}

double median_step(const Run& run) {
  std::vector<double> steps;
  for (std::size_t i = 1; i < run.size(); ++i) steps.push_back(run[i].position_mm - run[i - 1].position_mm);
  std::nth_element(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2), steps.end());
  return steps[steps.size() / 2];
}

void require_slices(const Run& run) {
  if (run.size() >= kMinSlices) return;
  throw Error(ErrorKind::inconsistent,
              fmt::format("{} slice position(s) in the series; at least {} are needed for a volume", run.size(), kMinSlices));
}

class Planner {
 public:
  explicit Planner(const std::vector<SliceHeader>& slices) : slices_(slices) {}

  StackPlan run() {
    auto run = without_repeats(on_common_grid());
    require_slices(run);
    run = longest_run(run);
    require_slices(run);
    place_along_normal(run);
    place_in_plane(run);
    return std::move(plan_);
  }

 private:
  void leave_out(std::size_t source, const char* code, const char* sentence) { plan_.left_out.push_back({source, code, sentence}); }
  void warn(const char* code) { plan_.warnings.emplace_back(code); }

  Run on_common_grid() {
    const auto& model = slices_[majority_slice(slices_)];
    plan_.direction.col(0) = model.row;
    plan_.direction.col(1) = model.column;
    plan_.direction.col(2) = model.row.cross(model.column).normalized();
    plan_.columns = model.columns;
    plan_.rows = model.rows;
    plan_.spacing_mm = {model.column_spacing_mm, model.row_spacing_mm, 0};
    Run run;
    for (std::size_t i = 0; i < slices_.size(); ++i) {
      if (share_a_grid(model, slices_[i]))
        run.push_back({i, slices_[i].position_mm.dot(plan_.direction.col(2))});
      else
        leave_out(i, "inconsistent_slice_geometry", "its matrix, pixel spacing or orientation differs from the rest of the series");
    }
    std::sort(run.begin(), run.end(), [&](const Projected& a, const Projected& b) {
      return a.position_mm != b.position_mm ? a.position_mm < b.position_mm : comes_before(slices_[a.source], slices_[b.source]);
    });
    return run;
  }

  Run without_repeats(const Run& run) {
    Run distinct;
    for (const auto& slice : run) {
      if (distinct.empty() || slice.position_mm - distinct.back().position_mm >= kSamePosition_mm) {
        distinct.push_back(slice);
        continue;
      }
      auto& kept = distinct.back();
      const bool is_better = comes_before(slices_[slice.source], slices_[kept.source]);
      leave_out(is_better ? kept.source : slice.source, "duplicate_slice_position",
                "another slice of the series lies at the same position");
      if (is_better) kept = slice;
    }
    if (distinct.size() < run.size()) warn("duplicate_slices_dropped");
    return distinct;
  }

  Run longest_run(const Run& run) {
    const auto gap_mm = kGapSteps * median_step(run);
    std::vector<Run> runs(1);
    for (const auto& slice : run) {
      if (!runs.back().empty() && slice.position_mm - runs.back().back().position_mm > gap_mm) runs.emplace_back();
      runs.back().push_back(slice);
    }
    if (runs.size() == 1) return run;
    warn("slice_gap_longest_run_kept");
    const auto longest = std::max_element(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.size() < b.size(); });
    for (auto r = runs.begin(); r != runs.end(); ++r) {
      if (r == longest) continue;
      for (const auto& slice : *r)
        leave_out(slice.source, "beyond_slice_gap", "more than two slices are missing between it and the longest run");
    }
    return *longest;
  }

  void place_along_normal(const Run& run) {
    if (!place_evenly(run)) place_unevenly(run);
    plan_.n_slices = static_cast<int>(std::lround(std::floor(plan_.slices.back().k + 1e-6))) + 1;
    const bool has_holes = plan_.is_even && static_cast<std::size_t>(plan_.n_slices) > run.size();
    if (has_holes) warn("missing_slices_resampled");
  }

  // Fits position = first + step * k, k whole, by least squares; false when a slice is too far from that grid.
  bool place_evenly(const Run& run) {
    const auto rough = median_step(run);
    std::vector<double> k(run.size(), 0.0);
    for (std::size_t i = 1; i < run.size(); ++i) {
      k[i] = k[i - 1] + std::max(1.0, std::round((run[i].position_mm - run[i - 1].position_mm) / rough));
    }
    const auto [first, step] = fitted_line(run, k);
    const auto tolerance = std::max(kEvenTolerance_mm, kEvenShare * step);
    for (std::size_t i = 0; i < run.size(); ++i) {
      if (std::abs(run[i].position_mm - (first + step * k[i])) > tolerance) return false;
    }
    plan_.spacing_mm.z() = step;
    for (std::size_t i = 0; i < run.size(); ++i) plan_.slices.push_back({run[i].source, k[i], 0, 0});
    return true;
  }

  static std::pair<double, double> fitted_line(const Run& run, const std::vector<double>& k) {
    const auto n = static_cast<double>(run.size());
    const auto mean_k = std::accumulate(k.begin(), k.end(), 0.0) / n;
    double mean = 0, products = 0, squares = 0;
    for (const auto& slice : run) mean += slice.position_mm / n;
    for (std::size_t i = 0; i < run.size(); ++i) {
      products += (k[i] - mean_k) * (run[i].position_mm - mean);
      squares += (k[i] - mean_k) * (k[i] - mean_k);
    }
    const auto step = products / squares;
    return {mean - step * mean_k, step};
  }

  // The finer of the steps in use is kept, so that no detail is lost.
  void place_unevenly(const Run& run) {
    plan_.is_even = false;
    warn("uneven_slices_resampled");
    std::vector<double> steps;
    for (std::size_t i = 1; i < run.size(); ++i) steps.push_back(run[i].position_mm - run[i - 1].position_mm);
    std::sort(steps.begin(), steps.end());
    const auto step = std::max(steps[steps.size() / 4], steps[steps.size() / 2] / 2);
    plan_.spacing_mm.z() = step;
    for (const auto& slice : run) plan_.slices.push_back({slice.source, (slice.position_mm - run.front().position_mm) / step, 0, 0});
  }

  void place_in_plane(const Run& run) {
    const auto& first = slices_[run.front().source].position_mm;
    for (auto& slice : plan_.slices) {
      const Eigen::Vector3d offset = slices_[slice.source].position_mm - first;
      slice.shift_i = offset.dot(plan_.direction.col(0)) / plan_.spacing_mm.x();
      slice.shift_j = offset.dot(plan_.direction.col(1)) / plan_.spacing_mm.y();
    }
    plan_.origin_mm = first;
    const auto [low_i, high_i] = shift_range(&PlacedSlice::shift_i);
    const auto [low_j, high_j] = shift_range(&PlacedSlice::shift_j);
    plan_.has_shifts = std::max(high_i - low_i, high_j - low_j) > kShiftTolerance_px;
    if (!plan_.has_shifts) return;
    if (high_i - low_i > kMaxShiftWidths * plan_.columns || high_j - low_j > kMaxShiftWidths * plan_.rows) {
      throw Error(ErrorKind::inconsistent,
                  "ImagePositionPatient (0020,0032) drifts within the slice plane by more than two fields of view");
    }
    warn(is_in_proportion() ? "gantry_tilt_sheared" : "slice_offsets_aligned");
    widen(std::floor(low_i), std::floor(low_j), std::ceil(high_i), std::ceil(high_j));
  }

  [[nodiscard]] std::pair<double, double> shift_range(double PlacedSlice::*shift) const {
    const auto [low, high] =
        std::minmax_element(plan_.slices.begin(), plan_.slices.end(), [&](const auto& a, const auto& b) { return a.*shift < b.*shift; });
    return {(*low).*shift, (*high).*shift};
  }

  [[nodiscard]] bool is_in_proportion() const {
    const auto& last = plan_.slices.back();
    return std::all_of(plan_.slices.begin(), plan_.slices.end(), [&](const PlacedSlice& slice) {
      return std::abs(slice.shift_i - last.shift_i * slice.k / last.k) < 1 && std::abs(slice.shift_j - last.shift_j * slice.k / last.k) < 1;
    });
  }

  // Makes the grid hold all displaced slices.
  void widen(double low_i, double low_j, double high_i, double high_j) {
    for (auto& slice : plan_.slices) {
      slice.shift_i -= low_i;
      slice.shift_j -= low_j;
    }
    plan_.origin_mm += low_i * plan_.spacing_mm.x() * plan_.direction.col(0) + low_j * plan_.spacing_mm.y() * plan_.direction.col(1);
    plan_.columns += static_cast<int>(high_i - low_i);
    plan_.rows += static_cast<int>(high_j - low_j);
  }

  const std::vector<SliceHeader>& slices_;
  StackPlan plan_;
};

}  // namespace

StackPlan plan_stack(const std::vector<SliceHeader>& slices) { return Planner(slices).run(); }

}  // namespace cemscope::ingest
