#include "imaging/mri/cleft.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "imaging/mri/fluid.h"
#include "imaging/mri/order_statistics.h"

namespace cemscope::imaging::mri {
namespace {

constexpr int kFirst_mm = 13, kLast_mm = 38;  // in front of the canal's centre
constexpr double kBeside_mm = 14;
constexpr double kOffEdge_mm = 1;   // rows at the endplates that the disc shares
constexpr double kLeast_s = 0.70;   // of fluid
constexpr double kContrast = 0.20;  // log, over the oedema
constexpr double kFarthest_mm = 4;  // of its nearer border from an endplate
constexpr double kLeastWidth_mm = 7, kLeastArea_mm2 = 12, kFlat = 1.5;
constexpr double kLowest_mm = 1.2, kHighest_mm = 6.5;

/// A body's slice, straightened: columns from back to front, rows from endplate to endplate, in mm.
struct Sheet {
  Grid<float> over;     // log, mean of three columns
  Grid<float> water_s;  // of the same
};

Sheet sheet_of(const Grid<float>& logs, const CanalCourse& canal, const MuscleField& field, const MrBody& body, int z, double fluid_ratio) {
  const double first = body.top_row + kOffEdge_mm;
  const int n_rows = std::max(1, static_cast<int>(body.bottom_row - kOffEdge_mm - first) + 1), n_columns = kLast_mm - kFirst_mm + 1;
  Sheet sheet{Grid<float>(n_columns, n_rows, 1, -10.0F), Grid<float>(n_columns, n_rows, 1, 0.0F)};
  for (int j = 0; j < n_rows; ++j) {
    const double row = first + j, tilt = body.tilt_at(row);
    for (int i = 0; i < n_columns; ++i) {
      const auto point = body_point(canal, row, kFirst_mm + i, tilt);
      const int x = static_cast<int>(std::lround(point.x)), y = static_cast<int>(std::lround(point.row));
      if (x < 1 || y < 0 || x + 1 >= logs.nx || y >= logs.ny) continue;
      const float value = (logs.at(x - 1, y, z) + logs.at(x, y, z) + logs.at(x + 1, y, z)) / 3;
      sheet.over.at(i, j, 0) = value;
      sheet.water_s.at(i, j, 0) =
          static_cast<float>(s_of(value - field.log_at(y, z, x - canal.x_mm[static_cast<std::size_t>(y)]), fluid_ratio));
    }
  }
  return sheet;
}

struct TwoClasses {
  double lower = 0, upper = 0, spread = 0;  // means, and the SD about them
  double lower_share = 0;
};

// The split of sorted values that leaves the least variance within (Otsu, IEEE Trans Syst Man Cybern 1979;9:62).
TwoClasses split_of(const std::vector<float>& sorted) {
  double total = 0, squares = 0, sum = 0, best = -1;
  for (const float value : sorted) total += value, squares += value * value;
  const double n = static_cast<double>(sorted.size());
  TwoClasses classes;
  for (std::size_t i = 0; i + 1 < sorted.size(); ++i) {
    sum += sorted[i];
    const double k = static_cast<double>(i) + 1, lower = sum / k, upper = (total - sum) / (n - k);
    const double between = k * (n - k) * (upper - lower) * (upper - lower);
    if (between <= best) continue;
    const double within = squares - k * lower * lower - (n - k) * upper * upper;
    best = between, classes = {lower, upper, std::sqrt(std::max(0.0, within / n)), k / n};
  }
  return classes;
}

// The level of the oedema round a cleft: of what is bright, parted half-way between marrow and fluid, the median; the lower of two classes
// where there clearly are two, for a cleft may fill half of what is bright.
float oedema_level(const Sheet& sheet) {
  constexpr double kApart = 3.8;        // in SDs; of an even distribution it is 3.5
  constexpr double kLeastShare = 0.28;  // less are pixels shared with the marrow below
  const float parted = 0.5F * (percentile(sheet.over.values, 0.1) + percentile(sheet.over.values, 0.95));
  std::vector<float> sample;
  for (const float value : sheet.over.values)
    if (value > parted) sample.push_back(value);
  std::sort(sample.begin(), sample.end());
  const auto classes = split_of(sample);
  if (classes.lower_share > kLeastShare && classes.upper - classes.lower > kContrast &&
      classes.upper - classes.lower > kApart * classes.spread)
    return static_cast<float>(classes.lower);
  return percentile(std::move(sample), 0.5);
}

struct Blob {
  int first_column = 1 << 20, last_column = -1, first_row = 1 << 20, last_row = -1, n = 0;
  double sum = 0;
  std::map<int, std::pair<int, int>> rows;  // first and last one by column

  void add(int column, int row, double value) {
    first_column = std::min(first_column, column), last_column = std::max(last_column, column);
    first_row = std::min(first_row, row), last_row = std::max(last_row, row);
    ++n, sum += value;
    auto& span = rows.try_emplace(column, row, row).first->second;
    span = {std::min(span.first, row), std::max(span.second, row)};
  }
};

std::vector<Blob> blobs_of(const Sheet& sheet, float limit) {
  const auto& over = sheet.over;
  std::vector<bool> is_seen(over.values.size(), false);
  const auto index = [&](int i, int j) { return static_cast<std::size_t>(j) * over.nx + i; };
  const auto is_fluid = [&](int i, int j) {
    return over.contains(i, j, 0) && !is_seen[index(i, j)] && over.at(i, j, 0) > limit && sheet.water_s.at(i, j, 0) > kLeast_s;
  };
  std::vector<Blob> blobs;
  for (int j = 0; j < over.ny; ++j)
    for (int i = 0; i < over.nx; ++i) {
      if (!is_fluid(i, j)) continue;
      Blob blob;
      std::vector<std::pair<int, int>> open{{i, j}};
      is_seen[index(i, j)] = true;
      while (!open.empty()) {
        const auto [u, v] = open.back();
        open.pop_back();
        blob.add(u, v, over.at(u, v, 0));
        for (const auto& [a, b] : {std::pair(u - 1, v), std::pair(u + 1, v), std::pair(u, v - 1), std::pair(u, v + 1)})
          if (is_fluid(a, b)) is_seen[index(a, b)] = true, open.emplace_back(a, b);
      }
      blobs.push_back(blob);
    }
  return blobs;
}

bool is_cleft(const Blob& blob, int n_rows) {
  const double width = blob.last_column - blob.first_column + 1, height = blob.n / width;
  const double from_endplate = kOffEdge_mm + std::min(blob.first_row, n_rows - 1 - blob.last_row);
  return blob.n >= kLeastArea_mm2 && width >= kLeastWidth_mm && height >= kLowest_mm && height <= kHighest_mm && width >= kFlat * height &&
         from_endplate <= kFarthest_mm;
}

// A disc that has sunk into a collapsed endplate lies within the body's outline; the endplate's dark line is then between it and the
// marrow.
bool is_beyond_endplate(const Blob& blob, const Sheet& sheet, float oedema) {
  constexpr int kReach = 3;
  constexpr float kLine = 0.25F;  // log, below the oedema
  const int n_rows = sheet.over.ny;
  const bool is_upper = blob.first_row < n_rows - 1 - blob.last_row;
  std::vector<float> dips;
  for (const auto& [column, rows] : blob.rows) {
    float dip = 0;
    for (int step = 1; step <= kReach; ++step)
      if (const int row = is_upper ? rows.second + step : rows.first - step; row >= 0 && row < n_rows)
        dip = std::max(dip, oedema - sheet.over.at(column, row, 0));
    dips.push_back(dip);
  }
  return percentile(std::move(dips), 0.5) > kLine;
}

}  // namespace

std::vector<FluidCleft> find_clefts(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal, const MuscleField& field,
                                    const std::vector<MrBody>& bodies, const std::vector<int>& acute_bodies, double fluid_ratio) {
  std::vector<FluidCleft> clefts;
  for (const int n : acute_bodies) {
    const auto& body = bodies[static_cast<std::size_t>(n)];
    FluidCleft cleft;
    cleft.body = n;
    for (int z = 0; z < logs.nz; ++z) {
      if (std::abs(z - body.centre_slice) * stack.slice_mm > kBeside_mm) continue;
      const auto sheet = sheet_of(logs, canal, field, body, z, fluid_ratio);
      const float oedema = oedema_level(sheet);
      for (const Blob& blob : blobs_of(sheet, oedema + static_cast<float>(kContrast))) {
        if (!is_cleft(blob, sheet.over.ny) || is_beyond_endplate(blob, sheet, oedema)) continue;
        ++cleft.n_slices;
        if (blob.n <= cleft.area_mm2) continue;
        cleft.area_mm2 = blob.n, cleft.width_mm = blob.last_column - blob.first_column + 1, cleft.height_mm = blob.n / cleft.width_mm;
        cleft.contrast = std::exp(blob.sum / blob.n - oedema);
      }
    }
    if (cleft.n_slices >= 2) clefts.push_back(cleft);
  }
  return clefts;
}

}  // namespace cemscope::imaging::mri
