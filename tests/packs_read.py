"""Packs in tests: an edited toy mineral, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.words.problems import BadInputError, Place, Problem, render
from sim.world import Change, load_pack

TOY = Path(__file__).parent / "packs" / "toy_mineral"


def edit(folder: Path, table: str, old: str, new: str) -> None:
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {table}.csv"
    path.write_text(text.replace(old, new), encoding="utf-8")


def problems_of(folder: Path | str, *changes: Change) -> tuple[Problem, ...]:
    with pytest.raises(BadInputError) as caught:
        load_pack(folder, changes)
    return caught.value.problems


def only(folder: Path | str, *changes: Change) -> Problem:
    problems = problems_of(folder, *changes)
    assert len(problems) == 1, "\n".join(map(render, problems))
    return problems[0]


def marked(problem: Problem) -> str:
    """The text under the caret."""
    start = problem.place.column - 1
    return problem.place.text[start : start + problem.place.length]


AT = Place("scenario.yaml", 7, 3, "  - {table: sites}", 5)


def change(table: str, parameter: str, value: str, **key: str) -> Change:
    return Change(table, key, parameter, value, reason="a test", place=AT)
