"""Every tie of one state, of every kind: with whom, since when, how strong, and who says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from detente.architecture.value import Architecture

Row = Mapping[str, Any]
EVERYBODY = "ALL"
"""Beneficiary of what is promised to whoever it may be, such as standing neutrality."""
SHOWN = ("with", "kind", "what", "strength", "intensity", "start", "end", "counts_as", "source",
         "confidence")  # fmt: skip
"""What a terminal has room for; the other forms have all."""


def ties_of(g: Architecture, state: str) -> list[dict[str, Any]]:
    """Return every row that ties a state to another, or to an organisation or a treaty.

    Parameters
    ----------
    g : Architecture
        Where to look.
    state : str
        Code of a state in it.

    Returns
    -------
    list of dict
        Keys ``with`` and ``name`` (code and name of the other side), ``kind`` (such as
        ``defense``, ``membership``, ``rivalry``, ``presence``, ``arms control``), ``what`` (in
        words, with the direction), ``strength`` (of a text), ``intensity`` (of a rivalry, 1 to 5),
        ``personnel`` (of a presence, persons), ``start``, ``end``, ``in_force`` (on the date),
        ``counts_as`` (what the lenses of allies and rivals make of the pair), ``through`` (the
        row), ``source``, ``address``, ``confidence``, ``note``. By kind, then by the other's code.
    """
    cited = {str(row["source"]): row for row in g.tables["sources"].iter_rows(named=True)}
    names = dict(g.names)
    names |= dict(g.tables["organisations"].select("organisation", "name").iter_rows())
    names |= dict(g.tables["actors"].select("actor", "name").iter_rows())
    rows = []
    for tie, row in (
        *_commitments(g, state),
        *_memberships(g, state),
        *_rivalries(g, state),
        *_presences(g, state),
        *_arms_control(g, state),
    ):
        about = cited.get(str(row["source"]), {})
        other = tie["with"]
        rows.append(
            {
                "with": other,
                "name": names.get(other) or ("everybody" if other == EVERYBODY else other),
                "kind": tie["kind"],
                "what": tie["what"],
                "strength": row.get("strength") or tie.get("strength"),
                "intensity": row.get("intensity"),
                "personnel": tie.get("personnel"),
                "start": _day(row.get("start")),
                "end": _day(row.get("end")),
                "in_force": _in_force(g, row),
                "counts_as": _counts(g, state, other),
                "through": tie["through"],
                "source": about.get("citation") or str(row["source"]),
                "address": about.get("url"),
                "confidence": row.get("confidence"),
                "note": row.get("note"),
            }
        )
    return sorted(rows, key=lambda tie: (tie["kind"], tie["with"], tie["through"]))


def _day(value: dt.date | None) -> str | None:
    return value.isoformat() if value is not None else None


def _in_force(g: Architecture, row: Row) -> bool:
    start, end = row.get("start"), row.get("end")
    return (start is None or start <= g.date) and (end is None or end >= g.date)


def _counts(g: Architecture, state: str, other: str) -> str | None:
    """Return what the pair counts as for the lenses that see allies and rivals."""
    if other not in g.names or other == state:
        return None
    weight, rivals = g.ledger.ally_weight(state, other), g.ledger.are_rivals(state, other)
    if rivals and weight > 0:
        return f"ally ({weight:g}) and rival"
    return "rival" if rivals else f"ally ({weight:g})" if weight > 0 else "neither"


def _commitments(g: Architecture, state: str) -> Iterator[tuple[dict[str, Any], Row]]:
    for row in g.tables["commitments"].iter_rows(named=True):
        sides = (row["promiser"], row["beneficiary"])
        if state not in sides:
            continue
        kind = row["kind"].replace("_", " ")
        named = f": {row['name']}" if row["name"] else ""
        if row["direction"] == "mutual":
            what, other = f"{kind}, mutual{named}", sides[sides[0] == state]
        elif sides[0] == state:
            what, other = f"promises {kind}{named}", sides[1]
        else:
            what, other = f"is promised {kind}{named}", sides[0]
        if other == EVERYBODY:
            what = f"{kind} towards everybody{named}"
        yield {"with": other, "kind": kind, "what": what, "through": row["commitment"]}, row


def _memberships(g: Architecture, state: str) -> Iterator[tuple[dict[str, Any], Row]]:
    articles = {row["organisation"]: row for row in g.tables["organisations"].iter_rows(named=True)}
    for row in g.tables["memberships"].iter_rows(named=True):
        if row["state"] != state:
            continue
        code = row["organisation"]
        article = articles.get(code, {})
        kinds = [
            str(article[key]).replace("_", " ")
            for key in ("commitment", "second_commitment")
            if row["role"] == "member" and article.get(key) not in (None, "none")
        ]
        implied = f"; its members owe one another {' and '.join(kinds)}" if kinds else ""
        if row["role"] == "suspended" and row["note"]:
            # A partnership is no membership: the note says which standing it was.
            implied = f" ({row['note'].partition(';')[0]})"
        yield (
            {
                "with": code,
                "kind": "membership",
                "what": f"{row['role'].replace('_', ' ')}{implied}",
                # The articles of an organisation bind its members, and nobody else.
                "strength": article.get("strength") if kinds else None,
                "through": f"{code}/{state}",
            },
            row,
        )


def _rivalries(g: Architecture, state: str) -> Iterator[tuple[dict[str, Any], Row]]:
    for row in g.tables["rivalries"].iter_rows(named=True):
        sides = (row["state_a"], row["state_b"])
        if state in sides:
            yield (
                {
                    "with": sides[sides[0] == state],
                    "kind": "rivalry",
                    "what": f"about {row['issue'].replace('_', ' ')}",
                    "through": row["rivalry"],
                },
                row,
            )


def _presences(g: Architecture, state: str) -> Iterator[tuple[dict[str, Any], Row]]:
    territory = dict(g.tables["actors"].select("actor", "territory_of").iter_rows())
    for row in g.tables["presence"].iter_rows(named=True):
        by, on = row["by"], row["on"]
        ground = territory.get(on) or on
        if state not in (by, on, ground):
            continue
        consent = {"yes": "with consent", "no": "without consent"}.get(
            row["consent"], "consent disputed"
        )
        low, high = row["personnel_low"], row["personnel_high"]
        persons = None if low is None else f"{low:,}" if low == high else f"{low:,} to {high:,}"
        place = f" ({on})" if on != ground else ""
        what = (
            f"has forces there, {consent}{place}"
            if state == by
            else f"hosts forces of it, {consent}{place}"
            if row["consent"] == "yes"
            else f"forces of it stand on its ground, {consent}{place}"
        )
        yield (
            {
                "with": on if state == by else by,
                "kind": "presence",
                "what": f"{what}: {row['name']}" if row["name"] else what,
                "personnel": persons,
                "through": row["presence"],
            },
            row,
        )


def _arms_control(g: Architecture, state: str) -> Iterator[tuple[dict[str, Any], Row]]:
    for row in g.tables["arms_control"].iter_rows(named=True):
        parties = row["party"].split("-")  # a state, or a pair
        if state not in parties:
            continue
        others = [party for party in parties if party != state]
        status = row["status"].replace("_", " ")
        regime = row["regime"].replace("_", " ")
        yield (
            {
                "with": others[0] if others else row["regime"],
                "kind": "arms control",
                "what": f"{regime}: {status}" if others else status,
                "through": row["record"],
            },
            row,
        )
