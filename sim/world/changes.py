"""Changes: a scenario's differences from the pack, row by row, each with its source or reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sim.problems import Place, Problem
from sim.world.tables import KEYS, PackText, did_you_mean
from sim.world.world import Row


@dataclass(frozen=True, slots=True)
class Change:
    """One value of the pack that a scenario sets otherwise."""

    table: str
    key: Mapping[str, str]
    """Column -> cell for the columns that identify the row; a missing one is empty."""
    parameter: str
    value: str
    unit: str = ""
    """Empty: the unit of the pack's row."""
    source: str = ""
    reason: str = ""
    place: Place = field(default_factory=lambda: Place("scenario"))


@dataclass(frozen=True, slots=True)
class Changed:
    """A row before and after."""

    before: Row
    after: Row


def apply_changes(pack: PackText, changes: Sequence[Change]) -> list[Changed]:
    """Replace rows in the pack; what matches no row becomes a problem at the change's place."""
    done = []
    for change in changes:
        changed = _apply(pack, change)
        if changed is not None:
            done.append(changed)
    return done


def _apply(pack: PackText, change: Change) -> Changed | None:
    if change.table not in KEYS:
        help = did_you_mean(change.table, list(KEYS)) or f"one of: {', '.join(KEYS)}"
        pack.problems.append(Problem(change.place, f"unknown table `{change.table}`", help))
        return None
    key = tuple(change.key.get(column, "") for column in KEYS[change.table])
    for number, row in enumerate(pack.rows):
        if (row.table, row.key, row.parameter) == (change.table, key, change.parameter):
            after = replace(
                row,
                value=change.value,
                unit=change.unit or row.unit,
                note=change.reason or change.source,
                confidence="assumed",
            )
            pack.rows[number] = after
            return Changed(row, after)
    pack.problems.append(Problem(change.place, *_no_such_row(pack, change, key)))
    return None


def _no_such_row(pack: PackText, change: Change, key: tuple[str, ...]) -> tuple[str, str]:
    inside = [row for row in pack.rows if row.table == change.table]
    same = sorted({row.parameter for row in inside if row.key == key})
    name = " ".join(filter(None, key))
    if same:
        help = did_you_mean(change.parameter, same) or f"it has: {', '.join(same)}"
        return f"`{name}` has no `{change.parameter}` in {change.table}.csv", help
    names = sorted({" ".join(filter(None, row.key)) for row in inside})
    help = did_you_mean(name, names) or f"for example {', '.join(names[:5])}"
    return f"{change.table}.csv has no row for `{name}`", help
