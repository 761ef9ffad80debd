"""Allocation: who is shipped what, past the border, when stock does not reach for every order.

A supplier fills each line up to its planned use, then the rest by open order. What stays unfilled, or was
refused at a border, goes to other qualified suppliers of the same need in proportion to what they can
spare, and passes the border like any other lot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.border import BorderState
from sim.engine.network import Network
from sim.engine.stocks import NOISE, Stocks
from sim.equations.rationing import planned_first, proportional
from sim.equations.sums import sum_by

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Allocation:
    """The outcome of one review, t."""

    shipped_t: FloatArray
    """[line]"""
    unmet_t: FloatArray
    """[output + 1] open orders a seller could not fill from stock"""
    refused_t: FloatArray
    """[line] orders a restriction sent back to the buyer"""


def allocate(
    network: Network,
    stocks: Stocks,
    border: BorderState,
    ordered_t: FloatArray,
    lane_plan: FloatArray,
    span: float,
    takes: BoolArray,
) -> Allocation:
    """Fill orders from producer stock; updates `stocks.waiting`, leaves the stocks themselves alone.

    `takes` [lane] tells where the buyer runs by the time the goods arrive: by-products go nowhere else.
    """
    planned_t = lane_plan[network.line_lane] * network.line_share * span
    claim_t = ordered_t + stocks.waiting
    open_t = np.where(border.passes, claim_t, 0.0)
    refused_t = np.where(border.refused, claim_t, 0.0)
    waiting_t = np.where(border.pending, claim_t, 0.0)
    output, sold = network.line_output, stocks.sold
    pushed = network.lane_pushed[network.line_lane]
    push_t = np.where(pushed & border.passes, _pushed(network, stocks, lane_plan, takes), 0.0)
    first_t = np.where(pushed, push_t, planned_first(open_t, planned_t, output, sold))
    short_t = np.where(pushed, 0.0, open_t - first_t)
    left_t = sold - sum_by(output, weights=first_t, minlength=len(sold))
    spare_t = np.where(left_t > NOISE * sold, left_t, 0.0)
    unfilled_t = sum_by(
        network.line_need, weights=short_t + refused_t, minlength=network.number_of_needs
    )
    asked_t = _ask_others(network, border, unfilled_t, spare_t, pushed)
    more_t = proportional(asked_t, output, spare_t)
    total_t = first_t + more_t
    shipped_t = total_t * border.quota_share(total_t)
    stocks.waiting[:] = waiting_t + np.where(pushed, 0.0, total_t - shipped_t)
    unmet_t = sum_by(output, weights=short_t + asked_t - more_t, minlength=len(sold))
    return Allocation(shipped_t, unmet_t, refused_t)


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
    border: BorderState,
    unfilled_t: FloatArray,
    spare_t: FloatArray,
    pushed: npt.NDArray[np.bool_],
) -> FloatArray:
    """[line] what is asked of suppliers with stock to spare, in proportion to it."""
    able = border.passes & network.lane_qualified[network.line_lane] & ~pushed
    able &= ~network.holder_is_sink[network.line_holder]
    weight = np.where(able, spare_t[network.line_output], 0.0)
    total = sum_by(network.line_need, weights=weight, minlength=network.number_of_needs)
    per_t = np.divide(unfilled_t, total, out=np.zeros_like(total), where=total > 1e-12)
    asked: FloatArray = weight * per_t[network.line_need]
    return asked
