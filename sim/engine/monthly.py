"""Sums and time averages by month: what the recorder adds to, and the tables are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.calendar import Calendar
from sim.engine.making import Makers
from sim.engine.network import Network
from sim.engine.stoppers import Stoppers

FloatArray = npt.NDArray[np.float64]


@dataclass(slots=True)
class Monthly:
    """A quantity by month [month, ...], added up by days covered."""

    table: FloatArray

    @classmethod
    def of(cls, months: int, *shape: int) -> Monthly:
        """All zero."""
        return cls(np.zeros((months, *shape)))

    def add(self, value: FloatArray, weights: Sequence[tuple[int, float]]) -> None:
        """Add a value to each month by its weight."""
        for month, weight in weights:
            self.table[month] += value * weight


@dataclass(frozen=True, slots=True)
class MonthlySums:
    """All quantities of one run by month; axes in brackets come after the month."""

    network: Network
    calendar: Calendar
    months: list[str]
    all_makers: Sequence[Makers]
    stoppers: Stoppers
    demand: Monthly
    """[input], as `consumed`, `held` and `use_rate`"""
    consumed: Monthly
    held: Monthly
    use_rate: Monthly
    """t/day"""
    shipped: Monthly
    """[lane], as `arrived`, `in_transit` and `waiting`"""
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
    """[output blend + 1, element]"""
    not_made: list[Monthly]
    """Each kind of maker: [maker, product, limiter]"""
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
    def of(
        cls,
        network: Network,
        calendar: Calendar,
        all_makers: Sequence[Makers],
        stoppers: Stoppers,
    ) -> MonthlySums:
        """All zero."""
        months = calendar.months()
        n, lanes = len(months), len(network.lane_output)
        inputs, outputs = len(network.inputs), len(network.outputs)
        content = (network.number_of_output_blends + 1, len(network.elements))
        levers, closures = len(stoppers.levers), len(stoppers.closures)
        return cls(
            network=network,
            calendar=calendar,
            months=months,
            all_makers=all_makers,
            stoppers=stoppers,
            demand=Monthly.of(n, inputs),
            consumed=Monthly.of(n, inputs),
            held=Monthly.of(n, inputs),
            use_rate=Monthly.of(n, inputs),
            shipped=Monthly.of(n, lanes),
            arrived=Monthly.of(n, lanes),
            in_transit=Monthly.of(n, lanes),
            waiting=Monthly.of(n, lanes),
            made=Monthly.of(n, outputs),
            sold=Monthly.of(n, outputs),
            unsold=Monthly.of(n, outputs),
            made_content=Monthly.of(n, *content),
            not_made=[
                Monthly.of(n, len(m.site), len(m.products), len(m.pools) + 1) for m in all_makers
            ],
            stopped=Monthly.of(n, levers, lanes),
            lost=Monthly.of(n, levers, outputs),
            pending=Monthly.of(n, levers),
            detoured=Monthly.of(n, closures),
            detour_tonne_days=Monthly.of(n, closures),
        )
