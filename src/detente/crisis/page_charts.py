"""The charts of a crisis, each an Altair chart whose title says the finding."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.crisis import record
from detente.crisis.ladder import STANDARD
from detente.crisis.rules import TOP
from detente.report import palette
from detente.report.look import finished, values

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
    return alt.Color("rung:N", scale=scale, sort=names_of_rungs(), title="rung")


def fan(run: Simulation) -> Any:
    """Return the shares of replicas on each rung over time, for the hottest dyads."""
    import altair as alt

    table = run.dyads()
    hottest = table.filter(table["start"] < TOP)["dyad"].to_list()[:SHOWN]
    if not hottest:
        return None
    labels, days = names_of_rungs(), run.data["day"].values
    cells = [
        {"dyad": dyad, "day": float(days[k]), "rung": labels[rung], "order": rung, "share": share}
        for dyad in hottest
        for k in range(0, len(days), 2)
        for rung, share in enumerate(run.data["on_rung"].sel(dyad=dyad).values[k].tolist())
    ]
    chart: Any = (
        alt.Chart(values(cells), width=220, height=130)
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
        .facet(facet=alt.Facet("dyad:N", sort=hottest, title=None), columns=3)
    )  # fmt: skip
    return finished(
        chart,
        f"{hottest[0]} is the dyad most likely to reach war",
        "share of replicas on each rung over time; dyads at war from the start are left out",
    )


def drawn_in(run: Simulation) -> Any:
    """Return who is drawn into whose war: states on a circle, a line from the called-for ally."""
    import altair as alt

    entries = run.entries().head(MOST_LINKS)
    if not entries.height:
        return None
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
            "enters": a, "for": b, "mean": p,
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
                "mean:Q", title="entries a replica", scale=alt.Scale(range=[0.5, 5])
            ),
            tooltip=["enters:N", "for:N", alt.Tooltip("mean:Q", format=".3~g")],
        )
    )  # fmt: skip
    texts = (
        alt.Chart(values(points))
        .mark_text(fontSize=11, color=palette.INK)
        .encode(x=x, y=y, text="state:N")
    )
    (enters, ally), most = max(links.items(), key=lambda item: item[1])
    return finished(
        rules + texts,
        f"{enters} for {ally} is the most frequent entry: {most:.2g} a replica",
        "lines join a state that enters and the ally for which it does; wider is more often",
    )


def committor_map(found: Answer) -> Any:
    """Return the committor over the rungs of the hottest dyads."""
    import altair as alt

    data = found.data
    table = np.atleast_2d(data["map"].values)
    if not np.isfinite(table).any():
        return None
    hottest = [str(name) for name in data["hottest"].values]
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
    return finished(
        squares + numbers,
        f"War before calm: {float(data['committor']):.0%} from the present state",
        "probability of war before calm, by where the hottest dyads stand; a half is the ridge",
    )


def ranked(found: Answer) -> Any:
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
    y = alt.Y("act:N", sort=acts, title=None, axis=alt.Axis(labelLimit=320, grid=False))
    base = alt.Chart(values(rows), width=330, height=alt.Step(26)).encode(y=y)
    bars = base.mark_rule(strokeWidth=2, color=palette.QUIET).encode(
        x=alt.X("low:Q", title="change of the chance of a new war, percentage points"), x2="high:Q"
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
    for k, path in enumerate(data["path"].values):
        day, war = float(data["day"][k]), float(data["war_day"][k])
        rows.append(
            {"path": f"path {int(path)}", "war": war, "point": day if math.isfinite(day) else None}
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


def timeline(g: Architecture, dyad: Pair | None, claimant: str | None) -> Any:
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
        alt.Chart(values(cells), width=560, height=190)
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


def attribution_matrix(g: Architecture, claimant: str | None) -> Any:
    """Return who holds whom to be a party, and who denies it."""
    import altair as alt

    table = record.parties(g, claimant)
    counts: dict[tuple[str, str], list[int]] = {}
    for row in table.iter_rows(named=True):
        if row["actor"] not in record.NOBODY:
            cell = counts.setdefault((row["claimant"], row["actor"]), [0, 0])
            cell[0] += row["asserted"]
            cell[1] += row["denied"]
    if not counts:
        return None
    often = sorted(
        {c for c, _ in counts}, key=lambda c: -sum(sum(v) for k, v in counts.items() if k[0] == c)
    )[:20]
    whom = sorted(
        {a for _, a in counts}, key=lambda a: -sum(sum(v) for k, v in counts.items() if k[1] == a)
    )[:20]
    cells = [
        {"claimant": c, "actor": a, "asserts": n[0], "denies": n[1],
         "text": f"{n[0]}" + (f" −{n[1]}" if n[1] else "")}
        for (c, a), n in counts.items()
        if c in often and a in whom
    ]  # fmt: skip
    base = alt.Chart(values(cells), width=alt.Step(30), height=alt.Step(22)).encode(
        x=alt.X("actor:N", sort=whom, title="is held to be a party", axis=alt.Axis(labelAngle=-60)),
        y=alt.Y("claimant:N", sort=often, title="according to"),
        tooltip=["claimant:N", "actor:N", "asserts:Q", "denies:Q"],
    )
    squares = base.mark_rect(stroke="#ffffff").encode(
        color=alt.Color(
            "asserts:Q", title="incidents asserted",
            scale=alt.Scale(type="sqrt", range=["#ffffff", "#c2570c"], interpolate="rgb"),
        )
    )  # fmt: skip
    out: Any = squares + base.mark_text(fontSize=10).encode(text="text:N")
    return finished(
        out,
        "Who is a party depends on whom one asks",
        "links asserted, and after the minus denied, by claimant; counts of a choice of events",
    )


def silence(g: Architecture, dyad: Pair | None) -> Any:
    """Return the days since the last use of each channel on record."""
    import altair as alt

    found = [c for c in record.channels(g, dyad) if c.silence is not None][:25]
    if not found:
        return None
    rows = [
        {"channel": f"{'-'.join(c.pair)}: {c.channel}", "days": c.silence, "what": c.note}
        for c in found
    ]
    order = list(dict.fromkeys(str(row["channel"]) for row in rows))
    chart: Any = (
        alt.Chart(values(rows), width=360, height=alt.Step(20))
        .mark_bar(color="#8fb0cf", height=11)
        .encode(
            y=alt.Y("channel:N", sort=order, title=None, axis=alt.Axis(labelLimit=260, grid=False)),
            x=alt.X("days:Q", title="days of silence"),
            tooltip=["channel:N", "days:Q", "what:N"],
        )
    )
    first = found[0]
    return finished(
        chart,
        f"Latest use: {'-'.join(first.pair)}, {first.channel}, {first.silence} days ago",
        "days since the last use of a channel on record; lines never used on record are left out",
    )
