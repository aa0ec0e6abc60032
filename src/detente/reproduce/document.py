"""The table in words: what all forms of it share, and the page for the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from detente.reproduce.cases import (
    BASES,
    CHOSEN,
    CLAIMS,
    COPIED,
    INDEPENDENT,
    ORIGINS,
    citations,
    left_beside,
    subject,
)
from detente.reproduce.run import NO_ANSWER, NOT_HERE, Outcome, outcomes
from detente.reproduce.values import TOLERANCES
from detente.words import MINUS, plural

TITLE = "Published numbers, recomputed"

LEGEND = {
    "Origin": {f"[{key}]": text for key, text in ORIGINS.items()},
    "Tolerance": {**TOLERANCES, "a number": "the greatest absolute difference"},
    "Verdict": {
        **CLAIMS,
        **{word: text for word, text in BASES.items() if word != INDEPENDENT},
        NO_ANSWER: "our code failed; the reason stands beside it",
        NOT_HERE: "it needs what is no part of detente; nothing was tried",
    },
}
"""What the words in the table mean."""


def summary(found: Sequence[Outcome]) -> str:
    """Return in sentences what came out."""
    printed = [outcome for outcome in found if outcome.case.origin == "P"]
    evidence = sum(outcome.evidence for outcome in found)
    chosen, copied = (
        sum(outcome.verdict == "reproduces" and outcome.case.basis == basis for outcome in printed)
        for basis in (CHOSEN, COPIED)
    )
    brackets = sum(outcome.verdict == "brackets" for outcome in printed)
    differs = sum(outcome.verdict in ("differs", NO_ANSWER) for outcome in printed)
    others = [outcome for outcome in found if outcome.case.origin != "P"]
    again = sum(outcome.verdict == "reproduces" for outcome in others)
    broken = sum(not outcome.holds for outcome in found)
    text = f"Of {plural(len(printed), 'printed number')}, {evidence} reproduce"
    if chosen:
        text += f", {chosen} reproduce on inputs chosen to match them"
    if copied:
        text += f", {copied} are counts of shipped data that agree"
    if brackets:
        text += f", {brackets} lie{'s' if brackets == 1 else ''} within our range"
    if differs:
        text += f", {differs} differ{'s' if differs == 1 else ''}"
    text += (
        f". Of {plural(len(others), 'number')} that we quote, remember or computed before, "
        f"{again} come out again."
    )
    if broken:
        return f"{text} Claims that do not hold: {broken}."
    return f"{text} Every claim holds."


def by_lens(found: Sequence[Outcome]) -> list[tuple[str, list[Outcome]]]:
    """Return the outcomes of each lens, in the order of the table."""
    return [(lens, list(group)) for lens, group in groupby(found, key=lambda one: one.case.lens)]


def verdict(one: Outcome) -> str:
    """Return the verdict, with what a reader must not overlook."""
    text = one.verdict
    if one.case.basis != INDEPENDENT and one.verdict == "reproduces":
        text += f" ({one.case.basis})"
    if not one.holds:
        text += ", against the claim"
    return text


def difference(one: Outcome) -> str:
    """Return the difference as text; empty between names."""
    if one.difference is None:
        return ""
    if abs(one.difference) >= 10:
        return f"{one.difference:,.0f}"
    return "0" if one.difference == 0 else f"{one.difference:.2g}"


def notes(one: Outcome) -> str:
    """Return what the reader should know: the note and, if it is another text, the reason."""
    return " ".join(dict.fromkeys(text for text in (one.case.note, one.reason) if text))


def typeset(text: str) -> str:
    """Return numbers with a true minus sign; names and words as they are."""
    return text.replace("-", MINUS) if any(char.isdigit() for char in text) else text


def markdown(found: Sequence[Outcome] | None = None) -> str:
    """Return the table as a Markdown document, computing it unless it is given.

    The same code and the same libraries give the same text.
    """
    found = outcomes() if found is None else found
    lines = [
        f"# {TITLE}",
        "",
        "Generated from the code by `detente.reproduce.markdown()`; `detente reproduce` makes the "
        "same table on your machine.",
        "",
        summary(found),
        "",
    ]
    for heading, words in LEGEND.items():
        lines += [
            f"**{heading}.** " + "; ".join(f"*{w}*: {text}" for w, text in words.items()) + ".",
            "",
        ]
    for lens, group in by_lens(found):
        about = subject(lens)
        lines += [
            f"## {lens}",
            "",
            f"{about.citation.rstrip('.')}. Status: **{about.status}**.",
            "",
        ]
        lines += _table(
            ("quantity", "source and place", "origin", "published", "ours", "difference",
             "tolerance", "verdict"),
            [
                (
                    f"{outcome.case.quantity}. *{notes(outcome)}*"
                    if notes(outcome)
                    else outcome.case.quantity,
                    f"{outcome.case.citation}: {outcome.case.place}",
                    f"[{outcome.case.origin}]",
                    typeset(outcome.case.published),
                    typeset(outcome.ours),
                    typeset(difference(outcome)),
                    outcome.case.tolerance,
                    verdict(outcome),
                )
                for outcome in group
            ],
        )  # fmt: skip
    lenses = {outcome.case.lens for outcome in found}
    lines += ["## Not in this table, and why", ""]
    lines += _table(
        ("lens", "quantity", "source", "origin", "reason"),
        [
            (
                outcome.lens,
                outcome.quantity,
                outcome.citation,
                f"[{outcome.origin}]",
                outcome.reason,
            )
            for outcome in left_beside(lenses)
        ],
    )
    lines += ["## Sources", ""]
    lines += [f"- **{key}**: {text}." for key, text in citations().items()]
    return "\n".join(lines) + "\n"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *([_cell(text) for text in row] for row in rows)]
    return ["| " + " | ".join(line) + " |" for line in lines] + [""]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("[", "\\[").replace("]", "\\]")
