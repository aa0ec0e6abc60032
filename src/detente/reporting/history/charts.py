"""The charts of the long view: measures over two centuries, with wars and settlements marked."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import polars as pl

from detente.auditing.long_view.measures import shown_index
from detente.auditing.long_view.rankings import CAPABILITY
from detente.evidence.forecast import hazard
from detente.reporting.page import palette
from detente.reporting.page.style import finished

if TYPE_CHECKING:
    import altair as alt

INDEX = "index_"
TIED = 1e-9  # values no further apart are equal but for rounding
WIDTH, HEIGHT, NARROW = 760, 220, 320
LINES = ("#2a5f94", "#c2570c", "#5e3c99", "#5c6470", "#8a7a55", "#1d2229")
LABELS = {
    "frustration": "Share of frustrated ties",
    "camps": "Number of camps",
    "rivalry_systems": "Separate systems of rivalry",
    "largest_system": "Share of states in the largest system of rivalry",
    "dissipation": "Effort in the contest",
    "vulnerable": "Share of states that rivals could overrun",
}
UNITS = {
    "frustration": "share of all ties",
    "camps": "number",
    "rivalry_systems": "number",
    "largest_system": "share of all states",
    "dissipation": "shares of the prize",
    "vulnerable": "share of all states",
}
SENSE = {
    "frustration": "Ties that cannot be squared with two camps: a friend's friend who is a rival, "
    "or a rival's rival who is one too; share of all ties",
    "camps": "Groups of states that alliances join, directly or through others, and states without "
    "allies, if they have a rival in another camp",
    "rivalry_systems": "Groups of states that alliances or rivalries join, each with a rivalry in "
    "it: no tie leads from one group to another",
    "largest_system": "Whom alliances or rivalries join, directly or through others; 1 is a single "
    "system of the whole world",
    "dissipation": "How much of what is fought over is spent on the fight, by the lens contest, in "
    "shares of the prize",
    "vulnerable": "States that a coalition of their rivals could beat together with all who stand "
    "by them, by the lens war stability: critical advantages",
}
BESIDE = {
    "initiations": "began",
    "expected_disputes": "expected, from ties, contiguity and regimes",
    "expected_disputes_past": "expected, from past disputes too",
}
"""Disputes by the year that they are of."""
OF_NEXT = {
    "expected_next_year": "expected_disputes",
    "expected_next_year_past": "expected_disputes_past",
}
"""Columns of a series that speak of the year after, to the names above."""
ROWS = (-6, -18, -30)  # pixels above the frame where names of wars and settlements stand
LETTER, ROOM = 6.2, 10  # pixels: width of a letter of a name, and room between two names


def named(lens: str) -> str:
    """Return the name of a lens as a reader says it."""
    return lens.replace("_", " ")


def events(first: int, last: int) -> list[dict[str, Any]]:
    """Return the great wars and settlements that charts of these years mark.

    The last year of each is the one behind it.
    """
    text = (
        files("detente.evidence.datasets.registry")
        .joinpath("events.csv")
        .read_text(encoding="utf-8")
    )
    every: list[dict[str, Any]] = [
        {**row, "first_year": int(row["first_year"]), "last_year": int(row["last_year"]) + 1}
        for row in csv.DictReader(text.splitlines())
    ]
    return [event for event in every if first < event["last_year"] and event["first_year"] <= last]


def when(table: pl.DataFrame, name: str, extreme: float) -> str:
    """Say in which years a measure is at an extreme: the year, the span, or how many they are."""
    answered = table.drop_nulls(name).sort("year")
    apart = (answered[name].cast(pl.Float64) - extreme).abs()
    at = answered.filter(apart <= TIED)["year"].to_list()
    if len(at) == 1:
        return f"in {at[0]}"
    if len(at) == answered.height:
        return f"in all {answered.height} years"
    if at[-1] - at[0] == len(at) - 1:
        return f"from {at[0]} to {at[-1]}"
    return f"in {len(at)} of {answered.height} years, the first {at[0]}"


def _most(word: str, table: pl.DataFrame, name: str, extreme: Any) -> str:
    """Say when a measure is highest or lowest, as `word` has it, or that it never moves."""
    words = when(table, name, float(extreme))
    return f"the same {words}" if words.startswith("in all") else f"{word} {words}"


def indices(table: pl.DataFrame, lenses: Sequence[str], narrow: bool = False) -> alt.LayerChart:
    """Draw the index of indivisibility of every lens over the years, with its band."""
    import altair as alt

    rows = [
        {
            "year": row["year"],
            "lens": named(name),
            "index": row[shown_index(table, name)],
            "low": row.get(f"{INDEX}{name}_low"),
            "high": row.get(f"{INDEX}{name}_high"),
        }
        for row in _to_the_end(table)
        for name in lenses
        if row[shown_index(table, name)] is not None
    ]
    banded = any(row["low"] is not None for row in rows)
    colours = alt.Scale(domain=[named(x) for x in lenses], range=list(LINES[: len(lenses)]))
    legend = alt.Legend(
        title=None, orient="bottom", columns=2 if narrow else 0, symbolType="stroke",
        symbolStrokeWidth=3,
    )  # fmt: skip
    base = alt.Chart(alt.InlineData(rows)).encode(x=_years(table, narrow=narrow))
    scale = alt.Scale(domain=[0, 1])
    lines = base.mark_line(strokeWidth=1.6, interpolate="step-after").encode(
        y=alt.Y("index:Q", title="index, share of wanted changes", scale=scale),
        color=alt.Color("lens:N", scale=colours, legend=legend),
        tooltip=[
            "year:Q",
            "lens:N",
            alt.Tooltip("index:Q", format=".2f"),
            *(alt.Tooltip(f"{bound}:Q", format=".2f") for bound in ("low", "high") if banded),
        ],
    )
    # A layer of its own for each band: their colours need no second legend.
    bands = [
        base.transform_filter(alt.datum.lens == named(name))
        .mark_area(opacity=0.2, interpolate="step-after", color=colour)
        .encode(y=alt.Y("low:Q", scale=scale), y2="high:Q")
        for name, colour in zip(lenses, LINES, strict=False)
    ]
    return finished(
        _marked([*(bands if banded else []), lines], table, narrow),
        "How indivisible security was, year by year",
        "Share of the changes wanted by those who decide them that would make nobody else less "
        "secure; 1 is indivisible"
        + (
            ". Lines: medians over draws of each lens's parameters; bands: 90 % of the draws"
            if banded
            else ""
        ),
    )


def one(table: pl.DataFrame, name: str, narrow: bool = False) -> alt.LayerChart:
    """Draw one measure over the years."""
    import altair as alt

    rows = [
        {"year": row["year"], "value": row[name]}
        for row in _to_the_end(table)
        if row[name] is not None
    ]
    top = max(float(row["value"]) for row in rows)
    line = (
        alt.Chart(alt.InlineData(rows))
        .mark_line(strokeWidth=1.6, interpolate="step-after", color=LINES[0])
        .encode(
            x=_years(table, narrow=narrow),
            y=alt.Y(
                "value:Q",
                title=UNITS[name],
                axis=alt.Axis(tickCount=5),
                scale=_from_zero(top),
            ),
            tooltip=["year:Q", alt.Tooltip("value:Q", format=".3~g")],
        )
    )
    return finished(
        _marked([line], table, narrow),
        f"{LABELS[name]}: {_most('highest', table, name, top)}",
        SENSE[name],
    )


def _from_zero(top: float) -> alt.Scale:
    """Return a scale from 0 on which the largest value keeps clear of the frame."""
    import altair as alt

    return alt.Scale(domain=[0, 1.08 * top or 1], nice=False)


def _to_the_end(table: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the rows with the last one twice, so that a step is as long as its year."""
    rows = table.to_dicts()
    return [*rows, {**rows[-1], "year": rows[-1]["year"] + 1}]


def beside(table: pl.DataFrame) -> pl.DataFrame:
    """Return disputes that began and those to be expected, both in the year they are of."""
    ahead = {name: other for name, other in OF_NEXT.items() if name in table.columns}
    expected = table.select(pl.col("year") + 1, *ahead).rename(ahead)
    seen = [name for name in ("initiations",) if name in table.columns]
    return table.select("year", *seen).join(expected, on="year", how="left").sort("year")


def observed(table: pl.DataFrame, narrow: bool = False) -> alt.LayerChart | None:
    """Draw disputes to be expected from the year before, and those that began."""
    import altair as alt

    wide = beside(table)
    kinds = {
        name: label
        for name, label in BESIDE.items()
        if name in wide.columns and wide[name].null_count() < wide.height
    }
    if not kinds:
        return None
    rows = [
        {"year": year, "what": label, "value": value}
        for name, label in kinds.items()
        for year, value in wide.select("year", name).iter_rows()
        if value is not None
    ]
    dashes = dict(zip(BESIDE.values(), ([1, 0], [6, 3], [2, 2]), strict=True))
    colours = dict(zip(BESIDE.values(), (LINES[5], LINES[0], LINES[1]), strict=True))
    shown = list(kinds.values())
    legend = alt.Legend(
        title=None, orient="bottom", columns=1 if narrow else 0, symbolType="stroke",
        symbolStrokeWidth=2, symbolSize=400, labelLimit=300,
    )  # fmt: skip
    lines = (
        alt.Chart(alt.InlineData(rows))
        .mark_line(strokeWidth=1.6)
        .encode(
            x=_years(table, narrow=narrow),
            y=alt.Y(
                "value:Q",
                title="disputes a year, directed pairs",
                axis=alt.Axis(tickCount=5),
                scale=_from_zero(max(float(row["value"]) for row in rows)),
            ),
            color=alt.Color(
                "what:N",
                scale=alt.Scale(domain=shown, range=[colours[label] for label in shown]),
                legend=legend,
            ),
            strokeDash=alt.StrokeDash(
                "what:N",
                scale=alt.Scale(domain=shown, range=[dashes[label] for label in shown]),
                legend=legend,
            ),
            tooltip=["year:Q", "what:N", alt.Tooltip("value:Q", format=".1f")],
        )
    )
    fitted = int(hazard.about()["years"][1])
    beyond = int(table["year"][-1]) > fitted >= int(table["year"][0])
    limit = {
        "event": f"{fitted} is the last year of the fit",
        "short": f"fit ends {fitted}",
        "first_year": fitted + 1,
        "last_year": fitted + 2,
        "kind": "settlement",
    }
    return finished(
        _marked([lines], table, narrow, [limit] if beyond else []),
        "Disputes that began, and disputes to be expected",
        "Directed pairs of which the first begins a dispute, joiners left out. Expected: the sum "
        "over all pairs by the hazard's fit, from the year before. "
        + drift(wide)
        + f". After {fitted}, the last year of the fit, it is extrapolation" * beyond,
    )


def drift(wide: pl.DataFrame) -> str:
    """Say how the sum of expected disputes compares with those that began, by half-centuries."""
    both = ["expected_disputes", "initiations"]
    if not set(both) <= set(wide.columns):
        return "What began is not known for these years"
    spans = (
        wide.drop_nulls(both)
        .group_by(pl.col("year") // 50 * 50, maintain_order=True)
        .agg(pl.col("year").min().alias("a"), pl.col("year").max().alias("b"), pl.sum(*both))
    )
    parts = [
        f"{expected / began:.1f} times as many as began in {first}-{last}"
        for first, last, expected, began in spans.select("a", "b", *both).iter_rows()
        if last - first >= 9 and began
    ]
    words = f": without past disputes it is {', '.join(parts)}" if len(parts) > 1 else ""
    return f"The sum drifts over the decades{words}. Compare pairs of one year by it, not years"


def spread(years: pl.DataFrame, table: pl.DataFrame, narrow: bool = False) -> alt.LayerChart:
    """Draw how alike the lenses rank the states: mean, least and most over pairs of lenses."""
    import altair as alt

    rows = _to_the_end(years.drop_nulls("mean"))
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
    return finished(
        _marked([band, line], table, narrow),
        "How alike the lenses rank the states: "
        + _most("least alike", years, "mean", years["mean"].min()),
        "Rank correlation of the states' security, -1 to 1: 1 the same order, 0 no relation, -1 "
        "reversed. Line: mean over all pairs of lenses; band: from the most different pair to the "
        "most alike",
    )


def before(wars: pl.DataFrame, narrow: bool = False) -> alt.LayerChart:
    """Draw, lens by lens, where states that were about to enter a war ranked against others."""
    import altair as alt

    rows = [{**row, "lens": named(row["lens"])} for row in wars.to_dicts()]
    order = [row["lens"] for row in rows]
    base = alt.Chart(alt.InlineData(rows)).encode(
        y=alt.Y("lens:N", title=None, sort=order, axis=alt.Axis(labelLimit=160))
    )
    title = "less secure before a war \u2190 difference in rank, 0 to 1 \u2192 more secure"
    axis = alt.X(
        "low:Q",
        title="difference in rank, 0 to 1" if narrow else title,
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
    finding = (
        f"States about to enter a war ranked differently under {', '.join(clear)}"
        if clear
        else "Under no lens did states about to enter a war rank differently beyond doubt"
    )
    chart: alt.LayerChart = layered
    return finished(
        chart,
        finding,
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


def _marked(
    lines: Sequence[Any], table: pl.DataFrame, narrow: bool, more: Sequence[dict[str, Any]] = ()
) -> alt.LayerChart:
    """Lay great wars and settlements under the lines, with their names above."""
    import altair as alt

    first, last = int(table["year"][0]), int(table["year"][-1])
    clipped = [
        {**e, "first_year": max(e["first_year"], first), "last_year": min(e["last_year"], last + 1)}
        for e in [*events(first, last), *more]
    ]
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
    placed = _placed(clipped, first, last, NARROW if narrow else WIDTH)
    for line in ROWS:
        rows = [event for event in placed if event["line"] == line]
        if rows:
            layers.append(
                alt.Chart(alt.InlineData(rows))
                .mark_text(fontSize=11, color=palette.QUIET)
                .encode(x=_years(table, "at", narrow=narrow), y=alt.value(line), text="short:N")
            )
    layered: Any = alt.layer(*layers, *lines).properties(
        width=NARROW if narrow else WIDTH, height=HEIGHT
    )
    chart: alt.LayerChart = layered
    return chart


def _placed(
    marked: Sequence[dict[str, Any]], first: int, last: int, width: int
) -> list[dict[str, Any]]:
    """Return the marks whose names have room above the frame, with where they stand.

    A name takes the lowest row in which it touches no other; the lowest of all is for settlements.
    """
    scale = width / (last + 1 - first)
    ends: dict[int, list[tuple[float, float]]] = {line: [] for line in ROWS}
    placed = []
    for event in sorted(marked, key=lambda event: event["first_year"]):
        war = event["kind"] == "war"
        middle = (event["first_year"] + event["last_year"]) / 2 if war else event["first_year"]
        half = LETTER * len(event["short"]) / 2
        at = min(max((middle - first) * scale, half), width - half)
        for line in ROWS[1:] if war else ROWS:
            if all(at + half + ROOM <= a or b + ROOM <= at - half for a, b in ends[line]):
                ends[line].append((at - half, at + half))
                placed.append({**event, "at": first + at / scale, "line": line})
                break
    return placed
