"""Books: whoever keeps account of goods hears of each movement from the one place that moves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from sim.engine.mining import Mines
    from sim.engine.transport import Consignment
    from sim.engine.works import Batch, Taken, Works

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Landing:
    """Lots that are taken in together."""

    lots: Sequence[Consignment]
    lane: IntArray
    """[row] of each of their lines, one lot after the other"""
    tonnes: FloatArray
    """[row]"""
    waited_days: FloatArray
    """[row] since it landed"""
    by_input_t: FloatArray
    """[input]"""
    content_t: FloatArray
    """[input blend + 1, element]"""


class Book:
    """Hears of movements; a book overrides what it keeps account of."""

    def dug(self, mines: Mines, mined_t: FloatArray) -> None:
        """Ore [mine] is in the mines' stores."""

    def started(self, works: Works, taken: Taken, batch: Batch, review: int) -> None:
        """Ingredients have left the stocks and are in process."""

    def was_under_way(self, works: Works, batch: Batch, which: IntArray) -> None:
        """A batch of the works `which` was in process when the run began."""

    def finished(
        self, works: Works, batch: Batch, which: IntArray, review: int, gained_t: FloatArray
    ) -> None:
        """The batch of a review of the works `which` is in their stores, which gained [output + 1]."""

    def leaving(self, by_output_t: FloatArray, review: int) -> None:
        """So much [output + 1] is about to leave the sellers' stocks."""

    def left(self, by_output_t: FloatArray, composition: FloatArray) -> None:
        """It has left, blends with this composition [output blend + 1, element]."""

    def landed(self, landing: Landing) -> None:
        """Goods are in the users' stocks."""

    def consumed(self, by_input_t: FloatArray, content_t: FloatArray) -> None:
        """End uses took [input] from their stocks, blends with this content [input blend + 1, element]."""

    def released(self, item: int, output: int) -> None:
        """All that a place held of an input is for sale there now."""
