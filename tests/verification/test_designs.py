"""Other designs, through the engine: a use that is cut off turns away from what it lacks, by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sim.engine import simulate
from sim.engine.records import Records
from sim.levers import ExportBan, ExportQuota
from sim.rules.behaviour import Behaviour, Designs
from tests.worlds import STARTS, line_world

JUNE = "2026-06"
"""30 days: 10 t/day are needed, 6 of Xa and 4 of Zc"""


def run(rule: Designs | None, most: float = 0.3, *, banned: bool = True) -> Records:
    """AAA, the only seller, sells nothing from the first day on."""
    world = line_world(cover=28.0)
    use = replace(world.sectors["use"], other_design=most)
    world = replace(world, sectors={"use": use})
    ban = ExportBan.model_validate(
        {"id": "ban", "kind": "export_ban", "exporter": "AAA", "starts": STARTS}
    )
    return simulate(
        world, (ban,) if banned else (), starts=STARTS, ends=date(2029, 1, 1),
        behaviour=Behaviour(designs=rule),
    )  # fmt: skip


def in_month(records: Records, month: str) -> dict[str, float]:
    use = records.use[records.use["month"] == month]
    return {each: float(use[f"{each}_t"].sum()) for each in ("demand", "consumed", "redesigned")}


def test_a_tenth_of_the_use_turns_away_in_a_year_of_shortage_and_the_rest_is_missing() -> None:
    """What turns at a review counts from then on; June 2026 is the days 516 to 546, 531 on average."""
    records = run(Designs(0.1))
    found = in_month(records, JUNE)
    missing = records.review_demand_t - records.review_consumed_t
    is_short = (missing > 0.05 * records.review_demand_t).all(axis=1)
    first = float(records.review_day[is_short.argmax()])
    # Seven days are added at each review, so that a day finds half a review less than has passed.
    passed = 531 - first + 7 - 3.5
    assert found["demand"] + found["redesigned"] == pytest.approx(300, rel=1e-9)
    assert found["redesigned"] == pytest.approx(300 * 0.1 * passed / 365, rel=0.01)
    assert found["consumed"] == 0


def test_a_quota_that_nobody_feels_turns_nobody_away() -> None:
    quota = ExportQuota.model_validate(
        {"id": "quota", "kind": "export_quota", "exporter": "AAA", "starts": STARTS, "amount": "300 %"}
    )  # fmt: skip
    world = line_world(cover=28.0)
    use = replace(world.sectors["use"], other_design=0.3)
    found = simulate(
        replace(world, sectors={"use": use}), (quota,), starts=STARTS, ends=date(2027, 1, 1),
        behaviour=Behaviour(designs=Designs(1.0)),
    )  # fmt: skip
    assert found.use["redesigned_t"].sum() == 0


def test_no_more_turns_away_than_the_sector_can_do_without() -> None:
    assert in_month(run(Designs(0.2)), "2028-06")["redesigned"] == pytest.approx(90, rel=1e-9)
    assert in_month(run(Designs(0.2), most=0.0), "2028-06")["redesigned"] == 0


def test_nobody_turns_away_while_nothing_is_missing() -> None:
    assert in_month(run(Designs(0.2), banned=False), "2028-06")["redesigned"] == 0
