"""What a result of an audit has besides its data; its functions are methods of the result."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from detente.auditing import table_answers, table_text, tables
from detente.auditing.named_changes import disagreement
from detente.auditing.text import headline_of, summary
from detente.auditing.verdicts import Threshold
from detente.errors import ResultError, UnknownName
from detente.results.result import Result

if TYPE_CHECKING:
    import polars as pl
    import xarray as xr

    from detente.auditing.agreement import Agreement
    from detente.auditing.sensitivity import Sensitivity

FORMAT = "detente-audit/1"
VIEWS = (
    "deltas",
    "states",
    "changes",
    "witnesses",
    "pays",
    "agreement",
    "sensitivity",
    "headline",
    "on_the_table",
)
ATTRIBUTES = ("lenses", "refusals")


def lenses(result: Result) -> list[str]:
    """Return the names of the lenses that have an answer."""
    return [str(name) for name in result.data["lens"].values]


def refusals(result: Result) -> dict[str, str]:
    """Return why the other lenses that were asked for have none."""
    reasons: dict[str, str] = result.settings["refusals"]
    return reasons


def lens_of(result: Result, lens: str | None) -> str:
    """Return a lens of the result, the first by default."""
    if lens is not None and lens not in result.lenses:
        raise UnknownName("lens of this result", lens, result.lenses)
    return lens or str(result.lenses[0])


def deltas(result: Result, change: str, lens: str | None = None) -> xr.DataArray:
    """Return what one change gives to each state, array (state,).

    Where there were too many changes to keep all deltas, they are computed again.
    """
    lens, data = lens_of(result, lens), result.data
    if change not in data["change"].values:
        raise UnknownName("change of this result", change, data["change"].values)
    if "delta" in data:
        return data["delta"].sel(lens=lens, change=change)
    if result.live is None:
        raise ResultError("the deltas were not saved with this result; run the audit again")
    again: xr.DataArray = result.live.deltas(data, change, lens)
    return again


def states(result: Result, lens: str | None = None) -> pl.DataFrame:
    """Return the table of states, the least secure first."""
    return tables.states(result.data, lens_of(result, lens))


def changes(result: Result, lens: str | None = None) -> pl.DataFrame:
    """Return the table of changes with their verdicts."""
    return tables.changes(result.data, lens_of(result, lens))


def witnesses(result: Result, lens: str | None = None) -> pl.DataFrame:
    """Return the witnesses, the most harmful first."""
    return tables.witnesses(result, lens_of(result, lens))


def pays(result: Result, lens: str | None = None) -> pl.DataFrame:
    """Return who pays for whom as a list, the greatest harm first."""
    return tables.pays(result.data, lens_of(result, lens))


def agreement(result: Result) -> Agreement:
    """Compare the lenses: ranks of the states, signs, verdicts, and what parts them."""
    from detente.auditing.agreement import agreement as compare

    return compare(result)


def threshold_of(result: Result) -> Threshold:
    """Return what a delta had to exceed in a result."""
    return Threshold(result.settings["materiality"], result.settings.get("tolerance"))


def sensitivity(result: Result, *, size: int = 128, seed: int = 0) -> list[Sensitivity]:
    """Return, for each lens, which uncertain parameter drives the verdict (needs SALib).

    Raises
    ------
    ResultError
        If the result was opened from a file: the model has to be run again.
    UsageError
        If SALib is not installed.
    """
    if result.live is None:
        raise ResultError("a saved result cannot be run again; make the audit anew")
    effects: list[Sensitivity] = result.live.sensitivity(threshold_of(result), size, seed)
    return effects


def headline(result: Result, lens: str | None = None) -> str:
    """Return the verdict in one sentence."""
    return headline_of(result, lens_of(result, lens))


def on_the_table(result: Result) -> pl.DataFrame:
    """Return what is on the table with the answers of every model, one row an item and model."""
    return table_text.frame(result)


def reading(result: Result) -> str:
    """Return what is on the table in a sentence, then the verdict under every lens."""
    first = table_answers.headline(result) or disagreement(result)
    said = [headline_of(result, lens) for lens in lenses(result)]
    return "\n".join([first, *said] if first else said)


def text(result: Result) -> str:
    """Return the result for a terminal: what is on the table, then the changes of the audit."""
    only = bool(result.settings.get("table_only"))
    first = table_text.lines(result, most=10_000 if only else 20)
    if not first:
        return "\n".join([summary(result), *noted(result)])
    scenario = result.settings["scenario"]
    about = f"{scenario['title']} ({scenario['date']})"
    if only:
        hint = (
            "Look at one of them with --change, as 'UKR joins NATO'; its source is in --format csv."
        )
        return "\n".join([about, "", *first, "", hint])
    rest = summary(result)
    return "\n".join([about, "", *first, "", rest.removeprefix(about).lstrip("\n")])


def noted(result: Result) -> list[str]:
    """Return the notes on the changes that were given, as lines for a terminal."""
    lines = []
    for change, notes in result.settings.get("notes", {}).items():
        about = "" if result.data.sizes["change"] == 1 else f"{change}: "
        lines += ["", *textwrap.wrap(about + " ".join(notes), 100)]
    return lines


def table(result: Result) -> pl.DataFrame:
    """Return the table of changes under the first lens."""
    return changes(result)


def to_dict(result: Result) -> dict[str, Any]:
    """Return everything as plain data; the format is documented and stable."""
    return {**tables.as_dict(result), "on_the_table": table_text.documents(result)}
