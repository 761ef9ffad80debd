"""What holds for every kind of lever, whatever it does: it commutes, leaves no trace, and loses no tonne.

The levers are the examples that the guide finds for each kind in the toy mineral, so a new kind is tried here
as soon as it stands in the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.channels.effects import Capacity, Passage, Room, Verdict
from sim.engine import Variant, outcome_of, simulate_all
from sim.engine.batches import put_together
from sim.engine.calendar import Calendar
from sim.engine.channels import CHANNELS, Channel, InForce
from sim.engine.regime import Allowed
from sim.engine.simulation import Simulation
from sim.guide.example import Examples
from sim.lever import Lever, keys_of, settings_of
from sim.levers import EVERY_KIND, KINDS
from sim.world import World, load_pack

TOY = Path(__file__).parents[1] / "packs" / "toy_mineral"
MODELS = {kind: model for kinds in KINDS.values() for kind, model in kinds.items()}
DATED = [kind for kind, model in MODELS.items() if "phases" in model.model_fields]
PAIRS = list(combinations_with_replacement(MODELS, 2))


@cache
def toy() -> World:
    return load_pack(TOY)


@cache
def examples() -> Examples:
    return Examples(toy())


@cache
def written(kind: str) -> dict[str, Any]:
    return examples().of(kind, MODELS[kind])


def first() -> date:
    return date(toy().base_year + 1, 1, 1)


def calendar() -> Calendar:
    return Calendar(first(), first() + timedelta(days=365))


def lever(kind: str, **changes: Any) -> Any:
    """An example that begins in the first quarter."""
    entry = dict(written(kind))
    for key, day in (("starts", 40), ("ends", 260), ("first_output", 40)):
        if key in entry:
            entry[key] = (first() + timedelta(days=day)).isoformat()
    kept = {k: v for k, v in (entry | changes).items() if v is not None}
    return MODELS[kind].model_validate(kept, context={"world": toy()})


def run(*each: Sequence[Any]) -> list[Any]:
    """The records of runs with these levers, simulated side by side."""
    variants = [Variant(levers) for levers in each]
    return [
        outcome_of(outcome)
        for outcome in simulate_all(toy(), variants, starts=first(), ends=calendar().ends)
    ]


@cache
def undisturbed() -> Any:
    return run(())[0]


def compiled(*levers: Any) -> Simulation:
    return put_together(toy(), levers, calendar(), 7.0, provenance=False)


def allowed_by(*levers: Any, day: float = 100.0) -> Allowed:
    """What a world with these levers allows on a day."""
    (column,) = compiled(*levers).columns
    column.phases.schedule()
    regime = column.regime
    while regime.clock.env.peek() <= day:
        regime.clock.env.step()
    return regime.allowed()


def same(one: Allowed, other: Allowed) -> bool:
    arrays = ("shut", "held", "open", "tier", "capacity")
    return all(np.array_equal(getattr(one, a), getattr(other, a)) for a in arrays) and (
        np.array_equal(one.routes.closed, other.routes.closed)
        and np.array_equal(one.routes.days, other.routes.days)
    )


def test_every_kind_has_an_example_in_another_mineral() -> None:
    assert all(written(kind).get("kind") == kind for kind in MODELS)
    assert len(MODELS) == len(EVERY_KIND) >= 9


# ---- channels


@pytest.mark.parametrize("kind", MODELS)
def test_every_effect_of_a_kind_has_a_channel_that_takes_it(kind: str) -> None:
    effects = lever(kind).in_any_phase(toy())
    assert effects
    assert all(type(effect) in CHANNELS for effect in effects)


def test_an_effect_that_no_channel_takes_is_an_error_that_names_the_lever() -> None:
    with pytest.raises(TypeError, match="my_lever: no channel takes"):
        InForce({"my_lever": 0}).put("my_lever", ["not an effect"])  # type: ignore[list-item]


VALUES = st.lists(st.floats(0, 2), min_size=1, max_size=5)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.sampled_from([c for channels in CHANNELS.values() for c in channels]), VALUES, st.data())
def test_values_of_a_channel_combine_in_any_order_and_the_neutral_one_changes_nothing(
    channel: Channel, values: list[float], data: st.DataObject
) -> None:
    here = np.array([True, True, False])
    shuffled = data.draw(st.permutations(values))
    one = channel.array(3, [(here, value) for value in values])
    other = channel.array(3, [(here, value) for value in shuffled])
    assert one == pytest.approx(other, rel=1e-12)
    assert one[2] == channel.neutral
    with_neutral = channel.array(3, [(here, value) for value in [*values, channel.neutral]])
    assert np.array_equal(one, with_neutral)


# ---- levers


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_levers_allow_the_same_in_whatever_order_they_are_written(one: str, other: str) -> None:
    a, b = lever(one, id="a"), lever(other, id="b")
    for day in (45.0, 100.0, 300.0):
        assert same(allowed_by(a, b, day=day), allowed_by(b, a, day=day))


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(list(MODELS)), min_size=2, max_size=4, unique=True), st.data())
def test_several_levers_give_the_same_run_in_whatever_order_and_lose_no_tonne(
    kinds: list[str], data: st.DataObject
) -> None:
    levers = [lever(kind) for kind in kinds]
    records, again = run(levers, data.draw(st.permutations(levers)))
    for table in ("use", "shipments", "stocks", "limits", "production", "licences"):
        pd.testing.assert_frame_equal(
            getattr(records, table), getattr(again, table), check_exact=True
        )
    balance = records.balance
    throughput = balance["opening_t"] + balance["mined_t"]
    assert (balance["residual_t"].abs() <= 1e-8 * np.maximum(throughput, 1.0)).all()
    assert records.stocks["stock_t"].min() >= 0


@pytest.mark.parametrize("kind", DATED)
def test_a_lever_that_ended_before_the_run_began_leaves_no_trace(kind: str) -> None:
    # The warm-up begins at least two years before the first day.
    long_ago = first() - timedelta(days=4000)
    dates = {"starts": long_ago.isoformat(), "ends": (long_ago + timedelta(days=30)).isoformat()}
    if written(kind).get("ends") is None:
        dates.pop("ends")
    if isinstance(written(kind).get("trigger"), date):
        pytest.skip("its trigger is its date")
    if written(kind).get("ends") is None and lever(kind, **dates).ends is None:
        pytest.skip("it does not end")
    (gone,), never = run([lever(kind, **dates)]), undisturbed()
    for table in ("use", "production"):
        # A stockpile that nobody may draw on is still a place, hence a name that does not occur.
        pd.testing.assert_frame_equal(
            getattr(gone, table), getattr(never, table), rtol=1e-9, check_categorical=False
        )


@pytest.mark.parametrize("kind", DATED)
def test_a_lever_that_is_only_announced_changes_nothing(kind: str) -> None:
    phases = [{"phase": "announced", "from": first().isoformat()}]
    if not examples().accepts(MODELS[kind], written(kind) | {"phases": phases} | {"starts": None}):
        entry = {k: v for k, v in written(kind).items() if k not in ("starts", "ends", "from")}
        if not examples().accepts(MODELS[kind], entry | {"phases": phases}):
            pytest.skip("it takes no phases as written")
    announced = lever(kind, starts=None, ends=None, phases=phases)
    assert announced.in_any_phase(toy()) == []
    assert same(allowed_by(announced), allowed_by())


@pytest.mark.parametrize("kind", DATED)
def test_an_eased_lever_allows_what_a_fresh_one_with_its_terms_does(kind: str) -> None:
    entry = examples().with_phases(kind, MODELS[kind], written(kind))
    eased = next((p for p in entry.get("phases", ()) if p["phase"] == "eased"), None)
    if eased is None or set(eased) <= {"phase", "from"}:
        pytest.skip("nothing of it can be restated")
    terms = {k: v for k, v in eased.items() if k not in ("phase", "from")}
    phases = [
        {"phase": "in_force", "from": (first() + timedelta(days=20)).isoformat()},
        {"phase": "eased", "from": (first() + timedelta(days=60)).isoformat(), **terms},
    ]
    one = lever(kind, starts=None, ends=None, phases=phases)
    fresh = lever(kind, ends=None, starts=phases[1]["from"], **terms)
    assert one.stated(toy())[-1][1] == fresh.stated(toy())[0][1]
    if MODELS[kind].agent:
        # What an agent remembers differs; whom it is about does not.
        for allowed in (allowed_by(one), allowed_by(fresh)):
            assert allowed.has_stoppers == _scope(fresh).any()
            assert not ((allowed.stopper >= 0) & ~_scope(fresh)).any()
        return
    assert same(allowed_by(one), allowed_by(fresh))


def _scope(of: Lever) -> Any:
    """[line] what a lever's effects are about."""
    scopes = compiled(of).columns[0].regime.scopes
    return np.any(
        [
            scopes.lines(effect.where)
            for effect in of.in_any_phase(toy())
            if isinstance(effect, Passage | Room)
        ],
        axis=0,
    )


@pytest.mark.parametrize("kind", MODELS)
def test_a_kind_does_something(kind: str) -> None:
    # Else all of the above would hold for a lever that does nothing.
    effects = lever(kind).in_any_phase(toy())
    strict = [e for e in effects if isinstance(e, Passage) and e.verdict > Verdict.FREE]
    partial = [e for e in effects if isinstance(e, Capacity) and e.part < 1]
    other = [e for e in effects if not isinstance(e, Passage | Capacity)]
    assert strict or partial or other


# ---- words


@pytest.mark.parametrize("kind", DATED)
def test_what_an_easing_restates_stands_in_the_sentence_of_the_page(kind: str) -> None:
    model, entry = MODELS[kind], {**written(kind), "starts": None, "ends": None}
    entry = {key: value for key, value in entry.items() if value is not None}
    said = {}
    choices = [
        {setting: choice}
        for setting in settings_of(model)
        for choice in get_args(model.model_fields[keys_of(model)[setting]].annotation)
        if isinstance(choice, str)
    ]
    for restated in [*examples()._restated(kind, model, entry), *choices]:
        phases = [
            {"phase": "in_force", "from": "2021-02-01"},
            {"phase": "eased", "from": "2021-05-01", **restated},
        ]
        eased = {**entry, "phases": phases}
        if not examples().accepts(model, eased):
            continue
        lever = model.model_validate(eased, context={"world": toy()})
        (_, before), (_, after) = lever.stated(toy())
        if before != after:
            phase = lever.shown_as(lever.timeline()[-1])
            said[str(restated)] = f"{phase} from 1 May 2021 (" in lever.sentence(toy())
    assert said
    assert all(said.values()), said
