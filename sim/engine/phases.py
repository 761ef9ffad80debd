"""Phases of levers: what begins, pauses, eases and ends at its date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from sim.channels.effects import Effect, Owned, Passage, Rank, Room, Route
from sim.engine.agents import Surroundings, agent_of
from sim.engine.calendar import Calendar
from sim.engine.clock import Clock
from sim.engine.regime import Regime
from sim.engine.transport import Transport
from sim.world.where import Where
from sim.world.world import World


class PhaseLike(Protocol):
    """A phase of a lever: what begins, and when."""

    @property
    def kind(self) -> str:
        """`announced`, `in_force`, `paused`, `resumed`, `eased` or `ended`."""

    @property
    def date(self) -> date:
        """First day of the phase."""

    @property
    def acts(self) -> bool:
        """Whether the lever is in force."""


class LeverLike(Protocol):
    """What the engine needs of a lever; it gives values to channels and never moves material."""

    @property
    def id(self) -> str:
        """Name in the scenario."""

    @property
    def heading(self) -> str:
        """`restrictions`, `shocks` or `measures`."""

    @property
    def kind(self) -> str:
        """Kind in the scenario."""

    @property
    def agent(self) -> str:
        """Module of the agent that keeps its memory; empty where it has none."""

    def timeline(self) -> Sequence[PhaseLike]:
        """Phases in order of their dates."""

    def stated(self, world: World) -> Sequence[tuple[PhaseLike, tuple[Effect, ...]]]:
        """Phases with what it puts in force; nothing while it does not act."""

    def content(self) -> str:
        """What it says, whatever it is called."""


@dataclass(slots=True)
class Phases:
    """The phases of all levers."""

    levers: Sequence[LeverLike]
    """In the order of what they say"""
    world: World
    calendar: Calendar
    clock: Clock
    """Of the goods"""
    regime: Regime
    transport: Transport
    seed: int
    replication: int
    reported: list[tuple[str, str, str, str, float]] = field(default_factory=list)
    """(lever, heading, kind, phase, day) of phases that begin before the horizon"""
    _shared: dict[str, dict[Any, Any]] = field(default_factory=dict)
    """Module of agents -> the memory that they share"""

    def schedule(self) -> None:
        """Begin what is due by now, and let the rest begin on its day."""
        for lever in self.levers:
            for phase, effects in lever.stated(self.world):
                day = self.calendar.day_of(phase.date)
                if phase.kind != "announced":
                    self._on(self.regime.clock, day, self._allow, lever, effects)
                    self._on(self.clock, day, self.transport.turn, lever.id, effects)
                if day <= self.calendar.horizon_days:
                    what = (lever.id, lever.heading, lever.kind, phase.kind, float(day))
                    self.reported.append(what)

    @staticmethod
    def _on(clock: Clock, day: float, begin: Any, *about: Any) -> None:
        if day <= clock.now:
            begin(*about)
        else:
            clock.after(day - clock.now, begin, *about)

    def _allow(self, lever: LeverLike, effects: Sequence[Effect]) -> None:
        """What is allowed from this day on."""
        regime = self.regime
        regime.in_force.put(lever.id, effects)
        if not lever.agent:
            return
        if effects:
            if lever.id not in regime.agents:
                regime.agents[lever.id] = agent_of(lever.agent, self._surroundings(lever))
            regime.agents[lever.id].begin(effects)
        elif lever.id in regime.agents:
            regime.agents[lever.id].end()

    def _surroundings(self, lever: LeverLike) -> Surroundings:
        regime = self.regime
        return Surroundings(
            lever=lever.id,
            network=regime.network,
            scopes=regime.scopes,
            calendar=self.calendar,
            clock=regime.clock,
            seed=self.seed,
            replication=self.replication,
            has_changed=regime.in_force.has_changed,
            shared=self._shared.setdefault(lever.agent, {}),
        )

    def warnings(self) -> tuple[str, ...]:
        """Restrictions nobody can feel, whatever phase they are in."""
        scopes = self.regime.scopes
        return tuple(
            f"{lever.id}: its scope matches no lane of this world, so it has no effect"
            for lever in self.levers
            if (stated := self._scopes(lever))
            and not any(scopes.lanes(where).any() for where in stated)
        )

    def _scopes(self, lever: LeverLike) -> list[Where]:
        """Of what it puts on lines, phase by phase."""
        every = [effect for _, effects in lever.stated(self.world) for effect in effects]
        if any(isinstance(e, Room) and e.of_sites for e in every):
            return []
        return [e.where for e in every if isinstance(e, Passage | Room | Rank)]


def routes_that_change(effects: Sequence[Owned]) -> frozenset[str]:
    """Corridors that some lever closes or improves."""
    return frozenset(e.corridor for _, e in effects if isinstance(e, Route))
