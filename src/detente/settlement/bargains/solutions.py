"""Bargaining solutions on many issues: Nash, Kalai-Smorodinsky, egalitarian.

References
----------
Nash, J. F. (1950), The Bargaining Problem, Econometrica 18(2), 155-162.
Kalai, E. & Smorodinsky, M. (1975), Other Solutions to Nash's Bargaining Problem, Econometrica
43(3), 513-518. Kalai, E. (1977), Proportional Solutions to Bargaining Situations, Econometrica
45(7), 1623-1630.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from detente.architecture.system import Floats
from detente.errors import Undefined, UsageError
from detente.settlement.arguments import vector
from detente.settlement.bargains.division import Division, division
from detente.settlement.bargains.frontier import Polygon, Problem, polygon
from detente.settlement.bargains.party_utility import Utility


class Solution(NamedTuple):
    """A point on the frontier.

    Attributes
    ----------
    u : array (n,)
        Utility of each party.
    x : array (K,)
        Position on each issue; for a pair of gains, the share of the issue that the first party
        gets. An issue that nobody cares about stands halfway.
    ideal : array (n,)
        The most each party can get while every other gets its disagreement point.
    unique : bool
        Whether `x` is the only such point; `u` always is, but for parties that a solution of
        least gains leaves free.
    """

    u: Floats
    x: Floats
    ideal: Floats
    unique: bool


def nash(u: Problem, d: ArrayLike, *, weights: ArrayLike | None = None) -> Solution:
    """Return the point that maximises the product of the gains over disagreement (Nash 1950).

    Parameters
    ----------
    u : pair of array_like (K,), or Utility
        For two parties the pair (w, v): what A gains and B loses when an issue moves from B's
        ideal to A's. For any number what ``utility(ideal, salience)`` returns. For one issue and
        two parties whose utilities bend, two increasing, concave functions of a share of 1.
    d : array_like (n,)
        What each party gets without agreement.
    weights : array_like (n,) or float, optional
        Bargaining weights, the exponents of the gains; of two parties, one number is the first's
        share. Equal if not given.

    Raises
    ------
    Undefined
        If no point gives every party more than its disagreement point.
    """
    parties, point = _problem(u, d)
    share = _weights(weights, parties)
    if bent := _bent(u):
        return _divided(bent, bent.product(point, share), bent.ideal(point))
    _strictly(u, point)
    ideal = _ideals(u, point)
    if _flat(u):
        frontier = polygon(u)
        edge, along = _best_edge(frontier, point, share)
        return _on(frontier, edge, along, ideal)
    from detente.settlement.bargains.concave import best_product

    assert isinstance(u, Utility)
    x = best_product(u, point, share, egalitarian(u, point).x)
    return Solution(u(x), x, ideal, _determined(u))


def kalai_smorodinsky(u: Problem, d: ArrayLike) -> Solution:
    """Return the last point on the way from disagreement to the ideal point (1975).

    Beyond two parties it need not be efficient: it is where the least of the relative gains is
    greatest.

    Raises
    ------
    Undefined
        If the disagreement point is outside the feasible set, or a party cannot gain at all.
    """
    _, point = _problem(u, d)
    if bent := _bent(u):
        ideal = bent.ideal(point)
        return _divided(bent, bent.crossing(point, ideal - point), ideal)
    _strictly(u, point)
    ideal = _ideals(u, point)
    return _along(u, point, ideal - point, ideal)


def egalitarian(u: Problem, d: ArrayLike) -> Solution:
    """Return the point at which the least gain over disagreement is greatest (Kalai 1977).

    Raises
    ------
    Undefined
        If the disagreement point is outside the feasible set.
    """
    parties, point = _problem(u, d)
    if bent := _bent(u):
        return _divided(bent, bent.crossing(point, np.ones(2)), bent.ideal(point))
    solution = _along(u, point, np.ones(parties), np.full(parties, np.nan))
    if (solution.u - point).min() < -1e-9:
        raise Undefined(_beyond(u, point))
    return solution._replace(ideal=_ideals(u, np.minimum(point, solution.u)))


def _problem(u: Problem, d: ArrayLike) -> tuple[int, Floats]:
    if isinstance(u, Utility):
        parties = len(u.ideal)
        if parties < 2:
            raise UsageError("a bargain needs at least two parties")
    else:
        if _bent(u) is None:
            polygon(u)
        parties = 2
    return parties, vector("d", d, parties)


def _bent(u: Problem) -> Division | None:
    return division(u) if isinstance(u, tuple) and len(u) == 2 else None


def _divided(bent: Division, share: float, ideal: Floats) -> Solution:
    return Solution(bent.at(share), np.array([share]), ideal, True)


def _weights(weights: ArrayLike | None, parties: int) -> Floats:
    if weights is None:
        return np.full(parties, 1 / parties)
    if np.ndim(weights) == 0:
        if parties != 2:
            raise UsageError(f"weights must be {parties} numbers: one is a share of two")
        weights = [float(weights), 1 - float(weights)]  # type: ignore[arg-type]
    share = vector("weights", weights, parties, low=0)
    if (share == 0).any():
        raise UsageError("weights must be above 0: who does not count is left out")
    total: Floats = share / share.sum()
    return total


def _flat(u: Problem) -> bool:
    """Whether the exact way of two parties with linear utilities is open."""
    return not isinstance(u, Utility) or (len(u.ideal) == 2 and u.power == 1)


def _determined(u: Utility) -> bool:
    return u.power == 2 and bool((u.salience > 0).any(axis=0).all())


def _strictly(u: Problem, point: Floats) -> None:
    """Refuse where not every party can gain at once."""
    equal = _along(u, point, np.ones(len(point)), point)
    if (equal.u - point).min() <= 1e-12:
        raise Undefined(_beyond(u, point))


def _beyond(u: Problem, point: Floats) -> str:
    if isinstance(u, Utility):
        best = np.ones(len(point))
    else:
        frontier = polygon(u)
        best = np.array([frontier.corners[-1, 0], frontier.corners[0, 1]])
    alone = np.flatnonzero(point >= best)
    if alone.size:
        who = ", ".join(f"party {k} ({point[k]:g} of at most {best[k]:g})" for k in alone)
        return f"no agreement is better than disagreement for {who}"
    return (
        f"the disagreement point ({', '.join(f'{v:g}' for v in point)}) is outside the feasible "
        "set: no agreement gives every party more"
    )


def _ideals(u: Problem, point: Floats) -> Floats:
    if _flat(u):
        frontier = polygon(u)
        best = frontier.at_b(point[1])[0][0], frontier.at_a(point[0])[0][1]
        return np.array(best)
    from detente.settlement.bargains.concave import furthest

    assert isinstance(u, Utility)
    best_of = []
    for party in range(len(point)):
        direction = np.zeros(len(point))
        direction[party] = 1.0
        base = point.copy()
        base[party] = 0.0
        best_of.append(u(furthest(u, base, direction))[party])
    return np.array(best_of)


def _along(u: Problem, point: Floats, direction: Floats, ideal: Floats) -> Solution:
    """Return where the least of (u - point) / direction is greatest."""
    if _flat(u):
        frontier = polygon(u)
        edge, along = _crossing(frontier, point, direction)
        return _on(frontier, edge, along, ideal)
    from detente.settlement.bargains.concave import furthest

    assert isinstance(u, Utility)
    x = furthest(u, point, direction)
    return Solution(u(x), x, ideal, _determined(u))


def _on(frontier: Polygon, edge: int, along: float, ideal: Floats) -> Solution:
    u, x = frontier.on(edge, along)
    inside = edge < len(frontier.order) and 0 < along < 1
    return Solution(u, x, ideal, not (inside and bool(frontier.tied[edge])))


def _best_edge(frontier: Polygon, point: Floats, share: Floats) -> tuple[int, float]:
    """Return the edge and the place on it with the greatest weighted product of gains."""
    gains = frontier.corners - point
    if len(gains) == 1:
        return 0, 0.0
    best, where = -np.inf, (0, 0.0)
    for edge, (first, last) in enumerate(pairwise(gains)):
        (a, b), (rise, fall) = first, last - first
        along = -(share[0] * rise * b + share[1] * fall * a) / (rise * fall)
        along = min(max(along, 0.0), 1.0)
        gained = first + along * (last - first)
        if (gained <= 0).any():
            continue
        value = float(share @ np.log(gained))
        if value > best:
            best, where = value, (edge, float(along))
    return where


def _crossing(frontier: Polygon, point: Floats, direction: Floats) -> tuple[int, float]:
    """Return where the frontier crosses the ray, or the end that lies nearest to it."""
    ahead = (frontier.corners - point) * direction[::-1]
    lead = ahead[:, 0] - ahead[:, 1]  # rises along the frontier
    if lead[0] >= 0:
        return 0, 0.0
    if lead[-1] <= 0:
        return len(frontier.order), 0.0
    edge = int(np.searchsorted(lead, 0.0, side="left")) - 1
    return edge, float(-lead[edge] / (lead[edge + 1] - lead[edge]))
