"""The page of ``dt.dependence``: who would lose without an actor, and what would replace it."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from detente.auditing.run import DEFAULT_LENS
from detente.lenses import find
from detente.reporting.page.embed import download
from detente.reporting.page.model import Cell, Chart, Head, Page, Paragraph, Points, Section, Table
from detente.reporting.transition import charts
from detente.reporting.transition.parts import again, call, explained, limits, several, state
from detente.transition.dependences import without
from detente.words import in_sentence, share

if TYPE_CHECKING:
    from detente.results import Result

ENDS = {"rest": "came to rest after", "cycle": "entered a cycle of", "limit": "stopped at"}


def chart(result: Result) -> Any:
    """Return who provides whose security."""
    return charts.providers(result)


def page(result: Result, *, command: str = "") -> Page:
    """Return the page of a dependence."""
    settings, unit = result.settings, result.settings["lens"]["unit"]
    level = float(result.data["tolerance"])
    lens, numbers = settings["lens"]["key"], explained(result)
    label = f"without all that {settings['actor']} gives"
    if numbers.g is not None:
        numbers.without(
            label,
            without(numbers.g, find(lens), settings["actor"]),
            f"detente dependence {numbers.g.name} {settings['actor']}"
            + (f" --lens {lens}" if lens != DEFAULT_LENS else ""),
        )
    rows = tuple(
        (
            state(result, row["state"]),
            Cell(numbers.delta(f"{row['delta']:+.5f}", row["state"], lens, label), row["delta"]),
            Cell(f"{row['low']:+.5f} to {row['high']:+.5f}", row["low"]),
            Cell(f"{row['share_less']:.0%}", row["share_less"]),
            Cell(f"{row['after_replies']:+.5f}", row["after_replies"]),
        )
        for row in result.states().iter_rows(named=True)
        if abs(row["delta"]) > level
    )
    return Page(
        title=f"Without what {in_sentence(state(result, settings['actor']))} gives",
        kicker=f"Dependence · {result.data.attrs.get('title', '')}",
        lead=result.reading,
        holds=f"{settings['draws']} draws of the parameters of {settings['lens']['key']}.",
        sections=(
            Section(
                "states",
                "Who would be less secure, and who more",
                (
                    Table(
                        f"Security without it, against things as they stand, {unit}",
                        (
                            "State",
                            Head("Change", number=True),
                            Head("5 to 95 %", number=True),
                            Head("Less secure in", number=True),
                            Head("After replies", number=True),
                        ),
                        rows,
                    ),
                    Paragraph(
                        "Not seen by the lens: " + "; ".join(settings["unseen"]) + ".", "note"
                    )
                    if settings["unseen"]
                    else None,
                ),
            ),
            Section(
                "replies",
                "What would replace it",
                (
                    f"Menu: {settings['menu']}.",
                    Points(
                        tuple(_reply(result, k, r) for k, r in enumerate(settings["replies"], 1))
                    ),
                ),
            ),
            Section(
                "who-provides",
                "Who provides whose security",
                (
                    Chart.drawn("providers", partial(charts.providers, result)),
                    _concentrated(result),
                    Paragraph(
                        "What a state gives includes its promises to use no force. Where a rival "
                        "stands as a provider, that restraint is what would be lost.",
                        "note",
                    ),
                ),
            ),
            limits(
                "That somebody would lose without an actor does not say that the actor will go."
            ),
        ),
        again=again(
            result,
            command,
            call(result, settings["actor"]),
            download("states", "every state", result.states()),
            download("providers", "every provider", result.providers()),
        ),
        explained=numbers.listed(),
    )


def _concentrated(result: Result) -> Table:
    """Return how concentrated each state's security is on few providers."""
    data = result.data
    matrix, codes = data["provides"].values, data["provider"].values.tolist()
    rows = []
    listed = result.states().drop_nulls("concentration").sort("concentration", descending=True)
    for row in listed.iter_rows(named=True):
        if not math.isfinite(row["concentration"]):
            continue
        own = matrix[:, data["state"].values.tolist().index(row["state"])]
        first = int(own.argmax())
        rows.append(
            (
                state(result, row["state"]),
                Cell(f"{row['concentration']:.2f}", row["concentration"]),
                state(result, codes[first]),
                Cell(share(own[first] / own.sum()), float(own[first] / own.sum())),
            )
        )
    return Table(
        "How concentrated it is: 1 where all that a state would lose hangs on one provider, 1/n "
        "where it hangs on n alike (Herfindahl index)",
        ("State", Head("Concentration", number=True), "Most from", Head("Share", number=True)),
        tuple(rows),
    )


def _reply(result: Result, k: int, reply: dict[str, Any]) -> str:
    pacts = several(result, ["-".join(pair) for pair in reply["pacts"]], 8)
    return (
        f"Order {k}: replies {ENDS[reply['end']]} {reply['length']} rounds. New pacts: {pacts}. "
        f"Arm: {several(result, reply['arm'], 8)}. As things stand they would want "
        f"{reply['anyway']} of these pacts, too."
    )
