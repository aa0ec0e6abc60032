"""Recomputing the published numbers, and the verdict on each."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from detente.errors import MissingData, UnknownName
from detente.reproduce.cases import INDEPENDENT, Case, cases
from detente.reproduce.values import Value, Values, compare, shown

NO_ANSWER = "no answer"
"""Verdict where our code gave none; the reason stands beside it."""
NOT_HERE = "not here"
"""Verdict where what the user has to bring is not there: nothing was tried."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A published number beside ours.

    Attributes
    ----------
    case : Case
        The published number and what is claimed of it.
    ours : str
        Our value as text; empty if there is none.
    value : Value or None
        The same as computed.
    difference : float or None
        Ours minus the published value, of several numbers the one farthest off; None if it is
        not a number.
    verdict : str
        ``"reproduces"``, ``"brackets"``, ``"differs"``, ``"no answer"`` or ``"not here"``.
    reason : str
        Why ours differs or there is no answer; empty if neither.
    """

    case: Case
    ours: str
    value: Value | None
    difference: float | None
    verdict: str
    reason: str

    @property
    def claimed(self) -> bool:
        """Whether detente claims to reproduce or bracket the number."""
        return self.case.claim != "differs"

    @property
    def holds(self) -> bool:
        """Whether the claim is met; where none is made, always."""
        return not self.claimed or self.verdict in (self.case.claim, NOT_HERE)

    @property
    def evidence(self) -> bool:
        """Whether it is a printed number that our code makes of inputs not chosen to match it."""
        return (
            self.verdict == "reproduces"
            and self.case.origin == "P"
            and self.case.basis == INDEPENDENT
        )

    def row(self) -> dict[str, Any]:
        """Return it as a row of a table, all fields as text or numbers."""
        return {
            **asdict(self.case),
            "ours": self.ours,
            "difference": self.difference,
            "verdict": self.verdict,
            "holds": self.holds,
            "reason": self.reason,
        }


def outcomes(lenses: Iterable[str] = ()) -> tuple[Outcome, ...]:
    """Recompute the published numbers of the given lenses, or of all.

    Nothing is kept from one call to the next. A value that cannot be computed does not stop the
    others: its verdict is ``"no answer"``.

    Parameters
    ----------
    lenses : iterable of str
        Keys of lenses; all if empty.

    Raises
    ------
    UnknownName
        If there are no published numbers for a lens.
    """
    every = cases()
    lens_keys = list(dict.fromkeys(case.lens for case in every))
    wanted = list(dict.fromkeys(lenses)) or lens_keys
    for lens in wanted:
        if lens not in lens_keys:
            raise UnknownName("lens with published numbers", lens, lens_keys)
    recomputations = []
    for lens in lens_keys:
        if lens in wanted:
            values = recomputed(lens)
            recomputations += [_outcome(case, values) for case in every if case.lens == lens]
    return tuple(recomputations)


def recomputed(lens: str) -> dict[str, Value | Exception]:
    """Return what our code gives for a lens, by ``lens.group.name``.

    A group that fails leaves its exception under ``lens.group``.
    """
    module = importlib.import_module(f"detente.reproduce.{lens}")
    groups: Mapping[str, Callable[[], Values]] = module.GROUPS
    values: dict[str, Value | Exception] = {}
    for group, compute in groups.items():
        try:
            computed = compute()
        except Exception as error:  # any fault of one group becomes the verdict on its numbers
            values[f"{lens}.{group}"] = error
        else:
            values |= {f"{lens}.{group}.{name}": value for name, value in computed.items()}
    return values


def _outcome(case: Case, values: Mapping[str, Value | Exception]) -> Outcome:
    value = values.get(case.value, values.get(case.value.rpartition(".")[0]))
    if value is None or isinstance(value, Exception):
        if isinstance(value, MissingData):
            return Outcome(case, "", None, None, NOT_HERE, str(value))
        what = "no function computes it" if value is None else f"{type(value).__name__}: {value}"
        return Outcome(case, "", None, None, NO_ANSWER, what)
    comparison = compare(case.published, value, case.tolerance)
    if not comparison.within:
        verdict = "differs"
    else:
        verdict = "brackets" if case.tolerance == "contains" else "reproduces"
    reason = ""
    if verdict == "differs":
        reason = case.note if case.claim == "differs" else "not explained: it should not differ"
    return Outcome(
        case, shown(value, case.published), value, comparison.difference, verdict, reason
    )
