#include "imaging/phantom/film.h"

#include <algorithm>
#include <cmath>

#include "imaging/error.h"
#include "imaging/phantom/cement_truth.h"
#include "imaging/phantom/film_detector.h"
#include "imaging/phantom/film_projection.h"
#include "imaging/phantom/random.h"

namespace cemscope::imaging {
namespace {

using phantom::FilmBeam;
using phantom::Random;
using phantom::Scene;
using phantom::Vertebra;

void require_range(const PhantomFilmParameters& film) {
  const bool is_ok = film.pixel_mm >= 0.1 && film.pixel_mm <= 0.5 && film.width_mm >= 80 && film.width_mm <= 450 && film.height_mm >= 80 &&
                     film.height_mm <= 450 && film.source_to_detector_mm >= 1000 && film.source_to_detector_mm <= 2000 &&
                     film.bits_stored >= 8 && film.bits_stored <= 16;
  if (!is_ok) throw Error(ErrorKind::usage, "a parameter of the film is out of its range");
}

/// The heights that any ray of the films can cross.
std::pair<double, double> heights_of(const std::vector<FilmBeam>& beams) {
  double low = 1e9, high = -1e9;
  for (const FilmBeam& beam : beams) {
    high = std::max(high, beam.corner_mm.z()), low = std::min(low, beam.detector_point(0, beam.rows - 1).z());
  }
  return {low, high};
}

PhantomFilmBody outline_of(const Vertebra& vertebra, const FilmBeam& beam, PhantomFilmView view) {
  const auto& body = vertebra.body;
  const double reach = view == PhantomFilmView::ap ? body.half_width_mm : body.half_depth_mm;
  const bool grows_right = (view == PhantomFilmView::ap ? vertebra.frame.axes.col(0) : vertebra.frame.axes.col(1)).dot(beam.right) > 0;
  const double left = grows_right ? -reach : reach;
  const auto corner = [&](double across, bool is_upper) {
    const double x = view == PhantomFilmView::ap ? across : 0.0, y = view == PhantomFilmView::ap ? 0.0 : across;
    const double z = (is_upper ? body.upper : body.lower).at(0.9 * x, 0.9 * y);
    return beam.project(vertebra.frame.to_patient({x, y, z}));
  };
  const double middle = 0.5 * (body.upper.at(0, 0) + body.lower.at(0, 0));
  return {vertebra.level,
          {corner(left, true), corner(-left, true), corner(-left, false), corner(left, false)},
          beam.project(vertebra.frame.to_patient({0, 0, middle}))};
}

std::vector<PhantomFilmBody> bodies_on(const Scene& scene, const FilmBeam& beam, const PhantomFilmParameters& film) {
  std::vector<PhantomFilmBody> bodies;
  for (const Vertebra& vertebra : scene.spine.vertebrae) {
    if (vertebra.is_sacral) continue;
    PhantomFilmBody body = outline_of(vertebra, beam, film.view);
    const Eigen::Vector2d at = body.centre_px * film.pixel_mm;
    const bool is_inside = at.x() > film.collimation_mm[0] && at.x() < film.width_mm - film.collimation_mm[1] &&
                           at.y() > film.collimation_mm[2] && at.y() < film.height_mm - film.collimation_mm[3];
    if (is_inside) bodies.push_back(std::move(body));
  }
  return bodies;
}

/// Clips and short wires before the spine.
std::vector<phantom::BonePart> draw_clips(const Scene& scene, int n_clips, Random& random) {
  std::vector<phantom::BonePart> clips;
  for (int n = 0; n < n_clips; ++n) {
    const double z = random.uniform(-120, 60);
    const Point_mm at = scene.tissue.curve.at(z).body + Point_mm(random.normal(0, 30), -random.uniform(45, 90), 0);
    const double length = random.chance(0.25) ? random.uniform(20, 60) : random.uniform(4, 8);
    const Direction along = Direction(random.normal(0, 1), random.normal(0, 1), random.normal(0, 1)).normalized();
    clips.emplace_back(phantom::PartKind::metal, at, at + length * along, 0.5, 0.5);
  }
  return clips;
}

bool shows(const PhantomFilm& film, const std::string& level) {
  return std::any_of(film.bodies.begin(), film.bodies.end(), [&](const PhantomFilmBody& body) { return body.level == level; });
}

PhantomTruth truth_of(const Scene& scene, const std::vector<PhantomFilm>& films) {
  PhantomTruth truth;
  for (const Vertebra& vertebra : scene.spine.vertebrae)
    if (std::any_of(films.begin(), films.end(), [&](const PhantomFilm& film) { return shows(film, vertebra.level); }))
      truth.body_levels.push_back(vertebra.level);
  for (const phantom::CementBrick& brick : scene.bricks) {
    const auto found = std::find(truth.body_levels.begin(), truth.body_levels.end(), brick.level);
    if (found == truth.body_levels.end()) continue;
    truth.vertebrae.push_back(phantom::measure_truth(brick, scene.spine, 1.0));
    truth.vertebrae.back().body_label = static_cast<int>(found - truth.body_levels.begin()) + 1;
  }
  std::sort(truth.vertebrae.begin(), truth.vertebrae.end(), [](const auto& a, const auto& b) { return a.body_label < b.body_label; });
  return truth;
}

PhantomFilm take(const Scene& scene, const phantom::TrunkVolume& trunk, const FilmBeam& beam, const PhantomFilmParameters& parameters) {
  Random random(scene.parameters.seed, parameters.view == PhantomFilmView::ap ? "ap film" : "lateral film");
  PhantomFilm film{parameters, beam.columns, beam.rows, {}, bodies_on(scene, beam, parameters), {}};
  std::vector<float> attenuation = phantom::cast_trunk(trunk, beam);
  phantom::CementShadow cement = phantom::cast_cement(scene, beam);
  for (std::size_t n = 0; n < attenuation.size(); ++n) attenuation[n] += cement.attenuation[n];
  phantom::cast_metal(scene.metal, beam, attenuation);
  Random clip_places(scene.parameters.seed, "clips");
  phantom::cast_metal(draw_clips(scene, parameters.n_clips, clip_places), beam, attenuation);
  film.stored = phantom::expose(std::move(attenuation), beam, parameters, random);
  film.cement_mm = std::move(cement.length_mm);
  return film;
}

}  // namespace

PhantomFilmStudy make_phantom_films(const PhantomParameters& parameters, const std::vector<PhantomFilmParameters>& films) {
  std::for_each(films.begin(), films.end(), require_range);
  const Scene scene = phantom::make_scene(parameters);
  std::vector<FilmBeam> beams;
  for (const auto& film : films) beams.push_back(phantom::make_beam(scene, film));
  const auto [bottom, top] = heights_of(beams);
  const phantom::TrunkVolume trunk = phantom::render_trunk(scene, bottom, top);
  PhantomFilmStudy study;
  for (std::size_t n = 0; n < films.size(); ++n) study.films.push_back(take(scene, trunk, beams[n], films[n]));
  study.truth = truth_of(scene, study.films);
  return study;
}

}  // namespace cemscope::imaging
