#pragma once

#include <algorithm>
#include <vector>

#include "imaging/mri/body_map.h"
#include "imaging/mri/canal_course.h"
#include "imaging/mri/mr_volume.h"
#include "imaging/mri/row_evidence.h"

namespace cemscope::imaging::mri {

/// A disc, or a place between two bodies: where it cuts the bodies' axis and how its two edges lie.
struct Disc {
  double row = 0;      ///< on the canal's course
  double tilt = 0;     ///< rows per mm to the front
  double half_mm = 4;  ///< half its height
  double score = 0;
};

/// A vertebral body between two discs, in the sagittal slices.
struct MrBody {
  double top_row = 0, bottom_row = 0;    ///< on the canal's course: edge of the disc above, of the disc below
  double top_tilt = 0, bottom_tilt = 0;  ///< rows per mm to the front
  bool is_cut = false;                   ///< by the field of view
  double centre_x = 0, centre_row = 0, centre_slice = 0;
  double rear_mm = 13, front_mm = 35;  ///< walls, in front of the canal's centre
  double height_mm = 0;                ///< between the edges, in the middle
  double mapped_share = 1;             ///< of its box, what the map takes for a body
  double mapped_disc_share = 0;        ///< and for a disc
  bool is_beyond = false;              ///< the spine, most likely: it and all further up, or down, are hardly on the map
  bool may_be_disc =
      false;  ///< low, ringed as a disc is or at the end of the field, and on the map more a disc: those beside may be bodies

  /// Tilt at a row between the edges' ones.
  [[nodiscard]] double tilt_at(double row) const {
    const double share = (row - top_row) / std::max(1.0, bottom_row - top_row);
    return top_tilt + share * (bottom_tilt - top_tilt);
  }
};

/// The bodies from the top, by what was learned of discs (the evidence, the map) and by the edges of discs in front of the canal: dynamic
/// programming over disc centres 12-46 mm apart, twice, the second time with the spacing of the first; discs with a bright middle are
/// ringed, oedema is not and goes on to the cortex. Works on any weighting (edges have no sign). Endplates and walls then lie where the
/// map's odds change sign, if that is near.
std::vector<MrBody> find_bodies(const SagittalStack& stack, const CanalCourse& canal, const RowEvidence& evidence, const BodyMap& map);

/// Log odds of a map at a place; rows and tilts as a body's edges have them.
double tilted_odds_at(const Grid<float>& map, double row, double front_mm, double tilt);

/// Their mean through the bodies, 15-33 mm in front of the canal's centre.
double odds_along(const Grid<float>& map, double row, double tilt);

inline constexpr double kAxis_mm = 24;  ///< of the bodies, in front of the canal's centre; rows and tilts are meant there

/// Row and column of the place `front_mm` in front of the canal's course at `row`, in a direction square to it and `tilt` more.
struct BodyPoint {
  double x, row;
};
BodyPoint body_point(const CanalCourse& canal, double row, double front_mm, double tilt);

/// The way back for tilt 0: mm in front of the canal's centre and the row of the course of a place in a slice.
struct CoursePoint {
  double front_mm, row;
};
CoursePoint course_point(const CanalCourse& canal, double x, double row);

/// The picture at a place of one slice, bilinear; places beyond it are moved to its border.
float sample(const Grid<float>& logs, double x, double row, int z);

}  // namespace cemscope::imaging::mri
