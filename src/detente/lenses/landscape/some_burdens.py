"""Present sides after each of a few changes, all at once and with nothing to compile.

The twin of `landscape_kernel.burdens` for a handful of changes over several draws: every change
in every draw is a row, and all rows take a step of the descent together. Sums are taken in the
kernel's order, so that the bits are the same and it does not matter which of the two answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints, Moves, System
from detente.lenses.landscape.configurations import SLACK
from detente.lenses.sparse_screen import added

Bools = NDArray[np.bool_]


class Different(NamedTuple):
    """The different ones among changes, and what they edit; behind them stands no change at all.

    Change k of the list is the one with `number` (m,). An edit sets the tie of `first` and
    `second` under a `change` to `ally` and `rival`.
    """

    number: Ints
    many: int
    change: Ints
    first: Ints
    second: Ints
    ally: Floats
    rival: Floats

    @classmethod
    def of(cls, moves: Moves) -> Different:
        """Tell changes apart by what they edit; of a pair that is edited twice the last counts."""
        places: dict[tuple[tuple[int, int, float, float], ...], int] = {}
        number = []
        for k in range(len(moves)):
            pairs: dict[tuple[int, int], tuple[float, float]] = {}
            for i, j, ally, rival in moves.edits(k):
                pairs[min(i, j), max(i, j)] = (ally, rival)
            edits = tuple((*pair, *tie) for pair, tie in pairs.items())
            number.append(places.setdefault(edits, len(places)))
        rows = [(c, *edit) for edits, c in places.items() for edit in edits]
        table = np.array(rows, dtype=np.float64).reshape(-1, 5).T
        change, first, second = table[:3].astype(np.int64)
        numbers = np.array(number, dtype=np.int64)
        return cls(numbers, len(places) + 1, change, first, second, table[3], table[4])


class TieLists(NamedTuple):
    """Who is tied to whom after each different change, as far as the weights are not zero.

    The ties of change c are ``ptr[c]:ptr[c + 1]`` of `i`, `j`, in the order in which the kernel
    adds them up, each in both directions; `change` is c again and `group` the number of the
    component, one for every component of every change. `edited_at` are ties that the edits
    `edited_by` set. Of every state under every change (changes, n): the component, and the place
    in it in the order of a search. `by_group` sorts ties by component, `groups` are those with
    ties and `starts` where each of them begins.
    """

    ptr: Ints
    i: Ints
    j: Ints
    change: Ints
    group: Ints
    edited_at: Ints
    edited_by: Ints
    component: Ints
    place: Ints
    by_group: Ints
    groups: Ints
    starts: Ints

    @classmethod
    def of(cls, tied: Bools, kept: Bools, edits: Different) -> TieLists:
        """List them from which pairs are tied before any change, and which edits leave a tie."""
        n = len(tied)
        start = np.nonzero(tied)
        at_edit = np.full((n, n), -1, dtype=np.int64)
        ties, components, places, begun = list[tuple[Ints, Ints, Ints]](), [], [], 0
        for c in range(edits.many):
            mine = np.flatnonzero(edits.change == c)
            a, b = edits.first[mine], edits.second[mine]
            at_edit[a, b] = at_edit[b, a] = mine
            fresh = kept[mine] & ~tied[a, b]
            new = np.stack([a[fresh], b[fresh], b[fresh], a[fresh]], axis=1).reshape(-1, 2)
            i = np.concatenate([start[0], new[:, 0]])
            j = np.concatenate([start[1], new[:, 1]])
            order = np.argsort(i, kind="stable")
            i, j = i[order], j[order]
            by = at_edit[i, j]
            alive = kept[by] if len(kept) else np.zeros(len(by), dtype=np.bool_)
            group, rank, count = _components(n, i, j, np.where(by < 0, np.True_, alive))
            ties.append((i, j, by))
            components.append(group + begun)
            places.append(rank)
            begun += count
            at_edit[a, b] = at_edit[b, a] = -1
        i, j, by = (np.concatenate([tie[k] for tie in ties]) for k in range(3))
        edited = np.flatnonzero(by >= 0)
        sizes = [len(one[0]) for one in ties]
        change = np.repeat(np.arange(edits.many), sizes)
        component = np.stack(components)
        group = component[change, i]
        by_group = np.argsort(group, kind="stable")
        groups, starts = np.unique(group[by_group], return_index=True)
        ptr = np.concatenate([[0], np.cumsum(sizes)])
        return cls(
            ptr, i, j, change, group, edited, by[edited], component, np.stack(places),
            by_group, groups, starts,
        )  # fmt: skip


def _components(n: int, i: Ints, j: Ints, alive: Bools) -> tuple[Ints, Ints, int]:
    """Return the component of each state, its place in a search of it, and how many there are."""
    neighbours: list[list[int]] = [[] for _ in range(n)]
    for a, b in zip(i[alive].tolist(), j[alive].tolist(), strict=True):
        neighbours[a].append(b)
    group, place = [-1] * n, [0] * n
    count = 0
    for seed in range(n):
        if group[seed] >= 0:
            continue
        group[seed] = count
        queue = [seed]
        for a in queue:
            for b in neighbours[a]:
                if group[b] < 0:
                    group[b], place[b] = count, len(queue)
                    queue.append(b)
        count += 1
    return np.array(group), np.array(place), count


class SomeBurdens:
    """Size times frustration at the present sides after each different one of some changes.

    `known` are those of weights of a rivalry that were asked for of late, (different + 1, n).
    """

    def __init__(self, system: System, moves: Moves) -> None:
        self.edits = Different.of(moves)
        self.known: dict[float, Floats] = {}
        self._lists: dict[bytes, TieLists] = {}

    def evaluate(self, system: System, share: Floats, weights: Iterable[float]) -> None:
        """Have the burdens at hand under several weights of a rivalry."""
        new = [weight for weight in dict.fromkeys(weights) if weight not in self.known]
        if new:
            self.keep(dict(zip(new, self._under(system, share, new), strict=True)))

    def keep(self, burdens: Mapping[float, Floats]) -> None:
        """Keep burdens by the weight of a rivalry."""
        known = self.known if len(self.known) <= MOST_KNOWN else {}
        self.known = {**known, **burdens}

    def under(self, system: System, share: Floats, weight: float) -> Floats:
        """Return the burdens under one weight of a rivalry, (different + 1, n)."""
        known = self.known.get(weight)
        if known is None:
            (known,) = self._under(system, share, [weight])
            self.keep({weight: known})
        return known

    def _under(self, s: System, share: Floats, weights: Sequence[float]) -> list[Floats]:
        e, sizes = self.edits, share[:, None] * share[None, :]
        rivalries = np.array(weights)
        base = sizes * (s.allies - rivalries[:, None, None] * s.rivals)
        diagonal = np.arange(s.size)
        base[:, diagonal, diagonal] = 0.0
        edited = share[e.first] * share[e.second] * (e.ally - rivalries[:, None] * e.rival)
        # A weight can be zero in one draw and not in another: then other states are tied.
        draws: dict[bytes, list[int]] = {}
        for d in range(len(base)):
            key = (base[d] != 0.0).tobytes() + (edited[d] != 0.0).tobytes()
            draws.setdefault(key, []).append(d)
            if key not in self._lists:
                self._lists[key] = TieLists.of(base[d] != 0.0, edited[d] != 0.0, e)
        after: dict[int, Floats] = {}
        for key, which in draws.items():
            burdens = _burdens(base[which], edited[which], self._lists[key], e)
            after |= dict(zip(which, burdens, strict=True))
        return [after[d] for d in range(len(base))]


MOST_KNOWN = 512
"""Weights of a rivalry of which burdens are kept."""


class _Rows:
    """The weights of ties under rows, a change in a draw each, given out state by state."""

    def __init__(self, base: Floats, edited: Floats, edits: Different, d: Ints, c: Ints) -> None:
        self.base, self.d = base, d
        begin, end = (np.searchsorted(edits.change, c, side=side) for side in ("left", "right"))
        many = end - begin
        row = np.repeat(np.arange(len(c)), many)
        e = np.repeat(begin - (np.cumsum(many) - many), many) + np.arange(len(row))
        self.row = np.concatenate([row, row])
        self.own = np.concatenate([edits.first[e], edits.second[e]])
        self.other = np.concatenate([edits.second[e], edits.first[e]])
        self.value = np.tile(edited[d[row], e], 2)

    def of(self, state: Ints) -> Floats:
        """Return the weights between one state of each row and all states, (rows, n)."""
        weights: Floats = self.base[self.d, state]
        moved = np.flatnonzero(state[self.row] == self.own)
        weights[self.row[moved], self.other[moved]] = self.value[moved]
        return weights

    def of_one(self, row: int, states: Ints) -> Floats:
        """Return the weights between some states of one row and all states, (states, n)."""
        weights: Floats = self.base[self.d[row], states]
        for e in np.flatnonzero(self.row == row):
            weights[states == self.own[e], self.other[e]] = self.value[e]
        return weights


def _burdens(base: Floats, edited: Floats, ties: TieLists, edits: Different) -> Floats:
    """Return the burdens in draws in which the same states are tied, (draws, changes, n)."""
    draws, n = base.shape[:2]
    shape = (draws, edits.many, n)
    weight = base[:, ties.i, ties.j]
    weight[:, ties.edited_at] = edited[:, ties.edited_by]
    room = draws * edits.many * n
    at = np.arange(draws)[:, None] * (edits.many * n) + (ties.change * n + ties.i)
    slack = added(at.ravel(), (SLACK * np.abs(weight)).ravel(), room).reshape(shape)

    lowest = np.zeros((draws, int(ties.component.max(initial=-1)) + 1))
    if len(ties.i):
        least = np.minimum.reduceat(weight[:, ties.by_group], ties.starts, axis=1)
        lowest[:, ties.groups] = np.minimum(least, 0.0)
    low = lowest[:, ties.group]
    d, tie = np.nonzero((weight <= low * (1.0 - SLACK)) & (low < 0.0) & (ties.i < ties.j))
    # A state can have several greatest rivalries: their burdens are added up in this order.
    order = np.lexsort((tie, ties.place[ties.change[tie], ties.i[tie]], ties.change[tie], d))
    d, tie = d[order], tie[order]
    c = ties.change[tie]
    member = ties.component[c] == ties.group[tie][:, None]
    rows = _Rows(base, edited, edits, d, c)
    side = _sides(rows, ties.i[tie], ties.j[tie], slack[d, c], member, ties.place[c])

    place = d * edits.many + c
    burden, states = _across(ties, weight, side, member, d, c, place)
    total = added(states, burden, room)
    state = place[:, None] * n + np.arange(n)
    anchors = added(state.ravel(), member.ravel(), room)
    burdens: Floats = (total / np.maximum(anchors, 1.0)).reshape(shape)
    return burdens


def _across(
    ties: TieLists, weight: Floats, side: Floats, member: Bools, d: Ints, c: Ints, place: Ints
) -> tuple[Floats, Ints]:
    """Return what ties between states add that do not stand on the same side, and to whom.

    The rows stand by draw, then by change; each state's ties follow one another in their order.
    """
    # A side is -1, 0 or 1: in single bytes the many ties within a side are passed over sooner.
    short = side.astype(np.int8)
    n, burdens, states = side.shape[1], [], []
    for change in range(len(ties.ptr) - 1):
        rows = np.flatnonzero(c == change)
        first, last = ties.ptr[change], ties.ptr[change + 1]
        i, j = ties.i[first:last], ties.j[first:last]
        product = short[rows][:, i] * short[rows][:, j]
        row, e = np.nonzero((product != 1) & member[rows][:, i])
        apart = 1.0 - product[row, e]
        row = rows[row]
        burdens.append(weight[d[row], first + e] * apart / 2.0)
        states.append(place[row] * n + i[e])
    return np.concatenate(burdens), np.concatenate(states)


def _sides(rows: _Rows, a: Ints, b: Ints, slack: Floats, member: Bools, place: Ints) -> Floats:
    """Return the side of each state, (rows, n), as seen from rivals a and b of each row."""
    every = np.arange(len(a))
    pull = rows.of(a) - rows.of(b)
    side = np.zeros(pull.shape)
    side[every, a], side[every, b] = 1.0, -1.0
    widest = 4.0 * np.where(member, slack, 0.0).max(axis=1, initial=0.0)
    # Whom no pull is large enough for stays where it is.
    least = np.where(member, slack, np.inf)
    gain, size, may = np.empty_like(pull), np.empty_like(pull), np.empty(pull.shape, np.bool_)
    while True:
        np.multiply(side, pull, out=gain)
        np.abs(pull, out=size)
        np.less_equal(gain, 0.0, out=may)
        may &= size > least
        np.subtract(size, gain, out=gain)
        gain *= may
        top = gain.argmax(axis=1)
        best = gain[every, top]
        going = best > 0.0
        if not going.any():
            return side
        alone = np.count_nonzero(gain >= (best - widest)[:, None], axis=1) == 1
        goal = np.where(pull[every, top] > 0.0, 1.0, -1.0)
        move = np.where(going & alone, goal - side[every, top], 0.0)
        side[every, top] += move
        step = rows.of(top)
        step *= move[:, None]
        pull += step
        for row in np.flatnonzero(going & ~alone).tolist():
            _together(rows, row, gain[row], least[row], side[row], pull[row], place[row])


def _together(
    rows: _Rows, row: int, gain: Floats, least: Floats, side: Floats, pull: Floats, place: Ints
) -> None:
    """Let states move at once that gain as much: those that would part again stay between."""
    top = int(gain.argmax())
    best = gain[top]
    ready = (gain > 0.0) & ((gain >= best - 4.0 * least[top]) | (gain >= best - 4.0 * least))
    movers = np.flatnonzero(ready)
    movers = movers[np.argsort(place[movers], kind="stable")]
    step = np.zeros(len(gain))
    step[movers] = np.where(pull[movers] > 0.0, 1.0, -1.0) - side[movers]
    weights = rows.of_one(row, movers)
    frozen: Bools = np.any(step[movers][:, None] * step * weights < 0.0, axis=1)
    for k, i in enumerate(movers.tolist()):
        move = -side[i] if frozen[k] else step[i]
        side[i] += move
        pull += weights[k] * move
    least[movers[frozen]] = np.inf
