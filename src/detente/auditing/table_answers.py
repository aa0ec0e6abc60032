"""What is on the table, answered one by one: who gains, who pays, who blocks, under which models.

A scenario lists what a party has publicly asked for, applied for or signed before its date. Each
item is a change like any other and is answered under every model that sees it; the answers stand
in the result of an audit beside its own changes, and they are told first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.architecture.changes import Change
from detente.architecture.proposals import parties
from detente.architecture.sentences import parse
from detente.auditing.verdicts import CLOSE, LIKELY, opposed
from detente.lenses.naming import short_words
from detente.words import listed

if TYPE_CHECKING:
    import xarray as xr

    from detente.architecture.value import Architecture
    from detente.results import Result

OFF = "not_on_the_table"
"""Standing of rows that are examples of what nobody has asked for."""
SURE = 0.95
"""Share of draws from which somebody is said to pay."""
OPPOSED = "±"
"""Beside a change of which the default parameters say the opposite of most draws, for a state."""
MARKS = {"pays": "▼", "may pay": "▽", "nobody": "·", "unseen": "×", "undefined": "?"}
MEANING = {
    "pays": "a state that does not decide is less secure in 95 % of draws or more",
    "may pay": "in half of them or more",
    "nobody": "in fewer",
    "unseen": "the model does not see the change",
    "undefined": "the model has no answer after it",
}
KEPT = (
    "delta", "share_harms", "share_helps", "share_wanted", "share_wanted_strong", "wanted",
    "close", "seen", "defined", "initiator", "tolerance",
)  # fmt: skip
"""Variables of the answers that a result keeps, under names that begin with ``table_``."""
NO_SENTENCE = "it edits no tie"


@dataclass(frozen=True)
class Titled(Change):
    """A change of several edits that goes by a title instead of its sentences."""

    title: str = ""

    def __str__(self) -> str:
        return self.title or "; ".join(edit.sentence() for edit in self.edits)

    def bound(self, g: Architecture) -> Titled:
        """Return it with this architecture's codes."""
        return replace(self, edits=Change(self.edits).bound(g).edits)


def items_of(g: Architecture, concerns: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Return the rows of `on_the_table` that somebody has asked for by the date.

    Parameters
    ----------
    g : Architecture
        Whose table.
    concerns : iterable of str
        States; only items that one of them asks for, decides, or whose ties they edit.
    """
    wanted = {g.state(code) for code in concerns}
    rows = []
    for row in g.tables["on_the_table"].iter_rows(named=True):
        if row["standing"] == OFF or (row["since"] is not None and row["since"] > g.date):
            continue
        if not wanted or wanted & _concerned(g, row):
            rows.append(row)
    return rows


def change_of(g: Architecture, row: Mapping[str, Any]) -> Change | None:
    """Return the change of an item, with those who decide it; None if it has no sentence."""
    if row["change"] is None:
        return None
    change = parse(row["change"]).bound(g)
    named = None
    if row["decided_by"] is not None:
        named = tuple(code for code in parties(g, row["decided_by"]) if code in g.names)
    return Titled(change.edits, named, title=row["title"] if len(change.edits) > 1 else "")


def _concerned(g: Architecture, row: Mapping[str, Any]) -> set[str]:
    states = set(parties(g, row["asked_by"])) | set(parties(g, row["decided_by"]))
    change = change_of(g, row)
    return states if change is None else states | touched_by(g, change) | {*change.initiators(g)}


def touched_by(g: Architecture, change: Change) -> set[str]:
    """Return the states of whom a change edits a tie, or the strength."""
    ledger, states = g.ledger.overlay(), set[str]()
    for edit in change.edits:
        states.update(code for pair in edit.edit_ledger(ledger, g) for code in pair)
        if "strength" in edit.touches(g):
            states.update(edit.initiators(g))
    return states


def with_table(
    result: Result,
    items: Sequence[Mapping[str, Any]],
    answers: Result | None,
    *,
    only: bool = False,
) -> None:
    """Put the answers to what is on the table into the result of an audit.

    Parameters
    ----------
    result : Result
        Of an audit; it is given variables whose names begin with ``table_``.
    items : sequence of rows
        What is on the table, each with its ``label``, the change that answers it, or None.
    answers : Result or None
        The audit of these changes under every lens; None where none has a sentence.
    only : bool
        Whether the audit is of what is on the table and of nothing else.
    """
    settings = result.settings
    settings["on_the_table"] = [
        {key: None if value is None else str(value) for key, value in item.items()}
        for item in items
    ]
    settings["table_only"] = only
    if answers is not None:
        settings["table_unseen"] = answers.settings["unseen"]
        settings["table_notes"] = answers.settings.get("notes", {})
        settings["table_refusals"] = answers.settings["refusals"]
        settings["table_draws"] = answers.settings["draws"]
        data = answers.data
        names = {"change": "table_change", "lens": "table_lens"}
        kept = {}
        for name in KEPT:
            if name in data:
                array = data[name].drop_vars(["kind", "initiators"], errors="ignore")
                kept[f"table_{name}"] = array.rename(
                    {old: new for old, new in names.items() if old in array.dims}
                )
        result.data = result.data.assign(kept)
    result.data.attrs["settings"] = json.dumps(settings, ensure_ascii=False, default=str)


def rows(result: Result) -> list[dict[str, Any]]:
    """Return what is on the table with the answers, one row an item, in the order of telling.

    What somebody pays for under every one of several models comes first, then what the models
    disagree on, then what a single model sees and has somebody pay for, then what harms nobody,
    then what none sees.
    """
    settings = result.settings
    answers = Answers.of(result.data)
    told = [_row(answers, settings, item) for item in settings.get("on_the_table", [])]
    order = list(VERDICTS)
    return sorted(told, key=lambda row: order.index(row["verdict"]))


@dataclass(frozen=True)
class Answers:
    """The answers of a result as arrays by variable, with the places of changes and models.

    Each array has the axes that stand beside it, of `AXES` and in their order.
    """

    arrays: Mapping[str, tuple[tuple[Any, ...], Any]]
    codes: Any
    changes: Mapping[str, int]
    lenses: tuple[str, ...]

    @classmethod
    def of(cls, data: xr.Dataset) -> Answers:
        """Take the arrays out of a dataset once: to select row by row takes far longer."""
        if "table_lens" not in data.coords:
            return cls({}, None, {}, ())
        held = {name: data.variables[name] for kept in KEPT if (name := f"table_{kept}") in data}
        laid = {name: v.transpose(*AXES, missing_dims="ignore") for name, v in held.items()}
        changes = data["table_change"].values.astype(str).tolist()
        return cls(
            {name: (variable.dims, variable.values) for name, variable in laid.items()},
            data["state"].values,
            {change: place for place, change in enumerate(changes)},
            tuple(data["table_lens"].values.astype(str).tolist()),
        )

    def one(self, change: str, lens: int) -> dict[str, Any]:
        """Return what one model says of one change: a number or a row of states a variable."""
        at = {"table_change": self.changes[change], "table_lens": lens}
        return {
            name: array[tuple(at[axis] for axis in axes if axis in at)]
            for name, (axes, array) in self.arrays.items()
        }


AXES = ("table_change", "table_lens", "state")


def _row(answers: Answers, settings: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    label = item.get("label")
    lenses: dict[str, dict[str, Any]] = {}
    if label is not None:
        lenses = {
            lens: _answer(answers.one(label, place), answers.codes)
            for place, lens in enumerate(answers.lenses)
        }
    silent = (MARKS["unseen"], MARKS["undefined"])
    said = [answer["mark"] for answer in lenses.values() if answer["mark"] not in silent]
    if not said:
        verdict = "unseen"
    elif not {MARKS["pays"], MARKS["may pay"]} & set(said):
        verdict = "none"
    elif len(said) == 1:
        verdict = "alone"
    else:
        verdict = "all" if set(said) == {MARKS["pays"]} else "differ"
    return {
        **item,
        "lenses": lenses,
        "verdict": verdict,
        "pays": merged(lenses, "pays"),
        "gains": merged(lenses, "gains"),
        "blocks": merged(lenses, "blocks"),
        "close": [lens for lens, answer in lenses.items() if answer["close"]],
        "opposed": [lens for lens, answer in lenses.items() if answer["opposed"]],
        "reason": _reason(settings, item, label, verdict),
    }


def _reason(
    settings: Mapping[str, Any], item: Mapping[str, Any], label: str | None, verdict: str
) -> str:
    """Return why no model sees an item; empty if one does."""
    if label is None:
        return str(item.get("note") or NO_SENTENCE)
    if verdict != "unseen":
        return ""
    notes = settings.get("table_notes", {}).get(label, [""])
    _, _, because = notes[0].partition("because ")
    return because.rstrip(".") or "no model reads what it edits"


def _answer(one: Mapping[str, Any], codes: Any) -> dict[str, Any]:
    """Return what one model says of one change."""
    nothing: dict[str, Any] = {
        "share": float("nan"), "pays": {}, "shares": {}, "gains": {}, "blocks": {},
        "wanted": float("nan"), "close": False, "signs": {}, "opposed": {},
    }  # fmt: skip
    if not bool(one["table_seen"]):
        return {"mark": MARKS["unseen"], **nothing}
    if not bool(one["table_defined"]):
        return {"mark": MARKS["undefined"], **nothing}
    deltas, tol = one["table_delta"], float(one["table_tolerance"])
    deciding = one["table_initiator"].astype(bool)
    if "table_share_harms" in one:
        lost, won = one["table_share_harms"], one["table_share_helps"]
        wanted = float(one["table_share_wanted"])
    else:
        lost, won = (deltas < -tol).astype(float), (deltas > tol).astype(float)
        wanted = float(one["table_wanted"])
    others = np.where(deciding, 0.0, lost)
    share = float(others.max(initial=0.0))
    pays = _of(codes, deltas, others >= LIKELY, losing=True)
    often = dict(zip(codes.astype(str), others.tolist(), strict=True))
    mark = "pays" if share >= SURE else "may pay" if share >= LIKELY else "nobody"
    return {
        "mark": MARKS[mark],
        "share": share,
        "pays": pays,
        "shares": {code: often[code] for code in pays},
        "gains": _of(codes, deltas, won >= LIKELY, losing=False),
        # A burden of the size of the tolerance is close, and nobody's reason to refuse.
        "blocks": _of(
            codes, deltas, deciding & (lost >= LIKELY) & (deltas < -CLOSE * tol), losing=True
        ),
        "wanted": wanted,
        "close": bool(one["table_close"]),
        "opposed": {
            str(codes[i]): float(max(won[i], lost[i]))
            for i in np.flatnonzero(opposed(deltas, tol, won, lost))
        },
        "signs": {
            str(code): int(gains) - int(loses)
            for code, gains, loses in zip(codes, won >= LIKELY, lost >= LIKELY, strict=True)
        },
    }


def _of(codes: Any, deltas: Any, which: Any, *, losing: bool) -> dict[str, float]:
    """Return the chosen states with what the change gives them, the most affected first.

    In a few draws' worth of doubt the point estimate of a state that loses in most draws can be
    a gain: such a state comes last.
    """
    chosen = [(str(codes[k]), float(deltas[k])) for k in np.flatnonzero(which)]
    return dict(sorted(chosen, key=lambda pair: pair[1] if losing else -pair[1]))


def merged(lenses: Mapping[str, Mapping[str, Any]], key: str) -> list[str]:
    """Return the states that any model names, those that most models name first.

    Of those that as many models name, the most affected come first: units differ, so what a
    state loses counts as a share of the largest loss under the same model.
    """
    count: dict[str, int] = {}
    weight: dict[str, float] = {}
    for answer in lenses.values():
        most = max(map(abs, answer[key].values()), default=0.0) or 1.0
        for code, delta in answer[key].items():
            count[code] = count.get(code, 0) + 1
            weight[code] = weight.get(code, 0.0) + abs(delta) / most
    return sorted(count, key=lambda code: (-count[code], -weight[code]))


def leading(row: Mapping[str, Any], key: str) -> tuple[list[str], int]:
    """Return the states of an item that most models name, and how many models that is.

    Parameters
    ----------
    row : mapping
        An item of `rows`.
    key : str
        ``pays``, ``gains`` or ``blocks``.

    Returns
    -------
    tuple of (list of str, int)
        The states in the order of telling, and under how many models each of them stands there;
        ([], 0) if no model names any.
    """
    count = {code: sum(code in a[key] for a in row["lenses"].values()) for code in row[key]}
    most = max(count.values(), default=0)
    return [code for code in row[key] if count[code] == most], most


def worst(row: Mapping[str, Any], lens: str) -> tuple[str, int]:
    """Return who pays most for an item under one model, and how many pay exactly as much.

    It is one of those who pay in as many draws as the mark of the model says. Of several that pay
    the same the one is named that most models name.

    Returns
    -------
    tuple of (str, int)
        ("", 0) if nobody pays.
    """
    answer = row["lenses"][lens]
    enough = SURE if answer["mark"] == MARKS["pays"] else LIKELY
    paying = {c: delta for c, delta in answer["pays"].items() if answer["shares"][c] >= enough}
    if not paying:
        return "", 0
    least = min(paying.values())
    slack = 1e-9 * abs(least)
    same = [code for code in row["pays"] if code in paying and paying[code] - least <= slack]
    return same[0], len(same) - 1


def headline(result: Result, *, codes: bool = False) -> str:
    """Return what the models agree on about what is on the table, in plain words.

    States stand with their names, or as codes alone where a reader of the text puts in the names.
    """
    told = rows(result)
    if not told:
        return ""
    count = {name: sum(row["verdict"] == name for row in told) for name in VERDICTS}
    phrases = {
        "all": "under every one of several models",
        "differ": "under some models and not under others",
        "alone": "under the only model that sees {them}",
        "none": "under no model",
    }
    parts: list[str] = []
    for name, phrase in phrases.items():
        if not count[name]:
            continue
        one = count[name] == 1
        verb = f"leave{'s' * one} a state that does not decide less secure" if not parts else ""
        words = [f"{count[name]:,}", verb, phrase.format(them="it" if one else "them")]
        parts.append(" ".join(word for word in words if word))
    text = f"Of {len(told):,} change{'s' * (len(told) > 1)} that somebody has asked for, "
    unseen = f"{count['unseen']:,} no model sees" if count["unseen"] else ""
    text += "; ".join(part for part in (listed(parts), unseen) if part) + "."
    if parts and not count["all"]:
        text += " No change that several models see has such a state pay under all of them."
    if parts and result.settings.get("table_draws"):
        text += " What holds in half of a model's draws or more is counted."
    return text + parting({} if codes else result.names, told)


VERDICTS = {
    "all": "somebody who does not decide pays under every one of the models that see it",
    "differ": "the models differ",
    "alone": "somebody who does not decide pays under the only model that sees it",
    "none": "nobody pays more often than not under any model",
    "unseen": "no model sees it",
}
"""What the models together say of a change, in the order of telling."""


def parting(names: Mapping[str, str], told: Sequence[Mapping[str, Any]]) -> str:
    """Return the sharpest disagreement: a state to which models ascribe opposite signs.

    Parameters
    ----------
    names : mapping of str to str
        Names of the states that stand with their names; other states stand as codes.
    told : sequence of mappings
        Of each change the ``title``, the states of ``pays`` and, under ``lenses``, the ``signs``
        that a lens gives to states: 1 more secure, -1 less, 0 neither.
    """
    best: tuple[int, str, str, dict[int, list[str]]] | None = None
    for row in told:
        for code in row["pays"]:
            signs: dict[int, list[str]] = {}
            for lens, answer in row["lenses"].items():
                if code in answer["signs"]:
                    signs.setdefault(answer["signs"][code], []).append(lens)
            if {1, -1} <= signs.keys():
                weight = min(len(signs[1]), len(signs[-1])) + len(signs)
                if best is None or weight > best[0]:
                    best = (weight, row["title"], code, signs)
    if best is None:
        return ""
    _, title, code, signs = best
    words = {-1: "less secure", 1: "more secure"}
    said = [
        f"{words[sign]} under {listed([f'“{short_words(lens)}”' for lens in signs[sign]])}"
        for sign in (-1, 1)
    ]
    if 0 in signs:
        said.append(f"neither under {len(signs[0])} other{'s' * (len(signs[0]) > 1)}")
    who = f"{names[code]} ({code})" if code in names else code
    return f" The models part most on {title}: {who} is {listed(said)}."
