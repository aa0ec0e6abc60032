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
from detente.settlement.questions.absence_text import (
    days_words,
    each_rows,
    effect_words,
    format_words,
    gain_words,
    note,
    of_each,
    rows,
)
from detente.settlement.questions.tables_of_parties import FORMATS
from detente.words import listed

if TYPE_CHECKING:
    from detente.results import Result

LIMITS = (
    "The settlement of a table is a bargaining solution, not what a table would do.",
    "Who is absent from the table of parties counts for nothing.",
    "Days and the price of a day scale with the assumed patience.",
    "Whether an outsider would upset a settlement rests on its role and on stated positions alone.",
)


def chart(result: Result) -> Any:
    """Return what the actor's presence adds for each party, or each actor's for itself."""
    return charts.own_presence(result) if of_each(result) else charts.presence(result)


def page(result: Result, *, command: str = "") -> Page:
    """Return the page of a table with a party and without it."""
    if of_each(result):
        return _page_of_each(result, command)
    data, settings = result.data, result.settings
    attrs = data.attrs
    held = [str(c) for c, v in zip(data["concept"].values, data["stable"].values, strict=True) if v]
    return Page(
        title=f"With {settings['actor']} at the table, and without",
        kicker=f"Who must be at the table · {settings['conflict']} · {attrs.get('title', '')}",
        lead=result.reading,
        holds=_holds(result),
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
                            *(Head(words, number=True) for words in format_words(result).values()),
                            Head("Its presence adds", number=True),
                            Head("Would wait, days", number=True),
                            Head("A day costs", number=True),
                        ),
                        tuple(
                            (
                                row["party"],
                                row["role"],
                                *(Cell(gain_words(row, name), row[name]) for name in FORMATS),
                                Cell(effect_words(row), row["effect"]),
                                Cell(days_words(row), row["waits"]),
                                Cell(f"{row['price']:.5f}", row["price"]),
                            )
                            for row in rows(result)
                        ),
                    ),
                    Paragraph(note(result), "note"),
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
                    Points(
                        tuple(
                            f"At the table of {words}: "
                            + (
                                f"{listed(names.split(';'))} would lose by it and could keep the "
                                "fighting going."
                                if names
                                else "nobody outside would lose by it and could keep the fighting "
                                "going."
                            )
                            for words, names in zip(
                                format_words(result).values(),
                                (str(v) for v in data["upsetters"].values),
                                strict=True,
                            )
                        )
                    ),
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


def _holds(result: Result) -> str:
    settings, attrs = result.settings, result.data.attrs
    ranges = (
        f"Ranges are of {settings['draws']} draws of all figures."
        if settings["draws"]
        else "Positions, saliences and what fighting is worth are taken at the middle of their "
        "ranges."
    )
    rests = " ".join(str(attrs.get(k, "")) for k in ("fighting_words", "mood_words")).strip()
    return f"Patience of {settings['patience']:g} a day is assumed. {ranges} {rests}"


def _page_of_each(result: Result, command: str) -> Page:
    settings, attrs = result.settings, result.data.attrs
    return Page(
        title="With each party at the table, and without",
        kicker=f"Who must be at the table · {settings['conflict']} · {attrs.get('title', '')}",
        lead=result.reading,
        holds=_holds(result),
        sections=(
            Section(
                "each",
                "Who gains by whose presence, and who by whose absence",
                (
                    Chart.drawn("own-presence", partial(charts.own_presence, result)),
                    Table(
                        "Each party whose consent is not required, and each bloc, left out",
                        ("Left out", Head("Its presence adds to it", number=True),
                         "Gain if it is absent", "Gain if it is present", "Could upset it",
                         "Waits longest for it", Head("Dearest day of waiting", number=True)),
                        tuple(
                            (
                                row["absent"],
                                Cell(f"{row['own_effect']:+.3f}", row["own_effect"]),
                                row["gain_by_absence"].replace(";", ", ") or "none",
                                row["gain_by_presence"].replace(";", ", ") or "none",
                                "yes" if row["upsets"] else "no",
                                f"{row['waits_longest']}, {row['waits_days']:.0f} days"
                                if row["waits_longest"]
                                else "nobody",
                                Cell(
                                    f"{row['dearest_day']:.5f} ({row['dearest_to']})",
                                    row["dearest_day"],
                                ),
                            )
                            for row in each_rows(result)
                        ),
                    ),
                ),
            ),
            Section("not-said", "What this does not say", (Points(LIMITS),)),
        ),
        again=Again(
            command
            or str(attrs.get("command", ""))
            or f'dt.without(dt.settle(g, "{settings["conflict"]}"))',
            (
                ("Scenario", str(attrs.get("scenario", ""))),
                ("Hash", str(attrs.get("digest", ""))),
                ("Version", str(attrs.get("detente", ""))),
            ),
        ),
    )  # fmt: skip
