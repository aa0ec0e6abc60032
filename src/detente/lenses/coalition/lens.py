"""The lens `coalition`: the formula as a lens on an architecture, and its fast paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from detente.architecture.system import Floats, Moves, System
from detente.errors import Undefined, UsageError
from detente.lenses.coalition.exposure import exposure_portrait
from detente.lenses.coalition.own_terms import attack_terms
from detente.lenses.coalition.parameter_table import TOLERANCE, parameters
from detente.lenses.coalition.prevailing import war_of
from detente.lenses.coalition.sparse_sums import (
    PromisedShares,
    parameters_of,
    same_promises,
    securities_of,
    terms_of,
)
from detente.lenses.coalition.system_facts import facts_of
from detente.lenses.protocol import (
    Lens,
    MemberWorths,
    Parameter,
    Portrait,
    Screen,
    SubsetSecurities,
    Switch,
    Term,
    Values,
)
from detente.lenses.some_changes import are_some
from detente.lenses.winning import Winning
from detente.lenses.withdrawals import Withdrawals

if TYPE_CHECKING:
    from detente.architecture.fact_tables import FactTables

FEW = 3
"""Changes up to which the formula itself is quicker than anything."""


class Coalition(Lens):
    """Uses of force a year against each state, weighted by the attackers' share of strength.

    S_i = - sum_j rate(j, i) beaten(j, i) - burden * (what i brings to the defence of others)

    The formula, symbol by symbol: `detente.lenses.coalition.formula`. It is this project's own,
    after Walt's balance of threat, and reproduces no published table: the status is "checked".
    """

    key: ClassVar[str] = "coalition"
    title: ClassVar[str] = "Who may use force against whom, and who would come to whose side"
    called: ClassVar[str] = "who comes to whose side"
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
        return securities_of(system, [values])[0].copy()

    def deltas(self, system: System, moves: Moves, values: Values) -> Floats:
        """Return what each change gives to each state, array (m, n)."""
        if 0 < len(moves) <= FEW:
            before = securities_of(system, [values])[0]
            after = [self._after(system, moves, k, values) for k in range(len(moves))]
            return np.stack(after) - before
        if any(moves.armed):
            return super().deltas(system, moves, values)
        from detente.lenses.coalition.touched_terms import deltas_of, touched_by

        touched = touched_by(system, moves, values)
        if touched is not None:
            return deltas_of(touched, values)
        if are_some(system, moves):
            return self._some(system, moves, values)
        from detente.lenses.coalition.changes import many_deltas

        return many_deltas(system, facts_of(system, values, moves), moves, values)

    def _some(self, system: System, moves: Moves, values: Values) -> Floats:
        """Return what each of some changes gives to each state, with nothing to compile."""
        from detente.lenses.coalition.touched_terms import deltas_of, parted

        parts = parted(system, moves, values)
        deltas = np.empty((len(moves), system.size))
        if parts.places is not None:
            deltas[parts.served] = deltas_of(parts.places, values)
        before = securities_of(system, [values])[0]
        for k, where in enumerate(parts.others.tolist()):
            deltas[where] = self._after(system, parts.other_moves, k, values) - before
        return deltas

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
        from detente.lenses.coalition.touched_terms import gains_of, touched_by
        from detente.lenses.sparse_screen import screen_entries

        touched = touched_by(system, moves, values)
        if touched is not None:
            gains = gains_of(touched, values)
            return screen_entries(touched.entries, moves, gains, tolerance, signs=signs, pays=pays)
        if are_some(system, moves):
            return super().screen(system, moves, values, tolerance, signs=signs, pays=pays)
        from detente.lenses.coalition.changes import many_verdicts

        facts = facts_of(system, values, moves)
        return many_verdicts(system, facts, moves, values, tolerance, signs=signs, pays=pays)

    def foresee(self, system: System, moves: Moves, draws: Sequence[Values]) -> None:
        """Have the securities of several draws at hand: before, and after each of few changes."""
        securities_of(system, draws)
        if not len(moves) or not are_some(system, moves):
            return
        if len(moves) > FEW:
            from detente.lenses.coalition.touched_terms import parted

            moves = parted(system, moves, draws[0]).other_moves
        shares: PromisedShares | None = None
        for k in range(len(moves)):
            after = moves.after(system, k)
            alike = same_promises(system, after)
            if alike and shares is None:
                shares = PromisedShares.of(terms_of(system, draws[0]), parameters_of(draws))
            with suppress(Undefined):
                securities_of(after, draws, shares if alike else None)

    def _after(self, system: System, moves: Moves, k: int, values: Values) -> Floats:
        try:
            return securities_of(moves.after(system, k), [values])[0]
        except Undefined:
            return np.full(system.size, np.nan)

    def ceiling(
        self,
        low: System,
        high: System,
        values: Values,
        state: int | None = None,
        gone: Withdrawals | None = None,
    ) -> Floats | None:
        """Return what security nowhere exceeds in any system between two, array (n,)."""
        from detente.lenses.coalition.ceiling import most_security

        most = facts_of(high, values)
        least = facts_of(low, values)._replace(distance=most.distance)
        return most_security(least, most, values, state, gone)

    def winning(self, system: System, values: Values, sides: Sequence[int]) -> Winning:
        """Return the chance of each side to prevail, with all who would take part."""
        return war_of(system, values, sides)

    def over_subsets(
        self, system: System, tables: FactTables, values: Values
    ) -> SubsetSecurities | None:
        """Return the security with every set of items; None for too many or too entangled ones."""
        from detente.lenses.coalition import subsets

        try:
            return subsets.EverySet(system, tables, values)
        except UsageError:
            return None

    def over_members(
        self, system: System, tables: FactTables, values: Values, places: Sequence[int]
    ) -> MemberWorths | None:
        """Return what membership is worth; None for too many members or too entangled ties."""
        from detente.lenses.coalition.membership.memberships import Memberships

        try:
            return Memberships(system, tables, values, places)
        except UsageError:
            return None

    def portrait(self, system: System, values: Values) -> Portrait:
        """Describe who is most exposed, and to whom."""
        return exposure_portrait(system, values, self.unit)

    def terms(self, system: System, values: Values, state: int) -> list[Term]:
        """Return every attack on the state, and what its help for others costs it."""
        return attack_terms(system, values, state)
