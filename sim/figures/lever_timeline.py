"""Timeline of restrictions, shocks and measures: who does what from when until when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from sim.figures import style
from sim.figures.canvas import Box, Canvas, Heading
from sim.figures.drawing import Drawing, NothingToShow
from sim.figures.finished_run import FinishedRun, LeverInWords
from sim.figures.restriction_strip import (
    dated_words,
    draw_phase_key,
    draw_phases,
    fits_in_bar,
    phase_key_in,
)
from sim.figures.spans import HOLDING, Span, levers_seen, spans_in_force, spans_of
from sim.figures.style import Page
from sim.figures.time_axis import set_calendar
from sim.figures.wording import capitalised, day_in_words, percent

HEADINGS = {"restrictions": "Restrictions", "shocks": "Shocks", "measures": "Measures"}
BAR_IN = 0.22
MOST_SENTENCES = 4
NAME_IN = 1.5
LEAST_ROW_IN = 0.18
LINE_IN = 0.145
GAP_IN = 0.1
HEADING_IN = 0.22
AXIS_IN = 0.46
RIGHT_IN = 0.22
LEFT_IN = 0.22


DateRows = list[list[tuple[float, str]]]
"""Dates under a bar, row by row: left edge in inches and text."""


@dataclass(frozen=True, slots=True)
class Row:
    """A lever with what is written around its bar."""

    lever: LeverInWords
    dates: DateRows
    said: list[str]
    height: float


def draw_lever_timeline(run: FinishedRun, page: Page) -> Drawing | NothingToShow:
    """One bar a lever, with the dates of its phases, and in words what it does where there is room."""
    levers = levers_seen(run)
    if not levers:
        return NothingToShow("the scenario has no restriction, shock or measure within its dates")
    heading = Heading(_message(run, levers), _measure(run), _brief(run), run.source_line)
    canvas = Canvas(page, heading)
    key_in = phase_key_in(canvas, run, levers)
    rows, is_compact = _rows(run, canvas, levers, canvas.room_in - AXIS_IN - key_in)
    more = len(levers) - len(rows)
    height_in = _height(rows) + bool(more) * LINE_IN
    canvas.open(height_in + AXIS_IN + key_in)
    bars_left_in = LEFT_IN + (NAME_IN if is_compact and not page.is_narrow else 0.0)
    width_in = page.width_in - bars_left_in - RIGHT_IN
    axes = canvas.axes(Box(bars_left_in, 0.0, width_in, height_in))
    set_calendar(axes, run, labelled=True, most=5 if page.is_narrow else 7)
    axes.set_ylim(1, 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    top_in, group = 0.0, ""
    for row in rows:
        if row.lever.heading != group:
            group = row.lever.heading
            canvas.write(_group_name(group), LEFT_IN, top_in + HEADING_IN / 2, weight="bold")
            top_in += HEADING_IN
        draw = _draw_compact_row if is_compact else _draw_row
        draw(canvas, run, row, Box(bars_left_in, top_in, width_in, row.height))
        top_in += row.height
    if more:
        canvas.write(f"and {more} more", LEFT_IN, top_in + LINE_IN / 2, colour=style.GREY)
    draw_phase_key(canvas, run, levers, height_in + AXIS_IN)
    table = _table(run)
    return Drawing(canvas.figure, heading.title, heading.measure, _alt(run, heading), table)


def _rows(
    run: FinishedRun, canvas: Canvas, levers: list[LeverInWords], room_in: float
) -> tuple[list[Row], bool]:
    """The roomiest rows that fit; at worst the first few of the compact ones."""
    width_in = canvas.width - LEFT_IN - RIGHT_IN
    plain = []
    for lever in levers:
        dates = _date_rows(canvas, run, lever, width_in)
        plain.append(Row(lever, dates, [], LINE_IN + BAR_IN + len(dates) * LINE_IN + GAP_IN))
    if len(levers) <= MOST_SENTENCES and not canvas.page.is_narrow:
        explained = []
        for row in plain:
            said = canvas.wrap(row.lever.sentence, width_in, style.BODY_PT)
            height_in = row.height + len(said) * LINE_IN
            explained.append(replace(row, said=said, height=height_in))
        if _height(explained) <= room_in:
            return explained, False
    if _height(plain) <= room_in:
        return plain, False
    groups = len({lever.heading for lever in levers})
    above_in = LINE_IN if canvas.page.is_narrow else 0.0
    each_in = (room_in - groups * HEADING_IN) / len(plain)
    compact_in = min(BAR_IN + 0.02 + above_in, max(LEAST_ROW_IN + above_in, each_in))
    compact = [replace(row, dates=[], height=compact_in) for row in plain]
    while _height(compact) + LINE_IN * (len(compact) < len(plain)) > room_in and len(compact) > 1:
        compact.pop()
    return compact, True


def _height(rows: list[Row]) -> float:
    """Of rows with the headings of their groups."""
    groups = len({row.lever.heading for row in rows})
    return sum(row.height for row in rows) + groups * HEADING_IN


def _date_rows(canvas: Canvas, run: FinishedRun, lever: LeverInWords, width_in: float) -> DateRows:
    """Dates under the bar, left edge and text, put into as many rows as keep them apart."""
    rows: DateRows = []
    ends: list[float] = []
    for span in spans_of(run, lever):
        if span.starts == run.starts and _began(lever, span) < run.starts:
            words = f"since {day_in_words(_began(lever, span))}"
        else:
            words = day_in_words(span.starts)
        wide = canvas.width_in(words, style.BODY_PT)
        place = (span.starts - run.starts).days / (run.ends - run.starts).days * width_in
        left = max(0.0, min(place, width_in + RIGHT_IN - wide - 0.02))
        row = next((n for n, end in enumerate(ends) if left >= end + 0.1), len(ends))
        if row == len(ends):
            rows.append([])
            ends.append(0.0)
        rows[row].append((LEFT_IN + left, words))
        ends[row] = left + wide
    return rows


def _began(lever: LeverInWords, span: Span) -> date:
    """The day a phase begins, also where that is before the run."""
    return max(
        phase.starts
        for phase in lever.phases
        if phase.phase == span.phase and phase.starts <= span.starts
    )


def _draw_row(canvas: Canvas, run: FinishedRun, row: Row, box: Box) -> None:
    """Name above the bar, dates and sentence below."""
    kind = _kind(run, row.lever)
    name_room_in = max(0.5 * box.width, box.width - canvas.width_in(f"{kind}:  ", style.BODY_PT))
    name = canvas.fit_middle(row.lever.id, name_room_in)
    words = canvas.fit(f"{kind}: {name}" if kind else name, box.width)
    canvas.write(words, box.left, box.top + LINE_IN / 2)
    draw_phases(canvas, run, row.lever, Box(box.left, box.top + LINE_IN, box.width, BAR_IN))
    below_in = box.top + LINE_IN + BAR_IN
    for dates in row.dates:
        for left_in, written in dates:
            canvas.write(written, left_in, below_in + 0.55 * LINE_IN, colour=style.GREY)
        below_in += LINE_IN
    for line in row.said:
        canvas.write(line, box.left, below_in + LINE_IN / 2)
        below_in += LINE_IN


def _draw_compact_row(canvas: Canvas, run: FinishedRun, row: Row, box: Box) -> None:
    """Name beside or above the bar, dates inside where they fit."""
    top_in, bar_in = box.top, box.height - 0.02
    if canvas.page.is_narrow:
        canvas.write(canvas.fit_middle(row.lever.id, box.width), box.left, top_in + LINE_IN / 2)
        top_in += LINE_IN
        bar_in -= LINE_IN
    else:
        name = canvas.fit_middle(row.lever.id, NAME_IN - 0.08)
        canvas.write(name, LEFT_IN, top_in + bar_in / 2)
    draw_phases(canvas, run, row.lever, Box(box.left, top_in, box.width, bar_in), dated=True)
    _write_dates_left_over(canvas, run, row.lever, box, top_in + bar_in / 2)


def _write_dates_left_over(
    canvas: Canvas, run: FinishedRun, lever: LeverInWords, box: Box, middle_in: float
) -> None:
    """Phases too short for their date: it stands before the bar, or beside the name above it."""
    inches_per_day = box.width / (run.ends - run.starts).days
    spans = spans_of(run, lever)
    short = [
        span
        for span in spans
        if not fits_in_bar(
            canvas, dated_words(span), (span.ends - span.starts).days * inches_per_day
        )
    ]
    right_in = box.left + (spans[0].starts - run.starts).days * inches_per_day - 0.06
    room_in = right_in - box.left
    if canvas.page.is_narrow:
        room_in = box.width - canvas.width_in(lever.id, style.BODY_PT) - 0.1
        right_in, middle_in = box.left + box.width, box.top + LINE_IN / 2
    for words in (
        ", ".join(dated_words(span) for span in short),
        ", ".join(day_in_words(span.starts) for span in short),
    ):
        if words and canvas.width_in(words, style.BODY_PT) <= room_in:
            canvas.write(words, right_in, middle_in, align="right", colour=style.GREY)
            break


def _kind(run: FinishedRun, lever: LeverInWords) -> str:
    kind = lever.kind.replace("_", " ")
    if lever.exporter:
        return f"{kind}, {run.name('countries', lever.exporter)}"
    return kind


def _group_name(heading: str) -> str:
    return HEADINGS.get(heading, capitalised(heading.replace("_", " ")))


def _message(run: FinishedRun, levers: list[LeverInWords]) -> str:
    length = (run.ends - run.starts).days
    held = _days_held(run)
    measures = [lever for lever in levers if not lever.restricts]
    count = f"{len(measures)} measure{'s' * (len(measures) != 1)}" if measures else ""
    if not any(lever.restricts for lever in levers):
        return f"In this scenario {count} would act and nothing would be restricted"
    what = (
        "a restriction or shock" if any(x.heading == "shocks" for x in levers) else "a restriction"
    )
    acting = f"In this scenario {what} would be in force on {held:,} of {length:,} days"
    acting += f" ({percent(held / length)})"
    return f"{acting}, beside {count}" if measures else acting


def _days_held(run: FinishedRun) -> int:
    """Days of the run on which at least one restriction or shock acts."""
    days: set[int] = set()
    for span in spans_in_force(run):
        days.update(range(span.starts.toordinal(), span.ends.toordinal()))
    return len(days)


def _measure(run: FinishedRun) -> str:
    return (
        "Levers of the scenario and their phases, "
        f"{day_in_words(run.starts)} to {day_in_words(run.ends)}; dates are the first days of a phase."
    )


def _brief(run: FinishedRun) -> str:
    return "Levers and their phases; dates are the first days of a phase."


def _table(run: FinishedRun) -> pd.DataFrame:
    rows = [
        {
            "lever": span.lever.id,
            "kind": span.lever.kind,
            "heading": span.lever.heading,
            "exporter": span.lever.exporter,
            "phase": span.phase,
            "from": span.starts.isoformat(),
            "to": span.ends.isoformat(),
            "acts": span.phase in HOLDING,
        }
        for lever in levers_seen(run)
        for span in spans_of(run, lever)
    ]
    return pd.DataFrame(rows)


def _alt(run: FinishedRun, heading: Heading) -> str:
    parts = []
    for lever in levers_seen(run):
        phases = ", ".join(
            f"{span.phase.replace('_', ' ')} from {span.starts.isoformat()}"
            for span in spans_of(run, lever)
        )
        parts.append(f"{_kind(run, lever)} {lever.id}: {phases}")
    return (
        "Timeline, one horizontal bar for each lever over the days of the run. "
        f"{heading.title}. {'; '.join(parts)}. {run.source_line}"
    )
