"""Event files that a user brings, as dyadic events on the ladder.

GDELT, ICEWS, POLECAT and the UCDP Georeferenced Event Dataset are read as their makers publish
them, and as databases and data frames save them, plain or compressed. What such files count is
what was reported, or what cost lives, not what happened: see `WARNINGS`.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import polars as pl

from detente.architecture.promises import Pair, pair
from detente.crisis.model.model_arrays import FORCE
from detente.crisis.record.ladder import rung_of_cameo, table
from detente.errors import DataError, Fault, UnknownName

WARNINGS: Mapping[str, str] = {
    "gdelt_events": "GDELT codes news by machine: it counts reports, repeats what is reported "
    "again, and grows with the number of its sources. Exercises, films and history are in it.",
    "icews_events": "ICEWS codes news by machine: it counts reported events, words more often "
    "than deeds, and follows the coverage of its sources.",
    "polecat_events": "POLECAT codes news by machine: it counts reported events, and follows the "
    "coverage of its sources. Its types are coarser than CAMEO's: a threat counts as one of force, "
    "an assault as a use of force, where the context is military.",
    "icb_actors": "ICB counts crises: one event an actor and crisis, the act that triggered it, "
    "after research; what came before and after the trigger is not in it.",
    "ucdp_events": "UCDP GED counts events with at least one death, after research: threats, "
    "displays and bloodless incidents are not in it, and every event stands on rung 4.",
}
"""What each kind of file counts, in words for whoever fits to it."""
KNOWN = (
    "Event files that are read: GDELT 2.0 exports, ICEWS, POLECAT, UCDP GED, actors of the crises "
    "of ICB (icb2); GDELT 1.0 and chosen columns of GDELT as well."
)
JSON = (".json", ".geojson", ".json.gz", ".geojson.gz")
LONGEST = dt.timedelta(days=6)
"""An event whose date is known only to a longer span than a week is left out."""
COLUMNS = {
    "day": pl.Date,
    "source": pl.String,
    "target": pl.String,
    "code": pl.String,
    "rung": pl.Int64,
    "file": pl.String,
}


@dataclass(frozen=True, eq=False)
class Events:
    """Dyadic events of one or several files.

    Attributes
    ----------
    table : polars.DataFrame
        One row an event, the oldest first: ``day``, ``source``, ``target`` (codes of states, or
        names of other actors as the file has them), ``code`` (CAMEO; missing for UCDP),
        ``rung``, ``file``.
    kinds : tuple of str
        Kinds of the files, keys of `WARNINGS`.
    left_out : mapping of str to int
        Rows of the files that are no dyadic event, by the reason.
    """

    table: pl.DataFrame
    kinds: tuple[str, ...]
    left_out: Mapping[str, int]

    def __repr__(self) -> str:
        days = self.table["day"].to_list()
        span = f" from {days[0]} to {days[-1]}" if days else ""
        lines = [f"{self.table.height:,} dyadic events{span}."]
        lines += [f"  left out: {n:,} rows, {why}" for why, n in self.left_out.items()]
        return "\n".join(lines)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the files count, in words."""
        return tuple(WARNINGS[kind] for kind in self.kinds)

    def sides(self) -> set[str]:
        """Return everybody who is a side of some event."""
        return {*self.table["source"], *self.table["target"]}

    def days(self, rung: int) -> dict[Pair, list[dt.date]]:
        """Return the days on which each dyad has an event on a rung or above, either way.

        Several events of a dyad on one day count once: they are often reports of one act.
        """
        hostile = self.table.filter(
            (pl.col("rung") >= rung) & (pl.col("source") != pl.col("target"))
        )
        days_of: dict[Pair, set[dt.date]] = {}
        for day, a, b in hostile.select("day", "source", "target").iter_rows():
            days_of.setdefault(pair(a, b), set()).add(day)
        return {dyad: sorted(days) for dyad, days in sorted(days_of.items())}


def read_events(paths: Sequence[str | os.PathLike[str]]) -> Events:
    """Read event files, of one kind or several.

    Parameters
    ----------
    paths : sequence of path
        GDELT (exports without a header, or any table with its column names), ICEWS, POLECAT or
        UCDP GED, plain or compressed.

    Raises
    ------
    DataError
        If a file cannot be read or is of none of these kinds.
    """
    from detente.evidence.datasets import recognition

    tables, kinds, left_out = [], [], dict[str, int]()
    for path in map(Path, paths):
        try:
            recognised = recognition.read(path, whole=False, extras=False)
        except OSError as error:
            raise DataError([Fault(path.name, None, "", f"cannot be read ({error})")]) from error
        except DataError as error:
            if path.name.lower().endswith(JSON):
                # Of the tables that are read elsewhere some are GeoJSON; no events are.
                fault = Fault(path.name, None, "", "is JSON, and no event file.", KNOWN)
                raise DataError([fault]) from None
            raise DataError(
                [replace(f, remedy=f"{f.remedy} {KNOWN}".strip()) for f in error.faults]
            ) from None
        kind = recognised.layout.table
        if kind not in WARNINGS:
            fault = Fault(
                path.name,
                None,
                "",
                f"holds no events: it was recognised as {recognised.layout.name}.",
                KNOWN,
            )  # fmt: skip
            raise DataError([fault])
        frame = READERS[kind](recognised.frame, left_out)
        tables.append(frame.with_columns(file=pl.lit(path.name)).select(list(COLUMNS)))
        kinds.append(kind)
    table = pl.concat(tables) if tables else pl.DataFrame(schema=COLUMNS)
    return Events(table.sort("day", maintain_order=True), tuple(dict.fromkeys(kinds)), left_out)


def _gdelt(frame: pl.DataFrame, left_out: dict[str, int]) -> pl.DataFrame:
    day = pl.col("day").cast(pl.String).str.to_date("%Y%m%d", strict=False)
    return _coded(
        frame.select(day=day, source="actor1", target="actor2", code="code"), codes(), left_out
    )


def _icews(frame: pl.DataFrame, left_out: dict[str, int]) -> pl.DataFrame:
    rows = frame.select(day="date", source="source_country", target="target_country", code="code")
    return _coded(rows, names(), left_out)


def _coded(frame: pl.DataFrame, known: Mapping[str, str], left_out: dict[str, int]) -> pl.DataFrame:
    """Return events with codes of states and rungs; count what is left out, by the reason."""
    named = _sided(frame, known, left_out)
    rungs = {code: _rung(code) for code in named["code"].unique() if code is not None}
    placed = named.with_columns(
        rung=pl.col("code").replace_strict(rungs, default=None, return_dtype=pl.Int64)
    ).drop_nulls("rung")
    _count(left_out, "with a code that CAMEO does not have", named, placed)
    return placed


def _sided(frame: pl.DataFrame, known: Mapping[str, str], left_out: dict[str, int]) -> pl.DataFrame:
    """Return the events between two states, with our codes of them."""
    sides = ("source", "target")
    both = frame.drop_nulls(["day", *sides])
    _count(left_out, "without a date or without a country on both sides", frame, both)
    apart = both.filter(pl.col("source") != pl.col("target"))
    _count(left_out, "within one country", both, apart)
    named = apart.with_columns(
        pl.col(side).str.to_lowercase().replace_strict(known, default=None) for side in sides
    ).drop_nulls(list(sides))
    _count(left_out, "with a side that is no state on record, such as a region", apart, named)
    return named


def _polecat(frame: pl.DataFrame, left_out: dict[str, int]) -> pl.DataFrame:
    """Place POLECAT's events: by type and mode, by type alone where the table has no mode."""
    rungs = {(row["type"], row["mode"]): int(row["rung"]) for row in table("plover_rungs")}
    military = pl.col("contexts").fill_null("").str.to_lowercase().str.contains("military")
    rows = frame.with_columns(
        source=pl.col("source_country"),
        target=pl.col("target_country"),
        type=pl.col("type").str.to_uppercase().str.strip_chars(),
        mode=pl.when(military).then(pl.lit("military")).otherwise(
            pl.col("mode").fill_null("").str.to_lowercase().str.strip_chars()
        ),
    )  # fmt: skip
    sided = _sided(rows.rename({"date": "day"}), codes(), left_out)
    pairs = sided.select("type", "mode").unique().iter_rows()
    known = {
        f"{kind}/{mode}": rungs.get((kind, mode), rungs.get((kind, ""))) for kind, mode in pairs
    }
    placed = sided.with_columns(
        code=pl.lit(None, pl.String),
        rung=(pl.col("type") + "/" + pl.col("mode")).replace_strict(
            known, default=None, return_dtype=pl.Int64
        ),
    ).drop_nulls("rung")
    _count(left_out, "with a type that PLOVER does not have", sided, placed)
    return placed


def _ucdp(frame: pl.DataFrame, left_out: dict[str, int]) -> pl.DataFrame:
    fights = frame.filter(pl.col("kind").is_in([1, 2]))
    _count(left_out, "one-sided violence, which has no dyad", frame, fights)
    dated = fights.filter(pl.col("end_date") - pl.col("start_date") <= LONGEST)
    _count(left_out, "with a date that is known only to more than a week", fights, dated)
    spans = _of_gw()
    rows = dated.with_row_index("row").with_columns(year=pl.col("start_date").dt.year())
    for name, side in (("source", "a"), ("target", "b")):
        number = pl.col(f"gwno_{side}").cast(pl.Int64, strict=False)
        coded = (
            rows.select("row", "year", gw=number)
            .join(spans, on="gw")
            .filter(pl.col("year").is_between("first_year", "last_year"))
            .unique("row", keep="first", maintain_order=True)
            .select("row", "state")
        )
        rows = (
            rows.join(coded, on="row", how="left", maintain_order="left")
            .with_columns(pl.coalesce("state", f"side_{side}").alias(name))
            .drop("state")
        )
    every = rows.select(
        "source", "target", day="start_date", code=pl.lit(None, pl.String),
        rung=pl.lit(FORCE, pl.Int64),
    ).select("day", "source", "target", "code", "rung")  # fmt: skip
    named = every.drop_nulls(["source", "target"])
    _count(left_out, "with a side that has neither a number of a state nor a name", every, named)
    return named


def _icb(frame: pl.DataFrame, left_out: dict[str, int]) -> pl.DataFrame:
    """Place the act that triggered an actor's crisis, from whoever triggered it to the actor."""
    rungs = {int(row["trigger"]): int(row["rung"]) for row in table("icb_triggers")}
    parts = pl.all_horizontal(
        pl.col("trigger_month").is_between(1, 12), pl.col("trigger_day").is_between(1, 31)
    )
    dated = frame.with_columns(
        day=pl.when(parts).then(
            pl.format("{}-{}-{}", "trigger_year", "trigger_month", "trigger_day").str.to_date(
                "%Y-%m-%d", strict=False
            )
        )
    ).drop_nulls("day")
    _count(left_out, "with a trigger whose day is not known", frame, dated)
    placed = dated.with_columns(
        code=pl.lit(None, pl.String),
        rung=pl.col("trigger").replace_strict(rungs, default=None, return_dtype=pl.Int64),
    ).drop_nulls("rung")
    _count(left_out, "triggered by a change or within the state, which has no dyad", dated, placed)
    spans = _of_cow()
    rows = placed.with_row_index("row").with_columns(year=pl.col("day").dt.year())
    for name, column in (("source", "entity"), ("target", "ccode")):
        coded = (
            rows.select("row", "year", cow=pl.col(column).cast(pl.Int64, strict=False))
            .join(spans, on="cow")
            .filter(pl.col("year").is_between("first_year", "last_year"))
            .unique("row", keep="first", maintain_order=True)
            .select("row", pl.col("state").alias(name))
        )
        rows = rows.join(coded, on="row", how="left", maintain_order="left")
    sided = rows.drop_nulls(["source", "target"]).filter(pl.col("source") != pl.col("target"))
    _count(left_out, "with a side that is no single state on record", rows, sided)
    return sided.select("day", "source", "target", "code", "rung")


READERS: Mapping[str, Callable[[pl.DataFrame, dict[str, int]], pl.DataFrame]] = {
    "gdelt_events": _gdelt,
    "icews_events": _icews,
    "polecat_events": _polecat,
    "ucdp_events": _ucdp,
    "icb_actors": _icb,
}


def _count(left_out: dict[str, int], why: str, before: pl.DataFrame, after: pl.DataFrame) -> None:
    if before.height > after.height:
        left_out[why] = left_out.get(why, 0) + before.height - after.height


def _rung(code: str) -> int | None:
    try:
        return rung_of_cameo(code)
    except UnknownName:
        return None


@cache
def codes() -> dict[str, str]:
    """Return our code of each state by the country code of GDELT, in lower case."""
    from detente.evidence.datasets.crosswalk import table as crosswalk

    return {state.lower(): state for state in crosswalk()["state"]} | _aliases()


@cache
def names() -> dict[str, str]:
    """Return our code of each state by its name in English, in lower case."""
    from detente.evidence.datasets.crosswalk import table as crosswalk

    rows = crosswalk().sort("last_year")
    return {name.lower(): state for name, state in rows.select("name", "state").iter_rows()} | (
        _aliases()
    )


def _aliases() -> dict[str, str]:
    return {row["name"].lower(): row["state"] for row in table("event_names")}


def _of_gw() -> pl.DataFrame:
    return _spans_of("gw")


def _of_cow() -> pl.DataFrame:
    return _spans_of("cow")


@cache
def _spans_of(system: str) -> pl.DataFrame:
    """Return the states of each number of a system: first and last year, our code."""
    from detente.evidence.datasets.crosswalk import table as crosswalk

    rows = crosswalk().drop_nulls(system).select(system, "first_year", "last_year", "state")
    # The table ends in a year; the states that it then has go on.
    end = rows["last_year"].max()
    return rows.with_columns(
        last_year=pl.when(pl.col("last_year") == end).then(9999).otherwise("last_year")
    )
