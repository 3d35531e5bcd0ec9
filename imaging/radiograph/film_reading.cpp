#include "imaging/radiograph/film_reading.h"

#include <functional>

#include "imaging/error.h"
#include "imaging/radiograph/film_findings.h"
#include "imaging/radiograph/film_heights.h"
#include "imaging/radiograph/film_leak.h"
#include "imaging/radiograph/film_pairing.h"

namespace cemscope::imaging {
namespace {

using radiograph::FilmLevel;
using radiograph::FilmSight;

constexpr double kStep_mm = radiograph::WorkingFilm::kStep_mm;
constexpr double kLeastPlace_mm2 = 2.0, kLeastOfLargest = 0.2;  // of a place that is shown
// Chosen on simulated pairs of seeds 1-130 and 9000-9149.
constexpr double kZoneLogOdds = 0.5, kMostLeakConfidence = 0.8, kOneViewFactor = 0.7, kMostSpreadConfidence = 0.85;
// Above 0, since cement that is not there is worse than cement that was missed (pairs of the
// seeds that film_pairing.cpp names).
constexpr double kLeastLogOdds = 0.1;
constexpr double kToldBonus = 2.0, kSureLogOdds = 3.0;

struct Candidate {
  int ap = -1, lateral = -1;
  double log_odds = 0, height_mm = 0;
};

std::vector<Candidate> candidates_of(const FilmReading& reading) {
  std::vector<Candidate> candidates;
  std::vector<int> matches(reading.ap ? reading.ap->levels.size() : 0, -1);
  if (reading.ap && reading.lateral) matches = radiograph::match_levels(*reading.ap, *reading.lateral);
  const auto films = reading.ap && reading.lateral ? radiograph::FilmsRead::both : radiograph::FilmsRead::one;
  const auto add = [&](int ap, int lateral) {
    const radiograph::LevelOnFilms level{ap < 0 ? nullptr : &reading.ap->levels[ap],
                                         lateral < 0 ? nullptr : &reading.lateral->levels[lateral]};
    const double height = ap < 0 ? radiograph::height_mm(*reading.lateral, *level.lateral) : radiograph::height_mm(*reading.ap, *level.ap);
    candidates.push_back({ap, lateral, radiograph::cement_log_odds(level, films), height});
  };
  std::vector<std::uint8_t> is_used(reading.lateral ? reading.lateral->levels.size() : 0, 0);
  for (std::size_t a = 0; a < matches.size(); ++a) {
    add(static_cast<int>(a), matches[a]);
    if (matches[a] >= 0) is_used[matches[a]] = 1;
  }
  for (std::size_t b = 0; b < is_used.size(); ++b)
    if (!is_used[b]) add(-1, static_cast<int>(b));
  return candidates;
}

/// Those that are cement. A clinical table that names levels makes as many of them likelier, and more of them less likely.
std::vector<Candidate> accepted(std::vector<Candidate> candidates, std::size_t n_told) {
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) { return a.log_odds > b.log_odds; });
  std::vector<Candidate> kept;
  for (std::size_t n = 0; n < candidates.size(); ++n) {
    const double limit = n_told == 0 ? kLeastLogOdds : n < n_told ? -kToldBonus : kSureLogOdds;
    if (candidates[n].log_odds > limit) kept.push_back(candidates[n]);
  }
  std::sort(kept.begin(), kept.end(), [](const Candidate& a, const Candidate& b) { return a.height_mm < b.height_mm; });
  return kept;
}

using radiograph::probability;

Finding not_assessable(const char* reason) { return {Answer::not_assessable, 0.0, reason}; }

/// Whether the edge of the exposed field cuts cement of the level.
bool is_cut(const FilmSight& sight, const FilmLevel& level) {
  constexpr double kNear_mm = 1.5;
  const int near = radiograph::WorkingFilm::px(kNear_mm), last = sight.working.value.ny - 1;
  return std::any_of(level.things.begin(), level.things.end(),
                     [&](int n) { return sight.things[n].y0 <= near || sight.things[n].y1 >= last - near; });
}

void judge_midline(TreatedOnFilm& treated, const FilmReading& reading, const FilmParameters& parameters) {
  VertebraMeasurement& m = treated.measurement;
  if (treated.ap_level < 0) {
    m.midline_crossed = not_assessable(reading.ap ? "not_seen_on_ap_film" : "no_ap_film");
    return;
  }
  const FilmLevel& level = reading.ap->levels[treated.ap_level];
  if (level.has_hardware) {
    m.midline_crossed = not_assessable("hardware_covers_body");
    return;
  }
  if (is_cut(*reading.ap, level)) {
    m.midline_crossed = not_assessable("cement_cut_by_film_edge");
    return;
  }
  const radiograph::ApSpread spread = radiograph::shadow_ap_spread(*reading.ap, level);
  m.minor_side_fraction = spread.minor_fraction, m.reach_contralateral = spread.reach_share;
  const auto crosses = [&](const radiograph::ApSpread& s) {
    return s.minor_fraction >= parameters.min_minor_side_fraction && s.reach_mm >= parameters.min_reach_mm;
  };
  const bool is_crossed = crosses(spread), is_sure = crosses(radiograph::ap_spread(*reading.ap, level)) == is_crossed;
  const double margin =
      std::min(std::abs(spread.minor_fraction - parameters.min_minor_side_fraction) / 0.06,
               is_crossed ? (spread.reach_mm - parameters.min_reach_mm) / 3.0 : 1.0 + (parameters.min_reach_mm - spread.reach_mm) / 3.0);
  // Where the deposit itself says otherwise than the shadows, the margin counts for nothing.
  m.midline_crossed = {is_crossed ? Answer::yes : Answer::no, m.confidence * (0.6 + (is_sure ? 0.35 * std::clamp(margin, 0.0, 1.0) : 0)),
                       ""};
  if (level.box.midline_spread_mm > parameters.max_midline_disagreement_mm) {
    m.warnings.emplace_back("film_rotated");
    m.midline_crossed.confidence *= 0.8;
  }
}

/// A level on a film that was read.
struct LevelSeen {
  const FilmSight* sight = nullptr;
  const FilmLevel* level = nullptr;
  explicit operator bool() const { return level != nullptr; }
};

LevelSeen seen(const std::optional<FilmSight>& sight, int level_index) {
  if (!sight || level_index < 0) return {};
  return {&*sight, &sight->levels[level_index]};
}

/// A treated level on both films.
struct BothSeen {
  LevelSeen ap, lateral;
};

radiograph::ShadowSpread spread_of(const LevelSeen& seen) { return radiograph::shadow_spread(seen.sight->shadows, seen.level->box); }

void judge_distribution(TreatedOnFilm& treated, const BothSeen& both) {
  VertebraMeasurement& m = treated.measurement;
  if (m.midline_crossed.answer == Answer::not_assessable) {
    m.distribution_reason = m.midline_crossed.reason;
    return;
  }
  if (m.midline_crossed.answer == Answer::no) {
    m.distribution = Distribution::unsatisfactory, m.distribution_confidence = m.midline_crossed.confidence;
    return;
  }
  std::optional<radiograph::ShadowSpread> lateral;
  if (both.lateral) lateral = spread_of(both.lateral);
  const double log_odds = radiograph::even_log_odds(spread_of(both.ap), lateral);
  m.distribution = log_odds > 0 ? Distribution::satisfactory : Distribution::unsatisfactory;
  m.distribution_confidence = std::min({m.midline_crossed.confidence, kMostSpreadConfidence, probability(std::abs(log_odds))});
}

/// The zone that lies beyond a face on a film.
CementZone zone_beyond(radiograph::BodyFace face, FilmView view, bool is_posterior_right) {
  using radiograph::BodyFace;
  if (face == BodyFace::above || face == BodyFace::below) return CementZone::disc;
  const bool is_back = view == FilmView::lateral && (face == BodyFace::right) == is_posterior_right;
  return is_back ? CementZone::canal : CementZone::paravertebral;
}

/// The zones that a leak is said of: those with evidence of their own, else the one that has most.
std::vector<CementZone> zones_of(const radiograph::LeakOdds& odds) {
  std::vector<CementZone> zones;
  const double least = std::min(kZoneLogOdds, std::max(odds.paravertebral, odds.other));
  if (odds.paravertebral >= least) zones.push_back(CementZone::paravertebral);
  if (odds.other < least) return zones;
  const double least_of_other = std::min(kZoneLogOdds, std::max(odds.disc, odds.canal));
  if (odds.disc >= least_of_other) zones.push_back(CementZone::disc);
  if (odds.canal >= least_of_other) zones.push_back(CementZone::canal);
  return zones;
}

/// Adds what a film shows of the zones that are said; slivers beside a large place of the same zone are the outline's uncertainty.
void add_places(TreatedOnFilm& treated, const LevelSeen& seen) {
  const FilmView view = seen.sight->column.view;
  std::vector<LeakOnFilm> leaks;
  for (auto& place : places_beyond(*seen.sight, *seen.level)) {
    const CementZone zone = zone_beyond(place.face, view, seen.sight->column.posterior_sign > 0);
    if (std::find(treated.leak_zones.begin(), treated.leak_zones.end(), zone) != treated.leak_zones.end())
      leaks.push_back({view, zone, std::move(place)});
  }
  double largest_mm2 = kLeastPlace_mm2 / kLeastOfLargest;
  for (const auto& leak : leaks) largest_mm2 = std::max(largest_mm2, leak.place.area_mm2());
  for (auto& leak : leaks)
    if (leak.place.area_mm2() >= kLeastOfLargest * largest_mm2) treated.leaks.push_back(std::move(leak));
}

/// A disc leak lies beyond the same endplate on both films: where one does, what lies beyond the other endplate is not shown.
void drop_lone_disc_places(std::vector<LeakOnFilm>& leaks) {
  const auto is_on_both = [&](radiograph::BodyFace face) {
    return std::count_if(leaks.begin(), leaks.end(), [&](const LeakOnFilm& leak) { return leak.place.face == face; }) == 2;
  };
  const bool is_above = is_on_both(radiograph::BodyFace::above), is_below = is_on_both(radiograph::BodyFace::below);
  if (is_above == is_below) return;
  const auto dropped = is_above ? radiograph::BodyFace::below : radiograph::BodyFace::above;
  std::erase_if(leaks, [&](const LeakOnFilm& leak) { return leak.place.face == dropped; });
}

/// Where no body was found there is no outline to judge a leak by.
LevelSeen with_outline(const LevelSeen& seen) { return seen && seen.level->body >= 0 ? seen : LevelSeen{}; }

std::optional<radiograph::LeakSigns> signs_of(const LevelSeen& seen) {
  if (!seen) return std::nullopt;
  return radiograph::leak_signs(*seen.sight, *seen.level);
}

void judge_leakage(TreatedOnFilm& treated, const BothSeen& both, const FilmParameters& parameters) {
  VertebraMeasurement& m = treated.measurement;
  const LevelSeen ap = with_outline(both.ap), lateral = with_outline(both.lateral);
  const radiograph::LeakOdds odds =
      radiograph::leak_odds(signs_of(ap), signs_of(lateral), lateral && lateral.sight->column.posterior_sign > 0);
  if (!ap && !lateral) {
    m.leakage = not_assessable("body_outline_unclear");
  } else if (odds.log_odds > 0) {
    treated.leak_zones = zones_of(odds);
    const bool is_paravertebral = treated.leak_zones.front() == CementZone::paravertebral,
               is_other = treated.leak_zones.back() != CementZone::paravertebral;
    if (ap) add_places(treated, ap);
    if (lateral) add_places(treated, lateral);
    drop_lone_disc_places(treated.leaks);
    m.leakage = {Answer::yes, m.confidence * std::min(kMostLeakConfidence, probability(odds.log_odds)), ""};
    m.leakage_type = is_paravertebral ? (is_other ? LeakageType::both : LeakageType::paravertebral) : LeakageType::other;
  } else {
    const double views = ap && lateral ? 1.0 : kOneViewFactor;
    m.leakage = {Answer::no, parameters.max_confidence_of_no_leak * m.confidence * views * probability(-odds.log_odds), ""};
    m.leakage_type = LeakageType::none;
  }
  m.leakage_radiographic = m.leakage;
}

/// Heights and compression of the treated bodies that the lateral film shows wholly.
void state_heights(FilmReading& reading, const FilmParameters& parameters) {
  if (!reading.lateral) return;
  const FilmSight& lateral = *reading.lateral;
  const auto heights = radiograph::shadow_heights(lateral);
  std::vector<std::uint8_t> is_treated(heights.size(), 0);
  for (const auto& treated : reading.treated)
    if (const int body = lateral_body(reading, treated); body >= 0) is_treated[static_cast<std::size_t>(body)] = 1;
  for (auto& treated : reading.treated) {
    VertebraMeasurement& m = treated.measurement;
    const int body = lateral_body(reading, treated);
    if (body < 0 || m.hardware) continue;
    const auto own = radiograph::film_heights(heights, is_treated, static_cast<std::size_t>(body));
    if (!own) continue;
    m.compression = own->compression;
    if (m.compression) m.compression_class = compression_class(*m.compression, parameters.compression);
    m.warnings.emplace_back("heights_of_outline");
    if (lateral.film->spacing_source == SpacingSource::none) continue;
    m.height_anterior_mm = own->mm[0], m.height_middle_mm = own->mm[1], m.height_posterior_mm = own->mm[2];
    if (lateral.film->spacing_source == SpacingSource::detector) m.warnings.emplace_back("heights_in_detector_mm");
  }
}

TreatedOnFilm measure(const Candidate& candidate, const FilmReading& reading, const FilmParameters& parameters) {
  TreatedOnFilm treated;
  treated.ap_level = candidate.ap, treated.lateral_level = candidate.lateral;
  VertebraMeasurement& m = treated.measurement;
  m.confidence = probability(candidate.log_odds);
  m.hardware = (candidate.ap >= 0 && reading.ap->levels[candidate.ap].has_hardware) ||
               (candidate.lateral >= 0 && reading.lateral->levels[candidate.lateral].has_hardware);
  judge_midline(treated, reading, parameters);
  const BothSeen both{seen(reading.ap, candidate.ap), seen(reading.lateral, candidate.lateral)};
  judge_distribution(treated, both);
  if (m.hardware)
    m.leakage = m.leakage_radiographic = not_assessable("hardware_covers_body");
  else
    judge_leakage(treated, both, parameters);
  return treated;
}

std::optional<FilmSight> see(std::optional<Radiograph> film, FilmView view, const char* name, std::vector<std::string>& warnings) {
  if (!film) return std::nullopt;
  try {
    return radiograph::see_film(std::move(*film), view);
  } catch (const Error&) {
    warnings.push_back(std::string(name) + "_film_not_exposed");
    return std::nullopt;
  }
}

}  // namespace

int lateral_body(const FilmReading& reading, const TreatedOnFilm& treated) {
  if (!reading.lateral || treated.lateral_level < 0) return -1;
  return reading.lateral->levels[static_cast<std::size_t>(treated.lateral_level)].body;
}

FilmReading read_films(std::optional<Radiograph> ap, std::optional<Radiograph> lateral, const FilmHints& hints,
                       const FilmParameters& parameters) {
  FilmReading reading;
  reading.ap = see(std::move(ap), FilmView::ap, "ap", reading.warnings);
  reading.lateral = see(std::move(lateral), FilmView::lateral, "lateral", reading.warnings);
  if (!reading.ap && !reading.lateral) {
    reading.cement_present = not_assessable("no_readable_film");
    return reading;
  }
  const std::vector<Candidate> candidates = candidates_of(reading);
  const std::vector<Candidate> kept = accepted(candidates, hints.treated_levels.size());
  double surest = 0;
  for (const Candidate& candidate : candidates) surest = std::max(surest, probability(candidate.log_odds));
  reading.cement_present = {kept.empty() ? Answer::no : Answer::yes, kept.empty() ? 1 - surest : surest, ""};
  for (const Candidate& candidate : kept) reading.treated.push_back(measure(candidate, reading, parameters));
  state_heights(reading, parameters);
  if (!hints.treated_levels.empty() && kept.size() == hints.treated_levels.size())
    for (std::size_t n = 0; n < kept.size(); ++n) {
      reading.treated[n].measurement.level = hints.treated_levels[n];
      reading.treated[n].measurement.level_source = LevelSource::clinical;
    }
  return reading;
}

}  // namespace cemscope::imaging
