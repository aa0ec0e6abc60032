"""The probabilistic Condorcet election: how likely each option beats the others.

References
----------
Wise, B. & Bankes, S., Non-spatial Probabilistic Condorcet Election Methodology, arXiv
1505.02509; Wise, B., Lester, L. & Efird, B. (2015), KAPSARC Toolkit for Behavioral Analysis.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from detente.architecture.system import Floats
from detente.errors import Undefined, UsageError
from detente.settlement.arguments import choice, matrix, share, vector
from detente.settlement.groups.group_model import plain_answers

TINY = 1e-8
"""Added to the strength of every coalition, so that two empty ones are even."""

VOTES = (
    "proportional",
    "binary",
    "clipped",
    "cubic",
    "proportional_binary",
    "proportional_cubic",
    "asymmetric",
)
"""How a difference of utilities becomes a vote."""

OUTCOMES = ("conditional", "markov")
"""How pairwise victories become probabilities of the options."""

RISKS = ("mid", "max", "min")
"""Ranges of the risk attitude: [-1/2, 1], [-1, 1] and [0, 1]."""


class Election(NamedTuple):
    """Probabilities of the options.

    Attributes
    ----------
    options : array (m,) or (m, D)
        The distinct positions, in order of first appearance.
    probability : array (m,)
        Probability of each; sums to 1.
    victory : array (m, m)
        Probability that the row's option beats the column's; 1/2 on the diagonal.
    median, mean : array () or (D,)
        Weighted median and mean of the positions (influence times salience): the plain answers.
        On the one published case with a known outcome, 8.83 years, the mean is 7.39; the group
        decision model ends at 7.0 and the spatial model at 5.99.
    """

    options: Floats
    probability: Floats
    victory: Floats
    median: Floats
    mean: Floats


def condorcet(
    position: ArrayLike,
    salience: ArrayLike,
    influence: ArrayLike,
    *,
    risk: ArrayLike | None = None,
    vote: str = "proportional",
    power: float = 2,
    outcome: str = "conditional",
) -> Election:
    """Return how probable each of the actors' positions is as the outcome.

    The vote of actor k for a over b is w_k (u_ka - u_kb), with u = (1 - d)(1 + R d) of the
    distance d; a coalition C_ab is the sum of the votes for a, and a wins against b with
    C_ab^p / (C_ab^p + C_ba^p). The vote weighs by influence alone: whoever wants influence times
    salience passes that product.

    Parameters
    ----------
    position : array_like (n,) or (n, D)
        Where each actor stands; where two are further apart than 1, distances are taken as
        shares of the greatest.
    salience : array_like (n,) or (n, D)
        How much each actor cares about each dimension, at least 0.
    influence : array_like (n,)
        Weight of each actor's vote, at least 0.
    risk : array_like (n,) or float, optional
        R of each actor, or of all, -1 (averse) to 1 (acceptant); 0 if not given.
    vote : str
        One of `VOTES`.
    power : float
        p: 1 linear, 2 square, 4 quartic, 8 octic.
    outcome : str
        ``"conditional"``: q_a proportional to the product of its victories. ``"markov"``: the
        stationary distribution in which a challenger drawn at random replaces the incumbent with
        the probability that it beats it.

    Raises
    ------
    UsageError
        If an argument is of the wrong length or beyond its bounds.
    Undefined
        If an actor cares about nothing.
    """
    where, cares, weight = actors(position, salience, influence)
    choice("vote", vote, VOTES)
    choice("outcome", outcome, OUTCOMES)
    power = share("power", power, low=1e-9, high=64)
    distinct = first_appearance(where)
    options = where[distinct]
    apart = distances(where, cares, options)
    apart /= max(1.0, apart.max())  # years or percent: shares of the greatest distance
    attitude = np.zeros(len(where))
    if risk is not None:
        attitudes_given = np.broadcast_to(risk, len(where)) if np.ndim(risk) == 0 else risk
        attitude = vector("risk", attitudes_given, len(where), low=-1, high=1)
    victory = victories(votes(weight, utilities(apart, attitude), vote), power, TINY)
    flat = np.ndim(position) == 1
    median, mean = plain_answers(where[None], weight[:, None] * cares)
    return Election(
        options[:, 0] if flat else options,
        probabilities(victory, outcome),
        victory,
        median[0, 0] if flat else median[0],
        mean[0, 0] if flat else mean[0],
    )


def actors(
    position: ArrayLike, salience: ArrayLike, influence: ArrayLike, *, high: float = np.inf
) -> tuple[Floats, Floats, Floats]:
    """Return positions and saliences as (n, D) and influence as (n,), checked together."""
    low = 0.0 if np.isfinite(high) else -np.inf
    where = matrix("position", position, low=low, high=high)
    cares = matrix("salience", salience, low=0, high=high)
    if cares.shape != where.shape:
        raise UsageError(
            f"salience must have the shape of position, {where.shape}, not {cares.shape}"
        )
    weight = vector("influence", influence, len(where), low=0)
    if not weight.any():
        raise Undefined("nobody has influence: every vote is empty")
    careless = np.flatnonzero(cares.sum(axis=1) == 0)
    if careless.size:
        raise Undefined(
            f"all saliences of actor {', '.join(map(str, careless))} are zero: its distances are "
            "0/0. Leave it out, or give it a salience",
            state=str(careless[0]),
        )
    return where, cares, weight


def first_appearance(where: Floats) -> list[int]:
    """Return the indices of the distinct rows, in order of first appearance."""
    seen: dict[tuple[float, ...], int] = {}
    for k, row in enumerate(where):
        seen.setdefault(tuple(row), k)
    return list(seen.values())


def distances(where: Floats, cares: Floats, options: Floats) -> Floats:
    """Return how far each option is for each actor, weighed by the actor's own saliences."""
    apart = cares[:, None, :] * (where[:, None, :] - options[None, :, :])
    lengths: Floats = np.sqrt((apart**2).sum(axis=2) / (cares**2).sum(axis=1)[:, None])
    return lengths


def utilities(apart: Floats, attitude: Floats) -> Floats:
    """Return (1 - d)(1 + R d); beyond d = 1, where only rounding leads, (1 - d)(1 + R)."""
    values: Floats = (1 - apart) * (1 + attitude[:, None] * np.minimum(apart, 1.0))
    return values


def votes(weight: Floats, utility: Floats, vote: str) -> Floats:
    """Return the vote of each actor for each option over each other: (n, m, m)."""
    gain = utility[:, :, None] - utility[:, None, :]
    w = weight[:, None, None]
    if vote == "proportional":
        return w * gain
    if vote == "binary":
        return w * np.sign(gain)
    if vote == "clipped":
        return w * np.clip(gain / 1e-8, -1, 1)
    if vote == "cubic":
        return w * gain**3
    if vote == "proportional_binary":
        return w * (0.8 * gain + 0.2 * np.sign(gain))
    if vote == "proportional_cubic":
        return w * (0.5 * gain + 0.5 * gain**3)
    return w * np.where(gain < 0, gain, 2 * gain / 3)


def victories(vote: Floats, power: float, tiny: float) -> Floats:
    """Return the probability that each option beats each other."""
    strength = np.maximum(vote, 0).sum(axis=0) + tiny
    strength = (strength / np.maximum(strength, strength.T)) ** power  # no power overflows
    chances: Floats = strength / (strength + strength.T)
    return chances


def probabilities(victory: Floats, outcome: str) -> Floats:
    """Return the probability of each option from the pairwise ones."""
    m = len(victory)
    if outcome == "conditional":
        # The diagonal is 1/2 for every option alike, and cancels.
        chances = np.log(np.maximum(victory, np.finfo(np.float64).tiny)).sum(axis=1)
        product = np.exp(chances - chances.max())
        shares: Floats = product / product.sum()
        return shares
    chain = victory.T / m  # from the incumbent (row) to the challenger (column)
    np.fill_diagonal(chain, 0.0)
    np.fill_diagonal(chain, 1 - chain.sum(axis=1))
    system = np.vstack([chain.T - np.eye(m), np.ones(m)])
    stationary: Floats = np.linalg.lstsq(system, np.append(np.zeros(m), 1.0), rcond=None)[0]
    return stationary


def attitudes(probability: Floats, span: str) -> Floats:
    """Return the risk attitude of each actor from the probability of its position.

    Raises
    ------
    Undefined
        If all positions are equally probable: the formula is 0/0.
    """
    low, high = probability.min(), probability.max()
    if high - low <= 1e-12:
        raise Undefined(
            "all positions are equally probable (all actors stand at one point, or are alike): "
            "the risk attitudes are 0/0"
        )
    if span == "mid":
        values: Floats = (3 * probability - high - 2 * low) / (2 * (high - low))
    elif span == "max":
        values = (2 * probability - high - low) / (high - low)
    else:
        values = (probability - low) / (high - low)
    return values
