"""The contest for one prize on a signed network (König, Rohner, Thoenig & Zilibotti 2017).

`contest_game` has the game itself, on plain arrays; `Contest` is the lens on an architecture.

The fast path rests on one fact: a change of the ties around one state c is
``S + e_c d' + d e_c'`` for ``S = I + beta A - gamma E``, a change of rank two, so that one
inverse of S serves every such change.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import count
from math import prod
from typing import Any, ClassVar, cast
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints, Moves, System
from detente.errors import Undefined
from detente.lenses.contest.game import Equilibrium, contestants, equilibrium, vulnerabilities
from detente.lenses.protocol import Lens, Parameter, Portrait, Screen, Values, listed, reduce_deltas

__all__ = ["Contest", "Equilibrium", "costs", "equilibrium", "new_alliances"]

DELICATE = 1e-8  # reciprocal condition number below which the inverse is not updated
SHORT = 2048  # changes that are not worth another thread
WORK = 64  # rows of numbers that the kernel wants room for
SPREAD = 2  # parts a thread, where the parts do not matter to the result
LONG = 8192  # changes of a part with sums of its own
KEPT = 4_000_000  # bytes of room that a thread keeps, at most
BLOCKS = 8  # parts of a long list of changes; never the number of threads, so that sums agree


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

    def portrait(self, system: System, values: Values) -> Portrait:
        """Describe who fights and who rides free: effort, and performance that others pay for."""
        equilibrium = self.equilibrium(system, values)
        order = np.argsort(-equilibrium.effort, kind="stable")
        free = np.flatnonzero(equilibrium.effort < 0)
        riders = listed(system.codes, [k for k in order[::-1][:3] if equilibrium.effort[k] < 0])
        return Portrait(
            subject="who fights and who rides free",
            finding=f"{listed(system.codes, order[:3])} fight the hardest; {len(free)} of "
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
        base = _Base.of(system, values)
        if base is None or not _only_ties(moves, values):
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
        base = _Base.of(system, values)
        if base is None or not _only_ties(moves, values):
            return super().screen(system, moves, values, tolerance, signs=signs, pays=pays)
        screened, again = _judged(base, moves, tolerance, signs, pays, threads)
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


def costs(system: System, exponent: float) -> Floats:
    """Return what a unit of effort costs each state: (mean capability / capability) ** exponent."""
    if exponent == 0:
        return np.ones(system.size)
    nothing = np.flatnonzero(np.logical_not(system.capability > 0))
    if len(nothing):
        state = system.codes[nothing[0]]
        raise Undefined(
            f"state {state} has no known positive capability, so that its effort has no cost; "
            "with cost_exponent = 0 all efforts cost the same",
            state,
        )
    cost: Floats = (system.capability.mean() / system.capability) ** exponent
    return cost


def _only_ties(moves: Moves, values: Values) -> bool:
    """Whether the kernel can read the changes: no arming that matters, no pair of both ties."""
    if ((moves.ally > 0) & (moves.rival > 0)).any():
        return False
    return values["cost_exponent"] == 0 or moves.armed.count(()) == len(moves)


@dataclass(frozen=True, eq=False)
class _Base:
    """What the kernel needs of the architecture before any change.

    Attributes
    ----------
    network : tuple
        Alliances, rivalries, beta, gamma.
    total : float
        S, with the prize 1.
    active : int
        Number of states that contest the prize: the cheapest.
    inverse, priced : array (n, n)
        M, and M with its columns times the costs.
    figures : array (n, 8)
        The columns that `contest_kernel` names.
    base : array (2, n)
        c (psi + M psi) and c M c psi, with psi the Gamma of the active and 0 elsewhere.
    order, rank : int array (n,)
        The states by cost, and the place of each in that order.
    sums : array (n + 1, 3)
        Sums of Gamma and of c Gamma over the cheapest 0..n states, and the cost of the next.
    even : bool
        Whether all costs are 1.
    """

    network: tuple[Floats, Floats, float, float]
    total: float
    active: int
    inverse: Floats
    priced: Floats
    figures: Floats
    base: Floats
    order: Ints
    rank: Ints
    sums: Floats
    even: bool

    @classmethod
    def of(cls, system: System, values: Values) -> _Base | None:
        """Prepare the fast path; None where the inverse is too delicate to be updated."""
        beta, gamma = float(values["beta"]), float(values["gamma"])
        cost = costs(system, values["cost_exponent"])
        matrix = beta * system.allies - gamma * system.rivals
        matrix.flat[:: len(matrix) + 1] += 1.0
        weight = matrix.sum(axis=1)
        vulnerability = vulnerabilities(weight, system.codes)
        inverse = _inverse(matrix)
        if inverse is None:
            return None
        even = bool((cost == 1).all())
        active = contestants(vulnerability, cost)
        zero = np.zeros(len(cost))
        psi = np.where(active, vulnerability, zero)
        reach = inverse @ psi
        spent = reach if even else inverse @ (cost * psi)
        order = np.argsort(cost, kind="stable").astype(np.int64)
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        sums = np.zeros((len(order) + 1, 3))
        np.cumsum(vulnerability[order], out=sums[1:, 0])
        np.cumsum((vulnerability * cost)[order], out=sums[1:, 1])
        sums[:-1, 2] = cost[order]
        count = int(active.sum())
        near = [
            np.where(rank < r, 1.0 - cost / cost[order[r]], 0.0) if r < len(cost) else zero
            for r in (count - 1, count)
        ]
        return cls(
            network=(
                np.ascontiguousarray(system.allies, dtype=np.float64),
                np.ascontiguousarray(system.rivals, dtype=np.float64),
                beta,
                gamma,
            ),
            total=float((psi.sum() - 1.0) / (cost @ psi)),
            active=count,
            inverse=inverse,
            priced=inverse if even else inverse * cost,
            figures=np.stack([weight, vulnerability, cost, active, reach, spent, *near], axis=1),
            base=np.stack([cost * (psi + reach), cost * spent]),
            order=order,
            rank=rank,
            sums=sums,
            even=even,
        )

    @cached_property
    def padded(self) -> tuple[Floats, ...]:
        """What the kernel `judge` needs besides, made when it is first asked for."""
        from detente.lenses.contest.contest_kernel import NEXT_COST, SUM_GAMMA, SUM_PRICED

        n, active, sums = len(self.inverse), self.active, self.sums
        over_last, over_next = 0.0, 2.0
        if active > 1:
            before = sums[active - 1]
            over_last = before[SUM_GAMMA] - before[SUM_PRICED] / before[NEXT_COST]
        if active < n:
            now = sums[active]
            over_next = now[SUM_GAMMA] - now[SUM_PRICED] / now[NEXT_COST]
        more = [*self.base, self.priced.sum(axis=1), self.inverse.diagonal()]
        plain = _padded(self.inverse)
        return (
            _padded(np.concatenate([self.figures.T, more])),
            plain,
            _padded(np.stack([self.base, [[-1.0], [1.0]] * self.base])),
            plain if self.priced is self.inverse else _padded(self.priced),
            np.array([*sums[active, :2], over_last, over_next, *self.base.sum(axis=1)]),
        )

    def given(self, moves: Moves) -> tuple[Any, ...]:
        """Return the arguments of the kernel that do not depend on the part of the changes."""
        return (
            *(moves.ptr, moves.first, moves.second, moves.ally, moves.rival),
            *(moves.actor_ptr, moves.actor, *self.network, self.total, self.active),
            *(self.inverse, self.priced, self.figures, self.base, self.order, self.rank, self.sums),
        )


def _judged(
    base: _Base, moves: Moves, tolerance: float, signs: bool, pays: bool, threads: int
) -> tuple[Screen, Ints]:
    """Judge the changes, with the tables asked for; also return those to be solved anew."""
    from detente.lenses.contest import panel_kernel

    judge: Any = panel_kernel.judge
    m, n = len(moves), len(base.inverse)
    verdict, harmed = np.empty((5, m)), np.empty(m, dtype=np.int64)
    layout = _layout(base, moves)
    starts = layout[0][:: panel_kernel.ROWS]
    few = max(1, min(BLOCKS, 1 << (m // LONG).bit_length() >> 1))
    parts = few if pays else min(SPREAD * threads, 1 + m // SHORT) if threads > 1 else 1
    edges = [*starts.searchsorted(m * np.arange(parts) // parts).tolist(), len(starts) - 1]
    width = base.padded[1].shape[1]
    room = _room(parts, WORK + (n if pays else 0), width)
    work, own = room[:, :WORK], room[:, WORK:]
    sign, no_table = np.zeros((m if signs else 0, n), dtype=np.int8), np.empty((0, n))
    panels, ties = (*layout, *base.padded, *base.network[2:], tolerance), base.given(moves)
    tables = (verdict, harmed, sign)

    def run(part: int) -> Ints:
        left = judge(*edges[part : part + 2], *panels, *tables, own[part], work[part])
        return _run(ties, left, tolerance, (*tables, no_table, own[part]))

    lists = _shared(run, parts, threads)
    paid: Floats | None = None
    if pays:
        paid = own.max(axis=0)[:, :n].T
    return _screen(verdict, harmed, paid, sign if signs else None), np.concatenate(lists)


def _shared(run: Callable[[int], Ints], parts: int, threads: int) -> list[Ints]:
    """Run all parts on so many threads, this one among them; return what they gave, in order."""
    groups: dict[int, Ints] = {}
    turn = count()

    def work() -> None:
        while (part := next(turn)) < parts:
            groups[part] = run(part)

    rest = [_pool(threads).submit(work) for _ in range(min(threads, parts) - 1)]
    work()
    for future in rest:
        future.result()
    return [groups[part] for part in range(parts)]


def _layout(base: _Base, moves: Moves) -> tuple[Any, ...]:
    """Return the panels of a list of changes, which are the same for all draws."""
    from detente.lenses.contest import panel_kernel

    rows, lay_out = panel_kernel.ROWS, cast(Any, panel_kernel.lay_out)
    allies, rivals = base.network[:2]
    stored = _LAYOUTS.get(moves)
    if stored is not None and stored[0] is allies and stored[1] is rivals:
        return stored[2]
    m = len(moves)
    row_ptr, centre = np.empty(rows * m + 1, np.int64), np.empty(rows * m, np.int64)
    partner, seconds = np.empty(m, np.int32), np.empty(m, np.int32)
    nearer, further, panel_ptr = np.empty(m), np.empty(m), np.empty(m + 1, np.int64)
    arrays = (row_ptr, centre, partner, nearer, further, panel_ptr, seconds)
    ties = (moves.ptr, moves.first, moves.second, moves.ally, moves.rival)
    panels = lay_out(*ties, moves.actor_ptr, moves.actor, allies, rivals, *arrays)
    row_ptr, centre = row_ptr[: rows * panels + 1].copy(), centre[: rows * panels].copy()
    panel_ptr = panel_ptr[: panels + 1].copy()
    seconds = seconds[: panel_ptr[-1]].copy()
    layout = (row_ptr, centre, partner, nearer, further, panel_ptr, seconds)
    _LAYOUTS[moves] = allies, rivals, layout
    return layout


_LAYOUTS: WeakKeyDictionary[Moves, tuple[Floats, Floats, tuple[Any, ...]]] = WeakKeyDictionary()


def _screen(
    verdict: Floats, harmed: Ints, pays: Floats | None, sign: NDArray[np.int8] | None
) -> Screen:
    return Screen(
        least=verdict[0],
        desire=verdict[1],
        gain=verdict[2],
        loss=verdict[3],
        harmed=harmed,
        pays=pays,
        sign=sign,
        most=verdict[4],
    )


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    """Return threads that wait for work: to start them takes as long as a short screen."""
    return ThreadPoolExecutor(threads, thread_name_prefix="contest")


if hasattr(os, "register_at_fork"):  # a forked process has no threads but its first
    os.register_at_fork(after_in_child=_pool.cache_clear)


def _run(
    given: tuple[Any, ...], span: tuple[int, int], tolerance: float, results: tuple[Any, ...]
) -> Ints:
    """Run the kernel over a span of changes; return those that have to be solved anew."""
    if span[0] >= span[1]:
        return np.empty(0, dtype=np.int64)
    from detente.lenses.contest import contest_kernel

    kernel: Any = contest_kernel.screen
    again = np.empty(span[1] - span[0], dtype=np.int64)
    left = kernel(*span, *given, tolerance, *results, again)
    return again[:left]


def _padded(rows: Floats) -> Floats:
    """Return the rows with zeros up to a multiple of eight columns, which is a processor's step."""
    padded = _aligned(*rows.shape[:-1], -(-rows.shape[-1] // 8) * 8)
    padded[..., : rows.shape[-1]] = rows
    padded[..., rows.shape[-1] :] = 0.0
    return padded


def _aligned(*shape: int) -> Floats:
    """Return an array that begins with a line of the cache, for eight numbers to lie in one."""
    size = prod(shape)
    flat = np.empty(size + 8)
    start = -flat.ctypes.data % 64 // 8
    return flat[start : start + size].reshape(shape)


class _Kept(threading.local):
    """Room that a thread keeps: to be given it anew by the system takes longer than a screen."""

    room: Floats | None = None


_kept = _Kept()


def _room(*shape: int) -> Floats:
    """Return room for numbers, the same at every call of a thread unless it is large."""
    room = _kept.room
    if room is None or room.shape != shape:
        room = _aligned(*shape)
        _kept.room = room if room.nbytes <= KEPT else None
    return room


def _inverse(matrix: Floats) -> Floats | None:
    """Invert a symmetric matrix; None if it is too delicate to be updated.

    NumPy's inverse lets other threads run meanwhile, which SciPy's symmetric one does not.
    """
    try:
        inverse = np.asarray(np.linalg.inv(matrix), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None
    condition = 1.0 / (np.abs(matrix).sum(axis=0).max() * np.abs(inverse).sum(axis=0).max())
    if not condition >= DELICATE:
        return None
    inverse += inverse.T.copy()
    inverse *= 0.5
    return inverse
