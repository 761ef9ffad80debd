"""The tally: what was made and what arrived since the last review, until the recorder takes it over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.books import Book, Landing
from sim.engine.clock import Clock
from sim.engine.mining import Mines
from sim.engine.network import Network
from sim.engine.works import Batch, Works
from sim.equations.sums import sum_by

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(slots=True)
class Tally(Book):
    """Sums since the last review, and what is on the way since then.

    Stocks are averaged over time from their level after the last review; the tonne-days are what joined or
    left them in between, each by the days that were then left of the span.
    """

    network: Network
    clock: Clock
    made_t: FloatArray
    """[output + 1] into producer stocks"""
    made_content_t: FloatArray
    """[output blend + 1, element] the same of blends by element"""
    sold_tonne_days: FloatArray
    """[output + 1] gained by producer stocks"""
    arrived_t: FloatArray
    """[lane]"""
    transit_tonne_days: FloatArray
    """[lane] lost by what is on the way"""
    held_tonne_days: FloatArray
    """[input] gained by users' stocks"""
    on_way_t: FloatArray
    """[lane] under way after the last dispatch"""

    @classmethod
    def empty(cls, network: Network, clock: Clock) -> Tally:
        """All zero."""
        outputs, lanes = len(network.outputs) + 1, len(network.lane_output)
        content = (network.number_of_output_blends + 1, len(network.elements))
        return cls(
            network=network,
            clock=clock,
            made_t=np.zeros(outputs),
            made_content_t=np.zeros(content),
            sold_tonne_days=np.zeros(outputs),
            arrived_t=np.zeros(lanes),
            transit_tonne_days=np.zeros(lanes),
            held_tonne_days=np.zeros(len(network.inputs)),
            on_way_t=np.zeros(lanes),
        )

    def dug(self, mines: Mines, mined_t: FloatArray) -> None:
        """Ore joins the stores at the review itself."""
        self.made_t[mines.output] += mined_t
        self.made_content_t[mines.blend] += mined_t[:, None] * mines.basket

    def finished(
        self, works: Works, batch: Batch, which: IntArray, review: int, gained_t: FloatArray
    ) -> None:
        """Products join the stores some days before the next review."""
        self.made_t += gained_t
        self.sold_tonne_days += gained_t * (self.clock.next_review - self.clock.now)
        if batch.content_t is not None:
            blend = works.output_blend[which]
            graded = blend >= 0
            np.add.at(self.made_content_t, blend[graded], batch.content_t[which][graded])
        aside = which[works.side_blend[which] >= 0]
        self.made_content_t[works.side_blend[aside]] += batch.side_t[aside]

    def landed(self, landing: Landing) -> None:
        """Goods join the users' stocks, some days after they have landed."""
        network, tonne_days = self.network, landing.tonnes * landing.waited_days
        n_lanes, n_inputs = len(network.lane_output), len(network.inputs)
        item = network.lane_input[landing.lane]
        self.arrived_t += sum_by(landing.lane, weights=landing.tonnes, minlength=n_lanes)
        self.transit_tonne_days += sum_by(landing.lane, weights=tonne_days, minlength=n_lanes)
        self.held_tonne_days += sum_by(item, weights=tonne_days, minlength=n_inputs)

    def close(self, shipped_t: FloatArray) -> None:
        """End the span with what a review ships [lane]; the sums begin anew."""
        self.on_way_t += shipped_t - self.arrived_t
        self.arrived_t[:] = 0.0
        self.transit_tonne_days[:] = 0.0
        self.held_tonne_days[:] = 0.0
        self.made_t[:] = 0.0
        self.made_content_t[:] = 0.0
        self.sold_tonne_days[:] = 0.0
