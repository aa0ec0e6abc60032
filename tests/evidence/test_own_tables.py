"""A user's own tables in panel and backtest, other frames, and years after the list of members."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from detente.cli import cli
from detente.errors import DataError, UnknownName, UsageError
from detente.evidence.panel.arrays import extension
from detente.evidence.panel.covariates import Design
from detente.evidence.panel.own_covariates import covariates_of
from detente.evidence.panel.own_tables import attach, read_own
from detente.evidence.panel.rows import panel

STATES = pl.DataFrame(
    {"ccode": [2, 2, 365, 365], "year": [1950, 1951, 1950, 1951], "ideal": [2.0, 2.5, -3.0, None]}
)
KEYS = {
    "ccode": [2, 2, 365, 365], "cowcode": ["2.0", "2", "365", "365"], "GWcode": [2, 2, 365, 365],
    "iso3": ["USA", "usa", "SUN", "SUN"], "stateabb": ["USA", "USA", "RUS", "RUS"],
}  # fmt: skip
GRID = pl.DataFrame(
    {"year": [1950, 1951], "ccode1": [2, 2], "ccode2": [365, 365]},
    schema={"year": pl.Int16, "ccode1": pl.Int16, "ccode2": pl.Int16},
)


@pytest.mark.parametrize("key", sorted(KEYS))
def test_a_table_of_states_is_known_by_any_of_their_codes(key):
    """COW numbers, Gleditsch-Ward numbers, ISO codes and abbreviations name the same states."""
    own = read_own(STATES.drop("ccode").with_columns(pl.Series(key, KEYS[key])))

    assert "state-year" == own.unit
    assert STATES["ccode"].to_list() == own.frame.sort("ccode", "year")["ccode"].to_list()


@pytest.mark.parametrize("mark", ["NA", "", ".", "NaN"])
def test_what_is_missing_in_a_table_of_ones_own_is_missing(mark, tmp_path):
    """The rule of the house holds for a user's table as well."""
    path = tmp_path / "ideal.csv"
    path.write_text(f"ccode,year,ideal,who\n2,1950,1.5,x\n365,1950,{mark},{mark}\n")
    own = read_own(path)

    assert [1.5, None] == own.frame.sort("ccode")["ideal"].to_list()
    assert ["x", None] == own.frame.sort("ccode")["who"].to_list()


def test_the_columns_of_states_stand_on_both_sides_of_a_pair():
    """A value of a state is a column for the first and one for the second of a pair."""
    table = attach(GRID, [STATES], "directed-dyad-year")

    assert [(2.0, -3.0), (2.5, None)] == table.select("ideal1", "ideal2").rows()


def test_a_pair_listed_once_holds_in_both_orders_and_one_listed_twice_in_each():
    """What is listed in one order is about the pair; what is listed in both is about each order."""
    once = pl.DataFrame({"ccode1": [365], "ccode2": [2], "year": [1950], "pact": [1]})
    twice = pl.concat(
        [once, pl.DataFrame({"ccode1": [2], "ccode2": [365], "year": [1950], "pact": [7]})]
    )

    assert ("dyad-year", "directed-dyad-year") == (read_own(once).unit, read_own(twice).unit)
    assert [1, None] == attach(GRID, [once], "dyad-year")["pact"].to_list()
    assert [7, None] == attach(GRID, [twice], "directed-dyad-year")["pact"].to_list()
    with pytest.raises(UsageError, match="either order"):
        attach(GRID, [twice], "dyad-year")


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (STATES.drop("year"), "no column of years"),
        (STATES.drop("ccode"), "no column of states"),
        (STATES.drop("ideal"), "beside its keys"),
        (pl.concat([STATES, STATES]), "more than one row"),
        (STATES.with_columns(year=pl.lit("x")), "Wanted: a year"),
        (STATES.with_columns(ccode=pl.lit(999)), "no row of a state"),
    ],
)
def test_a_table_whose_rows_are_anything_else_is_refused(frame, words):
    """What a row is must be clear from its keys."""
    with pytest.raises(DataError, match=words):
        read_own(frame)


def test_columns_that_are_there_already_are_not_overwritten():
    """Two things of one name are a mistake of somebody's."""
    with pytest.raises(UsageError, match="ideal1, ideal2"):
        attach(attach(GRID, [STATES], "dyad-year"), [STATES], "dyad-year")


def test_covariates_of_ones_own_are_those_of_the_year_before():
    """Nothing of the year itself or later goes in; the last known value stands in for a gap."""
    years = np.array([1950, 1951, 1952])
    count = len(years)
    rows = Design(
        ("x",), np.zeros((count, 1), np.float32), np.zeros(count), years, np.full(count, 2),
        np.full(count, 365), np.ones(count, bool),
    )  # fmt: skip
    later = pl.DataFrame({"ccode": [2], "year": [1960], "ideal": [99.0]})
    pairs = pl.DataFrame({"ccode1": [2], "ccode2": [365], "year": [1951], "pact": [5.0]})
    design = covariates_of(rows, [pl.concat([STATES, later]), pairs])

    assert ("x", "ideal_low", "ideal_high", "pact") == design.names
    assert [[-3.0, 2.0, 5.0], [-3.0, 2.5, 5.0]] == design.values[1:, 1:].tolist()


def test_a_panel_takes_tables_of_ones_own(data, tmp_path):
    """From Python and from the command line, in every unit that has their rows."""
    path = tmp_path / "ideal.csv"
    STATES.write_csv(path)
    states = panel(1950, 1951, unit="state-year", own=STATES)
    out = tmp_path / "p.parquet"
    result = CliRunner().invoke(
        cli, ["panel", "1950", "1951", "--own", str(path), "--out", str(out)]
    )

    assert 3 == states["ideal"].drop_nulls().len()
    assert result.exit_code == 0, result.output
    assert {"ideal1", "ideal2"} <= set(pl.read_parquet(out).columns)


def test_years_after_the_list_of_members_have_its_last_ones(data, tmp_path):
    """The list ends in 2016; its last members go on as far as any source reaches: it is said."""
    last, later = (panel(y, y, unit="state-year", add="capabilities") for y in (2016, 2022))
    out = tmp_path / "p.csv"
    result = CliRunner().invoke(
        cli, ["panel", "2017", "2022", "--unit", "state-year", "--out", str(out)]
    )

    assert last["ccode"].to_list() == later["ccode"].to_list()
    assert later["cinc"].null_count() < later.height / 2
    assert "ends in 2016" in extension(2022)
    assert "ends in 2016" in result.output
    assert "" == extension(2016)
    with pytest.raises(UsageError, match="1816 to 2016; its last members are taken to go on to"):
        panel(2017, 2200)


def test_columns_after_their_source_ends_are_null(data):
    """Contiguity ends in 2016: after it, it is not known and not none."""
    table = panel(2016, 2018, unit="dyad-year", add="contiguity")

    assert table.filter(pl.col("year") == 2016)["contiguity"].null_count() == 0
    assert table.filter(pl.col("year") > 2016)["contiguity"].drop_nulls().len() == 0


@pytest.mark.parametrize("unit", ["state-year", "dyad-year", "directed-dyad-year"])
def test_the_frame_of_gleditsch_and_ward_has_their_states(unit, data):
    """Rows are theirs; columns are those of COW's state of the year, where there is one."""
    year = 1950
    groups = ["capabilities"] if unit == "state-year" else ["capabilities", "contiguity"]
    table = panel(year, year, unit=unit, add=groups, frame="gw")
    mine = panel(year, year, unit=unit, add=groups)
    states = set(table["gwcode"] if unit == "state-year" else table["gwcode1"])
    column = "cinc" if unit == "state-year" else "cinc1"
    count = len(states)

    assert {2, 365} <= states
    if unit == "directed-dyad-year":
        assert count * (count - 1) == table.height
    keys = ["ccode"] if unit == "state-year" else ["ccode1", "ccode2"]
    both = table.join(mine, on=keys, suffix="_cow")
    assert both[column].equals(both[column + "_cow"].alias(column))
    with pytest.raises(UnknownName):
        panel(year, year, frame="isd")


def test_spending_warheads_and_conflicts_are_columns_of_the_panel(data):
    """SIPRI, the Nuclear Notebook, Bleek and UCDP, in the frame of the panel."""
    table = panel(
        1985, 1985, unit="state-year",
        add=["spending", "warheads", "nuclear", "conflicts", "conflict_onsets"],
    )  # fmt: skip
    usa = table.filter(pl.col("ccode") == 2).row(0, named=True)
    mexico = table.filter(pl.col("ccode") == 70).row(0, named=True)

    assert usa["milex_constant"] > 100_000
    assert (usa["warheads"] > 20_000, usa["nuclear_status"], mexico["warheads"]) == (True, 3, 0)
    assert {0.0, 1.0, 2.0} == set(table["conflict_intensity"].drop_nulls())
