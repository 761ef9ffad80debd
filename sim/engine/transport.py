"""Transport: lots leave at midnight after the review and land whole days later.

Lots of one review that take equally long travel as one event. On a corridor whose legs have a capacity
they load leg by leg, first come first served; a train of q tonnes keeps a leg of c tonnes a day busy
for q / c days, and whoever comes later waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from math import ceil, isfinite
from typing import Any

import numpy as np
import numpy.typing as npt
import simpy

from sim.engine.network import Network
from sim.world.world import Corridor

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

TO_MIDNIGHT = 0.5
"""Days from the review at noon to departure."""


@dataclass(frozen=True, slots=True)
class Consignment:
    """Lots that travel together."""

    lines: IntArray
    tonnes: FloatArray
    composition: FloatArray
    """[output blend, element] what sellers' blends consisted of when the lots were sent"""
    review: int
    """Number of the review that sent them; the tracer keeps what the sellers had then."""


@dataclass(slots=True)
class Transport:
    """Everything on the way."""

    env: simpy.Environment
    network: Network
    land: Callable[[Consignment], None]
    _routes: list[tuple[IntArray, float, Corridor | None]] = field(init=False)
    _legs: dict[tuple[str, str], simpy.Resource] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        network = self.network
        transit = network.lane_transit_days[network.line_lane]
        corridor = np.array(network.lane_corridor, dtype=object)[network.line_lane]
        names = {c.id: c for c in network.world.corridors.values() if _has_limit(c)}
        queued = np.array([c if c in names else "" for c in corridor], dtype=object)
        self._routes = []
        for name in ["", *sorted(names)]:
            on_route = queued == name
            for days in np.unique(transit[on_route]):
                lines = np.flatnonzero(on_route & (transit == days))
                self._routes.append((lines, float(days), names.get(name)))
        for c in names.values():
            for leg in c.legs:
                if isfinite(leg.capacity_t_per_week):
                    self._legs[c.id, leg.name] = simpy.Resource(self.env, capacity=1)

    def send(self, shipped_t: FloatArray, composition: FloatArray, review: int) -> None:
        """Dispatch what a review shipped [line]."""
        for lines, days, corridor in self._routes:
            tonnes = shipped_t[lines]
            some = tonnes > 0
            if not some.any():
                continue
            lot = Consignment(lines[some], tonnes[some], composition, review)
            if corridor is None:
                self._send_direct(lot, days)
            else:
                self.env.process(self._travel(lot, days, corridor))

    def _send_direct(self, lot: Consignment, days: float) -> None:
        arrival = self.env.timeout(TO_MIDNIGHT + days, value=lot)
        assert arrival.callbacks is not None
        arrival.callbacks.append(self._landed)

    def _landed(self, event: simpy.Event) -> None:
        lot: Any = event.value
        self.land(lot)

    def _travel(
        self, lot: Consignment, days: float, corridor: Corridor
    ) -> Generator[simpy.Event, Any, None]:
        yield self.env.timeout(TO_MIDNIGHT)
        left = self.env.now
        total = sum(leg.days for leg in corridor.legs) or 1.0
        for leg in corridor.legs:
            slot = self._legs.get((corridor.id, leg.name))
            if slot is not None:
                with slot.request() as turn:
                    yield turn
                    yield self.env.timeout(float(lot.tonnes.sum()) / leg.capacity_t_per_week * 7)
            yield self.env.timeout(days * leg.days / total)
        arrival = left + ceil(self.env.now - left - 1e-9)
        yield self.env.timeout(max(0.0, arrival - self.env.now))
        self.land(lot)


def _has_limit(corridor: Corridor) -> bool:
    return any(isfinite(leg.capacity_t_per_week) for leg in corridor.legs)
