"""A small trading world in which every rule of the engine has something to do.

Two light ores and a heavy one, separation in two countries with mixed concentrate that travels on, metal
and magnets made to recipes in two countries, scrap that is won back, end uses in three regions, and a
corridor with a narrow leg. Everybody has a second supplier. The base year is balanced by construction:
final use sets what makers need, mines are sized so that plants put out a little more than they sell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import inf

from sim.world.world import (
    Corridor,
    Cover,
    Demand,
    Element,
    EndUsers,
    Flow,
    Holidays,
    Ingredient,
    Leg,
    Product,
    Recipe,
    World,
)
from tests.worlds import Builder, link, sector, site

Blend = dict[str, float]

ELEMENTS = ("Xa", "Xb", "Hv", "Fi")
DRIVERS = ("Xa", "Xb")
"""Stand in for one another; `Hv` is essential for hot magnets, `Fi` fills cool ones."""
GRADES = {
    "cool": {"Xa": 0.60, "Xb": 0.22, "Fi": 0.18},
    "hot": {"Xa": 0.58, "Xb": 0.22, "Hv": 0.06, "Fi": 0.14},
}
ORES = {
    "mine_a": {"Xa": 0.48, "Xb": 0.19, "Hv": 0.008, "Fi": 0.322},
    "mine_b": {"Xa": 0.52, "Xb": 0.18, "Hv": 0.012, "Fi": 0.288},
    "mine_h": {"Xa": 0.30, "Xb": 0.10, "Hv": 0.35, "Fi": 0.25},
}
USES = {
    ("gadgets", "AAA", "cool"): 600.0,
    ("gadgets", "BBB", "cool"): 300.0,
    ("gadgets", "CCC", "cool"): 400.0,
    ("motors", "AAA", "hot"): 400.0,
    ("motors", "BBB", "hot"): 200.0,
    ("motors", "CCC", "hot"): 300.0,
    ("glass", "AAA", "Fi"): 120.0,
    ("glass", "BBB", "Fi"): 90.0,
    ("glass", "CCC", "Fi"): 60.0,
    ("optics", "BBB", "Xa"): 50.0,
    ("optics", "CCC", "Xa"): 80.0,
    ("lamps", "CCC", "Hv"): 9.0,
}
MAGNETS_FROM_A = {"AAA": 0.9, "BBB": 0.5, "CCC": 0.8}
METAL_FROM_A = {"magnet_a": 0.9, "magnet_b": 0.6}
METAL_YIELD, MAGNET_YIELD, SWARF = 0.95, 0.75, 0.2
RECOVERY = {"sep_a": 0.92, "sep_b": 0.88, "sep_h": 0.95, "hv_b": 0.9, "recycle_a": 0.9}
CAN_SPLIT = {
    "sep_a": ("Xa", "Xb", "Fi"),
    "sep_b": ("Xa", "Xb", "Fi"),
    "sep_h": ELEMENTS,
    "hv_b": ELEMENTS,
    "recycle_a": ("Xa", "Xb", "Hv"),
}
MIXED_TO = {"sep_a": "sep_h", "sep_b": "hv_b"}
TRANSIT = {
    "AAA": {"AAA": 3.0, "BBB": 18.0, "CCC": 30.0},
    "BBB": {"AAA": 18.0, "BBB": 2.0, "CCC": 24.0},
}
CAPACITY = 1.3
"""Makers and plants can do this many times their planned output."""


def country(place: str) -> str:
    """The letter that ends a site's name stands for its country; heavy plants of AAA end in `h`."""
    return "BBB" if place.split("_")[1].startswith("b") else "AAA"


def scaled(blend: Mapping[str, float], factor: float) -> Blend:
    return {e: t * factor for e, t in blend.items()}


def added(blends: Iterable[Mapping[str, float]]) -> Blend:
    total = dict.fromkeys(ELEMENTS, 0.0)
    for blend in blends:
        for e, t in blend.items():
            total[e] += t
    return total


@dataclass
class Balance:
    """The base year: what final use needs, back to the ore, t a year."""

    magnets: dict[tuple[str, str, str], float] = field(default_factory=dict)
    """maker, node, grade"""
    metal: dict[tuple[str, str], Blend] = field(default_factory=dict)
    """seller, magnet maker"""
    oxide_needs: dict[str, Blend] = field(default_factory=dict)
    """by buyer"""
    scrap: dict[str, Blend] = field(default_factory=dict)
    ore: dict[str, float] = field(default_factory=dict)
    feed: dict[tuple[str, str, str], Blend] = field(default_factory=dict)
    """seller, plant, form"""
    put_out: dict[str, Blend] = field(default_factory=dict)
    """oxide by plant"""

    @classmethod
    def of_use(cls) -> Balance:
        balance = cls()
        balance._make()
        balance._dig()
        return balance

    def _make(self) -> None:
        for (use, region, product), t in USES.items():
            node = f"use_{use}_{region}".lower()
            if product in GRADES:
                from_a = MAGNETS_FROM_A[region]
                self.magnets["magnet_a", node, product] = t * from_a
                self.magnets["magnet_b", node, product] = t * (1 - from_a)
            else:
                self.oxide_needs[node] = {product: t}
        for maker, from_a in METAL_FROM_A.items():
            put_out = added(
                scaled(GRADES[g], t) for (m, _, g), t in self.magnets.items() if m == maker
            )
            ingredients = scaled(put_out, 1 / MAGNET_YIELD)
            self.scrap[maker] = scaled(ingredients, SWARF)
            self.metal["metal_a", maker] = scaled(ingredients, from_a)
            self.metal["metal_b", maker] = scaled(ingredients, 1 - from_a)
        for maker in ("metal_a", "metal_b"):
            sold = added(b for (seller, _), b in self.metal.items() if seller == maker)
            self.oxide_needs[maker] = scaled(sold, 1 / METAL_YIELD)

    def _dig(self) -> None:
        """Light ore for the light elements, then heavy ore for `Hv`, twice since each gives both."""
        need = added(self.oxide_needs.values())
        self.ore = {"mine_a": 1000.0, "mine_b": 400.0, "mine_h": 50.0}
        self._separate()
        for _ in range(60):
            got = added(self.put_out.values())
            light = max(need[e] / got[e] for e in DRIVERS)
            heavy = need["Hv"] / got["Hv"]
            self.ore["mine_a"] *= light * 1.005
            self.ore["mine_b"] *= light * 1.005
            self.ore["mine_h"] *= heavy * 1.02
            self._separate()

    def _separate(self) -> None:
        ore = {m: scaled(ORES[m], t) for m, t in self.ore.items()}
        self.feed = {
            ("mine_a", "sep_a", "concentrate"): ore["mine_a"],
            ("mine_b", "sep_b", "concentrate"): ore["mine_b"],
            ("mine_h", "sep_h", "concentrate"): ore["mine_h"],
        }
        self.feed |= {(m, "recycle_a", "swarf"): blend for m, blend in self.scrap.items()}
        for plant, heavy in MIXED_TO.items():
            self.feed[plant, heavy, "mixed"] = self._split(plant)
        for plant in ("sep_h", "hv_b", "recycle_a"):
            self._split(plant)

    def _split(self, plant: str) -> Blend:
        fed = added(b for (_, buyer, _), b in self.feed.items() if buyer == plant)
        recovered = scaled(fed, RECOVERY[plant])
        self.put_out[plant] = {e: recovered[e] for e in CAN_SPLIT[plant]}
        return {e: t for e, t in recovered.items() if e not in CAN_SPLIT[plant]}

    def oxide(self) -> dict[tuple[str, str, str], float]:
        """Each buyer buys from all plants in proportion to what they put out."""
        flows = {}
        for buyer, need in self.oxide_needs.items():
            for e, t in need.items():
                total = sum(out.get(e, 0.0) for out in self.put_out.values())
                for plant, out in self.put_out.items():
                    if t > 0 and out.get(e, 0.0) > 0:
                        flows[plant, buyer, e] = t * out[e] / total
        return flows


def trade_world(copies: int = 1) -> World:
    """The world, or several of it side by side under names of their own that trade with none but theirs."""
    b = Builder()
    for number in range(copies):
        _add_copy(b, "" if number == 0 else f"_{number}")
    kinds = {"Hv": "heavy"}
    world = b.world(
        elements=tuple(Element(e, e, kinds.get(e, "light"), 10.0) for e in ELEMENTS),
        groups={"X": DRIVERS},
        products=(
            *(Product(e, "oxide", e, None) for e in ELEMENTS),
            *(Product(g, "magnet", g, 0.36) for g in GRADES),
        ),
        holidays={"*": Holidays(frozenset(), (2024, 2025, 2026, 2027, 2028), 0.0)},
    )
    legs = (
        Leg("to the pass", "rail", 8.0, inf, 0.0),
        Leg("the pass", "road", 4.0, 30.0 * copies, 0.0),
        Leg("from the pass", "rail", 18.0, inf, 0.0),
    )
    around = Leg("around the cape", "sea", 80.0, inf, 0.0)
    corridors = {
        "pass": Corridor("pass", "the pass", legs, ("DDD",)),
        "cape": Corridor("cape", "the cape", (around,), ()),
    }
    return replace(world, corridors=corridors)


def tagged(place: str, tag: str) -> str:
    """A site's or end use's name in one of the copies; an end use keeps its region at the end."""
    if place.startswith("use_"):
        return f"{place[:-4]}{tag}{place[-4:]}"
    return place + tag


def _add_copy(b: Builder, tag: str) -> None:
    balance = Balance.of_use()
    b.recipes = {g: _recipe(g) for g in GRADES}
    flows = _flows(balance)
    _add_sites(b, balance, flows, tag)
    for (seller, buyer, form, product), t in flows.items():
        b.flows.append(Flow(tagged(seller, tag), tagged(buyer, tag), form, product, t))
    for seller, buyer, form in sorted({key[:3] for key in flows}):
        to = buyer[-3:].upper() if buyer.startswith("use_") else country(buyer)
        days = TRANSIT[country(seller)][to]
        way: dict[str, str | float] = {}
        if (country(seller), to) == ("AAA", "CCC"):  # the only other way is for oxide
            way = {"corridor": "pass"}
            if form == "oxide":
                way |= {"next_corridor": "cape", "next_transit_days": 80.0}
        b.links.append(link(tagged(seller, tag), tagged(buyer, tag), form, days, **way))
    _add_uses(b, tag)


def _recipe(grade: str) -> Recipe:
    return Recipe(
        grade,
        tuple(
            Ingredient(e, share, "filler" if e == "Fi" else "essential", "X" if e == "Fi" else "")
            for e, share in GRADES[grade].items()
        ),
    )


def _flows(balance: Balance) -> dict[tuple[str, str, str, str], float]:
    flows: dict[tuple[str, str, str, str], float] = {}
    for (seller, plant, form), blend in balance.feed.items():
        flows[seller, plant, form, ""] = sum(blend.values())
    for (plant, buyer, e), t in balance.oxide().items():
        flows[plant, buyer, "oxide", e] = t
    for (seller, maker), blend in balance.metal.items():
        flows |= {(seller, maker, "metal", e): t for e, t in blend.items() if t > 0}
    for (maker, node, grade), t in balance.magnets.items():
        flows[maker, node, "magnet", grade] = t
    return flows


def _add_sites(
    b: Builder, balance: Balance, flows: Mapping[tuple[str, str, str, str], float], tag: str
) -> None:
    for mine, t in balance.ore.items():
        drivers = ("Hv",) if mine == "mine_h" else DRIVERS
        b.sites.append(
            site(mine + tag, country(mine), "mine", output_t_per_year=t, basket=ORES[mine],
                 capacity_t_per_year=t * 1.2, drivers=drivers, storage_days=45.0)
        )  # fmt: skip
    for plant, put_out in balance.put_out.items():
        fed = sum(sum(x.values()) for (_, p, _), x in balance.feed.items() if p == plant)
        scrap = plant == "recycle_a"
        t = sum(put_out.values()) if scrap else fed
        b.sites.append(
            site(plant + tag, country(plant), "recycling" if scrap else "separation",
                 output_t_per_year=t, capacity_t_per_year=t * CAPACITY, processing_days=21.0,
                 recovery={"*": RECOVERY[plant]}, can_separate=CAN_SPLIT[plant],
                 drivers=() if scrap else ("Hv",) if plant == "hv_b" else DRIVERS,
                 driver_slack_days=20.0,
                 mixed_goes_to=MIXED_TO[plant] + tag if plant in MIXED_TO else "")
        )  # fmt: skip
        b.covers += [Cover(plant + tag, f, "", 21.0) for f in ("concentrate", "mixed", "swarf")]
    for maker, days in (("metal_a", 6.0), ("metal_b", 6.0), ("magnet_a", 16.0), ("magnet_b", 16.0)):
        t = sum(
            x for (seller, _, form, _), x in flows.items() if seller == maker and form != "swarf"
        )
        magnet = maker.startswith("magnet")
        b.sites.append(
            site(maker + tag, country(maker), "magnet" if magnet else "metal", processing_days=days,
                 output_t_per_year=t, capacity_t_per_year=t * CAPACITY,
                 recovery={"*": MAGNET_YIELD if magnet else METAL_YIELD},
                 products=tuple(GRADES) if magnet else (), swarf_share=SWARF if magnet else 0.0)
        )  # fmt: skip
    for place, form, element, days in (
        ("metal_a", "oxide", "", 15.0), ("metal_b", "oxide", "", 30.0), ("magnet_a", "metal", "", 15.0),
        ("magnet_b", "metal", "", 25.0), ("magnet_b", "metal", "Hv", 60.0),
    ):  # fmt: skip
        b.covers.append(Cover(place + tag, form, element, days))
    b.end_users[f"magnet_b{tag}"] = EndUsers(f"magnet_b{tag}", (0.6, 0.4), (False, False))


def _add_uses(b: Builder, tag: str) -> None:
    cover = {"AAA": 12.0, "BBB": 25.0, "CCC": 35.0}
    for (use, region, product), t in USES.items():
        form = "magnet" if product in GRADES else "oxide"
        name = use + tag
        b.sectors[name] = sector(name, form)
        node = f"use_{use}{tag}_{region}".lower()
        b.demand.append(Demand(name, region, product, t))
        b.covers.append(Cover(node, form, "", cover[region]))
        shares = (0.4, 0.3, 0.2, 0.1)
        b.end_users[node] = EndUsers(node, shares, (False, False, use == "motors", False))
