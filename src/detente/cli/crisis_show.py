"""What ``detente crisis show`` prints: the record as text, as plain data and as CSV."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import click

from detente.cli.options import emit_rows
from detente.crisis.record import record, story
from detente.crisis.record.attribution_counts import SIGNS, charges
from detente.crisis.record.casualty_figures import figures
from detente.crisis.record.ladder import STANDARD

if TYPE_CHECKING:
    import polars as pl

    from detente.architecture.promises import Pair
    from detente.architecture.value import Architecture


def document(
    g: Architecture, dyad: Pair | None, claimant: str | None, incident: str | None
) -> dict[str, Any]:
    """Return the record as plain data."""
    rows = record.incidents(g, dyad, claimant)
    shown = [incident] if incident else list(rows["incident"])
    modelled = incident or story.most_contested(g, dyad, claimant)
    document_rows = {
        i: [dataclasses.asdict(v) for v in record.versions(g, i) if claimant in (None, v.claimant)]
        for i in shown
    }
    return {
        "scenario": g.name,
        "date": g.date,
        "ladder": list(STANDARD.rungs),
        "incidents": [
            {**row, "fatalities": [dataclasses.asdict(f) for f in _figures(g, row)]}
            for row in rows.iter_rows(named=True)
        ],
        "versions": {i: versions for i, versions in document_rows.items() if versions},
        "differences": [
            dataclasses.asdict(d) for d in record.differences(g) if d.incident in set(shown)
        ],
        "in_model": {modelled: story.in_model(g, modelled)} if modelled else {},
        "parties": record.parties(g, claimant).to_dicts(),
        "channels": [dataclasses.asdict(c) for c in record.channels(g, dyad)],
        "signals": record.signals(g, dyad).to_dicts(),
    }


def as_csv(g: Architecture, dyad: Pair | None, claimant: str | None, incident: str | None) -> str:
    """Return one row an incident; with an incident one row a claim or figure of killed in it."""
    if incident is None:
        return record.incidents(g, dyad, claimant).write_csv()
    return _claims(g, incident, claimant).write_csv()


def _claims(g: Architecture, incident: str, claimant: str | None) -> pl.DataFrame:
    import polars as pl

    rows: list[dict[str, Any]] = [
        {"about": "part", **row, "alone": record.voice(row["detail"])}
        for row in record.claims(g, incident, claimant).iter_rows(named=True)
    ]
    rows += [
        {"about": "killed", "incident": incident, "claimant": entry.claimant,
         "detail": entry.figure, "killed_low": entry.low, "killed_high": entry.high}
        for entry in _figures(g, record.incident_of(g, incident))
        if claimant in (None, entry.claimant)
    ]  # fmt: skip
    kinds: dict[str, Any] = dict.fromkeys(
        ("about", "incident", "claimant", "stance", "actor", "role", "alone", "detail"), pl.String
    )
    kinds |= {"killed_low": pl.Int64, "killed_high": pl.Int64, "date": pl.Date}
    kinds |= {"source": pl.String, "confidence": pl.String}
    return pl.DataFrame(
        [{name: row.get(name) for name in kinds} for row in rows], schema=kinds, orient="row"
    )


def _figures(g: Architecture, row: dict[str, Any]) -> list[Any]:
    return figures(row["fatalities_by_claimant"], record.claimants(g))


def as_text(
    g: Architecture, dyad: Pair | None, claimant: str | None, incident: str | None, last: int
) -> None:
    """Print the record, or one incident of it, as text."""
    if incident is not None:
        click.echo(story.tell(g, incident, claimant), nl=False)
        return
    rows = record.incidents(g, dyad, claimant)
    scope = "" if dyad is None else f", {'-'.join(dyad)}"
    scope += "" if claimant is None else f", according to {claimant}"
    click.echo(titled(g) + scope)
    click.echo(f"{rows.height} incidents on record: a choice of events, no basis for rates.")
    _incidents(rows, last)
    _parties(g, dyad, claimant, last)
    _channels(g, dyad, last)
    _signals(g, dyad, last)
    contested = story.most_contested(g, dyad, claimant)
    if contested is not None:
        teller = "each side" if claimant is None else claimant
        click.echo(f"\nOne of them, {contested}, as {teller} tells it\n")
        click.echo(story.tell(g, contested, claimant), nl=False)


def titled(g: Architecture) -> str:
    """Return the title with the date, once."""
    day = f"{g.date:%d %B %Y}"
    dated = re.search(rf"\b0?{day.removeprefix('0')}\b", g.title)
    return g.title if dated else f"{g.title}, {day}"


def _heading(text: str, shown: int, every: int, which: str) -> None:
    """Print a heading; where rows are left out, say how many there are and which are shown."""
    left_out = f" ({shown} of {every}, {which}; --last {every} lists all)" if shown < every else ""
    click.echo(f"\n{text}{left_out}")


def _incidents(rows: pl.DataFrame, last: int) -> None:
    listed = rows.tail(last)
    if not listed.height:
        return
    _heading("Incidents", listed.height, rows.height, "the latest")
    emit_rows(
        [
            {
                "date": row["date"].isoformat(),
                "incident": row["incident"],
                "initiator": f"{row['initiator']} ({row['initiator_status']})",
                "target": row["target"],
                "rung": f"{row['hostility']} {STANDARD.rungs[row['hostility']]}",
                "killed": story.losses(row["fatalities_low"], row["fatalities_high"]),
                "held to be a party (by)": row["held_parties"] or "-",
            }
            for row in listed.iter_rows(named=True)
        ],
        "table",
    )


def _parties(g: Architecture, dyad: Pair | None, claimant: str | None, last: int) -> None:
    charged = charges(g, dyad, claimant)
    if not charged:
        return
    shown = charged[:last]
    _heading(
        "Who is held to be a party in how many of them, by whom", len(shown), len(charged),
        "those with the most claims",
    )  # fmt: skip
    emit_rows(
        [
            {
                "according to": c.claimant,
                "who": c.actor,
                "in all": c.signs(),
                "role by role": "; ".join(
                    f"{story.verb(role)} {c.signs(role)}" for role in c.roles
                ),
            }
            for c in shown
        ],
        "table",
    )
    click.echo(f"Signs: {SIGNS}.")


def _channels(g: Architecture, dyad: Pair | None, last: int) -> None:
    lines = record.channels(g, dyad)
    if not lines:
        return
    shown = lines if dyad is not None else lines[:last]
    _heading("Channels and the silence on them", len(shown), len(lines), "the longest silence")
    emit_rows(
        [
            {
                "between": "-".join(c.pair),
                "channel": c.channel,
                "kind": c.kind,
                "last use on record": c.last_use.isoformat() if c.last_use else "none",
                "days of silence": c.silence if c.ended else None,
                "standing": c.standing,
                "what": c.note,
            }
            for c in shown
        ],
        "table",
    )


def _signals(g: Architecture, dyad: Pair | None, last: int) -> None:
    recent = record.signals(g, dyad).reverse()
    if not recent.height:
        return
    _heading("Signals", min(last, recent.height), recent.height, "the newest")
    emit_rows([_signal(row) for row in recent.head(last).iter_rows(named=True)], "table")


def _signal(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "date": row["date"].isoformat(),
        "from": row["sender"],
        "to": row["receiver"],
        "channel": row["channel"],
        "kind": row["kind"],
        "what": story.signal_in_words(row),
    }
