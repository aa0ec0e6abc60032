"""The page of the record: incidents, who is a party according to whom, who still talks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from detente.crisis import record, story
from detente.crisis import record_charts as charts
from detente.crisis.page import LADDER, facts_of, section, write
from detente.crisis.text import names_of
from detente.report.embed import figure

if TYPE_CHECKING:
    import polars as pl

    from detente.architecture.ledger import Pair
    from detente.architecture.value import Architecture

RECORD_LIMITS = (
    "Nothing here decides between claimants, and no claim is the default.",
    "Events were chosen for their escalations. Their number is no conduct, no rate and no share "
    "of responsibility.",
    "Silence is counted from the last use on record: what is not public is not on record.",
)


RECORD_WORDS = (
    LADDER,
    (
        "Party",
        "Somebody who is held to have fired, ordered, programmed, given data, supplied, trained "
        "or hosted: always according to somebody.",
    ),
    ("Channel", "A line or a talk between two sides. Silence is the time since its last use."),
)


def write_record(
    g: Architecture,
    path: str | os.PathLike[str],
    *,
    dyad: Pair | None = None,
    claimant: str | None = None,
    command: str = "",
) -> Path:
    """Write the record of a crisis as a page: timeline, attributions, channels, one story."""
    rows = record.incidents(g, dyad, claimant)
    sections = [
        section(
            "What is on record",
            [
                "Each dot is an incident, the higher the more hostile. The list below the picture "
                "has them all, with who is held to be a party by whom."
            ],
            [
                figure(
                    "timeline",
                    lambda narrow=False: charts.timeline(g, dyad, claimant, narrow=narrow),
                    narrow=True,
                )
            ],
            caption=f"All {rows.height} incidents",
            columns=["Date", "Incident", "Initiator", "Target", "Rung", "Killed", "Parties (by)"],
            rows=[
                [
                    r["date"].isoformat(), r["description"],
                    f"{r['initiator']} ({r['initiator_status']})", r["target"], r["hostility"],
                    story.losses(r["fatalities_low"], r["fatalities_high"]), r["held_parties"],
                ]
                for r in rows.iter_rows(named=True)
            ],
        ),
        section(
            "Who is a party, according to whom",
            [
                "A row is who speaks; a column is who is held to have had a part. A dark square is "
                "a charge that is made often; a minus counts denials."
            ],
            [
                figure(
                    "attributions",
                    lambda narrow=False: charts.attribution_matrix(
                        g, dyad, claimant, narrow=narrow
                    ),
                    narrow=True,
                )
            ],
        ),
        section(
            "Who still talks",
            ["A short bar is a line that was used lately, a long one a line that is silent."],
            [
                figure(
                    "silence",
                    lambda narrow=False: charts.silence(g, dyad, narrow=narrow),
                    narrow=True,
                )
            ],
            caption="All channels on record",
            columns=["Between", "Channel", "Last use", "Days", "Standing", "What"],
            rows=[
                ["-".join(c.pair), c.channel, c.last_use or "none", c.silence or "", c.standing,
                 c.note]
                for c in record.channels(g, dyad)
            ],
        ),
    ]  # fmt: skip
    told = story.most_contested(g, dyad, claimant)
    if told is not None:
        versions = [
            [v.claimant, " ".join(story.said(v)), story.consequence(v)]
            for v in record.versions(g, told)
            if claimant in (None, v.claimant)
        ]
        differ = [story.sentence(d) for d in record.differences(g, told) if claimant is None]
        texts = [story.headline(g, told), *(["Where the claimants differ:"] if differ else [])]
        teller = "each side" if claimant is None else claimant
        sections.append(
            section(
                f"One incident as {teller} tells it", texts, points=differ,
                caption="Versions, and what follows under each",
                columns=["According to", "What was done", "Then"], rows=versions,
            )
        )  # fmt: skip
    scope = "" if dyad is None else f" between {dyad[0]} and {dyad[1]}"
    return write(
        path, "The record of a crisis", g.title,
        f"{rows.height} incidents{scope} up to {g.date:%d %B %Y}, with who is held to be a party "
        "and by whom.",
        "A claim stays a claim, a denial and a silence are recorded like an assertion.",
        sections, RECORD_LIMITS, command, facts_of(g.name, g.digest), RECORD_WORDS,
        _named(g, rows, dyad),
    )  # fmt: skip


def _named(g: Architecture, rows: pl.DataFrame, dyad: Pair | None) -> dict[str, str]:
    """Return the names of everybody whose code is on the page of the record."""
    codes = {*rows["initiator"], *rows["target"]}
    for channel in record.channels(g, dyad):
        codes |= set(channel.pair)
    said = g.tables["attributions"]
    said = said.filter(said["incident"].is_in(rows["incident"].to_list()))
    return names_of(g, codes | {*said["claimant"], *said["actor"]})
