"""What a result of a simulation has besides its data; its functions are methods of the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detente.crisis.model.model_arrays import TOP
from detente.crisis.record.ladder import Ladder
from detente.crisis.run.assembly import QUANTILES
from detente.crisis.run.text import summary
from detente.results.result import Result

if TYPE_CHECKING:
    import polars as pl

FORMAT = "detente-simulation/1"
VIEWS = ("dyads", "states", "on", "entries")
ATTRIBUTES = ("way",)


def way(result: Result) -> str:
    """Return how its replicas came about, in words."""
    by_days = result.settings.get("method") == "days"
    return "by days, approximate in time" if by_days else "event by event"


def dyads(result: Result) -> pl.DataFrame:
    """Return one row a dyad, those most likely to reach war first."""
    import polars as pl

    d = result.data
    reached = d["reached"].values
    over = _over_draws(result, "force", "war", "between")
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
            **over,
            "median_day_of_war": d["first_passage"].sel(rung=TOP, quantile=0.5).values,
        }
    ).sort(pl.col("start") < TOP, "war", "force", "between", descending=True, maintain_order=True)


def _over_draws(result: Result, *names: str) -> dict[str, Any]:
    """Return the ends of the intervals over draws of the parameters, as columns; none without."""
    columns = [f"{name}_drawn_{end}" for name in names for end in ("low", "high")]
    return {c: result.data[c].values for c in columns if c in result.data.variables}


def states(result: Result) -> pl.DataFrame:
    """Return one row a state, those most likely to be at war first."""
    import polars as pl

    d = result.data
    names = ("at_war", "at_war_error", "drawn_in", "drawn_in_error")
    columns = {name: d[name].values for name in names} | _over_draws(result, "at_war", "drawn_in")
    return pl.DataFrame({"state": d["state"].values.astype(str), **columns}).sort(
        "at_war", descending=True, maintain_order=True
    )


def on(result: Result, ladder: Ladder) -> pl.DataFrame:
    """Return the probability of reaching each rung of another ladder, one row a dyad.

    A rung of it is reached when the rung of the standard ladder on which it stands is.

    Parameters
    ----------
    result : Result
        Of `simulate`.
    ladder : Ladder
        Such as ``detente.crisis.record.ladder.kahn()``, or one of your own (`user_ladder`).
    """
    import polars as pl

    reached = result.data["reached"].values
    columns = {name: reached[:, ladder.to_standard(k)] for k, name in enumerate(ladder.rungs)}
    return pl.DataFrame({"dyad": result.data["dyad"].values.astype(str), **columns})


def entries(result: Result) -> pl.DataFrame:
    """Return who is drawn into which war against whom, the most likely first."""
    import polars as pl

    d = result.data
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


def reading(result: Result) -> str:
    """Return how often a new war begins, and what that number is."""
    return text(result)


def text(result: Result) -> str:
    """Return the result for a terminal."""
    return summary(result)


def table(result: Result) -> pl.DataFrame:
    """Return the table of dyads."""
    return dyads(result)


def to_dict(result: Result) -> dict[str, Any]:
    """Return the tables and settings as plain data."""
    d = result.data
    return {
        "format": FORMAT,
        "settings": result.settings,
        "any_war": float(d["any_war"]),
        "any_war_error": float(d["any_war_error"]),
        **{
            name: float(d[name])
            for name in ("any_war_drawn_low", "any_war_drawn_high")
            if name in d.variables
        },
        "reading": summary(result).splitlines(),
        "first_war": {
            str(q): float(x) for q, x in zip(QUANTILES, d["first_war"].values, strict=True)
        },
        "incidents": float(d["incidents"]),
        "dyads": dyads(result).to_dicts(),
        "states": states(result).to_dicts(),
        "entries": entries(result).to_dicts(),
    }
