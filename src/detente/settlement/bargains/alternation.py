"""Alternating offers on many issues, with a last round or without, and with outside options.

References
----------
Rubinstein, A. (1982), Perfect Equilibrium in a Bargaining Model, Econometrica 50(1), 97-109.
Binmore, K., Rubinstein, A. & Wolinsky, A. (1986), The Nash Bargaining Solution in Economic
Modelling, RAND Journal of Economics 17(2), 176-188.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from detente.architecture.system import Floats
from detente.errors import Undefined, UsageError
from detente.settlement.arguments import vector
from detente.settlement.bargains.frontier import Frontier, Polygon, Problem, between
from detente.settlement.bargains.party_utility import Utility


class Alternation(NamedTuple):
    """What the first proposal is, and is accepted.

    Attributes
    ----------
    u : array (2,)
        Utilities of A, who proposes first, and of B.
    x : array (K,)
        Positions; for a pair of gains, A's share of each issue.
    reply_u, reply_x : array (2,), (K,)
        What B would propose instead; with a last round, in the round after. NaN if there is none.
    binding : tuple of bool
        Whether A's and B's outside option decides the split.
    """

    u: Floats
    x: Floats
    reply_u: Floats
    reply_x: Floats
    binding: tuple[bool, bool]


def alternating(
    u: Problem,
    delta: ArrayLike,
    *,
    rounds: int | None = None,
    outside: ArrayLike | None = None,
) -> Alternation:
    """Return the split when A and B make offers in turn and A begins.

    Never agreeing is worth 0 to both. An outside option, open to whoever answers an offer, changes
    nothing if bargaining gives more anyway, and else pulls the split just up to it.

    Parameters
    ----------
    u : pair of array_like (K,), or Utility of two parties
        As for `nash`. One issue with ``([1], [1])`` is the division of 1.
    delta : array_like (2,) or float
        Discount factor of A and of B per round, or of both, above 0 and below 1.
    rounds : int, optional
        The last round, counting from 1; for ever if not given.
    outside : array_like (2,), optional
        What A and B get by breaking off as the one who answers.

    Raises
    ------
    Undefined
        If the outside options together are outside the feasible set.
    """
    if isinstance(u, Utility) and len(u.ideal) != 2:
        raise UsageError(f"alternating offers are between two parties, not {len(u.ideal)}")
    frontier = between(u)
    factors = np.broadcast_to(delta, 2) if np.ndim(delta) == 0 else delta
    patience = vector("delta", factors, 2, low=0, high=1)
    if not ((patience > 0) & (patience < 1)).all():
        raise UsageError("delta must be above 0 and below 1")
    options = np.zeros(2) if outside is None else vector("outside", outside, 2)
    if (frontier.at_a(options[0])[0] < options - 1e-12).any():
        raise Undefined(
            f"the outside options ({options[0]:g}, {options[1]:g}) are together outside the "
            "feasible set: at least one side is better off breaking off"
        )
    game = _Offers(frontier, patience, np.maximum(options, 0.0))
    if rounds is not None:
        if isinstance(rounds, bool) or not isinstance(rounds, int) or rounds < 1:
            raise UsageError("rounds must be a whole number, at least 1")
        return game.until(rounds)
    return game.forever()


class _Offers:
    """The game on a frontier; what A and B get is at least 0 and at least their option."""

    def __init__(self, frontier: Frontier, patience: Floats, options: Floats) -> None:
        self.frontier, self.patience, self.options = frontier, patience, options

    def asks(self, party: int, later: float) -> tuple[float, bool]:
        """Return what a party must be given to accept, and whether its option decides it."""
        waits = self.patience[party] * later
        option = self.options[party]
        return (float(option), True) if option > waits else (float(waits), False)

    def by_a(self, reply: Floats) -> tuple[Floats, Floats]:
        """Return A's proposal when B's next one would give `reply`."""
        return self.frontier.at_b(self.asks(1, reply[1])[0])

    def by_b(self, reply: Floats) -> tuple[Floats, Floats]:
        """Return B's proposal when A's next one would give `reply`."""
        return self.frontier.at_a(self.asks(0, reply[0])[0])

    def until(self, rounds: int) -> Alternation:
        reply = np.zeros(2)
        issues = len(self.frontier.at_a(0.0)[1])
        last: tuple[Floats, Floats] = (np.full(2, np.nan), np.full(issues, np.nan))
        now = last
        for left in range(1, rounds + 1):
            a_proposes = (rounds - left) % 2 == 0
            last, now = now, self.by_a(reply) if a_proposes else self.by_b(reply)
            reply = now[0]
        first = np.zeros(2) if rounds == 1 else last[0]
        return Alternation(*now, *last, self._binding(first, np.zeros(2) if rounds < 3 else now[0]))

    def forever(self) -> Alternation:
        """Find what A gets as the fixed point of an increasing map of slope below 1."""
        top = float(self.frontier.at_b(0.0)[0][0])
        low, high = 0.0, top
        for _ in range(200):
            middle = (low + high) / 2
            if middle in (low, high):
                break
            answer = self.by_a(self.by_b(np.array([middle, 0.0]))[0])[0][0]
            low, high = (middle, high) if answer > middle else (low, middle)
        worth = self._exact(high)
        reply = self.by_b(np.array([worth, 0.0]))
        now = self.by_a(reply[0])
        return Alternation(*now, *reply, self._binding(reply[0], now[0]))

    def _exact(self, worth: float) -> float:
        """Solve for the fixed point on its two edges, where the map is a straight line."""
        if not isinstance(self.frontier, Polygon) or not len(self.frontier.order):
            return worth

        def answer(value: float) -> float:
            return float(self.by_a(self.by_b(np.array([value, 0.0]))[0])[0][0])

        reply = self.by_b(np.array([worth, 0.0]))[0]
        proposal = self.by_a(reply)[0]
        # On an edge B's utility is level - rate times A's, for the proposal and for the reply.
        (level, rate), (level_y, rate_y) = self.frontier.line(proposal), self.frontier.line(reply)
        if self.asks(1, reply[1])[1]:
            fixed = (level - self.options[1]) / rate
        elif self.asks(0, proposal[0])[1]:
            fixed = (level - self.patience[1] * (level_y - rate_y * self.options[0])) / rate
        else:
            # Differences from 1 first: they are exact, and all that counts where delta is near 1.
            short_a, short_b = 1 - self.patience
            fixed = ((level - level_y) + short_b * level_y) / (
                (rate - rate_y) + rate_y * (short_a + self.patience[0] * short_b)
            )
        slack = abs(answer(worth) - worth) + 1e-12
        return float(fixed) if abs(answer(fixed) - fixed) <= slack else worth

    def _binding(self, reply: Floats, now: Floats) -> tuple[bool, bool]:
        return self.asks(0, now[0])[1], self.asks(1, reply[1])[1]
