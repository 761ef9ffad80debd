"""Sums and time averages by month: what the recorder adds to, and the tables are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from sim.engine.calendar import Calendar
from sim.engine.making import Makers
from sim.engine.network import Network
from sim.engine.stoppers import Stoppers
from sim.rules.behaviour import RULES
from sim.rules.idle import REASONS

FloatArray = npt.NDArray[np.float64]
Months = Sequence[tuple[int, float]]
"""(month number, weight)"""


@dataclass(slots=True)
class Monthly:
    """A quantity by month [month, ...], added up by days covered."""

    table: FloatArray

    @classmethod
    def of(cls, months: int, *shape: int) -> Monthly:
        """All zero."""
        return cls(np.zeros((months, *shape)))

    def add(self, value: FloatArray, weights: Months) -> None:
        """Add a value to each month by its weight."""
        for month, weight in weights:
            self.table[month] += value if weight == 1.0 else value * weight

    def column(self, column: int) -> Monthly:
        """Of one column, without the last axis; writing to it writes here."""
        return Monthly(self.table[..., column])


@dataclass(frozen=True, slots=True)
class GoodsSums:
    """What goods did in all columns, [month, ..., column]; axes in brackets come between them."""

    demand: Monthly
    """[input], as `consumed`, `held` and `use_rate`"""
    consumed: Monthly
    held: Monthly
    use_rate: Monthly
    """t/day"""
    redesigned: Monthly
    """[input] use that other designs have taken over"""
    shipped: Monthly
    """[lane], as `flown`, `arrived`, `in_transit` and `waiting`"""
    shipped_before: Monthly
    """[lane] before the first day, of the months for which that is remembered"""
    flown: Monthly
    """The part of it that goes by air instead"""
    arrived: Monthly
    in_transit: Monthly
    waiting: Monthly
    made: Monthly
    """[output], as `sold` and `unsold`"""
    sold: Monthly
    """Producer stock"""
    unsold: Monthly
    """The part of it above target"""
    made_content: Monthly
    """[output blend + 1, element], as `discarded_content`"""
    discarded: Monthly
    """[output]"""
    discarded_content: Monthly
    moved: Monthly
    """[rule] t that each of the rules of behaviour moved"""
    idle: Monthly
    """[reason, product] t unsold while somebody lacked it"""
    not_made: list[Monthly]
    """Each kind of maker: [maker, product, limiter]"""
    swapped: list[Monthly]
    """Each kind of maker: [maker, part] t that went in beyond the recipe, below 0 where less did"""

    @classmethod
    def of(
        cls, network: Network, calendar: Calendar, all_makers: Sequence[Makers], columns: int
    ) -> GoodsSums:
        """All zero."""
        months, before = len(calendar.months()), len(calendar.months_before())
        lanes, inputs = len(network.lane_output), len(network.inputs)
        outputs = len(network.outputs)
        content = (network.number_of_output_blends + 1, len(network.elements))

        def zero(*shape: int) -> Monthly:
            return Monthly.of(months, *shape, columns)

        return cls(
            demand=zero(inputs),
            consumed=zero(inputs),
            held=zero(inputs),
            use_rate=zero(inputs),
            redesigned=zero(inputs),
            shipped=zero(lanes),
            shipped_before=Monthly.of(before, lanes, columns),
            flown=zero(lanes),
            arrived=zero(lanes),
            in_transit=zero(lanes),
            waiting=zero(lanes),
            made=zero(outputs),
            sold=zero(outputs),
            unsold=zero(outputs),
            made_content=zero(*content),
            discarded=zero(outputs),
            discarded_content=zero(*content),
            moved=zero(len(RULES)),
            idle=zero(len(REASONS), len(network.products())),
            not_made=[zero(len(m.site), len(m.products), len(m.pools) + 1) for m in all_makers],
            swapped=[zero(len(m.site), m.parts if m.recipes.swaps else 0) for m in all_makers],
        )

    def carry_over(self, other: GoodsSums) -> None:
        """The sums of one column, into each of these."""
        for each in fields(self):
            mine, others = getattr(self, each.name), getattr(other, each.name)
            if isinstance(mine, Monthly):
                mine, others = [mine], [others]
            for monthly, source in zip(mine, others, strict=True):
                np.copyto(monthly.table, source.table)


@dataclass(frozen=True, slots=True)
class MonthlySums(GoodsSums):
    """All quantities of one column by month, those of its goods without the last axis."""

    network: Network
    calendar: Calendar
    months: list[str]
    all_makers: Sequence[Makers]
    stoppers: Stoppers
    stopped: Monthly
    """[stopper, lane] planned tonnes that a lever held or refused"""
    lost: Monthly
    """[stopper, output] what a lever kept a site from making"""
    pending: Monthly
    """[stopper] cases that wait for a decision"""
    detoured: Monthly
    """[closure] t sent by the next route"""
    detour_tonne_days: Monthly
    """[closure]"""

    @classmethod
    def of_column(
        cls, goods: GoodsSums, column: int, network: Network, calendar: Calendar,
        all_makers: Sequence[Makers], stoppers: Stoppers,
    ) -> MonthlySums:  # fmt: skip
        """The goods of one column, and nothing yet of what its levers stop."""
        months = calendar.months()
        n, lanes, outputs = len(months), len(network.lane_output), len(network.outputs)
        levers, closures = len(stoppers.levers), len(stoppers.closures)
        own = {each.name: getattr(goods, each.name) for each in fields(goods)}
        not_made, swapped = (
            [each.column(column) for each in own.pop(name)] for name in ("not_made", "swapped")
        )
        return cls(
            network=network,
            calendar=calendar,
            months=months,
            all_makers=all_makers,
            stoppers=stoppers,
            **{name: monthly.column(column) for name, monthly in own.items()},
            not_made=not_made,
            swapped=swapped,
            stopped=Monthly.of(n, levers, lanes),
            lost=Monthly.of(n, levers, outputs),
            pending=Monthly.of(n, levers),
            detoured=Monthly.of(n, closures),
            detour_tonne_days=Monthly.of(n, closures),
        )
