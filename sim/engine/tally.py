"""The tally: what was made and what arrived since the last review, until the recorder takes it over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network

FloatArray = npt.NDArray[np.float64]


@dataclass(slots=True)
class Tally:
    """Sums since the last review, and what is on the way since then.

    Stocks are averaged over time from their level after the last review; the tonne-days are what joined or
    left them in between, each by the days that were then left of the span.
    """

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
    def empty(cls, network: Network) -> Tally:
        """All zero."""
        outputs, lanes = len(network.outputs) + 1, len(network.lane_output)
        content = (network.number_of_output_blends + 1, len(network.elements))
        return cls(
            made_t=np.zeros(outputs),
            made_content_t=np.zeros(content),
            sold_tonne_days=np.zeros(outputs),
            arrived_t=np.zeros(lanes),
            transit_tonne_days=np.zeros(lanes),
            held_tonne_days=np.zeros(len(network.inputs)),
            on_way_t=np.zeros(lanes),
        )

    def close(self, shipped_t: FloatArray) -> None:
        """End the span with what a review ships [lane]; the sums begin anew."""
        self.on_way_t += shipped_t - self.arrived_t
        self.arrived_t[:] = 0.0
        self.transit_tonne_days[:] = 0.0
        self.held_tonne_days[:] = 0.0
        self.made_t[:] = 0.0
        self.made_content_t[:] = 0.0
        self.sold_tonne_days[:] = 0.0
