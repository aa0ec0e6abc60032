"""Words and numbers for the reader: names with codes, signed numbers, lists, shares.

Every room writes them with these; nothing here knows of states or files.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

MINUS = "\N{MINUS SIGN}"


def number(value: float, digits: int = 3) -> str:
    """Return a number with so many significant digits, never with an exponent, or "no answer"."""
    if not math.isfinite(value):
        return "no answer" if math.isnan(value) else ("∞" if value > 0 else f"{MINUS}∞")
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(places, 12)}f}".replace("-", MINUS)


def exact(value: float) -> str:
    """Return a number as it was set, without digits that say nothing."""
    text = number(value, 6)
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed(value: float, digits: int = 2) -> str:
    """Return a change with its sign: what is gained or lost."""
    text = number(value, digits)
    return f"+{text}" if value > 0 else text


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(parts: Sequence[str], most: int = 0, *, last: str = "and") -> str:
    """Return parts as a list in a sentence; beyond `most` they are counted, not named."""
    if most and len(parts) > most:
        return ", ".join(parts[:most]) + f" and {len(parts) - most:,} more"
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + f" {last} " + parts[-1]


def listed_at(codes: Sequence[str], places: Iterable[int]) -> str:
    """Return the codes at some places as a list in a sentence."""
    return listed([codes[int(k)] for k in places])


def share(value: float) -> str:
    """Return a share as per cent, never rounded to certainty."""
    percent = 100 * value
    if 0 < percent < 1:
        return "< 1 %"
    if 99 < percent < 100:
        return "> 99 %"
    return f"{percent:.0f} %"


def fraction(value: float) -> str:
    """Return a share with two decimals, never rounded to none or all."""
    if 0 < value < 0.005:
        return "< 0.01"
    if 0.995 <= value < 1:
        return "> 0.99"
    return f"{value:.2f}"


def pair_name(dyad: str, names: Mapping[str, str]) -> str:
    """Return a dyad such as CHN-USA in words: China – United States."""
    return " – ".join(names.get(code, code) for code in dyad.split("-"))


_ARTICLE_BY_END = {
    "Bahamas", "Comoros", "Emirates", "Empire", "Federation", "Gambia", "Islands", "Kingdom",
    "Maldives", "Netherlands", "Philippines", "Republic", "See", "Sicilies", "States", "Union",
}  # fmt: skip
_OF_A_FORM = re.compile(r"\b(Republic|Kingdom|Union|States|Emirates) of\b")


def in_sentence(name: str, *, begins: bool = False) -> str:
    """Return the name of a state as a sentence names it, with the article that English asks for.

    Plural names, and those that say what form of state it is, take one: the United States, the
    Netherlands, the Republic of Moldova; Estonia, South Sudan and New Zealand do not.

    Parameters
    ----------
    name : str
        The name, with or without the code behind it in brackets.
    begins : bool
        Whether it begins the sentence.
    """
    bare = name.split(" (")[0].strip()
    last = bare.rsplit(" ", 1)[-1]
    if bare.casefold().startswith("the ") or not (
        last in _ARTICLE_BY_END or _OF_A_FORM.search(bare)
    ):
        return name
    return f"{'The' if begins else 'the'} {name}"


def between(low: float | None, high: float | None, digits: int = 2) -> str:
    """Return an interval; empty if there is none."""
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return ""
    return f"{number(low, digits)} to {number(high, digits)}"


def _one_line(name: str) -> str:
    """Replace what is not printable by spaces: a chart's axis cannot hold a line break."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())


class Names:
    """Names of the states, the organisations and other actors by their codes.

    Parameters
    ----------
    states, organisations : mapping of str to str
        Name by code.
    actors : mapping of str to str, optional
        Of others who hold positions, such as de facto entities; no change speaks of them, so
        `sentence` leaves their codes alone.
    """

    def __init__(
        self,
        states: Mapping[str, str],
        organisations: Mapping[str, str],
        actors: Mapping[str, str] | None = None,
    ) -> None:
        self.states = {code: _one_line(name) for code, name in states.items()}
        self.organisations = {code: _one_line(name) for code, name in organisations.items()}
        self.actors = {code: _one_line(name) for code, name in (actors or {}).items()}
        known = sorted({*self.states, *self.organisations}, key=len, reverse=True)
        self._codes = (
            re.compile(r"(?<![\w])(" + "|".join(map(re.escape, known)) + r")(?![\w])")
            if known
            else None
        )

    def full(self, code: str) -> str:
        """Return the name with the code behind it in brackets."""
        name = self.states.get(code) or self.organisations.get(code) or self.actors.get(code)
        return f"{name} ({code})" if name and name != code else code

    def short(self, code: str) -> str:
        """Return the name without the code, for the second time a state is named."""
        return self.states.get(code, code)

    def sentence(self, change: str) -> str:
        """Return the sentence of a change with names before all codes."""
        if self._codes is None:
            return change
        return self._codes.sub(lambda found: self.full(found[1]), change)
