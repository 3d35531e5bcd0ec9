#!/usr/bin/python3
"""Learns the network of imaging/mri/body_map.h from `mr_lab maps` and writes its weights.

fit_bodies.py HEADER SAVED.pt MINUTES MAPS...   goes on with what is saved
Needs Debian's python3-torch.
"""
import sys

import numpy as np
import torch
from torch.nn import functional as F

from flat_net import Network, Records, go_on, seeds_of, weight_tables

WIDTH, CHANNELS, MAPS = 96, 4, 2
SIZES = FINE, MIDDLE, DEEP = 12, 24, 32
ROWS, BATCH, RATE = 144, 6, 3e-3
BODY, DISC, UNSURE = 1, 2, 3
AXIS = 2 * (32 + 24) / WIDTH - 1  # of the bodies
SIGNAL, COLUMN, HELD = [0, 1], 2, 3
HEAD = """#pragma once

#include <array>
#include <cstdint>

namespace cemscope::imaging::mri {

/// Weights of the network of body_map.h, layer after layer, in units of their own layer. Learned by Adam in %d steps of %d pieces from
/// %d examinations of seeds %s.
/// Made by tests/tools/fit_bodies.py.
constexpr int kFineFeatures = %d, kMiddleFeatures = %d, kDeepFeatures = %d;
// clang-format off
"""


def examinations(paths):
    """(name, channels, what each place is) of every examination."""
    for path in paths:
        records = Records(path)
        while records:
            name = records.name()
            rows, own = (int(v) for v in records.take(2, "<i4"))
            channels = records.take(CHANNELS * rows * WIDTH, "<f4").reshape(CHANNELS, rows, WIDTH)
            named = np.full((rows, WIDTH), UNSURE, "u1")
            named[:own] = records.take(own * WIDTH, "u1").reshape(own, WIDTH)
            yield name, channels.astype("f2"), named


def kinked(grid, rng):
    """The lattice where the canal's course has a kink: rows moved and turned within some millimetres along the spine."""
    rows, columns = torch.linspace(-1, 1, ROWS), torch.linspace(-1, 1, WIDTH) - AXIS
    grid = grid.clone()
    for n in np.nonzero(rng.random(BATCH) < 0.5)[0]:
        for _ in range(rng.integers(1, 3)):
            bump = torch.exp(-((rows - rng.uniform(-0.9, 0.9)) / rng.uniform(0.08, 0.3)) ** 2)[:, None]
            grid[n, :, :, 0] += rng.normal(0, 0.12) * bump
            grid[n, :, :, 1] += rng.normal(0, 0.4) * bump * columns * WIDTH / ROWS
    return grid


def batch_of(all_of_them, rng):
    """Pieces seen otherwise: turned, scaled, moved, kinked, of other contrast, shading and noise, without what lies beside."""
    pieces, aims, thetas = [], [], []
    for k in rng.integers(0, len(all_of_them), BATCH):
        _, channels, named = all_of_them[k]
        reach = min(channels.shape[1], ROWS + 32)
        first = rng.integers(0, channels.shape[1] - reach + 1)
        x, t = channels[:, first:first + reach].astype("f4"), named[None, first:first + reach].astype("f4")
        if reach < ROWS + 32:
            room = ((0, 0), (0, ROWS + 32 - reach), (0, 0))
            x, t = np.pad(x, room), np.pad(t, room, constant_values=UNSURE)
        pieces.append(x)
        aims.append(t)
        angle, zoom = np.deg2rad(rng.normal(0, 4)), np.exp(rng.normal(0, 0.08, 2) + rng.normal(0, 0.08))
        s, ratio = ROWS / (ROWS + 32), WIDTH / (ROWS + 32)
        thetas.append([[zoom[0] * np.cos(angle), -zoom[1] * np.sin(angle) * s / ratio, rng.normal(0, 0.05)],
                       [zoom[0] * np.sin(angle) * ratio, zoom[1] * np.cos(angle) * s, rng.uniform(-0.15, 0.15)]])
    x, t = torch.tensor(np.stack(pieces)), torch.tensor(np.stack(aims))
    grid = F.affine_grid(torch.tensor(np.array(thetas), dtype=torch.float32), (BATCH, 1, ROWS, WIDTH), align_corners=False)
    grid = kinked(grid, rng)
    x = F.grid_sample(x, grid, align_corners=False, padding_mode="zeros")
    t = F.grid_sample(t - UNSURE, grid, mode="nearest", align_corners=False, padding_mode="zeros") + UNSURE
    x[:, COLUMN] = torch.linspace(-1, 1 - 2 / WIDTH, WIDTH)
    normal = lambda *shape: torch.tensor(rng.normal(0, 1, shape), dtype=torch.float32)
    slope = torch.linspace(-1, 1, WIDTH) * normal(BATCH, 1, 1, 1) * 0.2 + torch.linspace(-1, 1, ROWS)[:, None] * normal(BATCH, 1, 1, 1) * 0.1
    held = x[:, HELD:HELD + 1]
    x[:, SIGNAL] = (x[:, SIGNAL] * torch.exp(0.2 * normal(BATCH, 1, 1, 1)) + 0.08 * normal(BATCH, 2, 1, 1) + slope) * held
    if rng.random() < 0.3:
        x[:, SIGNAL] = F.avg_pool2d(x[:, SIGNAL], 3, 1, 1)
    x[:, SIGNAL] += rng.choice([0, 0, 0.05, 0.12]) * normal(BATCH, 2, ROWS, WIDTH)
    x[:, 1] = torch.where(torch.tensor(rng.random((BATCH, 1, 1)) > 0.15), x[:, 1], x[:, 0])
    return x, t[:, 0]


def loss_of(z, t):
    sure = (t != UNSURE).float()
    truth = torch.stack([t == BODY, t == DISC], 1).float()
    return (sure[:, None] * F.binary_cross_entropy_with_logits(z, truth, reduction="none")).mean((0, 2, 3))


def losses(net, x, t):
    return loss_of(net(x), t)


def main():
    target, saved_at, minutes, paths = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4:]
    torch.manual_seed(3)
    own = list(examinations(paths))
    print(len(own), "examinations", flush=True)
    saved = go_on(Network(CHANNELS, MAPS, *SIZES), saved_at, minutes, RATE, {n for n, _, _ in own}, lambda net, rng: losses(net, *batch_of(own, rng)))
    with open(target, "w") as f:
        f.write(HEAD % (saved["steps"], BATCH, len(saved["names"]), seeds_of(saved["names"]), *SIZES))
        f.write(weight_tables(saved["state"], "kBodyMap") + "// clang-format on\n\n}  // namespace cemscope::imaging::mri\n")


if __name__ == "__main__":
    main()
