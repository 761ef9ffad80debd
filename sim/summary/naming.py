"""What a table calls things: names beside the ids that programs go by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.summary.cause import CEILINGS
from sim.world.world import World

CAPACITY = "capacity"
"""What limits where makers were too small"""
LIMITERS = {CAPACITY: "capacity of makers", CEILINGS: "limits of growth", "": "not known"}


@dataclass(frozen=True, slots=True)
class Names:
    """Id -> name; what has none keeps its id."""

    products: Mapping[str, str]
    sectors: Mapping[str, str]
    regions: Mapping[str, str]
    limiters: Mapping[str, str]
    """Elements, groups, levers and what else can limit"""

    @classmethod
    def of(cls, world: World, levers: Mapping[str, str]) -> Names:
        """Of a pack, and of the levers of a scenario in words."""
        elements = {e.symbol: e.name for e in world.elements}
        groups = {
            group: " or ".join(elements[member] for member in members)
            for group, members in world.groups.items()
        }
        return cls(
            elements | {p.id: p.name for p in world.products},
            {s.id: s.name for s in world.sectors.values()},
            {r.id: r.name for r in world.regions.values()},
            {**LIMITERS, **elements, **groups, **levers},
        )
