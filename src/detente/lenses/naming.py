"""Lenses in words: what a reader sees first, with the key that commands take in brackets."""

from __future__ import annotations

from functools import cache

from detente.errors import DetenteError


@cache
def in_words(name: str) -> str:
    """Return a lens in a few words with its key, and its reading, in brackets.

    A lens that is not here, such as one of a result that somebody else saved, is its key.

    Examples
    --------
    >>> in_words("contest")
    '“contest for a prize” (contest)'
    """
    from detente.lenses import find

    try:
        called = find(name).called
    except DetenteError:
        called = ""
    return f"“{called}” ({name})" if called else name
