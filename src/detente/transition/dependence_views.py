"""Dependences in a terminal, and as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from detente.results import Result

VIEWS = ("states", "providers", "replies")
SHOWN = 20


def text(result: Result) -> str:
    """Return the dependence for a terminal: who loses what, and what would replace it."""
    data, settings = result.data, result.settings
    unit = settings["lens"]["unit"]
    lines = [result.reading, "", f"Without all that {settings['actor']} gives ({unit})"]
    level = float(data["tolerance"])
    rows = [r for r in states(result).iter_rows(named=True) if abs(r["delta"]) > level]
    losing = [r for r in rows if r["delta"] < 0]
    for row in losing[:SHOWN]:
        kept = row["after_replies"]
        often = (
            f" [{row['low']:+.5f} to {row['high']:+.5f}], in {row['share_less']:.0%} of draws"
            if settings["draws"]
            else ""
        )
        lines.append(f"  {row['state']}  {row['delta']:+.5f}{often}; after replies {kept:+.5f}")
    if len(losing) > SHOWN:
        lines.append(f"  and {len(losing) - SHOWN} others")
    gaining = [r for r in reversed(rows) if r["delta"] > 0]
    if gaining:
        some = ", ".join(f"{r['state']} {r['delta']:+.3g}" for r in gaining[:6])
        lines.append(f"  more secure: {some}")
    if settings["unseen"]:
        lines.append(f"  not seen by the lens: {'; '.join(settings['unseen'][:4])}"
                     + (" ..." if len(settings["unseen"]) > 4 else ""))  # fmt: skip
    lines += ["", f"What would replace it ({settings['menu']})"]
    for k, reply in enumerate(settings["replies"], 1):
        pacts = ", ".join("-".join(pair) for pair in reply["pacts"][:8]) or "no pacts"
        arms = ", ".join(reply["arm"][:8]) or "nobody"
        word = {"rest": "rest after", "cycle": "cycle of", "limit": "limit of"}[reply["end"]]
        more = f" and {len(reply['pacts']) - 8} more" if len(reply["pacts"]) > 8 else ""
        lines.append(f"  order {k}: {word} {reply['length']} rounds; {pacts}{more}; arm: {arms}")
        if reply["pacts"]:
            lines.append(
                f"    {reply['anyway']} of the {len(reply['pacts'])} pacts they would want as "
                "things stand, too"
            )
    lines += ["", "Who provides security to most states"]
    for row in providers(result).head(8).iter_rows(named=True):
        lines.append(
            f"  {row['provider']}  {row['states']} states would lose {row['total']:.4g} in all"
        )
    return "\n".join(lines)


def states(result: Result) -> pl.DataFrame:
    """Return one row a state, the greatest loss first."""
    import polars as pl

    data = result.data
    return pl.DataFrame(
        {
            "state": data["state"].values.tolist(),
            "delta": data["delta"].values,
            "low": data["delta_low"].values,
            "high": data["delta_high"].values,
            "share_less": data["share_less"].values,
            "after_replies": data["after_replies"].values[0],
            "concentration": data["concentration"].values,
        }
    ).sort("delta")


def providers(result: Result) -> pl.DataFrame:
    """Return one row a provider: how many states would lose without it, and how much in all."""
    import polars as pl

    data = result.data
    matrix, level = data["provides"].values, float(data["tolerance"])
    return pl.DataFrame(
        {
            "provider": data["provider"].values.tolist(),
            "states": (matrix > level).sum(axis=1),
            "total": matrix.sum(axis=1),
        }
    )


def replies(result: Result) -> pl.DataFrame:
    """Return one row an order of replies: how it ended, new pacts, who arms."""
    import polars as pl

    listed = result.settings["replies"]
    return pl.DataFrame(
        {
            "order": list(range(1, len(listed) + 1)),
            "end": [reply["end"] for reply in listed],
            "length": [reply["length"] for reply in listed],
            "pacts": [" ".join("-".join(pair) for pair in reply["pacts"]) for reply in listed],
            "arm": [" ".join(reply["arm"]) for reply in listed],
            "anyway": [reply["anyway"] for reply in listed],
        },
        schema={
            "order": pl.Int64,
            "end": pl.String,
            "length": pl.Int64,
            "pacts": pl.String,
            "arm": pl.String,
            "anyway": pl.Int64,
        },
    )


def table(result: Result) -> pl.DataFrame:
    """Return the main table: the states."""
    return states(result)
