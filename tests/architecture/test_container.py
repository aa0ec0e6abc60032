"""Folders and zips: what is looked at, what is left alone, and what is never unpacked."""

import io
import os
import stat
import struct
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starter import STARTER, pack, unfold

from detente.architecture.package import container
from detente.architecture.package.check import check
from detente.errors import UnknownName, UsageError

on_unix = pytest.mark.skipif(os.name != "posix", reason="links and pipes need a POSIX system")


def test_a_file_over_the_limit_is_not_read(tmp_path):
    """A huge file is a fault by its size alone."""
    place = unfold(tmp_path / "p", STARTER)
    with (place / "states.csv").open("r+b") as stream:
        stream.truncate(container.MAX_FILE + 1)  # sparse: takes no space on the disk
    found = check(place)

    assert [("states.csv", True)] == [(f.file, "more than the 200 MB" in f.problem) for f in found]


def test_a_folder_over_the_total_is_not_read(tmp_path, monkeypatch):
    """The files of a package have a limit together."""
    monkeypatch.setattr(container, "MAX_TOTAL", 1000)

    assert "more than the 0 MB" in check(unfold(tmp_path / "p", STARTER))[0].problem


def test_a_path_that_is_not_there_is_an_error_of_the_call(tmp_path):
    """A missing path is refused with the likely one."""
    unfold(tmp_path / "gulf-1990", STARTER)

    with pytest.raises(UnknownName, match=r"Did you mean '.*gulf-1990'"):
        check(tmp_path / "gulf-1991")


def test_a_single_file_is_an_error_of_the_call(tmp_path):
    """Somebody who gives a table is told to give its folder."""
    place = unfold(tmp_path / "p", STARTER)

    with pytest.raises(UsageError, match="neither a folder nor a zip"):
        check(place / "states.csv")


def test_the_folder_above_is_answered_with_the_folder(tmp_path):
    """Where the package lies one folder deeper, the fault says which."""
    unfold(tmp_path / "p", STARTER)
    (fault,) = check(tmp_path)

    assert "The folder 'p' inside has one: give that folder." == fault.remedy


def test_leftovers_of_programs_are_not_looked_at(tmp_path):
    """Lock files, hidden files and subfolders do not belong to the package."""
    place = unfold(tmp_path / "p", {**STARTER, ".~lock.states.csv#": b"", "~$states.csv": b"\0"})
    unfold(place / "old", {"wrong.csv": b""})

    assert [] == check(place)


@on_unix
def test_a_link_out_of_the_folder_is_a_fault(tmp_path):
    """A folder from elsewhere cannot make its reader open other files."""
    place = unfold(tmp_path / "p", STARTER)
    (tmp_path / "secret").write_text("x")
    (place / "states.csv").unlink()
    (place / "states.csv").symlink_to(tmp_path / "secret")
    (place / "measures.csv").rename(place / "kept.txt")
    (place / "measures.csv").symlink_to(place / "kept.txt")
    (fault,) = check(place)

    assert "states.csv" == fault.file
    assert "is a link to a file outside" in fault.problem


@on_unix
def test_a_link_to_itself_and_a_pipe_are_faults(tmp_path):
    """What is not a plain file is named, not opened."""
    place = unfold(tmp_path / "p", STARTER)
    for name in ("states.csv", "rivalries.csv"):
        (place / name).unlink()
    (place / "states.csv").symlink_to(place / "states.csv")
    os.mkfifo(place / "rivalries.csv")
    found = check(place)

    assert ["states.csv", "rivalries.csv"] == [fault.file for fault in found]
    assert "is not a plain file." == found[1].problem


def test_a_folder_named_like_a_table_is_a_fault(tmp_path):
    """A table is a file."""
    place = unfold(tmp_path / "p", STARTER)
    (place / "offers.csv").mkdir()

    assert ["is a folder, not a CSV file."] == [fault.problem for fault in check(place)]


@pytest.mark.parametrize("top", ["", "starter/"])
def test_a_zip_may_hold_the_files_or_their_folder(tmp_path, top):
    """Zipping the files and zipping the folder give the same package; so do Mac leftovers."""
    entries = [(top + name, data) for name, data in STARTER.items()]
    extra = [("__MACOSX/starter/._states.csv", b"\0"), (top + ".DS_Store", b"\0")]

    assert [] == check(pack(tmp_path / "p.zip", entries + extra))


def _link():
    info = zipfile.ZipInfo("link.csv")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("../evil.csv", "reaches outside"),
        ("a/../../evil.csv", "reaches outside"),
        ("..\\evil.csv", "reaches outside"),
        ("/etc/evil.csv", "is absolute"),
        ("C:/evil.csv", "is absolute"),
        (_link(), "is a link"),
    ],
)
def test_a_zip_that_reaches_outside_is_not_unpacked(tmp_path, entry, words):
    """Names out of the folder and links are faults, and nothing else of the zip is read."""
    entries = [*STARTER.items(), (entry, b"x")]
    (fault,) = check(pack(tmp_path / "p.zip", entries))

    assert words in fault.problem


def test_a_zip_bomb_is_not_unpacked(tmp_path, monkeypatch):
    """Ratio, size of a file, total size and number of entries are looked at beforehand."""
    bomb = pack(tmp_path / "bomb.zip", [("states.csv", b"0" * 20_000_000)])
    monkeypatch.setattr(container, "_unpack", None)

    assert "far more than text" in check(bomb)[0].problem
    monkeypatch.setattr(container, "RATIO_FROM", container.MAX_FILE)
    monkeypatch.setattr(container, "MAX_FILE", 10_000_000)
    assert "20 MB, more than the 10 MB" in check(bomb)[0].problem
    monkeypatch.setattr(container, "MAX_TOTAL", 10_000_000)
    assert "20 MB unpacked, more than the 10 MB" in check(bomb)[0].problem
    monkeypatch.setattr(container, "MAX_ENTRIES", 0)
    assert "the zip has 1 entries" in check(bomb)[0].problem


def test_a_zip_that_lies_about_a_size_is_a_fault(tmp_path):
    """An entry that unpacks to more than it says is refused, not followed."""
    place = pack(tmp_path / "p.zip", STARTER.items())
    data = bytearray(place.read_bytes())
    at = data.index(b"PK\x01\x02") + 24  # size of the first entry in the list of contents
    (size,) = struct.unpack_from("<I", data, at)
    struct.pack_into("<I", data, at, size - 1)
    place.write_bytes(data)

    assert any("cannot be unpacked" in fault.problem for fault in check(place))


def test_an_encrypted_zip_is_a_fault(tmp_path):
    """A password is never asked for."""
    place = pack(tmp_path / "p.zip", STARTER.items())
    data = bytearray(place.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # flag of the first entry
    place.write_bytes(data)
    (fault,) = check(place)

    assert "the entry is encrypted." == fault.problem


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning:zipfile")  # made on purpose here
def test_a_file_twice_in_a_zip_is_a_fault(tmp_path):
    """Of two files of one name none is chosen."""
    (fault,) = check(pack(tmp_path / "p.zip", [*STARTER.items(), ("states.csv", b"x")]))

    assert ("states.csv", "is in the zip twice.") == (fault.file, fault.problem)


@pytest.mark.parametrize("data", [b"", b"PK\x05\x06", b"no zip at all", b"PK\x03\x04" * 40])
def test_a_damaged_zip_is_a_fault(tmp_path, data):
    """What is not a zip though it is named so is one fault."""
    place = tmp_path / "p.zip"
    place.write_bytes(data)
    (fault,) = check(place)

    assert "damaged or not a zip" in fault.problem


def test_a_zip_with_damaged_contents_is_a_fault(tmp_path):
    """A file whose checksum is wrong is not used."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in STARTER.items():
            archive.writestr(name, data)
    place = tmp_path / "p.zip"
    place.write_bytes(buffer.getvalue().replace(b"BBB,Belmark", b"BBB,Belmork"))
    found = check(place)

    assert ["states.csv"] == [f.file for f in found if "cannot be unpacked" in f.problem]


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_damage_to_a_zip_gives_faults_or_a_fine_package(tmp_path_factory, data):
    """A zip with a few bytes changed is answered without another error."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in STARTER.items():
            archive.writestr(name, content)
    damaged = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at] = data.draw(st.integers(0, 255))
    place = tmp_path_factory.mktemp("zip") / "p.zip"
    place.write_bytes(damaged)

    assert all(str(fault).encode() for fault in check(place))
