"""Files of disputes to test against: one content, many forms, the same disputes."""

from __future__ import annotations

import gzip

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.errors import DataError, MissingData
from detente.evidence.datasets import dispute_files, store

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
    with pytest.raises(DataError, match=r"no column ccode2, gmlmidongoing\. Columns ccode1"):
        dispute_files.read(file)


def test_later_disputes_alone_need_the_earlier_ones(empty, tmp_path):
    """A file of test years without a data folder to fit on is refused, with what to do."""
    file = tmp_path / "late.csv"
    ROWS.write_csv(file)
    with pytest.raises(MissingData, match="begins in 1990, the training years in 1816"):
        dispute_files.load(file, (1816, 1989), (1990, 1991))


def disputes(years: dict[int, int]) -> pl.DataFrame:
    """Return as many pairs with a dispute as are wanted in each year, with COW's numbers."""
    partners = (20, 40, 70, 90, 91, 92, 93, 94, 95, 100, 101)
    rows = [(2, partners[k], year) for year, count in years.items() for k in range(count)]
    ones = [1] * len(rows)
    pairs = pl.DataFrame(rows, schema=["ccode1", "ccode2", "year"], orient="row")
    return pairs.with_columns(gmlmidonset=pl.Series(ones), gmlmidongoing=pl.Series(ones))


def count(found, year: int) -> int:
    """Return in how many pairs a dispute began in a year."""
    here = (found.start == year) & (found.value & 1 > 0) & (found.first < found.second)
    return len(set(zip(found.first[here], found.second[here], strict=True)))


def test_a_stray_early_row_keeps_the_disputes_of_the_data_folder(data, tmp_path):
    """Two rows of 1940 and six of 1989 do not stand for the years that they lie in."""
    file = tmp_path / "late.csv"
    late = dict.fromkeys(range(1990, 2011), 3)
    disputes({1940: 2, 1989: 6, **late}).write_csv(file)
    kept, _ = dispute_files.load(None, (1816, 1988), (1989, 1989))
    found, sources = dispute_files.load(file, (1816, 1989), (1990, 2010))

    assert [count(kept, year) for year in range(1816, 1990)] == [
        count(found, year) for year in range(1816, 1990)
    ]
    assert sources[0].endswith("gml_directed_dyad_years_pre1990.csv.gz, 1816-1989")
    assert ["late.csv, 1990-2010"] == sources[1:]
    assert (1816, 2010) == found.covers


def test_a_year_comes_from_the_file_if_it_lists_half_as_many_pairs(data, tmp_path):
    """A file that knows a year of the data folder well enough stands for it; the years are told."""
    kept, _ = dispute_files.load(None, (1816, 1988), (1989, 1989))
    known = {year: -(-count(kept, year) // 2) for year in (1817, 1819)}
    file = tmp_path / "early.csv"
    disputes({1990: 3} | known).write_csv(file)
    found, sources = dispute_files.load(file, (1816, 1989), (1990, 1990))
    told = {source.split(", ", 1)[0]: source.split(", ", 1)[1] for source in sources}

    assert "1990" in told["early.csv"]
    assert all(count(found, year) == known[year] for year in known if count(kept, year))


def test_a_year_without_disputes_in_a_file_is_told(data, tmp_path):
    """A year that a file skips is taken as one without disputes, and the caller hears of it."""
    file = tmp_path / "late.csv"
    disputes({year: 3 for year in range(1992, 2011) if year != 2000}).write_csv(file)
    heard: list[str] = []
    found, sources = dispute_files.load(file, (1816, 1989), (1992, 2010), heard.append)

    assert ["late.csv has no dispute in 1990-1991 and 2000: taken as none"] == heard
    assert heard == sources[2:]
    assert 0 == count(found, 2000)


@given(years=st.sets(st.integers(1900, 1930)))
def test_spans_hold_the_years_they_tell(years):
    """Years in words name every year, each once, in order."""
    told = dispute_files.spans(sorted(years)).replace(" and ", ", ")
    runs = [part.split("-") for part in told.split(", ") if part]

    assert sorted(years) == [y for run in runs for y in range(int(run[0]), int(run[-1]) + 1)]


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


def test_years_that_nothing_covers_are_refused(tmp_path, monkeypatch):
    """Between the end of the folder's disputes and the first of the file nothing is known."""
    held = store.Entry("gml-directed", "disputes_directed", "gml", "", "kept", "0", 4, 1816, 1989)
    older = dispute_files.read(_written(tmp_path / "old.csv", ROWS.with_columns(year=1985)[:2]))
    monkeypatch.setattr(store, "find", lambda *_, **__: held)
    monkeypatch.setattr(store, "table", lambda *_, **__: older)
    file = _written(tmp_path / "new.csv", ROWS.with_columns(pl.col("year") + 5))

    with pytest.raises(MissingData) as caught:
        dispute_files.load(file, (1960, 1989), (1990, 1996))

    assert "nothing is known of disputes in 1990-1994" in str(caught.value)


@pytest.mark.parametrize("numbered", [False, True])
def test_rows_that_contradict_each_other_are_refused(tmp_path, numbered):
    """A pair cannot both begin and not begin the same dispute in a year."""
    frame = pl.concat([ROWS, _turned(ROWS)])
    file = _written(tmp_path / "both.csv", frame if numbered else frame.drop("dispnum"))

    with pytest.raises(DataError) as caught:
        dispute_files.read(file)

    assert "4 pairs and years have rows with an onset and rows without" in str(caught.value)


def test_two_disputes_of_a_pair_in_a_year_are_no_contradiction(tmp_path):
    """One goes on while another begins: their numbers tell them apart."""
    other = _turned(ROWS).with_columns(pl.col("dispnum") + 1)
    file = _written(tmp_path / "two.csv", pl.concat([ROWS, other]))

    assert 8 == dispute_files.read(file).height


def _turned(frame):
    """Return rows with an onset where there was none, and the other way round."""
    return frame.with_columns(gmlmidonset=1 - pl.col("gmlmidonset"))


def _written(path, frame):
    frame.write_csv(path)
    return path
