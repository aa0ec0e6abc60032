"""Pictures of settlements; no end of a scale and no side has the colour of gain or loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detente.reporting.page import palette
from detente.reporting.page.style import finished, values
from detente.settlement.questions.absence_text import rows as absence_rows
from detente.settlement.questions.settling_text import required, rows

if TYPE_CHECKING:
    from detente.results import Result

SIDES = ("#2a5f94", "#8a6d1d", "#6b4a7d", "#4f6b5a", "#7a5548")
"""Of the required parties, in the order of the table; no colour is the better one."""


def intervals(result: Result, *, narrow: bool = False) -> Any:
    """Return the gain of each offer over fighting on, for each required party."""
    import altair as alt

    sides = required(result)
    colours = [SIDES[k % len(SIDES)] for k in range(len(sides))]
    table = rows(result, sides)
    middle = _kept(result)
    for row in table:
        row["kept"] = middle[row["offer"], row["party"]]
    order = list(dict.fromkeys(row["offer"] for row in table))
    base = alt.Chart(values(table)).encode(
        y=alt.Y("offer:N", sort=order, title=None),
        yOffset=alt.YOffset("party:N", sort=sides),
        color=alt.Color(
            "party:N", scale=alt.Scale(domain=sides, range=colours), title=None,
            legend=alt.Legend(orient="top"),
        ),
    )  # fmt: skip
    x = alt.X("gain_low:Q", title="gain over fighting on, utility", scale=alt.Scale(zero=True))
    bars = base.mark_rule(strokeWidth=3).encode(x=x, x2="gain_high:Q")
    points = base.mark_point(filled=True, size=35, opacity=1).encode(x="kept:Q")
    zero = alt.Chart(values([{"zero": 0}])).mark_rule(color=palette.INK).encode(x="zero:Q")
    chart = (zero + bars + points).properties(width=210 if narrow else 560, height=alt.Step(13))
    return finished(
        chart,
        "What each offer is worth against fighting on",
        "From the 5th to the 95th percentile of the draws; point: silent issues left as they are",
    )


def frontier(result: Result, *, narrow: bool = False) -> Any:
    """Return the frontier between two required parties, with offers and solutions on it."""
    import altair as alt

    sides = required(result)
    data = result.data
    if len(sides) != 2 or not data.sizes.get("corner"):
        return None
    a, b = sides
    corners = [
        {"order": k, a: float(point[0]), b: float(point[1])}
        for k, point in enumerate(data["frontier_gain"].values)
    ]
    kept = _kept(result)
    points = [
        {"name": str(o), "what": "offer", a: kept[str(o), a], b: kept[str(o), b]}
        for o in data["offer"].values
    ]
    places = [[str(p) for p in data["party"].values].index(side) for side in sides]
    for s, name in enumerate(data["solution"].values):
        gain = data["solution_gain"].values[s, places]
        if np.isfinite(gain).all():
            points.append(
                {"name": str(name), "what": "solution", a: float(gain[0]), b: float(gain[1])}
            )
    width = 250 if narrow else 480
    x, y = alt.X(f"{a}:Q", title=f"gain of {a}"), alt.Y(f"{b}:Q", title=f"gain of {b}")
    line = (
        alt.Chart(values(corners))
        .mark_line(color=palette.INK, point=False)
        .encode(x=x, y=y, order="order:Q")
    )
    dots = (
        alt.Chart(values(points))
        .mark_point(filled=True, size=55, opacity=0.9)
        .encode(
            x=x,
            y=y,
            shape=alt.Shape("what:N", title=None, legend=alt.Legend(orient="top")),
            color=alt.Color(
                "what:N", title=None, scale=alt.Scale(range=[palette.SECURITY[1], palette.INK]),
            ),
            tooltip=["name:N", *(alt.Tooltip(f"{s}:Q", format="+.2f") for s in sides)],
        )
    )  # fmt: skip
    axes = alt.layer(
        alt.Chart(values([{"at": 0}])).mark_rule(color="#b9bec5").encode(x="at:Q"),
        alt.Chart(values([{"at": 0}])).mark_rule(color="#b9bec5").encode(y="at:Q"),
    )
    return finished(
        (axes + line + dots).properties(width=width, height=width * 0.75),
        "Up and to the right of the cross both sides do better than by fighting on",
        "Gains over fighting on, utility; line: what the two can do no better than together",
    )


def survival(*, narrow: bool = False) -> Any:
    """Return the range of survival of three kinds of settlement."""
    import altair as alt

    from detente.settlement.keeping.lasting import KINDS, durability

    years = np.linspace(0.25, 20, 60)
    table = []
    for kind in KINDS:
        curve = durability(kind, years=years, draws=2000)
        table += [
            {
                "kind": kind,
                "years": float(t),
                "middle": float(m),
                "low": float(lo),
                "high": float(hi),
            }
            for t, m, lo, hi in zip(curve.years, curve.survival, curve.low, curve.high, strict=True)
        ]
    base = alt.Chart().encode(x=alt.X("years:Q", title="years since the settlement"))
    band = base.mark_area(opacity=0.25, color=palette.SECURITY[1]).encode(
        y=alt.Y("low:Q", title="still holds", scale=alt.Scale(domain=[0, 1])), y2="high:Q"
    )
    line = base.mark_line(color=palette.INK).encode(y="middle:Q")
    chart = alt.layer(band, line, data=values(table)).properties(
        width=210 if narrow else 190, height=180
    )
    return finished(
        chart.facet(alt.Facet("kind:N", sort=list(KINDS), title=None), columns=1 if narrow else 3),
        "How long past settlements held, by kind: the records overlap",
        "Median and 5 to 95 percent over records and their sampling error; no estimate",
    )


def presence(result: Result, *, narrow: bool = False) -> Any:
    """Return what the absent actor's presence adds for each party."""
    import altair as alt

    data = result.data
    table = [
        {"party": row["party"], "effect": row["effect"],
         "low": row.get("effect_low", row["effect"]), "high": row.get("effect_high", row["effect"])}
        for row in absence_rows(result)
    ]  # fmt: skip
    base = alt.Chart(values(table)).encode(
        y=alt.Y("party:N", sort=[str(p) for p in data["party"].values], title=None)
    )
    bars = base.mark_bar(color=palette.SECURITY[1]).encode(
        x=alt.X("effect:Q", title="utility, with it less without it")
    )
    spans = base.mark_rule(color=palette.INK, strokeWidth=1.5).encode(x="low:Q", x2="high:Q")
    ranges = (
        f"; line: 5 to 95 percent of {result.settings['draws']} draws"
        if result.settings["draws"]
        else ""
    )
    return finished(
        (bars + spans).properties(width=220 if narrow else 520, height=alt.Step(16)),
        f"What the presence of {result.settings['actor']} adds for each party",
        f"Settlement of all who count, less the one of all but it{ranges}",
    )


def own_presence(result: Result, *, narrow: bool = False) -> Any:
    """Return what each actor's presence adds for itself, and for those who must agree."""
    import altair as alt

    data = result.data
    sides = str(data.attrs["required_parties"]).split(";")
    parties, whom = [str(p) for p in data["party"].values], ["itself", *sides]
    table = []
    for k, absent in enumerate(data["absent"].values):
        table.append(
            {"absent": str(absent), "for": "itself", "effect": float(data["own_effect_of"][k])}
        )
        table += [
            {
                "absent": str(absent),
                "for": side,
                "effect": float(data["effect_of"].values[k, parties.index(side)]),
            }
            for side in sides
        ]
    chart = (
        alt.Chart(values(table))
        .mark_point(filled=True, size=45, opacity=0.9)
        .encode(
            y=alt.Y("absent:N", sort=[str(a) for a in data["absent"].values], title=None),
            x=alt.X("effect:Q", title="utility, with it less without it"),
            color=alt.Color(
                "for:N", title="for", legend=alt.Legend(orient="top"),
                scale=alt.Scale(domain=whom, range=[palette.INK, *SIDES[: len(sides)]]),
            ),
            shape=alt.Shape("for:N", title="for", scale=alt.Scale(domain=whom)),
        )
        .properties(width=190 if narrow else 480, height=alt.Step(16))
    )  # fmt: skip
    return finished(
        chart,
        "What each party's presence at the table adds, for itself and for those who must agree",
        "Settlement of all who count, less the one of all but it",
    )


def _kept(result: Result) -> dict[tuple[str, str], float]:
    """Return gains with silent issues left where they are, by offer and party."""
    data = result.data
    column = [str(s) for s in data["silence"].values].index("status_quo")
    return {
        (str(o), str(p)): float(data["gain"].values[i, j, column])
        for i, o in enumerate(data["offer"].values)
        for j, p in enumerate(data["party"].values)
    }
