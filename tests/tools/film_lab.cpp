// Simulates pairs of films once, reads them as often as the reading changes, and writes tables of what the reading saw beside the truth,
// from which its weights are fitted. Not part of the product; see README.md here.
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>

#include "imaging/parallel.h"
#include "imaging/phantom/morphometry.h"
#include "imaging/radiograph/film_findings.h"
#include "imaging/radiograph/film_leak.h"
#include "imaging/radiograph/film_pairing.h"
#include "imaging/radiograph/film_reading.h"
#include "imaging/radiograph/shadow_edges.h"
#include "imaging/radiograph/shadow_outline.h"
#include "imaging/radiograph/strip_picture.h"
#include "src/report/film_picture.h"
#include "tests/imaging/sweep/film_levels.h"
#include "tests/tools/film_cache.h"
#include "tests/tools/film_maps.h"
#include "tests/tools/scanned_films.h"

namespace cemscope::tools {
namespace {

using namespace cemscope::imaging;
using radiograph::FilmLevel;
using radiograph::FilmSight;
constexpr double kLargeLeak_ml = 0.3, kSurely = 0.9;
constexpr int kThreads = 2;
// As tests/imaging/sweep/film_sweep_test.cpp has them.
constexpr double kFinestPixel_mm = 0.3, kLongest_mm = 260, kWidest_mm = 200;
// Display pairs keep their fine pixels, but not more film than the spine needs.
constexpr double kDisplayLongest_mm = 280, kDisplayWidest_mm = 190;

// Patients of kind "many": levels between treated ones, patients that lend theirs, and how far apart their seeds are.
constexpr int kLeastApart = 2, kMostApart = 5;
constexpr unsigned kLenders = 6, kLenderStep = 1'000'000;

std::filesystem::path file_of(const std::filesystem::path& folder, const std::string& kind, unsigned seed) {
  return folder / (kind + "_" + std::to_string(seed) + ".pair");
}

/// The level's place in the spine is free and an untreated body lies on both sides of it.
bool has_room_for(const std::string& level, const PhantomParameters& patient) {
  return std::all_of(patient.deposits.begin(), patient.deposits.end(), [&](const PhantomDeposit& other) {
    const int off = std::abs(phantom::level_index(level) - phantom::level_index(other.level));
    return off >= kLeastApart && off <= kMostApart;
  });
}

/// A patient without screws, with other patients' treated vertebrae added between his: more to learn from for one simulation.
PhantomParameters much_treated_patient(unsigned seed) {
  PhantomParameters patient = draw_film_patient(seed);
  patient.anatomy.screw_levels.clear();
  for (unsigned n = 1; n <= kLenders; ++n) {
    const PhantomParameters lender = draw_phantom_parameters(seed + n * kLenderStep);
    for (const PhantomDeposit& deposit : lender.deposits) {
      if (!has_room_for(deposit.level, patient)) continue;
      patient.deposits.push_back(deposit);
      std::erase_if(patient.fractures, [&](const PhantomFracture& fracture) { return fracture.level == deposit.level; });
      for (const PhantomFracture& fracture : lender.fractures)
        if (fracture.level == deposit.level) patient.fractures.push_back(fracture);
    }
  }
  return patient;
}

PhantomParameters patient_of(const std::string& kind, unsigned seed) {
  if (kind == "many") return much_treated_patient(seed);
  return kind == "display" || kind == "screws" ? draw_instrumented_patient(seed) : draw_film_patient(seed);
}

std::vector<PhantomFilmParameters> films_of(const std::string& kind, unsigned seed) {
  const bool is_display = kind == "display";
  auto films = is_display ? draw_display_pair(seed) : draw_films_of(patient_of(kind, seed), seed);
  for (PhantomFilmParameters& film : films) {
    if (!is_display) film.pixel_mm = std::max(film.pixel_mm, kFinestPixel_mm);
    film.height_mm = std::min(film.height_mm, is_display ? kDisplayLongest_mm : kLongest_mm);
    film.width_mm = std::min(film.width_mm, is_display ? kDisplayWidest_mm : kWidest_mm);
  }
  return films;
}

void simulate_one(const std::string& kind, unsigned seed, const std::filesystem::path& folder) {
  const auto file = file_of(folder, kind, seed);
  if (std::filesystem::exists(file)) return;
  if (kind == "scanned") {
    const auto scan = std::filesystem::path(file).replace_extension(".scan");
    if (!std::filesystem::exists(scan)) return;
    const ScannedPatient patient = read_scanned(scan);
    save_pair(file, {}, make_films(patient, draw_films_of(patient, seed), seed));
    return;
  }
  const PhantomParameters patient = patient_of(kind, seed);
  save_pair(file, patient, make_phantom_films(patient, films_of(kind, seed)));
}

std::vector<std::filesystem::path> pairs_of(const std::filesystem::path& folder, const std::string& kind, unsigned first, unsigned last) {
  std::vector<std::filesystem::path> files;
  for (unsigned seed = first; seed <= last; ++seed)
    if (const auto file = file_of(folder, kind, seed); std::filesystem::exists(file)) files.push_back(file);
  return files;
}

struct Share {
  int right = 0, of = 0;
  void add(bool is_right) { right += is_right, ++of; }
};

using Table = std::map<std::string, Share>;

std::string text(const char* format, auto... values) {
  char line[400];
  std::snprintf(line, sizeof line, format, values...);
  return line;
}

double leak_of(const PhantomVertebraTruth& truth) {
  double ml = 0;
  for (const auto& [zone, leak] : truth.leaks_ml) ml += leak;
  return ml;
}

struct Scored {
  Table table;
  std::string notes;
};

void score_findings(const VertebraMeasurement& m, const PhantomVertebraTruth& truth, const std::string& name, Scored& scored) {
  Table& t = scored.table;
  const double leak = leak_of(truth);
  const bool is_leak_right = m.leakage.answer == (leak > 0 ? Answer::yes : Answer::no);
  t[leak >= kLargeLeak_ml ? "leak large" : leak > 0 ? "leak small" : "leak none"].add(is_leak_right);
  if (leak == 0) t["leak none, not said"].add(m.leakage.answer != Answer::yes);
  if (m.leakage.answer == Answer::not_assessable) t["leak n/a"].add(true);
  if (m.leakage.confidence >= kSurely) t["sure leak"].add(is_leak_right);
  if (!truth.midline_borderline && m.midline_crossed.answer != Answer::not_assessable) {
    const bool is_right = m.midline_crossed.answer == (truth.midline_crossed ? Answer::yes : Answer::no);
    t["midline"].add(is_right);
    if (m.midline_crossed.confidence >= kSurely) t["sure midline"].add(is_right);
    if (!is_right) scored.notes += text("%s midline wrong (%.2f)\n", name.c_str(), m.midline_crossed.confidence);
  }
  if (truth.distribution_borderline || truth.midline_borderline || m.distribution == Distribution::not_assessable) return;
  const bool is_right = m.distribution == (truth.satisfactory ? Distribution::satisfactory : Distribution::unsatisfactory);
  t["distribution"].add(is_right);
  if (m.distribution_confidence >= kSurely) t["sure distribution"].add(is_right);
}

Scored score_pair(const std::filesystem::path& file) {
  const CachedPair pair = load_pair(file);
  const FilmReading reading = read_films(radiograph_of(pair.study.films[0]), radiograph_of(pair.study.films[1]), {}, {});
  Scored scored;
  const std::string stem = file.stem().string(), group = pair.screw_levels.empty() ? "" : "screws: ";
  const auto& truths = pair.study.truth.vertebrae;
  const bool is_present = reading.cement_present.answer == Answer::yes;
  scored.table[group + "present"].add(is_present == !truths.empty());
  if (truths.empty()) scored.table[group + "present, none"].add(!is_present);
  if (reading.cement_present.confidence >= kSurely) scored.table["sure present"].add(is_present == !truths.empty());
  if (is_present == truths.empty())
    scored.notes += text("%s present wrong: said %d (%.2f)\n", stem.c_str(), is_present, reading.cement_present.confidence);
  if (reading.ap && reading.lateral)
    scored.table[group + "hardware seen"].add((reading.ap->has_hardware || reading.lateral->has_hardware) == !pair.screw_levels.empty());
  std::vector<bool> is_taken(reading.treated.size());
  for (const PhantomVertebraTruth& truth : truths) {
    std::size_t mine = 0;
    while (mine < reading.treated.size() && (is_taken[mine] || level_of(reading.treated[mine], reading, pair.study) != truth.level)) ++mine;
    const bool is_found = mine < reading.treated.size();
    scored.table[group + "found"].add(is_found);
    const std::string name = stem + " " + truth.level;
    if (!is_found) {
      scored.notes += text("%s missed, %.1f mL\n", name.c_str(), truth.cement_ml);
      continue;
    }
    is_taken[mine] = true;
    score_findings(reading.treated[mine].measurement, truth, name, scored);
  }
  for (std::size_t n = 0; n < is_taken.size(); ++n) {
    scored.table[group + "not invented"].add(is_taken[n]);
    const auto& treated = reading.treated[n];
    if (is_taken[n]) continue;
    scored.notes += text("%s invented at %s, ap %d lateral %d, %.2f\n", stem.c_str(), level_of(treated, reading, pair.study).c_str(),
                         treated.ap_level, treated.lateral_level, treated.measurement.confidence);
  }
  return scored;
}

void score(const std::vector<std::filesystem::path>& files) {
  std::vector<Scored> each(files.size());
  parallel_for(static_cast<int>(files.size()), kThreads, [&](int n) { each[n] = score_pair(files[n]); });
  Table all;
  for (const Scored& one : each) {
    std::fputs(one.notes.c_str(), stderr);
    for (const auto& [what, share] : one.table) all[what].right += share.right, all[what].of += share.of;
  }
  for (const auto& [what, share] : all)
    std::printf("%-28s %5.1f %% (%d/%d)\n", what.c_str(), 100.0 * share.right / std::max(1, share.of), share.right, share.of);
}

/// Calls `row` for every film that can be read and prints what it returns in the order of the files.
void dump(const std::vector<std::filesystem::path>& files,
          const std::function<std::string(const std::string&, const FilmSight&, const CachedPair&, const PhantomFilm&)>& row) {
  std::vector<std::string> each(files.size());
  parallel_for(static_cast<int>(files.size()), kThreads, [&](int n) {
    const CachedPair pair = load_pair(files[n]);
    for (const PhantomFilm& film : pair.study.films) {
      const auto view = film.parameters.view == PhantomFilmView::ap ? FilmView::ap : FilmView::lateral;
      const FilmSight sight = radiograph::see_film(radiograph_of(film), view);
      each[n] += row(files[n].stem().string() + (view == FilmView::ap ? ",ap" : ",lateral"), sight, pair, film);
    }
  });
  for (const auto& text : each) std::fwrite(text.data(), 1, text.size(), stdout);
}

bool is_cement_at(const PhantomFilm& film, const FilmSight& sight, double x, double y) {
  const int i = static_cast<int>(std::lround(sight.working.film_x(x))), j = static_cast<int>(std::lround(sight.working.film_y(y)));
  return i >= 0 && j >= 0 && i < film.columns && j < film.rows && film.cement_mm[static_cast<std::size_t>(j) * film.columns + i] > 1.0F;
}

std::string things_of(const std::string& name, const FilmSight& sight, const CachedPair& pair, const PhantomFilm& film) {
  std::string rows;
  for (std::size_t n = 0; n < sight.things.size(); ++n) {
    const auto& t = sight.things[n];
    int n_cement = 0;
    for (const auto& [x, y] : t.pixels) n_cement += is_cement_at(film, sight, x, y);
    const double row = sight.working.film_y(t.centre.y());
    rows += text("%s,%d,%d,%.3f,%s,%.2f,%.1f,%.2f,%.3f,%.4f,%.4f,%.4f,%.4f,%.3f,%.4f,%.4f,%.3f,%d,%.1f,%.1f,%.3f,%.3f\n", name.c_str(),
                 static_cast<int>(!pair.screw_levels.empty()), sight.has_hardware, n_cement / static_cast<double>(t.pixels.size()),
                 level_at(film, row).c_str(), row, t.area_mm2, t.thickness_mm, t.elongation, t.solidity, t.plateau, t.prominence, t.texture,
                 t.edge_median_mm, t.steepness, t.steepness_ratio, t.off_axis, static_cast<int>(sight.kinds[n]), t.centre.x(), t.centre.y(),
                 t.edge_quartile_mm, t.edge_upper_mm);
  }
  return rows;
}

/// (u in mm, row) of a film's pixel.
Eigen::Vector2d place_on(const FilmSight& sight, const Eigen::Vector2d& px) {
  return sight.strip.course.place(sight.working.working_x(px.x()), sight.working.working_y(px.y()));
}

/// How far off the found outline of each body is, mm: upper and lower endplate (down), left and right wall (to the right).
std::string bodies_of(const std::string& name, const FilmSight& sight, const CachedPair& /*pair*/, const PhantomFilm& film) {
  constexpr double kStep_mm = radiograph::WorkingFilm::kStep_mm;
  std::string rows;
  for (const PhantomFilmBody& body : film.bodies) {
    const auto& c = body.corners_px;
    const Eigen::Vector2d top = place_on(sight, 0.5 * (c[0] + c[1])), bottom = place_on(sight, 0.5 * (c[2] + c[3])),
                          left = place_on(sight, 0.5 * (c[0] + c[3])), right = place_on(sight, 0.5 * (c[1] + c[2]));
    if (top.y() < 10 || bottom.y() > sight.strip.course.rows() - 10) continue;
    const int n = radiograph::body_at(sight.strip, top.y(), bottom.y());
    if (n < 0) {
      rows += text("%s,%s,0\n", name.c_str(), body.level.c_str());
      continue;
    }
    const radiograph::BodyBox& box = sight.strip.bodies[n];
    rows += text("%s,%s,1,%.2f,%.2f,%.2f,%.2f\n", name.c_str(), body.level.c_str(), (box.top_at(top.x()) - top.y()) * kStep_mm,
                 (box.bottom_at(bottom.x()) - bottom.y()) * kStep_mm, box.left_mm - left.x(), box.right_mm - right.x());
  }
  return rows;
}

/// Evidence of endplates by millimetres down the column, and whether one lies within 1.5 mm: upper (contrast, shadow, truth), lower.
std::string endplates_of(const std::string& name, const FilmSight& sight, const CachedPair& /*pair*/, const PhantomFilm& film) {
  constexpr double kNear_rows = 1.5 / radiograph::WorkingFilm::kStep_mm;
  const auto contrast = radiograph::contrast_log_odds(sight.strip, sight.column.posterior_sign);
  const auto edges = radiograph::shadow_edges(sight.strip, sight.shadows);
  std::vector<double> tops, bottoms;
  for (const PhantomFilmBody& body : film.bodies) {
    const auto& c = body.corners_px;
    tops.push_back(place_on(sight, 0.5 * (c[0] + c[1])).y()), bottoms.push_back(place_on(sight, 0.5 * (c[2] + c[3])).y());
  }
  if (tops.empty()) return "";
  const auto is_near = [&](const std::vector<double>& rows, double row) {
    return std::any_of(rows.begin(), rows.end(), [&](double own) { return std::abs(own - row) < kNear_rows; }) ? 1 : 0;
  };
  std::string rows;
  for (std::size_t step = 0; step < edges.upper.size(); ++step) {
    const double row = 2.0 * static_cast<double>(step) + 0.5;
    if (row < tops.front() - 8 || row > bottoms.back() + 8) continue;
    rows += text("%s,%.3f,%.3f,%d,%.3f,%.3f,%d\n", name.c_str(), contrast.upper[step], edges.upper[step], is_near(tops, row),
                 contrast.lower[step], edges.lower[step], is_near(bottoms, row));
  }
  return rows;
}

double cement_share(const FilmSight& sight, const FilmLevel& level, const PhantomFilm& film) {
  int n = 0, n_cement = 0;
  for (const int member : level.things)
    for (const auto& [x, y] : sight.things[member].pixels) n_cement += is_cement_at(film, sight, x, y), ++n;
  return n_cement / std::max(1.0, static_cast<double>(n));
}

std::string level_columns(const FilmSight& sight, int n, const PhantomFilm& film) {
  if (n < 0) return ",0,0,0,0,0,-1,,0";
  const FilmLevel& level = sight.levels[n];
  return text(",1,%.3f,%.3f,%d,%d,%.3f,%s,%.3f", level.log_odds, level.unusual, level.has_hardware, level.body >= 0,
              cement_share(sight, level, film), level_at(film, place_of(sight, level).y_px).c_str(), level.shadow);
}

/// Candidates as the reading pairs them, both films' columns side by side.
void dump_candidates(const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> each(files.size());
  parallel_for(static_cast<int>(files.size()), kThreads, [&](int n) {
    const CachedPair pair = load_pair(files[n]);
    const FilmSight ap = radiograph::see_film(radiograph_of(pair.study.films[0]), FilmView::ap),
                    lateral = radiograph::see_film(radiograph_of(pair.study.films[1]), FilmView::lateral);
    const std::vector<int> matches = radiograph::match_levels(ap, lateral);
    std::vector<bool> is_used(lateral.levels.size());
    std::string truths;
    for (const auto& truth : pair.study.truth.vertebrae) truths += truth.level + ";";
    const auto row = [&](int a, int b) {
      each[n] += files[n].stem().string() + text(",%d,%s", static_cast<int>(pair.screw_levels.size()), truths.c_str()) +
                 level_columns(ap, a, pair.study.films[0]) + level_columns(lateral, b, pair.study.films[1]) + "\n";
    };
    for (std::size_t a = 0; a < matches.size(); ++a) {
      if (matches[a] >= 0) is_used[matches[a]] = true;
      row(static_cast<int>(a), matches[a]);
    }
    for (std::size_t b = 0; b < is_used.size(); ++b)
      if (!is_used[b]) row(-1, static_cast<int>(b));
  });
  for (const auto& text : each) std::fwrite(text.data(), 1, text.size(), stdout);
}

/// Signs of one film: 1 where a body was found, then above, below, left and right (AP) or front and back (lateral).
std::string signs_on(const std::optional<FilmSight>& sight, int level_index) {
  if (!sight || level_index < 0 || sight->levels[level_index].body < 0) return ",0,-5,-5,-5,-5";
  const FilmLevel& level = sight->levels[level_index];
  const radiograph::LeakSigns signs = leak_signs(*sight, level);
  const bool is_turned = sight->column.view == FilmView::lateral && sight->column.posterior_sign <= 0;
  return text(",1,%.3f,%.3f,%.3f,%.3f", signs.above, signs.below, is_turned ? signs.right : signs.left,
              is_turned ? signs.left : signs.right);
}

double ml_of(const PhantomVertebraTruth& truth, CementZone zone) {
  const auto found = truth.leaks_ml.find(zone);
  return found == truth.leaks_ml.end() ? 0 : found->second;
}

/// Prints a row per treated vertebra that is found: the pair's name, the level and `columns_of` it; none where those are empty.
template <typename ColumnsOf>
void dump_treated(const std::vector<std::filesystem::path>& files, ColumnsOf columns_of) {
  std::vector<std::string> each(files.size());
  parallel_for(static_cast<int>(files.size()), kThreads, [&](int n) {
    const CachedPair pair = load_pair(files[n]);
    const FilmReading reading = read_films(radiograph_of(pair.study.films[0]), radiograph_of(pair.study.films[1]), {}, {});
    for (const TreatedOnFilm& treated : reading.treated) {
      const std::string level = level_of(treated, reading, pair.study);
      const auto& truths = pair.study.truth.vertebrae;
      const auto truth = std::find_if(truths.begin(), truths.end(), [&](const auto& t) { return t.level == level; });
      if (truth == truths.end()) continue;
      if (const std::string columns = columns_of(reading, treated, *truth); !columns.empty())
        each[n] += files[n].stem().string() + "," + level + columns + "\n";
    }
  });
  for (const auto& rows : each) std::fwrite(rows.data(), 1, rows.size(), stdout);
}

/// Signs of leaks beside the true leaks, one row per treated vertebra that is found and not covered by metal.
void dump_leaks(const std::vector<std::filesystem::path>& files) {
  dump_treated(files, [](const FilmReading& reading, const TreatedOnFilm& treated, const PhantomVertebraTruth& truth) {
    if (treated.measurement.hardware) return std::string();
    std::string columns;
    for (const CementZone zone :
         {CementZone::paravertebral, CementZone::disc, CementZone::canal, CementZone::foramen, CementZone::vascular})
      columns += text(",%.3f", ml_of(truth, zone));
    return columns + signs_on(reading.ap, treated.ap_level) + signs_on(reading.lateral, treated.lateral_level);
  });
}

std::string covers_on(const std::optional<FilmSight>& sight, int level_index) {
  if (!sight || level_index < 0) return ",0,0,0,0,0,0,0,0,0,0";
  const radiograph::ShadowSpread spread = shadow_spread(sight->shadows, sight->levels[level_index].box);
  std::string columns = text(",%.0f", spread.body_mm2);
  for (const auto& row : spread.cover)
    for (const double cover : row) columns += text(",%.4f", cover);
  return columns;
}

/// Cement on both sides of the midline by the deposit and by the shadows.
std::string sides_on(const FilmSight& sight, const FilmLevel& level) {
  std::string columns;
  for (const auto& s : {radiograph::ap_spread(sight, level), radiograph::shadow_ap_spread(sight, level)})
    columns += text(",%.4f,%.2f", s.minor_fraction, s.reach_mm);
  return columns;
}

/// How cement is spread on both films beside the true distribution and midline, one row per treated vertebra that is found on the AP film
/// and not covered by metal.
void dump_spreads(const std::vector<std::filesystem::path>& files) {
  dump_treated(files, [](const FilmReading& reading, const TreatedOnFilm& treated, const PhantomVertebraTruth& truth) {
    const VertebraMeasurement& m = treated.measurement;
    if (m.midline_crossed.answer == Answer::not_assessable || treated.ap_level < 0) return std::string();
    return text(",%d,%d", truth.satisfactory, m.midline_crossed.answer == Answer::yes) + covers_on(reading.ap, treated.ap_level) +
           covers_on(reading.lateral, treated.lateral_level) +
           text(",%d,%d,%d,%.4f,%.2f", truth.midline_crossed, truth.midline_borderline, truth.distribution_borderline,
                truth.minor_side_fraction, truth.reach_mm) +
           sides_on(*reading.ap, reading.ap->levels[treated.ap_level]);
  });
}

void append(std::string& bytes, const void* from, std::size_t n) { bytes.append(static_cast<const char*>(from), n); }

template <typename T>
void append(std::string& bytes, const T& value) {
  append(bytes, &value, sizeof value);
}

void append_plane(std::string& bytes, const radiograph::Plane<float>& plane) {
  append(bytes, plane.values.data(), plane.values.size() * sizeof(float));
}

/// A film as the network sees it, with the truth's shadows beside it.
std::string strip_of(const std::string& name, const FilmSight& sight, const TruthMaps& maps) {
  const radiograph::StripPicture picture = radiograph::strip_picture(sight);
  std::string bytes;
  char label[64] = {};
  std::snprintf(label, sizeof label, "%s", name.c_str());
  append(bytes, label, sizeof label);
  const auto& course = sight.strip.course;
  const radiograph::Plane<float>* const shadows[]{&maps.body, &maps.right, &maps.in_body, &maps.leaked};
  for (const int v : {sight.column.view == FilmView::lateral ? 1 : 0, picture.channels[0].ny, course.rows() / 2}) append(bytes, v);
  for (const auto& channel : picture.channels) append_plane(bytes, channel);
  for (const auto* shadow : shadows) append_plane(bytes, picture.grid.means(course.resample(*shadow)));
  return bytes;
}

/// The true shadows on both films of a pair, as they were read.
std::array<TruthMaps, 2> true_maps(const std::filesystem::path& file, const std::string& kind, unsigned seed,
                                   const std::array<FilmSight, 2>& sights) {
  const auto both = [&](const auto& patient, const auto& films) {
    return std::array{truth_maps(patient, films[0], sights[0].working), truth_maps(patient, films[1], sights[1].working)};
  };
  if (kind != "scanned") return both(patient_of(kind, seed), films_of(kind, seed));
  const ScannedPatient patient = read_scanned(std::filesystem::path(file).replace_extension(".scan"));
  return both(patient, draw_films_of(patient, seed));
}

/// Both films of each pair.
void dump_strips(const std::vector<std::filesystem::path>& files, const std::string& kind) {
  std::mutex output;
  parallel_for(static_cast<int>(files.size()), kThreads, [&](int n) {
    const std::string stem = files[n].stem().string();
    const auto seed = static_cast<unsigned>(std::stoul(stem.substr(stem.rfind('_') + 1)));
    const CachedPair pair = load_pair(files[n]);
    const std::array<FilmSight, 2> sights{radiograph::see_film(radiograph_of(pair.study.films[0]), FilmView::ap),
                                          radiograph::see_film(radiograph_of(pair.study.films[1]), FilmView::lateral)};
    const auto maps = true_maps(files[n], kind, seed, sights);
    const std::string bytes = strip_of(stem, sights[0], maps[0]) + strip_of(stem, sights[1], maps[1]);
    const std::lock_guard lock(output);
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  });
}

void draw(const std::vector<std::filesystem::path>& files) {
  parallel_for(static_cast<int>(files.size()), kThreads, [&](int n) {
    const CachedPair pair = load_pair(files[n]);
    const FilmReading reading = read_films(radiograph_of(pair.study.films[0]), radiograph_of(pair.study.films[1]), {}, {});
    std::string truth;
    for (const auto& t : pair.study.truth.vertebrae) truth += text("%s %.1f mL leak %.2f; ", t.level.c_str(), t.cement_ml, leak_of(t));
    auto file = files[n];
    std::ofstream(file.replace_extension(".png"), std::ios::binary) << report::render_films(reading, {files[n].stem().string(), truth});
  });
}

int run(int n, char** words) {
  if (n < 6) {
    std::fputs(
        "film_lab simulate|score|draw|things|bodies|endplates|candidates|leaks|spreads|strips plain|display|screws|many|scanned FIRST LAST "
        "FOLDER\n",
        stderr);
    return 2;
  }
  const std::string command = words[1], kind = words[2];
  const unsigned first = std::stoul(words[3]), last = std::stoul(words[4]);
  const std::filesystem::path folder = words[5];
  std::filesystem::create_directories(folder);
  if (command == "simulate") {
    parallel_for(static_cast<int>(last - first + 1), n > 6 ? std::stoi(words[6]) : kThreads,
                 [&](int i) { simulate_one(kind, first + i, folder); });
    return 0;
  }
  const auto files = pairs_of(folder, kind, first, last);
  if (command == "score") score(files);
  if (command == "things") dump(files, things_of);
  if (command == "endplates") dump(files, endplates_of);
  if (command == "bodies") dump(files, bodies_of);
  if (command == "candidates") dump_candidates(files);
  if (command == "draw") draw(files);
  if (command == "leaks") dump_leaks(files);
  if (command == "spreads") dump_spreads(files);
  if (command == "strips") dump_strips(files, kind);
  return 0;
}

}  // namespace
}  // namespace cemscope::tools

int main(int n, char** words) { return cemscope::tools::run(n, words); }
