"""Sums are added up one after the other: else a run would change with the runs beside it."""

from __future__ import annotations

import numpy as np
import pytest

from sim.equations.sums import FEW, Groups, ratio, spread, sum_by, total


def mixed(shape: tuple[int, ...]) -> np.ndarray:
    """Numbers of all sizes, whose sum depends on the order in which they are added."""
    draw = np.random.default_rng(11).uniform
    return draw(0, 1, shape) * 10.0 ** draw(-9, 9, shape)


def one_after_the_other(values: np.ndarray) -> float:
    out = 0.0
    for value in values.tolist():
        out += value
    return out


@pytest.mark.parametrize(
    ("shape", "axis"),
    [
        ((100, 16), 0),
        ((1, 100, 16), 1),
        ((100, 1, 16), 0),
        ((3, 100, 5, 16), 1),
        ((4, 6, 100, 16), 2),
        ((30, 100, 4), 1),  # more than are added up by index lists
    ],
)
def test_a_run_alone_has_the_same_sums_to_the_last_bit_as_among_others(
    shape: tuple[int, ...], axis: int
) -> None:
    values = mixed(shape)
    together, by_group = total(values, axis=axis), np.moveaxis(values, axis, 0).copy()
    grouped = Groups(np.arange(100) % 2, 2)
    in_groups = grouped.total(by_group)
    for n in range(shape[-1]):
        alone = values[..., n : n + 1].copy()
        assert total(alone, axis=axis).tobytes() == together[..., n : n + 1].tobytes()
        only = by_group[..., n : n + 1].copy()
        assert grouped.total(only).tobytes() == in_groups[..., n : n + 1].tobytes()
    # Both are added in the order given, and another order would tell.
    each = by_group.reshape(100, -1).T.copy()
    assert together.ravel().tolist() == [one_after_the_other(one) for one in each]
    odd = [one_after_the_other(one[1::2]) for one in each]
    assert in_groups[1].ravel().tolist() == odd
    assert together.ravel().tolist() != each.sum(axis=1).tolist()


def test_what_rounding_leaves_where_there_is_nothing_is_no_part_of_it() -> None:
    # A stock that is less than nothing by its last digits must not become an infinite order.
    part, whole = np.array([1e-17, 0, 1e-17, -1e-17, 2]), np.array([0, 0, -1e-18, -1e-17, 4])
    assert ratio(part, whole).tolist() == [0, 0, 0, 0, 0.5]


def test_many_items_are_really_added_up_in_another_way_than_few() -> None:
    assert 30 * 100 > FEW > 100


def test_nobody_has_nothing_and_sums_are_there_for_all() -> None:
    # Of three places the last has none; a number above the least length makes room for itself.
    t = np.array([1.0, 2, 4])
    assert sum_by(np.array([0, 1, 0]), weights=t, minlength=3).tolist() == [5, 2, 0]
    assert sum_by(np.array([0, 2, 0]), weights=t, minlength=1).tolist() == [5, 0, 2]
    nobody = np.zeros(0, dtype=np.intp)
    for least in (0, 1):
        assert sum_by(nobody, weights=np.zeros(0), minlength=least).tolist() == [0.0] * least


def test_what_one_column_says_holds_for_all() -> None:
    assert spread(np.array([[1.0], [2.0]]), 3).tolist() == [[1, 1, 1], [2, 2, 2]]
