"""What a new seller does not deliver goes back to whom it displaced, and not a tonne more or less."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.equations.sums import Groups
from sim.rules.giving_back import given_back, not_shipped, part_missing, with_more_need


def column(*values: float) -> npt.NDArray[np.float64]:
    """[line, column] of a single column."""
    return np.array(values)[:, None]


ONE_PURCHASE = Groups(np.zeros(3, dtype=np.intp), 1)


def test_a_seller_lacks_what_its_stock_or_the_border_keeps_back() -> None:
    # Planned are 6 and 4 t out of 5 t of stock: half of each can go. The border is open on half of the days for
    # the second: 3 and 1 t can be shipped, 3 and 3 t cannot.
    lacks = not_shipped(
        column(6.0, 4.0), Groups(np.zeros(2, dtype=np.intp), 1), stock_t=column(5.0),
        part_open=column(1.0, 0.5),
    )  # fmt: skip
    assert lacks[:, 0] == pytest.approx([3.0, 3.0])


def test_a_newcomer_that_ships_nothing_is_counted_out_at_its_first_review() -> None:
    # One review of thirteen has a plan, and nothing of it came.
    planned = np.zeros((13, 1, 1))
    planned[5] = 7.0
    assert part_missing(planned, planned).tolist() == [[1.0]]
    assert part_missing(planned * 0.0, planned * 0.0).tolist() == [[0.0]]


def test_a_quarter_missing_goes_back_by_what_was_displaced() -> None:
    # The new seller is planned to bring 8 of 20 t/day and displaced 6 and 2. It ships three quarters: 2 t/day
    # go back, 1.5 and 0.5.
    asked = given_back(
        column(8.0, 7.0, 5.0), column(0.0, 6.0, 2.0), column(0.25, 0.0, 0.0), ONE_PURCHASE
    )
    assert asked[:, 0] == pytest.approx([6.0, 8.5, 5.5])


def test_a_seller_that_displaced_nobody_stays_asked() -> None:
    asked = given_back(
        column(8.0, 0.0, 0.0), column(0.0, 0.0, 0.0), column(1.0, 0.0, 0.0), ONE_PURCHASE
    )
    assert asked[:, 0].tolist() == [8.0, 0.0, 0.0]


@given(
    planned=st.lists(st.floats(0, 1e3), min_size=2, max_size=5),
    before=st.lists(st.floats(0.1, 1e3), min_size=2, max_size=5),
    missing=st.floats(0, 1),
)
def test_what_a_buyer_asks_of_all_stays_the_same(
    planned: list[float], before: list[float], missing: float
) -> None:
    # New sellers displaced as much as they are planned to bring.
    total_t = sum(planned)
    displaced = [b / sum(before) * total_t for b in before]
    lanes = len(planned) + len(before)
    asked = given_back(
        column(*planned, *before), column(*[0.0] * len(planned), *displaced),
        column(*[missing] * len(planned), *[0.0] * len(before)),
        Groups(np.zeros(lanes, dtype=np.intp), 1),
    )  # fmt: skip
    assert asked.sum() == pytest.approx(total_t + sum(before))
    assert (asked[len(planned) :, 0] >= np.array(before) * (1 - 1e-12)).all()


def test_what_is_needed_beyond_the_plan_is_asked_by_weight() -> None:
    # A quarter more of 20 t/day is 5, of the second and third seller by 3 to 1.
    more = with_more_need(
        column(8.0, 7.0, 5.0),
        column(8.0, 7.0, 5.0),
        column(0.0, 3.0, 1.0),
        ONE_PURCHASE,
        column(1.25),
    )
    assert more[:, 0] == pytest.approx([8.0, 10.75, 6.25])
