#!/usr/bin/python3
"""Fits the log odds of discs and endplates on CT (imaging/spine/disc_weights.h) to tables of disc_lab.

usage: fit_discs.py HEADER TABLE...          needs Debian's python3-numpy and python3-scipy
Every other scan is held out first and its figures are printed; the weights written are fitted to all.
"""
import sys
import numpy as np
from scipy.optimize import minimize

TAPS, STEP_MM, MARGIN_MM = 25, 2, 3
DISC, UPPER_PLATE, LOWER_PLATE = range(3)
NAMES = ["Disc", "UpperPlate", "LowerPlate"]
COST = [150, 100, 100]


def scans(path):
    data, at, out = open(path, "rb").read(), 0, []
    while at < len(data):
        length, n_channels, n_discs = np.frombuffer(data, "i4", 3, at)
        at += 12
        labelled = np.frombuffer(data, "f8", 2, at)
        borders = np.frombuffer(data, "f8", 2 * n_discs, at + 16).reshape(-1, 2)
        channels = np.frombuffer(data, "f8", n_channels * length, at + 16 + 16 * n_discs).reshape(n_channels, length)
        at += 16 + 16 * n_discs + 8 * n_channels * length
        if n_discs:
            out.append((labelled, borders, channels))
    return out


def features(channels):
    n = channels.shape[1]
    x = np.empty((n, channels.shape[0] * TAPS), "f4")
    for tap in range(TAPS):
        at = np.clip(np.arange(n) + (tap - TAPS // 2) * STEP_MM, 0, n - 2)
        x[:, tap::TAPS] = (0.5 * (channels[:, at] + channels[:, at + 1])).T
    return x


def places(borders, what):
    return borders.mean(1) if what == DISC else borders[:, what - UPPER_PLATE]


def targets(scan, what):
    """1 near the place, and weights: little just beside it, none beyond the labelled bodies."""
    (first, last), borders, channels = scan
    s = np.arange(channels.shape[1])
    near = 2 if what == DISC else 1
    distance = np.abs(s[:, None] - places(borders, what)[None]).min(1)
    weight = np.where((distance > near) & (distance <= 2 * near), 0.1, 1.0) * ((s >= first + MARGIN_MM) & (s <= last - MARGIN_MM))
    return (distance <= near).astype(float), weight


def fit(train, what):
    x = np.concatenate([features(scan[2]) for scan in train])
    y, weight = (np.concatenate(part) for part in zip(*(targets(scan, what) for scan in train)))
    mean, sd = x.mean(0), x.std(0) + 1e-3
    x = (x - mean) / sd

    def loss(p):
        z = x @ p[1:].astype("f4") + p[0]
        slope = weight * (1 / (1 + np.exp(-z)) - y)
        value = (weight * (np.logaddexp(0, z) - y * z)).sum() + COST[what] / 2 * (p[1:] ** 2).sum()
        return float(value), np.concatenate([[slope.sum()], x.T @ slope.astype("f4") + COST[what] * p[1:]]).astype("f8")

    p = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    weights = p[1:] / sd
    return p[0] - (weights * mean).sum(), weights


def check(test, what, model):
    """How often the likeliest place within 14 mm is right to 4 mm (discs) or 2 mm (endplates)."""
    hit = total = 0
    for scan in test:
        z = features(scan[2]) @ model[1] + model[0]
        for place in places(scan[1], what):
            lo = int(max(0, place - 14))
            hit += abs(lo + int(np.argmax(z[lo:int(place + 15)])) - place) <= (4 if what == DISC else 2)
            total += 1
    return f"{hit} of {total}"


def number(x):
    text = f"{x:.4g}"
    return text + ("F" if "." in text or "e" in text else ".F")


def main():
    header, tables = sys.argv[1], sys.argv[2:]
    all_scans = [scan for table in tables for scan in scans(table)]
    for what, name in enumerate(NAMES):
        print(name, "held out:", check(all_scans[1::2], what, fit(all_scans[0::2], what)))
    n_channels = all_scans[0][2].shape[0]
    with open(header, "w") as out:
        out.write(f"""#pragma once

#include <array>

namespace cemscope::imaging::spine {{

constexpr int kDiscChannels = {n_channels}, kDiscTaps = {TAPS};

/// By channel in the order of disc_evidence.cpp, each with taps {STEP_MM} mm apart from {STEP_MM * (TAPS // 2)} mm below the place to {STEP_MM * (TAPS // 2)} mm above.
using DiscWeights = std::array<std::array<float, kDiscTaps>, kDiscChannels>;

/// Learned by tests/tools/fit_discs.py on {len(all_scans)} simulated scans: random phantoms (seeds 20000-20149) and warped label maps of real spines
/// (tests/tools/warp_cohort.py, seeds 100-209). Squared weights of standardised taps cost {COST[0]} / 2 (discs) and {COST[1]} / 2 (endplates) in all.
""")
        for what, name in enumerate(NAMES):
            intercept, weights = fit(all_scans, what)
            out.write(f"constexpr double k{name}Intercept = {intercept:.4g};\nconstexpr DiscWeights k{name}Weights{{{{\n")
            for c in range(n_channels):
                out.write("    {" + ", ".join(number(x) for x in weights[c * TAPS:(c + 1) * TAPS]) + "},\n")
            out.write("}};\n\n")
        out.write("}  // namespace cemscope::imaging::spine\n")


if __name__ == "__main__":
    main()
