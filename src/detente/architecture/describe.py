"""An architecture in words: what is in it, what counts, what is left out, and who says so."""

from __future__ import annotations

import datetime as dt
from html import escape
from typing import Any

from detente.architecture.value import Architecture


def remarks(g: Architecture) -> list[str]:
    """Return what a reader must know when a scenario is looked at on a day it was not made for.

    A scenario records what held on its own date. On a later day it says what would hold if
    nothing changed; on an earlier one it lacks what had ended before its own date.

    Parameters
    ----------
    g : Architecture
        Where to look; without a package behind it there is no date of its own.

    Returns
    -------
    list of str
        Sentences; empty on the scenario's own date.
    """
    if g.origin is None or g.origin.date == g.date:
        return []
    own, day = _day(g.origin.date), _day(g.date)
    years = sorted(set(g.figure_year.values()))
    span = "" if not years else f"{years[0]}" if len(years) == 1 else f"{years[0]} to {years[-1]}"
    figures = f" The figures of capability are of {span}." if span else ""
    if g.date > g.origin.date:
        return [
            f"The scenario was made for {own} and looked at on {day}: nothing that happened in "
            "between is in it, and what has no last day in it is taken to hold still."
            f"{figures} This is no forecast."
        ]
    undated = sum(
        g.in_force(table)["start"].is_null().sum()
        for table in ("organisations", "memberships", "commitments", "rivalries")
    )
    begun = f", and {undated:,} rows without a known first day count as begun" if undated else ""
    return [
        f"The scenario was made for {own} and looked at on {day}: what had ended before its own "
        f"date may be missing{begun}.{figures}"
    ]


def _day(date: dt.date) -> str:
    return f"{date.day} {date:%B} {date.year}"


def overview(g: Architecture) -> dict[str, Any]:
    """Return what an architecture consists of, as plain data in reading order."""
    ledger = g.ledger
    pairs = [ledger.tie(a, b) for a, b in ledger.pairs()]
    left_out: dict[str, int] = {}
    for table, _, reason in ledger.left_out:
        left_out[f"{table}: {reason}"] = left_out.get(f"{table}: {reason}", 0) + 1
    return {
        "title": g.title,
        "name": g.name,
        "date": g.date.isoformat(),
        "remarks": remarks(g),
        "region": g.region,
        "description": g.description,
        "states": len(g.codes),
        "external actors": sorted(g.external),
        "measure of capability": g.measure,
        "without a figure": list(g.without_capability),
        "organisations that count": {
            code: f"{len(article.members)} members, weight {article.whole:g}"
            for code, article in sorted(ledger.alliances.items())
        },
        "members that weigh less": {
            key: 0.0 + ledger.articles[key.split("/")[0]].members[key.split("/")[1]]
            for key in ledger.partial()
            if "/" in key
        },
        "allied pairs": sum(tie.ally > 0 for tie in pairs),
        "rival pairs": sum(tie.rival > 0 for tie in pairs),
        "allies and rivals at once, counted as neither": [
            f"{a}-{b}" for a, b in ledger.allied_rivals()
        ],
        "mapping": g.mapping.describe(),
        "left out": left_out,
        "rows": {name: frame.height for name, frame in g.tables.items() if frame.height},
        "changes so far": list(g.changes),
        "hash": g.digest,
    }


def html_of(g: Architecture) -> str:
    """Return what an architecture consists of as HTML for a notebook; every text is escaped."""
    rows = []
    for name, value in overview(g).items():
        if name in ("title", "description") or value in ("", [], {}, None):
            continue
        items = value.items() if isinstance(value, dict) else None
        text = (
            "; ".join(f"{key}: {item}" for key, item in items)
            if items is not None
            else ", ".join(map(str, value))
            if isinstance(value, list | tuple)
            else str(value)
        )
        rows.append(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>")
    return (
        f"<div><h4>{escape(g.title)}</h4><p>{escape(g.description)}</p>"
        f"<table><tbody>{''.join(rows)}</tbody></table></div>"
    )
