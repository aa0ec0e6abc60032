"""The published numbers: what is claimed of each, where it stands, and who said it."""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

ORIGINS = {
    "P": "printed in, or shipped as data with, the cited publication",
    "Q": "published there, but read only in somebody else's quotation",
    "R": "remembered from the cited publication, not read again",
    "C": "computed by the authors of detente, with an independent check",
}
"""Where a published value comes from."""

CLAIMS = {
    "reproduces": "ours is within the tolerance",
    "brackets": "ours is a range, because an input is printed rounded, and contains the value",
    "differs": "ours is another number; the table says why",
}
"""What is claimed of a published value; the first two are held, by the exit code too."""

INDEPENDENT, CHOSEN, COPIED = "independent", "chosen to match", "count of the data"
BASES = {
    INDEPENDENT: "our code and the published inputs",
    CHOSEN: "an input was chosen because it gives the published value; no evidence for the model",
    COPIED: "a count of data that the source ships; it checks our copy, not the model",
}
"""What agreement with a published value rests on."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a group of numbers is about: a lens, or a room that is none.

    Attributes
    ----------
    key : str
        As in the column ``lens`` of the table.
    title, citation, status : str
        As of a lens.
    """

    key: str
    title: str
    citation: str
    status: str = "checked"


ROOMS = {
    "transition": Subject(
        "transition",
        "Shares of a joint worth, networks that rest, cascades of exits, and ways to a target",
        "Shapley (1953), Owen (1977), Jackson & Wolinsky (1996), Jackson & Watts (2002), "
        "Eisenberg & Noe (2001), and planning cases of our own",
    ),
    "settlement": Subject(
        "settlement",
        "Group decisions, bargains, counter-moves, pivotal consent, and what keeps a settlement",
        "Bueno de Mesquita (1994), Wise, Lester & Efird (2015), Fearon (1995), Nash (1950), Fang, "
        "Hipel & Kilgour (1993), Shapley & Shubik (1954), Tsebelis (2002), Powell (2006)",
        "verified",
    ),
    "testimony": Subject(
        "testimony",
        "How well the reader reads: claims with their speakers against annotation by hand",
        "rules of annotation and practice texts of our own",
    ),
}
"""Rooms with numbers of their own."""


@dataclass(frozen=True, slots=True)
class Case:
    """One published number.

    Attributes
    ----------
    id : str
        Its name, unique; begins with the lens.
    value : str
        Which recomputed value it is held against, ``lens.group.name``; mostly the same as `id`.
    lens : str
        Key of the lens that it is about.
    quantity : str
        What the number is, with its unit.
    citation : str
        Key of the publication, in `citations`.
    place : str
        Where in it the number stands; for our own numbers, how they were checked.
    origin : str
        One of `ORIGINS`.
    published : str
        The value, as printed; several are parted by semicolons.
    tolerance : str
        One of `detente.reproduce.values.TOLERANCES`, or the greatest absolute difference.
    claim : str
        One of `CLAIMS`.
    basis : str
        One of `BASES`.
    note : str
        What a reader should know; where ours differs, why.
    """

    id: str
    value: str
    lens: str
    quantity: str
    citation: str
    place: str
    origin: str
    published: str
    tolerance: str
    claim: str
    basis: str
    note: str


@dataclass(frozen=True, slots=True)
class NotAttempted:
    """A published number that is not recomputed, and why."""

    lens: str
    quantity: str
    citation: str
    origin: str
    reason: str


def cases() -> tuple[Case, ...]:
    """Return all published numbers, in the order of the table."""
    return tuple(Case(**row) for row in _read("cases.csv"))


def not_attempted() -> tuple[NotAttempted, ...]:
    """Return published numbers on the lenses' subjects that are not recomputed."""
    return tuple(NotAttempted(**row) for row in _read("not_attempted.csv"))


def left_beside(lenses: Collection[str]) -> tuple[NotAttempted, ...]:
    """Return what is not recomputed beside the numbers of these lenses.

    A lens without a single number of its own stands beside the whole table.
    """
    numbered = {case.lens for case in cases()}
    whole = numbered <= set(lenses)
    return tuple(
        row for row in not_attempted() if row.lens in lenses or (whole and row.lens not in numbered)
    )


def citations() -> dict[str, str]:
    """Return the full citation of every key."""
    return {row["key"]: row["citation"] for row in _read("citations.csv")}


def subject(key: str) -> Any:
    """Return what the numbers under this key are about: a `Subject`, or the lens itself."""
    from detente.lenses import find

    return ROOMS[key] if key in ROOMS else find(key)


def _read(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
