"""The run folder: what stands under a run's own name is finished, and nobody else's work is touched."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from sim import run_folder
from sim.run_folder import RunFolderError


def finished_run(home: Path) -> Path:
    folder = home / "scenario" / "0123456789ab"
    with run_folder.staged(folder) as staging:
        (staging / "summary.csv").write_text("metric\n", encoding="utf-8")
        run_folder.write_run_file(staging, {"seed": 1, "warnings": ["a warning"]})
    return folder


def test_the_run_id_follows_from_what_decides_the_result() -> None:
    scenario = {"name": "x", "levers": []}
    same = run_folder.run_id(scenario, "pack", 1)
    assert same == run_folder.run_id(dict(scenario), "pack", 1)
    assert len(same) == 12
    others = {
        run_folder.run_id({**scenario, "name": "y"}, "pack", 1),
        run_folder.run_id(scenario, "another pack", 1),
        run_folder.run_id(scenario, "pack", 2),
        run_folder.run_id(scenario, "pack", 1, replications=10),
    }
    assert len(others | {same}) == 5


def test_a_finished_run_appears_at_once_and_is_found_again(tmp_path: Path) -> None:
    folder = finished_run(tmp_path)
    assert [p.name for p in folder.parent.iterdir()] == [folder.name]
    assert run_folder.finished(folder)
    assert run_folder.facts(folder)["warnings"] == ["a warning"]
    assert not run_folder.finished(folder.with_name("ffffffffffff"))


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt])
def test_a_run_that_stops_half_way_leaves_nothing(
    tmp_path: Path, fault: type[BaseException]
) -> None:
    def half_a_run(folder: Path) -> None:
        with run_folder.staged(folder) as staging:
            (staging / "summary.csv").write_text("half", encoding="utf-8")
            raise fault

    older = finished_run(tmp_path)
    for folder in (older.with_name("ffffffffffff"), tmp_path / "another" / "ffffffffffff"):
        with pytest.raises(fault):
            half_a_run(folder)
    assert list(tmp_path.iterdir()) == [older.parent]
    assert list(older.parent.iterdir()) == [older]
    assert run_folder.finished(older)


def test_an_older_run_is_never_overwritten(tmp_path: Path) -> None:
    folder = finished_run(tmp_path)
    with pytest.raises(RunFolderError, match="nothing written"), run_folder.staged(folder):
        pass
    assert run_folder.finished(folder)
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.parametrize(
    "run_file", [None, "", "- a list\n", "files: [a, b]\n", "seed: 1\n", "files: {: ", "\x00"]
)
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path, run_file: str | None) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    if run_file is not None:
        (tmp_path / "run.yaml").write_text(run_file, encoding="utf-8")
    with pytest.raises(RunFolderError, match="not a finished run"):
        run_folder.finished(tmp_path)
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("change", ["edited", "deleted"])
def test_a_table_that_was_touched_is_named(tmp_path: Path, change: str) -> None:
    folder = finished_run(tmp_path)
    if change == "edited":
        (folder / "summary.csv").write_text("metric\nmine\n", encoding="utf-8")
    else:
        (folder / "summary.csv").unlink()
    with pytest.raises(RunFolderError, match=r"summary\.csv"):
        run_folder.finished(folder)


def test_missing_pictures_are_noticed(tmp_path: Path) -> None:
    folder = finished_run(tmp_path)
    assert not run_folder.is_drawn(folder)
    (folder / "figures").mkdir()
    index = '[{"id": "heat_map", "reason": ""}, {"id": "none", "reason": "nothing to show"}]'
    (folder / "figures" / "index.json").write_text(index, encoding="utf-8")
    for name in ("heat_map.svg", "heat_map.png", "heat_map.csv", "heat_map.txt"):
        (folder / "figures" / name).touch()
    assert not run_folder.is_drawn(folder)  # the page
    (folder / "report.html").touch()
    assert run_folder.is_drawn(folder)
    (folder / "figures" / "heat_map.png").unlink()
    assert not run_folder.is_drawn(folder)
    assert run_folder.finished(folder)  # pictures can be drawn again, tables cannot


def test_a_place_that_cannot_hold_results_is_told_apart(tmp_path: Path) -> None:
    run_folder.check_writable(tmp_path)
    run_folder.check_writable(tmp_path / "not" / "there" / "yet")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(RunFolderError, match="is a file"):
        run_folder.check_writable(tmp_path / "file" / "results")


def csv_lines(tmp_path: Path, **columns: object) -> list[str]:
    path = tmp_path / "table.csv"
    run_folder.write_csv(path, pd.DataFrame(columns))
    assert b"\r" not in path.read_bytes()
    return path.read_text(encoding="utf-8").split("\n")


def test_csv_numbers_have_up_to_twelve_digits_and_no_value_is_an_empty_cell(tmp_path: Path) -> None:
    numbers = [1.0, 1 / 3, -2.5e-9, 12345678901234.5, np.nan, -0.0]
    expected = ["x", "1", "0.333333333333", "-2.5e-09", "1.23456789012e+13", "", "0", ""]
    assert csv_lines(tmp_path, x=numbers) == expected
    assert csv_lines(tmp_path, n=[-1, 2], yes=[True, False]) == ["n,yes", "-1,True", "2,False", ""]


def test_csv_text_cannot_become_a_formula_and_keeps_its_commas(tmp_path: Path) -> None:
    texts = ["=1+1", "+x", "-x", "@x", 'say "a, b"', "ærø", None, "NA"]
    assert csv_lines(tmp_path, text=texts)[1:-1] == [
        "'=1+1", "'+x", "'-x", "'@x", '"say ""a, b"""', "ærø", "", "NA",
    ]  # fmt: skip


def test_csv_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    table = pd.DataFrame({"a": ["x", "y, z", "x"], "b": [0.1, 2.0, 3e300], "c": ["NA", "", "nan"]})
    run_folder.write_csv(tmp_path / "table.csv", table.astype({"a": "category"}))
    back = pd.read_csv(tmp_path / "table.csv", keep_default_na=False)
    pd.testing.assert_frame_equal(back, table)


def test_run_yaml_lists_every_table_with_its_hash(tmp_path: Path) -> None:
    facts = yaml.safe_load((finished_run(tmp_path) / "run.yaml").read_text(encoding="utf-8"))
    assert list(facts["files"]) == ["summary.csv"]
    assert len(facts["files"]["summary.csv"]) == 64


def test_packed_records_are_the_same_bytes_whenever_they_are_written(tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        path = tmp_path / name / "use.csv.gz"
        path.parent.mkdir()
        run_folder.write_packed(path, pd.DataFrame({"t": [1.5]}))
        written.append(path.read_bytes())
    assert written[0] == written[1]
    assert written[0][4:8] == b"\0\0\0\0"  # no time inside
    assert gzip.decompress(written[0]) == b"t\n1.5\n"
