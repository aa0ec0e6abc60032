"""The audit as a whole: definitions on the tables, draws, threads, results that save themselves."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings

import detente as dt
from detente.auditing.alternatives import switches
from detente.auditing.feasible_changes import RULE
from detente.errors import ResultError, Undefined, UnknownName, UsageError
from detente.lenses import find
from detente.testing import architectures, build


@pytest.fixture(scope="module")
def blocs():
    """The audit of the teaching scenario with two blocs, under two lenses."""
    return dt.audit("two-blocs", lens=["war_stability", "contest"], draws=40, seed=3)


@settings(max_examples=20, deadline=None)
@given(g=architectures())
def test_the_audit_is_what_its_definition_says(g):
    """Deltas are differences of security between the architecture before and after the change."""
    result = dt.audit(g, dt.feasible(g)[:6], draws=0, alternatives=False)
    lens = find("coalition")
    before = lens.security(g.system, lens.values())

    for change in dt.feasible(g)[:6]:
        after = lens.security(g.apply(change).system, lens.values())
        np.testing.assert_allclose(
            after - before, result.deltas(str(change)).values, rtol=1e-9, atol=1e-12
        )


def test_the_positive_teaching_case_is_indivisible():
    """In the common house somebody wants something and nobody pays more than a trifle."""
    result = dt.audit("common-house", draws=100, tolerance=0.001)
    one = result.data.sel(lens="coalition")

    assert int(one["wanted"].sum()) > 0
    assert 0 == int(one["witness_count"])
    assert float(one["share_divisible"]) < 0.5


def test_the_negative_teaching_case_has_a_witness_in_every_draw(blocs):
    """With two blocs, joining one costs members of the other, whatever the parameters."""
    one = blocs.data.sel(lens="war_stability")

    assert int(one["witness_count"]) > 0
    assert 1.0 == float(one["share_divisible"])


def test_the_number_of_threads_changes_nothing():
    """The same seed gives the same result to the last bit on one thread and on three."""
    one = dt.audit("two-blocs", lens="all", draws=50, seed=5, threads=1)
    three = dt.audit("two-blocs", lens="all", draws=50, seed=5, threads=3)

    assert one.data.identical(three.data)


def test_the_first_draws_of_many_are_the_draws_of_few():
    """A draw is a function of its address: asking for more draws does not change the first."""
    few = dt.audit("two-blocs", draws=10, seed=1, alternatives=False).data
    many = dt.audit("two-blocs", draws=30, seed=1, alternatives=False).data

    np.testing.assert_array_equal(few["security_draw"], many["security_draw"][:, :10])


def test_another_seed_gives_other_draws():
    """Draws depend on the seed."""
    one = dt.audit("two-blocs", draws=5, seed=1, alternatives=False).data["security_draw"]
    two = dt.audit("two-blocs", draws=5, seed=2, alternatives=False).data["security_draw"]

    assert not np.allclose(one, two)


def test_a_parameter_that_is_given_is_not_drawn():
    """With every parameter fixed all draws are the point estimate."""
    fixed = {"advantage": 1.2}
    asked = {"lens": "war_stability", "parameters": fixed, "alternatives": False}
    data = dt.audit("two-blocs", draws=6, **asked).data

    np.testing.assert_array_equal(
        np.broadcast_to(data["security"].values[:, None], data["security_draw"].shape),
        data["security_draw"].values,
    )


def test_shares_are_counts_over_the_defined_draws():
    """The share of draws in which a change is a witness is its count over the draws."""
    result = dt.audit("two-blocs", draws=16, seed=9, alternatives=False)
    again = [
        dt.audit("two-blocs", draws=0, parameters=values, tolerance=tol, alternatives=False)
        for values, tol in zip(_values(16, 9), result.data["tolerance_draw"].values[0], strict=True)
    ]

    expected = np.mean([one.data["witness"].values[0] for one in again], axis=0)
    np.testing.assert_allclose(expected, result.data["share_witness"].values[0])
    harm = np.mean([one.data["harms"].values[0] for one in again], axis=0)
    np.testing.assert_allclose(harm, result.data["share_harms"].values[0])
    pays = np.mean([one.data["pays"].values[0] for one in again], axis=0)
    np.testing.assert_allclose(pays, result.data["pays_mean"].values[0], atol=1e-15)


def _values(draws, seed):
    from detente.auditing.screening import uniform

    lens = find("coalition")
    return lens.draws(uniform(seed, lens, draws))


def test_a_lens_without_an_answer_says_why_and_names_the_state():
    """At a threshold of 2 the contest refuses the flagship, naming Russia; the other answers."""
    g = dt.load("eurasia-2024")
    g = g.under(g.mapping.set(rivalry__threshold=2))

    result = dt.audit(g, lens=["war_stability", "contest"], draws=0, alternatives=False)

    assert ["war_stability"] == result.lenses
    assert "RUS" in result.refusals["contest"]
    assert "(contest) has no answer here" in repr(result)
    with pytest.raises(Undefined, match="RUS"):
        dt.audit(g, lens="contest", draws=0, alternatives=False)


def test_draws_without_an_answer_are_counted_and_left_out():
    """Under the contest some draws have no equilibrium: they are counted, never clipped."""
    data = dt.audit("eurasia-2024", ["UKR joins NATO"], lens="contest", draws=200).data
    defined = int(data["draws_defined"][0])

    assert 0 < defined < 200
    assert 200 - defined == int(np.isnan(data["tolerance_draw"].values).sum())
    assert float(data["share_wanted"].max()) <= 1.0


def test_arming_goes_through_every_lens():
    """A change of capability, which no fast path takes, is audited all the same."""
    result = dt.audit("two-blocs", ["HAR arms by 50 %", "MIR joins PACT"], draws=8)
    alone = dt.audit("two-blocs", ["MIR joins PACT"], draws=8)
    g = dt.load("two-blocs")
    lens = find("coalition")

    expected = lens.security(g.apply(dt.arm("HAR", 0.5)).system, lens.values())
    np.testing.assert_allclose(
        expected - lens.security(g.system, lens.values()),
        result.deltas("HAR arms by 50 %").values,
        atol=1e-12,
    )
    np.testing.assert_allclose(
        alone.data["share_harms"].values[0, 0], result.data["share_harms"].values[0, 1]
    )


def test_a_result_saves_and_opens_as_it_was(tmp_path, blocs):
    """What is saved as NetCDF comes back with every number, label and setting."""
    again = dt.open(blocs.save(tmp_path / "result.nc"))

    assert again.data.equals(blocs.data)
    assert repr(blocs) == repr(again)
    assert blocs.to_dict() == again.to_dict()


def test_a_result_saves_as_json_and_csv(tmp_path, blocs):
    """JSON holds what `to_dict` says, CSV the table of changes."""
    stored = json.loads(blocs.save(tmp_path / "r.json").read_text(encoding="utf-8"))
    lines = blocs.save(tmp_path / "r.csv").read_text(encoding="utf-8").splitlines()

    assert blocs.to_dict() == stored
    assert blocs.data.sizes["change"] + 1 == len(lines)


def test_a_result_that_cannot_be_saved_says_so_and_leaves_nothing(tmp_path, blocs):
    """A wrong suffix, a missing folder and a broken file are refused in words."""
    with pytest.raises(ResultError, match=r"nc, \.zarr, \.json or \.csv"):
        blocs.save(tmp_path / "r.xlsx")
    with pytest.raises(ResultError, match="cannot be written"):
        blocs.save(tmp_path / "none" / "r.json")
    (tmp_path / "broken.nc").write_bytes(b"CDF\x02nonsense")
    with pytest.raises(ResultError, match="no saved result"):
        dt.open(tmp_path / "broken.nc")
    with pytest.raises(ResultError, match="no such file"):
        dt.open(tmp_path / "absent.nc")
    assert ["broken.nc"] == [p.name for p in tmp_path.iterdir()]


def test_results_say_how_to_get_them_again(blocs):
    """Seed, draws, version and the scenario's hash stand in the attributes."""
    attrs = blocs.data.attrs

    assert (3, 40, dt.__version__) == (attrs["seed"], attrs["draws"], attrs["detente"])
    assert dt.load("two-blocs").digest == attrs["digest"]
    assert all("long_name" in v.attrs for v in blocs.data.data_vars.values())


def test_the_tables_hold_the_numbers_of_the_dataset(blocs):
    """States, witnesses and payers as tables agree with the arrays they come from."""
    one = blocs.data.sel(lens="contest")

    assert sorted(one["security"].values) == blocs.states("contest")["security"].to_list()
    assert int(one["witness"].sum()) == blocs.witnesses("contest").height
    assert float(one["pays"].sum()) == pytest.approx(blocs.pays("contest")["harm"].sum())


def test_paper_alliances_are_tried_at_full_weight_and_the_headline_says_so():
    """The flagship's headline tells what its paper alliances would change."""
    result = dt.audit("eurasia-2024", draws=0)
    g = dt.load("eurasia-2024")
    heavy = g.under(g.mapping.weigh(dict.fromkeys(g.ledger.partial(), 1.0)))
    one = dt.audit(heavy, draws=0, alternatives=False).data.sel(lens="coalition")

    told = f"{int(one['witness_count']):,} of {int(one['wanted_count']):,}"
    assert f"With paper alliances at full weight: {told}." in result.headline()


def test_every_switch_is_a_choice_otherwise_made():
    """Each alternative differs from the architecture it stands beside."""
    g = dt.load("eurasia-2024")
    found = dict(switches(g))

    assert {"gdp", "milex"} <= {other.measure for other in found.values()}
    assert all(other.digest != g.digest for other in found.values())


def test_feasible_changes_follow_the_declared_rule():
    """Every kind of the rule occurs, initiators are as declared, and none is a rival's alliance."""
    g = dt.load("eurasia-2024")
    listed = dt.feasible(g)

    assert set(RULE) == {change.kind for change in listed}
    for change in listed:
        edit = change.edits[0]
        if change.kind == "commit":
            assert not g.ledger.are_rivals(edit.promiser, edit.beneficiary)
            assert not {edit.promiser, edit.beneficiary} <= g.external
        elif change.kind == "join":
            assert set(change.initiators(g)) == {edit.state, *g.members[edit.organisation]}
            assert g.admits(edit.organisation, edit.state)
        elif change.kind in {"leave", "withdraw"}:
            assert (edit.state,) == change.initiators(g)
        assert change.bound(g) == change


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"lens": "kontest"}, UnknownName, "Did you mean 'contest'"),
        ({"lens": "war_stability:stat"}, UnknownName, "Did you mean 'star'"),
        ({"lens": []}, UsageError, "needs a lens"),
        ({"draws": -1}, UsageError, "not -1"),
        ({"draws": 2.5}, UsageError, "not 2.5"),
        ({"draws": 10**12}, UsageError, "1,000,000"),
        ({"parameters": {"contest.beta": 0.1}}, UnknownName, "contest is not among those"),
        ({"changes": ["KEL joins PACT", "KEL joins PACT"]}, UsageError, "more than once"),
        ({"seed": -1}, UsageError, "negative"),
        ({"materiality": float("nan")}, UsageError, "zero or positive"),
        ({"parameters": {"advantag": 1.0}}, UnknownName, "Did you mean 'advantage'"),
        ({"parameters": {"advantage": -1.0}}, UsageError, "outside"),
        ({"kinds": ["jion"]}, UnknownName, "Did you mean 'join'"),
        ({"changes": []}, UsageError, "empty"),
        ({"changes": ["MIR joins X", "NOL jumps"]}, UsageError, "(?s)MIR joins X.*NOL jumps"),
        ({"changes": ["MIR joins PACT"], "kinds": ["join"]}, UsageError, "changes were given"),
        ({"kinds": ["withdraw"]}, UsageError, "no change of these kinds"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused(options, error, message):
    """Wrong use raises before any work, all wrong changes at once."""
    with pytest.raises(error, match=message):
        dt.audit("two-blocs", **options)


def test_an_organisation_admits_whom_its_treaty_admits():
    """NATO admits European states only, the GCC nobody else, the CSTO anybody."""
    g = dt.load("eurasia-2024")

    assert [True, False, False, True] == [
        g.admits("NATO", "UKR"),
        g.admits("NATO", "IND"),
        g.admits("GCC", "JOR"),
        g.admits("CSTO", "MNG"),
    ]


def test_isolated_states_want_nothing_and_harm_nobody():
    """Four states without ties or rivals: nobody is exposed, no alliance is wanted or harms."""
    g = build({"AAA": 1, "BBB": 2, "CCC": 3, "DDD": 4})
    one = dt.audit(g, draws=0).data.sel(lens="coalition")

    assert [0.0] * 4 == one["security"].values.tolist()
    assert not one["wanted"].values.any()
    assert not one["harms"].values.any()
    assert np.isnan(float(one["index"]))
