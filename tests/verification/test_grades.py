"""One grade in place of another, through the engine: who sells what to whom, from when and how much."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from sim.engine import simulate
from sim.engine.records import Records
from sim.levers import ExportBan
from sim.rules.behaviour import Behaviour, Grades, Market, Producers
from sim.world.world import Cover, Demand, Flow, Ingredient, Recipe, World
from tests.worlds import STARTS, Builder, link, sector, site

DAY = 365.0
"""t a year of a tonne a day"""
ENDS = date(2027, 1, 1)
USE = "use_use_eee"
PLAIN, HOT = {"Xa": 1.0}, {"Xa": 0.9, "Zc": 0.1}
ON = Grades()
JUNE = "2026-06"
"""30 days, in which nothing of AAA is left: 300 t of its grade are needed"""


def world(
    lost: dict[str, float],
    left: dict[str, float],
    *,
    room: float = 2.0,
    share: float = 0.2,
    **stands: Any,
) -> World:
    """EEE uses 10 t/day of `lost`, made by AAA of what it says, and 10 t/day of `left`, made by BBB.

    `stands` say what `left` does for `lost`; BBB digs `room` times what it needs, and has a large plant.
    """
    b = Builder(sectors={"use": replace(sector("use", "magnet"), other_grade=share)})
    made = {"aaa": ("lost", lost), "bbb": ("left", left)}
    for place, (grade, of) in made.items():
        maker, mine, plant = f"maker_{place}", f"mine_{place}", f"sep_{place}"
        t = 10 * room * DAY
        b.recipes[grade] = Recipe(
            grade, tuple(Ingredient(e, x, "essential", "") for e, x in of.items())
        )
        size = {"output_t_per_year": t, "capacity_t_per_year": t}
        b.sites += [
            site(mine, place.upper(), "mine", basket=of, **size),
            site(plant, place.upper(), "separation", processing_days=7.0, can_separate=tuple(of), **size),
            site(maker, place.upper(), "magnet", products=(grade,), processing_days=14.0,
                 output_t_per_year=10 * DAY, capacity_t_per_year=30 * DAY),
        ]  # fmt: skip
        b.links += [
            link(mine, plant, "concentrate", 1.0),
            link(plant, maker, "oxide", 2.0),
            link(maker, USE, "magnet", 7.0),
        ]
        b.flows.append(Flow(mine, plant, "concentrate", "", t))
        b.flows += [Flow(plant, maker, "oxide", e, 10 * x * DAY) for e, x in of.items()]
        b.flows.append(Flow(maker, USE, "magnet", grade, 10 * DAY))
        b.demand.append(Demand("use", "EEE", grade, 10 * DAY))
        b.covers += [Cover(plant, "concentrate", "", 14.0), Cover(maker, "oxide", "", 28.0)]
    b.covers.append(Cover(USE, "magnet", "", 28.0))
    plain = b.world()
    return replace(
        plain,
        products=tuple(replace(p, **stands) if p.id == "left" else p for p in plain.products),
        defaults=replace(plain.defaults, requalification_days={"magnet": 182.0}),
    )


def run(where: World, grades: Grades | None = ON) -> Records:
    """AAA sells nothing abroad from the first day on."""
    ban = ExportBan.model_validate(
        {"id": "ban", "kind": "export_ban", "exporter": "AAA", "starts": STARTS}
    )
    behaviour = Behaviour(producers=Producers(), grades=grades)
    return simulate(where, (ban,), starts=STARTS, ends=ENDS, behaviour=behaviour)


def missing(records: Records, grade: str, month: str = JUNE) -> float:
    use = records.use[(records.use["month"] == month) & (records.use["product"] == grade)]
    return float((use["demand_t"] - use["consumed_t"]).sum())


def came(records: Records) -> Any:
    """[month] t."""
    return records.substitutes.groupby("month")["t"].sum()


def test_a_better_grade_of_the_same_metal_is_made_for_those_who_lack_theirs() -> None:
    with_it = run(world(PLAIN, PLAIN, serves=("lost",)))
    assert came(with_it)[JUNE] == pytest.approx(300, rel=1e-6)
    assert missing(with_it, "lost") == pytest.approx(0, abs=1e-6)
    assert missing(with_it, "left") == pytest.approx(0, abs=1e-6)
    assert missing(run(world(PLAIN, PLAIN, serves=("lost",)), None), "lost") == pytest.approx(300)


def test_a_grade_that_takes_dysprosium_comes_only_from_what_is_unsold() -> None:
    """Nobody makes a hot magnet for a cool place; here nothing of it is unsold."""
    records = run(world(PLAIN, HOT, serves=("lost",)))
    assert records.substitutes.empty
    assert missing(records, "lost") == pytest.approx(300)


def test_a_lesser_grade_comes_after_approval_and_for_its_share_of_the_use() -> None:
    """In trouble at the first review, approved after 182 days, made in 14, on the way for 7."""
    records = run(world(HOT, PLAIN, serves_in_part=("lost",)))
    assert came(records).index.min() in ("2025-07", "2025-08")
    assert came(records)[JUNE] == pytest.approx(60, rel=1e-6)
    assert missing(records, "lost") == pytest.approx(240, rel=1e-6)
    assert missing(records, "left") == pytest.approx(0, abs=1e-6)


def test_what_a_sector_takes_of_another_grade_hangs_on_its_share() -> None:
    records = run(world(HOT, PLAIN, share=0.5, serves_in_part=("lost",)))
    assert missing(records, "lost") == pytest.approx(150, rel=1e-6)
    none = run(world(HOT, PLAIN, share=0.0, serves_in_part=("lost",)))
    assert none.substitutes.empty


def test_the_users_of_a_grade_have_all_they_need_before_others_get_any() -> None:
    """BBB digs no more than its own users take."""
    records = run(world(PLAIN, PLAIN, room=1.0, serves=("lost",)))
    assert missing(records, "left") == pytest.approx(0, abs=1e-6)
    assert missing(records, "lost") + came(records).get(JUNE, 0.0) == pytest.approx(300, abs=1e-6)


@pytest.mark.parametrize("days", [1, 3, 5])
def test_nothing_comes_instead_before_the_day_on_which_its_border_opens(days: int) -> None:
    """A ban that ends between two reviews holds for all that the first of them trades."""
    opens = date(2026, 1, 6) + timedelta(days=days)
    bans = [
        ExportBan.model_validate(
            {"id": f"ban_{exporter}", "kind": "export_ban", "exporter": exporter, "starts": STARTS, **ends}
        )
        for exporter, ends in (("AAA", {}), ("BBB", {"ends": opens}))
    ]  # fmt: skip
    behaviour = Behaviour(producers=Producers(), grades=Grades(), market=Market(patience_days=7.0))
    found = simulate(
        world(PLAIN, PLAIN, serves=("lost",)), bans, starts=STARTS, ends=ENDS, behaviour=behaviour
    )
    sent = found.shipments[found.shipments["seller"] == "maker_bbb"]
    assert sent[sent["month"] < "2026-01"]["dispatched_t"].sum() == pytest.approx(0, abs=1e-9)
    reviews = [STARTS + timedelta(days=7 * n) for n in range(104)]
    last_shut = max(day for day in reviews if day < opens)
    first = found.substitutes["month"].min()
    assert first >= (last_shut + timedelta(days=7)).strftime("%Y-%m")
    assert not found.substitutes.empty


def test_a_restriction_on_what_comes_instead_stops_it() -> None:
    where = world(PLAIN, PLAIN, serves=("lost",))
    bans = [
        ExportBan.model_validate(
            {"id": f"ban_{exporter}", "kind": "export_ban", "exporter": exporter, "starts": starts}
        )
        for exporter, starts in (("AAA", STARTS), ("BBB", date(2026, 1, 1)))
    ]
    behaviour = Behaviour(producers=Producers(), grades=Grades())
    sent = simulate(where, bans, starts=STARTS, ends=ENDS, behaviour=behaviour).substitutes
    assert "2025-12" in set(sent["month"])
    assert sent["month"].max() <= "2026-01"
