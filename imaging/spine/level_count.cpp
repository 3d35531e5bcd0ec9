#include "imaging/spine/level_count.h"

#include <cmath>

#include "imaging/components.h"
#include "imaging/spine/levels.h"

namespace cemscope::imaging::spine {
namespace {

// The flanks in curved coordinates, mm from the canal's middle.
constexpr double kStep_mm = 2, kFlankNear_mm = 26, kFlankFar_mm = 60, kFlankFront_mm = 10, kFlankBehind_mm = -46;
constexpr int kAcross = static_cast<int>((kFlankFar_mm - kFlankNear_mm) / kStep_mm) + 1;
constexpr int kDeep = static_cast<int>((kFlankFront_mm - kFlankBehind_mm) / kStep_mm) + 1;
// Lumbar transverse processes end within 48 mm of the middle; a twelfth rib long enough to be counted goes beyond 54.
constexpr double kRibRoot_mm = 34, kRibReach_mm = 54;
constexpr double kSeenShare = 0.9;  ///< of the flank inside the scan, so that a missing rib means something
// The alae fill the room beside S1: 45-52 % of it above the bone threshold in the real pelvis at hand, against 31 % beside its L5.
constexpr double kAlaNear_mm = 24, kAlaFar_mm = 50, kAlaBehind_mm = -10, kAlaFront_mm = 28, kAlaShare = 0.36;
constexpr double kIliumNear_mm = 50, kIliumFar_mm = 80, kIliumBehind_mm = -30, kIliumFront_mm = 40, kIliumShare = 0.2;
constexpr double kIliumReach_mm = 30;    ///< the iliac bones stand within this below the alae's upper end
constexpr double kSacralMiddle_mm = 7;   ///< the middle of S1 lies below this above the alae's upper end, that of L5 above
constexpr double kSacralDisc_mm = 10;    ///< the most between the alae's upper end and the lower end of L5
constexpr int kLumbar = 5;

enum class Tissue : std::uint8_t { soft, bone, unseen };

class Flanks {
 public:
  Flanks(const VolumeView& volume, const CanalCourse& course, const StraightSpine& spine) : volume_(volume), frame_(spine.frame), bone_hu_(course.bone_hu) {}

  [[nodiscard]] Tissue at(double s, double a, double l) const {
    const Point_mm p = frame_.to_image(s, a, l);
    if (!volume_.contains_mm(p)) return Tissue::unseen;
    const double hu = volume_.at(nearest(p, 0), nearest(p, 1), nearest(p, 2));
    return hu < kAir_hu ? Tissue::unseen : hu > bone_hu_ ? Tissue::bone : Tissue::soft;
  }
  /// The share of bone in a rectangle of one plane of the course; 0 where less than half of it is in the scan.
  [[nodiscard]] double bone_share(double s, double near, double far, double behind, double front) const {
    int n = 0, bone = 0, unseen = 0;
    for (double l = near; std::abs(l) <= std::abs(far); l += std::copysign(kStep_mm, far))
      for (double a = behind; a <= front; a += kStep_mm) {
        const Tissue t = at(s, a, l);
        ++n, bone += t == Tissue::bone, unseen += t == Tissue::unseen;
      }
    return 2 * unseen > n ? 0 : static_cast<double>(bone) / (n - unseen);
  }

 private:
  static constexpr double kAir_hu = -900;
  [[nodiscard]] int nearest(const Point_mm& p, int d) const { return static_cast<int>(std::lround(p[d] / volume_.spacing_mm[d])); }
  const VolumeView& volume_;
  const CurvedFrame& frame_;
  double bone_hu_;
};

double least_of_both_sides(const Flanks& flanks, double s, double near, double far, double behind, double front) {
  return std::min(flanks.bone_share(s, near, far, behind, front), flanks.bone_share(s, -near, -far, behind, front));
}

/// The upper end of the alae on the course, mm; negative when they are not in view.
double upper_end_of_sacrum(const Flanks& flanks, int length) {
  for (double s = length - 1; s >= 0; s -= kStep_mm) {
    if (least_of_both_sides(flanks, s, kAlaNear_mm, kAlaFar_mm, kAlaBehind_mm, kAlaFront_mm) < kAlaShare) continue;
    double ilium = 0;
    for (double below = s; below >= std::max(0.0, s - kIliumReach_mm); below -= 2 * kStep_mm)
      ilium = std::max(ilium, least_of_both_sides(flanks, below, kIliumNear_mm, kIliumFar_mm, kIliumBehind_mm, kIliumFront_mm));
    if (ilium >= kIliumShare) return s;
  }
  return -1;
}

/// Where on the course the ribs of one side are rooted, and where the flank is in view.
struct RibSide {
  std::vector<char> rooted, seen;  ///< per step of the course
};

RibSide ribs_of(const Flanks& flanks, int length, double side) {
  const int steps = static_cast<int>((length - 1) / kStep_mm) + 1;
  Grid<std::uint8_t> bone(kAcross, kDeep, steps);
  RibSide out{std::vector<char>(steps), std::vector<char>(steps)};
  for (int k = 0; k < steps; ++k) {
    int unseen = 0;
    for (int y = 0; y < kDeep; ++y)
      for (int x = 0; x < kAcross; ++x) {
        const Tissue t = flanks.at(k * kStep_mm, kFlankBehind_mm + y * kStep_mm, side * (kFlankNear_mm + x * kStep_mm));
        bone.at(x, y, k) = t == Tissue::bone;
        unseen += t == Tissue::unseen;
      }
    out.seen[k] = unseen <= (1 - kSeenShare) * kAcross * kDeep;
  }
  for (const auto& part : label_components(bone)) {
    double reach = 0;
    for (std::size_t voxel : part) reach = std::max(reach, kFlankNear_mm + kStep_mm * static_cast<double>(voxel % kAcross));
    if (reach < kRibReach_mm) continue;
    for (std::size_t voxel : part)
      if (kFlankNear_mm + kStep_mm * static_cast<double>(voxel % kAcross) <= kRibRoot_mm) out.rooted[voxel / (kAcross * kDeep)] = 1;
  }
  return out;
}

double share(const std::vector<char>& marks, const VertebralBody& body) {
  int n = 0, set = 0;
  for (int k = 0; k < static_cast<int>(marks.size()); ++k)
    if (k * kStep_mm >= body.s_lower && k * kStep_mm < body.s_upper) ++n, set += marks[k];
  return n > 0 ? static_cast<double>(set) / n : 0;
}

}  // namespace

LevelCount count_levels(const std::vector<BesideBody>& beside, bool sacrum_below_lowest) {
  const int n = static_cast<int>(beside.size());
  LevelCount out{std::vector<std::string>(n), false};
  // From the sacrum: the place of L5.
  int above_sacrum = sacrum_below_lowest ? 0 : -1;
  for (int b = 0; b < n; ++b)
    if (beside[b].is_sacral) above_sacrum = b + 1;
  // From the ribs: the lowest body of the run that starts at the top of the scan.
  int last_ribs = -1;
  for (int b = n - 1; b > 0 && beside[b].has_ribs; --b)
    if (beside[b - 1].rules_out_ribs) last_ribs = b;
  if (above_sacrum < 0 && last_ribs < 0) return out;
  const int from_ribs = last_ribs - kLumbar;
  if (above_sacrum >= 0 && last_ribs >= 0 && above_sacrum != from_ribs) {
    out.anchors_disagree = true;
    return out;
  }
  const int lowest_lumbar = above_sacrum >= 0 ? above_sacrum : from_ribs;
  for (int b = std::max(0, lowest_lumbar - 1); b < n; ++b) out.levels[b] = level_below("L5", lowest_lumbar - b);
  return out;
}

LevelCount count_levels(const VolumeView& volume, const CanalCourse& course, const StraightSpine& spine, const std::vector<VertebralBody>& bodies) {
  if (bodies.empty()) return {};
  const Flanks flanks(volume, course, spine);
  const double sacrum = upper_end_of_sacrum(flanks, spine.length());
  const RibSide left = ribs_of(flanks, spine.length(), 1), right = ribs_of(flanks, spine.length(), -1);
  std::vector<BesideBody> beside;
  for (const auto& body : bodies) {
    BesideBody b;
    const bool is_rooted_left = share(left.rooted, body) > 0.1, is_rooted_right = share(right.rooted, body) > 0.1;
    b.has_ribs = is_rooted_left && is_rooted_right;
    b.rules_out_ribs = !is_rooted_left && !is_rooted_right && share(left.seen, body) >= kSeenShare && share(right.seen, body) >= kSeenShare;
    b.is_sacral = sacrum >= 0 && (body.s_lower + body.s_upper) / 2 < sacrum + kSacralMiddle_mm;
    beside.push_back(b);
  }
  const bool is_below = sacrum >= 0 && !beside[0].is_sacral && bodies[0].s_lower - sacrum < kSacralDisc_mm;
  return count_levels(beside, is_below);
}

}  // namespace cemscope::imaging::spine
