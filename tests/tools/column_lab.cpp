// Pictures of the column of bodies with what is known of them, from which tests/tools/fit_columns.py learns
// imaging/spine/body_map_weights.h.
//   column_lab phantoms FIRST LAST > MAPS     random phantoms by seed
//   column_lab treated FIRST LAST  > MAPS     the same, more bodies treated than usual
//   column_lab labelled FILE...    > MAPS     scans with labels as warp_cohort.py --raw writes them
// A record: char[64] name; int32 nodes along; float64 slice, mm; uint8 channels (of -1 ... 2, by 85) and what each node is (Place), on the
// lattice of body_map.h.
#include <cstdio>
#include <filesystem>

#include "imaging/spine/body_map.h"
#include "labelled_scan.h"

namespace {

using namespace cemscope::imaging;
using cemscope::tools::label_at;
using cemscope::tools::LabelledScan;
using spine::ColumnLattice;

enum Place : std::uint8_t { kElsewhere, kBody, kDisc, kUnsure };

constexpr int kWidestDisc_mm = 18, kBeyondLast_mm = 5;

/// Labels along one column of the straightened spine, every millimetre, turned into places.
std::vector<std::uint8_t> places_along(const std::vector<std::uint8_t>& labels, int first, int last) {
  const int n = static_cast<int>(labels.size());
  std::vector<std::uint8_t> places(labels.size(), kElsewhere);
  int before = -1;
  for (int s = 0; s <= n; ++s) {
    if (s < n && labels[s] == 0) continue;
    if (s < n) places[s] = kBody;
    const bool is_between = s < n && before >= 0, is_hollow = is_between && labels[s] == labels[before];
    if (is_between && !is_hollow && s - before - 1 <= kWidestDisc_mm)
      for (int q = before + 1; q < s; ++q) places[q] = kDisc;
    else if (s - before > 1 && !is_hollow) {
      for (int q = before + 1; before >= 0 && q <= std::min(before + kBeyondLast_mm, n - 1); ++q) places[q] = kDisc;
      for (int q = std::max(0, s - kBeyondLast_mm); s < n && q < s; ++q)
        if (labels[q] == 0) places[q] = kDisc;
    }
    before = s;
  }
  for (int s = 0; s < n; ++s)
    if ((s < first || s > last) && places[s] != kDisc) places[s] = kUnsure;
  return places;
}

void tabulate(const LabelledScan& scan, const char* name, bool is_all_labelled) {
  const VolumeView view = view_of(scan.volume);
  const auto straight = cemscope::tools::straightened(view);
  if (!straight) return;
  const auto& spine = straight->spine;
  const auto picture = spine::column_picture(spine);
  const int nz = picture.channels[0].nz, length = spine.length();
  std::vector<std::vector<std::uint8_t>> columns;
  int first = length, last = -1;
  for (int y = 0; y < ColumnLattice::kFront; ++y)
    for (int x = 0; x < ColumnLattice::kLeft; ++x) {
      columns.emplace_back();
      for (int s = 0; s < length; ++s) {
        const auto at = spine.frame.to_image(s, 2 * y + ColumnLattice::kFirstFront_mm + 0.5, 2 * x + ColumnLattice::kFirstLeft_mm + 0.5);
        columns.back().push_back(label_at(view, scan.bodies, at));
        if (columns.back().back()) first = std::min(first, s), last = std::max(last, s);
      }
    }
  if (is_all_labelled) first = 0, last = length;
  constexpr float kMostly = 0.5;
  const auto& shown = picture.channels[2].values;
  std::vector<std::uint8_t> places(shown.size(), kUnsure);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const auto along = places_along(columns[c], first, last);
    for (int z = 0; 2 * z + 1 < length; ++z)
      if (const std::size_t node = static_cast<std::size_t>(z) * columns.size() + c;
          shown[node] > kMostly && along[2 * z] == along[2 * z + 1])
        places[node] = along[2 * z];
  }
  std::array<char, 64> head{};
  std::snprintf(head.data(), head.size(), "%s", name);
  const std::int32_t n = nz;
  const double slice = *std::max_element(view.spacing_mm.begin(), view.spacing_mm.end());
  std::fwrite(head.data(), 1, head.size(), stdout), std::fwrite(&n, sizeof n, 1, stdout), std::fwrite(&slice, sizeof slice, 1, stdout);
  for (const auto& channel : picture.channels) {
    std::vector<std::uint8_t> bytes;
    for (float value : channel.values) bytes.push_back(static_cast<std::uint8_t>(std::lround((value + 1) * 85)));
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  }
  std::fwrite(places.data(), 1, places.size(), stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 2 ? argv[1] : "";
  if ((mode == "phantoms" || mode == "treated") && argc == 4)
    for (unsigned long seed = std::stoul(argv[2]); seed <= std::stoul(argv[3]); ++seed) {
      const auto n = static_cast<unsigned>(seed);
      if (const auto scan = mode == "phantoms" ? cemscope::tools::upright_phantom(n) : cemscope::tools::much_treated_phantom(n))
        tabulate(*scan, (mode + "_" + std::to_string(n)).c_str(), true);
    }
  else if (mode == "labelled")
    for (int q = 2; q < argc; ++q)
      tabulate(cemscope::tools::read_raw(argv[q]), ("warped_" + std::filesystem::path(argv[q]).stem().string().substr(4)).c_str(), false);
  else
    return std::fputs("usage: column_lab phantoms|treated FIRST LAST | labelled FILE...   (see tests/tools/README.md)\n", stderr), 2;
  return 0;
}
