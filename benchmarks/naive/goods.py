"""Stocks, what is sold and held, the lines between them, and sums of blends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import simpy

from sim.world.world import Link

Blend = dict[str, float]
"""Element -> t."""
Life = Generator[simpy.Event, Any, None]
LaneKey = tuple[str, str, str, str]
"""Seller, buyer, form, product."""
Way = tuple[str, int]
"""Corridor (or nothing) and days."""

NOTHING = 1e-9
"""Part of a tonnage (or days) that is rounding."""
PRESSING = 1e-6
"""Part of a review's planned sales above which unmet orders make mines and plants hurry."""
RUN_OUT = 1e-6
"""Part of a review's planned use; who holds less has run out."""


class Store:
    """A stock of one product: a container for each of its elements, always well mixed."""

    def __init__(self, env: simpy.Environment, elements: Iterable[str]) -> None:
        self.parts = {e: simpy.Container(env) for e in elements}

    @property
    def level(self) -> float:
        return sum(part.level for part in self.parts.values())

    def put(self, blend: Blend) -> None:
        for e, t in blend.items():
            if t > 0:
                self.parts[e].put(t)

    def take(self, t: float) -> Blend:
        """So many tonnes (or what there is) with the store's mixture."""
        level = self.level
        part = min(1.0, t / level) if level > 0 else 0.0
        blend = {e: part * c.level for e, c in self.parts.items() if part * c.level > 0}
        for e, amount in blend.items():
            self.parts[e].get(amount)
        return blend


@dataclass(eq=False)
class Item:
    """What a seller sells: one product in its producer stock."""

    place: str
    form: str
    product: str
    store: Store
    lines: list[Line] = field(default_factory=list)
    sales: float = 0.0
    """Planned, t/day."""
    unmet: float = 0.0
    in_process: float = 0.0
    spare: float = 0.0


@dataclass(eq=False)
class Holding:
    """What one end user of a place holds of one product, and what is on the way to it."""

    place: str
    form: str
    product: str
    user: int
    share: float
    cover: float
    store: Store
    lines: list[Line] = field(default_factory=list)
    use: float = 0.0
    """Planned, t/day."""
    inbound: float = 0.0


@dataclass(eq=False)
class Line:
    """One seller's item to one holding; its tonnes at this review, and its days until the next."""

    item: Item
    holding: Holding
    rate: float
    link: Link
    pushed: bool
    lead: float = 0.0
    """Transit by the way that is open at the review."""
    open: float = 1.0
    """Part of the review's days on which it is open."""
    days: list[float] = field(default_factory=list)
    """Part of its open days that each stretch is, nothing where it is not open."""
    shut: list[float] = field(default_factory=list)
    """Part of the review's days that each stretch is on which it is shut, else nothing."""
    held: list[float] = field(default_factory=list)
    """The same where it is held."""
    ways: list[Way | None] = field(default_factory=list)
    """The first way that is open on each stretch."""
    ordered: float = 0.0
    waiting: float = 0.0
    claim: float = 0.0
    first: float = 0.0
    short: float = 0.0
    asked: list[float] = field(default_factory=list)
    shipped: list[float] = field(default_factory=list)
    """By stretch."""
    waits: list[float] = field(default_factory=list)
    """What is held or finds no room, by stretch."""
    instead: list[float] = field(default_factory=list)
    """What is asked, then sent, for what waits elsewhere, by stretch."""


def scaled(blend: Blend, factor: float) -> Blend:
    return {e: t * factor for e, t in blend.items()}


def merged(blends: Iterable[Blend]) -> Blend:
    total: Blend = defaultdict(float)
    for blend in blends:
        for e, t in blend.items():
            total[e] += t
    return total


def rationed(claims: Sequence[float], have: float) -> list[float]:
    """Everybody in full, or everybody the same share."""
    total = sum(claims)
    share = min(1.0, have / total) if total > 0 else 1.0
    return [claim * share for claim in claims]
