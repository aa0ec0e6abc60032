"""What the questions take, what they refuse, and how sure their figures are said to be."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from small import PAIR
from statsmodels.stats.proportion import proportion_confint

from detente.cli.crisis import crisis
from detente.crisis.model.escalation import build
from detente.crisis.questions.committor import committor
from detente.crisis.questions.intervene import intervene
from detente.crisis.questions.no_return import no_return
from detente.crisis.questions.rare import rare
from detente.crisis.run.simulation import simulate
from detente.errors import UnknownName, UsageError
from detente.results.uncertainty import of_replicas, wilson
from detente.testing import build as architecture

AT = {"AAA-BBB": 3}
ASK = {
    "committor": lambda **given: committor(PAIR, **{"start": AT, **given}),
    "intervene": lambda **given: intervene(
        PAIR, **{"acts": ["AAA shows restraint"], "start": AT, **given}
    ),
    "no_return": lambda **given: no_return(
        PAIR, **{"acts": ["AAA shows restraint"], "start": AT, **given}
    ),
    "rare": lambda **given: rare(PAIR, **{"dyads": ["AAA-BBB"], "start": AT, **given}),
    "simulate": lambda **given: simulate(PAIR, **{"start": AT, **given}),
}
WRONG = [
    *((q, "replicas", x) for q in ("committor", "intervene", "simulate") for x in (0, 2.5, "9")),
    *((q, "days", x) for q in ASK for x in (0, -1, "x", float("nan"), 10**6)),
    *((q, "seed", x) for q in ASK for x in (-1, 1.5)),
    *((q, "start", x) for q in ASK for x in ({"AAA-BBB": 2.7}, {"AAA-BBB": 6}, ["AAA-BBB"])),
    *((q, "threads", 0) for q in ASK),
    *((q, "dyads", x) for q in ASK if q != "simulate" for x in (3, [3])),
    *((q, "parameters", x) for q in ASK for x in ({"entry.rung": 3.5}, {"rise.4": "x"})),
    *(("committor", "calm", x) for x in (-1, 5, 1.0)),
    ("committor", "map_replicas", -1),
    ("no_return", "paths", 0),
    ("no_return", "replicas", 0),
    ("rare", "repetitions", 1),
    ("rare", "paths", 1),
    ("intervene", "acts", 7),
    ("intervene", "acts", []),
]


@pytest.mark.parametrize(("question", "name", "value"), WRONG)
def test_an_argument_that_makes_no_sense_is_wrong_use(question, name, value):
    """Counts, days, rungs and lists of the wrong type or size are refused, not rounded."""
    with pytest.raises(UsageError):
        ASK[question](**{name: value})


def test_one_alone_is_a_list_of_one():
    """A single dyad or act needs no brackets."""
    alone = committor(PAIR, dyads="AAA-BBB", start=AT, replicas=100, map_replicas=0)
    listed = committor(PAIR, dyads=["AAA-BBB"], start=AT, replicas=100, map_replicas=0)

    assert alone.data.identical(listed.data)


@pytest.mark.parametrize("name", ["AAABBB", "AAA-", "-BBB", "AAA-AAA"])
def test_how_a_dyad_is_written_is_said(name):
    """Without its dash, or with one side, a dyad is refused in words."""
    with pytest.raises(UsageError, match=r"two codes with a dash|needs two sides"):
        build(PAIR, start={name: 1})


@pytest.mark.parametrize("question", ASK)
def test_one_dyad_has_one_rung_at_the_start(question):
    """Two rungs for the same two sides, either way round, contradict each other."""
    with pytest.raises(UsageError, match="two rungs for one dyad, AAA-BBB and bbb-aaa"):
        ASK[question](start={"AAA-BBB": 3, "bbb-aaa": 4})


@pytest.mark.parametrize("second", ["KEL-VES=4", "VES-KEL=4"])
def test_the_command_line_takes_one_rung_a_dyad(second):
    """A second --start of the same dyad does not quietly replace the first."""
    arguments = ["simulate", "two-blocs", "--replicas", "10", "--start", "KEL-VES=3"]
    out = CliRunner().invoke(crisis, [*arguments, "--start", second])

    assert "two rungs for one dyad" in str(out.exception)


@pytest.mark.parametrize(
    "command",
    [
        ["show", "two-blocs"],
        ["simulate", "two-blocs"],
        ["committor", "two-blocs", "--dyad", "KEL-VES"],
        ["rare", "two-blocs", "--dyad", "KEL-VES"],
    ],
)
def test_a_page_is_not_written_under_another_kind_of_name(command, tmp_path):
    """What is HTML does not go into a file that says that it is something else."""
    path = tmp_path / "x.pdf"
    out = CliRunner().invoke(crisis, [*command, "--report", str(path)])

    assert 2 == out.exit_code
    assert "should end in .htm or .html" in out.stderr
    assert not path.exists()


def test_where_a_dyad_is_needed_the_option_is_named():
    """In the message, on the terminal and in Python, and in the help."""
    with pytest.raises(UsageError, match=r"--dyad AAA-BBB; in Python dyads="):
        rare(PAIR, [])
    for ask in (committor, lambda g, **k: no_return(g, "AAA shows restraint", **k)):
        with pytest.raises(UsageError, match=r"--dyad AAA-BBB; in Python dyads="):
            ask(PAIR, start={"AAA-BBB": 1})
    missing = CliRunner().invoke(crisis, ["rare", "two-blocs"])

    assert "Missing option '--dyad'" in missing.stderr
    assert "[required]" in CliRunner().invoke(crisis, ["rare", "--help"]).output


def test_the_map_has_the_estimate_of_the_answer_where_they_stand():
    """The cell of the present state is the answer itself, not another run of it."""
    found = committor(PAIR, start=AT, replicas=300, map_replicas=50).data

    assert float(found["committor"]) == float(found["map"][3])
    assert float(found["committor_error"]) == float(found["map_error"][3])


def test_an_unknown_parameter_is_answered_with_the_list():
    """A name that is near is suggested, and the command that lists them all."""
    with pytest.raises(UnknownName, match=r"'rise\.4'\?.*detente crisis parameters"):
        simulate(PAIR, parameters={"rise4": 0.1})


def test_an_answer_holds_where_it_began():
    """The user's rungs, and those of every dyad with the reason, are in the answer."""
    found = committor(PAIR, start=AT, replicas=50, map_replicas=0)

    assert AT == found.settings["start"]
    assert [3] == found.data["start_rung"].values.tolist()
    assert ["set by the user"] == found.data["start_reason"].values.tolist()
    assert ["AAA-BBB"] == found.to_dict()["coordinates"]["at_risk"]


def test_a_dyad_at_war_is_refused_by_the_committor_and_by_acts():
    """What is at war cannot newly reach it; left out by default, which is said."""
    both = architecture(
        {"AAA": 1.0, "BBB": 1.0, "CCC": 1.0}, rivals=[("AAA", "BBB", 3), ("AAA", "CCC", 5)]
    )
    for ask in (committor, lambda g, **k: intervene(g, "AAA shows restraint", **k)):
        with pytest.raises(UsageError, match="AAA-CCC is at war at the start"):
            ask(both, dyads=["AAA-CCC"])
        found = ask(both, start=AT, replicas=50)
        assert "they do not count here: AAA-CCC." in repr(found)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_are_those_of_wilson(counts):
    """Statsmodels gives the same; none and all keep their own end."""
    k, n = counts
    low, high = proportion_confint(k, n, method="wilson")

    assert pytest.approx((max(0, low), min(1, high)), abs=1e-12) == wilson(k / n, n)


def test_a_share_of_none_or_all_has_an_interval():
    """Nothing seen in 200 is not nothing."""
    assert "0 % (0 to 1.9)" == of_replicas(0.0, 200)
    assert "100 % (20.7 to 100)" == of_replicas(1.0, 1)
    assert "38.40 % (38.31 to 38.49)" == of_replicas(0.384, 1_130_000)


def test_few_decided_replicas_are_said_to_be_few():
    """The reading counts the decided, and warns where they are less than nine in ten."""
    found = committor(PAIR, start={"AAA-BBB": 4}, days=20, replicas=300, map_replicas=0)
    none = committor(PAIR, start={"AAA-BBB": 4}, days=1e-6, replicas=20, map_replicas=0)
    decided = round(300 * (1 - float(found.data["undecided"])))

    assert 0 < decided < 270
    assert f"of the {decided} replicas that were decided" in repr(found)
    assert "leans to what comes fast" in repr(found)
    assert float(found.data["committor_low"]) < float(found.data["committor_high"])
    assert "none of 20 replicas reached war or calm" in repr(none)


def test_of_equal_dyads_those_that_contribute_most_are_mapped():
    """Two dyads on the same rung: the one on which most wars begin comes first."""
    names = ("AAA", "BBB", "CCC", "DDD", "EEE")
    g = architecture(dict.fromkeys(names, 1.0), rivals=[("AAA", "BBB", 3), ("CCC", "DDD", 3)])
    at = {"AAA-BBB": 3, "CCC-DDD": 3}
    model = build(g, start=at)
    found = committor(g, start=at, replicas=500, map_replicas=20)
    begun = dict(zip(found.data["dyad"].values, found.data["contribution"].values, strict=True))
    hottest = [str(x) for x in found.data["hottest"].values]

    assert 2 == len(model.dyads)
    assert begun[hottest[0]] >= begun[hottest[1]]
    assert pytest.approx(1.0) == np.sum(found.data["contribution"].values)
    assert "standard errors up to" in repr(found) or "says little" in repr(found)
