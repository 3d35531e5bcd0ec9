// Tables from which tests/tools/fit_outlines.py learns imaging/spine/outline_weights.h: every whole body, as found.
//   body_lab phantoms FIRST LAST > TABLE      random phantoms by seed, more bodies treated than usual
//   body_lab plain FIRST LAST    > TABLE      random phantoms as the sweep has them
//   body_lab labelled FILE...    > TABLE      scans with labels as warp_cohort.py --raw writes them
// A record: int32 seed or number of the file, body; float32 slice, mm; the block's voxels, x fastest: its channels (uint8, of -1 ... 2,
// int8 of -1 ... 1) and what share of the voxel the body fills in truth (uint8).
#include <cstdio>
#include <map>
#include <optional>

#include "imaging/spine/body_block.h"
#include "imaging/spine/redraw.h"
#include "labelled_scan.h"

namespace {

using namespace cemscope::imaging;
using cemscope::tools::label_at;
using cemscope::tools::LabelledScan;
using spine::BodyBlock;

template <typename T>
void put(const T* values, std::size_t n) {
  std::fwrite(values, sizeof(T), n, stdout);
}

/// The number most of the found body lies in; 0 for none.
int number_of(const VolumeView& view, const std::vector<std::uint8_t>& labels, const spine::VertebralBody& body) {
  std::map<int, int> votes;
  int inside = 0;
  for (int w = -12; w <= 12; w += 3)
    for (int v = -12; v <= 12; v += 3)
      for (int u = -15; u <= 15; u += 3)
        if (const Eigen::Vector3d q(u, v, w); body.contains(q)) ++inside, ++votes[label_at(view, labels, body.frame.to_image(q))];
  for (const auto& [number, n] : votes)
    if (number > 0 && 2 * n > inside) return number;
  return 0;
}

/// What share of the voxels is labelled so, blended between the scan's voxels.
std::vector<std::uint8_t> shares(const VolumeView& view, const std::vector<std::uint8_t>& labels, const spine::VertebralBody& body,
                                 int number) {
  std::vector<std::int16_t> mask(labels.size());
  for (std::size_t q = 0; q < mask.size(); ++q) mask[q] = labels[q] == number ? 1000 : 0;
  VolumeView masked = view;
  masked.hu = mask.data();
  std::vector<std::uint8_t> out;
  for (int z = 0; z < BodyBlock::kW; ++z)
    for (int y = 0; y < BodyBlock::kV; ++y)
      for (int x = 0; x < BodyBlock::kU; ++x) {
        float sum = 0;
        for (int n = 0; n < BodyBlock::kParts; ++n) sum += masked.sample(body.frame.to_image(BodyBlock::part(x, y, z, n)));
        out.push_back(static_cast<std::uint8_t>(std::lround(sum / (1000 * BodyBlock::kParts) * 255)));
      }
  return out;
}

void tabulate(const LabelledScan& scan, int seed) {
  const VolumeView view = view_of(scan.volume);
  const auto straight = cemscope::tools::straightened(view);
  if (!straight) return;
  const auto discs = spine::find_discs(straight->spine, straight->profiles);
  if (discs.size() < 2) return;
  const auto bodies = spine::fit_bodies(view, straight->spine, straight->profiles, discs);
  for (std::size_t b = 0; b < bodies.size(); ++b) {
    if (bodies[b].cut_above || bodies[b].cut_below) continue;
    const int number = number_of(view, scan.bodies, bodies[b]);
    if (number == 0) continue;
    const BodyBlock block = spine::body_block(view, bodies[b]);
    const std::array<std::int32_t, 2> head{seed, static_cast<std::int32_t>(b)};
    const auto slice = static_cast<float>(*std::max_element(view.spacing_mm.begin(), view.spacing_mm.end()));
    put(head.data(), 2), put(&slice, 1);
    for (int c = 0; c < BodyBlock::kChannels; ++c) {
      std::vector<std::uint8_t> bytes;
      for (float value : block.channels[c].values)
        bytes.push_back(static_cast<std::uint8_t>(c == 2 ? std::lround(value * 127) : std::lround((value + 1) * 85)));
      put(bytes.data(), bytes.size());
    }
    const auto truth = shares(view, scan.bodies, bodies[b], number);
    put(truth.data(), truth.size());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 2 ? argv[1] : "";
  if ((mode == "phantoms" || mode == "plain") && argc == 4)
    for (unsigned long seed = std::stoul(argv[2]); seed <= std::stoul(argv[3]); ++seed) {
      const auto n = static_cast<unsigned>(seed);
      if (const auto scan = mode == "plain" ? cemscope::tools::upright_phantom(n) : cemscope::tools::much_treated_phantom(n))
        tabulate(*scan, static_cast<int>(n));
    }
  else if (mode == "labelled")
    for (int q = 2; q < argc; ++q) tabulate(cemscope::tools::read_raw(argv[q]), -q);
  else
    return std::fputs("usage: body_lab phantoms|plain FIRST LAST | labelled FILE...   (see tests/tools/README.md)\n", stderr), 2;
  return 0;
}
