"""A plant runs at plan, works off what lies above it, slows down over unsold drivers, and loses no tonne."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.rules.separating import Drivers, feed_started, feed_to_refill, speed, split
from tests.rules.trades import column

TONNES = st.floats(0, 1e4)


def one_plant(above_days: float) -> float:
    """Speed of a plant with 90 days of slack whose only driver stands so many days of sales above target."""
    return float(
        speed(
            above_t=np.array([[[2.0 * above_days], [1e9]]]),
            sold_t=np.array([[[2.0], [1.0]]]),
            drivers=Drivers.of(np.array([[[1.0, 0.0]]])),
            slack_days=np.array([90.0]),
        )[0, 0]
    )


@pytest.mark.parametrize(
    ("days", "expected"), [(0, 1.0), (90, 1.0), (135, 0.5), (180, 0.0), (1000, 0.0)]
)
def test_a_plant_slows_down_from_once_to_twice_the_slack(days: float, expected: float) -> None:
    assert one_plant(days) == pytest.approx(expected)


def test_a_plant_runs_while_one_of_its_drivers_is_wanted() -> None:
    # The second driver stands at its target: the first alone, however much of it there is, slows nothing.
    runs = speed(
        above_t=np.array([[[1e9], [0.0]]]), sold_t=np.array([[[2.0], [1.0]]]),
        drivers=Drivers.of(np.array([[[1.0, 0.0], [0.0, 1.0]]])), slack_days=np.array([90.0]),
    )  # fmt: skip
    assert runs.tolist() == [[1.0]]


def test_a_plant_goes_by_its_own_drivers_whatever_those_of_others_are() -> None:
    # 90 days of slack, 1 t/day sold of each. Of two drivers the one of plant 0 stands 180 days above target,
    # the other at target: 1. Both of plant 1 stand 135 days above: 1/2. Plant 2 has one, 165 days above: 1/6.
    runs = speed(
        above_t=np.array([[180.0, 0], [135, 135], [165, 0]])[..., None], sold_t=np.ones((3, 2, 1)),
        drivers=Drivers.of(np.array([np.eye(2), np.eye(2), [[1, 0], [0, 0]]])),
        slack_days=np.full(3, 90.0),
    )  # fmt: skip
    assert runs[:, 0] == pytest.approx([1, 1 / 2, 1 / 6])


def test_a_driver_that_nobody_buys_decides_nothing() -> None:
    # Plant 0 goes by the driver that is sold, 135 days above target: 1/2. Plant 1 sells nothing: it runs.
    runs = speed(
        above_t=np.array([[10.0, 135], [10, 10]])[..., None],
        sold_t=np.array([[0.0, 1], [0, 0]])[..., None],
        drivers=Drivers.of(np.array([np.eye(2), np.eye(2)])), slack_days=np.full(2, 90.0),
    )  # fmt: skip
    assert runs[:, 0] == pytest.approx([1 / 2, 1])


def test_a_plant_without_slack_runs_at_target_and_stops_above_it() -> None:
    runs = speed(
        above_t=np.array([[0.0], [1.0]])[..., None], sold_t=np.ones((2, 1, 1)),
        drivers=Drivers.of(np.ones((2, 1, 1))), slack_days=np.zeros(2),
    )  # fmt: skip
    assert runs.tolist() == [[1.0], [0.0]]


def test_members_of_a_group_count_as_one_driver() -> None:
    # 180 t of the one above target, 3 t/day planned of both together: 60 days, below the slack of 90.
    runs = speed(
        above_t=np.array([[[180.0], [0.0]]]), sold_t=np.array([[[2.0], [1.0]]]),
        drivers=Drivers.of(np.array([[[1.0, 1.0]]])), slack_days=np.array([90.0]),
    )  # fmt: skip
    assert runs.tolist() == [[1.0]]


def test_a_plant_works_off_feed_above_its_cover_as_far_as_its_capacity_goes() -> None:
    # Plan 70 t, cover 140 t. Of 300 t held, 300 - 70 - 140 = 90 t lie above: 160 t, or 100 t where no more can.
    # A plant at half speed starts half its plan and works off nothing. Of 100 t the last one starts the plan.
    started = feed_started(
        held_t=column([300.0, 300, 300, 50, 100])[:, None],
        planned_t=np.full((5, 1, 1), 70.0),
        cover_t=np.full((5, 1, 1), 140.0),
        speed=column([1.0, 1, 0.5, 1, 1]),
        limit_t=column([200.0, 100, 200, 200, 200]),
    )
    assert started[:, 0, 0] == pytest.approx([160.0, 100.0, 35.0, 50.0, 70.0])


def test_what_a_plant_cannot_split_travels_on_and_the_rest_of_the_loss_is_stated() -> None:
    # 100 t, 60 of the first element: recovery 0.9 and 0.8; only the first can be split out.
    elements, mixed, lost = split(
        content_t=np.array([[[[60.0], [40.0]]]]), recovery=np.array([[[0.9, 0.8]]]),
        can=np.array([[True, False]]),
    )  # fmt: skip
    assert elements.tolist() == [[[54.0], [0.0]]]
    assert mixed.tolist() == [[[0.0], [32.0]]]
    assert lost == pytest.approx(np.array([[[6.0], [8.0]]]))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(TONNES, min_size=4, max_size=4), st.floats(0, 1), st.booleans())
def test_no_tonne_of_feed_appears_or_vanishes(
    tonnes: list[float], recovery: float, can: bool
) -> None:
    content = np.array(tonnes).reshape(1, 2, 2, 1)
    parts = split(
        content_t=content, recovery=np.full((1, 2, 2), recovery), can=np.array([[can, True]])
    )
    assert sum(parts).sum() == pytest.approx(sum(tonnes))  # type: ignore[attr-defined]
    assert all((part >= -1e-9).all() for part in parts)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(TONNES, TONNES, TONNES, st.floats(0, 1), TONNES, TONNES)
def test_more_capacity_never_starts_less_and_no_more_is_started_than_is_there(
    held: float, planned: float, cover: float, pace: float, limit: float, more: float
) -> None:
    def run(limit_t: float) -> float:
        return float(
            feed_started(
                held_t=np.array([[[held]]]), planned_t=np.array([[[planned]]]),
                cover_t=np.array([[[cover]]]), speed=np.array([[pace]]),
                limit_t=np.array([[limit_t]]),
            )[0, 0, 0]
        )  # fmt: skip

    assert run(limit) <= run(limit + more) * (1 + 1e-12) + 1e-12
    assert 0 <= run(limit) <= min(held, limit) * (1 + 1e-12) + 1e-12


def test_what_a_plant_does_does_not_depend_on_the_runs_beside_it() -> None:
    # Three plants, five forms and nine elements, with numbers that do not add up exactly.
    draw = np.random.default_rng(7).uniform
    drivers = Drivers.of((draw(0, 1, (3, 2, 9)) > 0.5).astype(float))
    slack, recovery, can = np.full(3, 20.0), draw(0.5, 1, (3, 5, 9)), draw(0, 1, (3, 9)) > 0.4
    above, sold = draw(0, 400, (3, 9, 4)), draw(0, 9, (3, 9, 4))
    held, planned, cover = draw(0, 99, (3, 3, 5, 4)) * 10.0 ** draw(-3, 3, (3, 1, 5, 1))
    content = held[:, :, None] * draw(0, 1, (3, 5, 9, 4))

    def run(here: slice) -> list[np.ndarray]:
        pace = speed(
            above_t=above[..., here].copy(), sold_t=sold[..., here].copy(), drivers=drivers,
            slack_days=slack,
        )  # fmt: skip
        fed = feed_started(
            held_t=held[..., here].copy(), planned_t=planned[..., here].copy(),
            cover_t=cover[..., here].copy(), speed=pace, limit_t=np.full(pace.shape, 90.0),
        )  # fmt: skip
        return [pace, fed, *split(content_t=content[..., here].copy(), recovery=recovery, can=can)]

    together = run(slice(None))
    assert ((together[0] > 0) & (together[0] < 1)).any()
    for n in range(4):
        for one, other in zip(run(slice(n, n + 1)), together, strict=True):
            assert one.tobytes() == other[..., n : n + 1].tobytes()


def test_a_plant_takes_as_much_feed_as_the_scarcest_driver_needs() -> None:
    # 100 t of feed bring 5 t of the first driver and 2 t of the second; 10 t and 1 t lack: 200 t. Too much of
    # both needs no feed.
    drivers = Drivers.of(np.array([np.eye(2)]))
    made = np.array([[[5.0], [2.0]]])
    for lacks, feed in ((np.array([[[10.0], [1.0]]]), 200.0), (np.array([[[-3.0], [-1.0]]]), 0.0)):
        wanted = feed_to_refill(lacks_t=lacks, made_t=made, run_t=column([100.0]), drivers=drivers)
        assert wanted.tolist() == [[feed]]


def test_a_plant_that_answers_works_off_only_what_comes_unasked() -> None:
    # 70 t planned of each of two forms, 100 t above that and cover: it starts both plans, and 100 t of one.
    # With 280 t to refill, twice the plan, it starts twice of each.
    held = np.array([[[240.0], [240.0]]])
    given = {
        "held_t": held, "planned_t": np.full((1, 2, 1), 70.0), "cover_t": np.full((1, 2, 1), 70.0),
        "speed": column([1.0]), "limit_t": column([1e6]), "comes_unasked": np.array([False, True]),
    }  # fmt: skip
    for refill, started in ((0.0, [70.0, 170.0]), (280.0, [140.0, 170.0])):
        runs = feed_started(**given, refill_t=column([refill]))
        assert runs[0, :, 0].tolist() == started
