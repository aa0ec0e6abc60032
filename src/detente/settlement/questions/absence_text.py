"""A result of ``dt.without`` in words and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from detente.results import Result

FORMAT_WORDS = {
    "two_capitals": "two capitals",
    "two_capitals_with": "two capitals and it",
    "all": "all",
    "all_without": "all but it",
}
"""Who is at the table, in words."""


def rows(result: Result) -> list[dict[str, Any]]:
    """Return one row a party: what each format is worth to it, and what waiting costs."""
    data = result.data
    return [
        {
            "party": str(party),
            "role": str(data["role"].values[p]),
            **{name: float(data["gain_at"].values[f, p]) for f, name in enumerate(FORMAT_WORDS)},
            "effect": float(data["effect"].values[p]),
            "waits": _finite(data["waits"].values[p]),
            "price": float(data["price"].values[p]),
        }
        for p, party in enumerate(data["party"].values)
    ]


def text(result: Result) -> str:
    """Return the result for a terminal."""
    head = ["party", *(f"gain: {words}" for words in FORMAT_WORDS.values()), "its presence adds",
            "would wait, days", "a day costs"]  # fmt: skip
    lines = [head]
    for row in rows(result):
        lines.append(
            [
                row["party"],
                *(f"{row[name]:+.3f}" for name in FORMAT_WORDS),
                f"{row['effect']:+.3f}",
                "-" if row["waits"] is None else f"{row['waits']:.0f}",
                f"{row['price']:.5f}",
            ]
        )
    widths = [max(len(line[k]) for line in lines) for k in range(len(head))]
    table = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    how = result.settings
    note = (
        f"'It' is {how['actor']}. Patience of {how['patience']:g} a day is assumed; days scale "
        "with it. '-': one of the two settlements is worth nothing to the party beyond fighting on."
    )
    return "\n".join([result.reading, "", *table, "", note])


def _finite(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)
