"""Export quota: goods in scope leave until the tonnage of the calendar slice is used up.

First come, first served; what finds no tonnage left waits with the seller for the next slice. Unused
tonnage lapses at the end of its slice, and the count goes on through a pause.

Limits: no trader holds a part of the quota of its own, nobody auctions or resells it, and nobody
ships early because it may run out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo

from sim.channels import Effect, Room
from sim.lever import Caution, Reach, Restriction, fault, percent, world_of
from sim.problems import quote
from sim.quantities import RATE, SHARE, QuantityError, plain_number, read_quantity
from sim.world.world import World

PERIOD_MONTHS: Mapping[str, int] = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}

HIGHEST_SHARE = 10.0
"""Of the base year's exports; more is a slip."""
_AMOUNT = replace(RATE, example="30 kt/yr, or a share of the base year's exports such as 50 %")
_EACH_WORDS = {
    "form": "counted for each form by itself",
    "element": "counted for each element of each form by itself",
    "all": "counted over everything together",
}


@dataclass(frozen=True, slots=True)
class QuotaAmount:
    """A rate, or a share of the exports planned in the pack's base year; one of the two is None."""

    t_per_year: float | None
    share_of_base_year: float | None


def _amount(written: object, info: ValidationInfo) -> QuotaAmount:
    if isinstance(written, QuotaAmount):
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
            f"{quote(written)} of the base year's exports is more than possible",
            f"at most {percent(HIGHEST_SHARE)}",
        )
    return QuotaAmount(None, value) if is_share else QuotaAmount(value, None)


class ExportQuota(Restriction):
    """What people write under `kind: export_quota`."""

    kind: Literal["export_quota"]
    amount: Annotated[QuotaAmount, BeforeValidator(_amount)] = Field(examples=["50 %", "30 kt/yr"])
    """Tonnage a year, or share of the exports planned in the pack's base year; each slice of the
    calendar gets its part."""
    period: Literal["month", "quarter", "half-year", "year"] = "quarter"
    """Slice of the calendar; a yearly one lets exports run as usual and then stop."""
    each: Literal["form", "element", "all"] = "form"
    """What has a tonnage of its own; with `all`, cheap elements can crowd out dear ones."""

    def sentence(self, world: World) -> str:
        """The quota in plain words."""
        exporter = world.countries[self.exporter].name
        return (
            f"{exporter} limits its exports of {self.scope_words(world)}, to "
            f"{self._amount_words(world)}, shared out by {self.period} and "
            f"{_EACH_WORDS[self.each]}: {self.date_words()}."
        )

    def _amount_words(self, world: World) -> str:
        if self.amount.share_of_base_year is not None:
            return f"{percent(self.amount.share_of_base_year)} of those of {world.base_year}"
        return f"{plain_number(self.amount.t_per_year or 0.0)} {world.basis} a year"

    def cautions(self, reach: Reach) -> Iterator[Caution]:
        """A scope that meets no trade; a tonnage that shuts the border, or that nobody feels."""
        where = self.scope(reach.world)
        if not reach.meets(where):
            yield from super().cautions(reach)
            return
        exports_t, share = reach.exports_t(where), self.amount.share_of_base_year
        if share is None:
            t_per_year = self.amount.t_per_year or 0.0
            share = t_per_year / exports_t if exports_t > 0 else min(t_per_year, 0.5)
        if share <= 0:
            yield Caution(
                ("amount",),
                f"`{self.id}` lets nothing leave; goods then wait at the seller until it ends",
                "a ban on exports gives the orders back to the buyers, who can look elsewhere",
            )
        elif share >= 1.0 - 1e-9:
            yield Caution(
                ("amount",),
                f"`{self.id}` allows {percent(share)} of what left in {reach.world.base_year}, so it "
                "holds back growth at most",
                "give less than 100 % to restrict",
            )

    def effects(self, world: World) -> tuple[Effect, ...]:
        """Lots in scope draw on a tonnage; what finds none waits for the next slice."""
        room = Room(
            self.scope(world),
            of_sites=False,
            share_of_base_year=self.amount.share_of_base_year,
            t_per_year=self.amount.t_per_year,
            months=PERIOD_MONTHS[self.period],
            each=self.each,
        )
        return (room,)
