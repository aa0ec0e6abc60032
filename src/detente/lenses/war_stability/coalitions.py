"""Who could beat whom: coalitions, their strength and the defenders', for `war_stability`.

Plain functions on arrays; the lens, the conditions of stability and the tests call them. The
readings are those of `detente.lenses.war_stability.lens`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detente.architecture.system import Floats
from detente.arguments import real
from detente.errors import Undefined, UnknownName, UsageError

READINGS = ("star", "clique")
ALLIED = 0.5
"""Least weight that is an alliance in the reading ``clique``."""
RIVAL_MOVED = (
    "the reading 'rival' of war_stability is no lens any more: that every ally of an attacker "
    "attacks decided its results. Use the lens 'coalition', in which third states join by what "
    "states did; its margin stays as detente.lenses.war_stability.rival_margin"
)
"""Where the third reading of the first version went."""
MANY_CLIQUES = 5_000
"""Above this number `vulnerable` decides by a search that leaves out hopeless branches."""
TOLERANCE = 1e-12
"""Relative difference of strengths below which an attack and a defence count as equal."""

NO_STRENGTH = "no state has any strength, so a share of all strength means nothing"

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Attack:
    """The attack that leaves a state the smallest margin.

    Attributes
    ----------
    target : int
        The state attacked.
    leader : int or None
        The state that leads; None in the reading ``clique``, whose members are equals.
    members : tuple of int
        All attackers with a part in it, the leader among them.
    attack, defence : float
        Strength of the attackers, and of the target with the allies who stand by it, in the
        unit of `strength`; the defender's advantage is not in it.
    beats : bool
        Whether the attack beats the defence at the advantage asked for.
    """

    target: int
    leader: int | None
    members: tuple[int, ...]
    attack: float
    defence: float
    beats: bool


@dataclass(frozen=True, eq=False)
class Setting:
    """Checked input: arrays over n states, and what each can bring to bear where."""

    allies: Floats
    strength: Floats
    reading: str


def critical_advantage(
    allies: ArrayLike,
    strength: ArrayLike,
    *,
    reading: str = "star",
) -> Floats:
    """Return the least defender's advantage at which each state is not vulnerable.

    Parameters
    ----------
    allies : array (n, n)
        Weight of the alliance of each pair, 0..1, symmetric, zero diagonal. In the reading
        ``clique`` a weight of at least 0.5 is an alliance and any other is none.
    strength : array (n,)
        Strength of each state, non-negative, in any unit.
    reading : str
        ``"star"`` or ``"clique"``.

    Returns
    -------
    array (n,)
        The greatest attack / defence over all coalitions; 0 where nobody can attack, infinity
        where there is an attack and no defence.

    Raises
    ------
    UsageError
        If an array has the wrong shape or a value that the formula does not admit.
    """
    return _critical(_checked(allies, strength, reading))


def vulnerable(
    allies: ArrayLike,
    strength: ArrayLike,
    advantage: float,
    reading: str = "star",
) -> Bools:
    """Return which states some coalition beats: attack > advantage * defence, strictly.

    Strengths that differ by a relative 1e-12 or less are equal, and equality is no victory.
    Arguments and errors are those of `critical_advantage`; `advantage` is positive.
    """
    gamma = checked_advantage(advantage)
    return _vulnerable(_checked(allies, strength, reading), gamma)


def margin(
    allies: ArrayLike,
    strength: ArrayLike,
    advantage: float,
    reading: str = "star",
) -> Floats:
    """Return min over coalitions of (advantage * defence - attack) / sum of strengths.

    Where nobody can attack: advantage * (own and allied strength) / sum of strengths. Never
    above that, so the margin is continuous when a last rival goes. Arguments and errors are
    those of `critical_advantage`; `advantage` is positive.

    Raises
    ------
    Undefined
        If nobody has any strength.
    """
    gamma = checked_advantage(advantage)
    return margins(_checked(allies, strength, reading), gamma)


def worst_attack(
    allies: ArrayLike,
    strength: ArrayLike,
    advantage: float,
    reading: str = "star",
) -> tuple[Attack | None, ...]:
    """Return, for each state, the attack that attains its margin; None if nobody can attack.

    Of several such attacks the one with the first leader (or the first clique found) is taken.
    Arguments and errors are those of `margin`.
    """
    gamma = checked_advantage(advantage)
    setting = _checked(allies, strength, reading)
    n = setting.strength.size
    lowest = np.full(n, np.inf)
    attacks: list[Attack | None] = [None] * n
    for attack, defence, admissible, groups in _tables(setting):
        gap = np.where(admissible, gamma * defence - attack, np.inf)
        for i in range(n):
            if not gap.shape[1]:
                continue
            c = int(gap[i].argmin())
            if gap[i, c] < lowest[i]:
                lowest[i] = gap[i, c]
                beats = bool(attack[i, c] > gamma * defence[i, c] * (1 + TOLERANCE))
                leader = None if groups is not None else c
                members = _members(setting, i, c) if groups is None else groups[c].copy()
                members[i] = False
                attacks[i] = Attack(
                    i,
                    leader,
                    tuple(np.flatnonzero(members).tolist()),
                    float(attack[i, c]),
                    float(defence[i, c]),
                    beats,
                )
    return tuple(attacks)


def _members(setting: Setting, i: int, j: int) -> Bools:
    """Return who takes part when j leads against i."""
    part: Bools = setting.allies[j] > 0
    part[j] = True
    return part


def _tables(
    setting: Setting,
) -> Iterator[tuple[Floats, Floats, Bools, Bools | None]]:
    """Yield attack, defence and who may attack whom, (n, c) each, and the coalitions (c, n).

    Column j is the coalition that j leads (coalitions: None), or the j-th clique of a chunk.
    """
    w, m = setting.allies, setting.strength
    n = m.size
    if setting.reading == "star":
        b = w + np.eye(n)
        # Written so that no defence is a difference: s_i - K_ij + M_i B_ij in other words.
        defence = m[:, None] + (w * m) @ (1 - b)
        yield b @ m - m[:, None] * b, defence, ~np.eye(n, dtype=np.bool_), None
    else:
        cliques = maximal_cliques(w)
        for at in range(0, len(cliques), 2048):
            c = cliques[at : at + 2048]
            everyone = np.ones((n, len(c)), dtype=np.bool_)
            defence = m[:, None] + (w * m) @ (1.0 - c.T)
            yield c @ m - m[:, None] * c.T, defence, everyone, c


def maximal_cliques(allied: Floats) -> Bools:
    """Return all maximal cliques as a table of members (c, n).

    Those of the graph without a state are among these without that state, next to some that
    are not maximal and do no harm.
    """
    from detente.lenses.war_stability.cliques_kernel import (
        NO_LIMIT,
        CliqueValues,
        everyone,
        pack,
        search,
        unpack,
    )

    n = len(allied)
    sets = pack(allied > 0)
    no_values = CliqueValues(np.zeros(n), np.zeros((n, n)), np.zeros(n), np.zeros(n))
    room, count = 0, MANY_CLIQUES
    while room < count:
        cliques = np.zeros((count, sets.shape[1]), dtype=np.uint64)
        room = count
        count = search(sets, everyone(n), no_values, False, cliques, NO_LIMIT)
    return unpack(cliques[:count], n)


def _clique_values(w: Floats, m: Floats, advantage: float) -> tuple[Floats, Floats]:
    """Return attack - advantage * defence of no coalition (n,), and what each adds (n, n)."""
    add = m[:, None] * (1 + advantage * w)
    np.fill_diagonal(add, 0.0)
    return -advantage * (m + w @ m), add


def _vulnerable(setting: Setting, advantage: float) -> Bools:
    """Return who is beaten; in the reading ``clique`` without listing very many cliques."""
    bar = advantage * (1 + TOLERANCE)
    if setting.reading == "clique":
        from detente.lenses.war_stability.cliques_kernel import (
            NO_LIMIT,
            CliqueValues,
            everyone,
            pack,
            search,
        )

        # The strongest first: their cliques decide most states early.
        order = np.argsort(-setting.strength, kind="stable")
        w, m = setting.allies[np.ix_(order, order)], setting.strength[order]
        sets = pack(w > 0)
        nothing_kept = np.zeros((0, sets.shape[1]), dtype=np.uint64)
        start, add = _clique_values(w, m, bar)
        best, undecided = start.copy(), np.zeros(m.size)
        all_ = everyone(m.size)
        values = CliqueValues(start, add, best, undecided)
        count = search(sets, all_, values, False, nothing_kept, MANY_CLIQUES)
        if count > MANY_CLIQUES:
            # Every clique has a leader who is allied with all others: star is an upper bound.
            possible = _critical(replace(setting, reading="star"))[order] > bar
            undecided[(best > 0) | ~possible] = -np.inf
            search(sets, all_, values, True, nothing_kept, NO_LIMIT)
            beaten = np.empty(m.size, dtype=np.bool_)
            beaten[order] = best > 0
            return beaten
    vulnerable: Bools = _critical(setting) > bar
    return vulnerable


def _alone(setting: Setting) -> Floats:
    """Return own and allied strength of each state: its defence when nobody attacks."""
    alone: Floats = setting.strength + (setting.allies * setting.strength[None, :]).sum(axis=1)
    return alone


def _critical(setting: Setting) -> Floats:
    critical = np.zeros(setting.strength.size)
    for attack, defence, admissible, _ in _tables(setting):
        ratio = np.full(attack.shape, np.inf)
        with np.errstate(over="ignore"):  # next to nothing defends: infinity is the answer
            np.divide(attack, defence, out=ratio, where=defence > 0)
        ratio = np.where(admissible & (attack > 0), ratio, 0.0)
        np.maximum(critical, ratio.max(axis=1, initial=0.0), out=critical)
    return critical


def margins(setting: Setting, advantage: float) -> Floats:
    """Return the margin of each state, array (n,), for input that is known to be right."""
    total = setting.strength.sum()
    if total <= 0:
        raise Undefined(NO_STRENGTH)
    if setting.reading == "clique":
        from detente.lenses.war_stability.cliques_kernel import (
            NO_LIMIT,
            CliqueValues,
            everyone,
            pack,
            search,
        )

        sets = pack(setting.allies > 0)
        start, add = _clique_values(setting.allies, setting.strength, advantage)
        best = start.copy()
        nothing_kept = np.zeros((0, sets.shape[1]), dtype=np.uint64)
        values = CliqueValues(start, add, best, np.zeros(start.size))
        search(sets, everyone(start.size), values, False, nothing_kept, NO_LIMIT)
        shares: Floats = -best / total
        return shares
    margin = advantage * _alone(setting)
    for attack, defence, admissible, _ in _tables(setting):
        gap = np.where(admissible, advantage * defence - attack, np.inf)
        np.minimum(margin, gap.min(axis=1, initial=np.inf), out=margin)
    result: Floats = margin / total
    return result


def checked_advantage(advantage: float) -> float:
    """Return the defender's advantage if it is positive and finite."""
    if not (math.isfinite(real("the defender's advantage", advantage)) and advantage > 0):
        raise UsageError(f"the defender's advantage is a positive number, not {advantage}")
    return float(advantage)


def _checked(
    allies: ArrayLike,
    strength: ArrayLike,
    reading: str,
) -> Setting:
    if reading == "rival":
        raise UsageError(RIVAL_MOVED)
    if reading not in READINGS:
        raise UnknownName("reading of war_stability", reading, READINGS)
    m = np.array(strength, dtype=np.float64)
    if m.ndim != 1 or not m.size or not np.isfinite(m).all() or (m < 0).any():
        raise UsageError("strength is a row of finite, non-negative numbers, one a state")
    w = checked_square("allies", allies, m.size)
    if (w < 0).any() or (w > 1).any():
        raise UsageError("allies holds weights from 0 to 1")
    if reading == "clique":
        w = (w >= ALLIED).astype(np.float64)
    return Setting(w, m, reading)


def checked_square(name: str, given: ArrayLike, n: int, *, gaps: bool = False) -> Floats:
    """Return `given` as a symmetric (n, n) array with a zero diagonal; NaN only with `gaps`."""
    try:
        matrix = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise UsageError(f"{name} is no square array of numbers, {n} by {n}") from None
    if matrix.shape != (n, n):
        raise UsageError(f"{name} has the shape {matrix.shape}; {n} states need ({n}, {n})")
    unknown = np.isnan(matrix)
    if np.isinf(matrix).any() or (unknown.any() and not gaps):
        raise UsageError(f"{name} holds a value that is not a finite number")
    if ((matrix != matrix.T) & ~(unknown & unknown.T)).any():
        raise UsageError(f"{name} is not symmetric")
    if np.nan_to_num(np.diag(matrix)).any():
        raise UsageError(f"{name} has a diagonal that is not zero")
    return matrix
