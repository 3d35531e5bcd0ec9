#include "labelled_scan.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <string>

#include "imaging/phantom/morphometry.h"
#include "imaging/phantom/phantom.h"
#include "imaging/phantom/phantom_parameters.h"

namespace cemscope::tools {
namespace {

using namespace cemscope::imaging;

bool is_upright(const HuImage& image) {
  for (unsigned row = 0; row < 3; ++row)
    for (unsigned column = 0; column < 3; ++column)
      if (image.GetDirection()[row][column] != (row == column ? 1.0 : 0.0)) return false;
  return true;
}

std::optional<LabelledScan> labelled(const PhantomParameters& parameters) {
  const auto patient = make_phantom(parameters);
  if (!is_upright(*patient.ct.image)) return {};
  const auto* labels = patient.bodies.image->GetBufferPointer();
  LabelledScan scan;
  scan.volume = patient.ct;
  scan.bodies.assign(labels, labels + patient.bodies.image->GetLargestPossibleRegion().GetNumberOfPixels());
  scan.vertebrae = scan.bodies;
  const auto* zones = patient.cement.image->GetBufferPointer();
  scan.cement.assign(zones, zones + scan.bodies.size());
  return scan;
}

bool treats(const PhantomParameters& parameters, const std::string& level) {
  return std::any_of(parameters.deposits.begin(), parameters.deposits.end(), [&](const auto& d) { return d.level == level; });
}

}  // namespace

LabelledScan read_raw(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::array<std::int32_t, 3> size{};
  std::array<double, 3> spacing{};
  file.read(reinterpret_cast<char*>(size.data()), sizeof size);
  file.read(reinterpret_cast<char*>(spacing.data()), sizeof spacing);
  auto image = HuImage::New();
  HuImage::SizeType n;
  HuImage::SpacingType mm;
  for (unsigned axis = 0; axis < 3; ++axis) n[axis] = static_cast<itk::SizeValueType>(size[2 - axis]), mm[axis] = spacing[2 - axis];
  image->SetRegions(n), image->SetSpacing(mm), image->Allocate();
  const std::size_t count = n[0] * n[1] * n[2];
  LabelledScan scan;
  scan.vertebrae.resize(count), scan.bodies.resize(count), scan.cement.resize(count);
  file.read(reinterpret_cast<char*>(image->GetBufferPointer()), static_cast<std::streamsize>(2 * count));
  for (auto* labels : {&scan.vertebrae, &scan.bodies, &scan.cement})
    file.read(reinterpret_cast<char*>(labels->data()), static_cast<std::streamsize>(count));
  if (!file) throw std::runtime_error(std::string("cannot read ") + path);
  scan.volume.image = image;
  return scan;
}

std::optional<StraightenedScan> straightened(const VolumeView& view) {
  constexpr double kMargin_mm = 20;  // as read_ct prolongs it
  const auto course = spine::trace_canal(view, {});
  if (!course.found()) return {};
  auto straight = spine::straighten(view, spine::prolong(course, view, kMargin_mm));
  auto profiles = spine::measure_profiles(straight);
  return StraightenedScan{std::move(straight), std::move(profiles)};
}

std::uint8_t label_at(const VolumeView& view, const std::vector<std::uint8_t>& labels, const Point_mm& p) {
  std::size_t at = 0;
  for (int axis = 2; axis >= 0; --axis) {
    const long q = std::lround(p[axis] / view.spacing_mm[axis]);
    if (q < 0 || q >= view.size[axis]) return 0;
    at = at * view.size[axis] + static_cast<std::size_t>(q);
  }
  return labels[at];
}

LabelMask bodies_of(const LabelledScan& scan) {
  LabelMask mask;
  mask.image = LabelImage::New();
  mask.image->SetRegions(scan.volume.image->GetLargestPossibleRegion());
  mask.image->Allocate();
  std::copy(scan.bodies.begin(), scan.bodies.end(), mask.image->GetBufferPointer());
  return mask;
}

std::optional<LabelledScan> upright_phantom(unsigned seed) { return labelled(draw_phantom_parameters(seed)); }

std::optional<LabelledScan> much_treated_phantom(unsigned seed) {
  constexpr unsigned kOther = 1000000, kOthers = 3;
  auto parameters = draw_phantom_parameters(seed);
  const int top = phantom::level_index(parameters.scan.top_level),
            bottom = std::min(phantom::level_index(parameters.scan.bottom_level), phantom::level_index("L5"));
  for (unsigned other = 1; other <= kOthers; ++other) {
    const auto more = draw_phantom_parameters(seed + other * kOther);
    if (more.deposits.empty() || bottom <= top) continue;
    const std::string level(
        phantom::vertebra_sizes()[top + 1 + static_cast<int>((seed + other) % static_cast<unsigned>(bottom - top))].level);
    if (treats(parameters, level)) continue;
    parameters.deposits.push_back(more.deposits.front()), parameters.deposits.back().level = level;
    if (more.fractures.empty() ||
        std::any_of(parameters.fractures.begin(), parameters.fractures.end(), [&](const auto& f) { return f.level == level; }))
      continue;
    parameters.fractures.push_back(more.fractures.front()), parameters.fractures.back().level = level;
  }
  return labelled(parameters);
}

}  // namespace cemscope::tools
