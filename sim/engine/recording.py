"""Recording: at the end of each review the span that ends is added to the sums by month."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.calendar import Calendar
from sim.engine.consumption import Consumed
from sim.engine.day_plan import DayPlan
from sim.engine.expediting import Expediting
from sim.engine.grades import Grades
from sim.engine.idle import Idle
from sim.engine.incidence import Incidence
from sim.engine.market import Market
from sim.engine.monthly import GoodsSums, Monthly, MonthlySums, Months
from sim.engine.network import Network, rows_at
from sim.engine.new_supply import NewSupply
from sim.engine.production import Production
from sim.engine.provenance import Tracer
from sim.engine.regime import Columns, Regime, Stretch
from sim.engine.sharing import Sharing
from sim.engine.sold import Sold
from sim.engine.stocks import Stocks
from sim.engine.stoppage import Stoppage
from sim.engine.tally import Tally
from sim.equations.sums import total
from sim.rules.allocating import Cells, over_stretches
from sim.rules.behaviour import RULES

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Overlaps = Callable[[float, float], Months]
"""First day and day after of a span -> days of it by month, see `Calendar`"""


@dataclass(slots=True)
class Watch:
    """What is remembered of one column beside the goods."""

    regime: Regime
    stoppage: Stoppage
    sums: MonthlySums
    tracer: Tracer | None
    case_days: FloatArray = field(init=False)
    """[stopper] pending licence cases up to the last review"""

    def __post_init__(self) -> None:
        self.case_days = np.zeros(len(self.sums.stoppers.levers))

    def mean_pending(self, span: float) -> FloatArray:
        """[stopper] licence cases that waited, on average over the span."""
        cases = np.zeros(len(self.case_days))
        for k, lever in enumerate(self.sums.stoppers.levers):
            total = self.regime.case_days.get(lever)
            if total is not None:
                cases[k] = (total - self.case_days[k]) / span
                self.case_days[k] = total
        return cases


@dataclass(slots=True)
class Recorder:
    """Watches the other parts and remembers; it changes nothing but the tally, which it empties."""

    network: Network
    incidence: Incidence
    calendar: Calendar
    span: float
    stocks: Stocks
    tally: Tally
    stockpile_outputs: IntArray
    """Outputs that are no producer's, so that nothing there counts as unsold"""
    production: Production
    new_supply: NewSupply | None
    market: Market | None
    grades: Grades | None
    sharing: Sharing | None
    expediting: Expediting | None
    idle: Idle
    goods: GoodsSums
    watches: Sequence[Watch]
    """Of each column"""
    review_day: list[float] = field(default_factory=list)
    review_demand: list[FloatArray] = field(default_factory=list)
    """[review][input, column]"""
    review_consumed: list[FloatArray] = field(default_factory=list)
    _month_days: list[float] = field(init=False)
    """[month] reported days"""
    levels: tuple[FloatArray, FloatArray, FloatArray] | None = None
    """[output + 1] sold, [input] held and [lane] waiting after the last review, each [..., column]"""

    def __post_init__(self) -> None:
        self._month_days = self.calendar.days_in_months()

    def record(
        self,
        day: float,
        plan: DayPlan,
        coming: Columns,
        used: Consumed,
        sold: Sold,
        not_made: Sequence[FloatArray | None],
    ) -> None:
        """Add what a review saw: what was used, what was sold, what makers started."""
        overlaps = self.calendar.overlaps(day - self.span, day)
        by_span = [(month, days / self.span) for month, days in overlaps]
        self._add_sold(day, plan, coming, sold)
        self._add_asked_again(day, sold)
        self._add_idle(day, plan, coming, sold)
        self._add_lost()
        for column, stretch, mined_t in self.production.dug_elsewhen:
            self._add_dug(column, stretch, mined_t)
        # Also while nothing is reported: what waited before the first day is no part of the first week.
        pending = [watch.mean_pending(self.span) for watch in self.watches]
        if overlaps:
            self._add_levels(overlaps, plan.stock_target, pending)
            self._add_use(day, overlaps, by_span, used)
            self._add_production(by_span, not_made)
            self._add_swapped(by_span)
            self._add_moved(day, by_span)
            self.goods.arrived.add(self.tally.arrived_t, by_span)
        for watch in self.watches:
            if watch.tracer is not None:
                watch.tracer.close_span(by_span)
        self.levels = (
            self.stocks.sold.copy(),
            self.incidence.input_of_holder.total(self.stocks.held[:-1]),
            self.incidence.by_lane(self.stocks.waiting),
        )
        self.tally.close(self.incidence.by_lane(sold.shipped_t))

    def _add_use(
        self,
        day: float,
        overlaps: Months,
        by_span: Months,
        used: Consumed,
    ) -> None:
        goods, demand_t, consumed_t = self.goods, used.demand_t, used.consumed_t
        if used.redesigned_t is not None:
            goods.redesigned.add(used.redesigned_t, by_span)
            self._add_to_rule("designs", total(used.redesigned_t, axis=0), by_span)
        goods.demand.add(demand_t, by_span)
        goods.consumed.add(consumed_t, by_span)
        goods.use_rate.add(demand_t / self.span, self._shares_of_month(overlaps))
        if day <= self.calendar.horizon_days + self.span:
            self.review_day.append(day)
            self.review_demand.append(demand_t)
            self.review_consumed.append(consumed_t)

    def _add_production(self, by_span: Months, not_made: Sequence[FloatArray | None]) -> None:
        self.goods.made.add(self.tally.made_t[:-1], by_span)
        self.goods.made_content.add(self.tally.made_content_t, by_span)
        if self.tally.discarded_t.any():
            self.goods.discarded.add(self.tally.discarded_t[:-1], by_span)
            self.goods.discarded_content.add(self.tally.discarded_content_t, by_span)
        for monthly, t in zip(self.goods.not_made, not_made, strict=True):
            if t is not None:
                monthly.add(t, by_span)

    def _add_swapped(self, by_span: Months) -> None:
        """What went into grades beyond their recipe, and in all what was missing of it."""
        makers, swapped_t = self.production.all_makers, self.production.swapped_t
        for kind, monthly, t in zip(makers, self.goods.swapped, swapped_t, strict=True):
            if t is None:
                continue
            monthly.add(t, by_span)
            giving = np.concatenate([swap.parts for swap in kind.recipes.swaps])
            missing_t = np.maximum(0.0, -t.take(giving, axis=1))
            self._add_to_rule("swaps", total(total(missing_t, axis=1), axis=0), by_span)

    # ---- what the rules of behaviour moved

    def _add_moved(self, day: float, by_span: Months) -> None:
        """What was thrown away, dug and started as an answer, not dug for want of room to grow, and lent."""
        plan = self.network.plan
        cut_t = rows_at(plan.days, plan.ore_cut[:, None], day - self.span / 2) * self.span
        for rule, moved_t in (
            ("piles", total(self.tally.discarded_t, axis=0)),
            ("producers", self.production.answered_t),
            ("limits", cut_t),
        ):
            self._add_to_rule(rule, moved_t, by_span)
        if self.sharing is not None:
            self._add_to_rule("sharing", self.sharing.moved_t, by_span)

    def _add_asked_again(self, day: float, sold: Sold) -> None:
        """Others are asked, and served, on the days for which a review sells."""
        overlaps = self.calendar.overlaps(day, day + self.span)
        months = [(month, days / self.span) for month, days in overlaps]
        if self.new_supply is not None:
            self._add_to_rule("new_supply", self.new_supply.asked_again * self.span, months)
        if self.market is not None:
            self._add_to_rule("market", self.market.moved_t, months)
        if self.grades is not None:
            self._add_to_rule("grades", self.grades.moved_t, months)
        if sold.redirected_t is not None:
            self._add_to_rule("priority", sold.redirected_t, months)
        if self.expediting is not None:
            self._add_to_rule("expediting", self.expediting.moved_t, months)

    def _add_to_rule(self, rule: str, moved_t: FloatArray, months: Months) -> None:
        Monthly(self.goods.moved.table[:, RULES.index(rule)]).add(moved_t, months)

    def _add_idle(self, day: float, plan: DayPlan, coming: Columns, sold: Sold) -> None:
        """What lies unsold while somebody lacks it, on average over the days for which a review sells."""
        overlaps = self.calendar.overlaps(day, day + self.span)
        if overlaps:
            idle_t = self.idle.look(day, plan, self.stocks, sold, coming)
            if idle_t is not None:
                self.goods.idle.add(idle_t, self._shares_of_month(overlaps))

    # ---- what a review sold, on the days for which it sold

    def _add_sold(self, day: float, plan: DayPlan, coming: Columns, sold: Sold) -> None:
        """What a review ships or stops belongs to the days for which it was sold."""
        self._add_by_days(
            self.goods.shipped_before, sold.shipped_t, sold.cells, sold.cells_shipped_t, day, coming,
            self.calendar.overlaps_before,
        )  # fmt: skip
        overlaps = self.calendar.overlaps(day, day + self.span)
        if not overlaps:
            return
        months = [(month, days / self.span) for month, days in overlaps]
        self._add_by_days(
            self.goods.shipped, sold.shipped_t, sold.cells, sold.cells_shipped_t, day, coming,
            self.calendar.overlaps,
        )  # fmt: skip
        if self.expediting is not None and self.expediting.flown_t is not None:
            self._add_by_days(
                self.goods.flown, self.expediting.flown_t, sold.cells, self.expediting.cells_flown_t,
                day, coming, self.calendar.overlaps,
            )  # fmt: skip
        stops = [any(s.allowed.has_stoppers for s in stretches) for stretches in coming]
        stopped_t = np.zeros((0, 0))
        if any(stops):
            # [column, line]: what follows looks at one column after the other.
            stopped_t = np.minimum(plan.lines * self.span, sold.stopped_t).T.copy()
        for column, (watch, stretches) in enumerate(zip(self.watches, coming, strict=True)):
            if stops[column]:
                self._add_stopped(column, watch, plan, coming, months, sold, stopped_t[column])
            if watch.sums.stoppers.closures:
                self._add_detours(column, watch, stretches, months, sold)

    def _add_by_days(
        self, sums: Monthly, goods_t: FloatArray, cells: Cells | None, cells_t: FloatArray,
        day: float, coming: Columns, overlaps: Overlaps,
    ) -> None:  # fmt: skip
        """Add goods [line, column] of a review, and those of cells [stretch, cell] by their own days."""
        covered = overlaps(day, day + self.span)
        if not covered:
            return
        months = [(month, days / self.span) for month, days in covered]
        by_lane = self.incidence.by_lane(goods_t)
        if cells is None or covered[0][1] == self.span:
            sums.add(by_lane, months)
            return
        here = np.unique(cells.column)
        for month, weight in months:
            now_t = goods_t * weight
            parts = self._parts_in(month, cells, coming, overlaps)
            now_t.ravel()[cells.flat] = over_stretches(cells_t * parts)
            # Columns without cells as if no other had any, to the last bit.
            lanes_t = by_lane * weight
            lanes_t[:, here] = self.incidence.by_lane(now_t)[:, here]
            sums.table[month] += lanes_t

    @staticmethod
    def _parts_in(month: int, cells: Cells, coming: Columns, overlaps: Overlaps) -> FloatArray:
        """[stretch, cell] part of the stretch that falls into a month."""
        parts = np.zeros((len(cells.part), len(coming)))
        for column in set(cells.column.tolist()):
            for k, stretch in enumerate(coming[column]):
                parts[k, column] = dict(_parts_of(stretch, overlaps)).get(month, 0.0)
        return parts[:, cells.column]

    def _add_stopped(
        self, column: int, watch: Watch, plan: DayPlan, coming: Columns, months: Months, sold: Sold,
        stopped_t: FloatArray,
    ) -> None:  # fmt: skip
        """Planned tonnes that each lever held or refused, in one column; `stopped_t` [line] of steady lines."""
        stretches, network, cells = coming[column], self.network, sold.cells
        stopper = stretches[0].allowed.stopper
        steady = np.flatnonzero((stopped_t > 0) & (stopper >= 0))
        who, lanes, t = [stopper[steady]], [network.line_lane[steady]], [stopped_t[steady]]
        here = np.zeros(0, dtype=np.intp)
        if cells is not None:
            here = np.flatnonzero(cells.column == column)
        if not len(here):
            by_lever = watch.stoppage.by_lever(who[0], lanes[0], t[0])
            watch.sums.stopped.add(by_lever, months)
            return
        assert cells is not None
        lines = cells.line[here]
        rate = plan.lines[lines, column]
        of_cells = [
            (s, np.minimum(rate * (s.ends - s.starts), sold.cells_stopped_t[k, here]))
            for k, s in enumerate(stretches)
        ]
        for month, weight in months:
            parts = [(s, t_k, dict(self._months_of(s)).get(month, 0.0)) for s, t_k in of_cells]
            inside = [(s, t_k * part) for s, t_k, part in parts if part > 0]
            by_lever = watch.stoppage.by_lever(
                np.concatenate([*who, *(s.allowed.stopper[lines] for s, _ in inside)]),
                np.concatenate([*lanes, *(network.line_lane[lines] for _ in inside)]),
                np.concatenate([t[0] * weight, *(t_k for _, t_k in inside)]),
            )
            watch.sums.stopped.table[month] += by_lever

    def _add_detours(
        self, column: int, watch: Watch, stretches: Sequence[Stretch], months: Months, sold: Sold
    ) -> None:
        """Tonnes that go by the next route because a corridor is closed; what flies goes by none."""
        cells, here = sold.cells, np.zeros(0, dtype=np.intp)
        steady_t, cells_t = sold.shipped_t[:, column].copy(), sold.cells_shipped_t
        if self.expediting is not None and self.expediting.flown_t is not None:
            steady_t -= self.expediting.flown_t[:, column]
            cells_t = cells_t - self.expediting.cells_flown_t
        if cells is not None:
            here = np.flatnonzero(cells.column == column)
            steady_t[cells.line[here]] = 0.0
        parts = [(stretches[0], steady_t, months)]
        for k, stretch in enumerate(stretches if cells is not None and len(here) else ()):
            assert cells is not None
            now_t = np.zeros_like(steady_t)
            now_t[cells.line[here]] = cells_t[k, here]
            parts.append((stretch, now_t, self._months_of(stretch)))
        for stretch, shipped_t, weights in parts:
            detoured_t, tonne_days = watch.stoppage.detours(stretch.allowed.routes, shipped_t)
            watch.sums.detoured.add(detoured_t, weights)
            watch.sums.detour_tonne_days.add(tonne_days, weights)

    def _add_lost(self) -> None:
        """What levers kept sites from making belongs to its own days too."""
        for watch, running in zip(self.watches, self.production.running, strict=True):
            for stretch, lost_t in running.lost:
                watch.sums.lost.add(
                    watch.stoppage.by_site(stretch, lost_t), self._months_of(stretch)
                )
            running.lost.clear()

    def _add_dug(self, column: int, stretch: Stretch, mined_t: FloatArray) -> None:
        """Ore [mine] that was dug on certain days rather than evenly, in one column."""
        months = self._months_of(stretch)
        mines, made = self.production.mines, np.zeros(len(self.network.outputs))
        made[mines.output] = mined_t
        content = np.zeros(self.tally.made_content_t.shape[:-1])
        content[mines.blend] = mined_t[:, None] * mines.basket
        self.goods.made.column(column).add(made, months)
        self.goods.made_content.column(column).add(content, months)

    def _months_of(self, stretch: Stretch) -> Months:
        """Months with the part of the stretch that falls into each; none outside of the report."""
        return _parts_of(stretch, self.calendar.overlaps)

    # ---- what stood and waited

    def _add_levels(
        self, overlaps: Months, stock_target: FloatArray, pending: Sequence[FloatArray]
    ) -> None:
        """Time averages over the span: the level after the last review, and what came in between."""
        if self.levels is None:
            return
        sold, held, waiting = self.levels
        goods, tally, span = self.goods, self.tally, self.span
        average = self._shares_of_month(overlaps)
        stock = (sold + tally.sold_tonne_days / span)[:-1]
        goods.sold.add(stock, average)
        above = np.maximum(0.0, stock - stock_target[:-1])
        above[self.stockpile_outputs] = 0.0
        goods.unsold.add(above, average)
        goods.held.add(held + tally.held_tonne_days / span, average)
        in_transit = np.maximum(0.0, tally.on_way_t - tally.transit_tonne_days / span)
        goods.in_transit.add(in_transit, average)
        if waiting.any():
            goods.waiting.add(waiting, average)
        for watch, cases in zip(self.watches, pending, strict=True):
            watch.sums.pending.add(cases, average)

    def _shares_of_month(self, overlaps: Months) -> Months:
        return [(month, days / self._month_days[month]) for month, days in overlaps]


def _parts_of(stretch: Stretch, overlaps: Overlaps) -> Months:
    """Months with the part of the stretch that falls into each."""
    length = stretch.ends - stretch.starts
    return [(month, days / length) for month, days in overlaps(stretch.starts, stretch.ends)]
