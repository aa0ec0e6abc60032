"""An architecture in words: what is in it, what counts, what is left out, and who says so."""

from __future__ import annotations

from typing import Any

from detente.architecture.value import Architecture


def overview(g: Architecture) -> dict[str, Any]:
    """Return what an architecture consists of, as plain data in reading order."""
    ledger = g.ledger
    pairs = [ledger.tie(a, b) for a, b in ledger.pairs()]
    left_out: dict[str, int] = {}
    for table, _, reason in ledger.left_out:
        left_out[f"{table}: {reason}"] = left_out.get(f"{table}: {reason}", 0) + 1
    return {
        "title": g.title,
        "name": g.name,
        "date": g.date.isoformat(),
        "region": g.region,
        "description": g.description,
        "states": len(g.codes),
        "external actors": sorted(g.external),
        "measure of capability": g.measure,
        "without a figure": list(g.without_capability),
        "organisations that count": {
            code: f"{len(article.members)} members, weight {article.whole:g}"
            for code, article in sorted(ledger.articles.items())
        },
        "members that weigh less": {
            key: 0.0 + ledger.articles[key.split("/")[0]].members[key.split("/")[1]]
            for key in ledger.partial()
            if "/" in key
        },
        "allied pairs": sum(tie.ally > 0 for tie in pairs),
        "rival pairs": sum(tie.rival > 0 for tie in pairs),
        "allies and rivals at once, counted as neither": [
            f"{a}-{b}" for a, b in ledger.allied_rivals()
        ],
        "mapping": g.mapping.describe(),
        "left out": left_out,
        "rows": {name: frame.height for name, frame in g.tables.items() if frame.height},
        "changes so far": list(g.changes),
        "hash": g.digest,
    }


def ties_of(g: Architecture, state: str) -> list[dict[str, Any]]:
    """Return every tie of a state: with whom, what it counts as, through what, and who says so.

    Parameters
    ----------
    g : Architecture
        Where to look.
    state : str
        Code of a state in it.

    Returns
    -------
    list of dict
        Keys ``with``, ``name``, ``counts_as``, ``through``, ``source``; by code of the other.
    """
    citations = dict(
        zip(g.tables["sources"]["source"], g.tables["sources"]["citation"], strict=True)
    )
    sources = {
        row[0]: citations.get(row[1], row[1])
        for table, key in (
            ("organisations", "organisation"),
            ("commitments", "commitment"),
            ("rivalries", "rivalry"),
        )
        for row in g.tables[table].select(key, "source").iter_rows()
    }
    out = []
    for a, b in sorted(g.ledger.pairs()):
        if state not in (a, b):
            continue
        other = b if a == state else a
        tie = g.ledger.tie(a, b)
        if tie.rival:
            counts = "rival"
        elif tie.ally:
            counts = f"ally ({tie.ally:g})"
        else:
            counts = "neither"
        for through in g.ledger.sources(a, b):
            out.append(
                {
                    "with": other,
                    "name": g.names[other],
                    "counts_as": counts,
                    "through": through,
                    "source": sources.get(through, "assumed"),
                }
            )
    return out
