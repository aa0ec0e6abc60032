"""``detente crisis``: the record of a crisis, and the questions asked of its model."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from detente.cli.common import emit_rows, format_option, reading_options

if TYPE_CHECKING:
    from detente.architecture.ledger import Pair
    from detente.architecture.value import Architecture


@click.group()
def crisis() -> None:
    """The record of a crisis, and what could become of it.

    It forecasts no policy and recommends none.
    """


@crisis.command()
@click.argument("scenario")
@click.option("--dyad", metavar="AAA-BBB", help="Only these two, such as RUS-USA.")
@click.option("--claimant", metavar="AAA", help="Only what this claimant says.")
@click.option("--incident", metavar="ID", help="Tell this incident, version by version.")
@click.option("--last", type=click.IntRange(min=1), default=12, show_default=True,
              help="Incidents listed, the latest; JSON and CSV have all.")  # fmt: skip
@format_option
@reading_options
def show(
    scenario: str,
    dyad: str | None,
    claimant: str | None,
    incident: str | None,
    last: int,
    style: str,
    how: Callable[[str], Any],
) -> None:
    """Show the record of SCENARIO: incidents on the ladder, who is a party according to whom,
    channels and their silence, and one incident told version by version.
    """  # fmt: skip
    from detente.crisis import record, story

    g: Architecture = how(scenario)
    which = None if dyad is None else record.read_dyad(g, dyad)
    who = None if claimant is None else record.read_claimant(g, claimant)
    if incident is not None and style == "table":
        click.echo(story.tell(g, incident), nl=False)
        return
    rows = record.incidents(g, which, who)
    if style == "csv":
        click.echo(rows.write_csv(), nl=False)
    elif style == "json":
        document = _record(g, which, who, incident)
        click.echo(json.dumps(document, indent=1, ensure_ascii=False, default=str))
    else:
        _text(g, which, who, last)


def _record(
    g: Architecture, dyad: Pair | None, claimant: str | None, incident: str | None
) -> dict[str, Any]:
    """Return the record as plain data."""
    import dataclasses

    from detente.crisis import record
    from detente.crisis.ladder import STANDARD

    rows = record.incidents(g, dyad, claimant)
    shown = [incident] if incident else list(rows["incident"])
    told = {
        i: [dataclasses.asdict(v) for v in record.versions(g, i) if claimant in (None, v.claimant)]
        for i in shown
    }
    return {
        "scenario": g.name,
        "date": g.date,
        "ladder": list(STANDARD.rungs),
        "incidents": rows.to_dicts(),
        "versions": {i: versions for i, versions in told.items() if versions},
        "differences": [
            dataclasses.asdict(d) for d in record.differences(g) if d.incident in set(shown)
        ],
        "parties": record.parties(g, claimant).to_dicts(),
        "channels": [dataclasses.asdict(c) for c in record.channels(g, dyad)],
        "signals": record.signals(g, dyad).to_dicts(),
    }


def _text(g: Architecture, dyad: Pair | None, claimant: str | None, last: int) -> None:
    from detente.crisis import record, story
    from detente.crisis.ladder import STANDARD

    rows = record.incidents(g, dyad, claimant)
    scope = "" if dyad is None else f", {'-'.join(dyad)}"
    scope += "" if claimant is None else f", according to {claimant}"
    click.echo(f"{g.title}, {g.date:%d %B %Y}{scope}")
    click.echo(f"{rows.height} incidents on record: a choice of events, no basis for rates.\n")
    columns = ["date", "incident", "initiator", "initiator_status", "target", "hostility"]
    table = rows.tail(last).select(*columns, "fatalities_low", "fatalities_high", "held_parties")
    listed = [
        {
            "date": row["date"].isoformat(),
            "incident": row["incident"],
            "initiator": f"{row['initiator']} ({row['initiator_status']})",
            "target": row["target"],
            "rung": f"{row['hostility']} {STANDARD.rungs[row['hostility']]}",
            "killed": story.losses(row["fatalities_low"], row["fatalities_high"]),
            "held to be a party (by)": row["held_parties"] or "-",
        }
        for row in table.iter_rows(named=True)
    ]
    if listed:
        emit_rows(listed, "table")
    _channels(g, dyad)
    one = story.most_contested(g, dyad)
    if one is not None:
        click.echo(f"\nOne of them, {one}, as each side tells it\n")
        click.echo(story.tell(g, one), nl=False)


def _channels(g: Architecture, dyad: Pair | None) -> None:
    from detente.crisis import record

    found = record.channels(g, dyad)
    if not found:
        return
    click.echo("\nChannels and the silence on them")
    emit_rows(
        [
            {
                "between": "-".join(c.pair),
                "channel": c.channel,
                "last use on record": c.last_use.isoformat() if c.last_use else "none",
                "days of silence": c.silence,
                "standing": c.standing,
                "what": c.note,
            }
            for c in found[: 12 if dyad is None else None]
        ],
        "table",
    )
