#include "imaging/phantom/percolation.h"

#include <queue>
#include <unordered_set>

namespace cemscope::imaging::phantom {
namespace {

struct Front {
  double resistance;
  std::int64_t cell;
  bool operator<(const Front& other) const { return resistance != other.resistance ? resistance > other.resistance : cell > other.cell; }
};

class Percolation {
 public:
  Percolation(CementBrick& brick, const Resistance& resistance) : brick_(brick), resistance_(resistance) {}

  void reach(int i, int j, int k) {
    if (!brick_.holds(i, j, k)) return;
    const std::int64_t cell = brick_.index(i, j, k);
    if (!seen_.insert(cell).second) return;
    if (const auto value = resistance_(brick_.local_of(cell))) front_.push({*value, cell});
  }

  std::int64_t fill(CementZone zone, std::int64_t n_wanted) {
    std::int64_t n_filled = 0;
    while (!front_.empty() && n_filled < n_wanted) {
      const std::int64_t cell = front_.top().cell;
      front_.pop();
      if (brick_.zone[cell] == 0) {
        brick_.zone[cell] = static_cast<std::uint8_t>(zone);
        ++n_filled;
      }
      reach_neighbours(cell);
    }
    return n_filled;
  }

 private:
  void reach_neighbours(std::int64_t cell) {
    const int i = static_cast<int>(cell % brick_.size[0]), j = static_cast<int>((cell / brick_.size[0]) % brick_.size[1]);
    const int k = static_cast<int>(cell / brick_.size[0] / brick_.size[1]);
    reach(i - 1, j, k), reach(i + 1, j, k), reach(i, j - 1, k), reach(i, j + 1, k), reach(i, j, k - 1), reach(i, j, k + 1);
  }

  CementBrick& brick_;
  const Resistance& resistance_;
  std::unordered_set<std::int64_t> seen_;
  std::priority_queue<Front> front_;
};

}  // namespace

double percolate(CementBrick& brick, const std::vector<Point_mm>& seeds, CementZone zone, double volume_ml, const Resistance& resistance) {
  Percolation percolation(brick, resistance);
  for (const Point_mm& seed : seeds) {
    const Point_mm position = (seed - brick.corner_mm) / CementBrick::kCell_mm;
    percolation.reach(static_cast<int>(std::lround(position.x())), static_cast<int>(std::lround(position.y())),
                      static_cast<int>(std::lround(position.z())));
  }
  const auto n_wanted = static_cast<std::int64_t>(std::llround(volume_ml / CementBrick::kCell_ml));
  return static_cast<double>(percolation.fill(zone, n_wanted)) * CementBrick::kCell_ml;
}

}  // namespace cemscope::imaging::phantom
