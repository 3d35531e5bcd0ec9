#pragma once

#include <array>

#include "imaging/mri/canal_course.h"
#include "imaging/mri/mr_volume.h"

namespace cemscope::imaging::mri {

/// The lattice of what lies about the canal: a column for every millimetre square to the canal's lean, from 32 mm behind its centre to 63
/// mm in front; a row for every row of the course, and some more below, so that there are eight times a whole number.
struct BodyLattice {
  static constexpr int kColumns = 96, kBehind_mm = 32;
  static int rows_of(int n_rows) { return (n_rows + 7) / 8 * 8; }
  static double front_mm(int column) { return column - kBehind_mm; }
};

/// What the network of body_map sees, [column][row], zero where the picture ends: the logarithm of the signal in the middle slices and
/// beside the midline over what is usual of bodies and discs near by, the column, and whether the picture holds the place.
struct BodyPicture {
  static constexpr int kChannels = 4;
  int n_rows = 0;  ///< of the course
  std::array<Grid<float>, kChannels> channels;
};
BodyPicture body_picture(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal);

/// Log odds, [column][row], that a place in the middle slices lies in a vertebral body, in a disc.
struct BodyMap {
  Grid<float> body, disc;
};

/// A convolutional network (feature_net.h; body_weights.h, some 44,000 weights), learned from simulated examinations and from labelled CT
/// scans with drawn signals, whose bodies are known (tests/tools/fit_bodies.py). It sees some 40 mm about a place. With what
/// settles on it some 0.05 s a series.
BodyMap body_map(const BodyPicture& picture);

/// Log odds of a map `front_mm` in front of the canal's centre at a row of the course: bilinear, no surer than 4, and -4 beyond the
/// lattice.
double log_odds_at(const Grid<float>& map, double front_mm, double row);

}  // namespace cemscope::imaging::mri
