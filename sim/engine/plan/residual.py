"""Residual plants and mines: they supply what is still needed once everybody else is planned."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.engine.plan.ceilings import among_mines, may_treat, ore_before, ore_cut
from sim.engine.plan.planning import Planning
from sim.engine.plan.rates import FloatArray, ratio
from sim.engine.plan.separating import plants_in_order, recovered, run_plant
from sim.world.balance import recovery_of
from sim.world.world import Site

JOINT_PASSES = 4
"""Passes in which residual plants settle who sells what they make jointly."""
MOST_TAKEN_OVER = 0.9
"""Part of the sales of a group that others may take over in a pass."""
SPARE_SHARE = 0.02
"""Output beyond planned sales from which a plant is said to make too much of a group."""


LEAST_SPARE = 0.005
"""The same where the calm world stands still: what nobody sells would pile up for ever."""


def residual(planning: Planning) -> None:
    """Feed all residual plants, in passes, since what they make jointly they can sell for each other."""
    plants = plants_in_order(planning, residual=True)
    mines = [m.id for m in planning.sites.running("mine") if m.id in planning.sites.residual]
    for number in range(JOINT_PASSES):
        if number:
            for members in planning.world.groups.values():
                _share_joint_output(planning, plants, members)
            planning.draft.forget(mines, planning.shape.mine_form)
            planning.draft.forget([p.id for p in plants], planning.world.mixed_form)
        for plant in plants:
            _send_ore(planning, plant)
            run_plant(planning, plant)


# ---- feed


def _send_ore(planning: Planning, plant: Site) -> None:
    """Residual mines dig what a plant needs, as far as it may treat and they may dig it."""
    wanted, most = _ore_needed(planning, plant), may_treat(planning, plant)
    needed = wanted if most is None else np.minimum(wanted, most)
    sent = among_mines(planning, plant, needed)
    if planning.limits is not None:
        planning.draft.ore_cut[plant.id] = ore_cut(planning, plant, wanted, sent)
    for mine, path in sent.items():
        planning.draft.lines.add((mine, plant.id, planning.shape.mine_form, ""), path)
        planning.draft.mines.add(mine, path)


def _ore_needed(planning: Planning, plant: Site) -> FloatArray:
    """Ore from which the scarcest driver comes out as planned; the rest follows jointly, t/day.

    Planned are the sales, with the base year's unsold share kept on top.
    """
    horizon, stock_days = planning.horizon, planning.world.defaults.producer_stock_days
    from_others, needed = recovered(planning, plant), horizon.zeros()
    for driver in _drivers(planning, plant):
        sales = horizon.total(planning.draft.sold_by(plant.id, driver))
        want = horizon.later(sales, stock_days) * _kept(planning, plant, driver)
        have = horizon.total(from_others[e] for e in driver if e in from_others)
        per_t = _output_per_t(planning, plant, driver)
        if per_t > 0:
            needed = np.maximum(needed, (want - have) / per_t)
    return needed


def _drivers(planning: Planning, plant: Site) -> list[tuple[str, ...]]:
    """For what a plant is fed: elements that count together, by group; none without a residual mine."""
    if not ore_before(planning, plant):
        return []
    groups = planning.world.groups.values()
    together = [tuple(e for e in members if e in plant.drivers) for members in groups]
    alone = set(plant.drivers).difference(*together)
    return [driver for driver in together if driver] + [(element,) for element in sorted(alone)]


# ---- the base year of a plant


def _output_per_t(planning: Planning, plant: Site, driver: Sequence[str]) -> float:
    """Output of a driver from a tonne of residual mines' ore."""
    ore, form = ore_before(planning, plant), planning.shape.mine_form
    baskets, output = {mine: planning.world.sites[mine].basket for mine in ore}, 0.0
    for element in (e for e in driver if e in plant.can_separate):
        held = sum(rate * baskets[mine].get(element, 0.0) for mine, rate in ore.items())
        output += held / sum(ore.values()) * recovery_of(plant, form, element)
    return output


def _output_from_others(planning: Planning, plant: Site, driver: Sequence[str]) -> float:
    """Output of a driver from feed that residual mines do not supply, t/day."""
    ore, output = ore_before(planning, plant), 0.0
    for seller, form, rate in planning.base.feed(plant.id):
        if seller in planning.sites.active and seller not in ore:
            parts = planning.base.composition(planning.world.sites[seller], form)
            output += sum(rate * parts.get(e, 0.0) * recovery_of(plant, form, e) for e in driver)
    return output


def _kept(planning: Planning, plant: Site, driver: Sequence[str]) -> float:
    """Output of a driver per tonne sold, unsold output included; a calm world that stands still has none."""
    if planning.behaviour.piles is not None:
        return 1.0
    ore = sum(ore_before(planning, plant).values())
    output = _output_from_others(planning, plant, driver)
    output += ore * _output_per_t(planning, plant, driver)
    sales = sum(planning.base.sales[plant.id, element] for element in driver)
    return output / sales if sales > 0 else 1.0


# ---- joint output


def _share_joint_output(planning: Planning, plants: Sequence[Site], members: Sequence[str]) -> None:
    """Let a plant that makes more of a group than it sells take sales over from the others.

    Ore dug for a scarce heavy element brings light ones with it; without this the plan would dig
    light ore for them a second time and pile both up.
    """
    total = planning.horizon.total
    sold = {p.id: total(planning.draft.sold_by(p.id, members)) for p in plants}
    spare = {p.id: _output_to_sell(planning, p, members) - sold[p.id] for p in plants}
    least = SPARE_SHARE if planning.behaviour.piles is None else LEAST_SPARE
    takers = [p for p in sorted(spare) if np.any(spare[p] > least * sold[p])]
    givers = [p for p in sorted(spare) if p not in takers]
    given = total(sold[p] for p in givers)
    for taker in takers:
        part = ratio(np.maximum(0.0, spare[taker]), given, otherwise=0.0)
        part = np.minimum(part, MOST_TAKEN_OVER / len(takers))
        _move_sales(planning, givers, taker, members, part)


def _output_to_sell(planning: Planning, plant: Site, members: Sequence[str]) -> FloatArray:
    """Planned output of a group, less the base year's unsold share."""
    kept = {e: _kept(planning, plant, d) for d in _drivers(planning, plant) for e in d}
    made = [e for e in members if e in kept and (plant.id, e) in planning.draft.supply]
    return planning.horizon.total(planning.draft.supply[plant.id, e] / kept[e] for e in made)


def _move_sales(
    planning: Planning, givers: Sequence[str], taker: str, products: Sequence[str], part: FloatArray
) -> None:
    """Let a plant take over a part of the others' sales, to buyers that it has a link to."""
    lines = planning.draft.lines
    for key in [k for k in sorted(lines) if k[0] in givers and k[3] in products]:
        _, buyer, form, product = key
        if (taker, buyer, form) in planning.world.links:
            moved = lines[key] * part
            lines[key] = lines[key] - moved
            lines.add((taker, buyer, form, product), moved)
