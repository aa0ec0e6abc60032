"""Where lenses agree and where they differ: a finding either way.

A lens is one published model. What every lens says does not hang on the assumptions of one;
where they split, the split is traced to what the lenses on either side assume.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats

if TYPE_CHECKING:
    import polars as pl

    from detente.results.result import Result

VERDICTS = ("wanted", "witness")


@dataclass(frozen=True, eq=False)
class Agreement:
    """How far the lenses of an audit agree.

    Attributes
    ----------
    lenses : tuple of str
        The lenses that have an answer.
    rank_correlation : array (l, l)
        Spearman's correlation of the states' securities; NaN where a lens gives all the same.
    same_sign : array (l, l)
        Share of the pairs (change, state) on which both lenses see the same sign, among those
        on which at least one of them sees a gain or a loss; NaN where there is none.
    opposite_sign : array (l, l)
        Share on which one sees a gain and the other a loss, among the same.
    support : dict of str to int array (m,)
        Number of lenses under which each change is wanted, or a witness.
    possible : int array (m,)
        Number of lenses that have an answer after the change.
    """

    audit: Result
    lenses: tuple[str, ...]
    rank_correlation: Floats
    same_sign: Floats
    opposite_sign: Floats
    support: dict[str, NDArray[np.int64]]
    possible: NDArray[np.int64]

    def unanimous(self, verdict: str = "witness") -> list[str]:
        """Return the changes on which every lens says yes."""
        agreed = (self.support[verdict] == self.possible) & (self.possible == len(self.lenses))
        return [str(c) for c in self.audit.data["change"].values[agreed]]

    def split(self, verdict: str = "witness") -> pl.DataFrame:
        """Return the changes on which lenses differ, the evenest split first.

        Columns: change, for and against (lenses, joined by a comma), along (what all on one
        side assume and nobody on the other does; empty if no declared assumption parts them).
        """
        import polars as pl

        data = self.audit.data
        says, changes = data[verdict].values, data["change"].values
        assumptions: dict[tuple[str, ...], str] = {}
        defined = data["defined"].values
        yes = self.support[verdict]
        mixed = np.flatnonzero((yes > 0) & (yes < self.possible))
        mixed = mixed[np.argsort(np.abs(2 * yes[mixed] - self.possible[mixed]), kind="stable")]
        rows = []
        for k in mixed:
            sides: dict[bool, list[str]] = {True: [], False: []}
            for index, lens in enumerate(self.lenses):
                if defined[index, k]:
                    sides[bool(says[index, k])].append(lens)
            camps = tuple(", ".join(sides[side]) for side in (True, False))
            if camps not in assumptions:
                assumptions[camps] = "; ".join(self.along(sides[True], sides[False]))
            rows.append((str(changes[k]), *camps, assumptions[camps]))
        return pl.DataFrame(
            rows,
            schema=dict.fromkeys(("change", "for", "against", "along"), pl.String),
            orient="row",
        )

    def along(self, one: list[str], other: list[str]) -> list[str]:
        """Return the assumptions that part two groups of lenses, as sentences."""
        return [
            f"{name}: {theirs} against {rest}" for name, theirs, rest in self.parting(one, other)
        ]

    def parting(self, one: list[str], other: list[str]) -> list[tuple[str, str, str]]:
        """Return the assumptions that part two groups: name, what the one and the other assume."""
        described = self.audit.settings["lenses"]
        partings = []
        names = {name for lens in (*one, *other) for name in described[lens]["assumptions"]}
        for name in sorted(names):
            first = {described[lens]["assumptions"].get(name) for lens in one}
            theirs = {described[lens]["assumptions"].get(name) for lens in other}
            if None not in first | theirs and not first & theirs:
                partings.append((name, _either(first), _either(theirs)))
        return partings

    def signs(self, change: str) -> pl.DataFrame:
        """Return what each lens says of each state under one change.

        Columns: state, then one a lens with ``+``, ``-`` or ``0``, and ``LENS_share`` with the
        share of draws in which that sign holds, where draws were made.
        """
        import polars as pl

        data = self.audit.data.sel(change=change)
        columns: dict[str, Any] = {"state": data["state"].values.astype(str)}
        for lens in self.lenses:
            sign = _signs(self.audit, lens, change)
            columns[lens] = np.array(["-", "0", "+"])[sign + 1]
            if "share_harms" in data:
                lost = data["share_harms"].sel(lens=lens).values
                won = data["share_helps"].sel(lens=lens).values
                columns[f"{lens}_share"] = np.select(
                    [sign < 0, sign > 0], [lost, won], 1 - lost - won
                )
        return pl.DataFrame(columns)


def _either(values: set[Any]) -> str:
    return " or ".join(sorted(str(value) for value in values))


def _signs(audit: Result, lens: str, change: str) -> NDArray[np.int64]:
    deltas = audit.deltas(change, lens).values
    tol = float(audit.data["tolerance"].sel(lens=lens))
    sign: NDArray[np.int64] = (deltas > tol).astype(np.int64) - (deltas < -tol).astype(np.int64)
    return sign


def ranks(values: Floats) -> Floats:
    """Return the rank of each number, 1 the least; what differs by rounding only shares a rank."""
    import polars as pl

    return pl.Series(np.round(values, 12)).rank("average").to_numpy()


def agreement(audit: Result) -> Agreement:
    """Compare the lenses of an audit: ranks of the states, signs of the deltas, verdicts."""
    data = audit.data
    lenses = tuple(audit.lenses)
    count = len(lenses)
    places = [ranks(row) for row in data["security"].values]
    correlation = np.full((count, count), np.nan)
    same, opposite = np.full((count, count), np.nan), np.full((count, count), np.nan)
    signs: list[NDArray[np.int8]] | None = None
    if "delta" in data:
        tol = data["tolerance"].values[:, None, None]
        delta = np.nan_to_num(data["delta"].values)
        signs = list((delta > tol).astype(np.int8) - (delta < -tol).astype(np.int8))
    for a in range(count):
        for b in range(count):
            if np.ptp(places[a]) > 0 and np.ptp(places[b]) > 0:
                correlation[a, b] = np.corrcoef(places[a], places[b])[0, 1]
            if signs is not None:
                moved = (signs[a] != 0) | (signs[b] != 0)
                if moved.any():
                    same[a, b] = float((signs[a] == signs[b])[moved].mean())
                    opposite[a, b] = float((signs[a] * signs[b] < 0)[moved].mean())
    return Agreement(
        audit=audit,
        lenses=lenses,
        rank_correlation=correlation,
        same_sign=same,
        opposite_sign=opposite,
        support={verdict: data[verdict].values.sum(axis=0) for verdict in VERDICTS},
        possible=data["defined"].values.sum(axis=0),
    )
