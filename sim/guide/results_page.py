"""The parts of `docs/results.md` that say what stands in the tables: written from their declarations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sim.tables import BASIS, MEASURES, RECORDS, TABLES, Column, Table
from sim.tables.measures import GROUPS, IN_SCOPE, MILLION_USD, Measure

FILE_NAME = "results.md"
_PART = re.compile(r"(<!-- part: (?P<name>[\w-]+) -->\n).*?(<!-- end of part -->)", re.DOTALL)
_UNITS: Mapping[str, str] = {BASIS: "t REO", MILLION_USD: "million USD of the base year"}
REMARK = "<!-- Written by `python -m sim.guide` from `sim/tables`; do not edit. -->\n"
_KINDS: Mapping[str, str] = {"text": "text", "whole": "whole number", "yes_no": "`True` or `False`"}


def results_page(written: str) -> str:
    """The page with its parts written anew; raises `KeyError` for a part that there is not."""
    parts = {"tables": _tables(TABLES.values()), "records": _tables(RECORDS.values()),
             "measures": _measures()}  # fmt: skip
    return _PART.sub(lambda found: f"{found[1]}{parts[found['name']]}\n{found[3]}", written)


def written_page(docs: Path) -> str:
    """The page as it stands in this folder, with its parts written anew."""
    return results_page((docs / FILE_NAME).read_text(encoding="utf-8"))


def _tables(tables: Iterable[Table]) -> str:
    said: dict[tuple[Column, ...], Table] = {}
    return REMARK + "\n".join(
        "\n".join(_table(table, said.setdefault(table.columns, table))) for table in tables
    )


def _table(table: Table, alike: Table) -> Iterator[str]:
    """Its columns, unless those of another are the same."""
    yield f"\n**`{table.file}`** {table.meaning}"
    if alike is not table:
        yield f"The columns are those of `{alike.file}`."
        return
    yield "\n| column | holds | what |\n| --- | --- | --- |"
    yield from (f"| `{c.name}` | {_holds(c)} | {c.meaning} |" for c in table.columns)


def _holds(column: Column) -> str:
    return _UNITS.get(column.unit, column.unit) if column.kind == "number" else _KINDS[column.kind]


def _measures() -> str:
    return REMARK + "\n".join(
        line for heading, its in GROUPS.items() for line in _group(heading, its)
    )


def _group(heading: str, measures: Iterable[Measure]) -> Iterator[str]:
    yield f"\n### {heading}\n"
    yield "| metric | formula | unit | of each | in `monthly.csv` |\n| --- | --- | --- | --- | --- |"
    for each in measures:
        unit = _UNITS.get(each.unit, each.unit)
        yield f"| `{each.name}` | {each.formula} | {unit} | {each.keys} | {each.by_month} |"
    apart = [each.name for each in MEASURES.values() if each.of_elements]
    if {each.name for each in measures} >= set(apart):
        names = ", ".join(f"`{name}{IN_SCOPE}`" for name in apart)
        yield (
            f"| {names} | the same of goods that [count](#what-counts); rows only where goods that do not "
            "count hold the element too, since elsewhere both are one number. Page, figures and "
            "`headline.json` have these | as without | as without | as without |"
        )
