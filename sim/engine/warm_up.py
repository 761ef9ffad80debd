"""The warm-up: how long before the scenario's first day the simulation begins.

Long enough for what was put in by the plan at the beginning to have passed through the chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import ceil

from sim.engine.plan.horizon import flat_until
from sim.rules.behaviour import RIGID, Behaviour
from sim.world.world import World

SHORTEST_WARM_UP_DAYS = 730.0
LEAD_TIMES_OF_WARM_UP = 3


def first_day(
    world: World, span: float, starts: date | None = None, behaviour: Behaviour = RIGID
) -> float:
    """The day on which the warm-up begins, a whole number of reviews of `span` days before day 0.

    The scenario `starts` on day 0, which counts where the world grows before that.
    """
    warm_up = max(SHORTEST_WARM_UP_DAYS, LEAD_TIMES_OF_WARM_UP * chain_lead_days(world))
    if starts is not None:
        warm_up -= flat_until(starts, world.base_year, behaviour)
    return -ceil(warm_up / span) * span


def chain_lead_days(world: World) -> float:
    """Nominal time from ore to final use: transit and cover by form, processing and stock by stage."""
    by_form: dict[str, list[tuple[float, float]]] = {}
    cover = {(c.place, c.form): c.days for c in world.covers if not c.element}
    for flow in world.flows:
        link = world.links.get((flow.seller, flow.buyer, flow.form))
        days = (link.transit_days if link else 1.0) + cover.get((flow.buyer, flow.form), 0.0)
        by_form.setdefault(flow.form, []).append((flow.t_per_year, days))
    lead = sum(_weighted(rows) for rows in by_form.values())
    by_stage: dict[str, list[tuple[float, float]]] = {}
    for site in world.sites.values():
        if site.output_t_per_year > 0 and site.stage != "mine":
            days = site.processing_days + world.defaults.producer_stock_days
            by_stage.setdefault(site.stage, []).append((site.output_t_per_year, days))
    return lead + sum(_weighted(rows) for rows in by_stage.values())


def _weighted(rows: Sequence[tuple[float, float]]) -> float:
    total = sum(weight for weight, _ in rows)
    return sum(weight * value for weight, value in rows) / total if total > 0 else 0.0
