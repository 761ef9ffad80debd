"""Numbers out of any sense: outside the range that the pack's row gives, or many times its value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sim.lever import Lever, keys_of
from sim.scenario.lever_entries import ReadLever
from sim.scenario.tree import Node
from sim.words.quantities import Duration, in_unit, plain_number
from sim.world.numbers import as_number
from sim.world.world import Changed, Row, World

MANY_TIMES = 10.0
"""As much more, or less, than the pack's own value, where the row gives no range."""
_NO_SIZE = {"order", "earliest_start", "base_year", "standalone"}
"""Parameters that are no amount of anything."""


def own_range(row: Row) -> tuple[float, float] | None:
    """From and to which the pack has a number, in the unit of its row; None where it gives no range."""
    low, usual, high = (as_number(cell) for cell in (row.low, row.value, row.high))
    ends = [end for end in (low, high) if end is not None]
    if usual is None or not ends:
        return None
    return min(ends[0], usual), max(ends[-1], usual)


def is_within(value: float, between: tuple[float, float]) -> bool:
    """Whether it lies there but for rounding."""
    below, above = between
    return below * (1 - 1e-9) <= value <= above * (1 + 1e-9)


def is_decided(parameter: str, value: float | None) -> bool:
    """Whether a change is a decision and no estimate: a project is out, or certain."""
    return parameter == "success" and value in (0.0, 1.0)


def out_of_proportion(row: Row, value: float) -> str:
    """What is odd about a value in the unit of the row that it replaces, as words after it; else empty."""
    usual, own = as_number(row.value), own_range(row)
    unit = f" {row.unit}" if row.unit not in ("number", "fraction", "flag", "year") else ""
    if usual is None or row.table == "targets":
        return ""
    if is_decided(row.parameter, value):
        return ""
    if own is not None and not is_within(value, own):
        below, above = map(plain_number, own)
        return f"lies outside the pack's own range, {below} to {above}{unit}"
    if row.parameter in _NO_SIZE:
        return ""
    if usual > 0 and value >= MANY_TIMES * usual:
        return f"is {plain_number(float(f'{value / usual:.2g}'))} times the pack's {plain_number(usual)}{unit}"
    if 0 < value <= usual / MANY_TIMES:
        return f"is a {plain_number(float(f'{usual / value:.2g}'))}th of the pack's {plain_number(usual)}{unit}"
    return ""


def of_changes(changed: Sequence[Changed]) -> list[str]:
    """For each change, what is odd about its size; empty where nothing is."""
    values = (as_number(each.after.value) for each in changed)
    return [
        "" if value is None else out_of_proportion(each.before, value)
        for each, value in zip(changed, values, strict=True)
    ]


Rows = Mapping[str, Sequence[Row]]
"""Table -> its rows"""


def rows_by_table(world: World) -> Rows:
    """The rows of a world, found by their table."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in world.rows:
        found[row.table].append(row)
    return found


def of_lever(read: ReadLever, world: World, rows_of: Rows) -> Iterator[tuple[Node, str, str]]:
    """Settings that stand in place of a row of the pack: where, their name, and what is odd about their size.

    What says itself why it is so, `{value: ..., reason: ...}` or a phase with its `reason`, is left alone.
    """
    rows = rows_of.get(getattr(read.lever.pack_rows, "table", ""), ())
    key_of_field = {field: key for key, field in keys_of(type(read.lever)).items()}
    for lever, node in _stated(read):
        for row in rows:
            field = lever.replaces(row)
            setting = key_of_field.get(field, "")
            if setting not in node.entries() or setting in read.origins:
                continue
            given, place = getattr(lever, field), node.entries()[setting]
            value = _number(given, row.parameter)
            odd = value is not None and out_of_proportion(
                row, in_unit(value, row.unit, basis=world.basis)
            )
            if odd:
                inner = f"{row.parameter}` in `" if hasattr(given, row.parameter) else ""
                yield place, setting, f"`{inner}{setting}` of `{lever.id}` {odd}"


def _stated(read: ReadLever) -> Iterator[tuple[Lever, Node]]:
    """The lever, and what its phases restate without saying why."""
    yield read.lever, read.node
    phases = read.node.entries().get("phases")
    for phase, node in zip(
        read.lever.timeline(), phases.elements() if phases else (), strict=False
    ):
        if not {"reason", "source"} & {*node.entries()}:
            yield read.lever.restated(phase), node


def _number(given: object, parameter: str) -> float | None:
    """What a setting gives for a parameter of the pack, in base units."""
    if isinstance(given, Duration):
        return given.nominal_calendar_days
    if hasattr(given, parameter):
        return _number(getattr(given, parameter), parameter)
    tonnes = getattr(given, "t", None)
    value = given if tonnes is None else tonnes
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
