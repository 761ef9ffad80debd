"""The kinds of field a scenario has, each refusing what it is not with a message for its reader.

Names are checked against the world in the validation context; without one only their shape is.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Container, Iterable
from datetime import date
from functools import partial
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ValidationError, ValidationInfo
from pydantic_core import PydanticCustomError

from sim.lever.naming import families_of
from sim.lever.strangers import (
    BuyersAndPlaces,
    customers,
    destinations,
    elements,
    exporters,
    forms,
    no_buyer,
    no_class,
    no_corridor,
    no_customer,
    no_destination,
    no_element,
    no_exporter,
    no_form,
    no_region,
    no_seller,
    no_site,
    no_stage,
    no_stockpile,
    regions,
    sellers,
    sites,
)
from sim.lever.strict import at, explained_by, fault, is_brief, world_of
from sim.problems import quote
from sim.quantities import (
    EACH,
    FREQUENCY,
    PRICE,
    RATE,
    SHARE,
    TIME,
    Dimension,
    Duration,
    QuantityError,
    read_duration,
    read_quantity,
)
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
UsdPerKg = Annotated[float, quantity(PRICE)]
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


def _named(
    known: Callable[[World], Container[str]], explain: Callable[[str, World], PydanticCustomError]
) -> AfterValidator:
    """Checks a name against the world, where one is given."""

    def run(name: str, info: ValidationInfo) -> str:
        world = world_of(info)
        if world is not None and name not in known(world):
            if is_brief(info):
                raise fault(f"unknown name {quote(name)}")
            raise explained_by(partial(explain, name, world))
        return name

    return AfterValidator(run)


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
Exporter = Annotated[Text, _named(exporters, no_exporter)]
Country = Annotated[Text, _named(exporters, partial(no_exporter, word="country"))]
Site = Annotated[Text, _named(sites, no_site)]
Stage = Annotated[Text, _named(lambda world: world.stages, no_stage)]
Corridor = Annotated[Text, _named(lambda world: world.corridors, no_corridor)]
Stockpile = Annotated[Text, _named(lambda world: world.stockpiles, no_stockpile)]
Form = Annotated[Text, _named(forms, no_form)]
Customer = Annotated[Text, _named(customers, no_customer)]
Seller = Annotated[Text, _named(sellers, no_seller)]
Region = Annotated[Text, _named(regions, no_region)]
PriorityClass = Annotated[Text, _named(lambda world: world.priority_classes, no_class)]
Destinations = Annotated[tuple[Annotated[Text, _named(destinations, no_destination)], ...], *_SCOPE]
Elements = Annotated[tuple[Annotated[Text, _named(elements, no_element)], ...], *_SCOPE]
NamedElements = Annotated[tuple[Annotated[Text, _named(elements, no_element)], ...], *_LIST]
"""Elements where an empty tuple means none, so `all` is not understood."""
Forms = Annotated[tuple[Form, ...], *_SCOPE]
Buyers = Annotated[tuple[Annotated[Text, _named(BuyersAndPlaces, no_buyer)], ...], *_LIST]
Sites = Annotated[tuple[Site, ...], *_LIST]


def expand_groups(names: Iterable[str], world: World) -> tuple[str, ...]:
    """Element symbols, each group or family replaced by its members, in the pack's order."""
    together = families_of(world) | dict(world.groups)
    wanted = {member for name in names for member in together.get(name, (name,))}
    return tuple(element.symbol for element in world.elements if element.symbol in wanted)
