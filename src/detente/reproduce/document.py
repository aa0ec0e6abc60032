"""The table in words: what all forms of it share, and the page for the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from detente.reporting.page.words import MINUS, plural
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
from detente.reproduce.run import NO_ANSWER, Outcome, outcomes
from detente.reproduce.values import TOLERANCES

TITLE = "Published numbers, recomputed"

LEGEND = {
    "Origin": {f"[{key}]": text for key, text in ORIGINS.items()},
    "Tolerance": {**TOLERANCES, "a number": "the greatest absolute difference"},
    "Verdict": {
        **CLAIMS,
        **{word: text for word, text in BASES.items() if word != INDEPENDENT},
        NO_ANSWER: "our code failed; the reason stands beside it",
    },
}
"""What the words in the table mean."""


def summary(found: Sequence[Outcome]) -> str:
    """Return in sentences what came out."""
    printed = [one for one in found if one.case.origin == "P"]
    evidence = sum(one.evidence for one in found)
    chosen, copied = (
        sum(one.verdict == "reproduces" and one.case.basis == basis for one in printed)
        for basis in (CHOSEN, COPIED)
    )
    brackets = sum(one.verdict == "brackets" for one in printed)
    differs = sum(one.verdict in ("differs", NO_ANSWER) for one in printed)
    others = [one for one in found if one.case.origin != "P"]
    again = sum(one.verdict == "reproduces" for one in others)
    broken = sum(not one.holds for one in found)
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
    out = [
        f"# {TITLE}",
        "",
        "Generated from the code by `detente.reproduce.markdown()`; `detente reproduce` makes the "
        "same table on your machine.",
        "",
        summary(found),
        "",
    ]
    for heading, words in LEGEND.items():
        out += [
            f"**{heading}.** " + "; ".join(f"*{w}*: {text}" for w, text in words.items()) + ".",
            "",
        ]
    for lens, group in by_lens(found):
        about = subject(lens)
        out += [f"## {lens}", "", f"{about.citation.rstrip('.')}. Status: **{about.status}**.", ""]
        out += _table(
            ("quantity", "source and place", "origin", "published", "ours", "difference",
             "tolerance", "verdict"),
            [
                (
                    f"{one.case.quantity}. *{notes(one)}*" if notes(one) else one.case.quantity,
                    f"{one.case.citation}: {one.case.place}",
                    f"[{one.case.origin}]",
                    typeset(one.case.published),
                    typeset(one.ours),
                    typeset(difference(one)),
                    one.case.tolerance,
                    verdict(one),
                )
                for one in group
            ],
        )  # fmt: skip
    lenses = {one.case.lens for one in found}
    out += ["## Not in this table, and why", ""]
    out += _table(
        ("lens", "quantity", "source", "origin", "reason"),
        [
            (one.lens, one.quantity, one.citation, f"[{one.origin}]", one.reason)
            for one in left_beside(lenses)
        ],
    )
    out += ["## Sources", ""]
    out += [f"- **{key}**: {text}." for key, text in citations().items()]
    return "\n".join(out) + "\n"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *([_cell(text) for text in row] for row in rows)]
    return ["| " + " | ".join(line) + " |" for line in lines] + [""]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("[", "\\[").replace("]", "\\]")
