"""Small questions about a parsed word: its lemma, its tense, its subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detente.evidence.testimony.parsed import once

if TYPE_CHECKING:
    from detente.evidence.testimony.parsed import Token

SUBJECTS = frozenset({"nsubj", "nsubjpass", "expl", "csubj", "csubjpass"})
"""Dependencies of a subject."""


_MISREAD = {"hop": "hope", "grip": "gripe", "rag": "rage"}
"""Lemmas that the model gives to the forms of longer verbs: hoped is not hopped."""


def is_verbal(token: Token) -> bool:
    """Say whether a token can head a clause."""
    return token.pos_ in {"VERB", "AUX"}


@once
def is_finite(token: Token) -> bool:
    """Say whether a verb has tense, by itself or by an auxiliary."""
    if token.tag_ in {"VBD", "VBZ", "VBP", "MD"}:
        return True
    return any(
        c.dep_ in {"aux", "auxpass"} and c.tag_ in {"VBD", "VBZ", "VBP", "MD"}
        for c in token.children
    )


@once
def has_subject(token: Token) -> bool:
    """Say whether a verb has a subject of its own."""
    return any(c.dep_ in SUBJECTS for c in token.children)


def lemma(token: Token) -> str:
    """Return the lemma in lower case; for a phrasal ``rule out`` that of its verb."""
    low = token.lemma
    if low in _MISREAD and low + low[-1] not in token.text.casefold():
        return _MISREAD[low]
    return low


def is_infinitive(token: Token) -> bool:
    """Say whether a verb stands with to."""
    return any(c.dep_ == "aux" and c.text.casefold() == "to" for c in token.children)
