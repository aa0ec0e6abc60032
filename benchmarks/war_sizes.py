"""How large wars become in the model of escalation, beside those of the record to 1989.

    python benchmarks/war_sizes.py [--replicas 20000] [--set turnout=1] [--records FILE.csv]

A war of the model is an onset on a dyad that was not at war at the start, and who enters it; an
onset on a dyad that has been at war before in the same replica is the same war. Dyads are those
that the model opens: of whoever enters with the side that it enters against. FILE.csv has the
participants of interstate wars (Sarkees & Wayman 2010): ``warnum``, ``ccode``, ``side`` (1 or 2)
and ``start_year``. Its dyads are all pairs across the two sides, which is more than the model's.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from pathlib import Path

import numpy as np

import detente as dt
from detente.crisis.model.escalation import build
from detente.crisis.model.model_arrays import JOINED, RISE, TOP
from detente.crisis.questions.trajectories import Desk
from detente.crisis.run.ensemble import Ensemble


def simulated(scenario: str, replicas: int, parameters: dict[str, float]) -> tuple[float, ...]:
    """Return onsets a year, and states and dyads of every new war."""
    e = Ensemble.of(build(dt.load(scenario), parameters), 365.25, 1)
    desk, at_war = Desk(e), set(np.flatnonzero(e.start.rung == TOP))
    keys, dyads = e.entry_keys, e.model.dyads
    sizes, replicas_with = [], 0
    for number in range(replicas):
        log, _, _ = desk.trace(number)
        seen, wars = set(at_war), {}
        for t, d, code in zip(log.time, log.dyad, log.code, strict=True):
            if code & 7 != TOP:
                continue
            if code >> 3 == RISE and d not in seen:
                wars[t] = [d]
                seen.add(d)
            elif code >> 3 == JOINED and t in wars:
                seen.add(keys[d][1])
                wars[t].append(keys[d][1])
        replicas_with += bool(wars)
        for fought in wars.values():
            states = {side for d in fought for side in dyads[d]}
            sizes.append((len(states), len(fought)))
    return len(sizes) / replicas, replicas_with / replicas, np.array(sizes)


def recorded(path: Path, first: int, last: int) -> tuple[float, np.ndarray]:
    """Return wars a year, and states and dyads of every war that began from `first` to `last`."""
    sides: dict[str, dict[str, set[str]]] = defaultdict(lambda: {"1": set(), "2": set()})
    began: dict[str, int] = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            war, year = row["warnum"], int(row["start_year"])
            sides[war][row["side"]].add(row["ccode"])
            began[war] = min(year, began.get(war, year))
    sizes = [
        (len(sides[war]["1"] | sides[war]["2"]), len(sides[war]["1"]) * len(sides[war]["2"]))
        for war, year in began.items()
        if first <= year <= last
    ]
    return len(sizes) / (last - first + 1), np.array(sizes)


def line(name: str, a_year: float, sizes: np.ndarray) -> str:
    """Return one row of a table."""
    cells = [f"{a_year:.2f}"]
    for column in sizes.T:
        low, middle, high = np.quantile(column, [0.25, 0.5, 0.9])
        cells.append(f"{middle:.0f} ({low:.0f}, {high:.0f})")
        cells.append(f"{column.mean():.1f}")
    cells.append(f"{(sizes[:, 0] == 2).mean():.0%}")
    return f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", default="eurasia-2024")
    parser.add_argument("--replicas", type=int, default=20_000)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--records", type=Path)
    options = parser.parse_args()
    parameters = {name: float(x) for name, _, x in (text.partition("=") for text in options.set)}
    print(
        "| | wars a year | states: median (quarter, nine tenths) | mean | dyads: the same | mean "
        "| of two states |\n| --- | --- | --- | --- | --- | --- | --- |"
    )
    if options.records is not None:
        for first, last in ((1816, 1989), (1946, 1989)):
            print(line(f"record, {first} to {last}", *recorded(options.records, first, last)))
    onsets, share, sizes = simulated(options.scenario, options.replicas, parameters)
    name = f"model, {options.scenario}" + "".join(f", {text}" for text in options.set)
    print(line(name, onsets, sizes))
    print(f"\nReplicas with a new war within the year: {share:.3f}")


if __name__ == "__main__":
    main()
