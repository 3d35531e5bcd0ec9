"""Networks of imaging/feature_net.h on pictures, in PyTorch, and their weights as a C++ header has them."""
import os
import re
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


class DownAndUp(nn.Module):
    """Two steps down and up (down_and_up of imaging/feature_net.h), by convolutions and means of two or three dimensions."""

    def __init__(self, convolution, mean, channels, maps, fine, middle, deep):
        super().__init__()
        sizes = [(channels, fine), (fine, fine), (fine, middle), (middle, middle), (middle, deep), (deep, deep), (middle + deep, middle),
                 (fine + middle, fine), (fine, maps)]
        self.mean = mean
        self.layers = nn.ModuleList(convolution(a, b, 3, padding=1) for a, b in sizes)
        for layer in self.layers:
            nn.init.kaiming_normal_(layer.weight, 0.1)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        a, b, c, d, e, f, g, h, last = [lambda x, l=l: F.leaky_relu(l(x), 0.1) for l in self.layers[:-1]] + [self.layers[-1]]
        fine = b(a(x))
        middle = d(c(self.mean(fine, 2)))
        deep = f(e(self.mean(middle, 2)))
        middle = g(torch.cat([middle, F.interpolate(deep, scale_factor=2)], 1))
        return last(h(torch.cat([fine, F.interpolate(middle, scale_factor=2)], 1)))


class Network(DownAndUp):
    """Works on a picture folded 2 x 2."""

    def __init__(self, channels, maps, fine, middle, deep):
        super().__init__(nn.Conv2d, F.avg_pool2d, 4 * channels, 4 * maps, fine, middle, deep)

    def forward(self, x):
        return unfold(super().forward(fold(x)))


def fold(x):
    """Quarters upper left, upper right, lower left, lower right, each with all channels."""
    return torch.cat([x[:, :, j::2, i::2] for j in (0, 1) for i in (0, 1)], 1)


def unfold(y):
    n, c, h, w = y.shape
    return y.reshape(n, 2, 2, c // 4, h, w).permute(0, 3, 4, 1, 5, 2).reshape(n, c // 4, 2 * h, 2 * w)


def table(kind, values):
    lines, line = [], "   "
    for word in (str(v) + "," for v in values):
        if len(line) + 1 + len(word) > 138:
            lines.append(line)
            line = "   "
        line += " " + word
    lines.append(line.rstrip(","))
    return f"constexpr std::array<{kind}, {len(values)}> %s{{\n" + "\n".join(lines) + "};\n"


def seeds_of(names):
    seeds = {}
    for name in names:
        kind, seed = re.match(r"(\w+)_(\d+)", name).groups()
        seeds.setdefault((kind, int(seed) // 1000), []).append(int(seed))
    return ", ".join(f"{min(s)}-{max(s)} ({k})" for (k, _), s in sorted(seeds.items()))


def layers_of(state):
    """Weights by tap (slowest axis first), input and output, then the outputs' constants."""
    for n in range(len(state) // 2):
        weight, bias = state[f"layers.{n}.weight"].numpy(), state[f"layers.{n}.bias"].numpy()
        yield np.concatenate([weight.transpose(*range(2, weight.ndim), 1, 0).ravel(), bias])


def weight_tables(state, name):
    """The layers in units of their own, as two arrays of a header."""
    layers = list(layers_of(state))
    units = [np.abs(l).max() / 999 for l in layers]
    return table("float", [f"{u:.6g}F" for u in units]) % (name + "Unit") + \
        table("std::int16_t", [int(round(v / u)) for l, u in zip(layers, units) for v in l]) % name


class Records:
    """Numbers of a file of the labs, one after another."""

    def __init__(self, path):
        self.data, self.at = np.memmap(path, np.uint8, "r"), 0

    def __bool__(self):
        return self.at < len(self.data)

    def take(self, n, kind):
        size = n * np.dtype(kind).itemsize
        values = np.frombuffer(self.data[self.at:self.at + size].tobytes(), kind)
        self.at += size
        return values

    def name(self):
        return self.take(64, "u1").tobytes().split(b"\0")[0].decode()


def learn(network, minutes, rate, losses, label=""):
    """Adam with a rate that fades over the minutes; `losses(network)` of another batch each time, one a map. Returns the steps."""
    optimizer = torch.optim.Adam(network.parameters(), rate)
    start, step, sums = time.time(), 0, 0
    while (share := (time.time() - start) / (60 * minutes)) < 1:
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, (step + 1) / 50) * (0.5 + 0.5 * np.cos(np.pi * share))
        each = losses(network)
        optimizer.zero_grad()
        each.sum().backward()
        optimizer.step()
        sums, step = sums + each.detach(), step + 1
        if step % 200 == 0:
            print(label, step, round(share, 2), [round(float(v) / 200, 4) for v in sums], flush=True)
            sums = 0
    return step


def go_on(network, saved_at, minutes, rate, names, losses):
    """Learns on from what is saved and saves it; `losses(network, rng)` as for `learn`. Returns {steps, names, state}."""
    torch.set_num_threads(int(os.environ.get("THREADS", "2")))
    saved = torch.load(saved_at) if os.path.exists(saved_at) else {"steps": 0, "names": []}
    if "state" in saved:
        network.load_state_dict(saved["state"])
    rng = np.random.default_rng(4 + saved["steps"])
    steps = learn(network, minutes, rate, lambda net: losses(net, rng)) if minutes > 0 else 0
    saved = {"steps": saved["steps"] + steps, "names": sorted(set(names) | set(saved["names"])), "state": network.state_dict()}
    torch.save(saved, saved_at)
    return saved
