"""Changes: a scenario's differences from the pack, row by row, each with its source or reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sim.words.problems import Place, Problem, list_names, quote, suggest
from sim.words.quantities import QuantityError, read_in_unit
from sim.world.numbers import as_number, in_two_ways, misread_in_scenario
from sim.world.schema import TABLES
from sim.world.tables import PackText
from sim.world.world import Changed, Row


@dataclass(frozen=True, slots=True)
class Change:
    """One value of the pack that a scenario sets otherwise."""

    table: str
    key: Mapping[str, str]
    """Column -> cell; columns left out may be anything, as long as only one row remains."""
    parameter: str
    value: str
    """As people write it, `92 %`; a bare number is in the row's own unit."""
    unit: str = ""
    """Of `value`; empty where the value has its unit beside it."""
    source: str = ""
    """Id in sources.csv, a link, or a citation of more than one word."""
    reason: str = ""
    place: Place = field(default_factory=lambda: Place("scenario"))
    parts: Mapping[str, Place] = field(default_factory=dict)
    """Where its single parts stand: `table`, `value`, `id`, and the name of a column as `key id`."""

    def at(self, part: str) -> Place:
        """Where a part stands, or else the whole."""
        return self.parts.get(part, self.place)


def apply_changes(pack: PackText, changes: Sequence[Change]) -> tuple[Changed, ...]:
    """Replace rows in the pack; what matches no row becomes a problem at the change's place."""
    if not changes:
        return ()
    position = {(row.table, row.key, row.parameter): i for i, row in enumerate(pack.rows)}
    by_table: dict[str, list[Row]] = defaultdict(list)
    for row in pack.rows:
        by_table[row.table].append(row)
    done: dict[tuple[str, tuple[str, ...], str], Changed] = {}
    for change in changes:
        before = _find_row(pack, change, by_table)
        after = _new_row(pack, change, before) if before else None
        if before is None or after is None:
            continue
        id = before.table, before.key, before.parameter
        if id in done:
            message = f"{' '.join(filter(None, before.key))} {before.parameter} is changed twice"
            pack.problems.append(Problem(change.place, message, "keep one"))
            continue
        pack.rows[position[id]] = after
        pack.moved[id] = {**change.parts, "": change.place}
        done[id] = Changed(before, after)
    return tuple(done.values())


def _find_row(pack: PackText, change: Change, by_table: Mapping[str, Sequence[Row]]) -> Row | None:
    fault = _wrong_table(change)
    if fault is None:
        rows = _matching(change, by_table[change.table])
        if len(rows) == 1:
            return rows[0]
        fault = _not_one(change, rows, by_table[change.table])
    part, message, help = fault
    pack.problems.append(Problem(change.at(part), message, help))
    return None


_Fault = tuple[str, str, str]
"""Part of the change, what is wrong, what would be right."""


def _wrong_table(change: Change) -> _Fault | None:
    if change.table not in TABLES:
        help = suggest(change.table, TABLES)
        return "table", f"the pack has no table {quote(change.table)}", help
    table = TABLES[change.table]
    for column in change.key:
        if column not in table.keys:
            help = suggest(column, table.keys)
            return f"key {column}", f"{change.table}.csv has no key column {quote(column)}", help
    if change.parameter not in table.parameters:
        help = suggest(change.parameter, table.parameters)
        message = f"{change.table}.csv has no parameter {quote(change.parameter)}"
        return "parameter", message, help
    return None


def _matching(change: Change, rows: Sequence[Row]) -> list[Row]:
    """Rows that fit; of several, the one whose other key cells are empty."""
    keys = TABLES[change.table].keys
    wanted = [(keys.index(column), cell) for column, cell in change.key.items()]
    fitting = [
        row
        for row in rows
        if row.parameter == change.parameter and all(row.key[i] == cell for i, cell in wanted)
    ]
    given = {i for i, _ in wanted}
    plain = [row for row in fitting if not any(c for i, c in enumerate(row.key) if i not in given)]
    return plain if len(fitting) > 1 and len(plain) == 1 else fitting


def _not_one(change: Change, fitting: Sequence[Row], rows: Sequence[Row]) -> _Fault:
    keys = TABLES[change.table].keys
    named = " ".join(change.key.values()) or "nothing"
    if fitting:
        free = [column for column in keys if column not in change.key]
        help = f"say `{'` and `'.join(free)}` too"
        what = quote(named) if change.key else f"without a key, {quote(change.parameter)}"
        return "", f"{what} fits {len(fitting)} rows of {change.table}.csv", help
    for column, cell in change.key.items():
        cells = dict.fromkeys(row.key[keys.index(column)] for row in rows)
        if cell not in cells:
            help = suggest(cell, [name for name in cells if name])
            return column, f"{change.table}.csv has no {column} {quote(cell)}", help
    same = [row for row in rows if all(row.key[keys.index(c)] == v for c, v in change.key.items())]
    if same:
        help = suggest(change.parameter, dict.fromkeys(row.parameter for row in same))
        message = f"{quote(named)} has no {quote(change.parameter)} in {change.table}.csv"
        return "parameter", message, help
    return "", f"{change.table}.csv has no row for {quote(named)}", list_names(change.key)


def _new_row(pack: PackText, change: Change, before: Row) -> Row | None:
    value = _value(pack, change, before)
    if value is None or not _has_origin(pack, change):
        return None
    return before._replace(
        value=value,
        source=change.source or "estimate",
        locator="",
        confidence="reported" if change.source else "assumed",
        low="",
        high="",
        note=change.reason or change.source,
        file=change.place.file,
        line=change.place.line,
    )


def _value(pack: PackText, change: Change, before: Row) -> str | None:
    if TABLES[before.table].parameters[before.parameter].is_text:
        return change.value
    bare = change.unit in ("", before.unit) and as_number(change.value) is not None
    if bare and not in_two_ways(change.value, before.unit):
        return change.value
    fault = misread_in_scenario(change.value)
    if fault is not None:
        pack.problems.append(Problem(change.at("value"), fault.message, fault.help))
        return None
    basis = next((row.value for row in pack.rows if row.parameter == "basis"), "")
    try:
        number = read_in_unit(f"{change.value} {change.unit}".strip(), before.unit, basis=basis)
    except QuantityError as error:
        pack.problems.append(Problem(change.at("value"), error.message, error.help))
        return None
    return f"{number:.15g}"


def _has_origin(pack: PackText, change: Change) -> bool:
    if not (change.source or change.reason):
        message = "a change of the pack says where its value is from"
        pack.problems.append(Problem(change.place, message, "give `source` or `reason`"))
        return False
    # One word is meant as an id; anything longer cites a work the pack does not know.
    is_citation = " " in change.source or "://" in change.source
    if change.source and change.source not in pack.sources and not is_citation:
        help = suggest(change.source, pack.sources)
        message = f"unknown source {quote(change.source)}"
        pack.problems.append(Problem(change.at("source"), message, help))
        return False
    if change.source and change.source not in pack.sources:
        link = change.source if "://" in change.source else ""
        entry = {"id": change.source, "publisher": "", "title": change.source, "year": ""}
        pack.sources[change.source] = {**entry, "link": link, "accessed": ""}
    return True
