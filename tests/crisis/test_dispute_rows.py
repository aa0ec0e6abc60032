"""What a row of a table of disputes is, is known from its keys, or the table is refused."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.crisis.calibration.dispute_tables import NUMBERS, read_disputes
from detente.errors import DataError

DISPUTES = st.lists(
    st.tuples(
        st.integers(1816, 1989), st.integers(2, 5), st.integers(1, 900), st.integers(0, 900),
        st.integers(1, 3), st.integers(1, 3), st.integers(1, 4),
    ),
    min_size=1,
    max_size=30,
)  # fmt: skip
"""Year, level, least days, more days at most, states on both sides, years that it lasts."""


def by_dispute(disputes):
    """Return a table with one row a dispute."""
    return pl.DataFrame(
        [
            {
                "dispnum": k + 1,
                "year": year,
                "hostlev": level,
                "mindur": least,
                "maxdur": least + more,
            }
            for k, (year, level, least, more, *_) in enumerate(disputes)
        ]
    )


def by_pair(disputes, *, directed, yearly, sides, number="dispnum"):
    """Return the same disputes by pair of states, and by year if asked for."""
    rows = []
    for k, (year, level, least, more, one, two, span) in enumerate(disputes):
        pairs = [(a, 100 + b) for a in range(one) for b in range(two)]
        pairs += [(b, a) for a, b in pairs] if directed else []
        for a, b in pairs:
            for later in range(span if yearly else 1):
                row = {number: k + 1, "ccode1": a + 1, "ccode2": b + 1, "year": year + later}
                row |= {"mindur": least, "maxdur": least + more}
                levels = {"hostlev1": level, "hostlev2": 1} if sides else {"hostlev": level}
                rows.append(row | levels)
    return pl.DataFrame(rows)


def read(frame, tmp_path):
    """Write a table and read it as disputes."""
    path = tmp_path / "disputes.csv"
    frame.write_csv(path)
    return read_disputes(path)


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("yearly", [False, True])
@pytest.mark.parametrize("sides", [False, True])
@given(disputes=DISPUTES, number=st.sampled_from(NUMBERS))
def test_a_dispute_counts_once_however_many_rows_list_it(
    directed, yearly, sides, disputes, number, tmp_path_factory
):
    """By pair, in both orders, by year, with the levels of two sides: the same disputes."""
    place = tmp_path_factory.mktemp("rows")
    rows = by_pair(disputes, directed=directed, yearly=yearly, sides=sides, number=number)

    assert read(by_dispute(disputes), place).equals(read(rows, place))


@given(disputes=DISPUTES)
def test_pairs_without_the_number_of_their_dispute_are_refused(disputes, tmp_path_factory):
    """Nothing then says which rows are one dispute."""
    rows = by_pair(disputes, directed=True, yearly=False, sides=False).drop("dispnum")
    with pytest.raises(DataError, match="no column says which rows are one dispute"):
        read(rows, tmp_path_factory.mktemp("rows"))


def test_a_table_of_disputes_without_numbers_is_one_row_a_dispute(tmp_path):
    """A table without states and numbers is taken as it stands."""
    disputes = [(1900, 4, 3, 0, 1, 1, 1)] * 2

    assert 2 == read(by_dispute(disputes).drop("dispnum"), tmp_path).height


@pytest.mark.parametrize("mark", ["NA", ".", "", "-9.0", "NaN"])
def test_a_duration_that_is_not_known_is_not_known_in_any_spelling(mark, tmp_path):
    """A dispute that was not over is left out, whatever program wrote the table."""
    frame = by_dispute([(1900, 4, 3, 0, 1, 1, 1), (1901, 4, 3, 0, 1, 1, 1)])
    texts = frame.cast(pl.String).with_columns(
        maxdur=pl.when(pl.col("dispnum") == "2").then(pl.lit(mark)).otherwise("maxdur")
    )

    assert [1900] == read(texts, tmp_path)["year"].to_list()


def test_rows_of_one_dispute_that_disagree_are_refused(tmp_path):
    """Durations of parts are not durations of the whole."""
    frame = pl.DataFrame(
        {"dispnum": [1, 1], "year": [1900, 1900], "hostlev": [4, 4], "mindur": [3, 9],
         "maxdur": [9, 9]}
    )  # fmt: skip
    with pytest.raises(DataError, match="1 disputes have rows with different durations"):
        read(frame, tmp_path)


def test_crises_of_icb_are_read_with_what_their_dates_allow(tmp_path):
    """From trigger to termination, at least and at most; the gravest violence gives the rung."""
    columns = [
        "crisno",
        "crisname",
        "yrtrig",
        "motrig",
        "datrig",
        "yrterm",
        "moterm",
        "daterm",
        "viol",
    ]
    rows = [
        (1, "A", 1950, 1, 10, 1950, 1, 19, 1),
        (2, "B", 1951, 3, 99, 1951, 4, 10, 4),
        (3, "C", 1952, 99, 99, 1952, 12, 31, 2),
        (4, "D", 1953, 1, 1, -9, -9, -9, 3),
    ]
    disputes = read(pl.DataFrame(rows, schema=columns, orient="row"), tmp_path)

    assert [
        (1950, 10, 10, 3), (1951, 11, 41, 5), (1952, 1, 366, 4),
    ] == disputes.select("year", "least", "most", "highest").rows()  # fmt: skip
