"""Which uncertain parameter drives the index: as the draws tell it, and as a sample made for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.auditing.agreement import ranks
from detente.lenses.naming import in_words as lens_in_words
from detente.reporting.page import palette
from detente.reporting.page.style import finished, label_axis, values
from detente.words import MINUS, listed, number, plural, signed

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

    from detente.auditing.sensitivity import Sensitivity
    from detente.results.result import Result

FEWEST = 10
"""From how many draws with an answer a rank correlation is taken."""
NOISE = 1e-9
"""Standard deviation of the index below which it is the same everywhere but for rounding."""
SHOWN = 8
"""How many parameters of a lens a figure shows; the download has all."""


@dataclass(frozen=True, slots=True)
class Driver:
    """How the index goes with one parameter over the draws.

    Attributes
    ----------
    lens, parameter : str
        Whose parameter.
    meaning : str
        What it is.
    correlation : float
        Spearman's rank correlation of the index with the parameter; NaN where the index is the
        same in every draw, or where fewer than `FEWEST` draws have an answer.
    chance : float
        If no parameter of the lens mattered, all its correlations would lie within plus and minus
        this in 19 of 20 audits (normal approximation, shared among the parameters as Bonferroni).
    draws : int
        Draws with an answer.
    """

    lens: str
    parameter: str
    meaning: str
    correlation: float
    chance: float
    draws: int

    @property
    def beyond_chance(self) -> bool:
        """Whether the correlation is greater than chance alone would make it."""
        return abs(self.correlation) > self.chance


def drivers(audit: Result, lens: str) -> list[Driver]:
    """Return the drawn parameters of a lens, the one that goes with the index most first."""
    data = audit.data
    if "parameter_draw" not in data:
        return []
    meanings = {p["name"]: p["meaning"] for p in audit.settings["lenses"][lens]["parameters"]}
    own = {
        name: f"{lens}.{name}"
        for name in meanings
        if f"{lens}.{name}" in data["parameter"].values.astype(str)
    }
    index = data["index_draw"].sel(lens=lens).values
    finite = np.isfinite(index)
    count = int(finite.sum())
    placed = ranks(index[finite])
    moves = count >= FEWEST and np.ptp(placed) > 0
    chance = float("nan")
    if count >= FEWEST:
        chance = NormalDist().inv_cdf(1 - 0.025 / len(own)) / (count - 1) ** 0.5 if own else 0.0
    rows = []
    for name, key in own.items():
        drawn = ranks(data["parameter_draw"].sel(parameter=key).values[finite])
        correlation = float(np.corrcoef(placed, drawn)[0, 1]) if moves else float("nan")
        rows.append(Driver(lens, name, meanings[name], correlation, chance, count))
    return sorted(rows, key=lambda d: -np.nan_to_num(abs(d.correlation)))


def in_words(audit: Result) -> list[str]:
    """Return for each lens which parameter the index goes with most, as sentences."""
    if "index_draw" not in audit.data:
        return []
    phrases: dict[str, list[str]] = {}
    for lens in audit.lenses:
        phrases.setdefault(_told(drivers(audit, lens)), []).append(lens)
    return _by_lenses(phrases)


def _told(found: list[Driver]) -> str:
    if not found:
        return "no parameter is drawn"
    first = found[0]
    if first.draws < FEWEST:
        return f"too few draws have an answer ({first.draws}) to say"
    if np.isnan(first.correlation):
        return "the index is the same in every draw: within their ranges no parameter moves it"
    size = f"rank correlation {signed(first.correlation)} over {first.draws:,} draws"
    if not first.beyond_chance:
        return (
            "no parameter goes with the index further than chance could take it, "
            f"{first.parameter} the furthest ({size})"
        )
    return (
        f"the index goes most with {first.parameter} ({_phrase(first.meaning)}): the greater it "
        f"is, the {'higher' if first.correlation > 0 else 'lower'} the index tends to be ({size})"
    )


def _by_lenses(said: dict[str, list[str]]) -> list[str]:
    """Return sentences, the lenses of which the same is said in one."""
    return [
        f"Under the lens{'es' if len(lenses) > 1 else ''} "
        f"{listed([lens_in_words(lens) for lens in lenses])} {text}."
        for text, lenses in said.items()
    ]


def _phrase(meaning: str) -> str:
    """Return a parameter's meaning as it stands in the middle of a sentence."""
    return meaning[:1].lower() + meaning[1:].rstrip(".")


def chart(audit: Result, *, narrow: bool = False) -> alt.LayerChart | None:
    """Return the rank correlation of the index with every drawn parameter; None without any."""
    import altair as alt

    many = len(audit.lenses) > 1
    rows = []
    best: Driver | None = None
    for lens in audit.lenses:
        for d in [d for d in drivers(audit, lens) if np.isfinite(d.correlation)][:SHOWN]:
            if d.beyond_chance and (best is None or abs(d.correlation) > abs(best.correlation)):
                best = d
            rows.append(
                {
                    "label": f"{d.lens}: {d.parameter}" if many else d.parameter,
                    "meaning": d.meaning,
                    "correlation": d.correlation,
                    "least": -d.chance,
                    "most": d.chance,
                    "says": signed(d.correlation),
                    "fill": palette.INK if d.beyond_chance else "#ffffff",
                }
            )
    if not rows:
        return None
    base = alt.Chart(values(rows)).encode(y=_labels(rows, narrow))
    scale = alt.Scale(domain=[-1, 1])
    tips = [
        alt.Tooltip("label:N", title="Parameter"),
        alt.Tooltip("meaning:N", title="What it is"),
        alt.Tooltip("correlation:Q", title="Rank correlation", format="+.2f"),
        alt.Tooltip("most:Q", title="Chance alone stays below", format=".2f"),
    ]
    ends = (
        f"index lower {MINUS}1 … 0 … +1 higher"
        if narrow
        else (
            "rank correlation: where the parameter is greater, the index is lower (left) "
            "or higher (right)"
        )
    )
    layers: list[Any] = [
        base.mark_bar(color="#dfe3e8", size=14).encode(
            x=alt.X("least:Q", scale=scale), x2="most:Q"
        ),
        base.mark_point(
            filled=True, size=80, stroke=palette.INK, strokeWidth=1.2, opacity=1
        ).encode(
            x=alt.X(
                "correlation:Q",
                scale=scale,
                title=ends,
                axis=alt.Axis(values=[-1, -0.5, 0, 0.5, 1]),
            ),
            fill=alt.Fill("fill:N", scale=None, legend=None),
            tooltip=tips,
        ),
    ]
    if not narrow:
        layers.append(
            base.mark_text(align="left", fontSize=11, color=palette.QUIET).encode(
                x=alt.value(508), text="says:N"
            )
        )
    layered: Any = alt.layer(*layers)
    whole: alt.LayerChart = layered.properties(width=150 if narrow else 500, height=22 * len(rows))
    title = (
        f"The parameter {best.parameter} moves the index most under the lens "
        f"{lens_in_words(best.lens)}"
        if best
        else "No parameter moves the index further than chance could"
    )
    return finished(
        whole,
        title,
        "Rank correlation (Spearman) of the indivisibility index with each drawn parameter over "
        "the draws, from −1 to +1. Grey: as far as chance alone would take it in 19 of 20 audits; "
        "a hollow dot lies within",
    )


def _labels(rows: list[dict[str, Any]], narrow: bool) -> alt.Y:
    import altair as alt

    order = [row["label"] for row in rows]
    return alt.Y(
        "label:N",
        sort=order,
        scale=alt.Scale(domain=order),
        axis=label_axis(narrow),
    )


METHODS = {
    "sobol": (
        "share of the variance of the index",
        "Sobol’s total effect: the share of the variance of the index in which the parameter has a "
        "part, alone or together with others, so that shares may add up to more than 1. "
        "Lines: 95 % bootstrap intervals",
    ),
    "morris": (
        "change of the index",
        "Morris’s elementary effect: by how much the index changes, on average and whatever the "
        "sign, when the parameter alone goes over its whole range. Lines: 95 % bootstrap intervals",
    ),
}


def effects(
    sensitivity: Sequence[Sensitivity], method: str, *, narrow: bool = False
) -> alt.LayerChart | None:
    """Return the effects of the parameters by one method, with intervals; None if there is none.

    Parameters
    ----------
    sensitivity : sequence of Sensitivity
        As `Audit.sensitivity` gives it.
    method : str
        ``"sobol"`` or ``"morris"``: their units differ, so they stand in figures of their own.
    narrow : bool
        For a narrow screen.
    """
    import altair as alt

    shown = [s for s in sensitivity if s.method == method and s.spread > NOISE]
    rows = []
    best: tuple[float, str, str] | None = None
    for s in shown:  # the headline names only what the sample can tell from nothing
        order = [int(k) for k in np.argsort(-np.nan_to_num(s.effect), kind="stable")]
        for k in [k for k in order if np.isfinite(s.effect[k])][:SHOWN]:
            effect, error = float(s.effect[k]), float(np.nan_to_num(s.error[k]))
            if effect - error > 0 and (best is None or effect > best[0]):
                best = effect, s.parameters[k], s.lens
            rows.append(
                {
                    "label": f"{s.lens}: {s.parameters[k]}"
                    if len(sensitivity) > 1
                    else s.parameters[k],
                    "effect": effect,
                    "low": effect - error,
                    "high": effect + error,
                    "says": f"{number(effect, 2)} ± {number(error, 2)}",
                }
            )
    if not rows:
        return None
    unit, subtitle = METHODS[method]
    base = alt.Chart(values(rows)).encode(y=_labels(rows, narrow))
    layers: list[Any] = [
        alt.Chart(values([{"zero": 0}])).mark_rule(color="#8a93a0").encode(x="zero:Q"),
        base.mark_rule(color=palette.QUIET, strokeWidth=1.6).encode(
            x=alt.X("low:Q", title=unit, axis=alt.Axis(tickCount=3 if narrow else 8)), x2="high:Q"
        ),
        base.mark_point(filled=True, size=80, color=palette.INK, opacity=1).encode(
            x="effect:Q",
            tooltip=[
                alt.Tooltip("label:N", title="Parameter"),
                alt.Tooltip("says:N", title=unit.capitalize()),
            ],
        ),
    ]
    if not narrow:
        layers.append(
            base.mark_text(align="left", fontSize=11, color=palette.QUIET).encode(
                x=alt.value(508), text="says:N"
            )
        )
    layered: Any = alt.layer(*layers)
    whole: alt.LayerChart = layered.properties(width=150 if narrow else 500, height=22 * len(rows))
    if best is None:
        title = "The sample is too small to tell any parameter's effect from nothing"
    elif method == "sobol":
        title = (
            f"The parameter {best[1]} has a part in {100 * min(best[0], 1.0):.0f} % of the "
            f"variance of the index, under the lens {lens_in_words(best[2])}"
        )
    else:
        title = (
            f"The parameter {best[1]} alone changes the index by {number(best[0], 2)} on "
            f"average, under the lens {lens_in_words(best[2])}"
        )
    return finished(whole, title, subtitle)


def effects_in_words(sensitivity: Sequence[Sensitivity]) -> list[str]:
    """Return what the effects say and where there are none, as sentences."""
    phrases: dict[str, list[str]] = {}
    for s in sensitivity:
        phrases.setdefault(_effect(s), []).append(s.lens)
    return _by_lenses(phrases)


def _effect(s: Sensitivity) -> str:
    if not s.parameters:
        return "no parameter is uncertain"
    if s.spread <= NOISE:
        return "the index is the same everywhere in the ranges of the parameters"
    if not np.isfinite(s.effect).any():
        return (
            f"there is no answer at {s.undefined:,} of {s.evaluations:,} points: too few are left "
            "to say which parameter matters"
        )
    k = int(np.argmax(np.nan_to_num(s.effect)))
    size = f"{number(float(s.effect[k]), 2)} ± {number(float(s.error[k]), 2)}"
    text = (
        f"the index would still vary if all but {s.parameters[k]} were known, with this share of "
        f"its variance: {size}"
        if s.method == "sobol"
        else f"{s.parameters[k]} alone, moved over its whole range, changes the index by {size} on "
        "average"
    )
    if s.error[k] >= s.effect[k]:
        text += ", which the sample is too small to tell from nothing"
    if s.undefined:
        text += (
            f"; {s.undefined:,} of {plural(s.evaluations, 'point')} have no answer and are left out"
        )
    return text


def table(audit: Result) -> pl.DataFrame:
    """Return the rank correlations of all lenses as a table."""
    import polars as pl

    rows = [
        {
            "lens": d.lens,
            "parameter": d.parameter,
            "rank_correlation": None if np.isnan(d.correlation) else d.correlation,
            "chance": None if np.isnan(d.chance) else d.chance,
            "draws": d.draws,
        }
        for lens in audit.lenses
        for d in drivers(audit, lens)
    ]
    kinds = (pl.String, pl.String, pl.Float64, pl.Float64, pl.Int64)
    names = ("lens", "parameter", "rank_correlation", "chance", "draws")
    return pl.DataFrame(rows, schema=dict(zip(names, kinds, strict=True)))


def effect_table(sensitivity: Sequence[Sensitivity]) -> pl.DataFrame:
    """Return the effects of all lenses as a table."""
    import polars as pl

    rows = [
        {
            "lens": s.lens,
            "method": s.method,
            "parameter": name,
            "effect": float(s.effect[k]),
            "error": float(s.error[k]),
            "first": float(s.first[k]),
            "spread": s.spread,
            "evaluations": s.evaluations,
            "undefined": s.undefined,
        }
        for s in sensitivity
        for k, name in enumerate(s.parameters)
    ]
    numbers = dict.fromkeys(("effect", "error", "first", "spread"), pl.Float64)
    return pl.DataFrame(
        rows,
        schema={
            **dict.fromkeys(("lens", "method", "parameter"), pl.String),
            **numbers,
            "evaluations": pl.Int64,
            "undefined": pl.Int64,
        },
        nan_to_null=True,
    )
