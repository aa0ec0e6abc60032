"""The margin against coalitions that a rival leads: a variant of war stability of our own.

Jackson and Nei (2015) let anybody attack. Here a rival of the state leads those of its allies
who are not the state's allies, all of them in full, and strength may be lost with distance:

    S_i = min_j (advantage * defence(i, j) - attack(i, j)) / sum of strengths

It was a reading of the lens `war_stability`. That every ally of an attacker attacks is an
assumption which moved its results more than any other, so it is no lens any more: the lens
`coalition` lets third states join by what states did. It stays as a plain function, for the
theory of paths between architectures is stated in its terms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detente.architecture.system import Floats
from detente.arguments import real
from detente.errors import MissingData, Undefined, UsageError
from detente.lenses.war_stability.coalitions import (
    NO_STRENGTH,
    checked_advantage,
    checked_square,
)


def rival_margin(
    allies: ArrayLike,
    strength: ArrayLike,
    rivals: ArrayLike,
    *,
    advantage: float = 1.0,
    distance: ArrayLike | None = None,
    reach: float | None = None,
) -> Floats:
    """Return by how much each state and its allies withstand the worst coalition of a rival.

    Parameters
    ----------
    allies : array (n, n)
        Weight of the alliance of each pair, 0..1, symmetric, zero diagonal.
    strength : array (n,)
        Strength of each state, non-negative, in any unit.
    rivals : array (n, n)
        Positive where a pair are rivals, symmetric, zero diagonal.
    advantage : float
        How many times a unit of strength counts in defence, positive.
    distance : array (n, n), optional
        Kilometres between the capitals; read only with a `reach`.
    reach : float, optional
        Kilometres over which strength falls to 1/e of itself; None or infinity: it is the same
        everywhere.

    Returns
    -------
    array (n,)
        Smallest margin over the state's rivals, in multiples of total strength; where it has no
        rival, advantage times its own and its allies' strength, which no margin exceeds.

    Raises
    ------
    UsageError
        If an array has the wrong shape or a value that the formula does not admit.
    MissingData
        If a distance is needed and is not known; names the state.
    Undefined
        If nobody has any strength.

    Examples
    --------
    A state of strength 2 with an ally of 3 against a rival of 4:

    >>> rival_margin([[0, 1, 0], [1, 0, 0], [0, 0, 0]], [2, 3, 4],
    ...              [[0, 0, 1], [0, 0, 0], [1, 0, 0]]) * 9
    array([1., 5., 2.])
    """
    gamma = checked_advantage(advantage)
    try:
        m = np.array(strength, dtype=np.float64)
    except (TypeError, ValueError):
        m = np.empty(0)
    if m.ndim != 1 or not m.size or not np.isfinite(m).all() or (m < 0).any():
        raise UsageError("strength is a row of finite, non-negative numbers, one a state")
    w = checked_square("allies", allies, m.size)
    if (w < 0).any() or (w > 1).any():
        raise UsageError("allies holds weights from 0 to 1")
    hostile = checked_square("rivals", rivals, m.size)
    if (hostile < 0).any():
        raise UsageError("rivals holds 1 for a pair of rivals and 0 for all others")
    far = math.inf if reach is None else real("reach", reach)
    if not far > 0:
        raise UsageError(f"reach is a positive number of kilometres, not {reach}")
    km = None
    if distance is not None:
        km = checked_square("distance", distance, m.size, gaps=True)
        if (km < 0).any():
            raise UsageError("distance holds non-negative kilometres")
    elif not math.isinf(far):
        raise UsageError("a reach needs distance: kilometres between the capitals")
    if m.sum() <= 0:
        raise Undefined(NO_STRENGTH)
    names = [str(i) for i in range(m.size)]
    reaching = reaching_strength(m, km, far, tied_states(w, hostile), names)

    pledged = w * reaching
    alone = m + pledged.sum(axis=1)
    # Of the leader's allies, those attack who are not, or less, allied with the target.
    attack = reaching + ((1 - w) * reaching) @ w.T
    gap = np.where(hostile > 0, gamma * (alone[:, None] - pledged) - attack, np.inf)
    margin: Floats = np.minimum(gamma * alone, gap.min(axis=1)) / m.sum()
    return margin


def reaching_strength(
    strength: Floats,
    distance: Floats | None,
    reach: float,
    tied: NDArray[np.bool_],
    names: Sequence[str],
) -> Floats:
    """Return E[i, k] = M_k exp(-d_ik / reach), zero diagonal (Boulding 1962, exponential form)."""
    n = strength.size
    if math.isinf(reach) or distance is None:
        reaching = np.broadcast_to(strength, (n, n)).copy()
    else:
        unknown = np.isnan(distance)
        if unknown.any():
            # Who has no tie, and who has nothing to bring, needs no place on the map.
            needed = unknown & tied[:, None] & tied[None, :] & (strength > 0)[None, :]
            np.fill_diagonal(needed, False)
            if needed.any():
                lacks = int((needed.sum(axis=0) + needed.sum(axis=1)).argmax())
                raise MissingData(
                    f"the margin needs the distances of state '{names[lacks]}' and they are "
                    "not known. Give the place of its capital, or switch the loss of strength "
                    "with distance off: reach = inf"
                )
        reaching = strength[None, :] * np.exp(-np.where(unknown, 0.0, distance) / reach)
    np.fill_diagonal(reaching, 0.0)
    return reaching


def tied_states(allies: Floats, rivals: Floats) -> NDArray[np.bool_]:
    """Return who has an ally or a rival: whose place on the map matters."""
    reaching: NDArray[np.bool_] = (allies + rivals).sum(axis=1) > 0
    return reaching
