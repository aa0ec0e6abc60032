"""Plain rows of the bundled scenarios, read once."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "src" / "detente" / "scenarios"
BUNDLED = ("common-house", "eurasia-2024", "europe-1936", "two-blocs")

Rows = list[dict[str, str]]


@cache
def read_csv(path: Path) -> Rows:
    """Return the rows of a CSV file as typed."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


class Tables(dict[str, Rows]):
    """Rows of every table of one scenario; a table that is absent has none."""

    def __missing__(self, table: str) -> Rows:
        return []


def tables(name: str) -> Tables:
    """Return the tables of a bundled scenario."""
    return Tables({path.stem: read_csv(path) for path in (SCENARIOS / name).glob("*.csv")})
