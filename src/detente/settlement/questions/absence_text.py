"""A result of ``dt.without`` in words and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detente.settlement.questions.tables_of_parties import FORMATS
from detente.words import listed

if TYPE_CHECKING:
    from detente.results import Result


def format_words(result: Result) -> dict[str, str]:
    """Return who is at the table of each format, in words."""
    sides = listed(str(result.data.attrs["required_parties"]).split(";"))
    return dict(
        zip(FORMATS, (f"{sides} alone", f"{sides} and it", "all", "all but it"), strict=True)
    )


def of_each(result: Result) -> bool:
    """Say whether every party was left out, one after the other."""
    return "absent" in result.data.dims


def rows(result: Result) -> list[dict[str, Any]]:
    """Return one row a party: what each format is worth to it, and what waiting costs.

    Where every party was left out, one row a party that was: see `each_rows`.
    """
    if of_each(result):
        return each_rows(result)
    data = result.data
    table = []
    for p, party in enumerate(data["party"].values):
        row: dict[str, Any] = {"party": str(party), "role": str(data["role"].values[p])}
        for f, name in enumerate(FORMATS):
            row[name] = float(data["gain_at"].values[f, p])
            if "gain_at_low" in data:
                row[f"{name}_low"] = float(data["gain_at_low"].values[f, p])
                row[f"{name}_high"] = float(data["gain_at_high"].values[f, p])
        row["effect"] = float(data["effect"].values[p])
        if "effect_low" in data:
            row["effect_low"] = float(data["effect_low"].values[p])
            row["effect_high"] = float(data["effect_high"].values[p])
            row["effect_share"] = float(data["effect_share"].values[p])
        row["waits"] = _finite(data["waits"].values[p])
        row["price"] = float(data["price"].values[p])
        table.append(row)
    return table


def each_rows(result: Result) -> list[dict[str, Any]]:
    """Return one row a party or bloc that was left out: who gains by that, and what it can do."""
    data = result.data
    parties = [str(p) for p in data["party"].values]
    table = []
    for k, absent in enumerate(data["absent"].values):
        effect = data["effect_of"].values[k]
        others = [p for p in range(len(parties)) if parties[p] != absent]
        price = data["price_of"].values[k]
        longest = [
            (float(w), parties[p])
            for p, w in enumerate(data["waits_for"].values[k])
            if p in others and np.isfinite(w) and w > 0
        ]
        table.append(
            {
                "absent": str(absent),
                "own_effect": float(data["own_effect_of"].values[k]),
                "gain_by_absence": ";".join(parties[p] for p in others if effect[p] < -1e-5),
                "gain_by_presence": ";".join(parties[p] for p in others if effect[p] > 1e-5),
                "all_left_gain": bool(data["consents_without"].values[k]),
                "upsets": bool(data["upsets_of"].values[k]),
                "waits_longest": max(longest)[1] if longest else "",
                "waits_days": max(longest)[0] if longest else None,
                "dearest_day": float(price.max()),
                "dearest_to": parties[int(price.argmax())],
            }
        )
    return table


def effect_words(row: dict[str, Any]) -> str:
    """Return what presence adds, with its range where there were draws."""
    if "effect_low" not in row:
        return f"{row['effect']:+.3f}"
    return f"{row['effect']:+.3f} ({row['effect_low']:+.3f} to {row['effect_high']:+.3f})"


def gain_words(row: dict[str, Any], name: str) -> str:
    """Return the gain of a format, with its range where there were draws."""
    if f"{name}_low" not in row:
        return f"{row[name]:+.3f}"
    return f"{row[name]:+.2f} ({row[f'{name}_low']:+.2f} to {row[f'{name}_high']:+.2f})"


def days_words(row: dict[str, Any]) -> str:
    """Return how long a party would wait, in days."""
    return "-" if row["waits"] is None else f"{row['waits']:.0f}"


def note(result: Result) -> str:
    """Return what stands below the table."""
    how = result.settings
    drawn = (
        f" In brackets 5 to 95 percent of {how['draws']} draws of ideals, saliences, the status "
        "quo and what fighting is worth."
        if how["draws"]
        else " No range is drawn: draws=20 (--without-draws 20) shows how many signs are sure."
    )
    return (
        f"'It' is {how['actor']}. Patience of {how['patience']:g} a day is assumed: a day of "
        "waiting for it costs a party that share of its gain, and days scale with it. '-': one of "
        "the two settlements is worth nothing to the party beyond fighting on." + drawn
    )


def text(result: Result) -> str:
    """Return the result for a terminal."""
    if of_each(result):
        return _text_of_each(result)
    head = ["party", *(f"gain: {words}" for words in format_words(result).values()),
            "its presence adds", "would wait, days", "a day costs"]  # fmt: skip
    lines = [head]
    for row in rows(result):
        lines.append(
            [
                row["party"],
                *(gain_words(row, name) for name in FORMATS),
                effect_words(row),
                days_words(row),
                f"{row['price']:.5f}",
            ]
        )
    return "\n".join([result.reading, "", *_table(lines), "", note(result), *_assumed(result)])


def _text_of_each(result: Result) -> str:
    lines = [
        ["left out", "its presence adds to it", "gain if it is absent", "gain if it is present",
         "could upset it", "waits longest for it"],
    ]  # fmt: skip
    for row in each_rows(result):
        lines.append(
            [
                row["absent"],
                f"{row['own_effect']:+.3f}",
                row["gain_by_absence"].replace(";", ", ") or "none",
                row["gain_by_presence"].replace(";", ", ") or "none",
                "yes" if row["upsets"] else "no",
                f"{row['waits_longest']}, {row['waits_days']:.0f} days"
                if row["waits_longest"]
                else "nobody",
            ]
        )
    how = result.settings
    return "\n".join(
        [
            result.reading, "", *_table(lines), "",
            f"At the middle of all ranges; patience of {how['patience']:g} a day is assumed. "
            "--without ACTOR gives one of them in full.",
            *_assumed(result),
        ]
    )  # fmt: skip


def _assumed(result: Result) -> list[str]:
    """Return what fighting and mood were taken for, where that is not the status quo."""
    attrs = result.data.attrs
    return [str(attrs[k]) for k in ("fighting_words", "mood_words") if attrs.get(k)]


def _table(lines: list[list[str]]) -> list[str]:
    widths = [max(len(line[k]) for line in lines) for k in range(len(lines[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def _finite(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)
