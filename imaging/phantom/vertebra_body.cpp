#include "imaging/phantom/vertebra_body.h"

namespace cemscope::imaging::phantom {
namespace {

double bump(double value, double centre, double width) {
  const double u = (value - centre) / width;
  return std::exp(-u * u);
}

// Kidney shape: a superellipse, rounder in front, with the posterior wall drawn in at the midline.
double outline_radius(double cosine, double sine, double half_width, double half_depth, double indentation) {
  const double exponent = sine > 0 ? 2.8 : 2.15;
  const double g = std::pow(std::abs(cosine) / half_width, exponent) + std::pow(std::abs(sine) / half_depth, exponent);
  double radius = std::pow(g, -1.0 / exponent);
  for (int pass = 0; pass < 3 && sine > 0.05; ++pass) {
    const double wall = half_depth - indentation * bump(radius * cosine, 0.0, 0.5 * half_width);
    radius = std::min(radius, wall / sine);
  }
  return radius;
}

struct OutlineRecipe {
  double indentation, waist_lateral, waist_front, bulge;
};

void fill_outline(VertebraBody& body, const VertebraSize& size, double scale, const OutlineRecipe& outline) {
  for (int step = 0; step < AngularTable::kSteps; ++step) {
    const auto [cosine, sine] = diamond_direction(4.0 * step / AngularTable::kSteps);
    const double s = 0.5 * scale * (1 + outline.bulge);
    body.radius_upper_mm.step(step) = outline_radius(cosine, sine, s * size.width_upper_mm, s * size.depth_upper_mm, outline.indentation);
    body.radius_lower_mm.step(step) = outline_radius(cosine, sine, s * size.width_lower_mm, s * size.depth_lower_mm, outline.indentation);
    const double front = std::max(0.0, -sine), back = std::max(0.0, sine);
    body.waist_fraction.step(step) = outline.waist_lateral * cosine * cosine + outline.waist_front * front * front + 0.03 * back * back;
  }
}

// Osteophytes: a few spurs of the rims, in front and at the sides.
void fill_rim(VertebraBody& body, double osteophytes, Random& random) {
  const int n_spurs = static_cast<int>(osteophytes * 6);
  for (int spur = 0; spur < n_spurs; ++spur) {
    const double centre = random.uniform(1.8, 4.2), width = random.uniform(0.12, 0.4), height = random.uniform(1.0, 5.0) * osteophytes;
    for (int step = 0; step < AngularTable::kSteps; ++step) {
      double angle = 4.0 * step / AngularTable::kSteps;
      if (angle < 0.5) angle += 4.0;
      body.rim_mm.step(step) += static_cast<float>(height * bump(angle, centre, width));
    }
  }
}

// Share of the collapse at a place of the body: 1 where the fracture is deepest.
double collapse_shape(FractureType type, double u, double v) {
  const double radius2 = u * u + v * v;
  switch (type) {
    case FractureType::wedge: return std::clamp(0.5 - 0.56 * v, 0.0, 1.0) * (v > 0.8 ? 0.5 : 1.0);
    case FractureType::biconcave: return std::max(0.0, 1.0 - std::pow(radius2, 1.3));
    case FractureType::crush: return std::clamp(0.88 - 0.12 * v, 0.0, 1.0);
  }
  return 0.0;
}

double upper_share(FractureType type, Random& random) {
  switch (type) {
    case FractureType::wedge: return random.chance(0.85) ? 1.0 : 0.3;
    case FractureType::biconcave: return random.uniform(0.4, 0.7);
    case FractureType::crush: return random.uniform(0.6, 0.9);
  }
  return 1.0;
}

struct PlateRecipe {
  double half_front, half_back, concavity, drop, irregularity, noise_offset;
  FractureType type;
};

double plate_height(const VertebraBody& body, const PlateRecipe& plate, const NoiseTexture& texture, double x, double y) {
  const double u = x / body.half_width_mm, v = y / body.half_depth_mm;
  const double base = plate.half_front + (plate.half_back - plate.half_front) * std::clamp(0.5 + 0.5 * v, 0.0, 1.0);
  const double radius2 = u * u + (v - 0.1) * (v - 0.1);
  const double hollow = plate.concavity * std::max(0.0, 1.0 - radius2 / 0.85);
  const double collapse = plate.drop * collapse_shape(plate.type, u, v);
  return base - hollow - collapse + plate.irregularity * texture.at(x / 4.0, y / 4.0, plate.noise_offset);
}

void fill_endplates(VertebraBody& body, const PlateRecipe& upper, const PlateRecipe& lower, const NoiseTexture& texture) {
  body.min_z_mm = 1e9, body.max_z_mm = -1e9;
  for (int y = -EndplateSurface::kHalfY; y <= EndplateSurface::kHalfY; ++y) {
    for (int x = -EndplateSurface::kHalfX; x <= EndplateSurface::kHalfX; ++x) {
      const double top = plate_height(body, upper, texture, x, y);
      const double bottom = std::min(-plate_height(body, lower, texture, x, y), top - 4.0);
      body.upper.node(x, y) = static_cast<float>(top);
      body.lower.node(x, y) = static_cast<float>(bottom);
      body.min_z_mm = std::min(body.min_z_mm, bottom);
      body.max_z_mm = std::max(body.max_z_mm, top);
    }
  }
}

}  // namespace

double diamond_angle(double x, double y) {
  const double sum = std::abs(x) + std::abs(y) + 1e-12;
  if (y >= 0) return x >= 0 ? y / sum : 1.0 - x / sum;
  return x < 0 ? 2.0 - y / sum : 3.0 + x / sum;
}

std::array<double, 2> diamond_direction(double angle) {
  const double quarter = angle - 4.0 * std::floor(angle / 4.0);
  const double x = quarter < 2 ? 1.0 - quarter : quarter - 3.0;
  const double y = quarter < 1 ? quarter : quarter < 3 ? 2.0 - quarter : quarter - 4.0;
  const double norm = std::hypot(x, y);
  return {x / norm, y / norm};
}

double VertebraBody::radius_mm(double angle, double height_fraction) const {
  const double t = height_fraction;
  const double lower_r = radius_lower_mm.at(angle);
  return (lower_r + t * (radius_upper_mm.at(angle) - lower_r)) * (1.0 - waist_fraction.at(angle) * 4.0 * t * (1.0 - t));
}

BodyPosition VertebraBody::locate(const Point_mm& local) const {
  const double x = local.x(), y = local.y(), z = local.z();
  const double top = upper.at(x, y), bottom = lower.at(x, y);
  const double height = std::max(top - bottom, 1.0);
  BodyPosition position{};
  position.height_fraction = std::clamp((z - bottom) / height, 0.0, 1.0);
  const double angle = diamond_angle(x, y);
  double radius = radius_mm(angle, position.height_fraction);
  const double rim = rim_mm.at(angle);
  if (rim > 0.05) {
    const double depth = std::min(position.height_fraction, 1.0 - position.height_fraction) * height / 3.5;
    radius += rim * std::exp(-depth * depth);
  }
  position.lateral_mm = 0.96 * (std::sqrt(x * x + y * y) - radius);
  position.above_mm = 0.97 * (z - top);
  position.below_mm = 0.97 * (bottom - z);
  position.distance_mm = smooth_max(position.lateral_mm, std::max(position.above_mm, position.below_mm), 1.6);
  return position;
}

VertebraBody make_vertebra_body(const VertebraSize& size, const BodyRecipe& recipe, const NoiseTexture& texture, Random& random) {
  VertebraBody body;
  const double scale = recipe.scale;
  body.half_width_mm = 0.25 * scale * (size.width_upper_mm + size.width_lower_mm);
  body.half_depth_mm = 0.25 * scale * (size.depth_upper_mm + size.depth_lower_mm);
  const FractureType type = recipe.fracture ? recipe.fracture->type : FractureType::crush;
  body.fracture_compression = recipe.fracture ? recipe.fracture->compression : 0.0;
  body.upper_drop_share = upper_share(type, random);
  const double bulge = 0.10 * body.fracture_compression;
  fill_outline(body, size, scale, {random.uniform(0.3, 2.8), random.uniform(0.09, 0.16), random.uniform(0.06, 0.13), bulge});
  fill_rim(body, recipe.osteophytes, random);
  const double front = 0.5 * scale * size.height_anterior_mm * random.normal(1.0, 0.02);
  const double back = 0.5 * scale * size.height_posterior_mm * random.normal(1.0, 0.02);
  const double drop = body.fracture_compression * (type == FractureType::biconcave ? front + back - 2 * recipe.concavity_mm : 2 * front);
  const double irregularity = 0.2 + 1.4 * body.fracture_compression, offset = random.uniform(0, 60);
  const PlateRecipe upper{front, back, recipe.concavity_mm, drop * body.upper_drop_share, irregularity, offset, type};
  const PlateRecipe lower{
      front, back, recipe.concavity_mm * random.uniform(0.6, 1.1), drop * (1 - body.upper_drop_share), irregularity, offset + 9.0, type};
  fill_endplates(body, upper, lower, texture);
  body.max_radius_mm = std::max(body.half_width_mm, body.half_depth_mm) * 1.25 + 6.0 * recipe.osteophytes;
  return body;
}

}  // namespace cemscope::imaging::phantom
