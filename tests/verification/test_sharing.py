"""Users of one end use lend to one another where a licence regime tells them apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.engine import simulate
from sim.engine.batches import put_together
from sim.engine.calendar import Calendar
from sim.engine.records import Records
from sim.engine.simulation import Simulation
from sim.levers import ExportLicence
from sim.rules.behaviour import RIGID, Behaviour, Sharing
from sim.world.world import EndUsers, World
from tests.trade_world import trade_world
from tests.worlds import ENDS, STARTS, line_world, on

OFFICE = {"reviewers": 2, "cases_per_week": "0.2 each"}


def licence(world: World, **settings: Any) -> ExportLicence:
    written = {
        "id": "licence", "kind": "export_licence", "exporter": "AAA", "starts": on(0), "office": OFFICE,
        "review": "30 d", "approve": "70 %", "return": "20 %", "refuse": "10 %", "validity": "100 d",
    }  # fmt: skip
    return ExportLicence.model_validate(written | settings, context={"world": world})


def run(world: World, degree: float | None, **settings: Any) -> Records:
    rules = RIGID if degree is None else Behaviour(sharing=Sharing(degree))
    return simulate(world, [licence(world, **settings)], starts=STARTS, ends=ENDS, behaviour=rules)


def missing_t(records: Records) -> float:
    return float((records.use["demand_t"] - records.use["consumed_t"]).sum())


def test_the_more_is_lent_the_less_is_missing_under_licences() -> None:
    for world in (line_world(cover=20, users=6), trade_world()):
        found = [run(world, degree) for degree in (None, 0.0, 0.3, 1.0)]
        off, none, some, full = map(missing_t, found)
        assert off == none  # to the last bit
        assert found[1].rules.empty
        assert some < none - 1.0
        assert full < some - 1.0
        lent = [records.rules["t"].sum() for records in found[2:]]
        assert min(lent) > 0


def simulation(military: tuple[bool, ...]) -> Simulation:
    shares = (0.4, 0.2, 0.2, 0.1, 0.1)
    world = line_world(cover=20, users=5)
    world = replace(world, end_users={"use_use_eee": EndUsers("use_use_eee", shares, military)})
    calendar = Calendar(STARTS, ENDS)
    rules = Behaviour(sharing=Sharing(1.0))
    lever = licence(world, military="as civil")
    return put_together(world, [lever], calendar, 7.0, provenance=False, behaviour=rules)


def test_military_and_civil_users_keep_apart_and_who_was_refused_receives_nothing() -> None:
    # Of each element civil users hold 80, 0 and 0 t and use 4, 2 and 2 parts, military ones 0 and 30 t, 1 each.
    here = simulation((False, False, False, True, True))
    assert here.sharing is not None
    held, users = here.goods.stocks.held, here.sharing.holder.reshape(2, 5)
    coming = [column.look(0.5) for column in here.columns]
    held[users, 0] = [80.0, 0.0, 0.0, 0.0, 30.0]
    here.sharing.lend(here.goods, coming)
    assert held[users, 0] == pytest.approx(np.tile([40.0, 20.0, 20.0, 15.0, 15.0], (2, 1)))
    assert here.sharing.moved_t[0] == pytest.approx(2 * (40.0 + 15.0))
    # The second was refused a licence for the first element: nobody lends it any.
    held[users, 0] = [80.0, 0.0, 0.0, 0.0, 30.0]
    lines = here.network.line_holder == users[0, 1]
    allowed = replace(coming[0][0].allowed, unlicensed=lines)
    here.sharing.lend(here.goods, [[replace(coming[0][0], allowed=allowed)]])
    assert held[users[0], 0] == pytest.approx([60.0, 0.0, 20.0, 15.0, 15.0])
    assert held[users[1], 0] == pytest.approx([40.0, 20.0, 20.0, 15.0, 15.0])
    # A user alone among military ones has nobody to lend to.
    alone = simulation((False, False, False, False, True)).sharing
    assert alone is not None
    assert len(alone.holder) == 8


def test_everybody_refused_lends_nothing_and_a_pending_case_may_borrow() -> None:
    world = line_world(cover=20, users=6)
    refused = run(world, 1.0, approve="0 %", **{"return": "0 %"}, refuse="100 %", office="clock")
    assert refused.rules.empty
    # Nobody is ever refused: whoever waits for its case gets of those who have a licence.
    assert (
        run(world, 1.0, approve="100 %", **{"return": "0 %"}, refuse="0 %").rules["t"].sum() > 100.0
    )


def test_users_of_a_maker_do_not_lend_and_without_licences_nobody_does() -> None:
    world = trade_world()
    assert simulate(
        world, (), starts=STARTS, ends=on(200), behaviour=Behaviour(sharing=Sharing(1.0))
    ).rules.empty
    calendar = Calendar(STARTS, on(200))
    rules = Behaviour(sharing=Sharing(1.0))
    here = put_together(world, [licence(world)], calendar, 7.0, provenance=False, behaviour=rules)
    assert here.sharing is not None
    places = {here.network.inputs[here.network.holder_input[h]][0] for h in here.sharing.holder}
    assert places
    assert all(place.startswith("use_") for place in places)
