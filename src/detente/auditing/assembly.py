"""Putting the findings of an audit together as one labelled result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from detente.architecture.describe import remarks
from detente.architecture.value import Architecture
from detente.auditing.alternatives import Alternative
from detente.auditing.screening import Draws, Problem
from detente.auditing.verdicts import READINGS, Threshold, close_calls
from detente.lenses.protocol import unseen
from detente.results.building import build, labelled
from detente.results.result import Result
from detente.results.uncertainty import INTERVAL, error_of_share

if TYPE_CHECKING:
    import xarray as xr

    from detente.architecture.changes import Change
    from detente.auditing.screening import Finding
    from detente.auditing.sensitivity import Sensitivity


class Behind:
    """The problem behind a fresh result, so that deltas left out can be computed again."""

    def __init__(
        self, architecture: Architecture, problem: Problem, findings: Sequence[Finding]
    ) -> None:
        self.architecture = architecture
        self.problem = problem
        self.findings = {finding.lens.name: finding for finding in findings}

    def sensitivity(self, threshold: Threshold, size: int, seed: int) -> list[Sensitivity]:
        """Return which parameter of each lens drives the verdict."""
        from detente.auditing.sensitivity import sensitivity_of

        return [
            sensitivity_of(
                finding.lens,
                self.problem,
                threshold=threshold,
                given=finding.given,
                size=size,
                seed=seed,
            )
            for finding in self.findings.values()
        ]

    def deltas(self, data: xr.Dataset, change: str, lens: str) -> xr.DataArray:
        """Compute again what one change gives to each state under one lens."""
        import xarray as xr

        finding = self.findings[lens]
        k = int(np.flatnonzero(data["change"].values == change)[0])
        alone = Problem.of(self.problem.system, self.problem.moves.take(np.array([k])))
        return xr.DataArray(
            alone.deltas(finding.lens, finding.values)[0],
            {"state": data["state"].values},
            ["state"],
        )


def assemble(
    g: Architecture,
    changes: Sequence[Change],
    problem: Problem,
    findings: Sequence[Finding],
    alternatives: Sequence[Alternative],
    *,
    draws: int,
    seed: int,
    threshold: Threshold,
    rule: Mapping[str, str],
) -> Result:
    """Return the findings as one labelled dataset."""
    good = [finding for finding in findings if not finding.reason]
    codes = list(g.system.codes)
    sentences = [str(change) for change in changes]
    who = [change.initiators(g) for change in changes]
    system = problem.system
    initiator = np.zeros((len(changes), len(codes)), dtype=bool)
    for k in range(len(changes)):
        initiator[k, problem.moves.initiators(k)] = True
    values: dict[str, Any] = {
        "capability": system.capability,
        "allied_capability": system.allies @ system.capability,
        "rival_capability": system.rivals @ system.capability,
        "quarrels": (system.rivalry > 0).sum(axis=1),
        "initiator": initiator,
    }

    values["seen"] = np.array(
        [[len(unseen(f.lens, g, c)) < len(c.edits) for c in changes] for f in good]
    )
    per_lens: dict[str, list[Any]] = {}
    for finding in good:
        for key, value in _columns(finding).items():
            per_lens.setdefault(key, []).append(value)
    values |= {key: np.stack(rows) for key, rows in per_lens.items()}
    drawn = _drawn(good)
    if drawn:
        values["parameter_draw"] = np.stack(list(drawn.values()), axis=1)
    names = list(dict.fromkeys(a.name for a in alternatives))
    at = {(a.lens, a.name): a for a in alternatives}
    if names:
        for key in ("index", "changes", "wanted", "witnesses"):
            rows = [[getattr(at[f.lens.name, name], key) for name in names] for f in good]
            values[f"alternative_{key}"] = rows
        if any(a.gainers for a in alternatives):
            blank = (-1,) * len(changes)
            for key in ("gainers", "losers"):
                values[f"alternative_{key}"] = [
                    [getattr(at[f.lens.name, name], key) or blank for name in names] for f in good
                ]

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
        "materiality": threshold.materiality,
        "tolerance": threshold.fixed,
        "interval": list(INTERVAL),
        "mapping": g.mapping.describe(),
        **_of_ledger(g),
        "rule": dict(rule),
        "lenses": {
            f.lens.name: {
                **f.lens.describe(),
                "values": _plain(f.values),
                "facts": {name: name in g.system.facts for name in f.lens.facts},
            }
            for f in findings
        },
        "unseen": {
            f.lens.name: {str(c): missed for c in changes if (missed := unseen(f.lens, g, c))}
            for f in good
        },
        "refusals": {f.lens.name: f.reason for f in findings if f.reason},
        "alternative_reasons": {f"{a.name} | {a.lens}": a.reason for a in alternatives if a.reason},
    }
    result = build(
        "audit",
        variables=labelled("detente.auditing", values),
        coordinates={
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
        architecture=g,
        settings=settings,
        seed=seed,
        live=Behind(g, problem, good),
        title=f"Audit of {g.title}",
        draws=draws,
    )
    return result


def _columns(finding: Finding) -> dict[str, Any]:
    screen, says = finding.screen, finding.verdicts
    assert screen is not None
    assert says is not None
    columns: dict[str, Any] = {
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
        "most": screen.most,
        "wanted_strong": says.strong,
        "witness_strong": says.strong_witness,
        "close": close_calls(screen, finding.deltas, finding.tolerance),
        "pays": screen.pays,
        "wanted_count": says.wanted_count,
        "witness_count": says.witness_count,
        "wanted_strong_count": says.strong_count,
        "witness_strong_count": says.strong_witness_count,
        "index": says.index,
        "index_weighted": says.index_weighted,
        "index_strong": says.index_strong,
    }
    if finding.deltas is not None:
        columns["delta"] = finding.deltas
    if screen.sign is not None:
        columns["harms"] = screen.sign < 0
    if finding.draws is not None:
        columns.update(_draw_columns(finding.draws))
    return columns


def _draw_columns(draws: Draws) -> dict[str, Any]:
    count, tally = int(draws.defined.sum()), draws.tally
    over = float("nan") if count == 0 else 1.0 / count
    divisible = float((draws.witnesses[draws.defined] > 0).sum()) * over
    low, median, high = (
        # A draw has an answer for every state or for none; NaN by NaN takes ten times as long.
        np.quantile(draws.security[draws.defined], (INTERVAL[0], 0.5, INTERVAL[1]), axis=0)
        if count
        else np.full((3, draws.security.shape[1]), np.nan)
    )
    columns: dict[str, Any] = {
        "draws_defined": count,
        "security_low": low,
        "security_high": high,
        "security_median": median,
        "share_divisible": divisible,
        "share_divisible_error": error_of_share(divisible, count) if count else float("nan"),
        "index_draw": draws.index,
        "index_weighted_draw": draws.index_weighted,
        "index_strong_draw": draws.index_strong,
        "tolerance_draw": draws.tolerance,
        "wanted_draw": draws.wanted,
        "witness_draw": draws.witnesses,
        "security_draw": draws.security,
        "share_defined": tally.defined * over,
        "share_wanted": tally.wanted * over,
        "share_witness": tally.witness * over,
        "share_wanted_strong": tally.strong * over,
        "share_witness_strong": tally.strong_witness * over,
        "share_witness_error": error_of_share(tally.witness * over, max(count, 1)),
        "share_harmful": tally.harmful * over,
        "share_admitted": tally.admitted * over,
        "pays_mean": tally.pays * over,
    }
    if tally.lost is not None and tally.won is not None:
        columns["share_harms"] = tally.lost * over
        columns["share_helps"] = tally.won * over
    return columns


def _drawn(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the draws of every parameter that was drawn, by ``lens.parameter``."""
    return {
        f"{f.lens.name}.{p.name}": np.array([values[p.name] for values in f.draws.values])
        for f in findings
        if f.draws is not None
        for p in f.lens.parameters
        if p.uncertain and p.name not in f.given
    }


_ledgers: WeakKeyDictionary[Architecture, dict[str, Any]] = WeakKeyDictionary()


def _of_ledger(g: Architecture) -> dict[str, Any]:
    """Return what is said of the ties of an architecture, whatever is asked of it."""
    if g not in _ledgers:
        _ledgers[g] = {
            "allied_rivals": [f"{a}-{b}" for a, b in g.ledger.allied_rivals()],
            "cancelled_rivalries": [f"{a}-{b}" for a, b in g.ledger.cancelled_rivalries()],
            "partial": {key: _partial_weight(g, key) for key in g.ledger.partial()},
            "left_out": _left_out(g),
        }
    return _ledgers[g]


def _partial_weight(g: Architecture, key: str) -> float:
    code, _, state = key.partition("/")
    article = g.ledger.articles[code]
    return article.members[state] if state else article.whole


def _left_out(g: Architecture) -> dict[str, dict[str, int]]:
    reasons: dict[str, dict[str, int]] = {}
    for table, _, reason in g.ledger.left_out:
        counts = reasons.setdefault(table, {})
        counts[reason] = counts.get(reason, 0) + 1
    return reasons


def _plain(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: value if np.isfinite(value) else None for name, value in values.items()}
