"""An example of each kind of lever that is right for a pack, found by asking the lever itself.

It begins with what the lever cannot do without and takes in one setting after another, as long as the
lever accepts it in this world. Values come from the shipped scenarios of the pack where they have any.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice, pairwise, product
from typing import Any

import yaml
from pydantic import ValidationError

from sim.guide.names import all_names
from sim.guide.settings import Setting, settings
from sim.lever import Lever, PhaseKind, Reach, settings_of
from sim.lever.fields import DATE
from sim.scenario.find import shipped_folder, shipped_names
from sim.scenario.merge import open_document
from sim.scenario.schema import DEFAULT_PACK, HEADINGS
from sim.world.world import World

Entry = dict[str, Any]

REASON = "An example; say here where dates and numbers come from."
_NO_SETTINGS = ("id", "kind", "source", "reason", "phases")
_MOST_TRIED = 100
_MOST_COMPARED = 6
_PHASES: tuple[PhaseKind, ...] = ("announced", "in_force", "paused", "resumed", "eased", "ended")


class Examples:
    """Examples of levers in one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._used = list(_used_entries(world))
        mentions = Counter(cell for row in world.rows for cell in row.key)
        # What many rows of the pack are about is what people have heard of.
        self._names = sorted(all_names(world), key=lambda name: -mentions[name])

    def of(self, kind: str, model: type[Lever]) -> Entry:
        """A lever with as many settings as go together; with dates, without phases."""
        all_of_them = [s for s in settings(model) if s.key not in _NO_SETTINGS]
        needed = [s for s in all_of_them if s.required or s.key == "starts"]
        other = [s for s in all_of_them if s not in needed]
        found: Entry = {}
        usable = (e for e in self._begun(kind, needed, other) if self.accepts(model, e))
        for entry in islice(usable, _MOST_COMPARED):
            whole = self._completed(kind, model, entry, other)
            found = whole if len(whole) > len(found) else found
        found = self._without_needless(model, found)
        in_order = {
            key: found[key] for key in ("id", "kind", *(s.key for s in all_of_them)) if key in found
        }
        return in_order | {"reason": REASON}

    def _begun(
        self, kind: str, needed: Sequence[Setting], other: Sequence[Setting]
    ) -> Iterator[Entry]:
        """Entries with what is needed; then with one setting more, for levers that need any one."""
        choices = [list(self._candidates(kind, setting)) for setting in needed]
        keys = [setting.key for setting in needed]
        firsts = [(s.key, next(self._candidates(kind, s), None)) for s in other]
        for more in ({}, *({key: value} for key, value in firsts if value is not None)):
            for values in islice(product(*choices), _MOST_TRIED):
                yield {
                    "id": f"my_{kind}",
                    "kind": kind,
                    **dict(zip(keys, values, strict=True)),
                    **more,
                }

    def with_phases(self, kind: str, model: type[Lever], entry: Entry) -> Entry:
        """The same lever with phases in place of dates; `eased` restates a setting where one can be."""
        dateless = {key: value for key, value in entry.items() if key not in ("starts", "ends")}
        year = self.world.base_year + 1
        phases: list[Entry] = [
            {"phase": phase, "from": f"{year + i}-01-01"} for i, phase in enumerate(_PHASES)
        ]
        plain = [phase for phase in phases if phase["phase"] != "eased"]
        for restated in self._restated(kind, model, entry):
            eased = [p | restated if p["phase"] == "eased" else p for p in phases]
            if self.accepts(model, {**dateless, "phases": eased}):
                return {**dateless, "phases": eased}
        return {**dateless, "phases": plain}

    def _without_needless(self, model: type[Lever], entry: Entry) -> Entry:
        """The entry without names in lists of which the lever itself says that they change nothing."""
        lever = model.model_validate(entry, context={"world": self.world})
        for caution in lever.cautions(Reach(self.world)):
            for key in caution.settings if caution.needless else ():
                names = [name for name in entry.get(key, ()) if name not in caution.needless]
                rest = {k: value for k, value in entry.items() if k != key}
                entry = entry | {key: names} if names else rest
        return entry

    def accepts(self, model: type[Lever], entry: Mapping[str, Any]) -> bool:
        """Whether the lever can be read as written."""
        try:
            model.model_validate(entry, context={"world": self.world})
        except ValidationError:
            return False
        return True

    def _completed(
        self, kind: str, model: type[Lever], entry: Entry, settings: Iterable[Setting]
    ) -> Entry:
        """The entry with all further settings that are accepted, alone or together with others."""
        waiting: Entry = {}
        for setting in settings:
            candidates = list(islice(self._candidates(kind, setting, entry), _MOST_TRIED))
            trials = [{setting.key: value} for value in candidates]
            trials += [waiting | trial for trial in trials[:1] if waiting]
            fitting = next((t for t in trials if self.accepts(model, entry | t)), None)
            if fitting is None:
                waiting |= trials[0] if trials else {}
                continue
            entry = entry | fitting
            waiting = {key: value for key, value in waiting.items() if key not in fitting}
        return entry

    def _restated(self, kind: str, model: type[Lever], entry: Entry) -> Iterator[Entry]:
        """Settings with another value than the lever has, quantities first."""
        restatable = [s for s in settings(model) if s.key in settings_of(model)]
        for setting in sorted(restatable, key=lambda s: not s.units):
            written = entry.get(setting.key)
            if isinstance(written, list) and len(written) > 1:
                yield {setting.key: written[:-1]}
            for value in islice(self._candidates(kind, setting, entry), _MOST_COMPARED):
                if value != entry.get(setting.key):
                    yield {setting.key: value}

    def _candidates(self, kind: str, setting: Setting, entry: Entry | None = None) -> Iterator[Any]:
        """Values worth a try: as used elsewhere, as the field says, then the names it takes."""
        year = self.world.base_year + 2
        if setting.key in ("starts", "ends"):
            yield f"{year + (setting.key == 'ends')}-01-01"
            return
        # Names of other kinds are as good; their numbers are about something else.
        for same_kind in (True, False) if setting.things else (True,):
            for used in self._used:
                if (used["kind"] == kind) == same_kind and setting.key in used:
                    yield used[setting.key]
        if setting.marks == [DATE]:
            yield f"{year}-01-01"
        yield from setting.examples
        yield from self.named(setting, self._taken(entry or {}))

    def _taken(self, entry: Entry) -> set[str]:
        """Names that the entry has, and the sites of a country it names: they need no second mention."""
        taken = set(_texts(entry))
        return taken | {site.id for site in self.world.sites.values() if site.country in taken}

    def named(self, setting: Setting, taken: Container[str] = ()) -> Iterator[Any]:
        """Names that the setting takes as it takes them; those first that the pack says most about."""
        names = [n for n in setting.names(self.world, self._names) if n not in taken]
        if setting.holds == "list":
            yield from (list(pair) for pair in pairwise(names))
            yield from ([name] for name in names)
        elif setting.holds == "lines":
            yield from ({name: "100 %"} for name in names)
        else:
            yield from names


def as_yaml(heading: str, entry: Entry) -> str:
    """The entry as a piece of a scenario file, in this order, one key or phase on a line."""
    first, *more = (line for key, value in entry.items() for line in _lines(key, value))
    return "\n".join([f"{heading}:", f"  - {first}", *(f"    {line}" for line in more)]) + "\n"


def on_one_line(written: object) -> str:
    """A value as YAML, lists and mappings in brackets."""
    text: str = yaml.safe_dump(
        _dates(written), default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000
    )
    return text.removesuffix("\n...\n").strip()


def _lines(key: str, value: object) -> Iterator[str]:
    if isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        yield f"{key}:"
        yield from (f"  - {on_one_line(each)}" for each in value)
    else:
        yield f"{key}: {on_one_line(value)}"


def _used_entries(world: World) -> Iterator[Entry]:
    """Levers of the shipped scenarios of this pack, those with most settings first."""
    found = []
    for name in shipped_names():
        scenario: Any = open_document(shipped_folder() / f"{name}.yaml").root.plain()
        if scenario.get("pack", DEFAULT_PACK) != world.id:
            continue
        for heading in HEADINGS:
            found += [_bare(entry) for entry in scenario.get(heading) or ()]
    yield from sorted(found, key=lambda entry: -len(entry))


def _bare(entry: Entry) -> Entry:
    """Without the origins of single numbers."""
    return {
        key: value["value"] if isinstance(value, Mapping) and "value" in value else value
        for key, value in entry.items()
    }


def _texts(written: object) -> Iterator[str]:
    if isinstance(written, str):
        yield written
    elif isinstance(written, Mapping):
        for value in (*written.keys(), *written.values()):
            yield from _texts(value)
    elif isinstance(written, Sequence):
        for value in written:
            yield from _texts(value)


def _dates(written: Any) -> Any:
    """Texts that are dates as dates, which YAML writes without quotes."""
    if isinstance(written, Mapping):
        return {key: _dates(value) for key, value in written.items()}
    if isinstance(written, list):
        return [_dates(value) for value in written]
    try:
        return (
            date.fromisoformat(written)
            if isinstance(written, str) and len(written) == 10
            else written
        )
    except ValueError:
        return written
