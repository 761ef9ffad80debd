"""Strict models whose errors speak plain English: what is unknown or looks alike is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from sim.words.absent import what_is_said_of
from sim.words.problems import list_names, nearest, quote, suggest
from sim.world.world import World

Location = tuple[int | str, ...]

MOST_KEYS = 200
"""Keys of one entry; no file has reason for more, and a likely name is sought for each."""


class _Late:
    """Words that are found when somebody reads them; many a refusal is only asked whether it is one."""

    def __init__(self, error: Callable[[], PydanticCustomError], part: str) -> None:
        self.error, self.part = error, part

    def __str__(self) -> str:
        context = self.error().context or {}
        return str(context[self.part])


def explained_by(explain: Callable[[], PydanticCustomError]) -> PydanticCustomError:
    """A fault whose words are sought when they are read, since to find likely names takes time."""
    error = cache(explain)
    words = {part: _Late(error, part) for part in ("message", "help")}
    return PydanticCustomError("fault", "{message}", {**words, "at_key": False})


def fault(message: object, help: object = "", *, at_key: bool = False) -> PydanticCustomError:
    """An error with our own words; `at_key` puts the caret under the key instead of the value."""
    return PydanticCustomError(
        "fault", "{message}", {"message": message, "help": help, "at_key": at_key}
    )


def unknown(
    what: str, given: str, known: Iterable[str], also: Mapping[str, str] | None = None
) -> PydanticCustomError:
    """A name that is not there, with the likely one and what there is."""
    return fault(f"unknown {what} {quote(given)}", suggest(given, known, also))


def unknown_key(key: str, known: Iterable[str], written: object = None) -> PydanticCustomError:
    """A key that is not there, marked where it stands."""
    message, help = no_such_key(key, list(known), meant_key(key, known, written))
    return fault(message, help, at_key=True)


def no_such_key(key: str, known: Iterable[str], meant: str | None) -> tuple[str, str]:
    """What is said of a key that is not there, and what would help; `meant` is the likely one."""
    absent = what_is_said_of(key)
    if meant is not None:
        return f"unknown key {quote(key)}", f"did you mean `{meant}`? {list_names(known)}"
    return absent or (f"unknown key {quote(key)}", suggest(key, known))


_ALSO_WRITTEN: Mapping[str, str] = {
    "starts first_output from": "start starts begin begins from since date when start_date begin_date starting "
    "first_day effective effective_from in_force first_output",
    "ends": "end until till to end_date finish stop stops expires last_day horizon",
    "exporter country": "exporter country origin by imposed_by seller nation state from",
    "destinations country": "destinations destination countries regions importers importer buyers buyer "
    "targets target to",
    "elements": "element material materials mineral minerals commodity commodities",
    "forms form": "form product products goods",
    "amount capacity size": "amount quota limit tonnage volume cap level quantity maximum max size capacity",
    "site": "plant mine facility project location",
    "repair ramp": "duration length lasts outage_time repair_time ramp_up",
    "reason": "why comment note description rationale explanation assumption justification",
    "source": "reference ref url link citation publication sources",
    "id title": "name label title",
    "kind phase": "type lever kind",
    "corridor": "route",
    "success hazard": "probability chance likelihood risk",
    "extends": "base parent inherits include inherit",
    "pack": "data dataset world",
    "review": "step timestep time_step interval",
    "priority": "priorities sector_priority priority_sectors serving",
    "notes": "note comment comments remark remarks",
    "question notes": "description desc subtitle summary aim goal",
}
"""Keys, in the order in which they are looked for -> what people write for the first of them that there is."""


def meant_key(
    key: str, known: Iterable[str], written: object = None, *, given: Container[str] = ()
) -> str | None:
    """The key that an unknown one most likely was meant to be.

    `written` is what stands behind it; keys in `given` are only meant where no other can be.
    """
    names = list(known)
    plain = key.strip().casefold().replace("-", "_").replace(" ", "_")
    same = next((name for name in names if name.casefold() == plain), None)
    if same is not None:
        return same
    is_date = isinstance(written, date) or bool(re.match(r"\d{4}\b", str(written)))
    meant = [
        name
        for keys, spellings in sorted(
            _ALSO_WRITTEN.items(),
            key=lambda each: each[0].startswith(("starts", "ends")) != is_date,
        )
        if plain in spellings.split()
        for name in keys.split()
        if name in names
    ]
    if meant:
        return next((name for name in meant if name not in given), meant[0])
    return None if what_is_said_of(key) else nearest(key, names)


def is_brief(info: ValidationInfo) -> bool:
    """Whether so much is wrong already that nobody will read which name was meant."""
    return isinstance(info.context, Mapping) and bool(info.context.get("brief"))


def world_of(info: ValidationInfo) -> World | None:
    """The world to check names against, if one was given."""
    found = info.context.get("world") if isinstance(info.context, Mapping) else None
    return found if isinstance(found, World) else None


def keys_of(model: type[BaseModel]) -> dict[str, str]:
    """Keys people may write under a model -> field names, in the model's order."""
    return {field.alias or name: name for name, field in model.model_fields.items()}


def at(location: Location, error: PydanticCustomError) -> InitErrorDetails:
    """A fault at a place inside what is being read."""
    return InitErrorDetails(type=error, loc=location, input=None)


class StrictModel(BaseModel):
    """What is read stays as it is; every error is one of `fault`."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        defer_build=True,  # a file uses few of the models; the others need not be made
    )

    @model_validator(mode="wrap")
    @classmethod
    def _in_plain_words(
        cls, written: Any, read: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        if not isinstance(written, Mapping | cls):
            raise fault(
                f"settings are needed here, not {quote(written)}",
                f"write `key: value` lines; the keys are {', '.join(keys_of(cls))}",
            )
        if not isinstance(written, Mapping):
            return read(written)
        if len(written) > MOST_KEYS:
            raise fault(f"{len(written)} keys are too many here", f"at most {MOST_KEYS}")
        known = keys_of(cls)
        empty = [key for key, value in written.items() if value is None and key in known]
        faults = [at((key,), _EMPTY) for key in empty]
        try:
            model = read({key: value for key, value in written.items() if key not in empty})
        except ValidationError as error:
            faults += in_plain_words(error, cls, written, said=empty)
        if faults:
            raise ValidationError.from_exception_data(cls.__name__, faults)
        return model


_EMPTY = fault("this is empty", "give a value, or leave the key out", at_key=True)


def in_plain_words(
    error: ValidationError,
    model: type[BaseModel],
    written: Mapping[str, object],
    *,
    said: Iterable[str],
) -> list[InitErrorDetails]:
    """The same errors in our words; what is misspelt or in `said` is not also called missing."""
    details = error.errors(include_url=False)
    known = keys_of(model)
    strangers = {key: value for key, value in written.items() if key not in known}
    meant = {*said, *(meant_key(key, known, value) for key, value in strangers.items())}
    # What stands inside of a stranger may only lack a comma or a plain colon.
    meant |= {name for name in known for key in strangers if re.search(rf"\b{name}\b", key)}
    found = [
        at(detail["loc"], _translated(detail, known))
        for detail in details
        if not (detail["type"] == "missing" and detail["loc"][-1] in meant)
    ]
    return found or [at((key,), unknown_key(key, known, value)) for key, value in strangers.items()]


def relocated(
    error: ValidationError, below: Location, *, only: Container[int | str] | None = None
) -> list[InitErrorDetails]:
    """Faults of a part, placed where that part was written.

    With `only`, faults of other fields are said of the part as a whole.
    """
    found = []
    for detail in error.errors(include_url=False):
        inside = only is None or (bool(detail["loc"]) and detail["loc"][0] in only)
        location = below + detail["loc"] if inside else below
        found.append(at(location, _as_fault(detail)))
    return found


def _as_fault(detail: ErrorDetails) -> PydanticCustomError:
    context = detail.get("ctx", {})
    return fault(context["message"], context["help"], at_key=context["at_key"])


def _translated(detail: ErrorDetails, known: Iterable[str]) -> PydanticCustomError:
    kind, given = detail["type"], detail["input"]
    name = str(detail["loc"][-1]) if detail["loc"] else ""
    context = detail.get("ctx", {})
    if kind == "fault":
        return _as_fault(detail)
    if kind == "missing":
        return fault(f"`{name}` is missing", f"add a line `{name}: ...`")
    if kind == "extra_forbidden":
        return unknown_key(name, known, given)
    if kind == "literal_error":
        expected = str(context.get("expected", "")).replace(" or ", ", ").replace("'", "")
        return unknown("value", str(given), expected.split(", "))
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = "at least" if kind == "greater_than_equal" else "at most"
        return fault(
            f"{quote(given)} is out of range", f"{bound} {context.get('ge', context.get('le'))}"
        )
    if kind.startswith(("int_", "float_")):
        whole = "whole " if kind.startswith("int_") else ""
        return fault(f"a {whole}number is needed here, not {quote(given)}", "for example 12")
    return fault(f"{quote(given)} cannot stand here", "see `critmin list levers`")
