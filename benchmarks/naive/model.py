"""The naive model itself: the clock, sites and end uses, orders and sales, goods on the way, levers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil, floor, isfinite
from typing import Any

import simpy

from benchmarks.naive.border import Draw, Office, Quota
from benchmarks.naive.goods import NOTHING, Blend, Holding, Item, Life, Line, rationed, scaled
from benchmarks.naive.market import Market
from benchmarks.naive.production import Output, Production
from sim.controls import Closure
from sim.world import World

NOON = 0.5
STEPS = ("make", "use", "order", "fill", "ask", "fill what is asked", "clear", "load")
"""One review, in this order, a moment apart."""
MOMENT = 0.01


class NaiveModel:
    """One run; `shortfall` afterwards holds the tonnes by review day and (node, product)."""

    def __init__(
        self,
        world: World,
        levers: Sequence[Any],
        *,
        starts: date,
        ends: date,
        first_day: float,
        draw: Draw,
        seed: int = 1,
        span: float = 7.0,
    ) -> None:
        self.world, self.levers, self.starts, self.span = world, levers, starts, span
        self.draw, self.seed = draw, seed
        self.until = (ends - starts).days + span + 1
        self.env = simpy.Environment(first_day)
        self.bells = {step: self.env.event() for step in STEPS}
        self.shortfall: dict[float, dict[tuple[str, str], float]] = {}
        self.restrictions: dict[str, tuple[Any, set[Line]]] = {}
        """Lever -> its entry in force and the lines it covers."""
        self.quotas: dict[str, Quota] = {}
        self.offices: dict[str, Office] = {}
        self.closures: dict[str, Closure] = {}
        """Lever -> what it closes now."""
        self.gates: dict[tuple[str, int], simpy.Event] = {}
        """Corridor and leg that are shut -> its opening."""
        self.loading: dict[tuple[str, int], simpy.Store] = {}
        """Corridor and narrow leg -> a token for the train that loads."""
        self.by_leg: set[str] = set()
        """Corridors on which a review's lots travel together, leg by leg."""
        self.trains: dict[tuple[str, int], list[tuple[Line, Blend]]] = defaultdict(list)
        entries = [lever.entry(world) for lever in levers]
        self.market = Market(world, entries, self.env)
        self.production = Production(self.market, span)
        self.lines = self.market.lines
        self._open_corridors(entries)
        self._start_full()

    def run(self) -> dict[float, dict[tuple[str, str], float]]:
        """From the first day of the warm-up to the end."""
        for lever in self.levers:
            self.env.process(self.lever_acts(lever))
        for site in sorted(self.world.sites):
            self.env.process(self.site_works(site))
        for node in sorted(self.market.region):
            self.env.process(self.end_use(node))
        self.env.process(self.borders())
        self.env.process(self.rings())
        self.env.run(until=self.until)
        return self.shortfall

    def rings(self) -> Life:
        """Ring the steps of each review, one after the other, at noon."""
        review = self.env.now + NOON
        while True:
            yield self.env.timeout(review - self.env.now)
            self.review = review
            for step in STEPS:
                bell, self.bells[step] = self.bells[step], self.env.event()
                bell.succeed()
                yield self.env.timeout(MOMENT)
            review += self.span

    def until_day(self, day: float) -> simpy.Event:
        return self.env.timeout(max(0.0, day - self.env.now))

    def _start_full(self) -> None:
        mixture = self.production.planned_mixtures()
        for item in self.market.items.values():
            if item.form not in self.market.aside:
                t = item.sales * self.world.defaults.producer_stock_days
                item.store.put(scaled(mixture[item.place, item.form, item.product], t))
        for holding in self.market.holdings.values():
            mix = self.production.flowing_in(holding.lines, mixture)
            holding.store.put(scaled(mix, holding.use * (holding.cover + self.span)))
        first = float(self.env.now) + NOON
        for number in range(1, 60):
            left = first - number * self.span + NOON
            for line in self.lines:
                key = (line.item.place, line.item.form, line.item.product)
                blend = scaled(mixture[key], line.rate * self.span)
                arrives = left + ceil(line.link.transit_days)
                if arrives > first and sum(blend.values()) > 0:
                    line.holding.inbound += sum(blend.values())
                    self.env.process(self.sails(line, blend, arrives))
            for site in self.world.sites.values():
                if site.stage != "mine" and left + ceil(site.processing_days) > first:
                    out = self.production.planned_output(site.id, mixture)
                    self.env.process(self.batch(out, left + ceil(site.processing_days)))

    # ---- sites and end uses

    def site_works(self, place: str) -> Life:
        """A mine, plant or maker: at each review it makes, orders, and sells."""
        site = self.world.sites[place]
        works = self.production
        steps = {"mine": works.dig, "separation": works.feed, "recycling": works.feed}
        make = steps.get(site.stage, works.make)
        sold = self.market.items_of[place]
        needs = self.market.needs(place)
        while True:
            yield self.bells["make"]
            out = make(place)
            if out:
                done = floor(self.env.now) + 1 + ceil(site.processing_days)
                self.env.process(self.batch(out, done))
            yield self.bells["order"]
            urgency = self._urgency(place)
            for need in needs:
                self._order(need, urgency)
            yield self.bells["fill"]
            for item in sold:
                self._fill(item)
            yield self.bells["ask"]
            for need in needs:
                self._ask_others(need)
            yield self.bells["fill what is asked"]
            for item in sold:
                self._fill_asked(item)
            yield self.bells["load"]
            for item in sold:
                self._load(item)

    def end_use(self, node: str) -> Life:
        """An end use: each of its users consumes from its own stock and orders."""
        demands: dict[tuple[str, str], float] = defaultdict(float)
        for d in self.world.demand:
            if d.node == node:
                form = self.world.sectors[d.sector].form
                demands[form, d.product] += d.t_per_year / 365 * self.span
        needs = self.market.needs(node)
        held = self.market.all_held(node)
        while True:
            yield self.bells["use"]
            for (form, product), demand in demands.items():
                gap = 0.0
                for h in held:
                    if (h.form, h.product) == (form, product):
                        want = demand * h.share
                        gap += want - sum(h.store.take(want).values())
                self.shortfall.setdefault(self.review, {})[node, product] = gap
            yield self.bells["order"]
            for need in needs:
                self._order(need, 1.0)
            yield self.bells["ask"]
            for need in needs:
                self._ask_others(need)

    def batch(self, out: Output, day: float) -> Life:
        """Goods in process, ready at midnight."""
        for item, blend in out:
            item.in_process += sum(blend.values())
        yield self.until_day(day)
        for item, blend in out:
            item.in_process -= sum(blend.values())
            item.store.put(blend)

    # ---- orders and allocation

    def _urgency(self, place: str) -> float:
        """A plant with an unmet driver orders feed up to its capacity."""
        if self.world.sites[place].stage not in ("separation", "recycling"):
            return 1.0
        groups = self.production.driver_groups(place)
        plan = sum(h.use for h in self.market.holdings_of[place, 0])
        if plan > 0 and any(self.production.pressed(i) for group in groups for i in group):
            return max(1.0, self.production.feed_capacity(place) / plan)
        return 1.0

    def _order(self, need: list[Holding], urgency: float) -> None:
        lines = [line for h in need for line in h.lines if not line.pushed]
        asked = [line.rate * urgency for line in lines]
        target = sum(
            rate * (self.span + line.lead + line.holding.cover)
            for line, rate in zip(lines, asked, strict=True)
        )
        gap = max(0.0, target - sum(h.store.level + h.inbound for h in need))
        for line, rate in zip(lines, asked, strict=True):
            part = gap * rate / sum(asked) if sum(asked) > 0 else 0.0
            line.ordered = max(0.0, part - line.waiting)

    def _fill(self, item: Item) -> None:
        """Planned use first, then open orders, both in proportion; by-products all go."""
        stock = item.store.level
        for line in item.lines:
            line.claim = line.ordered + line.waiting
            line.first = line.short = line.asked = line.shipped = 0.0
        going = [line for line in item.lines if line.standing == "passes"]
        if item.form in self.market.aside:
            plan = item.sales
            for line in going:
                line.first = stock * (line.rate / plan if plan > 0 else 1 / len(item.lines))
            item.spare = 0.0
            return
        firsts = rationed([min(x.claim, x.rate * self.span) for x in going], stock)
        rest = [x.claim - f for x, f in zip(going, firsts, strict=True)]
        seconds = rationed(rest, max(0.0, stock - sum(firsts)))
        for line, one, two in zip(going, firsts, seconds, strict=True):
            line.first = one + two
            line.short = max(0.0, line.claim - line.first)
        left = stock - sum(line.first for line in going)
        item.spare = left if left > NOTHING * stock else 0.0

    def _ask_others(self, need: list[Holding]) -> None:
        lines = [line for h in need for line in h.lines if not line.pushed]
        unfilled = sum(x.short + (x.claim if x.standing == "refused" else 0.0) for x in lines)
        able = [x for x in lines if x.standing == "passes" and x.link.qualified]
        spare = sum(line.item.spare for line in able)
        for line in able:
            line.asked = unfilled * line.item.spare / spare if spare > 0 else 0.0

    def _fill_asked(self, item: Item) -> None:
        more = rationed([line.asked for line in item.lines], item.spare)
        item.unmet = 0.0
        for line, t in zip(item.lines, more, strict=True):
            item.unmet += line.short + line.asked - t
            line.shipped = line.first + t

    def _load(self, item: Item) -> None:
        """Goods leave the stock; a ship, or the train that takes a review's goods leg by leg."""
        total = sum(line.shipped for line in item.lines)
        blend = item.store.take(total)
        for line in item.lines:
            if line.shipped > 0 and line.way is not None:
                lot = scaled(blend, line.shipped / total)
                line.holding.inbound += line.shipped
                corridor, days = line.way
                if corridor in self.by_leg:
                    if line.way not in self.trains:
                        self.env.process(self.train(corridor, days))
                    self.trains[line.way].append((line, lot))
                else:
                    self.env.process(self.sails(line, lot, floor(self.env.now) + 1 + days))

    # ---- on the way

    def _open_corridors(self, entries: Sequence[Any]) -> None:
        self.by_leg = {entry.corridor for entry in entries if isinstance(entry, Closure)}
        for corridor in self.world.corridors.values():
            for number, leg in enumerate(corridor.legs):
                if isfinite(leg.capacity_t_per_week):
                    self.by_leg.add(corridor.id)
                    self.loading[corridor.id, number] = simpy.Store(self.env)
                    self.loading[corridor.id, number].put("token")
        self._find_ways()

    def _find_ways(self) -> None:
        """The first way of each line that no lever closes."""
        shut = {closure.corridor for closure in self.closures.values()}
        for line in self.lines:
            link = line.link
            line.way = (link.corridor, ceil(link.transit_days))
            if link.corridor in shut:
                line.way = None
                if link.next_corridor and link.next_corridor not in shut:
                    line.way = (link.next_corridor, ceil(link.next_transit_days))
            days = line.way[1] if line.way is not None else ceil(link.transit_days)
            line.lead = ceil(days / self.span) * self.span

    def _turn_gates(self) -> None:
        """Shut the legs that a closure holds, open those that none holds any more."""
        shut = {
            (closure.corridor, number)
            for closure in self.closures.values()
            if closure.holds
            for number in range(len(self.world.corridors[closure.corridor].legs))
            if closure.leg in (None, number)
        }
        for gate in shut - self.gates.keys():
            self.gates[gate] = self.env.event()
        for gate in sorted(self.gates.keys() - shut):
            self.gates.pop(gate).succeed()

    def sails(self, line: Line, lot: Blend, arrives: float) -> Life:
        """A lot on a way that nothing limits or closes."""
        yield self.until_day(arrives)
        self._land(line, lot)

    def train(self, corridor: str, transit: int) -> Life:
        """The lots of one review on a corridor; on a narrow leg one train loads after the other."""
        leaves = floor(self.env.now) + 1
        yield self.until_day(leaves)
        lots = self.trains.pop((corridor, transit))
        tonnes = sum(sum(lot.values()) for _, lot in lots)
        legs = self.world.corridors[corridor].legs
        for number, leg in enumerate(legs):
            queue = self.loading.get((corridor, number))
            token = (yield queue.get()) if queue is not None else None
            while (corridor, number) in self.gates:
                yield self.gates[corridor, number]
            if queue is not None:
                yield self.env.timeout(tonnes / leg.capacity_t_per_week * 7)
                queue.put(token)
            yield self.env.timeout(transit * leg.days / sum(x.days for x in legs))
        yield self.until_day(leaves + ceil(self.env.now - leaves - NOTHING))
        for line, lot in lots:
            self._land(line, lot)

    def _land(self, line: Line, lot: Blend) -> None:
        line.holding.store.put(lot)
        line.holding.inbound = max(0.0, line.holding.inbound - sum(lot.values()))

    # ---- levers and borders

    def lever_acts(self, lever: Any) -> Life:
        """Turn a lever on and off on the dates of its phases."""
        for phase in lever.timeline():
            yield self.until_day(float((phase.date - self.starts).days))
            if phase.kind == "announced":
                continue
            if phase.kind == "eased":
                raise ValueError("the naive model knows no eased terms")
            if phase.kind in ("paused", "ended"):
                self._lift(lever.id)
            else:
                self._enforce(lever.restated(phase).entry(self.world))
            self._find_ways()
            self._turn_gates()

    def _lift(self, by: str) -> None:
        self.closures.pop(by, None)
        self.restrictions.pop(by, None)
        if by in self.offices:
            self.offices[by].close()

    def _enforce(self, entry: Any) -> None:
        if isinstance(entry, Closure):
            self.closures[entry.by] = entry
            return
        covered = {x for x in self.lines if self.market.covers(entry.scope, self.market.lane_of(x))}
        self.restrictions[entry.by] = entry, covered
        if entry.kind == "quota":
            self.quotas.setdefault(entry.by, Quota()).open(entry.quota, covered)
        elif entry.kind == "licence":
            if entry.by not in self.offices:
                self.offices[entry.by] = Office(
                    self.env,
                    self.world,
                    entry,
                    covered,
                    starts=self.starts,
                    draw=self.draw,
                    seed=self.seed,
                )
            self.offices[entry.by].open()

    def borders(self) -> Life:
        """At every review: which lines pass, and which part of their lots quotas let through."""
        while True:
            yield self.bells["order"]
            for line in self.lines:
                line.standing = self._standing(line)
            yield self.bells["clear"]
            today = self.starts + timedelta(days=floor(self.env.now))
            in_force = [q for by, q in self.quotas.items() if by in self.restrictions]
            for quota in self.quotas.values():
                quota.turn(today)
            parts = [q.parts() for q in in_force]
            for line in self.lines:
                wanted = line.shipped
                line.shipped = wanted * min([1.0, *(p.get(line, 1.0) for p in parts)])
                held = line.claim if line.standing == "waits" else wanted - line.shipped
                line.waiting = 0.0 if line.pushed else held
            for quota in self.quotas.values():
                quota.count()

    def _standing(self, line: Line) -> str:
        if line.way is None:
            return "refused"
        found = "passes"
        for by, (entry, covered) in self.restrictions.items():
            if line not in covered:
                continue
            if entry.kind == "ban":
                return "refused"
            if entry.kind == "licence":
                state = self.offices[by].case_of[line].state
                if state == "refused":
                    return "refused"
                found = "waits" if state == "pending" else found
        return found
