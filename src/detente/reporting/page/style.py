"""The look that all charts share: fonts, axes, titles that say the finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from detente.reporting.page import palette
from detente.words import Names

if TYPE_CHECKING:
    import altair as alt

    from detente.results.result import Result

FOLD = 20
"""Letters of a label on a narrow screen, beyond which it takes a second line."""

_Chart = TypeVar("_Chart")


def finished(chart: _Chart, title: str, subtitle: str) -> _Chart:
    """Return the chart with its finding, what it measures, and the look of the page."""
    import altair as alt

    titled: Any = chart
    titled = titled.properties(
        title=alt.TitleParams(
            title, subtitle=subtitle, anchor="start", fontSize=15, subtitleColor=palette.QUIET
        ),
        description=f"{title}. {subtitle}.",
        background="#ffffff",
    )
    styled: _Chart = (
        titled.configure(font=palette.FONT)
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
    return styled


def label_axis(narrow: bool, **more: Any) -> alt.Axis:
    """Return an axis of names: on a narrow screen a long one takes two lines and is never cut."""
    import altair as alt

    head = f"slice(datum.label, 0, {FOLD + 1})"
    at = f"lastindexof({head}, ' ')"
    fold = (
        f"length(datum.label) > {FOLD} && {at} > 0 ? "
        f"[slice(datum.label, 0, {at}), slice(datum.label, {at} + 1)] : datum.label"
    )
    options: dict[str, Any] = {"title": None, "labelLimit": 0, "ticks": False, "domain": False}
    if narrow:
        options |= {
            "labelExpr": fold, "labelFontSize": 11, "labelLineHeight": 10,
            "labelBaseline": "middle",
        }  # fmt: skip
    return alt.Axis(**{**options, **more})


def names_of(audit: Result) -> Names:
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


def values(rows: list[dict[str, Any]]) -> alt.InlineData:
    """Return rows as the data of a chart, numbers shortened to what an eye can use."""
    import altair as alt

    return alt.InlineData(values=[{k: _plain(v) for k, v in row.items()} for row in rows])


def _plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return float(f"{value:.6g}") if np.isfinite(value) else None
    return value
