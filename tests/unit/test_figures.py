"""Figures: what they say is what the tables say, and nothing of it changes from run to run."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import matplotlib
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from PIL import Image

from sim import run_folder
from sim.figures import ORDER, PAGES, FigureInfo, draw, drawn_figures
from sim.figures.canvas import wrap_words
from sim.figures.chain_flows import chain_year
from sim.figures.drawing import Drawing
from sim.figures.every_figure import FIGURES, drawn_figure
from sim.figures.finding import missing_products, short_pairs
from sim.figures.finished_run import FinishedRun, read_run
from sim.figures.heat_map import cell_text, readable_on
from sim.figures.shortfall_over_time import shortfall_by_element
from sim.figures.spans import spans_in_force, spans_of
from sim.figures.style import INK, NAVY, PAPER, SETTINGS
from sim.figures.time_axis import round_dates
from sim.figures.wording import month_in_words, percent, tonnes, two_figures, uncapitalised
from sim.summary.ranking import elements_hit
from tests.run_folders import BAN, LICENCE, PRODUCTS, Invented, write_run


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[FigureInfo]]:
    folder = write_run(tmp_path_factory.mktemp("run"), Invented(stockpile=True))
    return folder, draw(folder)


def run_of(tmp_path: Path, **what: object) -> FinishedRun:
    return read_run(write_run(tmp_path, Invented(**what)))  # type: ignore[arg-type]


def info_of(run: FinishedRun, figure_id: str) -> FigureInfo:
    """What is said of one figure, drawn for a whole page."""
    return drawn_figure(run, figure_id, PAGES["full"]).info


def test_each_figure_has_svg_png_numbers_and_words(drawn: tuple[Path, list[FigureInfo]]) -> None:
    folder, infos = drawn
    assert [info.id for info in infos] == list(ORDER)
    for info in infos:
        assert info.is_drawn
        for ending in ("svg", "png", "csv", "txt"):
            assert (folder / "figures" / f"{info.id}.{ending}").stat().st_size > 100


@pytest.mark.parametrize(
    ("page", "width", "height", "points"),
    # 16 cm and 8 cm at 300 dots an inch, no higher than a page; a slide of 25.4 x 14.29 cm at 192.
    [("full", 1890, (0, 2550), "453.6"), ("half", 945, (0, 2100), "226.8"),
     ("slide", 1920, (1080, 1080), "720")],
)  # fmt: skip
def test_a_picture_has_the_size_of_its_page_without_scaling(
    drawn: tuple[Path, list[FigureInfo]],
    page: str,
    width: int,
    height: tuple[int, int],
    points: str,
) -> None:
    run = drawn[0]
    folder = run_folder.figures_folder(run, page)
    for info in drawn[1] if page == "full" else draw(run, PAGES[page]):
        with Image.open(folder / f"{info.id}.png") as picture:
            assert picture.width == width
            assert height[0] <= picture.height <= height[1]
            dots = picture.info["dpi"][0]
        svg = (folder / f"{info.id}.svg").read_text(encoding="utf-8")
        assert f'width="{points}pt"' in svg
        assert width / dots * 72 == pytest.approx(float(points), rel=1e-3)


@pytest.mark.parametrize("page", PAGES)
def test_texts_stay_inside_and_are_read_at_eight_points_or_more(tmp_path: Path, page: str) -> None:
    run = run_of(tmp_path, stockpile=True)
    with matplotlib.rc_context(dict(SETTINGS)):
        for figure_id, (_, how) in FIGURES.items():
            drawing = how(run, PAGES[page])
            assert isinstance(drawing, Drawing), figure_id
            figure = drawing.figure
            figure.draw_without_rendering()
            width, height = figure.get_size_inches() * figure.dpi
            renderer = FigureCanvasAgg(figure).get_renderer()
            for text in figure.findobj(Text):
                if not text.get_text().strip() or not text.get_visible():
                    continue
                assert text.get_fontsize() * PAGES[page].magnify >= 8.0
                box = text.get_window_extent(renderer)
                assert box.x0 >= -1, (figure_id, text)
                assert box.x1 <= width + 1, (figure_id, text)
                assert box.y0 >= -1, (figure_id, text)
                assert box.y1 <= height + 1, (figure_id, text)


def test_an_svg_holds_no_text_no_date_and_no_outside_address(
    drawn: tuple[Path, list[FigureInfo]],
) -> None:
    folder, infos = drawn
    for info in infos:
        svg = (folder / "figures" / f"{info.id}.svg").read_text(encoding="utf-8")
        assert "<text" not in svg
        assert "<dc:date>" not in svg
        assert not re.findall(r'(?:href|src)="(?!#)', svg)


def test_the_index_brings_back_what_was_drawn(drawn: tuple[Path, list[FigureInfo]]) -> None:
    folder, infos = drawn
    assert drawn_figures(folder) == infos


def test_nothing_short_means_no_shortfall_figures_but_a_reason(tmp_path: Path) -> None:
    run = run_of(tmp_path, short=0.0)
    assert "no product would be short by 0.5 % of demand" in info_of(run, "heat_map").reason
    assert "no stock of users would run out" in info_of(run, "stock_burn_down").reason
    assert not info_of(run, "shortfall_over_time").is_drawn
    assert info_of(run, "supply_by_origin").is_drawn


def test_without_provenance_supply_by_origin_says_why_it_is_missing(tmp_path: Path) -> None:
    info = info_of(run_of(tmp_path, provenance=False), "supply_by_origin")
    assert info.reason == "the run did not trace where the tonnes came from"


@pytest.mark.parametrize(
    "what",
    [
        {"everywhere": True, "short": 1.0},
        {"levers": []},
        {"levers": [{**LICENCE, "id": f"licence_{'x' * 70}{n}"} for n in range(12)]},
        {"name": "a" * 120, "product_names": dict.fromkeys(PRODUCTS, "US$ 5 to $ 7 " * 12)},
        {"starts": date(2025, 3, 10), "ends": date(2025, 4, 5)},
        {"ends": date(2040, 1, 1)},
        {"levers": [{**BAN, "kind": "corridor_closure", "heading": "shocks", "exporter": "",
                     "phases": [{"phase": "half_open", "date": "2026-01-01"}]}]},
    ],
    ids=["all short", "no lever", "many levers", "long names", "four weeks", "fifteen years",
         "a shock with a phase of its own"],
)  # fmt: skip
def test_unusual_runs_are_laid_out_where_there_is_little_room(
    tmp_path: Path, what: dict[str, object]
) -> None:
    # In half the width, and in a slide's height; whole pages of odd runs are drawn for the tests of the page.
    run = run_of(tmp_path, **what)
    with matplotlib.rc_context(dict(SETTINGS)):
        for page in (PAGES["half"], PAGES["slide"]):
            for figure_id, (_, how) in FIGURES.items():
                drawing = how(run, page)
                if isinstance(drawing, Drawing):
                    drawing.figure.draw_without_rendering()
                    assert drawing.title, figure_id
                else:
                    assert drawing.reason, figure_id


def test_letters_the_font_lacks_are_reported(tmp_path: Path) -> None:
    names = {**dict.fromkeys(PRODUCTS, "磁铁"), "Ee": "epsium"}
    info = info_of(run_of(tmp_path, product_names=names), "heat_map")
    assert any("Glyph" in warning for warning in info.warnings)


def test_the_title_is_about_the_first_panel_and_that_is_the_first_of_the_ranking(
    drawn: tuple[Path, list[FigureInfo]],
) -> None:
    folder, infos = drawn
    run = read_run(folder)
    first = elements_hit(run.summary).index[0]
    table = pd.read_csv(folder / "figures" / "shortfall_over_time.csv")
    panel = table[table["element"] == table["element"].iloc[0]]
    assert panel["element"].iloc[0] == first
    overall = percent(panel["shortfall_t"].sum() / panel["demand_t"].sum())
    assert f"would not receive {overall} of the {panel['name'].iloc[0]} they need" in infos[0].title


def test_panels_add_up_to_the_summary(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    table = shortfall_by_element(run)
    central = run.summary[
        (run.summary["metric"] == "embodied_shortfall") & (run.summary["run"] == "scenario")
    ]
    for element, panel in table.groupby("element"):
        expected = central.loc[central["material"] == element, "value"].sum()
        assert panel["shortfall_t"].sum() == pytest.approx(expected)


def test_the_origin_table_holds_demand_bands_and_gap(
    drawn: tuple[Path, list[FigureInfo]],
) -> None:
    folder, _ = drawn
    table = pd.read_csv(folder / "figures" / "supply_by_origin.csv")
    for _, month in table.groupby(["series", "month"]):
        by_country = month.set_index("country")["t_per_year"]
        supplied = by_country.drop(["demand", "demand not delivered"]).sum()
        gap = max(0.0, by_country["demand"] - supplied)
        assert by_country["demand not delivered"] == pytest.approx(gap, abs=1e-4)


def test_the_exporters_own_region_is_not_in_supply_outside(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    assert run.exporters == ("AAA",)
    assert run.exporting_regions == ("AAA",)


def test_small_shortfalls_are_none(tmp_path: Path) -> None:
    assert short_pairs(run_of(tmp_path, short=0.004)).empty
    assert missing_products(run_of(tmp_path / "again", short=0.004)) == []


def test_a_pause_is_not_in_force(tmp_path: Path) -> None:
    run = run_of(tmp_path, levers=[LICENCE])
    phases = [(span.phase, span.starts) for span in spans_in_force(run)]
    assert phases == [
        ("in_force", date(2025, 4, 4)),
        ("resumed", date(2026, 11, 10)),
        ("eased", date(2027, 5, 1)),
    ]


def test_phases_are_cut_to_the_run(tmp_path: Path) -> None:
    run = run_of(tmp_path, starts=date(2025, 6, 1), ends=date(2026, 1, 1), levers=[LICENCE])
    spans = [(span.phase, span.starts, span.ends) for span in spans_of(run, run.levers[0])]
    assert spans == [
        ("in_force", date(2025, 6, 1), date(2025, 11, 10)),
        ("paused", date(2025, 11, 10), date(2026, 1, 1)),
    ]


def test_ticks_are_round_dates_inside_the_run() -> None:
    assert round_dates(date(2025, 1, 1), date(2029, 1, 1), 7) == [
        date(year, 1, 1) for year in range(2025, 2030)
    ]
    assert round_dates(date(2025, 3, 10), date(2025, 7, 1), 7) == [
        date(2025, month, 1) for month in (4, 5, 6, 7)
    ]


def test_words_break_at_spaces_and_long_words_anywhere() -> None:
    assert wrap_words("aa bb cccccc", lambda line: len(line) <= 5) == ["aa bb", "ccccc", "c"]
    assert wrap_words("", lambda line: True) == []


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (3412.3, "3,400"),
        (0.0345, "0.035"),
        (9.96, "10"),
        (99.6, "100"),
        (0, "0"),
        (1.04, "1.0"),
        (float("nan"), "n/a"),
    ],
)
def test_two_significant_figures(value: float, words: str) -> None:
    assert two_figures(value) == words


def test_amounts_in_words() -> None:
    assert tonnes(611.3, "t REO") == "610\u00a0t\u00a0REO"
    assert percent(0.6163) == "62\u00a0%"
    assert percent(0.00001) == "under 0.1\u00a0%"
    assert month_in_words("2026-09") == "Sep\u00a02026"
    assert [uncapitalised(name) for name in ("Wind turbines", "EV traction", "")] == [
        "wind turbines", "EV traction", "",
    ]  # fmt: skip


def test_cells_print_whole_per_cent_in_the_text_colour_that_stands_out() -> None:
    assert [cell_text(share) for share in (0.0, 0.006, 0.424, 1.0)] == [
        "0 %",
        "1 %",
        "42 %",
        "100 %",
    ]
    assert readable_on(NAVY) == PAPER
    assert readable_on("#EAF0F6") == INK


def test_ribbons_follow_what_passed_the_restricting_country(tmp_path: Path) -> None:
    chain = chain_year(run_of(tmp_path))
    assert chain is not None
    assert chain.marked == ("AAA",)
    assert chain.stages == ("mine", "separation", "magnet", "use")
    steps = ["from_stage", "from_country", "to_stage", "to_country"]
    flows = chain.flows["reference"].set_index(steps)
    # CCC takes in 20, hands 5 on unsplit and makes 10 of the other 15; AAA splits 20 + 5.
    assert flows.loc[("mine", "BBB", "separation", "CCC"), "t"] == pytest.approx(10)
    assert flows.loc[("mine", "BBB", "not won", "CCC"), "t"] == pytest.approx(5)
    assert flows.loc[("mine", "BBB", "separation", "AAA"), "t"] == pytest.approx(25)
    # Scrap of AAA joins the oxide of AAA: 60 + 8.
    assert flows.loc[("separation", "AAA", "magnet", "AAA"), "t"] == pytest.approx(68)
    through = flows["through_t"]
    assert through[("mine", "BBB", "separation", "AAA")] == 0
    assert through[("separation", "AAA", "use", "EU")] == pytest.approx(10)
    assert through[("magnet", "DDD", "use", "JPN")] == 0


def test_a_country_that_cannot_split_the_ore_it_takes_in_is_not_drawn_as_one_that_does(
    drawn: tuple[Path, list[FigureInfo]],
) -> None:
    table = pd.read_csv(drawn[0] / "figures" / "flow_map.csv")
    # DDD takes in 4 of BBB and makes no oxide of it: 4 leave the mine and come to no plant.
    to_ddd = table[(table["from_stage"] == "mine") & (table["to_country"] == "DDD")]
    assert set(to_ddd["to_stage"]) == {"not won"}
    assert to_ddd["t"].tolist() == pytest.approx([4.0, 4.0])
    mined = table[table["from_stage"] == "mine"].groupby("run")["t"].sum()
    assert mined.to_dict() == pytest.approx({"scenario": 104.0, "reference": 104.0})


def test_the_flow_map_says_what_users_outside_lose(drawn: tuple[Path, list[FigureInfo]]) -> None:
    title = next(info.title for info in drawn[1] if info.id == "flow_map").replace("\u00a0", " ")
    # EU gets 0.8 x 30, Japan 15: 24 / 39 passed Alphaland; without the licence 30 / 45.
    assert "62 % of the" in title
    assert "(reference: 67 %); they would receive 6.0 t X less" in title


def test_the_queue_says_its_worst_months_and_waits_from_filing_to_decision(
    drawn: tuple[Path, list[FigureInfo]],
) -> None:
    folder, infos = drawn
    title = next(info.title for info in infos if info.id == "licence_queue").replace("\u00a0", " ")
    assert "up to 90 licence cases would be pending for 90 days with all waits" in title
    table = pd.read_csv(folder / "figures" / "licence_queue.csv").set_index("month")
    # Decided on days 143, 173 and 190: one each in May, June and July.
    assert table.loc["2025-05", "waiting_days"] == 50
    assert table.loc["2025-06", "waiting_days"] == 80
    assert table.loc["2025-07", "waiting_days"] == 90


def test_a_stockpile_is_drawn_with_the_month_it_is_used_up(
    drawn: tuple[Path, list[FigureInfo]],
) -> None:
    table = pd.read_csv(drawn[0] / "figures" / "stock_burn_down.csv")
    pile = table[table["panel"].str.startswith("Stockpile of Japan")]
    assert set(pile["material"]) == {"Aa", "Bb"}
    assert set(pile["first_day_short_or_empty"]) == {"2026-01-01"}
    assert "be short on" in next(i.title for i in drawn[1] if i.id == "stock_burn_down")


def test_the_gantt_counts_output_without_scrap_and_marks_central_asia(
    drawn: tuple[Path, list[FigureInfo]],
) -> None:
    table = pd.read_csv(drawn[0] / "figures" / "capacity_gantt.csv").set_index("site")
    assert list(table.index) == ["mine_kaz", "sep_bbb"]
    assert list(table["central_asia"]) == [True, False]
    assert table.loc["mine_kaz", "made_in_last_year_t_per_year"] == pytest.approx(300)
    assert table.loc["mine_kaz", "ramped_up"] == "2025-04-04"


def test_the_timeline_counts_days_on_which_any_restriction_acts(tmp_path: Path) -> None:
    levers = [BAN, {**BAN, "id": "twin"}]
    title = info_of(run_of(tmp_path, levers=levers), "lever_timeline").title
    assert "in force on 276 of 1,095 days" in title  # 1 May 2026 to 1 Feb 2027, counted once


def test_a_gap_that_is_not_there_is_not_in_the_key(tmp_path: Path) -> None:
    def words(short: float) -> set[str]:
        run = run_of(tmp_path / str(short), short=short, wobble=0.0)
        drawing = FIGURES["supply_by_origin"][1](run, PAGES["full"])
        assert isinstance(drawing, Drawing)
        return {text.get_text() for text in drawing.figure.findobj(Text)}

    assert "demand not delivered" in words(0.6)
    assert "demand not delivered" not in words(0.0)
