"""Priming: stocks, ships at sea and batches in the plants as the plan would have them at the first day.

The warm-up that follows washes out what this misses; nothing of it is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.clock import TO_MIDNIGHT, Clock
from sim.engine.making import Makers
from sim.engine.mining import Mines
from sim.engine.network import Network
from sim.engine.separation import Plants
from sim.engine.stocks import Stocks
from sim.engine.tally import Tally
from sim.engine.transport import Consignment
from sim.equations.sums import sum_by

FloatArray = npt.NDArray[np.float64]


def prime_stocks(
    network: Network,
    stocks: Stocks,
    composition: FloatArray,
    lane_plan: FloatArray,
    stock_target: FloatArray,
    span: float,
) -> None:
    """Fill producer and user stocks to their targets, blends with the composition the plan implies."""
    stocks.sold[:] = stock_target
    blend = network.output_blend >= 0
    stocks.sold_content[network.output_blend[blend]] = (
        stock_target[:-1][blend, None] * composition[network.output_blend[blend]]
    )
    rate = sum_by(
        network.line_holder,
        weights=lane_plan[network.line_lane] * network.line_share,
        minlength=len(network.holder_input),
    )
    days = np.where(network.holder_is_sink, 0.0, network.holder_cover_days + span)
    stocks.held[:-1] = rate * days
    content = input_mix(network, composition, lane_plan)
    held_t = sum_by(network.holder_input, weights=stocks.held[:-1], minlength=len(network.inputs))
    is_blend = network.input_blend >= 0
    stocks.held_content[network.input_blend[is_blend]] = (
        held_t[is_blend, None] * content[network.input_blend[is_blend]]
    )
    # A blend nothing flows into yet has no composition, hence no stock.
    empty = is_blend[network.holder_input] & (
        content[network.input_blend[network.holder_input]].sum(axis=1) <= 0
    )
    stocks.held[:-1][empty] = 0.0


def planned_composition(
    network: Network,
    mines: Mines,
    plants: Plants,
    all_makers: Sequence[Makers],
    lane_plan: FloatArray,
) -> FloatArray:
    """[output blend + 1, element] shares of each seller's blend under the plan."""
    out = np.zeros((network.number_of_output_blends + 1, len(network.elements)))
    out[mines.blend] = mines.basket
    scrap: dict[int, FloatArray] = {}
    for makers in all_makers:
        _recipe_compositions(network, makers, out, scrap)
    for blend, parts in scrap.items():
        out[blend] = parts
    can = plants.capability[0] >= 0.5
    for _ in range(2):  # once more for plants that get mixed concentrate from plants
        feed = input_mix(network, out, lane_plan)
        for p, blend in enumerate(plants.side_blend):
            if blend < 0:
                continue
            rate = plants.lanes_in[p] @ lane_plan
            content = (rate[:, None] * feed[plants.feed_blend[p]] * plants.recovery[p]).sum(axis=0)
            rest = np.where(can[p], 0.0, content)
            out[blend] = rest / rest.sum() if rest.sum() > 0 else 0.0
    return out


def _recipe_compositions(
    network: Network, makers: Makers, out: FloatArray, scrap: dict[int, FloatArray]
) -> None:
    index = {e: i for i, e in enumerate(network.elements)}
    for m in range(len(makers.site)):
        total = np.zeros(len(network.elements))
        for g, product in enumerate(makers.products):
            recipe = network.world.recipes.get(product)
            if recipe is None or makers.output_blend[m, g] < 0:
                continue
            for part in recipe.ingredients:
                out[makers.output_blend[m, g], index[part.element]] = part.share
            total += out[makers.output_blend[m, g]]
        if makers.side_blend[m] >= 0 and total.sum() > 0:
            scrap[int(makers.side_blend[m])] = total / total.sum()


def input_mix(network: Network, composition: FloatArray, lane_plan: FloatArray) -> FloatArray:
    """[input blend + 1, element] composition of what flows into each blend input under the plan."""
    mix = np.zeros((network.number_of_input_blends + 1, composition.shape[1]))
    blend = network.input_blend[network.lane_input]
    lanes = np.flatnonzero(blend >= 0)
    parts = lane_plan[lanes, None] * composition[network.output_blend[network.lane_output[lanes]]]
    np.add.at(mix, blend[lanes], parts)
    total = mix.sum(axis=1, keepdims=True)
    return np.divide(mix, total, out=np.zeros_like(mix), where=total > 0)


def prime_ships(
    network: Network,
    stocks: Stocks,
    tally: Tally,
    clock: Clock,
    land: Callable[[Consignment], None],
    *,
    composition: FloatArray,
    lane_plan: FloatArray,
) -> None:
    """Put under way what the reviews before the first would have sent and what has not arrived by then."""
    first = clock.next_review
    has_content = np.ones(len(network.lane_output), dtype=np.bool_)
    blends = network.output_blend[network.lane_output]
    has_content[blends >= 0] = composition[blends[blends >= 0]].sum(axis=1) > 0
    sent_t = (lane_plan * has_content * clock.span)[network.line_lane] * network.line_share
    transit = network.lane_transit_days[network.line_lane]
    for past in past_reviews(first, clock.span, float(transit.max(initial=0.0)) + 1):
        arrives = past.day + TO_MIDNIGHT + transit
        for day in np.unique(arrives[arrives > first]):
            lines = np.flatnonzero((arrives == day) & (sent_t > 0))
            if len(lines):
                lot = Consignment(lines, sent_t[lines], composition, past.number)
                np.add.at(stocks.inbound, network.line_holder[lines], lot.tonnes)
                np.add.at(tally.on_way_t, network.line_lane[lines], lot.tonnes)
                clock.after(day - clock.now, land, lot)


@dataclass(frozen=True, slots=True)
class PastReview:
    """A review before the first day whose goods are still on the way or in a plant."""

    number: int
    day: float


def past_reviews(first: float, span: float, longest: float) -> list[PastReview]:
    """Reviews that could still have something under way, oldest first."""
    count = int(np.ceil(longest / span)) + 1
    return [PastReview(-j, first - j * span) for j in range(count, 0, -1)]
