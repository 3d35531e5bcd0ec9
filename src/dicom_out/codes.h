#pragma once

#include <string>

#include "imaging/vertebra_measurement.h"

namespace cemscope::dicom_out {

/// A coded concept: value (16 characters at most), scheme and meaning.
struct Code {
  std::string value, scheme, meaning;
  bool operator==(const Code&) const = default;
};

/// Designator of cemscope's own codes, for concepts without one in SNOMED CT or DICOM. src/dicom_out/README.md lists them.
inline constexpr const char* kOwnScheme = "99CEMSCOPE";

/// The vertebra by its level, "C1" ... "L5" (SNOMED CT, CID 7603); the vertebral column for any other name.
Code level_code(const std::string& level);

/// A cement zone, in cemscope's own scheme.
Code zone_code(imaging::CementZone zone);

/// "yes", "no" (SNOMED CT) or "not_assessable" (own scheme).
Code answer_code(imaging::Answer answer);

/// An own code: the value is the word itself, the meaning its words.
Code own_code(const std::string& value, const std::string& meaning);

inline const Code kPhysicalObject{"260787004", "SCT", "Physical object"};
inline const Code kAnatomicalStructure{"91723000", "SCT", "Anatomical structure"};
inline const Code kImplant{"40388003", "SCT", "Implant"};
inline const Code kBoneCement{"bone_cement", kOwnScheme, "Bone cement"};
inline const Code kModality{"121139", "DCM", "Modality"};
inline const Code kComputedTomography{"CT", "DCM", "Computed Tomography"};
inline const Code kRadiography{"DX", "DCM", "Digital Radiography"};
inline const Code kMagneticResonance{"MR", "DCM", "Magnetic Resonance"};
inline const Code kVolume{"118565006", "SCT", "Volume"};

}  // namespace cemscope::dicom_out
