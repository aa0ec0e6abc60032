"""Whom a word names: states and other actors, by name, demonym, capital and seat of government."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from detente.evidence.testimony.branching import quickened
from detente.evidence.testimony.grammar.lexicon import names_of_the_world

if TYPE_CHECKING:
    from detente.architecture.value import Architecture


def folded(text: str) -> str:
    """Return a text without accents, of the same length, for comparing names."""
    if text.isascii():
        return text
    letters = []
    for letter in text:
        base = unicodedata.normalize("NFD", letter)[0]
        letters.append("'" if base in "’ʼ" else base)
    return "".join(letters)


_SEATED = frozenset({"EU"})
"""Organisations that are called by the capital in which they sit."""
_BODIES = frozenset({"ICC", "SCO", "CIS", "OAS", "GCC", "IMF", "WTO", "WHO"})
"""Codes of three letters that are no state's."""
_COMMON = frozenset({"Security Council", "General Assembly"})
"""Names of organs that states have too: the Halvern Security Council."""
_OWNED = re.compile(r"(?<![\w.])(?!UN |U\.N\.? |The |Nations )[A-Z][\w'-]+ $")
LONG, MOST = 200, 50_000
"""Longest text, and most of them, for which the answer is kept."""


class Gazetteer:
    """Names and the codes that they stand for.

    Parameters
    ----------
    names : mapping of str to sequence of str
        Codes of each name; a contested place may have several.
    """

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        self.codes = {folded(name): tuple(codes) for name, codes in names.items() if name}
        alternatives = sorted(self.codes, key=len, reverse=True)
        body = "|".join(re.escape(name).replace(r"\ ", r"[\s\u00a0]+") for name in alternatives)
        self._seen: dict[str, tuple[str, ...]] = {}
        whole = rf"(?<![\w])(?:{body})(?![\w])"
        self.pattern = quickened(re.compile(whole)) if alternatives else None

    def is_state(self, code: str) -> bool:
        """Say whether a code is that of a state: neither an organisation's nor a group's."""
        return len(code) == 3 and code not in _BODIES

    def find(self, text: str) -> list[tuple[int, int, tuple[str, ...]]]:
        """Return start, end and codes of every name in a text."""
        if self.pattern is None:
            return []
        plain = folded(text)
        hits = []
        for match in self.pattern.finditer(plain):
            name = re.sub(r"\s+", " ", match.group())
            if name in _COMMON and _OWNED.search(plain[: match.start()][-30:]):
                continue
            hits.append((match.start(), match.end(), self.codes[name]))
        return hits

    def codes_in(self, text: str) -> list[str]:
        """Return the codes of all names in a text, in order, each once."""
        kept = self._seen.get(text)
        if kept is None:
            hits = self.find(text)
            kept = tuple(dict.fromkeys(code for _, _, codes in hits for code in codes))
            if len(text) < LONG and len(self._seen) < MOST:
                self._seen[text] = kept
        return list(kept)


def gazetteer(g: Architecture | None = None) -> Gazetteer:
    """Return the names of a scenario's states and actors, or those of the world without one.

    To a scenario's own names and capitals come the other names in use of the same codes:
    demonyms, seats of government, transliterations. A place that is contested stands for all
    of its claimants.
    """
    names: dict[str, list[str]] = {}

    def add(name: str, code: str) -> None:
        if len(name) > 1 and code not in names.setdefault(name, []):
            names[name].append(code)

    codes_in_use: set[str] | None = None
    if g is not None:
        tables = g.tables
        states, actors = tables["states"], tables["actors"]
        codes_in_use = {
            *states["state"],
            *actors["actor"],
            *tables["organisations"]["organisation"],
        }
        for code, name, capital in states.select("state", "name", "capital").iter_rows():
            add(name, code)
            if capital:
                add(capital, code)
        for code, name in actors.select("actor", "name").iter_rows():
            if code not in {"UNK", "ALL", "MEDIA", "OSINT"}:
                add(re.sub(r"\s*\(.*?\)|[\"“”]", "", name), code)
        for code, name in tables["organisations"].select("organisation", "name").iter_rows():
            add(name, code)
            add(code, code)
        for name, claimant in tables["contested"].select("name", "claimant").iter_rows():
            for part in re.split(r",\s*|\s+and\s+|\s+regions?$", name):
                for word in _with_adjective(part.strip()):
                    add(word, claimant)
    for name, code in names_of_the_world():
        if codes_in_use is None or code in codes_in_use:
            add(name, code)
    seats = {name: code for name, code in names_of_the_world() if code in _SEATED}
    for name, code in seats.items():
        # Brussels speaks for the union whose seat it is rather than for the state around it.
        if code in names.get(name, ()):
            names[name] = [code]
    return Gazetteer(names)


def _with_adjective(place: str) -> list[str]:
    if not place or not place[0].isupper():
        return []
    return [place, place + "n"] if place.endswith("a") else [place]
