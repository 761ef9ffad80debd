"""Separation and recycling: feed becomes elements for sale as far as the plant can split it.

What a plant cannot split leaves as mixed concentrate and must travel on. A plant runs at planned feed,
faster to work off feed above its cover, slower when every element it runs for is piling up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from sim.engine.day_plan import DayPlan
from sim.engine.network import Network, rows_at
from sim.engine.plan import recovery_of
from sim.engine.stocks import Stocks, shares_by_element
from sim.engine.works import Batch, Taken
from sim.equations.sums import Groups, total
from sim.rules.separating import Drivers, feed_started, feed_to_refill, speed, split
from sim.world.world import Site

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Plants:
    """All separation and recycling plants at once; inputs are padded to the same number of forms."""

    site: tuple[str, ...]
    holder: IntArray
    """[plant, form] the plant's feed of each blend form; the dummy where it takes none"""
    feed_blend: IntArray
    """[plant, form]"""
    recovery: FloatArray
    """[plant, form, element]"""
    capability: FloatArray
    """[time, plant, element] 1 where the plant can split the element out"""
    capacity: FloatArray
    """[time, plant] t/day of feed"""
    cover_days: FloatArray
    """[plant, form]"""
    comes_unasked: BoolArray
    """[form] it is sent on by those who have it, and not ordered"""
    feed_lanes: IntArray
    """Lanes that bring feed"""
    feeds: Groups
    """[feed lane] plant and form, in this order"""
    output: IntArray
    """[plant, element]; the dummy where the plant sells none"""
    output_blend: IntArray
    """[plant, element] -1: what it sells are single elements"""
    side_output: IntArray
    """[plant] mixed concentrate"""
    side_blend: IntArray
    days: FloatArray
    """[plant] in process"""
    drivers: Drivers
    """The elements it is run for; members of a group together"""
    slack_days: FloatArray
    name: str = "plants"

    def counted_t(self, batch: Batch) -> FloatArray:
        """[plant, column] feed."""
        return total(batch.inside_t, axis=1)

    @property
    def site_of(self) -> IntArray:
        """[plant] each takes its own feed."""
        return np.arange(len(self.site))

    @classmethod
    def of(cls, network: Network) -> Plants:
        """Plants that run at some time, in the order of their ids."""
        world, plan = network.world, network.plan
        sites = tuple(
            s for s in sorted(plan.active) if world.sites[s].stage in ("separation", "recycling")
        )
        forms = sorted({f for _, f, p in network.inputs if p == ""})
        keys = [[(s, f, "") for f in forms] for s in sites]
        shape = (len(sites), len(forms))
        feed = np.array([[network.input_index(k) for k in row] for row in keys], dtype=np.intp)
        feed = feed.reshape(shape)
        first_holder = {int(i): h for h, i in reversed(list(enumerate(network.holder_input)))}
        holder = np.array(
            [[first_holder.get(int(i), -1) for i in row] for row in feed], dtype=np.intp
        )
        holder = holder.reshape(shape)
        blend = np.where(feed >= 0, network.input_blend[feed], -1).astype(np.intp)
        number = {int(i): n for n, i in enumerate(feed.ravel()) if i >= 0}
        feed_lanes = np.flatnonzero(np.isin(network.lane_input, list(number)))
        brings = [number[int(network.lane_input[lane])] for lane in feed_lanes]
        mixed = [network.output_index((s, world.mixed_form, "")) for s in sites]
        mixed_output = np.array(mixed, dtype=np.intp)
        return cls(
            site=sites,
            holder=holder,
            feed_blend=blend,
            recovery=_recoveries(network, sites, forms),
            capability=_capability(network, sites),
            capacity=_capacity(network, sites),
            cover_days=np.where(holder >= 0, network.holder_cover_days[holder], 0.0),
            comes_unasked=np.array([f in (world.mixed_form, world.scrap_form) for f in forms]),
            feed_lanes=feed_lanes,
            feeds=Groups(np.array(brings, dtype=np.intp), feed.size),
            output=_element_outputs(network, sites),
            output_blend=np.full((len(sites), len(network.elements)), -1, dtype=np.intp),
            side_output=mixed_output,
            side_blend=np.where(mixed_output >= 0, network.output_blend[mixed_output], -1).astype(
                np.intp
            ),
            days=np.array([np.ceil(world.sites[s].processing_days) for s in sites]),
            drivers=Drivers.of(_drivers(network, [world.sites[s] for s in sites])),
            slack_days=np.array([world.sites[s].driver_slack_days for s in sites]),
        )


def _recoveries(network: Network, sites: tuple[str, ...], forms: list[str]) -> FloatArray:
    table = [
        [[recovery_of(network.world.sites[s], f, e) for e in network.elements] for f in forms]
        for s in sites
    ]
    return np.array(table).reshape(len(sites), len(forms), len(network.elements))


def _capability(network: Network, sites: tuple[str, ...]) -> FloatArray:
    days = network.plan.days
    table = np.zeros((len(days), len(sites), len(network.elements)))
    for i, s in enumerate(sites):
        for j, e in enumerate(network.elements):
            path = network.plan.can_separate[s].get(e)
            if path is not None:
                table[:, i, j] = path
    return table


def _capacity(network: Network, sites: tuple[str, ...]) -> FloatArray:
    """t/day of feed; a recycler's capacity is stated as oxide out and is turned into feed."""
    columns = []
    for s in sites:
        site = network.world.sites[s]
        per_feed = recovery_of(site, "*", "") if site.stage == "recycling" else 1.0
        columns.append(network.plan.capacity[s] / per_feed)
    return np.array(columns).T.reshape(len(network.plan.days), len(sites))


def _element_outputs(network: Network, sites: tuple[str, ...]) -> IntArray:
    table = [
        [network.output_index((s, network.shape.makes[s], e)) for e in network.elements]
        for s in sites
    ]
    return np.array(table, dtype=np.intp).reshape(len(sites), len(network.elements))


def _drivers(network: Network, sites: list[Site]) -> FloatArray:
    groups = [set(m) for m in network.world.groups.values()]
    rows = []
    for site in sites:
        left, needs = set(site.drivers), []
        for members in groups:
            if members & left:
                needs.append(members & left)
                left -= members
        rows.append(needs + [{e} for e in sorted(left)])
    most = max([len(r) for r in rows], default=0)
    table = np.zeros((len(sites), most, len(network.elements)))
    for i, needs in enumerate(rows):
        for j, members in enumerate(needs):
            table[i, j] = [e in members for e in network.elements]
    return table


def planned_feed(plants: Plants, lane_plan: FloatArray) -> FloatArray:
    """[plant, form, column] t/day of planned feed, from planned rates [lane, column]."""
    feed = plants.feeds.total(lane_plan[plants.feed_lanes])
    return feed.reshape(*plants.holder.shape, lane_plan.shape[1])


def separate(
    plants: Plants, network: Network, stocks: Stocks, plan: DayPlan, lacks_t: FloatArray | None,
    *, day: float, span: float,
) -> tuple[Taken, Batch, FloatArray, FloatArray | None]:  # fmt: skip
    """Feed that a review starts at every plant, what comes out of it later, planned feed, and the answer.

    Planned feed is [plant, column], t. What lacks of the stock aimed at and of open orders, `lacks_t` [output
    + 1, column], is refilled; None where plants keep to their plan. The answer [plant, column] t is what this
    makes them start beyond what they would start else.
    """
    days, held_t = network.plan.days, stocks.held[plants.holder]
    planned_t = plan.feed * span
    can = rows_at(days, plants.capability, day) >= 0.5
    mix = _feed_mix(plants, stocks)
    refill_t = None
    if lacks_t is not None:
        product_t = _batch(plants, planned_t[:, :, None] * mix, can).product_t
        refill_t = feed_to_refill(
            lacks_t=np.where((plants.output >= 0)[..., None], lacks_t[plants.output], 0.0),
            made_t=product_t, run_t=total(planned_t, axis=1), drivers=plants.drivers,
        )  # fmt: skip
    start = partial(
        feed_started,
        held_t=held_t,
        planned_t=planned_t,
        cover_t=plants.cover_days[..., None] * planned_t / span,
        speed=speed(
            above_t=np.maximum(0.0, stocks.sold[plants.output] - plan.stock_target[plants.output]),
            sold_t=plan.sales[plants.output],
            drivers=plants.drivers,
            slack_days=plants.slack_days,
        ),
        limit_t=(rows_at(days, plants.capacity, day) * span)[:, None],
    )
    run_t, answer_t = start(), None
    if refill_t is not None:
        plain_t = total(run_t, axis=1)
        run_t = start(refill_t=refill_t, comes_unasked=plants.comes_unasked)
        answer_t = np.maximum(0.0, total(run_t, axis=1) - plain_t)
    content_t = run_t[:, :, None] * mix
    taken = Taken(plants.holder, run_t, plants.feed_blend, content_t)
    batch = _batch(plants, content_t, can)
    return taken, batch, total(planned_t, axis=1), answer_t


def _feed_mix(plants: Plants, stocks: Stocks) -> FloatArray:
    """[plant, form, element, column] part of each element in the feed that a plant holds."""
    sites, forms = plants.holder.shape
    held_t = stocks.held_content[plants.feed_blend.ravel()]
    return shares_by_element(held_t).reshape(sites, forms, *held_t.shape[1:])


def planned_batch(
    plants: Plants, network: Network, stocks: Stocks, feed: FloatArray, span: float
) -> Batch:
    """One review's planned feed [plant, form, column] t/day as it would leave the plants at the beginning."""
    content_t = (feed * span)[:, :, None] * _feed_mix(plants, stocks)
    return _batch(plants, content_t, plants.capability[0] >= 0.5)


def _batch(plants: Plants, content_t: FloatArray, can: BoolArray) -> Batch:
    elements_t, mixed_t, lost_t = split(content_t=content_t, recovery=plants.recovery, can=can)
    stored = (plants.side_output >= 0)[:, None, None]
    return Batch(
        product_t=elements_t,
        content_t=None,
        side_t=np.where(stored, mixed_t, 0.0),
        lost_t=lost_t + np.where(stored, 0.0, mixed_t),
        inside_t=elements_t + mixed_t + lost_t,
    )
