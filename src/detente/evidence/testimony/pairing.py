"""Which claim of one annotation is which of another: spans that share most of their text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from detente.evidence.testimony.claim import UNNAMED, Claim
from detente.evidence.testimony.grammar.lexicon import words_of

HALF = 0.5
"""Least share of common text (Dice) for which two spans count as the same claim."""

_EDGE = " \t\r\n\u00a0\"'“”‘’«»„.,;:!?–—-()[]"
_TITLES = words_of(
    "the a an his her its their our my your mr mrs ms dr sir lord "
    "president prime minister foreign defence defense secretary "
    "ambassador general colonel chancellor king queen prince spokesman spokeswoman spokesperson "
    "senator professor admiral of for"
)


def trimmed(claim: Claim, text: str) -> tuple[int, int]:
    """Return the span without the blanks and marks at its ends."""
    start, end = claim.start, claim.end
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    return (start, end) if start < end else (claim.start, claim.end)


def dice(a: tuple[int, int], b: tuple[int, int]) -> float:
    """Return twice the common length over the sum of the lengths (Dice 1945), 0 to 1."""
    common = min(a[1], b[1]) - max(a[0], b[0])
    if common <= 0:
        return 0.0
    return 2 * common / (a[1] - a[0] + b[1] - b[0])


def pairs(gold: Sequence[Claim], read: Sequence[Claim], text: str) -> list[tuple[int, int, float]]:
    """Pair claims one to one so that the sum of the common text is greatest.

    Returns
    -------
    list of (int, int, float)
        Index in `gold`, index in `read` and Dice coefficient of each pair that shares at
        least half of its text.
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    if not gold or not read:
        return []
    ours = [trimmed(claim, text) for claim in gold]
    theirs = [trimmed(claim, text) for claim in read]
    shares = np.array([[dice(a, b) for b in theirs] for a in ours])
    shares[shares < HALF] = 0.0
    rows, columns = linear_sum_assignment(-shares)
    return [
        (int(row), int(column), float(shares[row, column]))
        for row, column in zip(rows, columns, strict=True)
        if shares[row, column] > 0
    ]


def same_speaker(a: str, b: str) -> bool:
    """Say whether two links name the same speaker.

    Titles, articles, whose it is, case and possessives do not count; a surname is the same as the
    full name; two links without a name are the same.
    """
    if UNNAMED in a and UNNAMED in b:
        return True
    words_a, words_b = _words(a), _words(b)
    if not words_a or not words_b:
        return a.casefold().strip() == b.casefold().strip()
    return words_a <= words_b or words_b <= words_a


def _words(link: str) -> frozenset[str]:
    plain = re.sub(r"['’]s\b|['’](?=\s|$)", "", link.casefold().replace("u.s.", "us"))
    words = re.findall(r"[^\W_]+", plain)
    return frozenset(word for word in words if word not in _TITLES) or frozenset(words)


def same_chain(a: Sequence[str], b: Sequence[str]) -> bool:
    """Say whether two chains name the same speakers in the same order, the author apart."""
    return len(a) == len(b) and all(map(same_speaker, a[1:], b[1:]))
