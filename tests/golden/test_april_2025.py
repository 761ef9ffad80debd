"""What the scenario of April 2025 knows: the announcement, and nothing published after 3 April."""

from __future__ import annotations

from datetime import date

from benchmarks.april_2025 import FIXED, hash_of
from benchmarks.precedents.__main__ import PAGE
from sim.scenario import load
from sim.world import load_pack

DAY = date(2025, 4, 3)
FIRST_STATED = {
    # Project -> when it was first stated as the pack has it, to the month: publication
    "mine_brazil_serra_verde": (2023, 9),  # PB_SV_2023
    "mine_nolans": (2021, 5),  # company plan of 4,440 t of NdPr
    "mine_eneabba": (2022, 4),  # WAGOV_ILUKA_2022
    "mine_carina": (2025, 10),  # with sep_vinton, which it feeds
    "sep_kuantan_heavy": (2024, 6),  # FNN_LYNAS24
    "sep_kuantan_heavy2": (2025, 10),  # SMM_LYNAS25
    "sep_mountain_pass_heavy": (2025, 7),  # size and year: MTN_MP_2025 (loan), MNO_MPHREE
    "sep_la_rochelle": (2023, 9),  # company plan
    "sep_lacq": (2025, 3),  # CE_CAREMAG, 17 March 2025
    "sep_solikamsk": (2024, 1),  # ROSATOM_2024
    "sep_reetec": (2022, 1),  # plant planned for 2024
    "sep_src": (2020, 8),  # Saskatoon plant, target of 2024
    "sep_eneabba": (2022, 4),  # WAGOV_ILUKA_2022
    "sep_white_mesa": (2024, 6),  # phase 1 finished
    "sep_seadrift": (2023, 8),  # contract of August 2023
    "sep_vinton": (2025, 10),  # MININGCOM_ACLARA_2025
    "sep_nolans": (2021, 5),
    "metal_fort_worth": (2022, 2),
    "metal_10x": (2025, 7),  # ADAMAS_MP_2025
    "metal_india": (2025, 10),  # MCTRL_IREL_2025
    "magnet_fort_worth": (2022, 2),
    "magnet_10x": (2025, 7),  # ADAMAS_MP_2025
    "magnet_sumter": (2023, 12),
    "magnet_stillwater": (2022, 6),
    "magnet_narva": (2023, 6),  # ARGUS_NARVA
    "magnet_narva2": (2023, 6),  # ARGUS_NARVA
    "magnet_malaysia": (2025, 8),  # LYNAS_FY25M
    "magnet_india": (2025, 10),  # MCTRL_IREL_2025
}  # fmt: skip


def test_projects_made_known_after_3_april_2025_are_out_and_no_others() -> None:
    scenario = load("april-2025-licences")
    pack = load_pack(scenario.pack)
    planned = {
        site.id
        for site in pack.sites.values()
        if site.status in ("project", "operating") and site.planned_capacity_t_per_year > 0
    }
    assert planned == set(FIRST_STATED)  # a new project is dated before it may stay
    later = {id for id, (year, month) in FIRST_STATED.items() if date(year, month, 1) > DAY}
    removed = {id for id in planned if scenario.world.sites[id].success == 0.0}
    assert removed == later
    assert later == {id for id in later if pack.sites[id].success > 0}


def test_no_setting_or_source_of_the_scenario_is_of_a_later_day_than_the_announcement() -> None:
    scenario = load("april-2025-licences")
    (lever,) = scenario.restrictions
    assert [phase.date for phase in lever.timeline()] == [date(2025, 4, 4)]
    assert scenario.shocks == scenario.measures == ()


def test_the_hashes_in_the_docs_are_those_of_the_files() -> None:
    written = PAGE.read_text(encoding="utf-8")
    for name in FIXED:
        assert f"| `{name}` | `{hash_of(name)}` |" in written
