"""Stockpile release: users of a region draw on a policy stock when their own runs low.

The stock is full on the day the run begins, in the mix that the region uses. It sells to every buyer of
its region that uses a stored product, a day away, and only what the ordinary suppliers left open. Two
releases of one stockpile are two stocks: one of oxides and one of magnets, for example.

Limits: only stockpiles of the pack can be released, and only to their own region; nobody pays, nothing
goes to waste in the store, and filling it before the run took nothing from anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from math import inf
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from sim.channels.effects import Reserve
from sim.lever import (
    Caution,
    DatedMeasure,
    Elements,
    Form,
    Lever,
    Outcome,
    PackRows,
    Reach,
    Stockpile,
    TonnesPerYear,
    at,
    day,
    expand_groups,
    fault,
    listed,
    percent,
    read_date,
    tonnage,
    world_of,
)
from sim.lever.fields import DATE, DURATION
from sim.lever.marks import Quantity, either
from sim.words.problems import list_names
from sim.words.quantities import (
    DAYS_PER_YEAR,
    MASS,
    SHARE,
    TIME,
    Dimension,
    QuantityError,
    plain_number,
    read_quantity,
)
from sim.world.places import PILE, places_in
from sim.world.world import Row, World


@dataclass(frozen=True, slots=True)
class Amount:
    """A tonnage, or a share of something, or days of use; all but one are None."""

    t: float | None = None
    share: float | None = None
    days: float | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """What lets users draw: a stock below so many days of use, or a date."""

    below_days: float | None = None
    since: date | None = None


def _one_of(written: object, info: ValidationInfo, kinds: Mapping[str, Dimension]) -> Amount:
    """Reads a quantity of the dimension whose unit it has; the first kind where it has none."""
    if isinstance(written, Amount):
        return written
    world = world_of(info)
    unit = " ".join(str(written).split()).lstrip("+-0123456789., ")
    words = {unit, unit.split(" ")[0].split("/")[0]}  # `per cent` is one, `t REO` begins with one
    meant = next(
        (k for k, dimension in kinds.items() if words & set(dimension.units)), next(iter(kinds))
    )
    examples = " or ".join(f"`{dimension.example}`" for dimension in kinds.values())
    try:
        dimension = replace(kinds[meant], example=examples)
        value = read_quantity(written, dimension, basis=world.basis if world else "")
    except QuantityError as error:
        raise fault(error.message, error.help) from None
    return Amount(**{meant: value})


def _size(written: object, info: ValidationInfo) -> Amount:
    size = _one_of(written, info, {"t": MASS, "days": TIME})
    if (size.t or size.days or 0.0) <= 0.0:
        raise fault("an empty stockpile has nothing to release", "give more than zero")
    return size


def _floor(written: object, info: ValidationInfo) -> Amount:
    floor = _one_of(written, info, {"t": MASS, "share": SHARE})
    if floor.share is not None and floor.share > 1.0:
        raise fault("a floor cannot be more than 100 % of the size", "give 0 % to 100 %")
    return floor


def _trigger(written: object) -> Trigger:
    if isinstance(written, Trigger):
        return written
    if isinstance(written, date) or _is_date_like(written):
        return Trigger(since=read_date(written))
    try:
        return Trigger(below_days=read_quantity(written, TIME))
    except QuantityError as error:
        help = "days of cover such as `30 d`, or a date such as 2026-04-01"
        raise fault(error.message, help) from None


def _is_date_like(written: object) -> bool:
    return isinstance(written, str) and written.count("-") == 2


LEAST_RELEASE_SHARE = 0.001
"""Of what the region uses: less is probably in another unit."""
MOST_YEARS_OF_USE = 5
"""More than that is a slip of the unit."""


TONNES = Quantity("mass", MASS)


class StockpileRelease(DatedMeasure):
    """What people write under `kind: stockpile_release`."""

    fixed = frozenset({"stockpile", "form", "elements", "size"})
    may_be_absent = frozenset({"release", "refill"})
    pack_rows = PackRows("stockpiles", {"stock": "size"}, named_by="stockpile")
    left_out = (
        "The stockpiles are full on the first day; what it takes to fill them is not simulated, and no "
        "others are released."
    )
    left_out_unused = "No stockpile of a government is released; the scenario names none."
    outcome = Outcome(
        "stock",
        "{drawn} drawn{parts}.",
        parts=(", of it {drawn_in_calm} in months without a restriction or shock in force",),
    )

    kind: Literal["stockpile_release"]
    stockpile: Stockpile
    """Stockpile of the pack; it says whose region and, unless `form` does, what it consists of."""
    form: Form | None = None
    """Form that is stored; left out: as in the pack."""
    elements: Elements = ()
    """Elements or groups stored: every product of the form that needs one of them; left out: all."""
    size: Annotated[Amount, BeforeValidator(_size), either(DURATION, TONNES)] | None = Field(
        default=None, examples=["60 d", "1200 t"]
    )
    """What it holds when the run begins, as a mass or in days of the region's use; left out: as in the
    pack."""
    trigger: Annotated[Trigger, BeforeValidator(_trigger), either(DURATION, DATE)] = Field(
        examples=["30 d", "2026-04-01"]
    )
    """Users draw when their own stock is below so many days of use; or, from a date on, when it is
    below their usual cover. A date is also the first day, in place of `starts`."""
    release: TonnesPerYear | None = Field(default=None, examples=["1200 t/yr", "2400 t/yr"])
    """The most that is given out in a year; left out: no limit."""
    floor: Annotated[Amount, BeforeValidator(_floor), either(TONNES, Quantity("share", SHARE))] = (
        Field(default=Amount(t=0.0), examples=["20 %", "100 t"])
    )
    """Kept back in any case, as a mass or as a share of the size; left out: nothing."""
    refill: TonnesPerYear | None = Field(default=None, examples=["600 t/yr"])
    """The most that is bought back in a year while nobody draws; left out: it is not refilled."""

    @field_validator("form")
    @classmethod
    def _somebody_buys_the_form(cls, form: str | None, info: ValidationInfo) -> str | None:
        world = world_of(info)
        name = info.data.get("stockpile")
        if form is None or world is None or name is None:
            return form
        region = world.stockpiles[name].region
        bought = sorted(_forms_bought(world, region))
        if form not in bought:
            raise fault(
                f"nobody in {world.regions[region].name} buys `{form}`, so nobody could draw on it",
                list_names(bought),
            )
        return form

    @model_validator(mode="wrap")
    @classmethod
    def _floor_fits(
        cls, written: Any, read: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        lever = read(_with_start(written))
        world = world_of(info)
        size = lever.size
        if size is None and world is not None:
            size = Amount(t=world.stockpiles[lever.stockpile].t)
        if size is not None and size.t is not None and (lever.floor.t or 0.0) > size.t:
            raise _wrong_floor(
                f"the floor of {plain_number(lever.floor.t or 0.0)} t lies above the size of "
                f"{plain_number(size.t)} t",
                "lower the floor, or give it as a share such as `20 %`",
            )
        if size is not None and size.t == 0.0:
            raise fault("the pack's stockpile is empty", "give its `size`, for example `60 d`")
        if size is not None and size.days is not None and lever.floor.t:
            raise _wrong_floor(
                "the size is in days of use and the floor in tonnes",
                "give the floor as a share of the size, for example `20 %`",
            )
        return lever

    def sentence(self, world: World) -> str:
        """The release in plain words."""
        return f"{'; '.join(self.clauses(world))}: {self.date_words(world)}."

    def clauses(self, world: World) -> list[str]:
        """What is held, and on which terms it is given out."""
        pile = world.stockpiles[self.stockpile]
        form = next(f.name for f in world.forms if f.id == (self.form or pile.form))
        names = {element.symbol: element.name for element in world.elements}
        stored = listed([names[e] for e in expand_groups(self.elements, world)])
        words = [
            f"{world.regions[pile.region].name} holds {self._size_words(world)} of {form}"
            f"{f' with {stored}' if stored else ''}",
            self._trigger_words(),
        ]
        if self.release is not None:
            words.append(f"at most {tonnage(self.release)} {world.basis} a year is given out")
        if self.floor.t or self.floor.share:
            words.append(f"{self._floor_words(world)} is kept back")
        if self.refill is not None:
            words.append(f"up to {tonnage(self.refill)} {world.basis} a year is bought back")
        return words

    def _size_words(self, world: World) -> str:
        if self.size is None:
            return f"{tonnage(world.stockpiles[self.stockpile].t)} {world.basis}"
        if self.size.days is not None:
            return f"{plain_number(self.size.days)} days of its use"
        return f"{tonnage(self.size.t or 0.0)} {world.basis}"

    def _floor_words(self, world: World) -> str:
        if self.floor.share is not None:
            return f"{percent(self.floor.share)} of it"
        return f"{tonnage(self.floor.t or 0.0)} {world.basis}"

    def _trigger_words(self) -> str:
        if self.trigger.since is not None:
            return f"users draw from {day(self.trigger.since)} when they hold less than usual"
        days = plain_number(self.trigger.below_days or 0.0)
        return f"users draw when they hold less than {days} days of use"

    def cautions(self, reach: Reach) -> Iterator[Caution]:
        """A size out of any sense, a trigger that always or never lets users draw, a floor that keeps all."""
        pile = reach.world.stockpiles[self.stockpile]
        form, where = self.form or pile.form, reach.world.regions[pile.region].name
        use_t = reach.use_t(pile.region, form, expand_groups(self.elements, reach.world))
        if use_t <= 0:
            yield Caution(
                ("elements", "form", "stockpile"),
                f"nobody in {where} uses what `{self.id}` stores, so nobody can draw on it",
                "name a form and elements that are used there",
            )
            return
        idle = [
            name
            for name in self.elements
            if not reach.use_t(pile.region, form, expand_groups([name], reach.world))
        ]
        if idle:
            yield Caution(
                ("elements",),
                f"nobody in {where} uses {form} with {listed(idle)}, so `{self.id}` stores none of it",
                "leave it out",
                needless=tuple(idle),
            )
        size = Amount(t=pile.t) if self.size is None else self.size
        days = size.days if size.days is not None else (size.t or 0.0) / use_t * DAYS_PER_YEAR
        if days > MOST_YEARS_OF_USE * DAYS_PER_YEAR:
            yield Caution(
                ("size", "stockpile"),
                f"`{self.id}` holds {plain_number(round(days / DAYS_PER_YEAR))} years of what {where} uses of "
                f"{form} ({tonnage(use_t)} {reach.world.basis} a year)",
                "government stocks hold days to months of use",
            )
        if self.release is not None and self.release < LEAST_RELEASE_SHARE * use_t:
            yield Caution(
                ("release",),
                f"`{self.id}` gives out at most {plain_number(self.release)} {reach.world.basis} a year, and "
                f"{where} uses {tonnage(use_t)}",
                "check the number and its unit",
            )
        below = self.trigger.below_days
        if below == 0.0:
            yield Caution(
                ("trigger",),
                f"with a trigger of 0 days nobody ever draws on `{self.id}`",
                "give the days of use below which users may draw",
            )
        if below is not None and below > days:
            yield Caution(
                ("trigger",),
                f"`{self.id}` lets users draw below {plain_number(below)} days of use and holds only "
                f"{plain_number(float(f'{days:.2g}'))} days itself",
                "the trigger is about the stock of the users, the size about that of the stockpile",
            )
        covers = reach.covers_days(pile.region, form)
        if below is not None and covers and below > max(covers):
            held = f"{plain_number(min(covers))} to {plain_number(max(covers))} days"
            yield Caution(
                ("trigger",),
                f"users in {where} want to hold {held} of {form}, so with a trigger of "
                f"{plain_number(below)} days they draw in calm times too",
                "give fewer days, or a date",
            )
        if (self.floor.share or 0.0) >= 1.0 or (size.t and (self.floor.t or 0.0) >= size.t):
            yield Caution(
                ("floor",), f"`{self.id}` keeps back all that it holds", "lower the floor"
            )

    def beside(self, other: Lever, world: World) -> Iterator[Caution]:
        """Two stocks of the same goods in one stockpile: each has its own, so the goods count twice."""
        if not isinstance(other, StockpileRelease) or other.stockpile != self.stockpile:
            return
        (mine,), (theirs,) = self.effects(world), other.effects(world)
        apart = mine.elements and theirs.elements and mine.elements.isdisjoint(theirs.elements)
        if mine.form == theirs.form and not apart:
            yield Caution(
                ("stockpile",),
                f"`{self.id}` and `{other.id}` both release {mine.form} of `{self.stockpile}`, and each has a "
                "stock of its own: together twice as much is there",
                "for other terms from a date on, give one lever `phases`",
            )

    def about(self, world: World) -> str:
        """Name of the region."""
        return world.regions[world.stockpiles[self.stockpile].region].name

    def reads(self, row: Row, reach: Reach) -> bool:
        """Also whose stockpile it is, and of what unless `form` says that."""
        if row.table != "stockpiles" or row.key[0] != self.stockpile or row.parameter == "stock":
            return super().reads(row, reach)
        return row.parameter == "region" or self.form is None

    def effects(self, world: World) -> tuple[Reserve]:
        """Users of the region may draw; every release has a stock of its own."""
        pile = world.stockpiles[self.stockpile]
        size = Amount(t=pile.t) if self.size is None else self.size
        floor = self.floor.share
        if floor is None:
            floor = (self.floor.t or 0.0) / size.t if size.t else 0.0
        reserve = Reserve(
            stockpile=self.stockpile,
            region=pile.region,
            form=self.form or pile.form,
            elements=frozenset(expand_groups(self.elements, world)),
            size_t=size.t,
            size_days=size.days,
            below_days=self.trigger.below_days,
            t_per_day=inf if self.release is None else self.release / DAYS_PER_YEAR,
            floor_share=floor,
            refill_t_per_day=0.0 if self.refill is None else self.refill / DAYS_PER_YEAR,
        )
        return (reserve,)


def _wrong_floor(message: str, help: str) -> ValidationError:
    return ValidationError.from_exception_data("floor", [at(("floor",), fault(message, help))])


def _with_start(written: Any) -> Any:
    """A date as trigger is also the first day; a second date beside it would contradict it."""
    if not isinstance(written, Mapping):
        return written
    trigger = written.get("trigger")
    if not isinstance(trigger, date) and not _is_date_like(trigger):
        return written
    try:
        read_date(trigger)
    except PydanticCustomError:
        # The trigger itself is refused; that it gives no start is not a second fault.
        dated = written.get("starts") or written.get("phases")
        return written if dated else {**written, "starts": date(2000, 1, 1)}
    other = next((key for key in ("starts", "phases") if written.get(key) is not None), None)
    if other is not None and written.get("starts") != trigger:
        raise ValidationError.from_exception_data(
            "dates", [at((other,), fault("the trigger is a date already", f"leave `{other}` out"))]
        )
    return {**written, "starts": trigger}


def _forms_bought(world: World, region: str) -> Iterable[str]:
    """Forms that sites or end uses of a region take in the base year."""
    places = places_in(world)
    return {flow.form for flow in world.flows if places.get(flow.buyer, PILE).region == region}
