"""The naive model itself: the clock, sites and end uses, orders and sales, goods on the way, levers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import partial
from math import ceil, floor, isfinite
from typing import Any

import simpy

from benchmarks.naive.border import Border, Stretch, spread
from benchmarks.naive.goods import (
    NOTHING,
    RUN_OUT,
    Blend,
    Holding,
    Item,
    Life,
    Line,
    rationed,
    scaled,
)
from benchmarks.naive.market import Market
from benchmarks.naive.office import Draw
from benchmarks.naive.production import Output, Production
from sim.world import World

NOON = 0.5
STEPS = (
    "make", "use", "order", "fill", "ask", "fill what is asked", "clear",
    "ask instead", "fill instead", "clear instead", "settle", "load", "leave",
)  # fmt: skip
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
        self.world, self.span = world, span
        self.until = (ends - starts).days + span + 1
        self.env = simpy.Environment(first_day)
        self.bells = {step: self.env.event() for step in STEPS}
        self.shortfall: dict[float, dict[tuple[str, str], float]] = {}
        self.stretches: list[Stretch] = []
        """Of this review's days."""
        self.gates: dict[tuple[str, int], simpy.Event] = {}
        """Corridor and leg that are shut -> its opening."""
        self.loading: dict[tuple[str, int], simpy.Store] = {}
        """Corridor and narrow leg -> a token for the train that loads."""
        self.by_leg: set[str] = set()
        """Corridors on which a review's lots travel together, leg by leg."""
        self.trains: dict[tuple[float, int, str, int], list[tuple[Line, Blend]]] = defaultdict(list)
        """First stretch with these corridors closed, corridor and days -> what leaves at this review."""
        self.market = Market(world, levers, self.env, starts)
        self.border = Border(self.market, levers, first_day, partial(draw, seed, 0))
        self.production = Production(self.market, span)
        self.lines = self.market.lines
        self._open_corridors(levers)
        self._start_full()

    def run(self) -> dict[float, dict[tuple[str, str], float]]:
        """From the first day of the warm-up to the end."""
        for day in sorted({day for x in self.border.closures for day, _ in x.steps}):
            self.env.process(self.closures_change(day))
        for site in sorted(self.world.sites):
            self.env.process(self.site_works(site))
        for node in sorted(self.market.region):
            self.env.process(self.end_use(node))
        self.env.process(self.borders_and_quays())
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
            yield self.bells["ask instead"]
            for need in needs:
                self._ask_instead(need)
            yield self.bells["fill instead"]
            for item in sold:
                self._fill_instead(item)
            yield self.bells["settle"]
            for need in needs:
                self._settle(need)
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
            yield self.bells["ask instead"]
            for need in needs:
                self._ask_instead(need)
            yield self.bells["settle"]
            for need in needs:
                self._settle(need)

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

        def days(line: Line) -> float:
            return self.span + line.lead + line.holding.cover

        target = sum(rate * days(line) for line, rate in zip(lines, asked, strict=True))
        gap = max(0.0, target - sum(h.store.level + h.inbound for h in need))
        planned = sum(line.rate for line in lines) * self.span
        farthest = max((days(line) for line in lines if line.rate > 0), default=0.0)
        for line, rate in zip(lines, asked, strict=True):
            part = gap * rate / sum(asked) if sum(asked) > 0 else 0.0
            if sum(h.store.level for h in need) <= RUN_OUT * planned and days(line) < farthest:
                part = max(part, line.rate * self.span)
            line.ordered = max(0.0, part - line.waiting)

    def _fill(self, item: Item) -> None:
        """Of the open days: planned use first, then open orders, both in proportion; by-products all go."""
        stock = item.store.level
        for line in item.lines:
            line.claim = line.ordered + line.waiting
            line.first = line.short = 0.0
            line.asked = [0.0] * len(self.stretches)
        going = [line for line in item.lines if line.open > 0]
        if item.form in self.market.aside:
            plan = item.sales
            for line in going:
                share = line.rate / plan if plan > 0 else 1 / len(item.lines)
                line.first = stock * share * line.open
            item.spare = 0.0
            return
        firsts = rationed([min(x.claim, x.rate * self.span) * x.open for x in going], stock)
        rest = [x.claim * x.open - f for x, f in zip(going, firsts, strict=True)]
        seconds = rationed(rest, max(0.0, stock - sum(firsts)))
        for line, one, two in zip(going, firsts, seconds, strict=True):
            line.first = one + two
            line.short = max(0.0, line.claim * line.open - line.first)
        left = stock - sum(line.first for line in going)
        item.spare = left if left > NOTHING * stock else 0.0

    def _ask_others(self, need: list[Holding]) -> None:
        """What was short or refused on a stretch, of those who are open on it."""
        lines = [line for h in need for line in h.lines if not line.pushed]
        for s in range(len(self.stretches)):
            unfilled = sum(x.short * x.days[s] + x.claim * x.shut[s] for x in lines)
            able = [x for x in lines if x.days[s] > 0 and x.link.qualified]
            spare = sum(line.item.spare for line in able)
            for line in able:
                line.asked[s] = unfilled * line.item.spare / spare if spare > 0 else 0.0

    def _fill_asked(self, item: Item) -> None:
        asked = sum(sum(line.asked) for line in item.lines)
        served = min(1.0, item.spare / asked) if asked > 0 else 1.0
        item.unmet = sum(line.short for line in item.lines) + asked * (1 - served)
        for line in item.lines:
            days = zip(line.days, line.asked, strict=True)
            line.shipped = [line.first * day + served * more for day, more in days]

    def _ask_instead(self, need: list[Holding]) -> None:
        """What waits is asked of those who are open on its stretch and have nothing waiting themselves."""
        lines = [line for h in need for line in h.lines if not line.pushed]
        for line in (line for h in need for line in h.lines):
            line.instead = [0.0] * len(self.stretches)
        for s in range(len(self.stretches)):
            waits = sum(x.waits[s] for x in lines)
            able = [x for x in lines if x.days[s] > 0 and x.link.qualified and x.waits[s] <= 0]
            spare = sum(self._left(line.item) for line in able)
            for line in able:
                line.instead[s] = waits * self._left(line.item) / spare if spare > 0 else 0.0

    def _left(self, item: Item) -> float:
        """What is in stock once what may leave has left."""
        if item.form in self.market.aside:
            return 0.0
        left = item.store.level - sum(sum(line.shipped) for line in item.lines)
        return left if left > NOTHING * item.store.level else 0.0

    def _fill_instead(self, item: Item) -> None:
        asked = sum(sum(line.instead) for line in item.lines)
        served = min(1.0, self._left(item) / asked) if asked > 0 else 1.0
        item.unmet += asked * (1 - served)
        for line in item.lines:
            line.instead = [served * t for t in line.instead]

    def _settle(self, need: list[Holding]) -> None:
        """What is sent instead waits no longer, and nothing waits that its own buyer does not claim."""
        lines = [line for h in need for line in h.lines if not line.pushed]
        waits = sum(sum(x.waits) for x in lines)
        part = sum(sum(x.instead) for x in lines) / waits if waits > 0 else 0.0
        for line in lines:
            claim = max(0.0, line.claim * (1 - sum(line.shut)) - sum(line.shipped))
            line.waiting = min(sum(line.waits), claim) * max(0.0, 1 - part)
            line.shipped = [t + m for t, m in zip(line.shipped, line.instead, strict=True)]

    def _load(self, item: Item) -> None:
        """Goods leave the stock; ships, or the trains that take a review's goods leg by leg."""
        total = sum(sum(line.shipped) for line in item.lines)
        blend = item.store.take(total)
        closed = [stretch.closed for stretch in self.stretches]
        for line in item.lines:
            line.holding.inbound += sum(line.shipped)
            parts: dict[tuple[int, str, int], float] = defaultdict(float)
            leaves: dict[tuple[int, str, int], float] = {}
            keys = [
                (closed.index(stretch.closed), *way) if way is not None else None
                for way, stretch in zip(line.ways, self.stretches, strict=True)
            ]
            for t, key in zip(line.shipped, keys, strict=True):
                if t > 0 and key is not None:
                    parts[key] += t
            for t, key, stretch in zip(line.shipped, keys, self.stretches, strict=True):
                if key is not None and t > NOTHING * parts.get(key, 0.0):
                    leaves.setdefault(key, max(floor(self.env.now) + 1, stretch.begins))
            for key, t in parts.items():
                (first, corridor, days), lot = key, scaled(blend, t / total)
                if corridor in self.by_leg:
                    self.trains[leaves[key], first, corridor, days].append((line, lot))
                else:
                    self.env.process(self.sails(line, lot, leaves[key] + days))

    # ---- on the way

    def _open_corridors(self, levers: Sequence[Any]) -> None:
        self.by_leg = {lever.corridor for lever in levers if lever.kind == "corridor_closure"}
        for corridor in self.world.corridors.values():
            for number, leg in enumerate(corridor.legs):
                if isfinite(leg.capacity_t_per_week):
                    self.by_leg.add(corridor.id)
                    self.loading[corridor.id, number] = simpy.Store(self.env)
                    self.loading[corridor.id, number].put("token")

    def closures_change(self, day: float) -> Life:
        """Shut the legs that a closure holds, open those that none holds any more."""
        yield self.until_day(day)
        now = [course.on(self.env.now) for course in self.border.closures]
        shut = {
            (closure.corridor, number)
            for closure in now
            if closure is not None and closure.in_transit == "hold"
            for number in range(len(self.world.corridors[closure.corridor].legs))
            if closure.leg in (None, number + 1)
        }
        for gate in shut - self.gates.keys():
            self.gates[gate] = self.env.event()
        for gate in sorted(self.gates.keys() - shut):
            self.gates.pop(gate).succeed()

    def sails(self, line: Line, lot: Blend, arrives: float) -> Life:
        """A lot on a way that nothing limits or closes."""
        yield self.until_day(arrives)
        self._land(line, lot)

    def train(
        self, leaves: float, corridor: str, transit: int, lots: Sequence[tuple[Line, Blend]]
    ) -> Life:
        """The lots of one review on a corridor; on a narrow leg one train loads after the other."""
        yield self.until_day(leaves)
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

    def borders_and_quays(self) -> Life:
        """At every review: what its days are like, what quotas let through, and which trains leave."""
        while True:
            yield self.bells["make"]
            self.stretches = self.border.stretches(self.review, self.span)
            for line in self.lines:
                spread(line, self.stretches, self.span)
            yield self.bells["clear"]
            self.border.clear(self.stretches)
            yield self.bells["clear instead"]
            self.border.clear_instead(self.stretches)
            yield self.bells["leave"]
            for (leaves, _, corridor, days), lots in sorted(
                self.trains.items(), key=lambda x: x[0]
            ):
                self.env.process(self.train(leaves, corridor, days, lots))
            self.trains.clear()
