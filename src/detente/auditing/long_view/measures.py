"""Two centuries of architectures, measured year by year: what the page of the long view shows.

Every year is a row, and a piece of one job: years are worked out side by side in processes or on a
cluster and kept as they come, so that a run that was stopped goes on where it was; the same rows
come out for any number of processes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.architecture.system import Floats, System
from detente.errors import Undefined
from detente.evidence.panel import arrays
from detente.runs import Arrays, Job, Piece, carry_out

Bools = NDArray[np.bool_]
DRAWS = 20
BAND = (5.0, 50.0, 95.0)  # percentiles over the draws of a lens's parameters
BOUNDS = ("_low", "_median", "_high")  # the columns of these percentiles
REACH = 3000.0  # km over which strength falls to 1/e, as in the lens coalition
DEFAULT_LENSES = ("coalition", "contest")
MEASURES = {
    "frustration": "frustrated ties of all allies and rivals, share",
    "camps": "groups that alliances join, or states alone, with a rival in another one, count",
    "rivalry_systems": "groups of states that ties join, with a rivalry in each, count",
    "largest_system": "states in the largest of these groups, share of all states",
    "dissipation": "effort in the contest, shares of the prize",
    "vulnerable": "states that a coalition of rivals could overrun, share",
}
"""Measures of the architecture of a year, besides the indices of indivisibility."""
EXPECTED = {
    "expected_next_year": ("contiguity", "regime"),
    "expected_next_year_past": ("contiguity", "regime", "disputes"),
}
"""Disputes to be expected in the year after: column to the facts that the hazard's fit uses.

The row of a year is about its architecture, and the fit says what follows in the next year.
The facts of the first are known in all years, so that its years can be compared.
"""


def measure(year: int, lenses: Sequence[str], draws: int = 0) -> dict[str, Any]:
    """Measure the architecture of one year.

    Parameters
    ----------
    year : int
        Calendar year, from 1816 on.
    lenses : sequence of str
        Keys of the lenses under which every feasible single change is tried.
    draws : int
        Draws of each lens's uncertain parameters.

    Returns
    -------
    dict
        ``year``, numbers of states, organisations, alliances and rivalries, `MEASURES`,
        `EXPECTED`, and for each lens ``index_LENS``, ``wanted_LENS`` and ``harmful_LENS`` at its
        default parameters, and with draws ``index_LENS_low``, ``index_LENS_median`` and
        ``index_LENS_high``, percentiles over them; None where a model has no answer.
    """
    from threadpoolctl import threadpool_limits

    from detente.auditing.run import audit
    from detente.evidence.forecast import hazard
    from detente.evidence.history import history

    g = history(year)
    system = g.system
    row: dict[str, Any] = {
        "year": year,
        "states": system.size,
        "organisations": len(g.ledger.alliances),
        "alliances": int(np.count_nonzero(np.triu(system.allies))),
        "rivalries": int(np.count_nonzero(np.triu(system.rivals))),
    }
    ties = row["alliances"] + row["rivalries"]
    frustrated = _figure("balance", system, "frustration index, at least")
    row["frustration"] = frustrated / ties if frustrated is not None and ties else None
    row["camps"] = _camps(system)
    row["rivalry_systems"], row["largest_system"] = _rivalry_systems(system)
    row["dissipation"] = _figure("contest", system, "rent dissipation, shares of the prize")
    row["vulnerable"] = _vulnerable(system)
    for name, facts in EXPECTED.items():
        has_facts = set(facts) <= set(system.facts)
        row[name] = float(hazard.probabilities(system, facts).sum()) if has_facts else None
    for key in lenses:
        with threadpool_limits(1):
            verdicts = audit(g, lens=key, draws=draws, alternatives=False, threads=1).data
        index = float(verdicts["index"].values[0])
        row[f"index_{key}"] = index if np.isfinite(index) else None
        if draws:
            drawn = verdicts["index_draw"].values.reshape(-1)
            drawn = drawn[np.isfinite(drawn)]
            found_bounds = np.percentile(drawn, BAND).tolist() if drawn.size else [None] * 3
            row |= {f"index_{key}{b}": v for b, v in zip(BOUNDS, found_bounds, strict=True)}
        wanted = verdicts["wanted"].values[0]
        harms = (verdicts["harmed"].values[0] > 0) & wanted
        row[f"wanted_{key}"] = int(wanted.sum())
        row[f"harmful_{key}"] = int(harms.sum())
    return row


def _figure(lens: str, system: Any, name: str) -> float | None:
    from detente.lenses import find

    figure_lens = find(lens)
    try:
        return float(figure_lens.portrait(system, figure_lens.values()).figures[name])
    except Undefined:
        return None


def _camps(system: System) -> int:
    """Count the groups that alliances join, a state alone among them, with a rival in another."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    _, camp = connected_components(csr_array(system.allies > 0), directed=False)
    first_state, other = np.nonzero(system.rivals)
    return len(np.unique(camp[first_state[camp[first_state] != camp[other]]]))


def _rivalry_systems(system: System) -> tuple[int, float | None]:
    """Count the groups that ties join and that hold a rivalry; the share in the largest."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    ties = csr_array((system.allies > 0) | (system.rivals > 0))
    count, group = connected_components(ties, directed=False)
    sizes = np.bincount(group, minlength=count)
    rival = np.unique(group[system.rivals.any(axis=1)])
    return len(rival), float(sizes[rival].max() / system.size) if len(rival) else None


def _vulnerable(system: Any) -> float | None:
    from detente.lenses.war_stability import rival_margin

    try:
        margins = rival_margin(
            system.allies, system.capability, system.rivals, distance=system.distance, reach=REACH
        )
    except Undefined:
        return None
    return float((margins < 0).mean())


def series(
    years: Sequence[int],
    folder: Path,
    *,
    lenses: Sequence[str] = DEFAULT_LENSES,
    draws: int = DRAWS,
    processes: int | None = None,
    cluster: str | None = None,
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
    draws : int
        Draws of the lenses' parameters in every year; 0 for none.
    processes : int, optional
        Number of processes; all cores if left out. The result does not depend on it.
    cluster : str, optional
        Address of a Dask scheduler whose workers measure the years; each needs the same data
        folder.
    progress : callable, optional
        Called with (years done, years in all).

    Returns
    -------
    polars.DataFrame
        One row a year, in order, with what was observed beside: ``initiations``
        (directed pairs), ``onsets``, ``war_onsets`` and
        ``great_war_onsets`` of the year itself, null where the data folder does not say.

    Raises
    ------
    ResultError
        If the folder holds rows of another run, is in use or cannot be written.
    """
    arrays.check_span(min(years), max(years))
    # The later years have the most states: they go first, so that no core waits at the end.
    pieces = [Piece(year, year) for year in sorted(years, reverse=True)]
    job = Job(settings_of(lenses, draws), pieces, YearMeasure(tuple(lenses), draws), _is_row)
    rows = {
        piece.address: json.loads(kept["row"].tobytes())
        for piece, kept in carry_out(
            job,
            folder,
            processes=None if cluster else processes or os.cpu_count() or 1,
            cluster=cluster,
            progress=progress,
        )
    }
    table = pl.DataFrame([rows[year] for year in sorted(rows)], infer_schema_length=None)
    return table.join(observed(min(years), max(years)), on="year", how="left")


@dataclass(frozen=True)
class YearMeasure:
    """Measures one year: what a worker computes; its row is kept as the bytes of its JSON."""

    lenses: tuple[str, ...]
    draws: int

    def __call__(self, year: int) -> Arrays:
        """Return the row of a year."""
        row = json.dumps(measure(year, self.lenses, self.draws))
        return {"row": np.frombuffer(row.encode(), dtype=np.uint8)}


def _is_row(kept: Arrays, piece: Piece) -> bool:
    return set(kept) == {"row"}


def settings_of(lenses: Sequence[str], draws: int) -> dict[str, Any]:
    """Return what makes it this run: lenses, draws, and the data that a year is built from."""
    from detente.evidence.datasets import store
    from detente.evidence.history import TABLES

    used = {table: store.find(table) for table in TABLES}
    return {
        "what": "the long view",
        "lenses": list(lenses),
        "draws": draws,
        "data": {table: entry.sha256[:12] for table, entry in used.items() if entry},
    }


def observed(first: int, last: int) -> pl.DataFrame:
    """Return disputes and wars that began in each year, by pair of states.

    ``initiations`` counts directed pairs of which the first began a dispute; ``onsets`` all pairs
    with a new dispute, joiners too. Outside the years that a list covers its counts are null.
    """
    from detente.evidence.datasets import store

    years = pl.DataFrame({"year": pl.Series(range(first, last + 1), dtype=pl.Int64)})
    groups = ["majors"]
    groups += ["disputes"] if store.find("disputes_directed") else []
    groups += ["wars"] if store.find("war_dyads") else []
    built = arrays.dense(first, last, groups)
    columns: dict[str, Any] = {}
    if "disputes" in groups:
        begun = built.dyads["disputes"] & np.uint8(1)
        started = built.dyads["disputes"] >> np.uint8(2) & np.uint8(1)
        columns["initiations"] = _within(started.sum(axis=(1, 2)), built, "disputes")
        columns["onsets"] = _within(begun.sum(axis=(1, 2)) // 2, built, "disputes")
    if "wars" in groups:
        begun = built.dyads["wars"] & np.uint8(1)
        major = built.states["major"]
        great = begun * (major[:, :, None] & major[:, None, :])
        columns["war_onsets"] = _within(begun.sum(axis=(1, 2)) // 2, built, "wars")
        columns["great_war_onsets"] = _within(great.sum(axis=(1, 2)) // 2, built, "wars")
    return years.with_columns(**{name: pl.Series(values) for name, values in columns.items()})


def _within(counts: Any, made: Any, group: str) -> list[int | None]:
    begin, end = made.covers[group]
    return [
        int(count) if begin <= year <= end else None
        for year, count in zip(made.years, counts, strict=True)
    ]


def difference(
    values: Floats, marked: Bools, group: NDArray[Any], *, draws: int, seed: int
) -> dict[str, float] | None:
    """Compare the mean of marked values with that of the others, drawing whole groups.

    Returns
    -------
    dict or None
        ``before`` (marked) and ``other`` means, their ``difference``, ``low`` and ``high`` of its
        95 % interval, and the numbers of both; None if there are no values of one kind.
    """
    if not marked.any() or marked.all():
        return None
    place = np.unique(group, return_inverse=True)[1]
    number = int(place.max()) + 1
    # A mean over drawn groups needs each group's sum and count only.
    sums = [np.bincount(place[m], values[m], number) for m in (marked, ~marked)]
    counts = [np.bincount(place[m], minlength=number) for m in (marked, ~marked)]
    drawn = np.full(draws, np.nan)
    for d in range(draws):
        rng = np.random.default_rng(np.random.SeedSequence([seed, d]))
        weight = np.bincount(rng.integers(0, number, number), minlength=number)
        sizes = [float(weight @ count) for count in counts]
        if min(sizes) > 0:
            means = [float(weight @ total) / n for total, n in zip(sums, sizes, strict=True)]
            drawn[d] = means[0] - means[1]
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    before, other = float(values[marked].mean()), float(values[~marked].mean())
    return {
        "before": before,
        "other": other,
        "difference": before - other,
        "low": float(low),
        "high": float(high),
        "years_before": int(marked.sum()),
        "years_other": int((~marked).sum()),
    }


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
        complete = len(window) == ahead and all(w is not None for w in window)
        kinds.append(any(window) if complete else None)
    lenses = [name.removeprefix("index_") for name in index_columns(table)]
    names = [shown_index(table, lens) for lens in lenses]
    names += [c for c in table.columns if c in MEASURES]
    block = table["year"].to_numpy() // 10
    rows = []
    for name in names:
        values = table[name].cast(pl.Float64).to_numpy()
        use = np.array([kind is not None for kind in kinds]) & np.isfinite(values)
        war = np.array([bool(kind) for kind in kinds])[use]
        compared = difference(values[use], war, block[use], draws=draws, seed=seed)
        if compared is not None:
            rows.append({"measure": name, **compared})
    return pl.DataFrame(rows)


def index_columns(table: pl.DataFrame) -> list[str]:
    """Return the columns of the indices of indivisibility, one a lens, without their bounds."""
    return [
        name for name in table.columns if name.startswith("index_") and not name.endswith(BOUNDS)
    ]


def shown_index(table: pl.DataFrame, lens: str) -> str:
    """Return the column of a lens's index that is shown: the median over draws, if there is one."""
    median = f"index_{lens}_median"
    return median if median in table.columns else f"index_{lens}"
