"""Cases of others' programs: actors of KTAB's spatial model, conflicts of GMCR+.

Both formats are read as their programs write them; nothing is guessed, and every fault is told
with its place.
"""

from __future__ import annotations

import csv
import itertools
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from detente.architecture.system import Floats
from detente.errors import DataError, Fault, UsageError

MOST_OPTIONS = 16
"""Greatest number of options whose combinations are listed."""


class SpatialCase(NamedTuple):
    """Actors of a KTAB scenario, on the scale 0 to 1.

    Attributes
    ----------
    title, description : str
        As the file says.
    names : tuple of str
        Of the actors.
    dimensions : tuple of str
        Heads of the positions.
    position, salience : array (n, D)
        Ready for `detente.settlement.spatial`.
    influence : array (n,)
        In the file's unit.
    """

    title: str
    description: str
    names: tuple[str, ...]
    dimensions: tuple[str, ...]
    position: Floats
    salience: Floats
    influence: Floats


class GraphCase(NamedTuple):
    """A conflict of GMCR+, ready for `detente.settlement.stability`.

    Attributes
    ----------
    parties, options : tuple of str
        Their names.
    states : tuple of str
        Feasible combinations, ``Y`` or ``N`` for each option in its order; the first option
        counts fastest.
    moves : list of set of (int, int)
        Of each party, by states from 0.
    preference : list
        Of each party, best first, ties as lists.
    """

    parties: tuple[str, ...]
    options: tuple[str, ...]
    states: tuple[str, ...]
    moves: list[set[tuple[int, int]]]
    preference: list[list[int | list[int]]]


def read_ktab(path: str | os.PathLike[str]) -> SpatialCase:
    """Read a scenario of KTAB's spatial model (CSV, positions and saliences 0 to 100).

    Parameters
    ----------
    path : path
        First line: title, description, number of actors, of dimensions; second line: heads; then
        a line an actor: name, description, influence, and position and salience of each
        dimension.

    Raises
    ------
    DataError
        With every fault of the file.
    """
    file = Path(path).name
    rows = [[cell.strip() for cell in row] for row in csv.reader(_text(path).splitlines())]
    rows = [row for row in rows if any(row)]
    if len(rows) < 3 or len(rows[0]) < 4:
        raise DataError(
            [Fault(file, 1, "", "no KTAB scenario", "title, description, actors, dimensions")]
        )
    title, description, *sizes = rows[0][:4]
    faults: list[Fault] = []
    count, depth = (int(_number(file, 1, "", size, faults) or 0) for size in sizes)
    actors = rows[2:]
    if count != len(actors):
        faults.append(
            Fault(
                file, 1, "", f"{count} actors announced, {len(actors)} lines", "one line an actor"
            )
        )
    figures = np.full((len(actors), 1 + 2 * depth), np.nan)
    for k, row in enumerate(actors):
        cells = row[2 : 3 + 2 * depth]
        if len(cells) < 1 + 2 * depth:
            faults.append(
                Fault(file, k + 3, "", f"{len(cells)} figures", f"{1 + 2 * depth} are needed")
            )
        for j, cell in enumerate(cells):
            column = rows[1][2 + j] if len(rows[1]) > 2 + j else ""
            value = _number(file, k + 3, column, cell, faults)
            if value is not None:
                figures[k, j] = value
                if value < 0 or (j and value > 100):
                    faults.append(
                        Fault(file, k + 3, column, f"{cell} is beyond the scale", "0 to 100")
                    )
        if np.nansum(figures[k, 2::2]) > 100 + 1e-9:
            total = np.nansum(figures[k, 2::2])
            faults.append(
                Fault(file, k + 3, "", f"saliences sum to {total:g}", "at most 100, of attention")
            )
    if faults:
        raise DataError(faults)
    return SpatialCase(
        title,
        description,
        tuple(row[0] for row in actors),
        tuple(rows[1][3 : 3 + 2 * depth : 2]),
        figures[:, 1::2] / 100,
        figures[:, 2::2] / 100,
        figures[:, 0],
    )


def read_gmcr(path: str | os.PathLike[str]) -> GraphCase:
    """Read a conflict of GMCR+ (JSON): options, who controls them, what cannot be, who wants what.

    Rankings that are typed in the file are used where it says so, else preferences by priority:
    a statement weighs more than all after it together.

    Raises
    ------
    DataError
        If it is no such file.
    UsageError
        If it has too many options.
    """
    file = Path(path).name
    try:
        data = json.loads(_text(path))
        options = [(o["name"], o["permittedDirection"]) for o in data["options"]]
        parties = [(d["name"], list(d["options"])) for d in data["decisionMakers"]]
        infeasible = [_condition(c) for c in data["infeasibles"]]
        if len(options) > MOST_OPTIONS:
            raise UsageError(
                f"{file} has {len(options)} options; at most {MOST_OPTIONS} can be listed"
            )
        every = ("".join(reversed(s)) for s in itertools.product("NY", repeat=len(options)))
        states = [s for s in every if not any(_holds(c, s) for c in infeasible)]
        moves = [_moves(own, options, states) for _, own in parties]
        preference = [_ranking(maker, data, states) for maker in data["decisionMakers"]]
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise DataError(
            [Fault(file, None, "", f"no GMCR+ conflict: {error!r}", "a .gmcr file of GMCR+")]
        ) from None
    return GraphCase(
        tuple(name for name, _ in parties),
        tuple(name for name, _ in options),
        tuple(states),
        moves,
        preference,
    )


Condition = list[list[tuple[int, str]]]
"""Any of several conjunctions of (option, Y or N)."""


def _condition(given: Any) -> Condition:
    members = given["members"] if isinstance(given, dict) else [given]
    return [[(int(option), str(value)) for option, value in member] for member in members]


def _holds(condition: Condition, state: str) -> bool:
    return any(all(state[option] == value for option, value in member) for member in condition)


def _moves(
    own: Sequence[int], options: Sequence[tuple[str, str]], states: Sequence[str]
) -> set[tuple[int, int]]:
    """Return moves that change only own options, each in a permitted direction."""
    permitted = {"fwd": {"NY"}, "back": {"YN"}, "both": {"NY", "YN"}}
    others = [k for k in range(len(options)) if k not in own]
    return {
        (i, j)
        for i, a in enumerate(states)
        for j, b in enumerate(states)
        if i != j
        and all(a[k] == b[k] for k in others)
        and all(a[k] == b[k] or a[k] + b[k] in permitted[options[k][1]] for k in own)
    }


def _ranking(
    maker: dict[str, Any], data: dict[str, Any], states: Sequence[str]
) -> list[int | list[int]]:
    typed = maker.get("preferenceRanking", maker.get("preferenceVector"))
    by_hand = data.get("useManualPreferenceRanking", data.get("useManualPreferenceVectors", False))
    if by_hand and typed:
        return [[s - 1 for s in place] if isinstance(place, list) else place - 1 for place in typed]
    statements = [_condition(c) for c in maker["preferences"]]
    score = [
        sum(2.0**-k for k, statement in enumerate(statements) if _holds(statement, state))
        for state in states
    ]
    levels = sorted(set(score), reverse=True)
    tied = [[s for s, value in enumerate(score) if value == level] for level in levels]
    return [place if len(place) > 1 else place[0] for place in tied]


def _text(path: str | os.PathLike[str]) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"there is no file {os.fspath(path)}") from None
    except UnicodeDecodeError:
        raise DataError([Fault(Path(path).name, None, "", "it is no text in UTF-8")]) from None


def _number(file: str, row: int, column: str, cell: str, faults: list[Fault]) -> float | None:
    try:
        return float(cell)
    except ValueError:
        faults.append(Fault(file, row, column, f"'{cell}' is no number", "a number"))
        return None
