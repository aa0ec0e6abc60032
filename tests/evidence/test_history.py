"""Any year as an architecture like any other; codes of states over time."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import detente
from detente.architecture.changes import join, leave
from detente.architecture.package.check import check
from detente.architecture.package.tables import write
from detente.auditing.alternatives import switches
from detente.auditing.feasible_changes import feasible
from detente.cli import cli
from detente.errors import MissingData, UnknownName, UsageError
from detente.evidence import resolve
from detente.evidence.datasets import crosswalk, store
from detente.evidence.history import history
from detente.evidence.panel import arrays, treaties


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
    assert crosswalk.convert([340], "cow", "iso3", 1980) == [None]
    assert crosswalk.of_year(1850).filter(pl.col("cow") == 255)["name"].to_list() == ["Prussia"]
    with pytest.raises(UnknownName, match="gw"):
        crosswalk.convert([2], "cow", "gww", 1900)


def test_states_that_are_gone_have_the_iso_code_of_their_time():
    """ISO 3166-3 names states that are gone, and the codes lead back to them."""
    numbers = [260, 265, 365, 345, 678, 680, 315]
    codes = ["DEU", "DDR", "SUN", "YUG", "YEM", "YMD", "CSK"]

    assert codes == crosswalk.convert(numbers, "cow", "iso3", 1980)
    assert numbers == crosswalk.convert(codes, "iso3", "cow", 1980)
    assert ["VDR", "VNM"] == crosswalk.convert([816, 817], "cow", "iso3", 1970)
    assert ["VNM", None] == crosswalk.convert([816, 817], "cow", "iso3", 1980)
    assert ["SCG", "RUS"] == crosswalk.convert([345, 365], "cow", "iso3", 2004)
    assert [255, 679] == crosswalk.convert(["DEU", "YEM"], "iso3", "cow", 1990)


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


@pytest.mark.parametrize("when", ["1914", "1914-07-01", "history-1914-07-01", np.int64(1914)])
def test_a_year_may_be_given_as_text(data, when):
    """A year or a day as text is that year or day; a moment is its day."""
    assert history(1914) == history(when)
    assert history(1914) == history(dt.datetime(1914, 7, 1, 12))


@pytest.mark.parametrize("when", [1914.0, None, "the Great War", "1914-02-30", [1914.0], True])
def test_what_is_no_year_is_refused(data, when):
    """No other value is guessed at."""
    with pytest.raises(UsageError, match=r"no year and no day|no day of the calendar"):
        history(when)


def test_a_scenario_of_that_name_comes_before_a_year(data, tmp_path, monkeypatch):
    """A year is a name like any other, and a folder of that name on disk still wins."""
    monkeypatch.chdir(tmp_path)
    assert detente.load("1914") == history(1914)
    assert detente.load("1914-07-28").date == dt.date(1914, 7, 28)
    assert [] == resolve.check("1914")
    detente.load("two-blocs").write("1914")
    assert detente.load("1914") == detente.load("two-blocs")
    with pytest.raises(UnknownName, match="a year or a day since 1816"):
        detente.load("one-bloc")


@pytest.mark.parametrize(
    "command",
    [
        ["show", "1914", "--lens", "contest"],
        ["show", "history-1914-07-28"],
        ["states", "1914-07-28"],
        ["check", "1914"],
        ["audit", "1830", "--draws", "0", "--no-alternatives"],
    ],
)
def test_commands_take_years(data, command):
    """Every command that takes a scenario takes a year, a day, or the name of its architecture."""
    result = CliRunner().invoke(cli, command)

    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["history", "--years", "1950-1940"], "1950, comes after the last, 1940"),
        (["history", "--years", "1800-1820"], "1816 to 2016"),
        (["calibrate", "--years", "1990-1980"], "1990, comes after the last, 1980"),
        (["calibrate", "--years", "1816-1816"], "nothing is known before 1816"),
    ],
)
def test_spans_that_cannot_be_are_refused_before_any_work(data, command, words, tmp_path):
    """The reason is told, and no folder is left behind."""
    place = ["--out", str(tmp_path / "out")] if command[0] == "history" else []
    result = CliRunner().invoke(cli, [*command, *place])

    assert isinstance(result.exception, UsageError)
    assert words in str(result.exception)
    assert not (tmp_path / "out").exists()


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


def matrices(g, year):
    """Return allies and rivals of a year by the dense arrays, in the order of the architecture."""
    made = arrays.dense(year, year, ["alliances", "rivalry"])
    numbers = dict(g.tables["states"].select("state", "cow_code").iter_rows())
    place = np.searchsorted(made.codes, [numbers[code] for code in g.system.codes])
    pledge = made.dyads["alliances"][0][np.ix_(place, place)] & 1
    hostile = made.dyads["rivalry"][0][np.ix_(place, place)] & 1
    return (pledge | pledge.T) > 0, hostile > 0, [numbers[code] for code in g.system.codes]


@pytest.mark.parametrize("year", [1938, 1960, 2010])
def test_in_a_year_without_a_change_alliances_are_those_of_the_dense_arrays(data, year):
    """Defense pledges in either direction make allies; rivals who are allies are neither."""
    g = history(year)
    allied, hostile, _ = matrices(g, year)

    assert np.array_equal(g.system.allies > 0, allied & ~hostile)
    assert np.array_equal(g.system.rivals > 0, hostile & ~allied)


@pytest.mark.parametrize("year", [1848, 1914, 1943, 1964, 1993, 2007])
def test_alliances_are_those_of_the_day(data, year):
    """Of the pledges of a year those count behind which a treaty stood on the day, pair by pair."""
    day = dt.date(year, 7, 1)
    g = history(day)
    allied, hostile, numbers = matrices(g, year)
    spells = {}
    for row in store.table("treaty_members").iter_rows(named=True):
        month, last = int(row["moent"] or 0) or 1, int(row["moexit"] or 0) or 12
        begin = row["begin_year"], month, int(row["dayent"] or 0) or 1
        end = row["end_year"] or 9999, last, int(row["dayexit"] or 0) or 31
        spells.setdefault(row["atopid"], []).append((row["ccode"], row["defense"], begin, end))
    date = (year, 7, 1)
    expected = set()
    for a, b in zip(*np.nonzero(np.triu(allied)), strict=True):
        behind, stood = False, False
        for members in spells.values():
            mine = [m for m in members if m[0] == numbers[a]]
            theirs = [m for m in members if m[0] == numbers[b]]
            in_year = [m for m in mine + theirs if m[2][0] <= year <= m[3][0]]
            on_day = [m for m in mine + theirs if m[2] <= date <= m[3]]
            for here, of_both in ((in_year, "behind"), (on_day, "stood")):
                both = {m[0] for m in here} == {numbers[a], numbers[b]}
                if both and any(m[1] for m in here):
                    behind |= of_both == "behind"
                    stood |= of_both == "stood"
        if (stood or not behind) and not hostile[a, b]:
            expected.add((int(a), int(b)))
    found = {(int(a), int(b)) for a, b in zip(*np.nonzero(np.triu(g.system.allies)), strict=True)}

    assert expected == found
    assert len(expected) < int(np.triu(allied & ~hostile).sum())


def test_treaties_that_came_later_in_the_year_are_not_there_yet(data):
    """Germany and the Ottoman Empire are allies in September 1914, not on the first of July."""
    july, september = history(1914), history(dt.date(1914, 9, 10))

    assert july.ledger.ally_weight("DEU", "TUR") == 0
    assert september.ledger.ally_weight("DEU", "TUR") == 1
    row = september.tables["commitments"].filter(pl.col("commitment") == "deu-tur-defense")
    assert row.select("start", "end", "name").row(0) == (
        dt.date(1914, 8, 2),
        dt.date(1918, 10, 30),
        "ATOP 2005",
    )


def test_treaties_of_many_members_are_organisations(data):
    """NATO of 1960 has its fifteen members with the dates on which they entered."""
    g = history(1960)
    members = g.tables["memberships"].filter(pl.col("organisation") == "NATO")
    entered = dict(members.select("state", "start").iter_rows())

    assert len(entered) == 15
    assert entered["USA"] == dt.date(1949, 4, 4)
    assert entered["GRC"] == dt.date(1951, 10, 22)
    assert g.tables["organisations"].filter(pl.col("organisation") == "WTO").height == 1
    assert "usa-gbr-defense" not in g.tables["commitments"]["commitment"].to_list()


def test_states_of_the_past_can_join_and_leave(data):
    """Who leaves NATO is no longer allied with Iceland; who joins is; others stay as they were."""
    g = history(1960)
    left, joined = leave("NOR", "NATO").apply(g), join("SWE", "NATO").apply(g)

    assert g.ledger.ally_weight("NOR", "ISL") == 1
    assert left.ledger.ally_weight("NOR", "ISL") == 0
    assert (g.ledger.ally_weight("SWE", "ISL"), joined.ledger.ally_weight("SWE", "ISL")) == (0, 1)
    assert left.ledger.ally_weight("GBR", "FRA") == 1


def test_an_audit_of_the_past_tries_accessions_that_a_treaty_admits(data):
    """Among the feasible changes of 1960 are joining NATO from Europe, and leaving it."""
    changes = {str(change) for change in feasible(history(1960), ["join", "leave"])}

    assert {"SWE joins NATO", "NOR leaves NATO"} <= changes
    assert "JPN joins NATO" not in changes
    assert not any(change.endswith("joins ANZUS") for change in changes)


def test_uneven_treaties_are_no_organisations(data):
    """Locarno binds its members unevenly: it stays a set of commitments of pairs."""
    g = history(1930)
    here = g.tables["organisations"]["note"].to_list()

    assert not any("ATOP 2130" in note for note in here)
    assert g.ledger.ally_weight("FRA", "BEL") == 1


def test_without_the_members_file_promises_stand_for_the_year():
    """Where ATOP's member file is not in the folder every promise of the year counts."""
    promised = np.zeros((3, 3), np.uint8)
    promised[0, 1] = promised[1, 2] = 1
    member = np.array([True, True, False])
    found = treaties.in_force(promised, None, member, np.datetime64("1914-07-01"))

    assert [(0, 1)] == [tuple(cell) for cell in np.argwhere(found.promises).tolist()]
    assert ([], []) == (found.organisations, found.treaties)


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


def test_a_day_of_history_is_no_other_day(data):
    """Its tables hold for the day alone: another date is another architecture."""
    with pytest.raises(UsageError) as caught:
        history(1985).on(dt.date(1999, 1, 1))

    assert "load the other day instead, as '1999-01-01'" in str(caught.value)


def test_no_rival_is_called_calm_for_want_of_data(data):
    """Where the use of force is not known, no threshold of intensity is offered as a reading."""
    known, unknown = history(1985), history(2005)
    offered = [{name for name, _ in switches(g)} for g in (known, unknown)]

    assert ["rivals from intensity 4" in names for names in offered] == [True, False]
    assert "is not known" in unknown.tables["rivalries"]["note"][0]
    assert "is not known" not in known.tables["rivalries"]["note"][0]
