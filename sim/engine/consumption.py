"""Consumption: every end use takes what it needs from its own stock, as far as it reaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.goods import Goods
from sim.engine.network import Network, rows_at
from sim.equations.sums import sum_by

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Consumption:
    """All end uses."""

    network: Network
    goods: Goods
    span: float
    holders: IntArray
    """[use] holder numbers"""
    rate: FloatArray
    """[time, use] demand, t/day"""

    @classmethod
    def of(cls, network: Network, goods: Goods, span: float) -> Consumption:
        """The holders at demand nodes and their parts of the demand."""
        rows, paths = [], []
        for h, i in enumerate(network.holder_input):
            place, _, product = network.inputs[int(i)]
            path = network.plan.demand.get((place, product))
            if path is not None:
                rows.append(h)
                paths.append(path * network.holder_share[h])
        return cls(network, goods, span, np.array(rows, dtype=np.intp), np.array(paths).T.copy())

    def consume(self, day: float) -> tuple[FloatArray, FloatArray]:
        """[input] demand since the last review, and what the users' own stocks gave of it, t."""
        network = self.network
        middle = day - self.span / 2
        demand_t = rows_at(network.plan.days, self.rate, middle) * self.span
        consumed_t = np.minimum(demand_t, self.goods.stocks.held[self.holders])
        item = network.holder_input[self.holders]
        by_input = self.goods.consume(self.holders, consumed_t)
        return sum_by(item, weights=demand_t, minlength=len(network.inputs)), by_input
