"""Every number on the page is that of the tables, rounded; compared cell by cell."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pandas as pd
import pytest

from sim import run_folder
from sim.report.content import NEVER, NOT_WITHIN, ROWS_SHOWN
from tests.page.html import Page
from tests.page.runs import SHIPPED, TOY, run_of

RUNS = (*SHIPPED, *TOY)


def rounded(value: float) -> str:
    """Two significant figures, half to even, thousands by commas."""
    exact = Decimal(value)
    if exact == 0:
        return "0"
    step = Decimal(1).scaleb(exact.adjusted() - 1)
    near = exact.quantize(step, ROUND_HALF_EVEN)
    if near.adjusted() > exact.adjusted():
        near = near.quantize(step.scaleb(1))
    return f"{near:,.{max(0, 1 - near.adjusted())}f}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (8080.6, "8,100"),
        (0.85202, "0.85"),
        (9.96, "10"),
        (82.5, "82"),
        (0.0349, "0.035"),
        (3.0, "3.0"),
    ],
)
def test_the_rounding_that_the_page_is_held_to(value: float, text: str) -> None:
    assert rounded(value) == text


@pytest.mark.parametrize("name", RUNS)
def test_headline_numbers_are_those_of_the_file(name: str) -> None:
    folder = run_of(name)
    numbers = json.loads((folder / "headline.json").read_text(encoding="utf-8"))
    rows = Page(folder / "report.html").tables["headline-table"][1:]
    assert [row.cells[2].attributes["data-id"] for row in rows] == [n["id"] for n in numbers]
    names = run_folder.scenario(folder)["names"]["elements"]
    levers = {lever["id"]: lever for lever in run_folder.scenario(folder)["levers"]}
    for number, row in zip(numbers, rows, strict=True):
        value, shown = number["value"], row.cells[2].text
        if isinstance(value, str):
            assert shown == value or in_words(value, names, levers, shown)
            continue
        assert shown == (f"{value:.0f}" if number["unit"] == "months" else rounded(value))
        assert row.cells[3].text == number["unit"]


@pytest.mark.parametrize("name", RUNS)
def test_the_table_of_gaps_is_the_summary_rounded(name: str) -> None:
    folder = run_of(name)
    page = Page(folder / "report.html")
    values = whole_run(folder / "summary.csv")
    scenario = run_folder.scenario(folder)
    # With levers the table has what they cause.
    has_levers = bool(scenario["levers"])
    counted, worst_month, since = (
        ("caused", "peak_caused", "first_caused") if has_levers
        else ("shortfall", "peak_shortfall", "first_short")
    )  # fmt: skip
    short = sorted(
        ((t, key) for (metric, *key), t in values.items() if metric == counted and t > 1e-6),
        key=lambda pair: -pair[0],
    )
    rows = page.tables.get("worst-table", [])[1:]
    assert len(rows) == min(ROWS_SHOWN, len(short))
    starts = date.fromisoformat(scenario["starts"])
    levers = {lever["id"]: lever for lever in scenario["levers"]}
    limits = run_folder.worst(folder).set_index(["material", "sector", "region"])["limited_by"]
    for (tonnes, _), row in zip(short, rows, strict=False):
        key = tuple(row.attributes["data-key"].split("/"))
        peak, missing, *caused, first, recovers, limited = (cell.text for cell in row.cells[3:])
        assert peak == at_least_a_tenth(values[worst_month, *key])
        assert missing == at_least_a_tenth(values["shortfall", *key])
        assert [*caused, missing][0] == at_least_a_tenth(tonnes)
        day = values.get((since, *key))
        assert first == (NEVER if day is None else str(starts + timedelta(days=int(day))))
        days = values.get(("time_to_recover", *key))
        if day is not None and scenario["levers"]:
            assert recovers == (NOT_WITHIN if days is None else rounded(days))
        cause = limits[key]
        assert cause == "" or in_words(cause, scenario["names"]["elements"], levers, limited)


def whole_run(path: Any) -> dict[tuple[str, ...], float]:
    """(metric, material, sector, region) -> value over the run in the scenario."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table = table[(table["period"] == "all") & (table["run"] == "scenario")]
    keys = zip(*(table[c] for c in ("metric", "material", "sector", "region")), strict=True)
    return dict(zip(keys, table["value"].astype(float), strict=True))


def at_least_a_tenth(value: float) -> str:
    return "under 0.1" if 0 < value < 0.1 else rounded(value)


def in_words(id: str, elements: dict[str, str], levers: dict[str, Any], shown: str) -> bool:
    """Whether a cause is said in words: a lever by its kind and first day, an element by its name."""
    words = shown.replace("\u2011", "-").lower()
    if id in levers:
        lever = levers[id]
        day = next(p["date"] for p in lever["phases"] if p["phase"] == "in_force")
        return lever["kind"].replace("_", " ") in words and day in words
    if id == "capacity":
        return words == "capacity of makers"
    return words == elements.get(id, id).lower()
