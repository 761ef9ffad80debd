"""Goods: the only place that moves tonnes. Whoever keeps books on them is told of each movement.

What moves where is decided elsewhere, by rules on arrays; here stocks become less and more. Between two reviews
nobody looks at stocks: what lands or comes out of a plant in between is booked at the review that follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.arrivals import Arrivals, Senders
from sim.engine.books import Book, Landing
from sim.engine.incidence import Incidence
from sim.engine.mining import Mines
from sim.engine.network import Network
from sim.engine.stocks import Stocks
from sim.engine.works import Batch, Made, Taken, Works
from sim.equations.sums import ratio

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(slots=True)
class Goods:
    """Moves goods between mines, plants, makers, ships and users."""

    network: Network
    incidence: Incidence
    stocks: Stocks
    books: Sequence[Book]
    in_process_t: FloatArray = field(init=False)
    """[output + 1, column] product in batches under way"""
    in_plants: dict[int, list[Made]] = field(default_factory=dict)
    """Review that takes them in -> batches"""
    _blends: IntArray = field(init=False)
    """Outputs that are blends, in the order of their rows"""
    _used_blends: IntArray = field(init=False)
    """Inputs that are blends, in the order of their rows"""

    def __post_init__(self) -> None:
        self.in_process_t = np.zeros_like(self.stocks.sold)
        self._blends = np.flatnonzero(self.network.output_blend >= 0)
        self._used_blends = np.flatnonzero(self.network.input_blend >= 0)

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

    def put_in_process(self, made: Made, taken_in: int) -> None:
        """A batch will be in the stores at a review."""
        self.in_process_t[made.outlet.output] += made.product_t
        self.in_plants.setdefault(taken_in, []).append(made)

    def put_under_way(self, made: Made, taken_in: int) -> None:
        """Before the run begins: a batch is in process already."""
        self.put_in_process(made, taken_in)
        for book in self.books:
            book.was_under_way(made)

    def finish(self, review: int) -> None:
        """What is done before a review goes into the stores."""
        stocks = self.stocks
        # In the order in which they are done.
        for made in sorted(self.in_plants.pop(review, ()), key=lambda made: -made.waited_days):
            outlet = made.outlet
            stocks.sold[outlet.output] += made.product_t
            if made.graded_t is not None:
                stocks.sold_content[outlet.graded_blend] += made.graded_t
            if len(outlet.side_site):
                stocks.sold[outlet.side_output] += made.side_total_t
                stocks.sold_content[outlet.side_blend] += made.side_t
            self.in_process_t[outlet.output] -= made.product_t
            for book in self.books:
                book.finished(made)

    # ---- on the way

    def dispatch(
        self,
        shipped_t: FloatArray,
        review: int,
        *,
        beside: tuple[FloatArray, FloatArray] | None = None,
    ) -> FloatArray:
        """Goods [line, column] leave the sellers, and what goes `beside` the lines.

        That is [output + 1, column], and the same by buyer [holder, column]. Returns what the sellers' blends
        consist of [output blend + 1, element, column].
        """
        stocks, incidence = self.stocks, self.incidence
        composition = stocks.composition()
        by_output, by_holder = incidence.seller.total(shipped_t), incidence.holder.total(shipped_t)
        if beside is not None:
            by_output, by_holder = by_output + beside[0], by_holder + beside[1]
        for book in self.books:
            book.leaving(by_output, composition, review)
        self._take_out(by_output, composition)
        stocks.inbound += by_holder
        return composition

    def discard(self, by_output_t: FloatArray) -> None:
        """Sellers throw away so much [output + 1, column] of their stocks."""
        composition = self.stocks.composition()
        for book in self.books:
            book.discarded(by_output_t, composition)
        self._take_out(by_output_t, composition)

    def _take_out(self, by_output_t: FloatArray, composition: FloatArray) -> None:
        stocks = self.stocks
        content = stocks.sold_content[:-1]
        content -= by_output_t[self._blends][:, None] * composition[:-1]
        np.maximum(content, 0.0, out=content)
        stocks.sold -= by_output_t
        np.maximum(stocks.sold, 0.0, out=stocks.sold)

    def arrive(
        self, arrivals: Arrivals, senders: Senders, beside: FloatArray | None = None
    ) -> None:
        """What has landed since the last review is in the users' stocks.

        `beside` are [input, column] tonne-days since the landing of what did not come over lanes.
        """
        stocks = self.stocks
        stocks.held[:-1] += arrivals.by_holder_t
        stocks.inbound -= arrivals.by_holder_t
        stocks.held_content += arrivals.content_t
        by_input = self.incidence.input_of_holder.total(arrivals.by_holder_t)
        landing = Landing(
            arrivals.by_lane_t, arrivals.tonne_days, by_input, arrivals.content_t, senders, beside
        )
        for book in self.books:
            book.landed(landing)

    # ---- at users

    def consume(self, holders: IntArray, consumed_t: FloatArray) -> FloatArray:
        """End uses take from their stocks [holders, column]; returns what they took [input, column]."""
        stocks = self.stocks
        held_t = stocks.held[holders]
        taken, at_hand = np.zeros((2, *stocks.inbound.shape))
        taken[holders], at_hand[holders] = consumed_t, held_t
        before = self.incidence.input_of_holder.total(at_hand)
        stocks.held[holders] = np.maximum(0.0, held_t - consumed_t)
        by_input = self.incidence.input_of_holder.total(taken)
        part = np.minimum(1.0, ratio(by_input, before))[self._used_blends]
        used = np.zeros_like(stocks.held_content)
        np.multiply(stocks.held_content[:-1], part[:, None], out=used[:-1])
        stocks.held_content -= used
        for book in self.books:
            book.consumed(by_input, used)
        return by_input

    def lend(self, holders: IntArray, given_t: FloatArray, received_t: FloatArray) -> None:
        """End users give and receive [holders, column], inside each input: its tonnes and its mix stay.

        So books, which go by input, have nothing to note down.
        """
        held = self.stocks.held
        held[holders] = np.maximum(0.0, held[holders] - given_t + received_t)

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
