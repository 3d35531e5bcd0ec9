#include "src/ingest/volume_reader.h"

#include <cmath>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imaging/error.h"
#include "tests/support/dicom_maker.h"

namespace cemscope::ingest {
namespace {

using namespace cemscope::tests;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

/// The first CT series of the export that was written to `folder`.
Series first_series(const std::filesystem::path& folder) {
  const auto index = index_export(folder, {});
  return index.patients.at(0).studies.at(0).series.at(0);
}

LoadedCt load(const std::vector<DicomSpec>& slices) {
  const TemporaryFolder folder;
  write_stack(folder.path(), slices);
  return load_ct(folder.path(), first_series(folder.path()));
}

std::array<int, 3> size_of(const LoadedCt& ct) {
  const auto size = ct.volume.image->GetLargestPossibleRegion().GetSize();
  return {static_cast<int>(size[0]), static_cast<int>(size[1]), static_cast<int>(size[2])};
}

int hu(const LoadedCt& ct, int i, int j, int k) { return ct.volume.image->GetPixel({i, j, k}); }

/// Number of voxels that differ by more than `tolerance` from test_word(i, j, k) - 1024.
int n_wrong(const LoadedCt& ct, int tolerance = 0) {
  const auto [columns, rows, n_slices] = size_of(ct);
  int n = 0;
  for (int k = 0; k < n_slices; ++k) {
    for (int j = 0; j < rows; ++j) {
      for (int i = 0; i < columns; ++i) n += std::abs(hu(ct, i, j, k) - (test_word(i, j, k) - 1024)) > tolerance ? 1 : 0;
    }
  }
  return n;
}

std::vector<std::string> failure_codes(const LoadedCt& ct) {
  std::vector<std::string> codes;
  for (const auto& failure : ct.failures) codes.push_back(failure.code);
  return codes;
}

struct Syntax {
  const char* name;
  const char* uid;
  int bits_allocated, bits_stored;
  int tolerance;  ///< HU; 0 for lossless
};

const auto kNameOf = [](const auto& param_info) { return std::string(param_info.param.name); };

class TransferSyntaxes : public testing::TestWithParam<Syntax> {};

TEST_P(TransferSyntaxes, DecodeToTheDensitiesThatWereWritten) {
  const auto& syntax = GetParam();
  DicomSpec common;
  common.transfer_syntax = syntax.uid;
  common.bits_allocated = syntax.bits_allocated;
  common.bits_stored = syntax.bits_stored;
  auto slices = axial_stack(4, 1.5, common);
  if (syntax.bits_allocated == 8) {
    for (auto& slice : slices) slice.words.assign(80, static_cast<std::uint16_t>(10 * slice.instance_number)), slice.intercept = "0";
  }
  const auto ct = load(slices);
  EXPECT_EQ(size_of(ct), (std::array<int, 3>{10, 8, 4}));
  EXPECT_THAT(ct.failures, IsEmpty());
  if (syntax.bits_allocated == 8) {
    for (int k = 0; k < 4; ++k) EXPECT_NEAR(hu(ct, 9, 7, k), 10 * (k + 1), syntax.tolerance);
  } else {
    EXPECT_EQ(n_wrong(ct, syntax.tolerance), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(All, TransferSyntaxes,
                         testing::Values(Syntax{"implicit", kImplicitLittle, 16, 12, 0},
                                         Syntax{"explicit_little", kExplicitLittle, 16, 12, 0},
                                         Syntax{"explicit_big", kExplicitBig, 16, 12, 0}, Syntax{"deflated", kDeflated, 16, 12, 0},
                                         Syntax{"rle", kRle, 16, 12, 0}, Syntax{"jpeg_lossless", kJpegLossless, 16, 12, 0},
                                         Syntax{"jpeg_lossless_14", kJpegLossless14, 16, 12, 0}, Syntax{"jpeg_ls", kJpegLs, 16, 12, 0},
                                         Syntax{"jpeg_ls_near", kJpegLsNear, 16, 12, 2}, Syntax{"jpeg_2000", kJpeg2000, 16, 12, 0},
                                         Syntax{"jpeg_2000_lossy", kJpeg2000Lossy, 16, 12, 4},
                                         Syntax{"jpeg_extended", kJpegExtended, 16, 12, 6}, Syntax{"jpeg_baseline", kJpegBaseline, 8, 8, 2},
                                         Syntax{"eight_bits", kExplicitLittle, 8, 8, 0}, Syntax{"rle_eight_bits", kRle, 8, 8, 0},
                                         Syntax{"big_sixteen_bits", kExplicitBig, 16, 16, 0}),
                         kNameOf);

class SignedSyntaxes : public testing::TestWithParam<const char*> {};

TEST_P(SignedSyntaxes, KeepNegativeValues) {
  DicomSpec common;
  common.transfer_syntax = GetParam();
  common.is_signed = true;
  common.bits_stored = 16;
  common.intercept = "0";
  auto slices = axial_stack(3, 1, common);
  for (auto& slice : slices) {
    slice.words.clear();
    for (int n = 0; n < 80; ++n) slice.words.push_back(static_cast<std::uint16_t>(-1000 + 30 * n));
  }
  const auto ct = load(slices);
  for (int n = 0; n < 80; ++n) ASSERT_EQ(hu(ct, n % 10, n / 10, 1), -1000 + 30 * n);
}

INSTANTIATE_TEST_SUITE_P(All, SignedSyntaxes,
                         testing::Values(kImplicitLittle, kExplicitLittle, kExplicitBig, kDeflated, kRle, kJpegLossless, kJpegLs,
                                         kJpeg2000));

struct CodingCase {
  const char* name;
  DicomSpec spec;
  std::uint16_t word;
  int expected_hu;
  const char* warning;  ///< expected, "" for none
};

DicomSpec coded(int bits_stored, bool is_signed, const char* slope, const char* intercept) {
  DicomSpec spec;
  spec.bits_stored = bits_stored;
  spec.is_signed = is_signed;
  spec.slope = slope;
  spec.intercept = intercept;
  return spec;
}

DicomSpec padded(DicomSpec spec, std::uint16_t padding) {
  spec.padding = padding;
  return spec;
}

class Codings : public testing::TestWithParam<CodingCase> {};

// Half of the picture holds air (-1000 HU where the coding can express it), one pixel in the middle the word under test.
TEST_P(Codings, GiveTheDensity) {
  const auto& param = GetParam();
  auto slices = axial_stack(3, 1, param.spec);
  for (auto& slice : slices) {
    slice.words.assign(80, slice.words.empty() ? param.spec.words.at(0) : slice.words.at(0));
    slice.words[45] = param.word;
  }
  const auto ct = load(slices);
  EXPECT_EQ(hu(ct, 5, 4, 1), param.expected_hu);
  if (*param.warning != '\0')
    EXPECT_THAT(ct.warnings, Contains(param.warning));
  else
    EXPECT_THAT(ct.warnings, IsEmpty());
}

DicomSpec on(std::uint16_t background, DicomSpec spec) {
  spec.words = {background};
  return spec;
}

INSTANTIATE_TEST_SUITE_P(
    All, Codings,
    testing::Values(
        CodingCase{"plain", on(24, coded(12, false, "1", "-1024")), 4095, 3071, ""},
        CodingCase{"signed_12_bits_without_extension", on(0xC18, coded(12, true, "1", "0")), 0xFFF, -1, ""},
        CodingCase{"overlay_bits_above", on(24, coded(12, false, "1", "-1024")), 0xF000 + 1524, 500, ""},
        CodingCase{"slope", on(12, coded(12, false, "2", "-1024")), 900, 776, ""},
        CodingCase{"slope_not_whole", on(0, coded(12, false, "0.6104", "-1000.5")), 3000, 831, ""},
        CodingCase{"intercept_not_whole", on(24, coded(12, false, "1", "-1024.4")), 1524, 500, ""},
        CodingCase{"no_rescale", on(static_cast<std::uint16_t>(-1000), coded(16, true, "", "")), 700, 700, ""},
        CodingCase{"below_air_is_padding", on(static_cast<std::uint16_t>(-1000), coded(16, true, "1", "0")),
                   static_cast<std::uint16_t>(-3024), -1024, ""},
        CodingCase{"above_the_type", on(24, coded(16, true, "10", "-1024")), 30000, 32767, ""},
        CodingCase{"signed_padding",
                   padded(on(static_cast<std::uint16_t>(-1000), coded(16, true, "1", "0")), static_cast<std::uint16_t>(-2000)),
                   static_cast<std::uint16_t>(-2000), -1024, ""},
        CodingCase{"unsigned_padding_above_bits_stored", padded(on(24, coded(12, false, "1", "-1024")), 63536), 63536, -1024, ""},
        CodingCase{"padding_among_tissue_not_in_the_corners", padded(on(static_cast<std::uint16_t>(-1000), coded(16, true, "1", "0")), 0),
                   0, 0, ""},
        CodingCase{"padding_among_tissue_in_the_corners", padded(on(2000, coded(12, false, "1", "-1024")), 2000), 2000, -1024, ""},
        CodingCase{"sixteen_bits_wrapped", on(static_cast<std::uint16_t>(-1000), coded(16, false, "1", "0")), 700, 700,
                   "sign_reinterpreted"},
        CodingCase{"twelve_bits_wrapped", on(0xC18, coded(12, false, "1", "0")), 700, 700, "sign_reinterpreted"}),
    kNameOf);

// GDCM does not know the transfer syntax of HTJ2K, so DCMTK has to find header and fragments. No encoder is at hand: a plain JPEG 2000
// stream under the high-throughput name takes the same way.
TEST(LoadCt, ReadsHtj2kFilesByDcmtkAndOpenJpeg) {
  const TemporaryFolder folder;
  DicomSpec common;
  common.transfer_syntax = kJpeg2000;
  write_stack(folder.path(), axial_stack(3, 1, common));
  for (const auto* name : {"I0001", "I0002", "I0003"}) {
    auto bytes = read_bytes(folder.path() / name);
    const auto uid = bytes.find(kJpeg2000);
    bytes.replace(uid - 2, 24, std::string("\x18\x00", 2) + "1.2.840.10008.1.2.4.201" + std::string(1, '\0'));
    bytes[140] = static_cast<char>(bytes[140] + 2);  // FileMetaInformationGroupLength
    write_bytes(folder.path() / name, bytes);
  }
  const auto series = first_series(folder.path());
  EXPECT_EQ(series.transfer_syntax_uid, "1.2.840.10008.1.2.4.201");
  EXPECT_EQ(n_wrong(load_ct(folder.path(), series)), 0);
}

TEST(LoadCt, RescalesEachSliceByItsOwnSlope) {
  auto slices = axial_stack(3, 1);
  slices[1].slope = "2";
  slices[2].intercept = "-2048.5";
  const auto ct = load(slices);
  EXPECT_EQ(hu(ct, 0, 0, 0), test_word(0, 0, 0) - 1024);
  EXPECT_EQ(hu(ct, 3, 2, 1), 2 * test_word(3, 2, 1) - 1024);
  EXPECT_EQ(hu(ct, 0, 0, 2), std::lround(test_word(0, 0, 2) - 2048.5));
}

TEST(LoadCt, StandsTheStackUprightWhateverTheFileOrder) {
  auto slices = axial_stack(5, 2);
  std::swap(slices[0], slices[4]);
  std::swap(slices[1], slices[2]);
  for (auto& slice : slices) slice.instance_number = 6 - slice.instance_number;
  for (auto& slice : slices) slice.words.assign(80, static_cast<std::uint16_t>(std::stod(slice.position.substr(8)) + 1000));
  const auto ct = load(slices);
  for (int k = 0; k < 5; ++k) EXPECT_EQ(hu(ct, 4, 4, k), 30 + 2 * k - 24);
  EXPECT_DOUBLE_EQ(ct.volume.image->GetOrigin()[2], 30);
  EXPECT_DOUBLE_EQ(ct.volume.image->GetSpacing()[2], 2);
  EXPECT_THAT(ct.warnings, IsEmpty());
}

TEST(LoadCt, TakesSpacingFromPixelSpacingInItsOrder) {
  const auto ct = load(axial_stack(3, 2));
  EXPECT_DOUBLE_EQ(ct.volume.image->GetSpacing()[0], 0.75);  // columns: second value
  EXPECT_DOUBLE_EQ(ct.volume.image->GetSpacing()[1], 0.5);
  EXPECT_DOUBLE_EQ(ct.volume.image->GetOrigin()[0], -10);
  EXPECT_DOUBLE_EQ(ct.volume.image->GetOrigin()[1], -20);
}

struct Pose {
  const char* name;
  const char* orientation;
  Eigen::Vector3d normal;
};

class Poses : public testing::TestWithParam<Pose> {};

// A marker voxel must land where its file says it lies in the patient, and the frame must be right-handed.
TEST_P(Poses, KeepEveryVoxelInPlace) {
  const auto& pose = GetParam();
  auto slices = axial_stack(4, 1);
  const Eigen::Vector3d corner(5, 6, 7);
  for (std::size_t k = 0; k < 4; ++k) {
    const Eigen::Vector3d position = corner - 3.0 * static_cast<double>(k) * pose.normal;  // file order against the normal
    slices[k].orientation = pose.orientation;
    slices[k].position = fmt::format("{}\\{}\\{}", position.x(), position.y(), position.z());
    slices[k].words.assign(80, 24);
  }
  slices[1].words[3 * 10 + 7] = 3000;
  const auto ct = load(slices);
  const auto& image = *ct.volume.image;
  ASSERT_EQ(image.GetPixel({7, 3, 2}), 3000 - 1024);
  itk::Point<double, 3> found;
  image.TransformIndexToPhysicalPoint(imaging::HuImage::IndexType{7, 3, 2}, found);
  const auto& direction = image.GetDirection();
  const Eigen::Vector3d row(direction(0, 0), direction(1, 0), direction(2, 0)), column(direction(0, 1), direction(1, 1), direction(2, 1));
  const Eigen::Vector3d expected = corner - 3.0 * pose.normal + 7 * 0.75 * row + 3 * 0.5 * column;
  for (int axis = 0; axis < 3; ++axis) EXPECT_NEAR(found[axis], expected[axis], 1e-6);
  EXPECT_NEAR(row.cross(column).dot(pose.normal), 1, 1e-6);
  EXPECT_NEAR(itk::Math::abs(vnl_determinant(direction.GetVnlMatrix().as_matrix()) - 1), 0, 1e-6);
}

INSTANTIATE_TEST_SUITE_P(All, Poses,
                         testing::Values(Pose{"supine", "1\\0\\0\\0\\1\\0", {0, 0, 1}}, Pose{"prone", "-1\\0\\0\\0\\-1\\0", {0, 0, 1}},
                                         Pose{"feet_first", "-1\\0\\0\\0\\1\\0", {0, 0, -1}},
                                         Pose{"sagittal", "0\\1\\0\\0\\0\\-1", {-1, 0, 0}}, Pose{"coronal", "1\\0\\0\\0\\0\\-1", {0, 1, 0}},
                                         Pose{"oblique", "0.8\\0.6\\0\\-0.6\\0.8\\0", {0, 0, 1}}),
                         kNameOf);

TEST(LoadCt, InterpolatesUpToTwoMissingSlices) {
  auto slices = axial_stack(8, 1);
  slices.erase(slices.begin() + 3, slices.begin() + 5);
  const auto ct = load(slices);
  EXPECT_EQ(size_of(ct)[2], 8);
  EXPECT_THAT(ct.warnings, ElementsAre("missing_slices_resampled"));
  EXPECT_EQ(n_wrong(ct), 0);  // the pattern is linear in k
  EXPECT_EQ(ct.slices[3].path, "");
  EXPECT_EQ(ct.slices[5].instance_number, 6);
}

TEST(LoadCt, KeepsTheLongestRunBesideAGap) {
  auto slices = axial_stack(12, 1);
  slices.erase(slices.begin() + 4, slices.begin() + 7);
  const auto ct = load(slices);
  EXPECT_EQ(size_of(ct)[2], 5);
  EXPECT_DOUBLE_EQ(ct.volume.image->GetOrigin()[2], 37);
  EXPECT_THAT(ct.warnings, ElementsAre("slice_gap_longest_run_kept"));
  EXPECT_THAT(failure_codes(ct), ElementsAre("beyond_slice_gap", "beyond_slice_gap", "beyond_slice_gap", "beyond_slice_gap"));
}

TEST(LoadCt, ResamplesUnevenSlices) {
  auto slices = axial_stack(6, 1);
  const double z[] = {0, 1, 2, 3.5, 5, 6.5};
  for (std::size_t k = 0; k < 6; ++k) {
    slices[k].position = fmt::format("-10\\-20\\{}", z[k]);
    slices[k].words.assign(80, static_cast<std::uint16_t>(1024 + 100 * z[k]));
  }
  const auto ct = load(slices);
  EXPECT_THAT(ct.warnings, ElementsAre("uneven_slices_resampled"));
  EXPECT_DOUBLE_EQ(ct.volume.image->GetSpacing()[2], 1);
  ASSERT_EQ(size_of(ct)[2], 7);
  for (int k = 0; k < 7; ++k) EXPECT_EQ(hu(ct, 2, 2, k), 100 * k);
}

TEST(LoadCt, TakesRoundedPositionsForAnEvenStack) {
  auto slices = axial_stack(40, 1);
  for (std::size_t k = 0; k < 40; ++k) slices[k].position = fmt::format("-10\\-20\\{:.1f}", 0.625 * static_cast<double>(k));
  const auto ct = load(slices);
  EXPECT_THAT(ct.warnings, IsEmpty());
  EXPECT_EQ(size_of(ct)[2], 40);
  EXPECT_NEAR(ct.volume.image->GetSpacing()[2], 0.625, 0.001);
}

TEST(LoadCt, DropsAStrayDuplicate) {
  auto slices = axial_stack(6, 1);
  auto stray = slices[2];
  stray.instance_number = 99;
  slices.push_back(stray);
  const auto ct = load(slices);
  EXPECT_EQ(size_of(ct)[2], 6);
  EXPECT_EQ(n_wrong(ct), 0);
  EXPECT_THAT(ct.warnings, ElementsAre("duplicate_slices_dropped"));
  EXPECT_THAT(failure_codes(ct), ElementsAre("duplicate_slice_position"));
}

// Slices of a gantry tilted by 20 degrees: the table moves along z, the slices are parallel to the tilted plane.
std::vector<DicomSpec> tilted_stack(int n_slices, double step_mm, double tilt_rad) {
  DicomSpec common;
  common.rows = 40, common.columns = 20, common.pixel_spacing = "0.5\\0.5";
  auto slices = axial_stack(n_slices, step_mm, common);
  for (int k = 0; k < n_slices; ++k) {
    auto& slice = slices[static_cast<std::size_t>(k)];
    slice.orientation = fmt::format("1\\0\\0\\0\\{:.8f}\\{:.8f}", std::cos(tilt_rad), std::sin(tilt_rad));
    slice.position = fmt::format("0\\0\\{}", k * step_mm);
  }
  return slices;
}

// A density that is linear in the patient's y and z: interpolation keeps it exactly wherever there are data.
TEST(LoadCt, ShearsAGantryTiltUpright) {
  const double tilt_rad = 20 * M_PI / 180, step_mm = 2;
  auto slices = tilted_stack(8, step_mm, tilt_rad);
  const auto density = [](double y, double z) { return 200 + 20 * y + 30 * z; };
  for (int k = 0; k < 8; ++k) {
    auto& words = slices[static_cast<std::size_t>(k)].words;
    for (int n = 0; n < 800; ++n) {
      const double along_mm = 0.5 * (n / 20);
      words.push_back(static_cast<std::uint16_t>(
          std::lround(density(along_mm * std::cos(tilt_rad), k * step_mm + along_mm * std::sin(tilt_rad)) + 1024)));
    }
  }
  const auto ct = load(slices);
  EXPECT_THAT(ct.warnings, ElementsAre("gantry_tilt_sheared"));
  const auto& image = *ct.volume.image;
  EXPECT_NEAR(image.GetSpacing()[2], step_mm * std::cos(tilt_rad), 1e-6);
  EXPECT_NEAR(image.GetDirection()(1, 2), -std::sin(tilt_rad), 1e-6);
  const auto [columns, rows, n_slices] = size_of(ct);
  EXPECT_EQ(n_slices, 8);
  int n_inside = 0, n_off = 0;
  for (int k = 0; k < n_slices; ++k) {
    for (int j = 0; j < rows; ++j) {
      itk::Point<double, 3> point;
      image.TransformIndexToPhysicalPoint(imaging::HuImage::IndexType{columns / 2, j, k}, point);
      const int value = hu(ct, columns / 2, j, k);
      if (value == -1024) continue;
      ++n_inside;
      n_off += std::abs(value - density(point[1], point[2])) > 1.01 ? 1 : 0;
    }
  }
  EXPECT_GE(n_inside, 8 * 39);  // at most one row per slice is lost to interpolation
  EXPECT_EQ(n_off, 0);
}

TEST(LoadCt, TellsSaturationFromTheCodingOrTheClip) {
  EXPECT_EQ(load(axial_stack(3, 1)).volume.saturation_hu, 3071);
  DicomSpec deep;
  deep.bits_stored = 16;
  deep.is_signed = true;
  auto slices = axial_stack(3, 1, deep);
  EXPECT_EQ(load(slices).volume.saturation_hu, 32767 - 1024);
  for (auto& slice : slices) {
    slice.words.assign(80, 1024);
    for (std::size_t n = 20; n < 40; ++n) slice.words[n] = 2047;
  }
  EXPECT_EQ(load(slices).volume.saturation_hu, 1023);
}

TEST(LoadCt, GoesOnWithoutATruncatedSlice) {
  const TemporaryFolder folder;
  write_stack(folder.path(), axial_stack(6, 1));
  const auto series = first_series(folder.path());
  const auto bytes = read_bytes(folder.path() / "I0003");
  write_bytes(folder.path() / "I0003", bytes.substr(0, bytes.size() - 50));
  const auto ct = load_ct(folder.path(), series);
  EXPECT_THAT(failure_codes(ct), ElementsAre("truncated_pixel_data"));
  EXPECT_THAT(ct.warnings, ElementsAre("missing_slices_resampled"));
  EXPECT_EQ(n_wrong(ct), 0);
}

// A fragment that is complete in length but rubbish inside shows only when it is decoded.
TEST(LoadCt, GoesOnWithoutAnUndecodableSlice) {
  for (const char* syntax : {kJpegLs, kJpegLossless, kJpeg2000}) {
    const TemporaryFolder folder;
    DicomSpec common;
    common.transfer_syntax = syntax;
    write_stack(folder.path(), axial_stack(6, 1, common));
    const auto series = first_series(folder.path());
    auto bytes = read_bytes(folder.path() / "I0004");
    const auto start = bytes.rfind(syntax == kJpeg2000 ? "\xFF\x4F\xFF\x51" : "\xFF\xD8\xFF");
    ASSERT_NE(start, std::string::npos);
    write_bytes(folder.path() / "I0004", bytes.replace(start, 8, "rubbish!"));
    const auto ct = load_ct(folder.path(), series);
    EXPECT_THAT(failure_codes(ct), ElementsAre("undecodable_pixel_data")) << syntax;
    EXPECT_EQ(n_wrong(ct), 0) << syntax;
  }
}

// The header scan stops before the pixels; a parser that goes on to the end of the file would exhaust its stack here.
TEST(LoadCt, IsNotLedIntoEndlessNestingBehindThePixels) {
  const TemporaryFolder folder;
  DicomSpec common;
  common.transfer_syntax = kJpegLs;
  write_stack(folder.path(), axial_stack(4, 1, common));
  std::string nested;
  for (int n = 0; n < 300000; ++n) nested += std::string("\xE1\x7F\x10\x10SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF", 20);
  write_bytes(folder.path() / "I0002", read_bytes(folder.path() / "I0002") + nested);
  const auto ct = load_ct(folder.path(), first_series(folder.path()));
  EXPECT_EQ(size_of(ct)[2], 4);
  EXPECT_EQ(n_wrong(ct), 0);
}

TEST(LoadCt, DoesNotDependOnTheNumberOfThreads) {
  const TemporaryFolder folder;
  write_stack(folder.path(), axial_stack(9, 1));
  const auto series = first_series(folder.path());
  const auto one = load_ct(folder.path(), series, {1}), four = load_ct(folder.path(), series, {4});
  EXPECT_EQ(n_wrong(one), 0);
  EXPECT_EQ(n_wrong(four), 0);
  EXPECT_EQ(one.volume.saturation_hu, four.volume.saturation_hu);
}

TEST(CtStack, AWindowIsThatPartOfTheWholeVolume) {
  const TemporaryFolder folder;
  write_stack(folder.path(), axial_stack(5, 1));
  const auto series = first_series(folder.path());
  CtStack stack(folder.path(), series);
  const auto whole = load_ct(folder.path(), series), part = stack.load(InPlaneWindow{3, 2, 5, 4});
  ASSERT_EQ(size_of(part), (std::array{5, 4, 5}));
  for (int k = 0; k < 5; ++k)
    for (int j = 0; j < 4; ++j)
      for (int i = 0; i < 5; ++i) ASSERT_EQ(hu(part, i, j, k), hu(whole, i + 3, j + 2, k));
  imaging::HuImage::PointType in_whole, in_part;
  whole.volume.image->TransformIndexToPhysicalPoint({3, 2, 1}, in_whole);
  part.volume.image->TransformIndexToPhysicalPoint({0, 0, 1}, in_part);
  EXPECT_LT(in_whole.EuclideanDistanceTo(in_part), 1e-9);
}

TEST(CtStack, TheWindowAroundABoxHoldsItsVoxelsAndNoMore) {
  const TemporaryFolder folder;
  write_stack(folder.path(), axial_stack(5, 1));
  const auto series = first_series(folder.path());
  const CtStack stack(folder.path(), series);
  const auto whole = load_ct(folder.path(), series);
  imaging::HuImage::PointType low, high;
  whole.volume.image->TransformIndexToPhysicalPoint({2, 1, 0}, low);
  whole.volume.image->TransformIndexToPhysicalPoint({6, 4, 4}, high);
  const Eigen::Vector3d a(low[0], low[1], low[2]), b(high[0], high[1], high[2]), slack = Eigen::Vector3d::Constant(1e-4);
  const auto window = stack.window_around({a.cwiseMin(b) + slack, a.cwiseMax(b) - slack});
  EXPECT_EQ(window.first_column, 2);
  EXPECT_EQ(window.first_row, 1);
  EXPECT_EQ(window.columns, 5);
  EXPECT_EQ(window.rows, 4);
}

TEST(CtStack, ABoxOffTheSlicesGivesTheWholeOnes) {
  const TemporaryFolder folder;
  write_stack(folder.path(), axial_stack(5, 1));
  const auto series = first_series(folder.path());
  CtStack stack(folder.path(), series);
  const auto window = stack.window_around({Eigen::Vector3d::Constant(5e3), Eigen::Vector3d::Constant(6e3)});
  EXPECT_EQ(size_of(stack.load(window)), size_of(load_ct(folder.path(), series)));
}

TEST(CtStack, AnOverviewIsTheBlocksMean) {
  const TemporaryFolder folder;
  write_stack(folder.path(), axial_stack(5, 1));
  const auto series = first_series(folder.path());
  const auto whole = load_ct(folder.path(), series);
  const double pixel = whole.volume.image->GetSpacing()[0];
  const auto coarse = CtStack(folder.path(), series).overview(2 * pixel);
  const auto size = coarse.image->GetLargestPossibleRegion().GetSize();
  ASSERT_EQ(static_cast<int>(size[0]), size_of(whole)[0] / 2);
  const int sum = hu(whole, 2, 2, 0) + hu(whole, 3, 2, 0) + hu(whole, 2, 3, 0) + hu(whole, 3, 3, 0);
  EXPECT_NEAR(coarse.image->GetPixel({1, 1, 0}), sum / 4.0, 1.0);
  imaging::HuImage::PointType fine_a, fine_b, at;
  whole.volume.image->TransformIndexToPhysicalPoint({2, 2, 0}, fine_a);
  whole.volume.image->TransformIndexToPhysicalPoint({3, 3, 0}, fine_b);
  coarse.image->TransformIndexToPhysicalPoint({1, 1, 0}, at);
  for (int axis = 0; axis < 3; ++axis) EXPECT_NEAR(at[axis], (fine_a[axis] + fine_b[axis]) / 2, 1e-9);
}

ErrorKind kind_of_failure(const std::vector<DicomSpec>& slices) {
  try {
    load(slices);
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << "no error";
  return ErrorKind::usage;
}

TEST(LoadCt, RefusesWhatIsNoVolume) {
  EXPECT_EQ(kind_of_failure(axial_stack(1, 1)), ErrorKind::inconsistent);
  EXPECT_EQ(kind_of_failure(axial_stack(2, 1)), ErrorKind::inconsistent);
  DicomSpec bare;
  bare.pixel_spacing = "";
  EXPECT_EQ(kind_of_failure(axial_stack(4, 1, bare)), ErrorKind::missing_attribute);
  auto nowhere = axial_stack(4, 1);
  for (auto& slice : nowhere) slice.position = "";
  EXPECT_EQ(kind_of_failure(nowhere), ErrorKind::missing_attribute);
  DicomSpec flat;
  flat.slope = "0";
  EXPECT_EQ(kind_of_failure(axial_stack(4, 1, flat)), ErrorKind::inconsistent);
}

TEST(LoadCt, RefusesMultiFrame) {
  auto slices = axial_stack(3, 1);
  for (auto& slice : slices) {
    slice.sop_class = "1.2.840.10008.5.1.4.1.1.2.1";
    slice.words.assign(160, 5);
    slice.finish = [](DcmDataset& data_set) { data_set.putAndInsertString(DCM_NumberOfFrames, "2"); };
  }
  EXPECT_EQ(kind_of_failure(slices), ErrorKind::unsupported);
}

TEST(LoadCt, TakesMonochrome1ByItsDensitiesAndRefusesInvertedPixels) {
  DicomSpec common;
  common.photometric = "MONOCHROME1";
  auto slices = axial_stack(3, 1, common);
  for (auto& slice : slices) slice.words.assign(80, 24), slice.words[45] = 1500;
  const auto ct = load(slices);
  EXPECT_EQ(hu(ct, 5, 4, 1), 476);
  EXPECT_THAT(ct.warnings, ElementsAre("monochrome1_ct"));
  for (auto& slice : slices) slice.words.assign(80, 4000), slice.words[45] = 2500;
  EXPECT_EQ(kind_of_failure(slices), ErrorKind::unsupported);
}

TEST(ProbeDenseVolume, ScalesTheSampleToTheSeries) {
  const TemporaryFolder folder;
  auto slices = axial_stack(20, 2);
  for (auto& slice : slices) {
    slice.words.assign(80, 24);
    for (std::size_t n = 30; n < 42; ++n) slice.words[n] = 2524;
  }
  write_stack(folder.path(), slices);
  const auto series = first_series(folder.path());
  // 12 pixels of 0.75 x 0.5 mm in each of 20 slices 2 mm apart.
  EXPECT_NEAR(probe_dense_volume_mm3(folder.path(), series, 5, 1000), 12 * 0.375 * 40, 1e-9);
  EXPECT_EQ(probe_dense_volume_mm3(folder.path(), series, 5, 1500), 0);
}

}  // namespace
}  // namespace cemscope::ingest
