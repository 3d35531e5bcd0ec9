#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imaging/error.h"
#include "src/ingest/export_index.h"
#include "src/ingest/file_header.h"
#include "src/ingest/pixel_decoder.h"
#include "src/ingest/volume_reader.h"
#include "tests/support/dicom_maker.h"

namespace cemscope::ingest {
namespace {

using namespace cemscope::tests;
using Path = std::filesystem::path;

// The seventh slice of a stack of six, so that it would be used if it were sound.
DicomSpec seventh_slice() { return axial_stack(7, 1).back(); }

std::string sound_bytes() {
  const TemporaryFolder folder;
  write_dicom(folder.path() / "x", seventh_slice());
  return read_bytes(folder.path() / "x");
}

// Bytes of the value of an attribute with a 2-byte length in explicit little endian.
std::string with_uint16(std::string bytes, std::uint16_t group, std::uint16_t element, std::uint16_t value) {
  std::string head(4, '\0');
  std::memcpy(head.data(), &group, 2);
  std::memcpy(head.data() + 2, &element, 2);
  const auto at = bytes.find(head + "US");
  if (at == std::string::npos) throw std::runtime_error("no such attribute");
  std::memcpy(bytes.data() + at + 8, &value, 2);
  return bytes;
}

// The four bytes at `at` as a 32-bit number.
std::string with_uint32_at(std::string bytes, std::size_t at, std::uint32_t value) {
  std::memcpy(bytes.data() + at, &value, 4);
  return bytes;
}

const std::string kPixelTag("\xE0\x7F\x10\x00", 4), kItemTag("\xFE\xFF\x00\xE0", 4);

std::string with_pixel_length(std::uint32_t length) {
  const auto bytes = sound_bytes();
  return with_uint32_at(bytes, bytes.rfind(kPixelTag) + 8, length);
}

// The last fragment of an encapsulated image says that it is longer than the file.
std::string with_overrunning_fragment() {
  const TemporaryFolder folder;
  auto slice = seventh_slice();
  slice.transfer_syntax = kRle;
  write_dicom(folder.path() / "x", slice);
  const auto bytes = read_bytes(folder.path() / "x");
  return with_uint32_at(bytes, bytes.rfind(kItemTag) + 4, 0x7FFFFFFEU);
}

std::string pseudo_random(std::size_t n) {
  std::string bytes(n, '\0');
  std::uint32_t state = 12345;
  for (auto& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

// An undefined-length private sequence of `depth` levels in front of the pixels.
std::string nested(int depth, bool is_closed) {
  const std::string open("\x09\x00\x10\x10SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF", 20);
  const std::string close("\xFE\xFF\x0D\xE0\0\0\0\0\xFE\xFF\xDD\xE0\0\0\0\0", 16);
  std::string bytes;
  for (int n = 0; n < depth; ++n) bytes += open;
  for (int n = 0; n < depth && is_closed; ++n) bytes += close;
  return bytes;
}

std::string with_inserted(const std::string& what) {
  auto bytes = sound_bytes();
  const auto at = bytes.find(std::string("\x10\x00\x10\x00PN", 6));
  return bytes.insert(at, what);
}

std::string changed(const std::function<void(DicomSpec&)>& change) {
  const TemporaryFolder folder;
  auto spec = seventh_slice();
  change(spec);
  write_dicom(folder.path() / "x", spec);
  return read_bytes(folder.path() / "x");
}

struct HostileCase {
  const char* name;
  std::function<std::string()> bytes;
  std::vector<std::string> codes;  ///< accepted; {""}: the file is no failure
};

class HostileFiles : public testing::TestWithParam<HostileCase> {};

// Whatever the seventh file is, the six sound ones are indexed and load.
TEST_P(HostileFiles, AreNamedAndCostNothingElse) {
  const auto& param = GetParam();
  const TemporaryFolder folder;
  write_stack(folder.path() / "CT", axial_stack(6, 1));
  write_bytes(folder.path() / "hostile", param.bytes());
  const auto index = index_export(folder.path(), {});
  EXPECT_EQ(index.n_files, 7);
  std::string code;
  for (const auto& failure : index.failures) {
    if (failure.path == "hostile") code = failure.code;
  }
  EXPECT_THAT(param.codes, testing::Contains(code));
  ASSERT_EQ(index.patients.size(), 1U);
  const auto& series = index.patients[0].studies[0].series[0];
  EXPECT_EQ(series.role, SeriesRole::axial_ct);
  EXPECT_EQ(series.images.size(), code.empty() && index.n_not_dicom == 0 ? 7U : 6U);
  const auto ct = load_ct(folder.path(), series);
  EXPECT_EQ(ct.volume.image->GetLargestPossibleRegion().GetSize()[2], series.images.size());
}

using Codes = std::vector<std::string>;
INSTANTIATE_TEST_SUITE_P(
    All, HostileFiles,
    testing::Values(
        HostileCase{"sound", sound_bytes, {""}}, HostileCase{"zero_length", [] { return std::string(); }, {"zero_length_file"}},
        HostileCase{"text", [] { return std::string("no DICOM at all, a read-me"); }, {""}},
        HostileCase{"random", [] { return pseudo_random(5000); }, {""}}, HostileCase{"zeros", [] { return std::string(5000, '\0'); }, {""}},
        HostileCase{"random_after_dicm", [] { return std::string(128, '\0') + "DICM" + pseudo_random(800); }, {"corrupt_header"}},
        HostileCase{"dicm_and_nothing", [] { return std::string(128, '\0') + "DICM"; }, {"corrupt_header"}},
        HostileCase{"cut_in_meta_information", [] { return sound_bytes().substr(0, 180); }, {"corrupt_header"}},
        HostileCase{"cut_before_the_study", [] { return sound_bytes().substr(0, 420); }, Codes{"corrupt_header", "truncated_header"}},
        HostileCase{"cut_before_the_pixels", [] { return sound_bytes().substr(0, sound_bytes().size() - 175); },
                    Codes{"corrupt_header", "truncated_header", "missing_pixel_data"}},
        HostileCase{"cut_in_the_pixels", [] { return sound_bytes().substr(0, sound_bytes().size() - 31); }, {"truncated_pixel_data"}},
        HostileCase{"rows_zero", [] { return with_uint16(sound_bytes(), 0x0028, 0x0010, 0); }, {"impossible_dimensions"}},
        HostileCase{"rows_and_columns_65535",
                    [] { return with_uint16(with_uint16(sound_bytes(), 0x0028, 0x0010, 65535), 0x0028, 0x0011, 65535); },
                    {"impossible_dimensions"}},
        HostileCase{"rows_and_columns_46341",  // just above 2^31 pixels
                    [] { return with_uint16(with_uint16(sound_bytes(), 0x0028, 0x0010, 46341), 0x0028, 0x0011, 46341); },
                    Codes{"impossible_dimensions", "wrong_pixel_length"}},
        HostileCase{"pixel_length_of_2_GiB", [] { return with_pixel_length(0x80000000U); },
                    Codes{"truncated_pixel_data", "wrong_pixel_length", "corrupt_header"}},
        HostileCase{"pixel_length_of_4_GiB", [] { return with_pixel_length(0xFFFFFFFEU); },
                    Codes{"truncated_pixel_data", "wrong_pixel_length", "corrupt_header"}},
        HostileCase{"fragment_that_overruns", [] { return with_overrunning_fragment(); },
                    Codes{"truncated_pixel_data", "corrupt_pixel_data", "corrupt_header"}},
        HostileCase{"rows_do_not_fit", [] { return with_uint16(sound_bytes(), 0x0028, 0x0010, 512); }, {"wrong_pixel_length"}},
        HostileCase{"fewer_rows_than_pixels", [] { return with_uint16(sound_bytes(), 0x0028, 0x0010, 4); }, {"wrong_pixel_length"}},
        HostileCase{"bits_allocated_13", [] { return with_uint16(sound_bytes(), 0x0028, 0x0100, 13); }, {"impossible_dimensions"}},
        HostileCase{"length_beyond_the_file", [] { return with_inserted(std::string("\x09\x00\x10\x10OB\0\0\xF0\xFF\xFF\xFF", 12)); },
                    Codes{"corrupt_header", "truncated_header", "header_crash", "missing_pixel_data"}},
        HostileCase{"length_of_100_MB", [] { return with_inserted(std::string("\x09\x00\x10\x10OB\0\0\x00\x00\x40\x06", 12)); },
                    Codes{"corrupt_header", "truncated_header", "header_crash", "missing_pixel_data"}},
        HostileCase{"nested_30_levels", [] { return with_inserted(nested(30, true)); }, {""}},
        HostileCase{"nested_30_levels_open", [] { return with_inserted(nested(30, false)); },
                    Codes{"corrupt_header", "truncated_header", "header_crash", "missing_pixel_data"}},
        HostileCase{"nested_300000_levels", [] { return with_inserted(nested(300000, false)); },
                    Codes{"corrupt_header", "truncated_header", "header_crash", "missing_pixel_data"}},
        HostileCase{
            "missing_pixel_spacing", [] { return changed([](auto& spec) { spec.pixel_spacing = ""; }); }, {"missing_pixel_spacing"}},
        HostileCase{"missing_position", [] { return changed([](auto& spec) { spec.position = ""; }); }, {"missing_position"}},
        HostileCase{"position_no_number", [] { return changed([](auto& spec) { spec.position = "0\\nan\\5"; }); }, {"missing_position"}},
        HostileCase{"missing_orientation", [] { return changed([](auto& spec) { spec.orientation = ""; }); }, {"missing_orientation"}},
        HostileCase{
            "orientation_zero", [] { return changed([](auto& spec) { spec.orientation = "0\\0\\0\\0\\0\\0"; }); }, {"missing_orientation"}},
        HostileCase{"same_sop_instance",
                    [] { return changed([](auto& spec) { spec.sop_uid = "1.2.826.0.1.1.1.3"; }); },
                    {"duplicate_sop_instance"}},
        HostileCase{"no_pixels",
                    [] { return changed([](auto& spec) { spec.finish = [](DcmDataset& d) { d.findAndDeleteElement(DCM_PixelData); }; }); },
                    {"missing_pixel_data"}}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

// The value of an attribute that explicit little endian writes with a 2-byte length; `vr` in place of its own when given.
std::string with_value(const std::string& tag, std::string value, const std::string& vr = "") {
  auto bytes = sound_bytes();
  auto at = bytes.find(tag, 132);
  while (at != std::string::npos && !std::isupper(static_cast<unsigned char>(bytes[at + 4]))) at = bytes.find(tag, at + 1);
  if (at == std::string::npos) throw std::runtime_error("no such attribute");
  const auto old_length = static_cast<unsigned char>(bytes[at + 6]) + 256U * static_cast<unsigned char>(bytes[at + 7]);
  const auto form = vr.empty() ? bytes.substr(at + 4, 2) : vr;
  std::string head = tag + form;
  if (form == "UN") head += std::string(2, '\0');
  head += static_cast<char>(value.size());
  head += std::string(form == "UN" ? 3 : 1, '\0');
  return bytes.replace(at, 8 + old_length, head + value);
}

std::string in_front_of_the_pixels(const std::string& what) {
  auto bytes = sound_bytes();
  return bytes.insert(bytes.rfind(kPixelTag), what);
}

const std::string kSpacingTag("\x28\x00\x30\x00", 4), kDescriptionTag("\x08\x00\x3E\x10", 4), kPositionTag("\x20\x00\x32\x00", 4),
    kRowsTag("\x28\x00\x10\x00", 4), kSeriesNumberTag("\x20\x00\x11\x00", 4);

struct QuirkCase {
  const char* name;
  std::function<std::string()> bytes;
};

class VendorQuirks : public testing::TestWithParam<QuirkCase> {};

// What vendors write against the standard and every viewer reads: the seventh slice belongs to the stack and has its densities.
TEST_P(VendorQuirks, AreReadLikeAnyOtherFile) {
  const TemporaryFolder folder;
  write_stack(folder.path(), axial_stack(6, 1));
  write_bytes(folder.path() / "I0007", GetParam().bytes());
  const auto index = index_export(folder.path(), {});
  for (const auto& failure : index.failures) ADD_FAILURE() << failure.code << ": " << failure.sentence;
  const auto& series = index.patients.at(0).studies.at(0).series.at(0);
  ASSERT_EQ(series.images.size(), 7U);
  EXPECT_DOUBLE_EQ(series.slice_spacing_mm.value_or(0), 1.0);
  const auto ct = load_ct(folder.path(), series);
  EXPECT_DOUBLE_EQ(ct.volume.image->GetSpacing()[1], 0.5);
  for (int j = 0; j < 8; ++j)
    for (int i = 0; i < 10; ++i) ASSERT_EQ(ct.volume.image->GetPixel({i, j, 6}), test_word(i, j, 6) - 1024);
}

INSTANTIATE_TEST_SUITE_P(
    All, VendorQuirks,
    testing::Values(
        QuirkCase{"odd_length", [] { return with_value(kDescriptionTag, "SPINE"); }},
        QuirkCase{"padded_with_blanks_and_nulls", [] { return with_value(kSpacingTag, std::string("  0.5 \\ 0.75  \0\0", 16)); }},
        QuirkCase{"spacing_as_text", [] { return with_value(kSpacingTag, "0.5\\0.75", "LO"); }},
        QuirkCase{"position_as_text", [] { return with_value(kPositionTag, "-10\\-20\\36", "SH"); }},
        QuirkCase{"spacing_of_unknown_form", [] { return with_value(kSpacingTag, "0.5\\0.75 ", "UN"); }},
        QuirkCase{"number_as_text", [] { return with_value(kSeriesNumberTag, "2 ", "SH"); }},
        QuirkCase{"signed_rows", [] { return with_value(kRowsTag, std::string("\x08\0", 2), "SS"); }},
        QuirkCase{"negative_spacing_between_slices",
                  [] {
                    return changed(
                        [](auto& spec) { spec.finish = [](DcmDataset& d) { d.putAndInsertString(DCM_SpacingBetweenSlices, "-1"); }; });
                  }},
        QuirkCase{"elscint_private_block",
                  [] {
                    return in_front_of_the_pixels(std::string("\xE1\x01\x10\x00LO\x08\0ELSCINT1", 16) +
                                                  std::string("\xE1\x01\x18\x10OB\0\0\x03\0\0\0abc", 15) +
                                                  std::string("\xE1\x01\x26\x10??\x02\0xy", 10));
                  }},
        QuirkCase{"group_length", [] { return in_front_of_the_pixels(std::string("\xE0\x7F\x00\x00UL\x04\0\x99\0\0\0", 12)); }},
        QuirkCase{"trailing_padding", [] { return sound_bytes() + std::string("\xFC\xFF\xFC\xFFOB\0\0\x06\0\0\0\0\0\0\0\0\0", 18); }}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

TEST(HostileFiles, ATruncatedCompressedSliceIsFoundWithoutDecoding) {
  for (const char* syntax : {kRle, kJpegLs, kJpegLossless, kJpeg2000, kDeflated}) {
    const TemporaryFolder folder;
    DicomSpec common;
    common.transfer_syntax = syntax;
    write_stack(folder.path(), axial_stack(5, 1, common));
    const auto bytes = read_bytes(folder.path() / "I0002");
    // The last byte of a deflated file may be padding.
    for (const std::size_t cut : {syntax == kDeflated ? std::size_t{2} : std::size_t{1}, std::size_t{9}, std::size_t{40}}) {
      write_bytes(folder.path() / "I0002", bytes.substr(0, bytes.size() - cut));
      const auto index = index_export(folder.path(), {});
      ASSERT_EQ(index.failures.size(), 1U) << syntax << " cut by " << cut;
      EXPECT_EQ(index.failures[0].code, "truncated_pixel_data");
      EXPECT_EQ(index.failures[0].path, "I0002");
      EXPECT_EQ(index.failures[0].case_id, "P1");
    }
  }
}

TEST(HostileFiles, AFileWithoutPreambleIsRead) {
  const TemporaryFolder folder;
  write_stack(folder.path(), axial_stack(4, 1));
  const auto bytes = read_bytes(folder.path() / "I0002");
  const auto data_set =
      bytes.find(std::string("\x08\x00\x08\x00"
                             "CS",
                             6));
  ASSERT_NE(data_set, std::string::npos);
  write_bytes(folder.path() / "I0002", bytes.substr(data_set));
  const auto index = index_export(folder.path(), {});
  EXPECT_EQ(index.n_dicom, 4);
  ASSERT_EQ(index.patients.at(0).studies.at(0).series.size(), 1U);
  EXPECT_EQ(load_ct(folder.path(), index.patients[0].studies[0].series[0]).slices.size(), 4U);
}

// A link could lead out of the folder or in circles; a FIFO would block for ever.
TEST(HostileFiles, LinksAndFifosAreNotFollowedNorOpened) {
  const TemporaryFolder folder, outside;
  write_stack(folder.path() / "CT", axial_stack(4, 1));
  write_stack(outside.path(), axial_stack(9, 1));
  std::filesystem::create_symlink(outside.path(), folder.path() / "linked_folder");
  std::filesystem::create_symlink(outside.path() / "I0009", folder.path() / "linked_file");
  std::filesystem::create_symlink(folder.path(), folder.path() / "CT" / "circle");
  ASSERT_EQ(mkfifo((folder.path() / "fifo").c_str(), 0600), 0);
  const auto index = index_export(folder.path(), {});
  EXPECT_EQ(index.n_files, 4);
  EXPECT_EQ(index.patients.at(0).studies.at(0).series.at(0).images.size(), 4U);
}

TEST(HostileFiles, NothingIsWrittenIntoTheFolder) {
  const TemporaryFolder folder;
  write_stack(folder.path(), axial_stack(4, 1));
  const auto list = [&] {
    std::vector<std::pair<std::string, std::filesystem::file_time_type>> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path()))
      files.emplace_back(entry.path(), entry.last_write_time());
    std::sort(files.begin(), files.end());
    return files;
  };
  const auto before = list();
  const auto index = index_export(folder.path(), {});
  load_ct(folder.path(), index.patients.at(0).studies.at(0).series.at(0));
  EXPECT_EQ(list(), before);
}

TEST(HostileFiles, AnUnreadableFolderIsAnError) {
  const TemporaryFolder folder;
  EXPECT_THROW(index_export(folder.path() / "missing", {}), Error);
  write_bytes(folder.path() / "file", "x");
  EXPECT_THROW(index_export(folder.path() / "file", {}), Error);
}

TEST(HostileFiles, AnEmptyFolderIsAnEmptyIndex) {
  const TemporaryFolder folder;
  const auto index = index_export(folder.path(), {});
  EXPECT_EQ(index.n_files, 0);
  EXPECT_TRUE(index.patients.empty());
}

// Found by fuzzing: an image without a pixel reached the copy of its pixels.
TEST(Fuzzed, AnImageWithoutPixelsIsRefusedBeforeDecoding) {
  const TemporaryFolder folder;
  write_bytes(folder.path() / "x", sound_bytes());
  SliceHeader slice;
  slice.image.path = "x";
  slice.transfer_syntax_uid = kExplicitLittle;
  std::vector<std::uint16_t> words;
  EXPECT_THROW(decode_slice(folder.path(), slice, words), Error);
}

// Found by fuzzing: where DCMTK reads the header it believes the length of PixelData, here 2.6 GB.
TEST(Fuzzed, APixelLengthOfGigabytesIsNamedByTheSecondReader) {
  const TemporaryFolder folder;
  auto bytes = sound_bytes();
  const auto at = bytes.find(std::string("\xE0\x7F\x10\x00OW\0\0", 8));
  ASSERT_NE(at, std::string::npos);
  bytes.replace(at + 8, 4, std::string("\x00\x00\x32\xA0", 4));
  write_bytes(folder.path() / "x", bytes);
  StringPool pool;
  const auto header = read_file_header_slowly(folder.path(), "x", pool);
  EXPECT_EQ(header.failure_code, "truncated_pixel_data");
}

}  // namespace
}  // namespace cemscope::ingest
