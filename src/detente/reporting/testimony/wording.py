"""The words of a page for what a file of claims writes in one word or a code."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detente.results.result import Result

STANCES = {
    "asserts": "asserts it",
    "denies": "denies it",
    "doubts": "doubts it",
    "regrets": "regrets it",
    "threatens": "threatens it",
    "offers": "offers it",
    "forecasts": "expects it",
    "no_comment": "says nothing about it",
}
MODES = {
    "quoted": "word for word",
    "paraphrased": "in the author's words",
    "mixed": "partly word for word",
    "asserted": "the author's own",
}
SORTS = {
    "event": "something that happened",
    "attribution": "who did it",
    "threat": "a threat",
    "offer": "an offer",
    "forecast": "what is to come",
    "evaluation": "a judgement",
}


def names_in(result: Result) -> dict[str, str]:
    """Return the names of the actors of a result by their codes; none without a scenario."""
    names = result.data.attrs.get("names", {})
    return dict(json.loads(names) if isinstance(names, str) else names)


def named(codes: str, names: dict[str, str]) -> str:
    """Return a list of codes, parted by semicolons or commas, as names; what has no name stays."""
    parts = [part for part in re.split(r"\s*[;,]\s*", codes) if part]
    return ", ".join(names.get(part, part) for part in parts)
