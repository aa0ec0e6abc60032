"""How large wars become in the model of escalation, beside those of the record to 1989.

    python benchmarks/war_sizes.py [--replicas 20000] [--set turnout=1] [--records FILE.csv]
    python benchmarks/war_sizes.py --own-ties [--set turnout=1.7]
    python benchmarks/war_sizes.py --since 1946
    python benchmarks/war_sizes.py --tried

A war of the model is an onset on a dyad that was not at war at the start, and who enters it; an
onset on a dyad that has been at war before in the same replica is the same war. Dyads are those
that the model opens: of whoever enters with the side that it enters against. FILE.csv has the
participants of interstate wars (Sarkees & Wayman 2010): ``warnum``, ``ccode``, ``side`` (1 or 2)
and ``start_year``. Its dyads are all pairs across the two sides, which is more than the model's.

``--own-ties`` asks the rule of entry alone: for every dispute that reached war, 1816 to 1989, in
the data folder, third states enter by the shares of the model and the pacts and rivalries of the
year before, and the states of the wars so drawn stand beside those that were in it.

``--since 1946`` takes the shares of that era from the stored counts in place of those of all years.

``--tried`` counts what other rules of entry would rest on: the shares by distance from the foe, and
how often a dispute with a use of force became a war, by whether a third state had promised to
defend the target. ``--defended 0.42`` weighs the wars of the model by such a ratio.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from pathlib import Path

import numpy as np

import detente as dt
from detente.crisis.model.entry import read_pledges
from detente.crisis.model.escalation import build
from detente.crisis.model.model_arrays import JOINED, RISE, TOP
from detente.crisis.model.settings import settle
from detente.crisis.questions.trajectories import Desk
from detente.crisis.run.ensemble import Ensemble


def simulated(
    scenario: str, replicas: int, parameters: dict[str, float], defended: float = 1.0
) -> tuple[float, float, np.ndarray]:
    """Return onsets a year, and states and dyads of every new war."""
    g = dt.load(scenario)
    e = Ensemble.of(build(g, parameters), 365.25, 1)
    pledges = read_pledges(g, settle(parameters))
    weights = []

    def weight(side: str, foe: str) -> float:
        own = {k for k in pledges.helpers(side) if not pledges.bound(k, foe)} - {side, foe}
        return defended if own else 1.0

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
            first, second = dyads[fought[0]]
            weights.append((weight(first, second) + weight(second, first)) / 2)
    found = np.array(sizes)
    if defended != 1.0:
        chance = np.array(weights) / sum(weights)
        found = found[np.random.default_rng(1).choice(len(found), len(found), p=chance)]
    return sum(weights) / replicas, replicas_with / replicas, found


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


BANDS = (0.0, 500.0, 1500.0, 4000.0, np.inf)
"""Upper ends of the bands of distance, in kilometres; 0 is a common border."""


def tried() -> None:
    """Print the shares by distance from the foe, and escalation by defenders of the target."""
    from detente.evidence.datasets import store
    from detente.evidence.forecast import third_states as record

    km: dict[tuple[int, int], list[tuple[int, int, float]]] = defaultdict(list)
    for row in store.table("minimum_distance").iter_rows(named=True):
        pair = tuple(sorted((row["ccode1"], row["ccode2"])))
        km[pair].append((row["start_year"], row["end_year"], row["mindist_km"]))
    pacts, rivals, members, sides = (
        record._pacts(), record._rivals(), record._members(), record._sides()
    )  # fmt: skip

    def nearest(state: int, foes: set[int], year: int) -> float:
        ends = [
            away
            for foe in foes
            for start, end, away in km[min(state, foe), max(state, foe)]
            if start <= year <= end and away is not None
        ]
        return min(ends, default=np.nan)

    counts: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    forceful: dict[tuple[str, bool], list[int]] = defaultdict(lambda: [0, 0])
    for number, (year, level) in record._disputes().items():
        attackers, targets = sides[number][1, 1], sides[number][0, 1]
        if level < record.FORCE or not attackers or not targets or not 1816 <= year <= 1989:
            continue
        defended = False
        for state in members(year) - attackers - targets:
            follows, defends = (
                any((state, x) in pacts[year - 1] for x in side) for side in (attackers, targets)
            )
            if follows and defends:
                continue
            defended |= defends
            foes = attackers if defends else targets
            own = any(rivals(state, x, year) for x in foes)
            if level < record.WAR or not (follows or defends or own):
                continue
            name = "defend" if defends else "follow" if follows else "parallel"
            away = nearest(state, foes, year)
            if np.isfinite(away):
                band = int(np.searchsorted(BANDS, away))
                tally = counts[name + ("_quarrel" if own and name != "parallel" else ""), band]
                tally[0] += state in (sides[number][0, 0] if defends else sides[number][1, 0])
                tally[1] += 1
        for era in ("1816-1945" if year < 1946 else "1946-1989", "1816-1989"):
            forceful[era, defended][0] += level >= record.WAR
            forceful[era, defended][1] += 1
    for name in ("defend", "defend_quarrel", "follow", "follow_quarrel", "parallel"):
        cells = [f"{counts[name, b][0]} of {counts[name, b][1]}" for b in range(len(BANDS))]
        print(f"{name:15} border, to 500, 1500, 4000 km, beyond: {', '.join(cells)}")
    for era in ("1816-1945", "1946-1989", "1816-1989"):
        with_ally, without = forceful[era, True], forceful[era, False]
        print(
            f"{era}: of disputes with force became wars {with_ally[0]} of {with_ally[1]} where the "
            f"target had a defender of its own, {without[0]} of {without[1]} where it had none"
        )


def since(first: int) -> dict[str, float]:
    """Return the shares counted on disputes that reached war from a year on, as stored."""
    from detente.evidence.forecast.third_states import about

    return {
        row["name"]: row["share"]
        for row in about()["joining"]
        if row["level"] == "war" and row["from"] == first and row["name"] in SHARE_NAMES
    }


SHARE_NAMES = ("defend", "defend_quarrel", "follow", "follow_quarrel", "parallel")


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
    parser.add_argument("--since", type=int, choices=[1946])
    parser.add_argument("--tried", action="store_true")
    parser.add_argument("--defended", type=float, default=1.0)
    options = parser.parse_args()
    parameters = {name: float(x) for name, _, x in (text.partition("=") for text in options.set)}
    if options.since:
        parameters = since(options.since) | parameters
    if options.tried:
        tried()
        return
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
    onsets, share, sizes = simulated(
        options.scenario, options.replicas, parameters, options.defended
    )
    name = f"model, {options.scenario}" + "".join(f", {text}" for text in options.set)
    name += f", defended {options.defended:g}" if options.defended != 1 else ""
    name += f", shares since {options.since}" if options.since else ""
    print(line(name, onsets, sizes))
    print(f"\nReplicas with a new war within the year: {share:.3f}")


if __name__ == "__main__":
    main()
