"""The entries under `changes` become changed rows of the pack, each traced to its source."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sim.problems import BadInputError, Problem, quote, suggest
from sim.quantities import QuantityError, plain_number, read_in_unit
from sim.scenario.locate import check, key_of, place_of
from sim.scenario.schema import KEY_COLUMNS, ChangeText
from sim.scenario.tree import Node
from sim.world import Change, Row, World, load_pack
from sim.world.tables import KEYS

_TEXT_UNITS = ("text", "")
RowKey = tuple[str, tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class ReadChange:
    """A difference from the pack, with the row it replaces."""

    row: Row
    change: Change
    text: ChangeText
    node: Node

    def described(self) -> dict[str, object]:
        """Before and after, as the resolved scenario shows it."""
        origin = {"source": self.text.source, "reason": self.text.reason}
        origin["locator"] = self.text.locator
        return {
            "table": self.row.table,
            "key": [cell for cell in self.row.key if cell],
            "parameter": self.row.parameter,
            "unit": self.row.unit,
            "before": self.row.value,
            "before_source": self.row.source,
            "after": self.change.value,
            **{key: said for key, said in origin.items() if said},
        }


def read_changes(entries: Node, world: World, found: list[Problem]) -> list[ReadChange]:
    """Every change that fits the pack; faults are added to `found`."""
    rows = {(row.table, row.key, row.parameter): row for row in world.rows}
    columns = _columns(world)
    changes: dict[RowKey, ReadChange] = {}
    for node in entries.elements():
        change = _read_change(node, rows, columns, world, found)
        if change is None:
            continue
        first = changes.setdefault(_row_key(change.row), change)
        if first is not change:
            line = place_of(first.node).line
            message = f"this value is changed twice (first on line {line})"
            found.append(Problem(place_of(node), message, "keep one of them"))
    return list(changes.values())


def changed_world(pack: str, changes: list[ReadChange], found: list[Problem]) -> World | None:
    """The pack with the changes applied; what then no longer fits is said at the changes."""
    try:
        return load_pack(pack, [each.change for each in changes])
    except BadInputError as error:
        places = {_row_place(each.row): place_of(each.node, ("value",)) for each in changes}
        for problem in error.problems:
            at = (problem.place.file, problem.place.line)
            place = places.get(at) or place_of(changes[0].node)
            message = f"with this change the pack no longer fits together: {problem.message}"
            found.append(replace(problem, place=place, message=message))
        return None


def _columns(world: World) -> dict[str, tuple[str, ...]]:
    tables = {row.table for row in world.rows}
    return {table: columns for table, columns in KEYS.items() if table in tables}


def _read_change(
    node: Node,
    rows: dict[RowKey, Row],
    columns: dict[str, tuple[str, ...]],
    world: World,
    found: list[Problem],
) -> ReadChange | None:
    text = check(ChangeText, node, node.plain(), world, found)
    if not {"source", "reason"} & node.entries().keys() and isinstance(node.value, dict):
        message = "the change says neither `source` nor `reason`"
        found.append(Problem(place_of(node), message, "add one: where the value comes from"))
    if text is None:
        return None
    if text.table not in columns:
        help = suggest(text.table, columns)
        found.append(
            Problem(place_of(node, ("table",)), f"unknown table {quote(text.table)}", help)
        )
        return None
    row = _row(text, node, rows, columns[text.table], found)
    value = _value(text, row, node, world, found) if row else None
    if row is None or value is None:
        return None
    key = dict(zip(columns[text.table], row.key, strict=True))
    change = Change(text.table, key, row.parameter, value, "", text.source or "",
                    text.reason or "", place_of(node))  # fmt: skip
    return ReadChange(row, change, text, node)


def _row(
    text: ChangeText,
    node: Node,
    rows: dict[RowKey, Row],
    columns: tuple[str, ...],
    found: list[Problem],
) -> Row | None:
    """The row a change means, by the table's own columns."""
    given = {name: cell for name in KEY_COLUMNS if (cell := getattr(text, name)) is not None}
    if len(columns) == 1 and columns[0] not in given and "id" in given:
        given[columns[0]] = given.pop("id")
    parameters = [text.parameter]
    if "element" in given and "element" not in columns:
        # Some tables name the element behind the parameter: recovery:swarf:Dy, or price:Dy.
        parameters = [f"{text.parameter}:{given.pop('element')}"]
    stranger = next((name for name in given if name not in columns), None)
    if stranger is not None:
        message = f"rows of `{text.table}` are not told apart by `{stranger}`"
        found.append(Problem(key_of(node, stranger), message, f"they are by {', '.join(columns)}"))
        return None
    key = tuple(given.get(column, "") for column in columns)
    row = rows.get((text.table, key, parameters[0]))
    if row is None:
        found.append(_no_such_row(text.table, key, parameters[0], node, rows))
    return row


def _no_such_row(
    table: str, key: tuple[str, ...], parameter: str, node: Node, rows: dict[RowKey, Row]
) -> Problem:
    inside = [row for row in rows.values() if row.table == table]
    name = " ".join(filter(None, key))
    same = list(dict.fromkeys(row.parameter for row in inside if row.key == key))
    if same:
        place = place_of(node, ("parameter",))
        return Problem(place, f"`{name}` has no {quote(parameter)}", suggest(parameter, same))
    named = [entry for entry in node.entries() if entry in KEY_COLUMNS]
    place = place_of(node, (named[0],)) if named else place_of(node)
    if not name:
        return Problem(
            place, f"which row of `{table}` is meant?", "add `id`, or the columns it has"
        )
    names = list(dict.fromkeys(" ".join(filter(None, row.key)) for row in inside))
    return Problem(place, f"`{table}` has no row {quote(name)}", suggest(name, names))


def _value(
    text: ChangeText, row: Row, node: Node, world: World, found: list[Problem]
) -> str | None:
    """The value in the unit of the pack's row."""
    written = text.value if text.unit is None else f"{text.value} {text.unit}"
    if row.unit in _TEXT_UNITS:
        return str(text.value)
    try:
        number = read_in_unit(written, row.unit, basis=world.basis)
    except QuantityError as error:
        help = f"{error.help} (the pack has {row.value} {row.unit})"
        found.append(Problem(place_of(node, ("value",)), error.message, help))
        return None
    if number > 1.0 and row.unit.startswith("fraction"):
        message = f"{plain_number(number * 100)} % is more than the whole"
        found.append(Problem(place_of(node, ("value",)), message, "give 0 % to 100 %"))
        return None
    return repr(number)


def _row_key(row: Row) -> RowKey:
    return row.table, row.key, row.parameter


def _row_place(row: Row) -> tuple[str, int]:
    return row.file, row.line
