#include "imaging/radiograph/film_reading.h"

#include <gtest/gtest.h>

#include "imaging/phantom/film.h"
#include "imaging/radiograph/view.h"
#include "tests/imaging/sweep/phantom_radiograph.h"

namespace cemscope::imaging {
namespace {

std::vector<PhantomFilmParameters> pair() {
  PhantomFilmParameters film;
  film.pixel_mm = 0.3, film.width_mm = 260, film.height_mm = 300, film.centre_z_mm = -20;
  PhantomFilmParameters lateral = film;
  lateral.view = PhantomFilmView::lateral;
  return {film, lateral};
}

PhantomParameters patient() {
  PhantomParameters parameters;
  parameters.seed = 77;
  parameters.fractures = {{"L1", FractureType::wedge, 0.2}};
  return parameters;
}

TEST(FilmReading, FindsTheTreatedLevelAndItsSide) {
  PhantomParameters parameters = patient();
  parameters.deposits = {{"L1", CementPattern::left, 4.0, {}, 2400, 0.08}};
  const auto study = make_phantom_films(parameters, pair());
  const FilmReading reading = read_films(radiograph_of(study.films[0]), radiograph_of(study.films[1]), {{"L1"}}, {});
  ASSERT_EQ(reading.treated.size(), 1U);
  const VertebraMeasurement& m = reading.treated[0].measurement;
  EXPECT_EQ(m.level, "L1");
  EXPECT_FALSE(m.hardware);
  ASSERT_FALSE(study.truth.vertebrae[0].midline_crossed);
  EXPECT_EQ(m.midline_crossed.answer, Answer::no);
  EXPECT_EQ(m.distribution, Distribution::unsatisfactory);
  EXPECT_FALSE(m.cement_ml.has_value());
}

TEST(FilmReading, AVertebraThatTheLateralAloneShowsIsFoundAndItsMidlineLeftOpen) {
  PhantomParameters parameters = patient();
  parameters.deposits = {{"L1", CementPattern::left, 4.0, {}, 2400, 0.08}};
  auto films = pair();
  films[0].height_mm = 220, films[0].centre_z_mm = -150;
  const auto study = make_phantom_films(parameters, films);
  ASSERT_TRUE(std::none_of(study.films[0].bodies.begin(), study.films[0].bodies.end(), [](const auto& b) { return b.level == "L1"; }));
  ASSERT_EQ(study.truth.vertebrae.size(), 1U);
  const FilmReading reading = read_films(radiograph_of(study.films[0]), radiograph_of(study.films[1]), {{"L1"}}, {});
  ASSERT_EQ(reading.treated.size(), 1U);
  EXPECT_EQ(reading.treated[0].measurement.midline_crossed.answer, Answer::not_assessable);
}

// A pair whose AP film ends in the treated body. The reading said that the little cement left on it does not cross.
TEST(FilmReading, CementThatTheFilmsEdgeCutsSaysNothingOfTheMidline) {
  constexpr unsigned kSeed = 8088;
  auto films = draw_film_pair(kSeed);
  for (PhantomFilmParameters& film : films) film.pixel_mm = std::max(film.pixel_mm, 0.3), film.height_mm = 260, film.width_mm = 200;
  const auto study = make_phantom_films(draw_film_patient(kSeed), films);
  const FilmReading reading = read_films(radiograph_of(study.films[0]), radiograph_of(study.films[1]), {}, {});
  ASSERT_EQ(reading.treated.size(), 1U);
  const VertebraMeasurement& m = reading.treated[0].measurement;
  EXPECT_GE(reading.treated[0].ap_level, 0);
  EXPECT_EQ(m.midline_crossed.answer, Answer::not_assessable);
  EXPECT_EQ(m.distribution, Distribution::not_assessable);
}

/// Rows of the working film at the middles of a body's true endplates, and its middle.
struct BodyPlace {
  Eigen::Vector2d upper, lower, middle;
};

BodyPlace place_of(const PhantomFilmBody& body, const radiograph::FilmSight& sight) {
  const auto at = [&](const Eigen::Vector2d& px) {
    return sight.strip.course.place(sight.working.working_x(px.x()), sight.working.working_y(px.y()));
  };
  return {0.5 * (at(body.corners_px[0]) + at(body.corners_px[1])), 0.5 * (at(body.corners_px[2]) + at(body.corners_px[3])),
          at(body.centre_px)};
}

TEST(FilmSight, BodiesLieWhereTheyAreProjectedTo) {
  PhantomParameters parameters = patient();
  parameters.deposits = {{"L1", CementPattern::bilateral, 4.0, {}, 2400, 0.08}};
  const auto study = make_phantom_films(parameters, pair());
  for (const PhantomFilm& film : study.films) {
    const auto view = film.parameters.view == PhantomFilmView::ap ? FilmView::ap : FilmView::lateral;
    const auto sight = radiograph::see_film(radiograph_of(film), view);
    int n_compared = 0, n_right = 0;
    for (const PhantomFilmBody& body : film.bodies) {
      if (body.level == "L5") continue;  // seen from below on AP films
      const BodyPlace place = place_of(body, sight);
      if (place.upper.y() < 20 || place.lower.y() > sight.strip.course.rows() - 20) continue;
      const int n = radiograph::body_at(sight.strip, place.upper.y(), place.lower.y());
      ASSERT_GE(n, 0);
      const radiograph::BodyBox& box = sight.strip.bodies[n];
      constexpr double kTolerance_mm = 4.0, kStep_mm = radiograph::WorkingFilm::kStep_mm;
      EXPECT_NEAR(0.5 * (box.left_mm + box.right_mm), place.middle.x(), kTolerance_mm) << body.level;
      const double upper_off_mm = kStep_mm * std::abs(box.top_at(place.upper.x()) - place.upper.y()),
                   lower_off_mm = kStep_mm * std::abs(box.bottom_at(place.lower.x()) - place.lower.y());
      EXPECT_LT(std::max(upper_off_mm, lower_off_mm), 2 * kTolerance_mm) << body.level;
      n_right += std::max(upper_off_mm, lower_off_mm) < kTolerance_mm, ++n_compared;
    }
    EXPECT_GE(n_compared, 4);
    EXPECT_GE(n_right, n_compared - 1);
  }
}

TEST(FilmReading, FindsNoCementInAnUntreatedPatient) {
  const auto study = make_phantom_films(patient(), pair());
  const FilmReading reading = read_films(radiograph_of(study.films[0]), radiograph_of(study.films[1]), {}, {});
  EXPECT_EQ(reading.cement_present.answer, Answer::no);
  EXPECT_TRUE(reading.treated.empty());
}

TEST(FilmReading, ScrewsAndRodsAreNoCement) {
  PhantomParameters parameters = patient();
  parameters.anatomy.screw_levels = {"T12", "L1", "L2"};
  const auto study = make_phantom_films(parameters, pair());
  const FilmReading reading = read_films(radiograph_of(study.films[0]), radiograph_of(study.films[1]), {}, {});
  EXPECT_TRUE(reading.treated.empty());
  ASSERT_TRUE(reading.ap && reading.lateral);
  EXPECT_TRUE(reading.ap->has_hardware);
  EXPECT_TRUE(reading.lateral->has_hardware);
}

TEST(FilmReading, CementRoundScrewsIsSeen) {
  PhantomParameters parameters = patient();
  parameters.anatomy.screw_levels = {"T12", "L1", "L2"};
  PhantomDeposit clouds{"L1", CementPattern::bilateral, 4.0, {}, 2400, 0.08};
  clouds.is_round_screws = true;
  parameters.deposits = {clouds};
  clouds.level = "L2";
  parameters.deposits.push_back(clouds);
  auto films = pair();
  for (PhantomFilmParameters& film : films) film.pixel_mm = 0.2;
  const auto study = make_phantom_films(parameters, films);
  const FilmReading reading = read_films(radiograph_of(study.films[0]), radiograph_of(study.films[1]), {}, {});
  EXPECT_EQ(reading.cement_present.answer, Answer::yes);
  ASSERT_FALSE(reading.treated.empty());
  for (const TreatedOnFilm& treated : reading.treated) {
    EXPECT_TRUE(treated.measurement.hardware);
    EXPECT_EQ(treated.measurement.leakage.answer, Answer::not_assessable);
  }
}

TEST(FilmReading, CagesAreNoCement) {
  for (const bool is_metal : {true, false}) {
    PhantomParameters parameters = patient();
    parameters.anatomy.screw_levels = {"L1", "L2"}, parameters.anatomy.cage_levels = {"L1"}, parameters.anatomy.has_metal_cages = is_metal;
    auto films = pair();
    for (PhantomFilmParameters& film : films) film.pixel_mm = 0.2;
    const auto study = make_phantom_films(parameters, films);
    const FilmReading reading = read_films(radiograph_of(study.films[0]), radiograph_of(study.films[1]), {}, {});
    EXPECT_TRUE(reading.treated.empty()) << (is_metal ? "titanium" : "radiolucent");
  }
}

TEST(FilmReading, NoLeakOnAFilmIsNeverSure) {
  PhantomParameters parameters = patient();
  parameters.deposits = {{"L1", CementPattern::bilateral, 5.0, {}, 2400, 0.08}};
  const auto study = make_phantom_films(parameters, pair());
  const FilmReading reading = read_films(radiograph_of(study.films[0]), radiograph_of(study.films[1]), {}, {});
  ASSERT_EQ(reading.treated.size(), 1U);
  EXPECT_EQ(reading.treated[0].measurement.midline_crossed.answer, Answer::yes);
  const Finding& leakage = reading.treated[0].measurement.leakage;
  ASSERT_EQ(leakage.answer, Answer::no);
  EXPECT_LE(leakage.confidence, 0.6);
}

TEST(FilmReading, WithoutFilmsNothingIsAssessable) {
  const FilmReading reading = read_films(std::nullopt, std::nullopt, {}, {});
  EXPECT_EQ(reading.cement_present.answer, Answer::not_assessable);
}

TEST(View, IsToldFromThePictureOfAPair) {
  const auto study = make_phantom_films(patient(), pair());
  const auto ap = radiograph::guess_view(radiograph_of(study.films[0])), lateral = radiograph::guess_view(radiograph_of(study.films[1]));
  EXPECT_GT(lateral.log_odds_of_lateral, ap.log_odds_of_lateral);
}

TEST(WorkingFilm, TonesUpsideDownAreSeen) {
  const auto study = make_phantom_films(patient(), {pair().front()});
  Radiograph film = radiograph_of(study.films[0]);
  EXPECT_FALSE(radiograph::looks_inverted(film));
  for (float& value : film.density.values) value = 4095.F - value;
  EXPECT_TRUE(radiograph::looks_inverted(film));
}

}  // namespace
}  // namespace cemscope::imaging
