"""The check: every fault with file, row, column, what is wrong and what would be right."""

import csv
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starter import STARTER, edited, faults, only

from detente.architecture.package import fault_list, table_reading
from detente.errors import Fault

ORGANISATIONS = STARTER["organisations.csv"].decode()
MEMBERSHIPS = STARTER["memberships.csv"].decode()

ONE_FAULT = {
    # Cells
    "required cell": ("states.csv", "BBB,Belmark", "BBB,", 3, "name", "is empty", "It holds"),
    "spaces": ("states.csv", "Belmark", "  ", 3, "name", "only spaces", "Leave it empty"),
    "lower case code": ("states.csv", "DDD,Dun", "ddd,Dun", 5, "state", "not a code", "A-Z"),
    "space in a code": ("states.csv", "DDD,Dun", "DDD ,Dun", 5, "state", "a space", "'DDD'"),
    "only spaces in a code": ("capabilities.csv", "AAA", " ", 2, "state", "only spaces", "empty"),
    "words for a year": ("capabilities.csv", "2024", "this", 2, "year", "not a whole", "digits"),
    "choice": (
        "states.csv", "7.0,regional", "7.0,regionl", 4, "role", "'regionl'", "mean 'regional'",
    ),
    "capital of a choice": (
        "states.csv", "7.0,regional", "7.0,Regional", 4, "role", "'Regional'", "mean 'regional'",
    ),
    "nan": ("states.csv", "1.0,1.0", "nan,1.0", 2, "lat", "'nan' is not", "Leave the cell empty"),
    "inf": ("states.csv", "1.0,1.0", "inf,1.0", 2, "lat", "'inf' is not", "Leave the cell empty"),
    "n/a": ("states.csv", "1.0,1.0", "n/a,1.0", 2, "lat", "'n/a' is not", "zero means zero"),
    "excel error": ("states.csv", "1.0,1.0", "#DIV/0!,1.0", 2, "lat", "is not", "Leave the cell"),
    "overflow": ("capabilities.csv", ",10,", ",1e999,", 2, "value", "too large", "exponent"),
    "thousands": (
        "capabilities.csv", ",10,", ",10'000,", 2, "value", "thousands", "digits without them",
    ),
    "comma of either kind": (
        "capabilities.csv", ",10,", ',"10,000",', 2, "value", "a comma", "10000 or 10.000",
    ),
    "decimal comma": ("capabilities.csv", ",10,", ',"1,5",', 2, "value", "decimal comma", "1.5"),
    "german number": (
        "capabilities.csv", ",10,", ',"1.000,5",', 2, "value", "thousands", "without them",
    ),
    "whole number with a comma": (
        "rivalries.csv", "territory,3", 'territory,"3,0"', 2, "intensity", "comma", "Write 3.",
    ),
    "no whole number with a comma": (
        "rivalries.csv", "territory,3", 'territory,"3,5"', 2, "intensity", "comma", "a whole",
    ),
    "percent": ("capabilities.csv", ",10,", ",10%,", 2, "value", "percent sign", "0.12"),
    "minus": ("states.csv", "1.0,1.0", "\u22121.0,1.0", 2, "lat", "minus sign", "Write -1.0"),
    "space in number": ("states.csv", "1.0,1.0", " 1.0,1.0", 2, "lat", "a space", "'1.0'"),
    "words": ("capabilities.csv", ",10,", ",about ten,", 2, "value", "not a number", "digits"),
    "other digits": ("capabilities.csv", ",10,", ",١٠,", 2, "value", "not a number", "digits"),
    "underscore": ("capabilities.csv", ",10,", ",1_000,", 2, "value", "thousands", "without"),
    "negative": ("capabilities.csv", ",10,", ",-1,", 2, "value", "too small", "0 (the measure's)"),
    "latitude": ("states.csv", "1.0,1.0", "91,1.0", 2, "lat", "too large", "90 (degrees north)"),
    "year": ("capabilities.csv", ",2024,10", ",2024.5,10", 2, "year", "not a whole", "decimals"),
    "year with point": (
        "capabilities.csv", ",2024,10", ",2024.0,10", 2, "year", "decimal point", "Write 2024.",
    ),
    "huge integer": (
        "capabilities.csv", ",2024,10", f",{'9' * 5000},10", 2, "year", "(5,000 characters)", "",
    ),
    "no such day": (
        "rivalries.csv", "2019-01-01", "2023-02-30", 2, "start", "not a day", "month and day",
    ),
    "year only": ("rivalries.csv", "2019-01-01", "2019", 2, "start", "not a date", "2019-01-01"),
    "month only": (
        "rivalries.csv", "2019-01-01", "2019-05", 2, "start", "not a date", "2019-05-01",
    ),
    "day first": (
        "rivalries.csv", "2019-01-01", "31.12.2019", 2, "start", "not a date", "Write 2019-12-31.",
    ),
    "day or month first": (
        "rivalries.csv", "2019-01-01", "3/4/2019", 2, "start", "not a date",
        "2019-03-04 or 2019-04-03",
    ),
    "day number": ("rivalries.csv", "2019-01-01", "43466", 2, "start", "not a date", "2019-01-01"),
    "time of day": (
        "rivalries.csv", "2019-01-01", "2019-01-01T00:00", 2, "start", "not a date", "2024-06-30",
    ),
    "space in identifier": (
        "rivalries.csv", "aaa-ccc", "aaa ccc", 2, "rivalry", "not an identifier", "without spaces",
    ),
    "control character": (
        "states.csv", "Belmark", "Bel\x07mark", 3, "name", "U+0007", "Delete",
    ),
    "lost letter": ("states.csv", "Belmark", "B\ufffdlmark", 3, "name", "lost letter", "again"),
    # Rows
    "too many cells": (
        "states.csv", "Belton", "Belton,Bel", 3, "", "has 13 cells, the header 12", "quotation",
    ),
    "too few cells": (
        "states.csv", ",Belton", "", 3, "", "has 11 cells, the header 12", "every empty cell",
    ),
    "duplicate": (
        "rivalries.csv", "\naaa-ccc", "\naaa-ccc,AAA,DDD,other,1,,,,assumed,low\naaa-ccc",
        3, "rivalry", "repeats row 2: rivalry aaa-ccc", "Delete one",
    ),
    "duplicate of several columns": (
        "capabilities.csv", "\nAAA", "\nAAA,strength,2024,3,,assumed,low\nAAA",
        3, "", "repeats row 2: state AAA, measure strength, year 2024", "tells them apart",
    ),
    # References
    "unknown state": (
        "capabilities.csv", "AAA", "AAB", 2, "state", "'AAB' is not in states.csv", "mean 'AAA'",
    ),
    "unknown measure": (
        "capabilities.csv", "strength", "strenght", 2, "measure", "measures.csv", "'strength'",
    ),
    "unknown organisation": (
        "memberships.csv", "PACT", "PAKT", 2, "organisation", "organisations.csv", "'PACT'",
    ),
    "unknown actor": (
        "rivalries.csv", "AAA,CCC", "AAA,XYZ", 2, "state_b",
        "'XYZ' is not in states.csv, organisations.csv or actors.csv", "Or add a row",
    ),
    "unknown source": (
        "states.csv", "invented,high", "inventd,high", 2, "source", "sources.csv", "'invented'",
    ),
    # Dates of spells
    "end before start": (
        "rivalries.csv", "2019-01-01,", "2019-01-01,2018-12-31", 2, "end",
        "2018-12-31 lies before start 2019-01-01", "Exchange",
    ),
    "member too early": (
        "memberships.csv", "2004-01-01", "2003-12-31", 2, "start",
        "2003-12-31 lies before PACT began, 2004-01-01", "Mend the date",
    ),
    "with itself": (
        "commitments.csv", "BBB,DDD", "DDD,DDD", 2, "beneficiary", "DDD is committed to itself",
        "other side",
    ),
    "own rival": ("rivalries.csv", "AAA,CCC", "CCC,CCC", 2, "state_b", "its own rival", ""),
    "member of itself": ("memberships.csv", "PACT,BBB", "PACT,PACT", 3, "state", "of itself", ""),
    # Measures and parameters
    "no default": ("measures.csv", "points,yes", "points,no", None, "default", "no measure", "yes"),
    "parameter": (
        "parameters.csv", "rivalry.threshold", "rivalry.treshold", 2, "parameter",
        "'rivalry.treshold' is not the name", "mean 'rivalry.threshold'",
    ),
    "range of a parameter": (
        "parameters.csv", "threshold,3", "threshold,6", 2, "value", "6 is outside",
        "from 1 to 5 (MID hostility level)",
    ),
    # Header
    "unknown column": (
        "states.csv", ",note,", ",notes,", 1, "notes", "'notes' is not known", "mean 'note'",
    ),
    "missing column": (
        "measures.csv", STARTER["measures.csv"],
        b"measure,name,unit,default,source\nstrength,Strength,points,yes,assumed\n",
        1, "meaning", "the column is missing", "What it measures",
    ),
    "double column": (
        "states.csv", ",note,", ",name,", 1, "name", "there twice", "rename",
    ),
    "column without a name": ("states.csv", ",note,", ",,", 1, "", "column 10 has no name", ""),
    # Files
    "empty file": ("states.csv", STARTER["states.csv"], b"", None, "", "is empty", "header row"),
    "blank file": ("states.csv", STARTER["states.csv"], b"\r\n \n", None, "", "is empty", ""),
    "workbook": (
        "states.csv", STARTER["states.csv"], b"PK\x03\x04rest", None, "", "workbook", "save it",
    ),
    "binary": ("states.csv", STARTER["states.csv"], b"\x7fELF\0\0", None, "", "not text", "save"),
    "utf-16": (
        "states.csv", STARTER["states.csv"], STARTER["states.csv"].decode().encode("utf-16"),
        None, "", "UTF-16", "UTF-8",
    ),
    "windows encoding": (
        "states.csv", "Belmark", b"Belm\xe4rk", 3, "", "0xe4 is not UTF-8; in Windows-1252 "
        "it would be 'ä'", "CSV in UTF-8",
    ),
    "semicolons": (
        "states.csv", STARTER["states.csv"], STARTER["states.csv"].replace(b",", b";"),
        1, "", "parted by semicolons", "with commas",
    ),
    "tabs": (
        "states.csv", STARTER["states.csv"], STARTER["states.csv"].replace(b",", b"\t"),
        1, "", "parted by tabs", "with commas",
    ),
    "sep line": ("states.csv", "state,name", "sep=,\nstate,name", 1, "", "not the header", "sep="),
    "no header": ("states.csv", "state,", "AAA,Aland\nstate,", 1, "", "no column", "first row"),
    "open quotation mark": (
        "states.csv", "CCC,Corvia", 'CCC,"Corvia', 4, "", "not closed", "twice",
    ),
    "two line ends": (
        "states.csv", "CCC,Corvia", "CCC\r,Corvia", 4, "", "two different ways", "save it",
    ),
    "quotation mark inside": (
        "states.csv", "CCC,Corvia", 'CCC,"Cor"via"', 4, "", "inside a quoted cell", "twice",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ONE_FAULT.values(), ids=ONE_FAULT)
def test_one_mistake_is_one_fault_with_its_place_and_its_remedy(case):
    """A single mistake gives a single fault: file, row, column, what is wrong, what is right."""
    file, old, new, row, column, problem, remedy = case
    fault = only(edited(file, old, new))

    assert (file, row, column) == (fault.file, fault.row, fault.column)
    assert problem in fault.problem
    assert remedy in fault.remedy


def test_the_starting_package_has_no_fault():
    """The files that all other tests change are fine before they are changed."""
    assert [] == faults(STARTER)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("states.csv", b"state,", b"\xef\xbb\xbfstate,"),
        ("states.csv", STARTER["states.csv"], STARTER["states.csv"].replace(b"\n", b"\r\n")),
        ("states.csv", STARTER["states.csv"], STARTER["states.csv"].replace(b"\n", b"\r")),
        ("states.csv", STARTER["states.csv"], STARTER["states.csv"].rstrip(b"\n")),
        ("states.csv", STARTER["states.csv"], STARTER["states.csv"] + b"\n\n,,,,,,,,,,,\n"),
        ("states.csv", b"Belmark", b'"Bel\nmark, ""the"" second"'),
        ("parameters.csv", STARTER["parameters.csv"], b"parameter,value,note,source\n"),
        ("parameters.csv", b"parameter,value,note,source", b"parameter,value,source,note"),
        ("rivalries.csv", b"AAA,CCC", b"AAA,UNK"),
        ("commitments.csv", b"BBB,DDD", b"BBB,ALL"),
        ("commitments.csv", b"BBB,DDD", b"PACT,DDD"),
        ("capabilities.csv", b",10,", b",1e-3,"),
        ("capabilities.csv", b",10,", b",+10.,"),
    ],
)
def test_what_a_spreadsheet_does_without_harm_is_no_fault(file, old, new):
    """A byte order mark, other line ends, empty rows at the end, a line break in a cell."""
    expected = [] if file != "parameters.csv" or b"source,note" not in new else None
    found = faults(edited(file, old, new))

    if expected is None:  # columns exchanged in the header only: both cells are then unfit
        assert {"source"} == {fault.column for fault in found}
    else:
        assert expected == found


def test_an_optional_column_may_be_left_out():
    """A column that is not required need not be there."""
    table = b"parameter,value,source\nrivalry.threshold,3,assumed\n"

    assert [] == faults({**STARTER, "parameters.csv": table})


def test_a_row_is_counted_as_a_spreadsheet_shows_it():
    """A cell of several lines above does not shift the number of a row."""
    files = edited("states.csv", "Belmark", '"Bel\nma\nrk"')
    files["states.csv"] = files["states.csv"].replace(b"7.0,regional", b"7.0,nowhere")

    assert 4 == only(files).row


def test_all_faults_are_found_at_once_in_the_order_of_the_files():
    """Mistakes in several files come in one list, by file, row and column."""
    files = edited("states.csv", "7.0,regional", "seven,reginal")
    files["rivalries.csv"] = files["rivalries.csv"].replace(b"AAA", b"AAX")
    files["datapackage.json"] = files["datapackage.json"].replace(b"2024-06-30", b"2024-06-31")

    assert [
        ("datapackage.json", None, "detente, date"),
        ("states.csv", 4, "lon"),
        ("states.csv", 4, "role"),
        ("rivalries.csv", 2, "state_a"),
    ] == [(fault.file, fault.row, fault.column) for fault in faults(files)]


def test_a_broken_row_does_not_make_its_code_unknown():
    """One comma too many in states.csv is not also reported as a missing state elsewhere."""
    fault = only(edited("states.csv", "AAA,", "AAA,,"))

    assert ("states.csv", 2) == (fault.file, fault.row)


def test_an_unreadable_table_does_not_make_its_codes_unknown():
    """Where states.csv cannot be read, no other table is blamed for naming a state."""
    fault = only({**STARTER, "states.csv": b"PK\x03\x04"})

    assert "states.csv" == fault.file


def test_a_missing_table_that_is_required_is_one_fault():
    """Without states.csv the fault is that file, and its entry in datapackage.json."""
    files = {name: data for name, data in STARTER.items() if name != "states.csv"}

    assert [("datapackage.json", "resources, number 1, path"), ("states.csv", "")] == [
        (fault.file, fault.column) for fault in faults(files)
    ]


def test_an_unknown_csv_file_is_a_fault_and_other_files_are_not():
    """A misspelt table is named with the likely one; a README beside the tables is fine."""
    files = {**STARTER, "comitments.csv": STARTER["commitments.csv"], "notes.txt": b"\xff\0"}
    del files["commitments.csv"]
    files["datapackage.json"] = files["datapackage.json"].replace(
        b'"commitments.csv"', b'"comitments.csv"'
    )
    fault = only(files)

    assert "comitments.csv" == fault.file
    assert "Did you mean 'commitments.csv'?" == fault.remedy


MEMBER = "PACT,AAA,{role},{start},{end},,,invented,high\n"


def spells(*rows):
    """Return the starting package with these memberships of AAA: (role, start, end)."""
    head = MEMBERSHIPS.splitlines(keepends=True)[0]
    lines = [MEMBER.format(role=role, start=start, end=end) for role, start, end in rows]
    return {**STARTER, "memberships.csv": "".join([head, *lines]).encode()}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("member", "2005-01-01", "2010-01-01"), ("member", "2010-01-02", "")], []),
        ([("member", "2005-01-01", "2010-01-01"), ("member", "2010-01-01", "")], [3]),
        ([("member", "2005-01-01", ""), ("member", "2010-01-01", "2012-01-01")], [3]),
        ([("member", "2010-01-01", ""), ("member", "2005-01-01", "2012-01-01")], [2]),
        ([("member", "2005-01-01", ""), ("observer", "2010-01-01", "")], []),
        ([("member", "", "2010-01-01"), ("member", "2009-01-01", "")], [3]),
        (
            [
                ("member", "2005-01-01", "2020-01-01"),
                ("member", "2006-01-01", "2007-01-01"),
                ("member", "2010-01-01", "2011-01-01"),
            ],
            [3, 4],
        ),
    ],
)
def test_spells_of_one_role_do_not_overlap(rows, expected):
    """A state is a member of an organisation once at a time; the last day counts."""
    found = faults(spells(*rows))

    assert expected == [fault.row for fault in found]
    assert all("AAA is already member of PACT" in fault.problem for fault in found)


@pytest.mark.parametrize(
    ("spell", "column"),
    [
        (("member", "2005-01-01", "2020-12-31"), None),
        (("member", "2005-01-01", "2021-01-01"), "end"),
        (("member", "2021-01-01", "2022-01-01"), "start"),
        (("member", "2005-01-01", ""), "end"),
        (("former", "2005-01-01", ""), None),
        (("member", "", "2003-01-01"), "end"),
    ],
)
def test_nobody_belongs_to_an_organisation_that_is_not_there(spell, column):
    """A role lies within the life of the organisation; only a former member outlasts it."""
    files = spells(spell)
    files["organisations.csv"] = ORGANISATIONS.replace(
        "2004-01-01,,", "2004-01-01,2020-12-31,"
    ).encode()

    assert [column] * (column is not None) == [fault.column for fault in faults(files)]


def test_a_second_default_measure_is_a_fault_in_its_row():
    """Exactly one measure is the default."""
    more = b"gdp,Product,dollars,yes,Gross domestic product,assumed\n"
    fault = only({**STARTER, "measures.csv": STARTER["measures.csv"] + more})

    assert (3, "default") == (fault.row, fault.column)
    assert "besides row 2" in fault.problem


def test_a_package_without_a_measure_has_no_default():
    """A header alone is a fine table, but some measure must be the default."""
    head = STARTER["measures.csv"].splitlines(keepends=True)[0]
    found = faults({**STARTER, "measures.csv": head})

    assert {"no measure is the default.", "'strength' is not in measures.csv."} == {
        fault.problem for fault in found
    }


def test_fatalities_are_given_from_low_to_high():
    """The least number over the claims is not above the greatest."""
    incidents = (
        "incident,date,initiator,initiator_status,target,kind,hostility,fatalities_low,"
        "fatalities_high,description,source,confidence\n"
        "i1,2024-01-01,UNK,unknown,AAA,shelling,4,7,5,Shells fell,invented,low\n"
    )
    about = json.loads(STARTER["datapackage.json"])
    about["resources"].append({"name": "incidents", "path": "incidents.csv"})
    fault = only(
        {
            **STARTER,
            "incidents.csv": incidents.encode(),
            "datapackage.json": json.dumps(about).encode(),
        }
    )

    assert "5 is less than fatalities_low 7." == fault.problem


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("AAA;BBB", []),
        ("AAA;BBX", ["'BBX' is not in states.csv, organisations.csv or actors.csv."]),
        ("AAA;", ["'AAA;' has an empty part."]),
        ("AAA; BBB", ["' BBB' has a space before or after it."]),
    ],
)
def test_several_actors_are_each_looked_up(sender, expected):
    """Of actors joined by semicolons every one must be known."""
    signals = (
        "signal,date,sender,receiver,kind,title,source,confidence\n"
        f"s1,2024-01-01,{sender},ALL,statement,Said so,invented,low\n"
    )
    about = json.loads(STARTER["datapackage.json"])
    about["resources"].append({"name": "signals", "path": "signals.csv"})
    files = {**STARTER, "signals.csv": signals.encode()}
    files["datapackage.json"] = json.dumps(about).encode()

    assert expected == [fault.problem for fault in faults(files)]


# Limits ---------------------------------------------------------------------------------


def test_a_cell_may_be_long_but_not_endless():
    """A cell of a million characters passes, one more is a fault with its place."""
    fine = edited("states.csv", "Belmark", "b" * table_reading.MAX_CELL)
    over = edited("states.csv", "Belmark", "b" * (table_reading.MAX_CELL + 1))

    assert [] == faults(fine)
    assert ("states.csv", 3) == (only(over).file, only(over).row)
    assert "more than 1,000,000 characters" in only(over).problem


def test_the_limit_of_a_cell_holds_in_a_program_with_a_higher_one():
    """A program that lets the csv module take longer cells does not change what is a fault."""
    before = csv.field_size_limit(3 * table_reading.MAX_CELL)
    try:
        fault = only(edited("states.csv", "Belmark", "b" * (table_reading.MAX_CELL + 1)))
        assert 3 * table_reading.MAX_CELL == csv.field_size_limit()
    finally:
        csv.field_size_limit(before)

    assert ("states.csv", 3, "name") == (fault.file, fault.row, fault.column)


def test_an_endless_line_stops_the_reader(monkeypatch):
    """A line without an end is not gathered in memory."""
    monkeypatch.setattr(table_reading, "MAX_LINE", 500)
    fault = only(edited("states.csv", "Belmark", "b" * 600))

    assert "a cell has more than" in fault.problem


def test_too_many_rows_stop_the_reader(monkeypatch):
    """A table with more rows than a spreadsheet holds is refused."""
    monkeypatch.setattr(table_reading, "MAX_ROWS", 3)
    found = faults(STARTER)

    assert {"the file has more than 3 rows."} == {fault.problem for fault in found}


def test_the_check_stops_after_many_faults(monkeypatch):
    """The list of faults has an end, and says so."""
    monkeypatch.setattr(fault_list, "LIMIT", 20)
    lines = "".join(f"x{n},XXX,YYY,other,9,,,,assumed,low\n" for n in range(30))
    files = {**STARTER, "rivalries.csv": STARTER["rivalries.csv"] + lines.encode()}
    found = faults(files)

    assert 21 == len(found)
    assert "the check stopped after 20 faults." == found[-1].problem


# Whatever it is -------------------------------------------------------------------------

FILES = sorted(name for name in STARTER if name != "README.md")


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(FILES), st.binary(max_size=300))
def test_any_bytes_as_any_file_give_faults_and_no_other_error(file, data):
    """Arbitrary content is answered with faults that can be printed, or is a fine table."""
    found = faults({**STARTER, file: data})

    assert all(isinstance(fault, Fault) and str(fault).encode() for fault in found)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(FILES),
    st.integers(0, 10_000),
    st.integers(0, 5),
    st.one_of(
        st.binary(max_size=4), st.sampled_from([b'"', b",", b"\r", b"\n", b"\0", b";", b"{"])
    ),
)
def test_any_damage_to_a_file_gives_faults_or_a_fine_package(file, at, cut, put):
    """A few bytes changed anywhere are answered without another error."""
    data = STARTER[file]
    at %= len(data)
    found = faults({**STARTER, file: data[:at] + put + data[at + cut :]})

    assert all(str(fault).encode() for fault in found)


def test_a_range_whose_ends_are_exchanged_is_a_fault():
    """The least above the figure, or the figure above the most."""
    table = (
        b"issue,position,low,high,rationale,basis,source,confidence\n"
        b"language,0.5,0.6,0.9,assumed,analyst,assumed,low\n"
        b"justice,0.5,0.2,0.4,assumed,analyst,assumed,low\n"
        b"sanctions,0.5,,,assumed,analyst,assumed,low\n"
    )
    found = [f for f in faults({**STARTER, "status_quo.csv": table}) if "less than" in f.problem]

    assert [("status_quo.csv", 2, "position"), ("status_quo.csv", 3, "high")] == [
        (fault.file, fault.row, fault.column) for fault in found
    ]
    assert "0.5 is less than low 0.6" in found[0].problem
    assert "0.4 is less than position 0.5" in found[1].problem
