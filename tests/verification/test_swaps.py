"""Dysprosium and terbium by effect, through the engine: a maker that loses most of its terbium, by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sim.engine import simulate
from sim.engine.records import Records
from sim.levers import ExportBan
from sim.rules.behaviour import Behaviour, Producers, Swaps
from sim.world.world import Cover, Demand, Flow, Ingredient, Recipe, World
from tests.worlds import STARTS, Builder, link, made, sector, site

DAY = 365.0
"""t a year of a tonne a day"""
ENDS = date(2027, 1, 1)
USE = "use_use_eee"
JUNE = "2026-06"
"""30 days, long after the stocks of the first months are used up"""


def magnet_world() -> World:
    """CCC makes 10 t/day of a grade for EEE: 84 % Xa, 12 % Yb2 and 4 % Zc, which does twice what Yb2 does.

    AAA sells it three quarters of the Zc, BBB all else and, unsold in calm, another 0.8 t/day of Yb2.
    """
    part = {"Xa": 0.84, "Yb2": 0.12, "Zc": 0.04}
    effect = {"Xa": 0.0, "Yb2": 1.0, "Zc": 2.0}
    b = Builder(sectors={"use": sector("use", "magnet")})
    b.recipes = {
        "hot": Recipe("hot", tuple(
            Ingredient(e, t, "essential", "Xa" if effect[e] else "", 0.0, effect[e]) for e, t in part.items()
        )),
    }  # fmt: skip
    sold = {"aaa": {"Zc": 0.3}, "bbb": {"Xa": 8.4, "Yb2": 1.2, "Zc": 0.1}}
    for place, each in sold.items():
        ore = each | ({"Yb2": 2.0} if place == "bbb" else {})
        t, mine, plant = sum(ore.values()) * DAY, f"mine_{place}", f"sep_{place}"
        size = {"output_t_per_year": t, "capacity_t_per_year": t}
        b.sites += [
            site(mine, place.upper(), "mine", basket={e: x * DAY / t for e, x in ore.items()}, **size),
            site(plant, place.upper(), "separation", processing_days=14.0, can_separate=tuple(ore), **size),
        ]  # fmt: skip
        b.links += [link(mine, plant, "concentrate", 1.0), link(plant, "maker", "oxide", 14.0)]
        b.flows += [Flow(mine, plant, "concentrate", "", t)]
        b.flows += [Flow(plant, "maker", "oxide", e, x * DAY) for e, x in each.items()]
        b.covers.append(Cover(plant, "concentrate", "", 14.0))
    b.sites.append(
        site("maker", "CCC", "magnet", products=("hot",), processing_days=14.0,
             output_t_per_year=10 * DAY, capacity_t_per_year=15 * DAY)
    )  # fmt: skip
    b.links.append(link("maker", USE, "magnet", 7.0))
    b.flows.append(Flow("maker", USE, "magnet", "hot", 10 * DAY))
    b.demand = [Demand("use", "EEE", "hot", 10 * DAY)]
    b.covers += [Cover("maker", "oxide", "", 28.0), Cover(USE, "magnet", "", 28.0)]
    return b.world()


def ban(exporter: str, starts: str, **scope: Any) -> ExportBan:
    return ExportBan.model_validate(
        {"id": exporter.lower(), "kind": "export_ban", "exporter": exporter, "starts": starts, **scope}
    )  # fmt: skip


def run(share: float | None, *levers: ExportBan) -> Records:
    swaps = None if share is None else Swaps(share)
    behaviour = Behaviour(producers=Producers(), swaps=swaps)
    return simulate(magnet_world(), levers, starts=STARTS, ends=ENDS, behaviour=behaviour)


def in_june(records: Records) -> dict[str, float]:
    table = records.swaps[records.swaps["month"] == JUNE]
    return dict(zip(table["ingredient"], table["t"], strict=True))


def test_a_maker_that_keeps_a_quarter_of_its_terbium_goes_on_and_each_tonne_swapped_is_counted() -> (
    None
):
    """40 % of the effect is Zc. With a quarter of it 30 % is swapped: 0.3 t/day of Zc for 0.6 of Yb2."""
    loses = ban("AAA", "2025-01-01")
    with_swaps, without = run(0.35, loses), run(None, loses)
    assert made(with_swaps, "maker")[JUNE] == pytest.approx(300, rel=1e-6)
    assert made(without, "maker")[JUNE] == pytest.approx(75, rel=1e-6)
    assert in_june(with_swaps) == pytest.approx({"Xa": -9, "Yb2": 18, "Zc": -9}, rel=1e-6)
    assert in_june(without) == {}
    moved = with_swaps.rules.set_index(["month", "rule"])["t"]
    assert moved[JUNE, "swaps"] == pytest.approx(9, rel=1e-6)


def test_where_less_may_be_swapped_less_is_made() -> None:
    """2 (0.04 f - 0.01) = 0.2 x 0.2 f gives f = 0.5 of 10 t/day."""
    assert made(run(0.2, ban("AAA", "2025-01-01")), "maker")[JUNE] == pytest.approx(150, rel=1e-6)


def test_nothing_is_swapped_while_nothing_is_missing() -> None:
    assert run(1.0).swaps.empty


def test_a_ban_on_terbium_covers_the_grade_however_little_of_it_is_inside() -> None:
    levers = [ban("AAA", "2025-01-01"), ban("CCC", "2026-01-01", elements=["Zc"])]
    sent = run(1.0, *levers).shipments
    sent = sent[(sent["seller"] == "maker") & (sent["dispatched_t"] > 0)]
    assert sent["month"].max() == "2025-12"
