"""More capacity, alone and in pairs, leaves nobody short of more than what fills its own pipeline.

All projects alone and all pairs are tried by `python -m benchmarks.more_supply --pairs`; docs/sanity.md has
what came of it. Here are those that came nearest to their bound, and the first case: two American plants.
"""

from __future__ import annotations

from datetime import date

import pytest

from benchmarks.more_supply import pipeline_t, tried, world

SETS = (
    ("magnet_10x",), ("metal_10x",), ("magnet_10x", "metal_10x"), ("magnet_malaysia",),
    ("magnet_malaysia", "sep_white_mesa"), ("sep_solikamsk",),
)  # fmt: skip


def test_more_capacity_takes_no_more_from_anybody_than_it_holds() -> None:
    found = list(tried(SETS, "free", workers=2, ends=date(2028, 4, 1)))
    beyond = {outcome.sites: outcome.worst for outcome in found if outcome.beyond_t > 0}
    assert not beyond
    # In a calm world they take nothing at all.
    assert max(outcome.more_t["calm"].max() for outcome in found) <= 1.0


def test_what_fills_a_project_is_its_rate_for_the_days_until_its_goods_arrive() -> None:
    site = world().sites["metal_10x"]
    ways = [each.transit_days for key, each in world().links.items() if key[0] == "metal_10x"]
    a_day = site.planned_capacity_t_per_year * site.success * site.ramp_cap / 365
    assert pipeline_t(world(), "metal_10x") == pytest.approx(
        a_day * (site.processing_days + max(ways) + 14.0)
    )
