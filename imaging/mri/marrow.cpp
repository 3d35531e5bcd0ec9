#include "imaging/mri/marrow.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "imaging/mri/order_statistics.h"

namespace cemscope::imaging::mri {
namespace {

constexpr double kFirst_mm = 15, kLast_mm = 31;  // in front of the canal's centre
constexpr double kEdge_mm = 2.5;                 // off the endplates
constexpr double kLayer_mm = 3;
constexpr double kBack_mm = 11, kFront_mm = 38;  // nearly the whole body
constexpr double kBeside_mm = 10;
constexpr double kMinMiddleRatio = 1.2;  // oedema fills a good part of the body
constexpr double kClearRatio = 2.5, kMinOfClear = 1.1;

/// Of which bodies are parts.
struct Examined {
  const Grid<float>& logs;
  const SagittalStack& stack;
  const CanalCourse& canal;
  const MuscleField& field;
  const BodyMap& map;
};

/// Part of a body between two rows.
struct Layer {
  double first_row, last_row;
};

Layer inner_of(const MrBody& body) {
  const double middle = 0.5 * (body.top_row + body.bottom_row), half = std::max(2.0, 0.5 * (body.bottom_row - body.top_row) - kEdge_mm);
  return {middle - half, middle + half};
}

/// A place in a body: mm in front of the canal's centre and along the rows, and the log signal there.
struct MarrowPoint {
  double front_mm, row;
  float over;
};

/// The field's part of a body that is looked at.
struct Window {
  Layer layer;
  double first_mm = kFirst_mm, last_mm = kLast_mm, beside_mm = kBeside_mm;
};

// Where the map shows the body, places it takes for something else are left out.
std::vector<MarrowPoint> points_of(const Examined& exam, const MrBody& body, const Window& window) {
  constexpr double kShown = 0.4;
  const auto& [logs, stack, canal, field, map] = exam;
  const bool is_shown = body.mapped_share > kShown;
  std::vector<MarrowPoint> points;
  for (double row = window.layer.first_row; row <= window.layer.last_row; row += 1) {
    const double tilt = body.tilt_at(row);
    for (double front = window.first_mm; front <= window.last_mm; front += 1) {
      const auto point = body_point(canal, row, front, tilt);
      const int x = static_cast<int>(std::lround(point.x)), y = static_cast<int>(std::lround(point.row));
      if (x < 0 || y < 0 || x >= logs.nx || y >= logs.ny) continue;
      if (is_shown && tilted_odds_at(map.body, row, front, tilt) < 0) continue;
      for (int z = 0; z < logs.nz; ++z) {
        if (std::abs(z - body.centre_slice) * stack.slice_mm > window.beside_mm) continue;
        points.push_back({front, row, logs.at(x, y, z) - static_cast<float>(field.row[static_cast<std::size_t>(y)])});
      }
    }
  }
  return points;
}

std::vector<float> marrow_of(const Examined& exam, const MrBody& body, const Layer& layer) {
  std::vector<float> sample;
  for (const auto& point : points_of(exam, body, {layer})) sample.push_back(point.over);
  return sample;
}

// SD of the bright points from front to back over that along the body: 1 of a round spot, more of a layer.
double flatness_of(const std::vector<MarrowPoint>& points) {
  std::vector<float> sample;
  for (const auto& point : points) sample.push_back(point.over);
  const double parted = 0.5 * (percentile(sample, 0.2) + percentile(sample, 0.9));
  double n = 0, x = 0, y = 0, xx = 0, yy = 0;
  for (const auto& point : points) {
    if (point.over < parted) continue;
    n += 1, x += point.front_mm, y += point.row, xx += point.front_mm * point.front_mm, yy += point.row * point.row;
  }
  if (n < 10) return 1;
  return std::sqrt((xx / n - x * x / (n * n)) / std::max(0.1, yy / n - y * y / (n * n)));
}

// Of the rows that the bright part takes up, the share that is bright: nearly all of a layer of oedema, half of a ball.
double coverage_of(const std::vector<MarrowPoint>& points, double usual) {
  constexpr double kOfRows = 0.1;
  std::vector<float> sample;
  for (const auto& point : points) sample.push_back(point.over);
  if (sample.size() < 30) return 1;
  const double limit = usual + 0.5 * (percentile(sample, 0.9) - usual);
  std::vector<float> rows;
  for (const auto& point : points)
    if (point.over > limit) rows.push_back(static_cast<float>(point.row));
  if (rows.size() < 10) return 1;
  const double first = percentile(rows, kOfRows), last = percentile(rows, 1 - kOfRows);
  int n = 0, n_bright = 0;
  for (const auto& point : points)
    if (point.row >= first && point.row <= last) ++n, n_bright += point.over > limit ? 1 : 0;
  return static_cast<double>(n_bright) / n;
}

// Share of the pedicles' place without signal. Bone and nerves have some; round screws it is displaced to a bright rim.
double void_share_of(const Examined& exam, const MrBody& body) {
  const auto& [logs, stack, canal, field, map] = exam;
  constexpr double kFirstBeside_mm = 9, kLastBeside_mm = 18, kPedicle_mm = 14, kVoid = -1.4;  // log over muscle
  int n = 0, n_void = 0;
  for (double row = body.top_row; row <= body.bottom_row; row += 1)
    for (double front = 0; front <= kPedicle_mm; front += 1) {
      const auto point = body_point(canal, row, front, 0);
      const int x = static_cast<int>(std::lround(point.x)), y = static_cast<int>(std::lround(point.row));
      if (x < 0 || y < 0 || x >= logs.nx || y >= logs.ny) continue;
      for (int z = 0; z < logs.nz; ++z) {
        const double beside = std::abs(z - body.centre_slice) * stack.slice_mm;
        if (beside < kFirstBeside_mm || beside > kLastBeside_mm) continue;
        ++n;
        n_void += logs.at(x, y, z) - static_cast<float>(field.row[static_cast<std::size_t>(y)]) < kVoid ? 1 : 0;
      }
    }
  return n > 0 ? static_cast<double>(n_void) / n : 0.0;
}

double dark_share_of(const std::vector<float>& sample, double usual) {
  constexpr double kBelow = 0.75, kBelowMuscle = 0.9;  // of the logarithm; suppressed marrow is 0-0.7 below muscle
  const double limit = std::min(usual - kBelow, -kBelowMuscle);
  const auto n_dark = std::count_if(sample.begin(), sample.end(), [&](float over) { return over < limit; });
  return sample.empty() ? 0.0 : static_cast<double>(n_dark) / static_cast<double>(sample.size());
}

// Of the other bodies within 3, fresh or cemented ones among them.
double middle_round(const std::vector<MarrowSignal>& signals, std::size_t n) {
  std::vector<float> middles;
  for (std::size_t m = n >= 3 ? n - 3 : 0; m < std::min(signals.size(), n + 4); ++m)
    if (m != n) middles.push_back(static_cast<float>(signals[m].middle));
  return middles.empty() ? signals[n].middle : percentile(middles, 0.4);
}

// Mean of the darker half: fresh fractures among the neighbours do not raise it.
double darker_half(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = (values.size() + 1) / 2;
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += values[i];
  return sum / static_cast<double>(n);
}

bool is_as_high(const std::vector<MrBody>& bodies, std::size_t n) {
  constexpr double kAsHigh = 0.75;
  double highest = 0;
  for (std::size_t m = n > 0 ? n - 1 : 0; m < std::min(bodies.size(), n + 2); ++m)
    if (m != n && !bodies[m].is_cut) highest = std::max(highest, bodies[m].height_mm);
  return highest > 0 && bodies[n].height_mm >= kAsHigh * highest;
}

/// How bright what surrounds a body is.
struct Usual {
  double upper, middle;
};

std::optional<Usual> usual_round(const std::vector<MarrowSignal>& signals, std::size_t n) {
  std::vector<double> upper, middle;
  for (std::size_t m = n >= 3 ? n - 3 : 0; m < std::min(signals.size(), n + 4); ++m)
    if (m != n) upper.push_back(signals[m].upper), middle.push_back(signals[m].middle);
  if (upper.size() < 2) return std::nullopt;
  return Usual{darker_half(std::move(upper)), darker_half(std::move(middle))};
}

/// Which endplates of a body are bright, and whether the other side of the disc is as well: then the disc is worn (Modic).
struct BrightEdges {
  bool is_band = false;  // one without the other side
  bool is_worn = false;  // every bright one with the other side
};

BrightEdges bright_edges_of(const std::vector<MarrowSignal>& signals, std::size_t n) {
  constexpr double kBright = 2.0, kFacing = 1.4;
  const auto ratio = [&](std::size_t m, double MarrowSignal::*edge) {
    return m < signals.size() ? std::exp(signals[m].*edge - signals[n].usual) : 0.0;
  };
  const bool is_upper = ratio(n, &MarrowSignal::upper_edge) >= kBright, is_lower = ratio(n, &MarrowSignal::lower_edge) >= kBright;
  const bool is_upper_worn = is_upper && n > 0 && ratio(n - 1, &MarrowSignal::lower_edge) >= kFacing;
  const bool is_lower_worn = is_lower && ratio(n + 1, &MarrowSignal::upper_edge) >= kFacing;
  BrightEdges edges;
  edges.is_band = (is_upper && !is_upper_worn) || (is_lower && !is_lower_worn);
  edges.is_worn = (is_upper_worn || is_lower_worn) && !edges.is_band;
  return edges;
}

void compare(std::vector<MarrowSignal>& signals, std::size_t n) {
  const auto usual = usual_round(signals, n);
  if (!usual) return;
  auto& signal = signals[n];
  signal.usual = usual->middle;
  signal.ratio = std::exp(signal.upper - usual->upper), signal.middle_ratio = std::exp(signal.middle - usual->middle);
  signal.edge_ratio = std::exp(std::max(signal.upper_edge, signal.lower_edge) - usual->middle);
}

void judge(std::vector<MarrowSignal>& signals, std::size_t n, const std::vector<MrBody>& bodies, const MrParameters& parameters) {
  constexpr double kSpotEdge = 0.75;  // of the bright part
  constexpr double kRound = 1.3, kFilledThough = 1.6;
  // Balls of 7-12 mm radius cover 0.24-0.66, oedema 0.67-1 (seeds 32001-32059 of draw_hard_mr_parameters); on other seeds some oedema
  // covers less.
  constexpr double kBall = 0.5, kBallFlat = 2.0;
  constexpr double kMetalShare = 0.35;
  constexpr double kSacralShare = 0.72;  // of the rows: below it the course may leave the sacrum for the pelvis
  auto& signal = signals[n];
  const auto& body = bodies[n];
  const bool may_be_sacral = body.top_row > kSacralShare * bodies.back().bottom_row;
  const double wanted = body.is_cut || may_be_sacral ? parameters.oedema_ratio_cut : parameters.oedema_ratio;
  const bool is_filled = signal.middle_ratio >= kMinMiddleRatio || (signal.ratio >= kClearRatio && signal.middle_ratio >= kMinOfClear);
  const auto edges = bright_edges_of(signals, n);
  const bool is_filled_or_band = edges.is_band || (is_filled && !(edges.is_worn && signal.middle_ratio < kFilledThough));
  const bool is_bright = signal.ratio >= wanted && is_filled_or_band && !body.may_be_disc && !body.is_beyond;
  const bool is_inside = signal.edge_ratio < kSpotEdge * signal.ratio && signal.flatness < kRound;
  const bool is_ball = signal.coverage < kBall && signal.flatness < kBallFlat;
  signal.is_spot = is_bright && !body.is_cut && (is_inside || is_ball) && is_as_high(bodies, n);
  signal.is_beside_metal = signal.void_share > kMetalShare;
  signal.is_oedema = is_bright && !signal.is_spot && !signal.is_beside_metal;
}

}  // namespace

std::vector<MarrowSignal> read_marrow(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal,
                                      const MuscleField& field, const std::vector<MrBody>& bodies, const BodyMap& map,
                                      const MrParameters& parameters) {
  const Examined exam{logs, stack, canal, field, map};
  std::vector<MarrowSignal> signals;
  for (const auto& body : bodies) {
    const auto sample = marrow_of(exam, body, inner_of(body));
    const auto median_of = [&](const Layer& layer) {  // the map may leave nothing of a layer
      const auto own = marrow_of(exam, body, layer);
      return percentile(own.empty() ? sample : own, 0.5);
    };
    MarrowSignal signal;
    signal.upper = percentile(sample, 0.75), signal.middle = percentile(sample, 0.5);
    signal.upper_edge = median_of({body.top_row + kEdge_mm, body.top_row + kEdge_mm + kLayer_mm});
    signal.lower_edge = median_of({body.bottom_row - kEdge_mm - kLayer_mm, body.bottom_row - kEdge_mm});
    signal.flatness = flatness_of(points_of(exam, body, {inner_of(body), kBack_mm, kFront_mm}));
    signal.void_share = void_share_of(exam, body);
    signals.push_back(signal);
  }
  for (std::size_t n = 0; n < signals.size(); ++n) {
    signals[n].dark_share = dark_share_of(marrow_of(exam, bodies[n], inner_of(bodies[n])), middle_round(signals, n));
    compare(signals, n);
  }
  constexpr double kWholeBeside_mm = 15, kOffWall_mm = 1;
  for (std::size_t n = 0; n < signals.size(); ++n)
    signals[n].coverage =
        coverage_of(points_of(exam, bodies[n],
                              {inner_of(bodies[n]), bodies[n].rear_mm + kOffWall_mm, bodies[n].front_mm - kOffWall_mm, kWholeBeside_mm}),
                    signals[n].usual);
  for (std::size_t n = 0; n < signals.size(); ++n) judge(signals, n, bodies, parameters);
  return signals;
}

}  // namespace cemscope::imaging::mri
