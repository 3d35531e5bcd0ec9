// What the program says to a wrong command line, and what it does not do then.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/program.h"

namespace cemscope::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

TEST(Usage, HelpOnEveryCommandAndTheVersion) {
  for (const auto* command : {"score", "index", "fit", "predict", "audit", "evaluate", "phantom"}) {
    const auto run = run_cemscope({command, "--help"});
    EXPECT_EQ(run.exit_code, 0) << command;
    EXPECT_THAT(run.out, HasSubstr("Usage")) << command;
    EXPECT_EQ(run.err, "") << command;
  }
  EXPECT_THAT(run_cemscope({"--version"}).out, MatchesRegex("cemscope [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

struct WrongUse {
  const char* name;
  std::vector<std::string> arguments;  ///< EXPORT, OUT, TEXT (a text file) and NOWHERE are replaced
  const char* said;
};

std::ostream& operator<<(std::ostream& out, const WrongUse& use) { return out << use.name; }

class WrongUses : public testing::TestWithParam<WrongUse> {};

TEST_P(WrongUses, EndWithCodeTwoAndAReasonAndWriteNothing) {
  const Scratch scratch;
  fs::create_directories(scratch / "export");
  std::ofstream(scratch / "export" / "x.txt") << "x";
  std::ofstream(scratch / "text") << "text\n";
  const std::map<std::string, fs::path> places{
      {"EXPORT", scratch / "export"}, {"OUT", scratch / "out"}, {"TEXT", scratch / "text"}, {"NOWHERE", scratch / "nowhere"}};
  auto arguments = GetParam().arguments;
  for (auto& argument : arguments)
    if (const auto place = places.find(argument); place != places.end()) argument = place->second;
  const auto before = contents_of(scratch / "");
  const auto run = run_cemscope(arguments);
  EXPECT_EQ(run.exit_code, 2) << run.err;
  EXPECT_THAT(run.err, HasSubstr(GetParam().said));
  EXPECT_EQ(contents_of(scratch / ""), before);
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongUses,
    testing::Values(WrongUse{"no command", {}, "subcommand"}, WrongUse{"unknown command", {"sing"}, "sing"},
                    WrongUse{"no output", {"score", "EXPORT"}, "--output"}, WrongUse{"no export", {"score", "-o", "OUT"}, "EXPORT"},
                    WrongUse{"export is nowhere", {"score", "NOWHERE", "-o", "OUT"}, "error"},
                    WrongUse{"export is a file", {"score", "TEXT", "-o", "OUT"}, "error"},
                    WrongUse{"index nowhere", {"index", "NOWHERE"}, "error"},
                    WrongUse{"both modes", {"score", "EXPORT", "-o", "OUT", "--resume", "--overwrite"}, "excludes"},
                    WrongUse{"prevalence above one", {"score", "EXPORT", "-o", "OUT", "--prevalence", "7"}, "between 0 and 1"},
                    WrongUse{"prevalence is no number", {"score", "EXPORT", "-o", "OUT", "--prevalence", "many"}, "between 0 and 1"},
                    WrongUse{"masks are no folder", {"score", "EXPORT", "-o", "OUT", "--masks", "TEXT"}, "is no folder"},
                    WrongUse{"model is nowhere", {"score", "EXPORT", "-o", "OUT", "--model", "NOWHERE"}, "nowhere"},
                    WrongUse{"model is no model", {"score", "EXPORT", "-o", "OUT", "--model", "TEXT"}, "text"},
                    WrongUse{"definitions are nowhere", {"score", "EXPORT", "-o", "OUT", "--definitions", "NOWHERE"}, "nowhere"},
                    WrongUse{"definitions are none", {"score", "EXPORT", "-o", "OUT", "--definitions", "TEXT"}, "definitions text"},
                    WrongUse{"clinical is nowhere", {"score", "EXPORT", "-o", "OUT", "--clinical", "NOWHERE"}, "nowhere"},
                    WrongUse{"clinical is no table", {"score", "EXPORT", "-o", "OUT", "--clinical", "TEXT"}, "patient_id"},
                    WrongUse{"negative jobs", {"score", "EXPORT", "-o", "OUT", "--jobs", "-1"}, "--jobs"},
                    WrongUse{"output is a file", {"score", "EXPORT", "-o", "TEXT"}, "a folder is needed"},
                    WrongUse{"output is the export", {"score", "EXPORT", "-o", "EXPORT"}, "never written to"},
                    WrongUse{"log level", {"score", "EXPORT", "-o", "OUT", "--log-level", "loud"}, "loud"},
                    WrongUse{"evaluate without a truth", {"evaluate", "EXPORT"}, "--truth"},
                    WrongUse{"evaluate what is no output", {"evaluate", "EXPORT", "--truth", "TEXT"}, "patients.csv"}));

TEST(Usage, AnEmptyFolderAndOneWithoutDicomHaveNothingToScore) {
  const Scratch scratch;
  fs::create_directories(scratch / "export");
  for (const auto* command : {"score", "index"}) {
    std::vector<std::string> arguments{command, scratch / "export"};
    if (arguments[0] == "score") arguments.insert(arguments.end(), {"-o", scratch / "out"});
    fs::remove(scratch / "export" / "notes.txt");
    EXPECT_EQ(run_cemscope(arguments).exit_code, 4) << command;
    std::ofstream(scratch / "export" / "notes.txt") << "no image";
    const auto run = run_cemscope(arguments);
    EXPECT_EQ(run.exit_code, 4) << command;
  }
  EXPECT_FALSE(fs::exists(scratch / "out"));
}

TEST(Usage, QuietSaysErrorsOnlyAndTheLogFileHoldsTheRest) {
  const Scratch scratch;
  fs::create_directories(scratch / "export");
  const auto log = scratch / "log";
  const auto run = run_cemscope({"score", scratch / "export", "-o", scratch / "out", "--quiet", "--log-file", log});
  EXPECT_THAT(run.err, Not(HasSubstr("info")));
  EXPECT_THAT(run.err, HasSubstr("nothing to score"));
  std::ifstream stream(log);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_THAT(text, HasSubstr("indexed 0 files"));
}

}  // namespace
}  // namespace cemscope::tests
