#include "src/report/pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <map>

#include "src/report/caption.h"
#include "src/report/panel.h"
#include "src/report/picture_layout.h"
#include "src/report/section.h"
#include "src/report/words.h"

namespace cemscope::report {
namespace {

using imaging::CementZone;
using imaging::VertebralFrame;

imaging::Point_mm to_patient(const VertebralFrame& frame, const Eigen::Vector3d& at_mm) {
  return frame.centre_mm + at_mm.x() * frame.left + at_mm.y() * frame.posterior + at_mm.z() * frame.superior;
}

std::string view_words(View view) { return view == View::axial ? "Axial" : view == View::sagittal ? "Sagittal" : "Coronal"; }

/// "12.0 mm left of the midline" and the like.
std::string position_words(View view, double offset_mm) {
  if (std::abs(offset_mm) < 0.25) return view == View::sagittal ? "in the midline" : "through the centre";
  const std::string off = fmt::format("{:.1f} mm", std::abs(offset_mm));
  if (view == View::axial) return off + (offset_mm > 0 ? " above the centre" : " below the centre");
  if (view == View::sagittal) return off + (offset_mm > 0 ? " left of the midline" : " right of the midline");
  return off + (offset_mm > 0 ? " behind the centre" : " in front of the centre");
}

/// "Canal, axial 3.0 mm below" for the narrower panels.
std::string leak_title(CementZone zone, const Section& section) {
  constexpr std::array<const char*, 3> kPositive{"above", "left", "behind"}, kNegative{"below", "right", "in front"};
  std::string name = words_of_zone(zone);
  name.front() = static_cast<char>(std::toupper(name.front()));
  const auto view = static_cast<std::size_t>(section.view);
  const auto side = section.offset_mm >= 0 ? kPositive : kNegative;
  std::string words = view_words(section.view);
  words.front() = static_cast<char>(std::tolower(words.front()));
  return fmt::format("{}, {} {:.1f} mm {}", name, words, std::abs(section.offset_mm), side[view]);
}

/// Radiological convention: seen from the feet, from the patient's left and from the front.
void orient(Panel& panel, View view, const VertebralFrame& frame) {
  panel.plane.right = view == View::sagittal ? frame.posterior : frame.left;
  panel.plane.down = view == View::axial ? frame.posterior : Eigen::Vector3d(-frame.superior);
  if (view == View::axial) panel.letters = {"R", "L", "A", "P"};
  if (view == View::sagittal) panel.letters = {"A", "P", "S", "I"};
  if (view == View::coronal) panel.letters = {"R", "L", "S", "I"};
}

void add_midline(Panel& panel, View view, const VertebralFrame& frame, const Eigen::Vector3d& centre_mm) {
  constexpr double kFar_mm = 200.0;
  if (view == View::sagittal) return;
  const Eigen::Vector3d along = view == View::axial ? Eigen::Vector3d(0, kFar_mm, 0) : Eigen::Vector3d(0, 0, kFar_mm);
  const Eigen::Vector3d middle(0, centre_mm.y(), centre_mm.z());
  panel.midlines.push_back({to_patient(frame, middle - along), to_patient(frame, middle + along)});
}

Panel make_panel(const imaging::TreatedVertebra& vertebra, View view, const Eigen::Vector3d& centre_mm, int side_px, double field_mm) {
  Panel panel;
  orient(panel, view, vertebra.frame);
  panel.plane.centre_mm = to_patient(vertebra.frame, centre_mm);
  panel.plane.width = panel.plane.height = side_px;
  panel.plane.mm_per_px = field_mm / side_px;
  panel.own_body = vertebra.body_label;
  add_midline(panel, view, vertebra.frame, centre_mm);
  return panel;
}

/// Where the three main slices lie: mm left, posterior, superior.
Eigen::Vector3d main_offsets(const VertebraCement& cement) {
  const std::vector<CementZone> all{CementZone::body,    CementZone::paravertebral, CementZone::disc,        CementZone::canal,
                                    CementZone::foramen, CementZone::vascular,      CementZone::needle_tract};
  const auto has_body = largest_section(cement, {CementZone::body}, View::axial).has_value();
  const auto& zones = has_body ? std::vector<CementZone>{CementZone::body} : all;
  Eigen::Vector3d offsets(0, 0, 0);
  if (const auto sagittal = largest_section(cement, zones, View::sagittal)) offsets.x() = sagittal->offset_mm;
  if (const auto coronal = largest_section(cement, zones, View::coronal)) offsets.y() = coronal->offset_mm;
  if (const auto axial = largest_section(cement, zones, View::axial)) offsets.z() = axial->offset_mm;
  return offsets;
}

/// The field that shows the vertebra and all of its cement.
double main_field_mm(const VertebraCement& cement) {
  double half = kField_mm / 2;
  const Eigen::Vector3d middle(0, kBehindCentre_mm, 0);
  for (const auto& voxel : cement.voxels) half = std::max(half, (voxel.at_mm - middle).cwiseAbs().maxCoeff() + 6.0);
  return std::min(2 * half, kLargestField_mm);
}

/// Ticks where slices at `at` cut a panel.
void add_guides(Panel& panel, const VertebralFrame& frame, const Eigen::Vector3d& at) {
  const Eigen::Vector2d px = pixel_of_point(panel.plane, to_patient(frame, at));
  panel.guide_columns_px = {px.x()};
  panel.guide_rows_px = {px.y()};
}

std::vector<Panel> main_panels(const imaging::TreatedVertebra& vertebra, const VertebraCement& cement) {
  const Eigen::Vector3d at = main_offsets(cement);
  const double field = main_field_mm(cement);
  std::vector<Panel> panels;
  for (const View view : {View::axial, View::sagittal, View::coronal}) {
    const Eigen::Vector3d centre(view == View::sagittal ? at.x() : 0.0, view == View::coronal ? at.y() : kBehindCentre_mm,
                                 view == View::axial ? at.z() : 0.0);
    Panel panel = make_panel(vertebra, view, centre, kMainSide_px, field);
    const double offset = view == View::sagittal ? at.x() : view == View::coronal ? at.y() : at.z();
    panel.title = fmt::format("{}, {}", view_words(view), position_words(view, offset));
    add_guides(panel, vertebra.frame, at);
    panels.push_back(std::move(panel));
  }
  return panels;
}

std::vector<Panel> leak_panels(const imaging::TreatedVertebra& vertebra, const VertebraCement& cement) {
  std::vector<Panel> panels;
  for (int z = 2; z <= imaging::kNCementZones; ++z) {
    const auto zone = static_cast<CementZone>(z);
    if (zone_volume_ml(vertebra.measurement, zone) == 0.0) continue;  // a neighbour's leak that lies nearer to this body
    const auto section = best_leak_section(cement, zone);
    if (!section) continue;
    Eigen::Vector3d centre = section->centroid_mm;
    centre[section->view == View::sagittal ? 0 : section->view == View::coronal ? 1 : 2] = section->offset_mm;
    Panel panel = make_panel(vertebra, section->view, centre, kLeakSide_px, kLeakField_mm);
    panel.title = leak_title(zone, *section);
    panel.title_colour = zone_style(zone).colour;
    panels.push_back(std::move(panel));
  }
  return panels;
}

/// Where the words stand: beside one or two leak panels, else below all panels.
Box caption_box(int n_leaks) {
  const bool is_beside = n_leaks == 1 || n_leaks == 2;
  const int n_rows = is_beside ? 0 : (n_leaks + kLeaksPerRow - 1) / kLeaksPerRow;
  const double left = is_beside ? leak_corner(n_leaks).x() + kGap_px : kMargin_px, top = leak_corner(kLeaksPerRow * n_rows).y();
  const double least_height = is_beside ? leak_corner(kLeaksPerRow).y() - top : 0.0;
  return {left, top, kPictureWidth_px - kMargin_px - left, least_height};
}

CaptionContent caption_content(const imaging::VertebraMeasurement& measurement) {
  std::map<CementZone, double> volumes_ml;
  for (int z = 1; z <= imaging::kNCementZones; ++z) {
    const auto zone = static_cast<CementZone>(z);
    if (const auto volume = zone_volume_ml(measurement, zone)) volumes_ml[zone] = *volume;
  }
  CaptionContent content{zone_legend(volumes_ml), describe_vertebra(measurement), measurement.warnings};
  const std::string words = fmt::format("{:.2f} that this vertebra is treated and well placed", measurement.confidence);
  content.statements.push_back({"Confidence", words, std::nullopt, "", Tone::neutral});
  return content;
}

void draw_panels(Canvas& canvas, const std::vector<Panel>& mains, const std::vector<Panel>& leaks, const Scan& scan) {
  for (std::size_t i = 0; i < mains.size(); ++i) {
    draw_panel(canvas, mains[i], main_corner(static_cast<int>(i)), scan);
  }
  for (std::size_t i = 0; i < leaks.size(); ++i) draw_panel(canvas, leaks[i], leak_corner(static_cast<int>(i)), scan);
}

}  // namespace

std::string vertebra_picture_name(int ordinal) { return fmt::format("vertebra_{}.png", ordinal); }

std::string render_vertebra(const imaging::CtVolume& volume, const imaging::CtReading& reading, const imaging::TreatedVertebra& vertebra,
                            const PictureText& text) {
  const VertebraCement cement = cement_of_vertebra(reading, vertebra);
  const auto mains = main_panels(vertebra, cement), leaks = leak_panels(vertebra, cement);
  const Box box = caption_box(static_cast<int>(leaks.size()));
  const Caption caption = lay_out_caption(caption_content(vertebra.measurement), box.width);
  Canvas canvas(kPictureWidth_px, static_cast<int>(box.y + std::max(box.height, caption.height_px)) + kFooter_px, kGround);
  draw_header(canvas, words_of_level(vertebra.measurement), text.ordinal);
  draw_panels(canvas, mains, leaks, {volume, reading});
  draw_caption(canvas, caption, {box.x, box.y});
  draw_footer(canvas, text.footer);
  return canvas.to_png(picture_accents());
}

}  // namespace cemscope::report
