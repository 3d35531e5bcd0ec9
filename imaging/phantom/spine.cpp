#include "imaging/phantom/spine.h"

#include <numbers>

#include <Eigen/Geometry>

#include "imaging/phantom/posterior_elements.h"

namespace cemscope::imaging::phantom {
namespace {

constexpr double kDegree = std::numbers::pi / 180.0;

VertebraSize scaled(const VertebraSize& mean, double scale, Random& random) {
  VertebraSize size = mean;
  for (double* length :
       {&size.width_upper_mm, &size.width_lower_mm, &size.depth_upper_mm, &size.depth_lower_mm, &size.height_anterior_mm,
        &size.height_posterior_mm, &size.canal_width_mm, &size.canal_depth_mm, &size.pedicle_width_mm, &size.pedicle_height_mm,
        &size.transverse_width_mm, &size.spinous_length_mm, &size.spinous_drop_mm, &size.disc_below_mm})
    *length *= scale * random.normal(1.0, 0.025);
  return size;
}

const PhantomFracture* find_fracture(const PhantomParameters& parameters, const std::string& level) {
  for (const PhantomFracture& fracture : parameters.fractures)
    if (fracture.level == level) return &fracture;
  return nullptr;
}

Vertebra make_vertebra(int index, const PhantomParameters& parameters, const NoiseTexture& texture, Random& random) {
  const PhantomAnatomy& anatomy = parameters.anatomy;
  Vertebra vertebra;
  vertebra.level = vertebra_sizes()[index].level;
  vertebra.is_sacral = index >= kFirstSacral;
  vertebra.size = scaled(vertebra_sizes()[index], anatomy.size_scale, random);
  const PhantomFracture* fracture = find_fracture(parameters, vertebra.level);
  vertebra.is_fractured = fracture != nullptr;
  vertebra.body = make_vertebra_body(
      vertebra.size, {1.0, anatomy.endplate_concavity_mm, vertebra.is_sacral ? 0.0 : anatomy.osteophytes, fracture}, texture, random);
  for (const PhantomImpaction& impaction : parameters.impactions)
    if (impaction.level == vertebra.level) vertebra.impaction = impaction;
  vertebra.canal.half_width_mm = 0.5 * vertebra.size.canal_width_mm;
  vertebra.canal.half_depth_mm = 0.5 * vertebra.size.canal_depth_mm;
  vertebra.canal.centre_y_mm = vertebra.body.half_depth_mm + vertebra.canal.half_depth_mm - 1.0;
  vertebra.trabecular_hu = anatomy.trabecular_hu * random.normal(1.0, 0.08);
  vertebra.upper_sclerosis_hu = random.chance(0.5) ? anatomy.endplate_sclerosis_hu * random.uniform() : 0.0;
  vertebra.lower_sclerosis_hu = random.chance(0.5) ? anatomy.endplate_sclerosis_hu * random.uniform() : 0.0;
  vertebra.size.disc_below_mm *= random.uniform(0.55, 1.1);
  vertebra.has_gas_disc = anatomy.has_disc_gas && random.chance(0.35);
  vertebra.has_cleft = fracture && fracture->compression > 0.25 && random.chance(0.15);
  if (random.chance(0.06)) {
    vertebra.island_mm = Point_mm(random.uniform(-0.6, 0.6) * vertebra.body.half_width_mm,
                                  random.uniform(-0.6, 0.6) * vertebra.body.half_depth_mm, random.uniform(-6, 6));
    vertebra.island_radius_mm = random.uniform(1.5, 4.5);
  }
  return vertebra;
}

// Height left at the front, back and on average after a collapse, over the intact one: how far what stands above sinks and tips.
struct Stature {
  double top_mm, bottom_mm, tip_deg;
};

Stature stature_of(const VertebraBody& body) {
  const double depth = 0.7 * body.half_depth_mm, width = 0.55 * body.half_width_mm;
  double top = 0, bottom = 0, tip = 0;
  for (const double x : {-width, 0.0, width}) {
    top += (body.upper.at(x, depth) + body.upper.at(x, -depth)) / 6;
    bottom += (body.lower.at(x, depth) + body.lower.at(x, -depth)) / 6;
    tip += (body.height_mm(x, depth) - body.height_mm(x, -depth)) / 3;
  }
  return {top, bottom, std::atan2(tip, 2 * depth) / kDegree};
}

Eigen::Matrix3d posture(double pitch_deg, double roll_deg, double turn_deg) {
  return (Eigen::AngleAxisd(turn_deg * kDegree, Direction::UnitZ()) * Eigen::AngleAxisd(roll_deg * kDegree, Direction::UnitY()) *
          Eigen::AngleAxisd(-pitch_deg * kDegree, Direction::UnitX()))
      .toRotationMatrix();
}

// Coronal tilt and rotation of a level in a single curve with its apex between T12 and L2.
double scoliosis_tilt_deg(const PhantomAnatomy& anatomy, double index, double apex) {
  return 0.5 * anatomy.scoliosis_cobb_deg * std::sin(std::clamp((index - apex) / 4.0, -1.5, 1.5));
}

void place_vertebrae(std::vector<Vertebra>& vertebrae, const PhantomAnatomy& anatomy, Random& random) {
  const double apex = random.uniform(6.0, 9.0), coupling = random.uniform(0.2, 0.5);
  const int n = static_cast<int>(vertebrae.size());
  double kyphosis = 0;
  Point_mm position(0, 0, 0);
  for (int index = n - 1; index >= 0; --index) {
    Vertebra& vertebra = vertebrae[index];
    const double tilt = scoliosis_tilt_deg(anatomy, index, apex);
    const double turn =
        anatomy.axial_rotation_deg + coupling * anatomy.scoliosis_cobb_deg * std::exp(-(index - apex) * (index - apex) / 8.0);
    const double pitch = (vertebra.size.pitch_deg - 2.0) * anatomy.lordosis_scale + 2.0 - kyphosis;
    vertebra.frame.axes = posture(pitch, tilt, turn);
    const Stature stature = stature_of(vertebra.body);
    position -= vertebra.frame.axes.col(2) * stature.bottom_mm;
    if (vertebra.level == anatomy.slipped_level) position -= vertebra.frame.axes.col(1) * anatomy.slip_mm;
    vertebra.frame.centre_mm = position;
    position += vertebra.frame.axes.col(2) * stature.top_mm;
    if (vertebra.is_fractured) kyphosis += 0.6 * std::max(0.0, stature.tip_deg);
    if (index > 0) position += vertebra.frame.axes.col(2) * vertebrae[index - 1].size.disc_below_mm;
  }
}

void turn_patient(std::vector<Vertebra>& vertebrae, const PhantomParameters& parameters, Random& random) {
  const Point_mm pivot = vertebrae[level_index("L1")].frame.centre_mm;
  const Eigen::Matrix3d turn = posture(-parameters.anatomy.patient_pitch_deg, parameters.anatomy.patient_roll_deg, 0);
  const Point_mm target(random.uniform(-12, 12), random.uniform(-15, 15), 0);
  const Point_mm place = target + parameters.anatomy.patient_shift_mm;
  for (Vertebra& vertebra : vertebrae) {
    vertebra.frame.centre_mm = turn * (vertebra.frame.centre_mm - pivot) + place;
    vertebra.frame.axes = turn * vertebra.frame.axes;
  }
}

Box body_box(const Vertebra& vertebra) {
  Box box;
  const VertebraBody& body = vertebra.body;
  for (const double x : {-body.max_radius_mm, body.max_radius_mm})
    for (const double y : {-body.max_radius_mm, body.max_radius_mm})
      for (const double z : {body.min_z_mm, body.max_z_mm}) box.include(vertebra.frame.to_patient({x, y, z}), 1.0);
  return box;
}

}  // namespace

double posterior_distance_mm(const Vertebra& vertebra, const Point_mm& point) {
  double distance = 1e3;
  for (const BonePart& part : vertebra.parts)
    if (part.is_near(point)) distance = smooth_min(distance, part.distance_mm(point), 2.5);
  return std::max(distance, -vertebra.canal.distance_mm(vertebra.frame.to_local(point)));
}

Spine make_spine(const PhantomParameters& parameters, const NoiseTexture& texture) {
  Spine spine;
  for (int index = 0; index < kNLevels; ++index) {
    Random random(parameters.seed, std::string("vertebra ") + std::string(vertebra_sizes()[index].level));
    spine.vertebrae.push_back(make_vertebra(index, parameters, texture, random));
  }
  Random random(parameters.seed, "posture");
  place_vertebrae(spine.vertebrae, parameters.anatomy, random);
  turn_patient(spine.vertebrae, parameters, random);
  for (Vertebra& vertebra : spine.vertebrae) {
    if (vertebra.is_sacral)
      add_sacral_parts(vertebra);
    else
      add_posterior_elements(vertebra, parameters.anatomy.body_half_width_mm, random);
    vertebra.body_box = body_box(vertebra);
  }
  spine.pelvis = make_pelvis(spine.vertebrae[kFirstSacral]);
  spine.pelvis_box = box_of(spine.pelvis);
  return spine;
}

}  // namespace cemscope::imaging::phantom
