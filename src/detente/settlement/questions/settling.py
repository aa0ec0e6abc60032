"""``dt.settle``: every offer against fighting on, for every party, and what all could accept."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.architecture.system import Floats
from detente.errors import Undefined, UsageError
from detente.runs import Workforce
from detente.settlement.arguments import choice
from detente.settlement.bargains.frontier import polygon
from detente.settlement.bargains.party_utility import Utility
from detente.settlement.questions.acceptance.drawn_gains import drawn_gains
from detente.settlement.questions.acceptance.gains_plain import READINGS, uniforms
from detente.settlement.questions.common_ground import SOLUTIONS, nearest, region, solutions
from detente.settlement.questions.fighting import worth
from detente.settlement.questions.negotiation import BOUNDS, Negotiation, negotiation
from detente.settlement.questions.reservation import Reservation, bounds_of, reservation
from detente.settlement.questions.third_states import arrays, indivisibility
from detente.words import listed

if TYPE_CHECKING:
    from detente.architecture.value import Architecture
    from detente.results import Result

FORMAT = 1
VIEWS = ("offers", "without", "commitments", "audited")
VIEWS_MODULE = "detente.settlement.questions.settling_text"
SILENCES = ("open", "status_quo", "stated")
"""What silence on an issue is taken for: anything; that it stays where it is; nothing at all."""

WARS = ("disagreement", "outside")
"""Whether fighting is what happens without agreement, or a move that either can choose."""

GAIN_COLUMNS = ("stated", "status_quo", "open_low", "open_high")


def settle(
    g: Architecture | str | os.PathLike[str],
    conflict: str | None = None,
    *,
    silence: str = "open",
    war: str = "disagreement",
    fighting: Any = None,
    mood: Any = None,
    draws: int = 10_000,
    seed: int = 1,
    work: Workforce | None = None,
) -> Result:
    """Hold every offer against fighting on, for every party, and find what all could accept.

    Positions, ideals, saliences and the status quo are drawn from their ranges. A party accepts
    what is worth at least as much to it as fighting on.

    Parameters
    ----------
    g : Architecture, str or path
        An architecture, a bundled scenario's name or a package's path; with the tables
        ``conflicts``, ``issues``, ``offers``, ``parties`` and ``status_quo``.
    conflict : str, optional
        Which, such as ``"russia-ukraine"``; may be left out where there is only one.
    silence : str
        What an offer's silence on an issue is taken for. ``"open"``: anything, so that gains are
        intervals. ``"status_quo"``: the issue stays where it is. ``"stated"``: only what is stated
        counts, which weighs issues anew for each offer: never compare two offers by it.
    war : str
        ``"disagreement"``: without agreement there is war, and solutions split the surplus over
        it. ``"outside"``: fighting is a move, and pulls a split just up to it where it binds.
    fighting : None, str, mapping or result of `simulate`
        What fighting on is worth: the status quo; by a lens that says who would win; ranges
        ``{party: (low, high)}`` typed by the asker; by a simulation.
    mood : None, ``"crisis"`` or mapping
        What public mood asks for beyond fighting on, as a range: nothing; from the crisis room's
        mood; ranges ``{party: (low, high)}`` of the way from fighting on to all it wants.
    draws : int
        How many.
    seed : int
        Address of all chance.
    work : Workforce, optional
        Who does the draws, and where they are kept; every core of this machine if left out. No
        number depends on it.

    Returns
    -------
    Result
        Variables and their meaning: ``settlement/questions/variables.csv``.

    Raises
    ------
    UnknownName
        If there is no such conflict, reading, party or lens.
    MissingData
        If an issue has no status quo.
    Undefined
        If all saliences of a party are zero.
    """
    from detente.results import build
    from detente.results.building import labelled

    if isinstance(g, str | os.PathLike):
        from detente.evidence.resolve import load

        g = load(g)
    choice("silence", silence, SILENCES)
    choice("war", war, WARS)
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 1:
        raise UsageError("draws must be a whole number, at least 1")
    n = negotiation(g, conflict)
    reserve = reservation(g, n, fighting, mood)
    values = _answers(n, reserve, silence, draws, [seed, *_words(g.digest)],
                      work or Workforce(threads=os.cpu_count() or 1))  # fmt: skip
    values |= _tables(n, reserve) | _ground(n, reserve, war)
    third = indivisibility(g, n, _solutions(n), values["solution_position"])
    values |= arrays(third)
    settings = {
        "conflict": n.conflict,
        "silence": silence,
        "war": war,
        "fighting": _said(fighting, "status_quo"),
        "mood": _said(mood, "none"),
        "draws": draws,
    }
    return build(
        "settle",
        variables=labelled("detente.settlement.questions", values),
        coordinates={
            **_coordinates(n),
            "settlement": np.array(third.settlement),
            "lens": np.array(third.lens),
        },
        reading=_reading(n, values, silence, war, reserve),
        architecture=g,
        settings=settings,
        seed=seed,
        live={"g": g, "fighting": fighting, "mood": mood},
        fighting_words=reserve.fighting.words,
        mood_words=reserve.mood.words,
        third_note=third.note,
        conflict_title=n.title,
    )


def _answers(
    n: Negotiation,
    reserve: Reservation,
    silence: str,
    draws: int,
    words: list[int],
    work: Workforce,
) -> dict[str, Any]:
    from detente.settlement.questions.acceptance.gains_kernel import gains, sums

    drawn, required = bounds_of(n, reserve), np.array(n.required)
    answer = drawn_gains(drawn, required, draws, words, work)
    fixed = gains(
        bounds_of(n, reserve, middle=True), uniforms(drawn, 1, words), required
    )  # no chance in it: the ends of every range are one
    shares = sums(answer, required, SILENCES.index(silence))
    verdict = np.stack([_verdict(fixed.gain[a, 0], fixed.gain[b, 0]) for a, b in READINGS], axis=2)
    worst = fixed.worst.argmax(axis=2)
    blocked = fixed.worst.any(axis=2)
    share = np.take_along_axis(answer.worst, worst[:, :, None], axis=2)[:, :, 0] / draws
    return {
        "gain": np.moveaxis(fixed.gain[:, 0], 0, 2).astype(np.float64),
        "gain_low": shares.low,
        "gain_high": shares.high,
        "accepts": shares.accepts,
        "refuses": shares.refuses,
        "verdict": verdict,
        "decided_by_silence": (verdict != verdict[:, :, :1]).any(axis=2),
        "survives": shares.survives,
        "all_accept": shares.all_accept,
        "all_could": shares.all_could,
        "together": _together(fixed.gain[:, 0][..., required], fixed.fits[0]),
        "blocks": np.where(blocked, np.array(n.issues)[worst], ""),
        "blocks_share": np.where(blocked, share, 0.0),
    }


def _verdict(low: Any, high: Any) -> Any:
    """Return the verdict in words; single precision makes 1e-7 the least difference."""
    words = np.where(low >= -1e-7, "accepts", np.where(high < -1e-7, "refuses", "open"))
    return np.where((np.abs(low) < 1e-7) & (np.abs(high) < 1e-7), "even", words)


def _together(gain: Any, fits: Any) -> Any:
    """Return the verdict on all required parties at once, (offers, readings)."""
    columns = []
    for low, high in READINGS:
        every = (gain[low] >= -1e-7).all(axis=1)
        could = fits if low != high else (gain[high] >= -1e-7).all(axis=1)
        columns.append(np.where(every, "accept", np.where(could, "open", "refuse")))
    return np.stack(columns, axis=1)


def _tables(n: Negotiation, reserve: Reservation) -> dict[str, Any]:
    fighting, asked = reserve.worths(n)
    mood = reserve.mood
    return {
        "position": np.stack(n.position, axis=2),
        "words": np.array([[offer.words.get(i, "") for i in n.issues] for offer in n.offers]),
        "basis": np.array([[offer.basis.get(i, "") for i in n.issues] for offer in n.offers]),
        "ideal": np.stack(n.ideal, axis=2),
        "salience": np.stack(n.salience, axis=2),
        "influence": np.stack(n.influence, axis=1),
        "status_quo": np.stack(n.status_quo, axis=1),
        "fighting": fighting,
        "fighting_basis": np.array(reserve.fighting.basis),
        "mood": np.stack([mood.low, mood.middle, mood.high], axis=1),
        "mood_basis": np.array(mood.basis),
        "reservation": asked,
    }


def _ground(n: Negotiation, reserve: Reservation, war: str) -> dict[str, Any]:
    """Return what the required parties could accept at the middle of every range."""
    u, least = worth(n), reserve.least(n)
    required = list(n.required)
    sides = Utility(u.ideal[required], u.salience[required], 1)
    points = _plain_answers(n)
    corners, gains = np.empty((0, len(n.issues))), np.empty((0, len(required)))
    if len(required) > 1:
        points = solutions(sides, least[required], war) | points
    if len(required) == 2:
        frontier = polygon(sides)
        corners = np.array([frontier.on(e, 0.0)[1] for e in range(len(frontier.order) + 1)])
        gains = frontier.corners - least[required]
    points |= {"least_loss_of_all": _fairest(n, u, least)}
    moved = np.full((len(n.offers), len(n.issues)), np.nan)
    distance = np.full(len(n.offers), np.nan)
    for k in range(len(n.offers)):
        said = n.position[1][k]
        start = np.where(np.isnan(said), n.status_quo[1], said)
        try:
            moved[k], distance[k] = nearest(sides, least[required], start)
        except Undefined:
            break  # nothing is acceptable to all, from wherever one starts
    positions = np.array(list(points.values()))
    worths = np.array(
        [u(x) - least if not np.isnan(x).any() else least * np.nan for x in positions]
    )
    return {
        "region": region(sides, least[required]),
        "frontier_gain": gains,
        "frontier_position": corners,
        "solution_position": positions,
        "solution_gain": worths,
        "nearest_position": moved,
        "nearest_move": distance,
    }


def _plain_answers(n: Negotiation) -> dict[str, Floats]:
    """Return weighted medians and means, of all who count and of the required parties alone."""
    from detente.settlement.groups.group_model import weighted_median

    answers = {}
    for scope, members in (("all", n.counted), ("required", n.required)):
        who = list(members)
        weight = n.influence[1][who, None] * n.salience[1][who]
        ideal = n.ideal[1][who]
        heard = weight.sum(axis=0) > 0
        mean = np.where(
            heard, (weight * ideal).sum(axis=0) / np.where(heard, weight.sum(axis=0), 1), 0.5
        )
        median = [
            weighted_median(ideal[:, k], weight[:, k]) if heard[k] else 0.5
            for k in range(len(n.issues))
        ]
        answers[f"median_{scope}"] = np.array(median)
        answers[f"mean_{scope}"] = mean
    return answers


def _fairest(n: Negotiation, u: Utility, least: Floats) -> Floats:
    """Return the positions at which the worst-off of all who count is least badly off."""
    from detente.settlement.bargains.concave import furthest

    who = list(n.counted)
    return furthest(Utility(u.ideal[who], u.salience[who], 1), least[who], np.ones(len(who)))


def _coordinates(n: Negotiation) -> dict[str, Any]:
    return {
        "offer": np.array([offer.key for offer in n.offers]),
        "date": ("offer", np.array([offer.date for offer in n.offers])),
        "proponent": ("offer", np.array([";".join(offer.proponent) for offer in n.offers])),
        "status": ("offer", np.array([offer.status for offer in n.offers])),
        "source": ("offer", np.array([";".join(offer.sources) for offer in n.offers])),
        "party": np.array(n.parties),
        "role": ("party", np.array(n.role)),
        "supports": ("party", np.array(n.supports)),
        "consent": ("party", np.array(n.consent)),
        "issue": np.array(n.issues),
        "zero": ("issue", np.array([zero for zero, _ in n.ends])),
        "one": ("issue", np.array([one for _, one in n.ends])),
        "silence": np.array(GAIN_COLUMNS),
        "reading": np.array(SILENCES),
        "bound": np.array(BOUNDS),
        "end": np.array(["least", "most"]),
        "belligerent": np.array([n.parties[k] for k in n.required]),
        "solution": np.array(_solutions(n)),
    }


def _solutions(n: Negotiation) -> tuple[str, ...]:
    """Return the names of the points; a bargain takes at least two."""
    plain = ("median_all", "mean_all", "median_required", "mean_required", "least_loss_of_all")
    return (*SOLUTIONS, *plain) if len(n.required) > 1 else plain


def _reading(
    n: Negotiation, values: dict[str, Any], silence: str, war: str, reserve: Reservation
) -> str:
    """Return the answer in words."""
    column = SILENCES.index(silence)
    share, could = values["all_accept"][:, column], values["all_could"][:, column]
    kept = values["all_accept"][:, SILENCES.index("status_quo")]
    names = [n.parties[k] for k in n.required]
    sides = listed(names)
    accept = "accepts" if len(names) == 1 else "accept"
    whole = {1: sides, 2: f"both {sides}"}.get(len(names), f"all of {sides}")
    if silence == "stated":
        first = (
            f"{n.title}: by what each offer states alone, {int((share >= 0.5).sum())} of "
            f"{len(share)} offers are accepted by {whole} in half of the draws or more; offers "
            "are not to be compared in this reading."
        )
    else:
        best = int(share.argmax())
        accepted = (
            f"the offer that {whole} {accept} most often is {n.offers[best].key}, in "
            f"{100 * share[best]:.0f} percent of the draws"
            if share[best] > 0
            else f"no offer is accepted by {whole} in any draw"
        )
        first = f"{n.title}: {accepted}"
        if silence == "open":
            ways = int((could > 0.5).sum())
            first += (
                f", whatever fills its silence; {ways} of {len(could)} have a filling that "
                f"{whole} would accept in more than half of the draws."
            )
            if kept.max() > 0:
                best = int(kept.argmax())
                first += (
                    f" With silent issues left where they are, {n.offers[best].key} is accepted "
                    f"most often, in {100 * kept[best]:.0f} percent."
                )
        else:
            first += ", with silent issues left where they are."
    turns = int(values["decided_by_silence"][:, list(n.required)].any(axis=1).sum())
    second = (
        f" What an offer's silence is taken for decides the verdict of a required party on {turns} "
        f"of {len(share)} offers; here it is read as {silence.replace('_', ' ')}."
    )
    nobody = np.isnan(values["region"]).any()
    third = (
        f" At the middle of the ranges no positions are worth as much to {whole} as fighting on"
        if nobody
        else f" At the middle of the ranges there are positions worth at least as much to {whole} "
        "as fighting on"
    ) + (" and what mood asks for." if reserve.mood.acts else ".")
    fourth = f" War enters as {'disagreement' if war == 'disagreement' else 'an outside option'}."
    rests = " ".join(w for w in (reserve.fighting.words, reserve.mood.words) if w)
    return first + second + third + fourth + " " + rests


def _said(given: Any, none: str) -> Any:
    """Return what fighting or mood was taken for, as plain data."""
    if given is None or isinstance(given, str):
        return given or none
    if isinstance(given, dict):
        return {party: [float(v) for v in span] for party, span in given.items()}
    return "simulation"


def _words(digest: str) -> list[int]:
    """Return a digest as words of an address."""
    return [int(digest[k : k + 8], 16) for k in range(0, 32, 8)]
