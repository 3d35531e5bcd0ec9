#pragma once

#include <memory>
#include <string>
#include <vector>

#include "src/report/outline.h"

namespace cemscope::report {

/// 0-255 each.
struct Colour {
  int red = 0, green = 0, blue = 0;
  double opacity = 1.0;
};

/// A box in pixels, y downwards.
struct Box {
  double x = 0, y = 0, width = 0, height = 0;
};

enum class Align { left, centre, right };

struct TextStyle {
  double size_px = 13.0;
  Colour colour{230, 237, 243};
  Align align = Align::left;
  bool is_bold = false;
  bool has_halo = false;  ///< a dark rim, for text on an image
};

struct LineStyle {
  Colour colour;
  double width_px = 1.5;
  std::vector<double> dashes_px;  ///< empty = solid
  bool has_halo = false;          ///< a dark rim, for lines on an image
};

/// A picture that is drawn on and written as PNG. Anti-aliased, UTF-8 text, no display needed (Cairo's image surface).
class Canvas {
 public:
  /// Throws std::bad_alloc when there is no memory for it.
  Canvas(int width, int height, const Colour& background);
  ~Canvas();
  Canvas(Canvas&&) noexcept;
  Canvas& operator=(Canvas&&) noexcept;

  void put_grey(const Raster<std::uint8_t>& grey, int x, int y);  ///< clipped at the picture's border
  void fill(const Box& box, const Colour& colour, double corner_radius_px = 0.0);
  void frame(const Box& box, const Colour& colour, double width_px);
  void line(const Polyline& points, const LineStyle& style);
  /// Baseline at `at`.
  void text(const std::string& words, const Eigen::Vector2d& at, const TextStyle& style);
  [[nodiscard]] double text_width(const std::string& words, const TextStyle& style);
  /// The words broken at spaces into lines no wider than `width_px` (a longer word stays whole).
  [[nodiscard]] std::vector<std::string> wrap(const std::string& words, double width_px, const TextStyle& style);
  void clip_to(const Box& box);  ///< until `unclip`
  void unclip();
  [[nodiscard]] int width() const;
  [[nodiscard]] int height() const;
  /// The file's bytes: an indexed PNG of 160 greys and eight shades of each accent (12 at most; the lines' and the ground's colours), at
  /// zlib level 1. A third of the time and half the size of RGB, since slices of CT are grey and noisy. Other colours become the nearest of
  /// these; greys are off by one step of 256 at most.
  [[nodiscard]] std::string to_png(const std::vector<Colour>& accents);

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

}  // namespace cemscope::report
