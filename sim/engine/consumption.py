"""Consumption: every end use takes what it needs from its own stock, as far as it reaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.designs import Designs
from sim.engine.goods import Goods
from sim.engine.network import Network, rows_at

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Consumed:
    """Use since the last review, [input, column] t."""

    demand_t: FloatArray
    consumed_t: FloatArray
    redesigned_t: FloatArray | None
    """That other designs have taken over, no part of the demand; None where that is not looked at"""


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
    designs: Designs | None

    @classmethod
    def of(
        cls, network: Network, goods: Goods, span: float, designs: Designs | None
    ) -> Consumption:
        """The holders at demand nodes and their parts of the demand."""
        rows, paths = [], []
        for h, i in enumerate(network.holder_input):
            place, _, product = network.inputs[int(i)]
            path = network.plan.demand.get((place, product))
            if path is not None:
                rows.append(h)
                paths.append(path * network.holder_share[h])
        holders = np.array(rows, dtype=np.intp)
        return cls(network, goods, span, holders, np.array(paths).T.copy(), designs)

    def consume(self, day: float) -> Consumed:
        """What was needed since the last review, and what the users' own stocks gave of it."""
        middle = day - self.span / 2
        needed_t = (rows_at(self.network.plan.days, self.rate, middle) * self.span)[:, None]
        held_t = self.goods.stocks.held[self.holders]
        demand_t = np.repeat(needed_t, held_t.shape[1], axis=1)
        redesigned_t = None
        if self.designs is not None:
            no_more_t = demand_t * self.designs.of_holders()[self.holders]
            redesigned_t = self._by_input(no_more_t)
            demand_t = demand_t - no_more_t
        consumed_t = np.minimum(demand_t, held_t)
        by_input = self.goods.consume(self.holders, consumed_t)
        if self.designs is not None:
            self.designs.look(self.holders, demand_t, consumed_t)
        return Consumed(self._by_input(demand_t), by_input, redesigned_t)

    def _by_input(self, of_uses: FloatArray) -> FloatArray:
        """[input, column] sums of [use, column]."""
        of_holders = np.zeros((len(self.network.holder_input), of_uses.shape[1]))
        of_holders[self.holders] = of_uses
        return self.goods.incidence.input_of_holder.total(of_holders)
