"""Keys that people take for one and a machine for two: `2` and `02`, `AAA` and `aaa`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from sim.words.problems import quote

NUMBERED = {("corridors", "leg"), ("holidays", "calendar_year")}
"""Key columns that hold whole numbers."""


@dataclass(frozen=True, slots=True)
class KeyFault:
    """A key that should be written otherwise; the message is empty where it was said before."""

    column: str
    message: str
    help: str


@dataclass(slots=True)
class Spellings:
    """The keys of one table, each with how and where it was written first."""

    table: str
    columns: tuple[str, ...]
    _first: dict[tuple[str, ...], tuple[tuple[str, ...], int]] = field(default_factory=dict)
    _known: set[tuple[str, ...]] = field(default_factory=set)
    _said: set[tuple[str, ...]] = field(default_factory=set)

    def fault(self, key: tuple[str, ...], line: int) -> KeyFault | None:
        """What is wrong with a key on a line, if another spelling of it stands above."""
        if key in self._known:
            return None
        folded = tuple(map(_folded, key))
        if (self.table, self.columns[-1]) in NUMBERED:
            folded = (*folded[:-1], _as_number(key[-1]))
        first, where = self._first.setdefault(folded, (key, line))
        if first == key:
            self._known.add(key)
            return None
        if key in self._said:
            return KeyFault("", "", "")
        self._said.add(key)
        i = next(i for i, cell in enumerate(key) if cell != first[i])
        how = "differs only in capital letters or blanks"
        if (self.table, self.columns[i]) in NUMBERED:
            how = "is the same number"
        message = f"{quote(key[i])} stands twice: {quote(first[i])} on line {where} {how}"
        return KeyFault(self.columns[i], message, f"write {quote(first[i])}, or another name")


@lru_cache(maxsize=10_000)  # most keys of a pack stand in many rows
def _folded(text: str) -> str:
    return "".join(text.split()).casefold()


@lru_cache(maxsize=1_000)
def _as_number(text: str) -> str:
    """One text for all ways to write a whole number."""
    match = re.fullmatch(r"\+?0*(\d+)(\.0*)?", text)
    return match[1] if match else text
