"""What went in: rules, parameters, paper alliances, missing values, the source of every fact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from detente.auditing.text import seen_besides
from detente.lenses.naming import in_words
from detente.reporting.audit import inputs
from detente.reporting.audit.security import boundaries
from detente.reporting.audit.sources import Fact
from detente.reporting.by_source import BySource
from detente.reporting.grounded import MARK
from detente.reporting.map.atlas import BOUNDARY_POLICY
from detente.reporting.map.context import Scene
from detente.reporting.page.model import (
    Block,
    Cell,
    Code,
    Details,
    Head,
    Heading,
    Link,
    Part,
    Points,
    Section,
    Small,
    Strong,
    Table,
    Text,
)
from detente.words import listed, number, plural

if TYPE_CHECKING:
    from detente.results.result import Result

FACTS = (
    (
        "tie",
        "What makes allies and rivals",
        "Organisations, their members, commitments and rivalries that count on the date",
        ("Who", "What", "Counts with", "In force"),
    ),
    (
        "figure",
        "Each state’s own figure of capability",
        "The figures of capability in use",
        ("State", "Measure", "Value", "Year"),
    ),
    (
        "contested",
        "Contested matters, once for each claimant",
        "Positions in the claimants’ own terms; they make no tie and decide nothing here",
        ("Claimant", "Matter and position", "Control", "On"),
    ),
)
"""Which facts stand in which table: group, title, caption, heads."""


def inputs_section(audit: Result, lens: str, around: Scene) -> Section:
    """Return the section with everything that the verdicts rest on."""
    stated = audit.settings["scenario"]
    besides = [
        f"The lens {in_words(name)} {words}."
        for name in audit.lenses
        if (words := seen_besides(audit.settings["lenses"][name].get("facts", {})))
    ]
    paper = inputs.paper(audit, around)
    allied = inputs.allied_rivals(audit, around)
    missing = ", ".join(around.names.full(code) for code in stated["without_capability"])
    return Section(
        "inputs",
        "What went in",
        (
            stated["description"] or None,
            _measure(audit, lens, around),
            *_rules(audit),
            Heading("Paper alliances"),
            "Alliances that stand on paper and count less than in full here:"
            if paper
            else "None: every alliance counts in full.",
            Points(tuple(paper)) if paper else None,
            Heading("Allies and rivals at once"),
            f"Counted as neither: {'; '.join(allied)}." if allied else "None.",
            Heading("Missing values"),
            f"No figure of capability, and so in no lens: {missing}."
            if missing
            else "None: every state has a figure of capability.",
            *besides,
            _left_out(audit),
            Heading("Publications"),
            Points(tuple(_publication(audit, name) for name in audit.lenses)),
            Heading("Sources of the facts"),
            *_facts(around),
            "Shapes on the map: Natural Earth, by way of world-atlas; public domain."
            if boundaries(audit, around) == BOUNDARY_POLICY
            else None,
        ),
    )


def _measure(audit: Result, lens: str, around: Scene) -> Text:
    stated, settings = audit.settings["scenario"], audit.settings
    measure = around.measure or stated["measure"]
    beside = f" ({stated['measure']})" if measure != stated["measure"] else ""
    tolerance = number(float(audit.data["tolerance"].sel(lens=lens)), 2)
    return (
        "Capability is measured by ",
        Strong(measure),
        f"{beside}, as each state’s share of the total. A want or a harm counts beyond "
        f"{settings['materiality']:g} of the interquartile range of security: {tolerance} "
        f"({settings['lenses'][lens]['unit']}) under the lens {in_words(lens)}.",
    )


def _rules(audit: Result) -> list[Block]:
    tables: list[Block] = [
        Table(
            "What makes allies and rivals",
            ("Rule", "Value"),
            tuple((row["rule"], row["value"]) for row in inputs.mapping(audit)),
            sorts=False,
        )
    ]
    parameters = inputs.parameters(audit)
    if parameters:
        tables.append(
            Table(
                (
                    "Parameters of the lenses. ",
                    Strong("assumed", "assumed"),
                    " marks a value without a published source.",
                ),
                ("Parameter", "Meaning", Head("Value", number=True), "Drawn from", "Unit",
                 "Source"),
                tuple(
                    (
                        f"{p['lens']}: {p['name']}",
                        p["meaning"],
                        p["value"],
                        p["range"],
                        p["unit"],
                        (Strong(p["source"][:7], "assumed"), p["source"][7:])
                        if p["assumed"]
                        else p["source"],
                    )
                    for p in parameters
                ),
                filter="Filter the parameters",
            )
        )  # fmt: skip
    if audit.settings["rule"]:
        tables.append(
            Table(
                "Which changes were tried: what those who decide could do, not what is likely or "
                "lawful",
                ("Kind", "Rule"),
                tuple(audit.settings["rule"].items()),
                sorts=False,
            )
        )
    return tables


def _left_out(audit: Result) -> Details | None:
    rows = inputs.left_out(audit)
    if not rows:
        return None
    return Details(
        "Rows of the scenario that make no tie",
        (
            Table(
                "Rows left out, by reason",
                ("Table", "Reason", Head("Rows", number=True)),
                tuple((row["table"], row["reason"], str(row["rows"])) for row in rows),
                filter=None,
            ),
        ),
    )


def _publication(audit: Result, name: str) -> Text:
    about = audit.settings["lenses"][name]
    reading = f", reading {about['reading']}" if about["reading"] else ""
    return (Strong(about["key"]), f"{reading} (numbers {about['status']}): {about['citation']}")


def _facts(around: Scene) -> list[Block]:
    if not around.facts:
        return ["They stand in the scenario package, row by row."]
    blocks: list[Block] = [
        (
            "Claims keep their speaker; contested matters stand once for each claimant; texts that "
            "are not in force or disputed are left out unless switched on. "
            f"{around.sources_in_words} All rows in one file, with notes: ",
            Link("sources", "again"),
            ".",
        )
    ]
    measured = next((fact for fact in around.facts if fact.group == "measure"), None)
    if measured:
        blocks.append(
            (
                f"Measure of capability: {measured.what} Unit: {measured.counts}; figures of "
                f"{measured.when}, {measured.who}. Source: ",
                *cited(measured),
                ".",
            )
        )
    for group, title, caption, heads in FACTS:
        facts = [fact for fact in around.facts if fact.group == group]
        if facts:
            table = fact_table(facts, f"{caption}; who says so", heads, around.explained.by_source)
            named = listed(sorted({fact.table for fact in facts}))
            marked = around.explained.g is not None
            ask = (
                f"{f'The mark “{MARK}” of a row opens its source' if marked else 'Its source'}, "
                "with notes and who asserts or denies it; where nothing is told of a row, no claim "
                "on record is about it. On a terminal: ",
                Code(f"detente why {around.explained.name or 'SCENARIO'} TABLE ROW"),
                f" (TABLE: {named}; ROW: the last column of the download “sources”).",
            )
            blocks.append(Details(f"{title}: {plural(len(facts), 'row')}", (ask, table)))
    return blocks


def fact_table(facts: Sequence[Fact], caption: str, heads: Sequence[str], why: BySource) -> Table:
    """Return facts as a table with who says so; ties have their kind before all else."""
    ties = facts[0].group == "tie"
    who, what, counts, when = heads
    return Table(
        caption,
        (
            who,
            *(("Kind",) if ties else ()),
            what,
            Head(counts, number=facts[0].group == "figure"),
            when,
            "Source",
            "Confidence",
        ),
        tuple(
            (
                fact.who,
                *((fact.kind,) if ties else ()),
                fact.what,
                fact.counts,
                fact.when,
                Cell(cited(fact, why)),
                fact.confidence,
            )
            for fact in facts
        ),
        filter="Filter",
    )


def cited(fact: Fact, why: BySource | None = None) -> tuple[Part, ...]:
    """Return the source of a fact and whether a copy of it was read, with its address.

    A row whose mark opens its source leaves the address there.
    """
    read = " (stored copy read)" if fact.seen == "yes" else ""
    mark = why.mark(fact.table, fact.row) if why is not None else ()
    address = (Small(fact.address),) if fact.address else ()
    return (f"{fact.source}{read}", *(mark or address))
