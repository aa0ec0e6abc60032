"""Who is secure: the map with its legend, and the ranking with its table."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from detente.auditing.text import without_quarrel
from detente.lenses.naming import in_words
from detente.reporting.audit import charts
from detente.reporting.map import chart
from detente.reporting.map.atlas import BOUNDARY_POLICY, atlas
from detente.reporting.map.context import Scene
from detente.reporting.page import palette
from detente.reporting.page.model import (
    Cell,
    Chart,
    Details,
    Head,
    Legend,
    Link,
    Paragraph,
    Section,
    Strong,
    Swatch,
    Table,
    Text,
)
from detente.words import between, number

if TYPE_CHECKING:
    from detente.results.result import Result

LINES = (
    ("organisation", "line", "member of an alliance organisation"),
    ("treaty", "line dash", "defense treaty of two states"),
    ("alliance", "line", "alliance"),
    ("rivalry", "line rival", "rivalry"),
)
"""What the lines of a map stand for: kind, mark, words."""


def secure(audit: Result, lens: str, around: Scene, *, before: bool = False) -> Section:
    """Return the section with the map; `before` says that a change is what the page is about."""
    meaning = audit.settings["lenses"][lens]["meaning"].rstrip(".")
    return Section(
        "secure",
        "Who is secure before the change" if before else "Who is secure",
        (
            Paragraph(
                (
                    "On a narrow screen the ",
                    Link("ranking", "rank"),
                    " stands in for the map.",
                ),
                "phone",
            ),
            f"Security under the lens {in_words(lens)}: {meaning}.",
            Chart.drawn(
                "map",
                lambda: chart.world(audit, lens, around),
                wide=True,
                notes=(boundaries(audit, around),),
                legend=(_shades(audit, lens, around), marks(audit, around)),
            ),
            Chart.drawn(
                "detail",
                lambda: chart.world(audit, lens, around, detail=True),
                wide=True,
                notes=(
                    "Detail of the map above, in the same colours; lines that leave it end at its "
                    "edge.",
                ),
            ),
        ),
    )


def boundaries(audit: Result, around: Scene) -> str:
    """Return what the shapes of the map follow."""
    if _geographic(audit, around):
        return BOUNDARY_POLICY
    return "Points, not territories: the places are schematic."


def _geographic(audit: Result, around: Scene) -> bool:
    year = int(audit.settings["scenario"]["date"][:4])
    return atlas([str(code) for code in audit.data["state"].values], around, year).geographic


def _shades(audit: Result, lens: str, around: Scene) -> Legend:
    bounds = palette.edges(audit.data["security"].sel(lens=lens).values.tolist())
    texts = [f"below {number(bounds[0], 2)}, least secure"]
    texts += [between(low, high) for low, high in pairwise(bounds)]
    texts.append(f"{number(bounds[-1], 2)} and above, most secure")
    entries = [Swatch(text, colour) for colour, text in zip(palette.SECURITY, texts, strict=True)]
    if audit.settings["scenario"]["without_capability"]:
        entries.append(Swatch("no figure of capability, in no lens", mark="missing"))
    unit = audit.settings["lenses"][lens]["unit"]
    return Legend((Strong("Security"), f" ({unit}), fifths of the states"), tuple(entries))


def marks(audit: Result, around: Scene, *, lines: bool = True) -> Legend:
    """Return what the lines (if it has any) and the hatching of a map stand for."""
    year = int(audit.settings["scenario"]["date"][:4])
    plan = atlas([str(code) for code in audit.data["state"].values], around, year)
    kinds = {tie.kind for tie in around.ties}
    entries = [Swatch(words, mark=mark) for kind, mark, words in LINES if lines and kind in kinds]
    if plan.contested:
        entries.append(Swatch("contested area; ◇ contested, line not drawn", mark="hatched"))
    if lines and not around.known:
        entries.append(
            Swatch("The ties are not stored with this result and are not drawn.", mark="none")
        )
    return Legend("", tuple(entries))


def ranking(audit: Result, lens: str, around: Scene) -> Section:
    """Return the section with the ranking, and all states as a table."""
    return Section(
        "rank",
        "Ranking",
        (
            Chart.drawn("ranking", partial(charts.ranking, audit, lens)),
            without_quarrel(audit, lens) or None,
            _states(audit, lens, around),
        ),
    )


def _states(audit: Result, lens: str, around: Scene) -> Details:
    rows = list(audit.states(lens).iter_rows(named=True))
    drawn = bool(audit.settings["draws"])
    counted = bool(rows) and rows[0].get("harmed_by") is not None
    heads: list[Head | str] = ["State", Head("Security", number=True)]
    if drawn:
        heads += [Head("Median of draws", number=True), Head("5 % to 95 % of draws", number=True)]
    heads += [Head(f"{whose}, %", number=True) for whose in ("Own", "Allies’", "Rivals’")]
    if counted:
        heads.append(Head("Wanted changes that harm it", number=True))
    heads.append(Head("Largest harm by one of these", number=True))
    cells: list[tuple[Text | Cell, ...]] = []
    for row in rows:
        median = row.get("median")
        cells.append(
            (
                around.names.full(row["state"]),
                Cell(
                    around.explained.security(number(row["security"]), row["state"], lens),
                    row["security"],
                ),
                *(
                    (
                        number(median) if median is not None else "",
                        between(row.get("low"), row.get("high"), 3),
                    )
                    if drawn
                    else ()
                ),
                f"{100 * row['capability']:.2f}",
                f"{100 * row['allied_capability']:.2f}",
                f"{100 * row['rival_capability']:.2f}",
                *((str(row["harmed_by"]),) if counted else ()),
                Cell(number(row["paid"], 2), row["paid"]),
            )
        )
    return Details(
        f"All {len(rows)} states as a table",
        (
            Table(
                f"States under the lens {in_words(lens)}, the least secure first. Security in "
                f"{audit.settings['lenses'][lens]['unit']}; capabilities in per cent of the total.",
                tuple(heads),
                tuple(cells),
                filter="Filter the states",
            ),
        ),
    )
