"""A market beside the contracts: what sellers have left goes to those who lack it.

Who may buy from whom stands in `pairs`, who begins to accept whom in `qualifying`. What sellers have beyond a
review of contracted sales goes to those who lack it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.arrivals import Arrivals, OnTheWay, Senders
from sim.engine.calendar import Calendar
from sim.engine.clock import TO_MIDNIGHT, Clock
from sim.engine.day_plan import DayPlan
from sim.engine.incidence import Incidence
from sim.engine.monthly import Months
from sim.engine.network import Network
from sim.engine.pairs import Pairs, PairSums
from sim.engine.passable import Passable
from sim.engine.qualifying import Qualifying
from sim.engine.stocks import Stocks
from sim.equations.sums import Groups, total
from sim.rules.trading import asked, offered, traded

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


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
    """What the market moves at a review, t."""

    pairs: IntArray
    """In the order of their keys"""
    tonnes: FloatArray
    """[pair, column]"""
    by_output_t: FloatArray
    """[output + 1, column]"""
    by_holder_t: FloatArray
    """[holder, column]"""


@dataclass(frozen=True, slots=True)
class Traded:
    """What pairs of one column did, [month, pair]; for the tables."""

    outputs: IntArray
    inputs: IntArray
    shipped: FloatArray
    arrived: FloatArray
    in_transit: FloatArray


@dataclass(slots=True)
class Market:
    """Trade of pairs, and what of it is on the way."""

    network: Network
    incidence: Incidence
    clock: Clock
    calendar: Calendar
    on_the_way: OnTheWay
    passable: Passable
    pairs: Pairs
    qualifying: Qualifying
    columns: int
    admissible: BoolArray = field(init=False)
    """[pair by its key, column] whether it may trade at the last review at which anybody lacked anything"""
    moved_t: FloatArray = field(init=False)
    """[column] that changed hands at the last review"""
    due: dict[int, list[Lot]] = field(default_factory=dict)
    """Review -> what it takes in"""
    shipped: PairSums = field(init=False)
    """t, as `arrived` and `in_transit`, which is a time average"""
    arrived: PairSums = field(init=False)
    in_transit: PairSums = field(init=False)
    on_way_t: FloatArray = field(init=False)
    """[pair, column] after the last review"""
    landed_t: FloatArray = field(init=False)
    """[pair, column] since then, as `landed_tonne_days`"""
    landed_tonne_days: FloatArray = field(init=False)
    _days: Sequence[float] = field(init=False)
    """[month] reported days"""

    @classmethod
    def of(
        cls, network: Network, incidence: Incidence, clock: Clock, calendar: Calendar,
        on_the_way: OnTheWay, passable: Passable,
    ) -> Market | None:  # fmt: skip
        """No pair yet; None where everybody keeps to the sellers of the plan."""
        rule, n = network.behaviour.market, on_the_way.columns
        if rule is None:
            return None
        pairs = Pairs(network, n)
        qualifying = Qualifying(network, incidence, clock, passable, pairs, rule, n)
        return cls(
            network, incidence, clock, calendar, on_the_way, passable, pairs, qualifying, n
        )  # fmt: skip

    def __post_init__(self) -> None:
        n, months = self.columns, len(self.calendar.months())
        self.admissible = np.zeros((0, n), dtype=np.bool_)
        self.moved_t, self._days = np.zeros(n), self.calendar.days_in_months()
        self.shipped, self.arrived, self.in_transit = (PairSums.of(months, n) for _ in range(3))
        self.on_way_t, self.landed_t, self.landed_tonne_days = np.zeros((3, 0, n))

    # ---- trade

    def trade(
        self, day: float, plan: DayPlan, stocks: Stocks, *, open_t: FloatArray, sent_t: FloatArray
    ) -> Trade | None:
        """What sellers have left beside what is sent [line, column], for needs that are open [need, column]."""
        self.moved_t = np.zeros(self.columns)
        self._make_room()
        if not open_t.any():
            return None
        admissible = self.admissible = self._admissible(day)
        if not admissible.any():
            return None
        incidence, pairs, span = self.incidence, self.pairs, self.clock.span
        use = incidence.holder.total(plan.lines)
        cover_t = incidence.need_of_holder.total(use * self.network.holder_cover_days[:, None])
        ask_t = asked(
            open_t=open_t, use_t=incidence.need_of_holder.total(use) * span, cover_t=cover_t,
            held_t=incidence.need_of_holder.total(stocks.held[:-1]),
        )  # fmt: skip
        offer_t = offered(
            stock_t=stocks.sold - incidence.seller.total(sent_t), sales_t=plan.sales * span
        )
        tonnes = traded(offer_t, ask_t, pairs.seller, pairs.need, admissible)
        if not tonnes.any():
            return None
        self.moved_t = total(tonnes, axis=0)
        by_output_t, by_holder_t = pairs.seller.total(tonnes), pairs.by_holder.total(tonnes)
        return Trade(pairs.order, tonnes, by_output_t, by_holder_t)

    def _make_room(self) -> None:
        """For pairs that were opened since."""
        more = len(self.pairs) - len(self.on_way_t)
        if more:
            nothing = np.zeros((more, self.columns))
            for name in ("on_way_t", "landed_t", "landed_tonne_days"):
                setattr(self, name, np.vstack([getattr(self, name), nothing]))

    def _admissible(self, day: float) -> BoolArray:
        """[pair by its key, column] whether it may trade: new trade avoids restrictions."""
        pairs = self.pairs
        found = pairs.qualified(day)
        if found.any():
            found &= self.passable.open(pairs.output, pairs.item)[pairs.order]
        return found

    def by_need(self, trade: Trade) -> FloatArray:
        """[need, column] t of a trade."""
        return self.pairs.need.total(trade.tonnes)

    def able(self, plan: DayPlan) -> tuple[Groups, Groups, FloatArray]:
        """(seller, need, weight [pair, column]) of pairs whose sellers hear of what is still missing."""
        pairs = self.pairs
        weight = np.where(self.admissible, pairs.seller.spread(plan.sales), 0.0)
        return pairs.seller, pairs.need, weight

    def send(self, trade: Trade, composition: FloatArray, review: int) -> None:
        """Put what was traded on its way; `composition` is [output blend + 1, element, column]."""
        network, span = self.network, self.clock.span
        lands = TO_MIDNIGHT + self.pairs.transit_days[trade.pairs]
        later = np.ceil(lands / span).astype(np.intp)
        blend = network.output_blend[self.pairs.output[trade.pairs]]
        self.on_way_t[trade.pairs] += trade.tonnes
        self._book(self.shipped, trade.pairs, trade.tonnes, self._months(self.clock.now))
        for reviews in np.unique(later).tolist():
            some = np.flatnonzero((later == reviews) & (trade.tonnes > 0).any(axis=1))
            if not len(some):
                continue
            mix = np.where((blend[some] >= 0)[:, None, None], composition[blend[some]], 0.0)
            tonnes = trade.tonnes[some]
            lot = Lot(
                trade.pairs[some],
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

    # ---- what is remembered

    def close(self, day: float) -> None:
        """End the days since the last review: what landed, and what was on the way on average."""
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

    def _book(self, sums: PairSums, pairs: IntArray, tonnes: FloatArray, months: Months) -> None:
        sums.add(pairs, tonnes, months, len(self.pairs))

    def column(self, column: int) -> Traded:
        """What the pairs of one column did, those that traded, by their keys."""
        order = self.pairs.order
        order = order[self.shipped.column(column, order).any(axis=0)]
        tables = (
            each.column(column, order) for each in (self.shipped, self.arrived, self.in_transit)
        )
        return Traded(self.pairs.output[order], self.pairs.item[order], *tables)

    def carry_over(self, other: Market) -> None:
        """Know in every column what is known of the only one of another."""
        n = self.columns
        self.pairs.carry_over(other.pairs)
        self.qualifying.carry_over(other.qualifying)
        for name in ("on_way_t", "landed_t", "landed_tonne_days"):
            setattr(self, name, np.repeat(getattr(other, name), n, axis=-1))
        for name in ("shipped", "arrived", "in_transit"):
            getattr(self, name).carry_over(getattr(other, name))
        self.due = {review: [lot.spread(n) for lot in lots] for review, lots in other.due.items()}
