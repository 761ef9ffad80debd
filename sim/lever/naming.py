"""What was meant by a name that cannot stand where it does: a place by another name, another kind of thing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

from sim.lever.iso import THREE_LETTERS
from sim.lever.strict import fault, unknown
from sim.words.problems import is_part_of, list_names, quote
from sim.world.world import World

_ALSO_CALLED: Mapping[str, str] = {
    "america": "USA", "united states of america": "USA", "uk": "GBR", "britain": "GBR", "great britain": "GBR",
    "england": "GBR", "prc": "CHN", "peoples republic of china": "CHN", "korea": "KOR", "rok": "KOR",
    "republic of korea": "KOR", "burma": "MMR", "holland": "NLD", "the netherlands": "NLD",
    "czech republic": "CZE", "turkiye": "TUR", "t\u00fcrkiye": "TUR", "russian federation": "RUS",
    "europe": "EU", "eu27": "EU", "european": "EU", "rest of world": "ROW", "world": "ROW", "others": "ROW",
}  # fmt: skip
"""Names in common use, in small letters -> ids that packs tend to have."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A thing of the world that a name stands for."""

    kind: str
    id: str
    name: str
    region: str = ""
    country: str = ""


def place_meant(given: str, world: World) -> str | None:
    """The region or country that a name stands for: by id, full name, two letters, or a name in common use."""
    plain = re.sub(r"[.'\u2019]", "", given).strip()
    key = plain.casefold()
    spellings = full_names(world) | {id: id for id in (*world.regions, *world.countries)}
    folded = {spelling.casefold(): id for spelling, id in reversed(spellings.items())}
    for found in (folded.get(key), _ALSO_CALLED.get(key), THREE_LETTERS.get(plain.upper())):
        if found is not None and (found in world.regions or found in world.countries):
            return found
    return None


def families_of(world: World) -> dict[str, tuple[str, ...]]:
    """Families of elements, such as light and heavy -> their members; a group's name is the group's."""
    found: dict[str, tuple[str, ...]] = {}
    for element in world.elements:
        if element.family:
            found[element.family] = (*found.get(element.family, ()), element.symbol)
    taken = {*world.groups, *(element.symbol for element in world.elements)}
    return {family: members for family, members in found.items() if family not in taken}


def full_names(world: World) -> dict[str, str]:
    """Full names of regions and countries -> their ids."""
    regions = {region.name: region.id for region in world.regions.values()}
    return regions | {country.name: country.id for country in world.countries.values()}


def place_name(id: str, world: World) -> str:
    """Full name of a region or country."""
    known = world.regions.get(id) or world.countries.get(id)
    return known.name if known else id


def other_thing(given: str, world: World, *, not_a: Iterable[str]) -> Meant | None:
    """What a name stands for among the kinds of thing that are not meant; by id or full name."""
    key = given.strip().casefold()
    for thing in _things(world):
        if thing.kind not in not_a and key in (thing.id.casefold(), thing.name.casefold()):
            return thing
    return None


def misplaced(
    what: str, given: str, thing: Meant, known: Iterable[str], help: str = ""
) -> PydanticCustomError:
    """The fault of a name that is one of something else."""
    named = f" ({thing.name})" if thing.name.casefold() != given.strip().casefold() else ""
    message = f"{quote(given)}{named} is {_a(thing.kind)}, not {_a(what)}"
    below = (
        f"it may stand under `{_STANDS_UNDER[thing.kind]}`; " if thing.kind in _STANDS_UNDER else ""
    )
    return fault(message, f"{help or below}{list_names(known)}")


def no_such(
    what: str,
    given: str,
    world: World,
    known: Iterable[str],
    also: Mapping[str, str] | None = None,
    *,
    kinds: Iterable[str] = (),
) -> PydanticCustomError:
    """A name that is not there: one of another kind of thing, or an unknown one with what is likely."""
    names = list(known)
    thing = other_thing(given, world, not_a=(*kinds, what))
    if thing is not None and not is_part_of(given, names, also):
        return misplaced(what, given, thing, names)
    return unknown(what, given, names, also)


_STANDS_UNDER = {
    "element": "elements", "group of elements": "elements", "form": "forms", "stage": "stage", "region":
    "destinations", "country": "exporter", "corridor": "corridor", "stockpile": "stockpile", "site": "site",
}  # fmt: skip
"""Kind of thing -> the setting that names one, in the kinds of lever that have it."""


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _things(world: World) -> Iterable[Meant]:
    makers: tuple[Callable[[], Iterable[Meant]], ...] = (
        lambda: (Meant("region", each.id, each.name, each.id) for each in world.regions.values()),
        lambda: (
            Meant("country", each.id, each.name, each.region, each.id)
            for each in world.countries.values()
        ),
        lambda: (Meant("element", each.symbol, each.name) for each in world.elements),
        lambda: (
            Meant("group of elements", each, each) for each in (*world.groups, *families_of(world))
        ),
        lambda: (Meant("form", each.id, each.name) for each in world.forms),
        lambda: (Meant("stage", each, each) for each in world.stages),
        lambda: (Meant("product", each.id, each.name) for each in world.products),
        lambda: (Meant("sector", each.id, each.name) for each in world.sectors.values()),
        lambda: (
            Meant("site", each.id, each.name, each.region, each.country)
            for each in world.sites.values()
        ),
        lambda: (Meant("end use", each.node, each.node, each.region) for each in world.demand),
        lambda: (Meant("corridor", each.id, each.name) for each in world.corridors.values()),
        lambda: (
            Meant("stockpile", each.id, each.id, each.region) for each in world.stockpiles.values()
        ),
    )
    for make in makers:
        yield from make()
