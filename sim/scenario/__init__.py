"""What people write: YAML files that become checked scenarios."""

from sim.scenario.find import shipped_folder, shipped_names
from sim.scenario.from_dict import as_text
from sim.scenario.load import Scenario, load, load_text

__all__ = ["Scenario", "as_text", "load", "load_text", "shipped_folder", "shipped_names"]
