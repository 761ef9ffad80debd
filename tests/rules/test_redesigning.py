"""Users that lack goods turn to other designs as fast as is assumed, up to their sector's part, for good."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rules.redesigning import adopted


def test_a_tenth_a_year_while_in_trouble_up_to_the_part_of_the_sector_and_not_back() -> None:
    part, most = np.zeros((2, 1)), np.array([[0.15], [0.0]])
    said = []
    for trouble in (True, True, False, True):
        now = np.array([[trouble], [True]])
        part = adopted(part, now, most, a_year=0.1, days=365.0)
        said.append(part.ravel().tolist())
    assert said == [pytest.approx(each) for each in ([0.1, 0], [0.15, 0], [0.15, 0], [0.15, 0])]
