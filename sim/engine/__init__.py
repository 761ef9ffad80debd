"""The engine: from a world and levers to records, with SimPy events and arrays."""

from sim.engine.column import Variant
from sim.engine.simulate import simulate, simulate_all

__all__ = ["Variant", "simulate", "simulate_all"]
