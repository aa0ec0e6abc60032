"""What the lens `contest` makes of its equilibrium: a portrait, odds, and many changes at once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from detente.architecture.system import Floats, Moves, System
from detente.errors import Undefined
from detente.lenses.contest.effort import effort_portrait
from detente.lenses.contest.game import Equilibrium
from detente.lenses.contest.judging import Base, judged, only_ties, refilled, table_of
from detente.lenses.contest.some_payoffs import some_deltas
from detente.lenses.protocol import Lens, Portrait, Screen, Values, reduce_deltas
from detente.lenses.some_changes import are_some
from detente.lenses.winning import Winning


class ContestWays(Lens):
    """The lens but for its formula, its parameters and its limits."""

    @abstractmethod
    def equilibrium(self, system: System, values: Values) -> Equilibrium:
        """Return the equilibrium of the contest in a system."""

    def winning(self, system: System, values: Values, sides: Sequence[int]) -> Winning:
        """Return the sides' shares of the prize in the equilibrium, as shares of theirs together.

        Raises
        ------
        Undefined
            If none of them wins any of it, or the contest has no equilibrium.
        """
        share = self.equilibrium(system, values).share[list(sides)]
        if share.sum() <= 0:
            raise Undefined("in the contest none of the sides wins any of the prize")
        return Winning(share / share.sum(), "shares of the prize that each wins in the contest")

    def portrait(self, system: System, values: Values) -> Portrait:
        """Describe who fights and who rides free: effort, and performance that others pay for."""
        return effort_portrait(system, self.equilibrium(system, values))

    def deltas(self, system: System, moves: Moves, values: Values) -> Floats:
        """Return what each change gives to each state, by updating one inverse."""
        if only_ties(moves, values) and are_some(system, moves):
            return some_deltas(system, moves, values)
        base = Base.of(system, values)
        if base is None or not only_ties(moves, values):
            return super().deltas(system, moves, values)
        differences, again = table_of(base, moves)
        if len(again):
            differences[again] = super().deltas(system, moves.take(again), values)
        return differences

    def screen(
        self,
        system: System,
        moves: Moves,
        values: Values,
        tolerance: float,
        *,
        signs: bool = True,
        pays: bool = True,
        threads: int = 1,
    ) -> Screen:
        """Reduce the deltas of every change to verdicts without keeping them.

        The changes may be split over `threads`; the result is the same for any number. Without
        both `signs` and `pays` it takes less than half of the time, the inverse left out.
        """
        some = not only_ties(moves, values) or are_some(system, moves)
        base = None if some else Base.of(system, values)
        if base is None:
            return super().screen(system, moves, values, tolerance, signs=signs, pays=pays)
        screened, again = judged(base, moves, tolerance, signs, pays, threads)
        if len(again):
            few = moves.take(again)
            plain = super().deltas(system, few, values)
            refilled(screened, reduce_deltas(plain, few, tolerance, signs=signs, pays=pays), again)
        return screened
