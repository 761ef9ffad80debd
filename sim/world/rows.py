"""Rules for single rows: known parameter and unit, number in bounds, source and reason given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from math import isfinite

from sim.words.problems import Problem, list_names, quote, suggest
from sim.words.quantities import plain_number
from sim.world.numbers import as_number, has_other_marks, in_two_ways, misread, two_readings
from sim.world.schema import CONFIDENCE, DEFINITION, TABLES, YEARS, Parameter
from sim.world.tables import MOST_ALIKE, PackText, for_many
from sim.world.world import Row

_ONE_EACH = ("pack", "defaults")
"""Tables whose parameters stand for the whole world, whatever the key beside them."""


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
    _check_marks(pack)
    _check_needed(pack)
    _check_required(pack)
    _check_place_of_rows(pack)


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
        elif parameter.is_list:
            words = row.value.split()
            for word in dict.fromkeys(words):
                if words.count(word) > 1:
                    message = f"{quote(word)} stands twice in {row.parameter}"
                    pack.fault(row, "value", message, "keep one")
        return
    for column, text in (("value", row.value), ("low", row.low), ("high", row.high)):
        if text or column == "value":
            _check_number(pack, row, column, text, parameter)
    if row.low or row.high:
        _check_range(pack, row)


def _check_number(pack: PackText, row: Row, column: str, text: str, parameter: Parameter) -> None:
    number = _read(text, row.unit)
    if number is None:
        return  # said by `_check_marks`, for the whole table
    if column == "value" and not parameter.lowest <= number <= parameter.highest:
        pack.fault(row, column, f"{row.parameter} cannot be {text}", _bounds(parameter, row.unit))
    elif column == "value" and parameter.whole and number != int(number):
        pack.fault(row, column, f"{row.parameter} cannot be {text}", "a whole number is needed")


def _read(text: str, unit: str) -> float | None:
    """A number, unless its decimals are three zeros, which may be meant for thousands."""
    return None if text[-4:] == ".000" and in_two_ways(text, unit) else as_number(text)


def _check_marks(pack: PackText) -> None:
    """What is no number, or more than one, in the cells for numbers of each table.

    A fault that stands in many cells of a table, such as a comma for the point, is said once.
    """
    doubtful = [
        (row, column, text)
        for row in pack.rows
        for column, text in _numbers_of(row)
        if text[-4:-3] == "." or as_number(text) is None
    ]
    other_marks: dict[str, str] = {}
    for row, _, text in doubtful:
        if as_number(text) is None and has_other_marks(text):
            other_marks.setdefault(row.table, text)
    found: dict[tuple[str, str], list[Problem]] = defaultdict(list)
    for row, column, text in doubtful:
        beside = other_marks.get(row.table, "")
        if as_number(text) is None:
            fault = misread(text, row.unit, column)
        elif _read(text, row.unit) is None:
            fault = two_readings(text)
        elif beside and in_two_ways(text, row.unit):
            fault = two_readings(text, beside)
        else:
            continue
        # Each cell of a scenario's changes stands for itself.
        kind = text if pack.is_changed(row) else fault.kind
        found[row.table, kind].append(Problem(pack.place(row, column), fault.message, fault.help))
    for same in found.values():
        pack.problems += same if len(same) <= MOST_ALIKE else [for_many(same)]


def _numbers_of(row: Row) -> Iterator[tuple[str, str]]:
    """The cells of a row that hold numbers: column and text."""
    parameter = TABLES[row.table].parameters.get(row.parameter)
    if parameter is None or parameter.is_text:
        return
    yield "value", row.value
    if row.low:
        yield "low", row.low
    if row.high:
        yield "high", row.high


def _bounds(parameter: Parameter, unit: str) -> str:
    low, high = plain_number(parameter.lowest), plain_number(parameter.highest)
    if isfinite(parameter.lowest) and isfinite(parameter.highest):
        return f"{low} to {high} {unit}"
    return f"at least {low} {unit}" if isfinite(parameter.lowest) else f"at most {high} {unit}"


def _check_range(pack: PackText, row: Row) -> None:
    """A range holds its value; what a target may be is no range of the model."""
    low, value, high = (_read(text, row.unit) for text in (row.low, row.value, row.high))
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


def _check_origin(pack: PackText, row: Row) -> None:
    if row.confidence not in CONFIDENCE:
        help = suggest(row.confidence, CONFIDENCE)
        pack.fault(row, "confidence", f"unknown confidence {quote(row.confidence)}", help)
    if row.year and not YEARS.fullmatch(row.year):
        help = "for example 2024, 2024-2030, or nothing"
        pack.fault(row, "year", f"{quote(row.year)} is not a year", help)
    if row.source not in pack.sources and pack.is_read("sources"):
        for source in row.source.split(";"):
            if source not in pack.sources:
                help = suggest(source, pack.sources) if source else "every row names its source"
                help += "; a new one needs a row in sources.csv"
                pack.fault(row, "source", f"unknown source {quote(source)}", help)
    guessed = row.confidence in CONFIDENCE and row.confidence != "reported"
    if guessed and not row.note and row.source != DEFINITION:
        help = "say in `note` how the value was made, or why it is assumed"
        pack.fault(row, "note", f"a row that is {row.confidence} needs a note", help)


def _check_needed(pack: PackText) -> None:
    """Rows without which there is no world at all, and of which there can be only one."""
    given = {(row.table, row.parameter) for row in pack.rows}
    for name, table in TABLES.items():
        for parameter in table.needed:
            if (name, parameter) not in given and pack.is_read(name):
                place = pack.tables[name].place(1)
                help = f"add a row with the parameter `{parameter}`"
                pack.problems.append(Problem(place, f"{name}.csv has no `{parameter}`", help))
    _check_once(pack)
    offices = dict.fromkeys(row.key[0] for row in pack.rows if row.table == "licence_office")
    if len(offices) > 1:
        place = pack.tables["licence_office"].place(1)
        pack.problems.append(Problem(place, "a pack has one licence office", list_names(offices)))


def _check_once(pack: PackText) -> None:
    first: dict[tuple[str, ...], Row] = {}
    for row in pack.rows:
        if row.parameter == "order" and as_number(row.value) is not None:
            # Else the order of lines would decide.
            earlier = first.setdefault((row.table, "order", str(as_number(row.value))), row)
            if earlier is not row:
                other = f"{quote(earlier.key[0])} has it on line {earlier.line}"
                message = f"order {row.value} stands twice: {other}"
                pack.fault(row, "value", message, "give each a number of its own")
        if row.table not in _ONE_EACH or row.parameter == "members":
            continue
        earlier = first.setdefault((row.table, row.parameter), row)
        if earlier is not row:
            column = TABLES[row.table].keys[0]
            message = (
                f"`{row.parameter}` stands twice: on line {earlier.line} it is given for "
                f"{quote(earlier.key[0])} already"
            )
            pack.fault(row, column, message, "it holds for the whole pack; keep one")


def _check_required(pack: PackText) -> None:
    found: dict[tuple[str, tuple[str, ...]], dict[str, Row]] = defaultdict(dict)
    for row in pack.rows:
        found[row.table, row.key[: TABLES[row.table].identity]][row.parameter] = row
    # Where a line could not be read, what is missing may stand on it.
    whole = {name for name in TABLES if pack.is_read(name)}
    for (table, key), rows in found.items():
        if table not in whole:
            continue
        for name, parameter in TABLES[table].parameters.items():
            if parameter.required and name not in rows:
                first = next(iter(rows.values()))
                subject = " ".join(filter(None, key))
                help = f"add a row `{name}` to {table}.csv"
                pack.fault(first, TABLES[table].keys[0], f"`{subject}` has no `{name}`", help)


def _check_place_of_rows(pack: PackText) -> None:
    """A row whose further key cells do not go with its parameter would be read by nobody."""
    parted = {name: table for name, table in TABLES.items() if table.at_parts}
    for row in pack.rows:
        table = parted.get(row.table)
        if table is None or row.parameter not in table.parameters:
            continue
        if row.parameter in table.at_any_key:
            continue
        filled = [column for column, cell in zip(table.keys[1:], row.key[1:], strict=True) if cell]
        wanted = row.parameter in table.at_parts
        if wanted != bool(filled):
            column = filled[0] if filled else table.keys[1]
            what = "needs" if wanted else "cannot have"
            message = f"`{row.parameter}` {what} an entry in the column `{column}`"
            help = f"write what it is about into `{column}`" if wanted else "leave the cell empty"
            pack.fault(row, column, message, help)
