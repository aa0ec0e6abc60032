"""What required parties could accept together: the region, its frontier, and the way there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.architecture.system import Floats
from detente.errors import Undefined
from detente.settlement.bargains.concave import furthest
from detente.settlement.bargains.floors import furthest_above, product_above
from detente.settlement.bargains.frontier import polygon
from detente.settlement.bargains.party_utility import Utility
from detente.settlement.bargains.solutions import egalitarian, kalai_smorodinsky, nash

SOLUTIONS = {"nash": nash, "kalai_smorodinsky": kalai_smorodinsky, "egalitarian": egalitarian}


class Nearest(NamedTuple):
    """The acceptable point nearest to an offer.

    Attributes
    ----------
    x : array (issues,)
        Its positions.
    moved : float
        Sum over the issues of how far they have to move.
    """

    x: Floats
    moved: float


def acceptable(u: Utility, least: Floats) -> bool:
    """Say whether some positions give every party at least its least."""
    x = furthest(u, least, np.ones(len(least)))
    return bool((u(x) >= least - 1e-9).all())


def region(u: Utility, least: Floats) -> Floats:
    """Return for each issue the least and the most of its positions in what all accept: (K, 2).

    NaN where nothing is acceptable to all.
    """
    issues = u.ideal.shape[1]
    spans = np.full((issues, 2), np.nan)
    if not acceptable(u, least):
        return spans
    for k in range(issues):
        for end, sign in ((0, 1.0), (1, -1.0)):
            cost = np.zeros(issues)
            cost[k] = sign
            spans[k, end] = _solve(u, least, cost, None)[k]
    return spans


def nearest(u: Utility, least: Floats, start: Floats) -> Nearest:
    """Return the acceptable positions nearest to a start, by the sum of the moves.

    Raises
    ------
    Undefined
        If nothing is acceptable to all.
    """
    x = _solve(u, least, np.zeros(len(start)), start)
    x = np.where(np.abs(x - start) < 1e-9, start, x)
    return Nearest(x, float(np.abs(x - start).sum()))


def solutions(u: Utility, least: Floats, war: str) -> dict[str, Floats]:
    """Return the positions of each solution among the parties; NaN where there is none.

    With ``war="outside"``, disagreement is worth 0 to everybody and fighting is a move: a split
    that gives each party at least its worth stands as it is; else it is the best of those that do,
    which between two parties is the split pulled just up to it.
    """
    points: dict[str, Floats] = {}
    for name, solve in SOLUTIONS.items():
        try:
            if war == "disagreement":
                points[name] = solve(u, least).x
                continue
            free = solve(u, np.zeros(len(least)))
            bound = (free.u < least).any()
            x = _pulled(name, u, least, free.ideal) if bound else free.x
            good = (u(x) >= least - 1e-9).all()
            points[name] = x if good else np.full(len(x), np.nan)
        except Undefined:
            points[name] = np.full(u.ideal.shape[1], np.nan)
    return points


def _pulled(name: str, u: Utility, least: Floats, ideal: Floats) -> Floats:
    """Return the best split of a solution among those that give everybody its outside option."""
    if len(least) > 2:
        if name == "nash":
            return product_above(u, least)
        direction = ideal if name == "kalai_smorodinsky" else np.ones(len(least))
        return furthest_above(u, np.zeros(len(least)), direction, least)
    frontier = polygon(u)
    free = SOLUTIONS[name](u, np.zeros(2)).u
    short = 0 if free[0] < least[0] else 1
    return (frontier.at_a if short == 0 else frontier.at_b)(float(least[short]))[1]


def _solve(u: Utility, least: Floats, cost: Floats, start: Floats | None) -> Floats:
    """Minimise a cost, or the distance from a start, over what every party accepts."""
    from scipy.optimize import linprog

    n, issues = u.ideal.shape
    far = issues + np.arange(n * issues).reshape(n, issues)
    moves = issues + n * issues + np.arange(issues)
    width = issues + n * issues + (issues if start is not None else 0)
    rows, limits = [], []
    targets = [(far[i], u.ideal[i]) for i in range(n)]
    objective = np.zeros(width)
    objective[:issues] = cost
    if start is not None:
        targets.append((moves, start))
        objective[moves] = 1.0
    for columns, target in targets:
        for k in range(issues):
            for sign in (1.0, -1.0):
                row = np.zeros(width)
                row[k], row[columns[k]] = sign, -1.0
                rows.append(row)
                limits.append(sign * target[k])
    for i in range(n):
        row = np.zeros(width)
        row[far[i]] = u.salience[i]
        rows.append(row)
        limits.append(1 - least[i])
    bounds = [(0, 1)] * issues + [(0, None)] * (width - issues)
    solved = linprog(objective, A_ub=np.array(rows), b_ub=np.array(limits), bounds=bounds)
    if solved.status != 0:
        raise Undefined("no positions give every required party as much as fighting on")
    x: Floats = np.clip(solved.x[:issues], 0, 1)
    return x
