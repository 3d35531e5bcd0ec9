#pragma once

#include <vector>

#include "imaging/phantom/film_beam.h"

namespace cemscope::imaging::phantom {

/// Attenuation of the patient without cement and metal on a 1 mm grid.
struct TrunkVolume {
  Point_mm origin_mm{0, 0, 0};
  double step_mm = 1.0;
  int nx = 0, ny = 0, nz = 0;
  std::vector<std::int16_t> hu;  ///< x fastest; densities as 60 keV sees them: bone weighs more than at CT energies
};

/// A scan's HU as a TrunkVolume holds them.
std::int16_t at_film_energy(float hu);

/// The patient between two heights.
TrunkVolume render_trunk(const Scene& scene, double bottom_mm, double top_mm);

/// Line integrals of attenuation (dimensionless) per film pixel. Cast at `coarse` pixels and interpolated.
std::vector<float> cast_trunk(const TrunkVolume& trunk, const FilmBeam& beam);

/// Millimetres of cement per pixel, and the attenuation it adds to what it replaces.
struct CementShadow {
  std::vector<float> length_mm, attenuation;
};
CementShadow cast_cement(const Scene& scene, const FilmBeam& beam);

/// A cube of cement and what it takes the place of, HU of a CT scan.
struct CementCube {
  Point_mm centre_mm{0, 0, 0};
  double hu = 0, replaced_hu = 0;
};

/// Adds the shadows of cubes of one size. `axes`: directions of their edges in columns.
void add_cement(const std::vector<CementCube>& cubes, double edge_mm, const Eigen::Matrix3d& axes, const FilmBeam& beam,
                CementShadow& shadow);

/// Adds the attenuation of metal parts to the film.
void cast_metal(const std::vector<BonePart>& metal, const FilmBeam& beam, std::vector<float>& attenuation);

}  // namespace cemscope::imaging::phantom
