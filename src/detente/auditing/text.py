"""The result of an audit in words: the headline and the summary for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from detente.architecture.system import FACTS
from detente.auditing.change_verdict import change_verdict
from detente.auditing.named_changes import (
    ALONE,
    disagreement,
    named_changes,
    otherwise,
    side_by_side,
)
from detente.auditing.verdicts import LEAST_WANTED, LIKELY
from detente.lenses.naming import in_words
from detente.results.uncertainty import interval, median
from detente.words import exact, fraction, listed, plural
from detente.words import share as share

if TYPE_CHECKING:
    import polars as pl
    import xarray as xr

    from detente.results.result import Result

SHOWN_UNSEEN = 4
"""Unseen edits that a summary names."""


GIVEN = 8
"""Up to how many changes that the user gave a result is about these changes."""


def headline_of(audit: Result, lens: str) -> str:
    """Return the verdict under one lens in a sentence, with what paper alliances change."""
    data = audit.data
    tried = data.sizes["change"]
    if tried == 1:
        return change_verdict(audit, 0, lens).told()
    if not audit.settings["rule"] and tried <= GIVEN:
        return f"{_given_in_words(audit, lens)}."
    view = data.sel(lens=lens)
    wanted, witnesses = counted(view, "wanted"), counted(view, "witness")
    under = f" under the lens {in_words(lens)}"
    if wanted == 0:
        text = (
            f"Nothing is tested{under}: none of {tried:,} changes is wanted by those who decide it"
        )
    elif witnesses == 0:
        text = (
            f"Security is indivisible here{under}: {wanted:,} of {tried:,} changes "
            f"{'is' if wanted == 1 else 'are'} wanted by those who decide, and none leaves "
            "anybody less secure"
        )
    else:
        them = (
            "the one change that those who decide would want leaves"
            if wanted == 1
            else f"{witnesses:,} of the {wanted:,} changes that those who decide would want "
            f"{'leaves' if witnesses == 1 else 'leave'}"
        )
        text = f"Security is not indivisible here{under}: {them} somebody else less secure"
    return f"{text}.{_paper(audit, lens)}{_cancelled(audit, lens)}"


def _cancelled(audit: Result, lens: str) -> str:
    """Return which rivalries of force or war a lens of signs does not see; empty if none."""
    pairs = audit.settings.get("cancelled_rivalries", [])
    sees = set(audit.settings["lenses"][lens].get("sees", []))
    if not pairs or "rivalry" not in sees or sees - {"defense", "rivalry", "strength"}:
        return ""
    return f" It does not see the rivalry of {listed(pairs)}, who are allies too."


def _given_in_words(audit: Result, lens: str) -> str:
    """Return what several changes that the user gave come to, each tried by itself."""
    verdicts = [change_verdict(audit, k, lens) for k in range(audit.data.sizes["change"])]
    wanted = sum(v.wanted for v in verdicts)
    paid = sum(v.witness for v in verdicts)
    harmful = sum(v.harmful for v in verdicts)
    return (
        f"Of {len(verdicts)} changes under the lens {in_words(lens)}, {wanted or 'none'} "
        f"{'is' if wanted < 2 else 'are'} wanted by those who decide, {paid or 'none'} of these at "
        f"someone's expense; {harmful or 'none'} of all {'leaves' if harmful < 2 else 'leave'} "
        "somebody less secure"
    )


def counted(one: xr.Dataset, what: str) -> int:
    """Return how many changes are wanted, or witnesses, twins counted once."""
    key = f"{what}_count"  # results saved by 0.1 have none
    return int(one[key]) if key in one else int(one[what].sum())


def _paper(audit: Result, lens: str) -> str:
    data = audit.data
    name = "paper alliances at full weight"
    if "alternative" not in data or name not in data["alternative"].values:
        return ""
    of_choice = data.sel(lens=lens, alternative=name)
    if f"{name} | {lens}" in audit.settings.get("alternative_reasons", {}):
        return " With paper alliances at full weight this lens has no answer."
    return (
        f" With paper alliances at full weight: {int(of_choice['alternative_witnesses']):,} of "
        f"{int(of_choice['alternative_wanted']):,}."
    )


def number(value: float | None) -> str:
    """Return a security or a delta with three significant digits, eight characters wide."""
    return f"{'-':>9}" if value is None or np.isnan(value) else f"{value:>+9.3g}"


def summary(audit: Result, rows: int = 10) -> str:
    """Return the result for a terminal of 100 columns: verdict, states, witnesses, payers."""
    lines = []
    scenario = audit.settings["scenario"]
    lines.append(f"{scenario['title']} ({scenario['date']})")
    for remark in scenario.get("remarks", []):  # results saved by 0.1.0 have none
        lines += _wrap(remark)
    if parted := disagreement(audit):
        lines += ["", *_wrap(parted)]
    for lens in audit.lenses:
        lines += ["", *_one_lens(audit, lens, rows)]
    for lens, reason in audit.refusals.items():
        lines += ["", *_wrap(f"{in_words(lens)} has no answer here: {reason}")]
    if len(audit.lenses) > 1:
        lines += ["", *_agreement(audit, rows)]
    elif named_changes(audit) and not audit.refusals:
        lines += ["", f"{ALONE}: --lens all."]
    lines += ["", *_what_went_in(audit)]
    return "\n".join(lines)


def _one_lens(audit: Result, lens: str, rows: int) -> list[str]:
    data = audit.data
    view = data.sel(lens=lens)
    lines = [*_wrap(audit.headline(lens)), ""]
    lines += _figures(audit, lens)
    if data.sizes["change"] == 1:
        return lines + _single(audit, lens) + otherwise(audit, lens)
    if named_changes(audit):
        return lines + side_by_side(audit, lens) + otherwise(audit, lens)
    lines += ["", f"Least secure ({audit.settings['lenses'][lens]['unit']}; higher is safer)"]
    if meaning := audit.settings["lenses"][lens].get("meaning"):
        lines += _wrap(f"{meaning.rstrip('.')}.", "  ")
    for row in least_secure(audit, lens).head(rows).iter_rows(named=True):
        low, high = number(row.get("low")).strip(), number(row.get("high")).strip()
        middle = f", median {number(row['median']).strip()}" if "median" in row else ""
        between = f"  [{low} to {high}{middle}]" if "low" in row else ""
        lines.append(f"  {number(row['security'])}{between}  {row['name']} ({row['state']})")
    lines += _wrap(without_quarrel(audit, lens), "  ")
    witnesses = audit.witnesses(lens)
    if witnesses.height:
        lines += [
            "",
            "Witnesses: changes by which none who decides loses beyond the tolerance, one at least",
            "gains, and somebody else is less secure. Those by which all who decide gain first, "
            "then the",
            f"most harmful ({min(rows, witnesses.height)} of {witnesses.height:,})",
        ]
        for row in witnesses.head(rows).iter_rows(named=True):
            sure = (
                f" (in {share(row['share_witness'])} of draws)"
                if row["share_witness"] is not None
                else ""
            )
            lines += _wrap(
                f"{row['change']}: {_few(row['gains'])}; costs {_few(row['losses'])}{sure}", "  "
            )
        unit = audit.settings["lenses"][lens]["unit"]
        lines += ["", f"Who loses most by one wanted change of another ({unit})"]
        paid = audit.states(lens).sort("paid", descending=True).head(5)
        names = dict(zip(data["state"].values, data["state_name"].values, strict=True))
        matrix = view["pays"].values
        order = {code: i for i, code in enumerate(data["state"].values)}
        for row in paid.iter_rows(named=True):
            if row["paid"] > 0:
                harms = matrix[order[row["state"]]]
                top = np.argsort(-harms, kind="stable")[:3]
                to = ", ".join(str(names[data["state"].values[i]]) for i in top if harms[i] > 0)
                lines.append(
                    f"  {row['paid']:>8.3g}  {row['name']} ({row['state']}), "
                    f"most to changes wanted by {to}"
                )
    lines += ["", "What each reading of the principle would admit"]
    for r, reading in enumerate(data["reading"].values):
        admitted = int(view["admitted"].values[r].sum())
        lines.append(f"  {reading:<8} {admitted:>6,} of {data.sizes['change']:,}")
    if "alternative" in data:
        lines += ["", "If a choice were made otherwise"]
        for a, name in enumerate(data["alternative"].values):
            index = float(view["alternative_index"].values[a])
            if f"{name} | {lens}" in audit.settings.get("alternative_reasons", {}):
                lines.append(f"  {name}: no answer")
                continue
            lines.append(
                f"  {name}: {index_in_words(index)}, "
                f"{int(view['alternative_witnesses'].values[a]):,} of "
                f"{int(view['alternative_wanted'].values[a]):,} wanted changes at someone's expense"
            )
    return lines


def least_secure(audit: Result, lens: str) -> pl.DataFrame:
    """Return the states that are less secure than the most secure; all where all are alike."""
    table: pl.DataFrame = audit.states(lens)
    below = table.filter(table["security"] < table["security"].max())
    return below if below.height else table


def without_quarrel(audit: Result, lens: str) -> str:
    """Return which states share the highest security in a sentence; empty if one alone has it.

    They are as secure as each other, so none of them has a place in a ranking.
    """
    table = audit.states(lens)
    shared = table.filter(table["security"] == table["security"].max())
    if shared.height < 2 or shared.height == table.height:
        return ""
    quarrels = shared["quarrels"] if "quarrels" in shared.columns else None
    peaceful = quarrels is not None and not quarrels.sum()
    why = ", and no state has a quarrel with them" if peaceful else ""
    names = [f"{row['name']} ({row['state']})" for row in shared.iter_rows(named=True)]
    most = exact(float(shared["security"][0]))
    return f"{shared.height} states share the highest value, {most}{why}: {listed(names)}."


def _in_words(keys: str) -> str:
    """Return lenses that stand as keys with commas between them in words."""
    return listed([in_words(key) for key in keys.split(", ")])


def _agreement(audit: Result, rows: int) -> list[str]:
    """Return where the lenses agree and where they split."""
    agreement = audit.agreement()
    names = [in_words(name) for name in agreement.lenses]
    lines = ["Do the lenses agree?", "  rank correlation of the states' securities (Spearman)"]
    width = max(len(name) for name in names)
    lines += [
        f"  {name:<{width}}  "
        + "  ".join("  -  " if np.isnan(x) else f"{x:+.2f}" for x in agreement.rank_correlation[k])
        for k, name in enumerate(names)
    ]
    alike = [names[k] for k in np.flatnonzero(np.isnan(agreement.rank_correlation.diagonal()))]
    if alike:
        lines += _wrap(f"under {', '.join(alike)} all states are equally secure", "  ")
    both = agreement.unanimous()
    split = agreement.split()
    lines.append(
        f"  {len(both):,} changes are witnesses under every lens, {split.height:,} under some only"
    )
    lines += [line for change in both[:rows] for line in _wrap(f"every lens: {change}", "  ")]
    apart = split.filter(split["along"] != "").group_by("for", "against", "along").len()
    for row in apart.sort("len", "for", descending=[True, False]).head(3).iter_rows(named=True):
        parted = "; ".join(
            f"{name}: {first} (otherwise: {rest})"
            for name, first, rest in agreement.parting(
                *(row[s].split(", ") for s in ("for", "against"))
            )
        )
        lines += _wrap(
            f"{row['len']:,} are witnesses under {_in_words(row['for'])} and not under "
            f"{_in_words(row['against'])}. "
            f"What parts them: {parted}",
            "  ",
        )
    return lines


def _figures(audit: Result, lens: str) -> list[str]:
    data = audit.data
    view = data.sel(lens=lens)
    reading = audit.settings["lenses"][lens]["reading"]
    lines = [f"  reading {reading}"] if reading else []
    if besides := seen_besides(audit.settings["lenses"][lens].get("facts", {})):
        lines += _wrap(besides, "  ")
    if data.sizes["change"] == 1:
        return lines + _figures_of_one(audit, lens)
    lines += _wrap(
        f"{index_in_words(float(view['index']), float(view['index_weighted']))}; "
        f"{counted(view, 'wanted'):,} wanted of {data.sizes['change']:,} tried; "
        f"{counted(view, 'witness'):,} at someone's expense",
        "  ",
    )
    if "wanted_strong" in view:
        lines += _wrap(
            f"if all who decide had to gain: {counted(view, 'wanted_strong'):,} wanted, "
            f"{counted(view, 'witness_strong'):,} at someone's expense",
            "  ",
        )
        for switch in audit.settings.get("switches", {}).get(lens, []):
            lines += _wrap(
                f"if {switch['without']}: {switch['wanted']:,} wanted, "
                f"{switch['witnesses']:,} at someone's expense",
                "  ",
            )
        close = int((view["close"] & view["wanted"]).sum())
        lines += [f"  {close:,} of the wanted are close: within a factor of two of the tolerance"]
        lines += _unseen(audit, lens)
    undefined = int((~view["defined"].values).sum())
    if undefined:
        lines.append(f"  {undefined:,} changes after which the lens has no answer are left open")
    if "draws_defined" in data:
        count, asked = int(view["draws_defined"]), int(data.attrs["draws"])
        low, high = interval(view["index_draw"].values)
        middle = median(view["index_draw"].values)
        if count and low is not None and high is not None and middle is not None:
            lines += _wrap(
                f"over {count:,} draws of the parameters: "
                f"index {fraction(low)} to {fraction(high)} (90 %), median {fraction(middle)}; "
                f"a witness in {share(float(view['share_divisible']))} "
                f"(± {100 * float(view['share_divisible_error']):.1f}) of them",
                "  ",
            )
        lines += _wrap(defaults_against_draws(audit, lens), "  ")
        outside = outside_interval(audit, lens)
        if outside:
            lines += _wrap(outside, "  ")
        if count < asked:
            lines.append(f"  {asked - count:,} of {asked:,} draws have no answer and are left out")
    return lines


def defaults_against_draws(audit: Result, lens: str) -> str:
    """Return where the defaults and most draws differ on all changes together; empty if nowhere."""
    view = audit.data.sel(lens=lens)
    if "share_witness" not in view or not int(view["draws_defined"]):
        return ""
    said = []
    witness, often = view["witness"].values, view["share_witness"].values >= LIKELY
    if int(witness.sum()) and (held := int((witness & often).sum())) < int(witness.sum()):
        said.append(
            f"of the {plural(int(witness.sum()), 'change')} that somebody pays for at the default "
            f"parameters, twins counted, {held:,} {'is' if held == 1 else 'are'} so in half of the "
            "draws or more"
        )
    if more := int((often & ~witness).sum()):
        said.append(f"{plural(more, 'other')} only in the draws")
    low, high = interval(view["index_draw"].values)
    index = float(view["index"])
    if low is not None and high is not None and not low <= index <= high:
        said.append(f"the index at the default parameters, {fraction(index)}, lies outside them")
    return "; ".join(said)


def index_in_words(index: float, weighted: float | None = None) -> str:
    """Return the index, or that there are too few wanted changes for one."""
    if np.isnan(index):
        return f"no index, for fewer than {LEAST_WANTED} changes are wanted"
    if weighted is None:
        return f"index {fraction(index)}"
    return (
        f"index {fraction(index)}, the share of wanted changes at nobody's expense (each weighted "
        f"by how much it is wanted: {fraction(weighted)})"
    )


def _unseen(audit: Result, lens: str) -> list[str]:
    """Return the edits of which the lens sees nothing, if there are any."""
    edits = [
        sentence
        for sentences in audit.settings.get("unseen", {}).get(lens, {}).values()
        for sentence in sentences
    ]
    if not edits:
        return []
    shown = "; ".join(edits[:SHOWN_UNSEEN])
    more = f"; and {len(edits) - SHOWN_UNSEEN:,} more" if len(edits) > SHOWN_UNSEEN else ""
    return _wrap(f"not seen by this lens, so without a result: {shown}{more}", "  ")


def _figures_of_one(audit: Result, lens: str) -> list[str]:
    """Return the verdict of a single change with its shares of draws; it has no index."""
    verdict = change_verdict(audit, 0, lens)
    lines = [f"  {verdict.word()}"]
    if verdict.share_witness is not None:
        asked, count = (
            int(audit.data.attrs["draws"]),
            int(audit.data["draws_defined"].sel(lens=lens)),
        )
        lines += _wrap(
            f"of {count:,} draws of the parameters: wanted in "
            f"{share(verdict.share_wanted or 0.0)}, somebody less secure in "
            f"{share(verdict.share_harmful or 0.0)}, both in {share(verdict.share_witness)}",
            "  ",
        )
        if count < asked:
            lines.append(f"  {asked - count:,} of {asked:,} draws have no answer and are left out")
    if verdict.often is not None and verdict.often != (len(verdict.gains), len(verdict.losses)):
        more, less = verdict.often
        lines += _wrap(
            f"in half of the draws or more {plural(more, 'state')} more secure and "
            f"{plural(less, 'state')} less secure",
            "  ",
        )
    if outside := outside_interval(audit, lens):
        lines += _wrap(outside, "  ")
    return lines


def seen_besides(facts: Mapping[str, bool]) -> str:
    """Return what a lens uses besides the ties, and what the scenario does not say of it."""
    parts = []
    for begins, wanted in (("also sees", True), ("not in the scenario:", False)):
        words = [FACTS[name] for name, there in facts.items() if there == wanted]
        if words:
            parts.append(f"{begins} {listed(words)}")
    return "; ".join(parts)


def outside_interval(audit: Result, lens: str) -> str:
    """Return how many point estimates lie outside their interval, and why; empty if none does.

    The point estimate is made with the default parameters. A default at the end of the range
    that is drawn from, such as the published case of a wider family, has all draws on one side.
    """
    view = audit.data.sel(lens=lens)
    if "security_low" not in view or not int(view["draws_defined"]):
        return ""
    low, high = view["security_low"].values, view["security_high"].values
    value = view["security"].values
    slack = 1e-12 * np.abs(value).max()
    count = int(((value < low - slack) | (value > high + slack)).sum())
    if not count:
        return ""
    about = audit.settings["lenses"][lens]
    drawn = audit.data["parameter"].values.astype(str).tolist()
    ends = [
        f"{p['name']} = {p['low' if low_end else 'high']:g}, the {'lower' if low_end else 'upper'} "
        f"end of the range drawn from, {p['low']:g} to {p['high']:g}"
        for p in about["parameters"]
        for low_end in (True, False)
        if f"{lens}.{p['name']}" in drawn
        and about["values"][p["name"]] == p["low" if low_end else "high"]
    ]
    why = (
        f"they are made with {' and '.join(ends)}"
        if ends
        else "the draws are not centred on the default parameters"
    )
    return (
        f"{count} of {len(value)} point estimates lie outside their interval: {why}. The medians "
        "say what is typical of the range"
    )


def _single(audit: Result, lens: str) -> list[str]:
    data = audit.data
    view = data.sel(lens=lens)
    change = str(data["change"].values[0])
    names = dict(zip(data["state"].values, data["state_name"].values, strict=True))
    if "seen" in view and not bool(view["seen"].values[0]):
        return ["", *_wrap(f"{change}: the lens sees nothing of it, so it has no result")]
    lines = ["", f"{change} ({audit.settings['lenses'][lens]['unit']}; initiators marked *)"]
    if not bool(view["defined"].values[0]):
        return [*lines, "  the lens has no answer after this change"]
    deltas = audit.deltas(change, lens).values
    decides = data["initiator"].values[0]
    tol = float(view["tolerance"])
    drawn = "share_harms" in data
    still = []
    for i in np.argsort(-np.abs(deltas), kind="stable"):
        code = data["state"].values[i]
        won, lost = (
            (float(view[f"share_{key}"].values[0, i]) for key in ("helps", "harms"))
            if drawn
            else (0.0, 0.0)
        )
        if abs(deltas[i]) <= tol and max(won, lost) < LIKELY:
            still += [f"{names[code]} ({code})"] * bool(decides[i])
            continue
        sure = ""
        if drawn:
            own, other = (lost, won) if deltas[i] < 0 else (won, lost)
            verbs = ("loses", "gains") if deltas[i] < 0 else ("gains", "loses")
            sure = f"  {verbs[0]} in {share(own)} of draws"
            if other > own:
                sure += f", {verbs[1]} in {share(other)}"
        star = "*" if decides[i] else " "
        lines.append(f"  {number(deltas[i])} {star} {names[code]} ({code}){sure}")
    if still:
        lines += _wrap(f"within the tolerance, though they decide it: {listed(still)}", "  ")
    lines.append(f"  nobody else moves by more than the tolerance, {tol:.2g}")
    return lines


def _what_went_in(audit: Result) -> list[str]:
    s = audit.settings
    mapping = s["mapping"]
    lines = [
        f"Capability: {s['scenario']['measure']}. Allies: "
        + ", ".join(f"{k} {v:g}" for k, v in mapping["counts as an alliance"].items())
        + f". Rivals: from intensity {mapping['rivals from intensity']:g}."
    ]
    if s["partial"]:
        lines.append("Paper alliances: " + ", ".join(f"{k} {v:g}" for k, v in s["partial"].items()))
    if s["allied_rivals"]:
        lines.append(
            "Allies and rivals at once (to lenses that see signs alone, "
            f"{mapping['rivals who are allies'].split()[2]}): " + ", ".join(s["allied_rivals"])
        )
    if s["scenario"]["without_capability"]:
        missing = ", ".join(s["scenario"]["without_capability"])
        lines.append(f"No figure of capability, and so in no lens: {missing}")
    tolerances = [
        f"tolerance {name} {float(audit.data['tolerance'].sel(lens=name)):g}"
        for name in audit.lenses
        if s["lenses"][name].get("tolerance") is not None
    ]
    signed = len(tolerances) < len(audit.lenses)
    count = [*([f"materiality {s['materiality']:g}"] if signed else []), *tolerances]
    lines.append(
        f"Seed {s['seed']}, {s['draws']} draws, {', '.join(count)}, detente "
        f"{s['detente']}, scenario {s['scenario']['digest'][:12]}"
    )
    return [wrapped for line in lines for wrapped in _wrap(line)]


def _few(listed: str, most: int = 4) -> str:
    parts = listed.split("; ")
    more = len(parts) - most
    return ", ".join(parts[:most]) + (f" and {more} more" if more > 0 else "")


def _wrap(text: str, indent: str = "") -> list[str]:
    import textwrap

    return textwrap.wrap(
        text, 96, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False
    )
