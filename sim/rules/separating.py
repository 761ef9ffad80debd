"""What separation and recycling plants start, and what becomes of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def speed(
    *, above_t: FloatArray, sold_t: FloatArray, driver: FloatArray, slack_days: FloatArray
) -> FloatArray:
    """Part of its speed at which a plant runs [plant]: 1 unless everything it is run for piles up.

    `above_t` [plant, element] is stock above target, `sold_t` [plant, element] planned sales a day, `driver`
    [plant, need, element] is 1 for the members of each driver. A plant slows down when each of its drivers
    stands above target by more than `slack_days` [plant] of sales, in a straight line to a stop at twice the
    slack.
    """
    if driver.shape[1] == 0:
        return np.ones(len(above_t))
    per_need_t = (driver * above_t[:, None, :]).sum(axis=2)
    sales_t = (driver * sold_t[:, None, :]).sum(axis=2)
    excess = np.divide(per_need_t, sales_t, out=np.full_like(sales_t, np.inf), where=sales_t > 0)
    slow = np.clip(2.0 - excess.min(axis=1) / np.maximum(slack_days, 1e-9), 0.0, 1.0)
    return np.where(np.any(sales_t > 0, axis=1), slow, 1.0)


def feed_started(
    *,
    held_t: FloatArray,
    planned_t: FloatArray,
    cover_t: FloatArray,
    speed: FloatArray,
    limit_t: FloatArray,
) -> FloatArray:
    """Feed started [plant, form] t: the plan, and what lies above it and the cover, up to the capacity.

    `held_t`, `planned_t` and `cover_t` are [plant, form], `speed` and `limit_t` [plant]. A plant that has
    slowed down works off nothing above plan.
    """
    above_t = np.maximum(0.0, held_t - planned_t - cover_t)
    wanted_t = (planned_t + above_t * (speed >= 1.0)[:, None]) * speed[:, None]
    run_t = np.minimum(wanted_t, held_t)
    total_t = run_t.sum(axis=1)
    able_t = np.minimum(limit_t, total_t)
    scale = np.divide(able_t, total_t, out=np.ones_like(total_t), where=total_t > 0)
    started: FloatArray = run_t * scale[:, None]
    return started


def split(
    *, content_t: FloatArray, recovery: FloatArray, can: BoolArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(elements for sale, mixed rest, loss) [plant, element] t of feed.

    `content_t` and `recovery` are [plant, form, element], `can` [plant, element] says what a plant splits out.
    """
    recovered_t = (content_t * recovery).sum(axis=1)
    lost_t = content_t.sum(axis=1) - recovered_t
    return np.where(can, recovered_t, 0.0), np.where(can, 0.0, recovered_t), lost_t
