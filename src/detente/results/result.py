"""The result of any question: one labelled dataset that prints, draws and saves itself."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.results.rooms import names_of_room, of_room

if TYPE_CHECKING:
    import polars as pl
    import xarray as xr

PROVENANCE = ("scenario", "digest", "seed", "detente", "code", "command")


class Result:
    """A labelled answer with its provenance.

    What a question has besides, such as ``states`` of an audit or ``dyads`` of a simulation, are
    methods of its results; ``dir(result)`` lists them.

    Attributes
    ----------
    data : xarray.Dataset
        Everything, labelled: units and meanings in the attributes of each variable, the
        scenario's digest, the seed, the version and all settings in those of the whole.
    architecture : Architecture or None
        Of whom, where the result is fresh.
    live : object or None
        What views of a fresh result need beyond the data; a saved result has none.
    whole : bool
        Whether it is known to be whole: it is fresh, or its content was checked when it was
        opened. Results that 0.1 saved carry nothing to check.
    """

    def __init__(
        self,
        data: xr.Dataset,
        *,
        live: Any = None,
        architecture: Any = None,
        whole: bool = True,
    ) -> None:
        self.data = data
        self.live = live
        self.architecture = architecture
        self.whole = whole

    @property
    def question(self) -> str:
        """The name of the public function that was asked, such as ``audit``."""
        return str(self.data.attrs["question"])

    @property
    def reading(self) -> str:
        """The answer in words."""
        kept = self.data.attrs.get("reading", "")
        said = of_room(self.question, "reading")
        return str(kept) if kept or said is None else str(said(self))

    @property
    def settings(self) -> dict[str, Any]:
        """Everything that went in: scenario, parameters, seed, version."""
        settings: dict[str, Any] = json.loads(self.data.attrs.get("settings", "{}"))
        return settings

    @property
    def names(self) -> dict[str, str]:
        """Names of the states and other actors by their codes."""
        names: dict[str, str] = json.loads(self.data.attrs.get("names", "{}"))
        if not names and "state_name" in self.data.coords:
            codes, full = (self.data[name].values.astype(str) for name in ("state", "state_name"))
            names = dict(zip(codes.tolist(), full.tolist(), strict=True))
        return names

    @property
    def provenance(self) -> dict[str, Any]:
        """How to get it again: scenario, digest, seed, version, code (a digest) and command."""
        attrs = self.data.attrs
        return {("version" if k == "detente" else k): attrs.get(k, "") for k in PROVENANCE}

    def __repr__(self) -> str:
        text = of_room(self.question, "text")
        return str(text(self)) if text is not None else self.reading or repr(self.data)

    def _repr_html_(self) -> str:
        from detente.results.notebook import html_of

        return html_of(self)

    def __getattr__(self, name: str) -> Any:
        # Only what is not an attribute of its own comes here: the views of the question.
        if not name.startswith("_") and name != "data":
            if name in names_of_room(self.question, "VIEWS"):
                return partial(of_room(self.question, name), self)
            if name in names_of_room(self.question, "ATTRIBUTES"):
                return of_room(self.question, name)(self)
            raise AttributeError(f"a result of dt.{self.question} has no '{name}'")
        raise AttributeError(name)

    def __dir__(self) -> list[str]:
        views = [v for key in ("VIEWS", "ATTRIBUTES") for v in names_of_room(self.question, key)]
        return sorted({*super().__dir__(), *views})

    def table(self) -> pl.DataFrame:
        """Return the main table, the one that ``.csv`` holds."""
        from detente.results.tables import table_of

        make = of_room(self.question, "table")
        frame: pl.DataFrame = table_of(self.data) if make is None else make(self)
        return frame

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, the document of ``--format json``."""
        from detente.results.tables import document_of, finite

        make = of_room(self.question, "to_dict")
        document: dict[str, Any] = finite(document_of(self) if make is None else make(self))
        return document

    def plot(self, *args: Any, **options: Any) -> Any:
        """Return its main picture, as an Altair chart; what may be chosen is the question's."""
        from detente.results.drawing import plot

        return plot(self, *args, **options)

    def report(self, path: str | os.PathLike[str], **context: Any) -> Path:
        """Write it as one self-contained HTML page; returns its path."""
        from detente.results.drawing import report

        return report(self, path, **context)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Save it: ``.nc`` (NetCDF) and ``.zarr`` can be opened again by `detente.open`.

        ``.json`` has the document of `to_dict`, ``.csv`` the main table. Nothing half-written is
        left.

        Raises
        ------
        ResultError
            If it cannot be written, or not in this form.
        """
        from detente.results.saving import save

        return save(self, path)
