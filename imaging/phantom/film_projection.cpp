#include "imaging/phantom/film_projection.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "imaging/phantom/bone_painter.h"

namespace cemscope::imaging::phantom {
namespace {

// NIST XCOM at 60 keV. Bone mineral counts about 1.35 times what a CT at 120 kVp (effective 70 keV) says.
constexpr double kWaterPerMm = 0.0206, kTitaniumPerMm = 0.345, kMineralBoost = 1.35, kMineralFromHu = 80;
constexpr double kGrid_mm = 1.0, kCastPixel_mm = 0.8;

double attenuation_of(double hu) { return kWaterPerMm * (1.0 + hu / 1000.0); }

/// The planes of the grid that a beam crosses, and the axis in them.
struct Crossing {
  int main, across;  // 0: x, 1: y
  std::ptrdiff_t main_stride, across_stride, up_stride;
  int n_main, n_across;
};

Crossing crossing_of(const TrunkVolume& trunk, const FilmBeam& beam) {
  const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(trunk.nx) * trunk.ny;
  if (std::abs(beam.along.x()) > std::abs(beam.along.y())) return {0, 1, 1, trunk.nx, plane, trunk.nx, trunk.ny};
  return {1, 0, trunk.nx, 1, plane, trunk.ny, trunk.nx};
}

// Line integral of (hu + 1000) by Joseph's method (IEEE Trans Med Imaging 1982;1:192): bilinear in each plane across the main axis. Above
// and below the grid its last slices go on; beside it there is nothing.
double cast_ray(const TrunkVolume& trunk, const Crossing& crossing, const Point_mm& from, const Point_mm& to) {
  const Point_mm start = (from - trunk.origin_mm) / trunk.step_mm, ray = (to - from) / trunk.step_mm;
  const double across_step = ray[crossing.across] / ray[crossing.main], up_step = ray.z() / ray[crossing.main];
  double across = start[crossing.across] - start[crossing.main] * across_step, up = start.z() - start[crossing.main] * up_step;
  float sum = 0;
  const std::int16_t* plane = trunk.hu.data();
  for (int n = 0; n < crossing.n_main; ++n, across += across_step, up += up_step, plane += crossing.main_stride) {
    if (across < 0 || across >= crossing.n_across - 1) continue;
    const int i = static_cast<int>(across), k = std::clamp(static_cast<int>(up), 0, trunk.nz - 2);
    const auto a = static_cast<float>(across - i), c = std::clamp(static_cast<float>(up - k), 0.F, 1.F);
    const std::int16_t *lower = plane + i * crossing.across_stride + k * crossing.up_stride, *upper = lower + crossing.up_stride;
    const float below = (1 - a) * lower[0] + a * lower[crossing.across_stride],
                above = (1 - a) * upper[0] + a * upper[crossing.across_stride];
    sum += (1 - c) * below + c * above + 1000.F;
  }
  return sum * trunk.step_mm * std::sqrt(1 + across_step * across_step + up_step * up_step) * kWaterPerMm / 1000.0;
}

void splat(std::vector<float>& image, const FilmBeam& beam, const Eigen::Vector2d& at, double amount) {
  const int i = static_cast<int>(std::floor(at.x())), j = static_cast<int>(std::floor(at.y()));
  if (i < 0 || j < 0 || i + 1 >= beam.columns || j + 1 >= beam.rows) return;
  const double a = at.x() - i, b = at.y() - j;
  float* p = &image[static_cast<std::size_t>(j) * beam.columns + i];
  p[0] += static_cast<float>(amount * (1 - a) * (1 - b)), p[1] += static_cast<float>(amount * a * (1 - b));
  p[beam.columns] += static_cast<float>(amount * (1 - a) * b), p[beam.columns + 1] += static_cast<float>(amount * a * b);
}

// What cement replaces: bone inside the body, soft tissue outside.
double replaced_hu(const Vertebra& vertebra, std::uint8_t zone) {
  return zone == static_cast<std::uint8_t>(CementZone::body) ? vertebra.trabecular_hu + 40 : 50.0;
}

/// Parts of a cube whose shadows make up the cube's; along the beam two are enough.
std::vector<Point_mm> parts_of_cube(double edge_mm, const Eigen::Matrix3d& axes, const Point_mm& near, const FilmBeam& beam) {
  const int fine = std::max(2, static_cast<int>(std::ceil(1.6 * edge_mm * beam.magnification(near) / beam.pixel_mm)));
  int depth = 0;
  (axes.transpose() * beam.along).cwiseAbs().maxCoeff(&depth);
  std::array<int, 3> n{fine, fine, fine};
  n[depth] = 2;
  std::vector<Point_mm> parts;
  for (int k = 0; k < n[2]; ++k)
    for (int j = 0; j < n[1]; ++j)
      for (int i = 0; i < n[0]; ++i)
        parts.emplace_back(edge_mm * (axes * Point_mm((i + 0.5) / n[0] - 0.5, (j + 0.5) / n[1] - 0.5, (k + 0.5) / n[2] - 0.5)));
  return parts;
}

std::vector<CementCube> cubes_of(const CementBrick& brick, const Scene& scene) {
  const Vertebra& vertebra = scene.spine.vertebrae[level_index(brick.level)];
  std::vector<CementCube> cubes;
  for (std::int64_t cell = 0; cell < static_cast<std::int64_t>(brick.zone.size()); ++cell) {
    if (brick.zone[cell] == 0) continue;
    const Point_mm centre = brick.frame.to_patient(brick.local_of(cell));
    const double grain = 0.75 * scene.texture.at(centre, 0.9) + 0.65 * scene.texture.at(centre, 3.0);
    cubes.push_back(
        {centre, brick.plateau_hu * (1 + brick.texture_fraction * std::clamp(grain, -2.5, 2.5)), replaced_hu(vertebra, brick.zone[cell])});
  }
  return cubes;
}

// Length of a ray inside a part, sampled with partial coverage at the ends.
double chord_mm(const BonePart& part, const Point_mm& from, const Direction& ray) {
  constexpr double kStep_mm = 0.35;
  const Point_mm centre = 0.5 * (part.box().low + part.box().high);
  const double middle = (centre - from).dot(ray), half = 0.5 * (part.box().high - part.box().low).norm();
  double sum = 0;
  for (double t = middle - half; t < middle + half;) {
    const double distance = part.distance_mm(from + t * ray);
    sum += kStep_mm * coverage(distance, kStep_mm);
    // Far from the surface the next steps are known to be empty.
    t += std::max(kStep_mm, kStep_mm * std::floor(0.7 * distance / kStep_mm));
  }
  return sum;
}

struct FilmBox {
  int first_column, last_column, first_row, last_row;
};

FilmBox shadow_box(const BonePart& part, const FilmBeam& beam) {
  Eigen::Vector2d low(1e9, 1e9), high(-1e9, -1e9);
  for (int corner = 0; corner < 8; ++corner) {
    const Point_mm at((corner & 1 ? part.box().high : part.box().low).x(), (corner & 2 ? part.box().high : part.box().low).y(),
                      (corner & 4 ? part.box().high : part.box().low).z());
    const Eigen::Vector2d seen = beam.project(at);
    low = low.cwiseMin(seen), high = high.cwiseMax(seen);
  }
  return {std::max(0, static_cast<int>(low.x())), std::min(beam.columns - 1, static_cast<int>(high.x()) + 1),
          std::max(0, static_cast<int>(low.y())), std::min(beam.rows - 1, static_cast<int>(high.y()) + 1)};
}

}  // namespace

std::int16_t at_film_energy(float hu) {
  const double boosted = hu > kMineralFromHu ? kMineralFromHu + kMineralBoost * (hu - kMineralFromHu) : hu;
  return static_cast<std::int16_t>(std::clamp(boosted, -1000.0, 32000.0));
}

FilmBeam aim_beam(const PhantomFilmParameters& film, const Point_mm& spine, double to_skin_mm) {
  const double turn = film.rotation_deg * std::numbers::pi / 180;
  FilmBeam beam;
  beam.along =
      film.view == PhantomFilmView::ap ? Direction(std::sin(turn), std::cos(turn), 0) : Direction(std::cos(turn), std::sin(turn), 0);
  beam.down = Direction(0, 0, -1);
  beam.right = beam.along.cross(-beam.down) * (film.is_mirrored ? -1.0 : 1.0);
  beam.pixel_mm = film.pixel_mm, beam.source_to_detector_mm = film.source_to_detector_mm;
  beam.columns = static_cast<int>(film.width_mm / film.pixel_mm), beam.rows = static_cast<int>(film.height_mm / film.pixel_mm);
  const Point_mm middle = spine + beam.along * (to_skin_mm + film.patient_to_detector_mm) + beam.right * film.centre_offset_mm;
  beam.source_mm = middle - beam.along * film.source_to_detector_mm;
  beam.corner_mm = middle - beam.right * (0.5 * (beam.columns - 1) * film.pixel_mm) - beam.down * (0.5 * (beam.rows - 1) * film.pixel_mm);
  return beam;
}

FilmBeam make_beam(const Scene& scene, const PhantomFilmParameters& film) {
  const Point_mm spine = scene.tissue.curve.at(film.centre_z_mm).body;
  // Skin is as far behind the spine as the back's is on an AP film, half the trunk's width on a lateral one.
  const double to_skin_mm =
      film.view == PhantomFilmView::ap ? scene.tissue.back_skin_y_mm - spine.y() : scene.parameters.anatomy.body_half_width_mm;
  return aim_beam(film, {spine.x(), spine.y(), film.centre_z_mm}, to_skin_mm);
}

TrunkVolume render_trunk(const Scene& scene, double bottom_mm, double top_mm) {
  const SoftTissue& plan = scene.tissue;
  SoftTissue tissue = plan;
  tissue.table_y_mm = 1e5;  // films are taken without the scanner's table
  const double half_width = plan.anatomy.body_half_width_mm;
  TrunkVolume trunk;
  trunk.step_mm = kGrid_mm;
  trunk.origin_mm = Point_mm(plan.trunk_x_mm - half_width - 3, plan.back_skin_y_mm - 1.34 * half_width - 3, bottom_mm);
  trunk.nx = static_cast<int>(2 * half_width / kGrid_mm) + 8, trunk.ny = static_cast<int>(1.34 * half_width / kGrid_mm) + 8;
  trunk.nz = static_cast<int>((top_mm - bottom_mm) / kGrid_mm) + 1;
  trunk.hu.reserve(static_cast<std::size_t>(trunk.nx) * trunk.ny * trunk.nz);
  DensityPlane outer;
  outer.step_mm = kGrid_mm, outer.x0_mm = trunk.origin_mm.x(), outer.y0_mm = trunk.origin_mm.y();
  outer.columns = trunk.nx, outer.rows = trunk.ny;
  outer.hu.resize(static_cast<std::size_t>(trunk.nx) * trunk.ny);
  paint_trunk(outer, tissue, scene.texture);
  DensityPlane canvas = outer;
  ImagePlane plane;
  plane.pixel_mm = plane.thickness_mm = kGrid_mm, plane.columns = trunk.nx, plane.rows = trunk.ny;
  plane.row_step = Direction(0, kGrid_mm, 0);
  for (int k = 0; k < trunk.nz; ++k) {
    plane.origin_mm = trunk.origin_mm + Point_mm(0, 0, k * kGrid_mm);
    canvas.hu = outer.hu, canvas.z_mm = plane.origin_mm.z();
    paint_soft_tissue(canvas, tissue, scene.texture);
    plane.hu = canvas.hu;
    paint_discs(plane, scene);
    paint_vertebrae(plane, scene);
    paint_calcifications(plane, scene);
    for (const float hu : plane.hu) trunk.hu.push_back(at_film_energy(hu));
  }
  return trunk;
}

std::vector<float> cast_trunk(const TrunkVolume& trunk, const FilmBeam& beam) {
  const double ratio = std::max(1.0, kCastPixel_mm / beam.pixel_mm);
  const int nx = static_cast<int>(beam.columns / ratio) + 2, ny = static_cast<int>(beam.rows / ratio) + 2;
  const Crossing crossing = crossing_of(trunk, beam);
  std::vector<float> coarse(static_cast<std::size_t>(nx) * ny);
  for (int j = 0; j < ny; ++j)
    for (int i = 0; i < nx; ++i)
      coarse[static_cast<std::size_t>(j) * nx + i] =
          static_cast<float>(cast_ray(trunk, crossing, beam.source_mm, beam.detector_point(i * ratio, j * ratio)));
  std::vector<float> film(static_cast<std::size_t>(beam.columns) * beam.rows);
  for (int row = 0; row < beam.rows; ++row)
    for (int column = 0; column < beam.columns; ++column) {
      const double x = column / ratio, y = row / ratio;
      const int i = std::min(static_cast<int>(x), nx - 2), j = std::min(static_cast<int>(y), ny - 2);
      const double a = x - i, b = y - j;
      const float* p = &coarse[static_cast<std::size_t>(j) * nx + i];
      film[static_cast<std::size_t>(row) * beam.columns + column] =
          static_cast<float>((1 - b) * ((1 - a) * p[0] + a * p[1]) + b * ((1 - a) * p[nx] + a * p[nx + 1]));
    }
  return film;
}

CementShadow cast_cement(const Scene& scene, const FilmBeam& beam) {
  const std::size_t n_pixels = static_cast<std::size_t>(beam.columns) * beam.rows;
  CementShadow shadow{std::vector<float>(n_pixels, 0.F), std::vector<float>(n_pixels, 0.F)};
  for (const CementBrick& brick : scene.bricks) add_cement(cubes_of(brick, scene), CementBrick::kCell_mm, brick.frame.axes, beam, shadow);
  return shadow;
}

void add_cement(const std::vector<CementCube>& cubes, double edge_mm, const Eigen::Matrix3d& axes, const FilmBeam& beam,
                CementShadow& shadow) {
  if (cubes.empty()) return;
  const std::vector<Point_mm> parts = parts_of_cube(edge_mm, axes, cubes.front().centre_mm, beam);
  const double part_mm3 = std::pow(edge_mm, 3) / static_cast<double>(parts.size());
  for (const CementCube& cube : cubes) {
    const double excess =
        attenuation_of(at_film_energy(static_cast<float>(cube.hu))) - attenuation_of(at_film_energy(static_cast<float>(cube.replaced_hu)));
    const double scale = beam.magnification(cube.centre_mm) / beam.pixel_mm, length_mm = part_mm3 * scale * scale;
    for (const Point_mm& offset : parts) {
      const Eigen::Vector2d at = beam.project(cube.centre_mm + offset);
      splat(shadow.length_mm, beam, at, length_mm);
      splat(shadow.attenuation, beam, at, length_mm * excess);
    }
  }
}

void cast_metal(const std::vector<BonePart>& metal, const FilmBeam& beam, std::vector<float>& attenuation) {
  for (const BonePart& part : metal) {
    const FilmBox box = shadow_box(part, beam);
    for (int row = box.first_row; row <= box.last_row; ++row)
      for (int column = box.first_column; column <= box.last_column; ++column) {
        const Direction ray = (beam.detector_point(column, row) - beam.source_mm).normalized();
        attenuation[static_cast<std::size_t>(row) * beam.columns + column] +=
            static_cast<float>(kTitaniumPerMm * chord_mm(part, beam.source_mm, ray));
      }
  }
}

}  // namespace cemscope::imaging::phantom
