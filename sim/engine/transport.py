"""Transport: lots leave at midnight after the review and land whole days later, by the first open route.

Most routes take a number of days that is known when the goods leave: what goes by them needs no event (see
`arrivals`). On a corridor whose legs have a capacity, or that some lever closes or improves, trains travel leg
by leg, those of one review that take equally long together. A leg with a capacity loads first come, first
served: a train of q tonnes keeps a leg of c tonnes a day busy for q / c days, and whoever comes later waits
for it. A closed corridor is not entered: goods take the lane's next route, and where there is none they
stay with the seller. A closure that holds keeps what is under way before the closed leg.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from math import ceil, inf, isfinite, isnan, nan

import numpy as np
import numpy.typing as npt
import simpy

from sim.channels.effects import Effect
from sim.channels.effects import Route as LegTerms
from sim.engine.channels import LEG_CAPACITY, LEG_CLOSED, LEG_DAYS
from sim.engine.network import Network
from sim.world.world import Corridor

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

DAYS_PER_WEEK = 7.0


@dataclass(frozen=True, slots=True)
class Consignment:
    """Lots that travel together."""

    lines: IntArray
    tonnes: FloatArray
    composition: FloatArray
    """[output blend, element] what sellers' blends consisted of when the lots were sent"""
    review: int
    """Number of the review that sent them; the tracer keeps what the sellers had then."""


@dataclass(frozen=True, slots=True)
class Route:
    """Lines that take equally long over the same corridor, leg by leg."""

    lines: IntArray
    days: float
    corridor: Corridor


@dataclass(frozen=True, slots=True, eq=False)
class Routes:
    """The first open route of each line while certain closures and terms are in force; arrays are [line]."""

    closed: BoolArray
    """No route is open"""
    days: FloatArray
    """Transit by the route that is open"""
    direct: BoolArray
    """It is open, and no leg of it needs to be looked at"""
    extra_days: FloatArray
    """Transit by the next route less that of the first; 0 where the first is open"""
    trains: tuple[Route, ...]
    """What travels leg by leg"""


@dataclass(frozen=True, slots=True)
class Wait:
    """A lot that a closure held."""

    corridor: str
    t: float
    came: float
    """Day on which it reached the closed leg."""
    went_on: float
    """Day on which the leg opened; infinite while it waits."""


@dataclass(slots=True, eq=False)
class Train:
    """A lot that travels leg by leg, and what it does next."""

    lot: Consignment
    corridor: Corridor
    days: float
    """Of the whole way, without waiting"""
    next_step: str
    """`depart`, `loaded`, `travelled` or `land`; empty while it waits for a leg"""
    next_day: float
    number: int = 0
    """In the order in which the steps that come next were entered"""
    left: float = nan
    """Day on which it departed"""
    parts: tuple[float, ...] = ()
    """Days of each leg as it departed"""
    position: int = 0
    """Leg that it is on, or waits for"""
    capacity: float = inf
    """Of this leg, t a week, when it came there"""
    since: float = nan
    """Day on which it came to a leg that was closed"""


KnownRoutes = dict[tuple[frozenset[str], tuple[LegTerms, ...]], Routes]


@dataclass(slots=True)
class Transport:
    """The routes of one column, and its trains."""

    env: simpy.Environment
    network: Network
    land: Callable[[Consignment], None]
    tracked: frozenset[str] = frozenset()
    """Corridors that some lever will close or change: their lots travel leg by leg from the start."""
    known: KnownRoutes = field(default_factory=dict)
    """Corridors that change and terms in force -> routes, worked out once for all columns"""
    waits: list[Wait] = field(init=False, default_factory=list)
    """Lots that closures have held, in the order in which they went on"""
    trains: list[Train] = field(init=False, default_factory=list)
    """All that are on their way, in the order in which they were sent"""
    _entered: int = 0
    """Steps entered so far"""
    _loading: dict[tuple[str, int], list[Train]] = field(init=False, default_factory=dict)
    """Leg with a capacity -> the train that loads, and those behind it"""
    _before_gate: dict[tuple[str, int], list[Train]] = field(init=False, default_factory=dict)
    """Closed leg -> trains before it, in the order in which they came"""
    _now: dict[str, list[LegTerms]] = field(init=False, default_factory=dict)
    """Lever -> what it does to what is under way"""
    _closed: set[tuple[str, int]] = field(init=False, default_factory=set)
    _by_corridor: dict[str, BoolArray] = field(init=False, default_factory=dict)

    @property
    def has_trains(self) -> bool:
        """Whether anything may travel leg by leg."""
        corridors = self.network.world.corridors.values()
        return any(c.id in self.tracked or _has_limit(c) for c in corridors)

    def turn(self, lever: str, effects: Sequence[Effect]) -> None:
        """What a lever does to what is under way, from this moment on."""
        self._now[lever] = [effect for effect in effects if isinstance(effect, LegTerms)]
        shut = {
            (terms.corridor, position)
            for terms in self._terms_now()
            if terms.closed and terms.holds
            for position in self._legs(terms)
        }
        opens, self._closed = sorted(self._closed - shut), shut
        for leg in opens:
            for train in self._before_gate.pop(leg, []):
                self.waits.append(self._wait(train, self.env.now))
                self._go_on(train)

    def _legs(self, terms: LegTerms) -> Iterable[int]:
        legs = self.network.world.corridors[terms.corridor].legs
        return range(len(legs)) if terms.leg is None else (terms.leg,)

    # ---- routes

    def goes_by(self, corridor: str) -> BoolArray:
        """[line] whether its first route is a corridor."""
        if corridor not in self._by_corridor:
            names = np.array(self.network.lane_corridor, dtype=object)
            self._by_corridor[corridor] = (names == corridor)[self.network.line_lane]
        return self._by_corridor[corridor]

    def routes_under(self, terms: Sequence[LegTerms]) -> Routes:
        """Routes while these terms are in force; the same object for the same ones."""
        key = self.tracked, tuple(terms)
        if key not in self.known:
            self.known[key] = self._choose_routes(key[1])
        return self.known[key]

    def _choose_routes(self, terms: Sequence[LegTerms]) -> Routes:
        """The first open route of each line, and how long it takes."""
        shut = {c for c in {t.corridor for t in terms} if self._is_closed(c, terms)}
        network = self.network
        n = len(network.lane_transit_days)
        days, corridor = network.lane_transit_days.copy(), list(network.lane_corridor)
        closed, extra = np.zeros(n, dtype=np.bool_), np.zeros(n)
        for lane in range(n):
            if corridor[lane] in shut:
                following = network.lane_next_corridor[lane]
                closed[lane] = not following or following in shut
                if not closed[lane]:
                    corridor[lane], days[lane] = following, network.lane_next_days[lane]
                    extra[lane] = days[lane] - network.lane_transit_days[lane]
        factor = {c: self._time_factor(c, terms) for c in sorted({t.corridor for t in terms})}
        of_lane = np.array([factor.get(c, 1.0) for c in corridor])
        days = np.where(of_lane == 1.0, days, np.ceil(days * of_lane - 1e-9))
        line = network.line_lane
        is_open, by = ~closed[line], np.array(corridor, dtype=object)[line]
        known = network.world.corridors.values()
        stepwise = sorted(c.id for c in known if c.id in self.tracked or _has_limit(c))
        trains = [
            train for c in stepwise for train in self._trains(c, days[line], (by == c) & is_open)
        ]
        return Routes(
            closed=~is_open,
            days=days[line],
            direct=is_open & ~np.array([c in stepwise for c in by], dtype=np.bool_),
            extra_days=extra[line],
            trains=tuple(trains),
        )

    def _trains(self, corridor: str, days: FloatArray, which: BoolArray) -> Iterator[Route]:
        for each in np.unique(days[which]):
            lines = np.flatnonzero(which & (days == each))
            yield Route(lines, float(each), self.network.world.corridors[corridor])

    def _time_factor(self, corridor: str, terms: Sequence[LegTerms]) -> float:
        """Transit with the terms over transit as in the pack."""
        legs = self.network.world.corridors[corridor].legs
        usual = sum(leg.days for leg in legs)
        now = sum(self._leg_days(corridor, position, terms) for position in range(len(legs)))
        return now / usual if usual > 0 else 1.0

    def _is_closed(self, corridor: str, terms: Sequence[LegTerms]) -> bool:
        return bool(LEG_CLOSED.of([t.closed for t in terms if t.corridor == corridor]))

    def _leg_days(self, corridor: str, position: int, terms: Sequence[LegTerms]) -> float:
        given = [t.days for t in _of_leg(terms, corridor, position) if t.days is not None]
        usual = self.network.world.corridors[corridor].legs[position].days
        return LEG_DAYS.of(given) if given else usual

    def _leg_capacity(self, corridor: str, position: int) -> float:
        """Tonnes a week, now."""
        named = _of_leg(self._terms_now(), corridor, position)
        given = [t.t_per_week for t in named if t.t_per_week is not None]
        usual = self.network.world.corridors[corridor].legs[position].capacity_t_per_week
        return LEG_CAPACITY.of(given) if given else usual

    def _terms_now(self) -> list[LegTerms]:
        return [terms for lever in sorted(self._now) for terms in self._now[lever]]

    # ---- lots

    def send_trains(
        self,
        shipped_t: FloatArray,
        composition: FloatArray,
        review: int,
        routes: Routes,
        *,
        now: float,
        leaves: float,
    ) -> int:
        """Send what of a review's goods [line] travels leg by leg on its way on a day; the number of lots.

        `composition` is [output blend + 1, element].
        """
        lots = 0
        for route in routes.trains:
            tonnes = shipped_t[route.lines]
            some = tonnes > 0
            if some.any():
                if self.env.now < now:  # so that days are counted from a whole one
                    self.env.run(until=now)
                lot = Consignment(route.lines[some], tonnes[some], composition, review)
                train = Train(lot, route.corridor, route.days, "", leaves)
                self.trains.append(train)
                self._enter(train, "depart", leaves)
                lots += 1
        return lots

    def _enter(self, train: Train, step: str, day: float) -> None:
        """The next step of a train, on a day."""
        self._entered += 1
        train.next_step, train.next_day, train.number = step, day, self._entered
        self._schedule(train)

    def _schedule(self, train: Train) -> None:
        event: simpy.Event = self.env.timeout(max(0.0, train.next_day - self.env.now))
        assert event.callbacks is not None
        event.callbacks.append(lambda _: STEPS[train.next_step](self, train))

    def _depart(self, train: Train) -> None:
        train.left, terms = self.env.now, self._terms_now()
        legs = range(len(train.corridor.legs))
        train.parts = tuple(self._leg_days(train.corridor.id, p, terms) for p in legs)
        self._come(train)

    def _come(self, train: Train) -> None:
        """To the next leg, or to the end of the way: a train lands whole days after it left."""
        train.next_step = ""
        if train.position == len(train.parts):
            lands = train.left + ceil(self.env.now - train.left - 1e-9)
            self._enter(train, "land", lands)
            return
        train.capacity = self._leg_capacity(train.corridor.id, train.position)
        if isfinite(train.capacity):
            queue = self._loading.setdefault((train.corridor.id, train.position), [])
            queue.append(train)
            if queue[0] is not train:
                return
        self._at_gate(train)

    def _at_gate(self, train: Train) -> None:
        """It waits before a leg while a closure that holds shuts it."""
        leg = train.corridor.id, train.position
        if leg in self._closed:
            train.since = self.env.now
            self._before_gate.setdefault(leg, []).append(train)
        else:
            self._go_on(train)

    def _go_on(self, train: Train) -> None:
        train.since = nan
        if isfinite(train.capacity):
            days = float(train.lot.tonnes.sum()) / train.capacity * DAYS_PER_WEEK
            self._enter(train, "loaded", self.env.now + days)
        else:
            self._travel(train)

    def _loaded(self, train: Train) -> None:
        """It leaves the leg to the train behind it."""
        queue = self._loading[train.corridor.id, train.position]
        queue.pop(0)
        self._travel(train)
        if queue:
            self._at_gate(queue[0])

    def _travel(self, train: Train) -> None:
        days = train.days * train.parts[train.position] / (sum(train.parts) or 1.0)
        self._enter(train, "travelled", self.env.now + days)

    def _travelled(self, train: Train) -> None:
        train.position += 1
        self._come(train)

    def _land(self, train: Train) -> None:
        self.trains.remove(train)
        self.land(train.lot)

    def all_waits(self) -> list[Wait]:
        """Lots that were held, and those that still are."""
        waiting = [train for train in self.trains if not isnan(train.since)]
        return [*self.waits, *(self._wait(t, inf) for t in sorted(waiting, key=_came))]

    @staticmethod
    def _wait(train: Train, went_on: float) -> Wait:
        return Wait(train.corridor.id, float(train.lot.tonnes.sum()), train.since, went_on)

    def carry_over(self, other: Transport) -> None:
        """Put the trains of another column on the way here too, where nothing has happened yet."""
        twins = {id(train): copy(train) for train in other.trains}
        self.trains = [twins[id(train)] for train in other.trains]
        self._entered, self.waits = other._entered, list(other.waits)
        for leg, queue in other._loading.items():
            self._loading[leg] = [twins[id(train)] for train in queue]
        for leg, queue in other._before_gate.items():
            self._before_gate[leg] = [twins[id(train)] for train in queue]
        for train in sorted(self.trains, key=lambda train: (train.next_day, train.number)):
            if train.next_step:
                self._schedule(train)


STEPS: dict[str, Callable[[Transport, Train], None]] = {
    "depart": Transport._depart,
    "loaded": Transport._loaded,
    "travelled": Transport._travelled,
    "land": Transport._land,
}


def _came(train: Train) -> float:
    return train.since


def _has_limit(corridor: Corridor) -> bool:
    return any(leg.capacity_t_per_week < inf for leg in corridor.legs)


def _of_leg(terms: Sequence[LegTerms], corridor: str, position: int) -> list[LegTerms]:
    return [t for t in terms if t.corridor == corridor and t.leg in (None, position)]
