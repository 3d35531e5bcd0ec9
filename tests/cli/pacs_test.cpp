// The round trip through a PACS: a cohort goes into Orthanc, is exported from it, scored, and the results come back under the same studies.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

namespace cemscope::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::SizeIs;

constexpr const char* kOrthanc = "/usr/sbin/Orthanc";
constexpr const char* kDicomWeb = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so";

int local_socket(std::uint16_t port, bool listens) {
  const int handle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  const int result = listens ? ::bind(handle, generic, sizeof address) : ::connect(handle, generic, sizeof address);
  if (result == 0) return handle;
  ::close(handle);
  return -1;
}

std::uint16_t free_port() {
  const int handle = local_socket(0, true);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(handle, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(handle);
  return ntohs(address.sin_port);
}

pid_t spawn(std::vector<std::string> arguments, const fs::path& log) {
  std::vector<char*> pointers;
  for (auto& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t process = -1;
  if (::posix_spawnp(&process, arguments[0].c_str(), &actions, nullptr, pointers.data(), environ) != 0) process = -1;
  posix_spawn_file_actions_destroy(&actions);
  return process;
}

/// An Orthanc of the test's own on the loopback.
class Pacs {
 public:
  explicit Pacs(const fs::path& folder) : http_(free_port()), dicom_(free_port()) {
    fs::create_directories(folder / "db");
    const json settings{{"Name", "cemscope test"},
                        {"StorageDirectory", (folder / "db").string()},
                        {"IndexDirectory", (folder / "db").string()},
                        {"Plugins", {kDicomWeb}},
                        {"HttpPort", http_},
                        {"DicomPort", dicom_},
                        {"DicomAet", "PACS"},
                        {"RemoteAccessAllowed", false},
                        {"AuthenticationEnabled", false},
                        {"DicomAlwaysAllowStore", true},
                        {"DicomWeb", {{"Enable", true}, {"Root", "/dicom-web/"}}}};
    std::ofstream(folder / "orthanc.json") << settings.dump();
    process_ = spawn({kOrthanc, (folder / "orthanc.json").string()}, folder / "orthanc.log");
  }
  Pacs(const Pacs&) = delete;
  Pacs& operator=(const Pacs&) = delete;
  ~Pacs() {
    if (process_ <= 0) return;
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
  }

  [[nodiscard]] bool is_up() const {
    for (int tries = 0; tries < 100; ++tries) {
      if (!request("GET", "/system", "").empty()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
  }

  /// The body of the answer; empty when there is none.
  [[nodiscard]] std::string request(const std::string& method, const std::string& path, const std::string& body) const {
    const int handle = local_socket(http_, false);
    if (handle < 0) return {};
    const auto message = fmt::format(
        "{} {} HTTP/1.0\r\nHost: localhost\r\nAccept: application/dicom+json, application/json, */*\r\nContent-Length: {}\r\n\r\n{}",
        method, path, body.size(), body);
    std::string answer;
    if (::write(handle, message.data(), message.size()) == static_cast<ssize_t>(message.size())) {
      char buffer[65536];
      for (ssize_t n = 0; (n = ::read(handle, buffer, sizeof buffer)) > 0;) answer.append(buffer, static_cast<std::size_t>(n));
    }
    ::close(handle);
    const auto head = answer.find("\r\n\r\n");
    return head == answer.npos || answer.find(" 200 ") > answer.find("\r\n") ? std::string() : answer.substr(head + 4);
  }

  [[nodiscard]] json get(const std::string& path) const { return json::parse(request("GET", path, ""), nullptr, false); }
  [[nodiscard]] std::uint16_t dicom_port() const { return dicom_; }

 private:
  std::uint16_t http_, dicom_;
  pid_t process_ = -1;
};

int run(const std::vector<std::string>& arguments, const fs::path& log) {
  int status = 0;
  const auto process = spawn(arguments, log);
  if (process <= 0) return -1;
  ::waitpid(process, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// UIDs of the study's series that cemscope made, as DICOMweb gives them.
std::vector<std::string> our_series(const Pacs& pacs, const std::string& study, const std::string& modality) {
  std::vector<std::string> uids;
  for (const auto& series : pacs.get(study + "/series?Modality=" + modality))
    if (series["0008103E"]["Value"][0].get<std::string>().starts_with("cemscope: ")) uids.push_back(series["0020000E"]["Value"][0]);
  return uids;
}

/// The study of the series that a case's results belong to: the CT's, else a film's, else the MR's.
std::string study_of_results(const cohort::CsvTable& cases, std::size_t row, const cohort::CsvTable& series) {
  for (const auto* column : {"ct_series_uid", "ap_uid", "lateral_uid", "mr_series_uid"}) {
    const auto uid = cell(cases, row, column);
    for (std::size_t other = 0; other < series.rows.size() && !uid.empty(); ++other)
      if (cell(series, other, "series_uid") == uid) return cell(series, other, "study_uid");
  }
  return {};
}

TEST(Pacs, TheRoundTripEndsUnderTheRightStudies) {
  if (!fs::exists(kOrthanc) || !fs::exists(kDicomWeb)) GTEST_SKIP() << "Orthanc and its DICOMweb plugin are not installed";
  const Scratch scratch;
  const Pacs pacs(scratch / "pacs");
  ASSERT_TRUE(pacs.is_up()) << contents_of(scratch / "pacs")["orthanc.log"];
  const std::vector<std::string> dcmsend{"dcmsend",
                                         "--call",
                                         "PACS",
                                         "--no-halt",
                                         "--scan-directories",
                                         "--recurse",
                                         "127.0.0.1",
                                         std::to_string(pacs.dicom_port()),
                                         CEMSCOPE_SOURCE_DIR "/sample_dicom"};
  ASSERT_EQ(run(dcmsend, scratch / "dcmsend.log"), 0) << contents_of(scratch / "")["dcmsend.log"];
  const auto patients = pacs.get("/patients");
  ASSERT_GE(patients.size(), 4U);
  const auto archive = pacs.request("POST", "/tools/create-archive", patients.dump());
  ASSERT_TRUE(archive.starts_with("PK"));
  std::ofstream(scratch / "export.zip", std::ios::binary) << archive;

  const auto out = scratch / "out";
  const auto scored =
      run_cemscope({"score", scratch / "export.zip", "-o", out, "--clinical", CEMSCOPE_SOURCE_DIR "/sample_dicom/clinical.csv"});
  ASSERT_EQ(scored.exit_code, 0) << scored.err;
  const auto sent = run_cemscope({"send", out, "--to", fmt::format("PACS@127.0.0.1:{}", pacs.dicom_port())});
  EXPECT_EQ(sent.exit_code, 0) << sent.err;

  std::size_t n_segmentations = 0;
  const auto cases = read_table(fs::path(out) / "patients.csv");
  for (std::size_t row = 0; row < cases.rows.size(); ++row) {
    const auto study = "/dicom-web/studies/" + study_of_results(cases, row, read_table(fs::path(out) / "series.csv"));
    const auto has_segments = fs::exists(fs::path(out) / "cases" / cell(cases, row, "case_id") / "cement.seg.dcm");
    EXPECT_THAT(our_series(pacs, study, "SR"), SizeIs(1)) << study;
    const auto segmentations = our_series(pacs, study, "SEG");
    EXPECT_THAT(segmentations, SizeIs(has_segments ? 1 : 0)) << study;
    n_segmentations += segmentations.size();
    for (const auto& uid : segmentations) EXPECT_THAT(pacs.get(study + "/series/" + uid + "/instances"), SizeIs(1));
  }
  EXPECT_GE(n_segmentations, 3U);
  EXPECT_THAT(pacs.get("/patients"), SizeIs(patients.size())) << "results came back under another patient";
}

TEST(Pacs, ThatIsNotThereIsSaidSo) {
  const Scratch scratch;
  fs::create_directories(scratch / "out/cases/A");
  std::ofstream(scratch / "out/cases/A/cement.seg.dcm") << "x";
  const auto sent = run_cemscope({"send", scratch / "out", "--to", fmt::format("PACS@127.0.0.1:{}", free_port())});
  EXPECT_EQ(sent.exit_code, 2);
  EXPECT_THAT(sent.err, testing::HasSubstr("error: 127.0.0.1:"));
}

}  // namespace
}  // namespace cemscope::tests
