"""Who says so: the source of every row of the scenario that makes what the page shows.

The rows are those that the ledger counts on the date, so the page can name no source of a row
that made no tie. Contested matters make none; they stand apart, because the map marks them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING, Any

import polars as pl

from detente.architecture.package import schema
from detente.words import Names, exact, plural

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of the scenario and who says so.

    Attributes
    ----------
    group : str
        ``"measure"``, ``"figure"``, ``"tie"`` or ``"contested"``.
    kind : str
        What sort of row it is.
    who : str
        Whom it concerns, with names and codes; for a contested matter, who says it.
    what : str
        What it says.
    counts : str
        How it counts: a weight, an intensity, a value with its unit, or who is in control.
    when : str
        First and last day, or the year of a figure.
    source : str
        What to look up.
    address : str
        Of a stored copy; empty if there is none.
    seen : str
        ``"yes"`` if a stored copy was read when the row was written, ``"no"`` if not.
    confidence : str
        How far the scenario trusts the row; empty for a measure, which has none.
    note : str
        What the scenario adds.
    table, row : str
        The scenario's table in which it stands, and the key of its row.
    """

    group: str
    kind: str
    who: str
    what: str
    counts: str
    when: str
    source: str
    address: str
    seen: str
    confidence: str
    note: str
    table: str
    row: str


def facts(g: Architecture, names: Names) -> list[Fact]:
    """Return every row that counts, and what each claimant holds of contested matters.

    In this order: the measure of capability, each state's own figure, organisations, their
    members, commitments, rivalries and presences that make ties, contested matters.
    """
    cited = {str(row["source"]): row for row in g.tables["sources"].iter_rows(named=True)}
    rows = [
        *_measure(g),
        *_figures(g, names),
        *_organisations(g, names),
        *_members(g, names),
        *_commitments(g, names),
        *_rivalries(g, names),
        *_presences(g, names),
        *_contested(g, names),
    ]
    return [_fact(words, row, cited) for words, row in rows]


def table(found: list[Fact]) -> pl.DataFrame:
    """Return facts as a table, one row each."""
    names = [field.name for field in fields(Fact)]
    return pl.DataFrame(
        [astuple(fact) for fact in found], schema=dict.fromkeys(names, pl.String), orient="row"
    )


def in_words(g: Architecture, found: list[Fact]) -> str:
    """Return how many sources stand behind the facts shown, and how many of them were read."""
    used = {fact.source: fact.seen for fact in found}
    read = sum(seen == "yes" for seen in used.values())
    return (
        f"The {plural(len(found), 'row')} below name {plural(len(used), 'source')}; of "
        f"{'none' if not read else f'{read:,}'} a stored copy was read when the row was written, "
        f"the others say where to check. The whole scenario, events and claims included, names "
        f"{g.tables['sources'].height:,}."
    )


TABLES = {
    "measure of capability": "measures",
    "figure": "capabilities",
    "organisation": "organisations",
    "membership": "memberships",
    "commitment": "commitments",
    "rivalry": "rivalries",
    "presence": "presence",
    "contested matter": "contested",
}
"""The table of each kind of fact."""
Words = tuple[str, str, str, str, str, str]
"""Group, kind, who, what, how it counts, when."""


def _fact(words: Words, row: Row, cited: Mapping[str, Row]) -> Fact:
    about = cited.get(str(row["source"]), {})
    return Fact(
        *words,
        source=about.get("citation") or str(row["source"]),
        address=about.get("url") or "",
        seen=about.get("seen") or "no",
        confidence=row.get("confidence") or "",
        note=row.get("note") or "",
        table=TABLES[words[1]],
        row="/".join(str(row[column]) for column in schema.table(TABLES[words[1]]).key),
    )


def _span(row: Row) -> str:
    start: dt.date | None = row["start"]
    end: dt.date | None = row["end"]
    since = f"since {start}" if start else "start not known"
    return f"{since}, until {end}" if end else since


def _measure(g: Architecture) -> Iterator[tuple[Words, Row]]:
    years = sorted(set(g.figure_year.values()))
    when = "" if not years else f"{years[0]}" if len(years) == 1 else f"{years[0]} to {years[-1]}"
    who = plural(len(g.figure_year), "state")
    for row in g.tables["measures"].filter(pl.col("measure") == g.measure).iter_rows(named=True):
        what = f"{row['name']}: {row['meaning']}"
        yield ("measure", "measure of capability", who, what, row["unit"], when), row


def _figures(g: Architecture, names: Names) -> Iterator[tuple[Words, Row]]:
    named = {row["measure"]: row for row in g.tables["measures"].iter_rows(named=True)}
    figures = g.tables["capabilities"].filter(pl.col("measure") == g.measure)
    for row in figures.sort("state").iter_rows(named=True):
        if g.figure_year.get(row["state"]) == row["year"]:
            value = f"{exact(row['value'])} ({named[g.measure]['unit']})"
            who, what = names.full(row["state"]), named[g.measure]["name"]
            yield ("figure", "figure", who, what, value, str(row["year"])), row


def _organisations(g: Architecture, names: Names) -> Iterator[tuple[Words, Row]]:
    for row in g.in_force("organisations").iter_rows(named=True):
        article = g.ledger.articles.get(row["organisation"])
        if article is not None:
            who = names.full(row["organisation"])
            what = row["article"] or f"{row['commitment']}, article not named"
            count = plural(len(article.members), "member")
            counts = f"{count}, weight {max(article.promises.values()) * article.whole:g}"
            yield ("tie", "organisation", who, what, counts, _span(row)), row


def _members(g: Architecture, names: Names) -> Iterator[tuple[Words, Row]]:
    for row in g.in_force("memberships").iter_rows(named=True):
        article = g.ledger.articles.get(row["organisation"])
        if article is None or row["role"] != "member" or row["state"] not in article.members:
            continue
        what = f"member of {names.full(row['organisation'])}"
        weight = max(article.promises.values()) * article.members[row["state"]]
        counts = f"weight {weight:g}"
        yield ("tie", "membership", names.full(row["state"]), what, counts, _span(row)), row


def _neither(g: Architecture, a: str, b: str) -> str:
    both = g.ledger.are_rivals(a, b) and g.ledger.ally_weight(a, b) > 0
    return "; allies and rivals at once, so counted as neither" if both else ""


def _commitments(g: Architecture, names: Names) -> Iterator[tuple[Words, Row]]:
    treaties = g.ledger.treaties.values()
    counted = {name: treaty.value for entries in treaties for name, treaty in entries.items()}
    for entries in g.ledger.neutral.values():
        counted |= entries
    for row in g.in_force("commitments").iter_rows(named=True):
        if row["commitment"] not in counted:
            continue
        a, b = row["promiser"], row["beneficiary"]
        joined = "and" if row["direction"] == "mutual" else "to"
        who = f"{names.full(a)} {joined} {names.full(b)}"
        kind = row["kind"].replace("_", " ")
        what = f"{kind}, {row['strength'].replace('_', ' ')}: {row['name'] or 'not named'}"
        counts = f"weight {counted[row['commitment']]:g}{_neither(g, a, b)}"
        yield ("tie", "commitment", who, what, counts, _span(row)), row


def _rivalries(g: Architecture, names: Names) -> Iterator[tuple[Words, Row]]:
    for row in g.in_force("rivalries").iter_rows(named=True):
        a, b = row["state_a"], row["state_b"]
        if a in g.names and b in g.names and row["intensity"] >= g.mapping.threshold:
            who = f"{names.full(a)} and {names.full(b)}"
            what = f"about: {row['issue']}"
            counts = f"intensity {row['intensity']} of 5{_neither(g, a, b)}"
            yield ("tie", "rivalry", who, what, counts, _span(row)), row


def _presences(g: Architecture, names: Names) -> Iterator[tuple[Words, Row]]:
    counted = {
        key: share for entries in g.ledger.stations.values() for key, share in entries.items()
    }
    for row in g.in_force("presence").iter_rows(named=True):
        if row["presence"] not in counted:
            continue
        consent = {"yes": "with consent", "no": "without consent"}.get(row["consent"], "disputed")
        who = f"{names.full(row['by'])} on the ground of {names.full(row['on'])}"
        what = f"forces, {consent}: {row['name'] or 'not named'}"
        counts = f"{100 * counted[row['presence']]:.2g} % of the sender’s strength"
        yield ("tie", "presence", who, what, counts, _span(row)), row


CONTROLS = {"yes": "in control", "no": "not in control", "part": "in control of a part"}


def _contested(g: Architecture, names: Names) -> Iterator[tuple[Words, Row]]:
    own = g.origin.date if g.origin is not None else g.date
    for row in g.tables["contested"].iter_rows(named=True):
        who, what = names.full(row["claimant"]), f"{row['name']}: {row['position']}"
        controls = CONTROLS[row["controls"]]
        yield ("contested", "contested matter", who, what, controls, own.isoformat()), row
