#!/usr/bin/python3
"""Fits the weights of cement_log_odds to `film_lab things` tables and writes thing_weights.h.  usage: fit_things.py HEADER TABLE..."""
import csv, sys
import numpy as np
from film_fit import cross_validated, fit, report

COLUMNS = ("name view screws has_hardware share level row area thick elongation solidity plateau prominence texture edge steepness "
           "steepness_ratio off kind x y edge_quartile edge_upper").split()
HEAD = """#pragma once

#include <array>

namespace cemscope::imaging::radiograph {

/// Weights of cement_log_odds (film_sight.h): logistic regressions (L2 penalty 1, cement of less than 30 mm^2 counts a fifth) on the dense
/// things of simulated pairs, those of more than half cement against those of less than 15 %%:
/// %s. Features: 1, log prominence, log
/// thickness, log solidity, log median edge width, |off axis|, log elongation, log steepness ratio, log first and third quartile of the edge
/// width, texture, |off axis| beyond 0.6, log relative height, log median edge width below kSharpMedian_mm, log third quartile below
/// kSharpUpper_mm. Made by tests/tools/fit_things.py.
constexpr int kThingFeatures = 15;
constexpr double kSharpMedian_mm = 1.2, kSharpUpper_mm = 1.5;  ///< edges sharper than these are metal's (TRIALS, Radiographs 4)
"""


def features(rows, greatest):
    def v(column):
        return np.array([float(r[COLUMNS.index(column)]) for r in rows])

    def log(x, least):
        return np.log(np.maximum(least, x))

    off = np.abs(v("off"))
    relative = v("plateau") / np.array([greatest[r[0], r[1]] for r in rows])
    return np.array([np.ones(len(rows)), log(v("prominence"), .05), log(v("thick"), 1), log(v("solidity"), .1), log(v("edge"), .3), off,
                     log(v("elongation"), 1), log(v("steepness_ratio"), .05), log(v("edge_quartile"), .3), log(v("edge_upper"), .3),
                     np.minimum(1, v("texture")), np.maximum(0, off - .6), log(relative, .05), np.minimum(0, log(v("edge") / 1.2, .2)),
                     np.minimum(0, log(v("edge_upper") / 1.5, .2))]).T


def seeds(names):
    ranges = {}
    for name in names:
        kind, seed = name.split("_")
        ranges.setdefault(kind, []).append(int(seed))
    return ", ".join(f"{k} pairs of seeds {min(s)}-{max(s)}" for k, s in sorted(ranges.items()))


header, rows, greatest = sys.argv[1], [], {}
for table in sys.argv[2:]:
    rows += list(csv.reader(open(table)))
for r in rows:
    greatest[r[0], r[1]] = max(greatest.get((r[0], r[1]), 1e-6), float(r[COLUMNS.index("plateau")]))
text = HEAD % seeds(r[0] for r in rows)
for view, metal, name in (("ap", "0", "kApThing"), ("ap", "1", "kApThingBesideMetal"), ("lateral", "0", "kLateralThing"), ("lateral", "1", "kLateralThingBesideMetal")):
    own = [r for r in rows if r[1] == view and r[3] == metal and not .15 <= float(r[4]) <= .5]
    y = np.array([float(float(r[4]) > .5) for r in own])
    area = np.array([float(r[COLUMNS.index("area")]) for r in own])
    X, w = features(own, greatest), np.where((y == 1) & (area < 30), .2, 1.)
    report(name, cross_validated(X, y, [r[0] for r in own], w), y)
    b = fit(X, y, w)
    text += f"constexpr std::array<double, kThingFeatures> {name}{{\n    " + ", ".join(f"{x:.2f}" for x in b) + "};\n"
open(header, "w").write(text + "\n}  // namespace cemscope::imaging::radiograph\n")
