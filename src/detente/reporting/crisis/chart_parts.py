"""What the charts of a crisis share: rungs as labels and colours, names that wrap, readable ink."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.crisis.record.ladder import STANDARD
from detente.words import pair_name

if TYPE_CHECKING:
    import altair as alt

RUNG_COLORS = ("#f4f5f6", "#e3e8ee", "#c3d3e3", "#8fb0cf", "#4f7fae", "#1d3a5c")
"""From no hostility to war: darker is less secure, as everywhere in the report."""
APART = 6
"""Pixels between labels of an axis: of those that would all but touch some are left out, since
"500600" is no number."""
LINE = 15
"""Height of a line of an axis label, in pixels."""


def names_of_rungs() -> list[str]:
    """Return the rungs as labels: number and name."""
    return [f"{k} {name}" for k, name in enumerate(STANDARD.rungs)]


def rung_colors() -> alt.Color:
    """Return the colours of the rungs as an encoding."""
    import altair as alt

    scale = alt.Scale(domain=names_of_rungs(), range=list(RUNG_COLORS))
    legend = alt.Legend(orient="bottom", columns=3, labelFontSize=12, labelLimit=0)
    return alt.Color("rung:N", scale=scale, sort=names_of_rungs(), title="rung", legend=legend)


def full(code: str, names: Mapping[str, str]) -> str:
    """Return the name with the code in brackets; a code without a name stands alone."""
    name = names.get(code, code)
    return code if name == code else f"{name} ({code})"


def named(text: str, names: Mapping[str, str]) -> str:
    """Return a sentence with names before its codes; a dyad reads "Russia – Japan (RUS-JPN)"."""
    codes = "|".join(re.escape(code) for code in sorted(names, key=len, reverse=True))
    if not codes:
        return text

    def spoken(found: re.Match[str]) -> str:
        first, second = found[1], found[2]
        if second is None:
            return full(first, names)
        dyad = f"{first}-{second}"
        return f"{pair_name(dyad, names)} ({dyad})"

    return re.sub(rf"(?<![\w-])({codes})(?:-({codes}))?(?![\w-])", spoken, text)


def wrapped(text: str, width: int) -> str:
    """Return a label over several lines, none longer than `width` characters if words allow."""
    return "\n".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False))


def lines_axis(**more: Any) -> alt.Axis:
    """Return an axis whose labels break where `wrapped` broke them and are never cut."""
    import altair as alt

    options = {"labelExpr": "split(datum.label, '\\n')", "labelLimit": 0, "grid": False, **more}
    return alt.Axis(**options)


def step_of(labels: Sequence[str]) -> alt.Step:
    """Return the height of a row that has room for the tallest label."""
    import altair as alt

    return alt.Step(LINE * max(label.count("\n") + 1 for label in labels) + 9)


def mixed(share: float, stops: Sequence[tuple[float, str]]) -> str:
    """Return the colour at a place between stops, each a place and its colour."""
    at = [place for place, _ in stops]
    channels = [[int(color[k : k + 2], 16) for _, color in stops] for k in (1, 3, 5)]
    return "#" + "".join(f"{round(float(np.interp(share, at, c))):02x}" for c in channels)


def ink_on(color: str) -> str:
    """Return black or white, whichever is read more easily on a colour.

    One of both has a contrast of at least 4.58 to 1 on every colour.
    """
    return max("#000000", "#ffffff", key=lambda ink: contrast(ink, color))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 defines it, 1 to 21."""
    low, high = sorted(_luminance(color) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: str) -> float:
    parts = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def leaders(values: Sequence[float], errors: Sequence[float]) -> list[int]:
    """Return the positions that cannot be told apart from the first, itself among them.

    Two are told apart where they differ by more than twice their joint standard error.
    """
    value, error = np.asarray(values, dtype=float), np.asarray(errors, dtype=float)
    near = np.abs(value - value[0]) <= 2 * np.hypot(error[0], error)
    near[0] = True
    return [int(k) for k in np.flatnonzero(near)]
