"""What separation and recycling plants start, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.equations.sums import NOISE, Groups, ratio, total

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Drivers:
    """What plants are run for: each a need that elements fill together; index lists of those that exist."""

    needs: Groups
    """[member] need"""
    plant: IntArray
    """[member]"""
    element: IntArray
    """[member]"""
    of_plants: IntArray
    """Plants with needs, in their order"""
    first: IntArray
    """[plant with needs] its first need; they stand together"""
    plants: int

    @classmethod
    def of(cls, driver: FloatArray) -> Drivers:
        """From [plant, need, element], 1 for the members of each need."""
        plant, need, element = np.nonzero(driver)
        place = plant * max(driver.shape[1], 1) + need
        used, number = np.unique(place, return_inverse=True)
        of_plants, first = np.unique(used // max(driver.shape[1], 1), return_index=True)
        needs = Groups(number.astype(np.intp), len(used))
        return cls(needs, plant, element, of_plants, first, driver.shape[0])

    def total(self, by_element: FloatArray) -> FloatArray:
        """[need, column] of [plant, element, column]."""
        return self.needs.total(by_element[self.plant, self.element])

    def least(self, by_need: FloatArray) -> FloatArray:
        """[plant, column] least of [need, column]; infinite for a plant without needs."""
        out = np.full((self.plants, by_need.shape[1]), np.inf)
        if len(self.first):
            out[self.of_plants] = np.minimum.reduceat(by_need, self.first, axis=0)
        return out

    def most(self, by_need: FloatArray) -> FloatArray:
        """[plant, column] most of [need, column]; 0 for a plant without needs."""
        out = np.zeros((self.plants, by_need.shape[1]))
        if len(self.first):
            out[self.of_plants] = np.maximum.reduceat(by_need, self.first, axis=0)
        return out

    def any(self, by_element: BoolArray) -> BoolArray:
        """[plant, column] whether any of its elements is marked [plant, element, column]."""
        out = np.zeros((self.plants, by_element.shape[2]), dtype=np.bool_)
        np.logical_or.at(out, self.plant, by_element[self.plant, self.element])
        return out


def speed(
    *, above_t: FloatArray, sold_t: FloatArray, drivers: Drivers, slack_days: FloatArray
) -> FloatArray:
    """Part of its speed at which a plant runs [plant, column]: 1 unless everything it is run for piles up.

    `above_t` [plant, element, column] is stock above target, `sold_t` [plant, element, column] planned sales a
    day. A plant slows down when each of its drivers stands above target by more than `slack_days` [plant] of
    sales, in a straight line to a stop at twice the slack.
    """
    per_need_t, sales_t = drivers.total(above_t), drivers.total(sold_t)
    excess = np.divide(per_need_t, sales_t, out=np.full_like(sales_t, np.inf), where=sales_t > 0)
    least = drivers.least(excess)
    slow = np.clip(2.0 - least / np.maximum(slack_days, 1e-9)[:, None], 0.0, 1.0)
    # Where nothing it is run for is sold there is nothing to go by.
    return np.where(np.isinf(least), 1.0, slow)


def feed_to_refill(
    *, lacks_t: FloatArray, made_t: FloatArray, run_t: FloatArray, drivers: Drivers
) -> FloatArray:
    """[plant, column] t of feed from which what lacks of the scarcest driver comes out.

    `lacks_t` [plant, element, column] is missing, what is in process included; members of a group make up for
    one another. From planned feed `run_t` [plant, column] come `made_t` [plant, element, column].
    """
    lacks, made = drivers.total(lacks_t), drivers.total(made_t)
    # What hardly comes out of the feed is not made by taking all there is.
    feed = np.divide(lacks, made, out=np.zeros_like(made), where=made > NOISE)
    return run_t * np.maximum(0.0, drivers.most(feed))


def feed_started(
    *,
    held_t: FloatArray,
    planned_t: FloatArray,
    cover_t: FloatArray,
    speed: FloatArray,
    limit_t: FloatArray,
    refill_t: FloatArray | None = None,
    comes_unasked: BoolArray | None = None,
) -> FloatArray:
    """Feed started [plant, form, column] t: the plan, and what lies above it and the cover, up to the capacity.

    `held_t`, `planned_t` and `cover_t` are [plant, form, column], `speed`, `limit_t` and `refill_t` [plant,
    column]. A plant that has slowed down works off nothing above plan. One that answers starts as much as
    refills its stock, and works off what `comes_unasked` [form] alone: it would order again what it uses more.
    """
    above_t = np.maximum(0.0, held_t - planned_t - cover_t)
    if comes_unasked is not None:
        above_t = np.where(comes_unasked[:, None], above_t, 0.0)
    wanted_t = (planned_t + above_t * (speed >= 1.0)[:, None]) * speed[:, None]
    if refill_t is not None:
        whole_t = total(planned_t, axis=1)
        wanted_t = np.maximum(wanted_t, planned_t * ratio(refill_t, whole_t)[:, None])
    run_t = np.minimum(wanted_t, held_t)
    total_t = total(run_t, axis=1)
    started: FloatArray = run_t * ratio(np.minimum(limit_t, total_t), total_t)[:, None]
    return started


def split(
    *, content_t: FloatArray, recovery: FloatArray, can: BoolArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(elements for sale, mixed rest, loss) [plant, element, column] t of feed.

    `content_t` [plant, form, element, column], `recovery` [plant, form, element]; `can` [plant, element] says
    what a plant splits out.
    """
    recovered_t = total(content_t * recovery[..., None], axis=1)
    lost_t = total(content_t, axis=1) - recovered_t
    return (
        np.where(can[..., None], recovered_t, 0.0),
        np.where(can[..., None], 0.0, recovered_t),
        lost_t,
    )
