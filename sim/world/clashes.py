"""Names that would stand for two things, or that a list could not hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sim.words.problems import quote
from sim.world.tables import PackText
from sim.world.world import Row, end_use_id

NAMING = (
    "elements", "forms", "regions", "countries", "sites", "products", "sectors", "lanes", "corridors",
    "stockpiles",
)  # fmt: skip
"""Tables whose first key column gives names."""
_ONE_SPACE = (
    ("elements", "products"), ("elements", "groups"), ("groups", "families"), ("regions", "sites"),
    ("sites", "stockpiles"),
)  # fmt: skip
"""Kinds of name that stand side by side in a cell or a setting, where one could be taken for the other."""
_SINGULAR = {
    "elements": "an element", "products": "a product", "groups": "a group", "families": "a family",
    "regions": "a region", "sites": "a site", "stockpiles": "a stockpile",
}  # fmt: skip
_NO_NAME = re.compile(r"[\s:;,*]")
"""Marks that part names in a cell, or parts of a name inside the program."""
_RESERVED = ("all", "*")
"""Words that a scenario writes for everything."""

Names = Mapping[str, Mapping[str, tuple[Row, str]]]
"""Kind of name -> name -> the first row that gives it, and the column where."""


def check_clashes(pack: PackText) -> None:
    """Note every name that is two things."""
    names = _names(pack)
    for kind in (*NAMING, "groups"):
        for name, (row, column) in names[kind].items():
            _check_name(pack, row, column, name)
    for one, other in _ONE_SPACE:
        for name in names[other]:
            if name in names[one]:
                row, column = names[other][name]
                first = names[one][name][0]
                _twice(pack, row, column, name, _SINGULAR[one], first, _SINGULAR[other])
    _check_countries(pack, names)
    _check_end_uses(pack, names)


def _names(pack: PackText) -> dict[str, dict[str, tuple[Row, str]]]:
    found: dict[str, dict[str, tuple[Row, str]]] = {
        kind: {} for kind in (*NAMING, "groups", "families")
    }
    for row in pack.rows:
        if row.table in NAMING:
            column = "corridor" if row.table == "corridors" else "id"
            found[row.table].setdefault(row.key[0], (row, column))
        if row.parameter == "members":
            found["groups"].setdefault(row.key[0], (row, "id"))
        elif row.parameter == "family":
            found["families"].setdefault(row.value, (row, "value"))
    return found


def _check_name(pack: PackText, row: Row, column: str, name: str) -> None:
    mark = _NO_NAME.search(name)
    if name in _RESERVED:
        pack.fault(
            row,
            column,
            f"{quote(name)} cannot be a name: it stands for everything",
            "choose another",
        )
    elif mark:
        what = "a blank" if mark[0].isspace() else quote(mark[0])
        help = f"write {quote(_NO_NAME.sub('_', name))}; the long name stands in a row `name`"
        pack.fault(row, column, f"the name {quote(name)} cannot have {what} in it", help)


def _twice(
    pack: PackText, row: Row, column: str, name: str, one: str, first: Row, other: str
) -> None:
    message = (
        f"the name {quote(name)} stands twice: for {one} ({first.table}.csv, line {first.line}) "
        f"and for {other}"
    )
    pack.fault(row, column, message, "give one of them another name")


def _check_countries(pack: PackText, names: Names) -> None:
    """A country may be a region of its own; where it lies in another, its name must not be a region's."""
    for row in pack.rows:
        country = row.key[0]
        elsewhere = row.table == "countries" and row.parameter == "region" and row.value != country
        if elsewhere and country in names["regions"]:
            line = names["regions"][country][0].line
            message = (
                f"the name {quote(country)} stands twice: for a region (regions.csv, line {line}) and for "
                f"a country in {quote(row.value)}"
            )
            help = f"write {quote(country)} as its region, or give the region another name"
            pack.fault(row, "value", message, help)


def _check_end_uses(pack: PackText, names: Names) -> None:
    """Each sector in a region has a name of its own, `use_<sector>_<region>`."""
    uses: dict[str, tuple[str, str]] = {}
    said: set[str] = set()
    for row in pack.rows:
        if row.table != "demand":
            continue
        node, use = end_use_id(row.key[0], row.key[1]), (row.key[0], row.key[1])
        first = uses.setdefault(node, use)
        place = next(_taken(node, names), None)
        if node in said or (first == use and place is None):
            continue
        said.add(node)
        other = f"{place}" if place else f"{quote(first[0])} in {quote(first[1])}"
        message = f"the name {quote(node)} stands twice: for {quote(use[0])} in {quote(use[1])} and for {other}"
        pack.fault(row, "sector", message, "give one of them another name")


def _taken(name: str, names: Names) -> Iterator[str]:
    for kind in ("sites", "stockpiles"):
        if name in names[kind]:
            yield _SINGULAR[kind]
