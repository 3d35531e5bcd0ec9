#include "imaging/spine/discs.h"

#include <gtest/gtest.h>

#include "imaging/phantom/phantom.h"
#include "imaging/spine/canal.h"
#include "tests/imaging/sweep/follow_up_pair.h"

namespace cemscope::imaging::spine {
namespace {

/// Patients with a disc wide enough that both of its rims look like one.
class FindDiscs : public testing::TestWithParam<unsigned> {};

TEST_P(FindDiscs, ABodyLiesBetweenAnyTwo) {
  const auto patient = make_phantom(draw_follow_up_pair(GetParam(), PairKind::ct_ct).ct_after);
  const auto view = view_of(patient.ct);
  const auto course = trace_canal(view, {});
  ASSERT_TRUE(course.found());
  const auto spine = straighten(view, prolong(course, view, 20), 1);
  const auto profiles = measure_profiles(spine);
  const auto discs = find_discs(spine, profiles);
  const auto& origin = patient.ct.image->GetOrigin();
  std::vector<int> bodies;  // along the course
  for (const auto& frame : patient.truth.body_frames) {
    const Point_mm centre = frame.centre_mm - Point_mm(origin[0], origin[1], origin[2]);
    int nearest = 0;
    const auto distance = [&](int s) {
      return (spine.frame.to_image(s, profiles.posterior_wall[static_cast<std::size_t>(s)] + 16, 0) - centre).norm();
    };
    for (int s = 1; s < spine.length(); ++s)
      if (distance(s) < distance(nearest)) nearest = s;
    bodies.push_back(nearest);
  }
  for (std::size_t n = 1; n < discs.size(); ++n) {
    if (discs[n - 1].at_scan_end || discs[n].at_scan_end) continue;
    EXPECT_EQ(std::count_if(bodies.begin(), bodies.end(), [&](int s) { return s > discs[n - 1].s && s < discs[n].s; }), 1)
        << discs[n - 1].s << " to " << discs[n].s;
  }
}

INSTANTIATE_TEST_SUITE_P(WideDiscs, FindDiscs, testing::Values(17006, 17012));

}  // namespace
}  // namespace cemscope::imaging::spine
