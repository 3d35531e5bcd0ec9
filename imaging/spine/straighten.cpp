#include "imaging/spine/straighten.h"

#include "imaging/parallel.h"

namespace cemscope::imaging::spine {
namespace {

constexpr int kEmptyHu = -950;  // below any tissue and most gas in discs: padding or air
constexpr int kDenseHu = 850;  // above any trabecular bone; cement, metal and the densest cortex

CurvedFrame make_frame(const CanalCourse& course) {
  CurvedFrame f;
  f.origin = course.centre_mm;
  for (const Direction& t : course.along) {
    const Direction left = (Direction::UnitX() - Direction::UnitX().dot(t) * t).normalized();
    f.left.push_back(left);
    f.anterior.push_back(left.cross(t));
    f.superior.push_back(t);
  }
  return f;
}

void mark_dense(StraightSpine& spine, const Grid<std::uint8_t>& hit) {
  for (int z = 0; z < hit.nz; ++z)
    for (int y = 1; y + 1 < hit.ny; ++y)
      for (int x = 1; x + 1 < hit.nx; ++x) {
        if (!hit.at(x, y, z)) continue;
        for (int dz = -1; dz <= 1; ++dz)
          for (int dy = -1; dy <= 1; ++dy)
            for (int dx = -1; dx <= 1; ++dx)
              if (z + dz >= 0 && z + dz < hit.nz) spine.dense.at(x + dx, y + dy, z + dz) = 1;
      }
}

}  // namespace

Point_mm CurvedFrame::to_image(double s, double a, double l) const {
  s = std::clamp(s, 0.0, static_cast<double>(length() - 1));
  const int q = std::min(static_cast<int>(s), std::max(0, length() - 2)), r = std::min(q + 1, length() - 1);
  const double w = s - q;
  auto mix = [&](const auto& v) { return Direction(v[q] * (1 - w) + v[r] * w); };
  return mix(origin) + a * mix(anterior) + l * mix(left);
}

CanalCourse prolong(const CanalCourse& course, const VolumeView& volume, double extra_mm) {
  CanalCourse out = course;
  auto grow = [&](const Point_mm& from, const Direction& step) {
    std::vector<Point_mm> added;
    for (int mm = 1; mm <= extra_mm && volume.contains_mm(from + mm * step); ++mm) added.push_back(from + mm * step);
    return added;
  };
  const auto up = grow(course.centre_mm.back(), course.along.back());
  auto down = grow(course.centre_mm.front(), -course.along.front());
  std::reverse(down.begin(), down.end());
  out.centre_mm.insert(out.centre_mm.end(), up.begin(), up.end());
  out.along.insert(out.along.end(), up.size(), course.along.back());
  out.centre_mm.insert(out.centre_mm.begin(), down.begin(), down.end());
  out.along.insert(out.along.begin(), down.size(), course.along.front());
  return out;
}

StraightSpine straighten(const VolumeView& volume, const CanalCourse& course, int n_threads) {
  StraightSpine out;
  out.frame = make_frame(course);
  const int nx = 2 * StraightSpine::kLeft_mm + 1, ny = StraightSpine::kFront_mm + StraightSpine::kBehind_mm + 1, nz = out.frame.length();
  out.hu = Grid<std::int16_t>(nx, ny, nz);
  out.dense = out.empty = Grid<std::uint8_t>(nx, ny, nz);
  Grid<std::uint8_t> hit(nx, ny, nz);
  parallel_for(nz, n_threads, [&](int s) {
    const Point_mm corner = out.frame.origin[s] - StraightSpine::kBehind_mm * out.frame.anterior[s] - StraightSpine::kLeft_mm * out.frame.left[s];
    for (int y = 0; y < ny; ++y) {
      Point_mm p = corner + y * out.frame.anterior[s];
      for (int x = 0; x < nx; ++x, p += out.frame.left[s]) {
        const float hu = volume.sample(p);
        out.hu.at(x, y, s) = static_cast<std::int16_t>(std::clamp(hu, -80.f, 450.f));
        hit.at(x, y, s) = hu > kDenseHu;
        out.empty.at(x, y, s) = hu < kEmptyHu || !volume.contains_mm(p);
      }
    }
  });
  mark_dense(out, hit);
  return out;
}

}  // namespace cemscope::imaging::spine
