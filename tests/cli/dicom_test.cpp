// DICOM out and hostile DICOM in, as users and their PACS see them.
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"
#include "tests/src/dicom_out/seg_reader.h"
#include "tests/support/dicom_maker.h"

namespace cemscope::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr const char* kPatients = "SAMPLE02,SAMPLE03,SAMPLE05";  // two with a CT, one with films only

/// What a command prints on both streams.
std::string output_of(const std::string& command) {
  std::string output;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, n);
  ::pclose(pipe);
  return output;
}

bool is_installed(const std::string& program) { return output_of("command -v " + program).find(program) != std::string::npos; }

std::string gunzipped(const std::string& bytes) {
  z_stream stream{};
  inflateInit2(&stream, 16 + MAX_WBITS);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out, block(1 << 20, '\0');
  for (int status = Z_OK; status == Z_OK;) {
    stream.next_out = reinterpret_cast<Bytef*>(block.data());
    stream.avail_out = static_cast<uInt>(block.size());
    status = inflate(&stream, Z_NO_FLUSH);
    out.append(block, 0, block.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  return out;
}

std::vector<double> numbers_in(std::string text) {
  for (auto& c : text)
    if (c == '(' || c == ')' || c == ',') c = ' ';
  std::istringstream stream(text);
  std::vector<double> numbers;
  for (double number = 0; stream >> number;) numbers.push_back(number);
  return numbers;
}

/// The set voxels of cement.nrrd.
std::set<Point_um> nrrd_points(const std::string& bytes) {
  const auto end = bytes.find("\n\n");
  const auto field = [&](const std::string& name) {
    const auto at = bytes.find("\n" + name + ": ") + name.size() + 3;
    return numbers_in(bytes.substr(at, bytes.find('\n', at) - at));
  };
  const auto sizes = field("sizes"), axes = field("space directions"), origin = field("space origin");
  const auto labels = gunzipped(bytes.substr(end + 2));
  const auto nx = static_cast<std::size_t>(sizes.at(0)), ny = static_cast<std::size_t>(sizes.at(1));
  std::set<Point_um> points;
  for (std::size_t n = 0; n < labels.size(); ++n) {
    if (labels[n] == 0) continue;
    const double index[] = {static_cast<double>(n % nx), static_cast<double>(n / nx % ny), static_cast<double>(n / nx / ny)};
    imaging::Point_mm point(origin.at(0), origin.at(1), origin.at(2));
    for (std::size_t axis = 0; axis < 3; ++axis)
      for (int d = 0; d < 3; ++d) point[d] += index[axis] * axes.at(3 * axis + static_cast<std::size_t>(d));
    points.insert(rounded(point));
  }
  return points;
}

/// Three patients of the sample, scored once for all tests.
class DicomOut : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch_ = new Scratch;
    run_ = score("out", {"--secondary-capture"});
  }
  static void TearDownTestSuite() {
    delete scratch_;
    scratch_ = nullptr;
  }

  static ProgramRun score(const std::string& name, const std::vector<std::string>& more) {
    const std::string sample = CEMSCOPE_SOURCE_DIR "/sample_dicom";
    std::vector<std::string> arguments{"score",      sample,   "-o", *scratch_ / name, "--clinical", sample + "/clinical.csv",
                                       "--patients", kPatients};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_cemscope(arguments);
  }

  static std::vector<fs::path> objects(const std::string& ending) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(*scratch_ / "out/cases"))
      if (entry.path().string().ends_with(ending)) found.push_back(entry.path());
    return found;
  }

  static Scratch* scratch_;
  static ProgramRun run_;
};

Scratch* DicomOut::scratch_ = nullptr;
ProgramRun DicomOut::run_;

TEST_F(DicomOut, EveryCaseWithCementHasASegmentationAndAReport) {
  ASSERT_EQ(run_.exit_code, 0) << run_.err;
  EXPECT_THAT(objects(".seg.dcm"), SizeIs(2));
  EXPECT_THAT(objects(".sr.dcm"), SizeIs(3));
}

TEST_F(DicomOut, TheValidatorFindsNoError) {
  if (!is_installed("dciodvfy")) GTEST_SKIP() << "dicom3tools is not installed";
  for (const auto& object : objects(".dcm"))
    EXPECT_THAT(output_of("dciodvfy '" + object.string() + "'"), Not(HasSubstr("Error"))) << object;
}

TEST_F(DicomOut, EveryPictureHasItsSecondaryCapture) {
  EXPECT_GE(objects(".png").size(), 4U);
  EXPECT_EQ(objects(".sc.dcm").size(), objects(".png").size());
}

TEST_F(DicomOut, FilmsAloneHaveAReport) {
  const auto folder = *scratch_ / "out/cases/SAMPLE05";
  EXPECT_TRUE(fs::exists(folder / "films.sc.dcm"));
  EXPECT_FALSE(fs::exists(folder / "cement.seg.dcm"));
  if (!is_installed("dsrdump")) GTEST_SKIP() << "DCMTK's programs are not installed";
  EXPECT_THAT(output_of("dsrdump '" + (folder / "measurements.sr.dcm").string() + "'"), HasSubstr("on radiographs"));
}

TEST_F(DicomOut, TheReportIsPrintedByDcmtk) {
  if (!is_installed("dsrdump")) GTEST_SKIP() << "DCMTK's programs are not installed";
  for (const auto& object : objects(".sr.dcm"))
    EXPECT_THAT(output_of("dsrdump '" + object.string() + "'"), HasSubstr("Imaging Measurement Report"));
}

TEST_F(DicomOut, TheSegmentationHoldsTheVoxelsOfTheLabels) {
  for (const auto& object : objects(".seg.dcm")) {
    std::set<Point_um> cement;
    for (const auto& [label, points] : read_segmentation(read_bytes(object)).points)
      if (label.starts_with("Cement")) cement.insert(points.begin(), points.end());
    EXPECT_FALSE(cement.empty());
    EXPECT_EQ(cement, nrrd_points(read_bytes(object.parent_path() / "cement.nrrd"))) << object;
  }
}

/// Everything in the index that identifies someone or something.
std::set<std::string> identifiers_of(const nlohmann::json& index) {
  std::set<std::string> identifiers;
  for (const auto& patient : index["patients"]) {
    if (std::string(kPatients).find(patient["patient_id"].get<std::string>()) == std::string::npos) continue;
    for (const auto* key : {"patient_id", "birth_date"}) identifiers.insert(patient.value(key, ""));
    for (const auto& study : patient["studies"]) {
      for (const auto* key : {"study_uid", "date", "description"}) identifiers.insert(study.value(key, ""));
      for (const auto& series : study["series"])
        for (const auto* key : {"series_uid", "frame_of_reference_uid", "description", "protocol"})
          identifiers.insert(series.value(key, ""));
    }
  }
  identifiers.insert({"SAMPLE^PATIENT", "ASAMPLE"});  // names and accession numbers of the sample
  identifiers.erase("");
  identifiers.erase("SPINE");  // a film's description, and the body part of others
  return identifiers;
}

TEST_F(DicomOut, DeidentifiedOutputHoldsNoIdentifierInAnyByte) {
  const auto listed = run_cemscope({"index", CEMSCOPE_SOURCE_DIR "/sample_dicom", "--format", "json"});
  const auto identifiers = identifiers_of(nlohmann::json::parse(listed.out));
  ASSERT_GE(identifiers.size(), 10U);
  const auto hidden = score("hidden", {"--deidentify", "--log-file", *scratch_ / "hidden.log", "--log-level", "trace"});
  ASSERT_EQ(hidden.exit_code, 0) << hidden.err;
  auto contents = contents_of(*scratch_ / "hidden");
  contents["log"] = read_bytes(*scratch_ / "hidden.log");
  contents["stderr"] = hidden.err;
  for (auto& [name, bytes] : contents) {
    const auto plain = name.ends_with(".nrrd") ? bytes + gunzipped(bytes.substr(bytes.find("\n\n") + 2)) : bytes;
    for (const auto& identifier : identifiers) {
      EXPECT_EQ(name.find(identifier), name.npos) << name;
      EXPECT_EQ(plain.find(identifier), plain.npos) << name << " holds " << identifier;
    }
  }
}

TEST(HostileText, NamesAndDescriptionsRunNowhere) {
  const Scratch scratch;
  DicomSpec common;
  common.patient_id = "=cmd|' /C calc'!A0";
  common.patient_name = "<script>alert(1)</script>^\"'><b>";
  common.study_description = "@SUM(1+1)*cmd|' /C calc'!A0";
  common.series_description = "<img src=x onerror=alert(2)></script>";
  auto slices = axial_stack(6, 1, common);
  write_stack(scratch / "export", slices);
  write_bytes(scratch / "export/<svg onload=alert(3)>\n=1+1.dcm", std::string(128, '\0') + "DICM" + std::string(700, '\xA7'));
  ASSERT_EQ(run_cemscope({"score", scratch / "export", "-o", scratch / "out"}).exit_code, 0);
  const auto report = read_bytes(scratch / "out/report.html");
  for (const auto* text : {"<script>alert", "<img src=x", "<svg onload", "<b>"}) EXPECT_THAT(report, Not(HasSubstr(text)));
  for (const auto* name : {"patients.csv", "vertebrae.csv", "series.csv", "failures.csv"}) {
    const auto table = read_table(scratch / "out" / name);
    for (const auto& row : table.rows)
      for (const auto& cell : row.cells) {
        double number = 0;
        const bool is_formula =
            !cell.empty() && std::string("=+-@\t\r").find(cell[0]) != std::string::npos && !(std::istringstream(cell) >> number);
        EXPECT_FALSE(is_formula) << name << ": " << cell;
      }
  }
}

TEST(HostileFolder, LinksPipesAndDevicesAreNeitherFollowedNorWaitedFor) {
  const Scratch scratch;
  write_stack(scratch / "export/CT", axial_stack(6, 1));
  write_bytes(scratch / "secret/file", "outside");
  fs::create_directory_symlink(scratch / "export", scratch / "export/loop");
  fs::create_directory_symlink(scratch / "secret", scratch / "export/away");
  fs::create_symlink("/dev/zero", scratch / "export/zero");
  ASSERT_EQ(::mkfifo((scratch / "export/pipe").c_str(), 0600), 0);
  write_bytes(scratch / "export/name\nwith\nnewlines", "text");
  const auto run = run_cemscope({"index", scratch / "export", "--format", "json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, Not(HasSubstr("secret")));
  EXPECT_EQ(nlohmann::json::parse(run.out)["patients"][0]["studies"][0]["series"].size(), 1U);
}

}  // namespace
}  // namespace cemscope::tests
