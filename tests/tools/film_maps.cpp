#include "tests/tools/film_maps.h"

#include "imaging/phantom/film_projection.h"

namespace cemscope::tools {
namespace {

using namespace cemscope::imaging;
using phantom::FilmBeam;
using radiograph::Plane;
using radiograph::WorkingFilm;
constexpr double kBodyCell_mm = 0.5;

void add_body(TruthMaps& maps, const phantom::Vertebra& vertebra, bool is_right_positive, const ShadowOnFilm& shadow) {
  const phantom::VertebraBody& body = vertebra.body;
  const double reach = body.max_radius_mm;
  for (double z = body.min_z_mm; z <= body.max_z_mm; z += kBodyCell_mm)
    for (double y = -reach; y <= reach; y += kBodyCell_mm)
      for (double x = -reach; x <= reach; x += kBodyCell_mm)
        if (body.distance_mm({x, y, z}) < 0) {
          shadow.add(maps.body, vertebra.frame.to_patient({x, y, z}), std::pow(kBodyCell_mm, 3));
          if ((x > 0) == is_right_positive) shadow.add(maps.right, vertebra.frame.to_patient({x, y, z}), std::pow(kBodyCell_mm, 3));
        }
}

void add_cement(TruthMaps& maps, const phantom::CementBrick& brick, const ShadowOnFilm& shadow) {
  constexpr double kCell_mm3 = phantom::CementBrick::kCell_ml * 1000;
  for (std::int64_t cell = 0; cell < static_cast<std::int64_t>(brick.zone.size()); ++cell) {
    if (brick.zone[cell] == 0) continue;
    const auto zone = static_cast<CementZone>(brick.zone[cell]);
    shadow.add(maps.cement(zone), brick.frame.to_patient(brick.local_of(cell)), kCell_mm3);
  }
}

}  // namespace

Plane<float>& TruthMaps::cement(CementZone zone) { return zone == CementZone::body || zone == CementZone::needle_tract ? in_body : leaked; }

void ShadowOnFilm::add(Plane<float>& map, const Point_mm& at, double volume_mm3) const {
  const Eigen::Vector2d px = beam_.project(at);
  const double x = working_.working_x(px.x()), y = working_.working_y(px.y());
  const int i = static_cast<int>(std::floor(x)), j = static_cast<int>(std::floor(y));
  if (i < 0 || j < 0 || i + 1 >= map.nx || j + 1 >= map.ny) return;
  const double scale = beam_.magnification(at) / WorkingFilm::kStep_mm, mm = volume_mm3 * scale * scale, a = x - i, b = y - j;
  map.at(i, j) += static_cast<float>(mm * (1 - a) * (1 - b)), map.at(i + 1, j) += static_cast<float>(mm * a * (1 - b));
  map.at(i, j + 1) += static_cast<float>(mm * (1 - a) * b), map.at(i + 1, j + 1) += static_cast<float>(mm * a * b);
}

TruthMaps truth_maps(const PhantomParameters& patient, const PhantomFilmParameters& film, const WorkingFilm& working) {
  const phantom::Scene scene = phantom::make_scene(patient);
  const FilmBeam beam = phantom::make_beam(scene, film);
  const ShadowOnFilm shadow(beam, working);
  TruthMaps maps(working);
  for (const phantom::Vertebra& vertebra : scene.spine.vertebrae)
    if (!vertebra.is_sacral) add_body(maps, vertebra, vertebra.frame.axes.col(0).dot(beam.right) > 0, shadow);
  for (const phantom::CementBrick& brick : scene.bricks) add_cement(maps, brick, shadow);
  return maps;
}

}  // namespace cemscope::tools
