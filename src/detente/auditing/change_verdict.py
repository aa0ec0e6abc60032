"""What one lens says of one change, derived once, for the headline, the terminal and the page.

A change has one verdict: wanted by those who decide it or not, somebody less secure or not. It is
*close* where a little would turn it: the draws mostly say otherwise than the point estimate, or
a gain, a loss or the worst harm that decides it is within a factor of two of the tolerance. A
change of which the lens sees nothing has no verdict, which is said instead. A close verdict is
said to be close wherever it is said, with who decides it and by how much.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detente.auditing.verdicts import opposed, side_in_draws
from detente.lenses.naming import in_words
from detente.words import listed, share

if TYPE_CHECKING:
    from detente.results.result import Result

NAMED = 3
"""How many states a sentence names."""

Shift = tuple[str, float, float | None]
"""Code of a state, its change of security, the share of draws with the same sign beyond the
tolerance (None without draws)."""


@dataclass(frozen=True, slots=True)
class ChangeVerdict:
    """What one lens says of one change.

    Attributes
    ----------
    change, lens : str
        The sentence of the change; the name of the lens.
    unit : str
        Of every change of security.
    tolerance : float
        What a gain or a loss must exceed to count, in `unit`.
    defined : bool
        Whether the lens has an answer after the change.
    deciding : tuple of str
        Codes of those who decide the change.
    gains, losses : tuple of Shift
        Who becomes more, and less, secure beyond the tolerance; the greatest first.
    short : tuple of Shift
        Who decides it and does not gain beyond the tolerance, the least first.
    wanted, witness : bool
        Whether nobody who decides it loses and somebody gains; whether it leaves somebody less
        secure besides.
    near : bool
        Whether what decides it lies within a factor of two of the tolerance.
    seen : bool
        Whether the lens sees anything of what the change edits.
    allied_rivals : tuple of str
        Pairs of rivals, such as ``RUS-UKR``, whom it makes allies: no feasible change does.
    opposed : tuple of Shift
        States to which half of the draws or more give the opposite sign of the point estimate,
        with the share of draws that do, the most frequent first.
    often : tuple of (int, int) or None
        How many states are more secure, and less secure, in half of the draws or more; None
        without draws.
    share_wanted, share_harmful, share_witness : float or None
        The same in draws of the parameters, 0 to 1; None without draws.
    """

    change: str
    lens: str
    unit: str
    tolerance: float
    defined: bool
    deciding: tuple[str, ...] = ()
    gains: tuple[Shift, ...] = ()
    losses: tuple[Shift, ...] = ()
    short: tuple[Shift, ...] = ()
    wanted: bool = False
    witness: bool = False
    share_wanted: float | None = None
    share_harmful: float | None = None
    share_witness: float | None = None
    near: bool = False
    seen: bool = True
    allied_rivals: tuple[str, ...] = ()
    opposed: tuple[Shift, ...] = ()
    often: tuple[int, int] | None = None

    @property
    def harmful(self) -> bool:
        """Whether somebody is less secure beyond the tolerance."""
        return bool(self.losses)

    @property
    def close(self) -> bool:
        """Whether a little would turn the verdict."""
        for says, part in ((self.wanted, self.share_wanted), (self.harmful, self.share_harmful)):
            if part is not None and says != (part >= 0.5):
                return True
        least = min((delta for _, delta, _ in self.short), default=None)
        short_by_little = not self.wanted and least is not None and self._near(least)
        return self.defined and self.seen and (self.near or short_by_little)

    def _near(self, delta: float) -> bool:
        """Whether a gain falls short of the tolerance by less than half of it."""
        return self.tolerance / 2 < delta <= self.tolerance

    def wanted_in_words(self) -> str:
        """Return what those who decide it get of it, as a clause."""
        many, gaining = len(self.deciding), len(self.deciding) - len(self.short)
        losing = sum(code in self.deciding for code, _, _ in self.losses)
        if many == 1:
            return (
                "the state that decides it does not gain" if self.short else "who decides it gains"
            )
        if losing:
            return f"{losing} of the {many} that decide it would lose"
        if gaining == 0:
            return f"none of the {many} that decide it would gain"
        if self.short:
            return (
                f"{gaining} of the {many} that decide it gain{'s' * (gaining == 1)} and none loses"
            )
        return f"all {many} that decide it gain"

    def why_close(self, name: Callable[[str], str] = str) -> str:
        """Return what would turn the verdict, as a sentence; empty if it is not close.

        Parameters
        ----------
        name : callable
            Makes a name of the code of a state.
        """
        if not self.close:
            return ""
        parts = []
        near = [shift for shift in self.short if self._near(shift[1])]
        if near and len(near) == len(self.short) and not self.wanted:
            who = [f"{name(code)} gains {delta:.2g}" for code, delta, _ in near[:NAMED]]
            more = f" and {len(near) - NAMED} more" if len(near) > NAMED else ""
            parts.append(f"{listed(who)}{more}, short of the tolerance of {self.tolerance:.2g}")
        elif self.near:
            parts.append(
                "what decides it lies within a factor of two of the tolerance of "
                f"{self.tolerance:.2g}"
            )
        for says, part, words in (
            (self.wanted, self.share_wanted, "those who decide it want it"),
            (self.harmful, self.share_harmful, "somebody is less secure"),
        ):
            if part is not None and says != (part >= 0.5):
                parts.append(f"{words} in {100 * part:.0f} % of draws")
        return f"This is close: {'; '.join(parts)}."

    def in_draws(self, name: Callable[[str], str] = str) -> str:
        """Return for whom the default parameters say the opposite of most draws; empty if for none.

        Parameters
        ----------
        name : callable
            Makes a name of the code of a state.
        """
        if not self.opposed:
            return ""
        who = [
            f"{name(code)} {'gains' if delta > 0 else 'loses'} {abs(delta):.2g} but "
            f"{'loses' if delta > 0 else 'gains'} in {share(part or 0.0)} of draws"
            for code, delta, part in self.opposed[:NAMED]
        ]
        more = len(self.opposed) - NAMED
        also = [f"{more} more state{'s' * (more > 1)} likewise"] if more > 0 else []
        return (
            "The default parameters say the opposite of most draws for "
            f"{len(self.opposed)} state{'s' * (len(self.opposed) > 1)}: {listed([*who, *also])}."
        )

    def told(self, name: Callable[[str], str] = str) -> str:
        """Return the verdict with what makes it close or doubtful, as sentences."""
        said = (f"{self.in_words()}.", self.why_close(name), self.in_draws(name))
        return " ".join(part for part in said if part)

    def conflict(self) -> str:
        """Return that the change makes allies of rivals, as a clause; empty if it does not."""
        if not self.allied_rivals:
            return ""
        one = len(self.allied_rivals) == 1
        return (
            "against the rule of what is feasible it makes allies of "
            f"{listed(self.allied_rivals, NAMED)}, {'who are' if one else 'pairs of'} rivals, and "
            "ends no rivalry; "
        )

    def in_words(self) -> str:
        """Return the verdict in a sentence, codes as they are, without a full stop.

        A conflict with the rule of what is feasible is said before anything else.
        """
        under = f"{self.conflict()}under the lens {in_words(self.lens)}"
        if not self.seen:
            return f"{self.change}: {under} there is no result, for it sees nothing of this change"
        if not self.defined:
            return f"{self.change}: {under} there is no answer after this change"
        return (
            f"{self.change}: {under} {_count(len(self.gains))} more secure and "
            f"{_count(len(self.losses))} less secure by more than the tolerance; "
            f"{self.wanted_in_words()}"
        )

    def word(self) -> str:
        """Return the verdict in as few words as it has."""
        if not self.seen:
            return "not seen by this lens"
        if not self.defined:
            return "no answer"
        if self.wanted:
            return "wanted, at someone's expense" if self.witness else "wanted, nobody pays"
        return "not wanted; it would leave somebody less secure" if self.losses else "not wanted"


def _count(number: int) -> str:
    return {0: "no state is", 1: "1 state is"}.get(number, f"{number} states are")


def change_verdict(audit: Result, change: str | int = 0, lens: str | None = None) -> ChangeVerdict:
    """Return the verdict of one lens on one change of a result.

    Parameters
    ----------
    audit : Result
        The result.
    change : str or int
        The sentence of the change, or its place in the result.
    lens : str, optional
        The lens; the first one by default.

    Raises
    ------
    UnknownName
        If there is no such change, or no such lens.
    ResultError
        If the changes of security were not kept with a saved result.
    """
    data = audit.data
    lens = lens or audit.lenses[0]
    sentence = str(data["change"].values[change]) if isinstance(change, int) else change
    deltas = np.asarray(audit.deltas(sentence, lens).values, dtype=float)
    k = int(np.flatnonzero(data["change"].values.astype(str) == sentence)[0])
    of_lens = data.sel(lens=lens)
    tolerance = float(of_lens["tolerance"])
    unit = audit.settings["lenses"][lens]["unit"]
    codes = data["state"].values.astype(str)
    decides = data["initiator"].values[k]
    deciding = tuple(str(code) for code in codes[decides])
    conflict = tuple(audit.settings.get("conflicts", {}).get(sentence, ()))
    if not bool(of_lens["defined"].values[k]):
        return ChangeVerdict(
            sentence, lens, unit, tolerance, False, deciding, allied_rivals=conflict
        )

    def shifts(chosen: np.ndarray, sign: float) -> tuple[Shift, ...]:
        name = "share_helps" if sign > 0 else "share_harms"
        parts = of_lens[name].values[k] if name in data else None
        order = sorted(np.flatnonzero(chosen), key=lambda i: (-sign * deltas[i], codes[i]))
        return tuple(
            (str(codes[i]), float(deltas[i]), None if parts is None else float(parts[i]))
            for i in order
        )

    def part(name: str) -> float | None:
        value = float(of_lens[name].values[k]) if name in data else float("nan")
        return value if np.isfinite(value) else None

    contrary: tuple[Shift, ...] = ()
    often = None
    if "share_helps" in data:
        won, lost = (of_lens[f"share_{key}"].values[k] for key in ("helps", "harms"))
        apart = np.flatnonzero(opposed(deltas, tolerance, won, lost))
        often_so = np.maximum(won, lost)
        order = sorted(apart, key=lambda i: (-often_so[i], codes[i]))
        contrary = tuple((str(codes[i]), float(deltas[i]), float(often_so[i])) for i in order)
        sides = side_in_draws(won, lost)
        often = (int((sides > 0).sum()), int((sides < 0).sum()))
    return ChangeVerdict(
        change=sentence,
        lens=lens,
        unit=unit,
        tolerance=tolerance,
        defined=True,
        deciding=deciding,
        gains=shifts(deltas > tolerance, 1.0),
        losses=shifts(deltas < -tolerance, -1.0),
        short=tuple(reversed(shifts(decides & ~(deltas > tolerance), 1.0))),
        wanted=bool(of_lens["wanted"].values[k]),
        witness=bool(of_lens["witness"].values[k]),
        share_wanted=part("share_wanted"),
        share_harmful=part("share_harmful"),
        share_witness=part("share_witness"),
        near="close" in of_lens and bool(of_lens["close"].values[k]),
        seen="seen" not in of_lens or bool(of_lens["seen"].values[k]),
        allied_rivals=conflict,
        opposed=contrary,
        often=often,
    )
