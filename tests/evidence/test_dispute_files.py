"""Files of disputes to test against: one content, many forms, the same disputes."""

from __future__ import annotations

import gzip

import polars as pl
import pytest

from detente.errors import DataError, MissingData
from detente.evidence import dispute_files

ROWS = pl.DataFrame(
    {
        "dispnum": [1, 1, 1, 1],
        "ccode1": [2, 20, 2, 20],
        "ccode2": [20, 2, 20, 2],
        "year": [1990, 1990, 1991, 1991],
        "gmlmidongoing": [1, 1, 1, 1],
        "gmlmidonset": [1, 1, 0, 0],
        "sidea1": [1, 0, 1, 0],
        "orig1": [1, 1, 1, 1],
        "orig2": [1, 1, 1, 1],
        "hostlev1": [4, None, 4, None],
        "hostlev2": [None, 4, None, 4],
    }
)
FORMS = {
    "as published": lambda frame: frame.write_csv(),
    "upper case, quoted": lambda frame: frame.rename(str.upper).write_csv(quote_style="always"),
    "floats": lambda frame: frame.cast(pl.Float64).write_csv(),
    "NA": lambda frame: frame.write_csv(null_value="NA"),
    "-9": lambda frame: frame.fill_null(-9).write_csv(),
    "row numbers first": lambda frame: frame.with_row_index("").write_csv(),
    "tabs": lambda frame: frame.write_csv(separator="\t"),
    "disputes by dyad": lambda frame: frame.rename(
        {"gmlmidonset": "midonset", "gmlmidongoing": "midongoing"}
    ).write_csv(),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_disputes(form, tmp_path):
    """Case, quotes, floats, signs for missing values and further columns are no matter."""
    plain, other = tmp_path / "plain.csv", tmp_path / "other.csv.gz"
    plain.write_text(ROWS.write_csv())
    other.write_bytes(gzip.compress(FORMS[form](ROWS).encode()))

    assert dispute_files.read(plain).equals(dispute_files.read(other))


def test_five_columns_are_enough(tmp_path):
    """Who began it and how far it went may be absent; the disputes are the same."""
    file = tmp_path / "five.csv"
    ROWS.select("ccode1", "ccode2", "year", "gmlmidonset", "gmlmidongoing").write_csv(file)
    found = dispute_files.read(file)

    assert found["onset"].to_list() == [1, 1, 0, 0]
    assert found["orig1"].null_count() == 4


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("gmlmidonset", 2, "row 2, column gmlmidonset"),
        ("year", -9, "row 2, column year"),
        ("ccode2", 2, "is the state itself"),
    ],
)
def test_a_wrong_value_is_named(column, value, message, tmp_path):
    """A value that cannot be is refused with its row and column."""
    file = tmp_path / "wrong.csv"
    rows = pl.int_range(pl.len())
    ROWS.with_columns(
        pl.when(rows == 0).then(value).otherwise(pl.col(column)).alias(column)
    ).write_csv(file)
    with pytest.raises(DataError, match=message):
        dispute_files.read(file)


def test_a_file_without_the_columns_says_which(tmp_path):
    """What is absent is named, and what would be right."""
    file = tmp_path / "other.csv"
    ROWS.drop("ccode2", "gmlmidongoing").write_csv(file)
    with pytest.raises(DataError, match="no column ccode2, gmlmidonset and gmlmidongoing"):
        dispute_files.read(file)


def test_later_disputes_alone_need_the_earlier_ones(empty, tmp_path):
    """A file of test years without a data folder to fit on is refused, with what to do."""
    file = tmp_path / "late.csv"
    ROWS.write_csv(file)
    with pytest.raises(MissingData, match="begins in 1990, the training years in 1816"):
        dispute_files.load(file, (1816, 1989), (1990, 1991))


def test_joiners_are_told_from_originators(data, tmp_path):
    """The bit of originators is set where both were there from the first day, or nobody knows."""
    frame = pl.DataFrame(
        {
            "ccode1": [2, 2, 2],
            "ccode2": [20, 40, 70],
            "year": [1990] * 3,
            "onset": [1] * 3,
            "ongoing": [1] * 3,
            "side_a1": [1] * 3,
            "orig1": [1, 1, None],
            "orig2": [1, 0, None],
            "hostility1": [3] * 3,
            "hostility2": [3] * 3,
        }
    )
    made = dispute_files.cells(frame, (1990, 1990))
    bits = dict.fromkeys(zip(made.first, made.second, strict=True), 0)
    for a, b, value in zip(made.first, made.second, made.value, strict=True):
        bits[a, b] |= int(value)
    us = min(a for a, _ in bits)
    partners = sorted(b for a, b in bits if a == us)

    assert [True, False, True] == [
        bool(bits[us, other] & dispute_files.ORIGINATORS) for other in partners
    ]
