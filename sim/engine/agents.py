"""Agents: what keeps a memory for a lever while it acts, such as the office behind a licence.

An agent sees a clock, draws and the scopes of its effects, publishes values for channels, and moves
nothing. Its kind of lever names the module; the engine loads it when it first comes into force and knows no
agent by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.channels.effects import Effect
from sim.engine.calendar import Calendar
from sim.engine.clock import Clock
from sim.engine.monthly import MonthlySums
from sim.engine.network import Network
from sim.engine.permits import Licensed, Permit
from sim.engine.scopes import Scopes

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an agent is given."""

    lever: str
    network: Network
    scopes: Scopes
    calendar: Calendar
    clock: Clock
    """Ahead of the goods"""
    seed: int
    replication: int
    """0: the central run"""
    has_changed: Callable[[], None]
    """To be called when what it publishes changes"""
    shared: dict[Any, Any]
    """A memory that all agents of a module share"""


class Agent:
    """What the engine asks of an agent; one without cases and tables says nothing of these."""

    def begin(self, effects: Sequence[Effect]) -> None:
        """The lever comes into force, is resumed, or is eased to these effects."""
        raise NotImplementedError

    def end(self) -> None:
        """The lever is paused or ends."""
        raise NotImplementedError

    def published(self) -> FloatArray:
        """Its value for each position of its channel's axis, now."""
        raise NotImplementedError

    def licensed(self) -> Licensed | None:
        """Tonnes that its licences cover; None where they cover whatever is ordered."""
        return None

    def look_back(self, day: float, permit: Permit | None) -> None:
        """A review begins: what has left under its licences up to it, None before anything could."""

    def case_days(self, day: float) -> float:
        """Cases that have waited, times days, up to a day."""
        return 0.0

    def waited(self) -> list[tuple[float, float]]:
        """(day of the decision, days waited) of decided cases."""
        return []

    def covered(self, calendar: Calendar) -> Mapping[str, tuple[float, float]]:
        """Month -> t planned to leave under its licences, and t that those granted then cover (nan: all)."""
        return {}

    def tables(self, sums: MonthlySums) -> Mapping[str, pd.DataFrame]:
        """Its own tables for the records, by their names there."""
        return {}


def agent_of(module: str, surroundings: Surroundings) -> Agent:
    """The agent that a module makes."""
    made: Agent = import_module(module).agent(surroundings)
    return made
