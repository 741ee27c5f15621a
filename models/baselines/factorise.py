"""Matrix factorisation for comparison: ALS and BPR of the library `implicit`, asked line by line.

Called by `tagrank evaluate --factorisation`. Reads one JSON object a line from standard input and answers each
with one on standard output:

  {"do": "learn", "events": [[user, product, weight], ...]}   what people did, in order of time     -> {"events": n}
  {"do": "fit", "settings": {...}}                            a model of all that was learned       -> {"model": m}
  {"do": "refit", "model": m}                                 goes on from there, with what is new  -> {}
  {"do": "recommend", "model": m, "user": u, "k": k}          best first                            -> {"products": [...]}

Users are strings, products whole numbers from 0. Settings: method ("als" or "bpr"), factors, regularisation,
iterations, seed, ownProducts (whether a person's own may be recommended), and alpha (als) or learningRate (bpr).
Whoever is asked about is folded in with everything that was learned of them, since the last fit included;
products that came since then have no factors yet. Somebody unknown gets an empty list.
One thread: the same lines and library versions give the same answers.
"""

import os

# Before NumPy is loaded: threads of BLAS would add up in another order each time.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import json
import sys

import numpy as np
import scipy.sparse as sparse
from implicit.cpu.als import AlternatingLeastSquares
from implicit.cpu.bpr import BayesianPersonalizedRanking

# A refit goes on from the last one, with this share of the iterations.
REFIT_SHARE = 0.1
# Rounds over a person's own products in which BPR folds them in, and the products of one step.
FOLD_IN_ROUNDS = 20
FOLD_IN_STEP = 16


class Log:
    """Who took what, and how much it weighs in all."""

    def __init__(self):
        self.rows = {}
        self.weights = []
        self.products = 0
        self.events = 0
        self.packed = (None, None)

    def learn(self, events):
        for user, product, weight in events:
            row = self.rows.setdefault(user, len(self.rows))
            if row == len(self.weights):
                self.weights.append({})
            own = self.weights[row]
            own[product] = own.get(product, 0.0) + weight
            self.products = max(self.products, product + 1)
        self.events += len(events)

    def own(self, user):
        row = self.rows.get(user)
        return {} if row is None else self.weights[row]

    def matrix(self, confidence):
        """People x products; `confidence` of an array of weights, above 0 each."""
        events, packed = self.packed
        if events != self.events:
            starts = np.cumsum([0, *(len(own) for own in self.weights)])
            columns = np.fromiter((p for own in self.weights for p in own), dtype=np.int32, count=starts[-1])
            weights = np.fromiter((w for own in self.weights for w in own.values()), dtype=float, count=starts[-1])
            packed = sparse.csr_matrix((weights, columns, starts), shape=(len(self.weights), self.products))
            packed.sort_indices()
            # Several models are fitted to the same log while settings are tried.
            self.packed = (self.events, packed)
        values = confidence(packed.data).astype(np.float32)
        return sparse.csr_matrix((values, packed.indices, packed.indptr), shape=packed.shape)


class Model:
    """What both methods share; a subclass says how its library model is made and how people are folded in."""

    def __init__(self, log, settings):
        self.log = log
        self.settings = settings
        self.random = np.random.RandomState(settings["seed"])
        self.fits = 0
        self.model = self.make()
        self.fit(settings["iterations"])

    def refit(self):
        self.fit(max(1, round(self.settings["iterations"] * REFIT_SHARE)))

    def fit(self, iterations):
        matrix = self.log.matrix(self.confidence)
        if self.model.item_factors is not None:
            self.model.user_factors = self.grown(self.model.user_factors, matrix.shape[0])
            self.model.item_factors = self.grown(self.model.item_factors, matrix.shape[1])
        self.model.iterations = iterations
        # The library begins its draws anew with each fit: not the same ones.
        self.model.random_state = self.settings["seed"] + self.fits
        self.fits += 1
        if matrix.nnz > 0:
            self.model.fit(matrix, show_progress=False)
        self.known = [len(own) for own in self.log.weights]

    def recommend(self, user, k):
        own = self.log.own(user)
        items = self.model.item_factors
        fitted = {} if items is None else {p: w for p, w in own.items() if p < len(items)}
        if not fitted:
            return []
        scores = items @ self.person(user, fitted)
        if not self.settings["ownProducts"]:
            scores[list(fitted)] = -np.inf
        k = min(k, len(scores))
        best = np.argpartition(-scores, k - 1)[:k]
        best = best[np.lexsort((best, -scores[best]))]
        return [int(product) for product in best if np.isfinite(scores[product])]


class Als(Model):
    """Hu, Koren and Volinsky (ICDM 2008): confidence 1 + alpha * weight."""

    def make(self):
        settings = self.settings
        return AlternatingLeastSquares(
            factors=settings["factors"],
            regularization=settings["regularisation"],
            iterations=settings["iterations"],
            num_threads=1,
        )

    def confidence(self, weights):
        return 1 + self.settings["alpha"] * weights

    def grown(self, factors, rows):
        return with_rows(factors, self.random.random_sample((rows - len(factors), factors.shape[1])) * 0.01)

    def person(self, user, own):
        products = np.array(sorted(own), dtype=np.int32)
        values = self.confidence(np.array([own[product] for product in products])).astype(np.float32)
        row = sparse.csr_matrix(
            (values, products, [0, len(products)]), shape=(1, len(self.model.item_factors))
        )
        return self.model.recalculate_user(0, row)


class Bpr(Model):
    """Rendle, Freudenthaler, Gantner and Schmidt-Thieme (UAI 2009)."""

    def make(self):
        settings = self.settings
        return BayesianPersonalizedRanking(
            factors=settings["factors"],
            regularization=settings["regularisation"],
            learning_rate=settings["learningRate"],
            iterations=settings["iterations"],
            num_threads=1,
        )

    def confidence(self, weights):
        return np.ones_like(weights)

    def grown(self, factors, rows):
        new = (self.random.random_sample((rows - len(factors), factors.shape[1])) - 0.5) / (factors.shape[1] - 1)
        # The last column of people is 1, that of products their bias.
        new[:, -1] = 1 if factors is self.model.user_factors else 0
        return with_rows(factors, new)

    def person(self, user, own):
        row = self.log.rows[user]
        items = self.model.item_factors
        known = row < len(self.known)
        if known and self.known[row] == len(self.log.weights[row]):
            return self.model.user_factors[row]
        start = self.model.user_factors[row] if known else np.append(np.zeros(items.shape[1] - 1), 1)
        return self.fold_in(np.array(start, dtype=float), np.array(sorted(own)), items)

    def fold_in(self, person, products, items):
        """The steps of BPR for one person alone, the products as they are."""
        rate, decay = self.settings["learningRate"], self.settings["regularisation"]
        # Of its own, so that an answer does not depend on who was asked before.
        draws = np.random.RandomState(self.settings["seed"])
        taken = np.zeros(len(items), dtype=bool)
        taken[products] = True
        for _ in range(FOLD_IN_ROUNDS):
            others = draws.randint(len(items), size=len(products))
            pairs = np.column_stack((draws.permutation(products), others))
            pairs = pairs[~taken[others]]
            for at in range(0, len(pairs), FOLD_IN_STEP):
                step = pairs[at : at + FOLD_IN_STEP]
                difference = (items[step[:, 0]] - items[step[:, 1]]).astype(float)
                pull = 1 / (1 + np.exp(np.clip(difference @ person, -50, 50)))
                person[:-1] += rate * (pull @ difference[:, :-1] - decay * len(step) * person[:-1])
        return person


def with_rows(factors, new):
    return np.concatenate((factors, new.astype(factors.dtype)))


METHODS = {"als": Als, "bpr": Bpr}


def main():
    log = Log()
    models = []

    def fit(settings):
        models.append(METHODS[settings["method"]](log, settings))
        return {"model": len(models) - 1}

    for line in sys.stdin:
        request = json.loads(line)
        do = request["do"]
        answer = {}
        if do == "learn":
            log.learn(request["events"])
            answer = {"events": log.events}
        elif do == "fit":
            answer = fit(request["settings"])
        elif do == "refit":
            models[request["model"]].refit()
        elif do == "recommend":
            answer = {"products": models[request["model"]].recommend(request["user"], request["k"])}
        else:
            raise SystemExit(f"cannot do {do}")
        print(json.dumps(answer), flush=True)


main()
