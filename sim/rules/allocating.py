"""Allocating: who is shipped what when stock does not reach for every order.

A seller fills each line up to its planned use, then the rest by open order. What stays unfilled, or was
refused on a stretch of the days until the next review, is asked of other qualified sellers of the same need
whose lines are open on that stretch, in proportion to what they can spare. Rooms are taken of what is
`wanted`; what is `stopped` follows from what there was room for. What then waits at a border is asked of
others too, in the same way (`instead`), so that a seller who may not send yet is no worse than one who may not.
Where sellers or regions have a rule of whom to serve first, `sim.rules.serving` has their order.

Most lines are open or not for all of the days: they are looked at once. The others, with all lines of their
needs, stand beside them as cells, and are looked at on each stretch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.equations.rationing import planned_first, proportional
from sim.equations.sums import NOISE, Groups, ratio
from sim.rules.ordering import Lines
from sim.rules.serving import Serving, use_by_order

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

LEAST_T = 1e-12
"""Tonnes to spare below which nobody is asked."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Lines of single columns that are looked at stretch by stretch; always all lines of a need together."""

    line: IntArray
    """[cell]"""
    column: IntArray
    """[cell]"""
    flat: IntArray
    """[cell] its place in an array [line, column]"""
    group: Groups
    """[cell] need and column"""
    part: FloatArray
    """[stretch, cell] of the days; 0 where a column has fewer stretches than others"""
    open: BoolArray
    """[stretch, cell] goods may leave"""
    shut: BoolArray
    """[stretch, cell] orders go back to the buyer; where it is neither, goods wait at the seller"""

    def opens(self) -> FloatArray:
        """[cell] part of the days on which it is open; 1 where it always is."""
        now = np.where(self.open, self.part, 0.0)
        always = np.where(self.part > 0, self.open, True).all(axis=0)
        return np.where(always, 1.0, over_stretches(now))


@dataclass(frozen=True, slots=True)
class Days:
    """What the days that a review sells for allow, [line, column]; the values of cells stand in `cells`."""

    open: FloatArray
    """Part of the days on which goods may leave; of cells too"""
    shut: FloatArray
    """1 where orders go back to the buyer; 0 for cells"""
    held: FloatArray
    """1 where goods wait at the seller; 0 for cells"""
    able: FloatArray
    """1 where the seller may be asked for what others lack; 0 for cells"""
    cells: Cells | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What sellers would send, t."""

    t: FloatArray
    """[line, column]"""
    unmet_t: FloatArray
    """[seller, column] on order that they cannot fill"""
    cells_t: FloatArray
    """[stretch, cell] the same as `t` by stretch"""


def wanted(
    lines: Lines, days: Days, *, claim_t: FloatArray, planned_t: FloatArray,
    by_product_t: FloatArray, stock_t: FloatArray, tiers: FloatArray | None = None,
    serving: Serving | None = None, keeps_t: FloatArray | None = None,
) -> Wanted:  # fmt: skip
    """What sellers would send of `claim_t` [line, column], what is ordered and what waits for all days.

    `planned_t` [line, column] is planned, `by_product_t` [by-product line, column] sent on unasked; `stock_t`
    [seller, column]; a lower tier [line, column] is served first; without `tiers` all are served alike, but
    for a rule of `serving`. Of what is left sellers keep `keeps_t` [seller, column] for themselves.
    """
    seller, cells = lines.seller, days.cells
    open_t = claim_t * days.open
    use_t = None if serving is None else use_by_order(open_t, planned_t, lines.need)
    first_t, left_t = in_tiers(
        open_t, planned_t * days.open, seller=seller, stock_t=stock_t, tiers=tiers, serving=serving,
        use_t=use_t,
    )  # fmt: skip
    by_product = np.flatnonzero(lines.by_product)
    first_t[by_product] = by_product_t * days.open[by_product]
    short_t = open_t
    short_t -= first_t
    np.maximum(short_t, 0.0, out=short_t)
    short_t[by_product] = 0.0
    lost_t = short_t + claim_t * days.shut
    wanted_t, unmet_t = first_t, short_t
    first_of_cells = first_t.take(cells.flat) if cells else np.zeros(0)
    asked = np.zeros((1, 0))
    if lost_t.any() or cells is not None:
        spare_t = _spare(left_t, stock_t, keeps_t)
        weight = seller.spread(spare_t)
        weight *= days.able
        if cells is not None:
            lost_t.ravel()[cells.flat] = 0.0
        asked_t = _asked(weight, lost_t, lines.need)
        if cells is not None:
            opens = _parts_open(cells)
            claim, short = claim_t.take(cells.flat), short_t.take(cells.flat)
            lost = short * opens + np.where(cells.shut, claim * cells.part, 0.0)
            asked = _cells_asked(lines, cells, lost, cells.open, spare_t)
            asked_t.ravel()[cells.flat] = over_stretches(asked)
        more_t = _given(asked_t, seller, spare_t, serving)
        wanted_t = first_t + more_t
        unmet_t = short_t + asked_t
        unmet_t -= more_t
        if cells is not None:
            given = ratio(more_t.take(cells.flat), asked_t.take(cells.flat))
            asked = asked * given
    by_stretch = asked
    if cells is not None:
        by_stretch = first_of_cells * _parts_open(cells) + asked
        wanted_t.ravel()[cells.flat] = over_stretches(by_stretch)
    return Wanted(wanted_t, seller.total(unmet_t), by_stretch)


def _spare(left_t: FloatArray, stock_t: FloatArray, keeps_t: FloatArray | None) -> FloatArray:
    """[seller, column] t that sellers give to whom others fail, but for what rounding leaves."""
    if keeps_t is not None:
        left_t = np.maximum(0.0, left_t - keeps_t)
    return np.where(left_t > NOISE * stock_t, left_t, 0.0)


def _given(
    asked_t: FloatArray, seller: Groups, spare_t: FloatArray, serving: Serving | None
) -> FloatArray:
    """[line, column] t of what is asked of sellers because others fail."""
    if serving is None:
        return proportional(asked_t, seller, spare_t)
    return serving.fill_asked(asked_t, seller, spare_t)


def told(open_t: FloatArray, ways: Sequence[tuple[Groups, Groups, FloatArray]]) -> FloatArray:
    """[seller, column] t of unfilled need [need, column] that sellers hear of, contracted with them or not.

    `ways` are (seller, need, weight) of lines, and of whatever else leads from sellers to needs, [way, column]:
    what a need lacks is told to all that could send it, by their weight.
    """
    whole = sum((need.total(weight) for _, need, weight in ways), np.zeros_like(open_t))
    per_weight = ratio(open_t, whole)
    parts = [seller.total(need.spread(per_weight) * weight) for seller, need, weight in ways]
    return np.sum(parts, axis=0) if len(parts) > 1 else parts[0]


def _parts_open(cells: Cells) -> FloatArray:
    """[stretch, cell] of the days on which a cell is open, those of each stretch."""
    return ratio(np.where(cells.open, cells.part, 0.0), cells.opens())


def over_stretches(values: FloatArray) -> FloatArray:
    """[cell] sums of [stretch, cell]; added in the order of the days."""
    out = np.array(values[0], dtype=np.float64)
    for each in values[1:]:
        out += each
    return out


def _asked(weight: FloatArray, lost_t: FloatArray, need: Groups) -> FloatArray:
    """[line, ...] t asked of sellers by their `weight` for what each need lost [line, ...]."""
    total_t = need.total(weight)
    per_t = np.divide(
        need.total(lost_t), total_t, out=np.zeros_like(total_t), where=total_t > LEAST_T
    )
    asked: FloatArray = need.spread(per_t)
    asked *= weight
    return asked


def _cells_asked(
    lines: Lines, cells: Cells, lost_t: FloatArray, able: BoolArray, spare_t: FloatArray
) -> FloatArray:
    """[stretch, cell] the same for cells, of sellers that are `able` on that stretch."""
    spare = spare_t[lines.seller.number[cells.line], cells.column] * lines.may_be_asked[cells.line]
    asked = np.empty(cells.open.shape)
    for k, (now, lost) in enumerate(zip(able, lost_t, strict=True)):
        asked[k] = _asked(np.where(now, spare, 0.0), lost, cells.group)
    return asked


def instead(
    lines: Lines, days: Days, *, waits_t: FloatArray, cells_wait_t: FloatArray, stock_t: FloatArray,
    sent_t: FloatArray, serving: Serving | None = None, keeps_t: FloatArray | None = None,
) -> Wanted:  # fmt: skip
    """What others would send for what `waits_t` [line, column], of cells `cells_wait_t` [stretch, cell].

    They have `stock_t` [seller, column] less what is `sent_t` [line, column]; where something waits already
    nobody is asked. `unmet_t` of the outcome is what is asked in vain.
    """
    seller, cells = lines.seller, days.cells
    spare_t = _spare(stock_t - seller.total(sent_t), stock_t, keeps_t)
    weight = seller.spread(spare_t)
    weight *= days.able
    weight[waits_t > 0] = 0.0
    lost_t, by_stretch = waits_t, np.zeros((1, 0))
    if cells is not None:
        lost_t = waits_t.copy()
        lost_t.ravel()[cells.flat] = 0.0
    asked_t = _asked(weight, lost_t, lines.need)
    if cells is not None:
        able = cells.open & (cells_wait_t <= 0)
        by_stretch = _cells_asked(lines, cells, cells_wait_t, able, spare_t)
        asked_t.ravel()[cells.flat] = over_stretches(by_stretch)
    more_t = _given(asked_t, seller, spare_t, serving)
    if cells is not None:
        by_stretch = by_stretch * ratio(more_t.take(cells.flat), asked_t.take(cells.flat))
        more_t.ravel()[cells.flat] = over_stretches(by_stretch)
    return Wanted(more_t, seller.total(asked_t - more_t), by_stretch)


def still_waiting(
    lines: Lines, days: Days, *, claim_t: FloatArray, waits_t: FloatArray, sent_t: FloatArray,
    instead_t: FloatArray,
) -> FloatArray:  # fmt: skip
    """[line, column] t that go on waiting of what `waits_t`, where others send `instead_t` [line, column].

    No line waits for more than its own buyer claims of it, `claim_t`, on days that are not shut, less what
    is `sent_t`: what other sellers lacked is asked again by the buyer.
    """
    shut, cells = days.shut, days.cells
    if cells is not None:
        shut = shut.copy()
        shut.ravel()[cells.flat] = over_stretches(np.where(cells.shut, cells.part, 0.0))
    own_t = np.minimum(waits_t, np.maximum(0.0, claim_t * (1.0 - shut) - sent_t))
    part = ratio(lines.need.total(instead_t), lines.need.total(waits_t))
    left: FloatArray = own_t * np.maximum(0.0, 1.0 - lines.need.spread(part))
    return left


def in_tiers(
    orders_t: FloatArray, planned_t: FloatArray, *, seller: Groups, stock_t: FloatArray,
    tiers: FloatArray | None, serving: Serving | None = None, use_t: FloatArray | None = None,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """[line, column] t filled out of `stock_t` [seller, column], planned use first; tiers in their order.

    Beside it what is left [seller, column]. Within a tier a rule of `serving` has its own order, with floors
    of `use_t` [line, column].
    """
    if serving is not None:
        return serving.fill(orders_t, planned_t, seller, stock_t, tiers, use_t)
    if tiers is None:
        return planned_first(orders_t, planned_t, seller, stock_t)
    filled_t, left_t = np.zeros_like(orders_t), stock_t
    for each in np.unique(tiers):
        now_t, left_t = planned_first(
            np.where(tiers == each, orders_t, 0.0), planned_t, seller, left_t
        )
        filled_t += now_t
    return filled_t, left_t


def pushed(seller: Groups, *, stock_t: FloatArray, rate: FloatArray, runs: BoolArray) -> FloatArray:
    """[line, column] t of all that sellers have, `stock_t` [seller, column], shared among buyers that run.

    It is shared by planned `rate` [line, column], evenly where nothing is planned, and stays where no buyer
    `runs` [line].
    """
    running = np.repeat(runs.astype(np.float64)[:, None], rate.shape[1], axis=1)
    rate = rate * running
    total = seller.spread(seller.total(rate))
    count = seller.spread(seller.total(running))
    evenly = running / np.maximum(count, 1.0)
    share = np.where(total > 0, ratio(rate, total), evenly)
    return seller.spread(stock_t) * share


def stopped(
    lines: Lines, cells: Cells, *, claim_t: FloatArray, no_room_t: FloatArray
) -> FloatArray:
    """[stretch, cell] t refused or held: what is claimed [cell] for days not open, and what found no room.

    By-products do not wait for room: they are sent on unasked.
    """
    of_days_t = np.where(cells.open, 0.0, claim_t * cells.part)
    return of_days_t + np.where(lines.by_product[cells.line], 0.0, no_room_t)
