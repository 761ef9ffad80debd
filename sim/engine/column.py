"""A column: one run among those that are simulated side by side, with what it has for itself.

Columns share the network, the plan and the reviews; goods stand in arrays whose last axis is the column. What
has identity or a time of its own is the column's: its levers' phases and agents, and its trains on corridors.
They tell the reviews what is allowed and what has landed, and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np

from sim.channels.effects import Owned, Passage, Room
from sim.engine.arrivals import OnTheWay, Timetable
from sim.engine.calendar import Calendar
from sim.engine.clock import Clock
from sim.engine.compiling import reserves_of
from sim.engine.draws import CENTRAL_RUN
from sim.engine.network import Network
from sim.engine.phases import LeverLike, Phases, routes_that_change
from sim.engine.regime import Allowed, Regime, Stretch
from sim.engine.rooms import border_rooms, site_rooms
from sim.engine.running import Running
from sim.engine.scopes import Scopes
from sim.engine.selling import Desk
from sim.engine.stockpiling import Stockpiles
from sim.engine.stoppers import Stoppers
from sim.engine.transport import Consignment, KnownRoutes, Routes, Transport
from sim.world.world import World


@dataclass(frozen=True, slots=True)
class Variant:
    """What tells one run from others in the same world and over the same days."""

    levers: Sequence[LeverLike] = ()
    seed: int = 1
    replication: int = CENTRAL_RUN
    """Above 0 it draws what levers leave to chance; 0 is the central run"""
    provenance: bool = True
    watched: tuple[str, ...] = ()
    """Countries whose share in each tonne's path is wanted beside that of the levers' exporters"""
    also_tracked: frozenset[str] = frozenset()
    """Corridors over which goods travel leg by leg although no lever here changes them"""

    def in_order(self) -> list[LeverLike]:
        """Levers by what they say, so that another name changes nothing."""
        return sorted(self.levers, key=lambda lever: (lever.content(), lever.id))

    def effects(self, world: World) -> list[Owned]:
        """All that they put in force at some time, by lever."""
        return [
            (lever.id, effect)
            for lever in self.in_order()
            for _, stated in lever.stated(world)
            for effect in stated
        ]

    def tracked(self, world: World) -> frozenset[str]:
        """Corridors that some lever closes or improves: what goes over them travels leg by leg."""
        return routes_that_change(self.effects(world)) | self.also_tracked

    def begins(self, world: World, calendar: Calendar) -> float:
        """Day on which a lever does something for the first time; infinite where none ever does."""
        days = [
            calendar.day_of(phase.date)
            for lever in self.levers
            for phase, _ in lever.stated(world)
            if phase.kind != "announced"
        ]
        return float(min(days)) if days else inf

    def traced(self, world: World) -> tuple[str, ...]:
        """Countries whose part in a tonne's path is traced."""
        exporters = {
            e.where.country for _, e in self.effects(world) if isinstance(e, Passage | Room)
        }
        return tuple(sorted(exporters | set(self.watched)))


@dataclass(frozen=True, slots=True)
class Common:
    """What all columns of a network share, so that each is worked out once."""

    scopes: Scopes
    routes: KnownRoutes
    timetables: dict[Routes, Timetable]

    @classmethod
    def of(cls, network: Network) -> Common:
        """Nothing worked out yet."""
        return cls(Scopes(network), {}, {})


@dataclass(slots=True)
class Column:
    """One run among others."""

    number: int
    network: Network
    clock: Clock
    """Of its trains"""
    regime: Regime
    phases: Phases
    transport: Transport
    stoppers: Stoppers
    stockpiles: Stockpiles
    desk: Desk
    running: Running
    has_trains: bool
    calm: Allowed
    """What holds while no lever does anything"""
    landed: list[tuple[float, Consignment]]
    """(day, lot) of its trains since the last review"""
    error: Exception | None = None
    """What its own parts failed with; the others go on"""
    before: Sequence[Stretch] = field(default=())
    """From the review before to the last; the same as `coming` at the first review"""
    coming: Sequence[Stretch] = field(default=())
    """From the last review to the next"""

    @classmethod
    def of(
        cls, number: int, variant: Variant, network: Network, calendar: Calendar, common: Common,
        day: float, span: float,
    ) -> Column:  # fmt: skip
        """Put its parts together, on the day on which its own clocks begin."""
        world, scopes = network.world, common.scopes
        own, ahead = Clock.starting(day, span), Clock.starting(day, span)
        levers, effects = variant.in_order(), variant.effects(world)
        landed: list[tuple[float, Consignment]] = []
        transport = Transport(
            own.env, network, lambda lot: landed.append((own.now, lot)),
            tracked=variant.tracked(world), known=common.routes,
        )  # fmt: skip
        stoppers = Stoppers.of(effects)
        names = [lever.id for lever in levers]
        regime = Regime.of(network, ahead, calendar, names, transport, stoppers, scopes)
        stockpiles = Stockpiles.of(network, number, reserves_of(effects), network.plan_at(0.0))
        return cls(
            number=number,
            network=network,
            clock=own,
            regime=regime,
            phases=Phases(
                levers, world, calendar, own, regime, transport, variant.seed, variant.replication
            ),
            transport=transport,
            stoppers=stoppers,
            stockpiles=stockpiles,
            desk=Desk(border_rooms(network, scopes), stockpiles, transport),
            running=Running(network, site_rooms(network, scopes)),
            has_trains=transport.has_trains,
            calm=regime.allowed(),
            landed=landed,
        )

    def begin(self) -> None:
        """Let the phases begin that are due."""
        try:
            self.phases.schedule()
        except Exception as error:  # its own; others know nothing of it
            self.error = error

    def look(self, day: float) -> Sequence[Stretch]:
        """What is allowed from a review to the next; trains have gone on to this day."""
        coming: Sequence[Stretch] = ()
        if self.error is None:
            try:
                if self.has_trains and self.clock.env.peek() < day:
                    self.clock.env.run(until=day)
                for lever, agent in self.regime.agents.items():
                    agent.look_back(day, self.desk.rooms.permits.get(lever))
                coming = self.regime.look(day)
            except Exception as error:  # its own; others know nothing of it
                self.error = error
        coming = coming or [self.regime.stretch(day, day + self.clock.span, self.calm)]
        self.before, self.coming = self.coming or coming, coming
        return coming

    def bring_in(self, on_the_way: OnTheWay, review: int, day: float, columns: int) -> None:
        """Put what its trains have brought with what the review takes in."""
        for when, lot in self.landed:
            n = len(lot.lines)
            here = np.full(n, self.number, dtype=np.intp)
            on_the_way.put(
                lines=lot.lines, columns=here, tonnes=lot.tonnes,
                composition=_at(lot, self.number, columns), sent=lot.review,
                taken_in=np.full(n, review, dtype=np.intp), waited_days=np.full(n, day - when),
            )  # fmt: skip
            on_the_way.count(self.number, lot.review, -1)
        self.landed.clear()


def _at(lot: Consignment, column: int, columns: int) -> np.ndarray:
    """[output blend + 1, element, column] a lot's composition where `OnTheWay.put` looks for it."""
    return np.broadcast_to(lot.composition[..., None], (*lot.composition.shape, columns))
