"""What a file is, is told by its content; what cannot be used is refused with its faults."""

from __future__ import annotations

import gzip
import re
import shlex
import shutil
import zipfile
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from detente.cli.evidence import data as data_command
from detente.errors import DataError, MissingData, UsageError
from detente.evidence.datasets import recognition, registry, store

MAJORS = (
    "stateabb,ccode,styear,stmonth,stday,endyear,endmonth,endday,version\n"
    + "USA,2,1898,8,13,2016,12,31,2016\n"
    + "".join(f"XXX,{code},1816,1,1,2016,12,31,2016\n" for code in range(728, 741))
)
FALSE_DYADS = "ccode1,ccode2,year\n" + "".join(f"2,{20 + k},1900\n" for k in range(60))


def write(path: Path, text: str) -> Path:
    """Write a file and return its path."""
    path.write_text(text, encoding="utf-8", newline="")
    return path


def refusal(path: Path) -> str:
    """Return the words with which a file is refused."""
    with pytest.raises(DataError) as caught:
        recognition.read(path)
    return str(caught.value)


def test_the_name_of_a_file_does_not_matter(tmp_path):
    """A file is recognised by its columns even if it is called something else."""
    path = write(tmp_path / "holiday.txt", MAJORS)

    assert (
        recognition.read(path).layout.name,
        recognition.read(path).version,
    ) == ("majors-original", "2016")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "\r\r\n"])
def test_every_line_ending_is_read(tmp_path, ending):
    """Bare carriage returns, as in some releases, end lines like any other."""
    path = write(tmp_path / "majors.csv", MAJORS.replace("\n", ending))

    assert recognition.read(path).frame.height == 14


def test_compressed_files_are_read_as_they_are(tmp_path):
    """Gzip and a zip file with one table give the same table as the plain file."""
    plain = recognition.read(write(tmp_path / "majors.csv", MAJORS)).frame
    zipped, gzipped = tmp_path / "m.zip", tmp_path / "m.gz"
    gzipped.write_bytes(gzip.compress(MAJORS.encode()))
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("majors.csv", MAJORS)

    assert plain.equals(recognition.read(zipped).frame)
    assert plain.equals(recognition.read(gzipped).frame)


def test_a_cut_off_gzip_file_is_refused(tmp_path):
    """Half a gzip file says that it is damaged."""
    path = tmp_path / "majors.csv.gz"
    path.write_bytes(gzip.compress(MAJORS.encode())[:60])

    assert "damaged or cut off" in refusal(path)


def test_a_file_cut_off_at_a_line_is_refused(tmp_path):
    """Fewer rows than the release has are no whole file."""
    path = write(tmp_path / "majors.csv", "\n".join(MAJORS.splitlines()[:9]) + "\n")

    assert "has 8 rows where" in refusal(path)


def test_a_file_cut_off_within_a_line_is_refused(tmp_path):
    """A last line with too few values is told apart from an empty column."""
    path = write(tmp_path / "majors.csv", MAJORS[:-20])

    assert "the last line has" in refusal(path)


def test_a_file_without_its_end_is_refused_whatever_its_length(tmp_path):
    """Enough rows do not help if the last states of the list are not there."""
    many = "ccode,stateabb,year,version\n" + "".join(
        f"2,USA,{1816 + k % 100},2016\n" for k in range(100)
    )
    system = "".join(f"{2 + k // 150},AAA,{1816 + k % 150},2016\n" for k in range(16000))

    assert "rows where" in refusal(write(tmp_path / "a.csv", many))
    assert "the largest year is" in refusal(
        write(tmp_path / "b.csv", "ccode,stateabb,year,version\n" + system)
    )


def test_renamed_columns_are_refused_by_name(tmp_path):
    """A file that lacks a column says which, and what it looks like."""
    path = write(tmp_path / "majors.csv", MAJORS.replace("styear", "begin_of_spell"))

    assert "no column 'styear'" in refusal(path)


def test_an_older_release_is_refused(tmp_path):
    """A release that the version column calls old is refused with where to find the new one."""
    path = write(tmp_path / "majors.csv", MAJORS.replace(",2016\n", ",2008\n"))

    assert "too old" in refusal(path)
    assert "correlatesofwar.org" in refusal(path)


def test_a_table_of_something_else_is_refused(tmp_path):
    """A table of no known layout shows its columns."""
    path = write(tmp_path / "x.csv", "apples,pears\n1,2\n")

    with pytest.raises(recognition.Unrecognised, match="apples, pears"):
        recognition.read(path)


def test_a_text_is_no_table(tmp_path):
    """A text without columns is told apart from a wrong table."""
    with pytest.raises(recognition.NotATable):
        recognition.read(write(tmp_path / "notes.md", "# Notes\n\nsome words, and more\n"))


def test_all_wrong_values_are_listed_with_their_lines(tmp_path):
    """Faults name the line as a spreadsheet counts it, the column and the value."""
    lines = FALSE_DYADS.splitlines()
    lines[3], lines[7] = "2,22,19x0", "2,2600,1900"
    with pytest.raises(DataError) as caught:
        recognition.read(write(tmp_path / "f.csv", "\n".join(lines) + "\n"))

    assert sorted((fault.row, fault.column, fault.problem) for fault in caught.value.faults) == [
        (4, "year", "'19x0'"),
        (8, "ccode2", "'2600'"),
    ]


def test_a_repeated_key_is_refused(tmp_path):
    """Two rows for the same pair and year cannot both be right."""
    text = FALSE_DYADS.replace("2,21,1900", "2,20,1900")

    assert "more than once" in refusal(write(tmp_path / "f.csv", text))


def test_the_missing_code_becomes_missing(tmp_path):
    """The -9 of the capability files is a missing value, never a number."""
    rows = [f"AAA,{code},{year},-9,1,2,3,4,5,.1,2021" for code in range(2, 982, 4)
            for year in range(1950, 2017)]  # fmt: skip
    text = "stateabb,ccode,year,milex,milper,irst,pec,tpop,upop,cinc,version\n" + "\n".join(rows)
    frame = recognition.read(write(tmp_path / "n.csv", text)).frame

    assert len(rows) == frame["milex"].null_count()
    assert {0.1} == set(frame["cinc"])


def test_an_export_of_events_is_read(tmp_path):
    """The export format of ACLED is recognised, with written dates too."""
    head = (
        "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,"
        "actor1,actor2,iso,country,latitude,longitude,notes,fatalities\n"
    )
    body = (
        "AAA1,2020-02-03,2020,1,Political violence,Battles,Armed clash,A,B,4,Aldia,1.5,2.5,n,3\n"
        "AAA2,04 March 2020,2020,1,Political violence,Battles,Armed clash,A,,4,Aldia,1,2,n,0\n"
    )
    frame = recognition.read(write(tmp_path / "export.csv", head + body)).frame

    assert frame["date"].cast(pl.String).to_list() == ["2020-02-03", "2020-03-04"]
    assert frame["deaths"].to_list() == [3, 0]


def test_contiguity_as_released_has_both_orders(tmp_path):
    """The released file lists a pair once, the table has it both ways."""
    head = "dyad,statelno,statelab,statehno,statehab,conttype,begin,end,notes,version\n"
    body = "".join(f'{k},{2 + k},"A",920,"B",1,192001,200612,"n",3.1\n' for k in range(840))
    frame = recognition.read(write(tmp_path / "c.csv", head + body)).frame

    assert frame.height == 1680
    assert frame["start_date"].unique().cast(pl.String).to_list() == ["1920-01-01"]


def test_obligations_as_released_are_read(tmp_path):
    """ATOP's own directed file has a row for every pair: only the allied ones are kept."""
    head = "ddyad,stateA,stateB,year,atopally,defense,offense,neutral,nonagg,consul,version\n"
    body = "2020,2,20,1945,1,1,0,0,0,1,5.1\n2020,2,20,1930,0,0,0,0,0,0,5.1\n"
    path = write(tmp_path / "atop.csv", head + body)
    found = recognition.read(path, whole=False)

    assert (found.layout.name, found.version.split(",")[0]) == ("atop-directed-original", "5.1")
    assert found.frame.rows() == [(2, 20, 1945, 1, 0, 0, 0, 1)]
    assert "2 rows where" in refusal(path)


def test_regimes_as_released_are_read(tmp_path):
    """V-Dem's country-years and Polity's special codes keep their values and gaps."""
    vdem = write(
        tmp_path / "v.csv",
        "country_name,country_id,year,COWcode,v2x_polyarchy\nA,3,1900,70,0.2\nB,4,1900,,\n",
    )
    polity = write(
        tmp_path / "p.csv",
        "p5,cyear,ccode,scode,country,year,flag,democ,autoc,polity,polity2,durable\n"
        "0,7001800,700,AFG,Afghanistan,1800,0,-88,-88,-88,,0\n",
    )

    assert recognition.read(vdem, whole=False).frame["polyarchy"].to_list() == [0.2, None]
    frame = recognition.read(polity, whole=False).frame
    assert (frame["polity"].to_list(), frame["polity2"].to_list()) == ([-88], [None])


def test_every_layout_names_a_source_and_a_table():
    """The registry refers only to what it has: tables, columns, sources and references."""
    references = registry.references()
    for layout in registry.layouts().values():
        columns = registry.tables()[layout.table].columns
        given = {*layout.columns.values(), *layout.dates, *layout.like, *layout.constants}
        assert given <= set(columns)
        assert set(registry.tables()[layout.table].key) <= given
        assert set(registry.sources()[layout.source].cite) <= set(references)


def test_adding_keeps_file_table_and_checksum(tmp_path, empty):
    """What was added can be listed, loaded and cited; a missing table says who publishes it."""
    path = write(tmp_path / "majors.csv", MAJORS)
    (outcome,) = store.add([path])
    (entry,) = store.entries()

    assert outcome.entry == entry
    assert path.read_bytes() == (empty / "files" / entry.file).read_bytes()
    assert store.table("majors").height == 14
    assert "@misc{cow2017states" in store.cite()
    with pytest.raises(MissingData, match=re.escape("correlatesofwar.org")):
        store.table("capabilities")


def test_adding_twice_keeps_one(tmp_path, empty):
    """The same release again replaces itself."""
    path = write(tmp_path / "majors.csv", MAJORS)
    store.add([path, path])

    assert len(store.entries()) == 1


def test_the_release_that_reaches_further_is_preferred(data):
    """Of two releases in one layout the later one serves the table, the older one on demand."""
    kept = [entry for entry in store.entries() if entry.layout == "nmc-original"]

    assert [entry.version for entry in kept] == ["6.0", "5.0"]
    assert store.find("capabilities").version == "7.0"
    assert store.table("capabilities", version="5.0")["year"].max() == 2012


def test_the_command_tells_kept_from_refused(tmp_path, empty):
    """A refused file gives exit code 1, and does not keep a good one from being kept."""
    good = write(tmp_path / "majors.csv", MAJORS)
    bad = write(tmp_path / "short.csv", "\n".join(MAJORS.splitlines()[:4]) + "\n")
    result = CliRunner().invoke(data_command, ["add", str(good), str(bad)])

    assert result.exit_code == 1
    assert "1 kept" in result.output
    assert "1 refused" in result.output
    assert CliRunner().invoke(data_command, ["add", str(good)]).exit_code == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        # A fixed time: the bytes are the test's name, which every worker must spell alike.
        (gzip.compress(b"\n", mtime=0), "is empty"),
        (MAJORS.splitlines()[0].encode(), "has the header of .* and no rows. The file is cut off"),
        (b"\x7fELF\x00\x01", "holds no table"),
        (b"<!DOCTYPE html>\n<html>a,b</html>", "is a web page"),
        (b"apples,pears\n", "no layout that is known"),
    ],
)
def test_a_named_file_that_is_no_data_set_is_refused(content, words, tmp_path, empty):
    """What the user names is kept or refused with the reason, and the others are still kept."""
    bad, good = tmp_path / "bad.csv", write(tmp_path / "majors.csv", MAJORS)
    bad.write_bytes(content)
    result = CliRunner().invoke(data_command, ["add", str(bad), str(good)])

    assert re.search(words, result.output)
    assert result.exit_code == (1 if "header" in words else 2)
    assert ["majors"] == [entry.table for entry in store.entries()]


CAPABILITIES = "stateabb,ccode,year,milex,milper,irst,pec,tpop,upop,cinc,version\n"


def capabilities(path: Path, last: int, version: int) -> Path:
    """Write a list of capabilities as published, that ends in a year."""
    rows = [f"AAA,{code},{year},1,1,2,3,4,5,.1,{version}" for code in range(2, 982, 4)
            for year in range(last - 80, last + 1)]  # fmt: skip
    return write(path, CAPABILITIES + "\n".join(rows) + "\n")


def test_the_file_that_reaches_furthest_is_in_use_whatever_its_layout(tmp_path, data, monkeypatch):
    """A newer release in another layout serves the table; the list says which file is in use."""
    place = tmp_path / "data"
    shutil.copytree(data, place)
    monkeypatch.setenv("DETENTE_DATA", str(place))
    store.add([capabilities(tmp_path / "new.csv", 2030, 2031)])
    listed = CliRunner().invoke(data_command, ["list"]).output.splitlines()
    marked = [line for line in listed if line.startswith("  capabilities:")]

    assert 2030 == store.find("capabilities").last_year
    assert "gml" == store.find("disputes_directed").source
    assert [True, False, False, False] == [line.endswith(", in use") for line in marked]


def test_a_file_that_covers_other_years_replaces_none(tmp_path, empty):
    """An older file of the same length is kept beside the newer one, which a new copy replaces."""
    new, old = MAJORS, MAJORS.replace("2016,12,31", "2011,12,31")
    paths = [write(tmp_path / f"{k}.csv", text) for k, text in enumerate((new, old))]
    store.add(paths)
    (again,) = store.add([write(tmp_path / "2.csv", new.replace("1898,8,13", "1898,8,14"))])

    assert [2016, 2011] == [entry.last_year for entry in store.entries()]
    assert again.replaced.file.endswith("0.csv")


def test_a_broken_index_is_made_anew(tmp_path, empty):
    """Adding any file reads those that are kept again; until then it is said what to do."""
    store.add([write(tmp_path / "majors.csv", MAJORS)])
    before = store.entries()
    (empty / store.INDEX).write_text("[{")
    with pytest.raises(UsageError, match="made anew by: detente data add"):
        store.entries()
    store.add([write(tmp_path / "false.csv", FALSE_DYADS)])

    assert {"majors", "false_dyads"} == {entry.table for entry in store.entries()}
    (empty / store.INDEX).write_text("[{")
    store.add([empty / "files"])
    assert before[0] in store.entries()
    assert 2 == len(list((empty / "files").iterdir()))


@pytest.mark.parametrize("size", [0, 10, 300])
def test_a_damaged_table_says_how_it_is_mended(size, tmp_path, empty):
    """A table that is cut off is named with the command that makes it anew from the kept file."""
    store.add([write(tmp_path / "majors.csv", MAJORS)])
    (table,) = (empty / "tables").iterdir()
    whole = table.read_bytes()
    table.write_bytes(whole[:size])
    with pytest.raises(UsageError, match=r"is damaged .* detente data add") as caught:
        store.table("majors")
    store.add([Path(shlex.split(str(caught.value))[-1])])

    assert store.table("majors").height == 14
    assert 1 == len(list((empty / "files").iterdir()))


def test_a_release_says_itself_of_which_years_it_speaks(data):
    """The list of wars begins with the system and ends with its cut, not with a war."""
    assert (1816, 1989) == (store.find("war_dyads").first_year, store.find("war_dyads").last_year)


def test_everything_shared_is_taken(shared, data):
    """Each file that the notes of the shared data list is recognised and kept."""
    listed = re.findall(r"^\| `([^`]+)` \|", (shared / "README.md").read_text(), re.MULTILINE)
    kept = {entry.sha256 for entry in store.entries()}
    lost = []
    for name in listed:
        entry = recognition.read(shared / name)
        if store.find(entry.layout.table) is None:
            lost.append(name)

    assert len(listed) > 50
    assert lost == []
    assert len(kept) >= len(listed) - 1


def test_a_folder_full_of_other_things_is_no_fault(shared, tmp_path, monkeypatch):
    """A folder can be offered as a whole: what is no data set is left, unless it is named."""
    monkeypatch.setenv("DETENTE_DATA", str(tmp_path / "data"))
    result = CliRunner().invoke(data_command, ["add", str(shared)])

    assert result.exit_code == 0, result.output
    assert ", 0 refused" in result.output
    # A pattern such as folder/* names the texts beside the data as well.
    named = CliRunner().invoke(data_command, ["add", str(shared / "README.md")])
    assert (1, True) == (named.exit_code, "0 refused, 1 passed over" in named.output)


def test_the_shared_rows_are_those_its_notes_list(shared):
    """Rows read equal the rows that the notes of the shared data give for each file."""
    notes = (shared / "README.md").read_text()
    listed = re.findall(r"^\| `([^`]+)` \| ([\d,]+) \|", notes, re.MULTILINE)
    expected = {name: int(rows.replace(",", "")) for name, rows in listed}

    assert expected == {name: recognition.read(shared / name).rows for name in expected}


def test_empty_rows_at_the_end_are_left_out_and_within_refused(tmp_path):
    """An empty last line is no row; one in the middle means that something is lost."""
    ended = write(tmp_path / "ended.csv", MAJORS + "\n ,,,,,,,,\n\n")
    rows = MAJORS.splitlines()
    broken = write(tmp_path / "broken.csv", "\n".join([*rows[:4], "", *rows[5:]]) + "\n")

    assert recognition.read(ended).frame.equals(
        recognition.read(write(tmp_path / "a.csv", MAJORS)).frame
    )
    assert "1 empty rows within, the first in line 5" in refusal(broken)


def test_a_row_without_its_key_is_refused(tmp_path):
    """A row whose state is lost names what it lacks."""
    path = write(tmp_path / "lost.csv", MAJORS.replace("XXX,735,", "XXX,,"))

    assert "1 rows lack what tells them apart, the first has no ccode" in refusal(path)


def test_the_version_a_file_tells_goes_before_its_length(tmp_path):
    """A later release may have as many rows as an earlier one."""
    text = MAJORS.replace(",2016\n", ",2030\n")
    found = recognition.read(write(tmp_path / "later.csv", text))

    assert found.version == "2030, release of 14 rows"


def test_a_file_that_is_not_there_is_refused_and_the_others_are_kept(tmp_path, empty):
    """One wrong path does not lose the files that were named beside it."""
    good, absent = write(tmp_path / "majors.csv", MAJORS), tmp_path / "absent.csv"
    result = CliRunner().invoke(data_command, ["add", str(good), str(absent)])

    assert result.exit_code == 2
    assert f"There is no file {absent}." in result.output
    assert ["majors"] == [entry.table for entry in store.entries()]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("original/p4v2015.csv.gz", "rows where Polity"),
        ("original/MIDB_5.0_pre1990.csv", "has 4,07"),
        ("nmc_v7.csv.gz", "has 17,0"),
    ],
)
def test_a_release_that_lost_its_last_rows_is_refused(shared, tmp_path, name, words):
    """Cut off at the end of a line, by a few rows only."""
    source = shared / name
    raw = source.read_bytes()
    text = (gzip.decompress(raw) if source.suffix == ".gz" else raw).decode("latin-1")
    lines = text.splitlines()
    cut = lines[: -961 if "p4v" in name else -30]

    assert words in refusal(write(tmp_path / "cut.csv", "\n".join(cut) + "\n"))


def test_rows_that_are_there_twice_are_refused(shared, tmp_path):
    """Of the participants of disputes nothing tells rows apart, so that none may be repeated."""
    lines = (shared / "original/MIDB_5.0_pre1990.csv").read_text("latin-1").splitlines()
    path = write(tmp_path / "twice.csv", "\n".join([*lines, lines[7]]) + "\n")

    assert "1 rows are there more than once" in refusal(path)


def test_the_code_for_unknown_is_no_value_of_a_dispute(data):
    """In the released files of disputes -9 stands for what is not known."""
    for table in ("disputes", "dispute_participants"):
        frame = store.table(table, source="cow-mid")
        numbers = frame.select(pl.selectors.numeric())

        assert not (numbers < 0).select(pl.any_horizontal(pl.all().any())).item()
