"""What is kept of a search: the numbers that the pack's rows and the page rest on, in `outcome.csv`."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from math import fsum
from pathlib import Path as File

from benchmarks.precedents import naive
from benchmarks.precedents.flows import FITTED, Path, Paths, mean_error
from benchmarks.precedents.offices import Other
from benchmarks.precedents.page import ALL_HELD, FLOOR, LISTED
from benchmarks.precedents.rule import Fitted, wave_days
from benchmarks.precedents.search import Found, Point, points
from benchmarks.precedents.tables import listed_share
from benchmarks.precedents.worlds import Assumed, holidays, world

FILE = File(__file__).parent / "outcome.csv"
DIGITS = 6


def central(fitted: Fitted) -> Point:
    """Both metals under the central values."""
    (point,) = points([fitted])
    return point


def lines() -> dict[str, Paths]:
    """Lines without a model, and the best common path."""
    path = naive.best_common_path()
    return {**dict(naive.lines(FITTED, holidays())), FLOOR: dict.fromkeys(FITTED, path)}


def with_others(fitted: Fitted) -> dict[str, Point]:
    """The central values where what is assumed of the buyers is another number."""
    others = {
        "10 users": Assumed(users=10),
        "160 users": Assumed(users=160),
        "users all alike": Assumed(size_exponent=0.0),
        "stock of 14 days": Assumed(stock_days=14.0),
        "stock of 100 days": Assumed(stock_days=100.0),
    }
    return {name: points([fitted], assumed=assumed)[0] for name, assumed in others.items()}


def antimony(fitted: Fitted) -> dict[str, Path]:
    """Both readings of the rule of 2024, and the lines without a model."""
    (point,) = points([fitted], ("antimony",))
    held = point.paths["antimony"]
    listed = listed_share()
    partly = {month: 1.0 - listed + listed * flow for month, flow in held.items()}
    others = {name: paths["antimony"] for name, paths in naive.lines(("antimony",), holidays())}
    return {LISTED: partly, ALL_HELD: held, **others}


def numbers(
    found: Found, central: Point, lines: Mapping[str, Paths], antimony: Mapping[str, Path]
) -> dict[str, float]:
    """Name -> number, as they are kept."""
    meant = [point.fitted.first_days for point in found.near]
    waves = {"low": min(meant), "high": max(meant), "central": central.fitted.first_days}
    return {
        "best first_days": found.best.first_days,
        "best cover": found.best.cover,
        "first_days low": found.first_days[0],
        "first_days high": found.first_days[1],
        "cover low": found.covers[0],
        "cover high": found.covers[1],
        **{f"wave_days {name}": wave_days(days, world(FITTED[0])) for name, days in waves.items()},
        "central first_days meant": central.fitted.first_days,
        "central cover meant": central.fitted.cover,
        "error: best": found.best.error,
        **of_central(central),
        **of_lines(lines, antimony),
    }


def of_central(central: Point) -> dict[str, float]:
    """What a run of the central values alone says."""
    return {
        "central first_days": central.first_days,
        "central cover": central.cover,
        "error: central": central.error,
    }


def of_lines(lines: Mapping[str, Paths], antimony: Mapping[str, Path]) -> dict[str, float]:
    """Mean errors of the lines without a model, and of antimony."""
    own = {f"error: {name}": mean_error(paths) for name, paths in lines.items()}
    other = {f"antimony: {name}": mean_error({"antimony": path}) for name, path in antimony.items()}
    return own | other


def of_offices(searched: Mapping[str, Other]) -> dict[str, float]:
    """The best under each other office, and what the central values give there."""
    return {
        f"{name}: {what}": value
        for name, other in searched.items()
        for what, value in {
            **of_best(other.found.best),
            "first_days low": other.found.first_days[0],
            "first_days high": other.found.first_days[1],
            "cover low": other.found.covers[0],
            "cover high": other.found.covers[1],
            "error: central": other.central.error,
            **of_other_draws("error: best", other.again),
        }.items()
    }


def of_other_draws(name: str, errors: Sequence[float]) -> dict[str, float]:
    """Mean, least and most."""
    mean = fsum(errors) / len(errors)
    return {
        f"{name}, other draws": mean,
        f"{name}, other draws low": min(errors),
        f"{name}, other draws high": max(errors),
    }


def of_best(best: Point) -> dict[str, float]:
    """A best point: as meant, as it came out, and its errors."""
    return {
        "best first_days meant": best.fitted.first_days,
        "best cover meant": best.fitted.cover,
        "best first_days": best.first_days,
        "best cover": best.cover,
        "error: best": best.error,
        **{
            f"error: best, {metal}": mean_error({metal: path}) for metal, path in best.paths.items()
        },
    }


def write(found: Mapping[str, float]) -> None:
    """Keep them."""
    with FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("name", "value"))
        writer.writerows((name, f"{value:.{DIGITS}g}") for name, value in found.items())


def stored() -> dict[str, float]:
    """What was kept."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {written["name"]: float(written["value"]) for written in csv.DictReader(file)}
