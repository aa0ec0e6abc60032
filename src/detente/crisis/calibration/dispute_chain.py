"""A dispute as an excursion on the ladder: the chain behind `detente calibrate crisis`.

A dispute begins on rung 2 (threat), climbs or falls one rung at a time, and ends when it falls
below rung 2. The next step from rung k goes up with a chance of its own. How fast the steps
follow one another, the pace, differs between disputes and is log-normal over them: a quarter of
all disputes are over within days and a quarter go on for half a year, far more spread than one
pace allows. War ends at a rate that is the same for all.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.crisis.model.model_arrays import TOP
from detente.errors import Undefined, UsageError

FIRST = 2
"""Rung on which a dispute begins."""
LEVELS = tuple(range(FIRST, TOP + 1))
PACES = 11
"""Paces that stand for the log-normal distribution, each with the same weight."""
EDGES: Floats = np.array(
    [0, 1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 250, 365, 500, 730, 1095, 1460, 2190,
     1e7]
)  # fmt: skip
"""Days between which durations are counted: a likelihood in cells is quick, and a record of
whole days has no more to say on short disputes."""
OTHER_STARTS = (0.1, 3.0, 10.0)
"""Paces from which the search begins again where its end is in doubt."""
AT_A_BOUND = 0.01
SHORT_WAR = 0.05
"""End of war, a day, from which on a second peak is what was found, more likely than not."""
FLOOR = 1e-12
"""Least probability of a cell."""


@dataclass(frozen=True)
class Chain:
    """The chain of a population of disputes.

    Attributes
    ----------
    rises : tuple of float
        Chance that the next step from rungs 2, 3, 4 goes up.
    pace : float
        Median pace over disputes, steps a day.
    spread : float
        Standard deviation of the logarithm of the pace.
    end : float
        Rate at which a war falls to rung 4, a day.
    """

    rises: tuple[float, float, float]
    pace: float
    spread: float
    end: float

    def cells(self, edges: Floats) -> Floats:
        """Return the probability of each duration and highest rung, array (bins, 4)."""
        from scipy.special import ndtri

        z = ndtri((np.arange(PACES) + 0.5) / PACES)
        # Few points have a smaller spread than the distribution that they stand for.
        z /= math.sqrt(float((z**2).mean()))
        return cells(self.rises, self.pace * np.exp(self.spread * z), self.end, edges)

    def reach(self) -> Floats:
        """Return the shares of disputes by highest rung, 2 to 5."""
        total: Floats = self.cells(EDGES).sum(axis=0)
        share: Floats = total / total.sum()
        return share

    def upto(self, highest: int | None, days: Floats) -> Floats:
        """Return the share that is over by each of the days, the first of which is 0."""
        total_cells = self.cells(days)
        column = total_cells.sum(axis=1) if highest is None else total_cells[:, highest - FIRST]
        total: Floats = np.concatenate([[0.0], np.cumsum(column)])
        share: Floats = total / total[-1]
        return share

    def typical(self) -> tuple[dict[int, float], dict[int, float]]:
        """Return rates of climbing and falling, a day, of disputes of one typical pace.

        It is the pace that alone would give disputes without war the median duration that they
        have here.
        """
        from scipy.optimize import brentq

        days = np.concatenate([np.arange(0, 400), np.geomspace(400, 40_000, 200)])
        peace = [0, 1, 2]
        peaceful = self.cells(days)[:, peace].sum(axis=1)
        upto = np.cumsum(peaceful) / peaceful.sum()
        median = float(np.interp(0.5, upto, days[1:]))

        def over(pace: float) -> float:
            bins = np.array([0.0, median, 1e7])
            two = cells(self.rises, np.array([pace]), self.end, bins)[:, peace].sum(axis=1)
            return float(two[0] / two.sum() - 0.5)

        pace = float(brentq(over, 1e-5, 1e4, xtol=1e-9))
        up = {k: pace * a for k, a in zip(LEVELS, self.rises, strict=False)}
        down = {k: pace * (1 - a) for k, a in zip(LEVELS, self.rises, strict=False)}
        return up, {**down, TOP: self.end}


def pairs() -> list[tuple[int, int]]:
    """Return the states of the chain: (rung, highest so far)."""
    return [(k, top) for top in LEVELS for k in range(FIRST, top + 1)]


def generators(rises: tuple[float, ...], paces: Floats, end: float) -> tuple[Floats, Floats]:
    """Return the chain of each pace over the states of `pairs`, and the rates of ending.

    Returns
    -------
    arrays (paces, 10, 10) and (paces, 10)
        The end itself is no state: rows sum to minus the rate of ending.
    """
    states = pairs()
    index = {pair: i for i, pair in enumerate(states)}
    chain = np.zeros((len(paces), len(states), len(states)))
    ends = np.zeros((len(paces), len(states)))
    for (k, top), i in index.items():
        down = np.full(len(paces), end)
        if k < TOP:
            up, down = paces * rises[k - FIRST], paces * (1 - rises[k - FIRST])
            chain[:, i, index[k + 1, max(top, k + 1)]] += up
            chain[:, i, i] -= up
        chain[:, i, i] -= down
        if k > FIRST:
            chain[:, i, index[k - 1, top]] += down
        else:
            ends[:, i] = down
    return chain, ends


def cells(rises: tuple[float, ...], paces: Floats, end: float, edges: Floats) -> Floats:
    """Return the probability of each duration and highest rung, over paces of equal weight.

    Through the eigenvectors of the chains, for all durations at once.

    Parameters
    ----------
    rises : tuple of float
        Chance that the next step from rungs 2, 3, 4 goes up.
    paces : array
        Steps a day.
    end : float
        Rate at which a war falls to rung 4, a day.
    edges : array (bins + 1,)
        Days between which a dispute ends.

    Returns
    -------
    array (bins, 4)
        For the highest rungs 2 to 5.
    """
    chain, ends = generators(rises, paces, end)
    values, vectors = np.linalg.eig(chain)
    exits = np.zeros((*ends.shape, len(LEVELS)))
    for i, (_, top) in enumerate(pairs()):
        exits[:, i, top - FIRST] = ends[:, i]
    weight = vectors[:, 0, :, None] * np.linalg.solve(vectors, exits) / -values[:, :, None]
    fade = np.exp(edges[None, :, None] * values[:, None, :])
    gone = (fade[:, :-1] - fade[:, 1:]) @ weight
    shares: Floats = np.clip(gone.real.mean(axis=0), 0.0, 1.0)
    return shares


def count(highest: NDArray[np.int64], days: NDArray[np.int64], weights: Floats) -> Floats:
    """Return the weight of the disputes of each duration and highest rung, array (bins, 4)."""
    counts = np.zeros((len(EDGES) - 1, len(LEVELS)))
    np.add.at(counts, (np.searchsorted(EDGES, days) - 1, highest - FIRST), weights)
    return counts


def likelihood(chain: Chain, counts: Floats) -> float:
    """Return the log-likelihood of counted disputes."""
    return float((counts * np.log(chain.cells(EDGES) + FLOOR)).sum())


def fit(counts: Floats, near: Chain | None = None) -> Chain:
    """Return the chain of counted disputes.

    The chances of going up are those that give the shares by highest rung exactly; pace, spread
    and the end of war are the likeliest.

    Raises
    ------
    UsageError
        If a rung is reached by none or by all: a chance would be zero or one.
    """
    from scipy.optimize import minimize

    share = counts.sum(axis=0) / counts.sum()
    reach = [1.0, *(float(share[k:].sum()) for k in range(1, len(LEVELS)))]
    if any(not 0 < after < before for before, after in itertools.pairwise(reach)):
        raise UsageError("disputes of every highest rung from 2 to 5 are needed to fit the rates")
    # The chance of going on from rung k to k + 1 before the end is q; the next step then goes up
    # with chance a, where q = a / (1 - (1 - a) r) and r the chance of coming back from below.
    rises, back = [], 0.0
    for before, after in itertools.pairwise(reach):
        q = after / before
        rises.append(q * (1 - back) / (1 - q * back))
        back = q
    up = (rises[0], rises[1], rises[2])
    begin = Chain(up, 1.0, 2.0, 1 / 400) if near is None else near
    bounds = ((-7.0, 7.0), (0.0, 5.0), (-9.0, 0.0))

    def chain(x: Floats) -> Chain:
        return Chain(up, math.exp(x[0]), float(x[1]), math.exp(x[2]))

    def best_from(start: Chain) -> Any:
        """Search from a start; a search that does not end is the worst of all."""
        optimum = minimize(
            lambda x: -likelihood(chain(x), counts),
            [math.log(start.pace), start.spread, math.log(start.end)],
            method="Nelder-Mead", bounds=bounds,
            options={"xatol": 1e-3, "fatol": 1e-3, "maxiter": 4000, "maxfev": 8000},
        )  # fmt: skip
        if not optimum.success:
            optimum.fun = math.inf
        return optimum

    optimum = best_from(begin)
    edge = any(
        min(x - low, high - x) < AT_A_BOUND
        for x, (low, high) in zip(optimum.x, bounds, strict=True)
    )
    if edge or optimum.x[2] > math.log(SHORT_WAR) or not optimum.success:
        # There the search may be stuck beside the peak, as where every war ends in a day.
        others = [best_from(Chain(up, pace, 2.0, 1 / 400)) for pace in OTHER_STARTS]
        optimum = min((optimum, *others), key=lambda candidate: float(candidate.fun))
    if not optimum.success:
        raise Undefined(f"the likelihood of the disputes has no peak: {optimum.message}")
    return chain(optimum.x)
