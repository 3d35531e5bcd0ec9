#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/masks/mask_folder.h"
#include "tests/src/masks/mask_maker.h"
#include "tests/support/dicom_maker.h"

namespace cemscope::masks {
namespace {

ingest::Patient patient(const std::string& id, const std::string& series_uid, const std::string& frame_of_reference = "9.9") {
  ingest::Series series;
  series.series_uid = series_uid;
  series.frame_of_reference_uid = frame_of_reference;
  ingest::Patient result;
  result.patient_id = result.case_id = id;
  result.studies.emplace_back().series.push_back(series);
  return result;
}

class InFolder : public testing::Test {
 protected:
  void file(const std::string& name) { tests::write_bytes(folder_.path() / "masks" / name, "x"); }

  /// The masks of the first patient's series, paths relative to the folder, '+' between files of one mask.
  std::vector<std::string> found(const std::vector<ingest::Patient>& patients) {
    std::filesystem::create_directories(folder_.path() / "masks");
    const MaskFolder masks(folder_.path() / "masks", patients);
    std::vector<std::string> texts;
    for (const auto& files : masks.masks_for(patients[0], patients[0].studies[0].series[0])) {
      texts.emplace_back();
      for (const auto& path : files)
        texts.back() += (texts.back().empty() ? "" : "+") + path.lexically_relative(folder_.path() / "masks").string();
    }
    return texts;
  }
  tests::TemporaryFolder folder_;
};

TEST_F(InFolder, NamesThatBelongToAPatient) {
  for (const auto* const name :
       {"P1.nii.gz", "P1_seg-vert.nrrd", "P1/any.nii", "P12.nii.gz", "P1.txt", "P1x.nii", "other.nii", "1.2.3.nrrd"})
    file(name);
  EXPECT_THAT(found({patient("P1", "1.2.3"), patient("P12", "1.2.4")}),
              testing::ElementsAre("1.2.3.nrrd", "P1.nii.gz", "P1/any.nii", "P1_seg-vert.nrrd"));
}

TEST_F(InFolder, TheLongestNameOwnsAFile) {
  for (const auto* const name : {"P1_2.nii", "P1_3.nii"}) file(name);
  EXPECT_THAT(found({patient("P1", "1.1"), patient("P1_2", "1.2")}), testing::ElementsAre("P1_3.nii"));
}

TEST_F(InFolder, FilesOfSingleVertebraeAreOneMask) {
  for (const auto* const name :
       {"P1/seg/vertebrae_L1.nii.gz", "P1/seg/vertebrae_L2.nii.gz", "P1/seg/liver.nii.gz", "P1/seg/rib_left_1.nii.gz"})
    file(name);
  EXPECT_THAT(found({patient("P1", "1.1")}), testing::ElementsAre("P1/seg/vertebrae_L1.nii.gz+P1/seg/vertebrae_L2.nii.gz"));
}

TEST_F(InFolder, NoIdentifierLeadsOutOfTheFolder) {
  tests::write_bytes(folder_.path() / "secret.nii", "x");
  tests::write_bytes(folder_.path() / "elsewhere" / "P1.nii", "x");
  file("P1/mine.nii");
  std::filesystem::create_symlink(folder_.path() / "secret.nii", folder_.path() / "masks" / "P1.nii");
  std::filesystem::create_directory_symlink(folder_.path() / "masks", folder_.path() / "masks" / "P1" / "loop");
  EXPECT_THAT(found({patient("P1", "1.1")}), testing::ElementsAre("P1/mine.nii"));
  for (const std::string id : {"../secret", "../elsewhere/P1", "..", ".", "/", "", (folder_.path() / "secret").string().c_str()})
    EXPECT_THAT(found({patient(id, "1.1")}), testing::IsEmpty()) << id;
}

TEST_F(InFolder, AnIdentifierOfTwoPatientsBelongsToNeither) {
  file("P1.nii");
  auto twin = patient("P1", "1.2");
  twin.case_id = "P1-1234abcd";
  EXPECT_THAT(found({patient("P1", "1.1"), twin}), testing::IsEmpty());
}

TEST_F(InFolder, ASegmentationBelongsToItsFrameOfReference) {
  const auto image = tests::paint(tests::column_of({1, 2}));
  tests::write_seg(folder_.path() / "masks" / "deep" / "IM0001", *image, {{"L1", ""}, {"L2", ""}}, "1.2.826.0.1.1.9", "somebody");
  EXPECT_THAT(found({patient("P1", "1.1", "1.2.826.0.1.1.9")}), testing::ElementsAre("deep/IM0001"));
  EXPECT_THAT(found({patient("P1", "1.1", "1.2.826.0.1.1.8")}), testing::IsEmpty());
  EXPECT_THAT(found({patient("somebody", "1.1", "1.2.826.0.1.1.8")}), testing::IsEmpty());
}

}  // namespace
}  // namespace cemscope::masks
