"""What a plan consists of: rates over time, finished (`Plan`) and while it is worked out (`Draft`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
LineKey = tuple[str, str, str, str]
"""seller, buyer, form, product (an element, a grade, or empty for an ungraded blend)."""
Key = TypeVar("Key")

LEAST_SHORT = 1e-6
"""Of what the base year used: a capacity short of it by less is rounding of the pack's tables."""


class Purchase(NamedTuple):
    """What somebody buys, from whomever."""

    buyer: str
    form: str
    product: str

    def line_from(self, seller: str) -> LineKey:
        """The line over which a seller supplies it."""
        return (seller, *self)


class Rates(dict[Key, FloatArray]):
    """[time] t/day of many things."""

    def add(self, key: Key, rate: FloatArray) -> None:
        """Let a rate come on top of what there is."""
        self[key] = self[key] + rate if key in self else rate


@dataclass(frozen=True, slots=True)
class Plan:
    """Planned rates over time, t/day."""

    days: FloatArray
    years: FloatArray
    """Years since the middle of the base year, flat before day 0."""
    lines: Mapping[LineKey, FloatArray]
    mines: Mapping[str, FloatArray]
    """Planned output of each mine that runs."""
    separated: Mapping[tuple[str, str], FloatArray]
    """Separation or recycling plant, element -> planned output; element empty: the mixed rest."""
    capacity: Mapping[str, FloatArray]
    """Capacity of each site that runs, in the basis of `Site.capacity_t_per_year`."""
    can_separate: Mapping[str, Mapping[str, FloatArray]]
    """Site -> element -> 1 where the site can split it out at that time, else 0."""
    demand: Mapping[tuple[str, str], FloatArray]
    """Demand node, product -> rate."""
    active: frozenset[str]
    """Sites that run at some time."""
    residual: frozenset[str]
    """Those of them that supply what is still needed."""
    ore_cut: FloatArray
    """Ore that they need for that, and may not dig or treat."""


@dataclass(slots=True)
class Draft:
    """The rates planned so far, [time] t/day."""

    lines: Rates[LineKey] = field(default_factory=Rates)
    mines: Rates[str] = field(default_factory=Rates)
    content: dict[tuple[str, str], Mapping[str, FloatArray]] = field(default_factory=dict)
    """Seller, buyer of mixed concentrate or scrap -> its content by element."""
    supply: Rates[tuple[str, str]] = field(default_factory=Rates)
    """Separation or recycling plant, element -> what it has for sale; element empty: the mixed rest."""
    claims: dict[tuple[str, str], FloatArray] = field(default_factory=dict)
    """Mine with a ceiling, plant -> the ore that the plant last asked of it."""
    ore_cut: dict[str, FloatArray] = field(default_factory=dict)
    """Plant with a ceiling, of its own or of its mines -> the ore that it needs and does not get."""

    def send_blend(
        self, line: LineKey, content: Mapping[str, FloatArray], share: FloatArray | float
    ) -> None:
        """Let a share of a blend flow over a line."""
        seller, buyer, _, _ = line
        sent = {element: path * share for element, path in content.items()}
        self.content[seller, buyer] = sent
        self.lines.add(line, np.sum(list(sent.values()), axis=0))

    def sold_by(self, seller: str, products: Collection[str]) -> list[FloatArray]:
        """Rates of a seller's lines for some products, in the order in which they were planned."""
        return [r for (s, _, _, p), r in self.lines.items() if s == seller and p in products]

    def forget(self, sellers: Collection[str], form: str) -> None:
        """Take back what sellers were to send of a form, and what they were to dig for it."""
        for line in [k for k in self.lines if k[0] in sellers and k[2] == form]:
            del self.lines[line]
        for seller in sellers:
            self.mines.pop(seller, None)


def ratio(part: FloatArray | float, whole: FloatArray, *, otherwise: float) -> FloatArray:
    """The part per whole; `otherwise` where the whole is nothing."""
    return np.divide(part, whole, out=np.full_like(whole, otherwise), where=whole > 0)


def shares_of(weights: Mapping[str, float]) -> dict[str, float]:
    """What each is of the sum; empty where that is nothing."""
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()} if total > 0 else {}
