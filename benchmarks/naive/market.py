"""Who sells what to whom, as the base year's flows and the pack's links say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import simpy

from benchmarks.naive.goods import Holding, Item, LaneKey, Line, Store
from benchmarks.naive.levers import versions
from sim.world import World


class Market:
    """Everything that is stocked and every line on which it is sold, all stocks empty."""

    def __init__(
        self, world: World, levers: Sequence[Any], env: simpy.Environment, starts: date
    ) -> None:
        self.world, self.levers, self.env, self.starts = world, levers, env, starts
        self.kinds = {form.id: form.kind for form in world.forms}
        self.licensed = {form.id for form in world.forms if form.licence_group}
        self.elements = [e.symbol for e in world.elements]
        self.group = {m: g for g, members in world.groups.items() for m in members}
        self.region = {d.node: d.region for d in world.demand}
        self.aside = {world.mixed_form, world.scrap_form}
        self.makes: dict[str, str] = {}
        """Site -> form of its main product."""
        self.items: dict[tuple[str, str, str], Item] = {}
        self.holdings: dict[tuple[str, str, str, int], Holding] = {}
        self.lines: list[Line] = []
        self.items_of: dict[str, list[Item]] = defaultdict(list)
        self.holdings_of: dict[tuple[str, int], list[Holding]] = defaultdict(list)
        """By place and user."""
        self._connect()

    def needs(self, place: str) -> list[list[Holding]]:
        """Holdings that stand in for one another: a maker's group members, else each for itself."""
        needs: dict[tuple[str, str, int], list[Holding]] = defaultdict(list)
        for h in self.all_held(place):
            name = self.group.get(h.product, h.product) if place in self.makes else h.product
            needs[h.form, name, h.user].append(h)
        return list(needs.values())

    def made(self, place: str) -> list[Item]:
        """Its main products, without what goes aside."""
        return [item for item in self.items_of[place] if item.form == self.makes[place]]

    def all_held(self, place: str) -> list[Holding]:
        users = len(self.world.end_users[place].shares) if place in self.world.end_users else 1
        return [h for user in range(users) for h in self.holdings_of[place, user]]

    @staticmethod
    def lane_of(line: Line) -> LaneKey:
        return line.item.place, line.holding.place, line.item.form, line.item.product

    def covered(self, lever: Any) -> frozenset[Line]:
        """The lines that a restriction is about, as it stands in one of its phases."""
        return frozenset(line for line in self.lines if self.covers(lever, self.lane_of(line)))

    def covers(self, lever: Any, lane: LaneKey) -> bool:
        """Whether a restriction is about a lane."""
        seller, buyer, form, product = lane
        site = self.world.sites.get(buyer)
        to = {site.country, site.region} if site else {self.region[buyer]}
        if self.world.sites[seller].country != lever.exporter or lever.exporter in to:
            return False
        if lever.destinations and not to & set(lever.destinations):
            return False
        if lever.forms and form not in lever.forms:
            return False
        if lever.kind == "export_licence" and form not in self.licensed:
            return False
        listed = {e for name in lever.elements for e in self.world.groups.get(name, (name,))}
        return not listed or bool(self._essential(seller, form, product) & listed)

    def _essential(self, seller: str, form: str, product: str) -> set[str]:
        if product in self.world.recipes:
            parts = self.world.recipes[product].ingredients
            return {i.element for i in parts if i.role == "essential"}
        site = self.world.sites[seller]
        if product:
            return {product}
        if site.basket:
            return {e for e, share in site.basket.items() if share > 0}
        rest = set(self.elements) - set(site.can_separate)
        return rest if form == self.world.mixed_form else set(self.elements)

    def _connect(self) -> None:
        world = self.world
        flows: dict[LaneKey, float] = defaultdict(float)
        for f in world.flows:
            flows[f.seller, f.buyer, f.form, f.product] += f.t_per_year / 365
        used, made = defaultdict(set), defaultdict(set)
        for seller, buyer, form, product in flows:
            used[buyer, form].add(product)
            made[seller, form].add(product)
        for (seller, form), products in made.items():
            if form not in self.aside:
                self.makes[seller] = form
                site = world.sites[seller]
                products |= set(site.products) | set(site.can_separate)
        # Partners trade whatever the one can make and the other uses.
        lanes = set(flows)
        for seller, buyer, form in {key[:3] for key in flows}:
            if world.links[seller, buyer, form].qualified:
                lanes |= {(seller, buyer, form, p) for p in made[seller, form] & used[buyer, form]}
        for (seller, form), products in made.items():
            for p in products:
                self._item(seller, form, p)
        for site in world.sites.values():
            if site.stage == "separation":
                self._item(site.id, world.mixed_form, "")
        split = self._told_apart(lanes)
        for lane in sorted(lanes):
            self._lane(lane, flows[lane], split)

    def _store(self, form: str, product: str) -> Store:
        return Store(self.env, [product] if self.kinds[form] == "elements" else self.elements)

    def _item(self, place: str, form: str, product: str) -> Item:
        key = (place, form, product)
        if key not in self.items:
            self.items[key] = Item(*key, self._store(form, product))
            self.items_of[place].append(self.items[key])
        return self.items[key]

    def _told_apart(self, lanes: Iterable[LaneKey]) -> set[tuple[str, str, str]]:
        """Holdings split over end users: at an end use what a licence ever covers, at a maker all inputs."""
        found = set()
        licences = [x for x in self.levers if x.kind == "export_licence"]
        for said in (version for lever in licences for version in versions(lever)):
            for lane in lanes:
                _, buyer, form, product = lane
                if not self.covers(said, lane) or buyer not in self.world.end_users:
                    continue
                if buyer in self.region:
                    found.add((buyer, form, product))
                elif self.world.sites[buyer].stage not in ("separation", "recycling"):
                    found |= {(b, f, p) for _, b, f, p in lanes if b == buyer}
        return found

    def _lane(self, lane: LaneKey, rate: float, split: set[tuple[str, str, str]]) -> None:
        seller, buyer, form, product = lane
        link = self.world.links[seller, buyer, form]
        apart = (buyer, form, product) in split
        shares = self.world.end_users[buyer].shares if apart else (1.0,)
        covers = {(c.place, c.form, c.element): c.days for c in self.world.covers}
        cover = covers.get((buyer, form, product), covers.get((buyer, form, ""), 0.0))
        for user, share in enumerate(shares):
            key = (buyer, form, product, user)
            if key not in self.holdings:
                store = self._store(form, product)
                self.holdings[key] = Holding(*key, share, cover, store)
                self.holdings_of[buyer, user].append(self.holdings[key])
            line = Line(
                item=self._item(seller, form, product),
                holding=self.holdings[key],
                rate=rate * share,
                link=link,
                pushed=form in self.aside,
            )
            line.item.lines.append(line)
            line.item.sales += line.rate
            line.holding.lines.append(line)
            line.holding.use += line.rate
            self.lines.append(line)
