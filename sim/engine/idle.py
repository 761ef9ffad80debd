"""Idle: what lies unsold while somebody lacks it, looked at after each review; see `sim.rules.idle`."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.day_plan import DayPlan
from sim.engine.incidence import Incidence
from sim.engine.network import Network
from sim.engine.pairs import Pairs
from sim.engine.passable import Passable
from sim.engine.regime import Columns
from sim.engine.sold import Sold
from sim.engine.stocks import Stocks
from sim.equations.sums import NOISE, Groups, ratio
from sim.rules.idle import idle

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

NOWHERE = -1


@dataclass(slots=True)
class Idle:
    """Every seller and every user of the same product."""

    network: Network
    incidence: Incidence
    passable: Passable
    pairs: Pairs | None
    """That learned to trade beside the plan"""
    span: float
    _output: IntArray = field(init=False)
    """[pair]"""
    _input: IntArray = field(init=False)
    """[pair]"""
    _lane: IntArray = field(init=False)
    """[pair] that joins them, nowhere where they never traded"""
    _at: IntArray = field(init=False)
    """[output, input] pair"""
    _is_policy: BoolArray = field(init=False)
    """[output] whether a policy stock sells it"""
    _products: int = field(init=False)
    _product_of_output: IntArray = field(init=False)
    _product_of_input: IntArray = field(init=False)

    def __post_init__(self) -> None:
        network = self.network
        number = {product: n for n, product in enumerate(network.products())}
        self._products = len(number)
        self._product_of_output = np.array([number.get(o[1:], NOWHERE) for o in network.outputs])
        self._product_of_input = np.array([number.get(i[1:], NOWHERE) for i in network.inputs])
        self._product_of_input[network.holder_input[network.holder_is_sink]] = NOWHERE
        sites = network.world.sites
        self._is_policy = np.array(
            [place not in sites for place, _, _ in network.outputs], dtype=np.bool_
        )
        product = self._product_of_output[:, None]
        same: BoolArray = np.equal(product, self._product_of_input) & (product != NOWHERE)
        seller, user = (np.array([key[0] for key in k]) for k in (network.outputs, network.inputs))
        same &= np.not_equal(seller[:, None], user)
        self._output, self._input = np.nonzero(same)
        self._at = np.full(same.shape, NOWHERE, dtype=np.intp)
        self._at[self._output, self._input] = np.arange(len(self._output))
        self._lane = np.full(len(self._output), NOWHERE, dtype=np.intp)
        pair = self._at[network.lane_output, network.lane_input]
        there = np.flatnonzero(pair != NOWHERE)
        self._lane[pair[there]] = there

    def look(
        self, day: float, plan: DayPlan, stocks: Stocks, sold: Sold, coming: Columns
    ) -> FloatArray | None:
        """[reason, product, column] t after a review; None where nobody lacks what somebody has."""
        lack_t, on_way_t, lacking = self._lacking(plan, stocks)
        # Less than anybody is looked at for counts as nothing, also where another column has more.
        on_way_t = np.where(lack_t > NOISE, on_way_t, 0.0)
        lack_t = np.where(lack_t > NOISE, lack_t, 0.0)
        sold_t = np.where(stocks.sold[:-1] > NOISE, stocks.sold[:-1], 0.0)
        has: BoolArray = np.any(sold_t, axis=1)
        lacks: BoolArray = np.any(lack_t, axis=1)
        some = np.flatnonzero(has[self._output] & lacks[self._input])
        if not len(some):
            return None
        outputs, seller = np.unique(self._output[some], return_inverse=True)
        inputs, user = np.unique(self._input[some], return_inverse=True)
        stock_t = sold_t[outputs]
        reserved_t = np.minimum(stock_t, plan.sales[outputs] * self.span)
        policy = self._is_policy[outputs]
        reserved_t[policy] = stock_t[policy]
        of_policy = self._is_policy[self._output[some]][:, None]
        return idle(
            stock_t - reserved_t, reserved_t, lack_t[inputs], on_way_t[inputs],
            seller=Groups(seller, len(outputs)), user=Groups(user, len(inputs)),
            accepted=self._accepted(day, some) | of_policy,
            passable=self._passable(some, lacking, sold, coming) | of_policy,
            sold=Groups(self._product_of_output[outputs], self._products),
            used=Groups(self._product_of_input[inputs], self._products),
        )  # fmt: skip

    def _lacking(self, plan: DayPlan, stocks: Stocks) -> tuple[FloatArray, FloatArray, BoolArray]:
        """[input, column] t lacking until the next review, and of it on the way; [holder, column] who lacks."""
        incidence, need = self.incidence, self.incidence.need_of_holder
        use_t = incidence.holder.total(plan.lines) * self.span
        need_t = need.total(use_t)
        lack_t = np.maximum(0.0, need_t - need.total(stocks.held[:-1]))
        lack_t[lack_t <= NOISE * need_t] = 0.0
        on_way_t = np.minimum(lack_t, need.total(stocks.inbound))
        # What stands in for one another is lacking in proportion to its use.
        part = ratio(use_t, need.spread(need_t))
        of_holder_t = need.spread(lack_t) * part
        by_input = incidence.input_of_holder.total
        return by_input(of_holder_t), by_input(need.spread(on_way_t) * part), of_holder_t > 0

    def _accepted(self, day: float, some: IntArray) -> BoolArray:
        """[pair of some, column] whether the user takes more than planned of that seller."""
        network, pairs = self.network, self.pairs
        lane = self._lane[some]
        known = (lane != NOWHERE) & network.lane_qualified[lane]
        columns = len(self.passable.regimes)
        accepted = np.repeat(known[:, None], columns, axis=1)
        if pairs is not None and len(pairs):
            every = np.zeros((len(self._output), columns), dtype=np.bool_)
            pair = self._at[pairs.output, pairs.item]
            same = pair != NOWHERE  # one grade is not lacking where another lies unsold
            every[pair[same]] = pairs.qualified_from[same] <= day
            accepted |= every[some]
        return accepted

    def _passable(
        self, some: IntArray, lacking: BoolArray, sold: Sold, coming: Columns
    ) -> BoolArray:
        """[pair of some, column] whether goods may pass, on lanes to all who lack them."""
        lane = self._lane[some]
        open_ = self.passable.open(self._output[some], self._input[some])
        stops = _stops(sold, coming) & lacking[self.network.line_holder]
        stopped = self.incidence.by_lane(stops.astype(np.float64)) > 0
        return np.where((lane != NOWHERE)[:, None], ~stopped[lane], open_)


def _stops(sold: Sold, coming: Columns) -> BoolArray:
    """[line, column] whether anything keeps goods from leaving until the next review, on some of the days."""
    stops: BoolArray = sold.stopped_t > 0
    if sold.cells is not None:
        stops.ravel()[sold.cells.flat] |= (sold.cells_stopped_t > 0).any(axis=0)
    for column, stretches in enumerate(coming):
        for stretch in stretches:
            stops[:, column] |= ~stretch.allowed.open
    return stops
