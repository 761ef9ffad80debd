"""The page of a comparison, and its tables to paste: each cell as the reader sees it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import sim
from sim.comparison.answer import part_of_base
from sim.comparison.counted import MEASURES, PRODUCT, REGION, SECTOR, Numbers, T
from sim.comparison.side import Side
from sim.figures.counting import slice_in_words
from sim.figures.figure_info import drawn_figures
from sim.figures.wording import NO_BREAK, capitalised, two_figures
from sim.report.content import two
from sim.report.outside import SAME_TONNES
from sim.report.page import environment, picture
from sim.report.words import glossary
from sim.run_folder import run_folder
from sim.summary.long import NAMED_T

if TYPE_CHECKING:
    from sim.comparison.compare import Comparison

PRODUCTS_SHOWN = 20
NONE = "none"
NEVER = "never"
HEADLINE = (
    "demand", "missing", "share", "reference", "caused", "caused_share", "peak_caused", "first_short",
    "weeks_below_80", "output_at_risk", "less_than_base", "more_than_base",
)  # fmt: skip
BREAKDOWNS = {REGION: "region", SECTOR: "sector", PRODUCT: "product"}
"""Level -> what its rows are called"""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: a cell for each run, then one for each but the base."""

    id: str
    label: str
    cells: Sequence[str]
    changes: Sequence[str]
    more: Sequence[Sequence[str]] = ()
    """Cells that hold a value of every run"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the page."""

    id: str
    what: str
    """What its rows are: `region`"""
    caption: str
    rows: Sequence[Row]
    more: Sequence[str] = ()
    """Headings of `Row.more`"""


def page(comparison: Comparison, folder: Path) -> str:
    """`compare.html`, self-contained; the figure lies in the folder."""
    home, narrow = (run_folder.figures_folder(folder, page) for page in ("full", "half"))
    (info,), (small,) = drawn_figures(folder), drawn_figures(folder, "half")
    sides = comparison.sides
    return (
        environment()
        .get_template("compare.html.j2")
        .render(
            comparison=comparison,
            headline=headline(comparison),
            tables=tables(comparison),
            differences=list(_differences(comparison)),
            info=info,
            wide=picture(home / f"{info.id}.svg"),
            narrow=picture(narrow / f"{small.id}.svg"),
            narrow_measure=small.measure,
            glossary=glossary(comparison.base),
            command=command(sides),
            version=sim.__version__,
            unit=sides[0].unit,
        )
    )


def plain_tables(comparison: Comparison) -> str:
    """`comparison.html`: the same tables to paste into a document."""
    return (
        environment()
        .get_template("comparison.html.j2")
        .render(
            comparison=comparison,
            headline=headline(comparison),
            tables=tables(comparison),
        )
    )


def command(sides: Sequence[Side]) -> str:
    """The line that compares these runs again, with their folders where `critmin run` puts them."""
    return " ".join(
        ["critmin compare", *(f"results/{s.scenario['name']}/{s.run_id}" for s in sides)]
    )


def _differences(comparison: Comparison) -> Iterator[tuple[str, Sequence[str]]]:
    base = comparison.sides[0]
    for other, its in zip(comparison.sides[1:], comparison.differences, strict=True):
        title = f"{other.letter}, {other.label}, against {base.letter}, {base.label}"
        yield title, its.lines(base.letter, other.letter)


def headline(comparison: Comparison) -> list[Row]:
    """The numbers of all that counts, side by side."""
    numbers = comparison.numbers
    rows = [_headline_row(comparison, measure) for measure in HEADLINE]
    ranges = [each.side.unknowns() for each in numbers]
    if any(ranges):
        cells = [
            f"{two_figures(r[0])} to {two_figures(r[1])}" if r else "nothing left open"
            for r in ranges
        ]
        words = f"Beyond the reference, by what nobody knows and by luck, {numbers[0].side.unit}"
        rows.append(Row("unknowns", words, cells, [""] * (len(numbers) - 1)))
    return rows


def _headline_row(comparison: Comparison, measure: str) -> Row:
    numbers, (words, unit) = comparison.numbers, MEASURES[measure]
    base = numbers[0]
    words = capitalised(words.format(slice=comparison.slice, base=base.side.letter))
    shown = f", {base.side.unit}" if unit == T else f", {unit}" if unit == "%" else ""
    set_beside = measure.endswith("_than_base")
    cells = [_cell(each, measure) for each in numbers]
    if measure == "peak_caused":
        cells = [
            f"{cell} ({slice_in_words(each.text('peak_caused_in'))})"
            if each.text("peak_caused_in")
            else cell
            for cell, each in zip(cells, numbers, strict=True)
        ]
    changes = ["" if set_beside else _change(base, each, measure) for each in numbers[1:]]
    if set_beside:
        cells[0] = ""
    return Row(measure, f"{words}{shown}", cells, changes)


def _cell(numbers: Numbers, measure: str) -> str:
    if measure == "first_short":
        return numbers.text(measure) or NEVER
    value = numbers.total(measure)
    return f"{value:.0f}" if measure == "weeks_below_80" else two(value)


def _change(base: Numbers, other: Numbers, measure: str) -> str:
    """By how much a run is above or below the base, in words."""
    if measure == "first_short":
        return _later(base.text(measure), other.text(measure))
    return less_or_more(base.total(measure), other.total(measure), MEASURES[measure][1])


def less_or_more(base: float, own: float, unit: str) -> str:
    """`14,000 less (51 %)`, `4 weeks less`, `11 points less`, `the same`."""
    apart, words = abs(own - base), "less" if own < base else "more"
    if unit == "weeks":
        weeks = round(apart)
        return f"{weeks} {words}" if weeks else "the same"
    if unit == "%":
        return f"{two_figures(apart)} points {words}" if apart >= 0.005 else "the same"
    if apart < NAMED_T:
        return "the same"
    share = f" ({part_of_base(base, own)})" if base >= SAME_TONNES else ""
    return f"{two(apart)} {words}{share}"


def _later(base: str, own: str) -> str:
    if base == own:
        return "the same"
    if not base or not own:
        return "in one alone"
    days = (date.fromisoformat(own) - date.fromisoformat(base)).days
    return f"{abs(days)}{NO_BREAK}days {'later' if days > 0 else 'earlier'}"


def tables(comparison: Comparison) -> list[Table]:
    """By region, by sector and by product: what is missing beyond the reference."""
    return [_breakdown(comparison, level, what) for level, what in BREAKDOWNS.items()]


def _breakdown(comparison: Comparison, level: str, what: str) -> Table:
    numbers, unit = comparison.numbers, comparison.sides[0].unit
    caused = [each.by(level, "caused") for each in numbers]
    ids = sorted(
        {id for its in caused for id in its.index},
        key=lambda id: (-max(float(its.get(id, 0.0)) for its in caused), id),
    )
    hit = [id for id in ids if any(float(its.get(id, 0.0)) > NAMED_T for its in caused)]
    shown = hit[:PRODUCTS_SHOWN]
    hidden = len(hit) - len(shown)
    left = f" The {len(shown)} with most of it; comparison.csv has {hidden} more." if hidden else ""
    letters, worst = ", ".join(each.side.letter for each in numbers), f"worst {comparison.slice}"
    return Table(
        level,
        what,
        f"Missing beyond the reference by {what}, {unit}; in % of the need in the {worst}, first day short by "
        f"more than 5 % and weeks below 80 % of output in the order {letters}.{left}",
        [_row_of(comparison, level, id) for id in shown],
        (capitalised(f"{worst}, %"), "First short", "Weeks below 80 %"),
    )


def _row_of(comparison: Comparison, level: str, id: str) -> Row:
    numbers, key = comparison.numbers, (id,)
    own = [float(each.values.get((level, key, "caused"), 0.0)) for each in numbers]
    peaks = [two(float(each.values.get((level, key, "peak_caused"), 0.0))) for each in numbers]
    first = [str(each.values.get((level, key, "first_short"), "")) or NEVER for each in numbers]
    weeks = [
        f"{float(each.values.get((level, key, 'weeks_below_80'), 0.0)):.0f}" for each in numbers
    ]
    return Row(
        id,
        capitalised(_name_of(comparison, level, id)),
        [two(value) for value in own],
        [less_or_more(own[0], value, T) for value in own[1:]],
        [peaks, first, weeks],
    )


def _name_of(comparison: Comparison, level: str, id: str) -> str:
    base = comparison.base
    match level:
        case "region":
            return base.name("regions", id)
        case "sector":
            return base.name("sectors", id)
    return base.product(id)
