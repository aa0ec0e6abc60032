"""The data behind the published numbers: small tables, each with its source in data/README.md."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from detente.architecture.system import Floats
from detente.errors import UnknownName

DATA = Path(__file__).parent / "data"
"""The folder with the tables."""

FRIENDLY = ("ally", "alliance", "friendship")
"""Kinds of tie that are positive; every other one is negative."""


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table, by its name without ``.csv``.

    Raises
    ------
    UnknownName
        If there is no such table.
    """
    path = DATA / f"{name}.csv"
    if not path.is_file():
        raise UnknownName("table", name, (known.stem for known in DATA.glob("*.csv")))
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def signed_network(name: str) -> tuple[list[str], Floats]:
    """Return the names, in alphabetical order, and the signed matrix of a table of ties.

    The table has the columns ``first``, ``second`` and ``tie``. Entries are 1 for a friendly
    tie, -1 for a hostile one, 0 for none; the matrix is symmetric.
    """
    ties = rows(name)
    names = sorted({tie[end] for tie in ties for end in ("first", "second")})
    place = {label: k for k, label in enumerate(names)}
    signed = np.zeros((len(names), len(names)))
    for tie in ties:
        i, j = place[tie["first"]], place[tie["second"]]
        signed[i, j] = signed[j, i] = 1.0 if tie["tie"] in FRIENDLY else -1.0
    return names, signed


def column(name: str, field: str) -> Floats:
    """Return a column of numbers of a table."""
    return np.array([float(row[field]) for row in rows(name)])
