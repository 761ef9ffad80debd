"""The licence that the two fitted numbers stand for; all else is as the pack's rows assume it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from benchmarks.precedents import tables
from sim.levers.export_licence import ExportLicence
from sim.rules.behaviour import RIGID, Offices
from sim.words.quantities import DAYS_PER_WEEK
from sim.world import World

BEHAVIOUR = replace(RIGID, offices=Offices())
"""Users keep to the plan; the office has the rules of licences."""


@dataclass(frozen=True, slots=True, order=True)
class Fitted:
    """What is fitted."""

    first_days: float
    """X: mean days from filing to a first licence, as meant; a run says what they come to"""
    cover: float
    """c: part of planned use that licences cover, if the office keeps up"""


def licence(fitted: Fitted, starts: date, cases: int, world: World) -> ExportLicence:
    """The rule of a world with so many first cases."""
    written: dict[str, Any] = {
        "id": "rule", "kind": "export_licence", "exporter": "CHN", "starts": starts,
        "review": f"{tables.review_days():g} working days",
        "between_licences": f"{world.licence_office.tonnage_days / fitted.cover:.2f} d",
        **office(fitted.first_days, cases, world),
    }  # fmt: skip
    return ExportLicence.model_validate(written, context={"world": world})


def office(first_days: float, cases: int, world: World) -> dict[str, Any]:
    """How the office works, so that X comes out near what is meant.

    Where waiting alone would be less than nothing, there is none and the reviews are shorter.
    """
    pack = world.licence_office
    assert pack.mean_review_days is not None
    if waiting_days(first_days, world) <= 0:
        mean = pack.mean_review_days * first_days / reviews_days(world)
        return {"office": "clock", "mean_review": f"{mean:.2f} d"}
    return {"office": {"cases_a_week": cases * DAYS_PER_WEEK / wave_days(first_days, world)}}


def wave_days(first_days: float, world: World) -> float:
    """Days in which the office takes up all first cases: what carries over to an office with more of them.

    They come in evenly over T days, are taken up evenly over D, and wait (D - T) / 2 in the mean.
    """
    return 2 * waiting_days(first_days, world) + world.licence_office.first_application_days


def waiting_days(first_days: float, world: World) -> float:
    """What X leaves for waiting, d; below 0 where reviews alone take longer."""
    return first_days - reviews_days(world)


def reviews_days(world: World) -> float:
    """Days that reviews alone take: m / (1 - r), of mean m each, repeated for the part r returned."""
    pack = world.licence_office
    assert pack.mean_review_days is not None
    return pack.mean_review_days / (1 - pack.return_)
