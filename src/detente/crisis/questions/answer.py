"""The answer to a question about a crisis: a labelled dataset, and how to read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detente.crisis.model.escalation import Model
from detente.results.building import build, names_of
from detente.results.result import Result

if TYPE_CHECKING:
    from detente.architecture.value import Architecture


def answer(
    question: str,
    reading: str,
    g: Architecture,
    model: Model,
    variables: dict[str, tuple[tuple[str, ...], Any, str, str]],
    coordinates: dict[str, Any],
    **settings: Any,
) -> Result:
    """Put an answer together.

    Parameters
    ----------
    question, reading : str
        What was asked, and the answer in words.
    g, model : Architecture, Model
        Of whom.
    variables : dict
        Name to (dimensions, values, unit, meaning).
    coordinates : dict
        As xarray takes them.
    **settings
        Everything else that went in.

    The rungs at the start and why they are those go into every answer, so that it can be made
    again.
    """
    changed = {
        "parameters": dict(model.values),
        "branching_ratio": model.branching,
        "start": dict(model.given),
        **settings,
    }
    variables = {
        **variables,
        "start_rung": (("at_risk",), model.rung, "rung", "rung of every dyad at risk at the start"),
    }
    coordinates = {
        **coordinates,
        "at_risk": list(model.names),
        "start_reason": ("at_risk", list(model.reason)),
    }
    return build(
        question,
        variables=variables,
        coordinates=coordinates,
        reading=reading,
        architecture=g,
        settings=changed,
        names=names_of(g, model.states),
        seed=settings.get("seed"),
    )
