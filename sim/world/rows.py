"""Rules for single rows: known parameter and unit, number in bounds, source and reason given."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from math import isfinite

from sim.problems import Problem, list_names, quote, suggest
from sim.quantities import plain_number
from sim.world.schema import CONFIDENCE, DEFINITION, TABLES, Parameter
from sim.world.tables import PackText
from sim.world.world import Row


def check_rows(pack: PackText) -> None:
    """Note everything that is wrong with a row on its own."""
    basis = next((row.value for row in pack.rows if row.parameter == "basis"), "")
    known = {
        (name, parameter): (rules, _units(rules, basis))
        for name, table in TABLES.items()
        for parameter, rules in table.parameters.items()
    }
    for row in pack.rows:
        parameter, units = known.get((row.table, row.parameter), (None, ()))
        if parameter is None:
            help = suggest(row.parameter, TABLES[row.table].parameters)
            message = f"unknown parameter {quote(row.parameter)} in {row.table}.csv"
            pack.fault(row, "parameter", message, help)
        else:
            if units and row.unit not in units:
                message = f"unknown unit {quote(row.unit)} for {row.parameter}"
                pack.fault(row, "unit", message, list_names(units))
            _check_value(pack, row, parameter)
        _check_origin(pack, row)
    _check_needed(pack)
    _check_required(pack)


def _units(parameter: Parameter, basis: str) -> tuple[str, ...]:
    """Units a row may have; any where there are none."""
    units = tuple([unit.replace("{basis}", basis) for unit in parameter.units])
    # Without a basis every tonne would be wrong; that it is missing is said once, elsewhere.
    return units if basis or units == parameter.units else ()


def _check_value(pack: PackText, row: Row, parameter: Parameter) -> None:
    if parameter.is_text:
        if parameter.choices and row.value not in parameter.choices:
            help = suggest(row.value, parameter.choices)
            pack.fault(row, "value", f"unknown {row.parameter} {quote(row.value)}", help)
        elif not row.value.strip():
            pack.fault(row, "value", f"{row.parameter} is empty", "write something or drop the row")
        return
    for column, text in (("value", row.value), ("low", row.low), ("high", row.high)):
        if text or column == "value":
            _check_number(pack, row, column, text, parameter)
    if row.low or row.high:
        _check_range(pack, row)


def _check_number(pack: PackText, row: Row, column: str, text: str, parameter: Parameter) -> None:
    number = as_number(text)
    if number is None:
        help = "digits and a point for decimals, for example 1200.5"
        pack.fault(row, column, f"{quote(text)} is not a number", help)
    elif column == "value" and not parameter.lowest <= number <= parameter.highest:
        pack.fault(row, column, f"{row.parameter} cannot be {text}", _bounds(parameter, row.unit))
    elif column == "value" and parameter.whole and number != int(number):
        pack.fault(row, column, f"{row.parameter} cannot be {text}", "a whole number is needed")


def _bounds(parameter: Parameter, unit: str) -> str:
    low, high = plain_number(parameter.lowest), plain_number(parameter.highest)
    if isfinite(parameter.lowest) and isfinite(parameter.highest):
        return f"{low} to {high} {unit}"
    return f"at least {low} {unit}" if isfinite(parameter.lowest) else f"at most {high} {unit}"


def _check_range(pack: PackText, row: Row) -> None:
    """A range holds its value; what a target may be is no range of the model."""
    low, value, high = as_number(row.low), as_number(row.value), as_number(row.high)
    if value is None or row.table == "targets":
        return
    if low is not None and high is not None and low > high:
        message = (
            f"the range of {row.parameter} is upside down: {quote(row.low)} to {quote(row.high)}"
        )
        pack.fault(row, "low", message, "swap `low` and `high`")
    elif low is not None and low > value * (1 + 1e-9) + 1e-12:
        message = f"{row.parameter} is {quote(row.value)}, below its `low` {quote(row.low)}"
        pack.fault(row, "low", message, "a range holds its value")
    elif high is not None and high < value * (1 - 1e-9) - 1e-12:
        message = f"{row.parameter} is {quote(row.value)}, above its `high` {quote(row.high)}"
        pack.fault(row, "high", message, "a range holds its value")


@lru_cache(maxsize=10_000)  # a pack writes the same few thousand numbers again and again
def as_number(text: str) -> float | None:
    """A finite number, or None."""
    # Python also takes blanks, underscores and the digits of other scripts.
    if not text.isascii() or "_" in text or text != text.strip():
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _check_origin(pack: PackText, row: Row) -> None:
    if row.confidence not in CONFIDENCE:
        help = suggest(row.confidence, CONFIDENCE)
        pack.fault(row, "confidence", f"unknown confidence {quote(row.confidence)}", help)
    if row.source not in pack.sources and pack.is_read("sources"):
        for source in row.source.split(";"):
            if source not in pack.sources:
                help = suggest(source, pack.sources) if source else "every row names its source"
                pack.fault(row, "source", f"unknown source {quote(source)}", help)
    guessed = row.confidence in CONFIDENCE and row.confidence != "reported"
    if guessed and not row.note and row.source != DEFINITION:
        help = "say in `note` how the value was made, or why it is assumed"
        pack.fault(row, "note", f"a row that is {row.confidence} needs a note", help)


def _check_needed(pack: PackText) -> None:
    """Rows without which there is no world at all."""
    given = {(row.table, row.parameter) for row in pack.rows}
    for name, table in TABLES.items():
        for parameter in table.needed:
            if (name, parameter) not in given and pack.is_read(name):
                place = pack.tables[name].place(1)
                help = f"add a row with the parameter `{parameter}`"
                pack.problems.append(Problem(place, f"{name}.csv has no `{parameter}`", help))
    offices = dict.fromkeys(row.key[0] for row in pack.rows if row.table == "licence_office")
    if len(offices) > 1:
        place = pack.tables["licence_office"].place(1)
        pack.problems.append(Problem(place, "a pack has one licence office", list_names(offices)))


def _check_required(pack: PackText) -> None:
    found: dict[tuple[str, tuple[str, ...]], dict[str, Row]] = defaultdict(dict)
    for row in pack.rows:
        found[row.table, row.key[: TABLES[row.table].identity]][row.parameter] = row
    for (table, key), rows in found.items():
        for name, parameter in TABLES[table].parameters.items():
            if parameter.required and name not in rows:
                first = next(iter(rows.values()))
                subject = " ".join(filter(None, key))
                help = f"add a row `{name}` to {table}.csv"
                pack.fault(first, TABLES[table].keys[0], f"`{subject}` has no `{name}`", help)
