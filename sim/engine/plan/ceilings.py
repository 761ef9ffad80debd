"""Ceilings: how much residual mines can dig, and residual plants treat of what these dig, at most."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.engine.plan.planning import Planning
from sim.engine.plan.rates import FloatArray, Purchase, Rates, ratio
from sim.world.world import Site


def ore_before(planning: Planning, plant: Site) -> dict[str, float]:
    """Residual mine -> what it sent to a plant in the base year, t/day."""
    ore = planning.base.sellers[Purchase(plant.id, planning.shape.mine_form, "")]
    return {mine: rate for mine, rate in ore if mine in planning.sites.residual}


def ore_lag(planning: Planning, mine: str, plant: Site) -> float:
    """Days from the dispatch of ore until what is won of it comes out."""
    return plant.processing_days + planning.lag(mine, plant.id, planning.shape.mine_form)


def may_dig(planning: Planning, mine: str) -> FloatArray | None:
    """The most that a mine can dig, t/day; None where nothing limits it."""
    site, limits = planning.world.sites[mine], planning.limits
    if limits is None or not limits.mines or site.most_growth_per_year is None:
        return None
    return planning.sites.at_most(site, site.output_t_per_year)


def may_treat(planning: Planning, plant: Site) -> FloatArray | None:
    """The most ore of residual mines that a plant can treat, t/day, when it comes out; None: any.

    What others send it passes on top.
    """
    limits, ore = planning.limits, ore_before(planning, plant)
    if limits is None or not limits.separation or plant.most_growth_per_year is None or not ore:
        return None
    before = sum(_sent_before(planning, mine, rate) for mine, rate in ore.items())
    most = planning.sites.at_most(plant, before)
    return planning.horizon.earlier(most, plant.processing_days)


def _sent_before(planning: Planning, mine: str, rate: float) -> float:
    """The part of a mine's output that it sent over a line, t/yr: flows say the part, `output` how much."""
    sold = sum(rates for (seller, _), rates in planning.base.sales.items() if seller == mine)
    return planning.world.sites[mine].output_t_per_year * rate / sold


def among_mines(planning: Planning, plant: Site, needed: FloatArray) -> dict[str, FloatArray]:
    """What each mine sends of the ore that a plant needs when it comes out, t/day at dispatch.

    They share as in the base year; what one cannot dig the others do as far as they can. Plants that ask
    more of a mine than it can dig get the same part of what they ask.
    """
    ore, horizon = ore_before(planning, plant), planning.horizon
    lags = {mine: ore_lag(planning, mine, plant) for mine in ore}
    asked = {
        mine: horizon.later(needed, lags[mine]) * rate / sum(ore.values())
        for mine, rate in ore.items()
    }
    rooms = {mine: _room(planning, mine, plant, path) for mine, path in asked.items()}
    if all(room is None for room in rooms.values()):
        return asked
    rooms_then = {
        mine: None if room is None else horizon.earlier(room, lags[mine])
        for mine, room in rooms.items()
    }
    sent = _filled(needed, ore, rooms_then)
    paths = {mine: horizon.later(path, lags[mine]) for mine, path in sent.items()}
    return {mine: _at_most(path, rooms[mine]) for mine, path in paths.items()}


def ore_cut(
    planning: Planning, plant: Site, wanted: FloatArray, sent: Mapping[str, FloatArray]
) -> FloatArray:
    """Ore that a plant needs when it comes out, less what mines send of it, t/day at dispatch."""
    ore, horizon = ore_before(planning, plant), planning.horizon
    asked = horizon.total(
        horizon.later(wanted, ore_lag(planning, mine, plant)) * rate / sum(ore.values())
        for mine, rate in ore.items()
    )
    return np.maximum(0.0, asked - horizon.total(sent.values()))


def _room(planning: Planning, mine: str, plant: Site, asked: FloatArray) -> FloatArray | None:
    """What a mine can dig for one of the plants that ask it."""
    most = may_dig(planning, mine)
    if most is None:
        return None
    claims = planning.draft.claims
    claims[mine, plant.id] = asked
    all_asked = planning.horizon.total(path for (m, _), path in claims.items() if m == mine)
    return most * ratio(asked, all_asked, otherwise=1.0)


def _filled(
    needed: FloatArray, weights: Mapping[str, float], rooms: Mapping[str, FloatArray | None]
) -> dict[str, FloatArray]:
    """A need shared by weights; what does not fit into a room goes to those that have some left."""
    sent = {mine: np.zeros_like(needed) for mine in weights}
    for _ in weights:  # each time at least one more is full
        left = np.maximum(0.0, needed - sum(sent.values()))
        free = {
            mine: weight * (1.0 if (room := rooms[mine]) is None else (sent[mine] < room))
            for mine, weight in weights.items()
        }
        total = sum(free.values()) * np.ones_like(needed)
        for mine, weight in free.items():
            more = left * weight * ratio(1.0, total, otherwise=0.0)
            sent[mine] = _at_most(sent[mine] + more, rooms[mine])
    return sent


def _at_most(path: FloatArray, most: FloatArray | None) -> FloatArray:
    return path if most is None else np.minimum(path, most)


def most_dug(planning: Planning) -> dict[str, FloatArray]:
    """Mine with a ceiling of its own or at its plants -> what it can dig in a hurry, t/day."""
    found: dict[str, FloatArray] = {}
    for mine in sorted(planning.draft.mines):
        if mine in planning.sites.residual:
            most = [
                each
                for each in (may_dig(planning, mine), _taken(planning, mine))
                if each is not None
            ]
            if most:
                found[mine] = np.minimum.reduce(most)
    return found


def _taken(planning: Planning, mine: str) -> FloatArray | None:
    """The most ore that the plants of a mine can treat in its planned part of it; None: as much as it likes."""
    taken: Rates[str] = Rates()
    lines = planning.draft.lines
    for key in [key for key in lines if key[0] == mine]:
        plant = planning.world.sites.get(key[1])
        most = None if plant is None else may_treat(planning, plant)
        if plant is None or most is None:
            return None
        planned = _ore_planned(planning, plant)
        faster = ratio(most, planned, otherwise=1.0)
        taken.add(mine, lines[key] * planning.horizon.later(faster, ore_lag(planning, mine, plant)))
    return taken.get(mine)


def _ore_planned(planning: Planning, plant: Site) -> FloatArray:
    """Ore of residual mines that a plant is planned to get, when it comes out, t/day."""
    horizon, lines, form = planning.horizon, planning.draft.lines, planning.shape.mine_form
    return horizon.total(
        horizon.earlier(lines[mine, plant.id, form, ""], ore_lag(planning, mine, plant))
        for mine in ore_before(planning, plant)
    )
