"""Heat map of the worst month: product and sector down, region across, % of demand in the cells."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.patches import Rectangle

from sim.figures import style
from sim.figures.canvas import Box, Canvas, Heading
from sim.figures.drawing import Drawing, NothingToShow
from sim.figures.finding import NOTICEABLE_SHARE, peak_shares, short_pairs
from sim.figures.finished_run import FinishedRun
from sim.figures.wording import capitalised, percent, tonnes

MOST_ROWS = 25
ROW_IN = 0.2
LEFT_IN = 2.5
INDENT_IN = 0.12
HEAD_LINE_IN = 0.14
WIDEST_COLUMN_IN = 0.85
BLUES = LinearSegmentedColormap.from_list("shortfall", ["#EAF0F6", "#7E9DBE", style.NAVY])


def draw_heat_map(run: FinishedRun) -> Drawing | NothingToShow:
    """Rows are the product-sectors that lack most, grouped by product; cells without demand are empty."""
    pairs = short_pairs(run)
    if pairs.empty:
        return NothingToShow(
            f"no product would be short by {100 * NOTICEABLE_SHARE:g} % of demand or more in any "
            "month, sector and region of this scenario"
        )
    lines = _rows_shown(pairs)
    table = _cells(run, lines)
    regions = _regions(table)
    heading = Heading(_message(run, pairs), _measure(run, pairs, lines), run.source_line)
    products = list(dict.fromkeys(product for product, _ in lines))
    width_in = style.WIDTH_IN - LEFT_IN - style.MARGIN_IN
    column_in = min(WIDEST_COLUMN_IN, width_in / len(regions))
    # Names of regions are laid out by a probe of the same canvas, since the height depends on them.
    probe = Canvas(heading, 1.0)
    names = [
        probe.wrap(run.name("regions", region), column_in - 0.06, style.BODY_PT)
        for region in regions
    ]
    head_in = max(len(name) for name in names) * HEAD_LINE_IN + 0.08
    canvas = Canvas(heading, head_in + (len(lines) + len(products)) * ROW_IN)
    _write_regions(canvas, names, column_in, head_in)
    box = Box(LEFT_IN, head_in, column_in * len(regions), (len(lines) + len(products)) * ROW_IN)
    axes = _grid(canvas, box, len(regions), len(lines) + len(products))
    row = 0
    for product in products:
        middle_in = head_in + (row + 0.5) * ROW_IN
        name = canvas.fit(capitalised(run.product(product)), LEFT_IN + box.width - 0.2, "bold")
        canvas.write(name, style.MARGIN_IN, middle_in, weight="bold")
        row += 1
        for sector in [sector for of, sector in lines if of == product]:
            label = canvas.fit(run.name("sectors", sector), LEFT_IN - INDENT_IN - 0.2)
            canvas.write(label, style.MARGIN_IN + INDENT_IN, head_in + (row + 0.5) * ROW_IN)
            _draw_row(axes, table, product, sector, regions, row)
            row += 1
    alt = _alt(run, pairs, heading)
    return Drawing(canvas.figure, heading.title, heading.measure, alt, table)


def _rows_shown(pairs: pd.DataFrame) -> list[tuple[str, str]]:
    """The product-sectors with the most tonnes missing, kept together by product."""
    totals = pairs.groupby(["material", "sector"])["shortfall_t"].sum()
    ranked = sorted(totals.items(), key=lambda pair: (-pair[1], str(pair[0])))
    kept = [(str(product), str(sector)) for (product, sector), _ in ranked[:MOST_ROWS]]
    first = {product: rank for rank, (product, _) in reversed(list(enumerate(kept)))}
    return sorted(kept, key=lambda line: first[line[0]])


def _cells(run: FinishedRun, lines: list[tuple[str, str]]) -> pd.DataFrame:
    """All regions with demand of the rows shown, with their worst month."""
    peaks = peak_shares(run)
    wanted = pd.DataFrame(lines, columns=["material", "sector"])
    table = wanted.merge(peaks, on=["material", "sector"], how="left")
    return table.assign(
        product=[run.product(product) for product in table["material"]],
        sector_name=[run.name("sectors", sector) for sector in table["sector"]],
        region_name=[run.name("regions", region) for region in table["region"]],
        peak_percent=100 * table["peak_share"],
    ).drop(columns="peak_share")


def _regions(table: pd.DataFrame) -> list[str]:
    """Regions with any demand in the rows shown, the one hit most first."""
    worst = table.groupby("region")["peak_percent"].mean()
    return sorted(worst.index, key=lambda region: (-worst[region], region))


def _grid(canvas: Canvas, box: Box, columns: int, rows: int) -> Axes:
    axes = canvas.axes(box)
    axes.set_xlim(0, columns)
    axes.set_ylim(rows, 0)
    axes.set_axis_off()
    return axes


def _write_regions(
    canvas: Canvas, names: list[list[str]], column_in: float, head_in: float
) -> None:
    """Column heads, their last lines level with one another."""
    for column, lines in enumerate(names):
        for number, line in enumerate(reversed(lines)):
            middle = head_in - 0.1 - number * HEAD_LINE_IN
            canvas.write(line, LEFT_IN + (column + 0.5) * column_in, middle, align="center")


def _draw_row(
    axes: Axes, table: pd.DataFrame, product: str, sector: str, regions: list[str], row: int
) -> None:
    line = table[(table["material"] == product) & (table["sector"] == sector)]
    peaks = dict(zip(line["region"], line["peak_percent"], strict=True))
    for column, region in enumerate(regions):
        if region not in peaks:
            continue
        share = peaks[region] / 100
        colour = BLUES(min(1.0, share)) if share >= NOTICEABLE_SHARE else style.PAPER
        axes.add_patch(
            Rectangle(
                (column + 0.02, row + 0.05),
                0.96,
                0.9,
                facecolor=colour,
                edgecolor=style.GRID,
                lw=0.5,
            )
        )
        axes.text(
            column + 0.5,
            row + 0.5,
            cell_text(share),
            ha="center",
            va="center_baseline",
            color=readable_on(colour),
        )


def readable_on(colour: object) -> str:
    """White or ink, whichever stands out more from a ground (contrast ratio of WCAG 2.2)."""
    ground = _luminance(colour)
    white, ink = (_contrast(_luminance(text), ground) for text in (style.PAPER, style.INK))
    return style.PAPER if white > ink else style.INK


def _luminance(colour: object) -> float:
    """Relative luminance by WCAG 2.2."""
    parts = to_rgb(colour)  # type: ignore[arg-type]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def _contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def cell_text(share: float) -> str:
    """Whole per cent; what is not noticeable is 0."""
    if share < NOTICEABLE_SHARE:
        return "0 %"
    return f"{max(1.0, 100 * share):.0f} %"


def _message(run: FinishedRun, pairs: pd.DataFrame) -> str:
    worst = pairs.iloc[0]
    where = f"{run.name('sectors', worst['sector'])}, {run.name('regions', worst['region'])}"
    return (
        f"In this scenario up to {percent(worst['peak_share'])} of a month's demand would be missing: "
        f"{run.product(worst['material'])} for {where}"
    )


def _measure(run: FinishedRun, pairs: pd.DataFrame, lines: list[tuple[str, str]]) -> str:
    count = len(pairs.groupby(["material", "sector"]))
    which = (
        f"the {len(lines)} product-sectors of {count} that lack most tonnes"
        if count > len(lines)
        else "product-sectors short anywhere"
    )
    return (
        "Shortfall in the worst month, % of that month's demand, by product and sector (down) and "
        f"region of use (across), {run.period_in_words()}; {which}. Empty: no demand."
    )


def _alt(run: FinishedRun, pairs: pd.DataFrame, heading: Heading) -> str:
    worst = [
        f"{run.product(pair['material'])}, {run.name('sectors', pair['sector'])}, "
        f"{run.name('regions', pair['region'])}: {percent(pair['peak_share'])} in the worst month, "
        f"{tonnes(pair['shortfall_t'], pair['unit'])} in all"
        for pair in pairs.head(8).to_dict("records")
    ]
    return (
        "Heat map, product and sector down, region of use across, shortfall of the worst month in % "
        f"of demand printed in each cell. {heading.title}. Worst: {'; '.join(worst)}. "
        f"{run.source_line}"
    )
