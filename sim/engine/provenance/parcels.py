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

    number: IntArray
    """[lane] how many parcels it has"""
    first: IntArray
    """[lane] its first; they stand in the order of lanes"""
    cell: IntArray
    """[parcel] seller's blend and element, as one number; the dummy blend where the lane carries one element"""
    row: IntArray
    """[parcel] seller's row"""
    goal: IntArray
    """[parcel] row of the maker's or plant's input, -1 at demand nodes and piles"""
    region: IntArray
    """[parcel] region of the demand node, -1 elsewhere"""

    @classmethod
    def of(
        cls, network: Network, output_row: IntArray, input_row: IntArray, region: IntArray,
        outputs: IntArray, inputs: IntArray,
    ) -> Parcels:  # fmt: skip
        """All parcels in the order of lanes [lane] from `outputs` to `inputs`; `region` [input] as below."""
        rows, final = output_row[outputs], region[inputs]
        lane, element = np.nonzero(rows >= 0)
        at_node = final[lane] >= 0
        goal = np.where(at_node, -1, input_row[inputs[lane], element])
        number = np.bincount(lane, minlength=len(outputs))
        blend = network.output_blend[outputs[lane]]
        dummy = network.number_of_output_blends
        return cls(
            number=number,
            first=np.cumsum(number) - number,
            cell=np.where(blend >= 0, blend, dummy) * len(network.elements) + element,
            row=rows[lane, element],
            goal=goal,
            region=final[lane],
        )

    def of_lanes(self, lanes: IntArray) -> tuple[IntArray, IntArray]:
        """Parcels of lanes that may be named more than once, and of each the position of its lane."""
        number = self.number[lanes]
        position = np.repeat(np.arange(len(lanes)), number)
        before = np.cumsum(number) - number
        return self.first[lanes][position] + np.arange(len(position)) - before[position], position
