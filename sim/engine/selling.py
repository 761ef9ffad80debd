"""Selling: buyers order up to their targets, sellers fill orders, and what the border lets pass leaves.

The rules stand in `sim.rules`; here they follow one another, on what is in stock, planned and allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.engine.beside import Trade
from sim.engine.border import Border
from sim.engine.clock import Clock
from sim.engine.day_plan import DayPlan
from sim.engine.dispatching import Dispatching
from sim.engine.goods import Goods
from sim.engine.grades import Grades
from sim.engine.incidence import Incidence
from sim.engine.market import Market
from sim.engine.network import Network, rows_at
from sim.engine.new_supply import NewSupply
from sim.engine.regime import Columns
from sim.engine.rooms import Rooms
from sim.engine.separation import Plants
from sim.engine.sold import Sold
from sim.engine.stockpiling import Stockpiles
from sim.engine.transport import Routes, Transport
from sim.engine.trouble import Trouble
from sim.equations.sums import NOISE, Groups, ratio, total
from sim.rules.allocating import (
    Cells,
    Days,
    Wanted,
    instead,
    over_stretches,
    pushed,
    still_waiting,
    stopped,
    told,
    wanted,
)
from sim.rules.ordering import Lines, order, urgency
from sim.rules.serving import Serving, moved

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

PRESSING = 1e-6
"""Part of a review's planned sales above which unmet orders make mines and plants hurry."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who sells for one column beside the sellers, and what keeps goods back there."""

    rooms: Rooms
    stockpiles: Stockpiles
    transport: Transport


@dataclass(slots=True)
class Selling:
    """Orders, what is shipped of them, and what stays open."""

    network: Network
    incidence: Incidence
    clock: Clock
    goods: Goods
    plants: Plants
    desks: Sequence[Desk]
    """Of each column"""
    new_supply: NewSupply | None
    trouble: Trouble | None
    market: Market | None
    grades: Grades | None
    serving: Serving | None
    """Whom sellers and regions serve first; None where all share in proportion"""
    dispatching: Dispatching
    unmet_t: FloatArray = field(init=False)
    """[output + 1, column] open orders that sellers could not fill at the last review"""
    border: Border = field(init=False)
    _lines: Lines = field(init=False)
    _pushed: IntArray = field(init=False)
    """Lines of by-products"""
    _pushers: Groups = field(init=False)
    """[line of a by-product] seller"""
    _cover_days: FloatArray = field(init=False)
    """[line] days from order to order, and of the cover that buyers aim at"""

    def __post_init__(self) -> None:
        network, columns = self.network, len(self.desks)
        self.unmet_t = np.zeros((len(network.outputs) + 1, columns))
        self._lines = Lines(
            seller=self.incidence.seller,
            need=self.incidence.need,
            by_product=network.lane_pushed[network.line_lane],
            to_pile=network.holder_is_sink[network.line_holder],
            qualified=network.lane_qualified[network.line_lane],
        )
        self._pushed = np.flatnonzero(self._lines.by_product)
        self._pushers = Groups(network.line_output[self._pushed], len(network.outputs) + 1)
        cover_days = network.holder_cover_days[network.line_holder]
        self._cover_days = self.clock.span + cover_days
        self.border = Border(network, self._lines, columns)

    def is_pressed(self, plan: DayPlan) -> BoolArray:
        """[output + 1, column] whether more is on order and unmet than rounding."""
        pressed: BoolArray = self.unmet_t > PRESSING * plan.sales * self.clock.span
        return pressed

    def sell(self, day: float, plan: DayPlan, coming: Columns) -> Sold:
        """Let everybody order and every seller ship, stockpiles last; what is shipped leaves its stock."""
        days = self.border.look(coming)
        if self.new_supply is not None:
            stock_t, review = self.goods.stocks.sold, self.clock.review_number
            self.new_supply.note(review, day, stock_t, days.open)
        claim_t = self._order(day, plan, coming)
        for column, desk in enumerate(self.desks):
            if desk.stockpiles.piles:
                claim_t[:, column] += desk.stockpiles.buy(
                    coming[column], self.goods.stocks.column(column), plan.lanes[:, column],
                    self.clock.span,
                )  # fmt: skip
        claim_t += self.goods.stocks.waiting
        sold = self._allocate(day, plan, coming, days, claim_t)
        open_t = self._open(claim_t, sold)
        if self.trouble is not None:
            trouble = self.trouble.look(plan, coming, *self._orders(claim_t, sold))
            if self.market is not None:
                self.market.qualifying.look_around(day, plan, self.goods.stocks, trouble)
            if self.grades is not None:
                self.grades.look_around(day, trouble)
        open_t, trade = self._trade(day, plan, open_t, sold)
        self.dispatching.send(sold, plan, coming, trade)
        self.unmet_t = sold.unmet_t
        if self.network.behaviour.producers is not None:
            self.unmet_t = self._told(plan, days, open_t, sold)
            if self.grades is not None:
                self.grades.hear(plan, self.unmet_t)
        return sold

    def _trade(
        self, day: float, plan: DayPlan, open_t: FloatArray, sold: Sold
    ) -> tuple[FloatArray, Trade | None]:
        """What is still open [need, column] t after trade beside the contracts, and that trade."""
        stocks, trade = self.goods.stocks, None
        taken_t = self.incidence.seller.total(sold.shipped_t)
        if self.market is not None:
            trade = self.market.trade(day, plan, stocks, open_t=open_t, sent_t=taken_t)
            if trade is not None:
                open_t = self._less(open_t, self.market.pairs.need.total(trade.tonnes))
                taken_t = taken_t + trade.by_output_t
        if self.grades is not None:
            more = self.grades.trade(day, plan, stocks, open_t=open_t, taken_t=taken_t)
            if more is not None:
                open_t = self._less(open_t, self.grades.pairs.need.total(more.tonnes))
                trade = more.and_(trade)
        return open_t, trade

    def _orders(self, claim_t: FloatArray, sold: Sold) -> tuple[FloatArray, FloatArray]:
        """[need, column] t ordered, and sent of it."""
        need = self.incidence.need
        return need.total(claim_t), need.total(sold.shipped_t)

    def _open(self, claim_t: FloatArray, sold: Sold) -> FloatArray:
        """[need, column] t ordered that is not sent, be it that it waits at a border."""
        claims_t, sent_t = self._orders(claim_t, sold)
        return np.where(claims_t - sent_t > NOISE * claims_t, claims_t - sent_t, 0.0)

    def _less(self, open_t: FloatArray, traded_t: FloatArray) -> FloatArray:
        """What is still open [need, column] t after a trade; no more than that goes on waiting at a border."""
        need, stocks = self.incidence.need, self.goods.stocks
        left_t = np.maximum(0.0, open_t - traded_t)
        waits_t = need.total(stocks.waiting)
        # Only where somebody traded, and not by rounding: what trades in another column is not felt here.
        is_more = (traded_t > 0) & (waits_t - left_t > NOISE * waits_t)
        if is_more.any():
            part = np.where(is_more, ratio(left_t, waits_t), 1.0)
            stocks.waiting = stocks.waiting * need.spread(part)
        return left_t

    def _told(self, plan: DayPlan, days: Days, open_t: FloatArray, sold: Sold) -> FloatArray:
        """[output + 1, column] t missing that producers hear of, contracted with them or not."""
        if not open_t.any():
            return np.zeros_like(self.unmet_t)
        lines, ways = self._lines, []
        able = (lines.may_be_asked[:, None] | (plan.lines > 0)) & ~lines.to_pile[:, None]
        # Who may not send what was ordered of it hears nothing.
        stops = sold.stopped_t > 0
        if sold.cells is not None:
            waits_t = np.where(sold.cells.shut, 0.0, sold.cells_stopped_t)
            stops.ravel()[sold.cells.flat] = over_stretches(waits_t) > 0
        able &= ~stops
        weight = np.where(able, days.open, 0.0) * lines.seller.spread(plan.sales)
        weight[self._pushed] = 0.0
        ways.append((lines.seller, lines.need, weight))
        if self.market is not None:
            ways.append(self.market.able(plan))
        return told(open_t, ways)

    def _order(self, day: float, plan: DayPlan, coming: Columns) -> FloatArray:
        """[line, column] t ordered by everybody but stockpiles."""
        stocks, incidence = self.goods.stocks, self.incidence
        routes = [stretches[0].allowed.routes for stretches in coming]
        if self.new_supply is None and all(each is routes[0] for each in routes):
            routes = routes[:1]  # what is planned is the same in all columns
        days = np.array([self.days_to_order_for(each) for each in routes]).T
        held_t = incidence.need_of_holder.total(stocks.held[:-1])
        position_t = incidence.need_of_holder.total(stocks.held[:-1] + stocks.inbound)
        return order(
            self._lines, planned=plan.ordered, urgency=self._urgency(day, plan),
            days=days, position_t=position_t, held_t=held_t,
            waiting_t=stocks.waiting, span=self.clock.span,
        )  # fmt: skip

    def days_to_order_for(self, routes: Routes) -> FloatArray:
        """[line] days from order to order, on the way, and of the cover that buyers aim at."""
        days: FloatArray = routes.days + self._cover_days
        return days

    def _urgency(self, day: float, plan: DayPlan) -> FloatArray | None:
        """[line, column] how much more than planned is ordered; None where nobody hurries."""
        plants, network = self.plants, self.network
        pressed = self.is_pressed(plan)[plants.output]
        if not pressed.any():
            return None
        capacity = rows_at(network.plan.days, plants.capacity, day)[:, None]
        hurry = urgency(
            drivers=plants.drivers, is_unmet=pressed, feed=total(plan.feed, axis=1),
            capacity=np.broadcast_to(capacity, (len(plants.site), len(self.desks))),
        )  # fmt: skip
        if not (hurry > 1.0).any():
            return None
        lanes = np.ones_like(plan.lanes)
        forms = plants.holder.shape[1]
        lanes[plants.feed_lanes] = hurry[plants.feeds.number // forms]
        return self.incidence.by_line(lanes)

    def _allocate(
        self, day: float, plan: DayPlan, coming: Columns, days: Days, claim_t: FloatArray
    ) -> Sold:
        """Fill orders from producer stock, past the border, and let stockpiles be drawn; updates what waits."""
        stocks, lines, cells = self.goods.stocks, self._lines, days.cells
        planned_t = plan.lines * self.clock.span
        takes = self.network.takes_on(day)[self.network.line_lane[self._pushed]]
        by_product_t = pushed(
            self._pushers, stock_t=stocks.sold, rate=plan.lines[self._pushed], runs=takes
        )
        want, moved_t = self._ruled(
            plan, wanted, lines, days, claim_t=claim_t, planned_t=planned_t,
            by_product_t=by_product_t, stock_t=stocks.sold, tiers=self._tiers(coming),
        )  # fmt: skip
        shipped_t, cells_t = self._through_rooms(want, coming, cells)
        stopped_t = claim_t * (days.shut + days.held)
        waiting_t = claim_t * days.held
        cells_stopped_t = np.zeros_like(cells_t)
        if shipped_t is not want.t:
            no_room_t = want.t - shipped_t
            no_room_t[self._pushed] = 0.0
            if cells is not None:
                no_room_t.ravel()[cells.flat] = 0.0
            stopped_t += no_room_t
            waiting_t += no_room_t
        if cells is not None:
            cells_stopped_t = stopped(
                lines, cells, claim_t=claim_t.take(cells.flat), no_room_t=want.cells_t - cells_t
            )
            waits_t = np.where(cells.shut, 0.0, cells_stopped_t)
            waiting_t.ravel()[cells.flat] = over_stretches(waits_t)
        unmet_t = want.unmet_t
        if waiting_t.any():
            cells_wait_t = cells_stopped_t
            if cells is not None:
                cells_wait_t = np.where(cells.shut, 0.0, cells_stopped_t)
            more, moved_too_t = self._ruled(
                plan, instead, lines, days, waits_t=waiting_t, cells_wait_t=cells_wait_t,
                stock_t=stocks.sold, sent_t=shipped_t,
            )  # fmt: skip
            more_t, more_of_cells_t = self._through_rooms(more, coming, cells)
            waiting_t = still_waiting(
                lines, days, claim_t=claim_t, waits_t=waiting_t, sent_t=shipped_t, instead_t=more_t
            )
            shipped_t, cells_t = shipped_t + more_t, cells_t + more_of_cells_t
            unmet_t = unmet_t + more.unmet_t
            if moved_t is not None and moved_too_t is not None:
                moved_t = moved_t + moved_too_t
        stocks.waiting = waiting_t
        sold = Sold(shipped_t, unmet_t, stopped_t, cells, cells_t, cells_stopped_t, moved_t)
        return self._drawn(sold, plan, coming)

    def _ruled(
        self, plan: DayPlan, rule: Callable[..., Wanted], *args: Any, **about: Any
    ) -> tuple[Wanted, FloatArray | None]:
        """What sellers send in the order in which they serve, and [column] t that go elsewhere for it."""
        if self.serving is None:
            return rule(*args, **about), None
        keeps_t = None
        if self.serving.contracts_first.any():
            keeps_t = self.serving.contracts_first * plan.sales * self.clock.span
        ruled = rule(*args, **about, serving=self.serving, keeps_t=keeps_t)
        return ruled, moved(ruled.t, rule(*args, **about).t)

    def _tiers(self, coming: Columns) -> FloatArray | None:
        """[line, column] in which order sellers serve; None where all are served alike."""
        if not any(s.allowed.tier is not None for each in coming for s in each):
            return None
        tiers = np.zeros((len(self.network.line_lane), len(coming)))
        for column, stretches in enumerate(coming):
            for stretch in stretches:
                if stretch.allowed.tier is not None:
                    tiers[:, column] = np.maximum(tiers[:, column], stretch.allowed.tier)
        return tiers

    def _through_rooms(
        self, want: Wanted, coming: Columns, cells: Cells | None
    ) -> tuple[FloatArray, FloatArray]:
        """What there is room for of what is wanted, [line, column] and [stretch, cell]."""
        shipped_t, cells_t = want.t, want.cells_t
        for column, (desk, stretches) in enumerate(zip(self.desks, coming, strict=True)):
            limited = any(s.allowed.rooms or s.allowed.licensed for s in stretches)
            if not desk.rooms.counts and not limited:
                continue
            if shipped_t is want.t:
                shipped_t, cells_t = want.t.copy(), want.cells_t.copy()
            if len(stretches) == 1:
                (only,) = stretches
                shipped_t[:, column] = desk.rooms.take(
                    want.t[:, column], only.allowed.rooms, only.month, only.allowed.licensed
                )
                continue
            # What is counted is counted stretch by stretch, whether or not a room is in force.
            here = np.zeros(0, dtype=np.intp)
            if cells is not None:
                here = np.flatnonzero(cells.column == column)
            steady_t = want.t[:, column].copy()
            if cells is not None:
                steady_t[cells.line[here]] = 0.0
            left_t, no_room_t = np.zeros((2, len(steady_t)))
            for k, stretch in enumerate(stretches):
                now_t = steady_t * stretch.part
                if cells is not None:
                    now_t[cells.line[here]] = want.cells_t[k, here]
                allowed = stretch.allowed
                taken_t = desk.rooms.take(now_t, allowed.rooms, stretch.month, allowed.licensed)
                left_t += taken_t
                no_room_t += now_t - taken_t
                if cells is not None:
                    cells_t[k, here] = taken_t[cells.line[here]]
            shipped_t[:, column] = np.where(no_room_t > 0, left_t, steady_t)
            if cells is not None:
                shipped_t[cells.line[here], column] = over_stretches(cells_t[:, here])
        return shipped_t, cells_t

    def _drawn(self, sold: Sold, plan: DayPlan, coming: Columns) -> Sold:
        """With what users take from stockpiles, which is spread evenly over the days."""
        cells = sold.cells
        for column, desk in enumerate(self.desks):
            if not desk.stockpiles.piles:
                continue
            drawn_t = desk.stockpiles.draw(
                coming[column], self.goods.stocks.column(column), plan.lines[:, column],
                self.clock.span,
            )  # fmt: skip
            sold.shipped_t[:, column] += drawn_t
            if cells is not None:
                here = np.flatnonzero(cells.column == column)
                sold.cells_shipped_t[:, here] += drawn_t[cells.line[here]] * cells.part[:, here]
        return sold
