"""A market beside the contracts: what sellers have left goes to those who lack it.

Who may buy from whom stands in `pairs`, who begins to accept whom in `qualifying`. What sellers have beyond a
review of contracted sales goes to those who lack it; what is traded is on its way in `beside`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.beside import Beside, Trade
from sim.engine.clock import Clock
from sim.engine.day_plan import DayPlan
from sim.engine.incidence import Incidence
from sim.engine.network import Network
from sim.engine.pairs import Pairs
from sim.engine.passable import Passable
from sim.engine.qualifying import Qualifying
from sim.engine.stocks import Stocks
from sim.equations.sums import Groups, total
from sim.rules.trading import asked, offered, traded

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Market:
    """Trade of pairs of one product."""

    network: Network
    incidence: Incidence
    clock: Clock
    passable: Passable
    pairs: Pairs
    qualifying: Qualifying
    columns: int
    admissible: BoolArray = field(init=False)
    """[pair by its key, column] whether it may trade at the last review at which anybody lacked anything"""
    moved_t: FloatArray = field(init=False)
    """[column] that changed hands at the last review"""

    @classmethod
    def of(
        cls,
        network: Network,
        incidence: Incidence,
        clock: Clock,
        passable: Passable,
        beside: Beside | None,
    ) -> Market | None:
        """None where everybody keeps to the sellers of the plan."""
        rule = network.behaviour.market
        if rule is None or beside is None:
            return None
        pairs, n = beside.pairs, beside.columns
        qualifying = Qualifying(network, passable, pairs, rule, n)
        return cls(network, incidence, clock, passable, pairs, qualifying, n)

    def __post_init__(self) -> None:
        self.admissible = np.zeros((0, self.columns), dtype=np.bool_)
        self.moved_t = np.zeros(self.columns)

    def trade(
        self, day: float, plan: DayPlan, stocks: Stocks, *, open_t: FloatArray, sent_t: FloatArray
    ) -> Trade | None:
        """What sellers have left, for needs that are open [need, column].

        `sent_t` [output + 1, column] goes to those who have contracts.
        """
        self.moved_t = np.zeros(self.columns)
        if not open_t.any():
            return None
        admissible = self.admissible = self._admissible(day)
        if not admissible.any():
            return None
        incidence, pairs, span = self.incidence, self.pairs, self.clock.span
        use = incidence.holder.total(plan.lines)
        cover_t = incidence.need_of_holder.total(use * self.network.holder_cover_days[:, None])
        ask_t = asked(
            open_t=open_t, use_t=incidence.need_of_holder.total(use) * span, cover_t=cover_t,
            held_t=incidence.need_of_holder.total(stocks.held[:-1]),
        )  # fmt: skip
        offer_t = offered(stock_t=stocks.sold - sent_t, sales_t=plan.sales * span)
        tonnes = traded(offer_t, ask_t, pairs.seller, pairs.need, admissible)
        if not tonnes.any():
            return None
        self.moved_t = total(tonnes, axis=0)
        return Trade.of(pairs, tonnes)

    def _admissible(self, day: float) -> BoolArray:
        """[pair by its key, column] whether it may trade: new trade avoids restrictions."""
        pairs = self.pairs
        found = pairs.qualified(day) & pairs.alike[:, None]
        if found.any():
            found &= self.passable.open(pairs.output, pairs.item)[pairs.order]
        return found

    def able(self, plan: DayPlan) -> tuple[Groups, Groups, FloatArray]:
        """(seller, need, weight [pair, column]) of pairs whose sellers hear of what is still missing."""
        pairs = self.pairs
        weight = np.where(self.admissible, pairs.seller.spread(plan.sales), 0.0)
        return pairs.seller, pairs.need, weight

    def carry_over(self, other: Market) -> None:
        """Know in every column what is known of the only one of another; the pairs are carried over apart."""
        self.qualifying.carry_over(other.qualifying)
