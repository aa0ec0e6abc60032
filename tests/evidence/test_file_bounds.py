"""What comes out of a file is bounded, and what cannot be used is refused with its reason."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import multiprocessing
import resource
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from file_variants import columns, flat_layouts, rows, write
from hypothesis import given
from hypothesis import strategies as st

from detente import unpacking
from detente.errors import DataError, UsageError
from detente.evidence.datasets import folder_lock, recognition, store

PAIRS = "ccode1,ccode2,year\n" + "".join(f"2,{20 + k},1900\n" for k in range(60))
MAJORS = "stateabb,ccode,styear,stmonth,stday,endyear,endmonth,endday,version\n" + "".join(
    f"XXX,{code},1816,1,1,2016,12,31,2016\n" for code in range(727, 741)
)


def refusal(path: Path) -> str:
    """Return the words with which a file is refused."""
    with pytest.raises(DataError) as caught:
        recognition.read(path)
    return str(caught.value)


def zipped(path: Path, files: list[tuple[str, bytes]], **options: int) -> Path:
    """Write a zip file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_bomb_in_a_zip_is_not_unpacked(ending, tmp_path):
    """A file that unpacks to far more than text does is refused before it is."""
    files = [(f"bomb{ending}", b"0," * 30_000_000)]
    if ending == ".xlsx":
        files = [("[Content_Types].xml", b""), ("xl/sheet1.xml", b"0" * 60_000_000)]

    assert "far more than text" in refusal(zipped(tmp_path / f"b{ending}", files))


def test_a_bomb_in_gzip_is_not_unpacked(tmp_path):
    """A gzip file does not say how much is in it: it is counted while it comes out."""
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"0" * 60_000_000))

    assert "far more than text" in refusal(path)


@pytest.mark.parametrize("form", ["plain", "gzip", "zip", "zip in zip", "parquet"])
def test_what_comes_out_of_a_file_is_bounded(form, tmp_path, monkeypatch):
    """Two gigabytes, or what the variable says, whatever the wrapping."""
    text = PAIRS.encode() + np.random.default_rng(1).bytes(20_000).hex().encode()
    path = tmp_path / "f"
    if form == "gzip":
        path.write_bytes(gzip.compress(text))
    elif form.startswith("zip"):
        zipped(path, [("a.csv", text)])
        if form == "zip in zip":
            path = zipped(tmp_path / "g", [("a.zip", path.read_bytes())])
    elif form == "parquet":
        pl.DataFrame({"ccode1": [2] * 9000, "ccode2": [3] * 9000}).write_parquet(path)
    else:
        path.write_bytes(text)
    monkeypatch.setenv(unpacking.VARIABLE, "0.00003")

    assert unpacking.VARIABLE in refusal(path)


def test_the_bound_is_two_gigabytes_unless_said_otherwise(monkeypatch):
    """What the variable says that is no number of gigabytes is not heeded."""
    for text, expected in {"": 2e9, "8": 8e9, "0.5": 5e8, "x": 2e9, "-1": 2e9}.items():
        monkeypatch.setenv(unpacking.VARIABLE, text)
        assert expected == unpacking.limit()


def test_zips_within_one_another_have_an_end(tmp_path):
    """Three of them are opened, more are refused."""
    data = PAIRS.encode()
    for depth in range(1, 6):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("f.csv" if depth == 1 else "f.zip", data)
        data = buffer.getvalue()
        path = tmp_path / f"{depth}.zip"
        path.write_bytes(data)
        if depth <= unpacking.MAX_DEPTH:
            assert 60 == recognition.read(path).rows
        else:
            assert "deeper than 3" in refusal(path)


def test_tables_of_one_name_in_two_folders_are_two_tables(tmp_path, empty):
    """Neither takes the place of the other."""
    path = zipped(
        tmp_path / "z.zip", [("a/t.csv", PAIRS.encode()), ("b/t.csv", MAJORS.encode()), ("./", b"")]
    )
    outcomes = store.add([path])

    assert {"false_dyads", "majors"} == {entry.table for entry in store.entries()}
    assert [path / "a/t.csv", path / "b/t.csv"] == [outcome.path for outcome in outcomes]


def test_encrypted_entries_and_unknown_methods_are_refused(tmp_path):
    """What cannot be unpacked says why."""
    for name, place, value, words in (
        ("e.zip", 6, 1, "encrypted"), ("m.zip", 8, 99, "a method that is not known"),
    ):  # fmt: skip
        data = bytearray(zipped(tmp_path / name, [("a.csv", PAIRS.encode())]).read_bytes())
        for start, shift in ((b"PK\x03\x04", 0), (b"PK\x01\x02", 2)):
            at = data.index(start) + place + shift
            data[at] = value
        (tmp_path / name).write_bytes(data)
        assert words in refusal(tmp_path / name)


@given(st.data())
def test_no_damage_of_a_file_ends_in_a_foreign_error(tmp_path_factory, data):
    """Whatever is flipped, cut or put before a file, it is read or refused."""
    place = tmp_path_factory.mktemp("damaged")
    buffer = io.BytesIO()
    pl.read_csv(PAIRS.encode()).write_parquet(buffer)
    whole = data.draw(
        st.sampled_from(
            [
                PAIRS.encode(), gzip.compress(PAIRS.encode()), buffer.getvalue(),
                zipped(place / "z", [("a.csv", PAIRS.encode())]).read_bytes(),
                b'{"features": [{"properties": {"iso3": "A"}, "geometry": null}]}', stata(place),
            ]
        )
    )  # fmt: skip
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    damaged = damaged[: data.draw(st.integers(0, len(damaged)))]
    path = place / "f"
    path.write_bytes(bytes(damaged))
    with contextlib.suppress(DataError):
        assert recognition.read(path, whole=False).frame.width


@pytest.mark.parametrize(
    "text",
    [
        "{}", "[]", "[1, 2]", '{"features": 3}', '{"features": [1]}', '{"features": [{}]}',
        '{"features": [{"properties": null, "geometry": null}]}', "[" * 100_000,
        '{"features": [{"properties": {"a": ' + "9" * 5000 + '}, "geometry": null}]}',
        '{"features": [{"properties": {"a": 1}, "geometry": 1}, {"properties": {"b": {}},'
        ' "geometry": []}]}',
    ],
)  # fmt: skip
def test_odd_json_is_refused(text, tmp_path):
    """Nothing that JSON can hold ends in an internal fault."""
    path = tmp_path / "f.geojson"
    path.write_text(text, encoding="utf-8")

    assert refusal(path)


def test_a_long_first_line_is_no_header(tmp_path):
    """A file of one line of megabytes is refused without being taken apart."""
    path = tmp_path / "f.csv"
    path.write_bytes(b"x" * 9_000_000)

    assert "first line is longer" in refusal(path)


def test_a_hundred_thousand_columns_are_refused_by_their_number(tmp_path):
    """No data set has so many, and reading them would take long."""
    path = tmp_path / "f.csv"
    names = [f"c{k}" for k in range(100_000)]
    path.write_text(",".join(names) + "\n" + ",".join("1" for _ in names) + "\n", encoding="utf-8")

    assert "100,000 columns" in refusal(path)


def keyword(name: str) -> bool:
    """Tell a word that Stata keeps for itself."""
    return name in ("start", "end", "begin", "type", "if", "in", "using", "with")


def stata(place: Path, **options: int) -> bytes:
    """Return a Stata file of pairs."""
    path = place / "f.dta"
    frame = pd.DataFrame(
        {"ccode1": np.int16(2), "ccode2": np.arange(20, 80, dtype=float), "year": np.int16(1900)}
    )
    frame.to_stata(path, write_index=False, **options)
    return path.read_bytes()


@pytest.mark.parametrize("version", [114, 117, 118, 119])
def test_stata_files_are_read(version, tmp_path, empty):
    """Every format since Stata 10, plain, gzipped or in a zip."""
    data = stata(tmp_path, version=version)
    (tmp_path / "a").write_bytes(data)
    (tmp_path / "b").write_bytes(gzip.compress(data))
    zipped(tmp_path / "c", [("x.dta", data)])

    frames = [recognition.read(tmp_path / name).frame for name in "abc"]

    assert 60 == frames[0].height
    assert frames[0].equals(frames[1])
    assert frames[0].equals(frames[2])


@pytest.mark.parametrize("layout", flat_layouts(), ids=lambda layout: layout.name)
def test_a_table_is_the_same_out_of_stata(layout, tmp_path):
    """Numbers with their missing values, dates and names, in the columns of every layout."""
    names = columns(layout)
    if any(len(name) > 32 or not name.isidentifier() or keyword(name) for name in names):
        pytest.skip("Stata admits no such names of columns")
    text = write(tmp_path / "f.csv", names, list(rows(layout, names)))
    table = pd.read_csv(
        text, dtype={n: str for n, ours in layout.columns.items() if ours == "code"}
    )
    table.to_stata(tmp_path / "f.dta", write_index=False, version=118)
    plain = recognition.read(text, whole=False, extras=False).frame

    assert plain.equals(recognition.read(tmp_path / "f.dta", whole=False, extras=False).frame)


@pytest.mark.parametrize(
    ("begin", "words"),
    [
        (b"RDX3\nX\n\x00\x00\x00\x03", 'load("f", e)'),
        (b"X\n\x00\x00\x00\x03", 'readRDS("f")'),
        (b"$FL2@(#) SPSS", "haven::read_sav"),
        (b"BZh91AY&SY", "bzip2"),
        (b"\xfd7zXZ\x00", "xz"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_files_of_other_programs_say_what_converts_them(begin, words, packed, tmp_path):
    """R's files, plain or gzipped as R writes them, are refused with one line of R."""
    data = begin + b"\x00" * 100
    (tmp_path / "f").write_bytes(gzip.compress(data) if packed else data)

    assert words in refusal(tmp_path / "f")


def _add(folder: str, path: str) -> None:
    import os

    os.environ["DETENTE_DATA"] = folder
    store.add([Path(path)])


def test_several_processes_that_add_keep_all_that_they_add(tmp_path, empty):
    """The index is read again under a lock: nobody's entry is lost."""
    paths = []
    for k in range(4):
        shift = PAIRS.replace(",1900", f",{1850 + k}")
        paths.append(tmp_path / f"{k}.csv")
        paths[-1].write_text(shift, encoding="utf-8")
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_add, args=(str(empty), str(path))) for path in paths]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert {1850, 1851, 1852, 1853} == {entry.first_year for entry in store.entries()}
    assert not list(empty.rglob("*.part"))


def test_a_full_disk_is_said_to_be_one(tmp_path, empty):
    """The data folder is named, not the file, and nothing half-written stays."""
    path = tmp_path / "f.csv"
    path.write_text(PAIRS, encoding="utf-8")

    def write(partial: Path) -> None:
        partial.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(UsageError, match=r"No space left on device.*DETENTE_DATA"):
        folder_lock.write_whole(empty / "files" / "f", write)
    assert not list((empty / "files").iterdir())


def test_leftovers_of_interrupted_writers_are_swept(tmp_path, empty):
    """A file of a process that is gone goes with the next addition."""
    (empty / "files").mkdir(parents=True)
    for name in ("0123456789ab-f.csv.part", ".4194311.f.csv.part"):
        (empty / "files" / name).write_bytes(b"half")
    path = tmp_path / "f.csv"
    path.write_text(PAIRS, encoding="utf-8")
    store.add([path])

    assert ["f.csv"] == [file.name[13:] for file in (empty / "files").iterdir()]


def test_a_long_name_is_kept_shorter(tmp_path, empty):
    """A file system allows 255 bytes for a name."""
    path = tmp_path / ("é" * 120 + ".csv")
    path.write_text(PAIRS, encoding="utf-8")

    assert [60] == [outcome.entry.rows for outcome in store.add([path]) if outcome.entry]


MEASURE = """
import resource, sys
from pathlib import Path
import polars, numpy
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
from detente.evidence.datasets import recognition
recognition.read(Path(sys.argv[1]), whole=False, extras=False)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


def test_memory_stays_under_three_times_the_file(tmp_path):
    """A release of sixty megabytes is read in less than three times its size."""
    layout = next(layout for layout in flat_layouts() if layout.name == "gdelt-export")
    names = columns(layout, optional=True) + [f"c{k}" for k in range(40)]
    line = next(iter(rows(layout, names[:6])))
    rest = ["some words of news"] * 40
    path = tmp_path / "g.csv"
    with path.open("w", encoding="utf-8") as stream:
        stream.write(",".join(names) + "\n")
        for k in range(75_000):
            stream.write(",".join([*line[:4], str(k + 1), "1", *rest]) + "\n")
    used = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(MEASURE), str(path)],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip

    assert int(used) < 3 * path.stat().st_size
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0


def test_json_is_written_whole(tmp_path, empty):
    """The index is what the entries are, also after many additions."""
    path = tmp_path / "f.csv"
    path.write_text(PAIRS, encoding="utf-8")
    for _ in range(3):
        store.add([path])

    assert 1 == len(json.loads((empty / store.INDEX).read_text(encoding="utf-8")))
