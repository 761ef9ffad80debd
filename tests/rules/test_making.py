"""The scarcest ingredient sets a maker's output, fillers are replaced, and each user makes from its own."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.rules.making import Recipes, Started, started

ELEMENTS = ("Nd", "Pr", "Dy", "Gd")
"""Nd and Pr stand in for one another; Gd is a filler that they replace."""
GRADES = np.array([[0.8, 0.0, 0.2], [0.7, 0.1, 0.2]])
"""[ordinary, hot] of [NdPr, Dy, Gd]"""
TONNES = st.floats(0, 1e3)
TABLES = tuple(each.name for each in fields(Started) if "swapped" not in each.name)
"""What is started where nothing is swapped"""


def recipes() -> Recipes:
    return Recipes(
        pool_of=np.array([0, 0, 1, 2]),
        share=GRADES,
        essential=np.array([[True, False, False], [True, True, False]]),
        filler=np.array([[0.0, 0.0, 0.2], [0.0, 0.0, 0.2]]),
        replaced_by=np.array([-1, -1, 0]),
    )


def side_by_side(
    wish: list[list[list[float]]], stock: list[list[list[float]]], limit: float, yields: float
) -> list[Started]:
    """Of each column, from [column][unit] wishes and stocks; its arrays are [unit, ...]."""
    units = len(wish[0])
    done = started(
        recipes(), wish_t=np.array(wish).T, stock_t=np.array(stock).T,
        yields=np.full(units, yields), limit_t=np.full((units, len(wish)), limit),
    )  # fmt: skip
    parts = [getattr(done, name) for name in TABLES]
    return [Started(*(part[..., n].T for part in parts), {}, None) for n in range(len(wish))]


def make(
    wish: list[list[float]], stock: list[list[float]], limit: float = 1e9, yields: float = 1.0
) -> Started:
    return side_by_side([wish], [stock], limit, yields)[0]


def test_without_dysprosium_the_hot_grade_stops_and_the_ordinary_one_goes_on() -> None:
    done = make([[100.0, 100.0]], [[500.0, 200.0, 0.0, 100.0]])
    assert done.made_t.tolist() == [[100.0, 0.0]]


def test_half_of_the_dysprosium_makes_half_of_the_hot_grade() -> None:
    # 100 t of the hot grade need 10 t of Dy.
    done = make([[0.0, 100.0]], [[500.0, 200.0, 5.0, 100.0]])
    assert done.made_t == pytest.approx(np.array([[0.0, 50.0]]))
    assert done.allowed[0, 1] == pytest.approx(0.5)


def test_members_of_a_group_are_used_in_proportion_to_what_there_is_of_each() -> None:
    # 100 t of the ordinary grade take 80 t of NdPr; 3 to 1 in stock.
    done = make([[100.0, 0.0]], [[300.0, 100.0, 0.0, 100.0]])
    assert done.used_t == pytest.approx(np.array([[60.0, 20.0, 0.0, 20.0]]))


def test_a_missing_filler_is_replaced_tonne_for_tonne() -> None:
    # Of 20 t of Gd there are 5: 15 t of NdPr take their place.
    done = make([[100.0, 0.0]], [[200.0, 0.0, 0.0, 5.0]])
    assert done.used_t == pytest.approx(np.array([[95.0, 0.0, 0.0, 5.0]]))
    assert done.made_t == pytest.approx(np.array([[100.0, 0.0]]))


def test_a_yield_below_one_takes_more_ingredients_than_goes_into_the_product() -> None:
    done = make([[100.0, 0.0]], [[500.0, 0.0, 0.0, 100.0]], yields=0.8)
    assert done.used_t.sum() == pytest.approx(125.0)
    assert done.content_t.sum() == pytest.approx(100.0)


def test_grades_share_the_capacity_in_proportion() -> None:
    done = make([[100.0, 300.0]], [[1e3, 0.0, 1e3, 1e3]], limit=200.0)
    assert done.made_t == pytest.approx(np.array([[50.0, 150.0]]))


def test_a_user_without_ingredients_gets_none_of_those_of_another() -> None:
    done = make([[100.0, 0.0], [100.0, 0.0]], [[500.0, 0.0, 0.0, 50.0], [0.0, 0.0, 0.0, 0.0]])
    assert done.made_t[0].sum() == pytest.approx(100.0)
    assert done.made_t[1].sum() == 0.0


def test_what_nobody_wants_limits_nobody() -> None:
    # Without a tonne of Dy in stock; the ordinary grade takes none.
    done = make([[100.0, 0.0]], [[500.0, 200.0, 0.0, 100.0]])
    assert done.allowed.tolist() == [[1.0, 1.0, 1.0]]


# ---- fillers of products that have nothing else in common


def one_unit(
    wish: list[float], stock: list[float], share_of_filler: float = 0.2, filler: float = 0.2
) -> tuple[list[float], list[float]]:
    """What is made of four products and used of four elements, t.

    B replaces the filler F. A with F as filler; A with F as itself; A with a filler H that nothing replaces; A
    and B, half and half, and none of them essential.
    """
    f = share_of_filler
    done = started(
        Recipes(
            pool_of=np.arange(4),  # B, A, F, H
            share=np.array(
                [[0, 1 - f, f, 0], [0, 0.8, 0.2, 0], [0, 0.8, 0, 0.2], [0.5, 0.5, 0, 0]]
            ),
            essential=np.array([[False, True, False, False]] * 3 + [[False] * 4]),
            filler=np.array([[0, 0, filler, 0], [0] * 4, [0, 0, 0, 0.2], [0] * 4]),
            replaced_by=np.array([-1, -1, 0, -1]),
        ),
        wish_t=np.array(wish)[:, None, None], stock_t=np.array(stock)[:, None, None],
        yields=np.ones(1), limit_t=np.full((1, 1), 1e12),
    )  # fmt: skip
    return done.made_t.ravel().tolist(), done.used_t.ravel().tolist()


def test_what_replaces_a_filler_need_not_be_in_the_product_otherwise() -> None:
    # Of 20 t of F there are 5: 15 t of B take their place.
    made, used = one_unit([100, 0, 0, 0], [50, 500, 5, 0])
    assert made == pytest.approx([100, 0, 0, 0])
    assert used == pytest.approx([15, 80, 5, 0])


def test_an_element_is_a_filler_only_where_the_recipe_says_so() -> None:
    # Here 5 t of F are a quarter of what 100 t take, and B is no way out.
    made, used = one_unit([0, 100, 0, 0], [50, 500, 5, 0])
    assert made == pytest.approx([0, 25, 0, 0])
    assert used == pytest.approx([0, 20, 5, 0])


def test_a_filler_that_nothing_replaces_stops_its_product() -> None:
    made, used = one_unit([0, 0, 100, 0], [50, 500, 0, 5])
    assert made == pytest.approx([0, 0, 25, 0])
    assert used == pytest.approx([0, 20, 0, 5])


def test_a_product_that_needs_no_replacement_does_not_wait_for_it() -> None:
    # There is enough F. Of 50 t of B for the last product there are 25: that one is halved, the first is not.
    made, used = one_unit([100, 0, 0, 100], [25, 500, 20, 0])
    assert made == pytest.approx([100, 0, 0, 50])
    assert used == pytest.approx([25, 80 + 25, 20, 0])


def test_rounding_in_the_share_of_a_filler_stops_no_product_however_large() -> None:
    # A filler of 0.3 in a share of 0.1 + 0.2, which is larger by 6e-17: of 1e9 t, 6e-8 t. There is none of it.
    made, used = one_unit([1e9, 0, 0, 0], [1e9, 1e9, 0, 0], share_of_filler=0.1 + 0.2, filler=0.3)
    assert made == pytest.approx([1e9, 0, 0, 0])
    assert used == pytest.approx([3e8, 7e8, 0, 0], abs=1e-6)


# ---- whatever the numbers


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    st.lists(TONNES, min_size=2, max_size=2), st.lists(TONNES, min_size=4, max_size=4),
    st.floats(0.5, 1.0), TONNES,
)  # fmt: skip
def test_nothing_is_made_of_nothing(
    wish: list[float], stock: list[float], yields: float, limit: float
) -> None:
    done = make([wish], [stock], limit, yields)
    slack = 1e-9 * (1 + sum(stock))
    assert (done.used_t <= np.array([stock]) + slack).all()
    assert done.content_t.sum() == pytest.approx(done.used_t.sum() * yields, abs=slack)
    assert done.made_t.sum() <= min(limit, sum(wish)) + slack
    assert (done.used_t >= 0).all()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(TONNES, min_size=2, max_size=2), st.lists(TONNES, min_size=4, max_size=4),
    st.lists(TONNES, min_size=4, max_size=4),
)  # fmt: skip
def test_more_of_every_ingredient_never_makes_less(
    wish: list[float], stock: list[float], more: list[float]
) -> None:
    # More of one alone may: what replaces a filler in one grade is missing in another.
    fuller = [a + b for a, b in zip(stock, more, strict=True)]
    less, full = make([wish], [stock]).able_t, make([wish], [fuller]).able_t
    assert (full >= less - 1e-9).all()


SEVERAL = st.tuples(
    st.lists(st.lists(TONNES, min_size=2, max_size=2), min_size=2, max_size=2),
    st.lists(st.lists(TONNES, min_size=4, max_size=4), min_size=2, max_size=2),
)
"""Wishes and stocks of two units"""


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(SEVERAL, min_size=2, max_size=4), TONNES)
def test_what_a_maker_starts_does_not_depend_on_the_runs_beside_it(
    runs: list[tuple[list[list[float]], list[list[float]]]], limit: float
) -> None:
    wishes, stocks = [wish for wish, _ in runs], [stock for _, stock in runs]
    together = side_by_side(wishes, stocks, limit, 0.8)
    for (wish, stock), among_others in zip(runs, together, strict=True):
        alone = make(wish, stock, limit, 0.8)
        for name in TABLES:
            one, other = getattr(alone, name), getattr(among_others, name)
            assert one.tobytes() == other.tobytes(), name
