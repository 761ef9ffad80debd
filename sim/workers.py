"""Processes that work beside this one. What they compute is the same; only the waiting is shorter."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from sim.problems import CritminError

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
def beside(processes: int) -> Iterator[Executor]:
    """An executor with so many processes besides this one; with none, it works here.

    They end with this one, however it ends: at once after Ctrl-C or an error, by themselves after a kill.
    Raises `WorkerLostError` if one of them is killed.
    """
    if processes < 1:
        yield InThisProcess()
        return
    others = {child.pid for child in multiprocessing.active_children()}
    # The same way to start on every system; a copy of this process would carry the locks of its threads.
    pool = _Pool(processes, mp_context=multiprocessing.get_context("spawn"), initializer=_begin)
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


class _Pool(ProcessPoolExecutor):
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
