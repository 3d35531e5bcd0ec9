#include "src/report/drawing.h"

#include <cairo.h>
#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <numbers>
#include <sstream>
#include <stdexcept>

#ifdef __SANITIZE_ADDRESS__
// Cairo keeps fontconfig's patterns until the process ends, and some of them are then out of reach: no growing leak, and not ours.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig\n"; }
#endif

namespace cemscope::report {

struct Canvas::Handles {
  cairo_surface_t* surface = nullptr;
  cairo_t* context = nullptr;

  Handles() = default;
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;
  ~Handles() {
    cairo_destroy(context);
    cairo_surface_destroy(surface);
  }
};

namespace {

constexpr Colour kHalo{0, 0, 0, 0.7};

void set_colour(cairo_t* context, const Colour& colour) {
  cairo_set_source_rgba(context, colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0, colour.opacity);
}

void set_font(cairo_t* context, const TextStyle& style) {
  cairo_select_font_face(context, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                         style.is_bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(context, style.size_px);
}

void trace_box(cairo_t* context, const Box& box, double radius) {
  constexpr double kQuarter = std::numbers::pi / 2;
  cairo_new_path(context);
  if (radius <= 0.0) return cairo_rectangle(context, box.x, box.y, box.width, box.height);
  const double left = box.x + radius, right = box.x + box.width - radius, top = box.y + radius, bottom = box.y + box.height - radius;
  cairo_arc(context, right, top, radius, -kQuarter, 0);
  cairo_arc(context, right, bottom, radius, 0, kQuarter);
  cairo_arc(context, left, bottom, radius, kQuarter, 2 * kQuarter);
  cairo_arc(context, left, top, radius, 2 * kQuarter, 3 * kQuarter);
  cairo_close_path(context);
}

void trace_line(cairo_t* context, const Polyline& points) {
  cairo_new_path(context);
  for (const auto& p : points) cairo_line_to(context, p.x(), p.y());
  if (points.size() > 2 && points.front() == points.back()) cairo_close_path(context);
}

void append_bytes(png_structp png, png_bytep bytes, png_size_t n) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<const char*>(bytes), n);
}

[[noreturn]] void fail_png(png_structp, png_const_charp message) { throw std::runtime_error(std::string("PNG: ") + message); }

/// 256 colours: greys, then shades of each accent from dark to full, then the rest of the room unused.
class Palette {
 public:
  explicit Palette(const std::vector<Colour>& accents) : nearest_(1U << 15U, kUnknown) {
    constexpr int kShades = 8;
    for (int i = 0; i < kGreys; ++i) add(i * 255 / (kGreys - 1), i * 255 / (kGreys - 1), i * 255 / (kGreys - 1));
    for (const auto& accent : accents) {
      for (int shade = 1; shade <= kShades && colours_.size() < 256; ++shade) {
        add(accent.red * shade / kShades, accent.green * shade / kShades, accent.blue * shade / kShades);
      }
    }
  }
  [[nodiscard]] const std::vector<png_color>& colours() const { return colours_; }

  /// The entry of a grey, or the one nearest to the colour's cell of 8 x 8 x 8 values.
  png_byte index_of(std::uint32_t pixel) {
    const std::uint32_t red = pixel >> 16U & 255U, green = pixel >> 8U & 255U, blue = pixel & 255U;
    if (red == green && green == blue) return static_cast<png_byte>((red * (kGreys - 1) + 127) / 255);
    std::int16_t& entry = nearest_[(red >> 3U) << 10U | (green >> 3U) << 5U | blue >> 3U];
    if (entry == kUnknown)
      entry = search(static_cast<int>(red | 4U) & ~3, static_cast<int>(green | 4U) & ~3, static_cast<int>(blue | 4U) & ~3);
    return static_cast<png_byte>(entry);
  }

 private:
  static constexpr int kGreys = 160;
  static constexpr std::int16_t kUnknown = -1;

  void add(int red, int green, int blue) {
    colours_.push_back({static_cast<png_byte>(red), static_cast<png_byte>(green), static_cast<png_byte>(blue)});
  }
  [[nodiscard]] std::int16_t search(int red, int green, int blue) const {
    const auto distance = [&](const png_color& c) {
      return (c.red - red) * (c.red - red) + (c.green - green) * (c.green - green) + (c.blue - blue) * (c.blue - blue);
    };
    const auto nearest =
        std::min_element(colours_.begin(), colours_.end(), [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
    return static_cast<std::int16_t>(nearest - colours_.begin());
  }

  std::vector<png_color> colours_;
  std::vector<std::int16_t> nearest_;
};

/// Cairo's pixels.
struct Pixels {
  const unsigned char* data = nullptr;
  int stride = 0, width = 0, height = 0;
};

std::string encode_png(const Pixels& source, Palette palette) {
  std::string bytes;
  std::vector<png_byte> row(static_cast<std::size_t>(source.width));
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, fail_png, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &bytes, append_bytes, nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(source.width), static_cast<png_uint_32>(source.height), 8, PNG_COLOR_TYPE_PALETTE,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_PLTE(png, info, palette.colours().data(), static_cast<int>(palette.colours().size()));
  png_set_compression_level(png, 1);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
  png_write_info(png, info);
  for (int y = 0; y < source.height; ++y) {
    const unsigned char* pixels = source.data + static_cast<std::ptrdiff_t>(y) * source.stride;
    for (std::size_t x = 0; x < row.size(); ++x) {
      std::uint32_t pixel = 0;
      std::memcpy(&pixel, pixels + 4 * x, 4);
      row[x] = palette.index_of(pixel);
    }
    png_write_row(png, row.data());
  }
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return bytes;
}

}  // namespace

Canvas::Canvas(int width, int height, const Colour& background) : handles_(std::make_unique<Handles>()) {
  handles_->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
  handles_->context = cairo_create(handles_->surface);
  if (cairo_status(handles_->context) != CAIRO_STATUS_SUCCESS) throw std::bad_alloc();
  cairo_set_line_join(handles_->context, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap(handles_->context, CAIRO_LINE_CAP_BUTT);
  cairo_set_antialias(handles_->context, CAIRO_ANTIALIAS_FAST);
  fill({0, 0, static_cast<double>(width), static_cast<double>(height)}, background);
}

Canvas::~Canvas() = default;
Canvas::Canvas(Canvas&&) noexcept = default;
Canvas& Canvas::operator=(Canvas&&) noexcept = default;

void Canvas::put_grey(const Raster<std::uint8_t>& grey, int x, int y) {
  cairo_surface_flush(handles_->surface);
  unsigned char* data = cairo_image_surface_get_data(handles_->surface);
  const int stride = cairo_image_surface_get_stride(handles_->surface);
  const int width = std::min(grey.width, cairo_image_surface_get_width(handles_->surface) - x);
  const int height = std::min(grey.height, cairo_image_surface_get_height(handles_->surface) - y);
  for (int row = 0; row < height; ++row) {
    for (int column = 0; column < width; ++column) {
      const std::uint32_t pixel = grey.at(column, row) * 0x010101U;
      std::memcpy(data + static_cast<std::ptrdiff_t>(y + row) * stride + static_cast<std::ptrdiff_t>(x + column) * 4, &pixel, 4);
    }
  }
  cairo_surface_mark_dirty(handles_->surface);
}

void Canvas::fill(const Box& box, const Colour& colour, double corner_radius_px) {
  trace_box(handles_->context, box, corner_radius_px);
  set_colour(handles_->context, colour);
  cairo_fill(handles_->context);
}

void Canvas::frame(const Box& box, const Colour& colour, double width_px) {
  trace_box(handles_->context, box, 0.0);
  cairo_set_dash(handles_->context, nullptr, 0, 0.0);
  cairo_set_line_width(handles_->context, width_px);
  set_colour(handles_->context, colour);
  cairo_stroke(handles_->context);
}

void Canvas::line(const Polyline& points, const LineStyle& style) {
  cairo_t* context = handles_->context;
  trace_line(context, points);
  if (style.has_halo) {
    cairo_set_dash(context, nullptr, 0, 0.0);
    cairo_set_line_width(context, style.width_px + 1.6);
    set_colour(context, {kHalo.red, kHalo.green, kHalo.blue, kHalo.opacity * style.colour.opacity});
    cairo_stroke_preserve(context);
  }
  cairo_set_dash(context, style.dashes_px.data(), static_cast<int>(style.dashes_px.size()), 0.0);
  cairo_set_line_width(context, style.width_px);
  set_colour(context, style.colour);
  cairo_stroke(context);
}

double Canvas::text_width(const std::string& words, const TextStyle& style) {
  cairo_text_extents_t extents;
  set_font(handles_->context, style);
  cairo_text_extents(handles_->context, words.c_str(), &extents);
  return extents.x_advance;
}

void Canvas::text(const std::string& words, const Eigen::Vector2d& at, const TextStyle& style) {
  const double shift = style.align == Align::left ? 0.0 : text_width(words, style) * (style.align == Align::centre ? 0.5 : 1.0);
  cairo_t* context = handles_->context;
  set_font(context, style);
  if (style.has_halo) {
    set_colour(context, {0, 0, 0, 0.85});
    for (const auto& [dx, dy] : {std::pair{-1.0, 0.0}, {1.0, 0.0}, {0.0, -1.0}, {0.0, 1.0}}) {
      cairo_move_to(context, at.x() - shift + dx, at.y() + dy);
      cairo_show_text(context, words.c_str());
    }
  }
  set_colour(context, style.colour);
  cairo_move_to(context, at.x() - shift, at.y());
  cairo_show_text(context, words.c_str());
}

std::vector<std::string> Canvas::wrap(const std::string& words, double width_px, const TextStyle& style) {
  std::vector<std::string> lines;
  std::istringstream stream(words);
  std::string word, current;
  while (stream >> word) {
    const std::string longer = current.empty() ? word : fmt::format("{} {}", current, word);
    if (!current.empty() && text_width(longer, style) > width_px) {
      lines.push_back(current);
      current = word;
    } else {
      current = longer;
    }
  }
  if (!current.empty()) lines.push_back(current);
  return lines;
}

void Canvas::clip_to(const Box& box) {
  cairo_save(handles_->context);
  cairo_rectangle(handles_->context, box.x, box.y, box.width, box.height);
  cairo_clip(handles_->context);
}

void Canvas::unclip() { cairo_restore(handles_->context); }

int Canvas::width() const { return cairo_image_surface_get_width(handles_->surface); }
int Canvas::height() const { return cairo_image_surface_get_height(handles_->surface); }

std::string Canvas::to_png(const std::vector<Colour>& accents) {
  cairo_surface_flush(handles_->surface);
  const Pixels pixels{cairo_image_surface_get_data(handles_->surface), cairo_image_surface_get_stride(handles_->surface), width(),
                      height()};
  return encode_png(pixels, Palette(accents));
}

}  // namespace cemscope::report
