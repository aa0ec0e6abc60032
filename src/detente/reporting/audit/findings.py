"""What the page says, computed from the result: figures in words, witnesses, readings, lenses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detente.auditing.tables import sides
from detente.auditing.text import GIVEN, share
from detente.auditing.verdicts import LEAST_WANTED, READING_MEANING
from detente.lenses.naming import in_words
from detente.reporting.map.context import Scene
from detente.results.uncertainty import interval
from detente.words import between, listed, number, plural, signed

if TYPE_CHECKING:
    from detente.auditing.agreement import Agreement
    from detente.results.result import Result

SPOKEN = 12
"""How many witnesses are told as sentences."""
NAMED = 4
"""How many states a sentence names on either side."""
COMPARED = 15
"""How many changes stand in the comparison of lenses."""


def given(audit: Result) -> bool:
    """Say whether the page is about a few changes that the user gave, not about all."""
    return not audit.settings["rule"] and audit.data.sizes["change"] <= GIVEN


def known_draws(audit: Result, lens: str) -> Any:
    """Return which draws have an answer, bool array (draw,); None without draws."""
    if "security_draw" not in audit.data:
        return None
    return np.isfinite(audit.data["security_draw"].sel(lens=lens).values).all(axis=-1)


def figures(audit: Result, lens: str, around: Scene) -> list[dict[str, str]]:
    """Return the three big numbers with their intervals."""
    data = audit.data
    of_lens = data.sel(lens=lens)
    names = around.names
    answered = known_draws(audit, lens)

    outside: list[bool] = []

    def over(name: str, point: float) -> str:
        drawn = np.array([]) if answered is None else of_lens[name].values[answered].astype(float)
        drawn = drawn[np.isfinite(drawn)]  # few wanted changes have no index
        low, high = interval(drawn) if len(drawn) else (None, None)
        outside.append(low is not None and high is not None and not low <= point <= high)
        if low is None or high is None or np.isnan(point):
            return ""
        middle = float(np.median(drawn))
        if low == high:
            return f"{number(low, 2) if name == 'index_draw' else f'{low:,.0f}'} throughout"
        if name == "index_draw":
            return f"{between(low, high)}, median {number(middle, 2)}"
        return f"{low:,.0f} to {high:,.0f}, median {middle:,.0f}"

    tried, wanted, witnesses = (
        data.sizes["change"],
        int(of_lens["wanted"].values.sum()),
        int(of_lens["witness"].values.sum()),
    )
    has_index = bool(np.isfinite(float(of_lens["index"])))
    payers = ""
    if "harms" in data and witnesses:
        often = (of_lens["harms"].values & of_lens["witness"].values[:, None]).sum(axis=0)
        top = [int(i) for i in np.argsort(-often, kind="stable")[:3] if often[i]]
        payers = "by count, most often " + listed(
            [names.full(str(data["state"].values[i])) for i in top]
        )
    shown = [
        {
            "value": number(float(of_lens["index"]), 2) if has_index else "too few",
            "over": over("index_draw", float(of_lens["index"])),
            "label": "indivisibility index",
            "note": "share of wanted changes that leave nobody else less secure: 1 is indivisible"
            if has_index
            else f"below {LEAST_WANTED} wanted changes a share says little: see the counts",
        },
        {
            "value": f"{wanted:,}",
            "over": over("wanted_draw", wanted),
            "label": f"wanted of {plural(tried, 'change')} tried",
            "note": "no state that decides loses beyond the tolerance, and one at least gains",
        },
        {
            "value": f"{witnesses:,}",
            "over": over("witness_draw", witnesses),
            "label": "of these at someone's expense",
            "note": payers or "nobody becomes less secure",
        },
    ]
    for figure, far in zip(shown, outside, strict=False):
        if far:
            figure["over"] += ", which does not hold the point estimate"
    return shown


def witnesses(audit: Result, lens: str, around: Scene) -> list[dict[str, str]]:
    """Return the strongest witnesses as sentences."""
    data = audit.data
    of_lens = data.sel(lens=lens)
    names = around.names
    at = {str(change): k for k, change in enumerate(data["change"].values)}
    strongest = [at[change] for change in audit.witnesses(lens)["change"].head(SPOKEN)]
    place = {str(code): i for i, code in enumerate(data["state"].values)}
    sentences = []
    for k in strongest:
        change = str(data["change"].values[k])
        gains, losses = sides(audit, change, lens)

        shares = (
            [share(float(of_lens["share_harms"].values[k, place[c]])) for c, _ in losses]
            if "share_harms" in data
            else []
        )
        lost = [f"{names.full(c)} {signed(d)}" for c, d in losses]
        often = ""
        if len(set(shares)) == 1:
            often = f", {'each ' if len(losses) > 1 else ''}in {shares[0]} of draws"
        elif len(set(shares[:NAMED])) == 1:
            lost[NAMED - 1] += f" (each of these in {shares[0]} of draws)"
        else:
            for i, part in enumerate(shares[:NAMED]):
                lost[i] += f" (in {part} of draws)"
        sentences.append(
            {
                "sentence": names.sentence(change),
                "gains": listed([f"{names.full(c)} {signed(d)}" for c, d in gains], NAMED),
                "losses": listed(lost, NAMED) + often,
                "sure": (
                    f"Wanted, and at someone's expense, in "
                    f"{share(float(of_lens['share_witness'].values[k]))} of draws."
                    if "share_witness" in data
                    else ""
                ),
            }
        )
    return sentences


def readings(audit: Result, lens: str, around: Scene) -> list[dict[str, Any]]:
    """Return what each reading of the principle admits, with an example that parts them."""
    data = audit.data
    of_lens = data.sel(lens=lens)
    desire = np.nan_to_num(of_lens["desire"].values, nan=-np.inf)
    admitted = of_lens["admitted"].values
    rows = []
    for r, reading in enumerate(data["reading"].values.astype(str)):
        mask = admitted[r]
        top = int(np.argmax(np.where(mask, desire, -np.inf))) if mask.any() else -1
        ruled = admitted.any(axis=0) & ~mask
        worst = int(np.argmax(np.where(ruled, desire, -np.inf))) if ruled.any() else -1
        says: dict[str, Any] = {
            "reading": reading,
            "meaning": READING_MEANING[reading],
            "count": f"{int(mask.sum()):,}",
            "tried": f"{len(mask):,}",
            "percent": f"{100 * mask.sum() / max(int(admitted.sum(axis=1).max()), 1):.1f}",
            "harmful": f"{int((mask & of_lens['witness'].values).sum()):,}",
            "top": around.names.sentence(str(data["change"].values[top])) if top >= 0 else "",
            "ruled": (
                around.names.sentence(str(data["change"].values[worst])) if worst >= 0 else ""
            ),
            "over": "",
        }
        if "share_admitted" in data:
            often = of_lens["share_admitted"].values[r]
            says["over"] = (
                f"{int((often >= 0.95).sum()):,} in at least 95 % of draws, "
                f"{int((often >= 0.05).sum()):,} in at least 5 %"
            )
        rows.append(says)
    return rows


def contributions(audit: Result, lens: str) -> dict[tuple[str, str], str]:
    """Return which wanted change costs a payer most for each beneficiary; empty if not kept."""
    data = audit.data
    if "delta" not in data:
        return {}
    of_lens = data.sel(lens=lens)
    tol = float(of_lens["tolerance"])
    codes = data["state"].values.astype(str)
    wanted = np.flatnonzero(of_lens["wanted"].values)
    deciding = data["initiator"].values[wanted]
    deltas = of_lens["delta"].values[wanted]
    harm = np.where(deltas < -tol, -deltas, 0.0)
    worst = {}
    for j in range(len(codes)):
        theirs = np.flatnonzero(deciding[:, j])
        if not len(theirs):
            continue
        best = harm[theirs].argmax(axis=0)
        for i in np.flatnonzero(harm[theirs].max(axis=0) > 0):
            worst[str(codes[i]), str(codes[j])] = str(
                data["change"].values[wanted[theirs[best[i]]]]
            )
    return worst


def draws_in_words(audit: Result) -> list[str]:
    """Return how sure the verdict of each lens is, and which draws have no answer."""
    data = audit.data
    if "draws_defined" not in data:
        return ["No draws were made: the numbers are point estimates and say nothing of doubt."]
    sentences = []
    asked = int(data.attrs["draws"])
    for lens in audit.lenses:
        of_lens = data.sel(lens=lens)
        count = int(of_lens["draws_defined"])
        if not count:
            sentences.append(
                f"Under the lens {in_words(lens)} none of the {asked:,} draws has an answer."
            )
            continue
        part = float(of_lens["share_divisible"])
        error = (
            f"(Monte Carlo standard error {100 * float(of_lens['share_divisible_error']):.1f} "
            "percentage points)"
        )
        if data.sizes["change"] == 1:
            text = (
                f"Under the lens {in_words(lens)}, the change is wanted by those who decide it "
                "and at "
                f"someone's expense in {share(part)} of the draws {error if 0 < part < 1 else ''}"
            ).rstrip()
        elif part in (0.0, 1.0):
            text = (
                f"Under the lens {in_words(lens)}, {'every draw' if part else 'no draw'} has "
                "a witness"
            )
        else:
            text = (
                f"Under the lens {in_words(lens)}, {share(part)} of the draws {error} have at "
                "least one "
                "witness"
            )
        text += (
            f"; all {asked:,} draws have an answer."
            if count == asked
            else f"; {asked - count:,} of {asked:,} draws have no answer and are left out."
        )
        undefined = int((~of_lens["defined"].values).sum())
        if undefined:
            text += (
                f" {plural(undefined, 'change')} after which the lens has no answer in the point "
                f"estimate {'is' if undefined == 1 else 'are'} left open."
            )
        sentences.append(text)
    return sentences


VERDICTS = {
    "pays": ("●", "at someone's expense"),
    "free": ("○", "nobody pays"),
    "unwanted": ("–", "not wanted"),
    "undefined": ("?", "no answer"),
}
"""What a lens says of a change, as a sign and in words."""


def agreement(audit: Result, around: Scene) -> dict[str, Any] | None:
    """Return what every lens says of the strongest witnesses of the first; None for one lens."""
    data = audit.data
    if len(audit.lenses) < 2:
        return None
    first = data.sel(lens=audit.lenses[0])
    key = first["loss"].values * np.where(first["witness"].values, 1.0, 0.0)
    order = np.argsort(-np.nan_to_num(key), kind="stable")[:COMPARED]
    if not given(audit):
        order = order[first["witness"].values[order]]
    if not len(order):
        return None
    rows: list[dict[str, Any]] = []
    all_agree = 0
    for k in order:
        cells = []
        for lens in audit.lenses:
            of_lens = data.sel(lens=lens)
            if not bool(of_lens["defined"].values[k]):
                kind = "undefined"
            elif not bool(of_lens["wanted"].values[k]):
                kind = "unwanted"
            else:
                kind = "pays" if bool(of_lens["witness"].values[k]) else "free"
            sure = ""
            name = "share_wanted" if kind == "unwanted" else "share_witness"
            if name in data and kind != "undefined":
                part = float(of_lens[name].values[k])
                if np.isfinite(part) and (part or kind != "unwanted"):
                    sure = f"{'wanted in ' if kind == 'unwanted' else ''}{share(part)} of draws"
            harmed = int(of_lens["harmed"].values[k])
            if kind == "unwanted" and harmed:
                less = f"{plural(harmed, 'state')} less secure"
                sure = f"{less}; {sure}" if sure else less
            sign, words = VERDICTS[kind]
            cells.append({"kind": kind, "sign": sign, "words": words, "sure": sure})
        all_agree += all(cell["kind"] == "pays" for cell in cells)
        change = around.names.sentence(str(data["change"].values[k]))
        rows.append({"change": change, "cells": cells})
    if len(rows) == 1:
        kinds = [cell["kind"] for cell in rows[0]["cells"]]
        wanted = kinds.count("pays") + kinds.count("free")
        title = (
            f"Of {len(kinds)} lenses, {wanted or 'none'} {'finds' if wanted < 2 else 'find'} the "
            f"change wanted by those who decide it, and {kinds.count('pays') or 'none'} at "
            "someone's expense"
        )
    else:
        few = "changes" if given(audit) else f"strongest witnesses of {in_words(audit.lenses[0])}"
        title = (
            f"{all_agree or 'None'} of the {len(rows)} {few} "
            f"{'is' if all_agree < 2 else 'are'} at someone's expense under every lens"
        )
    return {"lenses": audit.lenses, "rows": rows, "title": title}


PARTED = 12
"""How many ways in which lenses part the page tells."""


def parted(audit: Result, around: Scene) -> dict[str, Any] | None:
    """Return which verdicts every lens supports and which part them; None for one lens.

    Changes on which the same lenses say yes stand together: the lenses for and against, what all
    on one side assume and nobody on the other does, and the most harmful change as an example.
    """
    data = audit.data
    if len(audit.lenses) < 2:
        return None
    compared = audit.agreement()
    unanimous = {
        verdict: [around.names.sentence(change) for change in compared.unanimous(verdict)]
        for verdict in compared.support
    }
    loss = np.nan_to_num(np.where(data["witness"].values, data["loss"].values, 0.0))
    # Harms have the unit of their lens: each lens's are taken as shares of its greatest one.
    harm = (loss / np.maximum(loss.max(axis=1, keepdims=True, initial=0.0), 1e-300)).max(axis=0)
    order = dict(zip(data["change"].values.astype(str), harm, strict=True))
    groups: dict[tuple[str, str], list[str]] = {}
    for row in compared.split("witness").iter_rows(named=True):
        groups.setdefault((row["for"], row["against"]), []).append(row["change"])
    rows = [
        {
            "count": len(changes),
            "for": yes,
            "against": no,
            "along": _along(compared, yes.split(", "), no.split(", ")),
            "example": around.names.sentence(max(changes, key=lambda c: float(order[c]))),
        }
        for (yes, no), changes in sorted(groups.items(), key=lambda item: -len(item[1]))
    ]
    some = int((compared.support["witness"] > 0).sum())
    return {
        "unanimous": unanimous if data.sizes["change"] > 1 else {},
        "opposite": _opposite(compared),
        "some": some,
        "tried": data.sizes["change"],
        "rows": rows[:PARTED],
        "more": len(rows) - PARTED,
    }


def _opposite(found: Agreement) -> str:
    """Return which two lenses contradict each other most often, as a sentence; or nothing."""
    upper = np.triu(np.nan_to_num(found.opposite_sign), 1)
    if not np.isfinite(found.opposite_sign).any():
        return ""
    if not upper.any():
        return "No two lenses contradict each other: where one sees a gain none sees a loss."
    a, b = np.unravel_index(int(upper.argmax()), upper.shape)
    return (
        f"Where two do not say the same, one of them may just see no effect. One sees a gain where "
        f"the other sees a loss most often between {in_words(found.lenses[a])} and "
        f"{in_words(found.lenses[b])}: in {share(float(upper[a, b]))} of those pairs."
    )


def _along(found: Agreement, one: list[str], other: list[str]) -> list[str]:
    """Return the assumptions that part two groups of lenses, one group's before the other's."""
    parting = found.parting(one, other)
    texts = [f"{name}: {theirs}; for the others: {rest}" for name, theirs, rest in parting]
    return texts or ["no single assumption they declare"]


def reading_table(audit: Result, lens: str, around: Scene) -> list[dict[str, Any]]:
    """Return for a few changes what each reading says of each."""
    data = audit.data
    of_lens = data.sel(lens=lens)
    rows = []
    for k, change in enumerate(data["change"].values.astype(str)):
        cells = []
        for r in range(data.sizes["reading"]):
            if not bool(of_lens["defined"].values[k]):
                words = "no answer"
            elif not bool(of_lens["wanted"].values[k]):
                words = "not on the table: not wanted by those who decide it"
            else:
                words = "admitted" if bool(of_lens["admitted"].values[r, k]) else "ruled out"
            sure = ""
            if "share_admitted" in data:
                part = float(of_lens["share_admitted"].values[r, k])
                sure = f"admitted in {share(part)} of draws" if np.isfinite(part) else ""
            cells.append({"words": words, "sure": sure})
        rows.append({"change": around.names.sentence(str(change)), "cells": cells})
    return rows


def otherwise(audit: Result, lens: str) -> list[dict[str, str]]:
    """Return for a few changes how many are wanted, and harm, if a choice were made otherwise."""
    data = audit.data
    if "alternative" not in data.dims:
        return []
    of_lens = data.sel(lens=lens)
    rows = []
    for a, name in enumerate(data["alternative"].values.astype(str)):
        row = {"choice": str(name), "wanted": "no answer", "witnesses": "no answer"}
        if f"{name} | {lens}" not in audit.settings.get("alternative_reasons", {}):
            for key in ("wanted", "witnesses"):
                count = int(of_lens[f"alternative_{key}"].values[a])
                row[key] = f"{count}"
                if data.sizes["change"] == 1:
                    row[key] = "yes" if count else "no"
            for key in ("gainers", "losers"):
                if f"alternative_{key}" in data:
                    counts = of_lens[f"alternative_{key}"].values[a].tolist()
                    row[key] = ", ".join("-" if count < 0 else f"{count}" for count in counts)
        rows.append(row)
    return rows
