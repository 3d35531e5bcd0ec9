#include "src/report/film_picture.h"

#include <gtest/gtest.h>

#include "src/report/panel.h"
#include "tests/src/report/picture_phantom.h"

namespace cemscope::report {
namespace {

using imaging::Answer;
using imaging::CementZone;
using imaging::FilmView;
using imaging::radiograph::BodyFace;

constexpr int kColumns = 200, kRows = 200;

/// A dark film with one body in its middle that holds a square of cement.
imaging::radiograph::FilmSight sight_of(FilmView view) {
  imaging::radiograph::FilmSight sight;
  imaging::radiograph::Column column;
  column.view = view;
  column.centre_x.assign(kRows, kColumns / 2), column.half_width.assign(kRows, 40);
  sight.column = column;
  sight.strip = imaging::radiograph::ColumnStrip(column);
  sight.working.value = imaging::radiograph::Plane<float>(kColumns, kRows, 0.2F);
  imaging::radiograph::DenseThing deposit;
  for (int y = 80; y < 120; ++y)
    for (int x = 90; x < 130; ++x) deposit.pixels.emplace_back(x, y);
  sight.things.push_back(deposit);
  imaging::radiograph::FilmLevel level;
  level.things = {0}, level.box.top_row = 70, level.box.bottom_row = 130;
  sight.levels.push_back(level);
  return sight;
}

imaging::FilmReading reading_with(Answer leakage) {
  imaging::FilmReading reading;
  reading.ap = sight_of(FilmView::ap), reading.lateral = sight_of(FilmView::lateral);
  imaging::TreatedOnFilm treated;
  treated.ap_level = treated.lateral_level = 0;
  treated.measurement.leakage = {leakage, 0.7, ""};
  if (leakage == Answer::yes) {
    imaging::LeakOnFilm beside{FilmView::ap, CementZone::paravertebral, {BodyFace::right, {}}};
    for (int y = 90; y < 110; ++y)
      for (int x = 142; x < 154; ++x) beside.place.pixels.emplace_back(x, y);
    treated.leak_zones = {CementZone::paravertebral}, treated.leaks = {beside};
  }
  reading.treated = {treated};
  return reading;
}

int count_of(const testing::Picture& picture, const Colour& colour, int first_x, int last_x) {
  int n = 0;
  for (int y = kHeader_px + kPanelTitle_px; y < kHeader_px + kPanelTitle_px + 500; ++y)
    for (int x = first_x; x < last_x; ++x) {
      const auto rgb = picture.at(x, y);
      n += std::abs(rgb[0] - colour.red) + std::abs(rgb[1] - colour.green) + std::abs(rgb[2] - colour.blue) < 60 ? 1 : 0;
    }
  return n;
}

TEST(render_films, outlines_a_leak_in_its_zones_colour_on_the_film_that_shows_it) {
  const auto picture = testing::decode_png(render_films(reading_with(Answer::yes), {"", ""}));
  const auto leak = zone_style(CementZone::paravertebral).colour, body = zone_style(CementZone::body).colour;
  const int middle = kPictureWidth_px / 2;
  EXPECT_GT(count_of(picture, leak, 0, middle), 100);
  EXPECT_EQ(count_of(picture, leak, middle, kPictureWidth_px), 0);
  EXPECT_GT(count_of(picture, body, 0, middle), 100);
  EXPECT_GT(count_of(picture, body, middle, kPictureWidth_px), 100);
}

TEST(render_films, outlines_no_leak_where_none_is_said) {
  for (const auto answer : {Answer::no, Answer::not_assessable}) {
    const auto picture = testing::decode_png(render_films(reading_with(answer), {"", ""}));
    for (const auto zone : {CementZone::paravertebral, CementZone::disc, CementZone::canal})
      EXPECT_EQ(count_of(picture, zone_style(zone).colour, 0, kPictureWidth_px), 0);
  }
}

}  // namespace
}  // namespace cemscope::report
