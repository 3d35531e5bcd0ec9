#include "src/cohort/definitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "imaging/error.h"

namespace cemscope::embedded {
extern const std::string_view definitions_json;
}

namespace cemscope::cohort {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::ThrowsMessage;

json shipped() { return json::parse(embedded::definitions_json); }

TEST(Definitions, TheDefaultsOfTheParametersAreThoseOfTheShippedFile) {
  const auto file = ct_parameters(load_definitions(std::nullopt));
  const imaging::CtParameters defaults;
  const auto same = [](const auto& a, const auto& b) { return std::memcmp(&a, &b, sizeof(a)) == 0; };
  EXPECT_TRUE(same(file.cement, defaults.cement));
  EXPECT_TRUE(same(file.leakage, defaults.leakage));
  EXPECT_EQ(file.distribution.min_minor_side_fraction, defaults.distribution.min_minor_side_fraction);
  EXPECT_EQ(file.distribution.min_reach_mm, defaults.distribution.min_reach_mm);
  EXPECT_EQ(file.distribution.cell_hit_fraction, defaults.distribution.cell_hit_fraction);
  EXPECT_EQ(file.distribution.min_cells_hit, defaults.distribution.min_cells_hit);
  EXPECT_TRUE(same(file.compression, defaults.compression));
}

TEST(Definitions, EveryNumberHasUnitMeaningSourceAndLiesInItsRange) {
  for (const auto& [name, definition] : load_definitions(std::nullopt).by_name) {
    EXPECT_FALSE(definition.unit.empty()) << name;
    EXPECT_FALSE(definition.meaning.empty()) << name;
    EXPECT_FALSE(definition.source.empty()) << name;
    EXPECT_LE(definition.min, definition.value) << name;
    EXPECT_GE(definition.max, definition.value) << name;
  }
}

TEST(Definitions, AChangedNumberReachesTheParametersAndChangesTheHash) {
  auto changed = shipped();
  changed["version"] = "1.0.0-ours";
  changed["parameters"]["leakage.min_leak_mm3"]["value"] = 25;
  const auto definitions = parse_definitions(changed.dump(), "ours.json");
  EXPECT_EQ(ct_parameters(definitions).leakage.min_leak_mm3, 25);
  EXPECT_NE(definitions.hash, load_definitions(std::nullopt).hash);
}

TEST(Definitions, TheHashDoesNotDependOnWhiteSpace) {
  EXPECT_EQ(parse_definitions(shipped().dump(), "a").hash, parse_definitions(shipped().dump(4), "b").hash);
}

TEST(Definitions, AFileThatDoesNotFitIsRefusedWithTheReason) {
  const auto refused = [](const json& document, const char* reason) {
    EXPECT_THAT([&] { parse_definitions(document.dump(), "ours.json"); }, ThrowsMessage<Error>(HasSubstr(reason)));
  };
  auto document = shipped();
  document["version"] = "2";
  document["parameters"]["leakage.min_leak_mm3"]["value"] = -1;
  refused(document, "leakage.min_leak_mm3 is -1, needed is 0 to 200 mm3");
  document = shipped();
  document["parameters"]["leakage.min_leak_mm3"]["unit"] = "mL";
  refused(document, "leakage.min_leak_mm3 is given in \"mL\"");
  document = shipped();
  document["parameters"].erase("leakage.min_leak_mm3");
  refused(document, "leakage.min_leak_mm3 is missing");
  document = shipped();
  document["parameters"]["leakage.other"] = document["parameters"]["leakage.min_leak_mm3"];
  refused(document, "leakage.other is not a number of this version");
  document = shipped();
  document["parameters"]["leakage.min_leak_mm3"]["value"] = 11;
  refused(document, "changed numbers need a version of their own");
  EXPECT_THAT([] { parse_definitions("{", "ours.json"); }, ThrowsMessage<Error>(HasSubstr("ours.json")));
  EXPECT_THAT([] { load_definitions("/nowhere.json"); }, ThrowsMessage<Error>(HasSubstr("nowhere.json")));
}

}  // namespace
}  // namespace cemscope::cohort
