"""An end use with one seller runs dry when what left last has landed and its cover is used: no sooner or later.

Whoever may not buy after a day has what is on the way and its cover: with 40 days of transit and 42 of cover
it is out 82 days later, and short at the review that finds more than a twentieth of its use missing. Orders
count the transit in days. Counted in whole reviews it gave buyers up to a review's use more than their cover:
three days to one who is 4 days away, six to one who is 43 days away, none to one who is 28 days away.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import log

import numpy as np
import pytest

from sim.engine import simulate
from sim.levers import ExportBan
from sim.words.quantities import DAYS_PER_CALENDAR_YEAR
from sim.world.world import World
from tests.worlds import STARTS, line_world, sector

SHORT = 0.05
"""Part of demand above which a shortfall counts as short."""


def lone_seller(transit: float, cover: float, growth: float) -> World:
    """The line world, whose mine and plant can make more, so that they follow what is planned."""
    world = line_world(transit=transit, cover=cover)
    sites = {
        name: replace(
            site,
            plan="residual",
            capacity_t_per_year=1.25 * site.capacity_t_per_year,
            drivers=site.can_separate[:1],
        )
        for name, site in world.sites.items()
    }
    return replace(world, sites=sites, sectors={"use": sector("use", "oxide", growth)})


@pytest.mark.parametrize(
    ("review", "transit", "cover", "growth", "day"),
    [
        (1, 4, 21, 0.0, 60),
        (1, 40, 42, 0.17, 60),
        (7, 4, 21, 0.0, 64),
        (7, 28, 42, 0.0, 62),
        (7, 40, 42, 0.0, 66),
        (7, 43, 42, 0.0, 63),
        (7, 43, 42, 0.17, 62),
        (7, 50, 120, 0.17, 64),
        (14, 40, 42, 0.0, 63),
        (14, 43, 42, 0.17, 70),
    ],
)
def test_a_user_of_one_seller_is_short_once_transit_and_cover_are_used_not_a_fortnight_later(
    review: int, transit: int, cover: int, growth: float, day: int
) -> None:
    ban = ExportBan.model_validate({
        "id": "ban", "kind": "export_ban", "exporter": "AAA", "starts": STARTS + timedelta(days=day),
    })  # fmt: skip
    records = simulate(
        lone_seller(transit, cover, growth), (ban,), starts=STARTS, review_days=float(review),
        ends=STARTS + timedelta(days=day + transit + cover + 4 * review + 8), provenance=False,
    )  # fmt: skip
    missing = 1 - (records.review_consumed_t / records.review_demand_t).min(axis=1)
    first = int(np.argmax(missing > 1e-9))
    assert records.review_day[first] > day + transit + cover  # not in calm, and not too early
    out = float(records.review_day[first] - review * missing[first]) - day
    # The target counts every day at the use of the day on which what is ordered now will be used, so that a
    # use that grows by g a day has g x (transit + cover)^2 / 2 days more: 1.4 of 82 days at 17 % a year.
    rate = log(1 + growth) / DAYS_PER_CALENDAR_YEAR
    more = rate * (transit + cover) ** 2 / 2
    assert out == pytest.approx(transit + cover + more, abs=1e-6 if growth == 0 else 0.06 * more)
    short = float(records.review_day[np.argmax(missing > SHORT)]) - day
    assert transit + cover <= short <= transit + cover + more + (1 + SHORT) * review
    if growth == 0 or review > 1:  # two days are less than a day and what growth adds
        assert short <= transit + cover + 2 * review
