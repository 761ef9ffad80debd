"""Headline numbers of the shipped scenarios as they were when somebody last looked at them.

These are regression values, not external estimates. `pytest --update-golden` rewrites them; a changed
number is a line marked **Numbers** in the changelog that says why. Those of the rigid world, in which everybody
keeps to the plan, stand in `rigid` and move for a fault alone.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.scenario import shipped_names
from sim.tables import BASIS, MEASURES
from sim.tables.measures import IN_SCOPE, MILLION_USD
from tests.golden.runs import shipped
from tests.property.test_conservation import check_that_nothing_lies_unsold_without_a_reason

GOLDEN = Path(__file__).parent


def test_every_measure_is_one_that_is_explained_with_its_unit() -> None:
    run = shipped("china-heavy-licences", rigid=False)
    for name, table in (("summary", run.summary.summary), ("monthly", run.summary.monthly)):
        found = table[["metric", "unit"]].drop_duplicates().astype(str)
        units = dict(zip(found["metric"], found["unit"], strict=True))
        for metric, unit in units.items():
            its = MEASURES[metric.removesuffix(IN_SCOPE)]
            assert metric == its.name or its.of_elements
            assert unit == {BASIS: "t REO", MILLION_USD: "million USD2024"}.get(its.unit, its.unit)
        explained = {m.name for m in MEASURES.values() if name == "summary" or m.by_month}
        # Other designs are off unless a scenario names them; origins are not traced here.
        left_out = {"redesigned", *(m for m in explained if m.startswith("supply_"))}
        assert {metric.removesuffix(IN_SCOPE) for metric in units} == explained - left_out


@pytest.mark.parametrize("rigid", [False, True], ids=["free", "rigid"])
@pytest.mark.parametrize("name", shipped_names())
def test_headline_numbers_of_a_shipped_scenario_stay_and_nothing_lies_unsold_without_a_reason(
    name: str, rigid: bool, request: pytest.FixtureRequest
) -> None:
    run = shipped(name, rigid=rigid)
    check_that_nothing_lies_unsold_without_a_reason(run.records)
    now = {h["id"]: h["value"] for h in run.summary.headline}
    path = GOLDEN / ("rigid" if rigid else "free") / f"{name}.json"
    if request.config.getoption("--update-golden"):
        path.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8", newline="\n")
    before = json.loads(path.read_text(encoding="utf-8"))
    assert now.keys() == before.keys()
    for key, value in before.items():
        expected = value if isinstance(value, str) else pytest.approx(value, rel=1e-6, abs=1e-6)
        assert now[key] == expected, key
