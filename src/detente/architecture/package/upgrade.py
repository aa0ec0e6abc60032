"""A package of an older schema, written anew: every fact kept, nothing guessed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from detente.architecture.package import schema
from detente.architecture.package.tables import read, write
from detente.errors import UsageError


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What an upgrade did.

    Attributes
    ----------
    path : Path
        The package.
    before, after : int
        Number of the schema.
    moved : int
        Rows of basing that have moved from commitments to presence.
    """

    path: Path
    before: int
    after: int
    moved: int

    def __str__(self) -> str:
        if self.before == self.after and not self.moved:
            return f"{self.path}: is of schema {self.after} already"
        rows = f"{self.moved:,} row{'' if self.moved == 1 else 's'} of basing moved to presence.csv"
        return f"{self.path}: schema {self.before} became {self.after}; {rows}"


def upgrade(path: str | os.PathLike[str]) -> Upgrade:
    """Write a package of an older schema anew in the present one.

    Rows of kind ``basing`` move from ``commitments`` to ``presence``, with consent, since that is
    what a commitment meant; without personnel the assumed share counts. Forces that stand without
    the consent of the ground's government are for the author to mark.

    Parameters
    ----------
    path : path
        A folder, or the same folder zipped; it is overwritten whole or not at all.

    Raises
    ------
    UsageError
        If the package cannot be written to.
    DataError
        If the package has faults; lists them all.
    """
    package = read(path)
    place = Path(path)
    before = int(package.descriptor["detente"]["schema"])
    commitments, presence = package.tables["commitments"], package.tables["presence"]
    basing = commitments.filter(
        (pl.col("kind") == "basing")
        & ~pl.col("strength").is_in(["disputed", "signed_not_in_force"])
    )
    if before >= schema.VERSION and basing.is_empty():
        return Upgrade(place, before, schema.VERSION, 0)
    twice = set(basing["commitment"]) & set(presence["presence"])
    if twice:
        raise UsageError(
            f"presence.csv has rows of the same name already: {', '.join(sorted(twice))}"
        )
    moved = basing.select(
        pl.col("commitment").alias("presence"),
        pl.col("promiser").alias("by"),
        pl.col("beneficiary").alias("on"),
        pl.lit("yes").alias("consent"),
        *("start", "end", "name", "note", "source", "confidence"),
    )
    both = basing.filter(pl.col("direction") == "mutual").select(
        (pl.col("commitment") + "-back").alias("presence"),
        pl.col("beneficiary").alias("by"),
        pl.col("promiser").alias("on"),
        pl.lit("yes").alias("consent"),
        *("start", "end", "name", "note", "source", "confidence"),
    )
    added = pl.concat([moved, both])
    rest = commitments.join(basing.select("commitment"), on="commitment", how="anti")
    tables = {"commitments": rest}
    if added.height:
        tables["presence"] = pl.concat([presence, added], how="diagonal").select(presence.columns)
    write(package.replace_tables(**tables), place, overwrite=True)
    return Upgrade(place, before, schema.VERSION, added.height)
