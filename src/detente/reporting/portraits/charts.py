"""Pictures of what a lens sees in an architecture: camps, links between states, a value a state."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.lenses.protocol import Portrait
from detente.reporting.page import palette
from detente.reporting.page.style import finished, values
from detente.words import Names, exact, listed, number, plural, signed

if TYPE_CHECKING:
    import altair as alt

    from detente.architecture.value import Architecture

MOST_LINKS = 15
MOST_CAMPS = 8
POINT = "Point estimate at the parameters below; no interval"
BAR = "#5b8fbf"


@dataclass(frozen=True)
class Sight:
    """One portrait with what its pictures need.

    Attributes
    ----------
    key : str
        The lens's key, without a reading.
    lens : str
        Its name.
    portrait : Portrait
        What it sees.
    codes : tuple of str
        The states, in the order of the portrait's values.
    names : Names
        Their names.
    """

    key: str
    lens: str
    portrait: Portrait
    codes: tuple[str, ...]
    names: Names


def _label(text: str, narrow: bool) -> str:
    """Break a label into lines; a newline cannot stand in an axis, the bar stands for it."""
    return "|".join(textwrap.wrap(text, 23 if narrow else 60))


def _names_axis(rows: list[dict[str, Any]], narrow: bool) -> alt.Y:
    import altair as alt

    order = [row["label"] for row in rows]
    return alt.Y(
        "label:N",
        sort=order,
        scale=alt.Scale(domain=order),
        axis=alt.Axis(
            title=None,
            labelExpr="split(datum.label, '|')",
            labelBaseline="middle",
            labelLimit=165 if narrow else 400,
            labelLineHeight=12,
            labelFontSize=11 if narrow else 12,
            ticks=False,
            domain=False,
            grid=False,
        ),
    )


def bars(s: Sight, *, narrow: bool = False) -> Any:
    """Return the value of the states at the ends that speak, as bars; None if all are alike."""
    p = s.portrait
    start = p.baseline
    answered = np.flatnonzero(np.isfinite(p.value))
    if not len(answered) or np.ptp(p.value[answered]) < 1e-12:
        return None
    rising = [int(k) for k in answered[np.argsort(p.value[answered], kind="stable")]]
    low, high = p.ends
    if len(rising) <= low + high:
        head, tail = rising, []
    else:
        head, tail = rising[:low], rising[len(rising) - high :]
    # Whoever stands where the bars begin has nothing to show.
    still = {k for k in rising if abs(p.value[k] - start) <= 1e-12}
    if len(still) > 1:
        head = [k for k in head if k not in still]
        tail = [k for k in tail if k not in still]
    if not low:
        head, tail = head[::-1], tail[::-1]
    rows: list[dict[str, Any]] = []

    def add(k: int) -> None:
        x = float(p.value[k])
        rows.append(
            {
                "label": _label(s.names.full(s.codes[k]), narrow),
                "state": s.names.full(s.codes[k]),
                "value": x,
                "start": start,
                "says": number(x, 2 if narrow else 3),
                "fill": palette.LOSS if x < start else BAR,
            }
        )

    for k in head:
        add(k)
    left = len(rising) - len(head) - len(tail)
    if head and tail and left:
        rows.append({"label": f"… {left} more …"})
    for k in tail:
        add(k)
    if not rows:
        return None
    title = _finding(s, rising, low, high, start)
    chart = _bars(rows, p.value_unit, narrow, start)
    rest = ""
    if left and still >= {*rising} - {*head, *tail}:
        rest = f"; the other {left} are at {number(start, 2)}"
    elif left and not (head and tail):
        rest = f"; {left} more in the table"
    return finished(chart, title, f"{_upper(p.value_meaning)}, in {p.value_unit}{rest}. {POINT}")


def _finding(s: Sight, rising: Sequence[int], low: int, high: int, start: float) -> str:
    """Return the title of the bars."""
    x = s.portrait.value

    def say(k: int) -> str:
        return s.names.full(s.codes[k])

    def who(k: int) -> tuple[str, bool]:
        same = [say(i) for i in rising if abs(x[i] - x[k]) <= 1e-12]
        return (listed(same) if len(same) < 4 else f"{len(same)} states"), len(same) == 1

    def at(k: int, end: str) -> str:
        text, alone = who(k)
        return f"{text} {'is' if alone else 'are'} at {number(float(x[k]), 3)}, the {end}"

    bottom, top = rising[0], rising[-1]
    if peak := s.portrait.peak[0]:
        below = [say(k) for k in rising if x[k] < start - 1e-12]
        rides = f"; {listed(below, 3)} below zero" if below else "; nobody is below zero"
        text, alone = who(top)
        return f"{text} {peak if alone else s.portrait.peak[1]}{rides}"
    ends = [at(bottom, "lowest")] if low else []
    return "; ".join([*ends, at(top, "highest")] if high else ends)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _bars(rows: list[dict[str, Any]], unit: str, narrow: bool, start: float) -> Any:
    """Return bars with their numbers beside them."""
    import altair as alt

    shown = [row["value"] for row in rows if "value" in row]
    low, high = min([start, *shown]), max([start, *shown])
    reach = (high - low) or 1.0
    room = (0.45 if narrow else 0.16) * reach
    # Where there is no room below the start, a number there stands on the other side of it.
    beside = low < start < high and (narrow or start - low < room)
    left = low - room if low < start and not beside else low
    domain = [left, high + room if high > start else high]
    base = alt.Chart(values(rows)).encode(y=_names_axis(rows, narrow))
    x = alt.X(
        "value:Q",
        scale=alt.Scale(domain=domain, nice=False, zero=False),
        title=None if narrow else unit,
        axis=alt.Axis(tickCount=3 if narrow else 7, labelOverlap=True),
    )
    valid = base.transform_filter("isValid(datum.value)")
    tips = [
        alt.Tooltip("state:N", title="State"),
        alt.Tooltip("says:N", title=_upper(unit)),
    ]
    layers: list[Any] = [
        alt.Chart(values([{"start": start}])).mark_rule(color="#8a93a0").encode(x="start:Q"),
        valid.mark_bar(size=12).encode(
            x=x, x2="start:Q", fill=alt.Fill("fill:N", scale=None, legend=None), tooltip=tips
        ),
        valid.transform_filter(f"datum.value >= {start}")
        .mark_text(align="left", dx=4, fontSize=11, color=palette.INK)
        .encode(x="value:Q", text="says:N"),
        valid.transform_filter(f"datum.value < {start}")
        .mark_text(
            align="left" if beside else "right",
            dx=4 if beside else -4,
            fontSize=11,
            color=palette.INK,
        )
        .encode(x="start:Q" if beside else "value:Q", text="says:N"),
    ]
    layered: Any = alt.layer(*layers)
    deep = max(row["label"].count("|") for row in rows) > 0
    return layered.properties(width=170 if narrow else 520, height=(32 if deep else 19) * len(rows))


def links(s: Sight, *, narrow: bool = False) -> Any:
    """Return who does what to whom as ranked bars, the strongest first; None without links."""
    p = s.portrait
    if not p.links:
        return None
    unit = p.link_unit or p.value_unit
    rows = [
        {
            "label": _label(f"{s.names.full(a)} →", narrow) + "|" + _label(s.names.full(b), narrow)
            if narrow
            else f"{s.names.full(a)} → {s.names.full(b)}",
            "state": f"{s.names.full(a)} {p.link_meaning} {s.names.full(b)}",
            "value": x,
            "start": 0.0,
            "says": number(x, 2),
            "fill": palette.LOSS,
        }
        for a, b, x in p.links[:MOST_LINKS]
    ]
    a, b, first = p.links[0]
    many = len(p.links)
    equal = sum(abs(x - first) <= 1e-9 * abs(first) for _, _, x in p.links) - 1
    also = f", and {plural(equal, 'relation is', 'relations are')} as strong" if equal else ""
    shown = f", the strongest {len(rows)} of {many:,}" if many > len(rows) else ""
    return finished(
        _bars(rows, unit, narrow, 0.0),
        f"{'Strongest: ' if many > 1 else ''}{s.names.full(a)} {p.link_meaning} "
        f"{s.names.full(b)}{also}",
        f"An arrow reads “{p.link_meaning}”; its strength in {unit}{shown}. {POINT}",
    )


def camps(s: Sight, capability: Mapping[str, float], *, narrow: bool = False) -> Any:
    """Return who stands with whom as one bar a camp; None where the model makes no groups.

    A bar's pieces are states, as long as their capability is large.
    """
    import altair as alt

    p = s.portrait
    if not p.groups:
        return None
    total = sum(capability.get(code, 0.0) for code in s.codes) or 1.0
    largest = list(enumerate(p.groups, 1))[:MOST_CAMPS]
    inside = {code for _, group in largest for code in group}
    apart = tuple(code for code in s.codes if code not in inside)
    whole = [(f"Camp {k}", group) for k, group in largest] + ([("Apart", apart)] if apart else [])
    weight = {
        name: sum(capability.get(code, 0.0) for code in group) / total for name, group in whole
    }
    longest = max(weight.values()) or 1.0
    width = 190 if narrow else 600
    rows = []
    for k, (name, group) in enumerate(whole):
        at = 0.0
        for i, code in enumerate(sorted(group, key=lambda c: (-capability.get(c, 0.0), c))):
            share = capability.get(code, 0.0) / total
            rows.append(
                {
                    "label": f"{name}|{plural(len(group), 'state')}",
                    "state": s.names.full(code),
                    "from": at,
                    "to": at + share,
                    "middle": at + share / 2,
                    "share": share,
                    "code": code if width * share / longest > 9 * max(len(code), 2) else "",
                    "fill": "#e3e6ea"
                    if name == "Apart"
                    else palette.SECURITY[2 + (k % 2)]
                    if i % 2
                    else palette.SECURITY[3 - (k % 2)],
                }
            )
            at += share
    base = alt.Chart(values(rows)).encode(y=_names_axis(_unique(rows), narrow))
    tips = [
        alt.Tooltip("state:N", title="State"),
        alt.Tooltip("share:Q", title="Share of all capability", format=".2%"),
    ]
    layered: Any = alt.layer(
        base.mark_bar(stroke="#ffffff", strokeWidth=0.8, height=26).encode(
            x=alt.X(
                "from:Q",
                title="capability" if narrow else "capability, share of the total",
                axis=alt.Axis(format="%", tickCount=3 if narrow else 8),
            ),
            x2="to:Q",
            fill=alt.Fill("fill:N", scale=None, legend=None),
            tooltip=tips,
        ),
        base.mark_text(fontSize=10, color=palette.INK).encode(
            x="middle:Q", text="code:N", tooltip=tips
        ),
    )
    sized: Any = layered.properties(width=width, height=38 * len(whole))
    heavy = max((name for name, _ in whole if name != "Apart"), key=lambda name: weight[name])
    lead = max(dict(whole)[heavy], key=lambda code: capability.get(code, 0.0))
    return finished(
        sized,
        f"{heavy}, with {s.names.full(lead)}, is the heaviest: "
        f"{100 * weight[heavy]:.0f} % of all capability",
        "One bar a camp, its pieces the states by own capability, share of the total; names below. "
        f"{POINT}",
    )


def _unique(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"label": label} for label in dict.fromkeys(row["label"] for row in rows)]


def camp_list(s: Sight, g: Architecture) -> list[dict[str, Any]]:
    """Return every camp with its members by name, its weight and its rivalries."""
    p = s.portrait
    if not p.groups:
        return []
    place = {code: i for i, code in enumerate(s.codes)}
    capability = dict(zip(g.system.codes, g.system.capability.tolist(), strict=True))
    total = sum(capability.values()) or 1.0
    inside = {code for group in p.groups for code in group}
    apart = tuple(code for code in s.codes if code not in inside)
    all_groups = [(f"Camp {k}", group) for k, group in enumerate(p.groups, 1)]
    if apart:
        all_groups.append(("Apart", apart))
    rivals = np.triu(g.system.rivals > 0) | np.tril(g.system.rivals > 0).T
    both = rivals | rivals.T

    def between(one: Sequence[str], other: Sequence[str]) -> int:
        a, b = [place[c] for c in one], [place[c] for c in other]
        return int(both[np.ix_(a, b)].sum())

    rows = []
    for name, group in all_groups:
        against = [
            f"{between(group, other)} with {called}"
            for called, other in all_groups
            if called != name and between(group, other)
        ]
        within = between(group, group) // 2
        if within:
            against.append(f"{within} within")
        weighty = sorted(group, key=lambda code: (-capability.get(code, 0.0), code))
        rows.append(
            {
                "name": name,
                "count": plural(len(group), "state"),
                "percent": f"{100 * sum(capability.get(c, 0.0) for c in group) / total:.1f} %",
                "rivalries": listed(against) or "none",
                "states": [s.names.full(code) for code in weighty],
            }
        )
    return rows


def balanced(s: Sight, *, narrow: bool = False) -> Any:
    """Return how near the ties are to two camps without strain, as parts of a whole; or None."""
    import altair as alt

    f = s.portrait.figures
    if "share of balanced triangles" not in f:
        return None
    rows = [
        {"label": label, "value": f[key], "says": f"{100 * f[key]:.2f} %", "zero": 0.0, "one": 1.0}
        for label, key in (
            ("balanced triangles", "share of balanced triangles"),
            ("balance of all walks", "walk balance"),
        )
        if key in f and np.isfinite(f[key])
    ]
    if not rows:
        return None
    base = alt.Chart(values(rows)).encode(y=_names_axis(rows, narrow))
    scale = alt.Scale(domain=[0, 1])
    layered: Any = alt.layer(
        base.mark_bar(size=16, color="#e3e6ea").encode(x=alt.X("zero:Q", scale=scale), x2="one:Q"),
        base.mark_bar(size=16, color=BAR).encode(
            x=alt.X(
                "value:Q",
                scale=scale,
                title=None,
                axis=alt.Axis(
                    format="%", values=[0, 0.5, 1] if narrow else [0, 0.25, 0.5, 0.75, 1]
                ),
            )
        ),
        base.mark_text(align="right", dx=-6, fontSize=11, fontWeight="bold", color="#ffffff")
        .transform_filter("datum.value > 0.3")
        .encode(x="value:Q", text="says:N"),
        base.mark_text(align="left", dx=6, fontSize=11, color=palette.INK)
        .transform_filter("datum.value <= 0.3")
        .encode(x="value:Q", text="says:N"),
    )
    least, most = f.get("frustration index, at least"), f.get("frustration index, at most")
    prefix = ""
    if least is not None and most is not None:
        ties = exact(least) if least == most else f"{exact(least)} to {exact(most)}"
        prefix = f"{ties} {'tie stands' if ties == '1' else 'ties stand'} in the way of two camps; "
    return finished(
        layered.properties(width=170 if narrow else 520, height=34 * len(rows)),
        f"{prefix}{100 * f['share of balanced triangles']:.4g} % of triangles are balanced",
        "Full is balanced: in a balanced triangle or closed walk the enemy of my enemy is my "
        f"friend. Shares of the whole. {POINT}",
    )


def value_rows(s: Sight) -> list[dict[str, Any]]:
    """Return every state with its value, the lowest first, for a table."""
    p = s.portrait
    return [
        {
            "name": s.names.full(s.codes[int(k)]),
            "value": float(p.value[k]) if np.isfinite(p.value[k]) else "",
            "text": signed(float(p.value[k]), 3)
            if np.nanmin(p.value) < 0
            else number(float(p.value[k]), 4),
        }
        for k in np.argsort(p.value, kind="stable")
    ]
