"""Bueno de Mesquita's expected-utility model of group decisions, and the two plain answers.

References
----------
Bueno de Mesquita, B. (1994), Political forecasting, in Bueno de Mesquita & Stokman (eds),
European Community Decision Making, Yale, 71-104; (1997), International Interactions 23, 235-266.
Scholz, J. B., Calbert, G. J. & Smith, G. A. (2011), Unravelling Bueno de Mesquita's group
decision model, Journal of Theoretical Politics 23(4), 510-531, whose reading is ``"scholz"``.

Status: checked, not verified: of the published rounds the second median is not met (9.9
published, 9.6 here), nor is the stabilised 9.05. On the one case with a known outcome (8.833) the
medians wander between 7 and 9.96 and stand at 7.0 after ten rounds; the plain weighted mean of
the start, 7.39, is nearer than that, than the starting median (7) and than the spatial model
(5.99). Some rounds on the way are nearer still, but nothing in the model says to stop at them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from detente.architecture.system import Floats, Ints
from detente.errors import Undefined, UsageError
from detente.settlement.arguments import choice, vector

VARIANTS = {
    "scholz": ("all", "authors"),
    "pair": ("pair", "authors"),
    "least_move": ("all", "least_move"),
    "pair_least_move": ("pair", "least_move"),
}
"""Where descriptions disagree: the denominator of P, and which compromise an actor takes."""


class GroupDecision(NamedTuple):
    """Rounds of the group decision; index 0 is the start.

    Attributes
    ----------
    median : array (rounds + 1,)
        Median position, weighed by capability times salience.
    mean : array (rounds + 1,)
        Mean position, weighed likewise: the plain answer that stands beside the model.
    position : array (rounds + 1, n)
        Where each actor stands, in the unit of the input.
    danger : array (n,)
        Sum of what the others expect of challenging each actor, at the start.
    exponent : array (n,)
        Risk exponent r of each actor at the start, 1/2 (acceptant) to 2 (averse).
    victory : array (n, n)
        Probability P that the row's position prevails over the column's at the start, all r = 1.
    challenge : array (n, n)
        What the row expects of challenging the column at the start, all r = 1.
    settled : int or None
        First round in which nobody moved; None if somebody moved to the last.
    """

    median: Floats
    mean: Floats
    position: Floats
    danger: Floats
    exponent: Floats
    victory: Floats
    challenge: Floats
    settled: int | None


def group_decision(
    position: ArrayLike,
    salience: ArrayLike,
    capability: ArrayLike,
    *,
    variant: str = "scholz",
    rounds: int = 10,
) -> GroupDecision:
    """Play the rounds of challenges and offers among actors on one line.

    Parameters
    ----------
    position : array_like (n,)
        Where each actor stands, in any unit.
    salience : array_like (n,)
        How much each actor cares, above 0 and at most 1.
    capability : array_like (n,)
        What each actor can bring to bear, above 0.
    variant : str
        ``"scholz"``: the probability of prevailing is divided by all votes on all pairs, and
        among compromises an actor takes the one with the least weighted point, as in the authors'
        program. ``"pair"``: divided by the votes on the pair alone, so that P_ij + P_ji = 1.
        ``"least_move"``: an actor takes the compromise that moves it least.
        ``"pair_least_move"``: both.
    rounds : int
        How many; no convergence is promised.

    Raises
    ------
    Undefined
        If all actors stand at one point, or all are in equal danger: the risks are 0/0.
    """
    denominator, compromise = VARIANTS[choice("variant", variant, tuple(VARIANTS))]
    where = np.array(position, np.float64)
    if where.ndim != 1 or len(where) < 2:
        raise UsageError("position must be a list of at least two numbers")
    n = len(where)
    where = vector("position", where, n)
    cares = vector("salience", salience, n, low=0, high=1)
    weight = vector("capability", capability, n, low=0) * cares
    for name, values in (("salience", cares), ("capability", weight)):
        if (values == 0).any():
            raise Undefined(
                f"{name} of actor {', '.join(map(str, np.flatnonzero(values == 0)))} is zero: "
                "the model divides by what an actor brings; leave it out",
                state=str(np.flatnonzero(values == 0)[0]),
            )
    if isinstance(rounds, bool) or not isinstance(rounds, int) or rounds < 0:
        raise UsageError("rounds must be a whole number, at least 0")
    span = float(where.max() - where.min())
    if span == 0:
        raise Undefined("all actors stand at one point: distances are 0/0, and nothing is open")
    game = _Game(weight, cares, span, denominator, compromise)
    danger, exponent, victory, challenge = game.risks(where)
    path, settled = [where], None
    for step in range(1, rounds + 1):
        try:
            exponents = exponent if step == 1 else game.risks(path[-1])[1]
        except Undefined:  # all are equally safe where they stand now: nobody has a reason to move
            moved = path[-1]
        else:
            moved = game.move(path[-1], exponents)
        if settled is None and np.array_equal(moved, path[-1]):
            settled = step
        path.append(moved)
    positions = np.array(path)
    return GroupDecision(
        np.array([weighted_median(row, weight) for row in positions]),
        positions @ weight / weight.sum(),
        positions,
        danger,
        exponent,
        victory,
        challenge,
        settled,
    )


def weighted_median(position: Floats, weight: Floats) -> float:
    """Return the position with the least weighted distance to all; of equals the lower."""
    order = np.argsort(position, kind="stable")
    below = np.cumsum(weight[order])
    return float(position[order][np.searchsorted(below, below[-1] / 2 * (1 - 1e-12))])


def plain_answers(positions: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return weighted median and mean (turns, D) of positions (turns, n, D).

    A dimension to which nobody gives weight has neither: NaN.
    """
    heard = weights.sum(axis=0) > 0
    mean = (positions * weights).sum(axis=1) / np.where(heard, weights.sum(axis=0), 1.0)
    mean[:, ~heard] = np.nan
    median = np.full_like(mean, np.nan)
    for d in np.flatnonzero(heard):
        median[:, d] = [weighted_median(row[:, d], weights[:, d]) for row in positions]
    return median, mean


class _Game:
    """One round of the model, for fixed weights."""

    def __init__(
        self, weight: Floats, cares: Floats, span: float, denominator: str, compromise: str
    ) -> None:
        self.weight, self.cares, self.span = weight, cares, span
        self.denominator, self.compromise = denominator, compromise

    def victory(self, apart: Floats, exponent: Floats) -> Floats:
        """Return P_ij; `apart` are the distances as shares of the range."""
        near = apart ** exponent[:, None]  # [k, j]: k's loss when j's position prevails
        vote = self.weight[:, None, None] * (near[:, None, :] - near[:, :, None])
        favour = np.maximum(vote, 0).sum(axis=0)
        if self.denominator == "all":
            total: Floats = np.full_like(favour, np.abs(vote).sum())
        else:
            total = np.abs(vote).sum(axis=0)
        share: Floats = np.divide(favour, total, out=np.zeros_like(favour), where=total > 0)
        return np.where(apart == 0, 0.0, share)

    def challenge(self, apart: Floats, victory: Floats, exponent: Floats) -> Floats:
        """Return EU[h, i, j]: what i expects of challenging j, by the exponent of observer h."""
        r = exponent[:, None, None]
        gain = 2 - 4 * (0.5 - 0.5 * apart) ** r
        loss = 2 - 4 * (0.5 + 0.5 * apart) ** r
        stay = 2 - 4 * 0.5**r
        cares = self.cares[None, None, :]
        values: Floats = cares * (victory * gain + (1 - victory) * loss) + (1 - cares) * gain - stay
        return values

    def risks(self, position: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Return dangers, risk exponents, P and EU, the latter two with all exponents 1."""
        apart = np.abs(position[:, None] - position[None, :]) / self.span
        neutral = np.ones(len(position))
        victory = self.victory(apart, neutral)
        expected = self.challenge(apart, victory, neutral[:1])[0]
        danger = expected.sum(axis=0) - np.diag(expected)
        low, high = danger.min(), danger.max()
        if high - low <= 1e-12:
            raise Undefined("all actors are in equal danger: the risk exponents are 0/0")
        aversion = (2 * danger - high - low) / (high - low)
        return danger, (1 - aversion / 3) / (1 + aversion / 3), victory, expected

    def move(self, position: Floats, exponent: Floats) -> Floats:
        """Return the positions after everybody has taken its best offer."""
        apart = np.abs(position[:, None] - position[None, :]) / self.span
        expected = self.challenge(apart, self.victory(apart, exponent), exponent)
        n = len(position)
        moved = position.copy()
        for i in range(n):
            own, theirs = expected[i, i, :], expected[i, :, i]
            moved[i] = self._taken(i, position, own, theirs)
        return moved

    def _taken(self, i: int, position: Floats, own: Floats, theirs: Floats) -> float:
        """Return the new position of i; ties go to the lower position, then the lower index."""
        others = np.arange(len(position)) != i
        confronted = np.flatnonzero(others & (theirs > own) & (own > 0))
        if confronted.size:
            return self._nearest(i, position, confronted)
        hopeful = others & (own < 0) & (theirs > 0)
        meets = np.flatnonzero(hopeful & (theirs > -own))
        if meets.size:
            a, b = np.abs(own[meets]), theirs[meets]
            target = position[i] + (position[meets] - position[i]) * (a / b)
            if self.compromise == "authors":
                cost = (a * position[i] + b * position[meets]) / (a + b)
            else:
                cost = np.abs(target - position[i])
            return float(target[np.lexsort((meets, target, cost))[0]])
        yields = np.flatnonzero(hopeful & (theirs < -own))
        return self._nearest(i, position, yields) if yields.size else float(position[i])

    @staticmethod
    def _nearest(i: int, position: Floats, among: Ints) -> float:
        target = position[among]
        best = np.lexsort((among, target, np.abs(target - position[i])))[0]
        return float(target[best])
