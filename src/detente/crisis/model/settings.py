"""The parameters of the model of escalation: names, units, ranges, sources."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import cache

from detente.crisis.model.arguments import real
from detente.crisis.model.entry import OF_THE_LENS, SHARES
from detente.crisis.record.ladder import table
from detente.errors import UnknownName, UsageError
from detente.lenses.coalition.parameter_table import parameters as of_coalition
from detente.lenses.protocol import Parameter

WHOLE = ("entry.rung", "quarrel")
"""Parameters that are whole numbers."""
STAYS = {f"quiet.{k}": f"stay.{k}" for k in range(1, 6)}
"""Names that a parameter had while it was said, wrongly, that incidents delay a fall."""
RELIABILITY = "reliability"


@cache
def parameters() -> tuple[Parameter, ...]:
    """Return all parameters, in the order of the table; then those of entry, from the lens."""
    own = tuple(
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
    return own + tuple(p for p in of_coalition() if p.name in OF_THE_LENS)


def replaced(given: Mapping[str, float]) -> dict[str, float]:
    """Return settings with names of an earlier version as the names that took their place.

    One reliability for all allies means that share for every ally on either side, and nobody
    else: what it meant before. A warning says which names to use.
    """
    values = dict(given)
    for old, new in STAYS.items():
        if old in values and new not in values:
            values[new] = values.pop(old)
            _warn(f"{old} is {new} now: a dyad stays that long whether or not incidents come")
    if RELIABILITY in values:
        share = real(RELIABILITY, values.pop(RELIABILITY))
        if not 0 <= share <= 1:
            raise UsageError(f"{RELIABILITY} = {share:g} lies outside 0 to 1 (chance)")
        alike = dict.fromkeys(SHARES, share) | {"parallel": 0.0, "turnout": 1.0}
        values = alike | values
        shares = ", ".join(SHARES[:-1])
        _warn(
            f"reliability was replaced by the measured shares {shares} and parallel, multiplied "
            f"by turnout; it is read as {share:g} for the first four, parallel=0 and turnout=1"
        )
    return values


def _warn(text: str) -> None:
    warnings.warn(f"parameters of the crisis model: {text}.", FutureWarning, stacklevel=4)


def settle(given: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return a value for every parameter: the default unless `given`.

    Raises
    ------
    UnknownName, UsageError
        If a name is not known or a value lies outside what the model admits.
    """
    by_name = {p.name: p for p in parameters()}
    values = {name: p.default for name, p in by_name.items()}
    for name, value in replaced(given or {}).items():
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
