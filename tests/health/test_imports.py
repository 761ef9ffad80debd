"""Who may import whom: the contract in `pyproject.toml` holds, and what must be quick loads little."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("matplotlib", "numpy", "pandas", "simpy", "jinja2")
SLOW_TO_LOAD = (*HEAVY, "pydantic", "yaml", "rich", "sim.world", "sim.scenario")
"""What help does without as well; a check needs the last five, but rich only for odd letters."""


def contracts() -> dict[str, dict[str, Any]]:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return {each["id"]: each for each in tomllib.loads(text)["tool"]["importlinter"]["contracts"]}


def rooms() -> set[str]:
    """Modules and packages directly inside `sim`."""
    found = [
        p for p in (ROOT / "sim").iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()
    ]
    return {p.stem for p in found} - {"__init__"}


def loaded_by(code: str, among: Sequence[str] = HEAVY) -> set[str]:
    """Heavy libraries loaded once a piece of code has run in a fresh Python."""
    report = f"\nimport sys; print(); print(*[m for m in {among!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code + report], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stdout.splitlines()[-1].split())


def test_the_import_contract_holds() -> None:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, cwd=ROOT,
        encoding="utf-8", errors="replace",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]


def test_every_room_has_its_floor() -> None:
    layers = contracts()["one-way"]["layers"]
    assert {name.strip() for layer in layers for name in layer.split("|")} == rooms()
    assert contracts()["one-way"]["exhaustive"]


@pytest.mark.parametrize(
    ("contract", "libraries", "allowed"),
    [
        ("simpy", ["simpy"], ["sim.engine", "sim.agents"]),
        ("drawing", ["matplotlib", "jinja2"], ["sim.figures", "sim.report"]),
    ],
)
def test_a_new_room_may_not_slip_past_a_ban(
    contract: str, libraries: list[str], allowed: list[str]
) -> None:
    """Who may is listed, so whoever is new may not."""
    said = contracts()[contract]
    assert said["type"] == "protected"
    assert said["protected_modules"] == libraries
    assert said["allowed_importers"] == allowed


def test_the_package_itself_loads_nothing() -> None:
    assert loaded_by("import sim") == set()


def test_the_page_and_tables_of_a_run_load_no_drawing_library() -> None:
    assert (
        loaded_by("import sim.pipeline.pipeline, sim.pipeline.showing", ["matplotlib", "jinja2"])
        == set()
    )
    assert loaded_by("import sim.report", ["matplotlib"]) == set()


def test_the_command_line_and_reading_a_scenario_load_no_heavy_library() -> None:
    assert loaded_by("import sim.commands.cli") == set()
    assert loaded_by("import sim.scenario\nsim.scenario.load('baseline')") == set()


def test_help_and_a_mistyped_command_are_there_at_once() -> None:
    for arguments in (["--help"], ["--version"], ["check", "--help"], ["rum"]):
        code = f"from sim.commands.cli import main\ntry:\n main({arguments!r})\nexcept SystemExit: pass"
        assert loaded_by(code, SLOW_TO_LOAD) == set(), arguments


def test_a_check_loads_what_reads_and_nothing_that_simulates_or_draws() -> None:
    code = "from sim.commands.cli import main\ntry:\n main(['check', 'baseline'])\nexcept SystemExit: pass"
    assert loaded_by(code, SLOW_TO_LOAD) == {"pydantic", "yaml", "sim.world", "sim.scenario"}


def test_a_run_without_figures_does_not_wait_for_the_drawing_library() -> None:
    assert not loaded_by("import sim.pipeline.pipeline") & {"matplotlib", "jinja2"}
