"""Mining: each mine makes concentrate with its deposit's fixed basket of elements."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.day_plan import DayPlan
from sim.engine.network import Network, rows_at
from sim.engine.plan.rates import LEAST_SHORT
from sim.engine.stocks import Stocks
from sim.equations.sums import Groups
from sim.rules.mining import dug

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Mines:
    """All mines at once [mine]."""

    site: tuple[str, ...]
    output: IntArray
    blend: IntArray
    basket: FloatArray
    """[mine, element] shares, add to 1"""
    storage_days: FloatArray
    planned: FloatArray
    """[time, mine] t/day"""
    nameplate: FloatArray
    """[time, mine] t/day"""
    is_residual: BoolArray
    """[mine] it digs what plants need, others what they can"""
    driver_outputs: IntArray
    """[driver] the plants' outputs of driver elements that ore ends up in, mine by mine"""
    driver_of: Groups
    """[driver] mine that is run for it"""

    @classmethod
    def of(cls, network: Network) -> Mines:
        """Mines that run at some time, in the order of their ids."""
        plan, world = network.plan, network.world
        sites = tuple(sorted(plan.mines))
        keys = [(s, network.shape.makes[s], "") for s in sites]
        output = np.array([network.output_index(k) for k in keys], dtype=np.intp)
        basket = np.array(
            [[world.sites[s].basket.get(e, 0.0) for e in network.elements] for s in sites]
        ).reshape(len(sites), len(network.elements))
        planned = np.array([plan.mines[s] for s in sites]).T.reshape(len(plan.days), len(sites))
        capacity = np.array([plan.capacity[s] for s in sites]).T.reshape(planned.shape)
        drivers = [_driver_outputs(network, s) for s in sites]
        nameplate = np.where(_is_limited(network, sites), capacity, np.maximum(capacity, planned))
        return cls(
            site=sites,
            output=output,
            blend=network.output_blend[output],
            basket=basket,
            storage_days=np.array([world.sites[s].storage_days for s in sites]),
            planned=np.minimum(planned, nameplate),
            nameplate=nameplate,
            is_residual=np.array([s in plan.residual for s in sites], dtype=np.bool_),
            driver_outputs=np.concatenate([*drivers, np.zeros(0, dtype=np.intp)]),
            driver_of=Groups(
                np.repeat(np.arange(len(sites)), [len(d) for d in drivers]), len(sites)
            ),
        )

    def planned_t(self, network: Network, plan: DayPlan, day: float, span: float) -> FloatArray:
        """[mine, column] t of the `span` days before a review."""
        days = network.plan.days
        own = rows_at(days, self.planned, day)[:, None]
        if network.behaviour.new_supply is None:
            return own * np.full(plan.sales.shape[1], span)
        # What plants are asked for again, because something new does not deliver, has to be dug.
        asked = np.minimum(plan.sales[self.output], rows_at(days, self.nameplate, day)[:, None])
        return np.where(self.is_residual[:, None], asked, own) * span


def _is_limited(network: Network, sites: tuple[str, ...]) -> BoolArray:
    """[mine] whether it has less capacity than it used in the base year, as only a scenario can say.

    The pack lets capacity grow with the plan; a capacity below the base year's is meant as it is written.
    """
    world = network.world
    sold: dict[str, float] = defaultdict(float)
    for flow in world.flows:
        sold[flow.seller] += flow.t_per_year
    used = (
        sold[s] if s in network.plan.residual else world.sites[s].output_t_per_year for s in sites
    )
    return np.array(
        [
            world.sites[s].capacity_t_per_year < t * (1 - LEAST_SHORT)
            for s, t in zip(sites, used, strict=True)
        ],
        dtype=np.bool_,
    )


def _driver_outputs(network: Network, mine: str) -> IntArray:
    drivers = set(network.world.sites[mine].drivers)
    plants = {b for s, b, _, _ in network.plan.lines if s == mine}
    found = [
        i
        for i, (place, _, product) in enumerate(network.outputs)
        if place in plants and product in drivers
    ]
    return np.array(found, dtype=np.intp)


def mine(
    mines: Mines, network: Network, stocks: Stocks, planned_t: FloatArray, is_pressed: BoolArray,
    level_t: FloatArray | None, *, day: float, span: float,
) -> FloatArray:  # fmt: skip
    """What is dug in the `span` days before this review [mine, column], t.

    `planned_t` [mine, column] is planned for them. `is_pressed` [output + 1, column] says of which outputs
    orders stayed open; a mine hurries where that is an element it is run for, at a plant it feeds. It refills
    its stock up to `level_t` [output + 1, column].
    """
    days = network.plan.days
    rate = planned_t / span
    store_t = np.multiply(
        mines.storage_days[:, None], rate, out=np.zeros_like(rate), where=planned_t > 0
    )
    pressed = mines.driver_of.total(is_pressed[mines.driver_outputs].astype(np.float64)) > 0
    return dug(
        planned_t=planned_t,
        nameplate_t=(rows_at(days, mines.nameplate, day) * span)[:, None],
        is_pressed=pressed,
        store_t=store_t,
        stock_t=stocks.sold[mines.output],
        level_t=None if level_t is None else level_t[mines.output],
    )
