"""Dispatching: what was sold leaves its sellers' stocks and goes its way: as usual, leg by leg or by air."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.arrivals import OnTheWay, Timetable
from sim.engine.beside import Beside, Trade
from sim.engine.clock import TO_MIDNIGHT, Clock
from sim.engine.day_plan import DayPlan
from sim.engine.expediting import Departing, Expediting, Flights, Way
from sim.engine.goods import Goods
from sim.engine.network import Network
from sim.engine.regime import Columns, Stretch
from sim.engine.sold import Sold
from sim.engine.transport import Routes, Transport
from sim.equations.sums import NOISE
from sim.rules.allocating import Cells, over_stretches

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Dispatching:
    """Everything that leaves at a review."""

    network: Network
    clock: Clock
    goods: Goods
    on_the_way: OnTheWay
    transports: Sequence[Transport]
    """Of each column, for what goes leg by leg"""
    timetables: dict[Routes, Timetable]
    """Of the routes that have been met"""
    expediting: Expediting | None
    beside: Beside | None
    """Goods of pairs that the plan does not know"""

    def send(self, sold: Sold, plan: DayPlan, coming: Columns, trade: Trade | None) -> None:
        """Take the goods out of producer stocks and send them on their way."""
        review = self.clock.review_number
        beside = None if trade is None else (trade.by_output_t, trade.by_holder_t)
        composition = self.goods.dispatch(sold.shipped_t, review, beside=beside)
        steady_t, cells = sold.shipped_t, sold.cells
        ways_of_cells = [] if cells is None else ways(cells, coming)
        if cells is not None:
            steady_t = steady_t.copy()
            steady_t.ravel()[cells.flat] = 0.0
        flights = self._flights(sold, steady_t, plan, coming, ways_of_cells, trade)
        if flights is not None:
            steady_t = steady_t - flights.lines_t
            self._fly(flights.lines_t, composition)
        if trade is not None and self.beside is not None:
            self.beside.send(
                trade, composition, review,
                flown_t=None if flights is None else flights.pairs_t,
                air_days=0.0 if self.expediting is None else self.expediting.days,
            )  # fmt: skip
            self._note_pairs(trade, flights)
        by_routes: dict[Routes, list[int]] = {}
        for column, stretches in enumerate(coming):
            by_routes.setdefault(stretches[0].allowed.routes, []).append(column)
        trains = Departures()
        for routes, columns in by_routes.items():
            goods = steady_t
            if len(by_routes) > 1:
                goods = np.zeros_like(steady_t)
                goods[:, columns] = steady_t[:, columns]
            self.on_the_way.send(self._timetable(routes), goods, composition, review)
            for column in columns if routes.trains else ():
                here = coming[column]
                trains.add(here, column, routes, 0, self._midnight(), steady_t[:, column])
        if cells is not None:
            flown_t = np.zeros_like(sold.cells_shipped_t) if flights is None else flights.cells_t
            self._send_cells(
                sold.cells_shipped_t, flown_t, cells, coming, ways_of_cells, composition, trains
            )
        for column, routes, leaves, goods in trains.in_order():
            self._send_trains(column, goods, composition, routes, leaves)

    def _flights(
        self, sold: Sold, steady_t: FloatArray, plan: DayPlan, coming: Columns,
        ways_of_cells: Sequence[Way], trade: Trade | None,
    ) -> Flights | None:  # fmt: skip
        """What flies of what is sent; None where everything goes its planned way."""
        if self.expediting is None:
            return None
        goods = Departing(
            steady_t, [stretches[0].allowed.routes for stretches in coming], sold.cells,
            sold.cells_shipped_t, ways_of_cells, trade,
        )  # fmt: skip
        held_t, review = self.goods.stocks.held[:-1], self.clock.review_number
        return self.expediting.decide(plan, held_t, review, goods)

    def _note_pairs(self, trade: Trade, flights: Flights | None) -> None:
        """What flies of a trade counts for its buyers as coming by air."""
        if self.expediting is None or self.beside is None or flights is None:
            return
        assert flights.pairs_t is not None
        pair, column = np.nonzero(flights.pairs_t)
        lands = TO_MIDNIGHT + self.expediting.days
        review = self.clock.review_number + int(np.ceil(lands / self.clock.span))
        self.expediting.take_off(
            self.beside.pairs.need.number[pair], column, flights.pairs_t[pair, column],
            np.full(len(pair), review),
        )  # fmt: skip

    def _fly(self, flown_t: FloatArray, composition: FloatArray) -> None:
        """What flies of lines on which nothing changes [line, column] leaves at the next midnight."""
        assert self.expediting is not None
        line, column = np.nonzero(flown_t)
        lands = np.full(len(line), self._midnight() + self.expediting.days)
        by_air = np.ones(len(line), dtype=np.bool_)
        self._put(line, column, flown_t[line, column], lands, composition, by_air)

    def _midnight(self) -> float:
        return self.clock.now + TO_MIDNIGHT

    def _send_trains(
        self,
        column: int,
        shipped_t: FloatArray,
        composition: FloatArray,
        routes: Routes,
        leaves: float,
    ) -> None:
        review, own = self.clock.review_number, composition[..., column].copy()
        lots = self.transports[column].send_trains(
            shipped_t, own, review, routes, now=self.clock.now, leaves=leaves
        )
        self.on_the_way.count(column, review, lots)

    def _timetable(self, routes: Routes) -> Timetable:
        """Of routes; those by which goods land on the same days have the same one."""
        if routes not in self.timetables:
            landing_days = TO_MIDNIGHT + routes.days
            key = landing_days.tobytes() + routes.direct.tobytes()
            same = (t for t in self.timetables.values() if t.key == key)
            self.timetables[routes] = next(same, None) or Timetable.of(
                self.network, landing_days=landing_days, which=routes.direct, span=self.clock.span,
                key=key,
            )  # fmt: skip
        return self.timetables[routes]

    def _send_cells(
        self, cells_t: FloatArray, flown_t: FloatArray, cells: Cells, coming: Columns,
        ways_of_cells: Sequence[Way], composition: FloatArray, trains: Departures,
    ) -> None:  # fmt: skip
        """Goods of cells [stretch, cell] leave by each way on the first day on which it is open to them.

        What is open at the review leaves at the next midnight; what goes by train is put with the `trains`, and
        what is flown leaves on the same day as the rest.
        """
        air_days = 0.0 if self.expediting is None else self.expediting.days
        found: list[tuple[IntArray, IntArray, FloatArray, FloatArray, BoolArray]] = []
        for routes, goes, rank in ways_of_cells:
            by_stretch = np.where(goes, cells_t, 0.0)
            tonnes = over_stretches(by_stretch)
            first, leaves = np.zeros(len(tonnes), dtype=np.intp), np.full(len(tonnes), np.inf)
            for k in reversed(range(len(by_stretch))):
                starts = np.array([s[min(k, len(s) - 1)].starts for s in coming])
                begins = np.maximum(self._midnight(), starts)[cells.column]
                goes_now = by_stretch[k] > NOISE * tonnes
                leaves, first = np.where(goes_now, begins, leaves), np.where(goes_now, k, first)
            flies_t = over_stretches(np.where(goes, flown_t, 0.0))
            sails_t = tonnes - flies_t
            sails = np.flatnonzero((sails_t > 0) & routes.direct[cells.line])
            flies = np.flatnonzero(flies_t > 0)
            for those, t, days in (
                (sails, sails_t, routes.days[cells.line]),
                (flies, flies_t, np.full(len(tonnes), air_days)),
            ):
                by_air = np.full(len(those), those is flies)
                found.append((those, rank[those], t[those], (leaves + days)[those], by_air))
            for column in np.unique(cells.column).tolist() if routes.trains else ():
                here = np.flatnonzero((cells.column == column) & (sails_t > 0))
                for k in np.unique(first[here]).tolist():
                    goods = np.zeros(len(self.network.line_lane))
                    these = here[first[here] == k]
                    goods[cells.line[these]] = sails_t[these]
                    day = float(leaves[these[0]])
                    trains.add(coming[column], column, routes, k, day, goods)
        cell, rank, tonnes, lands, by_air = map(np.concatenate, zip(*found, strict=True))
        # A column's goods in the order of its own ways, so that they are added up as if it were alone.
        order = np.lexsort((cell, rank))
        cell, by_air = cell[order], by_air[order]
        self._put(
            cells.line[cell], cells.column[cell], tonnes[order], lands[order], composition, by_air
        )

    def _put(
        self, lines: IntArray, columns: IntArray, tonnes: FloatArray, lands: FloatArray,
        composition: FloatArray, by_air: BoolArray,
    ) -> None:  # fmt: skip
        """Single goods [parcel] of this review, by the day on which they land."""
        now, span, review = self.clock.now, self.clock.span, self.clock.review_number
        later = np.ceil((lands - now) / span).astype(np.intp)
        self.on_the_way.put(
            lines=lines, columns=columns, tonnes=tonnes, composition=composition, sent=review,
            taken_in=review + later, waited_days=now + later * span - lands,
        )  # fmt: skip
        if self.expediting is not None:
            needs = self.network.line_need[lines[by_air]]
            self.expediting.take_off(
                needs, columns[by_air], tonnes[by_air], (review + later)[by_air]
            )


@dataclass(slots=True)
class Departures:
    """What leaves after a review and travels leg by leg: what goes the same way from a stretch on together."""

    goods: dict[tuple[int, int, int], tuple[Routes, float, FloatArray]] = field(
        default_factory=dict
    )
    """Column, which of its routes, first stretch -> routes, day and [line] t"""

    def add(
        self, stretches: Sequence[Stretch], column: int, routes: Routes, first: int, day: float,
        goods: FloatArray,
    ) -> None:  # fmt: skip
        """More goods [line] of a column, on the `first` stretch that is open to them; no line twice."""
        key = column, routes_of(stretches).index(routes), first
        if key in self.goods:
            goods = self.goods[key][2] + goods
        self.goods[key] = routes, day, goods

    def in_order(self) -> Iterator[tuple[int, Routes, float, FloatArray]]:
        """(column, routes, day, [line] t), those of a column in the order of its own routes and stretches."""
        for key in sorted(self.goods):
            routes, day, goods = self.goods[key]
            yield key[0], routes, day, goods


def routes_of(stretches: Sequence[Stretch]) -> list[Routes]:
    """The different routes of a column, in the order in which they hold."""
    return list(dict.fromkeys(stretch.allowed.routes for stretch in stretches))


def ways(cells: Cells, coming: Columns) -> list[tuple[Routes, BoolArray, IntArray]]:
    """Routes that cells may take before the next review, and where they hold.

    That is [stretch, cell]; beside it which of its column's routes they are [cell].
    """
    shape = len(cells.part), len(coming)
    found: dict[Routes, tuple[BoolArray, IntArray]] = {}
    for column in sorted(set(cells.column.tolist())):
        own = routes_of(coming[column])
        for k, stretch in enumerate(coming[column]):
            routes = stretch.allowed.routes
            nowhere = np.zeros(shape, dtype=np.bool_), np.zeros(len(coming), dtype=np.intp)
            holds, rank = found.setdefault(routes, nowhere)
            holds[k, column], rank[column] = True, own.index(routes)
    return [
        (routes, holds[:, cells.column], rank[cells.column])
        for routes, (holds, rank) in found.items()
    ]
