"""The table of gaps to paste: `gaps.csv` for spreadsheets, `gaps.html` for a text processor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd
from markupsafe import Markup, escape

from sim.figures.counting import counted, review_in_words
from sim.figures.finding import is_compared
from sim.figures.finished_run import FinishedRun
from sim.figures.wording import capitalised, uncapitalised
from sim.report.content import WorstRow, bites, worst_rows
from sim.run_folder import csv_text, run_folder
from sim.system import files

ROWS_TO_PASTE = 12
BEYOND = "Of it beyond the reference"
RECOVERS = "Supplied again from"
WIDE = {RECOVERS: 18, "Limited by": 18, "Sector": 16, "Short from": 12}
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title>
<style>table {{ border-collapse: collapse; font-family: Calibri, Arial, sans-serif; font-size: 10pt; }}
caption {{ text-align: left; padding-bottom: 4pt; }}
th, td {{ border: 1px solid #a0a0a0; padding: 2pt 5pt; text-align: left; vertical-align: top; }}
td.number, th.number {{ text-align: right; }} td.date {{ white-space: nowrap; }}</style></head>
<body>
<table border="1" cellspacing="0" cellpadding="3" width="100%" style="font-size: 10pt">
<caption align="left">{caption}</caption>
<thead><tr>{head}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
</body>
</html>
"""


def write_gaps(run: FinishedRun, into: Path) -> None:
    """Write both below a run's folder, the CSV with all gaps, the HTML with those of the page."""
    home = run_folder.view(into, run.regions)
    files.make_folder(home)
    table = gaps_table(run, worst_rows(run, most=None))
    plain = table.apply(
        lambda column: column.str.replace(",", "") if _is_number(column.name) else column
    )
    csv_text.write_csv(home / run_folder.GAPS, plain)
    files.write_text(home / run_folder.GAPS_HTML, gaps_html(run, table.head(ROWS_TO_PASTE)))


def gaps_table(run: FinishedRun, rows: list[WorstRow]) -> pd.DataFrame:
    """Names and rounded numbers, as the page has them."""
    compared = is_compared(run)
    columns = {
        "Product": [capitalised(row.product) for row in rows],
        "Sector": [row.sector for row in rows],
        "Region": [row.region for row in rows],
        "Whole run, %": [row.share_percent for row in rows],
        f"Worst {run.slice}, %": [row.peak_percent for row in rows],
        f"Missing{' in all' if compared else ''}, {run.unit}": [row.shortfall_t for row in rows],
        **({f"{BEYOND}, {run.unit}": [row.caused_t for row in rows]} if compared else {}),
        "Short from": [row.first_short for row in rows],
        RECOVERS: [row.recovers for row in rows],
        "Limited by": [row.limited_by for row in rows],
    }
    return pd.DataFrame(columns, dtype=str)


def gaps_html(run: FinishedRun, table: pd.DataFrame) -> str:
    """A table with a header row, as wide as a page; what is the same in all rows stands above it."""
    caption = ""
    causes = set(table["Limited by"])
    if len(causes) == 1:
        caption = f" All limited by the {uncapitalised(*causes)}."
        table = table.drop(columns="Limited by")
    ends = set(table[RECOVERS])
    if len(ends) == 1 and len(table) > 1:
        caption += f" All supplied again from: {', '.join(ends)}."
        table = table.drop(columns=RECOVERS)
    in_all, beyond = f"Missing in all, {run.unit}", f"{BEYOND}, {run.unit}"
    if beyond in table:
        caption += (
            " Percentages, dates and days count what is beyond the same world without levers."
        )
        if table[beyond].equals(table[in_all]):
            table = table.drop(columns=beyond)
    span = review_in_words(run)
    since = "first day" if span == "day" else f"last day of the first {span}"
    caption = (
        f"{capitalised(counted(run))}, {run.period_in_words()}: the {len(table)} largest gaps of "
        f"{len(bites(run))}.{caption} Percentages of demand, two significant figures. Short from: "
        f"{since} with more than 5 % missing. Supplied again: from "
        f"then on for at least 90 days. {run.source_line}"
    )
    return _PAGE.format(
        title=escape(run.scenario["title"]),
        caption=escape(caption),
        head=Markup("").join(
            _cell("th", name, name, f' scope="col" width="{width}%"')
            for name, width in _widths(table.columns)
        ),
        rows=Markup("\n").join(
            Markup("<tr>{}</tr>").format(
                Markup("").join(
                    _cell("td", name, text) for name, text in zip(table.columns, row, strict=True)
                )
            )
            for row in table.itertuples(index=False)
        ),
    )


def _cell(tag: str, column: str, text: str, scope: str = "") -> Markup:
    # Said once more by attributes, since some text processors do not look at styles.
    kind = ' class="number" align="right"' if _is_number(column) else ""
    if tag == "td" and column == "Short from":
        kind = ' class="date" nowrap'
    return Markup("<{0}{1}{2}>{3}</{0}>").format(tag, Markup(scope), Markup(kind), text)


def _widths(columns: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Each column with the part of the table's width that it takes, in %: what is said in words takes more."""
    share = {name: 8 if _is_number(name) else WIDE.get(name, 13) for name in columns}
    total = sum(share.values())
    yield from ((name, round(100 * its / total)) for name, its in share.items())


def _is_number(column: object) -> bool:
    return str(column).endswith("%") or str(column).startswith(("Missing", BEYOND))
