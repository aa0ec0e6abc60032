"""Any year as an architecture like any other; codes of states over time."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.architecture.check import check
from detente.architecture.package import write
from detente.errors import MissingData, UnknownName, UsageError
from detente.evidence import arrays, crosswalk, store
from detente.evidence.history import history


@given(year=st.integers(1816, 2016))
def test_codes_cross_and_come_back(year):
    """From COW numbers to our codes and back is the identity, in every year."""
    numbers = crosswalk.of_year(year)["cow"].to_list()
    codes = crosswalk.convert(numbers, "cow", "state", year)

    assert len(set(codes)) == len(numbers)
    assert crosswalk.convert(codes, "state", "cow", year) == numbers


def test_a_code_stands_for_what_it_stood_for_in_its_year():
    """Number 345 is Serbia in 1914 and Yugoslavia in 1930, and 255 is Prussia in 1850."""
    assert crosswalk.convert([345], "cow", "state", 1914) == ["SRB"]
    assert crosswalk.convert([345], "cow", "state", 1930) == ["YUG"]
    assert crosswalk.convert([345, 340], "gw", "cow", 2010) == [None, 345]
    assert crosswalk.convert([260], "cow", "iso3", 1970) == [None]
    assert crosswalk.of_year(1850).filter(pl.col("cow") == 255)["name"].to_list() == ["Prussia"]
    with pytest.raises(UnknownName, match="gw"):
        crosswalk.convert([2], "cow", "gww", 1900)


def test_the_crosswalk_agrees_with_the_lists_of_states(data):
    """Its spans are those of the COW list, its Gleditsch-Ward numbers those of the crosswalk."""
    years = crosswalk.table().select(
        "cow", "gw", year=pl.int_ranges("first_year", pl.col("last_year") + 1)
    )
    ours = {tuple(row) for row in years.explode("year").select("cow", "year", "gw").iter_rows()}
    made = arrays.dense(1816, 2016, [])
    frame = {
        (int(made.codes[s]), int(y) + 1816) for y, s in zip(*np.nonzero(made.member), strict=True)
    }
    theirs = store.table("crosswalk_years").drop_nulls(["ccode"])
    pairs = {(c, y): g for c, y, g in theirs.select("ccode", "year", "gwcode").iter_rows()}

    assert {(c, y) for c, y, _ in ours} == frame
    assert [] == [(c, y, g) for c, y, g in ours if g is not None and pairs.get((c, y)) != g]


def test_1914_has_the_states_and_treaties_of_1914(data):
    """The Triple Alliance stands, Italy and Austria-Hungary are also rivals, Serbia is there."""
    g = history(1914)

    assert g.date == dt.date(1914, 7, 1)
    assert {"AUH", "SRB", "DEU", "RUS", "GBR"} <= set(g.codes)
    assert "POL" not in g.codes
    tie = g.ledger.tie("AUH", "DEU")
    assert (tie.ally, tie.rival) == (1, 0)
    assert g.names["TUR"] == "Ottoman Empire"
    assert g.system.capability.sum() == pytest.approx(1)


def test_alliances_and_rivals_are_those_of_the_dense_arrays(data):
    """Defense pledges in either direction make allies; rivals who are allies are neither."""
    g = history(1938)
    made = arrays.dense(1938, 1938, ["alliances", "rivalry"])
    numbers = dict(g.tables["states"].select("state", "cow_code").iter_rows())
    place = np.searchsorted(made.codes, [numbers[code] for code in g.system.codes])
    pledge = made.dyads["alliances"][0][np.ix_(place, place)] & 1
    hostile = made.dyads["rivalry"][0][np.ix_(place, place)] & 1
    allied = (pledge | pledge.T) > 0

    assert np.array_equal(g.system.allies > 0, allied & (hostile == 0))
    assert np.array_equal(g.system.rivals > 0, (hostile > 0) & ~allied)


@pytest.mark.parametrize("year", [1816, 1870, 1918, 1939, 1945, 1991, 2016])
def test_a_year_makes_a_package_without_faults(data, tmp_path, year):
    """What history builds can be written, and read without a fault."""
    write(history(year).package(), tmp_path / "year")

    assert check(tmp_path / "year") == []


def test_a_day_differs_from_its_year(data):
    """On the last day of 1918 Austria-Hungary is gone, on the first of July it is there."""
    assert "AUH" in history(1918).codes
    assert "AUH" not in history(dt.date(1918, 12, 31)).codes


def test_a_series_is_lazy_and_in_order(data):
    """A range of years is a sequence of architectures, and dense arrays beside."""
    series = history(range(1900, 1911, 5))

    assert [g.date.year for g in series] == [1900, 1905, 1910]
    assert series[-1].date.year == 1910
    assert series[:2].years == (1900, 1905)
    assert series.to_xarray().sizes["year"] == 3
    assert repr(series) == "<Series of 3 architectures, 1900 to 1910>"


def test_years_outside_the_list_are_refused(data):
    """There is no interstate system before 1816."""
    with pytest.raises(UsageError, match="1816 to 2016"):
        history(1815)
    with pytest.raises(UsageError, match="1816 to 2016"):
        history(range(2000, 2030))


def test_without_data_history_says_what_is_wanted(empty):
    """An empty data folder names the source and the command."""
    with pytest.raises(MissingData, match="detente data add"):
        history(1914)
