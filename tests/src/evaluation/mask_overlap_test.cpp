#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imaging/error.h"
#include "src/evaluation/mask_overlap.h"
#include "src/evaluation/npz_reader.h"
#include "src/phantom/npz.h"
#include "src/report/label_nrrd.h"
#include "tests/support/dicom_maker.h"

namespace cemscope::evaluation {
namespace {

using imaging::LabelImage;

/// A grid with a filled box [from, to) along x; spacing in mm.
LabelImage::Pointer slab(int n, double spacing_mm, int from, int to) {
  auto image = LabelImage::New();
  image->SetRegions(LabelImage::SizeType{{static_cast<itk::SizeValueType>(n), 4, 4}});
  image->SetSpacing(std::array<double, 3>{spacing_mm, 1, 1}.data());
  image->Allocate();
  image->FillBuffer(0);
  for (int k = 0; k < 4; ++k)
    for (int j = 0; j < 4; ++j)
      for (int i = from; i < to; ++i) image->SetPixel({{i, j, k}}, 1);
  return image;
}

TEST(Dice, OfShiftedBoxes) {
  EXPECT_DOUBLE_EQ(*dice(*slab(20, 1, 2, 12), *slab(20, 1, 7, 17)), 2.0 * 5 / 20);
  EXPECT_DOUBLE_EQ(*dice(*slab(20, 1, 2, 12), *slab(20, 1, 2, 12)), 1.0);
  EXPECT_DOUBLE_EQ(*dice(*slab(20, 1, 2, 12), *slab(20, 1, 0, 0)), 0.0);
  EXPECT_FALSE(dice(*slab(20, 1, 0, 0), *slab(20, 1, 0, 0)).has_value());
}

TEST(Dice, KnowsPatientSpaceAndNotIndices) {
  const auto truth = slab(20, 1, 2, 12);
  auto flipped = slab(20, 1, 8, 18);
  LabelImage::DirectionType direction;
  direction.SetIdentity();
  direction[0][0] = -1;
  flipped->SetDirection(direction);
  flipped->SetOrigin(std::array<double, 3>{19, 0, 0}.data());
  EXPECT_DOUBLE_EQ(*dice(*truth, *flipped), 1.0);
  auto fine = slab(40, 0.5, 4, 24);
  fine->SetOrigin(std::array<double, 3>{-0.25, 0, 0}.data());
  EXPECT_NEAR(*dice(*truth, *fine), 1.0, 1e-12);
}

TEST(Dice, CementOutsideTheTruthsFieldCounts) { EXPECT_DOUBLE_EQ(*dice(*slab(10, 1, 0, 10), *slab(20, 1, 0, 20)), 2.0 * 10 / 30); }

std::string cube_npz() {
  const std::vector<std::uint8_t> cement = {0, 1, 0, 1, 1, 1};
  return phantom::zip_of({{"cement.npy", phantom::npy_of(cement.data(), {1, 2, 3})},
                          {"spacing.npy", phantom::npy_of({2.0, 0.7, 0.5})},
                          {"origin.npy", phantom::npy_of({-10.0, 20.0, 30.0})}});
}

TEST(Npz, ReadsWhatTheSimulationWrites) {
  const tests::TemporaryFolder folder;
  tests::write_bytes(folder.path() / "m.npz", cube_npz());
  const auto mask = read_mask(folder.path() / "m.npz");
  EXPECT_EQ(mask->GetLargestPossibleRegion().GetSize()[0], 3U);
  EXPECT_EQ(mask->GetLargestPossibleRegion().GetSize()[2], 1U);
  EXPECT_DOUBLE_EQ(mask->GetSpacing()[0], 0.5);
  EXPECT_DOUBLE_EQ(mask->GetSpacing()[2], 2.0);
  EXPECT_DOUBLE_EQ(mask->GetOrigin()[2], 30.0);
  EXPECT_EQ(mask->GetPixel({{1, 0, 0}}), 1);
  EXPECT_EQ(mask->GetPixel({{0, 1, 0}}), 1);
  EXPECT_EQ(mask->GetPixel({{2, 0, 0}}), 0);
}

TEST(Npz, EveryCutAndEveryDamagedByteIsAnErrorOrHarmless) {
  const auto whole = cube_npz();
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_THROW(read_npz(whole.substr(0, size), "m.npz"), Error) << size;
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const int mask : {0x01, 0x80, 0xff}) {
      auto damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ mask);
      try {
        read_npz(damaged, "m.npz");
      } catch (const Error&) {
      }
    }
}

TEST(Masks, OfPatientsByNameAndWhatIsMissingCountsAsZero) {
  const tests::TemporaryFolder masks, output;
  const auto label = slab(20, 1, 2, 12);
  const auto mask = slab(20, 1, 7, 17);
  const auto nrrd = [](const LabelImage::Pointer& image) {
    auto volume = imaging::HuImage::New();
    volume->SetRegions(image->GetLargestPossibleRegion());
    volume->SetSpacing(image->GetSpacing());
    volume->Allocate();
    return report::label_nrrd({image}, {{0, 0, 0}, {20, 4, 4}}, *volume, {});
  };
  std::filesystem::create_directories(output.path() / "cases" / "C1");
  tests::write_bytes(output.path() / "cases" / "C1" / "cement.nrrd", nrrd(label));
  tests::write_bytes(masks.path() / "P1.nrrd", nrrd(mask));
  tests::write_bytes(masks.path() / "P2.nrrd", nrrd(mask));
  tests::write_bytes(masks.path() / "P3.nrrd", "no mask");
  Readings truth, said;
  for (const auto* id : {"P1", "P2", "P3", "P4"}) truth.patients[id] = {};
  said.patients["P1"].case_id = "C1", said.patients["P2"].case_id = "C2", said.patients["P3"].case_id = "C3";
  std::vector<std::string> notes;
  const auto result = compare_masks(masks.path(), output.path(), truth, said, notes);
  ASSERT_TRUE(result.has_value());
  EXPECT_THAT(result->values, testing::ElementsAre(testing::DoubleEq(0.5), 0.0));
  EXPECT_EQ(result->without_label, 1);
  EXPECT_EQ(notes.size(), 2U);
}

}  // namespace
}  // namespace cemscope::evaluation
