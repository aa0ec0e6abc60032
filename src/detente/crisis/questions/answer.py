"""The answer to a question about a crisis: a labelled dataset, and how to read it."""

from __future__ import annotations

import json
import os
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.crisis.model.escalation import Model
from detente.crisis.run import store
from detente.crisis.run.text import names_of
from detente.files import json_text

if TYPE_CHECKING:
    import xarray as xr

    from detente.architecture.value import Architecture


class Answer:
    """What was found, and how to read it.

    Attributes
    ----------
    data : xarray.Dataset
        Everything, labelled; units in the attributes of each variable, and the scenario's hash,
        the seed, the version and all settings in those of the whole.
    """

    def __init__(self, data: xr.Dataset) -> None:
        self.data = data

    def __repr__(self) -> str:
        return str(self.data.attrs["reading"])

    @property
    def settings(self) -> dict[str, Any]:
        """Everything that went in."""
        out: dict[str, Any] = json.loads(self.data.attrs["settings"])
        return out

    @property
    def names(self) -> dict[str, str]:
        """Names of the states and other actors by their codes."""
        out: dict[str, str] = json.loads(self.data.attrs.get("names", "{}"))
        return out

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data."""
        d = self.data
        return {
            "question": d.attrs["question"],
            "reading": d.attrs["reading"],
            "settings": self.settings,
            "coordinates": {str(k): _plain(v.values) for k, v in d.coords.items()},
            "results": {
                str(k): {"dimensions": [str(x) for x in v.dims], "values": _plain(v.values)}
                for k, v in d.data_vars.items()
            },
        }

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Save it as ``.zarr``, ``.nc`` (NetCDF) or ``.json``; nothing half-written is left."""
        return store.save(path, self.data, {".json": json_text(self.to_dict)})


def answer(
    question: str,
    reading: str,
    g: Architecture,
    model: Model,
    variables: dict[str, tuple[tuple[str, ...], Any, str, str]],
    coordinates: dict[str, Any],
    **settings: Any,
) -> Answer:
    """Put an answer together.

    Parameters
    ----------
    question, reading : str
        What was asked, and the answer in words.
    g, model : Architecture, Model
        Of whom.
    variables : dict
        Name to (dimensions, values, unit, meaning).
    coordinates : dict
        As xarray takes them.
    **settings
        Everything else that went in.

    The rungs at the start and why they are those go into every answer, so that it can be made
    again.
    """
    import xarray as xr

    changed = {
        "parameters": dict(model.values),
        "branching_ratio": model.branching,
        "start": dict(model.given),
        **settings,
    }
    variables = {
        **variables,
        "start_rung": (("at_risk",), model.rung, "rung", "rung of every dyad at risk at the start"),
    }
    coordinates = {
        **coordinates,
        "at_risk": list(model.names),
        "start_reason": ("at_risk", list(model.reason)),
    }
    return Answer(
        xr.Dataset(
            {
                name: (dims, np.asarray(values), {"units": unit, "long_name": meaning})
                for name, (dims, values, unit, meaning) in variables.items()
            },
            coords=coordinates,
            attrs={
                "question": question,
                "reading": reading,
                "scenario": g.name,
                "title": g.title,
                "digest": g.digest,
                "names": json.dumps(names_of(g, model.states), ensure_ascii=False),
                "detente": version("detente"),
                "settings": json.dumps(changed, ensure_ascii=False),
            },
        )
    )


def _plain(values: Any) -> Any:
    array = np.asarray(values)
    if array.dtype.kind == "f":
        whole = array.astype(object)
        whole[~np.isfinite(array)] = None
        return whole.tolist()
    return array.tolist()
