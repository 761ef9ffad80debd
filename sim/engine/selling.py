"""Selling: buyers order up to their targets, sellers fill orders, and what the border lets pass leaves.

The rules stand in `ordering`, `allocation`, `border` and `stockpiling`; here they follow one another.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from sim.controls import Controls
from sim.engine.allocation import Allocation, allocate
from sim.engine.balance import Ledger
from sim.engine.border import BorderState
from sim.engine.clock import Clock
from sim.engine.day_plan import DayPlan
from sim.engine.network import Network
from sim.engine.ordering import order, urgency
from sim.engine.provenance import Tracer
from sim.engine.separation import Plants
from sim.engine.stockpiling import Stockpiles
from sim.engine.stocks import Stocks, take
from sim.engine.transport import Transport
from sim.equations.sums import sum_by

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

PRESSING = 1e-6
"""Part of a review's planned sales above which unmet orders make mines and plants hurry."""


@dataclass(slots=True)
class Selling:
    """Orders, what is shipped of them, and what stays open."""

    network: Network
    clock: Clock
    stocks: Stocks
    ledger: Ledger
    tracer: Tracer | None
    controls: Controls
    border: BorderState
    stockpiles: Stockpiles
    transport: Transport
    plants: Plants
    unmet_t: FloatArray = field(init=False)
    """[output + 1] open orders that sellers could not fill at the last review"""

    def __post_init__(self) -> None:
        self.unmet_t = np.zeros(len(self.network.outputs) + 1)

    def is_pressed(self, plan: DayPlan) -> BoolArray:
        """[output + 1] whether more is on order and unmet than rounding."""
        pressed: BoolArray = self.unmet_t > PRESSING * plan.sales * self.clock.span
        return pressed

    def sell(self, day: float, plan: DayPlan) -> Allocation:
        """Let everybody order and every seller ship, stockpiles last; what is shipped leaves its stock."""
        network, stocks, span = self.network, self.stocks, self.clock.span
        hurry = urgency(network, self.plants, plan.lanes, self.is_pressed(plan), day)
        ordered_t = order(network, stocks, plan.lanes, hurry, self.transport.lead_days, span)
        ordered_t += self.stockpiles.buy(self.controls, stocks, plan.lanes, span)
        shipment = allocate(
            network, stocks, self.border, ordered_t, plan.lanes, span, network.takes_on(day)
        )
        drawn_t = self.stockpiles.draw(self.controls, stocks, plan.lanes, span)
        shipment = replace(shipment, shipped_t=shipment.shipped_t + drawn_t)
        self._dispatch(shipment.shipped_t)
        self.unmet_t = shipment.unmet_t
        return shipment

    def _dispatch(self, shipped_t: FloatArray) -> None:
        """Take the goods out of producer stocks and send them on their way, [line] t."""
        network, stocks, review = self.network, self.stocks, self.clock.review_number
        composition = stocks.composition()
        by_output = sum_by(network.line_output, weights=shipped_t, minlength=len(stocks.sold))
        if self.tracer is not None:
            self.tracer.dispatched(review, by_output, stocks)
        blend = np.flatnonzero(network.output_blend >= 0)
        rows = network.output_blend[blend]
        sent = by_output[blend, None] * composition[rows]
        stocks.sold_content[rows] = np.maximum(0.0, stocks.sold_content[rows] - sent)
        take(stocks.sold, np.arange(len(by_output)), by_output)
        self.ledger.sent += self.ledger.by_output(by_output[:-1], composition)
        stocks.inbound += sum_by(
            network.line_holder, weights=shipped_t, minlength=len(stocks.inbound)
        )
        lots = self.transport.send(shipped_t, composition, review)
        if self.tracer is not None:
            self.tracer.sent(review, lots)
