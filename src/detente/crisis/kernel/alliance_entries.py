"""Who is called into whose war, against whom: the entries of a simulation, summed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detente.results.result import Result


@dataclass(frozen=True, slots=True)
class Called:
    """Who enters for one side.

    Attributes
    ----------
    side : str
        The side whose war draws others in on its part.
    enters : dict of str to float
        Entries a course of each of them, allies or others with a quarrel with the foe, over all
        foes; the most frequent first. A state may enter twice in a course, against two foes: the
        number is a mean and no probability.
    against : dict of str to tuple of (str, float, float)
        For each foe, the most often fought first: how often the state that comes most often
        enters, as a share of the courses with its standard error, and which state that is.
    """

    side: str
    enters: dict[str, float]
    against: dict[str, tuple[str, float, float]]

    @property
    def total(self) -> float:
        """Entries a course, of all allies together."""
        return sum(self.enters.values())


def called(run: Result) -> list[Called]:
    """Return who enters for whom against whom, those with the most entries first.

    All entries of the run are summed before anything is chosen or ordered.
    """
    enters: dict[str, dict[str, float]] = {}
    against: dict[str, dict[str, list[tuple[str, float, float]]]] = {}
    for row in run.entries().iter_rows(named=True):
        foe = other(row["opens"], row["enters"])
        side = other(row["war"], foe)
        side_entries = enters.setdefault(side, {})
        side_entries[row["enters"]] = side_entries.get(row["enters"], 0.0) + row["probability"]
        one = (row["enters"], row["probability"], row["error"])
        against.setdefault(side, {}).setdefault(foe, []).append(one)
    callers = [
        Called(
            side,
            dict(sorted(who.items(), key=lambda item: (-item[1], item[0]))),
            {
                foe: max(entries, key=lambda entry: entry[1])
                for foe, entries in sorted(
                    against[side].items(), key=lambda item: (-_sum(item[1]), item[0])
                )
            },
        )
        for side, who in enters.items()
    ]
    return sorted(callers, key=lambda c: (-c.total, c.side))


def other(dyad: str, side: str) -> str:
    """Return the other side of a dyad such as RUS-USA."""
    first, _, second = dyad.partition("-")
    return second if first == side else first


def _sum(entries: Sequence[tuple[str, float, float]]) -> float:
    return sum(probability for _, probability, _ in entries)
