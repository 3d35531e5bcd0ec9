#include "src/masks/vertebra_mask.h"

#include <algorithm>
#include <array>
#include <climits>
#include <fstream>
#include <map>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/ingest/segmentation_reader.h"
#include "src/ingest/text.h"
#include "src/masks/label_file.h"
#include "src/masks/numbering.h"
#include "src/masks/vertebra_check.h"
#include "src/masks/vertebra_names.h"

namespace cemscope::masks {
namespace {

namespace fs = std::filesystem;
using imaging::LabelImage;
using ingest::LabelName;
using ingest::LabelVolume;
using Labels = itk::Image<std::int16_t, 3>;

constexpr double kSameGrid = 1e-3;  // mm, and of a unit vector
constexpr std::size_t kDicomPrefix = 132;

bool is_dicom(const fs::path& path) {
  std::array<char, kDicomPrefix> start{};
  std::ifstream(path, std::ios::binary).read(start.data(), start.size());
  return std::string_view(start.data() + 128, 4) == "DICM";
}

bool means_vertebra(const LabelName& name) { return vertebra_of_text(name.text).has_value() || !name.level.empty(); }

LabelVolume read_labels(const fs::path& path) {
  return is_dicom(path) ? ingest::read_segmentation(path, means_vertebra) : read_label_file(path);
}

bool is_same_grid(const Labels& a, const Labels& b) {
  if (a.GetLargestPossibleRegion().GetSize() != b.GetLargestPossibleRegion().GetSize()) return false;
  for (unsigned r = 0; r < 3; ++r) {
    if (std::abs(a.GetOrigin()[r] - b.GetOrigin()[r]) > kSameGrid || std::abs(a.GetSpacing()[r] - b.GetSpacing()[r]) > kSameGrid)
      return false;
    for (unsigned c = 0; c < 3; ++c)
      if (std::abs(a.GetDirection()[r][c] - b.GetDirection()[r][c]) > kSameGrid) return false;
  }
  return true;
}

Labels::Pointer empty_like(const Labels& image) {
  auto empty = Labels::New();
  empty->CopyInformation(&image);
  empty->SetRegions(image.GetLargestPossibleRegion());
  empty->Allocate(true);
  return empty;
}

/// One structure per file, whatever its non-zero value.
LabelVolume combine(const std::vector<fs::path>& files) {
  LabelVolume all;
  for (const auto& file : files) {
    const auto number = vertebra_of_text(structure_of_file(file));
    if (!number) continue;
    const auto one = read_labels(file);
    const auto n = one.image->GetLargestPossibleRegion().GetNumberOfPixels();
    if (!all.image) all.image = empty_like(*one.image);
    if (!is_same_grid(*all.image, *one.image)) throw Error(ErrorKind::inconsistent, "the files of one mask have different grids");
    all.names[*number] = {level_of_number(*number), {}};
    const auto* from = one.image->GetBufferPointer();
    auto* to = all.image->GetBufferPointer();
    for (std::size_t v = 0; v < n; ++v)
      if (from[v] != 0) to[v] = static_cast<std::int16_t>(*number);
  }
  return all;
}

struct Sum {
  std::size_t n = 0;
  Eigen::Vector3d index{0, 0, 0};
};

template <typename Visit>
void visit_labels(const Labels& image, const Visit& visit) {
  const auto size = image.GetLargestPossibleRegion().GetSize();
  const auto* label = image.GetBufferPointer();
  for (long k = 0; k < static_cast<long>(size[2]); ++k)
    for (long j = 0; j < static_cast<long>(size[1]); ++j)
      for (long i = 0; i < static_cast<long>(size[0]); ++i, ++label)
        if (*label > 0) visit(*label, itk::Index<3>{{i, j, k}});
}

std::vector<LabelPlace> places_of(const Labels& image) {
  std::vector<Sum> sums(INT16_MAX + 1);
  visit_labels(image, [&](std::int16_t label, const itk::Index<3>& at) {
    auto& sum = sums[static_cast<std::size_t>(label)];
    ++sum.n;
    sum.index += Eigen::Vector3d(static_cast<double>(at[0]), static_cast<double>(at[1]), static_cast<double>(at[2]));
  });
  const auto& spacing = image.GetSpacing();
  const double voxel_ml = spacing[0] * spacing[1] * spacing[2] / 1000.0;
  std::vector<LabelPlace> places;
  for (std::size_t label = 1; label < sums.size(); ++label) {
    if (sums[label].n == 0) continue;
    const auto n = static_cast<double>(sums[label].n);
    const Eigen::Vector3d index = sums[label].index / n;
    Labels::PointType point;
    image.TransformContinuousIndexToPhysicalPoint(itk::ContinuousIndex<double, 3>(index.data()), point);
    places.push_back({static_cast<int>(label), n * voxel_ml, {point[0], point[1], point[2]}});
  }
  return places;
}

itk::ImageRegion<3> region_of(const Labels& image, const std::array<std::uint8_t, INT16_MAX + 1>& numbers) {
  itk::Index<3> first{{LONG_MAX, LONG_MAX, LONG_MAX}}, last{{-1, -1, -1}};
  visit_labels(image, [&](std::int16_t label, const itk::Index<3>& at) {
    if (numbers[static_cast<std::size_t>(label)] == 0) return;
    for (unsigned d = 0; d < 3; ++d) first[d] = std::min(first[d], at[d]), last[d] = std::max(last[d], at[d]);
  });
  if (last[0] < 0) throw Error(ErrorKind::inconsistent, "the mask holds no vertebra");
  itk::ImageRegion<3> region;
  region.SetIndex(first);
  region.SetUpperIndex(last);
  return region;
}

imaging::LabelMask in_verse_numbers(const Labels& image, const Numbering& numbering) {
  std::array<std::uint8_t, INT16_MAX + 1> numbers{};
  for (const auto& [label, number] : numbering.verse_numbers)
    if (label > 0 && label <= INT16_MAX) numbers[static_cast<std::size_t>(label)] = static_cast<std::uint8_t>(number);
  const auto region = region_of(image, numbers);
  auto result = LabelImage::New();
  result->SetRegions(region.GetSize());
  result->SetSpacing(image.GetSpacing());
  result->SetDirection(image.GetDirection());
  Labels::PointType origin;
  image.TransformIndexToPhysicalPoint(region.GetIndex(), origin);
  result->SetOrigin(origin);
  result->Allocate(true);
  visit_labels(image, [&](std::int16_t label, const itk::Index<3>& at) {
    const auto number = numbers[static_cast<std::size_t>(label)];
    if (number == 0) return;
    const auto& first = region.GetIndex();
    result->SetPixel({{at[0] - first[0], at[1] - first[1], at[2] - first[2]}}, number);
  });
  return {result};
}

}  // namespace

std::string structure_of_file(const fs::path& file) {
  auto stem = file.filename().string();
  stem.resize(std::min(stem.size(), stem.find('.')));
  for (const auto* const word : {"vertebrae_", "vertebra_", "sacrum"}) {
    const auto at = ingest::to_lower(stem).rfind(word);
    if (at == stem.npos || (at > 0 && stem[at - 1] != '_')) continue;
    const auto name = stem.substr(at);
    if (vertebra_of_text(name)) return name;
  }
  return {};
}

imaging::LabelMask read_vertebra_mask(const std::vector<fs::path>& files) {
  if (files.empty()) throw Error(ErrorKind::usage, "a mask without a file");
  const bool has_structures = !structure_of_file(files[0]).empty();
  const auto volume = has_structures ? combine(files) : read_labels(files[0]);
  const auto numbering = recognise_numbering(places_of(*volume.image), volume.names);
  return checked_vertebrae(in_verse_numbers(*volume.image, numbering));
}

}  // namespace cemscope::masks
