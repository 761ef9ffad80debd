"""Selling: buyers order up to their targets, sellers fill orders, and what the border lets pass leaves.

The rules stand in `sim.rules`; here they follow one another, on what is in stock, planned and allowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.clock import TO_MIDNIGHT, Clock
from sim.engine.day_plan import DayPlan
from sim.engine.goods import Goods
from sim.engine.network import Network, rows_at
from sim.engine.provenance import Tracer
from sim.engine.regime import Stretch
from sim.engine.rooms import Rooms
from sim.engine.separation import Plants
from sim.engine.stockpiling import Stockpiles
from sim.engine.transport import Routes, Transport
from sim.equations.sums import NOISE, sum_by
from sim.rules.allocating import Days, pushed, stopped, wanted
from sim.rules.ordering import Lines, order, urgency

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

PRESSING = 1e-6
"""Part of a review's planned sales above which unmet orders make mines and plants hurry."""


@dataclass(frozen=True, slots=True)
class Sold:
    """What became of the orders on one stretch, [line] t."""

    stretch: Stretch
    shipped_t: FloatArray
    stopped_t: FloatArray
    """Refused, or held at the border"""


@dataclass(frozen=True, slots=True)
class Allocation:
    """The outcome of one review, t."""

    shipped_t: FloatArray
    """[line]"""
    unmet_t: FloatArray
    """[output + 1] open orders a seller could not fill from stock"""
    sold: tuple[Sold, ...]
    """The same by stretch"""


@dataclass(slots=True)
class Selling:
    """Orders, what is shipped of them, and what stays open."""

    network: Network
    clock: Clock
    goods: Goods
    tracer: Tracer | None
    rooms: Rooms
    stockpiles: Stockpiles
    transport: Transport
    plants: Plants
    unmet_t: FloatArray = field(init=False)
    """[output + 1] open orders that sellers could not fill at the last review"""
    _lines: Lines = field(init=False)

    def __post_init__(self) -> None:
        network = self.network
        self.unmet_t = np.zeros(len(network.outputs) + 1)
        self._lines = Lines(
            seller=network.line_output,
            need=network.line_need,
            by_product=network.lane_pushed[network.line_lane],
            to_pile=network.holder_is_sink[network.line_holder],
            qualified=network.lane_qualified[network.line_lane],
        )

    def is_pressed(self, plan: DayPlan) -> BoolArray:
        """[output + 1] whether more is on order and unmet than rounding."""
        pressed: BoolArray = self.unmet_t > PRESSING * plan.sales * self.clock.span
        return pressed

    def sell(self, day: float, plan: DayPlan, stretches: Sequence[Stretch]) -> Allocation:
        """Let everybody order and every seller ship, stockpiles last; what is shipped leaves its stock."""
        ordered_t = self._order(day, plan, stretches[0].allowed.routes.lead_days)
        ordered_t += self.stockpiles.buy(stretches, self.goods.stocks, plan.lanes, self.clock.span)
        shipment = self._allocate(day, plan, stretches, ordered_t)
        self._dispatch(shipment)
        self.unmet_t = shipment.unmet_t
        return shipment

    def _order(self, day: float, plan: DayPlan, lead_days: FloatArray) -> FloatArray:
        """[line] t ordered by everybody but stockpiles."""
        network, stocks, plants = self.network, self.goods.stocks, self.plants
        hurry = urgency(
            driver=plants.driver, is_unmet=self.is_pressed(plan)[plants.output],
            brings=plants.lanes_in, planned=plan.lanes,
            capacity=rows_at(network.plan.days, plants.capacity, day),
        )  # fmt: skip
        has_t = stocks.held[:-1] + stocks.inbound
        position_t = sum_by(network.holder_need, weights=has_t, minlength=network.number_of_needs)
        days = self.clock.span + lead_days + network.holder_cover_days[network.line_holder]
        return order(
            self._lines, rate=plan.lines, urgency=hurry[network.line_lane], days=days,
            position_t=position_t, waiting_t=stocks.waiting, span=self.clock.span,
        )  # fmt: skip

    def _allocate(
        self, day: float, plan: DayPlan, stretches: Sequence[Stretch], ordered_t: FloatArray
    ) -> Allocation:
        """Fill orders from producer stock, past the border, and let stockpiles be drawn; updates what waits."""
        stocks, lines = self.goods.stocks, self._lines
        days = Days(
            part=np.array([[s.part] for s in stretches]),
            open=np.array([s.allowed.open for s in stretches]),
            shut=np.array([s.allowed.shut for s in stretches]),
        )
        takes = self.network.takes_on(day)[self.network.line_lane]
        by_product_t = pushed(lines.seller, stock_t=stocks.sold, rate=plan.lines, runs=takes)
        claim_t, planned_t = ordered_t + stocks.waiting, plan.lines * self.clock.span
        wanted_t, unmet_t = wanted(
            lines, days, claim_t=claim_t, planned_t=planned_t, by_product_t=by_product_t,
            stock_t=stocks.sold, tier=np.max([s.allowed.tier for s in stretches], axis=0),
        )  # fmt: skip
        each = zip(wanted_t, stretches, strict=True)
        shipped_t = np.array([self.rooms.take(t, s.allowed.rooms, s.month) for t, s in each])
        stopped_t = stopped(lines, days, claim_t=claim_t, no_room_t=wanted_t - shipped_t)
        stocks.waiting[:] = np.where(days.shut, 0.0, stopped_t).sum(axis=0)
        drawn_t = self.stockpiles.draw(stretches, stocks, plan.lines, self.clock.span)
        sold = tuple(map(Sold, stretches, shipped_t + drawn_t * days.part, stopped_t))
        return Allocation(shipped_t.sum(axis=0) + drawn_t, unmet_t, sold)

    def _dispatch(self, shipment: Allocation) -> None:
        """Take the goods out of producer stocks and send them on their way."""
        review = self.clock.review_number
        composition = self.goods.dispatch(shipment.shipped_t, review)
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
        tonnes = np.sum([each.shipped_t for each in same], axis=0)
        left = np.ones(len(tonnes), dtype=np.bool_)
        for each in same:
            leaving = left & (each.shipped_t > NOISE * tonnes)
            left &= ~leaving
            if leaving.any():
                leaves = max(midnight, each.stretch.starts)
                yield leaves, each.stretch.allowed.routes, np.where(leaving, tonnes, 0.0)
