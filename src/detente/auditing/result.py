"""The result of an audit: one labelled dataset in a thin wrapper that prints, plots and saves."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.architecture.describe import remarks
from detente.architecture.value import Architecture
from detente.auditing.alternatives import Alternative
from detente.auditing.screening import Draws, Problem
from detente.auditing.verdicts import READINGS
from detente.errors import ResultError, UnknownName
from detente.files import json_text, netcdf, open_netcdf, write_as

if TYPE_CHECKING:
    import altair
    import polars as pl
    import xarray as xr

    from detente.architecture.changes import Change
    from detente.auditing.agreement import Agreement
    from detente.auditing.run import Finding
    from detente.auditing.sensitivity import Sensitivity

FORMAT = "detente-audit/1"
INTERVAL = (0.05, 0.95)
"""Quantiles over draws between which an interval is given."""


class Audit:
    """What an audit found.

    Attributes
    ----------
    data : xarray.Dataset
        Everything, labelled: dimensions ``lens``, ``change``, ``state``, ``reading``, ``draw``,
        ``payer``, ``beneficiary``, ``alternative``; units in the attributes of each variable; the
        scenario's hash, the seed, the version and all settings in the attributes of the whole.
    """

    def __init__(self, data: xr.Dataset, live: _Live | None = None) -> None:
        self.data = data
        self._live = live

    def __repr__(self) -> str:
        from detente.auditing.text import summary

        return summary(self)

    @property
    def settings(self) -> dict[str, Any]:
        """Everything that went in: scenario, lenses, parameters, mapping, seed, version."""
        out: dict[str, Any] = json.loads(self.data.attrs["settings"])
        return out

    @property
    def lenses(self) -> list[str]:
        """Names of the lenses that have an answer."""
        return [str(name) for name in self.data["lens"].values]

    @property
    def refusals(self) -> dict[str, str]:
        """Why the other lenses that were asked for have none."""
        out: dict[str, str] = self.settings["refusals"]
        return out

    def deltas(self, change: str, lens: str | None = None) -> xr.DataArray:
        """Return what one change gives to each state, array (state,).

        Where there were too many changes to keep all deltas, they are computed again.
        """
        lens = lens or self.lenses[0]
        if lens not in self.lenses:
            raise UnknownName("lens of this result", lens, self.lenses)
        if change not in self.data["change"].values:
            raise UnknownName("change of this result", change, self.data["change"].values)
        if "delta" in self.data:
            return self.data["delta"].sel(lens=lens, change=change)
        if self._live is None:
            raise ResultError("the deltas were not saved with this result; run the audit again")
        return self._live.deltas(self.data, change, lens)

    def states(self, lens: str | None = None) -> pl.DataFrame:
        """Return the table of states, the least secure first."""
        from detente.auditing import tables

        return tables.states(self.data, lens or self.lenses[0])

    def changes(self, lens: str | None = None) -> pl.DataFrame:
        """Return the table of changes with their verdicts."""
        from detente.auditing import tables

        return tables.changes(self.data, lens or self.lenses[0])

    def witnesses(self, lens: str | None = None) -> pl.DataFrame:
        """Return the witnesses, the most harmful first."""
        from detente.auditing import tables

        return tables.witnesses(self, lens or self.lenses[0])

    def pays(self, lens: str | None = None) -> pl.DataFrame:
        """Return who pays for whom as a list, the greatest harm first."""
        from detente.auditing import tables

        return tables.pays(self.data, lens or self.lenses[0])

    def agreement(self) -> Agreement:
        """Compare the lenses: ranks of the states, signs, verdicts, and what parts them."""
        from detente.auditing.agreement import agreement

        return agreement(self)

    def sensitivity(self, *, size: int = 128, seed: int = 0) -> list[Sensitivity]:
        """Return, for each lens, which uncertain parameter drives the verdict (needs SALib).

        Raises
        ------
        ResultError
            If the result was opened from a file: the model has to be run again.
        UsageError
            If SALib is not installed.
        """
        if self._live is None:
            raise ResultError("a saved result cannot be run again; make the audit anew")
        return self._live.sensitivity(self.settings["materiality"], size, seed)

    def headline(self, lens: str | None = None) -> str:
        """Return the verdict in one sentence."""
        from detente.auditing.text import headline

        return headline(self, lens or self.lenses[0])

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data; the format is documented and stable."""
        from detente.auditing.tables import as_dict

        return as_dict(self)

    def plot(self, lens: str | None = None) -> altair.HConcatChart:
        """Return the ranking of the states by security, with intervals, as a chart."""
        # The room below draws; it is asked only when a picture is wanted.
        from detente.reporting.audit.charts import ranking

        return ranking(self, lens or self.lenses[0])

    def report(self, path: str | os.PathLike[str]) -> Path:
        """Write the result as one self-contained HTML page; returns its path."""
        from detente.reporting.audit.audit import page
        from detente.reporting.page.render import write

        return write(page(self, architecture=self._live.architecture if self._live else None), path)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Save the result: ``.nc`` (NetCDF, can be opened again), ``.json`` or ``.csv``.

        A CSV file has the table of changes under the first lens. Nothing half-written is left.
        """
        return write_as(
            path,
            {
                ".nc": netcdf(_for_netcdf(self.data)),
                ".json": json_text(self.to_dict),
                ".csv": lambda temporary: self.changes().write_csv(temporary),
            },
        )


class _Live:
    """The problem behind a fresh result, so that deltas left out can be computed again."""

    def __init__(
        self, architecture: Architecture, problem: Problem, findings: Sequence[Finding]
    ) -> None:
        self.architecture = architecture
        self.problem = problem
        self.findings = {finding.lens.name: finding for finding in findings}

    def sensitivity(self, materiality: float, size: int, seed: int) -> list[Sensitivity]:
        from detente.auditing.sensitivity import sensitivity_of

        return [
            sensitivity_of(
                finding.lens,
                self.problem,
                materiality=materiality,
                given=finding.given,
                size=size,
                seed=seed,
            )
            for finding in self.findings.values()
        ]

    def deltas(self, data: xr.Dataset, change: str, lens: str) -> xr.DataArray:
        import xarray as xr

        finding = self.findings[lens]
        k = int(np.flatnonzero(data["change"].values == change)[0])
        one = Problem.of(self.problem.system, self.problem.moves.take(np.array([k])))
        return xr.DataArray(
            one.deltas(finding.lens, finding.values)[0], {"state": data["state"].values}, ["state"]
        )


def open_audit(path: str | os.PathLike[str]) -> Audit:
    """Open a result that was saved as NetCDF.

    Raises
    ------
    ResultError
        If the file is not there or is not such a result.
    """
    data = open_netcdf(path, "audit", FORMAT)
    for name, variable in data.variables.items():
        if variable.attrs.pop("kind", "") == "yes or no":
            data[name] = data[name].astype(bool)
    return Audit(data)


def _for_netcdf(data: xr.Dataset) -> xr.Dataset:
    """Return a copy in the types that NetCDF 3 knows."""
    out = data.copy()
    for name, variable in data.variables.items():
        if variable.dtype == bool:
            out[name] = variable.astype(np.int8)
            out[name].attrs = {**variable.attrs, "kind": "yes or no"}
        elif variable.dtype == np.int64:
            out[name] = variable.astype(np.int32)
            out[name].attrs = dict(variable.attrs)
    return out


def assemble(
    g: Architecture,
    changes: Sequence[Change],
    problem: Problem,
    findings: Sequence[Finding],
    alternatives: Sequence[Alternative],
    *,
    draws: int,
    seed: int,
    materiality: float,
    rule: Mapping[str, str],
) -> Audit:
    """Return the findings as one labelled dataset."""
    import xarray as xr

    good = [finding for finding in findings if not finding.reason]
    codes = list(g.system.codes)
    sentences = [str(change) for change in changes]
    who = [change.initiators(g) for change in changes]
    filled: dict[str, Any] = {}

    def put(name: str, values: Any) -> None:
        dims, unit, meaning = variables()[name]
        attrs = {"long_name": meaning, **({"units": unit} if unit else {})}
        filled[name] = (dims, np.asarray(values), attrs)

    system = problem.system
    put("capability", system.capability)
    put("allied_capability", system.allies @ system.capability)
    put("rival_capability", system.rivals @ system.capability)
    initiator = np.zeros((len(changes), len(codes)), dtype=bool)
    for k in range(len(changes)):
        initiator[k, problem.moves.initiators(k)] = True
    put("initiator", initiator)

    per_lens: dict[str, list[Any]] = {}
    for finding in good:
        for key, value in _columns(finding).items():
            per_lens.setdefault(key, []).append(value)
    for key, values in per_lens.items():
        put(key, np.stack(values))
    drawn = _drawn(good)
    if drawn:
        put("parameter_draw", np.stack(list(drawn.values()), axis=1))
    names = list(dict.fromkeys(a.name for a in alternatives))
    at = {(a.lens, a.name): a for a in alternatives}
    if names:
        for key in ("index", "changes", "wanted", "witnesses"):
            rows = [[getattr(at[f.lens.name, name], key) for name in names] for f in good]
            put(f"alternative_{key}", rows)

    settings = {
        "scenario": {
            "name": g.name,
            "title": g.title,
            "description": g.description,
            "region": g.region,
            "date": g.date.isoformat(),
            "remarks": remarks(g),
            "measure": g.measure,
            "digest": g.digest,
            "changes": list(g.changes),
            "without_capability": list(g.without_capability),
            "external": sorted(g.external),
        },
        "detente": version("detente"),
        "seed": seed,
        "draws": draws,
        "materiality": materiality,
        "interval": list(INTERVAL),
        "mapping": g.mapping.describe(),
        "allied_rivals": [f"{a}-{b}" for a, b in g.ledger.allied_rivals()],
        "partial": {key: _partial_weight(g, key) for key in g.ledger.partial()},
        "left_out": _left_out(g),
        "rule": dict(rule),
        "lenses": {
            f.lens.name: {
                **f.lens.describe(),
                "values": _plain(f.values),
                "facts": {name: name in g.system.facts for name in f.lens.facts},
            }
            for f in findings
        },
        "refusals": {f.lens.name: f.reason for f in findings if f.reason},
        "alternative_reasons": {f"{a.name} | {a.lens}": a.reason for a in alternatives if a.reason},
    }
    data = xr.Dataset(
        filled,
        coords={
            "state": codes,
            "payer": codes,
            "beneficiary": codes,
            "state_name": ("state", [g.names[code] for code in codes]),
            "change": sentences,
            "kind": ("change", [change.kind for change in changes]),
            "initiators": ("change", [" ".join(states) for states in who]),
            "lens": [finding.lens.name for finding in good],
            "reading": list(READINGS),
            **({"draw": np.arange(draws)} if draws else {}),
            **({"parameter": list(drawn)} if drawn else {}),
            **({"alternative": names} if names else {}),
        },
        attrs={
            "format": FORMAT,
            "title": f"Audit of {g.title}",
            "scenario": g.name,
            "digest": g.digest,
            "seed": seed,
            "draws": draws,
            "detente": version("detente"),
            "settings": json.dumps(settings, ensure_ascii=False),
        },
    )
    return Audit(data, _Live(g, problem, good))


@cache
def variables() -> dict[str, tuple[tuple[str, ...], str, str]]:
    """Return the dimensions, the unit and the meaning of every variable of a result."""
    text = (files("detente.auditing") / "variables.csv").read_text(encoding="utf-8")
    return {
        row["variable"]: (tuple(row["dimensions"].split(";")), row["unit"], row["meaning"])
        for row in csv.DictReader(text.splitlines())
    }


def monte_carlo_error(share: Any, draws: Any) -> Any:
    """Return the standard error of a share estimated from independent draws."""
    return np.sqrt(share * (1 - share) / draws)


def _columns(finding: Finding) -> dict[str, Any]:
    screen, says = finding.screen, finding.verdicts
    assert screen is not None
    assert says is not None
    out: dict[str, Any] = {
        "security": finding.security,
        "tolerance": finding.tolerance,
        "least": screen.least,
        "desire": screen.desire,
        "gain": screen.gain,
        "loss": screen.loss,
        "harmed": screen.harmed,
        "defined": says.defined,
        "wanted": says.wanted,
        "witness": says.witness,
        "zero_sumness": says.zero_sumness,
        "admitted": says.admitted,
        "pays": screen.pays,
        "index": says.index,
        "index_weighted": says.index_weighted,
    }
    if finding.deltas is not None:
        out["delta"] = finding.deltas
    if screen.sign is not None:
        out["harms"] = screen.sign < 0
    if finding.draws is not None:
        out.update(_draw_columns(finding.draws))
    return out


def _draw_columns(draws: Draws) -> dict[str, Any]:
    count, tally = int(draws.defined.sum()), draws.tally
    over = float("nan") if count == 0 else 1.0 / count
    divisible = float((draws.witnesses[draws.defined] > 0).sum()) * over
    low, median, high = (
        np.nanquantile(draws.security, (INTERVAL[0], 0.5, INTERVAL[1]), axis=0)
        if count
        else np.full((3, draws.security.shape[1]), np.nan)
    )
    out: dict[str, Any] = {
        "draws_defined": count,
        "security_low": low,
        "security_high": high,
        "security_median": median,
        "share_divisible": divisible,
        "share_divisible_error": monte_carlo_error(divisible, count) if count else float("nan"),
        "index_draw": draws.index,
        "index_weighted_draw": draws.index_weighted,
        "wanted_draw": draws.wanted,
        "witness_draw": draws.witnesses,
        "security_draw": draws.security,
        "share_defined": tally.defined * over,
        "share_wanted": tally.wanted * over,
        "share_witness": tally.witness * over,
        "share_witness_error": monte_carlo_error(tally.witness * over, max(count, 1)),
        "share_harmful": tally.harmful * over,
        "share_admitted": tally.admitted * over,
        "pays_mean": tally.pays * over,
    }
    if tally.lost is not None and tally.won is not None:
        out["share_harms"] = tally.lost * over
        out["share_helps"] = tally.won * over
    return out


def _drawn(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the draws of every parameter that was drawn, by ``lens.parameter``."""
    return {
        f"{f.lens.name}.{p.name}": np.array([values[p.name] for values in f.draws.values])
        for f in findings
        if f.draws is not None
        for p in f.lens.parameters
        if p.uncertain and p.name not in f.given
    }


def _partial_weight(g: Architecture, key: str) -> float:
    code, _, state = key.partition("/")
    article = g.ledger.articles[code]
    return article.members[state] if state else article.whole


def _left_out(g: Architecture) -> dict[str, dict[str, int]]:
    out: dict[str, dict[str, int]] = {}
    for table, _, reason in g.ledger.left_out:
        counts = out.setdefault(table, {})
        counts[reason] = counts.get(reason, 0) + 1
    return out


def _plain(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: value if np.isfinite(value) else None for name, value in values.items()}
