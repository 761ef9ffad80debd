"""The queue of licence cases: how many wait, for how long, how much is licensed of the plan, and held."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sim.figures import style
from sim.figures.canvas import Box, Canvas, Heading
from sim.figures.drawing import Drawing, NothingToShow
from sim.figures.finished_run import FinishedRun
from sim.figures.restriction_strip import Strip, shade_restricted, shading_in_words
from sim.figures.style import Page
from sim.figures.time_axis import month_edges, set_calendar
from sim.figures.value_axis import set_value_axis
from sim.figures.wording import joined, month_in_words, tonnes, two_figures

PANEL_IN, LEAST_PANEL_IN = 0.9, 0.35
TITLE_IN = 0.24
AXIS_IN = 0.46
LEFT_IN = 0.55
BETWEEN_IN = 0.6
RIGHT_IN = 0.2


@dataclass(frozen=True, slots=True)
class Panel:
    """One of the three measures of a queue."""

    column: str
    title: str
    brief: str
    """The title on a narrow page."""


def draw_licence_queue(run: FinishedRun, page: Page) -> Drawing | NothingToShow:
    """Pending cases, waiting time, tonnes licensed and held, one panel each above the same months."""
    table = _table(run)
    if table.empty:
        return NothingToShow("the scenario asks nobody for a licence")
    panels: tuple[Panel, ...] = (
        Panel("cases", "Cases not decided, average of the month", "Cases pending"),
        Panel("waiting_days", "Days from filing to decision, cases decided", "Days to decision"),
        Panel(
            "licensed_t",
            f"Licensed (filled) and planned (line), {run.unit}",
            f"Licensed, {run.unit}",
        ),
        Panel("held_t", f"Ordered and waiting for a licence, {run.unit}", f"Waiting, {run.unit}"),
    )
    if not table["licensed_t"].max() > 0:
        panels = tuple(panel for panel in panels if panel.column != "licensed_t")
    wanted = len(panels)
    heading = _heading(run, table, page, "")
    canvas = Canvas(page, heading)
    whole_in = page.width_in - LEFT_IN - RIGHT_IN
    strip = Strip(run, canvas, LEFT_IN, whole_in)
    room_in = canvas.room_in - strip.height_in - AXIS_IN
    # Side by side where they would be too flat to read below one another.
    columns = 1 + (room_in / wanted - TITLE_IN < LEAST_PANEL_IN and not page.is_narrow)
    panels = panels[: columns * max(1, int(room_in / (LEAST_PANEL_IN + TITLE_IN)))]
    if len(panels) < wanted:
        heading = _heading(run, table, page, f"{len(panels)} of {wanted} panels shown.")
        canvas = Canvas(page, heading)
        strip = Strip(run, canvas, LEFT_IN, whole_in)
        room_in = canvas.room_in - strip.height_in - AXIS_IN
    rows = math.ceil(len(panels) / columns)
    panel_in = room_in / rows - TITLE_IN
    if page.height_in is None:
        panel_in = min(PANEL_IN, panel_in)
    width_in = (whole_in - (columns - 1) * BETWEEN_IN) / columns
    canvas.open(strip.height_in + rows * (panel_in + TITLE_IN) + AXIS_IN)
    strip.draw()
    for number, panel in enumerate(panels):
        row, column = divmod(number, columns)
        top_in = strip.height_in + row * (panel_in + TITLE_IN) + TITLE_IN
        left_in = LEFT_IN + column * (width_in + BETWEEN_IN)
        axes = canvas.axes(Box(left_in, top_in, width_in, panel_in))
        _draw_panel(axes, run, table, panel, last=number + columns >= len(panels))
        title = _title(table, panel, is_brief=page.is_narrow or columns > 1)
        title_at, room_in = (
            left_in - LEFT_IN + style.MARGIN_IN,
            width_in + LEFT_IN - style.MARGIN_IN,
        )
        canvas.write(canvas.fit(title, room_in, "bold"), title_at, top_in - 0.1, weight="bold")
    return Drawing(
        canvas.figure, heading.title, heading.measure, _alt(run, table, heading), table,
        heading.needed,
    )  # fmt: skip


def _heading(run: FinishedRun, table: pd.DataFrame, page: Page, count: str) -> Heading:
    # Elsewhere the panel's own title says what its line is.
    line = "Line: planned to leave." if page.is_narrow and table["licensed_t"].max() > 0 else ""
    return Heading(
        _message(run, table), _measure(run, table), _brief(run), run.source_line,
        joined(line, count),
    )  # fmt: skip


def _table(run: FinishedRun) -> pd.DataFrame:
    """month, cases, waiting_days, planned_t, licensed_t, held_t: all licence regimes together."""
    table = run.record("licences_pending")
    if table.empty:
        return pd.DataFrame()
    # A quota holds goods back too, and has no cases.
    licensing = table.groupby("lever")["cases"].transform("max") > 0
    if not licensing.any():
        return pd.DataFrame()
    columns = ["cases", "held_t", "planned_t", "licensed_t"]
    # Where a licence covers whatever is ordered, no tonnage stands beside the plan.
    sums = table[licensing].groupby("month")[columns].sum(min_count=1)
    return sums.assign(waiting_days=_waiting_days(run)).reset_index()[
        ["month", "cases", "waiting_days", "planned_t", "licensed_t", "held_t"]
    ]


def _waiting_days(run: FinishedRun) -> pd.Series:
    """Mean days from filing to decision of the cases decided in a month."""
    cases = run.record("licences")
    if cases.empty:
        return pd.Series(dtype=float)
    decided = [run.starts + timedelta(days=int(day)) for day in cases["decided_day"]]
    month = pd.Series([f"{day:%Y-%m}" for day in decided], index=cases.index, name="month")
    return (cases["decided_day"] - cases["filed_day"]).groupby(month).mean()


def _draw_panel(
    axes: Axes, run: FinishedRun, table: pd.DataFrame, panel: Panel, *, last: bool
) -> None:
    values = table.set_index("month")[panel.column].reindex(run.months())
    if panel.column != "waiting_days":
        values = values.fillna(0.0)
    heights = values.to_numpy(dtype=float)
    edges = month_edges(run)
    shade_restricted(axes, run)
    # One colour for all: hues stand for regions and countries.
    axes.stairs(heights, edges, fill=True, color=style.PALE_NAVY, linewidth=0.0, zorder=2)
    # A month in which nothing was decided has no mean, and no line at zero.
    outline = heights if panel.column == "waiting_days" else np.nan_to_num(heights)
    axes.stairs(outline, edges, color=style.NAVY, linewidth=1.0, zorder=3)
    highest = float(np.nanmax(heights)) if np.isfinite(heights).any() else 1.0
    if panel.column == "licensed_t":
        planned = table.set_index("month")["planned_t"].reindex(run.months()).fillna(0.0).to_numpy()
        axes.stairs(planned, edges, color=style.INK, linewidth=1.2, zorder=4)
        highest = max(highest, float(planned.max()))
    set_value_axis(axes, highest)
    set_calendar(axes, run, labelled=last)


def _title(table: pd.DataFrame, panel: Panel, *, is_brief: bool) -> str:
    title = panel.brief if is_brief else panel.title
    if not table[panel.column].notna().any():
        return f"{title}: none"
    if panel.column == "licensed_t":
        licensed, planned = table["licensed_t"].sum(), table["planned_t"].sum()
        return f"{title}: {two_figures(licensed)} of {two_figures(planned)}"
    worst = table.loc[table[panel.column].idxmax()]
    value = worst[panel.column]
    size = f"{value:.0f}" if panel.column == "waiting_days" else two_figures(value)
    return f"{title}: {size} in {month_in_words(worst['month'])}"


def _message(run: FinishedRun, table: pd.DataFrame) -> str:
    waiting, left = table["waiting_days"].max(), table["cases"].iloc[-1]
    wait = ""
    if waiting == waiting:
        wait = f"; those decided would have waited up to {waiting:.0f} days (mean of a month)"
        if (
            left >= 1 and table["month"].iloc[-1] == run.months()[-1]
        ):  # how long these will wait nobody knows
            wait += f", and some {two_figures(round(left))} are undecided in the last month"
    return (
        f"In this scenario up to {two_figures(table['cases'].max())} licence cases would be undecided at a "
        f"time, and up to {tonnes(table['held_t'].max(), run.unit)} of orders would wait{wait}"
    )


def _measure(run: FinishedRun, table: pd.DataFrame) -> str:
    licensed = ""
    if table["licensed_t"].max() > 0:
        licensed = (
            "tonnes that the month's licences cover beside what was planned to leave under them (licences for "
            "whatever is ordered are not counted), "
        )
    return (
        "Licence cases by month, all regimes together, "
        f"{run.period_in_words()}: cases not decided yet (average), days from filing to decision of the "
        "cases decided in the month (with the wait for the office, and for the time between two licences), "
        f"{licensed}goods ordered that wait for a licence, most of them not sent yet (average)."
        f"{shading_in_words(run)}"
    )


def _brief(run: FinishedRun) -> str:
    return f"Licence cases by month, {run.period_in_words()}.{shading_in_words(run)}"


def _alt(run: FinishedRun, table: pd.DataFrame, heading: Heading) -> str:
    cases, held = (table.loc[table[column].idxmax()] for column in ("cases", "held_t"))
    parts = [
        f"Most cases pending: {two_figures(cases['cases'])} in {month_in_words(cases['month'])}",
        f"most waiting: {tonnes(held['held_t'], run.unit)} in {month_in_words(held['month'])}",
    ]
    if table["waiting_days"].notna().any():
        slow = table.loc[table["waiting_days"].idxmax()]
        parts.append(
            f"longest wait: {two_figures(slow['waiting_days'])} days for cases decided in "
            f"{month_in_words(slow['month'])}"
        )
    count, licensed = "Three", ""
    if table["licensed_t"].max() > 0:
        count, licensed = "Four", "tonnes licensed with the plan as a line, "
        parts.append(
            f"licensed: {tonnes(table['licensed_t'].sum(), run.unit)} of "
            f"{tonnes(table['planned_t'].sum(), run.unit)} planned"
        )
    return (
        f"{count} panels of filled steps over months, one below the other: cases pending, days from filing "
        f"to decision, {licensed}tonnes waiting. {heading.title}. {'; '.join(parts)}. {run.source_line}"
    )
