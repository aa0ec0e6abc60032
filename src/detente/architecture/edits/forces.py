"""Forces on another's ground and deliveries of arms: what is stationed, what reaches whom."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from detente.architecture.edits.base import (
    Edit,
    NewRow,
    appended,
    ended,
    fresh,
    new_row,
    two_states,
)
from detente.architecture.promises import Treaty, pair
from detente.errors import UsageError

if TYPE_CHECKING:
    from detente.architecture.promises import Ledger, Pair
    from detente.architecture.value import Architecture


@dataclass(frozen=True, slots=True)
class Station(Edit):
    """A share of a state's strength comes to stand on another's ground; both decide."""

    by: str
    on: str
    share: float
    kind = "station"

    def sentence(self) -> str:
        return f"{self.by} stations {per_cent(self.share)} of its strength on {self.on}"

    def bound(self, g: Architecture) -> Station:
        by, on = g.state(self.by), ground_code(g, self.on)
        if by == on:
            raise UsageError(f"{by} cannot station forces on its own ground")
        return Station(by, on, checked_share(self.share))

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        host = ground(g, self.on)
        return (self.by, host) if host == self.on else (self.by,)

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return ("stations", "basing")

    def additions(self, g: Architecture) -> tuple[NewRow, ...]:
        return (
            new_row(
                g,
                "presence",
                presence=_presence_name(self.by, self.on),
                by=self.by,
                on=self.on,
                consent="yes" if ground(g, self.on) == self.on else "disputed",
                share=self.share,
            ),
        )

    def apply(self, g: Architecture) -> Architecture:
        return appended(g, self.sentence(), self.additions(g))

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        host = ground(g, self.on)
        held = ledger.stations.get((self.by, host), {})
        name = fresh(_presence_name(self.by, self.on), held)
        ledger.stations[self.by, host] = {**held, name: self.share}
        if host == self.on:
            key = pair(self.by, host)
            treaty = Treaty("basing", 1.0, (self.by,))
            ledger.treaties[key] = {**ledger.treaties.get(key, {}), name: treaty}
        return _senders_pairs(ledger, self.by, host)


@dataclass(frozen=True, slots=True)
class WithdrawForces(Edit):
    """A state brings its forces home from another's ground; that is its own decision."""

    by: str
    on: str
    kind = "withdraw_forces"

    def sentence(self) -> str:
        return f"{self.by} withdraws its forces from {self.on}"

    def bound(self, g: Architecture) -> WithdrawForces:
        bound = WithdrawForces(g.state(self.by), ground_code(g, self.on))
        if bound._rows(g).is_empty() and bound._treaties(g).is_empty():
            raise UsageError(f"{bound.by} has no forces on the ground of {bound.on} on record")
        return bound

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.by,)

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return ("stations", "basing")

    def _places(self, g: Architecture) -> list[str]:
        """Return the place named and, if it is a state, the entities on its ground."""
        within = g.tables["actors"].filter(pl.col("territory_of") == self.on)["actor"].to_list()
        return [self.on, *within]

    def _there(self, g: Architecture) -> pl.Expr:
        return (pl.col("by") == self.by) & pl.col("on").is_in(self._places(g))

    def _agreed(self) -> pl.Expr:
        return (
            (pl.col("kind") == "basing")
            & (pl.col("promiser") == self.by)
            & (pl.col("beneficiary") == self.on)
        )

    def _rows(self, g: Architecture) -> pl.DataFrame:
        return g.in_force("presence").filter(self._there(g))

    def _treaties(self, g: Architecture) -> pl.DataFrame:
        return g.in_force("commitments").filter(self._agreed())

    def apply(self, g: Architecture) -> Architecture:
        return g.with_tables(
            self.sentence(),
            presence=ended(g, "presence", self._there(g)),
            commitments=ended(g, "commitments", self._agreed()),
        )

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        host = ground(g, self.on)
        pairs = _senders_pairs(ledger, self.by, host)
        held = ledger.stations.get((self.by, host), {})
        new = tuple(_presence_name(self.by, place) for place in self._places(g))
        gone = {name for name in held if name.startswith(new)}
        gone |= set(g.tables["presence"].filter(self._there(g))["presence"])
        gone |= set(g.tables["commitments"].filter(self._agreed())["commitment"])
        ledger.stations[self.by, host] = {k: v for k, v in held.items() if k not in gone}
        key = pair(self.by, host)
        treaties = ledger.treaties.get(key, {})
        ledger.treaties[key] = {
            name: treaty
            for name, treaty in treaties.items()
            if not (treaty.kind == "basing" and self.by in treaty.owing and name in gone)
        }
        return pairs


@dataclass(frozen=True, slots=True)
class Supply(Edit):
    """Arms or means worth a share of a state's strength reach another; both decide."""

    by: str
    to: str
    share: float
    kind = "supply"

    def sentence(self) -> str:
        return f"{self.by} supplies {self.to} with {per_cent(self.share)} of its strength"

    def bound(self, g: Architecture) -> Supply:
        return Supply(*two_states(g, self.by, self.to), checked_share(self.share))

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.by, self.to)

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return ("supplies", "arms_supply")

    def additions(self, g: Architecture) -> tuple[NewRow, ...]:
        return (
            new_row(
                g,
                "commitments",
                commitment=_supply_name(self.by, self.to),
                kind="arms_supply",
                promiser=self.by,
                beneficiary=self.to,
                direction="one_way",
                strength="practice",
                share=self.share,
            ),
        )

    def apply(self, g: Architecture) -> Architecture:
        return appended(g, self.sentence(), self.additions(g))

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        way, key = (self.by, self.to), pair(self.by, self.to)
        name = fresh(_supply_name(self.by, self.to), ledger.treaties.get(key, {}))
        ledger.supplies[way] = {**ledger.supplies.get(way, {}), name: self.share}
        treaty = Treaty("arms_supply", ledger.mapping.text_value("practice"), (self.by,))
        ledger.treaties[key] = {**ledger.treaties.get(key, {}), name: treaty}
        return [key]


@dataclass(frozen=True, slots=True)
class StopSupplying(Edit):
    """A state ends its deliveries to another; that is its own decision."""

    by: str
    to: str
    kind = "stop_supplying"

    def sentence(self) -> str:
        return f"{self.by} stops supplying {self.to}"

    def bound(self, g: Architecture) -> StopSupplying:
        bound = StopSupplying(*two_states(g, self.by, self.to))
        if g.in_force("commitments").filter(bound._mine()).is_empty():
            raise UsageError(f"{bound.by} supplies {bound.to} with no arms on record")
        return bound

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.by,)

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return ("supplies", "arms_supply")

    def _mine(self) -> pl.Expr:
        forth = (pl.col("promiser") == self.by) & (pl.col("beneficiary") == self.to)
        back = (pl.col("promiser") == self.to) & (pl.col("beneficiary") == self.by)
        return (pl.col("kind") == "arms_supply") & (
            forth | (back & (pl.col("direction") == "mutual"))
        )

    def apply(self, g: Architecture) -> Architecture:
        return g.with_tables(self.sentence(), commitments=ended(g, "commitments", self._mine()))

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        key = pair(self.by, self.to)
        held = ledger.treaties.get(key, {})
        gone = {
            name
            for name, treaty in held.items()
            if treaty.kind == "arms_supply" and self.by in treaty.owing
        }
        ledger.treaties[key] = {n: treaty for n, treaty in held.items() if n not in gone}
        gone |= set(g.tables["commitments"].filter(self._mine())["commitment"])
        for way in ((self.by, self.to), (self.to, self.by)):
            supplied = ledger.supplies.get(way, {})
            ledger.supplies[way] = {n: share for n, share in supplied.items() if n not in gone}
        return [key]


def ground(g: Architecture, code: str) -> str:
    """Return the state on whose ground a place lies: a state's own, an entity's territory_of."""
    if code in g.names:
        return code
    rows = g.tables["actors"].filter(pl.col("actor") == code)
    owner = dict(rows.select("actor", "territory_of").iter_rows()).get(code)
    return str(owner) if owner in g.names else code


def ground_code(g: Architecture, place: str) -> str:
    """Return the code of a state, or of an entity that stands on the ground of a state."""
    entities = g.tables["actors"].filter(pl.col("territory_of").is_in(list(g.names)))
    by_name: dict[str, str] = dict(entities.select("name", "actor").iter_rows())
    known = {name.casefold(): actor for name, actor in by_name.items()}
    known |= {actor.casefold(): actor for actor in by_name.values()}
    if place.strip().casefold() in known:
        return known[place.strip().casefold()]
    return g.state(place)


def per_cent(share: float) -> str:
    """Return a share as per cent that `float` reads back."""
    return f"{share * 100:.12g} %"


def checked_share(share: float) -> float:
    """Return a share if it lies between 0 and 1."""
    if not isinstance(share, (int, float)) or not math.isfinite(share) or not 0 <= share <= 1:
        raise UsageError(f"a share of strength lies between 0 and 1 (0 to 100 %), not {share}")
    return float(share)


def _presence_name(by: str, on: str) -> str:
    return f"new-presence-{by}-{on}"


def _supply_name(by: str, to: str) -> str:
    return f"new-arms_supply-{by}-{to}"


def _senders_pairs(ledger: Ledger, by: str, host: str) -> list[Pair]:
    """Return all pairs whose share may change: a sender's shares are scaled together."""
    hosts = {other for sender, other in ledger.stations if sender == by}
    return sorted(pair(by, other) for other in hosts | {host})
