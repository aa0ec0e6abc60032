"""Packages: what is read is written again, what is changed is written in one form."""

import dataclasses
import datetime as dt
import hashlib
import json
import os
import pickle
import random
import shutil
import zipfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starter import STARTER, pack, unfold

from detente.architecture.package import container, schema
from detente.architecture.package import tables as package_tables
from detente.architecture.package.check import check
from detente.architecture.package.tables import Package, read, write
from detente.errors import DataError, UnknownName, UsageError

DAY = dt.date(2024, 6, 30)
SCENARIOS = Path(package_tables.__file__).parents[1] / "scenarios"
BUNDLED = sorted(place.parent for place in SCENARIOS.glob("*/datapackage.json"))


def contents(place):
    """Return the files of a folder or zip under their names."""
    if place.is_dir():
        return {entry.name: entry.read_bytes() for entry in place.iterdir() if entry.is_file()}
    with zipfile.ZipFile(place) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def starter(tmp_path):
    """Return the starting package, read from a folder."""
    return read(unfold(tmp_path / "starter", STARTER))


# Reading --------------------------------------------------------------------------------


def test_every_table_and_column_of_the_schema_is_there_with_its_type(starter):
    """Absent tables have no rows, but the columns that they would have."""
    dtypes = {"integer": pl.Int64, "number": pl.Float64, "date": pl.Date}

    assert [t.name for t in schema.tables()] == list(starter.tables)
    for table in schema.tables():
        frame = starter.tables[table.name]
        assert list(table.columns) == frame.columns
        assert [dtypes.get(f.type, pl.String) for f in table.fields] == frame.dtypes
    assert 0 == starter.tables["incidents"].height


def test_an_empty_cell_is_null_and_a_zero_is_zero(tmp_path):
    """Missing is not zero, and neither becomes the other."""
    table = STARTER["states.csv"].replace(b"1.0,1.0", b"0,")
    states = read(unfold(tmp_path / "p", {**STARTER, "states.csv": table})).tables["states"]

    assert (0.0, None, None) == states.select("lat", "lon", "cow_code").row(0)


def test_what_the_descriptor_says_is_there(starter):
    """Name, title, version, date and region come from datapackage.json."""
    about = json.loads(STARTER["datapackage.json"])

    assert ("starter", "Starter", "0.1.0", DAY, "Invented") == (
        starter.name,
        starter.title,
        starter.version,
        starter.date,
        starter.region,
    )
    assert about == starter.descriptor


def test_all_faults_are_raised_at_once(tmp_path):
    """A package with faults is not read; the error lists what the check lists."""
    table = STARTER["states.csv"].replace(b"7.0,regional", b"x,y")
    place = unfold(tmp_path / "p", {**STARTER, "states.csv": table})

    with pytest.raises(DataError) as raised:
        read(place)
    assert tuple(check(place)) == raised.value.faults
    assert 2 == len(raised.value.faults)


def test_a_missing_path_is_an_error_of_the_call(tmp_path):
    """What is not there cannot have faults."""
    with pytest.raises(UnknownName, match="unknown scenario package"):
        read(tmp_path / "nowhere")


def test_a_package_is_not_changed_in_place(starter):
    """Neither a member nor a table can be put into another's place."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        starter.title = "Other"
    with pytest.raises(TypeError):
        starter.tables["states"] = pl.DataFrame()


def test_a_package_can_be_sent_to_another_process(starter):
    """What is unpickled says the same and writes the same."""
    sent = pickle.loads(pickle.dumps(starter))

    assert starter.digest == sent.digest
    assert starter.files() == sent.files()


# Writing what was read ------------------------------------------------------------------

ODD = {
    **STARTER,
    "states.csv": b"\xef\xbb\xbf" + STARTER["states.csv"].replace(b"\n", b"\r\n"),
    "measures.csv": STARTER["measures.csv"].replace(b"Strength", b'"Strength"'),
    "capabilities.csv": STARTER["capabilities.csv"].replace(b",10,", b",1.0e1,") + b"\n\n",
    "datapackage.json": json.dumps(json.loads(STARTER["datapackage.json"])).encode(),
}


@pytest.mark.parametrize("source", ["p", "p.zip"])
@pytest.mark.parametrize("target", ["q", "q.zip"])
def test_what_was_read_is_written_with_the_same_bytes(tmp_path, source, target):
    """Byte order mark, line ends, quotation marks, README: all as they were, either way."""
    place = tmp_path / source
    place = pack(place, ODD.items()) if place.suffix else unfold(place, ODD)
    written = write(read(place), tmp_path / target)

    assert ODD == contents(written)


@pytest.mark.parametrize("place", BUNDLED, ids=[place.name for place in BUNDLED])
def test_bundled_scenarios_are_written_with_the_same_bytes(tmp_path, place):
    """The scenarios that come with detente survive reading and writing unchanged."""
    written = write(read(place), tmp_path / "q")

    assert contents(place) == contents(written)


def test_a_zip_is_the_same_each_time(tmp_path):
    """Two zips of one package are equal to the byte: no clock and no order of the disk."""
    first = write(read(unfold(tmp_path / "p", STARTER)), tmp_path / "a.zip")
    turned = dict(reversed(STARTER.items()))
    second = write(read(pack(tmp_path / "p.zip", turned.items())), tmp_path / "b.zip")

    assert first.read_bytes() == second.read_bytes()


def test_large_files_and_folders_beside_the_tables_are_left_alone(tmp_path, monkeypatch):
    """Documents belong to the package up to a size; subfolders and lock files do not."""
    monkeypatch.setattr(container, "MAX_DOCUMENT", 10)
    files = {**STARTER, "small.txt": b"x" * 10, "large.pdf": b"x" * 11, ".hidden": b""}
    place = unfold(tmp_path / "p", files)
    (place / "sub").mkdir()

    assert {"small.txt": b"x" * 10} == dict(read(place).documents)


# Writing what was changed ---------------------------------------------------------------


def raised(frame, state, value):
    """Return capabilities with one state's figure replaced."""
    return frame.with_columns(
        value=pl.when(pl.col("state") == state).then(value).otherwise(pl.col("value"))
    )


def test_a_changed_table_is_written_in_one_form_and_the_others_stay(tmp_path):
    """Of a changed table only the changed cells differ; numbers keep the way they were typed."""
    before = read(unfold(tmp_path / "p", ODD))
    after = before.replace_tables(capabilities=raised(before.tables["capabilities"], "BBB", 4.25))
    written = contents(write(after, tmp_path / "q"))

    assert (
        b"state,measure,year,value,note,source,confidence\n"
        b"AAA,strength,2024,1.0e1,,invented,high\n"
        b"BBB,strength,2024,4.25,,invented,high\n"
        b"CCC,strength,2024,8,,invented,high\n"
        b"DDD,strength,2024,5,,invented,high\n"
    ) == written["capabilities.csv"]
    unchanged = set(ODD) - {"capabilities.csv"}
    assert {name: ODD[name] for name in unchanged} == {name: written[name] for name in unchanged}


def test_rows_may_come_and_go_and_move(tmp_path, starter):
    """A number keeps its typing when its row moves; a new one is written plainly."""
    frame = starter.tables["capabilities"]
    new = frame.head(1).with_columns(year=pl.lit(2023, pl.Int64), value=pl.lit(7.5))
    changed = starter.replace_tables(capabilities=pl.concat([frame.tail(2), new]))

    assert ["CCC,strength,2024,8", "DDD,strength,2024,5", "AAA,strength,2023,7.5"] == [
        line.partition(",,")[0]
        for line in changed.files()["capabilities.csv"].decode().splitlines()[1:]
    ]


def test_a_changed_table_has_all_columns_in_the_order_of_the_schema(tmp_path):
    """Columns that a file left out or moved are in their place once the table has changed."""
    table = b"source,parameter,value\nassumed,rivalry.threshold,3\n"
    before = read(unfold(tmp_path / "p", {**STARTER, "parameters.csv": table}))
    frame = before.tables["parameters"].with_columns(value=pl.lit(4.0))
    written = before.replace_tables(parameters=frame).files()

    assert (
        b"parameter,value,note,source\nrivalry.threshold,4.0,,assumed\n"
        == (written["parameters.csv"])
    )
    entry = next(
        entry
        for entry in json.loads(written["datapackage.json"])["resources"]
        if entry["name"] == "parameters"
    )
    assert ["parameter", "value", "note", "source"] == [
        f["name"] for f in entry["schema"]["fields"]
    ]


def test_a_new_table_is_listed_in_the_descriptor(starter, tmp_path):
    """A table that gets its first row gets a file and an entry; other members stay."""
    actors = pl.DataFrame(
        {
            "actor": ["X_GULLS"],
            "name": ['The "Gulls", so called'],
            "kind": ["nonstate"],
            "source": ["assumed"],
            "confidence": ["low"],
        }
    )
    place = write(starter.replace_tables(actors=actors), tmp_path / "q")
    again = read(place)

    assert 'X_GULLS,"The ""Gulls"", so called",nonstate,,,assumed,low' in (
        place / "actors.csv"
    ).read_text(encoding="utf-8")
    assert "actors" == again.descriptor["resources"][-1]["name"]
    assert starter.descriptor["licenses"] == again.descriptor["licenses"]


def test_a_new_title_changes_only_the_descriptor(starter):
    """What the package says of itself is written from its members."""
    files = dataclasses.replace(starter, title="Other", region="Elsewhere").files()
    about = json.loads(files.pop("datapackage.json"))

    assert ("Other", "Elsewhere") == (about["title"], about["detente"]["region"])
    assert {k: v for k, v in STARTER.items() if k != "datapackage.json"} == files


def test_a_package_made_of_tables_is_a_package(starter, tmp_path):
    """Tables in memory and a date are enough to write a package that can be read."""
    made = Package.from_tables(starter.tables, name="made", title="Made", date=DAY)
    place = write(made, tmp_path / "made")

    assert [] == check(place)
    assert starter.digest == made.digest == read(place).digest
    assert ("made", "Made", "", "") == (made.name, made.title, made.description, made.region)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"parametre": ["a"]}, "column parametre: the column is not known"),
        ({"parameter": ["a"], "value": ["1"]}, "column value: the column is String"),
        ({"parameter": [1], "value": [1.0]}, "column parameter: the column is Int64"),
        ({"parameter": ["a"], "value": [float("nan")]}, "column value: the column holds NaN"),
        ({"parameter": ["a"], "value": [1.0]}, "column source: the column is missing"),
    ],
)
def test_a_frame_that_does_not_fit_is_refused_at_once(starter, columns, words):
    """Columns and types are those of the schema; nothing is converted by guessing."""
    with pytest.raises(DataError, match=words):
        starter.replace_tables(parameters=pl.DataFrame(columns))


def test_an_unknown_table_is_refused(starter):
    """A misspelt table is named with the likely one."""
    with pytest.raises(UnknownName, match="Did you mean 'states'"):
        starter.replace_tables(state=pl.DataFrame())


def test_columns_that_fit_become_those_of_the_schema(starter):
    """Whole numbers, categories and missing optional columns are taken; "" is missing."""
    frame = pl.DataFrame(
        {
            "parameter": pl.Series(["rivalry.threshold"], dtype=pl.Categorical),
            "value": [4],
            "note": [""],
            "source": ["assumed"],
        }
    )
    actual = starter.replace_tables(parameters=frame).tables["parameters"]

    assert [("rivalry.threshold", 4.0, None, "assumed")] == actual.rows()


# Writing safely -------------------------------------------------------------------------


def test_a_package_with_faults_is_not_written(starter, tmp_path):
    """What would not pass the check leaves nothing on the disk."""
    broken = starter.replace_tables(capabilities=raised(starter.tables["capabilities"], "AAA", -1))
    place = tmp_path / "out"
    place.mkdir()

    with pytest.raises(DataError, match="too small"):
        write(broken, place / "q")
    assert [] == list(place.iterdir())


@pytest.mark.parametrize("name", ["q", "q.zip"])
def test_what_is_there_is_overwritten_only_on_request(starter, tmp_path, name):
    """Without the request the old package stays; with it the new one takes its place."""
    place = write(starter, tmp_path / name)
    other = dataclasses.replace(starter, title="Other")

    with pytest.raises(UsageError, match="already there"):
        write(other, place)
    assert "Starter" == read(place).title
    write(other, place, overwrite=True)
    assert "Other" == read(place).title
    assert sorted(["starter", name]) == sorted(entry.name for entry in tmp_path.iterdir())


def test_overwriting_keeps_what_is_no_part_of_a_package(starter, tmp_path):
    """Subfolders and hidden files of the old folder stay; its surplus tables go."""
    place = unfold(tmp_path / "q", {**STARTER, ".keep": b"1", "states.csv": STARTER["states.csv"]})
    (place / "sub").mkdir()
    (place / "sub" / "deep.txt").write_text("2")
    empty = starter.tables["commitments"].clear()
    made = Package.from_tables(
        {**starter.tables, "commitments": empty}, name="made", title="Made", date=DAY
    )
    write(made, place, overwrite=True)

    assert ("1", "2") == ((place / ".keep").read_text(), (place / "sub" / "deep.txt").read_text())
    assert not (place / "commitments.csv").exists()
    assert [] == check(place)


def test_a_folder_that_is_no_package_is_never_overwritten(starter, tmp_path):
    """A slip of the path cannot replace a folder of other things."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.tex").write_text("x")

    with pytest.raises(UsageError, match="not a scenario package"):
        write(starter, tmp_path / "home", overwrite=True)
    (tmp_path / "home.zip").mkdir()
    (tmp_path / "home.zip" / "x").write_text("x")
    with pytest.raises(UsageError, match="is not a file"):
        write(starter, tmp_path / "home.zip", overwrite=True)


def test_an_empty_folder_is_filled(starter, tmp_path):
    """A folder made beforehand is used and stays the same folder, as somebody may be in it."""
    (tmp_path / "q").mkdir()
    before = (tmp_path / "q").stat().st_ino

    assert [] == check(write(starter, tmp_path / "q"))
    assert before == (tmp_path / "q").stat().st_ino


def test_a_folder_is_filled_whole_or_not_at_all(starter, tmp_path, monkeypatch):
    """If one file cannot be put into the empty folder, it is empty again."""
    (tmp_path / "q").mkdir()
    rename, calls = os.rename, []

    def third_fails(self, target):
        calls.append(target)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        rename(self, target)
        return Path(target)

    monkeypatch.setattr(Path, "rename", third_fails)
    with pytest.raises(UsageError, match="No space left"):
        write(starter, tmp_path / "q")

    assert [] == list((tmp_path / "q").iterdir())
    assert ["q", "starter"] == sorted(entry.name for entry in tmp_path.iterdir())


def test_the_folder_above_must_be_there(starter, tmp_path):
    """A path is not made on the way, as it may be a slip."""
    with pytest.raises(UsageError, match="is not there"):
        write(starter, tmp_path / "no" / "q")


@pytest.mark.parametrize(
    ("name", "owner", "method"),
    [
        ("q", Path, "write_bytes"),
        ("q", Path, "rename"),
        ("q.zip", zipfile.ZipFile, "writestr"),
        ("q.zip", Path, "replace"),
    ],
)
def test_a_failure_on_the_way_leaves_the_old_package(
    starter, tmp_path, monkeypatch, name, owner, method
):
    """When the disk is full, the old package is whole and nothing else is left behind."""
    place = write(starter, tmp_path / name)
    before = contents(place)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(owner, method, full)
    with pytest.raises(UsageError, match="No space left"):
        write(dataclasses.replace(starter, title="Other"), place, overwrite=True)
    monkeypatch.undo()

    assert before == contents(place)
    assert sorted(["starter", name]) == sorted(entry.name for entry in tmp_path.iterdir())


def test_a_failed_exchange_is_taken_back(starter, tmp_path, monkeypatch):
    """If the new folder cannot take the place of the old one, the old one returns."""
    place = write(starter, tmp_path / "q")
    rename, calls = os.rename, []

    def second_fails(self, target):
        calls.append(target)
        if len(calls) == 2:
            raise OSError(13, "Permission denied")
        rename(self, target)
        return Path(target)

    monkeypatch.setattr(Path, "rename", second_fails)
    with pytest.raises(UsageError, match="Permission denied"):
        write(dataclasses.replace(starter, title="Other"), place, overwrite=True)

    assert "Starter" == read(place).title
    assert ["q", "starter"] == sorted(entry.name for entry in tmp_path.iterdir())


# Digest ---------------------------------------------------------------------------------


def test_the_digest_does_not_know_the_order_of_rows_and_columns(tmp_path):
    """Sorting a table in a spreadsheet, or typing 10.0 for 10, changes nothing."""
    rng = random.Random(1)
    files = dict(STARTER)
    for name in [n for n in files if n.endswith(".csv")]:
        head, *rows = files[name].splitlines()
        rng.shuffle(rows)
        files[name] = b"\r\n".join([head, *rows])
    files["capabilities.csv"] = files["capabilities.csv"].replace(b",10,", b",10.0,")
    note = b'"The default, written down; delete the row or change the value."'
    files["parameters.csv"] = (
        b"source,value,parameter,note\nassumed,3,rivalry.threshold," + note + b"\n"
    )

    one = read(unfold(tmp_path / "p", STARTER))
    other = read(unfold(tmp_path / "q", files))
    assert one.digest == other.digest


def test_the_digest_knows_every_cell_and_the_date(starter):
    """Any changed cell gives another digest, an emptied one too."""
    seen = {starter.digest, dataclasses.replace(starter, date=dt.date(2024, 7, 1)).digest}
    count = 2
    for name, frame in starter.tables.items():
        for column in frame.columns if frame.height else ():
            other = frame.with_columns(
                pl.when(pl.int_range(pl.len()) == 0).then(None).otherwise(column).alias(column)
            )
            if not other.equals(frame):
                tables = {**starter.tables, name: other}
                seen.add(package_tables.digest_tables(tables, DAY))
                count += 1

    assert count == len(seen)


def test_the_digest_of_a_small_package_is_known():
    """The digest is SHA-256 over the documented text, worked out here by hand."""
    frame = pl.DataFrame({"parameter": ["b", "a"], "value": [-0.0, 1.5], "note": [None, None]})
    text = '["2024-06-30",[["k","v"]]]\n["parameters","parameter","value"]\n["a",1.5]\n["b",0.0]\n'

    assert hashlib.sha256(text.encode()).hexdigest() == package_tables.digest_tables(
        {"parameters": frame, "states": pl.DataFrame()}, DAY, {"k": "v"}
    )


# Whatever it is -------------------------------------------------------------------------

words = st.text(
    st.characters(
        blacklist_categories=("Cs", "Cc", "Cf", "Zl", "Zp"),
        blacklist_characters="\ufffd\ufffe\uffff",
    )
    | st.sampled_from('",;\n\r\t='),
    min_size=1,
    max_size=12,
).filter(str.strip)
numbers = st.floats(0, 1e300)
codes = st.lists(st.from_regex(r"[A-Z0-9_]{2,5}", fullmatch=True), unique=True, min_size=1)


@st.composite
def packages(draw):
    """Draw a small package with any texts, numbers, coordinates and years."""
    states = draw(codes)
    n = len(states)

    def column(strategy):
        return draw(st.lists(strategy, min_size=n, max_size=n))

    sure = {"source": ["s"] * n, "confidence": column(st.sampled_from(["high", "low"]))}
    tables = {
        "states": {
            "state": states,
            "name": column(words),
            "lat": column(st.none() | st.floats(-90, 90)),
            "cow_code": column(st.none() | st.integers(1, 999)),
            "role": column(st.sampled_from(["regional", "external"])),
            "note": column(st.none() | words),
            **sure,
        },
        "capabilities": {
            "state": states,
            "measure": ["m"] * n,
            "year": column(st.integers(1500, 2100)),
            "value": column(numbers),
            **sure,
        },
        "measures": {
            "measure": ["m"],
            "name": [draw(words)],
            "unit": ["u"],
            "default": ["yes"],
            "meaning": [draw(words)],
            "source": ["s"],
        },
        "sources": {"source": ["s"], "citation": [draw(words)], "seen": ["no"]},
        "organisations": {
            "organisation": ["ORG"],
            "name": ["Org"],
            "kind": ["alliance"],
            "start": [draw(st.none() | st.dates(dt.date(1000, 1, 1)))],
            "commitment": ["defense"],
            "strength": ["binding"],
            "weight": [draw(st.floats(0, 1))],
            "source": ["s"],
            "confidence": ["low"],
        },
    }
    frames = {
        name: pl.DataFrame(
            columns,
            schema={
                c: {"integer": pl.Int64, "number": pl.Float64, "date": pl.Date}.get(
                    schema.table(name).field(c).type, pl.String
                )
                for c in columns
            },
        )
        for name, columns in tables.items()
    }
    return Package.from_tables(
        frames, name="drawn", title=draw(words), description=draw(words), date=DAY
    )


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(packages(), st.booleans())
def test_any_package_survives_writing_and_reading(tmp_path_factory, drawn, zipped):
    """What is written is read again, cell by cell, and writing it again changes no byte."""
    folder = tmp_path_factory.mktemp("round")
    place = write(drawn, folder / ("p.zip" if zipped else "p"))
    again = read(place)
    second = write(again, folder / ("q.zip" if zipped else "q"))

    for name, frame in drawn.tables.items():
        assert frame.rows() == again.tables[name].rows()
    assert (drawn.title, drawn.description, drawn.digest) == (
        again.title,
        again.description,
        again.digest,
    )
    assert contents(place) == contents(second)
    shutil.rmtree(folder)


# Conformance ----------------------------------------------------------------------------


@pytest.mark.parametrize("place", [None, *BUNDLED], ids=lambda p: p.name if p else "starter")
def test_another_library_finds_what_we_write_valid(tmp_path, place):
    """The frictionless library validates descriptor and tables, types, keys and references."""
    frictionless = pytest.importorskip("frictionless")
    given_package = read(place or unfold(tmp_path / "p", STARTER))
    made = Package.from_tables(
        given_package.tables,
        name=given_package.name,
        title=given_package.title,
        date=given_package.date,
    )
    written = write(made, tmp_path / "q")
    report = frictionless.Package(str(written / "datapackage.json")).validate()

    assert [] == report.flatten(["rowNumber", "fieldName", "message"])
    assert len(list(written.glob("*.csv"))) == len(report.tasks)
