"""The settings of the rule `priority`: whom sellers serve first, and how regions share what they get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationInfo

from sim.lever import PriorityClass, Region, Seller, Share, StrictModel, fault
from sim.rules.behaviour import BY_CLASS, HOME_FIRST, OF_REGIONS, PROPORTIONAL, SERVING, Priority
from sim.words.problems import list_names, nearest, quote
from sim.world import World


def _word(written: object) -> object:
    if isinstance(written, str) and written.strip() in SERVING:
        return written.strip()
    meant = nearest(written, SERVING) if isinstance(written, str) else None
    message = f"{quote(written)} is no order in which sellers serve"
    raise fault(
        message, f"did you mean `{meant}`? {list_names(SERVING)}" if meant else list_names(SERVING)
    )


def _word_of_region(written: object) -> object:
    word = _word(written)
    if word in OF_REGIONS:
        return word
    raise fault(
        f"{quote(word)} is an order of sellers; a region shares what it gets of one",
        f"{list_names(OF_REGIONS)}; `{word}` may stand under `sellers`",
    )


Word = Annotated[
    Literal["proportional", "by_class", "contracts_first", "home_first"], BeforeValidator(_word)
]
WordOfRegion = Annotated[Literal["proportional", "by_class"], BeforeValidator(_word_of_region)]
_BY_SELLER: TypeAdapter[Mapping[str, str]] = TypeAdapter(Mapping[Seller, Word])


def _sellers(written: object, info: ValidationInfo) -> object:
    """One word for all of them, or a line for each site or country."""
    if not isinstance(written, Mapping):
        return _word(written)
    return _BY_SELLER.validate_python(_some(written, "{CHN: by_class}"), context=info.context)


def _some(written: object, example: str) -> object:
    if isinstance(written, Mapping) and written:
        return written
    if isinstance(written, Mapping):
        raise fault("no name stands here", f"for example {example}, or leave the key out")
    raise fault(
        f"`name: value` lines are needed here, not {quote(written)}", f"for example {example}"
    )


def _regions(written: object) -> object:
    return _some(written, "{EU: by_class}")


def _floors(written: object) -> object:
    return _some(written, "{defence: 80 %}")


class PriorityText(StrictModel):
    """Whom sellers serve first where stock does not reach; without it all share in proportion."""

    sellers: Annotated[Word | Mapping[Seller, Word], BeforeValidator(_sellers)] = PROPORTIONAL
    """By class: by the `priority_class` of the sectors that goods are for. Contracts first: others get only
    what a seller has beyond a review of planned sales. Without a line for it a seller shares in proportion."""
    regions: Annotated[Mapping[Region, WordOfRegion], BeforeValidator(_regions)] = Field(
        default_factory=dict
    )
    """Regions that share anew, `by_class` or `proportional`, what they get of each seller; left out: none."""
    floors: Annotated[Mapping[PriorityClass, Share], BeforeValidator(_floors)] = Field(
        default_factory=dict
    )
    """Classes with the part of their planned use that is served before the rest is shared; left out: none."""


EXAMPLES = {"sellers": "by_class", "regions": "{EU: by_class}", "floors": "{defence: 80 %}"}
"""Setting -> how it is written"""


def priority_of(written: PriorityText | None) -> Priority | None:
    """The rule; None where everybody shares in proportion."""
    if written is None:
        return None
    one = written.sellers if isinstance(written.sellers, str) else PROPORTIONAL
    lines = {} if isinstance(written.sellers, str) else written.sellers
    rule = Priority(
        one,
        tuple(sorted(lines.items())),
        tuple(sorted(written.regions.items())),
        tuple(sorted(written.floors.items())),
    )
    return None if rule.changes_nothing else rule


def described_priority(rule: Priority | None, world: World) -> Any:
    """As `scenario.behaviour.described` says."""
    if rule is None:
        return "off"
    every = {} if rule.by_seller and rule.sellers == PROPORTIONAL else {"all": rule.sellers}
    named = {who: world.sites[who].name for who, _ in rule.by_seller if who in world.sites}
    sellers = {"value": {**every, **dict(rule.by_seller)}, **({"names": named} if named else {})}
    found: dict[str, Any] = {"sellers": sellers}
    if rule.regions:
        found["regions"] = {"value": dict(rule.regions)}
    if rule.floors:
        found["floors"] = {"value": dict(rule.floors)}
    if rule.asks_for_classes:
        from_ = {"from_pack": "pack"} if world.classes_in_order else {"from": "critmin"}
        found["classes"] = {"value": list(world.priority_classes), **from_}
    return found


def odd_priority(written: PriorityText, world: World) -> Iterator[tuple[str, str, str]]:
    """(setting, what it does not do, what would help) of a rule that does less than it seems to."""
    rule = priority_of(written)
    if rule is None:
        yield (
            "",
            "this lets everybody share in proportion, as without it",
            "name an order, such as `sellers: by_class`",
        )
        return
    of_classes = {sector.priority_class for sector in world.sectors.values()}
    if rule.asks_for_classes and len(of_classes) < 2:
        setting = next(key for key in ("sellers", "regions", "floors") if getattr(written, key))
        yield (
            setting,
            "all sectors of the pack are of one class, so none is served before another",
            "give sectors a `priority_class` in a pack of your own",
        )
    if rule.floors and rule.sellers == HOME_FIRST and not rule.regions:
        yield (
            "floors",
            f"sellers with `{HOME_FIRST}` keep to no floors, and all are so here",
            f"let some serve `{PROPORTIONAL}` or `{BY_CLASS}`",
        )
