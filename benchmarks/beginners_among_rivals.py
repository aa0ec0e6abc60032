"""How well can what the lens coalition reads tell which of two rivals begins?

    python benchmarks/beginners_among_rivals.py

Among politically relevant pairs with a rivalry: the rate of the lens times powers of one or two
facts that it reads, the powers chosen on 1900 to 1959, and a logit of eight such facts fitted on
these years; both scored on 1960 to 1989, which have no part in the choice. Needs the data that
`detente backtest --beginners` needs.
"""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from detente.auditing.long_view import beginners
from detente.lenses.coalition import formula
from detente.lenses.coalition.facts import Floats

POWERS = (-1.0, -0.5, -0.25, 0.0, 0.25, 0.5, 1.0)
CHOSEN, SCORED = (1900, 1959), (1960, 1989)
LEAST = 1e-9
"""Below it a share is taken as this, for its logarithm."""


def facts_of_pairs(system: beginners.System, latent: float) -> dict[str, Floats]:
    """Return what the lens reads of every ordered pair, as logarithms, and the lens's rate."""
    values = beginners.defaults()
    facts = beginners.facts_of(beginners._placed(system), values)
    ties = formula.ties(facts, values)
    rate = np.zeros((facts.size, facts.size))
    possible = formula.possible_attacks(facts, ties, {**values, "latent": latent})
    rate[possible.leader, possible.target] = possible.rate
    strength = np.log(np.maximum(facts.strength, LEAST))
    rivals = np.log(np.maximum((facts.rivalry > 0).sum(axis=1), 1))
    square = np.ones((facts.size, facts.size))
    return {
        "rate": np.log(np.maximum(rate, LEAST)),
        "strength of the first": strength[:, None] * square,
        "strength of the second": strength[None, :] * square,
        "nearness": np.log(np.maximum(ties.reaches, LEAST)),
        "land border": facts.land * 1.0,
        "rivals of the first": rivals[:, None] * square,
        "rivals of the second": rivals[None, :] * square,
        "intensity": np.log(np.maximum(facts.rivalry, 0.2) / 5.0),
        "bond": ties.bond,
    }


def rows_of(years: tuple[int, int]) -> tuple[Floats, dict[str, Floats]]:
    """Return who began, and the facts, of relevant pairs with a rivalry."""
    rows = beginners.beginnings(*years)
    keep = rows.relevant & rows.rivals
    return rows.begun[keep], {name: x[keep] for name, x in rows.predicted.items()}


def main() -> None:
    """Print the areas under the ROC curve."""
    beginners._predicted = facts_of_pairs
    names = (
        "rate", "strength of the first", "strength of the second", "nearness", "land border",
        "rivals of the first", "rivals of the second", "intensity", "bond",
    )  # fmt: skip
    beginners.PREDICTORS = {name: name for name in names}
    (early, before), (late, after) = rows_of(CHOSEN), rows_of(SCORED)
    tried = []
    for pair in combinations(names[1:7], 2):
        for powers in product(POWERS, repeat=2):
            scores = [
                roc_auc_score(
                    begun, x["rate"] + sum(p * x[n] for p, n in zip(powers, pair, strict=True))
                )
                for begun, x in ((early, before), (late, after))
            ]
            tried.append((*scores, dict(zip(pair, powers, strict=True))))
    best = max(tried, key=lambda row: row[0])
    fitted = LogisticRegression(max_iter=500).fit(
        np.column_stack([before[n] for n in names[1:]]), early
    )
    logit = [
        roc_auc_score(begun, fitted.decision_function(np.column_stack([x[n] for n in names[1:]])))
        for begun, x in ((early, before), (late, after))
    ]
    alone = [roc_auc_score(begun, x["rate"]) for begun, x in ((early, before), (late, after))]
    print(f"rate alone: {alone[0]:.3f} on 1900-1959, {alone[1]:.3f} on 1960-1989")
    print(f"rate and the best two: {best[0]:.3f}, {best[1]:.3f} ({best[2]})")
    print(f"logit of eight facts: {logit[0]:.3f}, {logit[1]:.3f}")


if __name__ == "__main__":
    main()
