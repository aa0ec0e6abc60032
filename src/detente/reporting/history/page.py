"""The page of the long view: two centuries of measures, with great wars and settlements marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from detente.auditing.long_view import measures, rankings
from detente.auditing.long_view.rankings import CAPABILITY
from detente.reporting.audit.page import put
from detente.reporting.history import charts
from detente.reporting.history.charts import INDEX, LABELS, TIED, named, when
from detente.reporting.page.embed import Download, Figure, bundle, download, figure


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure of the page with the table that it draws, to take along."""

    figure: Figure
    data: Download


def write(
    table: pl.DataFrame,
    path: Path,
    *,
    command: str,
    ranks: rankings.Ranks | None = None,
) -> Path:
    """Write the page of a series made by `detente.auditing.long_view.measures.series`.

    Parameters
    ----------
    table : polars.DataFrame
        The series.
    path : Path
        Of the HTML file; it is replaced whole or not at all.
    command : str
        The command that makes it again.
    ranks : Ranks, optional
        Where each lens ranked each state, for the sections on wars and on disagreement.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("detente.reporting.page", "template"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("long_view.html").render(content(table, command, ranks))
    return put(text, path)


def content(
    table: pl.DataFrame, command: str, ranks: rankings.Ranks | None = None
) -> dict[str, Any]:
    """Return everything that the template shows."""
    from detente import __version__
    from detente.lenses import find

    table = table.sort("year")
    first, last = int(table["year"][0]), int(table["year"][-1])
    lenses = [name.removeprefix(INDEX) for name in measures.index_columns(table)]
    wars = measures.before_wars(table)
    by_state = rankings.before_wars(ranks) if ranks else pl.DataFrame()
    alike, pairs = rankings.agreement(ranks) if ranks else (pl.DataFrame(),) * 2
    furthest, as_far = apart(table, lenses)
    every = [name for name in (ranks.rank if ranks else lenses) if name != CAPABILITY]
    return {
        "first": first,
        "last": last,
        "banded": any(name.endswith("_low") for name in table.columns),
        "headline": headline(table, lenses),
        "outside": outside(table, lenses),
        "figures": _measures(table, lenses),
        "wars": wars.to_dicts(),
        "wars_by_state": by_state.to_dicts(),
        "wars_figure": _shown(
            "before-wars-by-lens",
            lambda narrow=False: charts.before(by_state, narrow),
            by_state,
            "ranks of states before wars, by lens",
        )
        if by_state.height
        else None,
        "alike_figure": _shown(
            "agreement",
            lambda narrow=False: charts.spread(alike, table, narrow),
            alike,
            "rank correlations of every year",
        )
        if alike.height and alike["mean"].null_count() < alike.height
        else None,
        "pairs": pairs.sort("correlation", descending=True).to_dicts() if pairs.height else [],
        "labels": {
            **LABELS,
            **{measures.shown_index(table, x): f"Index under {named(x)}" for x in lenses},
        },
        "named": named,
        "apart": furthest,
        "as_far_apart": as_far,
        "lenses": [find(name) for name in lenses],
        "every": [find(name) for name in every],
        "capability": CAPABILITY,
        "events": charts.events(first, last),
        "downloads": [
            download(
                "years",
                "every measure of every year; expected disputes are of the year after",
                table,
            ),
            *([download("before-wars", "years before great wars", wars)] if wars.height else []),
            *(
                [download("pairs", "rank correlations by pair of lenses", pairs)]
                if pairs.height
                else []
            ),
        ],
        "command": command,
        "version": __version__,
        "bundle": bundle(),
    }


def _measures(table: pl.DataFrame, lenses: Sequence[str]) -> list[Shown]:
    """Return the figures over the years."""
    bounds = [c for c in table.columns if c.startswith(INDEX)]
    shown = [
        _shown(
            "indices",
            lambda narrow=False: charts.indices(table, lenses, narrow),
            table.select("year", *bounds),
            "indices",
        )
    ]
    for name in LABELS:
        if table[name].null_count() < table.height:
            shown.append(
                _shown(
                    name,
                    lambda narrow=False, name=name: charts.one(table, name, narrow),
                    table.select("year", name),
                    LABELS[name].lower(),
                )
            )
    shown.append(
        _shown(
            "observed",
            lambda narrow=False: charts.observed(table, narrow),
            charts.beside(table),
            "disputes that began and disputes to be expected, in the year they are of",
        )
    )
    return [item for item in shown if item is not None]


def _shown(name: str, make: Callable[..., Any], data: pl.DataFrame, what: str) -> Shown | None:
    made = figure(name, make, narrow=True)
    return Shown(made, download(name, what, data)) if made else None


def headline(table: pl.DataFrame, lenses: Sequence[str]) -> str:
    """Say in one sentence when security was least and most indivisible."""
    said = []
    for name in lenses:
        column = measures.shown_index(table, name)
        known = table.drop_nulls(column).sort(column, "year")
        if known.height == 1:
            one = known.row(0, named=True)
            said.append(f"under the lens {named(name)} the index of {one['year']} is "
                        f"{one[column]:.2f}")  # fmt: skip
        elif known.height:
            low, high = float(known[column][0]), float(known[column][-1])
            least, most = when(table, column, low), when(table, column, high)
            said.append(
                f"under the lens {named(name)} security was equally indivisible {least} "
                f"(index {low:.2f})"
                if least.startswith("in all")
                else f"under the lens {named(name)} security was least indivisible {least} "
                f"(index {low:.2f}) and most {most} ({high:.2f})"
            )
    words = "; ".join(said) or "no lens has an answer for these years"
    return f"{words[0].upper()}{words[1:]}."


def outside(table: pl.DataFrame, lenses: Sequence[str]) -> str:
    """Say in how many years a point estimate lies outside its band; empty if in none."""
    said = []
    for name in lenses:
        point, low, high = (pl.col(f"{INDEX}{name}{end}") for end in ("", "_low", "_high"))
        if f"{INDEX}{name}_low" in table.columns:
            years = table.filter((point < low) | (point > high)).height
            if years:
                said.append(f"{years} of {table.height} years under {named(name)}")
    return " and ".join(said)


def apart(table: pl.DataFrame, lenses: Sequence[str]) -> tuple[list[dict[str, Any]], int]:
    """Return the ten years in which the lenses' indices lie furthest apart.

    The number beside them is of further years in which they lie as far apart as in the last.
    """
    if len(lenses) < 2:
        return [], 0
    columns = [pl.col(measures.shown_index(table, name)).alias(name) for name in lenses]
    rows = table.select("year", *columns)
    spread = pl.max_horizontal(lenses) - pl.min_horizontal(lenses)
    rows = rows.with_columns(spread=spread).drop_nulls("spread")
    rows = rows.sort("spread", "year", descending=[True, False])
    shown, rest = rows.head(10), rows.slice(10)
    alike = rest.filter(pl.col("spread") >= shown["spread"][-1] - TIED) if rest.height else rest
    return shown.to_dicts(), alike.height
