"""Kinds of settlement as repeated games: how patient the sides must be, in ranges.

What a ceasefire, a freeze and a final settlement leave unsettled is read into the pays of a
repeated game (an unsettled prize raises T and lowers R; separation and monitoring shorten the lag
and raise detection). The reading and all ranges are this project's own:
data/durability_games.csv.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.errors import UnknownName, UsageError
from detente.settlement.keeping.lasting import KINDS

TABLE = Path(__file__).parent / "data" / "durability_games.csv"

PATIENCE = (0.8, 0.99)
"""Assumed range of the discount factor a period of one month: patience times continuation."""


@dataclass(frozen=True, eq=False)
class Holding:
    """How far a kind of settlement holds by itself, and what a guarantor would have to add.

    Attributes
    ----------
    kind : str
        One of `detente.settlement.keeping.lasting.KINDS`.
    threshold : array (3,)
        Least discount factor with which keeping pays: 5, 50 and 95 percent of the draws.
    holds : float
        Share of the draws in which the drawn patience is at least that.
    guarantee : array (3,)
        What a guarantor must take from a breaker, in periods of keeping; 0 where it holds.
    why, source : str
        How the kind was read into the game, and on whose authority.
    """

    kind: str
    threshold: Floats
    holds: float
    guarantee: Floats
    why: str
    source: str


def holding(
    kind: str,
    *,
    patience: tuple[float, float] = PATIENCE,
    draws: int = 10_000,
    seed: int = 1,
) -> Holding:
    """Return how patient the sides of a kind of settlement must be, over ranges.

    Parameters
    ----------
    kind : str
        ``"ceasefire"``, ``"freeze"`` or ``"final"``.
    patience : pair of float
        Range of the discount factor a period, above 0 and below 1.
    draws : int
        How many.
    seed : int
        Seed of the draws.

    Raises
    ------
    UnknownName
        If there is no such kind.
    UsageError
        If the patience is no range.
    """
    if kind not in KINDS:
        raise UnknownName("kind of settlement", kind, KINDS)
    low, high = patience
    if not 0 < low <= high < 1:
        raise UsageError(f"patience must be a range above 0 and below 1, not {patience}")
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 1:
        raise UsageError("draws must be a whole number, at least 1")
    row = games()[kind]
    chance = np.random.default_rng(seed).random((6, draws))

    def drawn(name: str, u: Floats) -> Floats:
        least, most = float(row[f"{name}_low"]), float(row[f"{name}_high"])
        return least + u * (most - least)

    tempt, keep, broken = (drawn(name, u) for name, u in zip("TRP", chance[:3], strict=True))
    whole = float(row["lag_high"]) - float(row["lag_low"]) + 1
    lag = (float(row["lag_low"]) + np.floor(chance[3] * whole)).astype(np.int64)
    seen = drawn("detection", chance[4])
    delta = low + chance[5] * (high - low)
    least = thresholds(tempt, keep, broken, lag, seen)
    short = -_keeps(tempt, keep, broken, delta, lag, seen)
    worth = delta**lag * seen * (1 - delta) / (1 - delta * (1 - seen))
    guarantee = np.where(short > 0, short / worth, 0.0)
    ends = (0.05, 0.5, 0.95)
    return Holding(
        kind,
        np.quantile(least, ends),
        float((short <= 0).mean()),
        np.quantile(guarantee, ends),
        row["why"],
        row["source"],
    )


def thresholds(
    tempt: Floats, keep: Floats, broken: Floats, lag: NDArray[np.int64], seen: Floats
) -> Floats:
    """Return the least discount factor of each draw, by bisection; `threshold` for one."""
    low, high = np.zeros(len(tempt)), np.ones(len(tempt))
    for _ in range(60):
        middle = (low + high) / 2
        good = _keeps(tempt, keep, broken, middle, lag, seen) >= 0
        low, high = np.where(good, low, middle), np.where(good, middle, high)
    return high


@cache
def games() -> dict[str, dict[str, str]]:
    """Return the ranges of each kind of settlement."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        return {row["kind"]: row for row in csv.DictReader(file)}


def _keeps(
    tempt: Floats,
    keep: Floats,
    broken: Floats,
    delta: Floats,
    lag: NDArray[np.int64],
    seen: Floats,
) -> Floats:
    """Return what keeping is worth beyond breaking: `keeping.keeps` in arrays."""
    breach = ((1 - delta) * tempt + delta * seen * broken) / (1 - delta * (1 - seen))
    worth: Floats = keep - tempt + delta ** (lag - 1) * (tempt - breach)
    return worth
