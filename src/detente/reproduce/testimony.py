"""Values of the room `testimony`: how well the reader reads what was annotated by hand.

The article behind the claims of eurasia-2024 is press text and no part of detente. Whoever has
it names it in ``DETENTE_ARTICLE``; its annotation is the scenario's table ``claims``.
"""

from __future__ import annotations

import os
from pathlib import Path

from detente.errors import MissingData, UsageError
from detente.evidence.resolve import load
from detente.evidence.testimony import text_reader
from detente.evidence.testimony.claim import LINK, LISTED, Claim
from detente.evidence.testimony.grammar.language import model
from detente.evidence.testimony.practice import practice_names, practice_texts
from detente.evidence.testimony.score import score_many
from detente.reproduce.values import Values

ARTICLE = "DETENTE_ARTICLE"
"""The variable that names the file of the article."""
SHOWN = ("span_partial", "chain_end_to_end", "negated_f1", "laundered", "planted", "all_right")


def practice() -> Values:
    """The half of the first practice texts that was looked at while the reader was tuned."""
    return _half("held_out")


def second() -> Values:
    """The half of the second set that was measured unseen, and mended after."""
    return _half("second_held_out")


def third() -> Values:
    """The half of the third set that was held back, measured, and then looked at and mended."""
    return _half("third_held_out")


def fourth() -> Values:
    """The half of the fourth set that was drawn by lot and held back."""
    return _half("fourth_held_out")


def _half(half: str) -> Values:
    """Return the scores of the reader as it is on one half of the practice texts."""
    _need_reader()
    names = practice_names(half)
    texts = []
    for _, text, gold in practice_texts(half):
        author = gold[0].speaker_chain[0]
        texts.append((gold, text_reader.read_text(text, names=names, speaker=author).claims, text))
    scores = score_many(texts, draws=1)
    return {name: scores[name][0] for name in SHOWN}


def article() -> Values:
    """The article of June 2024, where the user has it."""
    path = Path(os.environ.get(ARTICLE, ""))
    if not os.environ.get(ARTICLE) or not path.is_file():
        raise MissingData(f"the text is not here: name it in {ARTICLE}")
    _need_reader()
    g = load("eurasia-2024")
    read = text_reader.read_text(path, g)
    scores = score_many([(_annotation(read.text), read.claims, read.text)], draws=1)
    return {name: scores[name][0] for name in SHOWN}


def _need_reader() -> None:
    try:
        model()
    except UsageError as error:
        raise MissingData(str(error)) from None


def _annotation(text: str) -> list[Claim]:
    """Return the annotation in the scenario, with its spans out of the text."""
    rows = load("eurasia-2024").tables["claims"].iter_rows(named=True)
    return [
        Claim(
            claim_id=row["claim"],
            paragraph=row["paragraph"],
            start=row["start"],
            end=row["end"],
            text_span=text[row["start"] : row["end"]],
            mode=row["mode"],
            speaker_chain=tuple(row["speaker_chain"].split(LINK)),
            hedge=tuple((row["hedge"] or "").split(LISTED)) if row["hedge"] else (),
            polarity=row["polarity"],
            stance=row["stance"],
            claim_type=row["claim_type"],
            actors=tuple((row["actors"] or "").split(LISTED)) if row["actors"] else (),
        )
        for row in rows
    ]


GROUPS = {
    "practice": practice, "second": second, "third": third, "fourth": fourth, "article": article,
}  # fmt: skip
