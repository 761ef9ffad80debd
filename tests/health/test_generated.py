"""What is written by `python -m sim.guide` is as the levers and the pack are now."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.guide.__main__ import generated_files
from sim.guide.schema import FILE_NAME
from sim.guide.starter import MODELINE
from sim.scenario import shipped_folder, shipped_names

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def files() -> dict[Path, str]:
    return generated_files(ROOT)


@pytest.mark.parametrize(
    "path", [Path("scenarios", FILE_NAME), Path("docs", "levers.md"), Path("docs", "results.md")]
)
def test_the_generated_files_are_current(path: Path, files: dict[Path, str]) -> None:
    there = (ROOT / path).read_bytes().decode("utf-8")
    assert there == files[path], f"{path} is out of date: run `python -m sim.guide`"


@pytest.mark.parametrize("name", shipped_names())
def test_editors_find_the_schema_of_a_shipped_scenario(name: str) -> None:
    file = shipped_folder() / f"{name}.yaml"
    assert file.read_text(encoding="utf-8").startswith(f"{MODELINE}\n")
    assert (file.parent / FILE_NAME).is_file()
