"""Who applies for licences: one case for each end user before an exporter, and for each group of forms."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from math import inf

import numpy as np
import numpy.typing as npt

from sim.channels.effects import Passage
from sim.engine.agents import Surroundings
from sim.engine.draws import Draws
from sim.engine.priority import classes_of_lines
from sim.lever.licence import BY_CLASS, LARGE_FIRST, CaseTerms

IntArray = npt.NDArray[np.intp]


@dataclass(slots=True)
class Applicant:
    """One end user before one exporter, for one product group."""

    user: str
    """Place and number, such as `magnets_eu#2`"""
    place: str
    group: str
    military: bool
    lines: IntArray
    forms: frozenset[str]
    """Of the goods"""
    index: int = -1
    """Among all who ever came before this office"""
    is_inside: bool = False
    """Whether it is in the scope now"""
    terms: CaseTerms | None = None
    number: int | None = None
    """Of its case among those of the same exporter, user and group, from its first application on"""
    valid_until: float = -inf
    last_grant: float = -inf
    planned_t: float = 0.0
    """t/day that it planned to buy when it filed"""
    state: str = "pending"
    """`pending`, `open` or `refused`"""
    grace_until: float = -inf
    is_general: bool = False
    """Whether it passes by a general licence"""
    attempts: int = 0
    approved_by: float | None = None
    """The draw of its last approval"""
    renewal: bool = False
    """Whether its case is, or its next case will be, a renewal"""
    filed: float = -inf
    """Day on which its case was filed"""
    has_case: bool = False
    reviewer: int | None = None
    """The seating of the reviewer who has its case"""
    turn: int = 0
    """Grows with whatever ends what it was waiting for"""
    draws: Draws | None = None
    """For its cases, once it has a number"""
    place_in_queue: float | None = None
    """Drawn; of who has no number yet it may change"""

    @property
    def key(self) -> tuple[str, str]:
        """User and product group."""
        return self.user, self.group


@dataclass(frozen=True, slots=True)
class Decision:
    """A decided case, for the records."""

    applicant: Applicant
    filed_day: float
    decided_day: float
    outcome: str
    valid_until: float
    renewal: bool
    licensed_t: float
    """t that the licence covers; infinite where it covers whatever is ordered, nan where none is granted"""


def applicants_of(around: Surroundings, passage: Passage) -> list[Applicant]:
    """Cases of one lever: the covered lines by end user and product group, sorted by name."""
    found = around.scopes.worked_out
    key = "applicants", passage.where
    if key not in found:
        found[key] = _applicants(around, passage)
    return [copy(applicant) for applicant in found[key]]


def _applicants(around: Surroundings, passage: Passage) -> list[Applicant]:
    network = around.network
    groups = {form.id: form.licence_group for form in network.world.forms}
    found: dict[tuple[str, int, str], list[int]] = {}
    for line in map(int, np.flatnonzero(around.scopes.lines(passage.where))):
        holder = network.line_holder[line]
        place, form, _ = network.inputs[network.holder_input[holder]]
        key = (place, int(network.holder_user[holder]), groups[form] or form)
        found.setdefault(key, []).append(line)
    forms = [form for _, form, _ in network.inputs]
    return [
        Applicant(
            user=f"{place}#{user + 1}",
            place=place,
            group=group,
            military=bool(network.holder_military[network.line_holder[lines[0]]]),
            lines=np.array(lines, dtype=np.intp),
            forms=frozenset(forms[i] for i in network.lane_input[network.line_lane[lines]]),
        )
        for (place, user, group), lines in sorted(found.items())
    ]


def planned_t_per_day(around: Surroundings, applicant: Applicant, day: float) -> float:
    """What it plans to buy of the exporter under its case, t/day, as planned on a day."""
    network, worked_out = around.network, around.scopes.worked_out
    if worked_out.get("planned on") != day:
        worked_out["planned on"], worked_out["planned"] = day, (network.plan_at(day), {})
    lanes, known = worked_out["planned"]
    lines = applicant.lines
    # Of all columns those who stand for one another share their lines.
    if id(lines) not in known:
        known[id(lines)] = float(
            (lanes[network.line_lane[lines]] * network.line_share[lines]).sum()
        )
    return float(known[id(lines)])


def comes_before(around: Surroundings, applicant: Applicant, queue: str) -> float:
    """Its rank in a queue that is not by arrival alone; a lower one is reviewed first."""
    if queue == LARGE_FIRST:
        return -applicant.planned_t
    if queue == BY_CLASS:
        worked_out = around.scopes.worked_out
        if "classes" not in worked_out:
            worked_out["classes"] = classes_of_lines(around.network)
        return float(worked_out["classes"][applicant.lines].min())
    return 0.0
