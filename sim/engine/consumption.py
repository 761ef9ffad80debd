"""Consumption: every end use takes what it needs from its own stock, as far as it reaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.goods import Goods
from sim.engine.network import Network, rows_at

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
        """[input, column] demand since the last review, and what the users' own stocks gave of it, t."""
        middle = day - self.span / 2
        demand_t = (rows_at(self.network.plan.days, self.rate, middle) * self.span)[:, None]
        held_t = self.goods.stocks.held[self.holders]
        consumed_t = np.minimum(demand_t, held_t)
        by_input = self.goods.consume(self.holders, consumed_t)
        needed_t = np.zeros((len(self.network.holder_input), 1))
        needed_t[self.holders] = demand_t
        demand = self.goods.incidence.input_of_holder.total(needed_t)
        return np.repeat(demand, held_t.shape[1], axis=1), by_input
