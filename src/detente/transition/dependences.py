"""Who depends on whom: what a state's security loses if an actor's commitments go.

Taken away are the actor's own promises, its part in organisations, its forces abroad and its
deliveries: all of it, and each by itself; its rivalries stay. Then those who lose reply, from a
declared menu (`detente.transition.replies`), in several orders. And for every state, how
concentrated its security is: what each provider's leaving would cost it, and the Herfindahl index
of these shares. Any actor is looked at in the same form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.architecture.system import Floats, System
from detente.architecture.value import Architecture
from detente.auditing.run import DEFAULT_LENS
from detente.errors import UnknownName, UsageError
from detente.evidence.resolve import architecture_of
from detente.lenses.protocol import Lens
from detente.runs import Workforce
from detente.transition.replies import ARMING, ROUNDS, Settled, best_replies
from detente.transition.subsets.sights import LensView, share_of, sights
from detente.transition.subsets.tie_sources import (
    Gift,
    TieSets,
    TieSource,
    every_source,
    gifts,
    seen_places,
)
from detente.words import in_sentence, plural

if TYPE_CHECKING:
    from detente.results import Result

FORMAT = 1
VIEWS_MODULE = "detente.transition.dependence_views"
DEFAULT_DRAWS = 100
ORDERS = 3


def dependence(
    architecture: Architecture | str,
    actor: str,
    *,
    lens: str | Lens = DEFAULT_LENS,
    draws: int = DEFAULT_DRAWS,
    orders: int = ORDERS,
    seed: int = 0,
    parameters: Mapping[str, float] | None = None,
    work: Workforce | None = None,
) -> Result:
    """Say what each state's security would lose without an actor's commitments.

    Parameters
    ----------
    architecture : Architecture, str or path
        Where it stands.
    actor : str
        Code or name of the state whose commitments, forces and deliveries go.
    lens : str or Lens
        Under which model.
    draws : int
        Draws of the lens's uncertain parameters.
    orders : int
        Orders in which those who lose reply: by what they lose, the reverse, then at random.
    seed : int
        Seed of draws and orders.
    parameters : mapping, optional
        Values of the lens's parameters.
    work : Workforce, optional
        Who evaluates the draws, and where they are kept; no number depends on it.

    Returns
    -------
    Result
        Per state: what it loses with its interval and share of draws, what it has after the
        replies; per commitment and state; per provider and state; who would realign or rearm.

    Raises
    ------
    UsageError
        If the actor is not known or no state, or the lens sees nothing of what it gives. Of one
        who gives nothing the result is that nobody loses.
    """
    if orders < 1:
        raise UsageError(f"one order at least, not {orders}")
    g = architecture_of(architecture)
    code = _actor(g, actor)
    if code not in g.system.codes:
        raise UsageError(f"{code} has no figure of capability ({g.measure}), so no lens sees it")
    view = sights(g, lens, draws=draws, seed=seed, parameters=parameters, work=work)[0]
    given = [gift for gift in gifts(g.ledger) if gift.what in seen_places(view.lens)]
    listed = given_by(g, given, code)
    everything = given_by(g, gifts(g.ledger), code)
    if everything and not listed:
        raise UsageError(
            f"{view.lens.name} sees nothing of what {code} gives: "
            f"{', '.join(source.title for source in everything[:4])}"
        )
    sets = _parts(g, given, code, listed)
    masks = np.ones((len(listed) + 1, len(listed)), dtype=np.bool_)
    masks[0] = False
    masks[np.arange(len(listed)) + 1, np.arange(len(listed))] = False
    moves = sets.moves(masks)
    deltas = view.deltas(moves)
    drawn, levels = _drawn(view, sets.moves(masks[:1]), deltas)
    after = g.system.moved(moves, 0)
    movers = np.flatnonzero(deltas[0] < -view.tolerance)
    place = g.system.codes.index(code)
    replies = _replies(g, view, after, [int(s) for s in movers if s != place], deltas[0], place,
                       orders, seed)  # fmt: skip
    hardest = sorted((int(s) for s in movers if s != place), key=lambda s: deltas[0][s])
    # What they would do anyway, with nothing lost, is no answer to the loss.
    anyway = best_replies(g, view, g.system, hardest, place) if hardest else None
    providers, matrix = providing(g, view, given)
    return _assembled(
        g, code, view, listed, everything, deltas, drawn, levels, replies, anyway, providers,
        matrix, draws, seed,
    )  # fmt: skip


def _actor(g: Architecture, name: str) -> str:
    """Return the code of a state; who names an organisation is told where to ask about it."""
    try:
        return g.state(name)
    except UnknownName:
        if name.strip().upper() not in g.tables["organisations"]["organisation"]:
            raise
    code = name.strip().upper()
    raise UsageError(
        f"{code} is an organisation, and gives what its members do: ask about one of them, or who "
        f"would stay in it: detente collapse {g.name} {code}"
    )


def without(g: Architecture, lens: Lens, actor: str) -> System:
    """Return the system without all that an actor gives and a lens sees, all else as it is."""
    given = [gift for gift in gifts(g.ledger) if gift.what in seen_places(lens)]
    sets = _parts(g, given, actor, given_by(g, given, actor))
    return g.system.moved(sets.moves(np.zeros((1, sets.players), dtype=np.bool_)), 0)


def given_by(g: Architecture, given: Sequence[Gift], actor: str) -> list[TieSource]:
    """Return the sources through which an actor gives something."""
    articles = set(g.ledger.articles)
    names = {
        gift.source
        for gift in given
        if gift.giver == actor or (gift.source in articles and actor in (gift.row, gift.column))
    }
    return [source for source in every_source(g.ledger) if source.name in names]


def _parts(
    g: Architecture, given: Sequence[Gift], actor: str, listed: Sequence[TieSource]
) -> TieSets:
    """Return the sets of an actor's commitments; a mutual promise ends for both."""
    place = {source.name: k for k, source in enumerate(listed)}

    def player(gift: Gift) -> int | None:
        mine = actor in (gift.row, gift.column)
        return place.get(gift.source) if mine else None

    return TieSets(g.system, g.mapping, given, player, len(listed))


def providing(g: Architecture, view: LensView, given: Sequence[Gift]) -> tuple[list[int], Floats]:
    """Return who provides security, and what each state would lose without it, (p, n)."""
    codes = g.system.codes
    index = {code: k for k, code in enumerate(codes)}
    articles = set(g.ledger.articles)
    mutual: dict[tuple[str, ...], set[str]] = {}
    for gift in given:
        if gift.giver:
            pair = (gift.source, *sorted((gift.row, gift.column)))
            mutual.setdefault(pair, set()).add(gift.giver)

    def player(gift: Gift) -> int | tuple[int, int] | None:
        if gift.source in articles:
            ends = [index[s] for s in (gift.row, gift.column) if s in index]
            return (ends[0], ends[1]) if len(ends) == 2 else None
        if not gift.giver:
            return None
        owing = sorted(mutual[(gift.source, *sorted((gift.row, gift.column)))] & index.keys())
        if not owing:
            return None
        return index[owing[0]] if len(owing) == 1 else (index[owing[0]], index[owing[1]])

    sets = TieSets(g.system, g.mapping, given, player, len(codes))
    masks = ~np.eye(len(codes), dtype=np.bool_)
    lost = np.maximum(-view.deltas(sets.moves(masks)), 0.0)
    np.fill_diagonal(lost, 0.0)
    giving = np.flatnonzero(lost.max(axis=1) > view.tolerance)
    order = giving[np.argsort(-lost[giving].sum(axis=1), kind="stable")]
    return order.tolist(), lost[order]


def _drawn(view: LensView, moves: Any, point: Floats) -> tuple[Floats, Floats]:
    if not view.drawn:
        return point[None, 0], np.array([view.tolerance])
    deltas, levels = view.over_draws(moves)
    return deltas[:, 0], levels


def _replies(
    g: Architecture,
    view: LensView,
    after: Any,
    movers: list[int],
    loss: Floats,
    without: int,
    orders: int,
    seed: int,
) -> list[Settled]:
    """Return where replies lead, in several orders of the movers."""
    if not movers:
        return []
    hardest = sorted(movers, key=lambda s: loss[s])
    rng = np.random.default_rng(seed)
    turns = [hardest, hardest[::-1]]
    turns += [[hardest[k] for k in rng.permutation(len(hardest))] for _ in range(orders)]
    return [best_replies(g, view, after, turn, without) for turn in turns[:orders]]


def _assembled(
    g: Architecture,
    actor: str,
    view: LensView,
    listed: Sequence[TieSource],
    everything: Sequence[TieSource],
    deltas: Floats,
    drawn: Floats,
    levels: Floats,
    replies: Sequence[Settled],
    anyway: Settled | None,
    providers: Sequence[int],
    matrix: Floats,
    draws: int,
    seed: int,
) -> Result:
    from detente.results import build

    codes, unit = g.system.codes, view.lens.unit
    known = np.isfinite(drawn)
    with np.errstate(invalid="ignore"):
        less = share_of(drawn < -levels[:, None], known)
    low, high = np.nanquantile(drawn, (0.05, 0.95), axis=0)
    settled = (
        np.stack([r.security for r in replies]) if replies else (view.security + deltas[0])[None]
    )
    total = matrix.sum(axis=0)
    share = np.divide(matrix, total, out=np.zeros_like(matrix), where=total > 0)
    herfindahl = np.where(total > view.tolerance, (share**2).sum(axis=0), np.nan)
    variables = {
        "delta": (("state",), deltas[0], unit, "security without all that the actor gives"),
        "delta_low": (("state",), low, unit, "the same, 5 % quantile over draws"),
        "delta_high": (("state",), high, unit, "the same, 95 % quantile over draws"),
        "share_less": (("state",), less, "share of draws", "the state is less secure without it"),
        "each": (("source", "state"), deltas[1:], unit, "security without this commitment alone"),
        "after_replies": (("order", "state"), settled - view.security, unit,
                          "security after the replies, against things as they stand"),
        "provides": (("provider", "state"), matrix, unit,
                     "what the state would lose without all that the provider gives"),
        "concentration": (("state",), herfindahl, "0..1",
                          "Herfindahl index of who provides the state's security"),
        "security": (("state",), view.security, unit, "as things stand"),
        "tolerance": ((), np.array(view.tolerance), unit, "what a loss must exceed to count"),
    }  # fmt: skip
    seen = {source.name for source in listed}
    settings = {
        "actor": actor,
        "draws": draws,
        "lens": view.describe(),
        "sources": {source.name: {"kind": source.kind, "title": source.title} for source in listed},
        "unseen": [source.title for source in everything if source.name not in seen],
        "menu": "a mutual defence pact with neighbours over land, partners so far, and those on "
        f"the table, with the partner's consent; or {ARMING:.0%} more strength; at most "
        f"{ROUNDS} rounds",
        "replies": [
            {
                "pacts": [[codes[i], codes[j]] for i, j in r.pacts],
                "arm": [codes[s] for s in r.armed],
                "end": r.end,
                "length": r.length,
                "anyway": sum(pact in anyway.pacts for pact in r.pacts) if anyway else 0,
                "arm_anyway": sum(s in anyway.armed for s in r.armed) if anyway else 0,
            }
            for r in replies
        ],
    }
    return build(
        "dependence",
        variables=variables,
        coordinates={
            "state": list(codes),
            "source": [source.name for source in listed],
            "provider": [codes[p] for p in providers],
            "order": np.arange(1, len(settled) + 1),
        },
        reading=_reading(g, actor, view, everything, deltas[0], replies, anyway),
        architecture=g,
        settings=settings,
        seed=seed,
    )


def _reading(
    g: Architecture,
    actor: str,
    view: LensView,
    everything: Sequence[TieSource],
    lost: Floats,
    replies: Sequence[Settled],
    anyway: Settled | None,
) -> str:
    codes = g.system.codes
    order = [int(k) for k in np.argsort(lost, kind="stable") if lost[k] < -view.tolerance]
    gain = int((lost > view.tolerance).sum())
    name = in_sentence(f"{g.names[actor]} ({actor})")
    if not everything:
        return (
            f"{in_sentence(f'{g.names[actor]} ({actor})', begins=True)} has promised nothing, and "
            "has no forces abroad and no deliveries, so nobody would lose anything without them."
        )
    if not order:
        return (
            f"Without what {name} gives no state is less secure under {view.lens.name}; "
            f"{gain} would be more secure."
        )
    worst = ", ".join(f"{codes[k]} ({lost[k]:+.3g})" for k in order[:3])
    plain = "state is" if len(order) == 1 else "states are"
    text = (
        f"Without what {name} gives {len(order)} {plain} less secure under {view.lens.name}, most "
        f"of all {worst}; {gain} would be more secure"
    )
    if replies:
        first = replies[0]
        ends = {"rest": "come to rest", "cycle": f"enter a cycle of {first.length} rounds",
                "limit": "have not come to rest at the limit"}  # fmt: skip
        text += (
            f". Best replies {ends[first.end]} with {len(first.pacts)} new pacts and "
            f"{plural(len(first.armed), 'state that arms', 'states that arm')}"
        )
        if anyway is not None:
            both = sum(pact in anyway.pacts for pact in first.pacts)
            text += f"; {both} of these pacts they would want as things stand, too"
    return text + "."
