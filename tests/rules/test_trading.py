"""What is left goes to who lacks it: no tonne twice, none left lying that a pair could have moved."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.equations.sums import Groups
from sim.rules.trading import asked, offered, traded

FloatArray = npt.NDArray[np.float64]


def column(*values: float) -> FloatArray:
    return np.array(values, dtype=np.float64)[:, None]


def pairs(*ends: tuple[int, int], sellers: int, needs: int) -> tuple[Groups, Groups]:
    seller, need = (np.array(each, dtype=np.intp) for each in zip(*ends, strict=True))
    return Groups(seller, sellers), Groups(need, needs)


def test_asks_are_served_in_proportion_by_offers_in_proportion_until_nothing_is_left() -> None:
    # Seller 0 has 30 t, seller 1 has 10 t. Need 0 asks 20 t and may buy from both, need 1 asks 40 t of the
    # first. First need 0 asks 15 and 5 t; of seller 0 55 t are asked, it serves 30/55: 90/11 and 240/11 t.
    # Need 0 still lacks 75/11 t, of which seller 1 has 5 t left.
    seller, need = pairs((0, 0), (0, 1), (1, 0), sellers=2, needs=2)
    sold = traded(
        column(30.0, 10.0), column(20.0, 40.0), seller, need, np.ones((3, 1), dtype=np.bool_)
    )
    assert sold[:, 0] == pytest.approx([90 / 11, 240 / 11, 10.0])


def test_a_pair_that_is_not_admissible_moves_nothing() -> None:
    seller, need = pairs((0, 0), (1, 0), sellers=2, needs=1)
    admissible = np.array([[False], [True]])
    sold = traded(column(30.0, 10.0), column(20.0), seller, need, admissible)
    assert sold[:, 0].tolist() == [0.0, 10.0]


def test_a_need_asks_for_its_use_and_missing_cover_and_a_seller_keeps_a_review_of_its_contracts() -> (
    None
):
    # 100 t are open; 7 t of use and 20 - 5 t of missing cover.
    ask = asked(
        open_t=column(100.0, 3.0), use_t=column(7.0, 7.0), cover_t=column(20.0, 20.0),
        held_t=column(5.0, 5.0),
    )  # fmt: skip
    assert ask[:, 0].tolist() == [22.0, 3.0]
    assert offered(stock_t=column(50.0, 5.0), sales_t=column(14.0, 14.0))[:, 0].tolist() == [
        36.0,
        0.0,
    ]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    offers=st.lists(st.floats(0, 1e3), min_size=3, max_size=3),
    asks=st.lists(st.floats(0, 1e3), min_size=3, max_size=3),
    some=st.lists(st.booleans(), min_size=9, max_size=9),
)
def test_nothing_lies_unsold_that_an_admissible_need_lacks(
    offers: list[float], asks: list[float], some: list[bool]
) -> None:
    ends = [(s, n) for s in range(3) for n in range(3)]
    seller, need = pairs(*ends, sellers=3, needs=3)
    admissible = np.array(some)[:, None]
    sold = traded(column(*offers), column(*asks), seller, need, admissible)
    left, lacks = column(*offers) - seller.total(sold), column(*asks) - need.total(sold)
    assert (sold >= 0).all()
    assert (sold[~admissible] == 0).all()
    assert left.min() >= -1e-6
    assert lacks.min() >= -1e-6
    both = [min(left[s, 0], lacks[n, 0]) for (s, n), ok in zip(ends, some, strict=True) if ok]
    assert max(both, default=0.0) <= 1e-6
