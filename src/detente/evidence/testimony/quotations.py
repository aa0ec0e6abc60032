"""What textacy reads, a second baseline beside the reader: direct quotations and who speaks them.

textacy (DeWilde and contributors) is no dependency: its column stands where it is installed.
"""

from __future__ import annotations

import importlib
import importlib.util

from detente.evidence.testimony.claim import MAX_WORDS, Claim


def has_textacy() -> bool:
    """Say whether textacy is installed."""
    return importlib.util.find_spec("textacy") is not None


def read_quotations(text: str, author: str = "author") -> list[Claim]:
    """Return the direct quotations that textacy finds in each line, as quoted claims.

    Parameters
    ----------
    text : str
        The text. textacy gives up on a text with an odd number of quotation marks, so it gets one
        line at a time, and a line that it refuses has no claims.
    author : str
        The first link of every chain.

    Returns
    -------
    list of Claim
        One claim a quotation, cut at fifteen words; everything but span and speaker is the
        default of `Claim`.

    Raises
    ------
    ImportError
        If textacy is not installed.
    """
    from detente.evidence.testimony.grammar.language import model

    direct_quotations = importlib.import_module("textacy.extract").direct_quotations
    claims: list[Claim] = []
    at = 0
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            found = list(direct_quotations(model()(line))) if line.strip() else []
        except ValueError:
            found = []
        for speaker, _, content in found:
            start = at + content.start_char
            words = text[start : at + content.end_char].split()[:MAX_WORDS]
            if not words:
                continue
            end = start
            for word in words:
                end = text.index(word, end) + len(word)
            name = " ".join(token.text for token in speaker)
            chain = (author, name) if name else (author,)
            claims.append(Claim(f"t{start}", number, start, end, text[start:end], "quoted", chain))
        at += len(line) + 1
    return claims
