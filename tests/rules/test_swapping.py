"""What a grade lacks of dysprosium terbium gives, and the other way round, as far as the effect asks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.rules.making import Recipes, Started, started

CONTENT = {"NdPr": 0.84, "Dy": 0.12, "Tb": 0.04}
"""A tonne of terbium does what two of dysprosium do: the effect of the grade is 0.12 + 2 x 0.04 = 0.2."""
EFFECT = np.array([0.0, 1.0, 2.0])
TONNES = st.floats(0, 200)
STOCKS = st.tuples(TONNES, TONNES, TONNES)


def recipes(share: float | None = 0.3) -> Recipes:
    """A plain grade and a hot one; nothing is swapped where `share` is None."""
    known = share is not None
    return Recipes(
        pool_of=np.arange(3),
        share=np.array([[1.0, 0.0, 0.0], list(CONTENT.values())]),
        essential=np.array([[True, False, False], [True, True, True]]),
        filler=np.zeros((2, 3)),
        replaced_by=np.full(3, -1),
        effect=np.array([np.zeros(3), EFFECT]) if known else None,
        made_up_by=(-1, 0) if known else (),
        swap_share=share or 0.0,
    )


def make(
    stock: tuple[float, float, float], hot: float = 100.0, plain: float = 0.0, limit: float = 1e9,
    share: float | None = 0.3,
) -> Started:  # fmt: skip
    return started(
        recipes(share), wish_t=np.array([plain, hot])[:, None, None],
        stock_t=np.array(stock)[:, None, None], yields=np.ones(1), limit_t=np.full((1, 1), limit),
    )  # fmt: skip


def test_missing_terbium_is_replaced_by_twice_as_much_dysprosium_and_the_mass_is_yielded() -> None:
    # 100 t take 4 t of Tb; of 2 there are, the effect of the other 2 comes from 4 t of Dy.
    done = make((100.0, 20.0, 2.0))
    assert done.made_t.ravel() == pytest.approx([0, 100])
    assert done.used_t.ravel() == pytest.approx([82, 16, 2])


def test_missing_dysprosium_is_replaced_by_half_as_much_terbium_and_the_mass_is_filled() -> None:
    done = make((100.0, 9.0, 10.0))
    assert done.made_t.ravel() == pytest.approx([0, 100])
    assert done.used_t.ravel() == pytest.approx([85.5, 9, 5.5])


def test_no_more_is_swapped_than_must_be_when_the_plant_is_small() -> None:
    # Half of it takes 2 t of Tb, and these are there.
    done = make((100.0, 20.0, 2.0), limit=50.0)
    assert done.used_t.ravel() == pytest.approx([42, 6, 2])
    assert not np.any(done.swapped_t)


def test_at_most_a_part_of_the_effect_is_swapped() -> None:
    # 2 (4 f - 0.5) = 0.3 x 20 f: of 100 t 50 are made; by the recipe it would be 12.5.
    done = make((100.0, 20.0, 0.5))
    assert done.made_t.ravel() == pytest.approx([0, 50])
    assert done.used_t.ravel() == pytest.approx([50 * 0.84 - 1.5, 9, 0.5])
    assert make((100.0, 20.0, 0.5), share=None).made_t.ravel() == pytest.approx([0, 12.5])


def test_both_together_reach_as_far_as_their_effect() -> None:
    # 6 + 2 x 4 of 20: seven tenths.
    done = make((100.0, 6.0, 4.0))
    assert done.made_t.ravel() == pytest.approx([0, 70])
    assert done.used_t.ravel() == pytest.approx([60, 6, 4])


def test_what_fills_the_mass_limits_what_is_swapped() -> None:
    # 84 f + (12 f - 9) / 2 = 84.
    done = make((84.0, 9.0, 10.0))
    assert done.made_t[1, 0, 0] == pytest.approx(100 * 88.5 / 90)
    assert done.used_t[0, 0, 0] == pytest.approx(84)


def test_a_shortfall_is_laid_to_what_is_scarcest() -> None:
    done = make((84.0, 12.0, 0.5))
    (allows,) = done.allowed_swapped.values()
    assert allows[:, 0, 0] == pytest.approx([1, 1, 0.5])


@settings(max_examples=400, deadline=None)
@given(STOCKS, st.tuples(TONNES, TONNES, st.floats(1, 300)), st.floats(0, 1))
def test_swaps_keep_mass_and_effect_and_never_make_less(
    stock: tuple[float, float, float], order: tuple[float, float, float], share: float
) -> None:
    plain, hot, limit = order
    done, without = (make(stock, hot, plain, limit, each) for each in (share, None))
    used, made = done.used_t.ravel(), done.made_t.ravel()
    assert made.sum() == pytest.approx(used.sum(), abs=1e-9)
    assert np.all(used <= np.array(stock) * (1 + 1e-9) + 1e-9)
    assert done.able_t[1, 0, 0] >= without.able_t[1, 0, 0]
    effect = float(EFFECT @ used)
    assert effect == pytest.approx(0.2 * made[1], abs=1e-6)
    missing = np.maximum(0.0, np.array(list(CONTENT.values())) * made[1] - used)[1:]
    assert float(EFFECT[1:] @ missing) <= share * 0.2 * made[1] + 1e-6


@settings(max_examples=400, deadline=None)
@given(STOCKS, STOCKS, st.floats(1, 300))
def test_more_of_an_ingredient_never_makes_less_of_the_grade(
    stock: tuple[float, float, float], more: tuple[float, float, float], hot: float
) -> None:
    before = make(stock, hot).made_t[1, 0, 0]
    nd, dy, tb = (a + b for a, b in zip(stock, more, strict=True))
    assert make((nd, dy, tb), hot).made_t[1, 0, 0] >= before - 1e-9 * hot
