"""A lever is a file, a hand-worked case and a scenario; here a missing one is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sim.guide.texts import texts_of
from sim.levers import KINDS
from sim.scenario import shipped_folder
from sim.world import load_pack

TESTS = Path(__file__).parents[1]
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
