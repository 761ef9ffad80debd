"""What differs between two scenarios, in plain sentences, told from `scenario.resolved.yaml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.comparison.side import Side
from sim.figures.wording import capitalised, join_in_words
from sim.rules.behaviour import RULES

HEADINGS = {"restrictions": "restriction", "shocks": "shock", "measures": "measure"}
NOT_SAID = ("set_by", "source", "reason")
"""Parts of a setting that change no result."""
Lever = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LeverChange:
    """A lever that both scenarios have, otherwise."""

    id: str
    heading: str
    before: str
    """Its sentence in the base"""
    after: str
    settings: Sequence[str]
    """`size: 180 d instead of 90 d`"""

    def in_words(self) -> str:
        """The clauses of its sentence that differ, or, where none says it, its settings."""
        old, new = (text.rstrip(".").split("; ") for text in (self.before, self.after))
        said = "; ".join(clause for clause in new if clause not in old)
        instead = "; ".join(clause for clause in old if clause not in new)
        kind = capitalised(HEADINGS.get(self.heading, "lever"))
        if said and instead:
            return f"{kind} {self.id} changed: {said}, instead of: {instead}."
        if said or instead:
            return f"{kind} {self.id} changed: {said or f'no longer: {instead}'}."
        return f"{kind} {self.id} changed: {'; '.join(self.settings)}."


@dataclass(frozen=True, slots=True)
class Differences:
    """What one scenario has otherwise than the base."""

    about: Sequence[str]
    """Title, dates, review, seed, pack"""
    added: Sequence[Lever]
    removed: Sequence[Lever]
    changed: Sequence[LeverChange]
    rows: Sequence[str]
    """Rows of the pack"""
    rules: Sequence[str]
    """Rules of behaviour"""
    world: Sequence[str]
    """Words for what makes another world of it, hence another reference: `pack`, `first day`, ..."""

    @property
    def only_measures_added(self) -> bool:
        """Whether the other scenario is the base and some measures, and nothing else."""
        rest = (self.removed, self.changed, self.world)
        return (
            bool(self.added)
            and not any(rest)
            and all(x.get("heading") == "measures" for x in self.added)
        )

    def lines(self, base: str, other: str) -> list[str]:
        """A sentence a difference; one that says so where there is none."""
        out = list(self.about)
        out += [f"{_kind(x)} added: {_sentence(x)}" for x in self.added]
        out += [f"{_kind(x)} left out: {_sentence(x)}" for x in self.removed]
        out += [x.in_words() for x in self.changed]
        out += [*self.rows, *self.rules]
        return out or [f"Nothing but the file's name: {other} says what {base} says."]


def differences(base: Side, other: Side) -> Differences:
    """What `other` has otherwise than `base`."""
    rows, rules = list(_rows(base, other)), list(_rules(base, other))
    added, removed, changed = _levers(base, other)
    world = [
        word
        for word, differs in (
            ("pack", bool(_packs(base, other))),
            ("rows of the pack", bool(rows)),
            ("first day", base.starts != other.starts),
            ("review", base.scenario.get("review_days") != other.scenario.get("review_days")),
            ("rules of behaviour", bool(rules)),
        )
        if differs
    ]
    about = list(_about(base, other))
    return Differences(about, added, removed, changed, rows, rules, world)


def _packs(base: Side, other: Side) -> str:
    """What is said of two packs; nothing where they are the same but for changes that scenarios name."""
    own, its = (side.scenario.get("pack") or {} for side in (other, base))
    if own.get("id") != its.get("id"):
        return f"Pack: {own.get('id')} instead of {its.get('id')}."
    # The hash is of the tables with the scenario's changes in them.
    if own.get("hash") != its.get("hash") and not list(_rows(base, other)):
        return f"Pack: {own.get('id')} in both, but its tables are not the same."
    return ""


def _about(base: Side, other: Side) -> Iterator[str]:
    if base.title != other.title:
        yield f"Title: “{other.title}” instead of “{base.title}”."
    if (base.starts, base.ends) != (other.starts, other.ends):
        yield f"Dates: {other.starts} to {other.ends} instead of {base.starts} to {base.ends}."
    spans = [float(side.scenario.get("review_days") or 1) for side in (other, base)]
    if spans[0] != spans[1]:
        yield f"Review every {spans[0]:g} d instead of every {spans[1]:g} d."
    seeds = [side.facts.get("seed", side.scenario.get("seed")) for side in (other, base)]
    if seeds[0] != seeds[1]:
        yield f"Seed: {seeds[0]} instead of {seeds[1]}."
    packs = _packs(base, other)
    if packs:
        yield packs


def _levers(base: Side, other: Side) -> tuple[list[Lever], list[Lever], list[LeverChange]]:
    theirs = {str(x["id"]): x for x in base.levers}
    own = {str(x["id"]): x for x in other.levers}
    changed = []
    for id in [id for id in own if id in theirs]:
        if _kind_of(own[id]) != _kind_of(theirs[id]):
            continue  # another lever that happens to have the name
        settings = _settings(base, theirs[id]), _settings(other, own[id])
        before, after = _sentence(theirs[id]), _sentence(own[id])
        if before != after or settings[0] != settings[1]:
            words = list(_in_words(*settings))
            changed.append(LeverChange(id, str(own[id].get("heading", "")), before, after, words))
        del own[id], theirs[id]
    # The same under another id is the same.
    for id, lever in list(own.items()):
        twin = next(
            (k for k, x in theirs.items() if _alike((other, lever), (base, x))),
            None,
        )
        if twin is not None:
            del own[id], theirs[twin]
    return list(own.values()), list(theirs.values()), changed


def _alike(one: tuple[Side, Lever], two: tuple[Side, Lever]) -> bool:
    told = [(_kind_of(x), _sentence(x), _settings(side, x)) for side, x in (one, two)]
    return told[0] == told[1]


def _kind_of(lever: Lever) -> tuple[str, str]:
    return str(lever.get("heading", "")), str(lever.get("kind", ""))


def _kind(lever: Lever) -> str:
    return capitalised(HEADINGS.get(str(lever.get("heading", "")), "lever"))


def _sentence(lever: Lever) -> str:
    return str(lever.get("sentence") or lever.get("name") or lever["id"])


def _settings(side: Side, lever: Lever) -> dict[str, str]:
    """Setting -> its value in words, of the lever and of its phases."""
    listed = (side.scenario.get("settings") or {}).get(str(lever.get("heading", ""))) or []
    written: Mapping[str, Any] = next((x for x in listed if x.get("id") == lever["id"]), {})
    found = {str(key): _value(value) for key, value in (written.get("settings") or {}).items()}
    for phase in written.get("phases") or lever.get("phases") or []:
        name = str(phase["phase"]).replace("_", " ")
        day = str(phase.get("from") or phase.get("date") or "")
        found[f"{name} from {day}"] = ", ".join(
            f"{key} {_value(value)}" for key, value in (phase.get("settings") or {}).items()
        )
    return found


def _in_words(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        if new is None:
            yield f"without {key}" + (f": {old}" if old else "")
        elif old is None:
            yield f"{key}: {new}" if new else key
        else:
            yield f"{key}: {new} instead of {old}"


def _value(written: object) -> str:
    """A value of `scenario.resolved.yaml` as somebody would write it."""
    if isinstance(written, Mapping):
        if "value" in written:
            return f"{_value(written['value'])} {written.get('unit', '')}".strip()
        if {"from", "to"} <= set(written):
            return f"{_value(written['from'])} to {_value(written['to'])} {written.get('unit', '')}".strip()
        return ", ".join(f"{key} {_value(v)}" for key, v in written.items() if key not in NOT_SAID)
    if isinstance(written, list | tuple):
        return join_in_words([_value(each) for each in written])
    if isinstance(written, bool):
        return "yes" if written else "no"
    return f"{written:g}" if isinstance(written, float) else str(written)


def _rows(base: Side, other: Side) -> Iterator[str]:
    before, after = _changed_rows(base), _changed_rows(other)
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        name = " ".join(key)
        if old is not None and new is not None:
            if str(old["after"]) != str(new["after"]):
                yield f"Row of the pack {name}: {_of_row(new)} instead of {_of_row(old)}."
        elif new is not None:
            its = _of_row(new, "before")
            yield f"Row of the pack {name}: {_of_row(new)} instead of the pack's {its}."
        elif old is not None:
            own = _of_row(old, "before")
            yield f"Row of the pack {name}: as in the pack, {own}, instead of {_of_row(old)}."


def _changed_rows(side: Side) -> dict[tuple[str, ...], Mapping[str, Any]]:
    rows = (side.scenario.get("settings") or {}).get("changes") or []
    return {(str(r["table"]), *map(str, r["key"]), str(r["parameter"])): r for r in rows}


def _of_row(row: Mapping[str, Any], which: str = "after") -> str:
    return f"{row.get(which, '')} {row.get('unit', '')}".strip()


def _rules(base: Side, other: Side) -> Iterator[str]:
    before, after = base.behaviour, other.behaviour
    for rule in [r for r in RULES if r in before or r in after]:
        old, new = (_settings_of_rule(its.get(rule, "off")) for its in (before, after))
        name = rule.replace("_", " ")
        if old == new:
            continue
        if isinstance(old, str) or isinstance(new, str):
            yield f"Rule {name}: {_on(new)} instead of {_on(old)}."
            continue
        yield f"Rule {name}: {'; '.join(_in_words(old, new))}."


def _settings_of_rule(written: object) -> str | dict[str, str]:
    if isinstance(written, Mapping):
        return {str(key): _value(value) for key, value in written.items()}
    return _value(written)


def _on(settings: str | dict[str, str]) -> str:
    return settings if isinstance(settings, str) else "on"
