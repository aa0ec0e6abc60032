"""The result of a simulation: one labelled dataset in a thin wrapper that prints and saves."""

from __future__ import annotations

import csv
import json
import os
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.architecture.system import Floats
from detente.crisis.kernel import sums
from detente.crisis.kernel.sums import COARSE, STEPS, TICK, Tally
from detente.crisis.model.escalation import YEAR
from detente.crisis.model.model_arrays import RUNGS, TOP
from detente.crisis.model.settings import parameters
from detente.crisis.record.ladder import BETWEENNESS, STANDARD, Ladder
from detente.crisis.run import store
from detente.crisis.run.ensemble import Ensemble
from detente.crisis.run.text import names_of
from detente.files import json_text

if TYPE_CHECKING:
    import polars as pl
    import xarray as xr

    from detente.architecture.value import Architecture

FORMAT = "detente-simulation/1"
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST_WARS = 20
"""Up to this number the wars of a replica are counted one by one."""


class Simulation:
    """What a simulation found.

    Attributes
    ----------
    data : xarray.Dataset
        Everything, labelled: dimensions ``dyad``, ``rung``, ``state``, ``step``, ``quantile``,
        ``entry``, ``count``; units in the attributes of each variable; the scenario's hash, the
        seed, the version and all settings in the attributes of the whole.
    """

    def __init__(self, data: xr.Dataset) -> None:
        self.data = data

    def __repr__(self) -> str:
        from detente.crisis.run.text import summary

        return summary(self)

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

    @property
    def way(self) -> str:
        """How its replicas came about, in words."""
        by_days = self.settings.get("method") == "days"
        return "by days, approximate in time" if by_days else "event by event"

    def dyads(self) -> pl.DataFrame:
        """Return one row a dyad, those most likely to reach war first."""
        import polars as pl

        d = self.data
        reached = d["reached"].values
        return pl.DataFrame(
            {
                "dyad": d["dyad"].values.astype(str),
                "start": d["start_rung"].values,
                "between": d["between"].values,
                "between_error": d["between_error"].values,
                "force": reached[:, TOP - 1],
                "force_error": d["reached_error"].values[:, TOP - 1],
                "war": reached[:, TOP],
                "war_error": d["reached_error"].values[:, TOP],
                "median_day_of_war": d["first_passage"].sel(rung=TOP, quantile=0.5).values,
            }
        ).sort(
            pl.col("start") < TOP, "war", "force", "between", descending=True, maintain_order=True
        )

    def states(self) -> pl.DataFrame:
        """Return one row a state, those most likely to be at war first."""
        import polars as pl

        d = self.data
        names = ("at_war", "at_war_error", "drawn_in", "drawn_in_error")
        columns = {name: d[name].values for name in names}
        return pl.DataFrame({"state": d["state"].values.astype(str), **columns}).sort(
            "at_war", descending=True, maintain_order=True
        )

    def on(self, ladder: Ladder) -> pl.DataFrame:
        """Return the probability of reaching each rung of another ladder, one row a dyad.

        A rung of it is reached when the rung of the standard ladder on which it stands is.

        Parameters
        ----------
        ladder : Ladder
            Such as ``detente.crisis.record.ladder.kahn()``, or one of your own (`user_ladder`).
        """
        import polars as pl

        reached = self.data["reached"].values
        columns = {name: reached[:, ladder.to_standard(k)] for k, name in enumerate(ladder.rungs)}
        return pl.DataFrame({"dyad": self.data["dyad"].values.astype(str), **columns})

    def entries(self) -> pl.DataFrame:
        """Return who is drawn into which war against whom, the most likely first."""
        import polars as pl

        d = self.data
        return (
            pl.DataFrame(
                {
                    "war": d["entry_war"].values.astype(str),
                    "enters": d["entry_state"].values.astype(str),
                    "opens": d["entry_opens"].values.astype(str),
                    "probability": d["entry_probability"].values,
                    "error": d["entry_error"].values,
                }
            )
            .filter(pl.col("probability") > 0)
            .sort("probability", descending=True, maintain_order=True)
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the tables and settings as plain data."""
        d = self.data
        return {
            "format": FORMAT,
            "settings": self.settings,
            "any_war": _finite(float(d["any_war"])),
            "any_war_error": _finite(float(d["any_war_error"])),
            "first_war": {
                str(q): _finite(float(x))
                for q, x in zip(QUANTILES, d["first_war"].values, strict=True)
            },
            "incidents": float(d["incidents"]),
            "dyads": _rows(self.dyads()),
            "states": _rows(self.states()),
            "entries": _rows(self.entries()),
        }

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Save the result as ``.zarr`` or ``.nc`` (NetCDF), both of which can be opened again,
        as ``.json`` or ``.csv``.

        A CSV file has the table of dyads. Nothing half-written is left.
        """  # fmt: skip
        return store.save(
            path,
            self.data,
            {
                ".json": json_text(self.to_dict),
                ".csv": lambda temporary: self.dyads().write_csv(temporary),
            },
        )


def open_simulation(path: str | os.PathLike[str]) -> Simulation:
    """Open a result that was saved as a zarr store or as NetCDF.

    Raises
    ------
    ResultError
        If it is not there or is not such a result.
    """
    return Simulation(store.read(path, "simulation", FORMAT))


def assemble(g: Architecture, e: Ensemble, a: Tally) -> Simulation:
    """Return the sums over replicas as one labelled dataset."""
    import xarray as xr

    filled: dict[str, Any] = {}

    def put(name: str, values: Any) -> None:
        dims, unit, meaning = variables()[name]
        attrs = {"long_name": meaning, **({"units": unit} if unit else {})}
        filled[name] = (dims, np.asarray(values), attrs)

    n = int(a.replicas[0])
    model, days = e.model, e.days
    start = e.start.rung
    reached = sums.reached(a, start) / n
    put("start_rung", start.astype(np.int32))
    put("background", model.background * YEAR)
    put("misread", model.misread)
    put("reached", reached)
    put("reached_error", error_of_share(reached, n))
    put("first_passage", _quantiles(a.first, days))
    shares = sums.occupied(a, start, days) * TICK / days / n
    put("share_of_time", shares)
    between, error = _between(e, a)
    put("between", between)
    put("between_error", error)
    put("on_rung", sums.fan(a, start) / n)
    put("day", np.linspace(0.0, days, STEPS + 1))
    for name in ("at_war", "drawn_in"):
        share = getattr(a, name) / n
        put(name, share)
        put(f"{name}_error", error_of_share(share, n))
    put("entry_probability", a.joined / n)
    put("entry_error", np.sqrt(np.maximum(a.joined, 1)) / n)
    any_war = float(a.wars[1:].sum()) / n
    put("any_war", any_war)
    put("any_war_error", error_of_share(any_war, n))
    put("first_war", _quantiles(a.first_war, days))
    wars = a.wars / n
    wars = np.append(wars, np.zeros(max(0, MOST_WARS + 1 - len(wars))))
    put("wars", [*wars[:MOST_WARS], wars[MOST_WARS:].sum()])
    mean = a.incidents[0] / n
    variance = a.incidents_square[0] / n - mean**2
    put("incidents", mean)
    put("incidents_variance", variance)
    put("incidents_error", (variance / n) ** 0.5)
    names = model.names
    keys = e.entry_keys
    settings = describe(g, e, n)
    data = xr.Dataset(
        filled,
        coords={
            "dyad": list(names),
            "rung": np.arange(RUNGS, dtype=np.int32),
            "rung_name": ("rung", list(STANDARD.rungs)),
            "start_reason": ("dyad", list(model.reason)),
            "state": list(model.states),
            "quantile": np.array(QUANTILES),
            "count": np.arange(MOST_WARS + 1, dtype=np.int32),
            "entry_war": ("entry", [names[d] for d, _ in keys] or np.empty(0, "U1")),
            "entry_opens": ("entry", [names[x] for _, x in keys] or np.empty(0, "U1")),
            "entry_state": ("entry", [model.joiner[k] for k in keys] or np.empty(0, "U1")),
        },
        attrs={
            "format": FORMAT,
            "title": f"Simulation of {g.title}",
            "scenario": g.name,
            "digest": g.digest,
            "names": json.dumps(names_of(g, model.states), ensure_ascii=False),
            "seed": e.seed,
            "replicas": n,
            "days": days,
            "detente": version("detente"),
            "settings": json.dumps(settings, ensure_ascii=False),
        },
    )
    return Simulation(data)


def describe(g: Architecture, e: Ensemble, replicas: int) -> dict[str, Any]:
    """Return everything that went in, as plain data."""
    return {
        "scenario": {
            "name": g.name,
            "title": g.title,
            "date": g.date.isoformat(),
            "digest": g.digest,
            "changes": list(g.changes),
        },
        "detente": version("detente"),
        "seed": e.seed,
        "replicas": replicas,
        "days": e.days,
        "method": e.way,
        "branching_ratio": e.model.branching,
        "parameters": {
            p.name: {
                "value": e.model.values[p.name],
                "default": p.default,
                "unit": p.unit,
                "source": p.source,
            }
            for p in parameters()
        },
    }


def error_of_share(share: Any, n: int) -> Any:
    """Return the standard error of a share estimated from n independent replicas."""
    return np.sqrt(np.clip(share * (1 - share), 0.0, None) / n)


def _between(e: Ensemble, a: Tally) -> tuple[Floats, Floats]:
    """Return the mean share of time in betweenness of every dyad, and its standard error."""
    n, days = int(a.replicas[0]), e.days
    mean = sums.occupied(a, e.start.rung, days)[:, list(BETWEENNESS)].sum(axis=1) * TICK / n
    still = np.isin(e.start.rung, BETWEENNESS) * (n - a.touched) * days**2
    square = (a.between_square * COARSE**2 + still) / n
    error = np.sqrt(np.clip(square - mean**2, 0.0, None) / n)
    return mean / days, error / days


def _quantiles(counts: Any, days: float) -> Floats:
    """Return the quantiles of times counted in bins (the last axis), NaN where there are none."""
    total = counts.sum(axis=-1, dtype=np.int64)
    bins = counts.shape[-1]
    upto = np.cumsum(counts, axis=-1, dtype=np.int64)
    out = np.full((*total.shape, len(QUANTILES)), np.nan)
    for place in np.argwhere(total > 0):
        at = tuple(place)
        for k, q in enumerate(QUANTILES):
            level = q * total[at]
            b = int(np.searchsorted(upto[at], level))
            before = upto[at][b - 1] if b else 0
            out[(*at, k)] = (b + (level - before) / counts[at][b]) * days / bins
    return out


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return [{k: _finite(v) for k, v in row.items()} for row in frame.iter_rows(named=True)]


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value


@cache
def variables() -> dict[str, tuple[tuple[str, ...], str, str]]:
    """Return the dimensions, the unit and the meaning of every variable of a result."""
    text = (files("detente.crisis.run") / "variables.csv").read_text(encoding="utf-8")
    return {
        row["variable"]: (
            tuple(row["dimensions"].split(";")) if row["dimensions"] else (),
            row["unit"],
            row["meaning"],
        )
        for row in csv.DictReader(text.splitlines())
    }
