"""Trains on one corridor, without the rest of a world."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import simpy

from sim.engine.transport import Consignment, Transport
from sim.world.world import Corridor, Leg


def arrivals_on_a_corridor(
    env: simpy.Environment, *, trains: list[float], per_week: float, days: float
) -> list[float]:
    """Days on which trains of these tonnes land that leave together, one line each."""
    n = len(trains)
    corridor = Corridor("c", "c", (Leg("only", "rail", days, per_week, 0.0),), ())
    network: Any = SimpleNamespace(
        lane_transit_days=np.full(n, days) + np.arange(n) * 1e-12,
        lane_corridor=("c",) * n,
        lane_next_corridor=("",) * n,
        lane_next_days=np.full(n, np.nan),
        line_lane=np.arange(n, dtype=np.intp),
        world=SimpleNamespace(corridors={"c": corridor}),
    )
    landed: list[float] = []

    def land(lot: Consignment) -> None:
        landed.append(float(env.now))

    # A lever on the corridor makes its goods travel leg by leg, with or without a limit.
    transport = Transport(env, network, land, tracked=frozenset({"c"}))
    transport.send_trains(
        np.array(trains), np.zeros((1, 1)), 0, transport.routes_under(()), now=0.0, leaves=0.5
    )
    env.run()
    return landed
