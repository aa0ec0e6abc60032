"""Charts of gains and losses: who pays for whom, and what one change does to each state."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.auditing.text import share
from detente.lenses.naming import in_words
from detente.reporting.page import palette
from detente.reporting.page.style import finished, label_axis, names_of, values
from detente.words import listed, signed

if TYPE_CHECKING:
    import altair as alt

    from detente.results.result import Result

PAYERS = 25
"""How many rows and columns the matrix has."""


def matrix(
    audit: Result,
    lens: str,
    camps: dict[str, int] | None = None,
    most: dict[Any, str] | None = None,
) -> alt.Chart | None:
    """Return who pays for whom as a matrix of those who pay and gain most; None if nobody pays.

    Parameters
    ----------
    audit : Result
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

    rows, columns = chosen(pays.max(axis=1)), chosen(pays.max(axis=0))
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
        tips.append(alt.Tooltip("most:N", title="By which change"))
    chart: alt.Chart = (
        alt.Chart(values(cells))
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
    payer, gainer = np.unravel_index(int(np.argmax(pays)), pays.shape)
    return finished(
        chart,
        f"The largest harm of a single wanted change: {names.full(codes[payer])} loses it by one "
        f"that {names.full(codes[gainer])} would want, under the lens {in_words(lens)}",
        f"Harm: the largest loss beyond the tolerance, {unit}, that the state of the row has by "
        "one change that the state of the column decides and would want. Point estimate",
    )


def _short(unit: str) -> list[str]:
    return textwrap.wrap(unit, 16)


def change(
    audit: Result, sentence: str, lens: str, *, most: int = 15, narrow: bool = False
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
    deciding = data["initiator"].values[k]
    codes = data["state"].values.astype(str)
    falling = [int(i) for i in np.argsort(-deltas, kind="stable")]
    winners = [i for i in falling if deltas[i] > tol]
    losers = [i for i in falling if deltas[i] < -tol]
    still = [i for i in falling if deciding[i] and abs(deltas[i]) <= tol]
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
                "label": names.full(codes[i]) + (" *" if deciding[i] else ""),
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
    base = alt.Chart(values(rows)).encode(
        y=alt.Y(
            "label:N",
            sort=order,
            axis=label_axis(narrow),
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
        f"{won}; {lost} under the lens {in_words(lens)}",
        f"Change of security, {unit}; point estimate, with the share of draws in which the sign "
        f"is the same. * decides the change{f'; {hidden} more move less' if hidden else ''}",
    )
