"""Who would prevail in a war to its end, as a lens that has a notion of winning says it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detente.architecture.system import Floats


@dataclass(frozen=True, eq=False)
class Winning:
    """What a lens says of who would prevail in a war to its end.

    Attributes
    ----------
    chance : array (sides,)
        Of each side; together 1.
    words : str
        What the chances are in the lens, to stand in brackets: "shares of the prize".
    """

    chance: Floats
    words: str


def by_pairs(prevails: Floats) -> Floats:
    """Return the chances of several sides from those of every pair, array (n, n) to (n,).

    The mean chance over the others, as a share of all: of two sides it is the chance itself.
    """
    n = len(prevails)
    won = prevails.copy()
    np.fill_diagonal(won, 0.0)
    chance: Floats = won.sum(axis=1) / (n * (n - 1) / 2)
    return chance
