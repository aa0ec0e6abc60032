"""The page of the long view: two centuries of measures, with great wars and settlements marked."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from detente.report import long_view, palette
from detente.report.embed import Figure, bundle, download, figure
from detente.report.look import finished
from detente.report.page import put

if TYPE_CHECKING:
    import altair as alt

INDEX = "index_"
WIDTH, HEIGHT, NARROW = 760, 220, 320
LINES = ("#2a5f94", "#c2570c", "#5e3c99", "#5c6470", "#8a7a55", "#1d2229")
LABELS = {
    "frustration": "Share of frustrated ties",
    "camps": "Number of camps",
    "dissipation": "Effort in the contest, shares of the prize",
    "vulnerable": "Share of states that rivals could overrun",
    "expected_disputes": "Disputes to be expected in the next year",
}


def events() -> list[dict[str, Any]]:
    """Return the great wars and settlements that the charts mark."""
    text = files("detente.evidence.registry").joinpath("events.csv").read_text(encoding="utf-8")
    return [
        {**row, "first_year": int(row["first_year"]), "last_year": int(row["last_year"]) + 1}
        for row in csv.DictReader(text.splitlines())
    ]


def write(table: pl.DataFrame, path: Path, *, command: str) -> Path:
    """Write the page of a series made by `detente.report.long_view.series`.

    Parameters
    ----------
    table : polars.DataFrame
        The series.
    path : Path
        Of the HTML file; it is replaced whole or not at all.
    command : str
        The command that makes it again.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("detente.report", "template"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("long_view.html").render(content(table, command))
    return put(text, path)


def content(table: pl.DataFrame, command: str) -> dict[str, Any]:
    """Return everything that the template shows."""
    from detente import __version__
    from detente.lenses import find

    table = table.sort("year")
    lenses = [name.removeprefix(INDEX) for name in table.columns if name.startswith(INDEX)]
    wars = long_view.before_wars(table)
    figures = [
        figure("indices", lambda narrow=False: indices(table, lenses, narrow), narrow=True),
        *(
            figure(name, lambda narrow=False, name=name: one(table, name, narrow), narrow=True)
            for name in LABELS
            if table[name].null_count() < table.height
        ),
        figure("observed", lambda narrow=False: observed(table, narrow), narrow=True)
        if "initiations" in table.columns
        else None,
    ]
    return {
        "first": int(table["year"][0]),
        "last": int(table["year"][-1]),
        "headline": headline(table, lenses),
        "figures": [item for item in figures if item is not None],
        "wars": wars.to_dicts(),
        "labels": {**LABELS, **{INDEX + name: f"Index under {name}" for name in lenses}},
        "apart": apart(table, lenses),
        "lenses": [find(name) for name in lenses],
        "events": events(),
        "downloads": [
            download("years", "every measure of every year", table),
            *([download("before-wars", "years before great wars", wars)] if wars.height else []),
        ],
        "command": command,
        "version": __version__,
        "bundle": bundle(),
    }


def headline(table: pl.DataFrame, lenses: Sequence[str]) -> str:
    """Say in one sentence when security was least and most indivisible."""
    said = []
    for name in lenses:
        known = table.drop_nulls(INDEX + name)
        if known.height:
            low = known.sort(INDEX + name, "year").row(0, named=True)
            high = known.sort(INDEX + name, "year").row(-1, named=True)
            said.append(
                f"under {name} security was least indivisible in {low['year']} "
                f"(index {low[INDEX + name]:.2f}) and most in {high['year']} "
                f"({high[INDEX + name]:.2f})"
            )
    words = "; ".join(said) or "no lens has an answer for these years"
    return f"{words[0].upper()}{words[1:]}."


def apart(table: pl.DataFrame, lenses: Sequence[str]) -> list[dict[str, Any]]:
    """Return the ten years in which the lenses' indices lie furthest apart."""
    if len(lenses) < 2:
        return []
    columns = [pl.col(INDEX + name) for name in lenses]
    spread = pl.max_horizontal(columns) - pl.min_horizontal(columns)
    rows = table.with_columns(spread=spread).drop_nulls("spread")
    return rows.sort("spread", "year", descending=[True, False]).head(10).to_dicts()


def indices(table: pl.DataFrame, lenses: Sequence[str], narrow: bool = False) -> alt.LayerChart:
    """Draw the index of indivisibility of every lens over the years."""
    import altair as alt

    rows = [
        {"year": row["year"], "lens": name, "index": row[INDEX + name]}
        for row in table.iter_rows(named=True)
        for name in lenses
        if row[INDEX + name] is not None
    ]
    lines = (
        alt.Chart(alt.InlineData(rows))
        .mark_line(strokeWidth=1.6, interpolate="step-after")
        .encode(
            x=_years(table),
            y=alt.Y("index:Q", title="index", scale=alt.Scale(domain=[0, 1])),
            color=alt.Color(
                "lens:N",
                scale=alt.Scale(domain=list(lenses), range=list(LINES[: len(lenses)])),
                legend=alt.Legend(title=None, orient="top"),
            ),
            tooltip=["year:Q", "lens:N", alt.Tooltip("index:Q", format=".2f")],
        )
    )
    return finished(
        _marked(lines, table, narrow),
        "How indivisible security was, year by year",
        "Share of wanted changes that harm nobody, 1 is indivisible; grey bands are great wars, "
        "dashed lines settlements",
    )


def one(table: pl.DataFrame, name: str, narrow: bool = False) -> alt.LayerChart:
    """Draw one measure over the years."""
    import altair as alt

    rows = [
        {"year": year, "value": value}
        for year, value in table.select("year", name).iter_rows()
        if value is not None
    ]
    line = (
        alt.Chart(alt.InlineData(rows))
        .mark_line(strokeWidth=1.6, interpolate="step-after", color=LINES[0])
        .encode(
            x=_years(table),
            y=alt.Y("value:Q", title=None),
            tooltip=["year:Q", alt.Tooltip("value:Q", format=".3~g")],
        )
    )
    top = max(rows, key=lambda row: float(row["value"]))
    return finished(
        _marked(line, table, narrow),
        f"{LABELS[name]}: highest in {top['year']}",
        long_view.MEASURES[name][0].upper() + long_view.MEASURES[name][1:],
    )


def observed(table: pl.DataFrame, narrow: bool = False) -> alt.LayerChart:
    """Draw disputes to be expected from the year before, and those that began."""
    import altair as alt

    expected = table.select(pl.col("year") + 1, value="expected_disputes")
    seen = table.select("year", value=pl.col("initiations").cast(pl.Float64))
    rows = [
        {"year": year, "what": what, "value": value}
        for what, frame in (("expected", expected), ("began", seen))
        for year, value in frame.iter_rows()
        if value is not None
    ]
    lines = (
        alt.Chart(alt.InlineData(rows))
        .mark_line(strokeWidth=1.6)
        .encode(
            x=_years(table),
            y=alt.Y("value:Q", title="disputes a year"),
            color=alt.Color(
                "what:N",
                scale=alt.Scale(domain=["expected", "began"], range=[LINES[0], LINES[1]]),
                legend=alt.Legend(title=None, orient="top"),
            ),
            tooltip=["year:Q", "what:N", alt.Tooltip("value:Q", format=".1f")],
        )
    )
    return finished(
        _marked(lines, table, narrow),
        "Disputes to be expected, and disputes that began",
        "Directed pairs of states, joiners left out. Expected: by the hazard's fit on the year "
        "before; the fit used these years to 1989",
    )


def _years(table: pl.DataFrame, field: str = "year") -> alt.X:
    import altair as alt

    span = [int(table["year"][0]), int(table["year"][-1]) + 1]
    return alt.X(
        f"{field}:Q",
        title=None,
        axis=alt.Axis(format="d", tickCount=10),
        scale=alt.Scale(domain=span, nice=False),
    )


def _marked(lines: alt.Chart, table: pl.DataFrame, narrow: bool) -> alt.LayerChart:
    """Lay great wars and settlements under the lines."""
    import altair as alt

    first, last = int(table["year"][0]), int(table["year"][-1])
    inside = [e for e in events() if first <= e["last_year"] and e["first_year"] <= last]
    clipped = [
        {**e, "first_year": max(e["first_year"], first), "last_year": min(e["last_year"], last + 1)}
        for e in inside
    ]
    layers = []
    wars = [e for e in clipped if e["kind"] == "war"]
    settled = [e for e in clipped if e["kind"] == "settlement"]
    if wars:
        layers.append(
            alt.Chart(alt.InlineData(wars))
            .mark_rect(color=palette.QUIET, opacity=0.18)
            .encode(x=_years(table, "first_year"), x2="last_year:Q", tooltip=["event:N"])
        )
    if settled:
        layers.append(
            alt.Chart(alt.InlineData(settled))
            .mark_rule(color=palette.QUIET, strokeDash=[3, 3])
            .encode(x=_years(table, "first_year"), tooltip=["event:N"])
        )
    layered: Any = alt.layer(*layers, lines).properties(
        width=NARROW if narrow else WIDTH, height=HEIGHT
    )
    chart: alt.LayerChart = layered
    return chart


__all__ = ["Figure", "content", "events", "write"]
