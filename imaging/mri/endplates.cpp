#include "imaging/mri/endplates.h"

#include <algorithm>
#include <cmath>

#include "imaging/mri/order_statistics.h"

namespace cemscope::imaging::mri {
namespace {

constexpr double kStep_mm = 0.5;
constexpr int kFirst_mm = 11, kLast_mm = 46;  // in front of the canal's centre
constexpr int kHalfRows = 52;                 // steps above and below the middle
constexpr double kBeside_mm = 6;

/// A body's middle slices in its own plane: columns to the front, rows down along its axis, half a millimetre each.
struct BodyImage {
  Grid<float> signal{kLast_mm - kFirst_mm + 1, 2 * kHalfRows + 1, 1};
  Grid<float> body_odds = signal;  ///< that a place lies in a body
  double middle_tilt = 0;
  double usual = 0;  ///< signal of marrow without oedema near by
  [[nodiscard]] double at(int front_mm, double row) const { return sample(signal, front_mm - kFirst_mm, row, 0); }
  [[nodiscard]] double mean(const Grid<float>& of, int front_mm, double first_row, double last_row) const {
    double sum = 0;
    int n = 0;
    for (double row = first_row; row <= last_row + 1e-9; row += 1) sum += sample(of, front_mm - kFirst_mm, row, 0), ++n;
    return sum / n;
  }
};

BodyImage image_of(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal, const BodyMap& map, const MrBody& body) {
  BodyImage image;
  const double row = 0.5 * (body.top_row + body.bottom_row);
  image.middle_tilt = 0.5 * (body.top_tilt + body.bottom_tilt);
  const auto centre = body_point(canal, row, kAxis_mm, 0), ahead = body_point(canal, row, kAxis_mm + 10, image.middle_tilt);
  const double length = std::hypot(ahead.x - centre.x, ahead.row - centre.row);
  const double fx = (ahead.x - centre.x) / length, fy = (ahead.row - centre.row) / length;
  for (int front = kFirst_mm; front <= kLast_mm; ++front)
    for (int step = -kHalfRows; step <= kHalfRows; ++step) {
      const double a = front - kAxis_mm, t = kStep_mm * step, x = centre.x + a * fx + t * fy, y = centre.row + a * fy - t * fx;
      double sum = 0;
      int n = 0;
      for (int z = 0; z < logs.nz; ++z)
        if (std::abs(z - body.centre_slice) * stack.slice_mm <= std::max(kBeside_mm, 0.51 * stack.slice_mm))
          sum += sample(logs, x, y, z), ++n;
      image.signal.at(front - kFirst_mm, step + kHalfRows, 0) = static_cast<float>(n > 0 ? sum / n : 0);
      const auto place = course_point(canal, x, y);
      image.body_odds.at(front - kFirst_mm, step + kHalfRows, 0) = static_cast<float>(log_odds_at(map.body, place.front_mm, place.row));
    }
  return image;
}

// Where the marrow ends at the front, mm in front of the canal's centre: the steepest fall of signal across the body's middle.
double front_wall_of(const BodyImage& image) {
  constexpr int kNearest_mm = 27, kFarthest_mm = 43, kHalf = 10;
  double best = -1e9;
  int wall = kNearest_mm;
  for (int front = kNearest_mm; front <= kFarthest_mm; ++front) {
    double fall = 0;
    for (int step = -kHalf; step <= kHalf; step += 2) {
      const double row = kHalfRows + step;
      fall += image.at(front - 3, row) + image.at(front - 2, row) - image.at(front, row) - image.at(front + 1, row);
    }
    if (fall > best) best = fall, wall = front;
  }
  return wall;
}

/// An endplate: the row by mm in front of the canal's centre, and how clear it is.
struct Plate {
  std::vector<double> rows;
  double clearness = 0;
};

/// Rows of the canal's course at which a body's endplates cross its axis, and the lesser of their log odds.
struct PlateRows {
  double upper = 0, lower = 0, odds = 0;
};

// How clearly the map's body begins at a row, going on with `inside` +1 downwards or -1 upwards; -4 to 4.
double begins_at(const BodyMap& map, double row, int inside, double tilt) {
  double sum = 0;
  int n = 0;
  for (double front = 16; front <= 32; front += 4)
    for (const double beside : {1.0, 2.0, 3.0}) {
      sum += tilted_odds_at(map.body, row + inside * beside, front, tilt) - tilted_odds_at(map.body, row - inside * beside, front, tilt);
      n += 2;
    }
  return sum / n;
}

// The pair with the best odds near the discs' edges. The border of oedema is within the body, that of a disc's bright middle within the
// disc.
PlateRows plate_rows_of(const MrBody& body, const RowEvidence& evidence, const BodyMap& map) {
  constexpr int kOutwards = 6, kInwards = 9, kLeastHeight = 4;
  constexpr double kMapped = 0.6;
  constexpr double kOff = 0.03;  // log odds per squared row
  const int n_rows = static_cast<int>(evidence.disc.size());
  const int top = static_cast<int>(std::lround(body.top_row)), bottom = static_cast<int>(std::lround(body.bottom_row));
  const auto odds_from = [&](int first, int last, const std::vector<double>& learned, int inside, double tilt) {
    std::vector<double> odds;
    for (int row = first; row <= last; ++row)
      odds.push_back(learned[static_cast<std::size_t>(row)] + kMapped * begins_at(map, row, inside, tilt));
    return odds;
  };
  const int first_upper = std::max(0, top - kOutwards), last_upper = std::min(n_rows - 1, top + kInwards),
            first_lower = std::max(0, bottom - kInwards), last_lower = std::min(n_rows - 1, bottom + kOutwards);
  const auto uppers = odds_from(first_upper, last_upper, evidence.upper_plate, 1, body.top_tilt),
             lowers = odds_from(first_lower, last_lower, evidence.lower_plate, -1, body.bottom_tilt);
  PlateRows best{body.top_row, body.bottom_row, -1e9};
  double highest = -1e9;
  for (int u = first_upper; u <= last_upper; ++u)
    for (int l = std::max(first_lower, u + kLeastHeight); l <= last_lower; ++l) {
      const double upper = uppers[static_cast<std::size_t>(u - first_upper)], lower = lowers[static_cast<std::size_t>(l - first_lower)];
      const double value = upper + lower - kOff * ((u - top) * (u - top) + (l - bottom) * (l - bottom));
      if (value > highest) highest = value, best = {static_cast<double>(u), static_cast<double>(l), std::min(upper, lower)};
    }
  return best;
}

/// Where an endplate is looked for.
struct Search {
  double row = 0;   ///< at the axis
  double tilt = 0;  ///< rows per column
  int inside = 1;   ///< +1: the body lies below (upper endplate), -1: above
  int first_mm = 0, last_mm = 0;
};

// Marrow inside against the dark line, or against what lies outside, and the map's body against what is none. The border of oedema is no
// endplate.
double evidence(const BodyImage& image, int front, double row, int inside) {
  constexpr double kMost = 0.7, kOutside = 0.7, kBright = 0.2, kLikeMarrow = 0.3, kOfOedema = 0.1, kMapped = 0.12;
  const auto between = [&](const Grid<float>& of, double from, double to) {
    return inside > 0 ? image.mean(of, front, row + from, row + to) : image.mean(of, front, row - to, row - from);
  };
  const auto signal = [&](double from, double to) { return between(image.signal, from, to); };
  const double marrow = signal(2, 7), line = signal(-1, 0), beyond = signal(-6, -2);
  const double mapped = kMapped * (between(image.body_odds, 1, 5) - between(image.body_odds, -5, -1));
  const double clear = std::min(kMost, std::max(marrow - line, kOutside * std::abs(beyond - marrow)));
  const double far_beyond = signal(-10, -5);
  const bool ends_oedema =
      marrow > image.usual + kBright && std::abs(far_beyond - image.usual) < kLikeMarrow && line > image.usual - kLikeMarrow;
  return mapped + (ends_oedema ? kOfOedema * clear : clear);
}

Plate find_plate(const BodyImage& image, const Search& search) {
  constexpr int kOutwards = 12, kInwards = 12, kMostStep = 2;  // half millimetres
  constexpr double kPerStep = 0.06, kOffPerRow = 0.02;
  const int n_columns = search.last_mm - search.first_mm + 1, n_rows = kOutwards + kInwards + 1;
  const auto row_at = [&](int column, int k) {
    const double expected = search.row + search.tilt * (search.first_mm + column - kAxis_mm);
    return expected + search.inside * (k - kOutwards);
  };
  std::vector<std::vector<double>> best(static_cast<std::size_t>(n_columns), std::vector<double>(static_cast<std::size_t>(n_rows)));
  std::vector<std::vector<int>> came(best.size(), std::vector<int>(static_cast<std::size_t>(n_rows), -1));
  for (int c = 0; c < n_columns; ++c)
    for (int k = 0; k < n_rows; ++k) {
      const auto cc = static_cast<std::size_t>(c), kk = static_cast<std::size_t>(k);
      const double own = evidence(image, search.first_mm + c, row_at(c, k), search.inside) - kOffPerRow * std::abs(k - kOutwards);
      if (c == 0) {
        best[cc][kk] = own;
        continue;
      }
      double top = -1e9;
      for (int before = std::max(0, k - kMostStep); before <= std::min(n_rows - 1, k + kMostStep); ++before)
        if (const double value = best[cc - 1][static_cast<std::size_t>(before)] - kPerStep * std::abs(k - before); value > top)
          top = value, came[cc][kk] = before;
      best[cc][kk] = own + top;
    }
  Plate plate;
  plate.rows.resize(best.size());
  const auto& last = best.back();
  int k = static_cast<int>(std::max_element(last.begin(), last.end()) - last.begin());
  plate.clearness = last[static_cast<std::size_t>(k)] / n_columns;
  for (int c = n_columns - 1; c >= 0; --c) {
    plate.rows[static_cast<std::size_t>(c)] = row_at(c, k);
    k = came[static_cast<std::size_t>(c)][static_cast<std::size_t>(k)];
  }
  return plate;
}

PlateHeights heights_between(const Plate& upper, const Plate& lower, double odds) {
  constexpr double kLeastClearness = 0.12, kLeastOdds = 0;  // either is enough: oedema and an isointense disc leave little to see
  constexpr int kRim = 1, kWidth = 5;
  PlateHeights heights;
  if (std::min(upper.clearness, lower.clearness) < kLeastClearness && odds < kLeastOdds) return heights;
  const int n = static_cast<int>(upper.rows.size());
  const auto mean = [&](int first) {
    double sum = 0;
    for (int c = first; c < first + kWidth; ++c) sum += lower.rows[static_cast<std::size_t>(c)] - upper.rows[static_cast<std::size_t>(c)];
    return kStep_mm * sum / kWidth;
  };
  heights.posterior_mm = mean(kRim), heights.middle_mm = mean((n - kWidth) / 2), heights.anterior_mm = mean(n - kRim - kWidth);
  return heights;
}

PlateHeights heights_of(const BodyImage& image, const MrBody& body, const PlateRows& plates, double front_wall_mm) {
  const double middle = 0.5 * (body.top_row + body.bottom_row),
               steps_per_row = body.height_mm / (body.bottom_row - body.top_row) / kStep_mm;
  const int first = kFirst_mm + 1, last = static_cast<int>(front_wall_mm) - 2;
  const auto tilt = [&](double own) { return (own - image.middle_tilt) / kStep_mm; };
  const auto upper = find_plate(image, {kHalfRows + steps_per_row * (plates.upper - middle), tilt(body.top_tilt), 1, first, last});
  const auto lower = find_plate(image, {kHalfRows + steps_per_row * (plates.lower - middle), tilt(body.bottom_tilt), -1, first, last});
  return heights_between(upper, lower, plates.odds);
}

// Median of the darker half of the bodies within three: oedema is among the others.
double usual_round(const std::vector<float>& middles, std::size_t n) {
  std::vector<float> near;
  for (std::size_t m = n >= 3 ? n - 3 : 0; m < std::min(middles.size(), n + 4); ++m)
    if (m != n) near.push_back(middles[m]);
  return near.empty() ? middles[n] : percentile(near, 0.25);
}

float middle_of(const BodyImage& image) {
  constexpr int kNearest_mm = 15, kFarthest_mm = 30, kHalf = 10;
  std::vector<float> sample;
  for (int front = kNearest_mm; front <= kFarthest_mm; ++front)
    for (int step = -kHalf; step <= kHalf; ++step) sample.push_back(static_cast<float>(image.at(front, kHalfRows + step)));
  return percentile(sample, 0.5);
}

}  // namespace

std::vector<PlateHeights> measure_plates(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal,
                                         const std::vector<MrBody>& bodies, const RowEvidence& evidence, const BodyMap& map) {
  std::vector<BodyImage> images;
  std::vector<double> walls;
  for (const auto& body : bodies) images.push_back(image_of(logs, stack, canal, map, body)), walls.push_back(front_wall_of(images.back()));
  std::vector<float> middles;
  for (const auto& image : images) middles.push_back(middle_of(image));
  std::vector<PlateHeights> heights(bodies.size());
  for (std::size_t n = 0; n < bodies.size(); ++n) {
    if (bodies[n].is_cut) continue;
    images[n].usual = usual_round(middles, n);
    std::vector<float> near;  // bodies of neighbours are about as deep
    for (std::size_t m = n >= 2 ? n - 2 : 0; m < std::min(bodies.size(), n + 3); ++m) near.push_back(static_cast<float>(walls[m]));
    heights[n] = heights_of(images[n], bodies[n], plate_rows_of(bodies[n], evidence, map), percentile(near, 0.5));
  }
  return heights;
}

}  // namespace cemscope::imaging::mri
