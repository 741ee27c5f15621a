"""A small network with one head a task, learned from whole lists."""

from collections.abc import Iterator

import numpy as np

HIDDEN = (64, 32)
RATE = 2e-3
DECAY = 1e-4
# Queries a step, at most and at least; a short log takes as many steps a pass as it can.
LARGEST_BATCH, SMALLEST_BATCH = 64, 8
STEPS_A_PASS = 40
# What is served is the mean of the latest weights rather than the last ones.
MEMORY = 0.99
FIRST_MOMENT, SECOND_MOMENT = 0.9, 0.999

# Weights and biases of each layer, in turn.
Layers = list[np.ndarray]


def outputs(layers: Layers, inputs: np.ndarray) -> np.ndarray:
    """What the heads say, a column each."""
    return _activations(layers, inputs)[-1]


def listwise_gradient(scores: np.ndarray, targets: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """
    Of the cross-entropy between what was taken and the softmax of the scores, summed over queries.
    Each column is a task of its own; a query of which a task took nothing does not speak to it.
    """
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    spread = lambda figures: np.repeat(figures, sizes, axis=0)
    powers = np.exp(scores - spread(np.maximum.reduceat(scores, starts)))
    chances = powers / spread(np.add.reduceat(powers, starts))
    taken = np.add.reduceat(targets, starts)
    return (chances - targets / spread(np.maximum(taken, 1))) * spread(taken > 0)


def learn(
    inputs: np.ndarray, targets: np.ndarray, groups: np.ndarray, shares: np.ndarray, seed: int
) -> Iterator[Layers]:
    """
    Passes over the queries without end, in another order each time, by Adam. Yields the layers after
    each pass. `shares`: how much each task counts.
    """
    random = np.random.default_rng(seed)
    layers = _fresh([inputs.shape[1], *HIDDEN, targets.shape[1]], random)
    first, second = ([np.zeros_like(each) for each in layers] for _ in range(2))
    mean = [each.copy() for each in layers]
    ends = np.cumsum(groups)
    batch = min(LARGEST_BATCH, max(SMALLEST_BATCH, len(groups) // STEPS_A_PASS))
    step = 0
    while True:
        order = random.permutation(len(groups))
        for at in range(0, len(order), batch):
            queries = order[at : at + batch]
            rows = np.concatenate([np.arange(ends[query] - groups[query], ends[query]) for query in queries])
            slopes = _slopes(layers, inputs[rows], targets[rows], groups[queries], shares)
            step += 1
            for place, slope in enumerate(slopes):
                first[place] += (1 - FIRST_MOMENT) * (slope - first[place])
                second[place] += (1 - SECOND_MOMENT) * (slope**2 - second[place])
                direction = first[place] / (1 - FIRST_MOMENT**step)
                size = np.sqrt(second[place] / (1 - SECOND_MOMENT**step)) + 1e-8
                layers[place] -= np.float32(RATE) * (direction / size + np.float32(DECAY) * layers[place])
                # A short memory at first, or the mean would remember the start.
                mean[place] += (1 - min(MEMORY, step / (step + 10))) * (layers[place] - mean[place])
        yield [each.copy() for each in mean]


def _fresh(widths: list[int], random: np.random.Generator) -> Layers:
    layers: Layers = []
    for enter, leave in zip(widths, widths[1:]):
        weights = random.standard_normal((enter, leave), dtype=np.float32) * np.float32(np.sqrt(2 / enter))
        layers += [weights, np.zeros(leave, dtype=np.float32)]
    # Nothing is preferred before anything is learned.
    layers[-2] *= np.float32(0.1)
    return layers


def _activations(layers: Layers, inputs: np.ndarray) -> list[np.ndarray]:
    found = [inputs]
    for at in range(0, len(layers), 2):
        sums = found[-1] @ layers[at] + layers[at + 1]
        found.append(np.maximum(sums, 0) if at + 2 < len(layers) else sums)
    return found


def _slopes(layers: Layers, inputs, targets, sizes, shares) -> Layers:
    """The gradient of the mean loss of a query, layer by layer."""
    found = _activations(layers, inputs)
    back = (listwise_gradient(found[-1], targets, sizes) * shares / len(sizes)).astype(np.float32)
    slopes: Layers = []
    for at in range(len(layers) - 2, -1, -2):
        entered = found[at // 2]
        slopes = [entered.T @ back, back.sum(axis=0), *slopes]
        back = (back @ layers[at].T) * (entered > 0)
    return slopes
