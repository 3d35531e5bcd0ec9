#pragma once

#include <array>

namespace cemscope::imaging::radiograph {

/// Weights of cement_log_odds (film_sight.h): logistic regressions (L2 penalty 1, cement of less than 30 mm^2 counts a fifth) on the dense
/// things of simulated pairs, those of more than half cement against those of less than 15 %:
/// display pairs of seeds 20001-20100, plain pairs of seeds 9000-9095. Features: 1, log prominence, log
/// thickness, log solidity, log median edge width, |off axis|, log elongation, log steepness ratio, log first and third quartile of the edge
/// width, texture, |off axis| beyond 0.6, log relative height, log median edge width below kSharpMedian_mm, log third quartile below
/// kSharpUpper_mm. Made by tests/tools/fit_things.py.
constexpr int kThingFeatures = 15;
constexpr double kSharpMedian_mm = 1.2, kSharpUpper_mm = 1.5;  ///< edges sharper than these are metal's (TRIALS, Radiographs 4)
constexpr std::array<double, kThingFeatures> kApThing{
    -3.49, 2.16, 2.18, 1.84, -1.36, -0.85, -0.62, 2.76, 0.16, -1.06, 0.14, -1.46, 0.39, 1.03, 0.67};
constexpr std::array<double, kThingFeatures> kApThingBesideMetal{
    -0.30, -0.74, 0.43, 0.16, -1.68, -2.86, -0.06, -0.15, -1.03, 1.29, 2.30, -1.88, -0.55, -0.18, 2.33};
constexpr std::array<double, kThingFeatures> kLateralThing{
    -0.73, 0.29, 1.74, 2.24, -0.41, -2.27, -1.54, 1.68, -0.09, -1.33, -0.75, -0.36, 0.66, 0.84, 0.91};
constexpr std::array<double, kThingFeatures> kLateralThingBesideMetal{
    3.43, -0.28, 0.47, 0.58, 0.63, -1.46, -3.03, -0.53, -0.10, -0.74, 0.73, -1.58, 2.56, 0.06, 1.02};

}  // namespace cemscope::imaging::radiograph
