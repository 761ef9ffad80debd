"""Mines, plants and makers: what they make at a review, and of what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import ceil
from typing import Any

from benchmarks.naive.goods import (
    NOTHING,
    PRESSING,
    Blend,
    Holding,
    Item,
    Line,
    merged,
    rationed,
    scaled,
)
from benchmarks.naive.market import Market

Mixtures = dict[tuple[str, str, str], Blend]
"""Place, form, product -> what a tonne of it is made of under the plan."""
Output = list[tuple[Item, Blend]]


class Production:
    """What sites do with their own stocks."""

    def __init__(self, market: Market, span: float) -> None:
        self.market, self.world, self.span = market, market.world, span
        self.items, self.items_of = market.items, market.items_of
        self.holdings_of, self.group = market.holdings_of, market.group

    def dig(self, mine: str) -> Output:
        """Dig; the ore is there at once, so nothing comes out later."""
        site = self.world.sites[mine]
        (ore,) = self.items_of[mine]
        plan = site.output_t_per_year / 365
        pressed = any(
            self.pressed(item)
            for line in ore.lines
            for item in self.items_of[line.holding.place]
            if item.product in site.drivers
        )
        rate = max(site.capacity_t_per_year / 365, plan) if pressed else plan
        room = max(0.0, site.storage_days * plan - ore.store.level)
        ore.store.put(scaled(dict(site.basket), min(rate * self.span, room)))
        return []

    def pressed(self, item: Item) -> bool:
        """Whether more of it is on order and unmet than rounding."""
        return item.unmet > PRESSING * item.sales * self.span

    def feed(self, plant: str) -> Output:
        """Start a review's feed; returns what comes out of it."""
        speed = self._speed(plant)
        held = self.holdings_of[plant, 0]
        runs = []
        for h in held:
            planned = h.use * self.span
            above = max(0.0, h.store.level - planned - h.cover * h.use)
            wanted = (planned + (above if speed >= 1 else 0.0)) * speed
            runs.append(min(wanted, h.store.level))
        runs = rationed(runs, self.feed_capacity(plant) * self.span)
        fed = {h.form: h.store.take(t) for h, t in zip(held, runs, strict=True)}
        return self._separated(plant, fed)

    def feed_capacity(self, plant: str) -> float:
        site = self.world.sites[plant]
        per_feed = site.recovery.get("*", 1.0) if site.stage == "recycling" else 1.0
        return site.capacity_t_per_year / 365 / per_feed

    def _separated(self, plant: str, fed: dict[str, Blend]) -> Output:
        """What comes out of a feed [form -> blend]: elements it can split, the rest as mixed concentrate."""
        site = self.world.sites[plant]
        won: Blend = defaultdict(float)
        for form, blend in fed.items():
            for e, t in blend.items():
                keys = (f"{form}:{e}", form, "*")
                won[e] += t * next((site.recovery[k] for k in keys if k in site.recovery), 1.0)
        out = []
        for e in site.can_separate:
            out.append((self.items[plant, self.market.makes[plant], e], {e: won[e]}))
        mixed = self.items.get((plant, self.world.mixed_form, ""))
        if mixed is not None:
            out.append((mixed, {e: t for e, t in won.items() if e not in site.can_separate}))
        return out

    def driver_groups(self, plant: str) -> list[list[Item]]:
        groups: dict[str, list[Item]] = defaultdict(list)
        for e in self.world.sites[plant].drivers:
            item = self.items.get((plant, self.market.makes[plant], e))
            if item is not None:
                groups[self.group.get(e, e)].append(item)
        return list(groups.values())

    def _speed(self, plant: str) -> float:
        excess = []
        days = self.world.defaults.producer_stock_days
        for members in self.driver_groups(plant):
            sales = sum(item.sales for item in members)
            above = sum(max(0.0, i.store.level - i.sales * days) for i in members)
            if sales > 0:
                excess.append(above / sales)
        slack = self.world.sites[plant].driver_slack_days
        return min(1.0, max(0.0, 2.0 - min(excess) / slack)) if excess else 1.0

    def make(self, maker: str) -> Output:
        """Start a review's batches; returns what comes out of them."""
        site = self.world.sites[maker]
        wishes = {}
        for item in self.market.made(maker):
            level = item.sales * (self.span + ceil(site.processing_days))
            level += item.sales * self.world.defaults.producer_stock_days + item.unmet
            wishes[item] = max(0.0, level - item.store.level - item.in_process)
        out: dict[Item, list[Blend]] = defaultdict(list)
        for user in sorted({h.user for h in self.market.all_held(maker)}):
            for item, blend in self._user_makes(maker, user, wishes):
                out[item].append(blend)
        return [(item, merged(blends)) for item, blends in out.items()]

    def _user_makes(self, maker: str, user: int, wishes: dict[Item, float]) -> Output:
        """One user's part, from its own ingredients, as far as the scarcest and the capacity go."""
        site = self.world.sites[maker]
        held = self.holdings_of[maker, user]
        share, recovery = held[0].share, site.recovery.get("*", 1.0)
        pools: dict[str, list[Holding]] = defaultdict(list)
        for h in held:
            pools[self.group.get(h.product, h.product)].append(h)
        have: Blend = defaultdict(float)
        for pool, members in pools.items():
            have[pool] = sum(h.store.level for h in members) * recovery
        recipes = {item: self._recipe(item.product) for item in wishes}
        made = self._as_ingredients_allow(
            {item: wish * share for item, wish in wishes.items()}, recipes, have
        )
        limit = site.capacity_t_per_year / 365 * share * self.span
        made = dict(zip(made, rationed(list(made.values()), limit), strict=True))
        parts = self._with_fillers_replaced(made, recipes, have)
        return self._drawn(maker, pools, parts, recovery)

    def _recipe(self, product: str) -> list[tuple[str, float, str]]:
        """(pool, share, pool that takes a filler's place or nothing)"""
        known = self.world.recipes.get(product)
        if known is None:
            return [(self.group.get(product, product), 1.0, "")]
        return [
            (self.group.get(i.element, i.element), i.share, i.replaced_by)
            for i in known.ingredients
        ]

    def _as_ingredients_allow(
        self, wishes: dict[Item, float], recipes: dict[Item, Any], have: Blend
    ) -> dict[Item, float]:
        need: Blend = defaultdict(float)
        for item, wish in wishes.items():
            for pool, share, filler in recipes[item]:
                if not filler:
                    need[pool] += wish * share
        allowed = {p: min(1.0, have[p] / t) if t > 0 else 1.0 for p, t in need.items()}
        return {
            item: wish * min(allowed[p] for p, _, filler in recipes[item] if not filler)
            for item, wish in wishes.items()
        }

    def _with_fillers_replaced(
        self, made: dict[Item, float], recipes: dict[Item, Any], have: Blend
    ) -> dict[Item, Blend]:
        """[product -> pool -> t]; if that overdraws a pool, all grades that it goes into shrink alike."""
        need = merged({p: made[i] * x} for i in made for p, x, _ in recipes[i])
        got = {p: min(1.0, have[p] / t) if t > 0 else 1.0 for p, t in need.items()}
        parts: dict[Item, Blend] = {}
        for item, t in made.items():
            parts[item] = defaultdict(float)
            for pool, share, other in recipes[item]:
                kept = got[pool] if other else 1.0
                parts[item][pool] += t * share * kept
                if other:
                    parts[item][other] += t * share * (1 - kept)
        asked, need = need, merged(parts.values())
        room = {
            p: min(1.0, have[p] / t) if t > NOTHING * asked.get(p, 0.0) else 1.0
            for p, t in need.items()
        }
        return {
            item: scaled(blend, min([1.0, *(room[p] for p, t in blend.items() if t > 0)]))
            for item, blend in parts.items()
        }

    def _drawn(
        self,
        maker: str,
        pools: dict[str, list[Holding]],
        parts: dict[Item, Blend],
        recovery: float,
    ) -> Output:
        """Take ingredients, members of a pool in proportion to what there is of each; make goods of them."""
        need = merged(parts.values())
        drawn: dict[str, Blend] = {}
        for pool, t in need.items():
            total = sum(h.store.level for h in pools[pool])
            drawn[pool] = {}
            for h in pools[pool]:
                part = h.store.level / total if total > 0 else 0.0
                drawn[pool][h.product] = sum(h.store.take(t / recovery * part).values())
        content = {
            item: merged(
                scaled(drawn[pool], t / need[pool]) for pool, t in blend.items() if need[pool] > 0
            )
            for item, blend in parts.items()
        }
        out = [(item, scaled(blend, recovery)) for item, blend in content.items()]
        if (
            self.market.kinds[self.market.makes[maker]] == "elements"
        ):  # a metal is what it was made of
            total_out = merged(blend for _, blend in out)
            form = self.market.makes[maker]
            out = [(self.items[maker, form, e], {e: t}) for e, t in total_out.items()]
        scrap = self.items.get((maker, self.world.scrap_form, ""))
        if scrap is not None:
            used = merged(content.values())
            out.append((scrap, scaled(used, self.world.sites[maker].swarf_share)))
        return out

    def planned_output(self, place: str, mixture: Mixtures) -> Output:
        """A review's planned feed, or planned sales, as it leaves the place."""
        site = self.world.sites[place]
        if site.stage in ("separation", "recycling"):
            fed = {
                h.form: scaled(self.flowing_in(h.lines, mixture), h.use * self.span)
                for h in self.holdings_of[place, 0]
            }
            return self._separated(place, fed)
        out = [
            (item, scaled(mixture[place, item.form, item.product], item.sales * self.span))
            for item in self.market.made(place)
        ]
        used = scaled(merged(blend for _, blend in out), 1 / site.recovery.get("*", 1.0))
        scrap = self.items.get((place, self.world.scrap_form, ""))
        return out + ([(scrap, scaled(used, site.swarf_share))] if scrap else [])

    def planned_mixtures(self) -> Mixtures:
        """What a tonne of each item is made of: ore, an element, a recipe, scrap, the rest of a plant."""
        out: Mixtures = {}
        for key, item in self.items.items():
            site = self.world.sites[item.place]
            if site.stage == "mine":
                out[key] = dict(site.basket)
            elif item.product in self.world.recipes:
                parts = self.world.recipes[item.product].ingredients
                out[key] = {part.element: part.share for part in parts}
            elif item.form == self.world.scrap_form:
                grades = [self.world.recipes[g].ingredients for g in site.products]
                blend = merged({i.element: i.share} for parts in grades for i in parts)
                out[key] = scaled(blend, 1 / sum(blend.values()))
            else:
                out[key] = {item.product: 1.0} if item.product else {}
        for _ in range(2):  # the second time for plants that take mixed concentrate from plants
            known = dict(out)
            for key, item in self.items.items():
                if item.form == self.world.mixed_form:
                    fed = {
                        h.form: scaled(self.flowing_in(h.lines, known), h.use)
                        for h in self.holdings_of[item.place, 0]
                    }
                    rest = next(b for i, b in self._separated(item.place, fed) if i is item)
                    total = sum(rest.values())
                    out[key] = scaled(rest, 1 / total) if total > 0 else {}
        return out

    def flowing_in(self, lines: Sequence[Line], mixture: Mixtures) -> Blend:
        parts = merged(
            scaled(mixture[x.item.place, x.item.form, x.item.product], x.rate) for x in lines
        )
        total = sum(parts.values())
        return scaled(parts, 1 / total) if total > 0 else {}
