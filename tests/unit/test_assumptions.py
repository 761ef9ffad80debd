"""Which rows of the pack that only a rule of behaviour reads are named behind a gap."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from sim.pipeline.assumptions import OF_RULES, WORDS, _of_rules
from sim.rules.behaviour import RULES
from sim.scenario import Scenario, load
from sim.world.world import Row


def named(scenario: Scenario, material: str, limited_by: str, *, moved: Any = RULES) -> set[str]:
    """`parameter` or `parameter of place` of the rows behind one gap, in catalysts or of cars."""
    sector = "ev_traction" if "_" in material else "fcc_catalysts"
    gap = {"material": material, "limited_by": limited_by, "sector": sector, "region": "EU"}
    gaps = pd.DataFrame([gap])
    records: Any = SimpleNamespace(rules=pd.DataFrame({"rule": list(moved)}))
    rows = {row for _, row in _of_rules(scenario, records, gaps)}
    return {called(row) for row in rows}


def called(row: Row) -> str:
    if row.table == "defaults":
        return row.parameter
    key = " ".join(filter(None, row.key)) if row.table == "requalification" else row.key[0]
    return f"{row.parameter} of {key}"


def test_what_a_rule_reads_is_named_where_the_gap_hangs_on_it_and_nowhere_else() -> None:
    scenario = load("baseline")
    light = {"most_growth of mine_bayan_obo", "most_growth of sep_china_light"}
    assert light <= named(scenario, "Nd", "limits")
    assert light <= named(scenario, "ndfeb_n", "NdPr")
    assert not light & named(scenario, "Nd", "full_ban")
    assert "pile_days" in named(scenario, "La", "full_ban")
    assert "pile_days" not in named(scenario, "Nd", "limits")
    for material, days in (("La", "oxide fcc_catalysts"), ("ndfeb_uh", "magnet ev_traction")):
        said = {name for name in named(scenario, material, "full_ban") if name.startswith("days")}
        assert said == {f"days of {days}"}
    assert "thrift of ndfeb_uh" in named(scenario, "ndfeb_uh", "Dy")
    assert "thrift of ndfeb_uh" not in named(scenario, "ndfeb_sh", "Dy")
    swaps = {"swap_share", "effect of ndfeb_uh"}
    assert swaps <= named(scenario, "ndfeb_uh", "Tb")
    assert not swaps & (
        named(scenario, "La", "full_ban") | named(scenario, "ndfeb_uh", "Tb", moved=())
    )
    assert named(scenario, "La", "full_ban", moved=()) == {"postponable of fcc_catalysts"}
    off = replace(scenario, behaviour=replace(scenario.behaviour, limits=None))
    assert not {
        name for name in named(off, "ndfeb_uh", "Dy") if name.startswith(("most", "thrift"))
    }
    assert set(WORDS) >= OF_RULES


def test_what_is_lent_is_named_under_licences_and_classes_where_somebody_goes_by_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    licences = load("china-heavy-licences")
    assert "sharing_degree" in named(licences, "ndfeb_uh", "Dy")
    assert "sharing_degree" not in named(licences, "La", "licences")  # light elements go free
    assert "sharing_degree" not in named(load("china-full-ban-12-months"), "ndfeb_uh", "Dy")
    assert not {name for name in named(licences, "ndfeb_uh", "Dy") if name.startswith("priority")}
    Path("by_class.yaml").write_text(
        "extends: china-heavy-licences\nbehaviour: {priority: {sellers: by_class}}\n",
        encoding="utf-8",
    )
    by_class = named(load("by_class.yaml"), "ndfeb_uh", "Dy")
    assert {name for name in by_class if name.startswith("priority")} == {
        "priority_class of ev_traction"
    }
