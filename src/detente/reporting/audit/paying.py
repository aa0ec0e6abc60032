"""Who pays for whom, and the witnesses: changes that are wanted and leave somebody less secure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detente.auditing.text import share
from detente.lenses.naming import in_words
from detente.reporting.audit import charts, findings
from detente.reporting.map.context import Scene
from detente.reporting.page.model import (
    Block,
    Cell,
    Chart,
    Details,
    Head,
    Link,
    Paragraph,
    Points,
    Section,
    Strong,
    Table,
    Tag,
)
from detente.words import listed, number, plural

if TYPE_CHECKING:
    from detente.results.result import Result

PAID_ROWS = 15
"""How many rows the list of who pays for whom has."""
NAMED = 3
"""How many of those who would want the same change a row names."""
TABLE_ROWS = 300
"""How many witnesses the filterable table has; all are in the download."""


def payers(audit: Result, lens: str, around: Scene) -> Section:
    """Return the section with the matrix and the list of who pays for whom."""
    codes = tuple(str(code) for code in audit.data["state"].values)
    camps = around.camps(codes) if around.known else None
    most = {
        pair: around.names.sentence(change)
        for pair, change in findings.contributions(audit, lens).items()
    }
    matrix = Chart.drawn(
        "matrix",
        lambda: charts.matrix(audit, lens, camps, most),
        wide=True,
        notes=(
            (
                "Rows and columns stand camp by camp (states that alliances join, directly or "
                "through others), then by size. At most 25 of either; all in ",
                Link("the download", "again"),
                ".",
            ),
        ),
    )
    blocks: tuple[Block | None, ...] = (
        f"Nobody pays: under the lens {in_words(lens)} no wanted change leaves anybody less "
        "secure.",
    )
    if matrix is not None:
        unit = audit.settings["lenses"][lens]["unit"]
        # One change that many states decide is one row, and not a row for each of these.
        beneficiaries: dict[tuple[str, str, float], list[str]] = {}
        for payer, gainer, harm in audit.pays(lens).iter_rows():
            key = (payer, most.get((payer, gainer), ""), harm)
            beneficiaries.setdefault(key, []).append(gainer)
        rows = tuple(
            (
                around.names.full(payer),
                listed([around.names.full(code) for code in gainers], NAMED),
                number(harm, 2),
                change,
            )
            for (payer, change, harm), gainers in list(beneficiaries.items())[:PAID_ROWS]
        )
        blocks = (
            matrix,
            Table(
                f"The largest harm by a single wanted change, in {unit}, under the lens "
                f"{in_words(lens)}; "
                "point estimate.",
                ("Who pays", "for changes wanted by", Head("Harm", number=True), "By which change"),
                rows,
                filter=None,
            ),
        )
    return Section("pays", "Who pays for whom", blocks)


def witnesses(audit: Result, lens: str, around: Scene) -> Section:
    """Return the section with the strongest witnesses in words, and more of them as a table."""
    strongest = findings.witnesses(audit, lens, around)
    if not strongest:
        return Section(
            "witnesses",
            "The witnesses",
            (
                f"There is none under the lens {in_words(lens)}: no change that was tried is "
                "both wanted by those who decide it and leaves somebody else less secure.",
            ),
        )
    count = int(audit.data["witness"].sel(lens=lens).values.sum())
    unit = audit.settings["lenses"][lens]["unit"]
    return Section(
        "witnesses",
        "The witnesses",
        (
            "A witness is a change by which none of those who decide it loses beyond the "
            "tolerance, at least one of them gains, and somebody else is less secure under the "
            f"lens {in_words(lens)}. Nobody need have asked for it. The first "
            f"{len(strongest):,} of {count:,}: those by which all who decide gain come first, then "
            f"the most harmful; numbers are changes of security in {unit}, point estimate.",
            Points(
                tuple(
                    (
                        Paragraph(Strong(f"{w['sentence']}.")),
                        Paragraph((Tag("Those who decide", "gain"), f" {w['gains']}.")),
                        Paragraph((Tag("Less secure", "loss"), f" {w['losses']}.")),
                        *((Paragraph(w["sure"], "note"),) if w["sure"] else ()),
                    )
                    for w in strongest
                ),
                "ordered",
            ),
            _table(audit, lens, around, count) if count > len(strongest) else None,
        ),
    )


def _table(audit: Result, lens: str, around: Scene, count: int) -> Details:
    drawn = "share_witness" in audit.data
    rows: list[tuple[str | Cell, ...]] = []
    for row in audit.witnesses(lens).head(TABLE_ROWS).iter_rows(named=True):
        sure = row["share_witness"] if drawn else 0.0
        rows.append(
            (
                around.names.sentence(row["change"]),
                "yes" if row["all_gain"] else "",
                Cell(number(row["harm"], 2), row["harm"]),
                str(row["harmed"]),
                number(row["zero_sumness"], 2),
                *((Cell(share(sure), sure),) if drawn else ()),
            )
        )
    return Details(
        f"{len(rows):,} of {plural(count, 'witness', 'witnesses')} as a table",
        (
            Table(
                f"Witnesses under the lens {in_words(lens)}, the most harmful first of those by "
                "which all who decide gain, then of the others. Harm: sum of the losses beyond the "
                f"tolerance, {audit.settings['lenses'][lens]['unit']}. Zero-sumness: 1 if what "
                "some gain others lose in full.",
                (
                    "Change",
                    "All who decide gain",
                    Head("Harm", number=True),
                    Head("States harmed", number=True),
                    Head("Zero-sumness", number=True),
                    *((Head("Share of draws", number=True),) if drawn else ()),
                ),
                tuple(rows),
                filter="Filter the witnesses",
            ),
        ),
    )
