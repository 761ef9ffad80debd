"""Heat map of the worst month: product and sector down, region across, % of demand in the cells.

With a quota it is the worst slice in which that is given out. The whole run stands beside it where it fits.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.patches import Rectangle

from sim.figures import style
from sim.figures.canvas import Canvas, Heading, Sheet
from sim.figures.contrast import readable_on
from sim.figures.counting import counted, users
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
BRIEF_COLUMN_IN = 0.36
BETWEEN_IN = 0.2
"""From one column of the map to the next."""
PALE = LinearSegmentedColormap.from_list("up to a half", ["#EAF0F6", "#B7CBDF"])
DARK = LinearSegmentedColormap.from_list("above a half", ["#3F6A96", style.NAVY])
BOTH_FIT_IN = 0.6
"""Width of a column in which the whole run stands beside the worst month"""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the map: a product's name, or one of its sectors with its cells."""

    product: str
    sector: str
    """Empty in the line that names the product."""
    words: list[str]
    height: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What is drawn, and where."""

    shown: list[tuple[str, str]]
    """Product and sector of each row."""
    table: pd.DataFrame
    heading: Heading
    regions: list[str]
    heads: list[list[str]]
    """What stands above each region's cells, line by line."""
    in_brief: bool
    """Whether regions have codes and cells no sign of per cent."""
    width_in: float
    """Of a column of the map, names included."""
    left_in: float
    """Where its first region begins."""
    column_in: float
    """Width of a region's cells."""
    blocks: list[list[Line]]
    """The lines of each column of the map."""

    @property
    def head_in(self) -> float:
        """Height of the names above the cells."""
        return max(map(len, self.heads)) * HEAD_LINE_IN + 0.08


def draw_heat_map(run: FinishedRun, page: Page) -> Drawing | NothingToShow:
    """Rows are the product-sectors that lack most, grouped by product; cells without demand are empty."""
    pairs = short_pairs(run)
    if pairs.empty:
        return NothingToShow(
            f"no product would be short by {100 * NOTICEABLE_SHARE:g} % of demand or more in any "
            "month, sector and region of this scenario"
        )
    plan = _fitting(run, page, pairs)
    heading = plan.heading
    canvas = Canvas(page, heading)
    canvas.open(plan.head_in + max(_height(lines) for lines in plan.blocks))
    for number, lines in enumerate(plan.blocks):
        _draw_block(canvas, plan, lines, number * (plan.width_in + BETWEEN_IN))
    alt = _alt(run, _drawn(pairs, plan.shown), heading)
    return Drawing(canvas.figure, heading.title, heading.measure, alt, plan.table, heading.needed)


def _fitting(run: FinishedRun, page: Page, pairs: pd.DataFrame) -> Plan:
    """As many product-sectors as the page has room for, in one column or else in two."""
    peaks = peak_shares(run)
    for most in range(MOST_ROWS, 0, -1):
        shown = _rows_shown(pairs, most)
        table = _cells(run, peaks, shown)
        for blocks in (1, 2) if page.has_columns else (1,):
            plan, room_in = _plan(run, page, pairs, shown, table, blocks)
            if plan.head_in + max(_height(lines) for lines in plan.blocks) <= room_in:
                return plan
    return plan


def _plan(
    run: FinishedRun, page: Page, pairs: pd.DataFrame, shown: list[tuple[str, str]],
    table: pd.DataFrame, blocks: int,
) -> tuple[Plan, float]:  # fmt: skip
    """The map in so many columns, and the room there is for it."""
    regions = _regions(table)
    width_in = (page.width_in + BETWEEN_IN) / blocks - BETWEEN_IN
    in_brief = page.is_narrow or blocks > 1
    left_in = NARROW_LEFT_IN if in_brief else LEFT_IN
    if blocks > 1:
        left_in = max(left_in, width_in - style.MARGIN_IN - len(regions) * BRIEF_COLUMN_IN)
    column_in = min(WIDEST_COLUMN_IN, (width_in - left_in - style.MARGIN_IN) / len(regions))
    heading = _heading(run, pairs, shown, regions if in_brief else [])
    canvas = Canvas(page, heading)
    if in_brief:
        heads = [[canvas.fit(region, column_in)] for region in regions]
    else:
        room_in = column_in - 0.06
        heads = [
            canvas.wrap(run.name("regions", region), room_in, style.BODY_PT) for region in regions
        ]
    lines = _lines(canvas, run, shown, left_in, width_in)
    return Plan(
        shown, table, heading, regions, heads, in_brief, width_in, left_in, column_in,
        [lines] if blocks == 1 else _halved(lines),
    ), canvas.room_in  # fmt: skip


def _halved(lines: list[Line]) -> list[list[Line]]:
    """Two columns as even as can be; a product that is parted has its name above both parts."""
    found = []
    names = {line.product: line for line in lines if not line.sector}
    for number in range(1, len(lines)):
        rest = lines[number:]
        if not lines[number - 1].sector:  # a name without what it is the name of
            continue
        found.append([lines[:number], [names[rest[0].product], *rest] if rest[0].sector else rest])
    return min(found, key=lambda parts: max(map(_height, parts)), default=[lines])


def _height(lines: list[Line]) -> float:
    return sum(line.height for line in lines)


def _draw_block(canvas: Canvas, plan: Plan, lines: list[Line], block_in: float) -> None:
    """One column of the map, so far from the left edge of the page."""
    left_in = block_in + plan.left_in
    _write_regions(canvas, plan.heads, left_in, plan.column_in, plan.head_in)
    cells = canvas.sheet_at(left_in, plan.head_in)
    top_in = 0.0
    for line in lines:
        indent_in = block_in + style.MARGIN_IN + (INDENT_IN if line.sector else 0.0)
        first_in = plan.head_in + top_in + (line.height - (len(line.words) - 1) * LINE_IN) / 2
        for number, words in enumerate(line.words):
            weight = "normal" if line.sector else "bold"
            canvas.write(words, indent_in, first_in + number * LINE_IN, weight=weight)
        if line.sector:
            _draw_row(cells, plan, line, top_in)
        top_in += line.height


def _lines(
    canvas: Canvas, run: FinishedRun, shown: list[tuple[str, str]], left_in: float, width_in: float
) -> list[Line]:
    """All lines from top to bottom; names that are too long for one line of text get two."""
    lines = []
    for product in dict.fromkeys(product for product, _ in shown):
        name = canvas.fit(capitalised(run.product(product)), width_in - 0.2, "bold")
        lines.append(Line(product, "", [name], ROW_IN))
        for sector in [sector for of, sector in shown if of == product]:
            room_in = left_in - INDENT_IN - 0.12
            words = canvas.wrap(run.name("sectors", sector), room_in, style.BODY_PT)
            if len(words) > 2:
                words = [words[0], canvas.fit(" ".join(words[1:]), room_in)]
            lines.append(Line(product, sector, words, ROW_IN + (len(words) - 1) * LINE_IN))
    return lines


def _heading(
    run: FinishedRun, pairs: pd.DataFrame, shown: list[tuple[str, str]], by_code: list[str]
) -> Heading:
    """`by_code`: regions whose names do not stand in the drawing."""
    codes = run.codes_in_words("regions", by_code)
    return Heading(
        _message(run, _drawn(pairs, shown)),
        _measure(run, pairs, len(shown), in_brief=bool(by_code)),
        _brief(run, pairs, len(shown)),
        run.source_line,
        f"{codes}." if codes else "",
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
        whole_run_percent=100 * table["share"],
    ).drop(columns=["peak_share", "share"])


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


def _draw_row(sheet: Sheet, plan: Plan, line: Line, top_in: float) -> None:
    table, column_in = plan.table, plan.column_in
    cells = table[(table["material"] == line.product) & (table["sector"] == line.sector)]
    peaks, means = (
        dict(zip(cells["region"], cells[column], strict=True))
        for column in ("peak_percent", "whole_run_percent")
    )
    for column, region in enumerate(plan.regions):
        if region not in peaks:
            continue
        share = peaks[region] / 100
        colour = cell_colour(share)
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
            _cell(share, means[region] / 100, plan),
            ha="center",
            va="center_baseline",
            color=readable_on(colour),
        )


def cell_colour(share: float) -> str:
    """White where nothing noticeable is missing, pale blues up to a half, dark ones above it.

    Blues between these are left out: on them neither black nor white is read with ease.
    """
    if share < NOTICEABLE_SHARE:
        return style.PAPER
    blues, part = (PALE, 2 * share) if share <= 0.5 else (DARK, 2 * min(share, 1.0) - 1)
    return to_hex(blues(part))


def _cell(peak: float, whole: float, plan: Plan) -> str:
    if plan.in_brief:
        return cell_text(peak).removesuffix(" %")
    if plan.column_in < BOTH_FIT_IN or peak < NOTICEABLE_SHARE:
        return cell_text(peak)
    return f"{cell_text(peak)} ({cell_text(whole).removesuffix(' %')})"


def cell_text(share: float) -> str:
    """Whole per cent; what is not noticeable is 0."""
    if share < NOTICEABLE_SHARE:
        return "0 %"
    return f"{max(1.0, 100 * share):.0f} %"


def _message(run: FinishedRun, pairs: pd.DataFrame) -> str:
    worst = pairs.loc[pairs["shortfall_t"].idxmax()]
    where = f"{run.sector(worst['sector'])} in {run.region(worst['region'])}"
    return (
        f"In this scenario the largest gap in tonnes would be {run.product(worst['material'])} for {where}: "
        f"{percent(worst['peak_share'])} missing in the worst {run.slice}, {percent(worst['share'])} over the "
        f"whole run{', what is missing anyway included' if _anyway(run) else ''}"
    )


def _measure(run: FinishedRun, pairs: pd.DataFrame, shown: int, *, in_brief: bool) -> str:
    beside = "" if in_brief else " (in brackets: over the whole run)"
    return (
        f"Missing in the worst {run.slice}{beside}, % of demand, by product and "
        f"sector (down) and region of use (across), {run.period_in_words()}; {counted(run)}; "
        f"{_which(pairs, shown)}. Empty: nothing that counts is needed.{_anyway(run)}"
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
        f"Missing in the worst {run.slice}, % of demand, {run.period_in_words()}; {users(run)}; "
        f"{_which(pairs, shown)}. Empty: nothing that counts is needed."
    )


def _which(pairs: pd.DataFrame, shown: int) -> str:
    count = len(pairs.groupby(["material", "sector"]))
    if count > shown:
        return f"the {shown} product-sectors of {count} that lack most tonnes"
    return "product-sectors short anywhere"


def _alt(run: FinishedRun, pairs: pd.DataFrame, heading: Heading) -> str:
    worst = [
        f"{run.product(pair['material'])}, {run.sector(pair['sector'])}, "
        f"{run.name('regions', pair['region'])}: {percent(pair['peak_share'])} in the worst {run.slice}, "
        f"{tonnes(pair['shortfall_t'], pair['unit'])} in all"
        for pair in pairs.head(8).to_dict("records")
    ]
    return (
        "Heat map, product and sector down, region of use across, what is missing in the worst "
        f"{run.slice} in % of demand printed in each cell. {heading.title}. Worst: {'; '.join(worst)}. "
        f"{run.source_line}"
    )
