"""How large wars become in the model of escalation, beside those of the record to 1989.

    python benchmarks/war_sizes.py [--replicas 20000] [--set turnout=1] [--records FILE.csv]
    python benchmarks/war_sizes.py --own-ties [--set turnout=1.7]

A war of the model is an onset on a dyad that was not at war at the start, and who enters it; an
onset on a dyad that has been at war before in the same replica is the same war. Dyads are those
that the model opens: of whoever enters with the side that it enters against. FILE.csv has the
participants of interstate wars (Sarkees & Wayman 2010): ``warnum``, ``ccode``, ``side`` (1 or 2)
and ``start_year``. Its dyads are all pairs across the two sides, which is more than the model's.

``--own-ties`` asks the rule of entry alone: for every dispute that reached war, 1816 to 1989, in
the data folder, third states enter by the shares of the model and the pacts and rivalries of the
year before, and the states of the wars so drawn stand beside those that were in it.
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


def of_own_ties(parameters: dict[str, float], draws: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Return the states of every war of the record, and those that the rule of entry draws."""
    from detente.crisis.model.entry import SHARES
    from detente.crisis.model.settings import settle
    from detente.evidence.forecast import third_states as record

    v = settle(parameters)
    share = {name: min(1.0, v["turnout"] * v[name]) for name in SHARES}
    pacts, rivals, members, sides = (
        record._pacts(), record._rivals(), record._members(), record._sides()
    )  # fmt: skip
    random, there, drawn = np.random.default_rng(1), [], []
    for number, (year, level) in record._disputes().items():
        attackers, targets = sides[number][1, 1], sides[number][0, 1]
        if level < record.WAR or not attackers or not targets or not 1816 <= year <= 1989:
            continue
        chances = []
        for state in members(year) - attackers - targets:
            follows, defends = (
                any((state, x) in pacts[year - 1] for x in side) for side in (attackers, targets)
            )
            against_attacker, against_target = (
                any(rivals(state, x, year) for x in side) for side in (attackers, targets)
            )
            if follows and defends:
                continue
            if defends:
                chances.append(share["defend_quarrel" if against_attacker else "defend"])
            elif follows:
                chances.append(share["follow_quarrel" if against_target else "follow"])
            elif against_target:
                chances.append(share["parallel"])
        began = len(attackers | targets)
        there.append(len(set().union(*sides[number].values())))
        drawn += (began + (random.random((draws, len(chances))) < chances).sum(axis=1)).tolist()
    return np.array(there), np.array(drawn)


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
    parser.add_argument("--own-ties", action="store_true")
    options = parser.parse_args()
    parameters = {name: float(x) for name, _, x in (text.partition("=") for text in options.set)}
    if options.own_ties:
        for name, states in zip(("record", "rule"), of_own_ties(parameters), strict=True):
            low, middle, high = np.quantile(states, [0.25, 0.5, 0.9])
            print(
                f"{name}: states a war {middle:.0f} ({low:.0f}, {high:.0f}), mean "
                f"{states.mean():.2f}, of two states {(states == 2).mean():.0%}"
            )
        return
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
