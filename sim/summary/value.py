"""Value at risk: the scarce oxide in what is missing, at the pack's prices.

What only waited for it (the neodymium in a magnet that lacks dysprosium) is not counted, and no value added:
no source for it is in the pack.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from sim.engine.records import Records
from sim.summary.cause import CEILINGS, Limits
from sim.summary.long import Block, Groups, Periods
from sim.summary.naming import CAPACITY
from sim.summary.scope import Scope
from sim.summary.service import Part, contents_of_use
from sim.world.places import USE
from sim.world.world import World, end_use_id

FloatArray = npt.NDArray[np.float64]


def value_block(
    records: Records, limits: Limits, scope: Scope, world: World, periods: Periods,
    *, restricted: Mapping[str, frozenset[str]], years: FloatArray | None = None,
    part: Part | None = None,
) -> Block:  # fmt: skip
    """What is missing x the share of each scarce element x its price; million USD of the pack's base year.

    Missing tonnes are laid to what stopped them (`limits`) by its part. 1 USD/kg = 1,000 USD/t.
    `restricted` has the elements that each restriction is about, none for all. `years` and `part` as in
    `elements_needed`.
    """
    texts, items, shares = contents_of_use(records, world, years, part)
    use = records.use_by_month
    prices = {e.symbol: e.price_usd_per_kg or 0.0 for e in world.elements}
    columns = (use.texts[column].words() for column in ("sector", "region", "product"))
    parts = [_parts_scarce(limits, scope, world, restricted, *at)
             for at in zip(*columns, strict=True)]  # fmt: skip
    of = zip(items, texts["material"].words(), strict=True)
    per_t = np.array([parts[item].get(e, 0.0) * prices[e] * 1000 / 1e6 for item, e in of])
    groups = Groups.of(texts)
    values = use.values
    missing = np.maximum(0.0, values["demand_t"] - values["consumed_t"])[:, items]
    musd = periods.sums(groups.sums(missing * shares * per_t))
    there = periods.ever(groups.ever(use.present[:, items]))
    unit = f"million USD{world.base_year}"
    return Block("value_at_risk", unit, periods.names, {**groups.texts, "stage": USE}, musd, there)


def _parts_scarce(
    limits: Limits, scope: Scope, world: World, restricted: Mapping[str, frozenset[str]],
    sector: str, region: str, product: str,
) -> Mapping[str, float]:  # fmt: skip
    """Element -> part of the missing tonnes of a product for which it was scarce."""
    recipe = world.recipes.get(product)
    holds = frozenset(p.element for p in recipe.ingredients) if recipe else frozenset({product})
    named = frozenset(e for e in holds if (e, region) in scope.elements)
    in_scope = named if (product, region) in scope.products else frozenset()
    found = limits.get((end_use_id(sector, region), product)) or {"": 1.0}
    total, parts = sum(found.values()), dict.fromkeys(sorted(holds), 0.0)
    for limiter, t in found.items():
        for element in _scarce(limiter, holds, in_scope, world, restricted):
            parts[element] += t / total
    return parts


def _scarce(
    limiter: str, holds: frozenset[str], in_scope: frozenset[str], world: World,
    restricted: Mapping[str, frozenset[str]],
) -> frozenset[str]:  # fmt: skip
    """Elements of a product that were scarce where this limited it."""
    if limiter in world.groups:
        return holds & frozenset(world.groups[limiter])
    if limiter in {e.symbol for e in world.elements}:
        return holds & {limiter}
    if limiter in restricted:
        # Whichever of several is named as the one that stopped it: what any of them keeps back is scarce.
        own = holds & restricted[limiter] if restricted[limiter] else holds
        return in_scope | own
    if limiter == CEILINGS:
        return holds
    # Where a maker was too small, or nothing is known, only what is restricted; a shock stops the goods whole.
    return in_scope if limiter in ("", CAPACITY) else holds
