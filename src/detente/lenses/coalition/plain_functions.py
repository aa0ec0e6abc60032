"""The lens as plain functions of arrays: security, and the attacks behind every number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from detente.errors import UsageError
from detente.lenses.coalition import formula
from detente.lenses.coalition.facts import Facts, Floats, checked
from detente.lenses.coalition.lens import Coalition

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False)
class AttackTables:
    """The attacks that the rivalries of a system make possible, and who takes part in each.

    Attributes
    ----------
    pairs : polars.DataFrame
        One row a directed pair with a rivalry: `attacker` (who leads), `target`, `rate` (uses of
        force a year), `attack` and `defence` (shares of all strength), `beaten` (0..1). The
        exposure of a state is the sum of rate times beaten over the rows that target it.
    participants : polars.DataFrame
        One row for each part of an attack or a defence: `attacker`, `target`, `state`, `side`
        (``"attack"`` or ``"defence"``), `share` (of its strength: 1 for the leader and the
        target, the share that turns out for a third state, the share delivered for a supplier)
        and `strength` as it enters the sum of its side. A state that both supplies and takes
        part has two rows.
    """

    pairs: pl.DataFrame
    participants: pl.DataFrame


def security(
    strength: ArrayLike,
    *,
    defense: ArrayLike | None = None,
    offense: ArrayLike | None = None,
    nonaggression: ArrayLike | None = None,
    guarantee: ArrayLike | None = None,
    neutral: ArrayLike | None = None,
    stations: ArrayLike | None = None,
    supplies: ArrayLike | None = None,
    rivalry: ArrayLike,
    distance: ArrayLike | None = None,
    land: ArrayLike | None = None,
    nuclear: ArrayLike | None = None,
    latent: float = 0.0,
    **parameters: float,
) -> Floats:
    """Return the security of every state under the lens coalition.

    Parameters
    ----------
    strength : array (n,)
        What each state can bring to bear, non-negative, in any unit.
    defense, offense, nonaggression, guarantee : array (n, n), optional
        How fully the row's state has promised it to the column's, 0..1; a mutual promise stands
        both ways. Neutrality promised to one state enters as nonaggression does.
    neutral : array (n,), optional
        How fully a state has promised neutrality to everybody, 0..1.
    stations : array (n, n), optional
        Share of the row's strength that stands on the column's ground.
    supplies : array (n, n), optional
        Share of the row's strength that reaches the column as arms or means.
    rivalry : array (n, n)
        Intensity of the rivalry of a pair, 0 none to 5 war, symmetric.
    distance : array (n, n), optional
        Kilometres; without it no strength is lost on the way.
    land : array (n, n), optional
        Where two states share a land border: over it nothing is lost.
    nuclear : array (n,), optional
        Which states have nuclear warheads.
    latent : float
        Rate of a pair without a rivalry, a share 0..1 of the highest rate. An audit has 0: only
        quarrels on record lead to attacks. `detente backtest --beginners` scores it at 0.01.
    **parameters : float
        Values of the lens's parameters by name; the default where left out.

    Returns
    -------
    array (n,)
        Minus the exposure: uses of force a year, weighted by the attackers' share of strength.

    Raises
    ------
    UsageError
        If an array or a parameter is not what the formula admits, an asymmetric rivalry for one.
    Undefined
        If no state has any strength.
    MissingData
        If a distance is needed and is not known.

    Examples
    --------
    Two rivals at war, one three times as strong as the other:

    >>> security([1, 3], rivalry=[[0, 5], [5, 0]])
    array([-0.075, -0.025])
    """
    values = _values(latent, parameters)
    facts = checked(
        strength,
        reach=values["reach"],
        everybody=latent > 0,
        rivalry=rivalry,
        distance=distance,
        land=land,
        nuclear=nuclear,
        neutral=neutral,
        pairs={
            "defense": defense,
            "offense": offense,
            "nonaggression": nonaggression,
            "guarantee": guarantee,
            "stations": stations,
            "supplies": supplies,
        },
    )
    return formula.security_of(facts, values)


def attacks(
    strength: ArrayLike,
    *,
    defense: ArrayLike | None = None,
    offense: ArrayLike | None = None,
    nonaggression: ArrayLike | None = None,
    guarantee: ArrayLike | None = None,
    neutral: ArrayLike | None = None,
    stations: ArrayLike | None = None,
    supplies: ArrayLike | None = None,
    rivalry: ArrayLike,
    distance: ArrayLike | None = None,
    land: ArrayLike | None = None,
    nuclear: ArrayLike | None = None,
    latent: float = 0.0,
    **parameters: float,
) -> AttackTables:
    """Return every possible attack and who takes part in it: why each security is what it is.

    Arguments and errors are those of `security`; states are numbered from 0.
    """
    values = _values(latent, parameters)
    facts = checked(
        strength,
        reach=values["reach"],
        everybody=latent > 0,
        rivalry=rivalry,
        distance=distance,
        land=land,
        nuclear=nuclear,
        neutral=neutral,
        pairs={
            "defense": defense,
            "offense": offense,
            "nonaggression": nonaggression,
            "guarantee": guarantee,
            "stations": stations,
            "supplies": supplies,
        },
    )
    return attack_tables(facts, values)


def _values(latent: float, parameters: dict[str, float]) -> dict[str, float]:
    """Return the values of the formula, `latent` among them.

    Raises
    ------
    UsageError
        If `latent` is no share, or a parameter is not what the lens admits.
    """
    if not 0.0 <= latent <= 1.0:
        raise UsageError(f"latent must be a share from 0 to 1 of the highest rate, not {latent!r}")
    return {**Coalition().values(parameters), "latent": float(latent)}


def attack_tables(facts: Facts, values: dict[str, float]) -> AttackTables:
    """Return the attacks of checked facts as tables, states by their positions."""
    import polars as pl

    held = formula.ties(facts, values)
    possible = formula.possible_attacks(facts, held, values)
    pairs = pl.DataFrame(
        {
            "attacker": possible.leader,
            "target": possible.target,
            "rate": possible.rate,
            "attack": possible.attack,
            "defence": possible.defence,
            "beaten": possible.beaten,
        }
    )
    willing = (1.0 - held.bond) * held.arrives
    rows: list[tuple[int, int, int, str, float, float]] = []
    for r, (j, i) in enumerate(
        zip(possible.leader.tolist(), possible.target.tolist(), strict=True)
    ):
        rows.append((j, i, j, "attack", 1.0, float(held.arrives[j, i])))
        rows.append((j, i, i, "defence", 1.0, float(facts.strength[i])))
        for k in range(facts.size):
            if k in (i, j):
                continue
            delivered = values["supply"] * facts.supplies[k]
            reaching = held.sent[k, j] * held.reaches[j, i]
            for side, share, strength in (
                ("attack", delivered[j], reaching),
                ("attack", possible.joins[r, k], possible.joins[r, k] * willing[k, i]),
                ("defence", delivered[i], held.sent[k, i]),
                ("defence", possible.helps[r, k], possible.helps[r, k] * held.arrives[k, i]),
            ):
                if share > 0:
                    rows.append((j, i, k, side, float(share), float(strength)))
    columns = {
        "attacker": pl.Int64,
        "target": pl.Int64,
        "state": pl.Int64,
        "side": pl.String,
        "share": pl.Float64,
        "strength": pl.Float64,
    }
    return AttackTables(pairs, pl.DataFrame(rows, schema=columns, orient="row"))


__all__ = ["AttackTables", "attack_tables", "attacks", "security"]
