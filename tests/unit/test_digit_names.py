"""Names that look like numbers, gaps or truth values stay names: on disk, in figures and on the page."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from sim.commands.cli import main
from sim.figures import FULL, read_run
from sim.pipeline import pipeline, showing
from sim.run_folder import run_folder
from sim.tables import RECORDS

TOY = Path(__file__).parents[1] / "packs" / "toy_mineral"
NEW_NAMES = {
    "use_drives_aaa": "use_true_1", "use_drives_bbb": "use_true_007", "use_drives_ccc": "use_true_na",
    "use_gadgets_aaa": "use_1.5_1", "use_gadgets_bbb": "use_1.5_007", "use_gadgets_ccc": "use_1.5_na",
    "use_glazing_aaa": "use_nan_1", "use_glazing_bbb": "use_nan_007", "use_glazing_ccc": "use_nan_na",
    "drives": "true", "gadgets": "1.5", "glazing": "nan",
    "AAA": "1", "BBB": "007", "CCC": "NA",
    "coil_plain": "1e5", "coil_hot": "null", "Zor": "2", "Pel": "1e6", "Mav": "inf",
    "mine_a": "3", "sep_a": "0x1", "coil_b": "-4", "smelting": "5", "stockpile_c": "6", "pass_d": "08",
}  # fmt: skip
SCENARIO = """title: Names of digits
pack: ./99
starts: 2021-01-01
ends: 2021-05-01
restrictions:
  - {id: 'NA', kind: export_ban, exporter: '1', elements: ['inf'], starts: 2021-02-01, reason: Stress case}
  - {id: 'true', kind: export_licence, exporter: '1', elements: ['2'], starts: 2021-03-01, reason: Stress case}
shocks:
  - {id: 'null', kind: corridor_closure, corridor: '08', starts: 2021-02-01, ends: 2021-04-01,
     reason: Stress case}
measures:
  - {id: 'nan', kind: capacity_ramp_up, site: '-4', first_output: 2021-03-01, capacity: 20 t/yr, ramp: 100 d,
     success: 50 %, achieved: 80 %, reason: Stress case}
  - {id: 'inf', kind: stockpile_release, stockpile: '6', size: 60 d, trigger: 20 d,
     starts: 2021-02-01, reason: Stress case}
"""


def renamed(folder: Path) -> None:
    """The toy mineral under other names."""
    shutil.copytree(TOY, folder)
    old = re.compile(rf"(?<![\w-])({'|'.join(NEW_NAMES)})(?![\w-])")
    for path in folder.glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        path.write_text(old.sub(lambda found: NEW_NAMES[found[1]], text), encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("digits")
    renamed(home / "99")
    (home / "1e1.yaml").write_text(SCENARIO, encoding="utf-8")
    return pipeline.run(str(home / "1e1.yaml"), home / "results").folder


def test_a_world_named_by_digits_is_drawn_again_from_its_folder_to_the_byte(folder: Path) -> None:
    drawn = {name: (folder / name).read_bytes() for name in run_folder.shown(folder)}
    assert "report.html" in drawn
    showing.draw_again(folder, [FULL], lambda _: None)
    showing.write_page_again(folder, lambda _: None)
    assert {name: (folder / name).read_bytes() for name in run_folder.shown(folder)} == drawn


def test_every_text_of_the_folder_comes_back_as_it_was_written(folder: Path) -> None:
    run = read_run(folder)
    tables = {name: run_folder.table(folder, name) for name in RECORDS}
    assert set(tables["use"]["region"]) == {"1", "007", "NA"}
    assert set(tables["use"]["sector"]) == {"true", "1.5", "nan"}
    assert {"3", "0x1", "-4"} <= {name.removeprefix("'") for name in tables["production"]["site"]}
    assert {"2", "1e6", "inf"} <= set(tables["provenance"]["element"])
    assert set(tables["levers"]["lever"]) == {"NA", "true", "null", "nan", "inf"}
    assert set(tables["licences"]["lever"]) == {"true"}
    assert set(run.summary["region"].cat.categories) >= {"007", "NA"}
    assert {"1", "007"} <= set(run.chain["from_country"])
    assert run.name("regions", "007") == "Belandia"
    assert run.name("products", "null") == "hot coils"
    for name, table in tables.items():
        for column in RECORDS[name].columns:
            is_number = pd.api.types.is_numeric_dtype(table[column.name].dtype)
            assert is_number == (column.kind != "text"), (name, column.name)


def test_such_names_are_checked_and_listed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = folder.parents[2]
    assert _exit("check", str(home / "1e1.yaml")) == 0
    assert _exit("list", "stockpiles", "--pack", str(home / "99")) == 0
    assert "6: Ceria" in capsys.readouterr().out


def _exit(*words: str) -> int:
    try:
        main(list(words))
    except SystemExit as stopped:
        return int(stopped.code or 0)
    return 0
