"""The ladder: the rungs of escalation, and where other scales stand on it.

The standard ladder is the hostility scale of the Militarized Interstate Disputes (Jones, Bremer
& Singer 1996), 0 to 5. Rungs 0 and 1 are peace, 5 is war, and 2 to 4 are neither: betweenness.
Coarser and finer ladders map onto it.
"""

from __future__ import annotations

import csv
import json
import os
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from detente.errors import DataError, Fault, UnknownName, UsageError

PEACE = (0, 1)
"""Rungs of the standard ladder without a militarised act."""
BETWEENNESS = (2, 3, 4)
"""Rungs of the standard ladder that are neither peace nor war."""
WAR = 5
"""The highest rung of the standard ladder."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """A scale of escalation whose rungs stand on those of the standard ladder.

    Attributes
    ----------
    name : str
        What it is called.
    rungs : tuple of str
        Names of its rungs, the lowest first.
    standard : tuple of int
        For each rung, the rung of the standard ladder (0..5); it never falls on the way up,
        except where `ordered` is False.
    source : str
        Citation.
    ordered : bool
        Whether a higher rung never stands on a lower rung of the standard ladder. Kahn's is
        not: he puts the breaking of relations above acts of violence.
    """

    name: str
    rungs: tuple[str, ...]
    standard: tuple[int, ...]
    source: str
    ordered: bool = True

    def __post_init__(self) -> None:
        if not self.rungs or len(self.rungs) != len(self.standard):
            raise UsageError(f"ladder {self.name}: every rung needs its place on the standard one")
        if any(not 0 <= rung <= WAR for rung in self.standard):
            raise UsageError(f"ladder {self.name}: places on the standard ladder run from 0 to 5")
        if self.ordered and list(self.standard) != sorted(self.standard):
            raise UsageError(f"ladder {self.name}: a higher rung stands on a lower standard one")

    def __len__(self) -> int:
        return len(self.rungs)

    def to_standard(self, rung: int) -> int:
        """Return the rung of the standard ladder for a rung of this one, counted from 0."""
        if not 0 <= rung < len(self.rungs):
            raise UsageError(f"ladder {self.name} has rungs 0 to {len(self.rungs) - 1}, not {rung}")
        return self.standard[rung]

    def position(self, name: str) -> int:
        """Return the rung of that name, counted from 0."""
        if name not in self.rungs:
            raise UnknownName(f"rung of ladder {self.name}", name, self.rungs)
        return self.rungs.index(name)


STANDARD = Ladder(
    name="MID hostility",
    rungs=(
        "none",
        "no militarized action",
        "threat of force",
        "display of force",
        "use of force",
        "war",
    ),
    standard=(0, 1, 2, 3, 4, 5),
    source="Jones, Bremer & Singer (1996), Conflict Management and Peace Science 15(2), 163-213",
)


@cache
def kahn() -> Ladder:
    """Return Kahn's ladder of forty-four rungs; its places on the standard one are a convention.

    His rung k is rung k - 1 here, since all ladders count from 0.
    """
    rows = table("kahn")
    return Ladder(
        name="Kahn",
        rungs=tuple(row["name"] for row in rows),
        standard=tuple(int(row["rung_on_standard"]) for row in rows),
        source="Kahn (1965), On Escalation, Praeger, p. 39",
        ordered=False,
    )


def kahn_thresholds() -> dict[str, int]:
    """Return Kahn's six thresholds by name, each with his last rung below it, 1 to 44."""
    return {
        row["threshold_above_group"]: int(row["rung"])
        for row in table("kahn")
        if row["threshold_above_group"]
    }


def user_ladder(name: str, rungs: dict[str, int], source: str = "user") -> Ladder:
    """Return a ladder of one's own.

    Parameters
    ----------
    name : str
        What it is called.
    rungs : dict of str to int
        Its rungs from the lowest, each with its rung on the standard ladder.
    source : str
        Where it comes from.

    Examples
    --------
    >>> user_ladder("three", {"peace": 0, "crisis": 3, "war": 5}).to_standard(1)
    3
    """
    return Ladder(name, tuple(rungs), tuple(rungs.values()), source)


def read_ladder(path: str | os.PathLike[str]) -> Ladder:
    """Read a ladder of one's own: a JSON object of rungs, the lowest first.

    Raises
    ------
    DataError
        If the file cannot be read or is no such object.
    UsageError
        If its places on the standard ladder make no sense.
    """
    source = Path(path)
    try:
        rungs = json.loads(source.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError([Fault(source.name, None, "", f"cannot be read ({error})")]) from error
    places = rungs.values() if isinstance(rungs, dict) else [None]
    if not all(isinstance(k, int) and not isinstance(k, bool) for k in places):
        wanted = 'Wanted: {"peace": 0, "crisis": 3, "war": 5}, from the lowest.'
        raise DataError([Fault(source.name, None, "", "holds no ladder.", wanted)])
    return user_ladder(source.stem, rungs, source.name)


def rung_of_mid_action(code: int) -> int:
    """Return the rung of a MID action code, 0 to 21."""
    rungs = {int(row["code"]): int(row["rung"]) for row in table("mid_actions")}
    if code not in rungs:
        raise UnknownName("MID action code", str(code), map(str, rungs))
    return rungs[code]


def rung_of_cameo(code: str) -> int:
    """Return the rung of a CAMEO code; the longest prefix in the table decides.

    An event is never a war: the highest rung it can have is 4.
    """
    rungs = {row["prefix"]: int(row["rung"]) for row in table("cameo_rungs")}
    for length in range(len(code), 1, -1):
        if code[:length] in rungs:
            return rungs[code[:length]]
    raise UnknownName("CAMEO code", code, rungs, "Codes are text: keep the leading zero.")


def goldstein(code: str) -> float:
    """Return the Goldstein score of a CAMEO code, -10 the most conflictual."""
    scores = {row["code"]: row["goldstein"] for row in table("goldstein_cameo")}
    if code not in scores:
        raise UnknownName("CAMEO code", code, scores, "Codes are text: keep the leading zero.")
    return float(scores[code])


def rung_of_goldstein(score: float) -> int:
    """Return the rung of a Goldstein score, by the cuts in ``goldstein_cuts.csv``.

    Coarse: the scores of protest and of coercion without arms lie among those of threats and
    displays. Where the code itself is known, `rung_of_cameo` is better.
    """
    if not -10 <= score <= 10:
        raise UsageError(f"a Goldstein score lies between -10 and 10, not {score:g}")
    if score >= 0:
        return 0
    return max(
        int(row["rung"]) for row in table("goldstein_cuts") if score <= float(row["at_most"])
    )


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a small table of this room."""
    text = (files("detente.crisis") / "data" / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
