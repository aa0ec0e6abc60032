"""The architecture: who is committed to whom, who is hostile to whom, who can bring what to bear.

An `Architecture` is an immutable value on a date. Its tables are those of a scenario package;
from them it makes, lazily and once, the ledger of ties and the arrays that a lens needs. A
change makes a new value that shares every table it does not touch.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from detente.architecture.mapping import TieMapping
from detente.architecture.package import schema
from detente.architecture.package.tables import Package, digest_tables, write
from detente.architecture.promises import Article, Ledger, Treaty, pair
from detente.architecture.system import DISPUTE_HALF_LIFE, Floats, System, great_circle
from detente.errors import MissingData, UnknownName, UsageError

if TYPE_CHECKING:
    from detente.architecture.changes import Change


@dataclass(frozen=True, eq=False)
class Architecture:
    """States, organisations, commitments, rivalries and capabilities on one date.

    Attributes
    ----------
    name, title, description, region : str
        What it is called and what it is about.
    date : datetime.date
        The day on which it is looked at: rows count that are in force on it.
    tables : mapping of str to polars.DataFrame
        The tables of the scenario, as in the schema.
    measure : str
        The measure of capability in use.
    mapping : TieMapping
        What makes allies and rivals.
    changes : tuple of str
        Sentences of the changes that led here from the scenario, oldest first.
    origin : Package or None
        The package it was read from, whose licence and documents go along when it is written.
    """

    name: str
    title: str
    description: str
    region: str
    date: dt.date
    tables: Mapping[str, pl.DataFrame]
    measure: str
    mapping: TieMapping
    changes: tuple[str, ...] = field(default=())
    origin: Package | None = field(default=None, repr=False)

    @classmethod
    def from_package(cls, package: Package) -> Architecture:
        """Make an architecture of a scenario package, on the package's date."""
        measures = package.tables["measures"]
        chosen = measures.filter(pl.col("default") == "yes")["measure"].to_list()
        parameters = package.tables["parameters"]
        own = dict(zip(parameters["parameter"], parameters["value"], strict=True))
        return cls(
            name=package.name,
            title=package.title,
            description=package.description,
            region=package.region,
            date=package.date,
            tables=MappingProxyType(dict(package.tables)),
            measure=chosen[0],
            mapping=TieMapping().update(own),
            origin=package,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Architecture) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields alone: what follows from them is made again where it is needed."""
        state = {f.name: getattr(self, f.name) for f in fields(self)}
        return {**state, "tables": dict(self.tables)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            kept = MappingProxyType(value) if name == "tables" else value
            object.__setattr__(self, name, kept)

    def __repr__(self) -> str:
        n = self.tables["states"].height
        made = f", after {len(self.changes)} changes" if self.changes else ""
        return f"<Architecture {self.name}, {self.date:%d %B %Y}: {n} states{made}>"

    # What stands in it ------------------------------------------------------------------

    def in_force(self, table: str) -> pl.DataFrame:
        """Return the rows of a dated table that hold on the date; an unknown start has begun."""
        return self.tables[table].filter(
            (pl.col("start").is_null() | (pl.col("start") <= self.date))
            & (pl.col("end").is_null() | (pl.col("end") >= self.date))
        )

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Codes of all states, in alphabetical order."""
        return tuple(sorted(self.tables["states"]["state"]))

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Name of every state by its code."""
        states = self.tables["states"]
        return MappingProxyType(dict(zip(states["state"], states["name"], strict=True)))

    @cached_property
    def external(self) -> frozenset[str]:
        """Codes of the external actors: states with commitments in the region, but not of it."""
        states = self.tables["states"]
        return frozenset(states.filter(pl.col("role") == "external")["state"])

    @cached_property
    def _figures(self) -> pl.DataFrame:
        return (
            self.tables["capabilities"]
            .filter((pl.col("measure") == self.measure) & (pl.col("year") <= self.date.year))
            .sort("year")
            .group_by("state", maintain_order=True)
            .last()
        )

    @cached_property
    def capability(self) -> Mapping[str, float]:
        """Capability of every state for which there is a figure, in the measure's unit.

        The latest figure that is not later than the date's year counts.
        """
        figures = self._figures
        return MappingProxyType(dict(zip(figures["state"], figures["value"], strict=True)))

    @cached_property
    def figure_year(self) -> Mapping[str, int]:
        """Year of the figure of capability that counts, by state."""
        figures = self._figures
        return MappingProxyType(dict(zip(figures["state"], figures["year"], strict=True)))

    @cached_property
    def without_capability(self) -> tuple[str, ...]:
        """Codes of the states for which the measure has no figure: no lens sees them."""
        return tuple(code for code in self.codes if code not in self.capability)

    @cached_property
    def members(self) -> Mapping[str, tuple[str, ...]]:
        """Codes of the member states of every organisation, on the date, in alphabetical order."""
        rows = self.in_force("memberships").filter(pl.col("role") == "member")
        out: dict[str, set[str]] = {}
        for organisation, state in rows.select("organisation", "state").iter_rows():
            if state in self.names:
                out.setdefault(organisation, set()).add(state)
        return MappingProxyType({o: tuple(sorted(states)) for o, states in out.items()})

    @cached_property
    def _admission(self) -> Mapping[str, frozenset[str] | None]:
        rows = self.tables["organisations"].select("organisation", "admits").iter_rows()
        return {
            code: None if regions is None else frozenset(regions.split(";"))
            for code, regions in rows
        }

    @cached_property
    def _regions(self) -> Mapping[str, str | None]:
        return dict(self.tables["states"].select("state", "region").iter_rows())

    def admits(self, organisation: str, state: str) -> bool:
        """Say whether an organisation's treaty admits a state, by the state's part of the world."""
        regions = self._admission[organisation]
        return regions is None or self._regions[state] in regions

    def state(self, code: str) -> str:
        """Return the code if it is that of a state here, whatever its case.

        Raises
        ------
        UnknownName
            If there is no such state; says what was probably meant.
        """
        if code.upper() in self.names:
            return code.upper()
        by_name = {name.casefold(): key for key, name in self.names.items()}
        if code.casefold() in by_name:
            return by_name[code.casefold()]
        raise UnknownName("state", code, [*self.codes, *self.names.values()], self._codes_hint())

    def organisation(self, code: str) -> str:
        """Return the code if it is that of an organisation here; raise `UnknownName` if not."""
        known = self.tables["organisations"]["organisation"].to_list()
        if code.upper() in known:
            return code.upper()
        raise UnknownName("organisation", code, known, self._organisations_hint())

    def _codes_hint(self) -> str:
        return f"List the codes with: detente states {self.name}"

    def _organisations_hint(self) -> str:
        return f"The organisations that count are listed by: detente show {self.name}"

    # What a lens sees -------------------------------------------------------------------

    @cached_property
    def ledger(self) -> Ledger:
        """The ties of every pair with their sources, as the mapping reads the tables."""
        out = Ledger(self.mapping)
        self._read_organisations(out)
        self._read_commitments(out)
        self._read_rivalries(out)
        return out

    def _read_organisations(self, out: Ledger) -> None:
        members: dict[str, dict[str, float | None]] = {}
        for organisation, state, own in (
            self.in_force("memberships")
            .filter(pl.col("role") == "member")
            .select("organisation", "state", "weight")
            .iter_rows()
        ):
            if state in self.names:
                members.setdefault(organisation, {})[state] = own
        for row in self.in_force("organisations").iter_rows(named=True):
            code = row["organisation"]
            weight = max(
                self.mapping.commitment_weight(kind, row["strength"])
                for kind in (row["commitment"], row["second_commitment"])
                if kind is not None
            )
            if weight == 0:
                out.left_out.append(("organisations", code, "its article does not count"))
                continue
            whole = self.mapping.weights.get(code, row["weight"])
            out.articles[code] = Article(
                code,
                weight,
                whole,
                {
                    state: self.mapping.member_weight(code, state, own, whole)
                    for state, own in members.get(code, {}).items()
                },
            )

    def _read_commitments(self, out: Ledger) -> None:
        for row in self.in_force("commitments").iter_rows(named=True):
            a, b = row["promiser"], row["beneficiary"]
            weight = self.mapping.commitment_weight(row["kind"], row["strength"])
            if a not in self.names or b not in self.names:
                out.left_out.append(("commitments", row["commitment"], "a party is not a state"))
            elif weight == 0:
                reason = f"{row['kind']} ({row['strength']}) does not count as an alliance"
                out.left_out.append(("commitments", row["commitment"], reason))
            else:
                owing = (a, b) if row["direction"] == "mutual" else (a,)
                entry = out.treaties.setdefault(pair(a, b), {})
                entry[row["commitment"]] = Treaty(weight, row["kind"], owing)

    def _read_rivalries(self, out: Ledger) -> None:
        for row in self.in_force("rivalries").iter_rows(named=True):
            a, b = row["state_a"], row["state_b"]
            if a in self.names and b in self.names:
                entry = out.hostile.setdefault(pair(a, b), {})
                entry[row["rivalry"]] = float(row["intensity"])
                if row["intensity"] < self.mapping.threshold:
                    reason = f"intensity {row['intensity']} lies below the threshold"
                    out.left_out.append(("rivalries", row["rivalry"], reason))
            else:
                out.left_out.append(("rivalries", row["rivalry"], "a side is not a state"))

    @cached_property
    def system(self) -> System:
        """The arrays that a lens needs, over the states with a capability, by code.

        Capability is each state's share of their total; the latest figure of a regime that is not
        later than the date's year counts, and so do disputes of earlier years.

        Raises
        ------
        MissingData
            If no state has a capability under the measure.
        """
        codes = tuple(code for code in self.codes if code in self.capability)
        if not codes:
            raise MissingData(self._no_figures())
        index = {code: i for i, code in enumerate(codes)}
        n = len(codes)
        allies, rivals = np.zeros((n, n)), np.zeros((n, n))
        for a, b in self.ledger.pairs():
            if a in index and b in index:
                tie, i, j = self.ledger.tie(a, b), index[a], index[b]
                allies[i, j] = allies[j, i] = tie.ally
                rivals[i, j] = rivals[j, i] = tie.rival
        capability = np.array([self.capability[code] for code in codes], dtype=np.float64)
        total = capability.sum()
        return System(
            codes=codes,
            allies=allies,
            rivals=rivals,
            capability=capability / total if total > 0 else capability,
            distance=self._distances(codes),
            contiguity=self._contiguity(index),
            regime=self._regime(codes),
            disputes=self._disputes(index),
        )

    def _contiguity(self, index: Mapping[str, int]) -> Floats | None:
        if self.tables["contiguity"].is_empty():
            return None
        out = np.zeros((len(index), len(index)))
        for a, b, kind in (
            self.in_force("contiguity").select("state_a", "state_b", "type").iter_rows()
        ):
            if a in index and b in index:
                i, j = index[a], index[b]
                nearest = min(kind, out[i, j] or kind)
                out[i, j] = out[j, i] = nearest
        return out

    def _regime(self, codes: tuple[str, ...]) -> Floats | None:
        rows = self.tables["regimes"].filter(pl.col("year") <= self.date.year).sort("year")
        latest = dict(rows.select("state", "polyarchy").iter_rows())
        out = np.array([latest.get(code, np.nan) for code in codes])
        return None if np.isnan(out).all() else out

    def _disputes(self, index: Mapping[str, int]) -> Floats | None:
        if self.tables["disputes"].is_empty():
            return None
        out = np.zeros((len(index), len(index)))
        past = self.tables["disputes"].filter(pl.col("year") < self.date.year)
        pairs = {
            (*pair(a, b), y) for a, b, y in past.select("state_a", "state_b", "year").iter_rows()
        }
        for a, b, year in sorted(pairs):
            if a in index and b in index:
                i, j = index[a], index[b]
                out[i, j] += 0.5 ** ((self.date.year - 1 - year) / DISPUTE_HALF_LIFE)
                out[j, i] = out[i, j]
        return out

    def _no_figures(self) -> str:
        years = self.tables["capabilities"].filter(pl.col("measure") == self.measure)["year"]
        text = f"{self.name} has no figures of capability for '{self.measure}'"
        if years.is_empty():
            return text
        return f"{text} up to {self.date.year}; the first are of {min(years.to_list())}"

    def _distances(
        self, codes: tuple[str, ...]
    ) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        rows = {
            row[0]: row[1:]
            for row in self.tables["states"].select("state", "lat", "lon").iter_rows()
        }
        nan = float("nan")
        place = np.array(
            [[nan if x is None else x for x in rows[code]] for code in codes], dtype=np.float64
        )
        return great_circle(place[:, 0], place[:, 1])

    # Others like it ---------------------------------------------------------------------

    def on(self, date: dt.date) -> Architecture:
        """Return the same tables looked at on another date.

        Raises
        ------
        UsageError
            If they are those of one day of history, which hold for no other.
        """
        if date != self.date and self.name == f"history-{self.date:%Y-%m-%d}":
            raise UsageError(
                f"{self.name} holds for that day alone: load the other day instead, as "
                f"'{date:%Y-%m-%d}'"
            )
        return replace(self, date=date)

    def measured_by(self, measure: str) -> Architecture:
        """Return the same architecture with another measure of capability."""
        known = self.tables["measures"]["measure"].to_list()
        if measure not in known:
            raise UnknownName("measure", measure, known)
        return replace(self, measure=measure)

    def under(self, mapping: TieMapping) -> Architecture:
        """Return the same tables read with another mapping.

        Raises
        ------
        UnknownName
            If a weight is set for an organisation or a member that is not there.
        """
        members = self.tables["memberships"]
        known = set(self.tables["organisations"]["organisation"]) | {
            f"{o}/{s}" for o, s in members.select("organisation", "state").iter_rows()
        }
        for name in mapping.weights:
            if name not in known:
                raise UnknownName("organisation or member", name, known, self._organisations_hint())
        return replace(self, mapping=mapping)

    def with_tables(self, sentence: str, **tables: pl.DataFrame) -> Architecture:
        """Return an architecture with some tables replaced, and a word on why."""
        return replace(
            self,
            tables=MappingProxyType({**self.tables, **tables}),
            changes=(*self.changes, sentence),
        )

    def apply(self, *changes: Change) -> Architecture:
        """Return the architecture after the changes, in order; this one stays as it is."""
        out = self
        for change in changes:
            out = change.apply(out)
        return out

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what it says: tables in canonical order, date, measure and mapping."""
        settings = {
            "measure": self.measure,
            **{k: repr(v) for k, v in self.mapping.changed().items()},
        }
        return digest_tables(self.tables, self.date, settings)

    def write(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write it as a scenario package: a zip if `path` ends in ``.zip``, else a folder.

        Raises
        ------
        UsageError
            If something is there that may not be replaced, or the place cannot be written to.
        """
        return write(self.package(), path, overwrite=overwrite)

    def package(self) -> Package:
        """Return it as a scenario package, to be written."""
        if self.origin is not None:
            changed = {
                name: frame
                for name, frame in self.tables.items()
                if frame is not self.origin.tables[name]
            }
            return replace(self.origin.replace_tables(**changed), date=self.date)
        return Package.from_tables(
            {table.name: self.tables[table.name] for table in schema.tables()},
            name=self.name,
            title=self.title,
            description=self.description,
            date=self.date,
            region=self.region,
        )
