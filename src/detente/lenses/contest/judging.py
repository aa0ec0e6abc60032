"""Changes of ties around one state each, judged by the compiled kernels: threads, blocks, room."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import count
from math import prod
from typing import Any, cast
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints, Moves, System
from detente.errors import Undefined
from detente.lenses.contest.game import contestants, vulnerabilities
from detente.lenses.protocol import Screen, Values

DELICATE = 1e-8  # reciprocal condition number below which the inverse is not updated


SHORT = 2048  # changes that are not worth another thread


WORK = 64  # rows of numbers that the kernel wants room for


SPREAD = 2  # parts a thread, where the parts do not matter to the result


LONG = 8192  # changes of a part with sums of its own


KEPT = 4_000_000  # bytes of room that a thread keeps, at most


BLOCKS = 8  # parts of a long list of changes; never the number of threads, so that sums agree


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


def only_ties(moves: Moves, values: Values) -> bool:
    """Whether the kernel can read the changes: no arming that matters, no pair of both ties."""
    if ((moves.ally > 0) & (moves.rival > 0)).any():
        return False
    return values["cost_exponent"] == 0 or moves.armed.count(()) == len(moves)


@dataclass(frozen=True, eq=False)
class Base:
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
    def of(cls, system: System, values: Values) -> Base | None:
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


def judged(
    base: Base, moves: Moves, tolerance: float, signs: bool, pays: bool, threads: int
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


def _layout(base: Base, moves: Moves) -> tuple[Any, ...]:
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
