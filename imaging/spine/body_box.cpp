#include "imaging/spine/body_box.h"

#include "imaging/spine/body.h"

namespace cemscope::imaging::spine {
namespace {

constexpr float kLow = 0.f, kHigh = 450.f;  // gas in a cleft makes no edge inside a body; cement counts as bone
constexpr float kDense = 850.f;
constexpr double kBlooming_mm = 1.5;  // cement of 2,500 HU adds less than 80 HU there when blurred by 1.5 mm full width
constexpr float kStandIn = 230.f;  // dense trabecular bone in cement's place
// The edge is the shell's outer face: a short look inside, a longer one outside.
constexpr int kInsideSteps = 3, kOutsideSteps = 4, kDenseSteps = 3, kBeyondSteps = 48;

/// Offsets within 1.5 mm, along thick slices within a slice: blurred cement would pass for a cortex.
std::vector<std::array<int, 3>> blooming(const VolumeView& volume, const BodyFrame& frame) {
  constexpr int kMost_mm = 5;
  std::vector<std::array<int, 3>> offsets;
  for (int z = -kMost_mm; z <= kMost_mm; ++z)
    for (int y = -kMost_mm; y <= kMost_mm; ++y)
      for (int x = -kMost_mm; x <= kMost_mm; ++x) {
        const Direction d = x * frame.left + y * frame.anterior + z * frame.superior;
        double far = 0;
        for (int axis = 0; axis < 3; ++axis) far += std::pow(d[axis] / std::max(kBlooming_mm, volume.spacing_mm[axis]), 2);
        if (far <= 1) offsets.push_back({x, y, z});
      }
  return offsets;
}

}  // namespace

EdgeLine::EdgeLine(double first, const std::vector<float>& hu, const std::vector<std::uint8_t>& dense, int sense)
    : first_(first), drops_(hu.size()), weights_(hu.size(), 1.f), beyond_(hu.size()) {
  const int n = static_cast<int>(hu.size());
  auto place = [&](int q) { return static_cast<std::size_t>(std::clamp(q, 0, n - 1)); };
  for (int q = 0; q < n; ++q) {
    float inside = 0, outside = 0;
    for (int t = 1; t <= kInsideSteps; ++t) inside += hu[place(q - sense * t)];
    for (int t = 1; t <= kOutsideSteps; ++t) outside += hu[place(q + sense * t)];
    drops_[q] = inside / kInsideSteps - outside / kOutsideSteps;
    for (int t = 0; t <= kDenseSteps; ++t)
      if (dense[place(q - sense * t)]) weights_[q] = 0;
    for (int t = 1; t <= kOutsideSteps; ++t)
      if (dense[place(q + sense * t)] & kMissing) weights_[q] = 0;
    for (int t = 1; t <= kBeyondSteps; ++t)
      if (q + sense * t >= 0 && q + sense * t < n && dense[place(q + sense * t)] & kCementOrMetal)
        beyond_[q] += static_cast<float>(kStep_mm);
  }
}

BodyBox::BodyBox(const VolumeView& volume, const BodyFrame& frame)
    : hu_(2 * kU + 1, kBack + kFront + 1, 2 * kW + 1), dense_(hu_.nx, hu_.ny, hu_.nz) {
  const auto near = blooming(volume, frame);
  for (int z = 0; z < hu_.nz; ++z)
    for (int y = 0; y < hu_.ny; ++y) {
      Point_mm p = frame.to_image({-kU, static_cast<double>(y - kBack), static_cast<double>(z - kW)});
      for (int x = 0; x < hu_.nx; ++x, p += frame.left) {
        const float hu = volume.sample(p);
        hu_.at(x, y, z) = std::clamp(hu, kLow, kHigh);
        if (hu < kLow && volume.is_missing(p)) dense_.at(x, y, z) |= kMissing;
        if (hu <= kDense) continue;
        for (const auto& [dx, dy, dz] : near)
          if (dense_.contains(x + dx, y + dy, z + dz)) dense_.at(x + dx, y + dy, z + dz) |= kBlooms;
        dense_.at(x, y, z) |= kCementOrMetal;
      }
    }
  for (std::size_t q = 0; q < hu_.values.size(); ++q)
    if (dense_.values[q] & (kBlooms | kCementOrMetal)) hu_.values[q] = std::min(hu_.values[q], kStandIn);
}

std::uint8_t BodyBox::dense_near(double u, double v, double w) const {
  const int x = std::clamp(static_cast<int>(std::lround(u)) + kU, 0, hu_.nx - 1),
            y = std::clamp(static_cast<int>(std::lround(v)) + kBack, 0, hu_.ny - 1),
            z = std::clamp(static_cast<int>(std::lround(w)) + kW, 0, hu_.nz - 1);
  return dense_.at(x, y, z);
}

float BodyBox::at(double u, double v, double w) const {
  const double a = std::clamp(u + kU, 0.0, hu_.nx - 1.001), b = std::clamp(v + kBack, 0.0, hu_.ny - 1.001),
               c = std::clamp(w + kW, 0.0, hu_.nz - 1.001);
  const int x = static_cast<int>(a), y = static_cast<int>(b), z = static_cast<int>(c);
  const float fx = static_cast<float>(a - x), fy = static_cast<float>(b - y), fz = static_cast<float>(c - z);
  const float* p = &hu_.at(x, y, z);
  const std::size_t dy = hu_.nx, dz = dy * hu_.ny;
  auto line = [&](const float* q) { return q[0] * (1 - fx) + q[1] * fx; };
  auto plane = [&](const float* q) { return line(q) * (1 - fy) + line(q + dy) * fy; };
  return plane(p) * (1 - fz) + plane(p + dz) * fz;
}

EdgeLine BodyBox::vertical_line(int u, int v, int sense) const {
  const int x = std::clamp(u + kU, 0, hu_.nx - 1), y = std::clamp(v + kBack, 0, hu_.ny - 1), n = 2 * (hu_.nz - 1);
  std::vector<float> hu(n);
  std::vector<std::uint8_t> dense(n);
  for (int q = 0; q < n; ++q) {
    const int z = q / 2;
    hu[q] = q % 2 ? (hu_.at(x, y, z) + hu_.at(x, y, z + 1)) / 2 : hu_.at(x, y, z);
    dense[q] = dense_.at(x, y, (q + 1) / 2);
  }
  return {-kW, hu, dense, sense};
}

EdgeLine BodyBox::backward_line(int u, int w) const {
  const int x = std::clamp(u + kU, 0, hu_.nx - 1), z = std::clamp(w + kW, 0, hu_.nz - 1), n = 2 * (hu_.ny - 1);
  std::vector<float> hu(n);
  std::vector<std::uint8_t> dense(n);
  for (int q = 0; q < n; ++q) {
    const int y = q / 2;
    hu[q] = q % 2 ? (hu_.at(x, y, z) + hu_.at(x, y + 1, z)) / 2 : hu_.at(x, y, z);
    dense[q] = dense_.at(x, (q + 1) / 2, z);
  }
  return {-kBack, hu, dense, -1};
}

}  // namespace cemscope::imaging::spine
