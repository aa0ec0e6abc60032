"""What every lens sees in one architecture, before any change."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.architecture.describe import remarks
from detente.architecture.value import Architecture
from detente.auditing.run import choose
from detente.errors import MissingData, Undefined
from detente.lenses.protocol import Lens, Portrait


@dataclass(frozen=True, eq=False)
class Seen:
    """The portrait of one lens, or the reason why it has none.

    Attributes
    ----------
    lens : Lens
        The lens, at its default parameters.
    portrait : Portrait or None
        What it sees.
    reason : str
        Why it sees nothing; empty if it does.
    """

    lens: Lens
    portrait: Portrait | None
    reason: str = ""


def portraits(g: Architecture, lens: str | Lens | Sequence[str | Lens] = "all") -> list[Seen]:
    """Return what each lens sees in an architecture, at its default parameters."""
    portraits_seen = []
    for chosen in choose(lens):
        try:
            portraits_seen.append(Seen(chosen, chosen.portrait(g.system, chosen.values())))
        except (Undefined, MissingData) as error:
            portraits_seen.append(Seen(chosen, None, str(error)))
    return portraits_seen


def as_rows(g: Architecture, seen: Sequence[Seen]) -> list[dict[str, Any]]:
    """Return portraits as plain data for JSON."""
    rows: list[dict[str, Any]] = []
    for item in seen:
        p = item.portrait
        if p is None:
            rows.append(
                {"lens": item.lens.name, "reason": item.reason, "values": {}, "value_unit": ""}
            )
            continue
        rows.append(
            {
                "lens": item.lens.name,
                "subject": p.subject,
                "finding": p.finding,
                "value_meaning": p.value_meaning,
                "value_unit": p.value_unit,
                "values": {
                    code: float(x) if np.isfinite(x) else None
                    for code, x in zip(g.system.codes, p.value, strict=True)
                },
                "groups": [list(group) for group in p.groups],
                "links": [{"from": a, "to": b, "strength": x} for a, b, x in p.links],
                "link_meaning": p.link_meaning,
                "figures": dict(p.figures),
            }
        )
    return rows


def text(g: Architecture, seen: Sequence[Seen], most: int = 6) -> str:
    """Return portraits for a terminal of 100 columns."""
    lines = [f"{g.title} ({g.date.isoformat()})"]
    for remark in remarks(g):
        lines += _wrap(remark, "")
    for item in seen:
        p = item.portrait
        lines.append("")
        if p is None:
            lines += _wrap(f"{item.lens.name} has no answer here: {item.reason}", "")
            continue
        lines += _wrap(
            f"{p.subject[0].upper()}{p.subject[1:]} ({item.lens.name}): {p.finding}.", ""
        )
        order = np.argsort(p.value, kind="stable")
        ends = dict.fromkeys([*order[:most], *order[::-1][:most][::-1]])
        extremes = ", ".join(f"{g.system.codes[k]} {p.value[k]:+.3g}" for k in ends)
        lines += _wrap(f"{p.value_meaning} ({p.value_unit}), lowest and highest: {extremes}")
        for number, group in enumerate(p.groups[:4], 1):
            lines += _wrap(f"group {number} ({len(group)}): {', '.join(group)}")
        if p.links:
            extremes = "; ".join(
                f"{a} {p.link_meaning} {b} ({x:.3g})" for a, b, x in p.links[:most]
            )
            lines += _wrap(extremes)
        for name, value in p.figures.items():
            lines += _wrap(f"{name}: {value:.4g}")
    return "\n".join(lines)


def _wrap(words: str, indent: str = "  ") -> list[str]:
    return textwrap.wrap(
        words, 98, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False
    )
