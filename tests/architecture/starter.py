"""A fine package in memory, and ways to spoil it, for the tests of the check."""

import datetime as dt
import zipfile

from detente.architecture.package import template
from detente.architecture.package.check import examine_files

STARTER = dict(template._files("starter", "Starter", dt.date(2024, 6, 30)))


def edited(file, old, new):
    """Return the starting package with one text replaced once; bytes are taken as they are."""
    before = STARTER[file]
    old, new = (part.encode() if isinstance(part, str) else part for part in (old, new))
    assert before.count(old) >= 1, f"{old!r} is not in {file}"
    return {**STARTER, file: before.replace(old, new, 1)}


def faults(files):
    """Return the faults of a package in memory."""
    return examine_files(files).faults


def only(files):
    """Return the one fault of a package in memory."""
    found = faults(files)
    assert 1 == len(found), "\n".join(map(str, found))
    return found[0]


def pack(place, entries, **options):
    """Write a zip with the given entries: (name or ZipInfo, data)."""
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return place


def unfold(place, files):
    """Write the files into a folder."""
    place.mkdir()
    for name, data in files.items():
        (place / name).write_bytes(data)
    return place
