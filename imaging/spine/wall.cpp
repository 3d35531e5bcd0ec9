#include "imaging/spine/wall.h"

#include "imaging/spine/bending.h"
#include "imaging/spine/edge.h"
#include "imaging/spine/face_evidence.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::spine {
namespace {

constexpr double kWallMin_mm = 8, kWallMax_mm = 34;
constexpr float kWallStiffness = 0.25f;  // per label; chosen on the shared cohort's label maps

int n_wall_labels() { return static_cast<int>((kWallMax_mm - kWallMin_mm) / kFaceStep_mm) + 1; }

/// Whether cement or metal leaves no evidence within a millimetre of `r`.
bool is_hidden(const Grid<float>& evidence, int x, int band, double r) {
  const int label = static_cast<int>(std::lround((r - kWallMin_mm) / kFaceStep_mm));
  for (int z = std::max(0, label - 2); z <= std::min(evidence.nz - 1, label + 2); ++z)
    if (evidence.at(x, band, z) != 0) return false;
  return true;
}

int mirrored(int angle) { return (VertebralBody::kAngles / 2 - angle + VertebralBody::kAngles) % VertebralBody::kAngles; }

/// The walls that show on the bodies within two of `self` within two angles and a band of a place.
std::vector<double> walls_near(const std::vector<VertebralBody>& bodies, std::size_t self, int angle, int band) {
  std::vector<double> radii;
  for (std::size_t b = self >= 2 ? self - 2 : 0; b < std::min(bodies.size(), self + 3); ++b)
    for (int y = std::max(0, band - 1); y <= std::min(VertebralBody::kBands - 1, band + 1); ++y)
      for (int x = angle - 2; x <= angle + 2; ++x) {
        const std::size_t q = static_cast<std::size_t>(y) * VertebralBody::kAngles + (x + VertebralBody::kAngles) % VertebralBody::kAngles;
        if (bodies[b].wall_way[q] <= 0) radii.push_back(bodies[b].wall[q]);
      }
  return radii;
}

/// Median of the walls that show near by, at every angle and height, bent over gaps: the usual contour here. Where few show, the other
/// side's count instead. One body's misread stretch of wall must not make a notch that another's hidden wall is drawn into.
std::vector<double> median_contour(const std::vector<VertebralBody>& bodies, std::size_t self) {
  constexpr double kNone_mm = 19;
  constexpr std::size_t kVotes = 6;  // 12 and 24 do no better
  constexpr Bending kSmooth{.noise_mm = 1, .bend_mm = 0.3, .slope_mm = 1, .deviation_mm = 5};
  std::vector<double> contour(static_cast<std::size_t>(VertebralBody::kAngles) * VertebralBody::kBands), trust(contour.size());
  for (int band = 0; band < VertebralBody::kBands; ++band)
    for (int x = 0; x < VertebralBody::kAngles; ++x) {
      auto radii = walls_near(bodies, self, x, band);
      if (radii.size() < kVotes) {
        const auto other = walls_near(bodies, self, mirrored(x), band);
        radii.insert(radii.end(), other.begin(), other.end());
      }
      const std::size_t q = static_cast<std::size_t>(band) * VertebralBody::kAngles + x;
      trust[q] = std::min(1.0, static_cast<double>(radii.size()) / static_cast<double>(kVotes));
      contour[q] = quantile(std::move(radii), 0.5, kNone_mm) - kNone_mm;
    }
  contour = bend_over(contour, trust, VertebralBody::kAngles, Lattice::cyclic_x, kSmooth);
  for (double& r : contour) r += kNone_mm;
  return contour;
}

/// `contour` brought onto the body: scaled about its axis and shifted so that it fits the walls that show, by Huber's least squares. The
/// neighbours' contour is theirs in size and lies about their own axes.
void align(std::vector<double>& contour, const VertebralBody& body) {
  constexpr double kHuber_mm = 1.0, kWeightOfNone = 20;  // nodes' worth of weight on "as it is"
  Eigen::Vector3d x(1, 0, 0);
  for (int round = 0; round < 6; ++round) {
    Eigen::Matrix3d normal = Eigen::Vector3d(kWeightOfNone * 400, kWeightOfNone, kWeightOfNone).asDiagonal();
    Eigen::Vector3d right(kWeightOfNone * 400, 0, 0);
    for (std::size_t q = 0; q < contour.size(); ++q) {
      if (body.wall_way[q] > 0) continue;
      const double angle = 2 * M_PI * static_cast<double>(q % VertebralBody::kAngles) / VertebralBody::kAngles;
      const Eigen::Vector3d row(contour[q], std::cos(angle), std::sin(angle));
      const double off = std::abs(row.dot(x) - body.wall[q]), weight = off > kHuber_mm ? kHuber_mm / off : 1;
      normal += weight * row * row.transpose(), right += weight * body.wall[q] * row;
    }
    x = normal.ldlt().solve(right);
  }
  for (std::size_t q = 0; q < contour.size(); ++q) {
    const double angle = 2 * M_PI * static_cast<double>(q % VertebralBody::kAngles) / VertebralBody::kAngles;
    contour[q] = x.dot(Eigen::Vector3d(contour[q], std::cos(angle), std::sin(angle)));
  }
}

}  // namespace

double band_height(const VertebralBody& body, double u, double v, int band) {
  const double t = (band + 0.7) / (VertebralBody::kBands + 0.4);
  return body.lower_at(u, v) * (1 - t) + body.upper_at(u, v) * t;
}

WallEvidence wall_evidence(const BodyBox& box, const VertebralBody& body) {
  Grid<float> cost(VertebralBody::kAngles, VertebralBody::kBands, n_wall_labels());
  Grid<float> cement = cost;
  for (int band = 0; band < cost.ny; ++band)
    for (int x = 0; x < cost.nx; ++x) {
      const double angle = 2 * M_PI * x / VertebralBody::kAngles, cu = std::cos(angle), cv = std::sin(angle);
      auto on_ray = [&](double r) { return Eigen::Vector3d(r * cu, r * cv, band_height(body, 0.8 * r * cu, 0.8 * r * cv, band)); };
      const EdgeLine edges = box.curved_line(kWallMin_mm, kWallMax_mm, on_ray);
      for (int z = 0; z < cost.nz; ++z) {
        const double r = kWallMin_mm + z * kFaceStep_mm;
        const auto q = on_ray(r);
        if (q[1] <= body.rear_at(q[0], q[2]) + 1) continue;
        cost.at(x, band, z) = edge_cost(edges.drop(r), edges.weight(r)), cement.at(x, band, z) = cement_cost(edges, r, kWallCementCost);
      }
    }
  return {std::move(cost), std::move(cement)};
}

std::vector<double> fit_walls(const WallEvidence& evidence, const std::vector<double>& prior) {
  constexpr double kFree = 0.003, kDrawn = 0.02, kDrawnHidden = 0.08, kFree_mm = 19;
  Grid<float> cost = evidence.edge;
  for (int band = 0; band < cost.ny; ++band)
    for (int x = 0; x < cost.nx; ++x) {
      const double usual = prior.empty() ? kFree_mm : prior[static_cast<std::size_t>(band) * cost.nx + x];
      const bool hidden = !prior.empty() && is_hidden(evidence.edge, x, band, usual);
      for (int z = 0; z < cost.nz; ++z) {
        const double beyond = kWallMin_mm + z * kFaceStep_mm - usual;
        float& c = cost.at(x, band, z);
        if (hidden) c *= static_cast<float>(trust(beyond));
        c += evidence.cement.at(x, band, z);
        c += static_cast<float>((prior.empty() ? kFree : hidden ? kDrawnHidden : kDrawn) * beyond * beyond);
      }
    }
  Surface s = fit_surface(cost, kWallStiffness, Lattice::cyclic_x);
  for (double& r : s.label) r = kWallMin_mm + r * kFaceStep_mm;
  return s.label;
}

std::vector<float> wall_way(const WallEvidence& both, const VertebralBody& body) {
  const Grid<float>& evidence = both.edge;
  std::vector<std::uint8_t> seen(body.wall.size());
  for (int band = 0; band < evidence.ny; ++band)
    for (int x = 0; x < evidence.nx; ++x) {
      const std::size_t q = static_cast<std::size_t>(band) * evidence.nx + x;
      const int label = std::clamp(static_cast<int>(std::lround((body.wall[q] - kWallMin_mm) / kFaceStep_mm)), 0, evidence.nz - 1);
      seen[q] = evidence.at(x, band, label) < -kShownDrop_hu / 100;
    }
  constexpr double kUsualRadius_mm = 19;
  const double height = body.upper_at(0, 0) - body.lower_at(0, 0);
  return way_to_seen(seen, evidence.nx, 2 * M_PI * kUsualRadius_mm / VertebralBody::kAngles, height / (VertebralBody::kBands + 0.4),
                     Lattice::cyclic_x);
}

std::vector<double> usual_contour(const std::vector<VertebralBody>& bodies, std::size_t self) {
  auto contour = median_contour(bodies, self);
  align(contour, bodies[self]);
  return contour;
}

}  // namespace cemscope::imaging::spine
