"""Small worlds for closed-form tests, built in Python so that each number stands beside its test."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from math import inf, nan
from typing import Any

import pandas as pd

from sim.engine.records import Records
from sim.world.world import (
    Corridor,
    Country,
    Cover,
    Defaults,
    Demand,
    Element,
    EndUsers,
    Flow,
    Form,
    Holidays,
    Ingredient,
    Leg,
    LicenceOffice,
    Link,
    Product,
    Recipe,
    Region,
    Sector,
    Site,
    Stockpile,
    World,
)

ELEMENTS = ("Xa", "Yb2", "Zc")
OFFICE = LicenceOffice(10, 2.0, 63.0, 28.0, 126.0, 1.0, 0.0, 0.0, 90.0, 180.0, 1.0, "refuse")


def site(name: str, country: str, stage: str, **settings: Any) -> Site:
    """A site with nothing special about it."""
    region = settings.pop("region", country)
    plain: dict[str, Any] = {
        "id": name,
        "name": name,
        "country": country,
        "region": region,
        "stage": stage,
        "status": "operating",
        "plan": "own",
        "output_t_per_year": 0.0,
        "capacity_t_per_year": 0.0,
        "growth_per_year": 0.0,
        "processing_days": 0.0,
        "recovery": {},
        "can_separate": (),
        "drivers": (),
        "driver_slack_days": 90.0,
        "storage_days": inf,
        "basket": {},
        "products": (),
        "swarf_share": 0.0,
        "planned_capacity_t_per_year": 0.0,
        "earliest_start": nan,
        "ramp_years": 0.0,
        "ramp_cap": 1.0,
        "success": 1.0,
        "sells_to": {},
        "sells_to_sites": {},
        "feed_from": (),
        "mixed_goes_to": "",
    }
    return Site(**(plain | settings))


def link(seller: str, buyer: str, form: str, days: float, **settings: Any) -> Link:
    """A qualified lane."""
    plain: dict[str, Any] = {
        "seller": seller,
        "buyer": buyer,
        "form": form,
        "transit_days": days,
        "corridor": "",
        "route": "sea",
        "states_crossed": (),
        "qualified": True,
        "requalification_days": 0.0,
        "planned_full_t_per_year": 0.0,
    }
    return Link(**(plain | settings))


@dataclass
class Builder:
    """Collects the parts of a world."""

    sites: list[Site] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    demand: list[Demand] = field(default_factory=list)
    covers: list[Cover] = field(default_factory=list)
    recipes: dict[str, Recipe] = field(default_factory=dict)
    end_users: dict[str, EndUsers] = field(default_factory=dict)
    sectors: dict[str, Sector] = field(default_factory=dict)

    def world(self, **settings: Any) -> World:
        """The world; `settings` replace its fields."""
        products = [Product(e, "oxide", e, None) for e in ELEMENTS]
        products += [Product(g, "magnet", g, 0.36) for g in self.recipes]
        countries = sorted({s.country for s in self.sites} | {d.region for d in self.demand})
        world = World(
            id="test",
            title="Test",
            base_year=2024,
            basis="t",
            content_hash="0",
            stages=("mine", "separation", "metal", "magnet"),
            elements=tuple(Element(e, e, "light", 10.0) for e in ELEMENTS),
            groups={},
            forms=(
                Form("concentrate", "concentrate", 1, "blend", ""),
                Form("mixed", "mixed concentrate", 2, "blend", ""),
                Form("oxide", "oxide", 3, "elements", "oxide", "if_dear"),
                Form("metal", "metal", 4, "elements", "oxide", "always"),
                Form("magnet", "magnet", 5, "blend", "magnet", "always"),
                Form("swarf", "swarf", 6, "blend", ""),
            ),
            mixed_form="mixed",
            scrap_form="swarf",
            products=tuple(products),
            recipes=self.recipes,
            countries={c: Country(c, c, c, True) for c in countries},
            regions={c: Region(c, c) for c in countries},
            sectors=self.sectors,
            sites={s.id: s for s in sorted(self.sites, key=lambda s: s.id)},
            demand=tuple(self.demand),
            flows=tuple(self.flows),
            links={(x.seller, x.buyer, x.form): x for x in self.links},
            corridors={},
            covers=tuple(self.covers),
            stockpiles={},
            end_users=self.end_users,
            licence_office=OFFICE,
            holidays={"*": Holidays(frozenset(), (), 0.0)},
            defaults=Defaults(14.0, 0.6, 90.0, 90.0, 0.3, 0.1, {}, 0.1),
            targets=(),
            sources={},
            rows=(),
        )
        return replace(world, **settings)


def sector(name: str, form: str, growth: float = 0.0) -> Sector:
    """An end use."""
    return Sector(name, name, form, growth, name, "other")


def line_world(
    *, cover: float = 100.0, transit: float = 30.0, second: bool = False, users: int = 0
) -> World:
    """AAA mines and separates 3,650 t/yr of one ore; sector `use` in EEE needs its oxides, 10 t/day.

    With `second`, 4 of the 10 t/day come from BBB, 20 days away. The ore is 60 % Xa, 40 % Zc.
    """
    b = Builder()
    b.sectors = {"use": sector("use", "oxide")}
    share = {"Xa": 0.6, "Zc": 0.4}
    split = {"AAA": 0.6 if second else 1.0} | ({"BBB": 0.4} if second else {})
    days = {"AAA": transit, "BBB": 20.0}
    for country, part in split.items():
        t = 3650.0 * part
        mine, plant = f"mine_{country.lower()}", f"sep_{country.lower()}"
        b.sites += [
            site(mine, country, "mine", output_t_per_year=t, capacity_t_per_year=t, basket=share),
            site(
                plant,
                country,
                "separation",
                output_t_per_year=t,
                capacity_t_per_year=t,
                processing_days=14.0,
                can_separate=("Xa", "Zc"),
            ),
        ]
        b.links += [
            link(mine, plant, "concentrate", 1.0),
            link(plant, "use_use_eee", "oxide", days[country]),
        ]
        b.flows += [Flow(mine, plant, "concentrate", "", t)]
        b.flows += [Flow(plant, "use_use_eee", "oxide", e, t * s) for e, s in share.items()]
        b.covers += [Cover(plant, "concentrate", "", 14.0)]
    b.demand = [Demand("use", "EEE", e, 3650.0 * s) for e, s in share.items()]
    b.covers += [Cover("use_use_eee", "oxide", "", cover)]
    if users:
        shares = tuple([1 / users] * users)
        b.end_users = {"use_use_eee": EndUsers("use_use_eee", shares, (False,) * users)}
    return b.world()


def corridor_world(
    *, next_days: float | None = None, cover: float = 14.0, **settings: Any
) -> World:
    """The line world with its sea lane on corridor `pass`, and `detour` behind it where wanted."""
    world = line_world(cover=cover, **settings)
    key = ("sep_aaa", "use_use_eee", "oxide")
    lane = replace(world.links[key], corridor="pass")
    if next_days is not None:
        lane = replace(lane, next_corridor="detour", next_transit_days=next_days)
    legs = (Leg("up", "rail", 10.0, inf, 0.0), Leg("down", "rail", 20.0, inf, 0.0))
    corridors = {
        "pass": Corridor("pass", "The pass", legs, ()),
        "detour": Corridor("detour", "The detour", (Leg("long", "rail", 45.0, inf, 0.0),), ()),
    }
    stockpiles = {"stockpile_eee": Stockpile("stockpile_eee", "EEE", "oxide", 300.0)}
    return replace(
        world, links={**world.links, key: lane}, corridors=corridors, stockpiles=stockpiles
    )


STARTS, ENDS = date(2025, 1, 1), date(2027, 1, 1)
_ = Ingredient


def on(day: int) -> date:
    """Date of a day of the run."""
    return STARTS + timedelta(days=day)


def made(records: Records, site: str) -> pd.Series:
    """Month -> t that came out of a site."""
    own = records.production[records.production["site"] == site]
    return own.groupby("month", observed=True)["output_t"].sum()
