"""Processes that work beside this one. What they compute is the same; only the waiting is shorter."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Generic, ParamSpec, TypeVar

from sim.problems import CritminError

J = TypeVar("J")
P = ParamSpec("P")
T = TypeVar("T")


class WorkerLostError(CritminError):
    """A process that worked for this one was ended by somebody else."""


def cores() -> int:
    """Cores this process may use; one where the system does not say."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def beside(count: int) -> Iterator[Executor]:
    """An executor with so many processes besides this one; with none, it works here.

    They end with this one, however it ends: at once after Ctrl-C or an error, by themselves after a kill.
    Raises `WorkerLostError` if one of them is killed.
    """
    if count < 1:
        yield InThisProcess()
        return
    others = {child.pid for child in multiprocessing.active_children()}
    pool = _Pool(count)
    try:
        yield pool
    except BaseException as error:
        for child in multiprocessing.active_children():
            if child.pid not in others:
                child.kill()
        if isinstance(error, BrokenProcessPool):
            raise WorkerLostError(
                "a process that worked for this run was ended from outside (is there enough memory?): "
                "run again with --jobs 1"
            ) from error
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def processes(executor: Executor) -> int:
    """How many processes besides this one an executor of `beside` has."""
    return executor.processes if isinstance(executor, _Pool) else 0


class InThisProcess(Executor):
    """An executor without processes: the work is done when its result is asked for."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Nothing yet; see `Future.result`."""
        return _WhenAsked(lambda: fn(*args, **kwargs))


class _WhenAsked(Future[T]):
    def __init__(self, work: Callable[[], T]) -> None:
        super().__init__()
        self._work = work

    def result(self, timeout: float | None = None) -> T:
        """What the work returns, done the first time; `timeout` cannot be kept to here."""
        if not self.done():
            self.set_result(self._work())
        return super().result(timeout)


class Shared(Generic[J, T]):
    """Jobs that an executor takes from the front and this process from the back, whoever is free.

    The executor begins at once, with as many jobs as it has processes, and gets another whenever one is done.
    `elsewhere` and `here` do the same work; the first is called in another process.
    """

    def __init__(
        self, executor: Executor, elsewhere: Callable[[J], T], here: Callable[[J], T], jobs: Sequence[J]
    ) -> None:  # fmt: skip
        self._executor, self._elsewhere, self._here = executor, elsewhere, here
        self._waiting = deque(jobs)
        self._handed_out: list[Future[T]] = []
        self._lock = threading.Lock()
        """Of both lists: a job is waiting, or handed out, or taken by this process."""
        for _ in range(processes(executor)):
            self._hand_out()

    def results(self) -> Iterator[T]:
        """What the work returns for each job, in any order; raises what it raises."""
        while True:
            with self._lock:
                if not self._waiting:
                    break
                job = self._waiting.pop()
            yield self._here(job)
        for future in self._handed_out:
            yield future.result()

    def _hand_out(self, done: Future[T] | None = None) -> None:
        if done is not None and (done.cancelled() or done.exception()):
            return
        with self._lock:
            if not self._waiting:
                return
            try:
                future = self._executor.submit(self._elsewhere, self._waiting[0])
            except RuntimeError:  # the executor has ended, or lost a process, which others will say
                return
            self._waiting.popleft()
            self._handed_out.append(future)
        future.add_done_callback(self._hand_out)


class _Pool(ProcessPoolExecutor):
    def __init__(self, processes: int) -> None:
        # The same way to start on every system; a copy of this process would carry the locks of its threads.
        context = multiprocessing.get_context("spawn")
        super().__init__(processes, mp_context=context, initializer=_begin)
        self.processes = processes

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """A process that starts now inherits that it does not hear Ctrl-C, which is for its parent to hear."""
        if not hasattr(signal, "pthread_sigmask"):  # Windows
            return super().submit(fn, *args, **kwargs)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return super().submit(fn, *args, **kwargs)
        finally:
            # A Ctrl-C of meanwhile arrives now.
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """What every worker does first: leave Ctrl-C to its parent, and not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
