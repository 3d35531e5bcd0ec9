#include "src/evaluation/mask_overlap.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "imaging/error.h"
#include "imaging/index_map.h"
#include "src/evaluation/npz_reader.h"
#include "src/masks/label_file.h"
#include "src/report/atomic_file.h"

namespace cemscope::evaluation {
namespace {

namespace fs = std::filesystem;
using imaging::LabelImage;

double voxel_mm3(const LabelImage& image) {
  const auto& spacing = image.GetSpacing();
  return spacing[0] * spacing[1] * spacing[2];
}

double filled_mm3(const LabelImage& image) {
  const auto n = image.GetLargestPossibleRegion().GetNumberOfPixels();
  const auto* label = image.GetBufferPointer();
  return voxel_mm3(image) * static_cast<double>(std::count_if(label, label + n, [](std::uint8_t value) { return value != 0; }));
}

bool is_filled(const LabelImage& image, const Eigen::Vector3d& at) {
  const auto size = image.GetLargestPossibleRegion().GetSize();
  std::array<std::size_t, 3> index{};
  for (unsigned c = 0; c < 3; ++c) {
    const double nearest = std::floor(at[c] + 0.5);
    if (nearest < 0 || nearest >= static_cast<double>(size[c])) return false;
    index[c] = static_cast<std::size_t>(nearest);
  }
  return image.GetBufferPointer()[(index[2] * size[1] + index[1]) * size[0] + index[0]] != 0;
}

double common_mm3(const LabelImage& truth, const LabelImage& said) {
  const imaging::IndexMap map(truth, said);
  const auto size = truth.GetLargestPossibleRegion().GetSize();
  const auto* label = truth.GetBufferPointer();
  double n = 0;
  for (std::size_t k = 0; k < size[2]; ++k)
    for (std::size_t j = 0; j < size[1]; ++j)
      for (std::size_t i = 0; i < size[0]; ++i) {
        if (*label++ == 0) continue;
        const auto at = map.of(static_cast<double>(i), static_cast<double>(j), static_cast<double>(k));
        n += is_filled(said, at) ? 1 : 0;
      }
  return n * voxel_mm3(truth);
}

LabelImage::Pointer mask_of_npz(const fs::path& path) {
  const auto where = path.filename().string();
  auto arrays = read_npz(report::read_file(path), where);
  const auto& cement = arrays["cement"];
  const auto &spacing = arrays["spacing"].numbers, &origin = arrays["origin"].numbers;
  if (cement.shape.size() != 3 || cement.bytes.empty() || spacing.size() != 3 || origin.size() != 3)
    throw Error(ErrorKind::inconsistent,
                where + ": the arrays cement (uint8, three axes), spacing and origin (three numbers each) are needed");
  if (std::any_of(spacing.begin(), spacing.end(), [](double s) { return !(s > 0 && s < 1e3); }))
    throw Error(ErrorKind::inconsistent, where + ": spacing must be above 0 mm");
  auto image = LabelImage::New();
  image->SetRegions(LabelImage::SizeType{{cement.shape[2], cement.shape[1], cement.shape[0]}});
  image->SetSpacing(std::array<double, 3>{spacing[2], spacing[1], spacing[0]}.data());
  image->SetOrigin(origin.data());
  image->Allocate();
  std::copy(cement.bytes.begin(), cement.bytes.end(), image->GetBufferPointer());
  return image;
}

/// 1 wherever there is a label.
LabelImage::Pointer filled(const itk::Image<std::int16_t, 3>& labels) {
  auto image = LabelImage::New();
  image->CopyInformation(&labels);
  image->SetRegions(labels.GetLargestPossibleRegion());
  image->Allocate();
  const auto* from = labels.GetBufferPointer();
  std::transform(from, from + labels.GetLargestPossibleRegion().GetNumberOfPixels(), image->GetBufferPointer(),
                 [](std::int16_t label) { return static_cast<std::uint8_t>(label != 0); });
  return image;
}

std::optional<fs::path> mask_of(const fs::path& folder, const std::string& patient_id, const std::string& case_id) {
  for (const auto& id : {patient_id, case_id}) {
    if (id.empty() || id.find('/') != id.npos) continue;
    for (const auto& name : {id + ".nrrd", id + ".nii.gz", id + ".nii", id + ".npz", "truth_" + id + ".npz"})
      if (fs::is_regular_file(folder / name)) return folder / name;
  }
  return std::nullopt;
}

void finish(DiceResult& result) {
  result.median = analysis::median_of(result.values);
  result.worst = *std::min_element(result.values.begin(), result.values.end());
  double sum = 0;
  for (const double value : result.values) sum += value;
  result.mean = sum / static_cast<double>(result.values.size());
  if (const auto mean = analysis::bland_altman(result.values))
    result.mean_ci = analysis::Interval{std::max(0.0, mean->bias_ci.low), std::min(1.0, mean->bias_ci.high)};
}

}  // namespace

std::optional<double> dice(const LabelImage& truth, const LabelImage& said) {
  const double sum_mm3 = filled_mm3(truth) + filled_mm3(said);
  if (sum_mm3 <= 0) return std::nullopt;
  return 2 * common_mm3(truth, said) / sum_mm3;
}

LabelImage::Pointer read_mask(const fs::path& path) {
  const auto name = path.filename().string();
  if (name.ends_with(".npz")) return mask_of_npz(path);
  return filled(*masks::read_label_file(path).image);
}

std::optional<DiceResult> compare_masks(const fs::path& masks, const fs::path& output, const Readings& truth, const Readings& said,
                                        std::vector<std::string>& notes) {
  DiceResult result;
  for (const auto& [id, patient] : truth.patients) {
    const auto at = said.patients.find(id);
    const auto case_id = at == said.patients.end() ? std::string{} : at->second.case_id;
    const auto mask_file = mask_of(masks, id, case_id);
    if (!mask_file) continue;
    try {
      const auto mask = read_mask(*mask_file);
      const auto label_file = output / "cases" / case_id / "cement.nrrd";
      const bool has_label = !case_id.empty() && fs::is_regular_file(label_file);
      if (!has_label && filled_mm3(*mask) <= 0) continue;
      const auto value = has_label ? dice(*mask, *read_mask(label_file)) : std::optional(0.0);
      if (!value) continue;
      if (!has_label) ++result.without_label, notes.push_back(id + ": no cement.nrrd, its Dice counts as 0");
      result.values.push_back(*value);
    } catch (const Error& error) {
      notes.push_back(fmt::format("{}: {}", id, error.what()));
    }
  }
  if (result.values.empty()) return std::nullopt;
  finish(result);
  return result;
}

}  // namespace cemscope::evaluation
