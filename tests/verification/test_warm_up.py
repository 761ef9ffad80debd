"""A calm world stands still: what is missing does not hang on how long it was warmed up."""

from __future__ import annotations

import pytest

from sim.engine import Variant, outcome_of, simulate_all, warm_up
from sim.scenario import load
from sim.summary import summarise

HEADLINES = ("shortfall_total", "shortfall_caused", "shortfall_graded")


def headlines(name: str) -> dict[str, float]:
    scenario = load(name)
    outcomes = simulate_all(
        scenario.world,
        [Variant(each, scenario.seed, provenance=False) for each in (scenario.levers, ())],
        starts=scenario.starts, ends=scenario.ends, behaviour=scenario.behaviour,
    )  # fmt: skip
    records, reference = map(outcome_of, outcomes)
    summary = summarise(
        records, reference, scenario.world, starts=scenario.starts, ends=scenario.ends,
        behaviour=scenario.behaviour,
    )  # fmt: skip
    values = {each["id"]: each["value"] for each in summary.headline}
    return {name: values[name] for name in HEADLINES}


@pytest.mark.parametrize(
    "name", ["china-full-ban-12-months", "example-plant-outage", "china-quota-half"]
)
def test_half_or_twice_the_warm_up_moves_no_headline_by_half_a_percent(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    days, times = warm_up.SHORTEST_WARM_UP_DAYS, warm_up.LEAD_TIMES_OF_WARM_UP
    usual = headlines(name)
    for factor in (0.5, 2.0):
        monkeypatch.setattr(warm_up, "SHORTEST_WARM_UP_DAYS", days * factor)
        monkeypatch.setattr(warm_up, "LEAD_TIMES_OF_WARM_UP", times * factor)
        for headline, value in headlines(name).items():
            assert value == pytest.approx(usual[headline], rel=0.005), (headline, factor)
