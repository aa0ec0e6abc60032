"""What a recomputed number may be, and how it is held against the published one.

A value is one number, several numbers in an order, a set of names (or two sets, "a, b against
c, d"), or a range. The published value is text as printed; `compare` reads it in the form that
ours has.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from detente.errors import UsageError


@dataclass(frozen=True, slots=True)
class Range:
    """All that ours can be, from `low` to `high`, because an input is printed rounded."""

    low: float
    high: float


Value = float | tuple[float, ...] | str | Range
Values = Mapping[str, Value]

TOLERANCES = {
    "exact": "the same, to the last digit",
    "as printed": "at most half a unit of the last printed digit",
    "1e-9": "at most 1e-9, absolutely or relatively",
    "at most": "the published value is an upper bound, which ours must not exceed",
    "contains": "our range must contain the published value",
}
"""What a tolerance means in words; a plain number is the greatest absolute difference."""

ROUNDING = 4
"""Units in the last place by which floating-point arithmetic may blur a difference."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How ours stands to the published value.

    Attributes
    ----------
    within : bool
        Whether the difference is within the tolerance.
    difference : float or None
        Ours minus the published value, of several numbers the one farthest off; None between
        names, or where there are more numbers on one side than on the other.
    """

    within: bool
    difference: float | None


def compare(published: str, ours: Value, tolerance: str) -> Comparison:
    """Hold our value against the published text.

    Raises
    ------
    UsageError
        If the text cannot be read as such a value, or the tolerance does not go with it.
    """
    if isinstance(ours, str):
        _only("exact", tolerance)
        return Comparison(names(published) == names(ours), None)
    expected = numbers(published)
    if isinstance(ours, Range):
        _only("contains", tolerance)
        (target,) = expected
        miss = max(ours.low - target, target - ours.high, 0.0)
        return Comparison(miss == 0.0, miss)
    actual = ours if isinstance(ours, tuple) else (ours,)
    if len(actual) != len(expected):
        return Comparison(False, None)
    texts = parts(published)
    differences = [a - e for a, e in zip(actual, expected, strict=True)]
    within = all(
        _within(difference, e, text, tolerance)
        for difference, e, text in zip(differences, expected, texts, strict=True)
    )
    return Comparison(within, max(differences, key=_size, default=0.0))


def parts(text: str) -> list[str]:
    """Return the numbers of a published text, each as printed; they are parted by semicolons."""
    return [part.strip() for part in text.split(";")]


def numbers(text: str) -> tuple[float, ...]:
    """Return the numbers of a published text; commas part thousands, and ``%`` is a unit."""
    try:
        return tuple(float(part.replace(",", "").removesuffix("%")) for part in parts(text))
    except ValueError:
        raise UsageError(f"'{text}' does not consist of numbers parted by semicolons") from None


def names(text: str) -> frozenset[frozenset[str]]:
    """Return the sets of names in a text: parted by "against", the names by commas."""
    return frozenset(
        frozenset(name.strip() for name in side.split(",")) for side in text.split(" against ")
    )


def decimals(text: str) -> int:
    """Return how many digits a printed number has behind its point."""
    return len(text.removesuffix("%").strip().partition(".")[2])


def shown(value: Value, published: str) -> str:
    """Return our value as text, with two digits more than the published one."""
    if isinstance(value, str):
        return value
    comma = "," if "," in published else ""
    if isinstance(value, Range):
        return f"{_number(value.low, 0, comma)} to {_number(value.high, 0, comma)}"
    actual = value if isinstance(value, tuple) else (value,)
    places = [decimals(text) for text in parts(published)]
    places += [max(places)] * (len(actual) - len(places))
    unit = " %" if published.endswith("%") else ""
    texts = (_number(number, digits, comma) for number, digits in zip(actual, places, strict=False))
    return "; ".join(texts) + unit


def _number(value: float, places: int, comma: str) -> str:
    if not math.isfinite(value):
        return str(value)
    if value == int(value):
        return f"{value:{comma}.{places}f}"
    text = f"{value:{comma}.{places + 2}f}"
    return text if float(text.replace(",", "")) else f"{value:.2g}"


def _within(difference: float, expected: float, text: str, tolerance: str) -> bool:
    if not math.isfinite(difference):
        return False
    if tolerance == "exact":
        return difference == 0.0
    if tolerance == "at most":
        return difference <= 1e-9 * max(1.0, abs(expected))
    if tolerance == "as printed":
        allowed = 0.5 * 10.0 ** -decimals(text)
    elif tolerance == "1e-9":
        allowed = 1e-9 * max(1.0, abs(expected))
    else:
        allowed = float(tolerance)
    return abs(difference) <= allowed + ROUNDING * math.ulp(expected)


def _only(allowed: str, tolerance: str) -> None:
    if tolerance != allowed:
        raise UsageError(f"such a value is compared with tolerance '{allowed}', not '{tolerance}'")


def _size(difference: float) -> float:
    return abs(difference) if math.isfinite(difference) else math.inf
