"""Who enters whose war with what chance: the measured shares, in the model and in both kernels."""

from __future__ import annotations

import days_plain
import events_plain
import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from small import ALONE, PAIR, rules, start, watch

from detente.architecture import changes
from detente.cli import cli
from detente.crisis.kernel import days_kernel, events_kernel
from detente.crisis.model.entry import OF_THE_LENS, SHARES, EntryChance, entering, read_pledges
from detente.crisis.model.escalation import _rivalries, build
from detente.crisis.model.model_arrays import JOINED, RISE, TOP, Log
from detente.crisis.model.model_records import Course, pack, pack_start
from detente.crisis.model.settings import parameters, settle
from detente.crisis.questions.trajectories import trajectories
from detente.errors import UsageError
from detente.lenses.coalition import formula
from detente.lenses.coalition.lens import facts_of
from detente.lenses.coalition.parameter_table import defaults
from detente.testing import architectures
from detente.testing import build as architecture

STATES = dict.fromkeys(("AAA", "BBB", "CCC"), 1.0)
LEVELS = settle()


def chances(g, values=None):
    """Return the chance of every entry into a war of AAA and BBB, by who enters against whom."""
    v = settle(values)
    told = entering(("AAA", "BBB"), read_pledges(g, v), _rivalries(g), v)
    return {(k, foe): chance for k, foe, chance in told}


@pytest.mark.parametrize(
    ("quarrel", "follow", "defend"),
    [([], "follow", "defend"), ([("BBB", "CCC", 3)], "follow_quarrel", "defend_quarrel")],
    ids=["without a quarrel", "with one"],
)
def test_an_ally_follows_an_attacker_and_defends_a_target_by_the_measured_shares(
    quarrel, follow, defend
):
    """CCC, an ally of AAA, enters against BBB: by who began, and oftener with a quarrel."""
    g = architecture(STATES, rivals=[("AAA", "BBB", 4), *quarrel], allies=[("AAA", "CCC")])

    assert {("CCC", "BBB"): EntryChance(LEVELS[follow], LEVELS[defend])} == chances(g)


def test_a_quarrel_without_a_pact_joins_an_attack_and_defends_nobody():
    """CCC enters against its rival BBB if AAA attacks it, and not if BBB attacks AAA."""
    g = architecture(STATES, rivals=[("AAA", "BBB", 4), ("BBB", "CCC", 3)])
    weak = architecture(STATES, rivals=[("AAA", "BBB", 4), ("BBB", "CCC", 2)])

    assert {("CCC", "BBB"): EntryChance(LEVELS["parallel"], 0.0)} == chances(g)
    assert {} == chances(weak)


def test_an_offence_pact_joins_in_full_and_a_guarantee_counts_as_part_of_a_pact():
    """An offence pledge joins every attack; a guarantee defends with a share of its share."""
    rivals = architecture(STATES, rivals=[("AAA", "BBB", 4)])
    offence = changes.commit("CCC", "AAA", "offense", mutual=False).apply(rivals)
    guarded = changes.guarantee("CCC", "AAA").apply(rivals)
    half = LEVELS["assurance"]

    assert {("CCC", "BBB"): EntryChance(1.0, 0.0)} == chances(offence)
    assert {
        ("CCC", "BBB"): EntryChance(half * LEVELS["follow"], half * LEVELS["defend"])
    } == chances(guarded)


def test_who_is_bound_to_both_sides_or_neutral_stays_out():
    """A state that would have to defend both sides enters for neither; a neutral one for nobody."""
    both = architecture(STATES, rivals=[("AAA", "BBB", 4)], allies=[("AAA", "CCC"), ("BBB", "CCC")])
    one = architecture(STATES, rivals=[("AAA", "BBB", 4)], allies=[("AAA", "CCC")])

    assert {} == chances(both)
    assert {} == chances(changes.neutral("CCC").apply(one))


def test_no_share_exceeds_one_however_many_turn_out():
    """The turnout multiplies the five shares up to certainty."""
    g = architecture(STATES, rivals=[("AAA", "BBB", 4)], allies=[("AAA", "CCC")])

    assert {("CCC", "BBB"): EntryChance(1.0, 1.0)} == chances(g, {"turnout": 100})


@settings(max_examples=60, deadline=None)
@given(g=architectures(), turnout=st.sampled_from([1.0, 1.7, 5.0]))
def test_third_states_enter_as_the_lens_counts_them(g, turnout):
    """Each chance is the share with which the lens lets the state join in, or come to help."""
    v = settle({"turnout": turnout})
    shared = ("turnout", *OF_THE_LENS)
    values = {**defaults(), **{name: v[name] for name in shared}}
    system = g.system
    facts = facts_of(system, values)
    possible = formula.possible_attacks(facts, formula.ties(facts, values), values)
    place = {code: k for k, code in enumerate(system.codes)}
    pledges, hostile = read_pledges(g, v), _rivalries(g)
    joins, helps = {}, {}
    for row, (j, i) in enumerate(zip(possible.leader, possible.target, strict=True)):
        joins[j, i], helps[j, i] = possible.joins[row], possible.helps[row]
    for war in hostile:
        told = {(k, foe): c for k, foe, c in entering(war, pledges, hostile, v)}
        a, b = (place[code] for code in war)
        for k, code in enumerate(system.codes):
            for foe, first, second in (
                (war[1], joins[a, b][k], helps[b, a][k]),
                (war[0], helps[a, b][k], joins[b, a][k]),
            ):
                expected = (0.0, 0.0) if pledges.bound(code, foe) else (first, second)
                np.testing.assert_allclose(told.get((code, foe), (0.0, 0.0)), expected, rtol=1e-12)


def entered(kernel, room, replicas):
    """Return how often none, the first, the second or both of two entries came with a war."""
    first, second = (0.9, 0.1), (0.8, 0.3)
    m = rules(
        [0.05, 0.0, 0.0],
        entries=[(0, 1, first), (0, 2, second)],
        rise=(1.0,) * 5 + (0.0,),
        fall=(0.0,) * 6,
        entry_rung=5,
    )
    begin = start([4, 0, 0])
    course = Course(100.0, pack(m), pack_start(begin, m), watch(3))
    log = Log(np.empty(1000), np.empty(1000, np.int32), np.empty(1000, np.int8))
    counts = np.zeros(4, dtype=int)
    for number in range(replicas):
        if room is None:
            told, _, _ = kernel(7, number, 100.0, m, begin, watch(3))
            dyad, code = told.dyad, told.code
        else:
            written, *_ = kernel(np.uint64(7), number, course, room, log, True)
            dyad, code = log.dyad[:written], log.code[:written]
        if (code == RISE * 8 + TOP).any():
            who = set(dyad[code >> 3 == JOINED].tolist())
            counts[(0 in who) + 2 * (1 in who)] += 1
    return counts, first, second


@pytest.mark.parametrize(
    ("kernel", "room", "replicas"),
    [
        (events_kernel.replica, events_kernel.make_room(3, 64, 1000), 60_000),
        (days_kernel.replica, days_kernel.make_day_room(3), 60_000),
        (events_plain.replica, None, 3000),
        (days_plain.replica, None, 1000),
    ],
    ids=["events", "days", "events, plain", "days, plain"],
)
def test_two_allies_enter_together_as_often_as_the_exact_law_says(kernel, room, replicas):
    """One coin says who began; given it, each comes or not by itself: a law on four outcomes."""
    counts, first, second = entered(kernel, room, replicas)
    law = np.zeros(4)
    for began in (0, 1):
        p, q = first[began], second[began]
        law += 0.5 * np.array([(1 - p) * (1 - q), p * (1 - q), (1 - p) * q, p * q])

    assert counts.sum() > 0.9 * replicas
    assert stats.chisquare(counts, law * counts.sum()).pvalue > 1e-4


def test_a_dyad_falls_at_the_same_rate_with_and_without_incidents():
    """The time on a rung is that of its parameter whether incidents are rare or daily."""
    waits = []
    for rate in (0.0, 365.25):
        values = {**ALONE, "rate.rivalry": rate, "heat.3": 1.0, "stay.3": 50.0}
        values |= {f"rise.{k}": 0.0 for k in range(5)}
        events = trajectories(PAIR, range(3000), days=2000, parameters=values, start={"AAA-BBB": 3})
        falls = events.filter(pl.col("kind") == "fall").unique("replica", maintain_order=True)
        waits.append(falls["day"].to_numpy())

    for times in waits:
        assert 3000 == len(times)
        assert stats.kstest(times, stats.expon(scale=50.0).cdf).pvalue > 1e-4


def test_one_reliability_is_read_as_the_shares_that_replaced_it():
    """The old name still works: every ally alike, nobody else; a message says what to use."""
    g = architecture(
        dict.fromkeys(("AAA", "BBB", "CCC", "DDD"), 1.0),
        rivals=[("AAA", "BBB", 4), ("BBB", "DDD", 4)],
        allies=[("AAA", "CCC")],
    )
    with pytest.warns(FutureWarning, match="defend, defend_quarrel, follow, follow_quarrel"):
        old = build(g, {"reliability": 0.4})

    assert {EntryChance(0.4, 0.4)} == set(old.entries.values())
    with (
        pytest.raises(UsageError, match="reliability = 2 lies outside 0 to 1"),
        pytest.warns(FutureWarning),
    ):
        settle({"quiet.1": 5.0, "reliability": 2.0})


def test_the_command_line_says_what_replaced_an_old_name():
    """Old names run, with a line for each beside the answer; the table has the new ones alone."""
    arguments = ["crisis", "simulate", "two-blocs", "--replicas", "20", "--format", "json"]
    run = CliRunner().invoke(cli, [*arguments, "--set", "reliability=0.5", "--set", "quiet.4=90"])
    names = {p.name for p in parameters()}

    assert 0 == run.exit_code
    assert "reliability was replaced by the measured shares" in run.stderr
    assert "quiet.4 is stay.4 now" in run.stderr
    assert '"stay.4"' in run.stdout
    assert {"reliability", "quiet.4"}.isdisjoint(names)
    assert {*SHARES, "turnout", "stay.4"} <= names
