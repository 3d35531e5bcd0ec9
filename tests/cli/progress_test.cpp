#include "src/commands/progress.h"

#include <gtest/gtest.h>

namespace cemscope::commands {
namespace {

TEST(ProgressLine, ShowsShareRateAndTimeLeft) {
  EXPECT_EQ(progress_line("scoring", "cases", 3, 6, 6.0), "scoring [############            ] 3/6 cases, 30/min, 0:06 left");
  EXPECT_EQ(progress_line("indexing", "files", 1000, 61000, 0.1),
            "indexing [                        ] 1000/61000 files, 10000/s, 0:06 left");
  EXPECT_EQ(progress_line("scoring", "cases", 1, 121, 1.0), "scoring [                        ] 1/121 cases, 60/min, 2:00 left");
}

TEST(ProgressLine, PromisesNothingBeforeTheFirst) {
  EXPECT_EQ(progress_line("scoring", "cases", 0, 6, 2.0), "scoring [                        ] 0/6 cases");
  EXPECT_EQ(progress_line("scoring", "cases", 0, 0, 2.0), "scoring [                        ] 0/0 cases");
}

}  // namespace
}  // namespace cemscope::commands
