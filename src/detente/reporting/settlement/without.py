"""The page of ``dt.without``: the table with a party and without it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from detente.reporting.page.model import (
    Again,
    Cell,
    Chart,
    Head,
    Page,
    Paragraph,
    Points,
    Section,
    Table,
)
from detente.reporting.settlement import charts
from detente.settlement.questions.absence_text import FORMAT_WORDS, rows

if TYPE_CHECKING:
    from detente.results import Result

LIMITS = (
    "The settlement of a table is a bargaining solution, not what a table would do.",
    "Who is absent from the table of parties counts for nothing.",
    "Days and the price of a day scale with the assumed patience.",
    "Whether an outsider would upset a settlement rests on its role and on stated positions alone.",
)


def chart(result: Result) -> Any:
    """Return what the actor's presence adds for each party."""
    return charts.presence(result)


def page(result: Result, *, command: str = "") -> Page:
    """Return the page of a table with a party and without it."""
    data, settings = result.data, result.settings
    attrs = data.attrs
    held = [str(c) for c, v in zip(data["concept"].values, data["stable"].values, strict=True) if v]
    return Page(
        title=f"With {settings['actor']} at the table, and without",
        kicker=f"Who must be at the table · {settings['conflict']} · {attrs.get('title', '')}",
        lead=result.reading,
        holds=f"Patience of {settings['patience']:g} a day is assumed. Positions, saliences and "
        "what fighting is worth are taken at the middle of their ranges.",
        sections=(
            Section(
                "presence",
                "Who gains by its presence, and who by its absence",
                (
                    Chart.drawn("presence", partial(charts.presence, result)),
                    Table(
                        "Gain over fighting on, utility, by who is at the table",
                        (
                            "Party",
                            "Role",
                            *(Head(words, number=True) for words in FORMAT_WORDS.values()),
                            Head("Its presence adds", number=True),
                            Head("Would wait, days", number=True),
                            Head("A day costs", number=True),
                        ),
                        tuple(
                            (
                                row["party"],
                                row["role"],
                                *(Cell(f"{row[name]:+.3f}", row[name]) for name in FORMAT_WORDS),
                                Cell(f"{row['effect']:+.3f}", row["effect"]),
                                Cell("–", None)
                                if row["waits"] is None
                                else Cell(f"{row['waits']:.0f}", row["waits"]),
                                Cell(f"{row['price']:.5f}", row["price"]),
                            )
                            for row in rows(result)
                        ),
                    ),
                    Paragraph(
                        "A dash: one of the two settlements is worth nothing to the party beyond "
                        "fighting on.",
                        "note",
                    ),
                ),
            ),
            Section(
                "upset",
                "Can it upset what is settled without it?",
                (
                    f"{settings['actor']} would lose by the settlement without it and could keep "
                    "the fighting going."
                    if bool(data["upsets"])
                    else f"By role and stated positions, {settings['actor']} would not upset it.",
                    "Of the four concepts of the graph model, the settlement without it is an "
                    f"equilibrium under: {', '.join(held) or 'none'}.",
                ),
            ),
            Section("not-said", "What this does not say", (Points(LIMITS),)),
        ),
        again=Again(
            command
            or str(attrs.get("command", ""))
            or f'dt.without(dt.settle(g, "{settings["conflict"]}"), "{settings["actor"]}")',
            (
                ("Scenario", str(attrs.get("scenario", ""))),
                ("Hash", str(attrs.get("digest", ""))),
                ("Version", str(attrs.get("detente", ""))),
            ),
        ),
    )
