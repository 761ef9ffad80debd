"""Demand at the end uses: the base year's, grown as the pack's outlooks have it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.engine.plan.horizon import Horizon
from sim.equations.growth import growth_factor
from sim.quantities import DAYS_PER_YEAR
from sim.world.world import World

FloatArray = npt.NDArray[np.float64]

LATER_GROWTH_YEAR = 2030
"""Middle of this year: outlooks give one path to 2030 and another beyond."""


def planned_demand(world: World, horizon: Horizon) -> dict[tuple[str, str], FloatArray]:
    """Demand node, product -> [time] t/day, sorted by name."""
    demand: dict[tuple[str, str], FloatArray] = {}
    for need in world.demand:
        sector = world.sectors[need.sector]
        grown = _grown(world, horizon, sector.growth_per_year, sector.later_growth_per_year)
        path = need.t_per_year / DAYS_PER_YEAR * grown
        key = (need.node, need.product)
        demand[key] = demand[key] + path if key in demand else path
    return dict(sorted(demand.items()))


def _grown(world: World, horizon: Horizon, rate: float, later: float | None) -> FloatArray:
    """Size relative to the base year, with another rate from `LATER_GROWTH_YEAR` where the pack has one."""
    if later is None:
        return growth_factor(horizon.years, rate_per_year=rate)
    turn = max(0.0, LATER_GROWTH_YEAR - world.base_year)
    first = growth_factor(np.minimum(horizon.years, turn), rate_per_year=rate)
    return first * growth_factor(np.maximum(horizon.years - turn, 0.0), rate_per_year=later)
