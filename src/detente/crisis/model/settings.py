"""The parameters of the model of escalation: names, units, ranges, sources."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from detente.crisis.model.arguments import real
from detente.crisis.record.ladder import table
from detente.errors import UnknownName, UsageError
from detente.lenses.protocol import Parameter

WHOLE = ("entry.rung",)
"""Parameters that are whole numbers."""


@cache
def parameters() -> tuple[Parameter, ...]:
    """Return all parameters, in the order of the table."""
    return tuple(
        Parameter(
            name=row["parameter"],
            default=float(row["default"]),
            low=float(row["low"]),
            high=float(row["high"]),
            unit=row["unit"],
            meaning=row["meaning"],
            source=row["source"],
            minimum=float(row["minimum"]),
            maximum=float(row["maximum"]),
        )
        for row in table("parameters")
    )


def settle(given: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return a value for every parameter: the default unless `given`.

    Raises
    ------
    UnknownName, UsageError
        If a name is not known or a value lies outside what the model admits.
    """
    by_name = {p.name: p for p in parameters()}
    values = {name: p.default for name, p in by_name.items()}
    for name, value in (given or {}).items():
        if name not in by_name:
            hint = "List them with: detente crisis parameters"
            raise UnknownName("parameter of the crisis model", name, by_name, hint)
        p, value = by_name[name], real(name, value)
        if not p.minimum <= value <= p.maximum:
            raise UsageError(
                f"{name} = {value:g} lies outside {p.minimum:g} to {p.maximum:g} ({p.unit})"
            )
        if name in WHOLE and value != int(value):
            raise UsageError(f"{name} is a whole number, not {value:g} ({p.unit})")
        values[name] = value
    return values
