"""A few changes that the user named, answered one by one and side by side on a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from detente.auditing.alternatives import FEW
from detente.auditing.change_verdict import change_verdict
from detente.auditing.table_answers import merged, parting
from detente.auditing.verdicts import LIKELY
from detente.words import listed

if TYPE_CHECKING:
    from detente.results.result import Result

WIDTH = 96
ALONE = "One model alone was asked; others may say the opposite"
LETTERS = "ABCDEFGHIJKL"


def named_changes(audit: Result) -> int:
    """Return how many changes were named, where they are few enough to be told one by one."""
    count = int(audit.data.sizes["change"])
    return count if not audit.settings["rule"] and count <= FEW else 0


def disagreement(audit: Result, *, codes: bool = False) -> str:
    """Return on whom the lenses disagree most about the changes that were named; empty if on none.

    A state that decides none of them is more secure under one lens and less under another: in
    half of the draws or more, or by the point estimate without draws. With `codes` states stand
    as codes alone, where a reader of the text puts in the names.
    """
    data, told = audit.data, []
    if len(audit.lenses) < 2:
        return ""
    state_codes = [str(code) for code in data["state"].values]
    for k in range(named_changes(audit)):
        change, lenses = str(data["change"].values[k]), {}
        outside = ~data["initiator"].values[k].astype(bool)
        for at, lens in enumerate(audit.lenses):
            if not (data["seen"].values[at, k] and data["defined"].values[at, k]):
                continue
            deltas = audit.deltas(change, lens).values
            if "share_harms" in data:
                lost = data["share_harms"].values[at, k] >= LIKELY
                won = data["share_helps"].values[at, k] >= LIKELY
            else:
                tolerance = float(data["tolerance"].values[at])
                lost, won = deltas < -tolerance, deltas > tolerance
            paying = np.flatnonzero(lost & outside)
            lenses[lens] = {
                "signs": dict(zip(state_codes, won.astype(int) - lost.astype(int), strict=True)),
                "pays": {state_codes[i]: float(deltas[i]) for i in paying},
            }
        told.append({"title": change, "pays": merged(lenses, "pays"), "lenses": lenses})
    return parting({} if codes else audit.names, told).strip()


def side_by_side(audit: Result, lens: str) -> list[str]:
    """Return the verdict of every named change, and what each gives to whom, in columns."""
    data = audit.data
    verdicts = [change_verdict(audit, k, lens) for k in range(named_changes(audit))]
    lines = ["", "One by one"]
    for letter, verdict in zip(LETTERS, verdicts, strict=False):
        text = f"{letter}  {verdict.told()}"
        lines += textwrap.wrap(
            text, WIDTH, initial_indent="  ", subsequent_indent="     ", break_on_hyphens=False
        )
    tolerance = float(data["tolerance"].sel(lens=lens))
    deltas = np.array([audit.deltas(verdict.change, lens).values for verdict in verdicts])
    decides = data["initiator"].values[: len(verdicts)]
    defined = np.nan_to_num(np.abs(deltas))
    moved = np.flatnonzero(((defined > tolerance) | decides).any(axis=0))
    moved = moved[np.argsort(-defined[:, moved].max(axis=0), kind="stable")]
    unit = audit.settings["lenses"][lens]["unit"]
    lines += ["", f"Side by side ({unit}; * decides it, . within the tolerance of {tolerance:.2g})"]
    lines.append("  " + "".join(f"{letter:>11} " for letter in LETTERS[: len(verdicts)]))
    for i in moved:
        cells = "".join(
            _cell(deltas[k, i], bool(decides[k, i]), tolerance) for k in range(len(verdicts))
        )
        code, name = (str(data[key].values[i]) for key in ("state", "state_name"))
        lines.append(f"  {cells}  {name} ({code})")
    return [*lines, "  nobody else moves by more than the tolerance"]


def _cell(delta: float, decides: bool, tolerance: float) -> str:
    if not np.isfinite(delta):
        text = "-"
    elif abs(delta) <= tolerance and not decides:
        text = "."
    else:
        text = f"{delta:+.3g}"
    return f"{text:>11}{'*' if decides else ' '}"


def otherwise(audit: Result, lens: str) -> list[str]:
    """Return what every named change would do if a choice were made otherwise, a line a choice."""
    data = audit.data
    if "alternative" not in data.dims:
        return []
    of_lens = data.sel(lens=lens)
    names = data["alternative"].values.astype(str)
    verdicts = [change_verdict(audit, k, lens) for k in range(named_changes(audit))]
    lines = ["", "If a choice were made otherwise (states more secure, states less secure)"]
    width = max(len("as it is"), *(len(name) for name in names))
    head = [_moved(len(v.gains), len(v.losses)) if v.defined else "no answer" for v in verdicts]
    several = len(verdicts) > 1
    if several:
        lines.append(f"  {'':<{width}}  " + "".join(f"{x:>12}" for x in LETTERS[: len(verdicts)]))
    consent = _consent(
        len(verdicts), sum(v.wanted for v in verdicts), sum(v.witness for v in verdicts)
    )
    as_it_is = "".join(f"{x:>12}" for x in head) + f"   {consent}"
    lines.append(f"  {'as it is':<{width}}  {as_it_is}")
    without_effect: list[str] = []
    for a, name in enumerate(names):
        if f"{name} | {lens}" in audit.settings.get("alternative_reasons", {}):
            lines.append(f"  {name:<{width}}  {'no answer':>12}")
            continue
        if "alternative_gainers" in data:
            counts = zip(
                of_lens["alternative_gainers"].values[a].tolist(),
                of_lens["alternative_losers"].values[a].tolist(),
                strict=True,
            )
            cells = [_moved(gainers, losers) for gainers, losers in counts]
        else:  # results saved by 0.1 have only counts over all changes
            cells = []
        wanted = int(of_lens["alternative_wanted"].values[a])
        harmful = int(of_lens["alternative_witnesses"].values[a])
        consent = _consent(len(verdicts), wanted, harmful)
        otherwise_is = "".join(f"{x:>12}" for x in cells) + f"   {consent}"
        if otherwise_is == as_it_is:
            without_effect.append(str(name))
        else:
            lines.append(f"  {name:<{width}}  {otherwise_is}")
    if without_effect:
        lines += textwrap.wrap(
            f"the same: {listed(without_effect)}",
            WIDTH,
            initial_indent="  ",
            subsequent_indent="    ",
        )
    return lines


def _consent(changes: int, wanted: int, harmful: int) -> str:
    """Return how many of the changes are wanted, and at someone's expense, in words."""
    if changes > 1:
        return f"{wanted} wanted, {harmful} at someone's expense"
    consent = "wanted" if wanted else "not wanted"
    return consent + (", at someone's expense" if harmful else "")


def _moved(gainers: int, losers: int) -> str:
    return "no answer" if gainers < 0 else f"+{gainers} / -{losers}"
