"""`scenario.resolved.yaml`: what a finished run says about itself, for people, figures and the report.

It holds the scenario in words and in numbers, and the display names of everything in its tables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict
from math import isnan
from typing import Any

from sim.channels import Addition
from sim.lever import Lever, Reach, reach_of
from sim.levers import EVERY_KIND
from sim.quantities import day_of
from sim.scenario import Scenario
from sim.world.world import Site, World

Plain = dict[str, Any]


def resolved_scenario(scenario: Scenario, seed: int) -> Plain:
    """Plain dicts, lists, texts and numbers, without paths of the machine that ran it."""
    world = scenario.world
    return {
        "name": scenario.name,
        "title": scenario.title,
        "question": scenario.question,
        "notes": scenario.notes,
        "starts": scenario.starts.isoformat(),
        "ends": scenario.ends.isoformat(),
        "review_days": scenario.review_days,
        "seed": seed,
        "label": "central values, no spread",
        "pack": {
            "id": world.id,
            # As the scenario names it, from its own folder: the same on every machine.
            **({"folder": scenario.resolved["pack"]["folder"]} if world.is_own else {}),
            "title": world.title,
            "hash": world.content_hash,
            "basis": world.basis,
        },
        "levers": [_lever(lever, world, scenario.idle) for lever in scenario.levers],
        "left_out": list(_left_out(scenario.levers)),
        "settings": scenario.resolved,
        "names": names(world),
        "projects": list(projects(scenario)),
    }


def _lever(lever: Lever, world: World, idle: Collection[str]) -> Plain:
    return {
        "id": lever.id,
        "kind": lever.kind,
        "heading": lever.heading,
        "exporter": getattr(lever, "exporter", ""),
        "about": lever.about(world),
        "sentence": lever.sentence(world),
        "outcome": asdict(lever.outcome) if lever.outcome else {},
        "unknown": lever.unknown_words(world),
        "drawn": lever.is_drawn,
        "phases": [
            {"phase": lever.shown_as(p), "date": p.date.isoformat()} for p in lever.timeline()
        ],
        "meets_nothing": lever.id in idle,
        "source": lever.source or "",
        "reason": lever.reason or "",
    }


def _left_out(levers: Iterable[Lever]) -> Iterator[str]:
    """What the model leaves out, as each kind of lever says of itself."""
    used = {type(lever) for lever in levers}
    said = (kind.left_out if kind in used else kind.left_out_unused for kind in EVERY_KIND)
    yield from filter(None, said)


def names(world: World) -> Plain:
    """Id -> display name of everything that stands in the tables."""
    return {
        "elements": {e.symbol: e.name for e in world.elements},
        "products": {p.id: p.name for p in world.products},
        "sectors": {s.id: s.name for s in world.sectors.values()},
        "regions": {r.id: r.name for r in world.regions.values()},
        "countries": {c.id: c.name for c in world.countries.values()},
        "country_regions": {c.id: c.region for c in world.countries.values()},
        "groups": {g: list(members) for g, members in world.groups.items()},
        "forms": {f.id: f.name for f in world.forms},
        "stages": list(world.stages),
        "by_products": [world.mixed_form, world.scrap_form],
    }


def projects(scenario: Scenario) -> Iterable[Plain]:
    """Mines and plants that start or grow within the scenario, by a lever or as the pack announces them.

    `design_t` is a year, on top of what the site makes in the base year (`before_t`); `expected_share` is the
    chance of success x the part of the design reached, the part that the central run counts. `cut_off` says
    why it makes or sells nothing, where a feed, a buyer or a link is missing.
    """
    world = scenario.world
    ramps = [
        (lever.id, effect)
        for lever in scenario.levers
        for effect in lever.in_any_phase(world)
        if isinstance(effect, Addition)
    ]
    reach = reach_of(scenario.levers, world, scenario.ends)
    for lever, addition in ramps:
        site = world.sites[addition.site]
        size = addition.capacity_t_per_year
        yield {
            **_project(site, reach),
            "lever": lever,
            "first_output": addition.first_output.isoformat(),
            "ramp_days": addition.ramp_days,
            "design_t": site.planned_capacity_t_per_year if size is None else size,
            "expected_share": addition.risked_share,
        }
    for site in world.sites.values():
        extra = site.planned_capacity_t_per_year - site.output_t_per_year
        by_lever = any(addition.site == site.id for _, addition in ramps)
        if by_lever or site.status == "asset" or not extra > 0 or isnan(site.earliest_start):
            continue
        yield {
            **_project(site, reach),
            "lever": "",
            "first_output": day_of(site.earliest_start).isoformat(),
            "ramp_days": round(site.ramp_days, 6),
            "design_t": extra,
            "expected_share": site.success * site.ramp_cap,
        }


def _project(site: Site, reach: Reach) -> Plain:
    announced, fed_from = site.earliest_start, reach.chains.fed_from(site)
    return {
        "site": site.id,
        "name": site.name,
        "country": site.country,
        "stage": site.stage,
        "announced": "" if isnan(announced) else day_of(announced).isoformat(),
        "before_t": _made_before(site, reach.world),
        "unit": reach.world.basis,
        "cut_off": reach.chains.why_cut_off(site),
        "fed_from": fed_from.isoformat() if fed_from else "",
        "waits": reach.chains.why_late(site),
    }


def _made_before(site: Site, world: World) -> float:
    """What a site sold in the base year, without by-products, t/yr: of a plant that is not its feed."""
    aside = (world.mixed_form, world.scrap_form)
    return sum(f.t_per_year for f in world.flows if f.seller == site.id and f.form not in aside)
