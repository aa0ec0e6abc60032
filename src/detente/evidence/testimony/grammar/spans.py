"""Where a claim stands: its span, its quotation marks, its line, its mode."""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Sequence

from detente.evidence.testimony.claim import MAX_WORDS
from detente.evidence.testimony.grammar.layout import TextBlock
from detente.evidence.testimony.grammar.pieces import Quote

LONGEST_SPAN = 1000
"""Most characters of a span, whatever its words are."""


def touching(quotes: list[Quote], start: int, end: int) -> list[Quote]:
    """Return the quotations of a paragraph, in their order, that have a part in a span."""
    first = bisect.bisect_right(quotes, start, key=lambda quote: quote.end)
    last = bisect.bisect_left(quotes, end, key=lambda quote: quote.start)
    return quotes[first:last]


def fragment_at(quotes: Sequence[Quote], start: int, end: int) -> Quote | None:
    """Return the quotation of words only that holds most of a span."""
    for quote in quotes:
        if quote.full:
            continue
        common = min(end, quote.inner_end) - max(start, quote.inner_start)
        if common > 0.8 * (end - start):
            return quote
    return None


def mode_of(
    quotes: Sequence[Quote],
    span: tuple[int, int],
    *,
    quoted: bool,
    reported: bool,
    fragment: Quote | None,
) -> str:
    """Return the mode of a span: quotation marks around words of it make it mixed."""
    if quoted:
        return "quoted"
    if fragment is not None and reported:
        return "quoted"
    if any(q.start < span[1] and span[0] < q.end and not q.full for q in quotes):
        return "mixed"
    return "paraphrased" if reported else "asserted"


def with_marks(text: str, start: int, end: int) -> tuple[int, int]:
    """Take in the quotation marks that touch a span."""
    if start > 0 and text[start - 1] in "“‘«\"'" and text[start - 1] not in text[start:end]:
        start -= 1
    if end < len(text) and text[end] in "”’»" and not text[end + 1 : end + 2].isalpha():
        end += 1
    return start, end


def cut_span(text: str, start: int, end: int) -> tuple[int, int]:
    """Cut a span after its fifteenth word."""
    words = list(itertools.islice(re.finditer(r"\S+", text[start:end]), MAX_WORDS + 1))
    if len(words) > MAX_WORDS:
        end = start + words[MAX_WORDS - 1].end()
        while end > start and text[end - 1] in ",;:–—-":
            end -= 1
    end = min(end, start + LONGEST_SPAN)
    return start, end


def line_of(block: TextBlock, start: int) -> int:
    """Return the number of the line in which a place stands."""
    number = block.number
    for begins, line in block.lines or ():
        if begins <= start:
            number = line
    return number
