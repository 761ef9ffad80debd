"""What the terminal prints of a run: the answer in a few lines, and who lacks most, by name."""

from __future__ import annotations

from collections.abc import Iterator

from sim.figures.counting import review_in_words
from sim.figures.finding import is_compared, short_anyway
from sim.figures.finished_run import FinishedRun
from sim.figures.wording import month_in_words, tonnes, uncapitalised
from sim.report.answer import NONE_MISSING, how_much
from sim.report.content import NEVER, NOTHING_TO_COUNT_FROM, WorstRow, bites, worst_rows
from sim.report.rules import is_on
from sim.report.unknowns import bounds

ROWS_SHOWN = 10
NOTHING_MORE = "Nothing more would be missing than without restrictions, shocks and measures."
BEYOND = ", beyond the same world without levers"
CENTRAL = "Central values, no spread."


def in_words(run: FinishedRun) -> Iterator[str]:
    """Line by line, not folded yet; a line that continues an entry is indented."""
    yield from bounds(run)
    yield from _anyway(run)
    rows, short = worst_rows(run), bites(run)
    if not rows:
        yield NOTHING_MORE if is_compared(run) else NONE_MISSING
        yield CENTRAL
        return
    yield how_much(run)
    causes = {row.limited_by for row in rows[:ROWS_SHOWN]}
    why = f", all for the {uncapitalised(*causes)}" if len(causes) == 1 else ""
    yield f"Who would lack most{BEYOND if is_compared(run) else ''}{why}:"
    for number, row in enumerate(rows[:ROWS_SHOWN], start=1):
        yield f"{number:>2}. {row.product}, {uncapitalised(row.sector)}, {row.region}"
        yield f"    {_how_long(run, row)}" + ("" if why else f"; {uncapitalised(row.limited_by)}")
    if len(short) > ROWS_SHOWN:
        yield f"... and {len(short) - ROWS_SHOWN} more in gaps.csv"
    if is_on(run, "postponable"):
        weeks = float(short["weeks_below_80"].iloc[0])
        yield f"The first of them: {weeks:.0f} weeks below 80 % of output, once what can wait has waited."
    yield CENTRAL


def _anyway(run: FinishedRun) -> Iterator[str]:
    """What is short without levers, in one line; nothing where nothing is."""
    short = short_anyway(run)
    if short.empty:
        return
    row = short.sort_values(["first_month", "shortfall_t"], ascending=[True, False]).iloc[0]
    why = f" ({row['cause']})" if row["limited_by"] else ""
    yield (
        f"Without levers {tonnes(float(short['shortfall_t'].sum()), run.unit)} missing, first "
        f"{row['product']} in {row['region_name']}, {month_in_words(row['first_month'])}{why}"
    )


def _how_long(run: FinishedRun, row: WorstRow) -> str:
    """How much, from when, for how long, and why."""
    missing = row.caused_t if run.levers else row.shortfall_t
    parts = [
        f"{missing} {run.unit}, {row.share_percent} % of need ({row.peak_percent} % in the worst {run.slice})"
    ]
    if row.first_short == NEVER:
        parts.append(NEVER)
    else:
        span = review_in_words(run)
        parts.append(f"from {'' if span == 'day' else f'the {span} to '}{row.first_short}")
        if row.recovers_on:
            parts.append(f"supplied again from {row.recovers_on}")
        if row.afterwards and row.afterwards != NOTHING_TO_COUNT_FROM:
            parts.append(row.afterwards)
    return ", ".join(parts)
