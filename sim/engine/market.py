"""A market beside the contracts: who cannot get what it ordered learns to buy from others.

A pair is a seller's output and a holder that may buy from it, which never traded. It begins to qualify when the
holder is in trouble, is qualified after the pack's days, and stays so. What sellers have beyond a review of
contracted sales then goes to those who lack it. Pairs are kept in the order of their keys whenever something is
added up, so that a column has the same bytes whatever pairs others have opened beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, inf, isinf

import numpy as np
import numpy.typing as npt

from sim.behaviour import Market as Rule
from sim.channels import Passage, Room, Where
from sim.engine.arrivals import Arrivals, OnTheWay, Senders
from sim.engine.calendar import Calendar
from sim.engine.clock import TO_MIDNIGHT, Clock
from sim.engine.day_plan import DayPlan
from sim.engine.incidence import Incidence
from sim.engine.monthly import Months
from sim.engine.network import Network
from sim.engine.regime import Columns, Regime
from sim.engine.stocks import Stocks
from sim.engine.ways import Ways
from sim.equations.sums import NOISE, Groups, ratio, total
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
    """Pairs that trade, or learn to, beside the contracts."""

    network: Network
    incidence: Incidence
    clock: Clock
    calendar: Calendar
    on_the_way: OnTheWay
    regimes: Sequence[Regime]
    """Of each column"""
    rule: Rule
    output: IntArray = field(init=False)
    """[pair], in the order in which they were opened; as `holder` and `transit_days`"""
    holder: IntArray = field(init=False)
    transit_days: FloatArray = field(init=False)
    qualified_from: FloatArray = field(init=False)
    """[pair, column] day; infinite where it has not begun"""
    moved_t: FloatArray = field(init=False)
    """[column] that changed hands at the last review"""
    low_days: FloatArray = field(init=False)
    """[need, column] for which a need has got less of its order than it can bear"""
    try_again: FloatArray = field(init=False)
    """[holder, column] day before which nobody new is looked for"""
    due: dict[int, list[Lot]] = field(default_factory=dict)
    """Review -> what it takes in"""
    shipped: FloatArray = field(init=False)
    """[month, pair, column] t, as `arrived` and `in_transit`, which is a time average"""
    arrived: FloatArray = field(init=False)
    in_transit: FloatArray = field(init=False)
    on_way_t: FloatArray = field(init=False)
    """[pair, column] after the last review"""
    landed_t: FloatArray = field(init=False)
    """[pair, column] since then, as `landed_tonne_days`"""
    landed_tonne_days: FloatArray = field(init=False)
    _number: dict[tuple[int, int], int] = field(default_factory=dict)
    """Output and holder -> pair"""
    _to_open: list[tuple[int, int, float]] = field(default_factory=list)
    """Output, holder and days on the way of new pairs"""
    _sector_of: Mapping[str, str] = field(init=False)
    """Demand node -> its sector"""
    _order: IntArray = field(init=False)
    """Pairs by their keys"""
    _seller: Groups = field(init=False)
    """[pair by its key] output"""
    _need: Groups = field(init=False)
    """[pair by its key] need"""
    _holder: Groups = field(init=False)
    """[pair by its key] holder"""
    _ways: Ways = field(init=False)
    _sellers: Mapping[tuple[str, str], list[int]] = field(init=False)
    """Form and product -> outputs of sites"""
    _candidates: dict[int, list[tuple[float, int]]] = field(default_factory=dict)
    """Input -> (days, output) of sellers it never bought from, the nearest first"""
    _open: dict[tuple[Where, ...], BoolArray] = field(default_factory=dict)
    """Restrictions in force -> [pair] none of them is about it"""
    _covered: dict[Where, dict[tuple[int, int], bool]] = field(default_factory=dict)
    """What a restriction is about -> output and input, and whether that is"""
    _tradable: BoolArray = field(init=False)
    """[holder]"""

    @classmethod
    def of(
        cls, network: Network, incidence: Incidence, clock: Clock, calendar: Calendar,
        on_the_way: OnTheWay, regimes: Sequence[Regime],
    ) -> Market | None:  # fmt: skip
        """No pair yet; None where everybody keeps to the sellers of the plan."""
        rule = network.behaviour.market
        if rule is None:
            return None
        return cls(network, incidence, clock, calendar, on_the_way, regimes, rule)

    def __post_init__(self) -> None:
        network, n = self.network, len(self.regimes)
        months = len(self.calendar.months())
        self.output, self.holder = np.zeros((2, 0), dtype=np.intp)
        self.transit_days = np.zeros(0)
        for name in ("qualified_from", "on_way_t", "landed_t", "landed_tonne_days"):
            setattr(self, name, np.zeros((0, n)))
        for name in ("shipped", "arrived", "in_transit"):
            setattr(self, name, np.zeros((months, 0, n)))
        self.moved_t = np.zeros(n)
        self.low_days = np.zeros((network.number_of_needs, n))
        self.try_again = np.full((len(network.holder_input), n), -inf)
        self._ways = Ways(network.world)
        self._sector_of = {need.node: need.sector for need in network.world.demand}
        sellers: dict[tuple[str, str], list[int]] = {}
        for o, (place, form, product) in enumerate(network.outputs):
            if place in network.world.sites and product:
                sellers.setdefault((form, product), []).append(o)
        self._sellers = sellers
        self._tradable = (
            np.array(
                [network.inputs[i][1:] in sellers for i in network.holder_input], dtype=np.bool_
            )
            & ~network.holder_is_sink
        )
        self._sort()

    def _sort(self) -> None:
        network = self.network
        self._order = np.lexsort((self.holder, self.output))
        output, holder = self.output[self._order], self.holder[self._order]
        self._seller = Groups(output, len(network.outputs) + 1)
        self._need = Groups(network.holder_need[holder], network.number_of_needs)
        self._holder = Groups(holder, len(network.holder_input))

    # ---- who is in trouble, and looks for others

    def look_around(
        self, day: float, plan: DayPlan, coming: Columns, stocks: Stocks, claims_t: FloatArray,
        sent_t: FloatArray,
    ) -> None:  # fmt: skip
        """Let holders in trouble begin to qualify sellers; `claims_t` and `sent_t` are [need, column]."""
        low = sent_t < self.rule.filled * claims_t * (1 - NOISE)
        self.low_days = np.where(low, self.low_days + self.clock.span, 0.0)
        trouble = self.low_days >= self.rule.patience_days
        trouble |= self._restricted(plan, coming) >= self.rule.restricted_share
        if not trouble.any():
            return
        wants = trouble[self.network.holder_need] & self._tradable[:, None]
        wants &= self.try_again <= day
        if not wants.any():
            return
        learning = np.where(self.qualified_from > day, np.isfinite(self.qualified_from), False)
        count = self._holder.total(learning[self._order].astype(np.float64))
        wants &= count < self.rule.at_a_time
        begun: list[tuple[int, int, float]] = []
        scopes = [self._scopes(column) for column in range(len(self.regimes))]
        for holder, column in np.argwhere(wants).tolist():
            tried = int(count[holder, column])
            begun += self._begin(holder, column, day, tried, plan, stocks, scopes[column])
        self._open_pairs()
        for pair, column, qualified in begun:
            self.qualified_from[pair, column] = qualified

    def _restricted(self, plan: DayPlan, coming: Columns) -> FloatArray:
        """[need, column] part of what is planned that levers stop, let wait, or limit on coming days."""
        planned = self.incidence.need.total(plan.lines)
        share = np.zeros_like(planned)
        for column, stretches in enumerate(coming):
            if any(s.allowed.has_stoppers for s in stretches):
                stopped = np.logical_or.reduce([s.allowed.stopper >= 0 for s in stretches])
                lines = np.where(stopped, plan.lines[:, column], 0.0)[:, None]
                part = self.incidence.need.total(lines)[:, 0]
                share[:, column] = ratio(part, planned[:, column])
        return share

    def _begin(
        self, holder: int, column: int, day: float, learning: int, plan: DayPlan, stocks: Stocks,
        scopes: tuple[Where, ...],
    ) -> list[tuple[int, int, float]]:  # fmt: skip
        """(pair, column, day on which it is qualified) of the sellers that a holder begins to try."""
        item = int(self.network.holder_input[holder])
        takes, begun = self._requalification_days(item), list[tuple[int, int, float]]()
        if isinf(takes):
            self.try_again[holder, column] = inf
            return begun
        passed_over = False
        for transit, output in self._candidates_of(item):
            if learning + len(begun) >= self.rule.at_a_time:
                return begun
            known = self._number.get((output, holder), -1)
            if 0 <= known < len(self.output) and np.isfinite(self.qualified_from[known, column]):
                continue
            has = max(stocks.sold[output, column], plan.sales[output, column]) > NOISE
            if not has or self._is_restricted(output, item, scopes):
                passed_over = True
                continue
            begun.append((self._pair(output, holder, transit), column, day + takes))
        # Who has begun with everybody there is need not look again.
        later = day + self.rule.patience_days if passed_over or begun else inf
        self.try_again[holder, column] = later
        return begun

    def _requalification_days(self, item: int) -> float:
        place, form, _ = self.network.inputs[item]
        days = self.network.world.defaults.requalification_days
        return days.get(f"{form}:{self._sector_of.get(place, '')}", days.get(form, inf))

    def _candidates_of(self, item: int) -> list[tuple[float, int]]:
        """Sellers that an input has no qualified lane from, the nearest first, then by id."""
        if item not in self._candidates:
            network = self.network
            place, form, product = network.inputs[item]
            lanes = np.flatnonzero((network.lane_input == item) & network.lane_qualified)
            known = set(network.lane_output[lanes].tolist())
            found = []
            for output in self._sellers.get((form, product), ()):
                seller = network.outputs[output][0]
                days = self._ways.days(seller, place)
                if output not in known and seller != place and not isinf(days):
                    found.append((float(ceil(days)), seller, output))
            self._candidates[item] = [(days, output) for days, _, output in sorted(found)]
        return self._candidates[item]

    def _pair(self, output: int, holder: int, transit: float) -> int:
        """The number of a pair; a new one is opened with the others of this review."""
        known = self._number.get((output, holder))
        if known is not None:
            return known
        number = self._number[output, holder] = len(self.output) + len(self._to_open)
        self._to_open.append((output, holder, transit))
        return number

    def _open_pairs(self) -> None:
        """Make room for new pairs, of which nothing is qualified yet."""
        more, n = len(self._to_open), len(self.regimes)
        if not more:
            return
        outputs, holders, transit = zip(*self._to_open, strict=True)
        self.output = np.append(self.output, np.array(outputs, dtype=np.intp))
        self.holder = np.append(self.holder, np.array(holders, dtype=np.intp))
        self.transit_days = np.append(self.transit_days, transit)
        self.qualified_from = np.vstack([self.qualified_from, np.full((more, n), inf)])
        for name in ("on_way_t", "landed_t", "landed_tonne_days"):
            setattr(self, name, np.vstack([getattr(self, name), np.zeros((more, n))]))
        for name in ("shipped", "arrived", "in_transit"):
            table = getattr(self, name)
            setattr(self, name, np.concatenate([table, np.zeros((len(table), more, n))], axis=1))
        self._to_open.clear()
        self._sort()

    # ---- the border

    def _scopes(self, column: int) -> tuple[Where, ...]:
        """What goods the restrictions are about that are in force in a column."""
        effects = self.regimes[column].in_force
        found = [passage.where for _, passage in effects.of(Passage)]
        for _, room in effects.of(Room):
            if not room.of_sites:
                found.append(room.where)
        return tuple(dict.fromkeys(found))

    def _is_restricted(self, output: int, item: int, scopes: Sequence[Where]) -> bool:
        """Whether any of these is about goods from this seller to this buyer."""
        network = self.network
        (seller, form, product), buyer = network.outputs[output], network.inputs[item][0]
        line = (seller, buyer, form, product)
        for where in scopes:
            known = self._covered.setdefault(where, {})
            covers = known.get((output, item))
            if covers is None:
                place = network.places.get(buyer)
                names = place.names if place is not None else None
                covers = known[output, item] = where.covers_line(network.world, line, names)
            if covers:
                return True
        return False

    def _is_open(self) -> BoolArray:
        """[pair by its key, column] whether nothing in force is about it: new trade avoids restrictions."""
        open_ = np.ones((len(self.output), len(self.regimes)), dtype=np.bool_)
        for column in range(len(self.regimes)):
            scopes = self._scopes(column)
            if scopes:
                open_[:, column] = self._open_under(scopes)
        return open_[self._order]

    def _open_under(self, scopes: tuple[Where, ...]) -> BoolArray:
        """[pair] whether none of these is about it; worked out once for each pair."""
        known = self._open.get(scopes, np.zeros(0, dtype=np.bool_))
        if len(known) < len(self.output):
            outputs = self.output[len(known) :].tolist()
            items = self.network.holder_input[self.holder[len(known) :]].tolist()
            more = [
                not self._is_restricted(o, i, scopes) for o, i in zip(outputs, items, strict=True)
            ]
            known = self._open[scopes] = np.concatenate([known, np.array(more, dtype=np.bool_)])
        return known

    # ---- trade

    def trade(
        self, day: float, plan: DayPlan, stocks: Stocks, *, open_t: FloatArray, sent_t: FloatArray
    ) -> Trade | None:
        """What sellers have left beside what is sent [line, column], for needs that are open [need, column]."""
        self.moved_t = np.zeros(len(self.regimes))
        admissible = self.qualified_from[self._order] <= day
        if not admissible.any() or not open_t.any():
            return None
        admissible &= self._is_open()
        incidence, network, span = self.incidence, self.network, self.clock.span
        use = incidence.holder.total(plan.lines)
        cover_t = incidence.need_of_holder.total(use * network.holder_cover_days[:, None])
        ask_t = asked(
            open_t=open_t, use_t=incidence.need_of_holder.total(use) * span, cover_t=cover_t,
            held_t=incidence.need_of_holder.total(stocks.held[:-1]),
        )  # fmt: skip
        offer_t = offered(
            stock_t=stocks.sold - incidence.seller.total(sent_t), sales_t=plan.sales * span
        )
        tonnes = traded(offer_t, ask_t, self._seller, self._need, admissible)
        if not tonnes.any():
            return None
        self.moved_t = total(tonnes, axis=0)
        return Trade(self._order, tonnes, self._seller.total(tonnes), self._holder.total(tonnes))

    def by_need(self, trade: Trade) -> FloatArray:
        """[need, column] t of a trade."""
        return self._need.total(trade.tonnes)

    def able(self, day: float, plan: DayPlan) -> tuple[Groups, Groups, FloatArray]:
        """(seller, need, weight [pair, column]) of pairs whose sellers hear of what is missing."""
        admissible = (self.qualified_from[self._order] <= day) & self._is_open()
        weight = np.where(admissible, self._seller.spread(plan.sales), 0.0)
        return self._seller, self._need, weight

    def send(self, trade: Trade, composition: FloatArray, review: int) -> None:
        """Put what was traded on its way; `composition` is [output blend + 1, element, column]."""
        network, span = self.network, self.clock.span
        lands = TO_MIDNIGHT + self.transit_days[trade.pairs]
        later = np.ceil(lands / span).astype(np.intp)
        blend = network.output_blend[self.output[trade.pairs]]
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
        by_input = np.zeros((len(network.inputs), len(self.regimes)))
        for lot in lots:
            holder = Groups(self.holder[lot.pairs], len(network.holder_input))
            item = Groups(network.holder_input[self.holder[lot.pairs]], len(network.inputs))
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
        span = self.clock.span
        overlaps = self.calendar.overlaps(day - span, day)
        every = np.arange(len(self.output))
        self._book(self.arrived, every, self.landed_t, [(m, d / span) for m, d in overlaps])
        # What this review has sent left after these days.
        before = self.on_way_t - self._sent_now()
        average = np.maximum(0.0, before - self.landed_tonne_days / span)
        days = self.calendar.days_in_months()
        self._book(self.in_transit, every, average, [(m, d / days[m]) for m, d in overlaps])
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

    @staticmethod
    def _book(table: FloatArray, pairs: IntArray, tonnes: FloatArray, months: Months) -> None:
        for month, weight in months:
            table[month, pairs] += tonnes * weight

    def column(self, column: int) -> Traded:
        """What the pairs of one column did, those that traded, by their keys."""
        order = [p for p in self._order.tolist() if self.shipped[:, p, column].any()]
        items = self.network.holder_input[self.holder[order]]
        tables = (t[:, order, column] for t in (self.shipped, self.arrived, self.in_transit))
        return Traded(self.output[order], items, *tables)

    def carry_over(self, other: Market) -> None:
        """Know in every column what is known of the only one of another."""
        n = len(self.regimes)
        self._number = dict(other._number)
        self.output, self.holder = other.output.copy(), other.holder.copy()
        self.transit_days = other.transit_days.copy()
        for name in (
            "qualified_from", "low_days", "try_again", "shipped", "arrived", "in_transit", "on_way_t",
            "landed_t", "landed_tonne_days",
        ):  # fmt: skip
            setattr(self, name, np.repeat(getattr(other, name), n, axis=-1))
        self.due = {review: [lot.spread(n) for lot in lots] for review, lots in other.due.items()}
        self._sort()
