// Tables from which tests/tools/fit_discs.py fits imaging/spine/disc_weights.h.
//   disc_lab phantoms FIRST LAST > TABLE      random phantoms by seed
//   disc_lab labelled FILE...    > TABLE      scans with labels as warp_cohort.py --raw writes them
// A record: int32 length, channels, discs; float64 first and last labelled place, borders (below, above) of every disc; the channels.
#include <cstdio>
#include <map>
#include <span>

#include "imaging/spine/disc_evidence.h"
#include "labelled_scan.h"

namespace {

using namespace cemscope::imaging;
using cemscope::tools::label_at;
using cemscope::tools::LabelledScan;

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

void tabulate(const LabelledScan& scan) {
  const VolumeView view = view_of(scan.volume);
  const auto straight = cemscope::tools::straightened(view);
  if (!straight) return;
  write_record(bodies_along(view, scan.vertebrae, straight->spine, straight->profiles),
               spine::disc_channels(straight->spine, straight->profiles));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 2 ? argv[1] : "";
  if (mode == "phantoms" && argc == 4)
    for (unsigned long seed = std::stoul(argv[2]); seed <= std::stoul(argv[3]); ++seed) {
      if (const auto scan = cemscope::tools::upright_phantom(static_cast<unsigned>(seed))) tabulate(*scan);
    }
  else if (mode == "labelled")
    for (int q = 2; q < argc; ++q) tabulate(cemscope::tools::read_raw(argv[q]));
  else
    return std::fputs("usage: disc_lab phantoms FIRST LAST | labelled FILE...   (see tests/tools/README.md)\n", stderr), 2;
  return 0;
}
