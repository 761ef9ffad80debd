"""Ordering: one order per buyer and product, up to what it will use until the next goods could arrive.

A plant asks for more feed than planned while an element it runs for is on order and unmet.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network, rows_at
from sim.engine.separation import Plants
from sim.engine.stocks import Stocks
from sim.equations.sums import sum_by

FloatArray = npt.NDArray[np.float64]


def order(
    network: Network,
    stocks: Stocks,
    lane_plan: FloatArray,
    urgency: FloatArray,
    lead_days: FloatArray,
    span: float,
) -> FloatArray:
    """Tonnes ordered at this review [line].

    A need orders (review + lead + cover) x planned use over its lines, less what its holders have and have
    inbound, split over suppliers by planned shares; off each supplier's part comes what already waits at
    its border (base stock, see `docs/model.md`). `lead_days` [line] is the transit by the route that is open,
    in whole reviews. `urgency` [lane] raises the planned use where a plant is
    asked for more than planned. By-products are not ordered, piles take their planned tonnes.
    """
    planned = lane_plan[network.line_lane] * network.line_share
    planned = np.where(network.lane_pushed[network.line_lane], 0.0, planned)
    asked = planned * urgency[network.line_lane]
    days = span + lead_days + network.holder_cover_days[network.line_holder]
    n = network.number_of_needs
    target_t = sum_by(network.line_need, weights=asked * days, minlength=n)
    position_t = sum_by(
        network.holder_need,
        weights=stocks.held[:-1] + stocks.inbound,
        minlength=n,
    )
    want_t = np.maximum(0.0, target_t - position_t)
    total = sum_by(network.line_need, weights=asked, minlength=n)
    per_rate = np.divide(want_t, total, out=np.zeros_like(want_t), where=total > 0)
    # What already waits for a supplier's goods is taken off that supplier's part alone: a milder
    # restriction must not silence orders to everybody else.
    ordered_t = np.maximum(0.0, asked * per_rate[network.line_need] - stocks.waiting)
    to_pile = network.holder_is_sink[network.line_holder]
    result: FloatArray = np.where(to_pile, planned * span, ordered_t)
    return result


def urgency(
    network: Network,
    plants: Plants,
    lane_plan: FloatArray,
    is_pressed: npt.NDArray[np.bool_],
    day: float,
) -> FloatArray:
    """[lane] how much more feed than planned a plant asks for: up to capacity while a driver is unmet.

    `is_pressed` [output + 1] says of which outputs orders stayed open.
    """
    factor = np.ones(len(network.lane_output))
    if plants.driver.shape[1] == 0:
        return factor
    unmet = np.where(plants.output >= 0, is_pressed[plants.output], 0.0)
    pressed = (plants.driver * unmet[:, None, :]).sum(axis=2).max(axis=1) > 0
    if not pressed.any():
        return factor
    planned = np.einsum("pfl,l->p", plants.lanes_in, lane_plan)
    capacity = rows_at(network.plan.days, plants.capacity, day)
    more = np.divide(capacity, planned, out=np.ones_like(planned), where=planned > 0)
    for p in np.flatnonzero(pressed & (more > 1)):
        factor[plants.lanes_in[p].sum(axis=0) > 0] = more[p]
    return factor
