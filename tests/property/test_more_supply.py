"""More capacity, alone and in pairs, leaves nobody short of more than what fills its own pipeline.

Each project of the shipped pack alone, and twelve pairs. `python -m benchmarks.more_supply --pairs` tries all
pairs, over a longer time; docs/sanity.md has what came of it.
"""

from __future__ import annotations

from datetime import date

import pytest

from benchmarks.more_supply import pipeline_t, projects, tried, world

PAIRS = (
    ("magnet_10x", "metal_10x"), ("magnet_10x", "magnet_malaysia"), ("magnet_10x", "mine_eneabba"),
    ("magnet_10x", "sep_lacq"), ("magnet_malaysia", "magnet_narva2"), ("magnet_malaysia", "sep_seadrift"),
    ("magnet_narva", "sep_solikamsk"), ("magnet_sumter", "metal_10x"), ("mine_eneabba", "sep_eneabba"),
    ("mine_nolans", "sep_nolans"), ("sep_kuantan_heavy2", "magnet_india"),
    ("sep_mountain_pass_heavy", "magnet_fort_worth"),
)  # fmt: skip
"""The first are the two American plants of one firm; others share a maker's region or an ore."""


def test_more_capacity_takes_no_more_from_anybody_than_it_holds() -> None:
    alone = [(name,) for name in projects(world())]
    assert len(alone) >= 20
    found = list(tried([*alone, *PAIRS], "free", workers=2, ends=date(2028, 1, 1)))
    beyond = {outcome.sites: outcome.worst for outcome in found if outcome.beyond_t > 0}
    assert not beyond
    # In a calm world they take nothing at all.
    assert max(outcome.more_t["calm"].max() for outcome in found) <= 1.0


def test_what_fills_a_project_is_its_rate_for_the_days_until_its_goods_arrive() -> None:
    site = world().sites["metal_10x"]
    ways = [each.transit_days for key, each in world().links.items() if key[0] == "metal_10x"]
    a_day = site.planned_capacity_t_per_year * site.success * site.ramp_cap / 365
    days = site.processing_days + max(ways) + 14.0
    assert pipeline_t(world(), "metal_10x") == pytest.approx(a_day * days)
