"""The table as one HTML page that asks the network for nothing."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from detente.files import write_whole
from detente.reproduce import document
from detente.reproduce.cases import CHOSEN, INDEPENDENT, citations, left_beside, subject
from detente.reproduce.run import NO_ANSWER, Outcome


def write(found: Sequence[Outcome], path: str | os.PathLike[str], *, command: str = "") -> Path:
    """Write the outcomes as one self-contained HTML page; the same outcomes, the same bytes.

    Parameters
    ----------
    found : sequence of Outcome
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
    text = render(found, command=command)
    return write_whole(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def render(found: Sequence[Outcome], *, command: str = "") -> str:
    """Return the page as text."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [
                jinja2.PackageLoader("detente.reproduce", "template"),
                jinja2.PackageLoader(
                    "detente.reporting.page", "template"
                ),  # the style of all pages
            ]
        ),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("reproduce.html").render(_content(found, command))


def _content(found: Sequence[Outcome], command: str) -> dict[str, Any]:
    import numpy
    import scipy

    import detente

    groups = document.by_lens(found)
    lenses = [lens for lens, _ in groups]
    return {
        "title": document.TITLE,
        "summary": document.summary(found),
        "figures": _figures(found),
        "legend": document.LEGEND,
        "differs": [
            _row(outcome) for outcome in found if outcome.verdict in ("differs", NO_ANSWER)
        ],
        "sections": [
            (subject(lens), [_row(outcome) for outcome in group]) for lens, group in groups
        ],
        "not_attempted": list(left_beside(lenses)),
        "citations": citations(),
        "command": command
        or shlex.join(["detente", "reproduce", *(x for lens in lenses for x in ("--lens", lens))]),
        "versions": {
            "detente": detente.__version__,
            "NumPy": numpy.__version__,
            "SciPy": scipy.__version__,
        },
    }


def _figures(found: Sequence[Outcome]) -> list[dict[str, str]]:
    printed = [outcome for outcome in found if outcome.case.origin == "P"]
    chosen = [
        outcome
        for outcome in found
        if outcome.case.basis == CHOSEN and outcome.verdict == "reproduces"
    ]
    apart = [outcome for outcome in found if outcome.verdict in ("differs", NO_ANSWER)]
    return [
        {
            "value": f"{sum(outcome.evidence for outcome in found)} of {len(printed)}",
            "label": "printed numbers reproduced",
            "note": "Recomputed from inputs that were not chosen to match. The others are counts "
            "of shipped data, rest on chosen inputs, are bracketed, or differ.",
        },
        {
            "value": str(len(chosen)),
            "label": "reproduced on inputs chosen to match",
            "note": "They keep the code from changing unnoticed and say nothing for the models.",
        },
        {
            "value": str(len(apart)),
            "label": "published numbers that ours differ from",
            "note": "They stay in the table, with the reason as far as it is known.",
        },
    ]


def _row(one: Outcome) -> dict[str, str]:
    tag = {"differs": "loss", NO_ANSWER: "loss", "reproduces": "gain"}.get(one.verdict, "")
    return {
        "id": one.case.id,
        "lens": one.case.lens,
        "quantity": one.case.quantity,
        "note": document.notes(one),
        "source": one.case.citation,
        "place": one.case.place,
        "origin": one.case.origin,
        "published": document.typeset(one.case.published),
        "ours": document.typeset(one.ours),
        "difference": document.typeset(document.difference(one)),
        "tolerance": one.case.tolerance,
        "verdict": document.verdict(one),
        "tag": "" if one.case.basis != INDEPENDENT and tag == "gain" else tag,
    }
