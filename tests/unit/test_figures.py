"""Figures: what they say is what the tables say, and nothing of it changes from run to run."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import matplotlib
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Patch
from matplotlib.text import Text
from PIL import Image

from sim.figures import BARE, ORDER, PAGES, FigureInfo, draw, drawn_figures
from sim.figures.burn_down import panels_of
from sim.figures.canvas import wrap_words
from sim.figures.chain_flows import chain_year
from sim.figures.contrast import contrast, readable_on
from sim.figures.drawing import Drawing
from sim.figures.every_figure import FIGURES, drawn_figure
from sim.figures.finding import missing_products, short_pairs
from sim.figures.finished_run import FinishedRun
from sim.figures.flow_places import laid_out, places_kept
from sim.figures.heat_map import cell_text
from sim.figures.opening import read_run
from sim.figures.place_looks import place_looks
from sim.figures.shortfall_over_time import shortfall_by_element
from sim.figures.spans import spans_in_force, spans_of
from sim.figures.style import PAPER, SETTINGS
from sim.figures.time_axis import round_dates
from sim.figures.wording import (
    day_in_words,
    month_in_words,
    percent,
    tonnes,
    two_figures,
    uncapitalised,
)
from sim.run_folder import run_folder
from sim.summary.ranking import elements_hit
from tests.run_folders import BAN, CLOSURE, LICENCE, PRODUCTS, Invented, write_run


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
    # 16 cm and 8 cm at 300 dots an inch, no higher than a page; a slide of 33.87 x 19.05 cm at 144.
    [("full", 1890, (0, 2550), "453.6"), ("half", 945, (0, 2100), "226.8"),
     ("slide", 1920, (1080, 1080), "960")],
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
    # In half the width, in a slide's height, and in 10 cm; whole pages are drawn for the tests of the page.
    run = run_of(tmp_path, **what)
    with matplotlib.rc_context(dict(SETTINGS)):
        for page in (PAGES["half"], PAGES["slide"], BARE["full"], BARE["half"]):
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


def test_cells_print_whole_per_cent() -> None:
    assert [cell_text(share) for share in (0.0, 0.006, 0.424, 1.0)] == [
        "0 %",
        "1 %",
        "42 %",
        "100 %",
    ]


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
    # EU gets 0.8 x 30 from Alphaland and Japan 15; CCC hands 5 of its 15 on from stock. Without the licence 30.
    assert "users outside Alphaland would get 39 t X of" in title
    assert "(reference: 45): 24 (30) by way of Alphaland, 5.0 (5.0) from stocks or scrap" in title
    assert title.endswith("most to the European Union: 24 (30)")
    table = pd.read_csv(drawn[0] / "figures" / "flow_map.csv")
    outside = table[(table["to_stage"] == "use") & (table["to_country"] != "AAA")]
    sums = outside.groupby("run")[["t", "through_t", "stock_t"]].sum()
    assert sums.loc["scenario"].tolist() == pytest.approx([39, 24, 5])
    assert sums.loc["reference"].tolist() == pytest.approx([45, 30, 5])


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lower", [1.0, 0.7], ids=["usual", "low"])
def test_no_words_of_the_flow_map_lie_on_a_ribbon_a_bar_or_other_words(
    tmp_path: Path, page: str, lower: float
) -> None:
    there = replace(PAGES[page], tallest_in=lower * PAGES[page].tallest_in)
    with matplotlib.rc_context(dict(SETTINGS)):
        drawing = FIGURES["flow_map"][1](run_of(tmp_path), there)
        assert isinstance(drawing, Drawing)
        drawing.figure.draw_without_rendering()
        renderer = FigureCanvasAgg(drawing.figure).get_renderer()
        texts = [text for text in drawing.figure.findobj(Text) if text.get_text().strip()]
        boxes = [text.get_window_extent(renderer).padded(-1) for text in texts]
        shapes = [
            shape.get_path().transformed(shape.get_transform())
            for shape in drawing.figure.findobj(Patch)
            if shape is not drawing.figure.patch
        ]
    assert len(shapes) > 20
    for number, (text, box) in enumerate(zip(texts, boxes, strict=True)):
        assert not any(shape.intersects_bbox(box, filled=True) for shape in shapes), text
        assert not any(box.overlaps(other) for other in boxes[number + 1 :]), text


def test_the_queue_says_its_worst_months_and_waits_from_filing_to_decision(
    drawn: tuple[Path, list[FigureInfo]],
) -> None:
    folder, infos = drawn
    title = next(info.title for info in infos if info.id == "licence_queue").replace("\u00a0", " ")
    assert "up to 90 licence cases would be undecided at a time" in title
    # Months after the last case are not in the table: nobody waits at the end.
    assert title.endswith("would have waited up to 90 days (mean of a month)")
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
    assert set(pile["drawn_from"]) == {"2025-02"}
    assert set(pile["empty_from"]) == {"2026-01"}


def test_the_burn_down_says_when_the_first_are_short_and_their_stock_is_back(
    drawn: tuple[Path, list[FigureInfo]],
) -> None:
    title = next(info.title for info in drawn[1] if info.id == "stock_burn_down")
    table = pd.read_csv(drawn[0] / "figures" / "stock_burn_down.csv", dtype=str)
    hot = table[(table["material"] == "hot") & (table["region"] == "EU")].iloc[0]
    assert "the first users of magnets for hot motors would be short" in title
    assert f"short in the week to {hot['first_short']}, in the European" in title
    # 60 days less up to 36: never under one; at 54 days again in the 33rd month, when nothing is missing.
    assert pd.isna(hot["empty_from"])
    assert hot["back_from"] == "2027-09"
    assert "back in Sep\u00a02027" in title


def test_the_gantt_counts_output_without_scrap_and_marks_central_asia(
    drawn: tuple[Path, list[FigureInfo]],
) -> None:
    table = pd.read_csv(drawn[0] / "figures" / "capacity_gantt.csv").set_index("site")
    assert list(table.index) == ["mine_kaz", "sep_bbb"]
    assert list(table["central_asia"]) == [True, False]
    assert table.loc["mine_kaz", "made_in_last_year_t_per_year"] == pytest.approx(300)
    assert table.loc["mine_kaz", "ramped_up"] == "2025-04-04"


def test_a_stage_that_is_passed_over_takes_nothing_from_what_users_get(tmp_path: Path) -> None:
    chain = chain_year(run_of(tmp_path))
    assert chain is not None
    flows = chain.flows["reference"]
    drawn = laid_out(chain, flows, places_kept(chain), ("mine", "separation", "use"))
    into_use = [ribbon for ribbon in drawn.ribbons if ribbon.goal.stage == "use"]
    into = {
        region: sum(ribbon.end_t for ribbon in into_use if ribbon.goal.name == region)
        for region in ("AAA", "EU", "JPN")
    }
    # EU gets 20 by way of magnets and 10 of oxide; all oxide of AAA is AAA's.
    assert into == pytest.approx({"AAA": 40.0, "EU": 30.0, "JPN": 15.0})
    sent = sum(ribbon.start_t for ribbon in drawn.ribbons if ribbon.source.name == "AAA"
               and ribbon.source.stage == "separation")  # fmt: skip
    assert sent == pytest.approx(68 + 10)  # as wide as what is sent, though magnets come to 60


def test_the_gantt_leaves_out_what_the_scenario_does_not_touch_and_says_how_many(
    tmp_path: Path,
) -> None:
    run = run_of(tmp_path)
    with matplotlib.rc_context(dict(SETTINGS)):
        drawing = FIGURES["capacity_gantt"][1](run, PAGES["full"])
    assert isinstance(drawing, Drawing)
    assert "magnet_ddd" not in set(drawing.table["site"])
    words = {text.get_text() for text in drawing.figure.findobj(Text)}
    assert any(each.startswith("Not drawn: 1 that the scenario does not touch.") for each in words)


def test_a_project_that_sends_goods_to_who_lacks_them_is_drawn(tmp_path: Path) -> None:
    folder = write_run(tmp_path, Invented())
    sent = {
        "seller": "magnet_ddd", "buyer": "cars_eu", "product": "hot", "buyer_country": "",
        "buyer_region": "EU", "dispatched_t": 3.0,
    }  # fmt: skip
    short = {"sector": "cars", "region": "EU", "product": "hot", "demand_t": 9.0, "consumed_t": 5.0}
    for lacking, is_drawn in (("2025-07", False), ("2025-09", True)):
        # It lacks the product beyond the reference from August on.
        for name, row in (("shipments", sent), ("use", short)):
            path = folder / "records" / f"{name}.csv.gz"
            pd.DataFrame([{"month": lacking, **row}]).to_csv(path, index=False)
        drawing = FIGURES["capacity_gantt"][1](read_run(folder), PAGES["full"])
        assert isinstance(drawing, Drawing)
        assert ("magnet_ddd" in set(drawing.table["site"])) is is_drawn


def test_the_title_of_the_gantt_says_how_many_come_before_what_is_missing(
    drawn: tuple[Path, list[FigureInfo]],
) -> None:
    title = next(i.title for i in drawn[1] if i.id == "capacity_gantt").replace("\u00a0", " ")
    table = pd.read_csv(drawn[0] / "figures" / "capacity_gantt.csv")
    first = month_in_words(table["missing_from"].iloc[0]).replace("\u00a0", " ")
    assert f"would be missing everywhere from {first} to" in title
    # sep_bbb makes nothing.
    assert table["goods_come"].tolist() == ["before", "never"]
    assert title.endswith(
        "of 2 projects that it touches, 1 would bring goods before that and 1 never"
    )


def test_a_gantt_of_which_nothing_is_touched_is_left_out_with_its_reason(tmp_path: Path) -> None:
    run = run_of(tmp_path, levers=[])
    untouched = [{**project, "touched_by": []} for project in run.projects]
    run = replace(run, scenario={**run.scenario, "projects": untouched})
    info = info_of(run, "capacity_gantt")
    assert "touches none of the 3 mines and plants" in info.reason


def test_what_was_in_force_before_the_run_is_dated_so_and_its_first_month_is_no_measure(
    tmp_path: Path,
) -> None:
    run = run_of(tmp_path, levers=[LICENCE], starts=date(2025, 6, 1))
    timeline, stocks = (
        FIGURES[figure_id][1](run, PAGES["full"])
        for figure_id in ("lever_timeline", "stock_burn_down")
    )
    assert isinstance(timeline, Drawing)
    assert isinstance(stocks, Drawing)
    assert f"from {day_in_words(date(2025, 4, 4))} " in timeline.title
    assert timeline.table["from"].iloc[0] == "2025-04-04"
    assert set(stocks.table["back_from"]) == {""}
    assert "Back" not in stocks.measure


def test_the_timeline_says_when_any_restriction_holds_and_when_much_is_missing(
    tmp_path: Path,
) -> None:
    run = run_of(tmp_path, levers=[BAN, {**BAN, "id": "twin"}])
    drawing = FIGURES["lever_timeline"][1](run, PAGES["full"])
    assert isinstance(drawing, Drawing)
    first, after = (day_in_words(date.fromisoformat(day)) for day in ("2026-05-01", "2027-02-01"))
    assert f"one or more of 2 restrictions would hold from {first} until {after}" in drawing.title
    gaps = drawing.table[drawing.table["heading"] == "missing"]
    element = gaps["row"].iloc[0]
    table = shortfall_by_element(run)
    short = table[(table["element"] == element) & (table["shortfall_share"] > 0.05)]
    months = [month_in_words(month) for month in (short["month"].min(), short["month"].max())]
    name = run.name("elements", element)
    assert f"of the {name} would be missing from {months[0]} to {months[1]}" in drawing.title
    own = gaps[gaps["row"] == element]
    assert own["from"].tolist() == [f"{short['month'].min()}-01"]
    assert own["worst_month_share"].tolist() == [short["shortfall_share"].max()]


def test_a_gap_that_the_reference_has_as_well_is_not_the_restrictions(tmp_path: Path) -> None:
    run = run_of(tmp_path, short=0.3, reference_short=0.3)
    drawing = FIGURES["lever_timeline"][1](run, PAGES["full"])
    assert isinstance(drawing, Drawing)
    gaps = drawing.table[drawing.table["heading"] == "missing"]
    assert set(gaps["phase"]) == {"as in the reference"}
    assert "(as in the reference)" in drawing.title


def test_exports_are_those_of_the_goods_hit_in_the_months_of_restriction(
    drawn: tuple[Path, list[FigureInfo]],
) -> None:
    table = pd.read_csv(drawn[0] / "figures" / "exports_by_destination.csv")
    # Plain magnets and oxide leave as ever.
    assert set(zip(table["form"], table["products"], strict=True)) == {("magnet", "hot")}
    whole = table[table["destination"] == "all"].set_index("month")
    parts = table[table["destination"] != "all"].groupby("month")["t"].sum()
    pd.testing.assert_series_equal(parts, whole["t"])
    # In force from April 2025, paused from 10 November on; the ban from May 2026.
    restricted = whole[whole["restricted"]]
    assert [month in restricted.index for month in ("2025-03", "2025-11", "2025-12")] == [0, 1, 0]
    t, reference_t = restricted["t"].sum(), restricted["reference_t"].sum()
    title = next(info.title for info in drawn[1] if info.id == "exports_by_destination")
    assert tonnes(t, "t gross") in title
    assert f"{percent(1 - t / reference_t)} less than in the reference" in title


def test_without_a_restriction_there_are_no_exports_to_show(tmp_path: Path) -> None:
    info = info_of(run_of(tmp_path, levers=[CLOSURE]), "exports_by_destination")
    assert info.reason == "no country restricts its exports in this scenario"


@pytest.mark.parametrize("page", PAGES)
def test_strips_say_whose_restriction_they_are_and_areas_what_is_missing(
    tmp_path: Path, page: str
) -> None:
    run = run_of(tmp_path)
    drawing = FIGURES["shortfall_over_time"][1](run, PAGES[page])
    assert isinstance(drawing, Drawing)
    texts = [text.get_text() for text in drawing.figure.findobj(Text)]
    for words in ("Export licence of Alphaland", "Export ban of Alphaland", "missing"):
        assert any(words in text for text in texts)


def test_a_place_keeps_its_look_and_can_be_seen_and_read(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    looks = place_looks(run)
    assert len(set(looks.values())) == len(looks) == 9  # AAA is a region and a country
    for panel in panels_of(run):
        assert all(line.look == looks[line.id] for line in panel.lines)
    names = {"regions": {f"R{number}": "" for number in range(35)}}
    many = set(place_looks(replace(run, scenario={**run.scenario, "names": names})).values())
    assert len(many) == 35
    for look in many:
        assert contrast(look.colour, PAPER) >= 3.0
        assert contrast(look.ink, PAPER) >= 4.5
        assert contrast(readable_on(look.colour), look.colour) >= 4.5


def test_a_gap_that_is_not_there_is_not_in_the_key(tmp_path: Path) -> None:
    def words(short: float) -> set[str]:
        run = run_of(tmp_path / str(short), short=short, wobble=0.0)
        drawing = FIGURES["supply_by_origin"][1](run, PAGES["full"])
        assert isinstance(drawing, Drawing)
        return {text.get_text() for text in drawing.figure.findobj(Text)}

    assert "demand not delivered" in words(0.6)
    assert "demand not delivered" not in words(0.0)
