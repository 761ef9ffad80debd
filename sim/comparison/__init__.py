"""Runs side by side: what differs between their scenarios, and what that changes in what is missing."""

from sim.comparison.compare import Comparison, compare

__all__ = ["Comparison", "compare"]
