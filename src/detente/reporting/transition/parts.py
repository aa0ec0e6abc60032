"""What the pages of transitions share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from detente.auditing.run import DEFAULT_LENS
from detente.lenses import find
from detente.reporting.explained import Explained, behind
from detente.reporting.page.model import Again, Points, Section
from detente.words import plural

if TYPE_CHECKING:
    from detente.reporting.page.embed import Download
    from detente.results import Result

LIMITS = (
    "Nothing here forecasts what anybody will do, or recommends that they do it.",
    "A lens is one model. What it does not see has no result, which is not the result that nobody "
    "is affected.",
    "A number stands for a model at some parameters; the interval is over draws of these, and not "
    "over what the model leaves out.",
)


def again(result: Result, command: str, call: str, *files: Download) -> Again:
    """Return how to get the result again."""
    kept = result.provenance
    return Again(
        command or str(kept.get("command") or "") or call,
        (
            ("Scenario", str(kept.get("scenario", ""))),
            ("Hash", str(kept.get("digest", ""))),
            ("Seed", str(kept.get("seed", ""))),
            ("Version", str(kept.get("version", ""))),
        ),
        files=files,
        prefix=f"{kept.get('scenario', 'detente')}-{result.question}",
    )


def call(result: Result, *names: str, **options: Any) -> str:
    """Return the call in Python that makes a result again, with what is not left at its default."""
    settings = result.settings
    about = settings.get("lenses") or {settings["lens"]["key"]: settings["lens"]}
    keys = list(about)
    if keys != [DEFAULT_LENS]:
        options["lens"] = keys[0] if len(keys) == 1 else keys
    options["draws"] = settings.get("draws")
    options["seed"] = int(result.provenance.get("seed") or 0) or None
    values: dict[str, float] = {}
    for key, described in about.items():
        usual = find(key).values()
        changed = {n: v for n, v in described["values"].items() if v != usual.get(n)}
        values |= {n if len(keys) == 1 else f"{key}.{n}": v for n, v in changed.items()}
    if options.get("burden") is not None:
        values.pop("burden", None)
    options["parameters"] = values or None
    given = [json.dumps(name, ensure_ascii=False) for name in names]
    given += [f"{k}={v!r}" for k, v in options.items() if v is not None and v != []]
    return f"dt.{result.question}({', '.join(['g', *given])})"


def explained(result: Result) -> Explained:
    """Return what explains the numbers of a page, at the parameters of the result."""
    settings = result.settings
    lenses = settings.get("lenses") or {settings["lens"]["key"]: settings["lens"]}
    return Explained(behind(result), {name: about["values"] for name, about in lenses.items()})


def limits(*more: str) -> Section:
    """Return the section on what a page does not say."""
    return Section("not-said", "What this does not say", (Points((*more, *LIMITS)),))


def state(result: Result, code: str) -> str:
    """Return the name of a state with its code."""
    name = result.names.get(code, "")
    return f"{name} ({code})" if name and name != code else code


def several(result: Result, codes: list[str], most: int = 6) -> str:
    """Return some states as a phrase, the rest counted."""
    if not codes:
        return "nobody"
    if len(codes) <= most:
        return ", ".join(codes)
    return f"{', '.join(codes[:most])} and {plural(len(codes) - most, 'other')}"
