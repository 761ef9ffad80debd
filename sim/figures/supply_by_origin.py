"""Supply by country of mining beside the same by country of separation, against demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.figures import style
from sim.figures.band_label import label_band
from sim.figures.canvas import Box, Canvas, Heading
from sim.figures.chosen_element import element_hit, element_needed_most
from sim.figures.counting import places, users
from sim.figures.dates import month_bounds
from sim.figures.drawing import Drawing, NothingToShow
from sim.figures.finished_run import FinishedRun, in_all_goods, rows, use_rows
from sim.figures.place_looks import OTHERS, Look, place_looks
from sim.figures.style import Page
from sim.figures.time_axis import day_number, set_calendar
from sim.figures.value_axis import with_commas
from sim.figures.wording import capitalised, percent, shares_in_words
from sim.summary.origin import COUNTED
from sim.summary.scope import IN_ALL_GOODS
from sim.words.quantities import DAYS_PER_YEAR

MOST_BANDS = 4
MASS_FLOOR_T = 1e-9
OTHER = "other or unknown"
PANEL_IN = 2.2
NARROW_PANEL_IN = 1.5
TITLE_IN = 0.24
AXIS_IN = 0.5
KEY_IN = 0.22
LEFT_IN = 0.62
BETWEEN_IN = 0.42
RIGHT_IN = 0.25
SWATCH_IN = 0.24
HEADROOM = 1.05
SERIES = (
    ("supply_by_origin", "country of the mine"),
    ("supply_by_last_processing", "country of separation"),
)
GAP = "demand not delivered"
GAP_HATCH = "xxxx"
LEAST_GAP = 0.005
"""Of the highest value: a gap below it cannot be seen and is not in the key."""


@dataclass(frozen=True, slots=True)
class Supply:
    """Deliveries of one element to one part of the world, t a year by month."""

    element: str
    unit: str
    demand: pd.Series
    received_share: float
    """Part of the run's demand that end users get."""
    by_country: tuple[pd.DataFrame, pd.DataFrame]
    """[month, country] by mine, and by separation; the same countries in both, then the others."""

    @property
    def top(self) -> float:
        """The most that is needed or delivered in any month, t a year."""
        delivered = [float(table.sum(axis=1).max()) for table in self.by_country]
        return max(float(self.demand.max()), *delivered)

    @property
    def countries(self) -> list[str]:
        """Bands from the bottom up."""
        return [str(country) for country in self.by_country[0].columns]


def draw_supply_by_origin(run: FinishedRun, page: Page) -> Drawing | NothingToShow:
    """The element hit most, or the largest where none is short; to the users who count."""
    traced = not rows(run.monthly, "supply_by_origin").empty
    element = (element_hit(run) or element_needed_most(run)) if traced else None
    if element is None:
        if run.regions:
            return NothingToShow(
                "by month the origin of supply is kept for all of these users together"
            )
        return NothingToShow("the run did not trace where the tonnes came from")
    supply = _supply(run, element)
    if supply.demand.sum() <= 0 or supply.by_country[0].to_numpy().sum() <= 0:
        return NothingToShow("nothing was delivered to these users")
    table = _table(supply)
    heading = Heading(
        _message(run, supply), _measure(run, supply), _brief(run, supply), run.source_line
    )
    canvas = Canvas(page, heading)
    has_gap = bool(table.loc[table["country"] == GAP, "t_per_year"].max() > LEAST_GAP * supply.top)
    entries = ["demand", *([GAP] if has_gap else []), *supply.countries]
    key = canvas.key_places([_name(run, entry) for entry in entries], SWATCH_IN)
    key_in = KEY_IN * (1 + key[-1][1])
    boxes = _boxes(page, key_in, canvas.room_in)
    canvas.open(boxes[-1].top + boxes[-1].height + AXIS_IN)
    looks = {**place_looks(run), OTHER: OTHERS}
    for entry, (left_in, row) in zip(entries, key, strict=True):
        _draw_key_entry(canvas, run, looks, entry, left_in, row)
    for number, (box, (_, words)) in enumerate(zip(boxes, SERIES, strict=True)):
        room_in = canvas.width - box.left + 0.1
        title = canvas.fit(f"By {words}, {supply.unit} a year", room_in, "bold")
        canvas.write(title, box.left - 0.1, box.top - TITLE_IN + 0.1, weight="bold")
        axes = canvas.axes(box)
        axes.set_ylim(0, HEADROOM * supply.top)
        axes.yaxis.set_major_formatter(with_commas)
        set_calendar(axes, run, labelled=True, most=5)
        axes.tick_params(axis="y", labelleft=page.is_narrow or number == 0)
        _draw_panel(canvas, axes, run, supply, supply.by_country[number], looks)
    return Drawing(canvas.figure, heading.title, heading.measure, _alt(run, supply, heading), table)


def _boxes(page: Page, key_in: float, room_in: float) -> list[Box]:
    """Side by side, or below one another on a narrow page."""
    if page.is_narrow:
        width_in = page.width_in - LEFT_IN - RIGHT_IN
        step_in = min(TITLE_IN + NARROW_PANEL_IN + AXIS_IN, (room_in - key_in) / len(SERIES))
        height_in = step_in - TITLE_IN - AXIS_IN
        return [
            Box(LEFT_IN, key_in + TITLE_IN + number * step_in, width_in, height_in)
            for number in range(len(SERIES))
        ]
    width_in = (page.width_in - LEFT_IN - BETWEEN_IN - RIGHT_IN) / 2
    height_in = room_in - key_in - TITLE_IN - AXIS_IN if page.height_in else PANEL_IN
    return [
        Box(LEFT_IN + number * (width_in + BETWEEN_IN), key_in + TITLE_IN, width_in, height_in)
        for number in range(len(SERIES))
    ]


def _supply(run: FinishedRun, element: str) -> Supply:
    need = in_all_goods(run.monthly, "embodied_demand")
    need = need[need["material"] == element]
    per_year = pd.Series({month: DAYS_PER_YEAR / run.days_in(month) for month in run.months()})
    demand = need.groupby("period")["value"].sum().reindex(run.months()).fillna(0.0) * per_year
    wide = [_wide(run, metric, element).mul(per_year, axis=0) for metric, _ in SERIES]
    total = wide[0].sum().add(wide[1].sum(), fill_value=0.0)
    named = total.drop(labels=[""], errors="ignore").sort_values(ascending=False, kind="stable")
    kept = [str(country) for country in named.index[:MOST_BANDS]]
    by_mine, by_separation = (_banded(table, kept) for table in wide)
    if by_mine[OTHER].sum() + by_separation[OTHER].sum() <= 0:
        by_mine, by_separation = by_mine[kept], by_separation[kept]
    short = in_all_goods(run.monthly, "embodied_shortfall")
    short_t = float(short.loc[short["material"] == element, "value"].sum())
    received = 1.0 - short_t / max(float(need["value"].sum()), short_t, MASS_FLOOR_T)
    unit = str(need["unit"].iloc[0])
    return Supply(element, unit, demand, received, (by_mine, by_separation))


def _wide(run: FinishedRun, metric: str, element: str) -> pd.DataFrame:
    """[month, country] t delivered."""
    found = rows(run.monthly, metric)
    found = found[(found["material"] == element) & (found["region"] == COUNTED)]
    wide = found.pivot_table(index="period", columns="country", values="value", aggfunc="sum")
    return wide.reindex(run.months()).fillna(0.0)


def _banded(wide: pd.DataFrame, kept: Sequence[str]) -> pd.DataFrame:
    """The countries kept, and all others (or unknown ones, from stock older than the run) in one."""
    bands = wide.reindex(columns=kept).fillna(0.0)
    bands[OTHER] = wide.drop(columns=kept, errors="ignore").sum(axis=1)
    return bands


def _draw_panel(
    canvas: Canvas, axes: Axes, run: FinishedRun, supply: Supply, table: pd.DataFrame,
    looks: Mapping[str, Look],
) -> None:  # fmt: skip
    """Stack the bands under the line of demand, each with its name where it is thick enough."""
    middles = [sum(day_number(day) for day in month_bounds(month)) / 2 for month in table.index]
    x = np.clip(middles, day_number(run.starts), day_number(run.ends))
    # Bands reach both ends of the run, not only the middles of its first and last month.
    x[0], x[-1] = day_number(run.starts), day_number(run.ends)
    lower = np.zeros(len(table))
    axes.grid(axis="y")
    for country in supply.countries:
        upper = lower + table[country].to_numpy()
        look = looks[country]
        axes.fill_between(
            x, lower, upper, facecolor=look.colour, hatch=look.hatch, edgecolor=style.PAPER, linewidth=0.4
        )  # fmt: skip
        label_band(canvas, axes, x, lower, upper, _name(run, country), look.colour)
        lower = upper
    need = supply.demand.to_numpy()
    axes.fill_between(
        x,
        lower,
        need,
        where=need > lower,
        interpolate=True,
        facecolor=style.PAPER,
        hatch=GAP_HATCH,
        edgecolor=style.GREY,
        linewidth=0.0,
    )
    axes.plot(x, need, color=style.INK, linewidth=1.6)


def _name(run: FinishedRun, country: str) -> str:
    return country if country in ("demand", GAP, OTHER) else run.name("countries", country)


def _draw_key_entry(
    canvas: Canvas, run: FinishedRun, looks: Mapping[str, Look], entry: str, left_in: float, row: int
) -> None:  # fmt: skip
    middle_in = (row + 0.4) * KEY_IN
    if entry == "demand":
        ends = [left_in, left_in + SWATCH_IN]
        canvas.sheet.plot(ends, [middle_in, middle_in], color=style.INK, linewidth=1.6)
    else:
        swatch = Rectangle((left_in, middle_in - 0.065), SWATCH_IN, 0.13, lw=0.4)
        if entry == GAP:
            swatch.set(facecolor=style.PAPER, hatch=GAP_HATCH, edgecolor=style.GREY)
        else:
            look = looks[entry]
            swatch.set(facecolor=look.colour, hatch=look.hatch, edgecolor=style.PAPER)
        canvas.sheet.add_artist(swatch)
    name = canvas.fit(_name(run, entry), canvas.width - style.MARGIN_IN - left_in - SWATCH_IN)
    canvas.write(name, left_in + SWATCH_IN + 0.05, middle_in)


def _message(run: FinishedRun, supply: Supply) -> str:
    mined, separated = (_shares(table) for table in supply.by_country)
    leader = max(separated, key=lambda country: separated[country])
    return (
        f"In this scenario {users(run)} would have {percent(supply.received_share)} of the "
        f"{run.name('elements', supply.element)} they need{_in_all(run, supply)} over "
        f"{run.years_in_words()}; "
        f"{run.name('countries', leader)} would "
        f"separate {percent(separated[leader])} of what is delivered and mine {percent(mined[leader])}"
    )


def _in_all(run: FinishedRun, supply: Supply) -> str:
    """Where goods that do not count hold the element too: what arrives is not told apart by goods."""
    apart = use_rows(run.monthly, f"embodied_demand{IN_ALL_GOODS}")
    return " in all goods" if supply.element in set(apart["material"]) else ""


def _shares(table: pd.DataFrame) -> dict[str, float]:
    """Part of all deliveries by named country."""
    total = table.sum()
    return {
        str(country): float(part / total.sum())
        for country, part in total.items()
        if country != OTHER
    }


def _measure(run: FinishedRun, supply: Supply) -> str:
    return (
        f"{capitalised(run.name('elements', supply.element))} in products delivered to end users "
        f"{places(run)}, {supply.unit} a year by month, {run.period_in_words()}. Stocks bridge a gap "
        "at first; deliveries above demand refill them."
    )


def _brief(run: FinishedRun, supply: Supply) -> str:
    return (
        f"{capitalised(run.name('elements', supply.element))} in products delivered "
        f"{places(run)}, {supply.unit} a year by month, {run.period_in_words()}"
    )


def _table(supply: Supply) -> pd.DataFrame:
    """Every band, the demand and the gap, one row a month, series and country."""
    parts = []
    for (metric, _), table in zip(SERIES, supply.by_country, strict=True):
        gap = (supply.demand - table.sum(axis=1)).clip(lower=0.0)
        wide = table.assign(**{"demand": supply.demand, GAP: gap})
        long = (
            wide.rename_axis("month")
            .reset_index()
            .melt("month", var_name="country", value_name="t_per_year")
        )
        parts.append(long.assign(series=metric, element=supply.element, unit=f"{supply.unit}/yr"))
    columns = ["element", "series", "country", "month", "t_per_year", "unit"]
    return pd.concat(parts, ignore_index=True)[columns]


def _alt(run: FinishedRun, supply: Supply, heading: Heading) -> str:
    parts = []
    for (_, words), table in zip(SERIES, supply.by_country, strict=True):
        shares = [(_name(run, c), s) for c, s in _shares(table).items() if s > 0]
        parts.append(f"by {words} {shares_in_words(shares)}")
    return (
        "Two stacked areas side by side over months, with demand as a line and what deliveries do "
        f"not cover hatched, in {supply.unit} a year. {heading.title}. Shares over the whole run: "
        f"{'; '.join(parts)}. {run.source_line}"
    )
