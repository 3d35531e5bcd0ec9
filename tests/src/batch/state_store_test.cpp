#include "src/batch/state_store.h"

#include <gtest/gtest.h>

#include "imaging/error.h"
#include "src/report/atomic_file.h"
#include "tests/src/batch/temporary_folder.h"

namespace cemscope::batch {
namespace {

const CaseState kDone{"done", "key", "folder", true};

TEST(StateStore, RemembersWhatWasPutAcrossOpenings) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "state.sqlite";
  {
    StateStore store(file);
    store.set_run_facts({{"a", "1"}});
    store.put("B'; DROP TABLE cases;--", kDone);
    store.put("A", {"failed", "", "", false});
    store.put("C", kDone);
    store.remove("C");
  }
  const StateStore store(file);
  EXPECT_EQ(store.cases(), (std::map<std::string, CaseState>{{"A", {"failed", "", "", false}}, {"B'; DROP TABLE cases;--", kDone}}));
  EXPECT_EQ(store.run_facts(), (std::map<std::string, std::string>{{"a", "1"}}));
}

TEST(StateStore, TheFinishedFileDependsOnTheContentOnly) {
  const TemporaryFolder folder;
  const auto one = folder.path() / "one", two = folder.path() / "two";
  {
    StateStore store(one);
    store.set_run_facts({{"a", "1"}});
    for (const auto* id : {"A", "B", "C"}) store.put(id, kDone);
    store.finish();
  }
  {
    StateStore store(two);
    for (const auto* id : {"C", "X", "A", "B"}) store.put(id, {"failed", "k", "f", false});
    store.remove("X");
    for (const auto* id : {"B", "A", "C"}) store.put(id, kDone);
    store.set_run_facts({{"a", "2"}});
    store.set_run_facts({{"a", "1"}});
    store.finish();
  }
  EXPECT_EQ(report::read_file(one), report::read_file(two));
  EXPECT_EQ(StateStore(one).cases().size(), 3U);
}

TEST(StateStore, AFileThatIsNotOursIsLeftAlone) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "state.sqlite";
  report::write_file(file, std::string("SQLite format 3\0", 16) + std::string(200, 'x'));
  const auto before = report::read_file(file);
  EXPECT_THROW(StateStore{file}, Error);
  EXPECT_EQ(report::read_file(file), before);
  EXPECT_FALSE(is_state_file(file));
  EXPECT_FALSE(is_state_file(folder.path() / "nowhere"));
}

}  // namespace
}  // namespace cemscope::batch
