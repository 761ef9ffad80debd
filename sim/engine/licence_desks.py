"""The licence desks of all levers: a phase opens or closes them, the border asks them who may ship."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from sim.controls import Restriction
from sim.engine.clock import Clock
from sim.engine.licensing import Applicant, CaseNumbers, Decision, LicenceDesk
from sim.engine.network import Network

IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(slots=True)
class LicenceDesks:
    """One desk for each licence lever that has come into force, by lever id."""

    network: Network
    clock: Clock
    seed: int
    starts: date
    on_change: Callable[[], None]
    """Called when some user's standing changes"""
    by_lever: dict[str, LicenceDesk] = field(default_factory=dict)
    numbers: CaseNumbers = field(default_factory=dict)
    """Shared by all desks"""

    def open(self, entry: Restriction, covered: BoolArray) -> None:
        """A licence comes into force or is eased; `covered` are the lines that it covers."""
        assert entry.licence is not None
        desk = self.by_lever.get(entry.by)
        if desk is None:
            desk = self.by_lever[entry.by] = self._new(entry)
        applicants = self._applicants(entry, covered)
        if desk.is_open:
            desk.ease(entry.licence, applicants)
        else:
            desk.open(entry.licence, applicants)

    def close(self, lever: str) -> None:
        """A lever pauses or ends; nothing happens where it is no licence."""
        if lever in self.by_lever:
            self.by_lever[lever].close()

    def standing(self, lever: str) -> tuple[BoolArray, BoolArray]:
        """(pending, refused) by line."""
        return self.by_lever[lever].standing()

    def decisions(self) -> list[Decision]:
        """Decided cases, lever by lever."""
        return [d for lever in sorted(self.by_lever) for d in self.by_lever[lever].decisions]

    def _new(self, entry: Restriction) -> LicenceDesk:
        assert entry.licence is not None
        holidays, exporter = self.network.world.holidays, entry.scope.exporter
        return LicenceDesk(
            env=self.clock.env,
            lever=entry.by,
            exporter=exporter,
            terms=entry.licence,
            number_of_lines=len(self.network.line_lane),
            seed=self.seed,
            starts=self.starts,
            holidays=holidays.get(exporter, holidays.get("*")),
            on_change=self.on_change,
            numbers=self.numbers,
            _since=self.clock.now,
        )

    def _applicants(self, entry: Restriction, covered: BoolArray) -> list[Applicant]:
        network = self.network
        place = [network.inputs[network.holder_input[h]][0] for h in network.line_holder]
        form = [network.inputs[network.holder_input[h]][1] for h in network.line_holder]
        return applicants_of(
            covered,
            place,
            form,
            network.holder_user[network.line_holder],
            network.holder_military[network.line_holder],
            {f.id: f.licence_group for f in network.world.forms},
        )


def applicants_of(
    covered: BoolArray,
    line_place: Sequence[str],
    line_form: Sequence[str],
    line_user: IntArray,
    line_military: BoolArray,
    group_of_form: Mapping[str, str],
) -> list[Applicant]:
    """Cases of one lever: the covered lines by end user and product group, sorted by name."""
    found: dict[tuple[str, int, str], list[int]] = {}
    for line in map(int, np.flatnonzero(covered)):
        group = group_of_form[line_form[line]] or line_form[line]
        key = (line_place[line], int(line_user[line]), group)
        found.setdefault(key, []).append(int(line))
    return [
        Applicant(
            user=f"{place}#{user + 1}",
            place=place,
            group=group,
            military=bool(line_military[lines[0]]),
            lines=np.array(lines, dtype=np.intp),
        )
        for (place, user, group), lines in sorted(found.items())
    ]
