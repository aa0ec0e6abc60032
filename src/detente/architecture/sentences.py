"""Changes as sentences: the other half of ``str(change)``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING

from detente.architecture.changes import (
    Change,
    arm,
    commit,
    disarm,
    estrange,
    join,
    leave,
    reconcile,
    withdraw,
)
from detente.errors import UsageError

if TYPE_CHECKING:
    from re import Match

_Maker = Callable[["Match[str]"], Change]


def _kind(words: str) -> str:
    return words.strip().replace(" ", "_")


_FORMS: tuple[tuple[str, str, _Maker], ...] = (
    ("UKR joins NATO", r"(.+?) joins (.+)", lambda m: join(m[1], m[2])),
    ("HUN leaves NATO", r"(.+?) leaves (.+)", lambda m: leave(m[1], m[2])),
    (
        "FIN and SWE commit to mutual defense",
        r"(.+?) and (.+?) commit to mutual (.+)",
        lambda m: commit(m[1], m[2], _kind(m[3])),
    ),
    ("FIN and SWE ally", r"(.+?) and (.+?) ally", lambda m: commit(m[1], m[2])),
    (
        "USA commits to defense of TWN",
        r"(.+?) commits to (.+?) of (.+)",
        lambda m: commit(m[1], m[3], _kind(m[2]), mutual=False),
    ),
    (
        "USA withdraws its defense commitment with JPN",
        r"(.+?) withdraws its (.+?) commitment with (.+)",
        lambda m: withdraw(m[1], m[3], _kind(m[2])),
    ),
    ("USA withdraws from JPN", r"(.+?) withdraws from (.+)", lambda m: withdraw(m[1], m[2])),
    ("RUS and UKR reconcile", r"(.+?) and (.+?) reconcile", lambda m: reconcile(m[1], m[2])),
    (
        "CHN and IND become rivals at intensity 4",
        r"(.+?) and (.+?) become rivals(?: at intensity (\d+))?",
        lambda m: estrange(m[1], m[2], int(m[3] or 3)),
    ),
    (
        "POL arms by 20 %",
        r"(.+?) arms by ([\d.]+) ?%",
        lambda m: arm(m[1], _share(m[2])),
    ),
    (
        "POL disarms by 20 %",
        r"(.+?) disarms by ([\d.]+) ?%",
        lambda m: disarm(m[1], _share(m[2])),
    ),
)


def _share(words: str) -> float:
    try:
        return float(words) / 100
    except ValueError:
        raise UsageError(f"'{words}' is not a number of per cent") from None


def forms() -> list[str]:
    """Return an example of every sentence that is understood."""
    return [example for example, _, _ in _FORMS]


def parse(text: str) -> Change:
    """Return the change that a sentence describes; several are parted by ``;``.

    >>> parse("UKR joins NATO; RUS and UKR reconcile").kind
    'several'

    Raises
    ------
    UsageError
        If a sentence is not understood; says which are.
    """
    parts = [part.strip().rstrip(".") for part in text.split(";") if part.strip()]
    if not parts:
        raise UsageError("a change needs a sentence, for instance: UKR joins NATO")
    return reduce(operator.add, [_one(part) for part in parts])


def _one(part: str) -> Change:
    for _, pattern, make in _FORMS:
        found = re.fullmatch(pattern, part, flags=re.IGNORECASE)
        if found:
            return make(found)
    raise UsageError(
        f"the change '{part}' is not understood. Write for instance: " + "; ".join(forms())
    )
