#pragma once

#include <cstdint>
#include <random>
#include <string_view>

namespace cemscope::imaging::phantom {

/// Random numbers that are the same on every platform: std::mt19937_64 is specified bit for bit, the standard library's
/// distributions are not, so the distributions are our own. Each named stream of a seed is independent of the others.
class Random {
 public:
  Random(std::uint64_t seed, std::string_view stream);

  std::uint64_t bits() { return engine_(); }
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }  ///< [0, 1)
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  double normal(double mean, double sd);
  int integer(int low, int high);  ///< both ends included
  bool chance(double probability) { return uniform() < probability; }
  double sign() { return chance(0.5) ? 1.0 : -1.0; }

 private:
  std::mt19937_64 engine_;
};

/// A well mixed hash of a seed and a name, for streams and for UIDs.
std::uint64_t mix_seed(std::uint64_t seed, std::string_view name);

}  // namespace cemscope::imaging::phantom
