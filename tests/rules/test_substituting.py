"""A grade comes in place of another only out of what its own users left, a lesser one only in part."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.equations.sums import Groups
from sim.rules.substituting import Turn, spare, substituted

TONNES = st.floats(0, 100)


def turn(*pairs: tuple[int, int], at: int, share: tuple[float, float]) -> Turn:
    """Pairs of a seller (of 2) and a need (of 2), the first of them numbered `at`."""
    seller, need = np.array(pairs, dtype=np.intp).T
    which = np.arange(at, at + len(pairs))
    return Turn(which, Groups(seller, 2), Groups(need, 2), np.array(share)[:, None])


BETTER = turn((0, 0), (0, 1), at=0, share=(1.0, 1.0))
LESSER = turn((1, 0), (1, 1), at=2, share=(0.1, 0.3))


def served(spare_t: list[float], open_t: list[float], use_t: list[float]) -> list[float]:
    """[better to either need, lesser to either need]."""
    column = (np.array(each)[:, None] for each in (spare_t, open_t, use_t))
    left, lacks, use = column
    out = substituted(
        [BETTER, LESSER], spare_t=left, open_t=lacks, use_t=use, admissible=np.ones((4, 1), bool)
    )
    return out.ravel().tolist()


def test_a_better_grade_comes_first_and_the_lesser_one_fills_no_more_than_its_share() -> None:
    # Of 15 t of the better grade 20 + 10 are asked; then 3 of 30 and 5 of 20, a tenth and three tenths of use.
    assert served([15.0, 50.0], [20.0, 10.0], [30.0, 20.0]) == pytest.approx([10, 5, 3, 5])


def test_nobody_asks_another_grade_for_more_than_its_use_until_the_next_review() -> None:
    assert served([500.0, 0.0], [200.0, 0.0], [30.0, 20.0]) == pytest.approx([30, 0, 0, 0])


def test_a_seller_keeps_what_it_aims_at_before_it_sells() -> None:
    # After planned sales of 10 it has 30 - 10 left of its 30; what is above that nobody has asked for.
    given = {"sales_t": np.array([10.0]), "target_t": np.array([30.0])}
    assert [float(spare(stock_t=np.array([t]), **given)[0]) for t in (15.0, 20.0, 26.0)] == [
        0,
        0,
        6,
    ]


@settings(max_examples=200, deadline=None)
@given(st.lists(TONNES, min_size=2, max_size=2), *[st.lists(TONNES, min_size=2, max_size=2)] * 2)
def test_no_more_comes_than_is_spare_and_lacking_and_a_lesser_grade_stays_within_its_share(
    spare_t: list[float], open_t: list[float], use_t: list[float]
) -> None:
    better, lesser = np.array(served(spare_t, open_t, use_t)).reshape(2, 2)
    room = 1 + 1e-9
    assert better.sum() <= spare_t[0] * room
    assert lesser.sum() <= spare_t[1] * room
    assert np.all(better + lesser <= np.minimum(open_t, use_t) * room + 1e-9)
    assert np.all(lesser <= np.array([0.1, 0.3]) * use_t * room)
