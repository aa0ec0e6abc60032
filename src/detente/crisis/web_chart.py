"""The network of who is drawn in: against whom, whose war calls, who enters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from detente.crisis.calls import called
from detente.crisis.chart_parts import full, wrapped
from detente.report import palette
from detente.report.look import finished, values
from detente.report.words import listed

if TYPE_CHECKING:
    from detente.crisis.result import Simulation

MOST = (6, 7, 14)
"""Callers, foes and allies that have a place."""
MOST_NARROW = (4, 4, 8)
THICKEST = 7.0
HALF = 0.5
"""Share of all entries that the title's callers have together."""
COLUMNS = {"against": 0.0, "caller": 1.0, "ally": 2.0}


def web(run: Simulation, *, narrow: bool = False) -> Any:
    """Return the network: lines from foes to those whose war calls, and on to who enters.

    The callers with the most entries are shown, with the foes against whom most of these come and
    some allies of each caller; None if nobody enters.
    """
    import altair as alt

    found, names = called(run), run.names
    if not found:
        return None
    callers, foes, allies = MOST_NARROW if narrow else MOST
    shown = found[:callers]
    fights = {(foe, c.side): often for c in shown for foe, (_, often, _) in c.against.items()}
    enters = {(c.side, ally): often for c in shown for ally, often in c.enters.items()}
    left = _first([foe for foe, _ in fights], list(fights.values()), foes)
    right = _some_of_each([list(c.enters) for c in shown], allies)
    height = 26 * max(len(right), 5)
    place = {
        (column, code): height * (k + 0.5) / len(codes)
        for column, codes in (
            ("against", left), ("caller", [c.side for c in shown]), ("ally", right)
        )
        for k, code in enumerate(codes)
    }  # fmt: skip
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
    drawn = (
        alt.Chart(values(lines), width=width, height=height)
        .mark_rule(opacity=0.7, strokeCap="round")
        .encode(
            x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.62, 2.62])),
            y=alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height, -30])),
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
    size = 10 if narrow else 12
    labels = [
        {"x": COLUMNS[column], "y": y, "column": column,
         "text": wrapped(full(code, names), 11 if narrow else 24).replace("\n", "|")}
        for (column, code), y in place.items()
    ] + [
        {"x": COLUMNS[column], "y": -18, "column": "head", "text": text}
        for column, text in zip(
            COLUMNS, ("against", "whose war calls", "who enters"), strict=True
        )
    ]  # fmt: skip
    base = alt.Chart(values(labels)).encode(x="x:Q", y="y:Q", text="text:N")

    def texts(column: str, **style: Any) -> Any:
        return base.transform_filter(alt.datum.column == column).mark_text(
            fontSize=size, lineBreak="|", color=palette.INK, **style
        )

    whole, sum_, first = sum(c.total for c in found), 0.0, []
    for c in found:
        first.append(full(c.side, names))
        sum_ += c.total
        if sum_ >= HALF * whole:
            break
    everybody = {ally for c in found for ally in c.enters}
    return finished(
        drawn
        + texts("against", align="right", dx=-6)
        + texts("caller", align="center", stroke="#ffffff", strokeWidth=4, strokeOpacity=0.9)
        + texts("caller", align="center", fontWeight="bold")
        + texts("ally", align="left", dx=6)
        + texts("head", fontStyle="italic"),
        f"{sum_ / whole:.0%} of all entries are into wars of {listed(first)}",
        f"the thicker a line, the more often; the thickest: {100 * top:.2g} times in 100 courses; "
        f"shown are {len(shown)} of {len(found)} sides that call and {len(right)} of "
        f"{len(everybody)} that enter",
    )


def _some_of_each(allies: Sequence[Sequence[str]], most: int) -> list[str]:
    """Return allies of several callers in turn, the most frequent of each first, by caller."""
    taken: dict[str, int] = {}
    for turn in range(max(map(len, allies))):
        for caller, mine in enumerate(allies):
            fresh = [ally for ally in mine if ally not in taken]
            if turn < len(mine) and fresh and len(taken) < most:
                taken[fresh[0]] = caller
    return sorted(taken, key=lambda ally: (taken[ally], list(taken).index(ally)))


def _first(codes: Sequence[str], weights: Sequence[float], most: int) -> list[str]:
    """Return the codes with the greatest sums of weights, the greatest first."""
    total: dict[str, float] = {}
    for code, weight in zip(codes, weights, strict=True):
        total[code] = total.get(code, 0.0) + weight
    return sorted(total, key=lambda code: (-total[code], code))[:most]
