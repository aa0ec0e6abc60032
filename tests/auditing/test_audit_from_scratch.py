"""The default audit of the flagship scenario, computed again by a plain program.

Nothing of detente is used here but the CSV files: the program below is written from the published
formulas of the `rival` reading and from the definitions of an audit, with whole matrices for every
change, no update of anything, and another formula for distances.
"""

from __future__ import annotations

import csv
import re
from importlib.resources import files
from itertools import combinations

import numpy as np
import pytest

import detente as dt

DATE = "2024-06-30"
ADVANTAGE, REACH, THRESHOLD, MATERIALITY = 1.0, 3000.0, 3, 0.01
EARTH_KM = 6371.0088


def table(name):
    """Return the rows of a table of the scenario."""
    text = (files("detente") / "scenarios" / "eurasia-2024" / f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def in_force(name):
    """Return the rows that hold on the date; ISO dates sort as text."""
    return [
        row
        for row in table(name)
        if row["start"] <= DATE and (not row["end"] or row["end"] >= DATE)
    ]


class World:
    """The facts that count, as dicts and sets that a change can edit."""

    def __init__(self):
        self.rows = {row["state"]: row for row in table("states")}
        newest = {}
        for row in sorted(table("capabilities"), key=lambda row: int(row["year"])):
            if row["measure"] == "cinc" and int(row["year"]) <= int(DATE[:4]):
                newest[row["state"]] = float(row["value"])
        self.codes = sorted(newest)
        self.power = np.array([newest[code] for code in self.codes])
        self.power /= self.power.sum()
        self.organisations = {
            row["organisation"]: row
            for row in in_force("organisations")
            if "defense" in (row["commitment"], row["second_commitment"])
            and row["strength"] != "none"
        }
        self.members = {code: {} for code in self.organisations}
        for row in in_force("memberships"):
            code, state = row["organisation"], row["state"]
            if row["role"] == "member" and code in self.members and state in self.rows:
                weight = row["weight"] or self.organisations[code]["weight"]
                self.members[code][state] = float(weight)
        self.treaties = [
            {
                "pair": frozenset((row["promiser"], row["beneficiary"])),
                "owing": {row["promiser"]}
                | ({row["beneficiary"]} if row["direction"] == "mutual" else set()),
                "text": 0.5 if row["strength"] == "political" else 1.0,
            }
            for row in in_force("commitments")
            if row["kind"] == "defense"
            and row["strength"] not in ("signed_not_in_force", "disputed", "none")
            and {row["promiser"], row["beneficiary"]} <= set(self.rows)
        ]
        self.hostile = {
            frozenset((row["state_a"], row["state_b"]))
            for row in in_force("rivalries")
            if int(row["intensity"]) >= THRESHOLD
            and {row["state_a"], row["state_b"]} <= set(self.rows)
        }

    def weight(self, a, b):
        """Return the weight of the alliance of two states."""
        shared = [min(m[a], m[b]) for m in self.members.values() if a in m and b in m]
        return max([0.0, *shared, *(t["text"] for t in self.treaties if t["pair"] == {a, b})])

    def ties(self):
        """Return the matrices of alliances and rivalries; who is both is neither."""
        place = {code: i for i, code in enumerate(self.codes)}
        allies, rivals = np.zeros((2, len(place), len(place)))
        for a, b in combinations(self.codes, 2):
            w, hostile = self.weight(a, b), frozenset((a, b)) in self.hostile
            i, j = place[a], place[b]
            allies[i, j] = allies[j, i] = 0.0 if hostile else w
            rivals[i, j] = rivals[j, i] = float(hostile and w == 0)
        return allies, rivals


def margins(allies, power):
    """Return the margin of every state in the reading `star`.

    Anybody leads all its allies; the target has its other allies. B = allies, each one its own.
    """
    circle = allies + np.eye(len(power))
    brings = circle @ power
    common = circle @ np.diag(power) @ circle.T
    attack = brings[None, :] - power[:, None] * circle
    defence = brings[:, None] - common + power[:, None] * circle
    balance = ADVANTAGE * defence - attack
    np.fill_diagonal(balance, np.inf)
    worst = np.minimum(ADVANTAGE * brings, balance.min(axis=1))
    return worst / power.sum()


def tried(world):
    """Return every feasible change as (sentence, initiators), by the declared rule."""
    codes, out = world.codes, []
    external = {code for code in codes if world.rows[code]["role"] == "external"}
    for a, b in combinations(codes, 2):
        rival = frozenset((a, b)) in world.hostile
        if not {a, b} <= external and not rival and world.weight(a, b) < 1:
            out.append((f"{a} and {b} commit to mutual defense", (a, b)))
    owed = {
        (state, other)
        for treaty in world.treaties
        for state in treaty["owing"]
        for other in treaty["pair"] - {state}
        if treaty["pair"] <= set(codes)
    }
    for a, b in owed:
        out.append((f"{a} withdraws its defense commitment with {b}", (a,)))
    for code, members in world.members.items():
        admits = world.organisations[code]["admits"]
        for state in codes:
            welcome = not admits or world.rows[state]["region"] in admits.split(";")
            rival = any(frozenset((state, member)) in world.hostile for member in members)
            whole = float(world.organisations[code]["weight"])
            if state in members:
                if members[state] > 0:
                    out.append((f"{state} leaves {code}", (state,)))
            elif whole > 0 and state not in external and welcome and not rival:
                out.append((f"{state} joins {code}", (state, *members)))
    for pair in world.hostile:
        if pair <= set(codes):
            a, b = sorted(pair)
            out.append((f"{a} and {b} reconcile", (a, b)))
    return out


def moved(world, sentence):
    """Return the pairs whose ties a change may alter, after editing the world in place."""
    words = re.split(
        r" and | commit to mutual defense| withdraws its defense commitment with "
        r"| joins | leaves | reconcile",
        sentence,
    )
    a, b = words[0], words[1]
    if " joins " in sentence:
        world.members[b] = {**world.members[b], a: float(world.organisations[b]["weight"])}
        return [(a, other) for other in world.members[b] if other != a]
    if " leaves " in sentence:
        world.members[b] = {s: w for s, w in world.members[b].items() if s != a}
        return [(a, other) for other in world.members[b]]
    if " commit " in sentence:
        world.treaties = [
            *world.treaties,
            {"pair": frozenset((a, b)), "owing": {a, b}, "text": 1.0},
        ]
    elif " withdraws " in sentence:
        world.treaties = [t for t in world.treaties if t["pair"] != {a, b} or a not in t["owing"]]
    else:
        world.hostile = world.hostile - {frozenset((a, b))}
    return [(a, b)]


class Again:
    """The audit, computed again."""

    def __init__(self):
        world = World()
        place = {code: i for i, code in enumerate(world.codes)}
        allies, rivals = world.ties()
        self.codes = world.codes
        self.security = margins(allies, world.power)
        ordered = np.sort(self.security)

        def quantile(q):
            at = q * (len(ordered) - 1)
            low = int(at)
            return ordered[low] + (at - low) * (ordered[low + 1] - ordered[low])

        self.tolerance = tol = MATERIALITY * (quantile(0.75) - quantile(0.25))
        self.delta, self.wanted, self.harms, self.zero_sumness, self.admitted = {}, {}, {}, {}, {}
        self.desire, self.twin = {}, {}
        self.pays = np.zeros((len(place), len(place)))
        for sentence, deciding in tried(world):
            before = world.members.copy(), world.treaties, world.hostile
            edited, enmity = allies.copy(), rivals.copy()
            for a, b in moved(world, sentence):
                if a in place and b in place:
                    i, j = place[a], place[b]
                    w, hostile = world.weight(a, b), frozenset((a, b)) in world.hostile
                    edited[i, j] = edited[j, i] = 0.0 if hostile else w
                    enmity[i, j] = enmity[j, i] = float(hostile and w == 0)
            world.members, world.treaties, world.hostile = before
            delta = margins(edited, world.power) - self.security
            pairs = np.triu((edited != allies) | (enmity != rivals))
            self.twin[sentence] = frozenset(
                (i, j, edited[i, j], enmity[i, j]) for i, j in np.argwhere(pairs).tolist()
            )
            mine = [place[code] for code in deciding if code in place]
            gain, loss = delta[delta > 0].sum(), -delta[delta < 0].sum()
            wanted = len(mine) > 0 and delta[mine].min() >= -tol and delta[mine].max() > tol
            harms = delta < -tol
            self.delta[sentence], self.wanted[sentence], self.harms[sentence] = delta, wanted, harms
            self.desire[sentence] = delta[mine].sum()
            self.zero_sumness[sentence] = 2 * min(gain, loss) / (gain + loss) if gain + loss else 0
            self.admitted[sentence] = (wanted and not harms.any(), wanted, wanted and gain > loss)
            if wanted:
                for j in mine:
                    self.pays[:, j] = np.maximum(self.pays[:, j], np.where(harms, -delta, 0.0))

    def index(self):
        """Return 1 minus the share of witnesses among the wanted, twins counted once."""
        wanted = {self.twin[c] for c, yes in self.wanted.items() if yes}
        harmful = {self.twin[c] for c, yes in self.wanted.items() if yes and self.harms[c].any()}
        return 1 - len(harmful) / len(wanted)


@pytest.fixture(scope="module")
def again():
    """The audit from scratch."""
    return Again()


@pytest.fixture(scope="module")
def one():
    """The audit by detente, one lens."""
    asked = {"lens": "war_stability", "draws": 0, "alternatives": False}
    return dt.audit("eurasia-2024", **asked).data.sel(lens="war_stability")


@pytest.fixture(scope="module")
def order(one):
    """The sentences of the changes, in the order of the result."""
    return one["change"].values.astype(str).tolist()


def test_the_same_states_and_changes_are_tried(again, one, order):
    """The rule of feasibility, read from its words, gives the same changes."""
    assert again.codes == one["state"].values.tolist()
    assert sorted(again.delta) == sorted(order)


def test_security_and_tolerance_are_those_of_the_formulas(again, one):
    """Every state's margin, and 1 % of their interquartile range."""
    np.testing.assert_allclose(one["security"].values, again.security, rtol=0, atol=1e-12)
    assert pytest.approx(again.tolerance, rel=0, abs=1e-12) == float(one["tolerance"])


def test_every_delta_is_that_of_starting_again(again, one, order):
    """What each of the changes gives to each of the states."""
    expected = np.array([again.delta[sentence] for sentence in order])

    np.testing.assert_allclose(one["delta"].values, expected, rtol=0, atol=1e-12)


def test_every_verdict_is_that_of_the_definition(again, one, order):
    """Wanted, harms, witness, zero-sumness and the three readings of every change."""
    wanted = np.array([again.wanted[sentence] for sentence in order])
    harms = np.array([again.harms[sentence] for sentence in order])

    assert wanted.tolist() == one["wanted"].values.tolist()
    assert harms.tolist() == one["harms"].values.tolist()
    assert (wanted & harms.any(axis=1)).tolist() == one["witness"].values.tolist()
    assert [list(again.admitted[s]) for s in order] == one["admitted"].values.T.tolist()
    # A ratio of sums of differences: where both sums are tiny, a digit more is lost.
    expected = np.array([again.zero_sumness[sentence] for sentence in order])
    moved = np.array([np.abs(again.delta[sentence]).sum() > 1e-9 for sentence in order])
    np.testing.assert_allclose(one["zero_sumness"].values[moved], expected[moved], atol=1e-6)


def test_the_index_is_that_of_the_definition(again, one):
    """The indivisibility index, changes that come to the same counted once."""
    assert pytest.approx(again.index(), rel=0, abs=1e-12) == float(one["index"])


def test_who_pays_for_whom_is_that_of_the_definition(again, one):
    """The largest harm of a wanted change of each of those who decide it."""
    assert again.pays.max() > 0.01
    np.testing.assert_allclose(one["pays"].values, again.pays, rtol=0, atol=1e-12)
