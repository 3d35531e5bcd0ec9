#include "imaging/spine/bending.h"

#include <Eigen/SparseCholesky>

namespace cemscope::imaging::spine {
namespace {

using Triplet = Eigen::Triplet<double>;

/// Adds `precision` x (sum of factor x node)^2.
template <std::size_t N>
void add_square(const std::array<int, N>& nodes, const std::array<double, N>& factors, double precision, std::vector<Triplet>& out) {
  for (std::size_t a = 0; a < N; ++a)
    for (std::size_t b = 0; b < N; ++b) out.emplace_back(nodes[a], nodes[b], precision * factors[a] * factors[b]);
}

struct Nodes {
  int nx, ny;
  Lattice lattice;
  /// -1 outside.
  [[nodiscard]] int at(int x, int y) const {
    if (lattice == Lattice::cyclic_x) x = (x + nx) % nx;
    return x < 0 || x >= nx || y < 0 || y >= ny ? -1 : y * nx + x;
  }
};

}  // namespace

std::vector<double> bend_over(const std::vector<double>& deviation, const std::vector<double>& trust, int nx, Lattice lattice,
                              const Bending& b) {
  const int n = static_cast<int>(deviation.size());
  const Nodes nodes{nx, n / nx, lattice};
  const double bend = 1 / (b.bend_mm * b.bend_mm), slope = 1 / (b.slope_mm * b.slope_mm), home = 1 / (b.deviation_mm * b.deviation_mm),
               seen = 1 / (b.noise_mm * b.noise_mm);
  std::vector<Triplet> entries;
  entries.reserve(static_cast<std::size_t>(n) * 48);
  Eigen::VectorXd right(n);
  for (int y = 0; y < nodes.ny; ++y)
    for (int x = 0; x < nx; ++x) {
      const int self = nodes.at(x, y);
      entries.emplace_back(self, self, home + trust[self] * seen);
      right[self] = trust[self] * seen * deviation[self];
      for (const auto& [dx, dy] : {std::pair{1, 0}, std::pair{0, 1}}) {
        const int next = nodes.at(x + dx, y + dy), before = nodes.at(x - dx, y - dy);
        if (next >= 0) add_square<2>({self, next}, {1, -1}, slope, entries);
        if (next >= 0 && before >= 0) add_square<3>({before, self, next}, {1, -2, 1}, bend, entries);
      }
      const std::array<int, 4> square{self, nodes.at(x + 1, y), nodes.at(x, y + 1), nodes.at(x + 1, y + 1)};
      if (square[1] >= 0 && square[2] >= 0 && square[3] >= 0) add_square<4>(square, {1, -1, -1, 1}, 2 * bend, entries);
    }
  Eigen::SparseMatrix<double> precision(n, n);
  precision.setFromTriplets(entries.begin(), entries.end());
  const Eigen::SimplicialLDLT<Eigen::SparseMatrix<double>> factor(precision);
  const Eigen::VectorXd out = factor.solve(right);
  return {out.data(), out.data() + n};
}

}  // namespace cemscope::imaging::spine
