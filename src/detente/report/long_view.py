"""Two centuries of architectures, measured year by year: what the page of the long view shows.

Every year is a row. Years are worked out side by side in processes of their own and appended to
one file as they come, so that a run that was stopped goes on where it was; the same rows come
out for any number of processes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from detente.errors import Undefined, UsageError

ROWS = "years.jsonl"
DEFAULT_LENSES = ("war_stability", "contest")
MEASURES = {
    "frustration": "frustrated ties of all allies and rivals, share",
    "camps": "camps that rivalries part and alliances join",
    "dissipation": "effort in the contest, shares of the prize",
    "vulnerable": "states that a coalition of rivals could overrun, share",
    "expected_disputes": "disputes to be expected in the next year, by the hazard's fit",
}
"""Measures of the architecture of a year, besides the indices of indivisibility."""


def measure(year: int, lenses: Sequence[str]) -> dict[str, Any]:
    """Measure the architecture of one year.

    Parameters
    ----------
    year : int
        Calendar year, from 1816 on.
    lenses : sequence of str
        Keys of the lenses under which every feasible single change is tried.

    Returns
    -------
    dict
        ``year``, numbers of states, alliances and rivalries, `MEASURES`, and for each lens
        ``index_LENS``, ``wanted_LENS`` and ``harmful_LENS``; None where a model has no answer.
    """
    from threadpoolctl import threadpool_limits

    from detente.audit.run import audit
    from detente.evidence import hazard
    from detente.evidence.history import history

    g = history(year)
    system = g.system
    row: dict[str, Any] = {
        "year": year,
        "states": system.size,
        "alliances": int(np.count_nonzero(np.triu(system.allies))),
        "rivalries": int(np.count_nonzero(np.triu(system.rivals))),
    }
    ties = row["alliances"] + row["rivalries"]
    frustrated = _figure("balance", system, "frustration index, at least")
    row["frustration"] = frustrated / ties if frustrated is not None and ties else None
    row["camps"] = _camps(system)
    row["dissipation"] = _figure("contest", system, "rent dissipation, shares of the prize")
    row["vulnerable"] = _vulnerable(system)
    row["expected_disputes"] = float(
        hazard.probabilities(system.allies, system.rivals, system.capability, system.distance).sum()
    )
    for key in lenses:
        with threadpool_limits(1):
            found = audit(g, lens=key, draws=0, alternatives=False, threads=1).data
        index = float(found["index"].values[0])
        row[f"index_{key}"] = index if np.isfinite(index) else None
        wanted = found["wanted"].values[0]
        harms = (found["harmed"].values[0] > 0) & wanted
        row[f"wanted_{key}"] = int(wanted.sum())
        row[f"harmful_{key}"] = int(harms.sum())
    return row


def _figure(lens: str, system: Any, name: str) -> float | None:
    from detente.lenses import find

    one = find(lens)
    try:
        return float(one.portrait(system, one.values()).figures[name])
    except Undefined:
        return None


def _camps(system: Any) -> int | None:
    from detente.lenses import find

    one = find("landscape")
    try:
        return len(one.portrait(system, one.values()).groups)
    except Undefined:
        return None


def _vulnerable(system: Any) -> float | None:
    from detente.lenses import find

    one = find("war_stability")
    try:
        return float((one.security(system, one.values()) < 0).mean())
    except Undefined:
        return None


def series(
    years: Sequence[int],
    folder: Path,
    *,
    lenses: Sequence[str] = DEFAULT_LENSES,
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pl.DataFrame:
    """Measure many years, keeping each in `folder` as soon as it is done.

    Parameters
    ----------
    years : sequence of int
        Calendar years.
    folder : Path
        Where the rows are kept; rows of the same lenses that are there already are not made again.
    lenses : sequence of str
        Keys of the lenses for the indices.
    processes : int, optional
        Number of processes; all cores if left out. The result does not depend on it.
    progress : callable, optional
        Called with (years done, years in all).

    Returns
    -------
    polars.DataFrame
        One row a year, in order, with what was observed beside: ``initiations``
        (directed pairs), ``onsets``, ``war_onsets`` and
        ``great_war_onsets`` of the year, null where the data folder does not say.

    Raises
    ------
    UsageError
        If the folder holds rows of another run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stamp = _stamp(lenses)
    done = dict(_kept(folder / ROWS, stamp))
    missing = [year for year in years if year not in done]
    workers = processes or os.cpu_count() or 1
    if missing:
        context = get_context("spawn")
        with (
            ProcessPoolExecutor(min(workers, len(missing)), mp_context=context) as pool,
            (folder / ROWS).open("a", encoding="utf-8") as file,
        ):
            if file.tell() == 0:
                file.write(json.dumps(stamp) + "\n")
            # The later years have the most states: they go first, so that no core waits at the end.
            jobs = [pool.submit(measure, year, lenses) for year in sorted(missing, reverse=True)]
            for job in as_completed(jobs):
                row = job.result()
                done[row["year"]] = row
                file.write(json.dumps(row) + "\n")
                file.flush()
                if progress:
                    progress(len(years) - len(missing) + sum(j.done() for j in jobs), len(years))
    table = pl.DataFrame([done[year] for year in sorted(years)], infer_schema_length=None)
    return table.join(observed(min(years), max(years)), on="year", how="left")


def _stamp(lenses: Sequence[str]) -> dict[str, Any]:
    from detente.evidence import store

    return {
        "lenses": list(lenses),
        "data": sorted({entry.sha256[:12] for entry in store.entries()}),
    }


def _kept(path: Path, stamp: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    if not path.exists():
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    if lines and json.loads(lines[0]) != stamp:
        raise UsageError(
            f"{path} was made with other lenses or other data; name another folder, or remove it"
        )
    for line in lines[1:]:
        try:
            row = json.loads(line)
        except ValueError:  # the line that was being written when the run was stopped
            continue
        yield row["year"], row


def observed(first: int, last: int) -> pl.DataFrame:
    """Return disputes and wars that began in each year, by pair of states.

    ``initiations`` counts directed pairs of which the first began a dispute; ``onsets`` all pairs
    with a new dispute, joiners too.
    """
    from detente.evidence import arrays, store

    years = pl.DataFrame({"year": pl.Series(range(first, last + 1), dtype=pl.Int64)})
    groups = ["majors"]
    groups += ["disputes"] if store.find("disputes_directed") else []
    groups += ["wars"] if store.find("war_dyads") else []
    made = arrays.dense(first, last, groups)
    columns: dict[str, Any] = {}
    if "disputes" in groups:
        begun = made.dyads["disputes"] & np.uint8(1)
        started = made.dyads["disputes"] >> np.uint8(2) & np.uint8(1)
        columns["initiations"] = _within(started.sum(axis=(1, 2)), made, "disputes")
        columns["onsets"] = _within(begun.sum(axis=(1, 2)) // 2, made, "disputes")
    if "wars" in groups:
        begun = made.dyads["wars"] & np.uint8(1)
        major = made.states["major"]
        great = begun * (major[:, :, None] & major[:, None, :])
        columns["war_onsets"] = _within(begun.sum(axis=(1, 2)) // 2, made, "wars")
        columns["great_war_onsets"] = _within(great.sum(axis=(1, 2)) // 2, made, "wars")
    return years.with_columns(**{name: pl.Series(values) for name, values in columns.items()})


def _within(counts: Any, made: Any, group: str) -> list[int | None]:
    begin, end = made.covers[group]
    # A list of wars ends with its last war: the years to the end of its decade hold none.
    end = end if group != "wars" else -(-end // 10) * 10 - 1
    return [
        int(count) if begin <= year <= end or (group == "wars" and year < begin) else None
        for year, count in zip(made.years, counts, strict=True)
    ]


def before_wars(
    table: pl.DataFrame, *, ahead: int = 3, draws: int = 2000, seed: int = 1
) -> pl.DataFrame:
    """Compare each measure in the years before great wars with all other years.

    A year is one before a war if two major powers enter an inter-state war against one another in
    the `ahead` years after it. The interval is by blocks of ten years, since years resemble those
    next to them.

    Returns
    -------
    polars.DataFrame
        ``measure``, means ``before`` and ``other``, their ``difference`` with ``low`` and ``high``
        (95 %), and the number of years of either kind.
    """
    if "great_war_onsets" not in table.columns:
        return pl.DataFrame()
    table = table.sort("year")
    wars = table["great_war_onsets"].to_list()
    kinds: list[bool | None] = []
    for k in range(len(wars)):
        window = wars[k + 1 : k + 1 + ahead]
        known = len(window) == ahead and all(w is not None for w in window)
        kinds.append(any(window) if known else None)
    names = [c for c in table.columns if c.startswith("index_") or c in MEASURES]
    block = table["year"].to_numpy() // 10
    rows = []
    for name in names:
        values = table[name].cast(pl.Float64).to_numpy()
        use = np.array([kind is not None for kind in kinds]) & np.isfinite(values)
        war = np.array([bool(kind) for kind in kinds])[use]
        value, group = values[use], np.unique(block[use], return_inverse=True)[1]
        if not war.any() or war.all():
            continue
        number = int(group.max()) + 1
        drawn = np.full(draws, np.nan)
        for d in range(draws):
            rng = np.random.default_rng(np.random.SeedSequence([seed, d]))
            weight = np.bincount(rng.integers(0, number, number), minlength=number)[group]
            if weight[war].sum() and weight[~war].sum():
                drawn[d] = np.average(value[war], weights=weight[war]) - np.average(
                    value[~war], weights=weight[~war]
                )
        low, high = np.nanpercentile(drawn, [2.5, 97.5])
        rows.append(
            {
                "measure": name,
                "before": float(value[war].mean()),
                "other": float(value[~war].mean()),
                "difference": float(value[war].mean() - value[~war].mean()),
                "low": float(low),
                "high": float(high),
                "years_before": int(war.sum()),
                "years_other": int((~war).sum()),
            }
        )
    return pl.DataFrame(rows)
