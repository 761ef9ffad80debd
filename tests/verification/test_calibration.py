"""The base year comes out of the simulated flows, and a broken world is noticed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from sim.credibility.calibration import calibrate
from sim.world import load_pack


@pytest.fixture(scope="module")
def world():  # type: ignore[no-untyped-def]
    return load_pack("rare_earths_2024")


def test_the_base_year_is_within_tolerance_of_published_figures(world) -> None:  # type: ignore[no-untyped-def]
    lines = calibrate(world)
    assert [line.id for line in lines if line.failed] == []
    kinds = Counter(line.kind for line in lines)
    assert kinds["emergent"] >= 20
    assert kinds["emergent"] + kinds["input"] >= 40


def test_halving_a_large_mine_turns_emergent_lines_red(world) -> None:  # type: ignore[no-untyped-def]
    mine = world.sites["mine_myanmar_clay"]
    half = replace(
        mine,
        output_t_per_year=mine.output_t_per_year / 2,
        capacity_t_per_year=mine.capacity_t_per_year / 2,
    )
    lines = calibrate(replace(world, sites={**world.sites, mine.id: half}))
    failed = {line.id for line in lines if line.failed and line.kind == "emergent"}
    assert "china_feed_import_mmr" in failed
    assert len(failed) >= 2
