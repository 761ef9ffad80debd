"""Beside the lanes: goods that pairs have traded, on their way, and what is remembered of them by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.arrivals import Arrivals, OnTheWay, Senders
from sim.engine.calendar import Calendar
from sim.engine.clock import TO_MIDNIGHT, Clock
from sim.engine.monthly import Months
from sim.engine.network import Network
from sim.engine.pairs import Pairs, PairSums
from sim.equations.sums import Groups

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


SUMS = ("shipped", "arrived", "in_transit", "flown")
"""What is remembered of pairs by month"""


@dataclass(frozen=True, slots=True)
class Lot:
    """What pairs sent at one review and another takes in."""

    pairs: IntArray
    """Numbers of the pairs, in the order of their keys"""
    tonnes: FloatArray
    """[pair of the lot, column]"""
    content: FloatArray
    """[pair of the lot, element, column] of blends; 0 of single elements"""
    waited_days: FloatArray
    """[pair of the lot] from landing to the review"""
    sent: int
    """Review"""

    def spread(self, columns: int) -> Lot:
        """The same in so many columns, from one."""
        tonnes, content = (np.repeat(t, columns, axis=-1) for t in (self.tonnes, self.content))
        return Lot(self.pairs, tonnes, content, self.waited_days, self.sent)


@dataclass(frozen=True, slots=True)
class Trade:
    """What pairs trade at a review, t."""

    tonnes: FloatArray
    """[pair by its key, column]"""
    by_output_t: FloatArray
    """[output + 1, column]"""
    by_holder_t: FloatArray
    """[holder, column]"""

    @classmethod
    def of(cls, pairs: Pairs, tonnes: FloatArray) -> Trade:
        """Of all pairs [pair by its key, column]."""
        return cls(tonnes, pairs.seller.total(tonnes), pairs.by_holder.total(tonnes))

    def and_(self, other: Trade | None) -> Trade:
        """Both together."""
        if other is None:
            return self
        return Trade(
            self.tonnes + other.tonnes,
            self.by_output_t + other.by_output_t,
            self.by_holder_t + other.by_holder_t,
        )


@dataclass(frozen=True, slots=True)
class Traded:
    """What pairs of one column did, [month, pair]; for the tables."""

    outputs: IntArray
    inputs: IntArray
    shipped: FloatArray
    arrived: FloatArray
    in_transit: FloatArray
    flown: FloatArray


@dataclass(frozen=True, slots=True)
class Sent:
    """What pairs of one column sent before the first day."""

    outputs: IntArray
    """[pair], as `inputs`"""
    inputs: IntArray
    shipped: FloatArray
    """[month before the start, pair] t"""


@dataclass(slots=True)
class Beside:
    """What pairs have sent."""

    network: Network
    clock: Clock
    calendar: Calendar
    on_the_way: OnTheWay
    pairs: Pairs
    columns: int
    due: dict[int, list[Lot]] = field(default_factory=dict)
    """Review -> what it takes in"""
    shipped: PairSums = field(init=False)
    """t, as `arrived` and `in_transit`, which is a time average"""
    arrived: PairSums = field(init=False)
    in_transit: PairSums = field(init=False)
    flown: PairSums = field(init=False)
    """t of what is shipped that goes by air instead of the planned way"""
    shipped_before: PairSums = field(init=False)
    """t before the first day, of the months for which that is remembered"""
    on_way_t: FloatArray = field(init=False)
    """[pair, column] after the last review"""
    landed_t: FloatArray = field(init=False)
    """[pair, column] since then, as `landed_tonne_days`"""
    landed_tonne_days: FloatArray = field(init=False)
    _days: Sequence[float] = field(init=False)
    """[month] reported days"""

    @classmethod
    def of(
        cls, network: Network, clock: Clock, calendar: Calendar, on_the_way: OnTheWay
    ) -> Beside | None:
        """Nothing yet; None where everybody keeps to the sellers and grades of the plan."""
        rules, n = network.behaviour, on_the_way.columns
        if rules.market is None and rules.grades is None:
            return None
        return cls(network, clock, calendar, on_the_way, Pairs(network, n), n)

    def __post_init__(self) -> None:
        n, months = self.columns, len(self.calendar.months())
        self._days = self.calendar.days_in_months()
        for name in SUMS:
            setattr(self, name, PairSums.of(months, n))
        self.shipped_before = PairSums.of(len(self.calendar.months_before()), n)
        self.on_way_t, self.landed_t, self.landed_tonne_days = np.zeros((3, 0, n))

    def _make_room(self) -> None:
        """For pairs that were opened since."""
        more = len(self.pairs) - len(self.on_way_t)
        if more:
            nothing = np.zeros((more, self.columns))
            for name in ("on_way_t", "landed_t", "landed_tonne_days"):
                setattr(self, name, np.vstack([getattr(self, name), nothing]))

    def send(
        self, trade: Trade, composition: FloatArray, review: int,
        *, flown_t: FloatArray | None = None, air_days: float = 0.0,
    ) -> None:  # fmt: skip
        """Put what was traded on its way, `flown_t` [pair by its key, column] of it by air.

        `composition` is [output blend + 1, element, column].
        """
        self._make_room()
        months, pairs = self._months(self.clock.now), self.pairs.order
        transit = self.pairs.transit_days[pairs]
        self.on_way_t[pairs] += trade.tonnes
        self._book(self.shipped, pairs, trade.tonnes, months)
        self._book(self.shipped_before, pairs, trade.tonnes, self._months_before(self.clock.now))
        by_sea_t = trade.tonnes if flown_t is None else trade.tonnes - flown_t
        self._put(pairs, by_sea_t, transit, composition, review)
        if flown_t is not None:
            self._book(self.flown, pairs, flown_t, months)
            self._put(pairs, flown_t, np.full_like(transit, air_days), composition, review)

    def _put(
        self, pairs: IntArray, traded_t: FloatArray, days: FloatArray, composition: FloatArray,
        review: int,
    ) -> None:  # fmt: skip
        """Goods [pair of `pairs`, column] leave at midnight, and are some days [pair of `pairs`] on the way."""
        network, span = self.network, self.clock.span
        lands = TO_MIDNIGHT + days
        later = np.ceil(lands / span).astype(np.intp)
        blend = network.output_blend[self.pairs.output[pairs]]
        for reviews in np.unique(later).tolist():
            some = np.flatnonzero((later == reviews) & (traded_t > 0).any(axis=1))
            if not len(some):
                continue
            mix = np.where((blend[some] >= 0)[:, None, None], composition[blend[some]], 0.0)
            tonnes = traded_t[some]
            lot = Lot(
                pairs[some],
                tonnes,
                tonnes[:, None] * mix,
                reviews * span - lands[some],
                review,
            )
            self.due.setdefault(review + reviews, []).append(lot)
            for column in sorted(self.on_the_way.traced):
                if (tonnes[:, column] > 0).any():
                    self.on_the_way.count(column, review, +1)

    def take_in(self, review: int, arrivals: Arrivals, senders: Senders) -> FloatArray | None:
        """Add what has landed to what a review takes in; returns [input, column] tonne-days since it landed."""
        lots = self.due.pop(review, None)
        if lots is None:
            return None
        network = self.network
        by_input = np.zeros((len(network.inputs), self.columns))
        for lot in lots:
            holder = Groups(self.pairs.holder[lot.pairs], len(network.holder_input))
            item = Groups(self.pairs.item[lot.pairs], len(network.inputs))
            tonne_days = lot.tonnes * lot.waited_days[:, None]
            np.add(arrivals.by_holder_t, holder.total(lot.tonnes), out=arrivals.by_holder_t)
            by_input += item.total(tonne_days)
            into = network.input_blend[item.number]
            some = np.flatnonzero(into >= 0)
            if len(some):
                np.add.at(arrivals.content_t, into[some], lot.content[some])
            self.landed_t[lot.pairs] += lot.tonnes
            self.landed_tonne_days[lot.pairs] += tonne_days
            for column in sorted(self.on_the_way.traced):
                mine = np.flatnonzero(lot.tonnes[:, column] > 0)
                if len(mine):
                    lanes = len(network.lane_output) + lot.pairs[mine]
                    parcels = senders.setdefault(column, [])
                    parcels.append((lot.sent, lanes, lot.tonnes[mine, column]))
                    self.on_the_way.count(column, lot.sent, -1)
        return by_input

    def close(self, day: float) -> None:
        """End the days since the last review: what landed, and what was on the way on average."""
        self._make_room()
        if not len(self.on_way_t):
            return
        span = self.clock.span
        overlaps = self.calendar.overlaps(day - span, day)
        every = np.arange(len(self.pairs))
        self._book(self.arrived, every, self.landed_t, [(m, d / span) for m, d in overlaps])
        # What this review has sent left after these days.
        before = self.on_way_t - self._sent_now()
        average = np.maximum(0.0, before - self.landed_tonne_days / span)
        self._book(self.in_transit, every, average, [(m, d / self._days[m]) for m, d in overlaps])
        self.on_way_t -= self.landed_t
        self.landed_t.fill(0.0)
        self.landed_tonne_days.fill(0.0)

    def _sent_now(self) -> FloatArray:
        sent = np.zeros_like(self.on_way_t)
        review = self.clock.review_number
        for lots in self.due.values():
            for lot in lots:
                if lot.sent == review:
                    sent[lot.pairs] += lot.tonnes
        return sent

    def _months(self, day: float) -> Months:
        span = self.clock.span
        return [(m, d / span) for m, d in self.calendar.overlaps(day, day + span)]

    def _months_before(self, day: float) -> Months:
        span = self.clock.span
        return [(m, d / span) for m, d in self.calendar.overlaps_before(day, day + span)]

    def _book(self, sums: PairSums, pairs: IntArray, tonnes: FloatArray, months: Months) -> None:
        sums.add(pairs, tonnes, months, len(self.pairs))

    def column(self, column: int) -> Traded:
        """What the pairs of one column did, those that traded, by their keys."""
        order = self.pairs.order
        order = order[self.shipped.column(column, order).any(axis=0)]
        tables = (getattr(self, name).column(column, order) for name in SUMS)
        return Traded(self.pairs.output[order], self.pairs.item[order], *tables)

    def sent_before(self, column: int) -> Sent:
        """What the pairs of one column sent before the first day, as far as it is remembered."""
        order = self.pairs.order
        shipped = self.shipped_before.column(column, order)
        sent = shipped.any(axis=0)
        order = order[sent]
        return Sent(self.pairs.output[order], self.pairs.item[order], shipped[:, sent])

    def carry_over(self, other: Beside) -> None:
        """Know in every column what is known of the only one of another."""
        n = self.columns
        self.pairs.carry_over(other.pairs)
        for name in ("on_way_t", "landed_t", "landed_tonne_days"):
            setattr(self, name, np.repeat(getattr(other, name), n, axis=-1))
        for name in (*SUMS, "shipped_before"):
            getattr(self, name).carry_over(getattr(other, name))
        self.due = {review: [lot.spread(n) for lot in lots] for review, lots in other.due.items()}
