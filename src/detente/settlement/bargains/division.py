"""One issue to divide between two parties whose utilities bend: solutions by bisection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from detente.architecture.system import Floats
from detente.errors import Undefined, UsageError

STEP = 1e-4
"""Half-width of the five-point difference for a slope."""


@dataclass(frozen=True)
class Division:
    """The division of 1 between two parties.

    Attributes
    ----------
    u_a, u_b : callable
        Increasing, concave utility of a share between 0 and 1, of A and of B.
    """

    u_a: Callable[[float], float]
    u_b: Callable[[float], float]

    def at(self, share: float) -> Floats:
        """Return both utilities where A gets `share`."""
        return np.array([self.u_a(share), self.u_b(1 - share)])

    def ideal(self, point: Floats) -> Floats:
        """Return the most that each gets while the other gets its disagreement point."""
        return np.array(
            [
                self.u_a(1 - least(self.u_b, float(point[1]), "B")),
                self.u_b(1 - least(self.u_a, float(point[0]), "A")),
            ]
        )

    def crossing(self, point: Floats, direction: Floats) -> float:
        """Return A's share where the gains stand as in `direction`."""

        def lead(share: float) -> float:
            gains = (self.at(share) - point) * direction[::-1]
            return float(gains[0] - gains[1])

        return root(lead)

    def product(self, point: Floats, weights: Floats) -> float:
        """Return A's share with the greatest weighted product of gains."""
        low, high = least(self.u_a, float(point[0]), "A"), 1 - least(self.u_b, float(point[1]), "B")
        if not low < high:
            raise Undefined(
                f"the disagreement point ({point[0]:g}, {point[1]:g}) is outside the feasible "
                "set: no division gives both more"
            )
        step = min(STEP, (high - low) * 1e-3)

        def slope(share: float) -> float:
            near = [
                float(weights @ np.log(self.at(share + k * step) - point)) for k in (-2, -1, 1, 2)
            ]
            return near[0] - 8 * near[1] + 8 * near[2] - near[3]

        edge = 2.5 * step
        return root(lambda share: -slope(share), low + edge, high - edge)


def least(utility: Callable[[float], float], worth: float, who: str) -> float:
    """Return the least share that is worth so much."""
    if utility(0.0) >= worth:
        return 0.0
    if utility(1.0) < worth:
        raise Undefined(f"no agreement is better than disagreement for party {who}: {worth:g}")
    return root(lambda share: utility(share) - worth)


def root(rising: Callable[[float], float], low: float = 0.0, high: float = 1.0) -> float:
    """Return where an increasing function turns from below 0, to the last digit."""
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (low, middle) if rising(middle) >= 0 else (middle, high)
    return high


def division(u: tuple[object, object]) -> Division | None:
    """Return the division if the pair are two functions, None if it is something else."""
    first, second = u
    if callable(first) and callable(second):
        return Division(first, second)
    if callable(first) or callable(second):
        raise UsageError("u must be two functions of a share, or two lists of gains")
    return None
