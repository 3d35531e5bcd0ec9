// Enhanced multi-frame images: their frames are slices like any others.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "src/ingest/export_index.h"
#include "src/ingest/mr_reader.h"
#include "src/ingest/volume_reader.h"
#include "tests/support/dicom_maker.h"

namespace cemscope::ingest {
namespace {

using testing::Contains;
using testing::Field;
using testing::SizeIs;

constexpr const char* kEnhancedCt = "1.2.840.10008.5.1.4.1.1.2.1";
constexpr const char* kLegacyConvertedCt = "1.2.840.10008.5.1.4.1.1.2.2";

void put(DcmItem& item, const DcmTagKey& key, const std::string& value) { item.putAndInsertString(key, value.c_str()); }

DcmItem& group(DcmDataset& data_set, const DcmTagKey& groups, const DcmTagKey& sequence, int n) {
  DcmItem *frame = nullptr, *item = nullptr;
  data_set.findOrCreateSequenceItem(groups, frame, n);
  frame->findOrCreateSequenceItem(sequence, item, 0);
  return *item;
}

/// An enhanced CT of `n` axial slices 1.5 mm apart from z = `first_mm`, slice by slice from the feet when `order` is 1, from the head when
/// it is -1; the words of slice k are test_word(i, j, k).
tests::DicomSpec enhanced(int n, double first_mm, int order = 1) {
  tests::DicomSpec spec;
  spec.sop_class = kEnhancedCt;
  spec.image_type = "ORIGINAL\\PRIMARY\\VOLUME\\NONE";
  spec.position = spec.orientation = spec.pixel_spacing = spec.slope = spec.intercept = spec.slice_thickness = "";
  for (int f = 0; f < n; ++f)
    for (int j = 0; j < spec.rows; ++j)
      for (int i = 0; i < spec.columns; ++i) spec.words.push_back(tests::test_word(i, j, order > 0 ? f : n - 1 - f));
  spec.finish = [=](DcmDataset& data_set) {
    put(data_set, DCM_NumberOfFrames, std::to_string(n));
    put(group(data_set, DCM_SharedFunctionalGroupsSequence, DCM_PlaneOrientationSequence, 0), DCM_ImageOrientationPatient,
        "1\\0\\0\\0\\1\\0");
    put(group(data_set, DCM_SharedFunctionalGroupsSequence, DCM_PixelMeasuresSequence, 0), DCM_PixelSpacing, "0.5\\0.75");
    put(group(data_set, DCM_SharedFunctionalGroupsSequence, DCM_CTImageFrameTypeSequence, 0), DCM_FrameType,
        "ORIGINAL\\PRIMARY\\VOLUME\\NONE");
    for (int f = 0; f < n; ++f) {
      const double z = first_mm + 1.5 * (order > 0 ? f : n - 1 - f);
      put(group(data_set, DCM_PerFrameFunctionalGroupsSequence, DCM_PlanePositionSequence, f), DCM_ImagePositionPatient,
          fmt::format("-10\\-20\\{}", z));
      auto& transformation = group(data_set, DCM_PerFrameFunctionalGroupsSequence, DCM_PixelValueTransformationSequence, f);
      put(transformation, DCM_RescaleIntercept, "-1024");
      put(transformation, DCM_RescaleSlope, "1");
    }
  };
  return spec;
}

/// Where the densities of slices `from` .. `from + n - 1` of test words lie in a loaded volume.
void expect_test_words(const LoadedCt& ct, int n, int n_of_each_file) {
  const auto size = ct.volume.image->GetLargestPossibleRegion().GetSize();
  ASSERT_EQ(size[2], static_cast<std::size_t>(n));
  for (int k = 0; k < n; ++k)
    for (int j = 0; j < 8; ++j)
      for (int i = 0; i < 10; ++i)
        ASSERT_EQ(ct.volume.image->GetPixel({i, j, k}), tests::test_word(i, j, k % n_of_each_file) - 1024) << i << " " << j << " " << k;
}

const Series& only_series(const ExportIndex& index) { return index.patients.at(0).studies.at(0).series.at(0); }

class EnhancedSyntaxes : public testing::TestWithParam<const char*> {};

TEST_P(EnhancedSyntaxes, FramesBecomeSlices) {
  const tests::TemporaryFolder folder;
  auto spec = enhanced(6, 30, -1);
  spec.transfer_syntax = GetParam();
  tests::write_dicom(folder.path() / "e", spec);
  const auto index = index_export(folder.path(), {});
  const auto& series = only_series(index);
  EXPECT_EQ(series.role, SeriesRole::axial_ct) << series.reason;
  EXPECT_THAT(series.images, SizeIs(6));
  EXPECT_DOUBLE_EQ(series.slice_spacing_mm.value_or(0), 1.5);
  const auto ct = load_ct(folder.path(), series);
  expect_test_words(ct, 6, 6);
  EXPECT_DOUBLE_EQ(ct.volume.image->GetOrigin()[2], 30);
  EXPECT_DOUBLE_EQ(ct.volume.image->GetSpacing()[0], 0.75);
  EXPECT_EQ(ct.slices.at(0).frame, 5);
}

INSTANTIATE_TEST_SUITE_P(All, EnhancedSyntaxes,
                         testing::Values(tests::kExplicitLittle, tests::kImplicitLittle, tests::kExplicitBig, tests::kJpegLossless,
                                         tests::kJpegLs, tests::kRle, tests::kJpeg2000),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

/// An enhanced sagittal MR of `n` slices 4 mm apart from the right to the left of x = -10, stored from the left; STIR when it inverts, else
/// T2 with suppressed fat. Slice k of the patient holds test_word(i, j, k) / 2.
tests::DicomSpec enhanced_mr(int n, bool inverts) {
  tests::DicomSpec spec;
  spec.sop_class = "1.2.840.10008.5.1.4.1.1.4.1";
  spec.modality = "MR";
  spec.image_type = "ORIGINAL\\PRIMARY\\T2\\NONE";
  spec.series_description = "SAG";
  spec.kernel = "";
  spec.position = spec.orientation = spec.pixel_spacing = spec.slope = spec.intercept = spec.slice_thickness = "";
  for (int f = 0; f < n; ++f)
    for (int j = 0; j < spec.rows; ++j)
      for (int i = 0; i < spec.columns; ++i) spec.words.push_back(tests::test_word(i, j, n - 1 - f));
  spec.finish = [=](DcmDataset& data_set) {
    const auto shared = [&](const DcmTagKey& sequence) -> DcmItem& {
      return group(data_set, DCM_SharedFunctionalGroupsSequence, sequence, 0);
    };
    put(data_set, DCM_NumberOfFrames, std::to_string(n));
    put(shared(DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient, "0\\1\\0\\0\\0\\-1");
    put(shared(DCM_PixelMeasuresSequence), DCM_PixelSpacing, "0.5\\0.75");
    put(shared(DCM_MRImageFrameTypeSequence), DCM_FrameType, "ORIGINAL\\PRIMARY\\T2\\NONE");
    shared(DCM_MREchoSequence).putAndInsertFloat64(DCM_EffectiveEchoTime, 70);
    put(shared(DCM_MRTimingAndRelatedParametersSequence), DCM_RepetitionTime, "4000");
    auto& modifier = shared(DCM_MRModifierSequence);
    put(modifier, DCM_InversionRecovery, inverts ? "YES" : "NO");
    put(modifier, DCM_SpectrallySelectedSuppression, inverts ? "NONE" : "FAT");
    if (inverts) modifier.putAndInsertFloat64(DCM_InversionTimes, 160);
    for (int f = 0; f < n; ++f) {
      put(group(data_set, DCM_PerFrameFunctionalGroupsSequence, DCM_PlanePositionSequence, f), DCM_ImagePositionPatient,
          fmt::format("{}\\-20\\30", -10 + 4 * (n - 1 - f)));
      auto& transformation = group(data_set, DCM_PerFrameFunctionalGroupsSequence, DCM_PixelValueTransformationSequence, f);
      put(transformation, DCM_RescaleIntercept, "0");
      put(transformation, DCM_RescaleSlope, "0.5");
    }
  };
  return spec;
}

TEST(EnhancedMr, FramesBecomeSlicesAndItsSequenceItsRole) {
  for (const bool inverts : {true, false}) {
    const tests::TemporaryFolder folder;
    tests::write_dicom(folder.path() / "e", enhanced_mr(9, inverts));
    const auto index = index_export(folder.path(), {});
    const auto& series = only_series(index);
    EXPECT_EQ(series.role, inverts ? SeriesRole::mr_stir : SeriesRole::mr_t2_fs) << series.reason;
    EXPECT_EQ(series.echo_time_ms, 70.0);
    EXPECT_EQ(series.repetition_time_ms, 4000.0);
    ASSERT_THAT(series.images, SizeIs(9));
    const auto mr = load_mr(folder.path(), series);
    const auto& image = *mr.volume.image;
    ASSERT_EQ(image.GetLargestPossibleRegion().GetSize()[2], 9U);
    EXPECT_DOUBLE_EQ(image.GetSpacing()[2], 4);
    for (int k = 0; k < 9; ++k) {
      const imaging::SignalImage::IndexType index_of_slice{0, 0, k};
      imaging::SignalImage::PointType point;
      image.TransformIndexToPhysicalPoint(index_of_slice, point);
      const int slice = static_cast<int>(std::lround((point[0] + 10) / 4));
      for (int j = 0; j < 8; ++j)
        for (int i = 0; i < 10; ++i)
          ASSERT_EQ(image.GetPixel({i, j, k}), 0.5F * tests::test_word(i, j, slice)) << i << " " << j << " " << k;
    }
  }
}

TEST(Enhanced, LegacyConvertedImagesAreReadToo) {
  const tests::TemporaryFolder folder;
  auto spec = enhanced(6, 30);
  spec.sop_class = kLegacyConvertedCt;
  tests::write_dicom(folder.path() / "e", spec);
  expect_test_words(load_ct(folder.path(), only_series(index_export(folder.path(), {}))), 6, 6);
}

TEST(Enhanced, AConcatenationIsOneStack) {
  const tests::TemporaryFolder folder;
  auto lower = enhanced(4, 30), upper = enhanced(4, 36);
  upper.instance_number = 2;
  tests::write_dicom(folder.path() / "b", upper);
  tests::write_dicom(folder.path() / "a", lower);
  const auto index = index_export(folder.path(), {});
  const auto& series = only_series(index);
  EXPECT_THAT(series.images, SizeIs(8));
  expect_test_words(load_ct(folder.path(), series), 8, 4);
}

TEST(Enhanced, WithoutAGroupPerFrameItIsRefusedByName) {
  const tests::TemporaryFolder folder;
  auto spec = enhanced(6, 30);
  const auto finish = spec.finish;
  spec.finish = [finish](DcmDataset& data_set) {
    finish(data_set);
    data_set.findAndDeleteElement(DCM_PerFrameFunctionalGroupsSequence);
  };
  tests::write_dicom(folder.path() / "e", spec);
  const auto index = index_export(folder.path(), {});
  EXPECT_EQ(only_series(index).role, SeriesRole::unsupported);
  EXPECT_THAT(index.failures, Contains(Field(&Failure::code, "enhanced_multiframe_unsupported")));
}

TEST(Enhanced, TheIndexIsTheSameForAnyNumberOfWorkers) {
  const tests::TemporaryFolder folder;
  tests::write_dicom(folder.path() / "e", enhanced(6, 30));
  IndexOptions two;
  two.n_workers = 2;
  const auto a = index_export(folder.path(), {}), b = index_export(folder.path(), two);
  ASSERT_EQ(only_series(a).images.size(), only_series(b).images.size());
  for (std::size_t n = 0; n < 6; ++n) EXPECT_EQ(only_series(a).images[n].frame, only_series(b).images[n].frame);
}

}  // namespace
}  // namespace cemscope::ingest
