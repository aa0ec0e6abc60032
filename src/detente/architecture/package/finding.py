"""Finding a scenario by its name or its path."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import Any

from detente.architecture.package.tables import read, recover
from detente.architecture.value import Architecture
from detente.errors import UnknownName, UsageError

SCENARIOS = Path(str(files("detente") / "scenarios"))
"""The folder of the scenarios that come with detente."""


def bundled() -> list[str]:
    """Return the names of the scenarios that come with detente."""
    return sorted(p.parent.name for p in SCENARIOS.glob("*/datapackage.json"))


def find(name: str | os.PathLike[str]) -> Path:
    """Return the path of a scenario: a bundled one by its name, else a folder or a zip file.

    Raises
    ------
    UnknownName
        If there is neither.
    """
    text = os.fspath(name)
    known = {scenario.casefold(): scenario for scenario in bundled()}
    if text in bundled():
        return SCENARIOS / text
    there = bool(text) and _is_there(Path(text))
    if text.casefold() in known and not there:
        return SCENARIOS / known[text.casefold()]
    if there:
        return Path(text)
    raise UnknownName(
        "scenario", text, bundled(), "A path of a folder or a .zip file works as well."
    )


def _is_there(path: Path) -> bool:
    """Tell whether there is something at a path, also where overwriting it was interrupted."""
    try:
        if not path.exists():
            recover(path.resolve())
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have, such as one of 300 letters
        return False


def load(name: str | os.PathLike[str]) -> Architecture:
    """Load the architecture of a scenario.

    Parameters
    ----------
    name : str or path
        Name of a bundled scenario, or path of a package (folder or zip file).

    Raises
    ------
    UnknownName
        If there is no such scenario or file.
    DataError
        If the package has faults; lists them all.
    """
    return Architecture.from_package(read(find(name)))


def loaded(scenario: Any) -> Architecture:
    """Return an architecture, given itself or the name or path of a scenario.

    Raises
    ------
    UsageError
        If it is none of these, or there is no such scenario.
    """
    if isinstance(scenario, Architecture):
        return scenario
    if isinstance(scenario, str | os.PathLike):
        return load(scenario)
    raise UsageError(
        f'a scenario is an Architecture, a name such as "eurasia-2024" or a path, not {scenario!r}'
    )
