"""The simulation: its parts are put together, and the review steps from day to day.

Time counts in days from the scenario's first day; the warm-up runs before it. Arrivals, batches, licence
decisions and lever phases happen at midnight (whole days), reviews at noon, so nothing ties with them.
One review does, for all places at once:

1. take in: what has landed is there for use, what stockpiles bought is there for sale;
2. produce: mines dig, plants start feed, makers start batches;
3. consume: every end use takes what it needs from its own stock, as far as it reaches;
4. sell: every buyer orders up to its target, sellers fill orders, the border lets pass, holds or refuses;
5. record.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
import simpy

from sim.channels import Owned, Passage, Room
from sim.engine import making, separation
from sim.engine.balance import Ledger
from sim.engine.calendar import Calendar
from sim.engine.clock import NOON, Clock
from sim.engine.compiling import compile_network, reserves_of
from sim.engine.consumption import Consumption
from sim.engine.day_plan import DayPlan
from sim.engine.draws import CENTRAL_RUN
from sim.engine.goods import Goods
from sim.engine.limit_tables import (
    corridor_table,
    lever_table,
    limit_panel,
    pending_table,
)
from sim.engine.making import makers_of
from sim.engine.mining import Mines
from sim.engine.monthly import MonthlySums
from sim.engine.network import Network
from sim.engine.phases import LeverLike, Phases, routes_that_change
from sim.engine.priming import planned_composition, prime_ships, prime_stocks
from sim.engine.production import Production
from sim.engine.provenance import Tracer, nothing_traced
from sim.engine.recording import Recorder
from sim.engine.records import LICENCES, Records
from sim.engine.regime import Regime
from sim.engine.rooms import border_rooms, site_rooms
from sim.engine.running import Running
from sim.engine.selling import Selling
from sim.engine.separation import Plants
from sim.engine.stockpiling import Stockpiles
from sim.engine.stocks import Stocks
from sim.engine.stoppage import Stoppage
from sim.engine.stoppers import Stoppers
from sim.engine.tables import production_panel, shipment_panel, stock_panel, use_panel
from sim.engine.tally import Tally
from sim.engine.transport import Transport
from sim.engine.warm_up import first_day
from sim.world.world import World

REVIEWS_PER_REPORT = 13
"""Reviews between two reports of how far the run has come."""


def simulate(
    world: World,
    levers: Sequence[LeverLike],
    *,
    starts: date,
    ends: date,
    review_days: float = 7.0,
    seed: int = 1,
    replication: int = CENTRAL_RUN,
    provenance: bool = True,
    watched: Sequence[str] = (),
    progress: Callable[[float], None] | None = None,
) -> Records:
    """Simulate one world; raises `BalanceError` if a tonne appears or vanishes.

    A `replication` above 0 draws what levers leave to chance; 0 is the central run. `watched` are countries
    whose share in each tonne's path is wanted beside that of the levers' exporters.
    """
    simulation = Simulation.of(
        world,
        levers,
        Calendar(starts, ends),
        review_days,
        seed,
        replication=replication,
        provenance=provenance,
        watched=watched,
    )
    records = simulation.run(progress)
    # Its parts know each other, so that only the collector gives back their memory: better now than some day.
    del simulation
    gc.collect()
    return records


@dataclass(slots=True)
class Simulation:
    """One run of one world."""

    network: Network
    calendar: Calendar
    clock: Clock
    goods: Goods
    ledger: Ledger
    tally: Tally
    tracer: Tracer | None
    production: Production
    consumption: Consumption
    selling: Selling
    transport: Transport
    regime: Regime
    phases: Phases
    recorder: Recorder

    @classmethod
    def of(
        cls,
        world: World,
        levers: Sequence[LeverLike],
        calendar: Calendar,
        span: float,
        seed: int,
        *,
        provenance: bool,
        watched: Sequence[str] = (),
        replication: int = CENTRAL_RUN,
    ) -> Simulation:
        """Put the parts together; nothing has happened yet."""
        # By what they say, so that another name changes nothing.
        levers = sorted(levers, key=lambda lever: (lever.content(), lever.id))
        effects: list[Owned] = [
            (lever.id, effect)
            for lever in levers
            for _, stated in lever.stated(world)
            for effect in stated
        ]
        clock, ahead = (Clock.starting(first_day(world, span), span) for _ in range(2))
        network = compile_network(world, effects, calendar=calendar, first_day=clock.now)
        stocks = Stocks.empty(network)
        ledger, tally = Ledger(network), Tally.empty(network, clock)
        tracer = None
        if provenance:
            tracer = Tracer.of(network, stocks, calendar, _watched(effects, watched), span)
        books = (ledger, tally) if tracer is None else (ledger, tally, tracer)
        goods = Goods(network, clock, stocks, books)
        transport = Transport(
            clock.env, network, goods.land, span, tracked=routes_that_change(effects)
        )
        regime = Regime.of(network, ahead, calendar, [lever.id for lever in levers], transport)
        running = Running(network, site_rooms(network, regime.scopes))
        production = Production(
            network, clock, goods, running, Mines.of(network), Plants.of(network),
            makers_of(network),
        )  # fmt: skip
        stockpiles = Stockpiles.of(network, reserves_of(effects), network.plan_at(0.0))
        stoppers = Stoppers.of(effects)
        return cls(
            network=network,
            calendar=calendar,
            clock=clock,
            goods=goods,
            ledger=ledger,
            tally=tally,
            tracer=tracer,
            production=production,
            consumption=Consumption.of(network, goods, span),
            selling=Selling(
                network=network,
                clock=clock,
                goods=goods,
                tracer=tracer,
                rooms=border_rooms(network, regime.scopes),
                stockpiles=stockpiles,
                transport=transport,
                plants=production.plants,
            ),
            transport=transport,
            regime=regime,
            phases=Phases(levers, world, calendar, clock, regime, transport, seed, replication),
            recorder=Recorder(
                network=network,
                calendar=calendar,
                span=span,
                stocks=stocks,
                tally=tally,
                regime=regime,
                stoppage=Stoppage(network, transport, stoppers),
                stockpile_outputs=stockpiles.outputs,
                tracer=tracer,
                production=production,
                sums=MonthlySums.of(network, calendar, production.all_makers, stoppers),
            ),
        )

    def run(self, progress: Callable[[float], None] | None = None) -> Records:
        """From the warm-up to the end of the scenario."""
        self._prime()
        self.phases.schedule()
        self.clock.env.process(self._reviews(progress))
        self.clock.env.run(until=self._last_review() + 0.25)
        self.ledger.check(self.goods.stocks)
        return self._records()

    def _last_review(self) -> float:
        span = self.clock.span
        return NOON + ceil((self.calendar.horizon_days - NOON) / span) * span

    def _reviews(
        self, progress: Callable[[float], None] | None
    ) -> Generator[simpy.Event, Any, None]:
        clock = self.clock
        yield clock.env.timeout(NOON)
        start, total = clock.now, self._last_review() - clock.now
        while True:
            clock.next_review = clock.now + clock.span
            self._review(clock.now)
            clock.review_number += 1
            if progress is not None and clock.review_number % REVIEWS_PER_REPORT == 0:
                progress(min(1.0, (clock.now - start) / total))
            yield clock.env.timeout(clock.span)

    def _review(self, day: float) -> None:
        """The five steps, in the order of the module's docstring."""
        plan, selling, coming = DayPlan.at(self.network, day), self.selling, self.regime.look(day)
        self.goods.arrive(day)
        selling.stockpiles.store(self.goods)
        not_made = self.production.produce(
            day, plan, selling.is_pressed(plan), selling.unmet_t, before=self.regime.before,
            coming=coming,
        )  # fmt: skip
        demand_t, consumed_t = self.consumption.consume(day)
        shipment = selling.sell(day, plan, coming)
        self.recorder.record(day, plan, demand_t, consumed_t, shipment, not_made)

    def _prime(self) -> None:
        """Fill stocks, ships and plants as the plan would have them when the warm-up begins."""
        network, stocks, clock, works = self.network, self.goods.stocks, self.clock, self.production
        plan = DayPlan.at(network, clock.now)
        mix = planned_composition(network, works.mines, works.plants, works.all_makers, plan.lanes)
        prime_stocks(network, stocks, mix, plan.lanes, plan.stock_target, clock.span)
        self.selling.stockpiles.fill(stocks, mix, plan.lanes)
        if self.tracer is not None:
            self.tracer.prime()
        self.ledger.opening = self.ledger.stock_now(stocks)
        prime_ships(
            network, stocks, self.tally, clock, self.goods.land, composition=mix,
            lane_plan=plan.lanes,
        )  # fmt: skip
        feed = separation.planned_batch(works.plants, network, stocks, plan.lanes, clock.span)
        works.prime(works.plants, feed)
        for makers in works.all_makers:
            works.prime(makers, making.planned_batch(makers, plan.sales, mix, clock.span))

    def _records(self) -> Records:
        recorder, sums = self.recorder, self.recorder.sums
        use, inputs = use_panel(sums)
        agents = {lever: self.regime.agents[lever] for lever in sorted(self.regime.agents)}
        licences = [
            t for a in agents.values() for name, t in a.tables(sums).items() if name == "licences"
        ]
        return Records(
            use_by_month=use,
            review_day=np.array(recorder.review_day),
            review_demand_t=np.array([demand[inputs] for demand in recorder.review_demand]),
            review_consumed_t=np.array([used[inputs] for used in recorder.review_consumed]),
            production_by_month=production_panel(sums),
            shipments_by_month=shipment_panel(sums),
            stocks_by_month=stock_panel(sums),
            limits_by_month=limit_panel(sums),
            licences=pd.concat(licences, ignore_index=True) if licences else LICENCES,
            licences_pending=pending_table(sums, agents),
            corridors=corridor_table(sums, self.transport.all_waits()),
            levers=lever_table(self.calendar, self.phases.reported),
            provenance_by_month=(
                self.tracer.table() if self.tracer else nothing_traced(self.calendar.months())
            ),
            balance=self.ledger.table(self.goods.stocks),
            events=self.clock.env.scheduled + self.regime.clock.env.scheduled,
            warnings=self.phases.warnings(),
        )


def _watched(effects: Sequence[Owned], more: Sequence[str]) -> tuple[str, ...]:
    """Countries whose part in a tonne's path is traced."""
    exporters = {e.where.country for _, e in effects if isinstance(e, Passage | Room)}
    return tuple(sorted(exporters | set(more)))
