"""Small trades for the rules of selling: who sells to whom, and what is open on which days.

Trades side by side are columns: they share who sells to whom, and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from sim.equations.sums import Groups
from sim.rules.allocating import Cells, Days, Wanted, pushed, stopped, wanted
from sim.rules.ordering import Lines

FloatArray = npt.NDArray[np.float64]
SELLERS = 3


def numbers(values: Sequence[float]) -> FloatArray:
    return np.array(values, dtype=float)


def positions(values: Sequence[int]) -> npt.NDArray[np.intp]:
    return np.array(values, dtype=np.intp)


def groups(values: Sequence[int], count: int = 0) -> Groups:
    return Groups(positions(values), count or max(values, default=-1) + 1)


def column(values: Sequence[float]) -> FloatArray:
    """Of a single column."""
    return numbers(values)[:, None]


def lines(
    seller: Sequence[int],
    need: Sequence[int],
    *,
    sellers: int = 0,
    by_product: Collection[int] = (),
    to_pile: Collection[int] = (),
    unqualified: Collection[int] = (),
) -> Lines:
    """Lines by number of seller and need; the collections name lines."""
    at = range(len(seller))
    return Lines(
        seller=groups(seller, sellers),
        need=groups(need),
        by_product=np.array([line in by_product for line in at], dtype=bool),
        to_pile=np.array([line in to_pile for line in at], dtype=bool),
        qualified=np.array([line not in unqualified for line in at], dtype=bool),
    )


@dataclass(frozen=True)
class Stretches:
    """The days that a review sells for, in stretches on which nothing changes."""

    part: FloatArray
    """[stretch] of the days"""
    letter: npt.NDArray[np.str_]
    """[stretch, line] `o` open, `h` held, `s` shut"""

    def that_change(self, need: Groups) -> npt.NDArray[np.intp]:
        """Lines of needs on one of whose lines something changes."""
        changes = np.flatnonzero((self.letter != self.letter[:1]).any(axis=0))
        return np.flatnonzero(np.isin(need.number, need.number[changes]))


def days(*stretches: tuple[float, str]) -> Stretches:
    """Parts of the days, with a letter for each line."""
    return Stretches(
        numbers([part for part, _ in stretches]), np.array([list(text) for _, text in stretches])
    )


@dataclass(frozen=True)
class Trade:
    """What one review sells."""

    lines: Lines
    days: Stretches
    claim_t: FloatArray
    planned_t: FloatArray
    stock_t: FloatArray
    tier: FloatArray

    def wanted(self) -> tuple[FloatArray, FloatArray]:
        """[stretch, line] t sent, and [seller] t unmet."""
        sent, unmet, _ = side_by_side([self])[0]
        return sent, unmet

    def in_order(self, order: Sequence[int]) -> Trade:
        """The same with its lines in another order."""
        at = positions(order)
        old = self.lines
        return replace(
            self,
            lines=Lines(
                Groups(old.seller.number[at], old.seller.count), Groups(old.need.number[at], old.need.count),
                old.by_product[at], old.to_pile[at], old.qualified[at],
            ),
            days=Stretches(self.days.part, self.days.letter[:, at]),
            claim_t=self.claim_t[at], planned_t=self.planned_t[at], tier=self.tier[at],
        )  # fmt: skip


def laid_out(lines: Lines, each: Sequence[Stretches], *, all_cells: bool = False) -> Days:
    """The days of trades side by side: what changes, with all lines of its needs, in cells."""
    able, columns = lines.may_be_asked, len(each)
    letter = np.array([those.letter[0] for those in each]).T
    which = [those.that_change(lines.need) for those in each]
    if all_cells:
        which = [np.arange(len(able)) for _ in each]
    steady = Days(
        open=np.where(letter == "o", 1.0, 0.0),
        shut=np.where(letter == "s", 1.0, 0.0),
        held=np.where(letter == "h", 1.0, 0.0),
        able=np.where((letter == "o") & able[:, None], 1.0, 0.0),
    )
    if not any(len(here) for here in which):
        return steady
    line = np.concatenate(which)
    column = np.repeat(np.arange(columns), [len(here) for here in which])
    most = max(len(those.part) for those, here in zip(each, which, strict=True) if len(here))
    part, text = np.zeros((most, len(line))), np.full((most, len(line)), "h")
    for c, those in enumerate(each):
        here = np.flatnonzero(column == c)
        for k in range(len(those.part) if len(here) else 0):
            part[k, here], text[k, here] = those.part[k], those.letter[k, line[here]]
    _, group = np.unique(column * lines.need.count + lines.need.number[line], return_inverse=True)
    cells = Cells(
        line=line, column=column, flat=line * columns + column, group=groups(group.tolist()),
        part=part, open=text == "o", shut=text == "s",
    )  # fmt: skip
    for table in (steady.shut, steady.held, steady.able):
        table[line, column] = 0.0
    steady.open[line, column] = cells.opens()
    return replace(steady, cells=cells)


Sent = tuple[FloatArray, FloatArray, FloatArray]


def side_by_side(trades: Sequence[Trade], *, all_cells: bool = False) -> list[Sent]:
    """Of each trade [stretch, line] t sent, [seller] t unmet, and [stretch, line] t stopped.

    By-products are sent on as a seller has them.
    """
    first, each = trades[0].lines, [trade.days for trade in trades]
    laid = laid_out(first, each, all_cells=all_cells)
    claim, planned, stock = (
        np.stack([getattr(trade, name) for trade in trades], axis=1)
        for name in ("claim_t", "planned_t", "stock_t")
    )
    tiers = np.stack([trade.tier for trade in trades], axis=1)
    by_product = np.flatnonzero(first.by_product)
    sent = wanted(
        first, laid, claim_t=claim, planned_t=planned, stock_t=stock,
        by_product_t=pushed(
            Groups(first.seller.number[by_product], first.seller.count), stock_t=stock,
            rate=planned[by_product], runs=np.ones(len(by_product), dtype=bool),
        ),
        tiers=tiers if tiers.any() else None,
    )  # fmt: skip
    return [_of(c, trade, laid, claim, sent) for c, trade in enumerate(trades)]


def _of(at: int, trade: Trade, laid: Days, claim_t: FloatArray, sent: Wanted) -> Sent:
    """Steady lines are spread over the stretches; cells have their own."""
    part, cells = trade.days.part[:, None], laid.cells
    sent_t = sent.t[:, at] * part
    stopped_t = (claim_t * (laid.shut + laid.held))[:, at] * part
    if cells is not None:
        here = np.flatnonzero(cells.column == at)
        claimed = claim_t.ravel()[cells.flat]
        back_t = stopped(trade.lines, cells, claim_t=claimed, no_room_t=np.zeros_like(sent.cells_t))
        for k in range(len(part) if len(here) else 0):
            sent_t[k, cells.line[here]] = sent.cells_t[k, here]
            stopped_t[k, cells.line[here]] = back_t[k, here]
    return sent_t, sent.unmet_t[:, at], stopped_t


def by(number: Groups, tonnes: FloatArray, size: int) -> FloatArray:
    return np.bincount(number.number, weights=tonnes, minlength=size).astype(float)


@st.composite
def trades(
    draw: Any, *, needs: int = 3, stretches: int = 3, tiers: int = 3, by_products: bool = False
) -> Trade:
    """Up to seven lines from up to three sellers; whole tonnes."""
    return draw(columns(1, needs=needs, stretches=stretches, tiers=tiers, by_products=by_products))[
        0
    ]


@st.composite
def columns(
    draw: Any, count: int, *, needs: int = 3, stretches: int = 3, tiers: int = 3,
    by_products: bool = False,
) -> list[Trade]:  # fmt: skip
    """Trades of the same sellers and buyers."""
    n = draw(st.integers(1, 7))

    def each(most: int) -> list[int]:
        return draw(st.lists(st.integers(0, most), min_size=n, max_size=n))

    some = st.sets(st.integers(0, n - 1))
    shared = lines(
        each(SELLERS - 1), each(needs - 1), sellers=SELLERS, unqualified=draw(some),
        by_product=draw(some) if by_products else (),
    )  # fmt: skip
    text = st.text("oohs" if stretches > 1 else "o", min_size=n, max_size=n)
    found = []
    for _ in range(count):
        lengths = draw(st.lists(st.integers(1, 7), min_size=1, max_size=stretches))
        usual, steady = draw(text), draw(some)
        found.append(
            Trade(
                lines=shared,
                days=days(
                    *(
                        (
                            length / sum(lengths),
                            "".join(
                                usual[i] if i in steady else letter
                                for i, letter in enumerate(draw(text))
                            ),
                        )
                        for length in lengths
                    )
                ),
                claim_t=numbers(each(50)),
                planned_t=numbers(each(30)),
                stock_t=numbers(draw(st.lists(st.integers(0, 120), min_size=3, max_size=3))),
                tier=numbers(each(tiers - 1)),
            )
        )
    return found
