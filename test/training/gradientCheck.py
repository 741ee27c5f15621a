"""Prints how far the gradients of models/train/perceptron.py are from those of small steps, relatively."""

import sys

import numpy as np

sys.path.insert(0, sys.argv[1])
import perceptron

random = np.random.default_rng(5)
sizes = np.array([4, 7, 5])
inputs = random.standard_normal((16, 6))
# The second task took nothing in the first query, the third in none.
targets = (random.random((16, 3)) < [0.5, 0.4, 0]).astype(float)
targets[:4, 1] = 0
shares = np.array([1, 0.5, 0.25])
layers = [each.astype(np.float64) + 0.01 for each in perceptron._fresh([6, 5, 4, 3], random)]


def loss(layers):
    scores, total = perceptron.outputs(layers, inputs), 0.0
    for start, size in zip(np.cumsum(sizes) - sizes, sizes):
        for task in range(3):
            taken = targets[start : start + size, task]
            if taken.any():
                own = scores[start : start + size, task]
                logs = own - own.max() - np.log(np.exp(own - own.max()).sum())
                total -= shares[task] * (taken / taken.sum() * logs).sum()
    return total / len(sizes)


slopes = perceptron._slopes(layers, inputs, targets, sizes, shares)
worst = 0.0
for layer, slope in zip(layers, slopes):
    for place in np.ndindex(layer.shape):
        kept, step = layer[place], 1e-6
        layer[place] = kept + step
        above = loss(layers)
        layer[place] = kept - step
        below = loss(layers)
        layer[place] = kept
        worst = max(worst, abs((above - below) / (2 * step) - slope[place]) / (1e-3 + np.abs(slope).max()))
print(worst)
