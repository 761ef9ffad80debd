"""A run has the same bytes whatever is simulated beside it: alone, in any batch, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from functools import cache
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest

from sim.channels.effects import Effect
from sim.engine.agents import Agent, Surroundings
from sim.engine.batches import _by_network, simulate_all, simulate_many
from sim.engine.branching import common_variant, last_common_review
from sim.engine.calendar import Calendar
from sim.engine.column import Variant
from sim.engine.records import Records
from sim.engine.warm_up import first_day
from sim.levers import ExportBan, ExportLicence
from sim.rules.behaviour import (
    RIGID,
    Behaviour,
    Designs,
    Expediting,
    Grades,
    Limits,
    Market,
    NewSupply,
    Piles,
    Postponable,
    Priority,
    Producers,
    Sharing,
    Swaps,
)
from sim.system import workers
from sim.world import World
from tests.property.test_every_kind import MODELS, first, lever, toy
from tests.trade_world import trade_world
from tests.verification.test_naive_model import LEVERS, WITHIN_A_WEEK
from tests.worlds import STARTS

DAYS = 100


def simulated(
    world: World, variants: Sequence[Variant], starts: date, *, days: int = DAYS, **settings: Any
) -> list[Any]:
    """Of each variant what there is to compare, with sales of the last months of the warm-up."""
    outcomes = simulate_all(
        world, variants, starts=starts, ends=starts + timedelta(days=days),
        sales_from=starts - timedelta(days=80), **settings,
    )  # fmt: skip
    return [told(outcome) for outcome in outcomes]


def told(outcome: Records | Exception) -> dict[str, Any]:
    """Every table and number, to the last bit; or what went wrong."""
    if isinstance(outcome, Exception):
        return {"error": repr(outcome)}
    names = [each.name.removesuffix("_by_month") for each in fields(outcome)]
    return {name: exact(getattr(outcome, name)) for name in names}


def exact(value: Any) -> Any:
    if isinstance(value, pd.DataFrame):
        return [(name, exact(value[name])) for name in value.columns]
    if isinstance(value, pd.Series) and value.dtype != float:
        return str(value.dtype), value.astype(str).to_list()
    if isinstance(value, pd.Series | np.ndarray):
        return np.asarray(value).shape, np.asarray(value).tobytes()
    return value


@cache
def in_the_toy() -> tuple[Variant, ...]:
    """The reference, every kind of lever, some with other dates, seeds and luck, and all kinds together."""
    kinds = [Variant([lever(kind)], provenance=n % 3 == 0) for n, kind in enumerate(MODELS)]
    later = (first() + timedelta(days=67)).isoformat()
    return (
        Variant(provenance=False),
        *kinds,
        Variant([lever("export_ban", starts=later)], watched=("A",)),
        Variant([lever("site_outage")], seed=2, replication=3, provenance=False),
        Variant([lever("export_licence")], replication=5, provenance=False),
        Variant([lever(kind, id=kind) for kind in MODELS], seed=4),
    )


@cache
def in_the_trading_world() -> tuple[Variant, ...]:
    """What changes between two reviews, with rooms, queues, detours and trains."""
    cases = [[LEVERS[name]] for name in ("quota", "licence", "closure that holds")]
    cases += [
        WITHIN_A_WEEK[name]
        for name in (
            "bans of a day", "a licence with another scope and other reviewers",
            "a licence with a pause and general licences", "a closure of four days",
        )
    ]  # fmt: skip
    # Closures of one corridor that overlap: goods of a column come by both ways at once.
    closure = LEVERS["closure that holds"]
    for begins, ends in ((20, 41), (33, 66), (10, 54)):
        dates = {
            "starts": STARTS + timedelta(days=begins),
            "ends": STARTS + timedelta(days=ends),
        }
        cases.append([closure.model_copy(update=dates)])
    return (
        Variant(),
        *(Variant(levers, seed=3, provenance=n % 4 == 1) for n, levers in enumerate(cases)),
        Variant([LEVERS["licence"]], seed=8, replication=2, provenance=False),
    )


def compare(
    variants: Sequence[Variant],
    alone: Sequence[Any],
    orders: dict[int, Sequence[int]],
    **about: Any,
) -> None:
    for width, order in orders.items():
        found = simulated(variants=[variants[n] for n in order], width=width, **about)
        for n, outcome in zip(order, found, strict=True):
            for name, value in alone[n].items():
                assert outcome.get(name) == value, (name, n, width)


def quick_to_trade(world: World) -> World:
    """Sellers are tried within a week, so that pairs open and trade in a short run."""
    days = {form.id: 7.0 for form in world.forms}
    return with_stand_ins(
        replace(world, defaults=replace(world.defaults, requalification_days=days))
    )


def with_stand_ins(world: World) -> World:
    """Grades of the trading world stand in for one another, and two ingredients of the hot one as well."""
    hot = world.recipes.get("hot")
    if hot is None:
        return world
    stands = {"hot": {"serves": ("cool",)}, "cool": {"serves_in_part": ("hot",)}}
    products = tuple(replace(each, **stands.get(each.id, {})) for each in world.products)
    sectors = {
        id: replace(each, other_grade=0.5, other_design=0.3) for id, each in world.sectors.items()
    }
    world = replace(world, products=products, sectors=sectors)
    effects = {"Hv": 1.0, "Fi": 0.4}
    parts = (
        replace(part, role="essential", replaced_by="X", effect=effects[part.element])
        if part.element in effects
        else part
        for part in hot.ingredients
    )
    return replace(world, recipes={**world.recipes, "hot": replace(hot, ingredients=tuple(parts))})


QUICK = Behaviour(
    piles=Piles(20.0), new_supply=NewSupply(30.0), market=Market(patience_days=7.0), limits=Limits(),
    producers=Producers(), swaps=Swaps(0.3), grades=Grades(), designs=Designs(0.2), sharing=Sharing(0.4),
    priority=Priority("by_class", (("BBB", "contracts_first"),), (("CCC", "by_class"),), (("other", 0.5),)),
    expediting=Expediting(5.0, 20.0, 5.0, 6.0), postponable=Postponable(),
)  # fmt: skip


@pytest.mark.parametrize("behaviour", [RIGID, QUICK], ids=["rigid", "free"])
@pytest.mark.parametrize("place", ["toy", "trade"])
def test_a_run_is_the_same_to_the_last_bit_alone_and_beside_any_others(
    place: str, behaviour: Behaviour
) -> None:
    world, starts = (toy(), first()) if place == "toy" else (trade_world(), STARTS)
    world = quick_to_trade(world)
    variants = in_the_toy() if place == "toy" else in_the_trading_world()
    n = len(variants)
    mixed = np.random.default_rng(2).permutation(n).tolist()
    alone = simulated(world, variants, starts, width=1, behaviour=behaviour)
    assert not any("error" in each for each in alone)
    different = {str(each["shipments"]) for each in alone}
    assert len(different) >= 6, "they would be alike whatever stood beside them"
    orders = {2: range(0, n, 2), 4: mixed[: n // 2 + 1], 16: list(reversed(range(n)))}
    compare(variants, alone, orders, world=world, starts=starts, behaviour=behaviour)


def test_a_run_is_the_same_in_any_chunk_and_whatever_process_works_on_it() -> None:
    variants = [in_the_toy()[n] for n in (0, 1, 11)]
    about: dict[str, Any] = {"starts": first(), "ends": first() + timedelta(days=DAYS)}
    # Before their levers act they are one run, which is simulated once.
    calendar, begins = Calendar(**about), first_day(toy(), 7.0)
    assert common_variant(toy(), variants) is not None
    assert last_common_review(toy(), variants, calendar, begins, 7.0) > begins + 700
    alone = [told(each) for each in simulate_all(toy(), variants, width=1, **about)]
    for processes, chunk in ((0, 3), (1, 2)):  # 3: all side by side
        with workers.beside(processes) as executor:
            found = simulate_many(toy(), variants, executor, chunk=chunk, **about)
        assert [told(each) for each in found] == alone


def test_a_run_reviewed_every_day_is_the_same_beside_others() -> None:
    both = [
        Variant(provenance=False),
        Variant([lever("export_quota"), lever("corridor_closure")], provenance=False),
    ]
    about: dict[str, Any] = {"starts": first(), "days": 60, "review_days": 1.0}
    (alone,) = simulated(toy(), both[1:], **about)
    assert simulated(toy(), both, **about)[1] == alone


# ---- what goes wrong


class Broken(Agent):
    """Fails some days after it has begun."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around

    def begin(self, effects: Sequence[Effect]) -> None:
        self.around.clock.after(float(self.around.lever.split("_")[1]), self._fail)

    def _fail(self) -> None:
        raise ValueError(f"{self.around.lever} is broken")

    def end(self) -> None:
        pass


def agent(around: Surroundings) -> Agent:
    if around.lever == "fails_0":
        raise ValueError(f"{around.lever} is broken")
    return Broken(around)


class BanThatBreaks(ExportBan):
    agent: ClassVar[str] = __name__


def breaks(after: int, starts: int) -> Variant:
    written = lever("export_ban").model_dump(exclude_none=True)
    written |= {"id": f"fails_{after}", "starts": first() + timedelta(starts)}
    return Variant([BanThatBreaks.model_validate(written, context={"world": toy()})])


def test_a_run_that_breaks_says_so_and_changes_nothing_for_the_others() -> None:
    # One before its first day, as soon as its lever begins, and one in its sixth week.
    broken = [breaks(0, -5000), breaks(11, 33)]
    whole = [Variant(provenance=False), Variant([lever("export_quota")])]
    about: dict[str, Any] = {"world": toy(), "starts": first(), "days": 60}
    without = simulated(variants=whole, **about)
    found = simulated(variants=[whole[0], broken[0], whole[1], broken[1]], **about)
    assert [found[0], found[2]] == without
    assert "ValueError('fails_0 is broken')" in found[1]["error"]
    assert "ValueError('fails_11 is broken')" in found[3]["error"]


# ---- who shares a network


def shared(world: World, starts: date, *levers: Sequence[Any]) -> list[list[int]]:
    """Numbers of the variants that share a network."""
    variants = [Variant(each) for each in levers]
    calendar = Calendar(starts, starts + timedelta(days=365))
    return [numbers for _, numbers in _by_network(world, variants, RIGID, calendar, 7.0)]


def test_users_are_told_apart_for_a_licence_and_for_nobody_else() -> None:
    nobody = ExportLicence.model_validate(
        {
            "id": "none",
            "kind": "export_licence",
            "exporter": "BBB",
            "destinations": ["BBB"],
            "starts": STARTS,
        },
        context={"world": trade_world()},
    )
    asked = [
        (),
        [LEVERS["ban"]],
        [LEVERS["licence"]],
        [LEVERS["quota"]],
        [nobody],
        [LEVERS["licence"]],
    ]
    assert shared(trade_world(), STARTS, *asked) == [[0, 1, 3, 4], [2, 5]]


def test_a_plant_that_starts_on_another_day_is_in_another_plan() -> None:
    def ramp_up(name: str, day: int) -> list[Any]:
        on = (first() + timedelta(days=day)).isoformat()
        return [lever("capacity_ramp_up", id=name, first_output=on)]

    asked = [(), ramp_up("one", 40), ramp_up("two", 80), ramp_up("three", 40)]
    assert shared(toy(), first(), *asked) == [[0], [1, 3], [2]]
