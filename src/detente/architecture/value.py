"""The architecture: who is committed to whom, who is hostile to whom, who can bring what to bear.

An `Architecture` is an immutable value on a date. Its tables are those of a scenario package;
from them it makes, lazily and once, the ledger of ties and the arrays that a lens needs. A
change makes a new value that shares every table it does not touch.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import polars as pl

from detente.architecture.ledger_reading import PERSONNEL, read_ledger
from detente.architecture.mapping import TieMapping
from detente.architecture.names import code_of
from detente.architecture.package import schema
from detente.architecture.package.tables import Package, digest_tables, write
from detente.architecture.promises import Facts, Ledger, Pair, Standing, Tie
from detente.architecture.system import System
from detente.architecture.system_arrays import WARHEADS, system_of
from detente.errors import UnknownName, UsageError
from detente.forked import refuse_after_fork


class Applicable(Protocol):
    """What can be done to an architecture: a change, or one edit of it."""

    def apply(self, g: Architecture, /) -> Architecture:
        """Return the architecture after it."""
        ...


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
        suffix = f", after {len(self.changes)} changes" if self.changes else ""
        return f"<Architecture {self.name}, {self.date:%d %B %Y}: {n} states{suffix}>"

    def _repr_html_(self) -> str:
        from detente.architecture.describe import html_of

        return html_of(self)

    # What stands in it ------------------------------------------------------------------

    def __getattribute__(self, name: str) -> Any:
        if name == "tables":
            refuse_after_fork()
        return object.__getattribute__(self, name)

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
        members_of: dict[str, set[str]] = {}
        for organisation, state in rows.select("organisation", "state").iter_rows():
            if state in self.names:
                members_of.setdefault(organisation, set()).add(state)
        return MappingProxyType({o: tuple(sorted(states)) for o, states in members_of.items()})

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
        """Return the code of the state that is named, by its code or one of its names.

        Raises
        ------
        UnknownName
            If there is no such state; says what was probably meant.
        """
        return code_of("state", code, self.names, self._codes_hint())

    def organisation(self, code: str) -> str:
        """Return the code of the organisation that is named; raise `UnknownName` if none is."""
        return code_of("organisation", code, self._organisations, self._organisations_hint())

    @cached_property
    def _organisations(self) -> Mapping[str, str]:
        rows = self.tables["organisations"].select("organisation", "name").iter_rows()
        return MappingProxyType(dict(rows))

    def _codes_hint(self) -> str:
        return f"List the codes with: detente states {self.name}"

    def _organisations_hint(self) -> str:
        return f"The organisations that count are listed by: detente show {self.name}"

    # What a lens sees -------------------------------------------------------------------

    @cached_property
    def ledger(self) -> Ledger:
        """The ties of every pair with their sources, as the mapping reads the tables."""
        return read_ledger(self)

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
        return system_of(self)

    @cached_property
    def forces(self) -> Mapping[str, float]:
        """Active military personnel of every state for which there is a figure, persons."""
        return self._latest(PERSONNEL, 1000.0)

    @cached_property
    def warheads(self) -> Mapping[str, float] | None:
        """Nuclear warheads of every state that has some; None where they are not on record."""
        if WARHEADS not in self.tables["measures"]["measure"].to_list():
            return None
        return self._latest(WARHEADS, 1.0)

    def _latest(self, measure: str, unit: float) -> Mapping[str, float]:
        rows = self.tables["capabilities"].filter(
            (pl.col("measure") == measure) & (pl.col("year") <= self.date.year)
        )
        figures = dict(rows.sort("year").select("state", "value").iter_rows())
        return MappingProxyType({state: value * unit for state, value in figures.items()})

    def no_figures(self) -> str:
        """Say that no state has a capability under the measure, and when there are figures."""
        years = self.tables["capabilities"].filter(pl.col("measure") == self.measure)["year"]
        text = f"{self.name} has no figures of capability for '{self.measure}'"
        if years.is_empty():
            return text
        return f"{text} up to {self.date.year}; the first are of {min(years.to_list())}"

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
        measures_known = self.tables["measures"]["measure"].to_list()
        if measure not in measures_known:
            raise UnknownName("measure", measure, measures_known)
        other = replace(self, measure=measure)
        # No measure of capability enters a tie: what was found out of them holds there too.
        for name in ("ledger", "standing", "known_edits"):
            vars(other)[name] = getattr(self, name)
        return other

    def under(self, mapping: TieMapping) -> Architecture:
        """Return the same tables read with another mapping.

        Raises
        ------
        UnknownName
            If a weight is set for an organisation or a member that is not there.
        """
        members = self.tables["memberships"]
        codes_known = set(self.tables["organisations"]["organisation"]) | {
            f"{o}/{s}" for o, s in members.select("organisation", "state").iter_rows()
        }
        for name in mapping.weights:
            if name not in codes_known:
                raise UnknownName(
                    "organisation or member", name, codes_known, self._organisations_hint()
                )
        return replace(self, mapping=mapping)

    def with_tables(self, sentence: str, **tables: pl.DataFrame) -> Architecture:
        """Return an architecture with some tables replaced, and a word on why."""
        return replace(
            self,
            tables=MappingProxyType({**self.tables, **tables}),
            changes=(*self.changes, sentence),
        )

    def apply(self, *changes: Applicable) -> Architecture:
        """Return the architecture after the changes, in order; this one stays as it is."""
        changed = self
        for change in changes:
            changed = change.apply(changed)
        return changed

    @cached_property
    def standing(self) -> Standing:
        """What holds between pairs of states, as far as a change was held against it."""
        return {}

    @cached_property
    def known_edits(self) -> dict[tuple[Hashable, ...], tuple[dict[Pair, Tie], Facts]]:
        """The ties and facts after edits, where they differ, as far as they were worked out."""
        return {}

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
