#pragma once

#include <array>

namespace cemscope::imaging::radiograph {

/// Weights of cement_log_odds (film_sight.h): logistic regressions (L2 penalty 1, cement of less than 30 mm^2 counts a fifth) on the dense
/// things of simulated pairs, those of more than half cement against those of less than 15 %:
/// display pairs of seeds 20001-20100 and 21001-21060, plain pairs of seeds 9000-9095 and 9400-9519. Features: 1, log prominence, log
/// thickness, log solidity, log median edge width, |off axis|, log elongation, log steepness ratio, log first and third quartile of the edge
/// width, texture, |off axis| beyond 0.6, log relative height, log median edge width below kSharpMedian_mm, log third quartile below
/// kSharpUpper_mm. Made by tests/tools/fit_things.py.
constexpr int kThingFeatures = 15;
constexpr double kSharpMedian_mm = 1.2, kSharpUpper_mm = 1.5;  ///< edges sharper than these are metal's (TRIALS, Radiographs 4)
constexpr std::array<double, kThingFeatures> kApThing{
    -3.26, 2.09, 2.07, 2.56, -1.01, -0.74, -0.82, 3.14, 0.18, -1.01, 0.19, -2.17, 0.62, 1.04, 0.85};
constexpr std::array<double, kThingFeatures> kApThingBesideMetal{
    -3.36, -0.44, 1.31, 0.01, -1.03, -2.49, 0.16, -0.77, -1.73, 1.31, 2.98, -2.53, 0.15, -0.79, 2.03};
constexpr std::array<double, kThingFeatures> kLateralThing{
    -1.60, 0.30, 2.08, 2.65, -0.35, -2.34, -1.61, 2.40, -0.02, -1.53, -1.61, -0.27, 0.27, 1.00, 1.90};
constexpr std::array<double, kThingFeatures> kLateralThingBesideMetal{
    3.27, -0.24, 0.59, 0.60, 0.56, -1.55, -3.50, 0.04, 0.12, -0.92, 0.74, -1.94, 2.42, 0.36, 1.48};

}  // namespace cemscope::imaging::radiograph
