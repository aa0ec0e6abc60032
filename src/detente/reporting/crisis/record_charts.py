"""The charts of the record, each an Altair chart whose title says the finding."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from detente.crisis.record import record
from detente.crisis.record.attribution_counts import MARKS, Charge, charges, most
from detente.crisis.record.ladder import STANDARD
from detente.reporting.crisis.chart_parts import (
    APART,
    full,
    ink_on,
    lines_axis,
    mixed,
    names_of_rungs,
    step_of,
    wrapped,
)
from detente.reporting.page import palette
from detente.reporting.page.style import finished, values
from detente.results.building import names_of
from detente.words import pair_name, plural

if TYPE_CHECKING:
    from detente.architecture.promises import Pair
    from detente.architecture.value import Architecture

SPEAKERS = {False: 16, True: 10}
"""Rows of the table of who is a party, on a wide and on a narrow screen."""
ACTORS = {False: 10, True: 4}
ENDS = {False: 15, True: 10}
"""How many of the longest and of the shortest silences are shown."""
WIDTH = {False: 12, True: 8}
"""Characters in a line of a cell."""
STANCES = {
    "asserts": "says", "denies": "denies", "no_comment": "open", "regrets": "regrets",
    "alone": "a voice",
}  # fmt: skip
"""What a speaker does with a link, in a word that fits a cell."""
STANCES_IN_WORDS = (
    "incidents in which the speaker says that it had a part, denies it, or leaves it open (a "
    "silence); regrets: it regrets; a voice: somebody on its side said so, no charge of its own; "
    "disputed: another claimant differs on one of them"
)
LINES = 3
"""Lines of words that a cell has room for."""
CHARGED = ((0.0, "#ffffff"), (1.0, "#c2570c"))


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
            x=alt.X("date:T", title=None,
                    axis=alt.Axis(format="%b %Y", tickCount=3 if narrow else 8,
                                  labelSeparation=APART)),
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
    """Return who holds whom to be a party, who denies it, leaves it open or regrets it."""
    import altair as alt

    counts = charges(g, dyad, claimant)
    if not counts:
        return None
    speakers = most(((c.claimant, c.weight) for c in counts), SPEAKERS[narrow])
    whom = most(((c.actor, c.weight) for c in counts), ACTORS[narrow])
    names = names_of(g, {*speakers, *whom})
    rows = {code: wrapped(full(code, names), 18 if narrow else 40) for code in speakers}
    columns = {code: wrapped(full(code, names), WIDTH[narrow]) for code in whom}
    shown = [c for c in counts if c.claimant in rows and c.actor in columns]
    top = max((c.count("asserts") for c in shown), default=0) or 1
    cells = []
    for c in shown:
        color = mixed((c.count("asserts") / top) ** 0.5, CHARGED)
        cells.append(
            {"claimant": rows[c.claimant], "actor": columns[c.actor], "fill": color,
             "ink": ink_on(color), "roles": in_roles(c), **in_words(c)}
        )  # fmt: skip
    tallest = ["\n".join(["line"] * LINES), *rows.values()]
    base = alt.Chart(
        values(cells), width=alt.Step(56 if narrow else 82), height=step_of(tallest)
    ).encode(
        x=alt.X("actor:N", sort=list(columns.values()), title="of whom",
                axis=lines_axis(labelAngle=0, labelFontSize=11)),
        y=alt.Y("claimant:N", sort=list(rows.values()), title=None if narrow else "according to",
                axis=lines_axis()),
        tooltip=[alt.Tooltip("claimant:N", title="according to"), "actor:N", "roles:N"],
    )  # fmt: skip
    squares = base.mark_rect(stroke="#ffffff").encode(color=alt.Color("fill:N", scale=None))
    ink = alt.Color("ink:N", scale=None)
    layered: Any = squares
    for many in range(1, LINES + 1):
        for k in range(many):
            if any(cell[f"line{many}{k}"] for cell in cells):
                down = 12 * (k - (many - 1) / 2)
                layered += base.mark_text(fontSize=10 if narrow else 11, dy=down).encode(
                    text=f"line{many}{k}:N", color=ink
                )
    beyond = len(counts) - len(shown)
    return finished(
        layered,
        "Who is a party depends on whom one asks"
        if any(c.differs for c in counts)
        else "Who is held to be a party",
        STANCES_IN_WORDS
        + "; counts of a choice of events"
        + (f"; left out: {plural(beyond, 'pair')} of speaker and actor (more on a narrow screen)"
           if beyond else "")
    )  # fmt: skip


def silence(g: Architecture, dyad: Pair | None, *, narrow: bool = False) -> Any:
    """Return the days since the last use of each channel on record, the longest silence first.

    Where there are many, both ends are shown and a row between says how many are not.
    """
    import altair as alt

    used = [c for c in record.channels(g, dyad) if c.silence is not None]
    if not used:
        return None
    names = names_of(g, {code for c in used for code in c.pair})
    ends = ENDS[narrow]
    gap = len(used) - 2 * ends
    shown = used if gap <= 1 else [*used[:ends], *used[-ends:]]
    rows: list[dict[str, Any]] = [
        {"row": k, "channel": wrapped(channel_in_words(c, names), 24 if narrow else 60),
         "days": c.silence, "what": c.note}
        for k, c in enumerate(shown)
    ]  # fmt: skip
    if gap > 1:
        row = {"row": ends - 0.5, "channel": f"… {gap} channels between …"}
        rows.insert(ends, {**row, "days": None, "what": ""})
    # Two channels of one pair may share a name: the place in the order keeps them apart.
    labels = {str(row["row"]): row["channel"] for row in rows}
    order = list(labels)
    axis = lines_axis(labelExpr=f"split({json.dumps(labels)}[datum.label], '\\n')")
    base = alt.Chart(
        values([{**row, "row": str(row["row"])} for row in rows]),
        width=120 if narrow else 360, height=step_of(list(labels.values())),
    ).encode(y=alt.Y("row:N", sort=order, title=None, axis=axis))  # fmt: skip
    tips = [alt.Tooltip("channel:N"), alt.Tooltip("days:Q"), alt.Tooltip("what:N")]
    bars = base.mark_bar(color="#8fb0cf", height=11).encode(
        x=alt.X("days:Q", title="days since the last use on record"), tooltip=tips
    )
    numbers = base.mark_text(align="left", dx=4, fontSize=11, color=palette.INK).encode(
        x="days:Q", text=alt.Text("days:Q", format=",d")
    )
    latest = used[-1]
    longest = next((c for c in used if c.ended), None)
    unused = len(record.channels(g, dyad)) - len(used)
    return finished(
        bars + numbers,
        (
            f"Longest silence of a channel whose end is coded: {channel_in_words(longest, names)}, "
            f"{longest.silence:,} days; "
            if longest
            else ""
        )
        + f"latest use on record: {channel_in_words(latest, names)}, {latest.silence:,} days ago"
        if len(used) > 1
        else f"Last use on record: {channel_in_words(latest, names)}, {latest.silence:,} days ago",
        "days since the last use on record: of the record, and not of the world, unless the end of "
        "a channel is coded"
        + (f"; left out: {plural(unused, 'line')} without a use on record" if unused else "")
        + "; the table below has all",
    )


def channel_in_words(c: record.Channel, names: Mapping[str, str]) -> str:
    """Return a channel with the names of its sides."""
    dyad = "-".join(c.pair)
    return f"{pair_name(dyad, names)} ({dyad}): {c.channel}"


def in_words(c: Charge) -> dict[str, str]:
    """Return what a claimant says of an actor, a stance a line, for cells of up to three lines."""
    texts = [f"{STANCES[stance]} {n}" for stance in MARKS if (n := c.count(stance))]
    if c.differs:
        texts.append("disputed")
    if len(texts) > LINES:
        texts = [*texts[: LINES - 1], ", ".join(texts[LINES - 1 :])]
    lines = {f"line{many}{k}": "" for many in range(1, LINES + 1) for k in range(many)}
    lines |= {f"line{len(texts)}{k}": text for k, text in enumerate(texts)}
    return {"words": "; ".join(texts), **lines}


def in_roles(c: Charge) -> str:
    """Return a charge role by role, such as "fired: 16 ?1; ordered: 5"."""
    return "; ".join(f"{role.replace('_', ' ')}: {c.signs(role)}" for role in c.roles)
