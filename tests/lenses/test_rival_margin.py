"""The margin against coalitions that a rival leads, by hand and by a count of all rivals."""

import math

import numpy as np
import pytest

from detente.errors import Undefined, UsageError
from detente.lenses.war_stability import rival_margin


def pairs(n, *chosen):
    """A symmetric table of zeros with ones at the pairs chosen."""
    table = np.zeros((n, n))
    for a, b in chosen:
        table[a, b] = table[b, a] = 1.0
    return table


def by_hand(allies, strength, rivals, advantage, distance, reach):
    """The definition state by state: who leads, who goes along, who stands by."""
    n = len(strength)
    arrives = [[strength[k] * np.exp(-distance[k, i] / reach) for i in range(n)] for k in range(n)]
    margins = []
    for i in range(n):
        backing = strength[i] + sum(allies[k, i] * arrives[k][i] for k in range(n) if k != i)
        worst = advantage * backing
        for j in range(n):
            if not rivals[i, j]:
                continue
            thirds = [k for k in range(n) if k not in (i, j)]
            attack = arrives[j][i] + sum(
                allies[k, j] * (1 - allies[k, i]) * arrives[k][i] for k in thirds
            )
            defence = strength[i] + sum(allies[k, i] * arrives[k][i] for k in thirds)
            worst = min(worst, advantage * defence - attack)
        margins.append(worst / sum(strength))
    return margins


def test_six_states_five_of_them_allied_by_hand():
    """Five allies against one rival of four of them: each is as safe as all of them are."""
    allies = pairs(6, *[(a, b) for a in range(5) for b in range(a)])
    rivals = pairs(6, *[(5, k) for k in range(1, 5)])

    margins = rival_margin(allies, [10, 4, 3, 2, 1, 9], rivals)

    np.testing.assert_allclose((20, 11, 11, 11, 11, -11), margins * 29, atol=1e-12)


@pytest.mark.parametrize("seed", range(40))
def test_it_is_the_definition_state_by_state(seed):
    """The margin is the worst over all rivals, with strength lost on the way."""
    random = np.random.default_rng(seed)
    n = int(random.integers(2, 8))
    kind = np.triu(random.choice(4, size=(n, n)), 1)
    weight = np.triu(random.random((n, n)), 1)
    allies = np.where(kind == 1, weight, 0.0)
    allies, rivals = allies + allies.T, (kind == 2) * 1.0 + (kind == 2).T
    distance = np.triu(random.random((n, n)) * 9000, 1)
    distance = distance + distance.T
    strength = random.random(n) + 0.1

    expected = by_hand(allies, strength, rivals, 1.3, distance, 2500.0)
    actual = rival_margin(allies, strength, rivals, advantage=1.3, distance=distance, reach=2500.0)

    np.testing.assert_allclose(expected, actual, atol=1e-12)


def test_input_that_the_formula_does_not_admit_is_refused():
    """A negative strength, a skew table, a reach without distances: each says what is wrong."""
    nobody = pairs(2)
    with pytest.raises(UsageError, match="strength"):
        rival_margin(nobody, [-1, 2], nobody)
    with pytest.raises(UsageError, match="rivals is not symmetric"):
        rival_margin(nobody, [1, 2], [[0, 1], [0, 0]])
    with pytest.raises(UsageError, match="weights from 0 to 1"):
        rival_margin(pairs(2, (0, 1)) * 2, [1, 2], nobody)
    with pytest.raises(UsageError, match="1 for a pair of rivals"):
        rival_margin(nobody, [1, 2], -pairs(2, (0, 1)))
    with pytest.raises(UsageError, match="needs distance"):
        rival_margin(nobody, [1, 2], nobody, reach=3000.0)
    with pytest.raises(UsageError, match="positive number of kilometres"):
        rival_margin(nobody, [1, 2], nobody, distance=nobody, reach=0.0)
    with pytest.raises(UsageError, match="non-negative kilometres"):
        rival_margin(nobody, [1, 2], nobody, distance=-pairs(2, (0, 1)), reach=1.0)
    with pytest.raises(Undefined):
        rival_margin(nobody, [0, 0], nobody)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("strength", ["a", 2]),
        ("strength", 1.0),
        ("strength", [1, math.nan]),
        ("strength", [[1], [1, 2]]),
        ("allies", [[0, 1], [1]]),
        ("allies", "BBB"),
        ("rivals", [[0, None], [1, "x"]]),
        ("rivals", [[0, math.nan], [math.nan, 0]]),
        ("distance", [[0, 1], [1]]),
        ("reach", "far"),
        ("reach", math.nan),
        ("advantage", "much"),
        ("advantage", math.nan),
    ],
)
def test_what_is_no_array_of_numbers_is_refused_by_name(name, wrong):
    """Words, a scalar, gaps and rows of unequal length: a sentence, never NumPy's own error."""
    nobody = np.zeros((2, 2))
    right = {"allies": nobody, "strength": [1, 2], "rivals": nobody, "distance": nobody, "reach": 1}

    with pytest.raises(UsageError, match=name):
        rival_margin(**(right | {name: wrong}))
