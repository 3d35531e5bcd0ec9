#include "imaging/spine_location.h"

#include "imaging/spine/canal.h"

namespace cemscope::imaging {
namespace {

// From the canal's middle. Bodies reach 60 mm in front of it and 35 mm to the side; cement is followed for another 30 mm.
constexpr double kAside_mm = 80, kInFront_mm = 105, kBehind_mm = 80;
constexpr double kUnlimited_mm = 1e5;

}  // namespace

std::optional<Box_mm> locate_spine(const CtVolume& overview, int n_threads) {
  const CtVolume volume = reorient_to_lps(overview);
  spine::CanalParameters parameters;
  parameters.n_threads = n_threads;
  const auto course = spine::trace_canal(view_of(volume), parameters);
  if (!course.found()) return std::nullopt;
  const auto& direction = volume.image->GetDirection();
  const auto& origin = volume.image->GetOrigin();
  Box_mm box{Point_mm::Constant(kUnlimited_mm), Point_mm::Constant(-kUnlimited_mm)};
  for (const auto& p : course.centre_mm) {
    Point_mm at;
    for (int row = 0; row < 3; ++row)
      at[row] = origin[row] + direction[row][0] * p[0] + direction[row][1] * p[1] + direction[row][2] * p[2];
    box.low = box.low.cwiseMin(at - Point_mm(kAside_mm, kInFront_mm, 0));
    box.high = box.high.cwiseMax(at + Point_mm(kAside_mm, kBehind_mm, 0));
  }
  box.low[2] = -kUnlimited_mm, box.high[2] = kUnlimited_mm;
  return box;
}

}  // namespace cemscope::imaging
