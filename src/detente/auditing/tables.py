"""The result of an audit as tables and as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from detente.auditing.change_verdict import change_verdict
from detente.auditing.named_changes import named_changes
from detente.results.uncertainty import interval, median

if TYPE_CHECKING:
    import xarray as xr

    from detente.results.result import Result


def states(data: xr.Dataset, lens: str) -> pl.DataFrame:
    """Return one row a state, the least secure first.

    Columns: state, name, security with low, median and high (over draws), rank (1 the most
    secure), capability and the allies' and rivals' (shares of the total), harmed_by (wanted
    changes that cost it security), paid (the most that one of them costs it), quarrels (states
    that have a rivalry with it).
    """
    view = data.sel(lens=lens)
    security = view["security"].values
    columns: dict[str, Any] = {
        "state": data["state"].values.astype(str),
        "name": data["state_name"].values.astype(str),
        "security": security,
    }
    if "security_low" in data:
        columns["low"] = view["security_low"].values
        if "security_median" in data:  # results saved by 0.1.0 have none
            columns["median"] = view["security_median"].values
        columns["high"] = view["security_high"].values
    columns["rank"] = np.argsort(np.argsort(-security, kind="stable"), kind="stable") + 1
    columns["capability"] = data["capability"].values
    columns["allied_capability"] = data["allied_capability"].values
    columns["rival_capability"] = data["rival_capability"].values
    if "harms" in data:
        columns["harmed_by"] = (view["harms"].values & view["wanted"].values[:, None]).sum(axis=0)
    columns["paid"] = view["pays"].values.max(axis=1, initial=0.0)
    if "quarrels" in data:  # results saved by 0.1.0 have none
        columns["quarrels"] = data["quarrels"].values
    return pl.DataFrame(columns).sort("security", "state")


def changes(data: xr.Dataset, lens: str) -> pl.DataFrame:
    """Return one row a change, in the order in which they were tried."""
    view = data.sel(lens=lens)
    columns: dict[str, Any] = {
        "change": data["change"].values.astype(str),
        "kind": data["kind"].values.astype(str),
        "initiators": data["initiators"].values.astype(str),
    }
    names = [
        "seen",
        "defined",
        "wanted",
        "witness",
        "wanted_strong",
        "witness_strong",
        "close",
        "least",
        "most",
        "desire",
        "gain",
        "loss",
        "harmed",
        "zero_sumness",
    ]
    for name in [*names, "share_defined", "share_wanted", "share_witness", "share_harmful"]:
        if name in data:
            columns[name] = view[name].values
    for r, reading in enumerate(data["reading"].values.astype(str)):
        columns[reading] = view["admitted"].values[r]
    return pl.DataFrame(columns)


def witnesses(audit: Result, lens: str) -> pl.DataFrame:
    """Return the witnesses: who gains what, who loses what, how sure.

    Those by which all who decide gain stand first, for the others are favours of some to others;
    then the most harmful, by what those lose who do not decide.
    """
    data = audit.data
    view = data.sel(lens=lens)
    changes, harmed = data["change"].values, view["harmed"].values
    zero_sum = view["zero_sumness"].values
    sure = view["share_witness"].values if "share_witness" in data else None
    strong = view["wanted_strong"].values if "wanted_strong" in data else None
    sides_of = _Sides(audit, lens)
    rows = []
    for k in np.flatnonzero(view["witness"].values):
        gains, losses = sides_of(int(k))
        rows.append(
            {
                "change": str(changes[k]),
                "gains": "; ".join(f"{s} {d:+.3g}" for s, d in gains),
                "losses": "; ".join(f"{s} {d:+.3g}" for s, d in losses),
                "all_gain": None if strong is None else bool(strong[k]),
                "harm": -sum(d for _, d in losses),
                "harmed": int(harmed[k]),
                "zero_sumness": float(zero_sum[k]),
                "share_witness": None if sure is None else float(sure[k]),
            }
        )
    schema = {
        "change": pl.String,
        "gains": pl.String,
        "losses": pl.String,
        "all_gain": pl.Boolean,
        "harm": pl.Float64,
        "harmed": pl.Int64,
        "zero_sumness": pl.Float64,
        "share_witness": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema).sort(
        "all_gain", "harm", descending=True, nulls_last=True, maintain_order=True
    )


def sides(
    audit: Result, change: str, lens: str
) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    """Return what a change gives to its initiators, and what it takes from whom it harms.

    Both are lists of (code, delta), the largest first.
    """
    return _Sides(audit, lens)(int(np.flatnonzero(audit.data["change"].values == change)[0]))


class _Sides:
    """What the changes give and take under one lens, by position; the arrays are looked up once."""

    def __init__(self, audit: Result, lens: str) -> None:
        data = audit.data
        at = audit.lenses.index(lens)
        self.audit, self.lens = audit, lens
        self.deltas = data["delta"].values[at] if "delta" in data else None
        self.codes = data["state"].values.astype(str)
        self.initiator = data["initiator"].values
        self.tolerance = float(data["tolerance"].values[at])

    def __call__(self, k: int) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
        if self.deltas is None:
            deltas = self.audit.deltas(str(self.audit.data["change"].values[k]), self.lens).values
        else:
            deltas = self.deltas[k]
        gains = [(str(self.codes[i]), float(deltas[i])) for i in np.flatnonzero(self.initiator[k])]
        harmed = np.flatnonzero(deltas < -self.tolerance)
        losses = [(str(self.codes[i]), float(deltas[i])) for i in harmed]
        return sorted(gains, key=lambda x: -x[1]), sorted(losses, key=lambda x: x[1])


def pays(data: xr.Dataset, lens: str) -> pl.DataFrame:
    """Return who pays for whom as rows (payer, beneficiary, harm), the greatest harm first."""
    matrix = data["pays"].sel(lens=lens).values
    codes = data["state"].values.astype(str)
    rows, columns = np.nonzero(matrix > 0)
    return pl.DataFrame(
        {"payer": codes[rows], "beneficiary": codes[columns], "harm": matrix[rows, columns]},
        schema={"payer": pl.String, "beneficiary": pl.String, "harm": pl.Float64},
    ).sort("harm", "payer", "beneficiary", descending=[True, False, False])


def as_dict(audit: Result) -> dict[str, Any]:
    """Return an audit as plain data for JSON; numbers that are not defined become null."""
    data, settings = audit.data, audit.settings
    document: dict[str, Any] = {
        "format": data.attrs["format"],
        **{
            k: settings[k]
            for k in ("detente", "scenario", "seed", "draws", "materiality", "interval")
        },
        "mapping": settings["mapping"],
        "allied_rivals": settings["allied_rivals"],
        "partial": settings["partial"],
        "left_out": settings["left_out"],
        "rule": settings["rule"],
        "refusals": settings["refusals"],
        "notes": [
            {"change": change, "notes": notes}
            for change, notes in settings.get("notes", {}).items()
        ],
        "lenses": [_lens(audit, lens) for lens in audit.lenses],
        "agreement": _agreement(audit),
    }
    return document


def _agreement(audit: Result) -> dict[str, Any] | None:
    """Return where the lenses agree and where they split; None if there is one lens only."""
    if len(audit.lenses) < 2:
        return None
    agreement = audit.agreement()
    return {
        "lenses": list(agreement.lenses),
        "rank_correlation": agreement.rank_correlation.tolist(),
        "same_sign": agreement.same_sign.tolist(),
        "opposite_sign": agreement.opposite_sign.tolist(),
        "witness_under_every_lens": agreement.unanimous(),
        "witness_under_some": [
            {
                "change": row["change"],
                "for": row["for"].split(", "),
                "against": row["against"].split(", "),
                "along": [words for words in row["along"].split("; ") if words],
            }
            for row in agreement.split().iter_rows(named=True)
        ],
    }


def _lens(audit: Result, lens: str) -> dict[str, Any]:
    data = audit.data
    view = data.sel(lens=lens)
    sides_of = _Sides(audit, lens)
    few = named_changes(audit)
    document: dict[str, Any] = {
        "lens": audit.settings["lenses"][lens],
        "switches": audit.settings.get("switches", {}).get(lens, []),
        "headline": audit.headline(lens),
        "tolerance": float(view["tolerance"]),
        "index": float(view["index"]),
        "index_weighted": float(view["index_weighted"]),
        "changes_tried": int(data.sizes["change"]),
        "changes_undefined": int((~view["defined"].values).sum()),
        "wanted": int(view["wanted"].values.sum()),
        "witnesses": int(view["witness"].values.sum()),
        "readings": {
            str(reading): int(view["admitted"].values[r].sum())
            for r, reading in enumerate(data["reading"].values)
        },
        "states": states(data, lens).to_dicts(),
        "pays": pays(data, lens).to_dicts(),
        "changes": [
            {
                **row,
                "initiators": row["initiators"].split(),
                "deltas": None if sides_of.deltas is None else _joined(*sides_of(k)),
                **(_verdict(audit, k, lens) if few else {}),
            }
            for k, row in enumerate(changes(data, lens).to_dicts())
        ],
    }
    if "draws_defined" in data:
        document["draws_defined"] = int(view["draws_defined"])
        document["share_divisible"] = float(view["share_divisible"])
        document["share_divisible_error"] = float(view["share_divisible_error"])
        document["index_interval"] = interval(view["index_draw"].values)
        document["index_median"] = median(view["index_draw"].values)
        document["index_weighted_interval"] = interval(view["index_weighted_draw"].values)
    if "alternative" in data:
        document["alternatives"] = [
            {
                "choice": str(name),
                "index": float(view["alternative_index"].values[a]),
                "changes": int(view["alternative_changes"].values[a]),
                "wanted": int(view["alternative_wanted"].values[a]),
                "witnesses": int(view["alternative_witnesses"].values[a]),
                "reason": audit.settings["alternative_reasons"].get(f"{name} | {lens}", ""),
                **{
                    key: view[f"alternative_{key}"].values[a].tolist()
                    for key in ("gainers", "losers")
                    if f"alternative_{key}" in data
                },
            }
            for a, name in enumerate(data["alternative"].values)
        ]
    return document


def _verdict(audit: Result, k: int, lens: str) -> dict[str, Any]:
    """Return the verdict of a change that was named, in the words of the terminal and the page."""
    verdict = change_verdict(audit, k, lens)
    return {
        "verdict": f"{verdict.in_words()}.",
        "why_close": verdict.why_close(),
        "in_draws": verdict.in_draws(),
        "opposed": {code: part for code, _, part in verdict.opposed},
    }


def _joined(gains: list[tuple[str, float]], losses: list[tuple[str, float]]) -> dict[str, float]:
    """Return the deltas of the initiators and of those who lose, by state."""
    return dict(gains) | dict(losses)
