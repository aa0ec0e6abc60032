"""The page of ``dt.collapse``: who would stay at which cost of membership."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from detente.reporting.page.embed import download
from detente.reporting.page.model import Cell, Chart, Head, Page, Paragraph, Section, Table
from detente.reporting.transition import charts
from detente.reporting.transition.parts import again, limits, state

if TYPE_CHECKING:
    from detente.results import Result


def chart(result: Result) -> Any:
    """Return members left against cost."""
    return charts.members_left(result)


def page(result: Result, *, command: str = "") -> Page:
    """Return the page of a collapse."""
    settings, unit = result.settings, result.settings["lens"]["unit"]
    rows = tuple(
        (
            state(result, row["member"]),
            Cell(f"{row['worth']:+.5f}", row["worth"]),
            Cell(f"{row['low']:+.5f} to {row['high']:+.5f}", row["low"]),
            Cell(str(row["followers"]), row["followers"]),
        )
        for row in result.members().iter_rows(named=True)
    )
    ends = int(result.data["ends"])
    order = (
        "Worth never fell with more members where it was tried, so the end is one."
        if int(result.data["rises"])
        else f"Worth falls with more members somewhere; over the orders tried {ends} "
        f"end{'s were' if ends != 1 else ' was'} seen."
    )
    rates = tuple((b["what"], b["rate"], b["source"]) for b in settings["base_rates"])
    return Page(
        title=f"Who would stay: {settings['title']}",
        kicker=f"Collapse · {result.data.attrs.get('title', '')}",
        lead=result.reading,
        holds=f"{settings['draws']} draws of the parameters of {settings['lens']['key']}. {order}",
        sections=(
            Section(
                "curve",
                "Members left against the cost of membership",
                (Chart.drawn("left", partial(charts.members_left, result)),),
            ),
            Section(
                "members",
                "What membership is worth to each",
                (
                    Table(
                        f"With all in, {unit}; the least reserve first",
                        (
                            "Member",
                            Head("Worth", number=True),
                            Head("5 to 95 %", number=True),
                            Head("Would follow it", number=True),
                        ),
                        rows,
                    ),
                    Paragraph(
                        f"Followers are counted at a cost of {float(result.data['at']):.4g}.",
                        "note",
                    ),
                ),
            ),
            Section(
                "base-rates",
                "How often members do leave",
                (
                    Table(
                        "So that no cascade is believed too easily",
                        ("What", "Rate", "Source"),
                        rates,
                    ),
                ),
            ),
            limits("No lens knows what membership costs; the cost is an assumption on the axis."),
        ),
        again=again(
            result,
            command,
            f'dt.collapse(g, "{settings["organisation"]}")',
            download("members", "every member", result.members()),
            download("curve", "the curve", result.curve()),
        ),
    )
