"""The kinds of field a scenario has, each refusing what it is not with a message for its reader.

Names are checked against the world in the validation context; without one only their shape is.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ValidationError, ValidationInfo
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
from sim.lever.strict import at, fault, world_of
from sim.problems import list_names, nearest, quote, suggest
from sim.quantities import (
    EACH,
    FREQUENCY,
    RATE,
    SHARE,
    TIME,
    Dimension,
    Duration,
    QuantityError,
    read_duration,
    read_quantity,
)
from sim.world.names import RECYCLING
from sim.world.places import USE, places_in
from sim.world.world import World

EARLIEST_YEAR, LATEST_YEAR = 1900, 2200
SHORTEST_REVIEW_DAYS, LONGEST_REVIEW_DAYS = 1.0, 3_650.0
LONGEST_TEXT = 10_000
"""Characters; a source or a reason is a sentence or two."""
LONGEST_LIST = 500
"""Names in a list."""


def quantity(dimension: Dimension) -> BeforeValidator:
    """Reads a quantity of one dimension into its base unit."""

    def read(written: object, info: ValidationInfo) -> float:
        world = world_of(info)
        try:
            return read_quantity(written, dimension, basis=world.basis if world else "")
        except QuantityError as error:
            raise fault(error.message, error.help) from None

    return BeforeValidator(read)


def _duration(written: object) -> Duration:
    if isinstance(written, Duration):
        return written
    try:
        return read_duration(written)
    except QuantityError as error:
        raise fault(error.message, error.help) from None


def _a_review_time(written: object) -> Duration:
    duration = _duration(written)
    if not SHORTEST_REVIEW_DAYS <= duration.days <= LONGEST_REVIEW_DAYS:
        raise fault(
            f"{quote(written)} is out of range",
            f"`{SHORTEST_REVIEW_DAYS:.0f} d` to `{LONGEST_REVIEW_DAYS:.0f} d`",
        )
    return duration


def _at_least_a_day(days: float) -> float:
    if days < 1.0:
        raise fault("this is shorter than a day", "give `1 d` or more")
    return days


def _at_most_one(share: float) -> float:
    if share > 1.0:
        raise fault("a share cannot be more than 100 %", "give 0 % to 100 %")
    return share


def _above_zero(amount: float) -> float:
    if amount <= 0.0:
        raise fault("zero is not possible here", "give more than zero")
    return amount


Days = Annotated[float, quantity(TIME)]
TonnesPerYear = Annotated[float, quantity(RATE), AfterValidator(_above_zero)]
Share = Annotated[float, quantity(SHARE), AfterValidator(_at_most_one)]
PerEach = Annotated[float, quantity(EACH), AfterValidator(_above_zero)]
TimesPerYear = Annotated[float, quantity(FREQUENCY), AfterValidator(_above_zero)]
AtLeastADay = Annotated[Days, AfterValidator(_at_least_a_day)]
WorkingOrCalendarDays = Annotated[Duration, BeforeValidator(_a_review_time)]


def read_date(written: object) -> date:
    """An ISO date; says what is wrong with any other."""
    if isinstance(written, date):
        return written
    match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", written) if isinstance(written, str) else None
    if match is None:
        raise fault(
            f"{quote(written)} is not a date", "write year, month, day, for example 2026-04-01"
        )
    year, month, day = (int(part) for part in match.groups())
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise fault(f"the year {year} is out of range", f"{EARLIEST_YEAR} to {LATEST_YEAR}")
    if not 1 <= month <= 12:
        raise fault(f"{quote(written)} is not a date", f"there is no month {match[2]}")
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        month_name = f"{calendar.month_name[month]} {year}"
        raise fault(f"{quote(written)} is not a date", f"{month_name} has {last} days")
    return date(year, month, day)


Date = Annotated[date, BeforeValidator(read_date)]


def _text(written: object) -> str:
    if isinstance(written, list):
        raise fault(
            "one value is needed here, not a list", "write one; for more, add a lever for each"
        )
    if not isinstance(written, str):
        raise fault(
            f"a text is needed here, not {quote(written)}",
            "put it in quotes if it is meant as text" if written is not None else "write something",
        )
    if not written.strip():
        raise fault("this text is empty", "write something, or leave the key out")
    if len(written) > LONGEST_TEXT:
        raise fault(f"this text has {len(written)} characters", f"at most {LONGEST_TEXT}")
    return written.strip()


def _identifier(written: object) -> str:
    """An id; a number or a list is told at once what one looks like."""
    if isinstance(written, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,63}", written.strip()):
        return written.strip()
    raise fault(
        f"{quote(written)} cannot be an id",
        "letters, digits, `_` and `-`, beginning with a letter, at most 64; "
        f"for example `{_as_identifier(written)}`",
    )


def _as_identifier(written: object) -> str:
    """An id that comes close to what was written."""
    is_word = isinstance(written, str | int | float) and not isinstance(written, bool)
    text = str(written) if is_word else ""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", text.strip()).strip("_-")[:50]
    if not plain:
        return "my_ban"
    return plain if plain[0].isalpha() else f"lever_{plain}"


Text = Annotated[str, BeforeValidator(_text)]
Identifier = Annotated[str, BeforeValidator(_identifier)]


def _named(check: Callable[[str, World], None]) -> AfterValidator:
    """Checks a name against the world, where one is given."""

    def run(name: str, info: ValidationInfo) -> str:
        world = world_of(info)
        if world is not None:
            check(name, world)
        return name

    return AfterValidator(run)


def _check_element(name: str, world: World) -> None:
    symbols = [element.symbol for element in world.elements]
    known = [*world.groups, *families_of(world), *symbols]
    if name not in known:
        if name.casefold() in _EVERY_ELEMENT:
            raise fault(
                f"{quote(name)} is no element",
                f"for every element write `all`; {list_names(known)}",
            )
        also = {element.name: element.symbol for element in world.elements}
        also |= {short: family for short, family in _FAMILIES.items() if family in known}
        grades = {each.name: each.form for each in world.products if each.id not in symbols}
        form = nearest(name, [form.id for form in world.forms], grades)
        if form is not None and nearest(name, known, also) is None:
            raise fault(
                f"unknown element {quote(name)}",
                f"if the form `{form}` is meant, write `forms: [{form}]`; {list_names(known)}",
            )
        raise no_such("element", name, world, known, also, kinds=("group of elements", "product"))


_EVERY_ELEMENT = ("ree", "rees", "reo", "rare earths", "rare earth elements", "all elements")
_FAMILIES = {"LREE": "light", "HREE": "heavy"}


def _check_form(name: str, world: World) -> None:
    known = {form.id: form.name for form in world.forms}
    if name not in known:
        also = {full: form for form, full in known.items()}
        symbols = {element.symbol for element in world.elements}
        also |= {grade: each.form for each in world.products for grade in (each.name, each.id)
                 if grade not in (*known, *symbols)}  # fmt: skip
        raise no_such("form", name, world, known, also, kinds=("product",))


def _check_site(name: str, world: World) -> None:
    simulated = {id for id, site in world.sites.items() if site.stage in (*world.stages, RECYCLING)}
    if name in simulated:
        return
    if name in world.sites:
        stage = world.sites[name].stage
        raise fault(
            f"{world.sites[name].name} (`{name}`) is of the stage `{stage}`, which is not simulated",
            f"name a site of the stage {', '.join((*world.stages, RECYCLING))}",
        )
    place = place_meant(name, world)
    there = [
        id for id in sorted(simulated) if place in (world.sites[id].country, world.sites[id].region)
    ]
    if place is not None and there:
        where = f"{place_name(place, world)} has {len(there)}"
        raise fault(f"{quote(name)} is a place, not a site", f"{where}; {list_names(there)}")
    also = {site.name: site.id for site in world.sites.values() if site.id in simulated}
    raise no_such("site", name, world, sorted(simulated), also)


def _check_stage(name: str, world: World) -> None:
    if name not in world.stages:
        also = {word: stage for word, stage in _STAGES.items() if stage in world.stages}
        raise no_such("stage", name, world, world.stages, also)


_STAGES = {"mining": "mine", "extraction": "mine", "refining": "separation", "refinery": "separation",
           "processing": "separation", "separating": "separation", "alloy": "metal"}  # fmt: skip


def _check_corridor(name: str, world: World) -> None:
    if name not in world.corridors:
        also = {leg.name: each.id for each in world.corridors.values() for leg in each.legs}
        also |= {corridor.name: corridor.id for corridor in world.corridors.values()}
        raise no_such("corridor", name, world, sorted(world.corridors), also)


def _check_stockpile(name: str, world: World) -> None:
    if name in world.stockpiles:
        return
    known = sorted(world.stockpiles)
    region = _region_of(place_meant(name, world), world)
    there = [id for id in known if world.stockpiles[id].region == region]
    if there:
        where = place_name(region, world)
        help = f"write `{there[0]}` for that of {where}" if len(there) == 1 else list_names(there)
        raise fault(f"{quote(name)} is a place, not a stockpile", help)
    raise no_such("stockpile", name, world, known)


def _region_of(place: str | None, world: World) -> str:
    """The region that a country belongs to; a region is its own."""
    if place is None or place in world.regions:
        return place or ""
    return world.countries[place].region


def _destinations(world: World) -> list[str]:
    standalone = [id for id, country in world.countries.items() if country.standalone]
    return list(dict.fromkeys([*world.regions, *standalone]))


def _check_destination(name: str, world: World) -> None:
    known = _destinations(world)
    if name in known:
        return
    place = place_meant(name, world)
    if place in known:
        raise fault(
            f"unknown destination {quote(name)}", f"did you mean `{place}`? {list_names(known)}"
        )
    if place is not None:
        raise _only_part_of_a_region(place, world, known)
    thing = other_thing(name, world, not_a=())
    if thing is not None and thing.region:
        where = thing.country if thing.country in known else thing.region
        help = f"write `{where}` for all who buy in {place_name(where, world)}; "
        raise misplaced("destination", name, thing, known, help)
    raise no_such("destination", name, world, known, full_names(world))


def _only_part_of_a_region(country: str, world: World, known: Iterable[str]) -> PydanticCustomError:
    region = world.countries[country].region
    return fault(
        f"the pack knows {world.countries[country].name} (`{country}`) only as part of the region `{region}`",
        f"write `{region}` for the whole region; {list_names(known)}",
    )


def _check_exporter(name: str, world: World, word: str = "exporter") -> None:
    exporting = sorted({site.country for site in world.sites.values()})
    if name in exporting:
        return
    place = place_meant(name, world)
    if place in exporting:
        raise fault(
            f"unknown {word} {quote(name)}", f"did you mean `{place}`? {list_names(exporting)}"
        )
    if place in world.regions:
        there = [id for id in exporting if world.countries[id].region == place] or exporting
        whose = f" (`{place}`)" if name != place else ""
        raise fault(
            f"{quote(name)}{whose} is a region; a restriction is imposed by a country",
            list_names(there),
        )
    if place is not None:
        raise fault(
            f"no site of the pack lies in {place_name(place, world)} (`{place}`), so nothing can "
            "be restricted there",
            list_names(exporting),
        )
    thing = other_thing(name, world, not_a=())
    if thing is not None and thing.country in exporting:
        help = f"write `{thing.country}` for {place_name(thing.country, world)}; "
        raise misplaced(word, name, thing, exporting, help)
    names = {site.name: site.country for site in world.sites.values()}
    names |= {world.countries[id].name: id for id in exporting if id in world.countries}
    raise no_such(word, name, world, exporting, names, kinds=("country",))


def _check_buyer(name: str, world: World) -> None:
    if buyers_at(name, world):
        return
    if name in world.countries:
        region = world.countries[name].region
        raise fault(
            f"no buyer of the pack lies in {place_name(name, world)} (`{name}`) alone",
            f"write `{region}` for all buyers of the region {place_name(region, world)}",
        )
    place = place_meant(name, world)
    if place is not None:
        raise fault(
            f"unknown buyer {quote(name)}",
            f"write `{place}` for all buyers in {place_name(place, world)}, or name some of them: "
            f"{list_names(_buyers_in_order(buyers_at(place, world), world))}",
        )
    raise fault(f"unknown buyer {quote(name)}", _likely_buyers(name, world))


def _likely_buyers(name: str, world: World) -> str:
    """Buyers of the place that a text names, or of the sector; all where it names neither."""
    everybody = _buyers_in_order(places_in(world), world)
    words = [word for word in re.split(r"[\W_]+", name) if word]
    places = {word: place for word in words if (place := place_meant(word, world)) is not None}
    wide = {each for place in places.values() for each in (place, _region_of(place, world))}
    there = [id for id in everybody if any(id in buyers_at(place, world) for place in wide)]
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

    Of end uses only the region is known, so a country that is but a part of one stands for its sites.
    """
    places = places_in(world)
    if name in places:
        return frozenset({name})
    return frozenset(id for id, place in places.items() if name in place.names)


def buyer_words(name: str, world: World) -> str:
    """Buyers in words: a region or country stands for all of them there."""
    if name in places_in(world):
        return name
    whole = name in _destinations(world)
    return f"every {'buyer' if whole else 'site'} in {place_name(name, world)}"


def _check_customer(name: str, world: World) -> None:
    if name in world.sites or name in world.regions:
        return
    known = [*world.regions, *sorted(world.sites)]
    place = place_meant(name, world)
    if place is not None and place not in world.regions:
        raise _only_part_of_a_region(place, world, known)
    also = full_names(world) | {site.name: site.id for site in world.sites.values()}
    if place is not None:
        also |= {name: place}
    raise no_such("region or site", name, world, known, also, kinds=("region", "country", "site"))


def _names(written: object) -> object:
    """A list of names; one name alone is a list of one."""
    if written == ["all"]:
        raise fault(
            "`all` does not stand in a list", "write it without brackets, or leave the key out"
        )
    if isinstance(written, str):
        return (written,)
    if not isinstance(written, list | tuple):
        raise fault("a list of names is needed here", "for example [A, B]")
    if not written:
        raise fault("this list is empty", "name at least one, or leave the key out")
    if len(written) > LONGEST_LIST:
        raise fault(f"this list has {len(written)} names", f"at most {LONGEST_LIST}")
    return tuple(written)


def _names_or_all(written: object) -> object:
    """As `_names`; `all` is the same as leaving the key out."""
    return () if written == "all" else _names(written)


def _once(names: tuple[str, ...]) -> tuple[str, ...]:
    first = {name: index for index, name in reversed(list(enumerate(names)))}
    twice = [
        at((index,), fault(f"{quote(name)} is named twice", "keep one of them"))
        for index, name in enumerate(names)
        if first[name] < index
    ]
    if twice:
        raise ValidationError.from_exception_data("names", twice)
    return names


_LIST = (BeforeValidator(_names), AfterValidator(_once))
_SCOPE = (BeforeValidator(_names_or_all), AfterValidator(_once))
Exporter = Annotated[Text, _named(_check_exporter)]
Country = Annotated[Text, _named(partial(_check_exporter, word="country"))]
Site = Annotated[Text, _named(_check_site)]
Stage = Annotated[Text, _named(_check_stage)]
Corridor = Annotated[Text, _named(_check_corridor)]
Stockpile = Annotated[Text, _named(_check_stockpile)]
Form = Annotated[Text, _named(_check_form)]
Customer = Annotated[Text, _named(_check_customer)]
Destinations = Annotated[tuple[Annotated[Text, _named(_check_destination)], ...], *_SCOPE]
Elements = Annotated[tuple[Annotated[Text, _named(_check_element)], ...], *_SCOPE]
NamedElements = Annotated[tuple[Annotated[Text, _named(_check_element)], ...], *_LIST]
"""Elements where an empty tuple means none, so `all` is not understood."""
Forms = Annotated[tuple[Form, ...], *_SCOPE]
Buyers = Annotated[tuple[Annotated[Text, _named(_check_buyer)], ...], *_LIST]
Sites = Annotated[tuple[Site, ...], *_LIST]


def expand_groups(names: Iterable[str], world: World) -> tuple[str, ...]:
    """Element symbols, each group or family replaced by its members, in the pack's order."""
    together = families_of(world) | dict(world.groups)
    wanted = {member for name in names for member in together.get(name, (name,))}
    return tuple(element.symbol for element in world.elements if element.symbol in wanted)
