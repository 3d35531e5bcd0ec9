#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/golden/golden.h"

namespace cemscope::golden {

/// Compares two JSON trees by name. Every number of `expected` whose path `result` also has is compared; `tolerance(path)` is relative to
/// the expected value, or to 1e-3 where that is smaller (0 skips). Names that begin with "_" are not compared.
struct Comparison {
  std::function<double(const std::string&)> tolerance;
  std::map<std::string, double> worst;  ///< largest relative difference by last name
  std::vector<std::string> missing;     ///< paths of expected that result lacks
  std::size_t compared = 0;

  void compare(const nlohmann::json& result, const nlohmann::json& expected, const std::string& path) {
    if (expected.is_object()) return compare_object(result, expected, path);
    if (expected.is_array()) return compare_array(result, expected, path);
    if (expected.is_number()) return compare_number(result, expected, path);
    if (expected.is_null()) {
      EXPECT_TRUE(result.is_null()) << path << " should not exist but is " << result.dump().substr(0, 80);
    }
  }

 private:
  void compare_object(const nlohmann::json& result, const nlohmann::json& expected, const std::string& path) {
    for (const auto& [name, value] : expected.items()) {
      if (name.starts_with("_")) continue;
      if (!result.is_object() || !result.contains(name)) {
        missing.push_back(path + "/" + name);
      } else {
        compare(result.at(name), value, path + "/" + name);
      }
    }
  }

  void compare_array(const nlohmann::json& result, const nlohmann::json& expected, const std::string& path) {
    ASSERT_TRUE(result.is_array() && result.size() >= expected.size()) << path << ": " << result.dump().substr(0, 200);
    for (std::size_t i = 0; i < expected.size(); ++i) compare(result[i], expected[i], path + "/" + std::to_string(i));
  }

  void compare_number(const nlohmann::json& result, const nlohmann::json& expected, const std::string& path) {
    const double limit = tolerance(path), want = expected.get<double>();
    if (limit == 0) return;
    ++compared;
    ASSERT_TRUE(result.is_number()) << path << " is " << result.dump().substr(0, 80) << ", expected " << want;
    const double difference = std::abs(result.get<double>() - want) / std::max(std::abs(want), 1e-3);
    EXPECT_LE(difference, limit) << path << ": " << result.get<double>() << " vs " << want;
    auto& seen = worst[last_name(path)];
    seen = std::max(seen, difference);
  }

  // The last part of a path that is no index.
  static std::string last_name(std::string path) {
    while (path.find('/') != std::string::npos &&
           std::all_of(path.begin() + static_cast<std::ptrdiff_t>(path.rfind('/')) + 1, path.end(), ::isdigit))
      path.erase(path.rfind('/'));
    return path.substr(path.rfind('/') + 1);
  }
};

}  // namespace cemscope::golden
