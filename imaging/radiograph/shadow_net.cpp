#include "imaging/radiograph/shadow_net.h"

#include <cstdint>
#include <span>

#include "imaging/radiograph/shadow_weights.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kStep_mm = WorkingFilm::kStep_mm;
constexpr int kFine = 2;       // pixels of the straightened film in one of the picture
constexpr int kBehind_px = 8;  // the arches are looked at rather than what lies in front
constexpr float kLeak = 0.1F;  // slope of a layer's output below 0
constexpr int kTaps = 9, kShadows = 3;

using Channels = std::vector<Plane<float>>;

Channels zeros(int n, const Plane<float>& like) { return Channels(static_cast<std::size_t>(n), Plane<float>(like.nx, like.ny, 0.F)); }

/// to += weight x from, moved by (dx, dy); zeros come in at the border.
void add_moved(const Plane<float>& from, int dx, int dy, float weight, Plane<float>& to) {
  const int x0 = std::max(0, -dx), x1 = std::min(to.nx, to.nx - dx);
  for (int y = std::max(0, -dy); y < std::min(to.ny, to.ny - dy); ++y) {
    const float* source = &from.values[from.index(x0 + dx, y + dy)];
    float* target = &to.values[to.index(x0, y)];
    for (int n = 0; n < x1 - x0; ++n) target[n] += weight * source[n];
  }
}

/// Three by three convolutions; weights by output, tap (rows first) and input, then the outputs' constants.
Channels convolved(const Channels& in, int n_out, std::span<const std::int16_t> weights, float unit) {
  Channels out = zeros(n_out, in.front());
  const std::size_t n_in = in.size();
  for (std::size_t o = 0; o < out.size(); ++o) {
    for (int tap = 0; tap < kTaps; ++tap)
      for (std::size_t i = 0; i < n_in; ++i)
        add_moved(in[i], tap % 3 - 1, tap / 3 - 1, unit * static_cast<float>(weights[(o * kTaps + tap) * n_in + i]), out[o]);
    const float constant = unit * static_cast<float>(weights[out.size() * kTaps * n_in + o]);
    for (float& v : out[o].values) v += constant;
  }
  return out;
}

Channels rectified(Channels channels) {
  for (Plane<float>& plane : channels)
    for (float& v : plane.values) v = v > 0 ? v : kLeak * v;
  return channels;
}

/// Each pixel of the coarser grid holds the four of the finer one as channels: upper left, upper right, lower left, lower right of all.
Channels folded(std::span<const Plane<float>> fine) {
  Channels coarse;
  for (int quarter = 0; quarter < 4; ++quarter)
    for (const Plane<float>& from : fine) {
      Plane<float>& to = coarse.emplace_back(from.nx / 2, from.ny / 2);
      for (int y = 0; y < to.ny; ++y)
        for (int x = 0; x < to.nx; ++x) to.at(x, y) = from.at(2 * x + quarter % 2, 2 * y + quarter / 2);
    }
  return coarse;
}

/// The inverse, of one of `n` planes.
Plane<float> unfolded(const Channels& coarse, int which, int n) {
  Plane<float> fine(2 * coarse.front().nx, 2 * coarse.front().ny);
  for (int y = 0; y < fine.ny; ++y)
    for (int x = 0; x < fine.nx; ++x) fine.at(x, y) = coarse[static_cast<std::size_t>((2 * (y % 2) + x % 2) * n + which)].at(x / 2, y / 2);
  return fine;
}

Channels halved(const Channels& fine) {
  Channels coarse;
  for (const Plane<float>& from : fine) {
    Plane<float>& to = coarse.emplace_back(from.nx / 2, from.ny / 2);
    for (int y = 0; y < to.ny; ++y)
      for (int x = 0; x < to.nx; ++x)
        to.at(x, y) =
            0.25F * (from.at(2 * x, 2 * y) + from.at(2 * x + 1, 2 * y) + from.at(2 * x, 2 * y + 1) + from.at(2 * x + 1, 2 * y + 1));
  }
  return coarse;
}

void append_doubled(const Channels& coarse, Channels& to) {
  for (const Plane<float>& from : coarse) {
    Plane<float>& plane = to.emplace_back(2 * from.nx, 2 * from.ny);
    for (int y = 0; y < plane.ny; ++y)
      for (int x = 0; x < plane.nx; ++x) plane.at(x, y) = from.at(x / 2, y / 2);
  }
}

/// Weights of one view, layer by layer.
class Layers {
 public:
  Layers(std::span<const std::int16_t> weights, std::span<const float> units) : weights_(weights), units_(units) {}
  Channels next(const Channels& in, int n_out) {
    const std::size_t n = static_cast<std::size_t>(n_out) * (kTaps * in.size() + 1);
    Channels out = convolved(in, n_out, weights_.first(n), units_.front());
    weights_ = weights_.subspan(n), units_ = units_.subspan(1);
    return out;
  }

 private:
  std::span<const std::int16_t> weights_;
  std::span<const float> units_;
};

double depth_inside_mm(const BodyBox& box, double u_mm, double row) {
  return std::min({u_mm - box.left_mm, box.right_mm - u_mm, kStep_mm * (row - box.top_at(u_mm)), kStep_mm * (box.bottom_at(u_mm) - row)});
}

/// Relief and outline at a place of the straightened film, in the order of the channels.
std::array<float, BodyPicture::kChannels> seen_at(const FilmSight& sight, const FilmLevel& level, const Plane<float>& deposit,
                                                  double height, int column, int row) {
  const double u_mm = (column - Straightened::middle()) * kStep_mm;
  const int row_on_film = std::clamp(row, 0, sight.strip.course.rows() - 1);
  const Eigen::Vector2d at = sight.strip.course.working(u_mm, row_on_film);
  const double excess = sample(sight.relief.excess, at.x(), at.y()) - sight.relief.median;
  return {static_cast<float>(std::clamp(excess / height, -1.0, 1.5)), sight.strip.contrast.clamped(column, row),
          sample(deposit, at.x(), at.y()), static_cast<float>(std::tanh(depth_inside_mm(level.box, u_mm, row) / 4)),
          static_cast<float>(std::asinh(excess / sight.relief.mad / 3) / 3)};
}

Plane<float> deposit_of(const FilmSight& sight, const FilmLevel& level) {
  Plane<float> mask(sight.relief.excess.nx, sight.relief.excess.ny, 0.F);
  for (const int member : level.things)
    for (const auto& [x, y] : sight.things[member].pixels) mask.at(x, y) = 1.F;
  return mask;
}

}  // namespace

Eigen::Vector2d BodyPicture::place(int x, int y) const {
  const double u_mm = (first_column + kFine * x + 0.5 - Straightened::middle()) * kStep_mm;
  return {is_flipped ? -u_mm : u_mm, first_row + kFine * y + 0.5};
}

float BodyPicture::value_at(const Plane<float>& of, const Eigen::Vector2d& at, double otherwise) const {
  const double u_mm = is_flipped ? -at.x() : at.x(), column = u_mm / kStep_mm + Straightened::middle();
  const int x = static_cast<int>(std::floor((column + 0.5 - first_column) / kFine)),
            y = static_cast<int>(std::floor((at.y() + 0.5 - first_row) / kFine));
  return of.contains(x, y) ? of.at(x, y) : static_cast<float>(otherwise);
}

BodyPicture body_picture(const FilmSight& sight, const FilmLevel& level) {
  constexpr int kSize = BodyPicture::kSize;
  BodyPicture picture;
  const bool is_lateral = sight.column.view == FilmView::lateral;
  picture.is_flipped = is_lateral && sight.column.posterior_sign <= 0;
  const double middle_mm = 0.5 * (level.box.left_mm + level.box.right_mm);
  picture.first_column = static_cast<int>(std::lround((picture.is_flipped ? -middle_mm : middle_mm) / kStep_mm)) + Straightened::middle() +
                         (is_lateral ? kBehind_px : 0) - kSize;
  picture.first_row = static_cast<int>(0.5 * (level.box.top_row + level.box.bottom_row)) - kSize;
  picture.channels.fill(Plane<float>(kSize, kSize, 0.F));
  double plateau = 0;
  for (const int n : level.things) plateau = std::max(plateau, sight.things[n].plateau);
  const double height = std::max(1e-6, plateau - sight.relief.median);
  const Plane<float> deposit = deposit_of(sight, level);
  const int columns = sight.strip.course.columns();
  for (int y = 0; y < kFine * kSize; ++y)
    for (int x = 0; x < kFine * kSize; ++x) {
      const int across = picture.first_column + x, column = picture.is_flipped ? columns - 1 - across : across;
      if (column < 0 || column >= columns) continue;
      const auto seen = seen_at(sight, level, deposit, height, column, picture.first_row + y);
      for (std::size_t n = 0; n < seen.size(); ++n) picture.channels[n].at(x / kFine, y / kFine) += seen[n] / (kFine * kFine);
    }
  return picture;
}

BodyShadows body_shadows(const BodyPicture& picture, FilmView view) {
  Layers layers = view == FilmView::ap ? Layers(kApShadow, kApShadowUnit) : Layers(kLateralShadow, kLateralShadowUnit);
  const Channels fine = rectified(layers.next(rectified(layers.next(folded(picture.channels), kFineFeatures)), kFineFeatures));
  Channels coarse = halved(fine);
  for (int layer = 0; layer < 3; ++layer) coarse = rectified(layers.next(coarse, kCoarseFeatures));
  Channels both = fine;
  append_doubled(coarse, both);
  const Channels shadows = layers.next(rectified(layers.next(both, kFineFeatures)), 4 * kShadows);
  return {unfolded(shadows, 0, kShadows), unfolded(shadows, 1, kShadows), unfolded(shadows, 2, kShadows)};
}

}  // namespace cemscope::imaging::radiograph
