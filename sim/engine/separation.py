"""Separation and recycling: feed becomes elements for sale as far as the plant can split it.

What a plant cannot split leaves as mixed concentrate and must travel on. A plant runs at planned feed,
faster to work off feed above its cover, slower when every element it runs for is piling up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network, rows_at
from sim.engine.plan import recovery_of
from sim.engine.stocks import Stocks
from sim.world.world import Site

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Plants:
    """All separation and recycling plants at once; inputs are padded to the same number of forms."""

    site: tuple[str, ...]
    recycles: BoolArray
    """[plant] wins elements back from scrap"""
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
    lanes_in: FloatArray
    """[plant, form, lane] 1 for the lanes that bring this feed"""
    output: IntArray
    """[plant, element]; the dummy where the plant sells none"""
    mixed_output: IntArray
    mixed_blend: IntArray
    residence_days: FloatArray
    driver: FloatArray
    """[plant, need, element] 1 for the members of each group of driver elements"""
    slack_days: FloatArray

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
        lanes = np.array([[network.lane_input == i for i in row] for row in feed], dtype=float)
        lanes = np.where((feed >= 0)[:, :, None], lanes.reshape(*shape, -1), 0.0)
        mixed = [network.output_index((s, world.mixed_form, "")) for s in sites]
        mixed_output = np.array(mixed, dtype=np.intp)
        return cls(
            site=sites,
            recycles=np.array([world.sites[s].stage == "recycling" for s in sites], dtype=np.bool_),
            holder=holder,
            feed_blend=blend,
            recovery=_recoveries(network, sites, forms),
            capability=_capability(network, sites),
            capacity=_capacity(network, sites),
            cover_days=np.where(holder >= 0, network.holder_cover_days[holder], 0.0),
            lanes_in=lanes,
            output=_element_outputs(network, sites),
            mixed_output=mixed_output,
            mixed_blend=np.where(mixed_output >= 0, network.output_blend[mixed_output], -1).astype(
                np.intp
            ),
            residence_days=np.array([np.ceil(world.sites[s].processing_days) for s in sites]),
            driver=_drivers(network, [world.sites[s] for s in sites]),
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


@dataclass(frozen=True, slots=True)
class SeparationBatch:
    """What leaves the plants when this review's feed has passed through, t."""

    elements_t: FloatArray
    """[plant, element] for sale"""
    mixed_t: FloatArray
    """[plant, element] travels on"""
    lost_t: FloatArray
    """[plant, element]"""
    feed_t: FloatArray
    """[plant, form]"""


def separate(
    plants: Plants,
    network: Network,
    stocks: Stocks,
    *,
    lane_plan: FloatArray,
    sales_plan: FloatArray,
    stock_target: FloatArray,
    day: float,
    span: float,
) -> SeparationBatch:
    """Start this review's feed at every plant; it comes out after the plant's residence time."""
    days = network.plan.days
    held_t = stocks.held[plants.holder]
    planned_t = plants.lanes_in @ (lane_plan * span)
    run_t = _feed_run(plants, stocks, held_t, planned_t, sales_plan, stock_target, span)
    limit_t = rows_at(days, plants.capacity, day) * span
    total_t = run_t.sum(axis=1)
    able_t = np.minimum(limit_t, total_t)
    scale = np.divide(able_t, total_t, out=np.ones_like(total_t), where=total_t > 0)
    run_t = run_t * scale[:, None]
    content_t = run_t[:, :, None] * stocks.input_composition()[plants.feed_blend]
    stocks.held[plants.holder] -= run_t
    stocks.held_content[plants.feed_blend] -= content_t
    stocks.held[-1] = 0.0
    stocks.held_content[-1] = 0.0
    recovered_t = (content_t * plants.recovery).sum(axis=1)
    can = rows_at(days, plants.capability, day) >= 0.5
    return SeparationBatch(
        elements_t=np.where(can, recovered_t, 0.0),
        mixed_t=np.where(can, 0.0, recovered_t),
        lost_t=content_t.sum(axis=1) - recovered_t,
        feed_t=run_t,
    )


def _feed_run(
    plants: Plants,
    stocks: Stocks,
    held_t: FloatArray,
    planned_t: FloatArray,
    sales_plan: FloatArray,
    stock_target: FloatArray,
    span: float,
) -> FloatArray:
    """[plant, form] feed to start: the plan, plus what lies above cover, less where drivers pile up."""
    above_t = np.maximum(0.0, held_t - planned_t - plants.cover_days * planned_t / span)
    speed = _speed(plants, stocks, sales_plan, stock_target)
    wanted_t = (planned_t + above_t * (speed >= 1.0)[:, None]) * speed[:, None]
    return np.minimum(wanted_t, held_t)


def _speed(
    plants: Plants, stocks: Stocks, sales_plan: FloatArray, stock_target: FloatArray
) -> FloatArray:
    """[plant] 1 unless every driver stands above target by more than the slack; then down to 0.

    The slack is days of planned sales; from once to twice the slack the plant slows in a straight line.
    """
    if plants.driver.shape[1] == 0:
        return np.ones(len(plants.site))
    above_t = np.maximum(0.0, stocks.sold[plants.output] - stock_target[plants.output])
    per_need_t = (plants.driver * above_t[:, None, :]).sum(axis=2)
    sold_t = (plants.driver * sales_plan[plants.output][:, None, :]).sum(axis=2)
    excess_days = np.divide(per_need_t, sold_t, out=np.full_like(sold_t, np.inf), where=sold_t > 0)
    least = excess_days.min(axis=1)
    has_plan = np.any(sold_t > 0, axis=1)
    slow = np.clip(2.0 - least / np.maximum(plants.slack_days, 1e-9), 0.0, 1.0)
    return np.where(has_plan, slow, 1.0)


def land_separated(plants: Plants, stocks: Stocks, batch: SeparationBatch, which: IntArray) -> None:
    """Put a batch of the plants `which` into their producer stocks."""
    for p in which:
        outputs = plants.output[p]
        sells = outputs >= 0
        stocks.sold[outputs[sells]] += batch.elements_t[p, sells]
        mixed_t = batch.mixed_t[p]
        if plants.mixed_output[p] >= 0:
            stocks.sold[plants.mixed_output[p]] += mixed_t.sum()
            stocks.sold_content[plants.mixed_blend[p]] += mixed_t
