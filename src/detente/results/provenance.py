"""Where a result comes from: the version, a digest of the code, and the command that asked."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

CODE = (".py", ".csv")
"""What of the package makes a difference to a number; scenarios have a digest of their own."""

_command = ""


class Described(Protocol):
    """What a result keeps of an architecture."""

    @property
    def name(self) -> str:
        """The name of the scenario."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def digest(self) -> str:
        """The hash of all that it says."""

    @property
    def names(self) -> Any:
        """Names of the states by their codes."""


@cache
def code_digest() -> str:
    """Return a digest of the code that runs: of all modules and tables, scenarios left out.

    Two installations with the same digest compute the same numbers, whatever they are called.
    """
    root = Path(str(files("detente")))
    total = hashlib.sha256()
    for path in sorted(root.rglob("*"), key=lambda path: path.relative_to(root).as_posix()):
        place = path.relative_to(root).as_posix()
        if path.suffix in CODE and not place.startswith("scenarios/"):
            total.update(place.encode() + b"\0")
            total.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return total.hexdigest()[:16]


def asked_by(command: str) -> None:
    """Note the command line that asks; every result that is made from here on carries it."""
    global _command
    _command = command


def provenance() -> dict[str, str]:
    """Return version, digest of the code, and the command line (empty in Python)."""
    return {"detente": _version(), "code": code_digest(), "command": _command}


@cache
def _version() -> str:
    return version("detente")
