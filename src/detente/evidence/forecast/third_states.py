"""Who joins whom, and how often rivals begin: the counts behind the lens `coalition`.

A dispute has those who were in it on the first day, on the side that began it or on the other,
and those who joined later. For every other state of the system the count asks what it had
promised to whom, and with whom it had a rivalry, in the year before, and whether it joined. For
every pair of rivals it asks whether one began a use of force against the other in a year.

What is done about what such a count cannot see:

- *The case of the pact.* A pact counts whatever its conditions are, so the shares hold pacts whose
  case did not arise. That is why the lens multiplies them by its parameter ``turnout``.
- *Regional limits.* A pact counts wherever the dispute was, for the same reason.
- *Hindsight.* Joiners are coded after the fact, and so are rivalries; ties and rivalries of the
  year before are taken, which does not undo it. A state that would have joined and was not in
  time is a state that did not join.

Disputes are not independent of those who stand around them: intervals of shares are clustered by
dispute, those of rates by pair of states.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from detente.errors import MissingData
from detente.evidence.datasets import store

LEVELS = {3: "shown", 4: "force", 5: "war"}
"""Highest level of the disputes that are counted, from which on, in words."""
ERAS = ((1816, 1945), (1946, 1989), (1816, 1989))
REMEMBERED = 10
"""Years before, in which the highest hostility of a pair is its intensity."""
FORCE, WAR = 4, 5
NORMAL = 1.959963984540054  # 97.5 % quantile
SHARES = {
    "defend": ("joins the target", "defence pact with the target", "none with the attacker"),
    "defend_quarrel": ("joins the target", "defence pact with the target", "with the attacker"),
    "follow": ("joins the attacker", "defence pact with the attacker", "none with the target"),
    "follow_quarrel": ("joins the attacker", "defence pact with the attacker", "with the target"),
    "parallel": ("joins the attacker", "no pact", "with the target"),
    "nobody's": ("joins the attacker", "no pact", "none with the target"),
    "both": ("joins either side", "defence pacts with both sides", "any"),
}
"""What is counted: who joins, by which pact, with which rivalry of its own."""


@dataclass(frozen=True, slots=True)
class CountedShare:
    """A share with its interval.

    Attributes
    ----------
    value, low, high : float
        The share, and its interval of 95 %.
    count, cases, clusters : int
        Those who joined (began), those who might have, and the disputes (pairs) that hold them.
    """

    value: float
    low: float
    high: float
    count: int
    cases: int
    clusters: int


def clustered(groups: Iterable[tuple[int, int]]) -> CountedShare:
    """Return the share of several clusters, each (count, cases), with a clustered interval.

    The variance is that of a ratio estimator: the sum over clusters of the squared difference
    between count and share times cases, over the square of all cases.
    """
    held = [(count, cases) for count, cases in groups if cases]
    cases = sum(n for _, n in held)
    if not cases:
        return CountedShare(math.nan, math.nan, math.nan, 0, 0, 0)
    count = sum(k for k, _ in held)
    share = count / cases
    clusters = len(held)
    spread = sum((k - share * n) ** 2 for k, n in held) * clusters / max(clusters - 1, 1)
    if count == 0:  # no cluster differs from another: what none of them would show by chance
        return CountedShare(0.0, 0.0, 1 - 0.025 ** (1 / clusters), 0, cases, clusters)
    half = NORMAL * math.sqrt(spread) / cases
    low, high = max(0.0, share - half), min(1.0, share + half)
    return CountedShare(share, low, high, count, cases, clusters)


def joining(first: int, last: int) -> list[dict[str, Any]]:
    """Return the shares of third states that joined, by tie, quarrel, era and level.

    Parameters
    ----------
    first, last : int
        Years in which the disputes began.

    Raises
    ------
    MissingData
        If disputes, participants, obligations, rivalries or states are not in the data folder.
    """
    disputes, sides = _disputes(), _sides()
    pacts, rivals, members = _pacts(), _rivals(), _members()
    counts: dict[tuple[int, str], list[tuple[int, int, int]]] = defaultdict(list)
    for number, (year, level) in disputes.items():
        attackers, targets = sides[number][1, 1], sides[number][0, 1]
        if not first <= year <= last or level < min(LEVELS) or not attackers or not targets:
            continue
        joined = {side: sides[number][side, 1] | sides[number][side, 0] for side in (0, 1)}
        tally: dict[str, list[int]] = {name: [0, 0] for name in SHARES}
        for state in members(year) - attackers - targets:
            to_attacker = any((state, x) in pacts[year - 1] for x in attackers)
            to_target = any((state, x) in pacts[year - 1] for x in targets)
            foe_attacker = any(rivals(state, x, year) for x in attackers)
            foe_target = any(rivals(state, x, year) for x in targets)
            if to_attacker and to_target:
                name, with_us = "both", state in joined[0] | joined[1]
            elif to_target:
                name = "defend_quarrel" if foe_attacker else "defend"
                with_us = state in joined[0]
            else:
                with_us = state in joined[1]
                if to_attacker:
                    name = "follow_quarrel" if foe_target else "follow"
                else:
                    name = "parallel" if foe_target else "nobody's"
            tally[name][0] += with_us
            tally[name][1] += 1
        for least in LEVELS:
            if level >= least:
                for name, (count, cases) in tally.items():
                    counts[least, name].append((year, count, cases))
    rows = []
    for least, word in LEVELS.items():
        for begin, end in _eras(first, last):
            for name, (what, pact, quarrel) in SHARES.items():
                share = clustered(
                    (k, n) for year, k, n in counts[least, name] if begin <= year <= end
                )
                rows.append(
                    {"level": word, "from": begin, "to": end, "name": name, "what": what,
                     "pact": pact, "quarrel": quarrel, **_row(share)}
                )  # fmt: skip
    return rows


def beginning(first: int, last: int) -> list[dict[str, Any]]:
    """Return how often one of two rivals begins a use of force, by intensity and era.

    The intensity of a rivalry is the highest hostility of the two in the ten years before, 1 if
    there was none; rivals are those of the year before.
    """
    frame = _table("disputes_directed").select(
        "ccode1",
        "ccode2",
        "year",
        pl.max_horizontal("hostility1", "hostility2"),
        "onset",
        "side_a1",
        "orig1",
    )
    hostility: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    begun: dict[tuple[int, int, int], int] = {}
    for a, b, year, level, onset, side, original in frame.iter_rows():
        key = (min(a, b), max(a, b))
        if level is not None and level > 0:
            hostility[key][year] = max(hostility[key].get(year, 0), level)
        if onset == 1 and side == 1 and original == 1:
            begun[a, b, year] = max(begun.get((a, b, year), 0), level or 0)
    counts: dict[int, list[tuple[int, tuple[int, int], int, int]]] = defaultdict(list)
    for key, spells in _spells().items():
        for year in range(first, last + 1):
            if not any(start <= year - 1 <= end for start, end in spells):
                continue
            past = [x for t, x in hostility[key].items() if year - REMEMBERED <= t < year]
            for a, b in (key, key[::-1]):
                reached = begun.get((a, b, year), 0)
                force, war = int(reached >= FORCE), int(reached >= WAR)
                counts[max(past, default=1)].append((year, key, force, war))
    rows = []
    for begin, end in _eras(first, last):
        for intensity in sorted(counts):
            for word in ("force", "war"):
                clusters: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
                for year, key, force, war in counts[intensity]:
                    if begin <= year <= end:
                        clusters[key][0] += force if word == "force" else war
                        clusters[key][1] += 1
                share = clustered((k, n) for k, n in clusters.values())
                rows.append(
                    {"level": word, "from": begin, "to": end, "intensity": intensity, **_row(share)}
                )
    return rows


def gradient(rates: Iterable[tuple[float, int, int]]) -> tuple[float, float]:
    """Return rate at intensity 5 and gradient: the Poisson fit of rate (v / 5) ** gradient.

    Parameters
    ----------
    rates : iterable of (intensity, count, cases)
        How often a use of force began, of so many years of a pair.
    """
    logs = [(math.log(v / 5.0), k, n) for v, k, n in rates if n]
    whole, slope = math.log(max(sum(k for _, k, _ in logs), 0.5) / sum(n for *_, n in logs)), 1.0
    for _ in range(100):
        expected = [n * math.exp(whole + slope * x) for x, _, n in logs]
        score = (
            sum(k - e for (_, k, _), e in zip(logs, expected, strict=True)),
            sum(x * (k - e) for (x, k, _), e in zip(logs, expected, strict=True)),
        )
        a = sum(expected)
        b = sum(x * e for (x, *_), e in zip(logs, expected, strict=True))
        c = sum(x * x * e for (x, *_), e in zip(logs, expected, strict=True))
        det = a * c - b * b
        if det <= 0:
            break
        steps = (c * score[0] - b * score[1]) / det, (a * score[1] - b * score[0]) / det
        whole, slope = whole + steps[0], slope + steps[1]
        if max(map(abs, steps)) < 1e-12:
            break
    return math.exp(whole), slope


def calibrate(first: int, last: int) -> dict[str, Any]:
    """Count the parameters of the lens coalition on the files in the data folder.

    Returns
    -------
    dict
        Plain data: command, years, sources, ``joining`` and ``beginning`` (rows with intervals),
        and ``parameters``, values that an audit takes.

    Raises
    ------
    MissingData
        If a table is not in the data folder, or the disputes end before `last`.
    """
    kept = store.find("disputes")
    if kept is not None and (kept.last_year or 0) < last:
        raise MissingData(f"the disputes in the data folder end in {kept.last_year}, not {last}")
    joined, begun = joining(first, last), beginning(first, last)
    at_war = {
        row["name"]: row for row in joined if (row["level"], row["from"]) == ("war", first)
        and row["to"] == last
    }  # fmt: skip
    force = [
        row for row in begun if row["level"] == "force" and row["from"] == max(first, 1946)
        and row["to"] == last
    ]  # fmt: skip
    rate, slope = gradient((row["intensity"], row["count"], row["cases"]) for row in force)
    parameters = {
        name: at_war[name]["share"]
        for name in ("defend", "defend_quarrel", "follow", "follow_quarrel", "parallel")
        if math.isfinite(at_war[name]["share"])
    }
    tables = ("disputes", "dispute_participants", "disputes_directed", "obligations",
              "rivalries_tss", "states")  # fmt: skip
    versions = {name: store.find(name) for name in tables}
    return {
        "lens": "coalition",
        "command": f"detente calibrate coalition --years {first}-{last}",
        "years": [first, last],
        "sources": {name: entry.version for name, entry in versions.items() if entry is not None},
        "joining": joined,
        "beginning": begun,
        "parameters": {"rate": rate, "gradient": max(0.0, slope), **parameters},
    }


def as_json(counted: Mapping[str, Any]) -> str:
    """Return what `calibrate` gave as JSON, a row a line; what is not known is null."""

    def plain(value: Any) -> Any:
        if isinstance(value, float):
            return float(f"{value:.6g}") if math.isfinite(value) else None
        if isinstance(value, dict):
            return {key: plain(part) for key, part in value.items()}
        return [plain(part) for part in value] if isinstance(value, list) else value

    parts = []
    for key, value in counted.items():
        if key in ("joining", "beginning"):
            lines = ",\n".join(f"  {json.dumps(plain(row))}" for row in value)
            parts.append(f" {json.dumps(key)}: [\n{lines}\n ]")
        else:
            parts.append(f" {json.dumps(key)}: {json.dumps(plain(value))}")
    return "{\n" + ",\n".join(parts) + "\n}"


def _row(share: CountedShare) -> dict[str, Any]:
    return {
        "share": share.value,
        "low": share.low,
        "high": share.high,
        "count": share.count,
        "cases": share.cases,
        "clusters": share.clusters,
    }


def _eras(first: int, last: int) -> list[tuple[int, int]]:
    """Return the eras that lie in some years, and all of these years."""
    inside = [(max(first, a), min(last, b)) for a, b in ERAS if max(first, a) <= min(last, b)]
    return list(dict.fromkeys([*inside, (first, last)]))


def _table(name: str) -> pl.DataFrame:
    return store.table(name)


def _disputes() -> dict[int, tuple[int, int]]:
    """Return the first year and the highest level of every dispute."""
    frame = _table("disputes").select("dispnum", "start_year", "hostility").drop_nulls()
    return {number: (year, level) for number, year, level in frame.iter_rows()}


def _sides() -> Mapping[int, Mapping[tuple[int, int], set[int]]]:
    """Return the participants of every dispute by side (1 began it) and whether original."""
    sides: dict[int, dict[tuple[int, int], set[int]]] = defaultdict(lambda: defaultdict(set))
    frame = _table("dispute_participants").select("dispnum", "ccode", "side_a", "orig")
    for number, state, side, original in frame.drop_nulls().iter_rows():
        sides[number][side, original].add(state)
    return sides


def _pacts() -> Mapping[int, set[tuple[int, int]]]:
    """Return by year who had promised to defend whom."""
    pacts: dict[int, set[tuple[int, int]]] = defaultdict(set)
    frame = _table("obligations").filter(pl.col("defense") == 1)
    for a, b, year in frame.select("ccode1", "ccode2", "year").iter_rows():
        pacts[year].add((a, b))
    return pacts


def _spells() -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Return the first and last years of the rivalries of every pair."""
    spells: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    frame = _table("rivalries_tss").select("ccode1", "ccode2", "start_year", "end_year")
    for a, b, start, end in frame.iter_rows():
        spells[min(a, b), max(a, b)].append((start, 9999 if end is None else end))
    return spells


def _rivals() -> Any:
    spells = _spells()

    def rivals(a: int, b: int, year: int) -> bool:
        pair = (min(a, b), max(a, b))
        return any(start <= year - 1 <= end for start, end in spells.get(pair, ()))

    return rivals


def _members() -> Any:
    frame = _table("states").select(
        "ccode", pl.col("start_date").dt.year(), pl.col("end_date").dt.year()
    )
    spells = list(frame.iter_rows())

    @cache
    def members(year: int) -> frozenset[int]:
        return frozenset(code for code, start, end in spells if start <= year <= end)

    return members


@cache
def about() -> dict[str, Any]:
    """Return the stored figures: what ``registry/coalition.json`` holds."""
    text = files("detente.evidence.datasets.registry").joinpath("coalition.json").read_text("utf-8")
    stored: dict[str, Any] = json.loads(text)
    return stored
