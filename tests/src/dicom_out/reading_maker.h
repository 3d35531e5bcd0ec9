#pragma once

#include <array>

#include "imaging/ct_reading.h"
#include "src/dicom_out/source_study.h"

namespace cemscope::tests {

/// A volume of zeros with the given geometry; `direction` columns are the index axes.
inline imaging::CtVolume volume_of(const std::array<int, 3>& size, const Eigen::Matrix3d& direction, const Eigen::Vector3d& spacing_mm,
                                   const Eigen::Vector3d& origin_mm) {
  auto image = imaging::HuImage::New();
  imaging::HuImage::SizeType extent;
  imaging::HuImage::DirectionType cosines;
  imaging::HuImage::SpacingType spacing;
  imaging::HuImage::PointType origin;
  for (int axis = 0; axis < 3; ++axis) {
    extent[axis] = static_cast<itk::SizeValueType>(size[axis]);
    spacing[axis] = spacing_mm[axis];
    origin[axis] = origin_mm[axis];
    for (int row = 0; row < 3; ++row) cosines[row][axis] = direction(row, axis);
  }
  image->SetRegions(extent);
  image->SetDirection(cosines);
  image->SetSpacing(spacing);
  image->SetOrigin(origin);
  image->Allocate(true);
  return {image, 3071};
}

/// An empty label image with the geometry of `image`.
inline imaging::LabelMask labels_like(const imaging::HuImage& image) {
  auto labels = imaging::LabelImage::New();
  labels->SetRegions(image.GetLargestPossibleRegion());
  labels->SetDirection(image.GetDirection());
  labels->SetSpacing(image.GetSpacing());
  labels->SetOrigin(image.GetOrigin());
  labels->Allocate(true);
  return {labels};
}

inline imaging::Point_mm place(const itk::ImageBase<3>& image, const itk::Index<3>& index) {
  itk::Point<double, 3> point;
  image.TransformIndexToPhysicalPoint(index, point);
  return {point[0], point[1], point[2]};
}

/// A reading of `volume` with one treated vertebra (body label 1) of the level round `centre_mm` and empty labels in LPS order.
inline imaging::CtReading reading_of(const imaging::CtVolume& volume, const std::string& level, const imaging::Point_mm& centre_mm) {
  imaging::CtReading reading;
  const auto upright = reorient_to_lps(volume);
  reading.cement = labels_like(*upright.image);
  reading.owners = labels_like(*upright.image);
  reading.owners.image->FillBuffer(1);
  reading.bodies = labels_like(*upright.image);
  reading.cement_present = {imaging::Answer::yes, 1.0, ""};
  imaging::TreatedVertebra treated;
  treated.body_label = 1;
  treated.measurement.level = level;
  treated.frame.centre_mm = centre_mm;
  treated.frame.half_width_mm = treated.frame.half_depth_mm = treated.frame.half_height_mm = 1.0;
  reading.treated.push_back(treated);
  return reading;
}

inline dicom_out::SourceStudy source_study() {
  dicom_out::SourceStudy source;
  source.patient_id = "P1";
  source.patient_name = "\xE7\x8E\x8B^\xE5\xB0\x8F\xE4\xB8\x9C";
  source.sex = "F";
  source.birth_date = "19400203";
  source.study_uid = "1.2.826.0.1.1";
  source.date = "20240102";
  source.time = "101112";
  source.series_uid = "1.2.826.0.1.1.1";
  source.sop_class_uid = "1.2.840.10008.5.1.4.1.1.2";
  source.frame_of_reference_uid = "1.2.826.0.1.1.9";
  return source;
}

inline std::vector<ingest::ImageRef> slices_of(const imaging::CtVolume& volume, int n) {
  std::vector<ingest::ImageRef> slices;
  for (int k = 0; k < n; ++k) {
    const auto corner = place(*volume.image, {0, 0, k});
    slices.push_back({"f" + std::to_string(k), 0, "1.2.826.0.1.1.1." + std::to_string(k + 1), k + 1, {{corner[0], corner[1], corner[2]}}});
  }
  return slices;
}

}  // namespace cemscope::tests
