"""What a scenario file becomes."""

from datetime import date
from pathlib import Path

import pytest

from sim.levers import CapacityRampUp, ExportLicence, ExportQuota
from sim.scenario import load, shipped_names
from sim.scenario.schema import KEY_COLUMNS
from sim.words.problems import BadInputError
from sim.words.quantities import Duration
from sim.world.schema import TABLES


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, text: str) -> str:
    Path(name).write_text(text, encoding="utf-8")
    return f"./{name}"


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_scenarios_ask_a_question_and_extend_nothing(name):
    scenario = load(name)
    assert scenario.question.endswith("?")
    assert scenario.notes
    assert "extends" not in scenario.files[f"{name}.yaml"]
    assert scenario.warnings == ()
    assert all(
        lever.source or lever.reason or origins(scenario, lever) for lever in scenario.levers
    )


def origins(scenario, lever):
    written = [*scenario.resolved["restrictions"], *scenario.resolved["measures"]]
    (entry,) = [each for each in written if each["id"] == lever.id]
    return [each for each in entry["settings"].values() if "source" in each or "reason" in each]


def test_the_shipped_licences_are_those_of_april_2025():
    (licence,) = load("china-heavy-licences").restrictions
    assert isinstance(licence, ExportLicence)
    assert licence.elements == ("Sm", "Gd", "Tb", "Dy", "Lu", "Sc", "Y")
    assert licence.review == Duration(45.0, working=True)
    assert [(phase.kind, phase.date) for phase in licence.timeline()] == [
        ("in_force", date(2025, 4, 4)), ("paused", date(2026, 4, 1)), ("resumed", date(2027, 4, 1)),
    ]  # fmt: skip


def test_the_central_asian_scenarios_differ_in_who_separates_and_nothing_else():
    mines, both = load("c5-mines-only"), load("c5-mines-and-separation")
    assert mines.restrictions == both.restrictions
    plants = {m.site for m in both.measures} - {m.site for m in mines.measures}
    assert plants == {"sep_sareco", "sep_kashka"}
    for mine in mines.measures:
        (same,) = [measure for measure in both.measures if measure.id == mine.id]
        assert isinstance(mine, CapacityRampUp)
        assert same.model_copy(update={"sells_to": mine.sells_to}) == mine


def test_quantities_are_kept_in_base_units(folder):
    text = """
starts: 2025-01-01
ends: 2026-01-01
review: 1 d
restrictions:
  - {id: q, kind: export_quota, exporter: CHN, amount: 30 kt/yr, starts: 2025-06-01, reason: x}
"""
    scenario = load(write("q.yaml", text))
    (quota,) = scenario.restrictions
    assert isinstance(quota, ExportQuota)
    assert (quota.amount.t_per_year, quota.amount.share_of_base_year) == (30_000.0, None)
    assert (scenario.review_days, scenario.seed, scenario.title) == (1.0, 1, "q")


def test_eased_settings_hold_until_restated(folder):
    text = """
starts: 2025-01-01
ends: 2028-01-01
restrictions:
  - id: q
    kind: export_quota
    exporter: CHN
    amount: 50 %
    reason: x
    phases:
      - {phase: announced, from: 2024-12-01}
      - {phase: in_force, from: 2025-01-01}
      - {phase: eased, from: 2025-07-01, amount: 80 %, reason: y}
      - {phase: paused, from: 2026-01-01}
      - {phase: resumed, from: 2026-07-01}
      - {phase: ended, from: 2027-01-01}
"""
    scenario = load(write("q.yaml", text))
    (quota,) = scenario.restrictions
    shares = {
        phase.kind: quota.restated(phase).amount.share_of_base_year for phase in quota.timeline()
    }
    before, after = dict.fromkeys(("announced", "in_force"), 0.5), ("paused", "resumed", "ended")
    assert shares == before | {"eased": 0.8} | dict.fromkeys(after, 0.8)
    eased = scenario.resolved["restrictions"][0]["phases"][2]
    assert eased["settings"]["amount"] == {"value": 80, "unit": "%", "set_by": "q.yaml"}
    assert eased["reason"] == "y"


def test_a_child_replaces_adds_and_removes_levers_and_its_other_keys_win(folder):
    write("parent.yaml", """
title: Parent
starts: 2025-01-01
ends: 2028-01-01
restrictions:
  - {id: a, kind: export_ban, exporter: CHN, starts: 2026-01-01, reason: x}
  - {id: b, kind: export_ban, exporter: CHN, starts: 2026-01-01, reason: x}
""")  # fmt: skip
    child = load(write("child.yaml", """
extends: parent
title: Child
restrictions:
  - {id: b, kind: export_ban, exporter: MMR, starts: 2027-01-01, reason: y}
  - {id: a, remove: true}
  - {id: c, kind: export_ban, exporter: USA, starts: 2026-01-01, reason: z}
"""))  # fmt: skip
    assert [(lever.id, lever.exporter) for lever in child.restrictions] == [
        ("b", "MMR"),
        ("c", "USA"),
    ]
    assert (child.title, child.starts) == ("Child", date(2025, 1, 1))
    assert child.resolved["title"]["set_by"] == "child.yaml"
    assert child.resolved["starts"]["set_by"] == "parent.yaml"
    assert sorted(child.files) == ["child.yaml", "parent.yaml"]


def test_a_change_replaces_a_row_of_the_pack_and_its_hash(folder):
    text = """
starts: 2025-01-01
ends: 2026-01-01
changes:
  - {table: sites, id: sep_sareco, parameter: recovery, value: 92 %, source: F01, locator: p. 3}
  - {table: links, seller: mine_kutessay, buyer: sep_kashka, form: concentrate,
     parameter: planned_full, value: 0.5 kt/yr, reason: A smaller mine}
"""
    scenario = load(write("c.yaml", text))
    assert scenario.world.sites["sep_sareco"].recovery["*"] == 0.92
    link = scenario.world.links[("mine_kutessay", "sep_kashka", "concentrate")]
    assert link.planned_full_t_per_year == 500.0
    assert scenario.world.content_hash != load("baseline").world.content_hash
    assert scenario.changes[0] == {
        "table": "sites", "key": ["sep_sareco"], "parameter": "recovery", "unit": "fraction",
        "before": "0.85", "before_source": scenario.changes[0]["before_source"], "after": "0.92",
        "source": "F01", "locator": "p. 3", "set_by": "c.yaml",
    }  # fmt: skip


def test_the_resolved_scenario_is_the_same_from_any_folder(tmp_path, monkeypatch):
    text = "starts: 2025-01-01\nends: 2026-01-01\n"
    resolved = []
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        resolved.append(load(write("s.yaml", text)).resolved)
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
    resolved.append(load(str(tmp_path / "s.yaml")).resolved)
    assert resolved[0] == resolved[1] == resolved[2]


def test_what_is_probably_not_meant_is_a_warning(folder):
    text = """
starts: 2025-01-01
ends: 2030-01-01
restrictions:
  - {id: late, kind: export_ban, exporter: CHN, starts: 2031-01-01, reason: x}
  - {id: early, kind: export_ban, exporter: CHN, starts: 2020-01-01, ends: 2024-01-01, reason: x}
measures:
  - {id: soon, kind: capacity_ramp_up, site: mine_kutessay, first_output: 2026-01-01, reason: x}
"""
    late, early, unsold, soon = load(write("w.yaml", text)).warnings
    assert "`late` begins on 2031-01-01, when the scenario has ended" in late.message
    assert "`early` ended on 2024-01-01, before" in early.message
    assert "first output in 2026 is earlier" in soon.message
    assert "`mine_kutessay` sells nothing, since it would sell to " in unsold.message
    assert [warning.place.line for warning in (late, early, soon)] == [5, 6, 8]
    assert {warning.severity for warning in (late, early, soon)} == {"warning"}


def test_a_path_with_a_separator_is_a_path(folder):
    (folder / "sub").mkdir()
    text = "starts: 2025-01-01\nends: 2026-01-01\n"
    assert load(write(str(Path("sub") / "s.yml"), text)).name == "s"


def test_every_key_column_of_a_pack_can_be_named_in_a_change():
    columns = {key for name, table in TABLES.items() if name != "targets" for key in table.keys}
    assert columns == set(KEY_COLUMNS)


def test_a_scenario_named_as_the_shipped_one_it_extends_keeps_its_own_text(tmp_path):
    path = tmp_path / "baseline.yaml"
    path.write_text("extends: baseline\nends: 2026-01-01\n", encoding="utf-8")
    assert load(str(path)).files == {"baseline.yaml": path.read_text(encoding="utf-8")}


def test_who_writes_one_setting_of_an_extended_lever_hears_that_all_of_it_is_replaced(folder):
    text = """
extends: china-heavy-licences
restrictions:
  - id: heavy_licences
    review: 90 d
"""
    with pytest.raises(BadInputError) as refused:
        load(write("part.yaml", text))
    (problem,) = refused.value.problems
    assert "would replace the lever `heavy_licences` as a whole" in problem.message
    assert "copy all its settings from line" in problem.help
