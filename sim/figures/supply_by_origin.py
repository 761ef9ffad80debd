"""Supply by country of mining beside the same by country of separation, against demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.figures import style
from sim.figures.band_label import label_band
from sim.figures.canvas import Box, Canvas, Heading
from sim.figures.drawing import Drawing, NothingToShow
from sim.figures.finding import NOTICEABLE_SHARE, elements_that_matter
from sim.figures.finished_run import FinishedRun, month_bounds, rows, use_rows
from sim.figures.time_axis import day_number, set_calendar
from sim.figures.wording import capitalised, percent, shares_in_words

MOST_BANDS = 4
LEAST_VALUE_SHARE = 0.05
"""Of the value at risk: one element is shown, so it should be one that costs."""
MASS_FLOOR_T = 1e-9
OTHER = "other countries"
DAYS_A_YEAR = 365.0
PANEL_IN = 2.2
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
    def countries(self) -> list[str]:
        """Bands from the bottom up."""
        return [str(country) for country in self.by_country[0].columns]


def draw_supply_by_origin(run: FinishedRun) -> Drawing | NothingToShow:
    """The element hit most outside the restricting countries, or the largest where none is short."""
    element = _element(run)
    if element is None:
        return NothingToShow("the run did not trace where the tonnes came from")
    supply = _supply(run, element)
    if supply.demand.sum() <= 0 or supply.by_country[0].to_numpy().sum() <= 0:
        return NothingToShow("nothing was delivered outside the restricting countries")
    heading = Heading(_message(run, supply), _measure(run, supply), run.source_line)
    entries = ["demand", GAP, *supply.countries]
    key = _key_places(Canvas(heading, 1.0), [_name(run, entry) for entry in entries])
    key_in = KEY_IN * (1 + key[-1][1])
    canvas = Canvas(heading, key_in + TITLE_IN + PANEL_IN + AXIS_IN)
    for entry, (left_in, row) in zip(entries, key, strict=True):
        _draw_key_entry(canvas, run, supply, entry, left_in, row)
    width_in = (style.WIDTH_IN - LEFT_IN - BETWEEN_IN - RIGHT_IN) / 2
    highest = max([supply.demand.max(), *(table.sum(axis=1).max() for table in supply.by_country)])
    for number, (_, words) in enumerate(SERIES):
        left_in = LEFT_IN + number * (width_in + BETWEEN_IN)
        title = f"By {words}, {supply.unit} a year"
        canvas.write(title, left_in - 0.1, key_in + 0.1, weight="bold")
        axes = canvas.axes(Box(left_in, key_in + TITLE_IN, width_in, PANEL_IN))
        axes.set_ylim(0, HEADROOM * highest)
        axes.yaxis.set_major_formatter(
            lambda value, _: f"{value:,.5g}" if value % 1 else f"{value:,.0f}"
        )
        set_calendar(axes, run, labelled=True, most=5)
        axes.tick_params(axis="y", labelleft=number == 0)
        _draw_panel(canvas, axes, run, supply, supply.by_country[number])
    return Drawing(
        canvas.figure, heading.title, heading.measure, _alt(run, supply, heading), _table(supply)
    )


def _outside(run: FinishedRun, table: pd.DataFrame) -> pd.DataFrame:
    """Rows of regions that no restricting country lies in."""
    return table[~table["region"].isin(run.exporting_regions)]


def _element(run: FinishedRun) -> str | None:
    """The element with the largest part of its need missing outside, or most of it needed."""
    if rows(run.monthly, "supply_by_origin").empty:
        return None
    short = _outside(run, use_rows(run.monthly, "embodied_shortfall"))
    need = _outside(run, use_rows(run.monthly, "embodied_demand"))
    need_t = need.groupby("material")["value"].sum()
    share = (short.groupby("material")["value"].sum() / need_t.where(need_t > 0)).dropna()
    noticed = [str(element) for element in share[share >= NOTICEABLE_SHARE / 10].index]
    hit = elements_that_matter(run, noticed, least=LEAST_VALUE_SHARE)
    if hit:
        return min(hit, key=lambda element: (-share[element], element))
    return None if need_t.empty else str(need_t.idxmax())


def _supply(run: FinishedRun, element: str) -> Supply:
    need = _outside(run, use_rows(run.monthly, "embodied_demand"))
    need = need[need["material"] == element]
    per_year = pd.Series({month: DAYS_A_YEAR / run.days_in(month) for month in run.months()})
    demand = need.groupby("period")["value"].sum().reindex(run.months()).fillna(0.0) * per_year
    wide = [_wide(run, metric, element).mul(per_year, axis=0) for metric, _ in SERIES]
    total = wide[0].sum().add(wide[1].sum(), fill_value=0.0)
    named = total.drop(labels=[""], errors="ignore").sort_values(ascending=False, kind="stable")
    kept = [str(country) for country in named.index[:MOST_BANDS]]
    by_mine, by_separation = (_banded(table, kept) for table in wide)
    if by_mine[OTHER].sum() + by_separation[OTHER].sum() <= 0:
        by_mine, by_separation = by_mine[kept], by_separation[kept]
    short = _outside(run, use_rows(run.monthly, "embodied_shortfall"))
    short_t = float(short.loc[short["material"] == element, "value"].sum())
    received = 1.0 - short_t / max(float(need["value"].sum()), short_t, MASS_FLOOR_T)
    unit = str(need["unit"].iloc[0])
    return Supply(element, unit, demand, received, (by_mine, by_separation))


def _wide(run: FinishedRun, metric: str, element: str) -> pd.DataFrame:
    """[month, country] t delivered."""
    found = _outside(run, rows(run.monthly, metric))
    found = found[found["material"] == element]
    wide = found.pivot_table(index="period", columns="country", values="value", aggfunc="sum")
    return wide.reindex(run.months()).fillna(0.0)


def _banded(wide: pd.DataFrame, kept: Sequence[str]) -> pd.DataFrame:
    """The countries kept, and all others (or unknown ones, from stock older than the run) in one."""
    bands = wide.reindex(columns=kept).fillna(0.0)
    bands[OTHER] = wide.drop(columns=kept, errors="ignore").sum(axis=1)
    return bands


def _draw_panel(
    canvas: Canvas, axes: Axes, run: FinishedRun, supply: Supply, table: pd.DataFrame
) -> None:
    """Stack the bands under the line of demand, each with its name where it is thick enough."""
    middles = [sum(day_number(day) for day in month_bounds(month)) / 2 for month in table.index]
    x = np.clip(middles, day_number(run.starts), day_number(run.ends))
    # Bands reach both ends of the run, not only the middles of its first and last month.
    x[0], x[-1] = day_number(run.starts), day_number(run.ends)
    lower = np.zeros(len(table))
    axes.grid(axis="y")
    for country in supply.countries:
        upper = lower + table[country].to_numpy()
        colour, hatch = _look(supply, country)
        axes.fill_between(
            x, lower, upper, facecolor=colour, hatch=hatch, edgecolor=style.PAPER, linewidth=0.4
        )
        label_band(canvas, axes, x, lower, upper, _name(run, country), colour)
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


def _look(supply: Supply, country: str) -> tuple[str, str]:
    if country == OTHER:
        return style.PALE_GREY, ""
    number = supply.countries.index(country)
    return style.CATEGORIES[number], style.CATEGORY_HATCHES[number]


def _name(run: FinishedRun, country: str) -> str:
    return country if country in ("demand", GAP, OTHER) else run.name("countries", country)


def _key_places(canvas: Canvas, names: Sequence[str]) -> list[tuple[float, int]]:
    """Left edge and row of each entry of the key, broken into rows of the page's width."""
    places: list[tuple[float, int]] = []
    left_in, row = style.MARGIN_IN, 0
    for name in names:
        wide = SWATCH_IN + 0.05 + canvas.width_in(name, style.BODY_PT)
        if left_in + wide > style.WIDTH_IN - style.MARGIN_IN and left_in > style.MARGIN_IN:
            left_in, row = style.MARGIN_IN, row + 1
        places.append((left_in, row))
        left_in += wide + 0.18
    return places


def _draw_key_entry(
    canvas: Canvas, run: FinishedRun, supply: Supply, entry: str, left_in: float, row: int
) -> None:
    middle_in = (row + 0.4) * KEY_IN
    axes = canvas.axes(Box(left_in, middle_in - 0.065, SWATCH_IN, 0.13))
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    if entry == "demand":
        axes.plot([0, 1], [0.5, 0.5], color=style.INK, linewidth=1.6)
    elif entry == GAP:
        axes.add_patch(Rectangle((0, 0), 1, 1, fc=style.PAPER, hatch=GAP_HATCH, ec=style.GREY))
    else:
        colour, hatch = _look(supply, entry)
        axes.add_patch(Rectangle((0, 0), 1, 1, fc=colour, hatch=hatch, ec=style.PAPER, lw=0.4))
    name = canvas.fit(_name(run, entry), style.WIDTH_IN - style.MARGIN_IN - left_in - SWATCH_IN)
    canvas.write(name, left_in + SWATCH_IN + 0.05, middle_in)


def _message(run: FinishedRun, supply: Supply) -> str:
    mined, separated = (_shares(table) for table in supply.by_country)
    leader = max(separated, key=lambda country: separated[country])
    return (
        f"In this scenario users{_where(run)} would get {percent(supply.received_share)} of the "
        f"{run.name('elements', supply.element)} they need; {run.name('countries', leader)} would "
        f"separate {percent(separated[leader])} of what is delivered and mine {percent(mined[leader])}"
    )


def _where(run: FinishedRun) -> str:
    inside = [run.name("regions", region) for region in run.exporting_regions]
    return f" outside {', '.join(inside)}" if inside else ""


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
        f"{capitalised(run.name('elements', supply.element))} in products delivered to end users"
        f"{_where(run)}, {supply.unit} a year by month, {run.period_in_words()}. Stocks bridge a gap "
        "at first; deliveries above demand refill them."
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
