"""Checked rows by table, key and parameter, read as numbers and words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import fsum, inf, isfinite, nan

from sim.world.world import Row

Rows = Mapping[str, Row]
"""Parameter -> row of one key."""


class Cells:
    """The rows of a pack, found by table and key, in the order of their lines."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._tables: dict[str, dict[tuple[str, ...], dict[str, Row]]] = defaultdict(dict)
        for row in rows:
            self._tables[row.table].setdefault(row.key, {})[row.parameter] = row

    def of(self, table: str) -> Mapping[tuple[str, ...], Rows]:
        """Key -> parameter -> row of a table."""
        return self._tables[table]

    def by_first(self, table: str) -> dict[str, list[tuple[tuple[str, ...], Rows]]]:
        """Rows of a table by their first key column; the rest of the key goes with each."""
        gathered: dict[str, list[tuple[tuple[str, ...], Rows]]] = defaultdict(list)
        for key, rows in self._tables[table].items():
            gathered[key[0]].append((key[1:], rows))
        return gathered


def text(rows: Rows, parameter: str, default: str = "") -> str:
    """The cell as it stands."""
    row = rows.get(parameter)
    return row.value if row else default


def words(rows: Rows, parameter: str) -> tuple[str, ...]:
    """A list of words parted by blanks."""
    return tuple(text(rows, parameter).split())


def number(rows: Rows, parameter: str, default: float = 0.0) -> float:
    """A number; percentages come as fractions."""
    row = rows.get(parameter)
    if row is None:
        return default
    return float(row.value) / 100 if row.unit.startswith("%") else float(row.value)


def bound(rows: Rows, parameter: str, column: str) -> float:
    """`low` or `high` of a row, nan where the row gives no range."""
    row = rows.get(parameter)
    cell = getattr(row, column) if row else ""
    return float(cell) if cell else nan


def shares(parts: Mapping[str, float]) -> dict[str, float]:
    """Parts scaled to add to 1 exactly: tables carry twelve digits, the balance needs more."""
    total = fsum(parts.values())  # the same to the last bit in any order of lines
    finite = isfinite(total) and 0 < total < inf
    return {name: part / total for name, part in parts.items()} if finite else dict(parts)
