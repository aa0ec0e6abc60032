"""War stability: could a coalition of allies beat this state and those who stand by it?

Jackson and Nei (2015) call a state vulnerable when a coalition that can act together is
stronger than the state with its remaining allies, the defender's strength counted `advantage`
times. Two readings of "can act together":

star (the printed article, as far as we can infer)
    Any other state leads its allies, the target's own allies among them.
clique (the draft of February 2014)
    The members of the coalition are all allied with one another.

Formulas, numbers reproduced and what is not known: ``docs/lenses/war_stability.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from detente.architecture.system import Floats, Moves, System
from detente.errors import Undefined, UnknownName, UsageError
from detente.lenses.protocol import Lens, Parameter, Portrait, Screen, Values
from detente.lenses.war_stability.coalitions import (
    ALLIED,
    NO_STRENGTH,
    READINGS,
    RIVAL_MOVED,
    Attack,
    Setting,
    critical_advantage,
    margin,
    margins,
    vulnerable,
    worst_attack,
)
from detente.lenses.war_stability.conditions import Stability, war_stable, war_stable_with_trade
from detente.lenses.war_stability.own_margin import rival_margin
from detente.words import listed

if TYPE_CHECKING:
    from detente.lenses.war_stability.margins_kernel import Verdicts

__all__ = [
    "Attack",
    "Stability",
    "WarStability",
    "critical_advantage",
    "margin",
    "rival_margin",
    "vulnerable",
    "war_stable",
    "war_stable_with_trade",
    "worst_attack",
]

ADVANTAGE = Parameter(
    name="advantage",
    default=1.0,
    low=0.5,
    high=3.0,
    scale="log",
    unit="ratio",
    meaning="How many times the defenders' strength an attack has to exceed; above 1 it favours "
    "the defender.",
    source="assumed range; defined by Jackson & Nei (2015); 3 is the three-to-one rule, "
    "defended by Mearsheimer (1989) and contested by Epstein (1989), International Security 13(4)",
    minimum=1e-6,
    maximum=1e6,
)


class WarStability(Lens):
    """Margin by which a state and its allies withstand the worst coalition.

    S_i = min_j (advantage * defence(i, j) - attack(i, j)) / sum of strengths

    References: Jackson & Nei (2015). Reproduced: the theorem that no
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
    unit = "multiples of total strength"
    meaning = (
        "Defenders' strength times their advantage, minus the attackers', in the worst case; "
        "above zero nobody can beat the state; 1 is the strength of all states together, and "
        "with an advantage above 1 a margin can exceed it"
    )
    limits = (
        "Strength is one number: no nuclear deterrence, no terrain, no quality of forces.",
        "It asks who could win, not who wants to fight: every member of a coalition attacks and "
        "every remaining ally defends.",
        "Rivalries do not enter: anybody may attack anybody who is no ally.",
        "Where nobody can attack, the margin counts own and allied strength only, so it says who "
        "is well backed and not who is threatened.",
        "Do not believe it where one state is far stronger than all others together: the order "
        "of the margins then only repeats who is allied with that state.",
    )
    assumptions: ClassVar[Mapping[str, str]] = {
        "strength": "counts",
        "distance": "ignored",
        "an ally": "defends",
        "a rival": "does not matter",
        "reach of a change": "states tied to it",
    }
    sees: ClassVar[tuple[str, ...]] = ("defense", "strength")
    parameters = (ADVANTAGE,)
    readings = READINGS
    gone: ClassVar[Mapping[str, str]] = {"rival": RIVAL_MOVED}
    reading_notes: ClassVar[Mapping[str, str]] = {
        "star": "the printed article, as far as we can infer",
        "clique": "the draft of February 2014",
    }

    def __init__(self, reading: str = "star") -> None:
        if reading in self.gone:
            raise UsageError(self.gone[reading])
        if reading not in READINGS:
            raise UnknownName("reading of lens war_stability", reading, READINGS)
        self.reading = reading

    def security(self, system: System, values: Values) -> Floats:
        """Return the margin of each state, array (n,), in multiples of total strength."""
        return margins(self._setting(system), values["advantage"])

    def portrait(self, system: System, values: Values) -> Portrait:
        """Describe who could be overrun by whom, at the point estimate."""
        security = self.security(system, values)
        attacks = worst_attack(
            system.allies,
            system.capability,
            values["advantage"],
            self.reading,
        )
        beaten = [attack for attack in attacks if attack is not None and attack.beats]
        beaten.sort(key=lambda attack: float(security[attack.target]))
        total = float(system.capability.sum())
        links = [
            (
                system.codes[leader],
                system.codes[attack.target],
                (attack.attack - attack.defence) / total,
            )
            for attack in beaten
            for leader in ([attack.members[0]] if attack.leader is None else [attack.leader])
        ]
        worst = listed([system.codes[attack.target] for attack in beaten[:3]])
        return Portrait(
            ends=(15, 5),
            subject="who could be overrun by whom",
            finding=(
                f"{len(beaten)} of {system.size} states could be beaten, {worst} by the most"
                if beaten
                else f"none of {system.size} states could be beaten"
            ),
            value=security,
            value_meaning="margin in the worst case",
            value_unit=self.unit,
            links=tuple(links),
            link_meaning="could lead a coalition that beats",
        )

    def deltas(self, system: System, moves: Moves, values: Values) -> Floats:
        """Return what each change gives to each state, array (m, n)."""
        if any(moves.armed):  # every entry of the tables changes: start again
            return super().deltas(system, moves, values)
        verdicts = _room(len(moves), system.size, table=True, signs=False)
        self._run(system, moves, values, 0.0, verdicts)
        return verdicts[0]

    def screen(
        self,
        system: System,
        moves: Moves,
        values: Values,
        tolerance: float,
        *,
        signs: bool = True,
        pays: bool = True,
    ) -> Screen:
        """Judge every change at once, without a table of deltas."""
        if any(moves.armed):
            return super().screen(system, moves, values, tolerance, signs=signs, pays=pays)
        verdicts = _room(len(moves), system.size, table=False, signs=signs)
        self._run(system, moves, values, tolerance, verdicts)
        _, least, most, desire, gain, loss, harmed, paid, sign = verdicts
        return Screen(
            least, desire, gain, loss, harmed, paid if pays else None, sign if signs else None, most
        )

    def _setting(self, system: System) -> Setting:
        """Return the system as the formulas need it."""
        allies = system.allies
        if self.reading == "clique":
            allies = (allies >= ALLIED).astype(np.float64)
        return Setting(allies, system.capability, self.reading)

    def _run(
        self, system: System, moves: Moves, values: Values, tolerance: float, verdicts: Verdicts
    ) -> None:
        """Fill `verdicts` with the compiled kernel of the reading."""
        from detente.lenses.war_stability import margins_kernel as kernel

        setting = self._setting(system)
        w, m = setting.allies, setting.strength
        if m.sum() <= 0:
            raise Undefined(NO_STRENGTH)
        changes = (
            moves.ptr,
            moves.first,
            moves.second,
            moves.ally,
            moves.rival,
            moves.actor_ptr,
            moves.actor,
        )
        rest = m, values["advantage"], tolerance, changes, verdicts
        if self.reading == "star":
            b = w + np.eye(m.size)
            kernel.star_changes(w, (b * m) @ b, *rest)
        else:
            kernel.clique_changes(w, *rest)


def _room(m: int, n: int, *, table: bool, signs: bool) -> Verdicts:
    """Return zeros for the outputs of a kernel, of no size for what is not asked for."""
    return (
        np.zeros((m if table else 0, n)),
        np.zeros(m),
        np.zeros(m),
        np.zeros(m),
        np.zeros(m),
        np.zeros(m),
        np.zeros(m, dtype=np.int64),
        np.zeros((n, n)),
        np.zeros((m if signs else 0, n), dtype=np.int8),
    )
