#!/usr/bin/python3
"""Learns the network of imaging/spine/body_map.h from `column_lab` and writes its weights.

fit_columns.py HEADER SAVED.pt MINUTES MAPS...   goes on with what is saved
Needs Debian's python3-torch.
"""
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from flat_net import DownAndUp, Records, go_on, seeds_of, weight_tables

LEFT, FRONT, ALONG, CHANNELS, MAPS = 28, 32, 64, 3, 2
SIZES = FINE, MIDDLE, DEEP = 8, 20, 32
BATCH, RATE = 4, 3e-3
BODY, DISC, UNSURE = 1, 2, 3
BONE, DENSE, SHOWN = range(3)
HEAD = """#pragma once

#include <array>
#include <cstdint>

namespace cemscope::imaging::spine {

/// Weights of the network of body_map.h, layer after layer, in units of their own layer. Learned by Adam in %d steps of %d pieces from
/// %d scans of seeds %s.
/// Made by tests/tools/fit_columns.py.
constexpr int kFineFeatures = %d, kMiddleFeatures = %d, kDeepFeatures = %d;
// clang-format off
"""


def scans(paths):
    """(name, channels and what each node is) of every scan."""
    for path in paths:
        records = Records(path)
        while records:
            name = records.name()
            n, _ = int(records.take(1, "<i4")[0]), records.take(1, "<f8")
            yield name, records.take((CHANNELS + 1) * n * FRONT * LEFT, "u1").reshape(CHANNELS + 1, n, FRONT, LEFT)


def batch_of(all_of_them, rng):
    """Pieces seen otherwise: mirrored, turned, scaled, moved, of other contrast and noise, of thicker slices, cut off."""
    reach = ALONG + 16
    pieces, thetas = [], []
    for k in rng.integers(0, len(all_of_them), BATCH):
        scan = all_of_them[k][1]
        first = rng.integers(min(0, scan.shape[1] - reach), max(0, scan.shape[1] - reach) + 1)
        piece = np.zeros((CHANNELS + 1, reach, FRONT, LEFT), "f4")
        piece[BONE], piece[DENSE], piece[SHOWN], piece[3] = 58, 85, 85, UNSURE  # nothing
        here = scan[:, max(0, first):first + reach]
        at = max(0, -first)
        piece[:, at:at + here.shape[1]] = here
        piece[:3] = piece[:3] / 85 - 1
        piece[3] -= UNSURE
        pieces.append(piece)
        turn = np.eye(3) + rng.normal(0, 0.05, (3, 3))
        turn[0] *= rng.choice([-1, 1])
        turn[:, 2] *= ALONG / reach
        turn[2] *= np.exp(rng.normal(0, 0.06))
        thetas.append(np.concatenate([turn, [[rng.normal(0, 0.1)], [rng.normal(0, 0.06)], [rng.uniform(-0.15, 0.15)]]], 1))
    x = torch.tensor(np.stack(pieces))
    grid = F.affine_grid(torch.tensor(np.array(thetas), dtype=torch.float32), (BATCH, 1, ALONG, FRONT, LEFT), align_corners=False)
    seen = F.grid_sample(x[:, :3], grid, align_corners=False, padding_mode="border")
    t = F.grid_sample(x[:, 3:], grid, mode="nearest", align_corners=False, padding_mode="zeros")[:, 0] + UNSURE
    normal = lambda *shape: torch.tensor(rng.normal(0, 1, shape), dtype=torch.float32)
    bone = seen[:, BONE:BONE + 1]
    if rng.random() < 0.3:
        bone = F.avg_pool3d(bone, (3, 1, 1), 1, (1, 0, 0))
    bone = bone * (1 + 0.12 * normal(BATCH, 1, 1, 1, 1)) + 0.06 * normal(BATCH, 1, 1, 1, 1)
    bone = bone + rng.choice([0, 0, 0.04, 0.1]) * normal(*bone.shape)
    shown = seen[:, SHOWN:]
    bone = torch.where(shown > 0.5, bone.clip(-0.32, 1.8), torch.tensor(-0.32))
    return torch.cat([bone, seen[:, DENSE:DENSE + 1], shown], 1), t


def loss_of(z, t):
    """Places about the bodies count, those far from any less."""
    sure = (t != UNSURE).float()[:, None]
    truth = torch.stack([t == BODY, t == DISC], 1).float()
    near = F.max_pool3d(truth.amax(1, keepdim=True), 5, 1, 2)
    weight = sure * (0.2 + 0.8 * near)
    loss = weight * F.binary_cross_entropy_with_logits(z, truth, reduction="none")
    return torch.stack([loss[:, 0].mean(), 2 * loss[:, 1].mean()])


def losses(net, x, t):
    return loss_of(net(x), t)


def main():
    target, saved_at, minutes, paths = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4:]
    torch.manual_seed(3)
    own = list(scans(paths))
    print(len(own), "scans", flush=True)
    saved = go_on(DownAndUp(nn.Conv3d, F.avg_pool3d, CHANNELS, MAPS, *SIZES), saved_at, minutes, RATE, {n for n, _ in own}, lambda net, rng: losses(net, *batch_of(own, rng)))
    with open(target, "w") as f:
        f.write(HEAD % (saved["steps"], BATCH, len(saved["names"]), seeds_of(saved["names"]), *SIZES))
        f.write(weight_tables(saved["state"], "kBodyMap") + "// clang-format on\n\n}  // namespace cemscope::imaging::spine\n")


if __name__ == "__main__":
    main()
