"""From an architecture to a model of escalation: dyads at risk, where they stand, what heats them.

Dyads at risk are the rivalries of the scenario, the dyads that third states would open by
entering a war on one of them (`detente.crisis.model.entry`), and those of the target of an
incident with whoever it holds to be a party to it. No parameter is hidden: they are the rows of
``data/parameters.csv`` and those of the lens coalition that say who enters a war.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from detente.architecture.ledger_reading import presences
from detente.architecture.promises import Pair, pair
from detente.architecture.system import Floats
from detente.crisis.model.arguments import read_side, rungs, split_dyad
from detente.crisis.model.entry import EntryChance, Pledges, opened, read_pledges
from detente.crisis.model.model_arrays import FORCE, RUNGS, Rules, Start, alias_table
from detente.crisis.model.settings import settle
from detente.crisis.record import record
from detente.crisis.record.ladder import BETWEENNESS, PEACE, WAR
from detente.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

YEAR = 365.25
"""Days."""
ACTORS = ("state", "contested", "nonstate")
"""Kinds of actors that can be a side of a dyad; organisations and collectives cannot."""
SUPPORT = {
    "arms_supply": "supplied",
    "intelligence_sharing": "provided_data",
    "security_assistance": "trained",
    "basing": "hosted",
}
"""Kinds of commitments whose giver may be held to be a party to what the receiver does, and the
role that it then has in an incident."""
Claims = dict[record.Act, set[str]]
"""Who is held to be a party to whose acts against whom, with the roles that are charged."""
STANDING = ("in_place", "used", "last_use_reported")


@dataclass(frozen=True, eq=False)
class Model:
    """A model of M dyads over S states, ready to run.

    Attributes
    ----------
    dyads : tuple of pairs
        The dyads at risk, in alphabetical order.
    states : tuple of str
        Everybody who is a side of one.
    values : mapping
        The parameters.
    background : array (M,)
        Incidents a day on the lowest rung.
    misread : array (M,)
        Factor of the chance that an incident raises the rung.
    offspring : mapping of (int, int) to float
        Mean number of incidents that one on the first dyad causes on the second.
    entries : mapping of (int, int) to EntryChance
        Chance that a war on the first dyad opens the second by a third state's entry, by who
        began the war.
    joiner : mapping of (int, int) to str
        The state that enters.
    rung : tuple of int
        Where each dyad stands.
    reason : tuple of str
        Why it stands there.
    mood : array (M,)
        Public mood at the start.
    excitation : array (M,)
        Incidents still to come from incidents before the start.
    digest : str
        Of the scenario: part of the address of chance.
    others : frozenset of str
        Codes of those who could be a side of a dyad and are not.
    collectives : frozenset of str
        Codes of organisations and others who are nobody's adversary by themselves.
    given : mapping of str to int
        The rungs at the start that the user set.
    """

    dyads: tuple[Pair, ...]
    states: tuple[str, ...]
    values: Mapping[str, float]
    background: Floats
    misread: Floats
    offspring: Mapping[tuple[int, int], float]
    entries: Mapping[tuple[int, int], EntryChance]
    joiner: Mapping[tuple[int, int], str]
    rung: tuple[int, ...]
    reason: tuple[str, ...]
    mood: Floats
    excitation: Floats
    digest: str
    others: frozenset[str] = frozenset()
    collectives: frozenset[str] = frozenset()
    given: Mapping[str, int] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<crisis model of {len(self.dyads)} dyads, branching ratio {self.branching:.3g}>"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the dyads, such as ``RUS-USA``."""
        return tuple("-".join(d) for d in self.dyads)

    def position(self, dyad: str | Pair) -> int:
        """Return the position of a dyad, written ``RUS-USA`` or as two codes, in any order."""
        a, b = (
            read_side(code, {*self.states, *self.others}, self.collectives)
            for code in (split_dyad(dyad) if isinstance(dyad, str) else dyad)
        )
        if pair(a, b) not in self._index:
            hint = (
                "The two are no rivals, and neither an ally's war nor a charge of support sets "
                "them against each other. List the dyads at risk with: detente crisis simulate "
                "SCENARIO --format csv"
            )
            raise UnknownName("dyad at risk", "-".join(pair(a, b)), (), hint)
        return self._index[pair(a, b)]

    @cached_property
    def _index(self) -> dict[Pair, int]:
        return {d: k for k, d in enumerate(self.dyads)}

    @cached_property
    def branching(self) -> float:
        """Spectral radius of the offspring: incidents that one causes, in the long run."""
        from scipy.sparse import coo_array

        if not self.offspring:
            return 0.0
        rows, columns = zip(*self.offspring, strict=True)
        m = len(self.dyads)
        matrix = coo_array((list(self.offspring.values()), (rows, columns)), shape=(m, m)).tocsr()
        # Power iteration on the matrix plus one: convergent for any non-negative matrix.
        x = np.ones(m)
        radius = 0.0
        for _ in range(2000):
            y = matrix @ x + x
            new = float(y.max())
            x = y / new
            if abs(new - radius) < 1e-12 * new:
                break
            radius = new
        return max(0.0, new - 1.0)

    def rules(self, candidates: Floats | None = None) -> Rules:
        """Return the arrays of a kernel.

        Parameters
        ----------
        candidates : array (M,), optional
            Rate of candidates of the background, at least as high as the background. Runs that
            are to be compared share it, and so share their incidents.

        Raises
        ------
        UsageError
            If the branching ratio is one or more.
        """
        check(self)
        v, m = self.values, len(self.dyads)
        top = self.background if candidates is None else candidates
        keep = np.divide(self.background, top, out=np.ones(m), where=top > 0)
        column, alias = alias_table(top)
        ptr, target, weight = _rows(self.offspring, m)
        entry_ptr, entry, first = _rows({key: c.first for key, c in self.entries.items()}, m)
        second = _rows({key: c.second for key, c in self.entries.items()}, m)[2]
        offspring = np.zeros(m)
        share = np.zeros(len(target))
        for d in range(m):
            row = slice(ptr[d], ptr[d + 1])
            offspring[d] = weight[row].sum()
            if offspring[d] > 0:
                share[row] = np.cumsum(weight[row]) / offspring[d]
        return Rules(
            background=np.asarray(self.background, dtype=np.float64),
            heat=np.array([1.0, *(v[f"heat.{k}"] for k in range(1, RUNGS))]),
            rise=np.array([*(v[f"rise.{k}"] for k in range(RUNGS - 1)), 0.0]),
            misread=np.asarray(self.misread, dtype=np.float64),
            fall=np.array([0.0, *(1.0 / v[f"stay.{k}"] for k in range(1, RUNGS))]),
            offspring=offspring,
            none=np.exp(-offspring),
            ptr=ptr,
            target=target,
            share=share,
            memory=v["excitation.memory"],
            entry_ptr=entry_ptr,
            entry=entry,
            entry_first=first,
            entry_second=second,
            entry_rung=int(v["entry.rung"]),
            gain=v["mood.gain"],
            mood_memory=v["mood.memory"],
            column=column,
            alias=alias,
            keep=keep,
            total=float(top.sum()),
        )

    def start(self) -> Start:
        """Return where replicas begin."""
        return Start(np.array(self.rung, dtype=np.int8), self.excitation, self.mood)

    def at(self, start: Mapping[str, int]) -> Model:
        """Return the model with some dyads on other rungs at the start."""
        rung, reason, given = list(self.rung), list(self.reason), dict(self.given)
        for name, k in rungs(start).items():
            d = self.position(name)
            rung[d], reason[d], given[self.names[d]] = k, "set by the user", k
        return replace(self, rung=tuple(rung), reason=tuple(reason), given=given)

    def expected_incidents(self, days: float) -> float:
        """Return a rough number of incidents a replica, from the rungs at the start."""
        heat = np.array([1.0, *(self.values[f"heat.{k}"] for k in range(1, RUNGS))])
        first = float((self.background * heat[list(self.rung)]).sum()) * days
        return first / max(1e-9, 1.0 - min(self.branching, 0.999))

    def table(self) -> pl.DataFrame:
        """Return one row a dyad: where it stands, why, and its rates."""
        return pl.DataFrame(
            {
                "dyad": self.names,
                "rung": self.rung,
                "reason": self.reason,
                "background_a_year": self.background * YEAR,
                "misread": self.misread,
            }
        ).sort("rung", "background_a_year", descending=True, maintain_order=True)


def same(a: Model, b: Model) -> bool:
    """Say whether two models over the same dyads are alike in all that decides what happens.

    How an incident is read decides nothing on a dyad on which none can come.
    """
    arrays = ("background", "mood", "excitation")
    if not all(np.array_equal(getattr(a, name), getattr(b, name)) for name in arrays):
        return False
    if (a.rung, a.offspring, a.entries) != (b.rung, b.offspring, b.entries):
        return False
    live = (a.background > 0) | (a.excitation > 0)
    live[[target for _, target in a.offspring]] = True
    return np.array_equal(a.misread[live], b.misread[live])


def check(model: Model) -> None:
    """Refuse a model that explodes."""
    if model.branching >= 1:
        raise UsageError(
            f"the branching ratio is {model.branching:.3g}: one incident causes that many more in "
            "the long run, so that their number grows without end and no probability means "
            "anything. Lower excitation.own, excitation.allies or excitation.attribution until "
            "it is below 1."
        )


def build(
    g: Architecture,
    parameters: Mapping[str, float] | None = None,
    *,
    start: Mapping[str, int] | None = None,
    dyads: Iterable[Pair] = (),
    stopped: Iterable[Pair] = (),
    believed: str | None = None,
) -> Model:
    """Return the model of an architecture.

    Parameters
    ----------
    g : Architecture
        The scenario.
    parameters : mapping, optional
        Values other than the defaults.
    start : mapping of str to int, optional
        Rungs of some dyads, instead of those from the record.
    dyads : iterable of pairs
        Dyads that must be in it as well, so that several models share their dyads.
    stopped : iterable of (supplier, receiver)
        Support that has ended: the supplier is not held to be a party any more.
    believed : str, optional
        A claimant whose account everybody takes for true: whom it charges is a party in full, and
        a role that it only denies makes nobody one. Without, no version is chosen.
    """
    v = settle(parameters)
    ended = set(stopped)
    hostile = _rivalries(g)
    pledges = read_pledges(g, v)
    allies = _allies(g)
    helpers = {
        receiver: {s: w for s, w in givers.items() if (s, receiver) not in ended}
        for receiver, givers in supporters(g, v).items()
    }
    accounts = record.accounts(g)
    account = accounts.get(believed, {}) if believed else {}
    claims = {
        act: roles
        for act, roles in _claims(g, accounts, believed).items()
        if not any((side, act[0]) in ended for side in act[1:])
    }
    everyone = set(hostile) | {pair(*d) for d in dyads}
    for a, b in hostile:
        for x, y in ((a, b), (b, a)):
            everyone |= {pair(y, s) for s in helpers.get(x, {}) if s != y}
            everyone |= {pair(c, x) for c in pledges.helpers(y) if _takes_sides(pledges, c, y, x)}
    everyone |= {pair(target, actor) for _, target, actor in claims}
    order = tuple(sorted(everyone))
    index = {d: k for k, d in enumerate(order)}
    rate, other = v["rate.rivalry"] / YEAR, v["rate.other"] / YEAR
    rung, reason = _standing(g, order, hostile, v)
    model = Model(
        dyads=order,
        states=tuple(sorted({s for d in order for s in d})),
        values=v,
        background=np.array([rate if d in hostile else other for d in order]),
        misread=_misread(g, order, v),
        offspring=_offspring(order, index, hostile, allies, helpers, claims, account, v),
        entries={},
        joiner={},
        rung=rung,
        reason=reason,
        mood=np.array([v["mood.start"] if k >= FORCE else 0.0 for k in rung]),
        excitation=np.zeros(len(order)),
        digest=g.digest,
        others=frozenset(sides(g)),
        collectives=collectives(g),
    )
    entries, joiner = opened(index, pledges, hostile, v)
    model = replace(model, entries=entries, joiner=joiner)
    return model.at(start) if start else model


def sides(g: Architecture) -> set[str]:
    """Return the codes of everybody who can be a side of a dyad."""
    actors = g.tables["actors"].filter(pl.col("kind").is_in(ACTORS))["actor"]
    return set(g.codes) | set(actors)


def collectives(g: Architecture) -> frozenset[str]:
    """Return the codes of those who can be no side of a dyad, such as organisations."""
    side_codes = {*g.tables["organisations"]["organisation"], *g.tables["actors"]["actor"]}
    return frozenset(side_codes - sides(g))


def _rivalries(g: Architecture) -> dict[Pair, int]:
    """Return the rivalries in force between states or actors, with their intensity."""
    side_codes, levels = sides(g), dict[Pair, int]()
    for row in g.in_force("rivalries").iter_rows(named=True):
        a, b = row["state_a"], row["state_b"]
        if a in side_codes and b in side_codes:
            levels[pair(a, b)] = max(levels.get(pair(a, b), 0), row["intensity"])
    return levels


def _allies(g: Architecture) -> dict[str, dict[str, float]]:
    """Return the weight of every alliance, as signed lenses see it: along these tempers spread."""
    allies_of: dict[str, dict[str, float]] = {}
    for a, b in sorted(g.ledger.pairs()):
        weight = g.ledger.tie(a, b).ally
        if weight > 0:
            allies_of.setdefault(a, {})[b] = weight
            allies_of.setdefault(b, {})[a] = weight
    return allies_of


def _takes_sides(pledges: Pledges, c: str, side: str, foe: str) -> bool:
    """Say whether c can enter on a side: not if it has promised to defend the foe as well."""
    return c not in (side, foe) and not pledges.bound(c, foe)


def supporters(g: Architecture, v: Mapping[str, float]) -> dict[str, dict[str, dict[str, float]]]:
    """Return who supports whom how much, by receiver, giver and role, on the date.

    From commitments in force, and from forces on another's ground with its consent: who stands
    there without it supports nobody.
    """
    side_codes, support = sides(g), dict[str, dict[str, dict[str, float]]]()
    for row in g.in_force("commitments").iter_rows(named=True):
        if row["kind"] not in SUPPORT:
            continue
        a, b = row["promiser"], row["beneficiary"]
        size = row["strength"].removeprefix("practice_")
        heavy = row["kind"] == "arms_supply"
        share = (
            v[f"support.{size}"] if heavy and size in ("heavy", "medium") else v["support.light"]
        )
        both = [(a, b), (b, a)] if row["direction"] == "mutual" else [(a, b)]
        for giver, receiver in both:
            if giver in side_codes and receiver in side_codes:
                from_giver = support.setdefault(receiver, {}).setdefault(giver, {})
                role = SUPPORT[row["kind"]]
                from_giver[role] = max(from_giver.get(role, 0.0), share)
    for (_, sender, ground), rows in presences(g).items():
        consented = all(row["consent"] == "yes" for row in rows)
        if consented and sender in side_codes and ground in side_codes and sender != ground:
            from_giver = support.setdefault(str(ground), {}).setdefault(str(sender), {})
            role, light = SUPPORT["basing"], v["support.light"]
            from_giver[role] = max(from_giver.get(role, 0.0), light)
    return support


def _claims(
    g: Architecture,
    accounts: Mapping[str, Mapping[record.Act, Mapping[str, bool]]],
    believed: str | None,
) -> Claims:
    """Return who is held to be a party, by the target and by the claimant who is believed."""
    side_codes, claims = sides(g), Claims()
    for claimant, account in accounts.items():
        for act, roles in account.items():
            charged = {role for role, says in roles.items() if says}
            initiator, target, actor = act
            of_it = claimant in (target, believed) and side_codes.issuperset(act)
            if charged and of_it and actor not in (initiator, target):
                claims.setdefault(act, set()).update(charged)
    return dict(sorted(claims.items()))


def _misread(g: Architecture, order: Sequence[Pair], v: Mapping[str, float]) -> Floats:
    """Return the factor of each dyad's chance to rise: fresh channels lower it."""
    worth: dict[Pair, float] = {}
    for channel in record.channels(g):
        if channel.ended:
            continue
        if channel.routine:
            value = 1.0
        elif channel.silence is not None:
            value = float(np.exp(-channel.silence / v["channel.memory"]))
        elif channel.standing in STANDING:
            value = v["channel.standing"]
        else:
            continue
        worth[channel.pair] = max(worth.get(channel.pair, 0.0), value)
    return np.array([1.0 - v["channel.relief"] * worth.get(d, 0.0) for d in order])


def _standing(
    g: Architecture, order: Sequence[Pair], hostile: Mapping[Pair, int], v: Mapping[str, float]
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return where each dyad stands on the date, and why.

    A rivalry at war is at war. Else the highest incident between the two in the window counts,
    or a threat among the signals, but not more than the rivalry's intensity; else a rivalry
    stands on rung 1 and everybody else on rung 0.
    """
    since = g.date - dt.timedelta(days=v["start.window"])
    best: dict[Pair, tuple[int, str]] = {}

    def note(a: str, b: str, rung: int, why: str) -> None:
        if a != b and rung > best.get(pair(a, b), (0, ""))[0]:
            best[pair(a, b)] = (rung, why)

    recent = (pl.col("date") >= since) & (pl.col("date") <= g.date)
    for row in g.tables["incidents"].filter(recent).iter_rows(named=True):
        note(row["initiator"], row["target"], row["hostility"], f"incident {row['incident']}")
    threats = g.tables["signals"].filter(recent & (pl.col("kind") == "threat"))
    for row in threats.iter_rows(named=True):
        for a in row["sender"].split(";"):
            for b in row["receiver"].split(";"):
                note(a, b, BETWEENNESS[0], f"threat {row['signal']}")
    rungs, reasons = [], []
    for d in order:
        intensity = hostile.get(d, 0)
        rung, why = best.get(d, (0, ""))
        cap = intensity if intensity else WAR - 1
        if intensity == WAR:
            rung, why = WAR, "a war that goes on, by the table of rivalries"
        elif intensity and rung <= PEACE[1]:
            rung, why = PEACE[1], "a rivalry without an incident or threat in the window"
        elif not rung:
            why = "no rivalry"
        rungs.append(min(rung, max(cap, PEACE[1])) if intensity != WAR else WAR)
        reasons.append(why)
    return tuple(rungs), tuple(reasons)


def _offspring(
    order: Sequence[Pair],
    index: Mapping[Pair, int],
    hostile: Mapping[Pair, int],
    allies: Mapping[str, Mapping[str, float]],
    helpers: Mapping[str, Mapping[str, Mapping[str, float]]],
    claims: Claims,
    account: Mapping[record.Act, Mapping[str, bool]],
    v: Mapping[str, float],
) -> dict[tuple[int, int], float]:
    """Return how many incidents one on a dyad causes on each other.

    On its own dyad ``excitation.own``; on the rivalries of either side's allies with the other
    side ``excitation.allies`` in all, shared by the weight of the alliance; between the target
    and a supporter of the initiator ``excitation.attribution`` times the supporter's share and
    the credibility (`_carried`). Either side may be the target: each counts half.
    """
    claimed: dict[Pair, list[str]] = {}
    for initiator, target, party in claims:
        claimed.setdefault((initiator, target), []).append(party)
    offspring: dict[tuple[int, int], float] = {}
    for k, (a, b) in enumerate(order):
        if v["excitation.own"]:
            offspring[k, k] = v["excitation.own"]
        near: dict[int, float] = {}
        for x, y in ((a, b), (b, a)):
            for c, weight in allies.get(x, {}).items():
                if pair(c, y) in hostile and c != y:
                    e = index[pair(c, y)]
                    near[e] = max(near.get(e, 0.0), weight)
            for s in dict.fromkeys((*helpers.get(x, {}), *claimed.get((x, y), ()))):
                e = index.get(pair(s, y), -1) if s != y else -1
                if e >= 0 and e != k and (a, b) in hostile:
                    act = (x, y, s)
                    carried = _carried(
                        helpers.get(x, {}).get(s, {}), claims.get(act, ()), account.get(act, {}), v
                    )
                    mean = v["excitation.attribution"] * carried / 2
                    offspring[k, e] = offspring.get((k, e), 0.0) + mean
        whole = sum(near.values())
        for e, weight in near.items():
            offspring[k, e] = offspring.get((k, e), 0.0) + v["excitation.allies"] * weight / whole
    return {key: mean for key, mean in offspring.items() if mean > 0}


def _carried(
    support: Mapping[str, float],
    charged: Collection[str],
    says: Mapping[str, bool],
    v: Mapping[str, float],
) -> float:
    """Return the share of a party times the credibility with which it is held to be one.

    Of its support by role and of the roles with which it is charged the largest product counts.
    The credibility is 1 for whoever the account that is believed charges with any role, 0 for
    roles that it only denies, else that of a charge that nothing settles.
    """
    if any(says.values()):
        return max((*support.values(), *(v["attribution.claim"] for _ in charged)), default=0.0)
    credibility = v["attribution.credibility"]
    shares = [share * credibility for role, share in support.items() if role not in says]
    if any(role not in says for role in charged):
        shares.append(v["attribution.claim"] * credibility)
    return max(shares, default=0.0)


def _rows(
    cells: Mapping[tuple[int, int], float], m: int
) -> tuple[
    np.ndarray[tuple[int], np.dtype[np.int32]], np.ndarray[tuple[int], np.dtype[np.int32]], Floats
]:
    """Return cells (row, column) as compressed rows; the diagonal comes first in its row."""
    keys = sorted(cells, key=lambda key: (key[0], key[0] != key[1], key[1]))
    counts = np.bincount([row for row, _ in keys], minlength=m) if keys else np.zeros(m, int)
    ptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    column = np.array([column for _, column in keys], dtype=np.int32)
    return ptr, column, np.array([cells[key] for key in keys], dtype=np.float64)
