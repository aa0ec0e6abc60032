"""What two parties can do no better than together: the Pareto frontier of many issues.

With linear utilities it is a polygon, reached by handing the first party the issues in falling
order of its gain over the other's loss; with squares it is a curve along the weight that the
first party's wish is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from detente.architecture.system import Floats
from detente.errors import UsageError
from detente.settlement.arguments import numbers
from detente.settlement.bargains.party_utility import Utility

Problem = Utility | tuple[object, object]


class Frontier(Protocol):
    """Points on the frontier between two parties, by what one of them gets."""

    def at_a(self, worth: float) -> tuple[Floats, Floats]:
        """Return (u, x) where A gets `worth`, or as near to it as the frontier goes."""

    def at_b(self, worth: float) -> tuple[Floats, Floats]:
        """Return (u, x) where B gets `worth`, or as near to it as the frontier goes."""


@dataclass(frozen=True, eq=False)
class Polygon:
    """The frontier of two parties with linear utilities.

    Attributes
    ----------
    corners : array (m + 1, 2)
        Utilities of A and B, from B's best corner to A's.
    order : array (m,)
        Issue handed to A on each edge.
    start : array (K,)
        Positions at the first corner.
    step : array (K,)
        What handing an issue to A adds to its position.
    tied : array (m,)
        Whether another issue has the same ratio, so that positions on the edge are not unique.
    """

    corners: Floats
    order: np.ndarray[tuple[int], np.dtype[np.intp]]
    start: Floats
    step: Floats
    tied: np.ndarray[tuple[int], np.dtype[np.bool_]]

    def on(self, edge: int, share: float) -> tuple[Floats, Floats]:
        """Return (u, x) at a share of the way along an edge."""
        x = self.start.copy()
        done = self.order[:edge]
        x[done] += self.step[done]
        if edge == len(self.order):
            return self.corners[-1].copy(), x
        issue = self.order[edge]
        x[issue] += share * self.step[issue]
        first, last = self.corners[edge], self.corners[edge + 1]
        return first + share * (last - first) if share < 1 else last.copy(), x

    def line(self, point: Floats) -> tuple[float, float]:
        """Return level and rate of the edge under a point: u_B = level - rate u_A along it."""
        edge = int(np.searchsorted(self.corners[:, 0], point[0], side="left")) - 1
        edge = min(max(edge, 0), len(self.order) - 1)
        (a, b), (c, d) = self.corners[edge], self.corners[edge + 1]
        rate = (b - d) / (c - a)
        return float(b + rate * a), float(rate)

    def at_a(self, worth: float) -> tuple[Floats, Floats]:
        """Return (u, x) where A gets `worth`, or as near to it as the frontier goes."""
        gains = self.corners[:, 0]
        edge = int(np.searchsorted(gains, worth, side="left")) - 1
        if edge < 0:
            return self.on(0, 0.0)
        if edge >= len(self.order):
            return self.on(len(self.order), 0.0)
        return self.on(edge, (worth - gains[edge]) / (gains[edge + 1] - gains[edge]))

    def at_b(self, worth: float) -> tuple[Floats, Floats]:
        """Return (u, x) where B gets `worth`, or as near to it as the frontier goes."""
        losses = -self.corners[:, 1]
        edge = int(np.searchsorted(losses, -worth, side="right")) - 1
        if edge < 0:
            return self.on(0, 0.0)
        if edge >= len(self.order):
            return self.on(len(self.order), 0.0)
        return self.on(edge, (-worth - losses[edge]) / (losses[edge + 1] - losses[edge]))


@dataclass(frozen=True, eq=False)
class Curve:
    """The frontier of two parties with quadratic utilities."""

    utility: Utility

    def positions(self, weight: float) -> Floats:
        """Return the positions that are best for the weighted sum of the two."""
        first = weight * self.utility.salience[0]
        theirs = (1 - weight) * self.utility.salience[1]
        whole = first + theirs
        wants = self.utility.ideal
        # Where a weight is 0, the other party's ideal costs nothing; where nobody cares, halfway.
        bare = np.where(self.utility.salience[0] > 0, wants[0], wants[1])
        free = (self.utility.salience == 0).all(axis=0)
        bare = np.where(free, wants.mean(axis=0), bare)
        x: Floats = np.divide(
            first * wants[0] + theirs * wants[1], whole, out=bare, where=whole > 0
        )
        return x

    def at_a(self, worth: float) -> tuple[Floats, Floats]:
        """Return (u, x) where A gets `worth`, or as near to it as the frontier goes."""
        return self._where(0, worth)

    def at_b(self, worth: float) -> tuple[Floats, Floats]:
        """Return (u, x) where B gets `worth`, or as near to it as the frontier goes."""
        return self._where(1, worth)

    def _where(self, party: int, worth: float) -> tuple[Floats, Floats]:
        low, high = 0.0, 1.0  # the party's own weight: what it gets grows with it
        for _ in range(200):
            middle = (low + high) / 2
            if middle in (low, high):
                break
            x = self.positions(middle if party == 0 else 1 - middle)
            low, high = (low, middle) if self.utility(x)[party] >= worth else (middle, high)
        x = self.positions(high if party == 0 else 1 - high)
        return self.utility(x), x


def between(u: Problem) -> Frontier:
    """Return the frontier of two parties."""
    return Curve(u) if isinstance(u, Utility) and u.power == 2 else polygon(u)


def polygon(u: Problem) -> Polygon:
    """Return the frontier of two parties with linear utilities.

    Raises
    ------
    UsageError
        If there are not two parties, or the pair is no pair of gains.
    """
    if isinstance(u, Utility):
        wants, cares = u.ideal, u.salience
        reach = np.abs(wants[0] - wants[1])
        gain, loss = cares[0] * reach, cares[1] * reach
        free = (cares == 0).all(axis=0)
        start = np.where(free, wants.mean(axis=0), wants[1])
        base = np.array([1 - gain.sum(), 1 - loss.sum()])
        step = wants[0] - start
    else:
        gain, loss = pair(u)
        start, step = np.zeros(len(gain)), np.ones(len(gain))
        start[(gain == 0) & (loss == 0)] = 0.5
        base = np.zeros(2)
    open_issues = np.flatnonzero((gain > 0) | (loss > 0))
    ratio = gain[open_issues] / (gain[open_issues] + loss[open_issues])
    # What costs the other nothing is handed over before the frontier begins, or never.
    start = start + np.where((gain > 0) & (loss == 0), step, 0.0)
    base = base + np.array([gain[loss == 0].sum(), 0.0])
    inner = (ratio > 0) & (ratio < 1)
    ranked = np.argsort(-ratio[inner], kind="stable")
    order, ratio = open_issues[inner][ranked], ratio[inner][ranked]
    corners = np.empty((len(order) + 1, 2))
    corners[0] = base[0], base[1] + loss.sum()
    corners[1:, 0] = corners[0, 0] + np.cumsum(gain[order])
    # Summed from A's end, so that neither party's best corner carries the rounding of a difference.
    never = loss[gain == 0].sum()
    corners[:, 1] = base[1] + never + np.append(np.cumsum(loss[order][::-1])[::-1], 0.0)
    same = np.isclose(ratio[:, None], ratio[None, :], rtol=0, atol=1e-12).sum(axis=1) > 1
    return Polygon(corners, order, start, step, same)


def pair(u: tuple[object, object]) -> tuple[Floats, Floats]:
    """Return the gains of A and the losses of B, checked."""
    try:
        first, second = u
    except (TypeError, ValueError):
        raise UsageError(
            "u must be the pair (w, v) of gains per issue, or what utility(ideal, salience) returns"
        ) from None
    gain = numbers("w", first, low=0)  # type: ignore[arg-type]
    loss = numbers("v", second, low=0)  # type: ignore[arg-type]
    if gain.ndim != 1 or gain.shape != loss.shape or not len(gain):
        raise UsageError(
            f"w and v must be lists with one number an issue, not {gain.shape} and {loss.shape}"
        )
    return gain, loss
