"""Building the plan: own sites push, buyers pull, residual sites supply the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from sim.channels import Addition
from sim.engine.plan.base_year import BaseYear
from sim.engine.plan.chain import ChainShape
from sim.engine.plan.demand import planned_demand
from sim.engine.plan.horizon import Horizon
from sim.engine.plan.lead_times import LeadTimes
from sim.engine.plan.outlets import Outlets
from sim.engine.plan.pull import Pull
from sim.engine.plan.push import Push
from sim.engine.plan.rates import Draft, LineKey, Plan
from sim.engine.plan.residual import Residual
from sim.engine.plan.separating import Separating
from sim.engine.plan.sites import Sites
from sim.world.world import World

FloatArray = npt.NDArray[np.float64]


def build_plan(
    world: World,
    additions: Sequence[Addition],
    *,
    starts: date,
    first_day: float,
    last_day: float,
) -> Plan:
    """Plan for a world and the levers that add capacity; days count from `starts`."""
    horizon = Horizon.of(starts, first_day, last_day, world.base_year)
    shape, base = ChainShape.of(world), BaseYear.of(world)
    sites = Sites(world, additions, horizon, shape)
    outlets, lead_times, draft = Outlets(world, sites, base), LeadTimes.of(world), Draft()
    separating = Separating(world, horizon, sites, base, outlets, lead_times, draft)
    demand = planned_demand(world, horizon)
    Push(world, shape, sites, base, outlets, separating, draft).plan()
    Pull(
        world, shape, horizon, sites, base, outlets, lead_times, separating, draft
    ).plan(demand)  # fmt: skip
    Residual(world, shape, horizon, sites, base, lead_times, separating, draft).plan()
    return Plan(
        horizon.days,
        dict(sorted(draft.lines.items())),
        dict(sorted(draft.mines.items())),
        _capacity_with_growth(world, sites, draft, base),
        sites.capability,
        demand,
        sites.active,
    )


def _capacity_with_growth(
    world: World, sites: Sites, draft: Draft, base: BaseYear
) -> dict[str, FloatArray]:
    """Residual sites keep the base year's headroom over their plan, others their own capacity.

    That what is still needed gets built where the pack says `residual` is the pack's assumption.
    """
    nothing = sites.horizon.zeros()
    planned, before = (_throughput(world, x, nothing) for x in (draft.lines, base.lines))
    capacity = {}
    for site_id, path in sites.capacity.items():
        now, then = planned.get(site_id), before.get(site_id)
        grows = world.sites[site_id].plan == "residual"
        if grows and now is not None and then is not None and np.all(then > 0):
            path = path * np.maximum(1.0, now / then)
        capacity[site_id] = path
    return capacity


def _throughput(
    world: World, lines: Mapping[LineKey, FloatArray | float], nothing: FloatArray
) -> dict[str, FloatArray]:
    """Site -> what its capacity is measured in: feed of a separation plant, sales of others."""
    aside = (world.mixed_form, world.scrap_form)
    out: dict[str, FloatArray] = defaultdict(lambda: nothing)
    for (seller, buyer, form, _), rate in lines.items():
        by_feed = buyer in world.sites and world.sites[buyer].stage == "separation"
        if by_feed:
            out[buyer] = out[buyer] + rate
        if form not in aside and world.sites[seller].stage != "separation":
            out[seller] = out[seller] + rate
    return dict(out)
