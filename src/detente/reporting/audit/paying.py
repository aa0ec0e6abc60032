"""Who pays for whom, and the witnesses: changes that are wanted and leave somebody less secure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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
from detente.words import number, plural

if TYPE_CHECKING:
    from detente.results.result import Result

PAID_ROWS = 15
"""How many pairs the list of who pays for whom has."""
TABLE_ROWS = 400
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
        rows = tuple(
            (
                around.names.full(payer),
                around.names.full(gainer),
                number(harm, 2),
                most.get((payer, gainer), ""),
            )
            for payer, gainer, harm in audit.pays(lens).head(PAID_ROWS).iter_rows()
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
                "both wanted by "
                "all who decide it and leaves somebody less secure.",
            ),
        )
    count = int(audit.data["witness"].sel(lens=lens).values.sum())
    unit = audit.settings["lenses"][lens]["unit"]
    return Section(
        "witnesses",
        "The witnesses",
        (
            "A witness is a change that all who decide it would want and that leaves somebody less "
            f"secure under the lens {in_words(lens)}. The "
            f"{plural(len(strongest), 'strongest', 'strongest')} of {count:,}, by the harm they "
            f"do; numbers are changes of security in {unit}, point estimate.",
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
    data = audit.data
    of_lens = data.sel(lens=lens)
    chosen = np.flatnonzero(of_lens["witness"].values)
    chosen = chosen[np.argsort(-of_lens["loss"].values[chosen], kind="stable")][:TABLE_ROWS]
    drawn = "share_witness" in data
    rows: list[tuple[str | Cell, ...]] = []
    for k in chosen:
        loss = float(of_lens["loss"].values[k])
        sure = float(of_lens["share_witness"].values[k]) if drawn else 0.0
        rows.append(
            (
                around.names.sentence(str(data["change"].values[k])),
                Cell(number(loss, 2), loss),
                str(int(of_lens["harmed"].values[k])),
                number(float(of_lens["zero_sumness"].values[k]), 2),
                *((Cell(share(sure), sure),) if drawn else ()),
            )
        )
    return Details(
        f"{len(rows):,} of {plural(count, 'witness', 'witnesses')} as a table",
        (
            Table(
                f"Witnesses under the lens {in_words(lens)}, the most harmful first. Harm: sum "
                "of all "
                f"losses, {audit.settings['lenses'][lens]['unit']}. Zero-sumness: 1 if what some "
                "gain others lose in full.",
                (
                    "Change",
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
