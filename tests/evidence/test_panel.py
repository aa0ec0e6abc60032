"""The panel: frame, merges and traps, on synthetic files always and on the field's if present."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import panel_plain
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.errors import MissingData, UnknownName, UsageError
from detente.evidence.datasets import store
from detente.evidence.panel import arrays, panel_kernel, table_arrays
from detente.evidence.panel.rows import columns, describe, panel, relevant, rows

DOCS = Path(__file__).resolve().parents[2] / "docs" / "evidence" / "panel.md"


@st.composite
def memberships(draw):
    """Who is a member in which year, as in the dense arrays."""
    years, states = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    bits = draw(st.lists(st.integers(0, 1), min_size=years * states, max_size=years * states))
    return np.array(bits, np.uint8).reshape(years, states)


@settings(max_examples=50, deadline=None)
@given(member=memberships(), directed=st.booleans(), seed=st.integers(0, 99))
def test_listing_pairs_equals_its_plain_twin(member, directed, seed):
    """The compiled list of pairs is the one that whole-array operations give."""
    years, states = member.shape
    rng = np.random.default_rng(seed)
    dropped = np.unique(rng.integers(0, years * states * states, 4))
    most = years * states * states
    flat, first, second = (np.empty(most, np.int64) for _ in range(3))
    start = np.empty(years + 1, np.int64)
    n = panel_kernel.list_dyads(member, dropped, directed, flat, first, second, start)

    expected = panel_plain.list_dyads(member, dropped, directed)
    for wanted, got in zip(expected, (flat[:n], first[:n], second[:n], start), strict=True):
        assert wanted.tolist() == got.tolist()


@settings(max_examples=50, deadline=None)
@given(member=memberships(), seed=st.integers(0, 99))
def test_filling_and_counting_equal_their_plain_twins(member, seed):
    """Spells, cells and peace years come out the same compiled and plain."""
    years, states = member.shape
    rng = np.random.default_rng(seed)
    first, second = (rng.integers(0, states, 8).astype(np.int32) for _ in range(2))
    start = rng.integers(-2, years, 8).astype(np.int32)
    end = (start + rng.integers(0, 4, 8)).astype(np.int32)
    value = rng.integers(1, 6, 8).astype(np.uint8)
    shape = (years, states, states)
    fast, plain = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    panel_kernel.fill_spells(first, second, value, start, end, fast)
    panel_plain.fill_spells(first, second, value, start, end, plain)
    inside = (start >= 0) & (start < years)
    cells = [x[inside] for x in (start, first, second, value)]
    fast_cells, plain_cells = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    panel_kernel.fill_cells(*cells, fast_cells)
    panel_plain.fill_cells(*cells, plain_cells)
    far, plain_far = np.full(shape, np.nan, np.float32), np.full(shape, np.nan, np.float32)
    tall = value.astype(np.float32)
    panel_kernel.fill_distances(first, second, tall, start, end, far)
    panel_plain.fill_distances(first, second, tall, start, end, plain_far)
    fast_peace, plain_peace = np.full(shape, -1, np.int16), np.full(shape, -1, np.int16)
    panel_kernel.count_peace(fast_cells, member, fast_peace)
    panel_plain.count_peace(fast_cells, member, plain_peace)

    assert plain.tolist() == fast.tolist()
    assert plain_cells.tolist() == fast_cells.tolist()
    assert np.array_equal(plain_far, far, equal_nan=True)
    assert plain_peace.tolist() == fast_peace.tolist()


def small_world(folder: Path) -> None:
    """Add three states over eight years, by way of the tables of the data folder."""
    (folder / "tables").mkdir(parents=True)
    spells = {
        "ccode": [2, 20, 900],
        "abbreviation": ["AAA", "BBB", "CCC"],
        "name": ["Aldia", "Borea", "Cadia"],
        "start_date": ["1816-01-01", "1818-06-01", "1816-01-01"],
        "end_date": ["1823-12-31", "1823-12-31", "1820-05-31"],
    }
    dates = [pl.col(d).str.to_date() for d in ("start_date", "end_date")]
    tables = {
        "states": pl.DataFrame(spells).with_columns(dates),
        "false_dyads": pl.DataFrame({"ccode1": [20, 900], "ccode2": [900, 20], "year": [1820] * 2}),
        "contiguity": pl.DataFrame(
            {
                "ccode1": [2, 2, 20],
                "ccode2": [20, 20, 2],
                "type": [0, 4, 4],
                "start_date": ["1818-01-01"] * 3,
                "end_date": ["1823-12-01", "1819-12-01", "1819-12-01"],
            }
        ).with_columns(dates),
        "obligations": pl.DataFrame(
            {
                "ccode1": [2, 2],
                "ccode2": [900, 900],
                "year": [1817, 1818],
                **{
                    kind: [int(kind == "defense"), 0]
                    for kind in ("defense", "offense", "neutrality", "nonaggression")
                },
                "consultation": [0, 1],
            }
        ),
    }
    years = {"obligations": (1817, 1819)}
    kept = []
    for k, (name, frame) in enumerate(tables.items()):
        checksum = f"{k:012d}"
        frame.write_parquet(folder / "tables" / f"{checksum}.parquet")
        layout = {"obligations": "atop-directed", "false_dyads": "false-dyads"}.get(name, name)
        first, last = years.get(name, (1816, 1823))
        kept.append(
            store.Entry(layout, name, "made", "0", "-", checksum, frame.height, first, last)
        )
    store._write_index(kept)


def test_a_small_world_is_listed_by_hand(empty):
    """Frame, dropped pairs, type-0 spells, direction and coverage, counted by hand."""
    small_world(empty)
    table = panel(1816, 1823, add=["contiguity", "alliances"])
    by = {(y, a, b): (c, d) for y, a, b, c, d in table.select(
        "year", "ccode1", "ccode2", "contiguity", "defense").iter_rows()}  # fmt: skip

    # two states for two years, three for three years less a pair in 1820, two for three years
    assert table.height == 2 * 2 + 3 * 6 - 2 + 3 * 2
    assert (1820, 20, 900) not in by
    assert by[1818, 2, 20] == (4, 0)
    assert by[1821, 2, 20] == (0, None)
    assert (by[1817, 2, 900], by[1817, 900, 2]) == ((0, 1), (0, 0))
    assert by[1816, 2, 900] == (0, None)
    undirected = panel(1817, 1818, unit="dyad-year", add=["alliances"])
    assert undirected["defense1"].to_list() == [1, 0, 0, 0]
    assert undirected["consultation1"].to_list() == [0, 0, 1, 0]
    assert undirected["defense2"].sum() == 0


def test_what_is_not_there_is_said(empty):
    """An absent source, an unknown group and years outside the list are told apart."""
    small_world(empty)
    with pytest.raises(MissingData, match="rivalries_tss"):
        panel(1816, 1823, add=["rivalry"])
    with pytest.raises(UnknownName, match="contiguity"):
        panel(1816, 1823, add=["contigiuty"])
    with pytest.raises(UsageError, match="1816 to 1823"):
        panel(1816, 1900)
    with pytest.raises(UsageError, match="comes after the last"):
        panel(1820, 1817)
    with pytest.raises(UsageError, match="no columns of pairs"):
        panel(1816, 1820, unit="state-year", add=["contiguity"])


def test_the_documentation_lists_every_column():
    """The page on the panel names each column with its group, in the registry's order."""
    listed = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", DOCS.read_text(), re.MULTILINE)

    assert [(item.column, item.group) for item in columns()] == listed


def test_every_column_has_a_source_and_years(data):
    """What `describe` says of a column is where its values begin and end."""
    about = {row["column"]: row for row in describe().iter_rows(named=True)}
    table = panel(1816, 2016, unit="state-year", add=["all"])

    assert set(about) == {item.column for item in columns()}
    assert all(row["version"] for row in about.values())
    for name in ("cinc", "imports", "igo_full", "gdp"):
        known = table.drop_nulls(name)["year"]
        span = about[name]["first_year"], min(about[name]["last_year"], 2016)
        assert span == (known.min(), known.max())


def test_without_a_source_its_columns_say_so(empty):
    """An empty folder leaves version and years of every column open."""
    assert describe()["version"].null_count() == len(columns())
    assert describe()["source"].null_count() == 0


def test_published_row_counts(data):
    """1816 to 2010 has 1,685,310 directed dyad-years and 14,781 state-years."""
    made = arrays.dense(1816, 2010, [])

    assert len(rows(made, directed=True).flat) == 1_685_310
    assert len(rows(made, directed=False).flat) == 842_655
    assert int(made.member.sum()) == 14_781
    assert len(panel(1816, 2010, unit="state-year")) == 14_781


def test_published_merge_checks(data):
    """Defense pledges, overlapping type-0 spells and disputes merge as their notes say."""
    made = arrays.dense(1816, 2016, ["contiguity", "alliances"])
    listed = rows(made, directed=True)
    pledge = made.dyads["alliances"] & 1
    to_2010 = made.years <= 2010
    one_way = (pledge != pledge.transpose(0, 2, 1)) & (pledge == 1)
    zero = store.table("contiguity").filter(pl.col("type") == 0)
    disputes = store.table("disputes_directed", source="gml")
    frame = panel(1816, 1989, add=["disputes"])

    assert int(pledge.reshape(-1)[listed.flat].sum()) == 128_568
    assert int(one_way[to_2010].reshape(-1)[listed.flat[: listed.start[195]]].sum()) == 445
    table = store.table("obligations")
    key = ["ccode1", "ccode2", "year"]
    reverse = table.select(ccode1="ccode2", ccode2="ccode1", year="year", back="defense")
    differing = table.join(reverse, on=key).filter(pl.col("defense") != pl.col("back"))
    assert differing.height == 984
    assert zero.height == 180
    assert (frame["onset"].sum(), frame["ongoing"].sum()) == (
        disputes["onset"].sum(),
        disputes["ongoing"].sum(),
    )
    # Tunisia and Turkey: a spell of type 0 from 1825 to 2016 overlaps a land border, 1835 to 1881
    tunisia, turkey = np.searchsorted(made.codes, [616, 640])
    border = made.dyads["contiguity"][:, tunisia, turkey]
    assert made.years[border == 1].tolist() == list(range(1835, 1882))
    assert set(border[made.years > 1881]) == {0}


def test_a_plain_join_gives_the_same_table(data):
    """A join of tables by key, year by year, gives the columns that the arrays give."""
    first, last = 1910, 1925
    table = panel(first, last, add=["capabilities", "alliances"]).sort("year", "ccode1", "ccode2")
    key = ["ccode1", "ccode2", "year"]
    joined = (
        table.select(pl.col(key).cast(pl.Int64))
        .join(store.table("obligations"), on=key, how="left")
        .join(
            store.table("capabilities").select("year", ccode2="ccode", cinc2="cinc"),
            on=["ccode2", "year"],
            how="left",
        )
        .sort("year", "ccode1", "ccode2")
    )

    assert joined["cinc2"].to_list() == table["cinc2"].to_list()
    assert joined["defense"].fill_null(0).to_list() == table["defense"].to_list()


def test_outside_coverage_is_missing(data):
    """Disputes after the last year of the file and alliances before the first are null."""
    table = panel(1985, 2010, unit="dyad-year", add=["disputes", "alliances"])
    known = table.filter(pl.col("year") <= 1989)
    after = table.filter(pl.col("year") > 1989)

    assert known["onset"].null_count() == 0
    assert after["onset"].null_count() == after.height
    assert after["defense1"].null_count() == 0


def test_relevant_pairs_are_contiguous_or_with_a_major(data):
    """The politically relevant rows are those that the two columns say."""
    made = arrays.dense(1914, 1914, ["contiguity", "majors"])
    listed = rows(made, directed=False)
    table = panel(1914, 1914, unit="dyad-year", add=["contiguity", "majors"], arrays=made)
    expected = (pl.col("contiguity") > 0) | (pl.col("major1") == 1) | (pl.col("major2") == 1)

    assert table.select(expected).to_series().to_list() == relevant(made, listed).tolist()
    assert (
        table.filter(expected).height
        == panel(1914, 1914, unit="dyad-year", relevant_only=True).height
    )


def test_distances_of_capitals_are_great_circles(data):
    """Paris and Berlin lie some 880 km apart."""
    made = arrays.dense(1914, 1914, ["distance"])
    france, germany = np.searchsorted(made.codes, [220, 255])

    assert made.distance(1914)[france, germany] == pytest.approx(878, abs=10)


def test_dense_arrays_carry_labels(data):
    """As a Dataset the arrays know years, states and what their source covers."""
    made = arrays.dense(1900, 1905, ["contiguity", "capabilities"]).to_xarray()

    assert made.contiguity.sel(year=1905, state=220, other=255).item() == 1
    assert made.contiguity.attrs["covers"] == "1816-2016"
    assert made.cinc.sel(year=1905, state=2).item() > 0.1


def test_peace_years_do_not_depend_on_the_first_year(data):
    """Counting starts with the system even if the panel starts later."""
    late = arrays.dense(1950, 1960, ["peace_years"]).dyads["peace_years"]
    whole = arrays.dense(1816, 1960, ["peace_years"]).dyads["peace_years"]

    assert np.array_equal(whole[1950 - 1816 :], late)
    assert table_arrays.members().last_year == 2016


def test_one_group_may_be_named_alone(data):
    """A bare text is one group; an unknown one is answered with those that there are."""
    assert panel(1816, 1820, add="contiguity").equals(panel(1816, 1820, add=["contiguity"]))
    with pytest.raises(
        UnknownName, match=r"'contigity'.*Groups: contiguity, .*detente data columns"
    ):
        panel(1816, 1820, add="contigity")


def test_pairs_that_never_met_follow_from_the_spells(data):
    """Without a table of them, the 60 pairs of states that never met come from the spells."""
    listed = store.table("false_dyads").select("year", "ccode1", "ccode2").rows()

    assert sorted(listed) == [
        tuple(row) for row in table_arrays.never_together(store.table("states"))
    ]
    assert 60 == len(listed)


def test_a_list_of_states_is_enough_for_a_frame(shared, empty):
    """With the list of states alone the rows are those that all data give."""
    store.add([shared / "cow_state_system.csv"])

    assert 1_685_310 == panel(1816, 2010).height


def test_wars_are_known_from_the_first_year_of_the_system(data):
    """Years in which no war began are years without war where the source speaks of them."""
    table = panel(1816, 1990, unit="dyad-year", add="wars")
    known = table.filter(pl.col("war_onset").is_not_null())["year"]

    assert (1816, 1989) == (known.min(), known.max())


def test_major_powers_beyond_their_list_are_not_known(data, monkeypatch):
    """Outside the years of the list nobody is a major power or none: it is missing."""
    state, start, end, _ = table_arrays.majors()
    monkeypatch.setattr(table_arrays, "majors", lambda: (state, start, end, (1816, 2000)))
    table = panel(2000, 2001, unit="state-year", add="majors")

    assert 7 == table.filter(pl.col("year") == 2000)["major"].sum()
    assert table.filter(pl.col("year") == 2001)["major"].is_null().all()
    with pytest.raises(MissingData) as caught:
        panel(2000, 2001, relevant_only=True)
    assert "the table 'majors' of the data folder covers 1816-2000" in str(caught.value)


def test_memberships_of_pairs_that_the_source_leaves_out_are_not_known(data):
    """A missing row of shared organisations is no zero; a zero of the source is one."""
    table = panel(1990, 1990, add="igos", unit="dyad-year")
    given = store.table("igo_dyads").filter(pl.col("year") == 1990)
    known = table.filter(pl.col("shared_igos").is_not_null())

    assert 0 < known.height < table.height
    assert known["shared_igos"].cast(pl.Int64).sum() == (
        given.select(
            ccode1=pl.min_horizontal("ccode1", "ccode2").cast(pl.Int16),
            ccode2=pl.max_horizontal("ccode1", "ccode2").cast(pl.Int16),
            shared="shared_igos",
        )
        .join(table, on=["ccode1", "ccode2"], how="semi")["shared"]
        .sum()
    )
