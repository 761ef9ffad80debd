"""Headline numbers of the shipped scenarios as they were when somebody last looked at them.

These are regression values, not external estimates. `pytest --update-golden` rewrites them; a changed
number is a line marked **Numbers** in the changelog that says why.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.scenario import shipped_names
from tests.golden.runs import shipped

GOLDEN = Path(__file__).parent


@pytest.mark.parametrize("name", shipped_names())
def test_headline_numbers_of_a_shipped_scenario_stay(
    name: str, request: pytest.FixtureRequest
) -> None:
    now = {h["id"]: h["value"] for h in shipped(name).summary.headline}
    path = GOLDEN / f"{name}.json"
    if request.config.getoption("--update-golden"):
        path.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8", newline="\n")
    before = json.loads(path.read_text(encoding="utf-8"))
    assert now.keys() == before.keys()
    for key, value in before.items():
        expected = value if isinstance(value, str) else pytest.approx(value, rel=1e-6, abs=1e-6)
        assert now[key] == expected, key
