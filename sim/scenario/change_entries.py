"""The entries under `changes` become changed rows of the pack, each traced to its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sim.scenario.locate import check, place_of
from sim.scenario.schema import KEY_COLUMNS, ChangeText
from sim.scenario.tree import Node
from sim.words.problems import BadInputError, Place, Problem
from sim.world import Change, World, load_pack
from sim.world.world import Changed


@dataclass(frozen=True, slots=True)
class ReadChange:
    """A difference from the pack, with what was written for it."""

    change: Change
    text: ChangeText
    node: Node


def read_changes(entries: Node, world: World, found: list[Problem]) -> list[ReadChange]:
    """Every entry that has the shape of a change; faults are added to `found`."""
    changes = []
    for node in entries.elements():
        text = check(ChangeText, node, node.plain(), world, found)
        if text is not None:
            changes.append(ReadChange(_change(text, node), text, node))
    return changes


def changed_world(
    pack: str | Path, changes: Sequence[ReadChange], found: list[Problem]
) -> World | None:
    """The pack with the changes applied; what does not fit is said where it was written."""
    written = [each.change for each in changes]
    try:
        return load_pack(pack, written)
    except BadInputError as error:
        own = {change.at(part) for change in written for part in ("", *change.parts)}
        for problem in error.problems:
            if problem.place not in own:
                message = f"with these changes the pack does not fit together: {problem.message}"
                problem = replace(problem, place=written[0].place, message=message)
            found.append(problem)
        return None


def described(changes: Sequence[ReadChange], changed: Sequence[Changed]) -> list[dict[str, object]]:
    """Rows before and after, as the resolved scenario shows them."""
    return [
        {
            "table": rows.before.table,
            "key": [cell for cell in rows.before.key if cell],
            "parameter": rows.before.parameter,
            "unit": rows.before.unit,
            "before": rows.before.value,
            "before_source": rows.before.source,
            "after": rows.after.value,
            **_origin(read.text),
        }
        for read, rows in zip(changes, changed, strict=True)
    ]


def _change(text: ChangeText, node: Node) -> Change:
    cells = {column: getattr(text, column) for column in KEY_COLUMNS}
    return Change(
        table=text.table.removesuffix(".csv"),
        key={column: cell for column, cell in cells.items() if cell is not None},
        parameter=text.parameter,
        value=str(text.value),
        unit=text.unit or "",
        source=text.source or "",
        reason=text.reason or "",
        place=place_of(node),
        parts=_parts(node),
    )


def _parts(node: Node) -> dict[str, Place]:
    """Where each value stands and, as `key id`, each name."""
    parts = {}
    for key, below in node.entries().items():
        parts[key] = below.place
        parts[f"key {key}"] = below.key_place or below.place
    return parts


def _origin(text: ChangeText) -> dict[str, str]:
    said = {"source": text.source, "reason": text.reason, "locator": text.locator}
    return {key: words for key, words in said.items() if words}
