#include "src/ingest/patient_identity.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace cemscope::ingest {
namespace {

struct PairCase {
  const char* name;
  Identity a, b;
  bool expected;
};

class Pairs : public testing::TestWithParam<PairCase> {};

TEST_P(Pairs, CanOrCannotBeTheSamePerson) {
  EXPECT_EQ(can_be_same_person(GetParam().a, GetParam().b), GetParam().expected);
  EXPECT_EQ(can_be_same_person(GetParam().b, GetParam().a), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    All, Pairs,
    testing::Values(PairCase{"equal", {"A^B", "19500101", "F"}, {"A^B", "19500101", "F"}, true},
                    PairCase{"spelling_of_the_name", {"Zhang^San", "", ""}, {"SAN ZHANG", "", ""}, true},
                    PairCase{"ideographic_group_agrees", {"Zhang^San=张^三", "", ""}, {"=张三", "", ""}, true},
                    PairCase{"other_name", {"A^B", "", ""}, {"C^D", "", ""}, false},
                    PairCase{
                        "transliterated_with_same_birth_date_and_sex", {"Zhang^San", "19500101", "F"}, {"张三", "19500101", "F"}, true},
                    PairCase{"other_birth_date", {"A^B", "19500101", "F"}, {"A^B", "19600101", "F"}, false},
                    PairCase{"other_sex", {"A^B", "19500101", "F"}, {"A^B", "19500101", "M"}, false},
                    PairCase{"sex_not_stated", {"A^B", "19500101", "F"}, {"A^B", "19500101", "O"}, true},
                    PairCase{"nothing_stated", {"A^B", "19500101", "F"}, {"", "", ""}, true}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

TEST(AssignPeople, KeepsAnAmbiguousIdentityApart) {
  const std::vector<Identity> identities{{"A^B", "19500101", "F"}, {"C^D", "19600101", "M"}, {"", "", ""}};
  const auto people = assign_people(identities);
  EXPECT_NE(people[0], people[1]);
  EXPECT_NE(people[2], people[0]);
  EXPECT_NE(people[2], people[1]);
}

TEST(AssignPeople, JoinsABareIdentityToTheOnlyPerson) {
  const auto people = assign_people({{"", "", ""}, {"A^B", "19500101", ""}, {"A^B", "", "F"}});
  EXPECT_EQ(people[0], people[1]);
  EXPECT_EQ(people[1], people[2]);
}

TEST(AssignPeople, DoesNotDependOnOrder) {
  std::vector<Identity> identities{{"A^B", "19500101", "F"}, {"A^B", "", ""}, {"C^D", "19500101", "F"}, {"E^F", "", "M"}, {"", "", "M"}};
  std::sort(identities.begin(), identities.end());
  const auto partition = [](const std::vector<Identity>& order) {
    const auto people = assign_people(order);
    std::vector<std::pair<Identity, Identity>> together;
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (std::size_t j = 0; j < order.size(); ++j) {
        if (people[i] == people[j]) together.emplace_back(order[i], order[j]);
      }
    }
    std::sort(together.begin(), together.end());
    return together;
  };
  const auto expected = partition(identities);
  do {
    ASSERT_EQ(partition(identities), expected);
  } while (std::next_permutation(identities.begin(), identities.end()));
}

}  // namespace
}  // namespace cemscope::ingest
