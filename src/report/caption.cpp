#include "src/report/caption.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/report/panel.h"

namespace cemscope::report {
namespace {

using imaging::CementZone;

constexpr Colour kText{230, 237, 243}, kMuted{139, 148, 158}, kGood{86, 211, 100}, kAttention{255, 166, 87}, kUnknown{163, 176, 190};
constexpr double kLine_px = 19, kTopic_px = 108, kColumnGap_px = 28, kLegendRow_px = 22, kEntryGap_px = 4, kTwoColumns_px = 900;
constexpr double kLegendLine_px = 28;
constexpr Colour kDimmed{110, 118, 129};
const TextStyle kWords{13.0, kText}, kTopicStyle{13.0, kMuted}, kSmall{11.5, kMuted}, kLegendText{12.0, kText};

Colour colour_of(Tone tone) {
  switch (tone) {
    case Tone::good: return kGood;
    case Tone::attention: return kAttention;
    case Tone::unknown: return kUnknown;
    case Tone::neutral: break;
  }
  return kText;
}

std::string full_words(const Statement& statement) {
  std::string words = statement.words;
  if (!statement.reason.empty()) words += " (" + statement.reason + ")";
  if (statement.confidence) words += fmt::format(" \u00b7\u00a0confidence\u00a0{:.2f}", *statement.confidence);
  return words;
}

CaptionEntry make_entry(Canvas& ruler, const Statement& statement, double width_px) {
  CaptionEntry entry{statement, ruler.wrap(full_words(statement), width_px - kTopic_px - 14, kWords), 0.0};
  entry.height_px = kLine_px * static_cast<double>(entry.lines.size()) + kEntryGap_px;
  return entry;
}

double height_of(const std::vector<CaptionEntry>& entries) {
  double sum = 0.0;
  for (const auto& entry : entries) sum += entry.height_px;
  return sum;
}

/// A mark beside the words, of a shape as well as a colour: disc, triangle, ring.
void draw_mark(Canvas& canvas, Tone tone, const Eigen::Vector2d& at) {
  const Colour colour = colour_of(tone);
  const LineStyle style{colour, 2.0, {}, false};
  if (tone == Tone::good) canvas.fill({at.x() - 4, at.y() - 4, 8, 8}, colour, 4.0);
  if (tone == Tone::attention)
    canvas.line({{at.x() - 4, at.y() + 4}, {at.x() + 4, at.y() + 4}, {at.x(), at.y() - 4}, {at.x() - 4, at.y() + 4}}, style);
  if (tone == Tone::unknown) canvas.line({{at.x() - 4, at.y()}, {at.x() + 4, at.y()}}, style);
}

void draw_entries(Canvas& canvas, const std::vector<CaptionEntry>& entries, Eigen::Vector2d at) {
  for (const auto& entry : entries) {
    canvas.text(entry.statement.topic, {at.x(), at.y() + 14}, kTopicStyle);
    draw_mark(canvas, entry.statement.tone, {at.x() + kTopic_px - 6, at.y() + 10});
    for (std::size_t i = 0; i < entry.lines.size(); ++i) {
      canvas.text(entry.lines[i], {at.x() + kTopic_px + 6, at.y() + 14 + kLine_px * static_cast<double>(i)}, kWords);
    }
    at.y() += entry.height_px;
  }
}

std::string warning_words(const std::vector<std::string>& codes) {
  std::vector<std::string> words;
  std::transform(codes.begin(), codes.end(), std::back_inserter(words), words_of_code);
  return words.empty() ? "" : fmt::format("Warnings: {}", fmt::join(words, "; "));
}

}  // namespace

std::vector<Colour> picture_accents() {
  std::vector<Colour> accents{kGround, kGood, kAttention, kLetter, kGuide};
  for (int z = 1; z <= imaging::kNCementZones; ++z) accents.push_back(zone_style(static_cast<CementZone>(z)).colour);
  return accents;
}

Caption lay_out_caption(const CaptionContent& content, double width_px) {
  Canvas ruler(1, 1, kGround);
  Caption caption;
  caption.legend = content.legend;
  caption.columns_top_px = lay_out_legend(caption.legend, width_px) + 12;
  const bool has_two = width_px >= kTwoColumns_px;
  const double column_px = has_two ? (width_px - kColumnGap_px) / 2 : width_px;
  caption.second_column_px = column_px + kColumnGap_px;
  std::vector<CaptionEntry> entries;
  for (const auto& statement : content.statements) entries.push_back(make_entry(ruler, statement, column_px));
  const double half = has_two ? height_of(entries) / 2 : height_of(entries) + 1;
  for (auto& entry : entries) (height_of(caption.first) < half ? caption.first : caption.second).push_back(std::move(entry));
  caption.warning_lines = ruler.wrap(warning_words(content.warnings), width_px, kWords);
  caption.warnings_top_px = caption.columns_top_px + std::max(height_of(caption.first), height_of(caption.second)) + 4;
  caption.height_px = caption.warnings_top_px + kLine_px * static_cast<double>(caption.warning_lines.size()) + 4;
  return caption;
}

std::vector<LegendItem> zone_legend(const std::map<CementZone, double>& volumes_ml) {
  std::vector<LegendItem> items;
  for (int z = 1; z <= imaging::kNCementZones; ++z) {
    const auto zone = static_cast<CementZone>(z);
    const auto found = volumes_ml.find(zone);
    const bool is_lit = found != volumes_ml.end() && found->second > 0.0;
    items.push_back({zone_style(zone), words_of_zone(zone) + (is_lit ? fmt::format(" {:.2f} mL", found->second) : ""), is_lit, {0, 0}});
  }
  items.push_back({wall_style(), "wall of the body", true, {0, 0}});
  items.push_back({midline_style(), "midline", true, {0, 0}});
  return items;
}

double lay_out_legend(std::vector<LegendItem>& items, double width_px) {
  Canvas ruler(1, 1, kGround);
  Eigen::Vector2d at(0, 0);
  for (auto& item : items) {
    const double width = kLegendLine_px + ruler.text_width(item.words, kLegendText);
    if (at.x() > 0 && at.x() + width > width_px) at = {0, at.y() + kLegendRow_px};
    item.at = at;
    at.x() += width + 18;
  }
  return at.y() + kLegendRow_px;
}

void draw_legend(Canvas& canvas, const std::vector<LegendItem>& items, const Eigen::Vector2d& corner) {
  for (const auto& item : items) {
    const Eigen::Vector2d at = corner + item.at;
    LineStyle style = item.style;
    TextStyle words = kLegendText;
    if (!item.is_lit) words.colour = kDimmed;
    style.width_px = 2.5;
    style.has_halo = false;
    style.colour.opacity = item.is_lit ? 1.0 : 0.45;
    canvas.line({{at.x(), at.y() + 10}, {at.x() + kLegendLine_px - 6, at.y() + 10}}, style);
    canvas.text(item.words, {at.x() + kLegendLine_px, at.y() + 14}, words);
  }
}

void draw_caption(Canvas& canvas, const Caption& caption, const Eigen::Vector2d& corner) {
  draw_legend(canvas, caption.legend, corner);
  draw_entries(canvas, caption.first, {corner.x(), corner.y() + caption.columns_top_px});
  draw_entries(canvas, caption.second, {corner.x() + caption.second_column_px, corner.y() + caption.columns_top_px});
  double y = corner.y() + caption.warnings_top_px + 14;
  for (const auto& line : caption.warning_lines) {
    canvas.text(line, {corner.x(), y}, {13.0, kAttention});
    y += kLine_px;
  }
}

void draw_header(Canvas& canvas, const std::string& title, const std::string& subtitle) {
  const TextStyle style{24.0, {255, 255, 255}, Align::left, true};
  canvas.text(title, {kMargin_px, 36}, style);
  canvas.text(subtitle, {kMargin_px + canvas.text_width(title, style) + 14, 36}, {14.0, kMuted});
}

namespace {
void draw_footer_words(Canvas& canvas, const std::string& footer, const std::string& window) {
  const double y = canvas.height() - 12;
  TextStyle style = kSmall;
  canvas.text(footer, {kMargin_px, y}, style);
  style.align = Align::right;
  canvas.text(window + "research software, not a medical device", {canvas.width() - kMargin_px, y}, style);
}
}  // namespace

void draw_footer(Canvas& canvas, const std::string& footer) { draw_footer_words(canvas, footer, fmt::format("{} \u00b7 ", kWindowWords)); }

void draw_plain_footer(Canvas& canvas, const std::string& footer) { draw_footer_words(canvas, footer, ""); }

}  // namespace cemscope::report
