"""From what a person types to the code that is meant: names, other names, spellings.

Nothing is guessed: a text is the code, the name or a listed other name of one thing, whatever
its case, accents, hyphens and article, or it is unknown and the error says what comes near.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from detente.errors import UnknownName

SHORT = 2
"""Texts up to this length are too short to guess at: two letters are near to many codes."""


def plain(text: str) -> str:
    """Return a name without what spellings differ in: case, accents, article, hyphens, s and z."""
    bare = unicodedata.normalize("NFKD", text.strip()).casefold()
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter))
    bare = re.sub(r"[\u2018\u2019']", "", bare).replace("organization", "organisation")
    bare = re.sub(r"[\s_\-\u2010-\u2015]+", " ", bare).replace("co operation", "cooperation")
    return re.sub(r"^the ", "", bare).strip(' ."“”„«»')


@cache
def aliases(what: str) -> Mapping[str, tuple[str, ...]]:
    """Return other names of states or organisations, plain, with the codes that they may mean."""
    text = files("detente.architecture").joinpath("aliases.csv").read_text(encoding="utf-8")
    return {
        plain(row["alias"]): tuple(row["codes"].split(";"))
        for row in csv.DictReader(text.splitlines())
        if row["what"] == what
    }


@cache
def names_with_and() -> tuple[tuple[str, str], ...]:
    """Return names of states that hold the word "and", with a code, the longest first."""
    text = files("detente.architecture").joinpath("aliases.csv").read_text(encoding="utf-8")
    rows = [r for r in csv.DictReader(text.splitlines()) if " and " in r["alias"]]
    pairs = [(r["alias"], r["codes"].split(";")[0]) for r in rows if r["what"] == "state"]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def code_of(
    what: str, text: str, named: Mapping[str, str], hint: str, others: Iterable[str] = ()
) -> str:
    """Return the code that a text means.

    Parameters
    ----------
    what : {"state", "organisation"}
        What is named.
    text : str
        As typed.
    named : mapping of str to str
        Name by code.
    hint : str
        Where to find the codes.
    others : iterable of str
        Further texts to suggest.

    Raises
    ------
    UnknownName
        If nothing of that name is there; says what was probably meant.
    """
    if text in named:
        return text
    meant = plain(text)
    codes = {plain(code): code for code in named}
    if meant in codes:
        return codes[meant]
    for code, name in named.items():
        if plain(name) == meant:
            return code
    for code in aliases(what).get(meant, ()):
        if code in named:
            return code
    guessable = len(meant) > SHORT and meant not in aliases(what)
    names = [name for name in named.values() if plain(name) not in codes]
    known = [*named, *names, *others] if guessable else []
    raise UnknownName(what, text, known, hint)
