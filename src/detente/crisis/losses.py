"""Who gives which number of people killed, read from the text of the record without loss."""

from __future__ import annotations

import re
from dataclasses import dataclass

PART = re.compile(r"(?P<claimant>[^:;]+): (?P<figure>.+)")
PLAIN = re.compile(r"(?P<low>\d[\d,]*)(?:(?:-| to )(?P<high>\d[\d,]*))?")


@dataclass(frozen=True, slots=True)
class Figure:
    """One part of what is on record about losses.

    Attributes
    ----------
    claimant : str or None
        Who gives the figure, as the record names it; None where a part names nobody before a
        colon, such as "raiders deny": then the part stands whole in `figure`.
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
        return self.figure if self.claimant is None else f"{self.claimant}: {self.figure}"


def figures(text: str | None) -> list[Figure]:
    """Return who gives which number; the parts joined by "; " are the text again."""
    return [_figure(part) for part in text.split("; ")] if text else []


def _figure(part: str) -> Figure:
    found = PART.fullmatch(part)
    claimant, figure = (found["claimant"], found["figure"]) if found else (None, part)
    plain = PLAIN.fullmatch(figure) if found else None
    if plain is None:
        return Figure(claimant, figure, None, None)
    low = _number(plain["low"])
    return Figure(claimant, figure, low, _number(plain["high"]) if plain["high"] else low)


def _number(text: str) -> int:
    return int(text.replace(",", ""))
