"""Stoppage: which lever held or refused what was planned, and what a closed corridor made go another way.

Where several levers stop a line, what refuses its goods comes before what lets them wait, and a licence that is
missing before a quota that may have room; among equals the first by what it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network
from sim.engine.regime import Stretch
from sim.engine.stoppers import Stoppers
from sim.engine.transport import Routes, Transport
from sim.equations.sums import sum_by

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
ShortArray = npt.NDArray[np.int16]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Stoppage:
    """Looks at what became of the orders of one column and says what stopped what."""

    network: Network
    transport: Transport
    stoppers: Stoppers

    def by_lever(self, stopper: ShortArray, lanes: IntArray, stopped_t: FloatArray) -> FloatArray:
        """[stopper, lane] of what was held or refused: t [part], each of a lane and laid to a stopper."""
        n_levers, n_lanes = len(self.stoppers.levers), len(self.network.lane_output)
        some = np.flatnonzero((stopped_t > 0) & (stopper >= 0))
        cell = stopper[some].astype(np.intp) * n_lanes + lanes[some]
        by_cell = sum_by(cell, weights=stopped_t[some], minlength=n_levers * n_lanes)
        return by_cell.reshape(n_levers, n_lanes)

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

    def detours(self, routes: Routes, shipped_t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """[closure] tonnes [line] sent by the next route, and by how many tonne-days that is longer."""
        detoured = np.where(routes.extra_days != 0, shipped_t, 0.0)
        extra = detoured * routes.extra_days
        on = [self.transport.goes_by(corridor) for corridor in self.stoppers.closures]
        t = np.array([detoured[by].sum() for by in on])
        return t, np.array([extra[by].sum() for by in on])
