#pragma once

#include <map>
#include <string>
#include <vector>

#include "imaging/volume.h"
#include "src/ingest/label_volume.h"

namespace cemscope::masks {

/// A label's size and place.
struct LabelPlace {
  int label = 0;
  double volume_ml = 0;
  imaging::Point_mm centre_mm;
};

/// What a mask's labels mean.
struct Numbering {
  std::string name;                  ///< "names", "VerSe", "TotalSegmentator v2", "TotalSegmentator v1"
  std::map<int, int> verse_numbers;  ///< by label; the vertebrae and the sacrum only
};

/// The usual distance of the centres of two vertebrae (VerSe numbers), mm, bodies and discs of an adult.
double usual_distance_mm(int upper, int lower);

/// Tells what the labels mean. Names decide when they name two vertebrae or more. Otherwise every known numbering is tried: its vertebrae
/// must follow one another along the patient's axis, and be about as large and as far apart as vertebrae of these levels are; one alone
/// must fit, or fit clearly best. VerSe and SPINEPS (seg-vert) number downwards, TotalSegmentator upwards (its class maps "total" and
/// "total_v1"). Labels outside a numbering's vertebrae (organs, discs 100+, endplates 200+) and below 0.5 mL are passed over. Throws
/// Error{inconsistent} when no numbering fits or none clearly best.
Numbering recognise_numbering(const std::vector<LabelPlace>& places, const std::map<int, ingest::LabelName>& names);

}  // namespace cemscope::masks
