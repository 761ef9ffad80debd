"""Recording: at the end of each review the span that ends is added to the sums by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.calendar import Calendar
from sim.engine.day_plan import DayPlan
from sim.engine.monthly import MonthlySums
from sim.engine.network import Network
from sim.engine.production import Production
from sim.engine.provenance import Tracer
from sim.engine.regime import Regime, Stretch
from sim.engine.selling import Allocation, Sold
from sim.engine.stocks import Stocks
from sim.engine.stoppage import Stoppage
from sim.engine.tally import Tally
from sim.equations.sums import sum_by

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Months = list[tuple[int, float]]
"""(month number, weight)"""


@dataclass(slots=True)
class Recorder:
    """Watches the other parts and remembers; it changes nothing but the tally, which it empties."""

    network: Network
    calendar: Calendar
    span: float
    stocks: Stocks
    tally: Tally
    regime: Regime
    stoppage: Stoppage
    stockpile_outputs: IntArray
    """Outputs that are no producer's, so that nothing there counts as unsold"""
    tracer: Tracer | None
    production: Production
    sums: MonthlySums
    review_day: list[float] = field(default_factory=list)
    review_demand: list[FloatArray] = field(default_factory=list)
    """[review][input]"""
    review_consumed: list[FloatArray] = field(default_factory=list)
    _month_days: list[float] = field(init=False)
    """[month] reported days"""
    _case_days: FloatArray = field(init=False)
    """[stopper] pending licence cases up to the last review"""
    _levels: tuple[FloatArray, FloatArray, FloatArray] | None = None
    """[output + 1] sold, [input] held and [lane] waiting after the last review"""

    def __post_init__(self) -> None:
        self._month_days = self.calendar.days_in_months()
        self._case_days = np.zeros(len(self.sums.stoppers.levers))

    def record(
        self,
        day: float,
        plan: DayPlan,
        demand_t: FloatArray,
        consumed_t: FloatArray,
        shipment: Allocation,
        not_made: Sequence[FloatArray],
    ) -> None:
        """Add what a review saw: demand and consumption [input], shipments, and what makers started."""
        network = self.network
        overlaps = self.calendar.overlaps(day - self.span, day)
        by_span = [(month, days / self.span) for month, days in overlaps]
        for sold in shipment.sold:
            self._add_sold(sold, plan)
        for stretch, lost_t in self.production.running.lost:
            self._add_lost(stretch, lost_t)
        self.production.running.lost.clear()
        for stretch, mined_t in self.production.dug_elsewhen:
            self._add_dug(stretch, mined_t)
        if overlaps:
            self._add_levels(overlaps, plan.stock_target)
            self._add_use(day, overlaps, by_span, demand_t, consumed_t)
            self._add_production(by_span, not_made)
            self.sums.arrived.add(self.tally.arrived_t, by_span)
        if self.tracer is not None:
            self.tracer.close_span(by_span)
        held = self.stocks.held[:-1]
        self._levels = (
            self.stocks.sold.copy(),
            sum_by(network.holder_input, weights=held, minlength=len(network.inputs)),
            self._by_lane(self.stocks.waiting),
        )
        self.tally.close(self._by_lane(shipment.shipped_t))

    def _add_use(
        self,
        day: float,
        overlaps: Months,
        by_span: Months,
        demand_t: FloatArray,
        consumed_t: FloatArray,
    ) -> None:
        sums = self.sums
        sums.demand.add(demand_t, by_span)
        sums.consumed.add(consumed_t, by_span)
        sums.use_rate.add(demand_t / self.span, self._shares_of_month(overlaps))
        if day <= self.calendar.horizon_days + self.span:
            self.review_day.append(day)
            self.review_demand.append(demand_t)
            self.review_consumed.append(consumed_t)

    def _add_production(self, by_span: Months, not_made: Sequence[FloatArray]) -> None:
        self.sums.made.add(self.tally.made_t[:-1], by_span)
        self.sums.made_content.add(self.tally.made_content_t, by_span)
        for monthly, t in zip(self.sums.not_made, not_made, strict=True):
            monthly.add(t, by_span)

    def _by_lane(self, tonnes: FloatArray) -> FloatArray:
        """Sum [line] over [lane]."""
        n_lanes = len(self.network.lane_output)
        return sum_by(self.network.line_lane, weights=tonnes, minlength=n_lanes)

    def _add_sold(self, sold: Sold, plan: DayPlan) -> None:
        """What a review ships or stops belongs to the days for which it was sold."""
        sums, stretch = self.sums, sold.stretch
        months = self._months_of(stretch)
        if not months:
            return
        sums.shipped.add(self._by_lane(sold.shipped_t), months)
        planned_t = plan.lines * (stretch.ends - stretch.starts)
        stopped_t = self.stoppage.by_lever(sold, planned_t)
        if stopped_t is not None:
            sums.stopped.add(stopped_t, months)
        if sums.stoppers.closures:
            detoured_t, tonne_days = self.stoppage.detours(sold)
            sums.detoured.add(detoured_t, months)
            sums.detour_tonne_days.add(tonne_days, months)

    def _add_lost(self, stretch: Stretch, lost_t: FloatArray) -> None:
        """What levers kept sites from making belongs to its own days too."""
        self.sums.lost.add(self.stoppage.by_site(stretch, lost_t), self._months_of(stretch))

    def _add_dug(self, stretch: Stretch, mined_t: FloatArray) -> None:
        """Ore [mine] that was dug on certain days rather than evenly."""
        months = self._months_of(stretch)
        mines, made = self.production.mines, np.zeros(len(self.network.outputs))
        made[mines.output] = mined_t
        content = np.zeros_like(self.tally.made_content_t)
        content[mines.blend] = mined_t[:, None] * mines.basket
        self.sums.made.add(made, months)
        self.sums.made_content.add(content, months)

    def _months_of(self, stretch: Stretch) -> Months:
        """Months with the part of the stretch that falls into each; none outside of the report."""
        length = stretch.ends - stretch.starts
        overlaps = self.calendar.overlaps(stretch.starts, stretch.ends)
        return [(month, days / length) for month, days in overlaps]

    def _add_levels(self, overlaps: Months, stock_target: FloatArray) -> None:
        """Time averages over the span: the level after the last review, and what came in between."""
        if self._levels is None:
            return
        sold, held, waiting = self._levels
        sums, tally, span = self.sums, self.tally, self.span
        average = self._shares_of_month(overlaps)
        stock = (sold + tally.sold_tonne_days / span)[:-1]
        sums.sold.add(stock, average)
        above = np.maximum(0.0, stock - stock_target[:-1])
        above[self.stockpile_outputs] = 0.0
        sums.unsold.add(above, average)
        sums.held.add(held + tally.held_tonne_days / span, average)
        in_transit = np.maximum(0.0, tally.on_way_t - tally.transit_tonne_days / span)
        sums.in_transit.add(in_transit, average)
        sums.waiting.add(waiting, average)
        sums.pending.add(self._mean_pending(), average)

    def _mean_pending(self) -> FloatArray:
        """[stopper] licence cases that waited, on average over the span."""
        cases = np.zeros(len(self._case_days))
        for k, lever in enumerate(self.sums.stoppers.levers):
            total = self.regime.case_days.get(lever)
            if total is not None:
                cases[k] = (total - self._case_days[k]) / self.span
                self._case_days[k] = total
        return cases

    def _shares_of_month(self, overlaps: Months) -> Months:
        return [(month, days / self._month_days[month]) for month, days in overlaps]
