"""Subsets, shares and cascades: the room `transition` beside evaluating anew, NumPy and C.

Usage::

    python benchmarks/transition.py [--quick] [--write]

Measured, median of three in seconds of processor time:

- *subsets*: security of random subsets of a proposal's edits under the lens `coalition`, put
  together by `Composites` and updated by the lens's kernel, beside `Change.apply` and the formula
  anew for a sample, scaled;
- *to moves*: a composite change as edits of ties, beside `moves_of`;
- *packages of two*: what all pairs of 353 changes give to each state, put together and evaluated,
  beside `Change.apply` and the formula anew for a sample;
- *Shapley*: exact values of 20 players from a table, beside fifteen lines of NumPy and C; and of 20
  sources of ties of one state with the worths of all sets, beside these evaluated as changes;
- *way*: steps to go over all sets of 20 items, beside C;
- *curve*: members of NATO left at 20 costs, with and without a first leaver, and the ends over 5
  orders, 1,000 draws on two threads (elapsed), beside sets of members evaluated as changes.

All must agree within 1e-9 before anything is printed. With ``--write`` it goes to
``results/transition.md``.
"""

from __future__ import annotations

import argparse
import ctypes
import datetime
import platform
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import detente as dt
from detente import lenses
from detente.architecture.changes import moves_of
from detente.runs import Workforce
from detente.transition import shapley
from detente.transition.clubs import club_of
from detente.transition.collapsing import collapse
from detente.transition.columns import columns
from detente.transition.games.lattice_kernel import steps_to_go
from detente.transition.membership_worth import worth_of
from detente.transition.subsets.composites import Composites
from detente.transition.subsets.menu_tables import tables_of_sources
from detente.transition.subsets.sights import sights
from detente.transition.subsets.tie_sources import TieSets, gifts, seen_places

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


def compiled() -> Any:
    """Return the C twins, or None where there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    folder = Path(tempfile.mkdtemp())
    library = folder / "transition.so"
    source = HERE / "transition.c"
    subprocess.run(
        [compiler, "-O3", "-march=native", "-shared", "-fPIC", "-o", library, source], check=True
    )
    return ctypes.CDLL(str(library))


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
    table.append(("a subset of 20 edits, coalition", us(a), us(b) + " anew", f"{b / a:,.0f}"))

    ours, _ = took(lambda: composites.moves(masks))
    slow, _ = took(lambda: moves_of(g, [composites.change(m) for m in sample]), 1)
    a, b = ours / len(masks), slow / len(sample)
    table.append(("a composite change to moves", us(a), us(b) + " moves_of", f"{b / a:,.0f}"))

    n = 16 if quick else 20
    worth = rng.random(1 << n)
    ours, quick_values = took(lambda: shapley(worth, n))
    slow, plain = took(lambda: numpy_shapley(worth, n))
    assert np.allclose(quick_values, plain, atol=1e-9)
    table.append((f"Shapley, {n} players", ms(ours), ms(slow) + " NumPy", f"{slow / ours:.1f}"))
    library = compiled()
    if library is not None:
        out = np.empty(n)
        library.shapley.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
        slow, _ = took(lambda: library.shapley(worth.ctypes.data, n, out.ctypes.data))
        assert np.allclose(out, quick_values, atol=1e-9)
        table.append((f"Shapley, {n} players", ms(ours), ms(slow) + " C", f"{slow / ours:.2f}"))

    allowed = rng.random(1 << n) < 0.5
    allowed[[0, -1]] = True
    goal = np.zeros(1 << n, dtype=bool)
    goal[-1] = True
    steps_to_go(allowed, goal, n, 2)
    ours, steps = took(lambda: steps_to_go(allowed, goal, n, 2))
    if library is not None:
        other = np.empty(1 << n, dtype=np.uint8)
        library.steps_to_go.argtypes = (
            [ctypes.c_void_p] * 2 + [ctypes.c_int] * 2 + [ctypes.c_void_p]
        )
        slow, _ = took(
            lambda: library.steps_to_go(
                allowed.ctypes.data, goal.ctypes.data, n, 2, other.ctypes.data
            )
        )
        assert (steps == other).all()
        table.append(
            (
                f"steps to go, {n} items, packages of 2",
                ms(ours),
                ms(slow) + " C",
                f"{slow / ours:.2f}",
            )
        )

    table += packages_of_two(g, lens, values, 40 if quick else 353)
    table.append(shares_of_sources(g))
    table += membership_curve(g, "CSTO" if quick else "NATO", 20 if quick else 1000)
    return table


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
    name = f"all {len(sets):,} packages of two of {many} changes"
    return [
        (f"{name}: {many} read from the ledger", sec(read), "–", "–"),
        (f"{name}: put together", sec(put), "–", "–"),
        (f"{name}: evaluated", sec(ours), sec(whole) + " anew", f"{whole / ours:,.0f}"),
    ]


def shares_of_sources(g: Any) -> Row:
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
    ours, _ = took(lambda: shapley(worths(), 20))
    some = np.random.default_rng(0).integers(0, 1 << 20, 200)
    masks = (some[:, None] >> np.arange(20) & 1).astype(np.bool_)
    slow, plain = took(lambda: view.deltas(sets.moves(masks))[:, place])
    assert np.allclose(plain + view.security[place], worth[some], atol=1e-12)
    whole = slow / len(some) * len(worth)
    return ("Shapley, 20 sources of EST, with all worths", ms(ours),
            sec(whole) + " as changes", f"{whole / ours:,.0f}")  # fmt: skip


def membership_curve(g: Any, name: str, draws: int) -> list[Row]:
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
    return [
        (f"worth of membership of {name} with 20 sets of members, one draw", ms(ours),
         ms(slow) + " as changes", f"{slow / ours:,.0f}"),
        (f"curve of {name}, 20 costs, 5 orders, {draws:,} draws", sec(whole), "–", "–"),
    ]  # fmt: skip


def sec(seconds: float) -> str:
    """Return a time in seconds."""
    return f"{seconds:,.2f} s"


def us(seconds: float) -> str:
    """Return a time in microseconds."""
    return f"{seconds * 1e6:,.0f} µs"


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
