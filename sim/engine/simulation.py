"""The simulation: its parts are put together, and the review steps from day to day.

Several runs of the same network are simulated side by side, a column each: what goods do is worked out for all
at once, what levers do column by column. A column does not notice the others.

Time counts in days from the scenario's first day; the warm-up runs before it. Arrivals, batches, licence
decisions and lever phases happen at midnight (whole days), reviews at noon, so nothing ties with them.
One review does, for all places at once:

1. look ahead: what levers allow until the next review;
2. take in: what has landed or come out of plants is there for use, what stockpiles bought is there for sale;
   end users who have more than others of their end use lend to them;
3. produce: mines dig, plants start feed, makers start batches;
4. consume: every end use takes what it needs from its own stock, as far as it reaches;
5. sell: every buyer orders up to its target, sellers fill orders, the border lets pass, holds or refuses;
   what is dear flies to who is nearly out of it;
   by-products for which there is no room any more are thrown away;
6. record.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
import simpy

from sim.engine import making, separation
from sim.engine.arrivals import OnTheWay
from sim.engine.balance import Ledger
from sim.engine.beside import Beside
from sim.engine.books import Book, OfColumn
from sim.engine.calendar import Calendar
from sim.engine.clock import NOON, Clock
from sim.engine.column import Column, Common, Variant
from sim.engine.consumption import Consumption
from sim.engine.designs import Designs
from sim.engine.dispatching import Dispatching
from sim.engine.expediting import Expediting
from sim.engine.goods import Goods
from sim.engine.grades import Grades
from sim.engine.idle import Idle
from sim.engine.incidence import Incidence
from sim.engine.limit_tables import (
    corridor_table,
    idle_table,
    lever_table,
    limit_panel,
    pending_table,
    rule_table,
    substitute_table,
    swap_table,
)
from sim.engine.making import makers_of
from sim.engine.market import Market
from sim.engine.mining import Mines
from sim.engine.monthly import GoodsSums, MonthlySums
from sim.engine.network import Network
from sim.engine.new_supply import NewSupply
from sim.engine.passable import Passable
from sim.engine.piles import Piles
from sim.engine.planner import Planner
from sim.engine.priming import planned_composition, prime_ships, prime_stocks, prime_users
from sim.engine.priority import serving_of
from sim.engine.production import Production
from sim.engine.provenance import Tracer, nothing_traced
from sim.engine.recording import Recorder, Watch
from sim.engine.records import LICENCES, Records
from sim.engine.selling import Selling
from sim.engine.separation import Plants
from sim.engine.sharing import Sharing
from sim.engine.stocks import Stocks
from sim.engine.stoppage import Stoppage
from sim.engine.tables import (
    production_panel,
    shipment_panel,
    shipments_before_panel,
    stock_panel,
    use_panel,
)
from sim.engine.tally import Tally
from sim.engine.to_order import ToOrder
from sim.engine.trouble import Trouble

REVIEWS_PER_REPORT = 13
"""Reviews between two reports of how far the run has come."""


@dataclass(slots=True)
class Simulation:
    """Runs of one network side by side."""

    network: Network
    calendar: Calendar
    clock: Clock
    common: Common
    columns: Sequence[Column]
    goods: Goods
    on_the_way: OnTheWay
    ledger: Ledger
    tally: Tally
    planner: Planner
    production: Production
    consumption: Consumption
    selling: Selling
    piles: Piles | None
    sharing: Sharing | None
    recorder: Recorder

    @classmethod
    def of(
        cls, network: Network, variants: Sequence[Variant], calendar: Calendar, clock: Clock,
        common: Common, *, own_clocks_begin: float,
    ) -> Simulation:  # fmt: skip
        """Put the parts together; nothing has happened yet. The network must suit all variants."""
        n, incidence, span = len(variants), Incidence.of(network), clock.span
        columns = [
            Column.of(number, variant, network, calendar, common, own_clocks_begin, span)
            for number, variant in enumerate(variants)
        ]
        stocks = Stocks.empty(network, n)
        ledger, tally = Ledger(network, n), Tally.empty(network, incidence, n)
        traced = [number for number, variant in enumerate(variants) if variant.provenance]
        on_the_way = OnTheWay(network, n, frozenset(traced))
        tracers = {
            number: Tracer.of(
                network, stocks.column(number), calendar, variants[number].traced(network.world),
                span, partial(on_the_way.is_under_way, number),
            )
            for number in traced
        }  # fmt: skip
        books: list[Book] = [ledger, tally]
        books += [OfColumn(tracer, number) for number, tracer in tracers.items()]
        goods = Goods(network, incidence, stocks, books)
        regimes = [column.regime for column in columns]
        passable = Passable(network, regimes)
        beside = Beside.of(network, clock, calendar, on_the_way)
        market = Market.of(network, incidence, clock, passable, beside)
        to_order, designs = ToOrder.of(network, n), Designs.of(network, span, n)
        grades = Grades.of(network, incidence, span, passable, beside, to_order)
        plants, new_supply = Plants.of(network), NewSupply.of(network, incidence, span, n)
        sharing = Sharing.of(network, span, n)
        pairs = beside.pairs if beside else None
        expediting = Expediting.of(network, incidence, pairs, n)
        production = Production(
            network, clock, goods, [column.running for column in columns], Mines.of(network),
            plants, makers_of(network), to_order,
        )  # fmt: skip
        sums = GoodsSums.of(network, calendar, production.all_makers, n)
        watches = [
            Watch(
                column.regime,
                Stoppage(network, column.transport, column.stoppers),
                MonthlySums.of_column(
                    sums, column.number, network, calendar, production.all_makers, column.stoppers
                ),
                tracers.get(column.number),
            )
            for column in columns
        ]
        return cls(
            network=network,
            calendar=calendar,
            clock=clock,
            common=common,
            columns=columns,
            goods=goods,
            on_the_way=on_the_way,
            ledger=ledger,
            tally=tally,
            planner=Planner(network, incidence, plants, n, new_supply),
            production=production,
            consumption=Consumption.of(network, goods, span, designs),
            selling=Selling(
                network=network,
                incidence=incidence,
                clock=clock,
                goods=goods,
                plants=plants,
                desks=[column.desk for column in columns],
                new_supply=new_supply,
                trouble=Trouble.of(network, incidence, span, n),
                market=market,
                grades=grades,
                serving=serving_of(network),
                dispatching=Dispatching(
                    network=network,
                    clock=clock,
                    goods=goods,
                    on_the_way=on_the_way,
                    transports=[column.desk.transport for column in columns],
                    timetables=common.timetables,
                    expediting=expediting,
                    beside=beside,
                ),
            ),
            piles=Piles.of(network, span),
            sharing=sharing,
            recorder=Recorder(
                network=network,
                incidence=incidence,
                calendar=calendar,
                span=span,
                stocks=stocks,
                tally=tally,
                stockpile_outputs=columns[0].stockpiles.outputs,
                production=production,
                new_supply=new_supply,
                market=market,
                grades=grades,
                sharing=sharing,
                expediting=expediting,
                idle=Idle(network, incidence, passable, pairs, span),
                goods=sums,
                watches=watches,
            ),
        )

    def begin(self) -> None:
        """The first day of the warm-up: stocks are filled, and levers that act by then act."""
        self._prime()
        for column in self.columns:
            column.begin()

    def go_on(self, last: float, tell: Callable[[float], None] | None = None) -> None:
        """Hold the reviews that come next, up to that of the day `last`; now and then `tell` the day."""
        self.clock.env.run(self.clock.env.process(self._reviews(last, tell)))

    def _reviews(
        self, last: float, tell: Callable[[float], None] | None
    ) -> Generator[simpy.Event, Any, None]:
        clock = self.clock
        while clock.next_review <= last:
            yield clock.env.timeout(clock.next_review - clock.now)
            clock.next_review = clock.now + clock.span
            self._review(clock.now)
            clock.review_number += 1
            if tell is not None and clock.review_number % REVIEWS_PER_REPORT == 0:
                tell(clock.now)

    def end(self) -> list[Records | Exception]:
        """Of each column its records, or why it has none."""
        for column, fault in zip(self.columns, self.ledger.faults(self.goods.stocks), strict=True):
            column.error = column.error or fault
        balances = self.ledger.tables(self.goods.stocks)
        return [
            column.error or self._records(column, watch, balance)
            for column, watch, balance in zip(
                self.columns, self.recorder.watches, balances, strict=True
            )
        ]

    def run(self) -> list[Records | Exception]:
        """From the warm-up to the end of the scenario."""
        self.begin()
        self.go_on(last_review(self.calendar, self.clock.span))
        return self.end()

    def _review(self, day: float) -> None:
        """The steps of a review, in the order of the module's docstring."""
        plan, selling, review = self.planner.at(day), self.selling, self.clock.review_number
        coming = [column.look(day) for column in self.columns]
        before = [column.before for column in self.columns]
        self._take_in(day, review)
        if self.sharing is not None:
            self.sharing.lend(self.goods, coming)
        not_made = self.production.produce(
            day, plan, selling.is_pressed(plan), selling.unmet_t, before=before, coming=coming
        )
        used = self.consumption.consume(day)
        sold = selling.sell(day, plan, coming)
        if self.piles is not None:
            over_t = self.piles.overflow(self.goods.stocks, day, plan)
            if over_t.any():
                self.goods.discard(over_t)
        self.recorder.record(day, plan, coming, used, sold, not_made)
        if selling.dispatching.beside is not None:
            selling.dispatching.beside.close(day)

    def _take_in(self, day: float, review: int) -> None:
        self.goods.finish(review)
        if self.production.to_order is not None:
            self.production.to_order.finish(review)
        for column in self.columns:
            column.bring_in(self.on_the_way, review, day, len(self.columns))
        arrivals, senders = self.on_the_way.take_in(review)
        waited, beside = None, self.selling.dispatching.beside
        if beside is not None:
            for watch in self.recorder.watches:
                if watch.tracer is not None:
                    watch.tracer.know_pairs(beside.pairs.output, beside.pairs.holder)
            waited = beside.take_in(review, arrivals, senders)
        self.goods.arrive(arrivals, senders, waited)
        for column in self.columns:
            column.stockpiles.store(self.goods)

    def _prime(self) -> None:
        """Fill stocks, ships and plants as the plan would have them when the warm-up begins."""
        network, stocks, clock, works = self.network, self.goods.stocks, self.clock, self.production
        incidence, plan = self.goods.incidence, self.planner.at(clock.now)
        lanes = plan.lanes[:, :1]
        mix = planned_composition(network, works.mines, works.plants, works.all_makers, lanes)
        level_t = plan.stock_target.copy()
        if self.piles:
            level_t[self.piles.output] = self.piles.primed_t(clock.now, plan)
        prime_stocks(network, incidence, stocks, mix, plan, level_t, clock.span)
        prime_ships(
            network, incidence, stocks, self.tally, clock, self.on_the_way,
            composition=mix, plan=plan,
        )  # fmt: skip
        if self.piles:
            calm = self.columns[0].calm.routes
            days = self.selling.days_to_order_for(calm)[:, None]
            prime_users(network, incidence, stocks, plan, days)
        for column in self.columns:
            column.stockpiles.fill(stocks.column(column.number), mix, lanes[:, 0])
        for watch in self.recorder.watches:
            if watch.tracer is not None:
                watch.tracer.prime(mix)
        self.ledger.opening = self.ledger.stock_now(stocks)
        feed = separation.planned_batch(works.plants, network, stocks, plan.feed, clock.span)
        works.prime(works.plants, feed)
        mixes = np.repeat(mix[..., None], len(self.columns), axis=2)
        for makers in works.all_makers:
            works.prime(makers, making.planned_batch(makers, plan.sales, mixes, clock.span))

    def _records(self, column: Column, watch: Watch, balance: pd.DataFrame) -> Records:
        recorder, sums, regime, tracer = self.recorder, watch.sums, column.regime, watch.tracer
        at = column.number
        beside = self.selling.dispatching.beside
        traded = beside.column(at) if beside else None
        use, inputs = use_panel(sums, traded)
        agents = {lever: regime.agents[lever] for lever in sorted(regime.agents)}
        licences = [
            t for a in agents.values() for name, t in a.tables(sums).items() if name == "licences"
        ]
        return Records(
            use_by_month=use,
            review_day=np.array(recorder.review_day),
            review_demand_t=np.array([t[inputs, at] for t in recorder.review_demand]),
            review_consumed_t=np.array([t[inputs, at] for t in recorder.review_consumed]),
            production_by_month=production_panel(sums),
            shipments_by_month=shipment_panel(sums, traded),
            shipments_before_by_month=shipments_before_panel(
                sums, beside.sent_before(at) if beside else None
            ),
            stocks_by_month=stock_panel(sums),
            limits_by_month=limit_panel(sums),
            licences=pd.concat(licences, ignore_index=True) if licences else LICENCES,
            licences_pending=pending_table(sums, agents),
            corridors=corridor_table(sums, column.transport.all_waits()),
            levers=lever_table(self.calendar, column.phases.reported),
            provenance_by_month=(
                tracer.table() if tracer else nothing_traced(self.calendar.months())
            ),
            balance=balance,
            rules=rule_table(sums),
            idle=idle_table(sums),
            swaps=swap_table(sums),
            substitutes=substitute_table(sums, traded),
            warnings=column.phases.warnings(),
        )


def last_review(calendar: Calendar, span: float) -> float:
    """The first review at or after the end of what is reported."""
    return NOON + ceil((calendar.horizon_days - NOON) / span) * span
