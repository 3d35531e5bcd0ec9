#!/usr/bin/python3
"""Fits the weights of film_pairing.cpp to `film_lab candidates` tables and prints them.  usage: fit_candidates.py TABLE..."""
import csv, sys
import numpy as np
from film_fit import cross_validated, fit, report

LEAST, MOST = -6, 8  # kLeastOfOne, kMostOfOne


def film(cells):
    return dict(seen=cells[0] == "1", odds=min(MOST, max(LEAST, float(cells[1]))), unusual=float(cells[2]), metal=float(cells[3]), share=float(cells[5]), level=cells[6], shadow=float(cells[7]))


rows = []
for table in sys.argv[1:]:
    for r in csv.reader(open(table)):
        rows.append(dict(name=r[0], screws=int(r[1]) > 0, truth=[t for t in r[2].split(";") if t], ap=film(r[3:11]), lateral=film(r[11:19])))


def holds_cement(row, view):
    return row[view]["seen"] and row[view]["level"] in row["truth"] and row[view]["share"] > .3


def place(row):
    return row["ap"]["level"] if row["ap"]["seen"] else row["lateral"]["level"]


def worth(row):
    return sum(row[v]["odds"] + row[v]["shadow"] for v in ("ap", "lateral") if row[v]["seen"]) + 20 * (row["ap"]["seen"] and row["lateral"]["seen"])


# A vertebra is found once: what else of its cement, or of its leaks, makes a candidate is no further one.
mains = {}
for r in rows:
    if holds_cement(r, "ap") or holds_cement(r, "lateral"):
        mains.setdefault((r["name"], place(r)), []).append(r)
mains = {id(max(own, key=worth)) for own in mains.values()}


def is_cement(row, view):
    return holds_cement(row, view) and id(row) in mains


def features(row, views):
    x = [1.]
    for view in views:
        x += [row[view]["odds"], row[view]["unusual"], row[view]["metal"], row[view]["shadow"]]
    return x


scores = {}
both, ap, lateral = (lambda r: r["ap"]["seen"] and r["lateral"]["seen"]), (lambda r: r["ap"]["seen"] and not r["lateral"]["seen"]), (lambda r: r["lateral"]["seen"] and not r["ap"]["seen"])
for name, of, views in (("kBothShow", both, ("ap", "lateral")), ("kApAlone", ap, ("ap",)), ("kLateralAlone", lateral, ("lateral",)),
                        ("kOnlyAp", lambda r: r["ap"]["seen"], ("ap",)), ("kOnlyLateral", lambda r: r["lateral"]["seen"], ("lateral",))):
    own = [r for r in rows if of(r)]
    X = np.array([features(r, views) for r in own])
    # A pair lies where its AP film says, and is cement when either film shows it there.
    y = np.array([float(is_cement(r, views[0]) or (len(views) > 1 and is_cement(r, "lateral") and r["ap"]["level"] == r["lateral"]["level"])) for r in own])
    s = cross_validated(X, y, [r["name"] for r in own], l2=2)
    report(name, s, y)
    b = fit(X, y, l2=2)
    parts = {"ap": "{}", "lateral": "{}"}
    for n, view in enumerate(views):
        parts[view] = "{" + ", ".join(f"{v:.2f}" for v in b[1 + 4 * n:5 + 4 * n]) + "}"
    print(f"  {name}{{{b[0]:.2f}, {parts['ap']}, {parts['lateral']}}}")
    if not name.startswith("kOnly"):
        for r, value in zip(own, s):
            scores.setdefault(r["name"], []).append((value, r))
for has_screws in (False, True):
    pairs = {n: found for n, found in scores.items() if found[0][1]["screws"] == has_screws}
    right = sum(any(s > 0 for s, _ in found) == bool(found[0][1]["truth"]) for found in pairs.values())
    bare = [any(s > 0 for s, _ in found) for found in pairs.values() if not found[0][1]["truth"]]
    print("screws" if has_screws else "no screws", f"present {right}/{len(pairs)}, of none {len(bare) - sum(bare)}/{len(bare)}")
for n, found in sorted(scores.items()):
    s, r = max(found, key=lambda f: f[0])
    if (s > 0) != bool(r["truth"]):
        print(n, "truth", r["truth"], f"surest {s:.2f} at", r["ap"]["level"] or r["lateral"]["level"])
