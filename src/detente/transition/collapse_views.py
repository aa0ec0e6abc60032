"""Collapses in a terminal, and as tables."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

from detente.words import listed, share

if TYPE_CHECKING:
    import polars as pl

    from detente.results import Result

VIEWS = ("members", "curve")
SHOWN = 40
WIDTH = 100


def text(result: Result) -> str:
    """Return the collapse for a terminal: the curve, the reserves, and the base rates."""
    import polars as pl

    data, settings = result.data, result.settings
    unit = settings["lens"]["unit"]
    lines = [result.reading, "", f"Members left at a cost of membership ({unit})"]
    names = data["leaver"].values.tolist()
    for k, cost in enumerate(data["cost"].values.tolist()):
        cells = [
            f"{name} {int(data['left'].values[r, k])}" + _over_draws(result, r, k)
            for r, name in enumerate(names)
            if r == 0 or settings["first"]
        ]
        lines.append(f"  {cost:.5f}  " + ";  ".join(cells))
    lines += _exactly(result, names)
    lines += ["", f"What membership is worth to each, with all in ({unit}); who would follow"]
    idle = hanging_on_nothing(result)
    rows = members(result).filter(~pl.col("member").is_in(idle))
    for row in rows.head(SHOWN).iter_rows(named=True):
        often = f" [{row['low']:+.5f} to {row['high']:+.5f}]" if settings["draws"] else ""
        follow = (
            f"{row['followers']} of those who would stay would follow"
            if row["stays"]
            else "leaves at that cost whoever goes first"
        )
        worth = in_figures(result, row["member"], row["worth"])
        lines.append(f"  {row['member']}  {worth}{often}; {follow}")
    if idle:
        drawn = ", in every draw," if settings["draws"] else ""
        lines += textwrap.wrap(
            f"Worth nothing{drawn} to {listed(idle)}: nothing that this lens sees hangs on "
            "whether they stay alone.",
            WIDTH,
            initial_indent="  ",
            subsequent_indent="    ",
        )
    lines += [f"  At a cost of {float(data['at']):.4g}. {whether_one_end(result)}"]
    lines += ["", "Base rates"]
    lines += [f"  {b['what']}: {b['rate']} ({b['source']})" for b in settings["base_rates"]]
    return "\n".join(lines)


def hanging_on_nothing(result: Result) -> list[str]:
    """Return to whom membership is worth nothing, whatever the parameters."""
    idle = set(result.settings["nothing"])
    return [
        row["member"]
        for row in members(result).iter_rows(named=True)
        if row["member"] in idle and row["low"] == 0 == row["high"] and row["stays"]
    ]


def in_figures(result: Result, member: str, worth: float) -> str:
    """Return what membership is worth to a member; in a word where that is nothing."""
    return "nothing" if member in result.settings["nothing"] else f"{worth:+.5f}"


def _exactly(result: Result, names: list[str]) -> list[str]:
    """Return the steps that the curve is made of, where they were followed."""
    lines = []
    for r, name in enumerate(names):
        steps = [step for step in result.settings["steps"] if step["leaver"] == r]
        if steps:
            levels = ", ".join(f"{step['left']} up to {step['cost']:.3g}" for step in steps)
            lines += textwrap.wrap(
                f"exactly, {name}: {levels}; none beyond",
                WIDTH,
                initial_indent="  ",
                subsequent_indent="    ",
                break_on_hyphens=False,
            )
    return lines


def _over_draws(result: Result, leaver: int, cost: int) -> str:
    """Return the interval over draws in brackets; nothing where there are none."""
    if not result.settings["draws"]:
        return ""
    data = result.data
    low, high = (data[name].values[leaver, cost] for name in ("left_low", "left_high"))
    return f" [{low:.0f} to {high:.0f}]"


def whether_one_end(result: Result) -> str:
    """Return whether the end depends on the order in which members are asked.

    Where it may, also in what share of the draws several ends came up.
    """
    many, several = int(result.data["ends"]), float(result.data["several_ends"])
    seen = "one end" if many == 1 else f"{many} different ends"
    drawn = "" if math.isnan(several) else f", in {share(several)} of draws more than one"
    if not int(result.data["rises"]):
        return (
            "Worth falls with more members somewhere, so the order may matter; over the orders "
            f"tried {seen} came up{drawn}."
        )
    if many == 1 and not several > 0:
        return "Worth never fell with more members where it was tried, so every order ends alike."
    return (
        "Worth never fell with more members where it was tried at the point estimate; over the "
        f"orders tried {seen} came up{drawn}."
    )


def members(result: Result) -> pl.DataFrame:
    """Return one row a member, the least reserve first: worth, interval, followers."""
    import polars as pl

    data = result.data
    return pl.DataFrame(
        {
            "member": data["member"].values.tolist(),
            "worth": data["worth"].values,
            "low": data["worth_low"].values,
            "high": data["worth_high"].values,
            "followers": data["followers"].values,
            "stays": data["stay"].values.astype(bool),
        }
    ).sort("worth")


def curve(result: Result) -> pl.DataFrame:
    """Return members left at each cost, with and without the first leaver."""
    import polars as pl

    data, rows = result.data, []
    for r, name in enumerate(data["leaver"].values.tolist()):
        for k, cost in enumerate(data["cost"].values.tolist()):
            rows.append(
                {
                    "leaver": name,
                    "cost": cost,
                    "left": int(data["left"].values[r, k]),
                    "low": float(data["left_low"].values[r, k]),
                    "high": float(data["left_high"].values[r, k]),
                }
            )
    return pl.DataFrame(rows)


def table(result: Result) -> pl.DataFrame:
    """Return the main table: the members."""
    return members(result)
