"""Strict models whose errors speak plain English: what is unknown or looks alike is refused."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
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

from sim.problems import nearest, quote, suggest
from sim.world.world import World

Location = tuple[int | str, ...]


def fault(message: str, help: str = "", *, at_key: bool = False) -> PydanticCustomError:
    """An error with our own words; `at_key` puts the caret under the key instead of the value."""
    return PydanticCustomError(
        "fault", "{message}", {"message": message, "help": help, "at_key": at_key}
    )


def unknown(
    what: str, given: str, known: Iterable[str], also: Mapping[str, str] | None = None
) -> PydanticCustomError:
    """A name that is not there, with the likely one and what there is."""
    return fault(f"unknown {what} {quote(given)}", suggest(given, known, also))


def unknown_key(key: str, known: Iterable[str]) -> PydanticCustomError:
    """A key that is not there, marked where it stands."""
    return fault(f"unknown key {quote(key)}", suggest(key, known), at_key=True)


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

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="wrap")
    @classmethod
    def _in_plain_words(
        cls, written: Any, read: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        if not isinstance(written, Mapping | cls):
            raise fault(
                f"settings are needed here, not {quote_kind(written)}",
                f"write `key: value` lines; the keys are {', '.join(keys_of(cls))}",
            )
        if not isinstance(written, Mapping):
            return read(written)
        known = keys_of(cls)
        empty = [key for key, value in written.items() if value is None and key in known]
        faults = [at((key,), _EMPTY) for key in empty]
        try:
            model = read({key: value for key, value in written.items() if key not in empty})
        except ValidationError as error:
            faults += in_plain_words(error, cls, said=empty)
        if faults:
            raise ValidationError.from_exception_data(cls.__name__, faults)
        return model


_EMPTY = fault("this is empty", "give a value, or leave the key out", at_key=True)


def in_plain_words(
    error: ValidationError, model: type[BaseModel], *, said: Iterable[str]
) -> list[InitErrorDetails]:
    """The same errors in our words; what is misspelt or in `said` is not also called missing."""
    details = error.errors(include_url=False)
    known = keys_of(model)
    strangers = [str(d["loc"][-1]) for d in details if d["type"] == "extra_forbidden"]
    meant = {*said, *(nearest(stranger, known) for stranger in strangers)}
    return [
        at(detail["loc"], _translated(detail, known))
        for detail in details
        if not (detail["type"] == "missing" and detail["loc"][-1] in meant)
    ]


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
        return unknown_key(name, known)
    if kind == "literal_error":
        expected = str(context.get("expected", "")).replace(" or ", ", ").replace("'", "")
        return unknown("value", str(given), expected.split(", "))
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = "at least" if kind == "greater_than_equal" else "at most"
        return fault(
            f"{quote(given)} is out of range", f"{bound} {context.get('ge', context.get('le'))}"
        )
    if kind.startswith("int_"):
        return fault(f"a whole number is needed here, not {quote_kind(given)}", "for example 12")
    return fault(f"{quote_kind(given)} cannot stand here", "see `critmin list levers`")


def quote_kind(written: object) -> str:
    """What somebody wrote, or what kind of thing it is where it is long."""
    if isinstance(written, Mapping):
        return "`key: value` lines"
    if isinstance(written, list | tuple):
        return "a list"
    return quote(written)
