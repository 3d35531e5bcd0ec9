#include "src/report/followup_picture.h"

#include <algorithm>

#include <fmt/format.h>

#include "src/report/caption.h"
#include "src/report/panel.h"
#include "src/report/picture_layout.h"
#include "src/report/words.h"

namespace cemscope::report {
namespace {

using imaging::Answer;
using imaging::followup::BodyChange;
using imaging::followup::BodyHeights;
using imaging::followup::Comparison;
using imaging::followup::TimePoint;

constexpr double kRow_px = 46, kHead_px = 30, kBars_px = 210, kWords_px = 620, kPxPerMm = 10;
constexpr Colour kBefore{139, 148, 158}, kAfter{86, 180, 233}, kLost{255, 107, 107};

std::optional<double> least(const BodyHeights& body) {
  std::optional<double> smallest;
  for (const auto& height : {body.anterior_mm, body.middle_mm, body.posterior_mm})
    if (height) smallest = std::min(smallest.value_or(*height), *height);
  return smallest;
}

std::string name_of(const BodyChange& change, const BodyHeights& body) {
  const auto name = change.level.empty() ? fmt::format("{}. from the top", change.baseline + 1) : change.level;
  return name + (body.is_treated ? " (treated)" : change.is_adjacent ? " (adjacent)" : "");
}

std::string words_of(const BodyChange& change) {
  if (!change.loss_fraction) return "not measured at both times";
  const auto words = fmt::format("{:+.0f}\u00a0% ({:+.1f}\u00a0mm)", -100 * *change.loss_fraction, -*change.loss_mm);
  return words + (change.has_new_oedema ? ", new oedema" : "") +
         (change.is_adjacent && change.fracture.answer == Answer::yes ? ": new fracture" : "");
}

void draw_bar(Canvas& canvas, double y, const std::optional<double>& height_mm, const Colour& colour) {
  if (!height_mm) return;
  canvas.fill({kBars_px, y, *height_mm * kPxPerMm, 12}, colour, 2);
  canvas.text(fmt::format("{:.1f}\u00a0mm", *height_mm), {kBars_px + *height_mm * kPxPerMm + 6, y + 10},
              {11.0, kPlainTitle, Align::left, false, false});
}

}  // namespace

std::string render_followup(const TimePoint& baseline, const TimePoint& followup, const Comparison& comparison, const PictureText& text) {
  CaptionContent content;
  content.statements.push_back(describe_finding("New fracture", comparison.adjacent_fracture, YesMeans::attention));
  const Caption caption = lay_out_caption(content, kPictureWidth_px - 2 * kMargin_px);
  const double top = kHeader_px + kHead_px, caption_y = top + kRow_px * static_cast<double>(comparison.changes.size()) + kGap_px;
  Canvas canvas(kPictureWidth_px, static_cast<int>(caption_y + caption.height_px) + kFooter_px, kGround);
  draw_header(canvas,
              fmt::format("Follow-up: {} of {} against {} of {}", followup.modality, followup.date, baseline.modality, baseline.date),
              text.ordinal);
  const TextStyle head{12.0, kPlainTitle, Align::left, true, false};
  canvas.text("least height before (grey) and after (blue; red where lost)", {kBars_px, kHeader_px + 16}, head);
  canvas.text("largest loss of front, middle and back", {kWords_px + 120, kHeader_px + 16}, head);
  double y = top;
  for (const auto& change : comparison.changes) {
    const auto &before = baseline.bodies[static_cast<std::size_t>(change.baseline)],
               &after = followup.bodies[static_cast<std::size_t>(change.followup)];
    const bool is_lost = change.is_adjacent && change.fracture.answer == Answer::yes;
    canvas.text(name_of(change, before), {kMargin_px, y + 20},
                {13.0, is_lost ? kLost : kPlainTitle, Align::left, change.is_adjacent, false});
    draw_bar(canvas, y + 2, least(before), kBefore);
    draw_bar(canvas, y + 18, least(after), is_lost ? kLost : kAfter);
    canvas.text(words_of(change), {kWords_px + 120, y + 20}, {13.0, is_lost ? kLost : kPlainTitle, Align::left, is_lost, false});
    y += kRow_px;
  }
  draw_caption(canvas, caption, {kMargin_px, caption_y});
  draw_plain_footer(canvas, text.footer);
  return canvas.to_png(picture_accents());
}

}  // namespace cemscope::report
