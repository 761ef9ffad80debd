"""Heat map of the worst month: product and sector down, region across, % of demand in the cells."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.patches import Rectangle

from sim.figures import style
from sim.figures.canvas import Canvas, Heading, Sheet
from sim.figures.drawing import Drawing, NothingToShow
from sim.figures.finding import NOTICEABLE_SHARE, peak_shares, short_anyway, short_pairs
from sim.figures.finished_run import FinishedRun
from sim.figures.style import Page
from sim.figures.wording import capitalised, percent, tonnes

MOST_ROWS = 25
ROW_IN = 0.2
LINE_IN = 0.13
LEFT_IN = 2.5
NARROW_LEFT_IN = 1.2
INDENT_IN = 0.12
HEAD_LINE_IN = 0.14
WIDEST_COLUMN_IN = 0.85
BLUES = LinearSegmentedColormap.from_list("shortfall", ["#EAF0F6", "#7E9DBE", style.NAVY])


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the map: a product's name, or one of its sectors with its cells."""

    product: str
    sector: str
    """Empty in the line that names the product."""
    words: list[str]
    height: float


def draw_heat_map(run: FinishedRun, page: Page) -> Drawing | NothingToShow:
    """Rows are the product-sectors that lack most, grouped by product; cells without demand are empty."""
    pairs = short_pairs(run)
    if pairs.empty:
        return NothingToShow(
            f"no product would be short by {100 * NOTICEABLE_SHARE:g} % of demand or more in any "
            "month, sector and region of this scenario"
        )
    shown, table = _fitting(run, page, pairs)
    heading = _heading(run, page, pairs, shown)
    canvas = Canvas(page, heading)
    regions = _regions(table)
    left_in, column_in = _columns(page, len(regions))
    names = [_region_words(canvas, run, region, column_in) for region in regions]
    head_in = max(len(name) for name in names) * HEAD_LINE_IN + 0.08
    lines = _lines(canvas, run, shown, left_in)
    height_in = sum(line.height for line in lines)
    canvas.open(head_in + height_in)
    _write_regions(canvas, names, left_in, column_in, head_in)
    cells = canvas.sheet_at(left_in, head_in)
    top_in = 0.0
    for line in lines:
        indent_in = style.MARGIN_IN + (INDENT_IN if line.sector else 0.0)
        first_in = head_in + top_in + (line.height - (len(line.words) - 1) * LINE_IN) / 2
        for number, words in enumerate(line.words):
            weight = "normal" if line.sector else "bold"
            canvas.write(words, indent_in, first_in + number * LINE_IN, weight=weight)
        if line.sector:
            _draw_row(cells, table, line, regions, column_in, top_in, narrow=page.is_narrow)
        top_in += line.height
    alt = _alt(run, _drawn(pairs, shown), heading)
    return Drawing(canvas.figure, heading.title, heading.measure, alt, table)


def _fitting(
    run: FinishedRun, page: Page, pairs: pd.DataFrame
) -> tuple[list[tuple[str, str]], pd.DataFrame]:
    """As many product-sectors as the page has room for, and their cells."""
    peaks = peak_shares(run)
    for most in range(MOST_ROWS, 0, -1):
        shown = _rows_shown(pairs, most)
        table = _cells(run, peaks, shown)
        canvas = Canvas(page, _heading(run, page, pairs, shown))
        left_in, column_in = _columns(page, table["region"].nunique())
        heads = [_region_words(canvas, run, each, column_in) for each in _regions(table)]
        head_in = max(len(head) for head in heads) * HEAD_LINE_IN + 0.08
        lines = _lines(canvas, run, shown, left_in)
        if head_in + sum(line.height for line in lines) <= canvas.room_in:
            break
    return shown, table


def _columns(page: Page, count: int) -> tuple[float, float]:
    """Where the first region begins and how wide each is."""
    left_in = NARROW_LEFT_IN if page.is_narrow else LEFT_IN
    return left_in, min(WIDEST_COLUMN_IN, (page.width_in - left_in - style.MARGIN_IN) / count)


def _region_words(canvas: Canvas, run: FinishedRun, region: str, column_in: float) -> list[str]:
    """The region's name above its column, its id where the name would not fit."""
    if canvas.page.is_narrow:
        return [canvas.fit(region, column_in)]
    return canvas.wrap(run.name("regions", region), column_in - 0.06, style.BODY_PT)


def _lines(
    canvas: Canvas, run: FinishedRun, shown: list[tuple[str, str]], left_in: float
) -> list[Line]:
    """All lines from top to bottom; names that are too long for one line of text get two."""
    lines = []
    for product in dict.fromkeys(product for product, _ in shown):
        name = canvas.fit(capitalised(run.product(product)), canvas.width - 0.2, "bold")
        lines.append(Line(product, "", [name], ROW_IN))
        for sector in [sector for of, sector in shown if of == product]:
            room_in = left_in - INDENT_IN - 0.12
            words = canvas.wrap(run.name("sectors", sector), room_in, style.BODY_PT)
            if len(words) > 2:
                words = [words[0], canvas.fit(" ".join(words[1:]), room_in)]
            lines.append(Line(product, sector, words, ROW_IN + (len(words) - 1) * LINE_IN))
    return lines


def _heading(
    run: FinishedRun, page: Page, pairs: pd.DataFrame, shown: list[tuple[str, str]]
) -> Heading:
    return Heading(
        _message(run, _drawn(pairs, shown)),
        _measure(run, pairs, len(shown)),
        _brief(run, pairs, len(shown)),
        run.source_line,
    )


def _drawn(pairs: pd.DataFrame, shown: list[tuple[str, str]]) -> pd.DataFrame:
    """The pairs of the rows that are drawn: what is said of the figure is to be seen in it."""
    wanted = pd.DataFrame(shown, columns=["material", "sector"])
    return pairs.merge(wanted, on=["material", "sector"])


def _rows_shown(pairs: pd.DataFrame, most: int) -> list[tuple[str, str]]:
    """The product-sectors with the most tonnes missing, kept together by product."""
    totals = pairs.groupby(["material", "sector"])["shortfall_t"].sum()
    ranked = sorted(totals.items(), key=lambda pair: (-pair[1], str(pair[0])))
    kept = [(str(product), str(sector)) for (product, sector), _ in ranked[:most]]
    first = {product: rank for rank, (product, _) in reversed(list(enumerate(kept)))}
    return sorted(kept, key=lambda line: first[line[0]])


def _cells(run: FinishedRun, peaks: pd.DataFrame, lines: list[tuple[str, str]]) -> pd.DataFrame:
    """All regions with demand of the rows shown, with their worst month."""
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


def _write_regions(
    canvas: Canvas, names: list[list[str]], left_in: float, column_in: float, head_in: float
) -> None:
    """Column heads, their last lines level with one another."""
    for column, lines in enumerate(names):
        for number, line in enumerate(reversed(lines)):
            middle = head_in - 0.1 - number * HEAD_LINE_IN
            canvas.write(line, left_in + (column + 0.5) * column_in, middle, align="center")


def _draw_row(
    sheet: Sheet, table: pd.DataFrame, line: Line, regions: list[str], column_in: float,
    top_in: float, *, narrow: bool,
) -> None:  # fmt: skip
    cells = table[(table["material"] == line.product) & (table["sector"] == line.sector)]
    peaks = dict(zip(cells["region"], cells["peak_percent"], strict=True))
    for column, region in enumerate(regions):
        if region not in peaks:
            continue
        share = peaks[region] / 100
        colour = BLUES(min(1.0, share)) if share >= NOTICEABLE_SHARE else style.PAPER
        sheet.add_artist(
            Rectangle(
                ((column + 0.02) * column_in, top_in + 0.01),
                0.96 * column_in,
                line.height - 0.02,
                facecolor=colour,
                edgecolor=style.GRID,
                lw=0.5,
            )
        )
        sheet.text(
            (column + 0.5) * column_in,
            top_in + line.height / 2,
            cell_text(share).removesuffix(" %") if narrow else cell_text(share),
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
    where = f"{run.sector(worst['sector'])}, {run.name('regions', worst['region'])}"
    return (
        f"In this scenario up to {percent(worst['peak_share'])} of a month's demand would be missing: "
        f"{run.product(worst['material'])} for {where}"
    )


def _measure(run: FinishedRun, pairs: pd.DataFrame, shown: int) -> str:
    return (
        "Shortfall in the worst month, % of that month's demand, by product and sector (down) and "
        f"region of use (across), {run.period_in_words()}; {_which(pairs, shown)}. Empty: no "
        f"demand.{_anyway(run)}"
    )


def _anyway(run: FinishedRun) -> str:
    """Cells do not tell what is short without levers from what is not."""
    short = short_anyway(run) if run.levers else run.reference.head(0)
    if short.empty:
        return ""
    missing = tonnes(float(short["shortfall_t"].sum()), run.unit)
    return (
        f" What is missing without restrictions, shocks and measures as well is in it ({missing})."
    )


def _brief(run: FinishedRun, pairs: pd.DataFrame, shown: int) -> str:
    return (
        f"Shortfall in the worst month, % of demand, {run.period_in_words()}; "
        f"{_which(pairs, shown)}. Empty: no demand."
    )


def _which(pairs: pd.DataFrame, shown: int) -> str:
    count = len(pairs.groupby(["material", "sector"]))
    if count > shown:
        return f"the {shown} product-sectors of {count} that lack most tonnes"
    return "product-sectors short anywhere"


def _alt(run: FinishedRun, pairs: pd.DataFrame, heading: Heading) -> str:
    worst = [
        f"{run.product(pair['material'])}, {run.sector(pair['sector'])}, "
        f"{run.name('regions', pair['region'])}: {percent(pair['peak_share'])} in the worst month, "
        f"{tonnes(pair['shortfall_t'], pair['unit'])} in all"
        for pair in pairs.head(8).to_dict("records")
    ]
    return (
        "Heat map, product and sector down, region of use across, shortfall of the worst month in % "
        f"of demand printed in each cell. {heading.title}. Worst: {'; '.join(worst)}. "
        f"{run.source_line}"
    )
