"""The page of ``dt.collapse``: who would stay at which cost of membership."""

from __future__ import annotations

import shlex
from functools import partial
from typing import TYPE_CHECKING, Any

from detente.auditing.run import DEFAULT_LENS
from detente.lenses import find
from detente.reporting.page.embed import download
from detente.reporting.page.model import Cell, Chart, Head, Page, Paragraph, Part, Section, Table
from detente.reporting.transition import charts
from detente.reporting.transition.parts import again, call, explained, limits, state
from detente.transition.clubs import club_of
from detente.transition.collapse_views import whether_one_end
from detente.transition.collapsing import without_member
from detente.transition.subsets.sights import sight

if TYPE_CHECKING:
    from detente.reporting.explained import Explained
    from detente.results import Result


def chart(result: Result) -> Any:
    """Return members left against cost."""
    return charts.members_left(result)


def page(result: Result, *, command: str = "") -> Page:
    """Return the page of a collapse."""
    settings, unit = result.settings, result.settings["lens"]["unit"]
    numbers = explained(result)
    rows = tuple(
        (
            Cell((state(result, row["member"]), *_why(result, numbers, row["member"]))),
            Cell(_worth(result, numbers, row["member"], row["worth"]), row["worth"]),
            Cell(f"{row['low']:+.5f} to {row['high']:+.5f}", row["low"]),
            Cell(
                str(row["followers"]) if row["stays"] else "leaves in any case",
                row["followers"] if row["stays"] else -1.0,
            ),
        )
        for row in result.members().iter_rows(named=True)
    )
    order = whether_one_end(result)
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
            call(
                result,
                settings["organisation"],
                first=settings["first"],
                cost=settings["cost"],
                burden=settings["burden"],
            ),
            download("members", "every member", result.members()),
            download("curve", "the curve", result.curve()),
        ),
        explained=numbers.listed(),
    )


def _why(result: Result, numbers: Explained, member: str) -> tuple[Part, ...]:
    """Return the mark of the row that makes a member; of a treaty, that of its row."""
    name, why = result.settings["organisation"], numbers.by_source
    return why.mark("memberships", f"{name}/{member}") or why.mark("commitments", name)


def _worth(result: Result, numbers: Explained, member: str, worth: float) -> Part:
    """Return the worth of membership, with what the member would lose by leaving alone."""
    settings, g = result.settings, numbers.g
    text, lens = f"{worth:+.5f}", settings["lens"]["key"]
    if g is None:
        return text
    name = settings["organisation"]
    label = f"if {member} alone left {settings['title']}"
    view = sight(g.system, find(lens), fixed=settings["lens"]["values"])
    command = f"detente collapse {g.name} {shlex.quote(name)} --first {member}"
    if lens != DEFAULT_LENS:
        command += f" --lens {lens}"
    numbers.without(label, without_member(g, view, club_of(g, name), member), command)
    return numbers.delta(text, member, lens, label)
