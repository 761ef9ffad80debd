"""Signals at many moments of a real run, and two runs at once: what is there is whole, nothing half done."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.run_folder import run_folder, run_state
from sim.system.files import UNFINISHED
from sim.system.progress import Phase

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals differ")

ROOT = Path(__file__).parents[2]
TOY = """\
title: A ban in the toy world
pack: toy_mineral
starts: 2021-01-01
ends: 2021-03-01
restrictions: [{id: ban, kind: export_ban, exporter: AAA, starts: 2021-02-01, reason: a test}]
"""
AT_WORK = "at work on"
PHASES = [f"toy: {phase}" for phase in Phase]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program that ships the toy world, so that a run takes a second; compiled by a first run."""
    home = tmp_path_factory.mktemp("program")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "sim", home / "sim", ignore=ignored)
    shutil.copytree(ROOT / "tests/packs/toy_mineral", home / "sim/world/packs/toy_mineral")
    (home / "toy.yaml").write_text(TOY, encoding="utf-8")
    process = critmin(home, home, "run", "toy.yaml")
    assert process.wait(60) == 0, said(process)
    return home


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "toy.yaml").write_text(TOY, encoding="utf-8")
    return tmp_path


def critmin(program: Path, home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sim", *arguments], cwd=home, text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(program), "NO_COLOR": "1"},
        # A shell starts background jobs with the interrupt ignored, and the child would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


def said(process: subprocess.Popen[str]) -> str:
    """On standard error, less the line of each phase."""
    lines = process.communicate(timeout=60)[1].splitlines(keepends=True)
    return "".join(line for line in lines if line.rstrip("\n") not in PHASES)


def runs(home: Path) -> list[Path]:
    return [path.parent for path in home.glob(f"results/toy/*/{run_folder.RUN_FILE}")
            if path.parent.name[0] != "."]  # fmt: skip


def leftovers(home: Path) -> list[str]:
    return [path.name for path in home.rglob(f"{UNFINISHED}*")]


def wait_for(home: Path, pattern: str, process: subprocess.Popen[str]) -> None:
    """Until a file of that name is there, or the process has ended."""
    until = time.monotonic() + 60
    while not any(home.rglob(pattern)) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.002)


@pytest.mark.parametrize(
    ("number", "code", "moment"),
    [
        (signal.SIGINT, 130, 0.3),
        (signal.SIGINT, 130, ".partial-*.lock"),
        (signal.SIGINT, 130, "summary.csv"),
        (signal.SIGINT, 130, "flow_map.svg"),
        (signal.SIGTERM, 143, "run.yaml"),
        (signal.SIGHUP, 129, ".partial-*.lock"),
    ],
)
def test_who_is_stopped_says_so_in_one_word_and_leaves_nothing(
    program: Path, home: Path, number: signal.Signals, code: int, moment: float | str
) -> None:
    process = critmin(program, home, "run", "toy.yaml")
    if isinstance(moment, str):
        wait_for(home, moment, process)
    else:
        time.sleep(moment)
    process.send_signal(number)
    errors = said(process)
    assert "Traceback" not in errors
    if process.returncode == 0:  # it had just been finished
        assert run_state.is_drawn(runs(home)[0])
    else:
        assert process.returncode == code
        assert errors.strip() == "stopped"
        assert all(run_state.is_drawn(run) for run in runs(home))
    assert leftovers(home) == []


def test_ctrl_c_a_moment_after_the_start_shows_no_trace(program: Path, home: Path) -> None:
    stopped = 0
    for milliseconds in range(20, 160, 20):
        process = critmin(program, home, "list", "elements")
        time.sleep(milliseconds / 1000)
        process.send_signal(signal.SIGINT)
        errors = said(process)
        # Before its first line the program has no say: Python ends by the signal, or shows its own start.
        if "main()" not in errors and "stopped" not in errors:
            continue
        assert process.returncode == 130, errors
        assert errors.strip() == "stopped"
        stopped += 1
    assert stopped


@pytest.mark.parametrize("moment", [".partial-*.lock", "summary.csv", "flow_map.svg"])
def test_what_a_kill_leaves_is_cleared_up_by_the_next_run(
    program: Path, home: Path, moment: str
) -> None:
    process = critmin(program, home, "run", "toy.yaml")
    wait_for(home, moment, process)
    process.kill()
    said(process)
    assert all(run_state.is_drawn(run) for run in runs(home))
    again = critmin(program, home, "run", "toy.yaml", "--no-figures", "--seed", "2")
    assert AT_WORK not in said(again)
    assert again.returncode == 0
    assert leftovers(home) == []
    assert all(run_state.finished(run) for run in runs(home))


def test_two_runs_at_once_make_one_folder_and_the_second_finds_it(
    program: Path, home: Path
) -> None:
    first = critmin(program, home, "run", "toy.yaml", "--no-figures")
    wait_for(home, ".partial-*.lock", first)
    second = critmin(program, home, "run", "toy.yaml", "--no-figures")
    other = critmin(program, home, "run", "toy.yaml", "--seed", "2", "--no-figures")
    errors = [said(process) for process in (first, second, other)]
    assert [process.returncode for process in (first, second, other)] == [0, 0, 0], errors
    assert "already there" not in errors[0]
    assert "already there" in errors[1]
    assert AT_WORK not in errors[2]
    assert len(runs(home)) == 2
    assert leftovers(home) == []


def test_who_waits_for_another_run_says_so_and_can_be_stopped(program: Path, home: Path) -> None:
    first = critmin(program, home, "run", "toy.yaml")
    wait_for(home, ".partial-*.lock", first)
    first.send_signal(signal.SIGSTOP)
    second = critmin(program, home, "run", "toy.yaml")
    try:
        assert second.stderr is not None
        assert second.stderr.readline().strip() in PHASES
        assert AT_WORK in second.stderr.readline()
        second.send_signal(signal.SIGINT)
        assert said(second).strip() == "stopped"
        assert second.returncode == 130
        assert any(name.endswith(".lock") for name in leftovers(home))  # the first one's
    finally:
        first.send_signal(signal.SIGCONT)
    said(first)
    assert first.returncode == 0
    assert run_state.is_drawn(runs(home)[0])
    assert leftovers(home) == []


def test_a_real_limit_of_the_disk_is_one_message(program: Path, home: Path) -> None:
    import resource

    process = subprocess.Popen(
        [sys.executable, "-m", "sim", "run", "toy.yaml"], cwd=home, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(program)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )  # fmt: skip
    errors = said(process)
    assert process.returncode == 1
    assert "cannot be written: it is larger than a file may be there" in errors
    assert errors.count("\n") == 2
    assert [path.name for path in home.iterdir()] == ["toy.yaml"]


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="only Linux has a disk that is always full"
)
def test_results_that_cannot_be_printed_are_one_message(program: Path, home: Path) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "sim", "schema"], cwd=home, stdout=full, stderr=subprocess.PIPE,
            text=True, check=False, env={**os.environ, "PYTHONPATH": str(program)},
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.lower() == f"error: {os.strerror(errno.ENOSPC).lower()}\n"
