"""Fits the weights of leak_odds (imaging/radiograph/film_leak.cpp) from the tables of `film_lab leaks` of pairs that no network was learned
on: fit_leaks.py leaks_*.csv"""
import csv
import sys

import numpy as np

from film_fit import auc, cross_validated, fit

rows = [r for path in sys.argv[1:] for r in csv.reader(open(path))]
ml = np.array([[float(v) for v in r[2:7]] for r in rows]).sum(1)
signs = np.log1p(np.exp(np.clip(np.array([[float(v) for v in r[7:]] for r in rows]), -5, 5)))
X = np.array([np.ones(len(rows)), signs[:, 1:5].max(1), signs[:, 6:10].max(1)]).T
y, names = (ml > 0).astype(float), np.array([r[0] for r in rows])
s, large, none = cross_validated(X, y, names), ml >= .3, ml == 0
print(f"{len(rows)} vertebrae, {int(large.sum())} with 0.3 mL or more, {int((y == 1).sum())} with a leak; AUC of large {auc(s[large | none], y[large | none]):.3f}")
for shift in (-.6, -.3, 0, .3, .6):
    print(f"constant {shift:+.1f}: large {(s + shift > 0)[large].mean():.2f}, smaller {(s + shift > 0)[~large & ~none].mean():.2f}, none {(s + shift <= 0)[none].mean():.2f}")
print("constant, AP, lateral:", np.round(fit(X, y), 2))
