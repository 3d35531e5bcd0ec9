// Tables from which tests/tools/fit_discs.py fits imaging/spine/disc_weights.h.
//   disc_lab phantoms FIRST LAST > TABLE      random phantoms by seed
//   disc_lab labelled FILE...    > TABLE      scans with labels as warp_cohort.py --raw writes them
// A record: int32 length, channels, discs; float64 first and last labelled place, borders (below, above) of every disc; the channels.
#include <cstdio>
#include <fstream>
#include <map>
#include <span>
#include <stdexcept>

#include "imaging/phantom/phantom.h"
#include "imaging/phantom/phantom_parameters.h"
#include "imaging/spine/disc_evidence.h"

namespace {

using namespace cemscope::imaging;

/// A scan in LPS order and the number of the body in each of its voxels, 0 for none.
struct Labelled {
  CtVolume volume;
  std::vector<std::uint8_t> labels;
};

std::uint8_t label_at(const VolumeView& view, const std::vector<std::uint8_t>& labels, const Point_mm& p) {
  std::size_t at = 0;
  for (int axis = 2; axis >= 0; --axis) {
    const long q = std::lround(p[axis] / view.spacing_mm[axis]);
    if (q < 0 || q >= view.size[axis]) return 0;
    at = at * view.size[axis] + static_cast<std::size_t>(q);
  }
  return labels[at];
}

/// The body that most of the column's middle lies in, by millimetre of the course; 0 for none.
std::vector<int> bodies_along(const VolumeView& view, const std::vector<std::uint8_t>& labels, const spine::StraightSpine& straight,
                              const spine::SpineProfiles& profiles) {
  constexpr int kMostOf = 8;  // of 25 places
  std::vector<int> bodies(straight.length(), 0);
  for (int s = 0; s < straight.length(); ++s) {
    std::map<int, int> votes;
    for (double front = 10; front <= 22; front += 3)
      for (double left = -8; left <= 8; left += 4)
        ++votes[label_at(view, labels, straight.frame.to_image(s, profiles.posterior_wall[s] + front, left))];
    const auto most = std::max_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most->second > kMostOf) bodies[s] = most->first;
  }
  return bodies;
}

void write(std::span<const double> values) { std::fwrite(values.data(), sizeof(double), values.size(), stdout); }

void write_record(const std::vector<int>& bodies, const std::vector<std::vector<double>>& channels) {
  std::vector<double> places;
  int last = -1, first = -1;
  for (int s = 0; s < static_cast<int>(bodies.size()); ++s) {
    if (bodies[s] == 0) continue;
    if (first < 0) first = s;
    if (last >= 0 && bodies[s] != bodies[last]) places.insert(places.end(), {static_cast<double>(last), static_cast<double>(s)});
    last = s;
  }
  const std::array<std::int32_t, 3> head{static_cast<std::int32_t>(bodies.size()), static_cast<std::int32_t>(channels.size()),
                                         static_cast<std::int32_t>(places.size() / 2)};
  std::fwrite(head.data(), sizeof(std::int32_t), head.size(), stdout);
  write(std::array{static_cast<double>(first), static_cast<double>(last)});
  write(places);
  for (const auto& channel : channels) write(channel);
}

void tabulate(const Labelled& scan) {
  const VolumeView view = view_of(scan.volume);
  const auto course = spine::trace_canal(view, {});
  if (!course.found()) return;
  constexpr double kMargin_mm = 20;  // as read_ct prolongs it
  const auto straight = spine::straighten(view, spine::prolong(course, view, kMargin_mm));
  const auto profiles = spine::measure_profiles(straight);
  write_record(bodies_along(view, scan.labels, straight, profiles), spine::disc_channels(straight, profiles));
}

/// int32 size (k, j, i), float64 spacing (k, j, i) mm, int16 HU, uint8 labels; k up, j back, i left.
Labelled read_raw(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::array<std::int32_t, 3> size{};
  std::array<double, 3> spacing{};
  file.read(reinterpret_cast<char*>(size.data()), sizeof size);
  file.read(reinterpret_cast<char*>(spacing.data()), sizeof spacing);
  auto image = HuImage::New();
  HuImage::SizeType n;
  HuImage::SpacingType mm;
  for (unsigned axis = 0; axis < 3; ++axis) n[axis] = static_cast<itk::SizeValueType>(size[2 - axis]), mm[axis] = spacing[2 - axis];
  image->SetRegions(n), image->SetSpacing(mm), image->Allocate();
  const std::size_t count = n[0] * n[1] * n[2];
  Labelled scan;
  scan.labels.resize(count);
  file.read(reinterpret_cast<char*>(image->GetBufferPointer()), static_cast<std::streamsize>(2 * count));
  file.read(reinterpret_cast<char*>(scan.labels.data()), static_cast<std::streamsize>(count));
  if (!file) throw std::runtime_error(std::string("cannot read ") + path);
  scan.volume.image = image;
  return scan;
}

bool is_upright(const HuImage& image) {
  for (unsigned row = 0; row < 3; ++row)
    for (unsigned column = 0; column < 3; ++column)
      if (image.GetDirection()[row][column] != (row == column ? 1.0 : 0.0)) return false;
  return true;
}

void tabulate_phantom(unsigned seed) {
  const auto patient = make_phantom(draw_phantom_parameters(seed));
  if (!is_upright(*patient.ct.image)) return;
  const auto* labels = patient.bodies.image->GetBufferPointer();
  Labelled scan;
  scan.volume = patient.ct;
  scan.labels.assign(labels, labels + patient.bodies.image->GetLargestPossibleRegion().GetNumberOfPixels());
  tabulate(scan);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 2 ? argv[1] : "";
  if (mode == "phantoms" && argc == 4)
    for (unsigned long seed = std::stoul(argv[2]); seed <= std::stoul(argv[3]); ++seed) tabulate_phantom(static_cast<unsigned>(seed));
  else if (mode == "labelled")
    for (int q = 2; q < argc; ++q) tabulate(read_raw(argv[q]));
  else
    return std::fputs("usage: disc_lab phantoms FIRST LAST | labelled FILE...   (see tests/tools/README.md)\n", stderr), 2;
  return 0;
}
