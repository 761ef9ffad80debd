"""Stockpiling: policy stocks that users of a region draw on, and that buy back while nobody draws.

A stockpile is full on the day the run begins. It sells to every buyer of its region that uses a stored
product, a day away, and only what the ordinary suppliers left open: a user draws when its own stock has sunk
below the trigger (never above its usual cover), up to that level. What it buys back it orders from the
region's suppliers by their planned shares, as one more order beside all others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np
import numpy.typing as npt

from sim.channels.effects import Reserve
from sim.engine.goods import Goods
from sim.engine.network import ItemKey, Network, PolicyStock
from sim.engine.regime import Stretch
from sim.engine.stocks import Stocks
from sim.equations.sums import sum_by
from sim.rules.drawing import TRACE_T, bought_back, drawn, missing

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(slots=True)
class Pile:
    """One stockpile as index arrays."""

    lever: str
    outputs: IntArray
    """Outputs of the stored products"""
    keys: list[ItemKey]
    size_t: FloatArray
    """[product] what it held when the run began"""
    lines: IntArray
    """Lines to its users"""
    product: IntArray
    """[line to a user] position among its products"""
    buying: IntArray
    """Lines from its suppliers"""
    buying_product: IntArray
    """[line bought over] position among its products"""
    supplied: list[IntArray]
    """[line bought over] lanes of the same supplier to the region, whose plan is its weight"""
    wanted: bool = False
    """Whether anybody was below the trigger at the last review."""


@dataclass(slots=True)
class Stockpiles:
    """All policy stocks of one column; the arrays that it is given are those of this column."""

    network: Network
    column: int
    piles: list[Pile] = field(default_factory=list)

    @classmethod
    def of(
        cls, network: Network, column: int, reserves: Mapping[str, Reserve], lane_plan: FloatArray
    ) -> Stockpiles:
        """Compile the stockpiles; sizes in days are days of the plan given [lane], t/day."""
        piles = cls(network, column)
        for stock in network.policy_stocks:
            piles.piles.append(piles._compile(stock, reserves[stock.lever], lane_plan))
        return piles

    def _compile(self, stock: PolicyStock, release: Reserve, lane_plan: FloatArray) -> Pile:
        network = self.network
        keys = sorted({(stock.place, form, product) for _, _, form, product in stock.sales})
        outputs = np.array([network.output_index(key) for key in keys], dtype=np.intp)
        names = network.lane_keys()
        lane_of = {key: lane for lane, key in enumerate(names)}
        buyers = {(b, f, p) for _, b, f, p in stock.sales}
        into: dict[ItemKey, list[int]] = {}
        rate = np.zeros(len(keys))
        for (seller, buyer, form, product), lane in lane_of.items():
            if (buyer, form, product) in buyers and seller != stock.place:
                into.setdefault((seller, form, product), []).append(lane)
                rate[keys.index((stock.place, form, product))] += lane_plan[lane]
        sold_over = np.isin(network.line_lane, [lane_of[key] for key in stock.sales])
        bought_over = np.flatnonzero(
            np.isin(network.line_lane, [lane_of[key] for key in stock.buys])
        )
        over = [names[int(network.line_lane[line])] for line in bought_over]
        again = [keys.index((stock.place, f, p)) for _, _, f, p in over]
        days = release.size_days
        if days is None:
            total = float(rate.sum())
            days = (release.size_t or 0.0) / total if total > 0 else 0.0
        return Pile(
            lever=stock.lever,
            outputs=outputs,
            keys=keys,
            size_t=rate * days,
            lines=np.flatnonzero(sold_over),
            product=np.searchsorted(outputs, network.line_output[sold_over]),
            buying=bought_over,
            buying_product=np.array(again, dtype=np.intp),
            supplied=[np.array(into[s, f, p], dtype=np.intp) for s, _, f, p in over],
        )

    @property
    def outputs(self) -> IntArray:
        """Outputs of all stockpiles."""
        every = [pile.outputs for pile in self.piles]
        return np.concatenate(every) if every else np.zeros(0, dtype=np.intp)

    def fill(self, stocks: Stocks, composition: FloatArray, lane_plan: FloatArray) -> None:
        """Put in what is there when the run begins; blends as the region's suppliers make them.

        `composition` is [output blend, element] of every seller; rows of the stockpiles are filled in.
        """
        network = self.network
        for pile in self.piles:
            buyers = network.lane_input[network.line_lane[pile.lines]]
            for k, output in enumerate(pile.outputs):
                blend = int(network.output_blend[output])
                if blend >= 0:
                    mix = self._planned_mix(pile.keys[k], buyers, composition, lane_plan)
                    composition[blend] = mix
                    if mix.sum() <= 0:
                        pile.size_t[k] = 0.0
                    stocks.sold_content[blend] = pile.size_t[k] * mix
                stocks.sold[output] = pile.size_t[k]

    def _planned_mix(
        self, key: ItemKey, buyers: IntArray, composition: FloatArray, lane_plan: FloatArray
    ) -> FloatArray:
        network, (_, form, product) = self.network, key
        made = [o for o, (_, f, p) in enumerate(network.outputs) if (f, p) == (form, product)]
        lanes = np.flatnonzero(
            np.isin(network.lane_input, buyers) & np.isin(network.lane_output, made)
        )
        blends = network.output_blend[network.lane_output[lanes]]
        mix: FloatArray = (lane_plan[lanes, None] * composition[blends]).sum(axis=0)
        return mix / mix.sum() if mix.sum() > 0 else mix

    # ---- at a review

    def store(self, goods: Goods) -> None:
        """What has been bought back goes into the stock."""
        for pile in self.piles:
            for line, product in zip(pile.buying, pile.buying_product, strict=True):
                holder = int(self.network.line_holder[line])
                goods.release(holder, int(pile.outputs[product]), self.column)

    def buy(
        self, stretches: Sequence[Stretch], stocks: Stocks, lane_plan: FloatArray, span: float
    ) -> FloatArray:
        """[line] orders to fill up again, by planned shares of the suppliers, while nobody draws."""
        ordered_t = np.zeros(len(self.network.line_lane))
        for pile, release, part in self._in_force(stretches):
            if release.refill_t_per_day <= 0 or pile.wanted or not len(pile.buying):
                continue
            coming = np.zeros(len(pile.outputs))
            coming[pile.buying_product] = stocks.inbound[self.network.line_holder[pile.buying]]
            gap_t = np.maximum(0.0, pile.size_t - stocks.sold[pile.outputs] - coming)
            weight = np.array([lane_plan[lanes].sum() for lanes in pile.supplied])
            ordered_t[pile.buying] = bought_back(
                gap_t, most_t=release.refill_t_per_day * span * part, product=pile.buying_product,
                weight=weight, waiting_t=stocks.waiting[pile.buying],
            )  # fmt: skip
        return ordered_t

    def draw(
        self, stretches: Sequence[Stretch], stocks: Stocks, rate: FloatArray, span: float
    ) -> FloatArray:
        """[line] what users take out at this review, t; `rate` [line] is planned, t/day."""
        network = self.network
        given_t = np.zeros(len(network.line_lane))
        if not self.piles:
            return given_t
        use = sum_by(network.line_holder, weights=rate, minlength=len(network.holder_input))
        need_use = sum_by(network.holder_need, weights=use, minlength=network.number_of_needs)
        held_t = sum_by(
            network.holder_need, weights=stocks.held[:-1], minlength=network.number_of_needs
        )
        for pile, release, part in self._in_force(stretches):
            holder, need = network.line_holder[pile.lines], network.line_need[pile.lines]
            cover, below = network.holder_cover_days[holder], release.below_days
            trigger = inf if below is None else below
            missing_t = missing(
                held_t=held_t[need], use=need_use[need], cover=cover, trigger=trigger, span=span
            )
            given_t[pile.lines] = taken_t = drawn(
                missing_t, use=use[holder], need=need, product=pile.product,
                stock_t=stocks.sold[pile.outputs], floor_t=pile.size_t * release.floor_share,
                most_t=release.t_per_day * span * part, part=part,
            )  # fmt: skip
            pile.wanted = bool(missing_t.sum() > TRACE_T)
            held_t += sum_by(need, weights=taken_t, minlength=network.number_of_needs)
        return given_t

    def _in_force(self, stretches: Sequence[Stretch]) -> list[tuple[Pile, Reserve, float]]:
        """Piles with the terms that hold last, and the part of the review's days on which any do."""
        found = []
        for pile in self.piles:
            on = [s for s in stretches if pile.lever in s.allowed.reserves]
            if on:
                part = 1.0 if len(on) == len(stretches) else sum(s.part for s in on)
                found.append((pile, on[-1].allowed.reserves[pile.lever], part))
        return found
