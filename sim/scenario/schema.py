"""The shape of a scenario file; levers and changes are read one by one, so that all faults show."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from sim.lever import Date, Days, StrictModel, Text, fault, world_of
from sim.lever.fields import TEXT
from sim.lever.marks import either
from sim.scenario.behaviour import BehaviourOrWord, BehaviourText
from sim.words.problems import quote
from sim.words.quantities import DAYS_PER_WEEK

DEFAULT_PACK = "rare_earths_2024"
DEFAULT_REVIEW_DAYS = DAYS_PER_WEEK
DEFAULT_SEED = 1
LONGEST_REVIEW_DAYS = 31.0
LONGEST_HORIZON_YEARS = 60
MOST_REVIEWS = 5_000
"""In a run; more would take hours."""
MOST_ENTRIES = 500
"""Levers of a heading, or changes."""
LONGEST_TITLE = 300
"""Characters of a title or a question: they head a page and its figures."""

HEADINGS = ("restrictions", "shocks", "measures")
"""Keys under which levers stand."""


def _entries(written: object) -> object:
    if not isinstance(written, list | tuple):
        raise fault("a list is needed here", "begin each entry with `- `; [] for none")
    if len(written) > MOST_ENTRIES:
        raise fault(f"{len(written)} entries are too many", f"at most {MOST_ENTRIES}")
    return tuple(written)


def _title(written: str) -> str:
    if len(written) > LONGEST_TITLE:
        raise fault(f"this title has {len(written)} characters", f"at most {LONGEST_TITLE}")
    return written


def _notes(written: object) -> object:
    if isinstance(written, list) and all(isinstance(note, str) for note in written):
        return "\n".join(written)
    return written


_LINES = {"type": "array", "items": {"type": "string"}, "contains": {"$mark": TEXT}}
"""Notes as a list, of which any says something."""
Entries = Annotated[tuple[Any, ...], BeforeValidator(_entries)]
Title = Annotated[Text, AfterValidator(_title)]


class ScenarioText(StrictModel):
    """What people write at the top level."""

    extends: Text | None = None
    """Shipped scenario, or file in the same folder, whose entries hold where this one has none."""
    title: Title | None = None
    """Title of the report; left out: the file's name."""
    question: Title | None = None
    """What the run is to answer."""
    pack: Text = DEFAULT_PACK
    """The data that the scenario stands on."""
    starts: Date
    """First day of the results."""
    ends: Date
    """First day after the results."""
    review: Days = DEFAULT_REVIEW_DAYS
    """Days between two planning reviews, a whole number."""
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = DEFAULT_SEED
    """Whole number that fixes what is drawn; the same seed gives the same run."""
    behaviour: BehaviourOrWord = BehaviourText()
    """How mines, plants and buyers answer: `rigid`, `free`, or rule by rule; left out: all rules hold."""
    restrictions: Entries = ()
    """Levers that hold goods back at a border: bans, quotas, licences."""
    shocks: Entries = ()
    """Levers that disturb transport or plants without being anybody's policy."""
    measures: Entries = ()
    """Levers that answer: new mines and plants, stocks, routes."""
    changes: Entries = ()
    """Differences from the pack, each naming one of its rows, with its source or reason."""
    notes: Annotated[Text | None, BeforeValidator(_notes), either(TEXT, _LINES)] = None
    """What a reader should know: assumptions, what is left out."""

    @field_validator("starts")
    @classmethod
    def _not_before_the_pack(cls, starts: date, info: ValidationInfo) -> date:
        world = world_of(info)
        if world is not None and starts.year < world.base_year:
            raise fault(
                f"the pack describes {world.base_year}; a scenario cannot start before it",
                f"{world.base_year}-01-01 or later",
            )
        return starts

    @field_validator("ends")
    @classmethod
    def _ends_after_it_starts(cls, ends: date, info: ValidationInfo) -> date:
        starts = info.data.get("starts")
        if starts is None:
            return ends
        if ends <= starts:
            raise fault(
                f"the scenario ends on {ends}, which is not after it starts ({starts})",
                "swap the dates or move one of them",
            )
        if ends.year - starts.year > LONGEST_HORIZON_YEARS:
            raise fault(
                f"the scenario runs for {ends.year - starts.year} years",
                f"at most {LONGEST_HORIZON_YEARS}",
            )
        return ends

    @field_validator("review")
    @classmethod
    def _whole_days(cls, review: float, info: ValidationInfo) -> float:
        if review != int(review) or not 1.0 <= review <= LONGEST_REVIEW_DAYS:
            raise fault(
                "the time between reviews is a whole number of days",
                f"from `1 d` to `{LONGEST_REVIEW_DAYS:.0f} d`",
            )
        starts, ends = info.data.get("starts"), info.data.get("ends")
        reviews = (ends - starts).days / review if starts and ends else 0.0
        if reviews > MOST_REVIEWS:
            raise fault(
                f"a review every {review:.0f} d makes {reviews:.0f} of them in this scenario",
                f"at most {MOST_REVIEWS}; review less often, or end the scenario earlier",
            )
        return review


def _cell(written: object) -> object:
    return str(written) if isinstance(written, int) and not isinstance(written, bool) else written


def _value(written: object) -> object:
    if isinstance(written, bool) or not isinstance(written, str | int | float):
        raise fault(f"{quote(written)} is not a value", "a text or a number with its unit")
    return written


Cell = Annotated[Text | None, BeforeValidator(_cell)]


class ChangeText(StrictModel):
    """What people write for one difference from the pack."""

    table: Text
    """Table of the pack, without `.csv`."""
    id: Cell = None
    parameter: Text
    element: Cell = None
    value: Annotated[str | int | float, BeforeValidator(_value), either(TEXT, {"type": "number"})]
    """With its unit; a bare number is in the unit of the pack's row."""
    unit: Text | None = None
    """Instead of writing the unit behind the value."""
    source: Text | None = None
    reason: Text | None = None
    locator: Text | None = None
    seller: Cell = None
    buyer: Cell = None
    form: Cell = None
    sector: Cell = None
    region: Cell = None
    product: Cell = None
    corridor: Cell = None
    leg: Cell = None
    place: Cell = None
    node: Cell = None
    country: Cell = None
    user: Cell = None
    calendar_year: Cell = None
    topic: Cell = None
    to: Cell = None


KEY_COLUMNS = tuple(
    name
    for name in ChangeText.model_fields
    if name not in ("table", "parameter", "value", "unit", "source", "reason", "locator")
)
"""Columns that may identify a row of a pack."""
