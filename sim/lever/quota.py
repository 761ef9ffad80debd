"""Tonnages of quotas as people write them: a rate, or a share of the base year's; in slices of the calendar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import BeforeValidator, ValidationInfo

from sim.lever.caution import Caution
from sim.lever.marks import Quantity, either
from sim.lever.strict import fault, world_of
from sim.lever.words import percent
from sim.words.problems import quote
from sim.words.quantities import RATE, SHARE, QuantityError, plain_number, read_quantity
from sim.world.world import World

Period = Literal["month", "quarter", "half-year", "year"]
_MONTHS: Mapping[Period, int] = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}

LEAST_SHARE = 0.01
"""Of the base year's; less is probably in another unit."""
HIGHEST_SHARE = 10.0
"""Of the base year's; more is a slip."""
_AMOUNT = replace(RATE, example="30 kt/yr, or a share of the base year's such as 50 %")


def months_of(period: Period) -> int:
    """Length of a slice."""
    return _MONTHS[period]


@dataclass(frozen=True, slots=True)
class RateOrShare:
    """A rate, or a share of the tonnage in scope of the pack's base year; one of the two is None."""

    t_per_year: float | None
    share_of_base_year: float | None

    def cautions(
        self, id: str, base_t: float, world: World, *, verb: str, help: str = ""
    ) -> Iterator[Caution]:
        """A tonnage of nothing, or of all there was: `base_t` is the base year's tonnage in scope, t/yr."""
        share = self.share_of_base_year
        if share is None:
            t_per_year = self.t_per_year or 0.0
            share = t_per_year / base_t if base_t > 0 else min(t_per_year, 0.5)
        if share <= 0:
            yield Caution(("amount",), f"`{id}` {verb}", help or "give more than zero")
        elif share < LEAST_SHARE:
            base = f"{plain_number(float(f'{base_t:.3g}'))} {world.basis} of {world.base_year}"
            yield Caution(
                ("amount",),
                f"`{id}` allows {percent(float(f'{share:.2g}'))} of the {base}, next to nothing",
                "check the number and its unit",
            )
        elif share >= 1.0 - 1e-9:
            yield Caution(
                ("amount",),
                f"`{id}` allows {percent(share)} of what there was in {world.base_year}, so it holds back "
                "growth at most",
                "give less than 100 % to restrict",
            )

    def in_words(self, world: World, *, what: str) -> str:
        """As the report writes it; `what` is the word for what the share is of."""
        if self.share_of_base_year is not None:
            return f"{percent(self.share_of_base_year)} of {what} of {world.base_year}"
        return f"{plain_number(self.t_per_year or 0.0)} {world.basis} a year"


def _read(written: object, info: ValidationInfo) -> RateOrShare:
    if isinstance(written, RateOrShare):
        return written
    is_share = isinstance(written, str) and any(unit in written for unit in SHARE.units)
    world = world_of(info)
    try:
        value = read_quantity(
            written, SHARE if is_share else _AMOUNT, basis=world.basis if world else ""
        )
    except QuantityError as error:
        raise fault(error.message, error.help) from None
    if is_share and value > HIGHEST_SHARE:
        raise fault(
            f"{quote(written)} of the base year's is more than possible",
            f"at most {percent(HIGHEST_SHARE)}",
        )
    return RateOrShare(None, value) if is_share else RateOrShare(value, None)


QuotaAmount = Annotated[
    RateOrShare, BeforeValidator(_read), either(Quantity("rate", RATE), Quantity("share", SHARE))
]
