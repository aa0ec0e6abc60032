"""The lens `coalition`: the formula as a lens on an architecture, and its fast paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from detente.architecture.system import Floats, Moves, System
from detente.errors import Undefined
from detente.lenses.coalition import formula
from detente.lenses.coalition.facts import NO_STRENGTH, Bools, Facts, known_distance, tied
from detente.lenses.coalition.parameter_table import TOLERANCE, parameters
from detente.lenses.protocol import (
    Lens,
    Parameter,
    Portrait,
    Screen,
    Switch,
    Values,
    Winning,
    by_pairs,
)
from detente.words import listed_at

FEW = 3
"""Changes up to which the formula itself is quicker than to load or compile the kernel."""


class Coalition(Lens):
    """Uses of force a year against each state, weighted by the attackers' share of strength.

    S_i = - sum_j rate(j, i) beaten(j, i) - burden * (what i brings to the defence of others)

    The formula, symbol by symbol: `detente.lenses.coalition.formula`. It is this project's own,
    after Walt's balance of threat, and reproduces no published table: the status is "checked".
    """

    key: ClassVar[str] = "coalition"
    title: ClassVar[str] = "Who may use force against whom, and who would come to whose side"
    citation: ClassVar[str] = (
        "This project's own formula, after Walt, S. M. (1985). Alliance formation and the balance "
        "of world power. International Security 9(4), 3-43; contest success by Hirshleifer, J. "
        "(1989). Public Choice 63(2), 101-112"
    )
    status: ClassVar[str] = "checked"
    unit: ClassVar[str] = "exposure"
    meaning: ClassVar[str] = (
        "Minus the uses of force a year against the state, each weighted by the attackers' share "
        "of the strength on both sides, and minus what it costs to help others; 0 where nobody has "
        "a quarrel with it. It is no forecast of defeats"
    )
    limits: ClassVar[tuple[str, ...]] = (
        "Not a forecast of defeats: exposure says how often force is used, and against what odds.",
        "It adds little to the intensities of the rivalries: who begins against whom is foretold "
        "nearly as well by them alone.",
        "The shares in which third states join are counted on disputes to 1989; pacts, warheads "
        "and guarantees may bind otherwise today.",
        "A rival split into several allied ones is more dangerous than one: each leads an attack.",
        "A border of a few kilometres counts like a long one; there are no navies and no terrain.",
        "Forces abroad still defend their home in full.",
        "Neutrality never helps the neutral; it ends help for others and harm by the neutral.",
        "Do not believe a verdict that turns with the pledge, the assurance or the umbrella: "
        "their ranges are wide, and the literature disagrees.",
    )
    assumptions: ClassVar[Mapping[str, str]] = {
        "strength": "counts",
        "distance": "counts",
        "an ally": "defends",
        "a rival": "may attack",
        "reach of a change": "states tied to it",
    }
    facts: ClassVar[tuple[str, ...]] = ("contiguity",)
    sees: ClassVar[tuple[str, ...]] = (
        "defense",
        "offense",
        "nonaggression",
        "neutrality",
        "guarantee",
        "neutral",
        "rivalry",
        "stations",
        "supplies",
        "strength",
    )
    tolerance: ClassVar[Parameter | None] = TOLERANCE
    switches: ClassVar[tuple[Switch, ...]] = (
        Switch(
            "allies with a quarrel of their own came no oftener than others",
            {"defend_quarrel": "defend", "follow_quarrel": "follow"},
        ),
        Switch("helping cost nothing", {"burden": 0.0}),
    )
    parameters: ClassVar[tuple[Parameter, ...]] = parameters()

    def security(self, system: System, values: Values) -> Floats:
        """Return minus the exposure of each state, array (n,)."""
        return formula.security_of(facts_of(system, values), values)

    def deltas(self, system: System, moves: Moves, values: Values) -> Floats:
        """Return what each change gives to each state, array (m, n)."""
        if any(moves.armed) or len(moves) <= FEW:
            return super().deltas(system, moves, values)
        from detente.lenses.coalition.changes import many_deltas

        return many_deltas(system, facts_of(system, values, moves), moves, values)

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
        if any(moves.armed) or len(moves) <= FEW:
            return super().screen(system, moves, values, tolerance, signs=signs, pays=pays)
        from detente.lenses.coalition.changes import many_verdicts

        facts = facts_of(system, values, moves)
        return many_verdicts(system, facts, moves, values, tolerance, signs=signs, pays=pays)

    def winning(self, system: System, values: Values, sides: Sequence[int]) -> Winning:
        """Return the chance to prevail: the mean of one's own attack and the other's defeated one.

        `beaten` of each pair, with everybody who takes part on either side.

        Raises
        ------
        Undefined
            If two of the sides have no rivalry: the formula knows no attack then.
        """
        facts = facts_of(system, values)
        possible = formula.possible_attacks(facts, formula.ties(facts, values), values)
        beaten = np.full((system.size, system.size), np.nan)
        beaten[possible.leader, possible.target] = possible.beaten
        prevails = (beaten + 1 - beaten.T) / 2
        pairs = prevails[np.ix_(list(sides), list(sides))]
        np.fill_diagonal(pairs, 0.0)
        if np.isnan(pairs).any():
            a, b = (sides[k] for k in np.argwhere(np.isnan(pairs))[0])
            raise Undefined(
                f"lens coalition knows no war between {system.codes[a]} and {system.codes[b]}: "
                "they have no rivalry",
                state=system.codes[a],
            )
        return Winning(
            by_pairs(pairs),
            "between its own attack and the other's, with all who would take part",
        )

    def portrait(self, system: System, values: Values) -> Portrait:
        """Describe who is most exposed, and to whom."""
        security = self.security(system, values)
        facts = facts_of(system, values)
        possible = formula.possible_attacks(facts, formula.ties(facts, values), values)
        exposed = np.flatnonzero(security < 0)
        order = exposed[np.argsort(security[exposed], kind="stable")]
        heaviest = np.argsort(-possible.rate * possible.beaten, kind="stable")
        calm = system.size - len(np.unique(possible.target))
        return Portrait(
            subject="who is exposed to whom",
            finding=(
                f"{listed_at(system.codes, order[:3])} are the most exposed to uses of force; "
                f"{calm} of {system.size} states have no quarrel"
                if len(order)
                else f"none of {system.size} states is exposed to a use of force"
            ),
            value=security,
            value_meaning="security, minus the exposure",
            value_unit=self.unit,
            links=tuple(
                (
                    system.codes[possible.leader[r]],
                    system.codes[possible.target[r]],
                    float(possible.rate[r] * possible.beaten[r]),
                )
                for r in heaviest.tolist()
            ),
            link_meaning="may use force against, weighted by the odds",
        )


def facts_of(system: System, values: Values, moves: Moves | None = None) -> Facts:
    """Return what the formula reads of a system, before or after any of `moves`.

    Raises
    ------
    Undefined
        If no state has any strength.
    MissingData
        If a distance is needed and is not known.
    """
    total = system.capability.sum()
    if total <= 0:
        raise Undefined(NO_STRENGTH)
    n = system.size
    facts = Facts(
        strength=system.capability / total,
        defense=system.promises["defense"],
        offense=system.promises["offense"],
        nonaggression=np.maximum(system.promises["nonaggression"], system.promises["neutrality"]),
        guarantee=system.promises["guarantee"],
        neutral=system.neutral,
        stations=system.stations,
        supplies=system.supplies,
        rivalry=system.rivalry,
        distance=system.distance,
        land=np.zeros((n, n), dtype=np.bool_)
        if system.contiguity is None
        else system.contiguity == 1,
        nuclear=np.zeros(n) if system.nuclear is None else system.nuclear,
    )
    if not np.isnan(system.distance).any():
        return facts
    wanted = tied(facts) | _moved(moves, n) if moves is not None else tied(facts)
    distance = known_distance(facts, values["reach"], wanted, system.codes)
    return facts._replace(distance=distance)


def _moved(moves: Moves, n: int) -> Bools:
    """Return which states a change may give a tie."""
    states = np.zeros(n, dtype=np.bool_)
    edits = moves.facts
    makes = edits.value > 0
    states[edits.first[makes]] = states[edits.second[makes]] = True
    return states
