#include "src/ingest/scan_pool.h"

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

namespace cemscope::ingest {
namespace {

FileHeader answer(const std::string& code, StringPool& pool) {
  auto header = make_header(FileKind::dicom, {}, pool);
  header.failure_code = code;
  return header;
}

// Reads nothing: what happens is in the file's name.
FileHeader play(const std::filesystem::path&, const std::string& path, StringPool& pool) {
  if (path.find("abort") != std::string::npos) std::abort();
  if (path.find("exit") != std::string::npos) _exit(3);
  if (path.find("throw") != std::string::npos) throw std::runtime_error("from a reader");
  if (path.find("hang") != std::string::npos) std::this_thread::sleep_for(std::chrono::hours(1));
  return answer("first:" + path, pool);
}

FileHeader play_second(const std::filesystem::path&, const std::string& path, StringPool& pool) {
  if (path.find("twice") != std::string::npos) std::abort();
  return answer("second:" + path, pool);
}

ScanOptions options_for(int n_workers) {
  ScanOptions options;
  options.n_workers = n_workers;
  options.file_timeout = std::chrono::milliseconds(300);
  options.reader = play;
  options.second_reader = play_second;
  return options;
}

std::vector<std::string> codes_of(const std::vector<std::string>& paths, int n_workers) {
  StringPool pool;
  std::vector<std::string> codes;
  for (const auto& header : scan_headers("/", paths, options_for(n_workers), pool)) codes.push_back(header.failure_code);
  return codes;
}

TEST(ScanHeaders, GivesEveryFileItsRecordInOrder) {
  std::vector<std::string> paths, expected;
  for (int n = 0; n < 2000; ++n) {
    paths.push_back("f" + std::to_string(n));
    expected.push_back("first:" + paths.back());
  }
  for (const int n_workers : {1, 2, 7}) EXPECT_EQ(codes_of(paths, n_workers), expected);
}

TEST(ScanHeaders, SurvivesReadersThatDieOrHang) {
  const std::vector<std::string> paths{"a", "abort", "b", "exit", "throw", "hang", "c", "abort twice", "exit twice", "d"};
  const std::vector<std::string> expected{"first:a",        "second:abort", "first:b",      "second:exit",  "second:throw",
                                          "header_timeout", "first:c",      "header_crash", "header_crash", "first:d"};
  for (const int n_workers : {1, 3}) EXPECT_EQ(codes_of(paths, n_workers), expected);
}

TEST(ScanHeaders, NamesEveryCulpritWhenAllDie) {
  std::vector<std::string> paths(40);
  for (std::size_t n = 0; n < paths.size(); ++n) paths[n] = "abort twice " + std::to_string(n);
  EXPECT_EQ(codes_of(paths, 2), std::vector<std::string>(40, "header_crash"));
}

TEST(ScanHeaders, TakesNoFilesForNoWork) { EXPECT_TRUE(codes_of({}, 2).empty()); }

#ifndef __SANITIZE_ADDRESS__
TEST(ScanHeaders, LimitsTheMemoryOfAReader) {
  auto options = options_for(1);
  options.memory_bytes = 64 << 20;
  options.reader = [](const std::filesystem::path&, const std::string&, StringPool& pool) {
    const std::vector<char> much(std::size_t{512} << 20);
    return answer("had " + std::to_string(much.size()), pool);
  };
  StringPool pool;
  const auto headers = scan_headers("/", {"x"}, options, pool);
  EXPECT_EQ(headers[0].failure_code, "second:x");
}
#endif

TEST(ScanHeaders, EndsCleanlyWhenTheProgressCallThrows) {
  auto options = options_for(2);
  options.file_timeout = std::chrono::hours(1);
  options.progress = [](std::int64_t, std::int64_t) { throw std::runtime_error("stop"); };
  StringPool pool;
  EXPECT_THROW(scan_headers("/", {"hang", "hang too"}, options, pool), std::runtime_error);
}

}  // namespace
}  // namespace cemscope::ingest
