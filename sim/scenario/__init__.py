"""What people write: YAML files that become checked scenarios."""

from sim.scenario.find import shipped_folder, shipped_names
from sim.scenario.load import Scenario, load

__all__ = ["Scenario", "load", "shipped_folder", "shipped_names"]
