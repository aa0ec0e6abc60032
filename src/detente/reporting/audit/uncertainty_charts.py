"""Charts of doubt: the index over draws, and if a choice were made otherwise."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.lenses.naming import in_words
from detente.reporting.page import palette
from detente.reporting.page.style import finished, values
from detente.results.uncertainty import interval
from detente.words import number

if TYPE_CHECKING:
    import altair as alt

    from detente.results.result import Result


def draws(audit: Result, *, narrow: bool = False) -> alt.VConcatChart | None:
    """Return the index over the draws, one histogram a lens; None without draws."""
    import altair as alt

    data = audit.data
    if "index_draw" not in data:
        return None
    edges = np.linspace(0, 1, 41)
    parts = []
    for lens in audit.lenses:
        indices = data["index_draw"].sel(lens=lens).values
        indices = indices[np.isfinite(indices)]
        if not len(indices):
            continue
        counts, _ = np.histogram(indices, edges)
        rows = [
            {"from": a, "to": b, "draws": int(n), "share": n / len(indices), "zero": 0.0}
            for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True)
            if n
        ]
        point = float(data["index"].sel(lens=lens))
        words = "index: 1 nobody pays, 0 somebody pays for every wanted change"
        x = alt.X(
            "from:Q",
            scale=alt.Scale(domain=[0, 1]),
            title=None if lens != audit.lenses[-1] else "indivisibility index" if narrow else words,
        )
        bars = (
            alt.Chart(values(rows))
            .mark_bar(color="#8fb7d9", stroke="#5b8fbf", strokeWidth=0.5)
            .encode(
                x=x,
                x2="to:Q",
                y=alt.Y("share:Q", title="share of draws", axis=alt.Axis(format="%", tickCount=3)),
                y2="zero:Q",
                tooltip=[
                    alt.Tooltip("from:Q", title="Index from", format=".3f"),
                    alt.Tooltip("to:Q", title="to", format=".3f"),
                    alt.Tooltip("draws:Q", title="Draws"),
                ],
            )
        )
        mark = (
            alt.Chart(values([{"at": point}]))
            .mark_rule(color=palette.INK, strokeWidth=2)
            .encode(x="at:Q", tooltip=alt.Tooltip("at:Q", title="Point estimate", format=".3f"))
        )
        parts.append(
            alt.layer(bars, mark).properties(
                width=260 if narrow else 560,
                height=80 if len(audit.lenses) > 1 else 130,
                title=alt.TitleParams(
                    lens if len(audit.lenses) > 1 else "", anchor="start", fontSize=12
                ),
            )
        )
    if not parts:
        return None
    lens = audit.lenses[0]
    low, high = interval(data["index_draw"].sel(lens=lens).values)
    if low is None or high is None:
        title = f"No draw has an answer under the lens {in_words(lens)}"
    elif number(low, 2) == number(high, 2):
        title = (
            f"The index is {number(low, 2)} in at least nine draws of ten under the lens "
            f"{in_words(lens)}"
        )
    else:
        title = (
            f"The index lies between {number(low, 2)} and {number(high, 2)} in nine draws of ten "
            f"under the lens {in_words(lens)}"
        )
    return finished(
        alt.vconcat(*parts),
        title,
        "Indivisibility index (share of wanted changes that leave nobody less secure) over "
        "draws of the lens's parameters; the black line is the point estimate",
    )


def alternatives(audit: Result, lens: str, *, narrow: bool = False) -> alt.LayerChart | None:
    """Return the index if a choice were made otherwise; None if no choice was switched."""
    import altair as alt

    data = audit.data
    if "alternative" not in data.dims:
        return None
    of_lens = data.sel(lens=lens)
    base = float(of_lens["index"])
    low, high = interval(of_lens["index_draw"].values) if "index_draw" in data else (None, None)
    rows: list[dict[str, Any]] = [
        {
            "choice": "as audited",
            "index": base,
            "low": low,
            "high": high,
            "says": f"{int(of_lens['witness'].values.sum()):,} of "
            f"{int(of_lens['wanted'].values.sum()):,}",
            "fill": palette.INK,
        }
    ]
    far, moved = "", 0.0
    for a, name in enumerate(data["alternative"].values.astype(str)):
        value = float(of_lens["alternative_index"].values[a])
        if np.isnan(value):
            continue
        witnesses = int(of_lens["alternative_witnesses"].values[a])
        wanted = int(of_lens["alternative_wanted"].values[a])
        rows.append(
            {
                "choice": str(name),
                "index": value,
                "says": f"{witnesses:,} of {wanted:,}",
                "fill": "#5b8fbf",
            }
        )
        if abs(value - base) > moved:
            far, moved = str(name), abs(value - base)
            to = value
    for row in rows:
        # A newline cannot stand in an axis; the bar parts the lines of a long label.
        row["label"] = "|".join(textwrap.wrap(row["choice"], 22 if narrow else 60))
    order = [row["label"] for row in rows]
    y = alt.Y(
        "label:N",
        sort=order,
        axis=alt.Axis(
            title=None,
            labelExpr="split(datum.label, '|')",
            labelBaseline="middle",
            labelLimit=170 if narrow else 320,
            ticks=False,
            domain=False,
        ),
    )
    chart = alt.Chart(values(rows))
    scale = alt.Scale(domain=[0, 1])
    tips = [
        alt.Tooltip("choice:N", title="Choice"),
        alt.Tooltip("index:Q", title="Index", format=".3f"),
        alt.Tooltip("says:N", title="Wanted changes at someone's expense"),
    ]
    layers = [
        alt.Chart(values([{"at": base}]))
        .mark_rule(color="#8a93a0", strokeDash=[3, 3])
        .encode(x=alt.X("at:Q", scale=scale)),
        chart.transform_filter("isValid(datum.low)")
        .mark_rule(color=palette.INK, strokeWidth=1.6)
        .encode(y=y, x=alt.X("low:Q", scale=scale), x2="high:Q"),
        chart.mark_point(filled=True, size=80, opacity=1).encode(
            y=y,
            x=alt.X(
                "index:Q",
                scale=scale,
                title="indivisibility index",
                axis=alt.Axis(tickCount=3 if narrow else 10),
            ),
            fill=alt.Fill("fill:N", scale=None, legend=None),
            tooltip=tips,
        ),
    ]
    if not narrow:
        layers.append(
            chart.mark_text(align="left", fontSize=11, color=palette.QUIET).encode(
                y=y, x=alt.value(508), text="says:N"
            )
        )
    title = (
        f"The choice “{far}” moves the index most, from {number(base, 2)} to {number(to, 2)}"
        if far
        else "No other choice moves the index"
    )
    layered: Any = alt.layer(*layers)
    whole: alt.LayerChart = layered.properties(
        width=150 if narrow else 500, height=(44 if narrow else 24) * len(rows)
    )
    return finished(
        whole,
        f"{title}, under the lens {in_words(lens)}",
        "Indivisibility index; beside it wanted changes at someone's expense, of all wanted. "
        "One choice switched at a time, point estimate",
    )
