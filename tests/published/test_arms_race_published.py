"""Richardson (1939, 1960): the race of 1909-1913 and worked equilibria."""

from __future__ import annotations

import numpy as np
import pytest

from detente.lenses import arms_race
from detente.reproduce.tables import column


def _totals() -> list[float]:
    return column("richardson_1909_1913", "total").tolist()


def test_race_of_1909_to_1913_lies_on_richardsons_line():
    """Slope 0.73 per year and zero at 194 million, as Richardson is remembered to print.

    Series and targets are both remembered, so this checks the lens and does not verify it: our
    slope rounds to his, our zero is 194.91 where he gives 194.
    """
    fit = arms_race.richardson_fit(_totals())

    assert fit.slope == pytest.approx(0.73, abs=0.005)
    assert fit.zero == pytest.approx(194.0, abs=1.0)


def test_fit_of_1909_to_1913_to_ten_digits():
    """Increases, mid-totals, slope, zero and share of variance of the five totals."""
    fit = arms_race.richardson_fit(_totals())

    assert list(fit.increase) == pytest.approx([5.6, 10.1, 23.8, 50.3], rel=1e-9)
    assert list(fit.total) == pytest.approx([202.0, 209.85, 226.8, 263.85], rel=1e-9)
    assert fit.slope == pytest.approx(0.7310150043, rel=1e-9, abs=1e-9)
    assert fit.zero == pytest.approx(194.9142760487, rel=1e-9, abs=1e-9)
    assert fit.r_squared == pytest.approx(0.9990971982, rel=1e-9, abs=1e-9)


def test_two_sides_worked_example():
    """With k, l, a, b, g, h = 0.2, 0.3, 0.5, 0.4, 10, 12: 320/7 and 450/7, eigenvalues exact."""
    found = arms_race.two_sides(0.2, 0.3, 0.5, 0.4, 10, 12)

    assert list(found.armament) == pytest.approx([45.7142857143, 64.2857142857], rel=1e-9)
    assert list(found.eigenvalues) == pytest.approx([-0.2, -0.7], rel=1e-9)
    assert found.stable
    assert found.abscissa == pytest.approx(-0.2, rel=1e-9)


def test_three_nations_worked_example():
    """The equilibrium and eigenvalues of a race of three, to eight digits."""
    found = arms_race.equilibrium(
        [[-0.9, 0.3, 0.1], [0.2, -0.8, 0.25], [0.15, 0.1, -0.7]], [5, 4, 6]
    )

    assert list(found.armament) == pytest.approx([10.82679541, 11.62945081, 12.55280628], abs=5e-9)
    assert list(found.eigenvalues) == pytest.approx(
        [-0.43067678, -0.89691043, -1.07241279], abs=5e-9
    )


def test_richardsons_own_estimates_have_no_stable_equilibrium():
    """With k = l = 0.9 and a = b = 0.2 the race runs away, at 0.7 per year."""
    found = arms_race.two_sides(0.9, 0.9, 0.2, 0.2, 1, 1)

    assert not found.stable
    assert found.abscissa == pytest.approx(0.7, rel=1e-9)
    assert np.all(found.armament < 0)
