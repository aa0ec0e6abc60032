"""The charts of a crisis, each an Altair chart whose title says the finding."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.crisis.kernel.alliance_entries import Called, called
from detente.crisis.model.model_arrays import TOP
from detente.crisis.questions.act_effects import effects_of
from detente.reporting.crisis.chart_parts import (
    APART,
    full,
    ink_on,
    leaders,
    lines_axis,
    mixed,
    named,
    names_of_rungs,
    rung_colors,
    step_of,
    wrapped,
)
from detente.reporting.page import palette
from detente.reporting.page.style import finished, values
from detente.results.uncertainty import percent
from detente.words import listed, plural

if TYPE_CHECKING:
    import xarray as xr

    from detente.architecture.system import Floats
    from detente.results.result import Result

SHOWN = 6
CALLED = (12, 10)
"""Rows and columns of the table of who is drawn in."""
CALLED_NARROW = (8, 4)
WAR_SCALE = ((0.0, "#ffffff"), (0.5, "#4f7fae"), (1.0, "#1d3a5c"))
"""From no course to all of them: darker is less secure."""


def fan(run: Result, *, narrow: bool = False) -> Any:
    """Return the shares of replicas on each rung over time, for the hottest dyads."""
    import altair as alt

    table = run.dyads()
    table = table.filter(table["start"] < TOP)
    hottest = table["dyad"].to_list()[:SHOWN]
    if not hottest:
        return None
    words = {dyad: wrapped(named(dyad, run.names), 32) for dyad in hottest}
    labels, days = names_of_rungs(), run.data["day"].values
    cells = [
        {
            "dyad": words[dyad],
            "day": float(days[k]),
            "rung": labels[rung],
            "order": rung,
            "share": share,
        }
        for dyad in hottest
        for k in range(0, len(days), 2)
        for rung, share in enumerate(run.data["on_rung"].sel(dyad=dyad).values[k].tolist())
    ]
    chart: Any = (
        alt.Chart(values(cells), width=300 if narrow else 230, height=110 if narrow else 130)
        .mark_area(interpolate="linear")
        .encode(
            x=alt.X(
                "day:Q", title="day", axis=alt.Axis(grid=False),
                scale=alt.Scale(domain=[0, float(days[-1])], nice=False),
            ),
            y=alt.Y(
                "share:Q", title=None, stack="zero",
                axis=alt.Axis(format="%", tickCount=3), scale=alt.Scale(domain=[0, 1]),
            ),
            color=rung_colors(),
            order=alt.Order("order:Q"),
        )
        .facet(
            facet=alt.Facet(
                "dyad:N", sort=list(words.values()), title=None,
                header=alt.Header(labelFontSize=12, labelExpr="split(datum.label, '\\n')"),
            ),
            columns=1 if narrow else 3,
        )
    )  # fmt: skip
    together = leaders(table["war"].to_list(), table["war_error"].to_list())
    leading = [named(table["dyad"][k], run.names) for k in together]
    most = percent(table["war"][0], table["war_error"][0])
    finding = (
        f"{leading[0]} reaches war most often: in {most} of courses"
        if len(leading) == 1
        else f"{listed(leading, 3)} reach war most often: each in about {most} of courses"
    )
    standing = [named(dyad, run.names) for dyad in standing_wars(run)]
    at_war = f"; at war from the start and not shown: {listed(standing)}" if standing else ""
    return finished(
        chart,
        finding,
        "share of courses on each rung over time, of the pairs that reach war most often" + at_war,
    )


def standing_wars(run: Result) -> list[str]:
    """Return the dyads that are at war at the start; the model asks when they end, not whether."""
    table = run.dyads()
    return [str(dyad) for dyad in table.filter(table["start"] == TOP)["dyad"]]


def drawn_in(run: Result, *, narrow: bool = False) -> Any:
    """Return for whom allies enter a war, against whom, and how often the most frequent one does.

    All entries are summed first; the sides and foes with the most of them are shown.
    """
    import altair as alt

    calls, names = called(run), run.names
    if not calls:
        return None
    most_rows, most_columns = CALLED_NARROW if narrow else CALLED
    shown = calls[:most_rows]
    foes = {foe for c in calls for foe in c.against}
    against = _foes(shown)[:most_columns]
    rows = {
        c.side: wrapped(f"{full(c.side, names)}: {plural(len(c.enters), 'ally', 'allies')}",
                        17 if narrow else 40)
        for c in shown
    }  # fmt: skip
    columns = {foe: wrapped(full(foe, names), 9 if narrow else 11) for foe in against}
    top = max(often for c in shown for _, often, _ in c.against.values())
    cells = []
    for c in shown:
        for foe in against:
            if foe in c.against:
                who, often, error = c.against[foe]
                color = mixed(0.5 * often / top, WAR_SCALE)
                cells.append(
                    {"for": rows[c.side], "against": columns[foe], "who": full(who, names),
                     "often": 100 * often, "error": 100 * error, "fill": color,
                     "ink": ink_on(color), "text": f"{100 * often:.2g}"}
                )  # fmt: skip
    base = alt.Chart(
        values(cells), width=alt.Step(54 if narrow else 78), height=step_of(list(rows.values()))
    ).encode(
        x=alt.X("against:N", sort=list(columns.values()), title="against",
                axis=lines_axis(labelAngle=0, labelFontSize=11)),
        y=alt.Y("for:N", sort=list(rows.values()), title=None if narrow else "called by",
                axis=lines_axis(), scale=alt.Scale(domain=list(rows.values()))),
        tooltip=[
            alt.Tooltip("for:N"), alt.Tooltip("against:N"),
            alt.Tooltip("who:N", title="enters most often"),
            alt.Tooltip("often:Q", title="times in 100 courses", format=".2f"),
            alt.Tooltip("error:Q", title="standard error", format=".2f"),
        ],
    )  # fmt: skip
    squares = base.mark_rect(stroke="#ffffff").encode(color=alt.Color("fill:N", scale=None))
    texts = base.mark_text(fontSize=11).encode(text="text:N", color=alt.Color("ink:N", scale=None))
    first = calls[0]
    whole = sum(c.total for c in calls)
    rest = 1 - sum(c.total for c in shown) / whole
    left_out = f"; left out: {_beyond(calls, shown, 'caller')}"
    left_out += f" with {rest:.0%} of all entries" if len(calls) > len(shown) else ""
    left_out += f", and {_beyond(foes, against, 'foe')} (more on a narrow screen)"
    left_out += "; the table below has all"
    return finished(
        squares + texts,
        f"Most entries are for {full(first.side, names)}: of {len(first.enters)} allies, each at "
        f"most about {100 * max(first.enters.values()):.2g} times in 100 courses",
        "rows: whose war calls, and how many allies enter it; columns: against whom; the number: "
        "times in 100 courses that the ally which enters most often does; empty: never"
        + (left_out if len(calls) > len(shown) or len(foes) > len(against) else ""),
    )


def _foes(shown: Sequence[Called]) -> list[str]:
    """Return the foes in the order of their columns.

    First whom each side's allies fight most, so that every row has a number; then the others,
    the most often fought first.
    """
    most: dict[str, float] = {}
    for c in shown:
        for foe, (_, often, _) in c.against.items():
            most[foe] = max(most.get(foe, 0.0), often)
    first = [next(iter(c.against)) for c in shown]
    return list(dict.fromkeys([*first, *sorted(most, key=lambda foe: (-most[foe], foe))]))


def _beyond(every: Collection[object], shown: Collection[object], noun: str) -> str:
    return plural(len(every) - len(shown), noun)


def committor_map(found: Result, *, narrow: bool = False) -> Any:
    """Return the committor over the rungs of the hottest dyads, with the ridge at a half."""
    import altair as alt

    data = found.data
    table, spread = np.atleast_2d(data["map"].values), np.atleast_2d(data["map_error"].values)
    if not np.isfinite(table).any():
        return None
    hottest = [named(str(name), found.names) for name in data["hottest"].values]
    single = len(hottest) == 1
    if single:
        table, spread = table.T, spread.T
    cells = [
        {**_cell(i, j), "war": table[i, j], "error": 100 * spread[i, j],
         "fill": color, "ink": ink_on(color)}
        for i, j in np.ndindex(table.shape)
        if np.isfinite(table[i, j])
        for color in [mixed(float(table[i, j]), WAR_SCALE)]
    ]  # fmt: skip
    side = 46 if narrow else 68
    across, up = (side * n for n in table.shape)
    x_axis, y_axis = (_rung_axis(n, narrow, across=k == 0) for k, n in enumerate(table.shape))
    edges = [[-0.5, n - 0.5] for n in table.shape]
    base = alt.Chart(values(cells), width=across, height=up).encode(
        x=alt.X("x:Q", scale=alt.Scale(domain=edges[0], nice=False), axis=x_axis,
                title=f"rung of {hottest[0]}"),
        y=alt.Y("y:Q", scale=alt.Scale(domain=edges[1], nice=False),
                axis=None if single else y_axis, title=None if single else f"rung of {hottest[1]}"),
        x2="x2:Q", y2="y2:Q",
    )  # fmt: skip
    tips = [
        alt.Tooltip("war:Q", title="war before calm", format=".1%"),
        alt.Tooltip("error:Q", title="standard error, points", format=".1f"),
    ]
    squares = base.mark_rect(stroke="#ffffff").encode(
        color=alt.Color("fill:N", scale=None), tooltip=tips
    )
    numbers = (
        alt.Chart(values(cells))
        .mark_text(fontSize=12)
        .encode(
            x="middle_x:Q", y="middle_y:Q", text=alt.Text("war:Q", format=".0%"),
            color=alt.Color("ink:N", scale=None), tooltip=tips,
        )
    )  # fmt: skip
    layers: Any = squares + numbers
    borders = ridge(table)
    if borders:
        drawn = alt.Chart(values(borders)).encode(x="x:Q", y="y:Q", x2="x2:Q", y2="y2:Q")
        layers += drawn.mark_rule(strokeWidth=6, color="#ffffff")
        layers += drawn.mark_rule(strokeWidth=3, color="#c2570c")
    now = _now(data, table.shape)
    if now:
        box = alt.Chart(values([now])).encode(x="x:Q", y="y:Q", x2="x2:Q", y2="y2:Q")
        layers += box.mark_rect(filled=False, stroke="#ffffff", strokeWidth=5)
        layers += box.mark_rect(filled=False, stroke="#000000", strokeWidth=2, strokeDash=[4, 2])
    low, high = float(np.nanmin(table)), float(np.nanmax(table))
    near = int((np.abs(table - 0.5) <= 2 * spread).sum())
    beyond = (
        "the thick line is the ridge, where the chance crosses one half"
        if borders
        else "no cell reaches one half, the ridge"
        if high <= 0.5
        else "every cell is beyond one half, the ridge"
    )
    marks = [
        "by the rungs on which they begin, all others as on record",
        beyond,
        f"{plural(near, 'cell is', 'cells are') if near else 'no cell is'} within two standard "
        "errors of it",
        f"standard error of a cell: at most {100 * float(np.nanmax(spread)):.1f} points",
        *(["dashed: where they stand on the date"] if now else []),
    ]
    moves = f"Where {listed(hottest)} begin{'s' if single else ''} moves the chance"
    return finished(
        layers,
        f"{moves} of war before calm from {low:.0%} to {high:.0%}",
        "; ".join(marks),
    )


def _cell(i: int, j: int) -> dict[str, float]:
    """Return the corners and the middle of the cell of two rungs."""
    return {"x": i - 0.5, "x2": i + 0.5, "y": j - 0.5, "y2": j + 0.5, "middle_x": i, "middle_y": j}


def _rung_axis(rungs: int, narrow: bool, *, across: bool) -> Any:
    """Return an axis that names each rung by number and name."""
    labels = [wrapped(name, 11) for name in names_of_rungs()[:rungs]]
    expression = f"split({json.dumps(labels)}[datum.value], '\\n')"
    return lines_axis(
        values=list(range(rungs)), labelExpr=expression, ticks=False, domain=False,
        labelFontSize=10 if narrow else 11, labelAngle=-90 if narrow and across else 0,
    )  # fmt: skip


def ridge(table: Floats) -> list[dict[str, float]]:
    """Return the borders between cells on either side of one half."""
    borders = []
    for i, j in np.ndindex(table.shape):
        for di, dj in ((1, 0), (0, 1)):
            if i + di < table.shape[0] and j + dj < table.shape[1]:
                value, there = table[i, j], table[i + di, j + dj]
                if np.isfinite(value + there) and (value > 0.5) != (there > 0.5):
                    x, y = i + 0.5 * di, j + 0.5 * dj
                    borders.append(
                        {"x": x - 0.5 * dj, "x2": x + 0.5 * dj,
                         "y": y - 0.5 * di, "y2": y + 0.5 * di}
                    )  # fmt: skip
    return borders


def _now(data: xr.Dataset, shape: tuple[int, ...]) -> dict[str, float] | None:
    """Return the cell of the present rungs; None if one of the two is at war."""
    present = [int(k) for k in data["present"].values]
    i, j = present if len(present) > 1 else (present[0], 0)
    return _cell(i, j) if i < shape[0] and j < shape[1] else None


POINT, COMES = "point of no return", "the war"
CLEAR = 2.0
"""Standard errors of an interval."""
OUTCOMES = {
    "war": ("the chance of a new war", "percentage points", 100.0),
    "wars": ("the number of wars", "wars", 1.0),
    "states": ("the number of states newly at war", "states", 1.0),
}
"""What acts are compared by: in words, the unit of a difference, and its scale."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """How acts differ from doing nothing in one outcome, in the order of the answer.

    Attributes
    ----------
    words, unit : str
        The outcome, and the unit of `mean` and `error`.
    mean, error : arrays (acts,)
        Differences from doing nothing with their standard errors.
    leaders : list of int
        The acts that lower the outcome for certain and cannot be told from the first.
    """

    words: str
    unit: str
    mean: Floats
    error: Floats
    leaders: list[int]

    @classmethod
    def of(cls, found: Result, outcome: str = "") -> Ranking:
        """Read an answer: by default the outcome that its acts are ranked by."""
        data, chosen = found.data, outcome or str(found.settings["outcome"])
        words, unit, scale = OUTCOMES[chosen]
        prefix = "" if chosen == "war" else f"{chosen}_"
        return cls(
            words,
            unit,
            scale * data[f"{prefix}difference"].values,
            scale * data[f"{prefix}difference_error"].values,
            effects_of(found, chosen).leaders,
        )

    def change(self, k: int) -> str:
        """Return the difference of an act, in brackets where it is not told from nothing."""
        if self.mean[k] == self.error[k] == 0:
            return "none in any course"
        text = f"{self.mean[k]:+.2f} ± {self.error[k]:.2f}".replace("-", "−")
        return text if abs(self.mean[k]) > 2 * self.error[k] else f"({text})"

    def size(self, k: int) -> str:
        """Return by how much an act lowers the outcome."""
        return f"{-self.mean[k]:.2g} ± {self.error[k]:.1g} {self.unit}"


def ranked(found: Result, *, narrow: bool = False) -> Any:
    """Return the acts ranked by what they do to an outcome, with intervals."""
    import altair as alt

    ranking = Ranking.of(found)
    labels = [wrapped(act, 24 if narrow else 46) for act in acts_in_words(found)]
    rows = [
        {"act": label, "change": mean, "low": mean - 2 * error, "high": mean + 2 * error}
        for label, mean, error in zip(
            labels, ranking.mean.tolist(), ranking.error.tolist(), strict=True
        )
    ]
    y = alt.Y("act:N", sort=labels, title=None, axis=lines_axis())
    base = alt.Chart(values(rows), width=150 if narrow else 330, height=step_of(labels)).encode(y=y)
    bars = base.mark_rule(strokeWidth=2, color=palette.QUIET).encode(
        x=alt.X("low:Q", title=f"change, {ranking.unit}"), x2="high:Q"
    )
    dots = base.mark_point(filled=True, size=70, color=palette.INK).encode(x="change:Q")
    zero = alt.Chart(values([{"x": 0.0}])).mark_rule(color="#b9bec5").encode(x="x:Q")
    return finished(
        zero + bars + dots,
        best_in_words(found),
        f"{ranking.words}: difference from doing nothing, with twice its standard error; left is "
        "less war",
    )


def acts_in_words(found: Result) -> list[str]:
    """Return the acts with names before the codes."""
    return [named(str(act), found.names) for act in found.data["act"].values]


def best_in_words(found: Result) -> str:
    """Return what the acts do to the outcome that ranks them, in the words of the answer."""
    names = [f"“{act}”" for act in acts_in_words(found)]
    return effects_of(found).headline(names).removesuffix(".")


def of_the_paths(some: int, every: int) -> str:
    """Return on how many of the sampled paths to war something is, before what it is."""
    return (
        f"{some or 'none'} of the {every} sampled paths to war {'there is' if some else 'is there'}"
    )


def returns(found: Result, *, narrow: bool = False) -> Any:
    """Return the chance of war before calm along the sampled paths, with points of no return."""
    import altair as alt

    data = found.data
    lines, ends = [], []
    for k in range(len(data["path"])):
        name, war = f"path {k + 1}", float(data["war_day"][k])
        turns = np.isfinite(data["turn_day"].values[k])
        days, chances = (data[v].values[k][turns] for v in ("turn_day", "untouched"))
        lines += [
            {"path": name, "day": day, "chance": chance}
            for day, chance in zip(days.tolist(), chances.tolist(), strict=True)
        ]
        point = float(data["day"][k])
        if math.isfinite(point):
            ends.append({"path": name, "day": point, "chance": float(chances[-1]), "what": POINT})
        else:
            lines.append({"path": name, "day": war, "chance": float(chances[-1])})
        ends.append({"path": name, "day": war, "chance": 1.0, "what": COMES})
    some = int(np.isfinite(data["day"].values).sum())
    width, height = (210, 190) if narrow else (520, 240)
    x = alt.X("day:Q", title="day", axis=alt.Axis(labelSeparation=APART))
    y = alt.Y(
        "chance:Q", title="chance of war before calm", scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="%"),
    )  # fmt: skip
    base = alt.Chart(values(lines), width=width, height=height).encode(
        x=x,
        y=y,
        detail="path:N",
        tooltip=["path:N", "day:Q", alt.Tooltip("chance:Q", format=".0%")],
    )
    paths = base.mark_line(interpolate="step-after", color="#7d9fc1", strokeWidth=1.5, opacity=0.8)
    marks = (
        alt.Chart(values(ends))
        .mark_point(filled=True, size=60, opacity=1)
        .encode(
            x=x,
            y=y,
            shape=alt.Shape(
                "what:N",
                scale=alt.Scale(
                    domain=[POINT, COMES] if some else [COMES],
                    range=["circle", "cross"] if some else ["cross"],
                ),
                legend=alt.Legend(title=None, orient="bottom", symbolFillColor=palette.INK),
            ),
            color=alt.value(palette.INK),
        )
    )
    half = alt.Chart(values([{"chance": 0.5}])).mark_rule(strokeDash=[4, 3], color=palette.QUIET)
    title = f"On {of_the_paths(some, len(data['path']))} a point of no return"
    return finished(
        half.encode(y="chance:Q") + paths + marks,
        title,
        "if nothing is done, after each change of a rung; the dashed line is one half",
    )


def repetitions(found: Result, *, narrow: bool = False) -> Any:
    """Return the estimate of each repetition, and of all together with its interval."""
    import altair as alt

    data = found.data
    mean, error = float(data["probability"]), float(data["probability_error"])
    single, every = "each repetition", "all together"
    x = alt.X(
        "chance:Q", title="probability of war", scale=alt.Scale(zero=True, nice=True),
        axis=alt.Axis(format="~g", tickCount=4 if narrow else 6),
    )  # fmt: skip
    y = alt.Y("what:N", sort=[single, every], title=None, axis=alt.Axis(grid=False, labelLimit=0))
    rows = [{"what": single, "chance": value} for value in data["estimate"].values.tolist()]
    ticks = (
        alt.Chart(values(rows), width=200 if narrow else 460, height=alt.Step(34))
        .mark_tick(thickness=2, color="#4f7fae", opacity=0.7)
        .encode(x=x, y=y)
    )
    whole = values(
        [
            {
                "what": every,
                "chance": mean,
                "low": max(0.0, mean - CLEAR * error),
                "high": mean + CLEAR * error,
            }
        ]
    )
    bar = alt.Chart(whole).mark_rule(strokeWidth=2, color=palette.QUIET)
    bar = bar.encode(x=alt.X("low:Q"), x2="high:Q", y=y)
    dot = alt.Chart(whole).mark_point(filled=True, size=70, color=palette.INK, opacity=1)
    return finished(
        ticks + bar + dot.encode(x=x, y=y),
        f"{len(rows)} independent repetitions, and their mean with twice its standard error",
        "probability of a war within the horizon",
    )
