#!/usr/bin/python3
"""Fits the weights of combined_log_odds (imaging/radiograph/shadow_edges.cpp) from the tables of `film_lab endplates` of pairs that no network
was learned on: fit_endplates.py endplates_*.csv"""
import csv
import sys

import numpy as np

from film_fit import auc, cross_validated, fit

rows = [r for path in sys.argv[1:] for r in csv.reader(open(path))]
for view in ("ap", "lateral"):
    own = [r for r in rows if r[1] == view]
    values, names = np.array([[float(v) for v in r[2:]] for r in own]), np.array([r[0] for r in own])
    for n, end in enumerate(("upper", "lower")):
        y = values[:, 3 * n + 2]
        X = np.c_[np.ones(len(y)), values[:, 3 * n:3 * n + 2]]
        s = cross_validated(X, y, names)
        print(f"{view} {end}: {len(y)} places, AUC {auc(X[:, 1], y):.3f} by contrast, {auc(X[:, 2], y):.3f} by shadow, {auc(s, y):.3f} by both;",
              "constant, contrast, shadow:", np.round(fit(X, y), 2))
