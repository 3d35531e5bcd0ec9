#include "src/dicom_out/segmentation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imaging/error.h"
#include "tests/src/dicom_out/reading_maker.h"
#include "tests/src/dicom_out/seg_reader.h"

namespace cemscope::dicom_out {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

const Producer kProducer{"0.0.1", "1 hash"};

/// A scan in some orientation and what the segmentation of it must hold.
struct Scan {
  const char* name;
  Eigen::Matrix3d direction;  ///< columns: along the rows, along the columns, normal
};

Eigen::Matrix3d columns_of(const Eigen::Vector3d& row, const Eigen::Vector3d& column) {
  Eigen::Matrix3d direction;
  direction << row, column, row.cross(column);
  return direction;
}

Eigen::Matrix3d oblique() {
  return (Eigen::AngleAxisd(0.31, Eigen::Vector3d::UnitX()) * Eigen::AngleAxisd(-0.22, Eigen::Vector3d::UnitZ())).toRotationMatrix();
}

class Orientations : public testing::TestWithParam<Scan> {};

TEST_P(Orientations, VoxelsReadBackByAnotherLibraryLieWhereTheyWere) {
  // Voxels of three different edges; the corner is chosen so that decimal strings of 16 characters are exact to a micrometre.
  const auto volume = tests::volume_of({9, 7, 5}, GetParam().direction, {0.5, 0.75, 1.25}, {-31.5, 12.25, 88.125});
  auto reading = tests::reading_of(volume, "L1", tests::place(*volume.image, {4, 3, 2}));
  std::map<std::string, std::set<tests::Point_um>> truth;
  const auto mark = [&](const char* label, imaging::LabelMask& mask, const itk::Index<3>& at, std::uint8_t value) {
    itk::Index<3> there;
    itk::Point<double, 3> point;
    volume.image->TransformIndexToPhysicalPoint(at, point);
    ASSERT_TRUE(mask.image->TransformPhysicalPointToIndex(point, there));
    mask.image->SetPixel(there, value);
    truth[label].insert(tests::rounded({point[0], point[1], point[2]}));
  };
  for (const auto& at : {itk::Index<3>{4, 3, 2}, {5, 3, 2}, {4, 3, 3}, {8, 6, 4}}) mark("Cement L1 body", reading.cement, at, 1);
  for (const auto& at : {itk::Index<3>{0, 0, 0}, {1, 6, 4}}) mark("Cement L1 vascular leak", reading.cement, at, 6);
  for (const auto& at : {itk::Index<3>{4, 3, 2}, {3, 1, 1}}) mark("Vertebra L1", reading.bodies, at, 1);
  const auto slices = tests::slices_of(volume, 5);
  const auto layout = lay_out_segments(reading, volume, {7, 9, 0, 0});
  const auto object = write_segmentation(layout, volume, slice_sources(slices), tests::source_study(), kProducer);
  const auto read = tests::read_segmentation(object.bytes);
  EXPECT_EQ(read.rows, 7);
  EXPECT_EQ(read.columns, 9);
  EXPECT_EQ(read.points, truth);
  ASSERT_THAT(read.sources, SizeIs(layout.frames.size()));
  for (std::size_t f = 0; f < layout.frames.size(); ++f)
    EXPECT_THAT(read.sources[f], ElementsAre(slices[static_cast<std::size_t>(layout.frames[f].k)].sop_instance_uid));
}

INSTANTIATE_TEST_SUITE_P(All, Orientations,
                         testing::Values(Scan{"axial", Eigen::Matrix3d::Identity()},
                                         Scan{"axial_feet_first_prone", columns_of({1, 0, 0}, {0, -1, 0})},
                                         Scan{"sagittal", columns_of({0, 1, 0}, {0, 0, -1})},
                                         Scan{"coronal", columns_of({1, 0, 0}, {0, 0, -1})}, Scan{"oblique", oblique()},
                                         Scan{"oblique_sagittal", oblique() * columns_of({0, 1, 0}, {0, 0, -1})}),
                         [](const auto& tested) { return std::string(tested.param.name); });

/// A reading with cement in slices 1 and 3 of five.
struct Small {
  imaging::CtVolume volume = tests::volume_of({9, 7, 5}, Eigen::Matrix3d::Identity(), {1, 1, 1}, {0, 0, 0});
  imaging::CtReading reading = tests::reading_of(volume, "L1", {4, 3, 2});
  std::vector<ingest::ImageRef> slices = tests::slices_of(volume, 5);

  Small() {
    reading.cement.image->SetPixel({4, 3, 1}, 1);
    reading.cement.image->SetPixel({4, 3, 3}, 1);
  }
  [[nodiscard]] DicomObject write(const SourceStudy& source = tests::source_study()) const {
    const auto layout = lay_out_segments(reading, volume, {7, 9, 0, 0});
    return write_segmentation(layout, volume, slice_sources(slices), source, kProducer);
  }
};

TEST(Segmentation, EmptyFramesAreLeftOut) { EXPECT_EQ(tests::read_segmentation(Small().write().bytes).n_frames, 2); }

TEST(Segmentation, TheSameInputGivesTheSameBytesAndOtherInputOtherUids) {
  const Small small;
  const auto first = small.write(), second = small.write();
  EXPECT_EQ(first.bytes, second.bytes);
  Small other;
  other.reading.cement.image->SetPixel({5, 3, 3}, 1);
  EXPECT_NE(other.write().sop_instance_uid, first.sop_instance_uid);
  EXPECT_NE(other.write().series_uid, first.series_uid);
}

TEST(Segmentation, CarriesPatientAndStudyInUtf8) {
  const auto texts = tests::read_segmentation(Small().write().bytes).texts;
  EXPECT_EQ(texts.at("0008,0005"), "ISO_IR 192");
  EXPECT_EQ(texts.at("0010,0010"), tests::source_study().patient_name);
  EXPECT_EQ(texts.at("0010,0020"), "P1");
  EXPECT_EQ(texts.at("0010,0030"), "19400203");
  EXPECT_EQ(texts.at("0020,000d"), "1.2.826.0.1.1");
  EXPECT_EQ(texts.at("0020,0052"), "1.2.826.0.1.1.9");
  EXPECT_NE(texts.at("0020,000e"), "1.2.826.0.1.1.1");
  EXPECT_EQ(texts.at("0008,0020"), "20240102");
}

TEST(Segmentation, SaysThatItIsDeidentified) {
  auto source = tests::source_study();
  source.is_deidentified = true;
  source.patient_id = "P0123456789ab";
  source.patient_name = source.birth_date = "";
  const auto texts = tests::read_segmentation(Small().write(source).bytes).texts;
  EXPECT_EQ(texts.at("0012,0062"), "YES");
  EXPECT_EQ(texts.at("0010,0010"), "P0123456789ab");
}

TEST(Segmentation, AnInterpolatedSliceNamesItsNeighbours) {
  Small small;
  small.slices[1] = {};
  const auto read = tests::read_segmentation(small.write().bytes);
  EXPECT_THAT(read.sources[0], ElementsAre(small.slices[0].sop_instance_uid, small.slices[2].sop_instance_uid));
}

TEST(SliceSources, NameTheFrameOfAMultiFrameFile) {
  auto slices = tests::slices_of(Small().volume, 3);
  for (int k = 0; k < 3; ++k) slices[static_cast<std::size_t>(k)].frame = 2 - k;
  EXPECT_EQ(slice_sources(slices)[0][0].frame, 0);
  for (auto& slice : slices) slice.sop_instance_uid = "1.2.3";
  EXPECT_EQ(slice_sources(slices)[0][0].frame, 3);
  EXPECT_EQ(slice_sources(slices)[2][0].frame, 1);
}

TEST(Segmentation, WithoutAFrameThereIsNone) {
  Small small;
  small.reading.cement.image->FillBuffer(0);
  EXPECT_THROW(small.write(), Error);
}

TEST(Segmentation, TrackingFollowsThePatientOnceTheLevelIsNamed) {
  auto first = tests::source_study(), followup = first;
  followup.study_uid += ".2";
  followup.series_uid += ".2";
  const Segment named{"Vertebra L1", "L1", 1, false, {}}, unnamed{"Vertebra V1", "", 1, false, {}};
  EXPECT_EQ(tracking_uid(first, named), tracking_uid(followup, named));
  EXPECT_NE(tracking_uid(first, unnamed), tracking_uid(followup, unnamed));
}

}  // namespace
}  // namespace cemscope::dicom_out
