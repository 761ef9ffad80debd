"""Incidence: who belongs to whom in the network, as index lists that sums over any columns are made with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network
from sim.equations.sums import Groups

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Incidence:
    """Of each line its seller, need, holder and lane, and what these belong to in turn."""

    seller: Groups
    """[line] output; the dummy is one more"""
    need: Groups
    """[line]"""
    holder: Groups
    """[line]"""
    lane: Groups
    """[line]"""
    input_of_holder: Groups
    """[holder]"""
    need_of_holder: Groups
    """[holder]"""
    input_of_lane: Groups
    """[lane]"""
    output_of_lane: Groups
    """[lane]; the dummy is one more"""
    lines_are_lanes: bool
    """Whether no users are told apart"""

    @classmethod
    def of(cls, network: Network) -> Incidence:
        """Of a network."""
        outputs, holders = len(network.outputs) + 1, len(network.holder_input)
        needs, inputs, lanes = (
            network.number_of_needs,
            len(network.inputs),
            len(network.lane_output),
        )
        return cls(
            seller=Groups(network.line_output, outputs),
            need=Groups(network.line_need, needs),
            holder=Groups(network.line_holder, holders),
            lane=Groups(network.line_lane, lanes),
            input_of_holder=Groups(network.holder_input, inputs),
            need_of_holder=Groups(network.holder_need, needs),
            input_of_lane=Groups(network.lane_input, inputs),
            output_of_lane=Groups(network.lane_output, outputs),
            lines_are_lanes=bool(np.array_equal(network.line_lane, np.arange(lanes))),
        )

    def by_lane(self, tonnes: FloatArray) -> FloatArray:
        """[lane, ...] sums of [line, ...]."""
        return tonnes if self.lines_are_lanes else self.lane.total(tonnes)

    def by_line(self, values: FloatArray) -> FloatArray:
        """[line, ...] what its lane has [lane, ...]."""
        return values if self.lines_are_lanes else self.lane.spread(values)
