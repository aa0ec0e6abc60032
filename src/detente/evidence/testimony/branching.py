"""Alternatives of a pattern sorted by the letter they begin with, so that few are tried.

Python's `re` tries the alternatives of a pattern one by one at every place, hundreds of them
where case does not matter. Behind a look at the next letter only those that begin with it are
left; in their old order, so that what matches is what matched before.
"""

from __future__ import annotations

import re

_LEAD = re.compile(r"(?:\\b|\(\?<[!=](?:\[[^\]]*\]|[^()\[\]])*\))*")
"""What takes no room: the edge of a word, a look back."""
_ANY_SET = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
_CHARSET = re.compile(r"\[([^\]^\\-]+)\]")
_REPEATED = ("?", "*", "{")


def quickened(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """Return a pattern that matches what another does, and looks at less on the way.

    Alternatives are those of the whole pattern, or of the one group in which all of it stands.
    """
    source, any_case = pattern.pattern, bool(pattern.flags & re.I)
    lead = _LEAD.match(source)
    start = lead.end() if lead else 0
    if source.startswith("(?:", start) and len(_alternatives(source)) == 1:
        close = start + next(k for k in _outside(source[start:])[1:])
        inner = by_first_letter(source[start + 3 : close], any_case=any_case)
        return re.compile(f"{source[:start]}(?:{inner}){source[close + 1 :]}", pattern.flags)
    return re.compile(by_first_letter(source, any_case=any_case), pattern.flags)


def by_first_letter(body: str, *, any_case: bool = False) -> str:
    """Return alternatives, as ``a|b|c``, each behind a look at its first letter.

    Those that may begin with anything are tried at every place, as before.
    """
    branches = [(branch, _first_letters(branch)) for branch in _alternatives(body)]
    if any_case:
        branches = [(b, f and frozenset(letter.lower() for letter in f)) for b, f in branches]
    letters = {letter for _, first in branches for letter in first or ()}
    groups = []
    for letter in sorted(letters):
        left = [branch for branch, first in branches if first is None or letter in first]
        groups.append(f"(?={re.escape(letter)})(?:{'|'.join(left)})")
    return "|".join([*groups, *(branch for branch, first in branches if first is None)])


def _alternatives(body: str) -> list[str]:
    """Cut at every bar that stands in no bracket."""
    branches, at = [], 0
    for place in _outside(body):
        if body[place] == "|":
            branches.append(body[at:place])
            at = place + 1
    return [*branches, body[at:]]


def _outside(body: str) -> list[int]:
    """Return the places that stand in no group and no set of characters."""
    places, depth, i = [], 0, 0
    while i < len(body):
        charset = _ANY_SET.match(body, i)
        if charset:
            i = charset.end()
            continue
        if body[i] == "\\":
            i += 2
            continue
        depth -= body[i] == ")"
        if depth == 0:
            places.append(i)
        depth += body[i] == "("
        i += 1
    return places


def _first_letters(branch: str) -> frozenset[str] | None:
    """Return the letters with which a match can begin, None if that is not plain."""
    lead = _LEAD.match(branch)
    branch = branch[lead.end() :] if lead else branch
    if branch.startswith("(?:"):
        close = next(place for place in _outside(branch)[1:] if branch[place] == ")")
        if branch[close + 1 : close + 2] in _REPEATED:
            return None
        inner = [_first_letters(part) for part in _alternatives(branch[3:close])]
        known = [first for first in inner if first is not None]
        return frozenset().union(*known) if len(known) == len(inner) else None
    charset = _CHARSET.match(branch)
    length = charset.end() if charset else 1
    if branch[length : length + 1] in _REPEATED:
        return None
    if charset:
        return frozenset(charset[1])
    return frozenset({branch[0]}) if branch[:1].isalpha() else None
