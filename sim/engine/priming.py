"""Priming: stocks, ships at sea and batches in the plants as the plan would have them at the first day.

The warm-up that follows washes out what this misses; nothing of it is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from sim.engine.arrivals import OnTheWay
from sim.engine.clock import TO_MIDNIGHT, Clock
from sim.engine.day_plan import DayPlan
from sim.engine.incidence import Incidence
from sim.engine.making import Makers
from sim.engine.mining import Mines
from sim.engine.network import Network
from sim.engine.plan import made_of
from sim.engine.separation import Plants, planned_feed
from sim.engine.stocks import Stocks, shares_by_element
from sim.engine.tally import Tally
from sim.equations.sums import Groups, ratio

FloatArray = npt.NDArray[np.float64]


def prime_stocks(
    network: Network, incidence: Incidence, stocks: Stocks, composition: FloatArray, plan: DayPlan,
    level_t: FloatArray, span: float,
) -> None:  # fmt: skip
    """Fill producer stocks to their level, user stocks to their targets, blends as the plan implies.

    `composition` is [output blend + 1, element], the same for all columns; `level_t` [output + 1, column].
    """
    stocks.sold[:] = level_t
    blend = np.flatnonzero(network.output_blend >= 0)
    rows = network.output_blend[blend]
    stocks.sold_content[rows] = level_t[blend][:, None] * composition[rows][..., None]
    rate = incidence.holder.total(plan.lines)
    days = np.where(network.holder_is_sink, 0.0, network.holder_cover_days + span)
    stocks.held[:-1] = rate * days[:, None]
    content = input_mix(network, composition, plan.lanes[:, :1])
    held_t = incidence.input_of_holder.total(stocks.held[:-1])
    is_blend = network.input_blend >= 0
    rows = network.input_blend[is_blend]
    stocks.held_content[rows] = held_t[is_blend][:, None] * content[rows][..., None]
    # A blend nothing flows into yet has no composition, hence no stock.
    item = network.holder_input
    empty = is_blend[item] & (content[network.input_blend[item]].sum(axis=1) <= 0)
    stocks.held[:-1][empty] = 0.0


def planned_composition(
    network: Network,
    mines: Mines,
    plants: Plants,
    all_makers: Sequence[Makers],
    lane_plan: FloatArray,
) -> FloatArray:
    """[output blend + 1, element] shares of each seller's blend under a plan [lane, 1]."""
    out = np.zeros((network.number_of_output_blends + 1, len(network.elements)))
    out[mines.blend] = mines.basket
    scrap: dict[int, FloatArray] = {}
    for makers in all_makers:
        _recipe_compositions(network, makers, out, scrap)
    for blend, parts in scrap.items():
        out[blend] = parts
    can = plants.capability[0] >= 0.5
    rates = planned_feed(plants, lane_plan)
    for _ in range(2):  # once more for plants that get mixed concentrate from plants
        feed = input_mix(network, out, lane_plan)
        for p, blend in enumerate(plants.side_blend):
            if blend < 0:
                continue
            content = (rates[p] * feed[plants.feed_blend[p]] * plants.recovery[p]).sum(axis=0)
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
            if product not in network.world.recipes or makers.output_blend[m, g] < 0:
                continue
            years, limits = network.plan.years[:1], network.behaviour.limits
            for element, share in made_of(network.world, product, years, limits).items():
                out[makers.output_blend[m, g], index[element]] = np.ravel(share)[0]
            total += out[makers.output_blend[m, g]]
        if makers.side_blend[m] >= 0 and total.sum() > 0:
            scrap[int(makers.side_blend[m])] = total / total.sum()


def input_mix(network: Network, composition: FloatArray, lane_plan: FloatArray) -> FloatArray:
    """[input blend + 1, element] composition of what flows into each blend input under a plan [lane, 1]."""
    blend = network.input_blend[network.lane_input]
    lanes = np.flatnonzero(blend >= 0)
    parts = lane_plan[lanes] * composition[network.output_blend[network.lane_output[lanes]]]
    mix = Groups(blend[lanes], network.number_of_input_blends + 1).total(parts)
    return shares_by_element(mix[..., None])[..., 0]


def prime_ships(
    network: Network,
    incidence: Incidence,
    stocks: Stocks,
    tally: Tally,
    clock: Clock,
    on_the_way: OnTheWay,
    *,
    composition: FloatArray,
    plan: DayPlan,
) -> None:
    """Put under way what the reviews before the first would have sent and what has not arrived by then.

    `composition` is [output blend + 1, element].
    """
    first, span, columns = clock.next_review, clock.span, plan.lanes.shape[1]
    has_content = np.ones(len(network.lane_output), dtype=np.bool_)
    blends = network.output_blend[network.lane_output]
    has_content[blends >= 0] = composition[blends[blends >= 0]].sum(axis=1) > 0
    sent_t = plan.lines * span * has_content[network.line_lane][:, None]
    transit = network.lane_transit_days[network.line_lane]
    mix = np.repeat(composition[..., None], columns, axis=2)
    every = np.arange(columns)
    for past in past_reviews(first, span, float(transit.max(initial=0.0)) + 1):
        lands = past.day + TO_MIDNIGHT + transit
        lines = np.flatnonzero((lands > first) & (sent_t[:, 0] > 0))
        reviews = np.ceil((lands[lines] - first) / span).astype(np.intp)
        under_way_t = np.zeros_like(sent_t)
        under_way_t[lines] = sent_t[lines]
        on_the_way.put(
            lines=np.repeat(lines, columns), columns=np.tile(every, len(lines)),
            tonnes=sent_t[lines].ravel(), composition=mix, sent=past.number,
            taken_in=np.repeat(reviews, columns),
            waited_days=np.repeat(first + reviews * span - lands[lines], columns),
        )  # fmt: skip
        stocks.inbound += incidence.holder.total(under_way_t)
        tally.on_way_t += incidence.by_lane(under_way_t)


def prime_users(
    network: Network, incidence: Incidence, stocks: Stocks, plan: DayPlan, days: FloatArray
) -> None:
    """Let users hold what they order up to less what is under way, so that none orders more at first.

    `days` [line, 1] are from order to order, on the way, and of cover.
    """
    ordered = incidence.holder.total(plan.ordered) > 0
    level_t = incidence.holder.total(plan.ordered * days) - stocks.inbound
    held_t = np.where(ordered, np.maximum(0.0, level_t), stocks.held[:-1])
    before_t, now_t = (incidence.input_of_holder.total(each) for each in (stocks.held[:-1], held_t))
    is_blend = network.input_blend >= 0
    part = np.where(before_t > 0, ratio(now_t, before_t), 1.0)[is_blend]
    stocks.held_content[network.input_blend[is_blend]] *= part[:, None]
    stocks.held[:-1] = np.where(incidence.input_of_holder.spread(before_t) > 0, held_t, 0.0)


@dataclass(frozen=True, slots=True)
class PastReview:
    """A review before the first day whose goods are still on the way or in a plant."""

    number: int
    day: float


def past_reviews(first: float, span: float, longest: float) -> list[PastReview]:
    """Reviews that could still have something under way, oldest first."""
    count = ceil(longest / span) + 1
    return [PastReview(-j, first - j * span) for j in range(count, 0, -1)]
