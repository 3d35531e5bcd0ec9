#!/usr/bin/python3
"""Makes patients for `film_lab simulate scanned` out of labelled CT scans: the whole trunk warped as warp_cohort.py warps the spine, new cement
with leaks in one to three bodies, or in nearly all of them to learn from.

usage: warp_films.py COHORT OUT FIRST_SEED N [--many] [--bases OPEN01,OPEN02]      writes OUT/scanned_<seed>.scan
A file holds int32 sizes (k, j, i), float64 spacing (k, j, i) mm, int16 HU without cement, uint8 vertebrae, uint8 bodies; then int32 number of
cement's cells of 0.5 mm and of each float32 place (x, y, z) mm from the first voxel's centre, float32 HU, uint8 vertebra, uint8 zone; then the
truth as JSON: "treated" vertebrae and "midlines", (vertebra, slope, mm) of x = slope * y + mm for every body.
"""
import json
import os
import sys

import numpy as np
from scipy import ndimage as nd

import warp_cohort as warp

STEP = np.array([1.0, 1.0, 1.0])  # mm
ZONES = np.array([0, 1, 7, 3, 4, 2, 6], "u1")  # of warp_cohort as CementZone has them
NOISE = 25  # HU that the source scan brings along is there already


def whole_trunk(rng, base, target):
    """The warped scan, labels and bodies on a grid of 1 mm; slices of which the source knows too little are left out."""
    b = base.body == target
    ks, js, is_ = np.nonzero(b)
    sp = base.sp
    centre = np.array([0.5 * base.labels.shape[d] * sp[d] for d in range(3)])
    shape = tuple(int(n * s * f) for n, s, f in zip(base.labels.shape, sp, (1.12, 1.06, 1.06)))
    fracture = None
    if rng.random() < 0.7:
        fracture = (str(rng.choice(["wedge", "biconcave", "crush"])), float(rng.uniform(0.1, 0.45)),
                    (ks.min() * sp[0], (ks.max() + 1) * sp[0], js.min() * sp[1], js.max() * sp[1]))
    coords = warp.make_map(rng, base, target, shape, STEP, centre, fracture) / sp[:, None, None, None]
    hu = nd.map_coordinates(base.hu, coords, order=1, mode="constant", cval=-1000)
    inside = ((coords >= 0) & (coords <= np.array(base.hu.shape)[:, None, None, None] - 1)).all(0)
    keep = np.nonzero(inside.mean((1, 2)) > 0.6)[0]
    cut = slice(keep.min(), keep.max() + 1)
    coords, hu, inside = coords[:, cut], hu[cut], inside[cut]
    at = [np.clip(np.rint((coords[d] + 0.5) * base.up[d] - 0.5).astype(np.int32), 0, base.fine_labels.shape[d] - 1) for d in range(3)]
    labels, bodies = base.fine_labels[at[0], at[1], at[2]], base.fine_body[at[0], at[1], at[2]]
    touched = set(np.unique(bodies[nd.binary_dilation(~inside, iterations=2)]).tolist())
    labels[~inside] = 0
    bodies[~inside] = 0
    return hu, labels, bodies, touched


def midlines_of(canal, bodies):
    """Planes through the canal's centre and the middle of the body's width, in mm as voxels are."""
    lines = []
    for l in np.unique(bodies)[1:]:
        ks, js, _ = np.nonzero(bodies == l)
        columns = (bodies == l).any(0)
        rows = [j for j in range(js.min(), js.max() + 1) if columns[j].any() and 0.1 < (j - js.min()) / max(1, js.max() - js.min()) < 0.6]
        if len(rows) < 3:
            continue
        middle = [np.nonzero(columns[j])[0].mean() for j in rows]
        wall, across = np.median(canal[ks, 2]), np.median(canal[ks, 1])
        slope, at = np.polyfit(np.r_[rows, np.full(len(rows) // 2, wall + 8)], np.r_[middle, np.full(len(rows) // 2, across)], 1)
        lines.append((int(l), float(slope), float(at)))
    return lines


def treated_of(rng, whole, is_many):
    if is_many:
        return [l for l in whole if rng.random() < 0.7]
    if rng.random() < 0.08:
        return []
    return sorted(rng.choice(whole, min(len(whole), int(rng.choice([1, 1, 2, 3]))), replace=False).tolist())


def patient(rng, bases, seed, out, is_many):
    source = list(bases)[rng.integers(len(bases))]
    base = bases[source]
    target = int(rng.choice([int(l) for l in np.unique(base.labels) if l and warp.body_complete(base, l)]))
    hu, labels, bodies, touched = whole_trunk(rng, base, target)
    whole = []
    for l in np.unique(bodies)[1:]:
        ks = np.nonzero((bodies == l).any((1, 2)))[0]
        if l not in touched and ks[0] > 8 and ks[-1] < len(hu) - 9 and ks[-1] - ks[0] > 12:
            whole.append(int(l))
    canal = warp.canal_of(labels, STEP)
    if canal is None:
        raise ValueError("no canal")
    plateau, vertebrae, cells = float(rng.uniform(1300, 3000)), [], []
    for l in treated_of(rng, whole, is_many):
        share, zone = np.zeros(hu.shape, np.float32), np.zeros(hu.shape, np.uint8)
        found = warp.treat(rng, l, hu.shape, STEP, canal, labels, bodies, plateau, share, zone)
        if not found:
            continue
        truth, zones, low = found
        truth["label"] = l
        vertebrae.append(truth)
        at = np.argwhere(zones)
        place = low * STEP + (at + 0.5) * warp.CELL - 0.5 * STEP
        texture = 1 + 0.1 * warp.smooth_noise(rng, zones.shape, 1.5) + 0.06 * warp.smooth_noise(rng, zones.shape, 5)
        cells.append((place[:, ::-1].astype("f4"), (plateau * texture[zones > 0]).astype("f4"), np.full(len(at), l, "u1"), ZONES[zones[zones > 0]]))
    hu = np.clip(hu, -1000, 3000) + np.clip(nd.gaussian_filter(rng.normal(0, NOISE, hu.shape), 0.5), -60, 60)
    write(os.path.join(out, f"scanned_{seed}.scan"), np.clip(hu, -1024, 3071), labels, bodies, cells, vertebrae,
          midlines_of(canal, bodies))
    return source, [(v["level"], v["pattern"], round(v["cement_ml"], 1), {k: round(x, 2) for k, x in v["leaks"].items()}) for v in vertebrae]


def write(path, hu, labels, bodies, cells, vertebrae, midlines):
    n = sum(len(c[1]) for c in cells)
    record = np.zeros(n, [("place", "<f4", 3), ("hu", "<f4"), ("label", "u1"), ("zone", "u1")])
    for key, parts in zip(record.dtype.names, zip(*cells)):
        record[key] = np.concatenate(parts)
    with open(path, "wb") as file:
        for part in (np.array(hu.shape, "<i4"), STEP.astype("<f8"), hu.astype("<i2"), labels.astype("u1"), bodies.astype("u1"), np.array([n], "<i4"),
                     record):
            file.write(part.tobytes())
        file.write(json.dumps({"treated": vertebrae, "midlines": midlines}).encode())


def main():
    cohort, out, first, n = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    names = sys.argv[sys.argv.index("--bases") + 1].split(",") if "--bases" in sys.argv else warp.BASES
    truth = json.load(open(os.path.join(cohort, "truth.json")))
    os.makedirs(out, exist_ok=True)
    bases = {p: warp.Base(cohort, p, truth, np.random.default_rng(7)) for p in names}
    for seed in range(first, first + n):
        try:
            print(seed, patient(np.random.default_rng(seed), bases, seed, out, "--many" in sys.argv), flush=True)
        except (ValueError, IndexError) as e:  # a warp that leaves too little
            print(seed, "failed:", repr(e), flush=True)


if __name__ == "__main__":
    main()
