"""What stands on the page is enough to run the scenario again, to the byte."""

from __future__ import annotations

import shlex
from contextlib import nullcontext
from pathlib import Path

import pytest

from sim.commands.cli import main
from tests.page.html import Page
from tests.page.runs import TOY, run_of, toy_pack


@pytest.mark.parametrize("name", ["short-baseline", "hostile"])
def test_the_page_holds_what_it_takes_to_run_it_again(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = run_of(name)
    page = Page(folder / "report.html")
    assert len(page.files) == (1 if name in TOY else 2)
    for file, text in page.files.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    program, *arguments = shlex.split(page.command)
    assert program == "critmin"
    with toy_pack() if name in TOY else nullcontext():
        main([*arguments, "--no-figures"])
    again = tmp_path / "results" / folder.parent.name / folder.name
    assert (again / "summary.csv").read_bytes() == (folder / "summary.csv").read_bytes()
    assert (again / "assumptions.csv").read_bytes() == (folder / "assumptions.csv").read_bytes()
    for said in ("python", "critmin", "simpy", "numpy", "pandas", "matplotlib", folder.name):
        assert said in page.words
