"""What acts do, to which outcome, and what is said of those that do nothing."""

from __future__ import annotations

import events_plain
import numpy as np
import pytest
import sums_plain
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from small import ALLIES_COME, PAIR, cases

import detente as dt
from detente.architecture import changes
from detente.architecture.edits.forces import StopSupplying
from detente.architecture.sentences import forms, parse
from detente.cli.crisis import crisis
from detente.crisis.kernel import ending_kernel, events_kernel
from detente.crisis.model.acts import guarantee, parse_intervention
from detente.crisis.model.escalation import build
from detente.crisis.model.model_arrays import Log, Watch
from detente.crisis.model.model_records import Course, pack, pack_start
from detente.crisis.questions.intervene import intervene, read_acts, variants
from detente.crisis.run.ensemble import Ensemble, spread
from detente.errors import UnknownName, UsageError
from detente.reporting.crisis.page_charts import Ranking
from detente.testing import build as architecture

AT = {"AAA-BBB": 4}
ALLIED = architecture(
    {"AAA": 1.0, "BBB": 1.0, "CCC": 1.0},
    rivals=[("AAA", "BBB", 4)],
    allies=[("BBB", "CCC")],
)


@pytest.fixture(scope="module")
def eurasia():
    """The bundled scenario."""
    return dt.load("eurasia-2024")


def test_the_same_act_is_kept_once(eurasia):
    """Acts that are the same after reading count once, where the first of them stood."""
    given = [
        "hotline RUS-USA", "RUS is believed", "rus IS  believed", "hotline usa-rus",
        "UKR joins NATO", "ukr joins nato", "RUS stops supplying BLR", "BLR stops supplying RUS",
    ]  # fmt: skip

    assert [given[k] for k in (0, 1, 4, 6, 7)] == [str(act) for act in read_acts(eurasia, given)]


@pytest.mark.parametrize(
    ("act", "error", "words"),
    [
        ("XXX shows restraint", UnknownName, "unknown state or actor 'XXX'. Did you mean 'XKX'?"),
        ("FRA stops supplying NOBODY", UnknownName, "unknown state or actor 'NOBODY'"),
        ("hotline NATO-RUS", UsageError, "NATO is no side of a dyad"),
        ("hotline RUS-UAS", UnknownName, "Did you mean 'USA'?"),
        (
            "RUS retaliates against BRA",
            UnknownName,
            "unknown dyad at risk 'BRA-RUS'. The two are no rivals",
        ),
        ("UKR joins PAKT", UnknownName, "unknown organisation 'PAKT'"),
        ("FRO is believed", UnknownName, "unknown claimant 'FRO'"),
        ("FRO is believed", UnknownName, "Claimants on record: AFG, ARM, AUS,"),
        ("hotline USA-USA", UsageError, "'hotline USA-USA' needs two sides: USA was named twice"),
        ("usa stops supplying USA", UsageError, "needs two sides: USA was named twice"),
    ],
)
def test_an_act_that_names_nobody_is_refused(eurasia, act, error, words):
    """A code that nobody has, or that is no side, is refused with what was probably meant."""
    with pytest.raises(error) as caught:
        intervene(eurasia, [act], replicas=10)

    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("CHN stops supplying UKR", "no supply of UKR by CHN is on record"),
        ("USA stops supplying UKR", ""),
        ("BRA shows restraint", "no incident comes between BRA and anybody"),
        ("RUS shows restraint", ""),
        ("hotline RUS-USA", ""),
        ("RUS is believed", ""),
        ("USA is believed", ""),
        ("IAEA is believed", "whom it charges or clears is no party"),
    ],
)
def test_an_act_that_touches_nothing_says_why(eurasia, act, words):
    """What leaves the model as it was has a reason; what changes it has none."""
    one = parse_intervention(act).bound(eurasia)
    base, model = variants(eurasia, [one], None)
    found = one.idle(eurasia, base, one.act(model))

    assert found.startswith(words)
    assert bool(words) == bool(found)


def test_an_act_that_changes_nothing_is_told_from_one_without_a_clear_effect():
    """The reading gives the reason under the act, and no figure that looks measured."""
    found = intervene(PAIR, "BBB stops supplying AAA", start=AT, replicas=500)

    assert "changes nothing in the model: no supply of AAA by BBB" in repr(found)
    assert "0.00 ± 0.00" not in repr(found).split("by how much")[1]
    assert found.data["idle"].values[0] != ""


def test_either_side_retaliates_alike():
    """A dyad has no direction."""
    found = intervene(
        PAIR, ["AAA retaliates against BBB", "BBB retaliates against AAA"], start=AT, replicas=500
    ).data

    assert found["wars"].values[0] == found["wars"].values[1]


@given(cases(), st.integers(0, 2**63))
@settings(max_examples=60)
def test_the_kernel_counts_wars_and_states_as_its_plain_twin(case, key):
    """Watched dyads that reach war, and free states in them, replica by replica."""
    m, start, look, days = case
    n = len(m.background)
    sides = np.array([[d, (d + 1) % (n + 1)] for d in range(n)], dtype=np.int32)
    free = (np.arange(n + 1) % 3 > 0).astype(np.int8)
    never = Watch(np.zeros(n, dtype=np.int8), 9, -1)
    paper = 20_000
    log = Log(np.empty(paper), np.empty(paper, np.int32), np.empty(paper, np.int8))
    wars, drawn = np.zeros(3, np.int32), np.zeros(3, np.int32)
    ending_kernel.spread(
        np.uint64(key), 0, 3, Course(days, pack(m), pack_start(start, m), never),
        events_kernel.make_room(n, 200, paper), log,
        ending_kernel.NewWars(
            look.dyads, free, sides, np.full(n, -1, np.int64), np.full(n + 1, -1, np.int64),
            wars, drawn,
        ),
    )  # fmt: skip
    plain = [
        sums_plain.spread(
            events_plain.replica(key, k, days, m, start, never)[0], m, look.dyads, free, sides
        )
        for k in range(3)
    ]

    assert plain == list(zip(wars.tolist(), drawn.tolist(), strict=True))


def test_wars_and_states_do_not_depend_on_threads():
    """One thread or three: the same numbers."""
    e = Ensemble.of(build(ALLIED, {"rise.4": 0.3}, start=AT), 1000.0, 1)
    watched = np.ones(len(e.model.dyads), np.int8)
    free = np.ones(len(e.model.states), np.int8)
    one, three = (spread(e, watched, free, 1000, threads=k) for k in (1, 3))

    np.testing.assert_array_equal(one[0], three[0])
    np.testing.assert_array_equal(one[1], three[1])
    assert one[1].max() == 3


def test_leaving_an_alliance_acts_through_entries():
    """The chance of the first war stays, and fewer states are drawn in."""
    values = {"excitation.allies": 0.0, **ALLIES_COME, "rise.4": 0.2}
    found = intervene(
        ALLIED, "CCC withdraws from BBB", start=AT, parameters=values, replicas=4000,
        outcome="states", dyads=["AAA-BBB", "AAA-CCC"],
    ).data  # fmt: skip

    assert float(found["difference"][0]) == 0.0
    assert float(found["states_difference"][0]) < -5 * float(found["states_difference_error"][0])
    assert pytest.approx(float(found["nothing"]) * 3) == float(found["nothing_states"])


def test_acts_that_cannot_be_told_apart_share_the_first_place():
    """No single winner where the paired difference is within two errors."""
    acts = ["AAA shows restraint", "BBB shows restraint", "AAA retaliates against BBB"]
    tied = intervene(PAIR, acts, start={"AAA-BBB": 3}, replicas=5000, days=1000)
    clear = intervene(PAIR, acts[1:], start={"AAA-BBB": 3}, replicas=5000, days=1000)

    assert "cannot be told apart by this simulation" in repr(tied)
    assert (0.0, 0.0) == (float(tied.data["behind"][1]), float(tied.data["behind_error"][1]))
    assert "BBB shows restraint lowers the chance of a new war most" in repr(clear)


def test_the_ranking_follows_the_outcome_that_was_asked_for():
    """By wars the acts are sorted by the difference in wars."""
    found = intervene(
        ALLIED, ["AAA retaliates against BBB", "AAA shows restraint"], start={"AAA-BBB": 3},
        replicas=2000, outcome="wars",
    ).data  # fmt: skip

    assert "AAA shows restraint" == str(found["act"].values[0])
    assert (np.diff(found["wars_difference"].values) >= 0).all()
    with pytest.raises(UnknownName, match="outcome"):
        intervene(PAIR, "AAA shows restraint", outcome="peace")


def test_the_command_line_takes_the_outcome():
    """``--outcome`` ranks, and the table has all three."""
    out = CliRunner().invoke(
        crisis,
        ["intervene", "two-blocs", "--act", "HAR shows restraint", "--replicas", "50",
         "--outcome", "states", "--format", "csv"],
    )  # fmt: skip
    head = out.output.splitlines()[0] if out.exit_code == 0 else out.output

    assert {"war", "wars_difference", "states_difference_error", "behind"} <= set(head.split(","))


def test_no_difference_in_few_replicas_is_not_said_to_be_none():
    """An act that changes the model and decides no replica has a bound; an idle one is none."""
    acts = ["hotline AAA-BBB", "BBB stops supplying AAA"]
    found = intervene(PAIR, acts, days=1e-3, replicas=2000)
    hotline = next(line for line in repr(found).splitlines() if acts[0] in line)
    idle = next(line for line in repr(found).splitlines() if acts[1] in line)

    assert 3 == hotline.count("none in 2,000")
    assert ["none"] * 3 == idle.split()[-3:]
    assert "less than about 0.15 % of them" in repr(found)
    assert "none in any course" == Ranking.of(found).change(0)


def test_who_stands_on_anothers_ground_without_consent_supports_nobody():
    """Forces that a state invited make its guest a supporter; an occupation makes none."""
    from detente.crisis.model.escalation import supporters
    from detente.crisis.model.settings import settle
    from detente.testing import SOURCE, architecture_of, build

    base = build({"AAA": 1, "BBB": 2, "CCC": 3}).tables
    presence = [
        {"presence": f"p{k}", "by": by, "on": "BBB", "consent": consent, **SOURCE}
        for k, (by, consent) in enumerate([("AAA", "yes"), ("CCC", "no")])
    ]
    rows = {name: frame.to_dicts() for name, frame in base.items()}

    found = supporters(architecture_of({**rows, "presence": presence}), settle(None))

    assert {"BBB": {"AAA": {"hosted": 0.25}}} == found


@pytest.mark.parametrize("sentence", [*forms(), "IRN stops arming RUS", "Russia leaves the CSTO"])
def test_a_sentence_of_an_audit_is_an_act_of_the_same_meaning(eurasia, sentence):
    """Whatever an audit reads, a crisis reads as the same edits of the same rows."""
    change = parse(sentence)
    act = parse_intervention(sentence)
    try:
        after = change.apply(eurasia)
    except (UsageError, UnknownName) as error:
        with pytest.raises(type(error)):
            act.bound(eurasia).rebuild(eurasia, None)
        return
    stopped = [(e.by, e.to) for e in change.edits if isinstance(e, StopSupplying)]
    expected = build(after, stopped=stopped)
    model = act.bound(eurasia).rebuild(eurasia, None)

    assert expected.dyads == model.dyads
    assert expected.entries == model.entries
    assert expected.offspring == model.offspring


def test_a_guarantee_is_a_guarantee_in_both_commands(eurasia):
    """In Python and as a sentence: the audit's own kind, one way, and no defence pact."""
    for act in (parse_intervention("USA guarantees UKR"), guarantee("USA", "UKR")):
        assert changes.guarantee("USA", "UKR").edits == act.change.edits


@pytest.mark.parametrize(
    "sentence",
    ["hotline RUS-USA", "ceasefire RUS-UKR with separation", "RUS retaliates against USA",
     "RUS shows restraint", "RUS is believed"],
)  # fmt: skip
def test_an_audit_says_of_an_act_in_a_crisis_where_to_ask(sentence):
    """An act that changes no commitment is no slip of the pen: the audit names the command."""
    with pytest.raises(UsageError, match="detente crisis intervene SCENARIO --act"):
        parse(sentence)


def test_sides_of_an_act_may_be_named_in_words(eurasia):
    """Names of states are read as in an audit."""
    act = parse_intervention("hotline Russia-United States").bound(eurasia)

    assert ("RUS", "USA") == act.who
