"""Quantities as people write them ("45 d", "30 kt/yr", "40 %") in days, t, t/year and shares."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sim.words.problems import CritminError, quote

DAYS_PER_WEEK = 7.0
WEEKDAYS_PER_WEEK = 5.0
DAYS_PER_YEAR = 365.0
DAYS_PER_MONTH = DAYS_PER_YEAR / 12.0
"""Of a rate (t/yr) and of a duration that people write in years."""
DAYS_PER_CALENDAR_YEAR = 365.25
"""On average: to turn the days between two dates into years, and a year with a fraction into a date."""


def calendar_year(day: date) -> float:
    """A date as a calendar year with its fraction."""
    return day.year + (day.timetuple().tm_yday - 1) / DAYS_PER_CALENDAR_YEAR


def day_of(year: float) -> date:
    """The day that a calendar year with a fraction stands for."""
    days = round((year - int(year)) * DAYS_PER_CALENDAR_YEAR)
    return date(int(year), 1, 1) + timedelta(days=days)


class QuantityError(CritminError):
    """What was written is not a quantity of the kind that is needed."""

    def __init__(self, message: str, help: str) -> None:
        self.message = message
        self.help = help
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Duration:
    """A time span that says whether weekends count."""

    days: float
    working: bool

    @property
    def nominal_calendar_days(self) -> float:
        """Days on the wall calendar, holidays aside: five working days are a week."""
        return self.days * DAYS_PER_WEEK / WEEKDAYS_PER_WEEK if self.working else self.days


@dataclass(frozen=True, slots=True)
class Dimension:
    """A kind of quantity: its units and how many base units each is worth."""

    name: str
    base: str
    units: Mapping[str, float]
    example: str
    highest: float = math.inf
    """In the base unit; what is above it is a slip, and would only keep a machine busy."""


_TIME = {
    **dict.fromkeys(("d", "day", "days"), 1.0),
    **dict.fromkeys(("wk", "week", "weeks"), DAYS_PER_WEEK),
    **dict.fromkeys(("month", "months"), DAYS_PER_MONTH),
    **dict.fromkeys(("yr", "year", "years", "a"), DAYS_PER_YEAR),
}
_MASS = {"kg": 0.001, "t": 1.0, "tonne": 1.0, "tonnes": 1.0, "kt": 1e3, "Mt": 1e6}
_RATE = {
    f"{mass}/{time}": tonnes * DAYS_PER_YEAR / days
    for mass, tonnes in _MASS.items()
    for time, days in _TIME.items()
} | {"tpa": 1.0, "ktpa": 1e3, "Mtpa": 1e6}

TIME = Dimension("a duration", "d", _TIME, "45 d", 100 * DAYS_PER_YEAR)
MASS = Dimension("a mass", "t", _MASS, "1200 t", 1e10)
RATE = Dimension("a rate", "t/yr", _RATE, "1200 t/yr", 1e10)
_SHARES = {"%": 0.01, "percent": 0.01, "per cent": 0.01, "fraction": 1.0}
SHARE = Dimension("a share", "fraction", _SHARES, "40 %")
EACH = Dimension("a number for each", "each", {"each": 1.0}, "2 each", 1e6)
_A_YEAR = dict.fromkeys(("a year", "per year", "a yr", "per yr", "/yr", "/year"), 1.0)
FREQUENCY = Dimension("a number of times a year", "a year", _A_YEAR, "0.5 a year", 1000.0)
PLAIN = Dimension("a number", "", {}, "12")
"""In a unit that is none of ours, such as USD/kg."""
PRICE = Dimension("a price", "USD/kg", {"USD/kg": 1.0}, "50 USD/kg", 1e6)
"""Of settings; rows of a pack have bare numbers in units such as this."""
DIMENSIONS = (TIME, MASS, RATE, SHARE, EACH, FREQUENCY)

_POINT_IN_TIME = re.compile(r"(year|date)\b(?! of)")
"""Units of pack rows that name a day or year, not a span."""
_WORKING = {"working day", "working days", "business day", "business days"}
_BARREN_TON = re.compile(r"^(k|M)?tons?(?=$|/)")
_NUMBER = re.compile(
    r"""(?P<number>[+-]?(?:\d{1,3}(?:[ ]\d{3})+|\d+)?(?:\.\d+)?(?:[eE][+-]?\d{1,3})?)
        [ ]*(?P<unit>\S.*)?""",
    re.VERBOSE,
)
_RANGE = re.compile(r"\d[\d .]*\s*(?:-|\u2013|\u2014|to |\.\.)\s*\d")
"""From one number to another."""
_MARKED = re.compile(
    r"(?P<number>[+-]?\d[\d ]*(?:[.,'\u2019_][\d ]*\d|[.,'\u2019_](?=[.,\d]))+)(?P<rest>.*)"
)
"""A number with anything but digits and spaces in it."""
_MARK_NAMES = {
    ".": "a point",
    ",": "a comma",
    "'": "an apostrophe",
    "\u2019": "an apostrophe",
    "_": "an underscore",
}
_SEPARATORS = "".join(_MARK_NAMES)


def read_quantity(written: object, dimension: Dimension, *, basis: str = "") -> float:
    """A quantity in the dimension's base unit, not negative.

    `basis` is the word a pack puts after its tonnes ("REO"); it may be written or left out.
    """
    number, unit = _split(written, dimension)
    unit = _without_basis(unit, basis)
    factor = _factor(number, unit, dimension)
    return _usable(number * factor, written, dimension)


def read_duration(written: object) -> Duration:
    """A time span in calendar or in working days."""
    number, unit = _split(written, TIME)
    if unit.casefold() in _WORKING:
        return Duration(_usable(number, written, TIME), working=True)
    return Duration(_usable(number * _factor(number, unit, TIME), written, TIME), working=False)


def read_in_unit(written: object, unit: str, *, basis: str = "") -> float:
    """A quantity in the unit of a pack row; bare numbers only where the unit is none of ours."""
    bare, dimension = _of_row(unit, basis)
    if dimension is None or _POINT_IN_TIME.match(unit):
        kind = SHARE if unit.startswith("%") else PLAIN
        number, given = _split(written, kind, example=f"12 {unit}".strip())
        if given and given != unit:
            raise QuantityError(
                f"{quote(given)} is not the unit of this row", f"write it in {quote(unit)}"
            )
        return _finite(number, written)
    return read_quantity(written, dimension, basis=basis) / dimension.units[bare]


def in_unit(value: float, unit: str, *, basis: str = "") -> float:
    """A value in the base unit of a dimension (d, t, t/yr, fraction) in the unit of a pack row."""
    bare, dimension = _of_row(unit, basis)
    return value / dimension.units[bare] if dimension else value


def _of_row(unit: str, basis: str) -> tuple[str, Dimension | None]:
    """A pack row's unit without what it is of, and its dimension if that is one of ours."""
    # Packs qualify their units ("fraction of feed", "days of sales"); the first word decides.
    bare = re.split(r" of | in | before |,", _without_basis(unit, basis))[0].strip()
    return bare, next((d for d in DIMENSIONS if bare in d.units), None)


def as_written(text: str, *, basis: str = "") -> tuple[float, str] | None:
    """Number and unit of a text that is a quantity in one of the known units, else nothing."""
    match = _NUMBER.fullmatch(" ".join(text.split()))
    if not match or not match["unit"] or not any(sign.isdigit() for sign in match["number"]):
        return None
    unit = match["unit"].strip()
    bare = re.sub(r"\s*/\s*", "/", _without_basis(unit, basis))
    if bare.casefold() not in _WORKING and not any(bare in each.units for each in DIMENSIONS):
        return None
    number = float(match["number"].replace(" ", ""))
    return (number, unit) if math.isfinite(number) else None


def plain_number(value: float) -> str:
    """A number without needless digits: 45, 0.25, 3555.6, 1 200 000."""
    text = f"{value:.6g}" if abs(value) < 1e6 else f"{value:.0f}"
    if "e" in text or "." in text or len(text.lstrip("-")) < 5:
        return text
    return f"{value:,.0f}".replace(",", " ")


def _split(written: object, dimension: Dimension, example: str = "") -> tuple[float, str]:
    """Number and unit as written; refuses what is neither."""
    example = example or dimension.example
    if isinstance(written, bool) or not isinstance(written, str | int | float):
        raise QuantityError(f"{dimension.name} is needed here", f"for example: {example}")
    if not isinstance(written, str):
        return _as_float(written), ""
    text = " ".join(written.split())
    _refuse_odd_marks(text, is_share=dimension.units is SHARE.units)
    match = _NUMBER.fullmatch(text)
    if _RANGE.match(text):
        raise QuantityError(
            f"{quote(text)} is a range, and one value is needed",
            f"write one, for example {example}",
        )
    if not match or not any(letter.isdigit() for letter in match["number"]):
        raise QuantityError(
            f"{quote(text)} does not begin with a number", f"for example: {example}"
        )
    try:
        number = float(match["number"].replace(" ", ""))
    except ValueError:
        raise QuantityError(f"{quote(text)} is not a number", f"for example: {example}") from None
    return _finite(number, written), (match["unit"] or "").strip()


def is_ambiguous(text: str) -> bool:
    """Whether a point may stand for decimals or for thousands: 30.000 is thirty or thirty thousand."""
    return re.fullmatch(r"[+-]?[1-9]\d{0,2}\.\d{3}", text) is not None


def readings(number: str, *, is_share: bool = False) -> list[str]:
    """What a number with any marks can mean, as a table writes it: for thousands first, then for decimals.

    1.200,5 is 1200.5; 25.000 is 25000 or 25.
    """
    tidy = number.replace("\u2019", "'").strip()
    if not re.fullmatch(r"[+-]?[0-9][0-9 ]*(?:[.,'_][0-9 ]*[0-9])*", tidy):
        return []
    marks = [letter for letter in tidy if letter in _SEPARATORS]
    if not marks:
        return [tidy.replace(" ", "")]
    return [found.replace(" ", "") for found in _readings(tidy, marks, is_share=is_share)]


def _refuse_odd_marks(text: str, *, is_share: bool) -> None:
    """Refuse a number whose marks may be read in two ways, or are not ours.

    An American writes thirty thousand as 30,000 and a German as 30.000, which the other takes for
    thirty; Excel writes either, by the country it is set to. No share is a thousand times one.
    """
    match = _MARKED.match(text)
    if match is None:
        return
    number, rest = match["number"], match["rest"]
    marks = [letter for letter in number if letter in _SEPARATORS]
    if marks == ["."] and (is_share or rest[:1] in ("e", "E") or not is_ambiguous(number)):
        return
    readings = [f"`{reading}{rest}`" for reading in _readings(number, marks, is_share=is_share)]
    if len(readings) == 2:
        raise QuantityError(
            f"{quote(text)} can be read in two ways",
            f"write {readings[0]} if `{marks[0]}` parts the thousands, {readings[1]} if it "
            "begins the decimals",
        )
    odd = next((mark for mark in marks if mark != "."), ".")
    raise QuantityError(
        f"{quote(text)} has {_MARK_NAMES[odd]} where a number cannot have one",
        "a point begins the decimals, a space (or nothing) parts the thousands"
        + (f": {readings[0]}" if readings else ""),
    )


def _readings(number: str, marks: list[str], *, is_share: bool) -> list[str]:
    """What a number can mean, as it should be written: for thousands first, then for decimals."""
    sign = number[0] if number[0] in "+-" else ""
    plain = number.removeprefix(sign).replace(" ", "")
    groups = re.split(rf"[{_SEPARATORS}]", plain)
    # The last mark may be for decimals if it stands there once and is no apostrophe or underscore.
    may_be_decimal = marks.count(marks[-1]) == 1 and marks[-1] in ".,"
    readings = []
    if len(set(marks)) == 1 and _are_thousands(groups) and not (is_share and may_be_decimal):
        readings.append(sign + " ".join(groups))
    whole = groups[:-1]
    if may_be_decimal and len(set(marks[:-1])) <= 1 and (len(whole) == 1 or _are_thousands(whole)):
        decimals = groups[-1]
        shorter = decimals.rstrip("0")
        if not shorter:
            readings.append(sign + " ".join(whole))
        else:  # three decimals alone would be asked about again
            reading = f"{sign}{' '.join(whole)}.{shorter}"
            readings.append(f"{reading}0" if is_ambiguous(reading) else reading)
    return readings


def _are_thousands(groups: list[str]) -> bool:
    return (
        1 <= len(groups[0]) <= 3
        and not groups[0].startswith("0")
        and all(len(group) == 3 for group in groups[1:])
    )


def _without_basis(unit: str, basis: str) -> str:
    """`t REO/yr` -> `t/yr` where the pack counts in REO."""
    word = basis.split()[-1] if basis.split() else ""
    if not word or word in _MASS:
        return unit
    return re.sub(rf"\s+{re.escape(word)}(?=$|\s*/)", "", unit).strip()


def _factor(number: float, unit: str, dimension: Dimension) -> float:
    """Base units in one of the written unit."""
    tidy = re.sub(r"\s*/\s*", "/", unit)
    tidy = re.sub(r"\s+(?:a|per)\s+", "/", tidy)
    if tidy in dimension.units:
        return dimension.units[tidy]
    shown = plain_number(number)
    if not tidy:
        raise QuantityError(
            f"{shown} needs a unit", f"{dimension.name} is meant; for example: {dimension.example}"
        )
    if _BARREN_TON.match(tidy):
        right = _BARREN_TON.sub(lambda found: f"{found[1] or ''}t", tidy)
        raise QuantityError(
            f"{quote(unit)} may be a short, a long or a metric ton",
            f"write t (tonne): {shown} {right}",
        )
    other = next((d for d in DIMENSIONS if tidy in d.units), None)
    if other is not None or tidy.casefold() in _WORKING:
        kind = other.name if other else "a number of working days"
        raise QuantityError(
            f"{quote(f'{shown} {unit}')} is {kind}, but {dimension.name} is needed",
            f"for example: {dimension.example}",
        )
    raise QuantityError(
        f"{quote(unit)} is not a unit for {dimension.name}", f"for example: {dimension.example}"
    )


def _usable(value: float, written: object, dimension: Dimension) -> float:
    if value < 0:
        raise QuantityError(f"{quote(written)} is negative", "give zero or more")
    if _finite(value, written) > dimension.highest:
        most = f"{plain_number(dimension.highest)} {dimension.base}"
        raise QuantityError(f"{quote(written)} is more than possible", f"at most {most}")
    return value


def _as_float(written: int | float) -> float:
    try:
        return _finite(float(written), written)
    except OverflowError:
        return _finite(math.inf, "a number with hundreds of digits")


def _finite(value: float, written: object) -> float:
    if not math.isfinite(value):
        raise QuantityError(f"{quote(written)} is too large a number", "give a smaller one")
    return value
