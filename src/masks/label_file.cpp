#include "src/masks/label_file.h"

#include <cmath>

#include <fmt/format.h>
#include <itkImageFileReader.h>
#include <itkMetaDataObject.h>
#include <itkNiftiImageIO.h>
#include <itkNrrdImageIO.h>

#include "imaging/error.h"

namespace cemscope::masks {
namespace {

using ingest::LabelName;
using ingest::LabelVolume;
using Labels = itk::Image<std::int16_t, 3>;

constexpr double kMostFractional = 0.001;  // of the non-zero voxels; some writers leave rounding noise
constexpr double kWhole = 0.01;            // distance from a whole number

void check_size(itk::ImageIOBase& io) {
  std::int64_t n_voxels = 1;
  for (unsigned axis = 0; axis < io.GetNumberOfDimensions(); ++axis) {
    const auto n = static_cast<std::int64_t>(io.GetDimensions(axis));
    if (n < 1 || n > ingest::kMostLabelVoxels / n_voxels) throw Error(ErrorKind::unsupported, "the mask's size is impossible");
    if (axis > 2 && n > 1) throw Error(ErrorKind::unsupported, "the mask has more than three dimensions");
    n_voxels *= n;
  }
  if (io.GetNumberOfComponents() != 1) throw Error(ErrorKind::unsupported, "the mask has several values a voxel");
}

template <typename Image>
typename Image::Pointer read_as(itk::ImageIOBase* io, const std::string& file) {
  auto reader = itk::ImageFileReader<Image>::New();
  reader->SetImageIO(io);
  reader->SetFileName(file);
  reader->Update();
  typename Image::Pointer image = reader->GetOutput();
  image->DisconnectPipeline();
  return image;
}

Labels::Pointer rounded(const itk::Image<float, 3>& image) {
  auto labels = Labels::New();
  labels->CopyInformation(&image);
  labels->SetRegions(image.GetLargestPossibleRegion());
  labels->Allocate();
  const auto n = image.GetLargestPossibleRegion().GetNumberOfPixels();
  const auto* from = image.GetBufferPointer();
  auto* to = labels->GetBufferPointer();
  std::size_t n_filled = 0, n_fractional = 0;
  for (std::size_t v = 0; v < n; ++v) {
    const float nearest = std::round(from[v]);
    const bool is_label = nearest > 0 && nearest <= INT16_MAX;  // false for what is no number
    to[v] = is_label ? static_cast<std::int16_t>(nearest) : std::int16_t{0};
    n_filled += from[v] != 0 ? 1 : 0;
    n_fractional += std::abs(from[v] - nearest) > kWhole ? 1 : 0;
  }
  if (static_cast<double>(n_fractional) > kMostFractional * static_cast<double>(n_filled))
    throw Error(ErrorKind::inconsistent, "the mask holds numbers that are not whole: a probability, or labels resampled with blending");
  return labels;
}

bool is_floating(const itk::ImageIOBase& io) {
  return io.GetComponentType() == itk::IOComponentEnum::FLOAT || io.GetComponentType() == itk::IOComponentEnum::DOUBLE;
}

// Integers beyond 16 bits pass through float, which holds them exactly up to 2^24 and lets the rest be told.
bool fits_16_bits(const itk::ImageIOBase& io) {
  return io.GetComponentSize() == 1 || (io.GetComponentSize() == 2 && io.GetComponentType() == itk::IOComponentEnum::SHORT);
}

/// 3D Slicer's "Segment0_LabelValue" and "Segment0_Name".
std::map<int, LabelName> slicer_names(const itk::MetaDataDictionary& notes) {
  std::map<int, LabelName> names;
  for (int segment = 0;; ++segment) {
    std::string value, name;
    const auto key = fmt::format("Segment{}_", segment);
    if (!itk::ExposeMetaData(notes, key + "LabelValue", value) || !itk::ExposeMetaData(notes, key + "Name", name)) return names;
    const int label = std::atoi(value.c_str());
    if (label > 0) names[label] = {name, {}};
  }
}

LabelVolume read_by(itk::ImageIOBase* io, const std::string& file) {
  io->SetFileName(file);
  io->ReadImageInformation();
  check_size(*io);
  LabelVolume volume;
  volume.image = !is_floating(*io) && fits_16_bits(*io) ? read_as<Labels>(io, file) : rounded(*read_as<itk::Image<float, 3>>(io, file));
  volume.names = slicer_names(io->GetMetaDataDictionary());
  return volume;
}

}  // namespace

LabelVolume read_label_file(const std::filesystem::path& path) {
  try {
    if (path.extension() == ".nrrd") return read_by(itk::NrrdImageIO::New(), path.string());
    return read_by(itk::NiftiImageIO::New(), path.string());
  } catch (const itk::ExceptionObject& error) {
    throw Error(ErrorKind::unreadable, fmt::format("the mask cannot be read: {}", error.GetDescription()));
  }
}

}  // namespace cemscope::masks
