"""The contest for one prize on a signed network (König, Rohner, Thoenig & Zilibotti 2017).

`game` has the game itself, on plain arrays; `Contest` is the lens on an architecture; `judging`
hands changes to the kernels.

The fast path rests on one fact: a change of the ties around one state c is
``S + e_c d' + d e_c'`` for ``S = I + beta A - gamma E``, a change of rank two, so that one
inverse of S serves every such change.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from detente.architecture.system import Floats, Ints, Moves, System
from detente.errors import Undefined
from detente.lenses.contest.game import Equilibrium, equilibrium
from detente.lenses.contest.judging import (
    Base,
    _pool,
    _run,
    costs,
    judged,
    only_ties,
)
from detente.lenses.protocol import (
    Lens,
    Parameter,
    Portrait,
    Screen,
    Values,
    Winning,
    reduce_deltas,
)
from detente.words import listed, listed_at

__all__ = ["Contest", "Equilibrium", "costs", "equilibrium", "new_alliances"]


def new_alliances(system: System) -> Moves:
    """Return every full alliance that two states could still form.

    A rivalry between the two ends with it. Both are the initiators. The changes stand in the
    order of the first state, then of the second.
    """
    first, second = np.nonzero(np.triu(system.allies < 1, 1))
    m = len(first)
    return Moves(
        ptr=np.arange(m + 1, dtype=np.int64),
        first=first.astype(np.int64),
        second=second.astype(np.int64),
        ally=np.ones(m),
        rival=np.zeros(m),
        actor_ptr=np.arange(0, 2 * m + 1, 2, dtype=np.int64),
        actor=np.stack([first, second], axis=1).reshape(-1).astype(np.int64),
        armed=((),) * m,
    )


class Contest(Lens):
    """What a state nets from a contest in which efforts spill over to allies and enemies.

    Security is the equilibrium payoff pi_i = V phi_i / S - c_i x_i with V = 1 (`equilibrium`
    gives the formulas). Departs from the paper in three ways: alliances have weights; efforts
    may cost according to capability, c_i = (mean capability / capability_i) ** kappa, which is
    the paper's model at kappa = 0; states that cost too much stop at performance zero.

    References: König, Rohner, Thoenig & Zilibotti (2017), Proposition 1. Verified: the
    published ranking of the weapons embargoes is reproduced.
    """

    key = "contest"
    title = "A contest for one prize, in which the efforts of allies help and those of enemies harm"
    citation = (
        "König, M. D., Rohner, D., Thoenig, M. & Zilibotti, F. (2017). Networks in Conflict: "
        "Theory and Evidence from the Great War of Africa. Econometrica 85(4), 1093-1132. "
        "doi:10.3982/ECTA13117"
    )
    status = "verified"
    unit = "share of the prize"
    meaning = "what the state wins in equilibrium, less what it spends to win it"
    limits = (
        "The prize is fixed, so that what one state wins more of, somebody else wins less of; "
        "only the waste of effort can fall for everybody.",
        "There is one issue, and every state contests it with every other.",
        "There is no geography and there are no dates: a distant enemy counts like a near one.",
        "Efforts may be negative: a state with many fighting allies can live on their efforts.",
        "The spill-overs were estimated for armed groups in one war, 1998 to 2010, not for states.",
        "Nothing in it deters: a stronger ally lowers the effort that is worthwhile.",
        "Do not believe it where a state has so many enemies that no equilibrium exists, or "
        "where the sign of a change turns within the range of the spill-overs.",
    )
    assumptions: ClassVar[Mapping[str, str]] = {
        "strength": "counts",
        "distance": "ignored",
        "an ally": "fights along",
        "a rival": "contests a prize",
        "reach of a change": "the whole system",
    }
    parameters = (
        Parameter(
            name="beta",
            default=0.11401761,
            low=0.114 - 2 * 0.033,
            high=0.114 + 2 * 0.033,
            unit="effort per effort",
            meaning="what a unit of an ally's effort adds to a state's performance",
            source="König et al. (2017), Table I column 4: 0.114, s.e. 0.033; drawn within 2 s.e.",
            minimum=0.0,
        ),
        Parameter(
            name="gamma",
            default=0.083189711,
            low=0.083 - 2 * 0.019,
            high=0.083 + 2 * 0.019,
            unit="effort per effort",
            meaning="what a unit of an enemy's effort takes from a state's performance",
            source="König et al. (2017), Table I column 4: 0.083, s.e. 0.019; drawn within 2 s.e.",
            minimum=0.0,
        ),
        Parameter(
            name="cost_exponent",
            default=0.0,
            low=0.0,
            high=0.5,
            unit="none",
            meaning="how much cheaper effort is for the capable: cost = (mean / own) ** exponent",
            source="assumed; 0 is the published model",
            minimum=0.0,
        ),
    )
    ignores_isolates = False

    def equilibrium(self, system: System, values: Values) -> Equilibrium:
        """Return the equilibrium of the contest in a system; errors are those of `security`."""
        return equilibrium(
            system.allies,
            system.rivals,
            beta=values["beta"],
            gamma=values["gamma"],
            cost=costs(system, values["cost_exponent"]),
            interior="corners",
            codes=system.codes,
        )

    def security(self, system: System, values: Values) -> Floats:
        """Return the equilibrium payoff of each state, as a share of the prize.

        Raises
        ------
        NoEquilibrium
            If the contest has none; names the state.
        Undefined
            If costs follow capability and a state has none.
        """
        return self.equilibrium(system, values).payoff

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
        equilibrium = self.equilibrium(system, values)
        order = np.argsort(-equilibrium.effort, kind="stable")
        free = np.flatnonzero(equilibrium.effort < 0)
        riders = listed([system.codes[k] for k in order[::-1][:3] if equilibrium.effort[k] < 0])
        return Portrait(
            peak=("spends the most effort", "spend the most effort"),
            subject="who fights and who rides free",
            finding=f"{listed_at(system.codes, order[:3])} fight the hardest; {len(free)} of "
            f"{system.size} states live on the efforts of their allies"
            + (f", {riders} the most" if riders else ""),
            value=equilibrium.effort,
            value_meaning="fighting effort; below zero a state rides on its allies",
            value_unit="shares of the prize",
            figures={
                "rent dissipation, shares of the prize": equilibrium.dissipation,
                "states that contest the prize": float(np.count_nonzero(equilibrium.active)),
            },
        )

    def deltas(self, system: System, moves: Moves, values: Values) -> Floats:
        """Return what each change gives to each state, by updating one inverse."""
        base = Base.of(system, values)
        if base is None or not only_ties(moves, values):
            return super().deltas(system, moves, values)
        m, n = len(moves), system.size
        differences = np.empty((m, n))
        no_sign, no_pays = np.empty((0, n), dtype=np.int8), np.empty((0, n))
        verdict, harmed = np.empty((5, m)), np.full(m, -1)  # -1: still to be judged
        results = (verdict, harmed, no_sign, differences, no_pays)
        again = _run(base.given(moves), (0, m), 0.0, results)
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
        base = Base.of(system, values)
        if base is None or not only_ties(moves, values):
            return super().screen(system, moves, values, tolerance, signs=signs, pays=pays)
        screened, again = judged(base, moves, tolerance, signs, pays, threads)
        if len(again):
            self._again(screened, system, moves, values, tolerance, again)
        return screened

    def _again(
        self,
        out: Screen,
        system: System,
        moves: Moves,
        values: Values,
        tolerance: float,
        again: Ints,
    ) -> None:
        """Fill in the changes that the kernel left, by solving each anew."""
        some = moves.take(again)
        plain = reduce_deltas(
            super().deltas(system, some, values),
            some,
            tolerance,
            signs=out.sign is not None,
            pays=out.pays is not None,
        )
        for name in ("least", "most", "desire", "gain", "loss", "harmed"):
            getattr(out, name)[again] = getattr(plain, name)
        if out.pays is not None and plain.pays is not None:
            np.maximum(out.pays, plain.pays, out=out.pays)
        if out.sign is not None and plain.sign is not None:
            out.sign[again] = plain.sign


if hasattr(os, "register_at_fork"):  # a forked process has no threads but its first
    os.register_at_fork(after_in_child=_pool.cache_clear)
