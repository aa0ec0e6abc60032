"""The table as one HTML page that asks the network for nothing."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from detente.reporting.page import render
from detente.reporting.page.model import (
    Again,
    Cell,
    Head,
    Heading,
    KeyNumber,
    KeyNumbers,
    Page,
    Points,
    Section,
    Small,
    Strong,
    Table,
    Tag,
)
from detente.reproduce import document
from detente.reproduce.cases import CHOSEN, INDEPENDENT, citations, left_beside, subject
from detente.reproduce.run import NO_ANSWER, Outcome

HEADS = (
    "Quantity",
    "Source and place",
    "Origin",
    Head("Published", number=True),
    Head("Ours", number=True),
    Head("Difference", number=True),
    "Tolerance",
    "Verdict",
)


def write(outcomes: Sequence[Outcome], path: str | os.PathLike[str], *, command: str = "") -> Path:
    """Write the outcomes as one self-contained HTML page; the same outcomes, the same bytes.

    Parameters
    ----------
    outcomes : sequence of Outcome
        What `detente.reproduce.outcomes` returned.
    path : path
        Of the file; it is replaced whole or not at all.
    command : str
        The command line that makes the page again.

    Raises
    ------
    ResultError
        If the file cannot be written.
    """
    return render.write(page(outcomes, command=command), path)


def page(outcomes: Sequence[Outcome], *, command: str = "") -> Page:
    """Return the page of published numbers: where ours differ first, then lens by lens."""
    import numpy
    import scipy

    import detente

    groups = document.by_lens(outcomes)
    lenses = [lens for lens, _ in groups]
    again = shlex.join(["detente", "reproduce", *(x for lens in lenses for x in ("--lens", lens))])
    return Page(
        title=document.TITLE,
        kicker=f"detente {detente.__version__}",
        lead=document.summary(outcomes),
        opening=(_key_numbers(outcomes),),
        holds="Ours are computed by the lenses each time; the published values are data. That a "
        "number reproduces says that the code is the published model, not that the model is right.",
        sections=(
            _differing(outcomes),
            *(_subject(lens, group) for lens, group in groups),
            _left_out(lenses),
            _words(),
        ),
        again=Again(
            command or again,
            (
                ("detente", detente.__version__),
                ("NumPy", numpy.__version__),
                ("SciPy", scipy.__version__),
            ),
            says="This command recomputes all of it:",
        ),
        foot="A model that is reproduced is not thereby right.",
    )


def _differing(outcomes: Sequence[Outcome]) -> Section | None:
    differing = [outcome for outcome in outcomes if outcome.verdict in ("differs", NO_ANSWER)]
    if not differing:
        return None
    return Section(
        "differs",
        "Where ours differ, and why",
        (_table(differing, "Differing numbers"),),
        short="Where ours differ",
    )


def _subject(lens: str, outcomes: Sequence[Outcome]) -> Section:
    about = subject(lens)
    return Section(
        lens,
        lens,
        (
            (
                f"{about.title}. {about.citation.rstrip('.')}. Status: ",
                Strong(about.status),
                ".",
            ),
            _table(outcomes, f"All numbers of {lens}"),
        ),
    )


def _table(outcomes: Sequence[Outcome], caption: str) -> Table:
    prefix = caption.lower().replace(" ", "-")
    return Table(
        caption,
        HEADS,
        tuple(_row(outcome) for outcome in outcomes),
        anchors=tuple(f"{prefix}-{outcome.case.id}" for outcome in outcomes),
    )


def _row(outcome: Outcome) -> tuple[Cell | str | tuple[str | Small, ...], ...]:
    case = outcome.case
    kind = {"differs": "loss", NO_ANSWER: "loss", "reproduces": "gain"}.get(outcome.verdict, "")
    if case.basis != INDEPENDENT and kind == "gain":
        kind = ""
    note = document.notes(outcome)
    return (
        (case.quantity, Small(note)) if note else case.quantity,
        (case.citation, Small(case.place)),
        f"[{case.origin}]",
        document.typeset(case.published),
        document.typeset(outcome.ours) or "no answer",
        document.typeset(document.difference(outcome)),
        case.tolerance,
        Cell(Tag(document.verdict(outcome), kind)),
    )


def _left_out(lenses: Sequence[str]) -> Section:
    return Section(
        "left-out",
        "Not in the table, and why",
        (
            Table(
                "Published numbers that are not recomputed",
                ("Quantity", "Lens", "Source", "Origin", "Reason"),
                tuple(
                    (row.quantity, row.lens, row.citation, f"[{row.origin}]", row.reason)
                    for row in left_beside(lenses)
                ),
            ),
        ),
        short="Not in the table",
    )


def _words() -> Section:
    legend = (
        (Heading(heading), Points(tuple((Strong(w), f": {text}.") for w, text in words.items())))
        for heading, words in document.LEGEND.items()
    )
    return Section(
        "words",
        "What the words mean",
        (
            *(block for pair in legend for block in pair),
            Heading("Publications"),
            Points(tuple((Strong(key), f": {text}.") for key, text in citations().items())),
        ),
    )


def _key_numbers(outcomes: Sequence[Outcome]) -> KeyNumbers:
    printed = [outcome for outcome in outcomes if outcome.case.origin == "P"]
    chosen = [
        outcome
        for outcome in outcomes
        if outcome.case.basis == CHOSEN and outcome.verdict == "reproduces"
    ]
    differing = [outcome for outcome in outcomes if outcome.verdict in ("differs", NO_ANSWER)]
    return KeyNumbers(
        (
            KeyNumber(
                f"{sum(outcome.evidence for outcome in outcomes)} of {len(printed)}",
                "printed numbers reproduced",
                "Recomputed from inputs that were not chosen to match. The others are counts of "
                "shipped data, rest on chosen inputs, are bracketed, or differ.",
            ),
            KeyNumber(
                str(len(chosen)),
                "reproduced on inputs chosen to match",
                "They keep the code from changing unnoticed and say nothing for the models.",
            ),
            KeyNumber(
                str(len(differing)),
                "published numbers that ours differ from",
                "They stay in the table, with the reason as far as it is known.",
            ),
        )
    )
