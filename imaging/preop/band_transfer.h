#pragma once

#include <optional>
#include <string>
#include <vector>

#include "imaging/ct_reading.h"
#include "imaging/mri/mr_volume.h"
#include "imaging/preop/fracture_sign.h"
#include "imaging/preop/rigid.h"

namespace cemscope::imaging::preop {

/// A treated vertebra after surgery, in its scan.
struct TreatedBody {
  const CtVolume& volume;
  const CtReading& reading;
  const TreatedVertebra& vertebra;
};

/// Registration of one vertebra before and after surgery, accepted or not.
struct VertebraMatch {
  std::size_t body = 0;         ///< index of the body before surgery
  RigidMotion motion;           ///< from after to before surgery
  double correlation = 0;       ///< CT: of the densities off cement
  double runner_up = 0;         ///< CT: of the likeliest other vertebra
  double overlap = 0;           ///< share of the places that both examinations show
  MotionDifference correction;  ///< what the registration changed against the two frames
  std::string refusal;          ///< stable code, empty when accepted: "unlike", "ambiguous", "moved_too_far",
                                ///< "endplates_disagree", "level_not_found"
  [[nodiscard]] bool is_accepted() const { return refusal.empty(); }
};

/// Finds the treated vertebra among the bodies of a CT before surgery: densities are correlated with the bodies' frames laid on each other,
/// the two likeliest (and the one of the same name) are registered rigidly. Accepted when they correlate by 0.9 or more, by 0.06 more
/// than another vertebra does where the names do not agree, the frames were corrected by no more than 12 mm and 15 degrees, and one of the
/// endplates is where it was, the other within 0.45 of the height. Cement and 3 mm round it have no say. 0.4-0.8 s.
VertebraMatch match_on_ct(const TreatedBody& treated, const CtVolume& before, const std::vector<CtBody>& bodies);

/// Registers the treated vertebra with the body of the same name on an MR before surgery by mutual information. Accepted when the frames
/// were corrected by no more than 6.3 mm and 8 degrees and the endplates agree to 0.3 of the body's height.
VertebraMatch match_on_mr(const TreatedBody& treated, const SignalImage& before, const std::vector<BodyPlace>& bodies);

/// The band of the treated vertebra that a fractured third before surgery has become: from the endplate to where the registration takes the
/// third's inner border, 0.2-0.5 of the height; the third itself where the match was refused. Empty when `part` is unclear.
std::optional<HeightBand> carry_band(const TreatedBody& treated, const BodyPlace& before, FracturedPart part, const VertebraMatch& match);

}  // namespace cemscope::imaging::preop
