"""Numbers in the cells of a pack: what is one, and what somebody probably meant where it is not.

Reports and spreadsheets write ranges, bounds, estimates, gaps, marks of other countries and dates that were
numbers. Each is named for what it is, with the way to write it here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite

from sim.words.problems import quote
from sim.words.quantities import is_ambiguous, readings

_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_N = r"(?P<{}>[+-]?[0-9][0-9., '\u2019]*[0-9]|[+-]?[0-9]|[+-]?\.[0-9]+)"
"""A number with whatever marks."""
_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "jan janv", "feb fev", "mar mär mrz mars", "apr avr", "may mai", "jun juin", "jul juil",
            "aug aou aoû", "sep sept", "oct okt", "nov", "dec dez déc",
        ), start=1,
    )
    for name in names.split()
}  # fmt: skip
"""How the names of months begin in English, German and French -> number."""
_MONTH = f"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})[a-zäéû]*\\.?"
_ABOVE = "<=?|\u2264|under|less than|at most|max\\.?|up to"
"""What stands before a number that is a bound from above."""
_BOUNDS = rf"(?P<sign>>=?|\u2265|over|more than|at least|min\.?|{_ABOVE})"
_WITHHELD = {"w", "(w)", "(d)"}
"""How statistical offices mark a figure that they keep back."""
_NO_FIGURE = {
    "-", "--", "---", "n/a", "na", "n.a.", "n.a", "nan", "null", "none", "nil", "..", "...", ":", "?", "x",
    "xx", "tbd", "k.a.", "unknown", "missing",
}  # fmt: skip
_ESTIMATED = {"e", "est", "estimate", "estimated", "s"}
_REMARKS = {"p", "r", "f", "b", "prov", "preliminary", "revised"}
"""What statistical offices write behind a figure."""
_YES_NO = {"true": 1, "yes": 1, "wahr": 1, "ja": 1, "vrai": 1,
           "false": 0, "no": 0, "falsch": 0, "nein": 0, "faux": 0}  # fmt: skip
_HIDDEN = str.maketrans({"\u2212": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2007": " "})
"""What looks like a minus or a space, and is another letter."""
_NOT = "is not a number"


ELSEWHERE = ""
"""In place of a column: a value that is in no table, hence has no `low`, `confidence` or `note` beside it."""


@dataclass(frozen=True, slots=True)
class Misread:
    """What stands in a cell in place of a number."""

    kind: str
    """The same for all cells with this fault."""
    message: str
    help: str


@lru_cache(maxsize=10_000)  # a pack writes the same few thousand numbers again and again
def as_number(text: str) -> float | None:
    """A finite number, or None: digits, a point for decimals, perhaps a power of ten (`1.5e3`)."""
    if _PLAIN.fullmatch(text) is None:
        return None
    number = float(text)
    return number if isfinite(number) else None


def is_share(unit: str) -> bool:
    """Whether a unit is of shares, of which nobody writes thousands."""
    return unit.startswith(("%", "fraction"))


def in_two_ways(text: str, unit: str) -> bool:
    """Whether a point before three digits may part thousands: 75.099 is a number, 25.000 hardly one."""
    return is_ambiguous(text) and not is_share(unit)


def misread(text: str, unit: str, column: str = "value") -> Misread:
    """What a text is that is no number, and how to write it."""
    tidy = text.translate(_HIDDEN).strip()
    for look in _LOOKS:
        found = look(tidy, unit, column)
        if found is not None:
            kind, what, help = found
            return Misread(kind, f"{quote(text)} {_NOT}{what}", help)
    return Misread(
        "else", f"{quote(text)} {_NOT}", "digits and a point for decimals, for example 1200.5"
    )


def misread_in_scenario(text: str) -> Misread | None:
    """The same of a value that a scenario writes, with its unit or without; None for what only lacks that."""
    for part in (text, re.sub(r"(?<=[0-9.]) *[^\W\d_][\w%/ ]*$", "", text)):
        found = misread(part, "", ELSEWHERE)
        if found.kind not in ("unit", "marks", "else", "empty"):
            return found
    return None


def two_readings(text: str, beside: str = "") -> Misread:
    """A number that is one here and a thousand times as much elsewhere."""
    thousands, decimals = readings(text)
    message = f"{quote(text)} can be read in two ways" + (
        f", beside {quote(beside)}" if beside else ""
    )
    return Misread(
        "two ways", message,
        f"write `{thousands}` if the point parts the thousands, `{decimals}` if it begins the decimals",
    )  # fmt: skip


def has_other_marks(text: str) -> bool:
    """Whether a cell shows that its table parts thousands or decimals by other marks than ours."""
    tidy = text.translate(_HIDDEN).strip()
    return bool(
        re.fullmatch(
            r"[+-]?\d+(,\d+)+(\.\d+)?|[+-]?\d{1,3}(\.\d{3})+,\d+|[+-]?\d{1,3}(\.\d{3}){2,}", tidy
        )
    )


_Found = tuple[str, str, str] | None
"""Kind, what it is rather than a number, and what would be right."""


def _gap(tidy: str, unit: str, column: str) -> _Found:
    left_out = "leave the row out" if column == "value" else "leave the cell empty"
    estimate = f"{left_out}, or write an estimate and say in `note` how it was made"
    if column == ELSEWHERE:
        estimate = "write a value, and in `reason` that it is estimated, or drop the change"
    if not tidy:
        return "empty", "", estimate
    if tidy.casefold() in _WITHHELD:
        return "withheld", ": the figure was withheld", estimate
    if tidy.casefold() in _NO_FIGURE:
        return "gap", ": it says that there is no figure", f"{estimate}; 0 if there is none of it"
    return None


def _of_a_spreadsheet(tidy: str, unit: str, column: str) -> _Found:
    if tidy.startswith("#"):
        help = "mend the formula in the spreadsheet, and save the table again"
        return "formula", ": it is what a spreadsheet shows where a formula fails", help
    if tidy.startswith("="):
        return "formula", " but a formula", "write the number that it gives"
    if tidy.casefold() in _YES_NO:
        return "yes or no", "", f"write {_YES_NO[tidy.casefold()]}: 1 stands for yes, 0 for no"
    bare = tidy.strip("'\"\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb ")
    if bare != tidy and _written(bare):
        return "quotes", " but a text in quotes", f"write {_written(bare)}"
    return None


def _date(tidy: str, unit: str, column: str) -> _Found:
    word = tidy.casefold()
    iso = re.fullmatch(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)", word)
    plain = re.fullmatch(r"(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./](\d{4}|\d\d)?", word)
    named = re.fullmatch(rf"(?P<day>\d{{1,2}})[. -]*{_MONTH}([. -]*\d{{2,4}})?", word)
    year = re.fullmatch(rf"{_MONTH}[. -]*(?P<year>\d{{2,4}})", word)
    for match in filter(None, (iso, plain, named, year)):
        parts = match.groupdict()
        month = _MONTHS.get(parts["month"]) or int(parts["month"])
        meant = (
            f"{int(parts['day'])}.{month}" if "day" in parts else f"{month}.{parts['year'][-2:]}"
        )
        help = (
            f"write {meant} if that was meant; in the spreadsheet format the column as text first"
        )
        return "date", " but a date, which spreadsheets make of numbers", help
    return None


def _percent(tidy: str, unit: str, column: str) -> _Found:
    match = re.fullmatch(rf"{_N.format('n')} ?%", tidy)
    number = _written(match["n"]) if match else ""
    if not number:
        return None
    if unit.startswith("fraction"):
        number = f"{float(number) / 100:.12g}"
    return "unit", ": the unit stands in the column `unit`", f"write {number} (in {unit})"


def _range(tidy: str, unit: str, column: str) -> _Found:
    match = re.fullmatch(
        rf"{_N.format('a')} ?(?:-|\u2013|\u2014|to|bis|\.\.\.?) ?{_N.format('b')}", tidy
    )
    spread = re.fullmatch(rf"{_N.format('a')} ?(?:\u00b1|\+/-|\+-) ?{_N.format('b')}", tidy)
    if match and _written(match["a"]) and _written(match["b"]):
        low, high = sorted((float(_written(match["a"])), float(_written(match["b"]))))
        middle = (low + high) / 2
    elif spread and _written(spread["a"]) and _written(spread["b"]):
        middle, part = float(_written(spread["a"])), float(_written(spread["b"]))
        low, high = middle - part, middle + part
    else:
        return None
    ends = f"{low:.12g} in `low` and {high:.12g} in `high`"
    if column == ELSEWHERE:
        return "range", " but a range", f"write one value, for example the middle {middle:.12g}"
    if column != "value":
        return "range", " but a range", f"write {ends}"
    return "range", " but a range", f"write the middle {middle:.12g} as `value`, {ends}"


def _bound(tidy: str, unit: str, column: str) -> _Found:
    match = re.fullmatch(rf"{_BOUNDS} ?{_N.format('n')}", tidy, re.IGNORECASE)
    number = _written(match["n"]) if match else ""
    if not match or not number:
        return None
    below = re.fullmatch(_ABOVE, match["sign"], re.IGNORECASE)
    end = "high" if below else "low"
    what = " but a bound from above" if below else " but a bound from below"
    if column != "value":
        return "bound", what, f"write {number}, or the value you think likely"
    return "bound", what, f"write {number} as `value` and in `{end}`, or the value you think likely"


def _rough(tidy: str, unit: str, column: str) -> _Found:
    match = re.fullmatch(
        rf"(?:~|\u2248|\u223c|ca\.?|c\.|circa|about|approx\.?|around|rd\.?) ?{_N.format('n')}",
        tidy,
        re.IGNORECASE,
    )
    number = _written(match["n"]) if match else ""
    if not number:
        return None
    beside = (
        "in `reason` that it is rough" if column == ELSEWHERE else "`estimated` as `confidence`"
    )
    return "rough", " but a rough one", f"write {number} and {beside}"


def _with_remark(tidy: str, unit: str, column: str) -> _Found:
    match = re.fullmatch(
        rf"[$\u20ac\u00a3\u00a5]? ?{_N.format('n')} ?(?P<rest>[^\W\d_].*|[*\u2020\u2021(%].*)?",
        tidy,
    )
    number = _written(match["n"]) if match else ""
    if not match or not number or number == tidy:
        return None
    rest = (match["rest"] or "").strip()
    if not rest:
        return ("unit", " alone", f"write {number}; units stand in the column `unit`")
    mark = rest.casefold().strip("().* ")
    if mark in _ESTIMATED:
        beside = (
            "in `reason` that it is an estimate"
            if column == ELSEWHERE
            else "`estimated` as `confidence`"
        )
        return "estimate", " but one that is marked as an estimate", f"write {number} and {beside}"
    if mark in _REMARKS or not any(letter.isalnum() for letter in rest):
        note = "reason" if column == ELSEWHERE else "note"
        return "remark", " but one with a remark", f"write {number}, and the remark in `{note}`"
    where = f" if it is in {unit}" if unit else ""
    return "unit", " alone", f"write {number}{where}; units stand in `unit`, remarks in `note`"


def _other_marks(tidy: str, unit: str, column: str) -> _Found:
    if not re.fullmatch(r"[+-]?[0-9][0-9.,'\u2019_ ]*", tidy):
        power = re.fullmatch(rf"{_N.format('n')}(?P<power>[eE][+-]?[0-9]{{1,3}})", tidy)
        number = _written(power["n"]) if power else ""
        return ("marks", "", f"write {number}{power['power']}") if power and number else None
    if not tidy[-1].isdigit():
        bare = tidy.rstrip(".,'\u2019_ ")
        return ("marks", "", f"write {_written(bare)}") if _written(bare) else None
    meant = readings(tidy, is_share=is_share(unit))
    if not meant:
        return None
    if len(meant) == 2:
        help = f"write {meant[1]} if the mark begins the decimals, {meant[0]} if it parts the thousands"
        return "marks", ": it has a mark that can be read in two ways", help
    return (
        "marks",
        "",
        f"write {meant[0]}: a point begins the decimals, nothing parts the thousands",
    )


_LOOKS: tuple[Callable[[str, str, str], _Found], ...] = (
    _gap, _of_a_spreadsheet, _date, _percent, _range, _bound, _rough, _other_marks, _with_remark,
)  # fmt: skip


def _written(text: str) -> str:
    """A number with any marks as it is written here; empty where it is none."""
    tidy = text.strip()
    if as_number(tidy) is not None and re.fullmatch(r"[+-]?[\d.]+", tidy):
        return tidy
    meant = readings(tidy)
    return meant[-1] if meant else ""
