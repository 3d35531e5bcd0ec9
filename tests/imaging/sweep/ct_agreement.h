#pragma once

#include <vector>

#include "imaging/ct_reading.h"
#include "imaging/phantom/phantom.h"
#include "tests/imaging/sweep/share.h"

namespace cemscope::imaging {

/// A reading of simulated or warped scans against their truth.
struct CtAgreement {
  Share found, leakage, zone, midline, distribution, confident;
  int invented = 0;
  std::vector<double> volume_error, leak_error_ml, dice;
  std::vector<double> height_error_mm;  ///< front, middle and back of treated bodies whose truth has heights
  std::vector<double> body_dice;

  void add(const CtAgreement& other);
  /// Whether every vertebra was found and every finding is right; volumes apart.
  [[nodiscard]] bool is_all_right() const;
};

/// A reported vertebra is a true one when their centres are this close.
inline constexpr double kSameVertebra_mm = 14;

/// All but the Dices. Borderline findings are not asked for.
CtAgreement agreement_of(const CtReading& reading, const std::vector<PhantomVertebraTruth>& truths);

/// Dice of all cement, 1 where there is none. `cement`: the truth on the scan's own grid, which must be in LPS order as the reading's is.
double cement_dice(const CtReading& reading, const LabelMask& cement);

/// Dice of every whole body that was found. `bodies`: numbered, on the scan's own grid, in LPS order.
std::vector<double> body_dice(const CtReading& reading, const LabelMask& bodies);

double median(std::vector<double> values);
double mean(const std::vector<double>& values);

/// The table beside the targets.
void print(const CtAgreement& agreement);

}  // namespace cemscope::imaging
