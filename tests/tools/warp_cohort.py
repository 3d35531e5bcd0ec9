#!/usr/bin/python3
"""Makes new patients with known truth out of CT scans whose vertebrae are labelled: the spine is warped, cut and resampled, its cement
taken out and new cement put in. The result is a cohort that `agreement.py` understands (export/, truth.json, truth_<id>.npz).

usage: warp_cohort.py COHORT OUT FIRST_SEED N [--raw]    COHORT holds export/, truth.json and truth_<patient>.npz;
--raw also writes OUT/<id>.raw for column_lab and body_lab
Needs Debian's python3-numpy, python3-scipy, python3-pydicom and python3-gdcm (compressed slices). About 10 s of CPU a patient. With BASES of
other labelled scans it works alike.
"""
import json
import os
import sys

import numpy as np
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from scipy import ndimage as nd

BASES = ["OPEN01", "OPEN02", "OPEN03", "OPEN05"]
CELL = 0.5  # mm, of cement before it is resampled
ZONE = {"paravertebral": 5, "disc": 3, "canal": 4, "vascular": 6, "needle_tract": 2}


def load_series(cohort, pid, uid):
    slices = []
    for root, _, files in os.walk(os.path.join(cohort, "export", pid)):
        for f in files:
            try:
                d = pydicom.dcmread(os.path.join(root, f))
            except Exception:
                continue
            if getattr(d, "SeriesInstanceUID", "") == uid:
                slices.append(d)
    return slices


def load_base(cohort, pid, truth):
    """HU [k up, j back, i left], labels, cement, spacing (k, j, i), all on the truth's grid."""
    z = np.load(os.path.join(cohort, f"truth_{pid}.npz"))
    sp = z["spacing"]
    org = z["origin"]
    shape = z["labels"].shape
    hu = np.full(shape, np.nan, np.float32)
    for d in load_series(cohort, pid, truth[pid]["ct_series"]):
        try:
            a = d.pixel_array.astype(np.float32) * float(getattr(d, "RescaleSlope", 1)) + float(getattr(d, "RescaleIntercept", 0))
        except Exception:                                 # a truncated slice
            continue
        k = int(round((float(d.ImagePositionPatient[2]) - org[2]) / sp[0]))
        iop = [float(x) for x in d.ImageOrientationPatient]
        a = a[:, ::-1] if iop[0] < 0 else a
        a = a[::-1] if iop[4] < 0 else a
        if 0 <= k < shape[0] and a.shape == shape[1:]:
            hu[k] = a
    missing = np.isnan(hu).any((1, 2))
    good = np.nonzero(~missing)[0]
    for k in np.nonzero(missing)[0]:
        hu[k] = hu[good[np.argmin(np.abs(good - k))]]
    return hu, z["labels"].astype(np.uint8), z["cement"].astype(np.uint8), sp


def take_cement_out(hu, labels, cement, rng):
    """Cement and what blooms about it replaced by the nearest tissue of its own kind with that tissue's noise."""
    near = nd.binary_dilation(cement > 0, iterations=3) & (hu > -2000)
    out = hu.copy()
    for inside in (True, False):
        kind = (labels > 0) == inside
        hole = near & kind
        if not hole.any():
            continue
        if inside:
            core = nd.binary_erosion(labels > 0, iterations=3) & ~near
            source = core if core.any() else kind & ~near
        else:
            source = kind & ~near & (hu > -150) & (hu < 200)
        box = tuple(slice(max(0, s.start - 12), s.stop + 12) for s in nd.find_objects(hole.astype(np.uint8))[0:1][0])
        idx = nd.distance_transform_edt(~source[box], return_distances=False, return_indices=True)
        filled = out[box][tuple(idx)]
        filled = nd.gaussian_filter(filled, 2.0) + nd.gaussian_filter(rng.normal(0, 1, filled.shape), 0.7) * 60
        h = hole[box]
        out[box][h] = filled[h]
    return out


def smooth_noise(rng, shape, sigma):
    g = nd.gaussian_filter(rng.normal(0, 1, shape), sigma, mode="wrap")
    return g / g.std()


def canal_of(labels, sp):
    """Per slice k: (centre j, centre i, posterior wall j) of the canal seen in the label mask, nan where not closed."""
    n = labels.shape[0]
    out = np.full((n, 3), np.nan)
    for k in range(n):
        m = labels[k] > 0
        if m.sum() < 60:
            continue
        filled = nd.binary_fill_holes(nd.binary_closing(m, iterations=2))
        lab, c = nd.label(filled & ~m)
        best = None
        for q in range(1, c + 1):
            area = (lab == q).sum() * sp[1] * sp[2]
            if 120 < area < 700:
                jj, ii = np.nonzero(lab == q)
                if best is None or jj.mean() > best[1]:   # the hollow of a collapsed endplate is a hole, too, further in front
                    best = (area, jj.mean(), ii.mean(), jj.min())
        if best:
            out[k] = best[1:]
    ks = np.arange(n)
    ok = ~np.isnan(out[:, 0])
    if ok.sum() < 3:
        return None
    for _ in range(3):                                    # where it is open, such a hollow is the only hole
        course = np.polyval(np.polyfit(ks[ok], out[ok, 0], min(3, ok.sum() // 8)), ks)
        off = np.abs(out[:, 0] - course) * sp[1]
        ok &= off < max(7.0, 2 * np.median(off[ok]))
    for c in range(3):
        out[:, c] = np.interp(ks, ks[ok], out[ok, c])
        out[:, c] = nd.median_filter(out[:, c], max(3, int(15 / sp[0]) | 1), mode="nearest")
    return out


class Base:
    def __init__(self, cohort, pid, truth, rng):
        hu, labels, cement, sp = load_base(cohort, pid, truth)
        self.hu = take_cement_out(hu, labels, cement, rng)
        self.labels, self.sp = labels, sp
        canal = canal_of(labels, sp)
        # body = label voxels in front of the posterior wall
        jj = np.arange(labels.shape[1])[None, :, None]
        wall = canal[:, 2][:, None, None]
        self.body = np.where((jj < wall) & (labels > 0), labels, 0).astype(np.uint8)
        for l in np.unique(self.body)[1:]:           # largest part only
            part, c = nd.label(self.body == l)
            if c > 1:
                sizes = nd.sum_labels(np.ones_like(part), part, np.arange(1, c + 1))
                self.body[(self.body == l) & (part != 1 + int(np.argmax(sizes)))] = 0
        self.canal = canal
        self.up = [max(1, int(round(d / 0.42))) for d in sp]        # finer labels, so that a nearest look-up is smooth
        self.fine_labels, self.fine_body = finer(labels, self.up), finer(self.body, self.up)


def finer(labels, up):
    shape = [n * u for n, u in zip(labels.shape, up)]
    out, best = np.zeros(shape, np.uint8), np.full(shape, 0.5, np.float32)
    for l in np.unique(labels)[1:]:
        box = [slice(max(0, b.start - 2), b.stop + 2) for b in nd.find_objects((labels == l).astype(np.uint8))[0]]
        small = nd.gaussian_filter((labels[tuple(box)] == l).astype(np.float32), 0.45)
        axes = [(np.arange(small.shape[d] * up[d]) + 0.5) / up[d] - 0.5 for d in range(3)]
        f = small
        for d in range(3):
            i0 = np.clip(np.floor(axes[d]).astype(int), 0, f.shape[d] - 1); i1 = np.clip(i0 + 1, 0, f.shape[d] - 1)
            w = np.clip(axes[d] - i0, 0, 1).astype(np.float32).reshape([-1 if q == d else 1 for q in range(3)])
            f = np.take(f, i0, d) * (1 - w) + np.take(f, i1, d) * w
        fb = tuple(slice(b.start * u, b.start * u + n) for b, u, n in zip(box, up, f.shape))
        f = f[tuple(slice(0, out[fb].shape[d]) for d in range(3))]
        w = f > best[fb]
        out[fb][w] = l; best[fb][w] = f[w]
    return out


def body_complete(base, l):
    ks = np.nonzero((base.body == l).any((1, 2)))[0]
    return len(ks) and ks[0] > 1 and ks[-1] < base.labels.shape[0] - 2 and (ks[-1] - ks[0]) * base.sp[0] > 14


def make_map(rng, base, target, out_shape, out_sp, centre_in, fracture):
    """Input coordinates (mm, k j i) of every output voxel."""
    kk, jj, ii = np.meshgrid(*[(np.arange(n) - (n - 1) / 2) * s for n, s in zip(out_shape, out_sp)], indexing="ij")
    ang = np.deg2rad([rng.normal(0, 6), rng.normal(0, 5), rng.normal(0, 4)])   # about k, i, j
    scale = rng.uniform(0.88, 1.15, 3) * rng.uniform(0.93, 1.07)
    def rot(a, axis):
        c, s = np.cos(a), np.sin(a)
        m = np.eye(3); p, q = [x for x in range(3) if x != axis]
        m[p, p], m[p, q], m[q, p], m[q, q] = c, -s, s, c
        return m
    R = rot(ang[0], 0) @ rot(ang[1], 2) @ rot(ang[2], 1)
    x = np.stack([kk, jj, ii]).reshape(3, -1)
    x = (R @ x) / scale[:, None]
    x = x.reshape(3, *out_shape)
    # bend: scoliosis and lordosis change as quadratic shifts along k
    x[2] += rng.normal(0, 1) * 6 * (x[0] / 80) ** 2
    x[1] += rng.normal(0, 1) * 6 * (x[0] / 80) ** 2
    # smooth displacement
    low = [max(4, int(n * s / 10)) for n, s in zip(out_shape, out_sp)]
    for d in range(3):
        g = smooth_noise(rng, low, 2.2) * rng.uniform(0.6, 1.8)
        x[d] += nd.zoom(g, [o / l for o, l in zip(out_shape, low)], order=1, grid_mode=False)[:out_shape[0], :out_shape[1], :out_shape[2]]
    x += np.array(centre_in)[:, None, None, None]
    if fracture:
        kind, amount, (k0, k1, jf, jw) = fracture      # heights (mm) of the target body, front and rear j (mm)
        depth = np.clip((jw - x[1]) / max(1.0, jw - jf), 0, 1.3)                 # 0 rear, 1 front
        behind = np.clip((x[1] - jw - 2) / 12, 0, 1)
        share = {"wedge": 0.25 + 0.75 * np.clip(depth, 0, 1), "crush": np.clip(0.7 + 0.3 * depth, 0, 1),
                 "biconcave": 0.35 + 0.65 * np.exp(-((depth - 0.5) / 0.3) ** 2)}[kind] * (1 - behind)
        loss = amount * share * (k1 - k0)
        # output k -> input k: within the (shortened) body stretched, above it shifted
        out_top = k1 - loss
        k = x[0]
        inside = (k > k0) & (k < out_top)
        stretched = k0 + (k - k0) * (k1 - k0) / np.maximum(1.0, out_top - k0)
        fade = np.clip((k - out_top) / 45, 0, 1)
        x[0] = np.where(inside, stretched, np.where(k >= out_top, k + loss * (1 - fade), k))
    return x


def grow(allowed, start, n, rng, sigma=2.0, compact=0.6):
    """n voxels of `allowed` nearest to `start` (mask) with a rough front."""
    cost = 1 + 1.2 * np.clip(smooth_noise(rng, allowed.shape, sigma), -0.7, 3) * compact
    d = nd.distance_transform_edt(~start)
    score = d * np.maximum(0.25, cost)
    score[~allowed] = np.inf
    # keep what is connected through allowed
    flat = np.sort(score[np.isfinite(score)])
    if len(flat) == 0:
        return np.zeros_like(allowed)
    cut = flat[min(n, len(flat) - 1)]
    m = (score <= cut) & allowed
    lab, c = nd.label(m | start)
    ids = np.unique(lab[start])
    return np.isin(lab, ids[ids > 0]) & allowed & m


def body_cement(rng, body, pattern, ml, cell):
    """Cement inside a body mask on an isotropic grid [k, j, i] of edge `cell` mm."""
    depth = nd.distance_transform_edt(body) * cell
    inner = depth > rng.uniform(1.4, 2.2)
    ks, js, is_ = np.nonzero(body)
    k0, k1, j0, j1, i0, i1 = ks.min(), ks.max(), js.min(), js.max(), is_.min(), is_.max()
    def at(fk, fj, fi):
        return np.array([k0 + fk * (k1 - k0), j0 + fj * (j1 - j0), i0 + fi * (i1 - i0)])
    up = rng.uniform(0.5, 0.72)
    centres = {"left": [at(up, 0.45, 0.75)], "right": [at(up, 0.45, 0.25)], "bilateral": [at(up, 0.45, 0.28), at(up, 0.45, 0.72)],
               "central_spread": [at(up, 0.4, 0.5), at(up, 0.55, 0.3), at(up, 0.55, 0.7)], "clump": [at(0.5, 0.5, 0.5)]}[pattern]
    seeds = np.zeros_like(body)
    idx = np.argwhere(inner)
    if len(idx) == 0:
        return seeds
    for c in centres:
        c = c + rng.normal(0, 1.2 / cell, 3)
        seeds[tuple(idx[np.argmin(((idx - c) ** 2).sum(1))])] = True
    n = int(ml * 1000 / cell ** 3)
    if pattern in ("left", "right"):                  # stays on its side
        mid = i0 + 0.5 * (i1 - i0)
        side = np.arange(body.shape[2])[None, None, :] - mid
        inner = inner & ((side > 2.5 / cell) if pattern == "left" else (side < -2.5 / cell))
    return grow(inner, seeds, n, rng, 2.5 / cell, 0.8 if pattern != "clump" else 0.3)


def at_endplate(face, foot, cell):
    """Columns in which the body ends at its endplate, not at the flare of a rim below a waist: near a plane through most of the face."""
    js, is_ = np.nonzero(foot)
    k = face[js, is_].astype(float)
    a = np.c_[js, is_, np.ones(len(js))]
    kept = np.ones(len(k), bool)
    for _ in range(4):
        plane = np.linalg.lstsq(a[kept], k[kept], rcond=None)[0]
        off = np.abs(k - a @ plane) * cell
        kept = off <= max(2.0, np.median(off))
    out = np.zeros_like(foot)
    out[js, is_] = off < 6
    return out


def leak(rng, zone, ml, body, lab, tgt, cement, canal_wall, canal_i, cell):
    """A leak on the same grid. body: target's body; lab: whole vertebra labels (0 = soft). Returns mask outside the body, connected to cement."""
    soft = lab == 0
    kk, jj, ii = np.indices(body.shape)
    k_top = np.where(body.any(0), body.shape[0] - 1 - np.argmax(body[::-1], 0), -1)
    k_bot = np.where(body.any(0), np.argmax(body, 0), body.shape[0] + 1)
    foot = nd.binary_erosion(body.any(0), iterations=max(1, int(2 / cell)))
    ks = np.nonzero(body.any((1, 2)))[0]
    in_height = (kk >= ks[0] + 0.12 * (ks[-1] - ks[0])) & (kk <= ks[-1] - 0.12 * (ks[-1] - ks[0]))
    wall_j = canal_wall[:, None, None]
    dist_out = nd.distance_transform_edt(~body) * cell
    if zone == "disc":
        upper = rng.random() < 0.75
        z = (kk > k_top[None]) & (kk < k_top[None] + 9 / cell) if upper else (kk < k_bot[None]) & (kk > k_bot[None] - 9 / cell)
        allowed = soft & z & at_endplate(k_top if upper else k_bot, foot, cell)[None]
        reach = 7
    elif zone == "canal":
        allowed = soft & (jj > wall_j) & (np.abs(ii - canal_i[:, None, None]) < 7.5 / cell) & in_height & (jj < wall_j + 9 / cell)
        reach = 6
    elif zone in ("paravertebral", "vascular"):
        over_or_under = body.any(0)[None] & ((kk > k_top[None]) | (kk < k_bot[None]))  # a concave endplate's hollow is the disc's
        allowed = soft & (jj < wall_j - 3 / cell) & in_height & ~over_or_under & (dist_out < 14)
        reach = 6
    else:
        raise ValueError(zone)
    allowed &= dist_out > 0
    d_cem = nd.distance_transform_edt(~cement) * cell
    gate = allowed & (dist_out <= 1.5 * cell)
    if not gate.any():
        return None
    score = np.where(gate, d_cem + rng.normal(0, 1.5, d_cem.shape), np.inf)
    start_at = np.unravel_index(np.argmin(score), score.shape)
    start = np.zeros_like(body); start[start_at] = True
    # channel through the bone
    src = np.argwhere(cement)
    s = src[np.argmin(((src - np.array(start_at)) ** 2).sum(1))]
    n_step = int(np.abs(np.array(start_at) - s).max()) * 2 + 2
    channel = np.zeros_like(body)
    for t in np.linspace(0, 1, n_step):
        channel[tuple(np.round(s + t * (np.array(start_at) - s)).astype(int))] = True
    channel = nd.distance_transform_edt(~channel) * cell < rng.uniform(0.9, 1.5)
    n = int(ml * 1000 / cell ** 3)
    if zone == "vascular":
        # a tube along the wall: walk round the body at 2 mm off, at nearly constant height
        r = rng.uniform(0.9, 1.6)
        p = np.array(start_at, float)
        centre = np.argwhere(body).mean(0)
        sense = rng.choice([-1, 1])
        path = [p.copy()]
        length = ml * 1000 / (np.pi * r * r)
        drift = rng.normal(0, 0.25)
        for _ in range(int(length / cell) + 1):
            radial = (p - centre); radial[0] = 0; radial /= np.linalg.norm(radial) + 1e-9
            tangent = np.array([0, -radial[2], radial[1]]) * sense
            here = dist_out[tuple(np.clip(np.round(p).astype(int), 0, np.array(body.shape) - 1))]
            step = tangent + radial * np.clip((1.6 + r - here) * 0.5, -0.8, 0.8) + np.array([drift, 0, 0])
            p = p + step / np.linalg.norm(step)
            path.append(p.copy())
        line = np.zeros_like(body)
        for q in path:
            q = np.round(q).astype(int)
            if (q >= 0).all() and (q < body.shape).all():
                line[tuple(q)] = True
        m = (nd.distance_transform_edt(~line) * cell < r) & soft
        lm, c = nd.label(m)
        if c == 0:
            return None
    else:
        m = grow(allowed & (dist_out < reach), start, n, rng, 1.5 / cell, 0.5)
    return m, channel & body


def patient(rng, cohort, truth, bases, seed, out):
    pid = f"WARP{seed:05d}"
    base = bases[BASES[rng.integers(len(BASES))]]
    levels = [int(l) for l in np.unique(base.labels) if l and body_complete(base, l)]
    target = int(rng.choice(levels))
    b = base.body == target
    ks, js, is_ = np.nonzero(b)
    sp = base.sp
    centre_in = np.array([ks.mean() * sp[0], js.mean() * sp[1] + 12, is_.mean() * sp[2]])
    slice_mm = float(rng.choice([0.8, 1.0, 1.25, 1.25, 2.0, 2.5, 3.0, 4.0]))
    px = float(rng.uniform(0.45, 0.95))
    fov = float(rng.uniform(130, 190))
    height = float(rng.uniform(110, 190))
    shape = (int(height / slice_mm), int(fov / px), int(fov / px))
    out_sp = np.array([slice_mm, px, px])
    frac = None
    if rng.random() < 0.6:
        mid = js.mean()
        frac = (str(rng.choice(["wedge", "biconcave", "crush"])), float(rng.uniform(0.1, 0.45)),
                (ks.min() * sp[0], (ks.max() + 1) * sp[0], js.min() * sp[1], js.max() * sp[1]))
    centre_in[0] += rng.uniform(-20, 20)
    x = make_map(rng, base, target, shape, out_sp, centre_in, frac)
    coords = x / sp[:, None, None, None]
    hu = nd.map_coordinates(base.hu, coords, order=1, mode="constant", cval=-1000)
    inside = ((coords >= 0) & (coords <= np.array(base.hu.shape)[:, None, None, None] - 1)).all(0)
    good = inside.mean((1, 2)) > 0.6
    keep = np.nonzero(good)[0]
    lo, hi = keep.min(), keep.max() + 1
    x, coords, hu = x[:, lo:hi], coords[:, lo:hi], hu[lo:hi]
    at = [np.clip(np.rint((coords[d] + 0.5) * base.up[d] - 0.5).astype(np.int32), 0, base.fine_labels.shape[d] - 1) for d in range(3)]
    labels, bodyimg = base.fine_labels[at[0], at[1], at[2]], base.fine_body[at[0], at[1], at[2]]
    outside = ~inside[lo:hi]
    touched = set(np.unique(bodyimg[nd.binary_dilation(outside, iterations=2)]).tolist())
    labels[outside] = 0; bodyimg[outside] = 0
    n_treated = 1 if rng.random() < 0.75 else 2
    present = [l for l in levels if l not in touched and (bodyimg == l).any() and 2 < np.nonzero((bodyimg == l).any((1, 2)))[0].min() and np.nonzero((bodyimg == l).any((1, 2)))[0].max() < hu.shape[0] - 3]
    others = [l for l in present if l != target]
    treated = [target] if target in present else []
    if rng.random() < 0.08: treated = []
    elif n_treated == 2 and others: treated.append(int(rng.choice(others)))
    cem_f = np.zeros(hu.shape, np.float32); cem_zone = np.zeros(hu.shape, np.uint8)
    vert = []
    plateau = float(rng.uniform(1300, 2900))
    canal = canal_of(labels, out_sp)
    for t in treated if canal is not None else []:
        v = treat(rng, t, hu.shape, out_sp, canal, labels, bodyimg, plateau, cem_f, cem_zone)
        if v: vert.append((t, v[0]))
    noise = float(rng.uniform(8, 25)) * (1.25 / slice_mm) ** 0.3
    texture = 1 + 0.08 * smooth_noise(rng, hu.shape, 1.5)
    out_hu = hu * (1 - cem_f) + cem_f * plateau * texture
    blur = rng.uniform(0.35, 0.6) / px
    out_hu = nd.gaussian_filter(out_hu, (0.3, blur, blur)) + rng.normal(0, noise, hu.shape)
    out_hu = np.clip(np.round(out_hu), -1024, 3071).astype(np.int16)
    tr, uid = write(out, pid, out_hu, out_sp, labels, bodyimg, cem_zone, vert, seed)
    return pid, tr


NAMES = {**{7 + n: f"T{n}" for n in range(1, 13)}, **{19 + n: f"L{n}" for n in range(1, 7)}}


def treat(rng, t, shape, out_sp, canal, labels, bodyimg, plateau, cem_f, cem_zone):
    """Adds cement to a body. Returns the truth, the cement's zones on cells of CELL mm and the voxel in whose corner they begin, or None."""
    cell = CELL
    ks, js, is_ = np.nonzero(bodyimg == t)
    m = np.array([14, 14, 14]) / out_sp
    lo = np.maximum(0, np.array([ks.min(), js.min(), is_.min()]) - m).astype(int)
    hi = np.minimum(np.array(shape), np.array([ks.max(), js.max(), is_.max()]) + m + 1).astype(int)
    box = tuple(slice(a, b) for a, b in zip(lo, hi))
    fine = [int((b - a) * s / cell) for a, b, s in zip(lo, hi, out_sp)]
    # fine cell centre f (mm from box corner) = (f + .5) cell; coarse voxel c spans c sp .. (c+1) sp
    axes = [((np.arange(n) + 0.5) * cell / s - 0.5) for n, s in zip(fine, out_sp)]
    co = np.meshgrid(*axes, indexing="ij")
    lab_box, body_box = labels[box], bodyimg[box]
    up = lambda mask: nd.map_coordinates(nd.gaussian_filter(mask.astype(np.float32), 0.5), co, order=1, mode="nearest") > 0.5
    body = up(body_box == t)
    lab = np.zeros(fine, np.uint8)
    for l in np.unique(lab_box)[1:]: lab[up(lab_box == l)] = l
    lab[body] = t
    wall = np.interp(axes[0] + lo[0], np.arange(shape[0]), canal[:, 2])
    wall = (wall - lo[1] + 0.5) * out_sp[1] / cell - 0.5
    ci = np.interp(axes[0] + lo[0], np.arange(shape[0]), canal[:, 1]); ci = (ci - lo[2] + 0.5) * out_sp[2] / cell - 0.5
    pattern = str(rng.choice(["left", "right", "bilateral", "central_spread", "clump"]))
    vol = body.sum() * cell ** 3 / 1000
    ml = min(rng.uniform(1.8, 6.5), 0.3 * vol)
    cem = body_cement(rng, body, pattern, ml, cell)
    if cem.sum() * cell ** 3 < 600: return None
    zones = np.where(cem, 1, 0).astype(np.uint8)
    if rng.random() < 0.6:
        zone = str(rng.choice(["paravertebral", "disc", "canal", "vascular"], p=[0.35, 0.3, 0.2, 0.15]))
        want = rng.uniform(0.08, 0.5) if zone != "vascular" else rng.uniform(0.08, 0.25)
        r = leak(rng, zone, want, body, lab, t, cem, wall, ci, cell)
        if r:
            m, channel = r
            zones[channel & (zones == 0)] = 1
            zones[m & (zones == 0)] = ZONE[zone]
    # partial volume on the coarse grid
    f = np.zeros((hi - lo), np.float32); zc = np.zeros((hi - lo), np.uint8)
    idx = [np.clip(((np.arange(n) + 0.5) * cell / s).astype(int), 0, h - l - 1) for n, s, l, h in zip(fine, out_sp, lo, hi)]
    def down(mask):
        a = mask.astype(np.float32)
        for d in range(3):
            n = hi[d] - lo[d]
            acc = np.zeros([*a.shape[:d], n, *a.shape[d + 1:]], np.float32); cnt = np.bincount(idx[d], minlength=n)
            np.add.at(np.moveaxis(acc, d, 0), idx[d], np.moveaxis(a, d, 0))
            a = acc / np.maximum(1, cnt).reshape([-1 if q == d else 1 for q in range(3)])
        return a
    total = down(zones > 0)
    bestf = np.zeros_like(total)
    for z in np.unique(zones)[1:]:
        fz = down(zones == z); w = (total >= 0.5) & (fz > bestf); zc[w] = z; bestf[w] = fz[w]
    cem_f[box] = np.maximum(cem_f[box], total)
    cem_zone[box] = np.where(zc > 0, zc, cem_zone[box])
    # truth on the fine grid; a leak counts beyond epsilon
    eps = max(1.0, out_sp[0] / 2, out_sp[1])
    dist = nd.distance_transform_edt(~body) * cell
    cellml = cell ** 3 / 1000
    leaks = {}
    borderline = False
    for z, n in ((5, "paravertebral"), (3, "disc"), (4, "canal"), (6, "vascular")):
        w = zones == z
        if not w.any(): continue
        beyond = ((w & (dist > eps)).sum()) * cellml * 1000
        if beyond >= 10: leaks[n] = float(w.sum() * cellml)
        if beyond < 25: borderline = True
    # midline: centre of the body's width per depth
    jj = np.arange(fine[1])
    cols = body.any(0)
    mids = np.array([np.nonzero(cols[j])[0].mean() if cols[j].any() else np.nan for j in jj])
    ok = ~np.isnan(mids)
    frac = (jj - jj[ok].min()) / max(1, jj[ok].max() - jj[ok].min())
    use = ok & (frac > 0.1) & (frac < 0.6)
    # plane through canal centre and middle of the body's width
    p = np.polyfit(np.r_[jj[use], np.full(12, np.nanmean(wall) + 8 / cell)], np.r_[mids[use], np.full(12, np.nanmean(ci))], 1)
    u = (np.arange(fine[2])[None, :] - np.polyval(p, jj)[:, None]) * cell       # + = left
    bc = zones == 1
    left = (bc & (u[None] > 0)).sum(); right = (bc & (u[None] <= 0)).sum()
    minor = min(left, right) / max(1, left + right)
    us = np.broadcast_to(u[None], bc.shape)[bc]
    reach = np.quantile(us, 0.99) if left < right else -np.quantile(us, 0.01)
    crossed = minor >= 0.05 and reach >= 3
    mb = bool(0.02 < minor < 0.09 or (1.5 < reach < 4.5 and minor > 0.02))
    # band: upper third of the body's height per column
    ktop = fine[0] - np.argmax(body[::-1], 0); kbot = np.argmax(body, 0)
    h = np.maximum(1, ktop - kbot)
    rel = (np.arange(fine[0])[:, None, None] - kbot[None]) / h[None]
    band = body & (rel >= 2 / 3)
    bu = np.broadcast_to(u[None], body.shape); width = bu[body].max() - bu[body].min()
    third = np.where(bu > width / 6, 2, np.where(bu < -width / 6, 0, 1))
    jf = np.nonzero(body.any((0, 2)))[0]; half = (jf.min() + jf.max()) / 2
    front = np.broadcast_to((jj < half)[None, :, None], body.shape)
    cells = [[float((band & bc & (third == s) & (front == f)).sum() / max(1, (band & (third == s) & (front == f)).sum())) for f in (True, False)] for s in range(3)]
    hits = [[c >= 0.05 for c in r] for r in cells]
    even = sum(map(sum, hits)) >= 4 and any(hits[0]) and any(hits[2])
    near = sum(0.025 < c < 0.085 for r in cells for c in r)
    return dict(level=NAMES.get(t, str(t)), pattern=pattern, cement_ml=float((zones > 0).sum() * cellml), left_fraction=float(left / max(1, left + right)),
                minor_side_fraction=float(minor), reach_mm=float(reach), cells=cells, midline_crossed=bool(crossed), midline_borderline=mb,
                distribution="satisfactory" if crossed and even else "unsatisfactory", distribution_borderline=bool(mb or near > 0),
                leakage=bool(leaks), leakage_borderline=borderline, leaks=leaks, body_ml=float(vol)), zones, lo


def write(out, pid, hu, sp, labels, bodies, cem, vert, seed):
    folder = os.path.join(out, "export", pid)
    os.makedirs(folder, exist_ok=True)
    study, series, frame = generate_uid(), generate_uid(), generate_uid()
    for k in range(hu.shape[0]):
        meta = FileMetaDataset(); meta.TransferSyntaxUID = ExplicitVRLittleEndian
        meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"; meta.MediaStorageSOPInstanceUID = generate_uid()
        d = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128); d.is_little_endian = True; d.is_implicit_VR = False
        d.SOPClassUID, d.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
        d.PatientID = pid; d.PatientName = pid; d.Modality = "CT"; d.StudyInstanceUID, d.SeriesInstanceUID, d.FrameOfReferenceUID = study, series, frame
        d.StudyDate = d.SeriesDate = "20200102"; d.StudyTime = "100000"; d.SeriesNumber = 3; d.InstanceNumber = k + 1; d.SeriesDescription = "Spine"
        d.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]; d.KVP = "120"
        d.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]; d.ImagePositionPatient = [0, 0, float(k * sp[0])]
        d.PixelSpacing = [float(sp[1]), float(sp[2])]; d.SliceThickness = float(sp[0])
        d.Rows, d.Columns = hu.shape[1:]; d.BitsAllocated = d.BitsStored = 16; d.HighBit = 15; d.PixelRepresentation = 1; d.SamplesPerPixel = 1
        d.PhotometricInterpretation = "MONOCHROME2"; d.RescaleIntercept = "0"; d.RescaleSlope = "1"
        d.PixelData = hu[k].tobytes()
        d.save_as(os.path.join(folder, f"{k:04d}"), write_like_original=False)
    np.savez_compressed(os.path.join(out, f"truth_{pid}.npz"), cement=cem, labels=labels, spacing=sp, origin=np.zeros(3))
    if "--raw" in sys.argv:
        with open(os.path.join(out, f"{pid}.raw"), "wb") as raw:
            for part in (np.array(hu.shape, "i4"), np.array(sp, "f8"), hu.astype("i2"), labels.astype("u1"), bodies.astype("u1"), cem.astype("u1")):
                raw.write(part.tobytes())
    vert = sorted(vert, key=lambda v: v[0])
    return dict(pid=pid, modalities=["CT"], vertebrae=[v for _, v in vert], ct_series=series), series


def main():
    cohort, out, first, n = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    truth = json.load(open(os.path.join(cohort, "truth.json")))
    os.makedirs(out, exist_ok=True)
    bases = {p: Base(cohort, p, truth, np.random.default_rng(7)) for p in BASES}
    res = {}
    for s in range(first, first + n):
        try:
            pid, t = patient(np.random.default_rng(s), cohort, truth, bases, s, out)
            res[pid] = t
            print(pid, [(v["level"], v["pattern"], round(v["cement_ml"], 2), {k: round(x, 2) for k, x in v["leaks"].items()}) for v in t["vertebrae"]], flush=True)
        except Exception as e:
            print("seed", s, "failed:", repr(e), flush=True)
    json.dump(res, open(os.path.join(out, "truth.json"), "w"), indent=1)


if __name__ == "__main__":
    main()
