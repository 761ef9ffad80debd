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

from sim.lever.strict import at, fault, unknown, world_of
from sim.problems import list_names, quote
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


def _identifier(written: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,63}", written):
        raise fault(
            f"{quote(written)} cannot be an id",
            "letters, digits, `_` and `-`, beginning with a letter, at most 64",
        )
    return written


Text = Annotated[str, BeforeValidator(_text)]
Identifier = Annotated[Text, AfterValidator(_identifier)]


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
    if name not in symbols and name not in world.groups:
        also = {element.name: element.symbol for element in world.elements}
        raise unknown("element", name, [*symbols, *world.groups], also)


def _check_form(name: str, world: World) -> None:
    known = {form.id: form.name for form in world.forms}
    if name not in known:
        raise unknown("form", name, known, {full: form for form, full in known.items()})


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
    also = {site.name: site.id for site in world.sites.values()}
    raise unknown("site", name, sorted(simulated), also)


def _check_stage(name: str, world: World) -> None:
    if name not in world.stages:
        raise unknown("stage", name, world.stages)


def _check_corridor(name: str, world: World) -> None:
    if name not in world.corridors:
        also = {corridor.name: corridor.id for corridor in world.corridors.values()}
        raise unknown("corridor", name, sorted(world.corridors), also)


def _check_stockpile(name: str, world: World) -> None:
    if name not in world.stockpiles:
        raise unknown("stockpile", name, sorted(world.stockpiles))


def _destinations(world: World) -> list[str]:
    standalone = [id for id, country in world.countries.items() if country.standalone]
    return list(dict.fromkeys([*world.regions, *standalone]))


def _full_names(world: World) -> dict[str, str]:
    regions = {region.name: region.id for region in world.regions.values()}
    return regions | {country.name: country.id for country in world.countries.values()}


def _check_destination(name: str, world: World) -> None:
    known = _destinations(world)
    if name in known:
        return
    country = world.countries.get(name)
    if country is None:
        raise unknown("destination", name, known, _full_names(world))
    raise fault(
        f"the pack knows {country.name} (`{name}`) only as part of the region `{country.region}`",
        f"write `{country.region}` for the whole region; {list_names(known)}",
    )


def _check_exporter(name: str, world: World, word: str = "exporter") -> None:
    exporting = sorted({site.country for site in world.sites.values()})
    if name in exporting:
        return
    names = {world.countries[id].name: id for id in exporting if id in world.countries}
    if name in world.countries:
        raise fault(
            f"no site of the pack lies in {world.countries[name].name} (`{name}`), so nothing can "
            "be restricted there",
            list_names(exporting),
        )
    if name in world.regions:
        raise fault(
            f"`{name}` is a region; a restriction is imposed by a country", list_names(exporting)
        )
    raise unknown(word, name, exporting, names)


def _check_buyer(name: str, world: World) -> None:
    places = places_in(world)
    if name not in places:
        in_order = sorted(places, key=lambda id: (places[id].stage != USE, id))
        raise unknown("buyer", name, in_order)


def _check_customer(name: str, world: World) -> None:
    if name not in world.sites and name not in world.regions:
        raise unknown("region or site", name, [*world.regions, *sorted(world.sites)])


def _names(written: object) -> object:
    """A list of names; one name alone is a list of one."""
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
    """Element symbols, each group replaced by its members, in the pack's order."""
    wanted = {member for name in names for member in world.groups.get(name, (name,))}
    return tuple(element.symbol for element in world.elements if element.symbol in wanted)
