"""Consumption: every end use takes what it needs from its own stock, as far as it reaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.balance import Ledger
from sim.engine.network import Network, rows_at
from sim.engine.stocks import Stocks, take
from sim.equations.sums import sum_by

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Consumption:
    """All end uses."""

    network: Network
    stocks: Stocks
    ledger: Ledger
    span: float
    holders: IntArray
    """[use] holder numbers"""
    rate: FloatArray
    """[time, use] demand, t/day"""

    @classmethod
    def of(cls, network: Network, stocks: Stocks, ledger: Ledger, span: float) -> Consumption:
        """The holders at demand nodes and their parts of the demand."""
        rows, paths = [], []
        for h, i in enumerate(network.holder_input):
            place, _, product = network.inputs[int(i)]
            path = network.plan.demand.get((place, product))
            if path is not None:
                rows.append(h)
                paths.append(path * network.holder_share[h])
        holders = np.array(rows, dtype=np.intp)
        return cls(network, stocks, ledger, span, holders, np.array(paths).T.copy())

    def consume(self, day: float) -> tuple[FloatArray, FloatArray]:
        """[input] demand since the last review, and what the users' own stocks gave of it, t."""
        stocks, network = self.stocks, self.network
        item, n = network.holder_input[self.holders], len(network.inputs)
        middle = day - self.span / 2
        demand_t = rows_at(network.plan.days, self.rate, middle) * self.span
        consumed_t = np.minimum(demand_t, stocks.held[self.holders])
        before = sum_by(item, weights=stocks.held[self.holders], minlength=n)
        take(stocks.held, self.holders, consumed_t)
        by_input = sum_by(item, weights=consumed_t, minlength=n)
        part = np.divide(by_input, before, out=np.zeros_like(before), where=before > 0)
        used_content = np.zeros_like(stocks.held_content)
        blend = network.input_blend >= 0
        rows = network.input_blend[blend]
        used_content[rows] = stocks.held_content[rows] * np.minimum(1.0, part[blend])[:, None]
        stocks.held_content -= used_content
        self.ledger.consumed += self.ledger.by_input(by_input, used_content)
        return sum_by(item, weights=demand_t, minlength=n), by_input
