"""Production: mines dig, plants start feed and makers start batches; what they started comes out later.

How much each starts is worked out in `mining`, `separation` and `making`. A batch comes out after its residence
time, at midnight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.clock import TO_MIDNIGHT, Clock
from sim.engine.day_plan import DayPlan
from sim.engine.goods import Goods
from sim.engine.making import Makers, make
from sim.engine.mining import Mines, mine
from sim.engine.network import Network, rows_at
from sim.engine.priming import past_reviews
from sim.engine.regime import Stretch
from sim.engine.running import Running
from sim.engine.separation import Plants, separate
from sim.engine.works import Batch, Taken, Works, by_days

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Production:
    """All mines, plants and makers, and the calendar of their batches."""

    network: Network
    clock: Clock
    goods: Goods
    running: Running
    mines: Mines
    plants: Plants
    all_makers: Sequence[Makers]
    dug_elsewhen: list[tuple[Stretch, FloatArray]] = field(default_factory=list)
    """(days, [mine] t dug on them beyond an even spread since the last review); for the recorder"""

    def produce(
        self, day: float, plan: DayPlan, is_pressed: BoolArray, unmet_t: FloatArray,
        *, before: Sequence[Stretch], coming: Sequence[Stretch],
    ) -> list[FloatArray]:  # fmt: skip
        """Dig and start what a review starts; returns what each kind of maker did not make.

        `is_pressed` [output + 1] and `unmet_t` [output + 1] tell of orders that stayed open, `before` and
        `coming` are the days since the last review and until the next; what was not made is [maker, product,
        limiter] t.
        """
        network, stocks, span = self.network, self.goods.stocks, self.clock.span
        self._dig(mine(self.mines, network, stocks, is_pressed, day, span), day, before)
        separated = separate(self.plants, network, stocks, plan, day=day, span=span)
        self._start(self.plants, *separated, coming)
        return [self._make(makers, day, plan, unmet_t, coming) for makers in self.all_makers]

    def _dig(self, mined_t: FloatArray, day: float, days: Sequence[Stretch]) -> None:
        mines, outputs = self.mines, self.mines.output[:, None]
        planned_t = rows_at(self.network.plan.days, mines.planned, day) * self.clock.span
        part, shifted = self.running.part(
            mines.site, outputs, mined_t[:, None], mined_t, planned_t, days
        )
        self.goods.dig(mines, mined_t * part)
        # Ore is in the store at once, so it must be booked on the days on which it was dug; what plants and
        # makers start comes out on a day of its own.
        self.dug_elsewhen = [(s, mined_t * part * more) for s, more in shifted]

    def _make(
        self,
        makers: Makers,
        day: float,
        plan: DayPlan,
        unmet_t: FloatArray,
        days: Sequence[Stretch],
    ) -> FloatArray:
        """Batches of one kind of maker, towards planned sales, the stock aimed at and open orders."""
        stocks, span, output = self.goods.stocks, self.clock.span, makers.output
        sales = plan.sales[output]
        level_t = (
            sales * (span + makers.days[:, None]) + plan.stock_target[output] + unmet_t[output]
        )
        have_t = stocks.sold[output] + self.goods.in_process_t[output]
        wanted_t = np.where(output >= 0, np.maximum(0.0, level_t - have_t), 0.0)
        planned_t = np.where(output >= 0, sales * span, 0.0)
        taken, batch, not_made_t = make(
            makers, self.network, stocks, wanted_t, planned_t, day=day, span=span
        )
        self._start(makers, taken, batch, planned_t.sum(axis=1), days)
        return not_made_t

    def _start(
        self,
        works: Works,
        taken: Taken,
        batch: Batch,
        planned_t: FloatArray,
        coming: Sequence[Stretch],
    ) -> None:
        review = self.clock.review_number
        product_t = batch.product_t
        counted_t = works.counted_t(batch)
        part, _ = self.running.part(
            works.site, works.output, product_t, counted_t, planned_t, coming
        )
        if (part < 1.0).any():
            taken, batch = taken.scaled(part[works.site_of]), batch.scaled(part)
        self.goods.start(works, taken, batch, review)
        for days, which in by_days(works.days):
            if batch.inside_t[which].any():
                then = (works, batch, which, review)
                self.clock.after(TO_MIDNIGHT + days, self.goods.finish, *then)

    def prime(self, works: Works, batch: Batch) -> None:
        """Put into process what the reviews before the first would have started: this batch at each."""
        clock, first = self.clock, self.clock.next_review
        for past in past_reviews(first, clock.span, float(works.days.max(initial=0)) + 1):
            for days, which in by_days(works.days):
                out = past.day + TO_MIDNIGHT + days
                if out > first:
                    self.goods.put_under_way(works, batch, which)
                    then = (works, batch, which, past.number)
                    clock.after(out - clock.now, self.goods.finish, *then)
