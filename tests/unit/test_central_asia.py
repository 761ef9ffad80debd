"""Projects of Central Asia: the assumed makers can be added to the pack, and who is touched by what is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.central_asia import assumed_chain
from sim import scenario
from sim.pipeline.resolved import projects
from sim.world.balance import recovery_of


def test_the_assumed_makers_load_without_a_warning_and_have_the_size_that_the_plants_can_feed(
    tmp_path: Path,
) -> None:
    # 240 t of Nd and Pr from two plants are 93 % of the oxides that a magnet holds; metal keeps 93 % of it.
    _, magnets = scenarios = assumed_chain(tmp_path)
    assert not [problem.message for each in scenarios for problem in each.warnings]
    sites, by_site = magnets.world.sites, {lever.site: lever for lever in magnets.measures}
    won = 0.0
    for plant, mine in (("sep_sareco", "mine_u_byproduct_kaz"), ("sep_kashka", "mine_kutessay")):
        ore = min(by_site[name].capacity * by_site[name].achieved for name in (plant, mine))
        ndpr = sites[mine].basket["Nd"] + sites[mine].basket["Pr"]
        won += ore * ndpr * recovery_of(sites[plant], "concentrate", "Nd")
    metal, magnet = (by_site[f"{stage}_stepnogorsk"] for stage in ("metal", "magnet"))
    assert metal.capacity * metal.achieved == pytest.approx(won / 0.93 * 0.93, rel=0.001)
    assert magnet.capacity == pytest.approx(metal.capacity * 0.679, rel=0.002)


def test_a_project_is_touched_by_what_acts_on_it_its_feed_or_its_way_and_by_nothing_else() -> None:
    touched = {
        each["site"]: set(each["touched_by"]) for each in projects(scenario.load("caspian-closure"))
    }
    # Its own lever, that of the mine that feeds it, and both of the corridor that its goods take.
    assert touched["sep_sareco"] == {
        "sareco", "uranium_byproduct_kaz", "caspian_closed", "caspian_ferries",
    }  # fmt: skip
    assert touched["sep_la_rochelle"] >= {"kuirektykol", "caspian_closed"}
    assert touched["magnet_narva"] == {"full_ban"}  # its metal comes from China
    assert touched["magnet_10x"] == set()
