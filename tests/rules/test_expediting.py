"""What flies is what brings a user up to its threshold, and no more than is sent."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.expediting import flown_part, lacking


def flown(could: float, use: float, held: float, in_air: float, days: float = 10.0) -> float:
    could_t, use_t, held_t, in_air_t = (
        np.array([[float(each)]]) for each in (could, use, held, in_air)
    )
    lacks_t = lacking(use=use_t, held_t=held_t, in_air_t=in_air_t, threshold_days=days)
    return float((could_t * flown_part(could_t, lacks_t))[0, 0])


def test_what_flies_fills_the_stock_up_to_the_threshold() -> None:
    # 10 t a day, and 10 days of it are 100 t.
    for could, held, in_air, flies in (
        (80, 60, 0, 40),
        (80, 60, 30, 10),
        (80, 100, 0, 0),
        (80, 10, 0, 80),  # no more than is sent
        (0, 0, 0, 0),
        (80, 100 - 1e-8, 0, 0),  # rounding flies nowhere
    ):
        assert flown(could, 10, held, in_air) == pytest.approx(flies), (could, held, in_air)
    assert flown(80, 10, 0, 0, days=0.0) == 0.0
    assert flown(80, 0, 0, 0) == 0.0  # who plans no use waits for the ship


TONNES = st.floats(0.0, 1e6)


@given(could=TONNES, use=TONNES, held=TONNES, air=TONNES, days=st.floats(0.0, 60.0))
def test_never_more_flies_than_is_sent_or_than_is_lacking(
    could: float, use: float, held: float, air: float, days: float
) -> None:
    t = flown(could, use, held, air, days)
    assert 0.0 <= t <= could
    assert t <= max(0.0, days * use - held - air) * (1 + 1e-12)
