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
from typing import ClassVar

import numpy as np

from detente.architecture.system import Floats, Moves, System
from detente.errors import UnknownName, UsageError
from detente.lenses.protocol import Lens, Parameter, Portrait, Screen, Term, Values
from detente.lenses.some_changes import are_some
from detente.lenses.war_stability.changes import many_deltas, many_verdicts
from detente.lenses.war_stability.coalitions import (
    ALLIED,
    READINGS,
    RIVAL_MOVED,
    Setting,
    margins,
)
from detente.lenses.war_stability.overrun import overrun_portrait
from detente.lenses.war_stability.own_terms import margin_terms
from detente.lenses.war_stability.some_margins import some_deltas

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
    called = "who could beat whom"
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
        margin = self.security(system, values)
        return overrun_portrait(system, values, self.reading, margin, self.unit)

    def terms(self, system: System, values: Values, state: int) -> list[Term]:
        """Return own strength, allies, leader and followers at the worst attack."""
        return margin_terms(self._setting(system), system.codes, values["advantage"], state)

    def deltas(self, system: System, moves: Moves, values: Values) -> Floats:
        """Return what each change gives to each state, array (m, n)."""
        if any(moves.armed):  # every entry of the tables changes: start again
            return super().deltas(system, moves, values)
        if self.reading == "star" and are_some(system, moves):
            return some_deltas(system, moves, values)
        return many_deltas(self._setting(system), moves, values)

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
        if any(moves.armed) or (self.reading == "star" and are_some(system, moves)):
            return super().screen(system, moves, values, tolerance, signs=signs, pays=pays)
        setting = self._setting(system)
        return many_verdicts(setting, moves, values, tolerance, signs=signs, pays=pays)

    def _setting(self, system: System) -> Setting:
        """Return the system as the formulas need it."""
        allies = system.allies
        if self.reading == "clique":
            allies = (allies >= ALLIED).astype(np.float64)
        return Setting(allies, system.capability, self.reading)
