"""Exports of the restricting country by month and destination, against the reference."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.figures import style
from sim.figures.canvas import Box, Canvas, Heading
from sim.figures.dates import month_bounds
from sim.figures.drawing import Drawing, NothingToShow
from sim.figures.finished_run import FinishedRun
from sim.figures.place_looks import OTHERS, Look, place_looks
from sim.figures.restriction_strip import Strip, shade_restricted, shading_in_words
from sim.figures.spans import HOLDING, spans_of
from sim.figures.style import Page
from sim.figures.time_axis import month_edges, set_calendar
from sim.figures.value_axis import set_value_axis
from sim.figures.wording import capitalised, join_in_words, percent, tonnes

ALL = "all"
"""All products of a form, all destinations (`exports_monthly.csv`)"""
OTHER = "other regions"
REFERENCE = "reference"
MOST_PANELS = 3
MOST_BANDS = 5
SMALL_SHARE = 0.0005
"""Of the reference: so little is nothing in words"""
HIT_SHARE = 0.1
"""A product is hit where so much less of it leaves than in the reference while a restriction is in force."""
WHOLE_SHARE = 0.95
"""Of the tonnes of a form: where as much is hit, the form is shown as a whole."""
MOST_LETTERS = 60
"""Of the names of goods in a title"""
LEAST_SPREAD = 0.1
"""Between destinations, for the title to name them"""
PANEL_IN, LEAST_PANEL_IN = 1.2, 0.6
LINE_IN, TITLE_AIR_IN = 0.145, 0.1
AXIS_IN = 0.46
KEY_IN = 0.22
LEFT_IN, RIGHT_IN = 0.55, 0.22
BETWEEN_IN = 0.1
SWATCH_IN = 0.2
DASH = (0, (3, 1.5))


@dataclass(frozen=True, slots=True)
class Panel:
    """One form of goods, or those of its products that are hit."""

    form: str
    products: tuple[str, ...]
    """Empty where the form is shown as a whole"""
    unit: str
    lost_t: float
    """In the pack's basis, while a restriction is in force."""
    sent: pd.DataFrame
    """[month, band] t, in the order of the bands."""
    reference: pd.DataFrame
    """The same in the reference."""

    def fall(self, months: Collection[str], band: str | None = None) -> float:
        """Part of the reference's exports that does not leave in these months."""
        columns = [band] if band else list(self.sent)
        sent, reference = (
            float(table.loc[[*months], columns].to_numpy().sum())
            for table in (self.sent, self.reference)
        )
        return 1.0 - sent / reference if reference > 0 else 0.0


def draw_exports_by_destination(run: FinishedRun, page: Page) -> Drawing | NothingToShow:
    """A panel a form, most tonnes lost first: destinations stacked under the line of the reference."""
    if not run.exporters:
        return NothingToShow("no country restricts its exports in this scenario")
    months = _months_restricted(run)
    if not months:
        return NothingToShow(
            "no restriction of exports comes into force within the scenario's dates"
        )
    panels = _panels(run, months)
    if not panels:
        return NothingToShow("the restricting country exports nothing")
    return _drawn_from(run, page, panels, months, len(panels))


def _drawn_from(
    run: FinishedRun, page: Page, panels: Sequence[Panel], months: Sequence[str], wanted: int
) -> Drawing:
    """As many panels as the page has room for, of so many."""
    needed = f"{len(panels)} of {wanted} forms shown." if len(panels) < wanted else ""
    heading = Heading(
        _message(run, panels[0], months), _measure(run), _brief(run), run.source_line, needed
    )
    canvas = Canvas(page, heading)
    bands = list(panels[0].sent)
    key = canvas.key_places([REFERENCE, *(_name(run, band) for band in bands)], SWATCH_IN)
    key_in = KEY_IN * (1 + key[-1][1])
    width_in = page.width_in - LEFT_IN - RIGHT_IN
    strip = Strip(run, canvas, LEFT_IN, width_in)
    room_in = canvas.room_in - strip.height_in - key_in - AXIS_IN
    inside_in = canvas.width - 2 * style.MARGIN_IN
    titles = [
        canvas.wrap(_title(run, panel, months), inside_in, style.BODY_PT, "bold")
        for panel in panels
    ]
    title_in = LINE_IN * max(map(len, titles)) + TITLE_AIR_IN
    room_for = max(1, int(room_in / (LEAST_PANEL_IN + title_in + BETWEEN_IN)))
    if room_for < len(panels):
        # What is said of the figure is to be seen in it.
        return _drawn_from(run, page, panels[:-1], months, wanted)
    step_in = room_in / len(panels)
    if page.height_in is None:
        step_in = min(PANEL_IN + title_in + BETWEEN_IN, step_in)
    canvas.open(strip.height_in + key_in + len(panels) * step_in + AXIS_IN)
    strip.draw()
    looks = {**place_looks(run), OTHER: OTHERS}
    for entry, (left_in, row) in zip((REFERENCE, *bands), key, strict=True):
        at_in = strip.height_in + (row + 0.4) * KEY_IN
        _draw_key_entry(canvas, _name(run, entry), looks.get(entry), left_in, at_in)
    for number, panel in enumerate(panels):
        top_in = strip.height_in + key_in + number * step_in
        for line, words in enumerate(titles[number]):
            canvas.write(words, style.MARGIN_IN, top_in + (line + 0.5) * LINE_IN, weight="bold")
        height_in = step_in - title_in - BETWEEN_IN
        axes = canvas.axes(Box(LEFT_IN, top_in + title_in, width_in, height_in))
        _draw_panel(axes, run, panel, looks)
        set_calendar(axes, run, labelled=number == len(panels) - 1)
    table = _table(panels, months)
    alt = _alt(run, panels, months, heading)
    return Drawing(canvas.figure, heading.title, heading.measure, alt, table, needed)


def _months_restricted(run: FinishedRun) -> list[str]:
    """Months of the run in which a restriction of exports acts on a day or more."""
    felt = [lever for lever in run.levers if lever.exporter and not lever.meets_nothing]
    spans = [span for lever in felt for span in spans_of(run, lever) if span.phase in HOLDING]
    found = []
    for month in run.months():
        first, after = month_bounds(month)
        if any(span.starts < after and span.ends > first for span in spans):
            found.append(month)
    return found


def _panels(run: FinishedRun, months: Sequence[str]) -> list[Panel]:
    """Forms with products that are hit, or all forms where none is; the most tonnes lost first."""
    table = run.exports
    table = table[table["destination"] != ALL]
    if table.empty:
        return []
    hit = {form: _hit(own, months) for form, own in table.groupby("form")}
    forms = [form for form, products in hit.items() if products] or list(hit)
    bands = _bands(table[table["form"].isin(forms)])
    found = []
    for form in forms:
        own = table[table["form"] == form]
        whole = own[own["product"] == ALL]
        part = own[own["product"].isin(hit[form])]
        restricted = [
            each[each["month"].isin(months)]["reference_t"].sum() for each in (part, whole)
        ]
        products = tuple(sorted(hit[form]))
        if not products or restricted[0] >= WHOLE_SHARE * restricted[1]:
            products, part = (), whole
        sent, reference = (_by_band(run, part, column, bands) for column in ("t", "reference_t"))
        lost = (reference - sent).loc[[*months]].to_numpy().sum()
        found.append(
            Panel(str(form), products, str(own["unit"].iloc[0]), lost * _basis_per_t(own), sent, reference)
        )  # fmt: skip
    return sorted(found, key=lambda panel: (-panel.lost_t, panel.form))[:MOST_PANELS]


def _hit(table: pd.DataFrame, months: Sequence[str]) -> list[str]:
    """Products of which clearly less leaves in these months than in the reference."""
    own = table[(table["product"] != ALL) & table["month"].isin(months)]
    sums = own.groupby("product")[["t", "reference_t"]].sum()
    return [str(each) for each in sums.index[sums["t"] < (1 - HIT_SHARE) * sums["reference_t"]]]


def _bands(table: pd.DataFrame) -> list[str]:
    """Destinations with a band of their own, the largest first: the same in all panels."""
    whole = table[table["product"] == ALL]
    weight = {str(form): _basis_per_t(own) for form, own in whole.groupby("form")}
    total = (whole["reference_t"] * whole["form"].map(weight)).groupby(whole["destination"]).sum()
    named = [str(each) for each in total.sort_values(ascending=False, kind="stable").index]
    return named if len(named) <= MOST_BANDS else [*named[: MOST_BANDS - 1], OTHER]


def _basis_per_t(table: pd.DataFrame) -> float:
    """Tonnes of the pack's basis for a tonne as customs count it, of what is sold."""
    sent_t = float(table["t"].sum())
    return float(table["reo_t"].sum()) / sent_t if sent_t > 0 else 1.0


def _by_band(
    run: FinishedRun, table: pd.DataFrame, column: str, bands: Sequence[str]
) -> pd.DataFrame:
    """[month, band] t."""
    band = table["destination"].where(table["destination"].isin(bands), OTHER)
    wide = table.assign(band=band).pivot_table(
        index="month", columns="band", values=column, aggfunc="sum"
    )
    return wide.reindex(index=run.months(), columns=[*bands]).fillna(0.0)


def _draw_panel(axes: Axes, run: FinishedRun, panel: Panel, looks: Mapping[str, Look]) -> None:
    edges = month_edges(run)
    shade_restricted(axes, run)
    lower = np.zeros(len(panel.sent))
    for band, sent in panel.sent.items():
        look, upper = looks[str(band)], lower + sent.to_numpy()
        axes.stairs(
            upper, edges, baseline=lower, fill=True, facecolor=look.colour, hatch=look.hatch,
            edgecolor=style.PAPER, linewidth=0.3, zorder=2,
        )  # fmt: skip
        lower = upper
    reference = panel.reference.sum(axis=1).to_numpy()
    axes.stairs(
        reference, edges, baseline=None, color=style.INK, linewidth=1.4, linestyle=DASH, zorder=4
    )
    set_value_axis(axes, float(max(lower.max(), reference.max())))


def _draw_key_entry(
    canvas: Canvas, name: str, look: Look | None, left_in: float, middle_in: float
) -> None:
    """A swatch of a destination; without a look, the line of the reference."""
    if look is None:
        ends = [left_in, left_in + SWATCH_IN]
        canvas.sheet.plot(ends, [middle_in] * 2, color=style.INK, linewidth=1.4, linestyle=DASH)
    else:
        swatch = Rectangle((left_in, middle_in - 0.065), SWATCH_IN, 0.13, lw=0.4)
        swatch.set(facecolor=look.colour, hatch=look.hatch, edgecolor=style.PAPER)
        canvas.sheet.add_artist(swatch)
    name = canvas.fit(name, canvas.width - style.MARGIN_IN - left_in - SWATCH_IN - 0.05)
    canvas.write(name, left_in + SWATCH_IN + 0.05, middle_in)


def _name(run: FinishedRun, entry: str) -> str:
    return entry if entry in (REFERENCE, OTHER) else run.name("regions", entry)


def _goods(run: FinishedRun, panel: Panel) -> str:
    """The form, with its products where not all of it is shown: `oxide of Dy and Tb`."""
    form = panel.form.replace("_", " ")
    if not panel.products:
        return form
    elements = run.scenario.get("names", {}).get("elements", {})
    if all(each in elements for each in panel.products):
        words = f"{form} of {join_in_words(panel.products)}"
    else:
        # What all names share is said by the form already.
        names = [run.product(each).split(" ") for each in panel.products]
        shared = set.intersection(*map(set, names)) if len(names) > 1 else set()
        short = [" ".join(word for word in words if word not in shared) for words in names]
        words = f"{form} ({', '.join(short)})"
    return words if len(words) <= MOST_LETTERS else f"{form} ({len(panel.products)} products)"


def _title(run: FinishedRun, panel: Panel, months: Sequence[str]) -> str:
    return (
        f"{capitalised(_goods(run, panel))}, {panel.unit} a month: "
        f"{_change(panel.fall(months))} while restricted"
    )


def _change(fall: float) -> str:
    """`35 % less`, `3.0 % more`."""
    return f"{percent(abs(fall))} {'less' if fall >= 0 else 'more'}"


def _message(run: FinishedRun, panel: Panel, months: Sequence[str]) -> str:
    who = join_in_words([run.name("countries", country) for country in run.exporters])
    sent, reference = (
        float(table.loc[[*months]].to_numpy().sum()) for table in (panel.sent, panel.reference)
    )
    goods = f"as {_goods(run, panel)} in the months of restriction"
    if sent <= SMALL_SHARE * reference:
        what = f"nothing {goods} (reference: {tonnes(reference, panel.unit)})"
    else:
        change = f"{_change(panel.fall(months))} than in the reference{_spread(run, panel, months)}"
        what = f"{tonnes(sent, panel.unit)} {goods}, {change}"
    return f"In this scenario {who} would export {what}"


def _spread(run: FinishedRun, panel: Panel, months: Sequence[str]) -> str:
    """Who gets how much less, where that differs."""
    falls = {str(band): panel.fall(months, str(band)) for band in panel.sent if band != OTHER}
    least, most = min(falls, key=falls.__getitem__), max(falls, key=falls.__getitem__)
    if falls[most] - falls[least] < LEAST_SPREAD:
        return ""
    return f"; {_change(falls[most])} to {_name(run, most)}, {_change(falls[least])} to {_name(run, least)}"


def _measure(run: FinishedRun) -> str:
    return (
        f"Exports by month of departure, {run.period_in_words()}, by region of the buyer, in tonnes as customs "
        "count them (gross where the pack says what goods weigh); forms are never added up. Where not all "
        f"of a form is hit, only products of which at least {percent(HIT_SHARE)} less leaves while a "
        f"restriction is in force.{shading_in_words(run)}"
    )


def _brief(run: FinishedRun) -> str:
    return (
        f"Exports by month of departure and region of the buyer, {run.period_in_words()}; products hit."
        f"{shading_in_words(run)}"
    )


def _table(panels: Sequence[Panel], months: Sequence[str]) -> pd.DataFrame:
    """Each panel by month and destination, and all destinations together."""
    parts = []
    for panel in panels:
        tables = {"t": panel.sent, "reference_t": panel.reference}
        long = {
            column: table.assign(**{ALL: table.sum(axis=1)})
            .rename_axis(columns="destination")
            .stack()
            for column, table in tables.items()
        }
        part = pd.DataFrame(long).rename_axis(["month", "destination"]).reset_index()
        about = {
            "form": panel.form,
            "products": " ".join(panel.products) or ALL,
            "unit": panel.unit,
        }
        parts.append(part.assign(**about, restricted=part["month"].isin(months)))
    columns = ["form", "products", "destination", "month", "restricted", "t", "reference_t", "unit"]
    return pd.concat(parts, ignore_index=True)[columns]


def _alt(run: FinishedRun, panels: Sequence[Panel], months: Sequence[str], heading: Heading) -> str:
    parts = []
    for panel in panels:
        by_band = ", ".join(
            f"{_name(run, str(band))} {_change(panel.fall(months, str(band)))}"
            for band in panel.sent
        )
        parts.append(f"{_title(run, panel, months)} ({by_band})")
    return (
        "Stacked steps over months by destination, one panel a form of goods, with all exports of the "
        f"reference as a dashed line. {heading.title}. {'; '.join(parts)}. {run.source_line}"
    )
