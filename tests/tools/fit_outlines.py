#!/usr/bin/python3
"""Learns imaging/spine/outline_weights.h from the tables of body_lab.

usage: fit_outlines.py HEADER SAVED MINUTES TABLE...    SAVED keeps the network (goes on from it when it is there);
                                                        without MINUTES' worth of learning (0) only the header is written
Needs Debian's python3-torch and python3-numpy.
"""
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from flat_net import table

U, V, W = 48, 40, 40
FINE, COARSE, CHANNELS = 16, 24, 3
FOUND = 4  # log odds of the body as found, deep inside it
RECORD = np.dtype([("seed", "<i4"), ("body", "<i4"), ("slice", "<f4"), ("bone", "u1", U * V * W), ("dense", "u1", U * V * W),
                   ("depth", "i1", U * V * W), ("own", "u1", U * V * W)])


def fold(x):
    b, c, w, v, u = x.shape
    return x.view(b, c, w // 2, 2, v // 2, 2, u // 2, 2).permute(0, 3, 5, 7, 1, 2, 4, 6).reshape(b, 8 * c, w // 2, v // 2, u // 2)


def unfold(y):
    b, _, w, v, u = y.shape
    return y.view(b, 2, 2, 2, w, v, u).permute(0, 4, 1, 5, 2, 6, 3).reshape(b, 2 * w, 2 * v, 2 * u)


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        sizes = [(8 * CHANNELS, FINE), (FINE, FINE), (FINE, COARSE), (COARSE, COARSE), (COARSE, COARSE), (FINE + COARSE, FINE), (FINE, 8)]
        self.layers = torch.nn.ModuleList(torch.nn.Conv3d(i, o, 3, padding=1) for i, o in sizes)
        for layer in self.layers:
            torch.nn.init.kaiming_normal_(layer.weight, a=.1)
            torch.nn.init.zeros_(layer.bias)
        with torch.no_grad():
            self.layers[-1].weight *= .1

    def forward(self, x):
        layers = iter(self.layers)
        step = lambda t: F.leaky_relu(next(layers)(t), .1)
        fine = step(step(fold(x)))
        coarse = step(step(step(F.avg_pool3d(fine, 2))))
        both = step(torch.cat([fine, F.interpolate(coarse, scale_factor=2)], 1))
        return unfold(next(layers)(both)) + FOUND * x[:, 2]


def shown(records):
    """Without bodies that lie in the scan's padding by a fiftieth or more."""
    own = records["own"] > 127
    return records[((records["bone"] <= 20) & own).sum(1) < .02 * own.sum(1)]


def examples(records):
    """Channels and truth."""
    grid = (-1, W, V, U)
    x = np.stack([records["bone"].astype("f4").reshape(grid) / 85 - 1, records["dense"].astype("f4").reshape(grid) / 85 - 1,
                  records["depth"].astype("f4").reshape(grid) / 127], 1)
    return torch.from_numpy(x), torch.from_numpy(records["own"].astype("f4").reshape(grid) / 255)


def varied(x, own, rng):
    """The same bodies seen otherwise: mirrored, turned, moved, of another size and contrast, found wider or narrower."""
    n = len(x)
    turn = np.eye(3) + rng.normal(0, .05, (n, 3, 3))
    turn[:, 0] *= rng.choice([-1, 1], (n, 1))  # left and right
    grid = F.affine_grid(torch.tensor(np.concatenate([turn, rng.normal(0, .04, (n, 3, 1))], 2), dtype=torch.float32), (n, 1, W, V, U), align_corners=False)
    moved = F.grid_sample(torch.cat([x, own[:, None]], 1), grid, padding_mode="border", align_corners=False)
    number = lambda mean, spread: torch.tensor(rng.normal(mean, spread, (n, 1, 1, 1)), dtype=torch.float32)
    x, own = moved[:, :3].clone(), moved[:, 3]
    x[:, 0] = x[:, 0] * number(1, .08) + number(0, .06)
    x[:, 1] = x[:, 1] * number(1, .12).clip(.7, 1.3)
    x[:, 2] = torch.tanh(torch.atanh(x[:, 2].clip(-.995, .995)) + number(0, .08))
    return x, own


def weights(x):
    """Near the found faces 1, elsewhere less; cement about the body, thin casts of veins too, 7."""
    depth = x[:, 2].abs()
    return torch.where(depth < .9, 1., .15) + 6. * ((x[:, 1] > .06) & (depth < .97))


def learn(network, records, minutes, rng, batch=4, rate=1.5e-3):
    optimiser = torch.optim.Adam(network.parameters(), lr=rate)
    start, step, passes = time.time(), 0, 0
    while (done := (time.time() - start) / (60 * minutes)) < 1:
        losses = []
        for i in np.array_split(rng.permutation(len(records)), len(records) // batch):
            done = min(1, (time.time() - start) / (60 * minutes))
            for group in optimiser.param_groups:
                group["lr"] = rate * min(1, (step + 1) / 40) * (.5 + .5 * np.cos(np.pi * done))
            x, own = varied(*examples(records[i]), rng)
            loss = (weights(x) * F.binary_cross_entropy_with_logits(network(x), own, reduction="none")).mean()
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), .3)
            optimiser.step()
            step += 1
            losses.append(float(loss))
        passes += 1
        print(passes, round(float(np.mean(losses)), 4), flush=True)
    return passes


HEAD = """#pragma once

#include <array>
#include <cstdint>

namespace cemscope::imaging::spine {

/// Weights of the network of outline_net.h, layer after layer, in units of their own layer. Learned by Adam, %d passes over %d
/// bodies. Made by tests/tools/fit_outlines.py.
constexpr int kOutlineFine = %d, kOutlineCoarse = %d;
// clang-format off
"""


def header(network, passes, records):
    units, numbers = [], []
    for layer in network.layers:
        w, b = layer.weight.detach().numpy(), layer.bias.detach().numpy()
        unit = max(np.abs(w).max(), np.abs(b).max()) / 999
        units.append(f"{unit:.6g}F")
        flat = np.concatenate([w.transpose(2, 3, 4, 1, 0).ravel(), b])  # tap, input, output
        numbers += [int(n) for n in np.rint(flat / np.float32(f"{unit:.6g}"))]
    text = HEAD % (passes, len(set(zip(records["seed"].tolist(), records["body"].tolist(), records["slice"].tolist()))), FINE, COARSE)
    return text + table("float", units) % "kOutlineUnit" + table("std::int16_t", numbers) % "kOutline" + "// clang-format on\n\n}  // namespace cemscope::imaging::spine\n"


if __name__ == "__main__":
    target, saved_at, minutes = sys.argv[1], sys.argv[2], float(sys.argv[3])
    records = np.concatenate([shown(np.fromfile(name, RECORD)) for name in sys.argv[4:]])
    network, passes = Network(), 0
    if os.path.exists(saved_at):
        state, passes = torch.load(saved_at)
        network.load_state_dict(state)
    if minutes > 0:
        passes += learn(network, records, minutes, np.random.default_rng(1 + passes))
        torch.save((network.state_dict(), passes), saved_at)
    open(target, "w").write(header(network, passes, records))
