"""The simulation itself: SimPy for what happens at its own time, arrays for what a planner does at a review."""

from sim.engine.batches import (
    outcome_of,
    share_a_network,
    simulate,
    simulate_all,
    simulate_many,
    simulate_one,
)
from sim.engine.column import Variant

__all__ = [
    "Variant",
    "outcome_of",
    "share_a_network",
    "simulate",
    "simulate_all",
    "simulate_many",
    "simulate_one",
]
