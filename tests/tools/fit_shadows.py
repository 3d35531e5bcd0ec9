#!/usr/bin/python3
"""Learns the network of imaging/radiograph/shadow_net.h from `film_lab strips` and writes its weights.

fit_shadows.py HEADER SAVED.pt VIEW MINUTES STRIPS...   goes on with one view (ap, lateral) of what is saved; writes the header once both are there
Needs Debian's python3-torch.
"""
import os
import sys

import numpy as np
import torch
from torch.nn import functional as F

from flat_net import Network, Records, learn, seeds_of, weight_tables

WIDTH, CHANNELS, SHADOWS = 120, 7, 4
FINE, MIDDLE, DEEP = 16, 32, 48
ROWS, BATCH, RATE = 128, 6, 3e-3
BODY_MM, CEMENT_MM, LEAK_MM, FAINT_MM, HIDING_MM = 8, 1, 0.7, 0.2, 4  # what counts as a shadow
LEAK_WEIGHT, CEMENT_WEIGHT = 5, 2
CONTRAST = [0, 1, 2, 3]  # channels that a display's tones change
HEAD = """#pragma once

#include <array>
#include <cstdint>

namespace cemscope::imaging::radiograph {

/// Weights of the network of shadow_net.h, layer after layer, in units of their own layer. Learned by Adam on simulated films:
%s
/// Made by tests/tools/fit_shadows.py.
constexpr int kFineFeatures = %d, kMiddleFeatures = %d, kDeepFeatures = %d;
// clang-format off
"""


def read(path):
    """(name, is lateral, channels, true mm of body, right half, cement in the body, leak) of every film."""
    records = Records(path)
    while records:
        name = records.name()
        lateral, rows, own = (int(v) for v in records.take(3, "<i4"))
        channels = records.take(CHANNELS * rows * WIDTH, "<f4").reshape(CHANNELS, rows, WIDTH)
        truth = np.zeros((SHADOWS, rows, WIDTH), "f4")
        truth[:, :own] = records.take(SHADOWS * own * WIDTH, "<f4").reshape(SHADOWS, own, WIDTH)
        yield name, bool(lateral), channels.astype("f2"), truth


def targets_of(truth, lateral):
    """0, 1 or 2 (says nothing) for each shadow; sides are learned on AP films alone."""
    body, right, cement, leak = truth
    side = np.where((body > BODY_MM) & (not lateral) & (right.max() > 0), right > 0.5 * body, 2)
    beside = np.where((leak > LEAK_MM) & (body < HIDING_MM), 1, np.where(leak > FAINT_MM, 2, 0))
    return np.stack([body > BODY_MM, side, cement > CEMENT_MM, beside]).astype("u1")


def films(paths, view):
    return [(name, channels, targets_of(truth, lateral)) for path in paths for name, lateral, channels, truth in read(path) if lateral == (view == "lateral")]


def batch_of(own, view, rng):
    """Pieces of films seen otherwise: turned, scaled, moved, mirrored (AP), of other contrast and noise, without hints."""
    pieces, aims, thetas = [], [], []
    for k in rng.integers(0, len(own), BATCH):
        _, channels, target = own[k]
        reach = min(channels.shape[1], ROWS + 32)
        first = rng.integers(0, channels.shape[1] - reach + 1)
        x, t = channels[:, first:first + reach].astype("f4"), target[:, first:first + reach].astype("f4")
        if reach < ROWS + 32:
            x, t = (np.pad(a, ((0, 0), (0, ROWS + 32 - reach), (0, 0))) for a in (x, t))
        pieces.append(x)
        aims.append(t)
        angle, zoom = np.deg2rad(rng.normal(0, 4)), np.exp(rng.normal(0, 0.09, 2) + rng.normal(0, 0.05))
        s = ROWS / (ROWS + 32)
        ratio = WIDTH / (ROWS + 32)
        mirror = -1 if view == "ap" and rng.random() < 0.5 else 1
        thetas.append([[mirror * zoom[0] * np.cos(angle), -zoom[1] * np.sin(angle) * s / ratio, rng.normal(0, 0.06)],
                       [mirror * zoom[0] * np.sin(angle) * ratio, zoom[1] * np.cos(angle) * s, rng.uniform(-0.15, 0.15)]])
        if mirror < 0:
            aims[-1][1] = np.where(aims[-1][1] == 2, 2, 1 - aims[-1][1])
    x, t = torch.tensor(np.stack(pieces)), torch.tensor(np.stack(aims))
    grid = F.affine_grid(torch.tensor(np.array(thetas), dtype=torch.float32), (BATCH, 1, ROWS, WIDTH), align_corners=False)
    x = F.grid_sample(x, grid, align_corners=False, padding_mode="border")
    t = F.grid_sample(t, grid, mode="nearest", align_corners=False, padding_mode="zeros")
    x[:, -1] = torch.linspace(-1, 1 - 2 / WIDTH, WIDTH)
    normal = lambda *shape: torch.tensor(rng.normal(0, 1, shape), dtype=torch.float32)
    x[:, CONTRAST] = x[:, CONTRAST] * torch.exp(0.15 * normal(BATCH, len(CONTRAST), 1, 1)) + 0.08 * normal(BATCH, len(CONTRAST), 1, 1)
    if rng.random() < 0.3:
        x[:, CONTRAST] = F.avg_pool2d(x[:, CONTRAST], 3, 1, 1)
    x[:, CONTRAST] += rng.choice([0, 0, 0.05, 0.15]) * normal(BATCH, len(CONTRAST), ROWS, WIDTH)
    x[:, 4] *= torch.tensor(rng.random((BATCH, 1, 1)) > 0.3).float()
    return x, t


def loss_of(z, t):
    weight = (t < 1.5).float()
    weight[:, 2] *= 1 + (CEMENT_WEIGHT - 1) * (t[:, 2] == 1)
    weight[:, 3] *= 1 + (LEAK_WEIGHT - 1) * (t[:, 3] == 1)
    each = (weight * F.binary_cross_entropy_with_logits(z, t.clamp(0, 1), reduction="none")).mean((0, 2, 3))
    return each


def losses_of(own, view, rng):
    def losses(network):
        x, t = batch_of(own, view, rng)
        return loss_of(network(x), t)
    return losses


def header(saved):
    told = "\n".join(f"/// {v}: {s['steps']} steps of {BATCH} pieces, {len(s['names'])} films of seeds {seeds_of(s['names'])}" for v, s in saved.items())
    out = HEAD % (told, FINE, MIDDLE, DEEP)
    for view, name in (("ap", "kApShadow"), ("lateral", "kLateralShadow")):
        out += weight_tables(saved[view]["state"], name)
    return out + "// clang-format on\n\n}  // namespace cemscope::imaging::radiograph\n"


def main():
    target, saved_at, view, minutes, paths = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]), sys.argv[5:]
    torch.set_num_threads(int(os.environ.get("THREADS", "2")))
    torch.manual_seed(3)
    own = films(paths, view)
    print(view, len(own), "films", flush=True)
    saved = torch.load(saved_at) if os.path.exists(saved_at) else {}
    network, before = Network(CHANNELS, SHADOWS, FINE, MIDDLE, DEEP), saved.get(view, {"steps": 0, "names": []})
    if "state" in before:
        network.load_state_dict(before["state"])
    steps = learn(network, minutes, RATE, losses_of(own, view, np.random.default_rng(4 + before["steps"])), view)
    saved = torch.load(saved_at) if os.path.exists(saved_at) else {}
    saved[view] = {"steps": before["steps"] + steps, "names": sorted({n for n, _, _ in own} | set(before["names"])), "state": network.state_dict()}
    torch.save(saved, saved_at)
    if len(saved) == 2:
        open(target, "w").write(header(saved))


if __name__ == "__main__":
    main()
