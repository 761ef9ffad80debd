"""Stoppage: which lever held or refused what was planned, and what a closed corridor made go another way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network
from sim.engine.regime import Stretch
from sim.engine.selling import Sold
from sim.engine.stoppers import Stoppers
from sim.engine.transport import Transport
from sim.equations.sums import sum_by

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Stoppage:
    """Looks at what became of the orders and says what stopped what."""

    network: Network
    transport: Transport
    stoppers: Stoppers

    def by_lever(self, sold: Sold, planned_t: FloatArray) -> FloatArray | None:
        """[stopper, lane] of `planned_t` [line] what each held or refused; None where none is in force.

        Where several stop a line, what refuses its goods comes before what lets them wait, and a licence
        that is missing before a quota that may have room; among equals the first by what it says.
        """
        network, stoppers = self.network, sold.stretch.allowed.stop_lines
        if not stoppers:
            return None
        n_lanes = len(network.lane_output)
        stopped_t = np.minimum(planned_t, sold.stopped_t)
        out = np.zeros((len(self.stoppers.levers), n_lanes))
        for row, by_this in self._first_to_stop(stopped_t > 0, stoppers):
            out[row] = sum_by(
                network.line_lane, weights=np.where(by_this, stopped_t, 0.0), minlength=n_lanes
            )
        return out

    def by_site(self, stretch: Stretch, lost_t: FloatArray) -> FloatArray:
        """[stopper, output] of what was not made [output], by the first lever that stops its site."""
        site, out = self.network.output_site, np.zeros((len(self.stoppers.levers), len(lost_t)))
        stoppers = [(lever, stops[site]) for lever, stops in stretch.allowed.stop_sites]
        for row, by_this in self._first_to_stop((lost_t > 0) & (site >= 0), stoppers):
            out[row] = np.where(by_this, lost_t, 0.0)
        return out

    def _first_to_stop(
        self, free: BoolArray, stoppers: Sequence[tuple[str, BoolArray]]
    ) -> Iterator[tuple[int, BoolArray]]:
        """(stopper, positions that it stops and none before it) of those that are `free` to be laid to one."""
        for lever, stops in stoppers:
            by_this = free & stops
            free = free & ~by_this
            yield self.stoppers.levers.index(lever), by_this

    def detours(self, sold: Sold) -> tuple[FloatArray, FloatArray]:
        """[closure] tonnes sent by the next route, and by how many tonne-days that is longer."""
        extra_days = sold.stretch.allowed.routes.extra_days
        detoured = np.where(extra_days != 0, sold.shipped_t, 0.0)
        extra = detoured * extra_days
        on = [self.transport.goes_by(corridor) for corridor in self.stoppers.closures]
        t = np.array([detoured[by].sum() for by in on])
        return t, np.array([extra[by].sum() for by in on])
