"""Output at risk: what is missing of the use that can neither be postponed nor be made without."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from sim.engine.panel import Texts
from sim.rules.behaviour import Behaviour
from sim.words.quantities import DAYS_PER_WEEK
from sim.world.world import World

BELOW_SHARE = 0.20 + 1e-9
"""Output at risk above a fifth is a week below 80 % of output; exactly a fifth, rounded, is not."""
FloatArray = npt.NDArray[np.float64]


def postponed_shares(world: World, behaviour: Behaviour) -> Mapping[str, float]:
    """Sector -> part of its use that can be postponed or made without; nothing where the rule is off."""
    rule = behaviour.postponable
    if rule is None:
        return dict.fromkeys(world.sectors, 0.0)
    return {
        id: sector.postponable_share if rule.share is None else rule.share
        for id, sector in world.sectors.items()
    }


def of_items(shares: Mapping[str, float], sectors: Texts) -> FloatArray:
    """[item] the share of each one's sector."""
    return np.array([shares.get(name, 0.0) for name in sectors.names], dtype=np.float64)[
        sectors.codes
    ]


def at_risk_t(shortfall_t: FloatArray, demand_t: FloatArray, share: FloatArray) -> FloatArray:
    """[..., item] t that are missing once `share` [item] of the demand is made without."""
    return np.maximum(0.0, shortfall_t - share * demand_t)


def output_at_risk(missing_t: FloatArray, demand_t: FloatArray, share: FloatArray) -> FloatArray:
    """[..., item] `at_risk_t` as a part of the demand that is left, 0 to 1; 0 where none is left."""
    left_t = (1 - share) * demand_t
    part = np.divide(missing_t, left_t, out=np.zeros_like(demand_t), where=left_t > 0)
    return np.minimum(1.0, part)


def days_of_reviews(review_day: FloatArray, run_days: float) -> FloatArray:
    """[review] days of the run since the review before, for which a review stands."""
    span = review_day[-1] - review_day[-2] if len(review_day) > 1 else DAYS_PER_WEEK
    return np.maximum(0.0, np.minimum(review_day, run_days) - np.maximum(review_day - span, 0.0))


def weeks_below(at_risk: FloatArray, review_day: FloatArray, run_days: float) -> FloatArray:
    """[item] weeks of the run in which output at risk [review, item] is more than a fifth."""
    days = days_of_reviews(review_day, run_days)
    return (days[:, None] * (at_risk > BELOW_SHARE)).sum(axis=0) / DAYS_PER_WEEK
