#include "tests/tools/scanned_films.h"

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "imaging/phantom/film_detector.h"
#include "imaging/phantom/random.h"

namespace cemscope::tools {
namespace {

using namespace cemscope::imaging;
using phantom::FilmBeam;
using phantom::Random;
using phantom::TrunkVolume;
using radiograph::WorkingFilm;

constexpr double kCube_mm = 0.5, kCube_mm3 = kCube_mm * kCube_mm * kCube_mm;
constexpr double kInBone_hu = 160, kOutside_hu = 50;  // what cement takes the place of
constexpr double kAir_hu = -500;

template <typename T>
void get(std::ifstream& in, T* to, std::size_t n) {
  in.read(reinterpret_cast<char*>(to), static_cast<std::streamsize>(n * sizeof(T)));
  if (!in) throw std::runtime_error("a scanned patient is cut short");
}

#pragma pack(push, 1)
struct CubeRecord {
  std::array<float, 3> place;
  float hu;
  std::uint8_t label, zone;
};
#pragma pack(pop)

CementZone zone_named(const std::string& name) {
  if (name == "paravertebral") return CementZone::paravertebral;
  if (name == "disc") return CementZone::disc;
  return name == "canal" ? CementZone::canal : CementZone::vascular;
}

ScannedVertebra vertebra_of(const nlohmann::json& truth) {
  ScannedVertebra vertebra;
  vertebra.label = truth.at("label");
  PhantomVertebraTruth& t = vertebra.truth;
  t.level = truth.at("level"), t.cement_ml = truth.at("cement_ml");
  t.minor_side_fraction = truth.at("minor_side_fraction"), t.reach_mm = truth.at("reach_mm");
  t.midline_crossed = truth.at("midline_crossed"), t.midline_borderline = truth.at("midline_borderline");
  t.satisfactory = truth.at("distribution") == "satisfactory", t.distribution_borderline = truth.at("distribution_borderline");
  for (const auto& [zone, ml] : truth.at("leaks").items()) t.leaks_ml[zone_named(zone)] = ml;
  return vertebra;
}

Point_mm place_of(const TrunkVolume& trunk, std::size_t voxel) {
  const std::size_t row = voxel / trunk.nx;
  return trunk.origin_mm + trunk.step_mm * Point_mm(static_cast<double>(voxel % trunk.nx), static_cast<double>(row % trunk.ny),
                                                    static_cast<double>(row / trunk.ny));
}

/// Places of each body's voxels.
std::map<int, std::vector<Point_mm>> bodies_of(const ScannedPatient& patient) {
  std::map<int, std::vector<Point_mm>> bodies;
  for (std::size_t n = 0; n < patient.bodies.size(); ++n)
    if (patient.bodies[n] != 0) bodies[patient.bodies[n]].push_back(place_of(patient.trunk, n));
  return bodies;
}

Point_mm mean_of(const std::vector<Point_mm>& places) {
  Point_mm sum(0, 0, 0);
  for (const Point_mm& place : places) sum += place;
  return sum / std::max<double>(1, static_cast<double>(places.size()));
}

std::string level_name(int label) {
  constexpr int kLastBeforeThoracic = 7, kLastThoracic = 19;  // TotalSegmentator's order as warp_cohort.py has it
  return label > kLastThoracic ? "L" + std::to_string(label - kLastThoracic) : "T" + std::to_string(label - kLastBeforeThoracic);
}

/// A quantile of a coordinate.
double quantile_of(const std::vector<Eigen::Vector2d>& places, int axis, double share) {
  std::vector<double> values;
  for (const Eigen::Vector2d& place : places) values.push_back(place[axis]);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// Upright, from the outermost hundredths of the shadow; its upper and lower ends are those of the middle third.
PhantomFilmBody outline_of(const std::vector<Point_mm>& places, int label, const FilmBeam& beam) {
  constexpr double kRim = 0.01;
  std::vector<Eigen::Vector2d> all, middle;
  for (const Point_mm& place : places) all.push_back(beam.project(place));
  const double left = quantile_of(all, 0, kRim), right = quantile_of(all, 0, 1 - kRim);
  for (const Eigen::Vector2d& at : all)
    if (std::abs(at.x() - 0.5 * (left + right)) < (right - left) / 6) middle.push_back(at);
  if (middle.empty()) middle = all;  // a sliver at the scan's end
  const double top = quantile_of(middle, 1, kRim), bottom = quantile_of(middle, 1, 1 - kRim);
  return {level_name(label),
          {Eigen::Vector2d(left, top), Eigen::Vector2d(right, top), Eigen::Vector2d(right, bottom), Eigen::Vector2d(left, bottom)},
          beam.project(mean_of(places))};
}

/// From the spine to the skin, along the beam.
double to_skin_mm(const TrunkVolume& trunk, const Point_mm& spine, const FilmBeam& beam) {
  double farthest = 0;
  for (double t = 0;; t += trunk.step_mm) {
    const Point_mm at = (spine + t * beam.along - trunk.origin_mm) / trunk.step_mm;
    const auto i = static_cast<int>(at.x()), j = static_cast<int>(at.y()), k = static_cast<int>(at.z());
    if (i < 0 || j < 0 || i >= trunk.nx || j >= trunk.ny || k < 0 || k >= trunk.nz) return farthest;
    if (trunk.hu[(static_cast<std::size_t>(k) * trunk.ny + j) * trunk.nx + i] > kAir_hu) farthest = t;
  }
}

FilmBeam beam_of(const ScannedPatient& patient, const PhantomFilmParameters& film) {
  const auto bodies = bodies_of(patient);
  Point_mm spine(0, 0, 0);
  for (const auto& [label, places] : bodies) spine += mean_of(places) / static_cast<double>(bodies.size());
  spine.z() += film.centre_z_mm;
  return phantom::aim_beam(film, spine, to_skin_mm(patient.trunk, spine, phantom::aim_beam(film, spine, 0)));
}

}  // namespace

ScannedPatient read_scanned(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::array<std::int32_t, 3> size{};
  std::array<double, 3> spacing{};
  get(in, size.data(), 3), get(in, spacing.data(), 3);
  ScannedPatient patient;
  TrunkVolume& trunk = patient.trunk;
  trunk.nx = size[2], trunk.ny = size[1], trunk.nz = size[0], trunk.step_mm = spacing[0];
  const std::size_t n = static_cast<std::size_t>(size[0]) * size[1] * size[2];
  trunk.hu.resize(n), patient.bodies.resize(n);
  get(in, trunk.hu.data(), n);
  for (std::int16_t& hu : trunk.hu) hu = phantom::at_film_energy(hu);
  for (int labels = 0; labels < 2; ++labels) get(in, patient.bodies.data(), n);  // vertebrae, then bodies
  std::int32_t n_cubes = 0;
  get(in, &n_cubes, 1);
  std::vector<CubeRecord> cubes(static_cast<std::size_t>(n_cubes));
  get(in, cubes.data(), cubes.size());
  const auto truths = nlohmann::json::parse(in);
  for (const auto& truth : truths.at("treated")) patient.vertebrae.push_back(vertebra_of(truth));
  for (const auto& midline : truths.at("midlines")) patient.midlines[midline.at(0)] = {midline.at(1), midline.at(2)};
  for (ScannedVertebra& vertebra : patient.vertebrae)
    for (const CubeRecord& cube : cubes) {
      if (cube.label != vertebra.label) continue;
      const auto zone = static_cast<CementZone>(cube.zone);
      vertebra.cubes.push_back(
          {Point_mm(cube.place[0], cube.place[1], cube.place[2]), cube.hu, zone == CementZone::body ? kInBone_hu : kOutside_hu});
      vertebra.zones.push_back(zone);
    }
  return patient;
}

std::vector<PhantomFilmParameters> draw_films_of(const ScannedPatient& patient, unsigned seed) {
  constexpr double kMagnification = 1.12;
  auto films = imaging::draw_films_of(PhantomParameters{}, seed);
  Random random(seed, "scanned pair");
  for (PhantomFilmParameters& film : films) {
    film.pixel_mm = random.uniform(0.3, 0.5);
    film.centre_z_mm = random.uniform(-15, 15);
    film.height_mm = std::clamp(kMagnification * patient.trunk.nz * patient.trunk.step_mm - random.uniform(0, 25), 100.0, 430.0);
    film.width_mm = random.uniform(200, 380);
  }
  return films;
}

PhantomFilmStudy make_films(const ScannedPatient& patient, const std::vector<PhantomFilmParameters>& films, unsigned seed) {
  PhantomFilmStudy study;
  const auto bodies = bodies_of(patient);
  for (const PhantomFilmParameters& parameters : films) {
    const FilmBeam beam = beam_of(patient, parameters);
    PhantomFilm film{parameters, beam.columns, beam.rows, {}, {}, {}};
    for (auto body = bodies.rbegin(); body != bodies.rend(); ++body) film.bodies.push_back(outline_of(body->second, body->first, beam));
    std::sort(film.bodies.begin(), film.bodies.end(), [](const auto& a, const auto& b) { return a.centre_px.y() < b.centre_px.y(); });
    std::vector<float> attenuation = phantom::cast_trunk(patient.trunk, beam);
    phantom::CementShadow cement{std::vector<float>(attenuation.size(), 0.F), std::vector<float>(attenuation.size(), 0.F)};
    for (const ScannedVertebra& vertebra : patient.vertebrae)
      phantom::add_cement(vertebra.cubes, kCube_mm, Eigen::Matrix3d::Identity(), beam, cement);
    for (std::size_t n = 0; n < attenuation.size(); ++n) attenuation[n] += cement.attenuation[n];
    Random random(seed, parameters.view == PhantomFilmView::ap ? "ap film" : "lateral film");
    film.stored = phantom::expose(std::move(attenuation), beam, parameters, random);
    film.cement_mm = std::move(cement.length_mm);
    study.films.push_back(std::move(film));
  }
  for (const ScannedVertebra& vertebra : patient.vertebrae) study.truth.vertebrae.push_back(vertebra.truth);
  return study;
}

TruthMaps truth_maps(const ScannedPatient& patient, const PhantomFilmParameters& film, const WorkingFilm& working) {
  constexpr double kQuarter = 0.25;  // of a voxel
  const FilmBeam beam = beam_of(patient, film);
  const ShadowOnFilm shadow(beam, working);
  const double part_mm3 = std::pow(patient.trunk.step_mm, 3) / 8;
  const bool is_right_left = beam.right.x() > 0;  // the film's right shows the patient's left
  TruthMaps maps(working);
  for (const auto& [label, places] : bodies_of(patient)) {
    const auto midline = patient.midlines.find(label);
    for (const Point_mm& place : places)
      for (int part = 0; part < 8; ++part) {
        const Point_mm at = place + patient.trunk.step_mm * kQuarter * Point_mm(part & 1 ? 1 : -1, part & 2 ? 1 : -1, part & 4 ? 1 : -1);
        shadow.add(maps.body, at, part_mm3);
        if (midline != patient.midlines.end() && (at.x() > midline->second.slope * at.y() + midline->second.x_mm) == is_right_left)
          shadow.add(maps.right, at, part_mm3);
      }
  }
  for (const ScannedVertebra& vertebra : patient.vertebrae)
    for (std::size_t n = 0; n < vertebra.cubes.size(); ++n)
      shadow.add(maps.cement(vertebra.zones[n]), vertebra.cubes[n].centre_mm, kCube_mm3);
  return maps;
}

}  // namespace cemscope::tools
