"""Subsets, shares and cascades: the room `transition` beside evaluating anew, NumPy and C.

Usage::

    python benchmarks/transition.py [--quick] [--write]

Measured, median of three in seconds of processor time:

- *subsets*: security of random subsets of a proposal's edits under the lens `coalition`, put
  together by `Composites` and updated by the lens's kernel, beside `Change.apply` and the formula
  anew for a sample, scaled;
- *to moves*: a composite change as edits of ties, beside `moves_of`;
- *Shapley*: exact values of 20 players from a table, beside fifteen lines of NumPy and C;
- *way*: steps to go over all sets of 20 items, beside C;
- *curve*: members left at 12 costs, lens `coalition`, one draw.

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
from detente.transition import shapley
from detente.transition.collapsing import collapse
from detente.transition.columns import columns
from detente.transition.games.lattice_kernel import steps_to_go
from detente.transition.subsets.composites import Composites

HERE = Path(__file__).parent


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


def rows(quick: bool) -> list[tuple[str, str, str, str]]:
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

    ours, _ = took(lambda: collapse(g, "CSTO" if quick else "NATO", draws=0), 1)
    table.append(("membership curve, 12 to 20 costs, 5 orders, one draw", ms(ours), "–", "–"))
    return table


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
