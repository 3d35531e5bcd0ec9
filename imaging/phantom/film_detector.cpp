#include "imaging/phantom/film_detector.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace cemscope::imaging::phantom {
namespace {

constexpr double kAirShadow = 0.35;   // below this line integral there is no patient
constexpr double kScatterSd_mm = 28;  // width of scatter behind a trunk
constexpr float kLead = 6.0F;

// Three running means: a Gaussian but for 3 % (Kovesi 2010). Borders repeat.
void blur_line(std::vector<float>& line, std::vector<float>& scratch, int radius) {
  const int n = static_cast<int>(line.size());
  for (int pass = 0; pass < 3; ++pass) {
    double sum = 0;
    for (int i = -radius; i <= radius; ++i) sum += line[std::clamp(i, 0, n - 1)];
    for (int i = 0; i < n; ++i) {
      scratch[i] = static_cast<float>(sum / (2 * radius + 1));
      sum += line[std::min(i + radius + 1, n - 1)] - line[std::max(i - radius, 0)];
    }
    line.swap(scratch);
  }
}

int radius_for(double sd_px) { return static_cast<int>(std::lround((std::sqrt(4.0 * sd_px * sd_px + 1.0) - 1.0) / 2.0)); }

void blur(std::vector<float>& image, int columns, int rows, double sd_px) {
  const int radius = radius_for(sd_px);
  if (radius < 1) return;
  std::vector<float> line(columns), scratch(columns);
  for (int j = 0; j < rows; ++j) {
    float* row = &image[static_cast<std::size_t>(j) * columns];
    std::copy(row, row + columns, line.begin());
    blur_line(line, scratch, radius);
    std::copy(line.begin(), line.end(), row);
  }
  line.resize(rows), scratch.resize(rows);
  for (int i = 0; i < columns; ++i) {
    for (int j = 0; j < rows; ++j) line[j] = image[static_cast<std::size_t>(j) * columns + i];
    blur_line(line, scratch, radius);
    for (int j = 0; j < rows; ++j) image[static_cast<std::size_t>(j) * columns + i] = line[j];
  }
}

double quantile(std::vector<float> values, double share) {
  if (values.empty()) return 0.0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

std::vector<float> in_trunk(const std::vector<float>& image, const std::vector<float>& attenuation) {
  std::vector<float> values;
  for (std::size_t n = 0; n < image.size(); n += 7)
    if (attenuation[n] > kAirShadow) values.push_back(image[n]);
  return values;
}

// Intensity with scatter and quantum noise, as its negative logarithm.
std::vector<float> measured(const std::vector<float>& attenuation, const FilmBeam& beam, const PhantomFilmParameters& film,
                            Random& random) {
  std::vector<float> primary(attenuation.size());
  std::transform(attenuation.begin(), attenuation.end(), primary.begin(), [](float a) { return std::exp(-a); });
  const double typical = quantile(in_trunk(primary, attenuation), 0.5);
  std::vector<float> scatter = primary;
  for (float& s : scatter) s = std::min(s, static_cast<float>(4 * typical));  // little scatter comes from air
  blur(scatter, beam.columns, beam.rows, kScatterSd_mm / beam.pixel_mm);
  std::vector<float> film_log(attenuation.size());
  for (std::size_t n = 0; n < film_log.size(); ++n) {
    const double mean = primary[n] + film.scatter_ratio * scatter[n];
    const double noisy = mean + random.normal(0, film.noise * std::sqrt(mean * typical));
    film_log[n] = static_cast<float>(-std::log(std::max(noisy, 1e-5 * typical)));
  }
  return film_log;
}

void sharpen(std::vector<float>& image, const FilmBeam& beam, double gain, double radius_mm) {
  if (gain <= 0) return;
  std::vector<float> smooth = image;
  blur(smooth, beam.columns, beam.rows, radius_mm / beam.pixel_mm);
  for (std::size_t n = 0; n < image.size(); ++n) image[n] += static_cast<float>(gain) * (image[n] - smooth[n]);
}

/// A display's curve: straight, or S-shaped between 0 and 1.
double displayed(double density, double steepness) {
  if (steepness <= 0) return density;
  return 0.5 + 0.5 * std::tanh(steepness * (density - 0.5)) / std::tanh(0.5 * steepness);
}

// 5 x 7 letters for markers.
std::array<std::string_view, 7> glyph(char letter) {
  if (letter == 'R') return {"XXXX ", "X   X", "X   X", "XXXX ", "X X  ", "X  X ", "X   X"};
  return {"X    ", "X    ", "X    ", "X    ", "X    ", "X    ", "XXXXX"};
}

void mark(std::vector<float>& attenuation, const FilmBeam& beam, const PhantomFilmParameters& film, Random& random) {
  const double stroke_mm = random.uniform(1.5, 2.5);
  double x0_mm = film.collimation_mm[0] + random.uniform(0.04, 0.18) * film.width_mm;
  const double y0_mm =
      film.collimation_mm[2] + random.uniform(0.04, 0.85) * (film.height_mm - film.collimation_mm[2] - film.collimation_mm[3]);
  if (random.chance(0.5)) x0_mm = film.width_mm - x0_mm - 8 * stroke_mm;
  for (std::size_t n = 0; n < film.letters.size(); ++n) {
    const auto rows = glyph(film.letters[n]);
    for (int row = 0; row < beam.rows; ++row)
      for (int column = 0; column < beam.columns; ++column) {
        const double u = (column * film.pixel_mm - x0_mm) / stroke_mm - 7.0 * static_cast<double>(n),
                     v = (row * film.pixel_mm - y0_mm) / stroke_mm;
        if (u >= 0 && v >= 0 && u < 5 && v < 7 && rows[static_cast<std::size_t>(v)][static_cast<std::size_t>(u)] == 'X')
          attenuation[static_cast<std::size_t>(row) * beam.columns + column] += kLead;
      }
  }
}

bool is_collimated(const PhantomFilmParameters& film, double x_mm, double y_mm) {
  return x_mm < film.collimation_mm[0] || x_mm > film.width_mm - film.collimation_mm[1] || y_mm < film.collimation_mm[2] ||
         y_mm > film.height_mm - film.collimation_mm[3];
}

}  // namespace

std::vector<std::uint16_t> expose(std::vector<float> attenuation, const FilmBeam& beam, const PhantomFilmParameters& film, Random& random) {
  if (!film.letters.empty()) mark(attenuation, beam, film, random);
  // The beam blurs intensities; line integrals are close enough at a fifth of a millimetre.
  blur(attenuation, beam.columns, beam.rows, film.blur_mm / beam.pixel_mm);
  std::vector<float> image = measured(attenuation, beam, film, random);
  sharpen(image, beam, film.unsharp_gain, film.unsharp_radius_mm);
  sharpen(image, beam, film.edge_gain, film.edge_radius_mm);
  const std::vector<float> shadow = in_trunk(image, attenuation);
  double low = quantile(shadow, film.window_low), high = quantile(shadow, film.window_high);
  const auto scale = [&](double value) { return film.is_linear ? 1.0 - std::exp(-(value - low)) : (value - low) / (high - low); };
  const double span = scale(high);
  const double largest = static_cast<double>((1 << film.bits_stored) - 1);
  std::vector<std::uint16_t> stored(image.size());
  for (std::size_t n = 0; n < image.size(); ++n) {
    const auto column = static_cast<double>(n % beam.columns), row = static_cast<double>(n / beam.columns);
    double density = displayed(std::clamp(scale(image[n]) / span, 0.0, 1.0), film.display_steepness);
    if (is_collimated(film, column * film.pixel_mm, row * film.pixel_mm)) density = 0.0;
    stored[n] = static_cast<std::uint16_t>(std::lround(largest * (film.is_monochrome1 ? 1.0 - density : density)));
  }
  return stored;
}

}  // namespace cemscope::imaging::phantom
