"""The three readings of the principle, and how sure the verdict is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.lenses.naming import in_words
from detente.reporting.audit import charts, drivers, findings
from detente.reporting.map.context import Scene
from detente.reporting.page.model import (
    Block,
    Card,
    Cards,
    Cell,
    Chart,
    Code,
    Head,
    Heading,
    Link,
    Paragraph,
    Points,
    Section,
    Small,
    Strong,
    Table,
    Text,
)
from detente.words import plural

if TYPE_CHECKING:
    from detente.auditing.sensitivity import Sensitivity
    from detente.results.result import Result

TWO_PROMISES = (
    "The promise that nobody gains security at another’s expense stands beside the freedom to "
    "choose one’s alliances. Which bounds the other is what the argument is about; the audit shows "
    "three readings and takes none."
)
UNANIMOUS = (
    ("wanted", "wanted by those who decide it"),
    ("witness", "wanted at someone’s expense"),
)
NAMED = 6
"""How many changes on which all lenses agree are named."""
SHADES = {"pays": "pays", "free": "free"}
"""Verdicts that have a shade of their own; the others are quiet."""


def readings(audit: Result, lens: str, around: Scene) -> Section:
    """Return the section with what veto, freedom and balance would each admit."""
    says = findings.readings(audit, lens, around)
    block: Block
    if findings.given(audit):
        block = Table(
            f"What each reading says of the change under the lens {in_words(lens)}; point "
            "estimate, below it "
            "the share of draws.",
            ("Change", *(f"{r['reading'].capitalize()}: {r['meaning']}" for r in says)),
            tuple(
                (row["change"], *(_with_small(c["words"], c["sure"]) for c in row["cells"]))
                for row in findings.reading_table(audit, lens, around)
            ),
        )
    else:
        block = Cards(tuple(_reading(r, lens) for r in says))
    return Section("readings", "Three readings", (TWO_PROMISES, block))


def _with_small(words: str, sure: str) -> Text:
    return (words, Small(sure)) if sure else words


def _reading(r: dict[str, Any], lens: str) -> Card:
    texts: list[Text | Paragraph] = [Paragraph(f"[{r['over']}]", "note")] if r["over"] else []
    texts.append(
        "None of them leaves anybody less secure."
        if r["harmful"] == "0"
        else f"{r['harmful']} of them leave somebody less secure."
    )
    if r["top"]:
        texts.append(f"Most wanted that it admits: {r['top']}.")
    if r["ruled"]:
        texts.append(
            f"Most wanted that another reading admits and this one does not: {r['ruled']}."
        )
    return Card(
        r["reading"].capitalize(),
        f"{r['meaning'].capitalize()}.",
        r["count"],
        f"of {r['tried']} changes admitted under the lens {in_words(lens)}",
        float(r["percent"]) / 100,
        tuple(texts),
    )


def doubt(
    audit: Result, lens: str, around: Scene, sensitivity: Sequence[Sensitivity] = ()
) -> Section:
    """Return the section on how sure the verdict is, and where the lenses part."""
    by_user = findings.given(audit)
    blocks: list[Block | None] = [*findings.draws_in_words(audit)]
    if "index_draw" in audit.data and _answered(audit) and not by_user:
        blocks.append(Chart.drawn("draws", partial(charts.draws, audit)))
    blocks += _assumptions(audit, sensitivity, by_user)
    blocks += _choices(audit, lens, by_user)
    blocks += _lenses(audit, around)
    if audit.refusals:
        blocks += [
            Heading("Lenses that have no answer here"),
            Points(tuple((Strong(name), f": {reason}") for name, reason in audit.refusals.items())),
        ]
    for name in audit.lenses:
        about = audit.settings["lenses"][name]
        blocks += [
            Heading(f"What the lens {in_words(about['key'])} cannot see"),
            Points(tuple(about["limits"])),
        ]
    return Section("sure", "How sure", tuple(blocks))


def _answered(audit: Result) -> bool:
    return bool(np.isfinite(audit.data["index_draw"].values).any())


def _assumptions(
    audit: Result, sensitivity: Sequence[Sensitivity], given: bool
) -> list[Block | None]:
    """Return which assumption moves the index most."""
    words = [] if given else drivers.in_words(audit)
    effects = drivers.effects_in_words(sensitivity)
    if not words and not effects:
        return []
    picture = None
    if not given:
        finds = () if effects else ("; ", Code("--sensitivity"), " finds it")
        picture = Chart.drawn(
            "drivers",
            partial(drivers.chart, audit),
            notes=(
                (
                    "A parameter at the right or left edge goes with the index in nearly every "
                    "draw: to know the index better, learn that parameter better. One that raises "
                    "the index in part of its range and lowers it in the rest does not show here",
                    *finds,
                    ".",
                ),
            ),
        )
    return [
        Heading("Which assumption moves the index"),
        Points(tuple(words)) if words else None,
        picture,
        Points(tuple(effects)) if effects else None,
        *(
            Chart.drawn(f"effects-{method}", partial(drivers.effects, sensitivity, method))
            for method in drivers.METHODS
        ),
    ]


def _choices(audit: Result, lens: str, given: bool) -> list[Block | None]:
    """Return what the verdict would be if a choice were made otherwise."""
    if not given:
        if "alternative" not in audit.data.dims:
            return []
        reasons = "; ".join(
            f"{key.replace(' | ', ', lens ')}: {reason}"
            for key, reason in audit.settings["alternative_reasons"].items()
        )
        return [
            Chart.drawn(
                "alternatives",
                partial(charts.alternatives, audit, lens),
                notes=(f"Without an answer: {reasons}.",) if reasons else (),
            )
        ]
    rows = findings.otherwise(audit, lens)
    if not rows:
        return []
    many = audit.data.sizes["change"]
    moved = {}
    if any("gainers" in row for row in rows):
        moved = {"gainers": "States more secure", "losers": "States less secure"}
    what = (
        "whether the change would be wanted, and at someone’s expense,"
        if many == 1
        else f"how many of the {many} changes would be wanted, and how many at someone’s expense,"
    )
    return [
        Table(
            f"If a choice were made otherwise: {what} under the lens {in_words(lens)}; point "
            "estimate.",
            (
                "Choice",
                Head("Wanted", number=True),
                Head("At someone’s expense", number=True),
                *(Head(head, number=True) for head in moved.values()),
            ),
            tuple(
                (row["choice"], row["wanted"], row["witnesses"], *(row.get(x, "-") for x in moved))
                for row in rows
            ),
            filter=None,
        )
    ]


def _lenses(audit: Result, around: Scene) -> list[Block | None]:
    """Return where the lenses agree, and where they part; nothing for one lens."""
    blocks: list[Block | None] = []
    parted = findings.parted(audit, around)
    if parted:
        blocks += [
            Heading("Where the lenses agree, and where they part"),
            "Each lens is one published model. What all of them say does not hang on the "
            "assumptions of one.",
            _unanimous(parted) if parted["unanimous"] else None,
            Chart.drawn(
                "pairs",
                partial(charts.pairs, audit),
                notes=(parted["opposite"],) if parted["opposite"] else (),
            ),
            Chart.drawn("lenses", partial(charts.lenses, audit), wide=True),
            _parting(parted) if parted["rows"] else None,
        ]
    agreement = findings.agreement(audit, around)
    if agreement:
        blocks += [
            Heading(agreement["title"]),
            Table(
                "What each lens says of the change; point estimate, in small print the share of "
                "draws in which it is wanted at someone’s expense. ● wanted, at someone’s expense "
                "· ○ wanted, nobody pays · – not wanted · ? no answer",
                ("Change", *agreement["lenses"]),
                tuple(
                    (row["change"], *(_verdict(cell) for cell in row["cells"]))
                    for row in agreement["rows"]
                ),
            ),
        ]
    return blocks


def _verdict(cell: dict[str, str]) -> Cell:
    sure = (Small(cell["sure"]),) if cell["sure"] else ()
    text: Text = (Strong(cell["sign"]), f" {cell['words']}", *sure)
    return Cell(text, kind=SHADES.get(cell["kind"], "quiet"))


def _unanimous(parted: dict[str, Any]) -> Points:
    tried = f"{parted['tried']:,}"
    lines = []
    for verdict, words in UNANIMOUS:
        changes = parted["unanimous"][verdict]
        if not changes:
            lines.append(f"No change of {tried} is {words} under every lens.")
            continue
        more = f"; and {len(changes) - NAMED} more" if len(changes) > NAMED else ""
        lines.append(
            f"Under every lens {plural(len(changes), 'change')} of {tried} "
            f"{'is' if len(changes) == 1 else 'are'} {words}: "
            f"{'; '.join(changes[:NAMED])}{more}."
        )
    lines.append(
        f"Under at least one lens {plural(parted['some'], 'change is', 'changes are')} wanted at "
        "someone’s expense."
    )
    return Points(tuple(lines))


def _parting(parted: dict[str, Any]) -> Table:
    more: tuple[str | Link, ...] = ()
    if parted["more"] > 0:
        more = (f"; {plural(parted['more'], 'rarer parting')} in ", Link("the download", "again"))
    return Table(
        (
            "Which changes part the lenses, and along which assumption: all on one side make it, "
            "nobody on the other does. Point estimate",
            *more,
            ".",
        ),
        (
            Head("How many", number=True),
            "At someone’s expense under",
            "Not under",
            "What parts them",
            "The most harmful of them",
        ),
        tuple(
            (
                Cell(plural(row["count"], "change"), float(row["count"])),
                row["for"],
                row["against"],
                "; ".join(row["along"]),
                row["example"],
            )
            for row in parted["rows"]
        ),
        filter=None,
    )
