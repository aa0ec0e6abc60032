"""Changes of ties around one state each, judged by the compiled kernels: threads, blocks, room."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import count
from math import prod
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

import numpy as np

from detente.architecture.system import Floats, Ints, Moves, System
from detente.errors import Undefined
from detente.lenses.contest.game import contestants, vulnerabilities
from detente.lenses.kernel_arrays import VerdictArrays, deciders, screen_of, tie_edits
from detente.lenses.protocol import Screen, Values

if TYPE_CHECKING:
    from detente.lenses.contest.contest_kernel import Given, Network, Standing
    from detente.lenses.contest.panel_kernel import Padded, Panels

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
    """The game before any change, as the kernels want it; `even` if all costs are 1."""

    network: Network
    standing: Standing
    even: bool

    @classmethod
    def of(cls, system: System, values: Values) -> Base | None:
        """Prepare the fast path; None where the inverse is too delicate to be updated."""
        from detente.lenses.contest.contest_kernel import Network, Standing

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
        network = Network(
            np.ascontiguousarray(system.allies, dtype=np.float64),
            np.ascontiguousarray(system.rivals, dtype=np.float64),
            beta,
            gamma,
        )
        standing = Standing(
            total=float((psi.sum() - 1.0) / (cost @ psi)),
            active=count,
            inverse=inverse,
            priced=inverse if even else inverse * cost,
            figures=np.stack([weight, vulnerability, cost, active, reach, spent, *near], axis=1),
            base=np.stack([cost * (psi + reach), cost * spent]),
            order=order,
            rank=rank,
            sums=sums,
        )
        return cls(network, standing, even)

    @cached_property
    def padded(self) -> Padded:
        """The same for the kernel of panels, made when it is first asked for."""
        from detente.lenses.contest.contest_kernel import NEXT_COST, SUM_GAMMA, SUM_PRICED
        from detente.lenses.contest.panel_kernel import Padded

        standing = self.standing
        n, active, sums = len(standing.inverse), standing.active, standing.sums
        over_last, over_next = 0.0, 2.0
        if active > 1:
            before = sums[active - 1]
            over_last = before[SUM_GAMMA] - before[SUM_PRICED] / before[NEXT_COST]
        if active < n:
            now = sums[active]
            over_next = now[SUM_GAMMA] - now[SUM_PRICED] / now[NEXT_COST]
        base, inverse, priced = standing.base, standing.inverse, standing.priced
        more = [*base, priced.sum(axis=1), inverse.diagonal()]
        plain = _padded(inverse)
        return Padded(
            columns=_padded(np.concatenate([standing.figures.T, more])),
            plain=plain,
            rows=_padded(np.stack([base, [[-1.0], [1.0]] * base])),
            priced=plain if priced is inverse else _padded(priced),
            border=np.array([*sums[active, :2], over_last, over_next, *base.sum(axis=1)]),
        )

    def given(self, moves: Moves) -> Given:
        """Return what the kernel reads of the changes and of the game."""
        from detente.lenses.contest.contest_kernel import Given

        return Given(tie_edits(moves), deciders(moves), self.network, self.standing)


def judged(
    base: Base, moves: Moves, tolerance: float, signs: bool, pays: bool, threads: int
) -> tuple[Screen, Ints]:
    """Judge the changes, with the tables asked for; also return those to be solved anew."""
    from detente.lenses.contest import panel_kernel

    judge: Any = panel_kernel.judge
    m, n = len(moves), len(base.standing.inverse)
    panels, game, given = _layout(base, moves), base.padded, base.given(moves)
    starts = panels.row_ptr[:: panel_kernel.ROWS]
    few = max(1, min(BLOCKS, 1 << (m // LONG).bit_length() >> 1))
    parts = few if pays else min(SPREAD * threads, 1 + m // SHORT) if threads > 1 else 1
    edges = [*starts.searchsorted(m * np.arange(parts) // parts).tolist(), len(starts) - 1]
    room = _room(parts, WORK + (n if pays else 0), game.plain.shape[1])
    work, own = room[:, :WORK], room[:, WORK:]
    figures, harmed = np.empty((5, m)), np.empty(m, dtype=np.int64)
    sign, no_table = np.zeros((m if signs else 0, n), dtype=np.int8), np.empty((0, n))

    def run(part: int) -> Ints:
        verdicts = VerdictArrays(figures, harmed, sign, own[part])
        edge = (edges[part], edges[part + 1])
        left = judge(edge, panels, game, base.network, tolerance, verdicts, work[part])
        return left_over(given, left, tolerance, no_table, verdicts)

    lists = _shared(run, parts, threads)
    paid = own.max(axis=0)[:, :n].T if pays else np.empty((0, n))
    verdicts = VerdictArrays(figures, harmed, sign, paid)
    return screen_of(verdicts, signs=signs, pays=pays), np.concatenate(lists)


def table_of(base: Base, moves: Moves) -> tuple[Floats, Ints]:
    """Return what each change gives to each state, (m, n), and the changes to be solved anew."""
    m, n = len(moves), len(base.standing.inverse)
    table = np.empty((m, n))
    verdicts = VerdictArrays(
        np.empty((5, m)), np.full(m, -1), np.empty((0, n), dtype=np.int8), np.empty((0, n))
    )  # -1: still to be judged
    return table, left_over(base.given(moves), (0, m), 0.0, table, verdicts)


def refilled(screened: Screen, plain: Screen, again: Ints) -> None:
    """Write the verdicts on the changes `again`, which were solved anew, into those on all."""
    for name in ("least", "most", "desire", "gain", "loss", "harmed"):
        getattr(screened, name)[again] = getattr(plain, name)
    if screened.pays is not None and plain.pays is not None:
        np.maximum(screened.pays, plain.pays, out=screened.pays)
    if screened.sign is not None and plain.sign is not None:
        screened.sign[again] = plain.sign


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


def _layout(base: Base, moves: Moves) -> Panels:
    """Return the panels of a list of changes, which are the same for all draws."""
    from detente.lenses.contest import panel_kernel

    rows, lay_out = panel_kernel.ROWS, cast(Any, panel_kernel.lay_out)
    allies, rivals = base.network.allies, base.network.rivals
    stored = _LAYOUTS.get(moves)
    if stored is not None and stored[0] is allies and stored[1] is rivals:
        return stored[2]
    m = len(moves)
    panels = panel_kernel.Panels(
        row_ptr=np.empty(rows * m + 1, np.int64),
        centre=np.empty(rows * m, np.int64),
        partner=np.empty(m, np.int32),
        nearer=np.empty(m),
        further=np.empty(m),
        panel_ptr=np.empty(m + 1, np.int64),
        seconds=np.empty(m, np.int32),
    )
    number = lay_out(tie_edits(moves), deciders(moves), base.network, panels)
    panel_ptr = panels.panel_ptr[: number + 1].copy()
    panels = panels._replace(
        row_ptr=panels.row_ptr[: rows * number + 1].copy(),
        centre=panels.centre[: rows * number].copy(),
        panel_ptr=panel_ptr,
        seconds=panels.seconds[: panel_ptr[-1]].copy(),
    )
    _LAYOUTS[moves] = allies, rivals, panels
    return panels


_LAYOUTS: WeakKeyDictionary[Moves, tuple[Floats, Floats, Panels]] = WeakKeyDictionary()


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    """Return threads that wait for work: to start them takes as long as a short screen."""
    return ThreadPoolExecutor(threads, thread_name_prefix="contest")


if hasattr(os, "register_at_fork"):  # a forked process has no threads but its first
    os.register_at_fork(after_in_child=_pool.cache_clear)


def left_over(
    given: Given, span: tuple[int, int], tolerance: float, table: Floats, verdicts: VerdictArrays
) -> Ints:
    """Judge those of a span that are still to be judged; return those to be solved anew."""
    if span[0] >= span[1]:
        return np.empty(0, dtype=np.int64)
    from detente.lenses.contest import contest_kernel

    kernel: Any = contest_kernel.screen
    again = np.empty(span[1] - span[0], dtype=np.int64)
    left = kernel(*span, given, tolerance, table, verdicts, again)
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
