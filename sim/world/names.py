"""Names in rows must be names the pack has: elements, forms, places, lanes, states."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sim.words.problems import quote, suggest
from sim.world.clashes import check_clashes
from sim.world.schema import TABLES
from sim.world.tables import PackText
from sim.world.world import Row, end_use_id

SINK = "stock_"
"""A buyer whose id begins so is a pile outside the chain: what goes there is not used."""
MINE, SEPARATION, RECYCLING = "mine", "separation", "recycling"
"""Stages that have rules of their own."""

_YEAR = re.compile(r"(19|20|21)[0-9]{2}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LEG = re.compile(r"[1-9][0-9]{0,2}")

_IN_KEYS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("ores", "id"): ("sites",),
    ("ores", "element"): ("elements",),
    ("sales", "id"): ("sites",),
    ("sales", "to"): ("regions", "sites"),
    ("sites", "form"): ("forms", "nothing"),
    ("sites", "element"): ("elements", "nothing"),
    ("recipes", "id"): ("products",),
    ("recipes", "element"): ("elements",),
    ("demand", "sector"): ("sectors",),
    ("demand", "region"): ("regions",),
    ("demand", "product"): ("products", "elements"),
    ("flows", "seller"): ("sites",),
    ("flows", "buyer"): ("sites", "nodes", "sinks"),
    ("flows", "form"): ("forms",),
    ("flows", "product"): ("products", "elements", "nothing"),
    ("links", "seller"): ("sites",),
    ("links", "buyer"): ("sites", "nodes", "sinks"),
    ("links", "form"): ("forms",),
    ("requalification", "form"): ("forms",),
    ("requalification", "sector"): ("sectors", "nothing"),
    ("corridors", "corridor"): ("corridors",),
    ("covers", "place"): ("sites", "nodes"),
    ("covers", "form"): ("forms",),
    ("covers", "element"): ("elements", "nothing"),
    ("end_users", "node"): ("sites", "nodes"),
    ("holidays", "country"): ("countries", "anyone"),
}
_IN_VALUES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("pack", "members"): ("elements",),
    ("pack", "mixed_form"): ("forms",),
    ("pack", "scrap_form"): ("forms",),
    ("countries", "region"): ("regions",),
    ("sites", "country"): ("countries",),
    ("sites", "region"): ("regions",),
    ("sites", "stage"): ("stages",),
    ("sites", "can_separate"): ("elements",),
    ("sites", "drivers"): ("elements",),
    ("sites", "products"): ("products",),
    ("sites", "feed_from"): ("sites",),
    ("sites", "mixed_goes_to"): ("sites",),
    ("products", "form"): ("forms",),
    ("products", "serves"): ("products",),
    ("products", "serves_in_part"): ("products",),
    ("recipes", "replaced_by"): ("groups", "elements"),
    ("sectors", "form"): ("forms",),
    ("lanes", "corridor"): ("corridors",),
    ("lanes", "next_corridor"): ("corridors",),
    ("lanes", "states_crossed"): ("countries",),
    ("links", "lane"): ("lanes",),
    ("corridors", "states_crossed"): ("countries",),
    ("stockpiles", "region"): ("regions",),
    ("stockpiles", "form"): ("forms",),
}
_IN_PLACE_OF: Mapping[str, str] = {"nodes": "demand", "groups": "pack", "stages": "pack"}
"""Kinds of name that come from another table than their own."""


def check_names(pack: PackText) -> None:
    """Note every name that the pack does not have; tables that could not be read are left aside."""
    known = _known(pack.rows)
    kinds = {*_IN_KEYS.values(), *_IN_VALUES.values()}
    allowed = {kind: _allowed(pack, known, kind) for kind in kinds}
    checked = {
        name: [(i, c) for i, c in enumerate(table.keys) if (name, c) in _IN_KEYS]
        for name, table in TABLES.items()
    }
    for row in pack.rows:
        for i, column in checked[row.table]:
            names = allowed[_IN_KEYS[row.table, column]]
            if names is not None and row.key[i] not in names and not _is_sink(row, column, i):
                _unknown(pack, row, column, row.key[i], column, names)
        if (row.table, row.parameter) in _IN_VALUES:
            names = allowed[_IN_VALUES[row.table, row.parameter]]
            several = TABLES[row.table].parameters[row.parameter].is_list
            for word in row.value.split() if several else (row.value,):
                if names is not None and word not in names:
                    _unknown(pack, row, "value", word, row.parameter, names)
    _check_written(pack)
    check_clashes(pack)


def _known(rows: Iterable[Row]) -> dict[str, dict[str, None]]:
    known: dict[str, dict[str, None]] = {"nothing": {"": None}, "anyone": {"*": None}}
    for name in (*TABLES, *_IN_PLACE_OF, "sinks"):
        known.setdefault(name, {})
    known["stages"] = {RECYCLING: None}
    for row in rows:
        if row.table != "corridors" or not row.key[1]:
            known[row.table][row.key[0]] = None
        if row.table == "demand":
            known["nodes"][end_use_id(row.key[0], row.key[1])] = None
        elif row.parameter == "members":
            known["groups"][row.key[0]] = None
        elif row.parameter in ("stages", "other_stages"):
            known["stages"] |= dict.fromkeys(row.value.split())
    return known


def _allowed(
    pack: PackText, known: Mapping[str, Mapping[str, None]], kinds: tuple[str, ...]
) -> dict[str, None] | None:
    """Names of these kinds, None where a table behind them could not be read."""
    for kind in kinds:
        table = _IN_PLACE_OF.get(kind, kind)
        if table in TABLES and not pack.is_read(table):
            return None
    return {name: None for kind in kinds for name in known[kind]}


def _is_sink(row: Row, column: str, position: int) -> bool:
    return column == "buyer" and row.key[position].startswith(SINK)


def _unknown(
    pack: PackText, row: Row, column: str, word: str, what: str, names: Collection[str]
) -> None:
    help = suggest(word, [name for name in names if name])
    if what == "buyer":
        help += f"; a pile outside the chain begins with `{SINK}`"
    message = f"unknown {what.replace('_', ' ')} {quote(word)} in {row.table}.csv"
    pack.fault(row, column, message, help)


def _check_written(pack: PackText) -> None:
    legs: dict[str, list[Row]] = {}
    for row in pack.rows:
        if row.table == "holidays":
            _check_holiday(pack, row)
        if row.table == "corridors" and row.key[1]:
            legs.setdefault(row.key[0], []).append(row)
    if pack.is_read("corridors"):
        for rows in legs.values():
            _check_legs(pack, rows)


def _check_holiday(pack: PackText, row: Row) -> None:
    year = row.key[1]
    if (year or row.parameter == "closed_weekdays") and not _YEAR.fullmatch(year):
        message = f"{quote(year)} cannot be read here"
        pack.fault(row, "calendar_year", message, "a year such as 2026")
        return
    for day in row.value.split() if row.parameter == "closed_weekdays" else ():
        try:
            read = date.fromisoformat(day) if _DAY.fullmatch(day) else None
        except ValueError:
            read = None
        if read is None:
            message = f"{quote(day)} cannot be read here"
            pack.fault(row, "value", message, "a date such as 2026-10-01")
        elif read.year != int(year):
            message = f"{quote(day)} is not in {year}"
            pack.fault(row, "value", message, f"put it into a row of the year {read.year}")


def _check_legs(pack: PackText, rows: list[Row]) -> None:
    """The legs of a corridor are numbered 1, 2, 3 along the way."""
    help = "legs are numbered 1, 2, 3 along the way"
    numbers = {row.key[1]: row for row in reversed(rows)}
    wrong = [number for number in numbers if not _LEG.fullmatch(number)]
    for number in wrong:
        pack.fault(numbers[number], "leg", f"leg {quote(number)} cannot be read here", help)
    given = sorted((int(number) for number in numbers if number not in wrong), reverse=True)
    if not wrong and given and given[0] != len(given):
        missing = next(n for n in range(1, given[0]) if n not in given)
        row = numbers[str(min(n for n in given if n > missing))]
        message = f"`{row.key[0]}` has a leg {row.key[1]}, but no leg {missing}"
        pack.fault(row, "leg", message, help)
