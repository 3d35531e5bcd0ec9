#include "imaging/mri/fascia.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Sparse>
#include <Eigen/SparseCholesky>

#include "imaging/mri/order_statistics.h"

namespace cemscope::imaging::mri {
namespace {

constexpr double kShallowest_mm = 17;                    // thoracic spinous processes of small women end 17 mm behind the canal's centre
constexpr int kSkin_mm = 3;                              // with the pixels it shares with air
constexpr double kThinnest_mm = 3;                       // of the subcutaneous fat
constexpr int kLongestRun_mm = 14;                       // of fluid from front to back; what is deeper is fat that is not suppressed
constexpr double kFluid = 0.45;                          // log over muscle: s of about 0.2
constexpr float kBrightFat = 0.3F;                       // log over muscle: not suppressed
constexpr double kNeutral = 0.20;                        // brighter than that counts as muscle
constexpr int kRowStep = 4;                              // of the surface's nodes
constexpr double kBend = 900, kSideBend = 6.0;           // bending along rows and across slices against the lines' pull
constexpr double kLeastWeight = 0.5, kDoubtPerMm = 0.1;  // of a node that counts as seen; beyond the last one the surface leans
constexpr int kSlack_mm = 12;                            // the second round looks this far from the surface

/// Residuals of one row over the field, from the canal to the skin; missing beyond it.
struct Row {
  int first = 0;               // x of the first
  std::vector<float> over;     // log over muscle
  std::vector<float> clipped;  // fluid neutral
  std::vector<float> sums;     // running, of clipped
  bool has_fluid = false;      // somewhere a fascia may lie
  [[nodiscard]] int last() const { return first + static_cast<int>(over.size()) - 1; }
  [[nodiscard]] float mean(int low, int high, float outside) const {
    const int a = std::max(low, first), b = std::min(high, last());
    const int n_outside = std::max(0, high - std::max(last(), low - 1));
    const float inside = b >= a ? sums[static_cast<std::size_t>(b - first) + 1] - sums[static_cast<std::size_t>(a - first)] : 0;
    const int n = std::max(0, b - a + 1) + n_outside;
    return n > 0 ? (inside + static_cast<float>(n_outside) * outside) / static_cast<float>(n) : 0;
  }
};

class Finder {
 public:
  Finder(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal, const MuscleField& field,
         const std::vector<std::vector<int>>& back)
      : logs_(logs), stack_(stack), canal_(canal), field_(field), back_(back), n_rows_(canal.last_row - canal.first_row + 1) {}

  Fascia run() {
    collect_rows();
    judge_fat();
    Fascia fascia;
    for (int round = 0; round < 3; ++round) {
      draw_lines(round > 0 ? &fascia : nullptr, round == 1 ? kSlack_mm : kSlack_mm / 2);
      fit_surface(fascia);
    }
    return fascia;
  }

 private:
  [[nodiscard]] Row& row(int z, int y) { return rows_[static_cast<std::size_t>(z) * n_rows_ + (y - canal_.first_row)]; }

  void collect_rows() {
    rows_.resize(static_cast<std::size_t>(logs_.nz) * n_rows_);
    for (int z = 0; z < logs_.nz; ++z)
      for (int y = canal_.first_row; y <= canal_.last_row; ++y) {
        Row& r = row(z, y);
        const double x0 = canal_.x_mm[static_cast<std::size_t>(y)];
        r.first = static_cast<int>(x0) + 4;
        const int last = std::min(logs_.nx - 1, back_[static_cast<std::size_t>(z)][static_cast<std::size_t>(y)] - kSkin_mm);
        r.sums = {0};
        for (int x = r.first; x <= last; ++x) {
          // Averaged over three rows: the border runs along them.
          float sum = 0;
          int n = 0;
          for (int v = std::max(0, y - 1); v <= std::min(logs_.ny - 1, y + 1); ++v) sum += logs_.at(x, v, z), ++n;
          const auto over = static_cast<float>(sum / n - field_.log_at(y, z, x - x0));
          r.over.push_back(over);
          r.clipped.push_back(std::clamp(over, -0.8F, static_cast<float>(kNeutral)));
          r.sums.push_back(r.sums.back() + r.clipped.back());
        }
        r.has_fluid = has_fluid_run(r, static_cast<int>(x0 + kShallowest_mm));
      }
  }

  static bool has_fluid_run(const Row& r, int from_x) {
    int run = 0;
    for (int x = std::max(r.first, from_x); x <= r.last() + 1; ++x) {
      const bool is_fluid = x <= r.last() && r.over[static_cast<std::size_t>(x - r.first)] > kFluid;
      const bool is_at_skin = x > r.last();
      if (!is_fluid && !is_at_skin && run >= 2 && run <= kLongestRun_mm) return true;
      run = is_fluid ? run + 1 : 0;
    }
    return false;
  }

  // How bright fat is against muscle, along the body, from the layer under the skin.
  void judge_fat() {
    constexpr int kReach = 12;
    for (int y = canal_.first_row; y <= canal_.last_row; ++y) {
      std::vector<float> sample;
      for (int z = 0; z < logs_.nz; ++z)
        for (int v = std::max(canal_.first_row, y - kReach); v <= std::min(canal_.last_row, y + kReach); v += 4) {
          const Row& r = row(z, v);
          for (int x = r.last() - 7; x <= r.last() - 2; x += 2)
            if (x > r.first + 20) sample.push_back(r.over[static_cast<std::size_t>(x - r.first)]);
        }
      fat_.push_back(sample.empty() ? -0.5F : percentile(std::move(sample), 0.4));
    }
  }
  [[nodiscard]] float fat_at(int y) const { return fat_[static_cast<std::size_t>(y - canal_.first_row)]; }

  [[nodiscard]] float evidence(const Row& r, int x, float fat_here) const {
    const float fat = std::clamp(fat_here, -0.8F, static_cast<float>(kNeutral));
    const float front = r.mean(x - 10, x - 2, 0), behind = r.mean(x + 2, x + 10, fat), far_front = r.mean(x - 22, x - 2, 0);
    const float step = std::clamp(front - behind, -0.4F, 0.7F);
    float dip = 0;
    if (x - 3 >= r.first && x + 3 <= r.last()) {
      const auto at = [&](int u) { return r.clipped[static_cast<std::size_t>(u - r.first)]; };
      dip = std::clamp(0.5F * (at(x - 3) + at(x + 3)) - std::min({at(x - 1), at(x), at(x + 1)}), 0.0F, 0.5F);
    }
    float bright = 0;
    if (fat_here > kBrightFat && x + 6 <= r.last()) {  // fat that is not suppressed
      float sum = 0;
      for (int u = x + 2; u <= x + 6; ++u) sum += r.over[static_cast<std::size_t>(u - r.first)];
      bright = std::clamp(0.2F * sum - std::max(0.0F, r.over[static_cast<std::size_t>(std::max(0, x - 4 - r.first))]), 0.0F, 0.6F);
    }
    // Where fat looks like muscle only the dark line tells.
    const float dip_weight = 0.5F + 1.2F * std::max(0.0F, 1.0F - std::abs(fat_here) / 0.4F);
    return step + dip_weight * dip + bright - 0.5F * std::abs(far_front);
  }

  // The best line of each slice, one column per row at most.
  void draw_lines(const Fascia* near, int slack_mm) {
    lines_.assign(static_cast<std::size_t>(logs_.nz), std::vector<int>(static_cast<std::size_t>(n_rows_)));
    gains_.assign(static_cast<std::size_t>(logs_.nz), std::vector<float>(static_cast<std::size_t>(n_rows_)));
    for (int z = 0; z < logs_.nz; ++z) draw_line(z, near, slack_mm);
  }

  void draw_line(int z, const Fascia* near, int slack_mm) {
    const int nx = logs_.nx;
    std::vector<float> best(static_cast<std::size_t>(nx), 0), next(best), reward(best);
    std::vector<std::vector<std::int8_t>> came(static_cast<std::size_t>(n_rows_), std::vector<std::int8_t>(static_cast<std::size_t>(nx)));
    std::vector<std::vector<float>> rewards(static_cast<std::size_t>(n_rows_));
    for (int n = 0; n < n_rows_; ++n) {
      const int y = canal_.first_row + n;
      const Row& r = row(z, y);
      std::fill(reward.begin(), reward.end(), -2.0F);
      int low = static_cast<int>(canal_.x_mm[static_cast<std::size_t>(y)] + kShallowest_mm),
          high = static_cast<int>(r.last() - kThinnest_mm);
      const double centre = near ? near->x_mm[static_cast<std::size_t>(z)][static_cast<std::size_t>(y)] : 0;
      for (int x = std::max(low, 1); x <= std::min(high, nx - 2); ++x) {
        float pull = 0;
        if (near) pull = static_cast<float>(std::min(1.5, std::pow((x - centre) / slack_mm, 2)));
        reward[static_cast<std::size_t>(x)] = (is_void(r, y) ? 0.0F : evidence(r, x, fat_at(y))) - pull;
      }
      rewards[static_cast<std::size_t>(n)] = reward;
      for (int x = 0; x < nx; ++x) {
        if (n == 0) {
          next[static_cast<std::size_t>(x)] = reward[static_cast<std::size_t>(x)];
          continue;
        }
        float top = best[static_cast<std::size_t>(x)];
        std::int8_t from = 0;
        for (const int dx : {-1, 1})
          if (x + dx >= 0 && x + dx < nx && best[static_cast<std::size_t>(x + dx)] - 0.12F > top)
            top = best[static_cast<std::size_t>(x + dx)] - 0.12F, from = static_cast<std::int8_t>(dx);
        next[static_cast<std::size_t>(x)] = top + reward[static_cast<std::size_t>(x)];
        came[static_cast<std::size_t>(n)][static_cast<std::size_t>(x)] = from;
      }
      std::swap(best, next);
    }
    int x = static_cast<int>(std::max_element(best.begin(), best.end()) - best.begin());
    for (int n = n_rows_ - 1; n >= 0; --n) {
      lines_[static_cast<std::size_t>(z)][static_cast<std::size_t>(n)] = x;
      gains_[static_cast<std::size_t>(z)][static_cast<std::size_t>(n)] = rewards[static_cast<std::size_t>(n)][static_cast<std::size_t>(x)];
      x += came[static_cast<std::size_t>(n)][static_cast<std::size_t>(x)];
    }
  }

  // A row with fluid near the border says nothing of where it lies: a strip may be on either side.
  [[nodiscard]] bool is_void(const Row& r, int y) const { return r.has_fluid && fat_at(y) < kBrightFat; }

  struct Node {
    double sum = 0, weight = 0;
  };

  std::vector<Node> nodes(int n_nodes) {
    std::vector<Node> result(static_cast<std::size_t>(n_nodes) * logs_.nz);
    for (int z = 0; z < logs_.nz; ++z) {
      std::vector<bool> hidden(static_cast<std::size_t>(n_rows_));
      for (int n = 0; n < n_rows_; ++n)
        if (is_void(row(z, canal_.first_row + n), canal_.first_row + n))
          for (int m = std::max(0, n - 4); m <= std::min(n_rows_ - 1, n + 4); ++m) hidden[static_cast<std::size_t>(m)] = true;
      for (int n = 0; n < n_rows_; ++n) {
        const double gain = gains_[static_cast<std::size_t>(z)][static_cast<std::size_t>(n)];
        const double weight = hidden[static_cast<std::size_t>(n)] ? 0.0 : std::clamp((gain - 0.05) / 0.4, 0.02, 1.0);
        Node& node = result[static_cast<std::size_t>(z) * n_nodes + n / kRowStep];
        node.sum += weight * lines_[static_cast<std::size_t>(z)][static_cast<std::size_t>(n)], node.weight += weight;
      }
    }
    return result;
  }

  // Minimises sum w (F - line)^2 + bending along the rows and across the slices, lines far off the surface losing their weight.
  void fit_surface(Fascia& fascia) {
    const int n_nodes = (n_rows_ + kRowStep - 1) / kRowStep, n = n_nodes * logs_.nz;
    const auto seen = nodes(n_nodes);
    Eigen::VectorXd surface = Eigen::VectorXd::Zero(n);
    std::vector<double> trust(static_cast<std::size_t>(n), 1.0);
    for (int round = 0; round < 5; ++round) {
      std::vector<Eigen::Triplet<double>> entries;
      Eigen::VectorXd right = Eigen::VectorXd::Zero(n);
      for (int i = 0; i < n; ++i) {
        const Node& node = seen[static_cast<std::size_t>(i)];
        const double w = trust[static_cast<std::size_t>(i)];
        entries.emplace_back(i, i, w * node.weight + 1e-6), right[i] += w * node.sum;
      }
      for (int z = 0; z < logs_.nz; ++z)
        for (int m = 0; m < n_nodes; ++m) {
          const int i = z * n_nodes + m;
          if (m > 0 && m + 1 < n_nodes) add_bend(entries, i - 1, i, i + 1, kBend / std::pow(kRowStep, 3));
          if (z > 0 && z + 1 < logs_.nz) add_bend(entries, i - n_nodes, i, i + n_nodes, kSideBend / stack_.slice_mm);
          if (z + 1 < logs_.nz) add_tie(entries, i, i + n_nodes, 0.3 / stack_.slice_mm);
        }
      Eigen::SparseMatrix<double> matrix(n, n);
      matrix.setFromTriplets(entries.begin(), entries.end());
      surface = Eigen::SimplicialLDLT<Eigen::SparseMatrix<double>>(matrix).solve(right);
      for (int i = 0; i < n; ++i) {
        const Node& node = seen[static_cast<std::size_t>(i)];
        const double off = node.weight > 0 ? node.sum / node.weight - surface[i] : 0, width = round < 2 ? 6.0 : 3.0;
        trust[static_cast<std::size_t>(i)] = 1.0 / (1.0 + off * off / (width * width));
      }
    }
    store(fascia, surface, seen, trust, n_nodes);
  }

  static void add_bend(std::vector<Eigen::Triplet<double>>& entries, int a, int b, int c, double weight) {
    const std::array<std::pair<int, double>, 3> terms{{{a, 1.0}, {b, -2.0}, {c, 1.0}}};
    for (const auto& [i, u] : terms)
      for (const auto& [j, v] : terms) entries.emplace_back(i, j, weight * u * v);
  }

  static void add_tie(std::vector<Eigen::Triplet<double>>& entries, int a, int b, double weight) {
    entries.emplace_back(a, a, weight), entries.emplace_back(b, b, weight);
    entries.emplace_back(a, b, -weight), entries.emplace_back(b, a, -weight);
  }

  // Nodes of a slice beyond which the surface goes on straight.
  static int first_seen(const std::vector<Node>& seen, int z, int n_nodes) {
    int m = 0;
    while (m < n_nodes && seen[static_cast<std::size_t>(z) * n_nodes + m].weight < kLeastWeight) ++m;
    return m;
  }
  static int last_seen(const std::vector<Node>& seen, int z, int n_nodes) {
    int m = n_nodes - 1;
    while (m >= 0 && seen[static_cast<std::size_t>(z) * n_nodes + m].weight < kLeastWeight) --m;
    return m;
  }

  void store(Fascia& fascia, const Eigen::VectorXd& surface, const std::vector<Node>& seen, const std::vector<double>& trust,
             int n_nodes) const {
    fascia.x_mm.assign(static_cast<std::size_t>(logs_.nz), std::vector<double>(static_cast<std::size_t>(logs_.ny)));
    fascia.support = fascia.doubt_mm = fascia.x_mm;
    for (int z = 0; z < logs_.nz; ++z)
      for (int y = 0; y < logs_.ny; ++y) {
        const double position = std::clamp((y - canal_.first_row - 0.5 * (kRowStep - 1)) / kRowStep, 0.0, n_nodes - 1.001);
        const int m = static_cast<int>(position), i = z * n_nodes + m;
        const double share = position - m;
        fascia.x_mm[static_cast<std::size_t>(z)][static_cast<std::size_t>(y)] = surface[i] + share * (surface[i + 1] - surface[i]);
        const auto k = static_cast<std::size_t>(i);
        fascia.support[static_cast<std::size_t>(z)][static_cast<std::size_t>(y)] = std::min(1.0, seen[k].weight / kRowStep) * trust[k];
        fascia.doubt_mm[static_cast<std::size_t>(z)][static_cast<std::size_t>(y)] =
            kDoubtPerMm * kRowStep * std::max({0, first_seen(seen, z, n_nodes) - m, m - last_seen(seen, z, n_nodes)});
      }
  }

  const Grid<float>& logs_;
  const SagittalStack& stack_;
  const CanalCourse& canal_;
  const MuscleField& field_;
  const std::vector<std::vector<int>>& back_;
  int n_rows_;
  std::vector<Row> rows_;
  std::vector<float> fat_;  // log over muscle, by row from the first
  std::vector<std::vector<int>> lines_;
  std::vector<std::vector<float>> gains_;
};

}  // namespace

Fascia find_fascia(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal, const MuscleField& field,
                   const std::vector<std::vector<int>>& back) {
  return Finder(logs, stack, canal, field, back).run();
}

}  // namespace cemscope::imaging::mri
