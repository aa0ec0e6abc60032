"""The page of ``dt.compare``: proposals side by side, each in the same form."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.reporting.page.embed import download
from detente.reporting.page.model import (
    Cell,
    Chart,
    Details,
    Head,
    Page,
    Paragraph,
    Points,
    Section,
    Table,
    Text,
)
from detente.reporting.transition import charts
from detente.reporting.transition.parts import again, limits, several

if TYPE_CHECKING:
    from detente.results import Result


def chart(result: Result) -> Any:
    """Return states by proposals under the first lens."""
    return charts.proposals(result, str(result.data["lens"].values[0]))


def page(result: Result, *, command: str = "") -> Page:
    """Return the page of architectures side by side."""
    lenses = [str(lens) for lens in result.data["lens"].values]
    return Page(
        title=f"{result.data.sizes['proposal']} architectures side by side",
        kicker=f"Comparison · {result.data.attrs.get('title', '')}",
        lead=result.reading,
        opening=(_table(result, lenses[0]),),
        holds=f"{result.settings['draws']} draws of each lens's parameters; no proposal is "
        "recommended, and the order is that of the dates of the texts.",
        sections=(
            *(_lens(result, lens, first=k == 0) for k, lens in enumerate(lenses)),
            _cases(result),
            _blind(result, lenses),
            limits("What a proposal's words oblige to is read in two ways where both are told."),
        ),
        again=again(
            result,
            command,
            "dt.compare(g)",
            download("proposals", "every proposal and lens", result.proposals()),
            download("states", "what each gives to each state", result.states()),
        ),
        foot="A proposal is a proposal: what its text says, as edits that a reader may dispute.",
    )


def _table(result: Result, lens: str) -> Table:
    data = result.data.sel(lens=lens)
    rows: list[tuple[Text | Cell, ...]] = []
    for p, name in enumerate(data["proposal"].values.tolist()):
        about = result.settings["proposals"][name]
        deltas, level = data["delta"].values[p], float(data["tolerance"])
        agreed = about["consent"][lens]
        seen, edits = int(data["seen"].values[p]), int(data["edits"].values[p])
        if not np.isfinite(deltas).all():
            rows.append(
                (
                    name,
                    about["date"],
                    f"{seen} of {edits}",
                    "not seen",
                    "not seen",
                    "no result",
                    "–",
                    "–",
                )
            )
            continue
        codes = data["state"].values
        order = np.argsort(deltas, kind="stable")
        pay = [str(codes[k]) for k in order if deltas[k] < -level]
        gain = [str(codes[k]) for k in order[::-1] if deltas[k] > level]
        rows.append(
            (
                name,
                about["date"],
                f"{seen} of {edits}",
                Cell(several(result, gain, 3), len(gain)),
                Cell(several(result, pay, 3), len(pay)),
                Cell(several(result, agreed["refuse"], 3), len(agreed["refuse"])),
                Cell(
                    str(int(data["witnesses_left"].values[p])),
                    int(data["witnesses_left"].values[p]),
                ),
                Cell(
                    str(int(data["sides_changed"].values[p])), int(data["sides_changed"].values[p])
                ),
            )
        )
    return Table(
        f"Each proposal under {lens}, by date; before any change "
        f"{int(data['witnesses_before'])} changes on the table are wanted at somebody's expense",
        (
            "Proposal",
            "Date",
            "Edits seen",
            "More secure",
            "Less secure",
            "Who would refuse",
            Head("Witnesses left", number=True),
            Head("States that change camp", number=True),
        ),
        tuple(rows),
    )


def _lens(result: Result, lens: str, *, first: bool) -> Section:
    about = result.settings["lenses"][lens]
    return Section(
        f"lens-{lens.replace('_', '-').replace(':', '-')}",
        f"Under {lens}",
        (
            Chart.drawn(
                f"proposals-{lens.replace(':', '-')}", partial(charts.proposals, result, lens)
            ),
            None if first else _table(result, lens),
            Paragraph(f"Unit: {about['unit']}. {about['meaning']}.", "note"),
        ),
    )


def _cases(result: Result) -> Section:
    rows = []
    for name, about in result.settings["proposals"].items():
        if (
            about["reading"] != "wide"
            or name.replace(":wide", ":text") not in result.settings["proposals"]
        ):
            rows.append((about["title"], about["date"], about["case_for"], about["case_against"]))
    return Section(
        "cases",
        "The proponents' case and the critics'",
        (Table("By date, in our words", ("Proposal", "Date", "For", "Against"), tuple(rows)),),
    )


def _blind(result: Result, lenses: list[str]) -> Section:
    blocks = []
    for name, about in result.settings["proposals"].items():
        lines = []
        for lens in lenses:
            dark = about["unseen"][lens]
            if dark:
                lines.append(f"{lens} does not see: {'; '.join(dark)}")
        if lines:
            blocks.append(Details(name, (Points(tuple(lines)),)))
    return Section(
        "unseen",
        "What the lenses do not see",
        ("An edit that a lens does not see has no result under it.", *blocks),
    )
