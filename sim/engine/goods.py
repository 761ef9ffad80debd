"""Goods: the only place that moves tonnes. Whoever keeps books on them is told of each movement.

What moves where is decided elsewhere, by rules on arrays; here stocks become less and more. Between two reviews
nobody looks at stocks: what lands or comes out of a plant in between is booked at the review that follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.arrivals import Arrivals
from sim.engine.books import Book, Landing
from sim.engine.incidence import Incidence
from sim.engine.mining import Mines
from sim.engine.network import Network
from sim.engine.stocks import Stocks, take
from sim.engine.works import Batch, Outlet, Taken, Works
from sim.equations.sums import ratio, total

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Finished:
    """A batch that is done before a review."""

    outlet: Outlet
    batch: Batch
    started: int
    """Number of the review that started it"""
    waited_days: float
    """From when it is done until the review that takes it in"""


@dataclass(slots=True)
class Goods:
    """Moves goods between mines, plants, makers, ships and users."""

    network: Network
    incidence: Incidence
    stocks: Stocks
    books: Sequence[Book]
    in_process_t: FloatArray = field(init=False)
    """[output + 1, column] product in batches under way"""
    in_plants: dict[int, list[Finished]] = field(default_factory=dict)
    """Review that takes them in -> batches"""
    _blends: IntArray = field(init=False)
    """Outputs that are blends, and their rows"""
    _blend_rows: IntArray = field(init=False)
    _used_blends: IntArray = field(init=False)
    """Inputs that are blends, and their rows"""
    _used_rows: IntArray = field(init=False)

    def __post_init__(self) -> None:
        network = self.network
        self.in_process_t = np.zeros_like(self.stocks.sold)
        self._blends = np.flatnonzero(network.output_blend >= 0)
        self._blend_rows = network.output_blend[self._blends]
        self._used_blends = np.flatnonzero(network.input_blend >= 0)
        self._used_rows = network.input_blend[self._used_blends]

    # ---- at producers

    def dig(self, mines: Mines, mined_t: FloatArray) -> None:
        """Ore [mine, column] comes out of the ground."""
        self.stocks.sold[mines.output] += mined_t
        self.stocks.sold_content[mines.blend] += mined_t[:, None] * mines.basket[..., None]
        for book in self.books:
            book.dug(mines, mined_t)

    def start(self, works: Works, taken: Taken, batch: Batch, review: int) -> None:
        """Ingredients go into process."""
        stocks = self.stocks
        stocks.held[taken.holder] -= taken.t
        if taken.blend is not None and taken.content_t is not None:
            stocks.held_content[taken.blend] -= taken.content_t
            stocks.held_content[-1] = 0.0
        np.maximum(stocks.held, 0.0, out=stocks.held)
        stocks.held[-1] = 0.0
        for book in self.books:
            book.started(works, taken, batch, review)

    def put_in_process(
        self, outlet: Outlet, batch: Batch, started: int, taken_in: int, waited_days: float
    ) -> None:
        """A batch of some works, begun at a review, will be in their stores at another."""
        self._in_process(outlet, batch, +1)
        done = Finished(outlet, batch, started, waited_days)
        self.in_plants.setdefault(taken_in, []).append(done)

    def put_under_way(
        self, outlet: Outlet, batch: Batch, started: int, taken_in: int, waited_days: float
    ) -> None:
        """Before the run begins: a batch is in process already."""
        self.put_in_process(outlet, batch, started, taken_in, waited_days)
        for book in self.books:
            book.was_under_way(outlet, batch)

    def finish(self, review: int) -> None:
        """What is done before a review goes into the stores."""
        stocks = self.stocks
        # In the order in which they are done.
        due = sorted(self.in_plants.pop(review, ()), key=lambda done: -done.waited_days)
        for done in due:
            at, batch = done.outlet, done.batch
            stocks.sold[at.output] += batch.product_t[at.site, at.product]
            if batch.content_t is not None:
                stocks.sold_content[at.graded_blend] += batch.content_t[
                    at.graded_site, at.graded_product
                ]
            if len(at.side_site):
                side_t = batch.side_t[at.side_site]
                stocks.sold[at.side_output] += total(side_t, axis=1)
                stocks.sold_content[at.side_blend] += side_t
            self._in_process(at, batch, -1)
            for book in self.books:
                book.finished(at, batch, done.started, done.waited_days)

    def _in_process(self, outlet: Outlet, batch: Batch, sign: int) -> None:
        self.in_process_t[outlet.output] += sign * batch.product_t[outlet.site, outlet.product]

    # ---- on the way

    def dispatch(self, shipped_t: FloatArray, review: int) -> FloatArray:
        """Goods [line, column] leave the sellers.

        Returns what their blends consist of [output blend + 1, element, column].
        """
        stocks, incidence = self.stocks, self.incidence
        composition = stocks.composition()
        by_output = incidence.seller.total(shipped_t)
        for book in self.books:
            book.leaving(by_output, composition, review)
        rows = self._blend_rows
        sent = by_output[self._blends][:, None] * composition[rows]
        stocks.sold_content[rows] = np.maximum(0.0, stocks.sold_content[rows] - sent)
        stocks.sold -= by_output
        np.maximum(stocks.sold, 0.0, out=stocks.sold)
        stocks.inbound += incidence.holder.total(shipped_t)
        return composition

    def arrive(
        self, arrivals: Arrivals | None, sent: Mapping[int, Mapping[int, FloatArray]]
    ) -> None:
        """What has landed since the last review is in the users' stocks."""
        if arrivals is None:
            return
        stocks = self.stocks
        stocks.held[:-1] += arrivals.by_holder_t
        stocks.inbound -= arrivals.by_holder_t
        stocks.held_content += arrivals.content_t
        by_input = self.incidence.input_of_holder.total(arrivals.by_holder_t)
        landing = Landing(
            arrivals.by_lane_t, arrivals.tonne_days, by_input, arrivals.content_t, sent
        )
        for book in self.books:
            book.landed(landing)

    # ---- at users

    def consume(self, holders: IntArray, consumed_t: FloatArray) -> FloatArray:
        """End uses take from their stocks [holders, column]; returns what they took [input, column]."""
        stocks = self.stocks
        taken = np.zeros((len(stocks.held) - 1, stocks.held.shape[1]))
        taken[holders] = consumed_t
        at_hand = np.zeros_like(taken)
        at_hand[holders] = stocks.held[holders]
        before = self.incidence.input_of_holder.total(at_hand)
        take(stocks.held, holders, consumed_t)
        by_input = self.incidence.input_of_holder.total(taken)
        part = ratio(by_input, before)
        used = np.zeros_like(stocks.held_content)
        rows = self._used_rows
        used[rows] = stocks.held_content[rows] * np.minimum(1.0, part[self._used_blends])[:, None]
        stocks.held_content -= used
        for book in self.books:
            book.consumed(by_input, used)
        return by_input

    def release(self, holder: int, output: int, column: int) -> None:
        """What a place has bought is for sale there."""
        stocks, network = self.stocks, self.network
        if stocks.held[holder, column] <= 0:
            return
        stocks.sold[output, column] += stocks.held[holder, column]
        stocks.held[holder, column] = 0.0
        item = int(network.holder_input[holder])
        if network.input_blend[item] >= 0:
            goal, source = network.output_blend[output], network.input_blend[item]
            stocks.sold_content[goal, :, column] += stocks.held_content[source, :, column]
            stocks.held_content[source, :, column] = 0.0
        for book in self.books:
            book.released(item, output, column)
