"""Odd runs make a sane page: nothing short, all short, one element, a hostile title, every kind of lever."""

from __future__ import annotations

import csv
import re
from xml.etree import ElementTree

import pytest

from sim.report.answer import NONE_MISSING
from sim.run_folder import run_folder
from tests.page.html import Page
from tests.page.runs import HOSTILE, TOY, run_of

FORMULA = re.compile(r"[=+@-]")


def page_of(name: str) -> Page:
    return Page(run_of(name) / "report.html")


def test_nothing_short_is_said_once_and_no_figure_of_it_is_promised() -> None:
    page = page_of("nothing-short")
    assert NONE_MISSING in page.words
    assert "No product would be short in any sector and region." in page.words
    assert "worst-table" not in page.tables
    assert "There is no figure of shortfall over time by element" in page.words


def test_everything_short_from_day_one_has_its_first_day_and_its_cause() -> None:
    page = page_of("all-short")
    rows = page.tables["worst-table"][1:]
    assert rows
    assert {row.cells[6].text for row in rows[:2]} <= {"2021-01-01", "2021-01-08"}
    assert "Export ban of Aland from 2020-01-01" in page.words
    assert "not be over for 90 days before the run ends" in page.words


def test_one_element_is_named_and_the_restriction_said_in_words() -> None:
    page = page_of("one-element")
    assert "Mavium would be hit most as a part of the need for it" in page.words
    assert "stopped by the export ban of Aland from 2021-02-01" in page.words
    assert "tb" not in {row.cells[8].text for row in page.tables["worst-table"]}


def test_each_measure_says_what_it_gives_and_not_what_it_closes() -> None:
    page = page_of("busy")
    production = run_folder.table(run_of("busy"), "production")
    made = production[(production["site"] == "coil_b") & (production["form"] == "coil")][
        "output_t"
    ].sum()
    found = re.search(
        r"Capacity ramp up of [^:]+ from 2021-03-01: ([\d,.]+) t content made \(winding\), with what is added "
        r"counted at 40 % of its design size; (?:no|[\d,.]+ t content) more than at the "
        r"base year.s rate of [\d,.]+ t content a year",
        page.words,
    )
    assert found is not None
    assert float(found[1].replace(",", "")) == pytest.approx(made, rel=0.05)
    shipped = run_folder.table(run_of("busy"), "shipments")
    drawn = shipped.loc[shipped["seller"] == "stockpile_c/pile", "dispatched_t"].sum()
    assert drawn > 1
    found = re.search(
        r"Stockpile release of Ceria from 2021-02-01: ([\d,.]+) t content drawn\.", page.words
    )
    assert found is not None
    assert float(found[1].replace(",", "")) == pytest.approx(drawn, rel=0.05)
    assert "does not follow from one run" in page.words
    left_out = page.words[page.words.index("What the model leaves out", 2000) :]
    assert "No stockpile of a government" not in left_out
    assert "first applications for a licence" in left_out


@pytest.mark.parametrize("name", TOY)
def test_no_cell_of_any_table_starts_a_formula(name: str) -> None:
    folder = run_of(name)
    for path in [*folder.glob("*.csv"), *folder.glob("figures/*.csv")]:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                for cell in row:
                    assert not FORMULA.match(cell) or is_number(cell), f"{path.name}: {cell}"


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_a_hostile_title_is_shown_as_written_and_does_nothing() -> None:
    folder = run_of("hostile")
    page = page_of("hostile")
    assert page.words.count(" ".join(HOSTILE.split())) >= 3
    assert "<script" not in (folder / "report.html").read_text(encoding="utf-8").lower()
    for path in (folder / "figures").glob("*.svg"):
        drawn = ElementTree.parse(path)
        assert not [e for e in drawn.iter() if e.tag.endswith("script")]


@pytest.mark.parametrize("name", TOY)
def test_no_page_promises_a_spread_or_a_forecast(name: str) -> None:
    words = page_of(name).words
    said = re.search(
        r"Central values(, no spread|; a range only [^.]+)\. A scenario, not a forecast\.", words
    )
    assert said
    assert said.start() < 700
    assert not re.search(r"\bwill\b|\bforecasts\b|\bpredict|\bnan\b|\bNone\b", words)
