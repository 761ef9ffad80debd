"""The tally: what was made and what arrived since the last review, until the recorder takes it over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.books import Book, Landing
from sim.engine.incidence import Incidence
from sim.engine.mining import Mines
from sim.engine.network import Network
from sim.engine.works import Made

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(slots=True)
class Tally(Book):
    """Sums since the last review, and what is on the way since then.

    Stocks are averaged over time from their level after the last review; the tonne-days are what joined or
    left them in between, each by the days that were then left of the span.
    """

    incidence: Incidence
    blends: IntArray
    """Outputs that are blends, in the order of their rows"""
    made_t: FloatArray
    """[output + 1, column] into producer stocks"""
    made_content_t: FloatArray
    """[output blend + 1, element, column] the same of blends by element"""
    discarded_t: FloatArray
    """[output + 1, column] thrown away out of producer stocks"""
    discarded_content_t: FloatArray
    """[output blend + 1, element, column] the same of blends by element"""
    sold_tonne_days: FloatArray
    """[output + 1, column] gained by producer stocks"""
    arrived_t: FloatArray
    """[lane, column]"""
    transit_tonne_days: FloatArray
    """[lane, column] lost by what is on the way"""
    held_tonne_days: FloatArray
    """[input, column] gained by users' stocks"""
    on_way_t: FloatArray
    """[lane, column] under way after the last dispatch"""

    @classmethod
    def empty(cls, network: Network, incidence: Incidence, columns: int) -> Tally:
        """All zero."""
        outputs, lanes = (len(network.outputs) + 1, columns), (len(network.lane_output), columns)
        content = (network.number_of_output_blends + 1, len(network.elements), columns)
        return cls(
            incidence=incidence,
            blends=np.flatnonzero(network.output_blend >= 0),
            made_t=np.zeros(outputs),
            made_content_t=np.zeros(content),
            discarded_t=np.zeros(outputs),
            discarded_content_t=np.zeros(content),
            sold_tonne_days=np.zeros(outputs),
            arrived_t=np.zeros(lanes),
            transit_tonne_days=np.zeros(lanes),
            held_tonne_days=np.zeros((len(network.inputs), columns)),
            on_way_t=np.zeros(lanes),
        )

    def dug(self, mines: Mines, mined_t: FloatArray) -> None:
        """Ore joins the stores at the review itself."""
        self.made_t[mines.output] += mined_t
        self.made_content_t[mines.blend] += mined_t[:, None] * mines.basket[..., None]

    def finished(self, made: Made) -> None:
        """Products join the stores some days before the next review."""
        outlet = made.outlet
        self.made_t[outlet.output] += made.product_t
        self.sold_tonne_days[outlet.output] += made.product_t * made.waited_days
        if made.graded_t is not None:
            self.made_content_t[outlet.graded_blend] += made.graded_t
        if len(outlet.side_site):
            self.made_t[outlet.side_output] += made.side_total_t
            self.sold_tonne_days[outlet.side_output] += made.side_total_t * made.waited_days
            self.made_content_t[outlet.side_blend] += made.side_t

    def discarded(self, by_output_t: FloatArray, composition: FloatArray) -> None:
        """Goods leave the stores at the review itself."""
        self.discarded_t += by_output_t
        self.discarded_content_t[:-1] += by_output_t[self.blends][:, None] * composition[:-1]

    def landed(self, landing: Landing) -> None:
        """Goods join the users' stocks, some days after they have landed."""
        self.arrived_t += landing.by_lane_t
        self.transit_tonne_days += landing.tonne_days
        self.held_tonne_days += self.incidence.input_of_lane.total(landing.tonne_days)
        if landing.beside is not None:
            self.held_tonne_days += landing.beside

    def close(self, shipped_t: FloatArray) -> None:
        """End the span with what a review ships [lane, column]; the sums begin anew."""
        self.on_way_t += shipped_t
        self.on_way_t -= self.arrived_t
        for sums in (
            self.arrived_t, self.transit_tonne_days, self.held_tonne_days, self.made_t,
            self.made_content_t, self.discarded_t, self.discarded_content_t, self.sold_tonne_days,
        ):  # fmt: skip
            sums.fill(0.0)
