"""Fits the weights of even_log_odds (imaging/radiograph/film_spread.cpp) from the tables of `film_lab spreads` and tells how well the midline is
read: fit_spreads.py spreads_*.csv"""
import csv
import sys

import numpy as np

from film_fit import auc, cross_validated, fit

table = [r for path in sys.argv[1:] for r in csv.reader(open(path))]
rows = [r for r in table if float(r[14]) > 0 and r[25] == "0" and r[26] == "0"]
values = np.array([[float(v) for v in r[2:]] for r in rows])
satisfactory, crosses = values[:, 0], values[:, 1]
ap, lateral = values[:, 3:12].reshape(-1, 3, 3), values[:, 13:22].reshape(-1, 3, 3)


def log(cover):
    return np.log(cover + .03)


smaller = log(np.minimum(ap[:, :, 0], ap[:, :, 2]))
X = np.array([np.ones(len(rows)), smaller[:, 0] + smaller[:, 1], log(lateral[:, 0, 0]) + log(lateral[:, 0, 2])]).T
s = cross_validated(X, satisfactory, np.array([r[0] for r in rows]))
print(f"{len(rows)} vertebrae, AUC {auc(s, satisfactory):.3f}, right {np.mean((s > 0) == satisfactory):.3f}, "
      f"with the midline {np.mean(((s > 0) & (crosses > 0)) == satisfactory):.3f}")
print("constant, smaller side of upper and middle third, upper front and back:", np.round(fit(X, satisfactory), 2))
print("usual upper front and back:", np.round(X[:, 2].mean(), 2))

rows = [r for r in table if r[25] == "0"]
crossed, sides = np.array([float(r[24]) for r in rows]), np.array([[float(v) for v in r[29:33]] for r in rows])
for name, weight in (("deposit", 0), ("shadows", 1), ("mean of both", .5)):
    minor, reach = ((1 - weight) * sides[:, n] + weight * sides[:, 2 + n] for n in (0, 1))
    print(f"{len(rows)} vertebrae, midline by the {name}: right {np.mean(((minor >= .05) & (reach >= 3)) == crossed):.3f}")
