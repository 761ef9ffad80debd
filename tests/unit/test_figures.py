"""Figures: what they say is what the tables say, and nothing of it changes from run to run."""

from __future__ import annotations

import re
import struct
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from sim.figures import FIGURES, FigureInfo, draw, drawn_figures
from sim.figures.canvas import wrap_words
from sim.figures.finding import missing_products, short_pairs
from sim.figures.finished_run import FinishedRun, read_run
from sim.figures.heat_map import cell_text, readable_on
from sim.figures.restriction_strip import spans_in_force, spans_of
from sim.figures.shortfall_over_time import shortfall_by_element
from sim.figures.style import INK, NAVY, PAPER
from sim.figures.time_axis import round_dates
from sim.figures.wording import month_in_words, percent, shortened, tonnes, two_figures
from tests.run_folders import LICENCE, PRODUCTS, Invented, write_run


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[FigureInfo]]:
    folder = write_run(tmp_path_factory.mktemp("run"), Invented())
    return folder, draw(folder)


def run_of(tmp_path: Path, **what: object) -> FinishedRun:
    return read_run(write_run(tmp_path, Invented(**what)))  # type: ignore[arg-type]


def test_each_figure_has_svg_png_numbers_and_words(drawn: tuple[Path, list[FigureInfo]]) -> None:
    folder, infos = drawn
    assert [info.id for info in infos] == list(FIGURES)
    for info in infos:
        assert info.is_drawn
        for ending in ("svg", "png", "csv", "txt"):
            assert (folder / "figures" / f"{info.id}.{ending}").stat().st_size > 100


def test_a_png_is_a_word_page_wide_at_300_dots_an_inch(
    drawn: tuple[Path, list[FigureInfo]],
) -> None:
    folder, infos = drawn
    for info in infos:
        header = (folder / "figures" / f"{info.id}.png").read_bytes()[16:24]
        width, height = struct.unpack(">II", header)
        assert width == 1890  # 6.3 in x 300
        assert height <= 2700  # 9 in: fits a page


def test_drawing_again_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = (write_run(tmp_path / name, Invented()) for name in ("one", "other"))
    draw(one)
    draw(other)
    for path in sorted((one / "figures").iterdir()):
        assert path.read_bytes() == (other / "figures" / path.name).read_bytes(), path.name


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
    infos = {info.id: info for info in draw(write_run(tmp_path, Invented(short=0.0)))}
    assert "no product would be short by 0.5 % of demand" in infos["heat_map"].reason
    assert not infos["shortfall_over_time"].is_drawn
    assert infos["supply_by_origin"].is_drawn


def test_without_provenance_supply_by_origin_says_why_it_is_missing(tmp_path: Path) -> None:
    infos = {info.id: info for info in draw(write_run(tmp_path, Invented(provenance=False)))}
    assert infos["supply_by_origin"].reason == "the run did not trace where the tonnes came from"


@pytest.mark.parametrize(
    "what",
    [
        {"everywhere": True, "short": 1.0},
        {"levers": []},
        {"levers": [{**LICENCE, "id": f"licence_{'x' * 70}{n}"} for n in range(12)]},
        {"name": "a" * 120, "product_names": dict.fromkeys(PRODUCTS, "US$ 5 to $ 7 " * 12)},
        {"starts": date(2025, 3, 10), "ends": date(2025, 4, 5)},
        {"ends": date(2040, 1, 1)},
    ],
    ids=["all short", "no lever", "many levers", "long names", "four weeks", "fifteen years"],
)
def test_unusual_runs_are_drawn(tmp_path: Path, what: dict[str, object]) -> None:
    for info in draw(write_run(tmp_path, Invented(**what))):  # type: ignore[arg-type]
        assert info.is_drawn or info.reason


def test_letters_the_font_lacks_are_reported(tmp_path: Path) -> None:
    names = {**dict.fromkeys(PRODUCTS, "磁铁"), "Ee": "epsium"}
    infos = draw(write_run(tmp_path, Invented(product_names=names)))
    assert any("Glyph" in warning for info in infos for warning in info.warnings)


def test_the_title_names_the_product_with_most_tonnes_missing(
    drawn: tuple[Path, list[FigureInfo]],
) -> None:
    folder, infos = drawn
    summary = read_run(folder).summary
    central = summary[(summary["metric"] == "shortfall") & (summary["run"] == "scenario")]
    total_t = central[central["material"] == "hot"]["value"].sum()
    title = infos[0].title.replace("\u00a0", " ")
    assert f"{two_figures(total_t)} t X of magnets for hot motors would be missing" in title


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
    assert shortened("abcdef", 4) == "abc…"


def test_cells_print_whole_per_cent_in_the_text_colour_that_stands_out() -> None:
    assert [cell_text(share) for share in (0.0, 0.006, 0.424, 1.0)] == [
        "0 %",
        "1 %",
        "42 %",
        "100 %",
    ]
    assert readable_on(NAVY) == PAPER
    assert readable_on("#EAF0F6") == INK
