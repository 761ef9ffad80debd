"""The simulation: SimPy's clock, the levers' phases, and the review with its steps in order.

Time counts in days from the scenario's first day; the warm-up runs before it. Arrivals, batches, licence
decisions and lever phases happen at midnight (whole days), reviews at noon, so nothing ties with them.
One review does, for all places at once:

1. produce: mines dig, plants start feed, makers start batches;
2. consume: every end use takes what it needs from its own stock, as far as it reaches;
3. order: every buyer orders up to its target;
4. allocate and dispatch: sellers fill orders, the border lets pass, holds or refuses;
5. record.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import ceil
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import simpy
from simpy.events import NORMAL

from sim.controls import (
    Border,
    CapacityAddition,
    Closure,
    Controls,
    Entry,
    LegTerms,
    Release,
    Restriction,
)
from sim.engine.allocation import Allocation, allocate
from sim.engine.balance import Ledger
from sim.engine.border import BorderState, Quota, build_quota, lanes_in_scope
from sim.engine.calendar import Calendar
from sim.engine.licensing import Decision, LicenceDesk, applicants_of
from sim.engine.making import Makers, MakingBatch, land_made, make, makers_of
from sim.engine.mining import Mines, mine
from sim.engine.network import Network, SplitBuyer, build_network, rows_at
from sim.engine.ordering import order
from sim.engine.plan import build_plan
from sim.engine.priming import (
    past_reviews,
    planned_composition,
    planned_feed_batch,
    planned_making_batch,
    prime_stocks,
)
from sim.engine.provenance import TRACE_COLUMNS, Tracer
from sim.engine.recording import Recorder
from sim.engine.records import Records
from sim.engine.separation import Plants, SeparationBatch, land_separated, separate
from sim.engine.stockpiling import Stockpiles, policy_stocks
from sim.engine.stocks import Stocks, take
from sim.engine.transport import TO_MIDNIGHT, Consignment, Transport
from sim.equations.sums import sum_by, sum_rows_by
from sim.world.world import World

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

NOON = 0.5
PRESSING = 1e-6
"""Part of a review's planned sales above which unmet orders make mines and plants hurry."""
SHORTEST_WARM_UP_DAYS = 730.0
LEAD_TIMES_OF_WARM_UP = 3


class CountingEnvironment(simpy.Environment):
    """SimPy's environment, which also counts the events that are scheduled."""

    def __init__(self, initial_time: float) -> None:
        super().__init__(initial_time)
        self.scheduled = 0

    def schedule(self, event: simpy.Event, priority: Any = NORMAL, delay: Any = 0) -> None:
        """Schedule an event and count it."""
        self.scheduled += 1
        super().schedule(event, priority, delay)


class PhaseLike(Protocol):
    """A phase of a lever: what begins, when, and settings it restates."""

    @property
    def kind(self) -> str:
        """`announced`, `in_force`, `paused`, `resumed`, `eased` or `ended`."""

    @property
    def date(self) -> date:
        """First day of the phase."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Restated settings of an eased phase."""


class LeverLike(Protocol):
    """What the engine needs of a lever; it turns controls and never moves material."""

    @property
    def id(self) -> str:
        """Name in the scenario."""

    @property
    def heading(self) -> str:
        """`restrictions`, `shocks` or `measures`."""

    @property
    def kind(self) -> str:
        """Kind in the scenario."""

    def timeline(self) -> tuple[PhaseLike, ...]:
        """Phases in order of their dates."""

    def restated(self, phase: PhaseLike) -> LeverLike:
        """The lever with the settings that hold in a phase."""

    def entry(self, world: World) -> Entry | None:
        """What it puts in force while a phase lasts; None for levers that only add capacity."""

    def addition(self, world: World, starts: date) -> CapacityAddition | None:
        """Capacity it adds; None for levers that add none."""


def simulate(
    world: World,
    levers: Sequence[LeverLike],
    *,
    starts: date,
    ends: date,
    review_days: float = 7.0,
    seed: int = 1,
    provenance: bool = True,
    watched: Sequence[str] = (),
    progress: Callable[[float], None] | None = None,
) -> Records:
    """Simulate one world; raises `BalanceError` if a tonne appears or vanishes.

    `watched` are countries whose share in each tonne's path is wanted beside that of the levers' exporters.
    """
    simulation = Simulation.of(
        world,
        levers,
        Calendar(starts, ends),
        review_days,
        seed,
        provenance=provenance,
        watched=watched,
    )
    return simulation.run(progress)


def chain_lead_days(world: World) -> float:
    """Nominal time from ore to final use: transit and cover by form, processing and stock by stage."""
    by_form: dict[str, list[tuple[float, float]]] = {}
    cover = {(c.place, c.form): c.days for c in world.covers if not c.element}
    for flow in world.flows:
        link = world.links.get((flow.seller, flow.buyer, flow.form))
        days = (link.transit_days if link else 1.0) + cover.get((flow.buyer, flow.form), 0.0)
        by_form.setdefault(flow.form, []).append((flow.t_per_year, days))
    lead = sum(_weighted(rows) for rows in by_form.values())
    by_stage: dict[str, list[tuple[float, float]]] = {}
    for site in world.sites.values():
        if site.output_t_per_year > 0 and site.stage != "mine":
            days = site.processing_days + world.defaults.producer_stock_days
            by_stage.setdefault(site.stage, []).append((site.output_t_per_year, days))
    return lead + sum(_weighted(rows) for rows in by_stage.values())


def _weighted(rows: Sequence[tuple[float, float]]) -> float:
    total = sum(weight for weight, _ in rows)
    return sum(weight * value for weight, value in rows) / total if total > 0 else 0.0


@dataclass(slots=True)
class Simulation:
    """One run of one world."""

    network: Network
    levers: Sequence[LeverLike]
    calendar: Calendar
    span: float
    seed: int
    env: CountingEnvironment
    stocks: Stocks
    mines: Mines
    plants: Plants
    all_makers: list[Makers]
    use_rows: IntArray
    """[use holder] holder numbers"""
    use_rate: FloatArray
    """[time, use holder] t/day"""
    ledger: Ledger
    controls: Controls
    border: BorderState
    transport: Transport
    stockpiles: Stockpiles
    recorder: Recorder
    tracer: Tracer | None
    desks: dict[str, LicenceDesk] = field(default_factory=dict)
    unmet: FloatArray = field(init=False)
    in_process: FloatArray = field(init=False)
    """[output + 1] product in batches under way"""
    arrived_now: FloatArray = field(init=False)
    on_way: FloatArray = field(init=False)
    """[lane] tonnes under way after the last dispatch"""
    transit_gone: FloatArray = field(init=False)
    held_more: FloatArray = field(init=False)
    made_now: FloatArray = field(init=False)
    made_content_now: FloatArray = field(init=False)
    sold_more: FloatArray = field(init=False)
    landed: list[tuple[float, Consignment]] = field(default_factory=list)
    """(day, lots) that have landed since the last review"""
    review_number: int = 0
    next_review: float = 0.0
    pending_before: FloatArray = field(init=False)
    levels: tuple[FloatArray, FloatArray, FloatArray] | None = None
    month_days: list[float] = field(init=False)
    """[month] reported days"""

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
    ) -> Simulation:
        """Compile everything; nothing has happened yet."""
        levers = sorted(levers, key=lambda lever: lever.id)
        warm_up = max(SHORTEST_WARM_UP_DAYS, LEAD_TIMES_OF_WARM_UP * chain_lead_days(world))
        first = -ceil(warm_up / span) * span
        additions = [a for lever in levers if (a := lever.addition(world, calendar.starts))]
        plan = build_plan(
            world,
            additions,
            starts=calendar.starts,
            first_day=first,
            last_day=float(calendar.horizon_days),
        )
        entries = [entry for lever in levers if (entry := lever.entry(world)) is not None]
        releases = [entry for entry in entries if isinstance(entry, Release)]
        piles = policy_stocks(world, plan, releases)
        network = build_network(world, plan, policy_stocks=piles)
        split = _split_buyers(network, entries)
        if split:
            network = build_network(world, plan, split=split, policy_stocks=piles)
        env = CountingEnvironment(first)
        controls = Controls()
        use_rows, use_rate = _final_use(network)
        all_makers = makers_of(network)
        stoppers = tuple(e.by for e in entries if isinstance(e, Restriction | Closure))
        closures = [e for e in entries if isinstance(e, Closure)]
        mines, plants = Mines.of(network), Plants.of(network)
        simulation = cls(
            network=network,
            levers=levers,
            calendar=calendar,
            span=span,
            seed=seed,
            env=env,
            stocks=Stocks.empty(network),
            mines=mines,
            plants=plants,
            all_makers=all_makers,
            use_rows=use_rows,
            use_rate=use_rate,
            ledger=Ledger(network),
            controls=controls,
            border=BorderState(network, controls, calendar.starts, network.lane_keys()),
            transport=None,  # type: ignore[arg-type]  # needs the simulation's own `_land`
            stockpiles=Stockpiles.of(network, releases, network.plan_at(0.0)),
            recorder=Recorder(
                network,
                calendar,
                all_makers,
                levers=stoppers,
                closures=tuple(sorted({e.corridor for e in closures})),
                closing=frozenset(e.by for e in closures),
            ),
            tracer=Tracer.of(network, calendar, _watched(entries, watched), span)
            if provenance
            else None,
        )
        tracked = {e.corridor for e in entries if isinstance(e, Closure | LegTerms)}
        simulation.transport = Transport(
            env, network, simulation._land, span, tracked=frozenset(tracked)
        )
        simulation._clear()
        return simulation

    def _clear(self) -> None:
        network = self.network
        self.unmet = np.zeros(len(network.outputs) + 1)
        self.in_process = np.zeros(len(network.outputs) + 1)
        self.arrived_now = np.zeros(len(network.lane_output))
        self.on_way = np.zeros(len(network.lane_output))
        self.transit_gone = np.zeros(len(network.lane_output))
        self.held_more = np.zeros(len(network.inputs))
        self.made_now = np.zeros(len(network.outputs) + 1)
        self.made_content_now = np.zeros_like(self.stocks.sold_content)
        self.sold_more = np.zeros(len(network.outputs) + 1)
        self.pending_before = np.zeros(len(self.recorder.levers))
        self.month_days = self.calendar.days_in_months()

    # ---- the run

    def run(self, progress: Callable[[float], None] | None = None) -> Records:
        """From the warm-up to the end of the scenario."""
        self._prime()
        for lever in self.levers:
            self._schedule_phases(lever)
        self.env.process(self._reviews(progress))
        self.env.run(until=self._last_review() + 0.25)
        self.ledger.check(self.stocks)
        return self._records()

    def _first_review(self) -> float:
        return float(self.env.now) + NOON

    def _last_review(self) -> float:
        count = ceil((self.calendar.horizon_days - NOON) / self.span)
        return NOON + count * self.span

    def _reviews(
        self, progress: Callable[[float], None] | None
    ) -> Generator[simpy.Event, Any, None]:
        yield self.env.timeout(NOON)
        total = self._last_review() - self.env.now
        start = self.env.now
        while True:
            self.next_review = self.env.now + self.span
            self._review(float(self.env.now))
            if progress is not None and self.review_number % 13 == 0:
                progress(min(1.0, (self.env.now - start) / total))
            yield self.env.timeout(self.span)

    def _review(self, day: float) -> None:
        """The five steps, in the order of the module's docstring."""
        lane_plan = self.network.plan_at(day)
        self._take_in(day)
        sales_plan, target = self._sales(lane_plan)
        batch = self._produce(day, lane_plan, sales_plan, target)
        demand_t, consumed_t = self._consume(day)
        self.border.refresh(day)
        shipment, ordered_t = self._sell(day, lane_plan, sales_plan)
        self._dispatch(shipment, lane_plan, ordered_t)
        self._record(day, demand_t, consumed_t, shipment, lane_plan, target, batch)
        self.review_number += 1

    def _take_in(self, day: float) -> None:
        """What has landed since the last review is there for use, and stockpiles' purchases for sale."""
        self._book_landed(day)
        if self.tracer is not None:
            self.tracer.take_in()
        for item, output in self.stockpiles.store(self.stocks):
            if self.tracer is not None:
                self.tracer.stored(item, output)

    # ---- 1 produce

    def _sales(self, lane_plan: FloatArray) -> tuple[FloatArray, FloatArray]:
        """[output + 1] planned sales, t/day, and the producer stock aimed at, t."""
        n = len(self.network.outputs) + 1
        sales = sum_by(self.network.lane_output, weights=lane_plan, minlength=n)
        by_product = np.zeros(n, dtype=np.bool_)
        by_product[self.network.lane_output[self.network.lane_pushed]] = True
        days = self.network.world.defaults.producer_stock_days
        return sales, np.where(by_product, 0.0, sales * days)

    def _produce(
        self, day: float, lane_plan: FloatArray, sales_plan: FloatArray, target: FloatArray
    ) -> list[MakingBatch]:
        pressed = self._is_pressed(sales_plan)
        mined_t = mine(self.mines, self.network, self.stocks, pressed, day, self.span)
        self._book_mined(mined_t)
        batch = separate(
            self.plants,
            self.network,
            self.stocks,
            lane_plan=lane_plan,
            sales_plan=sales_plan,
            stock_target=target,
            day=day,
            span=self.span,
        )
        if self.tracer is not None:
            self.tracer.mined(self.mines, mined_t)
            self.tracer.fed(self.plants, batch, self.stocks, self.review_number)
        self._start_separated(batch)
        return [self._start_making(k, day, sales_plan, target) for k in range(len(self.all_makers))]

    def _book_mined(self, mined_t: FloatArray) -> None:
        mines = self.mines
        rows = self.ledger.place_index(mines.site)
        content = mined_t[:, None] * mines.basket
        self.ledger.mined[rows] += content
        self.made_now[mines.output] += mined_t
        self.made_content_now[mines.blend] += content

    def _start_separated(self, batch: SeparationBatch) -> None:
        plants, rows = self.plants, self.ledger.place_index(self.plants.site)
        inside = batch.elements_t + batch.mixed_t + batch.lost_t
        self.ledger.in_process[rows] += inside
        for days in np.unique(plants.residence_days):
            which = np.flatnonzero(plants.residence_days == days)
            if batch.feed_t[which].any():
                self._after(TO_MIDNIGHT + days, self._separated, (batch, which, self.review_number))

    def _after(self, delay: float, then: Callable[[simpy.Event], None], value: object) -> None:
        event = self.env.timeout(max(0.0, delay), value=value)
        assert event.callbacks is not None
        event.callbacks.append(then)

    def _separated(self, event: simpy.Event) -> None:
        value: Any = event.value
        batch, which, review = value
        plants, rows = self.plants, self.ledger.place_index(self.plants.site)[which]
        before = self.stocks.sold.copy()
        land_separated(plants, self.stocks, batch, which)
        self._landed_output(before)
        stored = plants.mixed_output[which] >= 0
        lost = batch.lost_t[which] + np.where(stored[:, None], 0.0, batch.mixed_t[which])
        inside = batch.elements_t[which] + batch.mixed_t[which] + batch.lost_t[which]
        self.ledger.in_process[rows] -= inside
        self.ledger.lost[rows] += lost
        again = which[plants.recycles[which]]
        self.ledger.recycled += batch.elements_t[again].sum(axis=0)
        mixed = which[stored]
        self.made_content_now[plants.mixed_blend[mixed]] += batch.mixed_t[mixed]
        if self.tracer is not None:
            self.tracer.separated(plants, batch, which, review)

    def _landed_output(self, before: FloatArray) -> None:
        gained = self.stocks.sold - before
        self.made_now += gained
        self.sold_more += gained * (self.next_review - self.env.now)

    def _start_making(
        self, k: int, day: float, sales_plan: FloatArray, target: FloatArray
    ) -> MakingBatch:
        makers = self.all_makers[k]
        sales = sales_plan[makers.output]
        level_t = (
            sales * (self.span + makers.batch_days[:, None])
            + target[makers.output]
            + self.unmet[makers.output]
        )
        have_t = self.stocks.sold[makers.output] + self.in_process[makers.output]
        wanted_t = np.where(makers.output >= 0, np.maximum(0.0, level_t - have_t), 0.0)
        planned_t = np.where(makers.output >= 0, sales * self.span, 0.0)
        batch = make(
            makers, self.network, self.stocks, wanted_t, planned_t, day=day, span=self.span
        )
        if self.tracer is not None:
            self.tracer.started(k, makers, batch, self.review_number)
        self._begin_batch(k, batch)
        return batch

    def _begin_batch(self, k: int, batch: MakingBatch) -> None:
        makers = self.all_makers[k]
        rows = self.ledger.place_index(makers.site)
        self.ledger.in_process[rows] += batch.used_t
        np.add.at(self.in_process, makers.output, batch.product_t)
        self.in_process[-1] = 0.0
        for days in np.unique(makers.batch_days):
            which = np.flatnonzero(makers.batch_days == days)
            if batch.used_t[which].any():
                self._after(TO_MIDNIGHT + days, self._made, (k, batch, which, self.review_number))

    def _made(self, event: simpy.Event) -> None:
        value: Any = event.value
        k, batch, which, review = value
        makers = self.all_makers[k]
        rows = self.ledger.place_index(makers.site)[which]
        before = self.stocks.sold.copy()
        land_made(makers, self.stocks, batch, which)
        self._landed_output(before)
        self.in_process[makers.output[which]] -= batch.product_t[which]
        self.in_process[-1] = 0.0
        self.ledger.in_process[rows] -= batch.used_t[which]
        self.ledger.lost[rows] += batch.lost_t[which]
        graded = makers.output_blend[which] >= 0
        np.add.at(
            self.made_content_now,
            makers.output_blend[which][graded],
            batch.content_t[which][graded],
        )
        scrap = which[makers.swarf_blend[which] >= 0]
        self.made_content_now[makers.swarf_blend[scrap]] += batch.swarf_t[scrap]
        if self.tracer is not None:
            self.tracer.made(k, makers, batch, which, review)

    # ---- 2 consume

    def _consume(self, day: float) -> tuple[FloatArray, FloatArray]:
        """[use holder] demand since the last review, and what the user's own stock gave of it."""
        stocks, network = self.stocks, self.network
        middle = day - self.span / 2
        demand_t = rows_at(network.plan.days, self.use_rate, middle) * self.span
        consumed_t = np.minimum(demand_t, stocks.held[self.use_rows])
        before = sum_by(
            network.holder_input[self.use_rows],
            weights=stocks.held[self.use_rows],
            minlength=len(network.inputs),
        )
        take(stocks.held, self.use_rows, consumed_t)
        by_input = sum_by(
            network.holder_input[self.use_rows], weights=consumed_t, minlength=len(network.inputs)
        )
        part = np.divide(by_input, before, out=np.zeros_like(before), where=before > 0)
        used_content = np.zeros_like(stocks.held_content)
        blend = network.input_blend >= 0
        rows = network.input_blend[blend]
        used_content[rows] = stocks.held_content[rows] * np.minimum(1.0, part[blend])[:, None]
        stocks.held_content -= used_content
        self.ledger.consumed += self.ledger.by_input(by_input, used_content)
        return demand_t, consumed_t

    # ---- 3 order

    def _is_pressed(self, sales_plan: FloatArray) -> npt.NDArray[np.bool_]:
        """[output + 1] whether more is on order and unmet than rounding."""
        pressed: npt.NDArray[np.bool_] = self.unmet > PRESSING * sales_plan * self.span
        return pressed

    def _urgency(self, day: float, lane_plan: FloatArray, sales_plan: FloatArray) -> FloatArray:
        """[lane] how much more feed than planned a plant asks for: up to capacity while a driver is unmet."""
        plants, network = self.plants, self.network
        factor = np.ones(len(network.lane_output))
        if plants.driver.shape[1] == 0:
            return factor
        unmet = np.where(plants.output >= 0, self._is_pressed(sales_plan)[plants.output], 0.0)
        pressed = (plants.driver * unmet[:, None, :]).sum(axis=2).max(axis=1) > 0
        if not pressed.any():
            return factor
        planned = np.einsum("pfl,l->p", plants.lanes_in, lane_plan)
        capacity = rows_at(network.plan.days, plants.capacity, day)
        more = np.divide(capacity, planned, out=np.ones_like(planned), where=planned > 0)
        for p in np.flatnonzero(pressed & (more > 1)):
            factor[plants.lanes_in[p].sum(axis=0) > 0] = more[p]
        return factor

    # ---- 4 allocate, dispatch and arrival

    def _sell(
        self, day: float, lane_plan: FloatArray, sales_plan: FloatArray
    ) -> tuple[Allocation, FloatArray]:
        """What every seller ships, stockpiles last; and what was ordered [line]."""
        network, stocks, span = self.network, self.stocks, self.span
        urgency = self._urgency(day, lane_plan, sales_plan)
        ordered_t = order(network, stocks, lane_plan, urgency, self.transport.lead_days, span)
        ordered_t += self.stockpiles.buy(self.controls, stocks, lane_plan, span)
        shipment = allocate(network, stocks, self.border, ordered_t, lane_plan, span)
        drawn_t = self.stockpiles.draw(self.controls, stocks, lane_plan, span)
        return replace(shipment, shipped_t=shipment.shipped_t + drawn_t), ordered_t

    def _dispatch(self, shipment: Allocation, lane_plan: FloatArray, ordered_t: FloatArray) -> None:
        network, stocks = self.network, self.stocks
        composition = stocks.composition()
        by_output = sum_by(
            network.line_output, weights=shipment.shipped_t, minlength=len(stocks.sold)
        )
        if self.tracer is not None:
            self.tracer.dispatched(self.review_number, by_output, stocks)
        blend = np.flatnonzero(network.output_blend >= 0)
        sent = by_output[blend, None] * composition[network.output_blend[blend]]
        rows = network.output_blend[blend]
        stocks.sold_content[rows] = np.maximum(0.0, stocks.sold_content[rows] - sent)
        take(stocks.sold, np.arange(len(by_output)), by_output)
        self.ledger.sent += self.ledger.by_output(by_output[:-1], composition)
        stocks.inbound += sum_by(
            network.line_holder, weights=shipment.shipped_t, minlength=len(stocks.inbound)
        )
        self.unmet = shipment.unmet_t
        lots = self.transport.send(shipment.shipped_t, composition, self.review_number)
        if self.tracer is not None:
            self.tracer.sent(self.review_number, lots)

    def _land(self, lot: Consignment) -> None:
        """Goods arrive; nothing looks at stocks before the next review, which books them together."""
        self.landed.append((float(self.env.now), lot))

    def _book_landed(self, day: float) -> None:
        """What has landed since the last review is in the users' stocks."""
        if not self.landed:
            return
        network, stocks = self.network, self.stocks
        lots = [lot for _, lot in self.landed]
        lines = np.concatenate([lot.lines for lot in lots])
        tonnes = np.concatenate([lot.tonnes for lot in lots])
        waited = np.repeat([day - when for when, _ in self.landed], [len(x.lines) for x in lots])
        holder, lane = network.line_holder[lines], network.line_lane[lines]
        item = network.lane_input[lane]
        here = sum_by(holder, weights=tonnes, minlength=len(stocks.inbound))
        stocks.held[:-1] += here
        stocks.inbound -= here
        tonne_days = tonnes * waited
        self.arrived_now += sum_by(lane, weights=tonnes, minlength=len(self.arrived_now))
        self.transit_gone += sum_by(lane, weights=tonne_days, minlength=len(self.transit_gone))
        self.held_more += sum_by(item, weights=tonne_days, minlength=len(self.held_more))
        content = self._content_landed(lots)
        stocks.held_content += content
        by_input = sum_by(item, weights=tonnes, minlength=len(network.inputs))
        self.ledger.arrived += self.ledger.by_input(by_input, content)
        if self.tracer is not None:
            for lot in lots:
                self.tracer.landed(lot)
        self.landed.clear()

    def _content_landed(self, lots: list[Consignment]) -> FloatArray:
        """[input blend + 1, element] tonnes of blends in lots, mixed as at the sellers when they were sent."""
        network = self.network
        goal = network.input_blend[network.lane_input]
        source = network.output_blend[network.lane_output]
        rows, parts = [], []
        for lot in lots:
            lane = network.line_lane[lot.lines]
            mixed = goal[lane] >= 0
            if mixed.any():
                rows.append(goal[lane[mixed]])
                parts.append(lot.tonnes[mixed, None] * lot.composition[source[lane[mixed]]])
        out = np.zeros_like(self.stocks.held_content)
        if rows:
            out += sum_rows_by(np.concatenate(rows), rows=np.concatenate(parts), minlength=len(out))
        return out

    # ---- levers

    def _schedule_phases(self, lever: LeverLike) -> None:
        for phase in lever.timeline():
            day = self.calendar.day_of(phase.date)
            before_all = day <= self.env.now
            if before_all:
                self._begin_phase(lever, phase)
            else:
                self._after(day - self.env.now, self._phase_event, (lever, phase))
            if day <= self.calendar.horizon_days:
                self.recorder.phases.append(
                    (lever.id, lever.heading, lever.kind, phase.kind, float(day))
                )

    def _phase_event(self, event: simpy.Event) -> None:
        value: Any = event.value
        lever, phase = value
        self._begin_phase(lever, phase)

    def _begin_phase(self, lever: LeverLike, phase: PhaseLike) -> None:
        if phase.kind == "announced":
            return
        desk = self.desks.get(lever.id)
        if phase.kind in ("paused", "ended"):
            if desk is not None:
                desk.close()
            self.controls.lift(by=lever.id)
        else:
            entry = lever.restated(phase).entry(self.network.world)
            if entry is None:
                return
            self.controls.put(entry)
            if isinstance(entry, Restriction) and entry.kind is Border.QUOTA:
                self._set_quota(entry)
            if isinstance(entry, Restriction) and entry.kind is Border.LICENCE:
                self._open_desk(entry)
        self.transport.turn(self.controls)
        self.border.no_route = self.transport.closed

    def _set_quota(self, entry: Restriction) -> None:
        old: Quota | None = self.border.quotas.get(entry.by)
        quota = build_quota(self.network, self.border.lanes, entry)
        if old is not None and len(old.left_t) == len(quota.left_t):
            used_t = old.allowance_t - old.left_t
            quota.left_t = np.maximum(0.0, quota.allowance_t - used_t)
            quota.slice_number = old.slice_number
        self.border.quotas[entry.by] = quota

    def _open_desk(self, entry: Restriction) -> None:
        assert entry.licence is not None
        old = self.desks.get(entry.by)
        if old is not None and old.is_open:
            old.ease(entry.licence)
            return
        if old is not None:
            old.terms = entry.licence
            old.open()
            return
        network = self.network
        world = network.world
        exporter = entry.scope.exporter
        place = [network.inputs[network.holder_input[h]][0] for h in network.line_holder]
        form = [network.inputs[network.holder_input[h]][1] for h in network.line_holder]
        applicants = applicants_of(
            self.border.covered(entry.scope),
            place,
            form,
            [exporter] * len(place),
            network.holder_user[network.line_holder],
            network.holder_military[network.line_holder],
            {f.id: f.licence_group for f in world.forms},
        )
        desk = LicenceDesk(
            env=self.env,
            lever=entry.by,
            terms=entry.licence,
            applicants=applicants,
            number_of_lines=len(network.line_lane),
            seed=self.seed,
            starts=self.calendar.starts,
            holidays=world.holidays.get(exporter, world.holidays.get("*")),
            on_change=self._standing_changed,
            _since=float(self.env.now),
        )
        self.desks[entry.by] = desk
        self.border.licence_state = self._standing
        desk.open()

    def _standing_changed(self) -> None:
        self.controls.version += 1

    def _standing(self, lever: str) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        return self.desks[lever].standing()

    # ---- before the first day

    def _prime(self) -> None:
        network, first = self.network, self._first_review()
        self.next_review = first
        lane_plan = network.plan_at(float(self.env.now))
        sales_plan, target = self._sales(lane_plan)
        composition = planned_composition(
            network, self.mines, self.plants, self.all_makers, lane_plan
        )
        prime_stocks(
            network,
            self.stocks,
            self.mines,
            self.plants,
            self.all_makers,
            lane_plan,
            target,
            self.span,
        )
        self.stockpiles.fill(self.stocks, composition, lane_plan)
        if self.tracer is not None:
            self.tracer.prime(self.stocks)
        feed = planned_feed_batch(self.plants, network, self.stocks, lane_plan, self.span)
        making = [
            planned_making_batch(m, network, sales_plan, composition, self.span)
            for m in self.all_makers
        ]
        self.ledger.opening = self.ledger.stock_now(self.stocks)
        self._prime_ships(lane_plan, composition, first)
        self._prime_batches(feed, making, first)

    def _prime_ships(self, lane_plan: FloatArray, composition: FloatArray, first: float) -> None:
        network = self.network
        has_content = np.ones(len(network.lane_output), dtype=np.bool_)
        blends = network.output_blend[network.lane_output]
        has_content[blends >= 0] = composition[blends[blends >= 0]].sum(axis=1) > 0
        sent_t = (lane_plan * has_content * self.span)[network.line_lane] * network.line_share
        transit = network.lane_transit_days[network.line_lane]
        longest = float(transit.max(initial=0.0)) + 1
        for past in past_reviews(first, self.span, longest):
            arrives = past.day + TO_MIDNIGHT + transit
            for day in np.unique(arrives[arrives > first]):
                lines = np.flatnonzero((arrives == day) & (sent_t > 0))
                if len(lines):
                    lot = Consignment(lines, sent_t[lines], composition, past.number)
                    np.add.at(self.stocks.inbound, network.line_holder[lines], lot.tonnes)
                    np.add.at(self.on_way, network.line_lane[lines], lot.tonnes)
                    self._after(day - self.env.now, self.transport._landed, lot)

    def _prime_batches(
        self, feed: SeparationBatch, making: list[MakingBatch], first: float
    ) -> None:
        plants = self.plants
        rows = self.ledger.place_index(plants.site)
        inside = feed.elements_t + feed.mixed_t + feed.lost_t
        for past in past_reviews(first, self.span, float(plants.residence_days.max(initial=0)) + 1):
            for days in np.unique(plants.residence_days):
                out = past.day + TO_MIDNIGHT + days
                which = np.flatnonzero(plants.residence_days == days)
                if out > first:
                    self.ledger.in_process[rows[which]] += inside[which]
                    self.ledger.opening[rows[which]] += inside[which]
                    self._after(out - self.env.now, self._separated, (feed, which, past.number))
        for k, batch in enumerate(making):
            self._prime_makers(k, batch, first)

    def _prime_makers(self, k: int, batch: MakingBatch, first: float) -> None:
        makers = self.all_makers[k]
        rows = self.ledger.place_index(makers.site)
        for past in past_reviews(first, self.span, float(makers.batch_days.max(initial=0)) + 1):
            for days in np.unique(makers.batch_days):
                out = past.day + TO_MIDNIGHT + days
                which = np.flatnonzero(makers.batch_days == days)
                if out > first:
                    self.ledger.in_process[rows[which]] += batch.used_t[which]
                    self.ledger.opening[rows[which]] += batch.used_t[which]
                    np.add.at(self.in_process, makers.output[which], batch.product_t[which])
                    self.in_process[-1] = 0.0
                    self._after(out - self.env.now, self._made, (k, batch, which, past.number))

    # ---- 5 record

    def _record(
        self,
        day: float,
        demand_t: FloatArray,
        consumed_t: FloatArray,
        shipment: Allocation,
        lane_plan: FloatArray,
        target: FloatArray,
        batches: list[MakingBatch],
    ) -> None:
        """Sums of the span that ends now; the levels before it lasted since the review before."""
        network, recorder = self.network, self.recorder
        overlaps = self.calendar.overlaps(day - self.span, day)
        flow = [(month, days / self.span) for month, days in overlaps]
        if overlaps and self.levels is not None:
            self._record_levels(overlaps, target)
        n_inputs, n_lanes = len(network.inputs), len(network.lane_output)
        if overlaps:
            item = network.holder_input[self.use_rows]
            demand = sum_by(item, weights=demand_t, minlength=n_inputs)
            consumed = sum_by(item, weights=consumed_t, minlength=n_inputs)
            recorder.demand.add(demand, flow)
            recorder.consumed.add(consumed, flow)
            recorder.arrived.add(self.arrived_now, flow)
            shipped = sum_by(network.line_lane, weights=shipment.shipped_t, minlength=n_lanes)
            # What a review ships or stops belongs to its own day, not to the span before it.
            leaving = self.calendar.overlaps(day - 1e-6, day)
            recorder.shipped.add(shipped, [(month, 1.0) for month, _ in leaving])
            recorder.made.add(self.made_now[:-1], flow)
            recorder.made_content.add(self.made_content_now, flow)
            recorder.use_rate.add(
                demand / self.span,
                [(month, days / self.month_days[month]) for month, days in overlaps],
            )
            for monthly, batch in zip(recorder.not_made, batches, strict=True):
                monthly.add(batch.not_made_t, flow)
            self._record_border(shipment, lane_plan, [(month, 1.0) for month, _ in leaving])
            if recorder.closures:
                self._record_detours(shipment, [(month, 1.0) for month, _ in leaving])
            if day <= self.calendar.horizon_days + self.span:
                recorder.review_day.append(day)
                recorder.review_demand.append(demand)
                recorder.review_consumed.append(consumed)
        if self.tracer is not None:
            self.tracer.close_span(flow)
        self.levels = (
            self.stocks.sold.copy(),
            sum_by(network.holder_input, weights=self.stocks.held[:-1], minlength=n_inputs),
            sum_by(network.line_lane, weights=self.stocks.waiting, minlength=n_lanes),
        )
        self.on_way += (
            sum_by(network.line_lane, weights=shipment.shipped_t, minlength=n_lanes)
            - self.arrived_now
        )
        self.arrived_now[:] = 0.0
        self.transit_gone[:] = 0.0
        self.held_more[:] = 0.0
        self.made_now[:] = 0.0
        self.made_content_now[:] = 0.0
        self.sold_more[:] = 0.0

    def _record_levels(self, overlaps: list[tuple[int, float]], target: FloatArray) -> None:
        """Time averages over the span: the level after the last review, and what came in between."""
        assert self.levels is not None
        sold, held, waiting = self.levels
        recorder, length = self.recorder, self.month_days
        average = [(month, days / length[month]) for month, days in overlaps]
        stock = (sold + self.sold_more / self.span)[:-1]
        recorder.sold.add(stock, average)
        above = np.maximum(0.0, stock - target[:-1])
        above[self.stockpiles.outputs] = 0.0
        recorder.unsold.add(above, average)
        recorder.held.add(held + self.held_more / self.span, average)
        recorder.in_transit.add(
            np.maximum(0.0, self.on_way - self.transit_gone / self.span), average
        )
        recorder.waiting.add(waiting, average)
        cases = np.zeros(len(recorder.levers))
        for k, lever in enumerate(recorder.levers):
            if lever in self.desks:
                total = self.desks[lever].advance()
                cases[k] = (total - self.pending_before[k]) / self.span
                self.pending_before[k] = total
        recorder.pending.add(cases, average)

    def _record_border(
        self,
        shipment: Allocation,
        lane_plan: FloatArray,
        flow: list[tuple[int, float]],
    ) -> None:
        """Planned tonnes that a lever held or refused.

        Where several stop a line, what refuses its goods comes before what lets them wait, and a licence
        that is missing before a quota that may have room; among equals the first by id.
        """
        network, controls = self.network, self.controls
        entries: list[Restriction | Closure] = [
            *controls.at_border(Border.BAN),
            *controls.of_type(Closure),
            *controls.at_border(Border.LICENCE),
            *controls.at_border(Border.QUOTA),
        ]
        if not entries:
            return
        planned_t = lane_plan[network.line_lane] * network.line_share * self.span
        stopped_t = np.minimum(planned_t, shipment.refused_t + self.stocks.waiting)
        free = stopped_t > 0
        by_lever = np.zeros((len(self.recorder.levers), len(network.lane_output)))
        for entry in entries:
            mine_now = free & self._stopped_by(entry)
            free &= ~mine_now
            by_lever[self.recorder.levers.index(entry.by)] = sum_by(
                network.line_lane,
                weights=np.where(mine_now, stopped_t, 0.0),
                minlength=len(network.lane_output),
            )
        self.recorder.stopped.add(by_lever, flow)

    def _stopped_by(self, entry: Restriction | Closure) -> npt.NDArray[np.bool_]:
        """[line] what an entry stops now: a closure what has no other route, a licence whoever has none."""
        if isinstance(entry, Restriction) and entry.kind is Border.LICENCE:
            pending, refused = self._standing(entry.by)
            return pending | refused
        if isinstance(entry, Restriction):
            return self.border.covered(entry.scope)
        on_it = np.array(self.network.lane_corridor, dtype=object) == entry.corridor
        return self.transport.closed & on_it[self.network.line_lane]

    def _record_detours(self, shipment: Allocation, flow: list[tuple[int, float]]) -> None:
        """Tonnes sent by the next route, by the corridor that is closed, and their extra days."""
        network, recorder = self.network, self.recorder
        detoured = np.where(self.transport.extra_days != 0, shipment.shipped_t, 0.0)
        corridor = np.array(network.lane_corridor, dtype=object)[network.line_lane]
        t = np.array([detoured[corridor == c].sum() for c in recorder.closures])
        extra = detoured * self.transport.extra_days
        days = np.array([extra[corridor == c].sum() for c in recorder.closures])
        recorder.detoured.add(t, flow)
        recorder.detour_tonne_days.add(days, flow)

    def _records(self) -> Records:
        recorder = self.recorder
        use, use_index, rows = recorder.use_table()
        decisions: list[Decision] = [d for k in sorted(self.desks) for d in self.desks[k].decisions]
        return Records(
            use=use,
            use_index=use_index,
            review_day=np.array(recorder.review_day),
            review_demand_t=np.array(recorder.review_demand)[:, rows],
            review_consumed_t=np.array(recorder.review_consumed)[:, rows],
            production=recorder.production_table(),
            shipments=recorder.shipment_table(),
            stocks=recorder.stock_table(),
            limits=recorder.limit_table(),
            licences=recorder.licence_table(decisions),
            licences_pending=recorder.pending_table(decisions),
            corridors=recorder.corridor_table(self.transport.all_waits()),
            levers=recorder.lever_table(),
            provenance=self.tracer.table() if self.tracer else pd.DataFrame(columns=TRACE_COLUMNS),
            balance=self._balance_table(),
            events=self.env.scheduled,
            warnings=self._warnings(),
        )

    def _balance_table(self) -> pd.DataFrame:
        ledger, stocks = self.ledger, self.stocks
        residual = ledger.residual(stocks).sum(axis=0)
        return pd.DataFrame(
            {
                "element": self.network.elements,
                "mined_t": ledger.mined.sum(axis=0),
                "recycled_t": ledger.recycled,
                "opening_t": ledger.opening.sum(axis=0),
                "closing_t": ledger.stock_now(stocks).sum(axis=0),
                "consumed_t": ledger.consumed.sum(axis=0),
                "lost_t": ledger.lost.sum(axis=0),
                "residual_t": residual,
            }
        )

    def _warnings(self) -> tuple[str, ...]:
        """Restrictions nobody can feel."""
        return tuple(
            f"{lever.id}: its scope matches no lane of this world, so it has no effect"
            for lever in self.levers
            if isinstance(entry := lever.entry(self.network.world), Restriction)
            and not self.border.covered(entry.scope).any()
        )


def _watched(entries: Sequence[Entry], more: Sequence[str]) -> tuple[str, ...]:
    exporters = {e.scope.exporter for e in entries if isinstance(e, Restriction)}
    return tuple(sorted(exporters | set(more)))


def _final_use(network: Network) -> tuple[IntArray, FloatArray]:
    """Holders at demand nodes, and their demand [time, holder], t/day."""
    rows, paths = [], []
    for h, i in enumerate(network.holder_input):
        place, _, product = network.inputs[int(i)]
        path = network.plan.demand.get((place, product))
        if path is not None:
            rows.append(h)
            paths.append(path * network.holder_share[h])
    return np.array(rows, dtype=np.intp), np.array(paths).T.copy()


def _split_buyers(network: Network, entries: Sequence[Entry]) -> list[SplitBuyer]:
    """Buyers whose end users a licence tells apart.

    At a demand node only the products in scope; at a maker all its ingredients, since each user makes
    its part from its own. Plants are one user each.
    """
    world, lanes = network.world, network.lane_keys()
    found: dict[str, set[tuple[str, str]]] = {}
    for entry in entries:
        if not isinstance(entry, Restriction) or entry.kind is not Border.LICENCE:
            continue
        covered = lanes_in_scope(world, lanes, entry.scope)
        for i in np.flatnonzero(covered):
            _, buyer, form, product = lanes[int(i)]
            site = world.sites.get(buyer)
            if site is None:
                found.setdefault(buyer, set()).add((form, product))
            elif site.stage not in ("separation", "recycling"):
                found.setdefault(buyer, set()).update(
                    (f, p) for place, f, p in network.inputs if place == buyer
                )
    return [SplitBuyer(place, frozenset(inputs)) for place, inputs in sorted(found.items())]
