#pragma once

#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace cemscope::golden {

/// Folder of reference inputs and values (R 4.2.2, scipy, PSPP; see its README).
inline std::filesystem::path folder() { return std::filesystem::path(CEMSCOPE_SHARED_DIR) / "data" / "golden"; }

inline bool available() { return std::filesystem::exists(folder() / "expected"); }

inline nlohmann::json load(const std::string& file) { return nlohmann::json::parse(std::ifstream(folder() / file)); }

/// |actual - expected| relative to |expected|, absolute below `floor`.
inline double relative_difference(double actual, double expected, double floor = 1e-12) {
  return std::abs(actual - expected) / std::max(std::abs(expected), floor);
}

inline void expect_close(double actual, double expected, double tolerance, const std::string& what, double floor = 1e-3) {
  EXPECT_LE(std::abs(actual - expected), tolerance * std::max(std::abs(expected), floor)) << what << ": " << actual << " vs " << expected;
}

/// Rows of a plain CSV file (no quoting), header first.
inline std::vector<std::vector<std::string>> read_csv(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::vector<std::string> cells;
    std::istringstream cut(line);
    for (std::string cell; std::getline(cut, cell, ',');) cells.push_back(cell);
    if (!line.empty() && line.back() == ',') cells.emplace_back();
    rows.push_back(cells);
  }
  return rows;
}

}  // namespace cemscope::golden

#define SKIP_WITHOUT_GOLDEN() \
  if (!cemscope::golden::available()) GTEST_SKIP() << "reference values not found; set CEMSCOPE_SHARED_DIR"
