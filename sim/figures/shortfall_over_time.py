"""Shortfall over time, one panel an element, under the strip of restrictions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes

from sim.figures import style
from sim.figures.canvas import Box, Canvas, Heading
from sim.figures.counting import users, worst_slice
from sim.figures.drawing import Drawing, NothingToShow
from sim.figures.finding import NOTICEABLE_SHARE
from sim.figures.finished_run import FinishedRun, use_rows
from sim.figures.restriction_strip import Strip, shade_restricted, shading_in_words
from sim.figures.style import Page
from sim.figures.time_axis import month_edges, set_calendar
from sim.figures.wording import capitalised, joined, percent, tonnes, two_figures
from sim.summary.ranking import elements_hit

MOST_PANELS = 5
LEAST_SAID = 0.0005
"""Part of the need that the reference lacks: what rounds to nothing is not put into words."""
PANEL_IN = 0.72
LEAST_PANEL_IN = 0.5
LEAST_LOW_PANEL_IN = 0.34
LEFT_IN = 0.68
RIGHT_IN, NARROW_RIGHT_IN, WIDE_RIGHT_IN = 1.5, 0.22, 2.4
"""Room beside a panel; where there is little, what stands there goes above the panel."""
AXIS_IN = 0.46
TOTAL_LINE_IN = 0.15
SCENARIO_COLOUR = style.NAVY
REFERENCE_COLOUR = "#B4470B"
NARROW_KEY = (
    "By the names: the worst {slice}, and tonnes over the run; solid: scenario, dashed: reference"
)
ROUND_TOPS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Layout:
    """How high panels are on a page, and how many."""

    title: float
    panel: float
    count: int


def draw_shortfall_over_time(run: FinishedRun, page: Page) -> Drawing | NothingToShow:
    """The worst few elements, scenario against reference."""
    table = shortfall_by_element(run)
    if table.empty:
        return NothingToShow(
            f"no product would be short by {100 * NOTICEABLE_SHARE:g} % of demand or more in any "
            "month, sector and region of this scenario"
        )
    elements = list(dict.fromkeys(table["element"]))
    unit = str(table["unit"].iloc[0])
    heading, wanted = _heading(run, table, page, len(elements), len(elements)), len(elements)
    canvas = Canvas(page, heading)
    right_in = NARROW_RIGHT_IN if page.is_narrow else RIGHT_IN
    if page.has_columns:
        right_in = WIDE_RIGHT_IN
    width_in = page.width_in - LEFT_IN - right_in
    strip = Strip(run, canvas, LEFT_IN, width_in)
    layout = _layout(page, wanted, canvas.room_in - strip.height_in - AXIS_IN)
    if layout.count < wanted:
        heading = _heading(run, table, page, layout.count, wanted)
        canvas = Canvas(page, heading)
        strip = Strip(run, canvas, LEFT_IN, width_in)
        layout = _layout(page, layout.count, canvas.room_in - strip.height_in - AXIS_IN)
    elements = elements[: layout.count]
    table = table[table["element"].isin(elements)]
    step_in = layout.panel + layout.title
    canvas.open(strip.height_in + layout.count * step_in + AXIS_IN)
    strip.draw()
    top = _round_top(table)
    for number, element in enumerate(elements):
        above_in = strip.height_in + number * step_in + layout.title
        box = Box(LEFT_IN, above_in, width_in, layout.panel)
        panel = table[table["element"] == element]
        _draw_panel(canvas.axes(box), run, panel, top, last=number == len(elements) - 1)
        _write_around(run, canvas, panel, box, layout, unit)
    return Drawing(
        canvas.figure, heading.title, heading.measure, _alt(run, table, heading), table,
        heading.needed,
    )  # fmt: skip


def _heading(run: FinishedRun, table: pd.DataFrame, page: Page, shown: int, wanted: int) -> Heading:
    needed = f"{shown} of {wanted} elements shown." if shown < wanted else ""
    if page.is_narrow:  # elsewhere the words stand beside the lines
        needed = joined(f"{NARROW_KEY.format(slice=run.slice)}.", needed)
    return Heading(_message(run, table), _measure(run, shown), _brief(run), run.source_line, needed)


def _layout(page: Page, wanted: int, room_in: float) -> Layout:
    """As many panels as fit, at their usual height or a little less."""
    title = 0.4 if page.is_narrow else 0.24
    # Beside a wide panel there is room for a line of text where there are else two.
    least = LEAST_LOW_PANEL_IN if page.has_columns else LEAST_PANEL_IN
    count = max(1, min(wanted, int(room_in / (least + title))))
    panel = room_in / count - title
    return Layout(title, panel if page.height_in else min(PANEL_IN, panel), count)


def shortfall_by_element(run: FinishedRun) -> pd.DataFrame:
    """Embodied shortfall and demand by month of the worst few elements, all users together."""
    demand = _by_month(run, "embodied_demand", "scenario")
    joined = pd.DataFrame(
        {
            "demand_t": demand,
            "shortfall_t": _by_month(run, "embodied_shortfall", "scenario"),
            "reference_demand_t": _by_month(run, "embodied_demand", "reference"),
            "reference_shortfall_t": _by_month(run, "embodied_shortfall", "reference"),
        }
    ).fillna(0.0)
    joined["shortfall_share"] = _share(joined["shortfall_t"], joined["demand_t"])
    joined["reference_share"] = _share(
        joined["reference_shortfall_t"], joined["reference_demand_t"]
    )
    table = joined.rename_axis(["element", "month"]).reset_index()
    worst = _worst_elements(run, table)
    table = table[table["element"].isin(worst)]
    table = table.assign(
        name=[run.name("elements", element) for element in table["element"]], unit=_unit(run)
    )
    order = {element: rank for rank, element in enumerate(worst)}
    return table.sort_values(
        ["element", "month"],
        key=lambda column: column.map(order).fillna(column) if column.name == "element" else column,
    ).reset_index(drop=True)


def _by_month(run: FinishedRun, metric: str, world: str) -> pd.Series:
    found = use_rows(run.monthly, metric, run=world)
    return found.groupby(["material", "period"])["value"].sum()


def _unit(run: FinishedRun) -> str:
    units = use_rows(run.monthly, "embodied_demand")["unit"]
    return "t" if units.empty else str(units.iloc[0])


def _share(part: pd.Series, whole: pd.Series) -> pd.Series:
    return (part / whole.where(whole > 0)).fillna(0.0)


def _worst_elements(run: FinishedRun, table: pd.DataFrame) -> list[str]:
    """Elements with a noticeable shortfall in some month, in the order of the headline."""
    peak = table.groupby("element")["shortfall_share"].max()
    hit = [str(element) for element in elements_hit(run.summary).index]
    return [each for each in hit if peak.get(each, 0.0) >= NOTICEABLE_SHARE][:MOST_PANELS]


def _message(run: FinishedRun, table: pd.DataFrame) -> str:
    """What the first panel shows."""
    panel = table[table["element"] == table["element"].iloc[0]]
    share, when = worst_slice(run, panel)
    name = panel["name"].iloc[0]
    overall = panel["shortfall_t"].sum() / panel["demand_t"].sum()
    anyway = panel["reference_shortfall_t"].sum() / panel["reference_demand_t"].sum()
    reference = f" (reference: {percent(anyway)})" if run.levers and anyway >= LEAST_SAID else ""
    return (
        f"In this scenario {users(run)} would not receive {percent(overall)}{reference} of the {name} they "
        f"need over {run.years_in_words()}, and {percent(share)} of that {run.slice}'s in the worst "
        f"{run.slice}, {when}"
    )


def _measure(run: FinishedRun, panels: int) -> str:
    worst = "the element hit most" if panels == 1 else f"the {panels} elements of value hit most"
    return (
        "Filled: missing, the content of products not received by element, in % of the element's demand by "
        f"month, {users(run)}, {run.period_in_words()}; {worst}. It says what is missing, not "
        f"what was scarce.{shading_in_words(run)}"
    )


def _brief(run: FinishedRun) -> str:
    return (
        "Filled: missing, % of the element's demand by month, "
        f"{users(run)}, {run.period_in_words()}.{shading_in_words(run)}"
    )


def _round_top(table: pd.DataFrame) -> float:
    highest = max(table["shortfall_share"].max(), table["reference_share"].max())
    return next((top for top in ROUND_TOPS if highest <= top), math.ceil(highest))


def _draw_panel(
    axes: Axes, run: FinishedRun, panel: pd.DataFrame, top: float, *, last: bool
) -> None:
    edges = month_edges(run)
    by_month = panel.set_index("month").reindex(run.months())
    scenario = by_month["shortfall_share"].fillna(0.0).to_numpy()
    reference = by_month["reference_share"].fillna(0.0).to_numpy()
    shade_restricted(axes, run)
    axes.stairs(scenario, edges, fill=True, color=style.PALE_NAVY, zorder=2)
    axes.stairs(scenario, edges, color=SCENARIO_COLOUR, linewidth=1.4, baseline=None, zorder=4)
    axes.stairs(
        reference,
        edges,
        color=REFERENCE_COLOUR,
        linewidth=1.3,
        linestyle=(0, (3, 1.5)),
        baseline=None,
        zorder=5,
        clip_on=False,
    )
    axes.set_ylim(0, top)
    axes.set_yticks([0, top / 2, top], [f"{100 * y:g}{chr(160)}%" for y in (0, top / 2, top)])
    axes.set_ylabel("missing", labelpad=3)
    axes.grid(axis="y", zorder=1)
    set_calendar(axes, run, labelled=last)


def _write_around(
    run: FinishedRun, canvas: Canvas, panel: pd.DataFrame, box: Box, layout: Layout, unit: str
) -> None:
    """Name the panel above it, and beside or above it the lines with what they add up to."""
    element, name = str(panel["element"].iloc[0]), str(panel["name"].iloc[0])
    label = capitalised(name) if name == element else f"{capitalised(name)} ({element})"
    share, when = worst_slice(run, panel)
    peak, is_narrow = f"{percent(share)} missing", canvas.page.is_narrow
    words = f"{label}: {peak}, {when}"
    if not is_narrow:
        words = f"{label}: {peak} in {when}, the worst {run.slice}"
    name_left = style.MARGIN_IN if is_narrow else box.left
    room_in = canvas.width - name_left - style.MARGIN_IN
    name_at = box.top - layout.title + 0.14
    canvas.write(canvas.fit(words, room_in, "bold"), name_left, name_at, weight="bold")
    lines = (
        ("scenario", panel["shortfall_t"].sum(), SCENARIO_COLOUR, "solid"),
        ("reference", panel["reference_shortfall_t"].sum(), REFERENCE_COLOUR, (0, (3, 1.5))),
    )
    left = box.left + box.width + 0.08
    for number, (world, total_t, colour, dashes) in enumerate(lines):
        amount = tonnes(total_t, unit)
        if is_narrow:
            left = style.MARGIN_IN + number * 0.58 * (canvas.width - 2 * style.MARGIN_IN)
            middle = name_at + TOTAL_LINE_IN
            _line_sample(canvas, left, middle + 0.02, colour, dashes)
            said = f"{amount} missing" if number == 0 else f"{world} {two_figures(total_t)}"
            canvas.write(said, left + 0.22, middle, colour=colour)
            continue
        if canvas.page.has_columns:
            middle = box.top + 0.06 + number * 0.17
            _line_sample(canvas, left, middle + 0.02, colour, dashes)
            canvas.write(amount, left + 0.22, middle, colour=colour, weight="bold")
            beside = left + 0.27 + canvas.width_in(amount, style.BODY_PT, "bold")
            canvas.write(f"missing, {world}", beside, middle, colour=colour)
            continue
        first = box.top + 0.04 + number * 0.34
        _line_sample(canvas, left, first + 0.02, colour, dashes)
        canvas.write(amount, left + 0.22, first, colour=colour, weight="bold")
        canvas.write(f"missing, {world}", left + 0.22, first + 0.15, colour=colour)


def _line_sample(
    canvas: Canvas, left_in: float, middle_in: float, colour: str, dashes: object
) -> None:
    ends = [left_in, left_in + 0.18]
    canvas.sheet.plot(ends, [middle_in, middle_in], color=colour, linewidth=1.4, linestyle=dashes)


def _alt(run: FinishedRun, table: pd.DataFrame, heading: Heading) -> str:
    """The figure in words, with its main numbers."""
    unit = str(table["unit"].iloc[0])
    sentences = [
        "Small multiples of step lines, one panel an element, over months from "
        f"{run.period_in_words()}; vertical axis: content missing (not received) in % of the element's demand.",
        f"{heading.title}.",
    ]
    for element, panel in table.groupby("element", sort=False):
        share, when = worst_slice(run, panel)
        sentences.append(
            f"{capitalised(run.name('elements', str(element)))}: "
            f"{tonnes(panel['shortfall_t'].sum(), unit)} in all "
            f"(reference: {tonnes(panel['reference_shortfall_t'].sum(), unit)}), worst {run.slice} "
            f"{when} with {percent(share)}."
        )
    if run.levers:
        levers = ", ".join(run.lever_names.values())
        sentences.append(f"A strip on top shows the phases of: {levers}.")
    return " ".join([*sentences, run.source_line])
