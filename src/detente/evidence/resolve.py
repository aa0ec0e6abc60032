"""Scenarios by name: a package, or a year or a day since 1816 out of the user's data folder."""

from __future__ import annotations

import os
from typing import Any

from detente.architecture.package import check as packages
from detente.architecture.package import finding as architectures
from detente.architecture.value import Architecture
from detente.errors import Fault, UnknownName, UsageError
from detente.evidence.moments import moment

HINT = "A path of a folder or a .zip file works as well, and so does a year or a day since 1816."


def load(name: str | os.PathLike[str]) -> Architecture:
    """Load the architecture of a scenario, or of a year.

    Parameters
    ----------
    name : str or path
        Name of a bundled scenario, path of a package (folder or zip file), or a year or a day
        since 1816 (``"1914"``, ``"1914-07-28"``), which means `detente.history` of it. A package
        of that name on disk comes first.

    Raises
    ------
    UnknownName
        If there is no such scenario or file.
    DataError
        If the package has faults; lists them all.
    MissingData
        If a year is asked for and a source is not in the data folder.
    UsageError
        If it is neither a name nor a path.
    """
    if not isinstance(name, str | os.PathLike):
        raise UsageError(f'a scenario is a name such as "eurasia-2024" or a path, not {name!r}')
    try:
        return architectures.load(name)
    except UnknownName:
        return _of(name)


def architecture_of(scenario: Any) -> Architecture:
    """Return an architecture, given itself or anything that `load` takes.

    Raises
    ------
    UsageError
        If it is neither, or there is no such scenario.
    """
    return scenario if isinstance(scenario, Architecture) else load(scenario)


def check(name: str | os.PathLike[str]) -> list[Fault]:
    """Return every fault of a scenario package, or of the architecture of a year."""
    try:
        path = architectures.find(name)
    except UnknownName:
        return packages.examine_files(_of(name).package().files()).faults
    return packages.check(path)


def _of(name: str | os.PathLike[str]) -> Architecture:
    when = moment(os.fspath(name))
    if when is None:
        raise UnknownName("scenario", os.fspath(name), architectures.bundled(), HINT)
    from detente.evidence.history import history

    return history(when)
