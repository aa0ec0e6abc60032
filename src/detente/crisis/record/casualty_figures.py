"""Who gives which number of people killed, read from the text of the record without loss."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

PART = re.compile(r"(?P<claimant>[^:;]+): (?P<figure>.+)")
PLAIN = re.compile(r"(?P<low>\d[\d,]*)(?:(?:-| to )(?P<high>\d[\d,]*))?")


@dataclass(frozen=True, slots=True)
class Figure:
    """One part of what is on record about losses.

    Attributes
    ----------
    claimant : str or None
        Who gives the figure, as the record names it. Where a part names nobody before a colon it
        stands whole in `figure`, and the claimant is who it begins with, if that is one of the
        known, else None, such as of "raiders deny".
    figure : str
        What is given, in the words of the record.
    low, high : int or None
        The figure as numbers, where it is nothing but a number or a range; None where words
        such as "at least" or "about" are part of it.
    """

    claimant: str | None
    figure: str
    low: int | None
    high: int | None

    def __str__(self) -> str:
        whole = self.claimant is None or _begins(self.figure, self.claimant)
        return self.figure if whole else f"{self.claimant}: {self.figure}"


def figures(text: str | None, known: Collection[str] = ()) -> list[Figure]:
    """Return who gives which number; the parts joined by "; " are the text again.

    Parameters
    ----------
    text : str or None
        The text of the record.
    known : collection of str
        Codes of claimants: a part without a colon that begins with one of them, such as "UN
        verified 15", is of that claimant. "UN and RUS agree" is left: it begins with two.
    """
    return [_figure(part, known) for part in text.split("; ")] if text else []


def _begins(figure: str, claimant: str) -> bool:
    return figure.startswith(f"{claimant} ")


def _figure(part: str, known: Collection[str]) -> Figure:
    match = PART.fullmatch(part)
    if match is None:
        first, _, rest = part.partition(" ")
        several = rest.partition(" ")[0] in ("and", "or", "and/or", "&")
        return Figure(first if first in known and not several else None, part, None, None)
    claimant, figure = match["claimant"], match["figure"]
    plain = PLAIN.fullmatch(figure)
    if plain is None:
        return Figure(claimant, figure, None, None)
    low = _number(plain["low"])
    return Figure(claimant, figure, low, _number(plain["high"]) if plain["high"] else low)


def _number(text: str) -> int:
    return int(text.replace(",", ""))
