#pragma once

#include "imaging/mri/mr_reading.h"
#include "imaging/phantom/mr_phantom.h"
#include "tests/imaging/sweep/share.h"

namespace cemscope::imaging {

/// A reading of simulated examinations against their truth.
struct MrAgreement {
  Share injury, subcutaneous, length, acute, refusal;
  Share cleft, no_cleft;  ///< of fractured bodies that were read as such
  int not_assessable = 0, acute_invented = 0;
  double seconds = 0;  ///< the slowest

  void add(const MrAgreement& other);
  /// Whether everything was judged, and rightly; clefts apart.
  [[nodiscard]] bool is_all_right() const;
};

/// Bodies are asked for where they lie wholly in the field.
MrAgreement agreement_of(const MrReading& reading, const PhantomMrParameters& parameters, const PhantomMrTruth& truth);

/// The table beside the targets; the time only where it was taken.
void print(const MrAgreement& agreement);

}  // namespace cemscope::imaging
