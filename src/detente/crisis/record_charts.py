"""The charts of the record, each an Altair chart whose title says the finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detente.crisis import record
from detente.crisis.chart_parts import names_of_rungs
from detente.crisis.ladder import STANDARD
from detente.report import palette
from detente.report.look import finished, values

if TYPE_CHECKING:
    from detente.architecture.ledger import Pair
    from detente.architecture.value import Architecture


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
