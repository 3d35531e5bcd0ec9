// What score makes of bad input: the rest goes on, the failure is named, nothing leaves the output folder.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/program.h"
#include "tests/support/dicom_maker.h"

namespace cemscope::tests {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::Each;
using testing::Not;
using testing::SizeIs;

/// A sound stack of six slices, as all cases begin with.
void write_sound(const fs::path& folder) { write_stack(folder / "CT", axial_stack(6, 1)); }

DicomSpec seventh() { return axial_stack(7, 1).back(); }

/// Six sound slices and a seventh with the change.
std::function<void(const fs::path&)> with_seventh(const std::function<void(DicomSpec&)>& change) {
  return [change](const fs::path& folder) {
    write_sound(folder);
    auto spec = seventh();
    change(spec);
    write_dicom(folder / "bad", spec);
  };
}

/// Six sound slices and a file with these bytes made of a sound seventh's.
std::function<void(const fs::path&)> with_file(const std::function<std::string(std::string)>& bytes) {
  return [bytes](const fs::path& folder) {
    write_sound(folder);
    write_dicom(folder / "bad", seventh());
    write_bytes(folder / "bad", bytes(read_bytes(folder / "bad")));
  };
}

/// A stack with the change in every slice.
std::function<void(const fs::path&)> stack_with(const std::function<void(DicomSpec&)>& change) {
  return [change](const fs::path& folder) {
    DicomSpec common;
    change(common);
    auto slices = axial_stack(6, 1, common);
    for (auto& slice : slices) change(slice);
    write_stack(folder / "CT", slices);
  };
}

std::string with_rows(std::string bytes, char low, char high) {
  const auto at = bytes.find(std::string("\x28\0\x10\0US", 6));
  bytes[at + 8] = low;
  bytes[at + 9] = high;
  return bytes;
}

std::string nested(int depth) {
  std::string bytes;
  for (int n = 0; n < depth; ++n) bytes += std::string("\x09\x00\x10\x10SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF", 20);
  for (int n = 0; n < depth; ++n) bytes += std::string("\xFE\xFF\x0D\xE0\0\0\0\0\xFE\xFF\xDD\xE0\0\0\0\0", 16);
  return bytes;
}

struct BadInput {
  const char* name;
  std::function<void(const fs::path&)> make;
  std::string code;        ///< in failures.csv; empty: no failure at all
  std::size_t n_patients;  ///< rows of patients.csv
  int exit_code = 0;
};

std::ostream& operator<<(std::ostream& out, const BadInput& input) { return out << input.name; }

class BadInputs : public testing::TestWithParam<BadInput> {};

TEST_P(BadInputs, IsNamedAndCostsNothingElse) {
  const Scratch scratch;
  const auto folder = scratch / "root/export";
  GetParam().make(folder);
  const auto before = contents_of(folder);
  const auto run = run_cemscope({"score", folder, "-o", scratch / "root/out"});
  EXPECT_EQ(run.exit_code, GetParam().exit_code) << run.err;
  EXPECT_EQ(contents_of(folder), before);
  const fs::path out = scratch / "root/out";
  const auto codes = column(read_table(out / "failures.csv"), "code");
  if (GetParam().code.empty())
    EXPECT_THAT(codes, SizeIs(0));
  else
    EXPECT_THAT(codes, Contains(GetParam().code));
  const auto patients = read_table(out / "patients.csv");
  EXPECT_THAT(patients.rows, SizeIs(GetParam().n_patients));
  EXPECT_THAT(column(patients, "leakage"), Each("not_assessable"));
  for (const auto& case_id : column(patients, "case_id")) EXPECT_TRUE(fs::exists(out / "cases" / case_id / "result.json")) << case_id;
  // Nothing lies outside the two folders.
  EXPECT_EQ(std::distance(fs::directory_iterator(scratch / ""), fs::directory_iterator{}), 1);
  EXPECT_EQ(std::distance(fs::directory_iterator(scratch / "root"), fs::directory_iterator{}), 2);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadInputs,
    testing::Values(
        BadInput{"sound", write_sound, "", 1},
        BadInput{"truncated", with_file([](const std::string& bytes) { return bytes.substr(0, bytes.size() - 31); }),
                 "truncated_pixel_data", 1},
        BadInput{"zero length", with_file([](const std::string&) { return std::string(); }), "zero_length_file", 1},
        BadInput{"random after DICM",
                 with_file([](const std::string&) { return std::string(128, '\0') + "DICM" + std::string(700, '\xA7'); }), "corrupt_header",
                 1},
        BadInput{"impossible Rows", with_file([](const std::string& bytes) { return with_rows(bytes, 0, 0); }), "impossible_dimensions", 1},
        BadInput{"wrong PixelData length", with_file([](const std::string& bytes) { return with_rows(bytes, 4, 0); }), "wrong_pixel_length",
                 1},
        BadInput{"missing PixelSpacing", with_seventh([](auto& spec) { spec.pixel_spacing = ""; }), "missing_pixel_spacing", 1},
        BadInput{"missing position", with_seventh([](auto& spec) { spec.position = ""; }), "missing_position", 1},
        BadInput{"no slice with PixelSpacing", stack_with([](auto& spec) { spec.pixel_spacing = ""; }), "missing_pixel_spacing", 1, 4},
        BadInput{"one slice", [](const fs::path& folder) { write_stack(folder, axial_stack(1, 1)); }, "", 1, 4},
        BadInput{"mixed orientations", with_seventh([](auto& spec) { spec.orientation = "0\\1\\0\\0\\0\\-1"; }), "", 1},
        BadInput{"two patients with one PatientID",
                 [](const fs::path& folder) {
                   DicomSpec common;
                   common.patient_name = "ONE^A", common.birth_date = "19400101", common.sex = "F";
                   write_stack(folder / "1", axial_stack(6, 1, common));
                   common.patient_name = "TWO^B", common.birth_date = "19550505", common.sex = "M";
                   common.study_uid = "1.2.826.0.1.2", common.series_uid = "1.2.826.0.1.2.1";
                   write_stack(folder / "2", axial_stack(6, 1, common));
                 },
                 "patient_id_conflict", 2},
        BadInput{"PatientID is a path", stack_with([](auto& spec) { spec.patient_id = "../../x"; }), "", 1},
        BadInput{"PatientID is absolute", stack_with([](auto& spec) { spec.patient_id = "/tmp/x"; }), "", 1},
        BadInput{"PatientID is dots", stack_with([](auto& spec) { spec.patient_id = ".."; }), "", 1},
        BadInput{"PatientID of the longest kind", stack_with([](auto& spec) { spec.patient_id = std::string(64, 'x'); }), "", 1},
        BadInput{"GB18030 name", stack_with([](auto& spec) {
                   spec.character_set = "GB18030";
                   spec.patient_name = "\xCD\xF5^\xD0\xA1\xB6\xAB";
                   spec.patient_id =
                       "\xCD\xF5"
                       "7";
                 }),
                 "", 1},
        BadInput{"ISO 2022 name", stack_with([](auto& spec) {
                   spec.character_set = "\\ISO 2022 IR 87";
                   spec.patient_name = "Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B";
                 }),
                 "", 1},
        BadInput{"nested 30 levels",
                 with_file([](std::string bytes) { return bytes.insert(bytes.find(std::string("\x10\x00\x10\x00PN", 6)), nested(30)); }),
                 "", 1}),
    [](const auto& tested) {
      std::string name = tested.param.name;
      std::replace_if(
          name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
      return name;
    });

TEST(BadInput, NothingButBrokenFilesIsNothingToScoreAndSaysWhy) {
  const Scratch scratch;
  write_bytes(scratch / "export/empty.dcm", "");
  const auto run = run_cemscope({"score", scratch / "export", "-o", scratch / "out"});
  EXPECT_EQ(run.exit_code, 4);
  EXPECT_THAT(column(read_table(scratch / "out/failures.csv"), "code"), Contains("zero_length_file"));
}

TEST(BadInput, AClinicalTableWithWrongCellsIsUsedAsFarAsItGoes) {
  const Scratch scratch;
  write_sound(scratch / "export");
  write_bytes(scratch / "t.csv", "patient_id,bmd_t_score,treated_levels,remark\nP1,low,L1,=cmd()\nP9,-3,,\n");
  ASSERT_EQ(run_cemscope({"score", scratch / "export", "-o", scratch / "out", "--clinical", scratch / "t.csv"}).exit_code, 0);
  const auto failures = read_table(scratch / "out/failures.csv");
  EXPECT_THAT(column(failures, "code"), Contains("bad_clinical_value"));
  EXPECT_THAT(column(failures, "code"), Contains("clinical_patient_not_in_export"));
  const auto patients = read_table(scratch / "out/patients.csv");
  EXPECT_EQ(cell(patients, 0, "treated_levels"), "L1");
  EXPECT_EQ(cell(patients, 0, "bmd_t_score"), "");
}

}  // namespace
}  // namespace cemscope::tests
