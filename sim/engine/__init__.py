"""The simulation itself: SimPy for what happens at its own time, arrays for what a planner does at a review."""

from sim.engine.simulation import simulate

__all__ = ["simulate"]
