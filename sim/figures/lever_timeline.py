"""Timeline of restrictions, shocks and measures, and below them of what is missing meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd
from matplotlib.patches import Rectangle

from sim.figures import style
from sim.figures.canvas import Box, Canvas, Heading
from sim.figures.counting import users
from sim.figures.drawing import Drawing, NothingToShow
from sim.figures.finished_run import FinishedRun
from sim.figures.gaps import GAP_SHARE, Gap, days_in_words, gaps_of, joined, months_in_words
from sim.figures.lever_words import LeverInWords
from sim.figures.restriction_strip import (
    AIR_IN,
    BAR_SHARE,
    dated_words,
    draw_phase_key,
    draw_phases,
    phase_key_in,
    phases_without_words,
    shade_restricted,
    words_in_bar,
)
from sim.figures.spans import HOLDING, levers_seen, spans_in_force, spans_of
from sim.figures.style import Page
from sim.figures.time_axis import set_calendar
from sim.figures.wording import capitalised, day_in_words, percent

HEADINGS = {"restrictions": "Restrictions", "shocks": "Shocks", "measures": "Measures"}
BAR_IN = 0.22
MOST_SENTENCES = 4
MOST_ELEMENTS, MOST_ELEMENTS_ELSEWHERE = 5, 3
NAME_IN = 1.6
LINE_IN = 0.145
GAP_IN = 0.08
HEADING_IN = 0.22
AXIS_IN = 0.46
RIGHT_IN = 0.22
LEFT_IN = 0.22
LEAST_SHARE = f"{100 * GAP_SHARE:g}\u00a0%"
DateRows = list[list[tuple[float, str]]]
"""Dates under a bar, row by row: left edge in inches from that of the bar, and text."""


@dataclass(frozen=True, slots=True)
class Row:
    """A lever with what is written around its bar."""

    lever: LeverInWords
    name: list[str]
    """In lines, beside its bar; above it on a narrow page"""
    dates: DateRows
    said: list[str]
    height: float
    stands_for: int = 1
    """Levers that share it"""


def draw_lever_timeline(run: FinishedRun, page: Page) -> Drawing | NothingToShow:
    """One bar a lever, in words what it does where there is room, and one row an element that is missing."""
    levers = levers_seen(run)
    if not levers:
        return NothingToShow("the scenario has no restriction, shock or measure within its dates")
    gaps = gaps_of(run)
    most = MOST_ELEMENTS if page.is_whole else MOST_ELEMENTS_ELSEWHERE
    elements = list(gaps)[:most]
    seen = [gap for element in elements for gap in gaps[element]]
    heading = Heading(
        _message(run, levers, gaps), _measure(run, seen), _brief(seen), run.source_line
    )
    canvas = Canvas(page, heading)
    left_in = LEFT_IN + (0.0 if page.is_narrow else NAME_IN)
    width_in = page.width_in - left_in - RIGHT_IN
    inside_in = page.width_in - LEFT_IN - style.MARGIN_IN
    unnamed = phases_without_words(canvas, run, levers, width_in)
    key_in = phase_key_in(canvas, unnamed)
    while True:
        gap_rows_in = HEADING_IN + max(1, len(elements)) * _gap_row_in(page)
        room_in = canvas.room_in - AXIS_IN - key_in - gap_rows_in
        rows = _rows(run, canvas, levers, room_in, width_in)
        if not _is_cut(rows, levers) or len(elements) < 2:
            break
        elements.pop()
    more = len(levers) - sum(row.stands_for for row in rows)
    bars_in = _height(rows) + bool(more) * LINE_IN
    canvas.open(bars_in + gap_rows_in + AXIS_IN + key_in)
    axes = canvas.axes(Box(left_in, 0.0, width_in, bars_in + gap_rows_in))
    set_calendar(axes, run, labelled=True, most=5 if page.is_narrow else 7)
    shade_restricted(axes, run)
    axes.set_ylim(1, 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    top_in, group = 0.0, ""
    for row in rows:
        if row.lever.heading != group:
            group = row.lever.heading
            canvas.write(_group_name(group), LEFT_IN, top_in + HEADING_IN / 2, weight="bold")
            top_in += HEADING_IN
        _draw_row(canvas, run, row, Box(left_in, top_in, width_in, row.height))
        top_in += row.height
    if more:
        canvas.write(f"and {more} more", LEFT_IN, top_in + LINE_IN / 2, colour=style.GREY)
    words = f"Missing: more than {LEAST_SHARE} of the month's need"
    canvas.write(
        canvas.fit(words, inside_in, "bold"), LEFT_IN, bars_in + HEADING_IN / 2, weight="bold"
    )
    top_in = bars_in + HEADING_IN
    if not elements:
        canvas.write("nothing in any month", LEFT_IN, top_in + LINE_IN / 2)
    for element in elements:
        _draw_gaps(canvas, run, element, gaps[element], Box(left_in, top_in, width_in, BAR_IN))
        top_in += _gap_row_in(page)
    key_at = bars_in + gap_rows_in + AXIS_IN
    draw_phase_key(canvas, unnamed, key_at, restricts=any(lever.restricts for lever in levers))
    alt = _alt(run, heading, gaps)
    return Drawing(canvas.figure, heading.title, heading.measure, alt, _table(run, gaps))


def _gap_row_in(page: Page) -> float:
    return BAR_IN + (LINE_IN if page.is_narrow else 0.0)


def _rows(
    run: FinishedRun, canvas: Canvas, levers: list[LeverInWords], room_in: float, width_in: float
) -> list[Row]:
    """The roomiest rows that fit; at worst the first few of those with a name and a bar alone."""
    plain = [_row(run, canvas, [lever], width_in) for lever in levers]
    if len(levers) <= MOST_SENTENCES and not canvas.page.is_narrow:
        explained = []
        for row in plain:
            inside_in = canvas.width - LEFT_IN - RIGHT_IN
            said = canvas.wrap(row.lever.sentence, inside_in, style.BODY_PT)
            height_in = row.height + len(said) * LINE_IN
            explained.append(replace(row, said=said, height=height_in))
        if _height(explained) <= room_in:
            return explained
    alike: dict[object, list[LeverInWords]] = {}
    for lever in levers:
        alike.setdefault((lever.kind, lever.exporter, lever.phases), []).append(lever)
    shared = [_row(run, canvas, each, width_in) for each in alike.values()]
    for rows in (plain, shared):
        if _height(rows) <= room_in:
            return rows
    short = [_row(run, canvas, each, width_in, is_short=True) for each in alike.values()]
    while _height(short) + LINE_IN * _is_cut(short, levers) > room_in and len(short) > 1:
        short.pop()
    return short


def _row(
    run: FinishedRun, canvas: Canvas, levers: Sequence[LeverInWords], width_in: float,
    *, is_short: bool = False,
) -> Row:  # fmt: skip
    """A row of a lever, or of several of one kind that do the same at the same time."""
    lever, is_narrow = levers[0], canvas.page.is_narrow
    label = run.lever_labels[lever.id]
    if len(levers) > 1:
        label = f"{capitalised(lever.kind.replace('_', ' '))} ({len(levers)})"
    name_in = width_in if is_narrow else NAME_IN - 0.1
    if is_short:
        # Of a site or corridor its name says more than what all of its kind are called.
        words = lever.about if lever.about and len(levers) == 1 else label
        height_in = BAR_IN + (LINE_IN if is_narrow else 0.0)
        return Row(lever, [canvas.fit_middle(words, name_in)], [], [], height_in, len(levers))
    dates = _date_rows(canvas, run, lever, width_in)
    name = canvas.wrap(label, name_in, style.BODY_PT)
    bar_in = BAR_IN + len(dates) * LINE_IN
    # Beside the bar the first line of the name stands at its middle.
    name_high_in = len(name) * LINE_IN + (0.0 if is_narrow else max(0.0, BAR_IN - LINE_IN) / 2)
    tall_in = name_high_in + bar_in if is_narrow else max(name_high_in, bar_in)
    return Row(lever, name, dates, [], tall_in + GAP_IN, len(levers))


def _is_cut(rows: Sequence[Row], levers: Sequence[LeverInWords]) -> bool:
    return sum(row.stands_for for row in rows) < len(levers)


def _height(rows: list[Row]) -> float:
    """Of rows with the headings of their groups."""
    groups = len({row.lever.heading for row in rows})
    return sum(row.height for row in rows) + groups * HEADING_IN


def _date_rows(canvas: Canvas, run: FinishedRun, lever: LeverInWords, width_in: float) -> DateRows:
    """What finds no room in its bar, below it: put into as many rows as keep dates apart."""
    rows: DateRows = []
    ends: list[float] = []
    for span in spans_of(run, lever):
        inside = words_in_bar(canvas, run, span, width_in)
        words = dated_words(span)
        if inside == words:
            continue
        if inside:
            # The bar says which phase it is.
            words = words.removeprefix(inside).strip()
        wide = canvas.width_in(words, style.BODY_PT)
        place = (span.starts - run.starts).days / (run.ends - run.starts).days * width_in
        left = max(0.0, min(place, width_in + RIGHT_IN - wide - 0.02))
        row = next((n for n, end in enumerate(ends) if left >= end + 0.1), len(ends))
        if row == len(ends):
            rows.append([])
            ends.append(0.0)
        rows[row].append((left, words))
        ends[row] = left + wide
    return rows


def _draw_row(canvas: Canvas, run: FinishedRun, row: Row, box: Box) -> None:
    """Name beside the bar or above it, dates that are not in it and the sentence below."""
    bar_at = box.top
    if canvas.page.is_narrow:
        bar_at += len(row.name) * LINE_IN
    first = (BAR_IN - LINE_IN) / 2 if bar_at == box.top else 0.0
    for number, words in enumerate(row.name):
        canvas.write(words, LEFT_IN, box.top + first + (number + 0.5) * LINE_IN)
    draw_phases(canvas, run, row.lever, Box(box.left, bar_at, box.width, BAR_IN))
    below_in = bar_at + BAR_IN
    for dates in row.dates:
        for left_in, written in dates:
            canvas.write(written, box.left + left_in, below_in + 0.55 * LINE_IN, colour=style.GREY)
        below_in += LINE_IN
    below_in = max(below_in, box.top + first + len(row.name) * LINE_IN)
    if row.said:
        # On white, not half on the ground of a restriction.
        ground = Rectangle(
            (LEFT_IN, below_in), box.left + box.width - LEFT_IN, len(row.said) * LINE_IN
        )
        ground.set(facecolor=style.PAPER, edgecolor="none")
        canvas.sheet.add_artist(ground)
    for line in row.said:
        canvas.write(line, LEFT_IN, below_in + LINE_IN / 2, colour=style.GREY)
        below_in += LINE_IN


def _draw_gaps(
    canvas: Canvas, run: FinishedRun, element: str, gaps: Sequence[Gap], box: Box
) -> None:
    """A bar for each gap with what can be read in it, beside the name of the element."""
    name = f"{capitalised(run.name('elements', element))} ({element})"
    bar_at = box.top
    if canvas.page.is_narrow:
        canvas.write(canvas.fit(name, box.width), LEFT_IN, box.top + LINE_IN / 2)
        bar_at += LINE_IN
    else:
        canvas.write(canvas.fit(name, NAME_IN - 0.1), LEFT_IN, box.top + BAR_IN / 2)
    per_day_in = box.width / (run.ends - run.starts).days
    edges = [max(gap.starts, run.starts) for gap in gaps[1:]] + [run.ends]
    labels, beyond = [], [gap for gap in gaps if not gap.anyway]
    for gap, next_starts in zip(gaps, edges, strict=True):
        starts, ends = max(gap.starts, run.starts), min(gap.ends, run.ends)
        left_in = box.left + (starts - run.starts).days * per_day_in
        wide_in = (ends - starts).days * per_day_in
        high_in = BAR_SHARE * BAR_IN
        bar = Rectangle((left_in, bar_at + (BAR_IN - high_in) / 2), wide_in, high_in)
        bar.set(facecolor=style.PALE_NAVY if gap.anyway else style.NAVY, edgecolor="none")
        canvas.sheet.add_artist(bar)
        beside_in = (next_starts - ends).days * per_day_in + (next_starts == run.ends) * RIGHT_IN
        # The longest that fits, inside the bar or else on its right.
        words = next(
            (w for w in _said_of(run, gap) if _wide(canvas, w) <= max(beside_in, wide_in)), ""
        )
        is_inside = _wide(canvas, words) <= wide_in
        colour = style.PAPER if is_inside and not gap.anyway else style.INK
        at_in = left_in + (wide_in / 2 if is_inside else wide_in + AIR_IN / 2)
        # A pale one beside others has no number, which would be taken for theirs.
        if not (gap.anyway and beyond):
            labels.append((at_in, words, colour, "center" if is_inside else "left"))
    if not all(words for _, words, _, _ in labels):
        # Better one number for all of them than a number for some.
        words = f"up to {percent(max(gap.peak for gap in beyond or gaps))}"
        if _wide(canvas, words) <= beside_in:
            labels = [(left_in + wide_in + AIR_IN / 2, words, style.INK, "left")]
    for at_in, words, colour, align in labels:
        canvas.write(words, at_in, bar_at + BAR_IN / 2, colour=colour, align=align)


def _wide(canvas: Canvas, words: str) -> float:
    return canvas.width_in(words, style.BODY_PT) + AIR_IN


def _said_of(run: FinishedRun, gap: Gap) -> tuple[str, ...]:
    """What is written at a gap, the longest first."""
    months = months_in_words(run, [(gap.starts, gap.ends)]).removeprefix("from ")
    worst, also = percent(gap.peak), ", as in the reference" if gap.anyway else ""
    return (
        f"{months}, up to {worst}{also}", f"up to {worst}{also}", f"{months}, up to {worst}",
        f"up to {worst}", worst,
    )  # fmt: skip


def _group_name(heading: str) -> str:
    return HEADINGS.get(heading, capitalised(heading.replace("_", " ")))


def _message(
    run: FinishedRun, levers: Sequence[LeverInWords], gaps: Mapping[str, Sequence[Gap]]
) -> str:
    """What holds from when until when, and what is missing when."""
    restricting = list(dict.fromkeys(span.lever.id for span in spans_in_force(run)))
    times = joined([(span.began, span.ends) for span in spans_in_force(run)])
    measures = [lever for lever in levers if not lever.restricts]
    count = f"{len(measures)} measure{'s' * (len(measures) != 1)}"
    if not restricting:
        what = f"{count} would act and nothing would be restricted"
    elif len(restricting) == 1:
        label = run.lever_labels[restricting[0]]
        what = f"the {label[:1].lower()}{label[1:]} would hold {days_in_words(run, times)}"
    else:
        kinds = [heading for heading in ("restrictions", "shocks")
                 if any(x.heading == heading for x in levers if x.id in restricting)]  # fmt: skip
        what = f"one or more of {len(restricting)} {' or '.join(kinds)} would hold {days_in_words(run, times)}"
    beside = f", beside {count}" if measures and restricting else ""
    return f"In this scenario {what}{beside}; {_missing_in_words(run, gaps)}"


def _missing_in_words(run: FinishedRun, gaps: Mapping[str, Sequence[Gap]]) -> str:
    """Of the element hit most that has any gap."""
    element = next(iter(gaps), None)
    if element is None:
        return f"no element would lack more than {LEAST_SHARE} of a month's need"
    beyond = [gap for gap in gaps[element] if not gap.anyway]
    times = joined([(gap.starts, gap.ends) for gap in beyond or gaps[element]])
    how = " beyond the reference" if 0 < len(beyond) < len(gaps[element]) else ""
    return (
        f"more than {LEAST_SHARE} of the {run.name('elements', element)} would be missing{how} "
        f"{months_in_words(run, times)}{'' if beyond else ' (as in the reference)'}"
    )


def _measure(run: FinishedRun, gaps: Sequence[Gap]) -> str:
    return (
        "Levers of the scenario and their phases, "
        f"{day_in_words(run.starts)} to {day_in_words(run.ends)}; dates are the first days of a phase. "
        f"Missing: months in which products with more than {LEAST_SHARE} of the needed content of an element "
        f"do not arrive, {users(run)}; the elements of value hit most.{_pale(gaps)}"
    )


def _brief(gaps: Sequence[Gap]) -> str:
    words = f"Phases of levers from their first days; months in which more than {LEAST_SHARE} is missing."
    return f"{words}{_pale(gaps)}"


def _pale(gaps: Sequence[Gap]) -> str:
    """What the pale bars are, where there are any."""
    if any(gap.anyway for gap in gaps):
        return f" Pale: no more than {LEAST_SHARE} beyond the reference."
    return ""


def _table(run: FinishedRun, gaps: Mapping[str, Sequence[Gap]]) -> pd.DataFrame:
    rows = [
        {
            "row": span.lever.id,
            "kind": span.lever.kind,
            "heading": span.lever.heading,
            "exporter": span.lever.exporter,
            "phase": span.phase,
            "from": span.began.isoformat(),
            "to": span.ends.isoformat(),
            "acts": span.phase in HOLDING,
        }
        for lever in levers_seen(run)
        for span in spans_of(run, lever)
    ]
    missing = [
        {
            "row": element,
            "heading": "missing",
            "phase": "as in the reference" if gap.anyway else "beyond the reference",
            "from": max(gap.starts, run.starts).isoformat(),
            "to": min(gap.ends, run.ends).isoformat(),
            "worst_month_share": gap.peak,
        }
        for element, its in gaps.items()
        for gap in its
    ]
    columns = [*rows[0], "worst_month_share"]
    return pd.DataFrame([*rows, *missing], columns=columns)


def _alt(run: FinishedRun, heading: Heading, gaps: Mapping[str, Sequence[Gap]]) -> str:
    parts = []
    for lever in levers_seen(run):
        phases = ", ".join(
            f"{span.phase.replace('_', ' ')} from {span.starts.isoformat()}"
            for span in spans_of(run, lever)
        )
        parts.append(f"{run.lever_labels[lever.id]}: {phases}")
    for element, its in gaps.items():
        times = ", ".join(
            f"{months_in_words(run, [(gap.starts, gap.ends)])} up to {percent(gap.peak)}"
            for gap in its
        )
        name = capitalised(run.name("elements", element))
        parts.append(f"{name} missing by more than {LEAST_SHARE}: {times}")
    return (
        "Timeline, one horizontal bar for each lever over the days of the run, and one for each time in which "
        f"an element is missing. {heading.title}. {'; '.join(parts)}. {run.source_line}"
    )
