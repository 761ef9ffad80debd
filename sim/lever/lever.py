"""What every lever shares: id, dates or phases, what it reads of the pack, and where its numbers come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Self

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails

from sim.channels.effects import Addition, Effect
from sim.lever.caution import Caution
from sim.lever.fields import (
    Date,
    Exporter,
    Identifier,
    Text,
)
from sim.lever.outcome import Outcome
from sim.lever.phases import MOST_PHASES, Phase, PhaseEntry, entries_of, order_faults
from sim.lever.reach import Reach
from sim.lever.strict import (
    StrictModel,
    at,
    fault,
    keys_of,
    meant_key,
    relocated,
    unknown_key,
)
from sim.lever.words import day
from sim.words.problems import quote
from sim.world.where import Where
from sim.world.world import Row, World

_NOT_A_SETTING = frozenset(
    {"id", "kind", "starts", "ends", "phases", "source", "reason", "phase", "from"}
)
"""Keys that `eased` cannot restate in any lever."""


@dataclass(frozen=True, slots=True)
class PackRows:
    """Rows of the pack from which a kind of lever takes what the scenario leaves out."""

    table: str
    replaced_by: Mapping[str, str]
    """Parameter -> the setting that replaces it; empty where none does"""
    named_by: str = ""
    """Setting that holds the first key of the rows; empty where they hold for every lever of the kind"""


class Lever(StrictModel):
    """What people write about any lever."""

    heading: ClassVar[str]
    """Key of the scenario under which it stands."""
    fixed: ClassVar[frozenset[str]] = frozenset()
    """Settings that no phase can restate."""
    may_be_absent: ClassVar[frozenset[str]] = frozenset()
    """Settings that mean nothing when left out; any other left out is the pack's."""
    pack_rows: ClassVar[PackRows | None] = None
    """Where what is left out comes from."""
    first_day_key: ClassVar[str] = "starts"
    """Setting that says when it begins, where there are no phases."""
    agent: ClassVar[str] = ""
    """Module of what keeps a memory for levers of this kind while they act; loaded only to simulate."""
    left_out: ClassVar[str] = ""
    """What the page says that the model leaves out, where a scenario has a lever of this kind."""
    left_out_unused: ClassVar[str] = ""
    """The same where it has none."""
    glossary: ClassVar[Mapping[str, str]] = {}
    """Words of this kind that a reader may take for something else, and what they mean."""
    is_drawn: ClassVar[bool] = False
    """Whether draws decide in the central run too who is hit."""
    outcome: ClassVar[Outcome | None] = None
    """What the page says that became of it; a measure without one is said as in `sentence`."""

    id: Identifier
    """Your name for the lever: letters, digits, `_` and `-`, beginning with a letter. A scenario that
    extends another replaces a lever by its id."""
    kind: str
    """What sort of lever it is; it decides which settings there are."""
    source: Text | None = Field(
        default=None, examples=["Ministry of Trade, Announcement 18/2025, 4 April 2025"]
    )
    """Publication (or id in the pack's `sources.csv`) behind the numbers. Every lever says `source` or
    `reason`, for itself or for its single numbers."""
    reason: Text | None = Field(
        default=None, examples=["Stress case; no such measure has been announced."]
    )
    """Why the numbers are what they are, where there is no publication."""

    def takes(self, row: Row) -> bool:
        """Whether the lever takes this row's value, because the scenario gives none in its place."""
        setting = self._setting_for(row)
        return setting is not None and (not setting or getattr(self, setting) is None)

    def looks_at(self, row: Row, world: World) -> bool:
        """Whether a row that it takes is one that this world's rules of behaviour read."""
        return True

    def replaces(self, row: Row) -> str:
        """The setting that the scenario gives in place of this row's value; empty where it gives none."""
        setting = self._setting_for(row)
        return setting if setting and getattr(self, setting) is not None else ""

    def _setting_for(self, row: Row) -> str | None:
        """The setting that may replace a row, empty where none can; None where the row is none of its own."""
        rows = self.pack_rows
        if rows is None or row.table != rows.table:
            return None
        if rows.named_by and row.key[0] != getattr(self, rows.named_by):
            return None
        return rows.replaced_by.get(row.parameter)

    def reads(self, row: Row, reach: Reach) -> bool:
        """Whether another value in this row of the pack would be felt through this lever."""
        return self.takes(row)

    def timeline(self) -> tuple[Phase, ...]:
        """Phases by date; the lever acts from `in_force`."""
        raise NotImplementedError

    def content(self) -> str:
        """What it says, whatever it is called: kind, settings, and phases by date."""
        unimportant = {"id", "source", "reason", "phases", "starts", "ends"}
        settings = self.model_dump(exclude=unimportant)
        phases = [(p.kind, p.date.isoformat(), sorted(p.settings.items())) for p in self.timeline()]
        return repr((sorted(settings.items()), phases))

    def restated(self, phase: Phase) -> Self:
        """The lever with the settings that hold in a phase."""
        return self.model_copy(update=dict(phase.settings))

    def shown_as(self, phase: Phase) -> str:
        """The word for a phase in figures; its kind unless that would mislead."""
        return phase.kind

    def sentence(self, world: World) -> str:
        """The lever in plain words, for the report."""
        raise NotImplementedError

    def clauses(self, world: World) -> list[str]:
        """What its settings say, one after another, as parts of the sentence; the dates are no setting."""
        raise NotImplementedError

    def about(self, world: World) -> str:
        """Name of what it acts on, where that is no country."""
        return ""

    def effects(self, world: World) -> tuple[Effect, ...]:
        """What it puts in force while a phase lasts that has these settings."""
        raise NotImplementedError

    def meets(self, reach: Reach) -> bool:
        """Whether there is anything in a scenario that it may be about."""
        return True

    def cautions(self, reach: Reach) -> Iterator[Caution]:
        """What it says that is allowed but probably not meant."""
        yield from ()

    def beside(self, other: Lever, world: World) -> Iterator[Caution]:
        """What is probably not meant about it and an earlier lever of its kind together."""
        yield from ()

    def stated(self, world: World) -> list[tuple[Phase, tuple[Effect, ...]]]:
        """Phases by date with what it puts in force; nothing while it does not act."""
        return [
            (phase, self.restated(phase).effects(world) if phase.acts else ())
            for phase in self.timeline()
        ]

    def ends_of_unknowns(self, world: World) -> tuple[Self, Self] | None:
        """The lever with what nobody knows of it at the end that holds back most, and at the other.

        None where nothing in its settings is unknown in this sense. What a scenario states is known.
        """
        return None

    def unknown_words(self, world: World) -> str:
        """What `ends_of_unknowns` varies, from where to where, in plain words."""
        return ""

    def in_any_phase(self, world: World) -> list[Effect]:
        """What it puts in force, phase after phase."""
        return [effect for _, effects in self.stated(world) for effect in effects]


def reach_of(levers: Iterable[Lever], world: World, ends: date) -> Reach:
    """The trade of the world until a day, with what levers add to it."""
    effects = [effect for lever in levers for effect in lever.in_any_phase(world)]
    return Reach(world, [effect for effect in effects if isinstance(effect, Addition)], ends)


class Measure(Lever):
    """A lever that answers a restriction."""

    heading = "measures"


class Dated(Lever):
    """A lever that is in force from one date to another, or by phases."""

    starts: Date | None = None
    """First day in force; may lie before the scenario. Give either this or `phases`."""
    ends: Date | None = None
    """First day no longer in force; left out: it does not end."""
    phases: tuple[PhaseEntry, ...] = Field(default=(), validate_default=True)
    """Steps by date, in place of `starts` and `ends`: announced, in force, paused, resumed, eased,
    ended."""

    def timeline(self) -> tuple[Phase, ...]:
        """Phases by date, each with the settings that hold from then on."""
        if self.phases:
            return tuple(self._phases_with_settings())
        first = () if self.starts is None else (Phase("in_force", self.starts),)
        return first if self.ends is None else (*first, Phase("ended", self.ends))

    def _phases_with_settings(self) -> Iterator[Phase]:
        settings: dict[str, Any] = {}
        for entry in self.phases:
            settings = settings | entry.settings
            yield Phase(entry.phase, entry.from_, dict(settings))

    def date_words(self, world: World) -> str:
        """When it holds, and what an easing says anew: "from 4 April 2025, eased from 1 April 2026 (...)"."""
        words = {"in_force": "from", "ended": "until", "announced": "announced on"}
        steps, said = [], self.clauses(world)
        for phase in self.timeline():
            step = f"{words.get(phase.kind, f'{self.shown_as(phase)} from')} {day(phase.date)}"
            clauses = self.restated(phase).clauses(world)
            news = [clause for clause in clauses if clause not in said]
            steps.append(f"{step} ({'; '.join(news)})" if news else step)
            said = clauses
        return " ".join(steps) if not self.phases else ", ".join(steps)

    @field_validator("ends")
    @classmethod
    def _ends_after_it_starts(cls, ends: date | None, info: ValidationInfo) -> date | None:
        starts = info.data.get("starts")
        if ends is not None and starts is not None and ends <= starts:
            raise fault(
                f"it ends on {ends}, which is not after it starts ({starts})",
                "swap the dates, or leave `ends` out if it does not end",
            )
        return ends

    @field_validator("phases", mode="before")
    @classmethod
    def _phases_are_a_list(cls, written: object) -> object:
        if not isinstance(written, list | tuple):
            raise fault("`phases` is a list", "for example [{phase: in_force, from: 2026-01-01}]")
        if len(written) > MOST_PHASES:
            raise fault(f"{len(written)} phases are too many", f"at most {MOST_PHASES}")
        return tuple(written)

    @field_validator("phases")
    @classmethod
    def _phases_make_sense(
        cls, phases: tuple[PhaseEntry, ...], info: ValidationInfo
    ) -> tuple[PhaseEntry, ...]:
        if not phases and "starts" in info.data and info.data["starts"] is None:
            raise fault("it has no date", "add `starts`, or `phases`")
        if not phases:
            return phases
        for key in ("starts", "ends"):
            if info.data.get(key) is not None:
                raise fault(f"it has both `phases` and `{key}`", f"leave `{key}` out")
        return phases

    @model_validator(mode="wrap")
    @classmethod
    def _eased_settings_fit(
        cls, written: Any, read: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        """Read what `eased` restates as if it had been written in the lever itself."""
        faults: list[InitErrorDetails] = []
        lever: Self | None = None
        try:
            lever = read(written)
        except ValidationError as error:
            faults += relocated(error, ())
        faults += order_faults(entries_of(written))
        eased = {}
        for index, entry in entries_of(written):
            faults += _misplaced_keys(cls, index, entry)
            settings = _restated_settings(cls, entry)
            try:
                eased[index] = _as_eased(cls, written, settings, info) if settings else {}
            except ValidationError as error:
                found = relocated(error, ("phases", index), only=settings)
                # Where the lever itself is wrong, only what the phase restates is news.
                faults += [f for f in found if lever or len(f.get("loc", ())) > 2]
        if faults or lever is None:
            raise ValidationError.from_exception_data(cls.__name__, faults)
        return lever.model_copy(update={"phases": _with_settings(lever.phases, eased)})


class Shock(Dated):
    """A lever that stands for what happens to trade without anybody's permission."""

    heading = "shocks"


class DatedMeasure(Dated, Measure):
    """A measure that is in force from one date to another."""


class Restriction(Dated):
    """A lever by which a country limits what it sells or makes."""

    heading = "restrictions"
    fixed = frozenset({"exporter"})

    exporter: Exporter
    """Country (ISO 3166 alpha-3) that imposes it; at least one site of the pack lies there."""

    def scopes(self, world: World) -> list[Where]:
        """What is covered, before and in each phase."""
        raise NotImplementedError

    def scopes_in_time(self, reach: Reach) -> list[Where]:
        """What is covered early enough for somebody to miss it before the scenario ends."""
        return self.scopes(reach.world)

    def reads(self, row: Row, reach: Reach) -> bool:
        """Also whether its country has a region of its own, by which the headline tells home from abroad."""
        own = row.parameter == "standalone" and row.key[0] == self.exporter
        return own or super().reads(row, reach)


def settings_of(lever: type[Lever]) -> list[str]:
    """Keys of a kind of lever that `eased` may restate."""
    return [key for key in keys_of(lever) if key not in _NOT_A_SETTING | lever.fixed]


def _restated_settings(lever: type[Lever], entry: Mapping[str, Any]) -> dict[str, Any]:
    if entry.get("phase") != "eased":
        return {}
    return {key: value for key, value in entry.items() if key in settings_of(lever)}


def _misplaced_keys(
    lever: type[Lever], index: int, entry: Mapping[str, Any]
) -> Iterator[InitErrorDetails]:
    own, settings = list(keys_of(PhaseEntry)), settings_of(lever)
    eased = entry.get("phase") == "eased"
    for key in entry:
        if key in own or (eased and key in settings):
            continue
        misused = fault(
            f"`{key}` cannot be restated in this phase",
            "only `eased` restates settings",
            at_key=True,
        )
        if meant_key(key, (*own, "ends"), entry[key]) == "ends":
            message = f"unknown key {quote(key)}: a phase lasts until the next one"
            stranger = fault(message, "end it with {phase: ended, from: ...}", at_key=True)
            yield at(("phases", index, key), stranger)
            continue
        stranger = unknown_key(key, [*own, *settings] if eased else own, entry[key])
        yield at(("phases", index, key), misused if key in settings else stranger)


def _as_eased(
    lever: type[Lever], written: Mapping[str, Any], settings: dict[str, Any], info: ValidationInfo
) -> dict[str, Any]:
    """Restated settings in base units, by field name."""
    own = {key: value for key, value in written.items() if key not in ("phases", "ends")}
    whole = {**own, "starts": date(2000, 1, 1), **settings}
    eased = lever.model_validate(whole, context=info.context)
    names = keys_of(lever)
    return {names[key]: getattr(eased, names[key]) for key in settings}


def _with_settings(
    phases: tuple[PhaseEntry, ...], eased: Mapping[int, dict[str, Any]]
) -> tuple[PhaseEntry, ...]:
    return tuple(
        PhaseEntry.model_construct(
            phase=entry.phase,
            from_=entry.from_,
            source=entry.source,
            reason=entry.reason,
            **eased.get(index, {}),
        )
        for index, entry in enumerate(phases)
    )
