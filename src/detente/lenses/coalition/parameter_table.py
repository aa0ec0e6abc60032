"""The parameters of the lens as data: default, range of the draws and source of each."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from detente.lenses.protocol import Parameter

TOLERANCE = Parameter(
    name="tolerance",
    default=0.0005,
    low=0.0001,
    high=0.002,
    scale="log",
    unit="exposure",
    meaning="A gain or a loss below it does not count.",
    source="assumed: one use of force in 2,000 years, weighted by the attackers' share",
    minimum=0.0,
)
"""One tolerance for all states: exposure has the same scale for the smallest and the largest."""


@cache
def parameters() -> tuple[Parameter, ...]:
    """All parameters of the formula, in the order of ``parameters.csv``."""
    text = (files("detente.lenses.coalition") / "parameters.csv").read_text(encoding="utf-8")
    return tuple(
        Parameter(
            name=row["parameter"],
            default=float(row["default"]),
            low=float(row["low"]),
            high=float(row["high"]),
            unit=row["unit"],
            meaning=row["meaning"],
            source=row["source"],
            scale=row["scale"],
            minimum=float(row["minimum"]),
            maximum=float(row["maximum"]),
        )
        for row in csv.DictReader(text.splitlines())
    )


@cache
def defaults() -> Mapping[str, float]:
    """The default of every parameter by name."""
    return {p.name: p.default for p in parameters()}
