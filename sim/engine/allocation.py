"""Allocation: who is shipped what, past the border, when stock does not reach for every order.

A supplier fills each line up to its planned use, then the rest by open order. What stays unfilled, or was
refused at a border, goes to other qualified suppliers of the same need in proportion to what they can
spare, and passes the border like any other lot. All this for the days until the next review: a restriction
that acts on some of them acts on that part, stretch by stretch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network
from sim.engine.regime import Stretch, parts_by
from sim.engine.rooms import Rooms
from sim.engine.stocks import NOISE, Stocks
from sim.equations.rationing import planned_first, proportional
from sim.equations.sums import sum_by

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sold:
    """What became of the orders on one stretch, [line] t."""

    stretch: Stretch
    shipped_t: FloatArray
    stopped_t: FloatArray
    """Refused, or held at the border"""


@dataclass(frozen=True, slots=True)
class Allocation:
    """The outcome of one review, t."""

    shipped_t: FloatArray
    """[line]"""
    unmet_t: FloatArray
    """[output + 1] open orders a seller could not fill from stock"""
    sold: tuple[Sold, ...]
    """The same by stretch"""


def allocate(
    network: Network,
    stocks: Stocks,
    rooms: Rooms,
    stretches: Sequence[Stretch],
    ordered_t: FloatArray,
    lane_plan: FloatArray,
    span: float,
    takes: BoolArray,
) -> Allocation:
    """Fill orders from producer stock; updates `stocks.waiting`, leaves the stocks themselves alone.

    `takes` [lane] tells where the buyer runs by the time the goods arrive: by-products go nowhere else.
    """
    output, sold = network.line_output, stocks.sold
    pushed = network.lane_pushed[network.line_lane]
    opens = parts_by(stretches, [s.allowed.open for s in stretches])
    planned_t = lane_plan[network.line_lane] * network.line_share * span * opens
    claim_t = ordered_t + stocks.waiting
    open_t = claim_t * opens
    push_t = np.where(pushed, _pushed(network, stocks, lane_plan, takes) * opens, 0.0)
    first_t = np.where(pushed, push_t, planned_first(open_t, planned_t, output, sold))
    short_t = np.where(pushed, 0.0, open_t - first_t)
    left_t = sold - sum_by(output, weights=first_t, minlength=len(sold))
    spare_t = np.where(left_t > NOISE * sold, left_t, 0.0)
    parts = [_parts_of_open(stretch, opens) for stretch in stretches]
    asked = []
    for stretch, part in zip(stretches, parts, strict=True):
        refused_t = np.where(stretch.allowed.shut, claim_t * stretch.part, 0.0)
        unfilled_t = sum_by(
            network.line_need,
            weights=short_t * part + refused_t,
            minlength=network.number_of_needs,
        )
        asked.append(_ask_others(network, stretch.allowed.open, unfilled_t, spare_t, pushed))
    asked_t = total_of(asked)
    more_t = proportional(asked_t, output, spare_t)
    given = np.divide(more_t, asked_t, out=np.zeros_like(more_t), where=asked_t > 0)
    outcome, waiting_t = [], np.zeros_like(claim_t)
    for stretch, part, asked_now_t in zip(stretches, parts, asked, strict=True):
        more_now_t = more_t if len(stretches) == 1 else asked_now_t * given
        wanted_t = first_t * part + more_now_t
        shipped_t = rooms.take(wanted_t, stretch.allowed.rooms, stretch.month)
        held_t = np.where(stretch.allowed.held, claim_t * stretch.part, 0.0)
        held_t += np.where(pushed, 0.0, wanted_t - shipped_t)
        waiting_t += held_t
        refused_t = np.where(stretch.allowed.shut, claim_t * stretch.part, 0.0)
        outcome.append(Sold(stretch, shipped_t, refused_t + held_t))
    stocks.waiting[:] = waiting_t
    unmet_t = sum_by(output, weights=short_t + asked_t - more_t, minlength=len(sold))
    return Allocation(total_of([each.shipped_t for each in outcome]), unmet_t, tuple(outcome))


def _parts_of_open(stretch: Stretch, opens: FloatArray) -> FloatArray:
    """[line] part of a line's open days that fall on a stretch."""
    days = np.where(stretch.allowed.open, stretch.part, 0.0)
    return np.divide(days, opens, out=np.zeros_like(days), where=days > 0)


def total_of(parts: Sequence[FloatArray]) -> FloatArray:
    """Sum of arrays, in their order."""
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _pushed(
    network: Network, stocks: Stocks, lane_plan: FloatArray, takes: BoolArray
) -> FloatArray:
    """[line] by-products on hand, shared over the lines to buyers that run, by plan.

    They are shared evenly where nothing is planned, and stay where no buyer runs.
    """
    running = takes[network.line_lane].astype(float)
    rate = lane_plan[network.line_lane] * network.line_share * running
    n = len(stocks.sold)
    total = sum_by(network.line_output, weights=rate, minlength=n)
    count = sum_by(network.line_output, weights=running, minlength=n)
    share = np.where(
        total[network.line_output] > 0,
        np.divide(rate, total[network.line_output], out=np.zeros_like(rate), where=rate > 0),
        running / np.maximum(count[network.line_output], 1.0),
    )
    return stocks.sold[network.line_output] * share


def _ask_others(
    network: Network,
    is_open: BoolArray,
    unfilled_t: FloatArray,
    spare_t: FloatArray,
    pushed: BoolArray,
) -> FloatArray:
    """[line] what is asked of suppliers with stock to spare, in proportion to it."""
    able = is_open & network.lane_qualified[network.line_lane] & ~pushed
    able &= ~network.holder_is_sink[network.line_holder]
    weight = np.where(able, spare_t[network.line_output], 0.0)
    total = sum_by(network.line_need, weights=weight, minlength=network.number_of_needs)
    per_t = np.divide(unfilled_t, total, out=np.zeros_like(total), where=total > 1e-12)
    asked: FloatArray = weight * per_t[network.line_need]
    return asked
