"""Production: mines dig, plants start feed and makers start batches; what they started comes out later.

How much each starts is worked out in `mining`, `separation` and `making`. A batch comes out after its residence
time, at midnight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import ceil

import numpy as np
import numpy.typing as npt

from sim.engine.clock import TO_MIDNIGHT, Clock
from sim.engine.day_plan import DayPlan
from sim.engine.goods import Goods
from sim.engine.making import Makers, Making, make
from sim.engine.mining import Mines, mine
from sim.engine.network import Network
from sim.engine.priming import past_reviews
from sim.engine.regime import Columns, Stretch
from sim.engine.running import Running, Shifted
from sim.engine.separation import Plants, separate
from sim.engine.to_order import ToOrder
from sim.engine.works import Batch, Made, Outlet, Taken, Works, outlets_of
from sim.equations.sums import NOISE, total

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Production:
    """All mines, plants and makers, and the calendar of their batches."""

    network: Network
    clock: Clock
    goods: Goods
    running: Sequence[Running]
    """Of each column"""
    mines: Mines
    plants: Plants
    all_makers: Sequence[Makers]
    to_order: ToOrder | None
    dug_elsewhen: list[tuple[int, Stretch, FloatArray]] = field(default_factory=list)
    """(column, days, [mine] t dug on them beyond an even spread since the last review); for the recorder"""
    answered_t: FloatArray = field(init=False)
    """[column] t that mines and plants dug and started at this review since they answer; for the recorder"""
    swapped_t: list[FloatArray | None] = field(init=False)
    """Of each kind of maker, [maker, part, column] that it started beyond the recipe; for the recorder"""
    _outlets: dict[str, list[Outlet]] = field(init=False)
    """Kind of works -> its outlets"""

    def __post_init__(self) -> None:
        every: list[Works] = [self.plants, *self.all_makers]
        self._outlets = {works.name: outlets_of(works) for works in every}
        self.answered_t = np.zeros(len(self.running))
        self.swapped_t = [None] * len(self.all_makers)

    def produce(
        self, day: float, plan: DayPlan, is_pressed: BoolArray, unmet_t: FloatArray,
        *, before: Columns, coming: Columns,
    ) -> list[FloatArray | None]:  # fmt: skip
        """Dig and start what a review starts; returns what each kind of maker did not make.

        `is_pressed` [output + 1, column] and `unmet_t` [output + 1, column] tell of orders that stayed open,
        `before` and `coming` are the days since the last review and until the next; what was not made is
        [maker, product, limiter, column] t, None where everything was.
        """
        network, stocks, span = self.network, self.goods.stocks, self.clock.span
        level_t, lacks_t = None, None
        if network.behaviour.producers is not None:
            level_t = plan.stock_target + unmet_t
            lacks_t = level_t - stocks.sold - self.goods.in_process_t
            plants = self.plants
            sold_t = plan.sales[plants.output] * (span + plants.days[:, None, None])
            lacks_t[plants.output] += sold_t
        planned_t = self.mines.planned_t(network, plan, day, span)
        dig = partial(mine, self.mines, network, stocks, planned_t, is_pressed, day=day, span=span)
        mined_t = dig(level_t)
        more_t = None if level_t is None else np.maximum(0.0, mined_t - dig(None))
        part = self._dig(mined_t, planned_t, before)
        taken, batch, feed_t, answer_t = separate(
            self.plants, network, stocks, plan, lacks_t, day=day, span=span
        )
        open_part = self._start(self.plants, taken, batch, feed_t, coming)
        self.answered_t = _summed(more_t, part) + _summed(answer_t, open_part)
        not_made: list[FloatArray | None] = []
        for kind, makers in enumerate(self.all_makers):
            started = self._make(makers, day, plan, unmet_t, coming)
            not_made.append(started.not_made_t)
            self.swapped_t[kind] = started.swapped_t
        return not_made

    def _dig(self, mined_t: FloatArray, planned_t: FloatArray, days: Columns) -> FloatArray | None:
        """Returns the part of it that levers leave, None where they leave all."""
        mines = self.mines
        outputs = mines.output[:, None]
        part, shifted = self._parts(mines.site, outputs, mined_t[:, None], mined_t, planned_t, days)
        if part is not None:
            mined_t = mined_t * part
        self.goods.dig(mines, mined_t)
        # Ore is in the store at once, so it must be booked on the days on which it was dug; what plants and
        # makers start comes out on a day of its own.
        self.dug_elsewhen = [
            (c, s, mined_t[:, c] * more) for c, each in shifted for s, more in each
        ]
        return part

    def _parts(
        self, sites: Sequence[str], outputs: IntArray, wanted_t: FloatArray, counted_t: FloatArray,
        planned_t: FloatArray, days: Columns,
    ) -> tuple[FloatArray | None, list[tuple[int, Shifted]]]:  # fmt: skip
        """[site, column] the part that is made, None where all is; see `Running.part`."""
        part, shifted = None, []
        for column, (running, own) in enumerate(zip(self.running, days, strict=True)):
            if running.is_free(own):
                continue
            if part is None:
                part = np.ones(counted_t.shape)
            part[:, column], elsewhen = running.part(
                sites,
                outputs,
                wanted_t[..., column],
                counted_t[:, column],
                planned_t[:, column],
                own,
            )
            shifted.append((column, elsewhen))
        return part, shifted

    def _make(
        self, makers: Makers, day: float, plan: DayPlan, unmet_t: FloatArray, days: Columns
    ) -> Making:
        """Batches of one kind of maker, towards planned sales, the stock aimed at and open orders."""
        stocks, span, output = self.goods.stocks, self.clock.span, makers.output
        is_sold = (output >= 0)[..., None]
        sales = plan.sales[output]
        level_t = sales * (span + makers.days[:, None, None])
        level_t += plan.stock_target[output] + unmet_t[output]
        have_t = stocks.sold[output] + self.goods.in_process_t[output]
        if self.to_order is not None:
            have_t = have_t - self.to_order.set_aside_t(output)
        wanted_t = np.where(is_sold, np.maximum(0.0, level_t - have_t), 0.0)
        others_t = None
        if self.to_order is not None:
            later = np.array(
                [self._reviews_in_process(each) for each in makers.days.tolist()], dtype=np.intp
            )
            others_t = self._for_others(output, later, self.to_order)
        wish_t = wanted_t if others_t is None else wanted_t + others_t
        planned_t = np.where(is_sold, sales * span, 0.0)
        making = make(makers, self.network, stocks, wish_t, planned_t, day=day, span=span)
        planned = makers.total(planned_t)
        part = self._start(makers, making.taken, making.batch, planned, days)
        if self.to_order is not None and others_t is not None:
            made_t = (
                making.batch.product_t if part is None else making.batch.product_t * part[:, None]
            )
            over_t = np.minimum(others_t, np.maximum(0.0, made_t - wanted_t))
            over_t = np.where(over_t > NOISE * made_t, over_t, 0.0)
            self.to_order.start(output, over_t, later.tolist(), self.clock.review_number)
        if part is None or making.swapped_t is None:
            return making
        return replace(making, swapped_t=making.swapped_t * part[:, None])

    @staticmethod
    def _for_others(output: IntArray, later: IntArray, to_order: ToOrder) -> FloatArray:
        """[maker, product, column] started for users of other grades, who take some until it is done."""
        asked_t = to_order.asked_t[output] * (1.0 + later)[:, None, None]
        more_t = np.maximum(0.0, asked_t - to_order.set_aside_t(output))
        return np.where((output >= 0)[..., None], more_t, 0.0)

    def _reviews_in_process(self, days: float) -> int:
        return ceil((TO_MIDNIGHT + days) / self.clock.span)

    def _start(
        self, works: Works, taken: Taken, batch: Batch, planned_t: FloatArray, coming: Columns
    ) -> FloatArray | None:
        """Returns the part of it that levers leave, None where they leave all."""
        review = self.clock.review_number
        product_t, counted_t = batch.product_t, works.counted_t(batch)
        part, _ = self._parts(works.site, works.output, product_t, counted_t, planned_t, coming)
        if part is not None and (part < 1.0).any():
            taken, batch = taken.scaled(part[works.site_of]), batch.scaled(part)
        self.goods.start(works, taken, batch, review)
        for outlet in self._outlets[works.name]:
            if batch.inside_t[outlet.which].any():
                done = TO_MIDNIGHT + outlet.days
                later = self._reviews_in_process(outlet.days)
                waited = later * self.clock.span - done
                self.goods.put_in_process(Made.of(outlet, batch, review, waited), review + later)
        return part

    def prime(self, works: Works, batch: Batch) -> None:
        """Put into process what the reviews before the first would have started: this batch at each."""
        first, span = self.clock.next_review, self.clock.span
        for past in past_reviews(first, span, float(works.days.max(initial=0)) + 1):
            for outlet in self._outlets[works.name]:
                done = past.day + TO_MIDNIGHT + outlet.days
                if done > first:
                    later = ceil((done - first) / span)
                    waited = first + later * span - done
                    self.goods.put_under_way(Made.of(outlet, batch, past.number, waited), later)


def _summed(by_site_t: FloatArray | None, part: FloatArray | None) -> FloatArray:
    """[column] t of [site, column], of which a part is made."""
    if by_site_t is None:
        return np.zeros(1)
    return total(by_site_t if part is None else by_site_t * part, axis=0)
