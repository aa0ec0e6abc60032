"""Values of the room `settlement`: group decisions, bargains, counter-moves, consent, keeping."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from detente import settlement as room
from detente.architecture.system import Floats
from detente.reproduce.tables import column
from detente.reproduce.values import Value, Values
from detente.settlement.consent.graph_model import StateStability, reachable
from detente.settlement.consent.voting_power import swings_by_size
from detente.settlement.groups.condorcet_model import distances, utilities
from detente.settlement.groups.spatial_model import ADJUSTMENTS, COMMITMENTS
from detente.settlement.groups.spatial_plain import options_of, play_turn

L1 = ((0.5, 0.3, 0.2), (0.2, 0.3, 0.5)), (0.2, 0.2)
L2 = ((0.4, 0.3, 0.2, 0.1), (0.1, 0.2, 0.3, 0.4)), (0.35, 0.30)
"""Two parties over three and four issues: gains and losses per issue, and disagreement."""

IDEAL = ((0, 0, 0.1), (1, 0.9, 0.8), (0.3, 0.5, 0.9))
SALIENCE = ((1, 0.8, 0.3), (0.9, 1, 0.5), (0.2, 0.4, 1))
DISAGREEMENT = (0.35, 0.30, 0.30)
"""Three parties over three issues."""

PIE = ((1.0,), (1.0,))
PATIENCE = (0.9, 0.95)

DISPUTES = ((5, 3, 1), (1.2, 1, 0.4))
"""Pays of breaking, keeping, and the broken state."""

# Elmira: states 1-8 by modify, accept and insist, 9 the plant abandoned; counted from 0 here.
ELMIRA_MOVES = (
    ((0, 1), (2, 3), (4, 5), (6, 7)),
    ((0, 2), (1, 3), (4, 6), (5, 7), *((s, 8) for s in range(8))),
    tuple(move for s in range(4) for move in ((s, s + 4), (s + 4, s))),
)
ELMIRA_ORDER = (
    (7, 3, 4, 8, 5, 1, 2, 6, 9),
    (1, 4, 8, 5, 9, 2, 3, 7, 6),
    (7, 3, 5, 1, 8, 6, 4, 2, 9),
)


def reference_run() -> Values:
    """KTAB's first reference run: seven actors, three issues, ten turns."""
    table = "ktab_reference_run_1"
    position = np.column_stack([column(table, f"position_{k}") for k in (1, 2, 3)]) / 100
    salience = np.column_stack([column(table, f"salience_{k}") for k in (1, 2, 3)]) / 100
    run = room.spatial(position, salience, column(table, "influence"))
    struck = {b.initiator: b for b in run.bargains[0]}
    order = (0, 1, 2, 4, 5, 6)
    apart = distances(position, salience, position)
    weight = column(table, "influence")
    own, other = ADJUSTMENTS["one_third"]
    loyal = COMMITMENTS.index("semi")
    _, bargains = play_turn(position, salience, weight, run.risk[0], own, other, loyal)
    options = options_of(0, position, salience, weight, run.risk[0], bargains)[1]
    return {
        "turns": len(run.position) - 1,
        "risk": _numbers(run.risk[0]),
        "neutral": _numbers(utilities(apart, np.zeros(len(weight)))[0]),
        "averse": _numbers(utilities(apart, run.risk[0])[0]),
        "options": _numbers(options),
        "targets": _numbers([struck[i].target for i in order]),
        "chance": _numbers([struck[i].probability for i in order]),
        "gain": _numbers([struck[i].gain for i in order]),
        "fourth": (struck[3].probability, struck[3].gain),
        **{f"turn_{t}": _numbers(100 * run.position[t]) for t in (1, 2, 10)},
        "start": _numbers(run.probability[0]),
        "end": _numbers(run.probability[-1]),
    }


def emission_turns() -> Values:
    """The spatial model on the emission case: years at which standards would start."""
    years, salience, capability = _emission()
    run = room.spatial((years - 4) / 6, salience, capability)
    return {
        "turns": len(run.position) - 1,
        **{f"turn_{t}": _numbers(4 + 6 * run.position[t]) for t in (1, 2, 3, 13)},
        **{
            f"plain_{t}": (4 + 6 * float(run.median[t]), 4 + 6 * float(run.mean[t]))
            for t in (1, 2, 3, 13)
        },
    }


def emission_votes() -> Values:
    """The probabilistic election among 4, 7 and 10 years, by two weights and two rules."""
    years, salience, capability = _emission()
    return {
        f"{rule}_{name}": _numbers(
            room.condorcet(years, salience, weight, power=1, outcome=rule).probability
        )
        for rule in ("conditional", "markov")
        for name, weight in (("capability", capability), ("salient", capability * salience))
    }  # the options come in the order in which the file first has them: 4, 7, 10


def three_actors() -> Values:
    """Three actors on a line: linear and square victories, two rules."""
    return {
        f"{rule}_{power}": _numbers(
            room.condorcet(
                (0.2, 0.5, 0.9), (1, 1, 1), (8, 3, 7.2), power=power, outcome=rule
            ).probability
        )
        for rule in ("conditional", "markov")
        for power in (1, 2)
    }


def group() -> Values:
    """Rounds of the group decision model on the emission case."""
    years, salience, capability = _emission()
    run = room.group_decision(years, salience, capability)
    least = room.group_decision(years, salience, capability, variant="least_move", rounds=4)
    pairs = room.group_decision(years, salience, capability, variant="pair", rounds=3)
    return {
        "start": (float(run.median[0]), float(run.mean[0])),
        "median": _numbers(run.median[1:5]),
        "mean": _numbers(run.mean[1:5]),
        "cut": _numbers(np.floor(10 * run.median[1:6]) / 10),
        "stable": float(run.median[-1]),
        "least_move": _numbers(least.median[1:]),
        "pair": _numbers(pairs.median),
        "danger": _numbers(run.danger),
        "exponent": _numbers(run.exponent),
        "victory": _numbers(run.victory[(0, 1, 1, 4), (1, 0, 4, 1)]),
        "challenge": _numbers(run.challenge[(0, 1, 0), (1, 0, 4)]),
    }


def war() -> Values:
    """The bargaining range, private information, and shifting power."""
    shifts = {n: room.shifting_power(0.7, 0.4, 0.1, 0.95, steps=n) for n in (1, 2, 3, 10)}
    slow = room.shifting_power(0.5, 0.45, 0.1, 0.95)
    demands = {
        "first": (0.5, 0.10, 0.40),
        "second": (0.6, 0.15, 0.25),
        "third": (0.5, 0.30, 0.20),
    }
    return {
        "range": _numbers(room.bargaining_range(0.6, 0.15, 0.10)),
        **{f"screening_{k}": _numbers(room.screening(*given)) for k, given in demands.items()},
        "left_sides": tuple(shift.left_side for shift in shifts.values()),
        "peace": _numbers([shift.possible for shift in shifts.values()]),
        "small_shift": (slow.left_side, float(slow.possible)),
        "bearable": shifts[1].bearable,
        "guarantee": shifts[1].guarantee,
    }


def issues() -> Values:
    """Two parties, linear utilities over several issues: exact by sorting."""
    values: dict[str, Value] = {}
    for name, (gains, d) in {"l1": L1, "l2": L2}.items():
        for rule in ("nash", "kalai_smorodinsky", "egalitarian"):
            values[f"{name}_{rule}"] = _numbers(getattr(room, rule)(gains, d).u)
        values[f"{name}_ideal"] = _numbers(room.kalai_smorodinsky(gains, d).ideal)
        values[f"{name}_weighted"] = _numbers(room.nash(gains, d, weights=(0.3, 0.7)).u)
    values["l1_x"] = _numbers(room.nash(*L1).x)
    values["l2_weighted_x"] = _numbers(room.nash(*L2, weights=(0.3, 0.7)).x)
    return values


def pie() -> Values:
    """One issue to divide, with straight and bent utilities."""
    bent = (lambda share: share**0.5, lambda share: share)
    kalai = room.kalai_smorodinsky(bent, (0.45, 0.3))
    return {
        "straight": (
            float(room.nash(PIE, (0.45, 0.3)).x[0]),
            float(room.kalai_smorodinsky(PIE, (0.45, 0.3)).x[0]),
        ),
        "bent_nash": float(room.nash(bent, (0.45, 0.3)).x[0]),
        "bent_kalai": float(kalai.x[0]),
        "bent_ideal": _numbers(kalai.ideal),
    }


def three_parties() -> Values:
    """Three parties over three issues, and what becomes of the other two without the third."""
    values: dict[str, Value] = {}
    for power, name in ((1, "linear"), (2, "square")):
        worth = room.utility(IDEAL, SALIENCE, power)
        point = room.nash(worth, DISAGREEMENT)
        equal = room.egalitarian(worth, DISAGREEMENT)
        values[f"{name}_x"], values[f"{name}_u"] = _numbers(point.x), _numbers(point.u)
        values[f"{name}_equal_gain"] = float((equal.u - np.array(DISAGREEMENT)).min())
    pair = room.utility(IDEAL[:2], SALIENCE[:2], 2)
    without = room.nash(pair, DISAGREEMENT[:2])
    worth = room.utility(IDEAL, SALIENCE, 2)
    present, absent = room.nash(worth, DISAGREEMENT).u, worth(without.x)
    gains = (absent - DISAGREEMENT) / (present - DISAGREEMENT)
    return values | {
        "without_x": _numbers(without.x),
        "without_u": _numbers(absent),
        "effect": _numbers(present - absent),
        "days": _numbers(np.log(gains[1:]) / np.log(0.99)),
    }


def offers() -> Values:
    """Alternating offers: for ever, with a last round, with outside options."""
    values: dict[str, Value] = {}
    for name, (gains, _) in {"l1": L1, "l2": L2}.items():
        values[f"{name}_stationary"] = _numbers(room.alternating(gains, PATIENCE).u)
        values[f"{name}_patient"] = _numbers(room.alternating(gains, (1 - 1e-9, 1 - 1e-9)).u)
    for days, name in ((1, "delay_1"), (0.1, "delay_01"), (0.01, "delay_001")):
        values[name] = float(room.alternating(PIE, np.exp(-days * np.array([0.1, 0.2]))).u[0])
    for last in (1, 2, 3, 10, 2001):
        values[f"last_{last}"] = float(room.alternating(PIE, PATIENCE, rounds=last).u[0])
    options = ((0, 0), (0, 0.3), (0.45, 0.3), (0.6, 0.3))
    values["outside"] = _numbers([room.alternating(PIE, PATIENCE, outside=o).u[0] for o in options])
    values["surplus"] = _numbers([room.nash(PIE, o).u[0] for o in options[1:]])
    return values


def counter_moves() -> Values:
    """The graph model: Elmira, two games of two, and Syria and Iraq."""
    order = [[s - 1 for s in row] for row in ELMIRA_ORDER]
    elmira = room.stability(ELMIRA_MOVES, order)
    # Both games: row player 0-2 and 1-3, column player 0-1 and 2-3, states CC, CD, DC, DD.
    games = (_both_ways((0, 2), (1, 3)), _both_ways((0, 1), (2, 3)))
    dilemma = room.stability(games, ((2, 0, 3, 1), (1, 0, 3, 2)))
    stag = room.stability(games, ((0, 2, 3, 1), (0, 1, 3, 2)))
    values: dict[str, Value] = {
        "elmira_improvements": _states(
            set().union(*(reachable(0, [i], ELMIRA_MOVES, order, improving=True) for i in range(3)))
        ),
    }
    for name, case in {
        "elmira": elmira,
        "dilemma": dilemma,
        "stag": stag,
        "river": _river(),
    }.items():
        for concept in ("R", "SEQ", "GMR", "SMR"):
            values[f"{name}_{concept.lower()}"] = _states(case.equilibria(concept))
    return values


def consent() -> Values:
    """Power indices of eight games."""
    council = ([7] * 5 + [1] * 10, 39)
    eec, ec = ([4, 4, 4, 2, 2, 1], 12), ([10] * 4 + [5, 5, 3, 3, 2], 41)
    vetoes = {k: partial(_vetoes, k) for k in (1, 2)}
    values: dict[str, Value] = {
        "council_shapley": _numbers(room.power(*council)[[0, 5]]),
        "council_banzhaf": _numbers(room.power(*council, index="banzhaf")[[0, 5]]),
        "council_swings": _numbers([sum(row) for row in swings_by_size(*council)][4:6]),
        "eec_shapley": _numbers(room.power(*eec)),
        "eec_banzhaf": _numbers(room.power(*eec, index="banzhaf")),
        "ec_shapley": _numbers(room.power(*ec)[[0, 4, 6, 8]]),
        "ec_swings": _numbers([sum(row) for row in swings_by_size(*ec)]),
    }
    for quota in (50, 51):
        game = ([10, 10, 20, 30], quota)
        values[f"quota_{quota}_shapley"] = _numbers(room.power(*game))
        values[f"quota_{quota}_swings"] = _numbers([sum(row) for row in swings_by_size(*game)])
    for k, name in ((1, "one"), (2, "two")):
        values[f"vetoes_{name}_shapley"] = _numbers(room.power(winning=vetoes[k], n=5))
        values[f"vetoes_{name}_swings"] = _numbers(
            [sum(row) for row in swings_by_size(winning=vetoes[k], n=5)]
        )
    return values


def vetoes() -> Values:
    """What veto players prefer to the status quo, in the plane."""
    two = [(0, 0), (1, 0)]
    return {
        "lens": room.winset(two, (0.5, 0.5)).area,
        "absorbed": room.winset([*two, (0.5, 0)], (0.5, 0.5)).area,
        "empty": room.winset([*two, (0.5, 0.8)], (0.5, 0.3)).area,
    }


def keeping() -> Values:
    """Thresholds of patience, the break-even guarantee, and a survival curve."""
    values: dict[str, Value] = {}
    for name, pays in zip(("first", "second"), DISPUTES, strict=True):
        values[f"{name}_lag"] = tuple(room.threshold(*pays, lag=k) for k in (1, 2, 6))
        values[f"{name}_seen"] = tuple(room.threshold(*pays, detection=q) for q in (0.5, 0.2))
    first, second = DISPUTES
    values["punishment"] = tuple(room.threshold(*first, punishment=n) for n in (2, 3, 10))
    values["guarantee"] = (
        room.break_even_guarantee(*first, detection=0.2, delta=0.8),
        room.break_even_guarantee(*second, detection=0.1, delta=0.6),
    )
    return values


def survival() -> Values:
    """A Weibull curve."""
    curve = room.weibull(0.8, -1.5, (1, 5, 10))
    return {"curve": _numbers(curve.survival), "median": curve.median, "mean": curve.mean}


def silence() -> Values:
    """What the reported halt on present lines is worth by each reading of its silence."""
    from detente.evidence.resolve import load
    from detente.settlement.questions.acceptance import gains_plain as plain
    from detente.settlement.questions.negotiation import negotiation
    from detente.settlement.questions.reservation import bounds_of, reservation

    g = load("eurasia-2024")
    n = negotiation(g)
    worthless = reservation(g, n, dict.fromkeys(n.parties, (0, 0)))
    fixed = bounds_of(n, worthless, middle=True)
    chance = np.zeros((1, plain.uniforms(fixed, 1, [1]).shape[1]))
    worth = plain.gains(fixed, chance, np.array(n.required)).gain[:, 0]
    offers = [offer.key for offer in n.offers]
    halt = worth[:, offers.index("rus_freeze_feeler")]
    drafts = worth[:, offers.index("rus_dec2021"), n.at("UKR")]
    fixed_ends = [plain.STATED, plain.OPEN_LOW, plain.OPEN_HIGH]
    return {
        "rus": _numbers(halt[fixed_ends, n.at("RUS")]),
        "ukr": _numbers(halt[fixed_ends, n.at("UKR")]),
        "drafts": _numbers(drafts[[plain.STATED]]),
        "kept": _numbers(
            [*halt[plain.STATUS_QUO, [n.at("RUS"), n.at("UKR")]], drafts[plain.STATUS_QUO]]
        ),
    }


def _river() -> StateStability:
    """Syria and Iraq: release water, escalate (Syria), attack (Iraq); six states."""
    states = ("NNN", "YNN", "NYN", "NNY", "YNY", "NYY")
    moves = (
        [
            (i, j)
            for i, a in enumerate(states)
            for j, b in enumerate(states)
            if i != j and a[2] == b[2]
        ],
        [
            (i, j)
            for i, a in enumerate(states)
            for j, b in enumerate(states)
            if i != j and a[:2] == b[:2]
        ],
    )
    syria: tuple[Callable[[str], bool], ...] = (
        lambda s: s == "NNN",
        lambda s: s[1] == "Y",
        lambda s: s[2] == "N",
        lambda s: s[0] == "N",
    )
    iraq: tuple[Callable[[str], bool], ...] = tuple(
        partial(operator.eq, t) for t in ("YNN", "NNY", "NYY", "NNN", "YNY")
    )
    orders = []
    for statements in (syria, iraq):
        score = {
            s: sum(2**-k * bool(holds(state)) for k, holds in enumerate(statements))
            for s, state in enumerate(states)
        }
        levels = sorted(set(score.values()), reverse=True)
        orders.append([[s for s in score if score[s] == level] for level in levels])
    return room.stability(moves, orders)


def _vetoes(others: int, coalition: frozenset[int]) -> bool:
    """Whether players 0 and 1 and so many others are in it."""
    return {0, 1} <= coalition and len(coalition) >= 2 + others


def _both_ways(*pairs: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    return tuple(move for a, b in pairs for move in ((a, b), (b, a)))


def _emission() -> tuple[Floats, Floats, Floats]:
    table = "emission_standards_1994"
    return column(table, "position_years"), column(table, "salience"), column(table, "capability")


def _states(places: Iterable[int]) -> tuple[float, ...]:
    """Return states counted from 1, as published."""
    return tuple(float(s + 1) for s in sorted(places))


def _numbers(values: object) -> tuple[float, ...]:
    return tuple(float(v) for v in np.ravel(np.array(values, np.float64)))


GROUPS = {
    "reference_run": reference_run,
    "emission_turns": emission_turns,
    "emission_votes": emission_votes,
    "three_actors": three_actors,
    "group": group,
    "war": war,
    "issues": issues,
    "pie": pie,
    "three_parties": three_parties,
    "offers": offers,
    "counter_moves": counter_moves,
    "consent": consent,
    "vetoes": vetoes,
    "keeping": keeping,
    "survival": survival,
    "silence": silence,
}
"""What computes the cases ``settlement.GROUP.NAME``."""
