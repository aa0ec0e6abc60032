"""Pictures of transitions; gains and losses on one scale, marked where a lens is blind."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.reporting.page import palette
from detente.reporting.page.style import finished, values

if TYPE_CHECKING:
    from detente.results import Result

MOST_STATES = 34
HEIGHT = 13
"""Pixels of a row of states."""


def proposals(result: Result, lens: str, *, narrow: bool = False) -> Any:
    """Return what each proposal gives to each state: states by proposals, blind columns marked."""
    import altair as alt

    data = result.data.sel(lens=lens)
    deltas, level = data["delta"].values, float(data["tolerance"])
    size = np.nanmax(np.abs(np.nan_to_num(deltas)), axis=0, initial=0.0)
    shown = [k for k in np.argsort(-size, kind="stable")[:MOST_STATES] if size[k] > level]
    if not shown:
        return None
    states, names = data["state"].values, data["proposal"].values.tolist()
    labels = {k: _named(result, str(states[k]), narrow=narrow) for k in shown}
    rows, blind = [], []
    for p, name in enumerate(names):
        for k in shown:
            value = deltas[p, k]
            if np.isfinite(value):
                rows.append(
                    {
                        "proposal": name,
                        "state": labels[k],
                        "delta": float(value),
                        "step": _step(float(value), level),
                    }
                )
            else:
                blind.append({"proposal": name, "state": labels[k]})
    order = [labels[k] for k in sorted(shown, key=lambda k: str(states[k]))]
    x = alt.X("proposal:N", sort=names, title=None, axis=alt.Axis(labelAngle=-50, orient="top"))
    y = alt.Y("state:N", sort=order, title=None, axis=alt.Axis(labelLimit=220))
    scale = alt.Scale(domain=list(STEPS), range=list(palette.CHANGE))
    cells = (
        alt.Chart(values(rows))
        .mark_rect(stroke="white")
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "step:N",
                scale=scale,
                sort=list(STEPS),
                title="the state becomes",
                legend=alt.Legend(orient="bottom", columns=2 if narrow else 4),
            ),
            tooltip=["proposal:N", "state:N", alt.Tooltip("delta:Q", format="+.4f")],
        )
    )
    width = 16 if narrow else 34
    chart: Any = cells + hatched(blind, x, y, width, HEIGHT) if blind else cells
    unit = result.settings["lenses"][lens]["unit"]
    return finished(
        chart.properties(width=alt.Step(width), height=alt.Step(HEIGHT)),
        "What each proposal would give to each state, or take from it",
        f"{unit} under {lens}, against things as they stand; the {len(shown)} states that move "
        "most; hatched: the lens sees no edit of the text; columns by the dates of the texts",
    )


def hatched(rows: list[dict[str, str]], x: Any, y: Any, width: int, height: int) -> Any:
    """Return ruled cells, for what a lens does not see: neither a gain nor a loss, nor zero.

    Vega-Lite has no patterns to fill with, but takes any path as the shape of a point; with a
    size of 4 its unit is a pixel.
    """
    import altair as alt

    base = alt.Chart(values(rows)).encode(x=x, y=y)
    ground = base.mark_rect(fill=palette.CONTEXT, stroke="white")
    lines = base.mark_point(
        shape=_ruled(width - 2, height - 2), size=4, filled=False, stroke=palette.QUIET,
        strokeWidth=0.8, opacity=1,
    )  # fmt: skip
    return ground + lines


def _ruled(width: float, height: float, gap: float = 6.0) -> str:
    """Return a path of rising lines that fill a rectangle around the origin."""
    right, top = width / 2, height / 2
    path, shift = "", gap / 2 - right - top
    while shift < right + top:  # the line y = shift - x, cut off at the rectangle
        left, end = max(-right, shift - top), min(right, shift + top)
        if left < end:
            path += f"M{left:g},{shift - left:g}L{end:g},{shift - end:g}"
        shift += gap
    return path


STEPS = (
    "far less secure",
    "less secure",
    "a little less",
    "as before",
    "a little more",
    "more secure",
    "far more secure",
)


def _named(result: Result, code: str, *, narrow: bool) -> str:
    """Return what a state is called on an axis: with its name where there is room."""
    name = result.names.get(code, "")
    return code if narrow or not name or name == code else f"{name} ({code})"


def _step(value: float, level: float) -> str:
    size = sum(abs(value) > bound for bound in (level, 4 * level, 16 * level))
    return STEPS[3 + size if value > 0 else 3 - size]


def sources(result: Result, *, narrow: bool = False) -> Any:
    """Return what each source of ties has in a number, with its standard error."""
    import altair as alt

    data, about = result.data, result.settings["sources"]
    names = data["source"].values.tolist()[: 12 if narrow else 24]
    if not names:
        return None
    rows = []
    for k, name in enumerate(names):
        value, error = float(data["value"].values[k]), float(data["error"].values[k])
        rows.append(
            {
                "source": about[name]["title"],
                "value": value,
                "low": value - 2 * error,
                "high": value + 2 * error,
                "sign": "gives" if value > 0 else "takes",
            }
        )
    order = [row["source"] for row in rows]
    axis = alt.Axis(labelLimit=320)
    if narrow:  # whole titles, over several lines
        rows = [{**row, "source": "\n".join(wrap(row["source"], 20))} for row in rows]
        order = [row["source"] for row in rows]
        axis = alt.Axis(labelLimit=150, labelFontSize=9, labelLineHeight=10,
                        labelExpr="split(datum.label, '\\n')")  # fmt: skip
    lines = max(row["source"].count("\n") + 1 for row in rows)
    y = alt.Y("source:N", sort=order, title=None, axis=axis)
    base = alt.Chart(values(rows)).encode(y=y)
    bars = base.mark_bar().encode(
        x=alt.X("value:Q", title=result.settings["lens"]["unit"]),
        color=alt.Color(
            "sign:N",
            title=None,
            scale=alt.Scale(domain=["gives", "takes"], range=[palette.GAIN, palette.LOSS]),
            legend=alt.Legend(orient="top"),
        ),
    )
    whiskers = base.mark_rule(color=palette.INK).encode(x="low:Q", x2="high:Q")
    return finished(
        (bars + whiskers).properties(
            width=150 if narrow else 460, height=alt.Step(max(16, 11 * lines + 3))
        ),
        "What each source of ties has in the number",
        f"Shapley values, {result.settings['lens']['unit']}; line: two standard errors",
    )


def providers(result: Result, *, narrow: bool = False) -> Any:
    """Return who provides whose security: providers by states."""
    import altair as alt

    data = result.data
    matrix, level = data["provides"].values, float(data["tolerance"])
    names, states = data["provider"].values.tolist(), data["state"].values
    rows = []
    for p in range(min(len(names), 8 if narrow else 16)):
        for s in np.flatnonzero(matrix[p] > level):
            rows.append(
                {
                    "provider": names[p],
                    "state": _named(result, str(states[s]), narrow=narrow),
                    "loss": float(matrix[p, s]),
                }
            )
    if not rows:
        return None
    cells = (
        alt.Chart(values(rows))
        .mark_rect()
        .encode(
            x=alt.X(
                "provider:N", sort=names, title="without what it gives", axis=alt.Axis(orient="top")
            ),
            y=alt.Y("state:N", title=None, axis=alt.Axis(labelLimit=220)),
            color=alt.Color(
                "loss:Q",
                title="the state would lose",
                scale=alt.Scale(type="log", range=list(palette.HARM)),
                legend=alt.Legend(
                    orient="bottom", values=[0.001, 0.01, 0.1], format="~g", gradientLength=220
                ),
            ),
            tooltip=["provider:N", "state:N", alt.Tooltip("loss:Q", format=".4f")],
        )
        .properties(width=alt.Step(22 if narrow else 30), height=alt.Step(12))
    )
    return finished(
        cells,
        "Who provides whose security",
        f"What the state would lose without all that the provider gives, "
        f"{result.settings['lens']['unit']}",
    )


def members_left(result: Result, *, narrow: bool = False) -> Any:
    """Return members left against the cost of membership, with and without the first leaver."""
    import altair as alt

    data, rows, path = result.data, [], []
    costs = data["cost"].values.tolist()
    for r, name in enumerate(data["leaver"].values.tolist()):
        if r and not result.settings["first"]:
            continue
        # The exact steps where they are known; each level holds up to its cost.
        if result.settings["steps"]:
            exact = [step for step in result.settings["steps"] if step["leaver"] == r]
            borders = [(step["cost"], step["left"]) for step in exact]
            begin = borders[0][1] if borders else 0
            end = max([costs[-1], *(cost for cost, _ in borders)])
            ends = [(0.0, begin), *borders, (end, 0)]
            path += [{"who": name, "cost": c, "left": n, "at": k} for k, (c, n) in enumerate(ends)]
        for k, cost in enumerate(costs):
            rows.append(
                {
                    "who": name,
                    "at": k,
                    "cost": cost,
                    "left": int(data["left"].values[r, k]),
                    "low": float(data["left_low"].values[r, k]),
                    "high": float(data["left_high"].values[r, k]),
                }
            )
    shown = list(dict.fromkeys(row["who"] for row in rows))
    base = alt.Chart(values(rows)).encode(
        x=alt.X("cost:Q", title=f"cost of membership, {result.settings['lens']['unit']}"),
        color=alt.Color(
            "who:N",
            title=None,
            scale=alt.Scale(domain=shown, range=[palette.SECURITY[0], palette.LOSS]),
            legend=alt.Legend(orient="top", symbolType="stroke", symbolStrokeWidth=3),
        ),
    )
    band = base.mark_area(fillOpacity=0.18, interpolate="step-after").encode(
        y=alt.Y("low:Q", title="members left"), y2="high:Q"
    )
    levels = base.properties(data=values(path)) if path else base
    marked = (
        levels.mark_line(interpolate="step-before", strokeWidth=2.5)
        if path
        else levels.mark_line(interpolate="step-after", strokeWidth=2.5)
    )
    line = marked.encode(
        y="left:Q",
        order="at:Q",
        strokeDash=alt.StrokeDash(
            "who:N", scale=alt.Scale(domain=shown, range=[[1, 0], [6, 4]]), legend=None
        ),
    )
    return finished(
        (band + line).properties(width=230 if narrow else 560, height=240),
        "How many would stay at which cost of membership",
        "Line: members left, dashed with the first leaver; band: 5 to 95 percent of draws of the "
        "lens's parameters"
        if result.settings["first"]
        else "Line: members left; band: 5 to 95 percent of draws of the lens's parameters",
    )


def worst_off(result: Result, target: str, *, narrow: bool = False) -> Any:
    """Return how the worst-off state fares after each step, with the strip of those who decide."""
    import altair as alt

    steps = result.settings["targets"][target]["steps"]
    if not steps:
        return None
    rows = [
        {
            "step": k,
            "worst": min(stage["worst"], 0.0),
            "state": stage["worst_state"] if stage["worst"] < 0 else "",
            "do": "; ".join(stage["do"])[:80],
            "counts": "counts as a loss" if stage["worst"] < -1 else "within the tolerance",
        }
        for k, stage in enumerate(steps, 1)
    ]
    shift = [{**row, "state": row["state"] if _turns(rows, k) else ""} for k, row in
             enumerate(rows)]  # fmt: skip
    width = 250 if narrow else 600
    every = max(1, -(-len(steps) // (12 if narrow else 30)))
    marks = [k for k in range(1, len(steps) + 1) if (k - 1) % every == 0]
    bare = alt.X("step:O", title=None, axis=alt.Axis(labels=False, ticks=False, domain=False))
    x = alt.X("step:O", title="step", axis=alt.Axis(values=marks, labelAngle=0, orient="bottom"))
    lowest = min(-1.4, *(row["worst"] * 1.2 for row in rows))
    y = alt.Y("worst:Q", title="worst-off, tolerances", scale=alt.Scale(domain=[lowest, 0.15]))
    bars = (
        alt.Chart(values(rows))
        .mark_bar()
        .encode(
            x=bare,
            y=y,
            color=alt.Color(
                "counts:N", legend=None,
                scale=alt.Scale(domain=["within the tolerance", "counts as a loss"],
                                range=[palette.CHANGE[1], palette.LOSS]),
            ),
            tooltip=["step:O", "do:N", "state:N", alt.Tooltip("worst:Q", format="+.2f")],
        )
    )  # fmt: skip
    names = (
        alt.Chart(values(shift))
        .mark_text(dy=8, fontSize=10, color=palette.INK)
        .encode(x=bare, y=y, text="state:N")
    )
    limit = alt.Chart(values([{"at": -1.0, "says": "below this line: a loss"}]))
    line = limit.mark_rule(color=palette.INK, strokeDash=[4, 3]).encode(y="at:Q")
    says = limit.mark_text(align="left", dx=3, dy=8, fontSize=10, color=palette.QUIET).encode(
        y="at:Q", x=alt.value(0), text="says:N"
    )
    fares = (bars + line + says + names).properties(width=width, height=130)
    parties, strip_rows = _parties(steps, 1 if narrow else 3)
    if not strip_rows:
        return finished(fares, _worst_title(rows), _WORST_MEASURE)
    strip = (
        alt.Chart(values(strip_rows))
        .mark_rect(stroke="white")
        .encode(
            x=x,
            y=alt.Y("who:N", title="who decides", sort=parties,
                    axis=alt.Axis(labelLimit=110 if narrow else 180)),
            color=alt.Color(
                "says:N",
                title=None,
                scale=alt.Scale(
                    domain=["decides", "would lose by it"], range=["#9aa3af", palette.LOSS]
                ),
                legend=alt.Legend(orient="bottom"),
            ),
            tooltip=["step:O", "who:N", "says:N"],
        )
        .properties(width=width, height=alt.Step(16))
    )  # fmt: skip
    return finished(
        alt.vconcat(fares, strip, spacing=6).resolve_scale(color="independent"),
        _worst_title(rows),
        _WORST_MEASURE,
    )


_WORST_MEASURE = "The worst-off state after each step, against the start; below, who decides"


def _worst_title(rows: list[dict[str, Any]]) -> str:
    """Return what the picture of the worst-off shows."""
    low = min(rows, key=lambda row: row["worst"])
    if low["worst"] == 0:
        return "Nobody falls below the start on the way"
    if low["worst"] < -1:
        return f"{low['state']} falls furthest, after step {low['step']}"
    return f"Nobody loses on the way; {low['state']} comes closest, after step {low['step']}"


def _turns(rows: list[dict[str, Any]], k: int) -> bool:
    """Whether another state is the worst off than after the step before."""
    return k == 0 or rows[k]["state"] != rows[k - 1]["state"]


def _parties(steps: list[dict[str, Any]], most: int) -> tuple[list[str], list[dict[str, Any]]]:
    """Return rows of the strip: states that always decide together and alike are one party."""
    acts: dict[str, list[tuple[int, str]]] = {}
    for k, stage in enumerate(steps, 1):
        for state in stage["decide"]:
            says = "would lose by it" if state in stage["refuse"] else "decides"
            acts.setdefault(state, []).append((k, says))
    together: dict[tuple[tuple[int, str], ...], list[str]] = {}
    for state, own in sorted(acts.items()):
        together.setdefault(tuple(own), []).append(state)
    named = sorted(together.items(), key=lambda entry: (entry[0][0][0], -len(entry[1])))
    parties, rows = [], []
    for pattern, states in named:
        more = len(states) - most
        who = ", ".join(states[:most]) + (f" and {more} more" if more > 0 else "")
        parties.append(who)
        rows += [{"step": k, "who": who, "says": says} for k, says in pattern]
    return parties, rows
