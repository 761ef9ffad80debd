"""What else is assumed of the office: X and c looked for anew with other ends of the pack's rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from benchmarks.precedents.rule import Fitted
from benchmarks.precedents.search import COARSE, Found, Point, points, search, with_other_draws
from benchmarks.precedents.worlds import ASSUMED, PACK, Assumed
from sim.words.quantities import DAYS_PER_MONTH
from sim.world import load_pack
from sim.world.world import LicenceOffice


@dataclass(frozen=True, slots=True)
class Other:
    """What comes of another office."""

    found: Found
    """Of the coarse grid"""
    central: Point
    """Of the values that were set with the pack's own office"""
    again: tuple[float, ...]
    """Mean errors of the best with other draws"""


def offices() -> Mapping[str, LicenceOffice]:
    """Name -> office: the length of a licence, or the mean review, at an end that the pack gives it.

    The length also halfway between its low end and its value.
    """
    pack = load_pack(PACK).licence_office
    low, value, high = _ends("tonnage_months")
    lengths = {
        f"licences for {months:g} month{'s' * (months != 1)}": replace(
            pack, tonnage_days=months * DAYS_PER_MONTH
        )
        for months in (low, (low + value) / 2, high)
    }
    low, _, high = _ends("mean_review_days")
    reviews = {
        f"a mean review of {days:g} days": replace(pack, mean_review_days=days)
        for days in (low, high)
    }
    return lengths | reviews


def _ends(parameter: str) -> Iterator[float]:
    (row,) = (
        row for row in load_pack(PACK).rows
        if (row.table, row.parameter) == ("licence_office", parameter)
    )  # fmt: skip
    return (float(cell) for cell in (row.low, row.value, row.high))


def assumed(office: LicenceOffice) -> Assumed:
    """All else as it is."""
    return replace(ASSUMED, office=office)


def searched(central: Fitted) -> dict[str, Other]:
    """Each office."""
    return {name: _searched(central, assumed(office)) for name, office in offices().items()}


def _searched(central: Fitted, there: Assumed) -> Other:
    found = search(COARSE, there)
    (point,) = points([central], assumed=there)
    return Other(found, point, with_other_draws(found.best.fitted, there))


def as_assumed(found: Found, central: Point) -> Other:
    """The pack's own office, to stand beside them."""
    return Other(found, central, with_other_draws(found.best.fitted))
