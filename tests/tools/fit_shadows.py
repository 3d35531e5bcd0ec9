"""Learns the network of imaging/radiograph/shadow_net.h from `film_lab maps` and writes its weights.

fit_shadows.py HEADER VIEW EPOCHS SAVED MAPS...   learns one view (ap, lateral), saves it and writes the header of all that is saved
"""
import os
import pickle
import re
import sys

import numpy as np

SIZE, FINE, COARSE, SHADOWS = 64, 12, 16, 3
OFF = 3  # mm, SD of an outline that is not to be trusted
KEYS = ("lateral back_right left right top bottom top_tilt bottom_tilt top_evidence bottom_evidence midline median plateau mad hardware has_body "
        "paravertebral disc canal foramen vascular answer confidence present").split()
PLANES = "excess contrast deposit body in_body leaked".split()
HEAD = """#pragma once

#include <array>
#include <cstdint>

namespace cemscope::imaging::radiograph {

/// Weights of the network of shadow_net.h, layer after layer, in units of their own layer. Learned by Adam
/// (%s)
/// on simulated pairs of seeds %s.
/// Made by tests/tools/fit_shadows.py.
constexpr int kFineFeatures = %d, kCoarseFeatures = %d;
// clang-format off
"""


def read(path):
    """Records of film_lab maps, as dictionaries."""
    data, at = np.memmap(path, np.uint8, "r"), 0

    def take(n, kind):
        nonlocal at
        values = np.frombuffer(data[at:at + n * np.dtype(kind).itemsize].tobytes(), kind)
        at += n * np.dtype(kind).itemsize
        return values

    while at < len(data):
        r = {"name": take(64, "u1").tobytes().split(b"\0")[0].decode()}
        r.update(zip(KEYS, take(len(KEYS), "<f4").astype(float)))
        rows, columns = take(2, "<i4")
        for k in PLANES:
            r[k] = take(rows * columns, "<f4").reshape(rows, columns)
        yield r


def half(a):
    return a.reshape(a.shape[0] // 2, 2, a.shape[1] // 2, 2).mean((1, 3))


def example(r):
    """Channels, targets and their weights, as body_picture of shadow_net.cpp makes them."""
    lateral, u, y = bool(r["lateral"]), (np.arange(241) - 120) * .5, np.arange(160)[:, None]
    middle, excess = .5 * (r["left"] + r["right"]), r["excess"] - r["median"]
    top, bottom = r["top"] + r["top_tilt"] * (u - middle), r["bottom"] + r["bottom_tilt"] * (u - middle)
    depth = np.minimum(np.minimum(u - r["left"], r["right"] - u), .5 * np.minimum(y - top, bottom - y))
    planes = [np.clip(excess / max(1e-6, r["plateau"] - r["median"]), -1, 1.5), r["contrast"], r["deposit"], np.tanh(depth / 4),
              np.arcsinh(excess / r["mad"] / 3) / 3, r["body"], r["in_body"], r["leaked"]]
    if lateral and not r["back_right"]:
        planes, middle = [p[:, ::-1] for p in planes], -middle
    first = int(round(2 * middle)) + 120 + (8 if lateral else 0) - SIZE
    a, b, cut = max(0, first), min(241, first + 2 * SIZE), []
    for p in planes:
        whole = np.zeros((2 * SIZE, 2 * SIZE), "f4")
        whole[:, a - first:b - first] = p[80 - SIZE:80 + SIZE, a:b]
        cut.append(half(whole))
    body, inside, leaked = cut[5:]
    targets = np.stack([body > 2, inside > 1, (leaked > .7) & (body < 2)])
    weights = np.ones(targets.shape, "f4")
    weights[2][(leaked > .2) & ((leaked <= .7) | (body >= 2))] = 0  # too thin to be seen, or hidden by the body
    return np.stack(cut[:5]).astype("f2"), targets.astype("u1"), weights.astype("f2")


def examples(paths, view):
    own = [(r["name"], example(r)) for path in paths for r in read(path)
           if bool(r["lateral"]) == (view == "lateral") and not r["hardware"] and r["has_body"] and r["in_body"].max() > .5]
    return [name for name, _ in own], *(np.stack([e[n] for _, e in own]) for n in range(3))


class Layer:
    """Three by three convolution; below 0 a tenth of it goes on."""

    def __init__(self, n_in, n_out, rng, is_last=False):
        self.w = (rng.standard_normal((n_out, 9 * n_in)) * np.sqrt(2 / (9 * n_in))).astype("f4")
        self.b, self.is_last = np.zeros((n_out, 1), "f4"), is_last

    def forward(self, x):
        self.shape = x.shape
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        self.taps = np.stack([padded[:, :, k // 3:k // 3 + x.shape[2], k % 3:k % 3 + x.shape[3]] for k in range(9)]).reshape(9 * len(x), -1)
        y = self.w @ self.taps + self.b
        self.positive = y > 0
        if not self.is_last:
            y = np.where(self.positive, y, np.float32(.1) * y)
        return y.reshape((len(self.w),) + x.shape[1:])

    def backward(self, g):
        g = g.reshape(len(self.w), -1)
        if not self.is_last:
            g = np.where(self.positive, g, np.float32(.1) * g)
        self.gw, self.gb = g @ self.taps.T, g.sum(1, keepdims=True)
        taps = (self.w.T @ g).reshape((9,) + self.shape)
        padded = np.zeros(self.shape[:2] + (self.shape[2] + 2, self.shape[3] + 2), "f4")
        for k in range(9):
            padded[:, :, k // 3:k // 3 + self.shape[2], k % 3:k % 3 + self.shape[3]] += taps[k]
        return padded[:, :, 1:-1, 1:-1]


def fold(x):
    c, n, h, w = x.shape
    return np.ascontiguousarray(x.reshape(c, n, h // 2, 2, w // 2, 2).transpose(3, 5, 0, 1, 2, 4)).reshape(4 * c, n, h // 2, w // 2)


def unfold(y):
    c, n, h, w = y.shape
    return np.ascontiguousarray(y.reshape(2, 2, c // 4, n, h, w).transpose(2, 3, 4, 0, 5, 1)).reshape(c // 4, n, 2 * h, 2 * w)


def doubled(x):
    return np.repeat(np.repeat(x, 2, 2), 2, 3)


def sums_of_four(x):
    c, n, h, w = x.shape
    return x.reshape(c, n, h // 2, 2, w // 2, 2).sum((3, 5))


class Network:
    def __init__(self, rng):
        sizes = [(20, FINE), (FINE, FINE), (FINE, COARSE), (COARSE, COARSE), (COARSE, COARSE), (FINE + COARSE, FINE)]
        self.layers = [Layer(*s, rng) for s in sizes] + [Layer(FINE, 4 * SHADOWS, rng, True)]

    def forward(self, x):
        a, b, c, d, e, f, g = self.layers
        fine = b.forward(a.forward(fold(x)))
        coarse = e.forward(d.forward(c.forward(.25 * sums_of_four(fine))))
        return unfold(g.forward(f.forward(np.concatenate([fine, doubled(coarse)]))))

    def backward(self, gradient):
        a, b, c, d, e, f, g = self.layers
        gradient = f.backward(g.backward(fold(gradient)))
        coarse = c.backward(d.backward(e.backward(sums_of_four(gradient[FINE:]))))
        a.backward(b.backward(gradient[:FINE] + np.float32(.25) * doubled(coarse)))


def varied(x, t, m, view, rng):
    """The same films seen otherwise: mirrored (AP), moved, of another contrast, the outline off by millimetres."""
    x, t, m = (a.astype("f4").transpose(1, 0, 2, 3).copy() for a in (x, t, m))
    for j in range(x.shape[1]):
        if view == "ap" and rng.random() < .5:
            for a in (x, t, m):
                a[:, j] = a[:, j, :, ::-1]
    for a, n in ((0, .12), (1, .15), (4, .12)):
        x[a] *= rng.normal(1, n, (x.shape[1], 1, 1)).astype("f4")
    for j in range(x.shape[1]):
        x[3, j] = np.roll(x[3, j], np.round(rng.normal(0, OFF, 2)).astype(int), (0, 1))
    shift = rng.integers(-4, 5, 2)
    return tuple(np.roll(a, shift, (2, 3)) for a in (x, t, m))


def learn(network, x, t, m, view, epochs, rng, batch=6, rate=3e-3):
    step, steps = 0, epochs * (len(x) // batch)
    means = [[np.zeros_like(p), np.zeros_like(p)] for l in network.layers for p in (l.w, l.b)]
    for epoch in range(epochs):
        order, loss = rng.permutation(len(x)), 0
        for i in np.array_split(order, len(x) // batch):
            xs, ts, ms = varied(x[i], t[i], m[i], view, rng)
            z = np.clip(network.forward(xs), -30, 30)
            p = 1 / (1 + np.exp(-z))
            w = ms * np.where(ts > 0, np.array([1, 1, 4], "f4").reshape(-1, 1, 1, 1), np.float32(1))
            loss += float((w * (np.log1p(np.exp(z)) - ts * z)).mean()) / (len(x) // batch)
            network.backward(w * (p - ts) / np.float32(w.size / SHADOWS))
            step += 1
            now = rate * min(1, step / 30) * (.5 + .5 * np.cos(np.pi * min(1, step / steps)))
            for (mean, square), (param, grad) in zip(means, [q for l in network.layers for q in ((l.w, l.gw), (l.b, l.gb))]):
                mean += .1 * (grad - mean)
                square += .001 * (grad * grad - square)
                param -= np.float32(now) * (mean / (1 - .9 ** step) / (np.sqrt(square / (1 - .999 ** step)) + 1e-8) + 1e-4 * param)
        print(view, epoch, round(loss, 4), flush=True)
    return network


def table(name, values):
    words, lines, line = [str(v) + "," for v in values], [], "   "
    for word in words:
        if len(line) + 1 + len(word) > 138:
            lines.append(line)
            line = "   "
        line += " " + word
    lines.append(line.rstrip(","))
    return f"constexpr std::array<{name}, {len(values)}> %s{{\n" + "\n".join(lines) + "};\n"


def header(saved):
    seeds = {}
    for name in {n.split(",")[0] for s in saved.values() for n in s["names"]}:
        kind, seed = re.match(r"(\w+)_(\d+)", name).groups()
        seeds.setdefault((kind, int(seed) // 1000), []).append(int(seed))
    text = ", ".join(f"{min(s)}-{max(s)} ({k})" for (k, _), s in sorted(seeds.items()))
    passes = ", ".join(f"{v}: {s['epochs']} passes over {len(s['names'])} vertebrae" for v, s in saved.items())
    out = HEAD % (passes, text, FINE, COARSE)
    for view, name in (("ap", "kApShadow"), ("lateral", "kLateralShadow")):
        layers = saved[view]["layers"]
        units = [max(np.abs(w).max(), np.abs(b).max()) / 999 for w, b in layers]
        out += table("float", [f"{u:.6g}F" for u in units]) % (name + "Unit")
        out += table("std::int16_t", [int(round(v / u)) for (w, b), u in zip(layers, units) for v in np.concatenate([w.ravel(), b.ravel()])]) % name
    return out + "// clang-format on\n\n}  // namespace cemscope::imaging::radiograph\n"


if __name__ == "__main__":
    target, view, epochs, saved_at, maps = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5:]
    names, x, t, m = examples(maps, view)
    print(view, len(names), "vertebrae")
    saved = pickle.load(open(saved_at, "rb")) if os.path.exists(saved_at) else {}
    network, before = Network(np.random.default_rng(3)), saved.get(view, {"epochs": 0, "layers": []})
    for layer, (w, b) in zip(network.layers, before["layers"]):  # goes on from what was learned
        layer.w, layer.b = w, b
    learn(network, x, t, m, view, epochs, np.random.default_rng(4 + before["epochs"]))
    saved[view] = {"names": names, "epochs": before["epochs"] + epochs, "layers": [(l.w, l.b) for l in network.layers]}
    pickle.dump(saved, open(saved_at, "wb"))
    if len(saved) == 2:
        open(target, "w").write(header(saved))
