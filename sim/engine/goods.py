"""Goods: the only place that moves tonnes. Whoever keeps books on them is told of each movement.

What moves where is decided elsewhere, by rules on arrays; here stocks become less and more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.books import Book, Landing
from sim.engine.clock import Clock
from sim.engine.mining import Mines
from sim.engine.network import Network
from sim.engine.stocks import Stocks, take
from sim.engine.transport import Consignment
from sim.engine.works import Batch, Taken, Works
from sim.equations.sums import sum_by, sum_rows_by

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(slots=True)
class Goods:
    """Moves goods between mines, plants, makers, ships and users."""

    network: Network
    clock: Clock
    stocks: Stocks
    books: Sequence[Book]
    landed: list[tuple[float, Consignment]] = field(default_factory=list)
    """(day, lot) since the last review, which takes them in together: in between nobody looks at stocks"""
    in_process_t: FloatArray = field(init=False)
    """[output + 1] product in batches under way"""

    def __post_init__(self) -> None:
        self.in_process_t = np.zeros(len(self.network.outputs) + 1)

    # ---- at producers

    def dig(self, mines: Mines, mined_t: FloatArray) -> None:
        """Ore [mine] comes out of the ground."""
        self.stocks.sold[mines.output] += mined_t
        self.stocks.sold_content[mines.blend] += mined_t[:, None] * mines.basket
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
        self._in_process(works, batch, np.arange(len(works.site)), +1)
        for book in self.books:
            book.started(works, taken, batch, review)

    def put_under_way(self, works: Works, batch: Batch, which: IntArray) -> None:
        """Before the run begins: a batch of the works `which` is in process."""
        self._in_process(works, batch, which, +1)
        for book in self.books:
            book.was_under_way(works, batch, which)

    def finish(self, works: Works, batch: Batch, which: IntArray, review: int) -> None:
        """The batch that the works `which` started at a review goes into their stores."""
        stocks, before = self.stocks, self.stocks.sold.copy()
        # No two producers and no two products share a store, so nothing is added twice.
        outputs, blends = works.output[which], works.output_blend[which]
        sells, blended = outputs >= 0, blends >= 0
        stocks.sold[outputs[sells]] += batch.product_t[which][sells]
        if batch.content_t is not None:
            stocks.sold_content[blends[blended]] += batch.content_t[which][blended]
        aside = which[works.side_output[which] >= 0]
        stocks.sold[works.side_output[aside]] += batch.side_t[aside].sum(axis=1)
        stocks.sold_content[works.side_blend[aside]] += batch.side_t[aside]
        self._in_process(works, batch, which, -1)
        gained_t = stocks.sold - before
        for book in self.books:
            book.finished(works, batch, which, review, gained_t)

    def _in_process(self, works: Works, batch: Batch, which: IntArray, sign: int) -> None:
        # No two share an output; who lacks a product points at the dummy.
        self.in_process_t[works.output[which]] += sign * batch.product_t[which]
        self.in_process_t[-1] = 0.0

    # ---- on the way

    def dispatch(self, shipped_t: FloatArray, review: int) -> FloatArray:
        """Goods [line] leave the sellers; returns their composition [output blend + 1, element]."""
        network, stocks = self.network, self.stocks
        composition = stocks.composition()
        by_output = sum_by(network.line_output, weights=shipped_t, minlength=len(stocks.sold))
        for book in self.books:
            book.leaving(by_output, review)
        blend = np.flatnonzero(network.output_blend >= 0)
        rows = network.output_blend[blend]
        sent = by_output[blend, None] * composition[rows]
        stocks.sold_content[rows] = np.maximum(0.0, stocks.sold_content[rows] - sent)
        take(stocks.sold, np.arange(len(by_output)), by_output)
        n_holders = len(stocks.inbound)
        stocks.inbound += sum_by(network.line_holder, weights=shipped_t, minlength=n_holders)
        for book in self.books:
            book.left(by_output, composition)
        return composition

    def land(self, lot: Consignment) -> None:
        """Goods arrive now; the next review takes them in."""
        self.landed.append((self.clock.now, lot))

    def arrive(self, day: float) -> None:
        """What has landed since the last review is in the users' stocks."""
        if not self.landed:
            return
        network, stocks, landed = self.network, self.stocks, self.landed
        self.landed = []
        lots = [lot for _, lot in landed]
        lines = np.concatenate([lot.lines for lot in lots])
        tonnes = np.concatenate([lot.tonnes for lot in lots])
        waited = np.repeat([day - when for when, _ in landed], [len(x.lines) for x in lots])
        lane = network.line_lane[lines]
        here = sum_by(network.line_holder[lines], weights=tonnes, minlength=len(stocks.inbound))
        stocks.held[:-1] += here
        stocks.inbound -= here
        content = self._content(lots, lane, tonnes)
        stocks.held_content += content
        item, n_inputs = network.lane_input[lane], len(network.inputs)
        by_input = sum_by(item, weights=tonnes, minlength=n_inputs)
        landing = Landing(lots, lane, tonnes, waited, by_input, content)
        for book in self.books:
            book.landed(landing)

    def _content(
        self, lots: Sequence[Consignment], lane: IntArray, tonnes: FloatArray
    ) -> FloatArray:
        """[input blend + 1, element] tonnes of blends in lots, mixed as at the sellers when they were sent."""
        network = self.network
        # Lots that left at the same review share the composition of the sellers.
        sent = {lot.review: lot.composition for lot in lots}
        number = {review: n for n, review in enumerate(sent)}
        review = np.repeat([number[lot.review] for lot in lots], [len(lot.lines) for lot in lots])
        goal = network.input_blend[network.lane_input[lane]]
        mixed = np.flatnonzero(goal >= 0)
        source = network.output_blend[network.lane_output[lane[mixed]]]
        composition = np.stack(list(sent.values()))[review[mixed], source]
        return sum_rows_by(
            goal[mixed],
            rows=tonnes[mixed, None] * composition,
            minlength=len(self.stocks.held_content),
        )

    # ---- at users

    def consume(self, holders: IntArray, consumed_t: FloatArray) -> FloatArray:
        """End uses take from their stocks [holders]; returns what they took [input]."""
        stocks, network = self.stocks, self.network
        item, n = network.holder_input[holders], len(network.inputs)
        before = sum_by(item, weights=stocks.held[holders], minlength=n)
        take(stocks.held, holders, consumed_t)
        by_input = sum_by(item, weights=consumed_t, minlength=n)
        part = np.divide(by_input, before, out=np.zeros_like(before), where=before > 0)
        used = np.zeros_like(stocks.held_content)
        blend = network.input_blend >= 0
        rows = network.input_blend[blend]
        used[rows] = stocks.held_content[rows] * np.minimum(1.0, part[blend])[:, None]
        stocks.held_content -= used
        for book in self.books:
            book.consumed(by_input, used)
        return by_input

    def release(self, holder: int, output: int) -> None:
        """What a place has bought is for sale there."""
        stocks, network = self.stocks, self.network
        if stocks.held[holder] <= 0:
            return
        stocks.sold[output] += stocks.held[holder]
        stocks.held[holder] = 0.0
        item = int(network.holder_input[holder])
        if network.input_blend[item] >= 0:
            goal, source = network.output_blend[output], network.input_blend[item]
            stocks.sold_content[goal] += stocks.held_content[source]
            stocks.held_content[source] = 0.0
        for book in self.books:
            book.released(item, output)
