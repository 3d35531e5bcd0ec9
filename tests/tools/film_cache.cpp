#include "tests/tools/film_cache.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace cemscope::tools {
namespace {

using imaging::PhantomFilm;
using imaging::PhantomFilmBody;
using imaging::PhantomVertebraTruth;

// Cement is kept in quarters of a millimetre, 0-63.75 mm.
constexpr float kCementStep_mm = 0.25F;

class Writer {
 public:
  explicit Writer(const std::filesystem::path& file) : out_(file, std::ios::binary) {
    if (!out_) throw std::runtime_error("cannot write " + file.string());
  }
  template <typename T>
  void put(const T& value) {
    out_.write(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  void put(const std::string& text) {
    put(static_cast<int>(text.size())), out_.write(text.data(), static_cast<std::streamsize>(text.size()));
  }
  template <typename T>
  void put_all(const std::vector<T>& values) {
    put(static_cast<std::int64_t>(values.size()));
    out_.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
  }

 private:
  std::ofstream out_;
};

class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : in_(file, std::ios::binary) {
    if (!in_) throw std::runtime_error("cannot read " + file.string());
  }
  template <typename T>
  void get(T& value) {
    in_.read(reinterpret_cast<char*>(&value), sizeof(T));
    if (!in_) throw std::runtime_error("a cached pair is cut short");
  }
  void get(std::string& text) {
    int size = 0;
    get(size);
    text.resize(static_cast<std::size_t>(size));
    in_.read(text.data(), size);
  }
  template <typename T>
  T one() {
    T value{};
    get(value);
    return value;
  }
  template <typename T>
  void get_all(std::vector<T>& values) {
    values.resize(static_cast<std::size_t>(one<std::int64_t>()));
    in_.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
  }

 private:
  std::ifstream in_;
};

void put_film(Writer& out, const PhantomFilm& film) {
  const auto& p = film.parameters;
  out.put(p.view), out.put(p.pixel_mm), out.put(p.bits_stored), out.put(p.is_monochrome1), out.put(p.is_linear), out.put(p.is_mirrored);
  out.put(film.columns), out.put(film.rows);
  out.put_all(film.stored);
  out.put(static_cast<int>(film.bodies.size()));
  for (const PhantomFilmBody& body : film.bodies) {
    out.put(body.level);
    for (const auto& corner : body.corners_px) out.put(corner.x()), out.put(corner.y());
    out.put(body.centre_px.x()), out.put(body.centre_px.y());
  }
  std::vector<std::uint8_t> cement;
  for (const float mm : film.cement_mm) cement.push_back(static_cast<std::uint8_t>(std::min(255.F, std::round(mm / kCementStep_mm))));
  out.put_all(cement);
}

PhantomFilm get_film(Reader& in) {
  PhantomFilm film;
  auto& p = film.parameters;
  in.get(p.view), in.get(p.pixel_mm), in.get(p.bits_stored), in.get(p.is_monochrome1), in.get(p.is_linear), in.get(p.is_mirrored);
  in.get(film.columns), in.get(film.rows);
  in.get_all(film.stored);
  film.bodies.resize(static_cast<std::size_t>(in.one<int>()));
  for (PhantomFilmBody& body : film.bodies) {
    in.get(body.level);
    for (auto& corner : body.corners_px) in.get(corner.x()), in.get(corner.y());
    in.get(body.centre_px.x()), in.get(body.centre_px.y());
  }
  std::vector<std::uint8_t> cement;
  in.get_all(cement);
  for (const std::uint8_t steps : cement) film.cement_mm.push_back(kCementStep_mm * static_cast<float>(steps));
  return film;
}

void put_truth(Writer& out, const PhantomVertebraTruth& truth) {
  out.put(truth.level);
  out.put(truth.midline_crossed), out.put(truth.midline_borderline), out.put(truth.satisfactory), out.put(truth.distribution_borderline);
  out.put(truth.cement_ml), out.put(truth.minor_side_fraction), out.put(truth.reach_mm);
  out.put(static_cast<int>(truth.leaks_ml.size()));
  for (const auto& [zone, ml] : truth.leaks_ml) out.put(zone), out.put(ml);
}

PhantomVertebraTruth get_truth(Reader& in) {
  PhantomVertebraTruth truth;
  in.get(truth.level);
  in.get(truth.midline_crossed), in.get(truth.midline_borderline), in.get(truth.satisfactory), in.get(truth.distribution_borderline);
  in.get(truth.cement_ml), in.get(truth.minor_side_fraction), in.get(truth.reach_mm);
  const int n = in.one<int>();
  for (int i = 0; i < n; ++i) {
    const auto zone = in.one<imaging::CementZone>();
    truth.leaks_ml[zone] = in.one<double>();
  }
  return truth;
}

}  // namespace

void save_pair(const std::filesystem::path& file, const imaging::PhantomParameters& patient, const imaging::PhantomFilmStudy& study) {
  const std::filesystem::path unfinished = file.string() + ".part";
  {
    Writer out(unfinished);
    out.put(static_cast<int>(patient.anatomy.screw_levels.size()));
    for (const auto& level : patient.anatomy.screw_levels) out.put(level);
    out.put(static_cast<int>(study.films.size()));
    for (const auto& film : study.films) put_film(out, film);
    out.put(static_cast<int>(study.truth.vertebrae.size()));
    for (const auto& truth : study.truth.vertebrae) put_truth(out, truth);
  }
  std::filesystem::rename(unfinished, file);
}

CachedPair load_pair(const std::filesystem::path& file) {
  Reader in(file);
  CachedPair pair;
  pair.screw_levels.resize(static_cast<std::size_t>(in.one<int>()));
  for (auto& level : pair.screw_levels) in.get(level);
  const int n_films = in.one<int>();
  for (int n = 0; n < n_films; ++n) pair.study.films.push_back(get_film(in));
  const int n_truths = in.one<int>();
  for (int n = 0; n < n_truths; ++n) pair.study.truth.vertebrae.push_back(get_truth(in));
  return pair;
}

}  // namespace cemscope::tools
