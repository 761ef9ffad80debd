"""Books: whoever keeps account of goods hears of each movement from the one place that moves them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from sim.engine.arrivals import Senders
    from sim.engine.mining import Mines
    from sim.engine.works import Batch, Made, Taken, Works

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Landing:
    """What has landed since the last review and is taken in now."""

    by_lane_t: FloatArray
    """[lane, column]"""
    tonne_days: FloatArray
    """[lane, column] since it landed"""
    by_input_t: FloatArray
    """[input, column]"""
    content_t: FloatArray
    """[input blend + 1, element, column]"""
    senders: Senders
    """Of traced columns, who sent it"""
    beside: FloatArray | None = None
    """[input, column] tonne-days since the landing of what did not come over lanes"""


class Book:
    """Hears of movements; a book overrides what it keeps account of."""

    def dug(self, mines: Mines, mined_t: FloatArray) -> None:
        """Ore [mine, column] is in the mines' stores."""

    def started(self, works: Works, taken: Taken, batch: Batch, review: int) -> None:
        """Ingredients have left the stocks and are in process."""

    def was_under_way(self, made: Made) -> None:
        """A batch was in process when the run began."""

    def finished(self, made: Made) -> None:
        """A batch is in the stores, and has been for some days."""

    def leaving(self, by_output_t: FloatArray, composition: FloatArray, review: int) -> None:
        """So much [output + 1, column] is about to leave the sellers' stocks.

        Blends are of this composition [output blend + 1, element, column].
        """

    def discarded(self, by_output_t: FloatArray, composition: FloatArray) -> None:
        """So much is about to be thrown away by the sellers; both as in `leaving`."""

    def landed(self, landing: Landing) -> None:
        """Goods are in the users' stocks."""

    def consumed(self, by_input_t: FloatArray, content_t: FloatArray) -> None:
        """End uses took [input, column] from their stocks.

        Of blends they took this content [input blend + 1, element, column].
        """

    def released(self, item: int, output: int, column: int) -> None:
        """All that a place held of an input is for sale there now, in one column."""


@dataclass(frozen=True, slots=True)
class OfColumn(Book):
    """Hands on what concerns one column, without the last axis, to a book of this column alone."""

    book: Book
    number: int

    def dug(self, mines: Mines, mined_t: FloatArray) -> None:
        """See `Book.dug`."""
        self.book.dug(mines, mined_t[:, self.number])

    def started(self, works: Works, taken: Taken, batch: Batch, review: int) -> None:
        """See `Book.started`."""
        self.book.started(works, taken.column(self.number), batch.column(self.number), review)

    def was_under_way(self, made: Made) -> None:
        """See `Book.was_under_way`."""
        self.book.was_under_way(made.column(self.number))

    def finished(self, made: Made) -> None:
        """See `Book.finished`."""
        self.book.finished(made.column(self.number))

    def leaving(self, by_output_t: FloatArray, composition: FloatArray, review: int) -> None:
        """See `Book.leaving`."""
        at = self.number
        self.book.leaving(by_output_t[:, at], composition[..., at], review)

    def discarded(self, by_output_t: FloatArray, composition: FloatArray) -> None:
        """See `Book.discarded`."""
        self.book.discarded(by_output_t[:, self.number], composition[..., self.number])

    def landed(self, landing: Landing) -> None:
        """See `Book.landed`."""
        at = self.number
        self.book.landed(
            Landing(
                landing.by_lane_t[:, at],
                landing.tonne_days[:, at],
                landing.by_input_t[:, at],
                landing.content_t[..., at],
                {at: landing.senders.get(at, [])},
                None if landing.beside is None else landing.beside[:, at],
            )
        )

    def consumed(self, by_input_t: FloatArray, content_t: FloatArray) -> None:
        """See `Book.consumed`."""
        self.book.consumed(by_input_t[:, self.number], content_t[..., self.number])

    def released(self, item: int, output: int, column: int) -> None:
        """See `Book.released`."""
        if column == self.number:
            self.book.released(item, output, column)
