"""A small data folder that anybody can make: invented states, some decades, every table of a year.

Fourteen states, AAA to NNN, members from 1950 to 1989, with capabilities, alliances, rivalries,
borders, capitals, regimes, disputes and wars drawn from one seed. Nothing in it is real; its
tables have the columns of the field's data sets after reading, so that history, panel, hazard
and backtest can be tried without them.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from itertools import permutations
from pathlib import Path

import numpy as np
import polars as pl

from detente.evidence.datasets import registry
from detente.evidence.datasets.store import Entry

FIRST, LAST = 1950, 1989
CODES = list(range(960, 974))
"""Numbers that no state of the Correlates of War has."""
NAMES = [3 * letter for letter in "ABCDEFGHIJKLMN"]
START, END = dt.date(FIRST, 1, 1), dt.date(2016, 12, 31)
RIVALS = [(960, 961), (960, 962), (961, 963), (964, 965), (966, 967), (968, 969)]
ALLIES = [(960, 963), (961, 962), (964, 966), (965, 967), (970, 971)]


def tables(seed: int = 1) -> dict[str, pl.DataFrame]:
    """Return the tables by name, from a seed."""
    random = np.random.default_rng(seed)
    years = range(FIRST, LAST + 1)
    size = random.lognormal(0.0, 1.0, len(CODES))
    states = pl.DataFrame(
        {
            "ccode": CODES,
            "abbreviation": NAMES,
            "name": [f"State {name}" for name in NAMES],
            "start_date": START,
            "end_date": END,
        }
    )
    angle = np.linspace(0.0, 2.0 * np.pi, len(CODES), endpoint=False)
    capitals = pl.DataFrame(
        {
            "ccode": CODES,
            "name": states["name"],
            "capital": [f"Capital of {name}" for name in NAMES],
            "start_date": START,
            "end_date": END,
            "lat": 40.0 + 12.0 * np.sin(angle),
            "lon": 20.0 + 25.0 * np.cos(angle),
        }
    )
    capabilities = pl.DataFrame(
        [
            {
                "ccode": code,
                "year": year,
                **{name: float(s * 1000) for name in ("milex", "milper", "irst", "pec")},
                "tpop": float(s * 9000),
                "upop": float(s * 3000),
                "cinc": float(s / size.sum()),
            }
            for code, s in zip(CODES, size, strict=True)
            for year in years
        ]
    )
    borders = [(a, b) for a, b in zip(CODES, [*CODES[1:], CODES[0]], strict=True)]
    contiguity = pl.DataFrame(
        [
            {"ccode1": a, "ccode2": b, "type": 1, "start_date": START, "end_date": END}
            for pair in borders
            for a, b in (pair, pair[::-1])
        ]
    )
    promises = ("defense", "offense", "neutrality", "nonaggression", "consultation")
    obligations = pl.DataFrame(
        [
            {"ccode1": a, "ccode2": b, "year": year, **{p: int(p in kept) for p in promises}}
            for pair, kept in [(pair, ("defense", "nonaggression")) for pair in ALLIES]
            + [((968, 970), ("nonaggression",))]
            for a, b in (pair, pair[::-1])
            for year in years
        ]
    )
    rivalries = pl.DataFrame(
        [
            {
                "rivalry_id": k + 1,
                "name": f"{a}-{b}",
                "ccode1": a,
                "ccode2": b,
                "start_year": FIRST,
                "end_year": 2010,
                "positional": 1,
                "spatial": k % 2,
                "ideological": 0,
                "interventionary": 0,
            }
            for k, (a, b) in enumerate(RIVALS)
        ]
    )
    regime = pl.DataFrame(
        [
            {"ccode": c, "year": y, "euds": float(x), "polity2": int(4 * x), "polyarchy": 0.5}
            for c, x in zip(CODES, random.normal(0.0, 1.0, len(CODES)), strict=True)
            for y in range(FIRST, 2017)
        ]
    )
    disputes, wars = _disputes(random)
    return {
        "states": states,
        "majors": pl.DataFrame({"ccode": CODES[:2], "start_date": START, "end_date": END}),
        "capitals": capitals,
        "capabilities": capabilities,
        "contiguity": contiguity,
        "obligations": obligations,
        "rivalries_tss": rivalries,
        "regime": regime,
        "disputes_directed": disputes,
        "war_dyads": wars,
    }


def _disputes(random: np.random.Generator) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Draw who begins a dispute against whom: rivals often, other pairs hardly ever."""
    rows, wars, number = [], [], 0
    for year in range(FIRST, LAST + 1):
        taken = set()
        for a, b in permutations(CODES, 2):
            rival = (a, b) in RIVALS or (b, a) in RIVALS
            if (b, a) in taken or random.random() > (0.12 if rival else 0.004):
                continue
            taken.add((a, b))
            number += 1
            level = int(random.choice([2, 3, 4, 5], p=[0.2, 0.3, 0.45, 0.05]))
            for one, two, first in ((a, b, 1), (b, a, 0)):
                rows.append(
                    {
                        "dispnum": number,
                        "ccode1": one,
                        "ccode2": two,
                        "year": year,
                        "onset": 1,
                        "ongoing": 1,
                        "side_a1": first,
                        "orig1": 1,
                        "orig2": 1,
                        "hostility1": level,
                        "hostility2": max(1, level - 1),
                    }
                )
                if level == 5:
                    war = {"warnum": number, "ccode1": one, "ccode2": two, "year": year}
                    wars.append({**war, "onset": 1, "ongoing": 1})
    return pl.DataFrame(rows), pl.DataFrame(wars)


def write(folder: Path, seed: int = 1) -> Path:
    """Write a data folder with these tables, as if their files had been added; returns it."""
    (folder / "tables").mkdir(parents=True)
    (folder / "files").mkdir()
    entries = []
    for number, (name, frame) in enumerate(tables(seed).items(), 1):
        layout = next(x for x in registry.layouts().values() if x.table == name)
        checksum = f"{seed:06x}{number:06x}".ljust(64, "0")
        columns = registry.tables()[name].columns
        whole = frame.select(
            *(pl.col(c) if c in frame.columns else pl.lit(None).alias(c) for c in columns)
        )
        whole.write_parquet(folder / "tables" / f"{checksum[:12]}.parquet")
        year = [c for c in frame.columns if c == "year"]
        entries.append(
            Entry(
                layout=layout.name,
                table=name,
                source=layout.source,
                version="made up",
                file=f"{name}.csv",
                sha256=checksum,
                rows=frame.height,
                first_year=int(frame["year"].min()) if year else FIRST,
                last_year=int(frame["year"].max()) if year else 2016,
            )
        )
    text = json.dumps([asdict(entry) for entry in entries], indent=1)
    (folder / "index.json").write_text(text + "\n", encoding="utf-8")
    return folder
