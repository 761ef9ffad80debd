"""The run folder: what stands under a run's own name is finished, and nobody else's work is touched."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

import sim
from sim.run_folder import csv_text, run_folder, run_state
from sim.run_folder.run_folder import FORMAT
from sim.run_folder.run_state import State
from sim.system import files, staging
from sim.system.files import WriteError
from sim.words.problems import RunFolderError


def finished_run(home: Path) -> Path:
    folder = home / "scenario" / "0123456789ab"
    with staging.staged(folder) as partial:
        (partial / "summary.csv").write_text("metric\n", encoding="utf-8")
        run_folder.write_run_file(
            partial, {"versions": {"critmin": "0.0.9"}, "seed": 1, "warnings": ["a warning"]}
        )
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
    assert run_state.finished(folder)
    assert run_folder.facts(folder)["warnings"] == ["a warning"]
    assert not run_state.finished(folder.with_name("ffffffffffff"))


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt])
def test_a_run_that_stops_half_way_leaves_nothing(
    tmp_path: Path, fault: type[BaseException]
) -> None:
    def half_a_run(folder: Path) -> None:
        with staging.only_writer(folder), staging.staged(folder) as partial:
            (partial / "summary.csv").write_text("half", encoding="utf-8")
            raise fault

    older = finished_run(tmp_path)
    for folder in (older.with_name("ffffffffffff"), tmp_path / "another" / "ffffffffffff"):
        with pytest.raises(fault):
            half_a_run(folder)
    assert list(tmp_path.iterdir()) == [older.parent]
    assert list(older.parent.iterdir()) == [older]
    assert run_state.finished(older)


def test_an_older_run_is_never_overwritten(tmp_path: Path) -> None:
    folder = finished_run(tmp_path)
    with pytest.raises(RunFolderError, match="nothing was written"), staging.staged(folder):
        pass
    assert run_state.finished(folder)
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.parametrize(
    "run_file", [None, "", "- a list\n", "files: [a, b]\n", "seed: 1\n", "files: {: ", "\x00"]
)
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path, run_file: str | None) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    if run_file is not None:
        (tmp_path / "run.yaml").write_text(run_file, encoding="utf-8")
    with pytest.raises(RunFolderError, match="not the folder of a finished run"):
        run_state.finished(tmp_path)
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("change", ["edited", "deleted"])
def test_a_table_that_was_touched_is_named(tmp_path: Path, change: str) -> None:
    folder = finished_run(tmp_path)
    if change == "edited":
        (folder / "summary.csv").write_text("metric\nmine\n", encoding="utf-8")
    else:
        (folder / "summary.csv").unlink()
    with pytest.raises(RunFolderError, match=r"summary\.csv"):
        run_state.finished(folder)


def drawn_run(home: Path) -> Path:
    """A finished run with a figure, the indexes of figures and the page."""
    folder = finished_run(home)
    (folder / "figures" / "half").mkdir(parents=True)
    names = ("figures/index.json", "figures/half/index.json", "figures/heat_map.svg", "report.html")
    for name in names:
        (folder / name).write_text(name, encoding="utf-8")
    run_folder.write_shown(folder, {name: run_folder.file_hash(folder / name) for name in names})
    return folder


def test_missing_and_edited_pictures_are_noticed(tmp_path: Path) -> None:
    assert not run_state.is_drawn(finished_run(tmp_path / "tables"))
    folder = drawn_run(tmp_path)
    assert run_state.is_drawn(folder)
    assert run_state.edited(folder, run_folder.shown(folder)) == []
    (folder / "figures" / "heat_map.svg").write_text("retouched", encoding="utf-8")
    assert run_state.edited(folder, run_folder.shown(folder)) == ["figures/heat_map.svg"]
    assert run_state.is_drawn(folder)  # else it would be drawn over
    (folder / "figures" / "heat_map.svg").unlink()
    assert not run_state.is_drawn(folder)
    assert run_state.finished(folder)  # pictures can be drawn again, tables cannot


@pytest.mark.parametrize(
    ("change", "state", "said"),
    [
        (("seed: 1", "seed: 2"), State.EDITED, "`run.yaml` was changed"),
        (("seal: ", "sael: "), State.EDITED, "`run.yaml` was changed"),
        (
            (f"format: {FORMAT}\n", ""),
            State.OF_ANOTHER_VERSION,
            "critmin 0.0.9 in an unknown form, and",
        ),
        (
            (f"format: {FORMAT}", "format: 4"),
            State.OF_ANOTHER_VERSION,
            "critmin 0.0.9 in form 4, and this",
        ),
        ((f"format: {FORMAT}", "format: 99"), State.OF_ANOTHER_VERSION, f"reads form {FORMAT}"),
    ],
)
def test_a_run_file_that_was_touched_or_is_of_another_version_is_told_apart(
    tmp_path: Path, change: tuple[str, str], state: State, said: str
) -> None:
    folder = finished_run(tmp_path)
    about = folder / "run.yaml"
    text = about.read_text(encoding="utf-8")
    assert change[0] in text
    about.write_text(text.replace(*change), encoding="utf-8")
    found = run_state.standing(folder)
    assert found.state is state
    assert said in found.matter
    with pytest.raises(RunFolderError, match="left as it is"):
        run_state.finished(folder)


@pytest.mark.parametrize(
    ("version", "hint"),
    [
        ("0.0.9", "run the scenario again, which makes a folder of its own; or use critmin 0.0.9 for this one"),
        (sim.__version__, "run the scenario again, which makes a folder of its own"),
    ],
)  # fmt: skip
def test_a_folder_of_an_older_form_is_refused_with_what_to_do(
    tmp_path: Path, version: str, hint: str
) -> None:
    folder = finished_run(tmp_path)
    about = folder / "run.yaml"
    text = about.read_text(encoding="utf-8").replace(f"format: {FORMAT}", "format: 4")
    about.write_text(text.replace("0.0.9", version), encoding="utf-8")
    with pytest.raises(RunFolderError) as refused:
        run_state.check_finished(folder)
    assert refused.value.message.endswith(f"in form 4, and this version reads form {FORMAT}")
    assert refused.value.hint == hint


def test_a_file_where_the_results_should_go_is_named(tmp_path: Path) -> None:
    files.check_writable(tmp_path)
    files.check_writable(tmp_path / "not" / "there" / "yet")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(WriteError, match=r"file cannot be written: a file stands where") as refused:
        files.check_writable(tmp_path / "file" / "results")
    assert refused.value.exit_code == 2
    with pytest.raises(RunFolderError, match="is a file"):
        run_state.finished(tmp_path / "file")


def csv_lines(tmp_path: Path, **columns: object) -> list[str]:
    path = tmp_path / "table.csv"
    csv_text.write_csv(path, pd.DataFrame(columns))
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
    csv_text.write_csv(tmp_path / "table.csv", table.astype({"a": "category"}))
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
        csv_text.write_packed(path, pd.DataFrame({"t": [1.5]}))
        written.append(path.read_bytes())
    assert written[0] == written[1]
    assert written[0][4:8] == b"\0\0\0\0"  # no time inside
    assert gzip.decompress(written[0]) == b"t\n1.5\n"
