"""The five questions: what they answer, that answers hold together, and what they refuse."""

from __future__ import annotations

import html
import json
import re

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

import detente as dt
from detente.cli import cli, main
from detente.errors import UnknownName, UsageError
from detente.reporting.by_question import chart_of, page_of
from detente.reporting.page.model import Table, Why
from detente.transition import collapse_views
from detente.transition.collapse_views import whether_one_end
from detente.transition.replies import best_replies
from detente.transition.subsets.sights import sight
from detente.words import share


@pytest.fixture(scope="module")
def g():
    """The bundled scenario of Eurasia."""
    return dt.load("eurasia-2024")


@pytest.fixture(scope="module")
def answers(g):
    """One small answer to each question."""
    return {
        "compare": dt.compare(g, ["between_istanbul", "gsi", "UKR joins NATO"], draws=4),
        "explain": dt.explain(g, "MDA", orders=4),
        "dependence": dt.dependence(g, "TUR", draws=4, orders=1),
        "collapse": dt.collapse(g, "CSTO", first="RUS", draws=2),
        "plan": dt.plan(g, "between_istanbul:wide", draws=4),
    }


QUESTIONS = ("compare", "explain", "dependence", "collapse", "plan")


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_prints_saves_draws_and_opens_again(answers, question, tmp_path):
    """Text, JSON, page, picture and file of every question; the opened file says the same."""
    result = answers[question]

    assert question == result.question
    assert result.reading in repr(result)
    json.dumps(result.to_dict(), allow_nan=False)
    page = result.report(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "What this does not say" in page
    assert chart_of(result) is not None
    again = dt.open(result.save(tmp_path / "result.nc"))
    assert repr(result) == repr(again)
    assert result.table().height == again.table().height > 0


# --- compare -------------------------------------------------------------------------------------


def test_a_bare_name_stands_for_both_readings_in_the_order_of_dates(answers):
    """Two readings of one proposal, then the other by date, then what has no date."""
    names = answers["compare"].data["proposal"].values.tolist()

    assert ["between_istanbul:text", "between_istanbul:wide", "gsi:text", "UKR joins NATO"] == names


def test_what_a_lens_does_not_see_has_no_result(answers):
    """The blind column is empty, and the edit is listed; it is not said that nobody is affected."""
    result = answers["compare"]
    blind = result.data.sel(proposal="gsi:text", lens="coalition")

    assert 0 == int(blind["seen"])
    assert np.isnan(blind["delta"].values).all()
    assert result.unseen("coalition")["gsi:text"]
    assert "no result" in repr(result)


def test_a_sentence_gives_what_an_audit_gives(g, answers):
    """The column of one change is the audit's delta."""
    audit = dt.audit(g, "UKR joins NATO", draws=0, alternatives=False)

    column = answers["compare"].data.sel(proposal="UKR joins NATO", lens="coalition")["delta"]

    np.testing.assert_allclose(column, audit.data["delta"].sel(lens="coalition").values[0])


def test_consent_over_draws_is_that_of_every_draw(g):
    """The share in which nobody loses and somebody gains, counted anew from an audit's draws."""
    result = dt.compare(g, "FIN leaves NATO", draws=8)
    audit = dt.audit(g, "FIN leaves NATO", draws=8, alternatives=False)

    shares = result.data.sel(lens="coalition")["share_weak"].values
    assert audit.data["share_wanted"].sel(lens="coalition").values.tolist() == shares.tolist()


def test_consent_parts_those_who_decide(answers):
    """Everybody who decides gains, agrees or refuses, and weak consent follows from that."""
    about = answers["compare"].settings["proposals"]["between_istanbul:wide"]["consent"][
        "coalition"
    ]

    assert sorted(about["decide"]) == sorted(about["gain"] + about["agree"] + about["refuse"])
    assert about["weak"] == (bool(about["gain"]) and not about["refuse"])


# --- explain -------------------------------------------------------------------------------------


def test_the_lens_s_own_sum_is_the_security(answers):
    """The terms add up to the number that is explained."""
    result = answers["explain"]

    assert pytest.approx(float(result.data["worth_all"])) == result.terms()["value"].sum()


def test_the_sources_share_out_the_number(answers):
    """Shapley values add up to the number as it stands less that of the baseline."""
    data = answers["explain"].data

    assert (
        pytest.approx(float(data["worth_all"] - data["worth_none"])) == data["value"].values.sum()
    )


def test_up_to_24_sources_are_shared_out_exactly(g):
    """No standard error, a value within kinds, and both add up to the same."""
    data = dt.explain(g, "EST", change="UKR joins NATO").data

    assert (data["error"].values == 0).all()
    assert pytest.approx(data["value"].values.sum()) == data["grouped"].values.sum()


def test_a_proposal_can_be_explained_too(g):
    """What a proposal gives to a state is what the comparison says."""
    result = dt.explain(g, "MDA", change="between_istanbul:text")
    delta = dt.compare(g, "between_istanbul:text", draws=0).data["delta"]

    assert pytest.approx(float(delta.sel(state="MDA").values[0, 0])) == float(
        result.data["worth_all"]
    )


def test_a_change_is_explained_by_what_it_gives(g):
    """The number explained is the delta of the change; the values add up to it."""
    result = dt.explain(g, "MDA", change="MDA joins NATO", orders=4)
    delta = dt.audit(g, "MDA joins NATO", draws=0, alternatives=False).data["delta"]

    assert pytest.approx(float(delta.sel(lens="coalition", state="MDA").values[0])) == float(
        result.data["worth_all"]
    )


# --- dependence and collapse ---------------------------------------------------------------------


def test_replies_come_from_the_menu_and_are_wanted(g):
    """No pact with a rival, nor with who has left; at rest nobody wants another reply."""
    view = sight(
        g.system, dt.compare.__globals__["sights"](g, "coalition", draws=0, seed=0)[0].lens
    )
    index = g.system.codes.index
    movers = [index("UKR"), index("MDA")]

    settled = best_replies(g, view, g.system, movers, index("USA"))

    assert "rest" == settled.end
    for i, j in settled.pacts:
        assert 0 == g.system.rivalry[i, j]
        assert index("USA") not in (i, j)
        assert {i, j} & set(movers)


def test_an_actor_s_parts_lose_no_more_states_than_they_tie(answers):
    """Each commitment by itself has a column for every state, and the whole is not blind."""
    data = answers["dependence"].data

    assert data["each"].shape == (data.sizes["source"], data.sizes["state"])
    assert (data["delta"].values < 0).any()


def test_a_curve_of_members_falls_and_starts_with_those_who_stay(answers):
    """More cost, no more members; with a first leaver never more than without."""
    left = answers["collapse"].data["left"].values

    assert (np.diff(left, axis=1) <= 0).all()
    assert (left[1] <= left[0]).all()


def test_followers_are_those_who_would_have_stayed(g):
    """Who leaves at the cost whoever goes first follows nobody, and is not led by anybody."""
    result = dt.collapse(g, "NATO", first="TUR", draws=0)
    members = result.members()
    leaving = members.filter(~members["stays"])

    assert (leaving["worth"] < 0).all()
    assert (leaving["followers"] == 0).all()
    assert f"{leaving.height} of {members.height} would leave whoever goes first" in result.reading


def test_members_are_left_alike_by_the_kernel_and_one_by_one(g, monkeypatch):
    """The curve from tables of terms is that of sets evaluated as they come up."""
    quick = dt.collapse(g, "CSTO", first="RUS", draws=2)

    monkeypatch.setattr("detente.transition.membership_worth.MOST_AS_BITS", 0)
    plain = dt.collapse(g, "CSTO", first="RUS", draws=2)

    for name in ("left", "left_low", "left_high", "worth", "worth_low", "followers", "ends"):
        np.testing.assert_allclose(quick.data[name], plain.data[name], atol=1e-12, err_msg=name)
    steps = [
        [(s["leaver"], s["left"], s["cost"]) for s in r.settings["steps"]] for r in (quick, plain)
    ]
    np.testing.assert_allclose(*steps, atol=1e-12)


def test_the_curve_is_made_of_its_steps(g):
    """At each cost of the grid as many are left as the steps say, with and without a leaver."""
    result = dt.collapse(g, "NATO", first="GBR", draws=0)

    for leaver, row in enumerate(result.data["left"].values):
        steps = [step for step in result.settings["steps"] if step["leaver"] == leaver]
        for cost, left in zip(result.data["cost"].values, row, strict=True):
            still = [step["left"] for step in steps if cost <= step["cost"]]
            assert left == (still[0] if still else 0)


def test_the_picture_draws_the_steps_that_the_sentence_names(g):
    """The largest fall that the reading names is between two points of the line."""
    result = dt.collapse(g, "NATO", draws=0)
    steps = [(step["cost"], step["left"]) for step in result.settings["steps"]]

    picture = result.plot().to_dict()
    drawn = [layer for layer in picture["layer"] if layer["mark"]["type"] == "line"]
    rows = picture["datasets"][drawn[0]["data"]["name"]]
    line = [(row["cost"], row["left"]) for row in rows]
    fall = re.search(r"just above ([\d.e-]+), from (\d+) of 32 to (\d+)", result.reading)

    np.testing.assert_allclose(line[1:-1], steps, rtol=1e-5)
    assert "step-before" == drawn[0]["mark"]["interpolate"]
    k = [f"{cost:.3g}" for cost, _ in line].index(fall[1], 1)
    assert (int(fall[2]), int(fall[3])) == (line[k][1], line[k + 1][1])


def test_it_is_said_in_what_share_of_draws_the_order_matters(g):
    """The share of draws with several ends stands on the terminal and on the page."""
    result = dt.collapse(g, "CSTO", lens="contest", draws=4)
    several = float(result.data["several_ends"])
    sentence = whether_one_end(result)

    assert f"in {share(several)} of draws more than one" in sentence
    assert sentence in collapse_views.text(result)
    assert sentence in page_of(result).holds


def test_a_member_has_the_mark_of_its_row(g):
    """Each member on the page opens the source of its membership, and its worth opens a sum."""
    page = page_of(dt.collapse(g, "CSTO", draws=0))
    sections = {s.id: s for s in page.sections if s is not None}
    table = next(b for b in sections["members"].blocks if isinstance(b, Table))

    for row in table.rows:
        assert any(isinstance(part, Why) for part in row[0].text)
        assert isinstance(row[1].text, Why)


def test_who_gives_nothing_has_an_answer_of_the_same_form(g):
    """Of an actor without commitments nobody loses anything, and it is said why."""
    result = dt.dependence(g, "TWN", draws=2, orders=1)

    assert "has promised nothing" in result.reading
    assert (result.data["delta"].values == 0).all()
    assert result.replies().is_empty()


def test_it_is_told_to_whom_membership_is_worth_nothing(g):
    """Below zero by less than the tolerance is about nothing, and help is why."""
    result = dt.collapse(g, "NATO", draws=0)
    told, worth = result.settings["unwanted"], result.data["worth"].to_series()
    level = float(result.data["tolerance"])

    assert set(told["clearly"]) == {s for s in worth.index if worth[s] < -level}
    assert set(told["hardly"]) == {s for s in worth.index if -level <= worth[s] < 0}
    assert [] == told["free"]
    assert "all of it what helping others costs them" in result.reading
    unburdened = dt.collapse(g, "NATO", draws=0, burden=0.0)
    assert (unburdened.data["worth"].values >= -1e-12).all()


@pytest.mark.parametrize("change", [None, "UKR joins NATO"])
def test_sets_of_sources_are_evaluated_alike_at_once_and_as_changes(g, change):
    """The kernel's security with sets of sources at random is that after each set as a change."""
    from detente.architecture.sentences import understand
    from detente.transition.explanation import _Game
    from detente.transition.subsets.sights import sights

    view = sights(g, "coalition", draws=0, seed=0)[0]
    bound = None if change is None else understand(g, change)
    game = _Game(g, view, g.system.codes.index("EST"), bound)
    sets = np.random.default_rng(0).random((40, len(game.reaching))) < 0.6

    assert game._quick is not None
    np.testing.assert_allclose(game.worth(sets), game._worth(game._sets, sets), atol=1e-12)


@pytest.mark.parametrize("state", ["EST", "MDA"])
def test_kinds_of_sources_are_a_game_of_their_own(g, state):
    """Sources of a kind add up to it where kinds stay together, sampled or exact."""
    result = dt.explain(g, state, orders=40)
    rows, kinds = result.sources(), result.settings["by_kind"]

    whole = float(result.data["worth_all"]) - float(result.data["worth_none"])
    assert sum(kinds.values()) == pytest.approx(whole, abs=1e-12)
    for kind, value in kinds.items():
        own = rows.filter(rows["kind"] == kind)
        bound = 1e-12 + 4 * float(own["grouped_error"].sum())
        assert float(own["grouped"].sum()) == pytest.approx(value, abs=bound)


def test_every_commitment_of_a_state_is_a_club(g):
    """The words of the question and the code name the same club."""
    named = dt.collapse(g, "every commitment of CHN", draws=0)

    np.testing.assert_array_equal(named.data["worth"], dt.collapse(g, "CHN", draws=0).data["worth"])


def test_a_commitment_or_a_state_can_unravel_too(g):
    """What ties others to a state is a club of its partners."""
    result = dt.collapse(g, "TUR", draws=0)

    assert "AZE" in result.data["member"].values


def test_replies_that_would_come_anyway_are_counted(g):
    """Pacts that are wanted with nothing lost are no answer to the loss: they are told apart."""
    (reply,) = dt.dependence(g, "TUR", draws=0, orders=1).settings["replies"]

    assert 0 <= reply["anyway"] <= len(reply["pacts"])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("NPT", "NPT is a regime of arms control.* no lens sees arms control"),
        ("New START", "NEW_START is a regime of arms control.* no lens sees arms control"),
        ("INF Treaty", "INF is a regime of arms control"),
        ("Montreux Convention", r"sees nothing.*\(arms control\), and no lens does"),
        ("tur-rus-arms-control", r"sees nothing.*\(arms control\), and no lens does"),
        ("FIVE_EYES", "shared intelligence.*no lens does"),
        ("CFF", "Did you mean 'CFE'"),
    ],
)
def test_of_what_no_lens_sees_there_is_no_curve(name, message, capsys):
    """One sentence says that no lens sees it, with the code of bad input, and no curve."""
    with pytest.raises(SystemExit) as ended:
        main(["collapse", "eurasia-2024", name, "--draws", "0"])

    said = capsys.readouterr()
    assert (2, "") == (ended.value.code, said.out)
    assert re.search(message, said.err)
    assert 1 == len(said.err.strip().splitlines())


def test_a_lens_that_is_blind_to_a_club_names_those_that_are_not(g):
    """Promises to consult stir some lens, not the one that was asked."""
    names = {"coalition", "contest"}
    with pytest.raises(UsageError, match=r"of the lenses .*coalition.* would") as refused:
        dt.collapse(g, "SCO", lens="contest", draws=0)

    assert all(name in str(refused.value) for name in names)


# --- plan ----------------------------------------------------------------------------------------


def test_a_harmful_target_names_who_loses_and_what_is_harmless(answers):
    """Status, losers and the largest harmless part agree with the deltas."""
    result = answers["plan"]
    about = result.settings["targets"]["between_istanbul:wide"]
    data = result.data.sel(target="between_istanbul:wide", lens="coalition")
    level = float(data["tolerance"])
    losing = set(data["state"].values[data["delta"].values < -level].tolist())

    assert "harmful_target" == about["status"]
    assert losing == {loser["state"] for loser in about["losers"]}
    assert (data["part_delta"].values >= -level).all()
    assert int(data["part_size"]) <= int(data["part_upper"]) <= int(data["moving"])


def test_no_step_of_the_way_leaves_anybody_below_the_start(answers):
    """Rule start: after every step the worst-off state lies within the tolerance."""
    worst = answers["plan"].steps()["worst"]

    assert len(worst)
    assert (worst >= -1).all()


def test_an_order_is_found_for_a_part_of_many_edits(g):
    """Of 2^24 subsets one in six is harmless; a way of single edits leads through them."""
    name = "between_belt:text"
    result = dt.plan(g, name, menu="none", draws=0)
    about, row = result.settings["targets"][name], result.targets().row(0, named=True)

    assert sorted(about["part"]) == sorted(edit for step in about["steps"] for edit in step["do"])
    assert (1, True) == (row["bargain_size"], row["bargain_exact"])
    assert row["part_size"] == row["steps"]
    assert (result.steps()["worst"] >= -1).all()


def test_a_part_without_a_finer_order_is_done_at_once(g, monkeypatch, tmp_path):
    """Where no order is found, the whole in one step is a way, with its size as a bound."""
    monkeypatch.setattr("detente.transition.planning.ROUTE_EVALUATIONS", 0)
    monkeypatch.setattr("detente.transition.games.route_search._side_by_side", lambda _: None)
    monkeypatch.setattr("detente.transition.subsets.ways._of_all_sets", lambda *_: None)
    edits = ["UKR becomes neutral", "GBR guarantees UKR", "CHN guarantees UKR"]
    result = dt.plan(g, [edits], menu="none", draws=0)
    about = next(iter(result.settings["targets"].values()))
    words = "all 3 at once; no finer order was found within the bounds"

    assert "reached" == about["status"]
    assert [3] == [len(step["do"]) for step in about["steps"]]
    assert words == about["bargain"]
    assert words in result.reading
    assert f"Bargain size of a way to the target: at most 3, {words}" in repr(result)
    page = result.report(tmp_path / "page.html").read_text(encoding="utf-8")
    assert f"the target: at most 3, {words}." in page


def test_a_rule_over_draws_is_kept_in_the_share_asked_for(g):
    """Somebody loses at the target in a good half of the draws: one in ten may not."""
    name = "between_istanbul:text"
    often = float(dt.plan(g, name, menu="none", draws=20).data["share_harmful"][0])
    loose, strict = (dt.plan(g, name, menu="none", draws=20, share=share) for share in (0.2, 0.9))

    assert 0.1 < often < 0.8
    steps = loose.steps()
    assert "reached" == loose.settings["targets"][name]["status"]
    assert "in at least 20% of draws" in loose.reading
    assert (steps["share_harmed"] <= 0.8 + 1e-9).all()
    assert pytest.approx(often) == steps["share_harmed"][-1]
    about = strict.settings["targets"][name]
    assert "harmful_target" == about["status"]
    assert f"somebody is less secure than now in {often:.0%} of draws" in strict.reading
    assert (strict.steps()["share_harmed"] <= 0.1 + 1e-9).all()
    assert int(strict.data["part_size"][0]) < int(strict.data["moving"][0])


def test_consent_is_asked_in_a_share_of_draws(g):
    """Every step of the way has the consent of those who decide it in as many draws as asked."""
    name = "GBR guarantees UKR"
    result = dt.plan(g, name, menu="none", draws=20, consent="willing", share=0.5)
    about = result.settings["targets"][name]
    strong = dt.plan(g, name, menu="none", draws=20, consent="strong", share=0.5)
    refused = strong.settings["targets"][name]

    assert "reached" == about["status"]
    assert all(step["share_consent"] >= 0.5 for step in about["steps"])
    assert "no state that decides a step losing by it" in result.reading
    # A guarantor gains nothing by giving a guarantee: not all who decide gain.
    assert ("not_found_within_bounds", []) == (refused["status"], refused["steps"])
    assert "By all of it at once GBR, who decide, would not gain." in strong.reading


@pytest.mark.parametrize("rule", ["start", "step", "bounded", "compensated"])
def test_a_sentence_says_of_a_rule_only_what_it_asks(g, rule):
    """Under a budget losses are allowed, so no sentence denies them; their sum is given."""
    name = "UKR joins NATO"
    tight = dt.plan(g, name, menu="none", rule=rule, budget=0.5, draws=0)
    status = tight.settings["targets"][name]["status"]
    total = tight.settings["targets"][name]["total"]

    assert "harmful_target" == status
    if rule == "bounded":
        wide = dt.plan(g, name, menu="none", rule=rule, budget=total + 1, draws=0)
        about = wide.settings["targets"][name]
        assert f"add up to {total:.3g} tolerances" in tight.reading
        assert "nobody below" not in tight.reading + wide.reading
        assert ("reached", "target") == (about["status"], about["way_to"])
        assert f"by {total:.3g} tolerances together" in wide.reading
        assert total <= float(wide.data["largest_loss"][0]) + 1e-9
    elif rule == "step":
        assert "nobody losing in any step" in tight.reading
    else:
        assert "nobody below the start" in tight.reading


def test_rivals_reconcile_only_if_the_menu_allows_it(g):
    """The menu of measures ends no rivalry and no membership; a user's own menu may."""
    from detente.transition.menus import measures_of

    kinds = {
        edit.kind
        for measure in measures_of(g, "measures")
        if measure.change is not None
        for edit in measure.change.edits
    }
    target = "UKR joins NATO"
    offered = dt.plan(g, target, draws=0, rule="compensated")
    allowed = dt.plan(g, target, menu=["RUS and UKR reconcile"], draws=0)
    best = allowed.remedies().filter(allowed.remedies()["state"] == "RUS")

    assert kinds
    assert not kinds & {"reconcile", "leave", "withdraw"}
    assert not any(" reconcile" in m["title"] for m in offered.settings["measures"])
    assert ["RUS and UKR reconcile"] == best["best"].to_list()


def test_measures_do_not_undo_the_target(g):
    """A state that joins in the target does not become neutral as a compensation."""
    remedies = dt.plan(g, "UKR joins NATO", draws=0).settings["targets"]["UKR joins NATO"][
        "remedies"
    ]

    offered = {m["measure"] for remedy in remedies for m in remedy["measures"]}
    assert offered
    assert not any("UKR becomes permanently neutral" in measure for measure in offered)


def test_a_compensated_way_leaves_nobody_below_the_start(g):
    """With a menu that helps, the rule adds from it; without one the target stays harmful."""
    pact = "RUS and UKR commit to mutual nonaggression"
    target = "UKR joins NATO"
    bare = dt.plan(g, target, menu="none", rule="compensated", draws=0)

    assert "harmful_target" == bare.settings["targets"][target]["status"]
    helped = dt.plan(g, target, menu=[pact, "RUS and UKR reconcile", "BLR and UKR reconcile"],
                     rule="compensated", draws=0)  # fmt: skip
    about = helped.settings["targets"][target]
    if about["status"] == "reached":
        assert about["added"]
        assert (helped.steps()["worst"] >= -1).all()
    else:
        assert "harmful_target" == about["status"]


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda g: dt.compare(g, "helsinky"), "Did you mean 'helsinki'"),
        (lambda g: dt.compare(g, []), "nothing was named"),
        (lambda g: dt.compare(g, "gsi"), "sees not the one edit of gsi:text"),
        (lambda g: dt.explain(g, "EXT"), "unknown state"),
        (lambda g: dt.explain(g, "EST", orders=5), "even number"),
        (lambda g: dt.explain(g, "EST", change="OSCE is dissolved", lens="contest"), "sees none"),
        (lambda g: dt.dependence(g, "Atlantis"), "unknown state"),
        (lambda g: dt.dependence(g, "NATO"), "NATO is an organisation.*detente collapse"),
        (lambda g: dt.collapse(g, "EU"), r"weight is 0 for .*stands as strong .*\(NATO\)"),
        (lambda g: dt.collapse(g, "NATOO"), "Did you mean 'NATO'"),
        (lambda g: dt.collapse(g, "CSTO", first="USA"), "member of CSTO"),
        (lambda g: dt.collapse(g, "CSTO", cost=-1), "zero or positive"),
        (lambda g: dt.plan(g, "gsi"), "changes nothing"),
        (lambda g: dt.plan(g, "helsinki:loose"), "no reading"),
        (lambda g: dt.plan(g, "UKR joins NATO", menu=[]), "the menu is empty"),
        (lambda g: dt.plan(g, "UKR joins NATO", menu="measure"), "Did you mean 'measures'"),
        (lambda g: dt.plan(g, "UKR joins NATO", rule="begin"), "unknown rule"),
        (lambda g: dt.plan(g, "UKR joins NATO", package=0), "edits in a package is 1 or more"),
        (lambda g: dt.plan(g, "UKR joins NATO", share=0.5, draws=0), "needs draws"),
        (lambda g: dt.plan(g, "USA and GBR pledge consultation", lens="contest"), "sees none"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(g, call, message):
    """Names that are not there, a target that is the start, an empty menu, a blind lens."""
    with pytest.raises((UsageError, UnknownName), match=message):
        call(g)


@pytest.mark.parametrize(
    "arguments",
    [
        ("compare", "eurasia-2024", "helsinki", "--draws", "0"),
        ("explain", "eurasia-2024", "MDA", "--orders", "4"),
        ("dependence", "eurasia-2024", "TUR", "--draws", "0", "--orders", "1"),
        ("collapse", "eurasia-2024", "CSTO", "--draws", "0"),
        ("plan", "eurasia-2024", "helsinki:text", "--draws", "0"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_the_command_line_says_what_python_says(arguments):
    """Each command with the format json gives the document of the result."""
    done = CliRunner().invoke(cli, [*arguments, "--format", "json"])

    assert 0 == done.exit_code, done.output
    assert arguments[0] == json.loads(done.stdout)["question"]


def test_the_page_of_a_plan_says_where_its_rows_come_from(g, tmp_path):
    """Each edit opens its row of the proposal, each measure its source; the call is whole."""
    name = "euro_atlantic:text"
    result = dt.plan(g, name, draws=0, consent="willing", package=2)
    about = result.settings["targets"][name]
    rows = [row for step in about["steps"] for row in step["rows"]] + about["left_out_rows"]

    page = result.report(tmp_path / "page.html").read_text(encoding="utf-8")

    stated = g.tables["edits"].filter(pl.col("proposal") == "euro_atlantic")["edit"].to_list()
    assert int(result.data["moving"][0]) == len(set(rows))
    assert set(rows) <= set(stated)
    assert all(f"edits {row}" in page for row in rows)
    assert "sources rus-nato-draft-2021-12-17" in page
    call = """dt.plan(g, "euro_atlantic:text", consent='willing', package=2, draws=0)"""
    assert call in html.unescape(page)


def test_without_draws_nothing_is_said_of_draws(g, tmp_path):
    """The point estimate is no share of draws: neither in the terminal nor in the table."""
    result = dt.plan(g, "UKR joins NATO", menu="none", draws=0)

    assert result.losers()["share"].is_null().all()
    assert "of draws" not in repr(result)
    assert (
        "100%"
        not in result.report(tmp_path / "page.html")
        .read_text(encoding="utf-8")
        .split("<script")[0]
        .split("</style>")[-1]
    )
