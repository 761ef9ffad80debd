"""A full disk or a kill at each single write: nothing finished is touched, nothing half done looks finished."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import sim.figures
import sim.report
from sim.commands.cli import main
from sim.figures import FULL, PAGES, every_figure
from sim.figures import drawing as drawing_module
from sim.figures.canvas import Pictures
from sim.figures.drawing import Drawing, NothingToShow
from sim.guide.starter import start_scenario
from sim.pipeline import in_memory, pipeline, showing
from sim.run_folder import run_folder, run_state
from sim.system import files, staging
from sim.system.files import UNFINISHED, WriteError
from tests.once import schema_text_of

PACKS = Path(__file__).parents[1] / "packs"
TOY = """\
title: A ban in the toy world
pack: toy_mineral
starts: 2021-01-01
ends: 2021-04-01
restrictions: [{id: ban, kind: export_ban, exporter: AAA, starts: 2021-02-01, reason: a test}]
"""
KILLED = 99
DONE: dict[tuple[object, ...], Any] = {}
Act = Callable[[], object]


class Writes:
    """Counts what goes to the disk, and has the n-th fail."""

    def __init__(self, patch: pytest.MonkeyPatch, fails: int, how: Callable[[], None]) -> None:
        self.count = 0
        self._fails, self._how = fails, how
        write = files._write

        def half_a_write(path: Path, parts: Iterable[bytes]) -> None:
            if self._is_next():
                content = b"".join(parts)
                path.write_bytes(content[: len(content) // 2])
                how()
            write(path, parts)

        patch.setattr(files, "_write", half_a_write)
        patch.setattr(Path, "mkdir", self._counted(Path.mkdir))
        patch.setattr(Path, "replace", self._counted(Path.replace))
        patch.setattr(staging.FileLock, "acquire", self._counted(staging.FileLock.acquire))

    def _is_next(self) -> bool:
        self.count += 1
        return self.count == self._fails

    def _counted(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def one(*given: Any, **more: Any) -> Any:
            if self._is_next():
                self._how()
            return real(*given, **more)

        return one


def full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def on_a_full_disk(act: Act) -> Iterator[int]:
    """Let the first, second, third ... write fail until there are no more; yields after each failure."""
    for number in range(1, 500):
        with pytest.MonkeyPatch.context() as patch:
            Writes(patch, number, full)
            fault: WriteError | None = None
            try:
                act()
            except WriteError as error:
                fault = error
        if fault is None:
            return
        assert fault.exit_code == 1
        assert "the disk is full" in fault.message
        assert "make room" in fault.hint
        yield number
    raise AssertionError("it never came to an end")


def killed(act: Act) -> Iterator[int]:
    """The same with a process that is gone at its first, second, third ... write."""
    for number in range(1, 500):
        child = os.fork()
        if child == 0:
            try:
                Writes(pytest.MonkeyPatch(), number, lambda: os._exit(KILLED))
                act()
                os._exit(0)
            finally:
                os._exit(1)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code != KILLED:
            assert code == 0
            return
        yield number
    raise AssertionError("it never came to an end")


MISHAPS = pytest.mark.parametrize(
    "mishap",
    [
        on_a_full_disk,
        pytest.param(
            killed, marks=pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
        ),
    ],
)


class Picture:
    """Stands for a drawing of matplotlib's, which would take a thousand times as long to write."""

    drawn_by = "version 1"

    def drawn(self, *_: object) -> Pictures:
        text = f"<svg>{self.drawn_by}</svg>"
        return Pictures(text, text.encode(), [])


def remembered(work: Callable[..., Any]) -> Callable[..., Any]:
    """The same work, done once for the same first argument: what is written of it is tried here."""

    def result(*given: Any, **more: Any) -> Any:
        key = (work.__name__, *(x if isinstance(x, str) else id(x) for x in given[:1]))
        if key not in DONE:
            DONE[key] = (given, work(*given, **more))  # what is kept keeps its id
        return DONE[key][1]

    return result


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a scenario of the toy world; simulated once, drawn at once."""
    monkeypatch.setattr(importlib.import_module("sim.world.load"), "PACKS", PACKS)
    monkeypatch.chdir(tmp_path)
    Path("toy.yaml").write_text(TOY, encoding="utf-8")
    for owner, name in (
        (pipeline, "load"), (pipeline, "simulate_both"), (in_memory, "summarise"),
        (run_folder, "source_hash"),
    ):  # fmt: skip
        monkeypatch.setattr(owner, name, remembered(getattr(owner, name)))
    for module in ("sim.guide.schema", "sim.guide.starter"):
        monkeypatch.setattr(importlib.import_module(module), "schema_text", schema_text_of)

    def drawing(run: Any, _: object) -> Drawing:
        return Drawing(Picture(), "a title", "a measure", "words", run.worst)  # type: ignore[arg-type]

    figures = {
        "heat_map": ("one thing", drawing),
        "licence_queue": ("another", lambda *_: NothingToShow("there is none")),
    }
    monkeypatch.setattr(every_figure, "FIGURES", figures)
    monkeypatch.setattr(sim.figures, "ORDER", tuple(figures))
    monkeypatch.setattr(drawing_module, "pictures", Picture.drawn)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in run_folder.files_below(folder)}


def leftovers(home: Path) -> list[str]:
    return [path.name for path in home.rglob(f"{UNFINISHED}*")]


@MISHAPS
def test_a_run_is_there_whole_or_not_at_all(
    home: Path, mishap: Callable[[Act], Iterator[int]]
) -> None:
    whole = contents(pipeline.run("toy.yaml", Path("elsewhere")).folder)
    older = pipeline.run("toy.yaml", Path("results"), seed=5).folder
    before = contents(older)
    failures = 0
    for failures in mishap(partial(pipeline.run, "toy.yaml", Path("results"))):
        runs = [path for path in older.parent.iterdir() if path.name[0] != "."]
        assert runs == [older], f"write {failures}"
        if mishap is on_a_full_disk:
            assert leftovers(home) == []
    assert failures > 30  # 17 tables, 7 files of figures and page; each written, then renamed
    again = pipeline.run("toy.yaml", Path("results"))
    assert run_state.is_drawn(again.folder)
    del whole["run.yaml"]
    assert contents(again.folder).items() >= whole.items()
    assert contents(older) == before
    assert leftovers(home) == []


def test_run_yaml_is_written_once_and_its_time_has_figures_and_page(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, written = [0.0], list[str]()

    def taking(seconds: float, work: Callable[..., Any]) -> Callable[..., Any]:
        def longer(*given: Any, **more: Any) -> Any:
            clock[0] += seconds
            return work(*given, **more)

        return longer

    def write_text(path: Path, text: str) -> None:
        written.append(path.name)
        real_write(path, text)

    real_write = files.write_text
    monkeypatch.setattr(files, "write_text", write_text)
    monkeypatch.setattr(pipeline, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(drawing_module, "pictures", taking(100.0, Picture.drawn))
    monkeypatch.setattr(sim.report, "render", taking(1000.0, sim.report.render))
    folder = pipeline.run("toy.yaml", Path("results")).folder
    assert (
        run_folder.facts(folder)["wall_time_s"] == 1200.0
    )  # a figure of both widths, and the page
    assert written.count("run.yaml") == 1
    assert run_state.is_drawn(folder)


def test_a_first_run_that_fails_takes_its_folders_away_again(home: Path) -> None:
    for _ in on_a_full_disk(
        partial(pipeline.run, "toy.yaml", Path("results", "of"), figures=False)
    ):
        assert [path.name for path in home.iterdir()] == ["toy.yaml"]


@MISHAPS
def test_figures_and_page_change_together_or_do_not_look_finished(
    home: Path, monkeypatch: pytest.MonkeyPatch, mishap: Callable[[Act], Iterator[int]]
) -> None:
    folder = pipeline.run("toy.yaml", Path("results")).folder
    old = contents(folder)
    monkeypatch.setattr(Picture, "drawn_by", "version 2")
    states = set()
    for number in mishap(partial(showing.draw_again, folder, [FULL], lambda _: None)):
        now = contents(folder)
        assert run_state.finished(folder), f"write {number}"
        if run_state.is_drawn(folder):
            assert now == old, f"write {number}"
        states.add(run_state.is_drawn(folder))
        for name in set(old) - set(run_folder.shown(folder)) - {"run.yaml", *PAGE}:
            assert now[name] == old[name]
        for name, content in old.items():  # for the next write, as if it were the first
            if now[name] != content:
                (folder / name).write_bytes(content)
    assert states == {True, False}
    assert run_state.is_drawn(folder)
    new = contents(folder)
    changed = {name for name in old if old[name] != new[name]}
    assert changed == {"run.yaml", "report.html", "figures/heat_map.svg", "figures/heat_map.png"}
    assert leftovers(home) == []


PAGE = {
    "report.html",
    *(f"figures/heat_map.{end}" for end in ("svg", "png", "csv", "txt")),
    "figures/index.json",
}


def test_a_redrawing_that_was_broken_off_is_mended_by_the_same_run(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = pipeline.run("toy.yaml", Path("results")).folder
    old = contents(folder)
    monkeypatch.setattr(Picture, "drawn_by", "version 2")
    for _ in on_a_full_disk(partial(showing.draw_again, folder, [FULL], lambda _: None)):
        if not run_state.is_drawn(folder):
            break
    assert contents(folder) != old
    monkeypatch.setattr(Picture, "drawn_by", "version 1")
    assert pipeline.run("toy.yaml", Path("results")).was_there
    assert contents(folder) == old


def test_drawing_the_same_again_writes_nothing_into_the_run(home: Path) -> None:
    folder = pipeline.run("toy.yaml", Path("results")).folder
    times = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    showing.draw_again(folder, [FULL], lambda _: None)
    showing.write_page_again(folder, lambda _: None)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == times


def test_figures_that_somebody_retouched_are_never_drawn_over(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = pipeline.run("toy.yaml", Path("results")).folder
    picture = folder / "figures" / "heat_map.svg"
    drawn = picture.read_bytes()
    picture.write_text("retouched", encoding="utf-8")
    for command in ("figures", "report"):
        with pytest.raises(SystemExit) as stopped:
            main([command, str(folder)])
        assert stopped.value.code == 2
        said = capsys.readouterr().err
        assert "`figures/heat_map.svg` was changed since it was drawn" in said
        assert "= help: to keep your changes, move or rename the file" in said
    (folder / "figures" / "heat_map.png").unlink()  # so that there is something to draw
    again = pipeline.run("toy.yaml", Path("results"))
    assert any("`figures/heat_map.svg` was changed" in warning for warning in again.warnings)
    assert picture.read_text(encoding="utf-8") == "retouched"
    showing.draw_again(folder, [PAGES["half"]], lambda _: None)  # which is another file
    picture.rename(picture.with_name("mine.svg"))
    showing.draw_again(folder, [FULL], lambda _: None)
    assert picture.read_bytes() == drawn
    assert (folder / "figures" / "mine.svg").read_text(encoding="utf-8") == "retouched"


@MISHAPS
def test_a_page_is_written_again_whole_or_not_at_all(
    home: Path, mishap: Callable[[Act], Iterator[int]]
) -> None:
    folder = pipeline.run("toy.yaml", Path("results")).folder
    page = folder / "report.html"
    whole = page.read_bytes()
    page.unlink()
    failures = []
    for number in mishap(partial(showing.write_page_again, folder, lambda _: None)):
        failures.append(number)
        assert not page.exists() or page.read_bytes() == whole
        page.unlink(missing_ok=True)
    assert len(failures) > 3
    assert page.read_bytes() == whole


@MISHAPS
def test_a_new_scenario_is_there_whole_or_not_at_all(
    home: Path, mishap: Callable[[Act], Iterator[int]]
) -> None:
    def start() -> None:
        start_scenario("mine", "toy.yaml", Path())

    failures = []
    for number in mishap(start):
        failures.append(number)
        written = {path.name for path in home.iterdir()} - set(leftovers(home)) - {"toy.yaml"}
        if mishap is on_a_full_disk:
            assert written == set(leftovers(home)) == set()
        for name in written:
            assert pipeline.load(name).title.startswith("mine")
            Path(name).unlink()
    assert len(failures) >= 2  # the scenario and the schema
    assert Path("mine.yaml").is_file()


@MISHAPS
def test_a_schema_that_was_there_stays_until_the_new_one_is_whole(
    home: Path, mishap: Callable[[Act], Iterator[int]]
) -> None:
    Path("own.json").write_text("{}", encoding="utf-8")

    def schema() -> None:
        with pytest.MonkeyPatch.context() as patch:
            # What the command line would make a message of, as it is.
            patch.setattr("sim.commands.cli._explain", _raised)
            main(["schema", "--pack", str(PACKS / "toy_mineral"), "--out", "own.json"])

    for _ in mishap(schema):
        assert Path("own.json").read_text(encoding="utf-8") == "{}"
    assert Path("own.json").read_text(encoding="utf-8").startswith("{\n")


def _raised(error: Exception) -> int:
    raise error


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("taken/own.json", "a file stands where a folder is needed"),
        ("gone/own.json", "the folder it belongs into is not there"),
        ("x" * 300, "too long"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused_in_one_message(
    home: Path, capsys: pytest.CaptureFixture[str], where: str, said: str
) -> None:
    Path("taken").write_text("mine", encoding="utf-8")
    for command in (
        ["schema", "--pack", "toy_mineral", "--out", where],
        ["run", "toy.yaml", "--out", where + "/deeper"],
    ):
        if where.startswith("gone") and command[0] == "run":
            continue  # there folders are made as needed
        with pytest.raises(SystemExit) as stopped:
            main(command)
        assert stopped.value.code == 2, command
        error = capsys.readouterr().err
        assert said in error
        assert error.count("error:") == 1
        assert error.count("= help: ") == 1
    assert Path("taken").read_text(encoding="utf-8") == "mine"
    assert leftovers(home) == []


def test_a_file_where_the_scenarios_folder_should_be_is_said_before_anything_is_simulated(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "simulate_both", lambda *_: pytest.fail("simulated in vain"))
    Path("results").mkdir()
    Path("results", "toy").write_text("mine", encoding="utf-8")
    with pytest.raises(WriteError, match="a file stands where a folder is needed"):
        pipeline.run("toy.yaml", Path("results"))
    assert Path("results", "toy").read_text(encoding="utf-8") == "mine"


def test_what_killed_processes_left_is_removed_but_nothing_of_those_at_work(home: Path) -> None:
    folder = home / "results" / "toy" / "0123"
    dead, alive = folder.with_name(".partial-dead.00000001"), folder.with_name("alive")
    dead.mkdir(parents=True)
    (dead / "summary.csv").write_text("half", encoding="utf-8")
    folder.with_name(".partial-dead.lock").touch()
    folder.with_name(".partial-mine-without-dot").mkdir()
    with staging.only_writer(alive), staging.beside(alive) as theirs:
        (theirs / "summary.csv").write_text("going on", encoding="utf-8")
        with staging.only_writer(folder):
            pass
        assert (theirs / "summary.csv").read_text(encoding="utf-8") == "going on"
        assert sorted(leftovers(home)) == sorted(
            [".partial-alive.lock", ".partial-mine-without-dot", theirs.name]
        )
    assert leftovers(home) == [".partial-mine-without-dot"]
