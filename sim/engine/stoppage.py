"""Stoppage: which lever held or refused what was planned, and what a closed corridor made go another way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.controls import Border, Closure, Controls, Entry, Restriction
from sim.engine.allocation import Allocation
from sim.engine.border import BorderState
from sim.engine.licence_desks import LicenceDesks
from sim.engine.network import Network
from sim.engine.stocks import Stocks
from sim.engine.transport import Transport
from sim.equations.sums import sum_by

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Stoppers:
    """Levers of a scenario that can stop goods."""

    levers: tuple[str, ...]
    """Restrictions and closures, by their ids"""
    closures: tuple[str, ...]
    """Corridors that some lever closes"""
    closing: frozenset[str]
    """Those of `levers` that close a corridor"""

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Stoppers:
        """What the entries of all levers can stop, in their order."""
        closures = [e for e in entries if isinstance(e, Closure)]
        return cls(
            levers=tuple(e.by for e in entries if isinstance(e, Restriction | Closure)),
            closures=tuple(sorted({e.corridor for e in closures})),
            closing=frozenset(e.by for e in closures),
        )


@dataclass(frozen=True, slots=True)
class Stoppage:
    """Looks at each review's outcome and says what stopped what."""

    network: Network
    stocks: Stocks
    controls: Controls
    border: BorderState
    desks: LicenceDesks
    transport: Transport
    stoppers: Stoppers

    def by_lever(self, shipment: Allocation, planned_t: FloatArray) -> FloatArray | None:
        """[stopper, lane] of `planned_t` [line] what each held or refused; None where none is in force.

        Where several stop a line, what refuses its goods comes before what lets them wait, and a licence
        that is missing before a quota that may have room; among equals the first by id.
        """
        network, controls = self.network, self.controls
        entries: list[Restriction | Closure] = [
            *controls.at_border(Border.BAN),
            *controls.of_type(Closure),
            *controls.at_border(Border.LICENCE),
            *controls.at_border(Border.QUOTA),
        ]
        if not entries:
            return None
        n_lanes = len(network.lane_output)
        stopped_t = np.minimum(planned_t, shipment.refused_t + self.stocks.waiting)
        free = stopped_t > 0
        out = np.zeros((len(self.stoppers.levers), n_lanes))
        for entry in entries:
            by_this = free & self._stopped_by(entry)
            free &= ~by_this
            out[self.stoppers.levers.index(entry.by)] = sum_by(
                network.line_lane,
                weights=np.where(by_this, stopped_t, 0.0),
                minlength=n_lanes,
            )
        return out

    def _stopped_by(self, entry: Restriction | Closure) -> BoolArray:
        """[line] what an entry stops now: a closure what has no other route, a licence whoever has none."""
        if isinstance(entry, Restriction) and entry.kind is Border.LICENCE:
            pending, refused = self.desks.standing(entry.by)
            return pending | refused
        if isinstance(entry, Restriction):
            return self.border.covered(entry.scope)
        on_it = np.array(self.network.lane_corridor, dtype=object) == entry.corridor
        return self.transport.closed & on_it[self.network.line_lane]

    def detours(self, shipped_t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """[closure] tonnes sent by the next route, and by how many tonne-days that is longer."""
        network, closures = self.network, self.stoppers.closures
        detoured = np.where(self.transport.extra_days != 0, shipped_t, 0.0)
        extra = detoured * self.transport.extra_days
        corridor = np.array(network.lane_corridor, dtype=object)[network.line_lane]
        t = np.array([detoured[corridor == c].sum() for c in closures])
        return t, np.array([extra[corridor == c].sum() for c in closures])
