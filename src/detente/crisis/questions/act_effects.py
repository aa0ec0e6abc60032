"""What single acts do to an outcome, and the one sentence that is said of all of them.

An act is told from doing nothing where its difference is more than two standard errors of the
paired replicas; two acts are told from one another likewise. Text, page and picture take their
headline from here, which looks at every act.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detente.words import listed

if TYPE_CHECKING:
    from detente.architecture.system import Floats
    from detente.results.result import Result

CLEAR = 2.0
"""Standard errors beyond which a difference is told from none."""
WORDS = {
    "war": "the chance of a new war",
    "wars": "the number of wars",
    "states": "the number of states newly at war",
}
"""What an act may change, in words."""


@dataclass(frozen=True, eq=False)
class ActEffects:
    """How the acts of an answer differ from doing nothing in one outcome.

    Attributes
    ----------
    words : str
        The outcome.
    mean, error : arrays (acts,)
        Differences from doing nothing and their standard errors, in the outcome's unit; in the
        order of the answer, which is from the most to the least helpful estimate.
    near : bool array (acts,)
        Which acts are not told from the first by the outcome that ranks them.
    """

    words: str
    mean: Floats
    error: Floats
    near: Sequence[bool]

    def clear(self, k: int) -> bool:
        """Whether an act is told from doing nothing."""
        return abs(float(self.mean[k])) > CLEAR * float(self.error[k])

    @property
    def lowering(self) -> list[int]:
        """The acts that lower the outcome by more than could be chance."""
        return [k for k in range(len(self.mean)) if self.mean[k] < 0 and self.clear(k)]

    @property
    def raising(self) -> list[int]:
        """The acts that raise it by more than could be chance."""
        return [k for k in range(len(self.mean)) if self.mean[k] > 0 and self.clear(k)]

    @property
    def leaders(self) -> list[int]:
        """The acts that lower it for certain and are not told from the first estimate."""
        return [k for k in self.lowering if self.near[k]] or self.lowering[:1]

    def headline(self, names: Sequence[str]) -> str:
        """Return what the acts do to the outcome, derived from all of them."""
        lowering, leaders, raising = self.lowering, self.leaders, self.raising
        if not lowering:
            text = f"None of these acts lowers {self.words} by more than could be chance"
        elif len(leaders) == 1 and (self.near[leaders[0]] and leaders[0] == 0):
            text = f"{names[leaders[0]]} lowers {self.words} most"
        elif len(leaders) == 1:
            text = f"{names[leaders[0]]} lowers {self.words}"
        else:
            text = (
                f"{listed([names[k] for k in leaders], 4)} lower {self.words} most, and cannot be "
                "told apart by this simulation"
            )
        others = [names[k] for k in lowering if k not in leaders]
        if others:
            text += f"; {listed(others, 4)} lower{'s' if len(others) == 1 else ''} it too"
        vague = list(range(lowering[0])) if lowering else []
        if vague:
            text += (
                f"; {listed([names[k] for k in vague], 4)} may lower it more, but cannot be told "
                "from doing nothing"
            )
        if raising:
            them = listed([names[k] for k in raising], 4)
            text += f"; {them} raise{'s' if len(raising) == 1 else ''} it"
        return f"{text}."


def effects_of(result: Result, outcome: str = "") -> ActEffects:
    """Return what the acts of an answer of `intervene` do to an outcome.

    By default the outcome that its acts are ranked by.
    """
    data = result.data
    chosen = outcome or str(result.settings["outcome"])
    prefix = "" if chosen == "war" else f"{chosen}_"
    near = data["behind"].values <= CLEAR * data["behind_error"].values
    return ActEffects(
        WORDS[chosen],
        np.asarray(data[f"{prefix}difference"].values, dtype=float),
        np.asarray(data[f"{prefix}difference_error"].values, dtype=float),
        near.tolist(),
    )


def headline(result: Result, names: Sequence[str] = ()) -> str:
    """Return what the acts do: to the outcome that ranks them, and to the others if they differ.

    Parameters
    ----------
    result : Result
        Of `intervene`.
    names : sequence of str, optional
        The acts in other words, such as with the names of states.
    """
    names = names or [str(act) for act in result.data["act"].values]
    chosen = str(result.settings["outcome"])
    ranked = effects_of(result)
    lines = [ranked.headline(names)]
    for outcome in WORDS:
        effects = effects_of(result, outcome)
        if outcome != chosen and {*effects.lowering} - {*ranked.lowering}:
            them = [names[k] for k in effects.lowering if k not in ranked.lowering]
            verb = "lowers" if len(them) == 1 else "lower"
            lines.append(f"{listed(them, 4)} {verb} {effects.words}.")
    return " ".join(lines)
