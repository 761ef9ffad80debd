"""Users lend what they hold above the mean of them all: nobody loses a tonne, and covers come together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.equations.sums import Groups
from sim.rules.sharing import lent, lent_part

THREE = Groups(np.zeros(3, dtype=np.intp), 1)
USE = np.array([[2.0], [1.0], [1.0]])
"""t/day"""
ALL = np.ones((3, 1), dtype=np.bool_)


def test_three_users_by_hand() -> None:
    # 80 t at 4 t/day are 20 days: 40, 20 and 20 t. The first holds 20 t more, the others 15 and 5 t less.
    held = np.array([[60.0], [5.0], [15.0]])
    given_t, received_t = lent(held, USE, ALL, group=THREE, part=1.0)
    assert (held - given_t + received_t)[:, 0] == pytest.approx([40.0, 20.0, 20.0])
    # A tenth of it: 2 t, of which the second gets three quarters.
    given_t, received_t = lent(held, USE, ALL, group=THREE, part=0.1)
    assert given_t[:, 0] == pytest.approx([2.0, 0.0, 0.0])
    assert received_t[:, 0] == pytest.approx([0.0, 1.5, 0.5])
    # The second was refused its licence: a tenth of the 5 t that the third lacks, though 20 t could be lent.
    civil = np.array([[True], [False], [True]])
    given_t, received_t = lent(held, USE, civil, group=THREE, part=0.1)
    assert given_t[:, 0] == pytest.approx([0.5, 0.0, 0.0])
    assert received_t[:, 0] == pytest.approx([0.0, 0.0, 0.5])


def test_two_reviews_a_week_lend_what_one_does() -> None:
    held, twice = np.array([[60.0], [5.0], [15.0]]), np.array([[60.0], [5.0], [15.0]])
    for _ in range(2):
        given_t, received_t = lent(twice, USE, ALL, group=THREE, part=lent_part(0.3, 3.5))
        twice = twice - given_t + received_t
    given_t, received_t = lent(held, USE, ALL, group=THREE, part=lent_part(0.3, 7.0))
    assert twice == pytest.approx(held - given_t + received_t)
    assert lent_part(1.0, 1.0) == 1.0


@given(
    st.lists(
        st.tuples(
            st.floats(0, 1e6), st.floats(1e-3, 1e3), st.booleans(), st.integers(0, 2)
        ),
        min_size=1, max_size=12,
    ),
    st.floats(0, 1),
)  # fmt: skip
def test_what_is_given_is_received_inside_each_group_and_covers_come_together(
    users: list[tuple[float, float, bool, int]], part: float
) -> None:
    held, use = (np.array([user[n] for user in users])[:, None] for n in (0, 1))
    may = np.array([user[2] for user in users])[:, None]
    group = Groups(np.array([user[3] for user in users], dtype=np.intp), 3)
    given_t, received_t = lent(held, use, may, group=group, part=part)
    after = held - given_t + received_t
    assert group.total(after) == pytest.approx(group.total(held), rel=1e-12)
    assert (after >= -1e-12 * held.max()).all()
    assert (received_t[~may] == 0).all()
    if part == 0:
        assert (given_t == 0).all()
        assert (received_t == 0).all()
    # Nobody passes the mean: who had more has no less than it, who had less no more.
    mean = group.spread(group.total(held) / np.maximum(group.total(use), 1e-300))
    assert (np.sign(held / use - mean) * (after / use - mean) >= -1e-9 * np.maximum(mean, 1)).all()
    given_t, received_t = lent(held, use, np.ones_like(may), group=group, part=1.0)
    assert (held - given_t + received_t) / use == pytest.approx(mean, rel=1e-6)
