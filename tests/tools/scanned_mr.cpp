#include "tests/tools/scanned_mr.h"

#include <array>
#include <fstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace cemscope::tools {
namespace {

using namespace cemscope::imaging;

// Slices to the left, rows to the foot, columns back, from the origin on.
SignalImage::Pointer sagittal_image(const std::array<std::size_t, 3>& size, const std::array<double, 3>& spacing_mm) {
  auto image = SignalImage::New();
  SignalImage::RegionType region;
  region.SetSize({size[2], size[1], size[0]});
  image->SetRegions(region);
  const std::array<double, 3> per_column_row_slice{spacing_mm[2], spacing_mm[1], spacing_mm[0]};
  image->SetSpacing(per_column_row_slice.data());
  SignalImage::DirectionType direction;
  direction.Fill(0);
  direction[1][0] = 1, direction[2][1] = -1, direction[0][2] = 1;
  image->SetDirection(direction);
  image->Allocate();
  return image;
}

}  // namespace

ScannedMr read_scanned_mr(const std::string& folder, unsigned long seed) {
  std::ifstream file(folder + "/" + std::to_string(seed) + ".mr", std::ios::binary);
  std::string header;
  if (!std::getline(file, header)) throw std::runtime_error("no examination " + std::to_string(seed));
  const auto told = nlohmann::json::parse(header);
  ScannedMr scanned;
  auto& truth = scanned.exam.truth;
  truth.soft_tissue_injury = told.at("injury"), truth.is_borderline = told.at("borderline");
  truth.suppression_failed = told.at("failed"), truth.length_mm = told.at("length");
  truth.acute_levels = told.at("acute").get<std::vector<std::string>>();
  for (const auto& body : told.at("bodies")) {
    truth.body_levels.push_back(body.at("level"));
    truth.body_centres_mm.emplace_back(0.0, body.at("y").get<double>(), body.at("z").get<double>());
  }
  if (told.at("subcutaneous")) scanned.parameters.subcutaneous.emplace_back();
  const auto image = sagittal_image(told.at("size"), told.at("spacing"));
  scanned.named.resize(image->GetLargestPossibleRegion().GetNumberOfPixels());
  file.read(reinterpret_cast<char*>(image->GetBufferPointer()), static_cast<std::streamsize>(scanned.named.size() * sizeof(float)));
  file.read(reinterpret_cast<char*>(scanned.named.data()), static_cast<std::streamsize>(scanned.named.size()));
  if (!file) throw std::runtime_error("examination " + std::to_string(seed) + " is cut short");
  scanned.exam.volume.image = image;
  return scanned;
}

}  // namespace cemscope::tools
