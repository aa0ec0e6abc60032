"""Collapses in a terminal, and as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from detente.results import Result

VIEWS = ("members", "curve")
SHOWN = 40


def text(result: Result) -> str:
    """Return the collapse for a terminal: the curve, the reserves, and the base rates."""
    data, settings = result.data, result.settings
    unit = settings["lens"]["unit"]
    lines = [result.reading, "", f"Members left at a cost of membership ({unit})"]
    names = data["leaver"].values.tolist()
    for k, cost in enumerate(data["cost"].values.tolist()):
        cells = [
            f"{name} {int(data['left'].values[r, k])}"
            f" [{data['left_low'].values[r, k]:.0f} to {data['left_high'].values[r, k]:.0f}]"
            for r, name in enumerate(names)
            if r == 0 or settings["first"]
        ]
        lines.append(f"  {cost:.5f}  " + ";  ".join(cells))
    lines += ["", f"What membership is worth to each, with all in ({unit}); who would follow"]
    rows = members(result)
    for row in rows.head(SHOWN).iter_rows(named=True):
        lines.append(
            f"  {row['member']}  {row['worth']:+.5f} [{row['low']:+.5f} to {row['high']:+.5f}]; "
            f"{row['followers']} would follow"
        )
    if int(data["rises"]):
        lines.append("  Worth never fell with more members where it was tried: one end.")
    else:
        lines.append(
            f"  Worth falls with more members somewhere: {int(data['ends'])} ends seen over orders."
        )
    lines += ["", "Base rates"]
    lines += [f"  {b['what']}: {b['rate']} ({b['source']})" for b in settings["base_rates"]]
    return "\n".join(lines)


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
