"""What one machine rounds differently from another must stay in the last digits of the results."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.engine import simulate
from sim.world.world import World
from tests.golden.runs import shipped


def nudged(world: World, part: float) -> World:
    """The same world with every flow and demand changed in its last digits."""
    draw = np.random.default_rng(1).standard_normal
    return replace(
        world,
        flows=tuple(replace(f, t_per_year=f.t_per_year * (1 + part * draw())) for f in world.flows),
        demand=tuple(
            replace(d, t_per_year=d.t_per_year * (1 + part * draw())) for d in world.demand
        ),
    )


@pytest.mark.parametrize("name", ["example-two-restrictions", "stockpile-180-days"])
def test_a_change_in_the_twelfth_digit_of_the_pack_stays_below_the_ninth_of_the_results(
    name: str,
) -> None:
    run = shipped(name)
    other = simulate(
        nudged(run.scenario.world, 1e-12), run.scenario.levers, starts=run.scenario.starts,
        ends=run.scenario.ends, provenance=False,
    )  # fmt: skip
    before = run.records.review_demand_t - run.records.review_consumed_t
    after = other.review_demand_t - other.review_consumed_t
    assert before.sum() > 1000
    assert after.sum() == pytest.approx(before.sum(), rel=1e-9)
    assert np.abs(after - before).max() < 1e-6
