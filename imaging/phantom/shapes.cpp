#include "imaging/phantom/shapes.h"

namespace cemscope::imaging::phantom {

BonePart::BonePart(PartKind kind, Point_mm a, Point_mm b, double radius_a_mm, double radius_b_mm, Direction along, double stretch)
    : kind_(kind), a_(a), along_(along.normalized()), radius_a_mm_(radius_a_mm), radius_b_mm_(radius_b_mm) {
  squeeze_ = 1.0 - 1.0 / stretch;
  gradient_loss_ = 1.0 - 1.0 / (stretch * stretch);
  const Point_mm length = b - a;
  axis_ = length - along_ * (along_.dot(length) * squeeze_);
  inverse_length2_ = 1.0 / std::max(axis_.squaredNorm(), 1e-9);
  for (const auto& [end, radius] : {std::pair{a, radius_a_mm}, std::pair{b, radius_b_mm}}) {
    const Direction reach = (along_ * radius * stretch).cwiseAbs().array() + radius;
    box_.low = box_.low.cwiseMin(end - reach);
    box_.high = box_.high.cwiseMax(end + reach);
  }
  // The first-order distance of a stretched part runs short of the true one by no more than this factor (its worst oblique direction).
  const double shortfall = stretch > std::sqrt(2.0) ? 0.5 * stretch / std::sqrt(gradient_loss_) : 1.0;
  near_.include(box_.low, shortfall * kNear_mm);
  near_.include(box_.high, shortfall * kNear_mm);
}

Box box_of(const std::vector<BonePart>& parts) {
  Box box;
  for (const BonePart& part : parts) {
    box.low = box.low.cwiseMin(part.box().low);
    box.high = box.high.cwiseMax(part.box().high);
  }
  return box;
}

}  // namespace cemscope::imaging::phantom
