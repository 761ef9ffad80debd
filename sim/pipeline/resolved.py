"""`scenario.resolved.yaml`: what a finished run says about itself, for people, figures and the report.

It holds the scenario in words and in numbers, and the display names of everything in its tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from math import isnan
from typing import Any

from sim.channels.effects import Addition, Room
from sim.lever import Lever, Reach, reach_of, touched_by
from sim.levers import EVERY_KIND
from sim.pipeline.without_measures import compare_with
from sim.scenario import Scenario
from sim.summary.long import SLICES
from sim.words.quantities import day_of
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
        "levers": [
            _lever(lever, name, world, scenario.idle)
            for lever, name in zip(scenario.levers, lever_names(scenario).values(), strict=True)
        ],
        "left_out": list(_left_out(scenario.levers)),
        "glossary": {k: v for lever in scenario.levers for k, v in lever.glossary.items()},
        "settings": scenario.resolved,
        "names": names(world),
        "peaks_by": SLICES[slice_months(scenario)],
        "projects": list(projects(scenario)),
        "compare_with": dict(compare_with(scenario)),
    }


def lever_names(scenario: Scenario) -> Mapping[str, str]:
    """Id -> in a few words: `export ban of China from 2026-01-01`; with the id where two agree."""
    words = {lever.id: _in_words(lever, scenario.world) for lever in scenario.levers}
    shared = {each for each, count in Counter(words.values()).items() if count > 1}
    return {id: f"{each} ({id})" if each in shared else each for id, each in words.items()}


def _in_words(lever: Lever, world: World) -> str:
    exporter = getattr(lever, "exporter", "")
    who = lever.about(world) or (world.countries[exporter].name if exporter else "")
    phases = lever.timeline()
    begun = next(
        (p for p in phases if lever.shown_as(p) == "in_force"), phases[0] if phases else None
    )
    words = lever.kind.replace("_", " ") + (f" of {who}" if who else "")
    return f"{words} from {begun.date.isoformat()}" if begun else words


def _lever(lever: Lever, name: str, world: World, idle: Collection[str]) -> Plain:
    return {
        "id": lever.id,
        "name": name,
        "kind": lever.kind,
        "heading": lever.heading,
        "exporter": getattr(lever, "exporter", ""),
        "about": lever.about(world),
        "sentence": lever.sentence(world),
        "outcome": asdict(lever.outcome) if lever.outcome else {},
        "unknown": lever.unknown_words(world),
        "drawn": lever.is_drawn,
        "phases": [
            {"phase": lever.shown_as(p), "date": p.date.isoformat(), **_why(lever, p.date)}
            for p in lever.timeline()
        ],
        "meets_nothing": lever.id in idle,
        "source": lever.source or "",
        "reason": lever.reason or "",
    }


def _why(lever: Lever, begins: date) -> Plain:
    """What a phase says of itself: an assumed pause is not in the announcement that the lever cites."""
    entries = (entry for entry in getattr(lever, "phases", ()) if entry.from_ == begins)
    its = next(entries, None)
    said = {"source": its.source, "reason": its.reason} if its else {}
    return {key: " ".join(text.split()) for key, text in said.items() if text}


def _left_out(levers: Iterable[Lever]) -> Iterator[str]:
    """What the model leaves out, as each kind of lever says of itself."""
    used = {type(lever) for lever in levers}
    said = (kind.left_out if kind in used else kind.left_out_unused for kind in EVERY_KIND)
    yield from filter(None, said)


def slice_months(scenario: Scenario) -> int:
    """Months of the longest slice in which a quota is given out; 1 without any."""
    effects = (e for lever in scenario.felt for e in lever.in_any_phase(scenario.world))
    return max((e.months for e in effects if isinstance(e, Room)), default=1)


def names(world: World) -> Plain:
    """Id -> display name of everything that stands in the tables."""
    return {
        "elements": {e.symbol: e.name for e in world.elements},
        "products": {p.id: p.name for p in world.products},
        "sectors": {s.id: s.name for s in world.sectors.values()},
        "regions": {r.id: r.name for r in world.regions.values()},
        "countries": {c.id: c.name for c in world.countries.values()},
        "country_regions": {c.id: c.region for c in world.countries.values()},
        "standalone": [c.id for c in world.countries.values() if c.standalone],
        "graded": list(world.recipes),
        "product_notes": {
            row.key[0]: row.note
            for row in world.rows
            if (row.table, row.parameter) == ("products", "name") and row.note
        },
        "groups": {g: list(members) for g, members in world.groups.items()},
        "forms": {f.id: f.name for f in world.forms},
        "stages": list(world.stages),
        "by_products": [world.mixed_form, world.scrap_form],
    }


def projects(scenario: Scenario) -> Iterable[Plain]:
    """Mines and plants that start or grow within the scenario, by a lever or as the pack announces them.

    `design_t` is a year, on top of what the site makes in the base year (`before_t`); `expected_share` is the
    chance of success x the part of the design reached, the part that the central run counts. `cut_off` says
    why it makes or sells nothing, where a feed, a buyer or a link is missing; `touched_by` names the levers
    that are about it, its feed or its output.
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
            **_project(site, scenario.levers, reach),
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
            **_project(site, scenario.levers, reach),
            "lever": "",
            "first_output": day_of(site.earliest_start).isoformat(),
            "ramp_days": round(site.ramp_days, 6),
            "design_t": extra,
            "expected_share": site.success * site.ramp_cap,
        }


def _project(site: Site, levers: Iterable[Lever], reach: Reach) -> Plain:
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
        "touched_by": touched_by(site, levers, reach),
    }


def _made_before(site: Site, world: World) -> float:
    """What a site sold in the base year, without by-products, t/yr: of a plant that is not its feed."""
    aside = (world.mixed_form, world.scrap_form)
    return sum(f.t_per_year for f in world.flows if f.seller == site.id and f.form not in aside)
