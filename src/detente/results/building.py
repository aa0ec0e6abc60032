"""Putting a result together from arrays with their units and meanings."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from detente.results.provenance import Described, provenance
from detente.results.result import Result
from detente.results.rooms import form_of

Variable = tuple[tuple[str, ...], Any, str, str]
"""Dimensions, values, unit and meaning."""


def build(
    question: str,
    *,
    variables: Mapping[str, Variable],
    coordinates: Mapping[str, Any],
    reading: str = "",
    architecture: Described | None = None,
    settings: Mapping[str, Any] | None = None,
    seed: int | None = None,
    live: object = None,
    **attrs: Any,
) -> Result:
    """Put a result together.

    Parameters
    ----------
    question : str
        Name of the public function that was asked, such as ``"audit"``.
    variables : dict
        Name to (dimensions, values, unit, meaning).
    coordinates : dict
        As xarray takes them.
    reading : str
        The answer in words.
    architecture : Architecture, optional
        Of whom; name, digest, title and names of the states are taken from it.
    settings : dict, optional
        Everything else that went in, as plain data.
    seed : int, optional
        Address of all chance.
    live : object, optional
        What a view of a fresh result needs beyond the data; it is not saved.
    **attrs
        Further attributes of the whole; texts, numbers, or plain data that is kept as JSON.

    Returns
    -------
    Result
    """
    import xarray as xr

    about: dict[str, Any] = {"format": form_of(question), "question": question}
    if reading:
        about["reading"] = reading
    if architecture is not None:
        about["scenario"] = architecture.name
        about["title"] = architecture.title
        about["digest"] = architecture.digest
        about["names"] = names_of(architecture)
    if seed is not None:
        about["seed"] = seed
    about |= provenance()
    about["settings"] = dict(settings or {})
    about |= attrs
    return Result(
        xr.Dataset(
            {
                name: (
                    dims,
                    np.asarray(values),
                    {"long_name": meaning, **({"units": unit} if unit else {})},
                )
                for name, (dims, values, unit, meaning) in variables.items()
            },
            coords=dict(coordinates),
            attrs={name: _kept(value) for name, value in about.items() if value is not None},
        ),
        live=live,
        architecture=architecture,
    )


@cache
def variables_of(room: str) -> dict[str, tuple[tuple[str, ...], str, str]]:
    """Return dimensions, unit and meaning of every variable in the ``variables.csv`` of a room."""
    text = (files(room) / "variables.csv").read_text(encoding="utf-8")
    return {
        row["variable"]: (
            tuple(row["dimensions"].split(";")) if row["dimensions"] else (),
            row["unit"],
            row["meaning"],
        )
        for row in csv.DictReader(text.splitlines())
    }


def labelled(room: str, values: Mapping[str, Any]) -> dict[str, Variable]:
    """Return values with what the ``variables.csv`` of a room says of them."""
    labels = variables_of(room)
    return {
        name: (labels[name][0], value, labels[name][1], labels[name][2])
        for name, value in values.items()
    }


_every_name: WeakKeyDictionary[Described, dict[str, str]] = WeakKeyDictionary()


def names_of(g: Described, codes: Iterable[str] | None = None) -> dict[str, str]:
    """Return the names of states and other actors by their codes; all, or those of some.

    A code without a name is its own.
    """
    names = _every_name.get(g)
    if names is None:
        tables, names = getattr(g, "tables", {}), dict(g.names)
        if "actors" in tables:
            names = dict(tables["actors"].select("actor", "name").iter_rows()) | names
        _every_name[g] = names
    return {
        code: names.get(code) or code for code in sorted(set(names if codes is None else codes))
    }


def _kept(value: Any) -> Any:
    """Return an attribute as files can keep it."""
    if isinstance(value, Mapping | list | tuple | bool):
        return json.dumps(value, ensure_ascii=False)
    return value
