"""Pairs of runs of which one is worse for everybody but the exporter, and what is missing in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import inf
from typing import Any

import pandas as pd

from sim.engine import Variant, outcome_of, simulate_all
from sim.engine.records import Records
from sim.levers import KINDS
from sim.rules.behaviour import Behaviour
from sim.world import World, load_pack

MODELS = {kind: model for kinds in KINDS.values() for kind, model in kinds.items()}


@dataclass(frozen=True)
class Place:
    """A world, who restricts in it, and since when."""

    world: World
    exporter: str
    begins: date
    """First day of the restriction"""
    runs: tuple[date, date]

    def lever(self, kind: str, *, days: int = 364, since: int = 0, **settings: Any) -> Any:
        """In force for so many days, beginning so many days after the first."""
        entry: dict[str, Any] = {"id": f"{kind}_{since}", "kind": kind}
        model = MODELS[kind].model_fields
        if "exporter" in model:
            entry["exporter"] = self.exporter
        if "elements" in model:
            entry["elements"] = "all"
        entry["starts"] = self._on(since)
        if "ends" in model and kind != "site_outage":
            entry["ends"] = self._on(since + days)
        return MODELS[kind].model_validate(entry | settings, context={"world": self.world})

    def _on(self, day: int) -> str:
        return (self.begins + timedelta(days=day)).isoformat()

    def run(
        self, runs: Sequence[Sequence[Any]], behaviour: Behaviour, **about: Any
    ) -> list[Records]:
        """Records of runs with these levers, side by side."""
        variants = [Variant(levers, provenance=False) for levers in runs]
        starts, ends = self.runs
        outcomes = simulate_all(
            self.world, variants, starts=starts, ends=ends, behaviour=behaviour, **about
        )
        return [outcome_of(outcome) for outcome in outcomes]

    def missing(self, records: Records) -> pd.Series:
        """(region, product) -> t missing over the run, of every region but the exporter's."""
        return self._abroad(records, records.use["demand_t"] - records.use["consumed_t"])

    def demand(self, records: Records) -> pd.Series:
        """(region, product) -> t."""
        return self._abroad(records, records.use["demand_t"])

    def _abroad(self, records: Records, tonnes: pd.Series) -> pd.Series:
        use = records.use.assign(t=tonnes)
        use = use[use["region"] != self.exporter]
        return use.groupby(["region", "product"], observed=True)["t"].sum()


SHIPPED: dict[str, Any] = {
    "places": [["USA"], ["USA", "JPN"], "all"],
    "elements": [["Dy", "Tb"], ["Dy", "Tb", "Y", "Sm", "Gd", "Lu"], "all"],
    "plant": "sep_china_heavy",
}
"""What restrictions of the shipped pack are about, each wider than the one before; see `ladders`."""


def shipped(ends: date) -> Place:
    """The shipped pack; restrictions begin four days after a review."""
    world = load_pack("rare_earths_2024")
    return Place(world, "CHN", date(2025, 12, 31), (date(2025, 11, 1), ends))


def wide(world: World) -> World:
    """The same with room for everything on every leg."""
    corridors = {
        name: replace(each, legs=tuple(replace(leg, capacity_t_per_week=inf) for leg in each.legs))
        for name, each in world.corridors.items()
    }
    return replace(world, corridors=corridors)


Ladder = Mapping[str, Sequence[Any]]
"""Name -> levers, each step worse than the one before."""


def called(value: Any) -> str:
    """What a step is called after."""
    return "+".join(value) if isinstance(value, list) else str(value)


def ladders(
    place: Place, *, places: Sequence[Any], elements: Sequence[Any], plant: str
) -> dict[str, Ladder]:
    """By what grows worse: steps of which nobody abroad may be the better for."""
    lever = place.lever

    def bans(**each: Sequence[Any]) -> Ladder:
        ((setting, values),) = each.items()
        return {called(v): [lever("export_ban", **{setting: v})] for v in values}

    quotas = ("90 %", "60 %", "30 %", "5 %", "0.001 %")
    makers = any(each.stage == "magnet" for each in place.world.sites.values())
    forms = [] if not makers else [["oxide"], ["oxide", "metal"], ["oxide", "metal", "magnet"]]
    return {
        "a longer ban": bans(days=(20, 41, 48, 55, 90, 97, 181, 188, 364)),
        "a ban that begins earlier": {
            str(d): [lever("export_ban", since=-d, days=100 + d)] for d in (0, 1, 3, 7, 14, 28)
        },
        "a ban on more places": bans(destinations=places),
        "a ban on more elements": bans(elements=elements),
        "a ban on more forms": bans(forms=forms),
        "a smaller quota": {q: [lever("export_quota", amount=q)] for q in quotas},
        "a smaller quota by the year": {
            q: [lever("export_quota", amount=q, period="year")] for q in quotas
        },
        "a longer quota": {
            str(d): [lever("export_quota", amount="40 %", days=d)] for d in (90, 97, 181, 188, 364)
        },
        "a smaller quota on mines": {
            q: [lever("production_quota", amount=q, stage="mine")] for q in quotas
        },
        "a longer outage": {
            str(d): [lever("site_outage", site=plant, repair=f"{d} d")] for d in (20, 27, 60, 90, 120)
        },
    }  # fmt: skip
