"""Processes that work for a run: they fail with a message, and none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

import pytest

from sim.system.files import WriteError, write_text
from sim.system.workers import LOOK_AGAIN_S, HandedOver, Shared, WorkerLostError, beside

BUSY = """
import os, time
from sim.system.workers import beside

if __name__ == "__main__":
    with beside(1) as executor:
        print(executor.submit(os.getpid).result(), flush=True)
        executor.submit(time.sleep, 60).result()
"""
posix = pytest.mark.skipif(os.name == "nt", reason="Signals of POSIX")


@pytest.mark.parametrize("processes", [0, 1])
def test_an_error_in_a_worker_is_the_callers_error(processes: int) -> None:
    with pytest.raises(ZeroDivisionError), beside(processes) as executor:
        executor.submit(divmod, 1, 0).result()


def test_a_fault_of_the_disk_in_a_worker_arrives_with_its_hint(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="is not there") as fault, beside(1) as executor:
        executor.submit(write_text, tmp_path / "gone" / "figure.txt", "x").result()
    assert fault.value.hint.startswith("make that folder")
    assert fault.value.exit_code == 2


@pytest.mark.parametrize("processes", [0, 1, 2])
def test_shared_work_is_done_once_wherever_somebody_is_free(processes: int) -> None:
    jobs = [-3, 5, 0, 7, -2, 9, 4]
    with beside(processes) as executor:
        shared = Shared(executor, abs, abs, jobs)
        assert sorted(shared.results()) == sorted(map(abs, jobs))
        assert list(Shared(executor, abs, abs, []).results()) == []


def test_an_error_in_shared_work_is_the_callers_error() -> None:
    with pytest.raises(TypeError), beside(1) as executor:
        list(Shared(executor, abs, abs, [1, 2, "three", 4]).results())  # type: ignore[type-var]


def test_shared_work_whose_executor_has_ended_is_done_here() -> None:
    with beside(1) as executor:
        executor.submit(abs, -1).result()
    assert sorted(Shared(executor, abs, abs, [-1, -2]).results()) == [1, 2]


def halves(number: int, progress: Callable[[float], None]) -> int:
    progress(0.5)
    time.sleep(3 * LOOK_AGAIN_S)
    return 2 * number


@pytest.mark.parametrize("processes", [0, 1])
def test_work_handed_over_says_how_far_it_is(processes: int) -> None:
    told: list[float] = []
    with beside(processes) as executor:
        assert HandedOver(executor, partial(halves, 4)).result(told.append) == 8
    assert told[-1] == 0.5


def test_no_job_waits_behind_what_keeps_a_process_busy() -> None:
    with beside(1) as executor:
        busy = executor.submit(time.sleep, 1)
        shared = Shared(executor, abs, abs, [-1, -2, -3], busy)
        assert sorted(shared.results()) == [1, 2, 3]
        assert not busy.done()


@posix
def test_a_killed_worker_is_said_and_not_waited_for() -> None:
    def kill_at_work(executor: Executor) -> None:
        pid = executor.submit(os.getpid).result()
        asleep = executor.submit(time.sleep, 60)
        os.kill(pid, signal.SIGKILL)
        asleep.result()

    with pytest.raises(WorkerLostError, match="--jobs 1"), beside(1) as executor:
        kill_at_work(executor)


@posix
@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_worker_does_not_outlive_its_run_nor_speak_of_ctrl_c(
    stop: signal.Signals, tmp_path: Path
) -> None:
    script = tmp_path / "busy.py"
    script.write_text(BUSY, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
        # A shell starts background jobs with the interrupt ignored, and the child would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as parent:  # fmt: skip
        assert parent.stdout is not None
        assert int(parent.stdout.readline()) != parent.pid
        # A terminal sends Ctrl-C to all processes of the run.
        send = os.killpg if stop == signal.SIGINT else os.kill
        send(parent.pid, stop)
        # Ends when nobody holds the pipes any more, and so not before the worker.
        said = parent.communicate(timeout=20)[1]
    assert said.count("Traceback") == (1 if stop == signal.SIGINT else 0)
