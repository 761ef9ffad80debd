"""Of what lies unsold while somebody lacks it a reader is told how much, and why."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.equations.sums import Groups
from sim.rules.idle import REASONS, idle

FloatArray = npt.NDArray[np.float64]


def column(*values: float) -> FloatArray:
    return np.array(values, dtype=np.float64)[:, None]


def told(
    free: list[float], reserved: list[float], lack: list[float], on_way: list[float],
    accepted: list[list[bool]], passable: list[list[bool]],
) -> dict[str, float]:  # fmt: skip
    """Reason -> t, of sellers and users of one product that all could trade."""
    n, m = len(free), len(lack)
    seller, user = (np.array(each, dtype=np.intp) for each in np.indices((n, m)).reshape(2, -1))
    out = idle(
        column(*free), column(*reserved), column(*lack), column(*on_way),
        seller=Groups(seller, n), user=Groups(user, m),
        accepted=np.array(accepted).reshape(-1, 1), passable=np.array(passable).reshape(-1, 1),
        sold=Groups(np.zeros(n, dtype=np.intp), 1), used=Groups(np.zeros(m, dtype=np.intp), 1),
    )  # fmt: skip
    return {reason: float(out[r, 0, 0]) for r, reason in enumerate(REASONS) if out[r, 0, 0] > 0}


def test_each_tonne_has_one_reason_the_one_that_comes_first() -> None:
    # The user lacks 50 t, of which 8 t are on the way: 42 t are open. Its own seller keeps 5 t for the coming
    # days; the second may not send its 10 t; the third it has not accepted, 20 t; the fourth, neither, has
    # 30 t, of which 7 t are still open. The 8 t on the way are laid against the 23 t that the fourth has left.
    said = told(
        [0.0, 10.0, 20.0, 30.0], [5.0, 0.0, 0.0, 0.0], [50.0], [8.0],
        [[True], [True], [False], [False]], [[True], [False], [True], [False]],
    )  # fmt: skip
    assert said == pytest.approx(
        {"reserved": 5.0, "border": 17.0, "not_qualified": 20.0, "on_the_way": 8.0}
    )


def test_what_could_be_sold_at_once_is_no_reason() -> None:
    assert told([4.0], [6.0], [5.0], [0.0], [[True]], [[True]]) == {"none": 4.0, "reserved": 1.0}


def test_nothing_lies_idle_where_nobody_lacks_anything_or_nobody_has_anything() -> None:
    assert told([4.0], [6.0], [0.0], [0.0], [[True]], [[True]]) == {}
    assert told([0.0], [0.0], [5.0], [2.0], [[False]], [[True]]) == {}


TONNES = st.floats(0.0, 100.0).map(lambda t: round(t, 3))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.data())
def test_reasons_add_up_to_the_lesser_of_what_lies_there_and_what_is_lacking(
    data: Any,
) -> None:
    n, m = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    free, reserved = (data.draw(st.lists(TONNES, min_size=n, max_size=n)) for _ in range(2))
    lack = data.draw(st.lists(TONNES, min_size=m, max_size=m))
    on_way = [t * data.draw(st.floats(0.0, 1.0)) for t in lack]
    flags = st.lists(st.lists(st.booleans(), min_size=m, max_size=m), min_size=n, max_size=n)
    said = told(free, reserved, lack, on_way, data.draw(flags), data.draw(flags))
    expected = min(sum(free) + sum(reserved), sum(lack))
    assert sum(said.values()) == pytest.approx(expected, abs=1e-5)
