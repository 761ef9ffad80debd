"""Stock burn-down: how many days users could go on, and how much is left in stockpiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes

from sim.figures import style
from sim.figures.burn_down import BACK, BACK_SHARE, SHORT, Line, Panel, panels_of, window, written
from sim.figures.canvas import Box, Canvas, Heading, Sheet
from sim.figures.counting import review_in_words, week_in_words
from sim.figures.dates import month_bounds
from sim.figures.drawing import Drawing, NothingToShow
from sim.figures.finding import short_anyway
from sim.figures.finished_run import FinishedRun
from sim.figures.restriction_strip import Strip, shade_restricted, shading_in_words
from sim.figures.style import Page
from sim.figures.time_axis import day_number, set_calendar
from sim.figures.value_axis import set_value_axis
from sim.figures.wording import month_in_words, percent, two_figures, with_article

PANEL_IN = 1.25
LEAST_PANEL_IN = 0.75
TITLE_IN = 0.22
AXIS_IN = 0.46
LEFT_IN = 0.5
RIGHT_IN = 0.22
LEADER_IN = 0.2
"""From the end of a line to its row."""
LINE_IN = 0.145
SAMPLE_IN = 0.22
MARKER_IN = 0.12
COLUMN_AIR_IN = 0.1
BETWEEN_IN = 0.1
FloatArray = npt.NDArray[np.float64]
MOST_NAME_IN, LEAST_COLUMN_IN = 1.1, 0.54


@dataclass(frozen=True, slots=True)
class Table:
    """The lines of a panel with their dates, in words: how they break, and how wide columns are."""

    heads: list[list[str]]
    """Of each event, in lines."""
    names: list[list[str]]
    """Of each line, in lines."""
    name_in: float
    columns_in: Sequence[float]
    """Of each event."""

    @property
    def head_in(self) -> float:
        """Height of the heads."""
        return LINE_IN * max(map(len, self.heads)) + 0.04

    @property
    def rows_in(self) -> list[float]:
        """Height of each row."""
        return [LINE_IN * len(name) + 0.025 for name in self.names]

    @property
    def height_in(self) -> float:
        """Of heads and rows."""
        return self.head_in + sum(self.rows_in)

    @property
    def width_in(self) -> float:
        """Of all columns."""
        return self.name_in + sum(self.columns_in)


def draw_stock_burn_down(run: FinishedRun, page: Page) -> Drawing | NothingToShow:
    """Products that lack most, one panel each with a line a region; stockpiles below the first."""
    panels = panels_of(run)
    if not panels:
        return NothingToShow("no stock of users would run out and there is no stockpile")
    return _drawn_from(run, page, panels, len(panels))


def _drawn_from(run: FinishedRun, page: Page, panels: Sequence[Panel], wanted: int) -> Drawing:
    """As many panels as the page has room for, of so many."""
    needed = f"{len(panels)} of {wanted} panels shown." if len(panels) < wanted else ""
    seen = window(run, panels)
    heading = Heading(
        _message(run, panels),
        _measure(run, seen, panels),
        _brief(run, seen, panels),
        run.source_line,
        needed,
    )
    canvas = Canvas(page, heading)
    tables = [_table(canvas, panel) for panel in panels]
    right_in = RIGHT_IN
    if not page.is_narrow:
        right_in = LEADER_IN + max(table.width_in for table in tables)
    width_in = page.width_in - LEFT_IN - right_in
    strip = Strip(seen, canvas, LEFT_IN, width_in)
    # On a narrow page the dates stand below a panel and its calendar, else beside it.
    below_in = [AXIS_IN + table.height_in for table in tables] if page.is_narrow else [AXIS_IN]
    around_in = strip.height_in + sum(below_in) + len(panels) * (TITLE_IN + BETWEEN_IN)
    panel_in = (canvas.room_in - around_in) / len(panels)
    least_in = LEAST_PANEL_IN if page.is_narrow else max(table.height_in for table in tables)
    if panel_in < least_in and len(panels) > 1:
        # What is said of the figure is to be seen in it.
        return _drawn_from(run, page, panels[:-1], wanted)
    if page.height_in is None:
        panel_in = min(max(PANEL_IN, least_in), panel_in)
    canvas.open(around_in + len(panels) * panel_in)
    strip.draw()
    top_in = strip.height_in
    for number, (panel, table) in enumerate(zip(panels, tables, strict=True)):
        title = canvas.fit(panel.title, LEFT_IN + width_in + LEADER_IN + table.name_in, "bold")
        canvas.write(title, style.MARGIN_IN, top_in + TITLE_IN / 2 - 0.02, weight="bold")
        box = Box(LEFT_IN, top_in + TITLE_IN, width_in, panel_in)
        axes = canvas.axes(box)
        is_last = number == len(panels) - 1
        _draw_panel(axes, seen, panel, labelled=is_last or page.is_narrow)
        top_in = box.top + panel_in + BETWEEN_IN
        if page.is_narrow:
            _write_below(canvas, panel, table, top_in + AXIS_IN)
            top_in += AXIS_IN + table.height_in
        else:
            _write_beside(canvas, panel, table, box, _ends(seen, panel, box, axes))
    alt = _alt(panels, heading, run)
    return Drawing(canvas.figure, heading.title, heading.measure, alt, _numbers(panels), needed)


def _table(canvas: Canvas, panel: Panel) -> Table:
    """The words beside or below a panel, broken where a column ends."""
    if canvas.page.is_narrow:
        # A name has a line of its own above its dates.
        inside_in = canvas.width - 2 * style.MARGIN_IN
        room_in = inside_in - SAMPLE_IN - COLUMN_AIR_IN
        names = [[canvas.fit(line.name, room_in), ""] for line in panel.lines]
        name_in = 0.0
        columns_in = [inside_in / len(panel.events)] * len(panel.events)
    else:
        names = [canvas.wrap(line.name, MOST_NAME_IN, style.BODY_PT) for line in panel.lines]
        name_in = COLUMN_AIR_IN + max(
            canvas.width_in(part, style.BODY_PT) for name in names for part in name
        )
        columns_in = []
        for number, event in enumerate(panel.events):
            cells = [written(event, line.dates[number]) for line in panel.lines]
            widest_in = max(canvas.width_in(cell, style.BODY_PT) for cell in cells)
            columns_in.append(MARKER_IN + max(LEAST_COLUMN_IN, widest_in) + COLUMN_AIR_IN)
    heads = [
        canvas.wrap(event.words, column_in - MARKER_IN - COLUMN_AIR_IN, style.BODY_PT)
        for event, column_in in zip(panel.events, columns_in, strict=True)
    ]
    return Table(heads, names, name_in, columns_in)


def _draw_panel(axes: Axes, run: FinishedRun, panel: Panel, *, labelled: bool) -> None:
    x = _middles(run)
    shade_restricted(axes, run)
    highest = 0.0
    for line in panel.lines:
        y = line.values.reindex(run.months()).to_numpy(dtype=float)
        highest = max(highest, float(np.nanmax(y)))
        axes.plot(x, y, color=line.look.colour, linestyle=line.look.dash, linewidth=1.4, zorder=3)
        for event, day in zip(panel.events, line.dates, strict=True):
            if day is not None:
                at = day if event is SHORT else _middle_of_month(day)
                place = float(np.clip(day_number(at), x[0], x[-1]))
                height = float(np.interp(place, x, np.nan_to_num(y)))
                _mark(axes, place, height, event.marker, line.look.colour)
    set_value_axis(axes, highest)
    set_calendar(axes, run, labelled=labelled, most=5)


def _middles(run: FinishedRun) -> FloatArray:
    """The middle of each month, as matplotlib counts days, inside the run."""
    middles = [sum(map(day_number, month_bounds(month))) / 2 for month in run.months()]
    return np.clip(np.array(middles), day_number(run.starts), day_number(run.ends))


def _middle_of_month(day: date) -> date:
    return day.replace(day=15)


def _mark(axes: Axes | Sheet, x: float, y: float, marker: str, colour: str) -> None:
    axes.plot(
        [x], [y], marker=marker, markersize=5.5, color=colour,
        markeredgecolor=style.PAPER, markeredgewidth=0.6, zorder=5, clip_on=False,
    )  # fmt: skip


def _ends(run: FinishedRun, panel: Panel, box: Box, axes: Axes) -> list[float]:
    """Where each line ends, in inches below the top of the plot's area."""
    top = axes.get_ylim()[1]
    last = [line.values.reindex(run.months()).dropna() for line in panel.lines]
    return [box.top + box.height * (1 - float(values.iloc[-1]) / top) for values in last]


def _write_beside(
    canvas: Canvas, panel: Panel, table: Table, box: Box, ends: Sequence[float]
) -> None:
    """The dates of each line, at its end: rows stand in the order of the ends, each led to by its line."""
    left_in = box.left + box.width + LEADER_IN
    # Beside a low panel they begin beside its title.
    top_in = box.top - min(TITLE_IN, max(0.0, table.height_in - box.height))
    _write_heads(canvas, panel, table, left_in + table.name_in, top_in)
    top_in += table.head_in
    order = sorted(range(len(ends)), key=lambda number: (ends[number], number))
    for number in order:
        line, height_in = panel.lines[number], table.rows_in[number]
        middle_in = top_in + height_in / 2
        canvas.sheet.plot(
            [box.left + box.width + 0.01, left_in - 0.09, left_in - 0.03],
            [ends[number], middle_in, middle_in],
            color=line.look.colour, linewidth=0.7,
        )  # fmt: skip
        for part, words in enumerate(table.names[number]):
            at_in = top_in + 0.0125 + (part + 0.5) * LINE_IN
            canvas.write(words, left_in, at_in, colour=line.look.ink)
        _write_dates(canvas, panel, table, line, left_in + table.name_in, middle_in)
        top_in += height_in


def _write_below(canvas: Canvas, panel: Panel, table: Table, top_in: float) -> None:
    """The same under a panel: a sample of each line with its name, and its dates below."""
    left_in = style.MARGIN_IN
    _write_heads(canvas, panel, table, left_in, top_in)
    top_in += table.head_in
    for number, (line, height_in) in enumerate(zip(panel.lines, table.rows_in, strict=True)):
        canvas.sheet.plot(
            [left_in, left_in + SAMPLE_IN], [top_in + LINE_IN / 2 + 0.02] * 2,
            color=line.look.colour, linestyle=line.look.dash, linewidth=1.4,
        )  # fmt: skip
        name = table.names[number][0]
        name_in = left_in + SAMPLE_IN + COLUMN_AIR_IN / 2
        canvas.write(name, name_in, top_in + LINE_IN / 2, colour=line.look.ink)
        _write_dates(canvas, panel, table, line, left_in, top_in + 1.5 * LINE_IN)
        top_in += height_in


def _write_heads(canvas: Canvas, panel: Panel, table: Table, left_in: float, top_in: float) -> None:
    for event, words, column_in in zip(panel.events, table.heads, table.columns_in, strict=True):
        _mark(
            canvas.sheet,
            left_in + MARKER_IN / 2 - 0.01,
            top_in + LINE_IN / 2,
            event.marker,
            style.GREY,
        )
        for number, part in enumerate(words):
            middle_in = top_in + (number + 0.5) * LINE_IN
            canvas.write(part, left_in + MARKER_IN, middle_in, colour=style.GREY)
        left_in += column_in


def _write_dates(
    canvas: Canvas, panel: Panel, table: Table, line: Line, left_in: float, middle_in: float
) -> None:
    for event, day, column_in in zip(panel.events, line.dates, table.columns_in, strict=True):
        canvas.write(written(event, day), left_in + MARKER_IN, middle_in)
        left_in += column_in


def _message(run: FinishedRun, panels: Sequence[Panel]) -> str:
    """The first day on which a user runs out; where nobody does, what is left in the stockpile."""
    covers = [(panel, line) for panel in panels if panel.material for line in panel.lines]
    if covers:
        # Of several on one day the one that lacks most: it has a panel at every size.
        panel, line = min(covers, key=lambda each: str(each[1].dates[0]))
        day = line.dates[0]
        when = week_in_words(run, day) if day else ""
        beyond = " (beyond the reference)" if _anyway(run) else ""
        return (
            f"In this scenario the first users of {run.product(panel.material)} would be short "
            f"{when}, in {with_article(line.name)}{beyond}{_then(line)}"
        )
    line = panels[0].lines[0]
    left = two_figures(float(line.values.iloc[-1]))
    return (
        f"In this scenario {left} {panels[0].unit} of {line.name} would be left at the end: "
        f"{panels[0].title}"
    )


def _then(line: Line) -> str:
    """What becomes of the stock of the region that is short first."""
    empty, back = line.dates[1], line.dates[2] if len(line.dates) > 2 else None
    parts = []
    if empty is not None:
        parts.append(f"would last under a day from {month_in_words(f'{empty:%Y-%m}')}")
    # Where it is low again later, a single month would say too much.
    if back is not None and max(line.low) < f"{back:%Y-%m}":
        parts.append(f"would be back in {month_in_words(f'{back:%Y-%m}')}")
    return f"; stocks there {' and '.join(parts)}" if parts else ""


def _measure(run: FinishedRun, seen: FinishedRun, panels: Sequence[Panel]) -> str:
    piles = "" if all(panel.material for panel in panels) else " Stockpiles: tonnes held."
    return (
        "Stocks of end users divided by their mean daily demand, monthly means by region, "
        f"{_period(run, seen)}; the products and regions that lack most. First users short: "
        f"{_of_first_look(run)} in which a user group of the region cannot cover its need (short by more than "
        f"5\u00a0%{_anyway(run)}), while others may still hold stock."
        f"{_back(panels)}{piles}{shading_in_words(run)}"
    )


def _of_first_look(run: FinishedRun) -> str:
    span = review_in_words(run)
    return "the day" if span == "day" else f"last day of the first {span}"


def _anyway(run: FinishedRun) -> str:
    """What the days count where something is short without levers as well."""
    is_short = bool(run.levers) and not short_anyway(run).empty
    return ", beyond what is missing anyway" if is_short else ""


def _back(panels: Sequence[Panel]) -> str:
    """What the dates of coming back are measured by, where there are any."""
    is_dated = any(BACK in panel.events for panel in panels)
    return f" Back: {percent(BACK_SHARE)} of the run's first month." if is_dated else ""


def _brief(run: FinishedRun, seen: FinishedRun, panels: Sequence[Panel]) -> str:
    return (
        f"Days of cover of end users by region, monthly means, {_period(run, seen)}. Short: a user group by "
        f"more than 5\u00a0%.{_back(panels)}{shading_in_words(run)}"
    )


def _period(run: FinishedRun, seen: FinishedRun) -> str:
    """The months drawn, and that there are more where not all are."""
    whole = "" if seen.months() == run.months() else f" (of {run.period_in_words()})"
    return f"{seen.period_in_words()}{whole}"


def _numbers(panels: Sequence[Panel]) -> pd.DataFrame:
    """Every month of the run, with the dates of its line."""
    parts = []
    for panel in panels:
        for line in panel.lines:
            dates = dict.fromkeys(("first_short", "drawn_from", "empty_from", "back_from"), "")
            for event, day in zip(panel.events, line.dates, strict=True):
                # A date only where there is one: what never comes leaves its cell empty.
                if day is not None:
                    dates[event.id] = written(event, day) if event is not SHORT else day.isoformat()
            about = {
                "panel": panel.title,
                "material": panel.material or line.id,
                "region": line.id if panel.material else "",
                "month": line.values.index,
                "value": line.values.to_numpy(),
                "unit": panel.unit,
            }
            parts.append(pd.DataFrame({**about, **dates}))
    return pd.concat(parts, ignore_index=True)


def _alt(panels: Sequence[Panel], heading: Heading, run: FinishedRun) -> str:
    parts = []
    for panel in panels:
        lines = []
        for line in panel.lines:
            values = line.values.dropna()
            dates = [
                f"{event.words} {written(event, day)}"
                for event, day in zip(panel.events, line.dates, strict=True)
                if day is not None
            ]
            ends = (
                f"{two_figures(float(values.iloc[0]))} down to {two_figures(float(values.min()))}"
            )
            lines.append(", ".join([f"{line.name} from {ends}", *dates]))
        parts.append(f"{panel.title}: {'; '.join(lines)}")
    return f"Lines over months, one panel a product. {heading.title}. {'. '.join(parts)}. {run.source_line}"
