"""What went in, as the page tells it: mapping, parameters, what was left out; the downloads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.lenses.protocol import gathered
from detente.reporting.audit import drivers, sources
from detente.reporting.map.context import Scene
from detente.reporting.page.embed import Download, download
from detente.words import exact

if TYPE_CHECKING:
    import polars as pl

    from detente.auditing.sensitivity import Sensitivity
    from detente.results.result import Result


def mapping(audit: Result) -> list[dict[str, str]]:
    """Return the rules that make allies and rivals, as rows of a table."""
    m = audit.settings["mapping"]
    rows = [
        {
            "rule": "counts as an alliance, with this weight",
            "value": ", ".join(
                f"{kind.replace('_', ' ')} {weight:g}"
                for kind, weight in m["counts as an alliance"].items()
            )
            or "nothing",
        },
        {
            "rule": "left out, whatever the kind",
            "value": ", ".join(s.replace("_", " ") for s in m["left out"]) or "nothing",
        },
        {
            "rule": "makes rivals",
            "value": f"a rivalry of intensity {m['rivals from intensity']:g} or more on the MID "
            "hostility scale, 1 to 5",
        },
        {"rule": "rivals who are allies", "value": m["rivals who are allies"]},
    ]
    changed = m["differs from the defaults"]
    rows.append(
        {
            "rule": "differs from the defaults",
            "value": ", ".join(f"{k} = {v:g}" for k, v in changed.items()) or "nothing",
        }
    )
    return rows


def parameters(audit: Result) -> list[dict[str, Any]]:
    """Return the parameters of every lens asked for, with ranges and sources."""
    rows = []
    for name, lens in audit.settings["lenses"].items():
        valued = [{**p, "value": lens["values"].get(p["name"])} for p in lens["parameters"]]
        for p in gathered(valued):
            value = p["value"]
            rows.append(
                {
                    "lens": name,
                    "name": p["name"],
                    "meaning": p["meaning"],
                    "value": "without bound" if value is None else exact(value),
                    "range": (
                        f"{exact(p['low'])} to {exact(p['high'])}"
                        + (", on a log scale" if p["scale"] == "log" else "")
                        if p["uncertain"]
                        else "not drawn"
                    ),
                    "unit": p["unit"],
                    "source": p["source"],
                    "assumed": p["source"].lower().startswith("assumed"),
                }
            )
    return rows


def paper(audit: Result, around: Scene) -> list[str]:
    """Return the alliances that count less than in full, in words."""
    texts = []
    for key, weight in audit.settings["partial"].items():
        organisation, _, state = key.partition("/")
        whole = around.names.full(organisation)
        who = f"{around.names.full(state)} in {whole}" if state else f"{whole}, all members"
        texts.append(f"{who}: weight {weight:g}")
    return texts


def allied_rivals(audit: Result, around: Scene) -> list[str]:
    """Return the pairs that are allies and rivals at once."""
    pairs = [pair.split("-") for pair in audit.settings["allied_rivals"]]
    return [" and ".join(around.names.full(code) for code in pair) for pair in pairs]


def left_out(audit: Result) -> list[dict[str, Any]]:
    """Return the rows of the scenario that make no tie, counted by reason."""
    return [
        {"table": table, "reason": reason.replace("_", " "), "rows": count}
        for table, reasons in audit.settings["left_out"].items()
        for reason, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    ]


def downloads(
    audit: Result, around: Scene, sensitivity: Sequence[Sensitivity] = ()
) -> list[Download]:
    """Return the data of every figure as files in the page."""
    import polars as pl

    data = audit.data
    lenses = audit.lenses

    def every(make: Any) -> pl.DataFrame:
        parts = [
            make(lens).select(pl.lit(lens).alias("lens"), pl.all()).pipe(_shorter)
            for lens in lenses
        ]
        frame: pl.DataFrame = pl.concat(parts, how="vertical_relaxed")
        return frame

    files = [
        download(
            "states", "map and ranking: security, interval, capability, harm", every(audit.states)
        ),
        download("pays", "the matrix, in full: who pays for whom", every(audit.pays)),
        download("changes", "every change with its verdicts", every(audit.changes)),
        download(
            "witnesses", "every witness: who gains, who loses, how sure", every(audit.witnesses)
        ),
    ]
    if around.known:
        rows = [
            {"kind": t.kind, "first": t.first, "second": t.second, "what": t.what}
            for t in around.ties
        ]
        schema = dict.fromkeys(("kind", "first", "second", "what"), pl.String)
        files.insert(1, download("ties", "the lines of the map", pl.DataFrame(rows, schema=schema)))
    if around.facts:
        files.append(
            download(
                "sources",
                "who says so: every row that counts, and contested matters",
                sources.table(list(around.facts)),
            )
        )
    files.append(download("readings", "what each reading admits", _readings(audit)))
    if "index_draw" in data:
        files.append(
            download("draws", "index, wanted changes and witnesses of every draw", _draws(audit))
        )
        files.append(
            download(
                "drivers",
                "rank correlation of the index with each drawn parameter",
                _shorter(drivers.table(audit)),
            )
        )
    if sensitivity:
        files.append(
            download(
                "sensitivity",
                "effect of each parameter on the index, with the half-width of its interval",
                _shorter(drivers.effect_table(sensitivity)),
            )
        )
    if "alternative" in data.dims:
        files.append(
            download("alternatives", "if a choice were made otherwise", _alternatives(audit))
        )
    files.append(
        download(
            "parameters", "the parameters of the lenses", pl.DataFrame(parameters(audit) or None)
        )
    )
    if len(lenses) > 1:
        compared = audit.agreement()
        files.append(
            download("agreement", "how far every two lenses agree", _shorter(_pairs(audit)))
        )
        files.append(
            download("split", "changes at someone's expense under some lenses", compared.split())
        )
    if "delta" in data:
        files.append(download("deltas", "what each change gives to each state", _deltas(audit)))
    return files


def _shorter(table: pl.DataFrame) -> pl.DataFrame:
    """Round to nine significant digits: more is noise, and would double the file."""
    import polars as pl

    return table.with_columns(pl.col(pl.Float64).round_sig_figs(9))


def _pairs(audit: Result) -> pl.DataFrame:
    import polars as pl

    compared = audit.agreement()
    rows = [
        {
            "lens": first,
            "other": other,
            "rank_correlation": float(compared.rank_correlation[a, b]),
            "same_sign": float(compared.same_sign[a, b]),
            "opposite_sign": float(compared.opposite_sign[a, b]),
        }
        for a, first in enumerate(compared.lenses)
        for b, other in enumerate(compared.lenses)
        if a < b
    ]
    return pl.DataFrame(rows).with_columns(pl.col(pl.Float64).fill_nan(None))


def _readings(audit: Result) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(
        [
            {
                "lens": lens,
                "reading": str(reading),
                "admitted": int(audit.data["admitted"].sel(lens=lens).values[r].sum()),
                "tried": audit.data.sizes["change"],
            }
            for lens in audit.lenses
            for r, reading in enumerate(audit.data["reading"].values)
        ]
    )


def _draws(audit: Result) -> pl.DataFrame:
    import polars as pl

    return pl.concat(
        [
            pl.DataFrame(
                {
                    "lens": [lens] * audit.data.sizes["draw"],
                    "draw": audit.data["draw"].values,
                    **{
                        name: audit.data[name].sel(lens=lens).values
                        for name in (
                            "index_draw",
                            "index_weighted_draw",
                            "wanted_draw",
                            "witness_draw",
                        )
                    },
                }
            ).pipe(_shorter)
            for lens in audit.lenses
        ]
    )


def _alternatives(audit: Result) -> pl.DataFrame:
    import polars as pl

    data = audit.data
    return pl.concat(
        [
            pl.DataFrame(
                {
                    "lens": [lens] * data.sizes["alternative"],
                    "choice": data["alternative"].values.astype(str),
                    **{
                        key: data[f"alternative_{key}"].sel(lens=lens).values
                        for key in ("index", "changes", "wanted", "witnesses")
                    },
                }
            ).pipe(_shorter)
            for lens in audit.lenses
        ]
    )


def _deltas(audit: Result) -> pl.DataFrame:
    """Return the deltas of wanted changes beyond the tolerance, first lens."""
    import polars as pl

    of_lens = audit.data.sel(lens=audit.lenses[0])
    deltas, tol = of_lens["delta"].values, float(of_lens["tolerance"])
    mask = (np.abs(np.nan_to_num(deltas)) > tol) & of_lens["wanted"].values[:, None]
    rows, columns = np.nonzero(mask)
    return pl.DataFrame(
        {
            "change": audit.data["change"].values[rows].astype(str),
            "state": audit.data["state"].values[columns].astype(str),
            "delta": deltas[rows, columns],
        }
    ).pipe(_shorter)
