"""The list of pairs that `benchmarks.sanity_with_market` compares is whole; what it counts is what it says."""

from __future__ import annotations

import pandas as pd

from benchmarks.harsher import shipped
from benchmarks.sanity_with_market import ENDS, FAMILIES, beyond


def test_no_ladder_hides_another_and_each_fits_the_shipped_pack() -> None:
    place = shipped(ENDS)
    names = [about for made in FAMILIES.values() for about in made(place)]
    assert len(names) == len(set(names))
    ladders = {about: each for made in FAMILIES.values() for about, each in made(place).items()}
    assert all(len(ladder) > 1 for ladder in ladders.values())
    ends = [
        lever.ends for ladder in ladders.values() for levers in ladder.values() for lever in levers
    ]
    assert all(date is None or (ENDS - date).days >= 365 for date in ends)


def test_less_that_is_missing_counts_beyond_a_tonne_and_a_thousandth_of_demand() -> None:
    index = pd.MultiIndex.from_tuples(
        [("EU", "Nd"), ("EU", "La"), ("JPN", "Nd"), ("JPN", "La")], names=["region", "product"]
    )
    demand = pd.Series([1000.0, 5000.0, 10.0, 100.0], index)
    relief = pd.Series([3.0, 4.9, 0.9, -50.0], index)
    assert list(beyond(relief, demand)) == [("EU",), ("EU", "Nd")]
    relief["JPN", "La"] = 0.0
    assert list(beyond(relief, demand)) == [(), ("EU",), ("EU", "Nd")]
