"""War stability: could a coalition of allies beat this state and those who stand by it?

Jackson and Nei (2015) call a state vulnerable when a coalition that can act together is
stronger than the state with its remaining allies, the defender's strength counted `advantage`
times. Three readings of "can act together":

rival (ours)
    A rival of the state leads those of its allies who are not the state's allies.
star (the printed article, as far as we can infer)
    Any other state leads its allies, the target's own allies among them.
clique (the draft of February 2014)
    The members of the coalition are all allied with one another.

Formulas, numbers reproduced and what is not known: ``docs/lenses/war_stability.md``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detente.architecture.system import Floats, Moves, System
from detente.errors import MissingData, Undefined, UnknownName, UsageError
from detente.lenses.protocol import Lens, Parameter, Screen, Values

if TYPE_CHECKING:
    from detente.lenses.war_stability_kernel import Verdicts

READINGS = ("rival", "star", "clique")
TOLERANCE = 1e-12
"""Relative difference of strengths below which an attack and a defence count as equal."""

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
class _Setting:
    """Checked input: arrays over n states, and what each can bring to bear where."""

    allies: Floats
    strength: Floats
    reading: str
    rivals: Floats
    reaching: Floats  # E[i, k]: strength of k at the place of i, zero diagonal; rival only


def critical_advantage(
    allies: ArrayLike,
    strength: ArrayLike,
    *,
    reading: str = "star",
    rivals: ArrayLike | None = None,
    distance: ArrayLike | None = None,
    reach: float | None = None,
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
        ``"star"``, ``"clique"`` or ``"rival"``.
    rivals : array (n, n), optional
        Positive where a pair are rivals, symmetric, zero diagonal; the reading ``rival`` needs
        it, the others do not look at it.
    distance : array (n, n), optional
        Kilometres between the capitals; read only in the reading ``rival`` with a `reach`.
    reach : float, optional
        Kilometres over which strength falls to 1/e of itself (reading ``rival``); None or
        infinity: strength is the same everywhere.

    Returns
    -------
    array (n,)
        The greatest attack / defence over all coalitions; 0 where nobody can attack, infinity
        where there is an attack and no defence.

    Raises
    ------
    UsageError
        If an array has the wrong shape or a value that the formula does not admit.
    MissingData
        If a distance is needed and is not known; names the state.
    """
    return _critical(_checked(allies, strength, reading, rivals, distance, reach))


def vulnerable(
    allies: ArrayLike,
    strength: ArrayLike,
    advantage: float,
    reading: str = "star",
    *,
    rivals: ArrayLike | None = None,
    distance: ArrayLike | None = None,
    reach: float | None = None,
) -> Bools:
    """Return which states some coalition beats: attack > advantage * defence, strictly.

    Strengths that differ by a relative 1e-12 or less are equal, and equality is no victory.
    Arguments and errors are those of `critical_advantage`; `advantage` is positive.
    """
    gamma = _checked_advantage(advantage)
    setting = _checked(allies, strength, reading, rivals, distance, reach)
    out: Bools = _critical(setting) > gamma * (1 + TOLERANCE)
    return out


def margin(
    allies: ArrayLike,
    strength: ArrayLike,
    advantage: float,
    reading: str = "star",
    *,
    rivals: ArrayLike | None = None,
    distance: ArrayLike | None = None,
    reach: float | None = None,
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
    gamma = _checked_advantage(advantage)
    return _margin(_checked(allies, strength, reading, rivals, distance, reach), gamma)


def worst_attack(
    allies: ArrayLike,
    strength: ArrayLike,
    advantage: float,
    reading: str = "star",
    *,
    rivals: ArrayLike | None = None,
    distance: ArrayLike | None = None,
    reach: float | None = None,
) -> tuple[Attack | None, ...]:
    """Return, for each state, the attack that attains its margin; None if nobody can attack.

    Of several such attacks the one with the first leader (or the first clique found) is taken.
    Arguments and errors are those of `margin`.
    """
    gamma = _checked_advantage(advantage)
    setting = _checked(allies, strength, reading, rivals, distance, reach)
    n = setting.strength.size
    lowest = np.full(n, np.inf)
    out: list[Attack | None] = [None] * n
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
                out[i] = Attack(
                    i,
                    leader,
                    tuple(np.flatnonzero(members).tolist()),
                    float(attack[i, c]),
                    float(defence[i, c]),
                    beats,
                )
    return tuple(out)


def _members(setting: _Setting, i: int, j: int) -> Bools:
    """Return who takes part when j leads against i."""
    part: Bools = setting.allies[j] > 0
    if setting.reading == "rival":
        part = part & (setting.allies[i] < 1)
    part[j] = True
    return part


def _tables(
    setting: _Setting,
) -> Iterator[tuple[Floats, Floats, Bools, Bools | None]]:
    """Yield attack, defence and who may attack whom, (n, c) each, and the coalitions (c, n).

    Column j is the coalition that j leads (coalitions: None), or the j-th clique of a chunk.
    """
    w, m = setting.allies, setting.strength
    n = m.size
    if setting.reading == "rival":
        reaching = setting.reaching
        attack = reaching + ((1 - w) * reaching) @ w.T
        pledged = w * reaching
        defence = (m + pledged.sum(axis=1))[:, None] - pledged
        yield attack, defence, setting.rivals > 0, None
    elif setting.reading == "star":
        b = w + np.eye(n)
        # Written so that no defence is a difference: s_i - K_ij + M_i B_ij in other words.
        defence = m[:, None] + (w * m) @ (1 - b)
        yield b @ m - m[:, None] * b, defence, ~np.eye(n, dtype=np.bool_), None


def _alone(setting: _Setting) -> Floats:
    """Return own and allied strength of each state: its defence when nobody attacks."""
    pledge = setting.reaching if setting.reading == "rival" else setting.strength[None, :]
    out: Floats = setting.strength + (setting.allies * pledge).sum(axis=1)
    return out


def _critical(setting: _Setting) -> Floats:
    out = np.zeros(setting.strength.size)
    for attack, defence, admissible, _ in _tables(setting):
        ratio = np.full(attack.shape, np.inf)
        np.divide(attack, defence, out=ratio, where=defence > 0)
        ratio = np.where(admissible & (attack > 0), ratio, 0.0)
        np.maximum(out, ratio.max(axis=1, initial=0.0), out=out)
    return out


def _margin(setting: _Setting, advantage: float) -> Floats:
    total = setting.strength.sum()
    if total <= 0:
        raise Undefined("no state has any strength, so a share of all strength means nothing")
    out = advantage * _alone(setting)
    for attack, defence, admissible, _ in _tables(setting):
        gap = np.where(admissible, advantage * defence - attack, np.inf)
        np.minimum(out, gap.min(axis=1, initial=np.inf), out=out)
    result: Floats = out / total
    return result


def _reaching(
    strength: Floats, distance: Floats | None, reach: float, tied: Bools, names: Sequence[str]
) -> Floats:
    """Return E[i, k] = M_k exp(-d_ik / reach), zero diagonal (Boulding 1962, exponential form)."""
    n = strength.size
    if math.isinf(reach) or distance is None:
        out = np.broadcast_to(strength, (n, n)).copy()
    else:
        unknown = np.isnan(distance)
        if unknown.any():
            # Who has no tie, and who has nothing to bring, needs no place on the map.
            needed = unknown & tied[:, None] & tied[None, :] & (strength > 0)[None, :]
            np.fill_diagonal(needed, False)
            if needed.any():
                lacks = int((needed.sum(axis=0) + needed.sum(axis=1)).argmax())
                raise MissingData(
                    f"war_stability needs the distances of state '{names[lacks]}' and they are "
                    "not known. Give the place of its capital, or switch the loss of strength "
                    "with distance off: reach = inf"
                )
        out = strength[None, :] * np.exp(-np.where(unknown, 0.0, distance) / reach)
    np.fill_diagonal(out, 0.0)
    return out


def _tied(allies: Floats, rivals: Floats) -> Bools:
    out: Bools = (allies + rivals).sum(axis=1) > 0
    return out


def _checked_advantage(advantage: float) -> float:
    if not (math.isfinite(advantage) and advantage > 0):
        raise UsageError(f"the defender's advantage is a positive number, not {advantage}")
    return float(advantage)


def _checked(
    allies: ArrayLike,
    strength: ArrayLike,
    reading: str,
    rivals: ArrayLike | None,
    distance: ArrayLike | None,
    reach: float | None,
) -> _Setting:
    if reading not in READINGS:
        raise UnknownName("reading of war_stability", reading, READINGS)
    m = np.array(strength, dtype=np.float64)
    if m.ndim != 1 or not m.size or not np.isfinite(m).all() or (m < 0).any():
        raise UsageError("strength is a row of finite, non-negative numbers, one a state")
    w = _checked_square("allies", allies, m.size)
    if (w < 0).any() or (w > 1).any():
        raise UsageError("allies holds weights from 0 to 1")
    hostile, reaching = np.zeros_like(w), np.zeros_like(w)
    if reading == "rival":
        if rivals is None:
            raise UsageError("the reading 'rival' needs rivals: who is a rival of whom")
        hostile = _checked_square("rivals", rivals, m.size)
        if (hostile < 0).any():
            raise UsageError("rivals holds 1 for a pair of rivals and 0 for all others")
        far = math.inf if reach is None else float(reach)
        if not far > 0:
            raise UsageError(f"reach is a positive number of kilometres, not {reach}")
        km = None
        if distance is not None:
            km = _checked_square("distance", distance, m.size, gaps=True)
            if (km < 0).any():
                raise UsageError("distance holds non-negative kilometres")
        elif not math.isinf(far):
            raise UsageError("a reach needs distance: kilometres between the capitals")
        codes = [str(i) for i in range(m.size)]
        reaching = _reaching(m, km, far, _tied(w, hostile), codes)
    return _Setting(w, m, reading, hostile, reaching)


def _checked_square(name: str, given: ArrayLike, n: int, *, gaps: bool = False) -> Floats:
    """Return `given` as a symmetric (n, n) array with a zero diagonal; NaN only with `gaps`."""
    out = np.array(given, dtype=np.float64)
    if out.shape != (n, n):
        raise UsageError(f"{name} has the shape {out.shape}; {n} states need ({n}, {n})")
    if np.isinf(out).any() or (not gaps and np.isnan(out).any()):
        raise UsageError(f"{name} holds a value that is not a finite number")
    if not np.array_equal(out, out.T, equal_nan=True):
        raise UsageError(f"{name} is not symmetric")
    if np.nan_to_num(np.diag(out)).any():
        raise UsageError(f"{name} has a diagonal that is not zero")
    return out


ADVANTAGE = Parameter(
    name="advantage",
    default=1.0,
    low=0.5,
    high=3.0,
    scale="log",
    unit="ratio",
    meaning="How many times the defenders' strength an attack has to exceed; above 1 it favors "
    "the defender.",
    source="assumed range; defined by Jackson & Nei (2015); 3 is the three-to-one rule, "
    "defended by Mearsheimer (1989) and contested by Epstein (1989), International Security 13(4)",
    minimum=1e-6,
    maximum=1e6,
)

REACH = Parameter(
    name="reach",
    default=3000.0,
    low=1500.0,
    high=20000.0,
    scale="log",
    unit="km",
    meaning="Distance over which strength falls to 1/e of itself; infinity switches the loss off.",
    source="assumed; exponential form of the loss of strength with distance of Boulding (1962)",
    minimum=1.0,
)


class WarStability(Lens):
    """Margin by which a state and its allies withstand the worst coalition.

    S_i = min_j (advantage * defence(i, j) - attack(i, j)) / sum of strengths

    References: Jackson & Nei (2015). The reading ``rival`` departs: only rivals lead, allies of
    the target stay out, and strength is lost with distance. Reproduced: the theorem that no
    non-empty network is war-stable, checked exhaustively on small networks; every other number
    in the tests was computed, so the status is "checked".
    """

    key = "war_stability"
    title = "Whether a coalition of allies could beat a state and those who stand by it"
    citation = (
        "Jackson, M. O. & Nei, S. (2015). Networks of military alliances, wars, and international "
        "trade. PNAS 112(50), 15277-15284. doi 10.1073/pnas.1520970112"
    )
    status = "checked"
    unit = "share of total strength"
    meaning = (
        "Defenders' strength times their advantage, minus the attackers', in the worst case; "
        "above zero nobody can beat the state"
    )
    limits = (
        "Strength is one number: no nuclear deterrence, no terrain, no quality of forces.",
        "It asks who could win, not who wants to fight: every member of a coalition attacks and "
        "every remaining ally defends.",
        "Alliance weights and rivalries are taken as given; a rivalry that the data miss is an "
        "attack that the lens does not see.",
        "Where nobody can attack, the margin counts own and allied strength only, so it says who "
        "is well backed and not who is threatened.",
        "Do not believe it where one state is far stronger than all others together: the order "
        "of the margins then only repeats who is allied with that state.",
    )
    parameters = (ADVANTAGE, REACH)
    readings = READINGS

    def __init__(self, reading: str = "rival") -> None:
        if reading not in READINGS:
            raise UnknownName("reading of lens war_stability", reading, READINGS)
        self.reading = reading
        if reading != "rival":  # distance does not enter; the class keeps the full list
            self.__dict__["parameters"] = (ADVANTAGE,)

    def security(self, system: System, values: Values) -> Floats:
        """Return the margin of each state, array (n,), a share of total strength."""
        return _margin(self._setting(system, values), values["advantage"])

    def deltas(self, system: System, moves: Moves, values: Values) -> Floats:
        """Return what each change gives to each state, array (m, n)."""
        if self.reading != "rival" or any(moves.armed):
            return super().deltas(system, moves, values)
        verdicts = _room(len(moves), system.size, table=True, signs=False)
        self._run(system, moves, values, 0.0, verdicts)
        return verdicts[0]

    def screen(
        self, system: System, moves: Moves, values: Values, tolerance: float, *, signs: bool = True
    ) -> Screen:
        """Judge every change at once, without a table of deltas."""
        if self.reading != "rival" or any(moves.armed):
            return super().screen(system, moves, values, tolerance, signs=signs)
        verdicts = _room(len(moves), system.size, table=False, signs=signs)
        self._run(system, moves, values, tolerance, verdicts)
        _, least, desire, gain, loss, harmed, pays, sign = verdicts
        return Screen(least, desire, gain, loss, harmed, pays, sign if signs else None)

    def _setting(self, system: System, values: Values, moves: Moves | None = None) -> _Setting:
        """Return the system as the formulas need it, for itself and for all `moves`."""
        reaching = np.zeros((0, 0))
        if self.reading == "rival":
            tied = _tied(system.allies, system.rivals)
            if moves is not None:
                makes = (moves.ally > 0) | (moves.rival > 0)
                tied[moves.first[makes]] = tied[moves.second[makes]] = True
            reaching = _reaching(
                system.capability, system.distance, values["reach"], tied, system.codes
            )
        return _Setting(system.allies, system.capability, self.reading, system.rivals, reaching)

    def _run(
        self, system: System, moves: Moves, values: Values, tolerance: float, verdicts: Verdicts
    ) -> None:
        """Fill `verdicts` with the compiled kernel of the reading."""
        from detente.lenses.war_stability_kernel import rival_changes

        setting = self._setting(system, values, moves)
        if setting.strength.sum() <= 0:
            raise Undefined("no state has any strength, so a share of all strength means nothing")
        changes = (
            moves.ptr,
            moves.first,
            moves.second,
            moves.ally,
            moves.rival,
            moves.actor_ptr,
            moves.actor,
        )
        rival_changes(
            setting.allies,
            setting.rivals,
            setting.reaching,
            setting.strength,
            values["advantage"],
            tolerance,
            changes,
            verdicts,
        )


def _room(m: int, n: int, *, table: bool, signs: bool) -> Verdicts:
    """Return zeros for the outputs of a kernel, of no size for what is not asked for."""
    return (
        np.zeros((m if table else 0, n)),
        np.zeros(m),
        np.zeros(m),
        np.zeros(m),
        np.zeros(m),
        np.zeros(m, dtype=np.int64),
        np.zeros((n, n)),
        np.zeros((m if signs else 0, n), dtype=np.int8),
    )
