"""The charts of the long view: measures over two centuries, with wars and settlements marked."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import polars as pl

from detente.report import palette
from detente.report.long_view_lenses import CAPABILITY
from detente.report.look import finished

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
SENSE = {
    "frustration": "Ties that cannot be squared with two camps: a friend's friend who is a rival, "
    "or a rival's rival who is one too; share of all ties",
    "camps": "Groups of states that alliances join and rivalries part",
    "dissipation": "How much of what is fought over is spent on the fight, by the contest lens",
    "vulnerable": "States that a coalition of their rivals could beat together with all who stand "
    "by them, by the lens war_stability: critical advantages",
    "expected_disputes": "Pairs in which one state starts a militarised dispute, by the hazard's "
    "fit on the alliances and rivalries of the year",
}


def events() -> list[dict[str, Any]]:
    """Return the great wars and settlements that the charts mark."""
    text = files("detente.evidence.registry").joinpath("events.csv").read_text(encoding="utf-8")
    return [
        {**row, "first_year": int(row["first_year"]), "last_year": int(row["last_year"]) + 1}
        for row in csv.DictReader(text.splitlines())
    ]


def indices(table: pl.DataFrame, lenses: Sequence[str], narrow: bool = False) -> alt.LayerChart:
    """Draw the index of indivisibility of every lens over the years, with its band."""
    import altair as alt

    rows = [
        {
            "year": row["year"],
            "lens": name,
            "index": row[INDEX + name],
            "low": row.get(f"{INDEX}{name}_low"),
            "high": row.get(f"{INDEX}{name}_high"),
        }
        for row in table.iter_rows(named=True)
        for name in lenses
        if row[INDEX + name] is not None
    ]
    banded = any(row["low"] is not None for row in rows)
    colour = alt.Color(
        "lens:N",
        scale=alt.Scale(domain=list(lenses), range=list(LINES[: len(lenses)])),
        legend=alt.Legend(title=None, orient="bottom", columns=2 if narrow else 0),
    )
    base = alt.Chart(alt.InlineData(rows)).encode(x=_years(table, narrow=narrow), color=colour)
    scale = alt.Scale(domain=[0, 1])
    lines = base.mark_line(strokeWidth=1.6, interpolate="step-after").encode(
        y=alt.Y("index:Q", title="index", scale=scale),
        tooltip=[
            "year:Q",
            "lens:N",
            alt.Tooltip("index:Q", format=".2f"),
            *(alt.Tooltip(f"{bound}:Q", format=".2f") for bound in ("low", "high") if banded),
        ],
    )
    bands = base.mark_area(opacity=0.2, interpolate="step-after").encode(
        y=alt.Y("low:Q", title="index", scale=scale), y2="high:Q"
    )
    return finished(
        _marked([*([bands] if banded else []), lines], table, narrow),
        "How indivisible security was, year by year",
        "Share of the changes wanted by those who decide them that would make nobody else less "
        "secure; 1 is indivisible"
        + (". Bands: 90 % of the draws of each lens's parameters" if banded else ""),
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
            x=_years(table, narrow=narrow),
            y=alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=5)),
            tooltip=["year:Q", alt.Tooltip("value:Q", format=".3~g")],
        )
    )
    top = max(rows, key=lambda row: float(row["value"]))
    return finished(
        _marked([line], table, narrow), f"{LABELS[name]}: highest in {top['year']}", SENSE[name]
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
        if value is not None and year <= table["year"][-1]
    ]
    lines = (
        alt.Chart(alt.InlineData(rows))
        .mark_line(strokeWidth=1.6)
        .encode(
            x=_years(table, narrow=narrow),
            y=alt.Y("value:Q", title="disputes a year", axis=alt.Axis(tickCount=5)),
            color=alt.Color(
                "what:N",
                scale=alt.Scale(domain=["expected", "began"], range=[LINES[0], LINES[1]]),
                legend=alt.Legend(title=None, orient="bottom"),
            ),
            tooltip=["year:Q", "what:N", alt.Tooltip("value:Q", format=".1f")],
        )
    )
    return finished(
        _marked([lines], table, narrow),
        "Disputes to be expected, and disputes that began",
        "Directed pairs of states, joiners left out. Expected: by the hazard's fit on the year "
        "before; the fit used these years to 1989",
    )


def spread(years: pl.DataFrame, table: pl.DataFrame, narrow: bool = False) -> alt.LayerChart:
    """Draw how alike the lenses rank the states: mean, least and most over pairs of lenses."""
    import altair as alt

    rows = years.drop_nulls("mean").to_dicts()
    base = alt.Chart(alt.InlineData(rows)).encode(x=_years(table, narrow=narrow))
    scale = alt.Scale(domain=[-1, 1])
    band = base.mark_area(opacity=0.15, interpolate="step-after", color=LINES[0]).encode(
        y=alt.Y("lowest:Q", title="rank correlation", scale=scale), y2="highest:Q"
    )
    line = base.mark_line(strokeWidth=1.6, interpolate="step-after", color=LINES[0]).encode(
        y=alt.Y("mean:Q", title="rank correlation", scale=scale),
        tooltip=[
            "year:Q",
            *(alt.Tooltip(f"{k}:Q", format=".2f") for k in ("mean", "lowest", "highest")),
        ],
    )
    low = min(rows, key=lambda row: float(row["mean"]))
    return finished(
        _marked([band, line], table, narrow),
        f"How alike the lenses rank the states: least alike in {low['year']}",
        "Rank correlation of the states' security: 1 the same order, 0 no relation, -1 reversed. "
        "Line: mean over all pairs of lenses; band: from the most different pair to the most alike",
    )


def before(wars: pl.DataFrame, narrow: bool = False) -> alt.LayerChart:
    """Draw, lens by lens, where states that were about to enter a war ranked against others."""
    import altair as alt

    rows = wars.to_dicts()
    order = [row["lens"] for row in rows]
    base = alt.Chart(alt.InlineData(rows)).encode(
        y=alt.Y("lens:N", title=None, sort=order, axis=alt.Axis(labelLimit=160))
    )
    title = "less secure before a war \u2190 difference in rank \u2192 more secure"
    axis = alt.X(
        "low:Q",
        title="difference in rank" if narrow else title,
        axis=alt.Axis(format="+.2~f", tickCount=5),
    )
    bars = base.mark_rule(strokeWidth=2, color=LINES[0]).encode(x=axis, x2="high:Q")
    dots = base.mark_point(filled=True, size=70, color=LINES[0], opacity=1).encode(
        x="difference:Q",
        tooltip=[
            "lens:N",
            *(alt.Tooltip(f"{k}:Q", format="+.3f") for k in ("difference", "low", "high")),
        ],
    )
    zero = alt.Chart(alt.InlineData([{"x": 0}])).mark_rule(color=palette.QUIET).encode(x="x:Q")
    layered: Any = alt.layer(zero, bars, dots).properties(
        width=NARROW - 110 if narrow else WIDTH - 120, height=26 * len(rows)
    )
    clear = [
        row["lens"] for row in rows if row["low"] * row["high"] > 0 and row["lens"] != CAPABILITY
    ]
    told = (
        f"States about to enter a war ranked differently under {', '.join(clear)}"
        if clear
        else "Under no lens did states about to enter a war rank differently beyond doubt"
    )
    chart: alt.LayerChart = layered
    return finished(
        chart,
        told,
        "Mean rank of states that entered an inter-state war in the next three years less that of "
        "all others, 95 % by blocks of ten years. Capability, for comparison, is no lens",
    )


def _years(table: pl.DataFrame, field: str = "year", *, narrow: bool = False) -> alt.X:
    import altair as alt

    span = [int(table["year"][0]), int(table["year"][-1]) + 1]
    return alt.X(
        f"{field}:Q",
        title=None,
        axis=alt.Axis(format="d", tickCount=5 if narrow else 10, labelFlush=False),
        scale=alt.Scale(domain=span, nice=False),
    )


def _marked(lines: Sequence[Any], table: pl.DataFrame, narrow: bool) -> alt.LayerChart:
    """Lay great wars and settlements under the lines, with their names above."""
    import altair as alt

    first, last = int(table["year"][0]), int(table["year"][-1])
    inside = [e for e in events() if first < e["last_year"] and e["first_year"] <= last]
    clipped = [
        {**e, "first_year": max(e["first_year"], first), "last_year": min(e["last_year"], last + 1)}
        for e in inside
    ]
    for event in clipped:
        event["middle"] = (event["first_year"] + event["last_year"]) / 2
    layers: list[Any] = []
    wars = [e for e in clipped if e["kind"] == "war"]
    settled = [e for e in clipped if e["kind"] == "settlement"]
    if wars:
        layers.append(
            alt.Chart(alt.InlineData(wars))
            .mark_rect(color=palette.QUIET, opacity=0.18)
            .encode(
                x=_years(table, "first_year", narrow=narrow), x2="last_year:Q", tooltip=["event:N"]
            )
        )
    if settled:
        layers.append(
            alt.Chart(alt.InlineData(settled))
            .mark_rule(color=palette.QUIET, strokeDash=[3, 3])
            .encode(x=_years(table, "first_year", narrow=narrow), tooltip=["event:N"])
        )
    if not narrow and last - first >= 60:
        # Wars above, settlements below them: so that no two names meet.
        for rows, where, line in ((wars, "middle", -18), (settled, "first_year", -6)):
            if rows:
                layers.append(
                    alt.Chart(alt.InlineData(rows))
                    .mark_text(fontSize=11, color=palette.QUIET)
                    .encode(
                        x=_years(table, where, narrow=narrow), y=alt.value(line), text="short:N"
                    )
                )
    layered: Any = alt.layer(*layers, *lines).properties(
        width=NARROW if narrow else WIDTH, height=HEIGHT
    )
    chart: alt.LayerChart = layered
    return chart
