"""Value at risk: the missing oxide at the pack's prices. No value added: no source for it is in the pack."""

from __future__ import annotations

import numpy as np

from sim.summary.long import Block, Periods
from sim.summary.service import Needs
from sim.world.places import USE
from sim.world.world import World


def value_block(elements: Needs, world: World, periods: Periods) -> Block:
    """Embodied shortfall x oxide price, million USD of the pack's base year (1 USD/kg = 1,000 USD/t)."""
    price = {e.symbol: e.price_usd_per_kg or 0.0 for e in world.elements}
    texts = elements.groups.texts
    per_t = np.array([price[symbol] for symbol in texts["material"].words()]) * 1000 / 1e6
    musd = periods.sums(elements.shortfall * per_t)
    unit = f"million USD{world.base_year}"
    there = periods.ever(elements.present)
    return Block("value_at_risk", unit, periods.names, {**texts, "stage": USE}, musd, there)
