"""The page of ``dt.explain``: the lens's own sum, and what each source of ties has in a number."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from detente.reporting.page.embed import download
from detente.reporting.page.model import Cell, Chart, Head, Page, Paragraph, Section, Table
from detente.reporting.transition import charts
from detente.reporting.transition.parts import again, call, explained, limits, state
from detente.transition.explanation_views import by_kind
from detente.words import in_sentence

if TYPE_CHECKING:
    from detente.results import Result


TABLES = {
    "organisation": "organisations",
    "commitment": "commitments",
    "neutrality": "commitments",
    "rivalry": "rivalries",
    "presence": "presence",
}
"""The table of each kind of source; deliveries stand in several."""


def chart(result: Result) -> Any:
    """Return what each source has in the number."""
    return charts.sources(result)


def page(result: Result, *, command: str = "") -> Page:
    """Return the page of an explanation."""
    settings, unit = result.settings, result.settings["lens"]["unit"]
    who = state(result, settings["state"])
    what = (
        f"What '{settings['change']}' gives to {in_sentence(who)}"
        if settings["change"]
        else f"Why {in_sentence(who)}"
    )
    how = "exact, over all sets of sources" if settings["exact"] else "from sampled orders"
    numbers = explained(result)
    why = numbers.by_source
    rows = tuple(
        (
            Cell((row["title"], *why.mark(TABLES.get(row["kind"], ""), row["source"]))),
            settings["kinds"].get(row["kind"], row["kind"]),
            Cell(f"{row['value']:+.5f}", row["value"]),
            Cell(f"{row['error']:.5f}", row["error"]),
            Cell(f"{row['grouped']:+.5f}", row["grouped"]),
        )
        for row in result.sources().iter_rows(named=True)
    )
    return Page(
        title=what,
        kicker=f"Explanation · {result.data.attrs.get('title', '')}",
        lead=result.reading,
        holds=f"Baseline: {settings['baseline']}. Shapley values {how}.",
        sections=(
            _terms(result, "terms", "The lens's own sum"),
            _terms(result, "terms_after", "The same after the change")
            if settings["change"]
            else None,
            Section(
                "sources",
                "What each source of ties has in it",
                (
                    Chart.drawn("sources", partial(charts.sources, result)),
                    Table(
                        f"Shapley values, {unit}; they add up to what all sources do together",
                        (
                            "Source",
                            "Kind",
                            Head("Value", number=True),
                            Head("Standard error", number=True),
                            Head("Its kind staying together", number=True),
                        ),
                        rows,
                    ),
                    Table(
                        "By kind, in the game whose players are the kinds: not the sums of the "
                        "shares above",
                        ("Kind", Head("Value", number=True)),
                        tuple(
                            (kind, Cell(f"{value:+.5f}", value)) for kind, value in by_kind(result)
                        ),
                        filter=None,
                    )
                    if len(settings["by_kind"]) > 1
                    else None,
                    Paragraph(
                        f"With these sources off it is {float(result.data['worth_none']):.5g}"
                        f", as things stand {float(result.data['worth_all']):.5g}.",
                        "note",
                    ),
                ),
            ),
            limits("A share in a number is no blame: it says what a model makes of a tie."),
        ),
        again=again(
            result,
            command,
            call(result, settings["state"], change=settings["change"]),
            download("sources", "every source", result.sources()),
        ),
        explained=numbers.listed(),
    )


def _terms(result: Result, key: str, heading: str) -> Section | None:
    terms = result.settings[key]
    if not terms:
        return None
    rows = []
    for term in terms:
        along = ", ".join(list(term.get("with_attacker", {}))[:5])
        helping = ", ".join(list(term.get("with_defender", {}))[:5])
        rows.append(
            (
                term["name"],
                Cell(f"{term['value']:+.5f}", term["value"]),
                Cell(f"{term['rate']:.4f}", term["rate"]) if "rate" in term else "",
                Cell(f"{term['beaten']:.2f}", term["beaten"]) if "beaten" in term else "",
                along,
                helping,
            )
        )
    return Section(
        key.replace("_", "-"),
        heading,
        (
            Table(
                f"Terms that add up to the security, {result.settings['lens']['unit']}",
                (
                    "Term",
                    Head("Adds", number=True),
                    Head("Rate, a year", number=True),
                    Head("Beaten", number=True),
                    "Along with the attacker",
                    "Beside the target",
                ),
                tuple(rows),
            ),
        ),
    )
