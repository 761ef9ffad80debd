"""A lever is a file, a case worked by hand and a scenario; what is missing, or named elsewhere, is noticed."""

from __future__ import annotations

import inspect
import json
import re
from importlib import import_module
from pathlib import Path
from string import Formatter

import pytest
import yaml

import sim.levers
from sim.guide.texts import texts_of
from sim.lever import Lever
from sim.levers import KINDS
from sim.report.outcome import NUMBERS
from sim.scenario import shipped_folder
from sim.world import load_pack

TESTS = Path(__file__).parents[1]
SIM = Path(sim.levers.__file__).parents[1]
ALL_KINDS = [(heading, kind) for heading, kinds in KINDS.items() for kind in kinds]


@pytest.mark.parametrize(("heading", "kind"), ALL_KINDS)
def test_every_kind_of_lever_is_used_by_a_shipped_scenario(heading: str, kind: str) -> None:
    used = {
        lever["kind"]
        for path in shipped_folder().glob("*.yaml")
        for lever in yaml.safe_load(path.read_text(encoding="utf-8")).get(heading) or []
    }
    assert kind in used


@pytest.mark.parametrize(("heading", "kind"), ALL_KINDS)
def test_every_kind_of_lever_has_a_hand_worked_case(heading: str, kind: str) -> None:
    text = "".join(p.read_text(encoding="utf-8") for p in (TESTS / "verification").glob("*.py"))
    assert f'"{kind}"' in text


@pytest.mark.parametrize(("heading", "kind"), ALL_KINDS)
def test_every_kind_of_lever_says_what_it_does_and_its_limits(heading: str, kind: str) -> None:
    """At the top of its file: a line, a paragraph on how, and one that begins with `Limits:`."""
    texts = texts_of(KINDS[heading][kind])
    assert texts.summary
    assert texts.body
    assert texts.limits


@pytest.mark.parametrize(("heading", "kind"), ALL_KINDS)
def test_what_a_lever_leaves_to_the_pack_is_in_the_pack(heading: str, kind: str) -> None:
    """Or the page would not name where the value comes from."""
    lever = KINDS[heading][kind]
    if lever.pack_rows is None:
        return
    rows = lever.pack_rows
    written = {
        row.parameter for row in load_pack("rare_earths_2024").rows if row.table == rows.table
    }
    assert set(rows.replaced_by) <= written
    assert {rows.named_by, *rows.replaced_by.values()} - {""} <= set(lever.model_fields)


def own_files(lever: type[Lever]) -> set[Path]:
    """Of a kind: its model, what keeps its memory if it has any, and the list of kinds."""
    modules = [lever.__module__, *([lever.agent] if lever.agent else []), "sim.levers"]
    return {Path(inspect.getfile(import_module(module))) for module in modules}


@pytest.mark.parametrize(("heading", "kind"), ALL_KINDS)
def test_no_other_file_names_a_kind_of_lever(heading: str, kind: str) -> None:
    """Adding one, or taking one away, edits its own files and the list."""
    lever = KINDS[heading][kind]
    names = re.compile(rf"\b({kind}|{lever.__name__})\b")
    texts = {p for p in SIM.rglob("*") if p.suffix in (".py", ".j2", ".css")} - own_files(lever)
    assert len(texts) > 100
    assert [p for p in sorted(texts) if names.search(p.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(("heading", "kind"), ALL_KINDS)
def test_a_kind_has_one_line_in_the_list_beside_its_import(heading: str, kind: str) -> None:
    lever = KINDS[heading][kind]
    text = Path(sim.levers.__file__).read_text(encoding="utf-8")
    assert re.findall(rf"^.*\b{lever.__name__}\b.*$", text, flags=re.M) == [
        f"from {lever.__module__} import {lever.__name__}",
        f"    {lever.__name__},",
    ]
    assert lever.__module__ == f"sim.levers.{kind}"


@pytest.mark.parametrize(("heading", "kind"), ALL_KINDS)
def test_a_kind_with_a_memory_has_an_agent(heading: str, kind: str) -> None:
    agent = KINDS[heading][kind].agent
    assert not agent or callable(import_module(agent).agent)


@pytest.mark.parametrize(("heading", "kind"), ALL_KINDS)
def test_what_the_page_says_of_a_kind_waits_for_no_number_that_never_comes(
    heading: str, kind: str
) -> None:
    said = KINDS[heading][kind].outcome
    if said is None:
        return
    texts = (said.sentence, said.none, *said.parts)
    wanted = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
    there = {
        id
        for path in (TESTS / "golden").glob("*/*.json")
        for id in json.loads(path.read_text(encoding="utf-8"))
    }
    if said.numbers != "headline":
        there = set(re.findall(r'"(\w+)": ', inspect.getsource(NUMBERS[said.numbers])))
    assert wanted - {"parts"} <= there
