"""Processes that work beside this one. What they compute is the same; only the waiting is shorter."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, MutableSequence, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import cycle
from types import ModuleType
from typing import Any, Generic, ParamSpec, TypeVar

from sim.words.problems import CritminError

J = TypeVar("J")
P = ParamSpec("P")
T = TypeVar("T")
PLACES = 8
"""Numbers that workers and their parent share: how far handed over work is; used in turn."""
LOOK_AGAIN_S = 0.1
_far: MutableSequence[float] = [0.0] * PLACES


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


class HandedOver(Generic[T]):
    """Work that says how far it is, begun by an executor at once, or here when its result is asked for.

    `work` is called with `progress`, to be told the part that is done, 0 to 1.
    """

    def __init__(self, executor: Executor, work: Callable[..., T]) -> None:
        self._work = work
        self.future: Future[T] | None = None
        """In another process; None where it is done here."""
        if isinstance(executor, _Pool):
            self._shared, self._place = executor.far, executor.next_place()
            self.future = executor.submit(_done_elsewhere, work, self._place)

    def far(self) -> float:
        """The part that is done elsewhere, as far as it was said."""
        return self._shared[self._place] if self.future is not None else 0.0

    def result(self, progress: Callable[[float], None]) -> T:
        """What the work returns or raises; meanwhile `progress` is told how far it is. To be asked for once."""
        if self.future is None:
            return self._work(progress=progress)
        while not wait([self.future], LOOK_AGAIN_S).done:
            progress(self.far())
        return self.future.result()


def _done_elsewhere(work: Callable[..., T], place: int) -> T:
    def progress(done: float) -> None:
        _far[place] = done

    return work(progress=progress)


class Shared(Generic[J, T]):
    """Jobs that an executor takes from the front and this process from the back, whoever is free.

    The executor begins at once, with as many jobs as it has processes, and gets another whenever one is done.
    What keeps one of its processes `busy` for long comes first, so that no job waits behind it.
    `elsewhere` and `here` do the same work; the first is called in another process.
    """

    def __init__(
        self, executor: Executor, elsewhere: Callable[[J], T], here: Callable[[J], T],
        jobs: Sequence[J], busy: Future[Any] | None = None,
    ) -> None:  # fmt: skip
        self._executor, self._elsewhere, self._here = executor, elsewhere, here
        self._waiting = deque(jobs)
        self._handed_out: list[Future[T]] = []
        self._lock = threading.Lock()
        """Of both lists: a job is waiting, or handed out, or taken by this process."""
        for _ in range(processes(executor) - (busy is not None)):
            self._hand_out()
        if busy is not None:
            busy.add_done_callback(self._hand_out)

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

    def _hand_out(self, done: Future[Any] | None = None) -> None:
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
        # Without a lock, which a process that is killed would keep for ever.
        self.far = context.RawArray("d", PLACES)
        super().__init__(processes, mp_context=context, initializer=_begin, initargs=(self.far,))
        self.processes = processes
        self._places = cycle(range(PLACES))

    def next_place(self) -> int:
        """Where work that is handed over now says how far it is."""
        place = next(self._places)
        self.far[place] = 0.0
        return place

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """A process that starts now inherits that it does not hear Ctrl-C, which is for its parent to hear."""
        with _no_main_program():
            if not hasattr(signal, "pthread_sigmask"):  # Windows
                return super().submit(fn, *args, **kwargs)
            return self._submit_unheard(fn, *args, **kwargs)

    def _submit_unheard(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return super().submit(fn, *args, **kwargs)
        finally:
            # A Ctrl-C of meanwhile arrives now.
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _no_main_program() -> Iterator[None]:
    """A process that starts meanwhile does not load the program that this one was started with.

    It would run all of a script that simulates on its first level, and start processes of its own for it. Work
    for it is made of what can be imported.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _begin(far: MutableSequence[float]) -> None:
    """What every worker does first: leave Ctrl-C to its parent, and not outlive it."""
    global _far
    _far = far
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
