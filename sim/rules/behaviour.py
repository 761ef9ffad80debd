"""How mines, plants and buyers behave when goods are missing or nobody wants them.

Each rule can be switched off, and says in its numbers how far it goes; `docs/model.md` has a section on each.
With none of them (`RIGID`) everybody keeps to the plan.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final


@dataclass(frozen=True, slots=True)
class Piles:
    """A calm world stands still: what nobody buys has a full pile, and what exceeds it is thrown away."""

    days: float
    """Days of planned output that the pile of a by-product holds"""


@dataclass(frozen=True, slots=True)
class NewSupply:
    """New supply is additional: what a new seller does not deliver goes back to those it displaced."""

    mean_days: float
    """Over which its shortfall against the plan is averaged"""


@dataclass(frozen=True, slots=True)
class Market:
    """A market beside the contracts: who cannot get what it ordered learns to buy from others."""

    filled: float = 0.95
    """Part of its order below which a buyer is said to lack goods"""
    patience_days: float = 28.0
    """In a row on which it lacks them before it looks for other sellers"""
    restricted_share: float = 0.1
    """Part of its planned supply under a restriction from which on it looks at once"""
    at_a_time: int = 3
    """Sellers that a buyer qualifies at the same time for one product"""


@dataclass(frozen=True, slots=True)
class Producers:
    """Plants and mines answer: they refill the stock they aim at, and run up to nameplate for open orders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Growth has its limits: how fast each site and each content may change stands in the pack's rows."""

    mines: bool = True
    """Mines that supply what is still needed dig no more than the base year's ore grown by `most_growth`"""
    separation: bool = True
    """Plants that do treat no more of those mines' ore than in the base year, grown by theirs"""
    thrifting: bool = True
    """Grades hold less of an ingredient each year by its `thrift`; what replaces it makes up the mass"""


@dataclass(frozen=True, slots=True)
class Swaps:
    """A grade asks for an effect: what it lacks of one ingredient that gives it, another gives in part."""

    share: float
    """Part of the effect that another ingredient may give than the recipe says"""


@dataclass(frozen=True, slots=True)
class Grades:
    """Another grade of magnet where one lacks: a better one at once, another in part once it is approved."""


@dataclass(frozen=True, slots=True)
class Designs:
    """Other designs: users that are short turn for good to what needs none of what is missing."""

    a_year: float
    """Part of a sector's use that turns to another design in a year in which it is short"""


@dataclass(frozen=True, slots=True)
class Sharing:
    """Users of one end use lend to one another what they hold above the mean."""

    degree: float
    """Part of it that is lent within a week, 0 to 1"""


PROPORTIONAL: Final = "proportional"
BY_CLASS: Final = "by_class"
CONTRACTS_FIRST: Final = "contracts_first"
HOME_FIRST: Final = "home_first"
SERVING = (PROPORTIONAL, BY_CLASS, CONTRACTS_FIRST, HOME_FIRST)
"""Whom a seller serves first"""
OF_REGIONS = (PROPORTIONAL, BY_CLASS)
"""How a region may share what it gets of a seller"""


@dataclass(frozen=True, slots=True)
class Priority:
    """Who is served first where what a seller has does not reach for all orders."""

    sellers: str = PROPORTIONAL
    """Of sellers that are not named"""
    by_seller: tuple[tuple[str, str], ...] = ()
    """Site or country -> its rule"""
    regions: tuple[tuple[str, str], ...] = ()
    """Region -> its rule"""
    floors: tuple[tuple[str, float], ...] = ()
    """Class -> part of a review's planned use that it gets before the rest is shared, 0 to 1"""

    @property
    def words(self) -> frozenset[str]:
        """All rules that somebody goes by."""
        return frozenset(
            {self.sellers, *dict(self.by_seller).values(), *dict(self.regions).values()}
        )

    @property
    def changes_nothing(self) -> bool:
        """Whether everybody shares in proportion."""
        return self.words == {PROPORTIONAL} and not any(floor for _, floor in self.floors)

    @property
    def asks_for_classes(self) -> bool:
        """Whether it hangs on the classes of the pack."""
        return BY_CLASS in self.words or any(floor for _, floor in self.floors)


@dataclass(frozen=True, slots=True)
class Expediting:
    """What is dear for its mass flies to who is nearly out of it, if the planned way is longer."""

    days: float
    """In the air, door to door"""
    threshold_days: float
    """Days of planned use in stock below which goods fly"""
    oxide_price: float
    """USD/kg from which on goods fly of forms of which only what is dear does"""
    freight: float
    """USD a gross kg"""


@dataclass(frozen=True, slots=True)
class Offices:
    """Licences as earlier regimes showed them: the office's numbers stand in the pack's `licence_office`."""


@dataclass(frozen=True, slots=True)
class Postponable:
    """A part of a sector's use can wait or is made without: what is missing beyond it is output at risk."""

    share: float | None = None
    """Of all sectors alike; None: each sector has its own"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """The rules of a run; None is a rule that is off."""

    piles: Piles | None = None
    new_supply: NewSupply | None = None
    market: Market | None = None
    producers: Producers | None = None
    limits: Limits | None = None
    swaps: Swaps | None = None
    grades: Grades | None = None
    designs: Designs | None = None
    sharing: Sharing | None = None
    priority: Priority | None = None
    expediting: Expediting | None = None
    offices: Offices | None = None
    postponable: Postponable | None = None


RULES = tuple(rule.name for rule in fields(Behaviour))
"""Ids of the rules, in their order"""
RIGID = Behaviour()

ROWS_OF_OFFICES = (
    "office_cases_per_week", "first_application_days", "returned", "mean_review_days", "tonnage_months",
    "covered_share", "user_size_exponent",
)  # fmt: skip
"""Parameters of the pack's `licence_office` that only the rule `offices` reads"""
