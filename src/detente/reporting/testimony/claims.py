"""The page of a scenario's claims: who asserts, who denies, what rests on one source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detente.evidence.testimony.asking import matters, parted, single_source, statements
from detente.reporting.page.embed import download
from detente.reporting.page.model import (
    Again,
    Cell,
    Code,
    Details,
    KeyNumber,
    KeyNumbers,
    Page,
    Points,
    Section,
    Small,
    Table,
)
from detente.reporting.testimony.read import LIMITS
from detente.reporting.testimony.wording import STANCES, named, names_in

if TYPE_CHECKING:
    from detente.results.result import Result


def page(result: Result, *, command: str = "") -> Page:
    """Return the page of the statements of a scenario."""
    rows = statements(result)
    alone, apart = single_source(result), parted(result)
    attrs = result.data.attrs
    scenario = str(attrs.get("scenario", ""))
    return Page(
        title=f"Who says so: {attrs.get('title', scenario)}",
        kicker="The claims of a scenario",
        lead=result.reading,
        opening=(
            KeyNumbers(
                (
                    KeyNumber(str(len(rows)), "statements"),
                    KeyNumber(str(sum(row.denied for row in rows)), "denials"),
                    KeyNumber(str(alone.height), "events on one source alone"),
                    KeyNumber(str(apart.height), "places where a row and a claim part"),
                )
            ),
        ),
        sections=(
            Section("matters", "Who asserts, who denies", (_matters(result),)),
            Section(
                "parted",
                "Where a row and what is said of it part",
                (
                    Table(
                        "Events whose row somebody contradicts",
                        ("Event", "Statement", "How"),
                        tuple((r["event"], r["row"], r["reason"]) for r in apart.to_dicts()),
                    )
                    if apart.height
                    else "Nowhere, among these statements.",
                ),
            ),
            Section(
                "single",
                "What rests on a single source",
                (
                    (
                        "Ask for any row why it stands there: ",
                        Code(f"detente why {scenario} incidents ROW"),
                    ),
                    Details(
                        f"{alone.height} events",
                        (
                            Table(
                                "Incidents and signals with one source",
                                ("Event", "Source"),
                                tuple((r["event"], r["source"]) for r in alone.to_dicts()),
                            ),
                        ),
                    ),
                ),
            ),
            Section(
                "statements",
                "Every statement",
                (
                    Details(
                        f"{len(rows)} statements",
                        (
                            Table(
                                "Statements, with who answers for each",
                                ("Row", "Who says so", "Stance", "What", "Event"),
                                tuple(
                                    (
                                        (row.row, Small(row.table)),
                                        row.chain,
                                        STANCES.get(row.stance, row.stance),
                                        row.says,
                                        row.event,
                                    )
                                    for row in rows
                                ),
                            ),
                        ),
                    ),
                ),
            ),
            Section("not-said", "What this does not say", (Points(LIMITS),)),
        ),
        again=Again(
            command or str(attrs.get("command", "")) or f"detente claims {scenario}",
            (
                ("Scenario", scenario),
                ("Hash", str(attrs.get("digest", ""))),
                ("Version", str(attrs.get("detente", ""))),
            ),
            files=(download("statements", "every statement", result.table()),),
            prefix=scenario or "claims",
        ),
    )


def _matters(result: Result) -> Table:
    names = names_in(result)
    return Table(
        "Events and the actors in them, with who asserts and who denies; what somebody denies "
        "comes first",
        ("Event", "About", "Asserted by", "Denied by", "Silent", "Since", "Sources"),
        tuple(
            (
                row["event"],
                named(row["about"], names),
                named(row["asserted_by"], names),
                Cell(named(row["denied_by"], names), kind="loss" if row["denied_by"] else ""),
                named(row["silent"], names),
                row["since"],
                Cell(str(row["sources"]), row["sources"]),
            )
            for row in sorted(matters(result).to_dicts(), key=lambda row: not row["denied_by"])
        ),
    )
