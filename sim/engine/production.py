"""Production: mines dig, plants start feed and makers start batches; what they started comes out later.

How much each starts stands in `mining`, `separation` and `making`. Here it is booked, and a batch comes out
after its residence time, at midnight, into the producer's stock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.balance import Ledger
from sim.engine.clock import TO_MIDNIGHT, Clock
from sim.engine.day_plan import DayPlan
from sim.engine.making import Makers, MakingBatch, land_made, make
from sim.engine.mining import Mines, mine
from sim.engine.network import Network
from sim.engine.priming import past_reviews
from sim.engine.provenance import Tracer
from sim.engine.separation import Plants, SeparationBatch, land_separated, separate
from sim.engine.stocks import Stocks
from sim.engine.tally import Tally

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Production:
    """All mines, plants and makers, and what is in process."""

    network: Network
    clock: Clock
    stocks: Stocks
    ledger: Ledger
    tally: Tally
    tracer: Tracer | None
    mines: Mines
    plants: Plants
    all_makers: Sequence[Makers]
    in_process_t: FloatArray = field(init=False)
    """[output + 1] product of makers in batches under way"""
    _mine_rows: IntArray = field(init=False)
    """Rows of the ledger, as those of plants and makers below"""
    _plant_rows: IntArray = field(init=False)
    _maker_rows: list[IntArray] = field(init=False)

    def __post_init__(self) -> None:
        self.in_process_t = np.zeros(len(self.network.outputs) + 1)
        self._mine_rows = self.ledger.place_index(self.mines.site)
        self._plant_rows = self.ledger.place_index(self.plants.site)
        self._maker_rows = [self.ledger.place_index(m.site) for m in self.all_makers]

    def produce(
        self, day: float, plan: DayPlan, is_pressed: BoolArray, unmet_t: FloatArray
    ) -> list[MakingBatch]:
        """Dig and start what a review starts; returns the batches of each kind of maker.

        `is_pressed` [output + 1] and `unmet_t` [output + 1] tell of orders that stayed open.
        """
        self._dig(day, is_pressed)
        self._feed_plants(day, plan)
        return [self._start_making(k, day, plan, unmet_t) for k in range(len(self.all_makers))]

    # ---- mines

    def _dig(self, day: float, is_pressed: BoolArray) -> None:
        mines = self.mines
        mined_t = mine(mines, self.network, self.stocks, is_pressed, day, self.clock.span)
        content_t = mined_t[:, None] * mines.basket
        self.ledger.mined[self._mine_rows] += content_t
        self.tally.made_t[mines.output] += mined_t
        self.tally.made_content_t[mines.blend] += content_t
        if self.tracer is not None:
            self.tracer.mined(mines, mined_t)

    # ---- separation and recycling plants

    def _feed_plants(self, day: float, plan: DayPlan) -> None:
        batch = separate(
            self.plants,
            self.network,
            self.stocks,
            lane_plan=plan.lanes,
            sales_plan=plan.sales,
            stock_target=plan.stock_target,
            day=day,
            span=self.clock.span,
        )
        review = self.clock.review_number
        if self.tracer is not None:
            self.tracer.fed(self.plants, batch, self.stocks, review)
        self.ledger.in_process[self._plant_rows] += _inside(batch)
        for days, which in _by_days(self.plants.residence_days):
            if batch.feed_t[which].any():
                self.clock.after(TO_MIDNIGHT + days, self._separated, batch, which, review)

    def _separated(self, batch: SeparationBatch, which: IntArray, review: int) -> None:
        """The feed of the plants `which` comes out."""
        plants, rows = self.plants, self._plant_rows[which]
        before = self.stocks.sold.copy()
        land_separated(plants, self.stocks, batch, which)
        self._count_output(before)
        stored = plants.mixed_output[which] >= 0
        lost_t = batch.lost_t[which] + np.where(stored[:, None], 0.0, batch.mixed_t[which])
        self.ledger.in_process[rows] -= _inside(batch)[which]
        self.ledger.lost[rows] += lost_t
        again = which[plants.recycles[which]]
        self.ledger.recycled += batch.elements_t[again].sum(axis=0)
        mixed = which[stored]
        self.tally.made_content_t[plants.mixed_blend[mixed]] += batch.mixed_t[mixed]
        if self.tracer is not None:
            self.tracer.separated(plants, batch, which, review)

    # ---- makers of metal, alloy and magnets

    def _start_making(self, k: int, day: float, plan: DayPlan, unmet_t: FloatArray) -> MakingBatch:
        """Batches of one kind of maker, towards planned sales, the stock aimed at and open orders."""
        makers, span = self.all_makers[k], self.clock.span
        sales = plan.sales[makers.output]
        level_t = (
            sales * (span + makers.batch_days[:, None])
            + plan.stock_target[makers.output]
            + unmet_t[makers.output]
        )
        have_t = self.stocks.sold[makers.output] + self.in_process_t[makers.output]
        wanted_t = np.where(makers.output >= 0, np.maximum(0.0, level_t - have_t), 0.0)
        planned_t = np.where(makers.output >= 0, sales * span, 0.0)
        batch = make(makers, self.network, self.stocks, wanted_t, planned_t, day=day, span=span)
        review = self.clock.review_number
        if self.tracer is not None:
            self.tracer.started(k, makers, batch, review)
        self.ledger.in_process[self._maker_rows[k]] += batch.used_t
        np.add.at(self.in_process_t, makers.output, batch.product_t)
        self.in_process_t[-1] = 0.0
        for days, which in _by_days(makers.batch_days):
            if batch.used_t[which].any():
                self.clock.after(TO_MIDNIGHT + days, self._made, k, batch, which, review)
        return batch

    def _made(self, k: int, batch: MakingBatch, which: IntArray, review: int) -> None:
        """The batches of the makers `which` are done."""
        makers, rows = self.all_makers[k], self._maker_rows[k][which]
        before = self.stocks.sold.copy()
        land_made(makers, self.stocks, batch, which)
        self._count_output(before)
        self.in_process_t[makers.output[which]] -= batch.product_t[which]
        self.in_process_t[-1] = 0.0
        self.ledger.in_process[rows] -= batch.used_t[which]
        self.ledger.lost[rows] += batch.lost_t[which]
        blend = makers.output_blend[which]
        graded = blend >= 0
        np.add.at(self.tally.made_content_t, blend[graded], batch.content_t[which][graded])
        scrap = which[makers.swarf_blend[which] >= 0]
        self.tally.made_content_t[makers.swarf_blend[scrap]] += batch.swarf_t[scrap]
        if self.tracer is not None:
            self.tracer.made(k, makers, batch, which, review)

    def _count_output(self, before: FloatArray) -> None:
        """Tally what has joined the producer stocks, which were `before` [output + 1]."""
        gained_t = self.stocks.sold - before
        self.tally.made_t += gained_t
        self.tally.sold_tonne_days += gained_t * (self.clock.next_review - self.clock.now)

    # ---- before the first day

    def prime(self, feed: SeparationBatch, making: Sequence[MakingBatch]) -> None:
        """Put into process what the reviews before the first would have started: these batches at each."""
        clock, first = self.clock, self.clock.next_review
        days_in_plant, inside_t = self.plants.residence_days, _inside(feed)
        for past in past_reviews(first, clock.span, float(days_in_plant.max(initial=0)) + 1):
            for days, which in _by_days(days_in_plant):
                out = past.day + TO_MIDNIGHT + days
                if out > first:
                    self.ledger.in_process[self._plant_rows[which]] += inside_t[which]
                    self.ledger.opening[self._plant_rows[which]] += inside_t[which]
                    clock.after(out - clock.now, self._separated, feed, which, past.number)
        for k, batch in enumerate(making):
            self._prime_makers(k, batch)

    def _prime_makers(self, k: int, batch: MakingBatch) -> None:
        makers, clock, first = self.all_makers[k], self.clock, self.clock.next_review
        rows = self._maker_rows[k]
        for past in past_reviews(first, clock.span, float(makers.batch_days.max(initial=0)) + 1):
            for days, which in _by_days(makers.batch_days):
                out = past.day + TO_MIDNIGHT + days
                if out > first:
                    self.ledger.in_process[rows[which]] += batch.used_t[which]
                    self.ledger.opening[rows[which]] += batch.used_t[which]
                    np.add.at(self.in_process_t, makers.output[which], batch.product_t[which])
                    self.in_process_t[-1] = 0.0
                    clock.after(out - clock.now, self._made, k, batch, which, past.number)


def _by_days(days: FloatArray) -> list[tuple[float, IntArray]]:
    """Sites that take equally long, by their days."""
    return [(each, np.flatnonzero(days == each)) for each in np.unique(days)]


def _inside(batch: SeparationBatch) -> FloatArray:
    """[plant, element] t in process."""
    return batch.elements_t + batch.mixed_t + batch.lost_t
