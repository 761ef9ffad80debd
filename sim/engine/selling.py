"""Selling: buyers order up to their targets, sellers fill orders, and what the border lets pass leaves.

The rules stand in `ordering`, `allocation`, `border` and `stockpiling`; here they follow one another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from sim.engine.allocation import Allocation, Sold, allocate, total_of
from sim.engine.balance import Ledger
from sim.engine.clock import TO_MIDNIGHT, Clock
from sim.engine.day_plan import DayPlan
from sim.engine.network import Network
from sim.engine.ordering import order, urgency
from sim.engine.provenance import Tracer
from sim.engine.regime import Regime
from sim.engine.rooms import Rooms
from sim.engine.separation import Plants
from sim.engine.stockpiling import Stockpiles
from sim.engine.stocks import Stocks, take
from sim.engine.transport import Routes, Transport
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
    regime: Regime
    rooms: Rooms
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
        stretches = self.regime.look(day)
        lead_days = stretches[0].allowed.routes.lead_days
        hurry = urgency(network, self.plants, plan.lanes, self.is_pressed(plan), day)
        ordered_t = order(network, stocks, plan.lanes, hurry, lead_days, span)
        ordered_t += self.stockpiles.buy(stretches, stocks, plan.lanes, span)
        shipment = allocate(
            network, stocks, self.rooms, stretches, ordered_t, plan.lanes, span,
            network.takes_on(day),
        )  # fmt: skip
        drawn_t = self.stockpiles.draw(stretches, stocks, plan.lanes, span)
        shipment = _with_drawn(shipment, drawn_t)
        self._dispatch(shipment)
        self.unmet_t = shipment.unmet_t
        return shipment

    def _dispatch(self, shipment: Allocation) -> None:
        """Take the goods out of producer stocks and send them on their way."""
        network, stocks, review = self.network, self.stocks, self.clock.review_number
        shipped_t = shipment.shipped_t
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
        lots = 0
        for leaves, routes, tonnes in departures(shipment.sold, self.clock.now + TO_MIDNIGHT):
            lots += self.transport.send(tonnes, composition, review, routes, leaves)
        if self.tracer is not None:
            self.tracer.sent(review, lots)


def departures(sold: Sequence[Sold], midnight: float) -> Iterator[tuple[float, Routes, FloatArray]]:
    """(day, routes, [line] t) on which a review's goods leave: by each way, the first day on which it is open.

    What is open at the review leaves at the next `midnight`.
    """
    by_routes: dict[int, list[Sold]] = {}
    for each in sold:
        by_routes.setdefault(id(each.stretch.allowed.routes), []).append(each)
    for same in by_routes.values():
        tonnes = total_of([each.shipped_t for each in same])
        left = np.ones(len(tonnes), dtype=np.bool_)
        for each in same:
            leaving = left & (each.shipped_t > 0)
            left &= ~leaving
            if leaving.any():
                leaves = max(midnight, each.stretch.starts)
                yield leaves, each.stretch.allowed.routes, np.where(leaving, tonnes, 0.0)


def _with_drawn(shipment: Allocation, drawn_t: FloatArray) -> Allocation:
    """The same with what stockpiles give [line], evenly over the review's days."""
    if not drawn_t.any():
        return shipment
    sold = tuple(
        replace(each, shipped_t=each.shipped_t + drawn_t * each.stretch.part)
        for each in shipment.sold
    )
    return replace(shipment, shipped_t=shipment.shipped_t + drawn_t, sold=sold)
