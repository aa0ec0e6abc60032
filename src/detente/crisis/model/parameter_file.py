"""Files of parameters: what a calibration found, for `simulate` and the other questions."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from detente.crisis.model.settings import settle
from detente.errors import DataError, Fault
from detente.files import json_text, write_whole

FORMAT = "detente-parameters/1"


def write_parameters(
    path: str | os.PathLike[str], parameters: Mapping[str, float], source: Mapping[str, Any]
) -> Path:
    """Write parameters and where they come from, as JSON.

    Parameters
    ----------
    path : path
        The file.
    parameters : mapping
        Values other than the defaults.
    source : mapping
        What they were fitted to, as plain data.
    """
    document = {
        "format": FORMAT,
        "detente": version("detente"),
        "parameters": dict(parameters),
        "source": dict(source),
    }
    return write_whole(path, json_text(lambda: document))


def read_parameters(path: str | os.PathLike[str]) -> dict[str, float]:
    """Read parameters from a file of `write_parameters`, or from a plain JSON object of numbers.

    Raises
    ------
    DataError
        If the file cannot be read or holds anything else.
    UnknownName, UsageError
        If a name is not known or a value lies outside what the model admits.
    """
    source = Path(path)
    document = _document(source)
    values = document.get("parameters", document) if isinstance(document, dict) else None
    if not isinstance(values, dict) or not all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in values.values()
    ):
        fault = Fault(
            source.name, None, "", "holds no parameters.",
            'Wanted: {"excitation.own": 0.4}, or what `detente calibrate crisis --out` wrote.',
        )  # fmt: skip
        raise DataError([fault])
    settle(values)
    return {name: float(value) for name, value in values.items()}


def read_caution(path: str | os.PathLike[str]) -> str:
    """Return what whoever made a file of parameters says is to be kept in mind; empty if nothing.

    Raises
    ------
    DataError
        If the file cannot be read.
    """
    document = _document(Path(path))
    source = document.get("source") if isinstance(document, dict) else None
    return str(source.get("caution", "")) if isinstance(source, dict) else ""


def _document(source: Path) -> Any:
    try:
        return json.loads(source.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError([Fault(source.name, None, "", f"cannot be read ({error})")]) from error
