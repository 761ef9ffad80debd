"""Parcels: the elements that each lane can carry, and where their tonnes are traced from and to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Parcels:
    """The elements that each lane can carry, one parcel each."""

    lanes: int
    lane: IntArray
    element: IntArray
    blend: IntArray
    """[parcel] seller's blend, -1 where the lane carries a single element"""
    row: IntArray
    """[parcel] seller's row"""
    goal: IntArray
    """[parcel] row of the maker's or plant's input, -1 at demand nodes and piles"""
    region: IntArray
    """[parcel] region of the demand node, -1 elsewhere"""
    by_goal: IntArray
    """Parcels with a goal, in the order of their goals"""

    @classmethod
    def of(
        cls, network: Network, output_row: IntArray, input_row: IntArray, final: IntArray
    ) -> Parcels:
        """All parcels in the order of lanes."""
        rows = output_row[network.lane_output]
        lane, element = np.nonzero(rows >= 0)
        at_node = final[lane] >= 0
        goal = np.where(at_node, -1, input_row[network.lane_input[lane], element])
        return cls(
            lanes=len(network.lane_output),
            lane=lane,
            element=element,
            blend=network.output_blend[network.lane_output[lane]],
            row=rows[lane, element],
            goal=goal,
            region=final[lane],
            by_goal=np.argsort(goal, kind="stable")[np.count_nonzero(goal < 0) :],
        )

    def content(self, by_lane: FloatArray, composition: FloatArray) -> FloatArray:
        """[parcel] t of each element in lane tonnes [lane]."""
        content = by_lane[self.lane]
        mixed = self.blend >= 0
        content[mixed] *= composition[self.blend[mixed], self.element[mixed]]
        return content
