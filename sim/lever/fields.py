"""The kinds of field a scenario has, each refusing what it is not with a message for its reader.

Names are checked against the world in the validation context; without one only their shape is.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ValidationError

from sim.lever.marks import NUMBER, Mark, Names, Quantity, either, one_or_more, pattern
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
from sim.lever.strict import at, fault
from sim.words.problems import quote
from sim.words.quantities import (
    EACH,
    FREQUENCY,
    PRICE,
    RATE,
    SHARE,
    TIME,
    Duration,
    QuantityError,
    read_duration,
)
from sim.world.world import World

EARLIEST_YEAR, LATEST_YEAR = 1900, 2200
SHORTEST_REVIEW_DAYS, LONGEST_REVIEW_DAYS = 1.0, 3_650.0
LONGEST_TEXT = 10_000
"""Characters; a source or a reason is a sentence or two."""
_ID = "[A-Za-z][A-Za-z0-9_-]{0,63}"
LONGEST_LIST = 500
"""Names in a list."""


def _text_mark(id: str, words: str, expression: str, example: str) -> Mark:
    return Mark(id, words, pattern(f"^{expression}$", words, example), example)


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


DURATION = Quantity("duration", TIME)
WORKING_DAYS = _text_mark(
    "working_days",
    "a number of working days",
    rf"\s*{NUMBER}\s*([Ww]orking|[Bb]usiness)\s+[Dd]ays?\s*",
    "45 working days",
)
Days = Annotated[float, DURATION]
TonnesPerYear = Annotated[float, Quantity("rate", RATE), AfterValidator(_above_zero)]
Share = Annotated[float, Quantity("share", SHARE), AfterValidator(_at_most_one)]
UsdPerKg = Annotated[float, Quantity("price", PRICE)]
PerEach = Annotated[float, Quantity("number_for_each", EACH), AfterValidator(_above_zero)]
TimesPerYear = Annotated[
    float, Quantity("number_of_times_a_year", FREQUENCY), AfterValidator(_above_zero)
]
AtLeastADay = Annotated[Days, AfterValidator(_at_least_a_day)]
WorkingOrCalendarDays = Annotated[
    Duration, BeforeValidator(_a_review_time), either(DURATION, WORKING_DAYS)
]


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


DATE = _text_mark(
    "date", "a date", "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", "2026-04-01"
)
Date = Annotated[date, BeforeValidator(read_date), DATE]


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
    if isinstance(written, str) and re.fullmatch(_ID, written.strip()):
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


TEXT = Mark("text", "a text", {"type": "string", "pattern": r"\S"})
Text = Annotated[str, BeforeValidator(_text), TEXT]
IDENTIFIER = _text_mark("id", "a text", rf"\s*{_ID}\s*", "my_ban")
Identifier = Annotated[str, BeforeValidator(_identifier), IDENTIFIER]


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


_FEW = {"minItems": 1, "uniqueItems": True}
_LIST = (BeforeValidator(_names), AfterValidator(_once), one_or_more(**_FEW))
_SCOPE = (BeforeValidator(_names_or_all), AfterValidator(_once), one_or_more("all", **_FEW))
Exporter = Annotated[Text, Names("exporter", "countries", exporters, no_exporter)]
Country = Annotated[
    Text, Names("exporter", "countries", exporters, partial(no_exporter, word="country"))
]
Site = Annotated[Text, Names("site", "sites", sites, no_site)]
Stage = Annotated[Text, Names("stage", "stages", lambda world: world.stages, no_stage)]
Corridor = Annotated[
    Text, Names("corridor", "corridors", lambda world: world.corridors, no_corridor)
]
Stockpile = Annotated[
    Text, Names("stockpile", "stockpiles", lambda world: world.stockpiles, no_stockpile)
]
Form = Annotated[Text, Names("form", "forms", forms, no_form)]
Customer = Annotated[Text, Names("customer", "regions, sites", customers, no_customer)]
Seller = Annotated[Text, Names("seller", "countries, sites", sellers, no_seller)]
Region = Annotated[Text, Names("region", "regions", regions, no_region)]
PriorityClass = Annotated[
    Text, Names("class", "classes", lambda world: world.priority_classes, no_class)
]
Destination = Annotated[Text, Names("destination", "regions", destinations, no_destination)]
Destinations = Annotated[tuple[Destination, ...], *_SCOPE]
Element = Annotated[Text, Names("element", "elements, groups", elements, no_element)]
Elements = Annotated[tuple[Element, ...], *_SCOPE]
NamedElements = Annotated[tuple[Element, ...], *_LIST]
"""Elements where an empty tuple means none, so `all` is not understood."""
Forms = Annotated[tuple[Form, ...], *_SCOPE]
Buyer = Annotated[
    Text,
    Names("buyer", "regions, countries, sites, end uses, classes", BuyersAndPlaces, no_buyer),
]
Buyers = Annotated[tuple[Buyer, ...], *_LIST]
Sites = Annotated[tuple[Site, ...], *_LIST]


def expand_groups(names: Iterable[str], world: World) -> tuple[str, ...]:
    """Element symbols, each group or family replaced by its members, in the pack's order."""
    together = families_of(world) | dict(world.groups)
    wanted = {member for name in names for member in together.get(name, (name,))}
    return tuple(element.symbol for element in world.elements if element.symbol in wanted)
