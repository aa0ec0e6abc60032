"""Lenses in words: what a reader sees first, with the key that commands take in brackets."""

from __future__ import annotations

from functools import cache

from detente.errors import DetenteError


@cache
def short_words(name: str) -> str:
    """Return a lens in a few words, for a chart; one that is not here is its key.

    Examples
    --------
    >>> short_words("contest")
    'contest for a prize'
    """
    from detente.lenses import find

    try:
        return find(name).called or name
    except DetenteError:
        return name


@cache
def in_words(name: str) -> str:
    """Return a lens in a few words with its key, and its reading, in brackets.

    A lens that is not here, such as one of a result that somebody else saved, is its key.

    Examples
    --------
    >>> in_words("contest")
    '“contest for a prize” (contest)'
    """
    called = short_words(name)
    return f"“{called}” ({name})" if called != name else name
