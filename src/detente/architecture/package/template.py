"""A small package to start from: four invented states, every table explained, nothing real.

Each row's note says what the row is for, and README.md says what to do first. The package
passes the check and can be audited as it is.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Mapping
from pathlib import Path

from detente.architecture.package import descriptor, schema
from detente.architecture.package.container import DESCRIPTOR
from detente.architecture.package.tables import csv_bytes, write_files
from detente.errors import UsageError

EARLIEST = dt.date(1600, 1, 1)
LATEST = dt.date(2100, 12, 31)

Row = Mapping[str, str]


def new(
    path: str | os.PathLike[str], *, title: str | None = None, date: dt.date | None = None
) -> Path:
    """Write a small starting package.

    Parameters
    ----------
    path : path
        Where: a folder that is not there yet or is empty, or a ``.zip``. Its name becomes the
        name of the scenario.
    title : str, optional
        Title of the scenario; by default made of its name.
    date : datetime.date, optional
        The day on which the scenario holds; by default today.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    UsageError
        If something is there already, or the date lies outside of 1600 to 2100.
    """
    day = date if date is not None else dt.date.today()
    if not EARLIEST <= day <= LATEST:
        raise UsageError(f"the date {day} does not lie between {EARLIEST} and {LATEST}.")
    place = Path(path)
    name = _slug(place.stem if place.suffix.casefold() == ".zip" else place.resolve().name)
    heading = title if title and title.strip() else name.replace("-", " ").capitalize()
    return write_files(_files(name, heading, day), place)


def _slug(text: str) -> str:
    """Return a name for ``datapackage.json`` that is like the name of a file."""
    return re.sub(r"[^a-z0-9._]+", "-", text.casefold()).strip("-._") or "scenario"


def _files(name: str, title: str, day: dt.date) -> dict[str, bytes]:
    rows = _rows(day)
    files = {
        f"{table}.csv": csv_bytes(
            schema.table(table),
            [[row.get(column, "") for column in schema.table(table).columns] for row in entries],
        )
        for table, entries in rows.items()
    }
    about = {
        "profile": "tabular-data-package",
        "name": name,
        "title": title,
        "description": "A starting package with four invented states. Say here what it is about.",
        "version": "0.1.0",
        "licenses": [{"name": "CC0-1.0", "title": "Creative Commons Zero 1.0"}],
        "detente": {"schema": schema.VERSION, "date": day.isoformat(), "region": "Invented"},
        "resources": [
            descriptor.resource(schema.table(table), schema.table(table).columns, rows)
            for table in rows
        ],
    }
    files[DESCRIPTOR] = descriptor.render(about)
    files["README.md"] = _readme(title, list(rows)).encode("utf-8")
    return files


def _rows(day: dt.date) -> dict[str, list[Row]]:
    """Return the rows of the starting package, dated so that they hold on `day`."""
    year = day.year
    sure = {"source": "invented", "confidence": "high"}
    treaty = f"{year - 20}-01-01"
    dispute = f"{year - 5}-01-01"

    def state(code: str, name: str, place: str, lat: str, lon: str, note: str) -> Row:
        where = {"capital": place, "lat": lat, "lon": lon, "region": "invented"}
        return {"state": code, "name": name, "role": "regional", **where, "note": note, **sure}

    def figure(code: str, value: str) -> Row:
        return {"state": code, "measure": "strength", "year": str(year), "value": value, **sure}

    def member(code: str) -> Row:
        return {
            "organisation": "PACT",
            "state": code,
            "role": "member",
            "start": treaty,
            "note": "A member carries the pact's commitment; an observer or partner does not.",
            **sure,
        }

    return {
        "states": [
            state("AAA", "Aland-by-Sea", "Aport", "1.0", "1.0", "Leads the pact; rival of CCC."),
            state("BBB", "Belmark", "Belton", "3.0", "2.0", "The smaller member of the pact."),
            state("CCC", "Corvia", "Corva", "2.0", "7.0", "Alone; rival of AAA."),
            state("DDD", "Dunmere", "Dunport", "5.0", "5.0", "Belongs to nobody so far."),
        ],
        "measures": [
            {
                "measure": "strength",
                "name": "Strength",
                "unit": "points",
                "default": "yes",
                "meaning": "What a state can bring to bear, in points. Exactly one measure is "
                "the default.",
                "source": "assumed",
            }
        ],
        "capabilities": [
            figure("AAA", "10"),
            figure("BBB", "4"),
            figure("CCC", "8"),
            figure("DDD", "5"),
        ],
        "organisations": [
            {
                "organisation": "PACT",
                "name": "Pact of the Sea",
                "kind": "alliance",
                "start": treaty,
                "commitment": "defense",
                "article": "Article 1: an attack on one is an attack on all",
                "strength": "binding",
                "weight": "1",
                "note": "Its members are committed to one another; no commitments.csv row needed.",
                **sure,
            }
        ],
        "memberships": [member("AAA"), member("BBB")],
        "commitments": [
            {
                "commitment": "bbb-ddd",
                "kind": "consultation",
                "promiser": "BBB",
                "beneficiary": "DDD",
                "direction": "mutual",
                "start": f"{year - 10}-01-01",
                "strength": "political",
                "name": "Agreement to consult",
                "note": "Only defense commitments make allies unless parameters.csv says more.",
                **sure,
            }
        ],
        "rivalries": [
            {
                "rivalry": "aaa-ccc",
                "state_a": "AAA",
                "state_b": "CCC",
                "issue": "territory",
                "intensity": "3",
                "start": dispute,
                "note": "3 is a display of force; below 3 a rivalry makes no enemies by default.",
                **sure,
            }
        ],
        "parameters": [
            {
                "parameter": "rivalry.threshold",
                "value": "3",
                "note": "The default, written down; delete the row or change the value.",
                "source": "assumed",
            }
        ],
        "sources": [
            {
                "source": "assumed",
                "citation": "A choice of the makers of this package; no outside source",
                "seen": "no",
            },
            {
                "source": "invented",
                "citation": "Invented for the starting package; no real state is meant",
                "seen": "no",
            },
        ],
    }


def _readme(title: str, present: list[str]) -> str:
    """Return the page that explains the starting package to who opens the folder."""
    here = [f"- `{table}.csv`: {schema.table(table).meaning}" for table in present]
    further = [
        f"- `{table.name}.csv`: {table.meaning}"
        for table in schema.tables()
        if table.name not in present
    ]
    return "\n".join(
        [
            f"# {title}",
            "",
            "This folder is a scenario package. The tables open in any spreadsheet; save them",
            "as CSV in UTF-8 with commas. An empty cell means not known; it does not mean zero.",
            "Dates are written YYYY-MM-DD. The four states in it are invented: replace them.",
            "",
            "1. Put your states into `states.csv` and a figure for each into `capabilities.csv`.",
            "2. Say who is allied (`organisations.csv` with `memberships.csv`, or",
            "   `commitments.csv`) and who is a rival of whom (`rivalries.csv`).",
            "3. Give every row a source, and list the source in `sources.csv`.",
            "4. Set title, date and region in `datapackage.json`.",
            "5. Look for mistakes with `detente check FOLDER`, which names file, row and column.",
            "",
            "## Tables here",
            "",
            *here,
            "",
            "## Tables that can be added",
            "",
            "List an added file under `resources` in `datapackage.json`.",
            "",
            *further,
            "",
        ]
    )
