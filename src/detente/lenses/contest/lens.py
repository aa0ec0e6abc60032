"""The contest for one prize on a signed network (König, Rohner, Thoenig & Zilibotti 2017).

With A the alliances, E the enmities, x efforts, c their costs and the prize V = 1:

- performance  phi = x + beta A x - gamma E x
- payoff       pi_i = V phi_i / S - c_i x_i, S = sum(phi)
- equilibrium  S = (sum(Gamma) - 1) / sum(c Gamma), phi_i = Gamma_i S (1 - c_i S), over the states
               that contest the prize, with the hostility vulnerability
               Gamma_i = 1 / (1 + beta sum_j A_ij - gamma sum_j E_ij)
- efforts      x = (I + beta A - gamma E)^-1 phi

`game` solves it on plain arrays, `judging` hands changes to the kernels. They rest on one fact: a
change of the ties around one state c is ``M + e_c d' + d e_c'`` for ``M = I + beta A - gamma E``,
a change of rank two, so that one inverse of M serves every such change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from detente.architecture.system import Floats, System
from detente.lenses.contest.game import Equilibrium, equilibrium
from detente.lenses.contest.judging import costs
from detente.lenses.contest.ways import ContestWays
from detente.lenses.protocol import Parameter, Values


class Contest(ContestWays):
    """What a state nets from a contest in which efforts spill over to allies and enemies.

    Security is the equilibrium payoff pi_i = V phi_i / S - c_i x_i with V = 1 (`equilibrium`
    gives the formulas). Departs from the paper in three ways: alliances have weights; efforts
    may cost according to capability, c_i = (mean capability / capability_i) ** kappa, which is
    the paper's model at kappa = 0; states that cost too much stop at performance zero.

    References: König, Rohner, Thoenig & Zilibotti (2017), Proposition 1. Verified: the
    published ranking of the weapons embargoes is reproduced.
    """

    key = "contest"
    title = "A contest for one prize, in which the efforts of allies help and those of enemies harm"
    called = "contest for a prize"
    citation = (
        "König, M. D., Rohner, D., Thoenig, M. & Zilibotti, F. (2017). Networks in Conflict: "
        "Theory and Evidence from the Great War of Africa. Econometrica 85(4), 1093-1132. "
        "doi:10.3982/ECTA13117"
    )
    status = "verified"
    unit = "share of the prize"
    meaning = "what the state wins in equilibrium, less what it spends to win it"
    limits = (
        "The prize is fixed, so that what one state wins more of, somebody else wins less of; "
        "only the waste of effort can fall for everybody.",
        "There is one issue, and every state contests it with every other.",
        "There is no geography and there are no dates: a distant enemy counts like a near one.",
        "Efforts may be negative: a state with many fighting allies can live on their efforts.",
        "The spill-overs were estimated for armed groups in one war, 1998 to 2010, not for states.",
        "Nothing in it deters: a stronger ally lowers the effort that is worthwhile.",
        "Do not believe it where a state has so many enemies that no equilibrium exists, or "
        "where the sign of a change turns within the range of the spill-overs.",
    )
    assumptions: ClassVar[Mapping[str, str]] = {
        "strength": "counts",
        "distance": "ignored",
        "an ally": "fights along",
        "a rival": "contests a prize",
        "reach of a change": "the whole system",
    }
    parameters = (
        Parameter(
            name="beta",
            default=0.11401761,
            low=0.114 - 2 * 0.033,
            high=0.114 + 2 * 0.033,
            unit="effort per effort",
            meaning="what a unit of an ally's effort adds to a state's performance",
            source="König et al. (2017), Table I column 4: 0.114, s.e. 0.033; drawn within 2 s.e.",
            minimum=0.0,
        ),
        Parameter(
            name="gamma",
            default=0.083189711,
            low=0.083 - 2 * 0.019,
            high=0.083 + 2 * 0.019,
            unit="effort per effort",
            meaning="what a unit of an enemy's effort takes from a state's performance",
            source="König et al. (2017), Table I column 4: 0.083, s.e. 0.019; drawn within 2 s.e.",
            minimum=0.0,
        ),
        Parameter(
            name="cost_exponent",
            default=0.0,
            low=0.0,
            high=0.5,
            unit="none",
            meaning="how much cheaper effort is for the capable: cost = (mean / own) ** exponent",
            source="assumed; 0 is the published model",
            minimum=0.0,
        ),
    )
    ignores_isolates = False

    def equilibrium(self, system: System, values: Values) -> Equilibrium:
        """Return the equilibrium of the contest in a system; errors are those of `security`."""
        return equilibrium(
            system.allies,
            system.rivals,
            beta=values["beta"],
            gamma=values["gamma"],
            cost=costs(system, values["cost_exponent"]),
            interior="corners",
            codes=system.codes,
        )

    def security(self, system: System, values: Values) -> Floats:
        """Return the equilibrium payoff of each state, as a share of the prize.

        Raises
        ------
        NoEquilibrium
            If the contest has none; names the state.
        Undefined
            If costs follow capability and a state has none.
        """
        return self.equilibrium(system, values).payoff
