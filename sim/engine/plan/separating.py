"""Separation and recycling in the plan: what comes out of planned feed, and where the mixed rest goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from sim.engine.plan.outlets import is_open, is_taken, planned_buyers
from sim.engine.plan.planning import Planning
from sim.engine.plan.rates import FloatArray, Rates, ratio, shares_of
from sim.world.balance import recovery_of
from sim.world.world import Site


def plants_in_order(planning: Planning, *, residual: bool) -> list[Site]:
    """Separation plants in the order in which mixed concentrate travels between them."""
    plants = planning.sites.running("separation")
    waiting = [p for p in plants if (p.id in planning.sites.residual) is residual]
    ordered: list[Site] = []
    while waiting:
        names = {plant.id for plant in waiting}
        ready = [p for p in waiting if not _mixed_feeders(planning, p) & (names - {p.id})]
        ordered += ready or waiting
        waiting = [p for p in waiting if p not in ordered]
    return ordered


def _mixed_feeders(planning: Planning, plant: Site) -> set[str]:
    links = planning.links_to[plant.id, planning.world.mixed_form]
    return {link.seller for link in links if is_open(planning, link)}


def run_plant(planning: Planning, plant: Site) -> None:
    """Let a plant split what is planned to reach it: elements for sale, and a mixed rest that travels on."""
    can, nothing = planning.sites.capability[plant.id], planning.horizon.zeros()
    rest: dict[str, FloatArray] = {}
    for element, path in sorted(recovered(planning, plant).items()):
        share = can.get(element, nothing)
        planning.draft.supply[plant.id, element] = path * share
        rest[element] = path * (1 - share)
    planning.draft.supply[plant.id, ""] = planning.horizon.total(rest.values())
    if np.any(planning.horizon.total(rest.values()) > 0):
        _send_mixed_on(planning, plant.id, rest)


def recovered(planning: Planning, plant: Site) -> Rates[str]:
    """Elements won from the planned feed, t/day."""
    out: Rates[str] = Rates()
    for form, parts in _feed(planning, plant.id).items():
        for element, path in parts.items():
            passed = planning.horizon.earlier(path, plant.processing_days)
            out.add(element, passed * recovery_of(plant, form, element))
    return out


def _feed(planning: Planning, plant: str) -> Mapping[str, Rates[str]]:
    """Planned feed by input form and element, when it is used, t/day."""
    feed: dict[str, Rates[str]] = defaultdict(Rates)
    lines = planning.draft.lines
    for key in sorted(key for key in lines if key[1] == plant):
        seller, buyer, form, _ = key
        content = planning.draft.content.get((seller, buyer))
        if content is None:
            basket = planning.world.sites[seller].basket
            content = {
                element: lines[key] * share for element, share in basket.items() if share > 0
            }
        lag = planning.lag(seller, buyer, form)
        for element, path in content.items():
            feed[form].add(element, planning.horizon.earlier(path, lag))
    return feed


def _send_mixed_on(planning: Planning, plant: str, rest: Mapping[str, FloatArray]) -> None:
    """First to new buyers as they grow, then as in the base year."""
    form, left = planning.world.mixed_form, planning.horizon.ones()
    base = planning.base.shares(plant, form)
    shares = _by_size(planning, plant) if base else _among_running(planning, plant)
    for buyer, taken in shares.items():
        left = left - taken
        planning.draft.send_blend((plant, buyer, form, ""), rest, taken)
    for buyer, share in base.items():
        planning.draft.send_blend((plant, buyer, form, ""), rest, np.maximum(left, 0.0) * share)


def _by_size(planning: Planning, plant: str) -> dict[str, FloatArray]:
    """What new buyers take as they grow from a plant that has others for the rest."""
    full = shares_of(planned_buyers(planning, plant, planning.world.mixed_form))
    return {buyer: share * planning.sites.risked(buyer) for buyer, share in full.items()}


def _among_running(planning: Planning, plant: str) -> dict[str, FloatArray]:
    """All goes to the buyers that run; while none does, it stays with the plant."""
    form = planning.world.mixed_form
    wanted = {
        buyer: t * is_taken(planning, plant, buyer, form)
        for buyer, t in planned_buyers(planning, plant, form).items()
    }
    part_of_each = ratio(1.0, planning.horizon.total(wanted.values()), otherwise=0.0)
    return {buyer: path * part_of_each for buyer, path in wanted.items()}
