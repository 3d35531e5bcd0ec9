#include "imaging/spine/canal.h"

#include <numeric>

#include "imaging/parallel.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::spine {
namespace {

constexpr float kBoneRampHu = 100.f;    // soft edge of the bone mask: what a porotic shell still shows in thick slices
constexpr double kWidestCanal_mm = 32;  // from wall to wall; wider is a foramen
constexpr int kCementHu = 850;         // rows through cement have no say in the recentring; trial value
constexpr int kLeastFront = 7;       // of 255: mean bone in front of a canal, a thin shell's worth
constexpr double kRayStart_mm = 5, kRayEnd_mm = 16;  // half-widths of adult canals, 8-15 mm, and their ring

constexpr int kLowest = -200, kHighest = 700;  // HU; metal and air count as no more

struct Coarse {
  Grid<std::uint8_t> bone;             // 0..255
  Grid<std::uint8_t> soft;             // 0..255
  std::array<double, 3> mm{};          // spacing
  double bone_hu = 0, soft_hu = 0;
};

std::array<int, 3> coarsening(const VolumeView& v, double grid_mm) {
  std::array<int, 3> f{};
  for (int d = 0; d < 3; ++d) f[d] = std::clamp(static_cast<int>(std::lround(grid_mm / v.spacing_mm[d])), 1, std::max(1, v.size[d]));
  return f;
}

/// Block means, each voxel limited to [kLowest, kHighest] HU so that metal and air do not bleed; of thin slices two in a block are enough.
Grid<std::int16_t> block_means(const VolumeView& v, const std::array<int, 3>& f, int n_threads) {
  Grid<std::int16_t> out(v.size[0] / f[0], v.size[1] / f[1], v.size[2] / f[2]);
  const int slices = std::min(f[2], 2), n = f[0] * f[1] * slices;
  parallel_for(out.nz, n_threads, [&](int z) {
    std::vector<std::int16_t> columns(v.size[0]);  // at most 2 x f[1] x 700
    for (int y = 0; y < out.ny; ++y) {
      std::fill(columns.begin(), columns.end(), std::int16_t{0});
      for (int dz = 0; dz < slices; ++dz)
        for (int dy = 0; dy < f[1]; ++dy) {
          const std::int16_t* p = v.hu + v.index(0, y * f[1] + dy, z * f[2] + dz);
          for (int x = 0; x < v.size[0]; ++x) columns[x] = static_cast<std::int16_t>(columns[x] + std::clamp<std::int16_t>(p[x], kLowest, kHighest));
        }
      for (int x = 0; x < out.nx; ++x) {
        int sum = 0;
        for (int dx = 0; dx < f[0]; ++dx) sum += columns[x * f[0] + dx];
        out.at(x, y, z) = static_cast<std::int16_t>(sum / n);
      }
    }
  });
  return out;
}

/// Median of what lies between fat and bone; 50 HU when the scan holds none.
double median_soft_hu(const Grid<std::int16_t>& g) {
  std::array<std::size_t, 140> histogram{};
  std::size_t n = 0;
  for (std::size_t q = 0; q < g.values.size(); q += 3)
    if (g.values[q] >= 0 && g.values[q] < 140) ++histogram[g.values[q]], ++n;
  std::size_t seen = 0;
  for (int hu = 0; hu < 140; ++hu)
    if ((seen += histogram[hu]) * 2 > n) return hu;
  return 50;
}

/// Vessels, kidneys and bowel full of contrast medium are no bone: as dense over some 11 mm and even, which spongy bone of that density is
/// not. The rim that partial volume leaves of them goes, too.
void take_out_contrast(const Grid<std::int16_t>& g, int n_threads, Coarse& c) {
  constexpr double kDensest_hu = 450, kEven_hu = 18, kReach_mm = 5.5, kRim_mm = 2;
  const auto px = [&](double mm, int d) { return std::max(1, static_cast<int>(std::lround(mm / c.mm[static_cast<std::size_t>(d)]))); };
  const int rx = px(kReach_mm, 0), ry = px(kReach_mm, 1), mx = rx + px(kRim_mm, 0), my = ry + px(kRim_mm, 1);
  const auto is_even = [&](int x, int y, int z) {
    double sum = 0, squares = 0;
    for (int v = y - ry; v <= y + ry; ++v)
      for (int u = x - rx; u <= x + rx; ++u) {
        const double hu = g.at(u, v, z);
        if (hu < c.bone_hu || hu > kDensest_hu) return false;
        sum += hu, squares += hu * hu;
      }
    const double n = (2 * rx + 1) * (2 * ry + 1), mean = sum / n;
    return squares / n - mean * mean < kEven_hu * kEven_hu;
  };
  parallel_for(g.nz, n_threads, [&](int z) {
    for (int y = ry; y < g.ny - ry; ++y)
      for (int x = rx; x < g.nx - rx; ++x)
        if (is_even(x, y, z))
          for (int v = std::max(0, y - my); v <= std::min(g.ny - 1, y + my); ++v)
            std::fill(&c.bone.at(std::max(0, x - mx), v, z), &c.bone.at(std::min(g.nx - 1, x + mx), v, z) + 1, std::uint8_t{0});
  });
}

Coarse coarsen(const VolumeView& v, const CanalParameters& p) {
  const auto f = coarsening(v, p.grid_mm);
  const auto g = block_means(v, f, p.n_threads);
  Coarse c{Grid<std::uint8_t>(g.nx, g.ny, g.nz), Grid<std::uint8_t>(g.nx, g.ny, g.nz), {}, 0, 0};
  for (int d = 0; d < 3; ++d) c.mm[d] = f[d] * v.spacing_mm[d];
  c.soft_hu = median_soft_hu(g);
  c.bone_hu = std::max(p.min_bone_hu, c.soft_hu + p.bone_above_soft_hu);
  std::array<std::uint8_t, kHighest - kLowest + 1> bone{}, soft{};
  for (int value = kLowest; value <= kHighest; ++value) {
    const float hu = static_cast<float>(value);
    bone[value - kLowest] = static_cast<std::uint8_t>(255 * std::clamp((hu - static_cast<float>(c.bone_hu)) / kBoneRampHu, 0.f, 1.f));
    const float below = std::clamp((static_cast<float>(c.bone_hu) + 40 - hu) / 80.f, 0.f, 1.f);
    const float above = std::clamp((hu + 150.f) / 60.f, 0.f, 1.f);  // fat is soft, air is not
    soft[value - kLowest] = static_cast<std::uint8_t>(255 * std::min(below, above));
  }
  for (std::size_t q = 0; q < g.values.size(); ++q) c.bone.values[q] = bone[g.values[q] - kLowest], c.soft.values[q] = soft[g.values[q] - kLowest];
  take_out_contrast(g, p.n_threads, c);
  return c;
}

/// Mean bone (0..1) in boxes, by one integral image per slice.
class BoxMeans {
 public:
  BoxMeans(const Grid<std::uint8_t>& g, int z) : nx_(g.nx), ny_(g.ny), sums_(static_cast<std::size_t>(g.nx + 1) * (g.ny + 1), 0) {
    for (int y = 0; y < ny_; ++y) {
      std::uint32_t row = 0;
      for (int x = 0; x < nx_; ++x) {
        row += g.at(x, y, z);
        sums_[at(x + 1, y + 1)] = sums_[at(x + 1, y)] + row;
      }
    }
  }
  [[nodiscard]] float mean(int x0, int x1, int y0, int y1) const {
    const float n = static_cast<float>((x1 - x0 + 1) * (y1 - y0 + 1));
    x0 = std::clamp(x0, 0, nx_), x1 = std::clamp(x1 + 1, 0, nx_), y0 = std::clamp(y0, 0, ny_), y1 = std::clamp(y1 + 1, 0, ny_);
    if (x1 <= x0 || y1 <= y0) return 0.f;
    return static_cast<float>(sums_[at(x1, y1)] - sums_[at(x0, y1)] - sums_[at(x1, y0)] + sums_[at(x0, y0)]) / (255.f * n);
  }

 private:
  [[nodiscard]] std::size_t at(int x, int y) const { return static_cast<std::size_t>(y) * (nx_ + 1) + x; }
  int nx_, ny_;
  std::vector<std::uint32_t> sums_;
};

/// Mean over slices z - half .. z + half of a stack of planes, by running sums. O(voxels).
Grid<std::uint8_t> mean_along_z(const Grid<std::uint8_t>& g, int half, int n_threads) {
  Grid<std::uint8_t> out(g.nx, g.ny, g.nz);
  parallel_for(g.ny, n_threads, [&](int y) {
    std::vector<std::uint32_t> sum(g.nx, 0);
    auto add = [&](int z, std::uint32_t sign) {
      const std::uint8_t* p = &g.at(0, y, z);
      for (int x = 0; x < g.nx; ++x) sum[x] += sign * p[x];
    };
    for (int z = 0; z < std::min(half, g.nz); ++z) add(z, 1U);
    for (int z = 0; z < g.nz; ++z) {
      if (z + half < g.nz) add(z + half, 1U);
      if (z - half - 1 >= 0) add(z - half - 1, ~0U);  // -1 modulo 2^32
      const float scale = 1.f / static_cast<float>(std::min(z + half, g.nz - 1) - std::max(z - half, 0) + 1);
      std::uint8_t* to = &out.at(0, y, z);
      for (int x = 0; x < g.nx; ++x) to[x] = static_cast<std::uint8_t>((static_cast<float>(sum[x]) + 0.5f) * scale);
    }
  });
  return out;
}

struct Surroundings {
  Grid<std::uint8_t> front, behind;  // mean bone where the body and where the spinous process should be, 0..255
};

/// A box of 30 x 34 mm from 8 mm in front (averaged over 36 mm of height, so that it bridges discs; wide enough to hold the shell, which is
/// all that an osteoporotic body shows) and one of 12 mm 17 mm behind (over 30 mm).
Surroundings surroundings(const Coarse& c, int n_threads) {
  const auto& b = c.bone;
  Surroundings s{Grid<std::uint8_t>(b.nx, b.ny, b.nz), Grid<std::uint8_t>(b.nx, b.ny, b.nz)};
  auto px = [&](double mm, int d) { return static_cast<int>(std::lround(mm / c.mm[d])); };
  const int fx = px(15, 0), f0 = px(42, 1), f1 = px(8, 1), bx = px(6, 0), b0 = px(11, 1), b1 = px(23, 1);
  parallel_for(b.nz, n_threads, [&](int z) {
    const BoxMeans boxes(b, z);
    for (int y = 0; y < b.ny; ++y)
      for (int x = 0; x < b.nx; ++x) {
        s.front.at(x, y, z) = static_cast<std::uint8_t>(255 * boxes.mean(x - fx, x + fx, y - f0, y - f1));
        s.behind.at(x, y, z) = static_cast<std::uint8_t>(255 * boxes.mean(x - bx, x + bx, y + b0, y + b1));
      }
  });
  s.front = mean_along_z(s.front, px(18, 2), n_threads);
  s.behind = mean_along_z(s.behind, px(15, 2), n_threads);
  return s;
}

struct Ray { std::vector<std::array<int, 2>> offsets; double dx; };

std::vector<Ray> make_rays(const Coarse& c) {
  std::vector<Ray> rays;
  for (int r = 0; r < 16; ++r) {
    const double angle = (r + 0.5) * M_PI / 8, dx = std::cos(angle), dy = std::sin(angle);
    Ray ray{{}, dx};
    for (double mm = kRayStart_mm; mm <= kRayEnd_mm; mm += 1.8)
      ray.offsets.push_back({static_cast<int>(std::lround(dx * mm / c.mm[0])), static_cast<int>(std::lround(dy * mm / c.mm[1]))});
    rays.push_back(std::move(ray));
  }
  return rays;
}

/// 0.7 min(left, right) + 0.3 mean of the rays' hits: ribs and facets close one side only.
float enclosure(const Grid<std::uint8_t>& bone, const std::vector<Ray>& rays, int x, int y, int z) {
  float left = 0, right = 0;
  for (const Ray& ray : rays) {
    std::uint8_t hit = 0;
    for (const auto& o : ray.offsets)
      if (const int u = x + o[0], w = y + o[1]; u >= 0 && w >= 0 && u < bone.nx && w < bone.ny) hit = std::max(hit, bone.at(u, w, z));
    (ray.dx > 0 ? left : right) += static_cast<float>(hit) / 255.f;
  }
  left /= 8, right /= 8;
  return 0.7f * std::min(left, right) + 0.15f * (left + right);
}

/// Distance to the first bone along +x or -x, at most kWidestCanal_mm / 2 + 2 mm.
double side_distance_mm(const Coarse& c, int x, int y, int z, int step) {
  const double reach = kWidestCanal_mm / 2 + 2;
  for (double mm = c.mm[0]; mm < reach; mm += c.mm[0])
    if (x += step; x < 0 || x >= c.bone.nx || c.bone.at(x, y, z) > 100) return mm;
  return reach;
}

/// 0 (in the middle of a wide canal) to 0.8: off the middle, or in something narrower than a canal, such as a pedicle.
float off_centre(const Coarse& c, int x, int y, int z) {
  const double left = side_distance_mm(c, x, y, z, 1), right = side_distance_mm(c, x, y, z, -1);
  return static_cast<float>(0.03 * std::min(14.0, std::abs(left - right)) + (left + right < 13 ? 0.4 : 0.0));
}

/// The canal score of every coarse voxel; -1 where it can't be. See DEFINITIONS/trial: enclosed, soft, body in front, spine behind.
Grid<float> score_canal(const Coarse& c, int n_threads) {
  const auto around = surroundings(c, n_threads);
  const auto rays = make_rays(c);
  const auto& b = c.bone;
  Grid<float> score(b.nx, b.ny, b.nz, -1.f);
  const int half = std::max(1, static_cast<int>(std::lround(2.5 / c.mm[0])));
  parallel_for(b.nz, n_threads, [&](int z) {
    const BoxMeans boxes(b, z);
    for (int y = 0; y < b.ny; ++y)
      for (int x = 0; x < b.nx; ++x) {
        if (c.soft.at(x, y, z) < 100 || around.front.at(x, y, z) < kLeastFront) continue;
        const float soft = c.soft.at(x, y, z) / 255.f, front = around.front.at(x, y, z) / 255.f, behind = around.behind.at(x, y, z) / 255.f;
        const float inside = boxes.mean(x - half, x + half, y - half, y + half);
        score.at(x, y, z) = soft * (enclosure(b, rays, x, y, z) - 1.2f * inside + 0.9f * std::min(1.f, 3.f * front) +
                                    0.7f * std::min(1.f, 2.f * behind) - off_centre(c, x, y, z)) - 0.3f * (1 - soft);
      }
  });
  return score;
}

struct Box2 { int x0 = 1 << 30, x1 = -1, y0 = 1 << 30, y1 = -1; };

Box2 candidate_box(const Grid<float>& score) {
  Box2 box;
  for (int z = 0; z < score.nz; ++z)
    for (int y = 0; y < score.ny; ++y)
      for (int x = 0; x < score.nx; ++x)
        if (score.at(x, y, z) > 0.7f) box = {std::min(box.x0, x), std::max(box.x1, x), std::min(box.y0, y), std::max(box.y1, y)};
  return box;
}

struct PathPoint { int x, y; float score; };

/// Viterbi over slices: unary max(score - 0.7, -0.2) for every kUnary_mm of height, a quadratic step penalty four times stiffer sideways
/// than front to back.
std::vector<PathPoint> best_path(const Grid<float>& score, const Coarse& c) {
  const Box2 box = candidate_box(score);
  if (box.x1 < 0) return {};
  const int w = box.x1 - box.x0 + 1, h = box.y1 - box.y0 + 1, n = w * h;
  constexpr int kStep = 2;
  constexpr double kUnary_mm = 3;  // thick slices would leave the bends to the penalty
  const float weight = static_cast<float>(std::max(1.0, c.mm[2] / kUnary_mm));
  std::array<float, 25> cost{};
  for (int q = 0; q < 25; ++q) {
    const double dx = (q % 5 - kStep) * c.mm[0], dy = (q / 5 - kStep) * c.mm[1];
    cost[q] = static_cast<float>(0.3 * (0.5 * dy * dy + 2 * dx * dx) / c.mm[2]);
  }
  auto unary = [&](int q, int z) { return weight * std::max(score.at(box.x0 + q % w, box.y0 + q / w, z) - 0.7f, -0.2f); };
  std::vector<float> best(n), next(n);
  std::vector<std::uint8_t> from(static_cast<std::size_t>(n) * score.nz, 12);
  for (int q = 0; q < n; ++q) best[q] = unary(q, 0);
  for (int z = 1; z < score.nz; ++z) {
    for (int q = 0; q < n; ++q) {
      float top = -1e9f;
      for (int m = 0; m < 25; ++m) {
        const int x = q % w + m % 5 - kStep, y = q / w + m / 5 - kStep;
        if (x < 0 || y < 0 || x >= w || y >= h) continue;
        if (const float s = best[y * w + x] - cost[m]; s > top) top = s, from[static_cast<std::size_t>(z) * n + q] = static_cast<std::uint8_t>(m);
      }
      next[q] = top + unary(q, z);
    }
    best.swap(next);
  }
  std::vector<PathPoint> path(score.nz);
  int q = static_cast<int>(std::max_element(best.begin(), best.end()) - best.begin());
  for (int z = score.nz - 1; z >= 0; --z) {
    const int x = q % w, y = q / w, m = from[static_cast<std::size_t>(z) * n + q];
    path[z] = {box.x0 + x, box.y0 + y, score.at(box.x0 + x, box.y0 + y, z)};
    q = (y + m / 5 - kStep) * w + x + m % 5 - kStep;
  }
  return path;
}

/// The longest stretch of slices whose score, averaged over about 20 mm, says "canal"; stretches less than 50 mm apart are one (a canal
/// between them is only less plain): [first, last], empty when first > last.
std::array<int, 2> convincing_run(const std::vector<PathPoint>& path, double dz_mm, double min_quality) {
  constexpr double kBridge_mm = 50;
  std::vector<double> score;
  for (const auto& p : path) score.push_back(std::max(p.score, 0.f));
  const auto smooth = gaussian_smooth(score, 8.0 / dz_mm);
  std::array<int, 2> best{0, -1}, current{0, -1};
  for (int z = 0; z < static_cast<int>(path.size()); ++z) {
    if (smooth[z] < min_quality) continue;
    if (current[1] < current[0] || (z - current[1]) * dz_mm > kBridge_mm) current = {z, z};
    current[1] = z;
    if (current[1] - current[0] > best[1] - best[0]) best = current;
  }
  return best;
}

/// First bone met from `from` along `step` (1 mm), or empty within `reach` mm; NaN-free: returns -1 when nothing is met or cement is.
double first_bone_mm(const VolumeView& v, const Point_mm& from, const Direction& step, double bone_hu, double reach) {
  for (double r = 2; r <= reach; r += 0.5) {
    const float hu = v.sample(from + r * step);
    if (hu > kCementHu) return -1;
    if (hu > bone_hu + 40) return r;
  }
  return -1;
}

/// One round of recentring between the bony walls: half the difference of what is met left/right and front/back, median over +-12 mm.
void recentre(const VolumeView& v, double bone_hu, std::vector<Point_mm>& centre) {
  std::vector<std::vector<double>> shift(2, std::vector<double>(centre.size(), kNoVote));
  const std::array<Direction, 2> axis{Direction(1, 0, 0), Direction(0, 1, 0)};
  for (std::size_t q = 0; q < centre.size(); ++q)
    for (int d = 0; d < 2; ++d) {
      const double plus = first_bone_mm(v, centre[q], axis[d], bone_hu, kWidestCanal_mm), minus = first_bone_mm(v, centre[q], -axis[d], bone_hu, kWidestCanal_mm);
      if (plus > 0 && minus > 0 && plus + minus <= kWidestCanal_mm) shift[d][q] = (plus - minus) / 2;
    }
  for (int d = 0; d < 2; ++d) {
    const auto s = gaussian_smooth(running_median(shift[d], 12), 6);
    for (std::size_t q = 0; q < centre.size(); ++q) centre[q][d] += s[q];
  }
}

/// How far bone closes the course on both sides, as pedicles and facets do: mean of the weaker side's densest place, 0 to 1.
double closed_share(const Coarse& c, const VolumeView& v, const std::vector<Point_mm>& centre) {
  constexpr double kNear_mm = 5, kFar_mm = 18, kHigh_mm = 6;
  const auto to = [&](double mm, int d) { return static_cast<int>(std::lround((mm + v.spacing_mm[d] / 2) / c.mm[d] - 0.5)); };
  double sum = 0;
  for (const auto& p : centre) {
    std::array<int, 2> hit{};
    const int z = std::clamp(to(p[2], 2), 0, c.bone.nz - 1);
    for (const int side : {0, 1})
      for (double dx = kNear_mm; dx <= kFar_mm; dx += c.mm[0])
        for (double dy = -kHigh_mm; dy <= kHigh_mm; dy += c.mm[1])
          if (const int x = to(p[0] + (side ? dx : -dx), 0), y = to(p[1] + dy, 1); x >= 0 && y >= 0 && x < c.bone.nx && y < c.bone.ny)
            hit[side] = std::max<int>(hit[side], c.bone.at(x, y, z));
    sum += std::min(hit[0], hit[1]) / 255.0;
  }
  return sum / static_cast<double>(centre.size());
}

/// Points one millimetre of arc apart, and their tangents (difference over +-8 mm).
CanalCourse resample(const std::vector<Point_mm>& dense) {
  CanalCourse course;
  double carried = 0;
  course.centre_mm.push_back(dense.front());
  for (std::size_t q = 1; q < dense.size(); ++q) {
    const Direction step = dense[q] - dense[q - 1];
    double done = 0;
    while (carried + step.norm() - done >= 1.0) {
      done += 1.0 - carried;
      course.centre_mm.push_back(dense[q - 1] + step * (done / step.norm()));
      carried = 0;
    }
    carried += step.norm() - done;
  }
  const int n = static_cast<int>(course.centre_mm.size());
  for (int q = 0; q < n; ++q)
    course.along.push_back((course.centre_mm[std::min(n - 1, q + 8)] - course.centre_mm[std::max(0, q - 8)]).normalized());
  return course;
}

std::vector<Point_mm> smooth_points(const std::vector<PathPoint>& path, std::array<int, 2> run, const std::array<double, 3>& mm,
                                    const VolumeView& v) {
  std::vector<double> x, y;
  const double z0 = (run[0] + 0.5) * mm[2] - v.spacing_mm[2] / 2, z1 = (run[1] + 0.5) * mm[2] - v.spacing_mm[2] / 2;
  std::vector<Point_mm> out;
  for (double z = z0; z <= z1; z += 1.0) {
    const double u = std::clamp((z + v.spacing_mm[2] / 2) / mm[2] - 0.5, static_cast<double>(run[0]), static_cast<double>(run[1]));
    const int a = std::min(static_cast<int>(u), run[1]), b = std::min(a + 1, run[1]);
    const double w = u - a;
    x.push_back((path[a].x * (1 - w) + path[b].x * w + 0.5) * mm[0] - v.spacing_mm[0] / 2);
    y.push_back((path[a].y * (1 - w) + path[b].y * w + 0.5) * mm[1] - v.spacing_mm[1] / 2);
    out.push_back({0, 0, z});
  }
  x = gaussian_smooth(x, 6), y = gaussian_smooth(y, 6);
  for (std::size_t q = 0; q < out.size(); ++q) out[q][0] = x[q], out[q][1] = y[q];
  return out;
}

/// Takes what lies about a path off the map.
void strike_out(Grid<float>& score, const std::vector<PathPoint>& path, const Coarse& c) {
  constexpr double kReach_mm = 15;
  for (int z = 0; z < score.nz; ++z) {
    const auto& at = path[static_cast<std::size_t>(z)];
    for (int y = 0; y < score.ny; ++y)
      for (int x = 0; x < score.nx; ++x)
        if (std::hypot((x - at.x) * c.mm[0], (y - at.y) * c.mm[1]) < kReach_mm) score.at(x, y, z) = -1;
  }
}

}  // namespace

CanalCourse trace_canal(const VolumeView& volume, const CanalParameters& parameters) {
  // Courses of random phantoms and warped spines: mostly above 0.8, 0.38 where bone hardly shows; beside the spine 0 to 0.23.
  constexpr double kLeastClosed = 0.25;
  constexpr int kMostTried = 3;
  constexpr std::size_t kLeastPoints = 8;
  const Coarse coarse = coarsen(volume, parameters);
  auto score = score_canal(coarse, parameters.n_threads);
  for (int n = 0; n < kMostTried; ++n) {
    const auto path = best_path(score, coarse);
    if (path.empty()) return {};
    const auto run = convincing_run(path, coarse.mm[2], parameters.min_quality);
    if ((run[1] - run[0] + 1) * coarse.mm[2] < parameters.min_length_mm) return {};
    auto centre = smooth_points(path, run, coarse.mm, volume);
    if (centre.size() < kLeastPoints) return {};
    for (int round = 0; round < 2; ++round) recentre(volume, coarse.bone_hu, centre);
    if (closed_share(coarse, volume, centre) < kLeastClosed) {
      strike_out(score, path, coarse);
      continue;
    }
    CanalCourse course = resample(centre);
    course.bone_hu = coarse.bone_hu, course.soft_hu = coarse.soft_hu;
    return course;
  }
  return {};
}

}  // namespace cemscope::imaging::spine
