"""KTAB's spatial model of politics: who challenges whom, what they agree on, where all end.

References
----------
Wise, B., Lester, L. & Efird, B. (2015), An Introduction to the KAPSARC Toolkit for Behavioral
Analysis (KTAB); the program's own reference runs of 30 May 2017.

Status: verified. The first reference run comes out to the printed digits, positions and
probabilities of every turn.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from detente.architecture.system import Floats
from detente.errors import Undefined, UsageError
from detente.settlement.arguments import choice
from detente.settlement.groups.condorcet_model import (
    RISKS,
    TINY,
    actors,
    attitudes,
    distances,
    first_appearance,
    probabilities,
    utilities,
    victories,
    votes,
)
from detente.settlement.groups.group_model import plain_answers

ADJUSTMENTS = {
    "none": (1.0, 0.0),
    "one_third": (2 / 3, 1 / 3),
    "half": (0.5, 0.5),
    "two_thirds": (1 / 3, 2 / 3),
    "full": (0.0, 1.0),
}
"""How an actor sees another's risk attitude: shares of its own attitude and of the other's."""

COMMITMENTS = ("none", "semi", "full")
"""Whether a third party shares the fate of the side that it joins."""

SAME = 1e-3
"""Distance below which two positions count as one when outcomes are reported."""

LEAST_GAIN = 1e-5
"""What a challenge must promise to be made."""

SCALE = 100.0
"""Sum to which the influence of all actors is brought, so that its unit does not matter."""

STILL = 0.02
"""Share of the first turn's movement below which the run stops."""


class Bargain(NamedTuple):
    """One challenge and what would come of it.

    Attributes
    ----------
    turn : int
        Turn in which it is struck, from 1.
    initiator, target : int
        Index of the actor who challenges, and of the one challenged.
    probability : float
        Chance that the initiator prevails, as it sees it itself.
    gain : float
        What the initiator expects of the challenge.
    initiator_position, target_position : array (D,)
        Where each would move; the two may differ a little.
    """

    turn: int
    initiator: int
    target: int
    probability: float
    gain: float
    initiator_position: Floats
    target_position: Floats


class SpatialRun(NamedTuple):
    """A run of the model; index 0 is the start.

    Attributes
    ----------
    position : array (turns + 1, n) or (turns + 1, n, D)
        Where each actor stands.
    probability : array (turns + 1, n)
        Probability of each actor's position as the outcome; actors at one position share one
        probability, so that a row may sum to more than 1.
    bargains : tuple of tuple of Bargain
        The bargains of each turn.
    risk : array (turns + 1, n)
        Risk attitude of each actor.
    median, mean : array (turns + 1,) or (turns + 1, D)
        Weighted median and mean of the positions (influence times salience): the plain answers.
    stopped : str
        Why the run ended: ``"still"``, ``"turns"`` or ``"together"`` (the risks became 0/0).
    """

    position: Floats
    probability: Floats
    bargains: tuple[tuple[Bargain, ...], ...]
    risk: Floats
    median: Floats
    mean: Floats
    stopped: str


def spatial(
    position: ArrayLike,
    salience: ArrayLike,
    influence: ArrayLike,
    *,
    turns: int = 100,
    risk_range: str = "mid",
    adjust: str = "one_third",
    commitment: str = "semi",
) -> SpatialRun:
    """Play turns of challenges and bargains among actors in a space of issues.

    KTAB's defaults throughout: proportional votes, linear victory, conditional outcomes, bargains
    as the initiator sees them, each actor takes its most probable bargain.

    Parameters
    ----------
    position : array_like (n,) or (n, D)
        Where each actor stands, 0 to 1.
    salience : array_like (n,) or (n, D)
        How much each actor cares, 0 to 1, at most 1 in sum over the dimensions.
    influence : array_like (n,)
        Weight of each actor, in any unit.
    turns : int
        The most turns; a run stops earlier when the actors all but stand still.
    risk_range : str
        ``"mid"`` (-1/2 to 1), ``"max"`` (-1 to 1) or ``"min"`` (0 to 1).
    adjust : str
        How far an actor goes from its own risk attitude to another's when it judges the other:
        ``"none"``, ``"one_third"``, ``"half"``, ``"two_thirds"`` or ``"full"``.
    commitment : str
        ``"semi"``: a third party loses its own position if the side that it joined loses.
        ``"full"``: its position is lost with the contest whoever wins. ``"none"``: it is kept.

    Raises
    ------
    Undefined
        If an actor cares about nothing, or all positions are equally probable (0/0).

    Notes
    -----
    The compiled kernel is `spatial_kernel`; its plain twin `spatial_plain` gives the same run.
    """
    from detente.settlement.groups.spatial_kernel import play_turn

    where, cares, weight = actors(position, salience, influence, high=1)
    total = cares.sum(axis=1)
    greedy = np.flatnonzero(total > 1 + 1e-9)
    if greedy.size:
        raise UsageError(
            f"saliences of actor {', '.join(map(str, greedy))} sum to more than 1: they are "
            "shares of its attention"
        )
    # The tiny constants of the votes are absolute; a fixed scale keeps them from deciding a turn.
    weight = weight * (SCALE / weight.sum())
    choice("risk_range", risk_range, RISKS)
    own, other = ADJUSTMENTS[choice("adjust", adjust, tuple(ADJUSTMENTS))]
    loyal = COMMITMENTS.index(choice("commitment", commitment, COMMITMENTS))
    if isinstance(turns, bool) or not isinstance(turns, int) or turns < 0:
        raise UsageError("turns must be a whole number, at least 0")
    risk = risks(where, cares, weight, risk_range)
    path, attitude = [where], [risk]
    struck: list[tuple[Bargain, ...]] = []
    first, stopped = 0.0, "turns"
    for turn in range(1, turns + 1):
        moved, bargain_rows = play_turn(path[-1], cares, weight, attitude[-1], own, other, loyal)
        struck.append(_bargains(turn, bargain_rows))
        path.append(moved)
        shift = float(np.sqrt(((moved - path[-2]) ** 2).sum(axis=1)).sum())
        first = shift if turn == 1 else first
        try:
            attitude.append(risks(moved, cares, weight, risk_range))
        except Undefined:
            attitude.append(np.zeros(len(where)))
            stopped = "together"
            break
        if turn >= 2 and shift < STILL * (first + 1e-4):
            stopped = "still"
            break
    return _run(path, attitude, struck, cares, weight, np.ndim(position) == 1, stopped)


def risks(where: Floats, cares: Floats, weight: Floats, span: str) -> Floats:
    """Return the risk attitudes from how probable each actor's position is without risk."""
    utility = utilities(distances(where, cares, where), np.zeros(len(where)))
    victory = victories(votes(weight, utility, "proportional"), 1, TINY)
    return attitudes(probabilities(victory, "conditional"), span)


def outcome(where: Floats, cares: Floats, weight: Floats, risk: Floats) -> Floats:
    """Return the probability of each actor's position; near positions count as one."""
    place: list[int] = []
    kept: list[int] = []
    for i in first_appearance(where):
        if all(np.linalg.norm(where[i] - where[k]) >= SAME for k in kept):
            kept.append(i)
    for row in where:
        place.append(int(np.argmin([np.linalg.norm(row - where[k]) for k in kept])))
    utility = utilities(distances(where, cares, where[kept]), risk)
    victory = victories(votes(weight, utility, "proportional"), 1, TINY)
    shares: Floats = probabilities(victory, "conditional")[place]
    return shares


def _bargains(turn: int, bargain_rows: Floats) -> tuple[Bargain, ...]:
    depth = (bargain_rows.shape[1] - 4) // 2
    return tuple(
        Bargain(
            turn, int(row[0]), int(row[1]), float(row[2]), float(row[3]),
            row[4 : 4 + depth], row[4 + depth :],
        )
        for row in bargain_rows
    )  # fmt: skip


def _run(
    path: list[Floats],
    attitude: list[Floats],
    struck: list[tuple[Bargain, ...]],
    cares: Floats,
    weight: Floats,
    flat: bool,
    stopped: str,
) -> SpatialRun:
    positions = np.array(path)
    median, mean = plain_answers(positions, weight[:, None] * cares)
    return SpatialRun(
        positions[:, :, 0] if flat else positions,
        np.array([outcome(w, cares, weight, r) for w, r in zip(path, attitude, strict=True)]),
        tuple(struck),
        np.array(attitude),
        median[:, 0] if flat else median,
        mean[:, 0] if flat else mean,
        stopped,
    )
