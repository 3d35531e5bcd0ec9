// Simulates pairs of films once, reads them as often as the reading changes, and writes tables of what the reading saw beside the truth,
// from which its weights are fitted. Not part of the product; see README.md here.
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>

#include "imaging/parallel.h"
#include "imaging/radiograph/film_leak.h"
#include "imaging/radiograph/film_pairing.h"
#include "imaging/radiograph/film_reading.h"
#include "src/report/film_picture.h"
#include "tests/tools/film_cache.h"

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

std::filesystem::path file_of(const std::filesystem::path& folder, const std::string& kind, unsigned seed) {
  return folder / (kind + "_" + std::to_string(seed) + ".pair");
}

void simulate_one(const std::string& kind, unsigned seed, const std::filesystem::path& folder) {
  const auto file = file_of(folder, kind, seed);
  if (std::filesystem::exists(file)) return;
  const bool is_display = kind == "display";
  const PhantomParameters patient = is_display ? draw_instrumented_patient(seed) : draw_film_patient(seed);
  auto films = is_display ? draw_display_pair(seed) : draw_film_pair(seed);
  for (PhantomFilmParameters& film : films) {
    if (!is_display) film.pixel_mm = std::max(film.pixel_mm, kFinestPixel_mm);
    film.height_mm = std::min(film.height_mm, is_display ? kDisplayLongest_mm : kLongest_mm);
    film.width_mm = std::min(film.width_mm, is_display ? kDisplayWidest_mm : kWidest_mm);
  }
  save_pair(file, patient, make_phantom_films(patient, films));
}

std::vector<std::filesystem::path> pairs_of(const std::filesystem::path& folder, const std::string& kind, unsigned first, unsigned last) {
  std::vector<std::filesystem::path> files;
  for (unsigned seed = first; seed <= last; ++seed)
    if (const auto file = file_of(folder, kind, seed); std::filesystem::exists(file)) files.push_back(file);
  return files;
}

struct Place {
  double x_px, y_px;  // on the film
};

Place place_of(const FilmSight& sight, const FilmLevel& level) {
  const auto& box = level.box;
  const auto at = sight.strip.course.working(0.5 * (box.left_mm + box.right_mm), 0.5 * (level.first_row + level.last_row));
  return {sight.working.film_x(at.x()), sight.working.film_y(at.y())};
}

double half_height_px(const PhantomFilmBody& body) {
  return 0.25 * (body.corners_px[2].y() + body.corners_px[3].y() - body.corners_px[0].y() - body.corners_px[1].y());
}

std::string level_at(const PhantomFilm& film, double row_px) {
  for (const PhantomFilmBody& body : film.bodies)
    if (std::abs(row_px - body.centre_px.y()) < 1.4 * half_height_px(body)) return body.level;
  return "";
}

std::string level_of(const TreatedOnFilm& treated, const FilmReading& reading, const PhantomFilmStudy& study) {
  const bool is_ap = treated.ap_level >= 0;
  const FilmSight& sight = is_ap ? *reading.ap : *reading.lateral;
  return level_at(study.films[is_ap ? 0 : 1], place_of(sight, sight.levels[is_ap ? treated.ap_level : treated.lateral_level]).y_px);
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
  if (m.leakage.confidence >= kSurely) t["sure"].add(is_leak_right);
  if (!truth.midline_borderline && m.midline_crossed.answer != Answer::not_assessable) {
    const bool is_right = m.midline_crossed.answer == (truth.midline_crossed ? Answer::yes : Answer::no);
    t["midline"].add(is_right);
    if (m.midline_crossed.confidence >= kSurely) t["sure"].add(is_right);
    if (!is_right) scored.notes += text("%s midline wrong (%.2f)\n", name.c_str(), m.midline_crossed.confidence);
  }
  if (truth.distribution_borderline || truth.midline_borderline || m.distribution == Distribution::not_assessable) return;
  const bool is_right = m.distribution == (truth.satisfactory ? Distribution::satisfactory : Distribution::unsatisfactory);
  t["distribution"].add(is_right);
  if (m.distribution_confidence >= kSurely) t["sure"].add(is_right);
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

double cement_share(const FilmSight& sight, const FilmLevel& level, const PhantomFilm& film) {
  int n = 0, n_cement = 0;
  for (const int member : level.things)
    for (const auto& [x, y] : sight.things[member].pixels) n_cement += is_cement_at(film, sight, x, y), ++n;
  return n_cement / std::max(1.0, static_cast<double>(n));
}

std::string level_columns(const FilmSight& sight, int n, const PhantomFilm& film) {
  if (n < 0) return ",0,0,0,0,0,-1,";
  const FilmLevel& level = sight.levels[n];
  return text(",1,%.3f,%.3f,%d,%d,%.3f,%s", level.log_odds, level.unusual, level.has_hardware, level.body >= 0,
              cement_share(sight, level, film), level_at(film, place_of(sight, level).y_px).c_str());
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

void append(std::string& bytes, const void* from, std::size_t n) { bytes.append(static_cast<const char*>(from), n); }

template <typename T>
void append(std::string& bytes, const T& value) {
  append(bytes, &value, sizeof value);
}

/// A treated level's picture on one film and the truth of it: name (64 bytes), 8 floats (lateral, back to the right, body's evidences,
/// leaks by zone paravertebral, disc, canal and foramen, vascular), nx, ny, around, n_compared (int32), then own, usual and deposit
/// (float32).
std::string leaks_of(const std::string& name, const FilmSight& sight, const CachedPair& pair, const PhantomFilm& film) {
  std::string bytes;
  for (const FilmLevel& level : sight.levels) {
    const std::string at = level_at(film, place_of(sight, level).y_px);
    const auto& truths = pair.study.truth.vertebrae;
    const auto truth = std::find_if(truths.begin(), truths.end(), [&](const auto& t) { return t.level == at; });
    if (truth == truths.end() || level.has_hardware || level.log_odds < -1) continue;
    const radiograph::LeakPicture picture = radiograph::leak_picture(sight, level);
    if (picture.n_compared == 0) continue;
    const auto ml = [&](CementZone zone) {
      const auto found = truth->leaks_ml.find(zone);
      return found == truth->leaks_ml.end() ? 0.F : static_cast<float>(found->second);
    };
    char label[64] = {};
    std::snprintf(label, sizeof label, "%s,%s", name.c_str(), at.c_str());
    append(bytes, label, sizeof label);
    for (const float v :
         {film.parameters.view == PhantomFilmView::lateral ? 1.F : 0.F, sight.column.posterior_sign > 0 ? 1.F : 0.F,
          static_cast<float>(level.box.top_evidence), static_cast<float>(level.box.bottom_evidence), ml(CementZone::paravertebral),
          ml(CementZone::disc), ml(CementZone::canal) + ml(CementZone::foramen), ml(CementZone::vascular)})
      append(bytes, v);
    for (const int v : {picture.own.nx, picture.own.ny, picture.around, picture.n_compared}) append(bytes, v);
    for (const auto* plane : {&picture.own, &picture.usual, &picture.deposit})
      append(bytes, plane->values.data(), 4 * plane->values.size());
  }
  return bytes;
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
    std::fputs("film_lab simulate|score|draw|things|candidates|leaks plain|display FIRST LAST FOLDER\n", stderr);
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
  if (command == "candidates") dump_candidates(files);
  if (command == "draw") draw(files);
  if (command == "leaks") dump(files, leaks_of);
  return 0;
}

}  // namespace
}  // namespace cemscope::tools

int main(int n, char** words) { return cemscope::tools::run(n, words); }
