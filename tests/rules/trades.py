"""Small trades for the rules of selling: who sells to whom, and what is open on which days."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from sim.rules.allocating import Days, wanted
from sim.rules.ordering import Lines

FloatArray = npt.NDArray[np.float64]


def numbers(values: Sequence[float]) -> FloatArray:
    return np.array(values, dtype=float)


def positions(values: Sequence[int]) -> npt.NDArray[np.intp]:
    return np.array(values, dtype=np.intp)


def lines(
    seller: Sequence[int],
    need: Sequence[int],
    *,
    by_product: Collection[int] = (),
    to_pile: Collection[int] = (),
    unqualified: Collection[int] = (),
) -> Lines:
    """Lines by number of seller and need; the collections name lines."""
    at = range(len(seller))
    return Lines(
        seller=positions(seller),
        need=positions(need),
        by_product=np.array([line in by_product for line in at], dtype=bool),
        to_pile=np.array([line in to_pile for line in at], dtype=bool),
        qualified=np.array([line not in unqualified for line in at], dtype=bool),
    )


def days(*stretches: tuple[float, str]) -> Days:
    """Parts of the days, with a letter for each line: `o` open, `h` held, `s` shut."""
    letters = np.array([list(text) for _, text in stretches])
    part = np.array([[part] for part, _ in stretches])
    return Days(part=part, open=letters == "o", shut=letters == "s")


@dataclass(frozen=True)
class Trade:
    """What one review sells."""

    lines: Lines
    days: Days
    claim_t: FloatArray
    planned_t: FloatArray
    stock_t: FloatArray
    tier: FloatArray

    def wanted(self) -> tuple[FloatArray, FloatArray]:
        """[stretch, line] t sent, and [seller] t unmet; nothing is a by-product."""
        return wanted(
            self.lines, self.days, claim_t=self.claim_t, planned_t=self.planned_t,
            by_product_t=np.zeros_like(self.claim_t), stock_t=self.stock_t, tier=self.tier,
        )  # fmt: skip

    def in_order(self, order: Sequence[int]) -> Trade:
        """The same with its lines in another order."""
        at = positions(order)
        old = self.lines
        return replace(
            self,
            lines=Lines(old.seller[at], old.need[at], old.by_product[at], old.to_pile[at], old.qualified[at]),
            days=Days(self.days.part, self.days.open[:, at], self.days.shut[:, at]),
            claim_t=self.claim_t[at], planned_t=self.planned_t[at], tier=self.tier[at],
        )  # fmt: skip


def by(number: npt.NDArray[np.intp], tonnes: FloatArray, size: int) -> FloatArray:
    return np.bincount(number, weights=tonnes, minlength=size).astype(float)


@st.composite
def trades(draw: Any, *, needs: int = 3, stretches: int = 3, tiers: int = 3) -> Trade:
    """Up to seven lines from up to three sellers; whole tonnes."""
    n = draw(st.integers(1, 7))

    def each(most: int) -> list[int]:
        return draw(st.lists(st.integers(0, most), min_size=n, max_size=n))

    lengths = draw(st.lists(st.integers(1, 7), min_size=1, max_size=stretches))
    text = st.text("oohs" if stretches > 1 else "o", min_size=n, max_size=n)
    return Trade(
        lines=lines(each(2), each(needs - 1), unqualified=draw(st.sets(st.integers(0, n - 1)))),
        days=days(*((length / sum(lengths), draw(text)) for length in lengths)),
        claim_t=numbers(each(50)),
        planned_t=numbers(each(30)),
        stock_t=numbers(draw(st.lists(st.integers(0, 120), min_size=3, max_size=3))),
        tier=numbers(each(tiers - 1)),
    )
