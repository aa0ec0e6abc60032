"""What membership is worth to each member under the lens `coalition`, for any set of members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from detente.architecture.fact_tables import FactTables
from detente.architecture.system import Floats, Ints, System
from detente.lenses.coalition.attack_sums_kernel import Numbers
from detente.lenses.coalition.changes import numbers_of
from detente.lenses.coalition.facts import Values
from detente.lenses.coalition.membership import membership_kernel as kernel
from detente.lenses.coalition.subset_arrays import Rates, VaryingFacts
from detente.lenses.coalition.subset_kernel import rates
from detente.lenses.coalition.subsets import varying

MOST_MEMBERS = 60
"""Most members: a set of them is an integer of 64 bits."""


@dataclass(frozen=True, eq=False)
class Memberships:
    """What membership is worth, in one draw of the parameters.

    Attributes
    ----------
    system : System
        What holds where no table says otherwise.
    tables : FactTables
        The facts that hang on who is a member.
    values : mapping
        The parameters of the lens.
    places : sequence of int
        Positions of the members in the system; the item m of the tables is the m-th of them.

    Raises
    ------
    UsageError
        If there are more than `MOST_MEMBERS`, or one term hangs on too many of them.
    """

    system: System
    tables: FactTables
    values: Values
    places: Sequence[int]
    _tabled: tuple[kernel.MemberTables, VaryingFacts, Numbers, Rates] = field(
        init=False, repr=False
    )

    def __post_init__(self) -> None:
        """Table the terms of every attack on a member."""
        facts = varying(self.system, self.tables, self.values, most=MOST_MEMBERS)
        numbers = numbers_of(self.values)
        attacks = rates(facts, numbers)
        places = np.array(self.places, dtype=np.int64)
        tables = kernel.member_tables(facts, numbers, attacks, places)
        object.__setattr__(self, "_tabled", (tables, facts, numbers, attacks))

    def worths(self, sets: Sequence[int] | Ints) -> Floats:
        """Return what each member would lose by leaving alone, (sets, members); 0 for others.

        A set of members is an integer, the m-th member its bit m.
        """
        worths = np.zeros((len(sets), len(self.places)))
        kernel.worths_of_members(*self._tabled, np.asarray(sets, dtype=np.int64), worths)
        return worths

    def securities(self, sets: Sequence[int] | Ints) -> Floats:
        """Return the security of those at `places` with each set of items, (sets, places).

        Items need not be members: any to which the tables refer, such as sources of ties.
        """
        securities = np.zeros((len(sets), len(self.places)))
        kernel.securities_with_sets(*self._tabled, np.asarray(sets, dtype=np.int64), securities)
        return securities

    def hang_on(self) -> int:
        """Return the members on whom a term of an attack on a member, or its cost, hangs."""
        tables, _, _, attacks = self._tabled
        supports = [*tables.support.tolist(), *attacks.support[tables.rate].tolist()]
        return int(np.bitwise_or.reduce(np.array([0, *supports], dtype=np.int64)))
