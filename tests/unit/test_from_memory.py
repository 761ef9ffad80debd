"""A run drawn from its tables in memory and from its folder: the same tables, the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.figures import FULL, ORDER, FinishedRun, draw, read_run
from sim.figures.as_written import as_written, coded, decoded
from sim.figures.every_figure import drawn_figure
from sim.figures.finished_run import (
    ASSUMPTIONS,
    CHAIN,
    DRAWN_FROM,
    SOME_COLUMNS,
    SOURCES,
    for_figures,
    rows,
)
from sim.figures.style import HALF
from sim.pipeline import pipeline, showing
from sim.run_folder import csv_text, run_folder
from sim.system.workers import beside
from tests.page.runs import HEAD, TEXTS, toy_pack
from tests.run_folders import Invented, write_run

TABLES = (CHAIN, ASSUMPTIONS, SOURCES, *SOME_COLUMNS)


@pytest.fixture(scope="module", params=["busy", "nothing-short"])
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[FinishedRun, Path]:
    """A run as the pipeline had it in memory when it drew, and its folder."""
    home = tmp_path_factory.mktemp("memory")
    scenario = home / f"{request.param}.yaml"
    scenario.write_text(f"{HEAD}{TEXTS[request.param]}", encoding="utf-8")
    if (
        request.param == "busy"
    ):  # and with a file that it extends, full of what tables must not take for more
        scenario = home / "child.yaml"
        scenario.write_text(f"extends: busy.yaml\n{TEXTS['hostile']}", encoding="utf-8")
    kept: list[FinishedRun] = []

    class Kept(showing.Showing):
        def __init__(self, run: FinishedRun, *more: Any) -> None:
            kept.append(run)
            super().__init__(run, *more)

    with toy_pack(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(showing, "Showing", Kept)
        folder = pipeline.run(str(scenario), home / "results").folder
    return kept[0], folder


def test_tables_in_memory_are_those_that_are_read_back(made: tuple[FinishedRun, Path]) -> None:
    memory, folder = made
    read = read_run(folder)
    for name in ("summary", "monthly", "worst"):
        one, other = getattr(memory, name), getattr(read, name)
        pd.testing.assert_frame_equal(one, other, check_exact=True, check_dtype=len(one) > 0)
    for name in TABLES:
        one, other = memory.table(name), read.table(name)
        assert one.empty == other.empty, name
        if not one.empty:
            # Whole numbers come back as such, texts of an empty column as missing numbers.
            pd.testing.assert_frame_equal(one, other, check_exact=True, check_dtype=False)
    assert list(memory.headline) == list(read.headline)
    assert list(memory.files().items()) == list(read.files().items())
    assert {key: read.facts[key] for key in memory.facts} == memory.facts


def test_figures_and_page_from_the_folder_are_the_same_bytes(
    made: tuple[FinishedRun, Path],
) -> None:
    _, folder = made
    before = {name: (folder / name).read_bytes() for name in run_folder.shown(folder)}
    showing.draw_again(folder, [FULL], lambda _: None)
    showing.write_page_again(folder, lambda _: None)
    assert {name: (folder / name).read_bytes() for name in run_folder.shown(folder)} == before


def test_what_is_handed_to_another_process_is_all_that_figures_need(tmp_path: Path) -> None:
    run = read_run(write_run(tmp_path, Invented(stockpile=True)))
    handed_over = for_figures(run).unpacked()
    for name in DRAWN_FROM:
        pd.testing.assert_frame_equal(handed_over.table(name), run.table(name))
    for figure_id in ORDER:
        assert drawn_figure(handed_over, figure_id, HALF).info.is_drawn
    with pytest.raises(KeyError):
        handed_over.table(SOURCES)


def test_a_metric_that_is_not_kept_is_no_empty_table(tmp_path: Path) -> None:
    folder = write_run(tmp_path, Invented())
    assert "delivered" in set(run_folder.table(folder, "monthly")["metric"])
    with pytest.raises(KeyError, match="delivered"):
        rows(read_run(folder).monthly, "delivered")


def test_a_table_as_written_is_what_reading_gives(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "text": ["=cmd()", "-5", None, 'a,"b"', "NA"],
            "number": [1 / 3, -0.0, float("nan"), 1e-15 / 7, 123456789012.5],
            "count": [1, 2, 3, 4, 5],
            "code": pd.Categorical(
                ["b", "a", "b", "+x", "a"], categories=["b", "a", "+x", "never"]
            ),
        }
    )
    path = tmp_path / "table.csv"
    csv_text.write_csv(path, table)
    kinds = {"text": str, "code": str}
    read = pd.read_csv(path, dtype=kinds, keep_default_na=False, na_values={"number": [""]})
    written = as_written(table)
    # The reader's last bit may differ; digit by digit it is the number that was written.
    pd.testing.assert_frame_equal(written, as_written(read), check_exact=True)
    pd.testing.assert_frame_equal(as_written(written), written, check_exact=True)
    assert list(coded(written)["code"].cat.categories) == ["'+x", "a", "b"]
    pd.testing.assert_frame_equal(decoded(coded(written)), written)


def test_a_second_process_changes_no_byte(tmp_path: Path) -> None:
    one, other = (write_run(tmp_path / name, Invented()) for name in ("one", "other"))
    draw(one)
    with beside(1) as executor:
        draw(other, executor=executor)
    for path in sorted((one / "figures").iterdir()):
        assert path.read_bytes() == (other / "figures" / path.name).read_bytes(), path.name
