"""Subsets, shares and cascades: the room `transition` beside evaluating anew, NumPy and C.

Usage::

    python benchmarks/transition.py [--quick] [--write]

Measured, median of three in seconds of processor time, beside evaluating anew and beside C:

- *subsets*: security of random subsets of a proposal's edits under the lens `coalition`, put
  together by `Composites` and updated by the lens's kernel;
- *all sets*: the worst-off state with every set of 20 edits and of 24;
- *to moves*: a composite change as edits of ties, beside `moves_of`;
- *packages of two*: what all pairs of 353 changes give to each state: read, put together and
  evaluated;
- *Shapley*: exact values of 20 players from a table, beside fifteen lines of NumPy too; and of 20
  sources of ties of one state with the worths of all sets;
- *way*: steps to go over all sets of 20 items;
- *curve*: members of NATO left at 20 costs, with and without a first leaver, and the ends over 5
  orders, 1,000 draws on two threads (elapsed).

*Anew* is the product itself: a change applied to tables, then the formula, or sets as changes. The
C twins are the formula anew with each set (`transition_sets.c`), changes exchanged and undone
(`coalition.c`), and the same algorithm (`transition.c`: Shapley, steps to go). What would take
too long beside is done for a sample and scaled. All must agree within 1e-9 before anything is
printed. With ``--write`` it goes to ``results/transition.md``.
"""

from __future__ import annotations

import argparse
import ctypes
import datetime
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import coalition as single
import detente as dt
from detente import lenses
from detente.architecture.changes import moves_of
from detente.lenses.coalition.changes import _ready, numbers_of
from detente.lenses.coalition.subsets import varying
from detente.lenses.coalition.system_facts import facts_of
from detente.runs import Workforce
from detente.transition import shapley
from detente.transition.clubs import club_of
from detente.transition.collapsing import collapse
from detente.transition.columns import columns
from detente.transition.games.lattice_kernel import steps_to_go
from detente.transition.games.membership_cascade import turns_of
from detente.transition.membership_worth import worth_of
from detente.transition.subsets.composites import Composites
from detente.transition.subsets.menu_tables import tables_of_menu, tables_of_sources
from detente.transition.subsets.sights import sights
from detente.transition.subsets.tie_sources import TieSets, gifts, seen_places
from transition_twin import PutTogether, Twin, compiled

HERE = Path(__file__).parent
Row = tuple[str, str, str, str]


def took(work: Callable[[], Any], rounds: int = 3) -> tuple[float, Any]:
    """Return the median processor time of some runs, and what the last gave."""
    times, value = [], None
    for _ in range(rounds):
        start = time.process_time()
        value = work()
        times.append(time.process_time() - start)
    return statistics.median(times), value


def numpy_shapley(table: np.ndarray, n: int) -> np.ndarray:
    """Return Shapley values the textbook way: for each player all sets without him."""
    from math import comb

    sets = np.arange(1 << n)
    size = np.bitwise_count(sets)
    weight = np.array([1 / (n * comb(n - 1, s)) for s in range(n)])
    values = np.empty(n)
    for i in range(n):
        without = sets[(sets >> i & 1) == 0]
        values[i] = weight[size[without]] @ (table[without | 1 << i] - table[without])
    return values


def rows(quick: bool) -> list[Row]:
    """Return what was measured: workload, ours, beside, ratio."""
    g = dt.load("eurasia-2024")
    lens = lenses.find("coalition")
    values = lens.values()
    table = []

    (column,) = columns(g, "euro_atlantic:wide")
    composites = Composites(g, column.items)
    rng = np.random.default_rng(0)
    masks = rng.random((200 if quick else 2000, len(composites))) < 0.5
    lens.deltas(g.system, composites.moves(masks[:50]), values)  # compile
    ours, quick_deltas = took(lambda: lens.deltas(g.system, composites.moves(masks), values))
    sample = masks[:5]

    def anew() -> np.ndarray:
        before = lens.security(g.system, values)
        return np.stack(
            [lens.security(composites.change(m).apply(g).system, values) - before for m in sample]
        )

    slow, plain = took(anew, 1)
    assert np.allclose(quick_deltas[:5], plain, atol=1e-9)
    a, b = ours / len(masks), slow / len(sample)
    table.append(("a subset of 20 edits, coalition", us(a), us(b) + " anew", ratio(b, a)))
    sets_in_c = compiled("transition_sets.c", "-lm")
    for name, many in (("euro_atlantic:wide", 20), ("eurasian_2024:text", 24))[: 1 + (not quick)]:
        table += all_sets(g, lens, values, sets_in_c, (name, many))

    ours, moves = took(lambda: composites.moves(masks))
    slow, _ = took(lambda: moves_of(g, [composites.change(m) for m in sample]), 1)
    a, b = ours / len(masks), slow / len(sample)
    table.append(("a composite change to moves", us(a), us(b) + " moves_of", ratio(b, a)))
    plainly = PutTogether(sets_in_c, composites, masks)
    slow, _ = took(plainly.run)
    assert np.array_equal(plainly.ptr, moves.ptr)
    assert np.array_equal(plainly.pairs, np.stack([moves.first, moves.second]))
    assert np.array_equal(plainly.ties, np.stack([moves.ally, moves.rival]))
    c = slow / len(masks)
    table.append(("a composite change to moves", us(a), us(c) + " C, ties alone", ratio(c, a)))

    n = 16 if quick else 20
    worth = rng.random(1 << n)
    ours, quick_values = took(lambda: shapley(worth, n))
    slow, plain = took(lambda: numpy_shapley(worth, n))
    assert np.allclose(quick_values, plain, atol=1e-9)
    table.append((f"Shapley, {n} players", ms(ours), ms(slow) + " NumPy", ratio(slow, ours)))
    library = compiled("transition.c")
    slow, plain = took(lambda: shapley_in_c(library, worth, n))
    assert np.allclose(plain, quick_values, atol=1e-9)
    table.append((f"Shapley, {n} players", ms(ours), ms(slow) + " C", ratio(slow, ours)))

    allowed = rng.random(1 << n) < 0.5
    allowed[[0, -1]] = True
    goal = np.zeros(1 << n, dtype=bool)
    goal[-1] = True
    steps_to_go(allowed, goal, n, 2)
    ours, steps = took(lambda: steps_to_go(allowed, goal, n, 2))
    other = np.empty(1 << n, dtype=np.uint8)
    library.steps_to_go.argtypes = [ctypes.c_void_p] * 2 + [ctypes.c_int] * 2 + [ctypes.c_void_p]
    places = (allowed.ctypes.data, goal.ctypes.data)
    slow, _ = took(lambda: library.steps_to_go(*places, n, 2, other.ctypes.data))
    assert (steps == other).all()
    name = f"steps to go, {n} items, packages of 2"
    table.append((name, ms(ours), ms(slow) + " C", ratio(slow, ours)))

    table += packages_of_two(g, lens, values, 40 if quick else 353)
    table += shares_of_sources(g, library, sets_in_c)
    table += membership_curve(g, sets_in_c, "CSTO" if quick else "NATO", 20 if quick else 1000)
    return table


def shapley_in_c(library: Any, worth: np.ndarray, n: int) -> np.ndarray:
    """Return the Shapley values of the C twin."""
    values = np.empty(n)
    library.shapley.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
    library.shapley(worth.ctypes.data, n, values.ctypes.data)
    return values


def all_sets(
    g: Any, lens: Any, values: dict[str, float], library: Any, menu: tuple[str, int]
) -> list[Row]:
    """Measure the worst-off state with every set of some edits of a proposal."""
    name, many = menu
    (column,) = columns(g, name)
    composites = Composites(g, column.items[:many])
    before = lens.security(g.system, values)
    start = time.process_time()
    tables = tables_of_menu(composites)
    read = time.process_time() - start
    lens.over_subsets(g.system, tables, values)
    ours, least = took(
        lambda: lens.over_subsets(g.system, tables, values).least(before, threads=1),
        1 if many > 20 else 3,
    )
    twin = Twin(library, varying(g.system, tables, values), numbers_of(values))
    some = np.random.default_rng(0).integers(0, 1 << many, 300)
    states = range(g.system.size)
    slow, secure = took(lambda: twin.securities(some, states), 1)
    assert np.allclose((secure - before).min(axis=1), least[some], atol=1e-10)
    few = some[:5]
    masks = (few[:, None] >> np.arange(many) & 1).astype(np.bool_)
    anew, plain = took(
        lambda: [lens.security(composites.change(m).apply(g).system, values) for m in masks], 1
    )
    assert np.allclose((np.stack(plain) - before).min(axis=1), least[few], atol=1e-9)
    what = f"worst-off state with every set of {many} edits of {name}"
    rows = [(f"{what}: edits tabled", sec(read), "–", "–")]
    for seconds, tried, beside in ((anew, few, "anew"), (slow, some, "C, set by set")):
        whole = seconds / len(tried) * (1 << many)
        rows.append((what, sec(ours), f"{sec(whole)} {beside}", ratio(whole, ours)))
    return rows


def packages_of_two(g: Any, lens: Any, values: dict[str, float], many: int) -> list[Row]:
    """Measure what every pair of many changes gives to each state."""
    rng = np.random.default_rng(0)
    listed = dt.feasible(g)
    chosen = sorted(rng.choice(len(listed), many, replace=False).tolist())
    items = [listed[k].bound(g) for k in chosen]
    first, second = np.triu_indices(many, 1)
    sets = np.zeros((len(first), many), dtype=np.bool_)
    sets[np.arange(len(first)), first] = sets[np.arange(len(first)), second] = True
    start = time.process_time()
    composites = Composites(g, items)
    read = time.process_time() - start
    pieces = [composites.moves(sets[at : at + 5000]) for at in range(0, len(sets), 5000)]
    put, _ = took(
        lambda: [composites.moves(sets[at : at + 5000]) for at in range(0, len(sets), 5000)], 1
    )
    ours, deltas = took(
        lambda: np.concatenate([lens.deltas(g.system, moves, values) for moves in pieces])
    )
    some = rng.choice(len(sets), 5, replace=False)

    def anew() -> np.ndarray:
        before = lens.security(g.system, values)
        changed = [composites.change(sets[k]).apply(g).system for k in some]
        return np.stack([lens.security(system, values) - before for system in changed])

    slow, plain = took(anew, 1)
    assert np.allclose(deltas[some], plain, atol=1e-12)
    whole = slow / len(some) * len(sets)
    library = single.twin()
    ready = [(_ready(g.system, facts_of(g.system, values, m), m, values), len(m)) for m in pieces]
    inc, exchanged = took(
        lambda: np.concatenate([single.in_c(library, book, many) for book, many in ready]), 1
    )
    assert np.allclose(deltas, exchanged, atol=1e-10)
    name = f"all {len(sets):,} packages of two of {many} changes"
    return [
        (f"{name}: {many} read from the ledger", sec(read), "–", "–"),
        (f"{name}: put together", sec(put), "–", "–"),
        (f"{name}: evaluated", sec(ours), sec(whole) + " anew", ratio(whole, ours)),
        (f"{name}: evaluated", sec(ours), sec(inc) + " C", ratio(inc, ours)),
        (f"{name}: in all", sec(read + put + ours), sec(whole) + " anew",
         ratio(whole, read + put + ours)),
    ]  # fmt: skip


def shares_of_sources(g: Any, library: Any, sets_in_c: Any) -> list[Row]:
    """Measure exact Shapley values of 20 sources of ties of one state, worths included."""
    view = sights(g, "coalition", draws=0, seed=0)[0]
    place = g.system.codes.index("EST")
    seen = seen_places(view.lens)
    given = [gift for gift in gifts(g.ledger) if gift.what in seen]
    named = dict.fromkeys(gift.source for gift in given if "EST" in (gift.row, gift.column))
    named |= dict.fromkeys(gift.source for gift in given)
    player = {name: k for k, name in enumerate(list(named)[:20])}
    sets = TieSets(g.system, g.mapping, given, lambda gift: player.get(gift.source), 20)
    tables = tables_of_sources(sets)
    assert tables is not None

    def worths() -> np.ndarray:
        return view.lens.over_subsets(g.system, tables, view.values).of([place])[:, 0]

    worth = worths()
    ours, shares = took(lambda: shapley(worths(), 20))
    some = np.random.default_rng(0).integers(0, 1 << 20, 200)
    masks = (some[:, None] >> np.arange(20) & 1).astype(np.bool_)
    slow, plain = took(lambda: view.deltas(sets.moves(masks))[:, place])
    assert np.allclose(plain + view.security[place], worth[some], atol=1e-12)
    whole = slow / len(some) * len(worth)
    twin = Twin(sets_in_c, varying(g.system, tables, view.values), numbers_of(view.values))
    many = np.arange(0, 1 << 20, 37)
    inc, secure = took(lambda: twin.securities(many, [place])[:, 0], 1)
    assert np.allclose(secure, worth[many], atol=1e-12)
    once, in_c = took(lambda: shapley_in_c(library, worth, 20))
    assert np.allclose(in_c, shares, atol=1e-12)
    name, all_in_c = (
        "Shapley, 20 sources of EST, with all worths",
        inc * len(worth) / len(many) + once,
    )
    return [
        (name, ms(ours), sec(whole) + " as changes", ratio(whole, ours)),
        (name, ms(ours), sec(all_in_c) + " C, set by set", ratio(all_in_c, ours)),
    ]


def membership_curve(g: Any, library: Any, name: str, draws: int) -> list[Row]:
    """Measure the curve of members left over draws; elapsed, since it is done on threads."""
    first = "RUS" if name == "CSTO" else "USA"
    work = Workforce(threads=2)
    collapse(g, name, first=first, draws=2)  # compile
    start = time.perf_counter()
    collapse(g, name, first=first, draws=0)
    point = time.perf_counter() - start
    start = time.perf_counter()
    collapse(g, name, first=first, draws=draws, work=work)
    whole = time.perf_counter() - start - point

    view, club = sights(g, "coalition", draws=3, seed=0)[0], club_of(g, name)
    fast = worth_of(g, club, view).drawn(view.drawn[0])
    plain = fast.drawn(view.drawn[0])
    plain.quick = None
    sets = np.random.default_rng(0).random((20, fast.many)) < 0.7
    fast.of(~sets)
    ours, quick_worths = took(lambda: fast.drawn(view.drawn[0]).of(sets), 1)
    slow, worths = took(lambda: plain.of(sets), 1)
    assert np.allclose(quick_worths, worths, atol=1e-12)
    twin = Twin(library, *fast.quick._tabled[1:3])
    members = sets[:, fast.items] @ (1 << np.arange(len(fast.items), dtype=np.int64))
    places = [fast.places[m] for m in fast.items]
    inc, in_c = took(lambda: twin.worths(members, places), 1)
    assert np.allclose(quick_worths[:, fast.items], in_c, atol=1e-12)
    assert fast.items == list(range(fast.many))

    # One draw of the curve: 20 costs with and without the first leaver, one cost in 5 orders.
    full = fast(np.ones(fast.many, dtype=np.bool_))
    costs = np.linspace(0.0, 1.05 * float(full.max()), 20)
    leaver, turns = club.members.index(first), turns_of(fast.many, 5, 0)
    everybody = (1 << fast.many) - 1
    starts = np.array([everybody] * 20 + [everybody & ~(1 << leaver)] * 25)
    asked = np.concatenate([np.tile(turns[:1], (40, 1)), turns])
    prices = np.concatenate([costs, costs, np.full(5, costs[8])])
    one, stay = took(lambda: twin.left(prices, asked, starts, places), 1)
    left = fast.left(costs, ((), (leaver,)))
    assert np.array_equal(np.bitwise_count(stay[:40]), left.reshape(-1))
    ends = {sum(1 << int(m) for m in np.flatnonzero(end)) for end in
            fast.ends(float(costs[8]), (leaver,), turns)}  # fmt: skip
    assert ends == set(stay[40:].tolist())
    return [
        (f"worth of membership of {name} with 20 sets of members, one draw", ms(ours),
         ms(inc) + " C, set by set", ratio(inc, ours)),
        (f"worth of membership of {name} with 20 sets of members, one draw", ms(ours),
         ms(slow) + " as changes", ratio(slow, ours)),
        (f"curve of {name}, 20 costs, 5 orders, {draws:,} draws", sec(whole),
         f"{sec(one * draws / 2)} C, set by set on two threads", ratio(one * draws / 2, whole)),
    ]  # fmt: skip


def ratio(beside: float, ours: float) -> str:
    """Return how many times as long it takes beside ours."""
    times = beside / ours
    return f"{times:,.0f}" if times >= 10 else f"{times:.2f}"


def sec(seconds: float) -> str:
    """Return a time in seconds."""
    return f"{seconds:,.2f} s"


def us(seconds: float) -> str:
    """Return a time in microseconds."""
    return f"{seconds * 1e6:,.2g} µs" if seconds < 1e-5 else f"{seconds * 1e6:,.0f} µs"


def ms(seconds: float) -> str:
    """Return a time in milliseconds."""
    return f"{seconds * 1e3:,.1f} ms"


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    lines = [
        "# Transitions",
        "",
        f"{datetime.date.today()}, {platform.machine()}, Python {platform.python_version()}, "
        "processor time, median of three.",
        "",
        "| workload | ours | beside | beside / ours |",
        "| --- | --- | --- | --- |",
        *(f"| {' | '.join(row)} |" for row in rows(arguments.quick)),
    ]
    print("\n".join(lines))
    if arguments.write:
        (HERE / "results" / "transition.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
