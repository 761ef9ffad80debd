"""What a plan consists of: rates over time, finished (`Plan`) and while it is worked out (`Draft`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
LineKey = tuple[str, str, str, str]
"""seller, buyer, form, product (an element, a grade, or empty for an ungraded blend)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Planned rates over time, t/day."""

    days: FloatArray
    lines: Mapping[LineKey, FloatArray]
    mines: Mapping[str, FloatArray]
    """Planned output of each mine that runs."""
    capacity: Mapping[str, FloatArray]
    """Capacity of each site that runs, in the basis of `Site.capacity_t_per_year`."""
    can_separate: Mapping[str, Mapping[str, FloatArray]]
    """Site -> element -> 1 where the site can split it out at that time, else 0."""
    demand: Mapping[tuple[str, str], FloatArray]
    """Demand node, product -> rate."""
    active: frozenset[str]
    """Sites that run at some time."""


@dataclass(slots=True)
class Draft:
    """The rates planned so far, [time] t/day."""

    lines: dict[LineKey, FloatArray] = field(default_factory=dict)
    mines: dict[str, FloatArray] = field(default_factory=dict)
    mixed: dict[tuple[str, str], dict[str, FloatArray]] = field(default_factory=dict)
    """Seller, buyer of mixed concentrate or scrap -> its content by element."""
    supply: dict[tuple[str, str], FloatArray] = field(default_factory=dict)
    """Separation or recycling plant, element -> what it has for sale."""

    def add_line(self, key: LineKey, rate: FloatArray) -> None:
        """Let more flow over a line."""
        self.lines[key] = self.lines[key] + rate if key in self.lines else rate

    def sold_by(self, seller: str, products: Sequence[str]) -> list[FloatArray]:
        """Rates of a seller's lines for some products, in the order in which they were planned."""
        return [r for (s, _, _, p), r in self.lines.items() if s == seller and p in products]
