"""Architectures side by side: who gains and who pays under each, by which model, and how surely.

Every proposal is put in the same form and none is recommended; the order is that of the dates of
the texts. A lens that does not see an edit has no result for it, which is not the result that
nobody is affected: how many of a proposal's edits a lens sees, and which it does not, stands
beside every number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.architecture.changes import Change, moves_of
from detente.architecture.system import Floats, System
from detente.architecture.value import Architecture
from detente.auditing.run import DEFAULT_LENS
from detente.auditing.verdicts import judge
from detente.errors import DetenteError, UsageError
from detente.evidence.resolve import architecture_of
from detente.lenses.protocol import Lens
from detente.runs import Workforce
from detente.transition.columns import Contender, Named, columns, stated_edits, unseen_of
from detente.transition.subsets.sights import INTERVAL, LensView, share_of, sights
from detente.words import listed as _listed
from detente.words import plural

if TYPE_CHECKING:
    from detente.results import Result

FORMAT = 1
VIEWS = ("states", "proposals", "unseen")
DEFAULT_DRAWS = 100
TENSION_SECONDS = 60.0
"""How long the camps of one architecture may be searched for; bounds stand in after that. A hundred
times what it takes, so that a busy machine, or the first call of all, which compiles the search,
gives the same as any other."""


@dataclass(frozen=True, eq=False)
class ContenderEffects:
    """What every column does under one lens.

    Attributes
    ----------
    deltas : array (p, n)
        What each gives to each state; NaN where the lens sees none of its edits or has no answer.
    low, high : arrays (p, n)
        The same at the ends of the interval over draws; the point estimate without draws.
    less, more : arrays (p, n)
        Share of draws in which a state loses, or gains, more than the tolerance.
    seen : int array (p,)
        How many edits the lens sees.
    weak, strong : arrays (p,)
        Share of draws in which those who decide would consent: nobody loses and somebody gains;
        all gain. NaN where nobody is known to decide or the lens has no answer.
    """

    deltas: Floats
    low: Floats
    high: Floats
    less: Floats
    more: Floats
    seen: NDArray[np.int64]
    weak: Floats
    strong: Floats


def compare(
    architecture: Architecture | str,
    names: Named | Sequence[Named] | None = None,
    *,
    lens: str | Lens | Sequence[str | Lens] = DEFAULT_LENS,
    draws: int = DEFAULT_DRAWS,
    seed: int = 0,
    parameters: Mapping[str, float] | None = None,
    work: Workforce | None = None,
) -> Result:
    """Compare proposals, changes or whole packages with an architecture as it stands.

    Parameters
    ----------
    architecture : Architecture, str or path
        What stands.
    names : str, change, list of sentences, package, or a list of these
        What to compare: a bundled proposal (``"helsinki"`` for each of its readings,
        ``"helsinki:text"`` for one), a sentence, a list of sentences taken together, a path of
        another package. All bundled proposals if left out.
    lens : str, Lens or several
        Through which model; ``"all"`` for every one.
    draws : int
        Draws of the lenses' uncertain parameters.
    seed : int
        Seed of the draws.
    parameters : mapping, optional
        Values of lens parameters; a value given is not drawn.
    work : Workforce, optional
        Who evaluates the draws, and where they are kept; no number depends on it.

    Returns
    -------
    Result
        Per proposal, lens and state: what it gives (in the lens's unit), its interval, the share
        of draws in which the state is less and more secure; per proposal: edits seen, who
        consents, witnesses left, camps.

    Raises
    ------
    UsageError
        If a name is not known, or a lens sees none of the edits of anything named.
    """
    g = architecture_of(architecture)
    listed = columns(g, names)
    views = sights(g, lens, draws=draws, seed=seed, parameters=parameters, work=work)
    sighted = [view for view in views if not view.reason]
    blind = [[unseen_of(view.lens, g, column) for column in listed] for view in sighted]
    effects = [
        _effects(g, view, listed, unseen) for view, unseen in zip(sighted, blind, strict=True)
    ]
    if not any(int(effect.seen.sum()) for effect in effects):
        edits = sum(stated_edits(column) for column in listed)
        none = f"none of the {edits} edits of" if edits > 1 else "not the one edit of"
        raise UsageError(
            f"{', '.join(view.lens.name for view in sighted)} sees {none} "
            f"{', '.join(column.name for column in listed)}, so there is nothing to compare; "
            "lenses that see more are listed by: detente lenses"
        )
    return _assembled(g, listed, views, sighted, effects, blind, draws, seed)


def _effects(
    g: Architecture, view: LensView, listed: Sequence[Contender], unseen: Sequence[Sequence[str]]
) -> ContenderEffects:
    p, n = len(listed), view.system.size
    seen = np.array(
        [stated_edits(column) - len(dark) for column, dark in zip(listed, unseen, strict=True)],
        dtype=np.int64,
    )
    point = np.full((p, n), np.nan)
    drawn = np.full((len(view.drawn), p, n), np.nan)
    levels = np.full(len(view.drawn), view.tolerance)
    changed = [k for k, column in enumerate(listed) if column.change is not None and seen[k]]
    if changed:
        moves = moves_of(g, [_bare(listed[k].change) for k in changed])
        point[changed] = view.deltas(moves)
        if view.drawn:
            drawn[:, changed], levels = view.over_draws(moves)
    for k, column in enumerate(listed):
        if column.other is not None:
            point[k], drawn[:, k] = view.between(column.other.system)
    if not len(drawn):
        drawn, levels = point[None], np.array([view.tolerance])
    known = np.isfinite(drawn)
    limit = levels[:, None, None]
    with np.errstate(invalid="ignore"):
        less, more = drawn < -limit, drawn > limit
    low, high = _quantiles(drawn)
    return ContenderEffects(
        point, low, high, share_of(less, known), share_of(more, known), seen,
        *_consenting(g, listed, less, more, known),
    )  # fmt: skip


def _consenting(
    g: Architecture,
    listed: Sequence[Contender],
    less: NDArray[np.bool_],
    more: NDArray[np.bool_],
    known: NDArray[np.bool_],
) -> tuple[Floats, Floats]:
    """Return in which share of draws those who decide consent, weakly and strongly, (p,) each."""
    weak, strong = np.full(len(listed), np.nan), np.full(len(listed), np.nan)
    for k, column in enumerate(listed):
        decide = deciding(g, column)
        answered = known[:, k].all(axis=1)
        if decide and answered.any():
            loses, gains = less[answered, k][:, decide], more[answered, k][:, decide]
            weak[k] = (gains.any(axis=1) & ~loses.any(axis=1)).mean()
            strong[k] = gains.all(axis=1).mean()
    return weak, strong


def deciding(g: Architecture, column: Contender) -> list[int]:
    """Return the states that decide a column, by their place among those that lenses see."""
    if column.change is None:
        return []
    index = {code: k for k, code in enumerate(g.system.codes)}
    return [index[s] for s in column.change.initiators(g) if s in index]


def _bare(change: Change | None) -> Change:
    assert change is not None
    return Change(change.edits, ())


def _quantiles(drawn: Floats) -> tuple[Floats, Floats]:
    known = np.isfinite(drawn).any(axis=0)
    low, high = np.full(known.shape, np.nan), np.full(known.shape, np.nan)
    if known.any():
        low[known], high[known] = np.nanquantile(drawn[:, known], INTERVAL, axis=0)
    return low, high


def consent(g: Architecture, column: Contender, deltas: Floats, tolerance: float) -> dict[str, Any]:
    """Return who would agree to a column, in which order, and who would not, under one lens.

    Those who decide are ordered by what they gain; who loses more than the tolerance refuses.
    """
    if column.change is None:
        return {"decide": [], "gain": [], "agree": [], "refuse": [], "weak": None, "strong": None}
    index = {code: k for k, code in enumerate(g.system.codes)}
    decide = [s for s in column.change.initiators(g) if s in index]
    if not np.isfinite(deltas).all():
        return {"decide": decide, "gain": [], "agree": [], "refuse": [], "weak": None,
                "strong": None}  # fmt: skip
    order = sorted(decide, key=lambda s: -deltas[index[s]])
    gain = [s for s in order if deltas[index[s]] > tolerance]
    refuse = [s for s in reversed(order) if deltas[index[s]] < -tolerance]
    agree = [s for s in order if s not in gain and s not in refuse]
    return {
        "decide": decide,
        "gain": gain,
        "agree": agree,
        "refuse": refuse,
        "weak": bool(gain) and not refuse,
        "strong": bool(decide) and len(gain) == len(decide),
    }


def witnesses_left(g: Architecture, view: LensView) -> tuple[int, int]:
    """Return how many changes on the table are wanted in an architecture, and at whose expense.

    What has been done already, or cannot be done any more, drops out.
    """
    if "on_the_table" not in g.tables:
        return 0, 0
    from detente.architecture.sentences import parse

    possible = []
    for sentence in g.tables["on_the_table"]["change"].drop_nulls().to_list():
        try:
            possible.append(parse(sentence).bound(g))
        except DetenteError:
            continue
    if not possible:
        return 0, 0
    try:
        screen = view.lens.screen(
            g.system, moves_of(g, possible), view.values, view.tolerance, signs=False, pays=False
        )
    except DetenteError:
        return 0, 0
    verdicts = judge(screen, view.tolerance)
    return int(verdicts.wanted.sum()), int(verdicts.witness.sum())


def camps(system: System) -> tuple[int, int, NDArray[np.int64]]:
    """Return bounds of the frustration index of a system, and the side of each state.

    Harary (1959): the least number of ties that would have to go to leave two camps without
    strain; `detente.lenses.balance`.
    """
    from detente.lenses.balance.frustration import frustration_index
    from detente.lenses.balance.tension import signed_ties

    index = frustration_index(signed_ties(system), time_limit=TENSION_SECONDS)
    return int(index.lower), int(index.upper), np.asarray(index.partition)


def _after(g: Architecture, column: Contender) -> Architecture:
    return column.change.apply(g) if column.change is not None else column.other or g


def _sides(
    before: NDArray[np.int64], after: NDArray[np.int64], tied: NDArray[np.bool_]
) -> list[int]:
    """Return the states that stand on another side than before; the sides have no names."""
    moved = np.flatnonzero((before != after) & tied)
    stayed = np.flatnonzero((before == after) & tied)
    return (moved if len(moved) <= len(stayed) else stayed).tolist()


def _tied(system: System) -> NDArray[np.bool_]:
    return np.asarray(((system.allies + system.rivals) > 0).any(axis=0))


def _assembled(
    g: Architecture,
    listed: Sequence[Contender],
    views: Sequence[LensView],
    sighted: Sequence[LensView],
    effects: Sequence[ContenderEffects],
    blind: Sequence[Sequence[Sequence[str]]],
    draws: int,
    seed: int,
) -> Result:
    from detente.results import build

    afters = [_after(g, column) for column in listed]
    low, high, before = camps(g.system)
    tension, sides = [], []
    for after in afters:
        lower, upper, partition = camps(after.system)
        tension.append((lower, upper))
        same = after.system.codes == g.system.codes
        both = _tied(g.system) & _tied(after.system) if same else None
        sides.append(_sides(before, partition, both) if both is not None else [])
    left = np.array([[witnesses_left(after, view) for view in sighted] for after in afters])
    standing = np.array([witnesses_left(g, view) for view in sighted])
    agreed = {
        column.name: {
            view.lens.name: consent(g, column, effect.deltas[k], view.tolerance)
            for view, effect in zip(sighted, effects, strict=True)
        }
        for k, column in enumerate(listed)
    }
    stack = {
        name: np.stack([getattr(effect, name) for effect in effects], axis=1)
        for name in ("deltas", "low", "high", "less", "more", "seen", "weak", "strong")
    }
    units = "; ".join(f"{view.lens.name}: {view.lens.unit}" for view in sighted)
    each = ("proposal", "lens", "state")
    variables = {
        "delta": (each, stack["deltas"], units, "what it gives to the state; higher is safer"),
        "delta_low": (each, stack["low"], units, f"{INTERVAL[0]:.0%} quantile over draws"),
        "delta_high": (each, stack["high"], units, f"{INTERVAL[1]:.0%} quantile over draws"),
        "share_less": (each, stack["less"], "share of draws", "it makes the state less secure"),
        "share_more": (each, stack["more"], "share of draws", "it makes the state more secure"),
        "share_weak": (("proposal", "lens"), stack["weak"], "share of draws",
                       "of those who decide nobody loses and somebody gains"),
        "share_strong": (("proposal", "lens"), stack["strong"], "share of draws",
                         "all who decide gain"),
        "seen": (("proposal", "lens"), stack["seen"], "edits", "edits that the lens sees"),
        "edits": (
            ("proposal",), np.array([stated_edits(c) for c in listed]), "edits", "edits in all"
        ),
        "security": (
            ("lens", "state"), np.stack([v.security for v in sighted]), units, "before any change"
        ),
        "tolerance": (
            ("lens",), np.array([v.tolerance for v in sighted]), units,
            "what a gain or a loss must exceed to count",
        ),
        "wanted_left": (
            ("proposal", "lens"), left[:, :, 0], "changes",
            "of the changes on the table now, those that could still be done and would be wanted",
        ),
        "witnesses_left": (
            ("proposal", "lens"), left[:, :, 1], "changes", "of these, at somebody's expense"
        ),
        "witnesses_before": (
            ("lens",), standing[:, 1], "changes", "the same as things stand"
        ),
        "tension_low": (
            ("proposal",), np.array([t[0] for t in tension]), "ties",
            "ties that would have to go to leave two camps without strain, at least",
        ),
        "tension_high": (
            ("proposal",), np.array([t[1] for t in tension]), "ties", "the same, at most"
        ),
        "sides_changed": (
            ("proposal",), np.array([len(s) for s in sides]), "states",
            "states on another side of the line between the two camps than before",
        ),
    }  # fmt: skip
    settings = {
        "draws": draws,
        "interval": list(INTERVAL),
        "tension_before": [low, high],
        "on_the_table": g.tables["on_the_table"].height if "on_the_table" in g.tables else 0,
        "lenses": {view.lens.name: view.describe() for view in sighted},
        "refusals": {view.lens.name: view.reason for view in views if view.reason},
        "proposals": {
            column.name: {
                "title": column.title,
                "date": column.date,
                "reading": column.reading,
                "case_for": column.case_for,
                "case_against": column.case_against,
                "edits": [str(edit.sentence()) for edit in column.change.edits]
                if column.change is not None
                else [],
                "without_edit": column.without_edit,
                "absent": column.absent_from(g),
                "unseen": {
                    view.lens.name: list(dark[k]) for view, dark in zip(sighted, blind, strict=True)
                },
                "consent": agreed[column.name],
                "sides_changed": [g.system.codes[s] for s in sides[k]],
            }
            for k, column in enumerate(listed)
        },
        "mapping": g.mapping.describe(),
    }
    coordinates = {
        "proposal": [column.name for column in listed],
        "lens": [view.lens.name for view in sighted],
        "state": list(g.system.codes),
    }
    return build(
        "compare",
        variables=variables,
        coordinates=coordinates,
        reading=_reading(g, listed, sighted, effects),
        architecture=g,
        settings=settings,
        seed=seed,
    )


def _reading(
    g: Architecture,
    listed: Sequence[Contender],
    sighted: Sequence[LensView],
    effects: Sequence[ContenderEffects],
) -> str:
    """Return the answer in words: how many leave nobody less secure, under which lens."""
    parts, many = [], len(listed)
    for view, effect in zip(sighted, effects, strict=True):
        known = np.asarray(np.isfinite(effect.deltas).any(axis=1))
        payers = (effect.deltas < -view.tolerance).sum(axis=1)
        unseen = int((effect.seen == 0).sum())
        silent = many - int(known.sum()) - unseen
        said = []
        if many == 1 and known[0]:
            who = plural(int(payers[0]), "state") if payers[0] else "no state"
            said.append(f"it leaves {who} less secure")
        elif known.any():
            said.append(
                f"{int((known & (payers == 0)).sum())} of the {int(known.sum())} that it sees "
                "leave no state less secure"
            )
        if unseen:
            said.append("no edit of it is seen" if many == 1 else f"of {unseen} it sees no edit")
        if silent:
            said.append("it has no answer" + ("" if many == 1 else f" about {silent}"))
        parts.append(f"under {view.lens.name} {', and '.join(said)}")
    head = f"{many} architectures compared" if many > 1 else f"{listed[0].name} compared"
    text = f"{head} with {g.title} as it stands: {'; '.join(parts)}."
    for column in listed:
        absent = column.absent_from(g)
        if absent:
            text += (
                f" {column.name} has {g.system.size - len(absent)} of the {g.system.size} states; "
                f"about {_listed(absent, 3)} it says nothing."
            )
    return text


def text(result: Result) -> str:
    """Return the comparison for a terminal: one block a lens, one line a proposal."""
    data, settings = result.data, result.settings
    lines = [result.reading, ""]
    for lens in data["lens"].values.tolist():
        here = data.sel(lens=lens)
        lines.append(f"{lens} ({settings['lenses'][lens]['unit']})")
        for name in data["proposal"].values.tolist():
            row = here.sel(proposal=name)
            seen, edits = int(row["seen"]), int(row["edits"])
            head = f"  {name:<28} sees {seen} of {edits} edits"
            if not np.isfinite(row["delta"].values).any():
                lines.append(f"{head}; no result")
                continue
            tolerance = float(row["tolerance"])
            gain, pay = _ends(row, tolerance)
            agreed = settings["proposals"][name]["consent"][lens]
            lines += [
                f"{head}",
                f"      gain: {gain}; pay: {pay}",
                f"      {consent_in_words(row, agreed, settings['draws'])}",
            ]
            if settings["on_the_table"]:
                lines.append(
                    f"      of the changes on the table {int(row['witnesses_left'])} would still "
                    f"be wanted at somebody's expense (now {int(here['witnesses_before'])})"
                )
        lines.append("")
    if len(settings["proposals"]) > 1:
        lines.append("No proposal is recommended; the order is that of the dates of the texts.")
    return "\n".join(lines)


def consent_in_words(row: Any, agreed: Mapping[str, Any], draws: int) -> str:
    """Return who of those who decide gains most, who refuses, and how often all consent."""
    if not agreed["decide"]:
        return "nobody is known to decide it"

    def told(codes: Sequence[str], share: str) -> str:
        often = row[share].sel(state=list(codes[:3])).values if draws else ()
        some = [
            f"{code} ({part:.0%})" for code, part in zip(codes[:3], often, strict=True)
        ] if draws else list(codes[:3])  # fmt: skip
        return ", ".join(some) + (f" and {len(codes) - 3} more" if len(codes) > 3 else "")

    parts = [f"{len(agreed['decide'])} decide"]
    if agreed["gain"]:
        parts.append(f"first to agree: {told(agreed['gain'], 'share_more')}")
    elif agreed["agree"]:
        parts.append("nobody of them gains")
    parts.append(
        f"would refuse: {told(agreed['refuse'], 'share_less')}"
        if agreed["refuse"]
        else "nobody would refuse"
    )
    if draws and np.isfinite(row["share_weak"]):
        parts.append(f"consent in {float(row['share_weak']):.0%} of draws")
    return "; ".join(parts)


def _ends(row: Any, tolerance: float) -> tuple[str, str]:
    """Return who gains and who pays most, the largest first, with figures."""
    deltas, codes = row["delta"].values, row["state"].values
    order = np.argsort(deltas, kind="stable")
    pay = [k for k in order if deltas[k] < -tolerance]
    gain = [k for k in order[::-1] if deltas[k] > tolerance]

    def told(which: list[Any]) -> str:
        some = ", ".join(f"{codes[k]} {deltas[k]:+.3g}" for k in which[:3])
        return f"{some} ({len(which)} in all)" if len(which) > 3 else some or "nobody"

    return told(gain), told(pay)


def states(result: Result, proposal: str | None = None, lens: str | None = None) -> Any:
    """Return what each proposal gives to each state, as a table.

    Parameters
    ----------
    proposal, lens : str, optional
        Only this one.
    """
    import polars as pl

    data = result.data
    if proposal is not None:
        data = data.sel(proposal=[proposal])
    if lens is not None:
        data = data.sel(lens=[lens])
    names = ["delta", "delta_low", "delta_high", "share_less", "share_more"]
    frame = data[names].to_dataframe().reset_index()
    return pl.DataFrame({c: frame[c].to_list() for c in ["proposal", "lens", "state", *names]})


def proposals(result: Result) -> Any:
    """Return one row a proposal and lens: edits seen, gainers, payers, consent, witnesses left."""
    import polars as pl

    data, rows = result.data, []
    for name in data["proposal"].values.tolist():
        about = result.settings["proposals"][name]
        for lens in data["lens"].values.tolist():
            row = data.sel(proposal=name, lens=lens)
            tolerance, deltas = float(row["tolerance"]), row["delta"].values
            known = bool(np.isfinite(deltas).any())
            agreed = about["consent"][lens]
            rows.append(
                {
                    "proposal": name,
                    "lens": lens,
                    "date": about["date"],
                    "edits": int(row["edits"]),
                    "seen": int(row["seen"]),
                    "more_secure": int((deltas > tolerance).sum()) if known else None,
                    "less_secure": int((deltas < -tolerance).sum()) if known else None,
                    "decide": len(agreed["decide"]),
                    "refuse": " ".join(agreed["refuse"]),
                    "weak_consent": agreed["weak"],
                    "strong_consent": agreed["strong"],
                    "share_weak": _or_none(row["share_weak"]),
                    "share_strong": _or_none(row["share_strong"]),
                    "witnesses_left": int(row["witnesses_left"]),
                    "tension_low": int(row["tension_low"]),
                    "tension_high": int(row["tension_high"]),
                }
            )
    return pl.DataFrame(rows)


def _or_none(value: Any) -> float | None:
    number = float(value)
    return number if np.isfinite(number) else None


def unseen(result: Result, lens: str) -> dict[str, list[str]]:
    """Return the edits of every proposal that a lens does not see, as sentences."""
    return {name: about["unseen"][lens] for name, about in result.settings["proposals"].items()}


def table(result: Result) -> Any:
    """Return the main table: one row a proposal and lens."""
    return proposals(result)
