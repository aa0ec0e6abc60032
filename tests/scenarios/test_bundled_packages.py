"""What holds for every bundled scenario."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from bundled_tables import BUNDLED, SCENARIOS, Tables

import detente
from detente.architecture.package import check, tables


def test_the_bundled_scenarios_are_those_that_the_library_names() -> None:
    """Nothing is bundled that is not listed, and nothing listed is missing."""
    folders = sorted(p.parent.name for p in SCENARIOS.glob("*/datapackage.json"))

    assert list(BUNDLED) == folders == sorted(detente.bundled())


def test_every_bundled_scenario_passes_check(folder: Path) -> None:
    """What we ship has no fault that we would report to others."""
    assert [] == check.check(folder)


def test_a_bundled_scenario_is_written_as_it_was_read(folder: Path, tmp_path: Path) -> None:
    """Reading and writing a bundled scenario gives the same bytes in every file."""
    tables.write(tables.read(folder), tmp_path / "copy")

    expected = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert expected == {p.name: p.read_bytes() for p in (tmp_path / "copy").iterdir()}


def test_every_source_is_used_and_every_row_has_one(bundled: Tables) -> None:
    """The list of sources is neither longer nor shorter than what the rows name."""
    listed = [row["source"] for row in bundled["sources"]]
    used = {
        source
        for name, rows in bundled.items()
        if name != "sources"
        for row in rows
        for source in row["source"].split(";")
    }

    assert sorted(set(listed)) == sorted(listed)
    assert used | {"assumed"} == set(listed)


def test_a_source_counts_as_seen_only_with_an_address(bundled: Tables) -> None:
    """Who says that a copy was read can say where."""
    without = [r["source"] for r in bundled["sources"] if r["seen"] == "yes" and not r["url"]]

    assert [] == without


def test_no_date_lies_after_the_scenario_date(folder: Path) -> None:
    """Nothing later than the as-of date is recorded as having happened."""
    read = tables.read(folder)
    late = [
        (name, column, value)
        for name, frame in read.tables.items()
        for column in frame.columns
        if frame.schema[column] == pl.Date
        for value in frame[column].drop_nulls()
        if value > read.date
    ]

    assert [] == late


def test_every_state_has_a_figure_of_the_default_measure(bundled: Tables) -> None:
    """Only Palestine has none: the Correlates of War do not count it."""
    default = next(r["measure"] for r in bundled["measures"] if r["default"] == "yes")
    figured = {r["state"] for r in bundled["capabilities"] if r["measure"] == default}

    assert {r["state"] for r in bundled["states"]} - figured <= {"PSE"}
