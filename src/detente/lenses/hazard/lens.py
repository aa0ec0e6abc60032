"""The empirical hazard: who would start a dispute against whom, and what it would cost.

For each directed pair, p_ij is the yearly probability that i starts a militarised dispute
against j, a logit fitted on two centuries of the field's data (`detente calibrate`, years,
sources and coefficients in ``evidence/datasets/registry/hazard.json``):

- logit p_ij = b0 + sum_k b_k x_ijk, with the covariates of `evidence.forecast.hazard`: coalitions,
  ties, rivalry, distance, and what is known of contiguity, regimes and past disputes; for every
  combination of what is known there is a fit
- expected loss of j by i: p_ij q_ij, with q_ij = A_ij^m / (A_ij^m + A_ji^m) the chance that the
  side of i is the stronger: A_ij is the capability of i and its allies, those shared with j left
  out, and m the decisiveness of force
- security of j = - sum_i p_ij q_ij

A state without capability starts no dispute. The uncertainty of the fit enters the draws by
independent directions of the coefficients' sampling distribution.

Departs from the literature: nothing here is a published model. The form of q is the ratio form
of contest success (Tullock 1980); that capability ratios say little about who wins is known
(Carroll and Kenkel 2019, American Journal of Political Science 63(3)).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from detente.architecture.system import Floats, Moves, System
from detente.evidence.forecast import hazard
from detente.lenses.hazard.drawn_fit import DIRECTIONS, coefficients
from detente.lenses.hazard.feared import feared_portrait
from detente.lenses.hazard.some_hazards import some_deltas
from detente.lenses.hazard.updates import many_deltas
from detente.lenses.protocol import Lens, Parameter, Portrait, Values
from detente.lenses.some_changes import are_some
from detente.lenses.winning import Winning, by_pairs


class Hazard(Lens):
    """Yearly hazard of disputes started against a state, weighted by the chance to be weaker."""

    key: ClassVar[str] = "hazard"
    title: ClassVar[str] = "Who starts disputes against whom, as two centuries of data have it"
    called: ClassVar[str] = "who starts disputes"
    citation: ClassVar[str] = (
        "This project's own logit on Gibler, D. M., Miller, S. V. & Little, E. K. (2016), "
        "International Studies Quarterly 60(4), 719-730, and the sources in hazard.json"
    )
    status: ClassVar[str] = "checked"
    unit: ClassVar[str] = "disputes a year, weighted by the chance to be the weaker side"
    meaning: ClassVar[str] = (
        "Minus the disputes that others are expected to start against the state in a year, each "
        "weighted by the chance that the state and its allies are the weaker side"
    )
    limits: ClassVar[tuple[str, ...]] = (
        "An association is not an effect: states make alliances where they expect disputes, so a "
        "change of alliances may do other things than the fit says.",
        "Fitted on 1817 to 1989; later years are left for tests.",
        "Each year's disputes were fitted on the architecture of the year before: what it expects "
        "is of the year to come, not of the year of the architecture.",
        "Its level drifts over the decades: fitted to 1949 it expects 0.5 to 0.8 times as many "
        "disputes as began in the ten years after, fitted to 1969 1.1 to 1.4 times as many; more "
        "pairs of states do not mean as many more disputes. Compare states and changes of one "
        "year, not the sums of different years.",
        "What a scenario does not say of contiguity, regimes and past disputes is not seen: a fit "
        "without it takes its place, and foretells less.",
        "Past disputes are those before the date: a change of ties does not undo them.",
        "Rivalries in the data are coded with hindsight; the lag of a year does not undo it.",
        "A dispute may be a threat or a war: most are neither long nor bloody.",
    )
    assumptions: ClassVar[Mapping[str, str]] = {
        "strength": "counts",
        "distance": "counts",
        "an ally": "defends",
        "a rival": "may attack",
        "reach of a change": "the whole system",
    }
    no_numbers: ClassVar[str] = "A fit of this project's own: no publication has its numbers."
    facts: ClassVar[tuple[str, ...]] = tuple(hazard.COVARIATES_OF_FACTS)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "decisiveness",
            1.0,
            0.5,
            2.0,
            "exponent",
            "How much a ratio of capabilities decides who is the stronger side.",
            "assumed; 1 is the ratio form",
            scale="log",
            minimum=0.0,
        ),
        *(
            Parameter(
                f"fit_{k + 1:02d}",
                0.5,
                0.001,
                0.999,
                "quantile",
                "Place of the fit along one direction of its sampling distribution, the least "
                "certain first; one half is the estimate. A fit with fewer coefficients has fewer "
                "directions.",
                "estimated: covariance clustered by pair, evidence/datasets/registry/hazard.json",
                minimum=1e-9,
                maximum=1 - 1e-9,
            )
            for k in range(DIRECTIONS)
        ),
    )

    def security(self, system: System, values: Values) -> Floats:
        """Return minus the expected weighted disputes against each state, array (n,)."""
        expected_loss: Floats = -self.losses(system, values).sum(axis=0)
        return expected_loss

    def losses(self, system: System, values: Values) -> Floats:
        """Return the expected loss of the column's state by the row's, array (n, n)."""
        facts = system.facts
        beta = coefficients(facts, values)
        x = hazard.pair_covariates(system, facts)
        eta = beta[0] + np.tensordot(beta[1:], x, axes=1)
        balance = x[hazard.names(facts).index("coalition_balance")]
        with np.errstate(over="ignore"):
            loss: Floats = 1 / (1 + np.exp(-eta)) / (1 + np.exp(-values["decisiveness"] * balance))
        loss[system.capability <= 0] = 0.0
        np.fill_diagonal(loss, 0.0)
        return loss

    def winning(self, system: System, values: Values, sides: Sequence[int]) -> Winning:
        """Return the chance that a side with its allies is the stronger, over the other sides."""
        facts = system.facts
        q = stronger(hazard.pair_covariates(system, facts), facts, values)
        return Winning(
            by_pairs(q[np.ix_(list(sides), list(sides))]),
            "chance that a side with its allies is the stronger, by their capability",
        )

    def deltas(self, system: System, moves: Moves, values: Values) -> Floats:
        """Return what each change gives to each state: only what a change touches is redone."""
        if any(moves.armed):
            return super().deltas(system, moves, values)
        if are_some(system, moves):
            return some_deltas(system, moves, values)
        return many_deltas(system, moves, values)

    def portrait(self, system: System, values: Values) -> Portrait:
        """Say against whom most disputes are to be expected, and by whom."""
        return feared_portrait(system, self.losses(system, values))


def stronger(x: Floats, facts: tuple[str, ...], values: Values) -> Floats:
    """Return q: the chance that the row's side is the stronger, from the covariates, (n, n)."""
    balance = x[hazard.names(facts).index("coalition_balance")]
    with np.errstate(over="ignore"):
        q: Floats = 1 / (1 + np.exp(-values["decisiveness"] * balance))
    return q
