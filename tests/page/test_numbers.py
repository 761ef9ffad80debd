"""Every number on the page is that of the tables, rounded; compared cell by cell."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pandas as pd
import pytest

from sim.report.content import NEVER, ROWS_SHOWN, STILL_SHORT
from sim.run_folder import run_folder
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
    given = run_folder.scenario(folder)["names"]
    names = {**given["elements"], **groups_in_words(given)}
    levers = {lever["id"]: lever for lever in run_folder.scenario(folder)["levers"]}
    for number, row in zip(numbers, rows, strict=True):
        value, shown = number["value"], row.cells[2].text
        if isinstance(value, str):
            assert shown == value or in_words(value, names, levers, shown)
            continue
        is_count = number["unit"] in ("months", "weeks", "days")
        whole_days = int(value) if number["unit"] == "days" else value  # looks are at noon
        assert shown == (f"{whole_days:,.0f}" if is_count else rounded(value))
        assert row.cells[3].text == number["unit"]


def begins(scenario: Mapping[str, Any], starts: date) -> date:
    """First day of a restriction that meets something; of a shock, where there is none."""
    levers = [each for each in scenario["levers"] if not each["meets_nothing"]]
    for heading in ("restrictions", "shocks"):
        days = [
            date.fromisoformat(phase["date"])
            for lever in levers if lever["heading"] == heading
            for phase in lever["phases"] if phase["phase"] == "in_force"
        ]  # fmt: skip
        if days:
            return max(min(days), starts)
    return starts


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
    pairs = in_scope(folder)
    short = sorted(
        ((t, key) for (metric, *key), t in values.items()
         if metric == counted and t > 1e-6 and (key[0], key[2]) in pairs),
        key=lambda pair: -pair[0],
    )  # fmt: skip
    rows = page.tables.get("worst-table", [])[1:]
    assert len(rows) == min(ROWS_SHOWN, len(short))
    starts = date.fromisoformat(scenario["starts"])
    levers = {lever["id"]: lever for lever in scenario["levers"]}
    limits = run_folder.table(folder, "worst").set_index(["material", "sector", "region"])[
        "limited_by"
    ]
    same = re.search(r"All limited by: (.+?)\. Supplied again", page.words)
    for (tonnes, _), row in zip(short, rows, strict=False):
        key = tuple(row.attributes["data-key"].split("/"))
        cells = [c.text for c in row.cells[3:]]
        limited = cells.pop() if same is None else same[1]
        whole, peak, missing, *caused, first, recovers = cells
        assert whole == at_least_a_tenth(100 * tonnes / values["demand", *key])
        assert peak == at_least_a_tenth(values[worst_month, *key])
        assert missing == at_least_a_tenth(values["shortfall", *key])
        assert [*caused, missing][0] == at_least_a_tenth(tonnes)
        day = values.get((since, *key))
        assert first == (NEVER if day is None else str(starts + timedelta(days=int(day))))
        days = values.get(("time_to_recover", *key))
        if day is not None and scenario["levers"]:
            last = str(starts + timedelta(days=int(values.get(("last_short", *key), 0))))
            late = (STILL_SHORT, f"last short {last}")
            back = str(begins(scenario, starts) + timedelta(days=int(days or 0)))
            assert recovers in late if days is None else recovers.split(",")[0] == back
        cause = limits[key]
        names = {**scenario["names"]["elements"], **groups_in_words(scenario["names"])}
        assert cause == "" or in_words(cause, names, levers, limited)


@pytest.mark.parametrize("name", RUNS)
def test_regions_are_the_sums_of_what_counts_and_the_first_sentence_agrees(name: str) -> None:
    """Worked out again from `summary.csv`, `scope.csv` and `weekly.csv`, not from the table of regions."""
    folder = run_of(name)
    page, values, pairs = (
        Page(folder / "report.html"),
        whole_run(folder / "summary.csv"),
        in_scope(folder),
    )
    weeks = pd.read_csv(folder / "weekly.csv", keep_default_na=False)
    has_levers = bool(run_folder.scenario(folder)["levers"])
    rows = {row.attributes["data-region"]: row for row in page.tables["regions-table"][1:]}
    assert rows.keys() == {region for _, region in pairs}

    def sums(metric: str, region: str = "") -> float:
        return sum(t for (its, product, _, where), t in values.items()
                   if its == metric and (product, where) in pairs and region in ("", where))  # fmt: skip

    for region, row in rows.items():
        missing, share, peak, first, longest, _, _ = (cell.text for cell in row.cells[1:])
        more = sums("caused" if has_levers else "shortfall", region)
        assert missing == at_least_a_tenth(more)
        assert share == at_least_a_tenth(100 * more / sums("demand", region))
        assert float(peak.split(" (")[0].replace(",", "").replace("under ", "")) + 0.5 >= float(
            share.replace(",", "").replace("under ", "")
        )
        its = weeks[weeks["region"] == region]
        its = its[[(product, region) in pairs for product in its["material"]]]
        short = its[its["shortfall_t"] > (0.05 + 1e-9) * its["demand_t"]]
        if not has_levers or not len(short):
            assert first == NEVER if not len(short) else short["to"].min() in first
        below = its[its["output_at_risk"] > 100 * (0.20 + 1e-9)]
        of_each = below.groupby(["material", "sector"])["days"].sum() / 7
        most = round(of_each.max()) if len(of_each) else 0
        assert longest.split(":")[0] == (f"{most}" if most else "none")
    said = re.search(
        r"would lack ([\d,.]+) .*? over the whole run, .*?: ([\d.]+|under 0.1) % of the ([\d,.]+) ",
        page.words,
    )
    if said is not None:
        assert said[1] == rounded(sums("shortfall"))
        assert said[3] == rounded(sums("demand"))
        assert said[2] == at_least_a_tenth(100 * sums("shortfall") / sums("demand"))


def in_scope(folder: Any) -> set[tuple[str, str]]:
    """Product and region of what counts."""
    table = pd.read_csv(folder / "scope.csv", dtype=str, keep_default_na=False)
    products = table[table["what"] == "product"]
    return set(zip(products["material"], products["region"], strict=True))


def whole_run(path: Any) -> dict[tuple[str, ...], float]:
    """(metric, material, sector, region) -> value over the run in the scenario."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table = table[(table["period"] == "all") & (table["run"] == "scenario")]
    keys = zip(*(table[c] for c in ("metric", "material", "sector", "region")), strict=True)
    return dict(zip(keys, table["value"].astype(float), strict=True))


def groups_in_words(names: dict[str, Any]) -> dict[str, str]:
    return {
        group: " or ".join(names["elements"][member] for member in members)
        for group, members in names["groups"].items()
    }


def at_least_a_tenth(value: float) -> str:
    return "under 0.1" if 0 < value < 0.1 else rounded(value)


def in_words(id: str, elements: dict[str, str], levers: dict[str, Any], shown: str) -> bool:
    """Whether a cause is said in words: a lever by its kind and first day, an element by its name."""
    words = shown.lower()
    if id in levers:
        lever = levers[id]
        day = next(p["date"] for p in lever["phases"] if p["phase"] == "in_force")
        return lever["kind"].replace("_", " ") in words and day in words
    if id == "capacity":
        return words == "capacity of makers"
    return words == elements.get(id, id).lower()
