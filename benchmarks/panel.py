"""The panel of 1816-2016 three ways: Polars joins, our dense arrays, our rows; and C beside.

Usage::

    detente data add FILES          # states, capabilities, contiguity, alliances, false dyads
    python benchmarks/panel.py [--c]

All inputs are in memory before the clock starts. Each way is run seven times after a first
run that is not counted; the median and the fastest are printed. With ``--c`` the same work is
done by ``panel.c``, compiled with the C compiler of the machine.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from detente.evidence.datasets import store
from detente.evidence.panel import arrays, table_arrays
from detente.evidence.panel.rows import panel

FIRST, LAST = 1816, 2016
GROUPS = ["capabilities", "contiguity", "alliances"]
OBLIGATIONS = ["defense", "offense", "neutrality", "nonaggression", "consultation"]


def joined(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Build the table row by row, as a careful user of Polars would."""
    members = (
        tables["states"].lazy()
        .select("ccode", year=pl.int_ranges("start", pl.col("end") + 1))
        .explode("year", empty_as_null=True, keep_nulls=True)
        .unique()
    )  # fmt: skip
    rows = (
        members.rename({"ccode": "ccode1"})
        .join(members.rename({"ccode": "ccode2"}), on="year")
        .filter(pl.col("ccode1") != pl.col("ccode2"))
        .join(tables["false"].lazy(), on=["ccode1", "ccode2", "year"], how="anti")
    )
    for side in "12":
        values = table_arrays.STATE_YEAR_TABLES["capabilities"]
        renamed = tables["capabilities"].lazy()
        renamed = renamed.rename({"ccode": "ccode" + side, **{v: v + side for v in values}})
        rows = rows.join(renamed, on=["ccode" + side, "year"], how="left")
    near = (
        tables["contiguity"].lazy()
        .select("ccode1", "ccode2", "type", year=pl.int_ranges("start", pl.col("end") + 1))
        .explode("year", empty_as_null=True, keep_nulls=True)
        .group_by("ccode1", "ccode2", "year")
        .agg(pl.col("type").min())
    )  # fmt: skip
    key = ["ccode1", "ccode2", "year"]
    return (
        rows.join(near, on=key, how="left")
        .join(tables["obligations"].lazy(), on=key, how="left")
        .with_columns(pl.col("type", *OBLIGATIONS).fill_null(0))
        .collect()
    )


def load() -> dict[str, pl.DataFrame]:
    """Load the tables that the joins start from."""
    years = {
        "start": pl.col("start_date").dt.year().cast(pl.Int64),
        "end": pl.col("end_date").dt.year().cast(pl.Int64),
    }
    return {
        "states": store.table("states").with_columns(**years),
        "false": store.table("false_dyads"),
        "capabilities": store.table("capabilities"),
        "contiguity": store.table("contiguity").filter(pl.col("type") > 0).with_columns(**years),
        "obligations": store.table("obligations"),
    }


def clock(label: str, work: Callable[[], object], rounds: int = 7) -> float:
    """Print and return the median time of `work` in seconds."""
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    middle = statistics.median(times)
    print(f"{label:34s} {middle * 1e3:9.2f} ms   fastest {min(times) * 1e3:9.2f} ms")
    return middle


def write_for_c(path: Path) -> None:
    """Write the inputs as `panel.c` reads them."""
    system = table_arrays.members()
    cap, near = table_arrays.state_years("capabilities"), table_arrays.dyads("contiguity")
    ally = table_arrays.dyads("obligations")
    drop = system.dropped[np.lexsort(system.dropped.T[::-1])]
    keep = (cap.year >= FIRST) & (cap.year <= LAST)
    pact = (ally.start >= FIRST) & (ally.start <= LAST)
    sizes = [len(system.codes), len(system.state), keep.sum(), len(near.first), pact.sum()]
    with path.open("wb") as file:
        np.array([LAST - FIRST + 1, *sizes, len(system.dropped)], np.int32).tofile(file)
        blocks = [
            (system.state, system.start - FIRST, system.end - FIRST),
            (cap.state[keep], cap.year[keep] - FIRST),
            (near.first, near.second, near.value, near.start - FIRST, near.end - FIRST),
            (ally.first[pact], ally.second[pact], ally.start[pact] - FIRST, ally.value[pact]),
            (drop[:, 0] - FIRST, drop[:, 1], drop[:, 2]),
        ]
        for block in blocks:
            np.column_stack(block).astype(np.int32).tofile(file)
        np.ascontiguousarray(cap.values[keep]).tofile(file)


def run_c() -> None:
    """Compile the C twin into a folder of its own, and run it."""
    with tempfile.TemporaryDirectory() as folder:
        program, data = Path(folder) / "panel", Path(folder) / "panel.bin"
        source = Path(__file__).with_name("panel.c")
        subprocess.run(["cc", "-O3", "-march=native", str(source), "-o", str(program)], check=True)
        write_for_c(data)
        print(subprocess.run([program, data], check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Time all ways and check that they agree."""
    tables = load()
    made = arrays.dense(FIRST, LAST, GROUPS)
    ours, theirs = panel(FIRST, LAST, add=GROUPS, arrays=made), joined(tables)
    for mine, other in (("cinc1", "cinc1"), ("contiguity", "type"), ("defense", "defense")):
        print(f"sum of {mine}: {ours[mine].sum()!r} here, {theirs[other].sum()!r} by joins")
    print(f"rows: {ours.height:,} here, {theirs.height:,} by joins")
    slow = clock("Polars joins", lambda: joined(tables))
    quick = clock("rows from dense arrays", lambda: panel(FIRST, LAST, add=GROUPS, arrays=made))
    clock("dense arrays", lambda: arrays.dense(FIRST, LAST, GROUPS))
    print(f"rows against joins: {slow / quick:.1f} times as fast")
    if "--c" in sys.argv[1:]:
        run_c()


if __name__ == "__main__":
    main()
