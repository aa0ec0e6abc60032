"""The charts of an audit, each an Altair chart whose title says the finding.

Ranking here; who pays for whom and how sure in the modules beside it, offered here as well.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from detente.lenses.naming import in_words
from detente.reporting.audit.agreement_charts import lenses, pairs
from detente.reporting.audit.payers_charts import change, matrix
from detente.reporting.audit.uncertainty_charts import alternatives, draws
from detente.reporting.page import palette
from detente.reporting.page.style import finished, label_axis, names_of, values
from detente.words import between, exact

if TYPE_CHECKING:
    import altair as alt

    from detente.results.result import Result

__all__ = ["alternatives", "change", "draws", "lenses", "matrix", "pairs", "ranking"]

LEAST, MOST = 25, 10
"""How many states the ranking shows from either end."""


def ranking(audit: Result, lens: str = "", *, narrow: bool = False) -> alt.HConcatChart:
    """Return the ranking of the states by security, with intervals over the draws.

    Beside each state stand two bars: its own capability and that of its allies. Where there are
    many states, those in the middle are left out.
    """
    import altair as alt

    lens = lens or audit.lenses[0]
    unit = audit.settings["lenses"][lens]["unit"]
    names = names_of(audit)
    table = audit.states(lens)
    bounds = palette.edges(table["security"].to_list())
    most = table["security"].max()
    highest = table.filter(table["security"] == most).height
    apart = 1 < highest < table.height
    if apart:  # none of them is safer than the others: they have no place in a ranking
        table = table.filter(table["security"] != most)
    rows = table.to_dicts()
    if len(rows) > LEAST + MOST + 5:
        left = len(rows) - LEAST - MOST
        gap = {"state": "", "label": f"… {left} more …"}
        shown: list[dict[str, Any]] = [*rows[:LEAST], gap, *rows[-MOST:]]
    else:
        shown = rows
    drawn: list[dict[str, Any]] = []
    for row in shown:
        if not row["state"]:
            drawn.append({"label": row["label"]})
            continue
        drawn.append(
            {
                "label": names.full(row["state"]),
                "security": row["security"],
                "low": row.get("low"),
                "high": row.get("high"),
                "median": row.get("median"),
                "interval": between(row.get("low"), row.get("high"), 3) or "no draws",
                "own": row["capability"],
                "allies": row["allied_capability"],
                "fill": palette.shade(row["security"], bounds),
            }
        )
    order = [row["label"] for row in drawn]
    y = alt.Y(
        "label:N",
        sort=order,
        scale=alt.Scale(domain=order),
        axis=label_axis(narrow, grid=True),
    )
    data = values(drawn)
    tips = [
        alt.Tooltip("label:N", title="State"),
        alt.Tooltip("security:Q", title=f"Security ({unit})", format=".3~g"),
        alt.Tooltip("interval:N", title="5 % to 95 % of draws"),
        alt.Tooltip("own:Q", title="Own capability", format=".2%"),
        alt.Tooltip("allies:Q", title="Allies' capability", format=".2%"),
    ]
    base = alt.Chart(data).encode(y=y)
    x = alt.X(
        "security:Q",
        title="security" if narrow else f"security, {unit}",
        axis=alt.Axis(tickCount=4 if narrow else 7, labelOverlap=True),
    )
    layers = [
        alt.Chart(values([{"zero": 0}]))
        .mark_rule(color="#8a93a0", strokeDash=[2, 2])
        .encode(x="zero:Q")
    ]
    if "low" in table.columns:
        layers.append(
            base.mark_rule(color=palette.QUIET, strokeWidth=1.6).encode(
                x=alt.X("low:Q"), x2="high:Q", tooltip=tips
            )
        )
    if "median" in table.columns:
        tips.insert(3, alt.Tooltip("median:Q", title="Median of draws", format=".3~g"))
        layers.append(
            base.mark_tick(color=palette.QUIET, thickness=2, size=11).encode(
                x=alt.X("median:Q"), tooltip=tips
            )
        )
    layers.append(
        base.mark_point(
            filled=True, size=75, stroke=palette.INK, strokeWidth=0.9, opacity=1
        ).encode(x=x, fill=alt.Fill("fill:N", scale=None, legend=None), tooltip=tips)
    )
    height = 17 * len(drawn)
    dots = alt.layer(*layers).properties(width=120 if narrow else 430, height=height)

    def bars(field: str, title: str) -> alt.Chart:
        # On a narrow screen there is room for one number below the bars.
        top = max((row[field] for row in drawn if field in row), default=0.0)
        step = 10.0 ** math.floor(math.log10(top)) if top > 0 else 1.0
        top = round(math.floor(top / step) * step, 9) if top > 0 else 1.0
        few = {"values": [top], "labelAlign": "right"} if narrow else {"tickCount": 3}
        layer: alt.Chart = (
            alt.Chart(data)
            .mark_bar(color="#7b8694", size=9)
            .encode(
                y=alt.Y("label:N", sort=order, scale=alt.Scale(domain=order), axis=None),
                x=alt.X(
                    f"{field}:Q",
                    title=title.split(", ") if not narrow else title.split(",")[0].split(" "),
                    axis=alt.Axis(format="%", labelOverlap=True, **few),
                ),
                tooltip=tips,
            )
            .properties(width=30 if narrow else 110, height=height)
        )
        return layer

    chart: alt.HConcatChart = alt.hconcat(
        dots,
        bars("own", "own capability, share of the total"),
        bars("allies", "allies' capability, share of the total"),
        spacing=8 if narrow else 18,
    ).resolve_scale(y="independent")
    low, high = rows[0], rows[-1]
    sure = ", no draws"
    if "low" in table.columns:
        tick = " with a tick at the median" if "median" in table.columns else ""
        sure = f" as a dot, line from 5 % to 95 % of draws{tick}"
    under = f"under the lens {in_words(lens)}"
    return finished(
        chart,
        f"{names.full(low['state'])} is the least secure {under}; {highest} states share the "
        f"highest value, {exact(float(most))}, and are not shown"
        if apart
        else f"{names.full(high['state'])} is the most secure {under}, "
        f"{names.full(low['state'])} the least",
        f"Security, {unit}; point estimate{sure}. Dark is less secure",
    )
