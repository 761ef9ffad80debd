"""Building the plan: own sites push, buyers pull, residual sites supply the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from sim.channels.effects import Addition
from sim.engine.plan.ceilings import most_dug
from sim.engine.plan.horizon import Horizon
from sim.engine.plan.planning import Planning
from sim.engine.plan.pull import pull
from sim.engine.plan.push import push
from sim.engine.plan.rates import LEAST_SHORT, FloatArray, LineKey, Plan, Rates
from sim.engine.plan.residual import residual
from sim.equations.growth import growth_factor
from sim.rules.behaviour import RIGID, Behaviour
from sim.words.quantities import DAYS_PER_YEAR
from sim.world.world import Sector, World

LATER_GROWTH_YEAR = 2030
"""Middle of this year: outlooks give one path to 2030 and another beyond."""


def build_plan(
    world: World, additions: Sequence[Addition], *, starts: date, first_day: float, last_day: float,
    behaviour: Behaviour = RIGID, only_todays: bool = False,
) -> Plan:  # fmt: skip
    """Plan for a world and the levers that add capacity; days count from `starts`.

    With `only_todays` it is that of the same world if nothing new came to run.
    """
    horizon = Horizon.of(starts, first_day, last_day, world.base_year, behaviour)
    planning = Planning.of(world, additions, horizon, behaviour, only_todays=only_todays)
    demand = _demand(planning)
    push(planning)
    pull(planning, demand)
    residual(planning)
    return Plan(
        days=horizon.days,
        years=horizon.years,
        # What is left of one need after another can be less than nothing by rounding.
        lines={key: np.maximum(rate, 0.0) for key, rate in sorted(planning.draft.lines.items())},
        mines=dict(sorted(planning.draft.mines.items())),
        separated=dict(sorted(planning.draft.supply.items())),
        capacity=_capacity_with_growth(planning),
        can_separate=planning.sites.capability,
        demand=demand,
        active=planning.sites.active,
        residual=planning.sites.residual,
        ore_cut=horizon.total(planning.draft.ore_cut.values()),
    )


def _demand(planning: Planning) -> dict[tuple[str, str], FloatArray]:
    """Demand node, product -> the base year's demand, grown as the pack's outlooks have it, t/day."""
    demand: Rates[tuple[str, str]] = Rates()
    for need in planning.world.demand:
        grown = _growth(planning, planning.world.sectors[need.sector])
        demand.add((need.node, need.product), need.t_per_year / DAYS_PER_YEAR * grown)
    return dict(sorted(demand.items()))


def _growth(planning: Planning, sector: Sector) -> FloatArray:
    """Size relative to the base year, with another rate from `LATER_GROWTH_YEAR` where the pack has one."""
    years, later = planning.horizon.years, sector.later_growth_per_year
    if later is None:
        return growth_factor(years, rate_per_year=sector.growth_per_year)
    turn = max(0.0, LATER_GROWTH_YEAR - planning.world.base_year)
    first = growth_factor(np.minimum(years, turn), rate_per_year=sector.growth_per_year)
    return first * growth_factor(np.maximum(years - turn, 0.0), rate_per_year=later)


def _capacity_with_growth(planning: Planning) -> dict[str, FloatArray]:
    """Residual sites keep the base year's headroom over their plan, others their own capacity.

    That what is still needed gets built where the pack says `residual` is the pack's assumption. A capacity
    below the base year's throughput, which only a scenario can give, is meant as it is written.
    """
    planned = _throughput(planning, planning.draft.lines)
    before = _throughput(planning, planning.base.lines)
    capacity = dict(planning.sites.capacity)
    for site in planning.sites.residual:
        if np.all(before[site] > 0) and np.all(capacity[site] >= before[site] * (1 - LEAST_SHORT)):
            capacity[site] = capacity[site] * np.maximum(1.0, planned[site] / before[site])
    for mine, most in most_dug(planning).items():
        capacity[mine] = np.minimum(capacity[mine], most)
    return capacity


def _throughput(
    planning: Planning, lines: Mapping[LineKey, FloatArray] | Mapping[LineKey, float]
) -> dict[str, FloatArray]:
    """Site -> what its capacity is measured in: feed of a separation plant, sales of others."""
    sites, aside = planning.world.sites, (planning.world.mixed_form, planning.world.scrap_form)
    out: dict[str, FloatArray] = defaultdict(planning.horizon.zeros)
    for (seller, buyer, form, _), rate in lines.items():
        if buyer in sites and sites[buyer].stage == "separation":
            out[buyer] = out[buyer] + rate
        if form not in aside and sites[seller].stage != "separation":
            out[seller] = out[seller] + rate
    return out
