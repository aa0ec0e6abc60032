"""Pictures of where lenses agree: of every two of them, and of the places they give the states."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.auditing.agreement import ranks
from detente.lenses.naming import in_words, short_words
from detente.reporting.page import palette
from detente.reporting.page.style import finished, names_of, values
from detente.words import MINUS, listed, signed

if TYPE_CHECKING:
    import altair as alt

    from detente.results.result import Result

NO_ANSWER = "#f1f1ee"
TURNED_ROUND = -0.5
"""Rank correlation below which two lenses are said to rank the other way round."""


def pairs(audit: Result, *, narrow: bool = False) -> alt.HConcatChart | alt.VConcatChart | None:
    """Return how far every two lenses agree, as two small matrices; None for one lens.

    The left one compares the rankings of the states, the right one the signs of what changes
    give to states.
    """
    import altair as alt

    if len(audit.lenses) < 2:
        return None
    compared = audit.agreement()
    lenses = [short_words(lens) for lens in compared.lenses]
    ranks = _grid(
        lenses,
        compared.rank_correlation,
        lambda x: signed(x, 2) if abs(x) >= 0.005 else "0",
        "one of them sees all states alike",
    )
    signs = _grid(
        lenses,
        compared.same_sign,
        lambda x: f"{100 * x:.0f} %",
        "neither sees a gain or a loss",
        [
            [f"{100 * x:.0f} %" if np.isfinite(x) else "" for x in row]
            for row in compared.opposite_sign
        ],
    )
    cell = 34 if narrow else 54
    parts = [
        _matrix(
            ranks,
            lenses,
            cell,
            "Do they rank the states alike?",
            alt.Scale(
                domain=[-1, 0, 1], range=[palette.LOSS, "#ffffff", palette.GAIN], interpolate="lab"
            ),
            "Rank correlation",
        )
    ]
    if np.isfinite(compared.same_sign).any():
        parts.append(
            _matrix(
                signs,
                lenses,
                cell,
                "Do they see the same gains and losses?",
                alt.Scale(domain=[0, 1], range=["#ffffff", palette.GAIN], interpolate="lab"),
                "Same sign",
            )
        )
    whole: Any = (
        alt.vconcat(*parts, spacing=16) if narrow else alt.hconcat(*parts, spacing=30)
    ).resolve_scale(color="independent")
    both: alt.HConcatChart | alt.VConcatChart = finished(
        whole,
        _finding(list(compared.lenses), compared.rank_correlation),
        "First: Spearman’s rank correlation of the securities, +1 the same order, 0 unrelated, "
        f"{MINUS}1 turned round. Second: of the pairs of a change and a state on which at least "
        "one of both sees a gain or a loss, the share on which both say the same. Point estimates",
    )
    return both


def _finding(lenses: list[str], correlation: NDArray[np.float64]) -> str:
    upper = np.where(np.triu(np.ones_like(correlation), 1) > 0, correlation, np.nan)
    if not np.isfinite(upper).any():
        return "No two lenses that tell states apart: their rankings cannot be compared"
    a, b = np.unravel_index(int(np.nanargmax(upper)), upper.shape)
    c, d = np.unravel_index(int(np.nanargmin(upper)), upper.shape)
    top, low = float(upper[a, b]), float(upper[c, d])
    lenses = [short_words(lens) for lens in lenses]
    first = f"{lenses[a][:1].upper()}{lenses[a][1:]}"
    if np.isfinite(upper).sum() == 1:
        return f"{first} and {lenses[b]} rank the states with a correlation of {signed(top)}"
    text = f"{first} and {lenses[b]} rank the states most alike ({signed(top)})"
    if low < TURNED_ROUND:
        return f"{text}, {lenses[c]} and {lenses[d]} the other way round ({signed(low)})"
    return f"{text}, {lenses[c]} and {lenses[d]} least ({signed(low)})"


def _grid(
    lenses: list[str],
    matrix: NDArray[np.float64],
    say: Any,
    unknown: str,
    opposite: list[list[str]] | None = None,
) -> list[dict[str, Any]]:
    rows = []
    for a, first in enumerate(lenses):
        for b, other in enumerate(lenses):
            if a == b:
                continue
            value = float(matrix[a, b])
            finite = bool(np.isfinite(value))
            rows.append(
                {
                    "one": first,
                    "other": other,
                    "value": value if finite else None,
                    "says": say(value) if finite else "–",
                    "note": say(value) if finite else unknown,
                    "against": opposite[a][b] if opposite else "",
                    "dark": finite and abs(value) > 0.6,
                }
            )
    return rows


def _matrix(
    rows: list[dict[str, Any]], lenses: list[str], cell: int, title: str, scale: Any, what: str
) -> Any:
    import altair as alt

    axis: dict[str, Any] = {
        "title": None,
        "grid": False,
        "domain": False,
        "ticks": False,
        "labelLimit": 140,
    }
    base = alt.Chart(values(rows)).encode(
        x=alt.X(
            "other:N",
            scale=alt.Scale(domain=lenses),
            axis=alt.Axis(orient="top", labelAngle=-45, **axis),
        ),
        y=alt.Y("one:N", scale=alt.Scale(domain=lenses), axis=alt.Axis(**axis)),
    )
    tips = [
        alt.Tooltip("one:N", title="Lens"),
        alt.Tooltip("other:N", title="and lens"),
        alt.Tooltip("note:N", title=what),
    ]
    if any(row["against"] for row in rows):
        tips.append(alt.Tooltip("against:N", title="One gains where the other loses"))
    return alt.layer(
        base.mark_rect(color=NO_ANSWER, stroke="#ffffff", strokeWidth=2, tooltip=True),
        base.transform_filter("isValid(datum.value)")
        .mark_rect(stroke="#d9dde2", strokeWidth=1)
        .encode(color=alt.Color("value:Q", scale=scale, legend=None), tooltip=tips),
        base.mark_text(fontSize=10 if cell < 40 else 12).encode(
            text="says:N",
            color=alt.when("datum.dark")
            .then(alt.value("#ffffff"))
            .otherwise(alt.value(palette.INK)),
            tooltip=tips,
        ),
    ).properties(
        width=cell * len(lenses),
        height=(28 if cell < 40 else 34) * len(lenses),
        title=alt.TitleParams(title, anchor="start", fontSize=12),
    )


def places(audit: Result, lens: str) -> dict[str, float]:
    """Return the place of every state under a lens, 1 the least secure; equals share a place."""
    data = audit.data
    order = ranks(data["security"].sel(lens=lens).values)
    return dict(zip(data["state"].values.astype(str), map(float, order), strict=True))


def lenses(audit: Result) -> alt.HConcatChart | None:
    """Return the places of the least secure states under every lens; None for one lens."""
    import altair as alt

    if len(audit.lenses) < 2:
        return None
    names = names_of(audit)
    first = audit.states(audit.lenses[0])
    shown = first["state"].to_list()[:20]
    total = first.height
    order = [names.full(code) for code in shown]
    by_lens = {lens: places(audit, lens) for lens in audit.lenses}
    alike = [lens for lens in audit.lenses if len(set(by_lens[lens].values())) == 1]
    parts = []
    for k, lens in enumerate(audit.lenses):
        rows = [
            {
                "label": names.full(code),
                "place": by_lens[lens][code],
                "fill": "#ffffff"
                if lens in alike
                else palette.SECURITY[min(4, int(5 * (by_lens[lens][code] - 1) // total))],
            }
            for code in shown
        ]
        parts.append(
            alt.Chart(values(rows))
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
                    title="place" if lens not in alike else "all alike",
                    axis=alt.Axis(values=[1, (total + 1) // 2, total]),
                ),
                fill=alt.Fill("fill:N", scale=None, legend=None),
                tooltip=[
                    alt.Tooltip("label:N", title="State"),
                    alt.Tooltip("place:Q", title=f"Place under {in_words(lens)}"),
                ],
            )
            .properties(
                width=max(80, 620 // len(audit.lenses)),
                height=17 * len(shown),
                title=alt.TitleParams(wrap(short_words(lens), 16), anchor="start", fontSize=12),
            )
        )
    third = max(1, total // 3)
    telling = [lens for lens in audit.lenses if lens not in alike]
    same = sum(all(by_lens[lens][code] <= third for lens in telling) for code in shown)
    blind = listed([short_words(lens) for lens in alike])
    apart = f"; {blind} {'sees' if len(alike) == 1 else 'see'} all states alike"
    return finished(
        alt.hconcat(*parts, spacing=14),
        f"{same or 'None'} of these {len(shown)} states {'is' if same < 2 else 'are'} among the "
        f"least secure third under every lens{' that tells states apart' if alike else ''}"
        if telling
        else "Every lens sees all states alike",
        f"Place of the states that are least secure under {in_words(audit.lenses[0])}: 1 is the "
        f"least secure of {total}, equals share the middle of their places"
        f"{apart if alike else ''}. "
        "Units differ between lenses, places do not",
    )
