"""The lens coalition: single changes, a what-if, sets of edits, and a first command.

Usage::

    python benchmarks/coalition.py [--write] [--first] [--long]

Processor time, medians; every ratio is of one run on one machine, and all ways must agree within
1e-10 before anything is printed. With ``--first`` the first command of a fresh environment is
measured too (half a minute and more), with ``--long`` 24 edits and 1,000 draws of the audit.
With ``--write`` it goes to ``results/coalition.md``.
"""

from __future__ import annotations

import argparse
import ctypes
import datetime
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import detente as dt
from detente.architecture.changes import moves_of
from detente.lenses.coalition import Coalition
from detente.lenses.coalition.changes import _ready, many_deltas
from detente.lenses.coalition.system_facts import facts_of
from detente.lenses.coalition.touched_terms import deltas_of, touched_by
from detente.transition.columns import columns
from detente.transition.subsets.composites import Composites
from detente.transition.subsets.menu_tables import tables_of_menu

HERE = Path(__file__).parent
Row = tuple[str, str, str, str]


def took(work: Callable[[], Any], rounds: int = 7) -> float:
    """Return the median processor time of some runs, after one that is not counted."""
    work()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def twin() -> Any:
    """Return the C twin, compiled by the compiler that is there."""
    library = Path(tempfile.mkdtemp()) / "coalition.so"
    source = HERE / "coalition.c"
    flags = ["-O3", "-march=native", "-shared", "-fPIC"]
    subprocess.run(["cc", *flags, "-o", library, source, "-lm"], check=True)
    return ctypes.CDLL(str(library))


def in_c(library: Any, ready: tuple[Any, ...], changes: int) -> np.ndarray:
    """Return the deltas of the C twin, array (changes, n)."""
    (raw, cells, sums, _, numbers), edits = ready
    n = len(raw.strength)
    out = np.zeros((changes, n))
    parameters = np.array(list(numbers), dtype=np.float64)

    def at(array: np.ndarray) -> ctypes.c_void_p:
        return ctypes.c_void_p(array.ctypes.data)

    library.deltas(
        ctypes.c_int64(n), ctypes.c_int64(len(raw.nuclear)), at(raw.pair), at(cells),
        at(sums.pair), at(raw.neutral), at(raw.strength), at(raw.armed), at(sums.got),
        at(raw.nuclear), at(sums.rivals), at(sums.number), at(parameters),
        ctypes.c_int64(changes), at(edits.ptr), at(edits.what), at(edits.first),
        at(edits.second), at(edits.value), at(out),
    )  # fmt: skip
    return out


def single_changes() -> list[Row]:
    """Measure all feasible single changes of the bundled scenario."""
    g, lens = dt.load("eurasia-2024"), Coalition()
    values, listed = lens.values(), dt.feasible(g)
    moves, m = moves_of(g, listed), len(listed)
    facts = facts_of(g.system, values, moves)
    places = touched_by(g.system, moves, values)
    assert places is not None
    ready, library = _ready(g.system, facts, moves, values), twin()
    some = np.random.default_rng(0).choice(m, 10, replace=False).tolist()
    before = lens.security(g.system, values)
    plain = np.stack([lens.security(g.apply(listed[k]).system, values) - before for k in some])
    for way in (
        deltas_of(places, values),
        many_deltas(g.system, facts, moves, values),
        in_c(library, ready, m),
    ):
        assert np.abs(way[some] - plain).max() < 1e-10

    # The kernel marks what a change has touched: arrays made anew, as in every call of the lens.
    kernel = took(lambda: many_deltas(g.system, facts, moves, values))
    kernel -= took(lambda: _ready(g.system, facts, moves, values))
    terms = took(lambda: deltas_of(places, values))
    c = took(lambda: in_c(library, ready, m))
    anew = took(lambda: [lens.security(g.apply(listed[k]).system, values) for k in some], 3) / len(
        some
    )
    rows = []
    for name, seconds in (("terms, NumPy", terms), ("kernel, Numba", kernel)):
        what = f"all {m:,} single changes after the sums: {name}"
        rows.append((what, us(seconds / m), f"{ms(anew)} anew", f"{anew * m / seconds:,.0f}"))
        rows.append((what, us(seconds / m), f"{us(c / m)} C", f"{c / seconds:.2f}"))
    return rows


def what_if() -> list[Row]:
    """Measure one change, warm."""
    g, rows = dt.load("eurasia-2024"), list[Row]()
    for draws in (0, 100):
        for others in (False, True):
            seconds = took(
                lambda draws=draws, others=others: dt.audit(
                    g, "UKR joins NATO", draws=draws, alternatives=others
                )
            )
            beside = "with other choices tried" if others else "alone"
            rows.append((f"what-if, {draws} draws, {beside}", ms(seconds), "–", "–"))
    return rows


def subsets(long: bool) -> list[Row]:
    """Measure the security with every set of edits of a proposal."""
    g, lens = dt.load("eurasia-2024"), Coalition()
    values, rows = lens.values(), list[Row]()
    before = lens.security(g.system, values)
    cases = [("euro_atlantic:wide", 20), ("eurasian_2024:wide", 20)]
    for name, many in [*cases, ("eurasian_2024:text", 24)][: 3 if long else 2]:
        (column,) = columns(g, name)
        composites = Composites(g, column.items[:many])
        tables = tables_of_menu(composites)
        assert tables is not None
        masks = np.random.default_rng(0).random((100, many)) < 0.5
        moves = composites.moves(masks)
        facts = facts_of(g.system, values, moves)
        kernel = took(
            lambda facts=facts, moves=moves: many_deltas(g.system, facts, moves, values), 3
        ) / len(masks)
        kept = []

        def every(tables: Any = tables, kept: list[Any] = kept) -> None:
            found = lens.over_subsets(g.system, tables, values)
            assert found is not None
            kept[:] = [found.least(before, threads=1)]

        seconds = took(every, 1 if many > 20 else 3)
        at = masks @ (1 << np.arange(many))
        worst = lens.deltas(g.system, moves, values).min(axis=1)
        assert np.abs(kept[0][at] - worst).max() < 1e-10
        rows.append(
            (
                f"worst-off state with every set of {many} edits of {name}, one thread",
                f"{seconds:.2f} s",
                f"{us(kernel)} a set, one by one",
                f"{kernel * 2**many / seconds:,.0f}",
            )
        )
    return rows


def spent() -> float:
    """Return the processor time of the processes that were waited for, system time with it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def commands(first: bool, long: bool) -> list[Row]:
    """Measure whole commands in processes of their own, processor time."""
    rows = []
    calls = [("audit eurasia-2024 --change 'UKR joins NATO'", ["--change", "UKR joins NATO"])]
    calls += [("audit eurasia-2024", [])] if first else []
    with tempfile.TemporaryDirectory() as folder:
        for name, more in calls:
            for state in ("first", "again"):
                cache = {"NUMBA_CACHE_DIR": str(Path(folder) / str(len(more)))}
                used = spent()
                subprocess.run(
                    [sys.executable, "-m", "detente", "audit", "eurasia-2024", *more],
                    check=True, env={**os.environ, **cache}, stdout=subprocess.DEVNULL,
                )  # fmt: skip
                used = spent() - used
                rows.append((f"detente {name}, {state}", f"{used:.1f} s", "–", "–"))
    if long:
        g = dt.load("eurasia-2024")
        start = time.perf_counter()
        dt.audit(g, draws=1000, on_the_table=False, alternatives=False)
        wall = time.perf_counter() - start
        what = f"1,000 draws of all single changes, {os.cpu_count()} cores"
        rows.append((what, f"{wall:.1f} s", "–", "–"))
    return rows


def us(seconds: float) -> str:
    """Return a time in microseconds."""
    return f"{seconds * 1e6:,.2f} µs"


def ms(seconds: float) -> str:
    """Return a time in milliseconds."""
    return f"{seconds * 1e3:,.1f} ms"


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for option in ("--write", "--first", "--long"):
        parser.add_argument(option, action="store_true")
    chosen = parser.parse_args()
    rows = [*single_changes(), *what_if(), *subsets(chosen.long)]
    rows += commands(chosen.first, chosen.long)
    lines = [
        "# The lens coalition",
        "",
        f"{datetime.date.today()}, {platform.machine()}, Python {platform.python_version()}.",
        "",
        "| workload | ours | beside | beside / ours |",
        "| --- | --- | --- | --- |",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
    print("\n".join(lines))
    if chosen.write:
        (HERE / "results" / "coalition.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
