"""Arguments of the questions to the model: what they may be, refused in one place."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from detente.arguments import numbers, real, several, texts, to_call, whole
from detente.crisis.record.ladder import WAR
from detente.errors import UnknownName, UsageError

__all__ = [
    "horizon",
    "numbers",
    "read_side",
    "real",
    "rung",
    "rungs",
    "settings",
    "several",
    "split_dyad",
    "texts",
    "to_call",
    "twice",
    "whole",
]  # fmt: skip

CENTURY = 36525
"""Days of the longest horizon."""


def horizon(days: Any) -> float:
    """Return a number of days, up to a hundred years."""
    value = real("days", days)
    if not 0 < value <= CENTURY:
        raise UsageError(f"days lie between 0 and {CENTURY} (a hundred years), not {value:g}")
    return value


def rung(name: str, value: Any) -> int:
    """Return a rung of the standard ladder."""
    try:
        return whole(name, value, 0, WAR)
    except UsageError:
        raise UsageError(f"{name}: a rung is a whole number, 0 to {WAR}, not {value!r}") from None


def rungs(start: Any) -> dict[str, int]:
    """Return the rungs of some dyads at the start, as given by the user."""
    if start is None:
        return {}
    if not isinstance(start, Mapping):
        raise UsageError(f'start is a mapping such as {{"RUS-USA": 4}}, not {start!r}')
    rungs_by_dyad: dict[str, int] = {}
    first: dict[tuple[str, ...], str] = {}
    for name, value in start.items():
        dyad = tuple(sorted(split_dyad(str(name))))
        if dyad in first:
            raise UsageError(twice(first[dyad], str(name)))
        first[dyad] = str(name)
        rungs_by_dyad[str(name)] = rung(f"start, {name}", value)
    return rungs_by_dyad


def twice(first: str, second: str) -> str:
    """Say that two rungs were given to one dyad."""
    return f"start has two rungs for one dyad, {first} and {second}: give one"


def settings(**given: Any) -> None:
    """Refuse settings that every question knows and that make no sense.

    Parameters
    ----------
    **given
        Some of replicas, map_replicas, paths, repetitions, draws, seed, threads, calm, days,
        start, parameters and progress.
    """
    least = {"map_replicas": 0, "seed": 0, "repetitions": 2, "draws": 0}
    for name, value in given.items():
        if name == "days":
            horizon(value)
        elif name == "start":
            rungs(value)
        elif name == "parameters":
            numbers(name, value)
        elif name == "progress":
            to_call(name, value)
        elif name == "calm":
            whole(name, value, 0, WAR - 1)
        elif name != "threads" or value is not None:
            whole(name, value, least.get(name, 1))


def split_dyad(text: str) -> tuple[str, str]:
    """Return the two codes of a dyad that is written with a dash, in capitals."""
    a, dash, b = text.strip().upper().partition("-")
    if not dash or not a or not b:
        raise UsageError(
            f"a dyad is written as two codes with a dash, such as RUS-USA, not '{text}'"
        )
    if a == b:
        raise UsageError(f"a dyad needs two sides: {a} was named twice")
    return a, b


def read_side(code: str, known: Collection[str], collectives: Collection[str]) -> str:
    """Return the code of somebody who can be a side of a dyad, in capitals.

    Raises
    ------
    UsageError
        If it is an organisation or nobody in particular.
    UnknownName
        If nobody has that code.
    """
    upper = code.upper()
    if upper in known:
        return upper
    if upper in collectives:
        raise UsageError(
            f"{upper} is no side of a dyad in the model: organisations and other collectives are "
            "not, the dyads of their members are. Name a member."
        )
    raise UnknownName(
        "state or actor", upper, known, "List the codes with: detente states SCENARIO"
    )
