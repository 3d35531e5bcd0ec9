#include "imaging/phantom/phantom.h"

#include <algorithm>
#include <cmath>

#include "imaging/error.h"
#include "imaging/phantom/cement_truth.h"
#include "imaging/phantom/label_images.h"
#include "imaging/phantom/scanner.h"

namespace cemscope::imaging {
namespace {

CtVolume make_volume(const phantom::AxialField& field, const std::vector<std::int16_t>& hu, std::int16_t saturation_hu) {
  CtVolume volume{HuImage::New(), saturation_hu};
  HuImage::RegionType region;
  region.SetSize({static_cast<itk::SizeValueType>(field.columns), static_cast<itk::SizeValueType>(field.rows),
                  static_cast<itk::SizeValueType>(field.slices)});
  const double origin[3] = {field.origin_mm.x(), field.origin_mm.y(), field.origin_mm.z()},
               spacing[3] = {field.pixel_mm, field.pixel_mm, field.spacing_mm};
  volume.image->SetRegions(region);
  volume.image->SetOrigin(origin);
  volume.image->SetSpacing(spacing);
  volume.image->Allocate();
  std::copy(hu.begin(), hu.end(), volume.image->GetBufferPointer());
  return volume;
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
    truth.vertebrae.push_back(phantom::measure_truth(brick, scene.spine));
    truth.vertebrae.back().body_label = static_cast<int>(found - truth.body_levels.begin()) + 1;
  }
  std::sort(truth.vertebrae.begin(), truth.vertebrae.end(), [](const auto& a, const auto& b) { return a.body_label < b.body_label; });
  return truth;
}

}  // namespace

PhantomPatient make_phantom(const PhantomParameters& parameters) {
  const phantom::Scene scene = phantom::make_scene(parameters);
  const phantom::AxialField field = phantom::field_of(scene);
  PhantomPatient patient;
  patient.ct = make_volume(field, phantom::scan_axial(scene, field), parameters.scan.saturation_hu);
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
