#!/usr/bin/python3
"""Makes sagittal, fat-suppressed MR examinations with known truth out of CT scans whose vertebrae are labelled: the labels are warped (as by
warp_cohort.py), soft tissue is built round them and signals are drawn. Shapes of bone are real ones, the tissue is simple.

usage: warp_mr.py COHORT OUT FIRST_SEED N    COHORT holds export/, truth.json and truth_<patient>.npz; mr_lab reads OUT/<seed>.mr
Needs Debian's python3-numpy, python3-scipy, python3-pydicom and python3-gdcm. Some 3 s of CPU an examination.

OUT/<seed>.mr: a line of JSON (size and spacing, mm, of slice, row, column; the truth), then float32 signals, then of each voxel's middle a
byte: 0, the number of the vertebral body or 255 for a disc. Slices run to the patient's left, rows to the foot, columns back; the first voxel's centre is (0, 0, 0).
"""
import json
import os
import sys

import numpy as np
from scipy import ndimage as nd

from warp_cohort import BASES, NAMES, Base, body_complete, make_map, smooth_noise

SUBSLICES = 2


def warped(rng, bases):
    """Labels and bodies [k up, j back, i left] on a grid fine across, the spacing, the labels that a fracture was given."""
    base = bases[BASES[rng.integers(len(BASES))]]
    levels = [int(l) for l in np.unique(base.labels) if l and body_complete(base, l)]
    target = int(rng.choice(levels))
    ks, js, is_ = np.nonzero(base.body == target)
    sp = base.sp
    slice_mm = float(rng.choice([3.0, 3.5, 4.0, 4.0, 4.4, 5.0]))
    slices = int(rng.integers(11, 19))
    px = float(rng.uniform(0.6, 0.95))
    out_sp = np.array([px, px, slice_mm / SUBSLICES])
    shape = (int(rng.uniform(170, 240) / px), int(rng.uniform(190, 240) / px), slices * SUBSLICES)
    frac = None
    if rng.random() < 0.7:
        frac = (str(rng.choice(["wedge", "biconcave", "crush"])), float(rng.uniform(0.05, 0.45)),
                (ks.min() * sp[0], (ks.max() + 1) * sp[0], js.min() * sp[1], js.max() * sp[1]))
    # the spine lies somewhat behind the middle of the field; the labels' middle is the field's middle, moved by a little
    kept = np.nonzero((base.labels > 0).any((1, 2)))[0]
    centre = np.array([np.clip(ks.mean() * sp[0] + rng.uniform(-40, 40), kept[0] * sp[0] + 70, max(kept[0] * sp[0] + 70, kept[-1] * sp[0] - 70)),
                       js.mean() * sp[1] + rng.uniform(-25, 15), is_.mean() * sp[2] + rng.normal(0, 4)])
    x = make_map(rng, base, target, shape, out_sp, centre, frac)
    coords = x / sp[:, None, None, None]
    inside = ((coords >= 0) & (coords <= np.array(base.hu.shape)[:, None, None, None] - 1)).all(0)
    at = [np.clip(np.rint((coords[d] + 0.5) * base.up[d] - 0.5).astype(np.int32), 0, base.fine_labels.shape[d] - 1) for d in range(3)]
    labels, body = base.fine_labels[at[0], at[1], at[2]], base.fine_body[at[0], at[1], at[2]]
    labels[~inside], body[~inside] = 0, 0
    return labels, body, out_sp, target, canal_distance(base, coords)


def canal_distance(base, coords):
    """Of every voxel, in the scan's own places: mm behind and to the left of the canal's centre, and how far the centre lies behind the wall."""
    smooth = nd.gaussian_filter1d(base.canal, 5 / base.sp[0], axis=0, mode="nearest")
    k = np.arange(len(smooth))
    cj, ci, wall = (np.interp(coords[0], k, smooth[:, c]).astype(np.float32) for c in range(3))
    return (coords[1] - cj) * base.sp[1], (coords[2] - ci) * base.sp[2], (cj - wall) * base.sp[1]


def canal_course(canal, sp):
    """Centre column j, i and the wall's column of each row k of the warped canal."""
    behind, left, depth = canal
    d2 = behind ** 2 + left ** 2
    flat = d2.reshape(len(d2), -1).argmin(1)
    j, i = np.unravel_index(flat, d2.shape[1:])
    to_wall = np.array([depth[k, j[k], i[k]] for k in range(len(d2))]) / sp[1]
    smooth = lambda v: nd.gaussian_filter1d(v.astype(float), 1.5 / sp[0], mode="nearest")
    return np.stack([smooth(j), smooth(i), smooth(j) - smooth(to_wall)], 1)


def coarse_noise(rng, shape, sigma):
    """As smooth_noise, sampled no finer than it needs."""
    step = np.maximum(1, sigma / 1.5)
    low = [max(3, int(np.ceil(n / s))) + 1 for n, s in zip(shape, step)]
    g = smooth_noise(rng, low, sigma / step).astype(np.float32)
    for d in range(3):
        at = np.linspace(0, low[d] - 1, shape[d])
        i = np.minimum(at.astype(int), low[d] - 2)
        w = (at - i).astype(np.float32).reshape([-1 if q == d else 1 for q in range(3)])
        g = np.take(g, i, d) * (1 - w) + np.take(g, i + 1, d) * w
    return g


def envelope(values, sigma, size):
    ok = ~np.isnan(values)
    v = np.interp(np.arange(len(values)), np.nonzero(ok)[0], values[ok])
    return nd.gaussian_filter1d(nd.grey_closing(v, size=size, mode="nearest"), sigma, mode="nearest")


class Back:
    """Surfaces (row k, column i) of fascia and skin as columns j, and the canal, in pixels."""

    def __init__(self, rng, labels, sp, canal):
        self.canal = canal_course(canal, sp)
        n, width = labels.shape[0], labels.shape[2]
        self.x = (np.arange(width)[None, :] - self.canal[:, 1][:, None]) * sp[2]  # mm to the left of the midline
        tips = np.full(n, np.nan)
        for k in range(n):
            m = (labels[k] > 0) & (np.abs(self.x[k]) < 8)[None, :]
            if m.any():
                tips[k] = np.nonzero(m.any(1))[0].max()
        behind = self.canal[:, 0] + 18 / sp[1]
        tips = np.where(tips > behind, tips, np.nan)
        if np.isfinite(tips).sum() < 8:
            raise ValueError("no spinous processes")
        rough = rng.random() < 0.3
        middle = envelope(tips, (2 if rough else 9) / sp[0], max(3, int(45 / sp[0]))) + rng.uniform(1.5, 6) / sp[1]
        bulge, fall = rng.uniform(-2, 7), rng.uniform(0, 6)
        across = bulge * np.minimum(np.abs(self.x) / 22, 1) ** 2 - fall * np.maximum(0, np.abs(self.x) / 30 - 1)
        self.fascia = middle[:, None] + across / sp[1]
        fat = rng.uniform(5, 32) * (1 + 0.35 * nd.gaussian_filter1d(smooth_noise(rng, (n,), 25 / sp[0]), 2))
        self.skin = self.fascia + np.maximum(3, fat)[:, None] / sp[1]


def strip(rng, shape, sp, back, k_mid, side):
    """A plate of fluid along the fascia: in front of it (`side` -1) or behind it (+1). Mask and its figures."""
    length, thick = rng.uniform(12, 85), rng.uniform(1.4, 7)
    half, x_mid = rng.uniform(5, 26), rng.normal(0, 9)
    gap = rng.choice([0.0, 0.8, 2.0, 4.0]) if side > 0 else rng.choice([0.0, 0.0, 0.7, 1.5])
    k = (np.arange(shape[0]) - k_mid)[:, None, None] * sp[0]
    depth = (np.arange(shape[1])[None, :, None] - back.fascia[:, None, :]) * sp[1] * side - 0.6 - gap
    x = back.x[:, None, :] - x_mid
    taper = 1 - 0.5 * (2 * np.abs(k) / length) ** 4
    mask = (np.abs(k) <= length / 2) & (np.abs(x) <= half) & (depth >= 0) & (depth <= thick * taper)
    return mask, dict(length=length, thickness=thick, width=2 * half)


def paint(rng, labels, body, sp, target, canal):
    n, rows, width = labels.shape
    back = Back(rng, labels, sp, canal)
    jj = np.arange(rows)[None, :, None]
    texture = lambda sigma, amount: 1 + amount * coarse_noise(rng, labels.shape, sigma / sp)
    fluid = rng.uniform(3.5, 7)
    fat = rng.uniform(0.3, 0.85)
    signal = texture(1.5, 0.08) * texture(8, 0.06)                                  # muscle
    visceral = rng.uniform(0.6, 1.3) * texture(9, 0.35)
    front = back.canal[:, 2][:, None, None] - (rng.uniform(38, 60) / sp[1])
    signal = np.where(jj < front, np.maximum(0.1, visceral), signal)
    beyond = jj > back.fascia[:, None, :]
    signal = np.where(beyond, fat * texture(3, 0.08), signal)
    signal = np.where(np.abs(jj - back.fascia[:, None, :]) * sp[1] < 0.6, 0.3, signal)
    air = jj > back.skin[:, None, :]
    # canal: cerebrospinal fluid about the cord or the cauda
    wall = back.canal[:, 2][:, None, None]
    deep = np.clip(canal[2], 6, 10) * rng.uniform(0.8, 1)
    q = (canal[0] / deep) ** 2 + (canal[1] / rng.uniform(7.5, 10)) ** 2
    in_canal = (q < 1) & (labels == 0)
    signal = np.where((q < 1.5) & (labels == 0), fat, signal)
    signal = np.where(in_canal, fluid * texture(4, 0.05), signal)
    cord = rng.uniform(0.2, 0.4)
    signal = np.where(in_canal & (q < cord), rng.uniform(1.2, 2.5), signal)
    # discs: what closes the gap between bodies
    gap = int(14 / sp[0])
    column = nd.binary_closing(np.pad(body > 0, ((gap, gap), (0, 0), (0, 0))), structure=np.ones((gap, 1, 1)))[gap:-gap]
    disc = column & (labels == 0) & (jj < wall)
    water = rng.uniform(0.5, 1.6, 40)
    order = np.cumsum(np.r_[0, np.diff((body > 0).any((1, 2)).astype(int)) != 0]) % 40
    signal = np.where(disc, water[order][:, None, None] * texture(2.5, 0.12), signal)
    # bone
    marrow = rng.uniform(0.4, 0.9)
    shell = nd.distance_transform_edt(labels > 0, sampling=sp)
    bone = np.clip(shell / rng.uniform(1.0, 1.8), 0.12, 1) * marrow * texture(2, 0.07)
    signal = np.where(labels > 0, bone, signal)
    levels = [int(l) for l in np.unique(body) if l]
    whole = {}
    for l in levels:
        m = body == l
        ks, js, is_ = np.nonzero(m)
        if ks.min() > 2 and ks.max() < n - 3 and m.sum() * sp.prod() > 5000:
            mid = np.abs(back.x[ks, is_]) < 8
            if mid.sum() > 50:
                whole[l] = (js[mid].mean(), (ks[mid].min() + ks[mid].max()) / 2, is_.mean())
    acute = []
    if target in whole and rng.random() < 0.8:
        acute.append(target)
    others = [l for l in whole if l != target]
    if others and rng.random() < 0.15:
        acute.append(int(rng.choice(others)))
    for l in acute:
        m = body == l
        ks = np.nonzero(m)[0]
        part = np.ones_like(m)
        if rng.random() < 0.4:                                                      # under the upper endplate alone
            part = np.arange(n)[:, None, None] > ks.max() - rng.uniform(0.5, 0.8) * (ks.max() - ks.min())
        oedema = marrow * rng.uniform(2.0, 3.6) * np.maximum(0.5, texture(5, 0.12))
        soft = nd.gaussian_filter((m & part).astype(np.float32), [1.2 / s for s in sp]) * m
        signal = signal * (1 - soft) + oedema * np.clip(shell, 0.3, 1) * soft
    calm = [l for l in whole if l not in acute]
    if calm and rng.random() < 0.2:                                                 # a haemangioma
        l = int(rng.choice(calm))
        at = np.argwhere(body == l)
        c = at[rng.integers(len(at))]
        d = np.sqrt(sum((((np.arange(s) - c[a]) * sp[a]).reshape([-1 if a == b else 1 for b in range(3)])) ** 2 for a, s in enumerate(body.shape)))
        signal = np.where((d < rng.uniform(3, 6)) & (body == l), marrow * rng.uniform(1.8, 3), signal)
    # fluid of the back
    truth = dict(injury=False, borderline=False, failed=False, subcutaneous=False, length=0.0)
    near = whole[target][1] if target in whole else n / 2
    bright = lambda: rng.uniform(0.25, 0.95)
    spans, limits = [], []
    for side, chance in ((-1, 0.5), (+1, 0.35)):
        if rng.random() > chance:
            continue
        k_mid = near + rng.normal(0, 12) / sp[0]
        mask, f = strip(rng, labels.shape, sp, back, k_mid, side)
        mask &= (labels == 0) & ~air
        s = bright()
        # the signal of a thin plate is that of its share of a pixel: the truth is asked of plates, not of pixels
        signal = np.where(mask, 1 + s * (fluid - 1), signal)
        if side > 0:
            truth["subcutaneous"] = True
            continue
        kept = np.nonzero(mask.any((1, 2)))[0]
        if not len(kept):
            continue
        length = (kept[-1] - kept[0] + 1) * sp[0]
        slices = f["width"] / (sp[2] * SUBSLICES)
        ratios = [s / 0.4, max(min(length / 20, f["thickness"] / 2), length * f["thickness"] / 150), slices / (1 if sp[2] * SUBSLICES >= 5 else 2)]
        limits.append(min(ratios))
        if min(ratios) >= 1:
            spans.append((kept[0], kept[-1] + 1))
    if rng.random() < 0.25:                                                         # between spinous processes
        k_mid = near + rng.normal(0, 10) / sp[0]
        c = (back.canal[int(np.clip(k_mid, 0, n - 1)), 0] + back.fascia[int(np.clip(k_mid, 0, n - 1))].mean()) / 2 + rng.uniform(0, 5) / sp[1]
        r = rng.uniform(6, 13)
        k = (np.arange(n) - k_mid)[:, None, None] * sp[0]
        d2 = (k / r) ** 2 + ((jj - c) * sp[1] / (r * 0.7)) ** 2 + (back.x[:, None, :] / rng.uniform(4, 9)) ** 2
        behind_arch = jj > back.canal[:, 0][:, None, None] + 20 / sp[1]
        mask = (d2 < 1) & (labels == 0) & ~beyond & behind_arch
        s = bright()
        soft = nd.gaussian_filter(mask.astype(np.float32), [1 / v for v in sp]) * ~beyond * (labels == 0)
        signal = signal * (1 - soft) + (1 + s * (fluid - 1)) * soft
        area = mask.sum((0, 1)) * sp[0] * sp[1]
        big = np.sort(area.reshape(-1, SUBSLICES).mean(1))[::-1]
        needed = 1 if sp[2] * SUBSLICES >= 5 else 2
        limits.append(min(s / 0.4, (big[needed - 1] if len(big) >= needed else 0) / 150))
        if limits[-1] >= 1:
            kept = np.nonzero(mask.any((1, 2)))[0]
            spans.append((kept[0], kept[-1] + 1))
    if spans:
        truth["injury"] = True
        truth["length"] = float((max(b for _, b in spans) - min(a for a, _ in spans)) * sp[0])
    best = max(limits, default=0)
    truth["borderline"] = bool(0.75 < best < 1.3)
    signal[air] = 0
    # coil: gain falls with depth under the skin
    gain, depth = rng.uniform(0.3, 2.5), rng.uniform(25, 60)
    under = np.maximum(0, (back.skin[:, None, :] - jj) * sp[1])
    signal = signal * (1 + gain * np.exp(-under / depth)) * texture(60, 0.08)
    image = signal.reshape(n, rows, -1, SUBSLICES).mean(3)
    blur = rng.uniform(0.35, 0.7)
    image = nd.gaussian_filter(image, (blur, blur, 0.15))
    noise = rng.uniform(0.03, 0.13)
    image = np.hypot(image + rng.normal(0, noise, image.shape), rng.normal(0, noise, image.shape))
    truth["acute"] = [NAMES[l] for l in acute]
    truth["bodies"] = [dict(level=NAMES[l], y=float(j * sp[1]), z=float(-(n - 1 - k) * sp[0])) for l, (j, k, _) in sorted(whole.items(), key=lambda v: -v[1][1])]
    named = np.where(disc, 255, body)[:, :, SUBSLICES // 2::SUBSLICES]
    return image, named.astype("u1"), truth


def main():
    cohort, out, first, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    known = json.load(open(os.path.join(cohort, "truth.json")))
    os.makedirs(out, exist_ok=True)
    bases = {p: Base(cohort, p, known, np.random.default_rng(7)) for p in BASES}
    for seed in range(first, first + count):
        rng = np.random.default_rng(seed)
        labels, body, sp, target, canal = warped(rng, bases)
        try:
            image, named, truth = paint(rng, labels, body, sp, target, canal)
        except ValueError as e:
            print(seed, "left out:", e, flush=True)
            continue
        volume = np.ascontiguousarray(np.transpose(image[::-1], (2, 0, 1)), np.float32) * 100  # slice, row, column
        truth.update(size=list(volume.shape), spacing=[float(sp[2] * SUBSLICES), float(sp[0]), float(sp[1])])
        with open(os.path.join(out, f"{seed}.mr"), "wb") as f:
            f.write(json.dumps(truth).encode() + b"\n" + volume.tobytes() + np.ascontiguousarray(np.transpose(named[::-1], (2, 0, 1))).tobytes())
        print(seed, truth["injury"], round(truth["length"]), truth["acute"], [b["level"] for b in truth["bodies"]], flush=True)


if __name__ == "__main__":
    main()
