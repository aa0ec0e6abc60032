"""The one place that says what makes allies and what makes rivals.

Commitments and rivalries are facts of a scenario; allies and rivals are what a model wants to
see. Between them stands this mapping: which kinds of commitment count and how much, how an
organisation's article becomes ties among its members, how intense a rivalry must be, and what
happens to rivals who are allies. Every number is a named parameter with a default and a source
(``schema/parameters.csv``); a scenario may set its own in ``parameters.csv``, and a user may
change any of them. Every result carries the mapping it was made with.

The weight of the alliance of two states is the largest over all that ties them:

- a commitment between them in force on the date: ``weight.kind.KIND * weight.strength.STRENGTH``;
- an organisation of which both are members: the same product for its article, times the
  smaller of the two members' weights (a member's own weight where the scenario gives one,
  else the organisation's).

Two states are rivals when a rivalry of at least ``rivalry.threshold`` stands between them.
The models that see signs alone admit no pair that is both: what becomes of allied rivals says
``allied_rivals``, by default neither, and they are listed. A lens that sees kinds of promise
reads them apart, and a rivalry beside a pact in full.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from detente.architecture.package import schema
from detente.errors import UnknownName, UsageError

THRESHOLD = "rivalry.threshold"
ALLIED_RIVALS = ("neither", "rivals", "allies")
"""What a pair counts as that is allied and hostile at once, by the number of the parameter."""
SUPPLY = {
    "practice_heavy": "supply.heavy",
    "practice_medium": "supply.medium",
    "practice_light": "supply.light",
    "practice_dual_use": "supply.dual_use",
}
"""Parameter of the share of the sender's strength that deliveries of some volume are."""


@cache
def defaults() -> Mapping[str, float]:
    """Return the default of every mapping parameter."""
    return MappingProxyType({p.parameter: p.default for p in schema.parameters()})


@dataclass(frozen=True)
class TieMapping:
    """How commitments and rivalries become allies and rivals.

    Attributes
    ----------
    values : mapping of str to float
        Value of every mapping parameter.
    weights : mapping of str to float
        Weights that replace those of the scenario: an organisation's (``"EU"``) or one
        member's (``"EU/AUT"``), 0..1.
    """

    values: Mapping[str, float] = field(default_factory=defaults)
    weights: Mapping[str, float] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, dict[str, float]]:
        return {"values": dict(self.values), "weights": dict(self.weights)}

    def __setstate__(self, state: dict[str, dict[str, float]]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, MappingProxyType(value))

    @property
    def threshold(self) -> float:
        """Least intensity at which a rivalry makes rivals, MID hostility level."""
        return self.values[THRESHOLD]

    @property
    def allied_rivals(self) -> str:
        """What allied rivals count as for a lens that sees signs alone, of `ALLIED_RIVALS`."""
        return ALLIED_RIVALS[int(self.values["allied_rivals"])]

    def kind_weight(self, kind: str) -> float:
        """Return how much promises of a kind count as an alliance, 0..1."""
        return self.values[f"weight.kind.{kind}"]

    def text_value(self, strength: str) -> float:
        """Return how much a promise counts by its text, whatever its kind, 0..1."""
        return self.values[f"weight.strength.{strength}"]

    def supply_share(self, strength: str) -> float:
        """Return the share of the sender's strength that deliveries of some volume are."""
        if self.text_value(strength) == 0:
            return 0.0
        return self.values[SUPPLY.get(strength, "supply.light")]

    def commitment_weight(self, kind: str, strength: str) -> float:
        """Return how much one commitment counts as an alliance, 0..1."""
        return self.kind_weight(kind) * self.text_value(strength)

    def member_weight(
        self, organisation: str, state: str, own: float | None, whole: float
    ) -> float:
        """Return the weight of one member: `own` where the scenario gives one, else `whole`.

        What the user has set for the member or the organisation comes first.
        """
        if f"{organisation}/{state}" in self.weights:
            return self.weights[f"{organisation}/{state}"]
        if own is not None:
            return own
        return self.weights.get(organisation, whole)

    def set(self, **changes: float | str) -> TieMapping:
        """Return a mapping with other parameters, dots written as ``__``."""
        return self.update({name.replace("__", "."): value for name, value in changes.items()})

    def update(self, changes: Mapping[str, float | str]) -> TieMapping:
        """Return a mapping with other parameters; ``allied_rivals`` takes its words too.

        Raises
        ------
        UnknownName, UsageError
            If a parameter is not known or its value lies outside its range.
        """
        ranges = {p.parameter: (p.minimum, p.maximum) for p in schema.parameters()}
        numbers: dict[str, float] = {}
        for name, value in changes.items():
            if name not in ranges:
                hint = f"Mapping parameters: {', '.join(sorted(ranges))}."
                raise UnknownName("mapping parameter", name, ranges, hint)
            low, high = ranges[name]
            number = _number(name, value)
            if math.isnan(number) or not low <= number <= high:
                raise UsageError(f"{name} = {number:g} lies outside {low:g} to {high:g}")
            numbers[name] = number
        return TieMapping(MappingProxyType({**self.values, **numbers}), self.weights)

    def weigh(self, weights: Mapping[str, float]) -> TieMapping:
        """Return a mapping in which organisations or single members weigh otherwise."""
        for name, value in weights.items():
            if math.isnan(value) or not 0 <= value <= 1:
                raise UsageError(f"the weight of {name} must lie between 0 and 1, not {value:g}")
        return TieMapping(self.values, MappingProxyType({**self.weights, **weights}))

    def include(self, strength: str) -> TieMapping:
        """Return a mapping that counts commitments of a strength left out by default."""
        return self.update({f"weight.strength.{strength}": 1.0})

    def changed(self) -> dict[str, float]:
        """Return what differs from the defaults, weights included."""
        other = {n: v for n, v in self.values.items() if v != defaults()[n]}
        return {**other, **{f"weight of {n}": v for n, v in self.weights.items()}}

    def describe(self) -> dict[str, object]:
        """Return the mapping as plain data, for results and reports."""
        return {
            "counts as an alliance": {
                name.removeprefix("weight.kind."): value
                for name, value in self.values.items()
                if name.startswith("weight.kind.") and value > 0
            },
            "left out": sorted(
                name.removeprefix("weight.strength.")
                for name, value in self.values.items()
                if name.startswith("weight.strength.") and value == 0 and not name.endswith(".none")
            ),
            "rivals from intensity": self.threshold,
            "rivals who are allies": f"count as {self.allied_rivals} and are listed",
            "differs from the defaults": self.changed(),
        }


def _number(name: str, value: float | str) -> float:
    """Return the number of a parameter: of ``allied_rivals`` from its word, too."""
    if name == "allied_rivals":
        if value in ALLIED_RIVALS:
            return float(ALLIED_RIVALS.index(str(value)))
        if value not in range(len(ALLIED_RIVALS)):
            words = ", ".join(ALLIED_RIVALS)
            raise UsageError(f"allied_rivals is one of {words}, not '{value}'")
    try:
        return float(value)
    except ValueError:
        raise UsageError(f"{name} is a number, not '{value}'") from None
