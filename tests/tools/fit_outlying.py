#!/usr/bin/python3
"""Fits OutlyingCement::leak_odds (imaging/cement/outlying.cpp) from the tables of `ct_lab ... --outlying`: fit_outlying.py outlying_*.csv

Needs Debian's python3-numpy. Told per vertebra, by cross-validation: right, false leaks, missed leaks.
"""
import csv
import sys

import numpy as np

from film_fit import cross_validated, fit

SIGNS = ["outside_mm3", "certain_mm3", "sure_mm3", "beyond_mm", "way_mm", "body_odds", "neck", "gap_mm", "tract"]
BORDERLINE, LEAST_MM3, RIDGE, NOTHING = 2, 5, 0.3, -9
WEIGHTED = ["1", "log1p(outside_mm3 / 10)", "min(beyond_mm, 8)", "neck", "way_mm", "body_odds", "max(0, gap_mm - 5)"]


def read(paths):
    """Whether each vertebra leaks, and (vertebra, whether it is a leak, signs) of its outlying parts; tracts of the needle are left out."""
    vertebrae, parts = {}, []
    for row in (row for path in paths for row in csv.reader(open(path)) if ":" in row[0]):
        leaks, leaked, in_body, numbers = int(row[1]), float(row[2]), float(row[3]), [float(v) for v in row[4:]]
        if leaks == BORDERLINE:
            continue
        vertebrae[row[0]] = leaks
        signs = dict(zip(SIGNS, numbers))
        if signs and not (signs["tract"] > 0.5 and leaked == 0 and in_body == 0):
            parts.append((row[0], leaks and leaked > LEAST_MM3, signs))
    return vertebrae, parts


def columns(signs):
    return [1, np.log1p(signs["outside_mm3"] / 10), min(signs["beyond_mm"], 8), signs["neck"], signs["way_mm"], signs["body_odds"], max(0, signs["gap_mm"] - 5)]


def tell(what, said, truth):
    print(f"{what}: {(said == truth).sum()} of {len(truth)} right, {(said & ~truth).sum()} false, {(~said & truth).sum()} missed")


def main():
    vertebrae, parts = read(sys.argv[1:])
    X, y = np.array([columns(signs) for _, _, signs in parts]), np.array([float(leaks) for _, leaks, _ in parts])
    scale = np.array([1, 1, 3, 1, 10, 4, 4])
    odds = cross_validated(X / scale, y, np.array([name.split(":")[0] for name, _, _ in parts]), l2=RIDGE)
    truth = np.array(list(vertebrae.values())) == 1
    def by_part(of_part):
        best = dict.fromkeys(vertebrae, NOTHING)
        for (name, _, signs), odd in zip(parts, odds):
            best[name] = max(best[name], of_part(signs, odd))
        return np.array(list(best.values()))
    tell("by volume beyond epsilon", by_part(lambda signs, _: signs["certain_mm3"] - 10) >= 0, truth)
    best = by_part(lambda _, odd: odd)
    for limit in (-0.5, -0.25, 0, 0.25, 0.5):
        tell(f"by odds over {limit}", best > limit, truth)
    print("without a part:", (best == NOTHING).sum(), "of which leak", (truth & (best == NOTHING)).sum())
    for name, weight in zip(WEIGHTED, fit(X / scale, y, l2=RIDGE) / scale):
        print(f"{weight:+.3f} {name}")


if __name__ == "__main__":
    main()
