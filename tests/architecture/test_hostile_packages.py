"""Packages that contradict themselves, hide what they say, or were left half-written."""

from __future__ import annotations

import json
import os
import shutil
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starter import STARTER

from detente.architecture.package import tables
from detente.architecture.package.check import check, examine_files
from detente.architecture.package.finding import find
from detente.errors import UNSEEN, DetenteError, Fault, UnknownName, visible
from detente.evidence.resolve import load


def faults(**changed):
    """Return the faults of the starting package with some files replaced."""
    files = dict(STARTER) | {f"{name}.csv": text.encode() for name, text in changed.items()}
    about = json.loads(files["datapackage.json"])
    listed = {entry["path"] for entry in about["resources"]}
    about["resources"] += [
        {"name": name, "path": f"{name}.csv"} for name in changed if f"{name}.csv" not in listed
    ]
    files["datapackage.json"] = json.dumps(about).encode()
    return [str(fault) for fault in examine_files(files).faults]


def pair(table):
    """Return the head of a table of pairs, and the form of its rows."""
    return {
        "contiguity": (
            "state_a,state_b,type,start,end,source,confidence",
            "{a},{b},{x},{start},{end},{s},high",
        ),
        "rivalries": (
            "rivalry,state_a,state_b,issue,intensity,start,end,source,confidence",
            "r{n},{a},{b},territory,{x},{start},{end},{s},high",
        ),
        "disputes": (
            "state_a,state_b,year,hostility,source,confidence",
            "{a},{b},1990,{x},{s},high",
        ),
    }[table]  # fmt: skip


def codes():
    """Return two states of the starting package and one of its sources."""
    states = STARTER["states.csv"].decode().splitlines()[1:]
    source = STARTER["sources.csv"].decode().splitlines()[1].split(",")[0]
    return states[0].split(",")[0], states[1].split(",")[0], source


def rows(table, *facts, dates=(("", ""), ("", "")), swapped=True):
    """Return a table with two rows of one pair, the second the other way round."""
    head, form = pair(table)
    one, other, source = codes()
    lines = [head]
    for n, (fact, (start, end)) in enumerate(zip(facts, dates, strict=True)):
        a, b = (other, one) if swapped and n else (one, other)
        lines.append(form.format(a=a, b=b, n=n, x=fact, start=start, end=end, s=source))
    return {table: "\n".join(lines) + "\n"}


@pytest.mark.parametrize("table", ["contiguity", "rivalries", "disputes"])
@given(first=st.integers(1, 5), second=st.integers(1, 5))
def test_a_pair_is_one_thing_either_way_round(table, first, second):
    """Two rows of a pair at one time agree, or the second is a fault."""
    told = [line for line in faults(**rows(table, first, second)) if "contradicts" in line]

    assert (first != second) == bool(told)


@pytest.mark.parametrize("table", ["contiguity", "rivalries"])
def test_rows_of_other_times_do_not_contradict_one_another(table):
    """What was and what is may differ."""
    dates = (("1990-01-01", "1999-12-31"), ("2000-01-01", ""))

    assert [] == faults(**rows(table, 1, 5, dates=dates))


def test_a_commitment_under_two_identifiers_is_there_twice():
    """Kind, parties, dates, strength and name say which commitment it is."""
    one, other, source = codes()
    head = "commitment,kind,promiser,beneficiary,direction,strength,name,source,confidence\n"
    row = "{id},defense,{a},{b},{way},binding,Treaty,{s},high\n"
    mutual = row.format(id="x", a=one, b=other, way="mutual", s=source)
    mutual += row.format(id="y", a=other, b=one, way="mutual", s=source)
    both_ways = mutual.replace("mutual", "one_way")

    assert 1 == sum(
        "is the commitment of row 2" in line for line in faults(commitments=head + mutual)
    )
    assert [] == faults(commitments=head + both_ways)


def test_figures_that_no_number_can_hold_together_are_a_fault():
    """Each fits, their sum does not."""
    lines = STARTER["capabilities.csv"].decode().splitlines()
    place = lines[0].split(",").index("value")
    huge = [lines[0]]
    for line in lines[1:]:
        cells = line.split(",")
        cells[place] = "1e308"
        huge.append(",".join(cells))

    assert any("add up to more" in line for line in faults(capabilities="\n".join(huge) + "\n"))


@pytest.mark.parametrize("day", ["0001-01-01", "0024-06-30", "0999-12-31"])
def test_a_date_without_its_century_is_a_fault(day):
    """Years of one to three digits were not meant."""
    text = rows("contiguity", 1, 1, dates=((day, ""), (day, "")), swapped=False)

    assert any("before the year 1000" in line for line in faults(**text))


@pytest.mark.parametrize("number", ["1e999999", "-1e400"])
def test_numbers_beyond_all_bounds_are_refused_in_the_descriptor(number):
    """JSON has no infinity, and what reads as one could not be written again."""
    data = STARTER["datapackage.json"].replace(b"{", b'{"mine": ' + number.encode() + b", ", 1)
    told = examine_files(dict(STARTER) | {"datapackage.json": data}).faults

    assert ["too large for a number" in str(fault) for fault in told] == [True]


HIDDEN = ["\x1b[31m", "\x1b]0;x\x07", "\u202e", "\u2066", "\u200f", "\x9b31m", "\x08"]


@pytest.mark.parametrize("mark", HIDDEN)
@pytest.mark.parametrize("member", ["title", "description", "region", "mine"])
def test_what_steers_a_terminal_is_refused_in_a_descriptor(mark, member):
    """Escape sequences and marks of direction show nothing and change what is shown."""
    about = json.loads(STARTER["datapackage.json"])
    (about["detente"] if member == "region" else about)[member] = f"a{mark}b"
    data = json.dumps(about, ensure_ascii=False).encode()
    told = examine_files(dict(STARTER) | {"datapackage.json": data}).faults

    assert ["control character" in str(fault) for fault in told] == [True]
    assert not UNSEEN.search("\n".join(map(str, told)).replace("\n", ""))


@pytest.mark.parametrize("mark", HIDDEN)
def test_what_steers_a_terminal_is_refused_in_a_cell(mark):
    """A name that turns round what stands beside it is a fault."""
    text = STARTER["states.csv"].decode()
    name = text.splitlines()[1].split(",")[text.splitlines()[0].split(",").index("name")]
    told = faults(states=text.replace(name, f"a{mark}b", 1))

    assert any("control character" in line for line in told)


@given(st.text(max_size=40))
def test_an_error_shows_nothing_that_steers_a_terminal(text):
    """Whatever a file or a user wrote is shown with its unseen characters spelt out."""
    shown = [
        str(DetenteError(text)),
        str(Fault("f", 1, "c", text)),
        str(UnknownName("x", text, [])),
    ]

    assert not any(UNSEEN.search(line) for line in shown)
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize("name", ["./states.csv", "a/./states.csv", "./", "x\x1b[2Jstates.csv"])
def test_names_of_entries_are_shown_and_not_obeyed(name, tmp_path):
    """Odd names in a zip are faults or nothing, and never an internal one."""
    place = tmp_path / "p.zip"
    with zipfile.ZipFile(place, "w") as archive:
        for file, data in STARTER.items():
            archive.writestr(file, data)
        archive.writestr(name, b"")

    assert all(not UNSEEN.search(str(fault)) for fault in check(place))


@pytest.mark.parametrize("step", ["renamed", "replaced", "brought"])
@pytest.mark.parametrize("finder", ["load", "find", "write"])
def test_overwriting_that_was_ended_is_finished_the_next_time(step, finder, tmp_path):
    """At no step are the user's files lost, or the package away for good."""
    target = tmp_path / "mine"
    tables.write_files(STARTER, target)
    (target / "notes").mkdir()
    (target / "notes" / "a.txt").write_text("mine", encoding="utf-8")
    gone = 2**22 + 7  # no process has such a number
    old, part = (tmp_path / f".mine.{gone}.0123abcd.{kind}" for kind in ("old", "part"))
    shutil.copytree(target, part)
    shutil.rmtree(part / "notes")
    target.rename(old)
    if step != "renamed":
        part.rename(target)
    if step == "brought":
        (old / "notes").rename(target / "notes")
    if finder == "write":
        tables.write_files(STARTER, target, overwrite=True)
    elif finder == "find":
        assert target == find(str(target))
        tables.recover(target)
    else:
        load(str(target))

    assert "mine" == (target / "notes" / "a.txt").read_text(encoding="utf-8")
    assert ["mine"] == sorted(os.listdir(tmp_path))
    assert [] == check(target)


def test_what_a_process_is_writing_is_left_to_it(tmp_path):
    """The unfinished folder of a process that lives is no leftover."""
    part = tmp_path / f".mine.{os.getppid()}.0123abcd.part"
    part.mkdir()
    tables.recover(tmp_path / "mine")

    assert part.is_dir()


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "/" + "y/" * 3000])
def test_a_name_that_no_file_can_have_is_an_unknown_one(name):
    """Long paths and zero bytes are answered like any other wrong name."""
    with pytest.raises(DetenteError):
        load(name)
    with pytest.raises(DetenteError):
        check(name)


def test_a_folder_of_everything_is_refused_at_once(tmp_path):
    """A package has a folder of its own: thousands of files beside it are not read."""
    for name, data in STARTER.items():
        (tmp_path / name).write_bytes(data)
    for number in range(10_050):
        (tmp_path / f"n{number}").touch()

    assert "more than 10,000" in str(check(tmp_path)[0])
