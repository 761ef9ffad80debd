"""Expediting: goods that are dear for their mass fly to who is nearly out of them, if the way is longer.

Buyers order as ever, sellers and borders serve them as ever: what has been sold leaves on the same day and is
there sooner. What is at sea stays at sea.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.beside import Trade
from sim.engine.day_plan import DayPlan
from sim.engine.incidence import Incidence
from sim.engine.network import Network
from sim.engine.pairs import Pairs
from sim.engine.transport import Routes
from sim.equations.sums import Groups, total
from sim.rules.allocating import Cells, over_stretches
from sim.rules.behaviour import Expediting as Rule
from sim.rules.expediting import flown_part, lacking
from sim.world.flying import may_fly
from sim.world.names import MINE, RECYCLING, SEPARATION
from sim.world.places import PILE, STOCKPILE

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

BULK = (MINE, SEPARATION, RECYCLING, STOCKPILE, PILE.stage)
"""Stages of those to whom nothing flies: end uses, makers of metal and makers of products are left."""
Way = tuple[Routes, BoolArray, IntArray]
"""Routes of cells, where they hold [stretch, cell], and which of its column's routes they are [cell]"""


@dataclass(frozen=True, slots=True)
class Departing:
    """What leaves after a review, and by which ways."""

    steady_t: FloatArray
    """[line, column] of lines on which nothing changes before the next review"""
    routes: Sequence[Routes]
    """[column] which these lines take"""
    cells: Cells | None
    cells_t: FloatArray
    """[stretch, cell]"""
    ways: Sequence[Way]
    """Of cells"""
    trade: Trade | None


@dataclass(frozen=True, slots=True)
class Flights:
    """What flies of the goods of one review."""

    lines_t: FloatArray
    """[line, column] of lines on which nothing changes before the next review"""
    cells_t: FloatArray
    """[stretch, cell] of the others"""
    pairs_t: FloatArray | None
    """[pair by its key, column]; None without a trade"""


@dataclass(slots=True)
class Expediting:
    """What flies, and what is in the air."""

    network: Network
    incidence: Incidence
    rule: Rule
    days: float
    """Whole days from the midnight of leaving"""
    pairs: Pairs | None
    """That learned to trade beside the plan"""
    columns: int
    flown_t: FloatArray | None = field(init=False)
    """[line, column] of what the last review sent; None where nothing did"""
    cells_flown_t: FloatArray = field(init=False)
    """[stretch, cell] the same of its cells"""
    moved_t: FloatArray = field(init=False)
    """[column] the same in all, trade beside the lines included"""
    due: dict[int, FloatArray] = field(default_factory=dict)
    """Review -> [need, column] t that it takes in by air"""
    _sold: BoolArray = field(init=False)
    """[output] whether it may fly"""
    _bought: BoolArray = field(init=False)
    """[holder] whether anything flies there"""
    _line: BoolArray = field(init=False)
    """[line] both"""
    _used: IntArray = field(init=False)
    """Lines to needs to which anything may fly"""
    _users: Groups = field(init=False)
    """[line of these] need"""
    _routes: tuple[Routes, ...] = ()
    """[column] by which `_longer` and `_long` were worked out"""
    _longer: BoolArray = field(init=False)
    """[line, column] whether goods of the line may fly and their way takes longer"""
    _long: IntArray = field(init=False)
    """Lines of which that holds in some column"""

    @classmethod
    def of(
        cls, network: Network, incidence: Incidence, pairs: Pairs | None, columns: int
    ) -> Expediting | None:
        """Nothing is in the air; None where everything goes its planned way."""
        rule = network.behaviour.expediting
        if rule is None:
            return None
        return cls(network, incidence, rule, float(np.ceil(rule.days)), pairs, columns)

    def __post_init__(self) -> None:
        network, world = self.network, self.network.world
        flies = [may_fly(world, form, p, self.rule.oxide_price) for _, form, p in network.outputs]
        stage = [network.places.get(place, PILE).stage for place, _, _ in network.inputs]
        self._sold = np.array(flies, dtype=np.bool_)
        users = np.array([each not in BULK for each in stage], dtype=np.bool_)
        self._bought = users[network.holder_input]
        self._line = self._sold[network.line_output] & self._bought[network.line_holder]
        number, count = self.incidence.need.number, self.incidence.need.count
        served = np.zeros(count, dtype=np.bool_)
        served[number[self._line]] = True
        self._used = np.flatnonzero(served[number])
        self._users = Groups(number[self._used], count)
        self.flown_t = None
        self.cells_flown_t = np.zeros((0, 0))
        self.moved_t = np.zeros(self.columns)

    def decide(
        self, plan: DayPlan, held_t: FloatArray, review: int, goods: Departing
    ) -> Flights | None:
        """What flies of the goods; None where nobody is nearly out of them. `held_t` is [holder, column]."""
        lacks_t = lacking(
            use=self._users.total(plan.lines[self._used]), threshold_days=self.rule.threshold_days,
            held_t=self.incidence.need_of_holder.total(held_t), in_air_t=self._in_air(review),
        )  # fmt: skip
        self.flown_t, self.moved_t = None, np.zeros(self.columns)
        lacks: BoolArray = np.any(lacks_t > 0, axis=1)
        if not lacks.any():
            return None
        self._look_up(goods.routes)
        need, cells = self.incidence.need, goods.cells
        lines = self._long[lacks[need.number[self._long]]]
        could_t = np.where(self._longer[lines], goods.steady_t[lines], 0.0)
        need_t = Groups(need.number[lines], need.count).total(could_t)
        cells_could_t, pairs_could_t = self._of_cells(goods), self._of_pairs(goods.trade)
        if cells is not None:
            of_cell = need.number[cells.line], cells.column
            np.add.at(need_t, of_cell, over_stretches(cells_could_t))
        if pairs_could_t is not None and self.pairs is not None:
            need_t = need_t + self.pairs.need.total(pairs_could_t)
        part = flown_part(need_t, lacks_t)
        lines_t = np.zeros_like(goods.steady_t)
        lines_t[lines] = could_t * part[need.number[lines]]
        cells_t = cells_could_t if cells is None else cells_could_t * part[of_cell]
        pairs_t = None
        if pairs_could_t is not None and self.pairs is not None:
            pairs_t = pairs_could_t * self.pairs.need.spread(part)
        flights = Flights(lines_t, cells_t, pairs_t)
        self._note(flights, cells)
        return flights

    def _of_cells(self, goods: Departing) -> FloatArray:
        """[stretch, cell] t that could fly."""
        longer = np.zeros(goods.cells_t.shape, dtype=np.bool_)
        if goods.cells is not None:
            for routes, goes, _ in goods.ways:
                longer |= goes & (self._line & (routes.days > self.days))[goods.cells.line]
        could_t: FloatArray = np.where(longer, goods.cells_t, 0.0)
        return could_t

    def _of_pairs(self, trade: Trade | None) -> FloatArray | None:
        """[pair by its key, column] t that could fly; None without a trade."""
        pairs = self.pairs
        if trade is None or pairs is None:
            return None
        can = self._sold[pairs.output] & self._bought[pairs.holder]
        far = (can & (pairs.transit_days > self.days))[pairs.order]
        could_t: FloatArray = np.where(far[:, None], trade.tonnes, 0.0)
        return could_t

    def _note(self, flights: Flights, cells: Cells | None) -> None:
        """For the records: what flies in all."""
        self.flown_t, self.cells_flown_t = flights.lines_t, flights.cells_t
        if cells is not None:
            self.flown_t = flights.lines_t.copy()
            self.flown_t.ravel()[cells.flat] = over_stretches(flights.cells_t)
        self.moved_t = total(self.flown_t, axis=0)
        if flights.pairs_t is not None:
            self.moved_t = self.moved_t + total(flights.pairs_t, axis=0)

    def _look_up(self, routes: Sequence[Routes]) -> None:
        """Which lines take longer than a flight by these routes, one of each column."""
        if self._routes != tuple(routes):
            self._routes = tuple(routes)
            days = np.stack([each.days for each in routes], axis=1)
            self._longer = self._line[:, None] & (days > self.days)
            self._long = np.flatnonzero(self._longer.any(axis=1))

    def _in_air(self, review: int) -> FloatArray:
        """[need, column] t that no review up to this one has taken in."""
        for landed in [each for each in self.due if each <= review]:
            del self.due[landed]
        in_air_t = np.zeros((self.network.number_of_needs, self.columns))
        for later in sorted(self.due):
            in_air_t += self.due[later]
        return in_air_t

    def take_off(
        self, needs: IntArray, columns: IntArray, tonnes: FloatArray, taken_in: IntArray
    ) -> None:
        """Single goods [parcel] fly to a need in a column, and a review takes them in."""
        for review in np.unique(taken_in).tolist():
            now = taken_in == review
            nothing = np.zeros((self.network.number_of_needs, self.columns))
            np.add.at(self.due.setdefault(review, nothing), (needs[now], columns[now]), tonnes[now])

    def carry_over(self, other: Expediting) -> None:
        """Know in every column what is in the air in the only one of another."""
        self.due = {
            review: np.repeat(tonnes, self.columns, axis=1) for review, tonnes in other.due.items()
        }
