"""What is said of a name that cannot stand where it does: for each kind of name, which one may be meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

from sim.lever.naming import (
    families_of,
    full_names,
    misplaced,
    no_such,
    other_thing,
    place_meant,
    place_name,
)
from sim.lever.strict import fault
from sim.words.problems import list_names, nearest, quote, suggest
from sim.world.names import RECYCLING
from sim.world.places import USE, is_simulated, places_in
from sim.world.world import World


def elements(world: World) -> Collection[str]:
    """Elements, groups and families."""
    return [*world.groups, *families_of(world), *(element.symbol for element in world.elements)]


def no_element(name: str, world: World) -> PydanticCustomError:
    """Not an element, group or family."""
    symbols, known = [element.symbol for element in world.elements], elements(world)
    if name.casefold() in _EVERY_ELEMENT:
        return fault(
            f"{quote(name)} is no element",
            f"for every element write `all`; {list_names(known)}",
        )
    also = {element.name: element.symbol for element in world.elements}
    also |= {short: family for short, family in _FAMILIES.items() if family in known}
    grades = {each.name: each.form for each in world.products if each.id not in symbols}
    form = nearest(name, [form.id for form in world.forms], grades)
    if form is not None and nearest(name, known, also) is None:
        return fault(
            f"unknown element {quote(name)}",
            f"if the form `{form}` is meant, write `forms: [{form}]`; {list_names(known)}",
        )
    return no_such("element", name, world, known, also, kinds=("group of elements", "product"))


_EVERY_ELEMENT = ("ree", "rees", "reo", "rare earths", "rare earth elements", "all elements")
_FAMILIES = {"LREE": "light", "HREE": "heavy"}


def no_form(name: str, world: World) -> PydanticCustomError:
    """Not a form."""
    also = {form.name: form.id for form in world.forms}
    taken = {*also.values(), *(element.symbol for element in world.elements)}
    also |= {grade: each.form for each in world.products for grade in (each.name, each.id)
             if grade not in taken}  # fmt: skip
    return no_such("form", name, world, forms(world), also, kinds=("product",))


def forms(world: World) -> Collection[str]:
    """Forms of the pack."""
    return [form.id for form in world.forms]


def sites(world: World) -> Collection[str]:
    """Sites that are simulated."""
    return [id for id, site in world.sites.items() if is_simulated(world, site)]


def no_site(name: str, world: World) -> PydanticCustomError:
    """Not a site that is simulated."""
    simulated = sites(world)
    if name in world.sites:
        stage = world.sites[name].stage
        return fault(
            f"{world.sites[name].name} (`{name}`) is of the stage `{stage}`, which is not simulated",
            f"name a site of the stage {', '.join((*world.stages, RECYCLING))}",
        )
    place = place_meant(name, world)
    there = [
        id for id in sorted(simulated) if place in (world.sites[id].country, world.sites[id].region)
    ]
    if place is not None and there:
        where = f"{place_name(place, world)} has {len(there)}"
        return fault(f"{quote(name)} is a place, not a site", f"{where}; {list_names(there)}")
    also = {site.name: site.id for site in world.sites.values() if site.id in simulated}
    return no_such("site", name, world, sorted(simulated), also)


def no_stage(name: str, world: World) -> PydanticCustomError:
    """Not a stage."""
    also = {word: stage for word, stage in _STAGES.items() if stage in world.stages}
    return no_such("stage", name, world, world.stages, also)


_STAGES = {"mining": "mine", "extraction": "mine", "refining": "separation", "refinery": "separation",
           "processing": "separation", "separating": "separation", "alloy": "metal"}  # fmt: skip


def no_corridor(name: str, world: World) -> PydanticCustomError:
    """Not a corridor."""
    also = {leg.name: each.id for each in world.corridors.values() for leg in each.legs}
    also |= {corridor.name: corridor.id for corridor in world.corridors.values()}
    return no_such("corridor", name, world, sorted(world.corridors), also)


def no_stockpile(name: str, world: World) -> PydanticCustomError:
    """Not a stockpile."""
    known = sorted(world.stockpiles)
    region = _region_of(place_meant(name, world), world)
    there = [id for id in known if world.stockpiles[id].region == region]
    if there:
        where = place_name(region, world)
        help = f"write `{there[0]}` for that of {where}" if len(there) == 1 else list_names(there)
        return fault(f"{quote(name)} is a place, not a stockpile", help)
    return no_such("stockpile", name, world, known)


def _region_of(place: str | None, world: World) -> str:
    """The region that a country belongs to; a region is its own."""
    if place is None or place in world.regions:
        return place or ""
    return world.countries[place].region


def destinations(world: World) -> Collection[str]:
    """Regions, and countries that are a region of their own."""
    standalone = [id for id, country in world.countries.items() if country.standalone]
    return list(dict.fromkeys([*world.regions, *standalone]))


def no_destination(name: str, world: World) -> PydanticCustomError:
    """Not a region or a country that is one."""
    known = destinations(world)
    place = place_meant(name, world)
    if place in known:
        return fault(
            f"unknown destination {quote(name)}", f"did you mean `{place}`? {list_names(known)}"
        )
    if place is not None:
        return _only_part_of_a_region(place, world, known)
    thing = other_thing(name, world, not_a=())
    if thing is not None and thing.region:
        where = thing.country if thing.country in known else thing.region
        help = f"write `{where}` for all who buy in {place_name(where, world)}; "
        return misplaced("destination", name, thing, known, help)
    return no_such("destination", name, world, known, full_names(world))


def _only_part_of_a_region(country: str, world: World, known: Iterable[str]) -> PydanticCustomError:
    region = world.countries[country].region
    return fault(
        f"the pack knows {world.countries[country].name} (`{country}`) only as part of the region `{region}`",
        f"write `{region}` for the whole region; {list_names(known)}",
    )


def regions(world: World) -> Collection[str]:
    """Regions of the pack."""
    return list(world.regions)


def no_region(name: str, world: World) -> PydanticCustomError:
    """Not a region."""
    known = regions(world)
    place = place_meant(name, world)
    if place in world.regions:
        return fault(
            f"unknown region {quote(name)}", f"did you mean `{place}`? {list_names(known)}"
        )
    if place is not None:
        return _only_part_of_a_region(place, world, known)
    return no_such("region", name, world, known, full_names(world))


def sellers(world: World) -> Collection[str]:
    """Sites that are simulated, and countries in which a site lies."""
    return [*exporters(world), *sorted(sites(world))]


def no_seller(name: str, world: World) -> PydanticCustomError:
    """Not a site that sells, nor a country where one lies."""
    known = sellers(world)
    if name in world.sites:
        return no_site(name, world)
    place = place_meant(name, world)
    if place in known:
        return fault(
            f"unknown seller {quote(name)}", f"did you mean `{place}`? {list_names(known)}"
        )
    if place in world.regions:
        there = [id for id in exporters(world) if world.countries[id].region == place]
        help = list_names(there or known)
        return fault(f"{quote(name)} is a region; sellers are named by site or country", help)
    if place is not None:
        return fault(
            f"no site of the pack lies in {place_name(place, world)} (`{place}`), so nobody sells there",
            list_names(known),
        )
    also = {site.name: site.id for site in world.sites.values() if site.id in known}
    return no_such("seller", name, world, known, also, kinds=("country", "site"))


def no_class(name: str, world: World) -> PydanticCustomError:
    """Not a priority class; a sector is of one."""
    known, sectors = world.priority_classes, world.sectors.values()
    for sector in sectors:
        if name.casefold() in (sector.id.casefold(), sector.name.casefold()):
            help = f"it is of the class `{sector.priority_class}`; {list_names(known)}"
            return fault(f"{quote(name)} is a sector, not a class", help)
    return no_such("class", name, world, known)


def exporters(world: World) -> Collection[str]:
    """Countries in which a site lies."""
    return sorted({site.country for site in world.sites.values()})


def no_exporter(name: str, world: World, word: str = "exporter") -> PydanticCustomError:
    """Not a country in which a site lies; `word` is what the field calls it."""
    exporting = exporters(world)
    place = place_meant(name, world)
    if place in exporting:
        return fault(
            f"unknown {word} {quote(name)}", f"did you mean `{place}`? {list_names(exporting)}"
        )
    if place in world.regions:
        there = [id for id in exporting if world.countries[id].region == place] or exporting
        whose = f" (`{place}`)" if name != place else ""
        return fault(
            f"{quote(name)}{whose} is a region; a restriction is imposed by a country",
            list_names(there),
        )
    if place is not None:
        return fault(
            f"no site of the pack lies in {place_name(place, world)} (`{place}`), so nothing can "
            "be restricted there",
            list_names(exporting),
        )
    thing = other_thing(name, world, not_a=())
    if thing is not None and thing.country in exporting:
        help = f"write `{thing.country}` for {place_name(thing.country, world)}; "
        return misplaced(word, name, thing, exporting, help)
    names = {site.name: site.country for site in world.sites.values()}
    names |= {world.countries[id].name: id for id in exporting if id in world.countries}
    return no_such(word, name, world, exporting, names, kinds=("country",))


def no_buyer(name: str, world: World) -> PydanticCustomError:
    """Not a buyer, and no place where one is."""
    if name in world.countries:
        region = world.countries[name].region
        return fault(
            f"no buyer of the pack lies in {place_name(name, world)} (`{name}`) alone",
            f"write `{region}` for all buyers of the region {place_name(region, world)}",
        )
    place = place_meant(name, world)
    if place is not None:
        return fault(
            f"unknown buyer {quote(name)}",
            f"write `{place}` for all buyers in {place_name(place, world)}, or name some of them: "
            f"{list_names(_buyers_in_order(buyers_at(place, world), world))}",
        )
    meant = nearest(name, [*world.regions, *world.priority_classes])
    if meant is not None:
        return fault(f"unknown buyer {quote(name)}", f"did you mean `{meant}`?")
    if name in ("all", "everybody", "everyone"):
        return fault(
            f"unknown buyer {quote(name)}", f"name the regions: {list_names(world.regions)}"
        )
    return fault(f"unknown buyer {quote(name)}", _likely_buyers(name, world))


@dataclass(frozen=True, slots=True)
class BuyersAndPlaces:
    """Sites and end uses, the regions and countries where there are some, and classes of end uses."""

    world: World

    def __contains__(self, name: object) -> bool:
        """Without all of them put together, which takes longer than to look."""
        sites = self.world.sites.values()
        return (
            name in self.world.sites
            or name in self.world.priority_classes
            or any(name in (site.country, site.region) for site in sites)
            or any(name in (need.region, need.node) for need in self.world.demand)
        )


def _likely_buyers(name: str, world: World) -> str:
    """Buyers of the place that a text names, or of the sector; all where it names neither."""
    where = places_in(world)
    everybody = _buyers_in_order(where, world)
    words = [word for word in re.split(r"[\W_]+", name) if word]
    places = {word: place for word in words if (place := place_meant(word, world)) is not None}
    wide = {each for place in places.values() for each in (place, _region_of(place, world))}
    there = [id for id in everybody if not wide.isdisjoint(where[id].names)]
    if there:
        sought = {word.casefold() for word in words if word not in places}
        common = {id: len(sought & set(id.split("_"))) for id in there}
        best = [id for id in there if common[id] == max(common.values())]
        return (
            f"did you mean `{best[0]}`? {list_names(there)}" if len(best) == 1 else list_names(best)
        )
    for sector in world.sectors.values():
        uses = [need.node for need in world.demand if need.sector == sector.id]
        if uses and name.casefold() in (sector.id.casefold(), sector.name.casefold()):
            return list_names(dict.fromkeys(uses))
    return suggest(name, everybody, {site.name: site.id for site in world.sites.values()})


def _buyers_in_order(ids: Iterable[str], world: World) -> list[str]:
    """End uses before sites, each by id."""
    places = places_in(world)
    return sorted(ids, key=lambda id: (places[id].stage != USE, id))


def buyers_at(name: str, world: World) -> frozenset[str]:
    """Sites and end uses that a name stands for: itself, or all that lie in a region or country.

    Of end uses only the region is known, so a country that is but a part of one stands for its sites. A class
    stands for the end uses of its sectors.
    """
    places = places_in(world)
    if name in places:
        return frozenset({name})
    if name in world.priority_classes:
        of_class = {id for id, sector in world.sectors.items() if sector.priority_class == name}
        return frozenset(need.node for need in world.demand if need.sector in of_class)
    return frozenset(id for id, place in places.items() if name in place.names)


def buyer_words(name: str, world: World) -> str:
    """Buyers in words: a region or country stands for all of them there, a class for its end uses."""
    if name in places_in(world):
        return name
    if name in world.priority_classes:
        return f"every end use of the class {name}"
    whole = name in destinations(world)
    return f"every {'buyer' if whole else 'site'} in {place_name(name, world)}"


def customers(world: World) -> Collection[str]:
    """Regions and sites."""
    return [*world.regions, *sorted(world.sites)]


def no_customer(name: str, world: World) -> PydanticCustomError:
    """Not a region or site."""
    known = customers(world)
    place = place_meant(name, world)
    if place is not None and place not in world.regions:
        return _only_part_of_a_region(place, world, known)
    also = full_names(world) | {site.name: site.id for site in world.sites.values()}
    if place is not None:
        also |= {name: place}
    return no_such("region or site", name, world, known, also, kinds=("region", "country", "site"))
