"""What every page of a crisis shares: its words and codes, its limits, how to make it again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from detente.crisis.model.settings import parameters
from detente.crisis.record.ladder import STANDARD
from detente.crisis.run.text import CAUTION
from detente.reporting.page.model import (
    Again,
    Block,
    Code,
    Details,
    Explanation,
    Head,
    Page,
    Paragraph,
    Points,
    Section,
    Table,
    Terms,
    Text,
)

if TYPE_CHECKING:
    from detente.results.result import Result

FOOT = "What a model says holds for its parameters only."
SAYS = "This command makes the same page again, with the same numbers for any number of threads:"
MODEL_LIMITS = (
    "No probability here is a forecast: nearly every parameter is assumed. Compare, and vary.",
    "The number after ± is the error of the simulation alone. It says nothing of the parameters.",
    "Treaties have no geography in the model: an ally counts anywhere.",
    "Nobody decides in it: there are no aims, no plans and no deterrence.",
    "What an act does to resolve, budgets and people is not in it.",
    "A rung is a rung: how a war goes, whom it kills and with which weapons is not in it.",
    "Where the sides stand at the start rests on a list of events that was chosen for its "
    "escalations, and on the days before the date that count (start.window).",
    "Two rivalries of a scenario may stand for one war. The model counts them as two.",
)
LADDER = (
    "Rung",
    "How hostile two sides are, from 0 to 5: "
    + ", ".join(f"{k} {name}" for k, name in enumerate(STANDARD.rungs))
    + ". Rungs 0 and 1 are peace, 5 is war, and 2 to 4 are neither.",
)
MODEL_WORDS = (
    LADDER,
    (
        "Course",
        "One way in which the crisis could go on in the model, drawn by chance. A share of the "
        "courses is a probability in the model.",
    ),
    ("Force", "Rung 4, the use of force, or war."),
    (
        "Between peace and war",
        "The share of the time, over all courses, that a pair spends on rungs 2 to 4.",
    ),
    ("±", "Standard error: drawn again, the share would move by about that much."),
    ("Calm", "All pairs of the crisis are on rung 1 or below, unless the command says otherwise."),
)


def crisis_page(
    *, title: str, kicker: str, lead: Text, sections: Sequence[Section | None],
    names: Mapping[str, str], command: str, terms: Sequence[tuple[str, Any]],
    given: Mapping[str, float] | None = None, opening: Sequence[Block | None] = (),
    holds: str = CAUTION, limits: Sequence[str] = MODEL_LIMITS,
    words: Sequence[tuple[str, str]] = MODEL_WORDS, explained: tuple[Explanation, ...] = (),
) -> Page:  # fmt: skip
    """Return a page of a crisis from what it alone has: its lead and its sections.

    Parameters
    ----------
    names : mapping of str to str
        Names by the codes that are on the page.
    terms : sequence of (str, object)
        Scenario, hash, seed and what else makes the page again.
    given : mapping of str to float, optional
        Value of every parameter of the model; None for a page without a model.
    explained : tuple of Explanation
        What its numbers and rows open.
    """
    codes = tuple(f"{code}: {name}" for code, name in sorted(names.items()) if code != name)
    wording = Details(
        f"Words{' and codes' if codes else ''} on this page",
        (Terms(tuple(words), "words"), Points(codes, "codes") if codes else None),
    )
    return Page(
        title=title,
        kicker=kicker,
        lead=lead,
        opening=(*opening, Paragraph(holds, "holds"), wording),
        sections=(
            *sections,
            Section("not-said", "What this does not say", (Points(tuple(limits)),)),
        ),
        again=Again(
            command,
            tuple(
                (term, value if isinstance(value, Code) else str(value)) for term, value in terms
            ),
            blocks=() if given is None else (_parameters(given),),
            says=SAYS,
        ),
        foot=FOOT,
        explained=explained,
    )


def _parameter_rows(given: Mapping[str, float]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each parameter of a result; an earlier version may have had others."""
    described = {p.name: p for p in parameters()}
    for name in [
        *(name for name in described if name in given),
        *sorted(set(given) - set(described)),
    ]:
        value, p = f"{given[name]:g}", described.get(name)
        if p is None:
            yield (name, value, "", "A parameter of an earlier version.", "")
        else:
            yield (name, value, p.unit, p.meaning, p.source)


def _parameters(given: Mapping[str, float]) -> Details:
    return Details(
        "All parameters",
        (
            Table(
                "Parameters of the model. “Assumed” is what nobody has measured.",
                ("Parameter", Head("Value", number=True), "Unit", "Meaning", "Source"),
                tuple(_parameter_rows(given)),
                filter="Filter the parameters",
            ),
        ),
    )


def terms_of(name: str, digest: str) -> list[tuple[str, Any]]:
    """Return what says of which scenario a page is, and who made it."""
    return [
        ("Scenario", name), ("Scenario hash", Code(digest)), ("detente", version("detente")),
    ]  # fmt: skip


def folded(
    caption: str, heads: Sequence[Head | str], rows: Sequence[Sequence[Any]], *,
    opened: bool = False,
) -> Details | None:  # fmt: skip
    """Return a table behind a line that opens it; None without rows."""
    if not rows:
        return None
    # A cell of several parts, such as a text with a line below, stays as it is.
    cells = tuple(
        tuple(cell if isinstance(cell, tuple) else str(cell) for cell in row) for row in rows
    )
    return Details(caption, (Table(caption, tuple(heads), cells),), opened=opened)


def answer_page(
    answer: Result, kicker: str, lead: str, sections: Sequence[Section | None], command: str
) -> Page:
    """Return the page of the answer to a question from its lead and its sections."""
    attrs, settings = answer.data.attrs, answer.settings
    courses = (
        f"{settings['replicas']:,} (replicas)"
        if "replicas" in settings
        else f"{settings['repetitions']:,} repetitions of {settings['paths']:,} paths"
    )
    return crisis_page(
        title=str(attrs["title"]),
        kicker=kicker,
        lead=lead,
        sections=sections,
        names=answer.names,
        command=command,
        terms=[
            *terms_of(attrs["scenario"], attrs["digest"]),
            ("Seed", settings["seed"]),
            ("Courses", courses),
            ("Branching ratio", f"{settings['branching_ratio']:.3g}"),
        ],
        given=settings["parameters"],
    )
