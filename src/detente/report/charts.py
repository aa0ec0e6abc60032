"""The charts of an audit, each an Altair chart whose title says the finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from detente.audit.tables import interval
from detente.audit.text import share
from detente.report import palette
from detente.report.words import Names, between, listed, number, signed

if TYPE_CHECKING:
    import altair as alt

    from detente.audit.result import Audit

_Chart = TypeVar("_Chart")

LEAST, MOST = 25, 10
"""How many states the ranking shows from either end."""
PAYERS = 25
"""How many rows and columns the matrix has."""


def finished(chart: _Chart, title: str, subtitle: str) -> _Chart:
    """Return the chart with its finding, what it measures, and the look of the page."""
    import altair as alt

    made: Any = chart
    made = made.properties(
        title=alt.TitleParams(
            title, subtitle=subtitle, anchor="start", fontSize=15, subtitleColor=palette.QUIET
        ),
        description=f"{title}. {subtitle}.",
        background="#ffffff",
    )
    out: _Chart = (
        made.configure(font=palette.FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=palette.INK,
            titleColor=palette.QUIET,
            titleFontWeight="normal",
            labelFontSize=12,
            titleFontSize=12,
            gridColor="#e6e8eb",
            domainColor="#b9bec5",
            tickColor="#b9bec5",
        )
    )
    return out


def names_of(audit: Audit) -> Names:
    """Return the names that the result itself carries."""
    data = audit.data
    return Names(
        dict(
            zip(
                data["state"].values.astype(str),
                data["state_name"].values.astype(str),
                strict=True,
            )
        ),
        {},
    )


def _values(rows: list[dict[str, Any]]) -> alt.InlineData:
    import altair as alt

    return alt.InlineData(values=[{k: _plain(v) for k, v in row.items()} for row in rows])


def _plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return float(f"{value:.6g}") if np.isfinite(value) else None
    return value


# Who is secure --------------------------------------------------------------------------


def ranking(audit: Audit, lens: str, *, narrow: bool = False) -> alt.HConcatChart:
    """Return the ranking of the states by security, with intervals over the draws.

    Beside each state stand two bars: its own capability and that of its allies. Where there are
    many states, those in the middle are left out.
    """
    import altair as alt

    unit = audit.settings["lenses"][lens]["unit"]
    names = names_of(audit)
    table = audit.states(lens)
    rows = table.to_dicts()
    bounds = palette.edges(table["security"].to_list())
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
        axis=alt.Axis(
            title=None, labelLimit=150 if narrow else 210, ticks=False, domain=False, grid=True
        ),
    )
    data = _values(drawn)
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
        alt.Chart(_values([{"zero": 0}]))
        .mark_rule(color="#8a93a0", strokeDash=[2, 2])
        .encode(x="zero:Q")
    ]
    if "low" in table.columns:
        layers.append(
            base.mark_rule(color=palette.QUIET, strokeWidth=1.6).encode(
                x=alt.X("low:Q"), x2="high:Q", tooltip=tips
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
        top = float(f"{top:.1g}") if top > 0 else 1.0
        few = {"values": [top], "labelAlign": "right"} if narrow else {"tickCount": 3}
        out: alt.Chart = (
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
        return out

    chart: alt.HConcatChart = alt.hconcat(
        dots,
        bars("own", "own capability, share of the total"),
        bars("allies", "allies' capability, share of the total"),
        spacing=8 if narrow else 18,
    ).resolve_scale(y="independent")
    low, high = rows[0], rows[-1]
    sure = ", interval from 5 % to 95 % of draws" if "low" in table.columns else ", no draws"
    return finished(
        chart,
        f"{names.full(high['state'])} is the most secure under the lens {lens}, "
        f"{names.full(low['state'])} the least",
        f"Security, {unit}; point estimate{sure}. Dark is less secure",
    )


# Who pays for whom ----------------------------------------------------------------------


def matrix(
    audit: Audit, lens: str, camps: dict[str, int] | None = None, most: dict[Any, str] | None = None
) -> alt.Chart | None:
    """Return who pays for whom as a matrix of those who pay and gain most; None if nobody pays.

    Parameters
    ----------
    audit : Audit
        The result.
    lens : str
        Through which lens.
    camps : dict of code to int, optional
        In whose order rows and columns stand; by what they pay or gain otherwise.
    most : dict of (payer, beneficiary) to str, optional
        Which change contributes most, for who points at a cell.
    """
    import altair as alt

    pays = audit.data["pays"].sel(lens=lens).values
    codes = audit.data["state"].values.astype(str)
    if not (pays > 0).any():
        return None
    names, unit = names_of(audit), audit.settings["lenses"][lens]["unit"]
    camps = camps or {}

    def chosen(total: Any) -> list[int]:
        top = [int(i) for i in np.argsort(-total, kind="stable")[:PAYERS] if total[i] > 0]
        return sorted(top, key=lambda i: (camps.get(str(codes[i]), 0), -total[i], codes[i]))

    rows, columns = chosen(pays.sum(axis=1)), chosen(pays.sum(axis=0))
    cells = [
        {
            "payer": names.full(codes[i]),
            "for": names.full(codes[j]),
            "harm": pays[i, j],
            "most": (most or {}).get((str(codes[i]), str(codes[j])), ""),
        }
        for i in rows
        for j in columns
        if pays[i, j] > 0
    ]
    payers = [names.full(codes[i]) for i in rows]
    gainers = [names.full(codes[j]) for j in columns]
    tips = [
        alt.Tooltip("payer:N", title="Pays"),
        alt.Tooltip("for:N", title="for changes that are wanted by"),
        alt.Tooltip("harm:Q", title=f"Harm ({unit})", format=".3~g"),
    ]
    if most:
        tips.append(alt.Tooltip("most:N", title="Most of it by"))
    chart: alt.Chart = (
        alt.Chart(_values(cells))
        .mark_rect(stroke="#ffffff", strokeWidth=1)
        .encode(
            y=alt.Y(
                "payer:N",
                sort=payers,
                scale=alt.Scale(domain=payers),
                title="who pays",
                axis=alt.Axis(labelLimit=210, grid=False, domain=False, ticks=False),
            ),
            x=alt.X(
                "for:N",
                sort=gainers,
                scale=alt.Scale(domain=gainers),
                title="for changes wanted by",
                axis=alt.Axis(
                    orient="top",
                    labelAngle=-55,
                    labelLimit=210,
                    grid=False,
                    domain=False,
                    ticks=False,
                ),
            ),
            color=alt.Color(
                "harm:Q",
                scale=alt.Scale(range=list(palette.HARM), interpolate="lab", domainMin=0),
                legend=alt.Legend(
                    title=["harm,", *_short(unit)], gradientLength=160, format=".2~g", tickCount=4
                ),
            ),
            tooltip=tips,
        )
        .properties(width=24 * len(columns), height=20 * len(rows))
    )
    totals, sums = pays.sum(axis=1), pays.sum(axis=0)
    payer, gainer = int(np.argmax(totals)), int(np.argmax(sums))
    return finished(
        chart,
        f"{names.full(codes[payer])} pays most under the lens {lens}; most is paid for changes "
        f"that {names.full(codes[gainer])} would want",
        f"Harm from wanted changes, {unit}, summed over changes; a change's harm is shared "
        "equally among those who decide it. Point estimate",
    )


def _short(unit: str) -> list[str]:
    import textwrap

    return textwrap.wrap(unit, 16)


# One change -----------------------------------------------------------------------------


def change(
    audit: Audit, sentence: str, lens: str, *, most: int = 15, narrow: bool = False
) -> alt.LayerChart | None:
    """Return who gains and who loses by one change; None if the lens has no answer after it.

    At most `most` states of either side are shown, and those that decide but do not gain.
    """
    import altair as alt

    data = audit.data
    k = int(np.flatnonzero(data["change"].values == sentence)[0])
    deltas = audit.deltas(sentence, lens).values
    if not np.isfinite(deltas).all():
        return None
    names, unit = names_of(audit), audit.settings["lenses"][lens]["unit"]
    tol = float(data["tolerance"].sel(lens=lens))
    mine = data["initiator"].values[k]
    codes = data["state"].values.astype(str)
    falling = [int(i) for i in np.argsort(-deltas, kind="stable")]
    winners = [i for i in falling if deltas[i] > tol]
    losers = [i for i in falling if deltas[i] < -tol]
    still = [i for i in falling if mine[i] and abs(deltas[i]) <= tol]
    moved = winners[:most] + still + losers[-most:]
    hidden = len(winners) + len(still) + len(losers) - len(moved)
    rows = []
    for i in moved:
        gains = bool(deltas[i] > 0)
        says = signed(deltas[i])
        sure = ""
        name = "share_helps" if gains else "share_harms"
        if name in data and abs(deltas[i]) > tol:
            sure = share(float(data[name].sel(lens=lens).values[k, i])) + " of draws"
        rows.append(
            {
                "label": names.full(codes[i]) + (" *" if mine[i] else ""),
                "delta": deltas[i],
                "side": "gains" if gains else "loses",
                "says": f"{says} ({sure})" if sure and not narrow else says,
                "sure": sure or "not drawn",
                "fill": palette.GAIN if gains else palette.LOSS,
            }
        )
    order = [row["label"] for row in rows]
    ends = [row["delta"] for row in rows] or [0.0]
    reach = max(abs(x) for x in ends) or 1.0
    room = 2.2 if narrow else 1.6
    base = alt.Chart(_values(rows)).encode(
        y=alt.Y(
            "label:N",
            sort=order,
            axis=alt.Axis(title=None, labelLimit=140 if narrow else 210, ticks=False, domain=False),
        ),
        x=alt.X(
            "delta:Q",
            title=f"change of security, {unit}",
            scale=alt.Scale(
                domain=[
                    -reach * room if min(ends) < 0 else -reach * 0.15,
                    reach * room if max(ends) > 0 else reach * 0.15,
                ]
            ),
            axis=alt.Axis(tickCount=4 if narrow else 7, labelOverlap=True),
        ),
        tooltip=[
            alt.Tooltip("label:N", title="State"),
            alt.Tooltip("delta:Q", title=f"Change ({unit})", format="+.3~g"),
            alt.Tooltip("sure:N", title="With this sign in"),
        ],
    )
    fill = alt.Fill("fill:N", scale=None, legend=None)
    layers = [
        base.mark_bar(size=12).encode(fill=fill),
        base.transform_filter("datum.delta > 0")
        .mark_text(align="left", dx=5, fontSize=11, color=palette.INK)
        .encode(text="says:N"),
        base.transform_filter("datum.delta <= 0")
        .mark_text(align="right", dx=-5, fontSize=11, color=palette.INK)
        .encode(text="says:N"),
    ]
    layered: Any = alt.layer(*layers)
    chart: alt.LayerChart = layered.properties(width=190 if narrow else 560, height=18 * len(rows))
    up = [names.full(codes[i]) for i in winners]
    down = [names.full(codes[i]) for i in losers[::-1]]
    won = f"{listed(up, 3)} gain" + ("s" if len(up) == 1 else "") if up else "Nobody gains"
    lost = (
        f"{listed(down, 3)} {'is' if len(down) == 1 else 'are'} less secure"
        if down
        else "nobody is less secure"
    )
    return finished(
        chart,
        f"{won}; {lost} under the lens {lens}",
        f"Change of security, {unit}; point estimate, with the share of draws in which the sign "
        f"is the same. * decides the change{f'; {hidden} more move less' if hidden else ''}",
    )


# How sure -------------------------------------------------------------------------------


def draws(audit: Audit, *, narrow: bool = False) -> alt.VConcatChart | None:
    """Return the index over the draws, one histogram a lens; None without draws."""
    import altair as alt

    data = audit.data
    if "index_draw" not in data:
        return None
    edges = np.linspace(0, 1, 41)
    parts = []
    for lens in audit.lenses:
        known = data["index_draw"].sel(lens=lens).values
        known = known[np.isfinite(known)]
        if not len(known):
            continue
        counts, _ = np.histogram(known, edges)
        rows = [
            {"from": a, "to": b, "draws": int(n), "share": n / len(known), "zero": 0.0}
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
            alt.Chart(_values(rows))
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
            alt.Chart(_values([{"at": point}]))
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
    return finished(
        alt.vconcat(*parts),
        f"The index lies between {between(low, high).replace(' to ', ' and ')} in nine draws of "
        f"ten under the lens {lens}"
        if low is not None
        else f"No draw has an answer under the lens {lens}",
        "Indivisibility index (share of wanted changes that leave nobody less secure) over "
        "draws of the lens's parameters; the black line is the point estimate",
    )


def alternatives(audit: Audit, lens: str, *, narrow: bool = False) -> alt.LayerChart | None:
    """Return the index if a choice were made otherwise; None if no choice was switched."""
    import altair as alt

    data = audit.data
    if "alternative" not in data.dims:
        return None
    one = data.sel(lens=lens)
    base = float(one["index"])
    low, high = interval(one["index_draw"].values) if "index_draw" in data else (None, None)
    rows: list[dict[str, Any]] = [
        {
            "choice": "as audited",
            "index": base,
            "low": low,
            "high": high,
            "says": f"{int(one['witness'].values.sum()):,} of {int(one['wanted'].values.sum()):,}",
            "fill": palette.INK,
        }
    ]
    far, moved = "", 0.0
    for a, name in enumerate(data["alternative"].values.astype(str)):
        value = float(one["alternative_index"].values[a])
        if np.isnan(value):
            continue
        witnesses = int(one["alternative_witnesses"].values[a])
        wanted = int(one["alternative_wanted"].values[a])
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
    order = [row["choice"] for row in rows]
    y = alt.Y(
        "choice:N",
        sort=order,
        axis=alt.Axis(title=None, labelLimit=150 if narrow else 320, ticks=False, domain=False),
    )
    chart = alt.Chart(_values(rows))
    scale = alt.Scale(domain=[0, 1])
    tips = [
        alt.Tooltip("choice:N", title="Choice"),
        alt.Tooltip("index:Q", title="Index", format=".3f"),
        alt.Tooltip("says:N", title="Wanted changes at someone's expense"),
    ]
    layers = [
        alt.Chart(_values([{"at": base}]))
        .mark_rule(color="#8a93a0", strokeDash=[3, 3])
        .encode(x=alt.X("at:Q", scale=scale)),
        chart.transform_filter("isValid(datum.low)")
        .mark_rule(color=palette.INK, strokeWidth=1.6)
        .encode(y=y, x=alt.X("low:Q", scale=scale), x2="high:Q"),
        chart.mark_point(filled=True, size=80, opacity=1).encode(
            y=y,
            x=alt.X("index:Q", scale=scale, title="indivisibility index"),
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
    whole: alt.LayerChart = layered.properties(width=150 if narrow else 500, height=24 * len(rows))
    return finished(
        whole,
        f"{title}, under the lens {lens}",
        "Indivisibility index; beside it wanted changes at someone's expense, of all wanted. "
        "One choice switched at a time, point estimate",
    )


def lenses(audit: Audit) -> alt.HConcatChart | None:
    """Return the places of the least secure states under every lens; None for one lens."""
    import altair as alt

    if len(audit.lenses) < 2:
        return None
    names = names_of(audit)
    first = audit.states(audit.lenses[0])
    shown = first["state"].to_list()[:20]
    total = first.height
    order = [names.full(code) for code in shown]
    places = {}
    for lens in audit.lenses:
        table = audit.states(lens)
        places[lens] = dict(zip(table["state"], total + 1 - table["rank"], strict=True))
    parts = []
    for k, lens in enumerate(audit.lenses):
        rows = [
            {
                "label": names.full(code),
                "place": int(places[lens][code]),
                "fill": palette.SECURITY[min(4, 5 * (int(places[lens][code]) - 1) // total)],
            }
            for code in shown
        ]
        parts.append(
            alt.Chart(_values(rows))
            .mark_point(filled=True, size=70, stroke=palette.INK, strokeWidth=0.8, opacity=1)
            .encode(
                y=alt.Y(
                    "label:N",
                    sort=order,
                    scale=alt.Scale(domain=order),
                    axis=alt.Axis(
                        title=None,
                        labels=k == 0,
                        labelLimit=210,
                        ticks=False,
                        domain=False,
                        grid=True,
                    ),
                ),
                x=alt.X(
                    "place:Q",
                    scale=alt.Scale(domain=[1 - 0.04 * total, 1.04 * total]),
                    title="place",
                    axis=alt.Axis(values=[1, (total + 1) // 2, total]),
                ),
                fill=alt.Fill("fill:N", scale=None, legend=None),
                tooltip=[
                    alt.Tooltip("label:N", title="State"),
                    alt.Tooltip("place:Q", title=f"Place under {lens}"),
                ],
            )
            .properties(
                width=max(80, 620 // len(audit.lenses)),
                height=17 * len(shown),
                title=alt.TitleParams(lens, anchor="start", fontSize=12),
            )
        )
    third = max(1, total // 3)
    same = sum(all(places[lens][code] <= third for lens in audit.lenses) for code in shown)
    return finished(
        alt.hconcat(*parts, spacing=14),
        f"{same or 'None'} of these {len(shown)} states {'is' if same < 2 else 'are'} among the "
        "least secure third under every lens",
        f"Place of the states that are least secure under {audit.lenses[0]}: 1 is the least "
        f"secure of {total}. Units differ between lenses, places do not",
    )
