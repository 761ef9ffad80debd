"""Phases of a lever: what they are, which can follow which, and that their dates run forward."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, ConfigDict, Field
from pydantic_core import InitErrorDetails, PydanticCustomError

from sim.lever.fields import Date, Text, read_date
from sim.lever.strict import StrictModel, at, fault, unknown

PhaseKind = Literal["announced", "in_force", "paused", "resumed", "eased", "ended"]

_MAY_FOLLOW: Mapping[str, tuple[str, ...]] = {
    "": ("announced", "in_force"),
    "announced": ("in_force", "ended"),
    "in_force": ("paused", "eased", "ended"),
    "paused": ("resumed", "ended"),
    "resumed": ("paused", "eased", "ended"),
    "eased": ("paused", "eased", "ended"),
    "ended": (),
}
"""Phase -> phases that make sense next; the empty text stands for the beginning."""

MOST_PHASES = 200
_OTHER_WORDS = {
    **dict.fromkeys(("suspended", "on hold", "interrupted"), "paused"),
    **dict.fromkeys(("lifted", "repealed", "expired", "removed", "withdrawn"), "ended"),
    **dict.fromkeys(
        ("started", "effective", "imposed", "active", "entered into force"), "in_force"
    ),
    **dict.fromkeys(("relaxed", "amended", "changed", "loosened", "tightened"), "eased"),
    **dict.fromkeys(("proposed", "published"), "announced"),
    **dict.fromkeys(("restarted", "reinstated", "reimposed"), "resumed"),
}
"""What people call a phase -> its name here."""


@dataclass(frozen=True, slots=True)
class Phase:
    """From `date` the lever is in this phase, with these settings in place of its own."""

    kind: PhaseKind
    date: date
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Field name -> value in base units; carried on until restated."""

    @property
    def acts(self) -> bool:
        """Whether the lever is in force."""
        return self.kind not in ("announced", "paused", "ended")


def _phase_kind(written: object) -> object:
    kinds = get_args(PhaseKind)
    if written not in kinds:
        raise unknown("phase", str(written), kinds, _OTHER_WORDS)
    return written


class PhaseEntry(StrictModel):
    """One entry under `phases`."""

    model_config = ConfigDict(extra="allow")

    phase: Annotated[PhaseKind, BeforeValidator(_phase_kind)]
    """`announced` changes nothing yet; `eased` may restate settings; the others say it themselves."""
    from_: Date = Field(alias="from")
    """First day of the phase."""
    source: Text | None = None
    """Publication that announced the phase."""
    reason: Text | None = None
    """Why the phase is assumed, where nothing was published."""

    @property
    def settings(self) -> dict[str, Any]:
        """What `eased` restates."""
        return dict(self.model_extra or {})


def entries_of(written: object) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The entries under `phases` that can be looked into."""
    phases = written.get("phases") if isinstance(written, Mapping) else None
    looked_at = phases[:MOST_PHASES] if isinstance(phases, list | tuple) else ()
    for index, entry in enumerate(looked_at):
        if isinstance(entry, Mapping):
            yield index, entry


def order_faults(entries: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[InitErrorDetails]:
    """Phases that cannot follow the one before, and dates that run backwards.

    What cannot be read is refused elsewhere and passed over here.
    """
    before: str | None = ""
    last: date | None = None
    for index, entry in entries:
        kind = entry.get("phase") if entry.get("phase") in get_args(PhaseKind) else None
        if kind is not None and before is not None and kind not in _MAY_FOLLOW[before]:
            yield at(("phases", index, "phase"), _out_of_order(kind, before))
        begins = _date_or_none(entry.get("from"))
        if begins is not None and last is not None and begins <= last:
            yield at(("phases", index, "from"), _runs_backwards(begins, last))
        before, last = kind, begins or last


def _date_or_none(written: object) -> date | None:
    try:
        return read_date(written)
    except PydanticCustomError:
        return None


def _runs_backwards(begins: date, last: date) -> PydanticCustomError:
    message = f"this phase begins on {begins}, which is not after the one before it ({last})"
    return fault(message, "give the phases in order of date")


def _out_of_order(kind: str, before: str) -> PydanticCustomError:
    allowed = _MAY_FOLLOW[before]
    if not before:
        return fault(f"`{kind}` cannot be the first phase", "begin with `announced` or `in_force`")
    may = f"after it can come {' or '.join(allowed)}" if allowed else "nothing comes after it"
    return fault(f"`{kind}` cannot follow `{before}`", may)
