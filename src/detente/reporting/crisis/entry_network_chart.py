"""The network of who is drawn in: against whom, whose war calls, who enters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.crisis.kernel.alliance_entries import called
from detente.reporting.crisis.chart_parts import full, wrapped
from detente.reporting.page import palette
from detente.reporting.page.style import finished, values
from detente.words import listed

if TYPE_CHECKING:
    from detente.architecture.system import Floats
    from detente.results.result import Result

MOST = (6, 7, 14)
"""Callers, foes and allies that have a place."""
MOST_NARROW = (4, 4, 8)
THICKEST = 7.0
HALF = 0.5
"""Share of all entries that the title's callers have together."""
LEADING = 2
"""Pixels between two lines of a label."""
GAP = 8
"""Least room between two labels of a column, in pixels."""
HEADS = {"against": "against", "caller": "whose war calls", "ally": "who enters"}
COLUMNS = {"against": 0.0, "caller": 1.0, "ally": 2.0}


def web(run: Result, *, narrow: bool = False) -> Any:
    """Return the network: lines from foes to those whose war calls, and on to who enters.

    The callers with the most entries are shown, with the foes against whom most of these come and
    some allies of each caller; None if nobody enters.
    """
    import altair as alt

    calls, names = called(run), run.names
    if not calls:
        return None
    callers, foes, allies = MOST_NARROW if narrow else MOST
    shown = calls[:callers]
    fights = {(foe, c.side): often for c in shown for foe, (_, often, _) in c.against.items()}
    enters = {(c.side, ally): often for c in shown for ally, often in c.enters.items()}
    left = _first([foe for foe, _ in fights], list(fights.values()), foes)
    right = _some_of_each([list(c.enters) for c in shown], allies)
    size = 10 if narrow else 12
    line = size + LEADING
    words = {
        column: [wrapped(full(code, names), 11 if narrow else 24) for code in codes]
        for column, codes in (
            ("against", left), ("caller", [c.side for c in shown]), ("ally", right)
        )
    }  # fmt: skip
    heads = {column: wrapped(text, 9 if narrow else 24) for column, text in HEADS.items()}
    height = max(_heights(labels, line).sum() for labels in words.values())
    place = {
        (column, code): float(y)
        for column, codes in (
            ("against", left), ("caller", [c.side for c in shown]), ("ally", right)
        )
        for code, y in zip(codes, middles(words[column], line, height), strict=True)
    }  # fmt: skip
    above = GAP + line * max(text.count("\n") + 1 for text in heads.values())
    top = max(enters.values())
    lines = [
        {"x": COLUMNS[a], "y": place[a, one], "x2": COLUMNS[b], "y2": place[b, other],
         "often": 100 * often, "width": THICKEST * often / top, "color": color,
         "from": full(one, names), "to": full(other, names)}
        for a, b, ties, color in (
            ("against", "caller", fights, palette.RIVALRY), ("caller", "ally", enters, "#7d9fc1")
        )
        for (one, other), often in ties.items()
        if (a, one) in place and (b, other) in place
    ]  # fmt: skip
    width = 250 if narrow else 640
    # A unit of the vertical scale is a pixel, so that labels of several lines have their room.
    drawn = (
        alt.Chart(values(lines), width=width, height=height + above)
        .mark_rule(opacity=0.7, strokeCap="round")
        .encode(
            x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.62, 2.62])),
            y=alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height, -above])),
            x2="x2:Q",
            y2="y2:Q",
            strokeWidth=alt.StrokeWidth("width:Q", scale=None, legend=None),
            color=alt.Color("color:N", scale=None),
            tooltip=[
                alt.Tooltip("from:N"), alt.Tooltip("to:N"),
                alt.Tooltip("often:Q", title="times in 100 courses", format=".2f"),
            ],
        )
    )  # fmt: skip
    labels_shown = [text for column in COLUMNS for text in words[column]]
    labels = [
        {"x": COLUMNS[column], "y": y - line * text.count("\n") / 2, "column": column,
         "text": text.replace("\n", "|")}
        for ((column, _), y), text in zip(place.items(), labels_shown, strict=True)
    ] + [
        {"x": COLUMNS[column], "y": line / 2 - above, "column": "head",
         "text": text.replace("\n", "|")}
        for column, text in heads.items()
    ]  # fmt: skip
    base = alt.Chart(values(labels)).encode(x="x:Q", y="y:Q", text="text:N")

    def texts(column: str, **style: Any) -> Any:
        return base.transform_filter(alt.datum.column == column).mark_text(
            fontSize=size, lineHeight=line, baseline="middle", lineBreak="|",
            color=palette.INK, **style,
        )  # fmt: skip

    whole, sum_, first = sum(c.total for c in calls), 0.0, []
    for c in calls:
        first.append(full(c.side, names))
        sum_ += c.total
        if sum_ >= HALF * whole:
            break
    everybody = {ally for c in calls for ally in c.enters}
    return finished(
        drawn
        + texts("against", align="right", dx=-6)
        + texts("caller", align="center", stroke="#ffffff", strokeWidth=4, strokeOpacity=0.9)
        + texts("caller", align="center", fontWeight="bold")
        + texts("ally", align="left", dx=6)
        + texts("head", fontStyle="italic"),
        f"{sum_ / whole:.0%} of all entries are into wars of {listed(first)}",
        f"the thicker a line, the more often; the thickest: {100 * top:.2g} times in 100 courses; "
        f"shown are {len(shown)} of {len(calls)} sides that call and {len(right)} of "
        f"{len(everybody)} that enter (fewer on a narrow screen)",
    )


def _heights(labels: Sequence[str], line: float) -> Floats:
    """Return the height that each label needs, in pixels."""
    return np.array([GAP + line * (label.count("\n") + 1) for label in labels], dtype=float)


def middles(labels: Sequence[str], line: float, height: float) -> Floats:
    """Return the middle of each label of a column, one below the other without touching."""
    heights = _heights(labels, line)
    heights += (height - heights.sum()) / len(heights)
    centres: Floats = heights.cumsum() - heights / 2
    return centres


def _some_of_each(allies: Sequence[Sequence[str]], most: int) -> list[str]:
    """Return allies of several callers in turn, the most frequent of each first, by caller."""
    taken: dict[str, int] = {}
    for turn in range(max(map(len, allies))):
        for caller, own in enumerate(allies):
            fresh = [ally for ally in own if ally not in taken]
            if turn < len(own) and fresh and len(taken) < most:
                taken[fresh[0]] = caller
    return sorted(taken, key=lambda ally: (taken[ally], list(taken).index(ally)))


def _first(codes: Sequence[str], weights: Sequence[float], most: int) -> list[str]:
    """Return the codes with the greatest sums of weights, the greatest first."""
    total: dict[str, float] = {}
    for code, weight in zip(codes, weights, strict=True):
        total[code] = total.get(code, 0.0) + weight
    return sorted(total, key=lambda code: (-total[code], code))[:most]
