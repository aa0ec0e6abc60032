"""One turn of the spatial model in plain arrays: the twin of `spatial_kernel`."""

from __future__ import annotations

import numpy as np

from detente.architecture.system import Floats
from detente.settlement.groups.condorcet_model import (
    TINY,
    distances,
    probabilities,
    utilities,
    victories,
    votes,
)

CONTEST_TINY = 1e-10  # added to both sides of a challenge
BARGAIN_TINY = 1e-6  # added to the weight of whoever moves, in its own formula
LEAST_GAIN = 1e-5  # what a challenge must promise to be made
TIE = 1e-12  # differences below it are rounding: the first of equals is taken


def play_turn(
    where: Floats,
    cares: Floats,
    weight: Floats,
    risk: Floats,
    own: float,
    other: float,
    loyal: int,
) -> tuple[Floats, Floats]:
    """Return the positions after a turn, and the bargains of it.

    A bargain is a row: initiator, target, probability, gain, and the two positions.
    """
    n, depth = where.shape
    total = cares.sum(axis=1)
    apart = distances(where, cares, where)
    challenges = []
    for i in range(n):
        seen = utilities(apart, other * risk + own * risk[i])
        best, chance, gain = -1, 0.0, 0.0
        for j in range(n):
            if j != i:
                p = prevails(seen, weight * total, i, j, loyal)
                value = expected(seen, total, i, j, p)
                if value > LEAST_GAIN and value > gain + TIE:
                    best, chance, gain = j, p, value
        if best >= 0:
            challenges.append([i, best, chance, gain, *settle_on(where, cares, i, best, chance)])
    bargains = np.array(challenges).reshape(len(challenges), 4 + 2 * depth)
    return choose(where, cares, weight, risk, bargains), bargains


def prevails(seen: Floats, strength: Floats, i: int, j: int, loyal: int) -> float:
    """Return the chance that i prevails over j, given everybody's utilities as i sees them."""
    base_i = base_j = CONTEST_TINY
    for own_vote in (
        strength[i] * (seen[i, i] - seen[i, j]),
        strength[j] * (seen[j, i] - seen[j, j]),
    ):
        base_i, base_j = base_i + max(own_vote, 0.0), base_j + max(-own_vote, 0.0)
    side_i, side_j = base_i, base_j
    for n in range(len(seen)):
        if n in (i, j):
            continue
        for_i, for_j, itself = seen[n, i], seen[n, j], seen[n, n]
        plain = strength[n] * (for_i - for_j)
        with_i, with_j = base_i + max(plain, 0.0), base_j + max(-plain, 0.0)
        p = with_i / (with_i + with_j)
        # Utilities of the three positions (i's, j's and its own) after a victory and a defeat.
        kept_i = for_j if loyal else itself  # own position after joining i and losing
        kept_j = for_i if loyal else itself
        won_i = for_i if loyal == 2 else itself
        won_j = for_j if loyal == 2 else itself
        join_i = p * (2 * for_i + won_i) + (1 - p) * (2 * for_j + kept_i)
        join_j = p * (2 * for_i + kept_j) + (1 - p) * (2 * for_j + won_j)
        vote = strength[n] * (join_i - join_j)
        side_i, side_j = side_i + max(vote, 0.0), side_j + max(-vote, 0.0)
    return float(side_i / (side_i + side_j))


def expected(seen: Floats, total: Floats, i: int, j: int, p: float) -> float:
    """Return what i gains by challenging j, with chance p to prevail."""
    won, stay, lost = 2 * seen[i, i], seen[i, i] + seen[i, j], 2 * seen[i, j]
    return float((1 - total[j]) * won + total[j] * (p * won + (1 - p) * lost) - stay)


def settle_on(where: Floats, cares: Floats, i: int, j: int, p: float) -> list[float]:
    """Return where i and j would move, rounded to four decimals, half up."""
    weight_i, weight_j = (cares[i] * p) ** 2, (cares[j] * (1 - p)) ** 2
    whole = weight_i + BARGAIN_TINY + weight_j
    to_i = ((weight_i + BARGAIN_TINY) * where[i] + weight_j * where[j]) / whole
    to_j = (weight_i * where[i] + (weight_j + BARGAIN_TINY) * where[j]) / whole
    return [float(x) for x in np.floor(np.concatenate([to_i, to_j]) * 1e4 + 0.5) / 1e4]


def choose(where: Floats, cares: Floats, weight: Floats, risk: Floats, bargains: Floats) -> Floats:
    """Return the positions after each actor has taken its most probable option."""
    moved = where.copy()
    for k in range(len(where)):
        options, chances = options_of(k, where, cares, weight, risk, bargains)
        moved[k] = options[int(np.argmax(chances > chances.max() - TIE))][k]
    return moved


def options_of(
    k: int, where: Floats, cares: Floats, weight: Floats, risk: Floats, bargains: Floats
) -> tuple[list[Floats], Floats]:
    """Return the positions of all after each of an actor's options, and the options' chances.

    The first is to keep everything; then its bargains in the order of their initiators.
    """
    depth = where.shape[1]
    options = [where]
    for row in bargains:
        i, j = int(row[0]), int(row[1])
        if k in (i, j):
            after = where.copy()
            after[i], after[j] = row[4 : 4 + depth], row[4 + depth :]
            options.append(after)
    utility = np.empty((len(where), len(options)))
    for a, after in enumerate(options):
        utility[:, a] = utilities(distances(where, cares, after), risk).mean(axis=1)
    victory = victories(votes(weight, utility, "proportional"), 1, TINY)
    return options, probabilities(victory, "conditional")
