"""Designs: motors without rare earths, ferrite and the like, which users turn to for good in a shortage."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network
from sim.equations.sums import NOISE, Groups
from sim.rules.behaviour import Designs as Rule
from sim.rules.redesigning import adopted

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

SHORT_SHARE = 0.05
"""Part of a review's demand that must be missing, as for what counts as short"""


@dataclass(slots=True)
class Designs:
    """Of each need of end users the part that has turned to another design."""

    network: Network
    rule: Rule
    span: float
    columns: int
    part: FloatArray = field(init=False)
    """[need, column]"""
    _most: FloatArray = field(init=False)
    """[need, 1]"""

    @classmethod
    def of(cls, network: Network, span: float, columns: int) -> Designs | None:
        """None where everybody keeps to the design of today."""
        rule = network.behaviour.designs
        return None if rule is None else cls(network, rule, span, columns)

    def __post_init__(self) -> None:
        network, world = self.network, self.network.world
        sectors = {need.node: world.sectors[need.sector] for need in world.demand}
        most = np.zeros((network.number_of_needs, 1))
        for holder, need in enumerate(network.holder_need.tolist()):
            sector = sectors.get(network.inputs[int(network.holder_input[holder])][0])
            most[need] = sector.other_design if sector is not None else 0.0
        self._most, self.part = most, np.zeros((network.number_of_needs, self.columns))

    def look(self, holders: IntArray, demand_t: FloatArray, consumed_t: FloatArray) -> None:
        """Let those who were short since the last review go on, [holder of these, column] both."""
        need = Groups(self.network.holder_need[holders], self.network.number_of_needs)
        asked_t, got_t = need.total(demand_t), need.total(consumed_t)
        lacks = asked_t - got_t > SHORT_SHARE * asked_t * (1 + NOISE)
        self.part = adopted(self.part, lacks, self._most, a_year=self.rule.a_year, days=self.span)

    def of_holders(self) -> FloatArray:
        """[holder, column] part that needs nothing any more."""
        return self.part.take(self.network.holder_need, axis=0)

    def carry_over(self, other: Designs) -> None:
        """Know in every column what is known of the only one of another."""
        self.part = np.repeat(other.part, self.columns, axis=1)
