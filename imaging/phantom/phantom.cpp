#include "imaging/phantom/phantom.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "imaging/error.h"
#include "imaging/phantom/cement_truth.h"
#include "imaging/phantom/label_images.h"
#include "imaging/phantom/reformat.h"
#include "imaging/phantom/scanner.h"

namespace cemscope::imaging {
namespace {

// Thin axial slices for a reformat, sharp enough for it.
constexpr double kReformatSource_mm = 0.8, kReformatHalfRange_mm = 48;

CtVolume scan_reformatted(const phantom::Scene& scene) {
  const PhantomScan& scan = scene.parameters.scan;
  phantom::AxialField field = phantom::field_of(scene);
  field.slices = static_cast<int>((field.slices - 1) * field.spacing_mm / kReformatSource_mm) + 1;
  field.spacing_mm = field.thickness_mm = kReformatSource_mm;
  const CtVolume axial = phantom::axial_volume(field, phantom::scan_axial(scene, field), scan.saturation_hu);
  const double middle_z = field.origin_mm.z() + 0.5 * (field.slices - 1) * field.spacing_mm;
  const phantom::ReformatField planes{scan.plane,
                                      scan.pixel_mm,
                                      scan.slice_spacing_mm,
                                      scan.slice_thickness_mm,
                                      kReformatHalfRange_mm,
                                      scene.tissue.curve.at(middle_z).body};
  return phantom::reformat(axial, planes);
}

PhantomTiltedStack tilted_stack(const phantom::AxialField& field, const std::vector<std::int16_t>& hu, std::int16_t saturation_hu) {
  const double tilt = field.gantry_tilt_deg * std::numbers::pi / 180;
  return {phantom::axial_volume(field, hu, saturation_hu).image, field.origin_mm, Direction(0, std::cos(tilt), std::sin(tilt)),
          Direction(0, 0, field.spacing_mm)};
}

void scan_scene(PhantomPatient& patient, const phantom::Scene& scene) {
  const PhantomScan& scan = scene.parameters.scan;
  if (scan.plane != SlicePlane::axial) {
    patient.ct = scan_reformatted(scene);
    return;
  }
  const phantom::AxialField field = phantom::field_of(scene);
  const std::vector<std::int16_t> hu = phantom::scan_axial(scene, field);
  if (field.gantry_tilt_deg == 0) {
    patient.ct = phantom::axial_volume(field, hu, scan.saturation_hu);
    return;
  }
  patient.ct = phantom::sheared_volume(field, hu, scan.saturation_hu);
  patient.tilted = tilted_stack(field, hu, scan.saturation_hu);
}

PhantomTruth make_truth(const phantom::Scene& scene, const std::vector<int>& body_index) {
  PhantomTruth truth;
  double density = 0;
  int n_density = 0;
  for (const int index : body_index) {
    const phantom::Vertebra& vertebra = scene.spine.vertebrae[index];
    truth.body_levels.push_back(vertebra.level);
    truth.body_frames.push_back(phantom::truth_frame(vertebra));
    truth.canal_course_mm.push_back(vertebra.frame.to_patient({0, vertebra.canal.centre_y_mm, 0}));
    if (!vertebra.is_fractured) density += vertebra.trabecular_hu, ++n_density;
  }
  truth.trabecular_hu = n_density > 0 ? density / n_density : 0.0;
  for (const phantom::CementBrick& brick : scene.bricks) {
    const auto found = std::find(truth.body_levels.begin(), truth.body_levels.end(), brick.level);
    if (found == truth.body_levels.end()) continue;
    truth.vertebrae.push_back(phantom::measure_truth(brick, scene.spine, phantom::leak_tolerance_mm(scene.parameters.scan)));
    truth.vertebrae.back().body_label = static_cast<int>(found - truth.body_levels.begin()) + 1;
  }
  std::sort(truth.vertebrae.begin(), truth.vertebrae.end(), [](const auto& a, const auto& b) { return a.body_label < b.body_label; });
  return truth;
}

}  // namespace

PhantomPatient make_phantom(const PhantomParameters& parameters) {
  const phantom::Scene scene = phantom::make_scene(parameters);
  PhantomPatient patient;
  scan_scene(patient, scene);
  phantom::BodyLabels bodies = phantom::body_labels(scene, patient.ct);
  patient.cement = phantom::cement_labels(scene, patient.ct);
  patient.posterior = phantom::posterior_labels(scene, patient.ct, bodies.index);
  patient.truth = make_truth(scene, bodies.index);
  patient.bodies = bodies.mask;
  return patient;
}

std::string to_string(CementPattern pattern) {
  switch (pattern) {
    case CementPattern::left: return "left";
    case CementPattern::right: return "right";
    case CementPattern::bilateral: return "bilateral";
    case CementPattern::central_spread: return "central_spread";
    case CementPattern::clump: return "clump";
    case CementPattern::diffuse: return "diffuse";
  }
  return "";
}

}  // namespace cemscope::imaging
