"""Stock burn-down: how many days users could go on, and how much is left in stockpiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sim.figures import style
from sim.figures.canvas import Box, Canvas, Heading, Sheet
from sim.figures.drawing import Drawing, NothingToShow
from sim.figures.finding import first_days, missing_products, short_anyway
from sim.figures.finished_run import FinishedRun, as_date, month_bounds, rows
from sim.figures.restriction_strip import (
    draw_strip,
    shade_restricted,
    shading_in_words,
    strip_height_in,
)
from sim.figures.style import Page
from sim.figures.time_axis import day_number, set_calendar
from sim.figures.value_axis import set_value_axis
from sim.figures.wording import capitalised, day_in_words, two_figures

MOST_PRODUCTS = 4
MOST_STOCKPILES = 2
MOST_LINES = 4
USE, STOCKPILE = "use", "stockpile"
PANEL_IN = 0.9
LEAST_PANEL_IN = 0.5
TITLE_IN = 0.24
NARROW_TITLE_IN = 0.54
AXIS_IN = 0.46
COLOURS = (*style.CATEGORIES, style.GREY, style.INK)
DASHES = (
    "solid", (0, (4, 1.2)), (0, (1.2, 1.0)), (0, (5, 1.2, 1.2, 1.2)), "solid", (0, (2.4, 1.0)),
)  # fmt: skip
MARKERS = ("v", "s", "D", "o", "^", "P")
"""With a colour and a dash each: a region looks the same in all panels"""
EMPTY_SHARE = 0.01
"""Of its largest stock: a stockpile with less is as good as empty."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a panel."""

    name: str
    short: str
    """For where the name finds no room."""
    id: str
    values: pd.Series
    """By month."""
    empty: date | None
    """First day on which a user group is short, or first of the month in which the stockpile is used up."""
    ends: str
    """That day or month as it stands in the key."""
    look: int = 0
    """Number of its colour, dash and marker"""


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines that share an axis."""

    material: str
    title: str
    unit: str
    lines: Sequence[Line]


def draw_stock_burn_down(run: FinishedRun, page: Page) -> Drawing | NothingToShow:
    """Products that lack most, one panel each with a line a region; stockpiles below."""
    cover = _cover(run)
    panels = _alike([*cover[:1], *_stockpiles(run), *cover[1:]])
    if not panels:
        return NothingToShow("no stock of users would run out and there is no stockpile")
    return _drawn_from(run, page, panels)


def _alike(panels: Sequence[Panel]) -> list[Panel]:
    """The same with one look for a region in all panels; lines of a stockpile are told apart in their own."""
    regions: dict[str, int] = {}
    found = []
    for panel in panels:
        known = regions if panel.material else {}
        looks = [known.setdefault(line.id, len(known)) % len(COLOURS) for line in panel.lines]
        lines = [replace(line, look=n) for line, n in zip(panel.lines, looks, strict=True)]
        found.append(replace(panel, lines=lines))
    return found


def _drawn_from(run: FinishedRun, page: Page, panels: Sequence[Panel]) -> Drawing:
    """As many panels as the page has room for."""
    heading = Heading(
        _message(run, panels), _measure(run, panels), _brief(run, panels), run.source_line
    )
    canvas = Canvas(page, heading)
    strip_in = strip_height_in(run, canvas)
    room_in = canvas.room_in - strip_in - AXIS_IN
    title_in = NARROW_TITLE_IN if page.is_narrow else TITLE_IN
    shown = panels[: max(1, int(room_in / (LEAST_PANEL_IN + title_in)))]
    if len(shown) < len(panels):
        # What is said of the figure is to be seen in it.
        return _drawn_from(run, page, shown)
    panel_in = room_in / len(shown) - title_in
    if page.height_in is None:
        panel_in = min(PANEL_IN, panel_in)
    canvas.open(strip_in + len(shown) * (panel_in + title_in) + AXIS_IN)
    left_in, right_in = (0.5, 0.22) if page.is_narrow else (1.3, 2.15)
    width_in = page.width_in - left_in - right_in
    draw_strip(canvas, run, left_in, width_in)
    for number, panel in enumerate(shown):
        top_in = strip_in + number * (panel_in + title_in) + title_in
        box = Box(left_in, top_in, width_in, panel_in)
        _draw_panel(canvas.axes(box), run, panel, page, last=number == len(shown) - 1)
        title = canvas.fit(panel.title, canvas.width - left_in - style.MARGIN_IN, "bold")
        canvas.write(title, left_in, top_in - title_in + 0.14, weight="bold")
        _write_key(canvas, panel, box)
    table = _table(panels)
    return Drawing(canvas.figure, heading.title, heading.measure, _alt(run, panels, heading), table)


def _cover(run: FinishedRun) -> list[Panel]:
    """Days of cover of what is missing most, in the regions that lack most of it."""
    cover = rows(run.monthly, "cover")
    cover = cover[cover["stage"] == USE]
    short = first_days(run)
    panels = []
    for missing in missing_products(run)[:MOST_PRODUCTS]:
        pairs = short[short["material"] == missing.product]
        column = "caused_t" if missing.caused_t > 0 else "shortfall_t"
        lost = pairs.groupby("region")[column].sum()
        regions = lost.sort_values(ascending=False, kind="stable").index[:MOST_LINES]
        own = cover[cover["material"] == missing.product]
        lines = []
        for region in regions:
            values = own[own["region"] == region].groupby("period")["value"].mean()
            first = pairs.loc[pairs["region"] == region, "day"].min()
            if not values.empty:
                name = run.name("regions", str(region))
                day = as_date(first)
                lines.append(
                    Line(
                        name,
                        str(region),
                        str(region),
                        _by_month(run, values),
                        day,
                        day_in_words(day),
                    )
                )
        if lines:
            title = f"{capitalised(run.product(missing.product))}, days of cover"
            lines.sort(key=lambda line: (line.empty, line.id))
            panels.append(Panel(missing.product, title, "days", lines))
    return panels


def _stockpiles(run: FinishedRun) -> list[Panel]:
    """Stockpiles that the run has, the tonnes of each material against what was there at most."""
    stock = rows(run.monthly, "stock")
    stock = stock[stock["stage"] == STOCKPILE]
    panels = []
    keys = ["region", "country"]
    size = stock.groupby(keys)["value"].sum().sort_values(ascending=False, kind="stable")
    for region, country in size.index[:MOST_STOCKPILES]:
        own = stock[(stock["region"] == region) & (stock["country"] == country)]
        unit = str(own["unit"].iloc[0])
        by_material = own.groupby("material")["value"]
        drawn = (by_material.max() - by_material.min()).sort_values(ascending=False, kind="stable")
        lines = []
        for material in drawn.index[:MOST_LINES]:
            values = _by_month(
                run, own[own["material"] == material].groupby("period")["value"].sum()
            )
            values = values.fillna(0.0)
            name, empty = run.product(str(material)), _used_up(values)
            ends = f"{empty:%Y-%m}" if empty else ""
            # In a stockpile of magnets and oxides a grade says enough.
            short = name.replace(" magnets", "")
            lines.append(Line(name, short, str(material), values, empty, ends))
        where = run.name("countries", country) if country else run.name("regions", region)
        panels.append(Panel("", f"Stockpile of {where}, {unit}", unit, lines))
    return panels


def _by_month(run: FinishedRun, values: pd.Series) -> pd.Series:
    return values.reindex(run.months())


def _used_up(values: pd.Series) -> date | None:
    """First month after its peak in which next to nothing is left."""
    floor = EMPTY_SHARE * values.max()
    after = values.loc[values.idxmax() :]
    low = after[after <= floor]
    return None if low.empty else month_bounds(str(low.index[0]))[0]


def _draw_panel(axes: Axes, run: FinishedRun, panel: Panel, page: Page, *, last: bool) -> None:
    middles = [sum(day_number(day) for day in month_bounds(month)) / 2 for month in run.months()]
    x = np.clip(middles, day_number(run.starts), day_number(run.ends))
    shade_restricted(axes, run)
    for line in panel.lines:
        y = line.values.to_numpy(dtype=float)
        look = line.look
        axes.plot(x, y, color=COLOURS[look], linestyle=DASHES[look], linewidth=1.3, zorder=3)
        if line.empty is not None:
            day = day_number(line.empty)
            _mark(axes, day, float(np.interp(day, x, np.nan_to_num(y))), line.look)
    highest = max(float(line.values.max()) for line in panel.lines)
    set_value_axis(axes, highest, page)
    set_calendar(axes, run, labelled=last, most=5)


def _mark(axes: Axes | Sheet, x: float, y: float, look: int) -> None:
    axes.plot(
        [x], [y], marker=MARKERS[look], markersize=5.5, color=COLOURS[look],
        markeredgecolor=style.PAPER, markeredgewidth=0.6, zorder=5, clip_on=False,
    )  # fmt: skip


def _write_key(canvas: Canvas, panel: Panel, box: Box) -> None:
    """Beside the panel, or above it: each line with its name and the day its marker stands on."""
    step_in = min(0.2, box.height / len(panel.lines))
    for number, line in enumerate(panel.lines):
        left_in = box.left + box.width + 0.08
        middle_in = box.top + 0.04 + (number + 0.4) * step_in
        room_in = canvas.width - left_in - 0.3 - style.MARGIN_IN
        if canvas.page.is_narrow:
            half_in = canvas.width / 2 - style.MARGIN_IN
            left_in = 2 * style.MARGIN_IN + number % 2 * half_in
            middle_in = box.top - 0.25 + number // 2 * 0.15
            room_in = half_in - 0.36
        canvas.sheet.plot(
            [left_in, left_in + 0.26], [middle_in] * 2, color=COLOURS[line.look],
            linestyle=DASHES[line.look], linewidth=1.3,
        )  # fmt: skip
        if line.empty is not None:
            _mark(canvas.sheet, left_in + 0.13, middle_in, line.look)
        ends = f" {line.ends}" if line.ends else ""
        name_room_in = room_in - canvas.width_in(ends, style.BODY_PT)
        name = line.short if canvas.page.is_narrow else line.name
        if canvas.width_in(name, style.BODY_PT) > name_room_in:
            name = line.short
        if not panel.material and canvas.width_in(name, style.BODY_PT) > name_room_in:
            # The marker on the line says it as well.
            ends, name_room_in = "", room_in
        canvas.write(f"{canvas.fit_middle(name, name_room_in)}{ends}", left_in + 0.3, middle_in)


def _message(run: FinishedRun, panels: Sequence[Panel]) -> str:
    """The first day on which a user runs out; where nobody does, what is left in the stockpile."""
    covers = [panel for panel in panels if panel.material]
    ends = [(line.empty, panel, line) for panel in covers for line in panel.lines if line.empty]
    if ends:
        day, panel, line = min(ends, key=lambda end: (end[0], end[1].material))
        return (
            f"In this scenario the first users of {run.product(panel.material)} would be short on "
            f"{day_in_words(day)}, in {line.name}{_anyway(run)}"
        )
    line = panels[0].lines[0]
    left = two_figures(float(line.values.iloc[-1]))
    return (
        f"In this scenario {left} {panels[0].unit} of {line.name} would be left at the end: "
        f"{panels[0].title}"
    )


def _measure(run: FinishedRun, panels: Sequence[Panel]) -> str:
    piles = "" if all(panel.material for panel in panels) else " Stockpiles: tonnes held."
    return (
        "Stocks of end users divided by their mean daily demand, monthly means by region, "
        f"{run.period_in_words()}; the products and regions that lack most. Markers and dates: first day on "
        "which a user group of the region cannot cover its need (short by more than "
        f"5\u00a0%{_anyway(run)}), while others "
        f"may still hold stock.{piles}{shading_in_words(run)}"
    )


def _anyway(run: FinishedRun) -> str:
    """What the days count where something is short without levers as well."""
    is_short = bool(run.levers) and not short_anyway(run).empty
    return ", beyond what is missing anyway" if is_short else ""


def _brief(run: FinishedRun, panels: Sequence[Panel]) -> str:
    return (
        "Days of cover of end users by region, monthly means. Marker and date: first user group short "
        f"by more than 5\u00a0%.{shading_in_words(run)}"
    )


def _table(panels: Sequence[Panel]) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "panel": panel.title,
                "material": panel.material or line.id,
                "region": line.id if panel.material else "",
                "month": line.values.index,
                "value": line.values.to_numpy(),
                "unit": panel.unit,
                "first_day_short_or_empty": line.empty.isoformat() if line.empty else "",
            }
        )
        for panel in panels
        for line in panel.lines
    ]
    return pd.concat(parts, ignore_index=True)


def _alt(run: FinishedRun, panels: Sequence[Panel], heading: Heading) -> str:
    parts = []
    for panel in panels:
        lines = [
            f"{line.name} from {two_figures(float(line.values.dropna().iloc[0]))} down to "
            f"{two_figures(float(line.values.min()))}"
            + (
                f", {'short from' if panel.material else 'empty from'} {line.ends}"
                if line.ends
                else ""
            )
            for line in panel.lines
        ]
        parts.append(f"{panel.title}: {'; '.join(lines)}")
    return f"Lines over months, one panel a product. {heading.title}. {'. '.join(parts)}. {run.source_line}"
