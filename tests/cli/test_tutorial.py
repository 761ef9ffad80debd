"""What README and tutorial tell people to type works as printed there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.commands.cli import main
from sim.scenario import load

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
OWN_PACK = (ROOT / "docs" / "own-pack.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
CRITMIN = ".venv/bin/critmin "


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def steps(text: str) -> Iterator[list[str]]:
    """The arguments of every command of a page, in order."""
    for block in blocks(text, "sh"):
        for line in block.splitlines():
            if line.startswith(CRITMIN):
                yield line.removeprefix(CRITMIN).split()


def critmin(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sim", *arguments], cwd=cwd, capture_output=True, text=True,
        encoding="utf-8", check=False, env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip


def replaced_lines(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^\| `(.+?)` \| `(.+?)` \|$", text, re.MULTILINE)


def edit(file: Path, find: str, write: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(f"\n{find}\n") == 1, find
    file.write_text(text.replace(f"\n{find}\n", f"\n{write}\n"), encoding="utf-8")


def test_the_tutorial_goes_from_a_new_file_to_a_figure(tmp_path: Path) -> None:
    folder = None
    for arguments in steps(TUTORIAL):
        done = critmin(*arguments, cwd=tmp_path)
        assert done.returncode == 0, (arguments, done.stderr)
        if arguments[0] == "new":
            assert done.stdout.splitlines()[-1] == "three-months.yaml"
            assert len(replaced_lines(TUTORIAL)) >= 4
            for find, write in replaced_lines(TUTORIAL):
                edit(tmp_path / "three-months.yaml", find, write)
        if arguments[0] == "check":
            assert done.stdout == "three-months.yaml: ok\n"
            the_mistake_is_shown_as_printed(tmp_path)
        if arguments[0] == "run":
            folder = tmp_path / done.stdout.splitlines()[-1]
    assert folder is not None
    named = re.findall(r"`([\w/]+\.(?:png|txt|csv|json|html))`", TUTORIAL)
    assert "figures/shortfall_over_time.png" in named
    for name in named:
        assert (folder / name).is_file(), name


def the_mistake_is_shown_as_printed(folder: Path) -> None:
    file = folder / "three-months.yaml"
    right = file.read_text(encoding="utf-8")
    edit(file, "    exporter: CHN", "    exporter: China")
    done = critmin("check", "three-months.yaml", cwd=folder)
    file.write_text(right, encoding="utf-8")
    assert done.returncode == 2
    (shown,) = blocks(TUTORIAL, "text")
    for line in shown.splitlines():
        assert line.removesuffix("...") in done.stderr


def test_the_tutorials_further_step_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (line,) = re.findall(r"add a line `(    elements: .*?)`", TUTORIAL)
    monkeypatch.chdir(tmp_path)
    assert (
        critmin(
            "new", "three-months", "--from", "china-full-ban-12-months", cwd=tmp_path
        ).returncode
        == 0
    )
    edit(tmp_path / "three-months.yaml", "    exporter: CHN", f"    exporter: CHN\n{line}")
    assert load("three-months.yaml").restrictions[0].elements == ("Dy", "Tb")


@pytest.mark.parametrize("block", blocks(README, "yaml"), ids=lambda block: block.split(":")[0])
def test_the_yaml_of_the_readme_is_accepted(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    dates = "" if "\nstarts:" in block else "starts: 2025-01-01\nends: 2026-01-01\n"
    Path("readme.yaml").write_text(dates + block, encoding="utf-8")
    assert load("readme.yaml").warnings == ()


def test_an_own_pack_goes_from_a_copy_to_a_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    sectors, scenario = Path("my_mineral", "sectors.csv"), Path("my-ban.yaml")
    folder = Path()
    for arguments in steps(OWN_PACK):
        code, said, warned = here(capsys, *arguments)
        assert code == 0, (arguments, warned)
        if arguments[0] == "new":
            assert said == "my_mineral\n"
            assert len(list(Path("my_mineral").iterdir())) == 25
            ((find, write),) = replaced_lines(OWN_PACK)
            edit(sectors, find, write)
            (text,) = blocks(OWN_PACK, "yaml")
            scenario.write_text(text, encoding="utf-8")
        if arguments[0] == "check":
            assert (said, warned) == ("my-ban.yaml: ok\n", "")
            right = sectors.read_text(encoding="utf-8")
            sectors.write_text(right.replace("growth,8,", "growth,6-10,"), encoding="utf-8")
            (shown,) = blocks(OWN_PACK, "text")
            assert here(capsys, "check", "my-ban.yaml") == (2, "", shown)
            sectors.write_text(right, encoding="utf-8")
        if arguments[0] == "run":
            folder = Path(said.splitlines()[-1])
    named = re.findall(r"`([\w/]+\.(?:png|html))`", OWN_PACK)
    assert "figures/shortfall_over_time.png" in named
    for name in named:
        assert (folder / name).is_file(), name
    the_run_can_be_repeated_from_its_folder(folder, capsys)


def the_run_can_be_repeated_from_its_folder(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, page = folder / "scenario", (folder / "report.html").read_text(encoding="utf-8")
    assert "<code>./my_mineral</code>" in page
    shutil.move("my_mineral", "elsewhere")
    code, said, _ = here(capsys, "run", str(kept / "my-ban.yaml"), "--out", "again", "--no-figures")
    assert (code, Path(said.splitlines()[-1]).name) == (0, folder.name)
    for path in folder.rglob("*.yaml"):
        assert str(Path.cwd()) not in path.read_text(encoding="utf-8"), path


def here(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """A command in this process, which is several times quicker: exit code and both outputs."""
    code = 0
    try:
        main(arguments)
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize(
    "text", [README, TUTORIAL, OWN_PACK], ids=["README.md", "tutorial.md", "own-pack.md"]
)
def test_links_lead_to_files(text: str) -> None:
    folder = ROOT if text is README else ROOT / "docs"
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (folder / link).exists(), link
