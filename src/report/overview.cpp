#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "src/report/caption.h"
#include "src/report/label_scan.h"
#include "src/report/panel.h"
#include "src/report/picture_layout.h"
#include "src/report/pictures.h"
#include "src/report/words.h"

namespace cemscope::report {
namespace {

using imaging::CementZone;
using imaging::Point_mm;

constexpr double kWords_px = 380;
constexpr double kTallest_px = 720, kFinest_mm_per_px = 0.33;
constexpr double kWidth_mm = 150.0;  ///< of both panels: the column with lordosis, ribs' heads and spinous processes
constexpr double kBodyBeforeCanal_mm = 25.0;
constexpr double kLetterRow_px = 44;  ///< above the bodies, so that letters and level names never meet
constexpr int kShadowSmoothing = 24;  ///< passes; a voxel is up to ten pixels high here
constexpr Colour kName{255, 255, 255};

/// The scan's extent in the patient, LPS mm.
struct Extent {
  Point_mm low = Point_mm::Constant(1e9), high = Point_mm::Constant(-1e9);
};

Extent extent_of(const imaging::CtVolume& volume) {
  Extent extent;
  const auto& region = volume.image->GetLargestPossibleRegion();
  for (unsigned corner = 0; corner < 8; ++corner) {
    auto index = region.GetIndex();
    for (unsigned i = 0; i < 3; ++i) {
      if (corner >> i & 1U) index[i] += static_cast<itk::IndexValueType>(region.GetSize(i)) - 1;
    }
    itk::Point<double, 3> point;
    volume.image->TransformIndexToPhysicalPoint(index, point);
    const Point_mm at(point[0], point[1], point[2]);
    extent.low = extent.low.cwiseMin(at);
    extent.high = extent.high.cwiseMax(at);
  }
  return extent;
}

/// A line through the patient given by points at heights, straight between them and level beyond its ends.
using Course = std::map<double, Point_mm>;

Point_mm at_height(const Course& course, double z) {
  const auto above = course.lower_bound(z);
  if (above == course.end()) return course.rbegin()->second;
  if (above == course.begin()) return above->second;
  const auto below = std::prev(above);
  const double t = (z - below->first) / (above->first - below->first);
  return (1 - t) * below->second + t * above->second;
}

Course canal_course(const imaging::CtReading& reading) {
  Course course;
  for (const auto& point : reading.canal_course_mm) course[point.z()] = point;
  return course;
}

/// Through the centres of the bodies' labels, else in front of the canal.
Course body_course(const imaging::CtReading& reading, const Course& canal) {
  Course course;
  if (reading.bodies.image.IsNotNull()) {
    std::map<std::uint8_t, std::pair<Point_mm, double>> sums;
    for_each_labelled(*reading.bodies.image, [&](std::size_t offset, std::uint8_t label) {
      if (offset % 7 != 0) return;  // a seventh of the voxels is plenty for a centre
      auto& [sum, n] = sums.try_emplace(label, Point_mm::Zero(), 0.0).first->second;
      sum += position_mm(*reading.bodies.image, offset);
      n += 1.0;
    });
    for (const auto& [label, sum] : sums) course[sum.first.z() / sum.second] = sum.first / sum.second;
  }
  if (!course.empty()) return course;
  for (const auto& [z, point] : canal) course[z] = point - Point_mm(0, kBodyBeforeCanal_mm, 0);
  return course;
}

/// A standing plane whose rows follow the course from front to back (coronal) or from side to side (sagittal).
SlicePlane standing_plane(const Extent& extent, const Course& course, const imaging::Direction& right) {
  SlicePlane plane;
  const double height_mm = extent.high.z() - extent.low.z();
  plane.mm_per_px = std::max(height_mm / kTallest_px, kFinest_mm_per_px);
  plane.width = static_cast<int>(kWidth_mm / plane.mm_per_px);
  plane.height = std::max(32, static_cast<int>(height_mm / plane.mm_per_px));
  plane.right = right;
  plane.down = {0, 0, -1};
  plane.centre_mm = (extent.low + extent.high) / 2;
  if (course.empty()) return plane;
  Point_mm mean(0, 0, 0);
  for (const auto& [z, point] : course) mean += point / static_cast<double>(course.size());
  plane.centre_mm = {mean.x(), mean.y(), plane.centre_mm.z()};
  const imaging::Direction normal = plane.right.cross(plane.down);
  for (int y = 0; y < plane.height; ++y) {
    const double z = plane.centre_mm.z() - (y - 0.5 * (plane.height - 1)) * plane.mm_per_px;
    plane.row_depth_mm.push_back((at_height(course, z) - plane.centre_mm).dot(normal));
  }
  return plane;
}

/// Outlines of the cement of every depth as it falls on the plane, by zone. Traced on cells of a voxel's size, where the steps of thick
/// slices can be rounded off.
std::map<std::uint8_t, std::vector<Polyline>> shadow_outlines(const imaging::LabelMask& cement, const SlicePlane& plane) {
  std::map<std::uint8_t, std::vector<Polyline>> outlines;
  if (cement.image.IsNull()) return outlines;
  const auto& image = *cement.image;
  const Eigen::Array2d cell_px = Eigen::Array2d(voxel_extent_mm(image, plane.right), voxel_extent_mm(image, plane.down)) / plane.mm_per_px;
  const int width = static_cast<int>(plane.width / cell_px.x()) + 1, height = static_cast<int>(plane.height / cell_px.y()) + 1;
  std::map<std::uint8_t, Raster<float>> shadows;
  for_each_labelled(image, [&](std::size_t offset, std::uint8_t label) {
    const Eigen::Array2i cell = (pixel_of_point(plane, position_mm(image, offset)).array() / cell_px).round().cast<int>();
    if (cell.x() < 0 || cell.y() < 0 || cell.x() >= width || cell.y() >= height) return;
    shadows.try_emplace(label, width, height).first->second.at(cell.x(), cell.y()) = 1.0F;
  });
  for (const auto& [label, shadow] : shadows) {
    auto& lines = outlines[label] = smooth_outlines(trace_outlines(shadow, 0.5F), kShadowSmoothing);
    for (auto& line : lines) {
      for (auto& point : line) point = (point.array() * cell_px).matrix();
    }
  }
  return outlines;
}

void draw_level_names(Canvas& canvas, const SlicePlane& plane, const Eigen::Vector2d& by, const imaging::CtReading& reading) {
  for (std::size_t i = 0; i < reading.treated.size(); ++i) {
    const auto& vertebra = reading.treated[i];
    const bool is_sagittal = plane.right.y() > 0.5;
    const double half_mm = is_sagittal ? vertebra.frame.half_depth_mm : vertebra.frame.half_width_mm;
    const Eigen::Vector2d px = pixel_of_point(plane, vertebra.frame.centre_mm - (half_mm + 5.0) * plane.right) + by;
    const std::string name = vertebra.measurement.level.empty() ? fmt::format("no. {}", i + 1) : vertebra.measurement.level;
    canvas.text(name, {px.x(), px.y() + 5}, {14.0, kName, Align::right, true, true});
  }
}

void draw_view(Canvas& canvas, const Panel& panel, const Eigen::Vector2d& corner, const Scan& scan) {
  const SlicePlane& plane = panel.plane;
  const Box box{corner.x(), corner.y() + kPanelTitle_px, static_cast<double>(plane.width), static_cast<double>(plane.height)};
  const Eigen::Vector2d by(box.x + 0.5, box.y + 0.5);
  draw_image(canvas, box, scan.volume, plane);
  canvas.clip_to(box);
  for (const auto& [label, outlines] : label_outlines(scan.reading.bodies, plane)) {
    for (const auto& outline : outlines) canvas.line(moved(outline, by), wall_style());
  }
  for (const auto& [label, outlines] : shadow_outlines(scan.reading.cement, plane)) {
    for (const auto& outline : outlines) canvas.line(moved(outline, by), zone_style(static_cast<CementZone>(label)));
  }
  draw_level_names(canvas, plane, by, scan.reading);
  draw_letters(canvas, box, panel.letters, kLetterRow_px);
  draw_scale(canvas, box, plane.mm_per_px);
  canvas.unclip();
  draw_title(canvas, box, panel.title, panel.title_colour);
}

std::string headline(const imaging::CtReading& reading) {
  if (reading.cement_present.answer == imaging::Answer::no) return "No cement found";
  if (reading.cement_present.answer == imaging::Answer::not_assessable) return "Cement not assessable";
  if (reading.treated.empty()) return "Cement found";
  return fmt::format("Cement found in {} {}", reading.treated.size(), reading.treated.size() == 1 ? "vertebra" : "vertebrae");
}

Statement describe_treated(const imaging::VertebraMeasurement& m, std::size_t ordinal) {
  const std::string topic = m.level.empty() ? fmt::format("No. {}", ordinal) : m.level;
  std::string words = m.cement_ml ? fmt::format("{:.2f}\u00a0mL", *m.cement_ml) : "volume not measured";
  words += "; leakage " + describe_finding("", m.leakage, YesMeans::attention).words;
  words += m.midline_crossed.answer == imaging::Answer::yes  ? "; midline crossed"
           : m.midline_crossed.answer == imaging::Answer::no ? "; midline not crossed"
                                                             : "; midline not assessable";
  words += "; distribution " + words_of_code(imaging::to_string(m.distribution));
  return {topic, words, std::nullopt, "", Tone::neutral};
}

CaptionContent overview_content(const imaging::CtReading& reading) {
  CaptionContent content;
  std::map<CementZone, double> volumes_ml;
  for (std::size_t i = 0; i < reading.treated.size(); ++i) {
    const auto& measurement = reading.treated[i].measurement;
    content.statements.push_back(describe_treated(measurement, i + 1));
    for (int z = 1; z <= imaging::kNCementZones; ++z) {
      const auto zone = static_cast<CementZone>(z);
      volumes_ml[zone] += zone_volume_ml(measurement, zone).value_or(0.0);
    }
  }
  content.legend = zone_legend(volumes_ml);
  content.legend.pop_back();  // no midline here
  content.statements.insert(content.statements.begin(), describe_finding("Cement", reading.cement_present, YesMeans::good));
  if (content.statements[0].tone == Tone::attention) content.statements[0].tone = Tone::neutral;
  content.statements.push_back({"Bodies", fmt::format("{} vertebral bodies outlined", reading.n_bodies), std::nullopt, "", Tone::neutral});
  if (reading.hu_l1) {
    const std::string level = reading.hu_l1_level.empty() ? "level not named" : reading.hu_l1_level;
    content.statements.push_back(
        {"Bone", fmt::format("{:.0f}\u00a0HU trabecular ({})", *reading.hu_l1, level), std::nullopt, "", Tone::neutral});
  }
  content.warnings = reading.warnings;
  return content;
}

}  // namespace

std::string render_overview(const imaging::CtVolume& volume, const imaging::CtReading& reading, const PictureText& text) {
  const Extent extent = extent_of(volume);
  const Course canal = canal_course(reading);
  const std::string path = canal.empty() ? "" : " along the canal", projected = reading.treated.empty() ? "" : ", cement projected";
  Panel sagittal, coronal;
  sagittal.plane = standing_plane(extent, canal, {0, 1, 0});
  sagittal.title = "Sagittal" + path + projected;
  sagittal.letters = {"A", "P", "S", "I"};
  coronal.plane = standing_plane(extent, body_course(reading, canal), {1, 0, 0});
  coronal.title = "Coronal" + std::string(canal.empty() ? "" : " along the bodies") + projected;
  coronal.letters = {"R", "L", "S", "I"};
  const double second = kMargin_px + sagittal.plane.width + kGap_px, words = second + coronal.plane.width + 2 * kGap_px;
  const Caption caption = lay_out_caption(overview_content(reading), kWords_px);
  const double height = std::max(kPanelTitle_px + sagittal.plane.height, caption.height_px) + kGap_px;
  Canvas canvas(static_cast<int>(words + kWords_px + kMargin_px), static_cast<int>(kHeader_px + height) + kFooter_px, kGround);
  draw_header(canvas, headline(reading), text.ordinal);
  draw_view(canvas, sagittal, {kMargin_px, kHeader_px}, {volume, reading});
  draw_view(canvas, coronal, {second, kHeader_px}, {volume, reading});
  draw_caption(canvas, caption, {words, kHeader_px + kPanelTitle_px});
  draw_footer(canvas, text.footer);
  return canvas.to_png(picture_accents());
}

}  // namespace cemscope::report
