"""The charts of a crisis, each an Altair chart whose title says the finding."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.crisis import record
from detente.crisis.ladder import STANDARD
from detente.crisis.rules import TOP
from detente.crisis.text import pair_name, percent
from detente.report import palette
from detente.report.look import finished, values
from detente.report.words import listed

if TYPE_CHECKING:
    import altair as alt

    from detente.architecture.ledger import Pair
    from detente.architecture.value import Architecture
    from detente.crisis.answer import Answer
    from detente.crisis.result import Simulation

RUNG_COLORS = ("#f4f5f6", "#e3e8ee", "#c3d3e3", "#8fb0cf", "#4f7fae", "#1d3a5c")
"""From no hostility to war: darker is less secure, as everywhere in the report."""
SHOWN = 6
MOST_LINKS = 60


def names_of_rungs() -> list[str]:
    """Return the rungs as labels: number and name."""
    return [f"{k} {name}" for k, name in enumerate(STANDARD.rungs)]


def rung_colors() -> alt.Color:
    """Return the colours of the rungs as an encoding."""
    import altair as alt

    scale = alt.Scale(domain=names_of_rungs(), range=list(RUNG_COLORS))
    legend = alt.Legend(orient="bottom", columns=3, labelFontSize=12, labelLimit=0)
    return alt.Color("rung:N", scale=scale, sort=names_of_rungs(), title="rung", legend=legend)


def fan(run: Simulation, *, narrow: bool = False) -> Any:
    """Return the shares of replicas on each rung over time, for the hottest dyads."""
    import altair as alt

    table = run.dyads()
    table = table.filter(table["start"] < TOP).head(SHOWN)
    hottest = table["dyad"].to_list()
    if not hottest:
        return None
    named = {dyad: pair_name(dyad, run.names) for dyad in hottest}
    labels, days = names_of_rungs(), run.data["day"].values
    cells = [
        {
            "dyad": named[dyad],
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
                "dyad:N", sort=list(named.values()), title=None, header=alt.Header(labelFontSize=12)
            ),
            columns=1 if narrow else 3,
        )
    )  # fmt: skip
    first = table.row(0, named=True)
    close = table.filter(
        table["war"] >= first["war"] - 2 * np.hypot(first["war_error"], table["war_error"])
    )
    leaders = [named[dyad] for dyad in close["dyad"]]
    most = percent(first["war"], first["war_error"])
    finding = (
        f"{leaders[0]} reaches war most often: in {most} of courses"
        if len(leaders) == 1
        else f"{listed(leaders[:3])} reach war most often: each in about {most} of courses"
    )
    return finished(
        chart,
        finding,
        "share of courses on each rung over time, of the pairs that reach war most often; pairs at "
        "war from the start are left out",
    )


def drawn_in(run: Simulation) -> Any:
    """Return who is drawn into whose war: states on a circle, a line from the called-for ally."""
    import altair as alt

    entries = run.entries().head(MOST_LINKS)
    if not entries.height:
        return None
    names = run.names
    links: dict[tuple[str, str], float] = {}
    for row in entries.iter_rows(named=True):
        sides = row["war"].split("-")
        foe = next(s for s in row["opens"].split("-") if s != row["enters"])
        ally = next((s for s in sides if s != foe), sides[0])
        key = (row["enters"], ally)
        links[key] = links.get(key, 0.0) + row["probability"]
    states = sorted({s for key in links for s in key})
    place = {
        s: (math.cos(2 * math.pi * k / len(states)), math.sin(2 * math.pi * k / len(states)))
        for k, s in enumerate(states)
    }
    lines = [
        {
            "x": place[a][0], "y": place[a][1], "x2": place[b][0], "y2": place[b][1],
            "enters": names.get(a, a), "for": names.get(b, b), "mean": 100 * p,
        }
        for (a, b), p in links.items()
    ]  # fmt: skip
    points = [
        {"state": s, "x": 1.12 * x, "y": 1.12 * y, "called": any(b == s for _, b in links)}
        for s, (x, y) in place.items()
    ]
    bare = alt.Axis(labels=False, ticks=False, domain=False, grid=False, title=None)
    scale = alt.Scale(domain=[-1.25, 1.25])
    x, y = alt.X("x:Q", axis=bare, scale=scale), alt.Y("y:Q", axis=bare, scale=scale)
    rules = (
        alt.Chart(values(lines), width=430, height=430)
        .mark_rule(color=palette.RIVALRY, opacity=0.55)
        .encode(
            x=x, y=y, x2="x2:Q", y2="y2:Q",
            strokeWidth=alt.StrokeWidth(
                "mean:Q", title="entries in 100 courses",
                scale=alt.Scale(domain=[0, 100 * max(links.values())], range=[0.5, 5]),
                legend=alt.Legend(orient="bottom", values=_marks(100 * max(links.values()))),
            ),
            tooltip=["enters:N", "for:N", alt.Tooltip("mean:Q", format=".3~g")],
        )
    )  # fmt: skip
    texts = (
        alt.Chart(values(points))
        .mark_text(fontSize=11, color=palette.INK)
        .encode(x=x, y=y, text="state:N")
    )
    called: dict[str, list[float]] = {}
    for (_, ally), often in links.items():
        called.setdefault(ally, []).append(often)
    ally, each = max(called.items(), key=lambda item: sum(item[1]))
    most = f"{100 * max(each):.2g}"
    return finished(
        rules + texts,
        f"Most entries are for {names.get(ally, ally)}: of {len(each)} allies, each at most "
        f"{most} times in 100 courses",
        "a line joins a state that enters a war and the ally for which it does; wider is more "
        "often; names are at the top of the page",
    )


def _marks(most: float) -> list[float]:
    """Return two round numbers for a legend that ends at `most`."""
    step = 10.0 ** math.floor(math.log10(most))
    whole = math.floor(most / step) * step
    return [float(f"{whole / 2:.3g}"), float(f"{whole:.3g}")]


def committor_map(found: Answer) -> Any:
    """Return the committor over the rungs of the hottest dyads."""
    import altair as alt

    data = found.data
    table = np.atleast_2d(data["map"].values)
    if not np.isfinite(table).any():
        return None
    hottest = [pair_name(str(name), found.names) for name in data["hottest"].values]
    one = len(hottest) == 1
    cells = []
    for i in range(table.shape[0]):
        for j in range(table.shape[1]):
            if np.isfinite(table[i, j]):
                cells.append(
                    {"first": j if one else i, "second": 0 if one else j, "war": table[i, j]}
                )
    base = alt.Chart(values(cells), width=320, height=60 if one else 300).encode(
        x=alt.X("first:O", title=f"rung of {hottest[0]}", axis=alt.Axis(labelAngle=0)),
        y=alt.Y(
            "second:O",
            title=None if one else f"rung of {hottest[1]}",
            sort="descending",
            axis=alt.Axis(labels=not one, ticks=not one),
        ),
    )
    colors = alt.Scale(
        domain=[0, 0.5, 1], range=["#ffffff", "#4f7fae", "#1d3a5c"], interpolate="rgb"
    )
    squares = base.mark_rect(stroke="#ffffff").encode(
        color=alt.Color("war:Q", scale=colors, title="war before calm")
    )
    dark = alt.condition("datum.war > 0.4", alt.value("#ffffff"), alt.value(palette.INK))
    numbers = base.mark_text(fontSize=12).encode(text=alt.Text("war:Q", format=".0%"), color=dark)
    low, high = float(np.nanmin(table)), float(np.nanmax(table))
    ridge = (
        "the ridge, one half, runs between"
        if low < 0.5 < high
        else "nowhere is it beyond one half, the ridge"
        if high <= 0.5
        else "everywhere it is beyond one half, the ridge"
    )
    moves = f"Where {listed(hottest)} begin{'s' if one else ''} moves the chance"
    return finished(
        squares + numbers,
        f"{moves} of war before calm from {low:.0%} to {high:.0%}",
        f"by the rungs on which they begin, all others as on record; {ridge}",
    )


def ranked(found: Answer, *, narrow: bool = False) -> Any:
    """Return the acts ranked by what they do to the chance of a new war, with intervals."""
    import altair as alt

    data = found.data
    acts = [str(a) for a in data["act"].values]
    rows = [
        {
            "act": act,
            "points": 100 * float(data["difference"][k]),
            "low": 100 * float(data["difference"][k] - 2 * data["difference_error"][k]),
            "high": 100 * float(data["difference"][k] + 2 * data["difference_error"][k]),
        }
        for k, act in enumerate(acts)
    ]
    best = 100 * float(data["difference"][0] + 2 * data["difference_error"][0])
    y = alt.Y(
        "act:N", sort=acts, title=None, axis=alt.Axis(labelLimit=190 if narrow else 320, grid=False)
    )
    base = alt.Chart(values(rows), width=150 if narrow else 330, height=alt.Step(26)).encode(y=y)
    bars = base.mark_rule(strokeWidth=2, color=palette.QUIET).encode(
        x=alt.X("low:Q", title="change, percentage points"), x2="high:Q"
    )
    dots = base.mark_point(filled=True, size=70, color=palette.INK).encode(x="points:Q")
    zero = alt.Chart(values([{"x": 0.0}])).mark_rule(color="#b9bec5").encode(x="x:Q")
    return finished(
        zero + bars + dots,
        f"“{acts[0]}” lowers the chance of a new war most"
        if best < 0
        else "No act lowers the chance of a new war for certain",
        "difference from doing nothing, with twice its standard error; left is fewer wars",
    )


def returns(found: Answer) -> Any:
    """Return the paths to war with their points of no return."""
    import altair as alt

    data = found.data
    rows = []
    for k in range(len(data["path"])):
        day, war = float(data["day"][k]), float(data["war_day"][k])
        rows.append(
            {"path": f"path {k + 1}", "war": war, "point": day if math.isfinite(day) else None}
        )
    base = alt.Chart(values(rows), width=380, height=alt.Step(22)).encode(
        y=alt.Y("path:N", sort=None, title=None, axis=alt.Axis(grid=False))
    )
    bars = base.mark_bar(color="#c3d3e3", height=9).encode(x=alt.X("war:Q", title="day"))
    points = base.mark_point(filled=True, size=80, color=palette.INK).encode(x="point:Q")
    some = sum(row["point"] is not None for row in rows)
    return finished(
        bars + points,
        f"On {some} of {len(rows)} paths to war there is a point of no return",
        "each bar ends with the war; the dot is the earliest state in which no act helps",
    )


def timeline(
    g: Architecture, dyad: Pair | None, claimant: str | None, *, narrow: bool = False
) -> Any:
    """Return the incidents on the ladder over time."""
    import altair as alt

    rows = record.incidents(g, dyad, claimant)
    if not rows.height:
        return None
    labels = names_of_rungs()
    cells = [
        {
            "date": row["date"].isoformat(),
            "rung": labels[row["hostility"]],
            "theatre": (row["theatre"] or "elsewhere").replace("_", " "),
            "what": row["description"],
            "parties": row["held_parties"] or "none named",
        }
        for row in rows.iter_rows(named=True)
    ]
    chart: Any = (
        alt.Chart(values(cells), width=220 if narrow else 560, height=190)
        .mark_circle(size=55, opacity=0.55, color=palette.RIVALRY)
        .encode(
            x=alt.X("date:T", title=None),
            y=alt.Y("rung:N", sort=labels[::-1], title=None, scale=alt.Scale(domain=labels[::-1])),
            tooltip=[
                alt.Tooltip("date:T"), alt.Tooltip("theatre:N"), alt.Tooltip("what:N"),
                alt.Tooltip("parties:N", title="held to be parties, by whom"),
            ],
        )
    )  # fmt: skip
    return finished(
        chart,
        f"{rows.height} incidents on record; the highest rung is "
        f"{STANDARD.rungs[max(rows['hostility'])]}",
        "a choice of events, made for its escalations: no basis for rates",
    )


def attribution_matrix(
    g: Architecture, dyad: Pair | None, claimant: str | None, *, narrow: bool = False
) -> Any:
    """Return who holds whom to be a party, and who denies it."""
    import altair as alt

    counts = {
        (who, actor): both
        for who, actors in record.held(g, dyad, claimant).items()
        for actor, both in actors.items()
    }
    if not counts:
        return None
    often = sorted(
        {c for c, _ in counts}, key=lambda c: -sum(sum(v) for k, v in counts.items() if k[0] == c)
    )[: 12 if narrow else 20]
    whom = sorted(
        {a for _, a in counts}, key=lambda a: -sum(sum(v) for k, v in counts.items() if k[1] == a)
    )[: 7 if narrow else 20]
    cells = [
        {"claimant": c, "actor": a, "asserts": n[0], "denies": n[1],
         "text": f"{n[0]}" + (f" −{n[1]}" if n[1] else "")}
        for (c, a), n in counts.items()
        if c in often and a in whom
    ]  # fmt: skip
    base = alt.Chart(values(cells), width=alt.Step(38), height=alt.Step(22)).encode(
        x=alt.X("actor:N", sort=whom, title="is held to be a party", axis=alt.Axis(labelAngle=-60)),
        y=alt.Y("claimant:N", sort=often, title="according to"),
        tooltip=["claimant:N", "actor:N", "asserts:Q", "denies:Q"],
    )
    squares = base.mark_rect(stroke="#ffffff").encode(
        color=alt.Color(
            "asserts:Q", title="incidents asserted", legend=None,
            scale=alt.Scale(type="sqrt", range=["#ffffff", "#c2570c"], interpolate="rgb"),
        )
    )  # fmt: skip
    out: Any = squares + base.mark_text(fontSize=10).encode(text="text:N")
    return finished(
        out,
        "Who is a party depends on whom one asks",
        "incidents in which each claimant asserts, and after the minus denies, that somebody had a "
        "part; counts of a choice of events"
        + ("; those who speak and are spoken of most" if narrow else ""),
    )


def silence(g: Architecture, dyad: Pair | None, *, narrow: bool = False) -> Any:
    """Return the days since the last use of each channel on record."""
    import altair as alt

    lines: dict[str, dict[str, Any]] = {}
    for c in record.channels(g, dyad):
        if c.silence is not None:
            # The latest use comes first: a second line of the same name adds nothing to it.
            name = f"{'-'.join(c.pair)}: {c.channel}"
            lines.setdefault(name, {"channel": name, "days": c.silence, "what": c.note})
    rows = list(lines.values())[:25]
    if not rows:
        return None
    order = [str(row["channel"]) for row in rows]
    chart: Any = (
        alt.Chart(values(rows), width=150 if narrow else 360, height=alt.Step(20))
        .mark_bar(color="#8fb0cf", height=11)
        .encode(
            y=alt.Y(
                "channel:N",
                sort=order,
                title=None,
                axis=alt.Axis(labelLimit=190 if narrow else 260, grid=False),
            ),
            x=alt.X("days:Q", title="days of silence"),
            tooltip=["channel:N", "days:Q", "what:N"],
        )
    )
    return finished(
        chart,
        f"Latest use: {order[0]}, {rows[0]['days']} days ago",
        "days since the last use of a channel on record; lines never used on record are left out",
    )
