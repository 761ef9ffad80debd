"""Numbers rounded to the twelve digits that tables have, against the expression that writes them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.equations.digits import rounded


def read_back(value: float) -> float:
    return float(f"{value + 0.0:.12g}")


def assert_same(values: list[float]) -> None:
    found = rounded(np.array(values, dtype=np.float64))
    np.testing.assert_array_equal(found, [read_back(value) for value in values])
    assert not np.signbit(found[found == 0]).any()  # a table has no -0


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=20))
def test_any_number_is_what_reading_it_back_gives(values: list[float]) -> None:
    assert_same(values)


@given(st.integers(10**11, 10**12), st.integers(0, 24), st.sampled_from([0.5, 0.4999, 0.5001, 0.0]))
def test_a_number_near_the_middle_of_two_is_rounded_as_it_is_written(
    whole: int, digits: int, part: float
) -> None:
    assert_same([(whole + part) / 10.0**digits, -(whole + part) * 10.0 ** (digits - 12)])


@pytest.mark.parametrize("power", range(-14, 34))
def test_beside_a_power_of_ten(power: int) -> None:
    near = 10.0**power
    assert_same([near, np.nextafter(near, 0), np.nextafter(near, np.inf), near * (1 - 4e-13)])


def test_what_is_no_number_stays_so_and_minus_zero_is_zero() -> None:
    found = rounded(np.array([np.nan, np.inf, -np.inf, -0.0, 0.0]))
    np.testing.assert_array_equal(found, [np.nan, np.inf, -np.inf, 0.0, 0.0])
    assert rounded(np.zeros(0)).shape == (0,)


def test_rounding_twice_changes_nothing() -> None:
    values = np.random.default_rng(1).lognormal(0.0, 8.0, 10_000)
    once = rounded(values)
    np.testing.assert_array_equal(rounded(once), once)
