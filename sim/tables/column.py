"""How a table is declared: its columns, and what a row of it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "whole", "yes_no"]
"""What stands in a column: an empty cell is an empty text, or no number"""
BASIS = "basis"
"""In place of a unit: what a tonne is in the pack, such as `t REO`"""
SEE_UNIT = "see column unit"
"""In place of a unit: that of the row"""
FROM_START = "days from the first day of the scenario"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table that people read."""

    name: str
    meaning: str
    kind: Kind
    unit: str = ""
    """Of numbers; empty for all else"""


def text(name: str, meaning: str) -> Column:
    """Of an id, a name, a date or a month: text that stays as it was written."""
    return Column(name, meaning, "text")


def number(name: str, meaning: str, unit: str) -> Column:
    """Of numbers in a unit; an empty cell is none."""
    return Column(name, meaning, "number", unit)


def tonnes(name: str, meaning: str) -> Column:
    """Of masses in what a tonne is in the pack."""
    return number(name, meaning, BASIS)


def whole(name: str, meaning: str) -> Column:
    """Of whole numbers."""
    return Column(name, meaning, "whole")


def yes_no(name: str, meaning: str) -> Column:
    """Of `True` and `False`."""
    return Column(name, meaning, "yes_no")


@dataclass(frozen=True, slots=True)
class Table:
    """A table that a run leaves behind, as it is made, written, read and documented."""

    name: str
    """As it is called in Python; the file's name without its suffix"""
    meaning: str
    """What a row is, and in which order they stand"""
    columns: tuple[Column, ...]
    coded: bool = False
    """Whether its texts are categories in memory, in the order of the alphabet: a tenth of the room"""
    packed: bool = False
    """Whether it is among the records, which are packed"""

    @property
    def file(self) -> str:
        """Below the run's folder."""
        return f"records/{self.name}.csv.gz" if self.packed else f"{self.name}.csv"

    @property
    def names(self) -> list[str]:
        """Of all columns, in their order."""
        return [column.name for column in self.columns]

    @property
    def numbers(self) -> list[str]:
        """Names of the columns that hold numbers with a unit."""
        return [column.name for column in self.columns if column.kind == "number"]

    def units(self, basis: str) -> dict[str, str]:
        """Column -> its unit, empty where it holds none; `basis` is what a tonne is in the pack."""
        return {c.name: basis if c.unit == BASIS else c.unit for c in self.columns}

    def with_columns(self, *wanted: str) -> tuple[Column, ...]:
        """Columns of this table by their names, for another that has them too."""
        its = {column.name: column for column in self.columns}
        return tuple(its[name] for name in wanted)


def by_name(tables: Iterable[Table]) -> Mapping[str, Table]:
    """Name -> table, in this order."""
    return {table.name: table for table in tables}
