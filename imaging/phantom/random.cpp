#include "imaging/phantom/random.h"

#include <cmath>
#include <numbers>

namespace cemscope::imaging::phantom {

// FNV-1a over the name, then the finaliser of splitmix64 (Steele et al., OOPSLA 2014).
std::uint64_t mix_seed(std::uint64_t seed, std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char character : name) hash = (hash ^ static_cast<unsigned char>(character)) * 0x100000001b3ULL;
  std::uint64_t mixed = hash ^ (seed + 0x9e3779b97f4a7c15ULL);
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
  return mixed ^ (mixed >> 31);
}

Random::Random(std::uint64_t seed, std::string_view stream) : engine_(mix_seed(seed, stream)) {}

double Random::normal(double mean, double sd) {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return mean + sd * radius * std::cos(2.0 * std::numbers::pi * uniform());
}

int Random::integer(int low, int high) { return low + static_cast<int>(uniform() * (high - low + 1)); }

}  // namespace cemscope::imaging::phantom
