"""What a world has names for, each name with a word on what it stands for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from sim.lever import families_of, listed
from sim.world.world import Corridor, Demand, Element, Site, World

Names = Mapping[str, str]
"""Name as people write it -> what it stands for."""


def _elements(world: World) -> Names:
    return {element.symbol: _element(element) for element in world.elements}


def _element(element: Element) -> str:
    return f"{element.name} ({element.family})" if element.family else element.name


def _groups(world: World) -> Names:
    together = dict(world.groups) | families_of(world)
    return {group: listed(members) for group, members in together.items()}


def _regions(world: World) -> Names:
    return {region.id: region.name for region in world.regions.values()}


def _countries(world: World) -> Names:
    return {
        country.id: country.name
        if country.standalone or country.region == country.id
        else f"{country.name} (in {country.region})"
        for country in world.countries.values()
    }


def _stages(world: World) -> Names:
    """Those that are simulated, in the order of the chain."""
    count = Counter(site.stage for site in world.sites.values())
    return {stage: f"{count[stage]} sites" for stage in world.stages}


def _sites(world: World) -> Names:
    return {site.id: _site(site) for site in world.sites.values()}


def _site(site: Site) -> str:
    return f"{site.name}, {site.country}, {site.stage}, {site.status}"


def _end_uses(world: World) -> Names:
    return {need.node: _end_use(need, world) for need in world.demand}


def _end_use(need: Demand, world: World) -> str:
    return f"{world.sectors[need.sector].name} in {world.regions[need.region].name}"


def _corridors(world: World) -> Names:
    return {corridor.id: _corridor(corridor) for corridor in world.corridors.values()}


def _corridor(corridor: Corridor) -> str:
    legs = ", ".join(leg.name for leg in corridor.legs)
    return f"{corridor.name}; legs: {legs}" if legs else corridor.name


def _legs(world: World) -> Names:
    corridors: dict[str, list[str]] = {}
    for corridor in world.corridors.values():
        for leg in corridor.legs:
            corridors.setdefault(leg.name, []).append(corridor.id)
    return {leg: f"leg of {', '.join(ids)}" for leg, ids in corridors.items()}


def _stockpiles(world: World) -> Names:
    return {
        pile.id: f"{world.regions[pile.region].name}, {pile.form}, {pile.t:,.0f} t"
        if pile.region in world.regions
        else f"{pile.region}, {pile.form}, {pile.t:,.0f} t"
        for pile in world.stockpiles.values()
    }


def _classes(world: World) -> Names:
    """Priority classes, the first served first, each with its sectors."""
    sectors: dict[str, list[str]] = {name: [] for name in world.priority_classes}
    for sector in world.sectors.values():
        sectors[sector.priority_class].append(sector.id)
    return {name: listed(ids) if ids else "no sector" for name, ids in sectors.items()}


THINGS: Mapping[str, Callable[[World], Names]] = {
    "elements": _elements,
    "groups": _groups,
    "forms": lambda world: {form.id: form.name for form in world.forms},
    "products": lambda world: {each.id: f"{each.name} ({each.form})" for each in world.products},
    "sectors": lambda world: {s.id: f"{s.name} ({s.form})" for s in world.sectors.values()},
    "regions": _regions,
    "countries": _countries,
    "stages": _stages,
    "sites": _sites,
    "end uses": _end_uses,
    "corridors": _corridors,
    "legs": _legs,
    "stockpiles": _stockpiles,
    "classes": _classes,
}
"""Plural of a kind of thing -> its names in a world."""

_ODD = {"countries": "country", "end uses": "end use", "classes": "class"}
SINGULAR: Mapping[str, str] = {
    things: _ODD.get(things, things.removesuffix("s")) for things in THINGS
}
"""Plural -> singular, which is also how a field for one of them is called."""


def all_names(world: World) -> dict[str, str]:
    """Every name of the world; where two kinds share a name, the first says what it is."""
    found: dict[str, str] = {}
    for names in THINGS.values():
        for name, meaning in names(world).items():
            found.setdefault(name, meaning)
    return found
