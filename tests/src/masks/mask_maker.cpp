#include "tests/src/masks/mask_maker.h"

#include <cmath>
#include <stdexcept>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <fmt/format.h>
#include <itkCastImageFilter.h>
#include <itkImageFileWriter.h>
#include <itkMetaDataObject.h>
#include <itkNiftiImageIO.h>
#include <itkNrrdImageIO.h>

#include "tests/support/dicom_maker.h"

namespace cemscope::tests {
namespace {

using Image = itk::Image<float, 3>;

template <typename Pixel>
void write_as(const std::filesystem::path& path, const Image& image, const std::map<int, std::string>& names) {
  using Out = itk::Image<Pixel, 3>;
  auto cast = itk::CastImageFilter<Image, Out>::New();
  cast->SetInput(&image);
  cast->Update();
  typename Out::Pointer labels = cast->GetOutput();
  int segment = 0;
  for (const auto& [label, name] : names) {
    itk::EncapsulateMetaData<std::string>(labels->GetMetaDataDictionary(), fmt::format("Segment{}_LabelValue", segment),
                                          std::to_string(label));
    itk::EncapsulateMetaData<std::string>(labels->GetMetaDataDictionary(), fmt::format("Segment{}_Name", segment++), name);
  }
  auto writer = itk::ImageFileWriter<Out>::New();
  writer->SetInput(labels);
  writer->SetFileName(path.string());
  if (path.extension() == ".nrrd")
    writer->SetImageIO(itk::NrrdImageIO::New());
  else
    writer->SetImageIO(itk::NiftiImageIO::New());
  writer->Update();
}

void put(DcmItem& item, const DcmTagKey& key, const std::string& value) {
  if (item.putAndInsertOFStringArray(key, value.c_str()).bad()) throw std::runtime_error("an attribute cannot be written");
}

DcmItem& item_of(DcmItem& item, const DcmTagKey& key, long position = 0) {
  DcmItem* made = nullptr;
  if (item.findOrCreateSequenceItem(key, made, position).bad()) throw std::runtime_error("an item cannot be written");
  return *made;
}

struct SegFrame {
  std::size_t segment, k;
};

std::vector<SegFrame> frames_of(const Image& image, std::size_t n_segments) {
  const auto size = image.GetLargestPossibleRegion().GetSize();
  const auto n = size[0] * size[1];
  std::vector<SegFrame> frames;
  for (std::size_t segment = 1; segment <= n_segments; ++segment)
    for (std::size_t k = 0; k < size[2]; ++k) {
      const auto* slice = image.GetBufferPointer() + k * n;
      if (std::find(slice, slice + n, static_cast<float>(segment)) != slice + n) frames.push_back({segment, k});
    }
  return frames;
}

void put_frame(DcmDataset& data_set, const Image& image, const SegFrame& frame, long position) {
  auto& groups = item_of(data_set, DCM_PerFrameFunctionalGroupsSequence, position);
  Image::PointType corner;
  image.TransformIndexToPhysicalPoint(Image::IndexType{{0, 0, static_cast<long>(frame.k)}}, corner);
  put(item_of(groups, DCM_PlanePositionSequence), DCM_ImagePositionPatient,
      fmt::format("{:.4f}\\{:.4f}\\{:.4f}", corner[0], corner[1], corner[2]));
  item_of(groups, DCM_SegmentIdentificationSequence).putAndInsertUint16(DCM_ReferencedSegmentNumber, static_cast<Uint16>(frame.segment));
}

std::vector<Uint8> bits_of(const Image& image, const std::vector<SegFrame>& frames) {
  const auto size = image.GetLargestPossibleRegion().GetSize();
  const auto n = size[0] * size[1];
  std::vector<Uint8> bits((n * frames.size() + 15) / 16 * 2);
  for (std::size_t f = 0; f < frames.size(); ++f)
    for (std::size_t p = 0; p < n; ++p)
      if (image.GetBufferPointer()[frames[f].k * n + p] == static_cast<float>(frames[f].segment))
        bits[(f * n + p) / 8] = static_cast<Uint8>(bits[(f * n + p) / 8] | 1U << ((f * n + p) % 8));
  return bits;
}

void put_segments(DcmDataset& data_set, const std::vector<SegSegment>& segments) {
  for (std::size_t n = 0; n < segments.size(); ++n) {
    auto& item = item_of(data_set, DCM_SegmentSequence, static_cast<long>(n));
    item.putAndInsertUint16(DCM_SegmentNumber, static_cast<Uint16>(n + 1));
    put(item, DCM_SegmentLabel, segments[n].label);
    auto& type = item_of(item, DCM_SegmentedPropertyTypeCodeSequence);
    put(type, DCM_CodeValue, segments[n].code);
    put(type, DCM_CodingSchemeDesignator, "SCT");
  }
}

void put_plane(DcmDataset& data_set, const Image& image) {
  auto& shared = item_of(data_set, DCM_SharedFunctionalGroupsSequence);
  const auto& d = image.GetDirection();
  put(item_of(shared, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient,
      fmt::format("{}\\{}\\{}\\{}\\{}\\{}", d[0][0], d[1][0], d[2][0], d[0][1], d[1][1], d[2][1]));
  auto& measures = item_of(shared, DCM_PixelMeasuresSequence);
  put(measures, DCM_PixelSpacing, fmt::format("{}\\{}", image.GetSpacing()[1], image.GetSpacing()[0]));
  put(measures, DCM_SliceThickness, fmt::format("{}", image.GetSpacing()[2]));
}

}  // namespace

std::vector<Brick> column_of(const std::vector<int>& labels, double pitch_mm, std::array<double, 3> size_mm) {
  std::vector<Brick> bricks;
  for (std::size_t n = 0; n < labels.size(); ++n) bricks.push_back({labels[n], {0, 10, 100 - pitch_mm * static_cast<double>(n)}, size_mm});
  return bricks;
}

Image::Pointer paint(const std::vector<Brick>& bricks, const MaskGrid& grid) {
  auto image = Image::New();
  Image::SizeType size;
  Image::PointType origin;
  Image::DirectionType direction;
  direction.Fill(0);
  for (unsigned axis = 0; axis < 3; ++axis) {
    const auto patient = grid.axis_order[axis];
    size[axis] = static_cast<std::size_t>(std::lround((grid.high_mm[patient] - grid.low_mm[patient]) / grid.spacing_mm[axis]));
    direction[patient][axis] = grid.is_flipped[axis] ? -1 : 1;
    origin[patient] =
        grid.is_flipped[axis] ? grid.low_mm[patient] + static_cast<double>(size[axis] - 1) * grid.spacing_mm[axis] : grid.low_mm[patient];
  }
  image->SetRegions(size);
  image->SetSpacing(grid.spacing_mm.data());
  image->SetOrigin(origin);
  image->SetDirection(direction);
  image->Allocate(true);
  for (long k = 0; k < static_cast<long>(size[2]); ++k)
    for (long j = 0; j < static_cast<long>(size[1]); ++j)
      for (long i = 0; i < static_cast<long>(size[0]); ++i) {
        Image::PointType at;
        image->TransformIndexToPhysicalPoint(Image::IndexType{{i, j, k}}, at);
        for (const auto& brick : bricks) {
          bool is_inside = true;
          for (unsigned d = 0; d < 3; ++d) is_inside = is_inside && std::abs(at[d] - brick.centre_mm[d]) <= brick.size_mm[d] / 2;
          if (is_inside) image->SetPixel({{i, j, k}}, static_cast<float>(brick.label));
        }
      }
  return image;
}

void write_mask(const std::filesystem::path& path, const Image& image, bool is_float, const std::map<int, std::string>& names) {
  std::filesystem::create_directories(path.parent_path());
  if (is_float)
    write_as<float>(path, image, names);
  else
    write_as<std::int16_t>(path, image, names);
}

void write_seg(const std::filesystem::path& path, const Image& image, const std::vector<SegSegment>& segments,
               const std::string& frame_of_reference, const std::string& patient_id) {
  DicomSpec spec;
  spec.sop_class = UID_SegmentationStorage;
  spec.modality = "SEG";
  spec.patient_id = patient_id;
  spec.frame_of_reference = frame_of_reference;
  spec.position = spec.orientation = spec.pixel_spacing = spec.slice_thickness = spec.slope = spec.intercept = "";
  spec.finish = [&](DcmDataset& data_set) {
    const auto size = image.GetLargestPossibleRegion().GetSize();
    const auto frames = frames_of(image, segments.size());
    put_segments(data_set, segments);
    put_plane(data_set, image);
    for (std::size_t f = 0; f < frames.size(); ++f) put_frame(data_set, image, frames[f], static_cast<long>(f));
    put(data_set, DCM_SegmentationType, "BINARY");
    put(data_set, DCM_NumberOfFrames, std::to_string(frames.size()));
    data_set.putAndInsertUint16(DCM_Rows, static_cast<Uint16>(size[1]));
    data_set.putAndInsertUint16(DCM_Columns, static_cast<Uint16>(size[0]));
    for (const auto& key : {DCM_BitsAllocated, DCM_BitsStored}) data_set.putAndInsertUint16(key, 1);
    data_set.putAndInsertUint16(DCM_HighBit, 0);
    const auto bits = bits_of(image, frames);
    data_set.putAndInsertUint8Array(DCM_PixelData, bits.data(), bits.size());
  };
  write_dicom(path, spec);
}

}  // namespace cemscope::tests
