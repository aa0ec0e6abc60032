"""Plans in words: what the rule asks, whether it is kept, and by how large packages.

Every sentence is derived from the plan, and says of a rule only what that rule asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.words import plural

if TYPE_CHECKING:
    from detente.architecture.value import Architecture
    from detente.transition.planning import Plan
    from detente.transition.subsets.sights import LensView

Asked = Mapping[str, Any]

NAMED = 4
"""States that a sentence names."""

CONSENT_WORDS = {
    "willing": "no state that decides a step losing by it",
    "weak": "those who decide each step agreeing (none loses, one gains)",
    "strong": "all who decide each step gaining by it",
}


def status_words(status: str, rule: str) -> str:
    """Return a status in a few words, under the rule that was asked for."""
    if status == "harmful_target":
        return {
            "bounded": "exceeds the budget: no way",
            "step": "takes too much from somebody: no way",
        }.get(rule, "harms somebody: no way")
    return {
        "reached": "can be reached",
        "needs_package": "needs larger packages",
        "not_found_within_bounds": "no way found within bounds",
    }[status]


def rule_words(asked: Asked, *, tolerance: bool = False) -> str:
    """Return what the rule and the consent ask of a way, and that a tolerance is no loss."""
    rule, budget = asked["rule"], asked["budget"]
    if rule == "step":
        words = "nobody losing in any step"
    elif rule == "bounded" and budget is not None:
        words = f"all losses below the start together at most {budget:g} tolerances"
    elif rule == "bounded":
        words = "losses below the start of any size, as no budget was named"
    else:
        words = "nobody below the start"
    if tolerance and rule != "bounded":
        words += " by more than the tolerance"
    if asked["consent"] != "none":
        words += f" and {CONSENT_WORDS[asked['consent']]}"
    if asked["share"] is not None:
        words += f", in at least {asked['share']:.0%} of draws"
    return words


def reading(
    g: Architecture, plans: Sequence[Plan], sighted: Sequence[LensView], asked: Asked
) -> str:
    """Return the answer in one or two sentences."""
    lenses = ", ".join(view.lens.name for view in sighted)
    if len(plans) > 1:
        return _several(g, plans, lenses, asked)
    answer = plans[0]
    name, rule = answer.column.name, rule_words(asked, tolerance=True)
    if answer.status == "harmful_target":
        return f"{_proof(g, answer, lenses, asked)} {_part(answer, asked)}"
    if answer.status == "not_found_within_bounds":
        allowed = f" with packages of up to {asked['package']} edits" if asked["package"] else ""
        if answer.way_to == "part":
            who = names_of(losers_of(g, answer))
            return (
                f"No way to {name}{allowed} was found within the bounds with {rule}, under "
                f"{lenses}, and at it {who} below the start. {_part(answer, asked)}"
            )
        larger = f"; a larger one is: {bargain_words(answer, None)}" if answer.steps else ""
        return (
            f"No way to {name}{allowed} was found within the bounds with {rule}, under "
            f"{lenses}{larger}.{_refusal(g, answer, sighted, asked)}"
        )
    needs = "needs larger packages than were allowed: it " * (answer.status == "needs_package")
    added = ""
    if answer.added:
        what = "; ".join(answer.measures[k - answer.edits] for k in answer.added)
        added = f", with {plural(len(answer.added), 'measure')} of the menu added ({what})"
    return (
        f"{name} {needs}can be reached under {lenses} in {plural(len(answer.steps), 'step')} with "
        f"{rule}{added}: {bargain_words(answer, None)}.{_below(g, answer, asked)}"
    )


def _refusal(g: Architecture, answer: Plan, sighted: Sequence[LensView], asked: Asked) -> str:
    """Return who of those who decide stands in the way of doing the whole target at once."""
    levels = [view.tolerance for view in sighted]
    who = list(answer.deciders)
    if asked["consent"] == "none" or answer.steps or not who:
        return ""
    losing = [s for s in who if any(d[s] < -t for d, t in zip(answer.deltas, levels, strict=True))]
    idle = [s for s in who if any(d[s] <= t for d, t in zip(answer.deltas, levels, strict=True))]
    if losing:
        return f" By all of it at once {_named(g, losing)}, who decide, would lose."
    if asked["consent"] == "strong" and idle:
        return f" By all of it at once {_named(g, idle)}, who decide, would not gain."
    if asked["consent"] == "weak" and len(idle) == len(who):
        return f" By all of it at once nobody who decides would gain ({_named(g, who)})."
    return ""


def _named(g: Architecture, states: Sequence[int]) -> str:
    return names_of([g.system.codes[s] for s in states], verb=False)


def _several(g: Architecture, plans: Sequence[Plan], lenses: str, asked: Asked) -> str:
    """Return the answer for several targets."""
    harmful = sum(answer.status == "harmful_target" for answer in plans)
    lost = sum(answer.status == "not_found_within_bounds" for answer in plans)
    unseen = sum(not answer.seen for answer in plans)
    some = "" if asked["share"] is None else f" in more than {1 - asked['share']:.0%} of draws"
    rule = {**asked, "consent": "none", "share": None}
    why = {
        "step": "take more from somebody than all their steps may",
        "bounded": "let losses below the start add up to more than the budget",
        "compensated": "leave somebody less secure than now with any measures that were tried",
    }.get(asked["rule"], "leave somebody less secure than now")
    words = (
        f"Of {len(plans)} targets from {g.title}, {harmful} {why} under {lenses}{some}, so no "
        f"order of steps reaches them with {rule_words(rule)}."
    )
    if lost:
        words += f" To {lost} no way with {rule_words(asked)} was found within the bounds."
    words += f" Of {unseen} no lens sees an edit." if unseen else ""
    if asked["left_aside"]:
        words += f" {asked['left_aside']} changes nothing and has no row."
    return words


def _proof(g: Architecture, answer: Plan, lenses: str, asked: Asked) -> str:
    """Return why no way leads to the target."""
    name, who, rule = answer.column.name, losers_of(g, answer), asked["rule"]
    plain = rule_words({**asked, "consent": "none"})
    if rule == "bounded":
        return (
            f"At {name} the losses of {names_of(_below_start(g, answer), verb=False)} add up to "
            f"{answer.total:.3g} tolerances under {lenses}: no order and no packaging reaches it "
            f"with {plain}."
        )
    if rule == "step":
        return (
            f"At {name} {names_of(who)} less secure than now under {lenses}, by more than "
            f"{plural(len(answer.moving), 'step')} within the tolerance could take: no order and "
            f"no packaging reaches it with {plain}."
        )
    helps = "no order and no packaging reaches"
    if rule == "compensated":
        helps = "no order, no packaging and no measures of the menu that were tried reach"
    if asked["share"] is not None:
        return (
            f"At {name} somebody is less secure than now in {answer.harmful:.0%} of draws under "
            f"{lenses}, most often {names_of(who, verb=False)}: {helps} it with {plain}."
        )
    return (
        f"At {name} {names_of(who)} less secure than now under {lenses}: {helps} it with {plain}."
    )


def _part(answer: Plan, asked: Asked) -> str:
    """Return how much of the target harms nobody, and by which packages it is reached."""
    moving, size = len(answer.moving), len(answer.part.items)
    if not size and answer.part.exact:
        return (
            "The one edit that would change a tie is what harms."
            if moving == 1
            else f"Of the {moving} edits that would change a tie none can be done without harm, "
            "with or without the others."
        )
    bargain = bargain_words(answer, asked["package"])
    way = ("; a way there: " if answer.steps else "; ") * bool(bargain) + bargain
    share = "" if asked["share"] is None else f" in at least {asked['share']:.0%} of draws"
    harm = "harms" if answer.part.exact and size == 1 else "together harm"
    return (
        f"Of the {moving} edits that would change a tie, {up_to(answer)} {harm} nobody{share}{way}."
    )


def _below(g: Architecture, answer: Plan, asked: Asked) -> str:
    """Return who lies below the start at a target that the rule admits all the same."""
    if answer.added or answer.way_to != "target":
        return ""
    if asked["rule"] == "bounded":
        lower = _below_start(g, answer)
        together = f"by {answer.total:.3g} tolerances together"
        return f" At the end {names_of(lower)} below the start, {together}." if lower else ""
    if not answer.losers:
        return ""
    who = names_of(losers_of(g, answer))
    return f" Small losses add up: at the end {who} below the start by more than the tolerance."


def _below_start(g: Architecture, answer: Plan) -> list[str]:
    """Return who lies below the start at the target at all, the largest loss first."""
    least = answer.deltas.min(axis=0)
    order = [s for s in np.argsort(least, kind="stable").tolist() if least[s] < 0]
    return [g.system.codes[s] for s in order]


def bargain_words(answer: Plan, package: int | None) -> str:
    """Return in words how large the packages of the way are, and whether smaller ones would do."""
    size = answer.route.bargain_size
    if not answer.steps or size is None:
        # A part without an edit needs no order, and a target that moves nothing has none.
        sought = answer.route.status == "not_found_within_bounds"
        return "no order that keeps the rule was found within the bounds" if sought else ""
    if size == 1:
        words = "one edit at a time"
    elif len(answer.steps) == 1:
        words = f"all {size} at once; no finer order "
        words += "keeps the rule" if answer.route.smallest else "was found within the bounds"
    else:
        words = f"packages of up to {size} edits"
        if not answer.route.smallest:
            words += "; none with smaller ones was found within the bounds"
    if package is not None and size > package:
        words += f" (packages of up to {package} were allowed)"
    return words


def losers_of(g: Architecture, answer: Plan) -> list[str]:
    """Return who loses at the target, the largest loss first, each once."""
    order = sorted(answer.losers, key=lambda entry: answer.deltas[entry])
    return list(dict.fromkeys(g.system.codes[s] for _, s in order))


def names_of(codes: Sequence[str], *, verb: bool = True) -> str:
    """Return states in words, the first few by name, with *is* or *are*."""
    more = len(codes) - NAMED
    words = ", ".join(codes[:NAMED]) + (f" and {plural(more, 'other')}" if more > 0 else "")
    return words + (" is" if len(codes) == 1 else " are") * verb


def up_to(answer: Plan) -> str:
    """Return the size of the largest harmless part, or what it lies between."""
    size, upper = len(answer.part.items), answer.part.upper
    if size == upper:
        return str(size)
    proven = "" if answer.part.proven else " (the upper bound is likely, not proven)"
    return f"at least {size} and at most {upper}{proven}"
