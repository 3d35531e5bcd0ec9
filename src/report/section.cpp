#include "src/report/section.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "src/report/label_scan.h"

namespace cemscope::report {
namespace {

using imaging::CementZone;

constexpr double kBin_mm = 0.5;

Eigen::Vector3d to_frame(const imaging::VertebralFrame& frame, const imaging::Point_mm& point) {
  const Eigen::Vector3d offset = point - frame.centre_mm;
  return {offset.dot(frame.left), offset.dot(frame.posterior), offset.dot(frame.superior)};
}

Eigen::Index axis_of(View view) { return view == View::sagittal ? 0 : view == View::coronal ? 1 : 2; }

struct Bin {
  double area_mm2 = 0.0;
  Eigen::Vector3d moment{0, 0, 0};
};

std::map<long, Bin> section_areas(const VertebraCement& cement, const std::vector<CementZone>& zones, Eigen::Index axis) {
  std::map<long, Bin> bins;
  const double extent = cement.voxel_extent_mm[axis];
  for (const auto& voxel : cement.voxels) {
    if (std::find(zones.begin(), zones.end(), voxel.zone) == zones.end()) continue;
    const double centre = voxel.at_mm[axis];
    for (long b = static_cast<long>(std::ceil((centre - extent / 2) / kBin_mm)); b * kBin_mm < centre + extent / 2; ++b) {
      Bin& bin = bins[b];
      bin.area_mm2 += cement.voxel_mm3 / extent;
      bin.moment += voxel.at_mm * (cement.voxel_mm3 / extent);
    }
  }
  return bins;
}

/// The middle of the neighbouring bins that are as large but for 1 %, so that a thick slice is cut in its middle and not at its face.
double middle_of_plateau_mm(const std::map<long, Bin>& bins, std::map<long, Bin>::const_iterator largest) {
  const auto is_as_large = [&](long bin) {
    const auto found = bins.find(bin);
    return found != bins.end() && found->second.area_mm2 >= 0.99 * largest->second.area_mm2;
  };
  long first = largest->first, last = largest->first;
  while (is_as_large(first - 1)) --first;
  while (is_as_large(last + 1)) ++last;
  return static_cast<double>(first + last + 1) / 2 * kBin_mm;
}

std::vector<View> views_of_zone(CementZone zone) {
  switch (zone) {
    case CementZone::disc: return {View::sagittal, View::coronal};
    case CementZone::canal:
    case CementZone::foramen: return {View::axial, View::sagittal};
    default: return {View::axial, View::sagittal, View::coronal};
  }
}

}  // namespace

VertebraCement cement_of_vertebra(const imaging::CtReading& reading, const imaging::TreatedVertebra& vertebra) {
  VertebraCement cement;
  if (reading.cement.image.IsNull()) return cement;
  const imaging::LabelImage& image = *reading.cement.image;
  const auto& frame = vertebra.frame;
  const std::uint8_t* owners = reading.owners.image->GetBufferPointer();
  cement.voxel_mm3 = image.GetSpacing()[0] * image.GetSpacing()[1] * image.GetSpacing()[2];
  cement.voxel_extent_mm = {voxel_extent_mm(image, frame.left), voxel_extent_mm(image, frame.posterior),
                            voxel_extent_mm(image, frame.superior)};
  for_each_labelled(image, [&](std::size_t offset, std::uint8_t label) {
    if (owners[offset] != vertebra.body_label) return;
    cement.voxels.push_back({to_frame(frame, position_mm(image, offset)), static_cast<CementZone>(label)});
  });
  return cement;
}

std::optional<Section> largest_section(const VertebraCement& cement, const std::vector<CementZone>& zones, View view) {
  const auto bins = section_areas(cement, zones, axis_of(view));
  if (bins.empty()) return std::nullopt;
  const auto largest =
      std::max_element(bins.begin(), bins.end(), [](const auto& a, const auto& b) { return a.second.area_mm2 < b.second.area_mm2; });
  const Bin& bin = largest->second;
  return Section{view, middle_of_plateau_mm(bins, largest), bin.area_mm2, bin.moment / bin.area_mm2};
}

std::optional<Section> best_leak_section(const VertebraCement& cement, CementZone zone) {
  std::optional<Section> best;
  for (const View view : views_of_zone(zone)) {
    const auto section = largest_section(cement, {zone}, view);
    if (section && (!best || section->area_mm2 > best->area_mm2)) best = section;
  }
  return best;
}

}  // namespace cemscope::report
