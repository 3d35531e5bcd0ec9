#include "imaging/mri/fluid.h"

#include <algorithm>
#include <cmath>

#include "imaging/mri/order_statistics.h"

namespace cemscope::imaging::mri {
namespace {

constexpr int kSkin_mm = 4;
constexpr double kWidest_mm = 45;                                             // beside the midline
constexpr double kMidline_mm = 6, kMidlineDepth_mm = 13;                      // behind the canal's centre: between the spinous processes
constexpr double kFacets_mm = 21, kFacetDepth_mm = 20, kBesideDepth_mm = 16;  // facet joints lie 8-20 mm beside, up to 20 mm deep
constexpr double kFacetShare = 0.6;                                           // of the way to the fascia, where the back is thin
constexpr double kSacEnd_mm = 21;  // behind the canal's centre; fluid that ends there may be the sac's
constexpr int kMinRun_mm = 2;
constexpr double kCut = 0.25;  // depth of a dark line (log) that cuts a run
constexpr int kGap_mm = 3;     // rows without fluid within a patch
constexpr double kFromFrontShare = 0.4;  // of a patch's runs

class Search {
 public:
  Search(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal, const MuscleField& field, const Fascia& fascia,
         const std::vector<std::vector<int>>& back, const FluidScale& scale)
      : logs_(logs), stack_(stack), canal_(canal), field_(field), fascia_(fascia), back_(back), scale_(scale) {}

  std::vector<FluidPatch> run() {
    std::vector<FluidPatch> patches;
    for (int z = 0; z < logs_.nz; ++z) {
      auto found = patches_of(z, runs_of(z));
      patches.insert(patches.end(), found.begin(), found.end());
    }
    return patches;
  }

 private:
  // Averaged over three rows: fluid lies along them.
  [[nodiscard]] double over(int x, int y, int z) const {
    double sum = 0;
    int n = 0;
    for (int v = std::max(0, y - 1); v <= std::min(logs_.ny - 1, y + 1); ++v) sum += logs_.at(x, v, z), ++n;
    return sum / n - field_.log_at(y, z, x - canal_.x_mm[static_cast<std::size_t>(y)]);
  }

  std::vector<FluidRun> runs_of(int z) {
    std::vector<FluidRun> runs;
    const auto sac = sac_of(z);
    for (int y = canal_.first_row; y <= canal_.last_row; ++y) {
      const auto row = static_cast<std::size_t>(y);
      if (std::abs(z - canal_.slice[row]) * stack_.slice_mm > kWidest_mm) continue;
      const int low = static_cast<int>(canal_.x_mm[row] + first_depth_mm(stack_, canal_, fascia_, y, z));
      const int high = std::min(logs_.nx - 1, back_[static_cast<std::size_t>(z)][row] - kSkin_mm);
      std::vector<double> line;
      for (int x = low; x <= high; ++x) line.push_back(over(x, y, z));
      int start = -1;
      for (int n = 0; n <= static_cast<int>(line.size()); ++n) {
        const bool is_fluid =
            n < static_cast<int>(line.size()) && s_of(line[static_cast<std::size_t>(n)], scale_.fluid_ratio) >= scale_.threshold_s;
        if (is_fluid && start < 0) start = n;
        if (is_fluid || start < 0) continue;
        if (low + n - 1 <= canal_.x_mm[row] + kSacEnd_mm && sac.at(low + start, y, 0) == 2) {
          start = -1;
          continue;
        }
        const auto n_before = runs.size();
        add_runs(runs, line, low, start, n - 1, y, z);
        if (start == 0 && goes_on_in_front(low, y, z) && runs.size() > n_before) runs[n_before].is_from_front = true;
        start = -1;
      }
    }
    return runs;
  }

  [[nodiscard]] bool goes_on_in_front(int low, int y, int z) const {
    constexpr int kFront_mm = 3;
    for (int x = low - kFront_mm; x < low; ++x)
      if (x < 0 || s_of(over(x, y, z), scale_.fluid_ratio) < scale_.threshold_s) return false;
    return true;
  }

  // Fluid that hangs together with the canal's, within the slice: the sac, where the course does not run in its middle.
  [[nodiscard]] Grid<std::uint8_t> sac_of(int z) const {
    constexpr int kSeed_mm = 8, kBefore_mm = 20;
    Grid<std::uint8_t> state(logs_.nx, logs_.ny, 1, 0);  // 1 fluid, 2 reached
    std::vector<std::pair<int, int>> open;
    for (int y = canal_.first_row; y <= canal_.last_row; ++y) {
      const int centre = static_cast<int>(std::lround(canal_.x_mm[static_cast<std::size_t>(y)]));
      for (int x = std::max(0, centre - kBefore_mm); x <= std::min(logs_.nx - 1, centre + static_cast<int>(kSacEnd_mm)); ++x) {
        if (s_of(over(x, y, z), scale_.fluid_ratio) < scale_.threshold_s) continue;
        const bool is_seed = std::abs(x - centre) <= kSeed_mm;
        state.at(x, y, 0) = is_seed ? 2 : 1;
        if (is_seed) open.emplace_back(x, y);
      }
    }
    while (!open.empty()) {
      const auto [x, y] = open.back();
      open.pop_back();
      for (const auto& [u, v] : {std::pair(x - 1, y), std::pair(x + 1, y), std::pair(x, y - 1), std::pair(x, y + 1)})
        if (state.contains(u, v, 0) && state.at(u, v, 0) == 1) state.at(u, v, 0) = 2, open.emplace_back(u, v);
    }
    return state;
  }

  void add_runs(std::vector<FluidRun>& runs, const std::vector<double>& line, int low, int first, int last, int y, int z) const {
    const double fascia = fascia_.x_mm[static_cast<std::size_t>(z)][static_cast<std::size_t>(y)] - low;
    // The darkest place within 3 mm of the fascia, when the run goes on both sides of it.
    int darkest = -1;
    for (int n = std::max(first + 2, static_cast<int>(fascia) - 3); n <= std::min(last - 2, static_cast<int>(fascia) + 3); ++n)
      if (darkest < 0 || line[static_cast<std::size_t>(n)] < line[static_cast<std::size_t>(darkest)]) darkest = n;
    if (darkest > 0) {
      const double front = *std::max_element(line.begin() + first, line.begin() + darkest),
                   behind = *std::max_element(line.begin() + darkest, line.begin() + last + 1);
      if (std::min(front, behind) - line[static_cast<std::size_t>(darkest)] > kCut) {
        add_run(runs, line, low, first, darkest - 1, y, z);
        add_run(runs, line, low, darkest + 1, last, y, z);
        return;
      }
    }
    add_run(runs, line, low, first, last, y, z);
  }

  void add_run(std::vector<FluidRun>& runs, const std::vector<double>& line, int low, int first, int last, int y, int z) const {
    if (last - first + 1 < kMinRun_mm) return;
    FluidRun run{y, low + first, low + last, false, 0};
    const double fascia = fascia_.x_mm[static_cast<std::size_t>(z)][static_cast<std::size_t>(y)];
    const double support = fascia_.support[static_cast<std::size_t>(z)][static_cast<std::size_t>(y)];
    const double doubt_mm = fascia_.doubt_mm[static_cast<std::size_t>(z)][static_cast<std::size_t>(y)];
    const double middle = 0.5 * (run.first_x + run.last_x) - fascia;
    const double place = std::clamp(-middle / (1.5 + 1.0 * (1 - support) + doubt_mm), -3.0, 3.0);
    run.side = place - 3.0 * dark_line_in_front(line, first, last);
    runs.push_back(run);
  }

  // How much darker than muscle the border in front is, less how much darker than what follows the border behind is.
  static double dark_line_in_front(const std::vector<double>& line, int first, int last) {
    double front = 0, behind = 0;
    for (int n = std::max(0, first - 4); n < first; ++n) front = std::max(front, -line[static_cast<std::size_t>(n)]);
    const int end = static_cast<int>(line.size());
    if (last + 8 < end) {
      double fat = 0;
      for (int n = last + 5; n <= last + 8; ++n) fat += 0.25 * line[static_cast<std::size_t>(n)];
      for (int n = last + 1; n <= last + 4; ++n) behind = std::max(behind, fat - line[static_cast<std::size_t>(n)]);
    }
    return std::clamp(front, 0.0, 0.6) - std::clamp(behind, 0.0, 0.6);
  }

  // Runs of neighbouring rows that overlap belong together.
  std::vector<FluidPatch> patches_of(int z, const std::vector<FluidRun>& runs) const {
    std::vector<int> parent(runs.size());
    for (std::size_t n = 0; n < runs.size(); ++n) parent[n] = static_cast<int>(n);
    const auto root = [&](int n) {
      while (parent[static_cast<std::size_t>(n)] != n) n = parent[static_cast<std::size_t>(n)];
      return n;
    };
    for (std::size_t a = 0; a < runs.size(); ++a)
      for (std::size_t b = a + 1; b < runs.size() && runs[b].row - runs[a].row <= kGap_mm; ++b) {
        if (runs[b].row == runs[a].row) continue;
        if (runs[a].first_x > runs[b].last_x + 1 || runs[b].first_x > runs[a].last_x + 1) continue;
        if (std::min(runs[a].side, runs[b].side) < -1 && std::max(runs[a].side, runs[b].side) > 1) continue;
        parent[static_cast<std::size_t>(root(static_cast<int>(b)))] = root(static_cast<int>(a));
      }
    std::vector<FluidPatch> patches;
    std::vector<int> index(runs.size(), -1);
    for (std::size_t n = 0; n < runs.size(); ++n) {
      const auto r = static_cast<std::size_t>(root(static_cast<int>(n)));
      if (index[r] < 0) index[r] = static_cast<int>(patches.size()), patches.push_back({z, {}, 0, 0, 0, 0, 0});
      patches[static_cast<std::size_t>(index[r])].runs.push_back(runs[n]);
    }
    // What mostly reaches in from the front is no tissue behind the laminae.
    std::erase_if(patches, [](const FluidPatch& patch) {
      const auto n = std::count_if(patch.runs.begin(), patch.runs.end(), [](const FluidRun& run) { return run.is_from_front; });
      return static_cast<double>(n) > kFromFrontShare * static_cast<double>(patch.runs.size());
    });
    for (auto& patch : patches) measure(patch);
    return patches;
  }

  void measure(FluidPatch& patch) const {
    std::vector<float> strength;
    double side = 0;
    int first = patch.runs.front().row, last = first;
    for (const auto& run : patch.runs) {
      const int width = run.last_x - run.first_x + 1;
      patch.area_mm2 += width, side += width * run.side;
      first = std::min(first, run.row), last = std::max(last, run.row);
      for (int x = run.first_x; x <= run.last_x; ++x)
        strength.push_back(static_cast<float>(s_of(over(x, run.row, patch.slice), scale_.fluid_ratio)));
    }
    patch.side = side / patch.area_mm2;
    patch.length_mm = last - first + 1;
    patch.thickness_mm = patch.area_mm2 / patch.length_mm;
    patch.peak_s = percentile(std::move(strength), 0.95);
  }

  const Grid<float>& logs_;
  const SagittalStack& stack_;
  const CanalCourse& canal_;
  const MuscleField& field_;
  const Fascia& fascia_;
  const std::vector<std::vector<int>>& back_;
  FluidScale scale_;
};

}  // namespace

double first_depth_mm(const SagittalStack& stack, const CanalCourse& canal, const Fascia& fascia, int y, int z) {
  const auto row = static_cast<std::size_t>(y);
  const double beside = std::abs(z - canal.slice[row]) * stack.slice_mm;
  const double depth = fascia.x_mm[static_cast<std::size_t>(z)][row] - canal.x_mm[row];
  if (beside <= kMidline_mm) return std::min(kMidlineDepth_mm, 0.6 * depth);
  return std::min(beside <= kFacets_mm ? kFacetDepth_mm : kBesideDepth_mm, kFacetShare * depth);
}

std::vector<FluidPatch> find_fluid(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal, const MuscleField& field,
                                   const Fascia& fascia, const std::vector<std::vector<int>>& back, const FluidScale& scale) {
  return Search(logs, stack, canal, field, fascia, back, scale).run();
}

}  // namespace cemscope::imaging::mri
